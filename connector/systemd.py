"""What systemd is told: ready, how it goes, still alive, stopping. Nothing at all where systemd is not listening.

The protocol is one datagram of « KEY=value » lines to the socket that $NOTIFY_SOCKET names (sd_notify(3)).
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress

_MICROSECONDES = 1_000_000

_ATTENTE = 1.0
"""Seconds given to a manager whose queue is full: what it is told is not worth holding up the work."""


class Notificateur:
    """Speaks to the service manager that started us; silent without one, and never an error."""

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        adresse = environ.get("NOTIFY_SOCKET", "")
        self._adresse = f"\0{adresse[1:]}" if adresse.startswith("@") else adresse
        self.chien_de_garde = _watchdog(environ, pid)

    def pret(self) -> None:
        """The service is up: whoever waits for it may go on."""
        self._dire("READY=1")

    def etat(self, phrase: str) -> None:
        """One line for « systemctl status »."""
        self._dire("STATUS=" + " ".join(phrase.split()))

    def vivant(self) -> None:
        """Not stuck: without it for as long as `chien_de_garde`, systemd kills and starts again."""
        self._dire("WATCHDOG=1")

    def arret(self) -> None:
        """The service is stopping, as asked."""
        self._dire("STOPPING=1")

    def _dire(self, message: str) -> None:
        if not self._adresse:
            return
        with suppress(OSError, ValueError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ouverte:
            ouverte.settimeout(_ATTENTE)
            ouverte.sendto(message.encode(errors="replace"), self._adresse)


def _watchdog(environ: Mapping[str, str], pid: int) -> float | None:
    """Seconds within which systemd wants to hear from this process; None when it does not."""
    if environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    with suppress(ValueError):
        return int(environ.get("WATCHDOG_USEC", "")) / _MICROSECONDES
    return None
