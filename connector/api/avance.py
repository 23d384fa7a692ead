"""A request sent before it is asked for, on a thread of its own: the server works while its last answer is stored."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from connector.api.echange import Perdue, Recue
from connector.errors import ConnectorError

FRAICHEUR = 60.0
"""Seconds after which an answer that nobody asked for is too old to stand for a new one."""

PATIENCE = 1.0
"""Seconds that closing waits for an answer still under way: whoever stops does not wait for the server."""


class Avance:
    """One request under way, and its answer once there; an error is raised where the answer is asked for.

    `laissee` is called when it left and nobody used its answer: what DS was asked for is told all the same.
    """

    def __init__(
        self,
        document: str,
        variables: dict[str, Any],
        envoyer: Callable[[], Recue | Perdue],
        monotonic: Callable[[], float],
        laissee: Callable[[], None],
    ) -> None:
        self._document, self._variables, self._laissee = document, variables, laissee
        self._envoyer, self._monotonic = envoyer, monotonic
        self._la = 0.0
        self._reponse: Future[Recue | Perdue] = Future()
        self._fil = threading.Thread(target=self._courir, name="page suivante", daemon=True)
        self._fil.start()

    def reponse(self, document: str, variables: dict[str, Any]) -> Recue | Perdue | None:
        """Its answer, when that very request is asked for soon enough, else None; nothing is under way any more."""
        self._fil.join()
        asked = document == self._document and variables == self._variables
        if not asked or self._monotonic() - self._la > FRAICHEUR:
            self._laisser()
            return None
        return self._reponse.result()

    def oublier(self) -> None:
        """Nobody will ask: its thread ends with the answer, or with the process."""
        self._fil.join(PATIENCE)
        self._laisser()

    def _laisser(self) -> None:
        jamais_partie = self._reponse.done() and isinstance(self._reponse.exception(), ConnectorError)
        if not jamais_partie:  # an error of ours comes before the request; what happens to one that left is an answer
            self._laissee()

    def _courir(self) -> None:
        try:
            self._reponse.set_result(self._envoyer())
        except BaseException as error:  # noqa: BLE001 - raised again where it is asked for
            self._reponse.set_exception(error)
        self._la = self._monotonic()
