"""What a cycle needs of the outside, as protocols: `api` and `store` keep them, `wiring` puts the pieces together.

Nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from connector.core.campagne import Campagne
from connector.core.chiffrage import Parametres
from connector.core.contenu import Empechement, Examen
from connector.core.correspondance import Correspondance, Resolution
from connector.core.courrier import Brouillon
from connector.core.decisions import Cadre, Decision, SourceDecisions
from connector.core.ecarts import Garde
from connector.core.evaluation import AConfirmer, Evaluation, Historique, Jeu
from connector.core.examen_piece import Relecture
from connector.core.fiche import Fiche, Retenue
from connector.core.filigrane import Filigrane
from connector.core.model import Demarche, Dossier, DossierSupprime, Page, PageReperes, Piece, Repere, Trou
from connector.core.plan import Action, EtatIntention, Intention, Recu
from connector.core.politique import Politique
from connector.core.projet import Projet, Vocabulaire
from connector.core.rapport import Rapport
from connector.core.regles import Regle
from connector.core.situation import Situation


class Gateway(Protocol):
    """Démarches simplifiées, as far as a cycle needs it. Raises the `RemoteError` family, nothing else."""

    def demarche(self, number: int) -> Demarche:
        """The démarche with its revisions, groups and labels."""
        ...

    def page(
        self,
        number: int,
        *,
        updated_since: datetime,
        after: str | None,
        deleted_since: datetime | None = None,
        retenue: Retenue | None = None,
    ) -> Page:
        """The next page of dossiers modified since that instant; the page size is the gateway's own affair.

        The same request brings the dossiers deleted since `deleted_since`, when given. With `retenue`, dossiers come
        with its champs and annotations only: what nobody keeps is not read.
        """
        ...

    def reperes(self, number: int, *, updated_since: datetime, after: str | None) -> PageReperes:
        """The same page, light: numbers, dates, states, revisions and labels; at most a hundred."""
        ...

    def supprimes(self, number: int, *, depuis: datetime) -> tuple[DossierSupprime, ...]:
        """Every dossier of the bin and every purged one, deleted since that instant."""
        ...

    def dossier(self, number: int) -> Dossier:
        """One dossier as it is now; `DossierNotFound` when DS no longer shows it."""
        ...

    def liens(self, number: int) -> Mapping[str, str]:
        """The link of each file of that dossier, by checksum: valid an hour, never kept, never logged."""
        ...

    def apply(self, dossier: Dossier, instructeur_id: str, action: Action) -> Recu:
        """Do it. `MutationRefused` and `RetryableError`: not applied; `OutcomeUnknown`: only a re-read can tell."""
        ...


class Dossiers(Protocol):
    """The store of dossiers, watermarks and evaluations. Raises the `StoreError` family, nothing else."""

    def watermark(self, demarche: int) -> Filigrane | None:
        """Where the reading of that démarche stands; None before the first one."""
        ...

    def save_page(
        self,
        demarche: int,
        *,
        fiches: tuple[Fiche, ...],
        trous: tuple[Trou, ...],
        supprimes: tuple[DossierSupprime, ...],
        watermark: Filigrane | None,
        now: datetime,
    ) -> int:
        """Store one page whole, in one transaction; the number of dossiers not yet stored with that very date.

        `watermark` None leaves the stored one as it is (a dossier read apart from any page). A stored dossier takes
        its own hole, and its quarantine, away.
        """
        ...

    def keep_apart(self, demarche: int, identite: frozenset[str], *, now: datetime) -> None:
        """Store the champs of those descriptor ids apart from everything else, from now on and for what is stored."""
        ...

    def knows(self, demarche: int, repere: Repere) -> bool:
        """Whether that dossier is stored with that very modification date, or is in quarantine."""
        ...

    def pending(self, demarche: int, *, politique: str, now: datetime) -> Iterator[tuple[Fiche, Historique]]:
        """The dossiers to judge, oldest deposit first, streamed; saving evaluations while iterating is allowed.

        Changed content, changed annotations of ours, another policy, a plan not wholly applied, a date reached;
        neither absent ones nor those in quarantine.
        """
        ...

    def politiques(self) -> Mapping[str, Jeu]:
        """What the policies that dossiers were judged under are made of, by digest."""
        ...

    def save_politique(self, empreinte: str, jeu: Jeu, *, now: datetime) -> None:
        """Remember what that policy is made of."""
        ...

    def confirmables(
        self,
        demarche: int,
        *,
        politique: str,
        anciennes: Collection[str],
        regles: Collection[str],
        retenue: Callable[[], Retenue],
        now: datetime,
    ) -> Iterator[AConfirmer]:
        """The pending dossiers that would not be under one of those earlier policies, streamed like them.

        Each with the champs and annotations of `retenue`, asked anew now and then, and with what those rules found.
        """
        ...

    def confirm(self, demarche: int, numbers: Sequence[int]) -> None:
        """Take those dossiers for judged: what was found in them stands."""
        ...

    def all(self, demarche: int) -> Iterator[tuple[Fiche, Historique]]:
        """Every stored dossier of the démarche that DS still shows, oldest deposit first, streamed."""
        ...

    def dossier(self, number: int) -> tuple[Fiche, Historique] | None:
        """One stored dossier with its past."""
        ...

    def readable(self, demarche: int, number: int, *, now: datetime) -> tuple[Fiche, Historique] | None:
        """One stored dossier with its past, to be judged; one that cannot be read back is set aside, as in `pending`.

        It is then read from DS again, and judged whatever DS says of it.
        """
        ...

    def save_evaluations(self, evaluations: Sequence[Evaluation]) -> None:
        """Store evaluations in one transaction; earlier ones with another proposition or policy become history."""
        ...

    def saved_demarche(self, number: int) -> Demarche | None:
        """The démarche as last read, None before the first time."""
        ...

    def save_demarche(self, demarche: Demarche, *, now: datetime) -> None:
        """Keep the démarche's form, groups and labels, so that a quiet poll need not ask for them."""
        ...

    def gardes(self, demarche: int, numbers: Collection[int]) -> Mapping[int, Garde]:
        """What is remembered of those dossiers, absent ones too, by number; of those that are not stored, nothing."""
        ...

    def presents(self, demarche: int) -> Iterator[int]:
        """The number of each stored dossier that DS still showed when last heard of, streamed."""
        ...

    def set_aside(self, demarche: int) -> frozenset[int]:
        """Numbers of the dossiers in quarantine."""
        ...

    def erased(self, demarche: int) -> frozenset[int]:
        """Numbers of the dossiers erased here that DS may still list, and that are not to be read again."""
        ...

    def mark_absent(self, number: int, *, cause: str, now: datetime) -> None:
        """DS no longer shows this dossier: judge it no more until it comes back in a page."""
        ...

    def quarantine(self, demarche: int, number: int, *, cause: str, now: datetime) -> None:
        """Set a dossier aside, to be tried again after a delay that doubles (1 min … 6 h)."""
        ...

    def due_quarantine(self, demarche: int, *, now: datetime) -> tuple[int, ...]:
        """Numbers of the dossiers set aside whose delay has passed."""
        ...

    def paused(self) -> bool:
        """Whether an operator asked to stop all sending."""
        ...

    def begin(self, demarche: int, *, at: datetime) -> None:
        """Note that a cycle begins; the report that ends it takes the note away."""
        ...

    def save_report(self, demarche: int, *, at: datetime, exit_code: int, counts: Mapping[str, int], text: str) -> None:
        """Keep how the cycle ended, for `status`."""
        ...


