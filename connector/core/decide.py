"""What to do about a dossier: our proposition, the policy and the past give a plan; nothing here does anything.

The plan never holds a decision: no acceptance, no refusal. It writes annotations, asks once for what is missing, and
passes a complete dossier to instruction, each only where the operator allowed it; what is held back is said, and why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never

from connector.core import empreintes, jetons
from connector.core.candidature import lire_date
from connector.core.chiffrage import Chiffrage
from connector.core.constat import AvisPropose
from connector.core.conversation import RELANCES, a_demander
from connector.core.correspondance import CibleAnnotation, Resolution
from connector.core.courrier import EVENEMENTS, RIEN, Auteur, Validation, auteur
from connector.core.evaluation import Historique, Proposition
from connector.core.model import Champ, Choix, Dossier, DossierState, Illisible, Label, Valeur
from connector.core.plan import (
    Action,
    AjouterLabel,
    ChangerEtat,
    CleAnnotation,
    EcrireAnnotations,
    Ecriture,
    EnvoyerMessage,
    SupprimerLabel,
    Transition,
    ValeurAnnotation,
)
from connector.core.politique import Mode, Politique
from connector.core.reconcile import already_sent, cible, comparable, kind, leads_to
from connector.core.referentiels import Referentiel
from connector.core.regles import complet
from connector.core.textes import normaliser
from connector.core.typographie import composer

SUIVI_MANUEL = "suivi_manuel"
"""Key of the label that keeps messages and transitions of a dossier in human hands."""

SUIVI_MANUEL_LIBELLE = "Suivi manuel"
"""Its name in the reference form: obeyed even where the mapping, or the form as last read, does not know it yet."""

TEXTE = "message_propose"
"""Key of the annotation where a message waits for an agent."""

MARGE = timedelta(minutes=1)
"""How long after the form itself DS may date an annotation that a human typed; both are shown to the second."""


NON_IMPORTE = {
    Referentiel.COMMUNES: "aucune liste de communes n’est importée",
    Referentiel.ZONAGE: "aucun zonage n’est importé",
    Referentiel.QPV: "aucun quartier prioritaire n’est importé",
}
"""What is said of a referential that is not there."""

ANNOTATIONS_RETENUES = (
    "Annotations retenues : ce dossier en a reçu {} fois en un jour ; un autre connecteur, dont les référentiels ou la "
    "configuration diffèrent, écrit sans doute au même endroit."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What holds effects back just now, whatever the dossier says; a pause aside.

    `compteurs_dits`: the counters were told today already, so that one that moved is written with something else only.
    `manquants`: referentials that a rule needs for this dossier and that are not imported. `ecritures_du_jour`: how
    many times its annotations were written over the last day.
    """

    compteurs_dits: bool = False
    manquants: tuple[Referentiel, ...] = ()
    ecritures_du_jour: int = 0


ORDINAIRE = Moment()
"""Nothing is held back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What we would do to one dossier, in order; `retenues` are the effects held back, as French sentences.

    `conflits` names the annotations of ours that a human changed, and that we leave alone. `en_attente` are the
    decisions held back, in full, for whoever reads the plan. `compteurs_tus`: nothing but counters moved, and they wait
    for another day. `annotations_retenues`: too much was written in a day already. `manquants`: the referentials for
    want of which a passage to instruction is held back.
    """

    dossier: int
    actions: tuple[Action, ...] = ()
    retenues: tuple[str, ...] = ()
    conflits: tuple[str, ...] = ()
    en_attente: tuple[Action, ...] = ()
    compteurs_tus: bool = False
    annotations_retenues: bool = False
    manquants: tuple[Referentiel, ...] = ()

    @property
    def messages(self) -> int:
        """Number of messages in the plan, for the brake."""
        return sum(isinstance(a, EnvoyerMessage) for a in self.actions)

    @property
    def transitions(self) -> int:
        """Number of state changes in the plan, for the brake."""
        return sum(isinstance(a, ChangerEtat) for a in self.actions)


