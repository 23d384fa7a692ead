"""What holds of the store whatever is put in it, and wherever it is stopped."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import tempfile
import types
import typing
from contextlib import ExitStack
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connector import store
from connector.core import constat, evaluation, filigrane, model
from connector.core.fiche import Fiche, Parties
from connector.core.model import Dossier, DossierSupprime, Repere, Trou, Valeur
from connector.core.plan import EtatIntention, ValeurAnnotation
from connector.errors import StoreError
from connector.store import codec, ledger
from tests.unit.store.fabrique import DEMARCHE, NOW, fiche, intention
from tests.unit.store.fabrique import filigrane as a_watermark

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

# -- any value of any type that the model declares ------------------------------------------------------------------

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SCALARS = {
    str: st.text(st.characters(exclude_categories=()), max_size=12),  # lone surrogates included
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False),
    Decimal: st.decimals(allow_nan=False),
    date: st.dates(),
    datetime: st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=OFFSETS).map(  # noqa: DTZ001
        lambda moment: moment.replace(fold=0)  # a fixed offset has no fold
    ),
    types.NoneType: st.none(),
}


@cache
def any_of(kind, depth=2):
    """A strategy for that annotation; repetitions nest `depth` deep, which is more than DS allows."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        return st.one_of(*(any_of(a, depth) for a in arguments if depth or a is not model.Lignes))
    if origin is tuple:
        return st.lists(any_of(arguments[0], depth), max_size=2).map(tuple)
    if kind in SCALARS:
        return SCALARS[kind]
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    hints = typing.get_type_hints(kind)
    deeper = depth - 1 if kind is model.Ligne else depth
    return st.builds(kind, **{f.name: any_of(hints[f.name], deeper) for f in dataclasses.fields(kind)})


MODEL = [
    kind
    for module in (model, constat, evaluation, filigrane)
    for kind in vars(module).values()
    if inspect.isclass(kind) and dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__
    if kind is not evaluation.Historique  # put together from other tables
    if kind is not model.ChampDescriptor  # contains itself without a value between: below
    if kind not in {model.Revision, model.Demarche}  # contain it
]


@pytest.mark.parametrize("kind", [Valeur, ValeurAnnotation, *MODEL], ids=lambda k: getattr(k, "__name__", "union"))
@settings(QUICK, max_examples=40)
@given(data=st.data())
def test_whatever_is_written_is_read_again_exactly(kind, data):
    value = data.draw(any_of(kind))
    text = codec.dumps(value, kind)
    again = codec.loads(text.encode().decode(), kind)
    assert again == value
    assert repr(again) == repr(value)  # types, exponents and offsets included
    assert codec.dumps(again, kind) == text


DESCRIPTORS = st.recursive(
    st.just(()),
    lambda inner: st.lists(
        st.builds(
            model.ChampDescriptor,
            id=SCALARS[str],
            label=SCALARS[str],
            typename=SCALARS[str],
            required=st.booleans(),
            options=st.lists(SCALARS[str], max_size=2).map(tuple),
            other_option=st.booleans(),
            champs=inner,
        ),
        max_size=2,
    ).map(tuple),
    max_leaves=4,
)
REVISIONS = st.builds(
    model.Revision,
    id=SCALARS[str],
    date_publication=st.none() | SCALARS[datetime],
    champs=DESCRIPTORS,
    annotations=DESCRIPTORS,
)
DEMARCHES = st.builds(
    model.Demarche,
    id=SCALARS[str],
    number=st.integers(),
    title=SCALARS[str],
    state=SCALARS[str],
    active=REVISIONS,
    revisions=st.lists(REVISIONS, max_size=2).map(tuple),
    groupes=any_of(tuple[model.Groupe, ...]),
    labels=any_of(tuple[model.Label, ...]),
)


@settings(QUICK, max_examples=40)
@given(demarche=DEMARCHES)
def test_a_whole_form_is_read_again_exactly(demarche):
    assert repr(codec.loads(codec.dumps(demarche, model.Demarche), model.Demarche)) == repr(demarche)


@settings(QUICK)
@given(text=st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(codec.text_of))
def test_any_other_text_is_refused_and_nothing_else(text):
    try:
        codec.loads(text, Dossier)
    except StoreError:
        return
    pytest.fail("a text that is no dossier was read as one")


@settings(QUICK)
@given(moments=st.lists(SCALARS[datetime], max_size=8))
def test_instants_sort_as_their_texts(moments):
    assert [codec.when(t) for t in sorted(map(codec.instant, moments))] == sorted(moments)


# -- pages ---------------------------------------------------------------------------------------------------------

NUMBERS = st.integers(1, 6)
VERSIONS = st.integers(0, 3)


def version(number, version_):
    """The dossier as it was at that version."""
    at = NOW + timedelta(hours=version_)
    return fiche(number, date_derniere_modification=at, usager_email=f"u{version_}@example.org")


