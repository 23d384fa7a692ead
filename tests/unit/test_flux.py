"""Nothing is lost: deletions, what moves no date, late commits, duplicates; the brake raised once (tests/fakes.py)."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pytest

from connector import cycle, lecture
from connector.core import filigrane
from connector.core.ecarts import Nature
from connector.core.model import Correction, Demandeur, DossierState, Groupe, Label, PageReperes, Profil, VirusScan
from connector.core.plan import AjouterLabel, EtatIntention
from connector.core.politique import Mode, Politique
from connector.errors import ContractBroken, DossierNotFound, MutationRefused, RetryableError, SafetyStop
from tests.fakes import (
    AGENT,
    AGIR,
    COMPLET,
    CONNECTEUR,
    MANUEL,
    NUMERO,
    Armoire,
    Entourage,
    Monde,
    Panne,
    un_champ,
    un_dossier,
    une_piece,
    une_resolution,
    une_revision,
)
from tests.unit.test_cycle import depose, ecrits, passe

PAGE, REPERES = f"page {NUMERO}", f"reperes {NUMERO}"


@pytest.fixture
def monde():
    return Monde()


def calme(monde, *numbers, **later):
    """Some dossiers read, judged, written to, and the démarche quiet."""
    for number in numbers or (100,):
        depose(monde, number)
    for _ in range(3):
        passe(monde, minutes=10)
    passe(monde, **later or {"minutes": 10})
    assert monde.serveur.requetes == [PAGE]


def complet(monde, **later):
    """A cycle that compares every number."""
    monde.horloge.avance(**later)
    monde.serveur.requetes.clear()
    return cycle.run(replace(monde.passage(), complet=True))


# deletions


def test_a_binned_dossier_is_marked_absent_with_its_reason_in_the_one_request_of_a_poll(monde):
    calme(monde, 100, 101)
    monde.serveur.cache(100, reason="user_request")
    passe(monde, minutes=10)
    assert monde.serveur.requetes == [PAGE]
    assert monde.armoire.rangees[100].absent == "user_request"
    assert monde.armoire.rangees[101].absent is None


def test_a_purged_dossier_is_found_though_ds_dates_its_purge_two_weeks_back(monde):
    calme(monde)
    monde.serveur.purge(100, reason="user_request", il_y_a=timedelta(days=15))
    passe(monde, minutes=10)
    assert monde.armoire.rangees[100].absent == "user_request"


def test_a_purge_during_an_outage_of_a_month_is_found_when_it_ends(monde):
    calme(monde, 100, 101)
    monde.serveur.cache(100)
    monde.horloge.avance(days=20)
    monde.serveur.purge(100, reason="user_request", il_y_a=timedelta(days=20))
    monde.horloge.avance(days=25)
    p = monde.passage()
    cycle.pull(p)
    assert monde.armoire.rangees[100].absent == "user_request"


def test_a_dossier_taken_out_of_the_bin_is_there_again_and_treated_as_any_other(monde):
    depose(monde, complet=False)
    monde.serveur.cache(100)
    passe(monde)
    assert monde.serveur.envois == []
    monde.serveur.restaure(100)
    passe(monde, minutes=10)
    assert monde.armoire.rangees[100].absent is None
    assert len(monde.messages()) == 1


def test_nothing_is_sent_to_a_dossier_binned_since_it_was_stored(monde):
    monde.politique = Politique()
    depose(monde, complet=False)
    passe(monde)
    monde.serveur.cache(100)
    monde.politique = AGIR
    passe(monde, minutes=10)
    assert ecrits(monde) == []
    assert monde.serveur.requetes == [PAGE]


def test_deletions_are_asked_for_once_a_poll_even_when_its_first_page_is_read_again(monde):
    asked = []
    page = monde.serveur.page

    def watched(*args, deleted_since=None, **kwargs):
        asked.append(deleted_since)
        return page(*args, deleted_since=deleted_since, **kwargs)

    monde.serveur.par_page = 1
    calme(monde, 100, 101)
    monde.serveur.page = watched
    monde.armoire.filigranes[NUMERO] = replace(monde.armoire.filigranes[NUMERO], cursor="%%garbage%%")
    depose(monde, 102)
    rapport = passe(monde)
    assert rapport.curseurs_refaits == 1
    assert [since is not None for since in asked[:2]] == [True, True], "the first answer was not believed"
    assert set(asked[2:]) == {None}


# what moves no date


def test_a_label_put_in_silence_is_found_by_the_nightly_comparison(monde):
    depose(monde)
    monde.politique = replace(AGIR, transitions_par_cycle=99, passage_en_instruction=False)
    calme(monde, 100, 101, 102)
    monde.serveur.agent_etiquette(100, MANUEL)
    assert passe(monde, minutes=10).lus == 0
    rapport = complet(monde, minutes=10)
    assert (rapport.compares, rapport.ecarts) == (3, 1)
    assert monde.armoire.rangees[100].fiche.dossier.labels == (MANUEL,)
    assert REPERES in monde.serveur.requetes


def test_an_attestation_made_after_a_decision_is_seen_at_night_and_read_once(monde):
    calme(monde, 100, 101)
    monde.serveur.atteste(101)
    passe(monde, minutes=10)
    assert not monde.armoire.rangees[101].fiche.dossier.attestation, "no date moved"
    rapport = complet(monde, minutes=10)
    assert (rapport.ecarts, monde.armoire.rangees[101].fiche.dossier.attestation) == (1, True)
    assert complet(monde, minutes=10).ecarts == 0


def test_the_comparison_of_a_quiet_demarche_costs_one_light_request_a_page_and_reads_nothing_again(monde):
    monde.serveur.par_page = 2
    calme(monde, *range(100, 105))
    rapport = complet(monde, minutes=10)
    assert monde.serveur.requetes == [PAGE, *[REPERES] * 3]
    assert (rapport.compares, rapport.ecarts, rapport.exit_code) == (5, 0, 0)
    passe(monde, minutes=10)
    assert monde.serveur.requetes == [PAGE]


def test_without_any_night_job_the_comparison_comes_by_itself_after_a_day_and_a_half(monde):
    calme(monde)
    for _ in range(35):
        assert passe(monde, hours=1).compares == 0
    assert passe(monde, hours=1).compares == 1
    assert passe(monde, hours=1).compares == 0


def test_a_clock_set_back_has_the_comparison_made_once_and_no_more(monde):
    calme(monde)
    monde.serveur.decalage += timedelta(days=30)
    assert passe(monde, days=-30).compares == 1
    assert passe(monde, minutes=10).compares == 0


def test_dossiers_brought_to_a_new_form_are_read_again_some_minutes_after_its_publication(monde):
    calme(monde, *range(100, 105))
    monde.serveur.publie_revision(une_revision("R-2"))
    rapport = passe(monde, minutes=1)
    assert rapport.compares == 0, "DS has not brought them to it yet"
    monde.serveur.rebase(*range(100, 105))
    rapport = passe(monde, minutes=6)
    assert (rapport.compares, rapport.ecarts) == (5, 5)
    assert {r.fiche.dossier.revision_id for r in monde.armoire.rangees.values()} == {"R-2"}
    assert monde.serveur.requetes.count(PAGE) == 2, "read page by page, not one by one"
    for _ in range(2):
        passe(monde, minutes=10)
    assert monde.serveur.requetes == [PAGE]


def test_a_form_read_again_because_the_mapping_did_not_fit_has_its_dossiers_compared_too(monde):
    calme(monde)
    monde.serveur.publie_revision(une_revision("R-2"))
    del monde.armoire.demarches[NUMERO]
    passe(monde, minutes=1)
    monde.serveur.rebase(100)
    assert passe(monde, minutes=6).ecarts == 1
    assert monde.armoire.rangees[100].fiche.dossier.revision_id == "R-2"


def test_a_few_differences_among_many_dossiers_are_read_one_by_one(monde):
    monde.politique = replace(AGIR, mode=Mode.ANNOTER)
    calme(monde, *range(100, 130))
    monde.serveur.agent_etiquette(107, COMPLET, MANUEL)
    monde.serveur.agent_etiquette(111, COMPLET, MANUEL)
    complet(monde, minutes=10)
    assert monde.serveur.requetes[:4] == [PAGE, REPERES, "dossier 107", "dossier 111"]


def test_an_expired_dossier_that_no_list_shows_is_asked_for_by_its_number_and_marked_absent(monde):
    calme(monde, 100, 101)
    monde.serveur.expire(100)
    passe(monde, minutes=10)
    assert monde.armoire.rangees[100].absent is None
    rapport = complet(monde, minutes=10)
    assert monde.serveur.requetes == [PAGE, REPERES, "dossier 100"]
    assert "introuvable" in monde.armoire.rangees[100].absent
    assert rapport.ecarts == 1
    complet(monde, days=1)
    assert monde.serveur.requetes == [PAGE, REPERES]
    monde.serveur.purge(100)
    passe(monde, days=13)
    assert monde.armoire.rangees[100].absent in {"expired", "le dossier 100 est introuvable."}


def test_a_dossier_that_lists_leave_out_by_mistake_is_not_taken_for_deleted(monde):
    calme(monde, 100, 101)
    reperes = monde.serveur.reperes

    def forgetful(*args, **kwargs):
        page = reperes(*args, **kwargs)
        return replace(page, reperes=tuple(r for r in page.reperes if r.number != 100))

    monde.serveur.reperes = forgetful
    complet(monde, minutes=10)
    assert monde.armoire.rangees[100].absent is None


def test_a_dossier_marked_absent_by_mistake_comes_back_with_the_comparison(monde):
    calme(monde)
    monde.armoire.mark_absent(100, cause="?", now=monde.horloge.now)
    passe(monde, minutes=10)
    assert monde.armoire.rangees[100].absent
    complet(monde, minutes=10)
    assert monde.armoire.rangees[100].absent is None


@pytest.mark.parametrize("known", [True, False], ids=["a change", "a deposit"])
def test_a_commit_far_later_than_the_overlap_is_found_by_the_comparison(monde, known):
    calme(monde, 100, 101)
    monde.horloge.avance(minutes=10)
    if known:
        monde.serveur.usager_corrige(100, specialite="ORL", retard=timedelta(hours=1))
        monde.serveur.lignes[100].visible_a -= timedelta(hours=1)
        ligne = monde.serveur.lignes[100]
        ligne.updated_at -= timedelta(hours=1)
        ligne.dossier = replace(ligne.dossier, date_derniere_modification=ligne.dossier.date_depot)
    else:
        monde.serveur.usager_depose(150, retard=timedelta(hours=4))
    depose(monde, 160)
    for _ in range(6):
        passe(monde, hours=1)
    assert 150 not in monde.armoire.rangees
    rapport = complet(monde, minutes=10)
    assert rapport.ecarts == 1
    if known:
        assert {c.value for c in monde.armoire.rangees[100].fiche.dossier.champs} >= {"ORL"}
    else:
        assert 150 in monde.armoire.rangees


def test_a_company_that_ds_completed_in_silence_is_read_again(monde):
    monde.politique = replace(AGIR, mode=Mode.ANNOTER)
    depose(monde, demandeur=Demandeur(typename="PersonneMoraleIncomplete", siret="1", complet=False))
    calme(monde, *range(101, 125))
    monde.serveur.lignes[100].dossier = replace(monde.vu(), demandeur=un_dossier().demandeur)
    rapport = complet(monde, minutes=10)
    assert monde.serveur.requetes[:3] == [PAGE, REPERES, "dossier 100"]
    assert rapport.ecarts == 0
    assert monde.armoire.rangees[100].fiche.dossier.demandeur.complet


def test_a_dossier_set_aside_is_left_to_its_own_attempts_by_the_comparison(monde):
    depose(monde)
    monde.serveur.lignes[100].illisible = True
    calme_enough = [passe(monde, minutes=m) for m in (1, 1)]
    assert calme_enough
    rapport = complet(monde, seconds=1)
    assert rapport.ecarts == 0
    assert monde.serveur.requetes == [PAGE, REPERES]


def test_an_outage_in_the_middle_of_a_comparison_ends_the_cycle_and_the_next_one_compares(monde):
    calme(monde)
    monde.horloge.avance(hours=40)
    reperes = monde.serveur.reperes
    monde.serveur.reperes = lambda *_a, **_k: (_ for _ in ()).throw(RetryableError("coupure."))
    with pytest.raises(RetryableError):
        passe(monde)
    monde.serveur.reperes = reperes
    assert passe(monde, minutes=1).compares == 1


def test_a_dossier_that_moves_during_the_comparison_is_listed_twice_and_compared_with_its_last_sight(monde):
    monde.serveur.par_page = 2
    calme(monde, *range(100, 104))
    reperes = monde.serveur.reperes

    def bouge(*a, **k):
        page = reperes(*a, **k)
        if k["after"] is None:
            monde.serveur.usager_corrige(page.reperes[0].number, specialite="ORL")
        return page

    monde.serveur.reperes = bouge
    rapport = complet(monde, minutes=10)
    assert monde.serveur.requetes.count(REPERES) == 3
    assert (rapport.compares, rapport.ecarts) == (4, 1)
    assert {c.value for c in monde.armoire.rangees[100].fiche.dossier.champs} >= {"ORL"}


def test_a_dossier_that_expired_is_asked_for_by_its_number_though_much_is_read_again_page_by_page(monde):
    depose(monde, 100, demandeur=Demandeur(typename="PersonneMoraleIncomplete", siret="1", complet=False))
    calme(monde, *range(101, 106))
    for number in range(101, 106):
        monde.serveur.agent_etiquette(number, MANUEL)
    monde.serveur.expire(100)
    assert complet(monde, minutes=10).ecarts == 6
    assert "dossier 100" in monde.serveur.requetes
    assert monde.armoire.rangees[100].absent


class Etagere(Armoire):
    """Stored dossiers that are made as they are asked for: all that is held is what the comparison holds."""

    def gardes(self, demarche, numbers):
        (modele,) = super().gardes(demarche, (100,)).values()
        return {n: replace(modele, number=n, parties=replace(modele.parties, champs=f"{n:064}")) for n in numbers}

    def presents(self, demarche):
        return iter(range(BEAUCOUP))


BEAUCOUP, OCTETS = 20_000, 250
"""How many dossiers are compared, and the memory that each may take: its number in a set, and no more."""


def test_the_memory_of_a_comparison_grows_by_the_numbers_alone(monde):
    calme(monde)
    (repere,) = monde.serveur.reperes(NUMERO, updated_since=filigrane.EPOCH, after=None).reperes

    def reperes(_number, *, updated_since, after):
        debut = int(after or 0)
        page = tuple(replace(repere, number=n, revision_id=f"{repere.revision_id}") for n in range(debut, debut + 100))
        return PageReperes(reperes=page, end_cursor=str(debut + 100), has_next_page=debut + 100 < BEAUCOUP)

    monde.serveur.reperes = reperes
    etagere = Etagere(monde.registre)
    etagere.rangees, etagere.filigranes = monde.armoire.rangees, monde.armoire.filigranes
    monde.armoire = etagere
    p = replace(monde.passage(), complet=True)
    resolution = une_resolution()
    tracemalloc.start()
    try:
        lecture.sweep(p, resolution)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (p.rapport.compares, p.rapport.ecarts) == (BEAUCOUP, 0)
    assert peak <= BEAUCOUP * OCTETS


def test_asked_to_stop_the_comparison_concludes_nothing_and_is_made_again(monde):
    calme(monde, *range(100, 103))
    monde.serveur.expire(100)
    monde.serveur.agent_etiquette(101, MANUEL)
    monde.horloge.avance(hours=40)
    monde.arret = lambda: REPERES in monde.serveur.requetes
    rapport = passe(monde)
    assert monde.armoire.rangees[100].absent is None
    assert rapport.compares == 2
    monde.arret = lambda: False
    assert passe(monde, minutes=1).ecarts == 2
    assert monde.armoire.rangees[100].absent
    assert monde.armoire.rangees[101].fiche.dossier.labels == (MANUEL,)


def test_asked_to_stop_while_much_is_read_again_the_next_cycle_goes_on_where_it_stopped(monde):
    monde.serveur.par_page = 1
    calme(monde, *range(100, 104))
    for number in range(100, 104):
        monde.serveur.agent_etiquette(number, MANUEL)
    monde.horloge.avance(hours=40)
    monde.arret = lambda: monde.serveur.requetes.count(PAGE) >= 3
    passe(monde)
    monde.arret = lambda: False
    rapport = passe(monde, minutes=1)
    assert (rapport.lus, rapport.compares) == (2, 0)
    assert all(r.fiche.dossier.labels == (MANUEL,) for r in monde.armoire.rangees.values())


def test_asked_to_stop_before_the_first_light_page_nothing_is_compared(monde):
    calme(monde)
    p = replace(monde.passage(), complet=True)
    resolution = cycle.pull(p)
    monde.arret = lambda: True
    cycle.sweep(p, resolution)
    assert p.rapport.compares == 0


def test_nothing_is_compared_in_the_middle_of_the_first_walk(monde):
    monde.serveur.par_page = 1
    for number in range(100, 103):
        depose(monde, number)
    asked = iter([False, False, True])
    monde.arret = lambda: next(asked, True)
    p = replace(monde.passage(), complet=True)
    resolution = cycle.pull(p)
    monde.arret = lambda: False
    cycle.sweep(p, resolution)
    assert REPERES not in monde.serveur.requetes


def test_a_light_page_that_leads_nowhere_is_a_broken_contract(monde):
    calme(monde)
    reperes = monde.serveur.reperes
    monde.serveur.reperes = lambda *a, **k: replace(reperes(*a, **k), has_next_page=True, end_cursor=None)
    with pytest.raises(ContractBroken, match="page suivante"):
        complet(monde)


# audit


def natures(ecarts):
    return {(e.number, e.nature, e.details) for e in ecarts}


def avant_apres(monde):
    """What an audit must leave as it was."""
    return dict(monde.armoire.rangees), dict(monde.armoire.filigranes), dict(monde.registre.intentions)


def test_an_audit_names_each_difference_and_writes_nothing(monde):
    calme(monde, *range(100, 107))
    monde.armoire.rangees.pop(100)
    monde.serveur.cache(101, reason="instructeur_request")
    monde.serveur.expire(102)
    monde.serveur.agent_etiquette(103, MANUEL)
    monde.serveur.change(104)
    monde.armoire.mark_absent(105, cause="?", now=monde.horloge.now)
    monde.armoire.quarantaine[106] = (monde.horloge.now, 1)
    before, writes = avant_apres(monde), list(monde.sort.touches)
    found = lecture.audit(monde.passage())
    assert natures(found) == {
        (100, Nature.MANQUANT, ()),
        (101, Nature.SUPPRIME, ("instructeur_request",)),
        (102, Nature.DISPARU, ()),
        (103, Nature.SANS_DATE, ("labels",)),
        (104, Nature.A_LIRE, ()),
        (105, Nature.REVENU, ()),
        (106, Nature.INACCESSIBLE, ()),
    }
    assert avant_apres(monde) == before
    asked = monde.sort.touches[len(writes) :]
    assert asked == [f"supprimes {NUMERO}", REPERES]


def test_an_audit_of_whole_dossiers_names_the_parts_that_changed_without_a_date(monde):
    calme(monde, 100, 101, 102)
    ligne = monde.serveur.lignes[100]
    ligne.dossier = replace(ligne.dossier, champs=(un_champ("C-specialite", "ORL"), *ligne.dossier.champs[1:]))
    monde.serveur.lignes[101].illisible = True
    monde.serveur.par_page = 1
    assert lecture.audit(monde.passage()) == ()
    found = lecture.audit(monde.passage(), une_resolution().retenue)
    assert natures(found) == {(100, Nature.SANS_DATE, ("champs",)), (101, Nature.INACCESSIBLE, ())}


def test_an_audit_of_whole_dossiers_says_nothing_of_those_erased_on_request(monde):
    calme(monde, 100, 101)
    del monde.armoire.rangees[100]
    monde.armoire.effaces = {100}
    assert lecture.audit(monde.passage(), une_resolution().retenue) == ()


def test_an_audit_of_a_database_that_read_nothing_finds_everything_missing(monde):
    depose(monde)
    assert natures(lecture.audit(monde.passage())) == {(100, Nature.MANQUANT, ())}


@pytest.mark.parametrize("whole", [True, False])
def test_an_audit_asked_to_stop_concludes_nothing(monde, whole):
    calme(monde, 100, 101)
    monde.serveur.expire(100)
    monde.arret = lambda: monde.serveur.requetes[-1:] == [REPERES] if whole else True
    assert lecture.audit(monde.passage(), une_resolution().retenue if whole else None) == ()


# the brake, raised once


def test_the_brake_raised_for_one_cycle_lets_that_many_go_and_says_so(monde):
    monde.politique = replace(AGIR, messages_par_cycle=1)
    for number in range(100, 103):
        depose(monde, number, complet=False)
    with pytest.raises(SafetyStop) as caught:
        passe(monde)
    assert "connector sync --allow 3" in caught.value.hint
    assert "--allow 3" in monde.armoire.rapports[-1][2]
    with pytest.raises(SafetyStop):
        cycle.run(replace(monde.passage(), permis=2))
    rapport = cycle.run(replace(monde.passage(), permis=3))
    assert (rapport.messages, rapport.plafond_leve) == (3, 3)
    assert "relevés à 3 pour ce passage seul" in monde.armoire.rapports[-1][2]
    for number in range(110, 113):
        depose(monde, number, complet=False)
    with pytest.raises(SafetyStop):
        passe(monde)


def test_a_brake_raised_never_lowers_a_ceiling(monde):
    for number in range(100, 105):
        depose(monde, number)
    assert cycle.run(replace(monde.passage(), permis=1)).transitions == 5


# others write at the same time


def seconde_base(monde):
    """Another host on the same démarche, with a database of its own."""
    autre = Monde(horloge=monde.horloge)
    autre.serveur = monde.serveur
    return autre


def test_two_hosts_with_two_databases_send_one_message_when_one_comes_after_the_other(monde):
    depose(monde, complet=False)
    passe(monde)
    passe(seconde_base(monde), seconds=1)
    assert len(monde.messages()) == 1


def test_two_hosts_that_read_at_the_same_instant_send_two_and_the_next_reading_says_so(monde):
    depose(monde, complet=False)
    autre = seconde_base(monde)
    dossier = monde.vu()
    reading = monde.serveur.dossier

    def both_read_before_either_sends(number):
        monde.serveur.dossier = reading
        read = reading(number)
        cycle.run(autre.passage())
        return read

    monde.serveur.dossier = both_read_before_either_sends
    cycle.run(monde.passage())
    assert len(monde.messages()) == 2
    assert dossier != monde.vu()
    for host in (monde, autre):
        rapport = passe(host, seconds=10)
        assert rapport.exit_code == 1
        assert any("a été envoyé deux fois" in words for number, words in rapport.echecs if number == 100)
        assert ecrits(host) == []
    passe(monde, minutes=10)
    assert passe(monde, minutes=10).echecs == []
    monde.serveur.agent_supprime_messages(100)
    assert not any("deux fois" in words for _, words in passe(monde, minutes=1).echecs)


@pytest.mark.parametrize(
    ("cause", "number", "there"),
    [("label_deja_associe", 100, True), ("label_deja_associe", 100, False), ("annotation_inconnue", 100, True)],
    ids=["really there", "not there after all", "another refusal"],
)
def test_already_is_believed_only_when_the_dossier_read_again_shows_it(monde, cause, number, there):
    depose(monde)
    if there:
        monde.serveur.agent_etiquette(100, COMPLET)
    error = MutationRefused("DS a refusé.", cause=cause, texts=("…",), number=100, hint="Voyez DS.")
    monde.serveur.apply = lambda *_a: (_ for _ in ()).throw(error)
    p = monde.passage()
    suite, applied = cycle._do(p, monde.vu(), "I-connecteur", AjouterLabel(label=COMPLET), "f")
    intention = monde.registre.find("f")
    if cause == "label_deja_associe" and there:
        assert (suite, intention.state, intention.cible) == (cycle.Suite.FAITE, EtatIntention.DONE, ())
        assert p.rapport.echecs == []
    else:
        assert (suite, intention.state) == (cycle.Suite.REFUSEE, EtatIntention.REJECTED)
        assert intention.detail == "DS a refusé. Voyez DS."
        assert p.rapport.echecs == [(100, "DS a refusé. Voyez DS.")]
    assert applied is None


def test_a_label_that_somebody_else_put_at_the_same_instant_is_never_taken_off_by_us(monde):
    depose(monde)
    apply = monde.serveur.apply

    def overtaken(dossier, instructeur_id, action):
        if isinstance(action, AjouterLabel):
            monde.serveur.agent_etiquette(100, COMPLET)
            raise MutationRefused("déjà.", cause="label_deja_associe", texts=("…",), number=100)
        return apply(dossier, instructeur_id, action)

    monde.serveur.apply = overtaken
    monde.politique = replace(AGIR, passage_en_instruction=False)
    assert passe(monde).exit_code == 0
    monde.serveur.apply = apply
    monde.horloge.avance(hours=1)
    monde.serveur.usager_corrige(100, cv=None)
    passe(monde, minutes=1)
    assert COMPLET in monde.vu().labels


def test_a_correction_left_out_is_detected_even_when_the_answer_was_lost(monde):
    depose(monde, complet=False)
    monde.serveur.pannes.append(Panne.SANS_REPONSE)
    passe(monde)
    monde.serveur.lignes[100].dossier = replace(
        monde.vu(), messages=tuple(replace(m, correction=None) for m in monde.vu().messages)
    )
    rapport = passe(monde, seconds=1)
    assert (100, cycle.CORRECTION_IGNOREE) in rapport.echecs
    assert [i.cause for i in monde.registre.intentions.values() if i.kind == "message"] == ["correction_ignoree"]


def test_a_correction_opened_though_the_answer_was_lost_is_nothing_to_say(monde):
    depose(monde, complet=False)
    monde.serveur.pannes.append(Panne.SANS_REPONSE)
    passe(monde)
    assert isinstance(monde.vu().messages[0].correction, Correction)
    assert passe(monde, seconds=1).echecs == []


def test_an_instructeur_taken_out_of_one_group_stops_its_dossiers_only_until_put_back(monde):
    other = Groupe(id="G-2", number=2, label="Indre", instructeurs=(Profil(id="I-autre", email=CONNECTEUR),))
    depose(monde, 100)
    depose(monde, 101, groupe=other)
    alone = replace(other, instructeurs=(Profil(id="I-agent", email=AGENT),))
    p = monde.passage()
    resolution = cycle.pull(p)
    pushes = tuple(cycle.check(p, resolution))
    monde.serveur.lignes[101].dossier = replace(monde.vu(101), groupe=alone)
    cycle.push(p, resolution, pushes)
    assert monde.vu(100).state is DossierState.EN_INSTRUCTION
    ((number, words),) = p.rapport.echecs
    assert number == 101
    assert "n’est pas membre du groupe « Indre ». Ajoutez-le" in words
    monde.serveur.lignes[101].dossier = replace(monde.vu(101), groupe=other)
    passe(monde, minutes=61)
    assert monde.vu(101).state is DossierState.EN_INSTRUCTION


def test_a_dossier_that_changes_group_is_written_to_by_the_instructeur_of_its_new_group(monde):
    other = Groupe(id="G-2", number=2, label="Indre", instructeurs=(Profil(id="I-autre", email=CONNECTEUR),))
    depose(monde)
    p = monde.passage()
    resolution = cycle.pull(p)
    pushes = tuple(cycle.check(p, resolution))
    monde.serveur.change(100, groupe=other)
    cycle.push(p, resolution, pushes)
    assert p.rapport.echecs == []
    assert monde.vu().state is DossierState.EN_INSTRUCTION


def test_a_dossier_deleted_between_its_reading_and_the_write_is_gone_without_a_trace_of_success(monde):
    depose(monde)
    apply = monde.serveur.apply

    def deleted_meanwhile(dossier, *_a):
        monde.serveur.cache(dossier.number)
        raise DossierNotFound("introuvable.", number=dossier.number)

    monde.serveur.apply = deleted_meanwhile
    passe(monde)
    monde.serveur.apply = apply
    passe(monde, minutes=10)
    assert monde.armoire.rangees[100].absent == "user_request"
    assert {i.state for i in monde.registre.intentions.values()} == {EtatIntention.PLANNED}
    monde.serveur.restaure(100)
    passe(monde, hours=2)
    assert monde.vu().state is DossierState.EN_INSTRUCTION


# the watermark's own part


def test_a_label_nobody_knows_does_not_put_the_comparison_forward(monde):
    calme(monde)
    monde.serveur.agent_etiquette(100, Label(id="L-neuf", name="Neuf"))
    monde.serveur.change(100)
    passe(monde, minutes=1)
    assert monde.armoire.filigranes[NUMERO].a_comparer is None


def test_deletions_are_asked_for_four_weeks_before_the_last_reading_whatever_the_clock_says(monde):
    now = monde.horloge.now
    weeks = timedelta(weeks=4)
    assert filigrane.deleted_since(None, now=now) == now - weeks
    mark = filigrane.Filigrane(lecture="l")
    assert filigrane.deleted_since(mark, now=now) == now - weeks
    mark = replace(mark, debut=now - timedelta(days=40))
    assert filigrane.deleted_since(mark, now=now) == now - timedelta(days=68)
    assert filigrane.deleted_since(replace(mark, debut=now + weeks), now=now) == now - weeks


def test_a_file_that_awaits_the_antivirus_in_a_dossier_that_no_list_shows_any_more_is_judged_no_more(monde):
    attente = tuple(
        replace(c, value=une_piece(virus_scan=VirusScan.PENDING)) if c.id == "C-cv" else c for c in un_dossier().champs
    )
    for number in (100, 101):
        depose(monde, number, champs=attente)
    for _ in range(3):
        passe(monde, minutes=6)
    monde.serveur.expire(100)
    monde.serveur.lignes[101].illisible = True
    rapport = passe(monde, minutes=20)
    assert rapport.examines == 0
    assert monde.armoire.rangees[100].absent
    assert 101 in monde.armoire.quarantaine


def test_asked_to_stop_while_it_finds_who_competes_the_cycle_judges_nobody(monde):
    monde.entourage = Entourage(monde.sort)
    for number in range(100, 103):
        depose(monde, number)
    p = monde.passage()
    resolution = cycle.pull(p)
    monde.arret = lambda: True
    assert list(cycle.check(p, resolution)) == []
    assert monde.entourage.apprecies == {}
