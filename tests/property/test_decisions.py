"""Whatever people, networks and crashes do: DS is told a decision only because a person took that very one.

Lists come and change, agents choose, decide and reopen in DS, hospitals correct, answers are lost, the process dies at
any touch. After any of it: each acceptance, refusal or closure of ours is one that people had recorded of that dossier,
none comes twice for one decision, and what an agent decided in DS since is never changed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from connector import cycle
from connector.core.campagne import Campagne
from connector.core.decisions import TRANSITIONS, Cadre, Decision, Sens, SourceDecisions
from connector.core.model import DossierState
from connector.core.plan import Transition
from connector.core.politique import Mode
from connector.errors import ConnectorError
from tests.fakes import (
    AGENT,
    AGIR,
    CONFIRMEE,
    CONNECTEUR,
    CORRESPONDANCE_DECISIONS,
    CV,
    DECISION,
    DEPART,
    MOTIVATION,
    Monde,
    Mort,
    Panne,
    annotations_de_decision,
    un_champ,
    un_dossier,
    une_demarche_avec_decisions,
)

NUMEROS = (100, 101)
FINALES = {"accepte", "refuse", "classe_sans_suite"}
REPRISES = FINALES | {"repasse_en_instruction"}
MOTIFS = ("Trop tard.", "Projet imprécis.")
PANNES = (Panne.AUCUNE, Panne.PERDUE, Panne.SANS_REPONSE, Panne.TARDIVE, Panne.FERMEE, Panne.REFUS)

numeros = st.sampled_from(NUMEROS)
vies = st.lists(
    st.one_of(
        st.tuples(st.just("liste"), numeros, st.sampled_from(Sens), st.sampled_from(("", "Trop tard.")), st.booleans()),
        st.tuples(st.just("retire"), numeros),
        st.tuples(st.just("choisit"), numeros, st.sampled_from([s.value for s in Sens] + [None, "Peut-être"])),
        st.tuples(st.just("motive"), numeros, st.sampled_from((None, *MOTIFS))),
        st.tuples(st.just("coche"), numeros, st.booleans()),
        st.tuples(st.just("decide"), numeros, st.sampled_from(sorted(TRANSITIONS.values()))),
        st.tuples(st.just("reprend"), numeros),
        st.tuples(st.just("corrige"), numeros),
        st.tuples(st.just("avance"), st.sampled_from((1, 70, 24 * 60))),
        st.tuples(st.just("passe"), st.sampled_from(PANNES), st.none() | st.integers(1, 60)),
        st.just(("passe", Panne.AUCUNE, None)),
        st.tuples(st.just("liste"), numeros, st.sampled_from(list(TRANSITIONS)), st.just("Trop tard."), st.just(True)),
        st.tuples(st.just("choisit"), numeros, st.sampled_from([sens.value for sens in TRANSITIONS])),
    ),
    min_size=4,
    max_size=16,
)
cadres = st.builds(
    Cadre,
    source=st.sampled_from((*2 * [SourceDecisions.FICHIER], *2 * [SourceDecisions.ANNOTATION], SourceDecisions.AUCUNE)),
    notifier=st.booleans(),
    signataire=st.sampled_from(("La directrice", "La directrice", "La directrice", "")),
    voies_recours=st.sampled_from(("Deux mois.", "Deux mois.", "Deux mois.", "")),
    mention=st.just(""),
    saisie=st.sampled_from((timedelta(0), timedelta(hours=1))),
    prevenir_attente=st.booleans(),
)
politiques = st.builds(
    replace,
    st.just(AGIR),
    mode=st.sampled_from((*6 * [Mode.AGIR], Mode.ANNOTER, Mode.OBSERVER)),
    corrections=st.booleans(),
    passage_en_instruction=st.booleans(),
    labels=st.booleans(),
)
campagnes = st.sampled_from([None, None, Campagne(), Campagne(notification_le=date(2026, 3, 3))])


@dataclass
class Vie:
    """A world where people decide, and what they decided so far, whichever way."""

    monde: Monde

    def agit(self, quoi, *details):  # noqa: C901 - one branch an act
        monde, serveur = self.monde, self.monde.serveur
        match quoi, *details:
            case "liste", int(n), Sens() as sens, str(motif), bool(oui):
                le = monde.horloge.now
                decision = Decision(
                    dossier=n,
                    sens=sens,
                    source=SourceDecisions.FICHIER,
                    le=le,
                    motivation=motif,
                    confirmee_le=le if oui else None,
                    origine="la liste",
                )
                monde.carnet.note(n, SourceDecisions.FICHIER, decision, now=le)
                self._revoit(n)
            case "retire", int(n):
                monde.carnet.note(n, SourceDecisions.FICHIER, None, now=monde.horloge.now)
                self._revoit(n)
            case "choisit", int(n), value:
                serveur.agent_annote(n, DECISION, value)
            case "motive", int(n), value:
                serveur.agent_annote(n, MOTIVATION, value)
            case "coche", int(n), bool(value):
                serveur.agent_annote(n, CONFIRMEE, value)
            case "decide", int(n), Transition() as transition if self._etat(n) is DossierState.EN_INSTRUCTION:
                serveur.agent_decide(n, transition)
            case "reprend", int(n) if self._etat(n).termine:
                serveur.agent_decide(n, Transition.REPASSER_EN_INSTRUCTION)
            case "corrige", int(n) if self._etat(n) is DossierState.EN_CONSTRUCTION:
                serveur.usager_corrige(n, specialite=f"S{monde.horloge.now}")
            case "avance", int(minutes):
                monde.horloge.avance(minutes=minutes)
            case "passe", Panne() as panne, fatale:
                self._passe(panne, fatale)
            case _:
                pass
        self.monde.horloge.avance(seconds=2)
        self._verifie()

    def _revoit(self, n):
        rangee = self.monde.armoire.rangees.get(n)
        if rangee and rangee.evaluation:
            rangee.evaluation = replace(rangee.evaluation, a_revoir_le=self.monde.horloge.now)

    def _passe(self, panne, fatale):
        self.monde.sort.fatale = None if fatale is None else len(self.monde.sort.touches) + fatale
        self.monde.serveur.pannes.clear()
        self.monde.serveur.pannes.append(panne)
        faites = len(self.monde.serveur.decidees)
        try:
            cycle.run(self.monde.passage())
        except (Mort, ConnectorError):
            pass
        finally:
            self.monde.sort.fatale = None
        en_retard = any(number for _, number, _ in self.monde.serveur._en_route) or panne is Panne.TARDIVE
        for number, action in () if en_retard else self.monde.serveur.decidees[faites:]:
            event(action.transition)
            self._est_la_derniere_volonte(number, action)

    def _est_la_derniere_volonte(self, number, action):
        """It is what stands now, said after any agent took the dossier back, or confirmed since."""
        decision = self.monde.carnet.en_vigueur(number, self.monde.cadre.source)
        assert TRANSITIONS[decision.sens] is action.transition
        vu = self.monde.vu(number)
        coche = next(a for a in vu.annotations if a.id == CONFIRMEE)
        dits = [decision.le, decision.confirmee_le or decision.le, *([coche.updated_at] if coche.value else [])]
        reprises = [t.date for t in vu.traitements if t.event in REPRISES and t.email_agent == AGENT]
        assert max(dits) >= max(reprises, default=DEPART)

    def _etat(self, n):
        return self.monde.vu(n).state

    def _verifie(self):
        self._rien_sans_decision()
        self._jamais_deux_fois()

    def _rien_sans_decision(self):
        """Each of ours is one that people recorded of that dossier, by the source that the ARS chose."""
        prises = {
            (d.dossier, TRANSITIONS[d.sens])
            for d in self.monde.carnet.passe
            if d.sens in TRANSITIONS and d.source is self.monde.cadre.source
        }
        for number, action in self.monde.serveur.decidees:
            assert (number, action.transition) in prises
            assert self.monde.politique.mode is Mode.AGIR
            assert action.motivation
            if action.transition is Transition.REFUSER:
                assert any(motif in action.motivation for motif in MOTIFS)
                assert self.monde.cadre.signataire
                assert self.monde.cadre.voies_recours
        notification = self.monde.campagne.notification_le if self.monde.campagne else None
        if notification and self.monde.serveur.decidees:
            assert self.monde.horloge.now.date() >= notification

    def _jamais_deux_fois(self):
        """One decision is carried out once; a waiting rank is told once."""
        assert max(Counter((n, a.decision) for n, a in self.monde.serveur.decidees).values(), default=1) == 1
        assert max(Counter(self.monde.serveur.envois).values(), default=1) == 1


def un_monde(cadre, politique, campagne, *, manque):
    monde = Monde(
        politique=replace(politique, messages_par_cycle=99, transitions_par_cycle=99, par_dossier_par_jour=99),
        correspondance=CORRESPONDANCE_DECISIONS,
        cadre=cadre,
        campagne=campagne,
    )
    monde.serveur.formulaire = une_demarche_avec_decisions()
    for number in NUMEROS:
        monde.serveur.usager_depose(number, annotations=(*un_dossier().annotations, *annotations_de_decision()))
        if number in manque:
            monde.serveur.change(
                number, champs=(monde.vu(number).champs[0], un_champ(CV, None, "PieceJustificativeChamp"))
            )
        monde.serveur.agent_change_etat(number, DossierState.EN_INSTRUCTION, "passe_en_instruction")
    monde.horloge.avance(minutes=1)
    return monde


FICHIER = Cadre(source=SourceDecisions.FICHIER, signataire="La directrice", voies_recours="Deux mois.")
REFUS = ("liste", 100, Sens.NON_RETENU, "Trop tard.", False)
CALME = ("passe", Panne.AUCUNE, None)


@settings(max_examples=150, deadline=None)
@given(vies, cadres, politiques, campagnes, st.sets(numeros))
@example([REFUS, CALME, CALME], FICHIER, AGIR, None, set())
@example([REFUS, ("passe", Panne.SANS_REPONSE, None), CALME], FICHIER, AGIR, None, set())
@example([REFUS, CALME, ("reprend", 100), CALME, CALME], FICHIER, AGIR, None, set())
@example([REFUS, CALME], FICHIER, replace(AGIR, mode=Mode.ANNOTER), None, set())
@example([("liste", 100, Sens.NON_RETENU, "", True), CALME], FICHIER, AGIR, None, set())
@example([REFUS, ("decide", 100, Transition.ACCEPTER), ("reprend", 100), CALME], FICHIER, AGIR, None, set())
@example([REFUS, CALME, ("liste", 100, Sens.RETENU, "", False), CALME], FICHIER, AGIR, None, set())
def test_ds_is_told_a_decision_only_because_a_person_took_that_very_one(vie, cadre, politique, campagne, manque):
    monde = un_monde(cadre, politique, campagne, manque=manque)
    vu = Vie(monde)
    for acte in vie:
        vu.agit(*acte)
    avant = {n: (monde.vu(n).state, len(monde.vu(n).traitements)) for n in NUMEROS if monde.vu(n).state.termine}
    for _ in range(3):
        vu.agit(*CALME)
    for number, etat in avant.items():
        assert (monde.vu(number).state, len(monde.vu(number).traitements)) == etat, "what is decided is never undone"
    touches = len(monde.serveur.decidees), len(monde.serveur.envois)
    vu.agit(*CALME)
    assert (len(monde.serveur.decidees), len(monde.serveur.envois)) == touches, "and a further pass does nothing more"


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 70), st.sampled_from(sorted(TRANSITIONS)), st.sampled_from(PANNES))
def test_a_decision_is_carried_out_once_wherever_the_process_dies(fatale, sens, panne):
    monde = un_monde(FICHIER, AGIR, None, manque=())
    vu = Vie(monde)
    vu.agit("liste", 100, sens, "Trop tard.", False)
    vu.agit("passe", panne, fatale)
    for _ in range(3):
        vu.agit(*CALME)
        vu.agit("avance", 70)
    vu.agit(*CALME)
    assert [action.transition for _, action in monde.serveur.decidees] == [TRANSITIONS[sens]]
    ours = [t for t in monde.vu(100).traitements if t.email_agent == CONNECTEUR and t.event in FINALES]
    assert len(ours) == 1
    assert monde.annotation("A-portee").startswith(("Accepté", "Refusé", "Classé"))
    assert monde.vu(101).state is DossierState.EN_INSTRUCTION
    assert monde.horloge.now > DEPART + timedelta(hours=1)
