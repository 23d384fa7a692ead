"""What applicants really type, under the example's rules: a clear sentence, never a crash, never a wrong verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from connector.config import load
from connector.core.candidature import ChampLu, Connu, LigneLue, Manquant, exemple, lire_valeur
from connector.core.chiffrage import chiffrer
from connector.core.constat import AvisPropose, Statut
from connector.core.correspondance import TypeLogique
from connector.core.model import Adresse, Etablissement, Lieu, Piece, VirusScan
from connector.core.projet import projet
from connector.core.quota import CleQuota, compte, quota_effectif
from connector.core.referentiels import Appartenance, Precision, StatutQuartier, Zone, ZoneCommune
from connector.core.regles import Contexte, evaluer, proposer
from connector.core.situation import Situation, SituationLieu

T = TypeLogique
LE_JOUR = date(2023, 12, 1)
BONNE = {
    "type_demande": (T.CHOIX, "Nouvelle candidature"),
    "categorie": (T.CHOIX, "Entre structure ambulatoire et établissement de santé"),
    "promotion": (T.CHOIX, "2023-2025"),
    "region": (T.REGION, Lieu(code="24", name="Centre-Val de Loire")),
    "siret": (T.SIRET, Etablissement(siret="26370010600010", raison_sociale="CHU")),
    "finess": (T.TEXTE, "370007809"),
    "adresse": (T.ADRESSE, Adresse(label="3 boulevard des Platanes 37000 Tours")),
    "chu": (T.TEXTE, "CHU du Val"),
    "rpps": (T.TEXTE, "10101000379"),
    "specialite": (T.CHOIX, "Dermatologie"),
    "quotite_hospitaliere": (T.ENTIER, "50"),
    "quotite_ambulatoire": (T.ENTIER, "50"),
    "date_prise_fonction": (T.DATE, "2023-11-01"),
    "duree": (T.CHOIX, "2 ans"),
    "derogation_demandee": (T.BOOLEEN, "non"),
}
LIEU = {
    "nom": (T.TEXTE, "MSP"),
    "type_structure": (T.CHOIX, "Centre de santé"),
    "adresse": (T.ADRESSE, Adresse(label="12 rue X 18100 Vierzon", city_code="18279", city_name="Vierzon")),
    "commune": (T.COMMUNE, Lieu(code="18279", name="Vierzon")),
    "demi_journees": (T.DECIMAL, "5"),
    "distance_route": (T.DECIMAL, "105"),
}
PIECES = ("cv", "lettre_motivation", "projet_medical", "convention", "justificatif_qualification")
ZIP = ZoneCommune(code_insee="18279", zone=Zone.ZIP, tvs="", arrete="arrêté", date_effet=date(2023, 1, 1))
SITUATION = Situation(
    lieux=(
        SituationLieu(
            rang=1,
            commune="18279",
            region="24",
            zone=ZIP,
            quartier=Appartenance(statut=StatutQuartier.HORS),
            distance_km=Decimal(100),
            precision=Precision.ADRESSE,
        ),
    )
)


@cache
def demarche():
    return load(Path(__file__).parents[2] / "config.example.toml", {}).demarches[0]


def lu(cle, type_, brut):
    lecture = Manquant() if brut is None else lire_valeur(type_, brut)
    return ChampLu(cle=cle, libelle=cle, lecture=lecture, type=type_)


def piece(cle):
    fichier = Piece(
        filename="a.pdf", content_type="application/pdf", byte_size=9, checksum=cle, virus_scan=VirusScan.SAFE
    )
    return ChampLu(cle=cle, libelle=cle, lecture=Connu((fichier,)), type=T.PIECE)


class Dit:
    """What is said of a good application with those fields typed otherwise."""

    def __init__(self, situation=SITUATION, lieu=None, **typed):
        d = demarche()
        bruts = {cle: (type_, typed.get(cle, brut)) for cle, (type_, brut) in BONNE.items()}
        lignes = {cle: (type_, (lieu or {}).get(cle, brut)) for cle, (type_, brut) in LIEU.items()}
        ligne = LigneLue(id="1", champs={cle: lu(cle, *couple) for cle, couple in lignes.items()})
        lieux = ChampLu(cle="lieux", libelle="lieux", lecture=Connu((ligne,)), type=T.REPETITION)
        champs = [lu(cle, *couple) for cle, couple in bruts.items()]
        depose = datetime(2023, 12, 1, 10, tzinfo=UTC)
        candidature = replace(
            exemple(*champs, lieux, lu("modulation", T.TEXTE_LONG, None), *map(piece, PIECES)),
            deposee_le=depose,
            siret="26370010600010",
        )
        self.projet = projet(candidature, d.vocabulaire)
        contexte = Contexte(aujourd_hui=LE_JOUR, projet=self.projet, situation=situation, campagne=d.campagne)
        self.constats = evaluer(d.regles, candidature, contexte)
        self.avis = proposer(self.constats).avis
        self.chiffrage = chiffrer(self.projet, situation, d.parametres, aujourd_hui=LE_JOUR)

    def __getitem__(self, cle):
        return next(c for c in self.constats if c.regle == cle)

    @property
    def phrases(self):
        parts = [c.phrase for c in self.constats if c.statut in {Statut.KO, Statut.A_VERIFIER}]
        return " ".join(parts).replace("\u00a0", " ").replace("’", "'")


def test_the_good_application_is_favourable():
    dit = Dit()
    assert dit.avis is AvisPropose.FAVORABLE
    assert dit.chiffrage.prime.montant == 1000


@pytest.mark.parametrize(
    ("typed", "avis", "mot"),
    [
        ({"quotite_ambulatoire": "110"}, AvisPropose.A_COMPLETER, "110 % n'est pas une part de temps de travail"),
        ({"quotite_ambulatoire": 110}, AvisPropose.A_COMPLETER, "110 %"),
        ({"quotite_ambulatoire": "cinquante"}, AvisPropose.A_VERIFIER, "« cinquante » n'a pas pu être lu"),
        ({"quotite_ambulatoire": "50 %"}, AvisPropose.FAVORABLE, ""),
        ({"quotite_ambulatoire": "50,0"}, AvisPropose.FAVORABLE, ""),
        ({"quotite_ambulatoire": "-50"}, AvisPropose.A_COMPLETER, "-50 %"),
        ({"quotite_ambulatoire": None}, AvisPropose.A_COMPLETER, "n'est pas renseigné"),
        ({"quotite_ambulatoire": "60"}, AvisPropose.A_COMPLETER, "font 110 %"),
        ({"quotite_hospitaliere": "la moitié"}, AvisPropose.A_VERIFIER, "la moitié"),
        ({"date_prise_fonction": "1900-01-01"}, AvisPropose.A_COMPLETER, "01/01/1900 n'est pas dans la promotion"),
        ({"date_prise_fonction": "31/02/2023"}, AvisPropose.A_VERIFIER, "une date est attendue"),
        ({"duree": "trois ans"}, AvisPropose.A_VERIFIER, "n'est pas une durée que la configuration connaît"),
        ({"promotion": "la prochaine"}, AvisPropose.A_VERIFIER, "ne dit pas de quelle promotion"),
        ({"categorie": "Autre"}, AvisPropose.A_VERIFIER, "« Autre »"),
        ({"type_demande": "Autre"}, AvisPropose.A_VERIFIER, "« Autre »"),
        ({"rpps": "12345678901"}, AvisPropose.A_VERIFIER, "numéro RPPS valide"),
        ({"finess": "370007800"}, AvisPropose.A_VERIFIER, "numéro FINESS valide"),
        ({"region": "Centre"}, AvisPropose.A_VERIFIER, "une région est attendue"),
    ],
)
def test_what_an_applicant_types_is_answered_clearly_and_never_refused_for_it(typed, avis, mot):
    dit = Dit(**typed)
    assert dit.avis is avis, dit.phrases
    assert mot in dit.phrases
    assert "n'a pas pu être appliquée" not in dit.phrases


@pytest.mark.parametrize(
    ("lieu", "mot"),
    [
        ({"demi_journees": "-3"}, "-3, moins que le minimum de 0"),
        ({"demi_journees": "12"}, "12, plus que le maximum de 10"),
        ({"demi_journees": "beaucoup"}, "« beaucoup » n'a pas pu être lu"),
        ({"distance_route": "-1"}, "moins que le minimum de 0"),
        ({"distance_route": "loin"}, "« loin » n'a pas pu être lu"),
    ],
)
def test_what_cannot_be_of_a_place_is_to_verify(lieu, mot):
    dit = Dit(lieu=lieu)
    assert dit.avis is AvisPropose.A_VERIFIER
    assert mot in dit.phrases


@pytest.mark.parametrize("demi_journees", ["-3", "beaucoup", None])
def test_impossible_half_days_give_no_prime_that_could_be_believed(demi_journees):
    prime = Dit(lieu={"demi_journees": demi_journees}).chiffrage.prime
    assert prime.montant is None
    assert prime.statut.value == "À confirmer"


def test_an_impossible_share_gives_no_cost_that_could_be_believed():
    for typed in ({"quotite_ambulatoire": "60"}, {"quotite_hospitaliere": "110", "quotite_ambulatoire": "-10"}):
        assert Dit(**typed).chiffrage.chiffres["cout"].nombre is None
        assert Dit(**typed).chiffrage.chiffres["quotite"].nombre is None


def test_a_date_of_another_century_gives_no_cost():
    assert Dit(date_prise_fonction="1900-01-01").chiffrage.chiffres["cout"].nombre is None


def test_an_unknown_commune_is_to_verify_and_never_refused():
    inconnue = Situation(lieux=(SituationLieu(rang=1, commune="18002"),))
    dit = Dit(situation=inconnue)
    assert dit["zone"].statut is Statut.A_VERIFIER
    assert dit.avis is AvisPropose.A_VERIFIER
    assert Dit(situation=Situation()).avis is AvisPropose.A_VERIFIER


def test_a_region_without_a_quota_blocks_nobody_and_is_told():
    parametres = demarche().parametres
    effectif = quota_effectif(parametres.quotas, CleQuota(promotion="2031-2033", region="24", categorie="II"), LE_JOUR)
    compteurs = compte(effectif, (), (), parametres.quota)
    dit = Dit(situation=replace(SITUATION, compteurs=compteurs))
    assert dit.avis is AvisPropose.FAVORABLE
    assert "n’est pas saisi" in dit.chiffrage.chiffres["quota"].texte


def test_no_answer_at_all_is_answered():
    vide = dict.fromkeys(BONNE)
    dit = Dit(situation=Situation(), lieu=dict.fromkeys(LIEU), **vide)
    assert dit.avis in {AvisPropose.A_COMPLETER, AvisPropose.A_VERIFIER}
    assert "n'a pas pu être appliquée" not in dit.phrases
