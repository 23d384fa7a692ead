"""What a person reads, and what a program reads of the same."""

from __future__ import annotations

import io
import json
import re
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector import cli_commun, presentation
from connector.core.constat import AvisPropose, Constat, Effet, Source, Statut
from connector.core.decide import Plan
from connector.core.evaluation import Proposition
from connector.core.examen_piece import Attente
from connector.core.justification import Justification
from connector.core.model import Label
from connector.core.plan import (
    AjouterLabel,
    ChangerEtat,
    CleAnnotation,
    EcrireAnnotations,
    Ecriture,
    EnvoyerMessage,
    EtatIntention,
    Intention,
    SupprimerLabel,
    Transition,
)
from tests.fakes import un_dossier

LE_22 = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
MESSAGE = EnvoyerMessage(
    template="correction", reference="7-AB", body="Bonjour,\n\nUne pièce manque.", correction="incomplete"
)
ANNOTATIONS = EcrireAnnotations(
    ecritures=(
        Ecriture(id="A", label="Statut de la prime", cle=CleAnnotation.DROP_DOWN_LIST, value="Due"),
        Ecriture(id="B", label="Contrôlé le", cle=CleAnnotation.DATE, value=date(2026, 11, 22)),
        Ecriture(id="C", label="Prime", cle=CleAnnotation.DECIMAL_NUMBER, value=Decimal("1000.5")),
        Ecriture(id="D", label="Vu", cle=CleAnnotation.CHECKBOX, value=True),
        Ecriture(id="E", label="Zones", cle=CleAnnotation.MULTIPLE_DROP_DOWN_LIST, value=("ZIP", "ZAC")),
    )
)
ACTIONS = (
    ANNOTATIONS,
    MESSAGE,
    ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION, disable_notification=True),
    AjouterLabel(label=Label(id="L", name="Complet")),
    SupprimerLabel(label=Label(id="M", name="Pièce manquante")),
)


def constat(statut, regle="r", phrase="Un point."):
    return Constat(
        regle=regle,
        statut=statut,
        effet=Effet.BLOQUANT,
        phrase=phrase,
        source=Source(texte="Cahier, § 1", opposable=False),
        avis=AvisPropose.A_COMPLETER,
    )


def proposition(avis=AvisPropose.FAVORABLE, constats=()):
    return Proposition(avis=avis, synthese="SYNTHÈSE", points=(), constats=constats)


def intention(kind, cible, *, state=EtatIntention.DONE, sent_at=LE_22):
    return Intention(demarche=1, dossier=7, kind=kind, fingerprint="f", cible=cible, state=state, sent_at=sent_at)


FAITS = (
    intention("message", ("7-AB", "digest", "correction")),
    intention("message", ("7-CD", "digest"), state=EtatIntention.UNKNOWN),
    intention("etat", (Transition.PASSER_EN_INSTRUCTION.value,)),
    intention("annotations", ("A=1",)),
    intention("message", ("7-EF", "digest"), state=EtatIntention.REJECTED),
    intention("message", ("7-GH", "digest"), sent_at=None),
)


def plain(lines):
    return " ".join("\n".join(lines).split())


# dates and counts


def test_an_instant_reads_as_people_say_it_at_the_hour_of_france():
    assert presentation.moment(LE_22).replace("\u00a0", " ") == "22 novembre 2026 à 14 h 05"
    assert presentation.moment(datetime(2026, 5, 1, 7, 0, tzinfo=UTC)).replace("\u00a0", " ") == "1er mai 2026 à 9 h 00"


@pytest.mark.parametrize(
    ("nombre", "etat", "archive", "dit"),
    [
        (1, "accepte", False, "1 accepté"),
        (4, "accepte", True, "4 acceptés, archivés"),
        (2, "sans_suite", False, "2 classés sans suite"),
        (3, "en_construction", False, "3 en construction"),
    ],
)
def test_dossiers_are_counted_in_french(nombre, etat, archive, dit):
    assert presentation.compte(nombre, etat, archive=archive) == dit


# what doctor found


def test_what_doctor_found_is_told_line_by_line_without_colours_outside_a_terminal():
    out = io.StringIO()
    presentation.examens(out, [("OK", "Base", "saine.", ""), ("erreur", "Jeton", "expiré.", "Renouvelez-le.")])
    assert out.getvalue().splitlines() == [
        "OK           Base\u00a0: saine.",
        "erreur       Jeton\u00a0: expiré.",
        "             → Renouvelez-le.",
    ]


