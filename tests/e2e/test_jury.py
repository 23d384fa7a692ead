"""The jury's round trip: exported, filled in by LibreOffice, read back by `decide`, carried out in DS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connector.sandbox import scenario
from connector.sandbox.monde import CAS

CLAVIER = Path(__file__).with_name("jury_au_clavier.py")
SYSTEME = "/usr/bin/python3"
MOTIF = "Le projet médical ne précise pas la répartition des demi-journées."
FORMULE = '=HYPERLINK("http://exemple.fr";"cliquez")'
INJECTIONS = {
    "complet": FORMULE,
    "complet_cat_1": "@SOMME(1;1)",
    "en_instruction": "+33238000000",
    "hors_zone": "-2+3",
    "sans_convention": "=1/0",
}


def office() -> str | None:
    """LibreOffice, when it is there with what lets a program drive it; None otherwise."""
    soffice = shutil.which("soffice")
    if soffice is None or subprocess.run([SYSTEME, "-c", "import uno"], capture_output=True, check=False).returncode:
        return None
    return soffice


@pytest.fixture(scope="module")
def soffice() -> str:
    """Its path. Without it this test is skipped, unless the environment says that it must run (as CI does)."""
    trouve = office()
    if trouve is None:
        if os.environ.get("OFFICE_REQUIRED"):
            pytest.fail("LibreOffice is not installed, and OFFICE_REQUIRED asks for it")
        pytest.skip("LibreOffice is not installed (apt-get install libreoffice-calc-nogui python3-uno)")
    return trouve


def remplit(soffice: str, classeur: Path, sortie: Path, saisies: dict[int, dict[str, str | int]]) -> dict[str, object]:
    """What LibreOffice saw in the workbook, once these cells were typed in it and it was saved elsewhere."""
    tuyau = f"jury{os.getpid()}"
    profil = sortie.parent / "profil"
    bureau = subprocess.Popen(
        [
            soffice,
            f"-env:UserInstallation={profil.as_uri()}",
            "--headless",
            "--norestore",
            "--nologo",
            f"--accept=pipe,name={tuyau};urp;",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        dit = subprocess.run(
            [SYSTEME, str(CLAVIER), str(classeur), str(sortie), tuyau, json.dumps(saisies)],
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert dit.returncode == 0, dit.stderr
        bureau.wait(timeout=30)
    finally:
        if bureau.poll() is None:
            os.killpg(bureau.pid, 9)
            bureau.wait()
    return json.loads(dit.stdout)


@pytest.mark.bureau
def test_a_jury_fills_its_list_in_libreoffice_and_its_decisions_reach_ds(seance, soffice, tmp_path):
    banc = seance
    for cas, nom in INJECTIONS.items():  # what hospitals may type
        scenario.usager_corrige(banc.world, CAS[cas], {"Nom du candidat": nom})
    scenario.instructeur_passe_en_instruction(banc.world, CAS["hors_zone"])
    for _ in range(2):
        banc.run("sync")
    jury, rendu = tmp_path / "jury.xlsx", tmp_path / "rendu.xlsx"
    banc.run("report", "--commission", "--sortie", str(jury))

    vu = remplit(
        soffice,
        jury,
        rendu,
        {
            CAS["complet"]: {"Décision": "Retenu", "Rang": 1},
            CAS["complet_cat_1"]: {"Décision": "Liste d'attente", "Rang": 2},
            CAS["en_instruction"]: {"Décision": "Non retenu", "Motivation": MOTIF},
        },
    )
    assert vu["feuilles"] == ["Commission", "Mode d'emploi"]
    assert vu["fautes"] == []  # no cell is a formula, nor an error
    assert {int(n) for n in vu["dossiers"]} == set(banc.world.dossiers)
    assert all(any(nom in candidat for candidat in vu["candidats"]) for nom in INJECTIONS.values())

    dit = banc.run("decide", str(rendu))
    assert "3\u00a0décisions enregistrées" in dit.stderr
    assert banc.run("journal").stdout.count("décision de la commission enregistrée") == 3
    banc.run("sync")
    etats = {
        cas: banc.world.dossiers[CAS[cas]].state for cas in ("complet", "complet_cat_1", "en_instruction", "hors_zone")
    }
    assert etats == {
        "complet": "accepte",
        "complet_cat_1": "en_instruction",  # on the waiting list
        "en_instruction": "refuse",
        "hors_zone": "en_instruction",  # nobody decided: nothing happens
    }
    assert "Liste d'attente" in banc.labels(CAS["complet_cat_1"])

    # The file that came back through LibreOffice holds no formula either.
    lu = load_workbook(rendu).worksheets[0]
    assert [c.coordinate for rang in lu.iter_rows() for c in rang if c.data_type in {"f", "e"}] == []

    # The concordance now has something to compare.
    banc.run("report", "--concordance", "--format", "csv", "--sortie", str(tmp_path / "concordance.csv"))
    texte = (tmp_path / "concordance.csv").read_text(encoding="utf-8-sig")
    assert "Aucune objection (proposition favorable)" in texte


def test_the_export_as_it_is_decides_nothing(seance, tmp_path):
    banc = seance
    banc.run("sync")
    jury = tmp_path / "jury.xlsx"
    banc.run("report", "--commission", "--sortie", str(jury))
    assert "0\u00a0décision enregistrée" in banc.run("decide", str(jury)).stderr


def test_the_prime_of_the_list_says_once_that_it_is_to_be_confirmed(seance, tmp_path):
    seance.run("sync")
    jury = tmp_path / "jury.xlsx"
    seance.run("report", "--commission", "--sortie", str(jury))
    titres, *lignes = load_workbook(jury).worksheets[0].iter_rows(values_only=True)
    primes = {str(ligne[titres.index("Prime mensuelle")]) for ligne in lignes}
    assert any(prime.endswith("(Due)") for prime in primes)
    assert any(prime.endswith("à confirmer") for prime in primes)
    assert not any(prime.lower().count("à confirmer") > 1 for prime in primes)
