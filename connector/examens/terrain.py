"""What the examinations look at, each thing got once, when it is first needed, and remembered with its failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar
from zoneinfo import ZoneInfo

from connector import config, store
from connector.api import capacites as api_capacites
from connector.api import sonde
from connector.api.gateway import DemarchesSimplifiees, ouvrir
from connector.api.transport import Delais
from connector.config import DemarcheReglee, Settings
from connector.core.correspondance import Resolution, resolve
from connector.core.model import Demarche, Revision
from connector.errors import ConnectorError, Problem

if TYPE_CHECKING:
    from connector.store import Base

FRANCE = ZoneInfo("Europe/Paris")

ATTENTE_S = 30.0
"""Seconds an answer is waited for at most: whoever runs `doctor` waits in front of it."""

_T = TypeVar("_T")


class Prealable(Exception):
    """What this examination needs is not there; `quoi` names it, and another examination tells why."""

    def __init__(self, quoi: str) -> None:
        super().__init__(quoi)
        self.quoi = quoi


class Acquis(Generic[_T]):
    """Something got at the first need, once; a failure is remembered as well."""

    def __init__(self, quoi: str, obtenir: Callable[[], _T]) -> None:
        self._quoi, self._obtenir = quoi, obtenir
        self._valeurs: list[_T] = []
        self._erreur: ConnectorError | Prealable | None = None

    def essayer(self) -> _T:
        """The thing, or the very error that kept it away: for the examination that tells it."""
        if self._erreur is not None:
            raise self._erreur
        if not self._valeurs:
            try:
                self._valeurs.append(self._obtenir())
            except (ConnectorError, Prealable) as error:
                self._erreur = error
                raise
        return self._valeurs[0]

    def __call__(self) -> _T:
        """The thing; `Prealable` when it could not be had."""
        try:
            return self.essayer()
        except ConnectorError as error:
            raise Prealable(self._quoi) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Releve:
    """What the instance can do, since when that is known, and whether it changed since the time before."""

    capacites: api_capacites.Capacites
    le: datetime
    change: bool = False


class Terrain:
    """One installation, as its configuration file describes it.

    `now` gives the aware instant, `environ` the environment, `geometrie` whether distances and neighbourhoods can be
    calculated here; `relire`: ask the instance again what it can do, whatever was kept.
    """

    def __init__(
        self,
        chemin: Path,
        *,
        environ: Mapping[str, str],
        now: Callable[[], datetime],
        modeles: Callable[[Settings], object],
        geometrie: tuple[bool, bool] = (True, True),
        relire: bool = False,
    ) -> None:
        self.chemin, self.now, self.geometrie, self.relire = chemin, now, geometrie, relire
        self.environ = environ
        self._sortie = ExitStack()
        self._demarches: dict[int, Acquis[Demarche]] = {}
        self._resolutions: dict[tuple[int, str], Resolution | tuple[Problem, ...]] = {}
        self.settings = Acquis("la configuration", lambda: config.load(chemin, environ))
        self.modeles = Acquis("les modèles", lambda: modeles(self.settings()))
        self.jeton = Acquis("le jeton", lambda: self.settings().instance.jeton.lire(environ))
        self.joint = Acquis("la connexion à DS", self._joindre)
        self.gateway = Acquis("la connexion à DS", self._ouvrir)
        self.capacites = Acquis("ce que sait faire DS", self._relever)
        self.fichier = Acquis("la base", lambda: store.etat_du_fichier(self.settings().base.chemin))
        self.base = Acquis("la base", self._consulter)

    def close(self) -> None:
        """Give back what was opened."""
        self._sortie.close()

    @property
    def aujourd_hui(self) -> date:
        """The day it is in France."""
        return self.now().astimezone(FRANCE).date()

    def demarche(self, numero: int) -> Acquis[Demarche]:
        """That démarche as DS has it now."""
        return self._demarches.setdefault(
            numero, Acquis(f"la démarche n° {numero}", lambda: self.gateway().demarche(numero))
        )

    def repond(self) -> bool:
        """Whether DS showed one démarche at least: without any, what else fails there has one cause, told once."""
        for reglee in self.settings().demarches:
            with suppress(ConnectorError, Prealable):
                self.demarche(reglee.numero).essayer()
                return True
        return False

    def demande(self, question: Callable[[], _T]) -> _T:
        """The answer to one more question; `Prealable` when it fails where everything fails."""
        try:
            return question()
        except ConnectorError as error:
            if self.repond():
                raise
            raise Prealable("l’accès aux démarches") from error

    def resolution(self, reglee: DemarcheReglee, seule: Revision | None = None) -> Resolution | tuple[Problem, ...]:
        """That démarche's mapping on its form, or on one version of it alone; or everything that does not match."""
        cle = (reglee.numero, seule.id if seule else "")
        if cle not in self._resolutions:
            demarche = self.demarche(reglee.numero)()
            vue = replace(demarche, active=seule, revisions=(seule,)) if seule else demarche
            self._resolutions[cle] = resolve(reglee.correspondance, vue)
        return self._resolutions[cle]

    def _joindre(self) -> sonde.Joint:
        instance = self.settings().instance
        delais = (float(instance.delais.connexion_s), min(float(instance.delais.reponse_s), ATTENTE_S))
        return sonde.joindre(instance.url, ca=instance.ca, delais=delais, now=self.now)

    def _ouvrir(self) -> DemarchesSimplifiees:
        """The API, with the token: only once it is known to be one. Each question is asked once, without patience."""
        instance, jeton = self.settings().instance, self.jeton()
        self.joint()
        delais = Delais(
            connexion=instance.delais.connexion_s,
            lecture=min(float(instance.delais.reponse_s), ATTENTE_S),
            essais_lecture=1,
            essais_ecriture=1,
        )
        return self._sortie.enter_context(ouvrir(instance.url, jeton, ca=instance.ca, delais=delais))

    def _consulter(self) -> Base:
        return self._sortie.enter_context(store.consulter(self.settings().base.chemin))

    def _relever(self) -> Releve:
        """What was kept less than a day ago, else what the instance says now, which is then kept."""
        gateway = self.gateway()
        memoire = store.Memoire(self.settings().base.chemin, f"capacites:{self.settings().instance.url}")
        garde = memoire.lire()
        anciennes = api_capacites.gardees(garde.texte) if garde else None
        if garde and anciennes and not self.relire and self.now() - garde.le < api_capacites.VALABLES:
            return Releve(capacites=anciennes, le=garde.le)
        nouvelles = gateway.capacites()
        memoire.garder(nouvelles.texte(), now=self.now())
        change = anciennes is not None and anciennes.empreinte != nouvelles.empreinte
        return Releve(capacites=nouvelles, le=self.now(), change=change)


@contextmanager
def terrain(
    chemin: Path,
    *,
    environ: Mapping[str, str],
    now: Callable[[], datetime],
    modeles: Callable[[Settings], object],
    geometrie: tuple[bool, bool] = (True, True),
    relire: bool = False,
) -> Iterator[Terrain]:
    """A `Terrain`, closed at the end."""
    vu = Terrain(chemin, environ=environ, now=now, modeles=modeles, geometrie=geometrie, relire=relire)
    try:
        yield vu
    finally:
        vu.close()
