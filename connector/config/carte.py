"""The mapping as the file has it, wrong entries included, so that each mistake is told once and where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.config.formulaire import AnnotationDeclaree, ChampDeclare, LabelDeclare, PieceDeclaree
from connector.config.releve import Releve
from connector.core.correspondance import (
    ANNOTATIONS,
    LABELS,
    Correspondance,
    Entree,
    EntreeAnnotation,
    EntreeLabel,
    TypeLogique,
)

TABLES = ("champs", "pieces", "annotations", "saisies", "labels")

_PIECE_AILLEURS = {TypeLogique.PIECE: "une pièce se déclare dans la table « pieces »"}
_UN_SEUL_NIVEAU = {TypeLogique.REPETITION: "un bloc répétable n'en contient pas d'autre"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carte:
    """A mapping; an entry that is wrong is there with None: declared, so nobody need complain that it is missing."""

    champs: Mapping[str, Entree | None] = field(default_factory=dict)
    annotations: Mapping[str, EntreeAnnotation | None] = field(default_factory=dict)
    saisies: Mapping[str, Entree | None] = field(default_factory=dict)
    labels: Mapping[str, EntreeLabel | None] = field(default_factory=dict)

    def __or__(self, autre: Carte) -> Carte:
        return Carte(
            champs={**self.champs, **autre.champs},
            annotations={**self.annotations, **autre.annotations},
            saisies={**self.saisies, **autre.saisies},
            labels={**self.labels, **autre.labels},
        )

    def correspondance(self) -> Correspondance:
        """The mapping for the core, without the wrong entries."""
        return Correspondance(
            champs=tuple(e for e in self.champs.values() if e),
            annotations=tuple(e for e in self.annotations.values() if e),
            saisies=tuple(e for e in self.saisies.values() if e),
            labels=tuple(e for e in self.labels.values() if e),
        )

    def is_wrong(self, reference: str) -> bool:
        """Whether that field, or the repetition it is in, was declared, and wrongly."""
        racine = reference.partition(".")[0]
        return any(racine in table and table[racine] is None for table in (self.champs, self.saisies))


def read_carte(releve: Releve, brut: Any, chemin: str) -> Carte:
    """The mapping in that table."""
    if not releve.is_table(brut, chemin):
        return Carte()
    releve.refuse_unknown(brut, f"{chemin}.", TABLES)
    tables = {nom: brut.get(nom, {}) for nom in TABLES}
    champs = _champs(releve, tables["champs"], f"{chemin}.champs", _PIECE_AILLEURS)
    pieces = releve.entries(PieceDeclaree, tables["pieces"], f"{chemin}.pieces")
    annotations = releve.entries(AnnotationDeclaree, tables["annotations"], f"{chemin}.annotations", ANNOTATIONS)
    labels = releve.entries(LabelDeclare, tables["labels"], f"{chemin}.labels", LABELS)
    for cle in pieces:
        if cle in champs:
            releve.add(f"{chemin}.pieces.{cle}", f"« {cle} » est déjà le nom d'un champ")
    return Carte(
        champs={**champs, **{cle: d.entree(cle) if d else None for cle, d in pieces.items()}},
        annotations={cle: d.entree(cle) if d else None for cle, d in annotations.items()},
        saisies=_champs(releve, tables["saisies"], f"{chemin}.saisies", {}),
        labels={cle: d.entree(cle) if d else None for cle, d in labels.items()},
    )


def _champs(releve: Releve, brut: Any, chemin: str, interdits: Mapping[TypeLogique, str]) -> dict[str, Entree | None]:
    declares = releve.entries(ChampDeclare, brut, chemin)
    return {cle: _champ(releve, d, cle, f"{chemin}.{cle}", interdits) if d else None for cle, d in declares.items()}


def _champ(
    releve: Releve, declare: ChampDeclare, cle: str, chemin: str, interdits: Mapping[TypeLogique, str]
) -> Entree | None:
    """One field, and those of its rows; None when something in it is wrong."""
    if declare.type in interdits:
        releve.add(f"{chemin}.type", interdits[declare.type])
        return None
    if declare.champs and declare.type is not TypeLogique.REPETITION:
        releve.add(f"{chemin}.champs", "seul un champ de type « repetition » en contient d'autres")
        return None
    internes = _champs(releve, declare.champs, f"{chemin}.champs", _UN_SEUL_NIVEAU)
    return declare.entree(cle, tuple(e for e in internes.values() if e)) if all(internes.values()) else None
