"""Where the tests' own files live: in memory when it has room, for a commit waits for its disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

MEMOIRE = Path("/dev/shm")
PLACE = 512 * 2**20


def pytest_configure(config: pytest.Config) -> None:
    """Chosen once, before the workers start: they take it from the environment."""
    if MEMOIRE.is_dir() and os.access(MEMOIRE, os.W_OK) and shutil.disk_usage(MEMOIRE).free >= PLACE:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMOIRE))
