from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from connector import store
from connector.core.plan import EtatIntention
from connector.errors import StoreError
from tests.unit.store.fabrique import DEMARCHE, NOW, intention

PLANNED, SENDING, DONE, REJECTED, UNKNOWN, HANDED = EtatIntention
HOUR = timedelta(hours=1)
MESSAGES = frozenset({"message"})

INSERT = (
    "INSERT INTO intentions (rang, fingerprint, demarche, dossier, kind, cible, state, attempts, updated_at) VALUES "
)

LEGAL = {
    (PLANNED, SENDING),
    (PLANNED, HANDED),
    (SENDING, DONE),
    (SENDING, REJECTED),
    (SENDING, UNKNOWN),
    (SENDING, HANDED),
    (SENDING, PLANNED),
    (UNKNOWN, DONE),
    (UNKNOWN, REJECTED),
    (UNKNOWN, UNKNOWN),
    (UNKNOWN, HANDED),
    (UNKNOWN, PLANNED),
    (REJECTED, SENDING),
    (REJECTED, HANDED),
    (HANDED, DONE),
}
# how to bring a new intent to each state, by closing it
PATHS = {SENDING: (), PLANNED: (PLANNED,), DONE: (DONE,), REJECTED: (REJECTED,), UNKNOWN: (UNKNOWN,), HANDED: (HANDED,)}


@pytest.fixture
def ledger(base):
    return base.ledger


