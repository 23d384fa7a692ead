from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import ClassVar

import pytest

from connector.core.candidature import ChampLu, Connu, Illisible, LigneLue, Manquant, Masque, exemple
from connector.core.constat import AvisPropose, Effet, Source, Statut
from connector.core.correspondance import TypeLogique
from connector.core.model import Adresse, Lieu, Piece, VirusScan
from connector.core.regles import (
    KINDS,
    ChampRequis,
    Condition,
    Contexte,
    DateEntre,
    NombreEntre,
    PieceObligatoire,
    SiVide,
    ValeurParmi,
    evaluer,
)

CAHIER = Source(texte="Cahier des charges, § 5", opposable=True)
NOTE = Source(texte="Note DGOS", opposable=False)
CONTEXTE = Contexte(aujourd_hui=date(2024, 1, 15))
COMMUN = {"cle": "regle", "libelle": "le point", "sources": (CAHIER,)}
T = TypeLogique


def lu(lecture, cle="champ", type_=T.TEXTE, libelle=None):
    return ChampLu(cle=cle, libelle=libelle or f"Le {cle}", lecture=lecture, type=type_)


def constat(regle, *lus, saisies=()):
    candidature = replace(exemple(*lus), saisies={s.cle: s for s in saisies})
    return regle.check(candidature, CONTEXTE)


def statut(regle, lecture, type_=T.TEXTE):
    return constat(regle, lu(lecture, type_=type_)).statut


# ── what every rule does


def requis(**options):
    return ChampRequis(**COMMUN, champ="champ", **options)


def test_a_finding_carries_its_rule_weight_and_sources():
    regle = requis(avis=AvisPropose.REORIENTATION)
    trouve = constat(replace(regle, sources=(NOTE, CAHIER)), lu(Manquant()))
    assert trouve.regle == "regle"
    assert trouve.effet is Effet.BLOQUANT
    assert trouve.avis is AvisPropose.REORIENTATION
    assert trouve.source == Source(texte="Note DGOS, texte non opposable ; Cahier des charges, § 5", opposable=True)


def test_a_rule_whose_texts_are_all_not_opposable_is_not_opposable():
    assert not replace(requis(), sources=(NOTE,)).source.opposable


def test_only_a_blocking_rule_leads_to_an_avis_of_its_own():
    assert constat(requis(effet=Effet.INFORMATION), lu(Manquant())).avis is AvisPropose.A_VERIFIER


def test_the_configuration_words_what_to_do_better_than_the_kind():
    trouve = constat(requis(consigne="Merci d'indiquer le CHU."), lu(Manquant()))
    assert trouve.phrase == "«\u00a0Le champ\u00a0» n’est pas renseigné. Merci d’indiquer le CHU."


def test_a_doubt_keeps_its_own_remedy():
    trouve = constat(requis(consigne="Ce dossier relève d'une autre ARS."), lu(Illisible("une région est attendue")))
    assert "autre ARS" not in trouve.phrase
    assert trouve.phrase.endswith("Merci de corriger cette réponse.")


def test_nothing_is_to_be_done_when_all_is_well():
    assert constat(requis(consigne="Merci."), lu(Connu("oui"))).phrase == "«\u00a0Le champ\u00a0» est renseigné."


def test_a_quiet_rule_shows_in_the_synthesis_only_when_something_is_wrong():
    discrete = requis(visible=False)
    assert constat(discrete, lu(Connu("x y"))).court == ""
    assert constat(discrete, lu(Manquant())).court == "le point"
    assert constat(requis(), lu(Connu("x y"))).court == "le point"
    assert constat(requis(), lu(Masque())).court == ""


def test_a_field_that_was_never_asked_is_not_judged():
    trouve = constat(requis(), lu(Masque()))
    assert trouve.statut is Statut.SANS_OBJET
    assert "n’a pas demandé" in trouve.phrase
    assert constat(requis()).statut is Statut.SANS_OBJET


