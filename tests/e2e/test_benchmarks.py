"""The benchmark works at its smallest size; its figures are read by people, on a quiet machine (`make bench`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RACINE = Path(__file__).parents[2]


def test_the_benchmark_prints_a_row_for_each_program_with_ratios_to_the_floor():
    command = [sys.executable, str(RACINE / "benchmarks" / "run.py"), "--tailles", "120", "--fois", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False, cwd=RACINE)
    assert done.returncode == 0, done.stderr
    rows = [line.split("|") for line in done.stdout.splitlines() if line.startswith("| 120 |")]
    assert [row[2].strip() for row in rows] == [
        "plancher",
        "sans contrôles",
        "avec contrôles",
        "passage calme",
        "tout réexaminer",
    ]
    assert rows[0][4].strip() == "1.00 (1.00–1.00)"
    assert all(float(row[5].split()[0]) > 10 for row in rows)
