from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from connector.core.bulletin import MONTRES, Bulletin, Entree, Reperes, Rubrique, Vu, composer_bulletin, est_du
from connector.core.campagne import Campagne
from connector.core.constat import AvisPropose, Constat, Effet, Statut
from connector.core.conversation import SANS_SUITE
from connector.core.correspondance import CibleAnnotation, CibleChamp, TypeLogique
from connector.core.evaluation import Evaluation, Historique, Proposition
from connector.core.model import DossierState
from connector.core.plan import CleAnnotation, EtatIntention, Intention
from connector.core.politique import Relances
from tests.fakes import AGENT, GROUPE, NUMERO, SOURCE, USAGER, un_champ, un_dossier, un_message, une_resolution

LUNDI = date(2026, 3, 2)
MATIN = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
DEPUIS = MATIN - timedelta(days=3)
AVANT = DEPUIS - timedelta(days=10)
SITE = "https://ds.exemple.fr"
REPERES = Reperes(depuis=DEPUIS, aujourd_hui=LUNDI, delai_jours=15, relances=Relances())

MANQUE = Constat(
    regle="cv", statut=Statut.KO, effet=Effet.BLOQUANT, phrase="", source=SOURCE, avis=AvisPropose.A_COMPLETER
)
BON = replace(MANQUE, statut=Statut.OK)


def proposition(avis=AvisPropose.FAVORABLE, *constats, points=()):
    return Proposition(avis=avis, synthese="", points=points, constats=constats or (BON,))


INCOMPLETE = proposition(AvisPropose.A_COMPLETER, MANQUE)


def vu(number=100, said=None, *, le=AVANT, avant=None, intentions=(), **changes):
    """A dossier, what we say of it, and what we said at the last bulletin."""
    evaluation = Evaluation(
        dossier=number,
        contenu="",
        politique="",
        proposees="",
        proposition=said or proposition(),
        avis_depuis=LUNDI,
        evaluee_le=MATIN,
        a_pousser=False,
    )
    dossier = un_dossier(number, le=le, **changes)
    return Vu(dossier=dossier, historique=Historique(evaluation=evaluation, intentions=intentions), avant=avant)


def bulletin(*vus, resolution=None, reperes=REPERES, campagne=None):
    return composer_bulletin(
        NUMERO, GROUPE.label, vus, resolution=resolution or une_resolution(), reperes=reperes, campagne=campagne
    )


def dans(found, rubrique):
    return {e.dossier: e.raison for e in found.entrees if e.rubrique is rubrique}


EN_INSTRUCTION = {"state": DossierState.EN_INSTRUCTION}


def test_a_dossier_completed_since_the_last_bulletin_is_told_and_one_complete_before_is_not():
    found = bulletin(
        vu(100, avant=INCOMPLETE, **EN_INSTRUCTION),
        vu(101, avant=proposition(), **EN_INSTRUCTION),
        vu(102, INCOMPLETE, avant=INCOMPLETE),
    )
    assert dans(found, Rubrique.COMPLET) == {100: ""}


def test_a_dossier_filed_complete_since_is_told_and_one_filed_before_that_nobody_had_judged_is_not():
    found = bulletin(vu(100, le=DEPUIS + timedelta(hours=1), **EN_INSTRUCTION), vu(101, **EN_INSTRUCTION))
    assert dans(found, Rubrique.COMPLET) == {100: ""}


def test_a_dossier_that_nothing_holds_back_waits_for_its_instructor_while_in_construction():
    found = bulletin(
        vu(100, avant=proposition()),
        vu(101, proposition(AvisPropose.REORIENTATION), avant=proposition()),
        vu(102, INCOMPLETE, avant=INCOMPLETE),
        vu(103, avant=proposition(), **EN_INSTRUCTION),
    )
    assert dans(found, Rubrique.ATTEND) == {
        100: "avis proposé « Favorable », à examiner",
        101: "avis proposé « Réorientation », à examiner",
    }
    assert found.decisions == 1


def test_a_dossier_that_we_have_just_passed_to_instruction_waits_for_nobody():
    passe = replace(envoye("", MATIN), kind="etat", cible=("passer_en_instruction",))
    jadis = replace(passe, sent_at=AVANT - timedelta(days=1))
    found = bulletin(
        vu(100, avant=proposition(), intentions=(passe,)), vu(101, avant=proposition(), intentions=(jadis,))
    )
    assert set(dans(found, Rubrique.ATTEND)) == {101}


