"""How results are shown: French tables and sentences, rich in a terminal, plain lines otherwise.

Results go to stdout and words to stderr; nothing here decides, reads or writes anything else.
"""

from __future__ import annotations

import shutil
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO
from zoneinfo import ZoneInfo

from connector.core.constat import AvisPropose, Constat, Statut
from connector.core.decide import Plan
from connector.core.ecarts import Ecart, Nature
from connector.core.evaluation import Proposition
from connector.core.examen_piece import Attente
from connector.core.justification import Justification
from connector.core.model import Dossier
from connector.core.montants import instant, jour_en_lettres, nombre, pluriel
from connector.core.pet import StatutPet
from connector.core.plan import (
    Action,
    AjouterLabel,
    ChangerEtat,
    EcrireAnnotations,
    EnvoyerMessage,
    EtatIntention,
    Intention,
    SupprimerLabel,
    Transition,
    ValeurAnnotation,
)
from connector.core.reconcile import CORRECTION
from connector.core.textes import typographier

if TYPE_CHECKING:
    from rich.console import Console

FRANCE = ZoneInfo("Europe/Paris")

SIGNES_EN_CLAIR = "✓ : respectée ; ✗ : non respectée ; ? : à vérifier ; – : sans objet"
"""What the signs of `SIGNES` mean, beside a rule."""

SIGNES = {Statut.OK: "✓", Statut.KO: "✗", Statut.A_VERIFIER: "?", Statut.SANS_OBJET: "–"}

TRANSITIONS = {
    Transition.PASSER_EN_INSTRUCTION: "passer en instruction",
    Transition.REPASSER_EN_CONSTRUCTION: "repasser en construction",
    Transition.ACCEPTER: "accepter",
    Transition.REFUSER: "refuser",
    Transition.CLASSER_SANS_SUITE: "classer sans suite",
    Transition.REPASSER_EN_INSTRUCTION: "repasser en instruction",
}

_PASSEES = {
    Transition.PASSER_EN_INSTRUCTION: "passé en instruction",
    Transition.REPASSER_EN_CONSTRUCTION: "repassé en construction",
    Transition.ACCEPTER: "accepté",
    Transition.REFUSER: "refusé",
    Transition.CLASSER_SANS_SUITE: "classé sans suite",
    Transition.REPASSER_EN_INSTRUCTION: "repassé en instruction",
}
"""The same, once done."""

EVENEMENTS = {
    "depose": "déposé",
    "depose_correction_usager": "correction déposée par l’usager",
    "depose_correction_instructeur": "correction déposée par un instructeur",
    "passe_en_instruction": "passé en instruction",
    "passe_en_instruction_automatiquement": "passé en instruction automatiquement",
    "repasse_en_construction": "repassé en construction",
    "repasse_en_instruction": "repassé en instruction",
    "accepte": "accepté",
    "accepte_automatiquement": "accepté automatiquement",
    "refuse": "refusé",
    "refuse_automatiquement": "refusé automatiquement",
    "classe_sans_suite": "classé sans suite",
}
"""A line of a dossier's history (contract §4.5)."""

ETATS = {
    "en_construction": "en construction",
    "en_instruction": "en instruction",
    "accepte": "accepté",
    "refuse": "refusé",
    "sans_suite": "classé sans suite",
    "inconnu": "état inconnu",
}


def compte(combien: int, etat: str, *, archive: bool = False) -> str:
    """« 4 acceptés, archivés », « 1 en construction »."""
    s = "s" if combien > 1 else ""
    mots = {"accepte": f"accepté{s}", "refuse": f"refusé{s}", "sans_suite": f"classé{s} sans suite"}
    return f"{nombre(combien)} {mots.get(etat) or ETATS[etat]}{f', archivé{s}' if archive else ''}"


def moment(quand: datetime) -> str:
    """« 22 novembre 2026 à 14 h 05 », at the hour it is in France."""
    return instant(quand.astimezone(FRANCE))


def console(stream: TextIO) -> Console:
    """A rich console on that stream; it colours nothing outside a terminal, nor under NO_COLOR."""
    from rich.console import Console  # noqa: PLC0415 - not needed to show --help

    return Console(file=stream, highlight=False, soft_wrap=True, emoji=False, markup=False)


def folded(text: str, retrait: str | None = None) -> str:
    """The text in lines that the terminal shows without cutting a word, what follows set back by `retrait`.

    By default, two columns more than the beginning of its line.
    """
    largeur = max(40, shutil.get_terminal_size().columns)
    return "\n".join(_fold(line, largeur, retrait) for line in text.split("\n"))


