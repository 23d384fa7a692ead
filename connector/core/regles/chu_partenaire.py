"""The university hospital that is a partner of the project, and pays the post (note DGOS §II)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Manquant, en_mots
from connector.core.constat import Effet, Statut
from connector.core.correspondance import TypeLogique
from connector.core.model import Etablissement
from connector.core.regles.base import Contexte, Exemple, Reference, RegleDeChamp, Verdict, hollow, unreadable
from connector.core.textes import abreger, normaliser, typographier

_CHU = re.compile(r"\b(chu|chru|centre hospitalier (regional )?(et )?universitaire|ap-hp|ap-hm|hospices civils)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChuPartenaire(RegleDeChamp):
    """A partner that is named, or the recruiting establishment itself when it is one."""

    type: ClassVar[str] = "chu_partenaire"
    manuel: ClassVar[str] = typographier(
        "Le CHU partenaire est nommé, ou l'établissement recruteur (« siret ») est lui-même un CHU. Non respectée si "
        "le champ est vide, à vérifier si la réponse ne dit rien ou est illisible."
    )
    types: ClassVar[frozenset[TypeLogique]] = frozenset({TypeLogique.TEXTE, TypeLogique.CHOIX, TypeLogique.TEXTE_LONG})

    champ: str = "chu"
    siret: str = "siret"
    reponses_creuses: tuple[str, ...] = ("aucun", "non", "sans objet", "none", "nc", "néant", "à préciser", "x")
    effet: Effet = Effet.INFORMATION

    def references(self) -> tuple[Reference, ...]:
        """The partner, and the recruiting establishment."""
        recruteur = Reference(option="siret", champ=self.siret, types=frozenset({TypeLogique.SIRET}))
        return (*RegleDeChamp.references(self), recruteur)

    def examine_champ(self, lu: ChampLu, nom: str, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """OK when named; a recruiting CHU needs no other."""
        match lu.lecture:
            case Connu(valeur=valeur) if not hollow(en_mots(valeur), self.reponses_creuses):
                mot = abreger(en_mots(valeur))
                return Verdict(statut=Statut.OK, phrase=f"{nom} : « {mot} ».", court=mot)
            case _ if self._recruteur_est_un_chu(candidature):
                return Verdict(statut=Statut.OK, phrase="L'établissement recruteur est lui-même un CHU.")
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Connu(valeur=valeur):
                phrase = f"{nom} : la réponse « {abreger(en_mots(valeur))} » demande une précision."
                return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="À préciser.")
            case _:
                return Verdict(statut=Statut.KO, phrase=f"{nom} n'est pas renseigné.", remede="À préciser.")

    def _recruteur_est_un_chu(self, candidature: Candidature) -> bool:
        recruteur = candidature.connu(self.siret, Etablissement)
        return _CHU.search(normaliser((recruteur and recruteur.raison_sociale) or "")) is not None

    def exemples(self) -> tuple[Exemple, ...]:
        """A name, nothing, and a dash."""
        return (
            self._cas("CHU partenaire nommé", Connu("CHU de la région"), Statut.OK),
            self._cas("CHU partenaire non indiqué", Manquant(), Statut.KO),
            self._cas("CHU partenaire : un simple tiret", Connu("-"), Statut.A_VERIFIER),
        )
