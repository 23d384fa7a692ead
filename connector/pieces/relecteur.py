"""The parent's side: one child process a file, its answer believed only when it has the shape of one."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess  # nosec B404 # our own interpreter, on a module of ours
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from connector.core.contenu import Defaut, Empechement, Examen, Nature
from connector.core.model import Piece
from connector.errors import OperatorError, StoreError
from connector.pieces.enfant import PATIENCE, Demande

GRACE = 15.0
"""Seconds beyond its own limits after which a child is ended by its parent."""

_PAS = 0.2
_TRANSMISES = ("PATH", "LANG", "LC_ALL")
_MANDATAIRES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
_BIBLIOTHEQUES = ("pypdf", "puremagic")


def installee() -> bool:
    """Whether the libraries of the `pieces` extra are here."""
    return all(find_spec(nom) is not None for nom in _BIBLIOTHEQUES)


def exiger() -> None:
    """OperatorError, with its remedy, when the libraries are not here."""
    if not installee():
        raise OperatorError(
            "La relecture des pièces est demandée ([pieces] relire = true), mais les bibliothèques qu’il lui faut ne "
            "sont pas installées.",
            hint='Installez l’option : pip install "ds-connector[pieces]", ou remettez « relire = false ».',
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Relecteur:
    """Fetches a file and looks into it, in a process of its own.

    `hotes` are the hosts that a link may name, over TLS; `origine` is the instance's own address (scheme, host, port).
    `dossier` is a folder of its own, 0700, emptied at the opening. `arrete` tells whether to stop at once.
    """

    dossier: Path
    hotes: frozenset[str]
    origine: str = ""
    octets_max: int = 20 * 2**20
    delai: float = 120.0
    examen: float = 20.0
    memoire: int = 512 * 2**20
    ca: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    arrete: Callable[[], bool] = lambda: False

    def preparer(self) -> None:
        """Make the folder, or empty it of what a killed process may have left."""
        try:
            self.dossier.mkdir(mode=0o700, exist_ok=True)
            if self.dossier.is_symlink():  # what it leads to is not ours to empty
                raise NotADirectoryError(errno.ENOTDIR, "a link")
            self.dossier.chmod(0o700)
            for reste in self.dossier.iterdir():
                reste.unlink()
        except OSError as error:
            raise StoreError(
                f"Le dossier des pièces à relire, {self.dossier}, est inutilisable ({os.strerror(error.errno or 0)}).",
                hint="Donnez-le au compte du connecteur, ou effacez-le : il est refait à chaque passage.",
            ) from error

    def permis(self, lien: str) -> bool:
        """Whether that link names a server that the configuration allows, spelled so that nobody reads another."""
        if not (lien.isascii() and lien.isprintable()) or " " in lien or "\\" in lien:
            return False
        try:
            adresse = urlsplit(lien)
            port = adresse.port
        except ValueError:
            return False
        if "@" in adresse.netloc:
            return False
        if f"{adresse.scheme}://{adresse.netloc}".lower() == self.origine:
            return True
        return adresse.scheme == "https" and port in {None, 443} and adresse.hostname in self.hotes

    def examiner(self, lien: str, piece: Piece) -> Examen | Empechement | None:
        """What that file holds, or what kept it away; None when asked to stop meanwhile."""
        if piece.byte_size > self.octets_max:
            return Empechement.TAILLE
        if not self.permis(lien):
            return Empechement.HOTE
        demande = Demande(
            lien=lien,
            octets=piece.byte_size,
            checksum=piece.checksum,
            dossier=str(self.dossier),
            ca=str(self.ca) if self.ca else None,
            delai=self.delai,
            examen=self.examen,
            memoire=self.memoire,
        )
        return self.confier(demande)

    def confier(self, demande: Demande) -> Examen | Empechement | None:
        """Have a child do it, and read what it says; `MACHINE` when none can be started."""
        try:
            return self._faire_faire(json.dumps(asdict(demande)).encode() + b"\n")
        except OSError:
            return Empechement.MACHINE

    def _faire_faire(self, demande: bytes) -> Examen | Empechement | None:
        with subprocess.Popen(  # nosec B603 # no shell, and no word of anybody's
            [sys.executable, "-I", "-m", "connector.pieces.enfant"],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=transmis(self.environ),
            start_new_session=True,
        ) as enfant:
            try:
                return self._ecouter(enfant, demande)
            finally:
                enfant.kill()

    def _ecouter(self, enfant: subprocess.Popen[bytes], demande: bytes) -> Examen | Empechement | None:
        """What the child says until it ends; None when asked to stop. Its input stays open: it ends with us."""
        assert enfant.stdin is not None  # noqa: S101 - it was asked for
        assert enfant.stdout is not None  # noqa: S101
        with suppress(BrokenPipeError):
            enfant.stdin.write(demande)
        reste = self.delai + self.examen * PATIENCE + GRACE
        while enfant.poll() is None and reste > 0:
            if self.arrete():
                return None
            with suppress(subprocess.TimeoutExpired):
                enfant.wait(_PAS)
            reste -= _PAS
        if enfant.poll() is None:
            enfant.kill()
        return lire(enfant.stdout.read(_REPONSE).splitlines(), signal_recu=-enfant.wait())


def essayer(dossier: Path, environ: Mapping[str, str]) -> bool:
    """Whether a child can be started here, set its limits and make its nameless file in that folder."""
    trouve = Relecteur(dossier=dossier, hotes=frozenset(), environ=environ).confier(
        Demande(lien="", octets=0, checksum="", dossier=str(dossier))
    )
    return trouve is Empechement.RESEAU  # there is no such file: all that comes before went well


_REPONSE = 4096
"""Bytes read of what a child says: three short lines."""


def transmis(environ: Mapping[str, str]) -> dict[str, str]:
    """What a child may know of the environment: the way out; none of our secrets."""
    return {nom: texte for nom, texte in environ.items() if nom in _TRANSMISES or nom.lower() in _MANDATAIRES}


def lire(lignes: Iterable[bytes], *, signal_recu: int) -> Examen | Empechement:
    """What a child found, from its lines; what it did not live to say is the file's doing once the file was there."""
    nature: Nature | None = None
    for ligne in lignes:
        dit = _dit(ligne)
        if isinstance(dit, Examen | Empechement):
            return dit
        nature = dit or nature
    if nature is not None:
        return Examen(nature=nature, defauts=(Defaut.INACHEVE,))
    return Empechement.DELAI if signal_recu in {signal.SIGALRM, signal.SIGKILL} else Empechement.MACHINE


def _dit(ligne: bytes) -> Examen | Empechement | Nature | None:
    """One line of a child; None when it is none of those that it says."""
    try:
        match json.loads(ligne):
            case {"empechement": str(cause)}:
                return Empechement(cause)
            case {"recu": str(sorte)}:
                return Nature(sorte)
            case {"examen": {"nature": str(sorte), "pages": int() | None as pages, "defauts": list(defauts)}}:
                return Examen(nature=Nature(sorte), pages=pages, defauts=tuple(Defaut(d) for d in defauts))
            case _:
                return None
    except (ValueError, RecursionError):
        return None
