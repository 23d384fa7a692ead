"""The same figures as CSV: one line a figure, with its definition, for a spreadsheet or a statistician."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from connector.bilan.tableau import Absence, Colonne, Ligne, Rapport, Tableau, Unite, Valeur

ENTETES = ("Tableau", "Groupe", "Ligne", "Indicateur", "Valeur", "Unité", "Définition", "Source")

_FORMULES = ("=", "+", "-", "@", "\t", "\r", "\n")

_UNITES = {Unite.EUROS: "€", Unite.POURCENT: "%", Unite.JOURS: "jours", Unite.NOMBRE: "", Unite.TEXTE: ""}


def ecrire(rapport: Rapport) -> str:
    """The file's text: semicolons, decimal commas, as a French spreadsheet opens it."""
    sortie = io.StringIO()
    ecrivain = csv.writer(sortie, delimiter=";", lineterminator="\r\n")
    ecrivain.writerow(ENTETES)
    for tableau in rapport.tableaux:
        ecrivain.writerows([inerte(cellule) for cellule in ligne] for ligne in _lignes(tableau))
    return sortie.getvalue()


def inerte(texte: str) -> str:
    """The same text, that no spreadsheet takes for a formula: what people typed is never calculated."""
    return f"'{texte}" if texte.startswith(_FORMULES) else texte


def _lignes(tableau: Tableau) -> Iterator[tuple[str, ...]]:
    toutes = (*tableau.lignes, *((tableau.total,) if tableau.total else ()))
    for ligne in toutes:
        for colonne, valeur in zip(tableau.colonnes, ligne.valeurs, strict=True):
            yield _ligne(tableau, ligne, colonne, valeur)


def _ligne(tableau: Tableau, ligne: Ligne, colonne: Colonne, valeur: Valeur) -> tuple[str, ...]:
    return (
        tableau.titre,
        ligne.groupe,
        ligne.libelle,
        colonne.titre,
        _brut(valeur),
        _UNITES[colonne.unite],
        colonne.definition,
        colonne.source,
    )


def _brut(valeur: Valeur) -> str:
    """A number without spaces nor unit, a decimal comma; the words of a cell that has none."""
    if isinstance(valeur, str):
        return valeur.value if isinstance(valeur, Absence) else valeur
    return str(valeur).replace(".", ",")
