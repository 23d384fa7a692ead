"""What one cycle did, counted; and the sentence that says it."""

from __future__ import annotations

from dataclasses import dataclass, field

from connector.core.montants import nombre
from connector.core.typographie import composer

NUMEROS_CITES = 5
"""How many dossiers of one failure are named."""

EXIT_OK, EXIT_SOME_FAILED, EXIT_TEMPORARY = 0, 1, 75


@dataclass(slots=True, kw_only=True)
class Rapport:
    """Counts of one cycle; filled as it goes, read when it ends.

    `echecs` are the dossiers that failed, as (number, French sentence); `inconnus` the writes without an answer.
    `compares` counts the dossiers whose number was compared with what DS lists, and `ecarts` the differences that no
    page would have shown. `plafond_leve` is the ceiling that an operator allowed for this cycle alone. `satures` counts
    the dossiers whose annotations are held back for the day, `pieces` the files looked into, `pieces_en_attente` those
    that are still to be, and `pieces_remises` tells that a full round left some; `notes` are sentences about the whole
    démarche.
    """

    lus: int = 0
    nouveaux: int = 0
    examines: int = 0
    annotes: int = 0
    annotations: int = 0
    labels: int = 0
    messages: int = 0
    transitions: int = 0
    decisions: int = 0
    retenus: int = 0
    conflits: int = 0
    reprises: int = 0
    inconnus: int = 0
    trous: int = 0
    curseurs_refaits: int = 0
    compares: int = 0
    ecarts: int = 0
    plafond_leve: int = 0
    satures: int = 0
    pieces: int = 0
    pieces_en_attente: int = 0
    pieces_remises: bool = False
    echecs: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Have that sentence said, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    @property
    def counts(self) -> dict[str, int]:
        """Every count by name, for the store and for `--json`."""
        names = [n for n in self.__dataclass_fields__ if n not in {"echecs", "notes", "pieces_remises"}]
        return {name: getattr(self, name) for name in names} | {"echecs": len(self.echecs)}

    def lignes_d_echecs(self) -> list[str]:
        """What went wrong, a line a cause: the dossiers that share one are told together."""
        par_cause: dict[str, list[int]] = {}
        for number, cause in self.echecs:
            par_cause.setdefault(cause, []).append(number)
        return [f"{_dossiers(list(dict.fromkeys(numbers)))} : {cause}" for cause, numbers in par_cause.items()]

    @property
    def exit_code(self) -> int:
        """0 all done, 1 some dossiers failed, 75 a write's outcome is left to the next cycle."""
        if self.inconnus:
            return EXIT_TEMPORARY
        return EXIT_SOME_FAILED if self.echecs or self.trous else EXIT_OK

    def text(self) -> str:
        """One French sentence: what was read, what was written, what needs somebody."""
        parts = [
            _n(self.lus, "dossier lu", "dossiers lus"),
            _n(self.nouveaux, "nouveau ou modifié", "nouveaux ou modifiés"),
            _n(self.examines, "examiné", "examinés"),
            _n(self.annotes, "dossier annoté", "dossiers annotés"),
            _n(self.messages, "message envoyé", "messages envoyés"),
            _n(self.transitions, "passage en instruction", "passages en instruction"),
        ]
        optional = [
            (self.decisions, "décision portée", "décisions portées"),
            (self.labels, "label posé ou retiré", "labels posés ou retirés"),
            (self.retenus, "envoi retenu", "envois retenus"),
            (
                self.conflits,
                "annotation laissée telle qu’un agent l’a écrite",
                "annotations laissées telles qu’un agent les a écrites",
            ),
            (
                self.reprises,
                "écriture interrompue, dont le sort est maintenant connu",
                "écritures interrompues, dont le sort est maintenant connu",
            ),
            (
                self.inconnus,
                "écriture sans réponse, à éclaircir au prochain passage",
                "écritures sans réponse, à éclaircir au prochain passage",
            ),
            (len(self.echecs), "dossier en échec", "dossiers en échec"),
            (self.trous, "dossier que DS n’a pas pu montrer", "dossiers que DS n’a pas pu montrer"),
            (
                self.satures,
                "dossier trop souvent annoté en un jour, laissé de côté",
                "dossiers trop souvent annotés en un jour, laissés de côté",
            ),
            (self.pieces, "pièce relue", "pièces relues"),
            (self.compares, "dossier comparé avec DS", "dossiers comparés avec DS"),
            (self.ecarts, "écart rattrapé", "écarts rattrapés"),
        ]
        parts += [_n(count, one, many) for count, one, many in optional if count]
        if self.plafond_leve:
            parts.append(f"plafonds d’envoi relevés à {self.plafond_leve} pour ce passage seul")
        return composer(" ".join((" ; ".join(parts) + ".", *self.notes)))


def _dossiers(numbers: list[int]) -> str:
    """« dossier n° 12 », « 40 dossiers (n° 12, 13, 14, 15, 16…) »."""
    if len(numbers) == 1:
        return f"dossier n° {numbers[0]}"
    suite = "…" if len(numbers) > NUMEROS_CITES else ""
    return f"{len(numbers)} dossiers (n° {', '.join(map(str, numbers[:NUMEROS_CITES]))}{suite})"


def _n(count: int, one: str, many: str) -> str:
    """« 0 dossier », « 1 dossier », « 2 dossiers »: French takes the plural from two on."""
    return f"{nombre(count)} {one if count < 2 else many}"  # noqa: PLR2004
