"""What a pass leaves out of memory: each of these libraries costs megabytes, and is loaded where it is needed."""

from __future__ import annotations

import subprocess
import sys

from connector import store

LOURDES = ("apscheduler", "numpy", "openpyxl", "rich", "shapely", "smtplib", "sqlite_utils", "structlog")

PASSAGE = """
import io, sys
from pathlib import Path
from connector import cli, config, logs, passages, presentation, render, store
from connector.api import gateway

logs.configure(0, json=False)
with presentation.progress(io.StringIO()), store.ouvrir(Path(sys.argv[1])):
    print(*(name for name in sys.argv[2:] if name in sys.modules))
"""


def test_a_pass_loads_no_library_that_it_has_no_use_for(tmp_path):
    base = tmp_path / "base.db"
    with store.ouvrir(base):
        pass
    done = subprocess.run(
        [sys.executable, "-c", PASSAGE, str(base), *LOURDES], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
