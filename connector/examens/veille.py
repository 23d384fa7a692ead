"""Who is told: the addresses of the alerts, the recipients of the bulletin."""

from __future__ import annotations

from collections.abc import Iterator

from connector.alertes import Canaux
from connector.core.montants import pluriel
from connector.core.politique import Mode
from connector.core.textes import citer, enumerer
from connector.examens.resultat import Resultat, attention, erreur, ok
from connector.examens.terrain import Terrain


def alertes(t: Terrain) -> Iterator[Resultat]:
    """Whether somebody is told when the service cannot go on by itself; nothing is sent."""
    adresses = t.settings().alertes.adresses
    if adresses is not None:
        canaux = Canaux(adresses.lire(t.environ))
        yield ok(f"{pluriel(len(canaux), 'adresse')} d'alerte ; « connector alert --essai » les essaie.")
    elif t.settings().politique.mode is Mode.OBSERVER:
        yield ok("Personne n'est prévenu d'un incident ; en mode « observer », rien ne presse.")
    else:
        yield attention(
            "Personne n'est prévenu quand le service ne peut plus travailler (jeton refusé, frein, panne).",
            "Donnez des adresses dans [alertes], ou surveillez « connector status --check ».",
        )


def bulletin(t: Terrain) -> Iterator[Resultat]:
    """Whether the groups that get a bulletin exist, and the password is there; no mail server is spoken to."""
    reglage = t.settings().bulletin
    if not reglage.destinataires:
        yield ok("Aucun bulletin n'est envoyé aux instructeurs ([bulletin.destinataires] est vide).")
        return
    if reglage.mot_de_passe is not None:
        reglage.mot_de_passe.texte(t.environ)
    for reglee in t.settings().demarches:
        labels = [groupe.label for groupe in t.demarche(reglee.numero)().groupes]
        if inconnus := reglage.inconnus(labels):
            yield erreur(
                f"Démarche n° {reglee.numero} : aucun groupe ne s'appelle {enumerer(map(citer, inconnus), lien='ni')}.",
                f"Corrigez [bulletin.destinataires] ; les groupes sont {enumerer(map(citer, labels))}.",
            )
        else:
            servis = sum(bool(reglage.pour(label)) for label in labels)
            yield ok(f"Démarche n° {reglee.numero} : le bulletin va à {servis} des {pluriel(len(labels), 'groupe')}.")
