from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core import empreintes
from connector.core.courrier import MODELES, Faits
from connector.errors import TemplateError
from connector.render import EXEMPLE, EXEMPLES, SUFFIXE, VARIABLES, Modeles, Point, body, date_longue, exemples, pluriel

NOTRES = Path(__file__).parents[2] / "templates"

CORRECTION = (
    "Bonjour,\n"
    "\n"
    "Nous avons bien reçu votre dossier n°\u00a0123456 et nous vous en remercions. Pour que nous puissions l’examiner, "
    "il reste 2 points à compléter\u00a0:\n"
    "\n"
    "- le curriculum vitae du candidat n’est pas joint.\n"
    "- la convention n’est pas jointe.\n"
    "\n"
    "Vous pouvez modifier votre dossier en ligne dès maintenant\u00a0: complétez ces points, puis cliquez sur "
    "«\u00a0Déposer les modifications\u00a0», si possible avant le 1er février 2026. Nous ne voyons vos modifications "
    "qu’une fois déposées.\n"
    "\n"
    "Une question\u202f? Répondez-nous dans la messagerie de votre dossier ou écrivez à contact@ars.exemple.fr.\n"
    "\n"
    "Bien cordialement,\n"
    "L’équipe de l’ARS"
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def rendu(folder, source, contenu=EXEMPLE):
    (folder / f"essai{SUFFIXE}").write_text(source, encoding="utf-8")
    return Modeles(folder).render("essai", contenu)


def faute(folder, source) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        rendu(folder, source)
    return caught.value


# our own templates


def test_the_correction_request_says_what_is_missing_what_to_do_and_by_when():
    assert Modeles(NOTRES).render("correction", EXEMPLE) == CORRECTION


def test_a_single_point_is_told_in_the_singular_and_no_contact_leaves_no_hole():
    text = Modeles(NOTRES).render("correction", EXEMPLES[1])
    assert "il reste un point à compléter\u00a0:" in text
    assert "complétez ce point," in text
    assert "messagerie de votre dossier.\n" in text
    assert "points" not in text


@pytest.mark.parametrize("name", Modeles(NOTRES).names())
@pytest.mark.parametrize("rang", [0, 1], ids=["every fact", "the needed ones"])
def test_every_template_of_ours_is_well_typed(name, rang):
    text = Modeles(NOTRES).render(name, exemples(name)[rang])
    assert not any(blank + mark in text for blank in " \u00a0" for mark in ";!?"), "a narrow no-break space goes there"
    assert not any(blank + mark in text for blank in " \u202f" for mark in ":»"), "a no-break space goes there"
    assert "« " not in text
    assert "'" not in text, "a French apostrophe is curly"
    assert "\n\n\n" not in text
    assert not any(line != line.rstrip() for line in text.split("\n"))
    assert "  " not in text


def test_our_templates_are_rendered_before_anything_is_sent():
    Modeles(NOTRES).check()


# the operator's folder


def test_an_operator_s_template_wins_over_ours_and_the_others_stay(folder):
    (folder / f"correction{SUFFIXE}").write_text("Le nôtre.\n", encoding="utf-8")
    (folder / f"autre{SUFFIXE}").write_text("Un autre.", encoding="utf-8")
    (folder / "notes.txt").write_text("pas un modèle", encoding="utf-8")
    modeles = Modeles(folder, NOTRES)
    assert {*modeles.names()} == {"autre", *Modeles(NOTRES).names()}
    assert modeles.render("correction", EXEMPLE) == "Le nôtre."


def test_a_template_saved_by_a_windows_notepad_does_not_send_its_byte_order_mark(folder):
    (folder / f"essai{SUFFIXE}").write_bytes(b"\xef\xbb\xbfBonjour\r\n{{ signature }}\r\n")
    assert Modeles(folder).render("essai", EXEMPLE) == "Bonjour\nL’équipe de l’ARS"


def test_a_template_may_use_every_variable_that_an_operator_is_told_of(folder):
    source = "{% for point in points %}" + "".join(f"{{{{ {name} }}}}" for name in VARIABLES) + "{% endfor %}"
    assert "cahier des charges" in rendu(folder, source)


def test_all_is_tried_before_sending_the_one_point_branch_included(folder):
    (folder / f"essai{SUFFIXE}").write_text("{{ points[1].regle if contact else oubli }}", encoding="utf-8")
    with pytest.raises(TemplateError, match="oubli"):
        Modeles(folder).check()


def test_all_is_tried_before_sending_as_many_points_as_there_may_be_included(folder):
    source = "{% for p in points %}{% for q in points %}{% if p.regle == q.regle %}.{% endif %}{% endfor %}{% endfor %}"
    assert rendu(folder, source)
    with pytest.raises(TemplateError, match="trop de tours"):
        Modeles(folder).check()


# what a template can do wrong


def test_an_unknown_variable_is_named_with_its_line_and_the_likely_one(folder):
    error = faute(folder, "Bonjour,\n\n{{ signatur }}")
    assert (error.template, error.line) == (f"essai{SUFFIXE}", 3)
    assert str(error) == "modèle essai.txt.j2, ligne 3 : « signatur » est inconnu ; vouliez-vous dire « signature » ?"


def test_an_unknown_attribute_is_named_too(folder):
    assert "« numro » est inconnu ; vouliez-vous dire « numero » ?" in str(faute(folder, "{{ dossier.numro }}"))


def test_a_variable_that_looks_like_nothing_is_answered_with_all_there_are(folder):
    message = str(faute(folder, "{{ zzz }}"))
    assert "« zzz » est inconnu ; on peut utiliser : dossier.numero" in message
    assert message.endswith("signature.")


def test_a_name_that_jinja_does_not_quote_does_not_break_the_answer(folder):
    assert "un élément demandé n’existe pas" in str(faute(folder, "{{ points[7].phrase }}"))


def test_a_template_that_does_not_parse_is_told_with_its_line(folder):
    error = faute(folder, "a\n{% if %}\n")
    assert error.line == 2
    assert "erreur d’écriture" in str(error)


@pytest.mark.parametrize(
    ("source", "dit"),
    [
        ("{{ echeance | date_long }}", "le filtre « date_long » est inconnu"),
        ("{{ contact is bidule }}", "le test « bidule » est inconnu"),
        ("{{ contact", "il manque « }} » ou « %} » à la fin"),
        ("{% if contact %}x", "« {% if %} » n’est pas fermé : il manque « {% endif %} »"),
        ("{% for p in points %}x{% endif %}", "« {% for %} » n’est pas fermé : il manque « {% endfor %} »"),
        ("{% fin %}", "la balise « fin » est inconnue, ou ne ferme rien"),
        ("{% endif %}", "la balise « endif » est inconnue, ou ne ferme rien"),
        ("{{ contact contact }}", "« contact » n’a pas sa place ici"),
        ("{% if %}x{% endif %}", "« %} » n’a pas sa place ici"),
        ("{{ 'a }}", "« ' » n’a pas sa place ici"),
        ("{# oubli", "un commentaire « {# » n’est pas fermé"),
        ("{% set 1 = 2 %}x", "écriture non comprise"),
        ("{{ 2 // 0 }}", "calcul impossible (division par zéro)"),
        ("{{ contact.__class__ }}", "écriture interdite dans un modèle"),
    ],
)
def test_what_jinja_says_in_english_is_said_in_french(folder, source, dit):
    assert dit in str(faute(folder, source)).replace("\u00a0", " ").replace("\u202f", " ")


def test_a_template_that_is_not_there_is_named():
    with pytest.raises(TemplateError, match=r"rien\.txt\.j2 : ce modèle est introuvable"):
        Modeles(NOTRES).render("rien", EXEMPLE)


def test_an_included_template_that_is_not_there_is_the_one_named(folder):
    assert faute(folder, "{% include 'pied.txt.j2' %}").template == "pied.txt.j2"


def test_a_template_that_includes_itself_is_told_apart(folder):
    assert "s’inclut lui-même" in str(faute(folder, "{% include 'essai.txt.j2' %}"))


def test_a_file_that_is_not_utf_8_is_told_apart(folder):
    (folder / f"essai{SUFFIXE}").write_bytes("Bonjour, à compléter".encode("cp1252"))
    with pytest.raises(TemplateError, match="UTF-8"):
        Modeles(folder).render("essai", EXEMPLE)


def test_a_file_that_cannot_be_read_is_told_apart(folder, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    (folder / f"essai{SUFFIXE}").write_text("Bonjour", encoding="utf-8")
    monkeypatch.setattr("jinja2.loaders.open", refuse, raising=False)
    with pytest.raises(TemplateError, match=r"lecture impossible \(Permission denied\)"):
        Modeles(folder).render("essai", EXEMPLE)


@pytest.mark.parametrize("source", ["{{ 1 // 0 }}", "{{ 'a' + 1 }}", "{{ [] | first | int('x', 'y') }}", "{{ [][0] }}"])
def test_a_calculation_that_fails_is_told_and_no_traceback_shown(folder, source):
    error = faute(folder, source)
    assert "calcul impossible" in str(error) or "un élément demandé n’existe pas" in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.parametrize("source", ["", " \n ", "{% if false %}x{% endif %}"])
def test_a_message_that_would_be_empty_is_refused(folder, source):
    assert "le message serait vide" in str(faute(folder, source))


# the sandbox


@pytest.mark.parametrize(
    "source",
    [
        "{{ dossier.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ points.__len__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.system('true') }}",
    ],
)
def test_a_template_cannot_reach_out_of_its_box(folder, source):
    assert "interdite" in str(faute(folder, source)) or "est inconnu" in str(faute(folder, source))


def test_what_an_applicant_typed_is_never_read_as_a_template(folder):
    points = (Point(regle="x", phrase="{{ 7 * 7 }} {% raise %}", source="s"),)
    assert rendu(folder, "{{ points[0].phrase }}", replace(EXEMPLE, points=points)) == "{{ 7 * 7 }} {% raise %}"


def test_what_an_applicant_typed_is_sent_as_is_for_ds_escapes_it(folder):
    points = (Point(regle="x", phrase="<b>l'été & l’hiver</b>", source="s"),)
    assert rendu(folder, "{{ points[0].phrase }}", replace(EXEMPLE, points=points)) == "<b>l'été & l’hiver</b>"


# dates and references


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 2, 1), "1er février 2026"),
        (date(2026, 8, 21), "21 août 2026"),
        (date(2026, 12, 31), "31 décembre 2026"),
    ],
)
def test_a_date_is_told_in_words(day, told):
    assert date_longue(day) == told