@pytest.mark.parametrize(
    ("messages", "attend"),
    [
        ((), False),
        ((un_message("1", email=USAGER),), True),
        ((un_message("1", email=USAGER), un_message("2", email=AGENT)), False),
        ((un_message("1", email=AGENT), un_message("2", email=USAGER)), True),
        ((un_message("1", email=USAGER, discarded_at=MATIN),), False),
        ((un_message("1", email=USAGER), un_message("2", email="ds@exemple.fr", systeme=True)), True),
    ],
)
def test_a_message_of_the_applicant_waits_until_an_agent_answers(messages, attend):
    found = bulletin(vu(100, INCOMPLETE, avant=INCOMPLETE, messages=messages))
    expected = {100: "un message de l’établissement attend une réponse"} if attend else {}
    assert dans(found, Rubrique.ATTEND) == expected


@pytest.mark.parametrize(
    ("texte", "case", "attend"), [("Bonjour", False, True), ("Bonjour", True, False), ("", False, False)]
)
def test_a_proposed_message_waits_for_its_tick(texte, case, attend):
    resolution = une_resolution()
    resolution = replace(
        resolution,
        annotations={
            **resolution.annotations,
            "message_propose": CibleAnnotation(id="A-texte", libelle="Message proposé", cle=CleAnnotation.TEXTAREA),
        },
        saisies=(
            *resolution.saisies,
            CibleChamp(cle="envoi_valide", type=TypeLogique.BOOLEEN, libelle="", ids=("A-case",)),
        ),
    )
    annotations = (un_champ("A-texte", texte), un_champ("A-case", case, "CheckboxChamp"))
    found = bulletin(vu(100, INCOMPLETE, avant=INCOMPLETE, annotations=annotations), resolution=resolution)
    assert dans(found, Rubrique.ATTEND) == ({100: "un message proposé attend « Envoi validé »"} if attend else {})


def test_a_request_that_nobody_answered_waits_for_a_human():
    said = replace(INCOMPLETE, points=(f"Demande envoyée, sans réponse\u00a0: {SANS_SUITE}",))
    assert dans(bulletin(vu(100, said, avant=INCOMPLETE)), Rubrique.ATTEND) == {100: "sans réponse après deux relances"}


def envoye(modele, le):
    """A message of ours, as the ledger remembers it."""
    return Intention(
        demarche=NUMERO,
        dossier=100,
        kind="message",
        fingerprint=f"{modele}{le}",
        cible=(f"100-{modele}", "texte", f"modele={modele}"),
        state=EtatIntention.DONE,
        sent_at=le,
        closed_at=le,
    )


@pytest.mark.parametrize(
    ("envois", "quand"),
    [
        ((("pieces", MATIN - timedelta(days=14)),), "03/03/2026"),
        ((("pieces", MATIN - timedelta(days=15)),), None),
        ((("pieces", MATIN - timedelta(days=13)),), None),
        ((("pieces", MATIN - timedelta(days=30)), ("relance_1", MATIN - timedelta(days=13))), "03/03/2026"),
        (
            (
                ("pieces", MATIN - timedelta(days=40)),
                ("relance_1", MATIN - timedelta(days=30)),
                ("relance_2", MATIN - timedelta(days=13)),
            ),
            "03/03/2026",
        ),
        ((), None),
    ],
)
def test_an_answer_expected_before_the_next_bulletin_is_told(envois, quand):
    depose = MATIN - timedelta(days=60)
    intentions = tuple(envoye(modele, le) for modele, le in envois)
    found = bulletin(vu(100, INCOMPLETE, le=depose, avant=INCOMPLETE, intentions=intentions))
    expected = {100: f"réponse de l’établissement attendue pour le {quand}"} if quand else {}
    assert dans(found, Rubrique.ECHEANCE) == expected


def test_on_friday_what_falls_due_before_monday_evening_is_told():
    vendredi = datetime(2026, 2, 27, 7, 0, tzinfo=UTC)
    reperes = replace(REPERES, aujourd_hui=vendredi.date())
    assert reperes.demain == LUNDI
    demande = envoye("pieces", vendredi - timedelta(days=13))
    depose = MATIN - timedelta(days=60)
    found = bulletin(vu(100, INCOMPLETE, le=depose, avant=INCOMPLETE, intentions=(demande,)), reperes=reperes)
    assert dans(found, Rubrique.ECHEANCE) == {100: "réponse de l’établissement attendue pour le 01/03/2026"}


