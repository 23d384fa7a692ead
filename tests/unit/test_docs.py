"""The documents tell the truth: what they say of commands, exit codes and files is held to the program."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

from connector import __main__, __version__, cli, errors

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
README_FR = (ROOT / "README.fr.md").read_text(encoding="utf-8")


def test_the_readme_lists_each_command_in_the_order_of_the_help():
    listed = re.findall(r"^\| `([\w-]+)` \|", README, re.MULTILINE)
    assert sorted(listed) == sorted(cli.principal.commands)


@pytest.mark.parametrize("name", sorted(cli.principal.commands))
def test_each_command_has_help_with_an_example(name):
    command = cli.principal.commands[name]
    text = command.get_help(click.Context(command, info_name=name))
    assert "Exemple\u00a0: connector" in text


@pytest.mark.parametrize("text", [README, README_FR], ids=["README.md", "README.fr.md"])
def test_each_readme_gives_every_exit_code_of_the_error_tree(text):
    codes = {e.exit_code for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.ConnectorError)}
    told = {int(c) for row in re.findall(r"^\| ([\d, ]+) \|", text, re.MULTILINE) for c in row.split(",")}
    assert codes | {0, __main__.DEFAUT, cli.TUBE, 130, 143} == told


def test_the_readme_gives_a_reason_for_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    table = README.split("### Dependencies")[1].split("###")[0]
    for requirement in project["dependencies"]:
        name = re.split(r"[\[<>=]", requirement)[0]
        assert name in table, name
    assert len(project["dependencies"]) <= 6 + 8


def test_the_version_is_said_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__


@pytest.mark.parametrize("text", [README, README_FR], ids=["README.md", "README.fr.md"])
def test_every_file_that_a_readme_links_to_exists(text):
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("text", [README, README_FR], ids=["README.md", "README.fr.md"])
def test_every_command_that_a_readme_shows_exists(text):
    for command in re.findall(r"connector ([\w-]+)(?= |`|$)", text):
        assert command in {*cli.principal.commands, "COMMAND"}, command


def test_the_product_is_said_in_one_sentence_in_both_readmes():
    sentence = "il ne décide jamais."
    assert sentence in README
    assert sentence in README_FR
