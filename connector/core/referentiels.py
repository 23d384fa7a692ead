"""The referentials a rule rests on: communes, zones of the regional order, priority neighbourhoods, and their versions.

Rows as they reach the rules, and the one reading of a zone's label. « Unknown » is a value of its own everywhere here:
a commune nobody classified is never « not under-served » (domaine §3.2). Codes are read by `core.cles`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from connector.core.model import Adresse
from connector.core.textes import typographier


class Zone(StrEnum):
    """Class of a territory in the médecin zoning, whatever the words of the region (domaine §3.2)."""

    ZIP = "ZIP"
    ZAC = "ZAC"
    ZV = "ZV"
    HZ = "HZ"
    AUTRE = "AUTRE"
    INCONNU = "INCONNU"

    def sous_dense(self, *, vigilance: bool = False) -> bool | None:
        """Whether the territory is under-served; None when nobody can say. `vigilance`: a ZV counts as such."""
        match self:
            case Zone.ZIP | Zone.ZAC:
                return True
            case Zone.ZV:
                return vigilance
            case Zone.HZ:
                return False
            case _:
                return None


class Precision(StrEnum):
    """How close a point is to the place it stands for."""

    ADRESSE = "adresse"
    COMMUNE = "commune"
    INCONNUE = "inconnue"


_PRECISIONS = {
    "housenumber": Precision.ADRESSE,
    "street": Precision.ADRESSE,
    "municipality": Precision.COMMUNE,
}


_POLE, _ANTIMERIDIEN = 90, 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place on the globe, degrees WGS84. Refuses (ValueError) what is not on it, NaN included."""

    latitude: float
    longitude: float
    precision: Precision = Precision.INCONNUE

    def __post_init__(self) -> None:
        if not (abs(self.latitude) <= _POLE and abs(self.longitude) <= _ANTIMERIDIEN):  # NaN fails both too
            raise ValueError("coordinates out of the globe")


def point_of(adresse: Adresse) -> Point | None:
    """Where an address is, None when DS has no usable point for it (contract §4.3)."""
    if adresse.latitude is None or adresse.longitude is None:
        return None
    precision = _PRECISIONS.get(adresse.type, Precision.INCONNUE)
    try:
        return Point(latitude=adresse.latitude, longitude=adresse.longitude, precision=precision)
    except ValueError:
        return None


class Referentiel(StrEnum):
    """The kinds of referential that an ARS imports."""

    COMMUNES = "communes"
    ZONAGE = "zonage"
    QPV = "qpv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One import of one referential: the text it comes from, when that text applies, and how many rows were kept.

    `region` is the INSEE code of the only region that the text speaks of, "" for one that speaks of them all.
    """

    referentiel: Referentiel
    arrete: str
    date_effet: date
    importe_le: datetime
    lignes: int
    region: str = ""

    @property
    def intitule(self) -> str:
        """What a constat names, in French: the order and its date of effect."""
        return typographier(f"{self.arrete}, effet au {self.date_effet:%d/%m/%Y}")


def version_en_vigueur(versions: Iterable[Version], jour: date) -> Version | None:
    """The version in force on `jour`: latest effect not after it, then latest import; None before the first one."""
    passees = (v for v in versions if v.date_effet <= jour)
    return max(passees, key=lambda v: (v.date_effet, v.importe_le), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """One commune, or one arrondissement of Paris, Lyon or Marseille; the point is that of its town hall or centre."""

    code_insee: str
    nom: str
    departement: str
    region: str
    population: int | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def point(self) -> Point | None:
        """Its point, good to a few kilometres only, or None."""
        if self.latitude is None or self.longitude is None:
            return None
        return Point(latitude=self.latitude, longitude=self.longitude, precision=Precision.COMMUNE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneCommune:
    """The class an order gives to one commune. `tvs` is its territoire de vie-santé, "" when the file has none."""

    code_insee: str
    zone: Zone
    tvs: str
    arrete: str
    date_effet: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneQuartier:
    """The class an order gives to one QPV, apart from its territory's (domaine §0.7); `zone_tvs` None when unsaid."""

    code: str
    nom: str
    zone: Zone
    zone_tvs: Zone | None
    arrete: str
    date_effet: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Quartier:
    """One priority neighbourhood.

    `geometrie` is GeoJSON text, Polygon or MultiPolygon, WGS84, holes included; "" when its contour is unknown (after a
    forced import), so that nobody near is said to be outside. `communes` are the INSEE codes it lies in, () when the
    file does not say. `zone` is None unless the neighbourhood has a class of its own.
    """

    code: str
    nom: str
    geometrie: str
    communes: tuple[str, ...] = ()
    zone: Zone | None = None


