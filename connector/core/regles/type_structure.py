"""What the places of work are: known kinds, refused ones, and an open list in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Manquant, ValeurLue, comparables, en_mots
from connector.core.constat import Effet, Statut
from connector.core.regles.base import Contexte, Exemple, RegleDeChamp, Verdict, unreadable
from connector.core.regles.valeur_parmi import ValeurParmi, among
from connector.core.textes import abreger, normaliser, typographier


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeStructure(RegleDeChamp):
    """An open list: « centre de santé, maison de santé, cabinet libéral notamment » (note DGOS §II)."""

    type: ClassVar[str] = "type_structure"
    manuel: ClassVar[str] = typographier(
        "Le type de chaque lieu d'exercice est attendu parmi « connus ». La liste des textes est ouverte (« notamment "
        "») : un autre type est seulement à préciser. Non respectée s'il n'est pas indiqué, ou s'il figure parmi « "
        "exclus »."
    )
    types = ValeurParmi.types

    champ: str = "lieux.type_structure"
    connus: tuple[str, ...]
    exclus: tuple[str, ...] = ()
    effet: Effet = Effet.INFORMATION

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """No kind at all, or one both known and refused."""
        if not self.connus:
            return (("connus", "donnez au moins un type de structure"),)
        formes = {normaliser(mot) for mot in self.exclus}
        partages = (mot for mot in self.connus if normaliser(mot) in formes)
        return tuple(("exclus", f"« {mot} » est à la fois connu et exclu") for mot in partages)

    def examine_champ(self, lu: ChampLu, nom: str, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """OK for a known kind, KO for a refused or missing one, to be told more of otherwise."""
        match lu.lecture:
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Connu(valeur=valeur):
                return self._juge(nom, valeur)
            case _:
                phrase = f"{nom} n'est pas renseigné."
                return Verdict(statut=Statut.KO, phrase=phrase, remede="Merci d'indiquer le type de structure.")

    def _juge(self, nom: str, valeur: ValeurLue) -> Verdict:
        mots, court = comparables(valeur), abreger(en_mots(valeur))
        if among(mots, self.exclus):
            return Verdict(statut=Statut.KO, phrase=f"{nom} : « {court} » n'est pas accepté.", court=court)
        if among(mots, self.connus):
            return Verdict(statut=Statut.OK, phrase=f"{nom} : « {court} » convient.", court=court)
        phrase = f"{nom} : « {court} » n'est pas un type connu ; les textes n'en donnent pas une liste fermée."
        return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="À préciser.", court=court)

    def exemples(self) -> tuple[Exemple, ...]:
        """A known kind, none, and another one."""
        return (
            self._cas(f"{self.libelle} : {self.connus[0]}", Connu(self.connus[0]), Statut.OK),
            self._cas(f"{self.libelle} : non indiqué", Manquant(), Statut.KO),
            self._cas(f"{self.libelle} : autre structure", Connu("Structure d'un autre type"), Statut.A_VERIFIER),
        )
