"""What another set of rules leaves as it is: the dossiers of which it finds the very same are not judged again.

A judgement knows the rules by what they find, and by the referentials they lack: nothing else of it changes with them.
A dossier that nothing but the policy has judged again, and of which each rule that changed finds what it found, is
where it would be had the rules stayed as they were; so it stays there. Whatever the day or the others change in it is
seen to as in any dossier of which nothing changed (`Evaluation.a_revoir_le`, `ports.Monde.deplaces`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import cast

from connector.core import empreintes
from connector.core.candidature import Candidature, PasLu, lire, lire_en_partie
from connector.core.correspondance import Resolution
from connector.core.evaluation import AConfirmer, Jeu
from connector.core.fiche import Retenue
from connector.core.model import Dossier
from connector.core.projet import Projet, projet
from connector.core.regles import Contexte, Regle, evaluer
from connector.core.situation import Situation
from connector.ports import Passage

LOT = 200
"""Dossiers confirmed together."""

_TOUT, _PROJET, _SITUATION = "", "projet()", "situation()"
"""What may be wanted besides a field: all of them, the project, the world around."""


def confirm(p: Passage, resolution: Resolution) -> None:
    """Keep the judgements of the pending dossiers that the rules which changed leave as they are.

    Under another policy alone, with the same content and annotations, nothing left to do, no date reached. The texts
    that the rules rest on, their keys and their order are no option of theirs: with others, everything is judged again.
    """
    changees = _changees(p)
    if not changees:
        return
    cles = frozenset(cle for ensemble in changees.values() for cle in ensemble)
    lecteur = _Lecteur(p=p, resolution=resolution, regles=tuple(r for r in p.consigne.regles if r.cle in cles))
    confirmes: list[int] = []
    for found in p.bord.dossiers.confirmables(
        p.consigne.demarche,
        politique=p.consigne.empreinte,
        anciennes=changees.keys(),
        regles=cles,
        retenue=lecteur.retenue,
        now=p.bord.now(),
    ):
        if p.bord.arrete():
            break
        if not lecteur.finds_the_same(found, changees[found.politique]):
            continue
        confirmes.append(found.dossier.number)
        p.rapport.examines += 1
        p.bord.progres("examen", p.rapport.examines, 0)
        if len(confirmes) >= LOT:
            p.bord.dossiers.confirm(p.consigne.demarche, confirmes)
            confirmes = []
    p.bord.dossiers.confirm(p.consigne.demarche, confirmes)


def _changees(p: Passage) -> dict[str, frozenset[str]]:
    """The keys of the rules that ask something else than under each earlier policy that differs by nothing more."""
    consigne = p.consigne
    if not consigne.autres:
        return {}
    connus = p.bord.dossiers.politiques()
    jeu = connus.get(consigne.empreinte) or Jeu(
        autres=consigne.autres, regles=tuple((regle.cle, empreintes.of(regle)) for regle in consigne.regles)
    )
    if consigne.empreinte not in connus:
        p.bord.dossiers.save_politique(consigne.empreinte, jeu, now=p.bord.now())
    found = {
        empreinte: jeu.autrement(ancien) for empreinte, ancien in connus.items() if empreinte != consigne.empreinte
    }
    return {empreinte: cles for empreinte, cles in found.items() if cles is not None}


class _Plus:
    """In the place of what was not worked out: whoever looks at it says so."""

    def __init__(self, quoi: str) -> None:
        self._quoi = quoi

    def __getattr__(self, _nom: str) -> object:
        raise PasLu(self._quoi)


class _Lecteur:
    """Reads of each dossier what the rules that changed look at, and learns what that is when they want more."""

    def __init__(self, *, p: Passage, resolution: Resolution, regles: tuple[Regle, ...]) -> None:
        self._p, self._resolution, self._regles = p, resolution, regles
        self._voulu = set(_named(regles)) | ({_SITUATION} if any(regle.repose_sur for regle in regles) else set())
        self._lue = resolution

    def retenue(self) -> Retenue:
        """The champs and annotations to read from now on."""
        r = self._resolution
        if self._voulu.isdisjoint({_TOUT, _PROJET, _SITUATION}):
            self._lue = replace(
                r,
                champs=tuple(c for c in r.champs if c.cle in self._voulu),
                saisies=tuple(c for c in r.saisies if c.cle in self._voulu),
            )
        else:
            self._lue = r
        return replace(self._lue, annotations={}).retenue

    def finds_the_same(self, found: AConfirmer, cles: Collection[str]) -> bool:
        """Whether those rules find in that dossier what was found.

        False when what was read of it is not enough to tell: the next ones are then read further.
        """
        regles = [regle for regle in self._regles if regle.cle in cles]
        try:
            candidature, contexte = self._vu(found.dossier)
            trouves = evaluer(regles, candidature, contexte)
            requis = frozenset(r for regle in regles for r in regle.repose_sur)
            manque = requis and not requis <= {v.referentiel for v in contexte.situation.versions}
        except PasLu as error:
            self._voulu.add(error.quoi)
            return False
        return not manque and trouves == tuple(c for c in found.constats if c.regle in cles)

    def _vu(self, dossier: Dossier) -> tuple[Candidature, Contexte]:
        """The dossier as rules see it; what was not read or worked out says so to whoever asks for it."""
        p, lu, situation = self._p, cast("Projet", _Plus(_PROJET)), cast("Situation", _Plus(_SITUATION))
        if self._lue is self._resolution:
            candidature = lire(dossier, self._resolution)
            lu = projet(candidature, p.consigne.vocabulaire)
            situation = p.bord.situer(lu, dossier) if _SITUATION in self._voulu else situation
        else:
            candidature = lire_en_partie(dossier, self._resolution, self._lue)
        return candidature, Contexte(
            aujourd_hui=p.bord.aujourd_hui(), projet=lu, situation=situation, campagne=p.consigne.campagne
        )


def _named(regles: Iterable[Regle]) -> Iterator[str]:
    """The fields that those rules name."""
    for regle in regles:
        for champ in (*(r.champ for r in regle.references()), *(c.champ for c in regle.si)):
            yield champ.partition(".")[0]
