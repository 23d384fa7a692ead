"""What goes wrong from pass to pass, and what is worth telling somebody: once when it starts, once when it ends.

Pure: each pass brings what it found of each démarche; what is remembered of the earlier ones comes in and goes out as
data, so that a restart changes nothing. A passing failure is told only once it has lasted, and is over only once it has
stayed away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from connector.core.montants import jour, pluriel
from connector.core.textes import enumerer
from connector.core.typographie import composer
from connector.errors import ConnectorError

SERVICE = 0
"""The number that stands for the whole service, whatever the démarche."""


class Nature(StrEnum):
    """Kinds of incident; each starts and ends apart from the others."""

    INJOIGNABLE = "injoignable"
    JETON = "jeton"
    CONTRAT = "contrat"
    FREIN = "frein"
    REGLAGE = "reglage"
    BASE = "base"
    DEFAUT = "defaut"
    ECHECS = "echecs"
    DOUBLES = "doubles"
    BULLETIN = "bulletin"
    JETON_EXPIRE = "jeton_expire"
    JETON_EXPIRE_BIENTOT = "jeton_expire_bientot"


PAR_CODE = {
    2: Nature.REGLAGE,
    3: Nature.FREIN,
    74: Nature.BASE,
    75: Nature.INJOIGNABLE,
    76: Nature.CONTRAT,
    77: Nature.JETON,
}
"""What the exit code of a pass says of its failure (README, « Exit codes »)."""

_REPONDU = frozenset({Nature.INJOIGNABLE, Nature.BASE, Nature.DEFAUT})
_LEVEES = {
    Nature.JETON: _REPONDU,
    Nature.CONTRAT: _REPONDU,
    Nature.FREIN: _REPONDU | {Nature.JETON, Nature.CONTRAT, Nature.REGLAGE},
}
"""What each failure proves to be over: the brake comes last, after all was read. Others prove nothing."""

ECHECS_DURABLES = timedelta(hours=24)
"""How long dossiers may fail before the operator hears of it: most heal at their next try."""

ECHECS_CALMES = timedelta(hours=3)
"""How long without a failing dossier before it is over: a refused one is tried again after an hour."""

ECHEANCES_JETON = ((Nature.JETON_EXPIRE_BIENTOT, 30), (Nature.JETON_EXPIRE, 7))
"""How many days before its end the token is spoken of."""

TITRES = {
    Nature.INJOIGNABLE: "Démarches simplifiées ne répond plus",
    Nature.JETON: "Démarches simplifiées refuse le jeton",
    Nature.CONTRAT: "Démarches simplifiées ne parle plus la même langue",
    Nature.FREIN: "le frein a tout retenu",
    Nature.REGLAGE: "la configuration ne convient plus",
    Nature.BASE: "la base locale est inutilisable",
    Nature.DEFAUT: "le connecteur a rencontré un défaut",
    Nature.ECHECS: "des dossiers restent en échec",
    Nature.DOUBLES: "un message est parti deux fois",
    Nature.BULLETIN: "le bulletin des instructeurs ne part pas",
    Nature.JETON_EXPIRE: "le jeton expire dans moins de 7 jours",
    Nature.JETON_EXPIRE_BIENTOT: "le jeton expire dans moins de 30 jours",
}

MEMENTO = "Pour en savoir plus, sur la machine du connecteur : « connector status »."


@dataclass(frozen=True, slots=True, kw_only=True)
class Panne:
    """Something wrong now, with a démarche or with the whole service: French sentences, numbers and causes only."""

    nature: Nature
    demarche: int = SERVICE
    texte: str
    remede: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constatation:
    """What one look at a démarche, or at the service, found: its failures, and the natures it can vouch are absent."""

    demarche: int = SERVICE
    pannes: tuple[Panne, ...] = ()
    absentes: frozenset[Nature] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A failure followed from pass to pass.

    `passages` counts those that met it; `annonce_le` is None until somebody was told; `absent_depuis` is when it was
    last found gone, None while it lasts.
    """

    nature: Nature
    demarche: int
    texte: str
    remede: str
    depuis: datetime
    passages: int = 1
    annonce_le: datetime | None = None
    absent_depuis: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Avertissement:
    """One thing to tell: a start (`fini` False) or an end, of one incident or of the same one in several démarches."""

    titre: str
    corps: str
    fini: bool
    incidents: tuple[Incident, ...]


