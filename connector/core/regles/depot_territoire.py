"""Each application goes to the ARS of its region; an overseas one, to the overseas ARS of the place of work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Manquant, Masque
from connector.core.cles import code_region
from connector.core.constat import AvisPropose, Statut
from connector.core.correspondance import TypeLogique
from connector.core.model import Lieu
from connector.core.poste import Categorie
from connector.core.projet import LieuProjet, Projet
from connector.core.regles.base import (
    CONTEXTE,
    Contexte,
    Exemple,
    Reference,
    Regle,
    SiVide,
    Verdict,
    blank,
    never_asked,
    nom_de,
    unreadable,
)
from connector.core.situation import Situation
from connector.core.territoires import OUTRE_MER, REGIONS, ars_de, est_un_autre_territoire, region_d_outre_mer
from connector.core.textes import enumerer, typographier


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotTerritoire(Regle):
    """The region of deposit against the ARS's own, then the overseas rule (note DGOS §III)."""

    type: ClassVar[str] = "depot_territoire"
    manuel: ClassVar[str] = typographier(
        "Le dossier doit relever de l'ARS de la région « region » (code INSEE). Pour la catégorie III (exercice en "
        "Outre-mer), l'ARS ultramarine du lieu d'exercice est compétente, quelle que soit la région de dépôt. Non "
        "respectée si une autre ARS est compétente : elle est nommée. À vérifier si la région, la catégorie ou le "
        "lieu ne sont pas connus, ou si un poste hors catégorie III s'exerce en Outre-mer."
    )

    region: str
    champ: str = "region"
    avis: AvisPropose = AvisPropose.REORIENTATION

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """A region that does not exist."""
        if code_region(self.region) == self.region:
            return ()
        return (("region", "le code INSEE d'une région est attendu, sur deux caractères (« 24 », « 03 »)"),)

    def references(self) -> tuple[Reference, ...]:
        """The region of deposit, the category, the places of work."""
        return (
            Reference(option="champ", champ=self.champ, types=frozenset({TypeLogique.REGION})),
            Reference(option="type", champ="categorie"),
            Reference(option="type", champ="lieux", types=frozenset({TypeLogique.REPETITION})),
        )

    def examine(self, candidature: Candidature, contexte: Contexte) -> Verdict:
        """The overseas ARS for category III, the ARS of the region of deposit for the others."""
        if contexte.projet.categorie is Categorie.III:
            return self._outre_mer(contexte.projet, contexte.situation)
        depot = self._depot(candidature)
        if depot.statut is Statut.KO:
            return depot
        if contexte.projet.categorie is None:
            nom = nom_de(candidature, "categorie")
            phrase = f"{nom} n'est pas connue : l'ARS compétente en dépend."
            return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede=f"Vérifier {nom}.")
        return self._ailleurs(contexte) or depot

    def _depot(self, candidature: Candidature) -> Verdict:
        lu = candidature.champ(self.champ)
        nom = nom_de(candidature, self.champ)
        match lu.lecture:
            case Connu(valeur=Lieu(code=brut)) if (code := code_region(brut)) is not None:
                return self._compare(code)
            case Connu():
                return unreadable(nom, Illisible("une région est attendue"))
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Masque():
                return never_asked(nom)
            case _:
                return blank(nom, SiVide.A_VERIFIER)

    def _compare(self, code: str) -> Verdict:
        if code == self.region:
            return Verdict(statut=Statut.OK, phrase=f"Le dossier relève de {ars_de(code)}.")
        return self._reoriente([code], f"Le dossier est déposé pour la région {REGIONS[code]}.")

    def _reoriente(self, codes: list[str], phrase: str) -> Verdict:
        competentes = enumerer((ars_de(code) for code in codes), lien="ou")
        return Verdict(
            statut=Statut.KO,
            phrase=phrase,
            remede=f"Il est à déposer auprès de {competentes}.",
            court=f"à déposer auprès de {competentes}",
        )

    def _outre_mer(self, projet: Projet, situation: Situation) -> Verdict:
        lues = (_region_du_lieu(lieu, situation) for lieu in projet.lieux)
        competentes = sorted({region for region in lues if region in OUTRE_MER})
        if not competentes:
            return _sans_outre_mer(projet, situation)
        if self.region in competentes:
            phrase = f"Le temps partagé se fait en Outre-mer, dans le ressort de {ars_de(self.region)}."
            return Verdict(statut=Statut.OK, phrase=phrase)
        phrase = f"Le temps partagé se fait en Outre-mer ({enumerer(REGIONS[c] for c in competentes)})."
        return self._reoriente(competentes, phrase)

    def _ailleurs(self, contexte: Contexte) -> Verdict | None:
        """A post of category I or II with a place overseas, seen from the mainland."""
        lues = (_region_du_lieu(lieu, contexte.situation) for lieu in contexte.projet.lieux)
        loin = sorted({region for region in lues if region in OUTRE_MER and region != self.region})
        if not loin:
            return None
        phrase = f"Un lieu d'exercice est en Outre-mer ({enumerer(REGIONS[c] for c in loin)})."
        remede = f"Vérifier la catégorie de poste : un exercice en Outre-mer se demande à {ars_de(loin[0])}."
        return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede=remede)

    def exemples(self) -> tuple[Exemple, ...]:
        """The ARS's own region, another one, and none."""
        autre = "84" if self.region == "24" else "24"
        return (
            self._cas(f"déposé en {REGIONS[self.region]}", Connu(_lieu(self.region)), Statut.OK),
            self._cas(f"déposé en {REGIONS[autre]}", Connu(_lieu(autre)), Statut.KO),
            self._cas("région de dépôt non indiquée", Manquant(), Statut.A_VERIFIER),
        )

    def _cas(self, titre: str, lecture: Connu | Manquant, statut: Statut) -> Exemple:
        lu = ChampLu(cle=self.champ, libelle="Région de dépôt", lecture=lecture, type=TypeLogique.REGION)
        contexte = replace(CONTEXTE, projet=Projet(dossier=0, categorie=Categorie.II))
        return self._exemple(titre, statut, lu, contexte=contexte)


def _lieu(region: str) -> Lieu:
    return Lieu(code=region, name=REGIONS[region])


def _commune(lieu: LieuProjet, situation: Situation) -> str:
    return situation.lieu(lieu.rang).commune or lieu.code_commune or ""


def _region_du_lieu(lieu: LieuProjet, situation: Situation) -> str | None:
    return region_d_outre_mer(_commune(lieu, situation)) or situation.lieu(lieu.rang).region


def _sans_outre_mer(projet: Projet, situation: Situation) -> Verdict:
    if any(est_un_autre_territoire(_commune(lieu, situation)) for lieu in projet.lieux):
        phrase = "Le lieu d'exercice est dans un territoire que l'annexe de la note DGOS ne mentionne pas."
        return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Vérifier que le dispositif s'y applique.")
    phrase = "La catégorie est « exercice en Outre-mer », mais aucun lieu d'exercice en Outre-mer n'est reconnu."
    return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Vérifier la catégorie et la commune des lieux.")
