"""What is learned of the other side before trusting it, and what it can do."""

from __future__ import annotations

import base64
import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
import requests
import responses
from graphql import build_schema

from connector.api import sonde
from connector.api.capacites import Manque, capacites_of, gardees, relever
from connector.api.gateway import ouvrir
from connector.core.politique import Mode
from connector.errors import AccessDenied, ContractBroken, OperatorError, RetryableError
from connector.examens.serveur import _manques
from connector.sandbox.moteur import sdl
from tests.unit.api.fil import JETON, URL

NOW = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)
DATE = {"Date": "Sun, 22 Nov 2026 12:00:00 GMT"}
SANS_JETON = {"errors": [{"message": "Without a token, only persisted queries are allowed"}], "data": None}


@pytest.fixture
def ds():
    with responses.RequestsMock() as mock:
        yield mock


def joindre(url=URL, **more):
    ticks = iter((10.0, 10.25))
    return sonde.joindre(url, now=lambda: NOW, monotonic=lambda: next(ticks), **more)


# reaching it, without the token


def test_an_api_that_wants_a_token_is_an_api_and_gives_its_time(ds):
    ds.post(URL, json=SANS_JETON, status=403, headers=DATE)
    assert joindre() == sonde.Joint(proxy="", duree=0.25, ecart=30.0)
    assert "Authorization" not in ds.calls[0].request.headers


def test_an_api_that_answers_anybody_is_one_too_even_without_a_clock(ds):
    ds.post(URL, json={"data": {"__typename": "Query"}}, headers={"Date": "hier"})
    assert joindre().ecart is None


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ({"status": 301, "headers": {"Location": "https://ailleurs.exemple.fr/"}}, ContractBroken, "redirige"),
        ({"status": 200, "body": "<html>Portail</html>"}, ContractBroken, "page web"),
        ({"status": 407}, AccessDenied, "proxy"),
        ({"status": 503, "json": {"error": "maintenance"}}, RetryableError, "maintenance"),
        ({"body": requests.ConnectionError("non")}, RetryableError, "coupée"),
        ({"body": requests.ConnectTimeout("non")}, RetryableError, "injoignable"),
    ],
)
def test_what_is_not_an_api_is_told_for_what_it_is(ds, answer, error, words):
    ds.post(URL, **answer)
    with pytest.raises(error, match=words):
        joindre()


def test_an_address_where_a_token_would_travel_in_clear_is_refused():
    with pytest.raises(OperatorError, match="https"):
        joindre("http://ds.exemple.fr/api/v2/graphql")


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        ("http://marie:secret@proxy.exemple.fr:3128", "proxy.exemple.fr:3128"),
        ("proxy.exemple.fr", "proxy.exemple.fr"),
        ("", ""),
    ],
)
def test_the_proxy_is_named_without_its_password(monkeypatch, proxy, told):
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", proxy)
    assert sonde.proxy_of("https://ds.exemple.fr/api/v2/graphql") == told


# the token


@pytest.mark.parametrize(
    ("clair", "nom"),
    [
        ("0a1b2c3d-0000-4000-8000-00000000000f;secret", "0a1b2c3d-0000-4000-8000-00000000000f"),
        ("0a1b2c3d-0000-4000-8000-00000000000f;", None),
        ("pas-un-uuid;secret", None),
    ],
)
def test_a_token_is_named_by_its_half_that_is_no_secret(clair, nom):
    jeton = base64.urlsafe_b64encode(clair.encode()).decode()
    assert sonde.identite(jeton) == sonde.identite(jeton.rstrip("=")) == nom


@pytest.mark.parametrize("jeton", ["é", "%%%", base64.urlsafe_b64encode(b"\xff\xfe").decode()])
def test_what_is_not_a_token_has_no_name(jeton):
    assert sonde.identite(jeton) is None


INTROUVABLE = {
    "errors": [
        {
            "message": "DossierModifierAnnotationsPayload not found",
            "path": ["resultat"],
            "extensions": {"code": "not_found"},
        }
    ],
    "data": {"resultat": None},
}
LECTURE = {
    "data": {
        "resultat": {
            "annotations": None,
            "errors": [{"message": "Le jeton utilisé est configuré seulement en lecture"}],
        }
    }
}
SANS_LOT = {"errors": [{"message": "DossierModifierAnnotationsInput isn't a defined input type (on $input)"}]}


