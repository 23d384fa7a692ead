"""A token typed where it should not be is refused by its place, and repeated nowhere."""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from connector import cli, commission
from connector.config import Instance, load
from connector.config import Jeton as Range
from connector.config import jetons as de_la_configuration
from connector.core import jetons
from connector.core.decisions import SourceDecisions
from connector.errors import ConfigError, TemplateError
from connector.imports.commission import ListeRefusee, read_liste
from connector.render import EXEMPLE, SUFFIXE, Modeles, Point

SECRET = "CANARI-SECRET"
JETON = base64.urlsafe_b64encode(f"00000000-0000-4000-8000-0000000000ab;{SECRET}".encode()).decode()
AUTRE = "un-jeton-d-une-autre-forme"
DEMARCHE = '[[demarches]]\nnumero = 104234\nnom = "Candidatures"\n'


@pytest.fixture
def problemes(tmp_path):
    """What is refused of a configuration, with its line; nothing of either token is in it."""

    def refuse(texte, environ=None):
        chemin = tmp_path / "config.toml"
        chemin.write_text(texte, encoding="utf-8")
        with pytest.raises(ConfigError) as refus:
            load(chemin, environ or {})
        dit = str(refus.value)
        assert JETON[:48] not in dit
        assert AUTRE not in dit
        assert refus.value.__cause__ is None
        return [(p.path, p.line) for p in refus.value.problems if p.message == de_la_configuration.DIT]

    return refuse


def echappe(texte):
    return f"\\u{ord(texte[0]):04x}{texte[1:]}"


@pytest.mark.parametrize("jeton", [JETON, AUTRE], ids=["par sa forme", "par ce qu’il est"])
@pytest.mark.parametrize(
    ("texte", "ou"),
    [
        (f'{DEMARCHE}[messages]\ncontact = "@@"\n', ("messages", 5)),
        (f'{DEMARCHE}[messages]\ncontact = "écrire à Bearer @@, merci"\n', ("messages", 5)),
        ('[[demarches]]\nnumero = 104234\nnom = "@@"\n', ("demarches", 3)),
        (f'{DEMARCHE}[messages]\n@@ = "x"\n', ("messages", 5)),
        (f"{DEMARCHE}[@@]\nx = 1\n", ("", 4)),
        (f'{DEMARCHE}[base]\nchemin = "dossier/@@/base.sqlite"\n', ("base", 5)),
        (f'{DEMARCHE}[instance]\njeton = "@@"\n', ("instance", 5)),
        (f"{DEMARCHE}# @@\n", ("demarches", 4)),
        (f'# "@@"\n{DEMARCHE}', ("", 1)),
        (f'{DEMARCHE}[messages]\n@@ = "x"\n@@ = "x"\n', ("messages", 5)),
        (f'{DEMARCHE}[messages]\ncontact = "@@\n', ("messages", 5)),
    ],
)
def test_a_token_anywhere_in_the_file_is_refused_by_its_section_and_line(problemes, texte, ou, jeton):
    assert problemes(texte.replace("@@", jeton), {"DS_JETON": AUTRE})[0] == ou


@pytest.mark.parametrize("jeton", [JETON, AUTRE], ids=["par sa forme", "par ce qu’il est"])
@pytest.mark.parametrize(
    ("texte", "ou"),
    [
        (f'{DEMARCHE}[messages]\ncontact = "@@"\n', ("messages.contact", 5)),
        (f'{DEMARCHE}[messages]\n"@@" = "x"\n', ("messages", 4)),
        (f'{DEMARCHE}regles_ecartees = ["a", "@@"]\n', ("demarches[0].regles_ecartees[1]", 4)),
    ],
)
def test_what_escapes_would_hide_is_seen(problemes, texte, ou, jeton):
    assert problemes(texte.replace("@@", echappe(jeton)), {"DS_JETON": AUTRE}) == [ou]


@pytest.mark.parametrize(
    "rangement", ['{ variable = "AILLEURS" }', '{ fichier = "jeton" }', '{ credential = "jeton" }']
)
def test_the_token_in_use_is_known_wherever_it_is_kept(problemes, tmp_path, rangement):
    (tmp_path / "jeton").write_text(f"{AUTRE}\n", encoding="utf-8")
    (tmp_path / "jeton").chmod(0o600)
    texte = f'{DEMARCHE}[messages]\ncontact = "{AUTRE}"\n[instance]\njeton = {rangement}\n'
    assert problemes(texte, {"AILLEURS": AUTRE, "CREDENTIALS_DIRECTORY": str(tmp_path)}) == [("messages", 5)]


@pytest.mark.parametrize("instance", ['jeton = { fichier = "absent" }', 'jeton = "x"', "delais = 3"])
def test_a_place_that_cannot_be_read_is_told_by_those_who_need_it(tmp_path, instance):
    (tmp_path / "config.toml").write_text(f"{DEMARCHE}[instance]\n{instance}\n", encoding="utf-8")
    try:
        load(tmp_path / "config.toml", {})
    except ConfigError as refus:
        assert "en clair" not in str(refus)  # noqa: PT017 - whether it is refused is not the point


def test_a_variable_brings_no_token_into_a_path(problemes):
    assert problemes(f'{DEMARCHE}[base]\nchemin = "$SECRET/base"\n', {"SECRET": JETON}) == []


@pytest.mark.parametrize("mis", ["numero", "/etc/connecteur/jeton", "jeton-de-la-demarche.txt"])
def test_neither_a_short_word_nor_a_path_put_where_the_token_goes_is_one(tmp_path, mis):
    texte = f'{DEMARCHE}[instance]\njeton = {{ fichier = "{mis}" }}\n'
    (tmp_path / "config.toml").write_text(texte, encoding="utf-8")
    assert load(tmp_path / "config.toml", {"DS_JETON": mis}).demarches


