"""The command line: each command is a few lines over the library.

Results go to stdout, words to stderr; the help is in French.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from connector import __version__, cli_donnees, cli_veille
from connector.cli_commun import CONFIG, DEMARCHE, FORME_DU_JOUR, JSON, NUMERO, Jour, ask, confirm, ouvrir, say, show
from connector.clic import Groupe, composer_l_aide, faute
from connector.core import jetons
from connector.errors import (
    AlreadyRunning,
    ConnectorError,
    OperatorError,
    SafetyStop,
    StoreError,
    sentence,
)

if TYPE_CHECKING:
    from connector.config import Settings
    from connector.wiring import Atelier

TUBE = 141
"""How the process ends when nobody reads what it writes any more, as after « | head » (128 + SIGPIPE)."""

_C = TypeVar("_C", bound=Callable[..., Any])


class _Colonne(click.ParamType[tuple[str, str]]):
    """Which column of the file holds what: `cle=TITRE`."""

    name = "colonne"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Our key and the title; refused without an equal sign."""
        cle, egal, titre = str(value).partition("=")
        if not (cle.strip() and egal and titre.strip()):
            self.fail(f'« {value} » : attendu cle=TITRE, par exemple code_insee="Code commune".', param, ctx)
        return cle.strip(), titre.strip()


