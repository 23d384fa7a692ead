"""The pieces of the dossiers to be judged, looked into before they are: each file once, so many in one cycle.

A file's link is asked for just before it is used, and asked again once when the storage refuses it, or when what comes
is not what DS had announced. What is found is kept at once: a crash has no file fetched twice but the one under way.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.core import examen_piece
from connector.core.candidature import Candidature, lire
from connector.core.constat import Constat
from connector.core.contenu import Empechement, Examen
from connector.core.correspondance import Resolution
from connector.core.evaluation import Historique
from connector.core.examen_piece import Relecture
from connector.core.fiche import Fiche
from connector.core.incidents import duree
from connector.core.model import Piece
from connector.core.montants import pluriel
from connector.errors import DossierError
from connector.lecture import read_one
from connector.ports import Loupe, Passage

log = logging.getLogger(__name__)

SILENCES = 3
"""Files in a row that the storage does not give, after which it is left alone until the next cycle."""

DUREE = timedelta(minutes=5)
"""How long one cycle's round may take, one file more or less: messages wait behind it."""

FRAIS = timedelta(minutes=1)
"""How long a link that DS gave is as good as another: a refusal is not for its age."""

_SANS_REPONSE = frozenset({Empechement.RESEAU, Empechement.DELAI})


@dataclass(slots=True)
class _Tournee:
    """One cycle's round: how many files may still be fetched, until when, and how many in a row were not to be had."""

    reste: int
    fin: datetime
    muets: int = 0

    def finie(self, now: datetime) -> bool:
        return self.reste <= 0 or self.muets >= SILENCES or now >= self.fin

    def compte(self, trouve: Examen | Empechement) -> None:
        self.reste -= 1
        self.muets = self.muets + 1 if trouve in _SANS_REPONSE else 0


class _Changee(Exception):
    """DS no longer shows that file: the dossier moved since it was stored."""


@dataclass(slots=True)
class _Liens:
    """The links of one dossier, asked for when they are needed."""

    passage: Passage
    number: int
    connus: Mapping[str, str] = field(default_factory=dict)
    le: datetime | None = None

    @property
    def frais(self) -> bool:
        """Whether they were asked for a moment ago."""
        return self.le is not None and self.passage.bord.now() - self.le < FRAIS

    def de(self, piece: Piece, *, neuf: bool = False) -> str:
        """That file's link; `neuf`: asked for now. `_Changee` when there is none."""
        if neuf or self.le is None:
            self.connus, self.le = self.passage.bord.gateway.liens(self.number), self.passage.bord.now()
        if piece.checksum not in self.connus:
            raise _Changee
        return self.connus[piece.checksum]


def relire(p: Passage, resolution: Resolution, dossiers: Iterable[tuple[Fiche, Historique]]) -> None:
    """Look into the pieces of those dossiers that were not looked into yet; nothing when that is not asked for.

    Asked to stop, or beyond what one cycle may fetch, the others wait for the next.
    """
    loupe = p.bord.loupe
    if loupe is None:
        return
    tournee = _Tournee(reste=loupe.par_passage, fin=p.bord.now() + DUREE)
    for fiche, _ in dossiers:
        if p.bord.arrete():
            return
        try:
            _relire_un(p, loupe, resolution, lire(fiche.dossier, resolution), tournee)
        except DossierError as error:  # DS cannot show it just now: its judgement does not wait for its pieces
            log.info("pieces.unavailable", extra={"dossier": fiche.dossier.number, "cause": type(error).__name__})


def _finie(p: Passage, tournee: _Tournee) -> bool:
    """Whether what is left waits for a later cycle: asked to stop, or the round is full."""
    p.rapport.pieces_remises = tournee.finie(p.bord.now())
    return p.rapport.pieces_remises or p.bord.arrete()


def compter(p: Passage) -> None:
    """Have the report tell how many files of that démarche are still to be looked into, and when."""
    if p.bord.loupe is None:
        return
    now = p.bord.now()
    reste = examen_piece.attente(p.bord.loupe.relectures.restantes(p.consigne.demarche), now=now)
    if reste is not None:
        p.rapport.pieces_en_attente = reste.nombre
        p.rapport.note(_en_attente(reste.nombre, reste.reprise - now))


def _en_attente(nombre: int, delai: timedelta) -> str:
    quand = f"dans {duree(delai + _ARRONDI)} au plus tôt" if delai else "au prochain passage"
    return f"{pluriel(nombre, 'pièce reste', 'pièces restent')} à relire, {quand}."


