"""Files that an agent imports: tables, workbooks, contours, and the list that a commission filled by hand."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import hypothesis.strategies as st
import openpyxl
from hypothesis.strategies import DrawFn

from connector.core.referentiels import Commune
from connector.geo import QuartiersIndex
from connector.imports.commission import read_liste
from connector.imports.communes import read_communes
from connector.imports.qpv import read_qpv
from connector.imports.rapport import OptionsImport
from connector.imports.zonage import read_zonage
from connector.sandbox import referentiels
from tests.fuzz.harnais import TEXTES, VALEURS, Cible, json_altere, octets_alteres

REFERENTIEL = tuple(Commune(code_insee=f"{n}", nom=f"C{n}", departement="37", region="24") for n in range(37001, 37021))


def _options(*, forcer: bool) -> OptionsImport:
    return OptionsImport(
        arrete="arrêté d'essai",
        date_effet=date(2025, 6, 1),
        importe_le=datetime(2026, 2, 1, tzinfo=UTC),
        referentiel=REFERENTIEL,
        region="24",
        forcer=forcer,
    )


def lecteur(lire: Callable[..., object]) -> Callable[[bytes], None]:
    """How an import reads bytes, as it should be and forced."""

    def lu(entree: bytes) -> None:
        refus = None
        for forcer in (False, True):
            try:
                rendu = lire("fichier", entree, _options(forcer=forcer))
            except Exception as error:  # noqa: BLE001 - told once both were tried
                refus = error
                continue
            if hasattr(rendu, "quartiers"):
                QuartiersIndex(rendu.quartiers)
        if refus:
            raise refus

    return lu


def lire_liste(entree: bytes) -> None:
    """The validated list, as a file."""
    with tempfile.TemporaryDirectory() as dossier:
        fichier = Path(dossier) / "liste"
        fichier.write_bytes(entree)
        read_liste(fichier)


TITRES = (
    *("code insee", "depcom", "zonage", "tvs", "code qpv", "nom", "region", "latitude", "longitude", "x", "population"),
    *("Dossier", "N°", "Décision", "Motivation", "Rang", "Confirmer", "", "Décision "),
)
CELLULES = st.sampled_from(
    [
        *("18279", "1004", "37001.0", "2A004", "ZIP", "4_ZAR", "HZ", "QP037001", "24", "47.4", "NaN", "1e999", "Tours"),
        *("100001", "dossier n° 100 001", "Accepté", "Refusé", "liste d'attente", "Sans suite", "oui", "x", "1er"),
        *("=1+1", "'=1+1", "-", "_x000D_\n", "²", "٣", "100001,0", "9" * 400, "1" + " 000" * 50),
    ]
) | TEXTES.filter(lambda texte: len(texte) < 5_000)
LIGNES = st.tuples(
    st.lists(st.sampled_from(TITRES), min_size=1, max_size=6), st.lists(st.lists(CELLULES, max_size=6), max_size=8)
).map(lambda t: [t[0], *t[1]])


@st.composite
def textes(draw: DrawFn) -> bytes:
    lignes, signe = draw(LIGNES), draw(st.sampled_from(";,\t|"))
    texte = draw(st.sampled_from(["", "sep=;\n", '"', "\ufeff"])) + "\n".join(signe.join(ligne) for ligne in lignes)
    return texte.encode(draw(st.sampled_from(["utf-8", "utf-16", "cp1252"])), errors="replace")


@cache
def membres() -> dict[str, bytes]:
    """The parts of two workbooks: what each import wants, and the commission's list."""
    classeur = openpyxl.Workbook()
    for ligne in (["code insee", "zonage"], ["18279", "ZIP"], [37261, 1.5], [date(2026, 1, 1), True]):
        classeur.worksheets[0].append(ligne)
    liste = classeur.create_sheet("Liste")
    for ligne in (["Dossier", "Décision", "Motivation", "Rang"], [100001, "Accepté", "=1+1", 2], ["x", "", "", ""]):
        liste.append(ligne)
    octets = io.BytesIO()
    classeur.save(octets)
    with zipfile.ZipFile(octets) as archive:
        return {nom: archive.read(nom) for nom in archive.namelist()}


XML = (
    *(b"<c r='ZZZZZZ9'><v>1</v></c>", b'<c r="A1048576" t="s"><v>99999999</v></c>', b"<row r='-1'/>", b"<f>1+1</f>"),
    *(
        b'<mergeCell ref="A1:XFD1048576"/>',
        b'<dimension ref="A1:XFD1048576"/>',
        b"]]>",
        b"<!DOCTYPE x>",
        b"&lt;",
        b"&x;",
    ),
    *(b't="inlineStr"', b't="e"', b't="d"', b's="99999"', b"<v>1e999</v>", b"<v>-1</v>", b"<is><t>a</t></is>", b"\xff"),
)


@st.composite
def classeurs(draw: DrawFn) -> bytes:
    parties = dict(membres())
    for _ in range(draw(st.integers(1, 3))):
        nom = draw(st.sampled_from(sorted(parties)))
        match draw(st.sampled_from("aaaxo")):
            case "a":
                parties[nom] = draw(octets_alteres([parties[nom]], fois=3))
            case "x":
                ou = draw(st.integers(0, len(parties[nom])))
                parties[nom] = parties[nom][:ou] + draw(st.sampled_from(XML)) + parties[nom][ou:]
            case _:
                del parties[nom]
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))) as archive:
        for nom, contenu in parties.items():
            archive.writestr(nom, contenu)
        if draw(st.booleans()):
            archive.writestr(draw(st.sampled_from(["../x.csv", "/etc/passwd", "a.csv", "b.geojson"])), draw(textes()))
    return octets.getvalue() if draw(st.booleans()) else draw(octets_alteres([octets.getvalue()], fois=3))


QPV = json.loads(referentiels.qpv_geojson())
CONTOURS = st.one_of(
    st.deferred(lambda: json_altere([QPV])),
    VALEURS.map(lambda v: json.dumps({"type": "FeatureCollection", "features": v}).encode()),
    st.sampled_from([b"[" * 90_000, b'{"features": [' * 30_000, b'{"type": "FeatureCollection", "features": [NaN]}']),
)
GRAINES = [referentiels.zonage_csv().encode(), referentiels.qpv_geojson().encode(), b"PK\x03\x04", b"%PDF", b"<html>"]
TOUT = st.one_of(textes(), st.deferred(classeurs), octets_alteres(GRAINES))

CIBLES = (
    Cible(nom="zonage", entrees=TOUT, lire=lecteur(read_zonage)),
    Cible(nom="communes", entrees=TOUT, lire=lecteur(read_communes)),
    Cible(nom="qpv", entrees=CONTOURS | TOUT, lire=lecteur(read_qpv)),
    Cible(nom="liste", entrees=TOUT, lire=lire_liste),
)
