"""What we said of a dossier, and what the next decision needs to know of the past."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime

from connector.core.constat import AvisPropose, Constat
from connector.core.model import Dossier
from connector.core.plan import EtatIntention, Intention


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposition:
    """Our opinion on a dossier. `synthese` is one line, `points` what an agent should look at, most urgent first.

    `labels` are the keys of the labels that the dossier's figures and kind call for, besides those the avis calls for.
    `version` names the rules, `referentiels` the texts it was judged by: what must be told of it later.
    """

    avis: AvisPropose
    synthese: str
    points: tuple[str, ...]
    constats: tuple[Constat, ...]
    labels: tuple[str, ...] = ()
    version: str = ""
    referentiels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One dossier judged once.

    `contenu` and `politique` are the digests it was judged on; `proposees` the digest of our annotations once the plan
    is applied. `a_pousser` is True while the plan is not wholly applied; `avis_depuis` is the day the avis changed.
    """

    dossier: int
    contenu: str
    politique: str
    proposees: str
    proposition: Proposition
    avis_depuis: date
    evaluee_le: datetime
    a_pousser: bool
    a_revoir_le: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Jeu:
    """What a policy is made of: the digest of all but its rules, and each rule's own, in their order.

    `autres` covers the rules' keys, their order and the texts they rest on: with the same one, only options differ.
    """

    autres: str
    regles: tuple[tuple[str, str], ...]

    def autrement(self, ancien: Jeu) -> frozenset[str] | None:
        """The keys of the rules that ask something else than in an earlier policy; None when more than that differs."""
        if ancien.autres != self.autres:
            return None
        return frozenset(
            cle for (cle, digest), (_, avant) in zip(self.regles, ancien.regles, strict=True) if digest != avant
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AConfirmer:
    """A dossier that only another policy has judged again: what was asked for of it, and of what was found in it.

    `politique` is the one it was judged under.
    """

    dossier: Dossier
    politique: str
    constats: tuple[Constat, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Historique:
    """The past of one dossier: its last evaluation, and every intent of the ledger on it, oldest request first."""

    evaluation: Evaluation | None = None
    intentions: tuple[Intention, ...] = ()

    def done(self, fingerprint: str) -> bool:
        """Whether the ledger already holds this effect as done, or in a human's hands."""
        over = {EtatIntention.DONE, EtatIntention.HANDED_TO_HUMAN}
        return any(i.fingerprint == fingerprint and i.state in over for i in self.intentions)

    def written(self, annotation_id: str) -> frozenset[str] | None:
        """Digests of what we wrote last in that annotation, None if we never did.

        More than one when the last request has no known answer: either value may be there.
        """
        digests: list[str] | None = None
        for intention in self.intentions:
            # A DS id is base64 and may itself end with « == »: the digest is what follows the last one.
            found = [c.rpartition("=")[2] for c in intention.cible if c.rpartition("=")[0] == annotation_id]
            if intention.kind != "annotations" or not found:
                continue
            if intention.state is EtatIntention.DONE:
                digests = found
            elif intention.state in {EtatIntention.SENDING, EtatIntention.UNKNOWN}:
                digests = (digests or []) + found
        return None if digests is None else frozenset(digests)

    def labelled(self, label_id: str) -> bool:
        """Whether the last thing we did with that label was to put it on."""
        kinds = [i.kind for i in self.intentions if i.cible == (label_id,) and i.state is EtatIntention.DONE]
        return bool(kinds) and kinds[-1] == "ajout_label"

    def reached_people(self, *, since: datetime) -> int:
        """How many messages and state changes went out, or may have, since that instant."""
        return self._sent({"message", "etat"}, since)

    def annotated(self, *, since: datetime) -> int:
        """How many times annotations were written, or may have been, since that instant."""
        return self._sent({"annotations"}, since)

    def _sent(self, kinds: Container[str], since: datetime) -> int:
        out = {EtatIntention.DONE, EtatIntention.SENDING, EtatIntention.UNKNOWN}
        return sum(
            i.kind in kinds and i.state in out and i.sent_at is not None and i.sent_at >= since for i in self.intentions
        )
