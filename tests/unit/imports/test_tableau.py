"""Any table an ARS may be handed is read, and anything else is refused with what to do about it."""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
import zlib
from datetime import date, datetime

import pytest

from connector.core.typographie import composer
from connector.errors import OperatorError
from connector.imports import fichier, tableau
from connector.imports.fichier import decode, open_zip, read_bytes, unwrap
from connector.imports.tableau import Endroit, read_classeur

TEXTE = "code;libellé\n01001;L'Abergement-Clémenciat\n"


def cells(data: bytes, nom: str = "essai.csv") -> list[tuple[str, ...]]:
    return [ligne.cellules for feuille in read_classeur(nom, data).feuilles for ligne in feuille.lignes]


def zipped(membres: dict[str, bytes], **options) -> bytes:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", **options) as archive:
        for nom, contenu in membres.items():
            archive.writestr(nom, contenu)
    return octets.getvalue()


def refusal(data: bytes, nom: str = "essai.csv") -> str:
    with pytest.raises(OperatorError) as refus:
        read_classeur(nom, data)
    assert nom in str(refus.value)
    return f"{refus.value} {refus.value.hint}".replace("\u00a0", " ").replace("\u202f", " ")


# --- encodings and separators


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_csv_reads_the_same_whatever_its_encoding(encodage):
    assert cells(TEXTE.encode(encodage)) == [("code", "libellé"), ("01001", "L'Abergement-Clémenciat")]


@pytest.mark.parametrize("separateur", [";", ",", "\t"])
@pytest.mark.parametrize("fin", ["\n", "\r\n", "\r"])
def test_a_csv_reads_the_same_whatever_its_separator_and_line_ends(separateur, fin):
    data = TEXTE.replace(";", separateur).replace("\n", fin).encode()
    assert cells(data) == [("code", "libellé"), ("01001", "L'Abergement-Clémenciat")]


def test_a_separator_inside_numbers_or_a_title_does_not_win():
    data = b"Zonage, par commune, en vigueur, 2025\ncode;lat;lon\n01001;46,15;4,92\n01002;46,01;5,43\n"
    assert cells(data)[1:] == [("code", "lat", "lon"), ("01001", "46,15", "4,92"), ("01002", "46,01", "5,43")]


def test_the_separator_excel_announces_on_the_first_line_is_believed():
    classeur = read_classeur("essai.csv", b"sep=|\r\ncode|zone\r\n01001|ZIP\r\n")
    assert [(ligne.numero, ligne.cellules) for ligne in classeur.feuilles[0].lignes] == [
        (2, ("code", "zone")),
        (3, ("01001", "ZIP")),
    ]


def test_an_impossible_announced_separator_is_only_a_title():
    assert cells(b'sep="\ncode;zone\n') == [('sep="',), ("code", "zone")]


def test_cells_are_trimmed_and_freed_from_what_a_spreadsheet_wraps_codes_in():
    assert cells('code;zone\n="01001";\u00a0ZIP \u200b\n'.encode())[1] == ("01001", "ZIP")


def test_rows_keep_their_number_in_the_file_blank_ones_and_quoted_line_breaks_included():
    data = b'code;note\n\n;\n01001;"deux\nlignes"\n01002;fin\n'
    lignes = read_classeur("essai.csv", data).feuilles[0].lignes
    assert [(ligne.numero, ligne.cellules[0]) for ligne in lignes] == [(1, "code"), (4, "01001"), (6, "01002")]


# --- workbooks


def test_a_workbook_reads_as_text_numbers_dates_and_booleans_included(xlsx):
    data = xlsx(
        {
            "Un": [["code", "n", "d", "b", "h"], [1001, 18279.0, date(2025, 6, 1), True, datetime(2025, 6, 1, 8, 30)]],  # noqa: DTZ001
            "Deux": [["x"], [None], ["  1,5 "], [2.5], [False]],
        }
    )
    un, deux = read_classeur("essai.xlsx", data).feuilles
    assert un.lignes[1].cellules == ("1001", "18279", "2025-06-01T00:00:00", "oui", "2025-06-01T08:30:00")
    assert [(ligne.numero, ligne.cellules) for ligne in deux.lignes] == [
        (1, ("x",)),
        (3, ("1,5",)),
        (4, ("2.5",)),
        (5, ("non",)),
    ]


