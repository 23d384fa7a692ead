"""Rows of the database and the values they stand for: which column holds which part of a dossier or an evaluation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from connector.core.constat import Constat, Statut
from connector.core.ecarts import Garde
from connector.core.evaluation import AConfirmer, Evaluation, Proposition
from connector.core.fiche import Fiche, Parties, Retenue
from connector.core.model import Dossier, DossierState
from connector.store import codec
from connector.store.connexion import Row

_FICHE = slice(1, 11)
_EVALUATION = slice(11, 20)
"""Columns of the view `fiches`: number, fiche, evaluation."""

_PARTS = ("champs", "annotations", "messages")


def of_fiche(fiche: Fiche, *, demarche: int, now: datetime) -> dict[str, Any]:
    """The columns of one dossier, serialised once; `entete` is everything of it that has no column of its own."""
    dossier, parties = fiche.dossier, fiche.parties
    entete = codec.plain(dossier, Dossier)
    return {
        "number": dossier.number,
        "demarche": demarche,
        "id": codec.storable(dossier.id),
        "state": dossier.state.value,
        "archived": dossier.archived,
        "revision": codec.storable(dossier.revision_id),
        "groupe": codec.storable(dossier.groupe.id),
        "date_depot": codec.instant(dossier.date_depot),
        "modifiee_le": codec.instant(dossier.date_derniere_modification),
        "contenu": parties.contenu,
        "d_champs": parties.champs,
        "d_saisies": parties.saisies,
        "d_proposees": parties.proposees,
        "d_messages": parties.messages,
        "d_etat": parties.etat,
        "d_labels": parties.labels,
        "stockee_le": codec.instant(now),
        **{part: codec.text_of(entete.pop(part)) for part in _PARTS},
        "entete": codec.text_of(entete),
    }


def to_fiche(row: Row) -> Fiche:
    """The fiche of a row of `fiches`; `CodecError` when it cannot be read."""
    d_champs, saisies, proposees, d_messages, etat, labels, *texts = row[_FICHE]
    parties = Parties(
        champs=d_champs, saisies=saisies, proposees=proposees, messages=d_messages, etat=etat, labels=labels
    )
    data, *parts = (codec.data_of(text) for text in texts)
    if not isinstance(data, dict):
        raise codec.CodecError(Dossier)
    return Fiche(dossier=codec.typed(data | dict(zip(_PARTS, parts, strict=True)), Dossier), parties=parties)


def to_counted(row: Row, retenue: Retenue) -> tuple[Dossier, Proposition | None]:
    """A dossier and what was last found amiss in it, from a row of `COUNTED`; `CodecError` when it cannot be read."""
    _, entete, champs, annotations, proposition = row
    dossier = _in_part(entete, champs, annotations, retenue)
    return dossier, None if proposition is None else _amiss(codec.data_of(proposition))


def to_confirm(row: Row, retenue: Retenue, regles: Collection[str]) -> AConfirmer:
    """A judged dossier as far as `retenue` goes, and what those rules found; `CodecError` when it cannot be read."""
    _, _, politique, entete, champs, annotations, proposition = row
    found = [c for c in codec.data_of(proposition)["constats"] if c["regle"] in regles]
    return AConfirmer(
        dossier=_in_part(entete, champs, annotations, retenue),
        politique=politique,
        constats=codec.typed(found, tuple[Constat, ...]),
    )


def _in_part(entete: str, champs: str, annotations: str, retenue: Retenue) -> Dossier:
    """The dossier with the champs and annotations of `retenue` alone, and no message."""
    data = codec.data_of(entete) | {
        "champs": _kept(champs, retenue.champs),
        "annotations": _kept(annotations, retenue.annotations),
        "messages": [],
    }
    return codec.typed(data, Dossier)  # type: ignore[no-any-return]


def _kept(champs: str, ids: frozenset[str]) -> list[Any]:
    """The champs of those descriptors; where none is wanted, nothing is read."""
    return [c for c in codec.data_of(champs) if c["descriptor_id"] in ids] if ids else []


def _amiss(data: dict[str, Any]) -> Proposition:
    """The proposition with the constats that object or doubt alone."""
    parlants = [c for c in data["constats"] if c["statut"] in _PARLANTS]
    return codec.typed(data | {"constats": parlants}, Proposition)  # type: ignore[no-any-return]


_PARLANTS = frozenset({Statut.KO.value, Statut.A_VERIFIER.value})


def to_garde(row: Row) -> Garde:
    """What is remembered of a dossier, from a row of `GARDES`."""
    number, modifiee_le, state, revision, *digests, absent, incomplet, attestation = row
    champs, saisies, proposees, messages, etat, labels = digests
    return Garde(
        number=number,
        date_derniere_modification=codec.when(modifiee_le),
        state=DossierState(state),
        revision_id=revision,
        parties=Parties(
            champs=champs, saisies=saisies, proposees=proposees, messages=messages, etat=etat, labels=labels
        ),
        absent=absent,
        incomplet=bool(incomplet),
        attestation=bool(attestation),
    )


def of_evaluation(evaluation: Evaluation) -> dict[str, Any]:
    """The columns of one evaluation."""
    a_revoir = evaluation.a_revoir_le
    return {
        "dossier": evaluation.dossier,
        "contenu": evaluation.contenu,
        "proposees": evaluation.proposees,
        "politique": evaluation.politique,
        "a_pousser": evaluation.a_pousser,
        "a_revoir_le": None if a_revoir is None else codec.instant(a_revoir),
        "avis": evaluation.proposition.avis.value,
        "avis_depuis": evaluation.avis_depuis.isoformat(),
        "evaluee_le": codec.instant(evaluation.evaluee_le),
        "proposition": codec.dumps(evaluation.proposition, Proposition),
    }


def maybe_evaluation(row: Row) -> Evaluation | None:
    """The evaluation of a row of `fiches`, None when it has none; `CodecError` when it cannot be read."""
    columns = row[_EVALUATION]
    return None if columns[0] is None else to_evaluation(columns)


def to_evaluation(row: Row) -> Evaluation:
    """The evaluation of a row of `evaluations_dites`; `CodecError` when it cannot be read."""
    dossier, contenu, politique, proposees, a_pousser, a_revoir_le, avis_depuis, evaluee_le, proposition, *_ = row
    return Evaluation(
        dossier=dossier,
        contenu=contenu,
        politique=politique,
        proposees=proposees,
        proposition=codec.loads(proposition, Proposition),
        avis_depuis=codec.typed(avis_depuis, date),
        evaluee_le=codec.when(evaluee_le),
        a_pousser=bool(a_pousser),
        a_revoir_le=codec.maybe_when(a_revoir_le),
    )
