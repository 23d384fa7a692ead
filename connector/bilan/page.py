"""The report as one HTML file: no script, no network, nothing but itself; it reads aloud, and prints on A4."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connector.bilan import dessin
from connector.bilan.rapports import chiffres
from connector.bilan.tableau import Colonne, Dessin, Ligne, Rapport, Tableau, Unite, Valeur, lisible
from connector.core.textes import typographier
from connector.core.typographie import composer

MODELE = "rapport.html.j2"


def ecrire(rapport: Rapport, modeles: Path) -> str:
    """The whole document; `modeles` is the folder of its template."""
    jinja = Environment(
        loader=FileSystemLoader(str(modeles)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters["typo"] = typo
    style = feuille_de_style()
    return jinja.get_template(MODELE).render(
        rapport=rapport,
        chiffres=chiffres(rapport),
        style=style,
        empreinte=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        Dessin=Dessin,
        barres=dessin.barres,
        histogramme=dessin.histogramme,
        chronologie=dessin.chronologie,
        definitions=tuple(definitions(rapport)),
        ancre=ancre,
        case=case,
        classe=classe,
        groupes=groupes,
    )


def feuille_de_style() -> str:
    """The common look, then what is the report's own."""
    return "".join(
        files("connector.style").joinpath(nom).read_text(encoding="utf-8") for nom in ("commun.css", "rapport.css")
    )


def typo(texte: str) -> str:
    """French typography."""
    return composer(typographier(texte))


def case(valeur: Valeur, colonne: Colonne) -> str:
    """A cell in words."""
    return lisible(valeur, colonne.unite)


def classe(colonne: Colonne) -> str:
    """How a column is set."""
    return "texte" if colonne.unite is Unite.TEXTE else "nombre"


def groupes(tableau: Tableau) -> Iterator[tuple[str, tuple[Ligne, ...]]]:
    """The rows by their group, in order."""
    for nom in dict.fromkeys(ligne.groupe for ligne in tableau.lignes):
        yield nom, tuple(ligne for ligne in tableau.lignes if ligne.groupe == nom)


def definitions(rapport: Rapport) -> Iterator[tuple[int, Colonne]]:
    """Each figure once, numbered from 1: the same title may mean two things in two tables."""
    vues = dict.fromkeys(c for t in rapport.tableaux for c in t.colonnes if c.definition)
    uniques = dict.fromkeys((c.titre, c.definition) for c in vues)
    for rang, (titre, definition) in enumerate(uniques, start=1):
        yield rang, next(c for c in vues if (c.titre, c.definition) == (titre, definition))


def ancre(rapport: Rapport, colonne: Colonne) -> str:
    """Where a figure is defined; "" when it says enough of itself."""
    numeros = {(c.titre, c.definition): rang for rang, c in definitions(rapport)}
    rang = numeros.get((colonne.titre, colonne.definition))
    return f"definition-{rang}" if rang else ""
