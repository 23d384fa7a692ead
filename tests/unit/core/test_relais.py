"""Who may take over a post that was given back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from connector.core.constat import Source, Statut
from connector.core.model import DossierState
from connector.core.quota import (
    CleQuota,
    ModeQuota,
    Nature,
    ParametresQuota,
    Quota,
    StatutQuota,
    TypeDemande,
    compte,
    quota_effectif,
)
from connector.core.registre import constats_du_registre, inscription
from connector.core.relais import postes_libres
from connector.core.situation import Relais, Situation
from tests.unit.core.test_registre import PROJET, plain
from tests.unit.core.test_vie import WITHDRAWN, accorde, apres
from tests.unit.store.fabrique import dossier

CLE = CleQuota(promotion="2023-2025", region="24", categorie=PROJET.categorie)


def inscrit(number, **champs):
    return replace(inscription(dossier(number, state=DossierState.EN_INSTRUCTION), PROJET, sceller=str), **champs)


def relais(number, *inscrits, postes=None, compteurs=None):
    return postes_libres([apres(WITHDRAWN)] if postes is None else postes, inscrits, compteurs).relais(number)


def compteurs(places, *inscrits, mode=ModeQuota.ORDRE):
    quota = Quota(
        cle=CLE,
        valeur=places,
        nature=Nature.REGIONAL,
        statut=StatutQuota.DEFINITIF,
        source=Source(texte="cahier", opposable=True),
        date_effet=date(2023, 1, 1),
    )
    effectif = quota_effectif([quota], CLE, date(2023, 12, 1))
    parametres = ParametresQuota(mode=mode, poids_un_an=Decimal(1))
    return compte(effectif, [apres(WITHDRAWN)], [i.pretendant for i in inscrits], parametres)


def test_the_first_of_the_waiting_list_is_the_one_of_the_lowest_rank_and_is_told_who_left():
    list_ = (inscrit(310, en_attente=True, rang=2), inscrit(311, en_attente=True, rang=1), inscrit(312))
    assert relais(101, *list_) == Relais(premier=311, rang=1)
    assert relais(311, *list_) == Relais(libere_par=101)
    assert relais(310, *list_) is None


def test_nobody_is_called_while_a_replacement_is_examined():
    list_ = (inscrit(310, en_attente=True), inscrit(202, demande=TypeDemande.REMPLACEMENT, lien=101))
    assert relais(101, *list_) == Relais(remplacant=202)
    assert relais(310, *list_) is None


def test_nobody_is_called_for_a_post_that_nobody_gave_back_nor_where_no_place_is_left():
    waiting = inscrit(310, en_attente=True)
    assert relais(101, waiting, postes=[accorde()]) is None
    assert relais(101, waiting, compteurs=compteurs(0, waiting)) == Relais()
    assert relais(101, waiting, compteurs=compteurs(1, waiting, mode=ModeQuota.INFORMATIF)) == Relais(premier=310)


def test_where_the_quota_makes_the_list_the_first_it_now_reaches_is_called():
    reached, beyond = inscrit(310), inscrit(311, en_attente=True)
    assert relais(101, reached, beyond, compteurs=compteurs(1, reached, beyond)) == Relais(premier=310)


def test_the_first_who_waits_reads_that_a_post_is_free_and_that_people_decide():
    (constat,) = constats_du_registre(Situation(relais=Relais(libere_par=101)))
    assert (constat.statut, constat.regle) == (Statut.A_VERIFIER, "poste_libere")
    assert "désistement du dossier n° 101" in plain(constat.phrase)
    assert "à l’ARS de décider" in constat.phrase
