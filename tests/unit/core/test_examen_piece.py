"""What is told of a piece's content: a doubt at most, a file told by its place, tried again when not to be had."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.core.candidature import ChampLu, Connu, Manquant, exemple
from connector.core.constat import AvisPropose, Effet, Statut
from connector.core.contenu import Defaut, Empechement, Examen, Nature
from connector.core.correspondance import TypeLogique
from connector.core.examen_piece import (
    A_SON_TOUR,
    ATTENTE_MAX,
    AU_PROCHAIN_PASSAGE,
    PREMIERE_ATTENTE,
    Relecture,
    a_relire,
    attente,
    constats,
    delai,
    gardees,
    suite,
)
from connector.core.model import DossierState, Piece, VirusScan
from connector.core.regles import complet, opinion, resume_pieces

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PDF = Examen(nature=Nature.PDF, pages=2)


def une(checksum="a", nom="cv.pdf", content_type="application/pdf", **changes):
    return Piece(
        **{
            "filename": nom,
            "content_type": content_type,
            "byte_size": 1200,
            "checksum": checksum,
            "virus_scan": VirusScan.SAFE,
        }
        | changes
    )


def champ(*pieces, cle="cv", libelle="Curriculum vitae"):
    lecture = Connu(pieces) if pieces else Manquant()
    return ChampLu(cle=cle, libelle=libelle, lecture=lecture, type=TypeLogique.PIECE)


def candidature(*champs, etat=DossierState.EN_CONSTRUCTION):
    return replace(exemple(*champs), etat=etat)


def vue(checksum="a", trouve=PDF, le=NOW, essais=1):
    if isinstance(trouve, Examen):
        return {checksum: Relecture(checksum=checksum, le=le, examen=trouve)}
    return {checksum: Relecture(checksum=checksum, le=le, empechement=trouve, essais=essais)}


def phrases(*trouves):
    return [c.phrase.replace("\u00a0", " ").replace("\u202f", " ") for c in trouves]


def du_fichier(trouve, **changes):
    return constats(candidature(champ(une(**changes))), vue(trouve=trouve))


def test_a_file_in_order_is_not_spoken_of():
    assert du_fichier(PDF) == ()


def test_a_file_that_was_never_looked_into_is_not_spoken_of():
    assert constats(candidature(champ(une()), champ(cle="lettre")), {}) == ()


@pytest.mark.parametrize("defaut", list(Defaut))
def test_whatever_is_in_a_file_is_a_doubt_and_never_a_refusal_nor_a_request(defaut):
    found = du_fichier(Examen(nature=Nature.PDF, defauts=(defaut,)))
    (constat,) = found
    assert (constat.statut, constat.effet) == (Statut.A_VERIFIER, Effet.A_VERIFIER)
    assert opinion(found) is AvisPropose.A_VERIFIER
    assert complet(found)
    assert constat.phrase.endswith(".")
    assert not resume_pieces(found)


def test_what_acts_by_itself_is_to_be_opened_with_care_and_the_rest_is_to_be_seen():
    assert "avec prudence" in phrases(*du_fichier(Examen(nature=Nature.PDF, defauts=(Defaut.SCRIPT,))))[0]
    assert "s’en assurer" in phrases(*du_fichier(Examen(nature=Nature.PDF, defauts=(Defaut.ILLISIBLE,))))[0]
    assert "avec prudence" in phrases(*du_fichier(Examen(nature=Nature.PAGE_WEB)))[0]
    assert "avec prudence" in phrases(*du_fichier(Examen(nature=Nature.PDF, defauts=(Defaut.INACHEVE,))))[0]


def test_the_source_says_that_nobody_read_what_the_document_says():
    (constat,) = du_fichier(Examen(nature=Nature.PDF, defauts=(Defaut.ILLISIBLE,)))
    assert "n'est pas lu" in constat.source.texte


def test_a_program_is_not_to_be_opened_at_all():
    (dite,) = phrases(*du_fichier(Examen(nature=Nature.PROGRAMME)))
    assert "Ne pas l’ouvrir" in dite
    assert "service informatique" in dite
    assert "Ouvrir la pièce" not in dite


@pytest.mark.parametrize(
    ("nom", "content_type", "nature"),
    [
        ("cv.pdf", "application/pdf", Nature.PROGRAMME),
        ("cv.pdf", "", Nature.IMAGE),
        ("cv", "application/pdf", Nature.ZIP),
        ("cv.docx", "", Nature.OLE),
        ("photo.JPG", "image/jpeg", Nature.INCONNUE),
        ("cv.pdf", "application/octet-stream", Nature.INCONNUE),
    ],
)
def test_a_file_that_is_not_what_it_says_is_told(nom, content_type, nature):
    (said,) = phrases(*du_fichier(Examen(nature=nature), nom=nom, content_type=content_type))
    assert "s’annonce comme" in said


@pytest.mark.parametrize(
    ("nom", "content_type", "nature"),
    [
        ("photo.jpg", "image/png", Nature.IMAGE),
        ("cv.doc", "application/msword", Nature.RTF),
        ("notes.txt", "text/plain", Nature.INCONNUE),
        ("cv", "", Nature.INCONNUE),
        ("cv.pages", "application/x-iwork", Nature.AUTRE),
    ],
)
def test_what_any_viewer_opens_or_nobody_knows_is_not_told(nom, content_type, nature):
    assert du_fichier(Examen(nature=nature), nom=nom, content_type=content_type) == ()


def test_a_program_of_unknown_name_is_told():
    (said,) = phrases(*du_fichier(Examen(nature=Nature.PROGRAMME), nom="cv", content_type=""))
    assert "le contenu du fichier est celui d’un programme" in said


def test_no_name_of_a_file_is_repeated():
    found = du_fichier(Examen(nature=Nature.PROGRAMME), nom="Monsieur-Untel\u202efdp.exe.pdf")
    assert "Untel" not in "".join(phrases(*found))


def test_several_files_of_a_field_are_told_by_their_place():
    lus = candidature(champ(une("a"), une("b"), une("c")))
    known = vue("b", Examen(nature=Nature.PDF, defauts=(Defaut.SANS_PAGE,))) | vue("c", Empechement.RESEAU)
    said = phrases(*constats(lus, known))
    assert "fichier 2 sur 3, le PDF n’a aucune page" in said[0]
    assert "fichier 3 sur 3, serveur de fichiers sans réponse" in said[1]


def test_the_synthesis_counts_the_fields_once():
    lus = candidature(champ(une("a")), champ(une("b"), cle="lettre", libelle="Lettre"))
    damaged = Examen(nature=Nature.PDF, defauts=(Defaut.ILLISIBLE,))
    found = constats(lus, vue("a", damaged) | vue("b", damaged))
    assert [c.court for c in found] == ["2\u00a0pièces à ouvrir", ""]
    assert [c.regle for c in found] == ["relecture_cv", "relecture_lettre"]


@pytest.mark.parametrize("cause", [Empechement.EMPREINTE, Empechement.REDIRECTION])
def test_a_file_that_is_not_the_one_announced_is_to_be_looked_at(cause):
    (constat,) = du_fichier(cause)
    assert constat.effet is Effet.A_VERIFIER


@pytest.mark.parametrize("cause", sorted(set(Empechement) - {Empechement.EMPREINTE, Empechement.REDIRECTION}))
def test_a_file_that_could_not_be_had_is_said_without_alarm(cause):
    (constat,) = du_fichier(cause)
    assert constat.effet is Effet.INFORMATION
    assert opinion([constat]) is AvisPropose.FAVORABLE
    assert "pièce non relue" in constat.phrase
    assert ("réessaiera" in constat.phrase) is (cause is not Empechement.TAILLE)


@pytest.mark.parametrize(
    ("changes", "etat"),
    [
        ({"virus_scan": VirusScan.PENDING}, DossierState.EN_CONSTRUCTION),
        ({"virus_scan": VirusScan.INFECTED}, DossierState.EN_CONSTRUCTION),
        ({"virus_scan": VirusScan.INCONNU}, DossierState.EN_CONSTRUCTION),
        ({"byte_size": 0}, DossierState.EN_CONSTRUCTION),
        ({"checksum": ""}, DossierState.EN_CONSTRUCTION),
        ({}, DossierState.ACCEPTE),
    ],
)
def test_only_the_safe_files_of_a_dossier_under_examination_are_fetched(changes, etat):
    lus = candidature(champ(une(**changes)), etat=etat)
    assert a_relire(lus, {}, now=NOW) == ()
    assert delai(lus, {}, now=NOW) is None


def test_a_content_joined_twice_is_fetched_once():
    lus = candidature(champ(une("a")), champ(une("a"), une("b"), cle="lettre"))
    assert [p.checksum for p in a_relire(lus, {}, now=NOW)] == ["a", "b"]
    assert gardees(lus, {}, now=NOW).keys() == {"a", "b"}


def test_a_file_looked_into_is_never_fetched_again():
    lus = candidature(champ(une()))
    assert a_relire(lus, vue(), now=NOW + timedelta(days=300)) == ()
    assert delai(lus, vue(), now=NOW) is None


def test_a_file_that_could_not_be_had_is_tried_again_later_and_later():
    lus = candidature(champ(une()))
    for essais, wait in ((1, PREMIERE_ATTENTE), (2, 2 * PREMIERE_ATTENTE), (5, 16 * PREMIERE_ATTENTE)):
        known = vue(trouve=Empechement.RESEAU, essais=essais)
        assert a_relire(lus, known, now=NOW + wait - timedelta(seconds=1)) == ()
        assert len(a_relire(lus, known, now=NOW + wait)) == 1
        assert delai(lus, known, now=NOW) == wait
    assert delai(lus, vue(trouve=Empechement.RESEAU, essais=60), now=NOW) == ATTENTE_MAX


def test_a_file_that_waits_its_turn_has_the_dossier_looked_at_soon():
    assert delai(candidature(champ(une())), {}, now=NOW) == AU_PROCHAIN_PASSAGE


def test_those_that_a_full_round_left_are_looked_at_later_and_not_all_together():
    waits = [delai(replace(candidature(champ(une())), numero=n), {}, now=NOW, remises=True) for n in range(100, 112)]
    assert min(waits) == A_SON_TOUR
    assert max(waits) < 2 * A_SON_TOUR
    assert len(set(waits)) == 12


def test_tries_are_counted_until_one_succeeds():
    first = suite(None, "a", Empechement.RESEAU, le=NOW)
    second = suite(first, "a", Empechement.DELAI, le=NOW)
    assert (first.essais, second.essais) == (1, 2)
    assert suite(second, "a", PDF, le=NOW) == Relecture(checksum="a", le=NOW, examen=PDF)


def test_a_file_of_which_nothing_is_known_waits_from_now_on_and_is_due_at_once():
    lu = candidature(champ(une("a"), une("b"), une("c", virus_scan=VirusScan.PENDING)))
    tried = vue("a", Empechement.RESEAU)
    found = gardees(lu, tried, now=NOW)
    assert found == tried | {"b": Relecture(checksum="b", le=NOW)}
    assert [p.checksum for p in a_relire(lu, found, now=NOW)] == ["b"]
    assert constats(lu, {"b": found["b"]}) == ()
    assert suite(found["b"], "b", Empechement.RESEAU, le=NOW).essais == 1


@pytest.mark.parametrize(
    ("changes", "etat"),
    [
        ({"virus_scan": VirusScan.INFECTED}, DossierState.EN_CONSTRUCTION),
        ({"byte_size": 0}, DossierState.EN_CONSTRUCTION),
        ({}, DossierState.ACCEPTE),
    ],
)
def test_a_file_that_is_no_longer_to_be_opened_waits_for_nothing_and_what_was_found_in_it_stays(changes, etat):
    lu = candidature(champ(une(**changes)), etat=etat)
    waiting = {"a": Relecture(checksum="a", le=NOW)}
    for known in (waiting, vue("a", Empechement.RESEAU), vue("b")):
        assert gardees(lu, known, now=NOW) == {}
    assert gardees(lu, vue("a"), now=NOW) == vue("a")


def test_nothing_waits_where_all_was_looked_into_or_is_too_heavy():
    restantes = [(Relecture(checksum="a", le=NOW, empechement=Empechement.TAILLE, essais=1), None)]
    assert attente(restantes, now=NOW) is None
    assert attente([], now=NOW) is None


def test_the_soonest_look_is_when_both_the_file_and_its_dossier_are_due():
    une_heure = NOW + timedelta(hours=1)
    neuve = Relecture(checksum="a", le=NOW)
    manquee = Relecture(checksum="b", le=NOW, empechement=Empechement.RESEAU, essais=1)
    assert attente([(neuve, None)], now=NOW).reprise == NOW
    assert attente([(neuve, une_heure), (manquee, NOW)], now=NOW).reprise == une_heure
    assert attente([(manquee, NOW), (neuve, NOW - timedelta(days=1))], now=NOW).reprise == NOW
    assert attente([(manquee, NOW), (neuve, None)], now=NOW).nombre == 2
