"""The register of posts: what quotas count, and what outlives the dossiers (domaine, decision 5).

A post is not a dossier: it lasts 24 months when DS forgets a dossier after 12, passes from one holder to the next, and
keeps of each holder nothing but the dossier number. Every event is a function from a post to a post, safe to replay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from connector.core.calendrier import ajoute_mois
from connector.core.montants import jour


class Categorie(StrEnum):
    """The three categories of the DGOS note 2023/115."""

    I = "I"  # noqa: E741
    II = "II"
    III = "III"


class EtatPoste(StrEnum):
    """`POURVU` means that someone was seen to take up the post; `VACANT` that its last holder withdrew before."""

    ACCORDE = "accorde"
    POURVU = "pourvu"
    VACANT = "vacant"
    TERMINE = "termine"


class Sortie(StrEnum):
    """Why a holder left: withdrawn before taking up the post, or gone from it."""

    DESISTEMENT = "desistement"
    FIN = "fin"


class Evenement(StrEnum):
    """What an agent types of a post; the value is the option of the reference form's « Événement »."""

    DESISTEMENT = "Désistement"
    REPORT_ACCORDE = "Report accordé"
    REPORT_REFUSE = "Report refusé"
    PRISE_DE_FONCTION = "Prise de fonction constatée"
    FIN_ANTICIPEE = "Fin anticipée"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fait:
    """What an agent last typed of a holder, as the register took it in; `evenement` None once it was erased.

    `saisi_le` is the day it was taken in; `corrige_le` the same day where it took back what an earlier pass had taken
    in: hospitals may have been told.
    """

    evenement: Evenement | None
    le: date | None = None
    saisi_le: date | None = None
    corrige_le: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Titulaire:
    """One holder, known by the number of the accepted dossier only; `fait` is None until an agent types an event."""

    dossier: int
    accepte_le: date
    prise_de_fonction_le: date | None = None
    sorti_le: date | None = None
    sortie: Sortie | None = None
    fait: Fait | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A granted postponement of the start."""

    de: date
    a: date
    accorde_le: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotites:
    """Shares of the working time, in percent; None where the form did not say."""

    hospitaliere: Decimal | None
    ambulatoire: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tranche:
    """The ARS share of one fiscal year, in euros."""

    annee: int
    montant: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Poste:
    """One funded post. `region` is the INSEE code, `etablissement` the employer's SIRET or FINESS number.

    `cout` is the ARS share in euros as last computed, None while it cannot be asserted; `tranches` is the same, year by
    year. `titulaires` in order of arrival, never empty. `reports` in the order they were granted.
    """

    identifiant: str
    promotion: str
    categorie: Categorie
    region: str
    etablissement: str
    quotites: Quotites
    debut: date
    duree_mois: int
    cout: Decimal | None
    titulaires: tuple[Titulaire, ...]
    reports: tuple[Report, ...] = ()
    tranches: tuple[Tranche, ...] = ()

    @property
    def titulaire(self) -> Titulaire:
        """The last holder, there or gone."""
        return self.titulaires[-1]

    @property
    def reports_du_titulaire(self) -> tuple[Report, ...]:
        """The postponements granted to the last holder: those of a former one moved another start."""
        return tuple(r for r in self.reports if r.accorde_le >= self.titulaire.accepte_le)

    @property
    def debut_prevu(self) -> date:
        """The start agreed upon with the last holder, before any postponement."""
        reports = self.reports_du_titulaire
        return reports[0].de if reports else self.debut

    @property
    def fin(self) -> date:
        """First day after the funded months."""
        return ajoute_mois(self.debut, self.duree_mois)

    @property
    def etat(self) -> EtatPoste:
        """Where the post stands, from its last holder."""
        if self.titulaire.sortie is Sortie.DESISTEMENT:
            return EtatPoste.VACANT
        if self.titulaire.sortie is Sortie.FIN:
            return EtatPoste.TERMINE
        return EtatPoste.POURVU if self.titulaire.prise_de_fonction_le else EtatPoste.ACCORDE

    @property
    def remplacable(self) -> bool:
        """True when a new holder can come in: the last one withdrew, or left before the end of the funded months."""
        sorti_le = self.titulaire.sorti_le
        return self.etat is EtatPoste.VACANT or (sorti_le is not None and sorti_le < self.fin)

    @property
    def actif(self) -> bool:
        """True while it takes a place of the quota: granted, held or ended, but not given back (domaine §6)."""
        return self.etat is not EtatPoste.VACANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Refus:
    """An event that does not fit the post; `motif` says in French why and what to check."""

    motif: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What the acceptance of a dossier grants; `cout` None while the ARS share cannot be asserted."""

    dossier: int
    accepte_le: date
    promotion: str
    categorie: Categorie
    region: str
    etablissement: str
    quotites: Quotites
    debut: date
    duree_mois: int
    cout: Decimal | None

    @property
    def titulaire(self) -> Titulaire:
        """The holder it brings in."""
        return Titulaire(dossier=self.dossier, accepte_le=self.accepte_le)


