"""The text that « connector init » starts from: the file already there, last campaign's, or the example; adapted."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from connector import config, wiring
from connector.amorce import fichier
from connector.amorce.edition import Edition
from connector.core.annexe_dgos import REPARTITION
from connector.errors import OperatorError

TERRITOIRE = "territoire"
"""The key of the example's rule that must know which region the ARS is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commande:
    """What is asked: the démarche, where the token lies, where to write.

    `region`: the ARS's own, by its INSEE code, "" when nobody said it. `depuis`: last campaign's configuration.
    """

    numero: int
    url: str
    jeton: Mapping[str, str]
    sortie: Path
    region: str = ""
    depuis: Path | None = None


def depart(commande: Commande, *, titre: str, environ: Mapping[str, str], le: date) -> fichier.Depart:
    """The file already there, else last campaign's for this démarche, else the example for this démarche.

    ConfigError when that file cannot be read; OperatorError when it is another démarche's.
    """
    if commande.sortie.exists():
        return _deja_la(commande, environ)
    if commande.depuis is None:
        modele = wiring.folder("config.example.toml").read_text(encoding="utf-8")
        retenues = frozenset() if commande.region else frozenset({TERRITOIRE})
        return fichier.Depart(texte=_adapte(modele, commande, titre, le), ecartees=retenues)
    config.load(commande.depuis, environ)
    return fichier.Depart(texte=_adapte(_une_seule(commande.depuis), commande, titre, le))


def rang_de(contenu: Mapping[str, Any], numero: int) -> int:
    """The rank of that démarche in the file."""
    return next(rang for rang, d in enumerate(contenu["demarches"]) if d.get("numero") == numero)


def _deja_la(commande: Commande, environ: Mapping[str, str]) -> fichier.Depart:
    settings = config.load(commande.sortie, environ)
    connues = [d.numero for d in settings.demarches]
    if commande.numero not in connues:
        raise OperatorError(
            f"« {commande.sortie} » est la configuration d’une autre démarche (n° {', '.join(map(str, connues))}).",
            hint=f"Pour la campagne suivante : --depuis {commande.sortie} --sortie un-autre-nom.toml",
        )
    repris = fichier.reprendre(commande.sortie.read_text(encoding="utf-8-sig"))
    rang = rang_de(tomllib.loads(repris.texte), commande.numero)
    edition = Edition(fichier.ecarter(repris.texte, rang, ()))
    if commande.region:
        _region(edition, commande.region)
    return replace(
        repris,
        texte=edition.texte(),
        ecartees=repris.ecartees & ({TERRITOIRE} if not commande.region else set()),
    )


def _une_seule(chemin: Path) -> str:
    """Last campaign's text with its last démarche alone: the others stay where they are."""
    repris = fichier.reprendre(chemin.read_text(encoding="utf-8-sig"))
    edition = Edition(repris.texte)
    derniere = len(tomllib.loads(repris.texte).get("demarches", [])) - 1
    titres = edition.titres()
    for (titre, debut), (_, suivant) in itertools.pairwise(titres):
        if (trouve := re.match(r"demarches\[(\d+)\]", titre)) and int(trouve[1]) < derniere:
            edition.remplace(debut, suivant, "")
    return fichier.ecarter(edition.texte(), 0, ())


def _adapte(modele: str, commande: Commande, titre: str, le: date) -> str:
    """That text for this démarche and this token, in mode `observer`."""
    edition = Edition(modele)
    for chemin, valeur in (
        ("instance.url", commande.url),
        ("instance.jeton", commande.jeton),
        ("envoi.mode", "observer"),
        ("demarches[0].numero", commande.numero),
        ("demarches[0].nom", titre),
    ):
        edition.valeur(chemin, valeur)
    if commande.depuis is None:
        _a_la_region(edition, commande.region)
    else:
        _a_la_campagne(edition, commande.sortie.resolve().parent, commande.depuis.resolve().parent)
    edition.remplace(0, _entete(modele), _titre(commande, titre, le))
    return edition.texte()


