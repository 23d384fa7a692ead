"""A message proposed to an agent: what « Message proposé » should hold, and what « Envoi validé » sets going.

The tick of a box is a human decision: what goes out is the very text that was there when it was ticked, edited or not.
It counts only if nothing changed under it: neither the text, were it ours, nor the dossier. A text that a human typed
is never replaced; once sent, it is taken away and the box unticked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.core import empreintes
from connector.core.correspondance import Resolution
from connector.core.courrier import RIEN, Validation
from connector.core.decide import TEXTE, changed_by_human, is_blank
from connector.core.evaluation import Historique
from connector.core.model import Champ, Dossier
from connector.core.plan import CleAnnotation, Ecriture, EnvoyerMessage
from connector.core.reconcile import already_sent

CASE = "envoi_valide"
"""Key of the annotation that sends the text."""

LIBRE = "libre"
"""The template of a text that is an agent's own."""

REPOS = timedelta(minutes=5)
"""How long a text must have stood still when it was edited after the box was ticked: DS saves while people type."""

FRAICHEUR = timedelta(days=7)
"""How long a proposed text stays as it is: its deadline is counted from the day it was written."""

DEJA_PARTI = "un message de même référence est déjà parti ; pour en envoyer un autre, effacez la ligne « Réf. »"
CHANGE = "le dossier ou le texte a changé depuis que la case a été cochée ; relisez, puis cochez à nouveau"

_CLES = {"CheckboxChamp": CleAnnotation.CHECKBOX, "YesNoChamp": CleAnnotation.YES_NO}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Boite:
    """The two annotations as they stand, and what we would propose there."""

    dossier: Dossier
    texte: Champ
    case: Champ | None
    a_nous: bool
    voulu: EnvoyerMessage | None
    maintenant: datetime

    @property
    def contenu(self) -> str:
        """The text, as it would be sent."""
        value = self.texte.value
        return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""

    @property
    def reference(self) -> str | None:
        """The reference that the text carries, if it is one of this dossier's."""
        found = empreintes.reference_in(self.contenu)
        return found if found and found.startswith(f"{self.dossier.number}-") else None

    @property
    def message(self) -> EnvoyerMessage:
        """The text as a message: the one we proposed, where it still carries its reference or asks in its stead."""
        libre = empreintes.reference(self.dossier.number, empreintes.of(LIBRE, empreintes.of_text(self.contenu)))
        reference = self.reference or libre
        line = "" if self.reference else f"\n\n{empreintes.reference_line(reference)}"
        socle = self.voulu if self.voulu and self.reference in {None, self.voulu.reference} else None
        if socle is None:
            return EnvoyerMessage(template=LIBRE, body=self.contenu + line, reference=reference, tour=self.dossier.tour)
        return replace(socle, body=self.contenu + line, reference=reference)

    @property
    def envoye(self) -> bool:
        """Whether this very text lies in the dossier."""
        sent = empreintes.of_text(self.message.body)
        return any(m.empreinte == sent for m in self.dossier.messages if m.email != self.dossier.usager_email)


def valider(
    dossier: Dossier,
    voulu: EnvoyerMessage | None,
    resolution: Resolution,
    historique: Historique,
    *,
    propose: bool,
    maintenant: datetime,
    gele: bool = False,
) -> Validation:
    """What to do with « Message proposé » and « Envoi validé »; `propose`: the wanted message waits for an agent.

    Nothing where the form has no such annotation. `gele`: nothing may be sent for now, so nothing new is proposed.
    """
    boite = _boite(dossier, voulu, resolution, historique, maintenant)
    if boite is None:
        return RIEN
    propose_ = voulu if propose else None
    if boite.case is None or boite.case.value is not True:
        return RIEN if gele else _proposer(boite, propose_)
    case = boite.case
    decoche = Ecriture(id=case.id, label=case.label, cle=_CLES[case.typename], value=False)
    return _obeir(boite, _ecrit_le(case, dossier), decoche, propose_)


def _boite(
    dossier: Dossier,
    voulu: EnvoyerMessage | None,
    resolution: Resolution,
    historique: Historique,
    maintenant: datetime,
) -> _Boite | None:
    target = resolution.annotations.get(TEXTE)
    shown = {a.descriptor_id: a for a in dossier.annotations}
    texte = shown.get(target.id) if target else None
    if texte is None or target is None:
        return None
    ids = [i for saisie in resolution.saisies if saisie.cle == CASE for i in saisie.ids]
    case = next((shown[i] for i in ids if i in shown and shown[i].typename in _CLES), None)
    a_nous = target.ecraser or not changed_by_human(texte, dossier, historique)
    return _Boite(dossier=dossier, texte=texte, case=case, a_nous=a_nous, voulu=voulu, maintenant=maintenant)


def _proposer(boite: _Boite, voulu: EnvoyerMessage | None) -> Validation:
    """What an unticked box calls for: our text there while it is wanted, and away once it is not, or was sent.

    A text that an agent took away stays away until the applicant submits again.
    """
    body = voulu.body if voulu else ""
    ecrit_le = _ecrit_le(boite.texte, boite.dossier)
    if is_blank(boite.texte):
        efface = not boite.a_nous and ecrit_le >= boite.dossier.tour
        return RIEN if efface or not body else Validation(propose=body, libre=True)
    if boite.envoye:
        return Validation(propose=body, libre=True)
    if not boite.a_nous and not body:
        return RIEN
    frais_jusqu_a = ecrit_le + FRAICHEUR - boite.maintenant
    if voulu is not None and boite.a_nous and boite.reference == voulu.reference and frais_jusqu_a > timedelta(0):
        return Validation(revoir=frais_jusqu_a)
    return Validation(propose=body)


def _obeir(boite: _Boite, coche_le: datetime, decoche: Ecriture, voulu: EnvoyerMessage | None) -> Validation:
    """What a ticked box calls for: the text goes, unless it did, or something changed under the tick."""
    body, ecrit_le = voulu.body if voulu else "", _ecrit_le(boite.texte, boite.dossier)
    if not boite.contenu:
        return Validation(propose=body or None, case=decoche, retenue="« Message proposé » est vide")
    if boite.envoye:
        return Validation(propose=body, libre=True, case=decoche)
    if already_sent(boite.dossier, boite.message.reference, ""):
        return Validation(case=decoche, retenue=DEJA_PARTI)
    perime = voulu is None or boite.reference != voulu.reference
    if coche_le < boite.dossier.tour or (boite.a_nous and (perime or ecrit_le > coche_le)):
        return Validation(propose=body if boite.a_nous else None, case=decoche, retenue=CHANGE)
    if ecrit_le > coche_le and boite.maintenant - ecrit_le < REPOS:
        return Validation(revoir=REPOS)
    return Validation(envoi=boite.message)


def _ecrit_le(annotation: Champ, dossier: Dossier) -> datetime:
    """When it was last written; in doubt, when the dossier was filed."""
    return annotation.updated_at or dossier.date_depot
