"""What a configuration comes to: frozen settings, without any secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connector import __version__
from connector.config.bulletin import Bulletin
from connector.config.decisions import Decisions
from connector.config.pieces import Pieces
from connector.config.sections import Alertes, Base, Daemon, Instance, Messages
from connector.core import empreintes
from connector.core.campagne import Campagne
from connector.core.chiffrage import Parametres
from connector.core.conservation import Conservation
from connector.core.correspondance import Correspondance
from connector.core.politique import Politique
from connector.core.projet import Vocabulaire
from connector.core.regles import Regle
from connector.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class DemarcheReglee:
    """One démarche: its number, the name that messages give it, its mapping, and its rules in order.

    `vocabulaire`, `campagne` and `parametres` are the region's words, dates and figures.
    """

    numero: int
    nom: str
    correspondance: Correspondance
    regles: tuple[Regle, ...]
    vocabulaire: Vocabulaire = field(default_factory=Vocabulaire)
    campagne: Campagne | None = None
    parametres: Parametres = field(default_factory=Parametres)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that an operator decides.

    `remarques` are what deserves a second look without being wrong. `ligne` gives the line of a path in `source`.
    """

    instance: Instance
    base: Base
    politique: Politique
    daemon: Daemon
    messages: Messages
    demarches: tuple[DemarcheReglee, ...]
    alertes: Alertes = field(default_factory=Alertes)
    bulletin: Bulletin = field(default_factory=Bulletin)
    decisions: Decisions = field(default_factory=Decisions)
    conservation: Conservation = field(default_factory=Conservation)
    pieces: Pieces = field(default_factory=Pieces)
    remarques: tuple[Problem, ...] = ()
    source: str = "configuration"
    ligne: Callable[[str], int] = field(default=lambda _chemin: 0, compare=False, repr=False)

    def demarche(self, numero: int) -> DemarcheReglee | None:
        """That démarche, None when the configuration has it not, or no more."""
        return next((demarche for demarche in self.demarches if demarche.numero == numero), None)

    @property
    def version_regles(self) -> str:
        """What names the rules in force: the program's version, and eight characters that change with any of them.

        A parameter is one too: a scale, a quota, a word of the vocabulary, a date of the campaign; and so is looking
        into the pieces.
        """
        regles = [(d.regles, d.vocabulaire, d.campagne, d.parametres) for d in self.demarches]
        return f"{__version__}-{empreintes.of(regles, *_relus(self.pieces))[:8]}"

    def empreinte(self, demarche: DemarcheReglee) -> str:
        """Digest of all that makes an opinion, or what follows from it, change; nothing of how DS is reached."""
        return empreintes.of(self.empreinte_hors_regles(demarche), demarche.regles)

    def empreinte_hors_regles(self, demarche: DemarcheReglee) -> str:
        """The same without the rules' options: their keys, kinds, order and the texts they rest on are in it."""
        p = self.politique
        return empreintes.of(
            __version__,
            demarche.correspondance,
            [(regle.cle, regle.type, regle.sources) for regle in demarche.regles],
            (demarche.vocabulaire, demarche.campagne, demarche.parametres),
            (p.mode, p.corrections, p.passage_en_instruction, p.evenements, p.labels),
            (p.mise_en_service, p.instructeur, p.notifier),
            (p.accuse, p.complet, p.reorientation, p.relances),
            self.messages.model_dump(mode="json"),
            self.decisions.model_dump(mode="json"),
            *_relus(self.pieces),
        )


def _relus(pieces: Pieces) -> tuple[bool, ...]:
    """What looking into the pieces adds to a digest: nothing where nobody asked for it."""
    return (True,) if pieces.relire else ()
