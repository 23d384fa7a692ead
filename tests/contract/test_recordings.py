"""Answers of a real server, replayed through the gateway: every dossier is read, every failure is told for what it is.

The recordings were asked with other documents than ours. What differs is renamed here, on the test's side only: their
aliases, and what they did not ask (labels, avis) is completed with nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import responses

from connector.api.champs import LecteurChamps
from connector.api.classement import classer
from connector.api.echange import Demande, Recue, Resultat
from connector.api.gateway import DemarchesSimplifiees, ouvrir
from connector.api.refus import refus
from connector.api.transport import Delais
from connector.core.model import (
    Adresse,
    Champ,
    Choix,
    Dossier,
    DossierState,
    Etablissement,
    Illisible,
    LienDossier,
    Lieu,
    Lignes,
    Pieces,
)
from connector.errors import (
    AccessDenied,
    ContractBroken,
    DossierError,
    DossierNotFound,
    MutationRefused,
    OutcomeUnknown,
    RemoteError,
    RetryableError,
)
from tests.unit.api.fil import EPOCH, JETON, URL, Horloge

SHARED = Path(__file__).parents[2].parent / "shared" / "ds"
if not SHARED.exists():
    pytest.skip("les réponses enregistrées (../shared/ds) ne sont pas là", allow_module_level=True)

FILES = sorted([*SHARED.glob("recordings/*.json"), *SHARED.glob("recordings_ars/*.json")])


@cache
def recording(name: str) -> dict[str, Any]:
    (path,) = (p for p in FILES if p.stem == name)
    return json.loads(path.read_text(encoding="utf-8"))


# Renaming: from the documents of the recordings to ours --------------------------------------------------------------

ALIASES = {
    "CheckboxChamp": {"checked": "checkbox"},
    "YesNoChamp": {"selected": "yesNo"},
    "IntegerNumberChamp": {"integer": "integerNumber"},
    "DecimalNumberChamp": {"decimal": "decimalNumber"},
    "DropDownListChamp": {"choice": "value"},
}


def as_we_ask(value: Any) -> Any:
    """The same JSON under the names that our documents give."""
    if isinstance(value, list):
        return [as_we_ask(v) for v in value]
    if not isinstance(value, dict):
        return value
    names = ALIASES.get(value.get("__typename", ""), {})
    renamed = {names.get(k, k): as_we_ask(v) for k, v in value.items()}
    if "checksum" in renamed:
        renamed.setdefault("byteSizeBigInt", renamed.get("byteSize"))
    return renamed


def whole(dossier: dict[str, Any]) -> dict[str, Any]:
    """A dossier under our names, completed with nothing where the recording did not ask."""
    ours = as_we_ask(dossier)
    ours["demarche"] = {"number": 104231} | ours["demarche"]
    ours["groupeInstructeur"] = {"closed": False, "instructeurs": []} | ours["groupeInstructeur"]
    ours["messages"] = [{"discardedAt": None, "correction": None} | m for m in ours.get("messages", [])]
    ours["avis"] = [{"questionAnswer": None} | a for a in ours.get("avis", [])]
    return {"labels": [], "dateDerniereCorrectionEnAttente": None, "dateSuppressionParUsager": None} | ours


def dossiers_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every whole dossier in an answer."""
    if isinstance(value, list):
        for v in value:
            yield from dossiers_in(v)
    elif isinstance(value, dict):
        if {"number", "champs", "annotations", "groupeInstructeur", "dateDepot"} <= set(value):
            yield value
        for v in value.values():
            yield from dossiers_in(v)


WHOLE = [(p.stem, i) for p in FILES for i, _ in enumerate(dossiers_in(json.loads(p.read_text(encoding="utf-8"))))]


# The wire ------------------------------------------------------------------------------------------------------------

Replay = Callable[..., DemarchesSimplifiees]


