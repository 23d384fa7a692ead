"""What may be written in an annotation: the key each type takes, and what DS refuses (contract §5.5)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.sandbox.dates import PARIS, lit_instant, lit_jour

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.world import Descripteur

CLES = {
    "text": "text",
    "textarea": "textarea",
    "email": "email",
    "checkbox": "checkbox",
    "yes_no": "yesNo",
    "date": "date",
    "datetime": "datetime",
    "integer_number": "integerNumber",
    "decimal_number": "decimalNumber",
    "drop_down_list": "dropDownList",
    "multiple_drop_down_list": "multipleDropDownList",
    "repetition": "repetition",
}
"""The one key of `AnnotationValueInput` that each annotation type takes; the other types cannot be written."""

SEULES = {
    "Text": ("text", "textarea"),
    "Checkbox": ("checkbox", "yes_no"),
    "Date": ("date",),
    "Datetime": ("datetime",),
    "DropDownList": ("drop_down_list",),
    "IntegerNumber": ("integer_number",),
    "DecimalNumber": ("decimal_number",),
    "AjouterLigne": ("repetition",),
}
"""The annotation types that each deprecated single mutation takes."""

COURRIEL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
TROIS_DECIMALES = re.compile(r"-?\d+\.\d{1,3}")

OPTIONS = "doit être dans les options proposées"
COURRIEL_INVALIDE = "est invalide. Saisissez une adresse électronique valide. Exemple\xa0: adresse@mail.com"
DECIMALES = "doit comprendre entre 1 et 3 chiffres après le point"
ANGLAIS = {OPTIONS: "must be in the given options"}
"""The one validation message whose English is recorded."""


class SaisieRefusee(ValueError):
    """The value is refused; the message is DS's own, in French."""

    def dans(self, langue: str) -> str:
        """Give the message in the caller's language, as far as it is known."""
        return ANGLAIS.get(str(self), str(self)) if langue == "en" else str(self)


def convertit(descripteur: Descripteur, brute: Any) -> Any:
    """Give the value to store for what the API received; raises `SaisieRefusee`."""
    return CONVERSIONS[descripteur.type](descripteur, brute)


def _telle_quelle(_: Descripteur, brute: Any) -> Any:
    return brute


def _courriel(_: Descripteur, brute: str) -> str:
    net = brute.strip().lower()
    if net and not COURRIEL.fullmatch(net):
        raise SaisieRefusee(COURRIEL_INVALIDE)
    return net


def _jour(_: Descripteur, brute: str) -> Any:
    return lit_jour(brute)


def _instant(_: Descripteur, brute: str) -> Any:
    return lit_instant(brute).astimezone(PARIS).replace(microsecond=0)


def _decimal(_: Descripteur, brute: float) -> Decimal:
    ecrit = str(float(brute))
    if not TROIS_DECIMALES.fullmatch(ecrit):
        raise SaisieRefusee(DECIMALES)
    return Decimal(ecrit)


def _choix(descripteur: Descripteur, brute: str) -> str:
    if brute and brute not in descripteur.options and not descripteur.other_option:
        raise SaisieRefusee(OPTIONS)
    return brute


def _choix_multiple(descripteur: Descripteur, brute: list[str]) -> list[str]:
    if any(b not in descripteur.options for b in brute):
        raise SaisieRefusee(OPTIONS)
    return list(dict.fromkeys(brute))


CONVERSIONS: dict[str, Callable[[Descripteur, Any], Any]] = {
    "text": _telle_quelle,
    "textarea": _telle_quelle,
    "email": _courriel,
    "checkbox": _telle_quelle,
    "yes_no": _telle_quelle,
    "date": _jour,
    "datetime": _instant,
    "integer_number": _telle_quelle,
    "decimal_number": _decimal,
    "drop_down_list": _choix,
    "multiple_drop_down_list": _choix_multiple,
}
