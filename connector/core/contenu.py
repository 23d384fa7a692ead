"""What may be found inside a file, and what may keep it away: words that the child process speaks, and no rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Nature(StrEnum):
    """What a file really is, by its first bytes; `OLE` is a Word or Excel document of before 2007."""

    PDF = "pdf"
    OLE = "ole"
    DOCX = "docx"
    ODT = "odt"
    XLSX = "xlsx"
    ODS = "ods"
    RTF = "rtf"
    IMAGE = "image"
    ZIP = "zip"
    TEXTE = "texte"
    PAGE_WEB = "page_web"
    PROGRAMME = "programme"
    AUTRE = "autre"
    INCONNUE = "inconnue"


class Defaut(StrEnum):
    """What deserves a look inside a file; the value is stored."""

    ILLISIBLE = "illisible"
    CHIFFREE = "chiffree"
    PROTEGEE = "protegee"
    SANS_PAGE = "sans_page"
    SCRIPT = "script"
    LANCEMENT = "lancement"
    FICHIERS_JOINTS = "fichiers_joints"
    MACROS = "macros"
    INACHEVE = "inacheve"


class Empechement(StrEnum):
    """Why a file could not be looked into this time; the value is stored."""

    HOTE = "hote"
    REDIRECTION = "redirection"
    LIEN = "lien"
    ABSENTE = "absente"
    TAILLE = "taille"
    DELAI = "delai"
    RESEAU = "reseau"
    REPONSE = "reponse"
    EMPREINTE = "empreinte"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examen:
    """What one file holds: facts. `pages` of a PDF, None for anything else or when nobody could count."""

    nature: Nature
    pages: int | None = None
    defauts: tuple[Defaut, ...] = ()
