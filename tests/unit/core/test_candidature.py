from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.core import model
from connector.core.candidature import (
    Candidature,
    ChampLu,
    Connu,
    Illisible,
    LigneLue,
    Manquant,
    Masque,
    PasLu,
    comparables,
    en_mots,
    exemple,
    fichiers,
    lire,
    lire_date,
    lire_en_partie,
    lire_nombre,
    lire_valeur,
)
from connector.core.correspondance import CibleChamp, Resolution, TypeLogique
from connector.core.model import (
    Adresse,
    Champ,
    Choix,
    ChoixLie,
    Demandeur,
    Dossier,
    DossierState,
    Etablissement,
    Groupe,
    Label,
    LienDossier,
    Lieu,
    Ligne,
    Lignes,
    Piece,
    Pieces,
    Traitement,
    VirusScan,
)

JOUR = datetime(2026, 9, 13, 12, 1, tzinfo=UTC)
T = TypeLogique


def champ(ident, value, typename="TextChamp"):
    return Champ(id=ident, descriptor_id=ident, label="Du formulaire", typename=typename, value=value)


def dossier(*, champs=(), annotations=(), **autres):
    valeurs = {
        "id": "x",
        "number": 7,
        "demarche_number": 104234,
        "revision_id": "r1",
        "state": DossierState.EN_CONSTRUCTION,
        "archived": False,
        "date_depot": JOUR,
        "date_passage_en_construction": JOUR,
        "date_passage_en_instruction": None,
        "date_traitement": None,
        "date_derniere_modification": JOUR,
        "date_derniere_modification_champs": JOUR,
        "date_derniere_modification_annotations": JOUR,
        "date_derniere_correction_en_attente": None,
        "date_suppression_par_usager": None,
        "compte_supprime": False,
        "usager_email": "hopital@exemple.fr",
        "demandeur": Demandeur(typename="PersonneMorale", siret="26370010600010"),
        "groupe": Groupe(id="g", number=1, label="Groupe"),
        "labels": (),
        "traitements": (),
        "messages": (),
        "avis": (),
    }
    return Dossier(champs=tuple(champs), annotations=tuple(annotations), **(valeurs | autres))


def cible(cle="specialite", type_=T.TEXTE, ids=("c1",), **autres):
    return CibleChamp(cle=cle, type=type_, libelle="Du formulaire", ids=ids, **autres)


def lecture(type_, value):
    resolution = Resolution(champs=(cible(type_=type_),))
    return lire(dossier(champs=[champ("c1", value)]), resolution).champ("specialite").lecture


def piece(**autres):
    valeurs = {
        "filename": "cv.pdf",
        "content_type": "application/pdf",
        "byte_size": 10,
        "checksum": "abc",
        "virus_scan": VirusScan.SAFE,
    }
    return Piece(**(valeurs | autres))


PIECE = piece()
ADRESSE = Adresse(label="1 rue A 37000 Tours", type="street", city_code="37261", city_name="Tours", region_code="24")
LIBRE = Adresse(label="Au bout du chemin")
TOURS = Lieu(code="37261", name="Tours")
CENTRE = Lieu(code="24", name="Centre-Val de Loire")
HOPITAL = Etablissement(siret="26370010600010")
LIEN = LienDossier(number=42)


