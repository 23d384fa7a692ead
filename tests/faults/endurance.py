"""The program as a daemon runs it, one process for hours, told by its standard input when to pass and how late it is.

Each line in is `{"decalage": seconds}`, how far the shared clock is ahead of the machine's; each line out is what the
cycle counted, how it ended, and what the process weighs.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from connector import cycle, wiring
from connector.errors import ConnectorError


class Presse(threading.Event):
    """Waits a moment instead of a minute: the clock is moved by hand."""

    def wait(self, timeout=None):
        """Wait a little."""
        return super().wait(min(timeout or 0, 0.02))


def poids() -> dict[str, int]:
    """Resident memory (kB), open file descriptors and threads of this process, now."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    rss, threads = int(status["VmRSS"].split()[0]), int(status["Threads"])
    return {"memoire": rss, "descripteurs": len(list(Path("/proc/self/fd").iterdir())), "fils": threads}


def passe(atelier, decalage: timedelta) -> dict:
    """One cycle at that hour."""
    (demarche,) = atelier.settings.demarches
    passage = atelier.passage(demarche)
    bord = dataclasses.replace(
        passage.bord,
        now=lambda: wiring.now() + decalage,
        aujourd_hui=lambda: (wiring.now() + decalage).astimezone(wiring.FRANCE).date(),
    )
    passage = dataclasses.replace(passage, bord=bord)
    try:
        rapport = cycle.run(passage)
    except ConnectorError as error:
        return {**passage.rapport.counts, "code": error.exit_code, "erreur": str(error)}
    return {**rapport.counts, "code": rapport.exit_code}


def main() -> None:
    """Obey until the input ends."""
    arret = wiring.Arret()
    arret.event = Presse()
    with wiring.atelier(wiring.reglages(Path(sys.argv[1])), arret) as atelier:
        for line in iter(sys.stdin.readline, ""):
            start = time.process_time()
            found = passe(atelier, timedelta(seconds=json.loads(line)["decalage"]))
            cpu = {"cpu": time.process_time() - start}
            sys.stdout.write(json.dumps({**found, **poids(), **cpu}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
