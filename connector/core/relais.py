"""Who may take over a post that was given back: a replacement under examination, or the first who waits.

It is announced to the instructors, never decided: an ARS is free to leave a post vacant (cahier §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connector.core.poste import EtatPoste, Poste
from connector.core.quota import Compteurs, Pretendant, TypeDemande, ordre
from connector.core.registre import Inscription
from connector.core.situation import Relais


@dataclass(frozen=True, slots=True, kw_only=True)
class PostesLibres:
    """The freed posts of one quota: who gave each back and who asks to take it over, and the first who waits."""

    remplacants: Mapping[int, int | None]
    premier: Pretendant | None

    def relais(self, dossier: int) -> Relais | None:
        """What they mean for that dossier; None when they mean nothing to it."""
        if dossier in self.remplacants:
            remplacant = self.remplacants[dossier]
            appele = self.premier if remplacant is None else None
            return Relais(
                remplacant=remplacant, premier=appele.dossier if appele else None, rang=appele.rang if appele else None
            )
        if self.premier is None or self.premier.dossier != dossier:
            return None
        return Relais(libere_par=min(numero for numero, pris in self.remplacants.items() if pris is None))


def postes_libres(
    postes: Iterable[Poste], inscrits: Iterable[Inscription], compteurs: Compteurs | None
) -> PostesLibres:
    """The freed posts among those of one quota.

    `inscrits` are its dossiers still in the running; `compteurs` None when it is not followed.
    """
    en_lice = list(inscrits)
    libres = {p.titulaire.dossier: _remplacant(p, en_lice) for p in postes if p.etat is EtatPoste.VACANT}
    return PostesLibres(remplacants=libres, premier=_premier(en_lice, compteurs) if None in libres.values() else None)


def _remplacant(poste: Poste, en_lice: list[Inscription]) -> int | None:
    """The oldest dossier that asks to take that post over."""
    siens = (i for i in en_lice if i.demande is TypeDemande.REMPLACEMENT and i.lien == poste.titulaire.dossier)
    return min((i.dossier for i in siens), default=None)


def _premier(en_lice: list[Inscription], compteurs: Compteurs | None) -> Pretendant | None:
    """The first to be called: nobody while no place is left.

    Those who wait are those whom an agent put on the list; where the quota makes the list, those it now reaches come
    before them, for they are on it no more.
    """
    if compteurs is not None and compteurs.disponibles == 0:
        return None
    servis = compteurs.servis if compteurs else ()
    appelables = [i for i in en_lice if i.dossier in servis] or [i for i in en_lice if i.en_attente]
    return min((p for i in appelables if (p := i.pretendant)), key=ordre, default=None)
