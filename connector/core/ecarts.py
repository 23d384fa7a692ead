"""What differs between what is stored and what DS shows: the poll alone cannot see everything (contract §3.5, §6).

Labels, a rebase on a new form, an expired dossier, a transaction committed very late: none of these comes by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connector.core import empreintes
from connector.core.fiche import Parties
from connector.core.model import DossierState, DossierSupprime, Repere


class Nature(StrEnum):
    """The ways in which the store and DS may differ."""

    A_LIRE = "a_lire"
    """Modified since the last reading: the next pass reads it, nothing is wrong."""
    MANQUANT = "manquant"
    """DS shows it, and it was never stored."""
    EN_RETARD = "en_retard"
    """Modified before the last reading, which did not see it: committed late."""
    SANS_DATE = "sans_date"
    """Changed though its modification date did not move."""
    REVENU = "revenu"
    """Marked absent here, and DS shows it."""
    INACCESSIBLE = "inaccessible"
    """Listed by DS, which cannot show it: it is set aside, and tried again."""
    SUPPRIME = "supprime"
    """Stored as present, and in a list of deleted dossiers."""
    DISPARU = "disparu"
    """Stored as present, and in no list at all: expired, or out of reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Garde:
    """What is remembered of one stored dossier. `absent` says why DS no longer shows it, None while it does.

    `incomplet`: its company was not known to DS yet; when it is, no date moves. Nor when its `attestation` is made.
    """

    number: int
    date_derniere_modification: datetime
    state: DossierState
    revision_id: str
    parties: Parties
    absent: str | None = None
    incomplet: bool = False
    attestation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ecart:
    """One difference; `details` names what changed, or why the dossier was deleted, in DS's words."""

    number: int
    nature: Nature
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vu:
    """One dossier as DS lists it; `parties` only when it was read whole."""

    repere: Repere
    parties: Parties | None = None


@dataclass(slots=True, kw_only=True)
class Comparaison:
    """What DS lists set against what is stored, page by page: numbers and differences are held, never dossiers.

    `de_cote` are the numbers set aside. What was modified after `lu_jusqua`, DS's own date of the last reading, is only
    to be read; None: nothing is.
    """

    de_cote: frozenset[int] = frozenset()
    lu_jusqua: datetime | None = None
    numeros: set[int] = field(default_factory=set)
    """Every number that DS lists."""
    incomplets: set[int] = field(default_factory=set)
    """The open ones to read again though nothing says that they changed: DS completes their company in silence."""
    _trouves: dict[int, Ecart] = field(default_factory=dict)

    def page(self, gardes: Mapping[int, Garde], vus: Iterable[Vu]) -> None:
        """Compare one page with what is remembered of its dossiers; of one that is listed twice, the last sight counts.

        `gardes` must have every stored one among them.
        """
        for vu in vus:
            number = vu.repere.number
            garde = gardes.get(number)
            self.numeros.add(number)
            if garde is not None and garde.incomplet and garde.absent is None and garde.state.ouvert:
                self.incomplets.add(number)
            ecart = _listed(number, garde, vu, self.de_cote, self.lu_jusqua)
            if ecart is None:
                self._trouves.pop(number, None)
            else:
                self._trouves[number] = ecart

    def illisibles(self, numbers: Iterable[int]) -> None:
        """Those of these dossiers that DS lists are ones that it cannot show, whatever was found of them."""
        for number in self.numeros.intersection(numbers):
            self._trouves[number] = Ecart(number=number, nature=Nature.INACCESSIBLE)

    def ecarts(self, presents: Iterable[int], supprimes: Iterable[DossierSupprime] = ()) -> tuple[Ecart, ...]:
        """Every difference once DS listed everything, those that it lists first, by number.

        `presents` are the numbers of all that is stored as present.
        """
        motifs = {s.number: s.reason for s in supprimes}
        partis = sorted(number for number in presents if number not in self.numeros)
        listed = (ecart for _, ecart in sorted(self._trouves.items()))
        return (*listed, *(_gone(number, motifs.get(number)) for number in partis))


def _gone(number: int, motif: str | None) -> Ecart:
    """The difference about a dossier that DS does not list; `motif` None when no deletion named it."""
    if motif is None:
        return Ecart(number=number, nature=Nature.DISPARU)
    return Ecart(number=number, nature=Nature.SUPPRIME, details=(motif,))


def _listed(
    number: int, garde: Garde | None, vu: Vu, de_cote: frozenset[int], lu_jusqua: datetime | None
) -> Ecart | None:
    """The difference about a dossier that DS lists, if any."""
    details: tuple[str, ...] = ()
    le = vu.repere.date_derniere_modification
    if number in de_cote:
        nature = Nature.INACCESSIBLE
    elif garde is not None and garde.absent is None and garde.date_derniere_modification == le:
        nature, details = Nature.SANS_DATE, changes(garde, vu)
        if not details:
            return None
    elif lu_jusqua is not None and le > lu_jusqua:
        nature = Nature.A_LIRE
    elif garde is None:
        nature = Nature.MANQUANT
    else:
        nature = Nature.EN_RETARD if garde.absent is None else Nature.REVENU
    return Ecart(number=number, nature=nature, details=details)


def changes(garde: Garde, vu: Vu) -> tuple[str, ...]:
    """The parts that are not as stored: revision, state, labels and attestation, and every one once read whole."""
    repere, parties = vu.repere, vu.parties
    found = {
        "revision": repere.revision_id not in {None, garde.revision_id},
        "etat": repere.state not in {None, garde.state},
        "labels": repere.labels is not None and empreintes.of(sorted(repere.labels)) != garde.parties.labels,
        "attestation": repere.attestation not in {None, garde.attestation},
    }
    if parties is not None:
        names = ("champs", "saisies", "proposees", "messages", "etat", "labels")
        found |= {n: getattr(parties, n) != getattr(garde.parties, n) for n in names}
    return tuple(name for name, differs in found.items() if differs)
