"""What a value read must be made of: the types that the model declares, down to the last leaf.

JSON promises nothing: a label may come as a number, a number as a list. Judged here once, so that nothing further on
has to doubt. What was judged when it was read (a champ, a dossier) is not judged again inside another value.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import Any, TypeVar

from connector.core.model import Champ, Dossier, Valeur

_Lu = TypeVar("_Lu")
Juge = Callable[[Any], None]
"""Raises `ValueError` on a value that is not what it should be."""

_DEJA_JUGES = frozenset({Champ, Dossier})
_DEJA_JUGEE = {Champ: Valeur}
"""The annotation of what is judged before it is put in a value of that class."""

_ENTIERS = range(-(2**63), 2**63)
"""What our database can hold; no number of DS, and no answer that means something, is beyond."""


def exiger(valeur: _Lu, sorte: Any) -> _Lu:
    """The value, once it is known to be of that type; `ValueError` names the field that is not."""
    juge_de(sorte)(valeur)
    return valeur


@cache
def juge_de(sorte: Any) -> Juge:
    """What `exiger` asks of that type, found once for the thousands of values of a page."""
    return _champs(sorte) if _a_des_champs(sorte) else _juge(sorte)


def _a_des_champs(sorte: Any) -> bool:
    return dataclasses.is_dataclass(sorte)


@cache
def _genres(sorte: Any) -> dict[type, Juge | None]:
    """The classes of values that the annotation allows, each with what judges the inside of one."""
    membres = typing.get_args(sorte) if typing.get_origin(sorte) in {typing.Union, UnionType} else (sorte,)
    genres = ((typing.get_origin(membre) or membre, membre) for membre in membres)
    return {genre or type(None): _du_genre(genre, membre) for genre, membre in genres}


@cache
def _juge(sorte: Any) -> Juge:
    """What judges a value declared with that annotation."""
    genres = _genres(sorte)

    def juge(valeur: Any) -> None:
        genre = type(valeur)
        if genre not in genres:
            raise ValueError(f"{genre.__name__} inattendu")
        dedans = genres[genre]
        if dedans is not None:
            dedans(valeur)

    return juge


def _du_genre(genre: Any, membre: Any) -> Juge | None:
    """What judges the inside of a value of that class; None when the class says it all."""
    if genre is int:
        return _entier
    if genre is tuple:
        return _suite(typing.get_args(membre)[0])
    if genre in _DEJA_JUGES or not _a_des_champs(genre):
        return None

    def juge(valeur: Any) -> None:
        _champs(genre)(valeur)  # asked when needed: a descriptor holds descriptors

    return juge


def _entier(valeur: int) -> None:
    if valeur not in _ENTIERS:
        raise ValueError("nombre démesuré")


def _suite(sorte: Any) -> Juge:
    def juge(valeurs: tuple[Any, ...]) -> None:
        un = _juge(sorte)
        for valeur in valeurs:
            un(valeur)

    return juge


@cache
def _champs(classe: Any) -> Juge:
    """What judges each field of a value of that class: a table, for a page holds thousands of them."""
    hints = typing.get_type_hints(classe)
    noms = [champ.name for champ in dataclasses.fields(classe) if hints[champ.name] != _DEJA_JUGEE.get(classe)]
    champs = [(nom, _genres(hints[nom])) for nom in noms]

    def juge(valeur: Any) -> None:
        for nom, genres in champs:
            part = getattr(valeur, nom)
            try:
                dedans = genres[type(part)]
                if dedans is not None:
                    dedans(part)
            except KeyError:
                raise ValueError(f"{classe.__name__}.{nom} : {type(part).__name__} inattendu") from None
            except ValueError as error:
                raise ValueError(f"{classe.__name__}.{nom} : {error}") from error

    return juge
