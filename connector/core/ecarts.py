"""What differs between what is stored and what DS shows: the poll alone cannot see everything (contract §3.5, §6).

Labels, a rebase on a new form, an expired dossier, a transaction committed very late: none of these comes by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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


def comparer(
    gardes: Mapping[int, Garde],
    vus: Mapping[int, Vu],
    *,
    de_cote: frozenset[int] = frozenset(),
    supprimes: Iterable[DossierSupprime] = (),
    lu_jusqua: datetime | None = None,
) -> Iterator[Ecart]:
    """Every difference, those that DS lists first, by number.

    `vus` must be the whole of what DS lists. What was modified after `lu_jusqua`, DS's own date of the last reading, is
    only to be read; None: nothing is.
    """
    motifs = {s.number: s.reason for s in supprimes}
    for number, vu in sorted(vus.items()):
        ecart = _listed(number, gardes.get(number), vu, de_cote, lu_jusqua)
        if ecart is not None:
            yield ecart
    for number, garde in sorted(gardes.items()):
        if number in vus or garde.absent is not None:
            continue
        nature = Nature.SUPPRIME if number in motifs else Nature.DISPARU
        yield Ecart(number=number, nature=nature, details=(motifs[number],) if number in motifs else ())


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


def incomplets(gardes: Mapping[int, Garde]) -> frozenset[int]:
    """The open dossiers to read again though nothing says that they changed: DS completes their company in silence."""
    return frozenset(n for n, g in gardes.items() if g.incomplet and g.absent is None and g.state.ouvert)
