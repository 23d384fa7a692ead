"""`connector demo`, as a newcomer runs it."""

from __future__ import annotations

import re
import subprocess
import sys


def test_the_demo_shows_dossiers_annotated_corrected_and_passed_then_two_quiet_passes(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "connector", "demo", "--dossier", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode in {0, 1}, (done.stdout, done.stderr)
    changed = int(re.search(r"(\d+) dossiers changés", done.stdout)[1])
    assert changed >= 10
    assert "correction demandée" in done.stdout
    assert "passé en instruction" in done.stdout
    assert "Bonjour," in done.stdout
    requests = re.findall(r"(\d+)\s+lectures?, (\d+)\s+écritures?", done.stdout)
    assert len(requests) == 3
    assert int(requests[1][0]) <= 2
    assert requests[1][1] == "0"
    assert requests[2] == ("1", "0")
    assert re.search(r"http://127\.0\.0\.1:\d+", done.stdout)
    assert not re.search(r"http://127\.0\.0\.1:\d+/", done.stdout)  # away from a terminal, nobody would answer there
    assert "--rester" in done.stdout
    assert "Traceback" not in done.stderr
