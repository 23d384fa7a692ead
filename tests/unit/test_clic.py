"""What click says is French, wherever it says it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest

from connector import cli, clic

COMMANDES = clic.commandes(cli.principal)

# Never reached from this program: Windows, editors, completion scripts, mistakes of programmers.
AILLEURS = re.compile(
    r"Windows|Editing failed|Bash|defined twice|same flag|declaration|Could not determine|No options defined|"
    r"Unknown (?:color|standard stream)|Invalid start character|^d$"
)
ANGLAIS = re.compile(
    r"\b(?:Usage:|Options:|Commands:|Show|default:|required|COMMAND|ARGS|INTEGER|TEXT|FILE|PATH|DIRECTORY|RANGE|FLOAT"
    r"|Error|Try|Missing|Invalid|such)\b"
)


def sentences():
    """Every text that click hands to gettext, from its own sources."""
    for source in Path(click.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext"}:
                yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def test_every_sentence_of_click_that_can_be_read_here_has_its_french():
    assert {s for s in sentences() if not AILLEURS.search(s)} <= set(clic.MOTS)


@pytest.mark.parametrize("anglais", sorted(clic.MOTS))
def test_a_translation_is_filled_in_with_the_same_things(anglais):
    champs = re.compile(r"\{(\w+)|(%\(\w+\)s)")
    rendus = set(champs.findall(clic.MOTS[anglais]))
    assert rendus <= set(champs.findall(anglais))


@pytest.mark.parametrize("nom", sorted(COMMANDES))
def test_the_help_of_every_command_is_french_and_has_an_example(nom):
    texte = COMMANDES[nom].get_help(click.Context(COMMANDES[nom], info_name=f"connector {nom}".strip()))
    assert ANGLAIS.findall(texte) == []
    assert re.search(rf"Exemple\u00a0: (?:.*\n? *)?connector {nom}", texte), texte
    assert "Affiche cette aide." in texte


def test_the_list_of_commands_says_each_sentence_whole():
    texte = cli.principal.get_help(click.Context(cli.principal, info_name="connector"))
    assert "..." not in texte
    assert not re.search(r"^\s*[;:!?»]", texte, re.MULTILINE)
    dit = " ".join(texte.split())
    assert all(" ".join((c.help or "").split("\n\n")[0].split()) in dit for c in cli.principal.commands.values())


@pytest.mark.parametrize(
    ("arguments", "dit"),
    [
        (["sync", "--foo"], "Erreur\u00a0: L’option «\u00a0--foo\u00a0» n’existe pas."),
        (["synk"], "Erreur\u00a0: La commande «\u00a0synk\u00a0» n’existe pas."),
        (["explain"], "Erreur\u00a0: Il manque l’argument «\u00a0DOSSIER\u00a0»."),
        (["import", "zonage", "z.csv"], "Erreur\u00a0: Il manque l’option «\u00a0--arrete\u00a0»."),
        (
            ["explain", "un"],
            "Valeur incorrecte pour «\u00a0DOSSIER\u00a0»\u00a0: «\u00a0un\u00a0» n’est pas un nombre valable.",
        ),
        (["sync", "--allow", "0"], "0 n’est pas possible ici (attendu\u00a0: 1 au moins)."),
        (["sync", "--demarche"], "L’option «\u00a0--demarche\u00a0» attend une valeur."),
        (["sync", "a", "b"], "Des arguments de trop (a b)."),
        (["sandbox", "--port", "70000"], "70000 n’est pas possible ici (attendu\u00a0: de 0 à 65535)."),
        (
            ["report", "--format", "pdf"],
            "«\u00a0pdf\u00a0» n’est pas parmi «\u00a0html\u00a0», «\u00a0xlsx\u00a0», «\u00a0csv\u00a0».",
        ),
        (["retry"], "Erreur\u00a0: Donnez un numéro de dossier, ou --all."),
        (["sync", "--json=1"], "L’option «\u00a0--json\u00a0» ne prend pas de valeur."),
        (["sync", "--config", "/"], "Fichier «\u00a0/\u00a0» est un dossier."),
    ],
)
def test_what_is_wrong_with_a_command_line_is_said_in_french(arguments, dit, capsys):
    assert cli.execute(arguments) == 2
    lu = capsys.readouterr().err
    assert dit in lu
    assert ANGLAIS.findall(lu) == []


def test_how_to_get_help_is_said_in_french(capsys):
    assert cli.execute(["sync", "--foo"]) == 2
    dit = "Usage\u00a0: connector sync [OPTIONS]\n«\u00a0connector sync --help\u00a0» affiche l’aide.\n"
    assert capsys.readouterr().err.startswith(dit)


def test_no_line_of_a_help_begins_or_ends_with_a_lonely_mark():
    for nom, commande in COMMANDES.items():
        lignes = commande.get_help(click.Context(commande, info_name=nom, terminal_width=60)).splitlines()
        assert [ligne for ligne in lignes if re.match(r" *[»;:?!] ?", ligne) or ligne.endswith("«")] == []


def test_a_plural_begins_at_two():
    un, deux = "Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"
    assert clic.accorder(un, deux, 1) == "Un argument de trop ({args})."
    assert clic.accorder(un, deux, 2) == "Des arguments de trop ({args})."
    assert clic.traduire("something new") == "something new"


def test_each_command_is_under_one_heading_of_the_help_and_none_is_forgotten():
    rangees = [nom for noms in cli.principal.rubriques.values() for nom in noms]
    assert sorted(rangees) == sorted(cli.principal.commands)
    aide = cli.principal.get_help(click.Context(cli.principal, info_name="connector"))
    assert [titre for titre in cli.principal.rubriques if f"\n{titre}\u00a0:\n" in aide] == list(
        cli.principal.rubriques
    )
    assert "\nCommandes" not in aide


def test_a_command_without_a_heading_is_still_in_the_help():
    groupe = clic.Groupe(name="g", commands=[click.Command("seule", short_help="Fait cela.")])
    aide = groupe.get_help(click.Context(groupe, info_name="g"))
    assert "Commandes\u00a0:\n  seule  Fait cela." in aide