def test_a_message_ends_with_the_line_by_which_it_is_recognised():
    text = body("Bonjour", "123-0123456789")
    assert text == "Bonjour\n\nRéf.\u00a0: 123-0123456789"
    assert empreintes.reference_in(text) == "123-0123456789"


@given(st.text())
def test_no_phrase_can_hide_or_forge_the_reference(phrase):
    points = (Point(regle="x", phrase=phrase, source="s"), Point(regle="y", phrase="Réf. : 1-AAAAAAAAAA", source="s"))
    text = Modeles(NOTRES).render("correction", replace(EXEMPLE, points=points))
    assert empreintes.reference_in(body(text, "123-0123456789")) == "123-0123456789"


# facts and figures


def test_a_template_sees_the_facts_that_it_declares_and_no_others(folder):
    dits = "{{ motif }} {{ voies_recours }} {{ signataire }} {{ mention_algorithmique }} {{ complement }}"
    (folder / f"refus{SUFFIXE}").write_text(dits + "{% if poste %} {{ poste.promotion }}{% endif %}", "utf-8")
    assert Modeles(folder).render("refus", exemples("refus")[0]).startswith("Le lieu d’exercice")
    Modeles(folder).check()
    (folder / f"refus{SUFFIXE}").write_text("{{ motif }} {{ rang }}", encoding="utf-8")
    with pytest.raises(TemplateError, match="« rang » est inconnu"):
        Modeles(folder).check()


