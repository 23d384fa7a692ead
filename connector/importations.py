"""Referentials brought in, listed and taken back: for `import`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from connector.core.cles import region_saisie
from connector.core.montants import pluriel
from connector.core.referentiels import Referentiel, Version
from connector.errors import OperatorError
from connector.wiring import FRANCE

if TYPE_CHECKING:
    from connector.imports.rapport import OptionsImport, RapportImport
    from connector.store import Base
    from connector.store.referentiels import VersionGardee

TITRES = {
    Referentiel.COMMUNES: "Communes",
    Referentiel.ZONAGE: "Zonage des médecins",
    Referentiel.QPV: "Quartiers prioritaires",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Commande:
    """An import as the operator asks for it: the file, what it is, the text it comes from, and since when it applies.

    `colonnes` are (our key, title in the file). `forcer` keeps what would be refused.
    """

    fichier: Path
    referentiel: Referentiel
    arrete: str
    date_effet: date
    region: str = ""
    forcer: bool = False
    onglet: str = ""
    colonnes: tuple[tuple[str, str], ...] = ()

    def options(self, base: Base, *, now: datetime) -> OptionsImport:
        """The same for the reader; coverage is measured on the communes in force."""
        from connector.imports.rapport import OptionsImport  # noqa: PLC0415 - heavy

        return OptionsImport(
            arrete=self.arrete,
            date_effet=self.date_effet,
            importe_le=now,
            region=region_saisie(self.region),
            referentiel=base.referentiels.communes(now.astimezone(FRANCE).date()),
            onglet=self.onglet,
            colonnes=self.colonnes,
            forcer=self.forcer,
        )


def importer(
    base: Base, commande: Commande, *, now: datetime, dire: Callable[[str], None]
) -> tuple[RapportImport, bool]:
    """Read a referential and keep it as a new version, whole or not at all: its report, and whether anything is new.

    OperatorError (`ImportRefuse`, with the report) when the file should not be trusted; `dire` hears of the progress.
    """
    options = commande.options(base, now=now)
    dire(f"Lecture de {commande.fichier.name}…")
    rapport, garder = _lire(base, commande, options)
    dire(f"Enregistrement de {pluriel(rapport.lignes_gardees, 'ligne')}…")
    return rapport, garder()


def acte(base: Base, commande: Commande, rapport: RapportImport, *, nouveau: bool) -> str:
    """What the journal says of an import: which version it made, of how many lines, and whether it was forced."""
    version = f"version n° {base.referentiels.catalogue()[-1].numero}" if nouveau else ""
    return ", ".join(
        filter(None, (version, pluriel(rapport.lignes_gardees, "ligne"), "--force" if commande.forcer else ""))
    )


def _lire(base: Base, commande: Commande, options: OptionsImport) -> tuple[RapportImport, Callable[[], bool]]:
    """The file's report, and what keeps its rows."""
    from connector.imports import communes, qpv, zonage  # noqa: PLC0415 - heavy

    keep = base.referentiels
    match commande.referentiel:
        case Referentiel.COMMUNES:
            lues = communes.import_communes(commande.fichier, options)
            return lues.rapport, lambda: keep.save_communes(lues.version, lues.communes)
        case Referentiel.ZONAGE:
            zones = zonage.import_zonage(commande.fichier, options)
            return zones.rapport, lambda: keep.save_zonage(zones.version, zones.communes, zones.quartiers)
        case Referentiel.QPV:
            lus = qpv.import_qpv(commande.fichier, options)
            return lus.rapport, lambda: keep.save_qpv(lus.version, lus.quartiers)


def referentiels(base: Base, *, aujourd_hui: date) -> str:
    """Every version imported: its number, the text, since when it applies, and whether it is in force."""
    en_vigueur = {v for genre in Referentiel for v in base.referentiels.en_vigueur(genre, aujourd_hui)}
    gardees = base.referentiels.catalogue()
    lines = []
    for genre in Referentiel:
        lines += [f"{TITRES[genre]} :"] if any(g.version.referentiel is genre for g in gardees) else []
        for gardee in gardees:
            if gardee.version.referentiel is genre:
                lines.append(f"  {_version_line(gardee, aujourd_hui, en_vigueur)}")
    return "\n".join(lines) or "Aucun référentiel importé."


def _version_line(gardee: VersionGardee, aujourd_hui: date, en_vigueur: Collection[Version]) -> str:
    version = gardee.version
    if gardee.retiree_le is not None:
        etat = f"retirée le {gardee.retiree_le.astimezone(FRANCE):%d/%m/%Y}"
    elif version in en_vigueur:
        etat = "en vigueur"
    else:
        etat = "à venir" if version.date_effet > aujourd_hui else "remplacée"
    region = f", région {version.region}" if version.region else ""
    importee = f"importée le {version.importe_le.astimezone(FRANCE):%d/%m/%Y}"
    lignes = pluriel(version.lignes, "ligne")
    return f"n° {gardee.numero} : {version.intitule}{region} ; {lignes}, {importee} — {etat}"


def retirer(base: Base, numero: int, *, now: datetime) -> str:
    """Take back a version imported by mistake; the sentence that says so."""
    version = base.referentiels.withdraw(numero, now=now)
    if version is None:
        raise OperatorError(
            f"aucune version n° {numero} à retirer.", hint="« connector import liste » donne les numéros."
        )
    return f"Version n° {numero} retirée : {version.intitule}. Ce qu’elle a fait dire reste consultable."
