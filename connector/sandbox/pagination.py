"""Keyset pages over (date, number), as Démarches simplifiées cuts them (contract §3.4), oddities included."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

Ligne = TypeVar("Ligne")
Rang = tuple[datetime, int]

TAILLE_MAX = 100
"""The greatest page; a larger `first` or `last` is lowered without a word."""


class ArgumentsIncompatibles(ValueError):
    """Paging arguments that DS refuses together; the message is DS's own."""


@dataclass(frozen=True, slots=True)
class Fenetre:
    """What the caller asked for: the paging arguments of one connection."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None
    order: str = "ASC"

    @classmethod
    def de(cls, arguments: dict[str, Any]) -> Fenetre:
        """Give the window out of a field's arguments; a blank cursor counts for none."""
        return cls(
            first=arguments.get("first"),
            last=arguments.get("last"),
            after=arguments.get("after") or None,
            before=arguments.get("before") or None,
            order=arguments.get("order") or "ASC",
        )

    @property
    def taille(self) -> int:
        """The size of the page, from 0 to 100."""
        voulue = self.last if self.last is not None else self.first
        return max(0, min(TAILLE_MAX if voulue is None else voulue, TAILLE_MAX))

    def controle(self) -> None:
        """Refuse the combinations that DS refuses."""
        if self.first is not None and self.last is not None:
            raise ArgumentsIncompatibles('Arguments "first" and "last" are exclusive')
        if self.before and self.after:
            raise ArgumentsIncompatibles('Arguments "before" and "after" are exclusive')
        if self.order == "DESC" and self.last is not None:
            raise ArgumentsIncompatibles('Argument "last" is not supported with order "desc"')


@dataclass(frozen=True, slots=True)
class Page(Generic[Ligne]):
    """One page: its rows in the order shown, and what `pageInfo` says of it."""

    lignes: tuple[Ligne, ...]
    avant: bool
    apres: bool
    debut: str | None
    fin: str | None


def curseur(rang: Rang) -> str:
    """Give the cursor of a row: URL-safe base64, no padding, of its UTC date (9 decimals) and its number."""
    date, numero = rang
    texte = f"{date.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{date.microsecond:06d}000Z;{numero}"
    return base64.urlsafe_b64encode(texte.encode()).decode().rstrip("=")


def lit_curseur(texte: str) -> Rang | None:
    """Give the (date, number) of a cursor, or None for one that is not a cursor."""
    try:
        clair = base64.urlsafe_b64decode(texte.rstrip("=") + "=" * (-len(texte.rstrip("=")) % 4)).decode()
        date, numero = clair.split(";")
        instant, _, fraction = date.removesuffix("Z").partition(".")
        base = datetime.strptime(instant + "Z", "%Y-%m-%dT%H:%M:%S%z")
        return base + timedelta(microseconds=int((fraction + "000000")[:6])), int(numero)
    except (ValueError, binascii.Error):
        return None


def pagine(lignes: Sequence[Ligne], rang: Callable[[Ligne], Rang], fenetre: Fenetre) -> Page[Ligne]:
    """Cut one page out of rows, in any order; raises `ArgumentsIncompatibles`.

    A cursor that is not one gives an empty page and no error (recorded).
    """
    fenetre.controle()
    borne = lit_curseur(fenetre.after or fenetre.before or "")
    if (fenetre.after or fenetre.before) and borne is None:
        return Page((), bool(fenetre.after), apres=bool(fenetre.before), debut=None, fin=None)
    decroissant = fenetre.order == "DESC"
    retenues = sorted(_au_dela(lignes, rang, fenetre, borne), key=rang, reverse=decroissant)
    # `before` and `last` walk backwards from their end; DESC with `before` starts from the far end instead (recorded)
    a_rebours = bool(fenetre.before or fenetre.last is not None) and not decroissant
    if a_rebours:
        retenues.reverse()
    page = retenues[: fenetre.taille]
    encore = len(retenues) > fenetre.taille
    if a_rebours:
        page.reverse()
    return Page(
        tuple(page),
        avant=bool(fenetre.after) or (bool(fenetre.before or fenetre.last is not None) and encore),
        apres=fenetre.last is None and (bool(fenetre.before) or encore),
        debut=curseur(rang(page[0])) if page else None,
        fin=curseur(rang(page[-1])) if page else None,
    )


def _au_dela(
    lignes: Sequence[Ligne], rang: Callable[[Ligne], Rang], fenetre: Fenetre, borne: Rang | None
) -> list[Ligne]:
    if borne is None:
        return list(lignes)
    if bool(fenetre.after) == (fenetre.order == "ASC"):
        return [x for x in lignes if rang(x) > borne]
    return [x for x in lignes if rang(x) < borne]