FICHES = st.builds(version, NUMBERS, VERSIONS)
TROUS = st.builds(Trou, cause=st.sampled_from(["nul", "délai"]), number=st.none() | NUMBERS)
SUPPRIMES = st.builds(
    DossierSupprime,
    number=NUMBERS,
    date_suppression=st.just(NOW),
    reason=st.sampled_from(["expired", "user_request"]),
    definitif=st.booleans(),
)
PAGES = st.fixed_dictionaries(
    {
        "fiches": st.lists(FICHES, max_size=4, unique_by=lambda f: f.dossier.number).map(tuple),
        "trous": st.lists(TROUS, max_size=2).map(tuple),
        "supprimes": st.lists(SUPPRIMES, max_size=2, unique_by=lambda s: s.number).map(tuple),
    }
)


def opened(stack):
    """A new database for one example."""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    return stack.enter_context(store.ouvrir(Path(folder) / "base.db"))


def contents(base):
    """Every row of the tables that a page writes; how often a hole was seen is not a fact about dossiers."""
    queries = (
        "SELECT * FROM dossiers ORDER BY number",
        "SELECT * FROM suppressions ORDER BY number",
        "SELECT * FROM quarantaine ORDER BY number",
        "SELECT demarche, cause FROM trous ORDER BY demarche, cause",
        "SELECT * FROM filigranes",
    )
    return [base.connexion.rows(query) for query in queries]


@settings(QUICK, max_examples=30)
@given(pages=st.lists(PAGES, min_size=1, max_size=4))
def test_a_page_stored_twice_is_stored_once(pages):
    with ExitStack() as stack:
        base = opened(stack)
        for n, page in enumerate(pages):
            base.dossiers.save_page(DEMARCHE, **page, watermark=a_watermark(str(n)), now=NOW)
            before = contents(base)
            assert base.dossiers.save_page(DEMARCHE, **page, watermark=a_watermark(str(n)), now=NOW) == 0
            assert contents(base) == before


@settings(QUICK, max_examples=30)
@given(pages=st.lists(PAGES, max_size=6))
def test_the_last_page_tells_the_truth_of_every_dossier(pages):
    latest, gone, aside = {}, set(), set()
    with ExitStack() as stack:
        base = opened(stack)
        for page in pages:
            base.dossiers.save_page(DEMARCHE, **page, watermark=None, now=NOW)
            shown = {f.dossier.number for f in page["fiches"]}
            binned = {s.number for s in page["supprimes"]} - shown
            holes = {t.number for t in page["trous"] if t.number} - shown - binned
            latest |= {f.dossier.number: f for f in page["fiches"]}
            gone = (gone - shown) | (binned & set(latest))
            aside = (aside - shown - binned) | holes
        pending = {f.dossier.number: f for f, _ in base.dossiers.pending(DEMARCHE, politique="p", now=NOW)}
        assert pending == {n: f for n, f in latest.items() if n not in gone | aside}
        assert {f.dossier.number for f, _ in base.dossiers.all(DEMARCHE)} == set(latest) - gone
        assert {q.number for q in base.suivi.quarantine(DEMARCHE)} == aside
        for number, one in latest.items():
            date_connue = one.dossier.date_derniere_modification
            assert base.dossiers.knows(DEMARCHE, Repere(number=number, date_derniere_modification=date_connue))


@settings(QUICK, max_examples=40)
@given(sizes=st.lists(st.integers(0, 3), min_size=1, max_size=5), patience=st.lists(st.integers(1, 4000), min_size=1))
@example(sizes=[0, 0, 0], patience=[1, 81, 19])
@example(sizes=[0] * 12, patience=list(range(1, 13)))
def test_the_watermark_is_never_beyond_an_unstored_dossier_wherever_sqlite_is_stopped(sizes, patience):
    numbers = itertools.count(1)
    pages = [tuple(fiche(next(numbers)) for _ in range(size)) for size in sizes]
    with ExitStack() as stack:
        base = opened(stack)
        for n, page in enumerate(pages):
            stop_after(base, patience[n % len(patience)])
            try:
                base.dossiers.save_page(
                    DEMARCHE, fiches=page, trous=(), supprimes=(), watermark=a_watermark(str(n)), now=NOW
                )
            except StoreError:
                stop_after(base, None)
                assert_no_gap(base, pages)
                base.dossiers.save_page(
                    DEMARCHE, fiches=page, trous=(), supprimes=(), watermark=a_watermark(str(n)), now=NOW
                )
            stop_after(base, None)
            assert_no_gap(base, pages)
        assert base.dossiers.watermark(DEMARCHE).cursor == str(len(pages) - 1)


def stop_after(base, instructions):
    """Make SQLite give up after that many instructions of its machine; None: never."""
    stop = None if instructions is None else lambda: 1
    base.connexion.db.set_progress_handler(stop, instructions or 1)


def assert_no_gap(base, pages):
    """The dossiers stored are exactly those of the pages up to the watermark."""
    mark = base.dossiers.watermark(DEMARCHE)
    passed = 0 if mark is None else int(mark.cursor) + 1
    wanted = [f for page in pages[:passed] for f in page]
    assert [f for f, _ in base.dossiers.all(DEMARCHE)] == wanted


