"""The daemon: the same cycle again and again on APScheduler, until SIGTERM, which lets the current dossier end.

Each pass opens its own workshop in the worker's thread (a SQLite connection belongs to its thread), so that the token
and the configuration's secrets are read again each time. A pass that fails is said once, and the next one resumes; what
lasts is told to the operator (`veille`). The main thread watches: it answers systemd, and sees the clock jump.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from connector import bulletins, donnees, passages, store, wiring
from connector.config import Settings
from connector.core.incidents import SERVICE, Constatation, Nature, apres_passage
from connector.core.montants import nombre, pluriel
from connector.core.rapport import Rapport
from connector.errors import ConnectorError
from connector.passages import PassageFait
from connector.veille import Veilleur
from connector.wiring import Atelier

log = logging.getLogger(__name__)

NUIT = time(3, 30)
"""When every number is compared with DS, in France: after DS's own purge, at two (contract §3.7)."""

DECALAGE_NUIT = 600
"""Seconds by which the night job is shifted at random, so that all the connectors of France do not come at once."""

JITTER = 0.05
"""Share of the period by which passes are shifted at random, so that two daemons do not always meet."""

TIC = 5.0
"""Seconds between two looks of the main thread at the clock and at the work."""

SAUT = timedelta(seconds=60)
"""How far the clock may drift from itself between two looks before it is said to have jumped."""

DOUTE = timedelta(days=1)
"""How long a clock that jumped is not trusted with erasing anything."""

IMMOBILE = timedelta(minutes=30)
"""How long a pass may do nothing at all, or be late, before the service is held stuck: longer than any retry lasts."""


def tourner(chemin: Path, dire: Callable[[str], None], *, une_fois: bool = False) -> int:
    """Run until asked to stop; 0 on a SIGTERM, 130 on a SIGINT. No other process may write meanwhile.

    `dire` hears a French line at the start, when something happened, and at the end. `une_fois`: one pass, as a timer
    wants it, with its exit code.
    """
    settings = wiring.reglages(chemin)
    arret = wiring.Arret()
    arret.install()
    with store.verrou(settings.base.chemin):
        with wiring.atelier(settings, arret, exclusif=False) as atelier:
            # A template or a database that cannot be used stops the daemon at once, not at the first pass.
            for dit in filter(None, (donnees.refaits(atelier.base), donnees.liste_perdue(atelier.base))):
                dire(dit)
        wiring.canaux(settings)  # nor does an alert's address wait for its first alert
        service = Service(settings, arret, dire)
        return service.passe() if une_fois else service.tourne()


