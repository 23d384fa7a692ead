"""One way to Démarches simplifiées: gql over requests, within a budget, patient with reads, never repeating a write.

Redirects are refused, TLS is always verified, the token goes to the configured address only. What an answer means is
said by `classement`; what is worth trying again is said here.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
import tenacity
from gql import GraphQLRequest
from gql.transport.exceptions import TransportConnectionFailed
from gql.transport.requests import RequestsHTTPTransport
from requests.auth import AuthBase
from requests.certs import where  # type: ignore[attr-defined]
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

from connector import __version__
from connector.api import classement
from connector.api.avance import Avance
from connector.api.documents import Document, document
from connector.api.echange import Demande, Motif, PanneInterne, Perdue, Recue, Resultat
from connector.errors import AccessDenied, OperatorError, PageTimeout, RetryableError, StopRequested

log = logging.getLogger(__name__)

Jeton = str | Callable[[], str]
"""The token, or what gives it: asked again at each request, so that it can be replaced without a restart."""


class Arret(Protocol):
    """What ends a wait early: a `threading.Event` set on SIGTERM."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait that many seconds; True when one must stop."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delais:
    """Bounds of the exchange. Seconds, numbers of tries, requests a minute, bytes.

    `lecture` bounds each silence, `reponse` a whole answer and `octets` its size once unpacked: neither a trickle nor a
    bomb holds us. A page of a hundred rich dossiers is 3 MB.

    `lecture` is above the server's own 30 s. `par_minute` and `rafale` together stay below its 400 POST a minute,
    whatever the minute it counts from (contract §1.4).
    """

    connexion: float = 10.0
    lecture: float = 60.0
    reponse: float = 180.0
    octets: int = 64 * 2**20
    essais_lecture: int = 5
    essais_ecriture: int = 3
    essais_panne: int = 3
    premiere_attente: float = 1.0
    attente_max: float = 30.0
    par_minute: int = 220
    rafale: int = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Compteurs:
    """What was exchanged so far: requests really sent, tries again included, and bytes received."""

    lectures: int = 0
    ecritures: int = 0
    octets: int = 0


class Debit:
    """A budget of requests that fills with time: `rafale` at once, then `par_minute`."""

    def __init__(self, *, par_minute: int, rafale: int, monotonic: Callable[[], float]) -> None:
        self._par_seconde = par_minute / 60
        self._rafale = float(rafale)
        self._monotonic = monotonic
        self._reste = self._rafale
        self._vu = monotonic()

    def attente(self) -> float:
        """Seconds to wait before the next request; 0 when it may leave now. Takes its place in the budget."""
        now = self._monotonic()
        self._reste = min(self._rafale, self._reste + (now - self._vu) * self._par_seconde) - 1
        self._vu = now
        return max(0.0, -self._reste / self._par_seconde)