@pytest.mark.parametrize(
    ("answer", "permise"),
    [
        (INTROUVABLE, True),
        (LECTURE, False),
        (SANS_LOT, None),
        ({"data": {"resultat": {"annotations": [], "errors": None}}}, True),
    ],
)
def test_the_right_to_write_is_learned_without_writing(ds, answer, permise):
    ds.post(URL, json=answer)
    with ouvrir(URL, JETON) as gateway:
        assert gateway.ecriture_permise() is permise
    sent = ds.calls[0].request.body.decode()
    assert '"annotations": []' in sent
    assert base64.b64encode(b"Dossier-0").decode() in sent


def test_a_token_that_is_refused_says_nothing_of_the_right_to_write(ds):
    ds.post(URL, json=SANS_JETON, status=403)
    with ouvrir(URL, JETON) as gateway, pytest.raises(AccessDenied, match="ne reconnaît pas le jeton"):
        gateway.ecriture_permise()


# what the instance can do


def capacites(old="", new=""):
    assert old in sdl()
    return capacites_of(build_schema(sdl().replace(old, new, 1), assume_valid_sdl=True), "empreinte")


def test_our_own_schema_lacks_nothing():
    found = capacites()
    assert (found.manques, found.lot, found.labels, len(found.seules)) == ((), True, True, 7)
    assert "incomplete" in found.motifs
    assert "dropDownList" in found.valeurs


def test_what_is_missing_is_named():
    found = capacites("dossierAjouterLabel(", "dossierPoserLabel(")
    assert found.labels is False
    assert found.manques == (Manque(document="ajouter_label", ecrit=True, noms=("Mutation.dossierAjouterLabel",)),)


def test_a_type_that_is_gone_is_named_once_a_document():
    found = capacites("type CommuneChamp ", "type CommuneDisparue ")
    assert {m.noms for m in found.manques} == {("CommuneChamp",)}
    assert {m.document for m in found.manques} == {"dossier", "page"}


def test_a_reason_of_correction_that_is_gone_stops_the_corrections():
    found = capacites("incorrect incomplete outdated", "incorrect outdated")
    (told,) = [r for r in _manques(found, mode=Mode.AGIR) if "motif" in r.cause]
    assert "incomplete" in told.cause


def test_what_is_needed_only_to_act_is_no_error_for_an_observer():
    found = capacites("dossierAjouterLabel(", "dossierPoserLabel(")
    gravites = {mode: [r.gravite for r in _manques(found, mode=mode)] for mode in Mode}
    assert gravites[Mode.OBSERVER] == ["attention"]
    assert gravites[Mode.AGIR] == ["erreur"]


def test_what_was_kept_is_read_back_and_anything_else_is_forgotten():
    found = dataclasses.replace(capacites(), manques=(Manque(document="page", ecrit=False, noms=("Dossier.labels",)),))
    assert gardees(found.texte()) == found
    assert gardees("{}") is None
    assert gardees("pas du JSON") is None


def _deep(levels):
    ref = {"kind": "SCALAR", "name": "String"}
    for _ in range(levels):
        ref = {"kind": "LIST", "ofType": ref}
    return ref


@pytest.mark.parametrize(
    "types",
    [
        [],
        [{"kind": "OBJECT", "name": "Query", "fields": [], "interfaces": ["Node"]}],
        [
            {
                "kind": "OBJECT",
                "name": "Query",
                "interfaces": [],
                "fields": [{"name": "a", "args": [], "type": _deep(400)}],
            }
        ],
    ],
    ids=["nothing", "a text for an interface", "a type of absurd depth"],
)
def test_an_answer_that_describes_no_api_is_refused(ds, types):
    ds.post(URL, json={"data": {"__schema": {"queryType": {"name": "Query"}, "directives": [], "types": types}}})
    with ouvrir(URL, JETON) as gateway, pytest.raises(ContractBroken, match="ne décrit pas son API"):
        relever(gateway._transport)


def test_a_clock_is_compared_to_the_second():
    assert sonde._ecart("", NOW) is None
    assert sonde._ecart(DATE["Date"], NOW + timedelta(minutes=1)) == 90.0
