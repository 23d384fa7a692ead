"""The fault table: every answer that DS, a proxy or the network can give, through the whole transport."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from connector.api.echange import OperationAbsente, PanneInterne, VariableRefusee, sans_valeurs
from connector.core.model import Label
from connector.core.plan import AjouterLabel, ChangerEtat, EnvoyerMessage, Recu, SupprimerLabel, Transition
from connector.errors import (
    AccessDenied,
    ContractBroken,
    DossierError,
    DossierNotFound,
    MutationRefused,
    OutcomeUnknown,
    PageTimeout,
    RetryableError,
)
from tests.unit.api.fil import EPOCH, UN_DOSSIER, Fil, dossier, erreur, page

HTML = "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"
UUID = "c6188ce5-128a-4419-89bb-b9ab55cf9180"
PASSER = ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION)


def echec(*errors: dict[str, Any], status: int = 200, data: Any = None) -> tuple[int, dict[str, str], str]:
    body = json.dumps({"errors": list(errors), "data": data})
    return status, {"Content-Type": "application/json; charset=utf-8"}, body


def texte(status: int, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, body


def jamais_ouverte() -> Exception:
    return requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "Connection refused")))


@dataclass(frozen=True)
class Cas:
    """One row: an answer, what a read makes of it, what a write makes of it, and words that the operator reads."""

    answer: Any
    read: type[Exception]
    write: type[Exception]
    says: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    relances: int = 0
    relances_ecriture: int = 0


CAS = {
    "no token, wrong, revoked or v1": Cas(
        echec(erreur("Without a token, only persisted queries are allowed", "forbidden"), status=403),
        AccessDenied,
        AccessDenied,
        says=("ne reconnaît pas le jeton",),
        hints=("Vérifiez le jeton",),
    ),
    "no token, newer wording": Cas(
        echec(
            erreur(
                "Without a token, only the public getDemarcheDescriptor and getDemarcheDescriptors queries and "
                "introspection are allowed",
                "forbidden",
            ),
            status=403,
        ),
        AccessDenied,
        AccessDenied,
        says=("ne reconnaît pas le jeton",),
    ),
    "hidden due to permissions at the root": Cas(
        echec(erreur("An object of type Demarche was hidden due to permissions", "unauthorized", ["demarche"])),
        AccessDenied,
        AccessDenied,
        says=("ne donne pas accès",),
        hints=("administre toujours la démarche",),
    ),
    "forbidden network": Cas(
        echec(
            erreur(
                "Request issued from a forbidden network. Add 203.0.113.7/32 to your allowed adresses in your /profil",
                "forbidden",
            ),
            status=403,
        ),
        AccessDenied,
        AccessDenied,
        says=("203.0.113.7/32",),
        hints=("Ajoutez l’adresse 203.0.113.7/32",),
    ),
    "forbidden network, no address given": Cas(
        echec(erreur("Request issued from a forbidden network.", "forbidden"), status=403),
        AccessDenied,
        AccessDenied,
        says=("cette machine",),
    ),
    "403 from a firewall": Cas(texte(403, HTML), AccessDenied, AccessDenied, says=("HTTP 403",), hints=("pare-feu",)),
    "token expired": Cas(
        echec(erreur("Token expired", "unauthorized"), status=401),
        AccessDenied,
        AccessDenied,
        says=("a expiré",),
        hints=("Créez un nouveau jeton",),
    ),
    "401 of another kind": Cas(texte(401), AccessDenied, AccessDenied, says=("ne reconnaît pas le jeton",)),
    "the proxy wants a password": Cas(texte(407), AccessDenied, AccessDenied, says=("proxy",), hints=("HTTPS_PROXY",)),
    "body is not JSON, says DS": Cas(
        echec(erreur("unexpected character: 'pas' at line 1 column 1", "graphql_parse_failed"), status=400),
        ContractBroken,
        ContractBroken,
        says=("HTTP 400",),
    ),
    "400 without a word": Cas(texte(400), ContractBroken, ContractBroken, says=("sans explication",)),
    "another refusal": Cas(texte(413), ContractBroken, ContractBroken, says=("HTTP 413",)),
    "the address is another page's": Cas(
        texte(404, HTML), ContractBroken, ContractBroken, says=("HTTP 404",), hints=("/api/v2/graphql",)
    ),
    "method not allowed": Cas(texte(405), ContractBroken, ContractBroken, says=("HTTP 405",)),
    "gone": Cas(texte(410), ContractBroken, ContractBroken, says=("HTTP 410",)),
    "redirection": Cas(
        texte(301, Location="https://demarche.numerique.gouv.fr/api/v2/graphql?jeton=secret"),
        ContractBroken,
        ContractBroken,
        says=("redirige vers https://demarche.numerique.gouv.fr/api/v2/graphql",),
        hints=("mettez-la dans la configuration",),
    ),
    "redirection on the same host": Cas(
        texte(302, Location="/users/sign_in"), ContractBroken, ContractBroken, says=("redirige vers /users/sign_in",)
    ),
    "redirection to nowhere": Cas(texte(307), ContractBroken, ContractBroken, says=("redirige vers ?",)),
    "unknown field": Cas(
        echec(
            erreur(
                "Field 'pasUnChamp' doesn't exist on type 'Demarche'",
                "undefinedField",
                ["query", "demarche", "pasUnChamp"],
                typeName="Demarche",
            )
        ),
        ContractBroken,
        ContractBroken,
        says=("pasUnChamp",),
        hints=("Mettez le connecteur à jour",),
    ),
    "syntax error": Cas(
        echec(erreur('Parse error on "}" (RCURLY) at [1, 9]')), ContractBroken, ContractBroken, says=("Parse error",)
    ),
    "no data key at all": Cas(
        (200, {}, json.dumps({"errors": [{"message": "No query string was present"}]})), ContractBroken, ContractBroken
    ),
    "bad variable": Cas(
        echec(
            erreur(
                "Variable $input of type DossierModifierAnnotationsInput! was provided invalid value for "
                'annotations.0.value.date (Could not coerce value "32/12/2026" to ISO8601Date)',
                "",
                None,
                value={"secret": 1},
            )
        ),
        VariableRefusee,
        VariableRefusee,
        says=("annotations.0.value.date", "type ISO8601Date attendu"),
    ),
    "unknown operation": Cas(
        echec(erreur("Field 'dossierModifierAnnotations' doesn't exist on type 'Mutation'", "undefinedField")),
        OperationAbsente,
        OperationAbsente,
    ),
    "paging arguments combined wrongly": Cas(
        echec(erreur('Arguments "first" and "last" are exclusive', "bad_request", ["demarche", "dossiers"])),
        ContractBroken,
        ContractBroken,
        says=("are exclusive",),
    ),
    "too deep": Cas(
        echec(erreur("Query has depth of 19, which exceeds max depth of 15")),
        ContractBroken,
        ContractBroken,
        says=("depth of 19",),
    ),
    "execution over 30 s": Cas(
        echec(
            erreur("Timeout on Dossier.champs", "timeout", ["demarche"]),
            erreur("Timeout on Dossier.annotations", "", ["demarche"]),
            data={"demarche": {"id": "x"}},
        ),
        RetryableError,
        OutcomeUnknown,
    ),
    "a timeout without its code": Cas(
        echec(erreur("Timeout on Demarche.dossiers", "", ["demarche"])), RetryableError, OutcomeUnknown
    ),
    "bad data on a non-null field of the démarche": Cas(
        echec(
            erreur("Cannot return null for non-nullable field Label.name", "invalid_null", ["demarche", "labels", 0])
        ),
        ContractBroken,
        OutcomeUnknown,
        says=("Label.name",),
    ),
    "bad data that does not say which": Cas(
        echec(erreur("Something is null", "invalid_null", ["demarche"])), ContractBroken, OutcomeUnknown
    ),
    "internal error": Cas(
        echec(erreur("Internal Server Error", "internal_server_error", exception_id=UUID), status=500),
        PanneInterne,
        OutcomeUnknown,
        says=(UUID,),
        relances=2,
    ),
    "internal error said with a 200": Cas(
        echec(erreur("Internal Server Error", "internal_server_error")),
        PanneInterne,
        OutcomeUnknown,
        says=("inconnue",),
        relances=2,
    ),
    "500 with another error": Cas(
        echec(erreur("Oups", "autre"), status=500), RetryableError, OutcomeUnknown, says=("HTTP 500",), relances=4
    ),
    "500 without its reference": Cas(
        echec(erreur("Internal Server Error", "internal_server_error"), status=500),
        PanneInterne,
        OutcomeUnknown,
        relances=2,
    ),
    "500 without its shape": Cas(texte(500, HTML), RetryableError, OutcomeUnknown, says=("HTTP 500",), relances=4),
    "maintenance": Cas(
        (503, {"Content-Type": "application/json"}, json.dumps({"error": "Le site est actuellement en maintenance."})),
        RetryableError,
        OutcomeUnknown,
        says=("en maintenance",),
        relances=4,
    ),
    "503 in HTML": Cas(texte(503, HTML), RetryableError, OutcomeUnknown, says=("HTTP 503",), relances=4),
    "bad gateway": Cas(texte(502, HTML), RetryableError, OutcomeUnknown, says=("HTTP 502",), relances=4),
    "gateway timeout": Cas(texte(504, HTML), RetryableError, OutcomeUnknown, says=("HTTP 504",), relances=4),
    "408": Cas(texte(408), RetryableError, OutcomeUnknown, says=("408",), relances=4),
    "throttled": Cas(
        texte(429, "Calme toi, cowboy !", RateLimit_Remaining="0", RateLimit_Reset="1795297140"),
        RetryableError,
        RetryableError,
        says=("trop de requêtes",),
        relances=4,
        relances_ecriture=2,
    ),
    "an HTML page with a 200": Cas(texte(200, HTML), ContractBroken, OutcomeUnknown, says=("page web",)),
    "truncated JSON": Cas(
        texte(200, '{"data": {"demarche": {"id": "Proc'),
        RetryableError,
        OutcomeUnknown,
        says=("incomplète",),
        relances=4,
    ),
    "an empty body": Cas(texte(200), RetryableError, OutcomeUnknown, relances=4),
    "JSON, but not an object": Cas(texte(200, "[1, 2]"), RetryableError, OutcomeUnknown, relances=4),
    "JSON nested without end": Cas(texte(200, "[" * 200_000), RetryableError, OutcomeUnknown, relances=4),
    "data null and no error": Cas(
        texte(200, '{"data": null}'), RetryableError, OutcomeUnknown, says=("vide",), relances=4
    ),
    "errors of a strange shape": Cas(
        texte(200, '{"data": null, "errors": ["a", 1]}'), RetryableError, OutcomeUnknown, relances=4
    ),
    "an unknown code": Cas(
        echec(erreur("Quelque chose", "nouveau_code", ["demarche"])), ContractBroken, ContractBroken, says=("Quelque",)
    ),
    "the connection was never opened": Cas(
        jamais_ouverte(),
        RetryableError,
        RetryableError,
        says=("injoignable",),
        hints=("proxy",),
        relances=4,
        relances_ecriture=2,
    ),
    "connect timeout": Cas(requests.ConnectTimeout(), RetryableError, RetryableError, relances=4, relances_ecriture=2),
    "the proxy cannot be reached": Cas(
        requests.exceptions.ProxyError(), RetryableError, RetryableError, relances=4, relances_ecriture=2
    ),
    "no answer in time": Cas(requests.ReadTimeout(), RetryableError, OutcomeUnknown, says=("à temps",), relances=4),
    "connection reset": Cas(
        requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))),
        RetryableError,
        OutcomeUnknown,
        says=("coupée",),
        relances=4,
    ),
    "the body stops before its end": Cas(
        requests.exceptions.ChunkedEncodingError(), RetryableError, OutcomeUnknown, says=("coupée",), relances=4
    ),
}


def _lit(gateway: Any) -> Any:
    return gateway.demarche(104234)


def _ecrit(gateway: Any) -> Any:
    return gateway.apply(UN_DOSSIER, "Instructeur-1", PASSER)


@pytest.mark.parametrize("cas", CAS.values(), ids=CAS.keys())
def test_a_read_tells_each_failure_for_what_it_is(cas: Cas, fil: Fil, ds, horloge):
    fil.repondre(*[cas.answer] * (cas.relances + 1))
    with pytest.raises(cas.read) as caught:
        _lit(ds)
    _says(caught.value, cas)
    assert len(horloge.waits) == cas.relances
    assert ds.compteurs.lectures == cas.relances + 1


@pytest.mark.parametrize("cas", CAS.values(), ids=CAS.keys())
def test_a_write_is_repeated_only_when_it_was_certainly_not_applied(cas: Cas, fil: Fil, ds):
    fil.repondre(*[cas.answer] * (cas.relances_ecriture + 1))
    with pytest.raises(cas.write) as caught:
        _ecrit(ds)
    assert ds.compteurs.ecritures == cas.relances_ecriture + 1
    if cas.write is OutcomeUnknown:
        assert "peut-être été faite" in str(caught.value)
        assert caught.value.exit_code == 75
    else:
        _says(caught.value, cas)


def _says(error: Exception, cas: Cas) -> None:
    for words in cas.says:
        assert words in str(error)
    for words in cas.hints:
        assert words in error.hint
    for secret in ("secret", "32/12/2026", "jeton-de-test"):
        assert secret not in f"{error} {error.hint}"


@pytest.mark.parametrize(("error", "code"), [(AccessDenied, 77), (ContractBroken, 76), (RetryableError, 75)])
def test_each_class_ends_the_process_with_its_own_code(error, code):
    assert error("x").exit_code == code


def test_a_page_over_30_s_is_a_smaller_page_to_ask_for_and_is_not_repeated_as_is(fil: Fil, ds):
    fil.repondre(CAS["execution over 30 s"].answer)
    with pytest.raises(PageTimeout):
        ds.demarche(104234)


def test_an_unknown_dossier_is_not_found_with_its_number(fil: Fil, ds):
    fil.repondre(echec(erreur("Dossier not found", "not_found", ["dossier"])))
    with pytest.raises(DossierNotFound, match="24100001") as caught:
        ds.dossier(24100001)
    assert caught.value.number == 24100001


def test_an_unknown_demarche_is_said_with_its_number_and_what_to_check(fil: Fil, ds):
    fil.repondre(echec(erreur("Demarche not found", "not_found", ["demarche"])))
    with pytest.raises(AccessDenied, match="ne connaît pas la démarche 104234") as caught:
        ds.demarche(104234)
    assert "Vérifiez son numéro" in caught.value.hint


def test_a_dossier_out_of_the_token_s_reach_is_a_right_that_is_missing(fil: Fil, ds):
    hidden = "An object of type Dossier was hidden due to permissions"
    fil.repondre(echec(erreur(hidden, "unauthorized", ["dossier"])))
    with pytest.raises(AccessDenied, match="le dossier 24100001"):
        ds.dossier(24100001)


def test_a_dossier_that_ds_cannot_render_is_set_aside_alone(fil: Fil, ds):
    null = "Cannot return null for non-nullable field PersonneMorale.siegeSocial"
    fil.repondre(echec(erreur(null, "invalid_null", ["dossier", "demandeur", "siegeSocial"])))
    with pytest.raises(DossierError, match=r"PersonneMorale\.siegeSocial") as caught:
        ds.dossier(24100001)
    assert caught.value.number == 24100001


def test_a_hole_for_an_unknown_reason_is_never_taken_for_good_data(fil: Fil, ds):
    answer = {
        "data": {"dossier": dossier() | {"champs": [{"dossier": None}]}},
        "errors": [erreur("Mystère", "autre", ["dossier", "champs", 0, "dossier"])],
    }
    fil.repondre(answer)
    with pytest.raises(DossierError, match="Mystère"):
        ds.dossier(24100001)


def test_a_hole_in_the_answer_to_a_write_leaves_the_write_unknown(fil: Fil, ds):
    null = "Cannot return null for non-nullable field Dossier.state"
    fil.repondre(
        {
            "data": {"resultat": {"dossier": None, "errors": None}},
            "errors": [erreur(null, "invalid_null", ["resultat", "dossier", "state"])],
        }
    )
    with pytest.raises(OutcomeUnknown, match="24100001"):
        _ecrit(ds)


# Refusals ------------------------------------------------------------------------------------------------------------

ACCEPTER = ChangerEtat(transition=Transition.ACCEPTER, motivation="Retenu.", decision="D")
REPASSER = ChangerEtat(transition=Transition.REPASSER_EN_INSTRUCTION)
MESSAGE = EnvoyerMessage(template="correction", body="Bonjour", reference="1-A")

REFUS: list[tuple[str, str, Any]] = [
    ("L’instructeur n’a pas les droits d’accès à ce dossier", "instructeur_sans_droit", PASSER),
    ("Le dossier est déjà en construction", "etat_en_construction", ACCEPTER),
    ("Le dossier est déjà en instruction", "etat_en_instruction", PASSER),
    ("Le dossier est déjà accepté", "etat_accepte", PASSER),
    ("Le dossier est déjà refusé", "etat_refuse", PASSER),
    ("Le dossier est déjà classé sans suite", "etat_sans_suite", PASSER),
    ("Le dossier est déjà en instruction", "annotations_incompletes", ACCEPTER),
    ("Le dossier est déjà accepté", "compte_supprime", REPASSER),
    ("Le dossier est déjà en instruction", "etat_en_instruction", REPASSER),
    ("Le dossier est déjà en construction", "inconnue", PASSER),
    ("Le dossier est déjà ailleurs", "inconnue", PASSER),
    ("Le dossier est déjà avec le groupe instructeur: 'Nord'", "groupe_identique", PASSER),
    (
        "Le groupe instructeur 'Nord' n’appartient pas à la même démarche que le dossier",
        "groupe_autre_demarche",
        PASSER,
    ),
    ("Le dossier est en attente de correction", "correction_en_attente", PASSER),
    ("Une demande de correction est déjà en attente sur ce dossier", "correction_en_attente", MESSAGE),
    (
        "Le dossier ne peut pas faire l’objet d’une demande de correction car il est accepté",
        "correction_impossible",
        MESSAGE,
    ),
    (
        "Les informations du SIRET du dossier ne sont pas complètes. Veuillez réessayer plus tard.",
        "siret_incomplet",
        ACCEPTER,
    ),
    (
        "Un dossier ne peut être déplacé dans « à archiver » qu’une fois le traitement terminé",
        "archivage_premature",
        PASSER,
    ),
    ("Un dossier non archivé ne peut pas être désarchivé", "non_archive", PASSER),
    ("Ce label n’appartient pas à la même démarche que le dossier", "label_autre_demarche", PASSER),
    ("Ce label est déjà associé au dossier", "label_deja_associe", PASSER),
    ("Ce label n’est pas associé au dossier", "label_non_associe", PASSER),
    ("Impossible de supprimer le label", "label_non_supprime", PASSER),
    ("Le champ « Votre message » ne peut être vide", "message_vide", MESSAGE),
    (
        "Le champ « Dossier » Il n’est pas possible d’envoyer un message sur un dossier supprimé, à archiver ou …",
        "messagerie_fermee",
        MESSAGE,
    ),
    ("Le message ne peut pas être supprimé", "message_non_supprimable", MESSAGE),
    ("L’identifiant du fichier téléversé est invalide", "fichier_inconnu", ACCEPTER),
    ("Le hash du fichier téléversé est invalide", "fichier_altere", ACCEPTER),
    ("Le fichier n’a pas été correctement téléversé sur le serveur de stockage", "fichier_non_depose", ACCEPTER),
    (
        "Le champ « Pièce jointe » la taille du fichier doit être inférieure à 20 Mo",
        "fichier_refuse",
        MESSAGE,
    ),
    ("Must be something else", "inconnue", PASSER),
]


@pytest.mark.parametrize(("text", "cause", "action"), REFUS)
def test_a_refusal_has_a_stable_cause_a_french_reason_and_ds_s_own_words(text, cause, action, fil: Fil, ds):
    fil.repondre({"data": {"resultat": {"errors": [{"message": text}]}}})
    with pytest.raises(MutationRefused) as caught:
        ds.apply(UN_DOSSIER, "Instructeur-1", action)
    assert caught.value.cause == cause
    assert caught.value.texts == (text,)
    assert caught.value.number == 24100001
    assert str(caught.value).startswith("Démarches simplifiées a refusé d’écrire sur le dossier 24100001 : ")
    assert (text in str(caught.value)) is (cause == "inconnue")


@pytest.mark.parametrize("apostrophe", ["'", "‘", "’", "ʼ"])
def test_an_apostrophe_of_any_kind_is_the_same(apostrophe, fil: Fil, ds):
    text = f"L{apostrophe}instructeur n{apostrophe}a pas les droits d{apostrophe}accès à ce dossier"
    fil.repondre({"data": {"resultat": {"errors": [{"message": text}]}}})
    with pytest.raises(MutationRefused, match="groupe du dossier") as caught:
        _ecrit(ds)
    assert caught.value.cause == "instructeur_sans_droit"
    assert "désignez un instructeur de ce groupe" in caught.value.hint


def test_a_read_only_token_is_a_right_that_is_missing_not_a_refusal(fil: Fil, ds):
    text = "Le jeton utilisé est configuré seulement en lecture"
    fil.repondre({"data": {"resultat": {"errors": [{"message": text}]}}})
    with pytest.raises(AccessDenied, match="ne permet que la lecture") as caught:
        _ecrit(ds)
    assert "droit d’écriture" in caught.value.hint


@pytest.mark.parametrize(
    ("message", "code", "cause"),
    [
        ("DossierPasserEnInstructionPayload not found", "not_found", "introuvable"),
        ('Invalid input: "xxx"', "", "identifiant_invalide"),
        ('No object found for `instructeurId: "VXNlci0x"`', "", "identifiant_invalide"),
    ],
)
def test_an_identifier_that_ds_does_not_know_means_not_applied(message, code, cause, fil: Fil, ds):
    fil.repondre(echec(erreur(message, code, ["resultat"]), data={"resultat": None}))
    with pytest.raises(MutationRefused) as caught:
        _ecrit(ds)
    assert caught.value.cause == cause


def test_an_error_that_we_do_not_know_in_the_middle_of_a_write_leaves_it_unknown(fil: Fil, ds):
    fil.repondre(echec(erreur("Deadlock found", "", ["resultat"]), data={"resultat": None}))
    with pytest.raises(OutcomeUnknown, match="Deadlock found"):
        _ecrit(ds)


def test_a_refusal_without_a_word_is_unknown_too(fil: Fil, ds):
    fil.repondre({"data": {"resultat": {"errors": [{"message": ""}]}}})
    with pytest.raises(MutationRefused) as caught:
        _ecrit(ds)
    assert caught.value.cause == "inconnue"


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (AjouterLabel(label=Label(id="L", name="Complet")), "Ce label est déjà associé au dossier"),
        (SupprimerLabel(label=Label(id="L", name="Complet")), "Ce label n’est pas associé au dossier"),
    ],
)
def test_a_label_that_is_already_as_wanted_is_a_success(action, text, fil: Fil, ds):
    fil.repondre({"data": {"resultat": {"label": None, "errors": [{"message": text}]}}})
    assert ds.apply(UN_DOSSIER, "Instructeur-1", action) == Recu()


def test_a_label_of_another_demarche_is_refused(fil: Fil, ds):
    text = "Ce label n’appartient pas à la même démarche que le dossier"
    fil.repondre({"data": {"resultat": {"errors": [{"message": text}]}}})
    with pytest.raises(MutationRefused) as caught:
        ds.apply(UN_DOSSIER, "Instructeur-1", AjouterLabel(label=Label(id="L", name="Complet")))
    assert caught.value.cause == "label_autre_demarche"


# What the server asks to wait ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"RateLimit-Reset": "1795297140"}, 40.0),
        ({"RateLimit-Reset": "1795297140", "Date": "Sat, 21 Nov 2026 21:38:50 GMT"}, 10.0),
        ({"RateLimit-Reset": "1795297140", "Date": "n’importe quoi"}, 40.0),
        ({"RateLimit-Reset": "1795297000"}, 0.0),
        ({"RateLimit-Reset": "1999999999"}, 60.0),
        ({"RateLimit-Reset": "bientôt"}, 60.0),
        ({}, 60.0),
    ],
)
def test_a_throttled_request_waits_until_the_reset_told_by_the_server_s_own_clock(headers, wait, fil: Fil, ds, horloge):
    fil.repondre((429, headers, "Calme toi, cowboy !"), page([]))
    ds.page(104234, updated_since=EPOCH, after=None)
    assert horloge.waits == [pytest.approx(wait)]


@pytest.mark.parametrize(("header", "wait"), [("7", 7.0), ("3600", 60.0), ("Sat, 21 Nov 2026", 1.0)])
def test_a_retry_after_in_seconds_is_obeyed_within_a_minute(header, wait, fil: Fil, ds, horloge):
    fil.repondre((503, {"Retry-After": header}, HTML), page([]))
    ds.page(104234, updated_since=EPOCH, after=None)
    assert horloge.waits == [wait]


def test_a_server_s_message_is_shown_without_the_values_it_repeats():
    assert sans_valeurs('Could not coerce value "Mme Untel\nici" to ISO8601Date') == "type ISO8601Date attendu"
    assert sans_valeurs('Invalid input: "xxx"') == "Invalid input: « … »"
    assert len(sans_valeurs("x" * 1000)) == 300