@pytest.mark.parametrize("fait", MODELES["refus"].exige)
def test_a_refusal_is_not_written_without_what_it_needs(folder, fait):
    (folder / f"refus{SUFFIXE}").write_text("Non.", encoding="utf-8")
    complet = exemples("refus")[0]
    with pytest.raises(TemplateError, match=f"il manque de quoi l’écrire : {fait}"):
        Modeles(folder).render("refus", replace(complet, faits=replace(complet.faits, **{fait: ""})))


@pytest.mark.parametrize("nom", ["refus", "sans_suite", "accord"])
def test_an_operator_s_decision_cannot_leave_out_what_the_law_wants_said(folder, nom):
    (folder / f"{nom}{SUFFIXE}").write_text("Votre candidature a été examinée.", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"il doit dire, mot pour mot : .*signataire, mention_algorithmique"):
        Modeles(folder).check()


def test_a_template_s_second_sample_has_nothing_but_what_it_cannot_do_without():
    _, strict = exemples("refus")
    assert (strict.faits.motif != "", strict.faits.complement, strict.faits.poste) == (True, "", None)
    assert exemples("correction")[1].faits == Faits()


def test_euros_numbers_and_plurals_are_french(folder):
    montants = "{{ poste.part_ars | euros }} ; {{ poste.prime | euros }}"
    (folder / f"fin{SUFFIXE}").write_text(
        montants + " ; {{ 1.5 | nombre }} ; {{ 0 | pluriel('mois', 'mois') }}", encoding="utf-8"
    )
    text = Modeles(folder).render("fin", exemples("fin")[0])
    assert text == "45\u202f265,92\u00a0€\u202f; 1\u202f000\u00a0€\u202f; 1,5\u202f; 0 mois"
    assert [pluriel(n, "point") for n in (0, 1, 2)] == ["0 point", "1 point", "2 points"]
