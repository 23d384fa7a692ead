"""What the operator allows: the mode, the opt-ins, the brakes. Data only; `config` reads it, `decide` obeys it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Mode(StrEnum):
    """Three degrees of confidence (domaine, decision 10)."""

    OBSERVER = "observer"
    ANNOTER = "annoter"
    AGIR = "agir"


@dataclass(frozen=True, slots=True, kw_only=True)
class Politique:
    """What may be written to DS, and how much of it.

    `mise_en_service`: dossiers filed before that day are annotated, never written to. `instructeur`: e-mail of the
    agent in whose name we write; the id is found in each dossier's own group. Ceilings are counts: per cycle, and per
    dossier over 24 hours. `delai_reponse_perdue`: how long a write left without an answer may still land.
    """

    mode: Mode = Mode.OBSERVER
    corrections: bool = False
    passage_en_instruction: bool = False
    labels: bool = True
    mise_en_service: date | None = None
    instructeur: str = ""
    notifier: bool = True
    messages_par_cycle: int = 20
    transitions_par_cycle: int = 20
    par_dossier_par_jour: int = 3
    delai_reponse_perdue: timedelta = timedelta(seconds=30)