def _fold(line: str, largeur: int, retrait: str | None) -> str:
    if len(line) <= largeur:
        return line
    debut = line[: len(line) - len(line.lstrip(" "))]
    return textwrap.fill(
        line.lstrip(" "),
        largeur,
        initial_indent=debut,
        subsequent_indent=f"{debut}  " if retrait is None else retrait,
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(stream: TextIO, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table in a terminal; elsewhere the title, then one line a row with its cells apart by « | »."""
    target = console(stream)
    title, rows = typographier(title), [[typographier(cell) for cell in row] for row in rows]
    if not target.is_terminal:
        stream.write(f"{title}\n")
        stream.writelines(" | ".join(" ".join(cell.split()) for cell in row) + "\n" for row in (columns, *rows))
        return
    from rich.table import Table  # noqa: PLC0415 - not needed to show --help

    shown = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*row)
    target.soft_wrap = False
    target.print(shown)


Avancement = Callable[[str, int, int], None]
"""What is told how far a stage is: its name, how many dossiers are done, and of how many (0 when nobody knows)."""


@contextmanager
def progress(stream: TextIO) -> Iterator[Avancement]:
    """Something to tell the progress of a stage to: a live line in a terminal, a line now and then elsewhere."""
    if not stream.isatty() or not (target := console(stream)).is_terminal:  # asked in this order: rich is heavy
        yield _lines(stream)
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn  # noqa: PLC0415 - same

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), TextColumn("{task.fields[allure]}"))
    # what a command writes to stdout stays there: it may be a file
    with Progress(*columns, console=target, transient=True, redirect_stdout=False) as shown:
        tasks: dict[str, Any] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = shown.add_task(stage.capitalize(), total=None, allure="")
            elapsed = next(t.elapsed for t in shown.tasks if t.id == tasks[stage]) or 0.0
            shown.update(tasks[stage], completed=done, total=total or None, allure=allure(done, total, elapsed))

        yield tell


def _lines(stream: TextIO, every: int = 500, clock: Callable[[], float] = time.monotonic) -> Avancement:
    """One line each time a stage passes another `every` dossiers."""
    told: dict[str, int] = {}
    since: dict[str, float] = {}

    def tell(stage: str, done: int, total: int) -> None:
        start = since.setdefault(stage, clock())
        if done // every > told.get(stage, 0):
            told[stage] = done // every
            stream.write(f"{stage} : {allure(done, total, clock() - start)}\n")
            stream.flush()

    return tell


def allure(done: int, total: int, seconds: float) -> str:
    """« 1 500 dossiers sur 5 000, 42 par seconde, encore 1 min 23 s »: what is not known yet is left out."""
    parts = [pluriel(done, "dossier") + (f" sur {nombre(total)}" if total else "")]
    if seconds >= 1 and done:
        rate = done / seconds
        parts.append(f"{nombre(round(rate))} par seconde" if rate >= 1 else f"{nombre(round(rate * 60))} par minute")
        if total > done:
            parts.append(f"encore {duree((total - done) / rate)}")
    return ", ".join(parts)


def duree(seconds: float) -> str:
    """« 45 s », « 1 min 23 s », « 2 h 05 »."""
    total = round(seconds)
    if total < 60:  # noqa: PLR2004 - a minute
        return f"{total} s"
    if total < 3600:  # noqa: PLR2004 - an hour
        return f"{total // 60} min {total % 60:02} s"
    return f"{total // 3600} h {total % 3600 // 60:02}"


def examens(stream: TextIO, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """What each examination found (gravity, title, cause, remedy), the remedy under its cause."""
    target = console(stream)
    for gravite, titre, cause, remede in rows:
        target.print(f"{gravite:<{len(_COLONNE)}}", style=GRAVITES.get(gravite), end="")
        target.print(_in_column(target, f"{titre} : {cause}").removeprefix(_COLONNE))
        if remede:
            target.print(_in_column(target, f"→ {remede}"))


_COLONNE = " " * 13
"""The place of the gravity, before what was found."""


def _in_column(target: Console, text: str) -> str:
    """The text after the column of the gravity, folded there in a terminal."""
    whole = f"{_COLONNE}{typographier(text)}"
    return folded(whole, _COLONNE) if target.is_terminal else whole


def ecartes(stream: TextIO, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """What could not be examined, gathered by what must be put right first."""
    par_cause: dict[str, list[str]] = {}
    for _, titre, cause, _ in rows:
        par_cause.setdefault(cause, []).append(titre)
    examens(stream, [("non vérifié", ", ".join(titres), cause, "") for cause, titres in par_cause.items()])


GRAVITES = {"OK": "green", "attention": "yellow", "erreur": "bold red", "non vérifié": "dim"}
"""The colour of each gravity, in a terminal."""


def constat_lines(constats: Sequence[Constat]) -> list[str]:
    """Each constat on a line, its source under it."""
    lines = []
    for constat in constats:
        opposable = "" if constat.source.opposable else ", texte non opposable"
        lines += [
            f"{SIGNES[constat.statut]} {constat.phrase}",
            f"    règle « {constat.regle} » ; source : {constat.source.texte}{opposable}",
        ]
    return lines


def opinion_lines(titre: str, proposition: Proposition, depuis: date) -> list[str]:
    """What we propose for one dossier, since when, and by which rules and texts it was judged."""
    referentiels = " ; ".join(proposition.referentiels) or "aucun"
    return [
        titre,
        f"Avis proposé : {proposition.avis.value} (depuis le {jour_en_lettres(depuis)})",
        f"Synthèse : {proposition.synthese}",
        f"Règles : version {proposition.version or 'non conservée'} ; référentiels : {referentiels}",
    ]


GROUPES = (
    (Statut.KO, "Ce qui ne va pas"),
    (Statut.A_VERIFIER, "À vérifier"),
    (Statut.OK, "En ordre"),
    (Statut.SANS_OBJET, "Sans objet ici"),
)
"""The findings as a reader wants them: what is wrong first."""


def constats_par_statut(constats: Sequence[Constat]) -> list[str]:
    """Each finding with its source, what is wrong first; of what is without object, the rules alone."""
    lines: list[str] = []
    for statut, titre in GROUPES:
        siens = [c for c in constats if c.statut is statut]
        if siens:
            lines += ["", f"{titre} ({len(siens)}) :"]
        if statut is Statut.SANS_OBJET:
            lines += [f"  {SIGNES[statut]} règle « {c.regle} » : {_sans_objet(c.phrase)}" for c in siens]
        else:
            lines += [f"  {line}" for line in constat_lines(siens)]
    return lines


def _sans_objet(phrase: str) -> str:
    """The sentence without the words that the title above it already says."""
    return phrase.removeprefix("Sans objet").lstrip("\u00a0: ")


def chiffres_lines(chiffres: Sequence[Justification], absents: str, avis: AvisPropose | None = None) -> list[str]:
    """Each figure, how it was made and by which text, beside that opinion; or why there is none."""
    if not chiffres:
        return ["", f"Chiffres : {absents}"] if absents else []
    lines = ["", "Chiffres, refaits à l’instant d’après le dossier tel qu’il a été lu :"]
    for chiffre in chiffres:
        lines.append(f"  {chiffre.libelle} : {_sous_condition(chiffre.texte, chiffre.texte, avis)}")
        lines += [f"      {detail}" for detail in chiffre.details]
        if chiffre.sources:
            lines.append(f"      source : {' ; '.join(chiffre.sources)}")
    return lines


_FAITS = {EtatIntention.DONE, EtatIntention.SENDING, EtatIntention.UNKNOWN}


def faits_lines(intentions: Sequence[Intention]) -> list[str]:
    """What already went out for one dossier: each message and state change, and when annotations were last written."""
    faits = [i for i in intentions if i.state in _FAITS and i.sent_at is not None]
    derniere = max((i.sent_at for i in faits if i.kind == "annotations" and i.sent_at), default=None)
    lines = [f"  le {moment(i.sent_at)} : {_fait(i)}" for i in faits if i.sent_at and i.kind in {"message", "etat"}]
    if derniere is not None:
        lines.append(f"  annotations écrites, la dernière fois le {moment(derniere)}")
    return ["", "Déjà fait :", *lines] if lines else []


def pieces_lines(attente: Attente | None) -> list[str]:
    """How many of its pieces were not looked into yet: nothing is said of what they hold."""
    if attente is None:
        return []
    pas_encore = pluriel(attente.nombre, "pièce pas encore examinée", "pièces pas encore examinées")
    return ["", f"{pas_encore} ; au plus tôt le {moment(attente.reprise)}."]


def pieces_json(attente: Attente | None) -> dict[str, Any] | None:
    """The same for a program."""
    if attente is None:
        return None
    return {"nombre": attente.nombre, "reprise": attente.reprise.astimezone(FRANCE).isoformat(timespec="seconds")}


def faits_json(intentions: Sequence[Intention]) -> list[dict[str, Any]]:
    """The same for a program, each effect of the ledger on its own."""
    return [
        {
            "le": i.sent_at.astimezone(FRANCE).isoformat(timespec="seconds"),
            "quoi": i.kind,
            "etat": i.state.value,
            "cible": i.cible[0] if i.cible and i.kind in {"message", "etat"} else "",
        }
        for i in intentions
        if i.state in _FAITS and i.sent_at is not None
    ]


def _fait(intention: Intention) -> str:
    """One effect in French, and that nobody answered for it when nobody did."""
    doute = "" if intention.state is EtatIntention.DONE else " (réponse de DS attendue)"
    cible = intention.cible[0] if intention.cible else ""
    if intention.kind == "etat":
        dits = TRANSITIONS if doute else _PASSEES
        return f"{dits.get(cible, cible)}{doute}"  # type: ignore[call-overload]
    quoi = "demande de correction envoyée" if CORRECTION in intention.cible else "message envoyé"
    return f"{quoi} à l’usager (référence {cible}){doute}"


def difference_text(number: int, avant: Proposition, apres: Proposition) -> str:
    """What would be said of a dossier instead of what is said now, and which constats make the difference."""
    change = avant.avis is not apres.avis
    avis = f"{avant.avis.value} → {apres.avis.value}" if change else f"{avant.avis.value}, inchangé"
    lines = [f"Dossier n° {number} : {avis}"]
    anciens, nouveaux = ({c.regle: c for c in p.constats} for p in (avant, apres))
    for regle in dict.fromkeys((*anciens, *nouveaux)):
        lines += _constat_difference(regle, anciens.get(regle), nouveaux.get(regle))
    if len(lines) == 1:
        lines += [f"  Synthèse : {avant.synthese}", f"          → {apres.synthese}"]
    return "\n".join(lines)


def difference_json(number: int, avant: Proposition, apres: Proposition) -> dict[str, Any]:
    """The same for a program; `constats` by rule, None where the rule is not in one of the configurations."""
    anciens, nouveaux = ({c.regle: c for c in p.constats} for p in (avant, apres))
    changes = (r for r in dict.fromkeys((*anciens, *nouveaux)) if said(anciens.get(r)) != said(nouveaux.get(r)))
    return {
        "dossier": number,
        "avis": {"avant": avant.avis.value, "apres": apres.avis.value},
        "synthese": {"avant": avant.synthese, "apres": apres.synthese},
        "constats": [
            {"regle": r, "avant": _said_json(anciens.get(r)), "apres": _said_json(nouveaux.get(r))} for r in changes
        ],
    }


def _said_json(constat: Constat | None) -> dict[str, str] | None:
    return None if constat is None else {"statut": constat.statut.value, "phrase": constat.phrase}


def _constat_difference(regle: str, avant: Constat | None, apres: Constat | None) -> list[str]:
    if said(avant) == said(apres):
        return []
    signes = " → ".join(SIGNES[c.statut] if c else "(absente)" for c in (avant, apres))
    phrase = f" {apres.phrase}" if apres else ""
    return [f"  règle « {regle} » : {signes}{phrase}"]


def said(constat: Constat | None) -> tuple[object, ...] | None:
    """What of a constat an agent sees change: not the wording of its source."""
    return None if constat is None else (constat.statut, constat.effet, constat.avis, constat.phrase)


def plan_text(
    dossier: Dossier,
    proposition: Proposition,
    plan: Plan,
    message: EnvoyerMessage | None = None,
    faits: Sequence[Intention] = (),
) -> str:
    """What would be done to one dossier, in full, and what is held back and why, the text of a message included."""
    lines = [f"Dossier n° {dossier.number} — {proposition.avis.value}", f"  {proposition.synthese}"]
    lines += [f"  {line}" for line in faits_lines(faits) if line]
    dits = _dits(plan, message)
    for action in plan.actions:
        first, *others = action_lines(action, proposition.avis, dits)
        lines += [f"  → {first}", *(f"    {x}" for x in others)]
    lines += [f"  ⏸ {held}" for held in plan.retenues]
    retenu = _retenu(plan, message)
    if retenu is not None:
        lines += [f"    {x}" for x in action_lines(retenu)]
    lines += [f"    {x}" for action in plan.en_attente for x in action_lines(action)]
    lines += [f"  ✎ « {label} » a été modifiée par un agent : laissée telle quelle." for label in plan.conflits]
    return "\n".join(line if _CITATION in line else typographier(line) for line in lines)


def _retenu(plan: Plan, message: EnvoyerMessage | None) -> EnvoyerMessage | None:
    """The message that is written and does not leave."""
    return message if plan.retenues and message not in plan.actions else None


def _dits(plan: Plan, message: EnvoyerMessage | None) -> dict[str, str]:
    """The long texts that the plan of a dossier shows as such: an annotation that holds one need not repeat it."""
    actions = (*plan.actions, *plan.en_attente, _retenu(plan, message))
    messages = {a.body.strip(): "le message, tel quel" for a in actions if isinstance(a, EnvoyerMessage)}
    motivations = {a.motivation.strip(): "la motivation, telle quelle" for a in actions if isinstance(a, ChangerEtat)}
    return {texte: nom for texte, nom in (messages | motivations).items() if texte}


def plan_json(
    dossier: Dossier,
    proposition: Proposition,
    plan: Plan,
    message: EnvoyerMessage | None = None,
    faits: Sequence[Intention] = (),
) -> dict[str, Any]:
    """The same for a program."""
    retenu = _retenu(plan, message)
    return {
        "dossier": dossier.number,
        "demarche": dossier.demarche_number,
        "avis": proposition.avis.value,
        "synthese": proposition.synthese,
        "deja_fait": faits_json(faits),
        "actions": [action_json(a) for a in plan.actions],
        "retenues": list(plan.retenues),
        "en_attente": [action_json(a) for a in (*plan.en_attente, *([retenu] if retenu else []))],
        "conflits": list(plan.conflits),
    }


def action_json(action: Action) -> dict[str, Any]:
    """One action for a program: `quoi`, then what it holds."""
    match action:
        case EcrireAnnotations():
            return {"quoi": "annotations", "valeurs": {e.label: _plain(e.value) for e in action.ecritures}}
        case EnvoyerMessage():
            return {
                "quoi": "message",
                "modele": action.template,
                "correction": action.correction,
                "reference": action.reference,
                "texte": action.body,
            }
        case ChangerEtat():
            return {"quoi": "etat", "transition": action.transition.value, "notifier": not action.disable_notification}
        case AjouterLabel():
            return {"quoi": "ajout_label", "label": action.label.name}
        case SupprimerLabel():
            return {"quoi": "retrait_label", "label": action.label.name}


def _plain(value: ValeurAnnotation) -> Any:
    """A value as JSON has it; an amount stays text, so that no cent is lost."""
    match value:
        case bool() | str():
            return value
        case tuple():
            return list(value)
        case _:
            return str(value)


_RIEN: Mapping[str, str] = MappingProxyType({})

SANS_POSTE = frozenset({AvisPropose.DEFAVORABLE, AvisPropose.REORIENTATION})
"""The opinions beside which a prime « due » is due only if the post were given all the same."""


def _sous_condition(texte: str, value: ValeurAnnotation, avis: AvisPropose | None) -> str:
    """The text, and beside an opinion that gives no post, the condition under which a prime would be due."""
    return f"{texte} (si le poste était accordé)" if avis in SANS_POSTE and value == StatutPet.DUE else texte


def _annotation_lines(action: EcrireAnnotations, avis: AvisPropose | None, dits: Mapping[str, str]) -> list[str]:
    """Each annotation and its value, folded where it is long; several lines stay so, a text of `dits` is only named."""
    lines = []
    for ecriture in action.ecritures:
        texte = _sous_condition(value_text(ecriture.value), ecriture.value, avis)
        texte = dits.get(texte.strip(), texte) or "(vide)"
        if "\n" in texte:
            lines += [f"{ecriture.label} :", *(f"  {line}" for line in quoted(texte))]
        else:
            lines += textwrap.wrap(f"{ecriture.label} : {texte}", 110, subsequent_indent="    ", break_on_hyphens=False)
    return lines


def action_lines(action: Action, avis: AvisPropose | None = None, dits: Mapping[str, str] = _RIEN) -> list[str]:
    """One action in French: a line that names it, then what it holds; `avis` is the opinion that it goes with.

    `dits` are the texts that are shown elsewhere, each with its name.
    """
    match action:
        case EcrireAnnotations():
            return ["annotations :", *_annotation_lines(action, avis, dits)]
        case EnvoyerMessage():
            what = "demande de correction" if action.correction else "message"
            return [f"{what} (modèle « {action.template} ») :", *quoted(action.body)]
        case ChangerEtat():
            quiet = " sans prévenir l’usager" if action.disable_notification else ""
            return [
                f"{TRANSITIONS[action.transition]}{quiet}",
                *(quoted(action.motivation) if action.motivation else ()),
            ]
        case AjouterLabel():
            return [f"poser le label « {action.label.name} »"]
        case SupprimerLabel():
            return [f"retirer le label « {action.label.name} »"]


_CITATION = "│"
"""What begins each line of a text that stays as it would be sent."""


def quoted(body: str) -> list[str]:
    """A text set apart by a line at its left, folded where it is long."""
    lines = []
    for line in body.split("\n"):
        lines += textwrap.wrap(line, 100) or [""]
    return [f"{_CITATION} {line}".rstrip() for line in lines]


def value_text(value: ValeurAnnotation) -> str:
    """A value as a French reader expects it."""
    match value:
        case bool():
            return "oui" if value else "non"
        case tuple():
            return ", ".join(value)
        case date():
            return f"{value:%d/%m/%Y}"
        case str():
            return value
        case Decimal():
            return nombre(value)
        case _:
            return str(value)


def intention_line(intention: Intention) -> str:
    """One intent of the ledger, for `status`: never a value."""
    kinds = {
        "message": "message",
        "annotations": "annotations",
        "etat": "changement d’état",
        "ajout_label": "pose d’un label",
        "retrait_label": "retrait d’un label",
    }
    detail = intention.detail or CAUSES.get(intention.cause, intention.cause)
    return f"dossier n° {intention.dossier} : {kinds.get(intention.kind, intention.kind)} — {detail}"


CAUSES = {
    "": "interrompu avant la réponse de DS ; le prochain passage relira le dossier.",
    "sans_reponse": "la réponse de DS n’est jamais venue ; le prochain passage relira le dossier.",
    "dossier_introuvable": "DS ne montre plus ce dossier : personne ne peut dire si l’envoi a eu lieu. Demandez-le à "
    "l’usager s’il importe de le savoir.",
    "refus": "DS a refusé toutes les valeurs. Vérifiez ces annotations dans le formulaire.",
}
"""Causes of the ledger that have no words of their own, and what to do."""

MOTIFS = {
    "user_request": "supprimé par l’usager",
    "user_removed": "compte de l’usager supprimé",
    "user_expired": "compte de l’usager expiré",
    "manager_request": "supprimé à la demande de la plateforme",
    "instructeur_request": "supprimé par un instructeur ou l’administration",
    "procedure_removed": "démarche supprimée",
    "expired": "durée de conservation dépassée",
}
"""Why a dossier was deleted, as DS's own words mean it (contract §3.7)."""

NATURES = {
    Nature.A_LIRE: "modifié depuis le dernier passage : le prochain le lira",
    Nature.MANQUANT: "montré par DS, inconnu ici",
    Nature.EN_RETARD: "modifié sans que les passages l’aient vu",
    Nature.SANS_DATE: "changé sans que sa date de modification ait bougé",
    Nature.REVENU: "montré par DS, tenu ici pour absent",
    Nature.INACCESSIBLE: "listé par DS, qui ne sait pas le montrer ; mis de côté",
    Nature.SUPPRIME: "supprimé dans DS, encore suivi ici",
    Nature.DISPARU: "plus montré par DS, dans aucune liste de suppressions (conservation dépassée, sans doute)",
}
"""How the store and DS differ about a dossier."""

_PARTIES = {
    "revision": "version du formulaire",
    "etat": "état, groupe ou demandeur",
    "labels": "labels",
    "attestation": "attestation de la décision",
    "champs": "réponses de l’usager",
    "saisies": "annotations des agents",
    "proposees": "nos annotations",
    "messages": "messagerie",
}


def motif(cause: str) -> str:
    """Why DS no longer shows a dossier, for a reader."""
    return MOTIFS.get(cause, cause)


def ecart_row(ecart: Ecart) -> tuple[str, str, str]:
    """One difference in the table of `audit`."""
    details = [_PARTIES.get(d) or motif(d) for d in ecart.details]
    return str(ecart.number), NATURES[ecart.nature], ", ".join(details)
