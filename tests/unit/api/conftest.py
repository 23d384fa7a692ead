"""A gateway whose wire is scripted, and a clock that waits without waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses

from connector.api.gateway import DemarchesSimplifiees, ouvrir
from connector.api.transport import Delais
from tests.unit.api.fil import JETON, URL, Fil, Horloge


@pytest.fixture
def horloge() -> Horloge:
    return Horloge()


@pytest.fixture
def fil() -> Iterator[Fil]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        wire = Fil(mock)
        mock.add_callback(responses.POST, URL, callback=wire)
        yield wire
        assert not wire.answers, "answers were left unread"


@pytest.fixture
def ouverte(horloge: Horloge) -> Iterator[Callable[..., DemarchesSimplifiees]]:
    """A function that opens a gateway on the scripted wire."""
    opened: list[DemarchesSimplifiees] = []

    def ouvre(url: str = URL, jeton: Any = JETON, **options: Any) -> DemarchesSimplifiees:
        options = {
            "delais": Delais(),
            "stop": horloge,
            "monotonic": horloge.monotonic,
            "maintenant": lambda: 1_795_297_100.0,
            "jitter": lambda: 0.0,
        } | options
        opened.append(ouvrir(url, jeton, **options))
        return opened[-1]

    yield ouvre
    for gateway in opened:
        gateway.close()


@pytest.fixture
def ds(ouverte: Callable[..., DemarchesSimplifiees], fil: Fil) -> DemarchesSimplifiees:
    return ouverte()
