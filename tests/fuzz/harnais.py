"""What every fuzzer shares: an edge is a few targets, a target reads bytes, and nothing but our own errors comes out.

Everything that enters the program is bytes somewhere: an entry is therefore bytes, which makes a failing one a file.
"""

from __future__ import annotations

import json
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import hypothesis.strategies as st
from hypothesis import target
from hypothesis.strategies import DrawFn, SearchStrategy

from connector.errors import ConnectorError

RACINE = Path(__file__).parents[2]
EXEMPLES = Path(__file__).parent / "exemples"
ENREGISTREMENTS = RACINE.parent / "shared" / "ds"

SECONDES = 10.0
"""Seconds of processor that one entry may cost."""

MEMOIRE = 768 * 2**20
"""Bytes that reading one entry may add to the process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cible:
    """One parser: its name, the entries it is given, how it reads them."""

    nom: str
    entrees: SearchStrategy[bytes]
    lire: Callable[[bytes], object]


class Interminable(BaseException):
    """The entry costs more time than any honest one: no `except Exception` swallows it."""


class Defaut(AssertionError):
    """An entry did what none may; the message says what, and where: two entries alike give the same."""


def essayer(cible: Cible, octets: bytes, *, guide: bool = True) -> None:
    """Have the target read that entry; `Defaut` when anything but one of our own errors comes out, or too late.

    `guide`: tell Hypothesis how long it took, so that it looks for what is slow.
    """
    debut = time.process_time()
    try:
        with _bornee():
            cible.lire(octets)
    except ConnectorError as refus:
        if not str(refus):
            raise Defaut(f"{cible.nom} : une erreur sans un mot") from refus
    except Interminable as trop:
        raise Defaut(f"{cible.nom} : plus de {SECONDES:.0f} s ; {_ou(trop)}") from None
    except Exception as imprevue:
        raise Defaut(f"{cible.nom} : {type(imprevue).__name__} ; {_ou(imprevue)}") from imprevue
    finally:
        duree = time.process_time() - debut
    if guide:
        target(duree, label="durée")


def _ou(erreur: BaseException) -> str:
    """The last place of the program in a traceback."""
    places = [f for f in traceback.extract_tb(erreur.__traceback__) if "/connector/" in f.filename]
    return (
        f"{Path(places[-1].filename).name}:{places[-1].lineno} ({places[-1].name})" if places else "hors du programme"
    )


@contextmanager
def _bornee() -> Iterator[None]:
    """A block within bounds of processor time and memory; pytest's own clock is left alone."""

    def sonne(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise Interminable

    avant = signal.signal(signal.SIGVTALRM, sonne)
    souple, ferme = resource.getrlimit(resource.RLIMIT_AS)
    taille = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taille + MEMOIRE, ferme))
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDES)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, (souple, ferme))
        signal.signal(signal.SIGVTALRM, avant)


# -- entries ---------------------------------------------------------------------------------------------------------

TEXTES = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=20),  # lone surrogates included
    st.sampled_from(
        [
            *(
                "",
                " ",
                "\x00",
                "\ud800",
                "\u202e\u2066abc",
                "\u0660\u0661\u0662",
                "\u00b2",
                "\u1dc2" * 9,
                "\ufdfa" * 30,
            ),
            *("{{ 7 * 7 }}", "{% for x in y %}", "=1+1", "<script>", "../../etc/passwd", "\r\nX: y", "'; DROP TABLE x"),
            *("NaN", "-Infinity", "1e999999", "1e-999999", "0x10", "1_000", "00012", "٣", "+5", "--5", "5 %", "1/0"),
            *("2024-02-30", "0001-01-01", "9999-12-31", "31/12/9999", "2026-11-22T10:00:00", "24:00", "-0001-01-01"),
            *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-22T10:00:00+99:99", "20261122T1000Z"),
            *("Réf. : 1-0123456789", "Réf.\u00a0: 9-ABCDEF0123", "a@b", "oui", "non", "Accepté", "refusé", "1 000,5"),
        ]
    ),
    st.sampled_from(["a", " ", "\n", "é", "(", "{{", "[", "\\", "-", ".", "0", "«", "a@", "mot ", "\u0301"]).flatmap(
        lambda motif: st.sampled_from([10, 300, 5_000, 60_000]).map(lambda fois: motif * fois)
    ),
)
"""What people and programs type, and worse."""

