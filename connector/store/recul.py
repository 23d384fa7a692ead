"""Back-off: how long to wait after the n-th failure, and whether the wait is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Recul:
    """A delay that doubles from `premier` at each failure, up to `maximal`."""

    premier: timedelta
    maximal: timedelta

    def after(self, failures: int) -> timedelta:
        """How long to wait after that many failures (1 or more)."""
        return min(self.premier * (1 << min(failures - 1, 20)), self.maximal)

    def is_over(self, retry_at: datetime, now: datetime) -> bool:
        """True once that date is reached, or when no delay goes so far: the clock was wrong when it was set."""
        return not now < retry_at <= now + self.maximal