@settings(QUICK, max_examples=40)
@given(dossier=any_of(Dossier))
def test_any_dossier_at_all_can_be_stored_and_is_given_back(dossier):
    dossier = dataclasses.replace(dossier, number=abs(dossier.number) % 2**31)
    digests = dict.fromkeys(("champs", "saisies", "proposees", "messages", "etat", "labels"), "d")
    stored = Fiche(dossier=dossier, parties=Parties(**digests))
    with ExitStack() as stack:
        base = opened(stack)
        base.dossiers.save_page(DEMARCHE, fiches=(stored,), trous=(), supprimes=(), watermark=None, now=NOW)
        assert base.dossiers.dossier(dossier.number)[0] == stored
        assert [f for f, _ in base.dossiers.pending(DEMARCHE, politique="p", now=NOW)] == [stored]


# -- the ledger ------------------------------------------------------------------------------------------------------

PLANNED, SENDING, DONE, REJECTED, UNKNOWN, HANDED = EtatIntention
NEXT = {
    PLANNED: {HANDED},
    SENDING: {DONE, REJECTED, UNKNOWN, HANDED, PLANNED},
    UNKNOWN: {DONE, REJECTED, UNKNOWN, HANDED, PLANNED},
    REJECTED: {HANDED},
    HANDED: {DONE},
    DONE: set(),
}
PRINTS = st.sampled_from(["f1", "f2", "f3"])


@dataclasses.dataclass
class Attendu:
    """What the ledger should hold of one fingerprint."""

    state: EtatIntention
    opened: int
    refusals: int = 0
    retry_at: datetime | None = None
    moves: list = dataclasses.field(default_factory=list)
    done: int = 0


class LedgerMachine(RuleBasedStateMachine):
    """The ledger beside a dictionary that obeys its rules, through restarts and clock jumps."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = NOW
        self.wanted: dict[str, Attendu] = {}
        self.order: list[str] = []
        self.stack = ExitStack()
        self.start()

    def start(self):
        self.base = self.stack.enter_context(store.ouvrir(Path(self.folder.name) / "base.db"))

    def teardown(self):
        self.stack.close()
        self.folder.cleanup()

    @rule(fingerprint=PRINTS)
    def open(self, fingerprint):
        known = self.wanted.get(fingerprint)
        allowed = known is None or known.state is PLANNED or (known.state is REJECTED and self.may_retry(known))
        assert self.base.ledger.open(intention(fingerprint), now=self.now) is allowed
        if allowed:
            known = self.wanted.setdefault(fingerprint, Attendu(SENDING, 0))
            known.state, known.opened = SENDING, known.opened + 1
            known.moves.append(SENDING)
            self.order = [f for f in self.order if f != fingerprint] + [fingerprint]

    def may_retry(self, known):
        return known.retry_at <= self.now or known.retry_at > self.now + timedelta(hours=24)

    @rule(fingerprint=PRINTS, state=st.sampled_from(EtatIntention))
    def close(self, fingerprint, state):
        known = self.wanted.get(fingerprint)
        if known is None or state not in NEXT[known.state]:
            if known is None or (known.state, state) not in {(PLANNED, SENDING), (REJECTED, SENDING)}:
                with pytest.raises(StoreError):
                    self.base.ledger.close(fingerprint, state, now=self.now)
            return
        self.base.ledger.close(fingerprint, state, now=self.now, cause="essai")
        known.state = state
        known.moves.append(state)
        known.done += state is DONE
        if state is REJECTED:
            known.refusals += 1
            known.retry_at = self.now + ledger.RECUL.after(known.refusals)

    @rule(minutes=st.integers(-600, 3000))
    def let_time_pass_or_go_back(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule()
    def restart(self):
        self.stack.close()
        self.start()

    @precondition(lambda self: any(w.state is REJECTED for w in self.wanted.values()))
    @rule()
    def an_operator_asks_to_retry(self):
        refused = [w for w in self.wanted.values() if w.state is REJECTED]
        assert self.base.ledger.retry_now(1, now=self.now) == len(refused)
        for known in refused:
            known.retry_at = self.now

    @invariant()
    def the_ledger_holds_what_it_should(self):
        found = {i.fingerprint: i for i in self.base.ledger.of_dossier(1)}
        assert {f: i.state for f, i in found.items()} == {f: w.state for f, w in self.wanted.items()}
        assert {f: i.attempts for f, i in found.items()} == {f: w.opened for f, w in self.wanted.items()}
        assert list(found) == self.order

    @invariant()
    def what_waits_for_an_answer_is_told(self):
        waiting = [f for f in self.order if self.wanted[f].state in {SENDING, UNKNOWN}]
        assert [i.fingerprint for i in self.base.ledger.unsettled(DEMARCHE)] == waiting

    @invariant()
    def every_move_is_in_the_journal_and_nothing_is_done_twice(self):
        for fingerprint, known in self.wanted.items():
            assert [e.state for e in self.base.ledger.events(fingerprint)] == known.moves
            assert known.done <= 1


LedgerMachine.TestCase.settings = settings(QUICK, max_examples=30, stateful_step_count=30)
TestLedger = LedgerMachine.TestCase
