"""A PDF looked into with pypdf: whether it opens, how many pages it has, what in it acts by itself. No page is drawn.

Meant for a process with limits of its own: a hostile PDF may cost any time and memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError, LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from connector.core.contenu import Defaut, Examen, Nature

OBJETS_MAX = 200_000
"""How many objects are looked at: beyond, nobody can say what else there is."""

_SANS_DANGER = frozenset({"/GoTo", "/Named"})
_AGISSANTES = frozenset({"/Launch", "/ImportData", "/SubmitForm"})


class Demesure(Exception):
    """More in that file than is looked at."""


def examiner(fichier: BinaryIO) -> Examen:
    """What that PDF holds; never raises, short of what the process's own limits do.

    What acts by itself is looked for first, and told even when the rest cannot be read.
    """
    trouves: set[Defaut] = set()
    try:
        lu = PdfReader(fichier, strict=False)
        if lu.is_encrypted:
            protection = _protection(lu)
            if protection is not None:
                return Examen(nature=Nature.PDF, defauts=(protection,))
        for defaut in _actifs(lu):
            trouves.add(defaut)
        pages = len(lu.pages)
        if pages:
            _toucher(lu, pages)
        else:
            trouves.add(Defaut.SANS_PAGE)
        return Examen(nature=Nature.PDF, pages=pages, defauts=tuple(sorted(trouves)))
    except (DependencyError, NotImplementedError):  # a protection that pypdf alone does not undo
        trouves.add(Defaut.PROTEGEE)
    except (MemoryError, LimitReachedError, Demesure):
        trouves.add(Defaut.INACHEVE)
    except Exception:  # noqa: BLE001 - whatever a damaged or hostile file makes a parser raise means the same
        trouves.add(Defaut.ILLISIBLE)
    return Examen(nature=Nature.PDF, defauts=tuple(sorted(trouves)))


def _protection(lu: PdfReader) -> Defaut | None:
    """What keeps people from reading it: nothing when the empty password opens it, as it does for any reader."""
    return Defaut.CHIFFREE if lu.decrypt("") is PasswordType.NOT_DECRYPTED else None


def _toucher(lu: PdfReader, pages: int) -> None:
    """Read the first and the last page's own content: a file cut short lacks one of them."""
    for rang in {0, pages - 1}:
        page = lu.pages[rang]
        if "/Contents" in page and page.get_contents() is None:
            raise ValueError("a page without its content")


def _actifs(lu: PdfReader) -> Iterator[Defaut]:
    """What in the document acts by itself, or holds other files."""
    racine = lu.root_object
    if _agit(_resolu(racine.get("/OpenAction"))):
        yield Defaut.LANCEMENT
    for objet in _objets(racine):
        yield from _defauts(objet)


def _agit(action: Any) -> bool:
    """Whether an opening action does more than show a place of the document."""
    return isinstance(action, DictionaryObject) and _nom(action, "/S") not in _SANS_DANGER | {"/JavaScript"}


def _defauts(objet: DictionaryObject) -> Iterator[Defaut]:
    action = _nom(objet, "/S")
    if "/JS" in objet or action == "/JavaScript":
        yield Defaut.SCRIPT
    if action in _AGISSANTES:
        yield Defaut.LANCEMENT
    if "/EF" in objet or "/EmbeddedFiles" in objet or _nom(objet, "/Subtype") in {"/FileAttachment", "/RichMedia"}:
        yield Defaut.FICHIERS_JOINTS


def _nom(objet: DictionaryObject, cle: str) -> str:
    """That entry when it is a name, written there or elsewhere; "" when it is not."""
    valeur = _resolu(objet.get(cle))
    return valeur if isinstance(valeur, str) else ""


def _resolu(objet: Any) -> Any:
    """What that reference leads to, the thing itself when it is none; `_ABIME` when it cannot be read."""
    if not isinstance(objet, IndirectObject):
        return objet
    try:
        return objet.get_object()
    except (MemoryError, LimitReachedError):
        raise
    except Exception:  # noqa: BLE001 - as for the whole file: one damaged object hides nothing of the others
        return _ABIME


_ABIME = object()


def _objets(racine: DictionaryObject) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached from the root, each once, however they loop.

    An object that cannot be read is stepped over; ValueError at the end when there was one.
    """
    reste: list[Any] = [racine]
    abimes = 0
    vus: set[tuple[int, int]] = set()
    faits = 0
    while reste:
        objet = reste.pop()
        if isinstance(objet, IndirectObject):
            if (objet.idnum, objet.generation) in vus:
                continue
            vus.add((objet.idnum, objet.generation))
            objet = _resolu(objet)
        faits += 1
        if faits > OBJETS_MAX:
            raise Demesure
        if isinstance(objet, DictionaryObject):
            yield objet
            reste.extend(objet.values())
        elif isinstance(objet, ArrayObject):
            reste.extend(objet)
        abimes += objet is _ABIME
    if abimes:
        raise ValueError("objects that cannot be read")