class Service:
    """One configuration's passes, and what is remembered between two of them: what was said, how the work goes."""

    def __init__(self, settings: Settings, arret: wiring.Arret, dire: Callable[[str], None]) -> None:
        self._settings, self._arret, self._dire = settings, arret, dire
        self._systemd = wiring.notificateur()
        self._veilleur = Veilleur(settings, dire)
        self._codes: dict[int, int] = {}
        self._pouls: float | None = None
        self._saute: float | None = None
        _hush()

    def tourne(self) -> int:
        """Pass after pass, until asked to stop."""
        scheduler = self._scheduler()
        scheduler.start()
        log.info("daemon.started", extra={"demarches": len(self._settings.demarches)})
        minutes = f"{nombre(self._settings.daemon.periode_minutes)} minutes".removeprefix("1 ")
        self._dire(
            f"Service démarré : {pluriel(len(self._settings.demarches), 'démarche')}, un passage toutes les "
            f"{minutes}, en mode « {self._settings.politique.mode} »."
        )
        self._systemd.pret()
        self._watch(scheduler)
        self._systemd.arret()
        scheduler.shutdown(wait=True)
        log.info("daemon.stopped")
        self._dire("Service arrêté.")
        return 0 if self._arret.signal == signal.SIGTERM else self._arret.exit_code or 0

    # the work ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def nuit(self) -> None:
        """What is done once a night: every number compared with DS."""
        self.passe(complet=True)

    def passe(self, *, complet: bool = False) -> int:
        """One pass over every démarche, and what it calls for; the worst exit code."""
        self._pouls = wiring.monotone()
        self._systemd.etat("Passage en cours.")
        try:
            with wiring.atelier(self._settings, self._arret, exclusif=False) as atelier:
                atelier.progres = self._beat
                issues = tuple(self._demarche(atelier, d.numero, complet=complet) for d in self._settings.demarches)
                trouve = (OUVERTE, *(constatation for _, trouvees in issues for constatation in trouvees))
                self._entretien(atelier)
                self._veilleur.apres(trouve, atelier.base)
                code = max((code for code, _ in issues), default=0)
        except ConnectorError as error:  # the database, the templates: no démarche could be looked at
            self._tell_failure(SERVICE, error)
            self._veilleur.apres((apres_passage(SERVICE, error),), None)
            code = error.exit_code
        finally:
            self._pouls = None
        self._systemd.etat(f"Dernier passage à {wiring.now().astimezone(wiring.FRANCE):%H:%M} (code {code}).")
        return self._arret.exit_code or code

    def _demarche(self, atelier: Atelier, numero: int, *, complet: bool) -> tuple[int, tuple[Constatation, ...]]:
        """One démarche's cycle: its exit code, and what it tells. What stops it does not keep the others waiting."""
        try:
            faits = passages.passer(atelier, numero, complet=complet)
            return next((self._done(atelier, fait) for fait in faits), (0, ()))  # none: asked to stop before
        except ConnectorError as error:
            return self._failed(atelier, numero, error)
        except Exception as error:  # a defect of ours: said once, alerted, and the next pass tries again
            log.exception("pass.broken", extra={"demarche": numero})
            defaut = ConnectorError(
                f"erreur inattendue ({type(error).__name__}).",
                hint="C’est un défaut du connecteur : signalez-le avec le journal du service.",
            )
            return self._failed(atelier, numero, defaut)

    def _done(self, atelier: Atelier, fait: PassageFait) -> tuple[int, tuple[Constatation, ...]]:
        """A pass that went to its end, and the morning's e-mail to the instructors if it is time."""
        nouveau = self._codes.get(fait.demarche) != 0 or _did_something(fait.rapport)
        doubles = len(atelier.base.suivi.doubles(fait.demarche)) if nouveau else None
        self._tell(fait, nouveau=nouveau)
        trouve = apres_passage(fait.demarche, echecs=len(fait.rapport.echecs), doubles=doubles)
        demarche = wiring.demarche_of(self._settings, fait.demarche)
        bulletin = bulletins.distribuer(atelier, demarche, now=wiring.now(), dire=self._dire)
        return fait.exit_code, (trouve, bulletin)

    def _entretien(self, atelier: Atelier) -> None:
        """Once a day, the night past: erase what has had its time. A day missed is made up for at the next pass.

        Not for a day after the clock jumped: it may be wrong, and what is erased is gone.
        """
        if self._saute is not None and wiring.monotone() - self._saute < DOUTE.total_seconds():
            return
        now = wiring.now()
        local, base = now.astimezone(wiring.FRANCE), atelier.base
        if local.time() < NUIT or base.reglages.get(PURGE) == str(local.date()) or self._arret.wait(0):
            return
        reglages = self._settings
        copies = reglages.base.dossier_des_copies
        fait = donnees.purger(base, reglages.conservation, copies, now=now, aujourd_hui=local.date())
        base.reglages.put(PURGE, str(local.date()), now=now)
        if fait.dossiers or fait.postes or fait.lignes:
            atelier.noter("purge", fait.text())
            self._dire(fait.text())

    def _failed(self, atelier: Atelier, numero: int, error: ConnectorError) -> tuple[int, tuple[Constatation, ...]]:
        """A pass that was asked to stop failed of nothing."""
        if atelier.arret.wait(0):
            return error.exit_code, ()
        self._tell_failure(numero, error)
        return error.exit_code, (apres_passage(numero, error),)

    # what is said ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self, fait: PassageFait, *, nouveau: bool) -> None:
        """Say what a pass did: the first one, the one after a failure, and those that did something."""
        log.info("pass.done", extra={"demarche": fait.demarche, **fait.rapport.counts})
        if nouveau:
            for line in fait.lines():
                self._dire(line)
        self._codes |= {fait.demarche: 0, SERVICE: 0}

    def _tell_failure(self, numero: int, error: ConnectorError) -> None:
        """Say what stopped a pass, the first time: an outage of days is one line."""
        deja = self._codes.get(numero) == error.exit_code
        level = logging.INFO if deja else logging.ERROR
        log.log(level, "pass.failed", extra={"demarche": numero, "exit_code": error.exit_code, "cause": str(error)})
        if not deja:
            ou = "" if numero == SERVICE or len(self._settings.demarches) == 1 else f" (démarche {numero})"
            self._dire(f"Passage arrêté{ou} : {error} {error.hint}".rstrip())
        self._codes[numero] = error.exit_code

    # the watch ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _beat(self, _stage: str, _done: int, _total: int) -> None:
        """The work goes on."""
        self._pouls = wiring.monotone()

    def _scheduler(self) -> BackgroundScheduler:
        """One worker, no overlap, a late pass made once: the first now, then every period with a little jitter."""
        period = timedelta(minutes=float(self._settings.daemon.periode_minutes))
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=wiring.FRANCE,
        )
        jitter = max(1, int(period.total_seconds() * JITTER))
        scheduler.add_job(
            self.passe,
            "interval",
            seconds=period.total_seconds(),
            jitter=jitter,
            next_run_time=wiring.now(),
            id=PASSAGE,
        )
        self._each_night(scheduler)
        return scheduler

    def _each_night(self, scheduler: BackgroundScheduler) -> None:
        """The next night, from the clock as it is."""
        scheduler.add_job(
            self.nuit,
            "cron",
            hour=NUIT.hour,
            minute=NUIT.minute,
            jitter=DECALAGE_NUIT,
            id="nuit",
            replace_existing=True,
        )

    def _watch(self, scheduler: BackgroundScheduler) -> None:
        """Answer systemd while the work goes on; when the clock jumps, pass at once and count the nights anew.

        A schedule is made of dates: set back, the clock would leave the service idle until it catches up.
        """
        chien = self._systemd.chien_de_garde
        tic = TIC if chien is None else min(TIC, chien / 3)
        attendu = wiring.now() - timedelta(seconds=wiring.monotone())
        while not self._arret.event.wait(tic):
            reel = wiring.now() - timedelta(seconds=wiring.monotone())
            if abs(reel - attendu) > SAUT:
                self._saute = wiring.monotone()
                log.warning("clock.jumped", extra={"seconds": round((reel - attendu).total_seconds())})
                scheduler.modify_job(PASSAGE, next_run_time=wiring.now())
                self._each_night(scheduler)
            attendu = reel
            if self._alive(scheduler.get_job(PASSAGE).next_run_time):
                self._systemd.vivant()

    def _alive(self, prochain: datetime) -> bool:
        """Whether a pass makes progress, or the next one is not overdue."""
        pouls = self._pouls
        if pouls is not None:
            return wiring.monotone() - pouls < IMMOBILE.total_seconds()
        return wiring.now() - prochain < IMMOBILE


PASSAGE = "passage"

PURGE = "entretien.purge"
"""Where the day of the last purge is kept among the store's small texts."""

OUVERTE = Constatation(absentes=frozenset({Nature.BASE, Nature.REGLAGE, Nature.DEFAUT}))
"""What a database that opens, under templates that render, tells of the service as a whole."""

SANS_SUITE = frozenset({"lus", "examines", "compares", "plafond_leve", "retenus", "conflits", "pieces_en_attente"})
"""Counts that a quiet pass may hold: read again, held back again, still waiting, and nothing done."""


def _did_something(rapport: Rapport) -> bool:
    return any(count for name, count in rapport.counts.items() if name not in SANS_SUITE)


BAVARDS = ("connector.api.transport", "apscheduler.scheduler")
"""Loggers that repeat themselves for days: each retried request, each pass that took long."""


def _hush() -> None:
    """Keep out of the journal of a service what it would repeat, unless somebody asks for it."""
    for name in BAVARDS:
        if not log.isEnabledFor(logging.INFO):
            logging.getLogger(name).setLevel(logging.ERROR)