def test_an_unreadable_field_is_quoted_with_its_cause():
    trouve = constat(requis(), lu(Illisible("un nombre est attendu", "cinquante")))
    assert trouve.statut is Statut.A_VERIFIER
    assert "«\u00a0cinquante\u00a0» n’a pas pu être lu (un nombre est attendu)" in trouve.phrase
    assert "la réponse n’a pas pu être lue" in constat(requis(), lu(Illisible("type inconnu"))).phrase


def lignes(*lectures):
    rows = [LigneLue(id=str(i), champs={"n": lu(x, "n")}) for i, x in enumerate(lectures)]
    return lu(Connu(tuple(rows)), "lieux", T.REPETITION)


def test_a_rule_on_the_rows_keeps_the_worst_and_says_which():
    regle = NombreEntre(**COMMUN, champ="lieux.n", minimum=Decimal(0))
    trouve = constat(regle, lignes(Connu(Decimal(3)), Connu(Decimal(-1)), Illisible("illisible"), Connu(Decimal(-2))))
    assert trouve.statut is Statut.KO
    assert "(ligne 2)" in trouve.phrase
    assert "(ligne 4)" in trouve.phrase
    assert "(ligne 1)" not in trouve.phrase
    assert trouve.court == "le point -1"


def test_a_rule_on_the_rows_has_nothing_to_say_without_rows():
    regle = NombreEntre(**COMMUN, champ="lieux.n", minimum=Decimal(0))
    assert constat(regle, lu(Manquant(), "lieux")).statut is Statut.SANS_OBJET
    assert constat(regle, lu(Illisible("x"), "lieux")).statut is Statut.A_VERIFIER
    assert constat(regle, lignes(Masque())).statut is Statut.SANS_OBJET


# ── conditions


def selon(**criteres):
    return requis(si=(Condition(champ="quand", **criteres),))


@pytest.mark.parametrize(
    ("criteres", "lecture", "attendu"),
    [
        ({"parmi": ("Été",)}, Connu("ete"), Statut.KO),
        ({"parmi": ("Été",)}, Connu("Hiver"), Statut.SANS_OBJET),
        ({"parmi": ("Été",)}, Connu(("Hiver", "Été")), Statut.KO),
        ({"parmi": ("Été",)}, Manquant(), Statut.A_VERIFIER),
        ({"parmi": ("Été",)}, Illisible("x"), Statut.A_VERIFIER),
        ({"parmi": ("Été",)}, Masque(), Statut.SANS_OBJET),
        ({"sauf": ("Été",)}, Connu("Hiver"), Statut.KO),
        ({"sauf": ("Été",)}, Connu("été"), Statut.SANS_OBJET),
        ({"sauf": ("Été",)}, Masque(), Statut.SANS_OBJET),
        ({"sauf": ("Été",)}, Manquant(), Statut.A_VERIFIER),
        ({"parmi": ("oui",)}, Connu(valeur=True), Statut.KO),
        ({"parmi": ("24",)}, Connu(Lieu(code="24", name="Centre")), Statut.KO),
        ({"moins_de": Decimal(50)}, Connu(40), Statut.KO),
        ({"moins_de": Decimal(50)}, Connu(50), Statut.SANS_OBJET),
        ({"plus_de": Decimal(50)}, Connu(Decimal(51)), Statut.KO),
        ({"plus_de": Decimal(50)}, Connu(50), Statut.SANS_OBJET),
        ({"moins_de": Decimal(60), "plus_de": Decimal(50)}, Connu(55), Statut.KO),
        ({"moins_de": Decimal(50)}, Connu("beaucoup"), Statut.A_VERIFIER),
        ({"moins_de": Decimal(50)}, Connu(valeur=True), Statut.A_VERIFIER),
        ({"moins_de": Decimal(50)}, Connu(Decimal("NaN")), Statut.A_VERIFIER),
        ({"renseigne": True}, Connu("x"), Statut.KO),
        ({"renseigne": True}, Illisible("x"), Statut.KO),
        ({"renseigne": True}, Manquant(), Statut.SANS_OBJET),
        ({"renseigne": False}, Manquant(), Statut.KO),
        ({"renseigne": False}, Masque(), Statut.KO),
        ({"renseigne": False}, Connu("x"), Statut.SANS_OBJET),
        ({"renseigne": True, "parmi": ("Été",)}, Illisible("x"), Statut.A_VERIFIER),
    ],
)
def test_a_rule_applies_only_when_its_condition_holds(criteres, lecture, attendu):
    assert constat(selon(**criteres), lu(Manquant()), lu(lecture, "quand")).statut is attendu