def fingerprint(action: Action, dossier: Dossier, historique: Historique) -> str:
    """What makes an effect the same effect: never twice for one fingerprint.

    Values and labels may rightly be written again later, so theirs hold what was there before.
    """
    match action:
        case EnvoyerMessage():
            return empreintes.of(dossier.number, action.reference)
        case ChangerEtat():
            return empreintes.of(dossier.number, action.transition, action.decision or dossier.tour)
        case EcrireAnnotations():
            ids = {e.id for e in action.ecritures}
            before = sorted((a.id, a.updated_at) for a in dossier.annotations if a.id in ids)
            return empreintes.of(dossier.number, cible(action), before)
        case AjouterLabel() | SupprimerLabel():
            others = [i for i in historique.intentions if i.cible == cible(action) and i.kind != kind(action)]
            return empreintes.of(dossier.number, kind(action), action.label.id, len(others))
        case _:
            assert_never(action)


def plan(  # noqa: PLR0913 - a plan is made of all that is known
    dossier: Dossier,
    proposition: Proposition,
    message: EnvoyerMessage | None,
    *,
    voulues: Mapping[str, ValeurAnnotation],
    resolution: Resolution,
    politique: Politique,
    historique: Historique,
    en_pause: bool,
    validation: Validation = RIEN,
    etiquettes: Etiquettes | None = None,
    moment: Moment = ORDINAIRE,
) -> Plan:
    """Everything we would do to this dossier now; `message` is its draft already written out.

    A message that an agent validated goes instead of ours, whatever we may send by ourselves. An accepted dossier is
    left alone unless its post has something to tell, and then `etiquettes` are the labels that it may change.

    The message goes first, so that nothing slips in between the re-read of the dossier and it; the transition last, so
    that agents find a dossier already annotated.
    """
    fige = not dossier.state.ouvert and etiquettes is None
    if politique.mode is Mode.OBSERVER or dossier.archived or fige:
        return Plan(dossier=dossier.number)
    envois: list[EnvoyerMessage | ChangerEtat] = []
    retenues: list[str] = []
    manquants: tuple[Referentiel, ...] = ()
    if validation.retenue:
        retenues.append(composer(f"« Envoi validé » n’a pas été suivi : {validation.retenue}."))
    passage = transition(dossier, proposition, notify=politique.notifier)
    for wanted in (validation.envoi or message, passage):
        if wanted is None or is_over(wanted, dossier, historique):
            continue
        if wanted is validation.envoi:
            causes = empechements(dossier, wanted, resolution, en_pause=en_pause)
        else:
            causes = obstacles(dossier, wanted, resolution, politique, en_pause=en_pause, manquants=moment.manquants)
        if causes:
            retenues.append(composer(f"{_nom(wanted)} : {' ; '.join(causes)}."))
            manquants = moment.manquants if wanted is passage and _allowed(wanted, politique) else manquants
        else:
            envois.append(wanted)
    if validation.propose is not None:
        voulues = {**voulues, TEXTE: validation.propose}
    libres = frozenset({TEXTE} if validation.libre else ())
    ecritures, conflits = write(dossier, voulues, resolution.annotations, historique, libres=libres)
    ecritures = _accompanied(dossier, ecritures, resolution.annotations)
    ecritures = (*ecritures, *((validation.case,) if validation.case else ()))
    tus = moment.compteurs_dits and only_counters(dossier, ecritures, resolution.annotations)
    trop = bool(ecritures) and not tus and moment.ecritures_du_jour >= politique.annotations_par_dossier_par_jour
    if trop:
        retenues.append(composer(ANNOTATIONS_RETENUES.format(politique.annotations_par_dossier_par_jour)))
    etiquettes = etiquettes or Etiquettes(cles=LABELS, voulues=wanted_labels(proposition))
    return Plan(
        dossier=dossier.number,
        actions=(
            *(a for a in envois if isinstance(a, EnvoyerMessage)),
            *([EcrireAnnotations(ecritures=ecritures)] if ecritures and not (tus or trop) else ()),
            *(labels(dossier, etiquettes, resolution, historique) if politique.labels else ()),
            *(a for a in envois if isinstance(a, ChangerEtat)),
        ),
        retenues=tuple(retenues),
        conflits=conflits,
        compteurs_tus=tus,
        annotations_retenues=trop,
        manquants=manquants,
    )


