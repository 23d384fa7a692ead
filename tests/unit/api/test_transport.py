"""The wire itself: real sockets where it matters, a scripted wire and a false clock elsewhere."""

from __future__ import annotations

import gzip
import json
import logging
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from connector import __version__
from connector.api.gateway import ouvrir
from connector.api.sonde import joindre
from connector.api.transport import Compteurs, Debit, Delais, _Porteur
from connector.core.plan import ChangerEtat, Transition
from connector.errors import (
    AccessDenied,
    ContractBroken,
    OperatorError,
    OutcomeUnknown,
    PageTimeout,
    RetryableError,
    StopRequested,
)
from tests.unit.api.fil import EPOCH, JETON, UN_DOSSIER, Fil, Horloge, page

PASSER = ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION)
VIDE = json.dumps(page([])).encode()


# What is sent --------------------------------------------------------------------------------------------------------


def test_a_request_says_who_we_are_in_french_and_carries_the_token(fil: Fil, ds):
    fil.repondre(page([]))
    ds.page(104234, updated_since=EPOCH, after=None)
    headers = fil.requests[0].headers
    assert headers["Authorization"] == f"Bearer {JETON}"
    assert headers["Accept-Language"] == "fr"
    assert headers["User-Agent"] == f"ds-connector/{__version__}"
    assert headers["Content-Type"] == "application/json"
    assert fil.asked[0]["operationName"] == "Page"


def test_a_token_can_be_replaced_without_a_restart(fil: Fil, ouverte):
    tokens = iter(["ancien", "nouveau\n"])
    gateway = ouverte(jeton=lambda: next(tokens))
    fil.repondre(page([]), page([]))
    for _ in range(2):
        gateway.page(104234, updated_since=EPOCH, after=None)
    assert [r.headers["Authorization"] for r in fil.requests] == ["Bearer ancien", "Bearer nouveau"]


@pytest.mark.parametrize("token", ["", "  ", "deux mots", "accentué", "a\nb"])
def test_a_token_that_cannot_be_one_is_refused_before_anything_is_sent_and_never_shown(token, fil: Fil, ouverte):
    with pytest.raises(AccessDenied) as caught:
        ouverte(jeton=token).demarche(104234)
    assert fil.asked == []
    if token.strip():
        assert token not in str(caught.value)
        assert "mal recopié" in str(caught.value)
    else:
        assert "Aucun jeton" in str(caught.value)