@pytest.fixture
def replay() -> Iterator[Replay]:
    """A gateway whose server gives these answers, in order: a JSON body, or (status, headers, body)."""
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:

        def opened(*answers: Any) -> DemarchesSimplifiees:
            for answer in answers:
                status, headers, body = answer if isinstance(answer, tuple) else (200, {}, json.dumps(answer))
                mock.post(URL, status=status, headers=headers, body=body)
            clock = Horloge()
            once = Delais(essais_lecture=1, essais_ecriture=1, essais_panne=1)
            return ouvrir(URL, JETON, delais=once, stop=clock, monotonic=clock.monotonic)

        yield opened


def raw(name: str) -> tuple[int, dict[str, str], str]:
    """A recorded answer as it came."""
    found = recording(name)
    answer, headers = found["response"], found["response_headers"]
    text = answer["_text"] if isinstance(answer, dict) and "_text" in answer else json.dumps(answer)
    return found["status"], headers, text


def read(replay: Replay, name: str, index: int = 0) -> Dossier:
    brut = whole(list(dossiers_in(recording(name)["response"]))[index])
    return replay({"data": {"dossier": brut}}).dossier(brut["number"])


def everything(champs: tuple[Champ, ...]) -> Iterator[Champ]:
    for champ in champs:
        yield champ
        if isinstance(champ.value, Lignes):
            for row in champ.value.rows:
                yield from everything(row.champs)


# Every dossier -------------------------------------------------------------------------------------------------------


def test_the_recordings_hold_the_dossiers_that_they_should():
    assert len(WHOLE) == 175
    assert len({name for name, _ in WHOLE}) == 67


@pytest.mark.parametrize(("name", "index"), WHOLE)
def test_every_recorded_dossier_is_read_and_nothing_in_it_is_unreadable(name, index, replay):
    brut = list(dossiers_in(recording(name)["response"]))[index]
    got = read(replay, name, index)
    assert got.number == brut["number"]
    assert got.state.value == brut["state"]
    assert len(got.champs) == len(brut["champs"])
    assert len(got.annotations) == len(brut["annotations"])
    assert len(got.messages) == len(brut.get("messages", []))
    if name == "ars_dossiers_no_champ_fragments_page_1":
        return  # asked without the fragments: most values are not there at all
    unreadable = [c for c in everything(got.champs + got.annotations) if isinstance(c.value, Illisible)]
    assert unreadable == []


PAGES = [p.stem for p in FILES if p.stem.startswith("ars_dossiers_page") or p.stem == "ars_updated_since"]


def as_page(name: str) -> dict[str, Any]:
    answer = json.loads(json.dumps(recording(name)["response"]))
    demarche = answer["data"]["demarche"]
    demarche["dossiers"]["nodes"] = [n and whole(n) for n in demarche["dossiers"]["nodes"]]
    last = {"number": 24100200, "dateDerniereModification": "2026-11-21T12:25:00+01:00"}
    demarche |= {"activeRevision": {"id": "x"}, "dernier": {"nodes": [last]}}
    return answer


@pytest.mark.parametrize("name", PAGES)
def test_every_recorded_page_is_read_whole(name, replay):
    answer = as_page(name)
    got = replay(answer).page(104234, updated_since=EPOCH, after=None)
    recorded = recording(name)["response"]["data"]["demarche"]["dossiers"]
    assert [d.number for d in got.dossiers] == [n["number"] for n in recorded["nodes"]]
    assert got.trous == ()
    assert got.end_cursor == recorded["pageInfo"]["endCursor"]
    assert got.has_next_page is recorded["pageInfo"]["hasNextPage"]


def test_a_page_with_a_link_out_of_scope_stays_good_and_the_link_keeps_its_number(replay):
    got = replay(as_page("ars_dossiers_page_5")).page(104234, updated_since=EPOCH, after=None)
    (link,) = (c.value for c in got.dossiers[0].champs if c.typename == "DossierLinkChamp")
    assert link == LienDossier(number=24100035)


