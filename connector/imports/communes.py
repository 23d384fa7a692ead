"""The list of communes of a COG year → codes, regions and points, for coverage and distances (domaine §3.5)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from connector.core.cles import code_commune, code_region
from connector.core.referentiels import Commune, Referentiel, Version, departement_of
from connector.imports.colonnes import (
    Colonne,
    Fiche,
    Table,
    check_sheet,
    check_titles,
    listed_titles,
    only,
    tables,
    with_titles,
)
from connector.imports.fichier import erreur, read_bytes
from connector.imports.lignes_zonage import CODE_COMMUNE
from connector.imports.position import position_fault
from connector.imports.rapport import Anomalie, Contradiction, Couverture, OptionsImport, RapportImport
from connector.imports.tableau import Classeur, Endroit, read_classeur

_COLONNES = (
    CODE_COMMUNE,
    Colonne(cle="nom", titres=("nom", "nom de la commune", "nom commune", "libelle", "libcom", "libgeo", "commune")),
    Colonne(cle="region", titres=("region", "code region", "code de la région", "code reg", "reg", "insee_reg")),
    Colonne(
        cle="population",
        titres=("population", "population municipale", "population totale", "pmun", "ptot", "pop"),
        obligatoire=False,
    ),
    Colonne(cle="latitude", titres=("latitude", "lat", "y"), obligatoire=False),
    Colonne(cle="longitude", titres=("longitude", "lon", "lng", "long", "x"), obligatoire=False),
    Colonne(
        cle="position",
        titres=("geopoint", "geo_point_2d", "coordonnees gps", "coordonnees geographiques"),
        obligatoire=False,
    ),
    Colonne(cle="type", titres=("typecom",), obligatoire=False),
)
_TYPES = {"", "COM", "ARM"}  # the COG also lists delegated and associated communes, under the code of a real one


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCommunes:
    """The communes of a file, ready to be kept."""

    version: Version
    communes: tuple[Commune, ...]
    rapport: RapportImport


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lecture:
    """One row, read: `commune` None when it names none, `faute` what is wrong with it; both empty for a note."""

    fiche: Fiche
    commune: Commune | None = None
    faute: str = ""


def import_communes(chemin: Path, options: OptionsImport) -> ImportCommunes:
    """The communes in a file; refuses (OperatorError, in French) what cannot be trusted.

    With a referential in the options (the one in force), a file that lost more than 5 % of it is refused.
    """
    return read_communes(chemin.name, read_bytes(chemin), options)


def read_communes(fichier: str, data: bytes, options: OptionsImport) -> ImportCommunes:
    """The same, from the bytes of a file and its name."""
    options.check()
    check_titles(_COLONNES, options.colonnes)
    table = _table(read_classeur(fichier, data), options)
    lectures = [_reading(fiche) for fiche in table.fiches if fiche["type"].upper() in _TYPES]
    resultat = _assemble(fichier, len(table.fiches), lectures, options)
    resultat.rapport.accept()
    return resultat


def _table(classeur: Classeur, options: OptionsImport) -> Table:
    check_sheet(classeur, options.onglet)
    colonnes = with_titles(_COLONNES, options.colonnes)
    table = only(classeur.fichier, tables(classeur, colonnes, options.onglet))
    if table is None:
        raise erreur(
            classeur.fichier,
            f"aucun tableau avec un code INSEE, un nom et une région. Titres lus : {listed_titles(classeur)}.",
            hint="Nommez les colonnes avec --colonne code_insee=TITRE, nom=TITRE ou region=TITRE.",
        )
    return table


# --- one row


def _reading(fiche: Fiche) -> _Lecture:
    code = code_commune(fiche["code_insee"])
    if code is None:
        return _Lecture(fiche=fiche, faute="code INSEE illisible" if fiche["region"] else "")
    region = _region(fiche["region"], code)
    if region is None:
        return _Lecture(fiche=fiche, faute="code de région illisible")
    latitude, longitude, faute = _position(fiche)
    commune = Commune(
        code_insee=code,
        nom=fiche["nom"],
        departement=departement_of(code),
        region=region,
        population=_population(fiche["population"]),
        latitude=latitude,
        longitude=longitude,
    )
    return _Lecture(fiche=fiche, commune=commune, faute=faute)


def _region(texte: str, code: str) -> str | None:
    """The region's code; in a collectivity overseas, which is in no region, its own."""
    return code_region(texte) or (texte if texte == departement_of(code) and code > _COLLECTIVITES else None)


_COLLECTIVITES = "975"
_POPULATION = re.compile(r"([0-9]{1,9})(?:[.,]0+)?")


def _population(texte: str) -> int | None:
    lue = _POPULATION.fullmatch(re.sub(r"\s", "", texte))
    return int(lue.group(1)) if lue else None


