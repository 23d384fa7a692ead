"""The commands that `connector sandbox` prints, run as they are."""

from __future__ import annotations

import re
import shlex

from connector import cli, demo
from connector.sandbox import monde, referentiels


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
    textes = {"zonage": referentiels.ARRETE_ZONAGE, "qpv": referentiels.ARRETE_QPV}
    zonage, quartiers = demo.ZONES.format(**textes, effet=referentiels.DATE_EFFET).replace("\\\n", " ").splitlines()
    assert cli.execute(shlex.split(zonage)[1:]) == 0
    assert "zonage" in capsys.readouterr().out.casefold()
    assert cli.execute(shlex.split(quartiers)[1:]) == 0
    assert "gardés : 1." in capsys.readouterr().out.replace("\u00a0", " ")
    assert cli.execute(["resume", "--config", "essai.toml"]) == 0
    assert capsys.readouterr().out == "Les envois n’étaient pas en pause\u00a0: rien n’a changé.\n"


def test_an_audit_just_after_a_pass_lists_nothing_as_a_difference(petit_banc):
    petit_banc.run("sync")
    done = petit_banc.run("audit")
    assert done.stdout == ""
    dit = done.stderr.replace("\u00a0", " ").replace("\u202f", " ")
    assert dit.startswith("Aucun écart ; rien n’a été écrit.\n")
    assert "depuis le dernier passage, souvent par ses propres écritures : le prochain les lira." in dit


def test_a_file_named_like_a_word_keeps_its_name_in_an_error(petit_banc):
    dit = petit_banc.run("backup", "ici/la", check=2).stderr
    assert dit.startswith("Erreur\u00a0: «\u00a0ici/la\u00a0» n’est pas un dossier")
