"""From an empty folder to annotated dossiers, as an operator types it; no line of Python is edited."""

from __future__ import annotations

import subprocess
import sys

import pytest

from connector import cli, wiring
from connector.sandbox import monde
from connector.sandbox.server import Sandbox

CAS = ("complet", "sans_cv", "suivi_manuel")


@pytest.fixture
def bac():
    world = monde.monde_par_defaut(wiring.now)
    kept = {monde.CAS[nom] for nom in CAS}
    for dossier in list(world.dossiers.values()):
        if dossier.number not in kept:
            world.remove_dossier(dossier)
    with Sandbox(world) as ouvert:
        yield ouvert


@pytest.fixture
def taper(tmp_path, monkeypatch, capsys):
    """Type a command in an empty folder, where the token is in the environment; what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DS_JETON", monde.JETON_ECRITURE)
    monkeypatch.setenv("NO_COLOR", "1")

    def taper(*arguments, code=0):
        assert cli.execute(arguments) == code, capsys.readouterr()
        return capsys.readouterr().out

    return taper


def annotation(bac, nom, label):
    """What that private annotation holds, "" when nobody wrote it."""
    dossier = bac.world.dossiers[monde.CAS[nom]]
    form = bac.world.demarches[dossier.demarche].revision(dossier.revision)
    value = dossier.lit()[0].get((form.nomme(label, prive=True).stable_id, ""))
    return "" if value is None else str(value.valeur)


def test_from_an_empty_folder_to_annotated_dossiers(bac, taper, tmp_path):
    # init, at the keyboard: this machine, DS's address, the démarche, where the token is, the region
    reponses = ["oui", str(monde.DEMARCHE), bac.url, "DS_JETON", "24"]
    command = [sys.executable, "-m", "connector", "init"]
    dialogue = subprocess.run(
        command, input="\n".join(reponses) + "\n", capture_output=True, text=True, timeout=60, check=False
    )
    assert dialogue.returncode == 0, dialogue.stderr
    assert "Êtes-vous sur la machine" in dialogue.stderr
    assert monde.JETON_ECRITURE not in dialogue.stdout + dialogue.stderr
    config = tmp_path / "config.toml"
    assert monde.JETON_ECRITURE not in config.read_text(encoding="utf-8")
    assert "config.toml\u00a0: " in dialogue.stdout

    # doctor, plan and sync in mode observer: nothing is written in DS
    taper("doctor")  # 0: nothing is wrong, whatever deserves attention
    assert "poser le label «\u00a0Complet\u00a0»" in taper("plan")
    assert "3 examinés" in taper("sync")
    assert bac.mutations() == []

    # mode annoter, chosen in the file; one turn of the service
    texte = config.read_text(encoding="utf-8")
    config.write_text(texte.replace('mode = "observer"', 'mode = "annoter"'), encoding="utf-8")
    taper("daemon", "--une-fois")
    assert annotation(bac, "complet", "Avis proposé") == "À vérifier"
    assert "CV" in annotation(bac, "sans_cv", "Pièces")
    assert {m.operation for m in bac.mutations()} <= {"dossierModifierAnnotations", "dossierAjouterLabel"}

    # run again, init finds everything in its place
    assert "rien n’a changé" in taper("init", "--oui")
