"""What a démarche's server remembers: a mutable world with an injected clock, and the plain data in it.

Values typed by people are plain Python, by champ type (contract §4.3):

- text, textarea, email, phone, iban…: `str`; checkbox, yes_no: `bool` (None: unanswered)
- integer_number: `int`; decimal_number: `Decimal`; date: `date`; datetime: aware `datetime`
- drop_down_list: `str`; multiple_drop_down_list: `list[str]`; linked_drop_down_list: `(primary, secondary)`
- address: `Adresse`; communes: `Commune`; regions, departements, pays, epci: `Code`; rna, rnf: `(id, title)`
- siret: `PersonneMorale` (or the SIRET as `str` while the company is degraded); dossier_link: `int`
- piece_justificative: `list[Fichier]`; repetition: `list[dict]` of the row's values, each under its inner champ
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

TERMINES = frozenset({"accepte", "refuse", "sans_suite"})
"""The states in which a dossier is decided."""

NON_SAISIS = frozenset({"header_section", "explication"})
"""Champ types that nobody fills."""

ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def node_id(kind: str, key: object) -> str:
    """Give the API's id of a node: base64 of `Kind-key` (contract §1.5)."""
    return base64.b64encode(f"{kind}-{key}".encode()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A région, département or pays: its name and its official code (a string: "2A", "01")."""

    name: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """A commune: INSEE code, postal code, and its département."""

    name: str
    code: str
    postal_code: str | None
    departement: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adresse:
    """A French or foreign address; `complete=False` is a free text whose parts are unknown."""

    label: str
    type: str = "housenumber"
    street_address: str | None = None
    street_number: str | None = None
    street_name: str | None = None
    postal_code: str = ""
    city_name: str = ""
    city_code: str = ""
    department_name: str | None = None
    department_code: str | None = None
    region_name: str | None = None
    region_code: str | None = None
    country_name: str | None = "France"
    country_code: str | None = "FR"
    longitude: float | None = None
    latitude: float | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Entreprise:
    """The legal unit behind an établissement. `capital_social` is "-1" when unknown, as DS says it."""

    siren: str
    raison_sociale: str
    nom_commercial: str = ""
    forme_juridique: str | None = None
    forme_juridique_code: str | None = None
    siret_siege_social: str = ""
    code_effectif: str | None = None
    date_creation: date | None = None
    etat_administratif: str | None = "Actif"
    enseigne: str | None = None
    inline_adresse: str = ""
    capital_social: str | None = "-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonneMorale:
    """An établissement. `complet=False` is DS's degraded mode: only the SIRET is known (contract §4.2)."""

    siret: str
    numero: int = 0
    siege_social: bool = True
    naf: str | None = None
    libelle_naf: str = ""
    adresse: Adresse | None = None
    entreprise: Entreprise | None = None
    association: tuple[str, str] | None = None
    complet: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonnePhysique:
    """A person who files for himself. `civilite` is "M" or "Mme"."""

    nom: str
    prenom: str
    civilite: str | None = None
    email: str | None = None
    numero: int = 0


Demandeur = PersonneMorale | PersonnePhysique


@dataclass(slots=True, kw_only=True)
class Fichier:
    """A file: its bytes, or a synthetic size and checksum for one nobody will download.

    `virus` is pending, safe, infected or integrity_error; it moves without any date moving (contract §4.4).
    """

    filename: str
    content_type: str = "application/pdf"
    contenu: bytes | None = None
    taille: int = 0
    checksum: str = ""
    created_at: datetime | None = None
    virus: str = "safe"
    cle: str = ""

    @classmethod
    def de(cls, filename: str, contenu: bytes, content_type: str = "application/pdf", **more: Any) -> Fichier:
        """Give a file that holds these bytes, with their size and MD5 (base64, as DS writes it)."""
        checksum = base64.b64encode(hashlib.md5(contenu, usedforsecurity=False).digest()).decode()
        return cls(
            filename=filename,
            content_type=content_type,
            contenu=contenu,
            taille=len(contenu),
            checksum=checksum,
            **more,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Show a champ only when another champ (by stable id) `egal`, `different`, `rempli` or `dans` the value."""

    champ: int
    operateur: str = "egal"
    valeur: Any = None

    def tient(self, lues: Callable[[int], Any]) -> bool:
        """Say whether the condition holds, given a reader of values by stable id."""
        actuelle = lues(self.champ)
        match self.operateur:
            case "egal":
                return bool(actuelle == self.valeur)
            case "different":
                return bool(actuelle != self.valeur)
            case "dans":
                return actuelle in self.valeur
            case "rempli":
                return actuelle not in (None, "", [], ())
            case _:
                raise ValueError(f"opérateur de condition inconnu : {self.operateur}")


ConditionLike = Condition | Callable[[Callable[[int], Any]], bool]


@dataclass(frozen=True, kw_only=True)
class Descripteur:
    """A champ or annotation as its designer made it. `type` is DS's own word (`drop_down_list`, `yes_no`…)."""

    stable_id: int
    type: str
    label: str
    description: str | None = None
    required: bool = False
    options: tuple[str, ...] = ()
    other_option: bool = False
    level: int = 1
    condition: ConditionLike | None = None
    enfants: tuple[Descripteur, ...] = ()
    modele: Fichier | None = None

    @cached_property
    def id(self) -> str:
        """The node id: constant across the revisions of a démarche (contract §3.8)."""
        return node_id("Champ", self.stable_id)

    def visible(self, lues: Callable[[int], Any]) -> bool:
        """Say whether the champ is shown, given a reader of values by stable id."""
        if self.condition is None:
            return True
        if isinstance(self.condition, Condition):
            return self.condition.tient(lues)
        return self.condition(lues)


@dataclass(kw_only=True)
class Revision:
    """One version of a démarche's form. `published_at` is None for the draft."""

    number: int
    created_at: datetime
    published_at: datetime | None
    champs: tuple[Descripteur, ...]
    annotations: tuple[Descripteur, ...] = ()

    @cached_property
    def id(self) -> str:
        """The node id of the revision."""
        return node_id("ProcedureRevision", self.number)

    @cached_property
    def par_id(self) -> dict[int, Descripteur]:
        """Every descriptor by stable id, inner ones of repetitions included."""
        return {d.stable_id: d for d in _deplies((*self.champs, *self.annotations))}

    @cached_property
    def prives(self) -> frozenset[int]:
        """The stable ids of annotations, inner ones included."""
        return frozenset(d.stable_id for d in _deplies(self.annotations))

    @cached_property
    def parents(self) -> dict[int, Descripteur]:
        """The repetition of each inner champ, by the inner champ's stable id."""
        return {e.stable_id: d for d in (*self.champs, *self.annotations) for e in d.enfants}

    def nomme(self, label: str, *, prive: bool | None = None) -> Descripteur:
        """Give the descriptor with this label (inner ones included); KeyError when there is none."""
        for d in _deplies((*self.champs, *self.annotations)):
            if d.label == label and (prive is None or prive == (d.stable_id in self.prives)):
                return d
        raise KeyError(label)


def _deplies(descripteurs: Iterable[Descripteur]) -> Iterator[Descripteur]:
    for d in descripteurs:
        yield d
        yield from d.enfants


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructeur:
    """An agent's profile: its database number and e-mail."""

    number: int
    email: str

    @property
    def id(self) -> str:
        """The node id, which mutations take as `instructeurId`."""
        return node_id("Instructeur", self.number)


@dataclass(slots=True, kw_only=True)
class Groupe:
    """A group of instructeurs; only its members may act on its dossiers."""

    number: int
    label: str
    instructeurs: list[Instructeur] = field(default_factory=list)
    closed: bool = False

    @property
    def id(self) -> str:
        """The node id."""
        return node_id("GroupeInstructeur", self.number)


@dataclass(slots=True, kw_only=True)
class Label:
    """A label of a démarche's catalogue."""

    number: int
    name: str
    color: str = "green_bourgeon"

    @property
    def id(self) -> str:
        """The node id."""
        return node_id("Label", self.number)


@dataclass(slots=True, kw_only=True)
class Jeton:
    """An API token. `demarches` None means all; `reseaux` are CIDR, empty means no filtering."""

    valeur: str
    ecriture: bool = True
    expire_le: date | None = None
    reseaux: tuple[str, ...] = ()
    demarches: frozenset[int] | None = None
    administrateur: str = "administration@exemple.fr"

    def couvre(self, demarche: int) -> bool:
        """Say whether the démarche is in the token's scope."""
        return self.demarches is None or demarche in self.demarches


@dataclass(slots=True, kw_only=True)
class Correction:
    """A correction request; `resolved_at` None while it is pending."""

    reason: str
    created_at: datetime
    resolved_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Message:
    """A message of the dossier's box. `discarded_at` keeps an emptied one in place."""

    number: int
    email: str
    body: str
    created_at: datetime
    discarded_at: datetime | None = None
    pieces: list[Fichier] = field(default_factory=list)
    correction: Correction | None = None
    instructeur: int | None = None

    @property
    def id(self) -> str:
        """The node id."""
        return node_id("Commentaire", self.number)


@dataclass(slots=True, kw_only=True)
class Traitement:
    """One line of the dossier's history; the best evidence that a state change was applied."""

    number: int
    event: str
    date: datetime
    email: str | None = None
    motivation: str | None = None
    revision: int | None = None
    state: str = ""

    @property
    def id(self) -> str:
        """The node id."""
        return node_id("Traitement", self.number)


@dataclass(slots=True, kw_only=True)
class AvisMonde:
    """An expert's opinion. `updated_at` is shown as its answer date, even unanswered (contract §4.5)."""

    number: int
    question: str
    claimant: Instructeur | None
    expert: Instructeur | None
    created_at: datetime
    updated_at: datetime
    reponse: str | None = None
    question_label: str | None = None
    question_answer: bool | None = None
    pieces: list[Fichier] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Usager:
    """The account that files dossiers; `supprime` keeps its e-mail and loses its id."""

    number: int
    email: str
    connexion: str = "password"
    supprime: bool = False


@dataclass(slots=True, kw_only=True)
class Valeur:
    """A typed value, when it was written, and by whom (None: the usager)."""

    valeur: Any
    updated_at: datetime
    updated_by: str | None = None


Cle = tuple[int, str]
"""The key of a value: (stable id, ULID of the row, or "" at the root)."""

Contenu = tuple[dict[Cle, Valeur], dict[int, list[str]]]
"""A dossier's values, and the rows of each repetition in order."""


@dataclass(slots=True, kw_only=True)
class DossierMonde:
    """One dossier. Its values may be generated from its number at each reading, until the first write."""

    number: int
    demarche: int
    revision: int
    state: str
    usager: Usager
    demandeur: Demandeur
    groupe: int
    created_at: datetime
    depose_at: datetime | None
    updated_at: datetime
    en_construction_at: datetime | None = None
    en_instruction_at: datetime | None = None
    processed_at: datetime | None = None
    champs_at: datetime | None = None
    annotations_at: datetime | None = None
    archived: bool = False
    prefilled: bool = False
    motivation: str | None = None
    justificatif: Fichier | None = None
    attestation: Fichier | None = None
    mandataire: tuple[str, str] | None = None
    suivi_par: list[Instructeur] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    traitements: list[Traitement] = field(default_factory=list)
    avis: list[AvisMonde] = field(default_factory=list)
    cache_par_usager_at: datetime | None = None
    cache_par_administration_at: datetime | None = None
    cache_par_expiration_at: datetime | None = None
    motif_suppression: str | None = None
    invalides: set[int] = field(default_factory=set)
    tampon: Contenu | None = None
    contenu: Contenu | None = None
    genere: Callable[[int], Contenu] | None = None

    @property
    def id(self) -> str:
        """The node id."""
        return node_id("Dossier", self.number)

    def lit(self) -> Contenu:
        """Give the submitted values and rows, generated anew when nobody wrote to this dossier."""
        if self.contenu is not None:
            return self.contenu
        return self.genere(self.number) if self.genere else ({}, {})

    def ecrit(self) -> Contenu:
        """Give the submitted values and rows to change, kept from now on."""
        if self.contenu is None:
            self.contenu = self.lit()
        return self.contenu

    @property
    def termine(self) -> bool:
        """Whether the dossier is decided."""
        return self.state in TERMINES

    @property
    def correction_en_attente(self) -> Correction | None:
        """The correction request that waits for the usager, if any."""
        return next((m.correction for m in self.messages if m.correction and not m.correction.resolved_at), None)

    @property
    def visible(self) -> bool:
        """Whether it is listed and can be read by number (contract §3.6)."""
        if self.state == "brouillon" or self.cache_par_administration_at or self.cache_par_expiration_at:
            return False
        return not (self.state == "en_construction" and self.cache_par_usager_at)

    @property
    def en_corbeille(self) -> bool:
        """Whether it is in the bin that `pendingDeletedDossiers` lists (contract §3.7)."""
        if self.state == "brouillon" or self.cache_par_expiration_at:
            return False
        return bool(self.cache_par_administration_at or (self.state == "en_construction" and self.cache_par_usager_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A row of the log of purged dossiers; `number` is the dossier's, `row` the log's own."""

    row: int
    number: int
    state: str
    reason: str
    deleted_at: datetime
    groupe: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The administration that answers for the démarche."""

    nom: str
    organisme: str
    siret: str | None = None
    type_organisme: str = "administration_centrale"


@dataclass(slots=True, kw_only=True)
class DemarcheMonde:
    """A démarche: its revisions (the last one is the draft), groups, labels, and the log of purged dossiers.

    `courriels` are the system messages by event, with `{numero}`, `{titre}`, `{date}` and
    `{motivation}`; `correction_bloquante` is the
    option that refuses a passage en instruction while a correction is pending.
    """

    number: int
    title: str
    description: str = ""
    state: str = "publiee"
    date_creation: datetime
    date_publication: datetime | None
    updated_at: datetime
    date_depublication: datetime | None = None
    date_fermeture: datetime | None = None
    declarative: str | None = None
    service: Service | None = None
    revisions: list[Revision] = field(default_factory=list)
    active: int = 0
    groupes: list[Groupe] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    supprimes: list[Suppression] = field(default_factory=list)
    opendata: bool = True
    correction_bloquante: bool = False
    attestation: bool = False
    duree_conservation: int = 12
    expediteur: str = "contact@demarches.exemple.fr"
    courriels: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The node id."""
        return node_id("Procedure", self.number)

    def revision(self, number: int) -> Revision:
        """Give a revision by its number; KeyError when there is none."""
        for r in self.revisions:
            if r.number == number:
                return r
        raise KeyError(number)

    @property
    def revision_active(self) -> Revision:
        """The revision that new dossiers are filed under."""
        return self.revision(self.active)

    def groupe(self, number: int) -> Groupe:
        """Give a group by its number; KeyError when there is none."""
        for g in self.groupes:
            if g.number == number:
                return g
        raise KeyError(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacites:
    """What this instance can do: the defaults are those of January 2026, the others newer or older instances.

    - `lot_annotations`: the batch mutation `dossierModifierAnnotations` exists
    - `types_absents`, `champs_absents` ("Type.field"): parts of the schema that are missing
    - `label_date`: adding or removing a label moves `dateDerniereModification`
    - `erreurs_correction`: a second correction, or one on a decided dossier, is refused with an error
    - `antivirus_immediat`: files are found safe at once
    """

    lot_annotations: bool = True
    types_absents: frozenset[str] = frozenset()
    champs_absents: frozenset[str] = frozenset()
    label_date: bool = False
    erreurs_correction: bool = False
    antivirus_immediat: bool = True


@dataclass(frozen=True, slots=True)
class Tache:
    """Something the server does later, on its own (a rebase)."""

    echeance: datetime
    agir: Callable[[], None]


class World:
    """Everything the server remembers, behind one lock; the clock is given, never read.

    `scenario` holds what people do in it. `lock` is re-entrant; take it around a composite change.
    """

    def __init__(self, now: Callable[[], datetime], *, capacites: Capacites | None = None) -> None:
        self.now = now
        self.capacites = capacites or Capacites()
        self.lock = threading.RLock()
        self.demarches: dict[int, DemarcheMonde] = {}
        self.dossiers: dict[int, DossierMonde] = {}
        self.par_demarche: dict[int, dict[int, DossierMonde]] = {}
        self.jetons: dict[str, Jeton] = {}
        self.instructeurs: dict[int, Instructeur] = {}
        self.blobs: dict[str, Fichier] = {}
        self.taches: list[Tache] = []
        self._compteurs: dict[str, int] = {}

    def add_demarche(self, demarche: DemarcheMonde) -> DemarcheMonde:
        """Take in a démarche, its instructeurs with it; give it back."""
        with self.lock:
            self.demarches[demarche.number] = demarche
            self.par_demarche.setdefault(demarche.number, {})
            self.instructeurs |= {i.number: i for g in demarche.groupes for i in g.instructeurs}
        return demarche

    def add_dossier(self, dossier: DossierMonde) -> DossierMonde:
        """Take in a dossier as it is (no date moves, nothing is announced); give it back."""
        with self.lock:
            self.dossiers[dossier.number] = dossier
            self.par_demarche[dossier.demarche][dossier.number] = dossier
        return dossier

    def remove_dossier(self, dossier: DossierMonde) -> None:
        """Forget a dossier, as a purge does."""
        with self.lock:
            del self.dossiers[dossier.number]
            del self.par_demarche[dossier.demarche][dossier.number]

    def add_jeton(self, jeton: Jeton) -> Jeton:
        """Take in a token; give it back."""
        self.jetons[jeton.valeur] = jeton
        return jeton

    def add_instructeur(self, instructeur: Instructeur) -> Instructeur:
        """Take in an agent of no group; give it back."""
        self.instructeurs[instructeur.number] = instructeur
        return instructeur

    def demarche_de(self, dossier: DossierMonde) -> DemarcheMonde:
        """Give the démarche of a dossier."""
        return self.demarches[dossier.demarche]

    def revision_de(self, dossier: DossierMonde) -> Revision:
        """Give the revision that a dossier is shown under."""
        return self.demarches[dossier.demarche].revision(dossier.revision)

    def groupe_de(self, dossier: DossierMonde) -> Groupe:
        """Give the group that a dossier is routed to."""
        return self.demarches[dossier.demarche].groupe(dossier.groupe)

    def next_number(self, kind: str, start: int = 1) -> int:
        """Give the next database number of a kind of row ("dossier", "message", "traitement"…)."""
        with self.lock:
            self._compteurs[kind] = max(self._compteurs.get(kind, 0) + 1, start)
            return self._compteurs[kind]

    def at_least(self, kind: str, number: int) -> None:
        """Make sure the next number of a kind is greater than this one."""
        with self.lock:
            self._compteurs[kind] = max(self._compteurs.get(kind, 0), number)

    def ulid(self) -> str:
        """Give a new row's ULID: sorted by creation, so rows keep their order."""
        milliseconds = int(self.now().timestamp() * 1000)
        return _base32(milliseconds, 10) + _base32(self.next_number("ulid"), 16)

    def touch(self, dossier: DossierMonde) -> None:
        """Move `dateDerniereModification` to now."""
        dossier.updated_at = self.now()

    def later(self, delay: timedelta, agir: Callable[[], None]) -> None:
        """Do this once the delay has passed, before the next request is answered."""
        with self.lock:
            self.taches.append(Tache(self.now() + delay, agir))

    def soon(self, agir: Callable[[], None]) -> None:
        """Do this as soon as the next request comes: what the real server does within seconds."""
        self.later(timedelta(0), agir)

    def settle(self, *, force: bool = False) -> None:
        """Do what is due by now (everything, when forced)."""
        with self.lock:
            now = self.now()
            due = [t for t in self.taches if force or t.echeance <= now]
            self.taches = [t for t in self.taches if t not in due]
        for tache in due:
            tache.agir()

    def store_blob(self, fichier: Fichier) -> Fichier:
        """Make a file downloadable: give it a key and a date if it has none; give it back."""
        with self.lock:
            if not fichier.cle:
                fichier.cle = f"b{self.next_number('blob'):08d}"
            fichier.created_at = fichier.created_at or self.now()
            self.blobs[fichier.cle] = fichier
        return fichier


def _base32(value: int, width: int) -> str:
    digits = []
    for _ in range(width):
        value, rest = divmod(value, 32)
        digits.append(ULID_ALPHABET[rest])
    return "".join(reversed(digits))


def contenu_de(saisies: Mapping[int, Any], revision: Revision, at: datetime, ulid: Callable[[], str]) -> Contenu:
    """Give the stored values for plain ones typed by people, by stable id; rows of repetitions get ULIDs."""
    valeurs: dict[Cle, Valeur] = {}
    rangs: dict[int, list[str]] = {}
    for stable_id, valeur in saisies.items():
        if revision.par_id[stable_id].type != "repetition":
            valeurs[stable_id, ""] = Valeur(valeur=valeur, updated_at=at)
            continue
        rangs[stable_id] = []
        for ligne in valeur:
            rang = ulid()
            rangs[stable_id].append(rang)
            valeurs |= {(inner, rang): Valeur(valeur=v, updated_at=at) for inner, v in ligne.items()}
    return valeurs, rangs
