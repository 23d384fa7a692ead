"""One cycle: settle, pull, store, sweep, look, enter, confirm, read, check, decide, write, guard, push, report.

Everything that knows is in `core`; everything that touches comes in through `ports.Bord`. A crash between any two
stages loses nothing: what is pulled (`lecture`) is stored with its watermark, what is judged is stored until it is
wholly applied, and every effect is in the ledger before its request leaves.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from connector import relecture
from connector.confirmation import confirm
from connector.core import decide, decisions, reconcile
from connector.core.candidature import lire
from connector.core.correspondance import Resolution
from connector.core.decide import Plan
from connector.core.decisions import SourceDecisions
from connector.core.evaluation import Evaluation, Historique
from connector.core.fiche import Fiche, parties, retain
from connector.core.model import Dossier
from connector.core.plan import (
    Action,
    AjouterLabel,
    ChangerEtat,
    EcrireAnnotations,
    EnvoyerMessage,
    EtatIntention,
    Intention,
    Recu,
    SupprimerLabel,
)
from connector.core.politique import Mode, Politique
from connector.core.rapport import Rapport
from connector.core.reconcile import Verdict
from connector.core.regles import favorable
from connector.core.typographie import composer
from connector.errors import (
    ConnectorError,
    DossierError,
    DossierNotFound,
    MutationRefused,
    OutcomeUnknown,
    RemoteError,
    SafetyStop,
    StopRequested,
    said,
)
from connector.jugement import JOURNEE, REVOIR_REFUS, Examen, Jugement, examine, is_favorable, judge
from connector.lecture import pull, read_one, store_one, sweep
from connector.ports import Passage

log = logging.getLogger(__name__)

DEJA_FAIT = frozenset({"label_deja_associe", "label_non_associe", "etat_en_instruction"})
"""Refusals by which DS may mean that somebody else already had the effect (contract §8)."""

CORRECTION_IGNOREE = (
    "DS a envoyé le message sans ouvrir de demande de correction. Demandez-la à la main si elle est utile."
)
"""What is said of a correction that DS silently left out (contract §5.3)."""

INTERROMPU = "Passage interrompu par une demande d’arrêt : le prochain le reprendra."
"""What is said of a cycle that was asked to stop before its end."""

SANS_CONTROLE = "Aucune règle ni aucun calcul dans la configuration : les dossiers sont gardés, rien n’en est dit."
"""What is said of a cycle that has nothing to hold the dossiers to: an opinion would rest on nothing."""

LOT = 100
"""Evaluations committed together: a crash costs at most that many judgements, which are made again."""

EXAMENS_GARDES = 100
"""Findings of the first look at pending dossiers that are kept for their judgement; the others are made again."""

ECHECS_DE_SUITE = 3
"""Writes without an answer, one after the other, that end a cycle: the network is down, not one dossier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class APousser:
    """A dossier whose plan is not empty, and the fingerprints of the messages and transitions that the brake saw.

    `jour` counts its messages and transitions over the last day, these included.
    """

    number: int
    permis: frozenset[str]
    messages: int
    transitions: int
    jour: int


class Suite(StrEnum):
    """What came of one action: nothing left to do, DS said no, or another cycle must see to it."""

    FAITE = "faite"
    REFUSEE = "refusee"
    A_REPRENDRE = "a_reprendre"


def run(p: Passage) -> Rapport:
    """Carry out one whole cycle; the report says what was done. An error ends it, after the report is kept."""
    p.bord.dossiers.begin(p.consigne.demarche, at=p.bord.now())
    try:
        settle(p)
        resolution = pull(p)
        sweep(p, resolution)
        if not p.controle:
            p.rapport.note(SANS_CONTROLE)
        else:
            relecture.relire(p, resolution, _pending(p))
            enter(p, resolution)
            confirm(p, resolution)
            pushes = tuple({wanted.number: wanted for wanted in check(p, resolution)}.values())
            guard(pushes, _ceilings(p))
            push(p, resolution, pushes)
            relecture.compter(p)
        if p.bord.arrete():
            p.rapport.note(INTERROMPU)
        elif p.controle and p.bord.monde is not None:
            p.bord.monde.tout_dit(p.consigne.demarche)
    except StopRequested:
        p.rapport.note(INTERROMPU)
    except ConnectorError as error:
        _keep(p, error.exit_code, f"{p.rapport.text()} Arrêt : {said(error)}")
        raise
    _keep(p, p.rapport.exit_code, p.rapport.text())
    return p.rapport


