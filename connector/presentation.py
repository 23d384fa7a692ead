"""How results are shown: French tables and sentences, rich in a terminal, plain lines otherwise.

Results go to stdout and words to stderr; nothing here decides, reads or writes anything else.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from connector.core.constat import Constat, Statut
from connector.core.decide import Plan
from connector.core.ecarts import Ecart, Nature
from connector.core.evaluation import Evaluation, Proposition
from connector.core.model import Dossier
from connector.core.plan import (
    Action,
    AjouterLabel,
    ChangerEtat,
    EcrireAnnotations,
    EnvoyerMessage,
    Intention,
    SupprimerLabel,
    Transition,
    ValeurAnnotation,
)

if TYPE_CHECKING:
    from rich.console import Console

SIGNES = {Statut.OK: "✓", Statut.KO: "✗", Statut.A_VERIFIER: "?", Statut.SANS_OBJET: "–"}

TRANSITIONS = {
    Transition.PASSER_EN_INSTRUCTION: "passer en instruction",
    Transition.REPASSER_EN_CONSTRUCTION: "repasser en construction",
    Transition.ACCEPTER: "accepter",
    Transition.REFUSER: "refuser",
    Transition.CLASSER_SANS_SUITE: "classer sans suite",
    Transition.REPASSER_EN_INSTRUCTION: "repasser en instruction",
}

ETATS = {
    "en_construction": "en construction",
    "en_instruction": "en instruction",
    "accepte": "accepté",
    "refuse": "refusé",
    "sans_suite": "classé sans suite",
    "inconnu": "état inconnu",
}


def console(stream: TextIO) -> Console:
    """A rich console on that stream; it colours nothing outside a terminal, nor under NO_COLOR."""
    from rich.console import Console  # noqa: PLC0415 - not needed to show --help

    return Console(file=stream, highlight=False, soft_wrap=True, emoji=False, markup=False)


def table(stream: TextIO, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table in a terminal; elsewhere the title, then one line a row with its cells apart by « | »."""
    target = console(stream)
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


@contextmanager
def progress(stream: TextIO) -> Iterator[Callable[[str, int], None]]:
    """Something to tell the progress of a stage to: a live line in a terminal, a line now and then elsewhere."""
    target = console(stream)
    if not target.is_terminal:
        yield _lines(stream)
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - same

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=target, transient=True) as shown:
        tasks: dict[str, object] = {}

        def tell(stage: str, done: int) -> None:
            if stage not in tasks:
                tasks[stage] = shown.add_task(stage.capitalize(), total=None)
            shown.update(tasks[stage], completed=done)  # type: ignore[arg-type]

        yield tell


def _lines(stream: TextIO, every: int = 500) -> Callable[[str, int], None]:
    """One line each time a stage passes another `every` dossiers."""
    told: dict[str, int] = {}

    def tell(stage: str, done: int) -> None:
        if done // every > told.get(stage, 0):
            told[stage] = done // every
            stream.write(f"{stage} : {done} dossiers\n")
            stream.flush()

    return tell


def examens(stream: TextIO, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """What each examination found (gravity, title, cause, remedy), the remedy under its cause."""
    target = console(stream)
    for gravite, titre, cause, remede in rows:
        target.print(f"{gravite:<13}", style=GRAVITES.get(gravite), end="")
        target.print(f"{titre} : {cause}")
        if remede:
            target.print(f"{'':<13}→ {remede}")


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


def explanation(titre: str, proposition: Proposition, depuis: str) -> str:
    """Everything we say of one dossier, each constat with its source, and by which rules and texts it was judged."""
    referentiels = " ; ".join(proposition.referentiels) or "aucun"
    return "\n".join(
        [
            titre,
            f"Avis proposé : {proposition.avis.value} (depuis le {depuis})",
            f"Synthèse : {proposition.synthese}",
            f"Règles : version {proposition.version or 'non conservée'} ; référentiels : {referentiels}",
            "",
            "Constats :",
            *(f"  {line}" for line in constat_lines(proposition.constats)),
        ]
    )


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


def _constat_difference(regle: str, avant: Constat | None, apres: Constat | None) -> list[str]:
    if said(avant) == said(apres):
        return []
    signes = " → ".join(SIGNES[c.statut] if c else "(absente)" for c in (avant, apres))
    phrase = f" {apres.phrase}" if apres else ""
    return [f"  règle « {regle} » : {signes}{phrase}"]


def said(constat: Constat | None) -> tuple[object, ...] | None:
    """What of a constat an agent sees change: not the wording of its source."""
    return None if constat is None else (constat.statut, constat.effet, constat.avis, constat.phrase)


def plan_text(dossier: Dossier, proposition: Proposition, plan: Plan, message: EnvoyerMessage | None = None) -> str:
    """What would be done to one dossier, in full, and what is held back and why, the text of a message included."""
    lines = [f"Dossier n° {dossier.number} — {proposition.avis.value}", f"  {proposition.synthese}"]
    for action in plan.actions:
        lines += [f"  → {line}" for line in action_lines(action)[:1]] + [f"    {x}" for x in action_lines(action)[1:]]
    lines += [f"  ⏸ {held}" for held in plan.retenues]
    if message is not None and plan.retenues and message not in plan.actions:
        lines += [f"    {x}" for x in _quoted(message.body)]
    lines += [f"    {x}" for action in plan.en_attente for x in action_lines(action)]
    lines += [f"  ✎ « {label} » a été modifiée par un agent : laissée telle quelle." for label in plan.conflits]
    return "\n".join(lines)


def action_lines(action: Action) -> list[str]:
    """One action in French: a line that names it, then what it holds."""
    match action:
        case EcrireAnnotations():
            return ["annotations :", *(f"{e.label} : {value_text(e.value)}" for e in action.ecritures)]
        case EnvoyerMessage():
            what = "demande de correction" if action.correction else "message"
            return [f"{what} (modèle « {action.template} ») :", *_quoted(action.body)]
        case ChangerEtat():
            quiet = " sans prévenir l’usager" if action.disable_notification else ""
            return [
                f"{TRANSITIONS[action.transition]}{quiet}",
                *(_quoted(action.motivation) if action.motivation else ()),
            ]
        case AjouterLabel():
            return [f"poser le label « {action.label.name} »"]
        case SupprimerLabel():
            return [f"retirer le label « {action.label.name} »"]


def _quoted(body: str) -> list[str]:
    lines = []
    for line in body.split("\n"):
        lines += textwrap.wrap(line, 100) or [""]
    return [f"│ {line}".rstrip() for line in lines]


def value_text(value: ValeurAnnotation) -> str:
    """A value as a French reader expects it, on one line."""
    from datetime import date  # noqa: PLC0415

    match value:
        case bool():
            return "oui" if value else "non"
        case tuple():
            return ", ".join(value)
        case date():
            return f"{value:%d/%m/%Y}"
        case str():
            return " ⏎ ".join(value.split("\n"))
        case _:
            return str(value).replace(".", ",")


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


def evaluation_row(evaluation: Evaluation) -> tuple[str, str, str]:
    """One dossier in the demonstration's table."""
    return str(evaluation.dossier), evaluation.proposition.avis.value, evaluation.proposition.synthese