@pytest.mark.parametrize("vide", [Manquant(), Masque()])
def test_an_annotation_that_nobody_filled_says_nothing(vide):
    saisie = lu(vide, "quand")
    assert constat(selon(sauf=("oui",)), lu(Manquant()), saisies=[saisie]).statut is Statut.KO
    assert constat(selon(parmi=("oui",)), lu(Manquant()), saisies=[saisie]).statut is Statut.SANS_OBJET
    assert constat(selon(moins_de=Decimal(1)), lu(Manquant()), saisies=[saisie]).statut is Statut.SANS_OBJET
    assert constat(selon(plus_de=Decimal(1)), lu(Manquant()), saisies=[saisie]).statut is Statut.SANS_OBJET
    assert constat(selon(renseigne=False), lu(Manquant()), saisies=[saisie]).statut is Statut.KO


def test_conditions_must_all_hold_and_a_sure_no_beats_a_doubt():
    deux = requis(si=(Condition(champ="a", parmi=("x",)), Condition(champ="b", parmi=("y",))))
    absent = lu(Manquant())
    assert constat(deux, absent, lu(Connu("x"), "a"), lu(Connu("y"), "b")).statut is Statut.KO
    assert constat(deux, absent, lu(Manquant(), "a"), lu(Connu("z"), "b")).statut is Statut.SANS_OBJET
    assert constat(deux, absent, lu(Manquant(), "a"), lu(Connu("y"), "b")).statut is Statut.A_VERIFIER


def test_a_doubt_about_the_condition_says_which_field_to_look_at():
    trouve = constat(selon(parmi=("Été",)), lu(Manquant()), lu(Manquant(), "quand", libelle="La saison"))
    assert trouve.phrase == (
        "Le point\u00a0: «\u00a0La saison\u00a0» ne dit pas si la règle s’applique. Vérifier «\u00a0La saison\u00a0»."
    )


@pytest.mark.parametrize(
    "criteres",
    [
        {"parmi": ("Été",)},
        {"sauf": ("Été",)},
        {"moins_de": Decimal(50)},
        {"plus_de": Decimal(50)},
        {"moins_de": Decimal(60), "plus_de": Decimal(50)},
        {"renseigne": True},
        {"renseigne": False},
    ],
)
def test_the_example_of_a_condition_meets_it(criteres):
    condition = Condition(champ="quand", **criteres)
    assert condition.holds(exemple(condition.exemple())) is True


# ── piece_obligatoire


def fichier(**autres):
    valeurs = {
        "filename": "Projet médical.pdf",
        "content_type": "application/pdf",
        "byte_size": 10,
        "checksum": "abc",
        "virus_scan": VirusScan.SAFE,
    }
    return Piece(**(valeurs | autres))


def piece(cle="projet", libelle="projet médical", **options):
    return PieceObligatoire(cle=f"piece_{cle}", libelle=libelle, sources=(CAHIER,), champ=cle, **options)


def depose(*fichiers, cle="projet", libelle="Projet médical partagé"):
    return lu(Connu(fichiers) if fichiers else Manquant(), cle, T.PIECE, libelle)