COMPTEURS = frozenset({"quota"})
"""Keys of the annotations that every decision on another dossier moves."""


SUIVEUSES = frozenset({"version_regles"})
"""Keys of the annotations that tell of the others, and are written with one of them, never by themselves."""


def _accompanied(
    dossier: Dossier, ecritures: tuple[Ecriture, ...], cibles: Mapping[str, CibleAnnotation]
) -> tuple[Ecriture, ...]:
    """What there is to write; nothing when other rules say the very same: the version shown is the one that said it."""
    return () if _already_said(dossier, ecritures, cibles, SUIVEUSES) else ecritures


def only_counters(dossier: Dossier, ecritures: Iterable[Ecriture], cibles: Mapping[str, CibleAnnotation]) -> bool:
    """Whether all there is to write are counters that already say something: they may wait."""
    return _already_said(dossier, ecritures, cibles, COMPTEURS | SUIVEUSES)


def _already_said(
    dossier: Dossier, ecritures: Iterable[Ecriture], cibles: Mapping[str, CibleAnnotation], cles: frozenset[str]
) -> bool:
    """Whether there is something to write, in annotations of those keys alone, and each already says something."""
    siennes = {cibles[key].id for key in cles if key in cibles}
    dites = {a.id for a in dossier.annotations if a.descriptor_id in siennes and not is_blank(a)}
    ids = [e.id for e in ecritures]
    return bool(ids) and all(i in dites for i in ids)


def is_over(action: EnvoyerMessage | ChangerEtat, dossier: Dossier, historique: Historique) -> bool:
    """Whether that effect was had already: the ledger says so, or the dossier shows it whatever we remember."""
    if historique.done(fingerprint(action, dossier, historique)):
        return True
    return isinstance(action, EnvoyerMessage) and already_sent(
        dossier, action.reference, empreintes.of_text(action.body)
    )


def _nom(action: EnvoyerMessage | ChangerEtat) -> str:
    if isinstance(action, ChangerEtat):
        return "Passage en instruction retenu"
    if action.correction:
        return "Demande de correction retenue"
    return "Relance retenue" if action.template in RELANCES else "Message retenu"


def transition(dossier: Dossier, proposition: Proposition, *, notify: bool) -> ChangerEtat | None:
    """The passage to instruction that a complete dossier calls for, once a deposit round, never against an agent.

    A dossier that an agent sent back to construction stays there until the applicant submits again.
    """
    reserved = {AvisPropose.A_COMPLETER, AvisPropose.DEFAVORABLE, AvisPropose.REORIENTATION}
    if dossier.state is not DossierState.EN_CONSTRUCTION or proposition.avis in reserved:
        return None
    if not complet(proposition.constats):
        return None
    if any(t.event.startswith("passe_en_instruction") and t.date >= dossier.tour for t in dossier.traitements):
        return None
    return ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION, disable_notification=not notify)


def obstacles(
    dossier: Dossier,
    wanted: EnvoyerMessage | ChangerEtat,
    resolution: Resolution,
    politique: Politique,
    *,
    en_pause: bool,
    manquants: tuple[Referentiel, ...] = (),
) -> tuple[str, ...]:
    """Why this message or transition must not go out on its own, as French clauses; empty when it may."""
    return (
        *reserves(dossier, wanted, politique),
        *empechements(dossier, wanted, resolution, en_pause=en_pause),
        *(lacunes(manquants) if isinstance(wanted, ChangerEtat) else ()),
    )


def lacunes(manquants: Iterable[Referentiel]) -> tuple[str, ...]:
    """Why no state may change for want of those referentials, as French clauses."""
    return tuple(f"{NON_IMPORTE[manquant]}, or une règle en a besoin" for manquant in manquants)


