"""Conditions held against the form: one that no answer could ever meet is a slip of the pen, and would be silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.core.correspondance import CibleChamp, Resolution
from connector.core.model import ChampDescriptor, Demarche
from connector.core.regles.base import Condition, Regle, RegleDeChamp
from connector.core.textes import citer, normaliser, suggestion
from connector.errors import Problem


def impossible_conditions(regles: Iterable[Regle], resolution: Resolution, demarche: Demarche) -> tuple[Problem, ...]:
    """The conditions on a drop-down of which no value is an option, in any published version of the form.

    A condition may name options that this form has not, as long as one of them is there: a configuration can serve
    several démarches.
    """
    options = _par_champ(resolution, demarche)
    return tuple(
        Problem(f"regles.{regle.cle}.si.{condition.champ}", _phrase(condition, options[condition.champ]))
        for regle in regles
        for condition in regle.si
        if condition.champ in options and _is_impossible(condition, options[condition.champ])
    )


LISTES = ("acceptees", "exclues", "connus")
"""The options of a rule that list answers to the field it judges."""


def unknown_answers(regles: Iterable[Regle], resolution: Resolution, demarche: Demarche) -> tuple[Problem, ...]:
    """The answers that a rule lists and that no published version of the form offers: a slip, or another form's."""
    options = _par_champ(resolution, demarche)
    return tuple(
        Problem(f"regles.{regle.cle}.{liste}", _inconnue(value, options[regle.champ]))
        for regle in regles
        if isinstance(regle, RegleDeChamp) and regle.champ in options
        for liste in LISTES
        for value in getattr(regle, liste, ())
        if not _offered(value, options[regle.champ])
    )


def _par_champ(resolution: Resolution, demarche: Demarche) -> dict[str, tuple[str, ...]]:
    """The options of each field that has some, those of the rows of a repetition as rules name them."""
    racines = [(c.cle, c) for c in (*resolution.champs, *resolution.saisies)]
    internes = [(f"{cle}.{i.cle}", i) for cle, c in racines for i in c.champs]
    return {cle: found for cle, cible in (*racines, *internes) if (found := _options(cible, demarche))}


def _options(cible: CibleChamp, demarche: Demarche) -> tuple[str, ...]:
    """Every option that the field ever offered; () when anything may be typed there."""
    found = [d for d in _descripteurs(demarche) if d.id in cible.ids]
    if any(d.other_option or not d.options for d in found):
        return ()
    return tuple(dict.fromkeys(option for d in found for option in d.options))


def _descripteurs(demarche: Demarche) -> Iterator[ChampDescriptor]:
    for revision in (demarche.active, *demarche.revisions):
        for descripteur in (*revision.champs, *revision.annotations):
            yield descripteur
            yield from descripteur.champs


def _offered(value: str, options: tuple[str, ...]) -> bool:
    return normaliser(value) in {normaliser(option) for option in options}


def _inconnue(value: str, options: tuple[str, ...]) -> str:
    indice = suggestion(value, options) or " : corrigez-la, ou retirez-la de la liste"
    return f"{citer(value)} n’est pas une réponse possible de ce champ du formulaire{indice}"


def _is_impossible(condition: Condition, options: tuple[str, ...]) -> bool:
    wanted = {normaliser(v) for v in (*condition.parmi, *condition.sauf)}
    return bool(wanted) and wanted.isdisjoint(normaliser(option) for option in options)


def _phrase(condition: Condition, options: tuple[str, ...]) -> str:
    value = (*condition.parmi, *condition.sauf)[0]
    return f"{citer(value)} n’est pas une réponse possible de ce champ du formulaire{suggestion(value, options)}"
