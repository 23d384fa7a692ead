"""Setting annotations: together, then one by one those that DS did not take, so that each refusal has its annotation.

The batch is not a transaction and its errors name nothing (contract §5.5). Trying an annotation again is harmless:
setting the same value twice changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from connector.api.echange import OperationAbsente, VariableRefusee
from connector.api.mutation import Mutation, preuve
from connector.api.valeurs import ValeurImpossible, valeur
from connector.core.model import Dossier
from connector.core.plan import CleAnnotation, Ecriture, Recu
from connector.core.textes import citer
from connector.errors import MutationRefused

log = logging.getLogger(__name__)

LOT = "modifier_annotations"

SEULES = {
    CleAnnotation.TEXT: "modifier_annotation_text",
    CleAnnotation.TEXTAREA: "modifier_annotation_text",
    CleAnnotation.CHECKBOX: "modifier_annotation_checkbox",
    CleAnnotation.YES_NO: "modifier_annotation_checkbox",
    CleAnnotation.DATE: "modifier_annotation_date",
    CleAnnotation.DATETIME: "modifier_annotation_datetime",
    CleAnnotation.INTEGER_NUMBER: "modifier_annotation_integer_number",
    CleAnnotation.DECIMAL_NUMBER: "modifier_annotation_decimal_number",
    CleAnnotation.DROP_DOWN_LIST: "modifier_annotation_drop_down_list",
}
"""The single mutation of each type, for an instance without the batch; the other types have none (contract §5.5)."""

SUR_TOUT_LE_DOSSIER = frozenset({"instructeur_sans_droit", "introuvable"})
"""Refusals that concern every annotation alike: no use in trying them one by one."""


@dataclass(slots=True)
class _Ecrites:
    """How far the writing of one dossier's annotations has come."""

    dossier: Dossier
    instructeur_id: str
    faites: set[str] = field(default_factory=set)
    refus: dict[str, MutationRefused] = field(default_factory=dict)

    def restantes(self, ecritures: Sequence[Ecriture]) -> list[Ecriture]:
        return [e for e in ecritures if e.id not in self.faites and e.id not in self.refus]


class Annotations:
    """Sets annotations; remembers whether this instance has the batch."""

    def __init__(self, mutation: Mutation) -> None:
        self._mutation = mutation
        self._lot_absent = False

    def ecrire(self, dossier: Dossier, instructeur_id: str, ecritures: Sequence[Ecriture]) -> Recu:
        """Which were written and which were refused; `MutationRefused` when none was written."""
        etat = _Ecrites(dossier, instructeur_id)
        for ecriture in ecritures:
            _verifier(ecriture, etat)
        pretes = etat.restantes(ecritures)
        if pretes and not self._lot_absent:
            self._ensemble(pretes, etat)
        for ecriture in etat.restantes(pretes):
            self._seule(ecriture, etat)
        return _recu(ecritures, etat)

    def _ensemble(self, pretes: Sequence[Ecriture], etat: _Ecrites) -> None:
        """Set them all at once; what is neither done nor refused afterwards must be tried alone."""
        try:
            self._lot(pretes, etat)
        except OperationAbsente:
            self._lot_absent = True
            log.warning("annotations.batch_missing")
        except (VariableRefusee, MutationRefused) as error:
            if len(pretes) == 1 or _concerne_tout(error):
                _noter(error, pretes[0], etat)

    def _lot(self, pretes: Sequence[Ecriture], etat: _Ecrites) -> None:
        """One batch; a single refusal of a single annotation is pinned at once."""
        lot = [{"id": e.id, "value": {e.cle.value: valeur(e)}} for e in pretes]
        reponse = self._mutation.tenter(LOT, etat.dossier, {"instructeurId": etat.instructeur_id, "annotations": lot})
        if not reponse.textes:
            etat.faites |= {e.id for e in pretes}
            return
        error = reponse.erreur()
        if _concerne_tout(error):
            raise error
        with preuve(reponse.demande):
            etat.faites |= {str(a["id"]) for a in reponse.payload.get("annotations") or ()}
        restantes = etat.restantes(pretes)
        if len(restantes) == 1 and 1 in {len(reponse.textes), len(pretes)}:
            _noter(error, restantes[0], etat)

    def _seule(self, ecriture: Ecriture, etat: _Ecrites) -> None:
        """Set one annotation alone, by a batch of one, or by the single mutation of its type."""
        if not self._lot_absent:
            self._ensemble([ecriture], etat)
        if self._lot_absent:
            self._sans_lot(ecriture, etat)

    def _sans_lot(self, ecriture: Ecriture, etat: _Ecrites) -> None:
        document = SEULES.get(ecriture.cle)
        if document is None:
            clause = "cette instance de DS ne sait pas l’écrire"
            etat.refus[ecriture.id] = _refus_local("type_non_pris_en_charge", clause, ecriture, etat.dossier)
            return
        entree = {"instructeurId": etat.instructeur_id, "annotationId": ecriture.id, "value": valeur(ecriture)}
        try:
            self._mutation.faire(document, etat.dossier, entree, montre="annotation")
            etat.faites.add(ecriture.id)
        except (VariableRefusee, MutationRefused) as error:
            _noter(error, ecriture, etat)


def _verifier(ecriture: Ecriture, etat: _Ecrites) -> None:
    """Refuse here what DS could only refuse, or take for a broken request."""
    try:
        valeur(ecriture)
    except ValeurImpossible as error:
        etat.refus[ecriture.id] = _refus_local("valeur_impossible", str(error), ecriture, etat.dossier)


def _concerne_tout(error: Exception) -> bool:
    """Whether a refusal is about the whole request: the right to write, the dossier, the instructeur."""
    return not isinstance(error, VariableRefusee | MutationRefused) or (
        isinstance(error, MutationRefused) and error.cause in SUR_TOUT_LE_DOSSIER
    )


def _noter(error: Exception, ecriture: Ecriture, etat: _Ecrites) -> None:
    """Keep the refusal of one annotation; a value that DS's schema refuses is one too, nothing was executed."""
    if _concerne_tout(error):
        raise error
    if not isinstance(error, MutationRefused):
        error = _refus_local("valeur_refusee_par_l_api", str(error), ecriture, etat.dossier)
    etat.refus[ecriture.id] = error


def _refus_local(cause: str, texte: str, ecriture: Ecriture, dossier: Dossier) -> MutationRefused:
    return MutationRefused(
        f"L’annotation {citer(ecriture.label)} du dossier {dossier.number} n’est pas écrite : {texte}.",
        cause=cause,
        texts=(texte,),
        number=dossier.number,
        hint="Vérifiez cette annotation dans la configuration et dans le formulaire.",
    )


def _recu(ecritures: Sequence[Ecriture], etat: _Ecrites) -> Recu:
    """The receipt; a refusal when nothing at all was written."""
    textes = {i: " ; ".join(error.texts) for i, error in etat.refus.items()}
    if etat.faites or not etat.refus:
        return Recu(ecrites=frozenset(etat.faites), refus=tuple(textes.items()))
    first = next(iter(etat.refus.values()))
    liste = " ; ".join(f"{citer(e.label)} : {textes[e.id]}" for e in ecritures if e.id in textes)
    raise MutationRefused(
        f"Aucune annotation du dossier {etat.dossier.number} n’a été écrite ({liste}).",
        cause=first.cause,
        texts=tuple(textes.values()),
        number=etat.dossier.number,
        hint=first.hint,
    )
