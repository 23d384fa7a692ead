"""What a human decision becomes in DS: a state change with its words, or a label, a rank and a message; then its trace.

Nothing is done without a decision that people took (`decisions`), nor while anything stands against it (`objections`).
An agent who decides in DS always wins: nothing is undone (domaine, decision 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from connector.core import decide, empreintes
from connector.core.constat import AvisPropose
from connector.core.correspondance import CibleAnnotation, Resolution
from connector.core.courrier import Brouillon
from connector.core.decide import Plan
from connector.core.decisions import (
    FINS,
    LABEL_ATTENTE,
    TRANSITIONS,
    Cas,
    Decision,
    Sens,
    SourceDecisions,
    en_vigueur,
    reprise,
)
from connector.core.evaluation import Proposition
from connector.core.model import Traitement
from connector.core.montants import jour
from connector.core.motivation import MODELES_DE, Rediger, faits_de, texte_de
from connector.core.objections import incomprise, pour_un_agent, retenue, revoir, sous_embargo
from connector.core.plan import (
    Action,
    ChangerEtat,
    CleAnnotation,
    EcrireAnnotations,
    EnvoyerMessage,
    EtatIntention,
    Transition,
    ValeurAnnotation,
)
from connector.core.politique import Mode
from connector.core.reconcile import EVENEMENTS
from connector.core.typographie import composer


@dataclass(frozen=True, slots=True, kw_only=True)
class Portee:
    """What the decision of one dossier comes to; empty where there is none.

    `points` are for the agents, `labels` and `voulues` the labels and annotations that it calls for. `messages` go
    first and `suite` last: the state change, then what it did and when. `retenues` say what is held back and why,
    `causes` the same clause by clause, `en_attente` is what waits, in full. `revoir`: how long until it must be looked
    at again.
    """

    points: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    voulues: Mapping[str, ValeurAnnotation] = field(default_factory=dict)
    messages: tuple[Action, ...] = ()
    suite: tuple[Action, ...] = ()
    retenues: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    en_attente: tuple[Action, ...] = ()
    revoir: timedelta | None = None

    def complete(self, proposition: Proposition) -> Proposition:
        """The proposition with what the decision adds for the agents."""
        return replace(
            proposition, points=(*self.points, *proposition.points), labels=(*proposition.labels, *self.labels)
        )

    def etend(self, plan: Plan) -> Plan:
        """The plan with what the decision adds to it."""
        return replace(
            plan,
            actions=(*self.messages, *plan.actions, *self.suite),
            retenues=(*plan.retenues, *map(composer, self.retenues)),
            en_attente=(*plan.en_attente, *self.en_attente),
        )


def porter(cas: Cas, *, rediger: Rediger) -> Portee:
    """What the decision of a dossier comes to now, every word of it written out by `rediger`."""
    dossier, decision = cas.dossier, en_vigueur(cas)
    active = cas.cadre.source is not SourceDecisions.AUCUNE
    if not active and "motivation_proposee" not in cas.resolution.annotations:
        return Portee()
    if dossier.state.termine:
        return _apres_coup(cas, decision) if active and decision else Portee()
    if not dossier.state.ouvert:
        return Portee()
    sens = decision.sens if decision else _proposee(cas.proposition.avis)
    texte = texte_de(cas, sens, decision, rediger)
    voulues: dict[str, ValeurAnnotation] = {"motivation_proposee": texte}
    if not active:
        return Portee(voulues=voulues)
    if decision is None:
        return Portee(points=incomprise(cas), voulues=voulues)
    portee = _portee(cas, decision, texte, voulues, rediger)
    return portee if cas.politique.mode is not Mode.OBSERVER else replace(portee, retenues=(), en_attente=())


def _proposee(avis: AvisPropose) -> Sens | None:
    """The decision that our opinion would lead to, for whoever decides by hand."""
    return {
        AvisPropose.FAVORABLE: Sens.RETENU,
        AvisPropose.DEFAVORABLE: Sens.NON_RETENU,
        AvisPropose.LISTE_D_ATTENTE: Sens.LISTE_D_ATTENTE,
    }.get(avis)


def _portee(
    cas: Cas,
    decision: Decision,
    texte: str,
    voulues: dict[str, ValeurAnnotation],
    rediger: Rediger,
) -> Portee:
    """An open dossier with a decision: what goes out, or what is held back, and why."""
    a_regler = tuple(pour_un_agent(cas, decision))
    attend = decision.sens is Sens.LISTE_D_ATTENTE
    annoncee = attend and not a_regler and not sous_embargo(cas)
    if annoncee and decision.rang is not None:
        voulues["rang_attente"] = decision.rang
    action = _action(cas, decision, texte, rediger)
    if action is not None and decide.is_over(action, cas.dossier, cas.historique):
        action = None
    causes = a_regler if action is None else (*a_regler, *retenue(cas, decision))
    tenue = composer(f"Décision « {decision.sens} » en attente : {' ; '.join(causes)}.") if causes else ""
    part = action is not None and not causes
    return Portee(
        points=tuple(composer(f"Décision « {decision.sens} » : {cause}.") for cause in a_regler),
        labels=(LABEL_ATTENTE,) if annoncee else (),
        voulues=voulues,
        messages=(action,) if part and isinstance(action, EnvoyerMessage) else (),
        suite=(action, *_trace(cas, decision, action.transition)) if part and isinstance(action, ChangerEtat) else (),
        retenues=(tenue,) if tenue else (),
        causes=tuple(causes),
        en_attente=(action,) if action is not None and causes else (),
        revoir=revoir(cas, decision),
    )


def _action(cas: Cas, decision: Decision, texte: str, rediger: Rediger) -> EnvoyerMessage | ChangerEtat | None:
    """What carries the decision out: a state change, a message for the waiting list, nothing without its words."""
    transition = TRANSITIONS.get(decision.sens)
    if not texte:
        return None
    if transition is not None:
        return ChangerEtat(
            transition=transition,
            motivation=texte,
            disable_notification=not cas.cadre.notifier,
            decision=empreintes.of(decision.empreinte, reprise(cas.dossier, decision)),
        )
    return _message(cas, decision, rediger) if cas.cadre.prevenir_attente else None


def _message(cas: Cas, decision: Decision, rediger: Rediger) -> EnvoyerMessage:
    """The message to somebody who waits: the same rank is told once, whatever we remember."""
    empreinte = empreintes.of(cas.dossier.number, "liste_attente", decision.rang, decision.motivation, cas.dossier.tour)
    reference = empreintes.reference(cas.dossier.number, empreinte)
    brouillon = Brouillon(
        template=MODELES_DE[decision.sens],
        constats=(),
        correction=None,
        fingerprint=empreinte,
        reference=reference,
        faits=faits_de(cas, decision.sens, decision),
    )
    return EnvoyerMessage(template=brouillon.template, body=rediger(brouillon, cas.dossier), reference=reference)


def _trace(cas: Cas, decision: Decision, transition: Transition) -> tuple[Action, ...]:
    """What will be done, said once it is."""
    return _ecrit(cas, _dit_le(FINS[EVENEMENTS[transition][0]], cas.aujourd_hui, decision))


def _dit_le(etat: str, le: date, decision: Decision) -> str:
    return f"{etat.capitalize()} le {jour(le)}, d’après {decision.origine}."


def _ecrit(cas: Cas, texte: str) -> tuple[Action, ...]:
    """The annotation that says what became of the decision, as far as it is ours to change."""
    cible = cas.resolution.annotations.get("decision_portee")
    if cible is None or cas.politique.mode is Mode.OBSERVER or cas.dossier.archived:
        return ()
    voulues = {"decision_portee": decide.typed(composer(texte), cible)}
    ecritures, _ = decide.write(cas.dossier, voulues, cas.resolution.annotations, cas.historique)
    return (EcrireAnnotations(ecritures=ecritures),) if ecritures else ()


def _apres_coup(cas: Cas, decision: Decision) -> Portee:
    """A decided dossier: what we did, or that people decided otherwise. Nothing is undone."""
    final = next((t for t in reversed(cas.dossier.traitements) if t.event in FINS), None)
    if final is None:
        return Portee()
    etat, transition = FINS[final.event], TRANSITIONS.get(decision.sens)
    par_nous = _par_nous(cas, final)
    if transition is not None and EVENEMENTS[transition][0] == final.event:
        return Portee(suite=_ecrit(cas, _dit_le(etat, final.date.date(), decision)) if par_nous else ())
    qui = "d’après une décision antérieure" if par_nous else "dans DS par un agent"
    ecart = (
        f"Dossier {etat} le {jour(final.date.date())} {qui} ; {decision.origine} dit « {decision.sens} » : rien n’est "
        "défait. Pour changer, repassez le dossier en instruction dans DS et décidez-y."
    )
    return Portee(suite=_ecrit(cas, ecart), retenues=(ecart,))


def _par_nous(cas: Cas, final: Traitement) -> bool:
    """Whether that state change is ours: the ledger says so, or DS names our agent."""
    if (final.email_agent or "").casefold() == cas.politique.instructeur.casefold() != "":
        return True
    faites = {i.cible for i in cas.historique.intentions if i.kind == "etat" and i.state is EtatIntention.DONE}
    return any((t.value,) in faites for t, (event, _) in EVENEMENTS.items() if event == final.event)


def valeurs(portee: Portee, resolution: Resolution) -> dict[str, ValeurAnnotation]:
    """The annotations that the decision calls for, each as its own type holds it; those of the form only."""
    return {
        cle: _en(resolution.annotations[cle], value)
        for cle, value in portee.voulues.items()
        if cle in resolution.annotations
    }


def _en(cible: CibleAnnotation, value: ValeurAnnotation) -> ValeurAnnotation:
    return value if cible.cle is CleAnnotation.INTEGER_NUMBER else decide.typed(str(value), cible)
