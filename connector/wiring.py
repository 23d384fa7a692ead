"""The composition root: puts the real clock, environment, files, database and server behind the cycle's ports.

The only module that reads the clock, the environment or the file system's roots. What costs to import is imported
when it is used, so that `connector --help` answers at once.
"""

from __future__ import annotations

import ctypes
import gc
import getpass
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from connector.alertes import Canaux
from connector.core import empreintes
from connector.core.contenu import Empechement, Examen
from connector.core.courrier import Brouillon
from connector.core.model import Dossier, Piece
from connector.core.textes import suggestion
from connector.errors import ConfigError, OperatorError, TemplateError
from connector.ports import Bord, Consigne, Loupe, Passage
from connector.situation import Geometrie, Monde, Territoire
from connector.store.journal import NOUS, Ligne
from connector.systemd import Notificateur
from connector.temoin import Acte, Temoin

if TYPE_CHECKING:
    from connector.api.echange import Demande
    from connector.api.gateway import DemarchesSimplifiees
    from connector.config import DemarcheReglee, Instance, Settings
    from connector.courriel import Serveur
    from connector.pieces.relecteur import Relecteur
    from connector.ports import Gateway
    from connector.render import Modeles
    from connector.store import Base

FRANCE = ZoneInfo("Europe/Paris")

Examiner = Callable[[int, Piece, str], Examen | Empechement | None]
"""What fetches the piece of a dossier by its link, and looks into it."""

ALLOCATIONS = 50_000
"""How many more objects before cycles are looked for: what is read and stored are trees, freed as soon as let go."""

GRAND = 2**20
"""Bytes from which what is let go is given back to the system at once."""

_M_MMAP_THRESHOLD = -3
"""What sets it, in glibc's malloc.h."""

REGULIERES = 0.58
"""Share of a minute's requests that leave at an even pace; the rest may leave at once, for small jobs."""


def now() -> datetime:
    """The instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day it is in France, wherever the machine stands."""
    return datetime.now(FRANCE).date()


def environ() -> Mapping[str, str]:
    """The process's environment, as it is now."""
    return os.environ


def monotone() -> float:
    """Seconds on a clock that nobody sets, from an origin of its own."""
    return time.monotonic()


def midnight(day: date) -> datetime:
    """The instant that day begins in France."""
    return datetime(day.year, day.month, day.day, tzinfo=FRANCE)


def folder(name: str) -> Path:
    """A folder or file shipped with the package (`_templates` in the wheel), else its twin at the project's root."""
    shipped = Path(str(resources.files("connector"))) / f"_{name}"
    return shipped if shipped.exists() else Path(__file__).parent.parent / name


def geometrie_installee() -> tuple[bool, bool]:
    """Whether distances can be calculated, and addresses placed in a neighbourhood (the `geo` extra)."""
    return find_spec("geographiclib") is not None, find_spec("shapely") is not None


def geometrie() -> Geometrie:
    """What the installed libraries can answer; without them distances and memberships are unknown."""
    from connector import geo  # noqa: PLC0415 - not needed to show --help

    distances, contours = geometrie_installee()
    return Geometrie(
        distance=geo.distance_km if distances else None, quartiers=geo.QuartiersIndex if contours else None
    )


class Arret:
    """The wish to stop, set by SIGTERM or SIGINT: waits end at once, work ends after the current dossier."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.signal: int | None = None

    def install(self) -> None:
        """Listen to SIGTERM and SIGINT; a second SIGINT kills at once, as anybody at a keyboard expects."""
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, self._ask)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and self.event.is_set():
            signal.default_int_handler(number, None)
        self.signal = number
        self.event.set()

    def wait(self, seconds: float) -> bool:
        """Sleep that long, or until asked to stop; True once asked."""
        return self.event.wait(seconds) if seconds > 0 else self.event.is_set()

    @property
    def exit_code(self) -> int | None:
        """128 + the signal's number, None when nobody asked."""
        return None if self.signal is None else 128 + self.signal


