"""The contours of the priority neighbourhoods (GeoJSON, WGS84, zipped or not) → quartiers (domaine §3.4).

The national file has one object per neighbourhood and commune: objects of one code and one name are parts of one
quartier. A quartier whose contour cannot be used is refused, or kept without contour when the import is forced: it is
never dropped, since an address near it would then be said to be outside.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from connector.core.cles import code_commune, code_qpv
from connector.core.referentiels import Quartier, Referentiel, Version, Zone, departement_of, plain_words, zone_of
from connector.imports.fichier import decode, erreur, read_bytes, unwrap
from connector.imports.position import position_fault
from connector.imports.rapport import Anomalie, Contradiction, LibelleInconnu, OptionsImport, RapportImport
from connector.imports.tableau import Endroit

MAX_OBJETS = 20_000
"""Most objects in one file: the country has 1,600 neighbourhoods."""

_CODE = ("code qp", "code qpv", "codeqp", "code quartier", "code")
_NOM = ("lib qp", "nom qp", "nom qpv", "libelle", "nom")
_COMMUNES = ("insee com", "codes insee", "code insee", "commune qp", "depcom", "com")
_ZONAGE = ("zonage", "zonage qpv", "zonage regional", "zone")

_WGS84 = re.compile(r"CRS84|4326|4171")  # RGF93 in degrees (4171) is WGS84 within centimetres
_PLUS_PETIT_ANNEAU = 4
_SURFACE_NULLE = 1e-12

Anneau = tuple[tuple[float, float], ...]
Polygone = tuple[Anneau, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportQpv:
    """The neighbourhoods of a file, ready to be kept."""

    version: Version
    quartiers: tuple[Quartier, ...]
    rapport: RapportImport


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lecture:
    """One object, read: `polygones` is () when the contour cannot be used, `fautes` say what is wrong."""

    endroit: Endroit
    code: str
    nom: str
    communes: tuple[str, ...]
    libelle: str
    polygones: tuple[Polygone, ...]
    fautes: tuple[str, ...]

    @property
    def zone(self) -> Zone | None:
        """The class the file gives it, None when it gives none."""
        return (zone_of(self.libelle) or Zone.INCONNU) if self.libelle else None


class _Faute(Exception):
    """Why a contour cannot be used, in French."""


def import_qpv(chemin: Path, options: OptionsImport) -> ImportQpv:
    """The neighbourhoods in a file; refuses (OperatorError, in French) what cannot be trusted."""
    return read_qpv(chemin.name, read_bytes(chemin), options)


def read_qpv(fichier: str, data: bytes, options: OptionsImport) -> ImportQpv:
    """The same, from the bytes of a file and its name."""
    options.check()
    nom, contenu = unwrap(fichier, data, (".geojson", ".json"))
    objets = _objects(nom, _parsed(nom, decode(nom, contenu)))
    resultat = _assemble(fichier, [_reading(rang, objet) for rang, objet in enumerate(objets, start=1)], options)
    resultat.rapport.accept()
    return resultat


# --- the file


def _parsed(fichier: str, texte: str) -> object:
    try:
        return json.loads(texte)
    except json.JSONDecodeError as exc:
        raise erreur(
            fichier, f"ce n'est pas du GeoJSON (ligne {exc.lineno}).", hint="Attendu : contours des QPV, WGS 84."
        ) from exc
    except (ValueError, RecursionError) as exc:  # a number of thousands of digits, lists within lists within lists
        raise erreur(fichier, "ce n'est pas du GeoJSON lisible.") from exc


def _objects(fichier: str, racine: object) -> list[object]:
    """The objects of a collection, once its coordinates are known not to claim another projection."""
    objets = racine.get("features") if isinstance(racine, dict) else None
    if not isinstance(racine, dict) or not isinstance(objets, list):
        raise erreur(fichier, "ce n'est pas une collection d'objets GeoJSON (« FeatureCollection »).")
    if len(objets) > MAX_OBJETS:
        raise erreur(fichier, f"plus de {MAX_OBJETS} objets : ce n'est pas un fichier de QPV.")
    if not _is_wgs84(racine.get("crs")):
        raise erreur(fichier, "les coordonnées ne sont pas en WGS 84.", hint="Prenez la version EPSG:4326 du fichier.")
    return objets


def _is_wgs84(crs: object) -> bool:
    """False only when the file names another system; most name none, as the format wants."""
    match crs:
        case {"properties": {"name": str(nom)}}:
            return _WGS84.search(nom) is not None
        case _:
            return True


# --- one object


def _reading(rang: int, objet: object) -> _Lecture:
    source = objet if isinstance(objet, dict) else {}
    proprietes = _properties(source.get("properties"))
    code = code_qpv(_first(proprietes, _CODE))
    polygones, faute = _contour(source.get("geometry"))
    fautes = ("code de QPV illisible",) if code is None else ()
    return _Lecture(
        endroit=Endroit(numero=rang, nature="objet"),
        code=code or f"objet {rang}",
        nom=_first(proprietes, _NOM),
        communes=_codes_of_communes(_first(proprietes, _COMMUNES)),
        libelle=_first(proprietes, _ZONAGE),
        polygones=polygones,
        fautes=(*fautes, faute) if faute else fautes,
    )


def _properties(proprietes: object) -> dict[str, str]:
    """The properties as text, by plain name."""
    if not isinstance(proprietes, dict):
        return {}
    return {plain_words(str(cle)): _text(valeur) for cle, valeur in proprietes.items()}


def _text(valeur: object) -> str:
    match valeur:
        case str():
            return valeur.strip()
        case bool() | None | dict():
            return ""
        case list():
            return ",".join(_text(v) for v in valeur if not isinstance(v, list))
        case _:
            return f"{valeur}"


def _first(proprietes: Mapping[str, str], noms: tuple[str, ...]) -> str:
    return next((proprietes[nom] for nom in noms if proprietes.get(nom)), "")


def _codes_of_communes(texte: str) -> tuple[str, ...]:
    """The INSEE codes in a text that may hold several, or names only (old shapefiles)."""
    codes = (code_commune(mot) for mot in re.split(r"[\s,;/|]+", texte))
    return tuple(dict.fromkeys(code for code in codes if code is not None))


def _contour(geometrie: object) -> tuple[tuple[Polygone, ...], str]:
    """The polygons of a geometry and "", or none and what is wrong with it."""
    match geometrie:
        case {"type": "Polygon", "coordinates": list(coordonnees)}:
            parts = [coordonnees]
        case {"type": "MultiPolygon", "coordinates": list(coordonnees)}:
            parts = coordonnees
        case _:
            return (), "sans contour (ni Polygon ni MultiPolygon)"
    try:
        polygones = tuple(_polygon(part) for part in parts)
    except _Faute as faute:
        return (), str(faute)
    return polygones, "" if polygones else "contour vide"


def _polygon(anneaux: object) -> Polygone:
    """The outer ring, then the holes."""
    if not isinstance(anneaux, list) or not anneaux:
        raise _Faute("contour vide")
    polygone = tuple(_ring(anneau) for anneau in anneaux)
    if _area(polygone[0]) < _SURFACE_NULLE:
        raise _Faute("contour sans surface")
    return polygone


def _ring(positions: object) -> Anneau:
    """A closed ring; an open one is closed, as every reader does."""
    if not isinstance(positions, list):
        raise _Faute("coordonnées illisibles")
    points = tuple(_position(position) for position in positions)
    fermes = points if points[:1] == points[-1:] else (*points, points[0])
    if len(fermes) < _PLUS_PETIT_ANNEAU:
        raise _Faute("contour de moins de trois points")
    return fermes


def _position(position: object) -> tuple[float, float]:
    """Longitude and latitude, the altitude left out."""
    match position:
        case [bool(), *_] | [_, bool(), *_]:  # an int, for Python
            raise _Faute("coordonnées illisibles")
        case [int() | float() as longitude, int() | float() as latitude, *_]:
            faute = position_fault(latitude, longitude)
        case _:
            raise _Faute("coordonnées illisibles")
    if faute:
        raise _Faute(faute)
    return longitude, latitude


def _area(anneau: Anneau) -> float:
    """Its area in square degrees: only good to tell something from nothing."""
    return abs(math.fsum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(anneau))) / 2


# --- putting it together


def _assemble(fichier: str, lectures: list[_Lecture], options: OptionsImport) -> ImportQpv:
    groupes: dict[str, list[_Lecture]] = {}
    for lecture in lectures:
        groupes.setdefault(lecture.code, []).append(lecture)
    quartiers = tuple(_quartier(code, parts) for code, parts in groupes.items())
    version = options.version(Referentiel.QPV, len(quartiers))
    rapport = RapportImport(
        version=version,
        fichier=fichier,
        lignes_lues=len(lectures),
        nature="objet",
        repartition=tuple(sorted(Counter(f"département {_departement(q)}" for q in quartiers).items())),
        anomalies=tuple(Anomalie(endroit=ln.endroit, motif=faute) for ln in lectures for faute in ln.fautes),
        libelles_inconnus=tuple(_unknown_labels(lectures)),
        contradictions=tuple(_contradictions(groupes)),
        avertissements=tuple(_warnings(quartiers, groupes, options)),
        force=options.forcer,
    )
    return ImportQpv(version=version, quartiers=quartiers, rapport=rapport)


def _quartier(code: str, parts: list[_Lecture]) -> Quartier:
    zones = {part.zone for part in parts}
    return Quartier(
        code=code,
        nom=parts[0].nom,
        geometrie=_geometry(parts),
        communes=tuple(dict.fromkeys(commune for part in parts for commune in part.communes)),
        zone=zones.pop() if len(zones) == 1 else Zone.INCONNU,
    )


def _geometry(parts: list[_Lecture]) -> str:
    """All the parts as one GeoJSON text, "" as soon as one of them is unknown."""
    if not all(part.polygones for part in parts):
        return ""
    polygones = tuple(dict.fromkeys(polygone for part in parts for polygone in part.polygones))
    if len(polygones) == 1:
        return json.dumps({"type": "Polygon", "coordinates": polygones[0]}, separators=(",", ":"))
    return json.dumps({"type": "MultiPolygon", "coordinates": polygones}, separators=(",", ":"))


def _departement(quartier: Quartier) -> str:
    """Where it is: by its first commune, failing that by the three characters its code has for that, or "inconnu"."""
    if quartier.communes:
        return departement_of(quartier.communes[0])
    return quartier.code[2:5].lstrip("0") if code_qpv(quartier.code) else "inconnu"


def _contradictions(groupes: Mapping[str, list[_Lecture]]) -> Iterator[Contradiction]:
    """The codes under which two names, or two classes, are found."""
    for code, parts in groupes.items():
        if len({(plain_words(part.nom), part.zone) for part in parts}) > 1:
            dits = tuple((part.endroit, " ".join(filter(None, (part.nom, part.libelle)))) for part in parts)
            yield Contradiction(code=code, lectures=dits)


def _unknown_labels(lectures: list[_Lecture]) -> Iterator[LibelleInconnu]:
    for libelle in dict.fromkeys(ln.libelle for ln in lectures if zone_of(ln.libelle) is None):
        endroits = tuple(ln.endroit for ln in lectures if ln.libelle == libelle)
        yield LibelleInconnu(libelle=libelle, endroits=endroits)


def _warnings(
    quartiers: tuple[Quartier, ...], groupes: Mapping[str, list[_Lecture]], options: OptionsImport
) -> Iterator[str]:
    reunis = sum(1 for parts in groupes.values() if len(parts) > 1)
    if reunis:
        yield f"quartiers réunis à partir de plusieurs objets du même code : {reunis}."
    sans_commune = sum(1 for q in quartiers if not q.communes)
    if sans_commune:
        yield f"quartiers sans code de commune : {sans_commune}."
    attendus = {departement_of(code) for code in options.attendues()}
    if attendus and not any(_departement(q) in attendus for q in quartiers):
        yield "aucun quartier dans les départements attendus : est-ce le bon fichier ?"
