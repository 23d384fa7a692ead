"""The supply chain: what is known against a dependency stops us; a silent service is not taken for a clean one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TROUVE = 'echo "Found 1 known vulnerability" >&2; echo "{}" > dist/audit.json; exit 1'
INJOIGNABLE = 'echo "ERROR: HTTPSConnectionPool: Max retries exceeded with url: /pypi" >&2; exit 1'
MAL_DEMANDE = 'echo "ERROR: requirement has no hashes" >&2; exit 1'


@pytest.fixture
def supply(tmp_path):
    """`make supply` on tools that do what they are told."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for nom in ("pyproject.toml", "requirements.lock"):
        (tmp_path / nom).touch()
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".ready").touch()
    outils = tmp_path / "outils"
    outils.mkdir()

    def lance(audit):
        for nom in ("bandit", "pip-audit", "pip-licenses", "cyclonedx-py"):
            outil = outils / nom
            outil.write_text(f"#!/bin/sh\n{audit if nom == 'pip-audit' else 'exit 0'}\n", encoding="utf-8")
            outil.chmod(0o755)
        env = {"PATH": os.environ["PATH"]}
        commande = ["make", "supply", f"BIN={outils}"]
        return subprocess.run(commande, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60)

    return lance


def test_nothing_known_is_said_to_be_so(supply):
    done = supply('echo "[]" > dist/audit.json')
    assert done.returncode == 0, done.stderr
    assert "rien de connu" in done.stdout


def test_a_known_vulnerability_stops_everything(supply):
    done = supply(TROUVE)
    assert done.returncode != 0
    assert "Found 1 known vulnerability" in done.stderr
    assert "NON VÉRIFIÉES" not in done.stderr


def test_a_service_that_cannot_be_reached_is_said_and_stops_nothing(supply):
    done = supply(INJOIGNABLE)
    assert done.returncode == 0, done.stderr
    assert "NON VÉRIFIÉES" in done.stderr
    assert "rien de connu" not in done.stdout


def test_dependencies_that_were_not_looked_up_are_not_taken_for_clean_ones(supply):
    done = supply(
        'echo \'{"dependencies": [{"skip_reason": "a"}, {"vulns": []}, {"skip_reason": "b"}]}\' > dist/audit.json'
    )
    assert done.returncode == 0, done.stderr
    assert "2 dépendances NON VÉRIFIÉES" in done.stderr
    assert "rien de connu" not in done.stdout


def test_any_other_failure_stops_everything(supply):
    assert supply(MAL_DEMANDE).returncode != 0
