from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from connector.core.fiche import Parties, Retenue, parties, retain
from connector.core.model import (
    Avis,
    Correction,
    Demandeur,
    DossierState,
    Groupe,
    Ligne,
    Lignes,
    Traitement,
    VirusScan,
)
from tests.fakes import (
    AGENT,
    COMPLET,
    CV,
    DEPART,
    DOUTE,
    GROUPE,
    NOTE,
    SPECIALITE,
    SYNTHESE,
    un_champ,
    un_dossier,
    un_message,
    une_piece,
)

RETENUE = Retenue(
    champs=frozenset({SPECIALITE, CV}), annotations=frozenset({SYNTHESE, NOTE}), siennes=frozenset({SYNTHESE})
)
PLUS_TARD = DEPART + timedelta(days=1)


def changed(**changes: object) -> set[str]:
    """The parts whose digest those changes move."""
    before, after = retain(un_dossier(), RETENUE).parties, retain(un_dossier(**changes), RETENUE).parties
    return {name for name in Parties.__dataclass_fields__ if getattr(before, name) != getattr(after, name)}


def avec(champs, id_, value):
    """The same champs, one of them holding another value, dated later."""
    return tuple(replace(c, value=value, updated_at=PLUS_TARD) if c.id == id_ else c for c in champs)


def une_repetition(*rows: dict[str, object]) -> tuple:
    """A repetition whose rows hold those values."""
    lignes = tuple(
        Ligne(
            id=f"L{i}",
            champs=tuple(replace(un_champ(k, v), id=f"{k}|{i}", descriptor_id=k) for k, v in row.items()),
        )
        for i, row in enumerate(rows)
    )
    return (un_champ("C-lieux", Lignes(rows=lignes), "RepetitionChamp"),)


# what is kept


def test_only_mapped_champs_and_annotations_are_kept():
    kept = retain(un_dossier(), replace(RETENUE, champs=frozenset({CV}), annotations=frozenset({NOTE}))).dossier
    assert [c.id for c in kept.champs] == [CV]
    assert [a.id for a in kept.annotations] == [NOTE]


def test_of_a_repetition_only_the_mapped_inner_champs_are_kept_row_by_row():
    dossier = un_dossier(champs=une_repetition({"C-commune": "18279", "C-nom": "Durand"}, {"C-commune": "45234"}))
    retenue = replace(RETENUE, champs=frozenset({"C-lieux", "C-commune"}))
    rows = retain(dossier, retenue).dossier.champs[0].value.rows
    assert [[c.value for c in row.champs] for row in rows] == [["18279"], ["45234"]]


def test_what_is_not_mapped_moves_no_digest():
    assert changed(champs=(*un_dossier().champs, un_champ("C-autre", "secret"))) == set()


# what counts as a change, and of what


@pytest.mark.parametrize(
    "changes",
    [
        {"date_derniere_modification": PLUS_TARD},
        {"date_derniere_modification_champs": PLUS_TARD},
        {"date_derniere_modification_annotations": PLUS_TARD},
        {"date_traitement": PLUS_TARD},
        {"champs": tuple(replace(c, updated_at=PLUS_TARD) for c in un_dossier().champs)},
        {"annotations": tuple(replace(a, updated_at=PLUS_TARD) for a in un_dossier().annotations)},
        {"champs": tuple(replace(c, label="Renommé") for c in un_dossier().champs)},
    ],
    ids=["modified", "champs", "annotations", "decided", "champs dated", "annotations dated", "renamed"],
)
def test_dates_and_labels_of_champs_are_no_change(changes):
    assert changed(**changes) == set()


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"champs": avec(un_dossier().champs, SPECIALITE, "ORL")}, "champs"),
        ({"champs": avec(un_dossier().champs, SPECIALITE, None)}, "champs"),
        ({"champs": avec(un_dossier().champs, CV, une_piece(virus_scan=VirusScan.PENDING))}, "champs"),
        ({"champs": un_dossier().champs[:1]}, "champs"),
        ({"annotations": avec(un_dossier().annotations, NOTE, "12")}, "saisies"),
        ({"annotations": avec(un_dossier().annotations, SYNTHESE, "FAVORABLE")}, "proposees"),
        ({"messages": (un_message(email=AGENT),)}, "messages"),
        ({"state": DossierState.EN_INSTRUCTION}, "etat"),
        ({"archived": True}, "etat"),
        ({"groupe": Groupe(id="G-2", number=2, label="Autre")}, "etat"),
        ({"compte_supprime": True}, "etat"),
        ({"date_derniere_correction_en_attente": PLUS_TARD}, "etat"),
        ({"date_suppression_par_usager": PLUS_TARD}, "etat"),
        ({"demandeur": Demandeur(typename="PersonneMoraleIncomplete", siret="1", complet=False)}, "etat"),
        ({"revision_id": "R-2"}, "etat"),
        ({"traitements": (Traitement(event="depose_correction_usager", date=PLUS_TARD),)}, "etat"),
        ({"avis": (Avis(id="V", date_question=PLUS_TARD, repondu=False),)}, "etat"),
        ({"labels": (COMPLET,)}, "labels"),
    ],
)
def test_a_change_moves_the_digest_of_its_part_and_no_other(changes, part):
    assert changed(**changes) == {part}


