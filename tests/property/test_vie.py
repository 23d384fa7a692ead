"""Whatever agents type of an accepted dossier, correct, erase or type again: the register follows and is never torn."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from connector.core import suites
from connector.core.chiffrage import Chiffrage, Parametres
from connector.core.model import DossierState
from connector.core.poste import EtatPoste, Evenement, Sortie
from connector.core.situation import Situation
from tests.unit.core.test_registre import PROJET, candidature
from tests.unit.core.test_vie import accorde, vit
from tests.unit.store.fabrique import dossier

DEBUT = date(2023, 11, 1)
JOURS = st.integers(-60, 400).map(lambda n: DEBUT + timedelta(days=n))
SAISIES = st.tuples(st.sampled_from([*(e.value for e in Evenement), None, None, "Autre"]), st.none() | JOURS)
VIES = st.lists(SAISIES, max_size=8)


def joue(vie):
    """The post after that life, each typing taken in on a later day, and the last warning."""
    poste, avertissement = accorde(), ""
    for rang, (evenement, le) in enumerate(vie):
        found = vit(poste, evenement, le, jour=DEBUT + timedelta(days=500 + rang))
        again = vit(found.poste, evenement, le, jour=DEBUT + timedelta(days=900))
        assert again.poste == found.poste, "the same thing typed is taken in once"
        poste, avertissement = found.poste, found.avertissement
    return poste, avertissement


def dite(poste, jour):
    return suites.suite(
        suites.Contexte(
            dossier=dossier(101, state=DossierState.ACCEPTE, messages=()),
            candidature=candidature(),
            projet=PROJET,
            situation=Situation(poste=poste),
            chiffrage=Chiffrage(),
            parametres=Parametres(),
            aujourd_hui=jour,
            depuis=date(2023, 1, 1),
        )
    )


@settings(max_examples=150, deadline=None)
@given(vie=VIES)
def test_the_post_has_one_holder_a_state_that_its_dates_bear_out_and_never_starts_before_what_was_agreed(vie):
    poste, _ = joue(vie)
    titulaire = poste.titulaire
    event(poste.etat.value)
    assert [t.dossier for t in poste.titulaires] == [101]
    assert (titulaire.sortie is None) is (titulaire.sorti_le is None)
    assert poste.debut >= poste.debut_prevu == DEBUT
    assert len(poste.reports) <= 1, "a postponement corrected replaces the one before"
    if titulaire.sortie is Sortie.FIN:
        assert titulaire.prise_de_fonction_le is not None
    if titulaire.sortie is Sortie.DESISTEMENT:
        assert titulaire.prise_de_fonction_le is None


@settings(max_examples=100, deadline=None)
@given(vie=VIES)
@example(vie=[("Désistement", DEBUT), ("Report accordé", None), ("Désistement", DEBUT)])
def test_what_is_typed_last_is_what_the_register_says_or_it_says_why_not(vie):
    poste, avertissement = joue(vie)
    if not vie or avertissement:
        return
    dits = {
        Evenement.DESISTEMENT.value: EtatPoste.VACANT,
        Evenement.PRISE_DE_FONCTION.value: EtatPoste.POURVU,
        Evenement.FIN_ANTICIPEE.value: EtatPoste.TERMINE,
        Evenement.REPORT_ACCORDE.value: EtatPoste.ACCORDE,
    }
    evenement, le = vie[-1]
    assert poste.etat is dits.get(evenement, poste.etat)
    if evenement == Evenement.REPORT_ACCORDE.value:
        assert poste.debut == le


@settings(max_examples=100, deadline=None)
@given(vie=VIES, apres=st.integers(0, 1200))
def test_whatever_was_typed_what_is_told_fits_the_post_and_announces_no_refusal(vie, apres):
    poste, _ = joue(vie)
    found = dite(poste, DEBUT + timedelta(days=apres))
    event(found.modele or "no message")
    modeles = {
        EtatPoste.VACANT: {"desistement"},
        EtatPoste.TERMINE: {"fin"},
        EtatPoste.POURVU: {"prise_de_fonction", ""},
        EtatPoste.ACCORDE: {"report", ""},
    }
    assert found.modele in modeles[poste.etat]
    assert ("desistement" in found.labels) is (poste.etat is EtatPoste.VACANT)
    assert len(found.synthese) <= 200