@pytest.mark.parametrize(
    ("type_", "valeur", "lue"),
    [
        (T.TEXTE, "  Dermatologie ", "Dermatologie"),
        (T.TEXTE, 370007809, "370007809"),
        (T.TEXTE, Decimal("1.50"), "1,5"),
        (T.TEXTE, True, "oui"),
        (T.TEXTE, False, "non"),
        (T.TEXTE, date(2023, 11, 1), "2023-11-01"),
        (T.TEXTE, TOURS, "Tours"),
        (T.TEXTE, ADRESSE, "1 rue A 37000 Tours"),
        (T.TEXTE, HOPITAL, "26370010600010"),
        (T.TEXTE, LIEN, "42"),
        (T.TEXTE_LONG, "Une\nmotivation", "Une\nmotivation"),
        (T.CHOIX, "Retenu", "Retenu"),
        (T.CHOIX, ChoixLie(primary="A", secondary="B"), "A / B"),
        (T.CHOIX, ChoixLie(primary="A", secondary=""), "A"),
        (T.CHOIX, Choix(values=("A", "B")), "A, B"),
        (T.CHOIX_MULTIPLE, Choix(values=("A", "B")), ("A", "B")),
        (T.CHOIX_MULTIPLE, "A", ("A",)),
        (T.ENTIER, 50, 50),
        (T.ENTIER, "110", 110),
        (T.ENTIER, "50 %", 50),
        (T.ENTIER, Decimal("50.0"), 50),
        (T.DECIMAL, 5, Decimal(5)),
        (T.DECIMAL, Decimal("4.5"), Decimal("4.5")),
        (T.DECIMAL, "50,5", Decimal("50.5")),
        (T.DATE, date(2023, 11, 1), date(2023, 11, 1)),
        (T.DATE, JOUR, date(2026, 9, 13)),
        (T.DATE, "1er novembre 2023", date(2023, 11, 1)),
        (T.BOOLEEN, False, False),
        (T.BOOLEEN, "Oui", True),
        (T.BOOLEEN, "NON", False),
        (T.COURRIEL, "a@exemple.fr", "a@exemple.fr"),
        (T.ADRESSE, ADRESSE, ADRESSE),
        (T.ADRESSE, LIBRE, LIBRE),
        (T.COMMUNE, TOURS, TOURS),
        (T.COMMUNE, ADRESSE, TOURS),
        (T.REGION, CENTRE, CENTRE),
        (T.REGION, ADRESSE, Lieu(code="24", name="")),
        (T.SIRET, HOPITAL, HOPITAL),
        (T.SIRET, "263 700 106 00010", Etablissement(siret="26370010600010", complet=False)),
        (T.PIECE, Pieces(files=(PIECE,)), (PIECE,)),
        (T.LIEN, LIEN, LIEN),
        (T.LIEN, "24 100 176", LienDossier(number=24100176)),
        (T.LIEN, 24100176, LienDossier(number=24100176)),
    ],
)
def test_a_value_is_read_as_its_logical_type(type_, valeur, lue):
    assert lecture(type_, valeur) == Connu(lue)


@pytest.mark.parametrize(
    ("type_", "valeur", "texte"),
    [
        (T.ENTIER, "cinquante", "cinquante"),
        (T.ENTIER, "50,5", "50,5"),
        (T.ENTIER, True, "oui"),
        (T.DECIMAL, "1.200", "1.200"),
        (T.DECIMAL, Decimal("NaN"), ""),
        (T.DECIMAL, date(2023, 11, 1), "2023-11-01"),
        (T.DATE, "à la rentrée", "à la rentrée"),
        (T.DATE, 2023, "2023"),
        (T.BOOLEEN, "peut-être", "peut-être"),
        (T.BOOLEEN, 1, "1"),
        (T.COURRIEL, "exemple.fr", ""),  # who somebody is is repeated nowhere
        (T.COURRIEL, Pieces(files=(PIECE,)), ""),
        (T.ADRESSE, "Tours", "Tours"),
        (T.COMMUNE, LIBRE, "Au bout du chemin"),
        (T.COMMUNE, "Tours", "Tours"),
        (T.REGION, LIBRE, "Au bout du chemin"),
        (T.REGION, "Centre", "Centre"),
        (T.SIRET, "370007809", "370007809"),
        (T.PIECE, "un texte", "un texte"),
        (T.LIEN, "le précédent", "le précédent"),
        (T.LIEN, True, "oui"),
        (T.CHOIX_MULTIPLE, Pieces(files=(PIECE,)), ""),
        (T.TEXTE, Pieces(files=(PIECE,)), ""),
        (T.TEXTE, Decimal("Infinity"), ""),
        (T.TEXTE, Lignes(rows=(Ligne(id="l", champs=()),)), ""),
        (T.REPETITION, "un texte", "un texte"),
    ],
)
def test_a_value_of_another_kind_is_unreadable_and_keeps_its_text(type_, valeur, texte):
    lue = lecture(type_, valeur)
    assert isinstance(lue, Illisible)
    assert lue.texte == texte
    assert lue.cause.endswith(("attendu", "attendue", "attendus"))


@pytest.mark.parametrize(
    "valeur",
    [
        *(None, "", " \n\t", "\u00a0"),
        *(Choix(), ChoixLie(primary="", secondary=""), Pieces(), Lignes()),
    ],
)
@pytest.mark.parametrize("type_", list(T))
def test_a_blank_is_missing_whatever_the_type(type_, valeur):
    assert lecture(type_, valeur) == Manquant()


def test_an_unticked_box_is_an_answer():
    assert lecture(T.BOOLEEN, False) == Connu(valeur=False)


def test_what_ds_could_not_give_is_unreadable_with_its_cause():
    assert lecture(T.TEXTE, model.Illisible(cause="type inconnu", text="??")) == Illisible("type inconnu", "??")


