"""The post starts within its promotion."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from connector.core.calendrier import ajoute_mois
from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Lecture, Manquant
from connector.core.constat import Statut
from connector.core.correspondance import TypeLogique
from connector.core.montants import jour
from connector.core.regles.base import Contexte, Exemple, Reference, RegleDeChamp, Verdict, nom_de, unreadable
from connector.core.textes import enumerer, typographier

_PROMOTION = re.compile(r"\s*(\d{4})\s*\D{1,3}\s*(\d{4})\s*", re.ASCII)
_DECEMBRE = 12
_MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatePriseFonction(RegleDeChamp):
    """A start within the year that opens its promotion (domaine §2.4 and §6)."""

    type: ClassVar[str] = "date_prise_fonction"
    manuel: ClassVar[str] = typographier(
        "La date de prise de fonction doit tomber dans l'année qui ouvre la promotion : de « mois_de_rentree » (11 : "
        "le 1er novembre) à la veille de la rentrée suivante. Non respectée aussi si elle manque. À vérifier si la "
        "date ou la promotion est illisible ou inconnue, ou si « mois_admis » est donné et que le mois n'en est pas."
    )
    types: ClassVar[frozenset[TypeLogique]] = frozenset({TypeLogique.DATE})

    champ: str = "date_prise_fonction"
    promotion: str = "promotion"
    mois_de_rentree: int = 11
    mois_admis: tuple[int, ...] = ()

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """Months that no calendar has."""
        fautes = []
        if not 1 <= self.mois_de_rentree <= _DECEMBRE:
            fautes.append(("mois_de_rentree", "un mois de 1 à 12 est attendu"))
        if any(not 1 <= mois <= _DECEMBRE for mois in self.mois_admis):
            fautes.append(("mois_admis", "des mois de 1 à 12 sont attendus"))
        return tuple(fautes)

    def references(self) -> tuple[Reference, ...]:
        """The date, and the promotion."""
        siennes = RegleDeChamp.references(self)
        return (*siennes, Reference(option="promotion", champ=self.promotion))

    def examine_champ(self, lu: ChampLu, nom: str, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """KO out of the promotion's first year."""
        match lu.lecture:
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Connu(valeur=date() as valeur) if not isinstance(valeur, datetime):
                return self._juge(nom, valeur, candidature)
            case Connu():
                return unreadable(nom, Illisible("une date est attendue"))
            case _:
                phrase = f"{nom} n'est pas renseigné."
                return Verdict(statut=Statut.KO, phrase=phrase, remede="Merci de compléter cette réponse.")

    def _juge(self, nom: str, valeur: date, candidature: Candidature) -> Verdict:
        court = f"{self.libelle} {jour(valeur)}"
        promotion = candidature.connu(self.promotion, str) or ""
        periode = self._periode(promotion)
        if periode is None:
            phrase = f"{nom} : {nom_de(candidature, self.promotion)} ne dit pas de quelle promotion il s'agit."
            return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Vérifier la promotion.", court=court)
        debut, fin = periode
        if not debut <= valeur <= fin:
            attendue = f"du {jour(debut)} au {jour(fin)}"
            phrase = f"{nom} : le {jour(valeur)} n'est pas dans la promotion {promotion.strip()} ({attendue})."
            return Verdict(statut=Statut.KO, phrase=phrase, remede="Merci de corriger la date.", court=court)
        return self._selon_le_mois(nom, valeur, court)

    def _selon_le_mois(self, nom: str, valeur: date, court: str) -> Verdict:
        if not self.mois_admis or valeur.month in self.mois_admis:
            return Verdict(statut=Statut.OK, phrase=f"{nom} : le {jour(valeur)} convient.", court=court)
        mois = enumerer((_MOIS[m - 1] for m in self.mois_admis), lien="ou")
        phrase = f"{nom} : le {jour(valeur)} n'est pas une prise de fonction habituelle ({mois})."
        return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Vérifier la date.", court=court)

    def _periode(self, promotion: str) -> tuple[date, date] | None:
        """First and last day of the year that opens a promotion; None when it is not written as two years."""
        forme = _PROMOTION.fullmatch(promotion)
        annee = int(forme[1]) if forme else 0
        if forme is None or not date.min.year <= annee < date.max.year or int(forme[2]) <= annee:
            return None
        debut = date(annee, self.mois_de_rentree, 1)
        return debut, ajoute_mois(debut, _DECEMBRE) - timedelta(days=1)

    def exemples(self) -> tuple[Exemple, ...]:
        """The month when promotions start, a year in another century, and no promotion."""
        mois = self.mois_admis[0] if self.mois_admis else self.mois_de_rentree
        debut = date(2023 if mois >= self.mois_de_rentree else 2024, mois, 1)
        return (
            self._date(f"promotion 2023-2025, le {jour(debut)}", Connu("2023-2025"), debut, Statut.OK),
            self._date("promotion 2023-2025, en 1900", Connu("2023-2025"), date(1900, 1, 1), Statut.KO),
            self._date("promotion non indiquée", Manquant(), debut, Statut.A_VERIFIER),
        )

    def _date(self, titre: str, promotion: Lecture, valeur: date, statut: Statut) -> Exemple:
        return self._exemple(
            titre,
            statut,
            ChampLu(cle=self.champ, libelle="Date de prise de fonction", lecture=Connu(valeur)),
            ChampLu(cle=self.promotion, libelle="Promotion", lecture=promotion),
        )
