"""Thousands of dossiers: few requests, flat memory; ten thousand in `make soak`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connector import demo, wiring
from connector.core.montants import nombre
from connector.sandbox import monde
from connector.sandbox.server import Sandbox

SEUL = Path(__file__).parents[2] / "benchmarks" / "seul.py"


def sync(count, folder):
    """Sync that many dossiers in a process of its own: requests made, peak memory in MB."""
    world = monde.monde_de_masse(count, wiring.now)
    with Sandbox(world) as bac:
        chemin = demo.preparer(folder, bac, world)
        text = chemin.read_text(encoding="utf-8").replace('mode = "agir"', 'mode = "observer"')
        chemin.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, SEUL, folder / "pic", "connector", "sync", "--config", chemin],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert f"{nombre(count)} dossiers lus" in done.stdout
        return bac.compteurs.lectures, int((folder / "pic").read_text(encoding="ascii")) / 1024


def pages(count):
    """The requests that reading so many dossiers takes: the form, then pages of a hundred."""
    return 1 + -(-count // 100)


@pytest.mark.parametrize(("few", "count"), [(300, 800), pytest.param(2_000, 10_000, marks=pytest.mark.soak)])
@pytest.mark.timeout(900)
def test_thousands_of_dossiers_sync_in_one_request_a_hundred_with_flat_memory(tmp_path, capsys, few, count):
    _, small = sync(few, tmp_path / "small")
    requests, large = sync(count, tmp_path / "large")
    with capsys.disabled():
        print(f"\n{count} dossiers: {requests} requests, peak {large:.0f} MB ({few}: {small:.0f} MB)")  # noqa: T201
    assert requests <= pages(count)
    assert large <= small * 1.15