def test_a_hidden_champ_is_not_a_missing_one():
    resolution = Resolution(champs=(cible(),))
    assert lire(dossier(), resolution).champ("specialite").lecture == Masque()


def test_an_optional_champ_that_the_form_lacks_was_never_asked():
    resolution = Resolution(champs=(cible(ids=()),))
    assert lire(dossier(champs=[champ("c1", "x")]), resolution).champ("specialite").lecture == Masque()


def test_a_champ_made_again_is_read_under_the_id_that_the_dossier_has():
    resolution = Resolution(champs=(cible(ids=("neuf", "ancien")),))
    assert lire(dossier(champs=[champ("ancien", "x")]), resolution).champ("specialite").lecture == Connu("x")


@pytest.mark.parametrize(
    ("texte", "nombre"),
    [
        ("50", "50"),
        ("50 %", "50"),
        ("50%", "50"),
        ("50\u202f%", "50"),
        ("50,5", "50.5"),
        ("50.5", "50.5"),
        ("-2", "-2"),
        ("+3", "3"),
        ("1 200", "1200"),
        ("1\u00a0200,25 €", "1200.25"),
        ("105,8 km", "105.8"),
        ("5 demi-journées", "5"),
        ("0.250", "0.250"),
        ("110", "110"),
    ],
)
def test_a_clear_number_is_read(texte, nombre):
    assert lire_nombre(texte) == Decimal(nombre)


@pytest.mark.parametrize(
    "texte", ["cinquante", "50-60", "1.200", "12 34", "50 % ou 60 %", "½", "٥٠", "", "NaN", "1e3", "5,,5", "9" * 16]
)
def test_a_number_that_one_would_have_to_guess_is_not_read(texte):
    assert lire_nombre(texte) is None


@pytest.mark.parametrize(
    "texte", ["2023-11-01", "01/11/2023", "1.11.2023", "01-11-2023", "1er novembre 2023", "1 Novembre 2023"]
)
def test_a_clear_date_is_read(texte):
    assert lire_date(texte) == date(2023, 11, 1)


@pytest.mark.parametrize("texte", ["31/02/2023", "11/2023", "1 brumaire 2023", "01/11/23", "01/11-2023", "bientôt"])
def test_a_date_that_one_would_have_to_guess_is_not_read(texte):
    assert lire_date(texte) is None


def ligne(ident, valeur):
    return Ligne(id=ident, champs=() if valeur is ... else (champ("b1", valeur),))


def bloc(value):
    internes = (cible("commune", T.COMMUNE, ("b1",)),)
    resolution = Resolution(champs=(cible("lieux", T.REPETITION, champs=internes),))
    return lire(dossier(champs=[champ("c1", value)]), resolution)


def test_each_row_of_a_repetition_is_read():
    lue = bloc(Lignes(rows=(ligne("l1", TOURS), ligne("l2", None), ligne("l3", ...))))
    places = lue.places("lieux.commune")
    assert [(p.ligne, p.champ.lecture) for p in places] == [(1, Connu(TOURS)), (2, Manquant()), (3, Masque())]
    assert isinstance(lue.connu("lieux", tuple)[0], LigneLue)


def test_a_reference_to_the_rows_of_a_blank_or_hidden_repetition_points_nowhere():
    assert bloc(Lignes()).places("lieux.commune") == ()
    assert exemple().places("lieux.commune") == ()


def test_a_reference_to_the_rows_of_an_unreadable_repetition_points_to_the_repetition():
    (place,) = bloc(model.Illisible(cause="type inconnu")).places("lieux.commune")
    assert place.ligne is None
    assert isinstance(place.champ.lecture, Illisible)


def test_a_reference_to_an_unknown_inner_champ_points_nowhere():
    assert bloc(Lignes(rows=(ligne("l1", TOURS),))).places("lieux.budget") == ()
    assert exemple(ChampLu(cle="lieux", libelle="", lecture=Connu(("A",)))).places("lieux.commune") == ()


def test_a_simple_reference_points_to_its_field():
    (place,) = exemple(ChampLu(cle="a", libelle="A", lecture=Connu("x"))).places("a")
    assert place.ligne is None
    assert place.champ.lecture == Connu("x")


def test_a_value_is_given_only_when_known_and_of_the_wanted_kind():
    lue = exemple(
        ChampLu(cle="quotite", libelle="Quotité", lecture=Connu(50)),
        ChampLu(cle="vide", libelle="Vide", lecture=Manquant()),
    )
    assert lue.connu("quotite", int) == 50
    assert lue.connu("quotite", str) is None
    assert lue.connu("vide", int) is None
    assert lue.connu("inconnu", int) is None


