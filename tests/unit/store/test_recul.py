from __future__ import annotations

from datetime import timedelta

import pytest

from connector.store import ledger, quarantaine
from tests.unit.store.fabrique import NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("recul", "failures", "delay"),
    [
        (quarantaine.RECUL, 1, MINUTE),
        (quarantaine.RECUL, 2, 2 * MINUTE),
        (quarantaine.RECUL, 9, 256 * MINUTE),
        (quarantaine.RECUL, 10, 6 * HOUR),
        (quarantaine.RECUL, 100_000, 6 * HOUR),
        (ledger.RECUL, 1, HOUR),
        (ledger.RECUL, 5, 16 * HOUR),
        (ledger.RECUL, 6, 24 * HOUR),
    ],
)
def test_the_delay_doubles_up_to_its_maximum(recul, failures, delay):
    assert recul.after(failures) == delay


def test_the_wait_is_over_when_the_date_is_reached_not_before():
    recul = ledger.RECUL
    assert not recul.is_over(NOW + HOUR, NOW)
    assert recul.is_over(NOW, NOW)


def test_a_date_that_no_delay_can_reach_was_set_by_a_wrong_clock():
    assert ledger.RECUL.is_over(NOW + timedelta(days=400), NOW)
