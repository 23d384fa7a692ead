"""What an answer means: the one place that turns (status, headers, body) or silence into a result or an error.

Contract §1.3, appendices B and C. A write that may have been applied is always `OutcomeUnknown`; every other error of a
write means that it was not. Messages are for an operator: the cause, then what to do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn, assert_never
from urllib.parse import urlsplit

from connector.api.echange import (
    Demande,
    Erreur,
    Motif,
    OperationAbsente,
    PanneInterne,
    Perdue,
    Recue,
    Resultat,
    VariableRefusee,
    sans_valeurs,
)
from connector.api.refus import refus
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

REPRISE = "Rien à faire : le prochain passage reprendra où celui-ci s’est arrêté."
RELECTURE = "Rien n’est renvoyé à l’aveugle : le prochain passage relit le dossier et tranche."


def classer(reponse: Recue | Perdue, demande: Demande, *, maintenant: float) -> Resultat:
    """The result of a request, or the error it means; `maintenant` in epoch seconds, for `RateLimit-Reset`."""
    if isinstance(reponse, Perdue):
        _sans_reponse(reponse.motif, demande)
    if not 200 <= reponse.status < 300:  # noqa: PLR2004 - the HTTP success range
        _par_statut(reponse, demande, maintenant)
    return _par_contenu(_json(reponse, demande), demande)


# Silence ------------------------------------------------------------------------------------------------------------


def _sans_reponse(motif: Motif, demande: Demande) -> NoReturn:
    match motif:
        case Motif.INJOIGNABLE:
            raise RetryableError(
                "Démarches simplifiées est injoignable : la connexion n’a pas pu être ouverte.",
                reached=False,
                hint="Vérifiez l’accès au réseau, le pare-feu ou le proxy ; le prochain passage reprendra.",
            )
        case Motif.CERTIFICAT:
            raise AccessDenied(
                "Le certificat présenté par Démarches simplifiées n’est pas reconnu ; le jeton n’a pas été envoyé.",
                hint="Si le proxy de l’établissement déchiffre le trafic, indiquez le fichier de son autorité de "
                "certification dans la configuration ; sinon, prévenez votre service informatique.",
            )
        case Motif.DELAI:
            _passagere("Démarches simplifiées n’a pas répondu à temps.", demande)
        case Motif.COUPURE:
            _passagere("La connexion avec Démarches simplifiées a été coupée avant la fin de la réponse.", demande)
        case Motif.DEMESURE:
            message = "La réponse de Démarches simplifiées est démesurée : sa lecture a été arrêtée."
            if demande.mutation:
                _passagere(message, demande)
            raise PageTimeout(message, hint=REPRISE)
        case _:
            assert_never(motif)


def _passagere(message: str, demande: Demande, *, retry_after: float | None = None) -> NoReturn:
    """A passing failure: try a read again later; of a write, nobody knows whether it was applied (contract §8)."""
    if demande.mutation:
        raise OutcomeUnknown(f"{message} L’écriture sur {demande.sujet} a peut-être été faite.", hint=RELECTURE)
    raise RetryableError(message, retry_after=retry_after, hint=REPRISE)


# HTTP status --------------------------------------------------------------------------------------------------------


def _par_statut(reponse: Recue, demande: Demande, maintenant: float) -> NoReturn:
    status = reponse.status
    if status in _STATUTS:
        _STATUTS[status](reponse, demande, maintenant)
    if 300 <= status < 400:  # noqa: PLR2004 - the HTTP redirection range
        _redirection(reponse)
    if status >= 500:  # noqa: PLR2004 - the HTTP server error range
        _serveur(reponse, demande)
    raise ContractBroken(
        f"Démarches simplifiées a refusé la requête (HTTP {status}) : {_premier_texte(reponse) or 'sans explication'}.",
        hint="Rien n’a été écrit. Mettez le connecteur à jour ou transmettez ce message à qui le maintient.",
    )


def _redirection(reponse: Recue) -> NoReturn:
    location = urlsplit(reponse.headers.get("location", ""))
    vers = f"{location.scheme}://{location.netloc}{location.path}" if location.netloc else location.path or "?"
    raise ContractBroken(
        f"L’adresse configurée redirige vers {vers} ; le connecteur ne suit pas les redirections et n’y a pas envoyé "
        "le jeton.",
        hint="Si cette adresse est bien celle de Démarches simplifiées, mettez-la dans la configuration.",
    )


def _non_authentifie(reponse: Recue, _demande: Demande, _maintenant: float) -> NoReturn:
    if "expired" in _premier_texte(reponse).casefold():
        raise AccessDenied(
            "Le jeton d’API a expiré.",
            hint="Créez un nouveau jeton dans votre profil Démarches simplifiées et mettez-le à la place de l’ancien.",
        )
    _jeton_inconnu()


def _jeton_inconnu() -> NoReturn:
    raise AccessDenied(
        "Démarches simplifiées ne reconnaît pas le jeton d’API : absent, mal recopié ou révoqué.",
        hint="Vérifiez le jeton fourni au connecteur, ou créez-en un dans votre profil Démarches simplifiées.",
    )


_ADRESSE = re.compile(r"Add (\S+) to your")


def _interdit(reponse: Recue, _demande: Demande, _maintenant: float) -> NoReturn:
    texte = _premier_texte(reponse)
    if "forbidden network" in texte:
        found = _ADRESSE.search(texte)
        adresse = found.group(1) if found else "de cette machine"
        raise AccessDenied(
            f"Le jeton d’API n’est pas utilisable depuis ce réseau : l’adresse {adresse} n’est pas autorisée.",
            hint=f"Ajoutez l’adresse {adresse} aux réseaux autorisés du jeton, dans votre profil DS.",
        )
    if "Without a token" in texte:
        _jeton_inconnu()
    raise AccessDenied(
        "L’accès à Démarches simplifiées est refusé (HTTP 403).",
        hint="Le refus vient peut-être d’un proxy ou d’un pare-feu : vérifiez l’adresse, le jeton et le réseau.",
    )


def _proxy(_reponse: Recue, _demande: Demande, _maintenant: float) -> NoReturn:
    raise AccessDenied(
        "Le proxy demande une authentification (HTTP 407).",
        hint="Complétez la variable HTTPS_PROXY avec l’identifiant que donne votre service informatique.",
    )


def _mauvaise_adresse(reponse: Recue, _demande: Demande, _maintenant: float) -> NoReturn:
    raise ContractBroken(
        f"L’adresse configurée n’est pas celle de l’API de Démarches simplifiées (HTTP {reponse.status}).",
        hint="L’adresse attendue se termine par /api/v2/graphql.",
    )


def _trop_de_requetes(reponse: Recue, _demande: Demande, maintenant: float) -> NoReturn:
    """429: never applied. The wait comes from DS's own clock when it gives one, so that ours may be wrong."""
    raise RetryableError(
        "Démarches simplifiées reçoit trop de requêtes avec ce jeton et demande d’attendre.",
        retry_after=_delai(reponse.headers, maintenant),
        hint="Rien n’est perdu. Si cela se répète, voyez si un autre programme utilise le même jeton.",
    )


