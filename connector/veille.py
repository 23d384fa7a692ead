"""What the operator is told of what goes wrong: incidents followed from pass to pass, kept over restarts, told once.

An alert leaves after the pass it speaks of, and is marked as told only once an address took it; otherwise it is tried
again at the next pass. What cannot be kept in the database (it may be what fails) is kept in the process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from connector import wiring
from connector.config import Settings
from connector.core import incidents
from connector.core.incidents import SERVICE, TITRES, Avertissement, Constatation, Incident
from connector.core.supervision import Etat, Mesure, Verdict, juger
from connector.core.typographie import composer
from connector.errors import ConnectorError, StoreError
from connector.store import Base, codec
from connector.wiring import Atelier

CLE = "veille.incidents"
"""Where the incidents are kept among the store's small texts."""


class Veilleur:
    """Follows the incidents of one configuration's démarches; `dire` hears what happens to the alerts themselves."""

    def __init__(
        self, settings: Settings, dire: Callable[[str], None], *, maintenant: Callable[[], datetime] = wiring.now
    ) -> None:
        self._settings, self._dire, self._maintenant = settings, dire, maintenant
        self._connus: dict[tuple[str, int], Incident] = {}
        self._charge = False
        self._muet = ""

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Those that last, or whose end is not told yet."""
        return tuple(self._connus.values())

    def apres(self, constatations: Sequence[Constatation], base: Base | None) -> None:
        """Follow what a pass found, tell what must be, remember. `base` None: it cannot be used for now."""
        if base is not None:
            self._charger(base)
        now = self._maintenant()
        avant = self.incidents
        jeton = incidents.du_jeton(self._settings.instance.jeton_expire_le, now.astimezone(wiring.FRANCE).date())
        self._retenir(incidents.suivre(avant, [*constatations, jeton], now=now, patience=self._patience))
        for avertissement in incidents.a_dire(self.incidents, now=now, patience=self._patience):
            if self._envoyer(avertissement):
                self._retenir(incidents.dits(self.incidents, avertissement, now=now))
        if base is not None and self.incidents != avant:
            base.reglages.put(CLE, codec.dumps(self.incidents, tuple[Incident, ...]), now=now)

    @property
    def _patience(self) -> timedelta:
        return timedelta(minutes=float(self._settings.alertes.patience_minutes))

    def _retenir(self, suivis: Sequence[Incident]) -> None:
        self._connus = {(i.nature.value, i.demarche): i for i in suivis}

    def _charger(self, base: Base) -> None:
        """Take up what an earlier run was following; a démarche that left the configuration is followed no more."""
        if self._charge:
            return
        numeros = {SERVICE, *(demarche.numero for demarche in self._settings.demarches)}
        gardes = {(i.nature.value, i.demarche): i for i in lire(base) if i.demarche in numeros}
        self._connus, self._charge = gardes | self._connus, True

    def _envoyer(self, avertissement: Avertissement) -> bool:
        """Whether somebody was told. The journal hears once that nobody can be, not at every pass."""
        try:
            canaux = wiring.canaux(self._settings)
        except ConnectorError as error:
            return self._echec(f"Alertes non envoyées : {error} {error.hint}".strip())
        pris = canaux.envoyer(avertissement.titre, avertissement.corps, fini=avertissement.fini)
        if not pris:  # no address at all: nobody asked to be told
            return False
        if not any(pris):
            return self._echec("Alerte non envoyée : aucune adresse ne l’a prise ; nouvel essai à chaque passage.")
        manquees = [str(rang) for rang, pris_ici in enumerate(pris, start=1) if not pris_ici]
        suite = f" (sauf à l’adresse n° {', '.join(manquees)}, qui ne l’a pas prise)" if manquees else ""
        self._dire(f"Alerte envoyée{suite} : {avertissement.titre}.")
        self._muet = ""
        return True

    def _echec(self, phrase: str) -> bool:
        if phrase != self._muet:
            self._dire(phrase)
            self._muet = phrase
        return False


def lire(base: Base) -> tuple[Incident, ...]:
    """The incidents kept in that database; none when another version wrote them: they will be met again."""
    texte = base.reglages.get(CLE)
    try:
        return () if texte is None else tuple(codec.loads(texte, tuple[Incident, ...]))
    except StoreError:
        return ()


TITRE_ESSAI = "Connecteur DS : message d’essai"
CORPS_ESSAI = "Si vous lisez ceci, les alertes du connecteur vous parviennent. Il n’y a rien à faire."


def incident_text(incident: Incident) -> str:
    """One incident on a few lines: what, where, since when, whether somebody was told."""
    ou = "" if incident.demarche == SERVICE else f", démarche {incident.demarche}"
    depuis = f"depuis le {incident.depuis.astimezone(wiring.FRANCE):%d/%m/%Y à %H:%M}"
    annonce = incident.annonce_le
    dit = f"annoncé le {annonce.astimezone(wiring.FRANCE):%d/%m/%Y à %H:%M}" if annonce else "pas encore annoncé"
    return composer(
        f"{TITRES[incident.nature]}{ou}, {depuis} ({dit})\n  {incident.texte}\n  {incident.remede}"
    ).rstrip()


def surveiller(atelier: Atelier, *, now: datetime) -> Verdict:
    """What a supervision tool is told; it only reads, beside the service or without it."""
    settings, pause = atelier.settings, atelier.base.pauses.current()
    etat = Etat(
        periode=timedelta(minutes=float(settings.daemon.periode_minutes)),
        mesures=tuple(_mesure(atelier.base, demarche.numero) for demarche in settings.demarches),
        jeton_expire_le=settings.instance.jeton_expire_le,
        pause_depuis=None if pause is None else pause.since,
    )
    return juger(etat, now=now, aujourd_hui=now.astimezone(wiring.FRANCE).date())


def _mesure(base: Base, numero: int) -> Mesure:
    suite = base.suivi.last_alike(numero)
    return Mesure(
        demarche=numero,
        passage_le=suite[0].at if suite else None,
        code=suite[0].exit_code if suite else 0,
        code_depuis=suite[-1].at if suite else None,
        quarantaine=len(base.suivi.quarantine(numero)),
        sans_reponse=len(base.ledger.unsettled(numero)),
        doubles=len(base.suivi.doubles(numero)),
    )
