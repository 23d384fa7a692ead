"""A field must be filled, and with an answer that says something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Manquant
from connector.core.constat import Statut
from connector.core.regles.base import (
    REPONSES_CREUSES,
    Contexte,
    Exemple,
    RegleDeChamp,
    Verdict,
    hollow,
    unreadable,
)
from connector.core.textes import citer, typographier


@dataclass(frozen=True, slots=True, kw_only=True)
class ChampRequis(RegleDeChamp):
    """A field that cannot stay blank."""

    type: ClassVar[str] = "champ_requis"
    manuel: ClassVar[str] = typographier(
        "Un champ doit être rempli. Non respectée s'il est vide. À vérifier s'il est illisible, ou si la réponse ne "
        "dit rien : un simple tiret, ou un des mots de « reponses_creuses ». Sans objet si le formulaire ne pose pas "
        "la question à ce dossier."
    )

    reponses_creuses: tuple[str, ...] = REPONSES_CREUSES

    def examine_champ(self, lu: ChampLu, nom: str, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """KO when blank, doubtful when unreadable or hollow."""
        match lu.lecture:
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Connu(valeur=str(texte)) if hollow(texte, self.reponses_creuses):
                phrase = f"{nom} : la réponse {citer(texte)} demande une précision."
                return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Merci de compléter cette réponse.")
            case Connu():
                return Verdict(statut=Statut.OK, phrase=f"{nom} est renseigné.")
            case _:
                phrase = f"{nom} n'est pas renseigné."
                return Verdict(statut=Statut.KO, phrase=phrase, remede="Merci de compléter cette réponse.")

    def exemples(self) -> tuple[Exemple, ...]:
        """Filled, blank, and filled with a dash."""
        return (
            self._cas(f"{self.libelle} : réponse donnée", Connu("Réponse donnée"), Statut.OK),
            self._cas(f"{self.libelle} : champ vide", Manquant(), Statut.KO),
            self._cas(f"{self.libelle} : un simple tiret", Connu("-"), Statut.A_VERIFIER),
        )
