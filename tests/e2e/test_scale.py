"""Ten thousand dossiers: few requests, flat memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from connector import demo, wiring
from connector.sandbox import monde
from connector.sandbox.server import Sandbox

SCRIPT = """
import resource, sys
from connector.cli import execute
code = execute(sys.argv[1:])
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
sys.exit(code)
"""


def sync(count, folder):
    """Sync that many dossiers in a process of its own: requests made, peak memory in MB."""
    world = monde.monde_de_masse(count, wiring.now)
    with Sandbox(world) as bac:
        chemin = demo.preparer(folder, bac, world)
        text = chemin.read_text(encoding="utf-8").replace('mode = "agir"', 'mode = "observer"')
        chemin.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, "sync", "--config", str(chemin)],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert f"{count} dossiers lus" in done.stdout
        return bac.compteurs.lectures, int(done.stdout.split("peak")[1]) / 1024


@pytest.mark.timeout(900)
def test_ten_thousand_dossiers_sync_in_101_requests_with_flat_memory(tmp_path, capsys):
    _, small = sync(1_000, tmp_path / "small")
    requests, large = sync(10_000, tmp_path / "large")
    with capsys.disabled():
        print(  # noqa: T201 - the figure is the point
            f"\n10 000 dossiers: {requests} requests, peak {large:.0f} MB (1 000 dossiers: {small:.0f} MB)"
        )
    assert requests <= 101
    assert large <= small * 1.25