def preview(p: Passage) -> Iterator[tuple[Dossier, Jugement]]:
    """What `run` would do, dossier by dossier, in the very words; it reads DS and writes nothing to it."""
    resolution = pull(p)
    relecture.relire(p, resolution, _pending(p))
    enter(p, resolution)
    yield from rejudge(p, resolution)


def rejudge(p: Passage, resolution: Resolution) -> Iterator[tuple[Dossier, Jugement]]:
    """Every stored dossier judged now, under these instructions and in the world that they make; nothing is kept."""
    if p.bord.monde is not None:
        p.bord.monde.suppose(frozenset(_favorables(p, resolution)))
    for fiche, historique in p.bord.dossiers.all(p.consigne.demarche):
        if p.bord.arrete():
            return
        p.rapport.examines += 1
        p.bord.progres("examen", p.rapport.examines, 0)
        yield fiche.dossier, judge(p, resolution, fiche.dossier, historique)


def _favorables(p: Passage, resolution: Resolution) -> Iterator[int]:
    """The dossiers that we propose to accept, quota aside."""
    for fiche, _ in p.bord.dossiers.all(p.consigne.demarche):
        if p.bord.arrete():
            return
        if is_favorable(p, resolution, fiche.dossier):
            yield fiche.dossier.number


def _keep(p: Passage, exit_code: int, text: str) -> None:
    """Leave the report to `status`."""
    log.info("cycle.ended", extra={"demarche": p.consigne.demarche, "exit_code": exit_code, **p.rapport.counts})
    p.bord.dossiers.save_report(
        p.consigne.demarche, at=p.bord.now(), exit_code=exit_code, counts=p.rapport.counts, text=composer(text)
    )


# settle ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def settle(p: Passage) -> None:
    """Find out, by re-reading, what became of the writes that an earlier cycle left without an answer.

    One that may still land is waited for, once, as long as the policy says that a lost request can take: no longer,
    wherever the clock went meanwhile.
    """
    delai = p.consigne.politique.delai_reponse_perdue
    unsettled = p.bord.ledger.unsettled(p.consigne.demarche)
    waiting = [i for i in unsettled if p.bord.arrete() or not _settled(p, i, delai=delai)]
    if waiting and _interrupted(p, waiting):
        p.rapport.inconnus += len(waiting)
        return
    for intention in waiting:
        _settled(p, intention, delai=None)


def _interrupted(p: Passage, waiting: Sequence[Intention]) -> bool:
    """Wait until those intents can be judged; True when asked to stop meanwhile."""
    delai = p.consigne.politique.delai_reponse_perdue
    over = max(i.sent_at for i in waiting if i.sent_at is not None) + delai
    log.info("settle.waiting", extra={"demarche": p.consigne.demarche, "intents": len(waiting)})
    return p.bord.attendre(min(max(over - p.bord.now(), timedelta(0)), delai).total_seconds())