def rewritten(data: bytes, membre: str, **remplacements: str) -> bytes:
    """The same archive, some text of one member replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        contenus = {nom: archive.read(nom) for nom in archive.namelist()}
    for ancien, nouveau in remplacements.items():
        contenus[membre] = contenus[membre].replace(ancien.encode(), nouveau.encode())
    return zipped(contenus)


FEUILLE = "xl/worksheets/sheet1.xml"


def test_a_code_that_a_spreadsheet_keeps_as_a_decimal_number_reads_without_decimals(xlsx):
    data = rewritten(xlsx({"Un": [["code", None, "n"], [4711, None, 0.5]]}), FEUILLE, **{"4711": "18279.0"})
    assert cells(data, "essai.xlsx") == [("code", "", "n"), ("18279", "", "0.5")]


def test_the_size_a_sheet_claims_is_not_believed(xlsx):
    data = rewritten(xlsx({"Un": [["code"], ["01001"]]}), FEUILLE, **{'ref="A1:A2"': 'ref="A1:A1"'})
    assert cells(data, "essai.xlsx") == [("code",), ("01001",)]


def test_a_row_number_beyond_any_spreadsheet_is_refused(xlsx, monkeypatch):
    monkeypatch.setattr(tableau, "MAX_RANG", 50)
    data = rewritten(xlsx({"Un": [["code"], ["01001"]]}), FEUILLE, **{'<row r="2"': '<row r="4000000000"'})
    assert "plus de lignes qu'un tableur n'en a" in refusal(data, "essai.xlsx")


def test_a_cell_far_to_the_right_costs_nothing(xlsx):
    data = rewritten(xlsx({"Un": [["code"], ["01001"]]}), FEUILLE, **{'r="A2"': 'r="ZZZ2"'})
    assert cells(data, "essai.xlsx") == [("code",)]


@pytest.mark.parametrize(
    ("membre", "ancien", "nouveau"),
    [
        (FEUILLE, "</row>", ""),
        (FEUILLE, 'r="A2"', 'r="2A"'),
        ("xl/workbook.xml", "<sheets>", ""),
        ("[Content_Types].xml", "sheet.main", "autre"),
    ],
)
def test_a_damaged_workbook_is_said_to_be_damaged(xlsx, membre, ancien, nouveau):
    data = rewritten(xlsx({"Un": [["code"], ["01001"]]}), membre, **{ancien: nouveau})
    assert "classeur abîmé" in refusal(data, "essai.xlsx")


def as_excel_writes(**cellules: str) -> bytes:
    """A workbook as small as can be, its texts shared between cells, without any style."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    paquet, feuilles = "http://schemas.openxmlformats.org/package/2006", "application/vnd.openxmlformats-officedocument"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = "".join(f'<c r="{ref}" t="s"><v>{rang}</v></c>' for ref, rang in cellules.items())
    membres = {
        "[Content_Types].xml": f"""<Types xmlns="{paquet}/content-types">
            <Override PartName="/xl/workbook.xml" ContentType="{feuilles}.spreadsheetml.sheet.main+xml"/>
            <Override PartName="/xl/sharedStrings.xml" ContentType="{feuilles}.spreadsheetml.sharedStrings+xml"/>
            </Types>""",
        "_rels/.rels": f"""<Relationships xmlns="{paquet}/relationships">
            <Relationship Id="rId1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
        "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{paquet}/relationships">
            <Relationship Id="rId1" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""",
        "xl/workbook.xml": f"""<workbook xmlns="{main}" xmlns:r="{relation}">
            <sheets><sheet name="TVS" sheetId="1" r:id="rId1"/></sheets></workbook>""",
        "xl/sharedStrings.xml": f'<sst xmlns="{main}"><si><t>code</t></si><si><t>zone</t></si></sst>',
        FEUILLE: f'<worksheet xmlns="{main}"><sheetData><row r="1">{rows}</row></sheetData></worksheet>',
    }
    return zipped({nom: contenu.encode() for nom, contenu in membres.items()})


def test_texts_shared_between_cells_are_read():
    assert cells(as_excel_writes(A1="0", B1="1", C1="0"), "essai.xlsx") == [("code", "zone", "code")]


