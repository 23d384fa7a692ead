"""The sandbox over real HTTP: a thread that serves a world, its files, its page, and the failures a test asks for.

    with Sandbox(world) as s:
        requests.post(s.endpoint, ...)

It listens on loopback only, unless `hote` says otherwise.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, quote, unquote
from uuid import uuid4

from graphql import OperationType

from connector.sandbox import scenario
from connector.sandbox.echange import (
    HTML,
    JSON,
    MAINTENANCE,
    PAGE_INCONNUE,
    SANS_JETON,
    Demande,
    Limite,
    Refusee,
    Reponse,
    en_json,
    erreur,
    erreur_interne,
    html,
    identifie,
    lit_demande,
)
from connector.sandbox.ecriture import ACTES
from connector.sandbox.faults import Appel, Faults, Genre, GenreFichier, Panne, annule, troue
from connector.sandbox.fichiers import mal_servi
from connector.sandbox.liens import LienInvalide, Signataire
from connector.sandbox.moteur import Moteur
from connector.sandbox.page import render as rend_la_page
from connector.sandbox.requete import Ecriture, ErreurInterne, Requete, entier, lit_id, parties

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from connector.sandbox.world import Fichier, World

    Page = Callable[[World, str], tuple[int, str, bytes]]

GRAPHQL = "/api/v2/graphql"
PDF = "/api/v2/dossiers/pdf/"
DISQUE = "/rails/active_storage/disk/"
CONTROLE = "/_controle/"
AILLEURS = "https://autre-hote.exemple.fr/api/v2/graphql"
MORCEAUX = 10
"""In how many parts a slow answer drips."""


@dataclass(slots=True)
class Compteurs:
    """How many requests of each kind were answered or broken since the start (or the last reset)."""

    lectures: int = 0
    mutations: int = 0
    fichiers: int = 0
    televersements: int = 0
    refuses: int = 0
    operations: Counter[str] = field(default_factory=Counter)

    @property
    def posts(self) -> int:
        """Every POST to GraphQL that was not refused at the door."""
        return self.lectures + self.mutations


class Sandbox:
    """A local Démarches simplifiées: start it as a context manager; it may be stopped and started on the same port.

    - `world`: what it remembers; `limite`: POSTs a minute and per token
    - `requetes`: stored documents by `queryId` (none of ours: only their existence is part of the contract)
    - `fenetre`: seconds between a mutation's check and its effect, to let simultaneous ones race
    - `controle`: also answer `/_controle/…` (never beyond loopback)
    """

    def __init__(  # noqa: PLR0913 - a server has as many settings as it has
        self,
        world: World,
        *,
        port: int = 0,
        hote: str = "127.0.0.1",
        limite: int = 400,
        requetes: Mapping[str, str] | None = None,
        fenetre: float = 0.0,
        controle: bool = False,
        page: Page | None = None,
        secret: bytes | None = None,
    ) -> None:
        self.world = world
        self.hote = hote
        self.port = port
        self.faults = Faults()
        self.compteurs = Compteurs()
        self.ecritures: list[Ecriture] = []
        self.entetes_de_fichiers: list[dict[str, str]] = []
        self.limite = Limite(limite)
        self.requetes = dict(requetes or {})
        self.fenetre = fenetre
        self.controle = controle and hote in {"127.0.0.1", "::1", "localhost"}
        self.page: Page = page or rend_la_page
        self.signataire = Signataire(secret or secrets.token_bytes(32), world.now)
        self.moteur = Moteur(world.capacites)
        self._verrou = threading.Lock()
        self._rang = 0
        self._serveur: _Serveur | None = None
        self._fil: threading.Thread | None = None

    # --- life

    def start(self) -> Self:
        """Listen; gives itself back. The port chosen by the system is kept for the next start."""
        self._serveur = _Serveur((self.hote, self.port), _Echange, self)
        self.port = self._serveur.server_address[1]
        self._fil = threading.Thread(target=self._serveur.serve_forever, args=(0.02,), daemon=True, name="bac à sable")
        self._fil.start()
        return self

    def stop(self) -> None:
        """Stop listening: connections are refused until the next start. The world stays."""
        if self._serveur is None:
            return
        self._serveur.shutdown()
        self._serveur.raccroche()
        self._serveur.server_close()
        if self._fil:
            self._fil.join()
        self._serveur = self._fil = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base address: `http://127.0.0.1:41234`."""
        return f"http://{self.hote}:{self.port}"

    @property
    def endpoint(self) -> str:
        """The address of the GraphQL endpoint."""
        return self.url + GRAPHQL

    # --- what a test reads

    def mutations(self, operation: str | None = None) -> list[Ecriture]:
        """Give the mutations that were applied, in order; of one field when named (`dossierEnvoyerMessage`)."""
        return [e for e in self.ecritures if e.applied and operation in {None, e.operation}]

    def reset(self) -> None:
        """Start counting anew: counters, log of mutations, faults served."""
        with self._verrou:
            self.compteurs = Compteurs()
            self.ecritures.clear()
            self.faults.vues.clear()

    # --- GraphQL

    def graphql(
        self, corps: bytes, entetes: Mapping[str, str], ip: str, locale: str | None = None
    ) -> tuple[Reponse | None, Panne | None]:
        """Answer one POST; None for a broken connection. The fault served, if any, comes with it."""
        self.world.settle()
        try:
            self.limite.compte(entetes.get("Authorization"), self.world.now())
            demande = lit_demande(corps, entetes.get("Content-Type") or "")
            requete = self._requete(demande, entetes, ip)
            requete.langue = locale or requete.langue
            texte = self._texte(demande)
        except Refusee as refusee:
            self.compteurs.refuses += 1
            return refusee.reponse, None
        if texte is None:
            return en_json(200, {"errors": [{"message": "No query string was present"}]}), None
        appel = self._appel(texte, demande)
        panne = self.faults.pour(appel)
        if panne and not panne.agit:
            self._note_refus(appel)
            time.sleep(panne.duree)
            return self._sans_agir(panne), panne
        return self._avec_panne(panne, self._agit(requete, texte, demande)), panne

    def _requete(self, demande: Demande, entetes: Mapping[str, str], ip: str) -> Requete:
        jeton = identifie(self.world, entetes.get("Authorization"), ip)
        if jeton is None and demande.identifiant is None:
            raise Refusee(erreur(403, SANS_JETON, "forbidden"))
        langue = "en" if (entetes.get("Accept-Language") or "").lower().startswith("en") else "fr"
        return Requete(
            monde=self.world,
            jeton=jeton,
            base=f"http://{entetes.get('Host') or f'{self.hote}:{self.port}'}",
            signataire=self.signataire,
            langue=langue,
            pause=self._pause,
        )

    def _pause(self) -> None:
        if self.fenetre:
            time.sleep(self.fenetre)

    def _texte(self, demande: Demande) -> str | None:
        """Give the document to run; an unknown stored one breaks the server (contract §1.3)."""
        if demande.identifiant is None:
            return demande.texte
        if demande.identifiant not in self.requetes:
            raise Refusee(erreur_interne())
        return self.requetes[demande.identifiant]

    def _appel(self, texte: str, demande: Demande) -> Appel:
        operation = self.moteur.operation(texte, demande.operation)
        mutation = operation is not None and operation.operation is OperationType.MUTATION
        racines = tuple(
            s.name.value for s in (operation.selection_set.selections if operation else ()) if hasattr(s, "name")
        )
        nom = operation.name.value if operation and operation.name else demande.operation
        with self._verrou:
            self._rang += 1
            self.compteurs.lectures += not mutation
            self.compteurs.mutations += mutation
            self.compteurs.operations.update([nom or (racines[0] if racines else "")])
            return Appel(
                rang=self._rang, mutation=mutation, operation=nom, racines=racines, variables=demande.variables
            )

    def _agit(self, requete: Requete, texte: str, demande: Demande) -> dict[str, Any] | None:
        """Execute; None when the server broke."""
        try:
            return self.moteur.repond(requete, texte, demande.variables, demande.operation)
        except ErreurInterne:
            return None
        finally:
            with self._verrou:
                self.ecritures.extend(requete.ecritures)

    def _note_refus(self, appel: Appel) -> None:
        """Log the mutations of a call that fails before anything is done."""
        entree = appel.variables.get("input")
        entree = entree if isinstance(entree, dict) else {}
        lu = lit_id(str(entree.get("dossierId", "")))
        numero = entier(lu[1]) if lu else None
        with self._verrou:
            self.ecritures.extend(Ecriture(r, numero, applied=False, input=entree) for r in appel.racines if r in ACTES)

    # --- failures

    def _sans_agir(self, panne: Panne) -> Reponse | None:
        """Give the answer of a server that did nothing, or lost what it did; None for a broken connection."""
        muettes: dict[Genre, Callable[[], Reponse]] = {
            Genre.ERREUR_500: erreur_interne,
            Genre.HTML_502: lambda: html(502, "502 Bad Gateway"),
            Genre.HTML_503: lambda: html(503, "503 Service Temporarily Unavailable"),
            Genre.MAINTENANCE: lambda: en_json(503, {"error": MAINTENANCE}),
            Genre.LIMITE_429: lambda: Limite.depassee(self.world.now()),
            Genre.REDIRECTION_301: lambda: Reponse(301, b"", HTML, {"Location": AILLEURS}),
        }
        return muettes[panne.genre]() if panne.genre in muettes else None

    def _avec_panne(self, panne: Panne | None, donnee: dict[str, Any] | None) -> Reponse | None:
        """Give the answer of a server that acted; None for a broken connection."""
        if donnee is None:
            return erreur_interne()
        entiere = en_json(200, donnee)
        if panne is None:
            return entiere
        if panne.genre is Genre.LATENCE:
            time.sleep(panne.duree)
        abimees: dict[Genre, Callable[[], Reponse]] = {
            Genre.LATENCE: lambda: entiere,
            Genre.REPONSE_LENTE: lambda: entiere,
            Genre.JSON_TRONQUE: lambda: Reponse(200, entiere.corps[: max(1, len(entiere.corps) // 2)]),
            Genre.HTML_200: lambda: html(200, "Démarches simplifiées"),
            Genre.PARTIEL_TIMEOUT: lambda: en_json(200, troue(donnee)),
            Genre.NOEUD_NUL: lambda: en_json(200, annule(donnee)),
            Genre.DATA_NULLE: lambda: en_json(200, {"data": None}),
        }
        return abimees[panne.genre]() if panne.genre in abimees else self._sans_agir(panne)

    # --- files

    def fichier(self, chemin: str) -> Reponse:
        """Give a file by its link: 404 with no body for one that was tampered with or is too old (recorded)."""
        signe, _, nom = chemin.removeprefix(DISQUE).partition("/")
        self.compteurs.fichiers += 1
        try:
            fichier = self.world.blobs[self.signataire.lit("fichier", signe)]
        except (LienInvalide, KeyError):
            return Reponse(404, b"", "application/pdf")
        nom = unquote(nom) or fichier.filename
        ascii_nom = nom.encode("ascii", "replace").decode().replace('"', "%22")
        disposition = f"inline; filename=\"{ascii_nom}\"; filename*=UTF-8''{quote(nom)}"
        entetes = {"Content-Disposition": disposition}
        return Reponse(200, octets(fichier), fichier.content_type, entetes)

    def pdf(self, chemin: str) -> Reponse:
        """Give a dossier's PDF by its link: 401 with no body for a bad one (contract §1.1)."""
        self.compteurs.fichiers += 1
        try:
            numero = self.signataire.lit("pdf", chemin.removeprefix(PDF))
        except LienInvalide:
            return Reponse(401, b"", None)
        corps = f"%PDF-1.4\n% dossier {numero}\n%%EOF\n".encode()
        return Reponse(200, corps, "application/pdf; charset=utf-8", {"Content-Disposition": "inline"})

    def depose(self, chemin: str, corps: bytes, type_contenu: str) -> Reponse:
        """Take the bytes of an upload: 422 unless type, size and checksum are those announced (recorded)."""
        self.compteurs.televersements += 1
        try:
            fichier = self.world.blobs[self.signataire.lit("televersement", chemin.removeprefix(DISQUE))]
        except (LienInvalide, KeyError):
            return Reponse(404, b"", "text/html")
        recu = fichier.de(fichier.filename, corps)
        if (recu.taille, recu.checksum, type_contenu) != (fichier.taille, fichier.checksum, fichier.content_type):
            return Reponse(422, b"", "text/html")
        with self.world.lock:
            fichier.contenu = corps
        return Reponse(204, b"", None)

    # --- the control door

    def commande(self, nom: str, corps: bytes) -> Reponse:
        """Obey `pannes`, `pannes_fichiers` (a fault), `acte` (a scenario's), `oublie` (reset); `compteurs` reads."""
        ordre: dict[str, Any] = json.loads(corps or b"{}")
        match nom:
            case "pannes":
                self.faults.ajoute(Genre(ordre.pop("genre")), **ordre)
            case "pannes_fichiers":
                self.faults.ajoute_fichier(GenreFichier(ordre.pop("genre")), **ordre)
            case "acte":
                getattr(scenario, ordre["acte"])(self.world, **ordre.get("arguments", {}))
            case "oublie":
                self.reset()
                self.faults.vide()
            case "compteurs":
                pass
            case _:
                return Reponse(404, b"", HTML)
        c = self.compteurs
        return en_json(200, {"lectures": c.lectures, "mutations": c.mutations, "ecritures": len(self.ecritures)})


def octets(fichier: Fichier) -> bytes:
    """Give a file's bytes: its own, or as many spaces as its synthetic size says."""
    return fichier.contenu if fichier.contenu is not None else b" " * fichier.taille


class _Serveur(ThreadingHTTPServer):
    """Listens, and knows how to break a connection without saying goodbye."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, adresse: tuple[str, int], echange: type[BaseHTTPRequestHandler], bac: Sandbox) -> None:
        self.bac = bac
        self.a_rompre: set[int] = set()
        self._ouvertes: set[socket.socket] = set()
        super().__init__(adresse, echange)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in its own thread, and remember it while it is open."""
        self._ouvertes.add(request)
        super().process_request(request, client_address)

    def raccroche(self) -> None:
        """Close every open connection: a server that stops does not go on answering those it has."""
        for ouverte in list(self._ouvertes):
            with contextlib.suppress(OSError):
                ouverte.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection; a broken one is reset, with nothing sent."""
        self._ouvertes.discard(request)
        if id(request) in self.a_rompre:
            self.a_rompre.discard(id(request))
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.close()
            return
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a client left before its answer: tests do it on purpose."""


class _Echange(BaseHTTPRequestHandler):
    """One connection: reads requests, writes answers, both buffered, Nagle off (46 ms to 4 ms a request)."""

    server: _Serveur
    protocol_version = "HTTP/1.1"
    server_version = "bac-a-sable"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120

    def log_message(self, *_: Any) -> None:
        """Log nothing: requests carry personal data."""

    def do_POST(self) -> None:
        """GraphQL, or the control door."""
        corps = self._corps()
        bac = self.server.bac
        chemin = parties(self.path).path
        if bac.controle and chemin.startswith(CONTROLE):
            self._envoie(bac.commande(chemin.removeprefix(CONTROLE), corps))
        elif chemin == GRAPHQL:
            ip, locale = self.client_address[0], _locale(self.path)
            reponse, panne = bac.graphql(corps, self.headers, ip, locale)  # type: ignore[arg-type]
            if reponse is None:
                self._rompt()
            else:
                self._envoie(reponse, panne.duree if panne and panne.genre is Genre.REPONSE_LENTE else 0.0)
        else:
            self._envoie(_introuvable())

    def do_GET(self) -> None:
        """A file, a dossier's PDF, or a page."""
        bac = self.server.bac
        chemin = parties(self.path).path
        if chemin.startswith(DISQUE):
            self._envoie_fichier(bac.fichier(chemin))
        elif chemin.startswith(PDF):
            self._envoie(bac.pdf(chemin))
        elif chemin.startswith("/api/"):
            self._envoie(_introuvable())
        else:
            statut, genre, corps = bac.page(bac.world, self.path)
            self._envoie(Reponse(statut, corps, genre))

    def do_PUT(self) -> None:
        """The bytes of an upload."""
        corps = self._corps()
        chemin = parties(self.path).path
        if chemin.startswith(DISQUE):
            self._envoie(self.server.bac.depose(chemin, corps, self.headers.get("Content-Type") or ""))
        else:
            self._envoie(_introuvable())

    def _corps(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _rompt(self) -> None:
        self.close_connection = True
        self.server.a_rompre.add(id(self.connection))

    def _envoie(self, reponse: Reponse, duree: float = 0.0) -> None:
        self.send_response(reponse.statut)
        if reponse.type:
            self.send_header("Content-Type", reponse.type)
        for nom, valeur in reponse.entetes.items():
            self.send_header(nom, valeur)
        self.send_header("X-Request-Id", str(uuid4()))
        if reponse.statut != 204:  # noqa: PLR2004 - No Content
            self.send_header("Content-Length", str(len(reponse.corps)))
        self.end_headers()
        self._egoutte(reponse.corps, duree)

    def _envoie_fichier(self, reponse: Reponse) -> None:
        """A file, badly when a test asked for it."""
        self.server.bac.entetes_de_fichiers.append(dict(self.headers))
        panne = self.server.bac.faults.pour_fichier()
        if panne is None:
            self._envoie(reponse)
            return
        self.close_connection = True
        statut, entetes, morceaux = mal_servi(reponse, *panne)
        self.send_response(statut)
        for nom, valeur in entetes.items():
            self.send_header(nom, valeur)
        self.end_headers()
        for morceau in morceaux:
            self.wfile.write(morceau)
            self.wfile.flush()

    def _egoutte(self, corps: bytes, duree: float) -> None:
        pas = max(1, -(-len(corps) // MORCEAUX)) if duree else max(1, len(corps))
        for debut in range(0, len(corps), pas):
            time.sleep(duree / MORCEAUX)
            self.wfile.write(corps[debut : debut + pas])
            self.wfile.flush()


def _locale(chemin: str) -> str | None:
    """Give the language that an address asks for, which wins over the header's (contract §1.5)."""
    demandee = parse_qs(parties(chemin).query).get("locale", [""])[0]
    return demandee if demandee in {"fr", "en"} else None


def _introuvable() -> Reponse:
    return Reponse(404, PAGE_INCONNUE.encode(), HTML)


__all__ = ["JSON", "Compteurs", "Sandbox", "octets"]
