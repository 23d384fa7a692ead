"""What a file holds, told from files made on the spot: valid, damaged, protected, disguised, out of all proportion."""

from __future__ import annotations

import io
import time
import zipfile
import zlib

import puremagic
import pypdf
import pytest

from connector.core.contenu import Defaut, Examen, Nature
from connector.pieces import enfant, natures, pdf
from connector.sandbox import pieges
from connector.sandbox.recit import pdf as une_page
from connector.sandbox.recit import word

PAGES, PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"


def lu(contenu, sortie=None):
    return enfant.examiner(io.BytesIO(contenu), sortie or io.StringIO())


def archive(*noms, premier=None):
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as a:
        if premier is not None:
            a.writestr(zipfile.ZipInfo("mimetype"), premier)
        for nom in noms:
            a.writestr(zipfile.ZipInfo(nom), "x")
    return tampon.getvalue()


def ecrit(pages=1, **protection):
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if protection:
        writer.encrypt(**protection, algorithm="RC4-128")
    tampon = io.BytesIO()
    writer.write(tampon)
    return tampon.getvalue()


@pytest.mark.parametrize(("contenu", "pages"), [(ecrit(), 1), (ecrit(12), 12), (une_page("Bonjour"), 1)])
def test_a_pdf_in_order_has_its_pages_and_nothing_else(contenu, pages):
    assert lu(contenu) == Examen(nature=Nature.PDF, pages=pages)


@pytest.mark.parametrize(
    ("sorte", "defaut"),
    [
        ("javascript", Defaut.SCRIPT),
        ("lancement", Defaut.LANCEMENT),
        ("fichier_joint", Defaut.FICHIERS_JOINTS),
        ("mot_de_passe", Defaut.CHIFFREE),
        ("sans_page", Defaut.SANS_PAGE),
        ("tronque", Defaut.ILLISIBLE),
        ("macros", Defaut.MACROS),
    ],
)
def test_what_deserves_a_look_is_found(sorte, defaut):
    assert lu(pieges.SORTES[sorte][1]).defauts == (defaut,)


@pytest.mark.parametrize(
    ("racine", "defauts"),
    [
        (b"/OpenAction[3 0 R/Fit]", ()),
        (b"/OpenAction<</S/GoTo/D[3 0 R/Fit]>>", ()),
        (b"/OpenAction<</S/URI/URI(http://exemple.fr)>>", (Defaut.LANCEMENT,)),
        (b"/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(1)>>]>>>>", (Defaut.SCRIPT,)),
        (b"/AcroForm<</Fields[<</AA<</K<</S/JavaScript/JS(1)>>>>>>]>>", (Defaut.SCRIPT,)),
        (b"/Outlines<</First<</A<</S/Launch/F(cmd.exe)>>>>>>", (Defaut.LANCEMENT,)),
        (b"/Outlines<</A<</S 4 0 R/F(cmd.exe)>>>>", (Defaut.LANCEMENT,)),  # the name of the action is elsewhere
        (b"/OpenAction<</#53/J#61vaScript>>", (Defaut.SCRIPT,)),
        (b"/X<</S[1]/Subtype<<>>>>/OpenAction<</S/JavaScript>>", (Defaut.SCRIPT,)),
    ],
)
def test_active_content_is_found_wherever_it_hides(racine, defauts):
    assert lu(pieges.document(PAGES, PAGE, b"/Launch", racine=racine)).defauts == defauts


@pytest.mark.parametrize(
    ("objets", "suite"),
    [
        ((PAGES, PAGE, b"5 0 R", b"4 0 R"), (Defaut.ILLISIBLE,)),  # a reference to itself
        ((PAGES, b"<</Type/Page/Parent 2 0 R/Contents 9 0 R>>", b"1"), (Defaut.ILLISIBLE,)),
        ((b"<</Type/Pages/Kids[]/Count 0>>", b"1", b"1"), (Defaut.SANS_PAGE,)),
        ((b"<</Type/Pages/Kids[" + b"3 0 R " * 200_000 + b"]/Count 1>>", PAGE, b"1"), (Defaut.INACHEVE,)),
    ],
)
def test_what_acts_by_itself_is_told_though_the_rest_cannot_be_read(objets, suite):
    contenu = pieges.document(*objets, racine=b"/X 4 0 R/OpenAction<</S/JavaScript/JS(1)>>")
    assert set(lu(contenu).defauts) == {Defaut.SCRIPT, *suite}


def test_a_pdf_that_the_empty_password_opens_is_readable_by_all():
    assert lu(ecrit(user_password="", owner_password="secret")) == Examen(nature=Nature.PDF, pages=1)
    assert lu(ecrit(user_password="a", owner_password="b")).defauts == (Defaut.CHIFFREE,)