def ouvre(attribution: Attribution) -> Poste:
    """The post that an acceptance opens, named after its first dossier."""
    a = attribution
    return Poste(
        identifiant=f"{a.promotion}/{a.region}/{a.categorie}/{a.dossier}",
        promotion=a.promotion,
        categorie=a.categorie,
        region=a.region,
        etablissement=a.etablissement,
        quotites=a.quotites,
        debut=a.debut,
        duree_mois=a.duree_mois,
        cout=a.cout,
        titulaires=(a.titulaire,),
    )


def desiste(poste: Poste, dossier: int, le: date) -> Poste | Refus:
    """The post given back by a holder who will not take it up."""
    titulaire = poste.titulaire
    if titulaire.dossier != dossier:
        return _ancien_ou_inconnu(poste, dossier)
    if titulaire.sortie is Sortie.DESISTEMENT:
        return poste
    if titulaire.prise_de_fonction_le or titulaire.sortie:
        return Refus(motif=f"Le poste du dossier n° {dossier} est déjà pourvu : saisissez une fin, pas un désistement.")
    return _avec_titulaire(poste, replace(titulaire, sorti_le=le, sortie=Sortie.DESISTEMENT))


def remplace(poste: Poste, attribution: Attribution) -> Poste | Refus:
    """The same post with a new holder: no new place is taken (cahier des charges §5).

    It stays in its promotion, category and region; shares, dates and cost follow the new dossier.
    """
    if any(t.dossier == attribution.dossier for t in poste.titulaires):
        return poste
    if not poste.remplacable:
        return Refus(motif=_pas_libre(poste, attribution.dossier))
    return replace(
        poste,
        titulaires=(*poste.titulaires, attribution.titulaire),
        quotites=attribution.quotites,
        debut=attribution.debut,
        duree_mois=attribution.duree_mois,
        cout=attribution.cout,
    )


def _pas_libre(poste: Poste, dossier: int) -> str:
    if poste.etat is EtatPoste.TERMINE:
        return (
            f"Le poste est arrivé à son terme : le dossier n° {dossier} demande un nouveau poste, pas un remplacement."
        )
    return (
        f"Le dossier n° {poste.titulaire.dossier} occupe toujours le poste : enregistrez d'abord son désistement "
        f"avant d'accepter le remplaçant (dossier n° {dossier})."
    )


def reporte(poste: Poste, *, dossier: int, debut: date, accorde_le: date, cout: Decimal | None) -> Poste | Refus:
    """The same post starting later: it keeps its place and its promotion."""
    if poste.titulaire.dossier != dossier:
        return _ancien_ou_inconnu(poste, dossier)
    if any((r.a, r.accorde_le) == (debut, accorde_le) for r in poste.reports):
        return poste
    if poste.etat is not EtatPoste.ACCORDE:
        return trop_tard_pour_reporter(dossier)
    report = Report(de=poste.debut, a=debut, accorde_le=accorde_le)
    return replace(poste, debut=debut, cout=cout, reports=(*poste.reports, report))


