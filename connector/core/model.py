"""What Démarches simplifiées says, as frozen values: no JSON, no SQL, no personal text that nobody asked for.

Names are DS's own (contract §3–§4), in snake case. Datetimes are aware, with the offset DS sent. A link to a file, the
text of a message and the name of a person have no place here, so nothing downstream can keep them by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class DossierState(StrEnum):
    """States of a submitted dossier; `INCONNU` is a state this version does not know (contract §9)."""

    EN_CONSTRUCTION = "en_construction"
    EN_INSTRUCTION = "en_instruction"
    ACCEPTE = "accepte"
    REFUSE = "refuse"
    SANS_SUITE = "sans_suite"
    INCONNU = "inconnu"

    @classmethod
    def _missing_(cls, value: object) -> DossierState:  # noqa: ARG003
        return cls.INCONNU

    @property
    def ouvert(self) -> bool:
        """True while nothing is decided: neither once it is, nor in a state that this version does not know."""
        return self in {DossierState.EN_CONSTRUCTION, DossierState.EN_INSTRUCTION}

    @property
    def termine(self) -> bool:
        """True once decided: accepted, refused or closed."""
        return self in {DossierState.ACCEPTE, DossierState.REFUSE, DossierState.SANS_SUITE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lieu:
    """A commune, département, région, EPCI or country: official code as DS gives it (a string), and its name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adresse:
    """An address from the national base; coordinates in degrees WGS84, None when DS has no point (contract §4.3).

    `type` is the precision: `housenumber`, `street`, `locality` or `municipality`. A free address that the base does
    not know has its text in `label` and `type` "".
    """

    label: str
    type: str = ""
    city_code: str | None = None
    city_name: str | None = None
    postal_code: str | None = None
    department_code: str | None = None
    region_code: str | None = None
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Etablissement:
    """A company known by its SIRET; `complet` is False when DS could not reach the company register (contract §4.2)."""

    siret: str
    raison_sociale: str | None = None
    adresse: Adresse | None = None
    complet: bool = True


