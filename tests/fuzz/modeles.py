"""Templates that the operator writes: whatever they hold, tried in bounded time and room, or refused in words."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis.strategies import DrawFn

from connector.render import FILTRES, Modeles, variables
from tests.fuzz.harnais import RACINE, TEXTES, Cible, octets_alteres

NOTRES = {f.name.removesuffix(".txt.j2"): f.read_bytes() for f in sorted((RACINE / "templates").glob("*.txt.j2"))}


def lire(entree: bytes) -> None:
    """« name », then the text of that template."""
    nom, _, texte = entree.partition(b"\n")
    if nom.decode("latin-1") not in NOTRES:
        return
    with tempfile.TemporaryDirectory() as dossier:
        (Path(dossier) / f"{nom.decode()}.txt.j2").write_bytes(texte)
        Modeles(Path(dossier), RACINE / "templates").check()


NOMS = sorted({nom for modele in NOTRES for nom in variables(modele)})
VALEURS = st.one_of(
    st.sampled_from(
        [*NOMS, "self", "loop", "caller", "range", "lipsum", "cycler", "dict", "namespace", "True", "none", "x"]
    ),
    st.integers().map(str),
    st.sampled_from(["10**9", "'a'", "[]", "[1, 2]", "{}", "''.__class__", "10 ** 10 ** 8", "'a' * 10 ** 10", "1 / 0"]),
    TEXTES.filter(lambda texte: len(texte) < 100).map(repr),
)
METHODES = ["__class__", "__mro__", "format", "center", "replace", "join", "split", "zfill", "ljust", "mro", "gi_frame"]
FILTRES_VUS = [
    *(
        *FILTRES,
        "batch",
        "center",
        "indent",
        "join",
        "list",
        "map",
        "attr",
        "format",
        "replace",
        "round",
        "slice",
        "sum",
    ),
    *(
        "tojson",
        "truncate",
        "wordwrap",
        "xmlattr",
        "groupby",
        "sort",
        "unique",
        "random",
        "pprint",
        "safe",
        "int",
        "float",
    ),
]


@st.composite
def expressions(draw: DrawFn, profondeur: int = 3) -> str:
    """What may stand between two braces."""
    if not profondeur or draw(st.booleans()):
        return draw(VALEURS)
    gauche, droite = draw(expressions(profondeur - 1)), draw(expressions(profondeur - 1))
    return draw(
        st.sampled_from(
            [
                *(f"({gauche} {signe} {droite})" for signe in ("+", "*", "**", "%", "~", "//", "and", "in", "==", "<")),
                *(f"{gauche} | {filtre}" for filtre in FILTRES_VUS),
                *(f"{gauche} | {filtre}({droite})" for filtre in FILTRES_VUS),
                *(f"({gauche}).{methode}" for methode in METHODES),
                *(f"({gauche}).{methode}({droite})" for methode in METHODES),
                f"{gauche}[{droite}]",
                f"({gauche})({droite})",
                f"{gauche} if {droite} else {gauche}",
                f"{gauche} is {droite}",
            ]
        )
    )


@st.composite
def blocs(draw: DrawFn, profondeur: int = 3) -> str:
    """What a template is made of."""
    dedans = draw(blocs(profondeur - 1)) if profondeur and draw(st.booleans()) else draw(TEXTES)[:50]
    dit = draw(expressions())
    return draw(
        st.sampled_from(
            [
                "{{ " + dit + " }}",
                "{% if " + dit + " %}" + dedans + "{% endif %}",
                "{% for x in " + dit + " %}" + dedans + "{% endfor %}",
                "{% for x in range(99999) %}" + dedans + "{% endfor %}",
                "{% for x in " + dit + " recursive %}" + dedans + "{{ loop(" + dit + ") }}{% endfor %}",
                "{% set x = " + dit + " %}" + dedans * 3,
                "{% set x = 'aa' %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}",
                "{% set x %}" + dedans + "{% endset %}{{ x }}",
                "{% macro m(x) %}{{ m(x) }}" + dedans + "{% endmacro %}{{ m(" + dit + ") }}",
                "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
                "{% include '"
                + draw(st.sampled_from(["correction.txt.j2", "absent", "../../etc/passwd", ""]))
                + "' %}",
                "{% extends " + dit + " %}",
                "{% block a %}" + dedans + "{% endblock %}{{ self.a() }}",
                "{% call m() %}" + dedans + "{% endcall %}",
                "{% filter " + draw(st.sampled_from(FILTRES_VUS)) + " %}" + dedans + "{% endfilter %}",
                "{% raw %}" + dedans,
                "{# " + dedans,
                "{% " + dit + " %}",
                dedans,
            ]
        )
    )


ECRITS = st.lists(blocs(), min_size=1, max_size=3).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass"))
ALTERES = octets_alteres(list(NOTRES.values()))

CIBLES = (
    Cible(
        nom="essai",
        entrees=st.tuples(st.sampled_from(sorted(NOTRES)), ECRITS | ALTERES).map(
            lambda e: e[0].encode() + b"\n" + e[1]
        ),
        lire=lire,
    ),
)
