"""What every rule has in common: its options, its condition, its examples, and the way it becomes a Constat."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import ClassVar

from connector.core.campagne import Campagne
from connector.core.candidature import (
    Candidature,
    ChampLu,
    Connu,
    Illisible,
    Lecture,
    LigneLue,
    Manquant,
    Masque,
    comparables,
    exemple,
)
from connector.core.constat import AvisPropose, Constat, Effet, Source, Statut
from connector.core.correspondance import TypeLogique
from connector.core.projet import Projet
from connector.core.referentiels import Referentiel
from connector.core.situation import Situation
from connector.core.textes import citer, normaliser, typographier

_PROJET_INCONNU = Projet(dossier=0)
_SITUATION_INCONNUE = Situation()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexte:
    """What a rule may know besides the candidature.

    `projet` is the same candidature in the domain's words, `situation` what the referentials and the other dossiers say
    of it, `campagne` the dates of the call, None when the configuration gives none.
    """

    aujourd_hui: date
    projet: Projet = _PROJET_INCONNU
    situation: Situation = _SITUATION_INCONNUE
    campagne: Campagne | None = None


CONTEXTE = Contexte(aujourd_hui=date(2024, 1, 15))
"""The day of the examples, when nothing else is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule says before it is dressed as a Constat.

    `phrase` ends with a full stop. `remede` is what to do, unless the configuration words it otherwise. `court` is for
    the synthesis; "" stands for the rule's own short name.
    """

    statut: Statut
    phrase: str
    remede: str = ""
    court: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A logical field that the rule's `option` names; `types` are those it can make something of."""

    option: str
    champ: str
    types: frozenset[TypeLogique] = frozenset(TypeLogique)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemple:
    """A made-up candidature and what the rule says of it: printed by `connector rules`, and run as a test."""

    titre: str
    candidature: Candidature
    statut: Statut
    contexte: Contexte = CONTEXTE


class SiVide(StrEnum):
    """What a rule about a value says when the field was left blank."""

    A_VERIFIER = "a_verifier"
    SANS_OBJET = "sans_objet"


