"""How long the post lasts: one year or two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Lecture, Masque, en_mots
from connector.core.constat import Statut
from connector.core.montants import pluriel
from connector.core.projet import Projet
from connector.core.regles.base import (
    CONTEXTE,
    Contexte,
    Exemple,
    Reference,
    Regle,
    Verdict,
    never_asked,
    nom_de,
    unreadable,
)
from connector.core.textes import abreger, enumerer, typographier

CHAMP = "duree"
_MOIS_PAR_AN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Duree(Regle):
    """A duration that the ARS finances (cahier §3: two years, one being possible)."""

    type: ClassVar[str] = "duree"
    manuel: ClassVar[str] = typographier(
        "La durée du poste (champ « duree ») doit être une de celles de « mois_admis » (12 et 24 par défaut). Ses "
        "mots sont traduits par [vocabulaire.durees]. Non respectée si elle n'est pas admise, ou n'est pas indiquée. "
        "À vérifier si elle est illisible ou absente du vocabulaire."
    )

    mois_admis: tuple[int, ...] = (12, 24)

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """No duration at all, or one of no month."""
        if self.mois_admis and all(mois > 0 for mois in self.mois_admis):
            return ()
        return (("mois_admis", "donnez au moins une durée, en mois"),)

    def references(self) -> tuple[Reference, ...]:
        """The duration."""
        return (Reference(option="type", champ=CHAMP),)

    def examine(self, candidature: Candidature, contexte: Contexte) -> Verdict:
        """KO for a duration that is not financed."""
        nom = nom_de(candidature, CHAMP)
        match candidature.champ(CHAMP).lecture:
            case Masque():
                return never_asked(nom)
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Connu(valeur=valeur):
                return self._juge(nom, abreger(en_mots(valeur)), contexte.projet.duree_mois)
            case _:
                phrase = f"{nom} n'est pas renseigné."
                return Verdict(statut=Statut.KO, phrase=phrase, remede="Merci de compléter cette réponse.")

    def _juge(self, nom: str, mot: str, mois: int | None) -> Verdict:
        court = f"{self.libelle} {mot}"
        if mois is None:
            phrase = f"{nom} : « {mot} » n'est pas une durée que la configuration connaît."
            return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Vérifier la durée demandée.", court=court)
        if mois in self.mois_admis:
            return Verdict(statut=Statut.OK, phrase=f"{nom} : « {mot} » convient.", court=court)
        admises = enumerer((_en_mots(m) for m in self.mois_admis), lien="ou")
        phrase = f"{nom} : « {mot} » n'est pas une durée financée ({admises})."
        return Verdict(statut=Statut.KO, phrase=phrase, remede="Merci de corriger la durée.", court=court)

    def exemples(self) -> tuple[Exemple, ...]:
        """A duration that is financed, a longer one, and words that mean nothing."""
        bonne, longue = self.mois_admis[0], max(self.mois_admis) + 1
        return (
            self._cas(f"durée de {_en_mots(bonne)}", Connu(_en_mots(bonne)), bonne, Statut.OK),
            self._cas(f"durée de {_en_mots(longue)}", Connu(_en_mots(longue)), longue, Statut.KO),
            self._cas("durée « selon les besoins »", Connu("selon les besoins"), None, Statut.A_VERIFIER),
        )

    def _cas(self, titre: str, lecture: Lecture, mois: int | None, statut: Statut) -> Exemple:
        lu = ChampLu(cle=CHAMP, libelle="Durée du poste", lecture=lecture)
        contexte = replace(CONTEXTE, projet=Projet(dossier=0, duree_mois=mois))
        return self._exemple(titre, statut, lu, contexte=contexte)


def _en_mots(mois: int) -> str:
    annees, reste = divmod(mois, _MOIS_PAR_AN)
    return f"{mois} mois" if reste else pluriel(annees, "an")
