"""A new candidate for a post that somebody gave up (cahier §5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Lecture, Manquant, Masque
from connector.core.constat import Statut
from connector.core.correspondance import TypeLogique
from connector.core.model import DossierState, LienDossier
from connector.core.montants import nombre
from connector.core.projet import Projet
from connector.core.regles.base import CONTEXTE, Contexte, Exemple, Reference, Regle, Verdict, nom_de, said, unreadable
from connector.core.situation import DossierRemplace, Situation
from connector.core.textes import typographier

_SIRET, _MOITIE = "26370010600010", Decimal(50)
"""Those of the examples."""

_TEXTES = frozenset({TypeLogique.TEXTE, TypeLogique.TEXTE_LONG})
_MEME_POSTE = "Le poste est le même : il n'en consomme pas un nouveau."


@dataclass(frozen=True, slots=True, kw_only=True)
class Remplacement(Regle):
    """The dossier given up, accepted and of the same establishment; what changes is told. No new place is taken."""

    type: ClassVar[str] = "remplacement"
    manuel: ClassVar[str] = typographier(
        "Un remplacement cite le dossier du candidat désisté (« champ »), accepté et du même établissement, et dit "
        "quelles répercussions il a (« repercussions »). Non respectée si le lien ou les répercussions manquent, si "
        "le dossier cité a été refusé ou vient d'un autre établissement. À vérifier si ce dossier est inconnu ici ou "
        "pas encore accepté, ou si le projet ou la quotité changent. La pièce de motif est une règle « "
        "piece_obligatoire ». À réserver aux remplacements par « si »."
    )

    champ: str = "dossier_remplace"
    repercussions: str = "repercussions"

    def references(self) -> tuple[Reference, ...]:
        """The dossier given up, and what the change of candidate entails."""
        return (
            Reference(option="champ", champ=self.champ, types=frozenset({TypeLogique.LIEN})),
            Reference(option="repercussions", champ=self.repercussions, types=_TEXTES),
        )

    def examine(self, candidature: Candidature, contexte: Contexte) -> Verdict:
        """Everything that is wrong or changes, the gravest deciding."""
        ecarts = [*self._du_lien(candidature, contexte), *self._des_repercussions(candidature)]
        if not ecarts:
            return Verdict(statut=Statut.OK, phrase=f"Le dossier remplacé est reconnu. {_MEME_POSTE}")
        grave = next((e for e in ecarts if e.statut is Statut.KO), ecarts[0])
        phrase = " ".join(dict.fromkeys(e.phrase for e in ecarts))
        return replace(grave, phrase=phrase, court="")

    def _du_lien(self, candidature: Candidature, contexte: Contexte) -> Iterator[Verdict]:
        nom = nom_de(candidature, self.champ)
        remplace = contexte.situation.remplace
        match candidature.champ(self.champ).lecture:
            case Illisible() as lecture:
                yield unreadable(nom, lecture)
            case Manquant():
                yield _ko(f"{nom} n'est pas renseigné.", "Merci d'indiquer le numéro du dossier remplacé.")
            case Masque():
                yield _doute(f"Le formulaire n'a pas demandé {nom} à ce dossier.", "Rechercher le dossier remplacé.")
            case _ if remplace is None:
                yield _doute(f"{nom} : ce dossier n'est pas connu ici.", "Vérifier son numéro et son état.")
            case _:
                yield from _du_dossier(remplace, candidature, contexte.projet)

    def _des_repercussions(self, candidature: Candidature) -> Iterator[Verdict]:
        lecture = candidature.champ(self.repercussions).lecture
        if not (said(lecture) or isinstance(lecture, Masque)):
            remede = "Merci de préciser si le changement de candidat a ou non des répercussions."
            yield _ko(f"{nom_de(candidature, self.repercussions)} n'est pas renseigné.", remede)

    def exemples(self) -> tuple[Exemple, ...]:
        """The dossier of an accepted candidate, none, and one that nobody knows here."""
        lien = Connu(LienDossier(number=100))
        return (
            self._cas("dossier accepté du même établissement", lien, DossierState.ACCEPTE, Statut.OK),
            self._cas("dossier remplacé non indiqué", Manquant(), None, Statut.KO),
            self._cas("dossier remplacé inconnu", lien, None, Statut.A_VERIFIER),
        )

    def _cas(self, titre: str, lien: Lecture, etat: DossierState | None, statut: Statut) -> Exemple:
        projet = Projet(dossier=0, siret=_SIRET, quotite_ambulatoire=_MOITIE)
        lus = (
            ChampLu(cle=self.champ, libelle="Dossier du candidat désisté", lecture=lien, type=TypeLogique.LIEN),
            ChampLu(cle=self.repercussions, libelle="Répercussions", lecture=Connu("Aucune.")),
        )
        contexte = replace(CONTEXTE, projet=projet, situation=Situation(remplace=_ancien(etat)))
        return self._exemple(titre, statut, *lus, contexte=contexte)


def _ancien(etat: DossierState | None) -> DossierRemplace | None:
    if etat is None:
        return None
    return DossierRemplace(dossier=100, etat=etat, siret=_SIRET, quotite_ambulatoire=_MOITIE, projet="")


def _ko(phrase: str, remede: str) -> Verdict:
    return Verdict(statut=Statut.KO, phrase=phrase, remede=remede)


def _doute(phrase: str, remede: str) -> Verdict:
    return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede=remede)


def _du_dossier(ancien: DossierRemplace, candidature: Candidature, projet: Projet) -> Iterator[Verdict]:
    """What is wrong with the dossier given up, then what changes from it."""
    cite = f"Le dossier remplacé (n° {ancien.dossier})"
    if ancien.etat is DossierState.REFUSE:
        yield _ko(f"{cite} a été refusé : il n'y a pas de poste à reprendre.", "Merci de vérifier son numéro.")
    elif ancien.etat is not DossierState.ACCEPTE:
        yield _doute(f"{cite} n'est pas au nombre des dossiers acceptés.", "Vérifier son état.")
    siret = candidature.siret or projet.siret
    if siret and ancien.siret and siret != ancien.siret:
        yield _ko(f"{cite} vient d'un autre établissement.", "Merci de vérifier son numéro.")
    elif not (siret and ancien.siret):
        yield _doute(f"{cite} : rien ne dit s'il vient du même établissement.", "Vérifier l'établissement.")
    yield from _des_changements(ancien, projet)


def _des_changements(ancien: DossierRemplace, projet: Projet) -> Iterator[Verdict]:
    remede = "Examiner l'effet du changement de candidat sur le projet et les quotités."
    return (_doute(phrase, remede) for phrase in changements(ancien, projet))


def changements(ancien: DossierRemplace, projet: Projet) -> Iterator[str]:
    """What the new project changes from the one of the dossier given up, as French sentences."""
    avant, apres = ancien.quotite_ambulatoire, projet.quotite_ambulatoire
    if avant is not None and apres is not None and avant != apres:
        passe = f"passe de {nombre(avant)}\u00a0% à {nombre(apres)}\u00a0%"
        yield f"La quotité ambulatoire {passe} avec le nouveau candidat."
    if ancien.projet and projet.empreinte and ancien.projet != projet.empreinte:
        yield "La spécialité ou les lieux d'exercice ne sont plus ceux du dossier remplacé."
