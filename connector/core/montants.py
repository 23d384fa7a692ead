"""Euros, numbers and dates as a French agent reads them, and rounding to the cent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

_CENTIME = Decimal("0.01")
_PAS_DES_SEUILS = 50
"""Tenths of a kilometre: a threshold is a multiple of five kilometres."""
_ESPACE_FINE, _ESPACE = "\u202f", "\u00a0"


def au_centime(montant: Decimal) -> Decimal:
    """The amount rounded to the cent, halves away from zero."""
    return montant.quantize(_CENTIME, rounding=ROUND_HALF_UP)


def euros(montant: Decimal) -> str:
    """« 1 000 € », « 45 265,92 € »: cents only when there are some, no-break spaces."""
    arrondi = au_centime(montant)
    chiffres = f"{arrondi:,.2f}".removesuffix(".00")
    return _francise(chiffres) + _ESPACE + "€"


def nombre(valeur: Decimal | int) -> str:
    """« 105,8 », « 4 », « 1 200,25 »: no trailing zero, decimal comma."""
    texte = f"{Decimal(valeur):,f}"
    return _francise(texte.rstrip("0").rstrip(".") if "." in texte else texte)


def kilometres(distance: Decimal) -> str:
    """« 105,8 km »: one decimal, halves up, except that 19,96 never reads as 20: thresholds are round numbers."""
    dixiemes = int((distance * 10).to_integral_value(rounding=ROUND_HALF_UP))
    if dixiemes > distance * 10 and dixiemes % _PAS_DES_SEUILS == 0:
        dixiemes -= 1
    return nombre(Decimal(dixiemes) / 10) + _ESPACE + "km"


def jour(valeur: date) -> str:
    """« 01/07/2023 »."""
    return f"{valeur:%d/%m/%Y}"


_MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def jour_en_lettres(valeur: date) -> str:
    """« 22 novembre 2026 », « 1er mai 2026 »."""
    quantieme = "1er" if valeur.day == 1 else str(valeur.day)
    return f"{quantieme}{_ESPACE}{_MOIS[valeur.month - 1]} {valeur.year}"


def instant(moment: datetime) -> str:
    """« 22 novembre 2026 à 14 h 05 », at the hour that the instant carries."""
    return f"{jour_en_lettres(moment)} à {moment.hour}{_ESPACE}h{_ESPACE}{moment:%M}"


def pluriel(quantite: Decimal | int, singulier: str, au_pluriel: str = "") -> str:
    """« 1 poste », « 2 postes », « 1,5 poste »: French counts a plural from two on."""
    mot = (au_pluriel or singulier + "s") if abs(Decimal(quantite)) >= 2 else singulier  # noqa: PLR2004
    return nombre(quantite) + _ESPACE + mot


def _francise(texte: str) -> str:
    return texte.replace(",", _ESPACE_FINE).replace(".", ",")
