"""A value must be one of a list, or must not be one of another."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, ValeurLue, comparables, en_mots
from connector.core.constat import Statut
from connector.core.correspondance import TypeLogique
from connector.core.regles.base import Contexte, Exemple, RegleDeChamp, SiVide, Verdict, blank, unreadable
from connector.core.textes import abreger, enumerer, normaliser, typographier

_QUASI_IDENTIQUE = 0.9
LIBRES = frozenset({TypeLogique.TEXTE, TypeLogique.TEXTE_LONG})
"""Types of field where people type what they like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValeurParmi(RegleDeChamp):
    """A closed list of what is accepted, a list of what is not, or both."""

    type: ClassVar[str] = "valeur_parmi"
    manuel: ClassVar[str] = typographier(
        "La réponse doit figurer parmi « acceptees », et ne pas figurer parmi « exclues ». Les accents, la casse et "
        "les apostrophes ne comptent pas ; une commune ou une région se donne par son code ou par son nom. À vérifier "
        "si la réponse est illisible ou vide (« si_vide »), ou si un texte libre ressemble à une valeur de la liste "
        "sans lui être identique."
    )
    types: ClassVar[frozenset[TypeLogique]] = frozenset(TypeLogique) - {
        TypeLogique.PIECE,
        TypeLogique.REPETITION,
        TypeLogique.ADRESSE,
    }

    acceptees: tuple[str, ...] = ()
    exclues: tuple[str, ...] = ()
    si_vide: SiVide = SiVide.A_VERIFIER

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """No list at all, or one value in both."""
        if not self.acceptees and not self.exclues:
            return (("acceptees", "donnez au moins une valeur dans « acceptees » ou « exclues »"),)
        exclues = {normaliser(valeur) for valeur in self.exclues}
        partagees = (valeur for valeur in self.acceptees if normaliser(valeur) in exclues)
        return tuple(("exclues", f"« {valeur} » est à la fois acceptée et exclue") for valeur in partagees)

    def examine_champ(self, lu: ChampLu, nom: str, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """KO for an excluded value, then for one that is not accepted; doubtful when free text comes close."""
        match lu.lecture:
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Connu(valeur=valeur):
                return self._juge(lu, nom, valeur)
            case _:
                return blank(nom, self.si_vide)

    def _juge(self, lu: ChampLu, nom: str, valeur: ValeurLue) -> Verdict:
        mots = comparables(valeur)
        refusees, voulues = among(mots, self.exclues), among(mots, self.acceptees)
        court = abreger(en_mots(valeur))
        dit = f"{nom} : « {court} »"
        if refusees:
            return Verdict(statut=Statut.KO, phrase=f"{dit} est exclu par les textes.", court=court)
        if lu.type in LIBRES and (sosie := lookalike(mots, self.exclues)):
            return _doute(f"{dit} ressemble à « {sosie} », qui est exclu.", court)
        if not self.acceptees or self._suffit(valeur, mots, voulues):
            return Verdict(statut=Statut.OK, phrase=f"{dit} convient.", court=court)
        if lu.type in LIBRES and (sosie := lookalike(mots, self.acceptees)):
            return _doute(f"{dit} ressemble à « {sosie} ».", court)
        attendus = enumerer((f"« {v} »" for v in self.acceptees), lien="ou")
        phrase = f"{dit} n'est pas parmi les réponses attendues ({attendus})."
        return Verdict(statut=Statut.KO, phrase=phrase, court=court)

    @staticmethod
    def _suffit(valeur: ValeurLue, mots: tuple[str, ...], voulues: tuple[str, ...]) -> bool:
        """Every choice must be accepted; a place is accepted by its code or by its name."""
        return len(voulues) == len(mots) if isinstance(valeur, tuple) else bool(voulues)

    def exemples(self) -> tuple[Exemple, ...]:
        """An accepted value, a refused one, and one that nobody can read."""
        bonne = self.acceptees[0] if self.acceptees else "une autre valeur"
        mauvaise = self.exclues[0] if self.exclues else "une valeur hors liste"
        illisible = Illisible("la valeur n'a pas été reconnue")
        return (
            self._cas(f"{self.libelle} : {bonne}", Connu(bonne), Statut.OK),
            self._cas(f"{self.libelle} : {mauvaise}", Connu(mauvaise), Statut.KO),
            self._cas(f"{self.libelle} : réponse illisible", illisible, Statut.A_VERIFIER),
        )


def among(mots: Iterable[str], valeurs: Iterable[str]) -> tuple[str, ...]:
    """Those of the words that are in the list."""
    formes = {normaliser(valeur) for valeur in valeurs}
    return tuple(mot for mot in mots if mot in formes)


def lookalike(mots: Iterable[str], valeurs: Iterable[str]) -> str | None:
    """The value of the list that the words contain, or that they almost spell."""
    textes = [f" {mot} " for mot in mots]
    for valeur in valeurs:
        forme = f" {normaliser(valeur)} "
        ratios = (difflib.SequenceMatcher(None, forme, texte).ratio() for texte in textes)
        if any(forme in texte for texte in textes) or any(ratio >= _QUASI_IDENTIQUE for ratio in ratios):
            return valeur
    return None


def _doute(phrase: str, court: str) -> Verdict:
    return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Merci de préciser cette réponse.", court=court)
