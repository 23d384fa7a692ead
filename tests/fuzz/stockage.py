"""What the database gives back: texts of its columns that somebody changed, and whole files that were damaged."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis.strategies import DrawFn

from connector import acces, donnees, explications, passages, statut, wiring
from connector.api import capacites
from connector.core.conservation import Conservation
from connector.core.constat import Constat
from connector.core.evaluation import Proposition
from connector.core.filigrane import Filigrane
from connector.core.model import Demarche, Dossier, Valeur
from connector.sandbox.monde import CAS, DEMARCHE
from connector.store import codec
from tests.fuzz import ds
from tests.fuzz.harnais import TEXTES, VALEURS, Cible, json_altere
from tests.unit.store.fabrique import dossier

MAINTENANT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SORTES: dict[str, Any] = {
    "Dossier": Dossier,
    "Valeur": Valeur,
    "Demarche": Demarche,
    "Filigrane": Filigrane,
    "Proposition": Proposition,
    "Constats": tuple[Constat, ...],
    "instant": datetime,
}


def lire_texte(entree: bytes) -> None:
    """« type », then the text of a column."""
    nom, _, texte = entree.decode("utf-8", "replace").partition("\n")
    if nom == "capacites":
        capacites.gardees(texte)
    elif nom in SORTES:
        codec.loads(texte, SORTES[nom])


@cache
def textes() -> tuple[tuple[str, Any], ...]:
    """What this version writes for each type."""
    valeurs = [("Dossier", dossier(7)), *(("Valeur", champ.value) for champ in dossier(7).champs)]
    return tuple((nom, json.loads(codec.dumps(valeur, SORTES[nom]))) for nom, valeur in valeurs)


@st.composite
def colonnes(draw: DrawFn) -> bytes:
    nom, valeur = draw(st.sampled_from(textes()))
    if draw(st.booleans()):
        nom = draw(st.sampled_from([*SORTES, "capacites"]))
    return nom.encode() + b"\n" + draw(json_altere([[valeur]]).map(lambda texte: texte[1:-1]) | st.binary(max_size=60))


# -- a whole base -----------------------------------------------------------------------------------------------------


@cache
def base_saine() -> bytes:
    """A database as two passes leave it."""
    serveur = ds.Serveur(ds.petit_monde())
    with ds.atelier() as atelier:
        atelier._gateway = ds.passerelle(lambda doc, v: ds.recue(serveur(doc, v)))
        for _ in range(2):
            passages.passer(atelier)
        chemin = atelier.settings.base.chemin
        with tempfile.TemporaryDirectory() as dossier_, closing(sqlite3.connect(chemin)) as ouverte:
            copie = Path(dossier_) / "copie.sqlite"
            ouverte.execute("VACUUM INTO ?", (str(copie),))
            return copie.read_bytes()


@contextmanager
def posee(octets: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as dossier_:
        chemin = Path(dossier_) / "base.sqlite"
        chemin.write_bytes(octets)
        yield chemin


def relire(atelier: wiring.Atelier) -> list[str]:
    """All that the commands read of a base, each on its own; what was refused."""
    base = atelier.base
    lectures: tuple[Callable[[], object], ...] = (
        base.damages,
        lambda: statut.etat(atelier, now=MAINTENANT),
        lambda: list(passages.prevoir(atelier, hors_ligne=True, dire=str)),
        *(lambda n=n: explications.expliquer(atelier, CAS[n]).text() for n in ("complet", "sans_cv")),
        lambda: explications.expliquer(atelier, CAS["complet"], date(2026, 11, 22)),
        lambda: acces.exporter(base, CAS["complet"]),
        lambda: donnees.chercher(base, "exemple"),
        lambda: donnees.purger(
            base, Conservation(), base.path.parent, now=MAINTENANT, aujourd_hui=date(2026, 11, 22), simuler=True
        ),
        base.effacement.a_refaire,
        base.postes.all,
        lambda: list(base.inscriptions.entered()),
        lambda: base.ledger.unsettled(DEMARCHE),
        lambda: base.dossiers.watermark(DEMARCHE),
        base.pauses.current,
    )
    return [refus for lecture in lectures for refus in ds.tente(lecture)]


def lire_fichier(entree: bytes) -> None:
    """A list of changes `[offset, bytes in hexadecimal]` of a sound file, or its length."""
    try:
        changes = [(int(ou), bytes.fromhex(quoi)) for ou, quoi in json.loads(entree)]
    except (ValueError, TypeError):
        return
    octets = bytearray(base_saine())
    for endroit, quoi in changes:
        ou = endroit % (len(octets) + 1)
        octets[ou : ou + len(quoi)] = quoi or b""
        if not quoi:
            del octets[ou:]
        if not octets:
            break
    with posee(bytes(octets)) as chemin, ds.atelier(chemin) as atelier:
        relire(atelier)


@st.composite
def abimee(draw: DrawFn) -> bytes:
    place = st.integers(0, 120) | st.integers(0, len(base_saine()))
    morceau = st.sampled_from(["00" * 16, "ff" * 8, "", "00", "7f" * 400]) | st.binary(min_size=1, max_size=8).map(
        bytes.hex
    )
    return json.dumps(draw(st.lists(st.tuples(place, morceau), min_size=1, max_size=5))).encode()


def lire_lignes(entree: bytes) -> None:
    """A list of changes `[table, column, value]` of a sound base, made by another program."""
    try:
        changes = json.loads(entree)
    except ValueError:
        return
    with posee(base_saine()) as chemin:
        with closing(sqlite3.connect(chemin)) as conn:
            for table, colonne, valeur in changes:
                try:
                    conn.execute(f'UPDATE "{table}" SET "{colonne}" = ? WHERE rowid % 2 = 0', (valeur,))
                except (sqlite3.Error, UnicodeEncodeError, OverflowError):
                    continue  # the base refuses it by itself
            conn.commit()
        with ds.atelier(chemin) as atelier:
            relire(atelier)


@cache
def places() -> list[tuple[str, str]]:
    with posee(base_saine()) as chemin, closing(sqlite3.connect(chemin)) as conn:
        tables = [nom for (nom,) in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        return [(table, row[1]) for table in tables for row in conn.execute(f'PRAGMA table_info("{table}")')]


@st.composite
def lignes(draw: DrawFn) -> bytes:
    valeurs = TEXTES | st.integers(-(2**63), 2**63 - 1) | st.none() | st.floats() | VALEURS.map(json.dumps)
    return json.dumps(
        [[*draw(st.sampled_from(places())), draw(valeurs)] for _ in range(draw(st.integers(1, 4)))]
    ).encode()


CIBLES = (
    Cible(nom="colonnes", entrees=colonnes(), lire=lire_texte),
    Cible(nom="fichier", entrees=st.deferred(abimee), lire=lire_fichier),
    Cible(nom="lignes", entrees=st.deferred(lignes), lire=lire_lignes),
)