def reserves(dossier: Dossier, wanted: EnvoyerMessage | ChangerEtat, politique: Politique) -> tuple[str, ...]:
    """What keeps it from leaving by itself, and that an agent may see otherwise."""
    date_service = politique.mise_en_service
    template = wanted.template if isinstance(wanted, EnvoyerMessage) else ""
    relance, evenement = template in RELANCES, template in EVENEMENTS
    causes = [
        (politique.mode is not Mode.AGIR, "le mode n’est pas « agir »"),
        (not _allowed(wanted, politique), "l’envoi n’est pas autorisé par la configuration"),
        (
            date_service is not None and dossier.date_depot.date() < date_service,
            "le dossier a été déposé avant la mise en service",
        ),
        (isinstance(wanted, EnvoyerMessage) and bool(wanted.reserve), getattr(wanted, "reserve", "")),
        (  # a reminder waits for the agent's message to be old enough, no longer
            not (relance or evenement) and any(auteur(m, dossier) is Auteur.AGENT for m in dossier.messages),
            "un agent a déjà écrit dans la messagerie",
        ),
    ]
    return tuple(phrase for applies, phrase in causes if applies)


def _allowed(wanted: EnvoyerMessage | ChangerEtat, politique: Politique) -> bool:
    """Whether the configuration lets it leave by itself."""
    if isinstance(wanted, ChangerEtat):
        return politique.passage_en_instruction
    switches = {"accuse": politique.accuse, "reorientation": politique.reorientation}
    switches |= dict.fromkeys(EVENEMENTS, politique.evenements)
    return switches.get(wanted.template, politique.corrections)


def empechements(
    dossier: Dossier, wanted: EnvoyerMessage | ChangerEtat, resolution: Resolution, *, en_pause: bool
) -> tuple[str, ...]:
    """Why it must not go out at all, whoever wants it."""
    message = isinstance(wanted, EnvoyerMessage)
    demande = not isinstance(wanted, EnvoyerMessage) or wanted.correction is not None
    causes = [
        (en_pause, "les envois sont en pause"),
        (is_manual(dossier.labels, resolution), "le label « Suivi manuel » est posé"),
        (
            demande and dossier.date_derniere_correction_en_attente is not None,
            "une correction est déjà en attente",
        ),
        (
            message and dossier.compte_supprime,
            "le compte de l’usager est supprimé : personne ne recevrait le message",
        ),
    ]
    return tuple(phrase for applies, phrase in causes if applies)


def to_propose(dossier: Dossier, message: EnvoyerMessage | None, politique: Politique, historique: Historique) -> bool:
    """Whether that message waits for an agent: it may be sent, only not by us alone."""
    if message is None or is_over(message, dossier, historique):
        return False
    return bool(reserves(dossier, message, politique))


def is_manual(labels: Iterable[Label], resolution: Resolution) -> bool:
    """Whether a human keeps this dossier in hand: the label by its id, for names are edited, or by its usual name."""
    manuel = resolution.labels.get(SUIVI_MANUEL)
    usual = normaliser(SUIVI_MANUEL_LIBELLE)
    return any((manuel is not None and label.id == manuel.id) or normaliser(label.name) == usual for label in labels)


def write(
    dossier: Dossier,
    voulues: Mapping[str, ValeurAnnotation],
    cibles: Mapping[str, CibleAnnotation],
    historique: Historique,
    *,
    libres: frozenset[str] = frozenset(),
) -> tuple[tuple[Ecriture, ...], tuple[str, ...]]:
    """The annotations to set, and the labels of those a human changed and that we leave: a three-way comparison.

    Those of `libres` may be replaced whoever wrote what is there.

    Nothing is written that is already there. What is there is ours to replace when it is what we wrote last, or when
    DS's own dates show that no human typed since (contract §6: only a human's edit moves
    `dateDerniereModificationAnnotations`).
    """
    observed = {a.descriptor_id: a for a in dossier.annotations}
    ecritures, conflits = [], []
    for key, wanted in voulues.items():
        target = cibles.get(key)
        annotation = observed.get(target.id) if target else None
        if target is None or annotation is None or same(annotation.value, wanted):
            continue
        keep = key not in libres and not target.ecraser
        if keep and changed_by_human(annotation, dossier, historique):
            conflits.append(annotation.label)
        else:
            ecritures.append(Ecriture(id=annotation.id, label=annotation.label, cle=target.cle, value=wanted))
    return tuple(ecritures), tuple(conflits)


