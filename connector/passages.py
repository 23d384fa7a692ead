"""What the commands do, over the workshop that `wiring` opens: cycles, previews, explanations, status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector import cycle, presentation
from connector.core.evaluation import Evaluation
from connector.core.model import Dossier
from connector.core.rapport import Rapport
from connector.cycle import Jugement
from connector.errors import OperatorError
from connector.wiring import FRANCE, Atelier, demarche_of

if TYPE_CHECKING:
    from connector.config import DemarcheReglee, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilan:
    """How one démarche's cycle went."""

    demarche: int
    rapport: Rapport


def passer(atelier: Atelier, numero: int | None = None) -> tuple[Bilan, ...]:
    """One cycle on each démarche of the configuration, or on the one named."""
    settings = atelier.settings
    demarches = settings.demarches if numero is None else (demarche_of(settings, numero),)
    bilans = []
    for demarche in demarches:
        if atelier.arret.wait(0):
            break
        bilans.append(Bilan(demarche=demarche.numero, rapport=cycle.run(atelier.passage(demarche))))
    return tuple(bilans)


def prevoir(atelier: Atelier, numero: int | None = None) -> Iterator[tuple[Dossier, Jugement]]:
    """What a cycle would do to each dossier of the démarche; nothing is sent."""
    for demarche in atelier.settings.demarches:
        if numero in {None, demarche.numero}:
            yield from cycle.preview(atelier.passage(demarche))