MINUTE = 60.0
"""The window of DS's throttle, in seconds (contract §1.4): also the wait when it does not say, and the longest."""


def _delai(headers: Mapping[str, str], maintenant: float) -> float:
    """Seconds until the quota is given back, from 0 to one minute."""
    try:
        reset = float(headers["ratelimit-reset"])
    except (KeyError, ValueError):
        return MINUTE
    return max(0.0, min(reset - _heure_du_serveur(headers, maintenant), MINUTE))


def _heure_du_serveur(headers: Mapping[str, str], maintenant: float) -> float:
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return maintenant


def _delai_depasse(_reponse: Recue, demande: Demande, _maintenant: float) -> NoReturn:
    _passagere("Démarches simplifiées a abandonné la requête avant de l’avoir lue (HTTP 408).", demande)


def _serveur(reponse: Recue, demande: Demande) -> NoReturn:
    for erreur in _erreurs(_contenu(reponse)):
        if erreur.exception_id or erreur.code == "internal_server_error":
            _panne(erreur, demande)
    contenu = _contenu(reponse)
    entretien = reponse.status == 503 and isinstance(contenu, dict) and "error" in contenu  # noqa: PLR2004
    message = (
        "Démarches simplifiées est en maintenance."
        if entretien
        else f"Démarches simplifiées est momentanément indisponible (HTTP {reponse.status})."
    )
    _passagere(message, demande, retry_after=_secondes(reponse.headers.get("retry-after", "")))


def _secondes(texte: str) -> float | None:
    """The wait that a `Retry-After` in seconds asks for, at most a minute; DS itself never sends one."""
    return min(float(texte), MINUTE) if texte.isdecimal() else None


def _panne(erreur: Erreur, demande: Demande) -> NoReturn:
    message = f"Démarches simplifiées a rencontré une erreur interne (référence {erreur.exception_id or 'inconnue'})."
    if demande.mutation:
        _passagere(message, demande)
    raise PanneInterne(message, hint="Si cela dure, donnez cette référence à l’assistance de Démarches simplifiées.")


