"""What a rule says of a candidature: data, never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Statut(StrEnum):
    """Outcome of one rule."""

    OK = "ok"
    KO = "ko"
    A_VERIFIER = "a_verifier"
    SANS_OBJET = "sans_objet"


class Effet(StrEnum):
    """Weight of a rule (domaine, decision 2)."""

    BLOQUANT = "bloquant"
    A_VERIFIER = "a_verifier"
    PRIORITE = "priorite"
    INFORMATION = "information"


class AvisPropose(StrEnum):
    """Our opinion; the value is the text of the reference form's option."""

    FAVORABLE = "Favorable"
    A_COMPLETER = "À compléter"
    A_VERIFIER = "À vérifier"
    DEFAVORABLE = "Défavorable"
    REORIENTATION = "Réorientation"
    LISTE_D_ATTENTE = "Liste d'attente"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The text a rule rests on. A non-opposable one never refuses anybody by itself (domaine, decision 1)."""

    texte: str
    opposable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Constat:
    """What one rule found.

    `regle` is the rule's key in the configuration. `phrase` says in French what is wrong and what to do, without any
    value an applicant typed unless it is the point; `court` is its form for the one-line synthesis, "" to stay out.
    `avis` is what a blocking KO leads to. `label` is the key of the label that this finding calls for, "" for none.
    """

    regle: str
    statut: Statut
    effet: Effet
    phrase: str
    source: Source
    avis: AvisPropose
    court: str = ""
    label: str = ""
