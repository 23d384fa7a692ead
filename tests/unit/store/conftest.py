from __future__ import annotations

import pytest

from connector import store


@pytest.fixture
def path(tmp_path):
    return tmp_path / "donnees" / "base.db"


@pytest.fixture
def base(path):
    with store.ouvrir(path, attente=0.05) as opened:
        yield opened
