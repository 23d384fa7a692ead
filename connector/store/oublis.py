"""What was forgotten on request, told again in a file beside the database, which putting a copy back does not undo.

One JSON line a dossier: its number, its démarche's, the date, and whether the request was taken back since; nothing
else. The last thing said of a dossier holds, so that two lists can be merged. A line that cannot be read is kept as it
is and told; a list that was lost is begun again and says so until somebody takes that line out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connector.store import codec
from connector.store.connexion import file_error, files_translated
from connector.store.sauvegarde import put_in_place

QUOI = "La liste des oublis"

_RECOMMENCEE = b'{"recommencee":true}'
"""The line of a list that was begun again because the one before was not there."""

_NOMBRE_MAX = 2**53
"""No number of DS's is near it; SQLite could not hold much more."""

REMETTRE = (
    "Remettez en place celui qui est avec les copies (« connector backup ») ; sans lui, refaites les « connector "
    "forget » de votre registre des demandes."
)
"""What to do about a list that is not whole, in French."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Oubli:
    """One dossier asked to be forgotten, and when; `annule`: the request was taken back at that date."""

    number: int
    demarche: int
    le: datetime
    annule: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Liste:
    """What a file says, by dossier. `panne`: why it could not be read at all, "" when it could."""

    actes: Mapping[int, Oubli] = field(default_factory=dict)
    illisibles: tuple[bytes, ...] = ()
    recommencee: bool = False
    absente: bool = False
    panne: str = ""

    @property
    def oublies(self) -> Mapping[int, Oubli]:
        """Those still to be forgotten."""
        return {n: acte for n, acte in self.actes.items() if not acte.annule}


def beside(base: Path) -> Path:
    """Where the list of that database is."""
    return base.with_name(f"{base.name}.oublis")


def perdue(path: Path) -> tuple[str, str]:
    """What a list that was lost, then begun again, means and asks for, in French."""
    manque = "ce qui a été oublié après une copie remise en place peut y manquer."
    return (
        f"{path} a été perdu, puis recommencé avec ce que la base savait : {manque}",
        f"{REMETTRE} Ôtez ensuite de ce fichier la ligne « recommencee ».",
    )


def lire(path: Path) -> Liste:
    """What that file says; whatever is in it or in its place, nothing is raised."""
    try:
        lignes = [ligne.strip() for ligne in path.read_bytes().splitlines()]
    except FileNotFoundError:
        return Liste(absente=True)
    except OSError as error:
        return Liste(panne=str(file_error(error, path, quoi=QUOI)))
    lues = [(ligne, _lue(ligne)) for ligne in lignes if ligne not in {b"", _RECOMMENCEE}]
    return Liste(
        actes=_derniers(oubli for _, oubli in lues if oubli is not None),
        illisibles=tuple(dict.fromkeys(ligne for ligne, oubli in lues if oubli is None)),
        recommencee=_RECOMMENCEE in lignes,
    )


def ensemble(*listes: Liste) -> Liste:
    """All that those lists say."""
    return Liste(
        actes=_derniers(acte for liste in listes for acte in liste.actes.values()),
        illisibles=tuple(dict.fromkeys(ligne for liste in listes for ligne in liste.illisibles)),
        recommencee=any(liste.recommencee for liste in listes),
    )


def ecrire(path: Path, liste: Liste) -> None:
    """Write that list (0600) in the place of the file, on disk when it returns; `StoreError` when it cannot be."""
    lignes = [*([_RECOMMENCEE] if liste.recommencee else ()), *liste.illisibles]
    lignes += [_ecrite(acte) for _, acte in sorted(liste.actes.items())]
    with files_translated(path, quoi=QUOI), put_in_place(path) as partial:
        partial.write_bytes(b"".join(ligne + b"\n" for ligne in lignes))


def _derniers(actes: Iterable[Oubli]) -> dict[int, Oubli]:
    """The last thing said of each dossier; at one instant, forgetting."""
    derniers: dict[int, Oubli] = {}
    for acte in sorted(actes, key=lambda a: (a.le, not a.annule)):
        derniers[acte.number] = acte
    return derniers


def _ecrite(acte: Oubli) -> bytes:
    data = {"dossier": acte.number, "demarche": acte.demarche, "le": codec.instant(acte.le)}
    return codec.text_of(data | ({"annule": True} if acte.annule else {})).encode()


def _lue(ligne: bytes) -> Oubli | None:
    """What one line says; None when it is none of ours."""
    try:
        match codec.data_of(ligne.decode()):
            case {"dossier": int(number), "demarche": int(demarche), "le": str(le), **reste} if (
                0 < number < _NOMBRE_MAX and 0 < demarche < _NOMBRE_MAX and reste in ({}, {"annule": True})
            ):
                dit = Oubli(number=number, demarche=demarche, le=codec.when(le), annule=bool(reste))
            case _:
                return None
        codec.instant(dit.le)  # a naive date, or one that UTC cannot tell, is no date of ours
    except (ArithmeticError, ValueError, codec.CodecError):
        return None
    return dit
