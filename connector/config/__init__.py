"""The configuration: a TOML file in, frozen Settings out, or every problem at once, each with its path.

A closed world: an unknown key is a mistake, and the nearest known one is suggested. No secret is in the file, only the
place where it is kept. Here: reading and checking. Not here: defaults of the domain (they are in config.example.toml).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from connector.config import jetons
from connector.config.lecture import read_settings
from connector.config.mots import Lieu
from connector.config.positions import Positions
from connector.config.reglages import DemarcheReglee, Settings
from connector.config.releve import Releve
from connector.config.sections import Base, Daemon, Delais, Instance, Jeton, Messages
from connector.config.syntaxe import syntax_problem
from connector.errors import ConfigError, Problem

__all__ = [
    "Base",
    "Daemon",
    "Delais",
    "DemarcheReglee",
    "Instance",
    "Jeton",
    "Messages",
    "Settings",
    "instance",
    "load",
    "read",
]


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in that file. ConfigError lists everything wrong with it, line by line; the token is not read yet.

    Relative paths start at the file's own folder; `~` and `$VARIABLE` in them come from `environ`.
    """
    return read(_texte(path), path, environ)


def read(texte: str, path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in that text, as if it were the file at `path`; ConfigError as `load` has it."""
    lieu = Lieu(dossier=path.resolve().parent, environ=environ)
    contenu = _toml(path, texte, lieu)

    def ligne(chemin: str) -> int:
        return Positions.of(texte).ligne(chemin)

    lieu = replace(lieu, jetons=jetons.connus(contenu, lieu))
    if ecrits := jetons.ecrits(texte, contenu, lieu.jetons):
        raise ConfigError(ecrits, source=str(path)).located(ligne)
    releve = Releve(lieu=lieu)
    settings = read_settings(releve, contenu)
    if settings is None:
        raise ConfigError(tuple(dict.fromkeys(releve.problems)), source=str(path)).located(ligne)
    remarques = ConfigError(tuple(dict.fromkeys(releve.remarques)), source=str(path)).located(ligne)
    return replace(settings, remarques=remarques.problems, source=str(path), ligne=ligne)


def instance(table: Mapping[str, Any], environ: Mapping[str, str]) -> Instance:
    """That [instance] table checked, apart from any file; paths start at the current folder."""
    releve = Releve(lieu=Lieu(dossier=Path.cwd(), environ=environ))
    lue = releve.valid(Instance, dict(table), "instance")
    if lue is None:
        raise ConfigError(tuple(releve.problems), source="options")
    return lue


def _texte(path: Path) -> str:
    try:
        brut = path.read_bytes()
    except FileNotFoundError:
        raise _unusable(
            path, "ce fichier n'existe pas : « connector init » en écrit un, ou nommez le vôtre : --config FICHIER"
        ) from None
    except OSError as error:
        cause = os.strerror(error.errno or 0)
        raise _unusable(
            path, f"lecture impossible ({cause}) : donnez au compte du connecteur le droit de le lire"
        ) from None
    try:
        return brut.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = "ce fichier n'est pas enregistré en UTF-8 : enregistrez-le de nouveau, encodage « UTF-8 »"
        raise _unusable(path, message, brut.count(b"\n", 0, error.start) + 1) from None


def _toml(path: Path, texte: str, lieu: Lieu) -> dict[str, Any]:
    """The tables of the file. What prevents reading it is told with its line, and never with its text."""
    try:
        return tomllib.loads(texte)
    except (ValueError, RecursionError) as error:  # not only its own: a number too long, brackets too deep
        problems = jetons.ecrits(texte, {}, jetons.connus({}, lieu)) or (syntax_problem(texte, str(error)),)
        raise ConfigError(problems, source=str(path)) from None


def _unusable(path: Path, message: str, line: int = 0) -> ConfigError:
    return ConfigError((Problem("", message, line),), source=str(path))
