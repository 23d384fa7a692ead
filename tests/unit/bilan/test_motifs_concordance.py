"""Why people set candidatures aside, and whether they agree with the rules."""

from __future__ import annotations

from connector.bilan.concordance import A_REVOIR, FAVORABLE, concordance
from connector.bilan.motifs import AUCUN_MOTIF, motifs, qualitatif
from connector.bilan.rapports import rapport_concordance
from connector.bilan.tableau import Absence
from connector.core.constat import AvisPropose, Effet, Statut
from connector.core.decisions import Sens
from connector.core.pet import Derogation
from tests.unit.bilan.fabrique import constat, decide, dit, matiere, tableau, valeurs, vu

OBJECTION = dit(AvisPropose.DEFAVORABLE, constat("zone"))
DOUTE = dit(AvisPropose.A_VERIFIER, constat("zone", Statut.A_VERIFIER))


def regles(*vus, **changes):
    (section,) = concordance(matiere(*vus, **changes))
    return tableau(section, "regles")


def test_a_rule_is_overruled_when_people_keep_what_it_stands_against():
    trouve = regles(
        decide(1, Sens.RETENU, dit_avant=OBJECTION),
        decide(2, Sens.NON_RETENU, dit_avant=OBJECTION),
        decide(3, Sens.SANS_SUITE, dit_avant=OBJECTION),
    )
    assert valeurs(trouve, "Zone") == (3, 2, 1, 33, 0)


def test_a_rule_overruled_exactly_one_time_in_five_is_not_flagged_and_one_more_is():
    quatre = [decide(n, Sens.NON_RETENU, dit_avant=OBJECTION) for n in range(4)]
    une = decide(10, Sens.RETENU, dit_avant=OBJECTION)
    (juste,) = regles(*quatre, une).lignes
    assert (juste.valeurs[3], juste.alerte) == (20, "")
    (trop,) = regles(*quatre, une, decide(11, Sens.RETENU, dit_avant=OBJECTION)).lignes
    assert (trop.valeurs[3], trop.alerte) == (33, A_REVOIR)


def test_a_doubt_that_people_lift_overrules_nobody():
    assert valeurs(regles(decide(1, Sens.RETENU, dit_avant=DOUTE)), "Zone") == (0, 0, 0, Absence.INCONNU, 1)


def test_what_only_informs_objects_to_nothing():
    informe = dit(AvisPropose.FAVORABLE, constat("zone", effet=Effet.INFORMATION))
    trouve = regles(decide(1, Sens.RETENU, dit_avant=informe))
    assert [li.libelle for li in trouve.lignes] == [FAVORABLE]


def test_a_favourable_proposition_is_overruled_by_a_refusal_but_not_by_a_rank():
    trouve = regles(
        decide(1, Sens.NON_RETENU),
        decide(2, Sens.RETENU),
        vu(3, decision=Sens.LISTE_D_ATTENTE),
        vu(4, decision=Sens.REORIENTATION),
    )
    assert valeurs(trouve, FAVORABLE) == (4, 2, 2, 50, 0)


def test_only_what_was_said_before_the_decision_counts():
    tard = decide(1, Sens.RETENU, dit=OBJECTION)
    assert [li.libelle for li in regles(tard).lignes] == [FAVORABLE]
    jamais = vu(2, etat=tard.etat, decision=Sens.RETENU, dit=OBJECTION)
    assert regles(jamais, vu(3, dit=OBJECTION)).lignes == ()


def test_the_opinions_are_crossed_with_the_decisions_and_the_motives_are_told():
    m = matiere(
        decide(1, Sens.RETENU, dit_avant=OBJECTION, motivation="Besoin du territoire.", deficitaire="Aucun confrère"),
        decide(2, Sens.RETENU, dit_avant=OBJECTION),
        decide(3, Sens.NON_RETENU),
    )
    (section,) = concordance(m)
    croise = tableau(section, "croisement")
    assert {li.libelle: li.valeurs for li in croise.lignes} == {
        "Favorable": (0, 0, 1, 0, 0),
        "Défavorable": (2, 0, 0, 0, 0),
    }
    assert [li.valeurs for li in tableau(section, "ecartees").lignes] == [
        ("1", "Besoin du territoire. ; Aucun confrère"),
        ("2", "Motif non saisi"),
    ]
    assert section.intro.startswith("3 dossiers décidés, dont 3 avaient")


