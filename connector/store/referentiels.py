"""Referentials, version by version: communes, zones and priority neighbourhoods, in force on a day.

An import is one version, whole or not at all. The next one supersedes it from its own date of effect on, and never
erases it: what was said of a dossier can still be explained. A region's zoning supersedes that region's only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connector.core import empreintes
from connector.core.referentiels import (
    Commune,
    Quartier,
    Referentiel,
    Version,
    Zone,
    ZoneCommune,
    ZoneQuartier,
    qualify,
    version_en_vigueur,
)
from connector.store import codec
from connector.store.connexion import Connexion, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionGardee:
    """A version as kept here: its number, and when it was taken back, None while it counts."""

    numero: int
    version: Version
    empreinte: str
    retiree_le: datetime | None = None


class Referentiels:
    """The referentials an ARS imported. Raises the `StoreError` family, nothing else."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion

    # -- what an import leaves -----------------------------------------------------------------------------------------

    def save_communes(self, version: Version, communes: Iterable[Commune]) -> bool:
        """Keep one version of the communes; False, nothing written, when it is the one that already counts."""
        return self._save(version, {"communes": [_commune_row(c) for c in communes]})

    def save_zonage(
        self, version: Version, zones: Iterable[ZoneCommune], quartiers: Iterable[ZoneQuartier] = ()
    ) -> bool:
        """Keep one version of the zoning, the neighbourhoods it classes apart included; False as above."""
        rows: dict[str, list[Row]] = {
            "zones": [(z.code_insee, z.zone.value, z.tvs) for z in zones],
            "zones_quartiers": [(q.code, q.nom, q.zone.value, q.zone_tvs) for q in quartiers],
        }
        return self._save(version, rows)

    def save_qpv(self, version: Version, quartiers: Iterable[Quartier]) -> bool:
        """Keep one version of the priority neighbourhoods; False as above."""
        return self._save(version, {"quartiers": [_quartier_row(q) for q in quartiers]})

    def withdraw(self, numero: int, *, now: datetime) -> Version | None:
        """Take back a version imported by mistake, which stays readable; None when no such version counts."""
        found = next((g for g in self.catalogue() if g.numero == numero and g.retiree_le is None), None)
        if found is None:
            return None
        with self._connexion.transaction():
            self._connexion.run("UPDATE versions SET retiree_le = ? WHERE id = ?", (codec.instant(now), numero))
        return found.version

    # -- versions ------------------------------------------------------------------------------------------------------

    def catalogue(self) -> tuple[VersionGardee, ...]:
        """Every version ever imported, those taken back included, in the order of the imports."""
        return tuple(_gardee(row) for row in self._connexion.rows(_VERSIONS))

    def versions(self) -> tuple[Version, ...]:
        """The versions that count, superseded ones included, in the order of the imports."""
        return tuple(g.version for g in self._comptent())

    def en_vigueur(self, referentiel: Referentiel, jour: date) -> tuple[Version, ...]:
        """The versions in force on that day, latest first: one, or one a region for a zoning."""
        return tuple(g.version for g in self._en_vigueur(referentiel, jour))

    def empreinte(self, jour: date) -> str:
        """Digest of all that counts on that day: it changes with an import, and when the effect of one begins.

        Superseded versions are in it, for a dossier is judged on the day it was decided.
        """
        comptent = [g for g in self._comptent() if g.version.date_effet <= jour]
        return empreintes.of(
            [
                (g.version.referentiel, g.version.region, g.version.arrete, g.version.date_effet, g.empreinte)
                for g in comptent
            ]
        )

    # -- lookups -------------------------------------------------------------------------------------------------------

    def zone(self, code_insee: str, jour: date) -> ZoneCommune | None:
        """The class of a commune on that day, None when nothing in force speaks of it.

        Its own region decides, or a text for the whole country; another region's order speaks of it only when neither
        exists (a territoire de vie-santé may lie across two regions).
        """
        commune = self.commune(code_insee)
        versions = self._en_vigueur(Referentiel.ZONAGE, jour)
        propres = [g for g in versions if commune is not None and g.version.region in {commune.region, ""}]
        found = (self._zone(gardee, code_insee) for gardee in propres[:1] or versions)
        return next((zone for zone in found if zone is not None), None)

    def commune(self, code_insee: str) -> Commune | None:
        """A commune as the latest version that has it: one merged since is still found in an older version."""
        row = self._connexion.row(_COMMUNE, (code_insee,))
        return None if row is None else _commune(row)

    def communes(self, jour: date) -> tuple[Commune, ...]:
        """All the communes of the version in force on that day; () before the first one."""
        return tuple(
            _commune(row)
            for gardee in self._en_vigueur(Referentiel.COMMUNES, jour)
            for row in self._connexion.rows(f"{_COMMUNES} WHERE version = ?", (gardee.numero,))
        )

    def quartiers(self, jour: date) -> tuple[Quartier, ...]:
        """The priority neighbourhoods on that day, each with the class that the zoning in force gives it, if any."""
        quartiers = [
            _quartier(row)
            for gardee in self._en_vigueur(Referentiel.QPV, jour)
            for row in self._connexion.rows(_QUARTIERS, (gardee.numero,))
        ]
        return qualify(quartiers, self._zones_quartiers(jour))

    # -- inside --------------------------------------------------------------------------------------------------------

    def _save(self, version: Version, tables: Mapping[str, Sequence[Row]]) -> bool:
        """Write a version and its rows in one transaction, unless its twin is the last of its day already."""
        empreinte = hashlib.sha256(codec.text_of(tables).encode()).hexdigest()
        with self._connexion.transaction():
            if self._deja_la(version, empreinte):
                return False
            numero = self._connexion.row(f"{_INSERT_VERSION} RETURNING id", _version_row(version, empreinte))
            for table, rows in tables.items():
                if rows:
                    places = ", ".join("?" * (len(rows[0]) + 1))
                    # The name of a table is one of ours, written above.
                    sql = f"INSERT INTO {table} VALUES ({places})"  # noqa: S608
                    self._connexion.run_many(sql, ((*(numero or ()), *row) for row in rows))
        return True

    def _deja_la(self, version: Version, empreinte: str) -> bool:
        pareilles = [
            g
            for g in self._comptent()
            if (g.version.referentiel, g.version.region, g.version.date_effet)
            == (version.referentiel, version.region, version.date_effet)
        ]
        derniere = max(pareilles, key=lambda g: (g.version.importe_le, g.numero), default=None)
        return derniere is not None and (derniere.version.arrete, derniere.empreinte) == (version.arrete, empreinte)

    def _comptent(self) -> tuple[VersionGardee, ...]:
        return tuple(g for g in self.catalogue() if g.retiree_le is None)

    def _en_vigueur(self, referentiel: Referentiel, jour: date) -> list[VersionGardee]:
        """The version in force of each region (or of the country), latest effect first."""
        par_region: dict[str, list[VersionGardee]] = {}
        for gardee in self._comptent():
            if gardee.version.referentiel is referentiel:
                par_region.setdefault(gardee.version.region, []).append(gardee)
        found = [_derniere(gardees, jour) for gardees in par_region.values()]
        connues = [g for g in found if g is not None]
        return sorted(connues, key=lambda g: (g.version.date_effet, g.version.importe_le), reverse=True)

    def _zone(self, gardee: VersionGardee, code_insee: str) -> ZoneCommune | None:
        row = self._connexion.row(
            "SELECT zone, tvs FROM zones WHERE version = ? AND code_insee = ?", (gardee.numero, code_insee)
        )
        if row is None:
            return None
        return ZoneCommune(
            code_insee=code_insee,
            zone=codec.typed(row[0], Zone),
            tvs=row[1],
            arrete=gardee.version.arrete,
            date_effet=gardee.version.date_effet,
        )

    def _zones_quartiers(self, jour: date) -> Iterator[ZoneQuartier]:
        """Oldest text first, so that the latest has the last word."""
        for gardee in reversed(self._en_vigueur(Referentiel.ZONAGE, jour)):
            for code, nom, zone, zone_tvs in self._connexion.rows(_ZONES_QUARTIERS, (gardee.numero,)):
                yield ZoneQuartier(
                    code=code,
                    nom=nom,
                    zone=codec.typed(zone, Zone),
                    zone_tvs=codec.typed(zone_tvs, Zone | None),
                    arrete=gardee.version.arrete,
                    date_effet=gardee.version.date_effet,
                )