@pytest.mark.parametrize(
    "arguments",
    [
        ["sync", "--config", JETON],
        ["sync", "--config", f"/tmp/{JETON}.toml"],
        ["plan", JETON],
        ["pause", "--raison", f"jeton={JETON}"],
        [JETON],
        [f"--{AUTRE}"],
        ["init", "--jeton-env", AUTRE],
    ],
)
def test_a_token_is_refused_on_the_command_line_before_anything_is_done(arguments, capsys, monkeypatch):
    monkeypatch.setenv("DS_JETON", AUTRE)
    assert cli.execute(arguments) == 2
    dit = capsys.readouterr()
    assert "un jeton ne se tape pas" in dit.err.lower()
    assert JETON[:48] not in dit.out + dit.err
    assert AUTRE not in dit.out + dit.err


def test_what_an_error_repeats_goes_without_the_token(capsys, monkeypatch):
    monkeypatch.setenv("DS_JETON", AUTRE)
    cli._wrong(f"« {AUTRE} » et {JETON} n’existent pas", f"voyez {AUTRE}")
    dit = capsys.readouterr().err
    assert dit.count("<masqué>") == 3
    assert JETON not in dit
    assert AUTRE not in dit


def test_a_long_name_is_no_token_and_stays_as_it_is():
    nom = "liste_des_communes_et_du_zonage_des_medecins_generalistes_2026-11-22_v2.csv"
    assert not jetons.montre(nom)
    assert jetons.masque(nom) == nom


def test_each_token_of_a_text_is_masked_and_what_surrounds_it_stays():
    assert jetons.masque(f"de {JETON} à x{JETON}==, fin") == "de <masqué> à x<masqué>, fin"


def test_a_megabyte_is_searched_in_no_time():
    debut = time.process_time()
    for texte in ("a" * 1_000_000, "a-" * 500_000, "t" * 100_000, " " * 1_000_000):
        assert not jetons.montre(texte)
    assert time.process_time() - debut < 15


# what is sent


@pytest.mark.parametrize("jeton", [JETON, AUTRE], ids=["par sa forme", "par ce qu’il est"])
@pytest.mark.parametrize(
    ("texte", "ligne"),
    [
        ("Bonjour,\n\nVoyez @@.\n", 3),
        ("Bonjour {# @@ #}\n", 1),
        ('Bonjour,\n{% set x = "@@" %}\nMerci.\n', 2),
        ("Bonjour,\n{% if points %}{% include 'suite.txt' %}{% endif %}\n", 2),
        ('Bonjour {{ "@1" }}{{ "@2" }}\n', 0),
    ],
    ids=["texte", "commentaire", "valeur", "inclus", "coupé"],
)
def test_a_token_in_a_template_is_refused_by_its_line_before_anything_is_sent(tmp_path, texte, ligne, jeton):
    (tmp_path / "suite.txt").write_text(f"Merci.\n{jeton}\n", encoding="utf-8")
    for joker, vrai in (("@@", jeton), ("@1", jeton[:10]), ("@2", jeton[10:])):
        texte = texte.replace(joker, vrai)
    (tmp_path / f"essai{SUFFIXE}").write_text(texte, encoding="utf-8")
    with pytest.raises(TemplateError, match="jeton") as refus:
        Modeles(tmp_path, connus=[AUTRE]).check()
    assert refus.value.line == ligne
    assert jeton[10:] not in str(refus.value)


@pytest.mark.parametrize("jeton", [JETON, AUTRE], ids=["par sa forme", "par ce qu’il est"])
def test_a_token_typed_in_a_dossier_stops_nothing_and_is_not_sent_back(tmp_path, jeton):
    (tmp_path / f"essai{SUFFIXE}").write_text("Il manque {{ points[0].phrase }}\n", encoding="utf-8")
    modeles = Modeles(tmp_path, connus=[AUTRE])
    modeles.check()
    contenu = replace(EXEMPLE, points=(Point(regle="cv", phrase=f"le CV ({jeton}).", source="note"),))
    assert modeles.render("essai", contenu) == "Il manque le CV (<masqué>)."


@pytest.mark.parametrize("jeton", [JETON, AUTRE], ids=["par sa forme", "par ce qu’il est"])
@pytest.mark.parametrize("ligne", ["100012;Non retenu;Voir @@;", "100012;@@;;", "@@;Retenu;;1", "Total;;@@;"])
def test_a_token_in_the_commission_s_list_is_refused_by_its_line(tmp_path, ligne, jeton):
    chemin = tmp_path / "liste.csv"
    texte = f"Dossier;Décision;Motivation;Rang\n100011;Retenu;;1\n{ligne.replace('@@', jeton)}\n"
    chemin.write_text(texte, encoding="utf-8")
    with pytest.raises(ListeRefusee) as refus:
        read_liste(chemin, connus=[AUTRE])
    (faute,) = refus.value.fautes
    assert faute.startswith("ligne 3")
    assert "jeton" in faute
    assert jeton not in str(refus.value)


def test_the_commission_s_list_is_read_with_the_token_in_use(tmp_path, monkeypatch):
    monkeypatch.setenv("UN_JETON", AUTRE)
    (tmp_path / "liste.csv").write_text(f"Dossier;Décision;Motivation\n100011;Refus;{AUTRE}\n", encoding="utf-8")
    settings = SimpleNamespace(
        decisions=SimpleNamespace(source=SourceDecisions.FICHIER),
        demarches=(),
        instance=Instance(jeton=Range(variable="UN_JETON")),
    )
    with pytest.raises(ListeRefusee, match="jeton"):
        commission.enregistrer(
            SimpleNamespace(settings=settings), tmp_path / "liste.csv", onglet="", now=datetime.now(UTC)
        )
