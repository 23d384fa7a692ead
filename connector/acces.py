"""Everything kept here about one dossier, as the person it is about can read it: for the right of access.

In French words and at the hour it is in France; what only machines read comes last, and digests, from which nothing can
be learnt, are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector import presentation
from connector.core.evaluation import Proposition
from connector.core.justification import cite
from connector.core.model import (
    Adresse,
    Champ,
    Choix,
    ChoixLie,
    Dossier,
    Etablissement,
    Illisible,
    LienDossier,
    Lieu,
    Lignes,
    Pieces,
    Valeur,
)
from connector.core.poste import Poste
from connector.donnees import MOTIFS, QUOI, as_data
from connector.errors import OperatorError, StoreError
from connector.store import codec
from connector.store.effacement import Efface
from connector.wiring import FRANCE

if TYPE_CHECKING:
    from connector.store import Base

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")

_DU_DOSSIER = frozenset(
    {
        *(("dossiers", "entete"), ("dossiers", "champs"), ("dossiers", "annotations"), ("evaluations", "proposition")),
        *(("identites", "entete"), ("identites", "champs"), ("identites", "messages")),
    }
)
"""Columns that the readable part tells once the dossier is read back: of the header, all but the agents' addresses."""

_DITS = frozenset({("evaluations_passees", "proposition"), ("decisions", "decision")})
"""Columns that the readable part tells in any case."""

_TUS = frozenset({"instructeurs", "email_agent", "candidat", "projet"})
"""Inside a column: the agents' own addresses, and the digests of an entry of the register."""

_EMPREINTES = frozenset(
    {
        *("contenu", "d_champs", "d_saisies", "d_proposees", "d_messages", "d_etat", "d_labels", "proposees"),
        *("politique", "lecture", "candidat", "projet", "contexte", "fingerprint", "cible"),
    }
)
"""Columns that hold digests, or what is made of them."""


def exporter(base: Base, number: int) -> dict[str, Any]:
    """Everything kept here about one dossier, as JSON takes it; OperatorError when nothing is."""
    rangees = base.effacement.everything(number)
    if not any(rangees.values()):
        raise OperatorError(f"rien n’est gardé ici sur le dossier n° {number}.")
    poste, efface = base.postes.of_dossier(number), base.effacement.of(number)
    lu = _du_dossier(base, number)
    data = {
        "dossier": number,
        **lu,
        "propositions_precedentes": [_proposee(r) for r in rangees["evaluations_passees"]],
        "decisions_enregistrees": [_decidee(r["decision"]) for r in rangees["decisions"]],
        "poste": _poste(poste) if poste else None,
        "effacement": _effacement(efface) if efface else None,
        "journal": [_ligne(ligne) for ligne in _journal(base, number)],
        "detail_technique": _technique(rangees, _DITS | _DU_DOSSIER if lu else _DITS),
    }
    return {cle: _local(valeur) for cle, valeur in data.items() if valeur not in (None, [], {}, "")}


def _du_dossier(base: Base, number: int) -> dict[str, Any]:
    """What is stored of the dossier itself, as last read; nothing when this version cannot read it back."""
    try:
        found = base.dossiers.dossier(number)
    except StoreError:
        return {}
    if found is None:
        return {}
    fiche, historique = found
    d, evaluation = fiche.dossier, historique.evaluation
    return {
        "etat": presentation.ETATS[d.state.value],
        "depose_le": _heure(d.date_depot),
        "modifie_le": _heure(d.date_derniere_modification),
        "deposant": {"courriel": d.usager_email},
        "groupe_instructeur": d.groupe.label,
        "etablissement_demandeur": _sans_vide({"nom": d.demandeur.raison_sociale, "siret": d.demandeur.siret}),
        "reponses": _saisies(d.champs),
        "annotations_des_agents_et_du_connecteur": _saisies(d.annotations),
        "labels": [label.name for label in d.labels],
        "historique": [{"le": _heure(t.date), "evenement": t.event.replace("_", " ")} for t in d.traitements],
        "messages_dont_le_texte_n_est_pas_garde": _messages(d),
        "proposition": _proposition(evaluation.proposition, evaluation.evaluee_le) if evaluation else None,
        "envois": [line.strip() for line in presentation.faits_lines(historique.intentions)[2:]],
    }


def _saisies(champs: Iterable[Champ]) -> dict[str, Any]:
    """What was answered, by the champ's label; a label that comes again has its rank."""
    dites: dict[str, Any] = {}
    fois: Counter[str] = Counter()
    for champ in champs:
        fois[champ.label] += 1
        rang = fois[champ.label]
        dites[champ.label if rang == 1 else f"{champ.label} ({rang})"] = _dit(champ.value)
    return {label: dit for label, dit in dites.items() if dit not in (None, "", [])}


