"""The bulletins of a configuration: made from the store, handed to the mail server once a day, over restarts too.

The day is noted before a message leaves and what it told after: one that may have left is not sent again that day, and
what it would have told is in the next one. Nothing is lost, nothing comes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from connector import courriel, wiring
from connector.config import DemarcheReglee
from connector.core.bulletin import Bulletin, Reperes, Vu, composer_bulletin, est_du
from connector.core.correspondance import Resolution, resolve
from connector.core.evaluation import Historique
from connector.core.incidents import Constatation, Nature, Panne
from connector.core.model import Demarche, Dossier
from connector.core.montants import pluriel
from connector.errors import ConnectorError, RetryableError
from connector.store import codec
from connector.wiring import FRANCE, Atelier

PREMIER = timedelta(days=1)
"""How far back the first bulletin of a group looks."""

SUITE = "Vérifiez le serveur de courriel ; ce qui devait être dit le sera au prochain envoi."


@dataclass(frozen=True, slots=True, kw_only=True)
class Suivi:
    """What is remembered of a group's bulletins: the day one was last tried, and until when they have told."""

    essai: date | None = None
    jusqu_a: datetime | None = None


def apercus(atelier: Atelier, demarche: DemarcheReglee, *, now: datetime) -> Iterator[tuple[str, Bulletin]]:
    """The bulletin that each group with recipients would get now, by the group's id; nothing is sent."""
    lue = _lue(atelier, demarche)
    if lue is not None:
        yield from _composes(atelier, demarche, *lue, now=now, groupes=_servis(atelier, lue[0]))


def inconnus(atelier: Atelier, demarche: DemarcheReglee) -> tuple[str, ...]:
    """The groups that the configuration names and that the démarche, once read, has not."""
    lue = _lue(atelier, demarche)
    return atelier.settings.bulletin.inconnus(g.label for g in lue[0].groupes) if lue else ()


def distribuer(
    atelier: Atelier, demarche: DemarcheReglee, *, now: datetime, dire: Callable[[str], None]
) -> Constatation:
    """Send the bulletins that are due; what it tells of the mail server, for the alerts. `dire` hears of each one."""
    lue = _lue(atelier, demarche)
    if lue is None:
        return Constatation(demarche=demarche.numero)
    bulletin, local = atelier.settings.bulletin, now.astimezone(FRANCE)
    relances = atelier.settings.politique.relances
    dus = {
        groupe: label
        for groupe, label in _servis(atelier, lue[0]).items()
        if est_du(local, bulletin.heure, _suivi(atelier, demarche, groupe).essai, relances)
    }
    if not dus:
        return Constatation(demarche=demarche.numero)
    pannes = [
        panne
        for groupe, trouve in _composes(atelier, demarche, *lue, now=now, groupes=dus)
        for panne in _remettre(atelier, demarche, groupe, trouve, now=now, dire=dire)
    ]
    absentes = frozenset() if pannes else frozenset({Nature.BULLETIN})
    return Constatation(demarche=demarche.numero, pannes=tuple(pannes[:1]), absentes=absentes)


def essayer(atelier: Atelier, trouve: Bulletin, adresse: str) -> None:
    """Send that bulletin to one address, at once; nothing is noted. The errors of `courriel.envoyer`."""
    _send(atelier, trouve, (adresse,))


def _lue(atelier: Atelier, demarche: DemarcheReglee) -> tuple[Demarche, Resolution] | None:
    """The démarche as last read and the mapping on it; None before the first pass, or while they do not fit."""
    saved = atelier.base.dossiers.saved_demarche(demarche.numero) if atelier.settings.bulletin.destinataires else None
    found = resolve(demarche.correspondance, saved) if saved else None
    return (saved, found) if saved and isinstance(found, Resolution) else None


def _servis(atelier: Atelier, lue: Demarche) -> dict[str, str]:
    """The groups that have recipients: label by id."""
    return {g.id: g.label for g in lue.groupes if atelier.settings.bulletin.pour(g.label)}


