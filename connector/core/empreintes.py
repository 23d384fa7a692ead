"""Digests: what lets us recognise a text or a part of a dossier without keeping it."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from enum import Enum
from typing import Any


def normalised_text(text: str) -> str:
    """The text as DS would show it back: same line ends, no control characters, no trailing blanks (contract §8).

    A no-break space is a space: what only changed in passing through a form is still the same text.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").replace("\u202f", " ").split("\n")
    kept = ((line if line.isprintable() else _without_controls(line)).rstrip() for line in lines)
    return unicodedata.normalize("NFC", "\n".join(kept).strip())


def _without_controls(line: str) -> str:
    return "".join(c for c in line if c == "\t" or unicodedata.category(c)[0] != "C")


def of_text(text: str) -> str:
    """Digest of a message's body after normalisation; "" for an empty one (a deleted message has no body)."""
    body = normalised_text(text)
    return hashlib.sha256(body.encode()).hexdigest() if body else ""


_REFERENCE = re.compile(r"^Réf\. : (\d+-[0-9A-F]{10})$", re.MULTILINE)


def reference(number: int, fingerprint: str) -> str:
    """The short reference that ends each of our messages, so that a lost database still recognises them."""
    return f"{number}-{fingerprint[:10].upper()}"


def reference_line(reference: str) -> str:
    """The line that carries a reference, as `reference_in` finds it."""
    return f"Réf.\u00a0: {reference}"


def reference_in(text: str) -> str | None:
    """The reference a message carries on a line of its own, or None."""
    found = _REFERENCE.findall(normalised_text(text))
    return found[-1] if found else None


def of_value(value: object) -> str:
    """Digest of an annotation's value: texts that DS would show alike are alike, and so are 450 and 450.0."""
    if value is None or isinstance(value, str):
        return of(normalised_text(value or ""))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return of(Decimal(value))
    return of(value)


def of(*values: object) -> str:
    """Digest of frozen values: equal exactly when the values are equal, whatever the process or the machine."""
    text = "".join([_SPELLERS[type(value)](value) for value in values])
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
"""Rounds nothing and raises nothing: the digest of a number does not hang on whoever set the thread's context."""


def _plain(number: Decimal) -> Decimal:
    """The number without trailing zeros nor the sign of a zero: equal numbers are spelled alike."""
    return Decimal(0) if number.is_zero() else number.normalize(_EXACT)


Speller = Callable[[Any], str]
"""Spells the values of one type with their kind and length, so that no two different values read alike."""


_SCALARS: tuple[tuple[type, Speller], ...] = (
    (Enum, lambda value: f"enum:{value.value}"),
    (Decimal, lambda value: f"decimal:{_plain(value)}"),
    (datetime, lambda value: f"datetime:{value.timestamp()}"),
    (date, lambda value: f"date:{value.isoformat()}"),
    (timedelta, lambda value: f"timedelta:{value // timedelta(microseconds=1)}"),
)

_GROUPS: tuple[tuple[type, Speller], ...] = (
    (Mapping, lambda value: _members("map", [part for key in sorted(value) for part in (key, value[key])])),
    (tuple, lambda value: _members("seq", value)),
    (list, lambda value: _members("seq", value)),
    (frozenset, lambda value: _members("set", sorted(of(member) for member in value))),  # which has no order
)


def _speller(kind: type) -> Speller:
    """How the values of that type are spelled; `TypeError` for one that has no digest.

    Digests are kept for years, and some tell that a message was sent: the spelling of a value must never change.
    """
    name = kind.__name__
    if kind is type(None) or issubclass(kind, bool | int | float | str):  # enumerations of texts too
        return lambda value: _sized(f"{name}:{value}")
    for base, spell in _SCALARS:
        if issubclass(kind, base):
            return _scalar(spell)
    for base, spell in _GROUPS:
        if issubclass(kind, base):
            return spell
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"no digest for {name}")
    names = [field.name for field in dataclasses.fields(kind)]
    return lambda value: _members(name, [getattr(value, field) for field in names])


def _scalar(spell: Speller) -> Speller:
    return lambda value: _sized(spell(value))


def _text(value: str) -> str:
    """Most values are texts: the same as any other scalar, sooner."""
    return f"{len(value) + 4}:str:{value}" if value.isascii() else _sized(f"str:{value}")


class _Spellers(dict[type, Speller]):
    """The speller of each type, found at its first value: a page holds thousands of values of a dozen types."""

    def __missing__(self, kind: type) -> Speller:
        found = self[kind] = _speller(kind)
        return found


_SPELLERS = _Spellers({str: _text})


def _sized(text: str) -> str:
    """The text after its length in bytes."""
    return f"{len(text) if text.isascii() else len(text.encode(errors='surrogatepass'))}:{text}"


def _members(kind: str, values: Sequence[object]) -> str:
    """Values that make one, after their number."""
    return f"{kind}[{len(values)}:{''.join([_SPELLERS[type(value)](value) for value in values])}]"
