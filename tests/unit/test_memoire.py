"""What a pass leaves out of memory: each of these libraries costs megabytes, and is loaded where it is needed."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

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

GRAND = """
import ctypes
from connector import wiring

class Mallinfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")]

mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = Mallinfo
wiring.rendre_ce_qui_est_grand()
page = bytearray(4 * wiring.GRAND)
del page
page = bytearray(3 * wiring.GRAND)
print(mallinfo().hblkhd >= 3 * wiring.GRAND)
"""


def run(program, *arguments):
    """What that program prints."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_a_pass_loads_no_library_that_it_has_no_use_for(tmp_path):
    base = tmp_path / "base.db"
    with store.ouvrir(base):
        pass
    assert run(PASSAGE, str(base), *LOURDES) == []


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library has its own ways")
def test_what_is_large_lies_where_the_system_takes_it_back():
    assert run(GRAND) == ["True"]
