"""What the commands do, over the workshop that `wiring` opens: cycles, previews, explanations, status."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connector import cycle, presentation
from connector.core.constat import Effet
from connector.core.model import Dossier
from connector.core.rapport import Rapport
from connector.core.regles import Regle
from connector.cycle import Jugement
from connector.errors import OperatorError
from connector.wiring import FRANCE, Atelier, demarche_of

if TYPE_CHECKING:
    from connector.config import DemarcheReglee, Settings

PASSAGES = 3
"""How many past cycles `status` shows."""

TROUS_RECENTS = timedelta(days=7)
"""How long a dossier that DS could not show stays in `status`."""

EFFETS = {
    Effet.BLOQUANT: "bloquant",
    Effet.A_VERIFIER: "à vérifier",
    Effet.PRIORITE: "priorité",
    Effet.INFORMATION: "information",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilan:
    """How one démarche's cycle went."""

    demarche: int
    rapport: Rapport


def passer(atelier: Atelier, numero: int | None = None) -> tuple[Bilan, ...]:
    """One cycle on each démarche of the configuration, or on the one named."""
    settings = atelier.settings
    demarches = settings.demarches if numero is None else (demarche_of(settings, numero),)
    bilans = []
    for demarche in demarches:
        if atelier.arret.wait(0):
            break
        bilans.append(Bilan(demarche=demarche.numero, rapport=cycle.run(atelier.passage(demarche))))
    return tuple(bilans)


def prevoir(atelier: Atelier, numero: int | None = None) -> Iterator[tuple[Dossier, Jugement]]:
    """What a cycle would do to each dossier of the démarches; nothing is sent."""
    settings = atelier.settings
    for demarche in settings.demarches if numero is None else (demarche_of(settings, numero),):
        yield from cycle.preview(atelier.passage(demarche))


def expliquer(atelier: Atelier, numero: int) -> str:
    """Everything said of one dossier at its last examination, each constat with its source."""
    found = atelier.base.dossiers.dossier(numero)
    evaluation = found[1].evaluation if found else None
    if found is None or evaluation is None:
        raise OperatorError(
            f"le dossier n° {numero} n’a pas encore été examiné ici.",
            hint="Lancez « connector sync », et vérifiez que ce dossier appartient à une démarche de la configuration.",
        )
    return presentation.explanation(found[0].dossier, evaluation.proposition, f"{evaluation.avis_depuis:%d/%m/%Y}")


def regles_en_vigueur(settings: Settings, demarche: DemarcheReglee) -> str:
    """The page an administration owes when a decision uses an algorithm: every rule, its sources and examples."""
    head = f"Règles en vigueur pour la démarche {demarche.numero} (version {settings.version_regles})"
    return "\n\n".join([f"{head}\n{'=' * len(head)}", *(_rule(regle) for regle in demarche.regles)])


def _rule(regle: Regle) -> str:
    sources = [f"  Source : {s.texte} ({'opposable' if s.opposable else 'non opposable'})" for s in regle.sources]
    consequence = (
        f", avis « {regle.avis.value} » si la règle n’est pas respectée" if regle.effet is Effet.BLOQUANT else ""
    )
    return "\n".join(
        [
            f"{regle.libelle} [{regle.cle}]",
            *textwrap.wrap(regle.manuel, 100, initial_indent="  ", subsequent_indent="  "),
            f"  Effet : {EFFETS[regle.effet]}{consequence}.",
            *sources,
            *(line for exemple in regle.exemples() for line in _example(regle, exemple.titre, exemple)),
        ]
    )


def _example(regle: Regle, titre: str, exemple: Any) -> list[str]:
    """One example and what the rule really says of it, now."""
    constat = regle.check(exemple.candidature, exemple.contexte)
    return [f"  Exemple ({presentation.SIGNES[constat.statut]}) : {titre} → {constat.phrase}"]


def etat(atelier: Atelier, *, now: datetime) -> dict[str, Any]:
    """Where everything stands, as plain data: counts, numbers and causes, never a value."""
    pause = atelier.base.pauses.current()
    return {
        "mode": atelier.settings.politique.mode.value,
        "pause": None if pause is None else {"depuis": _iso(pause.since), "raison": pause.reason},
        "demarches": [_etat_demarche(atelier, demarche.numero, now) for demarche in atelier.settings.demarches],
    }


def _etat_demarche(atelier: Atelier, numero: int, now: datetime) -> dict[str, Any]:
    suivi, ledger = atelier.base.suivi, atelier.base.ledger
    return {
        "numero": numero,
        "dossiers": [
            {"etat": c.state.value, "archive": c.archived, "avis": c.avis, "nombre": c.count}
            for c in suivi.counts(numero)
        ],
        "quarantaine": [
            {"dossier": q.number, "cause": q.cause, "essais": q.attempts, "prochain": _iso(q.retry_at)}
            for q in suivi.quarantine(numero)
        ],
        "trous": [
            {"cause": t.cause, "vu_le": _iso(t.seen_at), "fois": t.count}
            for t in suivi.holes(numero, since=now - TROUS_RECENTS)
        ],
        "absents": len(suivi.absents(numero)),
        "sans_reponse": [presentation.intention_line(i) for i in ledger.unsettled(numero)],
        "refuses": [presentation.intention_line(r.intention) for r in ledger.rejected(numero)],
        "a_un_humain": [presentation.intention_line(i) for i in ledger.handed_to_human(numero)],
        "passages": [
            {"le": _iso(r.at), "code": r.exit_code, "texte": r.text} for r in suivi.last_reports(numero, limit=PASSAGES)
        ],
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(FRANCE).isoformat(timespec="seconds")


def etat_text(found: Mapping[str, Any]) -> str:
    """The same for a reader."""
    pause = found["pause"]
    lines = [f"Mode : {found['mode']}"]
    if pause:
        lines.append(
            f"Envois en pause depuis le {pause['depuis']}" + (f" ({pause['raison']})" if pause["raison"] else "")
        )
    for demarche in found["demarches"]:
        lines += ["", f"Démarche {demarche['numero']}", *_demarche_lines(demarche)]
    return "\n".join(lines)


def _demarche_lines(demarche: Mapping[str, Any]) -> list[str]:
    lines = [
        f"  {d['nombre']} {presentation.ETATS[d['etat']]}{', archivé' if d['archive'] else ''} : "
        f"{d['avis'] or 'pas encore examiné'}"
        for d in demarche["dossiers"]
    ] or ["  aucun dossier lu pour l’instant"]
    if demarche["absents"]:
        lines.append(f"  {demarche['absents']} que DS ne montre plus")
    for title, key in (
        ("Écritures sans réponse, à éclaircir au prochain passage", "sans_reponse"),
        ("Refusé par DS", "refuses"),
        ("À traiter par un agent", "a_un_humain"),
    ):
        lines += _section(title, demarche[key])
    lines += _section(
        "Mis de côté",
        [
            f"dossier n° {q['dossier']} : {q['cause']} (nouvel essai le {q['prochain']})"
            for q in demarche["quarantaine"]
        ],
    )
    lines += _section("Que DS n’a pas pu montrer", [f"{t['cause']} ({t['fois']} fois)" for t in demarche["trous"]])
    return lines + _section(
        "Derniers passages", [f"{p['le']} (code {p['code']}) {p['texte']}" for p in demarche["passages"]]
    )


def _section(title: str, entries: Sequence[str]) -> list[str]:
    return [f"  {title} :", *(f"    {entry}" for entry in entries)] if entries else []