def test_a_shared_text_that_does_not_exist_is_damage():
    assert "classeur abîmé" in refusal(as_excel_writes(A1="7"), "essai.xlsx")


def test_a_workbook_written_without_styles_is_read_in_silence(xlsx):
    data = rewritten(xlsx({"Un": [["code"], ["01001"]]}), "xl/styles.xml", cellXfs="autre")
    assert cells(data, "essai.xlsx") == [("code",), ("01001",)]


def test_without_openpyxl_the_message_says_how_to_install_it(xlsx, monkeypatch):
    data = xlsx({"Un": [["code"]]})
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    message = refusal(data, "essai.xlsx")
    assert "complément « geo »" in message
    assert 'pip install "ds-connector[geo]"' in message
    assert "CSV UTF-8" in message


# --- what is not a table


@pytest.mark.parametrize(
    ("data", "attendu"),
    [
        (b"", "vide"),
        (b" \r\n\t ", "vide"),
        ("\ufeff \n".encode(), "vide"),
        ("\u00a0\n".encode(), "vide"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "ancien format Excel (.xls), ou classeur protégé"),
        (b"<html><body><table><tr><td>code</td></tr></table></body></html>", "page web"),
        (b"\n <!DOCTYPE html>\n<title>Erreur</title>", "page web"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b'<?xml version="1.0"?><html xmlns="x">', "page web"),
        (b"%PDF-1.7 ...", "PDF"),
        (gzip.compress(b"code;zone\n", mtime=0), "archive autre que zip"),
        (b'{"type": "FeatureCollection"}', "JSON"),
        (b"code;zone\n0100\x001;ZIP\n", "pas un fichier texte"),
        (b"un texte\nsans colonnes\n", "aucune colonne"),
        (b"code;zone\n01001;Z\x81\n", "encodage illisible, ligne 2"),
        (b"\xff\xfea", "encodage illisible"),
        (b'code;zone\n01001;"ZIP\n01002;ZAC\n', "ligne 2 : guillemets mal fermés"),
        (b"code;zone\n01001;" + b"x" * 10_001, "ligne 2 : une cellule de plus de 10000 caractères"),
        (b"code;zone\n01001;" + b"x" * 200_000, "ligne 2 : guillemets mal fermés ou cellule démesurée"),
        (b"code;zone\n01001" + b";" * 200, "ligne 2 : plus de 128 colonnes"),
    ],
)
def test_what_is_not_a_table_is_named_for_what_it_is(data, attendu):
    assert attendu in refusal(data)


def test_a_quote_left_open_over_the_whole_sample_still_leaves_a_clear_refusal():
    assert "colonne" in refusal(b'"' + b"x;" * 200_000)


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(tableau, "MAX_LIGNES", 3)
    assert cells(b"a;b\n" * 3)
    assert "plus de 3 lignes" in refusal(b"a;b\n" * 4)


# --- zips


def test_a_zip_that_holds_one_csv_is_opened():
    data = zipped({"LISEZMOI.pdf": b"%PDF", "zonage.csv": TEXTE.encode(), "__MACOSX/._zonage.csv": b"x"})
    assert cells(data, "zonage.zip")[1] == ("01001", "L'Abergement-Clémenciat")


def test_among_several_members_the_one_in_wgs84_is_chosen():
    data = zipped({"QP2024_LB93.geojson": b"non", "QP2024_WGS84.geojson": b"oui"})
    assert unwrap("qpv.zip", data, (".geojson",)) == ("qpv.zip → QP2024_WGS84.geojson", b"oui")


@pytest.mark.parametrize(
    ("membres", "attendu"),
    [
        ({"a.csv": b"", "b.csv": b""}, "plusieurs fichiers possibles (a.csv, b.csv)"),
        ({"a.pdf": b""}, "ne contient aucun fichier .csv ou .txt ou .tsv"),
        ({"qpv.shp": b"", "qpv.dbf": b""}, "shapefiles"),
        ({"mimetype": b"application/vnd.oasis", "content.xml": b"<x/>"}, "OpenDocument"),
    ],
)
def test_a_zip_without_one_obvious_table_is_refused(membres, attendu):
    assert attendu in refusal(zipped(membres), "essai.zip")


def test_a_workbook_is_not_mistaken_for_a_zip_of_geojson(xlsx):
    with pytest.raises(OperatorError, match="classeur"):
        unwrap("qpv.xlsx", xlsx({"Un": [["a"]]}), (".geojson",))