def test_members_of_the_group_who_come_and_go_are_no_change():
    assert changed(groupe=replace(GROUPE, instructeurs=())) == set()


def test_labels_are_a_set_whatever_their_order_or_names():
    one = retain(un_dossier(labels=(COMPLET, DOUTE)), RETENUE).parties
    other = retain(un_dossier(labels=(replace(DOUTE, name="Douteux"), COMPLET)), RETENUE).parties
    assert one.labels == other.labels


def test_the_rows_of_a_repetition_count_their_ids_and_their_values():
    retenue = replace(RETENUE, champs=frozenset({"C-lieux", "C-dj"}))
    digests = {
        retain(un_dossier(champs=une_repetition(*rows)), retenue).parties.champs
        for rows in ((), ({"C-dj": 5},), ({"C-dj": 6},), ({"C-dj": 5}, {"C-dj": 5}))
    }
    assert len(digests) == 4


def test_450_and_450_0_are_the_same_decimal():
    one = un_dossier(champs=(un_champ(SPECIALITE, Decimal(450)),))
    other = un_dossier(champs=(un_champ(SPECIALITE, Decimal("450.0")),))
    assert parties(one, frozenset()) == parties(other, frozenset())


# no echo


def test_our_own_annotations_and_messages_are_not_content():
    ours = un_message(texte="Bonjour\n\nRéf. : 100-0123456789")
    before = retain(un_dossier(), RETENUE).parties.contenu
    annotated = un_dossier(annotations=avec(un_dossier().annotations, SYNTHESE, "FAVORABLE"), messages=(ours,))
    assert retain(annotated, RETENUE).parties.contenu == before


@pytest.mark.parametrize(
    "changes",
    [
        {"champs": avec(un_dossier().champs, SPECIALITE, "ORL")},
        {"annotations": avec(un_dossier().annotations, NOTE, "12")},
        {"messages": (un_message(),)},
        {"state": DossierState.ACCEPTE},
        {"labels": (COMPLET,)},
    ],
)
def test_what_others_do_is_content(changes):
    assert retain(un_dossier(**changes), RETENUE).parties.contenu != retain(un_dossier(), RETENUE).parties.contenu


def test_a_message_of_ours_that_an_agent_took_back_is_content():
    texte = "Bonjour\n\nRéf. : 100-0123456789"
    deleted = un_message(texte="", discarded_at=PLUS_TARD)
    before = retain(un_dossier(messages=(un_message(texte=texte),)), RETENUE).parties.contenu
    assert retain(un_dossier(messages=(deleted,)), RETENUE).parties.contenu != before


def test_a_correction_that_is_resolved_is_content():
    pending = un_message(correction=Correction(reason="incomplete"))
    resolved = replace(pending, correction=Correction(reason="incomplete", date_resolution=PLUS_TARD))
    before = retain(un_dossier(messages=(pending,)), RETENUE).parties.messages
    assert retain(un_dossier(messages=(resolved,)), RETENUE).parties.messages != before


# digests last for years


def test_the_parts_of_a_dossier_have_the_digests_of_the_first_version_so_that_nothing_is_read_or_judged_again():
    champs = (*un_dossier().champs, *une_repetition({"C-dj": Decimal("5.0")}))
    dossier = un_dossier(champs=champs, messages=(un_message(correction=Correction(reason="incomplete")),))
    found = retain(dossier, replace(RETENUE, champs=RETENUE.champs | {"C-lieux", "C-dj"})).parties
    assert {name: getattr(found, name)[:12] for name in (*Parties.__dataclass_fields__, "contenu")} == {
        "champs": "a5a1bc6aa694",
        "saisies": "5f4c297b5a8d",
        "proposees": "fbae4b9f52fa",
        "messages": "1fc0eff785e3",
        "etat": "4e4c50a7a124",
        "labels": "f1c65da019a1",
        "contenu": "6920b18e9aa6",
    }
