"""How each type of annotation is sent: from our typed value to the JSON that DS accepts (contract §5.5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connector.core.plan import CleAnnotation, Ecriture, ValeurAnnotation


class ValeurImpossible(ValueError):
    """DS could only refuse this value; the message is a French clause that says what it wants."""


def valeur(ecriture: Ecriture) -> Any:
    """The JSON value of an annotation to set; `ValeurImpossible` before anything is sent."""
    return _VALEURS[ecriture.cle](ecriture.value)


def _chaine(value: ValeurAnnotation) -> str:
    if not isinstance(value, str):
        raise ValeurImpossible("il faut un texte")
    return value


def _booleen(value: ValeurAnnotation) -> bool:
    if not isinstance(value, bool):
        raise ValeurImpossible("il faut oui ou non")
    return value


def _date(value: ValeurAnnotation) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValeurImpossible("il faut une date")
    return value.isoformat()


def _instant(value: ValeurAnnotation) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValeurImpossible("il faut une date et une heure avec son décalage")
    return value.isoformat(timespec="seconds")


_INT32 = range(-(2**31), 2**31)


def _entier(value: ValeurAnnotation) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValeurImpossible("il faut un nombre entier")
    if value not in _INT32:
        raise ValeurImpossible("le nombre dépasse ce que DS accepte (2 147 483 647)")
    return value


_MILLIEME = Decimal("0.001")
_DECIMAL_MAX = Decimal(10) ** 12


def _decimal(value: ValeurAnnotation) -> float:
    """Three decimals at most, and no exponent: DS refuses both. The float is exact to the third decimal."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValeurImpossible("il faut un nombre")
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= _DECIMAL_MAX:
        raise ValeurImpossible("le nombre dépasse ce que DS accepte")
    return float(number.quantize(_MILLIEME, rounding=ROUND_HALF_UP))


def _options(value: ValeurAnnotation) -> list[str]:
    if not isinstance(value, tuple):
        raise ValeurImpossible("il faut une liste d’options")
    return list(value)


_VALEURS: dict[CleAnnotation, Callable[[ValeurAnnotation], Any]] = {
    CleAnnotation.TEXT: _chaine,
    CleAnnotation.TEXTAREA: _chaine,
    CleAnnotation.EMAIL: _chaine,
    CleAnnotation.CHECKBOX: _booleen,
    CleAnnotation.YES_NO: _booleen,
    CleAnnotation.DATE: _date,
    CleAnnotation.DATETIME: _instant,
    CleAnnotation.INTEGER_NUMBER: _entier,
    CleAnnotation.DECIMAL_NUMBER: _decimal,
    CleAnnotation.DROP_DOWN_LIST: _chaine,
    CleAnnotation.MULTIPLE_DROP_DOWN_LIST: _options,
}
