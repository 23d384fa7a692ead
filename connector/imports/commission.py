"""The commission's validated list (CSV or XLSX) → what it decides of each dossier, or every line that is to be mended.

The jury's export gives the columns « Dossier », « Décision », « Motivation » and « Rang »; « Confirmer » may be added,
and any other column is left alone. A line without a decision decides nothing. One doubtful line refuses the whole file:
nobody is accepted or refused by a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from connector.core import jetons
from connector.core.decisions import Sens, sens_de
from connector.core.textes import citer, normaliser, suggestion
from connector.core.typographie import composer
from connector.errors import OperatorError
from connector.imports.colonnes import Colonne, Fiche, check_sheet, listed_titles, tables
from connector.imports.fichier import erreur, read_bytes
from connector.imports.tableau import Endroit, read_classeur

_Lue = TypeVar("_Lue")

COLONNES = (
    Colonne(
        cle="dossier", titres=("Dossier", "N° dossier", "N° du dossier", "Numéro de dossier", "Numéro du dossier", "N°")
    ),
    Colonne(cle="decision", titres=("Décision", "Décisions", "Décision de la commission", "Décision commission")),
    Colonne(cle="motivation", titres=("Motivation", "Motif", "Motivation de la décision"), obligatoire=False),
    Colonne(cle="rang", titres=("Rang", "Classement", "Rang de classement"), obligatoire=False),
    Colonne(cle="confirmer", titres=("Confirmer", "Confirmée", "Confirmé", "Confirmation"), obligatoire=False),
)
"""The columns, the jury's own titles first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LigneCommission:
    """What one line says of one dossier; `sens` is None when it decides nothing."""

    endroit: Endroit
    dossier: int
    sens: Sens | None
    motivation: str = ""
    rang: int | None = None
    confirmer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeCommission:
    """A list that can be trusted: a line a dossier, in the order of the file."""

    fichier: str
    lignes: tuple[LigneCommission, ...]


class ListeRefusee(OperatorError):
    """The list holds lines that nobody should guess the meaning of; `.fautes` are they, as French sentences."""

    def __init__(self, fichier: str, fautes: Iterable[str], lignes: Iterable[LigneCommission] = ()) -> None:
        self.fichier, self.fautes, self.lignes = fichier, tuple(map(composer, fautes)), tuple(lignes)
        combien = "1 ligne" if len(self.fautes) == 1 else f"{len(self.fautes)} lignes"
        super().__init__(
            "\n".join((composer(f"« {fichier} » : {combien} à corriger ; rien n’est enregistré."), *self.fautes)),
            hint="Corrigez ces lignes dans la liste validée, puis recommencez.",
        )


def read_liste(chemin: Path, *, onglet: str = "", connus: Collection[str] = ()) -> ListeCommission:
    """The list in that file, in that sheet if one is named; `ListeRefusee` names every line that is to be mended.

    `connus`: the tokens in use, which no line may hold: what it says of a dossier is sent.
    """
    classeur = read_classeur(chemin.name, read_bytes(chemin), formules=True)
    check_sheet(classeur, onglet)
    trouvees = tables(classeur, COLONNES, onglet)
    if not trouvees:
        raise erreur(
            classeur.fichier,
            "il manque les colonnes « Dossier » et « Décision ».",
            hint=f"Titres lus : {listed_titles(classeur)}.",
        )
    lecture = _Lecture(connus)
    lignes = [ligne for table in trouvees for fiche in table.fiches if (ligne := lecture.ligne(fiche)) is not None]
    lignes = list(lecture.sans_repetition(lignes))
    if lecture.fautes:
        raise ListeRefusee(classeur.fichier, lecture.fautes, lignes)
    return ListeCommission(fichier=classeur.fichier, lignes=tuple(lignes))


class _Faute(Exception):
    """A cell that cannot be read."""


