"""The cycle between fakes that behave: see tests/fakes.py."""

from __future__ import annotations

import itertools
import logging
from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector import cycle, lecture
from connector.core import decide, filigrane
from connector.core.correspondance import Entree, EntreeLabel, TypeLogique
from connector.core.model import DossierState, Groupe, Label, Repere, VirusScan
from connector.core.plan import AjouterLabel, CleAnnotation, EcrireAnnotations, Ecriture, EtatIntention
from connector.core.politique import Mode, Politique
from connector.core.referentiels import Referentiel
from connector.core.regles import ChampRequis
from connector.errors import (
    AccessDenied,
    ConfigError,
    ContractBroken,
    OutcomeUnknown,
    RetryableError,
    SafetyStop,
    StopRequested,
)
from tests.fakes import (
    AGENT,
    AGIR,
    AVIS,
    COMPLET,
    CONTROLE,
    CORRESPONDANCE,
    CV,
    GROUPE,
    MANQUE,
    MANUEL,
    NOTE,
    NUMERO,
    POINTS,
    REGLES,
    SOURCE,
    SYNTHESE,
    VERSION,
    Entourage,
    Monde,
    Panne,
    un_dossier,
    une_piece,
    une_revision,
)

DONE, REJECTED, PLANNED = EtatIntention.DONE, EtatIntention.REJECTED, EtatIntention.PLANNED
UNKNOWN, SENDING, HANDED = EtatIntention.UNKNOWN, EtatIntention.SENDING, EtatIntention.HANDED_TO_HUMAN
CHAMPS = {c.id: c for c in un_dossier().champs}


@pytest.fixture
def monde():
    return Monde()


def depose(monde, number=100, *, complet=True, **changes):
    """A dossier filed a minute ago, with its CV or without."""
    if not complet:
        changes["champs"] = tuple(replace(c, value=None) if c.id == "C-cv" else c for c in un_dossier().champs)
    monde.serveur.usager_depose(number, **changes)
    monde.horloge.avance(minutes=1)


def passe(monde, **later):
    """One whole cycle, after some time; its report and its requests."""
    monde.horloge.avance(**later)
    monde.serveur.requetes.clear()
    p = monde.passage()
    try:
        return cycle.run(p)
    except BaseException as error:
        error.rapport = p.rapport
        raise


def ecrits(monde):
    """The writes among the requests of the last cycle."""
    reads = ("page", "dossier", "demarche")
    return [r for r in monde.serveur.requetes if not r.startswith(reads)]


def etats(monde, kind=None):
    """The state of every intent in the ledger, of that kind."""
    return [i.state for i in monde.registre.intentions.values() if kind in {None, i.kind}]


# the straight line


def test_a_complete_dossier_is_annotated_labelled_and_passed_to_instruction(monde):
    depose(monde)
    rapport = passe(monde)
    assert monde.vu().state is DossierState.EN_INSTRUCTION
    assert monde.annotation(AVIS) == "Favorable"
    assert monde.annotation(SYNTHESE).startswith("FAVORABLE")
    assert monde.annotation(CONTROLE) == date(2026, 3, 2)
    assert monde.annotation(VERSION) == "2026.1"
    assert monde.vu().labels == (COMPLET,)
    assert (rapport.lus, rapport.nouveaux, rapport.examines) == (1, 1, 1)
    assert (rapport.annotes, rapport.annotations, rapport.labels, rapport.transitions) == (1, 4, 1, 1)
    assert (rapport.messages, rapport.exit_code) == (0, 0)
    assert set(etats(monde)) == {DONE}


def test_a_dossier_just_passed_is_known_here_as_passed_before_ds_is_read_again(monde):
    depose(monde)
    passe(monde)
    fiche, _ = monde.armoire.dossier(100)
    assert fiche.dossier.state is DossierState.EN_INSTRUCTION


def test_an_incomplete_dossier_is_told_what_is_missing_once_and_stays(monde):
    depose(monde, complet=False)
    rapport = passe(monde)
    assert monde.vu().state is DossierState.EN_CONSTRUCTION
    assert monde.annotation(AVIS) == "À compléter"
    assert "Cv" in monde.annotation(POINTS)
    assert monde.vu().labels == (MANQUE,)
    (message,) = monde.messages()
    assert message.correction.reason == "incomplete"
    assert message.reference
    assert rapport.messages == 1


def test_the_message_goes_before_the_annotations_and_the_transition_after_them(monde):
    depose(monde, 100, complet=False)
    depose(monde, 101)
    passe(monde)
    assert [w.split()[0] for w in ecrits(monde) if "100" in w] == [
        "EnvoyerMessage",
        "EcrireAnnotations",
        "AjouterLabel",
    ]
    assert [w.split()[0] for w in ecrits(monde) if "101" in w] == ["EcrireAnnotations", "AjouterLabel", "ChangerEtat"]


def test_the_cycle_after_one_that_wrote_sends_nothing_in_one_request_and_so_does_the_next(monde):
    for number, complet in ((100, True), (101, False), (102, True)):
        depose(monde, number, complet=complet)
    passe(monde)
    for later in ({"seconds": 5}, {"minutes": 1}, {"minutes": 6}, {"hours": 1}, {"days": 1}):
        rapport = passe(monde, **later)
        assert monde.serveur.requetes == [f"page {NUMERO}"]
        assert rapport.exit_code == 0


def test_a_dossier_that_is_mended_passes_and_its_labels_follow(monde):
    depose(monde, complet=False)
    passe(monde)
    monde.horloge.avance(hours=1)
    monde.serveur.usager_corrige(100, cv=une_piece())
    passe(monde, minutes=1)
    assert monde.vu().state is DossierState.EN_INSTRUCTION
    assert monde.vu().labels == (COMPLET,)
    assert monde.annotation(AVIS) == "Favorable"
    assert monde.annotation(POINTS) == ""
    assert len(monde.messages()) == 1


def test_a_dossier_still_incomplete_after_a_new_submission_is_asked_once_more(monde):
    depose(monde, complet=False)
    for _ in range(3):
        passe(monde, minutes=1)
        monde.horloge.avance(days=1)
        monde.serveur.usager_corrige(100, specialite="ORL")
    passe(monde, minutes=1)
    references = [m.reference for m in monde.messages()]
    assert len(references) == len(set(references)) == 4


def test_an_observer_reads_judges_and_writes_nothing(monde):
    monde.politique = Politique()
    depose(monde)
    depose(monde, 101, complet=False)
    before = [monde.vu(100), monde.vu(101)]
    rapport = passe(monde)
    assert ecrits(monde) == []
    assert [monde.vu(100), monde.vu(101)] == before
    assert rapport.examines == 2
    assert monde.registre.intentions == {}


def test_the_annotating_mode_reaches_nobody(monde):
    monde.politique = replace(AGIR, mode=Mode.ANNOTER)
    depose(monde)
    depose(monde, 101, complet=False)
    rapport = passe(monde)
    assert {w.split()[0] for w in ecrits(monde)} == {"EcrireAnnotations", "AjouterLabel"}
    assert monde.serveur.envois == []
    assert monde.vu().state is DossierState.EN_CONSTRUCTION
    assert rapport.retenus == 2


def test_going_from_one_mode_to_the_next_does_what_was_held_back(monde):
    depose(monde, complet=False)
    monde.politique = Politique()
    passe(monde)
    monde.politique = replace(AGIR, mode=Mode.ANNOTER)
    passe(monde, minutes=1)
    assert monde.messages() == []
    assert monde.annotation(AVIS) == "À compléter"
    monde.politique = AGIR
    passe(monde, minutes=1)
    assert len(monde.messages()) == 1