def _position(fiche: Fiche) -> tuple[float | None, float | None, str]:
    """Latitude, longitude and "" ; no point and why when they cannot be used."""
    textes = _coordinates(fiche)
    if not any(textes):
        return None, None, ""
    try:
        latitude, longitude = (float(texte.replace(",", ".")) for texte in textes)
    except ValueError:
        return None, None, "coordonnées illisibles"
    faute = position_fault(latitude, longitude)
    return (None, None, faute) if faute else (latitude, longitude, "")


def _coordinates(fiche: Fiche) -> tuple[str, str]:
    """The two cells, or the two halves of the cell that holds both (« 46.15, 4.92 »)."""
    if fiche["latitude"] or fiche["longitude"]:
        return fiche["latitude"], fiche["longitude"]
    latitude, _, longitude = fiche["position"].partition(",")
    return latitude, longitude


# --- putting it together


def _assemble(fichier: str, lues: int, lectures: list[_Lecture], options: OptionsImport) -> ImportCommunes:
    groupes = _grouped(lectures)
    communes = tuple(_settled([commune for _, commune in lignes]) for lignes in groupes.values())
    version = options.version(Referentiel.COMMUNES, len(communes))
    nommees = sum(map(len, groupes.values()))
    illisibles = sum(1 for lecture in lectures if lecture.faute and lecture.commune is None)
    contradictions = tuple(_contradictions(groupes))
    rapport = RapportImport(
        version=version,
        fichier=fichier,
        lignes_lues=lues,
        lignes_ignorees=lues - nommees - illisibles,
        doublons=nommees - len(communes) - sum(len(c.lectures) - 1 for c in contradictions),
        repartition=tuple(sorted(Counter(f"région {c.region or 'inconnue'}" for c in communes).items())),
        anomalies=tuple(Anomalie(endroit=ln.fiche.endroit, motif=ln.faute) for ln in lectures if ln.faute),
        contradictions=contradictions,
        couverture=_coverage(communes, options),
        avertissements=tuple(_warnings(lectures, communes)),
        force=options.forcer,
    )
    return ImportCommunes(version=version, communes=communes, rapport=rapport)


def _grouped(lectures: list[_Lecture]) -> dict[str, list[tuple[Endroit, Commune]]]:
    """What each row says of a commune, by code, in the file's order."""
    groupes: dict[str, list[tuple[Endroit, Commune]]] = {}
    for lecture in lectures:
        if lecture.commune is not None:
            groupes.setdefault(lecture.commune.code_insee, []).append((lecture.fiche.endroit, lecture.commune))
    return groupes


def _settled(lues: list[Commune]) -> Commune:
    """The first reading, without what the others contradict."""
    regions = {c.region for c in lues}
    points = {(c.latitude, c.longitude) for c in lues}
    commune = lues[0] if len(regions) == 1 else replace(lues[0], region="")
    return commune if len(points) == 1 else replace(commune, latitude=None, longitude=None)


def _contradictions(groupes: dict[str, list[tuple[Endroit, Commune]]]) -> Iterator[Contradiction]:
    """The communes with two regions or two points; two names, or two populations, contradict nothing we use."""
    for code, lignes in groupes.items():
        if len({(c.region, c.latitude, c.longitude) for _, c in lignes}) > 1:
            yield Contradiction(code=code, lectures=tuple((endroit, _said(c)) for endroit, c in lignes))


def _said(commune: Commune) -> str:
    point = f"{commune.latitude} / {commune.longitude}" if commune.latitude is not None else "sans point"
    return f"région {commune.region}, {point}"


def _coverage(communes: tuple[Commune, ...], options: OptionsImport) -> Couverture | None:
    """Share of the communes already known that the file still has; None the first time."""
    if not options.referentiel:
        return None
    attendues, lues = options.attendues(), {c.code_insee for c in communes}
    manquantes = tuple(sorted(attendues - lues))
    base = f"communes connues de la région {options.region}" if options.region else "communes déjà connues"
    connues = len(attendues & lues)
    return Couverture(base=base, connues=connues, attendues=len(attendues), manquantes=manquantes)


def _warnings(lectures: list[_Lecture], communes: tuple[Commune, ...]) -> Iterator[str]:
    completes = sum(1 for ln in lectures if ln.commune and len(ln.fiche["code_insee"]) < len(ln.commune.code_insee))
    if completes:
        yield f"codes INSEE dont le zéro initial manquait, rétabli : {completes}."
    sans_point = sum(1 for c in communes if c.point is None)
    if sans_point:
        yield f"communes sans coordonnées, dont les distances resteront à saisir : {sans_point}."