_STATUTS: dict[int, Callable[[Recue, Demande, float], NoReturn]] = {
    401: _non_authentifie,
    403: _interdit,
    404: _mauvaise_adresse,
    405: _mauvaise_adresse,
    407: _proxy,
    408: _delai_depasse,
    410: _mauvaise_adresse,
    429: _trop_de_requetes,
}


# JSON ---------------------------------------------------------------------------------------------------------------


_DEBUT = 1024
"""Bytes among which a web page begins, blanks aside."""


def _json(reponse: Recue, demande: Demande) -> dict[str, Any]:
    """The JSON object of a successful answer; numbers with a point are Decimal, as DS wrote them."""
    if reponse.body[:_DEBUT].lstrip()[:1] == b"<":
        if demande.mutation:
            _passagere("La réponse est une page web, pas celle de l’API.", demande)
        raise ContractBroken(
            "La réponse est une page web, pas celle de l’API de Démarches simplifiées.",
            hint="Un proxy ou un portail d’accès s’interpose, ou l’adresse configurée n’est pas celle de l’API.",
        )
    contenu = _contenu(reponse, consommer=True)
    if isinstance(contenu, dict):
        return contenu
    _passagere("La réponse de Démarches simplifiées est incomplète ou illisible.", demande)


def _contenu(reponse: Recue, *, consommer: bool = False) -> Any:
    """The JSON of an answer, None when it is not JSON in UTF-8; NaN, which JSON has no word for, is none either.

    `consommer` lets the bytes go once they are a text: they are not needed while it is parsed, where memory peaks.
    """
    try:
        texte = _sans_moitie(reponse.body)
        if consommer:
            reponse.oublier()
        return json.loads(texte, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(nom: str) -> NoReturn:
    raise ValueError(nom)


_MOITIE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


_SURROGAT = re.compile(rb"\\u[dD]")


def _sans_moitie(body: bytes | bytearray) -> str:
    """The text of a JSON without the halves of characters that no database and no digest can hold."""
    texte = body.decode("utf-8-sig")
    if not _SURROGAT.search(body):  # in the bytes: a page is searched in no time
        return texte
    return _MOITIE.sub(lambda m: "\\ufffd" if m.group(1) else m.group(), texte)


def _erreurs(contenu: Any) -> tuple[Erreur, ...]:
    """The top-level GraphQL errors of an answer, whatever shape they have."""
    found = contenu.get("errors") if isinstance(contenu, dict) else None
    return tuple(_erreur(e) for e in found if isinstance(e, dict)) if isinstance(found, list) else ()


def _erreur(brute: dict[str, Any]) -> Erreur:
    extensions = brute.get("extensions")
    extensions = extensions if isinstance(extensions, dict) else {}
    path = brute.get("path")
    return Erreur(
        message=str(brute.get("message", "")),
        code=str(extensions.get("code", "")),
        path=tuple(p for p in path if isinstance(p, str | int)) if isinstance(path, list) else (),
        exception_id=str(extensions.get("exception_id", "")),
    )


def _premier_texte(reponse: Recue) -> str:
    """The first error's message, without the values that it repeats."""
    return next((sans_valeurs(e.message) for e in _erreurs(_contenu(reponse))), "")


# GraphQL ------------------------------------------------------------------------------------------------------------


def _par_contenu(contenu: dict[str, Any], demande: Demande) -> Resultat:
    data, erreurs = contenu.get("data"), _erreurs(contenu)
    if any(e.code == "timeout" or e.message.startswith("Timeout on ") for e in erreurs):
        _trop_long(demande)
    for erreur in erreurs:
        if erreur.code == "internal_server_error":
            _panne(erreur, demande)
    if not isinstance(data, dict):
        data = {}
    locales = tuple(e for e in erreurs if _est_locale(e, data))
    for erreur in erreurs:
        if erreur not in locales:
            _a_la_racine(erreur, demande, data)
    if not data:
        _passagere("La réponse de Démarches simplifiées est vide.", demande)
    for erreur in locales:
        if demande.mutation or erreur.code not in _CODES_LOCAUX:
            _incomplete(erreur, demande)
    return Resultat(data=data, erreurs=locales)


_CODES_LOCAUX = frozenset({"unauthorized", "not_found", "invalid_null"})


def _est_locale(erreur: Erreur, data: Mapping[str, Any]) -> bool:
    """Whether the error only made a hole below the root fields, everything above it being there."""
    here: Any = data
    for depth, step in enumerate(erreur.path):
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return False
        if here is None:
            return depth > 0
    return len(erreur.path) > 1


def _trop_long(demande: Demande) -> NoReturn:
    if demande.mutation:
        _passagere("Démarches simplifiées a dépassé son temps d’exécution.", demande)
    raise PageTimeout(f"Démarches simplifiées n’a pas eu le temps de rendre {demande.sujet}.", hint=REPRISE)


def _incomplete(erreur: Erreur, demande: Demande) -> NoReturn:
    """Partial data for a reason we do not know: neither believed nor repeated as is (contract, appendix A.3)."""
    if demande.mutation:
        _passagere("Démarches simplifiées n’a pas su rendre le résultat de l’écriture.", demande)
    raise PageTimeout(
        f"Démarches simplifiées a rendu {demande.sujet} avec des trous : {sans_valeurs(erreur.message)}.", hint=REPRISE
    )


def _a_la_racine(erreur: Erreur, demande: Demande, data: Mapping[str, Any]) -> NoReturn:
    """An error that spoils the whole request."""
    match erreur.code:
        case "unauthorized" | "forbidden":
            raise AccessDenied(
                f"Le jeton d’API ne donne pas accès à ce qui est demandé ({demande.sujet}).",
                hint="Vérifiez le numéro, que le jeton est le bon, et que son propriétaire administre toujours la "
                "démarche.",
            )
        case "not_found":
            _introuvable(erreur, demande)
        case "invalid_null":
            _donnee_absente(erreur, demande)
        case "":
            if demande.mutation and any(erreur.path[:1] == (key,) for key in data):
                _ecriture_interrompue(erreur, demande)
        case _:
            pass
    _contrat_rompu(erreur)


def _introuvable(erreur: Erreur, demande: Demande) -> NoReturn:
    if demande.mutation:
        raise refus(demande, (erreur.message,))
    if demande.dossier is not None:
        raise DossierNotFound(
            f"Démarches simplifiées ne montre plus le dossier {demande.dossier}.",
            number=demande.dossier,
            hint="Il est supprimé, à la corbeille, expiré ou encore en brouillon ; ou son numéro est faux.",
        )
    raise AccessDenied(
        f"Démarches simplifiées ne connaît pas {demande.sujet}.",
        hint="Vérifiez son numéro dans la configuration : c’est celui de l’adresse de la page d’administration.",
    )


def _donnee_absente(erreur: Erreur, demande: Demande) -> NoReturn:
    champ = champ_absent(erreur)
    if demande.mutation:
        _passagere(f"Démarches simplifiées n’a pas su relire ce qu’elle a écrit ({champ}).", demande)
    if demande.dossier is not None:
        raise DossierError(
            f"Démarches simplifiées ne sait pas rendre le dossier {demande.dossier} : {champ} manque.",
            number=demande.dossier,
            hint="Ouvrez le dossier dans Démarches simplifiées ; si la page s’affiche mal, prévenez l’assistance.",
        )
    raise ContractBroken(
        f"Démarches simplifiées ne sait pas rendre {demande.sujet} : {champ} manque.",
        hint="Prévenez l’assistance de Démarches simplifiées.",
    )


_CHAMP = re.compile(r"non-nullable field (\S+)")


def champ_absent(erreur: Erreur) -> str:
    """The field that DS had no value for, as `Type.field`."""
    found = _CHAMP.search(erreur.message)
    return found.group(1) if found else "une valeur"


def _ecriture_interrompue(erreur: Erreur, demande: Demande) -> NoReturn:
    """An error while writing, without a code: refused when we know the text, else who knows (contract §1.3)."""
    refusee = refus(demande, (erreur.message,))
    if isinstance(refusee, MutationRefused) and refusee.cause != "inconnue":
        raise refusee
    _passagere(f"Démarches simplifiées a interrompu l’écriture ({sans_valeurs(erreur.message)}).", demande)


_OPERATION_ABSENTE = re.compile(
    r"Field '\w+' doesn't exist on type 'Mutation'|\w+Input isn't a defined input type|No such type \w+Input"
)


def _contrat_rompu(erreur: Erreur) -> NoReturn:
    """The request was refused before anything was executed: DS and this version disagree on the API."""
    kind = ContractBroken
    if erreur.message.startswith("Variable $"):
        kind = VariableRefusee
    elif _OPERATION_ABSENTE.search(erreur.message):
        kind = OperationAbsente
    raise kind(
        f"Démarches simplifiées ne parle plus tout à fait l’API que ce connecteur connaît : "
        f"{sans_valeurs(erreur.message)}",
        hint="Rien n’a été écrit. Mettez le connecteur à jour ou transmettez ce message à qui le maintient.",
    )