class Ledger(Protocol):
    """The journal of effects: committed before the request, closed after the answer."""

    def open(self, intention: Intention, *, now: datetime) -> bool:
        """Commit the intent as `sending`; False when its fingerprint was already done, or waits for an answer."""
        ...

    def close(
        self,
        fingerprint: str,
        state: EtatIntention,
        *,
        now: datetime,
        cause: str = "",
        detail: str = "",
        cible: tuple[str, ...] | None = None,
    ) -> None:
        """Commit how the intent ended; `planned` frees it for another try, `cible` narrows what was really done."""
        ...

    def unsettled(self, demarche: int) -> tuple[Intention, ...]:
        """Intents left `sending` or `unknown`, oldest first."""
        ...

    def find(self, fingerprint: str) -> Intention | None:
        """The intent with that fingerprint, if any."""
        ...


class Decisions(Protocol):
    """What people decided, as recorded here."""

    def en_vigueur(self, number: int, source: SourceDecisions) -> Decision | None:
        """What was last decided of that dossier by that source, None when nothing stands."""
        ...

    def note(self, number: int, source: SourceDecisions, decision: Decision | None, *, now: datetime) -> bool:
        """Record what is decided of that dossier now, None to take it back; False when that is no news."""
        ...


class Monde(Protocol):
    """The others: what a dossier's candidature does not say, and what it changes for them.

    Counters and look-alikes stand still between two `recense` or `rafraichit`, so that a stage of a cycle judges every
    dossier in the same world.
    """

    def recense(self, demarche: int, resolution: Resolution) -> None:
        """Enter every dossier that moved, in the register of posts too, then look at the world anew."""
        ...

    def compte_les_places(self) -> bool:
        """Whether who competes for what changes anything that is said."""
        ...

    def apprecie(self, favorables: Mapping[int, bool]) -> None:
        """Note which of those dossiers we propose to accept, quota aside."""
        ...

    def rafraichit(self) -> None:
        """Look at the world anew: who competes for what has changed."""
        ...

    def situer(self, projet: Projet, dossier: Dossier) -> Situation:
        """Everything that the candidature itself does not say."""
        ...

    def compteurs_dits(self) -> bool:
        """Whether the counters were told to everybody today, at an earlier cycle: a move alone waits for tomorrow."""
        ...

    def retient(self, dossiers: Iterable[int], *, sauf_compteurs: Container[int] = ()) -> None:
        """Remember what the world said of those dossiers, just judged; not the counters of `sauf_compteurs`."""
        ...

    def deplaces(self, demarche: int, *, arrete: Callable[[], bool]) -> Iterator[int]:
        """The judged dossiers of which the world no longer says the same; nobody is looked at while nothing moved.

        Nobody else is looked at once `arrete` says so.
        """
        ...

    def tout_dit(self, demarche: int) -> None:
        """Remember that a whole cycle told everything that `deplaces` found."""
        ...

    def suppose(self, favorables: frozenset[int]) -> None:
        """Take those dossiers for the ones that we propose to accept, quota aside, until the world is looked at."""
        ...