def test_what_was_handed_to_a_human_since_is_told_whatever_became_of_the_dossier():
    rendu = replace(envoye("pieces", MATIN), state=EtatIntention.HANDED_TO_HUMAN)
    found = bulletin(
        vu(100, avant=proposition(), intentions=(rendu,), state=DossierState.ACCEPTE),
        vu(101, avant=proposition(), intentions=(replace(rendu, closed_at=DEPUIS),), state=DossierState.ACCEPTE),
        vu(102, avant=proposition(), intentions=(replace(rendu, closed_at=None),), state=DossierState.ACCEPTE),
    )
    assert dans(found, Rubrique.REMIS) == {100: ""}


@pytest.mark.parametrize("changes", [{"archived": True}, {"state": DossierState.REFUSE}])
def test_a_dossier_that_is_over_is_not_spoken_of(changes):
    assert bulletin(vu(100, avant=INCOMPLETE, **changes)).vide


def test_a_dossier_never_judged_is_not_spoken_of():
    jamais = Vu(dossier=un_dossier(100), historique=Historique())
    assert bulletin(jamais).vide


def test_dates_of_the_campaign_are_told_the_day_before():
    campagne = Campagne(cloture=LUNDI + timedelta(days=1), commission=LUNDI, notification_le=None)
    assert bulletin(campagne=campagne).dates == ("clôture des dépôts le 03/03/2026",)
    assert bulletin(campagne=campagne).objet() == f"Démarche {NUMERO}\u00a0: dates de la campagne"


def test_a_count_that_everybody_knows_is_not_worth_a_message():
    found = bulletin(vu(100, avant=proposition(), **EN_INSTRUCTION))
    assert (found.decisions, found.vide) == (1, True)


def test_the_whole_message_reads_well_and_holds_numbers_and_links_only():
    found = Bulletin(
        demarche=4242,
        groupe="Loiret",
        entrees=(
            Entree(rubrique=Rubrique.COMPLET, dossier=100017),
            Entree(rubrique=Rubrique.COMPLET, dossier=100018),
            Entree(rubrique=Rubrique.ATTEND, dossier=100020, raison="un message proposé attend « Envoi validé »"),
            Entree(rubrique=Rubrique.REMIS, dossier=100021),
        ),
        decisions=3,
        dates=("commission le 03/03/2026",),
    )
    assert found.objet().replace("\u00a0", " ") == (
        "Démarche 4242 : 1 remis entre vos mains, 1 en attente de vous, 2 devenus complets"
    )
    assert (
        found.texte(SITE).replace("\u00a0", " ").replace("\u202f", " ")
        == """Bonjour,

Groupe « Loiret », démarche n° 4242 : https://ds.exemple.fr/procedures/4242

Remis entre vos mains (1)
  - n° 100021
    https://ds.exemple.fr/procedures/4242/dossiers/100021

Attendent quelque chose de vous (1)
  - n° 100020 : un message proposé attend « Envoi validé »
    https://ds.exemple.fr/procedures/4242/dossiers/100020

Devenus complets (2)
  - n° 100017
    https://ds.exemple.fr/procedures/4242/dossiers/100017
  - n° 100018
    https://ds.exemple.fr/procedures/4242/dossiers/100018

Dates de la campagne
  - commission le 03/03/2026

3 dossiers du groupe sont en instruction et attendent une décision.

Le détail est dans les annotations privées de chaque dossier.
Ce message part au plus une fois par jour ouvré, quand il y a quelque chose à dire.
Il ne contient que des numéros et des liens."""
    )


def test_a_long_section_is_counted_beyond_what_is_read():
    entrees = tuple(Entree(rubrique=Rubrique.COMPLET, dossier=n) for n in range(MONTRES + 2))
    texte = Bulletin(demarche=1, groupe="A", entrees=entrees).texte(SITE)
    assert texte.count("/dossiers/") == MONTRES
    assert "et 2\u00a0autres." in texte


@pytest.mark.parametrize(
    ("maintenant", "essai", "du"),
    [
        (datetime(2026, 3, 2, 7, 29, tzinfo=UTC), None, False),
        (datetime(2026, 3, 2, 7, 30, tzinfo=UTC), None, True),
        (datetime(2026, 3, 2, 19, 0, tzinfo=UTC), LUNDI, False),
        (datetime(2026, 3, 3, 8, 0, tzinfo=UTC), LUNDI, True),
        (datetime(2026, 3, 1, 8, 0, tzinfo=UTC), None, False),
        (datetime(2026, 5, 1, 8, 0, tzinfo=UTC), None, False),
    ],
)
def test_a_bulletin_is_due_once_on_each_working_day_past_its_hour(maintenant, essai, du):
    assert est_du(maintenant, time(7, 30), essai, Relances()) is du
