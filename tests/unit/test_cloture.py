"""A template can neither reach out of its box, nor last, nor swell: what a message needs, and nothing else."""

from __future__ import annotations

import time

import pytest

from connector.cloture import LONGUEUR
from connector.errors import TemplateError
from connector.render import EXEMPLE, SUFFIXE, Modeles


@pytest.fixture
def rendu(tmp_path):
    def rend(source, **autres):
        for nom, texte in {"essai": source, **autres}.items():
            (tmp_path / f"{nom}{SUFFIXE}").write_text(texte, encoding="utf-8")
        return Modeles(tmp_path).render("essai", EXEMPLE)

    return rend


@pytest.mark.parametrize(
    ("source", "attendu"),
    [
        ("{% for p in points %}{{ loop.index }}{% if not loop.last %}, {% endif %}{% endfor %}", "1, 2"),
        ("{{ points | map(attribute='regle') | join(', ') }}", "cv, convention"),
        ("{% set n = points | length %}{{ n * 2 + 1 }}", "5"),
        ("{{ 'oui' if points[0].regle in ('cv', 'rpps') else 'non' }}", "oui"),
        ("{{ contact ~ ' !' if contact is string else '' }}", "contact@ars.exemple.fr\u202f!"),
        ("{{ points[:1] | length }}{{ -3 | abs }}{{ signature | upper | truncate(3, true, '') }}", "13L’É"),
        ("{% with x = 'a' %}{{ x }}{% endwith %}", "a"),
        ("{% include 'pied.txt.j2' %}", "au pied"),
    ],
)
def test_what_a_message_needs_is_allowed(rendu, source, attendu):
    assert rendu(source, pied="au pied") == attendu


@pytest.mark.parametrize(
    "source",
    [
        "{% macro m(n) %}{{ n }}{% endmacro %}x",
        "{{ points.append(1) }}",
        "{{ range(9) }}",
        "{% set x %}a{% endset %}x",
        "{% filter upper %}a{% endfilter %}",
        "{% block a %}a{% endblock %}",
        "{% extends 'pied.txt.j2' %}",
        "{% import 'pied.txt.j2' as p %}x",
        "{% include ['pied.txt.j2'] %}",
        "{% include ('pied.txt.j2', 'essai.txt.j2') %}",
        "{% set nom = 'pied.txt.j2' %}{% include nom %}",
        "{{ [points] }}",
        "{{ ((points,),) }}",
        "{{ {'a': 1} }}",
        "{{ 9 ** 9 }}",
        "{{ 'a' % 9 }}",
    ],
)
def test_the_rest_is_refused_with_its_line_before_anything_is_sent(rendu, source):
    with pytest.raises(TemplateError, match="interdite") as refus:
        rendu(f"Bonjour\n{source}", pied="au pied")
    assert refus.value.line == 2


@pytest.mark.parametrize(
    "filtre", ["center(99999999)", "batch(9)", "replace('a', 'b')", "attr('x')", "tojson", "pprint"]
)
def test_a_filter_that_lengthens_what_it_is_given_does_not_exist(rendu, filtre):
    with pytest.raises(TemplateError, match="erreur d’écriture"):
        rendu("{{ signature | " + filtre + " }}")


@pytest.mark.parametrize(
    ("source", "dit"),
    [
        (
            "{% for p in points %}" * 12
            + "."
            + "{% endfor %}" * 12
            + "{% for p in points %}" * 12
            + "{% endfor %}" * 12,
            "tours",
        ),
        ("{% include 'pied.txt.j2' %}", "tours|s’inclut"),
        ("{% set x = 'aa' %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}", "démesuré"),
        ("{% set x = 'aa' %}" + "{% set x = x + x %}" * 40 + "{{ x }}", "démesuré"),
        ("{% set x = signature %}" + "{% set x = [1, 2] | map('default', x) | join %}" * 2 + "{{ x }}", ""),
        ("{{ 'a' * 9999999999 }}", "multiplient"),
        ("{{ (1, 2) * 9999999999 }}", "multiplient"),
        ("{% set n = 99999 %}" + "{% set n = n * n %}" * 40 + "{{ n }}", "démesuré"),
        ("{% set t = 'a' * 1 %}{{ t }}", "multiplient"),
        ("{% for p in points %}" * 25 + "." + "{% endfor %}" * 25, ""),
    ],
)
def test_neither_time_nor_room_is_taken_by_one_that_would_never_end(rendu, source, dit):
    debut = time.process_time()
    try:
        said = rendu(source, pied="{% include 'pied.txt.j2' %}{% include 'pied.txt.j2' %}")
    except TemplateError as error:
        said = str(error)
    assert time.process_time() - debut < 5
    assert len(said) <= LONGUEUR
    assert not dit or any(mot in said for mot in dit.split("|")), said


COUTEUX = "{% set x = '" + "ab" * 500 + "' %}" + "{% set x = x ~ x %}" * 5
"""A text nearly as long as any may be."""


@pytest.mark.parametrize(
    ("source", "dit"),
    [
        ("{{ " + "contact" + ".a" * 600 + " }}", "les uns dans les autres"),
        ("{{ " + "(" * 300 + "contact" + ")" * 300 + " }}", "les uns dans les autres"),
        ("{{ " + "not " * 400 + "contact }}", "les uns dans les autres"),
        ("{% if contact %}" * 40 + "{% endif %}" * 40, "les uns dans les autres"),
        ("{% for p in points %}" * 40 + "{% endfor %}" * 40, "les uns dans les autres"),
        ("{{ contact ~ contact }}" * 900, "raccourcissez ce modèle"),
        ("{% for p in points %}{% include 'long.txt.j2' %}{% endfor %}" * 40, "raccourcissez-le"),
        ("{% include 'lourd.txt.j2' %}" * 500, "inclusions"),
        ("{% for p in points %}" * 8 + "{% include 'lourd.txt.j2' %}" + "{% endfor %}" * 8, "inclusions"),
        ("{% for p in points %}" * 9 + "{% if contact %}{% endif %}" * 500 + "{% endfor %}" * 9, "tours"),
        (COUTEUX + "{% if x | sort %}{% endif %}" * 500, "tours"),
        (COUTEUX + "{% if x" + " | map('upper')" * 20 + " | list %}{% endif %}", "tours"),
        (COUTEUX + "{% for c in x | map('upper') %}{% endfor %}", "tours"),
    ],
)
def test_whatever_lasts_is_refused_soon_with_what_to_change(rendu, source, dit):
    debut = time.process_time()
    with pytest.raises(TemplateError, match=dit):
        rendu(source, long="a" * 10_000, lourd="{% if contact %}{% endif %}" * 500)
    assert time.process_time() - debut < 5


def test_a_join_is_measured_before_it_is_made(rendu):
    texte = "a" * 9_000
    with pytest.raises(TemplateError, match="démesuré"):
        rendu("{{ points | map(attribute='regle') | join('" + texte + "') | join('" + texte[:9] + "') }}")


def test_each_message_has_its_own_count(tmp_path):
    (tmp_path / f"essai{SUFFIXE}").write_text(
        "{% for p in points %}" * 11 + "a" + "{% endfor %}" * 11, encoding="utf-8"
    )
    modeles = Modeles(tmp_path)
    assert [len(modeles.render("essai", EXEMPLE)) for _ in range(3)] == [2**11] * 3
