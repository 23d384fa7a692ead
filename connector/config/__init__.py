"""The configuration: a TOML file in, frozen Settings out, or every problem at once, each with its path.

A closed world: an unknown key is a mistake, and the nearest known one is suggested. No secret is in the file, only the
place where it is kept. Here: reading and checking. Not here: defaults of the domain (they are in config.example.toml).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connector.config.lecture import read_settings
from connector.config.mots import Lieu
from connector.config.reglages import DemarcheReglee, Settings
from connector.config.releve import Releve
from connector.config.sections import Base, Daemon, Delais, Instance, Jeton, Messages
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
    "load",
]


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in that file. ConfigError lists everything wrong with it; the token is not read yet.

    Relative paths start at the file's own folder; `~` and `$VARIABLE` in them come from `environ`.
    """
    releve = Releve(lieu=Lieu(dossier=path.resolve().parent, environ=environ))
    settings = read_settings(releve, _toml(path))
    if settings is None:
        raise ConfigError(tuple(dict.fromkeys(releve.problems)), source=str(path))
    return settings


def _toml(path: Path) -> dict[str, Any]:
    """The tables of the file. What prevents reading it is told with its line, and never with its text."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise _unusable(path, _syntax(str(error))) from None
    except UnicodeDecodeError:
        raise _unusable(path, "le fichier n'est pas enregistré en UTF-8") from None
    except OSError as error:
        raise _unusable(path, f"lecture impossible ({os.strerror(error.errno or 0)})") from None


def _syntax(message: str) -> str:
    place = re.search(r"line (\d+), column (\d+)", message)
    ou = f"ligne {place[1]}, colonne {place[2]}" if place else "fin du fichier"
    if "overwrite" in message or "twice" in message:
        return f"{ou} : une clé ou une table est déclarée deux fois"
    return f"{ou} : syntaxe TOML incorrecte (guillemet, virgule ou crochet, clé avec un accent ou un espace ?)"


def _unusable(path: Path, message: str) -> ConfigError:
    return ConfigError((Problem(path.name, message),), source=str(path))
