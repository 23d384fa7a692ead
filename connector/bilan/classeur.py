"""Workbooks: the same figures, one sheet a table, and cells that hold what they say and never a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import ceil

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from connector.bilan.tableau import Colonne, Ligne, Rapport, Tableau, Unite, Valeur, lisible

Cellule = Cell | MergedCell

BLEU = "000091"
TITRE = Font(name="Arial", size=14, bold=True, color=BLEU)
GRAS = Font(name="Arial", size=10, bold=True)
NORMAL = Font(name="Arial", size=10)
ENTETE = Font(name="Arial", size=10, bold=True, color="FFFFFF")
FOND = PatternFill("solid", fgColor=BLEU)
TRAIT = Border(bottom=Side(style="thin", color="DDDDDD"))

_FORMATS = {
    Unite.EUROS: '#,##0.00\\ "€"',
    Unite.POURCENT: '0.#\\ "%"',
    Unite.JOURS: '0.#\\ "j"',
    Unite.NOMBRE: "0",
    Unite.TEXTE: "@",
}
_LIMITE = 32_000
"""Characters that a cell holds, a little under Excel's own limit."""
_NOM_DE_FEUILLE = 31
_LIGNE = 13.0
"""Points of one line of Arial 10."""
_LIGNES_MAXIMUM = 25
_SERRAGE = 1.1
"""Words do not fill a line: room for a tenth more."""
_INTERDITS = re.compile(r"[\[\]:*?/\\']")


def ecrire(rapport: Rapport) -> bytes:
    """The workbook of a report: a first sheet that says what it is, then one for each table, then the definitions."""
    classeur = Workbook()
    accueil = classeur.worksheets[0]
    accueil.title = "Présentation"
    _presenter(accueil, rapport)
    for tableau in rapport.tableaux:
        _tableau(classeur.create_sheet(nom_de_feuille(tableau.titre, classeur.sheetnames)), tableau)
    _definitions(classeur.create_sheet("Définitions"), rapport)
    return octets(classeur)


def octets(classeur: Workbook) -> bytes:
    """The file."""
    sortie = io.BytesIO()
    classeur.save(sortie)
    return sortie.getvalue()


def nom_de_feuille(titre: str, pris: Iterable[str]) -> str:
    """A name that a sheet may bear, unlike the others."""
    propre = " ".join(_INTERDITS.sub(" ", titre).split())[:_NOM_DE_FEUILLE].strip()
    deja = {nom.casefold() for nom in pris}
    rang = 1
    nom = propre
    while nom.casefold() in deja:
        rang += 1
        nom = f"{propre[: _NOM_DE_FEUILLE - 3]} {rang}"
    return nom


def poser(cellule: Cellule, valeur: str | int | Decimal, *, format_: str = "@") -> None:
    """Write a value as what it is. A text stays one, whatever it starts with: no spreadsheet calculates it."""
    cellule.font, cellule.border = NORMAL, TRAIT
    cellule.alignment = Alignment(vertical="top", wrap_text=isinstance(valeur, str))
    if isinstance(valeur, str):
        cellule.value = texte(valeur)
        cellule.data_type = "s"
        cellule.number_format = "@"
        cellule.quotePrefix = True
    else:
        cellule.value = valeur
        cellule.number_format = format_


def texte(valeur: str) -> str:
    """A text that a workbook can hold."""
    return ILLEGAL_CHARACTERS_RE.sub(" ", valeur)[:_LIMITE]


def entetes(feuille: Worksheet, rang: int, titres: Sequence[str], *, nombres_des: int | None = None) -> None:
    """A row of titles, white on blue; from the column `nombres_des` on, set right as the numbers under them."""
    for colonne, titre in enumerate(titres, start=1):
        cellule = feuille.cell(rang, colonne)
        poser(cellule, titre)
        cellule.font, cellule.fill = ENTETE, FOND
        a_droite = nombres_des is not None and colonne >= nombres_des
        cellule.alignment = Alignment(horizontal="right" if a_droite else "left", vertical="center", wrap_text=True)


def hauteurs(feuille: Worksheet, colonnes: int | None = None) -> None:
    """Each row high enough for the texts of its first columns, the widths being set: not every spreadsheet does it."""
    for rang, cellules in enumerate(feuille.iter_rows(max_col=colonnes), start=1):
        lignes = max(
            _lignes(c.value, feuille.column_dimensions[get_column_letter(colonne)].width)
            for colonne, c in enumerate(cellules, start=1)
            if c.alignment.wrap_text or colonne == len(cellules)
        )
        if lignes > 1:
            feuille.row_dimensions[rang].height = _LIGNE * min(lignes, _LIGNES_MAXIMUM) + 3