def test_a_page_whose_dossier_is_null_names_it_by_the_light_read(replay):
    light = as_page("ars_dossiers_page_4")
    keep = ("number", "dateDerniereModification", "state", "demarche")
    nodes = light["data"]["demarche"]["dossiers"]["nodes"]
    light["data"]["demarche"]["dossiers"]["nodes"] = [{k: n[k] for k in keep} for n in nodes]
    gateway = replay(as_page("ars_dossiers_no_incomplete_fragment_page_4"), light)
    got = gateway.page(104234, updated_since=EPOCH, after=None)
    (hole,) = got.trous
    assert hole.number == nodes[4]["number"]
    assert "PersonneMorale.siegeSocial" in hole.cause
    assert len(got.dossiers) == 9


@pytest.mark.parametrize("name", ["ars_page_light", "ars_page_light_en_instruction", "ars_updated_since_light"])
def test_every_recorded_light_page_is_read(name, replay):
    answer = json.loads(json.dumps(recording(name)["response"]))
    demarche = answer["data"]["demarche"]
    demarche |= {"activeRevision": {"id": "x"}, "dernier": {"nodes": []}}
    got = replay(answer).reperes(104234, updated_since=EPOCH, after=None)
    assert [r.number for r in got.reperes] == [n["number"] for n in demarche["dossiers"]["nodes"]]


@pytest.mark.parametrize("name", ["page_bad_cursor", "page_bad_cursor_b64", "filter_updated_since_future"])
def test_a_bad_cursor_is_an_empty_page_without_a_cursor_beside_a_latest_dossier(name, replay):
    answer = json.loads(json.dumps(recording(name)["response"]))
    last = {"number": 1, "dateDerniereModification": "2026-11-21T12:25:00+01:00"}
    answer["data"]["demarche"] |= {"activeRevision": {"id": "x"}, "dernier": {"nodes": [last]}}
    got = replay(answer).page(104233, updated_since=EPOCH, after="pasuncurseur")
    assert (got.dossiers, got.end_cursor, got.has_next_page) == ((), None, False)
    assert got.dernier is not None


# What dossiers say ---------------------------------------------------------------------------------------------------


def by_label(dossier: Dossier) -> dict[str, Any]:
    return {c.label: c.value for c in dossier.champs + dossier.annotations}


def test_the_values_of_a_filed_candidature_are_typed(replay):
    got = read(replay, "ars_dossier_C01")
    values = by_label(got)
    assert got.state is DossierState.EN_INSTRUCTION or got.state is DossierState.EN_CONSTRUCTION
    assert values["Région de dépôt"] == Lieu(code="24", name="Centre-Val de Loire")
    assert isinstance(values["SIRET de l'établissement"], Etablissement)
    assert isinstance(values["Adresse de l'établissement"], Adresse)
    assert values["Adresse de l'établissement"].longitude is not None
    assert type(values["Quotité hospitalière (%)"]) is int
    assert isinstance(values["Lieux d'exercice hors site principal"], Lignes)
    place = values["Lieux d'exercice hors site principal"].rows[0].champs
    assert {type(c.value) for c in place if c.typename == "DecimalNumberChamp"} <= {Decimal, type(None)}
    assert isinstance(values["Curriculum vitae du candidat"], Pieces)
    assert len(values["Curriculum vitae du candidat"].files) == 1
    assert got.demandeur.complet


def test_a_degraded_company_keeps_its_siret_and_is_told_incomplete(replay):
    got = read(replay, "ars_dossier_X_degrade")
    assert (got.demandeur.typename, got.demandeur.complet) == ("PersonneMoraleIncomplete", False)
    assert got.demandeur.siret


def test_a_deleted_account_is_told(replay):
    assert read(replay, "ars_dossier_X_compte_supprime").compte_supprime
    assert not read(replay, "ars_dossier_C01").compte_supprime


