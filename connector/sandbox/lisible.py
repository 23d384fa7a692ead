"""Values as a French reader expects them: dates, numbers, places and sizes in words."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from connector.sandbox.dates import MOIS, PARIS
from connector.sandbox.world import Adresse, Code, Commune, PersonneMorale

ETATS = {
    "brouillon": "Brouillon",
    "en_construction": "En construction",
    "en_instruction": "En instruction",
    "accepte": "Accepté",
    "refuse": "Refusé",
    "sans_suite": "Classé sans suite",
}
EVENEMENTS = {
    "depose": "Dossier déposé",
    "depose_correction_usager": "Correction déposée par l’usager",
    "depose_correction_instructeur": "Correction déposée par un instructeur",
    "passe_en_instruction": "Passé en instruction",
    "passe_en_instruction_automatiquement": "Passé en instruction automatiquement",
    "repasse_en_construction": "Repassé en construction",
    "repasse_en_instruction": "Repassé en instruction",
    "accepte": "Accepté",
    "accepte_automatiquement": "Accepté automatiquement",
    "refuse": "Refusé",
    "refuse_automatiquement": "Refusé automatiquement",
    "classe_sans_suite": "Classé sans suite",
}
MOTIFS_DE_CORRECTION = {
    "incorrect": "dossier incorrect",
    "incomplete": "dossier incomplet",
    "outdated": "dossier obsolète",
}
ANTIVIRUS = {
    "safe": "Antivirus : sain",
    "pending": "Analyse antivirus en cours",
    "infected": "Virus détecté : fichier écarté",
    "integrity_error": "Fichier abîmé : écarté",
}

KILO = 1000


def jour(d: date) -> str:
    """Give a day: `1er novembre 2023`."""
    return f"{'1er' if d.day == 1 else d.day} {MOIS[d.month - 1]} {d.year}"


def instant(t: datetime) -> str:
    """Give a time, in Paris: `21 novembre 2026 à 14 h 05`."""
    local = t.astimezone(PARIS)
    return f"{jour(local.date())} à {local.hour} h {local.minute:02d}"


def instant_court(t: datetime) -> str:
    """Give a time in few signs, in Paris: `21/11/2026 14:05`."""
    return f"{t.astimezone(PARIS):%d/%m/%Y %H:%M}"


def nombre(n: Decimal | float) -> str:
    """Give a number with a comma, and nothing after it when there is nothing to say."""
    entier, _, reste = f"{Decimal(str(n)):f}".partition(".")
    reste = reste.rstrip("0")
    return f"{entier},{reste}" if reste else entier


def taille(octets: int) -> str:
    """Give a size as a file manager says it."""
    if octets < KILO:
        return f"{octets} octet{'s' if octets > 1 else ''}"
    unites = ("ko", "Mo", "Go")
    valeur, rang = octets / KILO, 0
    while valeur >= KILO and rang < len(unites) - 1:
        valeur, rang = valeur / KILO, rang + 1
    return f"{nombre(round(valeur, 1))} {unites[rang]}"


def valeur(v: Any) -> str:  # noqa: PLR0911 - one line per kind of value
    """Give the text of a typed value; "" for one that is not filled. Files and rows are not for this function."""
    match v:
        case None:
            return ""
        case bool():
            return "Oui" if v else "Non"
        case int():
            return str(v)
        case Decimal() | float():
            return nombre(v)
        case datetime():
            return instant(v)
        case date():
            return jour(v)
        case list() | tuple():
            return " / ".join(str(x) for x in v)
        case _:
            return lieu(v)


def lieu(v: Any) -> str:
    """Give a place or a company in one line, and the text of anything else."""
    match v:
        case Adresse():
            return v.label
        case Commune():
            return f"{v.name} ({v.postal_code or v.code})"
        case Code():
            return v.name
        case PersonneMorale():
            return " · ".join(x for x in (v.siret, v.entreprise.raison_sociale if v.entreprise else "") if x)
        case _:
            return str(v)


def sans_balises(corps: str) -> str:
    """Give the words of a system message, which is a mail in HTML; a paragraph ends with a blank line."""
    lecteur = _Lecteur()
    lecteur.feed(corps)
    lecteur.close()
    return "".join(lecteur.morceaux).strip()


class _Lecteur(HTMLParser):
    """Collects text."""

    def __init__(self) -> None:
        super().__init__()
        self.morceaux: list[str] = []

    def handle_data(self, data: str) -> None:
        self.morceaux.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.morceaux.append("\n\n")