def test_a_netrc_never_replaces_the_token(fil: Fil, ouverte, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine ds.exemple login quelqu.un password autre\n")
    monkeypatch.setenv("NETRC", str(netrc))
    fil.repondre(page([]))
    ouverte().page(104234, updated_since=EPOCH, after=None)
    assert fil.requests[0].headers["Authorization"] == f"Bearer {JETON}"


def test_a_cookie_is_never_kept_for_it_could_change_the_language(fil: Fil, ds):
    fil.repondre((200, {"Set-Cookie": "locale=en; Path=/"}, VIDE), page([]))
    for _ in range(2):
        ds.page(104234, updated_since=EPOCH, after=None)
    assert "Cookie" not in fil.requests[1].headers


@pytest.mark.parametrize(
    "url",
    ["", "demarche.numerique.gouv.fr", "ftp://ds.exemple/api", "https://qui:quoi@ds.exemple/api", "https:///api"],
)
def test_an_address_that_is_not_one_is_refused_at_once(url, ouverte):
    with pytest.raises(OperatorError, match="n’en est pas une"):
        ouverte(url)


def test_a_token_never_travels_in_clear_except_to_this_very_machine(ouverte):
    with pytest.raises(OperatorError, match="https://"):
        ouverte("http://ds.exemple/api/v2/graphql")
    for local in ("http://127.0.0.1:8080/api/v2/graphql", "http://localhost/api", "http://[::1]:80/api"):
        assert ouverte(local)


def test_an_authority_file_that_cannot_be_read_is_refused_at_once(ouverte, tmp_path):
    nonsense = tmp_path / "ca.pem"
    nonsense.write_text("rien")
    for path in (tmp_path / "absent.pem", nonsense):
        with pytest.raises(OperatorError, match="autorité de certification"):
            ouverte(ca=path)


def test_the_token_goes_to_no_other_address():
    bearer = _Porteur("https://ds.exemple/api/v2/graphql", JETON)
    bearer.preparer()
    for url, sent in (("https://ds.exemple/api/v2/graphql", True), ("https://stockage.exemple/fichier", False)):
        request = bearer(requests.Request("POST", url).prepare())
        assert ("Authorization" in request.headers) is sent


# Budget, patience ----------------------------------------------------------------------------------------------------


def test_a_minute_never_holds_more_requests_than_the_server_allows(horloge: Horloge):
    delais = Delais()
    debit = Debit(par_minute=delais.par_minute, rafale=delais.rafale, monotonic=horloge.monotonic)
    leaving = []
    for _ in range(1000):
        horloge.wait(debit.attente())
        leaving.append(horloge.now)
    busiest = max(sum(1 for t in leaving if start <= t < start + 60) for start in leaving)
    assert delais.par_minute <= busiest <= delais.par_minute + delais.rafale + 1 < 400


def test_a_burst_leaves_at_once_and_then_the_pace_is_kept(horloge: Horloge):
    debit = Debit(par_minute=60, rafale=2, monotonic=horloge.monotonic)
    assert [debit.attente() for _ in range(4)] == pytest.approx([0, 0, 1, 2])
    horloge.wait(100)
    assert debit.attente() == 0


def test_a_request_over_the_budget_waits_its_turn(fil: Fil, ouverte, horloge: Horloge):
    gateway = ouverte(delais=Delais(par_minute=60, rafale=1))
    fil.repondre(page([]), page([]))
    for _ in range(2):
        gateway.page(104234, updated_since=EPOCH, after=None)
    assert horloge.waits == [pytest.approx(1.0)]


def test_a_failing_read_is_tried_again_less_and_less_often_up_to_a_cap(fil: Fil, ouverte, horloge: Horloge):
    gateway = ouverte(delais=Delais(essais_lecture=8, attente_max=30))
    fil.repondre(*[(502, {}, "")] * 7, page([]))
    gateway.page(104234, updated_since=EPOCH, after=None)
    assert horloge.waits == [1, 2, 4, 8, 16, 30, 30]


def test_chance_lengthens_the_waits_by_half_at_most(fil: Fil, ouverte, horloge: Horloge):
    gateway = ouverte(jitter=lambda: 0.5)
    fil.repondre((502, {}, ""), (429, {}, ""), page([]))
    gateway.page(104234, updated_since=EPOCH, after=None)
    assert horloge.waits == [1.25, 60.5]


def test_a_stop_ends_a_wait_at_once_and_sends_nothing_more(fil: Fil, ouverte, horloge: Horloge):
    horloge.sonner_apres = 3
    fil.repondre((502, {}, ""), (502, {}, ""))
    with pytest.raises(StopRequested) as caught:
        ouverte().demarche(104234)
    assert len(fil.asked) == 2
    assert caught.value.reached is False


def test_a_stop_during_a_wait_for_the_budget_sends_nothing(fil: Fil, ouverte, horloge: Horloge):
    gateway = ouverte(delais=Delais(par_minute=1, rafale=1))
    fil.repondre(page([]))
    gateway.page(104234, updated_since=EPOCH, after=None)
    horloge.sonner_apres = 0
    with pytest.raises(StopRequested):
        gateway.page(104234, updated_since=EPOCH, after=None)
    assert len(fil.asked) == 1


def test_a_retry_is_logged_with_its_cause_and_without_the_token(fil: Fil, ds, caplog):
    fil.repondre((502, {}, ""), page([]))
    ds.page(104234, updated_since=EPOCH, after=None)
    (record,) = [r for r in caplog.records if r.message == "request.retried"]
    assert (record.document, record.attempt, record.wait) == ("page", 1, 1.0)
    assert "HTTP 502" in record.cause
    assert JETON not in caplog.text


def test_requests_and_bytes_are_counted_tries_again_included(fil: Fil, ds):
    fil.repondre((502, {}, "xx"), page([]), {"data": {"resultat": {"dossier": {"id": "x"}, "errors": None}}})
    ds.page(104234, updated_since=EPOCH, after=None)
    ds.apply(UN_DOSSIER, "Instructeur-1", PASSER)
    compteurs = ds.compteurs
    assert (compteurs.lectures, compteurs.ecritures) == (2, 1)
    assert compteurs.octets > len(VIDE)
    assert compteurs == Compteurs(lectures=2, ecritures=1, octets=compteurs.octets)


def test_the_libraries_never_print_an_answer_whatever_the_verbosity(fil: Fil, ouverte, caplog):
    loggers = [logging.getLogger(n) for n in ("gql", "gql.transport.requests", "urllib3", "urllib3.connectionpool")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG):
        gateway = ouverte()
        fil.repondre(page([]))
        gateway.page(104234, updated_since=EPOCH, after=None)
        assert all(not logger.isEnabledFor(logging.INFO) for logger in loggers)
    assert "Candidatures" not in caplog.text
    assert not [r for r in caplog.records if r.name.startswith(("gql", "urllib3"))]
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


# Real sockets --------------------------------------------------------------------------------------------------------


@dataclass
class Serveur:
    """A loopback HTTP server that does to each request what it is told."""

    act: Callable[[BaseHTTPRequestHandler, bytes], None]
    seen: list[dict[str, str]] = field(default_factory=list)
    scheme: str = "http"
    port: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/api/v2/graphql"


@pytest.fixture
def serveur() -> Iterator[Callable[..., Serveur]]:
    servers: list[tuple[HTTPServer, threading.Thread]] = []

    def start(act: Callable[[BaseHTTPRequestHandler, bytes], None], tls: ssl.SSLContext | None = None) -> Serveur:
        here = Serveur(act, scheme="https" if tls else "http")

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                here.seen.append(dict(self.headers))
                here.act(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_: Any) -> None: ...

        server = HTTPServer(("127.0.0.1", 0), Handler)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        here.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        servers.append((server, thread))
        return here

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection so that the client sees a reset, not an end."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


UNE_FOIS = Delais(essais_lecture=1, essais_ecriture=1, connexion=2, lecture=0.3)


def test_a_compressed_answer_over_a_real_socket_is_read(serveur, ouverte):
    here = serveur(lambda h, _: answer(h, 200, gzip.compress(VIDE), Content_Encoding="gzip"))
    got = ouverte(here.url, delais=UNE_FOIS).page(104234, updated_since=EPOCH, after=None)
    assert got.end_cursor == "curseur"
    assert "gzip" in here.seen[0]["Accept-Encoding"]


def test_a_trickle_is_cut_in_the_end_though_it_is_never_silent(serveur, ouverte):
    def trickle(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _second in range(100):
            try:
                handler.wfile.write(b" ")
                time.sleep(0.05)
            except OSError:
                return

    here = serveur(trickle)
    started = time.monotonic()
    with pytest.raises(RetryableError, match="coupée"):
        ouverte(here.url, delais=replace(UNE_FOIS, reponse=0.3)).demarche(104234)
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("body", [b" " * 300_000, gzip.compress(b"[" * 300_000)], ids=["large", "bomb"])
def test_an_answer_out_of_all_proportion_is_not_read_to_its_end(serveur, ouverte, body):
    packed = {"Content_Encoding": "gzip"} if body[:2] == b"\x1f\x8b" else {}
    here = serveur(lambda h, _: answer(h, 200, body, **packed))
    gateway = ouverte(here.url, delais=replace(UNE_FOIS, octets=100_000))
    with pytest.raises(PageTimeout, match="démesurée"):
        gateway.demarche(104234)
    with pytest.raises(OutcomeUnknown):
        gateway.apply(UN_DOSSIER, "Instructeur-1", PASSER)
    assert gateway.compteurs.octets < 500_000


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"data":' * 50_000, b'"' + b"a" * 1_000_000], ids=["deep", "nested", "endless"]
)
def test_an_answer_of_absurd_depth_is_unreadable_and_nothing_worse(serveur, ouverte, body):
    here = serveur(lambda h, _: answer(h, 200, body))
    with pytest.raises(RetryableError, match="illisible"):
        ouverte(here.url, delais=UNE_FOIS).demarche(104234)


def test_a_redirection_is_refused_and_the_token_does_not_follow_it(serveur, ouverte):
    elsewhere = serveur(lambda h, _: answer(h, 200, VIDE))
    here = serveur(lambda h, _: answer(h, 308, b"", Location=elsewhere.url))
    with pytest.raises(ContractBroken, match="ne suit pas les redirections"):
        ouverte(here.url, delais=UNE_FOIS).demarche(104234)
    assert elsewhere.seen == []


@pytest.mark.parametrize("act", [lambda h, _: reset(h), lambda h, _: answer(h, 200, b"", Content_Length="99999")])
def test_a_connection_cut_after_the_request_leaves_a_write_unknown(act, serveur, ouverte):
    here = serveur(act)
    gateway = ouverte(here.url, delais=UNE_FOIS)
    with pytest.raises(OutcomeUnknown, match="peut-être été faite"):
        gateway.apply(UN_DOSSIER, "Instructeur-1", PASSER)
    with pytest.raises(RetryableError, match=r"coupée|à temps"):
        gateway.demarche(104234)
    assert gateway.compteurs.ecritures == 1


def test_an_answer_that_stops_before_its_announced_end_is_not_believed(serveur, ouverte):
    def stop_early(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(VIDE)))
        handler.end_headers()
        handler.wfile.write(VIDE[: len(VIDE) // 2])
        handler.close_connection = True

    here = serveur(stop_early)
    with pytest.raises(RetryableError, match="coupée"):
        ouverte(here.url, delais=UNE_FOIS).demarche(104234)


def test_a_silent_server_is_given_up_after_the_read_timeout(serveur, ouverte):
    release = threading.Event()
    here = serveur(lambda _h, _: release.wait(10) and None)
    gateway = ouverte(here.url, delais=UNE_FOIS)
    with pytest.raises(RetryableError, match="à temps") as caught:
        gateway.demarche(104234)
    assert caught.value.reached is True
    release.set()


def test_a_closed_port_is_known_never_to_have_been_reached(ouverte):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    gateway = ouverte(f"http://127.0.0.1:{port}/api", delais=UNE_FOIS)
    with pytest.raises(RetryableError, match="injoignable") as caught:
        gateway.apply(UN_DOSSIER, "Instructeur-1", PASSER)
    assert caught.value.reached is False


def test_a_name_that_does_not_resolve_is_known_never_to_have_been_reached(ouverte):
    gateway = ouverte("https://n-existe-pas.invalid/api", delais=UNE_FOIS)
    with pytest.raises(RetryableError, match="injoignable"):
        gateway.apply(UN_DOSSIER, "Instructeur-1", PASSER)


def test_a_proxy_that_refuses_is_known_never_to_have_been_reached(ouverte, monkeypatch, serveur):
    here = serveur(lambda h, _: answer(h, 407, b""))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{here.port}")
    gateway = ouverte("https://ds.exemple.invalid/api", delais=UNE_FOIS)
    with pytest.raises(RetryableError, match="injoignable"):
        gateway.apply(UN_DOSSIER, "Instructeur-1", PASSER)


@pytest.fixture(scope="module")
def certificat(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody knows, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl n’est pas installé : le certificat d’essai ne peut pas être fait")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


def test_an_unknown_certificate_is_refused_before_the_token_leaves(serveur, ouverte, certificat):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificat)
    here = serveur(lambda h, _: answer(h, 200, VIDE), context)
    with pytest.raises(AccessDenied, match="certificat") as caught:
        ouverte(here.url, delais=UNE_FOIS).apply(UN_DOSSIER, "Instructeur-1", PASSER)
    assert "autorité de certification" in caught.value.hint
    assert here.seen == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_no_variable_of_the_environment_says_whom_to_trust(variable, serveur, ouverte, certificat, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificat)
    here = serveur(lambda h, _: answer(h, 200, VIDE), context)
    for value in (str(certificat[0]), "", "false", "/absent.pem"):
        monkeypatch.setenv(variable, value)
        with pytest.raises(AccessDenied, match="certificat"):
            ouverte(here.url, delais=UNE_FOIS).demarche(104234)
        with pytest.raises(AccessDenied, match="certificat"):
            joindre(here.url)
    assert here.seen == []


def test_a_private_authority_is_accepted_when_its_file_is_given(serveur, ouverte, certificat):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificat)
    here = serveur(lambda h, _: answer(h, 200, VIDE), context)
    gateway = ouverte(here.url, delais=UNE_FOIS, ca=certificat[0])
    assert gateway.page(104234, updated_since=EPOCH, after=None).dossiers == ()


def test_a_gateway_is_usable_as_it_is_given_and_closes_behind_itself(serveur):
    here = serveur(lambda h, _: answer(h, 200, VIDE))
    with ouvrir(here.url, JETON) as gateway:
        assert gateway.page(104234, updated_since=EPOCH, after=None).has_next_page is False


def test_help_is_not_slowed_by_the_libraries_of_this_package():
    code = "import connector.api, sys; sys.exit('gql' in sys.modules or 'requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
