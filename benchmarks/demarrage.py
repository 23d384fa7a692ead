"""How long « connector --help » takes beyond the interpreter itself: the best of several starts, in seconds.

.venv/bin/python benchmarks/demarrage.py
"""

from __future__ import annotations

import subprocess
import sys
import time

ESSAIS = 15
PROMIS = 0.3


def meilleur(*arguments: str) -> float:
    """Seconds from the start to the end of that command."""
    durees = []
    for _ in range(ESSAIS):
        debut = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        durees.append(time.perf_counter() - debut)
    return min(durees)  # the others tell of what else the machine was doing


def main() -> int:
    """Print both and what is between them; 1 when it is more than promised."""
    nu, aide = meilleur("-c", "pass"), meilleur("-m", "connector", "--help")
    print(f"interpréteur {nu:.3f} s ; connector --help {aide:.3f} s ; en plus {aide - nu:.3f} s (promis : {PROMIS} s)")
    return int(aide - nu > PROMIS)


if __name__ == "__main__":
    sys.exit(main())