def _a_la_region(edition: Edition, region: str) -> None:
    """The example is written for one region: its code and its name give way to this one's."""
    nom = _nom(region)
    edition.valeur("messages.signature", f"L’ARS {nom}" if nom else "L’agence régionale de santé")
    _region(edition, region)
    if region != _CELLE_DE_L_EXEMPLE:
        edition.valeur("sources.cahier", _CAHIER_A_RENSEIGNER)
        for chemin in ("decisions.signataire", "decisions.voies_recours"):
            _en_commentaire(edition, chemin, "à renseigner")


_CELLE_DE_L_EXEMPLE = "24"

_CAHIER_A_RENSEIGNER = {"texte": "Cahier des charges de votre ARS (à renseigner)", "opposable": False}
"""No refusal may rest on another agency's text: until this one's is named, what it asks for is only to verify."""


def _en_commentaire(edition: Edition, chemin: str, pourquoi: str) -> None:
    """Make comments of the lines of that value, if they are in the text."""
    if chemin in edition and edition.seule_sur_sa_ligne(chemin):
        debut, fin = edition.ligne(chemin)
        lignes = edition.avant[debut:fin].split("\n")
        edition.remplace(
            debut, fin, "\n".join([f"# {pourquoi} : {lignes[0]}", *(f"# {ligne}" for ligne in lignes[1:])])
        )


def _region(edition: Edition, region: str) -> None:
    """Write the region's code in the rule that compares it, if the file still has that rule."""
    chemin = edition.option_de(TERRITOIRE, "region")
    if chemin in edition:
        debut, fin = edition.ligne(chemin)
        dit = f'region = "{region}" # {_nom(region)}' if region else 'region = "24" # à corriger : votre région'
        edition.remplace(debut, fin, dit)


def _nom(region: str) -> str:
    return next((r.nom for r in REPARTITION if r.region == region), "")


def _a_la_campagne(edition: Edition, ici: Path, la: Path) -> None:
    """Dates of the last campaign become comments; paths that started at its folder still lead where they did."""
    dates = [f"{table}.{nom}" for table in ("campagne", "demarches[0].campagne") for nom in _DATES]
    for chemin in (*dates, "envoi.mise_en_service"):
        _en_commentaire(edition, chemin, "à mettre à jour")
    for chemin in ("base.chemin", "messages.modeles", "instance.ca") if ici != la else ():
        dit = edition.lue(chemin)
        if isinstance(dit, str) and not dit.startswith(("/", "~", "$")):
            edition.valeur(chemin, str(la / dit))


_DATES = ("ouverture", "cloture", "commission", "notification_le")


def _entete(texte: str) -> int:
    """Where the comment at the head of a file ends."""
    fin = 0
    for ligne in texte.splitlines(keepends=True):
        if not ligne.startswith("#") or ligne.startswith("# ──"):
            return fin
        fin += len(ligne)
    return fin


_TITRE = """\
# Configuration du connecteur pour la démarche n° {numero}, « {titre} ».
# Écrite par « connector init » le {le}, en mode « observer » : rien n’est écrit dans Démarches simplifiées.
#
# Ce fichier est à vous. Relancer « connector init » n’y change que les lignes « à confirmer », « absent du formulaire »
# et « à créer dans DS ». Pour confirmer une ligne à la main, retirez tout ce qui précède le nom, puis relancez
# « connector init » : les règles qui attendaient ce champ reprennent.
#
# Aucun secret n’est écrit dans ce fichier. Les chemins relatifs partent du dossier où il se trouve ; « ~ » et les
# variables d’environnement ($STATE_DIRECTORY par exemple) y sont acceptés.
"""


def _titre(commande: Commande, titre: str, le: date) -> str:
    return _TITRE.format(numero=commande.numero, titre=titre, le=f"{le:%d/%m/%Y}")
