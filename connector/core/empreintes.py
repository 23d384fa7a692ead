"""Digests: what lets us recognise a text or a part of a dossier without keeping it."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from enum import Enum

_INSECABLES = str.maketrans("\u00a0\u202f", "  ")


def normalised_text(text: str) -> str:
    """The text as DS would show it back: same line ends, no control characters, no trailing blanks (contract §8).

    A no-break space is a space: what only changed in passing through a form is still the same text.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_INSECABLES).split("\n")
    kept = ("".join(c for c in line if c == "\t" or unicodedata.category(c)[0] != "C").rstrip() for line in lines)
    return unicodedata.normalize("NFC", "\n".join(kept).strip())


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
    digest = hashlib.sha256()
    for value in values:
        _feed(digest, value)
    return digest.hexdigest()


_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
"""Rounds nothing and raises nothing: the digest of a number does not hang on whoever set the thread's context."""


def _plain(number: Decimal) -> Decimal:
    """The number without trailing zeros nor the sign of a zero: equal numbers are spelled alike."""
    return Decimal(0) if number.is_zero() else number.normalize(_EXACT)


def _feed(digest: hashlib._Hash, value: object) -> None:
    """Feed one value with its kind and length, so that no two different values read alike."""
    match value:
        case None | bool() | int() | float() | str():
            text = f"{type(value).__name__}:{value}"
        case Enum():
            text = f"enum:{value.value}"
        case Decimal():
            text = f"decimal:{_plain(value)}"
        case datetime():
            text = f"datetime:{value.timestamp()}"
        case date():
            text = f"date:{value.isoformat()}"
        case timedelta():
            text = f"timedelta:{value // timedelta(microseconds=1)}"
        case Mapping():
            _feed_all(digest, "map", [pair for key in sorted(value) for pair in (key, value[key])])
            return
        case tuple() | list() | frozenset():
            _feed_members(digest, value)
            return
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            _feed_all(digest, type(value).__name__, [getattr(value, f.name) for f in dataclasses.fields(value)])
            return
        case _:
            raise TypeError(f"no digest for {type(value).__name__}")
    data = text.encode()
    digest.update(b"%d:" % len(data))
    digest.update(data)


def _feed_members(digest: hashlib._Hash, values: tuple[object, ...] | list[object] | frozenset[object]) -> None:
    """Feed members in their order; those of a set, which has none, by their digests."""
    if isinstance(values, frozenset):
        _feed_all(digest, "set", sorted(of(member) for member in values))
    else:
        _feed_all(digest, "seq", list(values))


def _feed_all(digest: hashlib._Hash, kind: str, values: Sequence[object]) -> None:
    digest.update(f"{kind}[{len(values)}:".encode())
    for value in values:
        _feed(digest, value)
    digest.update(b"]")