def apres_passage(
    demarche: int, erreur: ConnectorError | None = None, *, echecs: int = 0, doubles: int | None = None
) -> Constatation:
    """What a pass over that démarche tells: what stopped it, how many dossiers failed, messages that went twice.

    `doubles` None: nobody looked.
    """
    if erreur is not None:
        nature = PAR_CODE.get(erreur.exit_code, Nature.DEFAUT)
        panne = Panne(nature=nature, demarche=demarche, texte=str(erreur), remede=erreur.hint)
        return Constatation(demarche=demarche, pannes=(panne,), absentes=_LEVEES.get(nature, frozenset()))
    pannes = [*_echecs(demarche, echecs), *_doubles(demarche, doubles or 0)]
    ignorees = {Nature.BULLETIN, *({Nature.DOUBLES} if doubles is None else ())}
    absentes = frozenset(Nature) - {panne.nature for panne in pannes} - ignorees
    return Constatation(demarche=demarche, pannes=tuple(pannes), absentes=absentes)


def _echecs(demarche: int, nombre: int) -> Iterable[Panne]:
    if nombre:
        yield Panne(
            nature=Nature.ECHECS,
            demarche=demarche,
            texte=f"{pluriel(nombre, 'dossier n’a pas pu être traité', 'dossiers n’ont pas pu être traités')} "
            "au dernier passage ; le connecteur réessaie.",
            remede="« connector status » donne leurs numéros et la cause ; une fois celle-ci levée, "
            "« connector retry --all » les reprend aussitôt.",
        )


def _doubles(demarche: int, nombre: int) -> Iterable[Panne]:
    if nombre:
        yield Panne(
            nature=Nature.DOUBLES,
            demarche=demarche,
            texte=f"{pluriel(nombre, 'message du connecteur est', 'messages du connecteur sont')} en double dans DS : "
            "un autre connecteur écrit sur cette démarche, avec une autre base.",
            remede="N’en gardez qu’un. « connector status » nomme les dossiers.",
        )


def du_jeton(expire_le: date | None, aujourd_hui: date) -> Constatation:
    """Whether the token's last day, as the configuration gives it, comes near."""
    pannes = [
        Panne(
            nature=nature,
            texte=f"Le jeton est valable jusqu’au {jour(expire_le)} inclus ; ensuite, plus rien ne sera lu ni écrit.",
            remede="Créez-en un nouveau dans DS, remplacez le fichier du jeton, puis corrigez « jeton_expire_le ».",
        )
        for nature, jours in ECHEANCES_JETON
        if expire_le is not None and (expire_le - aujourd_hui).days < jours
    ]
    dites = {panne.nature for panne in pannes}
    return Constatation(pannes=tuple(pannes), absentes=frozenset(n for n, _ in ECHEANCES_JETON if n not in dites))


def suivre(
    connus: Iterable[Incident], constatations: Sequence[Constatation], *, now: datetime, patience: timedelta
) -> tuple[Incident, ...]:
    """The incidents as they stand after that pass; one that ended before anybody was told is forgotten."""
    suivis = {(i.nature, i.demarche): i for i in connus}
    for constatation in constatations:
        for panne in constatation.pannes:
            cle = (panne.nature, panne.demarche)
            suivis[cle] = _encore(suivis[cle], panne, now) if cle in suivis else _nouveau(panne, now)
        for nature in constatation.absentes:
            cle = (nature, constatation.demarche)
            if cle in suivis and suivis[cle].absent_depuis is None:
                suivis[cle] = replace(suivis[cle], absent_depuis=now)
    return tuple(i for i in suivis.values() if i.annonce_le is not None or not _finished(i, now=now, patience=patience))


def _nouveau(panne: Panne, now: datetime) -> Incident:
    return Incident(nature=panne.nature, demarche=panne.demarche, texte=panne.texte, remede=panne.remede, depuis=now)


def _encore(incident: Incident, panne: Panne, now: datetime) -> Incident:
    """The same, still there, in its last words; its start never lies in the future, wherever the clock went."""
    return replace(
        incident,
        texte=panne.texte,
        remede=panne.remede,
        depuis=min(incident.depuis, now),
        passages=incident.passages + 1,
        absent_depuis=None,
    )


def a_dire(incidents: Iterable[Incident], *, now: datetime, patience: timedelta) -> tuple[Avertissement, ...]:
    """What must be told now: each start not yet told that has lasted, each end of what was told; grouped by nature."""
    debuts = [i for i in incidents if i.annonce_le is None and _lasting(i, now=now, patience=patience)]
    fins = [i for i in incidents if i.annonce_le is not None and _finished(i, now=now, patience=patience)]
    return (
        *(_debut(tuple(groupe), now) for _, groupe in groupby(sorted(debuts, key=_ordre), key=lambda i: i.nature)),
        *(_fin(tuple(groupe)) for _, groupe in groupby(sorted(fins, key=_ordre), key=lambda i: i.nature)),
    )