@pytest.mark.parametrize(
    "filtre",
    [
        b"<</Filter/Autre/V 5/R 6>>",
        b"<</Filter/Standard/V 5/R 6/Length 256/P -4/CF<</StdCF<</CFM/AESV3/Length 32>>>>/StmF/StdCF/StrF/StdCF"
        b"/O<%s>/U<%s>/OE<%s>/UE<%s>/Perms<%s>>>" % (b"61" * 48, b"62" * 48, b"63" * 32, b"64" * 32, b"65" * 16),
    ],
)
def test_a_protection_that_cannot_be_undone_here_is_said_to_be_one(filtre):
    (defaut,) = lu(pieges.document(PAGES, PAGE, filtre, suite=b"/Encrypt 4 0 R/ID[<61><61>]")).defauts
    assert defaut in {Defaut.PROTEGEE, Defaut.CHIFFREE}


@pytest.mark.parametrize(
    "contenu",
    [
        b"%PDF-1.4",
        b"%PDF-1.4" + bytes(500),
        une_page("Bonjour")[:420],
        une_page("Bonjour")[:-60],
        b"%PDF-1.4\n1 0 obj" + b"[" * 100_000,
        pieges.document(PAGES, PAGE, racine=b"/X " + b"[" * 20_000 + b"]" * 20_000),
        pieges.document(b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
        pieges.document(PAGES, b"<</Type/Page/Parent 2 0 R/Contents 9 0 R>>"),
    ],
)
def test_a_damaged_pdf_is_unreadable_and_nothing_worse(contenu):
    assert lu(contenu).defauts == (Defaut.ILLISIBLE,)


def test_a_bomb_inside_a_pdf_is_not_unpacked_to_its_end():
    bombe = zlib.compress(bytes(200_000_000), 9)
    flux = b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(bombe), bombe)
    contenu = pieges.document(PAGES, b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>", flux)
    assert lu(contenu).defauts == (Defaut.INACHEVE,)


def compact(flux, *, table=b"", n=1):
    """A PDF of 1.5: its object 5 is in the stream 4, its table of places in a stream too."""
    objets = (
        b"<</Type/Catalog/Pages 2 0 R/X 5 0 R>>",
        PAGES,
        PAGE,
        b"<</Type/ObjStm/N %d/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (n, len(flux), flux),
    )
    corps, lignes = b"%PDF-1.5\n", [(0, 0, 65535)]
    for rang, objet in enumerate(objets, 1):
        lignes.append((1, len(corps), 0))
        corps += b"%d 0 obj%s\nendobj\n" % (rang, objet)
    lignes += [(2, 4, 0), (1, len(corps), 0)]
    places = b"".join(a.to_bytes(1, "big") + b.to_bytes(4, "big") + c.to_bytes(2, "big") for a, b, c in lignes)
    places = zlib.compress(table or places)
    tete = b"<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(places)
    fin = b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(corps)
    return corps + b"6 0 obj" + tete + places + fin


def test_objects_in_a_stream_are_looked_at_too():
    assert lu(compact(zlib.compress(b"5 0 <</S/Launch>>"))) == Examen(
        nature=Nature.PDF, pages=1, defauts=(Defaut.LANCEMENT,)
    )


@pytest.mark.parametrize(
    "contenu",
    [
        compact(zlib.compress(b"5 0 <<>>" + bytes(200_000_000), 1)),
        compact(zlib.compress(b"5 0 <<>>"), table=bytes(200_000_000)),
        compact(zlib.compress(b"5 0 <<>>"), n=10**9),
    ],
)
def test_a_bomb_among_the_objects_or_their_places_is_not_unpacked_to_its_end(contenu):
    began = time.monotonic()
    assert set(lu(contenu).defauts) <= {Defaut.INACHEVE, Defaut.ILLISIBLE}
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("sorte", [PAGES, b"<</Type/Pages/Kids[3 0 R]/Count 999999999>>"])
def test_pages_are_counted_whatever_the_file_says_of_their_number(sorte):
    assert lu(pieges.document(sorte, PAGE)).pages == 1


def test_a_list_of_parts_too_long_for_the_memory_leaves_the_examination_unfinished(monkeypatch):
    def deborde(*_):
        raise MemoryError

    monkeypatch.setattr(zipfile, "ZipFile", deborde)
    assert lu(b"PK\x03\x04" + bytes(60)) == Examen(nature=Nature.INCONNUE, defauts=(Defaut.INACHEVE,))


def test_a_pdf_of_too_many_objects_is_not_looked_at_to_its_end(monkeypatch):
    monkeypatch.setattr(pdf, "OBJETS_MAX", 10)
    assert lu(pieges.document(PAGES, PAGE, racine=b"/X[" + b"1 " * 50 + b"]")).defauts == (Defaut.INACHEVE,)


def test_objects_that_loop_are_each_seen_once():
    contenu = pieges.document(PAGES, PAGE, b"<</Moi 4 0 R/Lui 5 0 R>>", b"[4 0 R 5 0 R]", racine=b"/X 4 0 R")
    assert lu(contenu) == Examen(nature=Nature.PDF, pages=1)


@pytest.mark.parametrize(
    ("contenu", "nature"),
    [
        (b"", Nature.INCONNUE),
        (b"\n\n%PDF-1.4\n", Nature.PDF),
        (b"MZ" + bytes(200) + b"%PDF-1.4", Nature.PROGRAMME),
        (b"\x7fELF\x02\x01", Nature.PROGRAMME),
        (b"#!/bin/sh\n", Nature.PROGRAMME),
        (b"  <!DOCTYPE HTML>", Nature.PAGE_WEB),
        (b"\xef\xbb\xbf<html>", Nature.PAGE_WEB),
        (b"\xff\xd8\xff\xe0", Nature.IMAGE),
        (b"\x89PNG\r\n\x1a\n", Nature.IMAGE),
        (b"\x00\x00\x00\x18ftypheic", Nature.IMAGE),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(8), Nature.AUTRE),
        (b"{\\rtf1", Nature.RTF),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Nature.OLE),
        (word("cv.docx").contenu, Nature.DOCX),
        (archive("xl/workbook.xml"), Nature.XLSX),
        (archive(premier="application/vnd.oasis.opendocument.text"), Nature.ODT),
        (archive(premier="application/vnd.oasis.opendocument.spreadsheet"), Nature.ODS),
        (archive(premier="application/autre"), Nature.ZIP),
        (archive("a.txt"), Nature.ZIP),
        (b"PK\x03\x04" + bytes(40), Nature.ZIP),
        ("Bonjour, voilà.\r\n".encode(), Nature.TEXTE),
        (bytes(range(1, 9)), Nature.INCONNUE),
    ],
)
def test_the_type_is_told_by_the_bytes(contenu, nature):
    assert lu(contenu).nature is nature


