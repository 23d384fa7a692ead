"""From what the rules found to our opinion, and to the line that lets an instructor decide in thirty seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector.core.constat import AvisPropose, Constat, Effet, Statut
from connector.core.evaluation import Proposition
from connector.core.montants import pluriel
from connector.core.regles.piece_obligatoire import PIECE
from connector.core.textes import typographier

POINTS = 5
"""How many points an instructor is shown at once; the others are counted."""

_RESOLUS = frozenset({Statut.OK, Statut.SANS_OBJET})


def proposer(constats: Sequence[Constat], *, complements: Iterable[str] = (), attente: bool = False) -> Proposition:
    """Our opinion (domaine, decision 2), in the declared order of the rules.

    The first blocking KO gives its avis; else the first thing to verify; else Favorable, or Liste d'attente when no
    place is left for it (`attente`). A KO that rests on texts that are not opposable never gives Défavorable
    (decision 1). `complements` end the synthesis: prime, quota…
    """
    avis = opinion(constats)
    if attente and avis is AvisPropose.FAVORABLE:
        avis = AvisPropose.LISTE_D_ATTENTE
    synthese = " · ".join((avis.value.upper(), *_fragments(constats), *complements))
    return Proposition(
        avis=avis,
        synthese=typographier(" ".join(synthese.splitlines())),
        points=_points(constats),
        constats=tuple(constats),
    )


def opinion(constats: Iterable[Constat]) -> AvisPropose:
    """The avis alone."""
    tous = list(constats)
    bloquants = (c.avis for c in tous if blocks(c))
    a_verifier = AvisPropose.A_VERIFIER if any(map(doubts, tous)) else AvisPropose.FAVORABLE
    return next(bloquants, a_verifier)


def blocks(constat: Constat) -> bool:
    """Whether it gives its avis by itself: a blocking KO, but no unfavourable one without an opposable text."""
    defavorable = constat.avis is AvisPropose.DEFAVORABLE and not constat.source.opposable
    return constat.statut is Statut.KO and constat.effet is Effet.BLOQUANT and not defavorable


def doubts(constat: Constat) -> bool:
    """Whether a human must look: anything doubtful or refused, short of `blocks`, that bears on the avis."""
    pese = constat.effet in {Effet.BLOQUANT, Effet.A_VERIFIER}
    return pese and constat.statut in {Statut.KO, Statut.A_VERIFIER} and not blocks(constat)


def complet(constats: Iterable[Constat]) -> bool:
    """True when nothing is left for the applicant to complete, nor in doubt of it.

    Only a blocking rule can have « À compléter » for avis (`Regle.constat`).
    """
    return all(c.statut in _RESOLUS for c in constats if c.avis is AvisPropose.A_COMPLETER)


def resume_pieces(constats: Iterable[Constat]) -> str:
    """« 4/5 pièces (manque : convention) »; "" when no piece is asked of this dossier."""
    pieces = [c for c in constats if c.court.startswith(PIECE) and c.effet is Effet.BLOQUANT]
    if not pieces:
        return ""
    bonnes = sum(c.statut is Statut.OK for c in pieces)
    manques = _liste("manque", (c for c in pieces if c.statut is Statut.KO))
    doutes = _liste("à revoir", (c for c in pieces if c.statut is Statut.A_VERIFIER))
    details = " ; ".join(filter(None, (manques, doutes)))
    return typographier(f"{bonnes}/{pluriel(len(pieces), 'pièce')}" + (f" ({details})" if details else ""))


def _liste(titre: str, pieces: Iterable[Constat]) -> str:
    noms = ", ".join(c.court.removeprefix(PIECE) for c in pieces)
    return f"{titre} : {noms}" if noms else ""


def _fragments(constats: Sequence[Constat]) -> list[str]:
    """The pieces counted together, then each other rule that has something to show."""
    fragments = [resume_pieces(constats)]
    fragments += [
        f"{c.court} {_marque(c)}"
        for c in constats
        if c.court and not (c.court.startswith(PIECE) and c.effet is Effet.BLOQUANT)
    ]
    return [f for f in fragments if f]


def _marque(constat: Constat) -> str:
    if constat.statut is Statut.OK:
        return "✓"
    return "✗" if blocks(constat) else "?"


def _points(constats: Iterable[Constat]) -> tuple[str, ...]:
    """What to look at, what blocks first; the last line counts what does not fit."""
    a_dire = [c for c in constats if c.statut not in _RESOLUS]
    phrases = list(dict.fromkeys(c.phrase for c in sorted(a_dire, key=_urgence)))
    reste = len(phrases) - POINTS
    if reste <= 0:
        return tuple(phrases)
    return (*phrases[:POINTS], f"Et {pluriel(reste, 'autre point', 'autres points')}.")


def _urgence(constat: Constat) -> int:
    return 0 if blocks(constat) else 1 if doubts(constat) else 2