@dataclass(slots=True, kw_only=True)
class Atelier:
    """Everything a command needs, made from one configuration; the server is reached at the first need."""

    settings: Settings
    base: Base
    arret: Arret
    modeles: Modeles
    progres: Callable[[str, int, int], None] = field(default=lambda _stage, _done, _total: None)
    _gateway: Gateway | None = None
    sortie: ExitStack = field(default_factory=ExitStack)

    @property
    def gateway(self) -> Gateway:
        """Démarches simplifiées, reached with the token that the configuration names."""
        if self._gateway is None:
            derriere = self.sortie.enter_context(serveur(self.settings.instance, self.arret))
            derriere.quand_laissee(self._laissee)
            self._gateway = Temoin(derriere=derriere, noter=self._noter, sceller=self._scelle)
        return self._gateway

    def noter(self, quoi: str, portee: str = "", *, reponse: str = "fait", dossier: int | None = None) -> None:
        """Put down in the journal what an operator did, to that dossier when it is one."""
        qui = getpass.getuser()
        self.base.journal.note(Ligne(at=now(), qui=qui, quoi=quoi, portee=portee, reponse=reponse, dossier=dossier))

    def _noter(self, acte: Acte) -> None:
        self.base.journal.note(
            Ligne(
                at=now(),
                qui=NOUS,
                quoi=acte.quoi,
                portee=acte.portee,
                reponse=acte.reponse,
                demarche=acte.demarche,
                dossier=acte.dossier,
            )
        )

    def _laissee(self, demande: Demande) -> None:
        """Put down a page that was asked for ahead, and then dropped: DS was asked for it all the same."""
        self._noter(Acte(quoi="lecture d’une page", reponse="laissée de côté", demarche=demande.demarche))

    def _scelle(self, text: str) -> str:
        """The digest of a text under this database's own key, as short as the journal shows it."""
        return self.base.inscriptions.sceller(text)[:16]

    def avec(self, settings: Settings) -> Atelier:
        """The same workshop under another configuration: the same database, and that configuration's templates."""
        return Atelier(settings=settings, base=self.base, arret=self.arret, modeles=modeles(settings))

    def passage(self, demarche: DemarcheReglee) -> Passage:
        """One cycle on that démarche, ready to run; OperatorError when pieces are to be looked into and cannot be."""
        relues = self.settings.pieces.relire
        return self._passage(demarche, self.gateway, self._relire() if relues else None)

    def hors_ligne(self, demarche: DemarcheReglee) -> Passage:
        """The same over what is stored alone: no token is needed, and DS is never reached."""
        return self._passage(demarche, cast("Gateway", HorsLigne()), None)

    def _passage(self, demarche: DemarcheReglee, gateway: Gateway, examiner: Examiner | None) -> Passage:
        relues = self.settings.pieces.relire
        monde = self.monde(demarche)
        bord = Bord(
            gateway=gateway,
            dossiers=self.base.dossiers,
            ledger=self.base.ledger,
            rediger=lambda brouillon, dossier: self.rediger(demarche, brouillon, dossier),
            now=now,
            aujourd_hui=today,
            attendre=self.arret.wait,
            progres=self.progres,
            situer=monde.situer,
            monde=monde,
            decisions=self.base.decisions,
            loupe=Loupe(
                relectures=self.base.relectures,
                examiner=examiner or (lambda *_: None),  # away from the network, nothing is fetched
                octets_max=self.settings.pieces.octets_max,
                par_passage=self.settings.pieces.par_passage,
            )
            if relues
            else None,
        )
        return Passage(bord=bord, consigne=self.consigne(demarche))

    def _relire(self) -> Examiner:
        """What fetches a piece and looks into it, each time told to the journal; its folder is ready."""
        from connector.pieces import relecteur  # noqa: PLC0415 - an extra

        relecteur.exiger()
        sien = relecteur_de_pieces(self.settings, self.arret)
        sien.preparer()

        def examiner(number: int, piece: Piece, lien: str) -> Examen | Empechement | None:
            trouve = sien.examiner(lien, piece)
            reponse = trouve.value if isinstance(trouve, Empechement) else "fait"
            self._noter(Acte(quoi="relecture d’une pièce", reponse=reponse, dossier=number))
            return trouve

        return examiner

    def consigne(self, demarche: DemarcheReglee) -> Consigne:
        """What the configuration asks for that démarche."""
        ailleurs = (self.base.referentiels.empreinte(today()), geometrie_installee())
        return Consigne(
            demarche=demarche.numero,
            correspondance=demarche.correspondance,
            regles=demarche.regles,
            version=self.settings.version_regles,
            politique=self.settings.politique,
            empreinte=empreintes.of(self.settings.empreinte(demarche), *ailleurs),
            autres=empreintes.of(self.settings.empreinte_hors_regles(demarche), *ailleurs),
            vocabulaire=demarche.vocabulaire,
            campagne=demarche.campagne,
            parametres=demarche.parametres,
            decisions=self.settings.decisions.cadre(self.settings.messages),
        )

    def monde(self, demarche: DemarcheReglee) -> Monde:
        """The world around that démarche's dossiers."""
        return Monde(
            territoire=Territoire(referentiels=self.base.referentiels, geometrie=geometrie()),
            inscriptions=self.base.inscriptions,
            postes=self.base.postes,
            vocabulaire=demarche.vocabulaire,
            parametres=demarche.parametres,
            now=now,
            aujourd_hui=today,
            retenus=lambda: self.base.decisions.retenus(self.settings.decisions.source),
            en_attente=lambda: self.base.decisions.en_attente(self.settings.decisions.source),
        )

    def rediger(self, demarche: DemarcheReglee, brouillon: Brouillon, dossier: Dossier) -> str:
        """The very text of a message, its reference at the end; a motivation has none."""
        from connector import render  # noqa: PLC0415 - heavy

        messages = self.settings.messages
        contenu = render.Contenu(
            dossier=render.DossierVu(
                numero=dossier.number, demarche=demarche.nom, depose_le=dossier.date_depot.astimezone(FRANCE).date()
            ),
            points=tuple(
                render.Point(
                    regle=c.regle, phrase=c.phrase, source=c.source.texte, nouveau=c.regle in brouillon.nouveaux
                )
                for c in brouillon.constats
            ),
            echeance=brouillon.echeance or today() + timedelta(days=messages.delai_jours),
            contact=messages.contact,
            signature=messages.signature,
            faits=brouillon.faits,
        )
        text = self.modeles.render(brouillon.template, contenu)
        return render.body(text, brouillon.reference) if brouillon.reference else text


