"""Take the pictures of the instructors' guide: the sandbox's page, in a real browser, after real passes.

`make captures`. Nothing is drawn by hand: the demonstration's dossiers, the program's own annotations, Chromium through
Playwright. A picture that grows too heavy for a page is refused.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))  # the tests invent the campaign of the reports

from connector import demo, passages, wiring
from connector.bilan.page import ecrire
from connector.bilan.rapports import bilan, rapport_concordance
from connector.sandbox import monde, scenario
from connector.sandbox.server import Sandbox
from tests.browser.conftest import campagne

IMAGES = Path(__file__).parent / "images"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync", "--disable-component-update")
POIDS_MAXIMUM = 200_000
"""Bytes: a guide is read on slow networks too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One picture: the page, the part of it that is shown ("" for what a screen shows), and how tall it may be."""

    nom: str
    adresse: str
    partie: str = ""
    hauteur: int = 760


CARTE = "#annotations .carte >> nth=0"
"""What the connector writes, without what people do."""

MESSAGE = "#annotations .champs > div:has(dt:text-is('Message proposé'))"
"""The one annotation that waits for an agent."""

CAPTURES = (
    Capture(nom="guide-liste", adresse="/?q=sente", partie=".liste"),
    Capture(nom="guide-annotations", adresse=f"/dossiers/{monde.CAS['modulation_motivee']}", partie=CARTE),
    Capture(nom="guide-message", adresse=f"/dossiers/{monde.CAS['message_humain']}", partie=MESSAGE),
    Capture(nom="guide-desistement", adresse=f"/dossiers/{monde.CAS['accepte_desiste']}", partie=CARTE),
)


def main() -> None:
    """Play the demonstration's passes, then take every picture."""
    with TemporaryDirectory() as dossier:
        world = monde.monde_par_defaut(wiring.now)
        # the replacements come later: the freed post is still looking for somebody
        for cas in ("remplacement", "remplacement_incomplet"):
            scenario.administration_supprime(world, monde.CAS[cas])
        with Sandbox(world) as bac:
            chemin = demo.preparer(Path(dossier), bac, world)
            with wiring.atelier(wiring.reglages(chemin)) as atelier:
                for _ in range(3):
                    passages.passer(atelier)
            with sync_playwright() as outil:
                navigateur = outil.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
                for capture in CAPTURES:
                    prendre(navigateur, bac.url, capture)
                rapports(navigateur, Path(dossier))
                navigateur.close()


def prendre(navigateur: Browser, url: str, capture: Capture) -> None:
    """Take one picture; an error when it is too heavy."""
    page = navigateur.new_page(viewport={"width": 1100, "height": capture.hauteur}, locale="fr-FR")
    page.goto(url + capture.adresse)
    chemin = IMAGES / f"{capture.nom}.png"
    _cible(page, capture).screenshot(path=chemin)
    page.close()
    poids = chemin.stat().st_size
    if poids > POIDS_MAXIMUM:
        sys.exit(f"{chemin.name} : {poids} octets, {POIDS_MAXIMUM} au plus")
    print(f"{chemin.name} : {poids} octets")


def rapports(navigateur: Browser, dossier: Path) -> None:
    """Take the first part of the bilan and of the concordance, made from the campaign that the browser tests invent."""
    modeles = wiring.folder("templates") / "bilan"
    for nom, rapport, fin in (
        ("bilan", bilan(campagne(public=False)), "#candidatures"),
        ("concordance", rapport_concordance(campagne(public=False)), "#definitions"),
    ):
        chemin = dossier / f"{nom}.html"
        chemin.write_text(ecrire(rapport, modeles), encoding="utf-8")
        page = navigateur.new_page(viewport={"width": 1120, "height": 900}, locale="fr-FR")
        page.goto(chemin.as_uri())
        bas = page.locator(fin).bounding_box()["y"] - 10
        page.screenshot(path=IMAGES / f"{nom}.png", full_page=True, clip={"x": 0, "y": 0, "width": 1120, "height": bas})
        page.close()


def _cible(page: Page, capture: Capture):
    return page.locator(capture.partie) if capture.partie else page


if __name__ == "__main__":
    main()