class Transport:
    """Sends documents to one address with one token. For one thread at a time, save for the request sent ahead.

    `laissee` is told, by the caller's own thread, of each request sent ahead whose answer nobody used. While that one
    is under way no other leaves: the session, the budget and the counts are never shared.
    """

    def __init__(
        self,
        url: str,
        jeton: Jeton,
        *,
        ca: Path | None,
        delais: Delais,
        stop: Arret,
        monotonic: Callable[[], float],
        maintenant: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        _faire_taire()
        url = adresse(url)
        self._delais, self._stop = delais, stop
        self._maintenant, self._jitter, self._monotonic = maintenant, jitter, monotonic
        self._debit = Debit(par_minute=delais.par_minute, rafale=delais.rafale, monotonic=monotonic)
        self._lectures = self._ecritures = self._octets = 0
        self._recues: list[Recue] = []
        self._avance: Avance | None = None
        self.laissee: Callable[[Demande], None] = lambda _demande: None
        self._porteur = _Porteur(url, jeton)
        self._http = RequestsHTTPTransport(
            url,
            headers={
                "Accept": "application/json",
                "Accept-Language": "fr",
                "User-Agent": f"ds-connector/{__version__}",
            },
            auth=self._porteur,
            verify=autorite(ca),
            json_deserialize=_deja_lue,
            allow_redirects=False,
        )
        self._http.connect()  # type: ignore[no-untyped-call]
        self._brancher(self._http.session)

    def _brancher(self, session: requests.Session | None) -> None:
        """Hear every answer as it comes, whatever gql makes of it; keep no cookie (one could change the language)."""
        assert session is not None  # noqa: S101 - connect() has just made it
        session.hooks["response"].append(self._entendre)
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    @property
    def compteurs(self) -> Compteurs:
        """What was exchanged since the opening."""
        return Compteurs(lectures=self._lectures, ecritures=self._ecritures, octets=self._octets)

    def close(self) -> None:
        """Close the connections."""
        avance, self._avance = self._avance, None
        try:
            if avance is not None:
                avance.oublier()
        finally:
            self._http.close()  # type: ignore[no-untyped-call]

    def lire(self, demande: Demande, variables: dict[str, Any]) -> Resultat:
        """The result of a query; passing failures are tried again, a page too slow is the caller's business."""
        return self._demander(demande, variables, self._delais.essais_lecture)

    def anticiper(self, demande: Demande, variables: dict[str, Any]) -> None:
        """Send a query ahead: the next request takes its answer if it asks for just that, and drops it otherwise.

        A failure is that request's first try. Nothing leaves once a stop was asked for.
        """
        if not self._stop.wait(0):
            doc = document(demande.document)
            self._avance = Avance(
                doc.name,
                variables,
                lambda: self._a_son_tour(doc, variables),
                self._monotonic,
                lambda: self.laissee(demande),
            )

    def ecrire(self, demande: Demande, variables: dict[str, Any]) -> Resultat:
        """The result of a mutation, tried again only when DS certainly did not execute it.

        `OutcomeUnknown` when it may have been applied; `RetryableError` when it was certainly not.
        """
        return self._demander(demande, variables, self._delais.essais_ecriture)

    def _demander(self, demande: Demande, variables: dict[str, Any], essais: int) -> Resultat:
        return self._relances(demande, essais)(self._une_fois, document(demande.document), demande, variables)

    def _relances(self, demande: Demande, essais: int) -> tenacity.Retrying:
        """The only retry policy: `RetryableError` of a write always means « not applied »."""

        def assez(state: tenacity.RetryCallState) -> bool:
            panne = isinstance(_erreur(state), PanneInterne)
            return state.attempt_number >= (min(essais, self._delais.essais_panne) if panne else essais)

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(
                lambda e: isinstance(e, RetryableError) and not isinstance(e, PageTimeout | StopRequested)
            ),
            stop=assez,
            wait=self._attente,
            sleep=self._dormir,
            before_sleep=lambda state: _dire_la_relance(state, demande),
            reraise=True,
        )

    def _attente(self, state: tenacity.RetryCallState) -> float:
        """What the server asked for, else twice as long each time; chance keeps two connectors out of step."""
        error = _erreur(state)
        if isinstance(error, RetryableError) and error.retry_after is not None:
            return error.retry_after + self._jitter()
        delais = self._delais
        wait = min(delais.attente_max, delais.premiere_attente * 2.0 ** (state.attempt_number - 1))
        return wait * (1 + self._jitter() / 2)

    def _dormir(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise StopRequested

    def _une_fois(self, doc: Document, demande: Demande, variables: dict[str, Any]) -> Resultat:
        avance, self._avance = self._avance, None
        reponse = None if avance is None else avance.reponse(doc.name, variables)
        if reponse is None:
            reponse = self._a_son_tour(doc, variables)
        return classement.classer(reponse, demande, maintenant=self._maintenant())

    def _a_son_tour(self, doc: Document, variables: dict[str, Any]) -> Recue | Perdue:
        """One POST, once the budget allows it."""
        wait = self._debit.attente()
        if wait:
            self._dormir(wait)
        return self._envoyer(doc, variables)

    def _envoyer(self, doc: Document, variables: dict[str, Any]) -> Recue | Perdue:
        """One POST, and what came back or why nothing did."""
        self._porteur.preparer()
        self._recues.clear()
        self._lectures += not doc.mutation
        self._ecritures += doc.mutation
        request = _Requete(doc, variables)
        limits = (self._delais.connexion, self._delais.lecture)
        start = self._monotonic()
        try:
            self._http.execute(request, extra_args={"timeout": limits, "stream": True})
        except TransportConnectionFailed as error:
            perdue = Perdue(motif=motif(error))
            log.debug("request.lost", extra={"document": doc.name, "cause": perdue.motif.value})
            return perdue
        recue = self._recues[-1]
        ms = round((self._monotonic() - start) * 1000)
        log.debug(
            "request.answered",
            extra={"document": doc.name, "status": recue.status, "bytes": len(recue.body), "ms": ms},
        )
        return recue

    def _entendre(self, response: requests.Response, *_: object, **__: object) -> None:
        """Keep the status, headers and bytes that gql would lose, within bounds."""
        response.encoding = "utf-8"
        headers = {name.lower(): value for name, value in response.headers.items()}
        body = self._lire_le_corps(response)
        response._content = b""  # noqa: SLF001 - read already: what gql would decode once more for nothing
        self._recues.append(Recue(status=response.status_code, headers=headers, body=body))

    def _lire_le_corps(self, response: requests.Response) -> bytearray:
        """The bytes of an answer; given up, connection closed, once too long or too large."""
        body = bytearray()
        with _coupe_apres(self._delais.reponse, response):
            for part in response.iter_content(_MORCEAU):
                body += part
                self._octets += len(part)
                if len(body) > self._delais.octets:
                    response.close()
                    raise Demesure
        return body  # as it was gathered: a page is megabytes


@contextmanager
def _coupe_apres(seconds: float, response: requests.Response) -> Iterator[None]:
    """Cut the connection if the block is still reading after that long: a trickle never ends a silence."""
    timer = threading.Timer(seconds, response.raw.shutdown)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class _Requete(GraphQLRequest):
    """A document with its variables, whose text is not printed anew each time."""

    def __init__(self, doc: Document, variables: dict[str, Any]) -> None:
        super().__init__(doc.node, variable_values=variables, operation_name=doc.operation)
        self._text = doc.text

    @property
    def payload(self) -> dict[str, Any]:
        """What is posted."""
        return {"query": self._text, "operationName": self.operation_name, "variables": self.variable_values}


class _Porteur(AuthBase):
    """Puts the token on the requests to one address only, and keeps requests from looking for another in a netrc."""

    def __init__(self, url: str, jeton: Jeton) -> None:
        self._url, self._jeton = url, jeton
        self._entete = ""

    def preparer(self) -> None:
        """Ask for the token again; `AccessDenied` when it cannot be one, without ever showing it."""
        token = (self._jeton if isinstance(self._jeton, str) else self._jeton()).strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise AccessDenied(
                "Le jeton d’API est vide ou mal recopié." if token else "Aucun jeton d’API n’est fourni.",
                hint="Copiez-le en entier, sur une seule ligne, depuis votre profil Démarches simplifiées.",
            )
        self._entete = f"Bearer {token}"

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with its token."""
        if r.url == self._url:
            r.headers["Authorization"] = self._entete
        return r


_MORCEAU = 2**16
"""Bytes read at a time: what an answer may be over its bound."""


class Demesure(Exception):
    """An answer larger than any that DS can give."""


_JAMAIS_OUVERTE = (
    NewConnectionError,
    ConnectTimeoutError,
    ProxyError,
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
)


def motif(error: BaseException) -> Motif:
    """Why no answer came, told from the exceptions behind `error`."""
    causes = tuple(_derriere(error))
    if any(isinstance(e, Demesure) for e in causes):
        return Motif.DEMESURE
    if any(isinstance(e, ssl.SSLCertVerificationError) for e in causes):
        return Motif.CERTIFICAT
    if any(isinstance(e, _JAMAIS_OUVERTE) for e in causes):
        return Motif.INJOIGNABLE
    return Motif.DELAI if any(isinstance(e, requests.ReadTimeout) for e in causes) else Motif.COUPURE


def _derriere(error: BaseException) -> Iterator[BaseException]:
    """The exception and all those it wraps: urllib3 and requests each keep theirs in another place."""
    waiting, seen = [error], set[int]()
    while waiting:
        here = waiting.pop(0)
        if id(here) in seen:
            continue
        seen.add(id(here))
        yield here
        wrapped = (here.__cause__, here.__context__, getattr(here, "reason", None), *here.args)
        waiting += [e for e in wrapped if isinstance(e, BaseException)]


def _erreur(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _dire_la_relance(state: tenacity.RetryCallState, demande: Demande) -> None:
    wait = state.next_action.sleep if state.next_action else 0.0
    log.warning(
        "request.retried",
        extra={
            "document": demande.document,
            "attempt": state.attempt_number,
            "wait": round(wait, 1),
            "cause": str(_erreur(state)),
        },
    )


def _deja_lue(_texte: str) -> dict[str, None]:
    """What gql is given to read: nothing, the hook has kept the bytes and `classement` reads them once."""
    return {"data": None}


def adresse(url: str) -> str:
    """The address as requests will spell it; refused when it is not one, or when the token would travel in clear."""
    parts = urlsplit(url)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.hostname or parts.username or parts.scheme not in {"http", "https"}:
        raise OperatorError(
            "L’adresse de l’API n’en est pas une.",
            hint="Elle ressemble à https://demarche.numerique.gouv.fr/api/v2/graphql, sans identifiant.",
        )
    if parts.scheme != "https" and not local:
        raise OperatorError(
            "L’adresse de l’API doit commencer par https:// : le jeton ne voyage jamais en clair.",
            hint="Seul un bac à sable sur cette machine (http://127.0.0.1) s’en passe.",
        )
    return requests.Request("POST", url).prepare().url or url


def autorite(ca: Path | None) -> str:
    """What certificates are verified against: the public authorities, or a private one; no variable changes it."""
    if ca is None:
        return str(where())
    try:
        ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise OperatorError(
            f"Le fichier de l’autorité de certification ne peut pas être lu : {ca}.",
            hint="Demandez-le au format PEM à votre service informatique.",
        ) from error
    return str(ca)


def _faire_taire() -> None:
    """These libraries print whole answers, personal data included, when asked for details: never let them."""
    for name in ("gql", "gql.transport.requests", "urllib3", "urllib3.connectionpool", "requests"):
        logging.getLogger(name).setLevel(logging.WARNING)