def trop_tard_pour_reporter(dossier: int) -> Refus:
    """What is said of a postponement of what has begun, or is over."""
    return Refus(motif=f"Le poste du dossier n° {dossier} n'attend plus de prise de fonction : rien à reporter.")


def constate_prise_de_fonction(poste: Poste, dossier: int, le: date) -> Poste | Refus:
    """The post held: only this makes it « pourvu »."""
    titulaire = poste.titulaire
    if titulaire.dossier != dossier:
        return _ancien_ou_inconnu(poste, dossier)
    if titulaire.prise_de_fonction_le == le:
        return poste
    if titulaire.sortie:
        return Refus(
            motif=f"Le dossier n° {dossier} a quitté le poste : sa prise de fonction ne peut plus être saisie."
        )
    return _avec_titulaire(poste, replace(titulaire, prise_de_fonction_le=le))


def termine(poste: Poste, dossier: int, le: date) -> Poste | Refus:
    """The post ended, early or not: it still counts in its promotion."""
    titulaire = poste.titulaire
    if titulaire.dossier != dossier:
        return _ancien_ou_inconnu(poste, dossier)
    if titulaire.prise_de_fonction_le is None:
        return Refus(
            motif=f"Aucune prise de fonction n'est constatée pour le dossier n° {dossier} : saisissez-la d'abord."
        )
    if le < titulaire.prise_de_fonction_le:
        return Refus(
            motif=f"La fin ({jour(le)}) précède la prise de fonction ({jour(titulaire.prise_de_fonction_le)})."
        )
    return _avec_titulaire(poste, replace(titulaire, sorti_le=le, sortie=Sortie.FIN))


def revient(poste: Poste) -> Poste:
    """The post with its last holder back: the withdrawal is no longer said."""
    if poste.titulaire.sortie is not Sortie.DESISTEMENT:
        return poste
    return _avec_titulaire(poste, replace(poste.titulaire, sorti_le=None, sortie=None))


def defait(poste: Poste, fait: Fait) -> Poste:
    """The post as it was before that event of its last holder, which an agent corrected or erased."""
    titulaire = poste.titulaire
    match fait.evenement:
        case Evenement.DESISTEMENT:
            return revient(poste)
        case Evenement.REPORT_ACCORDE if poste.reports and poste.reports[-1].a == fait.le == poste.debut:
            return replace(poste, debut=poste.reports[-1].de, reports=poste.reports[:-1], cout=None)
        case Evenement.PRISE_DE_FONCTION:
            return _avec_titulaire(poste, replace(titulaire, prise_de_fonction_le=None))
        case Evenement.FIN_ANTICIPEE:
            return _avec_titulaire(poste, replace(titulaire, sorti_le=None, sortie=None))
        case _:
            return poste


def retient(poste: Poste, fait: Fait) -> Poste:
    """The post, its last holder's event remembered."""
    return _avec_titulaire(poste, replace(poste.titulaire, fait=fait))


def _avec_titulaire(poste: Poste, titulaire: Titulaire) -> Poste:
    return replace(poste, titulaires=(*poste.titulaires[:-1], titulaire))


def _ancien_ou_inconnu(poste: Poste, dossier: int) -> Poste | Refus:
    """The post untouched when a former holder's event comes round again; a refusal for a dossier it never had."""
    if any(t.dossier == dossier for t in poste.titulaires):
        return poste
    actuel = poste.titulaire.dossier
    return Refus(motif=f"Le dossier n° {dossier} n'occupe pas ce poste : son titulaire est le dossier n° {actuel}.")
