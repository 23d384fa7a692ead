"""The report and the sandbox's page in a real browser: alone, accessible (RGAA), readable on a phone and on paper."""

from __future__ import annotations

import io
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

from connector.sandbox import monde

pytestmark = pytest.mark.browser

REPORTS = ("bilan", "public", "concordance")
SANDBOX = ("/", f"/dossiers/{monde.CAS['complet']}")
LARGEURS = (390, 794, 1280)
"""A phone, a sheet of A4 at 96 dots an inch, a desk."""

A4 = (595, 842)


@pytest.fixture(params=[*REPORTS, *SANDBOX])
def adresse(request, pages, bac) -> str:
    """Each page's address: a file for a report, its own server for the sandbox."""
    return pages[request.param].as_uri() if request.param in pages else f"{bac.url}{request.param}"


def la(ouvrir, adresse, largeur=1280):
    return ouvrir(adresse, largeur, hors_ligne=adresse.startswith("file:"))


def test_a_page_asks_nothing_of_anybody_and_its_console_stays_quiet(ouvrir, adresse):
    vue = la(ouvrir, adresse)
    assert vue.console == []
    assert vue.demandes == [adresse]


def test_axe_finds_nothing_against_accessibility(ouvrir, adresse):
    vue = la(ouvrir, adresse)
    trouves = Axe().run(vue.page).response
    assert [(v["id"], v["impact"], v["nodes"][0]["html"]) for v in trouves["violations"]] == []
    assert len(trouves["passes"]) > 15  # it did look


@pytest.mark.parametrize("largeur", LARGEURS)
def test_no_page_is_wider_than_its_window(ouvrir, adresse, largeur):
    vue = la(ouvrir, adresse, largeur)
    assert vue.page.evaluate("document.documentElement.scrollWidth") <= largeur


def test_a_keyboard_goes_straight_to_the_content_and_through_every_table(ouvrir, pages):
    vue = la(ouvrir, pages["bilan"].as_uri())
    vue.page.keyboard.press("Tab")
    assert vue.page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    vue.page.keyboard.press("Enter")
    assert vue.page.evaluate("document.activeElement.id") == "contenu"
    cadres = vue.page.locator(".cadre")
    assert cadres.count() > 15
    assert all(cadres.nth(n).get_attribute("tabindex") == "0" for n in range(cadres.count()))
    focalise = "getComputedStyle(document.activeElement).outlineStyle"
    vue.page.keyboard.press("Tab")
    assert vue.page.evaluate(focalise) == "solid"


def test_a_screen_reader_has_a_name_for_every_drawing_and_a_heading_for_every_table(ouvrir, pages):
    vue = la(ouvrir, pages["bilan"].as_uri())
    dessins = vue.page.get_by_role("img")
    assert dessins.count() == 2  # the bars of the quotas are told in words beside them
    assert all("tableau qui suit" in (dessins.nth(n).get_attribute("aria-label") or "") for n in range(2))
    barres = vue.page.locator(".quotas li")
    assert barres.count() > 0
    assert all(re.search(r"accordés?", barres.nth(n).inner_text()) for n in range(barres.count()))


def imprime(vue) -> PdfReader:
    return PdfReader(io.BytesIO(vue.page.pdf(prefer_css_page_size=True, print_background=True)))


def test_a_report_prints_on_a4_whole_and_large_enough_to_read(ouvrir, pages):
    vue = la(ouvrir, pages["bilan"].as_uri())
    titres = vue.page.locator("h2, h3").all_inner_texts()
    nombres = vue.page.locator("tfoot td").all_inner_texts()
    pdf = imprime(vue)
    tailles: list[float] = []
    for feuille in pdf.pages:
        assert (round(float(feuille.mediabox.width)), round(float(feuille.mediabox.height))) == A4
        feuille.extract_text(
            visitor_text=lambda texte, ctm, tm, _police, taille: (
                tailles.append(abs(taille * tm[3] * ctm[3])) if texte.strip() else None
            )
        )
    texte = " ".join(" ".join(p.extract_text().split()) for p in pdf.pages)
    assert [t for t in titres if " ".join(t.split()) not in texte] == []
    assert [n for n in nombres if " ".join(n.split()) not in texte] == []
    assert min(tailles) >= 6
    assert len(pdf.pages) < 20


def test_the_sandboxs_page_prints_too(ouvrir, bac):
    pdf = imprime(la(ouvrir, f"{bac.url}{SANDBOX[1]}"))
    texte = " ".join(p.extract_text() for p in pdf.pages)
    assert str(monde.CAS["complet"]) in texte
    assert "Synthèse" in texte


LOOK = """() => {
    const lu = (choix, ...noms) => { const s = getComputedStyle(document.querySelector(choix));
        return noms.map(nom => s[nom]).join(' | ') };
    return [lu('body', 'fontFamily', 'color'), lu('h1', 'fontSize', 'color'), lu('thead th', 'backgroundColor'),
        lu('.entete .nom', 'borderLeft', 'fontWeight'), lu('.lisere .b', 'backgroundColor', 'height'),
        lu('.pied', 'borderTop', 'fontSize'), lu('.conteneur', 'maxWidth')]
}"""


def test_the_report_and_the_sandboxs_page_share_one_look(ouvrir, pages, bac):
    le_bilan = la(ouvrir, pages["bilan"].as_uri()).page.evaluate(LOOK)
    le_bac = la(ouvrir, f"{bac.url}/").page.evaluate(LOOK)
    assert le_bilan == le_bac
    assert "rgb(0, 0, 145)" in le_bilan[4]  # the State's blue
