"""Runs a program in this process and writes down its own peak memory: `python benchmarks/seul.py OUT MODULE|FILE ARGS`.

The system's own figure for a child counts what its parent held when it was born; `VmHWM` starts at nothing.
"""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Run it as if it had been started alone."""
    out, target, *sys.argv[1:] = sys.argv[1:]
    sys.argv[0] = target
    try:
        if target.endswith(".py"):
            runpy.run_path(target, run_name="__main__")
        else:
            runpy.run_module(target, run_name="__main__", alter_sys=True)
    finally:
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
        assert peak is not None
        Path(out).write_text(peak[1], encoding="ascii")


if __name__ == "__main__":
    main()
