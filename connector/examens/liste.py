"""The examinations, in the order in which a person would look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from connector.errors import ConnectorError
from connector.examens import donnees, formulaire, jeton, machine, reglages, serveur, veille
from connector.examens.resultat import Examen, Gravite, Resultat, Trouve, erreur
from connector.examens.terrain import Prealable, Terrain


def _examen(cle: str, titre: str, mene: Callable[[Terrain], Iterator[Resultat]]) -> Examen:
    return Examen(cle=cle, titre=titre, mene=mene)


EXAMENS: tuple[Examen, ...] = (
    _examen("configuration", "Configuration", reglages.configuration),
    _examen("modeles", "Modèles de message", reglages.modeles),
    _examen("envoi", "Ce qui est autorisé", reglages.envoi),
    _examen("base", "Base locale", machine.base),
    _examen("place", "Place sur le disque", machine.place),
    _examen("verrou", "Verrou", machine.verrou),
    _examen("copies", "Copies de sauvegarde", donnees.copies),
    _examen("oublis", "Oublis demandés", donnees.liste_des_oublis),
    _examen("passages", "Derniers passages", machine.passages),
    _examen("distances", "Distances et quartiers", donnees.distances),
    _examen("pieces", "Relecture des pièces", machine.pieces),
    _examen("referentiels", "Référentiels", donnees.referentiels),
    _examen("baremes", "Barèmes", donnees.baremes),
    _examen("reseau", "Réseau", serveur.reseau),
    _examen("horloge", "Horloge", serveur.horloge),
    _examen("jeton", "Jeton", jeton.forme),
    _examen("expiration", "Expiration du jeton", jeton.expiration),
    _examen("acces", "Accès aux démarches", jeton.acces),
    _examen("ecriture", "Droit d’écrire", jeton.ecriture),
    _examen("capacites", "API de cette instance", serveur.capacites),
    _examen("fichiers", "Serveurs des pièces", serveur.fichiers),
    _examen("champs", "Champs du formulaire", formulaire.champs),
    _examen("annotations", "Annotations", formulaire.nos_annotations),
    _examen("labels", "Labels", formulaire.labels),
    _examen("groupes", "Groupes d’instructeurs", formulaire.groupes),
    _examen("quotas", "Quotas", donnees.quotas),
    _examen("alertes", "Alertes", veille.alertes),
    _examen("bulletin", "Bulletin", veille.bulletin),
)


def examiner(terrain: Terrain, examens: Sequence[Examen] = EXAMENS) -> Iterator[Trouve]:
    """What each examination finds, one at a time; what it raises is what it found."""
    for examen in examens:
        yield Trouve(examen=examen, resultats=tuple(_mener(examen, terrain)))


def _mener(examen: Examen, terrain: Terrain) -> Iterator[Resultat]:
    try:
        yield from examen.mene(terrain)
    except Prealable as manque:
        yield Resultat(gravite=Gravite.NON_VERIFIE, cause=f"Il faut d’abord {manque.quoi}.")
    except ConnectorError as error:
        yield erreur(str(error), error.hint or "Corrigez-le, puis relancez « connector doctor ».")
