"""What a report is made of, whatever it is written as: sections, tables, and columns that say what they count.

A cell is a number, a text, or one of the reasons why there is none. Nothing here knows HTML, XLSX or CSV.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from connector.core.montants import euros, nombre


class Absence(StrEnum):
    """Why a cell shows no number; the value is what the reader sees."""

    SECRET = "n. p."  # noqa: S105 - what a hidden cell shows: « non publié »
    INCONNU = "–"
    SANS_OBJET = "s. o."


Valeur = int | Decimal | str | Absence
"""A cell. A `Decimal` is an amount, a share or a duration: its column's unit says which."""


class Unite(StrEnum):
    """What a column's numbers are."""

    NOMBRE = "nombre"
    EUROS = "euros"
    POURCENT = "pourcent"
    JOURS = "jours"
    TEXTE = "texte"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colonne:
    """One figure: its title, what exactly it counts, and where it comes from.

    `secret` counts people or posts: small ones are hidden in a public report. `depend` are the ranks of the columns
    that it is calculated from: where one of them is hidden, so is it.
    """

    titre: str
    definition: str = ""
    source: str = ""
    unite: Unite = Unite.NOMBRE
    secret: bool = False
    depend: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ligne:
    """One row. `groupe` is the title of the rows it stands among, "" for none; `alerte` asks for a human's look."""

    libelle: str
    valeurs: tuple[Valeur, ...]
    groupe: str = ""
    alerte: str = ""


class Dessin(StrEnum):
    """How a table is also drawn."""

    QUOTAS = "quotas"
    CHRONOLOGIE = "chronologie"
    HISTOGRAMME = "histogramme"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tableau:
    """One table. `libelle` titles its first column, `groupe` the rows' groups.

    `total` is the sum of the rows where they are parts of one whole (`additif`): a hidden cell must not be found by
    subtraction. `interne` is never published (dossier numbers, free texts). `reperes` are named positions to draw on
    it, in rows from the first one's beginning.
    """

    cle: str
    titre: str
    libelle: str
    colonnes: tuple[Colonne, ...]
    lignes: tuple[Ligne, ...]
    groupe: str = ""
    intro: str = ""
    total: Ligne | None = None
    additif: bool = False
    interne: bool = False
    dessin: Dessin | None = None
    reperes: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Tables that answer one question."""

    cle: str
    titre: str
    tableaux: tuple[Tableau, ...]
    intro: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rapport:
    """A whole report."""

    titre: str
    sous_titre: str
    etabli_le: date
    public: bool
    sections: tuple[Section, ...]
    mentions: tuple[str, ...] = ()

    @property
    def tableaux(self) -> tuple[Tableau, ...]:
        """Every table, in order."""
        return tuple(t for section in self.sections for t in section.tableaux)

    def tableau(self, cle: str) -> Tableau | None:
        """The table of that key, if the report has it."""
        return next((t for t in self.tableaux if t.cle == cle), None)


def lisible(valeur: Valeur, unite: Unite = Unite.NOMBRE) -> str:
    """A cell as a French reader expects it."""
    if isinstance(valeur, str):
        return valeur.value if isinstance(valeur, Absence) else valeur
    if unite is Unite.EUROS:
        return euros(Decimal(valeur))
    suffixe = {Unite.POURCENT: "\u00a0%", Unite.JOURS: "\u00a0j"}.get(unite, "")
    return nombre(valeur) + suffixe
