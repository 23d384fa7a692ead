"""From what the rules found to our opinion, and to the line that lets an instructor decide in thirty seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from connector.core.constat import AvisPropose, Constat, Effet, Statut
from connector.core.evaluation import Proposition
from connector.core.montants import pluriel
from connector.core.regles.piece_obligatoire import PIECE
from connector.core.textes import entre_parentheses, typographier

POINTS = 5
"""How many points an instructor is shown at once; the others are counted."""

LONGUEUR = 200
"""How long a synthesis may be before what is in order is counted rather than named."""

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
    return Proposition(
        avis=avis,
        synthese=_ligne(avis, constats, tuple(complements)),
        points=_points(constats),
        constats=tuple(constats),
    )


def opinion(constats: Iterable[Constat]) -> AvisPropose:
    """The avis alone."""
    tous = list(constats)
    bloquants = (c.avis for c in tous if blocks(c))
    a_verifier = AvisPropose.A_VERIFIER if any(map(doubts, tous)) else AvisPropose.FAVORABLE
    return next(bloquants, a_verifier)


def favorable(constats: Iterable[Constat]) -> bool:
    """Whether the avis is Favorable; no more findings are asked for than it takes to say no."""
    return not any(blocks(c) or doubts(c) for c in constats)


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
    pieces = [c for c in constats if est_piece(c)]
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


def _ligne(avis: AvisPropose, constats: Sequence[Constat], complements: tuple[str, ...]) -> str:
    """The synthesis: the avis, why, the pieces, what else there is to know, what is in order, and the complements.

    What is in order is counted rather than named, from the last declared, as far as the line is too long.
    """
    fragments = sorted(_fragments(constats), key=lambda fragment: fragment[0])
    a_dire = [texte for rang, texte in fragments if rang is not _Rang.EN_ORDRE]
    en_ordre = [texte for rang, texte in fragments if rang is _Rang.EN_ORDRE]
    lignes = [
        _une_ligne((avis.value.upper(), *a_dire, *_abrege(en_ordre, nommes), *complements))
        for nommes in range(len(en_ordre), -1, -1)
    ]
    return next((ligne for ligne in lignes if len(ligne) <= LONGUEUR), lignes[-1])


def _une_ligne(fragments: Iterable[str]) -> str:
    return typographier(" ".join(" · ".join(fragments).splitlines()))


def _abrege(en_ordre: Sequence[str], nommes: int) -> list[str]:
    """The first ones named, the others counted."""
    reste = len(en_ordre) - nommes
    return [*en_ordre[:nommes], *([f"{pluriel(reste, 'autre point', 'autres points')} ✓"] if reste else [])]


class _Rang(IntEnum):
    """Where a part of the synthesis stands in the line."""

    BLOQUE = 0
    DOUTE = 1
    PIECES = 2
    INFORME = 3
    EN_ORDRE = 4


def _fragments(constats: Sequence[Constat]) -> Iterator[tuple[_Rang, str]]:
    """Each part and its place: the pieces counted together, then each rule that has something to show.

    A rule about a piece that is already said to be missing adds nothing to the line.
    """
    pieces = [c for c in constats if est_piece(c)]
    manquent = {c.court.removeprefix(PIECE) for c in pieces if c.statut is Statut.KO}
    if pieces:
        yield min(_Rang.PIECES, *map(_rang, pieces)), resume_pieces(pieces)
    for constat in constats:
        if constat.court and not est_piece(constat) and constat.court not in manquent:
            yield _rang(constat), f"{constat.court} {_marque(constat)}"


def est_piece(constat: Constat) -> bool:
    """A piece that blocks: the others are shown each on its own."""
    return constat.court.startswith(PIECE) and constat.effet is Effet.BLOQUANT


def _rang(constat: Constat) -> _Rang:
    if constat.statut in _RESOLUS:
        return _Rang.EN_ORDRE
    if blocks(constat):
        return _Rang.BLOQUE
    return _Rang.DOUTE if doubts(constat) else _Rang.INFORME


def _marque(constat: Constat) -> str:
    if constat.statut is Statut.OK:
        return "✓"
    return "✗" if blocks(constat) else "?"


def _points(constats: Iterable[Constat]) -> tuple[str, ...]:
    """What to look at and by which text, what blocks first; the last line counts what does not fit."""
    a_dire = [c for c in constats if c.statut not in _RESOLUS]
    phrases = list(
        dict.fromkeys(typographier(f"{c.phrase} {entre_parentheses(_texte(c))}") for c in sorted(a_dire, key=_urgence))
    )
    reste = len(phrases) - POINTS
    if reste <= 0:
        return tuple(phrases)
    return (*phrases[:POINTS], f"Et {pluriel(reste, 'autre point', 'autres points')}.")


def _texte(constat: Constat) -> str:
    """The first text that the rule rests on; `explain` gives them all."""
    return constat.source.texte.split(" ; ")[0]


def _urgence(constat: Constat) -> int:
    return 0 if blocks(constat) else 1 if doubts(constat) else 2