_ARRONDI = timedelta(seconds=59)
"""To the minute above: the judgement that set the hour was made a moment ago."""


def constats(p: Passage, candidature: Candidature) -> tuple[Constat, ...]:
    """What an agent is told of that dossier's pieces."""
    return () if p.bord.loupe is None else examen_piece.constats(candidature, _connues(p.bord.loupe, candidature))


def revoir(p: Passage, candidature: Candidature) -> timedelta | None:
    """How long until a piece of that dossier is to be looked into; None when nothing is left to look into."""
    if p.bord.loupe is None:
        return None
    connues = _connues(p.bord.loupe, candidature)
    return examen_piece.delai(candidature, connues, now=p.bord.now(), remises=p.rapport.pieces_remises)


def _connues(loupe: Loupe, candidature: Candidature) -> Mapping[str, Relecture]:
    return loupe.relectures.of(candidature.numero)


def _relire_un(p: Passage, loupe: Loupe, resolution: Resolution, candidature: Candidature, tournee: _Tournee) -> None:
    """Look into what is left of one dossier, while the round lasts; what waits for its turn is put down."""
    number, connues = candidature.numero, _connues(loupe, candidature)
    gardees = examen_piece.gardees(candidature, connues, now=p.bord.now())
    if gardees.keys() != connues.keys():
        loupe.relectures.save(number, gardees.values())
    liens = _Liens(passage=p, number=number)
    for piece in examen_piece.a_relire(candidature, gardees, now=p.bord.now()):
        if _finie(p, tournee):
            return
        trouve = _examiner(p, loupe, piece, liens)
        if trouve is None:
            return
        gardees[piece.checksum] = examen_piece.suite(
            gardees.get(piece.checksum), piece.checksum, trouve, le=p.bord.now()
        )
        loupe.relectures.save(number, gardees.values())
        tournee.compte(trouve)
        _dire(p, number, trouve)
        if trouve is Empechement.ABSENTE:
            read_one(p, resolution, number)  # it is judged on the files that it has now, looked into at the next cycle
            return


def _examiner(p: Passage, loupe: Loupe, piece: Piece, liens: _Liens) -> Examen | Empechement | None:
    """What that file holds, by its link, then once by another; None when asked to stop.

    `ABSENTE` when DS no longer shows it: forgotten if the dossier has changed, else asked for again later and later.
    """
    if piece.byte_size > loupe.octets_max:
        return Empechement.TAILLE
    try:
        trouve = loupe.examiner(liens.number, piece, liens.de(piece))
        # What another link may mend: DS has reworked the file since, or the hour has passed (contract §4.4).
        if trouve is Empechement.EMPREINTE or (trouve is Empechement.LIEN and not liens.frais):
            trouve = loupe.examiner(liens.number, piece, liens.de(piece, neuf=True))
    except _Changee:
        return Empechement.ABSENTE
    if trouve is Empechement.HOTE:
        p.rapport.note(f"Pièces non relues : {ecart_d_adresse(liens.de(piece))}.")
    return trouve


def hote_a_permettre(lien: str) -> str:
    """The name to add to [pieces] hotes for that link to be followed; "" when no name would do."""
    trouve = _ORDINAIRE.match(lien)
    return trouve[1].lower() if trouve else ""


def ecart_d_adresse(lien: str) -> str:
    """Why that link is not followed, as a French clause: the host that it names, and nothing else of it."""
    hote = hote_a_permettre(lien)
    if hote:
        return f"elles sont rangées sur « {hote} », que [pieces] hotes ne permet pas"
    return "leur adresse n’est pas une adresse ordinaire en HTTPS (port 443), le connecteur ne la suit jamais"


_ORDINAIRE = re.compile(r"https://([a-z0-9.-]{1,253})(?::443)?/", re.IGNORECASE | re.ASCII)
"""A link as DS makes them: over TLS, to a name, on its usual port."""


def _dire(p: Passage, number: int, trouve: Examen | Empechement) -> None:
    """Count the file, and log what was found in it: words of ours, none of its own."""
    vue = isinstance(trouve, Examen)
    p.rapport.pieces += vue
    mots = {"defects": len(trouve.defauts)} if isinstance(trouve, Examen) else {"cause": trouve.value}
    log.info("piece.examined" if vue else "piece.unavailable", extra={"dossier": number, **mots})
    p.bord.progres("pièces", p.rapport.pieces, 0)