@dataclass(slots=True)
class _Lecture:
    """One reading under way, and what is wrong so far."""

    connus: Collection[str]
    fautes: list[str] = field(default_factory=list)

    def ligne(self, fiche: Fiche) -> LigneCommission | None:
        """One line; None for a note or a total, and for one with something wrong in it, which is then told."""
        if any(jetons.montre(fiche[colonne.cle], self.connus) for colonne in COLONNES):
            self.fautes.append(
                f"{fiche.endroit} : un jeton y est écrit ; ôtez-le, et demandez-en un autre si cette liste a été lue."
            )
            return None
        avant = len(self.fautes)
        sens = self._lit(fiche, "decision", _sens)
        if sens is None and len(self.fautes) == avant and not _is_number(fiche["dossier"]):
            return None
        dossier = self._lit(fiche, "dossier", _dossier)
        rang = self._lit(fiche, "rang", _rang)
        confirmer = self._lit(fiche, "confirmer", _oui)
        motivation = self._lit(fiche, "motivation", _texte)
        if len(self.fautes) > avant or dossier is None:
            return None
        return LigneCommission(
            endroit=fiche.endroit,
            dossier=dossier,
            sens=sens,
            motivation=motivation or "",
            rang=rang,
            confirmer=confirmer is True,
        )

    def sans_repetition(self, lignes: Iterable[LigneCommission]) -> Iterator[LigneCommission]:
        """Each dossier once: a line that only repeats another is left out, one that contradicts it is told."""
        vues: dict[int, LigneCommission] = {}
        for ligne in lignes:
            premiere = vues.setdefault(ligne.dossier, ligne)
            if premiere is ligne:
                yield ligne
            elif _dit(premiere) != _dit(ligne):
                self.fautes.append(
                    f"{ligne.endroit} : le dossier n° {ligne.dossier} est déjà {premiere.endroit}, autrement."
                )

    def _lit(self, fiche: Fiche, cle: str, lire: Callable[[str], _Lue]) -> _Lue | None:
        """A cell as it should be read; None, and a fault, when it cannot be."""
        cellule = fiche[cle]
        try:
            return lire(_nu(cellule))
        except _Faute as faute:
            titre = next(c.titres[0] for c in COLONNES if c.cle == cle)
            fin = "" if str(faute).endswith("?") else "."
            self.fautes.append(f"{fiche.endroit}, colonne « {titre} » : {citer(cellule)}, {faute}{fin}")
            return None


def _dit(ligne: LigneCommission) -> tuple[object, ...]:
    return ligne.sens, ligne.motivation, ligne.rang, ligne.confirmer


_BOUCLIER = re.compile(r"^'(?=[=+\-@\d])")
_RETOUR = re.compile(r"(?:_x000D_|\r)\n?")
_NUMERO = re.compile(r"(?:dossier\s*)?(?:n\s*[o°º]?\s*\.?\s*)?(\d{1,3}(?:\s\d{3})+|\d{1,15})(?:[.,]0+)?", re.IGNORECASE)
_RANG = re.compile(r"(?:rang\s*)?(\d{1,5})(?:[.,]0+|\s?(?:er|re|eme|e))?")
_OUI: Mapping[str, bool] = {
    **dict.fromkeys(("oui", "o", "x", "vrai", "true", "1", "✓", "✔", "confirme", "confirmee", "je confirme"), True),
    **dict.fromkeys(("", "non", "n", "faux", "false", "0", "-"), False),
}


def _nu(cellule: str) -> str:
    """The cell without what a spreadsheet puts around it: the apostrophe that makes a text, carriage returns."""
    if cellule.startswith("="):
        raise _Faute("c’est une formule ; collez sa valeur")
    return _RETOUR.sub("\n", _BOUCLIER.sub("", cellule)).strip()


def _is_number(cellule: str) -> bool:
    return not cellule.startswith("=") and _NUMERO.fullmatch(_nu(cellule)) is not None


def _dossier(cellule: str) -> int:
    trouve = _NUMERO.fullmatch(cellule)
    if trouve is None or not int("".join(trouve[1].split())):
        raise _Faute("un numéro de dossier est attendu")
    return int("".join(trouve[1].split()))


def _sens(cellule: str) -> Sens | None:
    sens = sens_de(cellule)
    if cellule and sens is None:
        choix = ", ".join(f"« {s} »" for s in Sens)
        raise _Faute(f"décision inconnue (attendu : {choix}){suggestion(cellule, list(Sens))}")
    return sens


def _rang(cellule: str) -> int | None:
    if not cellule:
        return None
    trouve = _RANG.fullmatch(normaliser(cellule))
    if trouve is None or not int(trouve[1]):
        raise _Faute("un rang est un nombre entier, à partir de 1")
    return int(trouve[1])


def _oui(cellule: str) -> bool:
    mot = normaliser(cellule)
    if mot not in _OUI:
        raise _Faute("« oui » ou « non » est attendu")
    return _OUI[mot]


def _texte(cellule: str) -> str:
    return cellule