@pytest.fixture
def beside(path, base):
    """Another connection: what it sees is committed."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def brought_to(ledger, state, fingerprint="f1"):
    ledger.open(intention(fingerprint), now=NOW)
    for step in PATHS[state]:
        ledger.close(fingerprint, step, now=NOW)


def test_an_intent_is_committed_as_sending_before_the_answer_is_true(ledger, beside):
    assert ledger.open(intention(), now=NOW)
    assert beside.execute("SELECT fingerprint, state, attempts FROM intentions").fetchall() == [("f1", "sending", 1)]


def test_what_is_read_is_what_was_opened(ledger):
    ledger.open(intention(), now=NOW)
    assert ledger.find("f1") == intention(state=SENDING, sent_at=NOW, attempts=1)
    assert ledger.find("autre") is None


@pytest.mark.parametrize("state", [SENDING, DONE, UNKNOWN, HANDED])
def test_an_effect_that_may_have_happened_is_not_opened_again(ledger, state):
    brought_to(ledger, state)
    before = ledger.find("f1"), ledger.events("f1")
    assert not ledger.open(intention(), now=NOW + timedelta(days=365))
    assert (ledger.find("f1"), ledger.events("f1")) == before


def test_an_effect_certainly_not_applied_may_be_opened_at_once(ledger):
    brought_to(ledger, PLANNED)
    assert ledger.open(intention(cible=("autre",)), now=NOW)
    found = ledger.find("f1")
    assert (found.state, found.attempts, found.cible) == (SENDING, 2, ("autre",))


def test_a_refused_effect_waits_an_hour_then_two_up_to_a_day(ledger):
    now, delays = NOW, []
    ledger.open(intention(), now=now)
    for _ in range(7):
        ledger.close("f1", REJECTED, now=now, cause="droits", detail="Le jeton est en lecture seule.")
        (refus,) = ledger.rejected(DEMARCHE)
        delays.append(refus.retry_at - now)
        assert not ledger.open(intention(), now=refus.retry_at - timedelta(seconds=1))
        assert ledger.open(intention(), now=refus.retry_at)
        now = refus.retry_at
    assert [d / HOUR for d in delays] == [1, 2, 4, 8, 16, 24, 24]
    assert ledger.find("f1").attempts == 8


def test_attempts_that_never_reached_ds_do_not_lengthen_the_wait_after_a_refusal(ledger):
    for _ in range(5):
        ledger.open(intention(), now=NOW)
        ledger.close("f1", PLANNED, now=NOW)
    ledger.open(intention(), now=NOW)
    ledger.close("f1", REJECTED, now=NOW)
    assert ledger.rejected(DEMARCHE)[0].retry_at == NOW + HOUR


def test_a_clock_that_jumped_ahead_does_not_block_a_refused_effect_for_ever(ledger):
    ledger.open(intention(), now=NOW + timedelta(days=900))
    ledger.close("f1", REJECTED, now=NOW + timedelta(days=900))
    assert ledger.open(intention(), now=NOW)


def test_an_operator_may_have_the_refused_effects_of_a_dossier_tried_at_once(ledger):
    for fingerprint, dossier in (("f1", 1), ("f2", 2)):
        ledger.open(intention(fingerprint, dossier=dossier), now=NOW)
        ledger.close(fingerprint, REJECTED, now=NOW)
    assert ledger.retry_now(1, now=NOW) == 1
    assert ledger.open(intention("f1"), now=NOW)
    assert not ledger.open(intention("f2", dossier=2), now=NOW)


def test_the_cause_of_a_refusal_is_kept_then_cleared_by_the_next_attempt(ledger):
    ledger.open(intention(), now=NOW)
    ledger.close("f1", REJECTED, now=NOW, cause="droits", detail="Lecture seule \ud800")
    found = ledger.find("f1")
    assert (found.cause, found.detail, found.closed_at) == ("droits", "Lecture seule ?", NOW)
    ledger.open(intention(), now=NOW + HOUR)
    found = ledger.find("f1")
    assert (found.cause, found.detail, found.closed_at) == ("", "", None)


def test_closing_may_narrow_what_was_really_done(ledger):
    ledger.open(intention(kind="annotations", cible=("a=1", "b=2")), now=NOW)
    ledger.close("f1", DONE, now=NOW, cause="refus_partiel", cible=("a=1",))
    assert ledger.find("f1").cible == ("a=1",)


def test_closing_without_narrowing_keeps_the_target(ledger):
    brought_to(ledger, DONE)
    assert ledger.find("f1").cible == intention().cible


@pytest.mark.parametrize(
    ("state", "closed"), [(DONE, NOW), (REJECTED, NOW), (HANDED, NOW), (UNKNOWN, None), (PLANNED, None)]
)
def test_only_an_end_is_dated_as_one(ledger, state, closed):
    brought_to(ledger, state)
    assert ledger.find("f1").closed_at == closed


@pytest.mark.parametrize("before", EtatIntention)
@pytest.mark.parametrize("after", EtatIntention)
def test_the_database_allows_exactly_the_moves_of_the_table(path, base, beside, before, after):
    brought_to(base.ledger, before)
    move = ("UPDATE intentions SET state = ? WHERE fingerprint = 'f1'", (after.value,))
    if (before, after) in LEGAL:
        beside.execute(*move)
        assert base.ledger.find("f1").state is after
    else:
        with pytest.raises(sqlite3.IntegrityError, match="cannot go to that state"):
            beside.execute(*move)
        assert base.ledger.find("f1").state is before


def test_an_illegal_close_is_a_store_error_and_changes_nothing(ledger):
    brought_to(ledger, DONE)
    with pytest.raises(StoreError, match="contraire à ses règles"):
        ledger.close("f1", REJECTED, now=NOW)
    assert ledger.find("f1").state is DONE
    assert [e.state for e in ledger.events("f1")] == [SENDING, DONE]


def test_closing_an_intent_that_nobody_opened_is_refused(ledger):
    with pytest.raises(StoreError, match="n’est pas au journal"):
        ledger.close("f1", DONE, now=NOW)


def test_what_a_human_was_given_may_still_be_seen_done(ledger):
    brought_to(ledger, HANDED)
    ledger.close("f1", DONE, now=NOW)
    assert ledger.find("f1").state is DONE


def test_every_move_is_in_the_journal_with_its_cause(ledger):
    ledger.open(intention(), now=NOW)
    ledger.close("f1", UNKNOWN, now=NOW + HOUR, cause="sans_reponse")
    ledger.close("f1", DONE, now=NOW + 2 * HOUR, cause="appliquee")
    moves = [(e.state, e.at, e.cause) for e in ledger.events("f1")]
    assert moves == [
        (SENDING, NOW, ""),
        (UNKNOWN, NOW + HOUR, "sans_reponse"),
        (DONE, NOW + 2 * HOUR, "appliquee"),
    ]
    assert ledger.journal(NOW + HOUR) == ledger.events("f1")[1:]
    assert ledger.journal(NOW, limit=1) == ledger.events("f1")[:1]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE ledger_events SET cause = 'x'", "only added to"),
        ("DELETE FROM ledger_events", "only added to"),
        ("DELETE FROM intentions", "never forgotten"),
        ("UPDATE intentions SET dossier = 2", "keeps its identity"),
        ("UPDATE intentions SET fingerprint = 'f2'", "keeps its identity"),
        ("UPDATE intentions SET kind = 'etat'", "keeps its identity"),
        ("UPDATE intentions SET demarche = 2", "keeps its identity"),
        ("UPDATE intentions SET seq = 2", "keeps its identity"),
        ("UPDATE intentions SET state = 'sent'", "cannot go to that state"),
        (
            INSERT + "(9, 'f9', 1, 1, 'message', '[]', 'done', 0, '')",
            "starts planned or sending",
        ),
        (
            INSERT + "(9, 'f1', 1, 1, 'message', '[]', 'sending', 0, '')",
            "UNIQUE",
        ),
    ],
)
def test_the_database_itself_keeps_the_journal_whole(base, beside, sql, words):
    base.ledger.open(intention(), now=NOW)
    with pytest.raises(sqlite3.IntegrityError, match=words):
        beside.execute(sql)


def test_replacing_an_intent_is_refused_as_its_deletion(base):
    base.ledger.open(intention(), now=NOW)
    with pytest.raises(StoreError, match="never forgotten"), base.connexion.transaction():
        base.connexion.run("REPLACE INTO intentions SELECT * FROM intentions")


def test_unsettled_intents_are_the_sending_and_unknown_ones_in_order_of_request(ledger):
    for state in EtatIntention:
        brought_to(ledger, state, fingerprint=state.value)
    ledger.open(intention("ailleurs", demarche=1), now=NOW)
    assert [i.fingerprint for i in ledger.unsettled(DEMARCHE)] == ["sending", "unknown"]
    assert [i.fingerprint for i in ledger.handed_to_human(DEMARCHE)] == ["handed_to_human"]
    assert [r.intention.fingerprint for r in ledger.rejected(DEMARCHE)] == ["rejected"]


def test_the_order_is_that_of_the_requests_even_when_the_clock_goes_back(ledger):
    ledger.open(intention("f1"), now=NOW)
    ledger.open(intention("f2"), now=NOW - HOUR)
    ledger.close("f1", PLANNED, now=NOW)
    ledger.open(intention("f1"), now=NOW - 2 * HOUR)
    assert [i.fingerprint for i in ledger.of_dossier(1)] == ["f2", "f1"]
    assert [i.fingerprint for i in ledger.unsettled(DEMARCHE)] == ["f2", "f1"]


def test_a_dossier_s_intents_are_its_own(ledger):
    ledger.open(intention("f1", dossier=1), now=NOW)
    ledger.open(intention("f2", dossier=2), now=NOW)
    assert [i.fingerprint for i in ledger.of_dossier(2)] == ["f2"]
    assert ledger.of_dossier(3) == ()


def test_the_journal_of_effects_survives_a_restart(path):
    with store.ouvrir(path) as base:
        base.ledger.open(intention(), now=NOW)
    with store.ouvrir(path) as base:
        assert not base.ledger.open(intention(), now=NOW)
        assert base.ledger.unsettled(DEMARCHE) == (intention(state=SENDING, sent_at=NOW, attempts=1),)


def test_a_target_that_cannot_be_read_is_a_store_error(base, beside):
    base.ledger.open(intention(), now=NOW)
    beside.execute("UPDATE intentions SET cible = 'x'")
    with pytest.raises(StoreError, match="illisible"):
        base.ledger.find("f1")
