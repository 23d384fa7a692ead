"""A clock, a small world, a sandbox that serves it, and a client."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from petit_monde import Appelant, Horloge, depose
from petit_monde import monde as petit_monde

from connector.sandbox.server import Sandbox


@pytest.fixture
def horloge():
    return Horloge()


@pytest.fixture
def monde(horloge):
    return petit_monde(horloge)


@pytest.fixture
def dossier(monde):
    return depose(monde)


@pytest.fixture
def bac(monde):
    with Sandbox(monde) as sandbox:
        yield sandbox


@pytest.fixture
def appel(bac):
    return Appelant(bac)