class Relectures(Protocol):
    """What is remembered of the pieces looked into: findings by checksum, never a link, a name or a content."""

    def of(self, number: int) -> Mapping[str, Relecture]:
        """What is known of that dossier's pieces, by checksum."""
        ...

    def save(self, number: int, relectures: Iterable[Relecture]) -> None:
        """Remember just that of the dossier's pieces: whatever else was known of them is forgotten."""
        ...

    def restantes(self, demarche: int) -> Iterable[tuple[Relecture, datetime | None]]:
        """The files of that démarche's open dossiers not looked into yet, and when their dossier is judged again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Loupe:
    """How pieces are looked into: of `octets_max` bytes at most, and at most `par_passage` of them in one cycle.

    `examiner(dossier, piece, link)` fetches one and tells what it holds, or what kept it away; None once asked to stop.
    """

    relectures: Relectures
    examiner: Callable[[int, Piece, str], Examen | Empechement | None]
    octets_max: int
    par_passage: int


def nulle_part(projet: Projet, dossier: Dossier) -> Situation:  # noqa: ARG001
    """Nothing is known around this dossier."""
    return Situation()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bord:
    """Everything that touches: the edge of the cycle.

    `now` gives the aware local time and `aujourd_hui` the date in France; `rediger` writes a draft out, reference
    included; `attendre(seconds)` sleeps and returns True once the process is asked to stop; `progres(stage, done,
    total)` is told how far a stage is, `total` 0 when nobody knows. `situer` tells what the candidature does not say;
    `monde` keeps it true, None without it; `decisions` tells what people decided, None when nobody can; `loupe` looks
    into the pieces, None when that is not asked for.
    """

    gateway: Gateway
    dossiers: Dossiers
    ledger: Ledger
    rediger: Callable[[Brouillon, Dossier], str]
    now: Callable[[], datetime]
    aujourd_hui: Callable[[], date]
    attendre: Callable[[float], bool]
    progres: Callable[[str, int, int], None] = field(default=lambda _stage, _done, _total: None)
    situer: Callable[[Projet, Dossier], Situation] = nulle_part
    monde: Monde | None = None
    decisions: Decisions | None = None
    loupe: Loupe | None = None

    def arrete(self) -> bool:
        """Whether the process was asked to stop."""
        return self.attendre(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consigne:
    """What the operator asked for one démarche. `empreinte` is the digest of all that makes an opinion change.

    `autres` is that digest without the rules' own options, "" when nobody worked it out.
    `vocabulaire`, `campagne` and `parametres` are the region's words, dates and figures; `decisions` is how those of
    people are carried out.
    """

    demarche: int
    correspondance: Correspondance
    regles: tuple[Regle, ...]
    version: str
    politique: Politique
    empreinte: str
    autres: str = ""
    vocabulaire: Vocabulaire = field(default_factory=Vocabulaire)
    campagne: Campagne | None = None
    parametres: Parametres = field(default_factory=Parametres)
    decisions: Cadre = field(default_factory=Cadre)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One cycle under way: the edge, the instructions, and the report that fills as it goes.

    `complet`: compare every number with DS, whatever the hour. `permis` raises the brake's ceilings to that many, for
    this cycle alone; None leaves them.
    """

    bord: Bord
    consigne: Consigne
    complet: bool = False
    permis: int | None = None
    rapport: Rapport = field(default_factory=Rapport)

    @property
    def controle(self) -> bool:
        """Whether anything is asked of the dossiers but to be kept: a rule, an amount, a decision, a look into pieces.

        Places alone are no reason: nobody would be known to deserve one.
        """
        c, p = self.consigne, self.consigne.parametres
        return bool(c.regles or p.pet or p.cout or self.bord.loupe or c.decisions.source is not SourceDecisions.AUCUNE)
