"""The agreement between the parties: there, and seen by somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Lecture, Manquant
from connector.core.constat import Effet, Statut
from connector.core.correspondance import TypeLogique
from connector.core.regles.base import Contexte, Exemple, Reference, RegleDeChamp, Verdict, nom_de, unreadable
from connector.core.textes import typographier


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention(RegleDeChamp):
    """What the API cannot tell of it, that it is signed, is for an agent's eye (domaine, decision 6)."""

    type: ClassVar[str] = "convention"
    manuel: ClassVar[str] = typographier(
        "La convention doit être au dossier. Démarches simplifiées ne dit pas si elle est signée : elle reste à "
        "vérifier tant qu'un agent n'a pas coché « controle ». Sa présence est déjà comptée parmi les pièces, et la "
        "prime d'exercice territorial en dépend."
    )
    types: ClassVar[frozenset[TypeLogique]] = frozenset({TypeLogique.PIECE})

    champ: str = "convention"
    controle: str = "controle_visuel"
    effet: Effet = Effet.INFORMATION

    def references(self) -> tuple[Reference, ...]:
        """The piece, and the box that an agent ticks."""
        coche = Reference(option="controle", champ=self.controle, types=frozenset({TypeLogique.BOOLEEN}))
        return (*RegleDeChamp.references(self), coche)

    def examine_champ(self, lu: ChampLu, nom: str, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """KO when absent, to be looked at until an agent did."""
        match lu.lecture:
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Connu():
                return self._presente(nom, candidature)
            case _:
                phrase = f"{nom} n'est pas au dossier."
                return Verdict(statut=Statut.KO, phrase=phrase, remede="La prime ne peut pas être confirmée sans elle.")

    def _presente(self, nom: str, candidature: Candidature) -> Verdict:
        if candidature.champ(self.controle).lecture == Connu(valeur=True):
            return Verdict(statut=Statut.OK, phrase=f"{nom} est au dossier, contrôle visuel fait.")
        phrase = f"{nom} est au dossier ; ses signatures restent à contrôler à l'œil."
        remede = f"Cocher {nom_de(candidature, self.controle)} une fois le contrôle fait."
        return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede=remede, court="signatures à voir")

    def exemples(self) -> tuple[Exemple, ...]:
        """Seen by an agent, absent, and not seen yet."""
        presente = Connu(("convention.pdf",))
        return (
            self._vue("convention au dossier, contrôlée", presente, Connu(valeur=True), Statut.OK),
            self._vue("convention absente", Manquant(), Manquant(), Statut.KO),
            self._vue("convention au dossier, pas encore contrôlée", presente, Manquant(), Statut.A_VERIFIER),
        )

    def _vue(self, titre: str, lecture: Lecture, controle: Lecture, statut: Statut) -> Exemple:
        return self._exemple(
            titre,
            statut,
            ChampLu(cle=self.champ, libelle="Convention", lecture=lecture, type=TypeLogique.PIECE),
            ChampLu(cle=self.controle, libelle="Contrôle visuel des pièces", lecture=controle),
        )