@pytest.mark.parametrize(
    ("fichiers", "attendu", "court", "mot"),
    [
        ([], Statut.KO, "projet médical", "n’est pas dans le dossier"),
        ([fichier()], Statut.OK, "projet médical", "est dans le dossier"),
        ([fichier(byte_size=0)], Statut.KO, "projet médical (fichier vide)", "est vide"),
        ([fichier(byte_size=0), fichier()], Statut.OK, "projet médical", "est dans le dossier"),
        ([fichier(virus_scan=VirusScan.PENDING)], Statut.A_VERIFIER, "projet médical (antivirus en cours)", "revue"),
        ([fichier(virus_scan=VirusScan.PENDING), fichier()], Statut.OK, "projet médical", "est dans le dossier"),
        (
            [fichier(byte_size=0), fichier(virus_scan=VirusScan.PENDING)],
            Statut.A_VERIFIER,
            "projet médical (antivirus en cours)",
            "revue",
        ),
        ([fichier(virus_scan=VirusScan.INFECTED)], Statut.KO, "projet médical (refusée par l’antivirus)", "antivirus"),
        ([fichier(virus_scan=VirusScan.INTEGRITY_ERROR)], Statut.KO, None, "antivirus"),
        ([fichier(virus_scan=VirusScan.INCONNU)], Statut.A_VERIFIER, "projet médical (format inconnu)", "reconnu"),
        ([fichier(filename="projet.zip")], Statut.KO, "projet médical (format refusé)", "format «\u00a0zip\u00a0»"),
        ([fichier(filename="projet.PDF")], Statut.OK, None, ""),
        ([fichier(content_type="application/x-dosexec")], Statut.KO, None, "le contenu du fichier n’est pas accepté"),
        ([fichier(content_type="application/pdf; charset=binary")], Statut.OK, None, ""),
        ([fichier(content_type="application/octet-stream")], Statut.OK, None, ""),
        ([fichier(filename="projet", content_type="")], Statut.A_VERIFIER, None, "reconnu"),
        ([fichier(filename="projet")], Statut.OK, None, ""),
        ([fichier(filename=".pdf")], Statut.OK, None, ""),
        ([fichier(filename="projet. version finale")], Statut.OK, None, ""),
        ([fichier(filename="photo.jpeg", content_type="image/jpeg")], Statut.OK, None, ""),
        ([fichier(filename="projet.zip", virus_scan=VirusScan.PENDING)], Statut.KO, None, "format"),
    ],
)
def test_a_piece_is_worth_its_best_file(fichiers, attendu, court, mot):
    trouve = constat(piece(), depose(*fichiers))
    assert trouve.statut is attendu
    assert mot in trouve.phrase
    assert trouve.phrase.startswith("«\u00a0Projet médical partagé\u00a0»")
    assert court is None or trouve.court == f"pièce\u00a0: {court}"


def test_a_refused_format_says_which_are_accepted():
    trouve = constat(piece(formats=("pdf", "odt")), depose(fichier(filename="projet.docx")))
    assert "formats\u00a0: pdf ou odt." in trouve.phrase


def test_one_file_for_two_pieces_counts_for_the_first_only():
    lus = (depose(fichier(), cle="cv", libelle="Curriculum vitae"), depose(fichier(filename="lettre.pdf")))
    assert constat(piece("cv", "CV"), *lus).statut is Statut.OK
    trouve = constat(piece(), *lus)
    assert trouve.statut is Statut.KO
    assert "le même fichier que pour «\u00a0Curriculum vitae\u00a0»" in trouve.phrase
    assert trouve.court == "pièce\u00a0: projet médical (doublon)"


def test_two_empty_files_are_not_the_same_file():
    vides = (depose(fichier(byte_size=0), cle="cv"), depose(fichier(byte_size=0)))
    assert "est vide" in constat(piece(), *vides).phrase


def test_files_without_a_checksum_are_not_the_same_file():
    lus = (depose(fichier(checksum=""), cle="cv"), depose(fichier(checksum="")))
    assert constat(piece(), *lus).statut is Statut.OK


def test_an_extra_file_of_its_own_saves_a_doubled_piece():
    lus = (depose(fichier(), cle="cv"), depose(fichier(), fichier(checksum="def")))
    assert constat(piece(), *lus).statut is Statut.OK


def test_a_piece_in_a_repetition_is_compared_with_the_other_pieces():
    double = ChampLu(cle="accord", libelle="Accord", lecture=Connu((fichier(),)), type=T.PIECE)
    bloc = lu(Connu((LigneLue(id="1", champs={"accord": double}),)), "lieux", T.REPETITION)
    regle = replace(piece(), champ="lieux.accord")
    assert constat(regle, bloc).statut is Statut.OK
    assert constat(regle, bloc, depose(fichier(), cle="cv")).statut is Statut.KO