def relecteur_de_pieces(settings: Settings, arret: Arret) -> Relecteur:
    """What looks into pieces, within the bounds of the configuration; nothing is made yet."""
    from connector.pieces import relecteur  # noqa: PLC0415 - an extra

    reglage, instance = settings.pieces, urlsplit(settings.instance.url)
    chemin = settings.base.chemin
    return relecteur.Relecteur(
        dossier=chemin.with_name(f"{chemin.name}.pieces"),
        hotes=frozenset(reglage.hotes),
        origine=f"{instance.scheme}://{instance.netloc}".lower(),
        octets_max=reglage.octets_max,
        delai=float(reglage.delai_s),
        ca=settings.instance.ca,
        environ=os.environ,
        arrete=lambda: arret.wait(0),
    )


def serveur(instance: Instance, arret: Arret) -> DemarchesSimplifiees:
    """Démarches simplifiées at that address, with the token kept where the configuration says."""
    from connector.api.gateway import ouvrir  # noqa: PLC0415 - heavy
    from connector.api.transport import Delais  # noqa: PLC0415 - heavy

    return ouvrir(
        instance.url,
        instance.jeton.lire(os.environ),
        ca=instance.ca,
        delais=Delais(
            connexion=instance.delais.connexion_s,
            lecture=instance.delais.reponse_s,
            par_minute=max(1, round(instance.delais.requetes_par_minute * REGULIERES)),
            rafale=max(1, round(instance.delais.requetes_par_minute * (1 - REGULIERES))),
        ),
        stop=arret.event,
    )


@contextmanager
def atelier(settings: Settings, arret: Arret | None = None, *, exclusif: bool = True) -> Iterator[Atelier]:
    """Open the database and check the templates; `exclusif` keeps every other process off until the end.

    What does not fit the form is then told with its line in the configuration.
    """
    from connector import store  # noqa: PLC0415 - heavy

    gc.set_threshold(ALLOCATIONS)
    rendre_ce_qui_est_grand()
    essayes = modeles(settings)
    chemin = settings.base.chemin
    try:
        with store.verrou(chemin) if exclusif else _nothing(), store.ouvrir(chemin) as base, ExitStack() as sortie:
            ouvert = Atelier(settings=settings, base=base, arret=arret or Arret(), modeles=essayes, sortie=sortie)
            for number in base.refaits:
                ouvert.noter("oubli refait", dossier=number)
            yield ouvert
    except ConfigError as error:
        raise error.located(settings.ligne) from error.__cause__


