"""Some specialties have other schemes: they are refused here, and told where to go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Manquant, ValeurLue, comparables, en_mots
from connector.core.constat import AvisPropose, Statut
from connector.core.regles.base import Contexte, Exemple, RegleDeChamp, SiVide, Verdict, blank, unreadable
from connector.core.regles.valeur_parmi import LIBRES, ValeurParmi, among, lookalike
from connector.core.textes import abreger, typographier


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialiteExclue(RegleDeChamp):
    """A list of specialties that the scheme leaves to others (cahier §1, note DGOS §II)."""

    type: ClassVar[str] = "specialite_exclue"
    manuel: ClassVar[str] = typographier(
        "La spécialité ne doit pas figurer parmi « exclues » (accents et casse ne comptent pas) ; « orientation » dit "
        "alors vers quel autre dispositif se tourner. À vérifier si la réponse est vide ou illisible, ou si un texte "
        "libre ressemble à une spécialité exclue. Sans objet si le formulaire ne pose pas la question."
    )
    types = ValeurParmi.types

    champ: str = "specialite"
    exclues: tuple[str, ...]
    orientation: str = ""
    avis: AvisPropose = AvisPropose.DEFAVORABLE

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """An empty list."""
        return () if self.exclues else (("exclues", "donnez au moins une spécialité"),)

    def examine_champ(self, lu: ChampLu, nom: str, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """KO for a specialty of the list, doubtful for free text that comes close to one."""
        match lu.lecture:
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Connu(valeur=valeur):
                return self._juge(lu, nom, valeur)
            case _:
                return blank(nom, SiVide.A_VERIFIER)

    def _juge(self, lu: ChampLu, nom: str, valeur: ValeurLue) -> Verdict:
        mots, court = comparables(valeur), abreger(en_mots(valeur))
        if among(mots, self.exclues):
            phrase = f"{nom} : « {court} » n'est pas éligible à ce dispositif."
            return Verdict(statut=Statut.KO, phrase=phrase, remede=self.orientation, court=court)
        if lu.type in LIBRES and (sosie := lookalike(mots, self.exclues)):
            phrase = f"{nom} : « {court} » ressemble à « {sosie} », qui n'est pas éligible."
            return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Merci de préciser.", court=court)
        return Verdict(statut=Statut.OK, phrase=f"{nom} : « {court} » est éligible.", court=court)

    def exemples(self) -> tuple[Exemple, ...]:
        """Another specialty, an excluded one, and none."""
        return (
            self._cas(f"{self.libelle} : une autre spécialité", Connu("Une autre spécialité"), Statut.OK),
            self._cas(f"{self.libelle} : {self.exclues[0]}", Connu(self.exclues[0]), Statut.KO),
            self._cas(f"{self.libelle} : champ vide", Manquant(), Statut.A_VERIFIER),
        )