def test_an_unreadable_piece_is_to_verify():
    trouve = constat(piece(), lu(Illisible("type inconnu"), "projet", T.PIECE))
    assert trouve.statut is Statut.A_VERIFIER
    assert trouve.court == "pièce\u00a0: projet médical (illisible)"


def test_a_file_name_is_never_repeated():
    for nom in ("CV Jeanne Doe.zip", "CV Jeanne Doe.pdf"):
        assert "Doe" not in constat(piece(), depose(fichier(filename=nom))).phrase


def test_the_options_of_a_piece_are_checked():
    assert piece().incoherences() == ()
    assert piece(formats=("pfd",)).incoherences() == (
        ("formats", "format « pfd » inconnu ; vouliez-vous dire « pdf » ?"),
    )
    assert [option for option, _ in piece(formats=(), visible=False).incoherences()] == ["formats", "visible"]


# ── champ_requis


@pytest.mark.parametrize(
    ("lecture", "attendu"),
    [
        (Connu("Un motif"), Statut.OK),
        (Connu(0), Statut.OK),
        (Connu(valeur=False), Statut.OK),
        (Manquant(), Statut.KO),
        (Illisible("x"), Statut.A_VERIFIER),
        (Connu("-"), Statut.A_VERIFIER),
        (Connu("Néant."), Statut.A_VERIFIER),
        (Connu("XXX"), Statut.A_VERIFIER),
        (Connu("Aucune."), Statut.OK),
    ],
)
def test_a_required_field_wants_an_answer_that_says_something(lecture, attendu):
    assert statut(requis(), lecture) is attendu


def test_a_required_field_has_no_options_to_contradict_one_another():
    assert requis().incoherences() == ()


def test_the_hollow_answers_are_an_option():
    assert statut(requis(reponses_creuses=("aucune",)), Connu("Aucune.")) is Statut.A_VERIFIER


# ── valeur_parmi


def parmi(**options):
    return ValeurParmi(**COMMUN, champ="champ", **options)


@pytest.mark.parametrize(
    ("options", "lecture", "attendu"),
    [
        ({"acceptees": ("1 an", "2 ans")}, Connu("2 ANS"), Statut.OK),
        ({"acceptees": ("1 an", "2 ans")}, Connu("3 ans"), Statut.KO),
        ({"exclues": ("Médecine générale",)}, Connu("medecine generale"), Statut.KO),
        ({"exclues": ("Médecine générale",)}, Connu("Dermatologie"), Statut.OK),
        ({"acceptees": ("A",), "exclues": ("B",)}, Connu("C"), Statut.KO),
        ({"acceptees": ("24",)}, Connu(Lieu(code="24", name="Centre-Val de Loire")), Statut.OK),
        ({"acceptees": ("Centre-Val de Loire",)}, Connu(Lieu(code="24", name="Centre-Val de Loire")), Statut.OK),
        ({"exclues": ("03",)}, Connu(Lieu(code="03", name="Guyane")), Statut.KO),
        ({"acceptees": ("A", "B")}, Connu(("A", "B")), Statut.OK),
        ({"acceptees": ("A", "B")}, Connu(("A", "C")), Statut.KO),
        ({"exclues": ("C",)}, Connu(("A", "C")), Statut.KO),
        ({"acceptees": ("oui",)}, Connu(valeur=True), Statut.OK),
        ({"acceptees": ("A",)}, Manquant(), Statut.A_VERIFIER),
        ({"acceptees": ("A",), "si_vide": SiVide.SANS_OBJET}, Manquant(), Statut.SANS_OBJET),
        ({"acceptees": ("A",)}, Illisible("x"), Statut.A_VERIFIER),
    ],
)
def test_a_value_is_compared_with_the_lists(options, lecture, attendu):
    assert statut(parmi(**options), lecture, T.CHOIX) is attendu