def _settled(p: Passage, intention: Intention, *, delai: timedelta | None) -> bool:
    """Close one intent on the evidence of its dossier; False when it is too early to tell."""
    try:
        dossier = p.bord.gateway.dossier(intention.dossier)
    except DossierNotFound as error:
        p.bord.dossiers.mark_absent(intention.dossier, cause=str(error), now=p.bord.now())
        over = EtatIntention.HANDED_TO_HUMAN if intention.kind in reconcile.ENVERS_LES_GENS else EtatIntention.REJECTED
        _close(p, intention.fingerprint, over, cause="dossier_introuvable")
        return True
    except DossierError as error:
        p.rapport.echecs.append((intention.dossier, said(error)))
        return True
    verdict = reconcile.settle(intention, dossier, now=p.bord.now(), delai=delai)
    if verdict is Verdict.ATTENDRE:
        return False
    applied = verdict is Verdict.APPLIQUEE
    ignored = applied and reconcile.correction_ignored(intention, dossier)
    _close(
        p,
        intention.fingerprint,
        EtatIntention.DONE if applied else EtatIntention.PLANNED,
        cause="correction_ignoree" if ignored else verdict.value,
        detail=CORRECTION_IGNOREE if ignored else "",
        cible=reconcile.shown(intention, dossier) if applied else None,
    )
    if ignored:
        p.rapport.echecs.append((intention.dossier, CORRECTION_IGNOREE))
    p.rapport.reprises += 1
    log.info("intent.settled", extra={"dossier": intention.dossier, "kind": intention.kind, "applied": applied})
    return True


def _close(
    p: Passage,
    fingerprint: str,
    state: EtatIntention,
    *,
    cause: str,
    detail: str = "",
    cible: tuple[str, ...] | None = None,
) -> None:
    p.bord.ledger.close(fingerprint, state, now=p.bord.now(), cause=cause, detail=detail, cible=cible)


# read, check, decide, write ──────────────────────────────────────────────────────────────────────────────────────────


def enter(p: Passage, resolution: Resolution) -> None:
    """Tell the others of what was read: look-alikes, posts and quotas are known before anything is judged."""
    _collect(p, resolution)
    if p.bord.monde is not None:
        p.bord.monde.recense(p.consigne.demarche, resolution)


def _collect(p: Passage, resolution: Resolution) -> None:
    """Record what agents decided in the annotations, before anybody is told how many places are left.

    Asked to stop, leave the others to the next cycle: they stay pending.
    """
    source = p.consigne.decisions.source
    if p.bord.decisions is None or source is not SourceDecisions.ANNOTATION:
        return
    for fiche, _ in _pending(p):
        if p.bord.arrete():
            return
        lue = decisions.lue(fiche.dossier, lire(fiche.dossier, resolution), resolution)
        p.bord.decisions.note(fiche.dossier.number, source, lue, now=p.bord.now())


def check(p: Passage, resolution: Resolution) -> Iterator[APousser]:
    """Judge every pending dossier, then those of whom the others now say something else; give what is to push.

    A dossier may come twice: its last judgement is the right one. Asked to stop, end after the current one: the others
    stay pending.
    """
    if p.consigne.politique.mode is Mode.OBSERVER:  # nothing is written: nothing has to be worded
        p = replace(p, bord=replace(p.bord, rediger=lambda _brouillon, _dossier: ""))
    examens = _appraise(p, resolution)
    yield from _check(p, resolution, _pending(p), examens)
    if p.bord.monde is not None and not p.bord.arrete():
        demarche, dossiers = p.consigne.demarche, p.bord.dossiers
        deplaces = p.bord.monde.deplaces(demarche, arrete=p.bord.arrete)
        found = (dossiers.readable(demarche, n, now=p.bord.now()) for n in deplaces)
        yield from _check(p, resolution, (stored for stored in found if stored is not None), {})


def _pending(p: Passage) -> Iterator[tuple[Fiche, Historique]]:
    return p.bord.dossiers.pending(p.consigne.demarche, politique=p.consigne.empreinte, now=p.bord.now())


def _appraise(p: Passage, resolution: Resolution) -> dict[int, Examen]:
    """Find out who competes for a place before anybody is told how many are left; what the first ones were found."""
    monde = p.bord.monde
    examens: dict[int, Examen] = {}
    if monde is None or not monde.compte_les_places():
        return examens
    lot: dict[int, bool] = {}
    for vus, (fiche, _) in enumerate(_pending(p), start=1):
        if p.bord.arrete():
            break
        p.bord.progres("places", vus, 0)
        number = fiche.dossier.number
        if fiche.dossier.state.ouvert and len(examens) < EXAMENS_GARDES:
            examens[number] = examine(p, resolution, fiche.dossier)
            lot[number] = favorable(examens[number].constats)
        else:
            lot[number] = is_favorable(p, resolution, fiche.dossier)
        if len(lot) >= LOT:
            monde.apprecie(lot)
            lot = {}
    monde.apprecie(lot)
    monde.rafraichit()
    return examens


