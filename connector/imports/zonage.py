"""The médecin zoning of an order → one class per commune, and the QPV classed apart from their territory (domaine §3).

Known shapes: any table with an INSEE code and a zone; exports of the DREES tool (sheets TVS and QPV, « en vigueur » by
commune); the national file (Zonage_TVS, Zonage_communes, Zonage_QPV), the class being taken from the territory's sheet
when the communes' has none. A label nobody knows, and a contradiction that was forced, are INCONNU: never « non ».
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connector.core.referentiels import Referentiel, Version, Zone, ZoneCommune, ZoneQuartier, zone_of
from connector.imports.colonnes import check_titles
from connector.imports.fichier import read_bytes
from connector.imports.lignes_zonage import TOUTES, Lecture, Recolte, harvest
from connector.imports.rapport import Contradiction, Couverture, LibelleInconnu, OptionsImport, RapportImport, listed
from connector.imports.tableau import Endroit, read_classeur


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportZonage:
    """What an order says, ready to be kept."""

    version: Version
    communes: tuple[ZoneCommune, ...]
    quartiers: tuple[ZoneQuartier, ...]
    rapport: RapportImport


def import_zonage(chemin: Path, options: OptionsImport) -> ImportZonage:
    """The zoning in a file; refuses (OperatorError, in French) what cannot be trusted."""
    return read_zonage(chemin.name, read_bytes(chemin), options)


def read_zonage(fichier: str, data: bytes, options: OptionsImport) -> ImportZonage:
    """The same, from the bytes of a file and its name."""
    options.check()
    check_titles(TOUTES, options.colonnes)
    classeur = read_classeur(fichier, data)
    communes, quartiers = harvest(classeur, options)
    resultat = _assemble(fichier, communes, quartiers, options)
    resultat.rapport.accept()
    return resultat


def _assemble(fichier: str, communes: Recolte, quartiers: Recolte, options: OptionsImport) -> ImportZonage:
    zones = tuple(_zone_commune(code, ls, options) for code, ls in communes.par_code.items())
    annexes = tuple(_zone_quartier(code, ls, options) for code, ls in quartiers.par_code.items())
    version = options.version(Referentiel.ZONAGE, len(zones) + len(annexes))
    lectures = (*communes.lectures, *quartiers.lectures)
    anomalies = (*communes.anomalies, *quartiers.anomalies)
    contradictions = (*_contradictions(communes), *_contradictions(quartiers))
    lues = communes.lues + quartiers.lues
    utiles = len({lecture.endroit for lecture in lectures})
    rapport = RapportImport(
        version=version,
        fichier=fichier,
        lignes_lues=lues,
        lignes_ignorees=lues - utiles - len(anomalies),
        doublons=_repeated(communes) + _repeated(quartiers),
        repartition=_repartition(zones, annexes),
        anomalies=anomalies,
        libelles_inconnus=tuple(_unknown_labels(lectures)),
        contradictions=contradictions,
        couverture=_coverage(zones, options),
        avertissements=tuple(_warnings(communes, options)),
        force=options.forcer,
    )
    return ImportZonage(version=version, communes=zones, quartiers=annexes, rapport=rapport)


def _settled(lectures: list[Lecture]) -> Zone:
    """The class all the readings agree on, INCONNU when they do not."""
    return Zone.INCONNU if _disagree(lectures) else lectures[0].zone or Zone.INCONNU


def _zone_commune(code: str, lectures: list[Lecture], options: OptionsImport) -> ZoneCommune:
    return ZoneCommune(
        code_insee=code,
        zone=_settled(lectures),
        tvs=next((lecture.tvs for lecture in lectures if lecture.tvs), ""),
        arrete=options.arrete.strip(),
        date_effet=options.date_effet,
    )


def _zone_quartier(code: str, lectures: list[Lecture], options: OptionsImport) -> ZoneQuartier:
    premiere = lectures[0].fiche
    return ZoneQuartier(
        code=code,
        nom=premiere["nom_qpv"],
        zone=_settled(lectures),
        zone_tvs=zone_of(premiere["zone_tvs"]) if premiere["zone_tvs"] else None,
        arrete=options.arrete.strip(),
        date_effet=options.date_effet,
    )


def _disagree(lectures: list[Lecture]) -> bool:
    return len({lecture.zone or Zone.INCONNU for lecture in lectures}) > 1


def _repeated(recolte: Recolte) -> int:
    """How many rows say again what another said."""
    groupes = [ls for ls in recolte.par_code.values() if not _disagree(ls)]
    return sum(len({lecture.endroit for lecture in ls}) - 1 for ls in groupes)


def _contradictions(recolte: Recolte) -> Iterator[Contradiction]:
    for code, lectures in recolte.par_code.items():
        if _disagree(lectures):
            dits = tuple((lecture.endroit, lecture.zone or lecture.libelle or "vide") for lecture in lectures)
            yield Contradiction(code=code, lectures=dits)


def _unknown_labels(lectures: tuple[Lecture, ...]) -> Iterator[LibelleInconnu]:
    endroits: dict[str, list[Endroit]] = {}
    for lecture in lectures:
        if lecture.zone is None:
            endroits.setdefault(lecture.libelle, []).append(lecture.endroit)
    for libelle, lieux in endroits.items():
        yield LibelleInconnu(libelle=libelle, endroits=tuple(lieux))


def _repartition(zones: tuple[ZoneCommune, ...], annexes: tuple[ZoneQuartier, ...]) -> tuple[tuple[str, int], ...]:
    effectifs = Counter(z.zone for z in zones)
    lignes = [(str(zone), effectifs[zone]) for zone in Zone if effectifs[zone]]
    return (*lignes, *([("QPV classés à part", len(annexes))] if annexes else []))


def _coverage(zones: tuple[ZoneCommune, ...], options: OptionsImport) -> Couverture:
    """Share of the communes with a known class: of the region's, of the referential's, failing that of the file's."""
    connues = {z.code_insee for z in zones if z.zone is not Zone.INCONNU}
    if not options.referentiel:
        attendues, base = frozenset(z.code_insee for z in zones), "communes du fichier"
    elif options.region:
        attendues, base = options.attendues(), f"communes de la région {options.region}"
    else:
        attendues, base = options.attendues(), "communes du référentiel"
    manquantes = tuple(sorted(attendues - connues))
    return Couverture(base=base, connues=len(attendues & connues), attendues=len(attendues), manquantes=manquantes)


def _warnings(communes: Recolte, options: OptionsImport) -> Iterator[str]:
    if not options.referentiel:
        yield "couverture mesurée sur le fichier seul ; importez d'abord le référentiel des communes."
    else:
        connus = {c.code_insee for c in options.referentiel}
        absents = [code for code in communes.par_code if code not in connus]
        if absents:
            yield f"codes hors du référentiel des communes : {listed(absents)}."
    completes = sum(len(lecture.fiche["code_insee"]) < _LONGUEUR_INSEE for lecture in communes.lectures)
    if completes:
        yield f"codes INSEE dont le zéro initial manquait, rétabli : {completes}."
    if communes.lectures and all(lecture.zone is None for lecture in communes.lectures):
        yield "aucun libellé de zone connu : est-ce bien le zonage des médecins ?"
    partages = [code for code, ls in communes.par_code.items() if len({lecture.tvs for lecture in ls} - {""}) > 1]
    if partages:
        yield f"communes dans plusieurs territoires de vie-santé : {listed(partages)}."


_LONGUEUR_INSEE = 5
