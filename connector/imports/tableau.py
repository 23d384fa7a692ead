"""A CSV or XLSX file, whoever saved it and however → sheets of text rows.

Handles what is really met (domaine §3.3): byte-order marks, Windows-1252, « ; », « , » or tab, numbers where codes were
meant, `="01001"` shields, several sheets. Rows keep their number in the file.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from connector.errors import OperatorError
from connector.imports.fichier import decode, erreur, is_zip, open_zip, unwrap

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_Row = tuple[object, ...]

MAX_LIGNES = 100_000
"""Most rows with something in them, in one sheet: France has 35,000 communes."""
MAX_RANG = 1_048_576
"""Last row a spreadsheet can have."""
MAX_COLONNES = 128
"""Most columns: a CSV with more is refused, a sheet is read that far."""
MAX_CELLULE = 10_000
"""Most characters in one cell."""

_ECHANTILLON = 64 * 1024
_SEPARATEURS = ";,\t"
_SEPARATEUR_ANNONCE = re.compile(r"sep=([;,|\t])\r?\n", re.IGNORECASE)  # Excel's own first line


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Endroit:
    """Where something was read: a 1-based row (or GeoJSON object), and the sheet when the file has several."""

    numero: int
    onglet: str = ""
    nature: str = "ligne"

    def __str__(self) -> str:
        """« ligne 12 », « onglet TVS, ligne 12 »."""
        ou = f"onglet {self.onglet}, " if self.onglet else ""
        return f"{ou}{self.nature} {self.numero}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ligne:
    """One row with something in it: its number in the file, and its cells, trimmed."""

    numero: int
    cellules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feuille:
    """One sheet; `nom` is "" for a CSV."""

    nom: str
    lignes: tuple[Ligne, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classeur:
    """A file of tables."""

    fichier: str
    feuilles: tuple[Feuille, ...]


def read_classeur(fichier: str, data: bytes, *, formules: bool = False) -> Classeur:
    """Every sheet of the file, or a refusal that says what the file is instead; an ordinary zip may hold one CSV.

    `formules`: a cell that is calculated shows its formula (« =A1+1 ») rather than its last result.
    """
    if is_zip(data):
        with open_zip(fichier, data) as archive:
            noms = set(archive.namelist())
        if "[Content_Types].xml" in noms:
            return Classeur(fichier=fichier, feuilles=_xlsx(fichier, data, formules=formules))
        if "content.xml" in noms:
            raise erreur(fichier, "format OpenDocument.", hint="Enregistrez le classeur en .xlsx ou en CSV UTF-8.")
        fichier, data = unwrap(fichier, data, (".csv", ".txt", ".tsv"))
    return Classeur(fichier=fichier, feuilles=(_csv(fichier, decode(fichier, data)),))


# --- CSV


def _csv(fichier: str, texte: str) -> Feuille:
    if texte.lstrip().startswith(("{", "[")):
        raise erreur(fichier, "c'est du JSON, pas un tableau.", hint="Attendu : CSV ou XLSX.")
    premier, separateur = 0, _SEPARATEUR_ANNONCE.match(texte)
    if separateur:
        premier, delimiter, texte = 1, separateur.group(1), texte[separateur.end() :]
    else:
        delimiter = _delimiter(fichier, texte)
    lignes = (_line(fichier, premier + numero, cellules) for numero, cellules in _records(fichier, texte, delimiter))
    return Feuille(nom="", lignes=_bounded(fichier, lignes))


def _delimiter(fichier: str, texte: str) -> str:
    """The separator that cuts most of the first rows into the same number of cells."""
    scores = {candidat: _regularity(texte[:_ECHANTILLON], candidat) for candidat in _SEPARATEURS}
    meilleur = max(scores, key=lambda candidat: scores[candidat])
    if scores[meilleur] == 0:
        raise erreur(
            fichier,
            "ce n'est pas un tableau : aucune colonne trouvée.",
            hint="Attendu : des colonnes séparées par « ; », « , » ou une tabulation.",
        )
    return meilleur


def _regularity(echantillon: str, delimiter: str) -> int:
    rows = itertools.islice(csv.reader(io.StringIO(echantillon, newline=""), delimiter=delimiter), 30)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max((width * count for width, count in widths.items()), default=0)


def _records(fichier: str, texte: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its first line (a quoted cell may span several)."""
    reader = csv.reader(io.StringIO(texte, newline=""), delimiter=delimiter, strict=True)
    numero = 1
    try:
        for cellules in reader:
            yield numero, cellules
            numero = reader.line_num + 1
    except csv.Error as exc:
        raise erreur(
            fichier, f"ligne {numero} : guillemets mal fermés ou cellule démesurée.", hint="Corrigez cette ligne."
        ) from exc