def _check(
    p: Passage, resolution: Resolution, dossiers: Iterable[tuple[Fiche, Historique]], examens: dict[int, Examen]
) -> Iterator[APousser]:
    """Judge those dossiers and store the judgements, some at a time; `examens` is emptied as it is used."""
    lot: list[Evaluation] = []
    tus: set[int] = set()
    for stored, historique in dossiers:
        if p.bord.arrete():
            break
        fiche = _as_it_is(p, resolution, stored, historique)
        if fiche is None:
            continue
        deja = examens.pop(fiche.dossier.number, None)
        jugement = judge(p, resolution, fiche.dossier, historique, deja=deja if fiche is stored else None)
        lot.append(_evaluation(p, fiche, jugement, a_pousser=bool(jugement.plan.actions)))
        if jugement.plan.compteurs_tus:
            tus.add(fiche.dossier.number)
        if len(lot) >= LOT:
            _keep_lot(p, lot, tus)
            lot, tus = [], set()
        _count(p.rapport, jugement.plan)
        p.bord.progres("examen", p.rapport.examines, 0)
        if jugement.plan.actions:
            yield _to_push(p, fiche.dossier, historique, jugement.plan)
    _keep_lot(p, lot, tus)


def _keep_lot(p: Passage, lot: Sequence[Evaluation], tus: set[int]) -> None:
    """Store judgements, then what the others said meanwhile: a crash between the two has them made again."""
    p.bord.dossiers.save_evaluations(lot)
    if p.bord.monde is not None:
        p.bord.monde.retient((evaluation.dossier for evaluation in lot), sauf_compteurs=tus)


def _as_it_is(p: Passage, resolution: Resolution, fiche: Fiche, historique: Historique) -> Fiche | None:
    """The dossier to judge: read again when it waits for the antivirus, whose verdict moves no date in DS."""
    due = historique.evaluation.a_revoir_le if historique.evaluation else None
    if due is None or due > p.bord.now() or not lire(fiche.dossier, resolution).antivirus_en_attente:
        return fiche
    return read_one(p, resolution, fiche.dossier.number)


def _evaluation(p: Passage, fiche: Fiche, jugement: Jugement, *, a_pousser: bool) -> Evaluation:
    """What the store keeps of a judgement made on that dossier."""
    return Evaluation(
        dossier=fiche.dossier.number,
        contenu=fiche.parties.contenu,
        politique=p.consigne.empreinte,
        proposees=fiche.parties.proposees,
        proposition=jugement.proposition,
        avis_depuis=jugement.depuis,
        evaluee_le=p.bord.now(),
        a_pousser=a_pousser or jugement.suspendu,
        a_revoir_le=None if jugement.revoir is None else p.bord.now() + jugement.revoir,
    )


def _count(rapport: Rapport, plan: Plan) -> None:
    rapport.examines += 1
    rapport.retenus += len(plan.retenues)
    rapport.conflits += len(plan.conflits)
    rapport.satures += plan.annotations_retenues
    for manquant in plan.manquants:
        rapport.note(f"Passages en instruction retenus : {decide.NON_IMPORTE[manquant]} (« connector import --help »).")


def _to_push(p: Passage, dossier: Dossier, historique: Historique, plan: Plan) -> APousser:
    return APousser(
        number=dossier.number,
        permis=frozenset(decide.fingerprint(a, dossier, historique) for a in plan.actions if _reaches_people(a)),
        messages=plan.messages,
        transitions=plan.transitions,
        jour=plan.messages + plan.transitions + historique.reached_people(since=p.bord.now() - JOURNEE),
    )