# explain


def test_what_is_wrong_comes_before_what_is_in_order():
    lines = presentation.constats_par_statut(
        [constat(Statut.OK, "cv"), constat(Statut.SANS_OBJET, "report"), constat(Statut.KO, "zone")]
    )
    assert [line for line in lines if line.endswith(" :")] == [
        "Ce qui ne va pas (1) :",
        "En ordre (1) :",
        "Sans objet ici (1) :",
    ]
    assert "règle « zone » ; source : Cahier, § 1, texte non opposable" in plain(lines)


def test_a_figure_comes_with_how_it_was_made_and_its_text():
    prime = Justification(libelle="Prime", texte="1 000 €", details=("5 demi-journées.",), sources=("Arrêté", "Cahier"))
    lines = presentation.chiffres_lines((prime, Justification(libelle="Statut", texte="Due")), "")
    assert lines[2:] == [
        "  Prime : 1 000 €",
        "      5 demi-journées.",
        "      source : Arrêté ; Cahier",
        "  Statut : Due",
    ]
    refuse = presentation.chiffres_lines(
        (prime, Justification(libelle="Statut", texte="Due")), "", AvisPropose.DEFAVORABLE
    )
    assert refuse[-1] == "  Statut : Due (si le poste était accordé)"
    assert presentation.chiffres_lines((), "la démarche a changé.") == ["", "Chiffres : la démarche a changé."]
    assert presentation.chiffres_lines((), "") == []


# what already went out


def test_what_already_went_out_is_told_with_its_date():
    told = plain(presentation.faits_lines(FAITS))
    assert "le 22 novembre 2026 à 14 h 05 : demande de correction envoyée à l’usager (référence 7-AB)" in told
    assert "message envoyé à l’usager (référence 7-CD) (réponse de DS attendue)" in told
    assert "22 novembre 2026 à 14 h 05 : passé en instruction" in told
    assert "annotations écrites, la dernière fois le 22 novembre 2026" in told
    assert "7-EF" not in told
    assert "7-GH" not in told
    assert presentation.faits_lines(FAITS[-2:]) == []
    assert [fait["cible"] for fait in presentation.faits_json(FAITS)] == ["7-AB", "7-CD", "passer_en_instruction", ""]


# plan


def test_a_plan_says_what_went_out_then_what_would():
    plan = Plan(dossier=7, actions=ACTIONS, retenues=("Retenu.",), conflits=("Zone",), en_attente=(ACTIONS[2],))
    told = presentation.plan_text(un_dossier(7), proposition(), plan, None, FAITS)
    assert told.index("Déjà fait") < told.index("→ annotations") < told.index("→ demande de correction")
    for words in (
        "Prime : 1 000,5",
        "Vu : oui",
        "Zones : ZIP, ZAC",
        "Contrôlé le : 22/11/2026",
        "⏸ Retenu.",
        "✎ « Zone »",
    ):
        assert words in plain([told])


@pytest.mark.parametrize("avis", [AvisPropose.DEFAVORABLE, AvisPropose.REORIENTATION])
def test_a_prime_due_is_conditional_beside_an_opinion_that_gives_no_post(avis):
    plan = Plan(dossier=7, actions=(ANNOTATIONS,))
    told = presentation.plan_text(un_dossier(7), proposition(avis), plan)
    assert "Statut de la prime : Due (si le poste était accordé)" in plain([told])
    assert "si le poste" not in presentation.plan_text(un_dossier(7), proposition(), plan)


def test_an_annotation_to_be_emptied_is_said_so():
    vide = replace(ANNOTATIONS.ecritures[0], label="Message proposé", value="")
    write = replace(ANNOTATIONS, ecritures=(vide,))
    assert presentation.action_lines(write) == ["annotations :", "Message proposé : (vide)"]


def test_a_message_held_back_is_read_in_full():
    plan = Plan(dossier=7, retenues=("Demande de correction retenue.",))
    assert "│ Une pièce manque." in presentation.plan_text(un_dossier(7), proposition(), plan, MESSAGE)
    assert presentation.plan_json(un_dossier(7), proposition(), plan, MESSAGE)["en_attente"][0]["texte"] == MESSAGE.body


