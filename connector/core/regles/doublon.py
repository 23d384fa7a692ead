"""The same candidate, or the same project, filed twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Lecture, Manquant
from connector.core.cles import rpps_valide
from connector.core.constat import Effet, Statut
from connector.core.correspondance import TypeLogique
from connector.core.model import DossierState
from connector.core.montants import pluriel
from connector.core.projet import LieuProjet, Projet
from connector.core.regles.base import CONTEXTE, Contexte, Exemple, Reference, Regle, Verdict, nom_de, unreadable
from connector.core.situation import Jumeau, Situation
from connector.core.textes import enumerer, typographier

_TEXTES = frozenset({TypeLogique.TEXTE, TypeLogique.ENTIER})
_CITES = 3
"""How many of them a sentence names."""

_ECARTES = frozenset({DossierState.REFUSE, DossierState.SANS_SUITE})


class Motif(StrEnum):
    """What two dossiers may share."""

    CANDIDAT = "candidat"
    PROJET = "projet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doublon(Regle):
    """Other dossiers of this database, whatever their démarche; those refused or dropped do not count."""

    type: ClassVar[str] = "doublon"
    manuel: ClassVar[str] = typographier(
        "Aucun autre dossier connu, dans aucune des démarches, ne doit porter le même candidat (motif « candidat ») "
        "ou le même projet, c'est-à-dire les mêmes lieux et la même spécialité (motif « projet »). Les dossiers "
        "refusés ou classés sans suite et le dossier remplacé ne comptent pas. À vérifier si le numéro RPPS n'est pas "
        "valide (sa clé ne correspond pas), ou si le projet n'est pas assez décrit."
    )

    motif: Motif
    rpps: str = "rpps"
    effet: Effet = Effet.A_VERIFIER

    def references(self) -> tuple[Reference, ...]:
        """The RPPS number, where the candidate is looked for."""
        return (Reference(option="rpps", champ=self.rpps, types=_TEXTES),) if self.motif is Motif.CANDIDAT else ()

    def examine(self, candidature: Candidature, contexte: Contexte) -> Verdict:
        """KO when another dossier shares it."""
        jumeaux = [j for j in contexte.situation.jumeaux if self._compte(j, contexte.projet)]
        if jumeaux:
            return self._trouve(jumeaux)
        doute = self._cle_du_rpps(candidature) if self.motif is Motif.CANDIDAT else _projet_vague(contexte.projet)
        return doute or Verdict(statut=Statut.OK, phrase=f"Aucun autre dossier connu pour le même {self.motif}.")

    def _compte(self, jumeau: Jumeau, projet: Projet) -> bool:
        remplace = projet.lien.number if projet.lien else None
        return jumeau.motif == self.motif and jumeau.etat not in _ECARTES and jumeau.dossier != remplace

    def _trouve(self, jumeaux: list[Jumeau]) -> Verdict:
        reste = len(jumeaux) - _CITES
        suite = [pluriel(reste, "autre", "autres")] if reste > 0 else []
        cites = enumerer([*(f"n° {j.dossier} (démarche n° {j.demarche})" for j in jumeaux[:_CITES]), *suite])
        combien = "un autre dossier" if len(jumeaux) == 1 else pluriel(len(jumeaux), "autre dossier", "autres dossiers")
        return Verdict(
            statut=Statut.KO,
            phrase=f"Même {self.motif} que dans {combien} : {cites}.",
            remede="Vérifier lequel est à instruire.",
            court=f"doublon de {self.motif}",
        )

    def _cle_du_rpps(self, candidature: Candidature) -> Verdict | None:
        nom = nom_de(candidature, self.rpps)
        match candidature.champ(self.rpps).lecture:
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Connu(valeur=valeur) if not rpps_valide(str(valeur)):
                phrase = f"{nom} : ce n'est pas un numéro RPPS valide (11 chiffres, le dernier étant une clé)."
                return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Merci de vérifier ce numéro.")
            case _:
                return None

    def exemples(self) -> tuple[Exemple, ...]:
        """Alone, twice, and too little to tell."""
        double = Jumeau(dossier=100, demarche=1, motif=self.motif, etat=DossierState.EN_CONSTRUCTION)
        decrit = Projet(dossier=0) if self.motif is Motif.CANDIDAT else _projet_decrit()
        connu = Connu("10000000009") if self.motif is Motif.CANDIDAT else Manquant()
        douteux = Connu("12345678901") if self.motif is Motif.CANDIDAT else Manquant()
        return (
            self._cas("aucun autre dossier", connu, decrit, (), Statut.OK),
            self._cas("un autre dossier en construction", connu, decrit, (double,), Statut.KO),
            self._cas("rien qui permette de comparer", douteux, Projet(dossier=0), (), Statut.A_VERIFIER),
        )

    def _cas(self, titre: str, rpps: Lecture, projet: Projet, jumeaux: tuple[Jumeau, ...], statut: Statut) -> Exemple:
        contexte = replace(CONTEXTE, projet=projet, situation=Situation(jumeaux=jumeaux))
        return self._exemple(titre, statut, ChampLu(cle=self.rpps, libelle="N° RPPS", lecture=rpps), contexte=contexte)


def _projet_vague(projet: Projet) -> Verdict | None:
    """Without a specialty and a place, no project can be recognised."""
    if projet.empreinte:
        return None
    phrase = "Le projet n'est pas assez décrit (spécialité, lieux) pour être comparé aux autres dossiers."
    return Verdict(statut=Statut.A_VERIFIER, phrase=phrase)


def _projet_decrit() -> Projet:
    return Projet(dossier=0, specialite="Dermatologie", lieux=(LieuProjet(rang=1, nom="Maison de santé"),))
