"""A real browser without any network but the page's own server, and the pages to look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from connector import wiring
from connector.bilan import page
from connector.bilan.matiere import Matiere
from connector.bilan.rapports import bilan, rapport_concordance
from connector.bilan.releve import ClasseZone
from connector.core.campagne import Campagne
from connector.core.constat import AvisPropose
from connector.core.decisions import Sens
from connector.core.pet import Derogation, Prime, StatutPet
from connector.core.poste import Categorie, constate_prise_de_fonction, desiste, remplace
from connector.sandbox import monde
from connector.sandbox.server import Sandbox
from tests.unit.bilan.fabrique import attribution, constat, decide, dit, matiere, poste, vu

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """Where Debian's browser is; None when there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@pytest.fixture(scope="session")
def navigateur() -> Iterator[Browser]:
    """The browser. Without one these tests are skipped, unless the environment says that they must run (as CI does)."""
    chemin = chromium()
    if chemin is None:
        if os.environ.get("BROWSER_REQUIRED"):
            pytest.fail("Chromium is not installed, and BROWSER_REQUIRED asks for it")
        pytest.skip("Chromium is not installed (apt-get install chromium fonts-liberation)")
    with sync_playwright() as playwright:
        navigateur = playwright.chromium.launch(executable_path=chemin, args=list(ARGUMENTS))
        yield navigateur
        navigateur.close()


@dataclass(kw_only=True)
class Vue:
    """One page, what its console said, and what it asked of anybody else."""

    page: Page
    console: list[str] = field(default_factory=list)
    demandes: list[str] = field(default_factory=list)


@pytest.fixture
def ouvrir(navigateur) -> Iterator[object]:
    """Open an address in a window of that width; everything the page says or asks for is kept."""
    contextes = []

    def ouvre(adresse: str, largeur: int = 1280, *, hors_ligne: bool = True) -> Vue:
        contexte = navigateur.new_context(
            viewport={"width": largeur, "height": 900}, offline=hors_ligne, reduced_motion="reduce"
        )
        contextes.append(contexte)
        vue = Vue(page=contexte.new_page())
        vue.page.on("console", lambda message: vue.console.append(message.text))
        vue.page.on("pageerror", lambda erreur: vue.console.append(str(erreur)))
        vue.page.on("request", lambda demande: vue.demandes.append(demande.url))
        vue.page.goto(adresse)
        return vue

    yield ouvre
    for contexte in contextes:
        contexte.close()


SPECIALITES = ("Cardiologie", "Dermatologie", "Gynécologie médicale", "Psychiatrie", "Rhumatologie", "Pédiatrie")


def campagne(*, public: bool) -> Matiere:
    """Sixty candidatures of one campaign, with all that a bilan may have to tell."""
    depot = date(2026, 1, 5)
    zones = list(ClasseZone)
    objection = dit(AvisPropose.DEFAVORABLE, constat("zone"))
    mille = Decimal(1000)
    due = Prime(statut=StatutPet.DUE, montant=mille, minimum=mille, maximum=mille, motifs=())
    vus = []
    for n in range(60):
        communs = {
            "depose_le": depot + timedelta(days=3 * (n % 30)),
            "en_instruction_le": depot + timedelta(days=3 * (n % 30) + 10),
            "specialite": SPECIALITES[n * n % 6],
            "zone": zones[n % len(zones)],
            "prime": due,
            "quotite_ambulatoire": Decimal(40 + 10 * (n % 3)),
        }
        if n < 24:
            sens = (Sens.RETENU, Sens.RETENU, Sens.NON_RETENU, Sens.SANS_SUITE)[n % 4]
            faits = {
                "traite_le": depot + timedelta(days=60 + 4 * n),
                "dit_avant": objection if n % 3 == 0 else dit(),
                "motivation": "Un besoin reconnu du territoire, malgré le classement de la commune."
                if n % 6 == 0
                else "",
                "derogation": Derogation.ACCORDEE if n % 8 == 0 else Derogation.AUCUNE,
                "devenir": "Installation en ville" if n % 4 == 0 else "",
                "observations": "Consultations avancées bien identifiées ; secrétariat à financer." if n == 8 else "",
            }
            vus.append(decide(n + 1, sens, **communs | faits))
        else:
            vus.append(vu(n + 1, **communs))
    postes = [poste(n, categorie=Categorie.I if n % 3 else Categorie.II) for n in range(1, 13)]
    postes = [
        constate_prise_de_fonction(p, p.titulaire.dossier, date(2026, 11, 2)) if n < 6 else p
        for n, p in enumerate(postes)
    ]
    rendu = desiste(postes[7], postes[7].titulaire.dossier, date(2026, 9, 1))
    postes[7] = remplace(rendu, attribution(40, categorie=Categorie.I))
    dates = Campagne(ouverture=date(2026, 1, 5), cloture=date(2026, 3, 31), commission=date(2026, 4, 20))
    return matiere(*vus, postes=postes, campagnes=(dates,), public=public)


@pytest.fixture(scope="session")
def pages(tmp_path_factory) -> dict[str, Path]:
    """The reports, as files."""
    dossier = tmp_path_factory.mktemp("pages")
    faits = {
        "bilan": bilan(campagne(public=False)),
        "public": bilan(campagne(public=True)),
        "concordance": rapport_concordance(campagne(public=False)),
    }
    chemins = {}
    for nom, rapport in faits.items():
        chemins[nom] = dossier / f"{nom}.html"
        chemins[nom].write_text(page.ecrire(rapport, wiring.folder("templates") / "bilan"), encoding="utf-8")
    return chemins


@pytest.fixture(scope="session")
def bac() -> Iterator[Sandbox]:
    """The sandbox and its page."""
    with Sandbox(monde.monde_par_defaut(wiring.now)) as ouvert:
        yield ouvert
