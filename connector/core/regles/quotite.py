"""How the working time is shared between the hospital and the town, and what a different share asks for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Lecture, Manquant, Masque
from connector.core.constat import Statut
from connector.core.correspondance import TypeLogique
from connector.core.montants import nombre
from connector.core.regles.base import (
    Contexte,
    Exemple,
    Reference,
    Regle,
    Verdict,
    never_asked,
    nom_de,
    number_of,
    said,
    unreadable,
)
from connector.core.textes import typographier

_CENT = Decimal(100)
_NOMBRES = frozenset({TypeLogique.ENTIER, TypeLogique.DECIMAL})
_TEXTES = frozenset({TypeLogique.TEXTE, TypeLogique.TEXTE_LONG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotite(Regle):
    """The ambulatory share: at least a half (note DGOS §II), or exactly (cahier §3), unless argued and accepted."""

    type: ClassVar[str] = "quotite"
    manuel: ClassVar[str] = typographier(
        "Les deux quotités font 100 %, et la quotité ambulatoire atteint « minimum » (50 par défaut, note DGOS). Avec "
        "« stricte = true », elle lui est égale (50 % dans chaque structure, cahier des charges). Une autre quotité "
        "ne la respecte pas sans motif écrit, est à vérifier avec un motif, et convient quand un agent l'a acceptée "
        "(« acceptation »). Non respectée aussi si une quotité manque, sort de 0 à 100, ou si la somme n'est pas 100. "
        "À vérifier si une réponse est illisible."
    )

    champ: str = "quotite_ambulatoire"
    champ_hospitalier: str = "quotite_hospitaliere"
    motivation: str = "modulation"
    acceptation: str = "modulation_acceptee"
    minimum: Decimal = Decimal(50)
    stricte: bool = False

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """A share that is none."""
        return () if 0 < self.minimum <= _CENT else (("minimum", "un pourcentage entre 0 et 100 est attendu"),)

    def references(self) -> tuple[Reference, ...]:
        """The two shares, the motive, the ARS's acceptance."""
        return (
            Reference(option="champ", champ=self.champ, types=_NOMBRES),
            Reference(option="champ_hospitalier", champ=self.champ_hospitalier, types=_NOMBRES),
            Reference(option="motivation", champ=self.motivation, types=_TEXTES),
            Reference(option="acceptation", champ=self.acceptation, types=frozenset({TypeLogique.BOOLEEN})),
        )

    def examine(self, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """What is wrong with the figures first, then what the share itself is worth."""
        ville, hopital = (candidature.champ(cle).lecture for cle in (self.champ, self.champ_hospitalier))
        if isinstance(ville, Masque):
            return never_asked(nom_de(candidature, self.champ))
        defaut = _defaut(nom_de(candidature, self.champ), ville)
        if defaut is None and not isinstance(hopital, Masque):
            defaut = _defaut(nom_de(candidature, self.champ_hospitalier), hopital) or _total(ville, hopital)
        return defaut or self._juge(number_of(ville) or Decimal(0), candidature)

    def _juge(self, part: Decimal, candidature: Candidature) -> Verdict:
        court = f"{self.libelle} {_pourcent(part)}"
        if part == self.minimum or (part > self.minimum and not self.stricte):
            return Verdict(statut=Statut.OK, phrase=f"{_pourcent(part)} en ambulatoire : conforme.", court=court)
        if candidature.champ(self.acceptation).lecture == Connu(valeur=True):
            phrase = f"{_pourcent(part)} en ambulatoire : modulation acceptée par l'ARS."
            return Verdict(statut=Statut.OK, phrase=phrase, court=f"{court} (modulation acceptée)")
        return self._module(part, court, candidature)

    def _module(self, part: Decimal, court: str, candidature: Candidature) -> Verdict:
        attendu = _pourcent(self.minimum) if self.stricte else f"{_pourcent(self.minimum)} au moins"
        ecart = f"{_pourcent(part)} en ambulatoire, {attendu} attendus"
        motif = candidature.champ(self.motivation)
        if said(motif.lecture) or isinstance(motif.lecture, Illisible | Masque):
            motive = "la modulation est motivée" if said(motif.lecture) else "le motif est à rechercher dans le dossier"
            remede = f"Un agent accepte ou non cette modulation ({nom_de(candidature, self.acceptation)})."
            return Verdict(statut=Statut.A_VERIFIER, phrase=f"{ecart} : {motive}.", remede=remede, court=court)
        remede = f"Merci de motiver cette modulation ({nom_de(candidature, self.motivation)})."
        return Verdict(statut=Statut.KO, phrase=f"{ecart} : aucun motif n'est donné.", remede=remede, court=court)

    def exemples(self) -> tuple[Exemple, ...]:
        """The share itself, five points less without a motive, and with one."""
        moins = self.minimum - min(Decimal(5), self.minimum)
        motif = Connu("Plateau technique à l'hôpital.")
        return (
            self._cas(f"{_pourcent(self.minimum)} en ambulatoire", self.minimum, Manquant(), Statut.OK),
            self._cas(f"{_pourcent(moins)} en ambulatoire, sans motif", moins, Manquant(), Statut.KO),
            self._cas(f"{_pourcent(moins)} en ambulatoire, motif donné", moins, motif, Statut.A_VERIFIER),
        )

    def _cas(self, titre: str, part: Decimal, motif: Lecture, statut: Statut) -> Exemple:
        return self._exemple(
            titre,
            statut,
            ChampLu(cle=self.champ, libelle="Quotité ambulatoire (%)", lecture=Connu(part)),
            ChampLu(cle=self.champ_hospitalier, libelle="Quotité hospitalière (%)", lecture=Connu(_CENT - part)),
            ChampLu(cle=self.motivation, libelle="Motivation de la modulation", lecture=motif),
            ChampLu(cle=self.acceptation, libelle="Modulation acceptée", lecture=Manquant()),
        )


def _pourcent(valeur: Decimal) -> str:
    return f"{nombre(valeur)}\u00a0%"


def _defaut(nom: str, lecture: Lecture) -> Verdict | None:
    """What is wrong with one share; None for a number from 0 to 100."""
    valeur = number_of(lecture)
    if valeur is not None:
        return None if 0 <= valeur <= _CENT else _hors_bornes(nom, valeur)
    match lecture:
        case Illisible():
            return unreadable(nom, lecture)
        case Connu():
            return unreadable(nom, Illisible("un nombre est attendu"))
        case _:
            phrase = f"{nom} n'est pas renseigné."
            return Verdict(statut=Statut.KO, phrase=phrase, remede="Merci de compléter cette réponse.")


def _hors_bornes(nom: str, valeur: Decimal) -> Verdict:
    phrase = f"{nom} : {_pourcent(valeur)} n'est pas une part de temps de travail (0 à 100\u00a0%)."
    return Verdict(statut=Statut.KO, phrase=phrase, remede="Merci de corriger cette réponse.")


def _total(ville: Lecture, hopital: Lecture) -> Verdict | None:
    """What is wrong with the sum of two shares that are fine by themselves."""
    parts = [number_of(lecture) or Decimal(0) for lecture in (hopital, ville)]
    if sum(parts) == _CENT:
        return None
    detail = " + ".join(map(_pourcent, parts))
    phrase = f"Les deux quotités font {_pourcent(sum(parts, Decimal(0)))} ({detail}), au lieu de 100\u00a0%."
    return Verdict(statut=Statut.KO, phrase=phrase, remede="Merci de corriger l'une ou l'autre.")
