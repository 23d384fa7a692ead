"""Frozen values to JSON text and back, exactly: what was stored is equal to what is read again.

A value is written by its declared type, so the JSON carries no type names, except inside a union of several types
(`Valeur`): there, what JSON has no word for is an object of one key, its type's name. A field left at its default is
not written: a field added later, with a default, needs no migration. Decimals keep their exponent, datetimes their
offset.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

from connector.errors import StoreError

_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
_ASCII = json.JSONEncoder(ensure_ascii=True, check_circular=False, separators=(",", ":"))
_REQUIRED: Any = dataclasses.MISSING
_BARE = (str, bool, int, float)


class CodecError(StoreError):
    """A stored text is not what this version writes for that type: damaged, or written by another version."""

    def __init__(self, kind: Any) -> None:
        super().__init__(
            f"Une donnée de la base est illisible ({getattr(kind, '__name__', kind)}).",
            hint="Restaurez la dernière sauvegarde, ou repartez d’une base vide : les dossiers seront relus.",
        )


class _Pair(NamedTuple):
    """How one type becomes JSON data and comes back; None when JSON has the very same value."""

    encode: Callable[[Any], Any] | None
    decode: Callable[[Any], Any] | None


def dumps(value: object, kind: Any) -> str:
    """The JSON text of a value declared as `kind` (a class, or any annotation that the model uses)."""
    return text_of(plain(value, kind))


def loads(text: str, kind: Any) -> Any:
    """The value of type `kind` that `dumps` wrote; `CodecError` when the text is something else."""
    return typed(data_of(text), kind)


def data_of(text: str) -> Any:
    """The JSON data of a stored text; `CodecError` when it is no JSON."""
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise CodecError("JSON") from error


def plain(value: object, kind: Any) -> Any:
    """The value as JSON data (dict, list, str, number, bool, None)."""
    encode = _pair(kind).encode
    return value if encode is None else encode(value)


def typed(data: object, kind: Any) -> Any:
    """The value of type `kind` from its JSON data; `CodecError` when they do not fit."""
    decode = _pair(kind).decode
    try:
        return data if decode is None else decode(data)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise CodecError(kind) from error


def text_of(data: object) -> str:
    """The shortest JSON text of JSON data; a lone surrogate, that no UTF-8 file can hold, stays escaped."""
    text = _JSON.encode(data)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _ASCII.encode(data)
    return text


def storable(text: str) -> str:
    """The text with any lone surrogate replaced: what a TEXT column can hold."""
    return text.encode(errors="replace").decode()


def instant(moment: datetime) -> str:
    """The instant as text of fixed width in UTC: texts sort as instants do. A naive datetime is a caller's mistake."""
    if moment.utcoffset() is None:
        raise ValueError("a naive datetime is no instant")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def when(text: str) -> datetime:
    """The instant written by `instant`, in UTC."""
    return typed(text, datetime)  # type: ignore[no-any-return]


def maybe_when(text: str | None) -> datetime | None:
    """The instant written by `instant`, in UTC; None stays None."""
    return None if text is None else when(text)