def _lignes(valeur: object, largeur: float) -> int:
    """How many lines a text takes in a column of that width."""
    if not isinstance(valeur, str):
        return 1
    return sum(max(1, ceil(len(partie) * _SERRAGE / largeur)) for partie in valeur.split("\n"))


def mise_en_page(feuille: Worksheet, *, titre: str, entete: int) -> None:
    """A4 landscape, one page wide, the row of titles on each page, a foot that counts them."""
    feuille.page_setup.orientation = "landscape"
    feuille.page_setup.paperSize = feuille.PAPERSIZE_A4
    feuille.page_setup.fitToWidth, feuille.page_setup.fitToHeight = 1, 0
    feuille.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    feuille.print_title_rows = f"{entete}:{entete}"
    feuille.oddFooter = HeaderFooterItem(
        left=_HeaderFooterPart(text=titre.replace("&", "&&")), right=_HeaderFooterPart(text="Page &P sur &N")
    )


def _presenter(feuille: Worksheet, rapport: Rapport) -> None:
    lignes = (rapport.titre, rapport.sous_titre, f"Établi le {rapport.etabli_le:%d/%m/%Y}.", *rapport.mentions)
    for rang, ligne in enumerate(lignes, start=1):
        poser(feuille.cell(rang, 1), ligne)
    feuille.cell(1, 1).font = TITRE
    feuille.column_dimensions["A"].width = 110
    hauteurs(feuille)
    mise_en_page(feuille, titre=rapport.titre, entete=1)


def _tableau(feuille: Worksheet, tableau: Tableau) -> None:
    groupes = [tableau.groupe] if tableau.groupe else []
    titres = [*groupes, tableau.libelle, *(c.titre for c in tableau.colonnes)]
    poser(feuille.cell(1, 1), tableau.titre)
    feuille.cell(1, 1).font = TITRE
    feuille.cell(1, 1).alignment = Alignment(wrap_text=False)
    textes = any(c.unite is Unite.TEXTE for c in tableau.colonnes)
    entetes(feuille, 2, titres, nombres_des=None if textes else len(groupes) + 2)
    total = (tableau.total,) if tableau.total else ()
    for rang, ligne in enumerate((*tableau.lignes, *total), start=3):
        _ligne(feuille, rang, tableau, ligne)
        if ligne is tableau.total:
            for colonne in range(1, len(titres) + 1):
                feuille.cell(rang, colonne).font = GRAS
    for rang in range(1, len(titres) + 1):
        feuille.column_dimensions[get_column_letter(rang)].width = 40 if textes or rang <= len(groupes) + 1 else 13
    feuille.freeze_panes = f"{get_column_letter(len(groupes) + 2)}3"
    if tableau.lignes:
        derniere = feuille.cell(2 + len(tableau.lignes), len(titres)).coordinate
        feuille.auto_filter.ref = f"A2:{derniere}"
    hauteurs(feuille)
    mise_en_page(feuille, titre=tableau.titre, entete=2)


def _ligne(feuille: Worksheet, rang: int, tableau: Tableau, ligne: Ligne) -> None:
    tete = [ligne.groupe, ligne.libelle] if tableau.groupe else [ligne.libelle]
    for colonne, mot in enumerate(tete, start=1):
        poser(feuille.cell(rang, colonne), mot)
    for colonne, (definie, valeur) in enumerate(zip(tableau.colonnes, ligne.valeurs, strict=True), len(tete) + 1):
        _case(feuille.cell(rang, colonne), definie, valeur)


def _case(cellule: Cellule, colonne: Colonne, valeur: Valeur) -> None:
    if isinstance(valeur, str):
        poser(cellule, lisible(valeur))
        if colonne.unite is not Unite.TEXTE:
            cellule.alignment = Alignment(horizontal="right", vertical="top")
    else:
        poser(cellule, valeur, format_=_FORMATS[colonne.unite])


def _definitions(feuille: Worksheet, rapport: Rapport) -> None:
    entetes(feuille, 1, ("Tableau", "Indicateur", "Définition", "Source"))
    rang = 1
    for tableau in rapport.tableaux:
        for colonne in tableau.colonnes:
            rang += 1
            for rang_colonne, mot in enumerate((tableau.titre, colonne.titre, colonne.definition, colonne.source), 1):
                poser(feuille.cell(rang, rang_colonne), mot)
    for lettre, largeur in zip("ABCD", (40, 26, 90, 60), strict=True):
        feuille.column_dimensions[lettre].width = largeur
    feuille.freeze_panes = "A2"
    hauteurs(feuille)
    mise_en_page(feuille, titre="Définitions et sources", entete=1)
