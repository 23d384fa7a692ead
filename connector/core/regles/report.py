"""A start that is put off: told at once, argued, and short (cahier §5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from connector.core.calendrier import ajoute_mois
from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Lecture, Manquant, Masque
from connector.core.constat import Statut
from connector.core.correspondance import TypeLogique
from connector.core.montants import jour, pluriel
from connector.core.regles.base import Contexte, Exemple, Reference, Regle, Verdict, nom_de, said, unreadable
from connector.core.textes import typographier

_DATES = frozenset({TypeLogique.DATE})
_TEXTES = frozenset({TypeLogique.TEXTE, TypeLogique.TEXTE_LONG})
_DERNIERE_ANNEE = date.max.year - 100
_SIECLE = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Regle):
    """« À défaut, il n'y aura pas de financement » ; « pour des durées de report faibles » (cahier §5)."""

    type: ClassVar[str] = "report"
    manuel: ClassVar[str] = typographier(
        "Un report donne son motif et la nouvelle date, au plus « mois_maximum » mois (3 par défaut) après la date "
        "prévue. Non respectée si le motif ou la nouvelle date manque (sans information, pas de financement), ou si "
        "la nouvelle date ne vient pas après l'ancienne. À vérifier si le report est plus long, donc exceptionnel, ou "
        "si une date est illisible. À réserver aux reports par « si »."
    )

    champ: str = "nouvelle_date"
    debut: str = "date_prise_fonction"
    motif: str = "motif_report"
    mois_maximum: int = 3

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """A number of months that allows nothing."""
        if 0 < self.mois_maximum <= _SIECLE:
            return ()
        return (("mois_maximum", "un nombre de mois est attendu, au moins 1"),)

    def references(self) -> tuple[Reference, ...]:
        """The new date, the first one, and the motive."""
        return (
            Reference(option="champ", champ=self.champ, types=_DATES),
            Reference(option="debut", champ=self.debut, types=_DATES),
            Reference(option="motif", champ=self.motif, types=_TEXTES),
        )

    def examine(self, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """Everything that is wrong, the gravest deciding."""
        ecarts = [*self._du_motif(candidature), *self._des_dates(candidature)]
        if not ecarts:
            nouvelle = candidature.connu(self.champ, date)
            quand = f" au {jour(nouvelle)}" if nouvelle else ""
            phrase = f"Le report{quand} est motivé et court. L'accord reste une décision de l'ARS, au cas par cas."
            return Verdict(statut=Statut.OK, phrase=phrase)
        grave = next((e for e in ecarts if e.statut is Statut.KO), ecarts[0])
        return replace(grave, phrase=" ".join(dict.fromkeys(e.phrase for e in ecarts)))

    def _du_motif(self, candidature: Candidature) -> Iterator[Verdict]:
        lecture = candidature.champ(self.motif).lecture
        if not (said(lecture) or isinstance(lecture, Masque)):
            phrase = f"{nom_de(candidature, self.motif)} n'est pas renseigné : à défaut, il n'y a pas de financement."
            yield Verdict(statut=Statut.KO, phrase=phrase, remede="Merci d'informer l'ARS des motifs du report.")

    def _des_dates(self, candidature: Candidature) -> Iterator[Verdict]:
        nom = nom_de(candidature, self.champ)
        nouvelle = candidature.champ(self.champ).lecture
        match nouvelle:
            case Manquant():
                phrase = f"{nom} n'est pas renseigné."
                yield Verdict(statut=Statut.KO, phrase=phrase, remede="Merci d'indiquer la nouvelle date.")
            case Connu(valeur=date() as le) if not isinstance(le, datetime):
                yield from self._compare(nom, le, candidature)
            case Masque():
                phrase = f"Le formulaire n'a pas demandé {nom} à ce dossier."
                yield Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Demander la nouvelle date.")
            case Illisible():
                yield unreadable(nom, nouvelle)
            case _:
                yield unreadable(nom, Illisible("une date est attendue"))

    def _compare(self, nom: str, le: date, candidature: Candidature) -> Iterator[Verdict]:
        prevue = candidature.connu(self.debut, date)
        if prevue is None or isinstance(prevue, datetime) or prevue.year > _DERNIERE_ANNEE:
            phrase = f"{nom_de(candidature, self.debut)} n'est pas connue : la durée du report est à calculer."
            yield Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Vérifier la date d'abord prévue.")
        elif le <= prevue:
            phrase = f"{nom} : le {jour(le)} ne vient pas après la date prévue ({jour(prevue)})."
            yield Verdict(statut=Statut.KO, phrase=phrase, remede="Merci de corriger cette date.")
        elif le > ajoute_mois(prevue, self.mois_maximum):
            phrase = f"Le report du {jour(prevue)} au {jour(le)} dépasse {pluriel(self.mois_maximum, 'mois', 'mois')}."
            remede = "Un report n'est accordé qu'exceptionnellement, pour une durée faible : à décider par l'ARS."
            yield Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede=remede)

    def exemples(self) -> tuple[Exemple, ...]:
        """As long as allowed, without a motive, and one month too long."""
        prevue = date(2023, 11, 1)
        limite = ajoute_mois(prevue, self.mois_maximum)
        trop = ajoute_mois(prevue, self.mois_maximum + 1)
        motif, duree = Connu("Congé de maternité."), pluriel(self.mois_maximum, "mois", "mois")
        return (
            self._cas(f"report de {duree}, motivé", motif, limite, Statut.OK),
            self._cas("report sans motif", Manquant(), limite, Statut.KO),
            self._cas("report d'un mois de plus, motivé", motif, trop, Statut.A_VERIFIER),
        )

    def _cas(self, titre: str, motif: Lecture, nouvelle: date, statut: Statut) -> Exemple:
        return self._exemple(
            titre,
            statut,
            ChampLu(cle=self.motif, libelle="Motif du report", lecture=motif),
            ChampLu(cle=self.champ, libelle="Nouvelle date de prise de fonction", lecture=Connu(nouvelle)),
            ChampLu(cle=self.debut, libelle="Date de prise de fonction", lecture=Connu(date(2023, 11, 1))),
        )
