"""Where the rows of a zoning are in a file, and each of them read: a code and the label of a class.

Knows the titles of every known export (domaine §3.3); decides nothing about what the rows say together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connector.core.cles import code_commune, code_qpv
from connector.core.referentiels import Zone, plain_words, zone_of
from connector.errors import OperatorError
from connector.imports.colonnes import (
    Colonne,
    Fiche,
    Table,
    check_sheet,
    listed_titles,
    only,
    tables,
    titles,
    with_titles,
)
from connector.imports.fichier import erreur
from connector.imports.rapport import Anomalie, OptionsImport
from connector.imports.tableau import Classeur, Endroit

CODE_COMMUNE = Colonne(
    cle="code_insee",
    titres=(
        "code insee", "code_insee", "depcom", "codgeo", "insee_com", "code de la commune", "code commune",
        "code insee commune", "code insee de la commune", "code commune insee", "numéro insee", "n° insee",
        "commune insee", "insee commune", "insee", "code officiel géographique", "code géographique", "cog", "com",
    ),
)  # fmt: skip
_TVS = Colonne(
    cle="tvs",
    titres=("code du territoire de vie-santé", "code du territoire de vie santé", "code tvs", "tvs", "tv", "agr"),
    obligatoire=False,
)
_ZONE = Colonne(
    cle="zone",
    titres=(
        "zonage", "zonage_regional", "qualification attribuée par l'arrêté régional", "picked_zonage", "zonage médecin",
        "zonage médecins", "zonage médecins généralistes", "zonage mg", "zonage ars", "zonage de l'arrêté",
        "zonage en vigueur", "zone médecin", "zone", "type de zone", "classement", "qualification",
    ),
)  # fmt: skip
_CODE_QPV = Colonne(
    cle="code_qpv",
    titres=("code du qpv", "code du quartier prioritaire", "code qpv", "code_qp", "code quartier", "cod"),
)
_NOM_QPV = Colonne(
    cle="nom_qpv",
    titres=(
        "nom du qpv", "nom du quartier prioritaire", "libellé du quartier prioritaire", "lib_qp", "nom_qp", "libqpv",
        "nom qpv", "libellé du qpv", "quartier",
    ),
    obligatoire=False,
)  # fmt: skip
_ZONE_QPV = Colonne(
    cle="zone_qpv",
    titres=("zonage qpv", "qualification attribuée au qpv par l'arrêté régional", "zonage du qpv", *_ZONE.titres),
)
_ZONE_TVS = Colonne(cle="zone_tvs", titres=("zonage du tvs", "zonage tvs"), obligatoire=False)

_INDICE_QPV = Colonne(cle="code_qpv", titres=_CODE_QPV.titres, obligatoire=False)
_COMMUNES = (CODE_COMMUNE, _ZONE, _TVS, _INDICE_QPV)
_COMMUNES_SANS_ZONE = (CODE_COMMUNE, Colonne(cle="tvs", titres=_TVS.titres), _INDICE_QPV)
_TERRITOIRES = (Colonne(cle="tvs", titres=_TVS.titres), _ZONE)
_QUARTIERS = (_CODE_QPV, _ZONE_QPV, _NOM_QPV, _ZONE_TVS)
TOUTES = (*_COMMUNES, *_QUARTIERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lecture:
    """One row, read: `code` is a commune's or a quartier's, `zone` None for a label nobody knows."""

    endroit: Endroit
    code: str
    libelle: str
    zone: Zone | None
    fiche: Fiche
    tvs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recolte:
    """All the rows of one kind: read, unusable, or beside the point."""

    lectures: tuple[Lecture, ...] = ()
    anomalies: tuple[Anomalie, ...] = ()
    lues: int = 0

    @property
    def par_code(self) -> dict[str, list[Lecture]]:
        """The readings of each code, in the file's order."""
        groupes: dict[str, list[Lecture]] = {}
        for lecture in self.lectures:
            groupes.setdefault(lecture.code, []).append(lecture)
        return groupes


_Libelles = Callable[[Fiche], tuple[str, ...]]

# --- finding the tables


def _tables(classeur: Classeur, colonnes: tuple[Colonne, ...], options: OptionsImport) -> tuple[Table, ...]:
    return tables(classeur, with_titles(colonnes, options.colonnes))


def _table_of_communes(classeur: Classeur, colonnes: tuple[Colonne, ...], options: OptionsImport) -> Table | None:
    """The one table with those columns, in the sheet the operator named if any."""
    trouvees = tables(classeur, with_titles(colonnes, options.colonnes), options.onglet)
    sans_qpv = tuple(t for t in trouvees if "code_qpv" not in t.cles)  # the QPV annex may name communes too
    return only(classeur.fichier, sans_qpv or trouvees)