def qualify(quartiers: Iterable[Quartier], zones: Iterable[ZoneQuartier]) -> tuple[Quartier, ...]:
    """The same neighbourhoods, each with the class that the order's QPV annex gives it, if any."""
    par_code = {z.code: z.zone for z in zones}
    return tuple(replace(q, zone=par_code.get(q.code, q.zone)) for q in quartiers)


class StatutQuartier(StrEnum):
    """Whether an address lies in a priority neighbourhood."""

    DANS = "dans"
    HORS = "hors"
    INDETERMINE = "indetermine"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuartierCite:
    """A neighbourhood as a constat names it."""

    code: str
    nom: str
    zone: Zone | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appartenance:
    """The answer to « is this address in a QPV? », handed to the rules as data.

    `quartiers` are those it lies in when DANS, those it may lie in when INDETERMINE (« QPV possible »), none when HORS.
    """

    statut: StatutQuartier
    quartiers: tuple[QuartierCite, ...] = ()


def plain_words(text: str) -> str:
    """Lower-case words without accents nor punctuation: how labels and column titles are compared."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", " ", bare.casefold()).strip()


def _label_key(label: str) -> str:
    """`plain_words` without the rank some exports put first (« 1 -Zone… », « 2_ZAC ») nor plurals."""
    return re.sub(r"s\b", "", re.sub(r"^[0-9]+ ", "", plain_words(label)))


_LIBELLES = {
    Zone.ZIP: ("ZIP", "ZIP+", "Zone d'intervention prioritaire", "Zone intervention prioritaire"),
    Zone.ZAC: ("ZAC", "Zone d'action complémentaire", "Zone action complémentaire"),
    Zone.ZV: ("ZV", "Zone de vigilance", "Zone vigilance"),
    Zone.HZ: ("HZ", "HV", "HC", "Hors zonage", "Hors zone", "Hors-vivier"),
    Zone.AUTRE: ("ZAR",),
    Zone.INCONNU: ("", "Non-spécifié", "Erreur TVS-COM", "NA", "NaN", "ND", "NR", "Null", "Non renseigné", "Inconnu"),
}


def _zones_by_key() -> dict[str, Zone]:
    """Every known wording, alone or beside another of the same zone: « ZIP - Zone d'intervention prioritaire »."""
    table = {}
    for zone, libelles in _LIBELLES.items():
        keys = [_label_key(libelle) for libelle in libelles]
        table.update(dict.fromkeys(keys, zone))
        table.update({f"{first} {second}": zone for first in keys for second in keys if first and second})
    return table


_ZONES = _zones_by_key()


def zone_of(label: str) -> Zone | None:
    """The zone a label stands for (domaine §3.2), INCONNU for one that says nothing, None for one nobody knows."""
    key = _label_key(label)
    if key == "n a" or key.startswith("n a "):  # « N/A », « N/A (hors région) »
        return Zone.INCONNU
    return _ZONES.get(key)


def departement_of(code_insee: str) -> str:
    """The département of a commune's code: three characters overseas, two elsewhere."""
    return code_insee[:3] if code_insee.startswith(("97", "98")) else code_insee[:2]
