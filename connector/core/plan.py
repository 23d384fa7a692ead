"""What we would do to a dossier, as values: actions, and the receipts of those that were done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from connector.core.model import Label


class CleAnnotation(StrEnum):
    """Keys of the API's one-of annotation value; each must be the annotation's exact type (contract §5.5)."""

    TEXT = "text"
    TEXTAREA = "textarea"
    EMAIL = "email"
    CHECKBOX = "checkbox"
    YES_NO = "yesNo"
    DATE = "date"
    DATETIME = "datetime"
    INTEGER_NUMBER = "integerNumber"
    DECIMAL_NUMBER = "decimalNumber"
    DROP_DOWN_LIST = "dropDownList"
    MULTIPLE_DROP_DOWN_LIST = "multipleDropDownList"


ValeurAnnotation = str | bool | int | Decimal | date | datetime | tuple[str, ...]
"""What an annotation can be set to: a drop-down is a str, a multiple one a tuple of str."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ecriture:
    """One annotation to set: `id` is the annotation's own, inside a repetition the row's.

    A date or a number can be replaced, never cleared: DS has no way to (contract §5.5).
    """

    id: str
    label: str
    cle: CleAnnotation
    value: ValeurAnnotation


@dataclass(frozen=True, slots=True, kw_only=True)
class EcrireAnnotations:
    """Set several annotations of one dossier; DS applies each on its own."""

    ecritures: tuple[Ecriture, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyerMessage:
    """Send a message; `correction` (incorrect | incomplete | outdated) makes it a correction request.

    `body` is the very text sent, plain, ending with the reference line. `constats` are the keys it speaks of, `tour`
    the deposit round it belongs to. `reserve` says in French why it should not leave by itself, "" when nothing does.
    """

    template: str
    body: str
    reference: str
    correction: str | None = None
    constats: tuple[str, ...] = ()
    tour: datetime | None = None
    reserve: str = ""


class Transition(StrEnum):
    """State changes of contract §5.1, named as their mutation without `dossier`."""

    PASSER_EN_INSTRUCTION = "passer_en_instruction"
    REPASSER_EN_CONSTRUCTION = "repasser_en_construction"
    ACCEPTER = "accepter"
    REFUSER = "refuser"
    CLASSER_SANS_SUITE = "classer_sans_suite"
    REPASSER_EN_INSTRUCTION = "repasser_en_instruction"


DECISIONS = frozenset({Transition.ACCEPTER, Transition.REFUSER, Transition.CLASSER_SANS_SUITE})
"""The state changes that say yes, no or never mind: only a human decides them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangerEtat:
    """Change the state of a dossier. `motivation` is published text, only for the three decisions.

    `decision` is the digest of the human decision that a decision carries out; ValueError when one has none, so that
    no option and no mistake can make the program decide (domaine, decision 9).
    """

    transition: Transition
    motivation: str = ""
    disable_notification: bool = False
    decision: str = ""

    def __post_init__(self) -> None:
        if (self.transition in DECISIONS) is not bool(self.decision):
            raise ValueError(f"{self.transition}: a decision is a human's, and nothing else is one")


@dataclass(frozen=True, slots=True, kw_only=True)
class AjouterLabel:
    """Put a label of the démarche on the dossier."""

    label: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class SupprimerLabel:
    """Take a label off the dossier."""

    label: Label


Action = EcrireAnnotations | EnvoyerMessage | ChangerEtat | AjouterLabel | SupprimerLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class Recu:
    """What DS answered to an action it applied, wholly or in part.

    `ecrites`: ids of the annotations really written. `refus`: (annotation id, DS's text) of the others.
    `message_id` and `correction_posee` are for messages: DS may send a message and silently ignore its correction
    (contract §5.3); None when DS did not say.
    """

    ecrites: frozenset[str] = frozenset()
    refus: tuple[tuple[str, str], ...] = ()
    message_id: str | None = None
    correction_posee: bool | None = None


class EtatIntention(StrEnum):
    """Life of an intent in the ledger."""

    PLANNED = "planned"
    SENDING = "sending"
    DONE = "done"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    HANDED_TO_HUMAN = "handed_to_human"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intention:
    """One effect on one dossier, as the ledger keeps it: never a value, only digests.

    `kind` is message | annotations | etat | ajout_label | retrait_label. `cible` says what is needed to recognise the
    effect on a re-read: a message's reference and digest (then what it asked, for the next one), a transition, a label
    id, or the digest of each value.
    `fingerprint` is unique.
    """

    demarche: int
    dossier: int
    kind: str
    fingerprint: str
    cible: tuple[str, ...]
    state: EtatIntention = EtatIntention.PLANNED
    sent_at: datetime | None = None
    closed_at: datetime | None = None
    attempts: int = 0
    cause: str = ""
    detail: str = ""