@pytest.mark.parametrize(
    ("texte", "type_", "attendu"),
    [
        ("Médecine générale et urgences", T.TEXTE, Statut.A_VERIFIER),
        ("Medecine géneralle", T.TEXTE, Statut.A_VERIFIER),
        ("Médecine génerale", T.TEXTE, Statut.KO),
        ("Médecine du sport", T.TEXTE, Statut.OK),
        ("Médecine générale et urgences", T.CHOIX, Statut.OK),
    ],
)
def test_free_text_that_comes_close_to_an_excluded_value_is_to_verify(texte, type_, attendu):
    assert statut(parmi(exclues=("Urgences", "Médecine générale")), Connu(texte), type_) is attendu


def test_free_text_that_comes_close_to_an_accepted_value_is_to_verify():
    regle = parmi(acceptees=("Dermatologie",))
    assert statut(regle, Connu("Dermatologie et vénéréologie")) is Statut.A_VERIFIER
    assert statut(regle, Connu("Cardiologie")) is Statut.KO
    assert statut(regle, Connu("Dermatologie et vénéréologie"), T.CHOIX) is Statut.KO


def test_the_synthesis_shows_the_value_cut_short():
    assert constat(parmi(exclues=("b",)), lu(Connu("Dermatologie"))).court == "Dermatologie"
    assert len(constat(parmi(acceptees=("b",)), lu(Connu("mot " * 50), type_=T.CHOIX)).court) <= 40


def test_the_lists_of_values_are_checked():
    assert parmi(acceptees=("A",)).incoherences() == ()
    assert parmi().incoherences()[0][0] == "acceptees"
    assert parmi(acceptees=("Été",), exclues=("ete",)).incoherences() == (
        ("exclues", "« Été » est à la fois acceptée et exclue"),
    )


# ── nombre_entre


def entre(**options):
    return NombreEntre(**COMMUN, champ="champ", **options)


@pytest.mark.parametrize(
    ("lecture", "attendu"),
    [
        (Connu(50), Statut.OK),
        (Connu(Decimal(100)), Statut.OK),
        (Connu(Decimal("49.9")), Statut.KO),
        (Connu(110), Statut.KO),
        (Connu(valeur=True), Statut.A_VERIFIER),
        (Connu("cinquante"), Statut.A_VERIFIER),
        (Connu(Decimal("Infinity")), Statut.A_VERIFIER),
        (Illisible("x", "cinquante"), Statut.A_VERIFIER),
        (Manquant(), Statut.A_VERIFIER),
    ],
)
def test_a_number_is_judged_by_its_bounds(lecture, attendu):
    assert statut(entre(minimum=Decimal(50), maximum=Decimal(100)), lecture) is attendu


def test_a_number_is_shown_with_its_unit():
    trouve = constat(entre(minimum=Decimal(50), unite="%"), lu(Connu(40)))
    assert "40\u00a0%, moins que le minimum de 50\u00a0%" in trouve.phrase
    assert trouve.court == "le point 40\u00a0%"
    assert "plus que le maximum de 1\u202f000" in constat(entre(maximum=Decimal(1000)), lu(Connu(1001))).phrase


def test_one_bound_is_enough():
    assert statut(entre(maximum=Decimal(10)), Connu(-5)) is Statut.OK
    assert statut(entre(minimum=Decimal(10)), Connu(10**6)) is Statut.OK


def test_the_bounds_of_a_number_are_checked():
    assert entre(minimum=Decimal(1)).incoherences() == ()
    assert entre(minimum=Decimal(1), maximum=Decimal(1)).incoherences() == ()
    assert entre().incoherences()[0][0] == "minimum"
    assert entre(minimum=Decimal(2), maximum=Decimal(1)).incoherences() == (
        ("minimum", "le minimum dépasse le maximum"),
    )


# ── date_entre


def periode(**options):
    return DateEntre(**COMMUN, champ="champ", **options)


@pytest.mark.parametrize(
    ("lecture", "attendu"),
    [
        (Connu(date(2023, 11, 1)), Statut.OK),
        (Connu(date(2024, 5, 31)), Statut.OK),
        (Connu(date(1900, 1, 1)), Statut.KO),
        (Connu(date(2024, 6, 1)), Statut.KO),
        (Connu("à la rentrée"), Statut.A_VERIFIER),
        (Illisible("x"), Statut.A_VERIFIER),
        (Manquant(), Statut.A_VERIFIER),
    ],
)
def test_a_date_is_judged_by_its_period(lecture, attendu):
    assert statut(periode(au_plus_tot=date(2023, 11, 1), au_plus_tard=date(2024, 5, 31)), lecture) is attendu