def same(observed: object, wanted: ValeurAnnotation) -> bool:
    """Whether DS already shows the wanted value, line ends and number spellings apart."""
    return empreintes.of_value(comparable(observed)) == empreintes.of_value(wanted)


def is_blank(champ: Champ) -> bool:
    """Nothing there: an untouched checkbox reads False, and is blank too."""
    value = champ.value
    return value in (None, "", Choix()) or (value is False and champ.typename == "CheckboxChamp")


def changed_by_human(annotation: Champ, dossier: Dossier, historique: Historique) -> bool:
    """Whether what this annotation of ours holds is a human's doing, an erasure included; in doubt, it is.

    The ledger may be lost: then a blank that DS dates after the deposit was filled once, and erased; and what we wrote
    before the last time that a human typed in any annotation cannot be told from that human's own words, for DS keeps
    one date for them all (contract §6). It is left and told, never overwritten.
    """
    if isinstance(annotation.value, Illisible):
        return True
    if _written_after(annotation, dossier.date_derniere_modification_annotations):
        return False
    last = historique.written(annotation.id)
    if last is not None:
        return empreintes.of_value(comparable(annotation.value)) not in last
    return not is_blank(annotation) or _written_after(annotation, dossier.date_depot)


def _written_after(annotation: Champ, instant: datetime) -> bool:
    """Whether it was last written after that instant for certain: seconds are all that DS shows."""
    return annotation.updated_at is not None and annotation.updated_at > instant + MARGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Etiquettes:
    """The keys of the labels that may be changed, in the order we put them, and those of them that are wanted."""

    cles: tuple[str, ...]
    voulues: frozenset[str]


def labels(
    dossier: Dossier, etiquettes: Etiquettes, resolution: Resolution, historique: Historique
) -> list[AjouterLabel | SupprimerLabel]:
    """The labels to put and to take off; one that a human put stays, one that a human took off stays off."""
    present = {label.id for label in dossier.labels}
    actions: list[AjouterLabel | SupprimerLabel] = []
    for key in etiquettes.cles:
        label = resolution.labels.get(key)
        if label is None:
            continue
        ours = historique.labelled(label.id)
        if key in etiquettes.voulues and label.id not in present and not ours:
            actions.append(AjouterLabel(label=label))
        elif key not in etiquettes.voulues and label.id in present and ours:
            actions.append(SupprimerLabel(label=label))
    return actions


LABELS = (
    *("complet", "piece_manquante", "a_verifier"),
    *("hors_zone", "derogation_pet", "liste_attente", "remplacement", "report"),
)
"""Keys of the labels that we put, in the order we put them."""


def wanted_labels(proposition: Proposition) -> frozenset[str]:
    """The keys of the labels that say where the dossier stands."""
    found = {
        "complet": complet(proposition.constats),
        "piece_manquante": bool(a_demander(proposition)),
        "a_verifier": proposition.avis is AvisPropose.A_VERIFIER,
        "liste_attente": proposition.avis is AvisPropose.LISTE_D_ATTENTE,
    }
    called_for = (*proposition.labels, *(c.label for c in proposition.constats if c.label))
    return frozenset((*(key for key, holds in found.items() if holds), *called_for))


def avis_depuis(proposition: Proposition, historique: Historique, observed: date | None, aujourd_hui: date) -> date:
    """The day our avis last changed: « Contrôlé le » moves with it, and never at each pass.

    `observed` is the date that DS shows next to the same avis: a database may have forgotten, and another host with a
    database of its own may have seen the change first. The earlier day wins, so that the two agree.
    """
    last = historique.evaluation
    ours = last.avis_depuis if last is not None and last.proposition.avis is proposition.avis else None
    return min((day for day in (ours, observed) if day is not None), default=aujourd_hui)


def observed_date(dossier: Dossier, proposition: Proposition, cibles: Mapping[str, CibleAnnotation]) -> date | None:
    """The « Contrôlé le » that DS shows, if it shows the same avis beside it."""
    shown = {a.descriptor_id: a.value for a in dossier.annotations}
    avis, day = (shown.get(cibles[key].id) if key in cibles else None for key in ("avis_propose", "controle_le"))
    if not isinstance(avis, str) or normaliser(avis) != normaliser(proposition.avis.value):
        return None
    if isinstance(day, str):
        return lire_date(day)
    return day if isinstance(day, date) else None


