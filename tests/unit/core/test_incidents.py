from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from connector.core.incidents import (
    SERVICE,
    TITRES,
    Constatation,
    Nature,
    a_dire,
    apres_passage,
    dits,
    du_jeton,
    duree,
    suivre,
)
from connector.errors import AccessDenied, ConfigError, ContractBroken, Problem, RetryableError, SafetyStop, StoreError

DEPART = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PATIENCE = timedelta(minutes=30)
DS, AUTRE = 104234, 104235
PANNE = RetryableError("Démarches simplifiées ne répond pas.", hint="Rien à faire.")
REFUS = AccessDenied("DS refuse le jeton.", hint="Créez-en un autre.")
FREIN = SafetyStop("45 messages d’un coup.", hint="Relisez.")


class Suivi:
    """Passes one after the other; what was told, in order."""

    def __init__(self, patience=PATIENCE):
        self.now, self.patience = DEPART, patience
        self.incidents = ()
        self.dits = []

    def passe(self, *erreurs, minutes=10, **trouve):
        """One pass: an error, or none, for each démarche in turn."""
        self.now += timedelta(minutes=minutes)
        vues = [apres_passage(n, e, **trouve) for n, e in zip((DS, AUTRE), erreurs or (None,), strict=False)]
        return self.voit(*vues)

    def voit(self, *constatations):
        self.incidents = suivre(self.incidents, constatations, now=self.now, patience=self.patience)
        nouveaux = a_dire(self.incidents, now=self.now, patience=self.patience)
        for avertissement in nouveaux:
            self.incidents = dits(self.incidents, avertissement, now=self.now)
        self.dits += nouveaux
        return [a.titre for a in nouveaux]


@pytest.fixture
def suivi():
    return Suivi()


def test_an_outage_of_days_is_told_once_when_it_has_lasted_and_once_when_it_is_over(suivi):
    titres = [suivi.passe(PANNE) for _ in range(6 * 24 * 3)]
    assert [t for t in titres if t] == [["Connecteur DS\u00a0: Démarches simplifiées ne répond plus"]]
    assert titres[3]
    fins = [suivi.passe() for _ in range(10)]
    assert [t for t in fins if t] == [["Connecteur DS\u00a0: c’est fini (Démarches simplifiées ne répond plus)"]]
    assert "3\u00a0jours (432\u00a0passages)" in suivi.dits[-1].corps
    assert suivi.incidents == ()


def test_what_is_told_says_where_since_when_what_to_do_and_what_goes_on_meanwhile(suivi):
    for _ in range(4):
        suivi.passe(PANNE)
    assert suivi.dits[0].corps == (
        "Démarche 104234. Depuis 30\u00a0min.\n"
        "Démarches simplifiées ne répond pas.\n"
        "Que faire\u00a0: Rien à faire.\n"
        "Rien n’est perdu\u00a0: le connecteur réessaie à chaque passage et reprendra où il en était. "
        "Un second message vous dira quand c’est fini\u202f; il n’y en aura pas d’autre d’ici là.\n"
        "Pour en savoir plus, sur la machine du connecteur\u00a0: «\u00a0connector status\u00a0»."
    )


def test_a_short_outage_is_nobodys_business(suivi):
    assert [*suivi.passe(PANNE), *suivi.passe(PANNE), *suivi.passe(), *suivi.passe(minutes=60)] == []
    assert suivi.incidents == ()


def test_an_outage_that_comes_and_goes_is_one_outage(suivi):
    titres = [t for _ in range(20) for erreur in (PANNE, PANNE, PANNE, PANNE, None) for t in suivi.passe(erreur)]
    assert len(titres) == 1


def test_what_only_a_human_can_mend_is_told_at_once_and_its_end_too(suivi):
    assert suivi.passe(REFUS) == [f"Connecteur DS\u00a0: {TITRES[Nature.JETON]}"]
    assert suivi.passe(REFUS) == []
    assert suivi.passe() == [f"Connecteur DS\u00a0: c’est fini ({TITRES[Nature.JETON]})"]
    assert "Depuis" not in suivi.dits[0].corps


def test_one_cause_in_several_demarches_is_one_alert(suivi):
    suivi.passe(REFUS, REFUS)
    (alerte,) = suivi.dits
    assert alerte.corps.startswith("Démarches 104234 et 104235.\nDS refuse le jeton.")
    assert len(alerte.incidents) == 2


def test_a_second_demarche_that_fails_later_is_told_too(suivi):
    suivi.passe(REFUS, None)
    assert suivi.passe(REFUS, REFUS) == [f"Connecteur DS\u00a0: {TITRES[Nature.JETON]}"]
    assert suivi.dits[-1].corps.startswith("Démarche 104235.")


def test_an_outage_during_an_incident_does_not_end_it(suivi):
    suivi.passe(FREIN)
    assert suivi.passe(PANNE) == []
    assert [i.nature for i in suivi.incidents] == [Nature.FREIN, Nature.INJOIGNABLE]
    assert suivi.passe(FREIN) == []
    assert suivi.passe() == [f"Connecteur DS\u00a0: c’est fini ({TITRES[Nature.FREIN]})"]