def _composes(
    atelier: Atelier,
    demarche: DemarcheReglee,
    lue: Demarche,
    resolution: Resolution,
    *,
    now: datetime,
    groupes: dict[str, str],
) -> Iterator[tuple[str, Bulletin]]:
    """The bulletin of each of those groups, from one walk over the dossiers."""
    depuis = {groupe: _suivi(atelier, demarche, groupe).jusqu_a or now - PREMIER for groupe in groupes}
    vus: dict[str, list[Vu]] = {groupe: [] for groupe in groupes}
    for fiche, historique in atelier.base.dossiers.all(lue.number):
        if fiche.dossier.groupe.id in vus:
            vus[fiche.dossier.groupe.id].append(
                _vu(atelier, fiche.dossier, historique, depuis[fiche.dossier.groupe.id])
            )
    for groupe, label in groupes.items():
        reperes = Reperes(
            depuis=depuis[groupe],
            aujourd_hui=now.astimezone(FRANCE).date(),
            delai_jours=atelier.settings.messages.delai_jours,
            relances=atelier.settings.politique.relances,
        )
        yield (
            groupe,
            composer_bulletin(
                lue.number, label, vus[groupe], resolution=resolution, reperes=reperes, campagne=demarche.campagne
            ),
        )


def _vu(atelier: Atelier, dossier: Dossier, historique: Historique, depuis: datetime) -> Vu:
    avant = atelier.base.dossiers.evaluation_at(dossier.number, depuis) if dossier.state.ouvert else None
    return Vu(dossier=dossier, historique=historique, avant=avant.proposition if avant else None)


def _remettre(
    atelier: Atelier,
    demarche: DemarcheReglee,
    groupe: str,
    trouve: Bulletin,
    *,
    now: datetime,
    dire: Callable[[str], None],
) -> Iterator[Panne]:
    """Hand one bulletin over, unless it is empty; what failed, for the alerts."""
    avant = _suivi(atelier, demarche, groupe)
    essai = replace(avant, essai=now.astimezone(FRANCE).date())
    _noter(atelier, demarche, groupe, essai, now=now)
    destinataires = atelier.settings.bulletin.pour(trouve.groupe)
    if not trouve.vide:
        try:
            refuses = _send(atelier, trouve, destinataires)
        except ConnectorError as error:
            if isinstance(error, RetryableError):  # certainly not sent: the next pass tries again
                _noter(atelier, demarche, groupe, avant, now=now)
            yield Panne(
                nature=Nature.BULLETIN,
                demarche=demarche.numero,
                texte=str(error),
                remede=error.hint or SUITE,
            )
            return
        manques = f", {pluriel(refuses, 'adresse refusée', 'adresses refusées')}" if refuses else ""
        envoyes = pluriel(len(destinataires) - refuses, "destinataire")
        dire(f"Bulletin envoyé au groupe « {trouve.groupe} » : {envoyes}{manques}.")
    _noter(atelier, demarche, groupe, replace(essai, jusqu_a=now), now=now)


def _send(atelier: Atelier, trouve: Bulletin, destinataires: tuple[str, ...]) -> int:
    settings = atelier.settings
    return courriel.envoyer(
        wiring.serveur_de_courriel(settings),
        expediteur=settings.bulletin.expediteur or "",
        destinataires=destinataires,
        objet=trouve.objet(),
        texte=trouve.texte(settings.instance.site),
    )


def _cle(demarche: DemarcheReglee, groupe: str) -> str:
    return f"bulletin.{demarche.numero}.{groupe}"


def _suivi(atelier: Atelier, demarche: DemarcheReglee, groupe: str) -> Suivi:
    texte = atelier.base.reglages.get(_cle(demarche, groupe))
    return Suivi() if texte is None else codec.loads(texte, Suivi)


def _noter(atelier: Atelier, demarche: DemarcheReglee, groupe: str, suivi: Suivi, *, now: datetime) -> None:
    atelier.base.reglages.put(_cle(demarche, groupe), codec.dumps(suivi, Suivi), now=now)
