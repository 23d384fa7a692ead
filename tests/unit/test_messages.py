"""A conversation through whole cycles: drafts that wait for an agent, one message a day, reminders, nothing twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from connector import cycle
from connector.core.model import DossierState
from connector.core.plan import EtatIntention
from connector.core.politique import Mode, Relances
from tests.fakes import (
    AGENT,
    AGIR,
    CV,
    ENVOI,
    MANUEL,
    NOTE,
    POINTS,
    PROPOSE,
    USAGER,
    Monde,
    Mort,
    Panne,
    un_dossier,
    une_piece,
)

ANNOTER = replace(AGIR, mode=Mode.ANNOTER)
RELANCES = Relances(actives=True, premiere=5, seconde=5, sans_suite=5)


def sans_cv():
    return tuple(replace(c, value=None) if c.id == CV else c for c in un_dossier().champs)


@pytest.fixture
def monde():
    """An incomplete dossier, read by a connector that only annotates."""
    found = Monde(politique=ANNOTER)
    found.serveur.usager_depose(100, champs=sans_cv())
    return found


def passe(monde, **delai):
    monde.horloge.avance(**(delai or {"minutes": 10}))
    return cycle.run(monde.passage())


def coche(monde, texte=None):
    """An agent edits the text, if told to, then ticks the box."""
    monde.horloge.avance(minutes=2)
    if texte is not None:
        monde.serveur.agent_annote(100, PROPOSE, texte)
        monde.horloge.avance(seconds=30)
    monde.serveur.agent_annote(100, ENVOI, True)


def points(monde) -> str:
    return (monde.annotation(POINTS) or "").replace("\u00a0", " ").replace("\u202f", " ")


# drafts


def test_a_draft_waits_goes_once_ticked_and_leaves_a_clean_box(monde):
    passe(monde)
    propose = monde.annotation(PROPOSE)
    assert "la pièce n’est pas dans le dossier" in propose
    assert monde.messages() == []
    assert passe(monde).messages == 0
    coche(monde)
    assert passe(monde).messages == 1
    (message,) = monde.messages()
    assert message.correction.reason == "incomplete"
    assert (monde.annotation(PROPOSE), monde.annotation(ENVOI)) == ("", False)
    assert "Demande envoyée le 02/03/2026" in points(monde)
    monde.serveur.requetes.clear()
    for _ in range(3):
        passe(monde)
    assert not [r for r in monde.serveur.requetes if r.startswith(("Ecrire", "Envoyer"))]


def test_an_edited_draft_is_sent_as_edited(monde):
    passe(monde)
    texte = monde.annotation(PROPOSE).replace("Dossier", "Bonjour, dossier")
    coche(monde, texte)
    passe(monde)
    (message,) = monde.messages()
    assert message.empreinte == cycle.decide.empreintes.of_text(texte)
    assert message.reference == cycle.decide.empreintes.reference_in(texte)


def test_a_text_that_an_agent_edits_is_never_replaced(monde):
    passe(monde)
    monde.serveur.agent_annote(100, PROPOSE, "Je m'en occupe.")
    monde.horloge.avance(minutes=2)
    monde.serveur.usager_corrige(100, specialite="")
    passe(monde, days=1)
    assert monde.annotation(PROPOSE) == "Je m'en occupe."
    monde.serveur.usager_corrige(100, cv=une_piece(), specialite="ORL")
    passe(monde, days=1)
    assert monde.annotation(PROPOSE) == "Je m'en occupe."


def test_a_draft_that_is_no_longer_true_is_taken_away(monde):
    passe(monde)
    monde.serveur.usager_corrige(100, cv=une_piece())
    passe(monde)
    assert monde.annotation(PROPOSE) == ""


def test_a_tick_that_the_applicant_overtook_sends_nothing_and_says_so(monde):
    passe(monde)
    coche(monde)
    monde.horloge.avance(minutes=1)
    monde.serveur.usager_corrige(100, specialite="")
    rapport = passe(monde)
    assert (rapport.messages, monde.messages()) == (0, [])
    assert monde.annotation(ENVOI) is False
    assert rapport.retenus
    coche(monde)
    assert passe(monde).messages == 1


@pytest.mark.parametrize("panne", [Panne.SANS_REPONSE, Panne.PERDUE, Panne.FERMEE, Panne.QUOTA])
def test_a_validated_message_goes_exactly_once_whatever_the_network_does(monde, panne):
    passe(monde)
    coche(monde)
    monde.serveur.pannes.append(panne)
    for _ in range(3):
        try:
            passe(monde, minutes=61)
        except cycle.ConnectorError:
            continue
    assert len(monde.messages()) == 1
    assert (monde.annotation(PROPOSE), monde.annotation(ENVOI)) == ("", False)


@pytest.mark.parametrize("instant", range(0, 24, 2))
@pytest.mark.parametrize("perdue", [False, True], ids=["same database", "database lost"])
def test_a_validated_message_goes_exactly_once_whenever_the_process_dies(instant, perdue):
    monde = Monde(politique=ANNOTER)
    monde.serveur.usager_depose(100, champs=sans_cv())
    passe(monde)
    coche(monde, "Merci de joindre le CV.")
    monde.sort.fatale = len(monde.sort.touches) + instant
    try:
        passe(monde)
    except Mort:
        if perdue:
            monde.perd_la_base()
    monde.sort.fatale = None
    for _ in range(3):
        passe(monde)
    assert len(monde.messages()) == 1
    assert (monde.annotation(PROPOSE), monde.annotation(ENVOI)) == ("", False)


def test_a_base_lost_after_the_message_sends_it_no_more(monde):
    passe(monde)
    coche(monde)
    passe(monde)
    monde.perd_la_base()
    for _ in range(3):
        passe(monde, days=1)
    assert len(monde.messages()) == 1
    assert monde.annotation(PROPOSE) in {"", None}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"labels": (MANUEL,)}, "Suivi manuel"),
        ({"compte_supprime": True}, "supprimé"),
        ({"archived": True}, ""),
        ({"state": DossierState.ACCEPTE}, ""),
    ],
)
def test_a_ticked_message_never_goes_where_it_may_not(monde, changes, why):
    passe(monde)
    coche(monde, "Bonjour.")
    monde.serveur.change(100, **changes)
    rapport = passe(monde)
    assert monde.messages() == []
    assert monde.annotation(PROPOSE) == "Bonjour."
    assert (rapport.retenus > 0) == bool(why)


def test_a_pause_keeps_a_ticked_message_until_it_ends(monde):
    passe(monde)
    coche(monde)
    monde.armoire.pause = True
    assert passe(monde).messages == 0
    monde.armoire.pause = False
    assert passe(monde).messages == 1


def test_two_instructors_at_once_lose_nothing(monde):
    passe(monde)
    monde.serveur.agent_annote(100, POINTS, "J'appelle l'hôpital.")
    monde.serveur.agent_annote(100, NOTE, "18")
    coche(monde, "Bonjour, merci de joindre le CV.")
    monde.serveur.agent_ecrit(100, "Un collègue vous écrit aussi.")
    passe(monde)
    passe(monde)
    assert len(monde.messages()) == 1
    assert (monde.annotation(POINTS), monde.annotation(NOTE)) == ("J'appelle l'hôpital.", "18")
    assert [m.email for m in monde.vu().messages if m.email == AGENT] == [AGENT]


def test_what_may_not_leave_by_itself_is_proposed_in_the_acting_mode_too(monde):
    monde.politique = AGIR
    monde.serveur.agent_ecrit(100, "Bonjour.")
    assert passe(monde).messages == 0
    assert "la pièce n’est pas dans le dossier" in monde.annotation(PROPOSE)
    coche(monde)
    assert passe(monde).messages == 1


# one a day, nothing twice


def test_a_dossier_that_flips_ten_times_in_a_day_gets_one_message_that_day():
    monde = Monde(politique=replace(AGIR, passage_en_instruction=False, relances=RELANCES))
    monde.serveur.usager_depose(100, champs=sans_cv())
    for _ in range(5):
        passe(monde, minutes=30)
        monde.serveur.usager_corrige(100, cv=une_piece())
        passe(monde, minutes=30)
        monde.serveur.usager_corrige(100, specialite="")
    assert len(monde.messages()) == 1
    passe(monde, days=1)
    assert len(monde.messages()) == 2
    assert max(Counter(m.created_at.date() for m in monde.messages()).values()) == 1


def test_all_is_complete_is_said_once_to_who_answered():
    monde = Monde(politique=replace(AGIR, passage_en_instruction=False))
    monde.serveur.usager_depose(100, champs=sans_cv())
    passe(monde)
    monde.serveur.usager_corrige(100, cv=une_piece())
    passe(monde, days=1)
    assert len(monde.messages()) == 2
    assert monde.messages()[1].correction is None
    monde.serveur.usager_corrige(100, specialite="ORL")
    passe(monde, days=1)
    assert len(monde.messages()) == 2


# reminders


def modeles(monde) -> list[str]:
    """The templates that really went out, in order."""
    sent = [i for i in monde.registre.intentions.values() if i.kind == "message" and i.state is EtatIntention.DONE]
    return [part.removeprefix("modele=") for i in sent for part in i.cible if part.startswith("modele=")]


def test_a_request_without_an_answer_is_recalled_twice_then_a_human_decides():
    monde = Monde(politique=replace(AGIR, relances=RELANCES))
    monde.serveur.usager_depose(100, champs=sans_cv())
    for _ in range(40):
        passe(monde, days=1)
    assert modeles(monde) == ["pieces", "relance_1", "relance_2"]
    assert [f"{m.created_at:%d/%m}" for m in monde.messages()] == ["03/03", "10/03", "17/03"]
    assert "un classement sans suite peut être proposé" in points(monde)
    assert monde.vu().state is DossierState.EN_CONSTRUCTION


def test_a_question_of_the_applicant_suspends_reminders_until_an_agent_answers():
    monde = Monde(politique=replace(AGIR, relances=RELANCES))
    monde.serveur.usager_depose(100, champs=sans_cv())
    passe(monde)
    monde.horloge.avance(hours=1)
    monde.serveur.agent_ecrit(100, "Quelle forme pour la convention ?", email=USAGER)
    for _ in range(20):
        passe(monde, days=1)
    assert modeles(monde) == ["pieces"]
    assert "attend une réponse" in points(monde)
    monde.serveur.agent_ecrit(100, "Un PDF signé.", email=AGENT)
    for _ in range(7):
        passe(monde, days=1)
    assert modeles(monde) == ["pieces", "relance_1"]
    assert "attend une réponse" not in points(monde)


def test_reminders_wait_in_the_annotating_mode_too():
    monde = Monde(politique=replace(ANNOTER, relances=RELANCES))
    monde.serveur.usager_depose(100, champs=sans_cv())
    passe(monde)
    coche(monde)
    passe(monde)
    for _ in range(10):
        passe(monde, days=1)
    assert modeles(monde) == ["pieces"]
    assert monde.annotation(PROPOSE) not in {"", None}
    coche(monde)
    passe(monde)
    assert modeles(monde) == ["pieces", "relance_1"]


def test_a_database_lost_on_the_way_reminds_no_more_than_it_should():
    monde = Monde(politique=replace(AGIR, relances=RELANCES))
    monde.serveur.usager_depose(100, champs=sans_cv())
    for jour in range(40):
        if jour in {4, 12, 20}:
            monde.perd_la_base()
        passe(monde, hours=24 + timedelta(minutes=jour % 2).seconds / 3600)
    assert len(monde.messages()) == 3
