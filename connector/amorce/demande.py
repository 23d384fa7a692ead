"""What « connector init » must know before it reads anything: asked, given as options, or already known.

The token itself is never asked for, given or shown: only where it lies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from connector import config
from connector.amorce.depart import Commande
from connector.config.mots import CHEMIN_API
from connector.config.sections import URL_DS
from connector.core.cles import region_saisie
from connector.errors import OperatorError

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")

MACHINE = "Êtes-vous sur la machine où tournera le service du connecteur ?"
_VERROU = "Un jeton créé en mode automatique se verrouille sur la première adresse IP qui l’utilise"


class Clavier(Protocol):
    """Somebody who answers."""

    def confirmer(self, question: str) -> bool:
        """Yes or no."""
        ...

    def texte(self, question: str, defaut: str = "") -> str:
        """A text; `defaut` when nothing is typed, asked again while both are empty."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line said; None for what it did not."""

    sortie: Path
    demarche: int | None = None
    url: str | None = None
    jeton_env: str | None = None
    jeton_fichier: Path | None = None
    region: str | None = None
    depuis: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demande:
    """Everything that was needed: what to write, and the server to read."""

    commande: Commande
    instance: config.Instance


def demander(options: Options, clavier: Clavier | None, environ: Mapping[str, str]) -> Demande:
    """What is to be done, each missing part asked; `clavier` None when nobody answers.

    OperatorError for what is missing or cannot be; ConfigError when the file to complete cannot be read.
    """
    connue = _connue(options, environ)
    if clavier is not None and not clavier.confirmer(MACHINE):
        raise OperatorError(
            "arrêté avant tout appel à Démarches simplifiées.",
            hint=f"{_VERROU} : lancez cette commande sur cette machine.",
        )
    numero = options.demarche or _numero(options, connue, clavier)
    url = _url(options, connue, clavier)
    jeton = _jeton(options, connue, clavier)
    region = _region(options, clavier)
    instance = config.instance({"url": url, "jeton": jeton}, environ)
    ecrit = dict(jeton)
    if "fichier" in ecrit:
        ecrit["fichier"] = _vu_de(Path(ecrit["fichier"]), options.sortie)
    commande = Commande(
        numero=numero, url=url, jeton=ecrit, sortie=options.sortie, region=region, depuis=options.depuis
    )
    return Demande(commande=commande, instance=instance)


def _connue(options: Options, environ: Mapping[str, str]) -> config.Settings | None:
    """The configuration that already says where DS and the token are."""
    source = options.sortie if options.sortie.exists() else options.depuis
    return config.load(source, environ) if source is not None else None


def _numero(options: Options, connue: config.Settings | None, clavier: Clavier | None) -> int:
    if connue is not None and options.sortie.exists() and len(connue.demarches) == 1:
        return connue.demarches[0].numero
    if clavier is None:
        raise OperatorError(
            "le numéro de la démarche manque.", hint="Ajoutez --demarche N (il est dans l’adresse de la démarche)."
        )
    dit = clavier.texte("Le numéro de la démarche (il est dans son adresse)")
    if not re.fullmatch(r"[1-9]\d{0,9}", dit, re.ASCII):
        raise OperatorError(f"« {dit} » n’est pas un numéro de démarche.", hint="Exemple : 123456")
    return int(dit)


def _url(options: Options, connue: config.Settings | None, clavier: Clavier | None) -> str:
    usuelle = connue.instance.url if connue is not None else URL_DS
    dite = options.url or (clavier.texte("L’adresse de l’API", usuelle) if clavier and connue is None else usuelle)
    dite = dite.strip().rstrip("/")
    return dite if dite.endswith(CHEMIN_API) else f"{dite}{CHEMIN_API}"


def _jeton(options: Options, connue: config.Settings | None, clavier: Clavier | None) -> dict[str, str]:
    """Where the token lies."""
    if options.jeton_env and options.jeton_fichier:
        raise OperatorError("le jeton est à un seul endroit : --jeton-env ou --jeton-fichier.")
    if options.jeton_fichier:
        return {"fichier": str(options.jeton_fichier.resolve())}
    if options.jeton_env:
        return {"variable": _nom_de_variable(options.jeton_env)}
    if connue is not None:
        jeton = connue.instance.jeton
        ou = {"variable": jeton.variable, "fichier": jeton.fichier, "credential": jeton.credential}
        return {cle: str(valeur) for cle, valeur in ou.items() if valeur is not None}
    if clavier is None:
        return {"variable": "DS_JETON"}
    dit = clavier.texte(
        "Où est le jeton : le nom d’une variable d’environnement, ou le chemin d’un fichier", "DS_JETON"
    )
    if "/" in dit or Path(dit).is_file():
        return {"fichier": str(Path(dit).resolve())}
    return {"variable": _nom_de_variable(dit)}


def _nom_de_variable(nom: str) -> str:
    """The name; refused, without showing it, when it may well be the token itself."""
    if not _VARIABLE.fullmatch(nom):
        raise OperatorError(
            "ce n’est pas le nom d’une variable d’environnement.",
            hint="Le jeton lui-même ne se donne jamais : seulement l’endroit où il est (DS_JETON, par exemple).",
        )
    return nom


def _region(options: Options, clavier: Clavier | None) -> str:
    dite = options.region
    if dite is None and clavier is not None and not options.sortie.exists() and options.depuis is None:
        dite = clavier.texte("Le code INSEE de la région de votre ARS (24 : Centre-Val de Loire)")
    return region_saisie(dite or "")


def _vu_de(fichier: Path, sortie: Path) -> str:
    """The path as the configuration may write it: relative when the file stands beside it."""
    dossier = sortie.resolve().parent
    return str(fichier.relative_to(dossier)) if fichier.is_relative_to(dossier) else str(fichier)