# --- XLSX


def _xlsx(fichier: str, data: bytes, *, formules: bool) -> tuple[Feuille, ...]:
    with warnings.catch_warnings():  # openpyxl warns of styles and validations, which say nothing of the data
        warnings.simplefilter("ignore")
        classeur = _workbook(fichier, data, formules=formules)
        return tuple(
            Feuille(nom=nom, lignes=_bounded(fichier, _sheet_lines(fichier, nom, rows)))
            for nom, rows in _raw_sheets(fichier, classeur)
        )


def _workbook(fichier: str, data: bytes, *, formules: bool) -> Workbook:
    try:
        import openpyxl  # noqa: PLC0415  (an extra, and slow to load)
    except ImportError as exc:
        raise erreur(
            fichier,
            "lire un classeur .xlsx demande le complément « geo », qui n'est pas installé.",
            hint='Installez-le (pip install "ds-connector[geo]") ou enregistrez le fichier en CSV UTF-8.',
        ) from exc
    try:
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=not formules)
    except Exception as exc:  # openpyxl raises whatever the damaged part made it stumble on
        raise _damaged(fichier) from exc


def _damaged(fichier: str) -> OperatorError:
    return erreur(fichier, "classeur abîmé.", hint="Ouvrez-le dans le tableur et enregistrez-le de nouveau en .xlsx.")


def _raw_sheets(fichier: str, classeur: Workbook) -> Iterator[tuple[str, Iterator[_Row]]]:
    for feuille in classeur.worksheets:
        feuille.reset_dimensions()  # the size a sheet claims may be wrong
        yield feuille.title, _raw_rows(fichier, feuille.iter_rows(values_only=True, max_col=MAX_COLONNES))


def _raw_rows(fichier: str, rows: Iterator[_Row]) -> Iterator[_Row]:
    try:
        yield from rows
    except Exception as exc:
        raise _damaged(fichier) from exc


def _sheet_lines(fichier: str, nom: str, rows: Iterable[_Row]) -> Iterator[Ligne]:
    for numero, row in enumerate(rows, start=1):
        if numero > MAX_RANG:
            raise erreur(fichier, f"onglet « {nom} » : plus de lignes qu'un tableur n'en a.")
        largeur = next((i for i in range(len(row), 0, -1) if row[i - 1] is not None), 0)
        yield _line(fichier, numero, [_text(valeur) for valeur in row[:largeur]])


def _text(valeur: object) -> str:
    """A cell as its author meant it: 18279.0 is « 18279 »."""
    match valeur:
        case None:
            return ""
        case bool():
            return "oui" if valeur else "non"
        case float() if math.isfinite(valeur) and valeur.is_integer():
            return str(int(valeur))
        case date():  # and datetime
            return valeur.isoformat()
        case _:
            return str(getattr(valeur, "text", valeur))  # a formula over several cells is an object


# --- rows


def _line(fichier: str, numero: int, cellules: Iterable[str]) -> Ligne:
    propres = tuple(_trimmed(cellule) for cellule in cellules)
    if len(propres) > MAX_COLONNES:
        raise erreur(fichier, f"ligne {numero} : plus de {MAX_COLONNES} colonnes.")
    if any(len(cellule) > MAX_CELLULE for cellule in propres):
        raise erreur(fichier, f"ligne {numero} : une cellule de plus de {MAX_CELLULE} caractères.")
    return Ligne(numero=numero, cellules=propres)


_BLANCS = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\ufeff\u200b"
_BOUCLIER = re.compile(r'="([^"]*)"')


def _trimmed(cellule: str) -> str:
    """The cell without blanks around it, nor the `="…"` that keeps a spreadsheet from eating zeros."""
    nue = cellule.strip(_BLANCS)
    bouclier = _BOUCLIER.fullmatch(nue)
    return bouclier.group(1).strip() if bouclier else nue


def _bounded(fichier: str, lignes: Iterable[Ligne]) -> tuple[Ligne, ...]:
    """The rows with something in them, `MAX_LIGNES` at most."""
    pleines = (ligne for ligne in lignes if any(ligne.cellules))
    gardees = tuple(itertools.islice(pleines, MAX_LIGNES + 1))
    if len(gardees) > MAX_LIGNES:
        raise erreur(fichier, f"plus de {MAX_LIGNES} lignes : ce n'est pas un fichier attendu ici.")
    return gardees