def test_a_date_out_of_its_period_is_shown_with_the_limit():
    assert "le 01/01/1900 tombe avant le 01/11/2023" in (
        constat(periode(au_plus_tot=date(2023, 11, 1)), lu(Connu(date(1900, 1, 1)))).phrase
    )
    assert "tombe après le 01/11/2023" in (
        constat(periode(au_plus_tard=date(2023, 11, 1)), lu(Connu(date(2023, 11, 2)))).phrase
    )


def test_the_days_of_a_period_are_checked():
    assert periode(au_plus_tot=date(2024, 1, 1)).incoherences() == ()
    assert periode(au_plus_tot=date(2024, 1, 1), au_plus_tard=date(2024, 1, 1)).incoherences() == ()
    assert periode().incoherences()[0][0] == "au_plus_tot"
    assert periode(au_plus_tot=date(2024, 1, 2), au_plus_tard=date(2024, 1, 1)).incoherences()


# ── every kind

REGLES = (
    piece(),
    piece(formats=("odt",)),
    requis(),
    requis(si=(Condition(champ="quand", parmi=("Été",)), Condition(champ="combien", moins_de=Decimal(3)))),
    replace(requis(), champ="lieux.commune"),
    parmi(acceptees=("A",)),
    parmi(exclues=("A",)),
    entre(minimum=Decimal(1)),
    entre(maximum=Decimal(1)),
    periode(au_plus_tot=date(2024, 1, 1)),
    periode(au_plus_tard=date(2024, 1, 1)),
)


@pytest.mark.parametrize("regle", REGLES)
def test_a_rule_says_what_its_examples_promise(regle):
    promis = [cas.statut for cas in regle.exemples()]
    assert promis == [Statut.OK, Statut.KO, Statut.A_VERIFIER]
    for cas in regle.exemples():
        assert regle.check(cas.candidature, cas.contexte).statut is cas.statut, cas.titre


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.type)
def test_every_kind_tells_in_french_what_it_does(kind):
    assert re.search("doit |doivent |attendu|nommé|donne |cite |font ", kind.manuel)
    assert not re.search(r"\bKO\b|\bOK\b|a_verifier|par défaut est", kind.manuel)
    assert kind.manuel.endswith(".")
    assert KINDS[kind.type] is kind


def test_a_rule_names_the_field_it_reads_and_the_types_it_understands():
    (reference,) = entre(minimum=Decimal(1)).references()
    assert (reference.option, reference.champ) == ("champ", "champ")
    assert reference.types == {T.ENTIER, T.DECIMAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class EnPanne(ChampRequis):
    type: ClassVar[str] = "en_panne"

    def examine(self, candidature, contexte):
        raise KeyError("Jeanne Doe")


def test_rules_are_heard_in_their_declared_order_and_a_broken_one_is_a_finding(caplog):
    regles = (requis(), EnPanne(cle="panne", libelle="zone", sources=(CAHIER,), champ="champ"), parmi(exclues=("a",)))
    with caplog.at_level(logging.ERROR):
        constats = evaluer(regles, exemple(lu(Connu("b"))), CONTEXTE)
    assert [c.statut for c in constats] == [Statut.OK, Statut.A_VERIFIER, Statut.OK]
    assert "n’a pas pu être appliquée (KeyError)" in constats[1].phrase
    assert constats[1].court == "zone"
    assert [r.message for r in caplog.records] == ["rule.broken"]
    assert "Doe" not in caplog.text + constats[1].phrase


def test_an_address_is_never_taken_for_a_value_of_a_list():
    assert T.ADRESSE not in ValeurParmi.types
    assert statut(parmi(acceptees=("Tours",)), Connu(Adresse(label="Tours")), T.ADRESSE) is Statut.OK