def test_a_changed_rule_book_judges_everything_again_without_reading_it_again(monde):
    depose(monde)
    passe(monde)
    passe(monde, minutes=10)
    passe(monde, minutes=10)
    monde.version, monde.regles = "2026.2", (replace(REGLES[0], libelle="spécialité du candidat"), REGLES[1])
    rapport = passe(monde, minutes=10)
    assert (rapport.lus, rapport.examines) == (0, 1)
    assert monde.annotation(VERSION) == "2026.2"
    assert monde.annotation(CONTROLE) == date(2026, 3, 2)


@pytest.mark.parametrize("confirme", [True, False], ids=["confirmed", "judged again"])
def test_other_rules_that_say_the_very_same_write_nothing(monde, confirme):
    depose(monde)
    passe(monde)
    passe(monde, minutes=10)
    before = monde.vu().annotations
    monde.version, monde.regles = "2026.2", (REGLES[0], replace(REGLES[1], formats=("pdf", "odt")))
    if not confirme:
        monde.armoire.jeux.clear()
    rapport = passe(monde, minutes=10)
    assert (rapport.examines, ecrits(monde)) == (1, [])
    assert monde.vu().annotations == before
    assert passe(monde, minutes=10).examines == 0


def test_where_nothing_is_asked_of_the_dossiers_they_are_kept_and_no_opinion_is_made_up(monde):
    monde.regles = ()
    depose(monde)
    rapport = passe(monde)
    assert (rapport.lus, rapport.examines, ecrits(monde)) == (1, 0, [])
    assert "Aucune règle" in rapport.text()
    assert monde.armoire.rangees[100].evaluation is None
    monde.regles = REGLES
    assert passe(monde, minutes=10).examines == 1
    assert monde.annotation(AVIS) == "Favorable"


def test_progress_is_told_stage_by_stage(monde):
    depose(monde)
    passe(monde)
    assert [stage for stage, _ in monde.progres] == ["lecture", "examen", "écriture"]


def test_events_carry_numbers_and_never_a_value(monde, caplog):
    depose(monde, complet=False)
    with caplog.at_level(logging.DEBUG, logger="connector"):
        passe(monde)
    events = [r for r in caplog.records if r.name in {"connector.cycle", "connector.lecture"}]
    assert {"page.stored", "effect.applied", "cycle.ended"} <= {r.msg for r in events}
    assert "Gériatrie" not in " ".join(str(vars(r)) for r in events)


def test_the_report_is_kept_for_status_with_its_typography(monde):
    depose(monde)
    passe(monde)
    ((code, counts, text),) = monde.armoire.rapports
    assert (code, counts["annotes"]) == (0, 1)
    assert "1 dossier lu\u202f; " in text


def test_a_preview_shows_the_very_words_and_writes_nothing(monde):
    depose(monde, complet=False)
    ((dossier, jugement),) = cycle.preview(monde.passage())
    assert dossier.number == 100
    assert jugement.message.body.endswith(jugement.message.reference)
    assert jugement.plan.messages == 1
    assert ecrits(monde) == []


def test_a_preview_stops_when_asked(monde):
    depose(monde)
    depose(monde, 101)
    shown = cycle.preview(monde.passage())
    next(shown)
    monde.arret = lambda: True
    assert list(shown) == []


# the form


def test_the_form_is_read_once_and_kept(monde):
    depose(monde)
    passe(monde)
    assert monde.serveur.requetes.count(f"demarche {NUMERO}") == 1
    passe(monde, minutes=1)
    assert monde.serveur.requetes.count(f"demarche {NUMERO}") == 0


def test_a_new_revision_is_read_before_its_dossiers(monde):
    depose(monde)
    passe(monde)
    revision = une_revision("R-2")
    monde.serveur.publie_revision(revision)
    rapport = passe(monde, minutes=1)
    assert monde.serveur.requetes.count(f"demarche {NUMERO}") == 1
    assert monde.armoire.demarches[NUMERO].active.id == "R-2"
    assert rapport.lus == 1
    passe(monde, minutes=1)
    assert monde.serveur.requetes == [f"page {NUMERO}"]


def test_a_revision_that_changes_what_is_read_reads_everything_again(monde):
    monde.correspondance = replace(
        CORRESPONDANCE,
        champs=(*CORRESPONDANCE.champs, Entree(cle="rpps", type=TypeLogique.TEXTE, libelle="RPPS", facultatif=True)),
    )
    for number in range(100, 103):
        depose(monde, number)
    passe(monde)
    passe(monde, hours=1)
    passe(monde, hours=1)
    revision = une_revision("R-2")
    champ = replace(revision.champs[0], id="C-rpps", label="RPPS")
    monde.serveur.publie_revision(replace(revision, champs=(*revision.champs, champ)))
    rapport = passe(monde, hours=1)
    assert rapport.lus == 3
    assert monde.armoire.filigranes[NUMERO].en_cours is False


def test_a_mapping_that_does_not_match_the_form_is_told_and_nothing_is_written(monde):
    monde.correspondance = replace(
        CORRESPONDANCE, champs=(Entree(cle="cv", type=TypeLogique.PIECE, libelle="Curiculum"),)
    )
    depose(monde)
    with pytest.raises(ConfigError, match="Curiculum"):
        passe(monde)
    assert monde.serveur.requetes == [f"demarche {NUMERO}"]
    ((code, _, text),) = monde.armoire.rapports
    assert code == 2
    assert "Arrêt\u00a0:" in text


def test_a_form_mended_since_it_was_read_is_read_again_before_the_mapping_is_called_wrong(monde):
    depose(monde)
    passe(monde)
    renamed = replace(une_revision("R-2").annotations[5], label="Note du projet")
    monde.serveur.publie_revision(replace(une_revision("R-2"), annotations=(*une_revision().annotations[:5], renamed)))
    monde.correspondance = replace(
        CORRESPONDANCE, saisies=(Entree(cle="note", type=TypeLogique.TEXTE, libelle="Note du projet"),)
    )
    passe(monde, minutes=1)
    assert monde.armoire.demarches[NUMERO].active.id == "R-2"


def test_a_label_made_after_the_form_was_read_is_known_as_soon_as_a_dossier_has_it(monde):
    arret = Label(id="L-neuf", name="Ne pas toucher")
    labels = (EntreeLabel(cle="suivi_manuel", libelle=arret.name, facultatif=True),)
    monde.correspondance = replace(CORRESPONDANCE, labels=labels)
    depose(monde)
    monde.politique = replace(AGIR, mode=Mode.ANNOTER)
    passe(monde)
    monde.serveur.formulaire = replace(monde.serveur.formulaire, labels=(*monde.serveur.formulaire.labels, arret))
    monde.serveur.agent_etiquette(100, arret)
    monde.serveur.change(100)
    monde.politique = AGIR
    passe(monde, minutes=1)
    assert monde.vu().state is DossierState.EN_CONSTRUCTION
    assert monde.serveur.requetes.count(f"demarche {NUMERO}") == 1


def test_a_label_that_stays_unknown_costs_one_request_a_cycle_not_one_a_page(monde):
    monde.serveur.par_page = 1
    for number in range(100, 104):
        depose(monde, number, labels=(Label(id="L-fantome", name="?"),))
    passe(monde)
    assert monde.serveur.requetes.count(f"demarche {NUMERO}") == 2