def rendre_ce_qui_est_grand() -> None:
    """Have what is large given back to the system as soon as it is let go; another C library than glibc is left alone.

    By itself glibc keeps what is as large as what it has already seen go, and a page is megabytes: 6 MB less in all.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, GRAND)


def modeles(settings: Settings) -> Modeles:
    """The templates, the operator's first, once they are known to render; tried again when a file of theirs changed."""
    folders = tuple(f for f in (settings.messages.modeles, folder("templates")) if f is not None)
    _known_only(settings.messages.modeles)
    etats = tuple(_etat(fichier) for f in folders for fichier in sorted(f.rglob("*")))
    return _essayes(folders, jetons_en_usage(settings), etats)


def jetons_en_usage(settings: Settings) -> tuple[str, ...]:
    """The tokens that can be read now, which nothing that is sent or kept may hold."""
    from connector.config import jetons  # noqa: PLC0415 - heavy

    return jetons.en_usage(settings.instance.jeton, os.environ)


@lru_cache(maxsize=4)  # a service opens its workshop at each pass: compiling them again would be most of a quiet one
def _essayes(folders: tuple[Path, ...], connus: tuple[str, ...], _etats: tuple[tuple[Path, int, int], ...]) -> Modeles:
    from connector.render import Modeles  # noqa: PLC0415 - heavy

    modeles = Modeles(*folders, connus=connus)
    modeles.check()
    return modeles


def _etat(fichier: Path) -> tuple[Path, int, int]:
    """That file, when it was last written and its size; zeros once it is gone."""
    try:
        vu = fichier.stat()
    except OSError:
        return fichier, 0, 0
    return fichier, vu.st_mtime_ns, vu.st_size


def _known_only(propres: Path | None) -> None:
    """Refuse a template of the operator's that no message uses: its name is mistyped, and ours would be sent."""
    ours = {fichier.name for fichier in folder("templates").glob("*.txt.j2")}
    for fichier in sorted(propres.glob("*.txt.j2")) if propres else ():
        if fichier.name not in ours:
            raise TemplateError(fichier.name, 0, f"aucun message n’utilise ce modèle{suggestion(fichier.name, ours)}")


class HorsLigne:
    """No server at all: whoever reaches for it is told that what is stored must be enough."""

    def __getattr__(self, name: str) -> NoReturn:
        raise OperatorError("cette commande ne s’adresse pas à Démarches simplifiées.")


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def reglages(chemin: Path) -> Settings:
    """The configuration in that file; ConfigError lists everything wrong with it."""
    from connector import config  # noqa: PLC0415 - heavy

    return config.load(chemin, os.environ)


def notificateur() -> Notificateur:
    """The service manager that started this process, if any."""
    return Notificateur(os.environ, os.getpid())


def canaux(settings: Settings) -> Canaux:
    """Those that the configuration wants told, their addresses read now; OperatorError when they cannot be used."""
    adresses = settings.alertes.adresses
    return Canaux(adresses.lire(os.environ) if adresses else ())


def serveur_de_courriel(settings: Settings) -> Serveur:
    """The mail server of the bulletin, its password read now; ConfigError when it is not where it should be."""
    from connector.courriel import PORTS, Serveur  # noqa: PLC0415 - a pass sends no e-mail

    bulletin = settings.bulletin
    return Serveur(
        hote=bulletin.serveur or "",
        chiffrement=bulletin.chiffrement,
        port=bulletin.port or PORTS[bulletin.chiffrement],
        identifiant=bulletin.identifiant or "",
        mot_de_passe=bulletin.mot_de_passe.texte(os.environ) if bulletin.mot_de_passe else "",
    )


def demarches_of(settings: Settings, numero: int | None) -> tuple[DemarcheReglee, ...]:
    """The démarche with that number, or all of them."""
    return settings.demarches if numero is None else (demarche_of(settings, numero),)


def demarche_of(settings: Settings, numero: int | None) -> DemarcheReglee:
    """The démarche with that number, or the only one there is."""
    found = [d for d in settings.demarches if numero in (None, d.numero)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(str(d.numero) for d in settings.demarches)
    raise OperatorError(f"précisez une démarche parmi : {known} (option --demarche).")
