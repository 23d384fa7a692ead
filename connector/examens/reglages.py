"""The configuration, the templates, and what the mode allows."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from connector.config import Settings
from connector.core.courrier import MODELES
from connector.core.decisions import SourceDecisions
from connector.core.montants import jour, pluriel
from connector.core.politique import Mode
from connector.core.textes import enumerer, ponctuer
from connector.errors import ConfigError, TemplateError
from connector.examens.resultat import Resultat, attention, erreur, ok
from connector.examens.terrain import Terrain


def configuration(t: Terrain) -> Iterator[Resultat]:
    """Each problem of the file, with its line."""
    try:
        settings = t.settings.essayer()
    except ConfigError as error:
        for problem in error.problems:
            yield erreur(ponctuer(str(problem)), f"Corrigez {t.chemin}, puis relancez « connector doctor ».")
        return
    if t.chemin.stat().st_mode & stat.S_IWOTH:
        yield erreur(
            f"Tout compte de cette machine peut changer {t.chemin} : l'adresse où va le jeton, ce qui est envoyé.",
            f"chmod o-w {t.chemin}",
        )
    for remarque in settings.remarques:
        yield attention(ponctuer(str(remarque)), f"Relisez cette ligne de {t.chemin}.")
    demarches = enumerer(str(d.numero) for d in settings.demarches)
    regles = pluriel(max(len(d.regles) for d in settings.demarches), "règle")
    yield ok(f"Le fichier {t.chemin} : démarche {demarches}, {regles}, mode « {settings.politique.mode} ».")


def modeles(t: Terrain) -> Iterator[Resultat]:
    """Every message template, rendered once against a sample."""
    propres = t.settings().messages.modeles
    try:
        t.modeles.essayer()
    except TemplateError as error:
        yield erreur(ponctuer(str(error)), "Corrigez ce modèle dans votre dossier de modèles.")
        return
    yield ok(f"{pluriel(len(MODELES), 'modèle')} essayés" + (f", les vôtres ({propres}) d'abord." if propres else "."))


def envoi(t: Terrain) -> Iterator[Resultat]:
    """What the mode allows, and what contradicts it."""
    politique = t.settings().politique
    permis = _permis(t.settings())
    if politique.mode is not Mode.AGIR:
        if permis:
            yield attention(
                f"{enumerer(permis)} : autorisé, mais le mode « {politique.mode} » ne l'envoie pas.",
                "Passez au mode « agir » quand vous serez prêt, ou retirez cette autorisation de [envoi].",
            )
            return
        yield ok(f"Mode « {politique.mode} » : " + _ECRIT[politique.mode])
        return
    if not permis:
        yield attention(
            "Mode « agir », mais rien n'est autorisé de plus qu'en mode « annoter ».",
            "Dans [envoi], autorisez « corrections » ou « passage_en_instruction », ou revenez au mode « annoter ».",
        )
        return
    for numero in _sans_date_de_notification(t.settings()):
        yield attention(
            f"Démarche n° {numero} : « notification_le » n'est pas saisi : une décision part dès le passage qui suit.",
            "Saisissez la date de notification dans [demarches.campagne], ou ne faites rien si c'est voulu.",
        )
    if politique.mise_en_service is not None and politique.mise_en_service > t.aujourd_hui:
        yield attention(
            f"La mise en service est au {jour(politique.mise_en_service)} : rien ne part avant les dépôts de ce jour.",
            "Rien à faire si c'est voulu ; sinon corrigez « mise_en_service » dans [envoi].",
        )
        return
    yield ok(
        f"Mode « agir » : {enumerer(permis)} ; au plus {pluriel(politique.messages_par_cycle, 'message')} et "
        f"{pluriel(politique.transitions_par_cycle, 'changement d’état', 'changements d’état')} par passage."
    )


def _permis(settings: Settings) -> list[str]:
    """Each kind of sending that the configuration allows in mode « agir »."""
    politique = settings.politique
    envois = (
        ("demandes de correction", politique.corrections),
        ("passage en instruction", politique.passage_en_instruction),
        ("relances", politique.relances.actives),
        ("accusés de réception", politique.accuse),
        ("réorientations", politique.reorientation),
        ("messages d'événement", politique.evenements),
        ("décisions de la commission", settings.decisions.source is not SourceDecisions.AUCUNE),
    )
    return [mot for mot, oui in envois if oui]


def _sans_date_de_notification(settings: Settings) -> list[int]:
    """The démarches whose decisions would be carried into DS as soon as they are recorded."""
    if settings.decisions.source is SourceDecisions.AUCUNE:
        return []
    return [d.numero for d in settings.demarches if d.campagne is None or d.campagne.notification_le is None]


_ECRIT = {
    Mode.OBSERVER: "rien n'est écrit dans DS.",
    Mode.ANNOTER: "annotations et labels seulement.",
}