@cache
def _pair(kind: Any) -> _Pair:  # noqa: PLR0911 - one line per kind of type is the clearest table
    """How that type is written; `TypeError` for one that the model has no use for."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        return _union(arguments)
    if origin is tuple:
        return _sequence(arguments[0], tuple)
    if origin is frozenset:
        return _sequence(arguments[0], frozenset, order=sorted)
    if origin is Mapping:
        return _mapping(arguments[1])
    if kind in _BARE or kind is types.NoneType:
        return _Pair(None, None)
    if dataclasses.is_dataclass(kind):
        return _Fields(kind).pair
    if issubclass(kind, Enum):
        return _Pair(lambda member: member.value, _Members(kind).__getitem__)
    return _SCALARS[kind]


_SCALARS: Mapping[type, _Pair] = {
    Decimal: _Pair(str, Decimal),
    datetime: _Pair(datetime.isoformat, datetime.fromisoformat),
    date: _Pair(date.isoformat, date.fromisoformat),
}


class _Members(dict[Any, Enum]):
    """The members of an enumeration by their values: far cheaper than calling the class, a million times."""

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__((member.value, member) for member in kind)
        self._kind = kind

    def __missing__(self, value: Any) -> Enum:
        return self._kind(value)


def _sequence(item: Any, build: type, order: Callable[[Any], Any] = list) -> _Pair:
    """A tuple or frozenset as a list."""
    encode, decode = _pair(item)
    if encode is None or decode is None:
        return _Pair(order, build)
    return _Pair(
        lambda values: order([encode(value) for value in values]),
        lambda data: build(map(decode, data)),
    )


def _mapping(item: Any) -> _Pair:
    """A mapping of texts as an object."""
    return _Pair(
        lambda values: {key: plain(value, item) for key, value in values.items()},
        lambda data: {key: typed(value, item) for key, value in data.items()},
    )


def _union(members: tuple[Any, ...]) -> _Pair:
    """Either None or one type, or one of several types told apart in the JSON."""
    others = [member for member in members if member is not types.NoneType]
    if len(others) > 1:
        return _Tagged(others).pair
    encode, decode = _pair(others[0])
    if encode is None or decode is None:
        return _Pair(None, None)
    return _Pair(
        lambda value: None if value is None else encode(value),
        lambda data: None if data is None else decode(data),
    )


class _Fields:
    """A dataclass as an object of its fields; resolved at first use, for the model's types contain one another."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._fields: tuple[tuple[str, Callable[[Any], Any] | None, Any], ...] = ()
        self._decoders: tuple[tuple[str, Callable[[Any], Any]], ...] = ()

    @property
    def pair(self) -> _Pair:
        return _Pair(self._encode, self._decode)

    def _resolve(self) -> None:
        hints = typing.get_type_hints(self._kind)
        fields = dataclasses.fields(self._kind)
        decoders = ((field.name, _pair(hints[field.name]).decode) for field in fields)
        self._decoders = tuple((name, decode) for name, decode in decoders if decode is not None)
        self._fields = tuple((field.name, _pair(hints[field.name]).encode, field.default) for field in fields)

    def _encode(self, value: Any) -> dict[str, Any]:
        if not self._fields:
            self._resolve()
        data = {}
        for name, encode, default in self._fields:
            part = getattr(value, name)
            if part is default or (default is not _REQUIRED and type(part) is type(default) and part == default):
                continue
            data[name] = part if encode is None else encode(part)
        return data

    def _decode(self, data: Mapping[str, Any]) -> Any:
        if not self._fields:
            self._resolve()
        parts = dict(data)  # most parts are there as JSON has them: only the others are looked at
        for name, decode in self._decoders:
            if name in parts:
                parts[name] = decode(parts[name])
        return self._kind(**parts)


class _Tagged:
    """One of several types: JSON's own values and lists bare, any other an object of one key, its type's name."""

    def __init__(self, members: list[Any]) -> None:
        self._encoders: dict[type, Callable[[Any], Any]] = {}
        self._decoders: dict[str, Callable[[Any], Any]] = {}
        self._list: Callable[[Any], Any] | None = None
        for member in members:
            self._add(member)

    @property
    def pair(self) -> _Pair:
        return _Pair(self._encode, self._decode)

    def _add(self, member: Any) -> None:
        encode, decode = _pair(member)
        if typing.get_origin(member) is tuple:
            self._encoders[tuple], self._list = encode or list, decode
        elif encode is not None and decode is not None:
            self._encoders[member] = _under(member.__name__, encode)
            self._decoders[member.__name__] = decode

    def _encode(self, value: Any) -> Any:
        if value is None or isinstance(value, _BARE):
            return value
        return self._encoders[type(value)](value)

    def _decode(self, data: Any) -> Any:
        if isinstance(data, dict):
            ((name, part),) = data.items()
            return self._decoders[name](part)
        if isinstance(data, list):
            return self._decode_list(data)
        return data

    def _decode_list(self, data: list[Any]) -> Any:
        if self._list is None:
            raise TypeError("no list in this union")
        return self._list(data)


def _under(name: str, encode: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The encoder that puts its type's name around what it writes."""
    return lambda value: {name: encode(value)}
