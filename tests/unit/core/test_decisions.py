"""What a human decision becomes: nothing without one, nothing against a doubt, nothing before the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connector.core import decide, motivation, objections, portage
from connector.core.calendrier import ajoute_mois
from connector.core.candidature import lire
from connector.core.chiffrage import Chiffrage
from connector.core.constat import AvisPropose, Constat, Effet, Source, Statut
from connector.core.cout import Cout
from connector.core.decide import Plan
from connector.core.decisions import Cadre, Cas, Decision, Sens, SourceDecisions, sens_de
from connector.core.evaluation import Historique, Proposition
from connector.core.model import DossierState, Illisible, Traitement
from connector.core.plan import (
    AjouterLabel,
    ChangerEtat,
    EcrireAnnotations,
    EnvoyerMessage,
    EtatIntention,
    Intention,
    Transition,
)
from connector.core.politique import Mode
from connector.core.portage import Portee
from connector.core.poste import Categorie
from connector.core.projet import Projet
from connector.core.quota import CleQuota, Compteurs, ModeQuota, Nature, Quota, QuotaEffectif, StatutQuota, TypeDemande
from connector.core.situation import Situation
from tests.fakes import (
    AGIR,
    ATTENTE,
    CONFIRMEE,
    CONNECTEUR,
    CORRESPONDANCE,
    CORRESPONDANCE_DECISIONS,
    DECISION,
    DEPART,
    MANUEL,
    MOTIVATION,
    PORTEE,
    SOURCE,
    annotations_de_decision,
    rediger,
    un_champ,
    un_dossier,
    une_demarche_avec_decisions,
    une_resolution,
)

RESOLUTION = une_resolution(CORRESPONDANCE_DECISIONS, une_demarche_avec_decisions())
LE = DEPART + timedelta(days=10)
MAINTENANT = LE + timedelta(days=1)
AUJOURDHUI = date(2026, 3, 13)
FICHIER = Cadre(source=SourceDecisions.FICHIER, signataire="La directrice", voies_recours="Deux mois.", mention="Algo.")
ANNOTATION = replace(FICHIER, source=SourceDecisions.ANNOTATION)
A_LA_MAIN = replace(FICHIER, source=SourceDecisions.AUCUNE)
ENTREE = Traitement(event="passe_en_instruction", date=DEPART + timedelta(hours=1))
FAVORABLE = Proposition(avis=AvisPropose.FAVORABLE, synthese="FAVORABLE", points=(), constats=())
DGOS = Source(texte="note DGOS", opposable=False)


def un_constat(avis, statut=Statut.KO, source=SOURCE, regle="zone"):
    return Constat(
        regle=regle,
        statut=statut,
        effet=Effet.BLOQUANT,
        phrase="Vierzon est hors zone.",
        source=source,
        avis=avis,
        court="zone" if regle == "zone" else "",
    )


def proposition(*constats, avis=AvisPropose.DEFAVORABLE):
    return replace(FAVORABLE, avis=avis, constats=constats)


def en_instruction(*traitements, annotations=(), **changes):
    dossier = un_dossier(
        state=DossierState.EN_INSTRUCTION,
        traitements=(*un_dossier().traitements, ENTREE, *traitements),
        annotations=(*un_dossier().annotations, *(annotations or annotations_de_decision())),
    )
    return replace(dossier, **changes)


def decidee(sens=Sens.RETENU, **changes):
    decision = Decision(
        dossier=100, sens=sens, source=SourceDecisions.FICHIER, le=LE, origine="la liste « commission.xlsx » (ligne 4)"
    )
    return replace(decision, **changes)


def un_cas(decision=None, dossier=None, resolution=RESOLUTION, **changes):
    dossier = dossier or en_instruction()
    cas = Cas(
        dossier=dossier,
        candidature=lire(dossier, resolution),
        projet=Projet(dossier=dossier.number),
        situation=Situation(),
        proposition=FAVORABLE,
        chiffrage=Chiffrage(),
        resolution=resolution,
        historique=Historique(),
        politique=AGIR,
        cadre=FICHIER,
        enregistree=decision,
        now=MAINTENANT,
        aujourd_hui=AUJOURDHUI,
        sources={"zone": (SOURCE, DGOS)},
    )
    return replace(cas, **changes)


def portee(*details, **changes):
    return portage.porter(un_cas(*details, **changes), rediger=rediger)


def uni(texte):
    return str(texte).replace("\u00a0", " ").replace("\u202f", " ")


def etats(p):
    return [a.transition for a in p.suite if isinstance(a, ChangerEtat)]


def traces(p):
    return [uni(e.value) for a in p.suite if isinstance(a, EcrireAnnotations) for e in a.ecritures]


# the words people use ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("texte", "sens"),
    [
        ("Retenu", Sens.RETENU),
        ("  RETENUE ", Sens.RETENU),
        ("accepté", Sens.RETENU),
        ("Liste d’attente", Sens.LISTE_D_ATTENTE),
        ("liste complementaire", Sens.LISTE_D_ATTENTE),
        ("NON RETENU.", Sens.NON_RETENU),
        ("Refus", Sens.NON_RETENU),
        ("classé\u00a0sans suite", Sens.SANS_SUITE),
        ("Réorienté", Sens.REORIENTATION),
        ("peut-être", None),
        ("", None),
    ],
)
def test_a_decision_is_known_by_its_words_whatever_their_typography(texte, sens):
    assert sens_de(texte) is sens


# what cannot exist ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("transition", [Transition.ACCEPTER, Transition.REFUSER, Transition.CLASSER_SANS_SUITE])
def test_a_state_change_that_decides_cannot_be_made_without_a_human_decision(transition):
    with pytest.raises(ValueError, match="a decision is a human's"):
        ChangerEtat(transition=transition, motivation="Non.")


def test_a_state_change_that_decides_nothing_carries_no_decision():
    with pytest.raises(ValueError, match="nothing else is one"):
        ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION, decision="D")


@pytest.mark.parametrize("avis", list(AvisPropose))
@pytest.mark.parametrize("cadre", [FICHIER, ANNOTATION, A_LA_MAIN])
def test_no_opinion_of_ours_ever_decides(avis, cadre):
    vu = portee(None, cadre=cadre, proposition=proposition(un_constat(AvisPropose.DEFAVORABLE), avis=avis))
    assert (vu.suite, vu.messages, vu.labels, vu.points) == ((), (), (), ())


# what it becomes ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_retained_dossier_is_accepted_then_told_what_was_done_and_when():
    vu = portee(decidee())
    etat, trace = vu.suite
    assert etat == ChangerEtat(
        transition=Transition.ACCEPTER, motivation="Dossier 100\n", decision=etat.decision, disable_notification=False
    )
    assert [e.id for e in trace.ecritures] == [PORTEE]
    assert traces(vu) == ["Accepté le 13/03/2026, d’après la liste « commission.xlsx » (ligne 4)."]
    assert (vu.retenues, vu.points, vu.revoir) == ((), (), None)


@pytest.mark.parametrize(
    ("sens", "transition", "mot"),
    [
        (Sens.NON_RETENU, Transition.REFUSER, "Refusé"),
        (Sens.SANS_SUITE, Transition.CLASSER_SANS_SUITE, "Classé sans suite"),
    ],
)
def test_a_refusal_and_a_closure_carry_the_motive_of_the_commission(sens, transition, mot):
    vu = portee(decidee(sens, motivation=" Projet non abouti. "))
    assert etats(vu) == [transition]
    assert vu.suite[0].motivation == "Dossier 100 Projet non abouti.\n"
    assert traces(vu)[0].startswith(mot)


def test_without_a_motive_of_theirs_a_refusal_cites_the_rules_that_may_be_opposed_and_no_other_text():
    vu = portee(decidee(Sens.NON_RETENU), proposition=proposition(un_constat(AvisPropose.DEFAVORABLE)))
    assert vu.suite[0].motivation.startswith("Dossier 100 Vierzon est hors zone. (cahier des charges, § 4)")
    assert "DGOS" not in vu.suite[0].motivation


def test_a_rule_without_a_known_text_is_told_without_one():
    constat = un_constat(AvisPropose.DEFAVORABLE, regle="autre")
    assert motivation.motif_opposable(un_cas(proposition=proposition(constat))) == "Vierzon est hors zone."


@pytest.mark.parametrize("sens", [Sens.NON_RETENU, Sens.SANS_SUITE])
def test_without_any_motive_nothing_is_refused_nor_closed(sens):
    non_opposable = un_constat(AvisPropose.DEFAVORABLE, source=DGOS)
    vu = portee(decidee(sens), proposition=proposition(non_opposable))
    assert vu.suite == ()
    assert "il manque un motif" in uni(vu.points)
    assert "il manque un motif" in uni(vu.retenues)


def test_without_a_signatory_or_the_ways_of_appeal_nothing_is_refused():
    vu = portee(decidee(Sens.NON_RETENU, motivation="Non."), cadre=replace(FICHIER, signataire="", voies_recours=""))
    assert vu.suite == ()
    assert "il manque les voies et délais de recours ([decisions] voies_recours) et le signataire" in uni(vu.points)


def test_the_waiting_list_is_a_label_a_rank_and_a_message_and_no_state():
    vu = portee(decidee(Sens.LISTE_D_ATTENTE, rang=2))
    (message,) = vu.messages
    assert isinstance(message, EnvoyerMessage)
    assert message.template == "liste_attente"
    assert message.body.endswith(message.reference)
    assert (vu.suite, vu.labels, vu.voulues["rang_attente"]) == ((), ("liste_attente",), 2)


def test_the_same_rank_is_told_once_whatever_we_remember_and_another_rank_is_news():
    premier = portee(decidee(Sens.LISTE_D_ATTENTE, rang=2)).messages[0]
    redit = portee(decidee(Sens.LISTE_D_ATTENTE, rang=2, le=LE + timedelta(days=3))).messages[0]
    autre = portee(decidee(Sens.LISTE_D_ATTENTE, rang=1)).messages[0]
    assert premier.reference == redit.reference != autre.reference


def test_somebody_who_waits_need_not_be_written_to_and_may_have_no_rank():
    vu = portee(decidee(Sens.LISTE_D_ATTENTE), cadre=replace(FICHIER, prevenir_attente=False))
    assert (vu.messages, vu.labels, vu.retenues) == ((), ("liste_attente",), ())
    assert "rang_attente" not in vu.voulues


def test_a_dossier_to_be_handed_on_is_left_to_people():
    vu = portee(decidee(Sens.REORIENTATION))
    assert (vu.suite, vu.messages) == ((), ())
    assert "à porter à la main" in uni(vu.points)


def test_ds_need_not_tell_the_applicant():
    assert portee(decidee(), cadre=replace(FICHIER, notifier=False)).suite[0].disable_notification


def test_each_decision_has_a_digest_of_its_own_and_the_same_one_at_each_look():
    une, meme, autre = (portee(decidee(le=le)).suite[0].decision for le in (LE, LE, LE + timedelta(seconds=1)))
    assert une == meme != autre


def test_an_effect_already_had_is_not_had_again():
    action = portee(decidee()).suite[0]
    fait = Intention(
        demarche=4242,
        dossier=100,
        kind="etat",
        fingerprint=decide.fingerprint(action, en_instruction(), Historique()),
        cible=("accepter",),
        state=EtatIntention.DONE,
    )
    vu = portee(decidee(), historique=Historique(intentions=(fait,)))
    assert (vu.suite, vu.retenues) == ((), ())


def test_the_same_line_in_a_newer_list_is_no_news_and_a_confirmation_is():
    assert decidee().dit == decidee(le=MAINTENANT, origine="ailleurs").dit
    assert decidee().dit != decidee(confirmee_le=LE).dit


# what holds it back ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"politique": replace(AGIR, mode=Mode.ANNOTER)}, "le mode n’est pas « agir »"),
        ({"notification_le": date(2026, 3, 14)}, "rien ne part avant le 14/03/2026"),
        ({"en_pause": True}, "les envois sont en pause"),
        ({"dossier": en_instruction(labels=(MANUEL,))}, "le label « Suivi manuel » est posé"),
        ({"politique": replace(AGIR, mise_en_service=date(2026, 3, 3))}, "le dossier précède la mise en service"),
        ({"dossier": en_instruction(archived=True)}, "le dossier est archivé"),
        ({"dossier": en_instruction(compte_supprime=True)}, "le compte de l’usager est supprimé"),
        ({"dossier": en_instruction(date_derniere_correction_en_attente=LE)}, "une correction est en attente"),
    ],
)
def test_what_holds_a_decision_back_is_said_and_shown_in_full(changes, cause):
    vu = portee(decidee(), **changes)
    assert (vu.suite, vu.messages) == ((), ())
    assert cause in uni(vu.retenues[0])
    assert vu.points == ()
    assert vu.en_attente[0].motivation
    assert vu.revoir == (objections.REVOIR if "notification_le" in changes else None)


def test_on_the_day_of_notification_it_leaves():
    assert portee(decidee(), notification_le=AUJOURDHUI).suite


def test_before_the_day_of_notification_not_even_the_waiting_list_shows():
    cadre = replace(FICHIER, prevenir_attente=False)
    vu = portee(decidee(Sens.LISTE_D_ATTENTE, rang=1), cadre=cadre, notification_le=date(2026, 3, 14))
    assert (vu.labels, "rang_attente" in vu.voulues, vu.revoir) == ((), False, objections.REVOIR)


def test_an_observer_holds_nothing_back_for_it_would_do_nothing():
    vu = portee(decidee(), politique=replace(AGIR, mode=Mode.OBSERVER))
    assert (vu.suite, vu.retenues, vu.en_attente) == ((), (), ())


def test_a_dossier_in_construction_waits_for_its_passage():
    dossier = en_instruction(state=DossierState.EN_CONSTRUCTION)
    vu = portee(decidee(), dossier=dossier)
    assert vu.suite == ()
    assert "encore en construction" in uni(vu.points)
    assert vu.voulues == portee(decidee()).voulues, "our own passage to instruction changes nothing that we wrote"


def test_a_state_that_we_do_not_know_is_left_alone():
    assert portee(decidee(), dossier=en_instruction(state=DossierState.INCONNU)) == Portee()


# what needs a confirmation ────────────────────────────────────────────────────────────────────────────────────────────


def des_compteurs(valeur):
    cle = CleQuota(promotion="2026-2028", region="24", categorie=Categorie.II)
    quota = Quota(
        cle=cle,
        valeur=valeur,
        nature=Nature.REGIONAL,
        statut=StatutQuota.DEFINITIF,
        source=SOURCE,
        date_effet=date(2026, 1, 1),
    )
    return Compteurs(
        quota=QuotaEffectif(cle=cle, retenu=quota, national=None),
        mode=ModeQuota.INFORMATIF,
        accordes=valeur or 0,
        pourvus=0,
        desistes=0,
        reserves=0,
        consommes=Decimal(valeur or 0),
        gardes=Decimal(0),
        attente=(),
    )


COMPLET = Situation(compteurs=des_compteurs(6), hors_quota=True)
INCOMPLET = proposition(un_constat(AvisPropose.A_COMPLETER, regle="piece_cv"), avis=AvisPropose.A_COMPLETER)


def un_doublon(effet):
    return replace(un_constat(AvisPropose.A_VERIFIER), effet=effet)


OBJECTIONS = [
    ({"proposition": INCOMPLET}, "le dossier n’est pas complet (piece_cv)"),
    ({"proposition": proposition(un_constat(AvisPropose.DEFAVORABLE))}, "une règle s’y oppose (zone)"),
    ({"proposition": proposition(un_constat(AvisPropose.REORIENTATION, regle="x"))}, "une règle s’y oppose (x)"),
    ({"proposition": proposition(un_constat(AvisPropose.DEFAVORABLE, source=DGOS))}, "une règle s’y oppose (zone)"),
    ({"proposition": proposition(un_doublon(Effet.A_VERIFIER))}, "une règle s’y oppose (zone)"),
    ({"situation": COMPLET}, "le quota serait dépassé (6 postes, 6 accordés ; les retenus sont servis par rang)"),
    ({"situation": Situation(compteurs=des_compteurs(None))}, "cette catégorie est sans objet dans la région"),
]


@pytest.mark.parametrize(("changes", "cause"), OBJECTIONS)
def test_what_stands_against_an_acceptance_asks_for_a_confirmation_and_is_never_overridden(changes, cause):
    vu = portee(decidee(), **changes)
    assert vu.suite == ()
    (point,) = map(uni, vu.points)
    assert f"à confirmer, car {cause}" in point
    assert "cochez « Confirmee », mettez « oui » dans la colonne « Confirmer » de la liste ou décidez dans DS" in point


def test_a_place_kept_for_a_replacement_is_told():
    gardee = replace(COMPLET, compteurs=replace(des_compteurs(6), accordes=5, gardes=Decimal(1)))
    assert "(6 postes, 5 accordés, 1 gardé pour un remplacement ;" in uni(portee(decidee(), situation=gardee).points[0])


@pytest.mark.parametrize(("changes", "cause"), OBJECTIONS)
def test_a_person_who_confirms_in_the_list_goes_on_all_the_same(changes, cause):
    assert etats(portee(decidee(confirmee_le=LE), **changes)) == [Transition.ACCEPTER]


@pytest.mark.parametrize(("changes", "cause"), OBJECTIONS)
def test_what_stands_against_an_acceptance_says_nothing_of_a_refusal(changes, cause):
    assert etats(portee(decidee(Sens.NON_RETENU, motivation="Non."), **changes)) == [Transition.REFUSER]


@pytest.mark.parametrize("demande", [TypeDemande.REMPLACEMENT, TypeDemande.REPORT])
def test_a_replacement_or_a_report_takes_no_place(demande):
    vu = portee(decidee(), situation=COMPLET, projet=Projet(dossier=100, demande=demande))
    assert etats(vu) == [Transition.ACCEPTER]


def test_what_a_rule_only_notes_or_doubts_asks_for_no_confirmation():
    doute = un_constat(AvisPropose.DEFAVORABLE, Statut.A_VERIFIER)
    for constat in (un_doublon(Effet.INFORMATION), un_doublon(Effet.PRIORITE), doute):
        assert etats(portee(decidee(), proposition=proposition(constat))) == [Transition.ACCEPTER]


def test_places_left_ask_nothing():
    assert etats(portee(decidee(), situation=replace(COMPLET, hors_quota=False))) == [Transition.ACCEPTER]


def avec_case(le, *, cochee=True):
    autres = [a for a in annotations_de_decision() if a.id != CONFIRMEE]
    return en_instruction(annotations=(*autres, un_champ(CONFIRMEE, cochee, "CheckboxChamp", le)))


def test_the_box_ticked_after_the_decision_confirms_it():
    vu = portee(decidee(), dossier=avec_case(LE + timedelta(hours=2)), situation=COMPLET)
    assert etats(vu) == [Transition.ACCEPTER]


@pytest.mark.parametrize("dossier", [avec_case(LE - timedelta(hours=2)), avec_case(LE, cochee=False), avec_case(None)])
def test_a_box_ticked_before_the_decision_or_not_at_all_confirms_nothing(dossier):
    assert portee(decidee(), dossier=dossier, situation=COMPLET).suite == ()


def test_where_the_form_has_no_box_an_annotation_s_decision_is_settled_in_ds():
    resolution = replace(RESOLUTION, saisies=tuple(s for s in RESOLUTION.saisies if s.cle != "decision_confirmee"))
    dossier = en_instruction(annotations=annotations_de_decision(decision="Retenu"))
    cas = un_cas(None, dossier, resolution, cadre=ANNOTATION, situation=COMPLET)
    (point,) = portage.porter(cas, rediger=rediger).points
    assert uni(point).endswith(" ; décidez dans DS.")


def test_a_dossier_changed_by_the_applicant_since_asks_for_a_confirmation_and_an_old_one_is_not_enough():
    depot = Traitement(event="depose_correction_usager", date=LE + timedelta(hours=1))
    vu = portee(decidee(confirmee_le=LE), dossier=en_instruction(depot))
    assert "l’hôpital a modifié son dossier depuis cette décision" in uni(vu.points)
    assert portee(decidee(le=LE + timedelta(hours=2)), dossier=en_instruction(depot)).suite


def test_an_agent_who_took_the_dossier_back_since_wins_until_somebody_confirms():
    reprise = Traitement(event="repasse_en_instruction", date=LE + timedelta(hours=1), email_agent="a@ars.exemple.fr")
    vu = portee(decidee(), dossier=en_instruction(reprise))
    assert vu.suite == ()
    assert "un agent a repris ce dossier dans DS depuis (le 12/03/2026)" in uni(vu.points)
    case = un_champ(CONFIRMEE, value=True, typename="CheckboxChamp", updated_at=LE + timedelta(hours=2))
    autres = [a for a in annotations_de_decision() if a.id != CONFIRMEE]
    confirme = portee(decidee(), dossier=en_instruction(reprise, annotations=(*autres, case)))
    assert etats(confirme) == [Transition.ACCEPTER]
    assert confirme.suite[0].decision != portee(decidee()).suite[0].decision


# the annotation ───────────────────────────────────────────────────────────────────────────────────────────────────────


def annote(le=DEPART, **values):
    return en_instruction(annotations=annotations_de_decision(le, **values))


def test_a_decision_chosen_in_the_annotation_is_carried_out_with_what_was_typed_beside_it():
    vu = portee(None, annote(decision="Non retenu", motivation="Trop tard.", rang=3), cadre=ANNOTATION)
    assert vu.suite[0].motivation == "Dossier 100 Trop tard.\n"
    assert "d’après l’annotation « Decision »" in traces(vu)[0]


def test_the_list_says_nothing_where_the_annotation_decides_nor_the_reverse():
    assert portee(decidee(), annote(), cadre=ANNOTATION).suite == ()
    assert portee(None, annote(decision="Retenu")).suite == ()


@pytest.mark.parametrize("id_", [DECISION, MOTIVATION])
def test_while_somebody_may_still_be_typing_nothing_leaves(id_):
    dossier = annote(decision="Non retenu", motivation="Parce")
    annotations = tuple(
        replace(a, updated_at=MAINTENANT - timedelta(minutes=59)) if a.id == id_ else a for a in dossier.annotations
    )
    vu = portee(None, replace(dossier, annotations=annotations), cadre=ANNOTATION)
    assert vu.suite == ()
    assert "la saisie est récente (délai de 60 min)" in uni(vu.retenues)
    assert vu.revoir == timedelta(minutes=1)


def test_an_annotation_that_ds_does_not_date_is_dated_by_the_last_one_typed():
    le = MAINTENANT - timedelta(minutes=1)
    dossier = annote(None, decision="Retenu")
    vu = portee(None, replace(dossier, date_derniere_modification_annotations=le), cadre=ANNOTATION)
    assert "la saisie est récente" in uni(vu.retenues)


@pytest.mark.parametrize("value", ["Peut-être", Illisible(cause="liste modifiée", text="Peut-être")])
def test_a_decision_that_we_do_not_understand_is_said_and_decides_nothing(value):
    vu = portee(None, annote(decision=value), cadre=ANNOTATION)
    assert vu.suite == ()
    assert uni(vu.points[0]).startswith("Décision « Peut-être » non comprise : choisissez « Retenu », ")
    assert portee(None, annote(decision=value)).points == ()


# by hand ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("avis", "debut"),
    [
        (AvisPropose.FAVORABLE, "Dossier 100\n"),
        (AvisPropose.DEFAVORABLE, "Dossier 100 Vierzon est hors zone."),
        (AvisPropose.LISTE_D_ATTENTE, "Dossier 100\n"),
        (AvisPropose.A_VERIFIER, ""),
    ],
)
def test_by_hand_the_words_that_our_opinion_leads_to_are_prepared_without_a_reference(avis, debut):
    constats = proposition(un_constat(AvisPropose.DEFAVORABLE), avis=avis)
    vu = portee(None, cadre=A_LA_MAIN, proposition=constats)
    texte = vu.voulues["motivation_proposee"]
    assert texte.startswith(debut)
    assert bool(texte) is bool(debut)
    assert "Réf." not in texte
    assert portage.valeurs(vu, RESOLUTION)["motivation_proposee"] == texte


def test_by_hand_the_words_follow_what_people_decided():
    vu = portee(None, annote(decision="Non retenu", motivation="Trop tard."), cadre=A_LA_MAIN)
    assert vu.voulues["motivation_proposee"].startswith("Dossier 100 Trop tard.")
    vu = portee(decidee(Sens.SANS_SUITE, motivation="Retrait."), cadre=A_LA_MAIN)
    assert vu.voulues["motivation_proposee"].startswith("Dossier 100 Retrait.")
    assert (vu.suite, vu.retenues) == ((), ())


def test_where_no_annotation_waits_for_them_no_words_are_prepared():
    assert portee(decidee(), en_instruction(), une_resolution(CORRESPONDANCE), cadre=A_LA_MAIN) == Portee()


def test_the_rank_is_a_number_or_a_text_as_the_form_wants():
    vu = portee(decidee(Sens.LISTE_D_ATTENTE, rang=2))
    assert portage.valeurs(vu, RESOLUTION)["rang_attente"] == 2
    texte = replace(RESOLUTION.annotations["rang_attente"], cle=RESOLUTION.annotations["synthese"].cle)
    en_texte = replace(RESOLUTION, annotations={**RESOLUTION.annotations, "rang_attente": texte})
    assert portage.valeurs(vu, en_texte)["rang_attente"] == "2"
    assert portage.valeurs(vu, une_resolution(CORRESPONDANCE)) == {}


# once decided ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def traite(event="accepte", state=DossierState.ACCEPTE, agent=CONNECTEUR, **changes):
    return en_instruction(
        Traitement(event=event, date=LE + timedelta(hours=3), email_agent=agent), state=state, **changes
    )


def test_what_was_done_is_told_even_when_the_process_died_in_between():
    assert traces(portee(decidee(), traite())) == [
        "Accepté le 12/03/2026, d’après la liste « commission.xlsx » (ligne 4)."
    ]
    assert not isinstance(portee(decidee(), traite()).suite[0], ChangerEtat)


def test_what_the_ledger_remembers_is_ours_even_where_ds_hides_its_agents():
    dossier = traite(agent=None)
    fait = Intention(
        demarche=4242,
        dossier=100,
        kind="etat",
        fingerprint="F",
        cible=("accepter",),
        state=EtatIntention.DONE,
    )
    assert traces(portee(decidee(), dossier, historique=Historique(intentions=(fait,))))
    assert portee(decidee(), dossier) == Portee()


def test_an_agent_who_decided_the_same_is_left_alone():
    assert portee(decidee(), traite(agent="a@ars.exemple.fr")) == Portee()


def test_an_agent_who_decided_otherwise_wins_and_it_is_said():
    vu = portee(decidee(), traite("refuse", DossierState.REFUSE, "a@ars.exemple.fr"))
    dit = (
        "Dossier refusé le 12/03/2026 dans DS par un agent ; la liste « commission.xlsx » (ligne 4) dit « Retenu » : "
        "rien n’est défait. Pour changer, repassez le dossier en instruction dans DS et décidez-y."
    )
    assert (traces(vu), list(map(uni, vu.retenues))) == ([dit], [dit])


@pytest.mark.parametrize("sens", [Sens.NON_RETENU, Sens.LISTE_D_ATTENTE])
def test_a_newer_list_undoes_nothing_and_it_is_said(sens):
    vu = portee(decidee(sens, motivation="Non.", le=LE + timedelta(days=1)), traite())
    assert etats(vu) == []
    assert "d’après une décision antérieure" in traces(vu)[0]


def test_where_the_form_has_no_place_for_it_it_is_only_said_here():
    vu = portee(decidee(Sens.NON_RETENU), traite(), une_resolution(CORRESPONDANCE))
    assert (vu.suite, len(vu.retenues)) == ((), 1)


def test_nothing_is_written_in_an_archived_dossier_nor_by_an_observer():
    assert portee(decidee(), traite(archived=True)).suite == ()
    assert portee(decidee(), traite(), politique=replace(AGIR, mode=Mode.OBSERVER)).suite == ()


def test_what_is_already_told_is_not_written_again():
    dit = traces(portee(decidee(), traite()))[0]
    autres = [a for a in annotations_de_decision() if a.id != PORTEE]
    dossier = traite(annotations=(*un_dossier().annotations, *autres, un_champ(PORTEE, dit)))
    assert portee(decidee(), dossier).suite == ()


def test_a_decided_dossier_of_which_nobody_decided_here_is_none_of_our_business():
    assert portee(None, traite()) == Portee()
    assert portee(decidee(), traite(), cadre=A_LA_MAIN) == Portee()
    assert portee(decidee(), en_instruction(state=DossierState.ACCEPTE)) == Portee()


# a preview ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_template_can_be_tried_on_a_dossier_whatever_was_decided_of_it():
    refus = decidee(Sens.NON_RETENU, motivation="Trop tard.")
    assert motivation.imaginer(un_cas(refus), "refus").faits.motif == "Trop tard."
    assert motivation.imaginer(un_cas(refus), "sans_suite") is None, "the motive of a refusal is not that of a closure"
    assert motivation.imaginer(un_cas(refus), "accord").faits.complement == ""
    assert motivation.imaginer(un_cas(), "correction") is None


# its place in the rest ────────────────────────────────────────────────────────────────────────────────────────────────


def test_points_come_first_messages_go_first_and_the_state_changes_last():
    label = AjouterLabel(label=ATTENTE)
    vu = replace(portee(decidee()), points=("P",), labels=("liste_attente",), retenues=("R : r",))
    assert vu.complete(replace(FAVORABLE, points=("autre",), labels=("l",))).points == ("P", "autre")
    assert vu.complete(FAVORABLE).labels == ("liste_attente",)
    plan = replace(vu, messages=("M",)).etend(Plan(dossier=100, actions=(label,), retenues=("avant",)))
    assert plan.actions == ("M", label, *vu.suite)
    assert plan.retenues == ("avant", "R\u00a0: r")


def test_the_post_is_told_as_the_dossier_asks_for_it():
    projet = Projet(
        dossier=100,
        promotion="2026-2028",
        specialite="Gériatrie",
        duree_mois=24,
        quotite_hospitaliere=Decimal(50),
        quotite_ambulatoire=Decimal(50),
        debut=date(2026, 11, 1),
    )
    cout = Cout(
        mois=24,
        brut=None,
        pet=None,
        charges=None,
        total=None,
        minimum=Decimal(90),
        maximum=Decimal(90),
        par_exercice=(),
        lignes=(),
        hypotheses=(),
    )
    poste = motivation.poste_dit(un_cas().candidature, projet, Chiffrage(cout=cout))
    assert (poste.promotion, poste.specialite, poste.duree, poste.part_ars) == ("2026-2028", "Gériatrie", 24, 90)
    assert poste.fin == ajoute_mois(date(2026, 11, 1), 24)
    for beyond in (replace(projet, debut=date(9998, 12, 1)), replace(projet, duree_mois=None)):
        assert motivation.poste_dit(un_cas().candidature, beyond, Chiffrage()).fin is None
    reporte = motivation.poste_dit(un_cas().candidature, replace(projet, debut_reporte=date(2027, 1, 1)), Chiffrage())
    assert (reporte.debut, reporte.part_ars, reporte.prime) == (date(2027, 1, 1), None, None)
