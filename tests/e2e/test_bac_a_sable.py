"""The commands that `connector sandbox` prints, run as they are."""

from __future__ import annotations

import re
import shlex

from connector import cli, demo
from connector.sandbox import monde


def test_the_commands_that_the_sandbox_prints_make_a_configuration_of_its_own(
    grand_banc, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    texte = demo.ESSAI.format(jeton=monde.JETON_ECRITURE, demarche=monde.DEMARCHE, url=grand_banc.bac.endpoint)
    export, commande = texte.replace("\\\n", " ").splitlines()
    nom, valeur = re.fullmatch(r"  export (\w+)=(\S+)", export).groups()
    monkeypatch.setenv(nom, valeur)
    programme, *arguments = shlex.split(commande)
    assert programme == "connector"
    assert cli.execute(arguments) == 0
    dit = capsys.readouterr().out.replace("\u00a0", " ")
    assert "essai.toml : 80 trouvés, 0 à confirmer, 0 absent." in dit
    assert dit.index("connector import zonage") < dit.index("connector doctor") < dit.index("connector plan")
    assert cli.execute(["resume", "--config", "essai.toml"]) == 0
    assert capsys.readouterr().out == "Les envois n’étaient pas en pause\u00a0: rien n’a changé.\n"
