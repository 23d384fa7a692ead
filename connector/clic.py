"""click's own words in French: usage, headings, what is missing or wrong on the command line.

click asks gettext for each of its sentences, and gettext would answer in the language of the environment, if it had a
catalogue: an agent reads French whatever the machine is set to. Each module of click that speaks is given ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

from connector.core.typographie import composer

_INSECABLE = "\u00a0"

MOTS = {
    # help
    "Usage:": f"Usage{_INSECABLE}:",
    "Options": f"Options{_INSECABLE}",
    "Positional arguments": f"Arguments{_INSECABLE}",
    "Commands": f"Commandes{_INSECABLE}",
    "required": "obligatoire",
    "default: {default}": f"par défaut{_INSECABLE}: {{default}}",
    "env var: {var}": f"variable d’environnement{_INSECABLE}: {{var}}",
    "(dynamic)": "(calculé)",
    "deprecated": "abandonné",
    "Show this message and exit.": "Affiche cette aide.",
    "Show the version and exit.": "Affiche la version.",
    "%(prog)s, version %(version)s": "%(prog)s, version %(version)s",
    # what was typed
    "Error: {message}": f"Erreur{_INSECABLE}: {{message}}",
    "Try '{command} {option}' for help.": "« {command} {option} » affiche l’aide.",
    "Missing command.": "Il manque une commande.",
    "Missing argument": "Il manque l’argument",
    "Missing option": "Il manque l’option",
    "Missing parameter": "Il manque",
    "Missing parameter: {param_name}": f"Il manque{_INSECABLE}: {{param_name}}",
    "Missing {param_type}": "Il manque {param_type}",
    "No such option {name!r}.": "L’option « {name} » n’existe pas.",
    "No such command {name!r}.": "La commande « {name} » n’existe pas.",
    "Did you mean {possibility}?": "Vouliez-vous dire {possibility} ?",
    "(Did you mean one of: {possibilities}?)": "(Vouliez-vous dire : {possibilities} ?)",
    "Got unexpected extra argument ({args})": "Un argument de trop ({args}).",
    "Got unexpected extra arguments ({args})": "Des arguments de trop ({args}).",
    "Option {name!r} does not take a value.": "L’option « {name} » ne prend pas de valeur.",
    "Option {name!r} requires an argument.": "L’option « {name} » attend une valeur.",
    "Option {name!r} requires {nargs} arguments.": "L’option « {name} » attend {nargs} valeurs.",
    "Argument {name!r} takes {nargs} values.": "L’argument « {name} » attend {nargs} valeurs.",
    "Takes {nargs} values but 1 was given.": "{nargs} valeurs attendues, une seule donnée.",
    "Takes {nargs} values but {len} were given.": "{nargs} valeurs attendues, {len} données.",
    "{len_type} values are required, but {len_value} was given.": "{len_type} valeurs attendues, {len_value} donnée.",
    "{len_type} values are required, but {len_value} were given.": "{len_type} valeurs attendues, {len_value} données.",
    "Value must be an iterable.": "Une liste est attendue.",
    "Invalid value: {message}": f"Valeur incorrecte{_INSECABLE}: {{message}}",
    "Invalid value for {param_hint}: {message}": f"Valeur incorrecte pour {{param_hint}}{_INSECABLE}: {{message}}",
    "{value!r} is not a valid {number_type}.": "« {value} » n’est pas un nombre valable.",
    "{value} is not in the range {range}.": "{value} n’est pas possible ici (attendu : {range}).",
    "{value!r} is not a valid boolean. Recognized values: {states}": "« {value} » n’est ni oui ni non ({states}).",
    "{value!r} is not a valid UUID.": "« {value} » n’est pas un UUID.",
    "{value!r} is not {choice}.": "« {value} » n’est pas {choice}.",
    "{value!r} is not one of {choices}.": "« {value} » n’est pas parmi {choices}.",
    "{value!r} does not match the format {format}.": "« {value} » n’a pas la forme {format}.",
    "{value!r} does not match the formats {formats}.": "« {value} » n’a aucune des formes {formats}.",
    "Choose from:\n\t{choices}": "À choisir parmi :\n\t{choices}",
    "Choice({choices})": "Choix ({choices})",
    # files
    "file": "fichier",
    "directory": "dossier",
    "path": "chemin",
    "{name} {filename!r} does not exist.": "{name} « {filename} » n’existe pas.",
    "{name} {filename!r} is a file.": "{name} « {filename} » est un fichier.",
    "{name} {filename!r} is a directory.": "{name} « {filename} » est un dossier.",
    "{name} {filename!r} is not readable.": "{name} « {filename} » ne peut pas être lu.",
    "{name} {filename!r} is not writable.": "{name} « {filename} » ne peut pas être écrit.",
    "{name} {filename!r} is not executable.": "{name} « {filename} » ne peut pas être exécuté.",
    "Could not open file {filename!r}: {message}": "« {filename} » ne s’ouvre pas : {message}",
    "unknown error": "erreur inconnue",
    # questions
    "Do you want to continue?": "Continuer ?",
    "Confirm the action without prompting.": "Confirme sans poser la question.",
    "Repeat for confirmation": "Encore une fois, pour confirmer",
    "Error: The two entered values do not match.": "Erreur : les deux saisies diffèrent.",
    "Error: invalid input": "Erreur : cette réponse n’a pas été comprise.",
    "Press any key to continue...": "Une touche pour continuer…",
    "Aborted!": "Interrompu.",
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}": (
        "La commande « {name} » est abandonnée.{extra_message}"
    ),
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}": (
        "« {name} » est abandonné.{extra_message}"
    ),
}

MODULES = (core, decorators, exceptions, formatting, parser, termui, types)


def traduire(message: str) -> str:
    """That sentence of click's in French; as it is when click has one that this version does not know."""
    return MOTS.get(message, message)


