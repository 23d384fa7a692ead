from __future__ import annotations

import hashlib
from datetime import datetime

import pytest

from connector.api import lecture
from connector.api.champs import ERREURS, LecteurChamps
from connector.api.echange import Erreur
from connector.core.model import Correction, Demandeur, DossierState, Groupe, Label, Profil, Repere, Traitement
from tests.unit.api.fil import INSTANT, champ, dossier

LE = datetime.fromisoformat(INSTANT)


def lire(**values):
    return lecture.dossier(dossier(**values), LecteurChamps())


def message(**values):
    return {
        "id": "Commentaire-1",
        "email": "usager@exemple.fr",
        "body": "Bonjour",
        "createdAt": INSTANT,
        "discardedAt": None,
        "correction": None,
    } | values


def test_a_dossier_is_read_whole():
    read = lire(
        datePassageEnInstruction="2026-12-01T08:00:00+01:00",
        labels=[{"id": "L1", "name": "Complet"}],
        annotations=[champ(value="note")],
    )
    assert (read.id, read.number, read.demarche_number, read.revision_id) == (
        "Dossier-24100001",
        24100001,
        104234,
        "Revision-1",
    )
    assert read.state is DossierState.EN_CONSTRUCTION
    assert read.date_depot == LE
    assert read.date_passage_en_instruction == datetime.fromisoformat("2026-12-01T08:00:00+01:00")
    assert read.date_traitement is None
    assert read.usager_email == "usager@exemple.fr"
    assert read.labels == (Label(id="L1", name="Complet"),)
    assert read.traitements == (Traitement(event="depose", date=LE),)
    assert read.groupe == Groupe(
        id="Groupe-1",
        number=1,
        label="Groupe",
        instructeurs=(Profil(id="Instructeur-1", email="agent@exemple.fr"),),
    )
    assert [c.value for c in read.champs] == ["bonjour"]
    assert [a.value for a in read.annotations] == ["note"]


def test_a_state_of_a_newer_ds_is_unknown_and_not_an_error():
    assert lire(state="en_orbite").state is DossierState.INCONNU


def test_a_deleted_account_is_told():
    assert lire(connectionUsager="deleted").compte_supprime
    assert not lire(connectionUsager="france_connect").compte_supprime


@pytest.mark.parametrize(
    ("brut", "expected"),
    [
        (
            {"__typename": "PersonneMorale", "siret": "1", "entreprise": None, "association": None},
            Demandeur(typename="PersonneMorale", siret="1"),
        ),
        (
            {"__typename": "PersonneMoraleIncomplete", "siret": "1"},
            Demandeur(typename="PersonneMoraleIncomplete", siret="1", complet=False),
        ),
        ({"__typename": "PersonnePhysique"}, Demandeur(typename="PersonnePhysique")),
        ({"__typename": "Anonymous"}, Demandeur(typename="Anonymous")),
    ],
)
def test_each_kind_of_demandeur_is_read(brut, expected):
    assert lire(demandeur=brut).demandeur == expected


def test_a_message_is_digested_and_its_text_forgotten():
    body = "Bonjour,\r\n\r\nVoici.  \n"
    (read,) = lire(messages=[message(body=body)]).messages
    assert read.empreinte == hashlib.sha256(b"Bonjour,\n\nVoici.").hexdigest()
    assert not [f for f in read.__slots__ if "Voici" in str(getattr(read, f))]


def test_a_deleted_message_has_no_digest():
    (read,) = lire(messages=[message(body="", discardedAt=INSTANT)]).messages
    assert (read.empreinte, read.discarded_at) == ("", LE)


def test_our_own_message_is_known_by_its_reference_and_the_applicant_quoting_it_is_not_us():
    ours = "Il manque une pièce.\n\nRéf. : 24100001-0123456789"
    agent, usager = lire(
        messages=[message(email="agent@exemple.fr", body=ours), message(body=f"Je réponds à :\n{ours}")]
    ).messages
    assert agent.reference == "24100001-0123456789"
    assert usager.reference is None


def test_only_html_from_somebody_who_is_nobody_is_the_system_s():
    html = "<p>[Votre dossier a bien été déposé]</p>"
    system, usager, agent, expert = lire(
        messages=[
            message(email="contact@ds.exemple", body=html),
            message(body=html),
            message(email="agent@exemple.fr", body=html),
            message(email="expert@exemple.fr", body="Bonjour"),
        ]
    ).messages
    assert [m.systeme for m in (system, usager, agent, expert)] == [True, False, False, False]
    assert system.reference is None


def test_a_correction_is_read_with_its_resolution():
    (read,) = lire(messages=[message(correction={"reason": "incomplete", "dateResolution": INSTANT})]).messages
    assert read.correction == Correction(reason="incomplete", date_resolution=LE)


@pytest.mark.parametrize(
    ("reponse", "answer", "repondu"),
    [(None, None, False), ("  ", None, False), ("Favorable", None, True), (None, False, True), ("", True, True)],
)
def test_an_avis_is_answered_when_it_has_an_answer_not_when_it_has_a_date(reponse, answer, repondu):
    brut = {
        "id": "Avis-1",
        "dateQuestion": INSTANT,
        "dateReponse": INSTANT,
        "reponse": reponse,
        "questionAnswer": answer,
    }
    (read,) = lire(avis=[brut]).avis
    assert (read.repondu, read.date_reponse) == (repondu, LE if repondu else None)


@pytest.mark.parametrize(
    "values", [{"usager": None}, {"dateDepot": None}, {"dateDepot": "hier"}, {"demarche": {}}, {"champs": None}]
)
def test_a_dossier_without_what_ds_always_gives_is_a_value_error(values):
    with pytest.raises(ValueError):  # noqa: PT011 - each message is Python's own
        lire(**values)


def test_a_missing_key_is_a_value_error_that_names_it():
    brut = dossier()
    del brut["groupeInstructeur"]
    with pytest.raises(ValueError, match="groupeInstructeur"):
        lecture.dossier(brut, LecteurChamps())


def test_an_error_is_noted_beside_its_null_and_nowhere_else():
    data = {"a": {"nodes": [None, {"champs": [{"dossier": None, "id": "x"}]}]}, "b": {"c": 1}}
    lecture.marquer(
        data,
        [
            Erreur(message="", code="unauthorized", path=("a", "nodes", 1, "champs", 0, "dossier")),
            Erreur(message="", code="invalid_null", path=("a", "nodes", 0, "siret")),
            Erreur(message="", code="not_found", path=("b", "c")),
        ],
    )
    assert data["a"]["nodes"][1] == {"champs": [{"dossier": None, "id": "x", ERREURS: {"dossier": "unauthorized"}}]}
    assert data["a"]["nodes"][0] is None
    assert data["b"] == {"c": 1}


def test_a_landmark_of_a_rich_page_has_neither_state_nor_revision():
    assert lecture.repere({"number": 1, "dateDerniereModification": INSTANT}) == Repere(
        number=1, date_derniere_modification=LE
    )
