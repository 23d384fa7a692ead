"""Where everything stands: for `status`."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connector import lecture, presentation
from connector.core.decide import lacunes
from connector.core.examen_piece import Attente, attente
from connector.core.montants import pluriel
from connector.core.plan import EtatIntention, Intention
from connector.core.referentiels import Referentiel
from connector.core.regles import referentiels_manquants
from connector.core.situation import Situation
from connector.wiring import FRANCE, Atelier

if TYPE_CHECKING:
    from connector.config import DemarcheReglee
    from connector.store import Base
    from connector.store.suivi import Suivi

PASSAGES = 3
"""How many past cycles `status` shows."""

TROUS_RECENTS = timedelta(days=7)
"""How long a dossier that DS could not show stays in `status`."""

ABSENTS_MONTRES = 20
"""How many of the dossiers that DS no longer shows `status` names, the latest first."""

REFUS_VOULUS = timedelta(days=3)
"""A refused effect still wanted is tried again within a day or so: one left longer before the last pass is over."""

REMARQUES_RECENTES = timedelta(days=30)
"""How long an effect that DS had only in part stays in `status`, unless mended."""

GRAVES = {2, 3, 74, 76, 77}
"""Exit codes of a pass that only a human can put right."""


def etat(atelier: Atelier, *, now: datetime, retenues: Sequence[tuple[int, str]] = ()) -> dict[str, Any]:
    """Where everything stands, as plain data: counts, numbers and causes, never a value.

    `retenues`: the decisions that wait, each with the number of its démarche.
    """
    pause = atelier.base.pauses.current()
    return {
        "mode": atelier.settings.politique.mode.value,
        "pause": None if pause is None else {"depuis": _iso(pause.since), "raison": pause.reason},
        "demarches": [
            _etat_demarche(atelier, demarche, now)
            | {"decisions_retenues": [texte for numero, texte in retenues if numero == demarche.numero]}
            for demarche in atelier.settings.demarches
        ],
    }


def _alerte(suivi: Suivi, numero: int) -> dict[str, Any] | None:
    """What only a human can put right, and since when; None while passes go well."""
    suite = suivi.last_alike(numero)
    if not suite or suite[0].exit_code not in GRAVES:
        return None
    return {"code": suite[0].exit_code, "depuis": _iso(suite[-1].at), "texte": suite[0].text.partition("Arrêt")[2]}


def _etat_demarche(atelier: Atelier, demarche: DemarcheReglee, now: datetime) -> dict[str, Any]:
    numero, suivi, ledger = demarche.numero, atelier.base.suivi, atelier.base.ledger
    filigrane, absents = atelier.base.dossiers.watermark(numero), suivi.absents(numero)
    comparee = filigrane.comparee if filigrane else None
    commence = suivi.begun(numero)
    voulus = _since_last_pass(suivi, numero, now) - REFUS_VOULUS
    return {
        "numero": numero,
        "alerte": _alerte(suivi, numero),
        "comparee_le": None if comparee is None else _iso(comparee),
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
        "absents": len(absents),
        "disparus": [
            {"dossier": a.number, "motif": presentation.motif(a.cause), "depuis": _iso(a.since)}
            for a in absents[:ABSENTS_MONTRES]
        ],
        "en_double": [
            f"dossier n° {number} : le message « {reference} » {lecture.EN_DOUBLE}"
            for number, reference in suivi.doubles(numero)
        ],
        "remarques": [presentation.intention_line(i) for i in ledger.remarked(numero, since=now - REMARQUES_RECENTES)],
        "sans_reponse": [presentation.intention_line(i) for i in ledger.unsettled(numero)],
        "refuses": [
            f"{presentation.intention_line(r.intention)} (nouvel essai à partir du {presentation.moment(r.retry_at)})"
            for r in ledger.rejected(numero)
            if (r.intention.sent_at is None or r.intention.sent_at >= voulus)
            and not _superseded(atelier.base, r.intention)
        ],
        "a_un_humain": [presentation.intention_line(i) for i in ledger.handed_to_human(numero)],
        "lacunes": _lacunes(atelier.base, demarche, now),
        "pieces_a_relire": presentation.pieces_json(_pieces(atelier, numero, now)),
        "en_cours_depuis": None if commence is None else _iso(commence),
        "passages": [
            {"le": _iso(r.at), "code": r.exit_code, "texte": r.text} for r in suivi.last_reports(numero, limit=PASSAGES)
        ],
    }


def _lacunes(base: Base, demarche: DemarcheReglee, now: datetime) -> list[str]:
    """The referentials that rules need for any dossier and that are not in force: no state changes meanwhile."""
    jour = now.astimezone(FRANCE).date()
    versions = tuple(v for genre in Referentiel for v in base.referentiels.en_vigueur(genre, jour))
    return list(lacunes(referentiels_manquants(demarche.regles, Situation(versions=versions))))


def _pieces(atelier: Atelier, numero: int, now: datetime) -> Attente | None:
    """The pieces still to be looked into; None when there are none, or when that is not asked for."""
    relues = atelier.settings.pieces.relire
    return attente(atelier.base.relectures.restantes(numero), now=now) if relues else None


def _superseded(base: Base, refusee: Intention) -> bool:
    """Whether annotations that DS refused were written since, with what is said of the dossier now."""
    suivantes = itertools.dropwhile(
        lambda i: i.fingerprint != refusee.fingerprint, base.ledger.of_dossier(refusee.dossier)
    )
    return refusee.kind == "annotations" and any(
        i.kind == refusee.kind and i.state is EtatIntention.DONE for i in suivantes
    )


def _since_last_pass(suivi: Suivi, numero: int, now: datetime) -> datetime:
    """When the last pass ended; now when there was none."""
    return next((r.at for r in suivi.last_reports(numero, limit=1)), now)


def _iso(moment: datetime) -> str:
    return moment.astimezone(FRANCE).isoformat(timespec="seconds")


def _dit(iso: str) -> str:
    """An instant of `etat`, as a reader expects it."""
    return presentation.moment(datetime.fromisoformat(iso))


def etat_text(found: Mapping[str, Any]) -> str:
    """The same for a reader."""
    pause = found["pause"]
    lines = [f"Mode : {found['mode']}"]
    if pause:
        lines.append(
            f"Envois en pause depuis le {_dit(pause['depuis'])}" + (f" ({pause['raison']})" if pause["raison"] else "")
        )
    for demarche in found["demarches"]:
        lines += ["", f"Démarche {demarche['numero']}", *_demarche_lines(demarche)]
    return "\n".join(lines)


def _demarche_lines(demarche: Mapping[str, Any]) -> list[str]:
    lines = [
        f"  {presentation.compte(d['nombre'], d['etat'], archive=d['archive'])} : {d['avis'] or 'pas encore examiné'}"
        for d in demarche["dossiers"]
    ] or ["  aucun dossier lu pour l’instant"]
    if demarche["alerte"]:
        lines.insert(
            0,
            f"  ⚠ Arrêt (code {demarche['alerte']['code']}) depuis le {_dit(demarche['alerte']['depuis'])} "
            f"{demarche['alerte']['texte'].strip()}",
        )
    if demarche["en_cours_depuis"]:
        lines.insert(
            0,
            f"  ⚠ Le passage commencé le {_dit(demarche['en_cours_depuis'])} n’est pas fini : ce qui suit est "
            "incomplet. S’il a été tué, le prochain le reprendra.",
        )
    lines[:0] = [
        f"  ⚠ Aucun dossier ne change d’état : {lacune} (« connector import --help »)."
        for lacune in demarche["lacunes"]
    ]
    if demarche["absents"]:
        disparus = [f"n° {d['dossier']} : {d['motif']}, depuis le {_dit(d['depuis'])}" for d in demarche["disparus"]]
        lines += _section(f"{demarche['absents']} que DS ne montre plus, auxquels rien n’est envoyé", disparus)
    for title, key in (
        ("Messages partis deux fois", "en_double"),
        ("Fait en partie seulement", "remarques"),
        ("Écritures sans réponse, à éclaircir au prochain passage", "sans_reponse"),
        ("Refusé par DS", "refuses"),
        ("À traiter par un agent", "a_un_humain"),
        ("Décisions de la commission qui attendent", "decisions_retenues"),
    ):
        lines += _section(title, demarche[key])
    lines += _section(
        "Mis de côté",
        [
            f"dossier n° {q['dossier']} : {q['cause']} (nouvel essai le {_dit(q['prochain'])})"
            for q in demarche["quarantaine"]
        ],
    )
    lines += _section("Que DS n’a pas pu montrer", [f"{t['cause']} ({t['fois']} fois)" for t in demarche["trous"]])
    if demarche["pieces_a_relire"]:
        nombre, reprise = demarche["pieces_a_relire"]["nombre"], demarche["pieces_a_relire"]["reprise"]
        lines.append(f"  {pluriel(nombre, 'pièce', 'pièces')} à relire : au plus tôt le {_dit(reprise)}")
    if demarche["comparee_le"]:
        lines.append(f"  Tous les numéros comparés avec DS le {_dit(demarche['comparee_le'])}")
    return lines + _section(
        "Derniers passages", [f"{_dit(p['le'])} (code {p['code']}) {p['texte']}" for p in demarche["passages"]]
    )


def _section(title: str, entries: Sequence[str]) -> list[str]:
    return [f"  {title} :", *(f"    {entry}" for entry in entries)] if entries else []
