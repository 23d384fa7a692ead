"""The commands about who is told of what: bulletin, alert."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from connector.cli_commun import CONFIG, DEMARCHE, ouvrir, say, show
from connector.errors import OperatorError


@click.command()
@CONFIG
@DEMARCHE
@click.option("--a", "adresse", metavar="ADRESSE", help="Envoyer ces bulletins à cette adresse, pour essayer.")
def bulletin(chemin: Path, demarche: int | None, adresse: str | None) -> None:
    """Montre le courriel que chaque groupe d’instructeurs recevrait maintenant ; n’envoie rien sans --a.

    Le service l’envoie de lui-même chaque jour ouvré, à l’heure de [bulletin], quand il y a quelque chose à dire.

    \b
    Exemple : connector bulletin
              connector bulletin --a moi@ars.exemple.fr
    """
    from connector import bulletins, wiring  # noqa: PLC0415 - keeps --help instant

    settings = wiring.reglages(chemin)
    dits = 0
    with ouvrir(settings, exclusif=False) as atelier:
        for reglee in wiring.demarches_of(settings, demarche):
            for groupe in bulletins.inconnus(atelier, reglee):
                say(f"La démarche {reglee.numero} n’a pas de groupe « {groupe} » : vérifiez [bulletin.destinataires].")
            for _, trouve in bulletins.apercus(atelier, reglee, now=wiring.now()):
                if trouve.vide:
                    say(f"Rien à dire au groupe « {trouve.groupe} ».")
                    continue
                dits += 1
                show(f"Objet : {trouve.objet()}\n\n{trouve.texte(settings.instance.site)}\n")
                if adresse:
                    bulletins.essayer(atelier, trouve, adresse)
                    say(f"Envoyé à {adresse}.")
    if not settings.bulletin.destinataires:
        say("Aucun destinataire dans [bulletin.destinataires] : le service n’envoie pas de bulletin.")
    elif not adresse and dits:
        say("Rien n’a été envoyé.")


@click.command()
@CONFIG
@click.option("--essai", is_flag=True, help="Envoyer un message d’essai à chaque adresse, et dire laquelle l’a pris.")
def alert(chemin: Path, *, essai: bool) -> int:
    """Montre les incidents en cours ; avec --essai, vérifie que les alertes arrivent.

    Code 1 si une adresse n’a pas pris le message d’essai.

    \b
    Exemple : connector alert --essai
    """
    from connector import veille, wiring  # noqa: PLC0415 - keeps --help instant

    settings = wiring.reglages(chemin)
    if essai:
        return _essayer_les_alertes(wiring.canaux(settings).envoyer(veille.TITRE_ESSAI, veille.CORPS_ESSAI, fini=True))
    with ouvrir(settings, exclusif=False) as atelier:
        suivis = veille.lire(atelier.base)
    for incident in suivis:
        show(veille.incident_text(incident))
    if not suivis:
        show("Aucun incident en cours.")
    return 0


def _essayer_les_alertes(pris: Sequence[bool]) -> int:
    if not pris:
        raise OperatorError("aucune adresse dans [alertes].", hint="« adresses » dit où elles sont rangées.")
    for rang, pris_ici in enumerate(pris, start=1):
        show(f"Adresse n° {rang} : {'message pris' if pris_ici else 'message refusé, ou adresse injoignable'}.")
    return int(not all(pris))


COMMANDES = (bulletin, alert)
