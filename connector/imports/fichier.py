"""A file on disk → its bytes, its text, or the one file inside a zip; every bound is here.

Public files come with all kinds of wrappings. Each refusal names the file and says what to do with it; nothing is ever
decompressed or decoded beyond the bounds below.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from connector.core.typographie import composer
from connector.errors import OperatorError

MO = 1024 * 1024
MAX_OCTETS = 64 * MO
"""Largest file read: the national QPV contours are about 20 MB."""
MAX_OCTETS_DECOMPRESSES = 256 * MO
"""Largest sum of what a zip (or an .xlsx, which is one) unfolds to."""
MAX_MEMBRES = 500
"""Most files inside a zip."""

_BLOC = 64 * 1024
_DEBUT = 4096
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others unfold a whole block without bound
_ENTITE = b"<!ENTITY"  # no spreadsheet has any: somebody wants an XML parser to explode


def erreur(fichier: str, message: str, *, hint: str = "") -> OperatorError:
    """The refusal of a file: what is wrong with it, and in `hint` what to do."""
    return OperatorError(composer(f"« {fichier} » : {message}"), hint=composer(hint))


def read_bytes(chemin: Path) -> bytes:
    """The whole file, within `MAX_OCTETS`."""
    try:
        with chemin.open("rb") as flux:
            data = flux.read(MAX_OCTETS + 1)
    except IsADirectoryError:
        raise erreur(chemin.name, "c'est un dossier, pas un fichier.") from None
    except FileNotFoundError:
        raise erreur(chemin.name, "ce fichier n'existe pas.", hint="Vérifiez le chemin.") from None
    except (OSError, ValueError) as exc:  # ValueError: a NUL inside the path
        cause = getattr(exc, "strerror", None) or "chemin illisible"
        raise erreur(chemin.name, f"lecture impossible ({cause}).") from None
    if len(data) > MAX_OCTETS:
        raise erreur(chemin.name, f"plus de {MAX_OCTETS // MO} Mo : ce n'est pas un fichier attendu ici.")
    return data


def is_zip(data: bytes) -> bool:
    """True when the bytes start as a zip, hence as an .xlsx too."""
    return data.startswith(b"PK\x03\x04")


def open_zip(fichier: str, data: bytes) -> zipfile.ZipFile:
    """The archive, once every member has been unfolded within the bounds and found whole.

    Sizes written in a zip may lie, and libraries trust them: each member is read through here first.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _unfold(fichier, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as exc:
        raise erreur(fichier, "archive abîmée ou incomplète.", hint="Téléchargez-la de nouveau.") from exc
    except RuntimeError as exc:  # how zipfile says « password required »
        raise erreur(
            fichier, "archive protégée par un mot de passe.", hint="Enregistrez-la sans mot de passe."
        ) from exc
    return archive


def _unfold(fichier: str, archive: zipfile.ZipFile) -> None:
    """Reads every member, block by block, and refuses past the bounds."""
    membres = archive.infolist()
    if len(membres) > MAX_MEMBRES:
        raise erreur(fichier, f"archive de plus de {MAX_MEMBRES} fichiers : ce n'est pas un fichier attendu ici.")
    total = 0
    for membre in membres:
        if membre.compress_type not in _COMPRESSIONS:
            raise erreur(fichier, "compression inhabituelle.", hint="Refaites l'archive au format zip ordinaire.")
        with archive.open(membre) as flux:
            total += sum(_sizes(fichier, flux, MAX_OCTETS_DECOMPRESSES - total))


def _sizes(fichier: str, flux: IO[bytes], reste: int) -> Iterator[int]:
    """The size of each block of one member, while the sum stays within `reste`."""
    fin = b""
    while bloc := flux.read(_BLOC):
        reste -= len(bloc)
        if reste < 0:
            raise erreur(fichier, f"archive de plus de {MAX_OCTETS_DECOMPRESSES // MO} Mo une fois ouverte.")
        if _ENTITE in fin + bloc:
            raise erreur(fichier, "contenu XML refusé (entités).")
        fin = bloc[-len(_ENTITE) :]
        yield len(bloc)


def unwrap(fichier: str, data: bytes, suffixes: tuple[str, ...]) -> tuple[str, bytes]:
    """The single file with one of the suffixes that a zip holds, or the bytes as they are when it is not a zip."""
    if not is_zip(data):
        return fichier, data
    with open_zip(fichier, data) as archive:
        nom = _wanted_member(fichier, archive.namelist(), suffixes)
        return f"{fichier} → {nom}", archive.read(nom)


def _wanted_member(fichier: str, noms: list[str], suffixes: tuple[str, ...]) -> str:
    """The only member with one of the suffixes, or the only one that says it is in WGS 84."""
    voulus = [nom for nom in noms if _is_wanted(nom, suffixes)]
    wgs84 = [nom for nom in voulus if "wgs84" in nom.lower()]
    for choix in (voulus, wgs84):
        if len(choix) == 1:
            return choix[0]
    if "[Content_Types].xml" in noms:
        raise erreur(fichier, f"c'est un classeur ou un document, pas un fichier {suffixes[0]}.")
    if any(nom.lower().endswith(".shp") for nom in noms):
        raise erreur(fichier, "ce sont des shapefiles.", hint="Prenez le GeoJSON (WGS 84) du même jeu de données.")
    if not voulus:
        raise erreur(fichier, f"l'archive ne contient aucun fichier {' ou '.join(suffixes)}.")
    raise erreur(
        fichier,
        f"l'archive contient plusieurs fichiers possibles ({', '.join(voulus[:5])}).",
        hint="Ouvrez-la et donnez le bon fichier.",
    )


def _is_wanted(nom: str, suffixes: tuple[str, ...]) -> bool:
    return nom.lower().endswith(suffixes) and not nom.startswith("__MACOSX/")


def decode(fichier: str, data: bytes) -> str:
    """The text, in UTF-8 (with or without mark), UTF-16 with its mark, or else Windows-1252; never a binary file."""
    if not data.strip():
        raise erreur(fichier, "le fichier est vide.")
    _refuse_foreign(fichier, data)
    texte = _decode(fichier, data)
    if "\x00" in texte:
        raise erreur(fichier, "ce n'est pas un fichier texte.", hint="Attendu : CSV, XLSX ou GeoJSON.")
    if not texte.strip():
        raise erreur(fichier, "le fichier est vide.")
    return texte


def _decode(fichier: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # Excel's « texte Unicode »
        return _strictly(fichier, data, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _strictly(fichier, data, "cp1252")


def _strictly(fichier: str, data: bytes, encodage: str) -> str:
    try:
        return data.decode(encodage)
    except UnicodeDecodeError as exc:
        ligne = data.count(b"\n", 0, exc.start) + 1
        raise erreur(
            fichier,
            f"encodage illisible, ligne {ligne}.",
            hint="Enregistrez le fichier en « CSV UTF-8 » depuis le tableur.",
        ) from exc


_BLANCS = b"\xef\xbb\xbf \r\n\t"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|div)\b", re.IGNORECASE)
_REENREGISTRER = "Ouvrez-le dans le tableur et enregistrez-le en .xlsx ou en CSV UTF-8."

_SIGNATURES: tuple[tuple[Callable[[bytes], bool], str, str], ...] = (
    (
        lambda d: d.startswith(b"\xd0\xcf\x11\xe0"),
        "ancien format Excel (.xls), ou classeur protégé par un mot de passe.",
        _REENREGISTRER,
    ),
    (lambda d: d.startswith(b"%PDF"), "c'est un PDF.", "Demandez le tableau d'origine (CSV ou XLSX)."),
    (lambda d: d.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")), "archive autre que zip.", "Ouvrez-la d'abord."),
    (
        lambda d: d.startswith(b"<") and _HTML.search(d) is not None,
        "c'est une page web enregistrée sous un nom de tableau.",
        "Téléchargez le fichier lui-même, ou ouvrez-le dans le tableur et enregistrez-le en .xlsx.",
    ),
    (lambda d: d.startswith(b"<?xml"), "c'est un fichier XML.", _REENREGISTRER),
)


def _refuse_foreign(fichier: str, data: bytes) -> None:
    """Refuses what a well-known signature gives away, with what to do about it."""
    debut = data[:_DEBUT].lstrip(_BLANCS)
    for reconnait, message, conseil in _SIGNATURES:
        if reconnait(debut):
            raise erreur(fichier, message, hint=conseil)