def test_the_circumstances_of_a_dossier_are_kept():
    depose = datetime(2026, 10, 1, tzinfo=UTC)
    lue = lire(
        dossier(
            state=DossierState.ACCEPTE,
            date_traitement=JOUR,
            date_passage_en_instruction=JOUR,
            date_derniere_correction_en_attente=JOUR,
            demandeur=Demandeur(typename="PersonneMoraleIncomplete", siret="26450020800014", complet=False),
            labels=(Label(id="l1", name="Complet"), Label(id="l9", name="Autre")),
            traitements=(Traitement(event="depose", date=depose),),
            annotations=[champ("a1", True, "CheckboxChamp")],
        ),
        Resolution(
            saisies=(cible("controle", T.BOOLEEN, ("a1",)),),
            labels={"complet": Label(id="l1", name="Complet"), "report": Label(id="l2", name="Report")},
        ),
    )
    assert (lue.numero, lue.demarche, lue.etat) == (7, 104234, DossierState.ACCEPTE)
    assert (lue.deposee_le, lue.tour, lue.en_instruction_le, lue.traitee_le) == (JOUR, depose, JOUR, JOUR)
    assert (lue.siret, lue.correction_en_attente) == ("26450020800014", True)
    assert lue.labels == {"complet"}
    assert lue.champ("controle").lecture == Connu(valeur=True)


def test_the_date_of_a_decision_taken_back_is_forgotten():
    repris = dossier(state=DossierState.EN_INSTRUCTION, date_traitement=JOUR)
    assert lire(repris, Resolution()).traitee_le is None


def avec_fichier(virus_scan):
    lecture_ = Connu((piece(virus_scan=virus_scan),))
    return exemple(ChampLu(cle="cv", libelle="CV", lecture=lecture_, type=T.PIECE))


def test_a_file_that_waits_for_the_antivirus_is_known():
    assert avec_fichier(VirusScan.PENDING).antivirus_en_attente
    assert not avec_fichier(VirusScan.SAFE).antivirus_en_attente
    assert not exemple().antivirus_en_attente


def test_a_field_without_files_has_none():
    assert fichiers(ChampLu(cle="cv", libelle="CV", lecture=Manquant())) == ()


def test_a_value_is_compared_by_its_words_and_quoted_by_its_text():
    assert comparables(CENTRE) == ("24", "centre-val de loire")
    assert comparables(Lieu(code="24", name="")) == ("24",)
    assert comparables(("Été", "B")) == ("ete", "b")
    assert comparables(valeur=True) == ("oui",)
    assert comparables((PIECE,)) == ()
    assert en_mots(("A", "B")) == "A, B"
    assert en_mots(CENTRE) == "Centre-Val de Loire"
    assert en_mots((PIECE,)) == ""


def test_a_made_up_candidature_has_only_the_fields_it_was_given():
    assert isinstance(exemple(), Candidature)
    assert not exemple().champs


@pytest.mark.parametrize("type_", list(T))
def test_reading_never_fails(type_):
    for valeur in (*VALEURS, Lignes(rows=(Ligne(id="l", champs=()),))):
        assert isinstance(lire_valeur(type_, valeur), Connu | Illisible)


VALEURS = ("texte", 1, True, Decimal("NaN"), date(1900, 1, 1), JOUR, TOURS, ADRESSE, LIBRE, HOPITAL, LIEN)
VALEURS += (Pieces(files=(PIECE,)), Choix(values=("A",)), ChoixLie(primary="A", secondary="B"))


def test_a_dossier_read_in_part_tells_who_wants_more_from_who_asks_for_nothing_there():
    vu = dossier(champs=(champ("C-1", "un"), champ("C-2", "deux")))
    un, deux = (CibleChamp(cle=cle, type=T.TEXTE, libelle=cle, ids=(i,)) for cle, i in (("un", "C-1"), ("deux", "C-2")))
    entiere = Resolution(champs=(un, deux))
    lue = lire_en_partie(vu, entiere, Resolution(champs=(un,)))
    assert lue.champ("un") == lire(vu, entiere).champ("un")
    assert isinstance(lue.champ("inconnu").lecture, Masque)
    assert len(lue.champs) == 2
    for asked in (lambda: lue.champ("deux"), lambda: list(lue.champs), lambda: list(lue.pieces())):
        with pytest.raises(PasLu):
            asked()