def _reaches_people(action: Action) -> bool:
    """Whether the brake counts this action."""
    return isinstance(action, EnvoyerMessage | ChangerEtat)


# guard ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ceilings(p: Passage) -> Politique:
    """The brake's ceilings, raised to what an operator allowed for this cycle; said in the report."""
    politique, permis = p.consigne.politique, p.permis
    if permis is None:
        return politique
    p.rapport.plafond_leve = permis
    return replace(
        politique,
        messages_par_cycle=max(politique.messages_par_cycle, permis),
        transitions_par_cycle=max(politique.transitions_par_cycle, permis),
        par_dossier_par_jour=max(politique.par_dossier_par_jour, permis),
    )


def guard(pushes: Sequence[APousser], politique: Politique) -> None:
    """Stop everything when more would reach people, in one cycle or one dossier's day, than the operator allows.

    Nothing was sent yet.
    """
    busiest = max((p for p in pushes if p.messages or p.transitions), key=lambda p: p.jour, default=None)
    for count, ceiling, what in (
        (sum(p.messages for p in pushes), politique.messages_par_cycle, "messages en un seul passage"),
        (sum(p.transitions for p in pushes), politique.transitions_par_cycle, "changements d’état en un seul passage"),
        (
            busiest.jour if busiest else 0,
            politique.par_dossier_par_jour,
            f"messages et changements d’état en un jour pour le dossier n° {busiest.number if busiest else 0}",
        ),
    ):
        if count > ceiling:
            raise SafetyStop(
                f"{count} {what}, alors que le plafond est de {ceiling} : rien n’a été envoyé.",
                hint="Relisez-les avec « connector plan » ; s’ils sont voulus, lancez "
                f"« connector sync --allow {count} » pour cette fois, ou relevez le plafond dans [envoi.plafonds].",
            )


# push ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def push(p: Passage, resolution: Resolution, pushes: Sequence[APousser]) -> None:
    """Carry out the plans, one dossier after the other; asked to stop, end after the current one."""
    lost = 0
    for done, wanted in enumerate(pushes, start=1):
        if p.bord.arrete():
            return
        try:
            _push_one(p, resolution, wanted)
            lost = 0
        except DossierNotFound as error:
            p.bord.dossiers.mark_absent(wanted.number, cause=str(error), now=p.bord.now())
            p.rapport.echecs.append((wanted.number, str(error)))
        except DossierError as error:
            _put_off(p, wanted.number)
            p.rapport.echecs.append((wanted.number, said(error)))
        except OutcomeUnknown as error:
            p.rapport.inconnus += 1
            p.rapport.echecs.append((wanted.number, str(error)))
            lost += 1
            if lost >= ECHECS_DE_SUITE:
                raise
        p.bord.progres("écriture", done, len(pushes))


def _put_off(p: Passage, number: int) -> None:
    """Look at that dossier again later, or as soon as it changes: not at every cycle."""
    stored = p.bord.dossiers.dossier(number)
    evaluation = stored[1].evaluation if stored else None
    if evaluation is not None:
        later = p.bord.now() + REVOIR_REFUS
        p.bord.dossiers.save_evaluations([replace(evaluation, a_pousser=False, a_revoir_le=later)])


def _push_one(p: Passage, resolution: Resolution, wanted: APousser) -> None:
    """Read the dossier again, judge it again, and do what still holds: DS may have moved since its page was read.

    Once a message left, the dossier is read and judged anew: what we write of it is what DS shows.
    """
    dossier, historique, jugement = _judged_again(p, resolution, wanted.number)
    messages = [a for a in jugement.plan.actions if isinstance(a, EnvoyerMessage)]
    after, suites = _carry_out(p, dossier, historique, messages, wanted.permis)
    if Suite.FAITE in suites:
        dossier, historique, jugement = _judged_again(p, resolution, wanted.number)
        after = dossier
    autres = [a for a in jugement.plan.actions if not isinstance(a, EnvoyerMessage)]
    after, suivantes = _carry_out(p, after, historique, autres, wanted.permis)
    p.rapport.annotes += after.annotations != dossier.annotations
    fiche = Fiche(dossier=after, parties=parties(after, resolution.retenue.siennes))
    _keep_judgement(p, fiche, jugement, suites | suivantes)