# pull


def test_pages_are_walked_to_the_end_and_each_is_stored_with_its_watermark(monde):
    monde.serveur.par_page = 2
    for number in range(100, 105):
        depose(monde, number)
    rapport = passe(monde)
    assert rapport.lus == 5
    assert monde.serveur.requetes.count(f"page {NUMERO}") == 3
    assert set(monde.armoire.rangees) == set(range(100, 105))


def test_an_outage_in_the_middle_of_a_walk_loses_nothing_and_resumes(monde):
    monde.serveur.par_page = 2
    for number in range(100, 105):
        depose(monde, number)
    pages = monde.serveur.page
    calls = []

    def page(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise RetryableError("coupure.")
        return pages(*args, **kwargs)

    monde.serveur.page = page
    with pytest.raises(RetryableError) as caught:
        passe(monde)
    assert caught.value.rapport.lus == 2
    assert monde.armoire.rapports[-1][0] == 75
    rapport = passe(monde, hours=1)
    assert rapport.lus == 3
    assert set(monde.armoire.rangees) == set(range(100, 105))


def test_a_damaged_cursor_is_found_out_and_nothing_is_missed(monde):
    depose(monde)
    for _ in range(3):
        passe(monde, minutes=10)
    monde.armoire.filigranes[NUMERO] = replace(monde.armoire.filigranes[NUMERO], cursor="%%garbage%%")
    depose(monde, 101)
    rapport = passe(monde)
    assert rapport.curseurs_refaits == 1
    assert 101 in monde.armoire.rangees


def test_a_damaged_cursor_on_a_quiet_demarche_is_harmless(monde):
    depose(monde)
    for _ in range(3):
        passe(monde, minutes=10)
    monde.armoire.filigranes[NUMERO] = replace(monde.armoire.filigranes[NUMERO], cursor="%%garbage%%")
    rapport = passe(monde)
    assert (rapport.curseurs_refaits, monde.serveur.requetes) == (0, [f"page {NUMERO}"])
    depose(monde, 101)
    passe(monde)
    assert 101 in monde.armoire.rangees


def test_a_cursor_damaged_in_the_middle_of_the_first_walk_starts_it_again(monde):
    monde.serveur.par_page = 2
    for number in range(100, 106):
        depose(monde, number)
    p = monde.passage()
    stop = iter([False, True])
    monde.arret = lambda: next(stop, True)
    cycle.pull(p)
    monde.arret = lambda: False
    assert len(monde.armoire.rangees) == 2
    monde.armoire.filigranes[NUMERO] = replace(monde.armoire.filigranes[NUMERO], cursor="%%garbage%%")
    passe(monde)
    assert set(monde.armoire.rangees) == set(range(100, 106))


def test_a_cursor_is_suspected_once_a_pull_and_never_for_ever(monde):
    depose(monde)
    for _ in range(3):
        passe(monde, minutes=10)
    monde.serveur.page = lambda *_args, after, **_kw: replace(
        type(monde.serveur).page(monde.serveur, NUMERO, updated_since=filigrane.EPOCH, after=None),
        dossiers=(),
        end_cursor=None,
        dernier=Repere(number=999, date_derniere_modification=un_dossier().date_depot + timedelta(days=9)),
    )
    monde.armoire.filigranes[NUMERO] = replace(monde.armoire.filigranes[NUMERO], cursor="c")
    rapport = passe(monde)
    assert rapport.curseurs_refaits == 1


def test_a_page_that_announces_another_and_leads_nowhere_is_a_broken_contract(monde):
    depose(monde)
    page = monde.serveur.page
    monde.serveur.page = lambda *args, **kw: replace(page(*args, **kw), has_next_page=True, end_cursor=None)
    with pytest.raises(ContractBroken, match="page suivante"):
        passe(monde)


def turning(lue):
    """That reading, as a server gives it that always announces another page, and turns round."""
    cursors = itertools.cycle("abc")
    return lambda *args, **kw: replace(lue(*args, **kw), has_next_page=True, end_cursor=next(cursors))


def test_a_walk_sent_back_where_it_was_is_a_broken_contract_and_no_walk_for_ever(monde):
    depose(monde)
    monde.serveur.page = turning(monde.serveur.page)
    with pytest.raises(ContractBroken, match="page suivante"):
        passe(monde)


def test_a_comparison_sent_back_where_it_was_is_one_too(monde):
    depose(monde)
    passe(monde)
    monde.serveur.reperes = turning(monde.serveur.reperes)
    with pytest.raises(ContractBroken, match="page suivante"):
        lecture.audit(monde.passage())


def test_a_dossier_that_ds_cannot_show_is_set_aside_and_the_others_go_on(monde):
    for number in range(100, 103):
        depose(monde, number)
    monde.serveur.lignes[101].illisible = True
    rapport = passe(monde)
    assert (rapport.trous, rapport.exit_code) == (1, 1)
    assert set(monde.armoire.rangees) == {100, 102}
    assert 101 in monde.armoire.quarantaine


def test_a_dossier_set_aside_is_tried_again_and_comes_back(monde):
    depose(monde)
    monde.serveur.lignes[100].illisible = True
    passe(monde)
    rapport = passe(monde, minutes=5)
    assert rapport.echecs == [(100, "le dossier 100 est illisible.")]
    monde.serveur.lignes[100].illisible = False
    passe(monde, minutes=10)
    assert monde.vu().state is DossierState.EN_INSTRUCTION
    assert monde.armoire.quarantaine == {}


def test_a_dossier_set_aside_then_deleted_is_tried_no_more(monde):
    depose(monde)
    monde.serveur.lignes[100].illisible = True
    passe(monde)
    monde.serveur.cache(100)
    rapport = passe(monde, minutes=5)
    assert rapport.echecs == []
    assert monde.armoire.quarantaine == {}


# humans


def test_a_dossier_is_read_again_just_before_it_is_written_to(monde):
    depose(monde, complet=False)
    p = monde.passage()
    resolution = cycle.pull(p)
    pushes = tuple(cycle.check(p, resolution))
    monde.serveur.agent_ecrit(100)
    monde.serveur.agent_annote(100, SYNTHESE, "vu par moi")
    cycle.push(p, resolution, pushes)
    assert monde.messages() == []
    assert monde.annotation(SYNTHESE) == "vu par moi"
    assert monde.annotation(AVIS) == "À compléter"


def test_an_applicant_who_mends_the_dossier_meanwhile_gets_no_message_but_the_next_cycle_s_passage(monde):
    depose(monde, complet=False)
    p = monde.passage()
    resolution = cycle.pull(p)
    pushes = tuple(cycle.check(p, resolution))
    monde.horloge.avance(minutes=1)
    monde.serveur.usager_corrige(100, cv=une_piece())
    cycle.push(p, resolution, pushes)
    assert monde.messages() == []
    assert monde.vu().state is DossierState.EN_CONSTRUCTION, "the brake never saw that transition"
    passe(monde, minutes=10)
    assert monde.vu().state is DossierState.EN_INSTRUCTION


def test_a_stop_label_put_meanwhile_is_obeyed(monde):
    depose(monde)
    p = monde.passage()
    resolution = cycle.pull(p)
    pushes = tuple(cycle.check(p, resolution))
    monde.serveur.agent_etiquette(100, MANUEL)
    cycle.push(p, resolution, pushes)
    assert monde.vu().state is DossierState.EN_CONSTRUCTION


def test_what_a_human_typed_over_ours_is_left_and_counted(monde):
    depose(monde)
    passe(monde)
    monde.horloge.avance(hours=1)
    monde.serveur.agent_annote(100, SYNTHESE, "à revoir")
    rapport = passe(monde, minutes=1)
    assert (rapport.conflits, ecrits(monde)) == (1, [])
    monde.version, monde.regles = "2026.2", (REGLES[0], replace(REGLES[1], formats=("odt",)))
    passe(monde, minutes=1)
    assert monde.annotation(SYNTHESE) == "à revoir"
    assert monde.annotation(VERSION) == "2026.2"


def test_a_dossier_that_an_agent_sends_back_is_not_passed_again(monde):
    depose(monde)
    passe(monde)
    monde.horloge.avance(hours=1)
    monde.serveur.agent_change_etat(100, DossierState.EN_CONSTRUCTION, "repasse_en_construction")
    passe(monde, minutes=1)
    assert monde.vu().state is DossierState.EN_CONSTRUCTION
    monde.perd_la_base()
    passe(monde, minutes=1)
    assert monde.vu().state is DossierState.EN_CONSTRUCTION


# pause, stop, brake


def test_what_was_held_back_during_a_pause_goes_when_it_ends(monde):
    depose(monde, complet=False)
    depose(monde, 101)
    monde.armoire.pause = True
    rapport = passe(monde)
    assert (rapport.messages, rapport.transitions, rapport.retenus) == (0, 0, 2)
    assert monde.annotation(AVIS) == "À compléter"
    passe(monde, minutes=10)
    monde.armoire.pause = False
    rapport = passe(monde, minutes=10)
    assert (rapport.messages, rapport.transitions) == (1, 1)


def test_a_pause_asked_between_the_examination_and_the_writing_is_obeyed_and_ends_too(monde):
    depose(monde, complet=False)
    p = monde.passage()
    resolution = cycle.pull(p)
    pushes = tuple(cycle.check(p, resolution))
    monde.armoire.pause = True
    cycle.push(p, resolution, pushes)
    assert monde.messages() == []
    monde.armoire.pause = False
    passe(monde, minutes=10)
    assert len(monde.messages()) == 1


def stop_after(monde, count):
    """The process is asked to stop once that many dossiers were written to."""
    monde.arret = lambda: sum(1 for stage, _ in monde.progres if stage == "écriture") >= count


def test_asked_to_stop_the_cycle_ends_after_the_current_dossier(monde):
    for number in range(100, 104):
        depose(monde, number)
    stop_after(monde, 2)
    passe(monde)
    states = [monde.vu(n).state for n in range(100, 104)]
    assert states.count(DossierState.EN_INSTRUCTION) == 2
    assert all(i.state is DONE for i in monde.registre.intentions.values())
    monde.arret = lambda: False
    passe(monde, minutes=1)
    assert all(monde.vu(n).state is DossierState.EN_INSTRUCTION for n in range(100, 104))


def test_asked_to_stop_the_examination_ends_too_and_the_rest_is_examined_next_time(monde):
    for number in range(100, 110):
        depose(monde, number)
    monde.arret = lambda: sum(1 for stage, _ in monde.progres if stage == "examen") >= 3
    rapport = passe(monde)
    assert rapport.examines == 3
    assert ecrits(monde) == []
    monde.arret = lambda: False
    rapport = passe(monde, minutes=1)
    assert rapport.examines == 10
    assert rapport.transitions == 10


def test_asked_to_stop_at_once_nothing_is_asked_of_ds(monde):
    depose(monde)
    passe(monde)
    monde.armoire.quarantaine[555] = (monde.horloge.now, 1)
    monde.arret = lambda: True
    passe(monde, minutes=1)
    assert monde.serveur.requetes == []


def test_a_stop_asked_for_while_waiting_for_ds_is_told_once(monde, monkeypatch):
    def attend(*_, **__):
        raise StopRequested

    depose(monde, complet=False)
    with monkeypatch.context() as patch:
        patch.setattr(monde.serveur, "apply", attend)
        rapport = passe(monde)
    assert (rapport.notes, rapport.exit_code, rapport.examines) == ([cycle.INTERROMPU], 0, 1)
    ((code, _, text),) = monde.armoire.rapports
    assert (code, text) == (0, rapport.text())
    assert ecrits(monde) == []
    assert passe(monde, minutes=1).messages == 1


def test_the_brake_sends_nothing_at_all_when_one_message_is_too_many(monde):
    monde.politique = replace(AGIR, messages_par_cycle=2)
    for number in range(100, 103):
        depose(monde, number, complet=False)
    with pytest.raises(SafetyStop, match="3 messages en un seul passage, alors que le plafond est de 2") as caught:
        passe(monde)
    assert ecrits(monde) == []
    assert caught.value.exit_code == 3
    assert monde.armoire.rapports[-1][0] == 3
    with pytest.raises(SafetyStop):
        passe(monde, minutes=1)
    monde.politique = replace(AGIR, messages_par_cycle=3)
    assert passe(monde, minutes=1).messages == 3


def test_a_dossier_that_was_asked_and_moved_in_one_day_pulls_the_brake_until_tomorrow(monde):
    monde.politique = replace(AGIR, par_dossier_par_jour=1)
    depose(monde, complet=False)
    passe(monde, minutes=1)
    monde.serveur.usager_corrige(100, cv=une_piece())
    with pytest.raises(SafetyStop, match="2 messages et changements d’état en un jour pour le dossier n° 100"):
        passe(monde, minutes=1)
    assert monde.vu().state is DossierState.EN_CONSTRUCTION
    passe(monde, days=1)
    assert monde.vu().state is DossierState.EN_INSTRUCTION


def test_a_dossier_that_is_submitted_again_and_again_in_one_day_gets_one_message_that_day(monde):
    depose(monde, complet=False)
    for _ in range(3):
        passe(monde, minutes=1)
        monde.serveur.usager_corrige(100, specialite="ORL")
    passe(monde, minutes=1)
    assert len(monde.messages()) == 1
    passe(monde, days=1)
    assert len(monde.messages()) == 2


def test_a_file_that_awaits_the_antivirus_is_read_again_and_the_dossier_passes_once_it_is_safe(monde):
    attente = tuple(
        replace(c, value=une_piece(virus_scan=VirusScan.PENDING)) if c.id == "C-cv" else c for c in un_dossier().champs
    )
    depose(monde, champs=attente)
    passe(monde)
    passe(monde, minutes=6)
    passe(monde, minutes=6)
    monde.serveur.lignes[100].dossier = replace(monde.vu(), champs=un_dossier().champs)
    passe(monde, minutes=1)
    assert monde.vu().state is DossierState.EN_CONSTRUCTION, "DS moved no date: nobody knows yet"
    passe(monde, minutes=15)
    assert monde.vu().state is DossierState.EN_INSTRUCTION


def test_the_brake_counts_transitions_apart(monde):
    monde.politique = replace(AGIR, transitions_par_cycle=0)
    depose(monde)
    with pytest.raises(SafetyStop, match="1 changements d’état"):
        passe(monde)
    assert ecrits(monde) == []


def test_annotations_alone_never_pull_the_brake(monde):
    monde.politique = replace(AGIR, mode=Mode.ANNOTER, messages_par_cycle=0, transitions_par_cycle=0)
    for number in range(100, 103):
        depose(monde, number, complet=False)
    assert passe(monde).annotes == 3


# writes that fail


def test_the_ledger_is_committed_before_the_request_leaves(monde):
    depose(monde)
    passe(monde)
    touches = monde.sort.touches
    for kind in ("EcrireAnnotations", "AjouterLabel", "ChangerEtat"):
        sent = touches.index(f"{kind} 100")
        assert touches[sent - 1] == "opened"
        assert touches[sent + 1 : sent + 3] == [f"applied {kind}", "close"]


def test_a_refusal_is_kept_said_and_tried_again_an_hour_later_not_before(monde):
    depose(monde, complet=False)
    monde.serveur.pannes.append(Panne.REFUS)
    rapport = passe(monde)
    assert rapport.echecs == [(100, "DS a refusé.")]
    assert rapport.exit_code == 1
    assert monde.annotation(AVIS) == "À compléter", "a refused message does not hold the annotations back"
    assert etats(monde, "message") == [REJECTED]
    assert passe(monde, minutes=10).messages == 0
    assert passe(monde, hours=1).messages == 1
    assert len(monde.messages()) == 1


@pytest.mark.parametrize("panne", [Panne.FERMEE, Panne.QUOTA])
def test_a_write_that_certainly_did_not_go_is_sent_by_the_next_cycle(monde, panne):
    depose(monde, complet=False)
    monde.serveur.pannes.append(panne)
    with pytest.raises(RetryableError):
        passe(monde)
    assert etats(monde, "message") == [PLANNED]
    passe(monde, minutes=1)
    assert len(monde.messages()) == 1


def test_a_token_refused_in_the_middle_ends_the_cycle_at_once_and_it_resumes_once_mended(monde):
    for number in range(100, 103):
        depose(monde, number)
    apply = monde.serveur.apply

    def refuse(*_args):
        raise AccessDenied("jeton expiré.")

    monde.serveur.apply = refuse
    with pytest.raises(AccessDenied):
        passe(monde)
    assert len([r for r in monde.serveur.requetes if r.startswith("dossier")]) == 1
    assert etats(monde) == [PLANNED]
    monde.serveur.apply = apply
    passe(monde, minutes=1)
    assert all(monde.vu(n).state is DossierState.EN_INSTRUCTION for n in range(100, 103))


@pytest.mark.parametrize("panne", [Panne.PERDUE, Panne.SANS_REPONSE, Panne.TARDIVE])
@pytest.mark.parametrize("rang", range(3))
def test_a_lost_answer_is_settled_by_reading_and_nothing_is_sent_twice(monde, panne, rang):
    depose(monde, complet=False)
    monde.serveur.pannes.extend([Panne.AUCUNE] * rang + [panne])
    rapport = passe(monde)
    assert (rapport.inconnus, rapport.exit_code) == (1, 75)
    assert UNKNOWN in etats(monde)
    rapport = passe(monde, seconds=1)
    assert rapport.reprises == 1
    assert rapport.exit_code == 0
    assert len(monde.messages()) == 1
    assert monde.annotation(AVIS) == "À compléter"
    assert monde.vu().labels == (MANQUE,)
    assert set(etats(monde)) == {DONE}
    assert ecrits_apres(monde) == []


def ecrits_apres(monde):
    """The writes of one more cycle."""
    passe(monde, minutes=1)
    return ecrits(monde)


def test_a_lost_passage_is_settled_by_the_history(monde):
    depose(monde)
    monde.serveur.pannes.extend([Panne.AUCUNE, Panne.AUCUNE, Panne.SANS_REPONSE])
    passe(monde)
    monde.serveur.agent_change_etat(100, DossierState.EN_CONSTRUCTION, "repasse_en_construction")
    passe(monde, minutes=1)
    assert etats(monde, "etat") == [DONE]
    assert monde.vu().state is DossierState.EN_CONSTRUCTION


def test_three_lost_answers_in_a_row_end_the_cycle(monde):
    for number in range(100, 106):
        depose(monde, number)
    monde.serveur.pannes.extend([Panne.PERDUE] * 6)
    with pytest.raises(OutcomeUnknown) as caught:
        passe(monde)
    assert caught.value.rapport.inconnus == 3
    assert len(ecrits(monde)) == 3


def test_lost_answers_that_are_not_in_a_row_do_not(monde):
    for number in range(100, 106):
        depose(monde, number)
    per_dossier = [Panne.PERDUE, Panne.PERDUE, Panne.AUCUNE, Panne.AUCUNE, Panne.AUCUNE, Panne.PERDUE, Panne.PERDUE]
    monde.serveur.pannes.extend(per_dossier)
    assert passe(monde).inconnus == 4


def test_settling_waits_once_for_what_may_still_land_and_no_longer_than_the_policy_says(monde):
    depose(monde, complet=False)
    monde.serveur.pannes.append(Panne.PERDUE)
    passe(monde)
    monde.attentes.clear()
    passe(monde, seconds=1)
    assert monde.attentes == [29.0]


def test_a_clock_set_back_by_a_day_does_not_make_settling_wait_for_a_day(monde):
    depose(monde, complet=False)
    monde.serveur.pannes.append(Panne.PERDUE)
    passe(monde)
    monde.serveur.decalage += timedelta(days=1)
    monde.attentes.clear()
    passe(monde, days=-1)
    assert monde.attentes == [30.0]
    assert len(monde.messages()) == 1


def test_asked_to_stop_while_waiting_the_doubt_is_left_to_the_next_cycle(monde):
    depose(monde, complet=False)
    monde.serveur.pannes.append(Panne.PERDUE)
    passe(monde)
    asked = iter([False, True])
    monde.arret = lambda: next(asked, True)
    rapport = passe(monde, seconds=1)
    assert (rapport.inconnus, rapport.exit_code) == (1, 75)
    assert monde.serveur.requetes == ["dossier 100"]
    monde.arret = lambda: False
    passe(monde, minutes=1)
    assert len(monde.messages()) == 1


def test_asked_to_stop_at_once_a_doubt_is_not_even_read_about(monde):
    depose(monde, complet=False)
    monde.serveur.pannes.append(Panne.PERDUE)
    passe(monde)
    monde.arret = lambda: True
    rapport = passe(monde, hours=1)
    assert (rapport.inconnus, monde.serveur.requetes) == (1, [])


@pytest.mark.parametrize(("complet", "state"), [(False, HANDED), (True, REJECTED)], ids=["message", "annotations"])
def test_a_doubt_about_a_dossier_that_is_gone_is_a_human_s_for_a_message_only(monde, complet, state):
    depose(monde, complet=complet)
    monde.serveur.pannes.append(Panne.PERDUE)
    passe(monde)
    assert etats(monde) == [UNKNOWN]
    monde.serveur.cache(100)
    passe(monde, minutes=1)
    assert etats(monde) == [state]
    assert monde.armoire.rangees[100].absent


def test_a_dossier_restored_from_the_bin_after_a_lost_annotation_is_annotated(monde):
    depose(monde)
    monde.serveur.pannes.append(Panne.PERDUE)
    passe(monde)
    monde.serveur.cache(100)
    passe(monde, minutes=1)
    monde.serveur.restaure(100)
    for _ in range(3):
        passe(monde, hours=2)
    assert monde.annotation(AVIS) == "Favorable"
    assert monde.vu().state is DossierState.EN_INSTRUCTION


def test_a_doubt_about_a_dossier_that_cannot_be_read_waits(monde):
    depose(monde, complet=False)
    monde.serveur.pannes.append(Panne.PERDUE)
    passe(monde)
    monde.serveur.lignes[100].illisible = True
    rapport = passe(monde, minutes=1)
    assert (100, "le dossier 100 est illisible.") in rapport.echecs
    assert etats(monde, "message") == [UNKNOWN]
    monde.serveur.lignes[100].illisible = False
    for _ in range(3):
        passe(monde, hours=2)
    assert len(monde.messages()) == 1
    assert etats(monde, "message") == [DONE]


def test_a_doubt_that_settling_could_not_lift_holds_that_effect_only_and_is_looked_at_again(monde):
    depose(monde, complet=False)
    monde.serveur.pannes.append(Panne.PERDUE)
    passe(monde)
    p = monde.passage()
    resolution = cycle.pull(p)
    cycle.push(p, resolution, tuple(cycle.check(p, resolution)))
    assert monde.messages() == []
    assert monde.annotation(AVIS) == "À compléter"
    assert monde.armoire.rangees[100].evaluation.a_pousser
    passe(monde, minutes=1)
    assert len(monde.messages()) == 1


def test_annotations_refused_one_by_one_are_said_and_the_others_kept(monde):
    depose(monde)
    monde.serveur.annotations_refusees.add(AVIS)
    rapport = passe(monde)
    assert monde.annotation(SYNTHESE)
    assert rapport.annotations == 3
    assert rapport.annotes == 1
    ((number, words),) = rapport.echecs
    assert number == 100
    assert "« Avis » : doit être dans les options proposées" in words
    (intention,) = [i for i in monde.registre.intentions.values() if i.kind == "annotations"]
    assert (intention.state, intention.cause) == (DONE, "refus_partiel")
    assert not any(c.startswith(AVIS) for c in intention.cible)


def test_annotations_all_refused_are_tried_again_later_once_mended(monde):
    depose(monde)
    monde.serveur.annotations_refusees.update({SYNTHESE, AVIS, POINTS, CONTROLE, VERSION})
    rapport = passe(monde)
    assert rapport.annotations == 0
    assert etats(monde, "annotations") == [REJECTED]
    monde.serveur.annotations_refusees.clear()
    passe(monde, hours=2)
    assert monde.annotation(AVIS) == "Favorable"


def test_one_annotation_that_is_always_refused_is_tried_once_an_hour(monde):
    depose(monde)
    monde.serveur.annotations_refusees.add(AVIS)
    passe(monde)
    tries = 0
    for _ in range(24):
        passe(monde, minutes=10)
        tries += len(ecrits(monde))
    assert 1 <= tries <= 5


def test_an_annotation_partly_written_when_the_answer_was_lost_is_ours_as_far_as_it_went(monde):
    depose(monde)
    monde.serveur.annotations_refusees.add(AVIS)
    monde.serveur.pannes.append(Panne.SANS_REPONSE)
    passe(monde)
    monde.serveur.annotations_refusees.clear()
    monde.horloge.avance(hours=1)
    monde.serveur.agent_annote(100, NOTE, "12")
    passe(monde, minutes=1)
    assert monde.annotation(AVIS) == "Favorable"
    monde.version, monde.regles = "2026.2", (REGLES[0], replace(REGLES[1], formats=("odt",)))
    rapport = passe(monde, minutes=1)
    assert (monde.annotation(VERSION), rapport.conflits) == ("2026.2", 0)
    assert monde.annotation(AVIS) == "À compléter"


def test_a_correction_that_ds_silently_ignored_is_detected_and_said(monde):
    depose(monde, complet=False)
    apply = monde.serveur.apply

    def overtaken(dossier, instructeur_id, action):
        monde.serveur.lignes[100].dossier = replace(
            monde.vu(), date_derniere_correction_en_attente=monde.vu().date_depot
        )
        return apply(dossier, instructeur_id, action)

    monde.serveur.apply = overtaken
    rapport = passe(monde)
    assert rapport.messages == 1
    assert (100, cycle.CORRECTION_IGNOREE) in rapport.echecs
    assert [i.cause for i in monde.registre.intentions.values() if i.kind == "message"] == ["correction_ignoree"]


def test_not_found_from_a_write_does_not_hide_a_live_dossier(monde):
    depose(monde, complet=False)
    monde.serveur.pannes.append(Panne.INTROUVABLE)
    rapport = passe(monde)
    assert rapport.echecs == [(100, "introuvable.")]
    assert monde.armoire.rangees[100].absent is None
    assert etats(monde, "message") == [PLANNED]
    passe(monde, hours=2)
    assert len(monde.messages()) == 1


def test_a_dossier_deleted_between_the_plan_and_the_push_is_marked_absent(monde):
    depose(monde)
    p = monde.passage()
    resolution = cycle.pull(p)
    pushes = tuple(cycle.check(p, resolution))
    monde.serveur.cache(100)
    cycle.push(p, resolution, pushes)
    assert monde.armoire.rangees[100].absent
    assert p.rapport.echecs == [(100, "le dossier 100 est introuvable.")]
    passe(monde, hours=2)
    assert monde.serveur.requetes == [f"page {NUMERO}"]


def test_a_dossier_that_became_unreadable_is_set_aside_and_written_to_once_it_is_not(monde):
    depose(monde)
    p = monde.passage()
    resolution = cycle.pull(p)
    pushes = tuple(cycle.check(p, resolution))
    monde.serveur.lignes[100].illisible = True
    cycle.push(p, resolution, pushes)
    assert 100 in monde.armoire.quarantaine
    monde.serveur.lignes[100].illisible = False
    for _ in range(3):
        passe(monde, hours=2)
    assert monde.vu().state is DossierState.EN_INSTRUCTION


def test_an_instructeur_who_is_not_in_the_group_is_said_once_an_hour_and_not_at_each_cycle(monde):
    monde.politique = replace(AGIR, instructeur="personne@ars.exemple.fr")
    depose(monde)
    rapport = passe(monde)
    assert "n’est pas membre du groupe « Loiret »" in rapport.echecs[0][1]
    assert etats(monde) == []
    reads = 0
    for _ in range(12):
        passe(monde, minutes=10)
        reads += monde.serveur.requetes.count("dossier 100")
    assert reads <= 4
    monde.politique = AGIR
    passe(monde, minutes=1)
    assert monde.vu().state is DossierState.EN_INSTRUCTION


def test_the_instructeur_is_found_in_the_dossier_s_own_group_whatever_the_case(monde):
    monde.politique = replace(AGIR, instructeur=AGIR.instructeur.upper())
    other = Groupe(id="G-2", number=2, label="Autre", instructeurs=tuple(reversed(GROUPE.instructeurs)))
    depose(monde, groupe=other)
    passe(monde)
    assert monde.vu().state is DossierState.EN_INSTRUCTION


def test_a_dossier_that_nobody_stored_is_put_off_without_a_word(monde):
    cycle._put_off(monde.passage(), 999)
    depose(monde)
    cycle.pull(monde.passage())
    cycle._put_off(monde.passage(), 100)
    assert monde.armoire.rangees[100].evaluation is None


@pytest.mark.parametrize(
    ("state", "suite"),
    [
        (DONE, cycle.Suite.FAITE),
        (HANDED, cycle.Suite.FAITE),
        (REJECTED, cycle.Suite.REFUSEE),
        (UNKNOWN, cycle.Suite.A_REPRENDRE),
        (SENDING, cycle.Suite.A_REPRENDRE),
    ],
)
def test_an_intent_that_the_ledger_will_not_open_says_what_is_left_to_do(monde, state, suite):
    depose(monde)
    passe(monde)
    fingerprint, intention = next(iter(monde.registre.intentions.items()))
    monde.registre.intentions[fingerprint] = replace(intention, state=state)
    assert cycle._why_not(monde.passage(), fingerprint) is suite


def test_an_intent_that_the_ledger_has_not_is_another_cycle_s(monde):
    assert cycle._why_not(monde.passage(), "inconnue") is cycle.Suite.A_REPRENDRE


def test_an_effect_that_the_ledger_has_done_is_not_asked_again(monde):
    depose(monde)
    p = monde.passage()
    action = AjouterLabel(label=COMPLET)
    first = cycle._do(p, monde.vu(), "I-connecteur", action, "f")
    again = cycle._do(p, monde.vu(), "I-connecteur", action, "f")
    assert (first, again) == ((cycle.Suite.FAITE, action), (cycle.Suite.FAITE, None))
    assert monde.serveur.requetes == ["AjouterLabel 100"]


def test_a_refusal_about_an_annotation_that_we_did_not_send_is_told_by_its_id(monde):
    depose(monde)
    action = EcrireAnnotations(ecritures=(Ecriture(id=SYNTHESE, label="Synthèse", cle=CleAnnotation.TEXT, value="x"),))
    monde.serveur.annotations_refusees.add(SYNTHESE)
    p = monde.passage()
    assert cycle._do(p, monde.vu(), "I-connecteur", action, "f")[0] is cycle.Suite.REFUSEE
    assert "« Synthèse »" in p.rapport.echecs[0][1]


# evaluations


def test_judgements_are_committed_by_lots_and_none_is_lost(monde, monkeypatch):
    monkeypatch.setattr(cycle, "LOT", 2)
    monde.politique = Politique()
    for number in range(100, 105):
        depose(monde, number)
    passe(monde)
    assert monde.sort.touches.count("evaluations saved") == 3
    assert all(r.evaluation for r in monde.armoire.rangees.values())


def test_a_cycle_that_dies_between_the_examination_and_the_writing_writes_next_time(monde):
    depose(monde)
    p = monde.passage()
    tuple(cycle.check(p, cycle.pull(p)))
    passe(monde, hours=1)
    assert monde.vu().state is DossierState.EN_INSTRUCTION


def test_an_agent_s_word_stops_what_was_planned_and_is_not_ours_to_undo(monde):
    depose(monde, complet=False)
    monde.serveur.agent_ecrit(100)
    rapport = passe(monde)
    assert (rapport.messages, rapport.retenus) == (0, 1)
    assert [m.email for m in monde.vu().messages] == [AGENT]


# the others


def avec_les_autres(monde, **dit):
    """The same world with others around, who say that of each dossier."""
    monde.entourage = Entourage(monde.sort)
    monde.entourage.parole = {int(number[1:]): words for number, words in dit.items()}
    return monde.entourage


def test_what_the_others_say_of_a_dossier_is_among_its_findings(monde):
    entourage = avec_les_autres(monde, n100="Le poste est déjà pourvu.")
    depose(monde)
    depose(monde, 101)
    passe(monde)
    assert "Le poste est déjà pourvu." in monde.annotation(POINTS)
    assert monde.annotation(POINTS, 101) in {None, ""}
    assert entourage.recenses == [NUMERO]


def test_what_was_read_is_entered_before_anything_is_judged(monde):
    avec_les_autres(monde)
    depose(monde)
    passe(monde)
    touches = monde.sort.touches
    assert touches.index("page saved") < touches.index("recense") < touches.index("evaluations saved")


def test_who_competes_for_a_place_is_known_before_anybody_is_told_how_many_are_left(monde):
    entourage = avec_les_autres(monde, n102="À régler.")
    for number, complet in ((100, True), (101, False), (102, True)):
        depose(monde, number, complet=complet)
    passe(monde)
    touches = monde.sort.touches
    assert touches.index("apprecie") < touches.index("evaluations saved")
    assert entourage.apprecies == {100: True, 101: False, 102: False}


def test_who_competes_is_not_looked_for_where_places_are_not_counted(monde):
    entourage = avec_les_autres(monde)
    entourage.places = False
    depose(monde)
    passe(monde)
    assert entourage.apprecies == {}


def test_many_competitors_are_noted_some_at_a_time(monde, monkeypatch):
    monkeypatch.setattr(cycle, "LOT", 2)
    entourage = avec_les_autres(monde)
    for number in range(100, 105):
        depose(monde, number)
    passe(monde)
    assert entourage.apprecies == dict.fromkeys(range(100, 105), True)
    assert monde.sort.touches.count("apprecie") == 3


def test_what_the_others_said_is_remembered_after_the_judgement_so_that_a_crash_only_judges_again(monde):
    avec_les_autres(monde)
    depose(monde)
    passe(monde)
    touches = monde.sort.touches
    assert touches[touches.index("evaluations saved") + 1] == "retient"


def test_a_dossier_of_whom_the_others_now_say_something_else_is_judged_again_in_the_same_cycle(monde):
    entourage = avec_les_autres(monde)
    depose(monde)
    passe(monde)
    passe(monde, minutes=10)
    depose(monde, 101)
    recense = entourage.recense

    def and_then_says(demarche, resolution):
        recense(demarche, resolution)
        entourage.demain = {100: "Un autre candidat occupe le poste."}

    entourage.recense = and_then_says
    rapport = passe(monde, minutes=10)
    assert rapport.examines == 2, "the new one, and ours again"
    assert "Un autre candidat" in monde.annotation(POINTS)
    passe(monde, minutes=1)
    rapport = passe(monde, minutes=10)
    assert rapport.examines == 0


def test_a_dossier_judged_twice_in_a_cycle_counts_once_before_the_brake(monde):
    monde.politique = replace(AGIR, messages_par_cycle=1)
    entourage = avec_les_autres(monde)
    depose(monde, complet=False)
    retient = entourage.retient

    def then_says_more(dossiers, **autres):
        retient(dossiers, **autres)
        entourage.parole = {100: "À regarder."}

    entourage.retient = then_says_more
    rapport = passe(monde)
    assert (rapport.examines, rapport.messages) == (2, 1)
    assert "À regarder." in monde.annotation(POINTS)


def test_one_of_the_others_that_is_not_stored_any_more_is_passed_over(monde):
    entourage = avec_les_autres(monde)
    entourage.entendu = {999: "autrefois"}
    depose(monde)
    assert passe(monde).examines == 1


def test_one_of_the_others_that_cannot_be_read_back_is_set_aside_read_from_ds_again_and_judged(monde):
    entourage = avec_les_autres(monde)
    for number in (100, 101):
        depose(monde, number)
    passe(monde)
    for _ in range(2):
        passe(monde, minutes=10)
    entourage.demain = {100: "À régler.", 101: "À voir."}
    monde.armoire.rangees[100].illisible = True
    passe(monde, minutes=10)
    assert "À voir." in monde.annotation(POINTS, 101), "the others go on"
    assert "À régler." not in (monde.annotation(POINTS) or "")
    assert set(monde.armoire.quarantaine) == {100}
    entourage.entendu[100] = "À régler."  # this world was told, as far as it knows
    passe(monde, minutes=10)
    assert "À régler." in monde.annotation(POINTS)
    assert monde.armoire.quarantaine == {}


def test_asked_to_stop_the_others_are_left_to_the_next_cycle(monde):
    entourage = avec_les_autres(monde)
    depose(monde)
    passe(monde)
    entourage.demain = {100: "Nouveau."}
    depose(monde, 101)
    monde.arret = lambda: len([s for s, _ in monde.progres if s == "examen"]) >= 2
    passe(monde)
    monde.arret = lambda: False
    passe(monde, minutes=1)
    assert "Nouveau." in monde.annotation(POINTS)


def test_asked_to_stop_while_the_others_are_compared_nobody_else_is_and_the_next_cycle_compares_them_all(monde):
    entourage = avec_les_autres(monde)
    for number in (100, 101, 102):
        depose(monde, number)
    passe(monde)
    passe(monde, minutes=1)
    entourage.regardes.clear()
    entourage.demain = {102: "Nouveau."}
    monde.arret = lambda: bool(entourage.regardes)
    rapport = passe(monde, minutes=10)
    assert (entourage.regardes, rapport.notes) == ([100], [cycle.INTERROMPU])
    assert "Nouveau." not in (monde.annotation(POINTS, 102) or "")
    monde.arret = lambda: False
    passe(monde, minutes=10)
    assert "Nouveau." in monde.annotation(POINTS, 102)


def test_a_preview_supposes_the_favourable_ones_accepted(monde):
    entourage = avec_les_autres(monde, n102="À régler.")
    depose(monde)
    depose(monde, 101, complet=False)
    depose(monde, 102)
    assert len(list(cycle.preview(monde.passage()))) == 3
    assert entourage.supposes == [frozenset({100})]
    assert ecrits(monde) == []


def test_a_preview_asked_to_stop_while_it_supposes_stops(monde):
    entourage = avec_les_autres(monde)
    depose(monde)
    p = monde.passage()
    resolution = cycle.pull(p)
    monde.arret = lambda: True
    assert list(cycle.rejudge(p, resolution)) == []
    assert entourage.supposes == [frozenset()]


def test_a_file_that_awaits_the_antivirus_in_a_dossier_that_is_gone_is_judged_no_more(monde):
    attente = tuple(
        replace(c, value=une_piece(virus_scan=VirusScan.PENDING)) if c.id == "C-cv" else c for c in un_dossier().champs
    )
    for number in (100, 101):
        depose(monde, number, champs=attente)
    passe(monde)
    monde.serveur.cache(100)
    monde.serveur.lignes[101].illisible = True
    rapport = passe(monde, minutes=20)
    assert rapport.examines == 0
    assert monde.armoire.rangees[100].absent
    assert 101 in monde.armoire.quarantaine


def test_that_everything_was_told_is_noted_at_the_end_of_a_whole_cycle_alone(monde):
    entourage = avec_les_autres(monde)
    depose(monde)
    passe(monde)
    assert entourage.fois_tout_dit == 1
    assert monde.sort.touches.index("page saved") < monde.sort.touches.index("tout_dit")
    depose(monde, 101)
    monde.arret = lambda: bool(monde.serveur.requetes)
    passe(monde)
    assert entourage.fois_tout_dit == 1


def test_the_counters_that_a_dossier_does_not_show_yet_are_remembered_as_untold(monde, monkeypatch):
    entourage = avec_les_autres(monde)
    entourage.dits = True
    monkeypatch.setattr(decide, "COMPTEURS", frozenset({"synthese"}))
    depose(monde)
    passe(monde)
    assert entourage.tus == set(), "a first annotation never waits"
    monde.horloge.avance(minutes=10)
    monde.serveur._annote(100, {SYNTHESE: "Autre chose."}, monde.horloge.now.replace(microsecond=0))
    monde.serveur._ecrit(100, date_derniere_modification_champs=monde.horloge.now.replace(microsecond=0))
    passe(monde)
    assert (entourage.tus, monde.annotation(SYNTHESE)) == ({100}, "Autre chose.")


class Comptee(ChampRequis):
    """A rule that counts how many times it is asked."""

    fois = 0

    def check(self, candidature, contexte):
        Comptee.fois += 1
        return super().check(candidature, contexte)


def examens(monde, monkeypatch, **changes):
    monkeypatch.setattr(Comptee, "fois", 0)
    monde.regles = (Comptee(cle="x", libelle="spécialité", sources=(SOURCE,), champ="specialite"),)
    p = monde.passage()
    tuple(cycle.check(p, cycle.pull(p)))
    return Comptee.fois


def test_the_rules_run_once_on_a_dossier_whose_situation_did_not_move(monde, monkeypatch):
    avec_les_autres(monde)
    depose(monde)
    assert examens(monde, monkeypatch) == 1


def test_the_rules_run_again_where_the_situation_moved_or_there_were_too_many(monde, monkeypatch):
    entourage = avec_les_autres(monde)
    for number in (100, 101):
        depose(monde, number)
    entourage.demain = {100: "Un jumeau est arrivé."}
    assert examens(monde, monkeypatch) == 3
    monde.perd_la_base()
    monkeypatch.setattr(cycle, "EXAMENS_GARDES", 1)
    assert examens(monde, monkeypatch) == 3


def test_a_dossier_read_again_before_its_judgement_is_examined_again(monde, monkeypatch):
    avec_les_autres(monde)
    scan = une_piece(virus_scan=VirusScan.PENDING)
    depose(monde, champs=tuple(replace(c, value=scan) if c.id == CV else c for c in un_dossier().champs))
    passe(monde)
    monde.horloge.avance(hours=1)
    assert examens(monde, monkeypatch) == 2, "as stored, then as read again"


def test_a_passage_is_held_while_a_referential_is_missing_and_the_report_says_it_once(monde, monkeypatch):
    monkeypatch.setattr(ChampRequis, "referentiels", lambda *_: frozenset({Referentiel.ZONAGE}))
    for number in (100, 101):
        depose(monde, number)
    rapport = passe(monde)
    assert (rapport.transitions, rapport.retenus) == (0, 2)
    assert [note for note in rapport.notes if "aucun zonage n’est importé" in note] == rapport.notes
    assert len(rapport.notes) == 1
    ((_, _, text),) = monde.armoire.rapports
    assert "aucun zonage" in text


def test_two_connectors_that_contradict_each_other_stop_annotating_a_dossier_for_the_day_and_others_go_on(monde):
    monde.politique = replace(AGIR, annotations_par_dossier_par_jour=3)
    depose(monde)
    writes = []
    for fois in range(8):
        monde.serveur._annote(100, {SYNTHESE: f"Autre {fois}"}, monde.horloge.now.replace(microsecond=0))
        monde.serveur._ecrit(100, date_derniere_modification_champs=monde.horloge.now.replace(microsecond=0))
        rapport = passe(monde, minutes=10)
        writes.append(rapport.annotes)
    assert sum(writes) == 3
    assert (rapport.satures, rapport.exit_code) == (1, 0)
    depose(monde, 101)
    assert passe(monde).annotes == 1, "the other dossier is served"
    monde.horloge.avance(hours=25)
    assert passe(monde).annotes == 1, "another day, another count"
    assert monde.annotation(SYNTHESE).startswith("FAVORABLE")


def test_a_cycle_asked_to_stop_says_that_it_was_interrupted(monde):
    for number in (100, 101):
        depose(monde, number)
    monde.arret = lambda: bool(monde.serveur.requetes)
    assert cycle.INTERROMPU in passe(monde).notes
    assert "interrompu" in monde.armoire.rapports[-1][2]
    monde.arret = lambda: False
    assert passe(monde).notes == []


def test_that_a_cycle_begins_is_noted_before_anything_is_read(monde):
    monde.serveur.lectures_en_panne.append(RetryableError("panne"))
    with pytest.raises(RetryableError):
        passe(monde)
    assert len(monde.armoire.commences) == 1
