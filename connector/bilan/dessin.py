"""The drawings of the page: where each bar stands, computed from a table; the template only writes them down.

A drawing says nothing that its table does not: a hidden cell is drawn hatched, the same height whatever it hides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.bilan.tableau import Absence, Ligne, Tableau, Valeur, lisible
from connector.core.montants import pluriel

_OUVERTS, _ACCORDES, _POURVUS = 0, 4, 5
"""Columns of the table of posts."""

_CACHE = 2
"""How high a hidden cell is drawn, in units of its table, whatever it hides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a bar, in percents of the widest one; `genre` is its class in the style sheet."""

    x: float
    largeur: float
    genre: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Barre:
    """One quota: its name, its bar, and what the bar shows in words."""

    groupe: str
    libelle: str
    segments: tuple[Segment, ...]
    texte: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectangle:
    """One bar of a chart, in the chart's own units; `valeur` is written above it, "" for nothing."""

    x: float
    y: float
    largeur: float
    hauteur: float
    genre: str
    valeur: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marque:
    """A word under the axis, or a vertical line and its name."""

    x: float
    texte: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graphique:
    """A chart: its size, its bars, the words under its axis, its legend and the dates it marks."""

    largeur: int
    hauteur: int
    base: float
    rectangles: tuple[Rectangle, ...]
    marques: tuple[Marque, ...]
    legende: tuple[tuple[str, str], ...] = ()
    reperes: tuple[Marque, ...] = ()


# --- quotas -----------------------------------------------------------------------------------------------------------


def barres(tableau: Tableau) -> tuple[Barre, ...]:
    """One bar for each quota that is known or used."""
    lignes = [li for li in tableau.lignes if _etendue(li)]
    plus_long = max((_etendue(li) for li in lignes), default=1) or 1
    return tuple(_barre(li, plus_long) for li in lignes)


def _entier(valeur: Valeur) -> int:
    return valeur if isinstance(valeur, int) else 0


def _etendue(ligne: Ligne) -> int:
    return max(_entier(ligne.valeurs[_OUVERTS]), _entier(ligne.valeurs[_ACCORDES]))


def _barre(ligne: Ligne, plus_long: int) -> Barre:
    ouverts, accordes, pourvus = (ligne.valeurs[c] for c in (_OUVERTS, _ACCORDES, _POURVUS))
    tenus = min(_entier(pourvus), _entier(accordes))
    bornes: list[tuple[float, float, str]] = [
        (0, tenus, "pourvu"),
        (tenus, _entier(accordes), "accorde"),
        (_entier(accordes), _entier(ouverts), "libre"),
    ]
    if _entier(ouverts) and _entier(accordes) > _entier(ouverts):
        bornes.append((_entier(ouverts) - plus_long * _TRAIT, _entier(ouverts), "limite"))
    if accordes is Absence.SECRET:
        bornes = [(0, _entier(ouverts), "cache")]
    segments = tuple(
        Segment(x=100 * de / plus_long, largeur=100 * (a - de) / plus_long, genre=genre)
        for de, a, genre in bornes
        if a > de
    )
    return Barre(
        groupe=ligne.groupe, libelle=ligne.libelle, segments=segments, texte=_texte(ouverts, accordes, pourvus)
    )


def _texte(ouverts: Valeur, accordes: Valeur, pourvus: Valeur) -> str:
    pris = pluriel(accordes, "accordé") if isinstance(accordes, int) else "accordés : non publié"
    if isinstance(pourvus, int) and isinstance(accordes, int):
        pris += f", dont {pluriel(pourvus, 'pourvu')}"
    if not isinstance(ouverts, int):
        return f"{pris} ; quota non saisi" if ouverts is Absence.INCONNU else f"{pris} ; catégorie sans objet"
    trop = _entier(accordes) - ouverts
    return f"{pris}, sur {pluriel(ouverts, 'ouvert')}" + (f" : {trop} au-delà du quota" if trop > 0 else "")


# --- charts -----------------------------------------------------------------------------------------------------------

_HAUT, _PIED = 24, 34
"""Room above the bars for their values, and under them for the words."""

_TRAIT = 0.006
"""How thick the line is that says where a quota ends, against the longest bar."""

_MOT = 56
"""How wide the words under one bar are."""


def histogramme(tableau: Tableau) -> Graphique:
    """One bar for each class."""
    return _graphique(tableau, largeur=400, hauteur=210, marge=6)


def chronologie(tableau: Tableau) -> Graphique:
    """The months, each with its deposits, decisions and starts."""
    return _graphique(tableau, largeur=760, hauteur=250, marge=4)


def _graphique(tableau: Tableau, *, largeur: int, hauteur: int, marge: float) -> Graphique:
    base = hauteur - _PIED
    series = len(tableau.colonnes)
    pas = largeur / max(1, len(tableau.lignes))
    barre = max(1.0, pas - 2 * marge) / series
    echelle = (base - _HAUT) / _plus_haut(tableau.lignes)
    tous_les = max(1, -(-len(tableau.lignes) * _MOT // largeur))  # words that do not run into one another
    return Graphique(
        largeur=largeur,
        hauteur=hauteur,
        base=base,
        rectangles=tuple(
            _rectangle(
                valeur, x=rang * pas + marge + serie * barre, largeur=barre, base=base, echelle=echelle, serie=serie
            )
            for rang, ligne in enumerate(tableau.lignes)
            for serie, valeur in enumerate(ligne.valeurs)
        ),
        marques=tuple(
            Marque(x=(rang + 0.5) * pas, texte=_court(ligne.libelle))
            for rang, ligne in enumerate(tableau.lignes)
            if rang % tous_les == 0
        ),
        legende=tuple((f"serie{rang}", c.titre) for rang, c in enumerate(tableau.colonnes)) if series > 1 else (),
        reperes=tuple(Marque(x=position * pas, texte=nom) for position, nom in tableau.reperes),
    )


def _rectangle(valeur: Valeur, *, x: float, largeur: float, base: float, echelle: float, serie: int) -> Rectangle:
    cache = valeur is Absence.SECRET
    haut = (_CACHE if cache else _entier(valeur)) * echelle
    return Rectangle(
        x=x,
        y=base - haut,
        largeur=largeur,
        hauteur=haut,
        genre="cache" if cache else f"serie{serie}",
        valeur="" if valeur == 0 else lisible(valeur),
    )


def _court(libelle: str) -> str:
    """« 15 à 29 jours » as « 15 à 29 j » under an axis."""
    return libelle.replace("moins de ", "< ").replace(" jours et plus", " j et +").replace(" jours", " j")


def _plus_haut(lignes: Sequence[Ligne]) -> int:
    return max((_CACHE, *(_entier(v) for li in lignes for v in li.valeurs)))