def _judged_again(p: Passage, resolution: Resolution, number: int) -> tuple[Dossier, Historique, Jugement]:
    """The dossier as it is now, its past, and what we make of it."""
    dossier = retain(_read_again(p, number), resolution.retenue).dossier
    stored = p.bord.dossiers.dossier(number)
    historique = stored[1] if stored else Historique()
    return dossier, historique, judge(p, resolution, dossier, historique)


def _carry_out(
    p: Passage, dossier: Dossier, historique: Historique, actions: Sequence[Action], permis: frozenset[str]
) -> tuple[Dossier, set[Suite]]:
    """Do those of the actions that the brake saw; the dossier as our writes leave it, and what came of each."""
    after, suites = dossier, set[Suite]()
    for action in actions:
        fingerprint = decide.fingerprint(action, dossier, historique)
        if _reaches_people(action) and fingerprint not in permis:
            suites.add(Suite.A_REPRENDRE)  # it appeared since the brake looked: the next cycle's
            if isinstance(action, ChangerEtat):
                break
            continue
        suite, applied = _do(p, dossier, _instructeur(dossier, p.consigne.politique), action, fingerprint)
        suites.add(suite)
        after = decide.after(after, applied) if applied else after
        if isinstance(action, ChangerEtat) and suite is not Suite.FAITE:
            break  # what follows tells that it was done
    return after, suites


def _read_again(p: Passage, number: int) -> Dossier:
    """The dossier as it is now; one that DS cannot show any more is set aside."""
    try:
        return p.bord.gateway.dossier(number)
    except DossierNotFound:
        raise
    except DossierError as error:
        p.bord.dossiers.quarantine(p.consigne.demarche, number, cause=str(error), now=p.bord.now())
        raise


def _keep_judgement(p: Passage, fiche: Fiche, jugement: Jugement, suites: set[Suite]) -> None:
    """Store the dossier as our writes left it, and when it must be looked at again."""
    store_one(p, fiche)
    evaluation = _evaluation(p, fiche, jugement, a_pousser=Suite.A_REPRENDRE in suites)
    if Suite.REFUSEE in suites:
        evaluation = replace(evaluation, a_revoir_le=p.bord.now() + REVOIR_REFUS)
    _keep_lot(p, [evaluation], {evaluation.dossier} if jugement.plan.compteurs_tus else set())


def _instructeur(dossier: Dossier, politique: Politique) -> str:
    """The id, in the dossier's own group, of the agent in whose name we write (contract §5.0)."""
    for profil in dossier.groupe.instructeurs:
        if profil.email.casefold() == politique.instructeur.casefold():
            return profil.id
    raise DossierError(
        f"l’instructeur du connecteur n’est pas membre du groupe « {dossier.groupe.label} ».",
        number=dossier.number,
        hint="Ajoutez-le à ce groupe dans Démarches simplifiées.",
    )


def _do(
    p: Passage, dossier: Dossier, instructeur: str, action: Action, fingerprint: str
) -> tuple[Suite, Action | None]:
    """Carry out one action, in the ledger before and after: what came of it, and what of it was really applied."""
    intention = Intention(
        demarche=dossier.demarche_number,
        dossier=dossier.number,
        kind=reconcile.kind(action),
        fingerprint=fingerprint,
        cible=reconcile.cible(action),
    )
    if not p.bord.ledger.open(intention, now=p.bord.now()):
        return _why_not(p, fingerprint), None
    try:
        recu = p.bord.gateway.apply(dossier, instructeur, action)
    except MutationRefused as error:
        return _refused(p, intention, error), None
    except OutcomeUnknown:
        _close(p, fingerprint, EtatIntention.UNKNOWN, cause="sans_reponse")
        raise
    except DossierNotFound as error:  # it was read a moment ago: DS says the same of an instructeur it does not know
        _close(p, fingerprint, EtatIntention.PLANNED, cause="introuvable")
        raise DossierError(str(error), number=dossier.number, hint=error.hint) from error
    except RemoteError:  # every other answer says that nothing was applied: another cycle may try again
        _close(p, fingerprint, EtatIntention.PLANNED, cause="non_envoyee")
        raise
    return _receive(p, dossier, action, recu, intention)