def test_an_answer_even_a_refusal_ends_an_outage_and_the_brake_ends_a_refusal(suivi):
    for _ in range(4):
        suivi.passe(PANNE)
    assert suivi.passe(REFUS) == [f"Connecteur DS\u00a0: {TITRES[Nature.JETON]}"]
    titres = suivi.passe(FREIN, minutes=40)
    assert f"Connecteur DS\u00a0: {TITRES[Nature.FREIN]}" in titres
    assert f"Connecteur DS\u00a0: c’est fini ({TITRES[Nature.JETON]})" in titres
    assert f"Connecteur DS\u00a0: c’est fini ({TITRES[Nature.INJOIGNABLE]})" in titres


@pytest.mark.parametrize(
    ("erreur", "nature"),
    [
        (PANNE, Nature.INJOIGNABLE),
        (REFUS, Nature.JETON),
        (FREIN, Nature.FREIN),
        (ContractBroken("autre langue"), Nature.CONTRAT),
        (StoreError("disque plein"), Nature.BASE),
        (ConfigError((Problem("regles", "x"),)), Nature.REGLAGE),
    ],
)
def test_each_failure_has_its_nature(erreur, nature):
    (panne,) = apres_passage(DS, erreur).pannes
    assert panne.nature is nature
    assert nature not in apres_passage(DS, erreur).absentes


def test_dossiers_that_fail_for_a_day_are_told_and_those_that_heal_are_not(suivi):
    assert [*suivi.passe(echecs=2), *suivi.passe(minutes=60), *suivi.passe(minutes=200)] == []
    assert suivi.incidents == ()
    titres = [t for _ in range(26) for t in (*suivi.passe(echecs=2, minutes=30), *suivi.passe(minutes=30))]
    assert titres == [f"Connecteur DS\u00a0: {TITRES[Nature.ECHECS]}"]
    assert "2\u00a0dossiers n’ont pas pu être traités" in suivi.dits[0].corps


def test_a_message_gone_twice_is_told_until_somebody_looks_and_it_is_gone(suivi):
    assert suivi.passe(doubles=1) == [f"Connecteur DS\u00a0: {TITRES[Nature.DOUBLES]}"]
    assert suivi.passe() == []
    assert suivi.passe(doubles=0) == [f"Connecteur DS\u00a0: c’est fini ({TITRES[Nature.DOUBLES]})"]


@pytest.mark.parametrize(
    ("reste", "natures"),
    [
        (40, set()),
        (29, {Nature.JETON_EXPIRE_BIENTOT}),
        (6, {Nature.JETON_EXPIRE_BIENTOT, Nature.JETON_EXPIRE}),
        (-1, {Nature.JETON_EXPIRE_BIENTOT, Nature.JETON_EXPIRE}),
    ],
)
def test_the_end_of_the_token_is_spoken_of_a_month_and_a_week_before(reste, natures):
    aujourd_hui = date(2026, 3, 2)
    vu = du_jeton(aujourd_hui + timedelta(days=reste), aujourd_hui)
    assert {p.nature for p in vu.pannes} == natures
    assert {p.demarche for p in vu.pannes} <= {SERVICE}


def test_a_token_without_a_known_end_or_that_was_replaced_is_fine(suivi):
    suivi.voit(du_jeton(date(2026, 3, 20), date(2026, 3, 2)))
    suivi.voit(du_jeton(None, date(2026, 3, 3)))
    assert [a.fini for a in suivi.dits] == [False, True]
    assert suivi.dits[0].corps.startswith("Le jeton est valable jusqu’au 20/03/2026 inclus")
    assert suivi.incidents == ()


def test_a_clock_set_back_neither_mutes_an_alert_nor_keeps_it_open(suivi):
    suivi.passe(PANNE)
    suivi.passe(PANNE, minutes=-60 * 24)
    assert [t for _ in range(3) for t in suivi.passe(PANNE)]
    suivi.passe()
    assert suivi.passe(minutes=-60 * 24)[0].startswith("Connecteur DS\u00a0: c’est fini")


def test_an_alert_that_nobody_took_stays_to_be_told(suivi):
    suivi.incidents = suivre((), [apres_passage(DS, REFUS)], now=DEPART, patience=PATIENCE)
    assert len(a_dire(suivi.incidents, now=DEPART, patience=PATIENCE)) == 1
    plus_tard = DEPART + timedelta(minutes=10)
    assert len(a_dire(suivi.incidents, now=plus_tard, patience=PATIENCE)) == 1


def test_a_pass_that_saw_nothing_changes_nothing(suivi):
    suivi.passe(REFUS)
    avant = suivi.incidents
    assert suivi.voit(Constatation(demarche=DS)) == []
    assert suivi.incidents == avant


@pytest.mark.parametrize(
    ("minutes", "texte"),
    [
        (0, "moins d’une minute"),
        (45, "45\u00a0min"),
        (60, "1\u00a0h"),
        (125, "2\u00a0h\u00a005"),
        (1440, "1\u00a0jour"),
        (2 * 1440 + 180, "2\u00a0jours et 3\u00a0h"),
    ],
)
def test_a_lapse_is_told_in_two_units_at_most(minutes, texte):
    assert duree(timedelta(minutes=minutes)) == texte