def test_a_zip_bomb_is_stopped_before_it_unfolds(monkeypatch):
    monkeypatch.setattr(fichier, "MAX_OCTETS_DECOMPRESSES", 1_000_000)
    data = zipped({"a.csv": b"0" * 900_000, "b.csv": b"0" * 900_000}, compression=zipfile.ZIP_DEFLATED)
    assert len(data) < 5_000
    assert "une fois ouverte" in refusal(data, "essai.zip")


def test_a_member_that_lies_about_its_size_is_refused():
    data = zipped({"a.csv": b"0" * 3_000_000}, compression=zipfile.ZIP_DEFLATED)
    menteur = data.replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert menteur != data
    assert "archive abîmée" in refusal(menteur, "essai.zip")


def test_too_many_members_are_refused(monkeypatch):
    monkeypatch.setattr(fichier, "MAX_MEMBRES", 2)
    assert "plus de 2 fichiers" in refusal(zipped({f"{n}.csv": b"" for n in range(3)}), "essai.zip")


def test_a_compression_without_bound_is_refused():
    data = zipped({"a.csv": TEXTE.encode()}, compression=zipfile.ZIP_LZMA)
    assert "compression inhabituelle" in refusal(data, "essai.zip")


def test_an_encrypted_zip_asks_for_one_without_password():
    data = bytearray(zipped({"a.csv": TEXTE.encode()}))
    for signature, decalage in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + decalage] |= 1  # the « encrypted » flag
    assert "mot de passe" in refusal(bytes(data), "essai.zip")


def test_xml_entities_never_reach_a_parser(xlsx):
    bombe = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'
    data = rewritten(xlsx({"Un": [["code"]]}), FEUILLE, **{"<worksheet": bombe})
    assert "entités" in refusal(data, "essai.xlsx")


@pytest.mark.parametrize("coupe", [10, 60, -30])
def test_a_truncated_zip_is_said_to_be_damaged(coupe):
    assert "archive abîmée" in refusal(zipped({"a.csv": TEXTE.encode()})[:coupe], "essai.zip")


def test_corrupt_compressed_data_is_said_to_be_damaged():
    data = bytearray(zipped({"a.csv": TEXTE.encode() * 50}, compression=zipfile.ZIP_DEFLATED))
    data[60] ^= 0xFF
    with pytest.raises(OperatorError, match="abîmée") as refus:
        open_zip("essai.zip", bytes(data))
    assert isinstance(refus.value.__cause__, zipfile.BadZipFile | zlib.error)


# --- files on disk


def test_a_file_is_read_whole(tmp_path):
    chemin = tmp_path / "zonage.csv"
    chemin.write_bytes(TEXTE.encode())
    assert read_bytes(chemin) == TEXTE.encode()


def test_a_path_that_cannot_be_read_is_refused_in_french(tmp_path, monkeypatch):
    def message(chemin) -> str:
        with pytest.raises(OperatorError) as refus:
            read_bytes(chemin)
        return str(refus.value)

    assert "dossier" in message(tmp_path)
    assert "n'existe pas" in message(tmp_path / "absent.csv")
    assert "lecture impossible" in message(tmp_path / "a\0b")
    assert "lecture impossible" in message(tmp_path / ("x" * 300))
    (tmp_path / "gros.csv").write_bytes(b"x" * 11)
    monkeypatch.setattr(fichier, "MAX_OCTETS", 10)
    assert "n'est pas un fichier attendu" in message(tmp_path / "gros.csv")


def test_french_typography_has_its_no_break_spaces():
    assert composer("« a » : 95 % ; b !") == "«\u00a0a\u00a0»\u00a0: 95\u00a0%\u202f; b\u202f!"


def test_a_place_reads_as_a_person_would_say_it():
    assert str(Endroit(numero=12)) == "ligne 12"
    assert str(Endroit(numero=12, onglet="TVS")) == "onglet TVS, ligne 12"
    assert str(Endroit(numero=3, nature="objet")) == "objet 3"


def test_decode_is_strict_about_a_marked_file():
    with pytest.raises(OperatorError, match="encodage"):
        decode("essai.csv", b"\xff\xfe\x00\xd8")
