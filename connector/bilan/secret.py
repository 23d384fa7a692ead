"""Small cells hidden (domaine §7.5): under five, a count may point at somebody.

A hidden cell reads « n. p. » whether it is 0 or 4, so that nothing is told by elimination. Where the rows are the parts
of a shown total, one hidden alone could be found by subtraction: others are hidden with it, the smallest first, until
what is hidden adds up to five at least over two cells at least. They read the same: nobody knows which is which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connector.bilan.tableau import Absence, Ligne, Rapport, Tableau, Valeur

SEUIL = 5
"""The smallest count that a public report shows."""

_DEUX = 2


def publier(rapport: Rapport) -> Rapport:
    """The report as anybody may read it: no internal table, no small cell."""
    sections = (
        replace(section, tableaux=tuple(_public(t) for t in section.tableaux if not t.interne))
        for section in rapport.sections
    )
    return replace(rapport, public=True, sections=tuple(s for s in sections if s.tableaux))


def caches(parts: Sequence[int], *, additif: bool) -> frozenset[int]:
    """Ranks of the cells of one column that must not be shown; `additif` when their total is."""
    petites = {rang for rang, valeur in enumerate(parts) if valeur < SEUIL}
    if not (additif and petites):
        return frozenset(petites)
    restantes = sorted((rang for rang in range(len(parts)) if rang not in petites), key=lambda rang: parts[rang])
    while restantes and (len(petites) < _DEUX or sum(parts[rang] for rang in petites) < SEUIL):
        petites.add(restantes.pop(0))
    return frozenset(petites)


def _public(tableau: Tableau) -> Tableau:
    masques = [
        _colonne(tableau, rang) if colonne.secret else frozenset() for rang, colonne in enumerate(tableau.colonnes)
    ]
    lignes = tuple(
        _masquee(tableau, ligne, frozenset(c for c, m in enumerate(masques) if rang in m))
        for rang, ligne in enumerate(tableau.lignes)
    )
    return replace(tableau, lignes=lignes, total=_total(tableau))


def _colonne(tableau: Tableau, rang: int) -> frozenset[int]:
    """The rows hidden in that column; a cell that is no number has nothing to hide."""
    comptes = [(i, v) for i, v in enumerate(ligne.valeurs[rang] for ligne in tableau.lignes) if _compte(v)]
    additif = tableau.additif and tableau.total is not None
    trouvees = caches([int(v) for _, v in comptes], additif=additif)
    return frozenset(comptes[rang_parmi][0] for rang_parmi in trouvees)


def _compte(valeur: Valeur) -> bool:
    return isinstance(valeur, int)


def _total(tableau: Tableau) -> Ligne | None:
    total = tableau.total
    if total is None:
        return None
    petits = frozenset(
        rang
        for rang, (colonne, valeur) in enumerate(zip(tableau.colonnes, total.valeurs, strict=True))
        if colonne.secret and isinstance(valeur, int) and valeur < SEUIL
    )
    return _masquee(tableau, total, petits)


def _masquee(tableau: Tableau, ligne: Ligne, cachees: frozenset[int]) -> Ligne:
    """The row without those cells, nor those that are calculated from them."""
    valeurs = tuple(
        Absence.SECRET if rang in cachees or cachees.intersection(colonne.depend) else valeur
        for rang, (colonne, valeur) in enumerate(zip(tableau.colonnes, ligne.valeurs, strict=True))
    )
    alerte = ligne.alerte if Absence.SECRET not in valeurs else ""
    return replace(ligne, valeurs=valeurs, alerte=alerte)