def dits(incidents: Iterable[Incident], avertissement: Avertissement, *, now: datetime) -> tuple[Incident, ...]:
    """The incidents once somebody was told: a start is marked, an end is forgotten."""
    concernes = {(i.nature, i.demarche) for i in avertissement.incidents}
    marques = ((i, (i.nature, i.demarche) in concernes) for i in incidents)
    if avertissement.fini:
        return tuple(i for i, concerne in marques if not concerne)
    return tuple(replace(i, annonce_le=now) if concerne else i for i, concerne in marques)


def _lasting(incident: Incident, *, now: datetime, patience: timedelta) -> bool:
    delais: Mapping[Nature, timedelta] = {
        Nature.INJOIGNABLE: patience,
        Nature.BULLETIN: patience,
        Nature.ECHECS: ECHECS_DURABLES,
    }
    delai = delais.get(incident.nature, timedelta(0))
    return incident.absent_depuis is None and now - incident.depuis >= delai


def _finished(incident: Incident, *, now: datetime, patience: timedelta) -> bool:
    """Gone, and long enough for what comes and goes; a clock set back makes it wait no more than it should."""
    if incident.absent_depuis is None:
        return False
    delais: Mapping[Nature, timedelta] = {Nature.INJOIGNABLE: patience, Nature.ECHECS: ECHECS_CALMES}
    return abs(now - incident.absent_depuis) >= delais.get(incident.nature, timedelta(0))


def _ordre(incident: Incident) -> tuple[str, int]:
    return incident.nature.value, incident.demarche


def _debut(incidents: tuple[Incident, ...], now: datetime) -> Avertissement:
    premier = min(incidents, key=lambda i: i.depuis)
    lines = [_ou(incidents) + (f"Depuis {duree(now - premier.depuis)}." if now > premier.depuis else "")]
    for texte, remede in dict.fromkeys((i.texte, i.remede) for i in incidents):
        lines += [texte, f"Que faire : {remede}" if remede else ""]
    return Avertissement(
        titre=composer(f"Connecteur DS : {TITRES[premier.nature]}"),
        corps=_corps([*lines, _entre_temps(premier.nature), MEMENTO]),
        fini=False,
        incidents=incidents,
    )


def _entre_temps(nature: Nature) -> str:
    """What the connector does meanwhile, where it is not plain."""
    if nature is Nature.INJOIGNABLE:
        return (
            "Rien n’est perdu : le connecteur réessaie à chaque passage et reprendra où il en était. Un second message "
            "vous dira quand c’est fini ; il n’y en aura pas d’autre d’ici là."
        )
    if nature in {Nature.JETON, Nature.CONTRAT, Nature.REGLAGE, Nature.FREIN, Nature.BASE}:
        return "En attendant, rien n’est envoyé et rien n’est perdu."
    return ""


def _fin(incidents: tuple[Incident, ...]) -> Avertissement:
    premier = min(incidents, key=lambda i: i.depuis)
    fin = max(i.absent_depuis or i.depuis for i in incidents)
    passages = sum(i.passages for i in incidents)
    return Avertissement(
        titre=composer(f"Connecteur DS : c’est fini ({TITRES[premier.nature]})"),
        corps=_corps(
            [
                _ou(incidents),
                f"L’incident a duré {duree(fin - premier.depuis)} ({pluriel(passages, 'passage')}).",
                "Tout est reparti ; il n’y a rien à faire.",
            ]
        ),
        fini=True,
        incidents=incidents,
    )


def _ou(incidents: tuple[Incident, ...]) -> str:
    """« Démarches 1 et 2. », nothing for what concerns the whole service."""
    numeros = [str(i.demarche) for i in incidents if i.demarche != SERVICE]
    return f"Démarche{'s' if len(numeros) > 1 else ''} {enumerer(numeros)}. " if numeros else ""


def _corps(lines: Iterable[str]) -> str:
    return composer("\n".join(line.strip() for line in lines if line.strip()))


def duree(ecart: timedelta) -> str:
    """« 2 jours et 3 h », « 45 min », « moins d’une minute »: two units at most."""
    minutes = max(0, int(ecart.total_seconds() // 60))
    jours, heures, reste = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if jours:
        return pluriel(jours, "jour") + (f" et {heures}\u00a0h" if heures else "")
    if heures:
        return f"{heures}\u00a0h" + (f"\u00a0{reste:02d}" if reste else "")
    return f"{reste}\u00a0min" if reste else "moins d’une minute"
