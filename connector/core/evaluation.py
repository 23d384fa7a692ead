"""What we said of a dossier, and what the next decision needs to know of the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from connector.core.constat import AvisPropose, Constat
from connector.core.plan import Intention, ValeurAnnotation


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposition:
    """Our opinion on a dossier. `synthese` is one line, `points` what an agent should look at, most urgent first."""

    avis: AvisPropose
    synthese: str
    points: tuple[str, ...]
    constats: tuple[Constat, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One dossier judged once.

    `contenu` and `politique` are the digests it was judged on; `proposees` the digest of our annotations once the plan
    is applied. `a_pousser` is True while the plan is not wholly applied. `avis_depuis` is the day the avis last changed.
    """

    dossier: int
    contenu: str
    politique: str
    proposees: str
    proposition: Proposition
    avis_depuis: date
    evaluee_le: datetime
    a_pousser: bool
    a_revoir_le: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Historique:
    """The past of one dossier: last evaluation, last values we wrote (by annotation id), labels we put, intents."""

    evaluation: Evaluation | None = None
    ecrites: Mapping[str, ValeurAnnotation] = field(default_factory=dict)
    labels_poses: frozenset[str] = frozenset()
    intentions: tuple[Intention, ...] = ()