def accorder(singulier: str, pluriel: str, combien: int) -> str:
    """The sentence for that many: French counts a plural from two on."""
    return traduire(pluriel if combien >= 2 else singulier)  # noqa: PLR2004


def parler_francais() -> None:
    """Have click speak French, once and for all; before any option is declared: some words are taken then."""
    for module in MODULES:
        for nom, mots in (("_", traduire), ("ngettext", accorder)):
            if hasattr(module, nom):
                setattr(module, nom, mots)


_CITE = re.compile(r"'([^'\n]*)'")
_BORNES = ((re.compile(r"(\d+)<=x<=(\d+)"), r"de \1 à \2"), (re.compile(r"x>=(\d+)"), r"\1 au moins"))


def faute(error: click.ClickException) -> str:
    """What is wrong with what was typed, in French: nothing quoted as a programmer would, no bounds as in algebra."""
    dit = _CITE.sub(r"« \1 »", error.format_message())
    for motif, mots in _BORNES:
        dit = motif.sub(mots, dit)
    return dit


class Groupe(click.Group):
    """A program whose help lists its commands under headings: `rubriques`, in order, each with its commands."""

    rubriques: Mapping[str, Sequence[str]] = {}

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their headings; those that have none come last, by name."""
        largeur = formatter.width - 6 - max(map(len, self.commands))
        rangees = {nom for noms in self.rubriques.values() for nom in noms}
        autres = [nom for nom in self.list_commands(ctx) if nom not in rangees]
        titrees = [(f"{titre}{_INSECABLE}", noms) for titre, noms in self.rubriques.items()]
        for titre, noms in (*titrees, (traduire("Commands"), autres)):
            lignes = [(nom, self.commands[nom].get_short_help_str(largeur)) for nom in noms]
            if lignes:
                with formatter.section(titre):
                    formatter.write_dl(lignes)


def composer_l_aide(racine: click.Group) -> None:
    """Have the help of every command of that program set as French print has it: no line begins with « » »."""
    for commande in commandes(racine).values():
        commande.help = composer(commande.help or "")
        # Said whole in the list of commands: click would cut it after eight words.
        commande.short_help = composer(" ".join(commande.help.split("\n\n")[0].split()))
        if isinstance(commande, click.Group):
            commande.subcommand_metavar = "COMMANDE [ARGUMENTS]…"
        for option in commande.params:
            if isinstance(option, click.Option):
                option.help = composer(option.help or "")


def commandes(racine: click.Group, nom: str = "") -> dict[str, click.Command]:
    """Every command by its whole name, the root under ""."""
    toutes: dict[str, click.Command] = {nom: racine}
    for fils, commande in racine.commands.items():
        entier = f"{nom} {fils}".strip()
        toutes |= commandes(commande, entier) if isinstance(commande, click.Group) else {entier: commande}
    return toutes
