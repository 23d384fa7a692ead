"""The rules in force, as the page that an administration owes: for `rules`."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from connector import presentation
from connector.core.constat import Effet
from connector.core.examen_piece import MANUEL
from connector.core.notice import options, parametres
from connector.core.regles import Regle

if TYPE_CHECKING:
    from connector.config import DemarcheReglee, Settings

EFFETS = {
    Effet.BLOQUANT: "bloquant",
    Effet.A_VERIFIER: "à vérifier",
    Effet.PRIORITE: "priorité",
    Effet.INFORMATION: "information",
}


def regles_en_vigueur(settings: Settings, demarche: DemarcheReglee) -> str:
    """The page an administration owes when a decision uses an algorithm: every rule, its sources and examples."""
    head = f"Règles en vigueur pour la démarche {demarche.numero} (version {settings.version_regles})"
    chiffres = "\n".join(["Paramètres", *map(_wrapped, parametres(demarche.campagne, demarche.parametres))])
    signes = f"{presentation.SIGNES_EN_CLAIR}."
    regles = [*(_rule(regle) for regle in demarche.regles), *([_relecture()] if settings.pieces.relire else [])]
    return "\n\n".join([f"{head}\n{'=' * len(head)}", signes, *regles, chiffres])


def _relecture() -> str:
    """What is looked for inside the pieces, which no rule of the configuration says."""
    manuel = textwrap.wrap(MANUEL, 100, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(["contenu des pièces", *manuel, f"  Effet : {EFFETS[Effet.A_VERIFIER]}."])


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 100, initial_indent="  ", subsequent_indent="    ")


def _rule(regle: Regle) -> str:
    sources = [f"Source : {s.texte} ({'opposable' if s.opposable else 'non opposable'})" for s in regle.sources]
    consequence = (
        f", avis « {regle.avis.value} » si la règle n’est pas respectée" if regle.effet is Effet.BLOQUANT else ""
    )
    return "\n".join(
        [
            f"{regle.libelle} [{regle.cle}]",
            *textwrap.wrap(regle.manuel, 100, initial_indent="  ", subsequent_indent="  "),
            *(_wrapped(option) for option in options(regle)),
            f"  Effet : {EFFETS[regle.effet]}{consequence}.",
            *map(_wrapped, sources),
            *(_wrapped(_example(regle, exemple.titre, exemple)) for exemple in regle.exemples()),
        ]
    )


def _example(regle: Regle, titre: str, exemple: Any) -> str:
    """One example and what the rule really says of it, now."""
    constat = regle.check(exemple.candidature, exemple.contexte)
    return f"Exemple ({presentation.SIGNES[constat.statut]}) : {titre} → {constat.phrase}"
