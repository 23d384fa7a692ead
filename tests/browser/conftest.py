"""A real browser without any network but the page's own server, and the pages to look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from connector import wiring
from connector.bilan import page
from connector.bilan.matiere import Matiere
from connector.bilan.rapports import bilan, rapport_concordance
from connector.bilan.releve import ClasseZone, Vu
from connector.core.campagne import Campagne
from connector.core.constat import AvisPropose
from connector.core.decisions import Sens
from connector.core.pet import Derogation, StatutPet
from connector.core.poste import Categorie, EtatPoste, Tranche, constate_prise_de_fonction, desiste, remplace
from connector.sandbox import monde
from connector.sandbox.server import Sandbox
from tests.unit.bilan.fabrique import CVL_II, attribution, constat, decide, dit, matiere, poste, vu

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
CHU = ("CHU des Deux-Rives", "CHU des Deux-Rives", "CHU du Val-Fleuri")
SENS = (Sens.RETENU, Sens.RETENU, Sens.NON_RETENU, Sens.RETENU, Sens.SANS_SUITE)
TRANCHES = tuple(
    Tranche(annee=annee, montant=Decimal(montant))
    for annee, montant in ((2026, "3772.16"), (2027, "22632.96"), (2028, "18860.80"))
)
MILLE = Decimal(1000)


def campagne(*, public: bool) -> Matiere:
    """Sixty candidatures of one invented campaign, with all that a bilan may have to tell."""
    vus = [_candidature(n) for n in range(60)]
    postes = []
    for v in vus:
        if v.decision is Sens.RETENU:
            accorde = poste(v.dossier, categorie=Categorie(v.cle.categorie), accepte_le=v.traite_le, tranches=TRANCHES)
            pris = constate_prise_de_fonction(accorde, v.dossier, date(2026, 11, 2))
            postes.append(pris if v.dossier % 2 else accorde)
    rendu = next(p for p in postes if p.etat is EtatPoste.ACCORDE)
    rang = postes.index(rendu)
    postes[rang] = remplace(desiste(rendu, rendu.titulaire.dossier, date(2026, 9, 1)), attribution(58))
    dates = Campagne(ouverture=date(2026, 1, 5), cloture=date(2026, 3, 31), commission=date(2026, 4, 20))
    return matiere(*vus, postes=postes, campagnes=(dates,), public=public)


def _candidature(n: int) -> Vu:
    depot = date(2026, 1, 5) + timedelta(days=n * 7 % 85)
    instruit = depot + timedelta(days=4 + n * 5 % 19)
    communs = {
        "cle": replace(CVL_II, categorie="I" if n % 3 == 0 else "II"),
        "depose_le": depot,
        "en_instruction_le": instruit,
        "specialite": SPECIALITES[n * 5 % 7 % 6],
        "chu": CHU[n % 3],
        "zone": list(ClasseZone)[n * 3 % 5],
        "prime": StatutPet.DUE,
        "prime_due": MILLE,
        "quotite_ambulatoire": Decimal(40 + 10 * (n % 3)),
    }
    if n >= 24:
        return vu(n + 1, **communs)
    objection = dit(AvisPropose.DEFAVORABLE, constat("quotite" if n % 7 == 0 else "zone"))
    return decide(
        n + 1,
        SENS[n % 5],
        traite_le=instruit + timedelta(days=12 + n * n * 3 % 140),
        dit_avant=objection if n % 5 in {2, 4} or n % 7 == 0 else dit(),
        motivation="Un besoin reconnu du territoire, malgré le classement de la commune." if n % 7 == 0 else "",
        derogation=Derogation.ACCORDEE if n % 8 == 0 else Derogation.AUCUNE,
        modulation_acceptee=n % 6 == 0,
        devenir=("Installation en ville", "Praticien hospitalier", "")[n % 3],
        observations="Consultations avancées bien identifiées ; secrétariat à financer." if n in {3, 9} else "",
        **communs,
    )


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
