"""What a file really is, by its bytes: well-known formats first, then whatever puremagic knows."""

from __future__ import annotations

import zipfile
from typing import BinaryIO

from connector.core.contenu import Defaut, Nature

TETE = 4096
"""How many of the first bytes tell the type."""

_PDF_AVANT = 1024
"""How far from its start a PDF may begin, as every reader allows."""

_SIGNATURES: tuple[tuple[bytes, Nature], ...] = (
    (b"MZ", Nature.PROGRAMME),
    (b"\x7fELF", Nature.PROGRAMME),
    (b"\xca\xfe\xba\xbe", Nature.PROGRAMME),
    (b"\xcf\xfa\xed\xfe", Nature.PROGRAMME),
    (b"L\x00\x00\x00\x01\x14\x02\x00", Nature.PROGRAMME),  # a Windows shortcut
    (b"#!", Nature.PROGRAMME),
    (b"\x89PNG\r\n\x1a\n", Nature.IMAGE),
    (b"\xff\xd8\xff", Nature.IMAGE),
    (b"II*\x00", Nature.IMAGE),
    (b"MM\x00*", Nature.IMAGE),
    (b"GIF8", Nature.IMAGE),
    (b"{\\rtf", Nature.RTF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Nature.OLE),
)
_HEIF = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"})
_PAGES_WEB = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml")
_OFFICE = (("word/", Nature.DOCX), ("xl/", Nature.XLSX))
_OPENDOCUMENT = {
    b"application/vnd.oasis.opendocument.text": Nature.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": Nature.ODS,
}


def nature(fichier: BinaryIO) -> Nature:
    """The type of that file, by what it holds; its name and what it says of itself are not looked at."""
    fichier.seek(0)
    tete = fichier.read(TETE)
    connue = next((n for signature, n in _SIGNATURES if tete.startswith(signature)), None)
    if connue is not None:
        return connue
    if tete[4:8] == b"ftyp" and tete[8:12] in _HEIF:
        return Nature.IMAGE
    if tete.lstrip(b"\xef\xbb\xbf \t\r\n")[:16].lower().startswith(_PAGES_WEB):
        return Nature.PAGE_WEB
    if b"%PDF-" in tete[:_PDF_AVANT]:
        return Nature.PDF
    if tete.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(fichier)
    return _autre(tete)


def macros(fichier: BinaryIO, nature: Nature) -> tuple[Defaut, ...]:
    """Whether an Office document carries macros: by the names and the types of its parts, none of which is unpacked."""
    if nature is Nature.OLE:
        fichier.seek(0)
        trouve = _VBA_OLE in fichier.read()
    else:
        noms = any(nom.lower().endswith("vbaproject.bin") for nom in _noms(fichier))
        trouve = noms or _VBA_TYPE in _types(fichier)
    return (Defaut.MACROS,) if trouve else ()


_VBA_OLE, _VBA_TYPE = "_VBA_PROJECT".encode("utf-16-le"), b"vbaproject"
_TYPES_LUS = 2**20


def _types(fichier: BinaryIO) -> bytes:
    """The beginning of what an Office document says of the types of its parts, in lower case; b"" when it cannot be."""
    fichier.seek(0)
    try:
        with zipfile.ZipFile(fichier) as archive, archive.open("[Content_Types].xml") as part:
            return part.read(_TYPES_LUS).replace(b"\0", b"").lower()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a damaged or hostile archive makes an unpacker raise means the same
        return b""


def _archive(fichier: BinaryIO) -> Nature:
    """Which document an archive is, by the names of its parts: nothing is unpacked."""
    fichier.seek(0)
    tete = fichier.read(256)
    if tete[30:38] == b"mimetype":  # OpenDocument: the first part, stored as it is
        types = sorted(_OPENDOCUMENT, key=len, reverse=True)
        return next((_OPENDOCUMENT[t] for t in types if tete[38:].startswith(t)), Nature.ZIP)
    noms = _noms(fichier)
    return next((n for debut, n in _OFFICE if any(nom.startswith(debut) for nom in noms)), Nature.ZIP)


def _noms(fichier: BinaryIO) -> list[str]:
    """The names of an archive's parts; none when its list cannot be read."""
    fichier.seek(0)
    try:
        with zipfile.ZipFile(fichier) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return []


def _autre(tete: bytes) -> Nature:
    """What puremagic makes of it; else a text when it reads as one."""
    import puremagic  # noqa: PLC0415 - an extra

    try:
        trouves = puremagic.magic_string(tete)
    except (puremagic.PureError, ValueError):
        trouves = []
    if any(t.confidence >= _SUR for t in trouves):
        return Nature.AUTRE
    return Nature.TEXTE if tete and _est_un_texte(tete) else Nature.INCONNUE


_SUR = 0.5
"""What a type must be worth to puremagic: below, two bytes in common are enough."""


def _est_un_texte(tete: bytes) -> bool:
    return not any(octet < 9 or 13 < octet < 32 for octet in tete)  # noqa: PLR2004 - control characters