def execute(arguments: Sequence[str]) -> int:
    """Run one command; the exit code that the README documents. Errors of ours are sentences, never tracebacks."""
    try:
        _sans_jeton(arguments)
        result = principal.main(args=list(arguments), prog_name="connector", standalone_mode=False)
    except ConnectorError as error:
        _wrong(str(error), error.hint, tete="Frein" if isinstance(error, SafetyStop) else "Erreur")
        return error.exit_code
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        if isinstance(error, click.UsageError) and error.ctx is not None:
            say(f"{error.ctx.get_usage()}\n« {error.ctx.command_path} --help » affiche l’aide.\n")
        _wrong(faute(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("Interrompu.")
        return 130
    except SystemExit:  # click's, when what is written meets a closed pipe
        return TUBE
    return result if isinstance(result, int) else 0


def _sans_jeton(arguments: Sequence[str]) -> None:
    """OperatorError when a token was typed on the command line, where every account of the machine can read it."""
    if any(jetons.montre(argument, _connus()) for argument in arguments):
        raise OperatorError(
            "un jeton ne se tape pas dans une commande : les autres comptes de la machine peuvent l’y lire.",
            hint="Rangez-le dans la variable ou le fichier que nomme la ligne jeton, sous [instance], et demandez-en "
            "un autre.",
        )


def _connus() -> tuple[str, ...]:
    return (os.environ.get(jetons.VARIABLE, ""),)


def _wrong(what: str, hint: str = "", *, tete: str = "Erreur") -> None:
    """Say what went wrong and the remedy, in the one form that every command has; a token in it is masked."""
    say(f"{tete} : {sentence(jetons.masque(what, _connus()))}")
    if hint:
        say(sentence(jetons.masque(hint, _connus())))


def _reglages(chemin: Path) -> Settings:
    """The configuration in that file; what deserves a second look in it is said."""
    from connector import wiring  # noqa: PLC0415 - keeps --help instant

    settings = wiring.reglages(chemin)
    for remarque in settings.remarques:
        say(f"Attention, {chemin.name}, {remarque}")
    return settings


class _Principal(Groupe):
    """The program, its commands in the order in which they are met."""

    rubriques = {  # noqa: RUF012 - never changed
        "Essayer et installer": ("demo", "sandbox", "init", "import", "rules", "doctor"),
        "Travailler": ("plan", "sync", "daemon", "decide", "preview", "retry", "pause", "resume"),
        "Suivre et rendre compte": ("status", "explain", "report", "audit", "bulletin", "alert", "journal"),
        "Données et sauvegardes": ("backup", "purge", "export-person", "forget"),
    }


@click.group(cls=_Principal, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="connector %(version)s", help="Affiche la version.")
@click.option(
    "-v", "--verbose", count=True, help="Journal plus détaillé (-v, -vv, -vvv) ; jamais de données personnelles."
)
@click.option("--journal-json", is_flag=True, help="Journal en JSON, une ligne par événement.")
def principal(verbose: int, *, journal_json: bool) -> None:
    """Relit chaque candidature déposée sur Démarches simplifiées (DS).

    Le connecteur écrit dans le dossier ce qui manque, pourquoi et d’après quel texte, prépare le message à l’hôpital
    et l’envoie une seule fois, quand vous l’y autorisez ; il ne décide jamais.

    \b
    Exemple : connector demo
    """
    from connector import logs  # noqa: PLC0415 - keeps --help instant

    logs.configure(verbose, json=journal_json)


@principal.command()
@click.option(
    "--dossier",
    "racine",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    metavar="DOSSIER",
    help="Où écrire la configuration et la base de la démonstration.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port du bac à sable (0 : un port libre)."
)
@click.option(
    "--rester/--sans-rester",
    default=None,
    help="Garder la page du bac à sable ouverte après la démonstration (par défaut : dans un terminal).",
)
def demo(racine: Path, port: int, *, rester: bool | None) -> int:
    """Montre le travail du connecteur sur un bac à sable local, sans jeton.

    \b
    Exemple : connector demo --dossier /tmp/essai
    """
    from connector.demo import montrer  # noqa: PLC0415 - keeps --help instant

    return montrer(racine, port=port, rester=sys.stdout.isatty() if rester is None else rester, sortie=sys.stdout)


@principal.command()
@click.option("--demarche", type=click.IntRange(min=1), metavar="N", help="Le numéro de votre démarche.")
@click.option(
    "--url", metavar="URL", help="L’adresse de l’API de votre instance (demarche.numerique.gouv.fr par défaut)."
)
@click.option("--jeton-env", metavar="NOM", help="La variable d’environnement où est le jeton (jamais le jeton).")
@click.option(
    "--jeton-fichier",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FICHIER",
    help="Le fichier où est le jeton, lisible par vous seul (chmod 600).",
)
@click.option("--region", metavar="CODE", help="Le code INSEE de la région de votre ARS (24 : Centre-Val de Loire).")
@click.option(
    "--depuis",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="ANCIENNE",
    help="La configuration de la campagne précédente, à reprendre pour cette démarche.",
)
@click.option(
    "--sortie",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("config.toml"),
    show_default=True,
    metavar="FICHIER",
    help="Le fichier à écrire ou à compléter.",
)
@click.option(
    "--oui", is_flag=True, help="Ne rien demander : ce qui est douteux reste « à confirmer » dans le fichier."
)
def init(*, oui: bool, **options: Any) -> None:
    """Écrit votre première configuration, d’après votre démarche ; ne fait que lire dans DS.

    Retrouve les champs, les pièces, les annotations et les labels dont le connecteur a besoin, demande en cas de doute,
    et dit ce qu’il reste à créer dans DS. À relancer sans crainte : ce que vous avez écrit est gardé.

    \b
    Exemple : connector init
              connector init --demarche 123456 --jeton-env DS_JETON --region 24 --sortie config.toml --oui
              connector init --demarche 234567 --depuis config.toml --sortie config-2027.toml
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.amorce import dialogue  # noqa: PLC0415 - keeps --help instant
    from connector.amorce.commande import amorcer  # noqa: PLC0415 - keeps --help instant
    from connector.amorce.demande import Options, demander  # noqa: PLC0415 - keeps --help instant

    sortie: Path = options["sortie"]
    demande = demander(Options(**options), None if oui else _Clavier(), os.environ)
    if oui:
        say("Un jeton peut se verrouiller sur la première adresse IP qui l’utilise : sur la machine du service, donc.")
    say(f"Lecture de la démarche n° {demande.commande.numero}…")
    demarche = wiring.serveur(demande.instance, wiring.Arret()).demarche(demande.commande.numero)
    choisir = None if oui else dialogue.au_clavier(_numero_choisi, say)
    amorce = amorcer(demande.commande, demarche, choisir=choisir, environ=os.environ, le=wiring.today())
    dialogue.raconter(amorce, sortie.name, sys.stdout)


class _Clavier:
    """The person at the keyboard."""

    def confirmer(self, question: str) -> bool:
        """Yes or no, in French."""
        return confirm(question)

    def texte(self, question: str, defaut: str = "") -> str:
        """A line of text."""
        return str(ask(question, default=defaut or None, prompt_suffix=" : ")).strip()


def _numero_choisi(question: str, dernier: int) -> int:
    return int(ask(f"{question} (0 à {dernier})", type=click.IntRange(0, dernier), prompt_suffix=" : "))


@principal.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8042,
    show_default=True,
    metavar="N",
    help="Port d’écoute (0 : un port libre).",
)
@click.option(
    "--hote",
    default="127.0.0.1",
    show_default=True,
    metavar="ADRESSE",
    help="Adresse d’écoute ; hors de la machine à vos risques.",
)
@click.option(
    "--masse",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="N dossiers fabriqués au lieu du monde par défaut.",
)
def sandbox(port: int, hote: str, masse: int) -> None:
    """Lance un Démarches simplifiées local, pour essayer règles et messages sans jeton.

    \b
    Exemple : connector sandbox --port 8042
    """
    from connector.demo import servir  # noqa: PLC0415 - keeps --help instant

    servir(port=port, hote=hote, masse=masse, sortie=sys.stdout)


@principal.command()
@CONFIG
@DEMARCHE
@click.option(
    "--complet",
    is_flag=True,
    help="Compare d’abord tous les numéros avec DS, comme chaque nuit : ce qui a changé sans date est relu.",
)
@click.option(
    "--allow",
    "permis",
    type=click.IntRange(min=1),
    metavar="N",
    help="Pour ce passage seul, relève les plafonds d’envoi à N.",
)
@JSON
def sync(chemin: Path, demarche: int | None, permis: int | None, *, complet: bool, en_json: bool) -> int:
    """Fait un passage, puis s’arrête.

    Lit ce qui a changé, contrôle, écrit ce que la configuration permet. Sans mode choisi, n’écrit rien dans DS. Arrêté
    par le frein (code 3), rien n’est parti : relisez avec « connector plan », puis autorisez avec --allow.

    \b
    Exemple : connector sync --config config.toml
              connector sync --allow 45
    """
    from connector import donnees, presentation, wiring  # noqa: PLC0415 - keeps --help instant
    from connector.core.politique import Mode  # noqa: PLC0415 - keeps --help instant
    from connector.passages import passer  # noqa: PLC0415 - keeps --help instant

    arret = wiring.Arret()
    arret.install()
    with presentation.progress(sys.stderr) as progres, ouvrir(_reglages(chemin), arret) as atelier:
        atelier.progres = progres
        if perdue := donnees.liste_perdue(atelier.base):
            say(perdue)
        bilans = passer(atelier, demarche, complet=complet, permis=permis)
        mode = atelier.settings.politique.mode
    for bilan in bilans:
        told, *wrong = bilan.lines()
        if not en_json:
            show(told)
        for line in wrong:
            say(line)
    if mode is Mode.OBSERVER:
        say("Mode « observer » : rien n’a été écrit dans DS. « connector plan » montre ce qui le serait.")
    if en_json:
        click.echo(json.dumps([{"demarche": b.demarche, **b.rapport.counts} for b in bilans], ensure_ascii=False))
    return arret.exit_code or max((b.exit_code for b in bilans), default=0)


@principal.command()
@CONFIG
@DEMARCHE
@click.argument("dossier", type=NUMERO, required=False)
@click.option(
    "--avec",
    "autre",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="AUTRE",
    help="Une autre configuration : les dossiers dont elle changerait la proposition, et pourquoi.",
)
@JSON
def plan(chemin: Path, demarche: int | None, dossier: int | None, autre: Path | None, *, en_json: bool) -> None:
    """Montre ce qui serait écrit et envoyé, mot pour mot, et pourquoi ; n’envoie rien.

    Les dossiers lus pour cela sont gardés : le « sync » suivant n’a plus à les lire.

    Avec --avec, compare sans rien lire dans DS : sur les dossiers déjà lus, ce qu’une autre configuration changerait.

    \b
    Exemple : connector plan 123456
    """
    if autre is not None:
        _comparer(chemin, autre, demarche, dossier, en_json=en_json)
        return
    settings = _reglages(chemin)
    try:
        with ouvrir(settings) as atelier:
            _prevoir(atelier, demarche, dossier, hors_ligne=False, en_json=en_json)
    except AlreadyRunning:
        say("Le service tourne : voici ce qu’il ferait, d’après les dossiers déjà lus.")
        with ouvrir(settings, exclusif=False) as atelier:
            _prevoir(atelier, demarche, dossier, hors_ligne=True, en_json=en_json)


def _prevoir(atelier: Atelier, demarche: int | None, dossier: int | None, *, hors_ligne: bool, en_json: bool) -> None:
    """Show the plans, of one dossier or of all that have something to say, and what they add up to."""
    from connector import presentation  # noqa: PLC0415 - keeps --help instant
    from connector.core.montants import pluriel  # noqa: PLC0415 - keeps --help instant
    from connector.passages import prevoir  # noqa: PLC0415 - keeps --help instant

    touts, plans, known = [], [], dossier is None
    with presentation.progress(sys.stderr) as atelier.progres:
        for vu, jugement in prevoir(atelier, demarche, hors_ligne=hors_ligne, dire=say):
            plan = jugement.plan
            known = known or dossier == vu.number
            if dossier == vu.number or (dossier is None and (plan.actions or plan.retenues or plan.conflits)):
                garde = atelier.base.dossiers.dossier(vu.number)
                touts.append((vu, jugement.proposition, plan, jugement.message, garde[1].intentions if garde else ()))
                plans.append(plan)
    if en_json:
        click.echo(json.dumps([presentation.plan_json(*t) for t in touts], ensure_ascii=False, indent=2))
    else:
        for tout in touts:
            texte = presentation.plan_text(*tout)  # a message stays as it would be sent
            click.echo((presentation.folded(texte) if sys.stdout.isatty() else texte) + "\n")
    if not known:
        raise OperatorError(f"Le dossier n° {dossier} n’est dans aucune démarche de la configuration.")
    politique = atelier.settings.politique
    messages, transitions = sum(p.messages for p in plans), sum(p.transitions for p in plans)
    if messages > politique.messages_par_cycle or transitions > politique.transitions_par_cycle:
        say("C’est plus que les plafonds de [envoi.plafonds] : le frein retiendrait tout.")
    counts = ", ".join(
        (
            pluriel(len(plans), "dossier"),
            pluriel(messages, "message"),
            pluriel(transitions, "changement d’état", "changements d’état"),
        )
    )
    say(f"{counts} ; rien n’a été envoyé." if plans else "Rien à écrire ni à envoyer.")


def _comparer(chemin: Path, autre: Path, demarche: int | None, dossier: int | None, *, en_json: bool) -> None:
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.core.montants import pluriel  # noqa: PLC0415 - keeps --help instant
    from connector.passages import comparer  # noqa: PLC0415 - keeps --help instant

    ici, ailleurs = wiring.reglages(chemin), wiring.reglages(autre)
    with ouvrir(ici) as atelier:
        found = [d for d in comparer(atelier, ailleurs, demarche, dire=say) if dossier in {None, d.dossier}]
    if en_json:
        click.echo(json.dumps([d.json() for d in found], ensure_ascii=False, indent=2))
    else:
        for difference in found:
            show(difference.text() + "\n")
    propositions, avis = len(found), sum(d.change_d_avis for d in found)
    if not propositions:
        say("Aucune proposition ne changerait.")
    else:
        changees = pluriel(propositions, "proposition changerait", "propositions changeraient")
        say(f"{changees}, dont {pluriel(avis, 'avis', 'avis')} ; rien n’a été envoyé.")


@principal.command()
@CONFIG
@click.argument("fichier", type=click.Path(path_type=Path), required=False)
@click.option("--onglet", default="", metavar="NOM", help="L’onglet à lire, s’il y a un choix.")
def decide(chemin: Path, fichier: Path | None, onglet: str) -> None:
    """Enregistre la liste validée par la commission (CSV, XLSX) ; n’envoie rien.

    Colonnes : Dossier, Décision, Motivation, Rang, et au besoin Confirmer ; les autres sont ignorées. Une ligne
    douteuse refuse toute la liste. « connector plan » montre ensuite ce qui serait porté dans DS, et « connector sync »
    le porte. Sans fichier : les décisions enregistrées.

    \b
    Exemple : connector decide commission.xlsx
    """
    from connector import commission, presentation, wiring  # noqa: PLC0415 - keeps --help instant

    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        if fichier is None:
            _decisions(atelier)
            return
        compte = commission.enregistrer(atelier, fichier, onglet=onglet, now=wiring.now())
    if compte.lignes:
        presentation.table(sys.stdout, f"Décisions de « {compte.fichier} »", commission.COLONNES, compte.lignes)
    for remarque in compte.remarques:
        say(f"Attention : {remarque}")
    say(f"{compte.text()} Relisez avec « connector plan ».")


def _decisions(atelier: Atelier) -> None:
    """Show the decisions in force, where each stands and why it waits."""
    from connector import commission, presentation  # noqa: PLC0415 - keeps --help instant
    from connector.attentes import attentes  # noqa: PLC0415 - keeps --help instant
    from connector.core.decisions import SourceDecisions  # noqa: PLC0415 - keeps --help instant

    retenues = {attente.decision.dossier: attente.raison for attente in attentes(atelier)}
    lignes = commission.en_vigueur(atelier, retenues)
    if lignes:
        presentation.table(sys.stdout, "Décisions enregistrées", commission.EN_VIGUEUR, lignes)
    else:
        show("Aucune décision enregistrée. « connector decide LISTE.xlsx » enregistre celles de la commission.")
    if lignes and atelier.settings.decisions.source is SourceDecisions.AUCUNE:
        say('Rien n’est porté dans DS : [decisions] source n’est pas "fichier". Vos agents y décident.')


@principal.command()
@CONFIG
@click.argument("modele", metavar="MODELE")
@click.argument("dossier", type=NUMERO, required=False)
def preview(chemin: Path, modele: str, dossier: int | None) -> None:
    """Montre un message tel qu’il serait lu : pour un dossier déjà lu ici, ou avec des valeurs d’exemple.

    Un nom de modèle inconnu donne la liste des modèles.

    \b
    Exemple : connector preview relance_1
              connector preview pieces 123456
    """
    from connector import apercus, wiring  # noqa: PLC0415 - keeps --help instant

    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        if dossier is None:
            click.echo(apercus.exemple(atelier, modele))
            return
        texte, remarque = apercus.apercu(atelier, modele, dossier)
    click.echo(texte)
    if remarque:
        say(remarque)


@principal.command()
@CONFIG
@click.argument("dossier", type=NUMERO)
@click.option(
    "--au",
    type=Jour(),
    metavar="JOUR",
    help=f"Ce qui en était dit ce jour-là, et d’après quels textes ({FORME_DU_JOUR}).",
)
@JSON
def explain(chemin: Path, dossier: int, au: date | None, *, en_json: bool) -> None:
    """Explique un dossier : ce qui ne va pas d’abord, chaque constat et chaque chiffre avec le texte dont il vient.

    \b
    Exemple : connector explain 123456
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.explications import expliquer  # noqa: PLC0415 - keeps --help instant

    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        found = expliquer(atelier, dossier, au)
    if en_json:
        click.echo(json.dumps(found.json(), ensure_ascii=False, indent=2))
    else:
        show(found.text())


@principal.command()
@CONFIG
@DEMARCHE
def rules(chemin: Path, demarche: int | None) -> None:
    """Imprime les règles en vigueur, avec leurs sources, leurs effets et des exemples.

    \b
    Exemple : connector rules > regles.txt
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.reglement import regles_en_vigueur  # noqa: PLC0415 - keeps --help instant

    settings = wiring.reglages(chemin)
    show(regles_en_vigueur(settings, wiring.demarche_of(settings, demarche)))


@principal.command()
@CONFIG
@click.option("--promotion", "promotions", multiple=True, metavar="P", help="Une promotion (répétable) ; sinon toutes.")
@click.option("--public", is_flag=True, help="À diffuser : nombres inférieurs à 5 masqués, ni numéro ni texte libre.")
@click.option("--concordance", is_flag=True, help="Nos propositions face aux décisions, règle par règle.")
@click.option("--commission", is_flag=True, help="La liste nominative pour le jury (jury.xlsx), à remplir.")
@click.option(
    "--format", "format_", type=click.Choice(["html", "xlsx", "csv"]), help="html par défaut ; xlsx pour le jury."
)
@click.option(
    "--sortie", type=click.Path(path_type=Path, dir_okay=False), metavar="FICHIER", help="Le fichier à écrire."
)
def report(
    chemin: Path,
    promotions: tuple[str, ...],
    format_: str | None,
    sortie: Path | None,
    *,
    public: bool,
    concordance: bool,
    commission: bool,
) -> None:
    """Écrit le bilan, la concordance ou la liste du jury, d’après les dossiers déjà lus ; rien n’est demandé à DS.

    Le bilan est une page qui se lit sans réseau et s’imprime en A4. La liste du jury est nominative.

    \b
    Exemple : connector report --public --sortie bilan-2026.html
              connector report --commission --promotion 2026-2028
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.bilans import Demande, Genre, ecrire  # noqa: PLC0415 - keeps --help instant

    if concordance and commission:
        raise click.UsageError("--concordance et --commission sont deux documents : choisissez.")
    if commission and (public or format_ not in {None, "xlsx"}):
        raise click.UsageError("la liste du jury est nominative, et toujours un fichier XLSX.")
    genre = Genre.COMMISSION if commission else Genre.CONCORDANCE if concordance else Genre.BILAN
    demande = Demande(
        genre=genre,
        public=public,
        promotions=promotions,
        format=format_ or ("xlsx" if commission else "html"),
        sortie=sortie,
    )
    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        show(ecrire(atelier, demande))


@principal.command()
@CONFIG
@JSON
@click.option(
    "--check", "supervision", is_flag=True, help="Une ligne et un code pour Nagios, Centreon, Zabbix… (0, 1, 2, 3)."
)
def status(chemin: Path, *, en_json: bool, supervision: bool) -> int:
    """Dit où en est chaque démarche : dossiers, avis, derniers passages, écritures à suivre.

    \b
    Exemple : connector status
              connector status --check
    """
    from connector import donnees, wiring  # noqa: PLC0415 - keeps --help instant
    from connector.attentes import attentes  # noqa: PLC0415 - keeps --help instant
    from connector.statut import etat, etat_text  # noqa: PLC0415 - keeps --help instant

    if supervision:
        return _surveiller(chemin)
    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        if perdue := donnees.liste_perdue(atelier.base):
            say(perdue)
        retenues = [(attente.demarche, attente.ligne) for attente in attentes(atelier)]
        found = etat(atelier, now=wiring.now(), retenues=retenues)
    if en_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        show(etat_text(found))
    return 0


def _surveiller(chemin: Path) -> int:
    """The plugin's line on stdout, whatever happens: a database that cannot be used is grave, the rest is unknown."""
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.core.supervision import Niveau, ligne  # noqa: PLC0415 - keeps --help instant
    from connector.veille import surveiller  # noqa: PLC0415 - keeps --help instant

    try:
        with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
            verdict = surveiller(atelier, now=wiring.now())
    except ConnectorError as error:
        niveau = Niveau.CRITICAL if isinstance(error, StoreError) else Niveau.UNKNOWN
        click.echo(ligne(niveau, str(error)))
        return niveau
    click.echo(verdict.ligne)
    return verdict.niveau


@principal.command()
@CONFIG
@click.option("--relire", is_flag=True, help="Redemande à DS ce qu’il sait faire, au lieu de s’en souvenir un jour.")
@JSON
def doctor(chemin: Path, *, relire: bool, en_json: bool) -> int:
    """Examine l’installation : chaque point, sa cause et son remède ; n’écrit rien dans DS.

    À lancer sur la machine du service. Code 1 s’il y a une erreur, 0 sinon.

    \b
    Exemple : connector doctor
              connector doctor --json
    """
    from connector import presentation  # noqa: PLC0415 - keeps --help instant
    from connector.examens import Diagnostic, examiner, sur_place  # noqa: PLC0415 - keeps --help instant

    trouves = []
    with sur_place(chemin, relire=relire) as terrain:
        for trouve in examiner(terrain):
            trouves.append(trouve)
            if not en_json:
                presentation.examens(sys.stdout, trouve.rows())
    diagnostic = Diagnostic(trouves=tuple(trouves))
    if en_json:
        click.echo(json.dumps(diagnostic.json(), ensure_ascii=False, indent=2))
    else:
        presentation.ecartes(sys.stdout, diagnostic.ecartes())
    say(diagnostic.text())
    return diagnostic.exit_code


@principal.command()
@CONFIG
@DEMARCHE
@click.option("--entier", is_flag=True, help="Relit chaque dossier en entier, et compare chacune de ses parties.")
@JSON
def audit(chemin: Path, demarche: int | None, *, entier: bool, en_json: bool) -> int:
    """Compare la base avec Démarches simplifiées et nomme chaque écart ; n’écrit rien, ni ici ni là-bas.

    Code 1 s’il y a un écart qu’un passage ordinaire ne verrait pas ; « connector sync --complet » les rattrape.

    \b
    Exemple : connector audit --entier
    """
    from connector import presentation, wiring  # noqa: PLC0415 - keeps --help instant
    from connector.core.ecarts import Nature  # noqa: PLC0415 - keeps --help instant
    from connector.core.montants import pluriel  # noqa: PLC0415 - keeps --help instant
    from connector.passages import audit as comparer_avec_ds  # noqa: PLC0415 - keeps --help instant

    reglages = wiring.reglages(chemin)
    with presentation.progress(sys.stderr) as progres, ouvrir(reglages, exclusif=False) as atelier:
        atelier.progres = progres
        found = list(comparer_avec_ds(atelier, demarche, entier=entier))
    ecarts = sum(ecart.nature is not Nature.A_LIRE for _, ecart in found)
    if en_json:
        rows = [{"demarche": n, "dossier": e.number, "nature": e.nature, "details": e.details} for n, e in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
    elif ecarts:
        lignes = [presentation.ecart_row(e) for _, e in found if e.nature is not Nature.A_LIRE]
        presentation.table(sys.stdout, "Écarts avec DS", ("Dossier", "Écart", "Détails"), lignes)
    say(f"{pluriel(ecarts, 'écart')} ; rien n’a été écrit." if ecarts else "Aucun écart ; rien n’a été écrit.")
    if len(found) > ecarts:
        changes = pluriel(len(found) - ecarts, "dossier a changé", "dossiers ont changé")
        say(f"{changes} depuis le dernier passage, souvent par ses propres écritures : le prochain les lira.")
    return int(ecarts > 0)


@principal.command()
@CONFIG
@click.argument("dossier", type=NUMERO, required=False)
@click.option("--all", "tous", is_flag=True, help="Tout ce qui attend : dossiers mis de côté et écritures refusées.")
def retry(chemin: Path, dossier: int | None, *, tous: bool) -> None:
    """Fait réessayer au prochain passage un dossier, ou tout ce qui attend, sans laisser passer le délai.

    \b
    Exemple : connector retry 123456
              connector retry --all
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.passages import reessayer  # noqa: PLC0415 - keeps --help instant

    if tous == (dossier is not None):
        raise click.UsageError("donnez un numéro de dossier, ou --all.")
    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        show(reessayer(atelier, dossier, now=wiring.now()))


@principal.command()
@CONFIG
@click.option("--raison", default="", metavar="TEXTE", help="Pourquoi, pour qui lira « connector status ».")
def pause(chemin: Path, raison: str) -> None:
    """Suspend tous les envois (messages et changements d’état) ; les annotations continuent.

    \b
    Exemple : connector pause --raison "commission en cours"
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant

    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        atelier.base.dossiers.pause(raison, now=wiring.now())
        atelier.noter("pause des envois")
    show("Envois en pause. Les annotations continuent. « connector resume » reprend les envois.")


@principal.command()
@CONFIG
def resume(chemin: Path) -> None:
    """Reprend les envois après une pause.

    \b
    Exemple : connector resume
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant

    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        en_pause = atelier.base.dossiers.paused()
        atelier.base.dossiers.resume(now=wiring.now())
        atelier.noter("reprise des envois", reponse="fait" if en_pause else "rien à reprendre")
    show("Envois repris." if en_pause else "Les envois n’étaient pas en pause : rien n’a changé.")


@principal.group("import")
def importation() -> None:
    """Importe un référentiel : communes, zonage des médecins, quartiers prioritaires.

    Chaque import est une version datée : elle remplace la précédente à sa date d’effet, sans l’effacer. Les dossiers
    concernés sont réexaminés au passage suivant.

    \b
    Exemple : connector import zonage zonage.xlsx --arrete "arrêté du 9 mai 2025" --date-effet 2025-06-01 --region 24
    """


IMPORT = (
    CONFIG,
    click.argument("fichier", type=click.Path(path_type=Path), metavar="FICHIER"),
    click.option("--arrete", required=True, metavar="TEXTE", help="Le texte ou la source, cité par les constats."),
    click.option(
        "--date-effet", type=Jour(), required=True, metavar="JOUR", help=f"Le jour où il prend effet ({FORME_DU_JOUR})."
    ),
    click.option("--region", default="", metavar="CODE", help="Le code INSEE de la région concernée."),
    click.option("--force", "forcer", is_flag=True, help="Importer malgré un refus ; le douteux sera « à vérifier »."),
)
TABLEAU = (
    click.option("--onglet", default="", metavar="NOM", help="L’onglet à lire, s’il y a un choix."),
    click.option(
        "--colonne",
        "colonnes",
        type=_Colonne(),
        multiple=True,
        metavar="CLE=TITRE",
        help="Le titre d’une colonne, si elle n’est pas reconnue.",
    ),
)


def _options(*options: Callable[[_C], _C]) -> Callable[[_C], _C]:
    """Several options as one decorator, in their order in the help."""
    return lambda command: functools.reduce(lambda decorated, option: option(decorated), reversed(options), command)


@importation.command("communes")
@_options(*IMPORT, *TABLEAU)
def import_communes(**options: Any) -> None:
    """Importe la liste des communes : codes, régions et coordonnées (CSV, XLSX).

    Les colonnes se reconnaissent à leur titre. Sinon, nommez-les : --colonne code_insee="Code INSEE". Une clé inconnue
    donne la liste des autres.

    \b
    Exemple : connector import communes communes.csv --arrete "COG 2026" --date-effet 2026-01-01
    """
    _importer("communes", **options)


@importation.command("zonage")
@_options(*IMPORT, *TABLEAU)
def import_zonage(**options: Any) -> None:
    """Importe le zonage des médecins d’un arrêté, commune par commune (CSV, XLSX).

    Il faut au moins le code INSEE de chaque commune et sa zone (ZIP, ZAC…). Les colonnes se reconnaissent à leur titre.
    Sinon, nommez-les : --colonne code_insee="Code commune" --colonne zone="Zonage". Une clé inconnue donne la liste des
    autres.

    \b
    Exemple : connector import zonage zonage.xlsx --arrete "arrêté du 9 mai 2025" --date-effet 2025-06-01 --region 24
    """
    _importer("zonage", **options)


@importation.command("qpv")
@_options(*IMPORT)
def import_qpv(**options: Any) -> None:
    """Importe les contours des quartiers prioritaires de la politique de la ville (GeoJSON, zippé ou non).

    \b
    Exemple : connector import qpv qpv2024.geojson.zip --arrete "décret 2023-1314" --date-effet 2024-01-01
    """
    _importer("qpv", **options)


def _importer(genre: str, *, chemin: Path, **options: Any) -> None:
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.core.referentiels import Referentiel  # noqa: PLC0415 - keeps --help instant
    from connector.importations import Commande, acte, importer  # noqa: PLC0415 - keeps --help instant
    from connector.imports.rapport import ImportRefuse  # noqa: PLC0415 - keeps --help instant

    commande = Commande(referentiel=Referentiel(genre), **options)
    try:
        with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
            rapport, nouveau = importer(atelier.base, commande, now=wiring.now(), dire=say)
            atelier.noter(
                f"import {genre}",
                acte(atelier.base, commande, rapport, nouveau=nouveau),
                reponse="fait" if nouveau else "déjà en place",
            )
    except ImportRefuse as refus:  # the report is a result, refused or not
        show(refus.rapport.texte())
        raise OperatorError(str(refus).partition("\n")[0], hint=refus.hint) from refus
    show(rapport.texte())
    say(
        "Enregistré : les dossiers concernés seront réexaminés au prochain passage."
        if nouveau
        else "Identique à la version déjà en place : rien n’a changé."
    )


@importation.command("liste")
@CONFIG
def import_liste(chemin: Path) -> None:
    """Liste les versions importées : leur texte, leur date d’effet, et celles qui sont en vigueur.

    \b
    Exemple : connector import liste
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.importations import referentiels  # noqa: PLC0415 - keeps --help instant

    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        show(referentiels(atelier.base, aujourd_hui=wiring.today()))


@importation.command("retirer")
@CONFIG
@click.argument("numero", type=NUMERO)
def import_retirer(chemin: Path, numero: int) -> None:
    """Retire une version importée par erreur ; la précédente reprend sa place.

    \b
    Exemple : connector import retirer 3
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.importations import retirer  # noqa: PLC0415 - keeps --help instant

    with ouvrir(wiring.reglages(chemin), exclusif=False) as atelier:
        text = retirer(atelier.base, numero, now=wiring.now())
        atelier.noter("import retiré", f"version n° {numero}")
    show(text)


@principal.command()
@CONFIG
@click.option("--une-fois", is_flag=True, help="Un seul passage, avec les alertes du service : pour une minuterie.")
def daemon(chemin: Path, *, une_fois: bool) -> int:
    """Fait un passage régulièrement, jusqu’à SIGTERM (qui laisse finir le dossier en cours).

    \b
    Exemple : connector daemon --config /etc/connecteur/config.toml
    """
    from connector import wiring  # noqa: PLC0415 - keeps --help instant
    from connector.daemon import tourner  # noqa: PLC0415 - keeps --help instant

    return tourner(
        chemin,
        lambda text: show(f"{wiring.now().astimezone(wiring.FRANCE):%d/%m/%Y %H:%M:%S} {text}"),
        une_fois=une_fois,
    )


for _command in (*cli_veille.COMMANDES, *cli_donnees.COMMANDES):
    principal.add_command(_command)
composer_l_aide(principal)
