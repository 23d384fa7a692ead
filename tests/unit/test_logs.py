from __future__ import annotations

import io
import json
import logging
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from connector import logs

RACINE = Path(__file__).parents[2]
JETON = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA7YWJjZGVmZ2hpamtsbW5vcHFy"


@pytest.fixture(autouse=True)
def _logging_left_as_it_was():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    capped = {name: logging.getLogger(name).level for name in logs.CAPPED}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in capped.items():
        logging.getLogger(name).setLevel(before)


def written(verbosity=2, *, machine=True, log=None):
    """What one call to a logger sends to the stream."""
    stream = io.StringIO()
    logs.configure(verbosity, json=machine, stream=stream)
    log(logging.getLogger("connector.cycle"))
    return stream.getvalue()


# what is shown


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("verbosity", "machine", "seen"),
    [
        (0, False, "Démarches simplifiées ne répond pas comme attendu : nouvel essai dans 2 s.\n"),
        (1, False, "request.retried"),
        (0, True, '"event": "request.retried"'),
    ],
)
def test_who_waits_before_a_terminal_is_told_in_french_until_more_is_asked_for(verbosity, machine, seen):
    stream = Terminal()
    logs.configure(verbosity, json=machine, stream=stream)
    log = logging.getLogger("connector.api.transport")
    log.warning("request.retried", extra={"document": "page", "attempt": 1, "wait": 1.6, "cause": "refused"})
    assert seen in stream.getvalue()
    assert (stream.getvalue() == seen) is (verbosity == 0 and not machine)
    log.warning("rule.broken")
    assert "rule.broken" in stream.getvalue()


def test_each_sentence_for_a_terminal_is_of_an_event_that_exists_with_what_it_quotes():
    assert logs.AU_TERMINAL["page.shrunk"].format(size=5) != logs.AU_TERMINAL["page.shrunk"]
    sources = "".join(p.read_text(encoding="utf-8") for p in (RACINE / "connector" / "api").glob("*.py"))
    assert all(f'"{event}"' in sources for event in logs.AU_TERMINAL)


@pytest.mark.parametrize(
    ("verbosity", "shown"), [(0, ["w"]), (1, ["i", "w"]), (2, ["d", "i", "w"]), (9, ["d", "i", "w"])]
)
def test_each_v_shows_more(verbosity, shown):
    def log(logger):
        logger.debug("d")
        logger.info("i")
        logger.warning("w")

    lines = written(verbosity, log=log).splitlines()
    assert [json.loads(line)["event"] for line in lines] == shown


def test_the_third_v_says_where_each_line_comes_from():
    def log(logger):
        logger.info("i")

    twice, thrice = (json.loads(written(n, log=log)) for n in (2, 3))
    assert set(thrice) - set(twice) == {"logger", "process", "thread_name", "func_name", "lineno"}
    assert (thrice["logger"], thrice["func_name"]) == ("connector.cycle", "log")


def test_a_machine_reads_one_json_object_a_line_with_the_numbers_as_numbers():
    line = written(log=lambda log: log.info("page.stored", extra={"dossiers": 50, "durée": 0.5, "quiet": True}))
    event = json.loads(line)
    assert line.count("\n") == 1
    assert (event["event"], event["level"]) == ("page.stored", "info")
    assert (event["dossiers"], event["durée"], event["quiet"]) == (50, 0.5, True)
    assert event["timestamp"].endswith("Z")


def test_a_person_reads_the_event_first_then_its_numbers():
    line = written(machine=False, log=lambda log: log.info("message.sent", extra={"dossier": 12}))
    assert line.index("message.sent") < line.index("dossier=12")
    assert "\x1b" not in line


def test_logs_go_to_the_standard_error_of_the_moment(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure(0, json=True)
    logging.getLogger("connector").warning("disk.full")
    assert "disk.full" in stream.getvalue()


def test_configuring_twice_does_not_write_twice():
    stream = io.StringIO()
    for _ in range(2):
        logs.configure(0, json=True, stream=stream)
    logging.getLogger("connector").warning("once")
    assert stream.getvalue().count("once") == 1


# what is not


@pytest.mark.parametrize("name", ["gql.transport.requests", "urllib3.connectionpool", "requests", "graphql.execution"])
@pytest.mark.parametrize("verbosity", [0, 1, 2, 7])
def test_libraries_that_print_whole_answers_are_silent_whatever_v_says(name, verbosity):
    stream = io.StringIO()
    logs.configure(verbosity, json=True, stream=stream)
    logging.getLogger(name).debug("<<< {'nom': 'Durand'}")
    logging.getLogger(name).info(">>> query")
    assert stream.getvalue() == ""
    logging.getLogger(name).warning("pool is full")
    assert "pool is full" in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"Authorization: Bearer {JETON}", "Authorization: <masqué>"),
        ("bearer abc", "<masqué>"),
        (f"jeton {JETON}=", "jeton <masqué>"),
        ("écrit par Agent.Un+x@ars-cvl.exemple.fr.", "écrit par <courriel>"),
        (
            "https://stockage.exemple.fr/v1/cv_durand.pdf?temp_url_sig=ab&temp_url_expires=1",
            "https://stockage.exemple.fr/<masqué>",
        ),
        ('"https://s3.exemple.fr/cv.pdf?X-Amz-Signature=ab" ok', '"https://s3.exemple.fr/<masqué>" ok'),
        ("/v1/cv.pdf?temp_url_sig=abc&temp_url_expires=1", "/v1/cv.pdf?<masqué>&temp_url_expires=1"),
        ("POST https://ds.exemple.fr/api/v2/graphql", "POST https://ds.exemple.fr/api/v2/graphql"),
        ("dossier 24100166 : 3 constats", "dossier 24100166 : 3 constats"),
        ("", ""),
    ],
)
def test_no_secret_no_signed_link_no_address_is_written(text, told):
    assert logs.redact(text) == told


@pytest.mark.parametrize("machine", [True, False], ids=["json", "console"])
def test_redaction_reaches_the_message_the_extras_and_whatever_they_hold(machine):
    address = "rh@hopital.exemple.fr"

    def log(logger):
        logger.warning(
            "write.refused %s",
            address,
            extra={
                "one": address,
                "many": [address, (address,), {address}, frozenset({address})],
                "nested": {address: {"deep": address}},
                "error": ValueError(f"Bearer {JETON}"),
                "amount": Decimal("1.5"),
                "nothing": None,
            },
        )

    line = written(machine=machine, log=log)
    assert address not in line
    assert JETON not in line
    assert "1.5" in line


@pytest.mark.parametrize("machine", [True, False], ids=["json", "console"])
def test_a_traceback_is_told_without_its_secrets_nor_its_variables(machine):
    def log(logger):
        nom = "Durand"
        try:
            try:
                int(f"Bearer {JETON}")
            except ValueError as error:
                raise KeyError(nom) from error
        except KeyError:
            logger.exception("cycle.broken", extra={"length": len(nom)})

    line = written(machine=machine, log=log)
    assert "ValueError" in line
    assert "KeyError" in line
    assert "test_logs.py:" in line
    assert JETON not in line
    assert "Durand" not in line


def test_a_text_too_long_for_a_journal_is_cut_after_a_whole_word_so_that_no_half_token_is_left():
    told = logs.redact("mot " * 980 + f"jeton {JETON} suite " * 50)
    assert len(told) < 5_000
    assert told.endswith("[…]")
    assert JETON[:20] not in told
    assert logs.redact(JETON * 200) == " […]"
