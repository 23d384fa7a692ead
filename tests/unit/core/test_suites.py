"""What is told of an accepted dossier's post, to instructors and to the hospital."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connector.core import suites
from connector.core.candidature import ChampLu, Connu, Manquant, Masque
from connector.core.chiffrage import Chiffrage, Parametres, chiffrer
from connector.core.courrier import EVENEMENTS
from connector.core.cout import FinApresReport
from connector.core.model import DossierState, Message
from connector.core.poste import Sortie
from connector.core.quota import TypeDemande
from connector.core.registre import tient
from connector.core.situation import DossierRemplace, Relais, Situation
from tests.unit.core.test_cout import LECTURE_A as LECTURE
from tests.unit.core.test_registre import PROJET, REMPLACANT, candidature, plain
from tests.unit.core.test_vie import ENDED, POSTPONED, STARTED, WITHDRAWN, apres, replaced, vit
from tests.unit.store.fabrique import dossier

OCTOBRE, DECEMBRE = date(2023, 10, 20), date(2023, 12, 1)
SERVICE = date(2023, 1, 1)
VIDE = ChampLu(cle="evenement", libelle="Événement", lecture=Manquant())
DEVENIR = ChampLu(cle="devenir", libelle="Devenir à l'issue", lecture=Manquant())


def contexte(poste, *, jour=DECEMBRE, numero=101, projet=PROJET, etat=DossierState.ACCEPTE, devenir=DEVENIR, **suite):
    """What the post of an accepted dossier is told from."""
    lue = candidature(etat, numero=numero)
    lue.saisies["evenement"] = suite.pop("evenement", VIDE)
    lue.saisies["devenir"] = devenir
    situation = Situation(poste=poste, **{k: suite.pop(k) for k in ("registre", "relais", "remplace") if k in suite})
    return suites.Contexte(
        dossier=suite.pop("dossier", dossier(numero, state=etat, messages=())),
        candidature=lue,
        projet=projet,
        situation=situation,
        chiffrage=Chiffrage(),
        parametres=Parametres(),
        aujourd_hui=jour,
        depuis=suite.pop("depuis", SERVICE),
    )


def dite(poste, **suite):
    """What is told of it, with ordinary spaces."""
    found = suites.suite(contexte(poste, **suite))
    return replace(found, synthese=plain(found.synthese), points=tuple(map(plain, found.points)))


def test_nothing_is_told_of_a_dossier_that_was_not_accepted_nor_of_a_post_that_waits_for_its_day():
    assert dite(None, etat=DossierState.EN_INSTRUCTION) == suites.Suite()
    assert dite(None) == suites.Suite()
    waiting = dite(apres(), jour=OCTOBRE)
    assert (waiting.synthese, waiting.etiquettes) == ("", None)
    assert waiting.a_revoir_le == date(2023, 11, 9)
    assert waiting.restreint({"zone": "ZIP"}) == {"zone": "ZIP"}


def test_a_withdrawal_frees_the_post_and_names_the_first_who_waits_without_deciding():
    found = dite(apres(WITHDRAWN), relais=Relais(premier=310, rang=1))
    assert found.synthese == (
        "DÉSISTEMENT le 12/10/2023 · poste libéré · 1er de la liste d’attente : dossier n° 310 (rang 1)"
    )
    assert "à l’ARS de décider" in found.points[0]
    assert (found.modele, found.labels) == ("desistement", {"desistement"})
    assert found.faits.date_evenement == date(2023, 10, 12)
    assert found.restreint({"zone": "ZIP", "cout": Decimal(0)}) == {"cout": Decimal(0)}
    assert found.etiquettes.voulues == {"desistement"}


@pytest.mark.parametrize(
    ("relais", "dit", "point"),
    [
        (None, "personne à appeler de la liste d’attente", "Aucun dossier de la liste d’attente"),
        (Relais(), "personne à appeler de la liste d’attente", "Aucun dossier de la liste d’attente"),
        (Relais(premier=310), "dossier n° 310", "le dossier n° 310 : à l’ARS"),
        (Relais(remplacant=202), "remplacement à l’examen : dossier n° 202", "propose un remplaçant (dossier n° 202)"),
    ],
)
def test_a_freed_post_may_have_no_replacement_one_or_somebody_who_waits(relais, dit, point):
    found = dite(apres(WITHDRAWN), relais=relais)
    assert found.synthese.endswith(dit)
    assert point in found.points[0]


def test_a_post_that_was_taken_over_says_so_in_both_dossiers_and_what_changes():
    poste = replaced()
    ancien = dite(poste)
    assert (ancien.synthese, ancien.modele) == (
        "DÉSISTEMENT le 12/10/2023 · poste repris par le dossier n° 202",
        "",
    )
    remplace = DossierRemplace(
        dossier=101, etat=DossierState.ACCEPTE, siret=None, quotite_ambulatoire=Decimal(50), projet="autre"
    )
    nouveau = dite(poste, numero=202, projet=REMPLACANT, remplace=remplace, jour=OCTOBRE)
    assert "poste repris du dossier n° 101" in nouveau.synthese
    assert (nouveau.modele, nouveau.faits.lie) == ("remplacement", 101)
    assert "passe de 50 % à 60 %" in nouveau.points[0]
    assert list(map(plain, nouveau.faits.ecarts)) == list(nouveau.points)
    assert dite(poste, numero=202, projet=REMPLACANT, jour=OCTOBRE).faits.ecarts == ()


def test_a_replacement_that_has_begun_is_told_no_more_as_a_replacement():
    started = vit(replaced(), *STARTED, numero=202, projet=REMPLACANT).poste
    assert dite(started, numero=202, projet=REMPLACANT).modele == "prise_de_fonction"
    cleared = vit(started, numero=202, projet=REMPLACANT).poste
    assert dite(cleared, numero=202, projet=REMPLACANT, jour=OCTOBRE).modele == ""


def test_a_start_in_time_makes_the_post_held_until_its_end():
    found = dite(apres(STARTED))
    assert found.synthese == "POURVU · prise de fonction le 02/11/2023 · poste financé jusqu’au 31/10/2025"
    assert (found.modele, found.points, found.faits.ancienne_date) == ("prise_de_fonction", (), None)
    assert found.a_revoir_le == date(2025, 11, 1)


def test_a_late_start_without_a_postponement_leaves_the_funding_to_decide():
    found = dite(apres((STARTED[0], date(2023, 11, 20))))
    assert found.synthese.endswith("prévue le 01/11/2023, sans report accordé : financement à décider")
    assert "il n’y a pas de financement (cahier des charges, § 5)" in found.points[0]
    assert found.faits.ancienne_date == date(2023, 11, 1)


@pytest.mark.parametrize(
    ("devenir", "dit", "points"),
    [
        (DEVENIR, "devenir à renseigner", 1),
        (replace(DEVENIR, lecture=Masque()), "devenir à renseigner", 0),
        (replace(DEVENIR, lecture=Connu("Installation en ville")), "devenir : installation en ville", 0),
    ],
)
def test_a_post_that_is_over_asks_what_became_of_the_doctor(devenir, dit, points):
    early = dite(apres(STARTED, ENDED), devenir=devenir)
    assert (early.synthese, early.modele) == (f"FIN ANTICIPÉE le 30/11/2023 · {dit}", "fin")
    due = dite(apres(STARTED), devenir=devenir, jour=date(2025, 11, 1))
    assert (due.synthese, due.modele) == (f"POSTE ARRIVÉ À SON TERME le 31/10/2025 · {dit}", "")
    assert (len(early.points), len(due.points)) == (points, points)


def test_a_post_taken_over_after_an_early_end_says_so():
    ended = apres(STARTED, ENDED)
    taken = tient(candidature(numero=202), REMPLACANT, sien=None, lie=ended, aujourd_hui=DECEMBRE).poste
    found = dite(taken)
    assert found.synthese.startswith("FIN ANTICIPÉE le 30/11/2023 · poste repris par le dossier n° 202")
    assert (found.modele, found.labels) == ("", frozenset())


def test_a_granted_postponement_is_told_with_both_dates():
    found = dite(apres(POSTPONED))
    assert found.synthese == (
        "REPORT ACCORDÉ · prise de fonction attendue le 01/02/2024 au lieu du 01/11/2023 · "
        "poste financé jusqu’au 31/01/2026"
    )
    assert (found.modele, found.labels) == ("report", {"report"})
    assert (found.faits.ancienne_date, found.faits.nouvelle_date) == (date(2023, 11, 1), date(2024, 2, 1))
    assert found.faits.poste.fin == date(2026, 1, 31)


def test_a_refused_postponement_is_for_an_agent_to_announce():
    found = dite(apres(("Report refusé", None)), jour=OCTOBRE)
    assert found.synthese.startswith("REPORT REFUSÉ · prise de fonction attendue le 01/11/2023")
    assert (found.modele, "le connecteur n’annonce pas un refus" in found.points[0]) == ("", True)


def test_a_start_that_nobody_has_seen_is_asked_for_once_its_day_is_past():
    found = dite(apres(), jour=date(2023, 11, 9))
    assert found.synthese.startswith("PRISE DE FONCTION À CONSTATER · prise de fonction prévue le 01/11/2023")
    assert "saisir « Prise de fonction constatée »" in found.points[0]
    assert (found.a_revoir_le, found.modele) == (None, "")


@pytest.mark.parametrize(
    "change", [{"depuis": None}, {"depuis": date(2024, 1, 1)}, {"evenement": replace(VIDE, lecture=Masque())}]
)
def test_a_start_is_asked_for_only_where_events_are_typed_and_since_the_service_began(change):
    assert dite(apres(), **change).synthese == ""


def test_an_event_that_was_erased_leaves_the_post_granted():
    found = dite(vit(apres(WITHDRAWN)).poste, jour=OCTOBRE)
    assert found.synthese.startswith("POSTE ACCORDÉ · prise de fonction attendue le 01/11/2023")
    assert found.labels == frozenset()


def test_what_the_register_could_not_take_in_comes_first():
    assert dite(apres(), registre="À vérifier.").points[0] == "À vérifier."
    assert dite(apres(), jour=OCTOBRE, registre="À vérifier.").synthese.startswith("POSTE ACCORDÉ · registre")
    assert dite(None, registre="À vérifier.").synthese == "ACCEPTÉ · registre des postes à vérifier"


# the message


def sent(modele, le, number=101):
    reference = suites.brouillon(dossier(number), modele, suites.Faits()).reference
    return Message(id="M-9", email="connecteur@ars.fr", empreinte="e", created_at=le, reference=reference)


def written(le):
    return Message(id="M-8", email="agent@ars.fr", empreinte="a", created_at=le)


def midi(jour):
    return datetime(jour.year, jour.month, jour.day, 12, tzinfo=UTC)


@pytest.mark.parametrize("modele", EVENEMENTS)
def test_an_event_has_one_message_whatever_is_corrected(modele):
    one, two = (suites.brouillon(dossier(101), modele, suites.Faits(lie=n)) for n in (1, 2))
    assert one.fingerprint == two.fingerprint
    others = {suites.brouillon(dossier(101), autre, suites.Faits()).reference for autre in EVENEMENTS}
    assert len(others) == len(EVENEMENTS)


def test_an_event_long_past_is_old_news():
    found = suites.suite(contexte(apres(WITHDRAWN)))
    assert suites.annonce(dossier(101, messages=()), found, DECEMBRE).template == "desistement"
    assert suites.annonce(dossier(101, messages=()), found, DECEMBRE + suites.RECENT) is not None
    assert suites.annonce(dossier(101, messages=()), found, DECEMBRE + suites.RECENT + timedelta(days=1)) is None
    assert suites.annonce(dossier(101, messages=()), suites.Suite(), DECEMBRE) is None


@pytest.mark.parametrize(
    ("jours", "reserve"),
    [(-3, ""), (-2, "un agent vient d’écrire à l’établissement"), (1, "un agent vient d’écrire à l’établissement")],
)
def test_an_agent_who_has_just_written_is_asked_first(jours, reserve):
    found = suites.suite(contexte(apres(WITHDRAWN)))
    answered = dossier(101, messages=(written(midi(DECEMBRE + timedelta(days=jours))),))
    assert suites.annonce(answered, found, DECEMBRE).reserve == reserve


def corrected(*messages):
    """What is told of a withdrawal that was erased, in a dossier with those messages."""
    poste = vit(apres(WITHDRAWN)).poste
    return dite(poste, jour=OCTOBRE, dossier=dossier(101, state=DossierState.ACCEPTE, messages=messages)).points


def test_a_correction_that_the_hospital_does_not_know_of_is_for_an_agent_to_tell():
    told = sent("desistement", midi(DECEMBRE - timedelta(days=1)))
    assert "corrigé ou effacé le 01/12/2023" in corrected(told)[0]
    assert corrected() == ()
    assert corrected(replace(told, discarded_at=midi(DECEMBRE))) == ()
    assert corrected(replace(told, created_at=midi(DECEMBRE + timedelta(days=1)))) == ()
    assert corrected(told, written(midi(DECEMBRE))) == ()
    assert len(corrected(told, written(midi(DECEMBRE - timedelta(days=5))))) == 1


# the figures


def couts(poste, projet=PROJET):
    found = chiffrer(projet, Situation(poste=poste), replace(Parametres(), cout=LECTURE), aujourd_hui=DECEMBRE)
    return plain(found.chiffres["cout"].texte), found.chiffres["cout"].nombre, found.chiffres["pet_statut"].texte


def test_a_withdrawal_costs_nothing_and_what_is_to_be_settled_has_no_figure():
    assert couts(apres(WITHDRAWN)) == ("0 € : désistement avant la prise de fonction", Decimal(0), "Sans objet")
    assert couts(apres(STARTED, ENDED))[:2] == ("à confirmer : fin anticipée le 30/11/2023", None)
    late, number, _ = couts(apres((STARTED[0], date(2023, 11, 20))))
    assert ("sans report accordé" in late, number) == (True, None)
    assert "désistement" not in couts(apres(STARTED))[0]


def test_a_postponement_shifts_the_schedule_and_its_end_where_the_region_says_so():
    kept = replace(Parametres(), cout=replace(LECTURE, fin_apres_report=FinApresReport.MAINTENUE))
    c = contexte(apres(POSTPONED))
    assert suites.suite(c).synthese.endswith("31/01/2026")
    assert suites.suite(replace(c, parametres=kept)).synthese.endswith("31/10/2025")


def test_a_report_dossier_has_no_post_of_its_own():
    assert dite(None, projet=replace(PROJET, demande=TypeDemande.REPORT)).synthese == ""


def test_a_holder_whose_dates_the_register_lost_is_told_as_of_today():
    poste = apres(WITHDRAWN)
    gone = replace(poste.titulaire, sorti_le=None)
    assert "le 01/12/2023" in dite(replace(poste, titulaires=(gone,))).synthese
    over = replace(gone, sortie=Sortie.FIN)
    assert "FIN ANTICIPÉE le 01/12/2023" in dite(replace(poste, titulaires=(over,))).synthese