def _dit(valeur: Valeur) -> Any:  # noqa: C901, PLR0911 - one line per kind of value is the clearest table
    """A value as a reader expects it."""
    match valeur:
        case None | str():
            return valeur
        case int() | date() | Decimal():
            return presentation.value_text(valeur)
        case Choix(values=values):
            return presentation.value_text(values)
        case ChoixLie(primary=primary, secondary=secondary):
            return " / ".join(filter(None, (primary, secondary)))
        case Adresse(label=label) | Lieu(name=label):
            return label
        case Etablissement(siret=siret, raison_sociale=nom, adresse=adresse):
            return ", ".join(filter(None, (nom, f"SIRET {siret}", adresse.label if adresse else "")))
        case LienDossier(number=number):
            return f"dossier n° {number}"
        case Pieces(files=files):
            return [f"{f.filename} ({f.content_type}, {f.byte_size} octets)" for f in files]
        case Lignes(rows=rows):
            return [_saisies(row.champs) for row in rows]
        case Illisible(text=text):
            return text


def _messages(dossier: Dossier) -> list[dict[str, Any]]:
    return [
        _sans_vide(
            {"le": _heure(m.created_at), "de": m.email, "reference": m.reference, "corrections": bool(m.correction)}
        )
        for m in dossier.messages
    ]


def _proposition(proposition: Proposition, le: datetime) -> dict[str, Any]:
    return {
        "le": _heure(le),
        "avis": proposition.avis.value,
        "synthese": proposition.synthese,
        "points": list(proposition.points),
        "constats": [f"{c.phrase} ({cite(c.source)})" for c in proposition.constats],
    }


def _proposee(rangee: Mapping[str, Any]) -> dict[str, Any]:
    """A proposition that another one replaced; as it is kept, when this version cannot read it back."""
    try:
        return _proposition(codec.typed(rangee["proposition"], Proposition), codec.when(rangee["evaluee_le"]))
    except StoreError:
        return {"le": rangee["evaluee_le"], "avis": rangee["avis"], "proposition": rangee["proposition"]}


def _decidee(decision: object) -> object:
    """What people decided; as it is kept, when it is no record."""
    return _sans_vide(decision) if isinstance(decision, dict) else decision


def _poste(poste: Poste) -> dict[str, Any]:
    return {
        "promotion": poste.promotion,
        "categorie": poste.categorie.value,
        "debut": f"{poste.debut:%d/%m/%Y}",
        "fin": f"{poste.fin:%d/%m/%Y}",
        "titulaires_par_numero_de_dossier": [t.dossier for t in poste.titulaires],
    }


def _effacement(efface: Efface) -> dict[str, Any]:
    return {"le": _heure(efface.le), "motif": MOTIFS[efface.motif]}


def _journal(base: Base, number: int) -> Iterable[dict[str, Any]]:
    depuis = datetime.fromtimestamp(0, FRANCE)
    return map(as_data, base.journal.lines(since=depuis, dossier=number))


def _ligne(ligne: Mapping[str, Any]) -> dict[str, Any]:
    return {"le": ligne["at"], "qui": ligne["qui"], "quoi": QUOI.get(ligne["quoi"], ligne["quoi"])}


def _technique(rangees: Mapping[str, list[dict[str, Any]]], dits: frozenset[tuple[str, str]]) -> dict[str, Any]:
    """The rest of each table, without the digests nor the agents' addresses; the journal is told already."""
    restes = {
        table: [
            {
                c: _reste(v)
                for c, v in rangee.items()
                if (table, c) not in dits and c not in _EMPREINTES and v not in (None, "")
            }
            for rangee in r
        ]
        for table, r in rangees.items()
        if table != "journal"
    }
    return {table: r for table, r in restes.items() if r}


def _reste(data: Any) -> Any:
    """The same data, without the digests nor the agents' addresses that it holds."""
    match data:
        case dict():
            return {c: _reste(v) for c, v in data.items() if c not in _TUS}
        case list():
            return [_reste(v) for v in data]
        case _:
            return data


def _sans_vide(data: Mapping[str, Any]) -> dict[str, Any]:
    return {cle: valeur for cle, valeur in data.items() if valeur not in (None, "", [], {}, False)}


def _heure(instant: datetime) -> str:
    """The instant at the hour it was in France, its offset said."""
    return instant.astimezone(FRANCE).isoformat(timespec="seconds")


def _local(data: Any) -> Any:
    """The same data, each instant in UTC told at the hour it was in France."""
    match data:
        case dict():
            return {cle: _local(valeur) for cle, valeur in data.items()}
        case list():
            return [_local(valeur) for valeur in data]
        case str() if _INSTANT.fullmatch(data):
            return _heure(datetime.fromisoformat(data))
        case _:
            return data
