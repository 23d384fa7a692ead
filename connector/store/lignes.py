"""Rows of the database and the values they stand for: which column holds which part of a dossier or an evaluation."""

from __future__ import annotations

from collections.abc import Collection, Container
from datetime import date, datetime
from typing import Any

from connector.core.constat import Constat, Statut
from connector.core.ecarts import Garde
from connector.core.evaluation import AConfirmer, Evaluation, Proposition
from connector.core.fiche import Fiche, Parties, Retenue
from connector.core.model import Demarche, Dossier, DossierState
from connector.store import codec
from connector.store.connexion import Row

_FICHE = slice(1, 13)
_EVALUATION = slice(13, 22)
"""Columns of the view `fiches`: number, fiche, evaluation."""

_APART = ("usager_email", "groupe", "traitements")
"""Parts of a dossier's header where people's addresses are: kept with who they are."""


def of_fiche(fiche: Fiche, *, demarche: int, identite: frozenset[str], now: datetime) -> dict[str, Any]:
    """The columns of one dossier, serialised once; `entete` is everything of it that has no column of its own.

    Those that begin with `qui_` say who people are: the header's own part, the champs of `identite`, the messages.
    """
    dossier, parties = fiche.dossier, fiche.parties
    entete = codec.plain(dossier, Dossier)
    champs, siens = split(entete.pop("champs"), identite)
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
        "champs": champs,
        "annotations": codec.text_of(entete.pop("annotations")),
        "qui_champs": siens,
        "qui_messages": codec.text_of(entete.pop("messages")),
        "qui_entete": codec.text_of({part: entete.pop(part) for part in _APART}),
        "entete": codec.text_of(entete),
    }


def split(champs: list[dict[str, Any]], identite: Container[str]) -> tuple[str, str]:
    """The texts of the champs, null where one says who somebody is, and of those alone, in the same order."""
    siens = [champ for champ in champs if champ["descriptor_id"] in identite]
    autres = [None if champ["descriptor_id"] in identite else champ for champ in champs] if siens else champs
    return codec.text_of(autres), codec.text_of(siens)


def joined(champs: object, siens: object) -> list[dict[str, Any]]:
    """The champs that `split` took apart; `CodecError` when the two do not fit."""
    if not (isinstance(champs, list) and isinstance(siens, list)) or champs.count(None) != len(siens):
        raise codec.CodecError(Dossier)
    apart = iter(siens)
    return [next(apart) if champ is None else champ for champ in champs]


def to_fiche(row: Row) -> Fiche:
    """The fiche of a row of `fiches`; `CodecError` when it cannot be read."""
    d_champs, saisies, proposees, d_messages, etat, labels, *texts = row[_FICHE]
    parties = Parties(
        champs=d_champs, saisies=saisies, proposees=proposees, messages=d_messages, etat=etat, labels=labels
    )
    entete, champs, annotations, qui, siens, messages = (codec.data_of(text) for text in texts)
    data = _header(entete, qui)
    data |= {"champs": joined(champs, siens), "annotations": annotations, "messages": messages}
    return Fiche(dossier=codec.typed(data, Dossier), parties=parties)


def _header(entete: object, qui: object) -> dict[str, Any]:
    """The header of a dossier, from its two parts; `CodecError` when one is none."""
    if not (isinstance(entete, dict) and isinstance(qui, dict)):
        raise codec.CodecError(Dossier)
    return entete | qui


def of_demarche(demarche: Demarche, *, now: datetime) -> dict[str, Any]:
    """The columns of one démarche's form, its agents apart."""
    form = codec.plain(demarche, Demarche)
    groupes = codec.text_of(form.pop("groupes"))
    return {
        "number": demarche.number,
        "demarche": codec.text_of(form),
        "groupes": groupes,
        "now": codec.instant(now),
    }


def to_demarche(row: Row) -> Demarche:
    """The démarche of a row of `SAVED_DEMARCHE`; `CodecError` when it cannot be read."""
    form, groupes = map(codec.data_of, row)
    if not isinstance(form, dict):
        raise codec.CodecError(Demarche)
    return codec.typed(form | {"groupes": groupes}, Demarche)  # type: ignore[no-any-return]


def to_counted(row: Row, retenue: Retenue) -> tuple[Dossier, Proposition | None]:
    """A dossier and what was last found amiss in it, from a row of `COUNTED`; `CodecError` when it cannot be read."""
    _, entete, champs, annotations, qui, siens, proposition = row
    dossier = _in_part((entete, qui), (champs, siens), annotations, retenue)
    return dossier, None if proposition is None else _amiss(codec.data_of(proposition))


def to_confirm(row: Row, retenue: Retenue, regles: Collection[str]) -> AConfirmer:
    """A judged dossier as far as `retenue` goes, and what those rules found; `CodecError` when it cannot be read."""
    _, _, politique, entete, champs, annotations, qui, siens, proposition = row
    return AConfirmer(
        dossier=_in_part((entete, qui), (champs, siens), annotations, retenue),
        politique=politique,
        constats=_found(proposition, regles),
    )


def _found(proposition: str, regles: Collection[str]) -> tuple[Constat, ...]:
    """What those rules found, in a stored proposition."""
    data = codec.data_of(proposition)
    try:
        found = [constat for constat in data["constats"] if constat["regle"] in regles]
    except (KeyError, TypeError) as error:
        raise codec.CodecError(Proposition) from error
    return codec.typed(found, tuple[Constat, ...])  # type: ignore[no-any-return]


def _in_part(entetes: tuple[str, str], champs: tuple[str, str], annotations: str, retenue: Retenue) -> Dossier:
    """The dossier with the champs and annotations of `retenue` alone, and no message; their order may be another."""
    data = _header(*map(codec.data_of, entetes))
    data |= {
        "champs": [champ for texte in champs for champ in _kept(texte, retenue.champs)],
        "annotations": _kept(annotations, retenue.annotations),
        "messages": [],
    }
    return codec.typed(data, Dossier)  # type: ignore[no-any-return]


def _kept(champs: str, ids: frozenset[str]) -> list[Any]:
    """The champs of those descriptors; where none is wanted, nothing is read."""
    if not ids:
        return []
    try:
        return [champ for champ in codec.data_of(champs) if champ is not None and champ["descriptor_id"] in ids]
    except (KeyError, TypeError) as error:
        raise codec.CodecError(Dossier) from error


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
