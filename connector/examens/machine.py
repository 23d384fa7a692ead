"""This machine: the database, its room, its lock, and how the last passes went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from connector import store
from connector.core.montants import instant, nombre
from connector.core.textes import enumerer
from connector.examens.resultat import Resultat, attention, erreur, ok
from connector.examens.terrain import FRANCE, Terrain
from connector.pieces import relecteur

MO = 1024 * 1024
PLACE_MINIMUM = 100 * MO
PLACE_CONFORTABLE = 1024 * MO


def base(t: Terrain) -> Iterator[Resultat]:
    """Whether the database is there, of this version, sound, and its owner's alone."""
    chemin, fichier = t.settings().base.chemin, t.fichier.essayer()
    if not fichier.existe:
        yield ok(f"La base {chemin} n'existe pas encore : « connector import » ou « connector sync » la créera.")
        return
    if fichier.lisible_par_d_autres:
        yield attention(
            f"D'autres comptes de cette machine peuvent lire la base {chemin}.",
            f"chmod 600 {chemin} (le prochain passage le fera aussi).",
        )
    try:
        degats = t.base.essayer().damages()
    except store.Ancienne as error:
        yield attention(str(error), error.hint)
        return
    if degats:
        yield erreur(
            f"La base {chemin} est endommagée ({degats[0]}).",
            "Mettez-la de côté, puis restaurez la dernière sauvegarde, ou repartez d'une base vide : rien n'est "
            "renvoyé.",
        )
        return
    yield ok(f"{chemin} : saine, à jour, {nombre(max(1, fichier.taille // MO))} Mo.")


def place(t: Terrain) -> Iterator[Resultat]:
    """The room left for the database."""
    fichier = t.fichier()
    libre = f"{nombre(fichier.libre // MO)} Mo libres pour la base."
    if fichier.libre < max(PLACE_MINIMUM, fichier.taille):
        yield erreur(f"{libre} Les écritures vont échouer.", "Libérez de l'espace sur ce disque.")
    elif fichier.libre < PLACE_CONFORTABLE:
        yield attention(libre, "Libérez de l'espace sur ce disque, ou déplacez la base.")
    else:
        yield ok(libre)


def verrou(t: Terrain) -> Iterator[Resultat]:
    """Whether another command of ours has the database."""
    t.fichier()
    if store.verrouillee(t.settings().base.chemin):
        yield ok("Le service, ou une autre commande, tient la base en ce moment : « connector sync » devra attendre.")
    else:
        yield ok("Personne ne tient la base : le service ne tourne pas en ce moment.")


def pieces(t: Terrain) -> Iterator[Resultat]:
    """Whether pieces are looked into, and whether this machine can do it within limits; nothing is fetched."""
    reglage = t.settings().pieces
    if not reglage.relire:
        yield ok("Le contenu des pièces n'est pas relu ([pieces] relire = false).")
        return
    relecteur.exiger()
    dossier = t.settings().base.chemin.parent
    if relecteur.essayer(dossier if dossier.exists() else dossier.parent, t.environ):
        yield ok(f"Relues une à une, depuis {enumerer((*reglage.hotes, 'le serveur de l’API'))}.")
    else:
        yield erreur(
            "Cette machine ne permet pas d'examiner un fichier dans un processus limité en temps et en mémoire.",
            "Vérifiez les restrictions du compte et la place sur le disque, ou remettez « relire = false » : sans ces "
            "limites, aucune pièce n'est ouverte.",
        )


def passages(t: Terrain) -> Iterator[Resultat]:
    """How each démarche's last pass ended, and how long ago."""
    suivi = t.base().suivi
    for reglee in t.settings().demarches:
        derniers = suivi.last_reports(reglee.numero, limit=1)
        if not derniers:
            yield attention(
                f"Démarche n° {reglee.numero} : aucun passage pour l'instant.",
                "Voyez d'abord « connector plan », puis lancez « connector sync ».",
            )
            continue
        dernier = derniers[0]
        quand = f"Démarche n° {reglee.numero} : dernier passage le {instant(dernier.at.astimezone(FRANCE))}"
        if dernier.exit_code:
            yield attention(f"{quand}, arrêté (code {dernier.exit_code}).", "« connector status » dit pourquoi.")
        elif t.now() - dernier.at > SILENCE:
            yield attention(
                f"{quand} : il est loin.", "Vérifiez que le service tourne : « systemctl status connector »."
            )
        else:
            yield ok(f"{quand}.")


SILENCE = timedelta(days=2)
"""Since when nobody has looked at DS, and somebody should know."""
