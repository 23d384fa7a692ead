"""How the decisions of people are carried out, and what each of them must tell."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from connector.config.mots import Booleen, Jour, Nombre, Texte, choix
from connector.config.sections import Messages, Section
from connector.core.decisions import Cadre, SourceDecisions

MENTION = (
    "Cette décision a été préparée à l’aide d’un traitement algorithmique, qui contrôle que le dossier est complet et "
    "que les critères de l’appel à candidatures sont remplis ; elle a été prise par des personnes. Vous pouvez "
    "demander à connaître les règles de ce traitement et les principales caractéristiques de sa mise en œuvre "
    "(articles L. 311-3-1 et R. 311-3-1-2 du code des relations entre le public et l’administration)"
)
CADA = (
    "Si cette demande est refusée, ou reste un mois sans réponse, vous pouvez saisir la Commission d’accès aux "
    "documents administratifs (www.cada.fr)."
)


def _imprime(texte: str) -> str:
    """The text as a letter has it: nobody types a curly apostrophe in a configuration."""
    return texte.strip().replace("'", "’")


class Decisions(Section):
    """What the file says of decisions; nothing is carried out while `source` is « aucune »."""

    source: Annotated[SourceDecisions, choix(SourceDecisions)] = SourceDecisions.AUCUNE
    notifier: Booleen = True
    signataire: str = ""
    voies_recours: str = ""
    mention_algorithmique: Booleen = True
    mention_texte: Texte | None = None
    delai_saisie_minutes: Annotated[Nombre, Field(ge=0)] = Decimal(60)
    prevenir_liste_attente: Booleen = True
    validite_liste_attente: Jour | None = None

    def cadre(self, messages: Messages) -> Cadre:
        """The same for the core, the mention written out."""
        return Cadre(
            source=self.source,
            notifier=self.notifier,
            signataire=_imprime(self.signataire),
            voies_recours=_imprime(self.voies_recours),
            mention=self._mention(messages.contact) if self.mention_algorithmique else "",
            saisie=timedelta(minutes=float(self.delai_saisie_minutes)),
            prevenir_attente=self.prevenir_liste_attente,
            validite=self.validite_liste_attente,
        )

    def _mention(self, contact: str) -> str:
        """What CRPA L. 311-3-1 wants told: the purpose, the right to know the rules, how to use it, and the CADA."""
        ou = f"en écrivant à {contact}" if contact else "en répondant dans la messagerie de votre dossier"
        return _imprime(self.mention_texte or "") or f"{MENTION}, {ou}. {CADA}"

    def manques(self) -> tuple[tuple[str, str], ...]:
        """What carrying decisions out needs and it has not: (key, French sentence)."""
        if self.source is SourceDecisions.AUCUNE:
            return ()
        besoins = (
            ("signataire", self.signataire, "qui signe les décisions, avec sa qualité"),
            (
                "voies_recours",
                self.voies_recours,
                "comment et dans quel délai les contester (à valider par le juridique)",
            ),
        )
        return tuple(
            (cle, f"obligatoire pour porter les décisions : {quoi}") for cle, dit, quoi in besoins if not dit.strip()
        )
