"""What an import found: counts, coverage, what is wrong and where, and whether that is enough to refuse it.

An operator reads `texte()`; the refusal carries the same report, so nothing has to be looked for twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from connector.core.montants import jour, nombre, pluriel
from connector.core.referentiels import Commune, Referentiel, Version
from connector.core.typographie import composer
from connector.errors import OperatorError
from connector.imports.tableau import Endroit

SEUIL_COUVERTURE = Decimal(95)
"""Least share of the communes that must have a known class (domaine §3.3), in per cent."""

_PREMIERE_DATE = date(2000, 1, 1)
_AVANCE = timedelta(days=3 * 366)
_EXEMPLES = 10
_MOTS = {
    "ligne": ("Lignes lues", "gardées", "répétées", "sans intérêt ici"),
    "objet": ("Objets lus", "gardés", "répétés", "sans intérêt ici"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsImport:
    """What the operator says of the file: `arrete` and `date_effet` are what a constat will cite.

    `referentiel` are the communes to measure coverage against, of `region` only when it is given. `onglet` and
    `colonnes` (our key, title in the file) settle what the file leaves open. `forcer` keeps an import that would be
    refused, what is doubtful in it becoming unknown.
    """

    arrete: str
    date_effet: date
    importe_le: datetime
    region: str = ""
    referentiel: tuple[Commune, ...] = ()
    onglet: str = ""
    colonnes: tuple[tuple[str, str], ...] = ()
    forcer: bool = False

    def check(self) -> None:
        """Refuses a reference left blank, an impossible date, and a region the referential does not have."""
        if not self.arrete.strip():
            raise OperatorError(composer("la référence de l'arrêté est vide : indiquez --arrete."))
        if not _PREMIERE_DATE <= self.date_effet <= self.importe_le.date() + _AVANCE:
            raise OperatorError(
                f"date d'effet invraisemblable ({jour(self.date_effet)}), à corriger dans --date-effet."
            )
        if self.region and self.referentiel and not self.attendues():
            raise OperatorError(f"aucune commune de la région {self.region} dans le référentiel des communes.")

    def attendues(self) -> frozenset[str]:
        """The INSEE codes coverage is measured against."""
        return frozenset(c.code_insee for c in self.referentiel if not self.region or c.region == self.region)

    def version(self, referentiel: Referentiel, lignes: int) -> Version:
        """The version this import makes: of one region only when it is a zoning, which each region decides alone."""
        return Version(
            referentiel=referentiel,
            region=self.region if referentiel is Referentiel.ZONAGE else "",
            arrete=self.arrete.strip(),
            date_effet=self.date_effet,
            importe_le=self.importe_le,
            lignes=lignes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomalie:
    """A row that cannot be used as it is, and why."""

    endroit: Endroit
    motif: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LibelleInconnu:
    """A zone label that nobody taught us, read as « unknown »."""

    libelle: str
    endroits: tuple[Endroit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """One code that several rows describe differently: what each says."""

    code: str
    lectures: tuple[tuple[Endroit, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Couverture:
    """How many of the communes expected are known. `base` says in French which ones are expected."""

    base: str
    connues: int
    attendues: int
    manquantes: tuple[str, ...] = ()

    @property
    def pourcent(self) -> Decimal:
        """Share known, to a tenth of a per cent and never rounded up; 0 when nothing is expected."""
        if not self.attendues:
            return Decimal(0)
        return (Decimal(100 * self.connues) / self.attendues).quantize(Decimal("0.1"), rounding=ROUND_DOWN)

    @property
    def suffisante(self) -> bool:
        """Whether it reaches the threshold."""
        return Decimal(100 * self.connues) >= SEUIL_COUVERTURE * self.attendues and self.attendues > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RapportImport:
    """Everything worth saying of one import. `repartition` counts the rows kept under each heading, in order.

    `nature` is what the file is made of: « ligne », or « objet » for GeoJSON. `lignes_ignorees` say nothing for us
    (notes, totals, former communes); `doublons` repeat another.
    """

    version: Version
    fichier: str
    lignes_lues: int
    nature: str = "ligne"
    lignes_ignorees: int = 0
    doublons: int = 0
    repartition: tuple[tuple[str, int], ...] = ()
    anomalies: tuple[Anomalie, ...] = ()
    libelles_inconnus: tuple[LibelleInconnu, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    couverture: Couverture | None = None
    avertissements: tuple[str, ...] = ()
    force: bool = False

    @property
    def lignes_gardees(self) -> int:
        """How many rows the import keeps."""
        return self.version.lignes

    @property
    def refus(self) -> tuple[str, ...]:
        """Why this import should not be trusted, in French; () when nothing stands against it."""
        motifs = []
        if self.couverture is not None and not self.couverture.suffisante:
            motifs.append(f"moins de {SEUIL_COUVERTURE} % des {self.couverture.base} ont une valeur connue")
        if self.contradictions:
            motifs.append(f"{pluriel(len(self.contradictions), 'code')} avec des {self.nature}s contradictoires")
        if self.anomalies:
            fautifs = len({a.endroit for a in self.anomalies})
            motifs.append(f"{pluriel(fautifs, self.nature)} à corriger")
        return tuple(motifs)

    def accept(self) -> None:
        """Refuses (`ImportRefuse`) an import with nothing in it, or with a reason against it that is not forced."""
        if not self.lignes_gardees or (self.refus and not self.force):
            raise ImportRefuse(self)

    def texte(self) -> str:
        """The report in French, one fact a line, for the terminal."""
        lignes = [f"{self.fichier} : {self.version.intitule}", *self._counts(), *self._coverage(), *self._problems()]
        if self.force and self.refus:
            lignes.append(f"Import forcé malgré : {' ; '.join(self.refus)}.")
        return composer("\n".join(lignes))

    def _counts(self) -> Iterable[str]:
        lues, gardees, repetees, ignorees = _MOTS[self.nature]
        effectifs = [(lues, self.lignes_lues), (gardees, self.lignes_gardees)]
        autres = [(repetees, self.doublons), (ignorees, self.lignes_ignorees)]
        effectifs += [(mot, effectif) for mot, effectif in autres if effectif]
        yield _joined(effectifs)
        if self.repartition:
            yield f"Répartition — {_joined(self.repartition)}"

    def _coverage(self) -> Iterable[str]:
        if self.couverture is None:
            return
        c = self.couverture
        yield f"Couverture : {nombre(c.pourcent)} % des {c.base} ({nombre(c.connues)} sur {nombre(c.attendues)})."
        if c.manquantes:
            yield f"Sans valeur connue : {listed(c.manquantes)}."

    def _problems(self) -> Iterable[str]:
        for c in self.contradictions[:_EXEMPLES]:
            lectures = listed([f"{valeur} {endroit}" for endroit, valeur in c.lectures])
            yield f"Contradiction : {c.code} ({lectures})."
        autres = len(self.contradictions) - _EXEMPLES
        if autres > 0:
            yield f"… et {pluriel(autres, 'autre contradiction', 'autres contradictions')}."
        for motif, _ in Counter(a.motif for a in self.anomalies).most_common(_EXEMPLES):
            yield f"À corriger : {motif} ({places([a.endroit for a in self.anomalies if a.motif == motif])})."
        for inconnu in self.libelles_inconnus[:_EXEMPLES]:
            yield f"Zone inconnue : « {inconnu.libelle} » ({places(inconnu.endroits)}), à vérifier."
        for avertissement in self.avertissements:
            yield f"Attention : {avertissement}"


def _joined(effectifs: Iterable[tuple[str, int]]) -> str:
    return " · ".join(f"{mot} : {nombre(effectif)}" for mot, effectif in effectifs) + "."


def listed(textes: Sequence[str]) -> str:
    """The first few, and how many others."""
    debut = ", ".join(textes[:_EXEMPLES])
    reste = len(textes) - _EXEMPLES
    return f"{debut} et {pluriel(reste, 'autre')}" if reste > 0 else debut


def places(endroits: Iterable[Endroit]) -> str:
    """« ligne 3 », « lignes 3, 4 et 6 autres », sheet by sheet."""
    groupes: dict[tuple[str, str], list[Endroit]] = {}
    for endroit in endroits:
        groupes.setdefault((endroit.onglet, endroit.nature), []).append(endroit)
    return " ; ".join(_same_sheet(groupe) for groupe in groupes.values())


def _same_sheet(endroits: list[Endroit]) -> str:
    premier, *suite = endroits
    if not suite:
        return str(premier)
    ou = f"onglet {premier.onglet}, " if premier.onglet else ""
    return f"{ou}{premier.nature}s {listed([str(e.numero) for e in endroits])}"


class ImportRefuse(OperatorError):
    """The file was read, and what it holds should not become the referential; `.rapport` says why."""

    def __init__(self, rapport: RapportImport) -> None:
        self.rapport = rapport
        motifs = " ; ".join(rapport.refus) if rapport.lignes_gardees else "aucune ligne utilisable"
        hint = "Corrigez le fichier, ou importez-le avec --force : ce qui est douteux deviendra « à vérifier »."
        super().__init__(
            composer(f"import refusé, {motifs}.") + "\n" + rapport.texte(),
            hint=composer(hint) if rapport.lignes_gardees else "",
        )
