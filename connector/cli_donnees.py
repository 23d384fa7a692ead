"""The commands about the data itself: purge, forget, export-person, backup, journal."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import click

from connector.cli_commun import CONFIG, DEMARCHE, FORME_DU_JOUR, JSON, NUMERO, Jour, confirm, ouvrir, say, show


@click.command()
@CONFIG
@click.option("--simuler", is_flag=True, help="Dire ce qui serait effacé, sans rien effacer.")
def purge(chemin: Path, *, simuler: bool) -> None:
    """Efface ce dont la durée de conservation est passée ; le registre des postes demeure.

    Les durées sont dans [conservation]. Le service le fait aussi, chaque jour.

    \b
    Exemple : connector purge --simuler
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.donnees import purger  # noqa: PLC0415 - keeps --help instant

    with ouvrir(wiring.reglages(chemin), exclusif=not simuler) as atelier:
        fait = purger(
            atelier.base,
            atelier.settings.conservation,
            atelier.settings.base.dossier_des_copies,
            now=wiring.now(),
            aujourd_hui=wiring.today(),
            simuler=simuler,
        )
        if not simuler:
            atelier.noter("purge", fait.text())
    show(fait.text())


@click.command()
@CONFIG
@DEMARCHE
@click.argument("dossier", type=NUMERO)
@click.option("--annuler", is_flag=True, help="Reprendre un dossier oublié par erreur.")
@click.option("--oui", is_flag=True, help="Ne pas demander de confirmation.")
def forget(chemin: Path, demarche: int | None, dossier: int, *, annuler: bool, oui: bool) -> None:
    """Oublie un dossier : tout ce qui est gardé ici est effacé, et il n’est plus ni lu ni contrôlé.

    Pour répondre à une demande d’effacement. Le dossier reste dans Démarches simplifiées. Arrêtez le service d’abord :
    tant qu’il tourne, rien n’est effacé (code 75).

    \b
    Exemple : connector forget 123456
    """
    from connector import donnees, wiring  # noqa: PLC0415 - keeps --help instant

    settings = wiring.reglages(chemin)
    if not (annuler or oui):
        with ouvrir(settings) as atelier:  # let go while the question waits, or no pass could be made
            question = donnees.question_d_oubli(atelier.base, dossier)
        if question and not confirm(question):
            show("Rien n’a été effacé.")
            return
    with ouvrir(settings) as atelier:
        deja = not annuler and donnees.oublie(atelier.base, dossier) is not None
        copies = settings.base.dossier_des_copies
        if annuler:
            text = donnees.retablir(atelier.base, dossier, copies, now=wiring.now())
        else:
            numero = wiring.demarche_of(settings, demarche).numero
            text = donnees.oublier(atelier.base, numero, dossier, copies, now=wiring.now())
        quoi = "oubli annulé" if annuler else "oubli"
        atelier.noter(quoi, reponse="déjà oublié" if deja else "fait", dossier=dossier)
    show(text)


@click.command("export-person")
@CONFIG
@click.argument("dossier", type=NUMERO, required=False)
@click.option(
    "--cherche", default="", metavar="TEXTE", help="Trouver d’abord les dossiers où tous ces mots sont gardés."
)
@click.option(
    "--sortie", type=click.Path(path_type=Path, dir_okay=False), metavar="FICHIER", help="Où écrire (créé en 0600)."
)
def export_person(chemin: Path, dossier: int | None, cherche: str, sortie: Path | None) -> None:
    """Rend tout ce qui est gardé ici sur un dossier, pour répondre à une demande d’accès.

    « --cherche » donne les numéros des dossiers où chacun des mots donnés (nom, prénom, courriel, numéro) est gardé,
    dans n’importe quel ordre, sans tenir compte des majuscules ni des accents.

    \b
    Exemple : connector export-person --cherche "Capucine Valombre"
              connector export-person 123456 --sortie acces.json
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.acces import exporter  # noqa: PLC0415 - keeps --help instant
    from connector.donnees import chercher  # noqa: PLC0415 - keeps --help instant
    from connector.fichiers import deposer  # noqa: PLC0415 - keeps --help instant

    if (dossier is None) == (not cherche):
        raise click.UsageError("donnez un numéro de dossier, ou --cherche TEXTE.")
    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        if dossier is None:
            numbers = chercher(atelier.base, cherche)
            atelier.noter(
                "recherche d’une personne", reponse=f"{len(numbers)} dossier{'s' if len(numbers) > 1 else ''}"
            )
            show("\n".join(map(str, numbers)) or f"Aucun dossier gardé ici ne contient ce texte.{_autrement(cherche)}")
            return
        found = exporter(atelier.base, dossier, atelier.settings)
        atelier.noter("export d’une personne", dossier=dossier)
    text = json.dumps(found, ensure_ascii=False, indent=2)
    if sortie is None:
        click.echo(text)
        return
    deposer(sortie, f"{text}\n".encode(), neuf=True)
    say(f"Écrit dans {sortie}, que vous seul pouvez lire. Effacez-le une fois remis.")


def _autrement(cherche: str) -> str:
    """What else to search for, when those words were not found together; "" after a single one."""
    return " Essayez le nom seul, ou le courriel." if len(cherche.split()) > 1 else ""


@click.command()
@CONFIG
@click.argument("dossier", type=click.Path(path_type=Path, file_okay=False), required=False)
def backup(chemin: Path, dossier: Path | None) -> None:
    """Copie la base dans un dossier, pendant que le service travaille ; retire les copies trop vieilles.

    La copie est entière, vérifiée, et lisible par vous seul. Sans dossier : celui de [base] copies, ou « copies » à
    côté de la base ; il est créé s’il n’existe pas. Pour remettre une copie en place : docs/exploitation.fr.md.

    \b
    Exemple : connector backup
              connector backup /var/backups/connector
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.donnees import sauvegarder  # noqa: PLC0415 - keeps --help instant

    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        ou = dossier or atelier.settings.base.dossier_des_copies
        copie = sauvegarder(atelier.base, ou, atelier.settings, now=wiring.now())
        atelier.noter("sauvegarde", copie.fichier.name)
    show(copie.text())


@click.command()
@CONFIG
@DEMARCHE
@click.option("--dossier", type=NUMERO, metavar="N", help="Ce dossier seulement.")
@click.option(
    "--depuis",
    type=Jour(),
    metavar="JOUR",
    help=f"À partir de ce jour, {FORME_DU_JOUR} ; sans ce choix, les 7 derniers jours.",
)
@JSON
def journal(chemin: Path, demarche: int | None, dossier: int | None, depuis: date | None, *, en_json: bool) -> None:
    """Montre ce qui a été lu, écrit et demandé : qui, quoi, quand, et la réponse ; jamais une valeur.

    Les heures sont celles de Paris ; « --json » donne aussi leur décalage.

    \b
    Exemple : connector journal --depuis 2026-11-01 --dossier 123456
    """
    from connector import donnees, wiring  # noqa: PLC0415 - keeps --help instant

    since = wiring.midnight(depuis or wiring.today() - timedelta(days=7))
    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        vide = True
        for ligne in atelier.base.journal.lines(since=since, demarche=demarche, dossier=dossier):
            vide = False
            if en_json:
                click.echo(json.dumps(donnees.as_data(ligne), ensure_ascii=False))
            else:
                show(donnees.as_text(ligne))
    if vide and not en_json:
        say(f"Rien depuis le {since:%d/%m/%Y}. Pour remonter plus loin : --depuis.")


COMMANDES = (purge, forget, export_person, backup, journal)
