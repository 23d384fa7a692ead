"""The daemon: the same cycle again and again on APScheduler, until SIGTERM, which lets the current dossier end.

Each pass opens its own workshop in the worker's thread (a SQLite connection belongs to its thread), so that the token
and the configuration's secrets are read again each time. A pass that fails is logged and the next one resumes.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from connector import store, wiring
from connector.config import Settings
from connector.core.montants import nombre, pluriel
from connector.errors import ConnectorError
from connector.passages import passer

log = logging.getLogger(__name__)


def tourner(chemin: Path, dire: Callable[[str], None]) -> int:
    """Run until asked to stop; 0 on a SIGTERM, 130 on a SIGINT. No other process may write meanwhile.

    `dire` hears a French line at the start, at each pass and at the end.
    """
    settings = wiring.reglages(chemin)
    arret = wiring.Arret()
    arret.install()
    with store.verrou(settings.base.chemin):
        with wiring.atelier(settings, arret, exclusif=False):
            pass  # a template or a database that cannot be used stops the daemon at once, not at the first pass
        scheduler = _scheduler(settings, arret, dire)
        scheduler.start()
        log.info("daemon.started", extra={"demarches": len(settings.demarches)})
        dire(
            f"Service démarré : {pluriel(len(settings.demarches), 'démarche')}, un passage toutes les "
            f"{nombre(settings.daemon.periode_minutes)} minutes, en mode « {settings.politique.mode} »."
        )
        arret.event.wait()
        scheduler.shutdown(wait=True)
    log.info("daemon.stopped")
    dire("Service arrêté.")
    return 0 if arret.signal == signal.SIGTERM else arret.exit_code or 0


def _scheduler(settings: Settings, arret: wiring.Arret, dire: Callable[[str], None]) -> BackgroundScheduler:
    """One worker, no overlap, a late pass made once: the first now, then every period with a little jitter.

    Once a night, a pass that compares every number with DS.
    """
    period = timedelta(minutes=float(settings.daemon.periode_minutes))
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=wiring.FRANCE,
    )
    scheduler.add_job(
        lambda: _pass(settings, arret, dire),
        "interval",
        seconds=period.total_seconds(),
        jitter=max(1, int(period.total_seconds() * JITTER)),
        next_run_time=wiring.now(),
        id="passage",
    )
    scheduler.add_job(
        lambda: _pass(settings, arret, dire, complet=True),
        "cron",
        hour=NUIT.hour,
        minute=NUIT.minute,
        jitter=DECALAGE_NUIT,
        id="nuit",
    )
    return scheduler


NUIT = time(3, 30)
"""When every number is compared with DS, in France: after DS's own purge, at two (contract §3.7)."""

DECALAGE_NUIT = 600
"""Seconds by which the night job is shifted at random, so that all the connectors of France do not come at once."""


JITTER = 0.05
"""Share of the period by which passes are shifted at random, so that two daemons do not always meet."""


def _pass(settings: Settings, arret: wiring.Arret, dire: Callable[[str], None], *, complet: bool = False) -> None:
    """One pass over every démarche; what ends it is said in one line, and the next pass resumes."""
    try:
        with wiring.atelier(settings, arret, exclusif=False) as atelier:
            bilans = passer(atelier, complet=complet)
    except ConnectorError as error:
        log.error("pass.failed", extra={"exit_code": error.exit_code, "cause": str(error), "hint": error.hint})  # noqa: TRY400 - the sentence says it all; a traceback would say less
        dire(f"Passage arrêté : {error} {error.hint}".rstrip())
        return
    for bilan in bilans:
        for line in bilan.lines():
            dire(line)
        log.info("pass.done", extra={"demarche": bilan.demarche, **bilan.rapport.counts})