@pytest.mark.parametrize("name", ["ars_dossier_X_lien_brouillon", "ars_dossier_X_lien_inconnu"])
def test_a_link_to_a_draft_or_to_nothing_keeps_its_number(name, replay):
    (link,) = (c.value for c in read(replay, name).champs if c.typename == "DossierLinkChamp")
    assert isinstance(link, LienDossier)
    assert link.state is None


def test_a_link_to_another_demarche_of_the_same_owner_says_which(replay):
    got = read(replay, "ars_dossier_X_lien_autre_demarche_meme_admin")
    (link,) = (c.value for c in got.champs if c.typename == "DossierLinkChamp")
    assert link == LienDossier(number=24100021, state=DossierState.ACCEPTE, demarche_number=104231)


def test_copies_of_notifications_are_the_system_s_and_people_s_messages_are_not(replay):
    got = read(replay, "ars_dossier_C01_accepte")
    assert got.messages
    assert all(m.systeme for m in got.messages if m.email.startswith("contact@"))
    assert not any(m.systeme for m in got.messages if not m.email.startswith("contact@"))


def test_a_resolved_correction_has_its_date_and_the_round_starts_again(replay):
    got = read(replay, "get_dossier_correction_resolue")
    (correction,) = (m.correction for m in got.messages if m.correction)
    assert correction.date_resolution is not None
    assert any(t.event == "depose_correction_usager" and t.date == got.tour for t in got.traitements)


