"""One dossier as the report counts it: whose word wins, and which zone is the best."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.bilan.releve import ClasseZone, Cle, Faits, classe_de_zone, releve
from connector.core.candidature import Candidature, ChampLu, Connu
from connector.core.constat import AvisPropose, Effet, Statut
from connector.core.decisions import Decision, Sens, SourceDecisions
from connector.core.evaluation import Proposition
from connector.core.model import DossierState
from connector.core.pet import Prime, StatutPet
from connector.core.poste import Categorie
from connector.core.projet import Projet
from connector.core.quota import TypeDemande
from connector.core.referentiels import Appartenance, StatutQuartier, Zone, ZoneCommune
from connector.core.situation import Situation, SituationLieu
from tests.unit.bilan.fabrique import constat

LE = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


def candidature(etat=DossierState.EN_INSTRUCTION, *, labels=(), **saisies):
    lus = {cle: ChampLu(cle=cle, libelle=cle, lecture=Connu(valeur)) for cle, valeur in saisies.items()}
    return Candidature(numero=1, demarche=9, etat=etat, deposee_le=LE, tour=LE, labels=frozenset(labels), saisies=lus)


def proposition(avis=AvisPropose.FAVORABLE, *constats):
    return Proposition(avis=avis, synthese="", points=(), constats=constats)


def vu(c=None, projet=None, **faits):
    projet = projet or Projet(dossier=1)
    return releve(c or candidature(), projet, Situation(), Faits(**faits), jour=lambda instant: instant.date())


def liste(sens, motivation=""):
    return Decision(dossier=1, sens=sens, source=SourceDecisions.FICHIER, le=LE, motivation=motivation)


def test_the_state_in_ds_wins_over_the_annotation_and_the_annotation_over_the_list():
    ligne = liste(Sens.NON_RETENU, "Hors sujet.")
    assert vu(candidature(DossierState.ACCEPTE, decision="Non retenu"), liste=ligne).decision is Sens.RETENU
    assert vu(candidature(decision="liste d’attente"), liste=ligne).decision is Sens.LISTE_D_ATTENTE
    assert vu(liste=ligne).decision is Sens.NON_RETENU
    assert vu(candidature(decision="on verra")).decision is None


def test_the_motive_is_the_annotations_or_else_the_lists():
    ligne = liste(Sens.NON_RETENU, "Hors sujet.")
    assert vu(candidature(motivation="Projet à mûrir."), liste=ligne).motivation == "Projet à mûrir."
    assert vu(liste=ligne).motivation == "Hors sujet."
    assert vu().motivation == ""


@pytest.mark.parametrize(
    ("attend", "c", "avis"),
    [
        (True, candidature(decision="Liste d'attente"), AvisPropose.FAVORABLE),
        (True, candidature(labels=("liste_attente",)), AvisPropose.FAVORABLE),
        (True, candidature(), AvisPropose.LISTE_D_ATTENTE),
        (False, candidature(decision="Retenu", labels=("liste_attente",)), AvisPropose.LISTE_D_ATTENTE),
        (False, candidature(DossierState.REFUSE, labels=("liste_attente",)), AvisPropose.LISTE_D_ATTENTE),
        (False, candidature(), AvisPropose.FAVORABLE),
    ],
)
def test_who_waits_is_for_people_to_say_and_for_us_only_while_they_do_not(attend, c, avis):
    assert vu(c, maintenant=proposition(avis)).en_attente is attend


def test_only_what_is_wrong_or_doubtful_is_kept_of_what_was_said():
    ok = constat("cv", Statut.OK)
    doute = constat("quotite", Statut.A_VERIFIER, Effet.A_VERIFIER)
    trouve = vu(maintenant=proposition(AvisPropose.A_VERIFIER, ok, doute), avant=None)
    assert trouve.dit.constats == (doute,)
    assert trouve.dit_avant is None


def test_a_dossier_is_counted_under_its_quota_or_under_what_it_says():
    entier = Projet(dossier=1, promotion="2023 – 2025", region="24", categorie=Categorie.II)
    assert vu(projet=entier).cle == Cle(promotion="2023-2025", region="24", categorie="II")
    assert vu(projet=Projet(dossier=1, promotion="2023-2025")).cle == Cle(promotion="2023-2025")


def test_a_refusal_of_the_motive_is_no_motive():
    assert vu(projet=Projet(dossier=1, specialite_deficitaire="non")).deficitaire == ""
    assert vu(projet=Projet(dossier=1, specialite_deficitaire="Aucun confrère à 50 km")).deficitaire.startswith("Aucun")


def test_a_prime_is_an_amount_only_once_it_is_due():
    mille = Decimal(1000)
    due = Prime(statut=StatutPet.DUE, montant=mille, minimum=mille, maximum=mille, motifs=())
    assert (vu(prime=due).prime, vu(prime=due).prime_due) == (StatutPet.DUE, mille)
    doute = replace(due, statut=StatutPet.A_CONFIRMER)
    assert (vu(prime=doute).prime, vu(prime=doute).prime_due) == (StatutPet.A_CONFIRMER, None)
    assert (vu().prime, vu().prime_due) == (None, None)


def test_a_replacement_asks_for_no_new_place():
    assert not vu(projet=Projet(dossier=1, demande=TypeDemande.REMPLACEMENT)).candidature
    assert vu().candidature


def lieu(zone=None, quartier=None):
    classee = zone and ZoneCommune(code_insee="18279", zone=zone, tvs="", arrete="arrêté", date_effet=date(2025, 6, 1))
    return SituationLieu(rang=1, zone=classee, quartier=quartier and Appartenance(statut=quartier))


@pytest.mark.parametrize(
    ("lieux", "classe"),
    [
        ((), ClasseZone.A_VERIFIER),
        ((lieu(Zone.HZ),), ClasseZone.HZ),
        ((lieu(Zone.HZ), lieu(Zone.ZAC)), ClasseZone.ZAC),
        ((lieu(Zone.ZAC), lieu(Zone.ZIP)), ClasseZone.ZIP),
        ((lieu(Zone.ZIP), lieu(Zone.HZ, StatutQuartier.DANS)), ClasseZone.QPV),
        ((lieu(Zone.HZ, StatutQuartier.INDETERMINE),), ClasseZone.HZ),
        ((lieu(Zone.ZV),), ClasseZone.ZV),
        ((lieu(Zone.AUTRE),), ClasseZone.A_VERIFIER),
        ((lieu(Zone.INCONNU), lieu()), ClasseZone.A_VERIFIER),
    ],
)
def test_the_best_of_the_places_gives_the_zone(lieux, classe):
    assert classe_de_zone(Situation(lieux=lieux)) is classe