def test_a_program_reads_the_same_plan():
    plan = Plan(dossier=7, actions=ACTIONS, conflits=("Zone",))
    found = json.loads(json.dumps(presentation.plan_json(un_dossier(7), proposition(), plan, MESSAGE, FAITS)))
    assert [a["quoi"] for a in found["actions"]] == ["annotations", "message", "etat", "ajout_label", "retrait_label"]
    assert found["actions"][0]["valeurs"] == {
        "Statut de la prime": "Due",
        "Contrôlé le": "2026-11-22",
        "Prime": "1000.5",
        "Vu": True,
        "Zones": ["ZIP", "ZAC"],
    }
    assert found["actions"][1]["correction"] == "incomplete"
    assert found["actions"][2] == {"quoi": "etat", "transition": "passer_en_instruction", "notifier": False}
    assert (found["dossier"], found["avis"], found["conflits"]) == (7, "Favorable", ["Zone"])
    assert len(found["deja_fait"]) == 4


def test_pieces_that_nobody_looked_into_yet_are_said_with_their_hour_and_nothing_where_none_waits():
    reprise = datetime(2026, 1, 8, 13, 59, tzinfo=UTC)
    seule, deux = (Attente(nombre=nombre, reprise=reprise) for nombre in (1, 2))
    (_, dit) = presentation.pieces_lines(deux)
    assert dit.startswith("2\u00a0pièces pas encore examinées ; au plus tôt le ")
    assert presentation.pieces_lines(seule)[1].startswith("1\u00a0pièce pas encore examinée ;")
    assert presentation.pieces_lines(None) == []
    assert presentation.pieces_json(deux) == {"nombre": 2, "reprise": "2026-01-08T14:59:00+01:00"}
    assert presentation.pieces_json(None) is None


# another configuration


def test_a_difference_names_the_rules_that_make_it():
    avant = proposition(constats=(constat(Statut.OK, "zone"), constat(Statut.OK, "cv")))
    apres = proposition(AvisPropose.DEFAVORABLE, (constat(Statut.KO, "zone"), constat(Statut.OK, "cv")))
    found = presentation.difference_json(7, avant, apres)
    assert found["avis"] == {"avant": "Favorable", "apres": "Défavorable"}
    assert [c["regle"] for c in found["constats"]] == ["zone"]
    disparue = presentation.difference_json(7, avant, replace(apres, constats=(constat(Statut.OK, "cv"),)))
    assert disparue["constats"][0]["apres"] is None


# how far things are


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("done", "total", "seconds", "dit"),
    [
        (0, 0, 9.0, "0 dossier"),
        (50, 0, 0.2, "50 dossiers"),
        (1500, 5000, 30.0, "1 500 dossiers sur 5 000, 50 par seconde, encore 1 min 10 s"),
        (30, 100, 60.0, "30 dossiers sur 100, 30 par minute, encore 2 min 20 s"),
        (100, 100, 10.0, "100 dossiers sur 100, 10 par seconde"),
    ],
)
def test_the_pace_says_what_is_known_and_nothing_more(done, total, seconds, dit):
    assert " ".join(presentation.allure(done, total, seconds).split()) == dit


@pytest.mark.parametrize(("seconds", "dit"), [(12.4, "12 s"), (83, "1 min 23 s"), (7500, "2 h 05")])
def test_a_duration_reads_as_people_say_it(seconds, dit):
    assert presentation.duree(seconds) == dit


def test_outside_a_terminal_a_line_now_and_then_says_how_far_it_is():
    out = io.StringIO()
    with presentation.progress(out) as tell:
        for done in (100, 499, 500, 700, 1200):
            tell("lecture", done, 0)
        tell("écriture", 3, 10)
    assert [
        line.partition(",")[0].replace("\u202f", " ").replace("\u00a0", " ") for line in out.getvalue().splitlines()
    ] == [
        "lecture : 500 dossiers",
        "lecture : 1 200 dossiers",
    ]