def test_a_zip_bomb_is_never_unpacked():
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as a:
        a.writestr("word/document.xml", bytes(50_000_000))
    assert lu(tampon.getvalue()) == Examen(nature=Nature.DOCX)


@pytest.mark.parametrize("nombre", [1, 200])
def test_no_more_than_the_beginning_of_the_list_of_types_is_unpacked(nombre):
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as a:
        a.writestr("word/document.xml", "x")
        a.writestr(TYPES, bytes(1_000_000) * nombre + b"vbaProject")
    assert lu(tampon.getvalue()).defauts == ((Defaut.MACROS,) if nombre == 1 else ())


TYPES = "[Content_Types].xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def bureautique(types, *noms):
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as a:
        a.writestr(TYPES, types)
        for nom in ("word/document.xml", *noms):
            a.writestr(zipfile.ZipInfo(nom), "x")
    return tampon.getvalue()


@pytest.mark.parametrize(
    ("contenu", "defauts"),
    [
        (bureautique("<Types/>"), ()),
        (bureautique("<Types/>", "word/VBAPROJECT.BIN"), (Defaut.MACROS,)),
        (bureautique('<Override ContentType="application/vnd.ms-office.VbaProject"/>', "word/a"), (Defaut.MACROS,)),
        (bureautique("vbaProject".encode("utf-16"), "word/a"), (Defaut.MACROS,)),
        (bureautique("<Types/>").replace(b"\x08\x00", b"\x63\x00"), ()),  # a way of packing that nobody knows
        (OLE, ()),
        (OLE + "_VBA_PROJECT_CUR".encode("utf-16-le") + bytes(60), (Defaut.MACROS,)),
    ],
)
def test_macros_are_found_under_another_name_and_in_documents_of_before(contenu, defauts):
    assert lu(contenu).defauts == defauts


def test_the_type_is_said_before_the_rest_is_looked_at(monkeypatch):
    said = io.StringIO()
    monkeypatch.setattr(pdf, "examiner", lambda _: Examen(nature=Nature.PDF, defauts=(Defaut.INACHEVE,)))
    lu(ecrit(), said)
    assert said.getvalue().splitlines() == ['{"recu": "inconnue"}', '{"recu": "pdf"}']


@pytest.mark.parametrize(("module", "contenu"), [(natures, archive("word/a")), (pdf, ecrit())])
def test_a_file_that_asks_for_too_much_memory_is_said_to_be_too_much(monkeypatch, module, contenu):
    def gourmand(*_, **__):
        raise MemoryError

    monkeypatch.setattr(*((natures, "macros") if module is natures else (pdf, "PdfReader")), gourmand)
    assert lu(contenu).defauts == (Defaut.INACHEVE,)


def test_what_puremagic_is_unsure_of_is_nothing(monkeypatch):
    def rien(_):
        raise puremagic.PureError("?")

    monkeypatch.setattr(puremagic, "magic_string", rien)
    assert lu(b"\x01\x02\x03").nature is Nature.INCONNUE
