"""A dossier is filed while its campaign is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from connector.core.campagne import Campagne
from connector.core.candidature import Candidature
from connector.core.constat import Effet, Statut
from connector.core.montants import jour
from connector.core.regles.base import CONTEXTE, Contexte, Exemple, Reference, Regle, Verdict
from connector.core.textes import typographier


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotDansLeDelai(Regle):
    """The day of deposit against [campagne]."""

    type: ClassVar[str] = "depot_dans_le_delai"
    manuel: ClassVar[str] = typographier(
        "Le dossier doit être déposé entre l'ouverture et la clôture de la campagne ([campagne]), ces deux jours "
        "compris. À vérifier si la clôture n'est pas saisie. Sans objet pour une démarche sans campagne. Un retard "
        "est l'affaire d'un agent."
    )

    effet: Effet = Effet.A_VERIFIER

    def references(self) -> tuple[Reference, ...]:
        """None: the day of deposit is always known."""
        return ()

    def examine(self, candidature: Candidature, contexte: Contexte) -> Verdict:
        """KO out of the campaign. DS gives its dates in French time: their day is the day in France."""
        if contexte.campagne is None:
            return Verdict(statut=Statut.SANS_OBJET, phrase="Sans objet : aucune campagne n'est saisie.")
        return self._juge(candidature.deposee_le.date(), contexte.campagne)

    def _juge(self, depot: date, campagne: Campagne) -> Verdict:
        court = f"{self.libelle} {jour(depot)}"
        if campagne.ouverture is not None and depot < campagne.ouverture:
            phrase = f"Le dossier est déposé le {jour(depot)}, avant l'ouverture ({jour(campagne.ouverture)})."
            return Verdict(statut=Statut.KO, phrase=phrase, remede="Vérifier qu'il est recevable.", court=court)
        if campagne.cloture is None:
            phrase = f"Le dossier est déposé le {jour(depot)} ; la clôture de la campagne n'est pas saisie."
            return Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede="Saisir la clôture.", court=court)
        if depot > campagne.cloture:
            phrase = f"Le dossier est déposé le {jour(depot)}, après la clôture ({jour(campagne.cloture)})."
            return Verdict(statut=Statut.KO, phrase=phrase, remede="Vérifier qu'il est recevable.", court=court)
        return Verdict(statut=Statut.OK, phrase=f"Le dossier est déposé le {jour(depot)}, dans le délai.", court=court)

    def exemples(self) -> tuple[Exemple, ...]:
        """On the last day, a day late, and without a closing day. The example is filed on 15/01/2024."""
        ouverture, depot, veille = date(2023, 12, 1), date(2024, 1, 15), date(2024, 1, 14)
        return (
            self._cas("déposé le jour de la clôture", Campagne(ouverture=ouverture, cloture=depot), Statut.OK),
            self._cas("déposé le lendemain de la clôture", Campagne(ouverture=ouverture, cloture=veille), Statut.KO),
            self._cas("clôture non saisie", Campagne(ouverture=ouverture), Statut.A_VERIFIER),
        )

    def _cas(self, titre: str, campagne: Campagne, statut: Statut) -> Exemple:
        return self._exemple(titre, statut, contexte=replace(CONTEXTE, campagne=campagne))
