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
    """What that PDF holds; never raises, short of what the process's own limits do."""
    try:
        lu = PdfReader(fichier, strict=False)
        if lu.is_encrypted:
            protection = _protection(lu)
            if protection is not None:
                return Examen(nature=Nature.PDF, defauts=(protection,))
        pages = len(lu.pages)
        if not pages:
            return Examen(nature=Nature.PDF, pages=0, defauts=(Defaut.SANS_PAGE,))
        _toucher(lu, pages)
        return Examen(nature=Nature.PDF, pages=pages, defauts=tuple(sorted(set(_actifs(lu)))))
    except (DependencyError, NotImplementedError):  # a protection that pypdf alone does not undo
        return Examen(nature=Nature.PDF, defauts=(Defaut.PROTEGEE,))
    except (MemoryError, LimitReachedError, Demesure):
        return Examen(nature=Nature.PDF, defauts=(Defaut.INACHEVE,))
    except Exception:  # noqa: BLE001 - whatever a damaged or hostile file makes a parser raise means the same
        return Examen(nature=Nature.PDF, defauts=(Defaut.ILLISIBLE,))


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
    ouverture = racine.get("/OpenAction")
    if ouverture is not None and _agit(ouverture.get_object()):
        yield Defaut.LANCEMENT
    for objet in _objets(lu, racine):
        yield from _defauts(objet)


def _agit(action: Any) -> bool:
    """Whether an opening action does more than show a place of the document."""
    return isinstance(action, DictionaryObject) and action.get("/S") not in _SANS_DANGER | {"/JavaScript"}


def _defauts(objet: DictionaryObject) -> Iterator[Defaut]:
    if "/JS" in objet or objet.get("/S") == "/JavaScript":
        yield Defaut.SCRIPT
    if objet.get("/S") in _AGISSANTES:
        yield Defaut.LANCEMENT
    if "/EF" in objet or "/EmbeddedFiles" in objet or objet.get("/Subtype") in {"/FileAttachment", "/RichMedia"}:
        yield Defaut.FICHIERS_JOINTS


def _objets(lu: PdfReader, racine: DictionaryObject) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached from the root, each once, however they loop."""
    reste: list[Any] = [racine]
    vus: set[tuple[int, int]] = set()
    faits = 0
    while reste:
        objet = reste.pop()
        if isinstance(objet, IndirectObject):
            if (objet.idnum, objet.generation) in vus:
                continue
            vus.add((objet.idnum, objet.generation))
            objet = lu.get_object(objet)
        faits += 1
        if faits > OBJETS_MAX:
            raise Demesure
        if isinstance(objet, DictionaryObject):
            yield objet
            reste.extend(objet.values())
        elif isinstance(objet, ArrayObject):
            reste.extend(objet)
