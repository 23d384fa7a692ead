"""Conditions held against the form: one that no answer could ever meet is a slip of the pen, and would be silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.core.correspondance import CibleChamp, Resolution
from connector.core.model import ChampDescriptor, Demarche
from connector.core.regles.base import Condition, Regle
from connector.core.textes import citer, normaliser, suggestion
from connector.errors import Problem


def impossible_conditions(regles: Iterable[Regle], resolution: Resolution, demarche: Demarche) -> tuple[Problem, ...]:
    """The conditions on a drop-down of which no value is an option, in any published version of the form.

    A condition may name options that this form has not, as long as one of them is there: a configuration can serve
    several démarches.
    """
    options = {c.cle: found for c in (*resolution.champs, *resolution.saisies) if (found := _options(c, demarche))}
    return tuple(
        Problem(f"regles.{regle.cle}.si.{condition.champ}", _phrase(condition, options[condition.champ]))
        for regle in regles
        for condition in regle.si
        if condition.champ in options and _is_impossible(condition, options[condition.champ])
    )


def _options(cible: CibleChamp, demarche: Demarche) -> tuple[str, ...]:
    """Every option that the field ever offered; () when anything may be typed there."""
    found = [d for d in _descripteurs(demarche) if d.id in cible.ids]
    if any(d.other_option or not d.options for d in found):
        return ()
    return tuple(dict.fromkeys(option for d in found for option in d.options))


def _descripteurs(demarche: Demarche) -> Iterator[ChampDescriptor]:
    for revision in (demarche.active, *demarche.revisions):
        yield from (*revision.champs, *revision.annotations)


def _is_impossible(condition: Condition, options: tuple[str, ...]) -> bool:
    wanted = {normaliser(v) for v in (*condition.parmi, *condition.sauf)}
    return bool(wanted) and wanted.isdisjoint(normaliser(option) for option in options)


def _phrase(condition: Condition, options: tuple[str, ...]) -> str:
    value = (*condition.parmi, *condition.sauf)[0]
    return f"{citer(value)} n’est pas une réponse possible de ce champ du formulaire{suggestion(value, options)}"
