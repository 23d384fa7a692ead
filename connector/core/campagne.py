"""One call for applications: when it opens and closes, when it is judged and when the answers go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Campagne:
    """The dates of a campaign, each None while the ARS has not said; `ouverture` and `cloture` are both included.

    Dates are days at the ARS, not instants.
    """

    ouverture: date | None = None
    cloture: date | None = None
    commission: date | None = None
    notification_le: date | None = None