class VirusScan(StrEnum):
    """Antivirus verdict of a file (contract §4.4); `INCONNU` is a verdict this version does not know."""

    PENDING = "pending"
    SAFE = "safe"
    INFECTED = "infected"
    INTEGRITY_ERROR = "integrity_error"
    INCONNU = "inconnu"

    @classmethod
    def _missing_(cls, value: object) -> VirusScan:  # noqa: ARG003
        return cls.INCONNU


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file as DS describes it, never its link. `checksum` is base64 of MD5; `byte_size` in bytes."""

    filename: str
    content_type: str
    byte_size: int
    checksum: str
    virus_scan: VirusScan
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The files of one champ; an infected file is not among them (DS hides it, contract §4.4)."""

    files: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choix:
    """Several options ticked together, in DS's order."""

    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoixLie:
    """A linked drop-down: primary and secondary option, "" when blank."""

    primary: str
    secondary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LienDossier:
    """A link to another dossier. `state` is None when that dossier is out of reach (contract §4.3)."""

    number: int
    state: DossierState | None = None
    demarche_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ligne:
    """One row of a repetition."""

    id: str
    champs: tuple[Champ, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lignes:
    """The rows of a repetition, oldest first."""

    rows: tuple[Ligne, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Illisible:
    """A value that DS could not give or that we could not read. `text` is DS's own presentation, if any."""

    cause: str
    text: str = ""


Valeur = (
    None
    | str
    | bool
    | int
    | Decimal
    | date
    | datetime
    | Lieu
    | Adresse
    | Etablissement
    | Pieces
    | Choix
    | ChoixLie
    | LienDossier
    | Lignes
    | Illisible
)
"""A typed value; None is a visible champ that was left blank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Champ:
    """One champ or annotation. `typename` is GraphQL's; `descriptor_id` is stable across revisions (contract §3.8).

    `id` differs from `descriptor_id` only inside a repetition row; it is the one that an annotation write needs.
    """

    id: str
    descriptor_id: str
    label: str
    typename: str
    value: Valeur
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A correction asked by a message: `reason` is incorrect | incomplete | outdated; resolved when dated."""

    reason: str
    date_resolution: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message without its text.

    `empreinte` is `core.empreintes.of_text` of the body, "" once deleted; `reference` is the one our own messages end
    with (`core.empreintes.reference_in`), None in anybody else's. `systeme` is True for the HTML copies of the
    notifications that DS itself sends (contract §4.5): people's messages are plain text. `annonce`: its author, the
    applicant, says that something will follow.
    """

    id: str
    email: str
    empreinte: str
    created_at: datetime
    reference: str | None = None
    systeme: bool = False
    discarded_at: datetime | None = None
    correction: Correction | None = None
    annonce: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Traitement:
    """One line of a dossier's history; `event` as DS spells it (contract §4.5), `email_agent` None when automatic."""

    event: str
    date: datetime
    email_agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Avis:
    """An opinion asked of an expert. `date_reponse` is None until really answered (DS dates unanswered ones too)."""

    id: str
    date_question: datetime
    repondu: bool
    date_reponse: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label of the démarche: match by `id`, names can be edited (contract §3.2)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profil:
    """An instructeur: `id` is what mutations want, `email` is public to agents."""

    id: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Groupe:
    """A groupe instructeur and its members, the only ones who may act on its dossiers (contract §5.0)."""

    id: str
    number: int
    label: str
    instructeurs: tuple[Profil, ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Demandeur:
    """Who applies: `siret` for a legal person; `complet` False for a degraded company; a person's name is not read."""

    typename: str
    siret: str | None = None
    raison_sociale: str | None = None
    complet: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One dossier as read at one instant."""

    id: str
    number: int
    demarche_number: int
    revision_id: str
    state: DossierState
    archived: bool
    date_depot: datetime
    date_passage_en_construction: datetime
    date_passage_en_instruction: datetime | None
    date_traitement: datetime | None
    date_derniere_modification: datetime
    date_derniere_modification_champs: datetime
    date_derniere_modification_annotations: datetime
    date_derniere_correction_en_attente: datetime | None
    date_suppression_par_usager: datetime | None
    compte_supprime: bool
    usager_email: str
    demandeur: Demandeur
    groupe: Groupe
    labels: tuple[Label, ...]
    traitements: tuple[Traitement, ...]
    messages: tuple[Message, ...]
    avis: tuple[Avis, ...]
    champs: tuple[Champ, ...]
    annotations: tuple[Champ, ...]
    attestation: bool = False

    @property
    def tour(self) -> datetime:
        """Start of the current deposit round: the last submission by the applicant (architecture, property 4)."""
        depots = [t.date for t in self.traitements if t.event in {"depose", "depose_correction_usager"}]
        return max(depots, default=self.date_depot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trou:
    """A dossier that the page could not show. `number` is known only when a lighter read found it."""

    cause: str
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierSupprime:
    """A dossier in the bin (`definitif` False) or purged (True); `reason` as DS spells it (contract §3.7)."""

    number: int
    date_suppression: datetime
    reason: str
    definitif: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Repere:
    """Just enough of a dossier to know whether it moved; `state` and `revision_id` only from a light page.

    `labels` are the ids of its labels, `attestation` tells whether the decision's was made; None where they were not
    asked for.
    """

    number: int
    date_derniere_modification: datetime
    state: DossierState | None = None
    revision_id: str | None = None
    labels: tuple[str, ...] | None = None
    attestation: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReperes:
    """A light page: same order and same cursors as `Page`, at most a hundred dossiers."""

    reperes: tuple[Repere, ...]
    end_cursor: str | None
    has_next_page: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a démarche's dossiers, in (updated_at, id) order, with what the same request told besides.

    `end_cursor` is None on an empty page: keep the previous one. `dernier` is the démarche's most recently modified
    dossier, None when it has none: an empty page after a cursor with a `dernier` we never saw is a bad cursor.
    """

    dossiers: tuple[Dossier, ...]
    trous: tuple[Trou, ...]
    end_cursor: str | None
    has_next_page: bool
    dernier: Repere | None
    active_revision_id: str
    supprimes: tuple[DossierSupprime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChampDescriptor:
    """What the form says of a champ or annotation: `typename` ends in `ChampDescriptor`, `options` are DS's own."""

    id: str
    label: str
    typename: str
    required: bool
    options: tuple[str, ...] = ()
    other_option: bool = False
    champs: tuple[ChampDescriptor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of the form; `date_publication` None is the draft."""

    id: str
    date_publication: datetime | None
    champs: tuple[ChampDescriptor, ...]
    annotations: tuple[ChampDescriptor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demarche:
    """A démarche, its form (active revision first in authority), its groups and labels."""

    id: str
    number: int
    title: str
    state: str
    active: Revision
    revisions: tuple[Revision, ...]
    groupes: tuple[Groupe, ...]
    labels: tuple[Label, ...]
