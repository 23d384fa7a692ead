"""What the outside knows of one candidature: zones, neighbourhoods, distances, and its place among the others.

The edge computes it (referentials, geometry, the store's other dossiers) and hands it to the rules as data.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from connector.core.model import DossierState
from connector.core.poste import Poste
from connector.core.quota import Compteurs
from connector.core.referentiels import Appartenance, Precision, Version, ZoneCommune


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationLieu:
    """One place of work of a project, by its `rang` in the form (from 1).

    `commune` is its INSEE code and `region` the région's, None when unknown. `zone` is None when no zoning in force
    names that commune; `distance_km` is the crow-fly distance to the main site, `precision` that of its worse end.
    """

    rang: int
    commune: str | None = None
    region: str | None = None
    zone: ZoneCommune | None = None
    quartier: Appartenance | None = None
    distance_km: Decimal | None = None
    precision: Precision = Precision.INCONNUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Jumeau:
    """Another stored dossier that looks like the same application; `motif` is candidat | projet."""

    dossier: int
    demarche: int
    motif: str
    etat: DossierState


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierRemplace:
    """The dossier that a replacement names, as stored here; nothing of its candidate.

    `quotite_ambulatoire` in percent; `projet` is a digest of its places of work and specialty, to tell a changed
    project from the same one.
    """

    dossier: int
    etat: DossierState
    siret: str | None
    quotite_ambulatoire: Decimal | None
    projet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relais:
    """What a freed post means for one dossier.

    For the one that gave it back: `remplacant` is the dossier that asks to take it over, `premier` the first of the
    waiting list and `rang` the commission's rank of it. For that first one: `libere_par` is the dossier that freed it.
    """

    remplacant: int | None = None
    premier: int | None = None
    rang: int | None = None
    libere_par: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that the candidature itself does not say.

    `versions` are the referentials used, for the constats to name. `compteurs` is None when the dossier's quota cannot
    be told (région, category or promotion unknown). `remplace` is None when the form names no dossier or one unknown
    here. `poste` is the post that this dossier holds, if any; `registre` is what the register of posts could not take
    in of this dossier, in French, "" when all is well. `hors_quota`: people retained it, and those retained before it
    leave it no place. `relais` is what a post given back means for this dossier.
    """

    lieux: tuple[SituationLieu, ...] = ()
    versions: tuple[Version, ...] = ()
    jumeaux: tuple[Jumeau, ...] = ()
    remplace: DossierRemplace | None = None
    poste: Poste | None = None
    compteurs: Compteurs | None = None
    registre: str = ""
    hors_quota: bool = False
    relais: Relais | None = None

    def attend(self, dossier: int) -> bool:
        """Whether this dossier is beyond the places left; nobody is where the quota only informs."""
        return self.compteurs is not None and self.compteurs.rang_d_attente(dossier) is not None

    def lieu(self, rang: int) -> SituationLieu:
        """The situation of one place; an empty one when nothing is known of it."""
        return next((lieu for lieu in self.lieux if lieu.rang == rang), SituationLieu(rang=rang))