def _derniere(gardees: Sequence[VersionGardee], jour: date) -> VersionGardee | None:
    version = version_en_vigueur((g.version for g in gardees), jour)
    return next((g for g in reversed(gardees) if g.version == version), None)


def _gardee(row: Row) -> VersionGardee:
    numero, referentiel, region, arrete, date_effet, importe_le, lignes, empreinte, retiree_le = row
    version = Version(
        referentiel=codec.typed(referentiel, Referentiel),
        region=region,
        arrete=arrete,
        date_effet=codec.typed(date_effet, date),
        importe_le=codec.when(importe_le),
        lignes=lignes,
    )
    return VersionGardee(numero=numero, version=version, empreinte=empreinte, retiree_le=codec.maybe_when(retiree_le))


def _version_row(version: Version, empreinte: str) -> Row:
    return (
        version.referentiel.value,
        version.region,
        codec.storable(version.arrete),
        version.date_effet.isoformat(),
        codec.instant(version.importe_le),
        version.lignes,
        empreinte,
    )


def _commune_row(commune: Commune) -> Row:
    return (
        commune.code_insee,
        codec.storable(commune.nom),
        commune.departement,
        commune.region,
        commune.population,
        commune.latitude,
        commune.longitude,
    )


def _commune(row: Row) -> Commune:
    code_insee, nom, departement, region, population, latitude, longitude = row
    return Commune(
        code_insee=code_insee,
        nom=nom,
        departement=departement,
        region=region,
        population=population,
        latitude=latitude,
        longitude=longitude,
    )