def wanted_values(
    proposition: Proposition,
    resolution: Resolution,
    *,
    depuis: date,
    version: str,
    pieces: str,
    chiffrage: Chiffrage | None = None,
) -> dict[str, ValeurAnnotation]:
    """What each annotation of ours should say; a drop-down exactly as the descriptor spells the option.

    A number that cannot be asserted is wanted nowhere: DS cannot clear a decimal (domaine, decision 7).
    """
    values: dict[str, ValeurAnnotation] = {
        "synthese": proposition.synthese,
        "points_a_verifier": "\n".join(f"• {point}" for point in proposition.points),
        "pieces": pieces,
        "controle_le": depuis,
        "version_regles": version,
    }
    if "avis_propose" in resolution.annotations:
        values["avis_propose"] = spelled(proposition.avis.value, resolution.annotations["avis_propose"])
    values |= _figures(chiffrage or Chiffrage(), resolution)
    return {
        key: typed(_sans_jeton(value), resolution.annotations[key])
        for key, value in values.items()
        if key in resolution.annotations
    }


def _sans_jeton(value: ValeurAnnotation) -> ValeurAnnotation:
    """The value; a token that somebody typed in the dossier is masked, and is not written back."""
    return jetons.masque(value) if isinstance(value, str) else value


def _figures(chiffrage: Chiffrage, resolution: Resolution) -> dict[str, ValeurAnnotation]:
    """Each figure as its annotation can hold it: a number, the words for it, or the option of that meaning."""
    textes, values = chiffrage.textes(), {}
    for key, value in chiffrage.valeurs().items():
        target = resolution.annotations.get(key)
        if target is None:
            continue
        if target.cle is CleAnnotation.DECIMAL_NUMBER:
            values[key] = value
        else:
            values[key] = spelled(textes[key], target)
    return {key: value for key, value in values.items() if value is not None}


def spelled(text: str, target: CibleAnnotation) -> str:
    """The option of that meaning as the descriptor has it, typography included; the text itself where there is none.

    The mapping made sure that the list has it, or takes free text; if it was removed since, DS refuses and says so,
    which is better than an opinion that is no longer ours.
    """
    same_meaning = (o for o in target.options if normaliser(o) == normaliser(text))
    return next(same_meaning, text)


_TEXTES = frozenset({CleAnnotation.TEXT, CleAnnotation.TEXTAREA})
_BLANCS = re.compile(r"[^\S\u00a0\u202f]+")


def typed(value: ValeurAnnotation, target: CibleAnnotation) -> ValeurAnnotation:
    """The value in the annotation's own type: a form may hold a date or a list of lines in a text."""
    if target.cle not in _TEXTES:
        return value
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    text = composer(str(value))
    return _BLANCS.sub(" ", text).strip() if target.cle is CleAnnotation.TEXT else text


def after(dossier: Dossier, action: Action) -> Dossier:
    """The dossier as it must look once that action is applied, as far as our own writes go.

    A new state comes without its traitement nor its date, which are DS's to give: the next read finds news there, and
    has the dossier judged again.
    """
    match action:
        case EcrireAnnotations():
            values = {e.id: e.value for e in action.ecritures}
            return replace(
                dossier,
                annotations=tuple(
                    replace(a, value=_shown(values[a.id])) if a.id in values else a for a in dossier.annotations
                ),
            )
        case AjouterLabel():
            return replace(dossier, labels=(*dossier.labels, action.label))
        case SupprimerLabel():
            return replace(dossier, labels=tuple(label for label in dossier.labels if label.id != action.label.id))
        case ChangerEtat(transition=transition):
            return replace(dossier, state=leads_to(transition))
        case EnvoyerMessage():
            return dossier
        case _:
            assert_never(action)


def _shown(value: ValeurAnnotation) -> Valeur:
    """A written value as DS shows it back."""
    return Choix(values=value) if isinstance(value, tuple) else value