PROFOND, LONG, TROP_LONG = "@@profond@@", "@@long@@", "@@trop long@@"
"""What stands for a list too deep, and for numbers that Python reads and does not read."""

VALEURS: SearchStrategy[Any] = st.one_of(
    TEXTES,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates().map(str),
    st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    st.sampled_from(
        [2**31, 2**63, -(2**63) - 1, 10**30, -1, 0, [], {}, [None], [[]], {"a": None}, PROFOND, LONG, TROP_LONG]
    ),
)
"""Anything that JSON can hold, out of every range."""


@st.composite
def octets_alteres(draw: DrawFn, graines: Sequence[bytes], *, fois: int = 6) -> bytes:
    """One of those seeds with a few things changed in it."""
    octets = bytearray(draw(st.sampled_from(graines)))
    for _ in range(draw(st.integers(0, fois))):
        ou, combien = draw(st.integers(0, len(octets))), draw(st.integers(0, 60))
        match draw(st.sampled_from("oirdmt")):
            case "o":
                octets[ou : ou + combien] = b""
            case "i":
                octets[ou:ou] = draw(st.binary(max_size=12))
            case "r":
                octets[ou : ou + combien] = draw(st.binary(max_size=12))
            case "d":
                octets[ou:ou] = octets[ou : ou + combien] * draw(st.sampled_from([1, 2, 100]))
            case "m":
                autre = draw(st.sampled_from(graines))
                octets[ou:] = autre[draw(st.integers(0, len(autre))) :]
            case _:
                octets[ou : ou + combien] = draw(TEXTES).encode("utf-8", "surrogatepass")
    return bytes(octets)


@st.composite
def json_altere(draw: DrawFn, graines: Sequence[Any], *, fois: int = 4) -> bytes:
    """The text of one of those JSON values with a few of its nodes changed, removed or repeated."""
    rang = draw(st.integers(0, len(graines) - 1))
    texte = json.dumps(graines[rang])
    valeur = json.loads(texte)
    for _ in range(draw(st.integers(1, fois))):
        places = chemins(valeur)
        if not places:
            break
        changer(
            valeur, draw(st.sampled_from(places)), draw(st.sampled_from("vvvvvor")), lambda: deepcopy(draw(VALEURS))
        )
    return en_octets(valeur, echappe=draw(st.booleans()))


def changer(valeur: Any, chemin: Sequence[str | int], geste: str, tirer: Callable[[], Any]) -> None:
    """Do to that node what `geste` says: « v » another value, « o » taken away, « r » repeated in its list."""
    ici = valeur
    for pas in chemin[:-1]:
        ici = ici[pas]
    if geste == "v":
        ici[chemin[-1]] = tirer()
    elif geste == "o":
        del ici[chemin[-1]]
    elif isinstance(ici, list):
        ici.append(ici[int(chemin[-1])])


def en_octets(valeur: Any, *, echappe: bool = True) -> bytes:
    """The JSON text, as deep and with numbers as long as was asked."""
    texte = json.dumps(valeur, ensure_ascii=echappe)
    for marque, demesure in ((PROFOND, "[" * 5_000 + "]" * 5_000), (LONG, "9" * 4_000), (TROP_LONG, "9" * 5_000)):
        texte = texte.replace(f'"{marque}"', demesure)
    return texte.encode("utf-8", "surrogatepass")


def chemins(valeur: Any, jusque: int = 4_000) -> list[tuple[str | int, ...]]:
    """The way to every node below the root, at most that many."""
    trouves: list[tuple[str | int, ...]] = []
    attente: list[tuple[tuple[str | int, ...], Any]] = [((), valeur)]
    while attente and len(trouves) < jusque:
        chemin, ici = attente.pop()
        dedans = ici.items() if isinstance(ici, dict) else enumerate(ici) if isinstance(ici, list) else ()
        for cle, sous in dedans:
            trouves.append((*chemin, cle))
            attente.append(((*chemin, cle), sous))
    return trouves


@cache
def reponses_enregistrees() -> tuple[Any, ...]:
    """The answers of a real server, () where they are not at hand."""
    fichiers = sorted([*ENREGISTREMENTS.glob("recordings/*.json"), *ENREGISTREMENTS.glob("recordings_ars/*.json")])
    lues = [json.loads(fichier.read_text(encoding="utf-8")) for fichier in fichiers]
    return tuple(lue["response"] for lue in lues if isinstance(lue.get("response"), dict))
