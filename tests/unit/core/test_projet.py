from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.candidature import (
    Candidature,
    ChampLu,
    Connu,
    Illisible,
    LigneLue,
    Manquant,
    Masque,
)
from connector.core.model import Adresse, DossierState, LienDossier, Lieu
from connector.core.pet import Derogation
from connector.core.poste import Categorie
from connector.core.projet import LieuProjet, Projet, Vocabulaire, projet
from connector.core.quota import TypeDemande

D = Decimal
DEPOT = datetime(2024, 1, 10, tzinfo=UTC)
MOTS = Vocabulaire(
    categories={"entre etablissements de sante": Categorie.I},
    demandes={"nouvelle candidature": TypeDemande.NOUVELLE},
    durees={"2 ans": 24},
    derogations={"accordee": Derogation.ACCORDEE},
)
ADRESSE = Adresse(label="1 rue d'Essai", type="housenumber", city_code="18279", city_name="Vierzon")
VIERZON = Lieu(code="18279", name="Vierzon")


def candidature(*, saisies=(), **lectures) -> Candidature:
    champs = {cle: ChampLu(cle=cle, libelle=cle, lecture=_lecture(valeur)) for cle, valeur in lectures.items()}
    humaines = {cle: champs.pop(cle) for cle in saisies}
    return Candidature(
        numero=7,
        demarche=1,
        etat=DossierState.EN_CONSTRUCTION,
        deposee_le=DEPOT,
        tour=DEPOT,
        siret="26180001400010",
        champs=champs,
        saisies=humaines,
    )


def _lecture(valeur):
    return valeur if isinstance(valeur, Connu | Manquant | Illisible | Masque) else Connu(valeur)


def ligne(**lectures) -> LigneLue:
    champs = {cle: ChampLu(cle=cle, libelle=cle, lecture=_lecture(valeur)) for cle, valeur in lectures.items()}
    return LigneLue(id="1", champs=champs)


def test_a_candidature_is_read_in_the_words_of_the_domain():
    lue = candidature(
        categorie="Entre établissements de santé",
        type_demande="Nouvelle candidature",
        promotion="2023-2025",
        region=Lieu(code="24", name="Centre-Val de Loire"),
        adresse=ADRESSE,
        lieux=(ligne(nom="MSP B", commune=VIERZON, demi_journees=D("4.5"), distance_route=22),),
        specialite="Pédiatrie",
        quotite_hospitaliere=50,
        quotite_ambulatoire=D(50),
        date_prise_fonction=date(2023, 11, 1),
        duree="2 ans",
        derogation_demandee=True,
        dossier_remplace=LienDossier(number=3),
        derogation_pet="Accordée",
        distance_retenue=D("19.9"),
        rang=2,
        saisies=("derogation_pet", "distance_retenue", "rang"),
    )
    lieu = LieuProjet(rang=1, nom="MSP B", commune=VIERZON, demi_journees=D("4.5"), distance_route_km=D(22))
    assert projet(lue, MOTS) == Projet(
        dossier=7,
        categorie=Categorie.I,
        demande=TypeDemande.NOUVELLE,
        promotion="2023-2025",
        region="24",
        siret="26180001400010",
        adresse=ADRESSE,
        lieux=(lieu,),
        specialite="Pédiatrie",
        quotite_hospitaliere=D(50),
        quotite_ambulatoire=D(50),
        debut=date(2023, 11, 1),
        duree_mois=24,
        derogation_demandee=True,
        lien=LienDossier(number=3),
        derogation=Derogation.ACCORDEE,
        distance_retenue_km=D("19.9"),
        rang=2,
    )


def test_what_is_not_said_not_readable_or_not_understood_is_none():
    vide = Projet(dossier=7, siret="26180001400010")
    assert projet(candidature(), MOTS) == vide
    floue = candidature(
        categorie="Autre chose",
        quotite_ambulatoire=Illisible(cause="un nombre est attendu", texte="cinquante"),
        date_prise_fonction=Manquant(),
        duree=Masque(),
        lieux=Manquant(),
        region="24",
    )
    assert projet(floue, MOTS) == vide


@pytest.mark.parametrize(
    ("lecture", "dit"), [(Connu("x"), True), (Manquant(), False), (Masque(), None), (Illisible(cause="?"), None)]
)
def test_an_agreement_is_there_absent_or_unknown(lecture, dit):
    assert projet(candidature(convention=lecture), MOTS).convention is dit


def test_a_boolean_is_no_number_and_a_row_may_lack_anything():
    lue = candidature(lieux=(ligne(demi_journees=True, nom=3), ligne()))
    assert projet(lue, MOTS).lieux == (LieuProjet(rang=1), LieuProjet(rang=2))


def test_the_commune_of_a_place_is_that_of_its_address_then_the_one_typed():
    lieu = LieuProjet(rang=1, adresse=ADRESSE, commune=Lieu(code="41194", name="Romorantin"))
    assert lieu.code_commune == "18279"
    assert replace(lieu, adresse=replace(ADRESSE, city_code=None)).code_commune == "41194"
    assert LieuProjet(rang=1).code_commune is None


def test_the_same_project_is_recognised_however_it_is_spelled_and_another_is_not():
    un = Projet(dossier=1, specialite="Pédiatrie", lieux=(LieuProjet(rang=1, nom="MSP B", commune=VIERZON),))
    meme = replace(un, dossier=2, specialite="pediatrie ", lieux=(LieuProjet(rang=3, nom="msp b", commune=VIERZON),))
    assert un.empreinte == meme.empreinte != ""
    assert un.empreinte != replace(un, specialite="Cardiologie").empreinte
    assert un.empreinte != replace(un, lieux=(LieuProjet(rang=1, adresse=ADRESSE),)).empreinte


@pytest.mark.parametrize("changes", [{"specialite": None}, {"lieux": ()}])
def test_a_project_that_is_not_described_is_like_no_other(changes):
    un = Projet(dossier=1, specialite="Pédiatrie", lieux=(LieuProjet(rang=1),))
    assert un.empreinte != ""
    assert replace(un, **changes).empreinte == ""


VALEURS = st.one_of(
    st.text(max_size=5),
    st.booleans(),
    st.integers(),
    st.decimals(),
    st.dates(),
    st.just(ADRESSE),
    st.just(VIERZON),
    st.just(LienDossier(number=1)),
    st.just(()),
    st.just(("a", "b")),
    st.just((ligne(nom="MSP", demi_journees="x"),)),
)
LECTURES = st.one_of(
    VALEURS.map(Connu), st.just(Manquant()), st.just(Masque()), st.builds(Illisible, cause=st.text(max_size=3))
)
CLES = ("categorie", "region", "lieux", "quotite_ambulatoire", "convention", "dossier_remplace", "rang", "duree")


@given(st.dictionaries(st.sampled_from(CLES), LECTURES))
def test_no_candidature_breaks_the_reading(lectures):
    lu = projet(candidature(**lectures), MOTS)
    assert lu.dossier == 7
    assert all(lieu.rang == rang for rang, lieu in enumerate(lu.lieux, start=1))
