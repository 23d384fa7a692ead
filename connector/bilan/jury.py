"""The commission's list: one row a dossier, all that a jury needs, and three empty columns that `decide` reads back.

It names the candidates: whoever writes it to a file keeps that file for its owner alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from connector.bilan.classeur import TRAIT, entetes, hauteurs, mise_en_page, octets, poser
from connector.core.decisions import Sens

FEUILLE = "Commission"
DOSSIER, DECISION, MOTIVATION, RANG = "Dossier", "Décision", "Motivation", "Rang"

COLONNES: tuple[tuple[str, float], ...] = (
    (DOSSIER, 10),
    ("Candidat", 18),
    ("Établissement", 20),
    ("Spécialité", 16),
    ("Catégorie", 17),
    ("Avis proposé", 12),
    ("Synthèse", 44),
    (DECISION, 14),
    (MOTIVATION, 34),
    (RANG, 7),
    ("Constats", 90),
    ("Zone", 60),
    ("Quotité hospitalière (%)", 12),
    ("Quotité ambulatoire (%)", 12),
    ("Prime mensuelle", 18),
    ("Coût ARS", 50),
    ("Quota", 40),
    ("Note du projet", 9),
    ("Demande", 20),
    ("Promotion", 12),
    ("État", 15),
    ("Déposé le", 12),
    ("Lien", 14),
)
"""Titles and widths. The three that people fill are those of the file that `decide` reads."""

IMPRIMEES = 10
"""How many of them are printed: what a jury holds in its hands. The others are for the screen."""

_SAISIES = {DECISION, MOTIVATION, RANG}
_A_REMPLIR = PatternFill("solid", fgColor="FEECC2")
_LIEN = Font(name="Arial", size=10, color="000091", underline="single")
_ENTETE = 1
"""The titles come first: a file that people open, filter and hand back keeps its shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidat:
    """One row. Texts as shown; `lien` is the dossier's page in DS, for an agent."""

    dossier: int
    candidat: str
    etablissement: str
    specialite: str
    demande: str
    categorie: str
    promotion: str
    etat: str
    depose_le: date
    avis: str
    synthese: str
    constats: str
    zone: str
    quotite_hospitaliere: Decimal | None
    quotite_ambulatoire: Decimal | None
    prime: str
    cout: str
    quota: str
    note: int | None
    lien: str


def ecrire(candidats: Sequence[Candidat], *, jour: date) -> bytes:
    """The workbook: a frozen row of titles, filters, a list of the decisions, set to print on A4."""
    classeur = Workbook()
    feuille = classeur.worksheets[0]
    feuille.title = FEUILLE
    entetes(feuille, _ENTETE, [titre for titre, _ in COLONNES])
    for rang, candidat in enumerate(candidats, start=_ENTETE + 1):
        _ligne(feuille, rang, candidat)
    for colonne, (_, largeur) in enumerate(COLONNES, start=1):
        feuille.column_dimensions[get_column_letter(colonne)].width = largeur
    derniere = get_column_letter(len(COLONNES))
    feuille.auto_filter.ref = f"A{_ENTETE}:{derniere}{_ENTETE + max(1, len(candidats))}"
    feuille.freeze_panes = f"C{_ENTETE + 1}"
    hauteurs(feuille, IMPRIMEES + 1)
    feuille.print_area = f"A{_ENTETE}:{get_column_letter(IMPRIMEES)}{_ENTETE + max(1, len(candidats))}"
    _liste_des_decisions(feuille, len(candidats))
    mise_en_page(
        feuille, titre=f"Candidatures au {jour:%d/%m/%Y} – liste nominative, à ne pas diffuser", entete=_ENTETE
    )
    _mode_d_emploi(classeur.create_sheet("Mode d'emploi"), jour)
    return octets(classeur)


def _mode_d_emploi(feuille: Worksheet, jour: date) -> None:
    phrases = (
        f"Candidatures à examiner par la commission, au {jour:%d/%m/%Y}.",
        "Ce fichier est nominatif : il ne se diffuse pas, et se détruit après la commission.",
        (
            f"Remplissez, dans la feuille « {FEUILLE} », les colonnes « {DECISION} » (à choisir dans la "
            f"liste), « {MOTIVATION} » (nécessaire pour un refus ou un classement sans suite) et « {RANG} » (liste "
            "d'attente). Une ligne sans décision n'est pas traitée."
        ),
        (
            "Ne renommez ni la feuille ni les colonnes. Les autres colonnes sont pour information : y changer quelque "
            "chose ne change rien dans Démarches simplifiées."
        ),
        (
            f"À l'impression (A4, paysage), seules les {IMPRIMEES} premières colonnes sortent ; les constats, la zone, "
            "la prime et le coût en entier sont à l'écran, plus à droite."
        ),
        "Enregistrez au format XLSX, puis rendez le fichier à la personne qui exploite le connecteur.",
    )
    for rang, phrase in enumerate(phrases, start=1):
        poser(feuille.cell(rang, 1), phrase)
    feuille.cell(1, 1).font = Font(name="Arial", size=12, bold=True, color="000091")
    feuille.column_dimensions["A"].width = 110
    hauteurs(feuille)
    mise_en_page(feuille, titre="Mode d'emploi", entete=1)


def _ligne(feuille: Worksheet, rang: int, c: Candidat) -> None:
    valeurs: dict[str, str | int | Decimal | None] = {
        DOSSIER: c.dossier,
        "Candidat": c.candidat,
        "Établissement": c.etablissement,
        "Spécialité": c.specialite,
        "Demande": c.demande,
        "Catégorie": c.categorie,
        "Promotion": c.promotion,
        "État": c.etat,
        "Déposé le": f"{c.depose_le:%d/%m/%Y}",
        "Avis proposé": c.avis,
        "Synthèse": c.synthese,
        "Constats": c.constats,
        "Zone": c.zone,
        "Quotité hospitalière (%)": c.quotite_hospitaliere,
        "Quotité ambulatoire (%)": c.quotite_ambulatoire,
        "Prime mensuelle": c.prime,
        "Coût ARS": c.cout,
        "Quota": c.quota,
        "Note du projet": c.note,
        "Lien": "Ouvrir dans DS",
    }
    for colonne, (titre, _) in enumerate(COLONNES, start=1):
        cellule = feuille.cell(rang, colonne)
        valeur = valeurs.get(titre)
        if titre in _SAISIES:
            cellule.fill, cellule.border = _A_REMPLIR, TRAIT
            cellule.alignment = Alignment(vertical="top", wrap_text=True)
        elif valeur is not None:
            poser(cellule, valeur, format_="0" if titre == DOSSIER else "0.##")
        if titre == DOSSIER:
            cellule.alignment = Alignment(horizontal="left", vertical="top")
        if titre == "Lien":
            cellule.hyperlink = c.lien
            cellule.font = _LIEN


def _liste_des_decisions(feuille: Worksheet, lignes: int) -> None:
    """The decisions that may be typed: another word is refused at once."""
    colonne = get_column_letter([titre for titre, _ in COLONNES].index(DECISION) + 1)
    choix = DataValidation(type="list", formula1=f'"{",".join(Sens)}"', allow_blank=True, showErrorMessage=True)
    choix.errorTitle, choix.error = "Décision", f"Choisir parmi : {', '.join(Sens)}."
    feuille.add_data_validation(choix)
    choix.add(f"{colonne}{_ENTETE + 1}:{colonne}{_ENTETE + max(1, lignes)}")
