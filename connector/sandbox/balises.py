"""HTML built from values: what is text is escaped, always; only what this module made is markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

Contenu: TypeAlias = "str | int | Iterable[Contenu] | None"
"""What an element holds: text (escaped), markup made here, nothing, or several of these."""

Attribut: TypeAlias = str | int | bool | None

SANS_CONTENU = frozenset({"br", "hr", "input", "link", "meta"})


class Html(str):
    """Text that is already markup."""

    __slots__ = ()


def h(nom: str, *contenu: Contenu, **attributs: Attribut) -> Html:
    """Give an element. `class_` is the class, `aria_label` is aria-label; an attribute None or False is left out."""
    ouverture = f"<{nom}{''.join(_attribut(k, v) for k, v in attributs.items())}>"
    if nom in SANS_CONTENU:
        return Html(ouverture)
    return Html(f"{ouverture}{suite(*contenu)}</{nom}>")


def suite(*contenu: Contenu) -> Html:
    """Give these one after the other, with no element around."""
    return Html("".join(_texte(x) for x in contenu))


def _texte(x: Contenu) -> str:
    if x is None:
        return ""
    if isinstance(x, Html):
        return x
    if isinstance(x, str | int):
        return escape(str(x))
    return suite(*x)


def _attribut(nom: str, valeur: Attribut) -> str:
    if valeur is None or valeur is False:
        return ""
    propre = nom.rstrip("_").replace("_", "-")
    return f" {propre}" if valeur is True else f' {propre}="{escape(str(valeur))}"'
