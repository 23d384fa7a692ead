"""Columns found under whatever title they bear → records by our own names.

Titles are compared without accents, case, punctuation nor the year some add; rows above the header are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connector.core.referentiels import plain_words
from connector.core.typographie import composer
from connector.errors import OperatorError
from connector.imports.fichier import erreur
from connector.imports.tableau import Classeur, Endroit, Feuille, Ligne

_RECHERCHE_ENTETE = 30
"""How many rows may come before the header (titles, notes)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Colonne:
    """A column we look for: our key, the titles it goes by (any spelling), and whether a table is one without it."""

    cle: str
    titres: tuple[str, ...]
    obligatoire: bool = True


@dataclass(frozen=True, slots=True)
class Fiche:
    """One record; a column the table does not have, or a cell the row does not have, reads as ""."""

    endroit: Endroit
    _valeurs: Mapping[str, str] = field(repr=False)

    def __getitem__(self, cle: str) -> str:
        """The cell under that key."""
        return self._valeurs.get(cle, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Records found under a header. `cles` are the columns it has."""

    onglet: str
    cles: frozenset[str]
    fiches: tuple[Fiche, ...]


def check_titles(colonnes: Iterable[Colonne], choisis: tuple[tuple[str, str], ...]) -> None:
    """Refuses a column key that the operator named and that we do not look for."""
    connues = dict.fromkeys(colonne.cle for colonne in colonnes)
    inconnues = [cle for cle, _ in choisis if cle not in connues]
    if inconnues:
        raise OperatorError(composer(f"colonne inconnue : {', '.join(inconnues)} (possibles : {', '.join(connues)})."))


def with_titles(colonnes: tuple[Colonne, ...], choisis: tuple[tuple[str, str], ...]) -> tuple[Colonne, ...]:
    """The columns, those the operator named (our key, title in the file) going by that title only."""
    titres = dict(choisis)
    return tuple(replace(c, titres=(titres[c.cle],)) if c.cle in titres else c for c in colonnes)


def find_table(fichier: str, feuille: Feuille, colonnes: tuple[Colonne, ...]) -> Table | None:
    """The records under the first row that names every obligatory column, or None when no row does."""
    for rang, ligne in enumerate(feuille.lignes[:_RECHERCHE_ENTETE]):
        places = {colonne.cle: _places(ligne, colonne) for colonne in colonnes}
        if all(places[colonne.cle] for colonne in colonnes if colonne.obligatoire):
            une = {cle: _single(fichier, ligne, trouvees) for cle, trouvees in places.items() if trouvees}
            fiches = tuple(_fiche(feuille.nom, suite, une) for suite in feuille.lignes[rang + 1 :])
            return Table(onglet=feuille.nom, cles=frozenset(une), fiches=fiches)
    return None


def _places(ligne: Ligne, colonne: Colonne) -> list[int]:
    """Where a column is: its first title that some cell bears, and failing that the same title with a year."""
    nus = [plain_words(cellule) for cellule in ligne.cellules]
    for lus in (nus, [_ANNEE.sub("", nu) for nu in nus]):
        for titre in map(plain_words, colonne.titres):
            if titre in lus:
                return [place for place, lu in enumerate(lus) if lu == titre]
    return []


_ANNEE = re.compile(r" (?:19|20)[0-9]{2}$")  # « Zonage 2025 », « Population (2016) »


def _single(fichier: str, ligne: Ligne, places: list[int]) -> int:
    if len(places) > 1:
        titres = ", ".join(f"« {ligne.cellules[place]} »" for place in places)
        raise erreur(
            fichier,
            f"ligne {ligne.numero} : plusieurs colonnes possibles ({titres}).",
            hint="Gardez-en une seule, ou nommez la bonne avec --colonne.",
        )
    return places[0]


def _fiche(onglet: str, ligne: Ligne, places: Mapping[str, int]) -> Fiche:
    valeurs = {cle: ligne.cellules[place] for cle, place in places.items() if place < len(ligne.cellules)}
    return Fiche(Endroit(numero=ligne.numero, onglet=onglet), valeurs)


def check_sheet(classeur: Classeur, onglet: str) -> None:
    """Refuses the name of a sheet that the file does not have."""
    noms = [feuille.nom for feuille in classeur.feuilles]
    if onglet and onglet not in noms:
        raise erreur(
            classeur.fichier, f"pas d'onglet « {onglet} » (onglets : {', '.join(filter(None, noms)) or 'aucun'})."
        )


def tables(classeur: Classeur, colonnes: tuple[Colonne, ...], onglet: str = "") -> tuple[Table, ...]:
    """Every table with those columns, in that sheet only if one is named."""
    feuilles = (feuille for feuille in classeur.feuilles if not onglet or feuille.nom == onglet)
    trouvees = (find_table(classeur.fichier, feuille, colonnes) for feuille in feuilles)
    return tuple(table for table in trouvees if table is not None)


def only(fichier: str, trouvees: Sequence[Table]) -> Table | None:
    """The table when there is one, None when there is none; refuses to choose between several."""
    if len(trouvees) > 1:
        onglets = ", ".join(table.onglet for table in trouvees)
        raise erreur(fichier, f"plusieurs onglets possibles ({onglets}).", hint="Choisissez-en un avec --onglet.")
    return trouvees[0] if trouvees else None


def titles(feuille: Feuille) -> tuple[str, ...]:
    """The cells of the row that looks most like a header, for a message that lists them; () in an empty sheet."""
    debut = (ligne.cellules for ligne in feuille.lignes[:_RECHERCHE_ENTETE])
    return max(debut, key=lambda cellules: sum(map(bool, cellules)), default=())


def listed_titles(classeur: Classeur) -> str:
    """The titles read in each sheet, shortened, in French."""
    return " ; ".join(_sheet_titles(feuille) for feuille in classeur.feuilles) or "aucun"


def _sheet_titles(feuille: Feuille) -> str:
    lus = ", ".join(titre[:_TITRE_MONTRE] for titre in titles(feuille)[:_TITRES_MONTRES] if titre) or "aucun"
    return f"onglet {feuille.nom} : {lus}" if feuille.nom else lus


_TITRE_MONTRE, _TITRES_MONTRES = 60, 15