def test_in_public_the_concordance_names_nobody():
    m = matiere(*(decide(n, Sens.RETENU, dit_avant=OBJECTION, motivation="Mme X") for n in range(9)), public=True)
    rapport = rapport_concordance(m)
    assert rapport.public
    assert rapport.tableau("ecartees") is None
    assert rapport.sections[0].intro == ""
    regle = rapport.tableau("regles")
    assert valeurs(regle, "Zone") == (9, Absence.SECRET, Absence.SECRET, Absence.SECRET, Absence.SECRET)


def test_a_rule_that_the_configuration_no_longer_has_keeps_its_key():
    ancienne = dit(AvisPropose.DEFAVORABLE, constat("ancienne_regle"))
    assert valeurs(regles(decide(1, Sens.NON_RETENU, dit_avant=ancienne)), "Ancienne_regle")[0] == 1


def test_refusals_are_told_by_the_rules_that_stood_against_them():
    deux = dit(AvisPropose.DEFAVORABLE, constat("zone"), constat("piece_cv", avis=AvisPropose.A_COMPLETER))
    m = matiere(
        decide(1, Sens.NON_RETENU, dit_avant=deux),
        decide(2, Sens.SANS_SUITE, dit_avant=OBJECTION),
        decide(3, Sens.NON_RETENU),
        decide(4, Sens.RETENU, dit_avant=OBJECTION),
        vu(5, etat=decide(1, Sens.NON_RETENU).etat, dit=None),
    )
    (trouve,) = motifs(m).tableaux
    assert [(li.libelle, li.valeurs) for li in trouve.lignes] == [
        ("Zone", (1, 1)),
        ("CV", (1, 0)),
        (AUCUN_MOTIF, (2, 0)),
    ]


def test_conditions_are_counted_and_explained_in_the_agents_words():
    m = matiere(
        decide(1, Sens.RETENU, derogation=Derogation.ACCORDEE, modulation_acceptee=True),
        vu(2, derogation=Derogation.REFUSEE, deficitaire="Aucun spécialiste"),
        vu(3, derogation=Derogation.EN_COURS),
        decide(4, Sens.RETENU, dit_avant=OBJECTION, motivation="Projet remarquable."),
        decide(5, Sens.NON_RETENU),
    )
    section = qualitatif(m)
    conditions = {li.libelle: li.valeurs for li in tableau(section, "conditions").lignes}
    assert conditions == {
        "Dérogation à la distance accordée": (1, 1),
        "Dérogation à la distance refusée": (1, 0),
        "Dérogation à la distance en cours": (1, 0),
        "Modulation des quotités acceptée": (1, 1),
        "Spécialité reconnue déficitaire": (1, 0),
        "Proposition écartée : retenue malgré une règle bloquante": (1, 1),
        "Proposition écartée : non retenue alors que favorable": (1, 0),
    }
    detail = [(li.libelle, *li.valeurs) for li in tableau(section, "conditions_detail").lignes]
    assert ("Spécialité reconnue déficitaire", "2", "Aucun spécialiste") in detail
    assert ("Proposition écartée : retenue malgré une règle bloquante", "4", "Projet remarquable.") in detail
    assert tableau(section, "conditions_detail").interne


def test_a_decision_without_any_proposition_departs_from_none():
    section = qualitatif(matiere(vu(1, etat=decide(1, Sens.NON_RETENU).etat, decision=Sens.NON_RETENU, dit=None)))
    assert all(li.valeurs == (0, 0) for li in tableau(section, "conditions").lignes)


def test_outcomes_are_counted_and_observations_told_word_for_word():
    m = matiere(
        vu(1, devenir="Installation en ville", observations="Le secrétariat reste à financer."),
        vu(2, devenir="installation en  ville"),
        vu(3, observations="Logement introuvable."),
    )
    section = qualitatif(m)
    devenir = tableau(section, "devenir")
    assert [li.valeurs for li in devenir.lignes] == [(2,)]
    assert devenir.total.valeurs == (2,)
    observations = tableau(section, "observations")
    assert observations.interne
    assert [(li.libelle, *li.valeurs) for li in observations.lignes] == [
        ("Installation en ville", "1", "Le secrétariat reste à financer."),
        ("Devenir non saisi", "3", "Logement introuvable."),
    ]