def champs_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every champ of an answer, those of partial dossiers too, completed with what was not asked."""
    if isinstance(value, list):
        for v in value:
            yield from champs_in(v)
    elif isinstance(value, dict):
        typename = value.get("__typename") or ""
        if {"id", "label", "stringValue"} <= set(value) and (not typename or typename.endswith("Champ")):
            yield as_we_ask({"champDescriptorId": value["id"]} | value)
        for v in value.values():
            yield from champs_in(v)


def test_every_champ_of_every_answer_is_read_without_an_exception_nor_an_unknown_type(caplog):
    bruts = [b for p in FILES for b in champs_in(json.loads(p.read_text(encoding="utf-8"))["response"])]
    typed = [b for b in bruts if b.get("__typename")]
    assert len(bruts) > len(typed) > 9000
    assert len(LecteurChamps().champs(typed)) == len(typed)
    assert caplog.records == []
    assert len(LecteurChamps().champs(bruts)) == len(bruts)


def test_each_annotation_that_was_written_reads_back_typed():
    answer = recording("annot_all_types_read_back")["response"]
    read_back = {c.label: c.value for c in LecteurChamps().champs(list(champs_in(answer)))}
    assert read_back["Pièces manquantes"] == Choix(values=("CV", "Diplôme"))
    assert read_back["Note sur 20"] == Decimal("15.5")
    assert read_back["Rang de classement"] == 7
    assert read_back["Date de la commission"] == date(2026, 12, 24)
    assert read_back["Date et heure de l'entretien"] == datetime(2026, 12, 24, 9, 30, tzinfo=UTC)
    assert read_back["Dossier complet"] is True
    assert read_back["Entretien réalisé"] is False
    assert read_back["Avis de la commission"] == "Favorable"


def test_the_demarche_of_the_reference_form_is_read(replay):
    answer = json.loads(json.dumps(recording("ars_descriptor")["response"]))
    brute = answer["data"]["demarche"]
    active = brute["activeRevision"]
    brute["revisions"] = [
        active if r["id"] == active["id"] else r | {"champDescriptors": [], "annotationDescriptors": []}
        for r in brute["revisions"]
    ]
    got = replay(answer).demarche(104234)
    assert got.active.date_publication is not None
    avis = next(a for a in got.active.annotations if a.label == "Avis proposé")
    assert avis.options == (
        *("Favorable", "À compléter", "À vérifier", "Défavorable", "Réorientation", "Liste d'attente"),
    )
    lieux = next(c for c in got.active.champs if c.typename == "RepetitionChampDescriptor")
    assert len(lieux.champs) == 6
    assert len(got.groupes) == 2
    assert {label.name for label in got.labels} >= {"Complet", "Pièce manquante", "À vérifier"}


@pytest.mark.parametrize("name", ["ars_deleted", "deleted_all"])
def test_the_recorded_deletions_are_read(name, replay):
    answer = json.loads(json.dumps(recording(name)["response"]))
    demarche = answer["data"]["demarche"]
    for field in ("pendingDeletedDossiers", "deletedDossiers"):
        demarche[field].setdefault("pageInfo", {"hasNextPage": False, "endCursor": None})
        demarche[field]["nodes"] = [{"dateSupression": "2026-11-21T00:00:00Z"} | n for n in demarche[field]["nodes"]]
    found = replay(answer).supprimes(104234, depuis=datetime(2026, 10, 1, tzinfo=UTC))
    both = [*demarche["pendingDeletedDossiers"]["nodes"], *demarche["deletedDossiers"]["nodes"]]
    assert [s.number for s in found] == [n["number"] for n in both]
    assert found


# Every failure -------------------------------------------------------------------------------------------------------

LECTURES = {
    "auth_bad_token_garbage": AccessDenied,
    "auth_bad_token_right_id_wrong_secret": AccessDenied,
    "auth_bad_token_wellformed": AccessDenied,
    "auth_expired_token": AccessDenied,
    "auth_no_token_own_descriptor": AccessDenied,
    "auth_no_token_stored_query": AccessDenied,
    "auth_other_admin_token": AccessDenied,
    "ars_demarches_of_token_other_admin": AccessDenied,
    "get_demarche_unknown_own": AccessDenied,
    "get_demarche_not_mine_own": AccessDenied,
    "filter_revision_garbage": ContractBroken,
    "gql_bad_datetime": ContractBroken,
    "gql_bad_enum": ContractBroken,
    "gql_missing_argument": ContractBroken,
    "gql_no_operation_name": ContractBroken,
    "gql_too_deep": ContractBroken,
    "gql_unknown_field": ContractBroken,
    "gql_unknown_operation_name": ContractBroken,
    "gql_variable_missing": ContractBroken,
    "gql_variable_wrong_type": ContractBroken,
    "gql_unknown_query_id": RetryableError,
    "http_empty_body": ContractBroken,
    "http_no_query": ContractBroken,
    "http_get": ContractBroken,
    "http_invalid_json": ContractBroken,
    "http_variables_bad_string": ContractBroken,
    "page_before_and_after": ContractBroken,
    "rate_limit_429": RetryableError,
}


@pytest.mark.parametrize(("name", "error"), LECTURES.items())
def test_every_recorded_failure_of_a_read_is_told_for_what_it_is(name, error, replay):
    with pytest.raises(error) as caught:
        replay(raw(name)).demarche(104231)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("get_dossier_brouillon", DossierNotFound),
        ("get_dossier_hidden_by_administration", DossierNotFound),
        ("get_dossier_purged", DossierNotFound),
        ("ars_dossier_X_supprime_usager", DossierNotFound),
        ("ars_dossier_X_brouillon", DossierNotFound),
        ("ars_dossier_degrade_no_incomplete_fragment", DossierError),
    ],
)
def test_every_dossier_that_ds_did_not_show_is_told_for_what_it_is(name, error, replay):
    with pytest.raises(error) as caught:
        replay(raw(name)).dossier(24100001)
    assert type(caught.value) is error
    assert caught.value.number == 24100001


def mutations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every recorded answer to a single mutation: (name, mutation, answer)."""
    for path in FILES:
        body = json.loads(path.read_text(encoding="utf-8"))
        query = body["request"].get("body")
        query = query.get("query", "") if isinstance(query, dict) else ""
        answer = body["response"]
        if query.lstrip().startswith("mutation") and isinstance(answer, dict):
            fields = list(answer.get("data") or {})
            if len(fields) <= 1:
                yield path.stem, fields[0] if fields else "", answer