def harvest(classeur: Classeur, options: OptionsImport) -> tuple[Recolte, Recolte]:
    """The rows that class communes, then those of the QPV annex (none when the file has no such sheet)."""
    check_sheet(classeur, options.onglet)
    table, libelles = _communes(classeur, options)
    annexes = (t for t in _tables(classeur, _QUARTIERS, options) if t.onglet != table.onglet)
    quartiers = tuple(fiche for annexe in annexes for fiche in annexe.fiches)
    return (
        _harvest(table.fiches, "code_insee", libelles),
        _harvest(quartiers, "code_qpv", lambda fiche: (fiche["zone_qpv"],)),
    )


def _communes(classeur: Classeur, options: OptionsImport) -> tuple[Table, _Libelles]:
    """The table of communes, and how a row of it tells its class: by itself, or through its territory."""
    directe = _table_of_communes(classeur, _COMMUNES, options)
    if directe is not None:
        return directe, lambda fiche: (fiche["zone"],)
    territoires = _tables(classeur, _TERRITOIRES, options)
    par_territoire = _table_of_communes(classeur, _COMMUNES_SANS_ZONE, options)
    if par_territoire is None or not territoires:
        raise _not_found(classeur, territoires)
    zones = _zones_of_territories(territoires)
    return par_territoire, lambda fiche: zones.get(_tvs_key(fiche["tvs"]), ("",))


def _zones_of_territories(territoires: tuple[Table, ...]) -> dict[str, tuple[str, ...]]:
    """The distinct labels that each territory is given."""
    zones: dict[str, tuple[str, ...]] = {}
    for fiche in (fiche for table in territoires for fiche in table.fiches):
        cle = _tvs_key(fiche["tvs"])
        zones[cle] = tuple(dict.fromkeys((*zones.get(cle, ()), fiche["zone"])))
    return zones


def _tvs(texte: str) -> str:
    """A territory's code without the « _ » that the DREES tool pads it with (domaine §3.3)."""
    return texte.rstrip("_")


def _tvs_key(texte: str) -> str:
    """The code as two sheets of one file can share it, a leading zero lost in one of them or not."""
    return _tvs(texte).lstrip("0")


def _not_found(classeur: Classeur, territoires: tuple[Table, ...]) -> OperatorError:
    """Why no table of communes was found, as helpfully as the titles allow."""
    titres = {plain_words(titre) for feuille in classeur.feuilles for titre in titles(feuille)}
    if territoires:
        hint = "Ce fichier classe des territoires de vie-santé : prenez l'export par commune."
    elif titres & {"code postal", "codepostal", "cp"}:
        hint = "Un code postal ne désigne pas une seule commune : il faut une colonne avec le code INSEE."
    else:
        hint = "Nommez les colonnes avec --colonne code_insee=TITRE et --colonne zone=TITRE."
    return erreur(
        classeur.fichier,
        f"aucun tableau avec un code INSEE et une zone. Titres lus : {listed_titles(classeur)}.",
        hint=hint,
    )


# --- reading the rows


_LECTEURS: Mapping[str, tuple[Callable[[str], str | None], str]] = {
    "code_insee": (code_commune, "code INSEE illisible"),
    "code_qpv": (code_qpv, "code de QPV illisible"),
}


def _harvest(fiches: tuple[Fiche, ...], cle: str, libelles: _Libelles) -> Recolte:
    """The rows whose code can be read. One with a class and no code is an anomaly; with neither, a note or a total."""
    lire, motif = _LECTEURS[cle]
    lectures: list[Lecture] = []
    anomalies: list[Anomalie] = []
    for fiche in fiches:
        code, lus = lire(fiche[cle]), libelles(fiche)
        if code is not None:
            lectures.extend(_reading(fiche, code, libelle) for libelle in lus)
        elif any(lus):
            anomalies.append(Anomalie(endroit=fiche.endroit, motif=motif))
    return Recolte(lectures=tuple(lectures), anomalies=tuple(anomalies), lues=len(fiches))


def _reading(fiche: Fiche, code: str, libelle: str) -> Lecture:
    zone, tvs = zone_of(libelle), _tvs(fiche["tvs"])
    return Lecture(endroit=fiche.endroit, code=code, libelle=libelle, zone=zone, fiche=fiche, tvs=tvs)