def _refused(p: Passage, intention: Intention, error: MutationRefused) -> Suite:
    """Keep a refusal, cause and remedy; one that says « already » is believed only if the dossier read again shows it.

    What somebody else did is over, and none of ours: nothing of it is kept as done by us.
    """
    if error.cause in DEJA_FAIT:
        now_there = p.bord.gateway.dossier(intention.dossier)
        if reconcile.shown(intention, now_there) == intention.cible:
            _close(p, intention.fingerprint, EtatIntention.DONE, cause=error.cause, cible=())
            return Suite.FAITE
    _close(p, intention.fingerprint, EtatIntention.REJECTED, cause=error.cause, detail=said(error))
    p.rapport.echecs.append((intention.dossier, said(error)))
    return Suite.REFUSEE


def _why_not(p: Passage, fingerprint: str) -> Suite:
    """What the ledger's refusal to open an intent leaves to do."""
    known = p.bord.ledger.find(fingerprint)
    state = known.state if known else EtatIntention.PLANNED
    match state:
        case EtatIntention.DONE | EtatIntention.HANDED_TO_HUMAN:
            return Suite.FAITE
        case EtatIntention.REJECTED:
            return Suite.REFUSEE
        case _:
            return Suite.A_REPRENDRE


def _receive(
    p: Passage, dossier: Dossier, action: Action, recu: Recu, intention: Intention
) -> tuple[Suite, Action | None]:
    """Close the intent on what DS answered, and count it."""
    log.info("effect.applied", extra={"dossier": dossier.number, "kind": intention.kind})
    cause = detail = ""
    match action:
        case EcrireAnnotations():
            return _receive_annotations(p, dossier, action, recu, intention)
        case EnvoyerMessage():
            p.rapport.messages += 1
            if action.correction and recu.correction_posee is False:
                cause = "correction_ignoree"
                detail = CORRECTION_IGNOREE
                p.rapport.echecs.append((dossier.number, detail))
        case ChangerEtat(decision=decision):
            p.rapport.decisions += bool(decision)
            p.rapport.transitions += not decision
        case AjouterLabel() | SupprimerLabel():
            p.rapport.labels += 1
        case _:
            assert_never(action)
    _close(p, intention.fingerprint, EtatIntention.DONE, cause=cause, detail=detail)
    return Suite.FAITE, action


def _receive_annotations(
    p: Passage, dossier: Dossier, action: EcrireAnnotations, recu: Recu, intention: Intention
) -> tuple[Suite, Action | None]:
    """The same for annotations, which DS takes or refuses one by one; all refused, the whole may be tried again."""
    p.rapport.annotations += len(recu.ecrites)
    if not recu.refus:
        _close(p, intention.fingerprint, EtatIntention.DONE, cause="")
        return Suite.FAITE, action
    labels = {e.id: e.label for e in action.ecritures}
    detail = " ; ".join(f"« {labels.get(i, i)} » : {text}" for i, text in recu.refus)
    p.rapport.echecs.append((dossier.number, f"annotations refusées par DS : {detail}"))
    _close(
        p,
        intention.fingerprint,
        EtatIntention.DONE if recu.ecrites else EtatIntention.REJECTED,
        cause="refus_partiel" if recu.ecrites else "refus",
        detail=detail,
        cible=tuple(c for c in intention.cible if c.rpartition("=")[0] in recu.ecrites) if recu.ecrites else None,
    )
    return Suite.REFUSEE, EcrireAnnotations(ecritures=tuple(e for e in action.ecritures if e.id in recu.ecrites))
