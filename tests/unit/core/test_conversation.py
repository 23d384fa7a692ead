"""What is said to an applicant, and when: one message at a time, and who is waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.core import conversation, empreintes
from connector.core.constat import AvisPropose, Constat, Effet, Statut
from connector.core.conversation import demander, echange, suivre
from connector.core.courrier import annonce_une_suite
from connector.core.evaluation import Historique
from connector.core.model import Correction, DossierState, Traitement
from connector.core.plan import EtatIntention, Intention
from connector.core.politique import Mode, Relances
from connector.core.regles import proposer
from connector.core.regles.piece_obligatoire import PIECE
from tests.fakes import AGENT, AGIR, CONNECTEUR, DEPART, SOURCE, USAGER, un_dossier, un_message

LUNDI = DEPART.date()
"""Monday 2 March 2026; Easter Monday is on 6 April."""

JOUR = timedelta(days=1)
RELANCES = Relances(actives=True, premiere=5, seconde=5, sans_suite=5, apres_agent=3, apres_annonce=4)
POLITIQUE = replace(AGIR, relances=RELANCES)


def un_constat(regle="cv", statut=Statut.KO, avis=AvisPropose.A_COMPLETER, court="") -> Constat:
    return Constat(
        regle=regle,
        statut=statut,
        effet=Effet.BLOQUANT,
        phrase=f"{regle} !",
        source=SOURCE,
        avis=avis,
        court=court or regle,
    )


def juge(*regles, **autres):
    return proposer([*(un_constat(r) for r in regles), *(un_constat(r, **d) for r, d in autres.items())])


RIEN = juge(cv={"statut": Statut.OK})
AILLEURS = juge(depot={"avis": AvisPropose.REORIENTATION})


def envoi(modele="precisions", le=DEPART, *regles, tour=DEPART, state=EtatIntention.DONE, reference="100-AAAAAAAAAA"):
    """One message of ours in the ledger."""
    correction = ("correction",) if modele in conversation.DEMANDES else ()
    suite = (f"modele={modele}", f"tour={tour.isoformat()}", *(f"regle={r}" for r in regles)) if modele else ()
    return Intention(
        demarche=1,
        dossier=100,
        kind="message",
        fingerprint=reference,
        cible=(reference, "digest", *correction, *suite),
        state=state,
        sent_at=le,
    )


def passe(*intentions) -> Historique:
    return Historique(intentions=intentions)


def notre(le=DEPART, reference="100-AAAAAAAAAA", **changes):
    """One message of ours as DS shows it."""
    return un_message(f"M-{le}", f"x\nRéf. : {reference}", email=CONNECTEUR, le=le, **changes)


def suit(proposition, jour=LUNDI, *, historique=None, politique=POLITIQUE, **changes):
    return suivre(un_dossier(**changes), proposition, historique or Historique(), politique, jour)


def demande(proposition, historique=None, jour=LUNDI, **changes):
    return demander(echange(un_dossier(**changes), historique or Historique(), jour), proposition)


def redepose(le=DEPART + JOUR):
    return {
        "traitements": (Traitement(event="depose", date=DEPART), Traitement(event="depose_correction_usager", date=le))
    }


EN_ATTENTE = {"date_derniere_correction_en_attente": DEPART}


# requests


def test_what_is_missing_is_asked_with_a_correction():
    draft = demande(juge("cv", lettre={"statut": Statut.OK}))
    assert draft.correction == "incomplete"
    assert [c.regle for c in draft.constats] == ["cv"]
    assert draft.reference == empreintes.reference(100, draft.fingerprint)
    assert draft.faits.envoye_le is None


@pytest.mark.parametrize(
    ("courts", "template"),
    [([f"{PIECE}CV", f"{PIECE}lettre"], "pieces"), (["ORL"], "precisions"), ([f"{PIECE}CV", "ORL"], "correction")],
)
def test_a_first_request_has_the_words_of_what_it_asks(courts, template):
    constats = [un_constat(f"r{i}", court=court) for i, court in enumerate(courts)]
    assert demande(proposer(constats)).template == template


@pytest.mark.parametrize("proposition", [RIEN, AILLEURS, juge(zone={"avis": AvisPropose.DEFAVORABLE})])
def test_nothing_is_asked_of_a_dossier_that_lacks_nothing(proposition):
    assert demande(proposition) is None


def test_nothing_is_asked_of_a_dossier_that_will_be_sent_elsewhere_anyway():
    first = un_constat("outre-mer", avis=AvisPropose.REORIENTATION)
    assert demande(proposer([first, un_constat()])) is None


@pytest.mark.parametrize("state", sorted(set(DossierState) - {DossierState.EN_CONSTRUCTION}))
def test_nothing_is_asked_of_a_dossier_that_the_applicant_cannot_edit(state):
    assert demande(juge("cv"), state=state) is None


def test_the_same_findings_in_the_same_round_are_the_same_message():
    later = {"date_derniere_modification": DEPART + JOUR, "messages": (un_message(),)}
    assert demande(juge("cv")).fingerprint == demande(juge("cv"), **later).fingerprint
    assert demande(juge("a", "b", "a")).fingerprint == demande(juge("b", "a")).fingerprint


@pytest.mark.parametrize(
    ("proposition", "changes"),
    [
        (juge("cv"), {"number": 101}),
        (juge("lettre"), {}),
        (juge("cv", "lettre"), {}),
        (juge("cv"), redepose()),
    ],
    ids=["another dossier", "another finding", "one more finding", "another round"],
)
def test_another_dossier_finding_or_round_is_another_message(proposition, changes):
    assert demande(proposition, **changes).reference != demande(juge("cv")).reference


def test_a_finding_told_in_this_round_is_not_told_again_and_a_new_one_is():
    told = passe(envoi("precisions", DEPART, "cv"))
    assert demande(juge("cv"), told) is None
    suite = demande(juge("cv", "lettre"), told)
    assert (suite.template, [c.regle for c in suite.constats]) == ("correction_suite", ["lettre"])
    assert suite.nouveaux == {"lettre"}


def test_a_message_that_is_not_a_request_tells_no_finding():
    assert demande(juge("cv"), passe(envoi("relance_1", DEPART, "cv"))) is not None


@pytest.mark.parametrize("state", [EtatIntention.REJECTED, EtatIntention.PLANNED, EtatIntention.UNKNOWN])
def test_a_finding_whose_message_did_not_go_or_may_not_have_stays_to_be_told(state):
    assert demande(juge("cv"), passe(envoi("precisions", DEPART, "cv", state=state))) is not None


def test_a_following_request_tells_how_much_was_answered_and_what_is_new():
    told = passe(envoi("correction", DEPART, "cv", "lettre", "projet"))
    suite = demande(juge("lettre", "orl"), told, **redepose())
    assert suite.template == "correction_suite"
    assert [c.regle for c in suite.constats] == ["lettre", "orl"]
    assert (suite.nouveaux, suite.faits.leves, suite.faits.envoye_le) == ({"orl"}, 2, LUNDI)


def test_a_request_that_nobody_remembers_is_not_made_again_in_its_round_and_followed_in_the_next():
    messages = (notre(correction=Correction(reason="incomplete")),)
    assert demande(juge("cv"), messages=messages) is None
    suite = demande(juge("cv"), messages=messages, **redepose())
    assert (suite.template, suite.nouveaux, suite.faits.leves) == ("correction_suite", frozenset(), 0)


def test_a_request_written_by_an_earlier_version_is_remembered_without_its_findings():
    ancienne = Intention(
        demarche=1,
        dossier=100,
        kind="message",
        fingerprint="f",
        cible=("100-AAAAAAAAAA", "digest", "correction"),
        state=EtatIntention.DONE,
        sent_at=DEPART,
    )
    assert demande(juge("cv"), passe(ancienne)) is None
    assert demande(juge("cv"), passe(replace(ancienne, sent_at=None))) is None


def test_a_plain_message_that_nobody_remembers_tells_no_finding():
    assert demande(juge("cv"), messages=(notre(),)) is not None


def test_an_applicant_who_quotes_us_says_nothing_of_ours():
    quoted = un_message(email=USAGER, texte="x\nRéf. : 100-AAAAAAAAAA")
    assert echange(un_dossier(messages=(quoted,)), Historique(), LUNDI).envois == ()


# one at a time


@pytest.mark.parametrize(
    "changes",
    [{"archived": True}, {"compte_supprime": True}, {"state": DossierState.ACCEPTE}, {"state": DossierState.INCONNU}],
)
def test_nothing_is_said_where_nobody_would_read_it(changes):
    assert suit(juge("cv"), **changes) == conversation.Suivi()


def test_what_is_due_is_one_message():
    suivi = suit(juge("cv"))
    assert suivi.brouillon.template == "precisions"
    assert (suivi.points, suivi.revoir) == ((), None)


def test_nothing_is_asked_while_a_correction_is_pending():
    assert suit(juge("cv"), **EN_ATTENTE).brouillon is None


def test_a_second_message_waits_for_the_next_day():
    told = passe(envoi("precisions", DEPART, "cv"))
    suivi = suit(juge("lettre"), historique=told, **redepose(DEPART + timedelta(hours=1)))
    assert (suivi.brouillon, suivi.revoir) == (None, LUNDI + JOUR)
    demain = suit(juge("lettre"), LUNDI + JOUR, historique=told, **redepose(DEPART + timedelta(hours=1)))
    assert demain.brouillon.template == "correction_suite"


def test_who_announced_something_is_not_asked_before_some_days():
    messages = (un_message(email=USAGER, le=DEPART, annonce=True),)
    suivi = suit(juge("cv"), messages=messages)
    assert suivi.brouillon is None
    assert suivi.points == (
        "L’établissement a annoncé une suite le 02/03/2026\u00a0: rien ne lui est redemandé avant le 06/03/2026.",
    )
    assert suivi.revoir == date(2026, 3, 6)
    assert suit(juge("cv"), suivi.revoir, messages=messages).brouillon is not None


def test_an_unanswered_question_does_not_keep_a_request_back():
    assert suit(juge("cv"), messages=(un_message(email=USAGER),)).brouillon is not None


# another agency, all is complete, received


def test_another_agency_is_told_once_whatever_is_deposited_again():
    suivi = suit(AILLEURS)
    assert (suivi.brouillon.template, suivi.brouillon.correction) == ("reorientation", None)
    assert [c.regle for c in suivi.brouillon.constats] == ["depot"]
    told = passe(envoi("reorientation", DEPART, "depot", reference=suivi.brouillon.reference))
    assert suit(AILLEURS, LUNDI + JOUR, historique=told, **redepose()).brouillon is None
    assert suit(AILLEURS, state=DossierState.EN_INSTRUCTION).brouillon is not None


ANNOTER = replace(POLITIQUE, mode=Mode.ANNOTER)
DEMANDE = passe(envoi("precisions", DEPART, "cv"))


def test_all_is_complete_is_told_to_who_was_asked_for_something_and_once():
    suivi = suit(RIEN, LUNDI + JOUR, historique=DEMANDE, politique=ANNOTER, **redepose())
    assert suivi.brouillon.template == "complet"
    dit = passe(*DEMANDE.intentions, envoi("complet", DEPART + JOUR, tour=DEPART + JOUR, reference="100-BBBBBBBBBB"))
    assert suit(RIEN, LUNDI + 2 * JOUR, historique=dit, politique=ANNOTER, **redepose()).brouillon is None
    assert suit(RIEN, politique=ANNOTER).brouillon is None
    reminded = passe(*DEMANDE.intentions, envoi("relance_1", DEPART + JOUR, reference="100-BBBBBBBBBB"))
    late = redepose(DEPART + 3 * JOUR)
    assert suit(RIEN, LUNDI + 3 * JOUR, historique=reminded, politique=ANNOTER, **late).brouillon.template == "complet"


@pytest.mark.parametrize(
    ("politique", "proposition", "changes"),
    [
        (replace(ANNOTER, complet=False), RIEN, {}),
        (POLITIQUE, RIEN, {}),
        (ANNOTER, juge(cv={"statut": Statut.A_VERIFIER}), {}),
        (ANNOTER, juge(zone={"avis": AvisPropose.DEFAVORABLE}), {}),
        (ANNOTER, RIEN, EN_ATTENTE),
        (ANNOTER, RIEN, {"state": DossierState.EN_INSTRUCTION}),
    ],
    ids=["switched off", "DS will say so", "in doubt", "unfavourable", "a correction is pending", "in instruction"],
)
def test_all_is_complete_is_not_told_otherwise(politique, proposition, changes):
    changes = {**redepose(), **changes}
    assert suit(proposition, LUNDI + JOUR, historique=DEMANDE, politique=politique, **changes).brouillon is None


def test_a_receipt_is_sent_once_soon_after_the_deposit_and_only_if_asked():
    accuse = replace(POLITIQUE, accuse=True)
    assert suit(RIEN).brouillon is None
    assert suit(RIEN, politique=accuse).brouillon.template == "accuse"
    assert suit(juge("cv"), politique=accuse).brouillon.template == "precisions"
    assert suit(RIEN, LUNDI + 3 * JOUR, politique=accuse).brouillon is None
    assert suit(RIEN, politique=accuse, **redepose()).brouillon is None
    assert suit(RIEN, LUNDI + JOUR, politique=accuse, historique=DEMANDE).brouillon is None


# reminders


def rappel(jour, *envois, messages=(), politique=POLITIQUE, proposition=None, **changes):
    """A request left without an answer, seen on that day."""
    sent = (envoi("precisions", DEPART, "cv"), *envois)
    changes = {**EN_ATTENTE, "messages": messages, **changes}
    return suit(proposition or juge("cv"), jour, historique=passe(*sent), politique=politique, **changes)


def relance(rang, le):
    return envoi(f"relance_{rang}", le, "cv", reference=f"100-{rang}AAAAAAAAA")


R1, R2 = relance(1, DEPART + 7 * JOUR), relance(2, DEPART + 14 * JOUR)


def test_what_was_asked_is_said_and_when_it_will_be_recalled():
    suivi = rappel(LUNDI + JOUR)
    assert suivi.points == ("Demande envoyée le 02/03/2026\u202f; sans réponse, relance prévue le 09/03/2026.",)
    assert (suivi.brouillon, suivi.revoir) == (None, date(2026, 3, 9))


def test_without_reminders_only_what_was_asked_is_said():
    suivi = rappel(LUNDI + 60 * JOUR, politique=AGIR)
    assert (suivi.brouillon, suivi.revoir) == (None, None)
    assert suivi.points == ("Demande envoyée le 02/03/2026, sans nouveau dépôt depuis.",)


def test_a_first_then_a_second_reminder_then_a_proposal():
    first = rappel(date(2026, 3, 9))
    assert (first.brouillon.template, first.brouillon.correction) == ("relance_1", None)
    assert (first.brouillon.echeance, first.brouillon.faits.envoye_le) == (date(2026, 3, 16), LUNDI)
    assert first.points == ("Demande envoyée le 02/03/2026.",)
    assert rappel(date(2026, 3, 13), R1).brouillon is None
    second = rappel(date(2026, 3, 16), R1)
    assert (second.brouillon.template, second.brouillon.echeance) == ("relance_2", date(2026, 3, 23))
    waits = rappel(date(2026, 3, 17), R1, R2)
    assert "classement sans suite proposé le 23/03/2026" in waits.points[0]
    end = rappel(date(2026, 3, 23), R1, R2)
    assert (end.brouillon, end.revoir) == (None, None)
    assert end.points[0] == (
        "Demande envoyée le 02/03/2026, relancée le 09/03/2026, relancée le 16/03/2026, sans réponse\u00a0: un "
        "classement sans suite peut être proposé. La décision est la vôtre\u00a0: le connecteur n’en prend pas."
    )


def test_reminders_never_leave_on_a_sunday_nor_on_a_holiday():
    assert rappel(date(2026, 3, 15)).revoir == date(2026, 3, 16)
    assert rappel(date(2026, 4, 6)).brouillon is None, "Easter Monday"
    assert rappel(date(2026, 4, 6)).revoir == date(2026, 4, 7)
    assert rappel(date(2026, 4, 6)).points == rappel(date(2026, 4, 3)).points, "held back meanwhile: the same words"
    assert rappel(date(2026, 3, 28), R1, R2).points == rappel(date(2026, 3, 27), R1, R2).points
    fermee = replace(POLITIQUE, relances=replace(RELANCES, fermetures=frozenset({date(2026, 3, 9)})))
    assert rappel(date(2026, 3, 9), politique=fermee).brouillon is None


def test_a_day_that_had_its_message_has_no_reminder():
    suivi = rappel(date(2026, 3, 9), envoi("libre", DEPART + 7 * JOUR, reference="100-CCCCCCCCCC"))
    assert (suivi.brouillon, suivi.revoir) == (None, date(2026, 3, 10))


def test_a_new_deposit_ends_the_reminders():
    assert rappel(date(2026, 3, 9), **redepose(), date_derniere_correction_en_attente=None).brouillon.template == (
        "correction_suite"
    )


@pytest.mark.parametrize("changes", [{"proposition": RIEN}, {"state": DossierState.EN_INSTRUCTION}])
def test_nothing_is_recalled_of_what_is_no_longer_missing(changes):
    assert rappel(date(2026, 3, 9), **changes).points == ()


def test_an_applicant_who_waits_for_an_answer_is_not_reminded():
    question = un_message(email=USAGER, le=DEPART + JOUR)
    suivi = rappel(date(2026, 3, 30), messages=(question,))
    assert (suivi.brouillon, suivi.revoir) == (None, None)
    assert suivi.points[0] == (
        "L’établissement a écrit le 03/03/2026 et attend une réponse\u00a0: les relances sont suspendues."
    )


def test_an_answer_of_an_agent_puts_the_reminder_off_for_some_days():
    question, reponse = (
        un_message("1", email=USAGER, le=DEPART + JOUR),
        un_message("2", email=AGENT, le=DEPART + 6 * JOUR),
    )
    suivi = rappel(date(2026, 3, 9), messages=(question, reponse))
    assert suivi.brouillon is None
    assert (
        suivi.points[0] == "Un agent a écrit à l’établissement le 08/03/2026\u00a0: pas de relance avant le 11/03/2026."
    )
    assert suivi.revoir == date(2026, 3, 11)
    assert rappel(suivi.revoir, messages=(question, reponse)).brouillon.template == "relance_1"


def test_an_announcement_suspends_reminders_for_some_days_then_they_go_on():
    annonce = un_message(email=USAGER, le=DEPART + 5 * JOUR, annonce=True)
    suivi = rappel(date(2026, 3, 9), messages=(annonce,))
    assert (suivi.brouillon, suivi.revoir) == (None, date(2026, 3, 12))
    assert rappel(date(2026, 3, 12), messages=(annonce,)).brouillon.template == "relance_1"


def test_words_of_before_the_last_deposit_and_words_taken_back_hold_nothing():
    avant = un_message("1", email=USAGER, le=DEPART - JOUR)
    repris = un_message("2", email=AGENT, le=DEPART + 6 * JOUR, discarded_at=DEPART + 6 * JOUR)
    assert rappel(date(2026, 3, 9), messages=(avant, repris)).brouillon is not None


def test_reminders_are_counted_though_nobody_remembers_them():
    messages = (notre(correction=Correction(reason="incomplete")), notre(DEPART + 7 * JOUR, "100-BBBBBBBBBB"))
    suivi = suit(juge("cv"), date(2026, 3, 16), messages=messages, **EN_ATTENTE)
    assert suivi.brouillon.template == "relance_2"


def test_a_pending_correction_of_an_agent_is_not_recalled_by_us():
    assert suit(juge("cv"), LUNDI + 60 * JOUR, **EN_ATTENTE) == conversation.Suivi()


# what applicants announce


@pytest.mark.parametrize(
    "texte",
    [
        "Bonjour, nous vous transmettrons la convention signée la semaine prochaine.",
        "Je vous enverrai le CV dès que possible",
        "Les pièces suivent.",
        "La convention est en cours de signature.",
        "Nous vous ferons parvenir le courrier sous huitaine.",
        "Le justificatif vous parviendra lundi.",
        "Nous complèterons le dossier demain",
    ],
)
def test_an_announcement_is_recognised(texte):
    assert annonce_une_suite(texte)


@pytest.mark.parametrize(
    "texte",
    [
        "Bonjour, où en est notre dossier ?",
        "Quelle convention faut-il joindre ?",
        "Quand nous enverrez-vous la décision ?",
        "La pièce est jointe.",
        "",
    ],
)
def test_a_question_is_no_announcement(texte):
    assert not annonce_une_suite(texte)


# what a template would say, due or not


@pytest.mark.parametrize(
    ("template", "proposition", "regles"),
    [
        ("pieces", juge("cv"), ["cv"]),
        ("relance_2", juge("cv"), ["cv"]),
        ("reorientation", AILLEURS, ["depot"]),
        ("complet", RIEN, []),
        ("accuse", RIEN, []),
    ],
)
def test_a_message_can_be_imagined_before_it_is_due(template, proposition, regles):
    draft = conversation.imaginer(template, echange(un_dossier(), Historique(), LUNDI), proposition)
    assert (draft.template, [c.regle for c in draft.constats], draft.faits.envoye_le) == (template, regles, LUNDI)


def test_an_imagined_reminder_recalls_the_request_that_was_sent():
    vu = echange(un_dossier(), passe(envoi("precisions", DEPART, "cv")), LUNDI + 7 * JOUR)
    assert conversation.imaginer("relance_1", vu, juge("cv")).faits.envoye_le == LUNDI


@pytest.mark.parametrize("template", ["pieces", "relance_1", "reorientation", "refus"])
def test_a_template_that_has_nothing_to_say_is_not_imagined(template):
    assert conversation.imaginer(template, echange(un_dossier(), Historique(), LUNDI), RIEN) is None