def test_in_a_terminal_a_live_line_that_leaves_nothing_behind(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Terminal()
    with presentation.progress(out) as tell:
        tell("lecture", 10, 20)
        tell("lecture", 20, 20)
    assert "Lecture" in out.getvalue()
    assert "20 dossiers sur 20" in " ".join(out.getvalue().split())


def test_a_table_is_plain_lines_outside_a_terminal_and_colours_nothing_under_no_color(monkeypatch):
    rows = (("1", "un"), ("2", "deux\nlignes"))
    plain_out, terminal = io.StringIO(), Terminal()
    presentation.table(plain_out, "Titre", ("N", "Mot"), rows)
    assert plain_out.getvalue().splitlines() == ["Titre", "N | Mot", "1 | un", "2 | deux lignes"]
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    presentation.table(terminal, "Titre", ("N", "Mot"), rows)
    presentation.examens(terminal, [("erreur", "Jeton", "expiré.", "Renouvelez-le.")])
    assert "deux" in terminal.getvalue()
    assert not re.search(r"\x1b\[[\d;]*(3\d|4\d)", terminal.getvalue())  # no colour of any kind
    monkeypatch.delenv("NO_COLOR")
    presentation.examens(terminal, [("erreur", "Jeton", "expiré.", "Renouvelez-le.")])
    assert "\x1b[1;31m" in terminal.getvalue()


def un_texte(label, value):
    return EcrireAnnotations(ecritures=(Ecriture(id="P", label=label, cle=CleAnnotation.TEXT, value=value),))


def test_a_proposed_message_is_shown_once_and_readable():
    """Held back, then written in « Message proposé »: its words are read once, line by line."""
    plan = Plan(
        dossier=100,
        actions=(un_texte("Message proposé", MESSAGE.body),),
        retenues=("Demande de correction retenue : le mode n’est pas « agir ».",),
    )
    told = presentation.plan_text(un_dossier(), proposition(), plan, MESSAGE)
    assert told.count("Une pièce manque.") == 1
    assert "Message proposé : le message, tel quel" in plain([told])
    assert "⏎" not in told
    assert "    │ Une pièce manque." in told


def test_a_decision_prepared_in_an_annotation_is_named_and_not_repeated():
    refus = ChangerEtat(transition=Transition.REFUSER, motivation="Hors zone.\nVoies de recours.", decision="d")
    plan = Plan(dossier=100, actions=(un_texte("Motivation proposée", refus.motivation), refus))
    told = presentation.plan_text(un_dossier(), proposition(), plan)
    assert told.count("Hors zone.") == 1
    assert "Motivation proposée : la motivation, telle quelle" in plain([told])


def test_an_annotation_of_several_lines_keeps_them():
    told = presentation.action_lines(un_texte("Points à vérifier", "• Un.\n• Deux."))
    assert told == ["annotations :", "Points à vérifier :", "  │ • Un.", "  │ • Deux."]


def test_in_a_terminal_no_word_is_cut_and_what_follows_is_set_back(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    long = "  • Le zonage des médecins de votre région n’est pas encore importé ici."
    assert presentation.folded(f"Court.\n{long}").split("\n") == [
        "Court.",
        "  • Le zonage des médecins de votre",
        "    région n’est pas encore importé ici.",
    ]
    adresse = "http://127.0.0.1:8042/api/v2/graphql-et-bien-plus-long"
    assert adresse in presentation.folded(f"Voyez {adresse} pour la suite.")


class Ecran(io.StringIO):
    """A terminal of forty columns."""

    def isatty(self):
        return True


def test_in_a_terminal_what_doctor_found_stays_in_its_column(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "dumb")
    ecran = Ecran()
    presentation.examens(ecran, [("erreur", "Jeton", "le jeton a expiré hier soir.", "Créez-en un autre dans DS.")])
    assert plain([ecran.getvalue()]) == "erreur Jeton : le jeton a expiré hier soir. → Créez-en un autre dans DS."
    lines = ecran.getvalue().splitlines()
    assert all(len(line) <= 40 for line in lines)
    assert all(line.startswith(" " * 13) for line in lines[1:])


def test_what_a_command_says_in_a_terminal_is_folded(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("sys.stderr", Ecran())
    cli_commun.say("Le connecteur relit chaque candidature déposée sur Démarches simplifiées.")
    assert "candidature déposée\n  sur" in sys.stderr.getvalue() or sys.stderr.getvalue().count("\n") == 2
