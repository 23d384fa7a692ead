"""The next page is asked for while this one is typed and stored: no request more, none shared, nothing left behind."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from connector.api import avance
from connector.api.echange import Demande
from connector.api.gateway import ouvrir
from connector.core.fiche import Retenue
from connector.errors import AccessDenied, ContractBroken, RetryableError
from tests.unit.api.fil import EPOCH, JETON, TIMEOUT, Fil, Horloge, dossier, page, repere

SUITE = page([dossier(1)], cursor="c1", more=True)
FIN = page([dossier(2)], cursor="c2")


def lire(ds, after=None, **options):
    return ds.page(104234, **({"updated_since": EPOCH, "after": after} | options))


def partie(fil: Fil, count: int) -> None:
    """Wait until that many requests have left: the last one may be on another thread."""
    limit = time.monotonic() + 5
    while len(fil.asked) < count and time.monotonic() < limit:
        time.sleep(0.001)
    assert len(fil.asked) == count


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name == "page suivante"]


# Used once, by whoever asks for just that ----------------------------------------------------------------------------


def test_the_next_page_is_asked_for_before_anybody_wants_it_and_only_once(fil: Fil, ds):
    fil.repondre(SUITE, FIN)
    first = lire(ds)
    partie(fil, 2)
    last = lire(ds, first.end_cursor)
    assert [d.number for d in (*first.dossiers, *last.dossiers)] == [1, 2]
    assert [q["variables"]["after"] for q in fil.asked] == [None, "c1"]
    assert ds.compteurs.lectures == 2
    assert threads() == []


@pytest.mark.parametrize(
    "answer",
    [page([]), FIN, page([dossier(1)], cursor=None, more=True), page([dossier(1)], cursor="avant", more=True)],
    ids=["empty", "last", "no cursor", "same cursor"],
)
def test_nothing_is_asked_for_beyond_the_last_page_nor_where_the_walk_does_not_move(answer, fil: Fil, ds):
    fil.repondre(answer)
    lire(ds, "avant")
    assert threads() == []
    assert len(fil.asked) == 1


def test_the_deletions_come_with_the_first_page_alone(fil: Fil, ds):
    fil.repondre(SUITE, FIN)
    lire(ds, deleted_since=EPOCH)
    lire(ds, "c1")
    assert [q["variables"].get("suppressions", False) for q in fil.asked] == [True, False]


def test_what_is_kept_of_a_page_may_change_before_it_is_read(fil: Fil, ds):
    fil.repondre(SUITE, FIN)
    lire(ds)
    retenue = Retenue(champs=frozenset(), annotations=frozenset(), siennes=frozenset())
    assert lire(ds, "c1", retenue=retenue).dossiers[0].champs == ()
    assert len(fil.asked) == 2


def test_another_question_drops_the_page_that_was_ahead(fil: Fil, ds):
    fil.repondre(SUITE, FIN, {"data": {"dossier": dossier(7)}}, FIN)
    lire(ds)
    partie(fil, 2)
    assert ds.dossier(7).number == 7
    assert [d.number for d in lire(ds, "c1").dossiers] == [2]
    assert fil.documents == ["Page", "Page", "Dossier", "Page"]


def test_a_walk_that_begins_again_reads_its_first_page_anew(fil: Fil, ds):
    fil.repondre(SUITE, FIN, FIN)
    lire(ds)
    partie(fil, 2)
    assert [d.number for d in lire(ds).dossiers] == [2]
    assert [q["variables"]["after"] for q in fil.asked] == [None, "c1", None]


def test_a_hole_is_named_before_the_next_page_is_asked_for(fil: Fil, ds):
    trouee = page([dossier(1), None], cursor="c1", more=True)
    fil.repondre(trouee, page([repere(1), repere(3)]), FIN)
    assert lire(ds).trous[0].number == 3
    assert [d.number for d in lire(ds, "c1").dossiers] == [2]
    assert fil.documents == ["Page", "Reperes", "Page"]


def test_an_answer_that_waited_too_long_is_asked_for_again(fil: Fil, ds, horloge: Horloge):
    fil.repondre(SUITE, FIN, FIN)
    lire(ds)
    partie(fil, 2)
    ds._transport._avance._fil.join()
    horloge.now += avance.FRAICHEUR + 1
    lire(ds, "c1")
    assert len(fil.asked) == 3


# Failures: where they would have been --------------------------------------------------------------------------------


def test_a_failure_ahead_is_the_first_try_of_the_page_that_is_asked_for(fil: Fil, ds, horloge: Horloge):
    fil.repondre(SUITE, (502, {}, ""), FIN)
    lire(ds)
    partie(fil, 2)
    assert [d.number for d in lire(ds, "c1").dossiers] == [2]
    assert [w for w in horloge.waits if w] == [1]
    assert len(fil.asked) == 3


def test_a_page_ahead_that_is_too_slow_for_the_server_is_asked_again_half_as_large(fil: Fil, ds):
    fil.repondre(SUITE, TIMEOUT, FIN)
    lire(ds)
    lire(ds, "c1")
    assert [q["variables"]["first"] for q in fil.asked] == [100, 100, 50]


def test_as_many_tries_as_ever_before_giving_up(fil: Fil, ds):
    fil.repondre(SUITE, *[(502, {}, "")] * 5)
    lire(ds)
    with pytest.raises(RetryableError):
        lire(ds, "c1")
    assert len(fil.asked) == 6


def test_a_token_that_is_lost_meanwhile_is_told_by_the_page_that_needed_it(fil: Fil, ouverte):
    tokens = iter([JETON, ""])
    gateway = ouverte(jeton=lambda: next(tokens))
    fil.repondre(SUITE)
    assert [d.number for d in lire(gateway).dossiers] == [1]
    with pytest.raises(AccessDenied, match="Aucun jeton"):
        lire(gateway, "c1")


def test_a_page_that_has_not_the_shape_we_know_is_told_where_it_is_read(fil: Fil, ds):
    fil.repondre(SUITE, {"data": {"demarche": {"id": "x"}}})
    assert [d.number for d in lire(ds).dossiers] == [1]
    with pytest.raises(ContractBroken):
        lire(ds, "c1")


def test_nothing_leaves_ahead_once_a_stop_was_asked_for(fil: Fil, ouverte):
    stop = threading.Event()
    gateway = ouverte(stop=stop)
    fil.repondre(lambda _: stop.set() or SUITE)
    lire(gateway)
    assert threads() == []
    assert len(fil.asked) == 1


# Told, since DS was asked ---------------------------------------------------------------------------------------------


def test_a_page_that_was_asked_for_and_dropped_is_told_once(fil: Fil, ouverte):
    laissees = []
    gateway = ouverte()
    gateway.quand_laissee(laissees.append)
    fil.repondre(SUITE, FIN, FIN)
    lire(gateway)
    partie(fil, 2)
    lire(gateway)
    assert laissees == [Demande(document="page", mutation=False, demarche=104234)]
    gateway.close()
    assert len(laissees) == 1


def test_a_page_that_closing_drops_is_told_and_one_that_was_used_is_not(fil: Fil, ouverte):
    laissees = []
    gateway = ouverte()
    gateway.quand_laissee(laissees.append)
    fil.repondre(SUITE, page([dossier(2)], cursor="c2", more=True), (502, {}, ""))
    lire(gateway)
    lire(gateway, "c1")
    assert laissees == []
    gateway.close()
    assert len(fil.asked) == 3
    assert len(laissees) == 1, "whatever came of it"


def test_a_page_that_could_not_leave_is_not_told(fil: Fil, ouverte):
    laissees, tokens = [], iter([JETON, ""])
    gateway = ouverte(jeton=lambda: next(tokens))
    gateway.quand_laissee(laissees.append)
    fil.repondre(SUITE)
    lire(gateway)
    gateway.close()
    assert (len(fil.asked), laissees) == (1, [])


# One thread at a time, over real sockets -----------------------------------------------------------------------------


class Lent:
    """A server that takes its time, and notes how many requests it holds at once."""

    def __init__(self) -> None:
        self.ensemble = self.plus = self.recues = 0
        self.duree = 0.05
        self.verrou = threading.Lock()

    def __call__(self, asked: dict[str, Any]) -> bytes:
        with self.verrou:
            self.recues += 1
            self.ensemble += 1
            self.plus = max(self.plus, self.ensemble)
        if asked["variables"].get("after"):
            time.sleep(self.duree)
        with self.verrou:
            self.ensemble -= 1
        return json.dumps(SUITE if asked["operationName"] == "Page" else {"data": {"dossier": dossier(7)}}).encode()


@pytest.fixture
def lent() -> Iterator[tuple[Lent, str]]:
    here = Lent()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = here(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield here, f"http://127.0.0.1:{server.server_address[1]}/api/v2/graphql"
    server.shutdown()
    server.server_close()
    thread.join()


def arrive(here: Lent, count: int) -> None:
    limit = time.monotonic() + 5
    while here.recues < count and time.monotonic() < limit:
        time.sleep(0.001)


def test_a_request_waits_for_the_one_that_was_ahead(lent):
    here, url = lent
    with ouvrir(url, JETON) as ds:
        lire(ds)
        arrive(here, 2)
        assert ds.dossier(7).number == 7
    assert (here.recues, here.plus) == (3, 1)


def test_closing_ends_the_thread_of_a_page_that_comes(lent):
    here, url = lent
    with ouvrir(url, JETON) as ds:
        lire(ds)
        arrive(here, 2)
    assert threads() == []


def test_closing_does_not_wait_for_a_server_that_takes_long(lent, monkeypatch: pytest.MonkeyPatch):
    here, url = lent
    here.duree = 1
    monkeypatch.setattr(avance, "PATIENCE", 0.05)
    start = time.monotonic()
    with ouvrir(url, JETON) as ds:
        lire(ds)
        arrive(here, 2)
        (under_way,) = [t for t in threading.enumerate() if t.name == "page suivante"]
    assert time.monotonic() - start < 0.9
    assert under_way.daemon, "it would keep the process from ending"
    under_way.join(5)
    assert not under_way.is_alive()
