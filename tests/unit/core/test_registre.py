"""What one dossier means for the others, and what it does to the register of posts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.core import empreintes
from connector.core.candidature import Candidature, ChampLu, Connu
from connector.core.constat import Statut
from connector.core.model import DossierState, LienDossier
from connector.core.poste import Categorie, EtatPoste, Evenement
from connector.core.projet import LieuProjet, Projet
from connector.core.quota import CleQuota, TypeDemande
from connector.core.registre import (
    Inscription,
    cle_quota,
    constats_du_registre,
    inscription,
    memes,
    tient,
)
from connector.core.situation import Situation
from tests.unit.store.fabrique import dossier

DECIDE_LE = datetime(2023, 9, 15, 10, tzinfo=UTC)
AUJOURD_HUI = date(2023, 12, 1)
RPPS = "10000000009"
PROJET = Projet(
    dossier=101,
    categorie=Categorie.II,
    demande=TypeDemande.NOUVELLE,
    promotion="2023-2025",
    region="24",
    siret="26370010600010",
    specialite="Dermatologie",
    lieux=(LieuProjet(rang=1, nom="Maison de santé"),),
    rpps=RPPS,
    quotite_hospitaliere=Decimal(50),
    quotite_ambulatoire=Decimal(50),
    debut=date(2023, 11, 1),
    duree_mois=24,
)


def candidature(etat=DossierState.ACCEPTE, *, numero=101, labels=(), traitee_le=DECIDE_LE, **saisies) -> Candidature:
    lus = {cle: ChampLu(cle=cle, libelle=cle, lecture=Connu(valeur)) for cle, valeur in saisies.items()}
    return Candidature(
        numero=numero,
        demarche=1,
        etat=etat,
        deposee_le=DECIDE_LE,
        tour=DECIDE_LE,
        traitee_le=traitee_le,
        labels=frozenset(labels),
        saisies=lus,
    )


def tenue(lue=None, projet=PROJET, *, sien=None, lie=None):
    return tient(lue or candidature(), projet, sien=sien, lie=lie, aujourd_hui=AUJOURD_HUI)


def accorde():
    return tenue().poste


def evenement(nom, le=None, **suite):
    saisies = {"evenement": nom} | ({"date_evenement": le} if le else {})
    return tenue(candidature(**saisies, **suite), sien=accorde())


def entre(vu, lu):
    return inscription(vu, lu, sceller=lambda digest: f"scellé:{digest}")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


# entries


def test_an_entry_holds_digests_and_no_identity():
    entree = entre(dossier(101), PROJET)
    assert entree.cle == CleQuota(promotion="2023-2025", region="24", categorie=Categorie.II)
    assert RPPS not in repr(entree)
    assert "Dermatologie" not in repr(entree)
    assert entree.candidat == f"scellé:{empreintes.of('rpps', RPPS)}"
    assert entree.projet


@pytest.mark.parametrize("rpps", [None, "", "12345678901", "voir CV"])
def test_a_number_that_is_no_rpps_makes_nobody_alike(rpps):
    assert not entre(dossier(101), replace(PROJET, rpps=rpps)).candidat


def test_an_rpps_with_spaces_is_the_same_candidate():
    spaced = replace(PROJET, rpps="1 000 000 0009")
    assert entre(dossier(102), spaced).candidat == entre(dossier(101), PROJET).candidat


@pytest.mark.parametrize("manque", ["promotion", "region", "categorie"])
def test_without_promotion_region_or_category_a_dossier_competes_for_no_place(manque):
    entree = entre(dossier(101), replace(PROJET, **{manque: None}))
    assert (entree.cle, entree.pretendant) == (None, None)


def test_a_promotion_is_the_same_with_a_dash_or_spaces():
    assert cle_quota(replace(PROJET, promotion="2023 – 2025")) == cle_quota(PROJET)


def test_a_dossier_competes_with_its_kind_its_date_and_its_rank():
    pretendant = entre(dossier(101), replace(PROJET, rang=2, demande=None, duree_mois=None)).pretendant
    assert (pretendant.type_demande, pretendant.duree_mois, pretendant.rang) == (TypeDemande.NOUVELLE, 24, 2)


@pytest.mark.parametrize(
    ("etat", "en_lice"),
    [
        (DossierState.EN_CONSTRUCTION, True),
        (DossierState.EN_INSTRUCTION, True),
        (DossierState.ACCEPTE, False),
        (DossierState.INCONNU, False),
    ],
)
def test_only_an_undecided_dossier_is_still_in_the_running(etat, en_lice):
    assert entre(dossier(101, state=etat), PROJET).en_lice is en_lice


def test_what_a_replacement_is_compared_with_is_what_the_replaced_dossier_said():
    ancien = entre(dossier(101, state=DossierState.ACCEPTE), PROJET).remplace
    assert (ancien.dossier, ancien.etat, ancien.quotite_ambulatoire) == (101, DossierState.ACCEPTE, Decimal(50))
    assert ancien.projet == PROJET.empreinte


def entree(number: int, **champs) -> Inscription:
    return replace(entre(dossier(number), PROJET), **champs)


def test_two_dossiers_of_one_candidate_or_one_project_are_alike():
    assert memes(entree(1), entree(2)) == ("candidat", "projet")
    assert memes(entree(1), entree(2, projet="autre")) == ("candidat",)
    assert memes(entree(1, candidat=""), entree(2, candidat="", projet="")) == ()


def test_a_dossier_is_not_its_own_twin_nor_that_of_the_one_it_replaces_or_postpones():
    assert memes(entree(1), entree(1)) == ()
    assert memes(entree(1, lien=2), entree(2)) == ()
    assert memes(entree(2), entree(1, lien=2)) == ()
    assert memes(entree(1, demande=TypeDemande.REPORT), entree(2)) == ()


# posts


def test_an_acceptance_opens_a_post_that_nobody_has_taken_up_yet():
    poste = accorde()
    assert (poste.etat, poste.titulaire.dossier, poste.debut) == (EtatPoste.ACCORDE, 101, date(2023, 11, 1))
    assert poste.titulaire.accepte_le == DECIDE_LE.date()


@pytest.mark.parametrize("etat", [DossierState.EN_CONSTRUCTION, DossierState.EN_INSTRUCTION, DossierState.REFUSE])
def test_what_was_never_accepted_opens_nothing(etat):
    assert tenue(candidature(etat)).poste is None


def test_the_employer_is_known_by_its_finess_number_when_the_siret_is_not():
    assert tenue(candidature(finess="370000481"), replace(PROJET, siret=None)).poste.etablissement == "370000481"
    assert not tenue(projet=replace(PROJET, siret=None)).poste.etablissement


def test_a_post_whose_dates_are_unknown_is_counted_and_an_agent_is_told_what_is_assumed():
    found = tenue(projet=replace(PROJET, debut=None, duree_mois=None))
    assert (found.poste.debut, found.poste.duree_mois) == (DECIDE_LE.date(), 24)
    assert "un début au 15/09/2023" in plain(found.avertissement)
    assert "24 mois" in plain(found.avertissement)
    assert not tenue().avertissement


def test_an_acceptance_without_a_date_of_decision_counts_from_today():
    assert tenue(candidature(traitee_le=None)).poste.titulaire.accepte_le == AUJOURD_HUI


def test_an_acceptance_that_no_quota_can_be_charged_with_is_told():
    found = tenue(projet=replace(PROJET, promotion=None))
    assert found.poste is None
    assert "aucun quota" in found.avertissement


def test_a_taking_up_makes_the_post_held():
    found = evenement("Prise de fonction constatée", date(2023, 11, 1))
    assert found.poste.etat is EtatPoste.POURVU


def test_events_are_read_whatever_their_case_and_accents():
    assert evenement("PRISE DE FONCTION CONSTATEE", date(2023, 11, 1)).poste.etat is EtatPoste.POURVU


def test_a_withdrawal_typed_or_labelled_gives_the_post_back():
    assert evenement("Désistement", date(2023, 10, 1)).poste.titulaire.sorti_le == date(2023, 10, 1)
    assert evenement("Désistement").poste.titulaire.sorti_le == AUJOURD_HUI
    labelled = tenue(candidature(labels=["desistement"]), sien=accorde())
    assert labelled.poste.etat is EtatPoste.VACANT


def test_the_event_typed_wins_over_the_label():
    found = evenement("Prise de fonction constatée", date(2023, 11, 1), labels=["desistement"])
    assert found.poste.etat is EtatPoste.POURVU


def test_an_early_end_closes_a_post_that_was_held():
    held = evenement("Prise de fonction constatée", date(2023, 11, 1)).poste
    ended = tenue(candidature(evenement="Fin anticipée", date_evenement=date(2024, 5, 1)), sien=held)
    assert ended.poste.etat is EtatPoste.TERMINE


@pytest.mark.parametrize("nom", ["Prise de fonction constatée", "Fin anticipée"])
def test_an_event_without_its_date_waits_for_it(nom):
    found = evenement(nom)
    assert found.poste == accorde()
    assert "date de l'événement" in found.avertissement


def test_an_event_that_does_not_fit_leaves_the_post_and_is_told():
    found = evenement("Fin anticipée", date(2024, 5, 1))
    assert found.poste == accorde()
    assert "saisissez-la d'abord" in found.avertissement


def test_a_refused_report_moves_nothing():
    found = evenement("Report refusé", date(2024, 1, 1)).poste
    assert (found.etat, found.debut, found.reports) == (EtatPoste.ACCORDE, date(2023, 11, 1), ())


def test_a_report_granted_in_the_dossier_itself_moves_the_start_to_the_date_typed():
    found = evenement("Report accordé", date(2024, 2, 1))
    assert (found.poste.debut, found.poste.reports[0].de) == (date(2024, 2, 1), date(2023, 11, 1))
    again = tenue(candidature(evenement="Report accordé", date_evenement=date(2024, 2, 1)), sien=found.poste)
    assert again.poste == found.poste


@pytest.mark.parametrize("le", [None, date(2023, 10, 1)])
def test_a_report_granted_without_a_later_date_asks_for_it(le):
    found = evenement("Report accordé", le)
    assert found.poste == accorde()
    assert "nouvelle date" in found.avertissement


def test_a_post_is_given_back_when_its_dossier_is_finally_closed_or_refused():
    for etat in (DossierState.SANS_SUITE, DossierState.REFUSE):
        found = tenue(candidature(etat), sien=accorde())
        assert (found.poste.etat, found.poste.titulaire.sorti_le) == (EtatPoste.VACANT, DECIDE_LE.date())


def test_a_dossier_back_in_instruction_keeps_its_post_until_it_is_decided_again():
    assert tenue(candidature(DossierState.EN_INSTRUCTION), sien=accorde()) == tenue(candidature(DossierState.INCONNU))


def test_a_held_post_cannot_be_refused_and_an_agent_is_told():
    held = evenement("Prise de fonction constatée", date(2023, 11, 1)).poste
    found = tenue(candidature(DossierState.SANS_SUITE), sien=held)
    assert found.poste == held
    assert "saisissez une fin" in found.avertissement


# replacements and reports

REMPLACANT = replace(
    PROJET, dossier=202, demande=TypeDemande.REMPLACEMENT, lien=LienDossier(number=101), quotite_ambulatoire=Decimal(60)
)
REPORT = replace(
    PROJET, dossier=303, demande=TypeDemande.REPORT, lien=LienDossier(number=101), debut_reporte=date(2024, 2, 1)
)


def test_a_replacement_takes_the_same_post_over():
    vacant = evenement("Désistement", date(2023, 10, 1)).poste
    found = tenue(candidature(numero=202), REMPLACANT, lie=vacant)
    assert found.poste.identifiant == vacant.identifiant
    assert [t.dossier for t in found.poste.titulaires] == [101, 202]
    again = tenue(candidature(numero=202), REMPLACANT, sien=found.poste, lie=found.poste)
    assert again == found


def test_a_replacement_of_somebody_who_is_still_there_waits_for_the_withdrawal():
    found = tenue(candidature(numero=202), REMPLACANT, lie=accorde())
    assert found.poste is None
    assert "occupe toujours le poste" in found.avertissement


def test_a_replacement_of_an_unknown_post_opens_none():
    found = tenue(candidature(numero=202), REMPLACANT)
    assert found.poste is None
    assert "n'est pas connu ici" in found.avertissement


def test_an_accepted_report_moves_the_start_of_the_post_it_names():
    found = tenue(candidature(numero=303), REPORT, lie=accorde())
    assert (found.poste.debut, found.poste.titulaire.dossier) == (date(2024, 2, 1), 101)
    assert tenue(candidature(numero=303), REPORT, lie=found.poste).poste == found.poste


@pytest.mark.parametrize("projet", [replace(REPORT, lien=None), REPORT])
def test_a_report_of_an_unknown_post_is_told_and_opens_none(projet):
    found = tenue(candidature(numero=303), projet)
    assert found.poste is None
    assert "« Report accordé »" in plain(found.avertissement)


def test_a_report_without_a_new_date_is_told():
    found = tenue(candidature(numero=303), replace(REPORT, debut_reporte=None), lie=accorde())
    assert "sans nouvelle date" in found.avertissement


def test_every_event_of_the_form_is_known():
    assert len(Evenement) == 5


# the finding


def test_what_the_register_could_not_take_in_is_for_an_agent_to_settle():
    (constat,) = constats_du_registre(Situation(registre="Vérifier le poste."))
    assert (constat.statut, constat.source.opposable) == (Statut.A_VERIFIER, False)
    assert constat.phrase == "Vérifier le poste."
    assert constats_du_registre(Situation()) == ()
