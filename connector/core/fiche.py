"""A dossier reduced to what we may keep, with one digest per part: what decides « has it changed? »."""

from __future__ import annotations

from dataclasses import dataclass, replace

from connector.core import empreintes
from connector.core.model import Champ, Dossier, Lignes


@dataclass(frozen=True, slots=True, kw_only=True)
class Retenue:
    """Which champs and annotations are kept, by descriptor id; `siennes` are the annotations that we write."""

    champs: frozenset[str]
    annotations: frozenset[str]
    siennes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Digest of each part of a dossier: links and modification dates are in none of them (contract §6)."""

    champs: str
    saisies: str
    proposees: str
    messages: str
    etat: str
    labels: str

    @property
    def contenu(self) -> str:
        """Digest of everything but what we write ourselves: our own writes never look like news."""
        return empreintes.of(self.champs, self.saisies, self.messages, self.etat, self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fiche:
    """What the store keeps of one dossier."""

    dossier: Dossier
    parties: Parties


def retain(dossier: Dossier, retenue: Retenue) -> Fiche:
    """The dossier with its mapped champs and annotations only, and the digests of its parts."""
    kept = replace(
        dossier,
        champs=_kept(dossier.champs, retenue.champs),
        annotations=_kept(dossier.annotations, retenue.annotations),
    )
    return Fiche(dossier=kept, parties=parties(kept, retenue.siennes))


def _kept(champs: tuple[Champ, ...], ids: frozenset[str]) -> tuple[Champ, ...]:
    """The mapped champs, the rows of repetitions reduced to the mapped inner champs."""
    kept = [champ for champ in champs if champ.descriptor_id in ids]
    return tuple([_reduced(c, c.value, ids) if isinstance(c.value, Lignes) else c for c in kept])


def _reduced(champ: Champ, lignes: Lignes, ids: frozenset[str]) -> Champ:
    return replace(champ, value=Lignes(rows=tuple(replace(row, champs=_kept(row.champs, ids)) for row in lignes.rows)))


def parties(dossier: Dossier, siennes: frozenset[str]) -> Parties:
    """The digests of a dossier's parts; `siennes` are the descriptor ids of the annotations that we write."""
    saisies = [a for a in dossier.annotations if a.descriptor_id not in siennes]
    proposees = [a for a in dossier.annotations if a.descriptor_id in siennes]
    autrui = [(m.id, m.empreinte, m.discarded_at, m.correction) for m in dossier.messages if m.reference is None]
    etat = (
        dossier.state,
        dossier.archived,
        dossier.groupe.id,
        dossier.compte_supprime,
        dossier.date_derniere_correction_en_attente,
        dossier.date_suppression_par_usager,
        dossier.demandeur,
        dossier.revision_id,
        dossier.traitements,
        dossier.avis,
    )
    return Parties(
        champs=empreintes.of([_content(c) for c in dossier.champs]),
        saisies=empreintes.of([_content(a) for a in saisies]),
        proposees=empreintes.of([_content(a) for a in proposees]),
        messages=empreintes.of(autrui),
        etat=empreintes.of(etat),
        labels=empreintes.of(sorted(label.id for label in dossier.labels)),
    )


def _content(champ: Champ) -> tuple[object, ...]:
    """What of a champ counts as a change: not its dates."""
    if isinstance(champ.value, Lignes):
        return (champ.id, [(row.id, [_content(c) for c in row.champs]) for row in champ.value.rows])
    return (champ.id, champ.typename, champ.value)
