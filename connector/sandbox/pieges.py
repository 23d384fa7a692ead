"""Files that deserve a look, made on the spot: what an applicant may join by mistake or by malice."""

from __future__ import annotations

import io
import zipfile

from connector.sandbox.world import Fichier

_PAGE = (b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")


def document(*objets: bytes, racine: bytes = b"", suite: bytes = b"") -> bytes:
    """Give a PDF of those objects, numbered from 2, the catalogue being the first; `suite` ends its trailer."""
    tous = (b"<</Type/Catalog/Pages 2 0 R" + racine + b">>", *(objets or _PAGE))
    corps, places = b"%PDF-1.4\n", []
    for rang, objet in enumerate(tous, 1):
        places.append(len(corps))
        corps += b"%d 0 obj%s\nendobj\n" % (rang, objet)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    taille = len(tous) + 1
    fin = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (taille, suite, len(corps))
    return corps + b"xref\n0 %d\n0000000000 65535 f \n" % taille + table + fin


def _protege() -> bytes:
    """A PDF that asks for a password (RC4, 128 bits): the digests are those of no password at all."""
    cle = b"<</Filter/Standard/V 2/R 3/Length 128/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>"
    return document(*_PAGE, cle, suite=b"/Encrypt 4 0 R/ID[<41><41>]")


def _docm() -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        for nom in ("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"):
            archive.writestr(zipfile.ZipInfo(nom), "x")
    return tampon.getvalue()


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

SORTES: dict[str, tuple[str, bytes, str]] = {
    "javascript": ("cv.pdf", document(racine=b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"), "application/pdf"),
    "lancement": ("cv.pdf", document(racine=b"/OpenAction<</S/Launch/F(calc.exe)>>"), "application/pdf"),
    "fichier_joint": (
        "cv.pdf",
        document(
            *_PAGE,
            b"<</Type/Filespec/F(a.exe)/EF<</F 5 0 R>>>>",
            b"<</Length 1>>stream\nx\nendstream",
            racine=b"/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>",
        ),
        "application/pdf",
    ),
    "mot_de_passe": ("cv.pdf", _protege(), "application/pdf"),
    "sans_page": ("cv.pdf", document(b"<</Type/Pages/Kids[]/Count 0>>"), "application/pdf"),
    "tronque": ("cv.pdf", document()[:120], "application/pdf"),
    "programme": ("cv.pdf", b"MZ\x90\x00" + bytes(400), "application/pdf"),
    "page_web": ("cv.pdf", b"<!DOCTYPE html><html><script>1</script></html>", "application/pdf"),
    "macros": ("cv.docx", _docm(), _WORD),
}
"""Name, bytes and declared type of each kind of trap."""


def piege(sorte: str, filename: str = "") -> Fichier:
    """Give a file of that kind, as DS keeps it, under that name or its own."""
    nom, contenu, type_annonce = SORTES[sorte]
    return Fichier.de(filename or nom, contenu, type_annonce)
