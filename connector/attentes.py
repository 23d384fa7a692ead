"""Why the decisions of the commission that are not carried out yet wait: for `decide` and `status`.

Each dossier is judged again, as it was last read and in the words of `plan`; nothing is asked of DS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector import jugement
from connector.config import DemarcheReglee
from connector.core.decisions import Decision, SourceDecisions
from connector.core.evaluation import Historique
from connector.core.fiche import Fiche
from connector.core.textes import typographier
from connector.errors import ConnectorError, StoreError, said
from connector.passages import stored_form
from connector.wiring import Atelier


@dataclass(frozen=True, slots=True, kw_only=True)
class Attente:
    """A decision in force that waits, and why, as French clauses."""

    demarche: int
    decision: Decision
    causes: tuple[str, ...]

    @property
    def raison(self) -> str:
        """« en attente : … ; … »."""
        return typographier(f"en attente : {' ; '.join(self.causes)}")

    @property
    def ligne(self) -> str:
        """« dossier n° 7, « Retenu » : … ; … »."""
        numero, sens = self.decision.dossier, self.decision.sens
        return typographier(f"dossier n° {numero}, « {sens} » : {' ; '.join(self.causes)}")


def attentes(atelier: Atelier) -> tuple[Attente, ...]:
    """The decisions that the next pass would not carry out, démarche by démarche; none where agents decide by hand."""
    source = atelier.settings.decisions.source
    decisions = () if source is SourceDecisions.AUCUNE else atelier.base.decisions.all(source)
    connues = {decision.dossier: decision for decision in decisions}
    return tuple(a for demarche in atelier.settings.demarches if connues for a in _de(atelier, demarche, connues))


def _de(atelier: Atelier, demarche: DemarcheReglee, decisions: dict[int, Decision]) -> Iterator[Attente]:
    """Those of one démarche; when its form cannot be used, that is why each waits."""
    gardes = (_lisible(atelier, numero) for numero in decisions)
    ouverts = [g for g in gardes if g and g[0].dossier.demarche_number == demarche.numero and g[0].dossier.state.ouvert]
    if not ouverts:
        return
    passage = atelier.hors_ligne(demarche)
    try:
        resolution = stored_form(atelier, passage.consigne)
    except ConnectorError as error:
        for fiche, _ in ouverts:
            yield Attente(demarche=demarche.numero, decision=decisions[fiche.dossier.number], causes=(said(error),))
        return
    for fiche, historique in ouverts:
        causes = jugement.judge(passage, resolution, fiche.dossier, historique).decision_retenue
        if causes:
            yield Attente(demarche=demarche.numero, decision=decisions[fiche.dossier.number], causes=causes)


def _lisible(atelier: Atelier, numero: int) -> tuple[Fiche, Historique] | None:
    """The dossier as stored; None when it cannot be read back: the next pass sets it aside and `status` tells it."""
    try:
        return atelier.base.dossiers.dossier(numero)
    except StoreError:
        return None
