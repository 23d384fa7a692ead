from __future__ import annotations

import tomllib
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.config.francais import joined
from connector.config.positions import Positions

RACINE = Path(__file__).parents[2]

TOUT = '''# un commentaire = 1
a = 1 # suite
"clé à nous" = "x # pas un commentaire"
'brute' = 'C:\\dossier'
b.c = true
long = """
un
"deux" """
brut = \'\'\'
trois\'\'\'
liste = [
    1, # un
    [ "a", "b" ], { x = 1, y = { z = 2026-09-01 } },
]
vide = []
rien = {}

[t.u]
v = 07:32:00

[[r]]
cle = "premiere"
[r.si]
w = 1.5
[[r]]
cle = "seconde"
  [[r.n]]
  m = 1
  [[r.n]]
  m = 2 '''


def valeurs(contenu, chemin=()):
    match contenu:
        case dict():
            for cle, valeur in contenu.items():
                yield from valeurs(valeur, (*chemin, cle))
        case list():
            for rang, valeur in enumerate(contenu):
                yield from valeurs(valeur, (*chemin, rang))
        case _:
            yield joined("", *chemin), contenu


def relu(positions, chemin):
    etendue = positions.etendues[chemin]
    return tomllib.loads(f"x = {positions.texte[etendue.debut : etendue.fin]}")["x"]


def test_every_value_of_a_text_is_found_where_it_stands():
    for texte in (TOUT, (RACINE / "config.example.toml").read_text(encoding="utf-8")):
        positions = Positions.of(texte)
        trouvees = {chemin: relu(positions, chemin) for chemin, _ in valeurs(tomllib.loads(texte))}
        assert trouvees == dict(valeurs(tomllib.loads(texte)))


def test_the_line_of_a_path_is_its_own_or_that_of_what_could_hold_it():
    positions = Positions.of(TOUT)
    lignes = {
        "a": 2,
        "clé à nous": 3,
        "liste[1][1]": 13,
        "liste[2].y.z": 13,
        "t.u.v": 19,
        "t.u.absente": 18,
        "r[0].si.w": 24,
        "r[1]": 25,
        "r[1].n[1].m": 30,
        "rien.du.tout": 16,
        "absente": 0,
    }
    assert {chemin: positions.ligne(chemin) for chemin in lignes} == lignes


def test_a_shared_path_is_found_among_a_demarches_own_when_only_they_have_it():
    partage, propre = '[correspondance.champs]\na = "A"\n', '[demarches.correspondance.champs]\nb = "B"\na = "C"\n'
    texte = f"{partage}[[demarches]]\nnumero = 1\n{propre}"
    positions = Positions.of(texte)
    assert positions.ligne("correspondance.champs.b") == 6
    assert positions.ligne("correspondance.champs.a") == 2
    assert positions.ligne("demarches[0].correspondance.champs.a") == 7


def test_a_rule_is_found_by_its_key_as_well_as_by_its_rank():
    texte = '[[regles]]\ncle = "a"\nchamp = "x"\n[[demarches]]\n[[demarches.regles]]\ncle = "b"\nchamp = "y"\n'
    positions = Positions.of(texte)
    lignes = {"regles.a": 1, "regles.a.champ": 3, "regles.a.si.x": 1, "regles.b.champ": 7, "regles.c": 0}
    assert {chemin: positions.ligne(chemin) for chemin in lignes} == lignes


TEXTES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)
SCALAIRES = st.one_of(st.integers(-5, 5000), st.booleans(), st.dates(), TEXTES)


@settings(deadline=None)
@given(st.dictionaries(TEXTES, st.one_of(SCALAIRES, st.lists(SCALAIRES, max_size=3)), max_size=5))
def test_any_flat_table_is_walked(table):
    texte = "".join(f"{ecrit(cle)} = {ecrit(valeur)} # {ecrit(valeur)}\n" for cle, valeur in table.items())
    assert tomllib.loads(texte) == table
    positions = Positions.of(texte)
    for chemin, valeur in valeurs(table):
        assert relu(positions, chemin) == valeur or "." in chemin or "[" in chemin


def ecrit(valeur):
    match valeur:
        case bool():
            return str(valeur).lower()
        case str():
            return '"' + valeur.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case list():
            return "[ " + ", ".join(map(ecrit, valeur)) + " ]"
        case _:
            return str(valeur)
