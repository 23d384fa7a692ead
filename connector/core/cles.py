"""Official numbers: shape, check digit, and the code as it should have been written. Nothing is looked up."""

from __future__ import annotations

import re

from connector.errors import OperatorError

_SEPARATEURS = re.compile(r"[\s.\-\u00a0\u202f]+")
_ESPACES = re.compile(r"\s+")
_FLOTTANT_EXCEL = re.compile(r"^(\d+)[.,]0+$")
_COMMUNE = re.compile(r"^(?:0[1-9]|1\d|2[1-9AB]|[3-8]\d|9[0-578])\d{3}$")
_FINESS = re.compile(r"^(?:\d{2}|2[AB])\d{7}$")
_QPV = re.compile(r"^Q[PN][0-9A-Z]{6,7}$")
_REGIONS = frozenset(
    ("01", "02", "03", "04", "06", "11", "24", "27", "28", "32", "44", "52", "53", "75", "76", "84", "93", "94")
)
_RPPS = 11


def compact(texte: str) -> str:
    """The text in capitals without the spaces, dots and dashes that people put inside numbers."""
    return _SEPARATEURS.sub("", texte).upper()


def luhn_valide(chiffres: str) -> bool:
    """True when the string is all ASCII digits and its last one is the Luhn key of the others."""
    if not (chiffres.isascii() and chiffres.isdigit()):
        return False
    return sum(_double(int(c)) if rang % 2 else int(c) for rang, c in enumerate(reversed(chiffres))) % 10 == 0


def _double(chiffre: int) -> int:
    """Twice the digit, its two digits added."""
    return sum(divmod(2 * chiffre, 10))


def rpps_valide(texte: str) -> bool:
    """True for an eleven-digit RPPS number whose key is right."""
    numero = compact(texte)
    return len(numero) == _RPPS and any(c != "0" for c in numero) and luhn_valide(numero)


def finess_valide(texte: str) -> bool:
    """True for a nine-character FINESS number whose last digit is its Luhn key.

    Corsican numbers (2A…, 2B…) are keyed as 21… and 22…: checked on the ones the arrêté du 4 mars 2015 lists.
    """
    numero = compact(texte)
    if not (numero.isascii() and _FINESS.match(numero)):
        return False
    return luhn_valide(numero.replace("A", "1").replace("B", "2"))


def code_qpv(texte: str) -> str | None:
    """The code of a priority district, in capitals, or None when it has not its shape (domaine §3.4).

    Both generations are accepted: `QP` of 2015 and `QN` of 2024.
    """
    code = compact(texte)
    return code if code.isascii() and _QPV.match(code) else None


def code_commune(brut: str | float) -> str | None:
    """The five-character INSEE code, with the leading zero that a spreadsheet ate, or None (domaine §3.3).

    `1001`, `1001.0` and `"01001"` are the same commune; `2a004` is `2A004`. A postal code cannot be told from an
    INSEE code by its shape: only the referential can.
    """
    code = _entier_excel(brut).zfill(5)
    return code if code.isascii() and _COMMUNE.match(code) else None


def code_region(brut: str | float) -> str | None:
    """The two-character INSEE code of one of the eighteen regions (`1` is `01`, Guadeloupe), or None."""
    code = _entier_excel(brut).zfill(2)
    return code if code in _REGIONS else None


def region_saisie(texte: str) -> str:
    """The code of the region that an operator typed, "" for none; OperatorError for one that does not exist."""
    code = code_region(texte) if texte else ""
    if code is None:
        raise OperatorError(
            f"région inconnue : « {texte} ».", hint="Donnez le code INSEE de la région (24 pour Centre-Val de Loire)."
        )
    return code


def _entier_excel(brut: str | float) -> str:
    """The text of a cell that Excel may have turned into a number."""
    texte = str(brut).strip()
    flottant = _FLOTTANT_EXCEL.match(texte)
    return flottant.group(1) if flottant else _ESPACES.sub("", texte).upper()