def _quartier_row(quartier: Quartier) -> Row:
    return (
        quartier.code,
        codec.storable(quartier.nom),
        quartier.geometrie,
        codec.dumps(quartier.communes, tuple[str, ...]),
        quartier.zone,
    )


def _quartier(row: Row) -> Quartier:
    code, nom, geometrie, communes, zone = row
    return Quartier(
        code=code,
        nom=nom,
        geometrie=geometrie,
        communes=codec.loads(communes, tuple[str, ...]),
        zone=codec.typed(zone, Zone | None),
    )


_VERSIONS = """
SELECT id, referentiel, region, arrete, date_effet, importe_le, lignes, empreinte, retiree_le FROM versions ORDER BY id
"""

_INSERT_VERSION = """
INSERT INTO versions (referentiel, region, arrete, date_effet, importe_le, lignes, empreinte)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""

_COMMUNES = "SELECT code_insee, nom, departement, region, population, latitude, longitude FROM communes"

_COMMUNE = """
SELECT c.code_insee, c.nom, c.departement, c.region, c.population, c.latitude, c.longitude
FROM versions v JOIN communes c ON c.version = v.id
WHERE v.referentiel = 'communes' AND v.retiree_le IS NULL AND c.code_insee = ?
ORDER BY v.date_effet DESC, v.importe_le DESC, v.id DESC LIMIT 1
"""

_QUARTIERS = "SELECT code, nom, geometrie, communes, zone FROM quartiers WHERE version = ? ORDER BY code"

_ZONES_QUARTIERS = "SELECT code, nom, zone, zone_tvs FROM zones_quartiers WHERE version = ? ORDER BY code"