MUTATIONS = list(mutations())
DOCUMENTS = {"dossierAccepter": "accepter", "dossierPasserEnInstruction": "passer_en_instruction"}

CAUSES = {
    "state_accepter_invalid_annotation": "annotations_incompletes",
    "state_accepter_twice": "etat_accepte",
    "state_passer_after_accept": "etat_accepte",
    "state_passer_other_instructeur": "instructeur_sans_droit",
    "state_repasser_en_construction_twice": "etat_en_construction",
    "state_repasser_en_instruction_twice": "etat_en_instruction",
    "state_accepter_bad_justificatif": "fichier_inconnu",
    "state_archiver_not_done": "archivage_premature",
    "ars_degrade_accepter": "siret_incomplet",
    "ars_deleted_account_message": "messagerie_fermee",
    "ars_sans_suite_en_construction": "etat_en_construction",
    "label_add_twice": "label_deja_associe",
    "label_remove_twice": "label_non_associe",
    "message_attachment_21MiB": "fichier_refuse",
    "message_attachment_not_uploaded": "fichier_non_depose",
    "message_blank_body": "message_vide",
    "message_delete_twice": "message_non_supprimable",
    "message_on_archived": "messagerie_fermee",
    "message_wrong_instructeur": "instructeur_sans_droit",
    "group_change_same": "groupe_identique",
    "annot_bad_choice": "option_inconnue",
    "annot_bad_email": "courriel_invalide",
    "annot_checkbox_for_yesno": "annotation_mauvais_type",
    "annot_decimal_4_digits": "decimales",
    "annot_unknown_id": "annotation_inconnue",
    "annot_single_wrong_id": "annotation_inconnue",
    "gql_accept_language_en": "inconnue",
}


@pytest.mark.parametrize(("name", "cause"), CAUSES.items())
def test_every_recorded_refusal_has_its_cause(name, cause):
    (payload,) = recording(name)["response"]["data"].values()
    (mutation,) = recording(name)["response"]["data"]
    demande = Demande(document=DOCUMENTS.get(mutation, mutation), mutation=True, dossier=24100001)
    error = refus(demande, tuple(e["message"] for e in payload["errors"]))
    assert isinstance(error, MutationRefused)
    assert error.cause == cause


@pytest.mark.parametrize(("name", "mutation", "answer"), MUTATIONS, ids=[name for name, _, _ in MUTATIONS])
def test_every_recorded_answer_to_a_write_is_applied_refused_or_unknown_and_nothing_else(name, mutation, answer):
    """Only the server's own failures leave a doubt; whatever it refused is known not to be applied."""
    status, headers, text = raw(name)
    demande = Demande(document=DOCUMENTS.get(mutation, mutation), mutation=True, dossier=24100001)
    answered = Recue(status=status, headers={k.lower(): v for k, v in headers.items()}, body=text.encode())
    outcome: Resultat | RemoteError
    try:
        outcome = classer(answered, demande, maintenant=0.0)
    except RemoteError as error:
        outcome = error
    match outcome:
        case Resultat(data=data):
            assert data[mutation] is not None
        case OutcomeUnknown():
            assert status >= 500 or "invalid_null" in text
        case MutationRefused(cause=cause):
            assert cause in {"introuvable", "identifiant_invalide"}
        case _:
            assert isinstance(outcome, AccessDenied | ContractBroken)


def test_every_recorded_text_of_refusal_is_known_except_the_english_one():
    unknown = set()
    for name, mutation, answer in MUTATIONS:
        payload = (answer.get("data") or {}).get(mutation) or {}
        for error in payload.get("errors") or ():
            demande = Demande(document=DOCUMENTS.get(mutation, mutation), mutation=True, dossier=1)
            found = refus(demande, (error["message"],))
            if isinstance(found, MutationRefused) and found.cause == "inconnue":
                unknown.add(name)
    assert unknown == {"gql_accept_language_en"}
