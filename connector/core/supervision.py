"""What a supervision tool is told, as Nagios plugins speak: one line, measures after « | », a level as exit code.

Pure: what is measured comes in as numbers and dates, what is said goes out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum

from connector.core.incidents import PAR_CODE, TITRES, Nature, duree
from connector.core.montants import jour, pluriel
from connector.core.rapport import EXIT_SOME_FAILED, EXIT_TEMPORARY
from connector.core.typographie import composer


class Niveau(IntEnum):
    """The exit codes of a Nagios plugin, under the names that these tools show."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3

    @property
    def gravite(self) -> int:
        """Which of several to tell: what is not known yet matters less than what goes wrong."""
        return (0, 2, 3, 1)[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesure:
    """One démarche: when its last pass ended and how (`code` None: never), since when that way, what waits there."""

    demarche: int
    passage_le: datetime | None = None
    code: int = 0
    code_depuis: datetime | None = None
    quarantaine: int = 0
    sans_reponse: int = 0
    doubles: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Etat:
    """The whole service: how often it should pass, what it was asked, and its démarches."""

    periode: timedelta
    mesures: tuple[Mesure, ...]
    jeton_expire_le: date | None = None
    pause_depuis: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The level, and the whole line."""

    niveau: Niveau
    ligne: str


RETARD = (timedelta(minutes=30), timedelta(hours=2))
"""The least silence that is told, then grave: a first reading may take that long."""

PERIODES = (3, 12)
"""The same in passes that did not come."""

PANNE_GRAVE = timedelta(hours=4)
"""How long without DS before it is grave: its own maintenance is shorter."""

JETON = (30, 7)
"""Days before the token's end."""

PAUSE_LONGUE = timedelta(days=7)
"""How long a pause may last before somebody is asked whether it was forgotten."""

_Probleme = tuple[Niveau, str]


def juger(etat: Etat, *, now: datetime, aujourd_hui: date) -> Verdict:
    """The level of the gravest problem, and the line that tells them all, gravest first."""
    problemes = [*_service(etat, now, aujourd_hui), *(p for m in etat.mesures for p in _demarche(m, etat, now))]
    problemes.sort(key=lambda p: -p[0].gravite)
    niveau = problemes[0][0] if problemes else Niveau.OK
    texte = " ; ".join(phrase for _, phrase in problemes) or _tout_va_bien(etat.mesures, now)
    return Verdict(niveau=niveau, ligne=ligne(niveau, texte, _measures(etat, now, aujourd_hui)))


def ligne(niveau: Niveau, texte: str, measures: Sequence[str] = ()) -> str:
    """The one line of a plugin: what separates the text from the measures has no place in the text."""
    propre = composer(re.sub(r"[ \n\r\t]+", " ", texte.replace("|", "/")).strip())
    return f"CONNECTEUR {niveau.name} - {propre}" + (f" | {' '.join(measures)}" if measures else "")


def _seuils(etat: Etat) -> tuple[timedelta, timedelta]:
    attention, grave = (max(r, n * etat.periode) for r, n in zip(RETARD, PERIODES, strict=True))
    return attention, grave


def _service(etat: Etat, now: datetime, aujourd_hui: date) -> Iterator[_Probleme]:
    if etat.jeton_expire_le is not None and (reste := (etat.jeton_expire_le - aujourd_hui).days) < JETON[0]:
        niveau = Niveau.CRITICAL if reste < JETON[1] else Niveau.WARNING
        yield niveau, f"le jeton {'a expiré' if reste < 0 else 'expire'} le {jour(etat.jeton_expire_le)}"
    if etat.pause_depuis is not None and now - etat.pause_depuis > PAUSE_LONGUE:
        yield Niveau.WARNING, f"les envois sont en pause depuis {duree(now - etat.pause_depuis)}"


def _demarche(mesure: Mesure, etat: Etat, now: datetime) -> Iterator[_Probleme]:
    for niveau, phrase in (*_passage(mesure, etat, now), *_ce_qui_attend(mesure)):
        yield niveau, f"démarche {mesure.demarche} : {phrase}"


def _passage(mesure: Mesure, etat: Etat, now: datetime) -> Iterator[_Probleme]:
    if mesure.passage_le is None:
        yield Niveau.UNKNOWN, "aucun passage terminé pour l’instant"
        return
    age = now - mesure.passage_le
    attention, grave = _seuils(etat)
    if age > attention:
        yield Niveau.CRITICAL if age > grave else Niveau.WARNING, f"aucun passage depuis {duree(age)}"
    depuis = now - (mesure.code_depuis or mesure.passage_le)
    if mesure.code == EXIT_TEMPORARY:
        niveau = Niveau.CRITICAL if depuis > PANNE_GRAVE else Niveau.WARNING
        yield niveau, f"{TITRES[Nature.INJOIGNABLE]} (depuis {duree(depuis)})"
    elif mesure.code == EXIT_SOME_FAILED:
        yield Niveau.WARNING, "des dossiers en échec au dernier passage"
    elif mesure.code in PAR_CODE:
        yield Niveau.CRITICAL, f"{TITRES[PAR_CODE[mesure.code]]} (depuis {duree(depuis)})"


def _ce_qui_attend(mesure: Mesure) -> Iterator[_Probleme]:
    if mesure.doubles:
        yield Niveau.CRITICAL, pluriel(mesure.doubles, "message parti deux fois", "messages partis deux fois")
    if mesure.quarantaine:
        yield Niveau.WARNING, pluriel(mesure.quarantaine, "dossier mis de côté", "dossiers mis de côté")


def _tout_va_bien(mesures: Sequence[Mesure], now: datetime) -> str:
    ages = [now - m.passage_le for m in mesures if m.passage_le is not None]
    return f"{pluriel(len(mesures), 'démarche')}, dernier passage il y a {duree(max(ages, default=timedelta(0)))}"


def _measures(etat: Etat, now: datetime, aujourd_hui: date) -> list[str]:
    """« name=value;warning;critical;minimum »: the oldest pass, what waits in all, the token's days."""
    attention, grave = (round(s.total_seconds()) for s in _seuils(etat))
    ages = [now - m.passage_le for m in etat.mesures if m.passage_le is not None]
    found = [f"age={round(max(ages).total_seconds())}s;{attention};{grave};0"] if ages else []
    found += [
        f"mis_de_cote={sum(m.quarantaine for m in etat.mesures)};0;;0",
        f"sans_reponse={sum(m.sans_reponse for m in etat.mesures)};;;0",
        f"en_double={sum(m.doubles for m in etat.mesures)};;0;0",
    ]
    if etat.jeton_expire_le is not None:
        found.append(f"jeton_jours={(etat.jeton_expire_le - aujourd_hui).days};{JETON[0]}:;{JETON[1]}:")
    return found