_NOMBRES = frozenset({TypeLogique.ENTIER, TypeLogique.DECIMAL})
_COMPARABLES = frozenset(TypeLogique) - {TypeLogique.PIECE, TypeLogique.REPETITION, TypeLogique.ADRESSE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a rule applies, by the value of another field; several criteria must all hold.

    An annotation that nobody filled says nothing: it is none of `parmi`, and certainly none of `sauf`.
    """

    champ: str
    parmi: tuple[str, ...] = ()
    sauf: tuple[str, ...] = ()
    moins_de: Decimal | None = None
    plus_de: Decimal | None = None
    renseigne: bool | None = None

    def holds(self, candidature: Candidature) -> bool | None:
        """Whether it holds; None when the field leaves us in doubt. A field that was never asked is no doubt."""
        lecture = candidature.champ(self.champ).lecture
        if self.renseigne is not None and isinstance(lecture, Connu | Illisible) is not self.renseigne:
            return False
        match lecture:
            case Connu(valeur=valeur):
                return self._mots(frozenset(comparables(valeur))) and self._nombre(valeur)
            case Manquant() | Masque() if self.champ in candidature.saisies:
                return not self.parmi and self.moins_de is None and self.plus_de is None
            case Masque():
                return self.renseigne is False
            case _:
                return True if self._sur_la_presence_seule() else None

    @property
    def types(self) -> frozenset[TypeLogique]:
        """The types of field that its criteria can make something of."""
        if self.moins_de is not None or self.plus_de is not None:
            return _NOMBRES
        return _COMPARABLES if self.parmi or self.sauf else frozenset(TypeLogique)

    def _mots(self, mots: frozenset[str]) -> bool:
        voulus, exclus = _formes(self.parmi), _formes(self.sauf)
        return not (mots & exclus) and (not voulus or bool(mots & voulus))

    def _nombre(self, valeur: object) -> bool | None:
        if self.moins_de is None and self.plus_de is None:
            return True
        if isinstance(valeur, bool) or not isinstance(valeur, int | Decimal) or not Decimal(valeur).is_finite():
            return None
        return (self.moins_de is None or valeur < self.moins_de) and (self.plus_de is None or valeur > self.plus_de)

    def _sur_la_presence_seule(self) -> bool:
        return self == Condition(champ=self.champ, renseigne=self.renseigne)

    def exemple(self) -> ChampLu:
        """A field of which it holds."""
        return ChampLu(cle=self.champ, libelle=self.champ, lecture=self._lecture())

    def _lecture(self) -> Lecture:
        if self.parmi:
            return Connu(self.parmi[0])
        if self.moins_de is not None and self.plus_de is not None:
            return Connu((self.moins_de + self.plus_de) / 2)
        if self.moins_de is not None:
            return Connu(self.moins_de - 1)
        if self.plus_de is not None:
            return Connu(self.plus_de + 1)
        return Manquant() if self.renseigne is False else Connu("autre réponse")


@lru_cache(maxsize=512)
def _formes(mots: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normaliser(mot) for mot in mots)


AVIS_D_UN_REFUS = frozenset({AvisPropose.A_COMPLETER, AvisPropose.DEFAVORABLE, AvisPropose.REORIENTATION})
"""What a blocking rule may lead to when it does not hold (domaine, decision 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regle(ABC):
    """A rule: frozen options and one pure function. Its kind is named by `type` and told in French by `manuel`.

    `libelle` is its short name, as in « quotité ambulatoire ». `avis` is what a KO leads to when `effet` is bloquant.
    `consigne` replaces the kind's own words on what to do about a KO. `visible`: in the synthesis even if all is well.
    """

    type: ClassVar[str]
    manuel: ClassVar[str]
    label: ClassVar[str] = ""
    """Key of the label that its KO calls for."""
    repose_sur: ClassVar[frozenset[Referentiel]] = frozenset()
    """The referentials that it may need, whatever the situation."""

    cle: str
    libelle: str
    sources: tuple[Source, ...]
    effet: Effet = Effet.BLOQUANT
    avis: AvisPropose = AvisPropose.A_COMPLETER
    si: tuple[Condition, ...] = ()
    consigne: str = ""
    visible: bool = True

    @property
    def source(self) -> Source:
        """Its sources as one: opposable as soon as one of them is, those that are not saying so."""
        return _ensemble(self.sources)

    def check(self, candidature: Candidature, contexte: Contexte) -> Constat:
        """What the rule finds. Never raises, whatever the candidature holds."""
        return self.constat(self._selon_si(candidature) or self.examine(candidature, contexte))

    @abstractmethod
    def examine(self, candidature: Candidature, contexte: Contexte) -> Verdict:
        """What the rule finds once its condition holds."""

    @abstractmethod
    def references(self) -> tuple[Reference, ...]:
        """The logical fields that its own options name; those of `si` are added by the caller."""

    @abstractmethod
    def exemples(self) -> tuple[Exemple, ...]:
        """One OK, one KO and one doubtful candidature, made from its own options."""

    def referentiels(self, situation: Situation) -> frozenset[Referentiel]:  # noqa: ARG002 - most rest on none
        """The referentials without which it can say nothing sure of a dossier in that situation."""
        return frozenset()

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """What is wrong between its options: (option, French sentence)."""
        return ()

    def constat(self, verdict: Verdict) -> Constat:
        """The verdict with the rule's key, weight and source; only a blocking rule leads to an avis of its own."""
        statut = verdict.statut
        en_peine = statut in {Statut.KO, Statut.A_VERIFIER}
        # What to do about a plain refusal is the operator's to word; a doubt has its own remedy: look, or make clear.
        remede = (self.consigne or verdict.remede) if statut is Statut.KO else verdict.remede
        montre = en_peine or (statut is Statut.OK and self.visible)
        return Constat(
            regle=self.cle,
            statut=statut,
            effet=self.effet,
            phrase=typographier(f"{verdict.phrase} {remede}".strip()),
            source=self.source,
            avis=self.avis if self.effet is Effet.BLOQUANT else AvisPropose.A_VERIFIER,
            court=typographier(verdict.court or self.libelle) if montre else "",
            label=self.label if statut is Statut.KO else "",
        )

    def _exemple(self, titre: str, statut: Statut, *lus: ChampLu, contexte: Contexte = CONTEXTE) -> Exemple:
        """An example with those fields, in which the rule applies."""
        autres = (condition.exemple() for condition in self.si)
        return Exemple(titre=titre, candidature=exemple(*autres, *lus), statut=statut, contexte=contexte)

    def _selon_si(self, candidature: Candidature) -> Verdict | None:
        """Sans objet or à vérifier when the condition does not hold or cannot be told; None when it holds."""
        doute: ChampLu | None = None
        for condition in self.si:
            tient = condition.holds(candidature)
            lu = candidature.champ(condition.champ)
            if tient is False:
                return Verdict(
                    statut=Statut.SANS_OBJET, phrase=f"Sans objet : d'après {_nom(lu)}, ce dossier n'est pas concerné."
                )
            doute = lu if tient is None else doute
        if doute is None:
            return None
        return Verdict(
            statut=Statut.A_VERIFIER,
            phrase=f"{self.libelle[:1].upper()}{self.libelle[1:]} : {_nom(doute)} ne dit pas si la règle s'applique.",
            remede=f"Vérifier {_nom(doute)}.",
        )


@lru_cache(maxsize=512)
def _ensemble(sources: tuple[Source, ...]) -> Source:
    opposable = any(source.opposable for source in sources)
    return Source(texte=" ; ".join(_cite(source, opposable) for source in sources), opposable=opposable)


def _cite(source: Source, opposable: bool) -> str:  # noqa: FBT001 - said once, just above
    """The text's name; among opposable ones, one that is not says so."""
    return f"{source.texte}, texte non opposable" if opposable and not source.opposable else source.texte


def _nom(lu: ChampLu) -> str:
    return f"« {lu.libelle} »"


def nom_de(candidature: Candidature, cle: str) -> str:
    """How a sentence calls the field of that key: « its label in the form »."""
    return _nom(candidature.champ(cle))


_DU_PIRE_AU_MEILLEUR = (Statut.KO, Statut.A_VERIFIER, Statut.OK, Statut.SANS_OBJET)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of several verdicts on one rule, the sentences of those as grave put together."""
    tous = list(verdicts)
    if len(tous) == 1:
        return tous[0]
    statut = next(s for s in _DU_PIRE_AU_MEILLEUR if any(v.statut is s for v in tous))
    retenus = [v for v in tous if v.statut is statut]
    return replace(retenus[0], phrase=" ".join(dict.fromkeys(v.phrase for v in retenus)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegleDeChamp(Regle):
    """A rule on one field, or on that field in each row of a repetition (`lieux.commune`): the worst row counts."""

    types: ClassVar[frozenset[TypeLogique]] = frozenset(TypeLogique)

    champ: str

    def references(self) -> tuple[Reference, ...]:
        """The field it judges."""
        return (Reference(option="champ", champ=self.champ, types=self.types),)

    def examine(self, candidature: Candidature, contexte: Contexte) -> Verdict:
        """The worst of what it says of each row; sans objet when there is no row, or when the field was never asked."""
        verdicts = list(self._verdicts(candidature, contexte))
        if not verdicts:
            return Verdict(statut=Statut.SANS_OBJET, phrase="Sans objet : aucune ligne à examiner.")
        return worst(verdicts)

    def _verdicts(self, candidature: Candidature, contexte: Contexte) -> Iterator[Verdict]:
        for place in candidature.places(self.champ):
            rang = "" if place.ligne is None else f" (ligne {place.ligne})"
            nom = _nom(place.champ) + rang
            if isinstance(place.champ.lecture, Masque):
                yield never_asked(nom)
            else:
                yield self.examine_champ(place.champ, nom, candidature, contexte)

    @abstractmethod
    def examine_champ(self, lu: ChampLu, nom: str, candidature: Candidature, contexte: Contexte) -> Verdict:
        """What it says of one field that was asked; `nom` is how a sentence calls it."""

    def _cas(self, titre: str, lecture: Lecture, statut: Statut) -> Exemple:
        """An example in which the rule applies and its field reads so."""
        racine, _, interne = self.champ.partition(".")
        libelle = self.libelle[:1].upper() + self.libelle[1:]
        lu = ChampLu(cle=interne or racine, libelle=libelle, lecture=lecture)
        if interne:
            ligne = LigneLue(id="1", champs={interne: lu})
            lu = ChampLu(cle=racine, libelle=libelle, lecture=Connu((ligne,)), type=TypeLogique.REPETITION)
        return self._exemple(titre, statut, lu)


def never_asked(nom: str) -> Verdict:
    """What a rule says of a field that the form did not ask of this dossier."""
    return Verdict(statut=Statut.SANS_OBJET, phrase=f"Sans objet : le formulaire n'a pas demandé {nom} à ce dossier.")


def unreadable(nom: str, lecture: Illisible) -> Verdict:
    """What every rule says of a field that it cannot read."""
    texte = f"{citer(lecture.texte)} n'a pas pu être lu" if lecture.texte else "la réponse n'a pas pu être lue"
    return Verdict(
        statut=Statut.A_VERIFIER,
        phrase=f"{nom} : {texte} ({lecture.cause}).",
        remede="Merci de corriger cette réponse.",
    )


def blank(nom: str, si_vide: SiVide) -> Verdict:
    """What a rule about a value says of a field left blank."""
    if si_vide is SiVide.SANS_OBJET:
        return Verdict(statut=Statut.SANS_OBJET, phrase=f"Sans objet : {nom} n'est pas renseigné.")
    return Verdict(
        statut=Statut.A_VERIFIER,
        phrase=f"{nom} n'est pas renseigné.",
        remede="Merci de compléter cette réponse.",
    )


def number_of(lecture: Lecture) -> Decimal | None:
    """The finite number that a reading holds, None for anything else."""
    match lecture:
        case Connu(valeur=int() | Decimal() as valeur) if not isinstance(valeur, bool) and Decimal(valeur).is_finite():
            return Decimal(valeur)
        case _:
            return None


REPONSES_CREUSES = ("x", "xx", "xxx", "nc", "ras", "néant", "test", "à compléter", "voir pièce")
"""Answers that say nothing, unless the configuration lists others."""


def hollow(texte: str, reponses: Iterable[str] = REPONSES_CREUSES) -> bool:
    """Whether a text says nothing: no letter nor digit, or one of those answers."""
    forme = normaliser(texte).rstrip(".!")
    muet = not any(c.isalnum() for c in forme)
    return muet or forme in {normaliser(mot) for mot in reponses}


def said(lecture: Lecture) -> bool:
    """Whether a reading holds an answer that says something."""
    match lecture:
        case Connu(valeur=str(texte)):
            return not hollow(texte)
        case Connu():
            return True
        case _:
            return False
