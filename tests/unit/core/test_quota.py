"""Places: what the annex gives, what the region adds, who waits and who never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.core import annexe_dgos
from connector.core.constat import Source
from connector.core.poste import Attribution, Categorie, Poste, Quotites, constate_prise_de_fonction, desiste, ouvre
from connector.core.quota import (
    CleQuota,
    ModeQuota,
    Nature,
    ParametresQuota,
    Pretendant,
    Quota,
    StatutQuota,
    TypeDemande,
    compte,
    hors_quota,
    nom_de_promotion,
    quota_effectif,
)

CVL_II = CleQuota(promotion="2023-2025", region="24", categorie=Categorie.II)
CAHIER = Source(texte="Cahier des charges « Postes médecins spécialistes partagés ville/hôpital »", opposable=False)
JOUR = date(2026, 10, 1)
SIX = Quota(
    cle=CVL_II,
    valeur=6,
    nature=Nature.REGIONAL,
    statut=StatutQuota.DEFINITIF,
    source=CAHIER,
    date_effet=date(2023, 7, 8),
)
INFORMATIF = ParametresQuota(mode=ModeQuota.INFORMATIF, poids_un_an=Decimal(1))
ORDRE = replace(INFORMATIF, mode=ModeQuota.ORDRE)
SURCHARGE = quota_effectif((*annexe_dgos.QUOTAS, SIX), CVL_II, JOUR)


def poste(dossier: int, **champs) -> Poste:
    attribution = Attribution(
        dossier=dossier,
        accepte_le=date(2023, 9, 1),
        promotion="2023-2025",
        categorie=Categorie.II,
        region="24",
        etablissement="26370010600010",
        quotites=Quotites(hospitaliere=Decimal(50), ambulatoire=Decimal(50)),
        debut=date(2023, 11, 1),
        duree_mois=24,
        cout=None,
    )
    return ouvre(replace(attribution, **champs))


def desistement(dossier: int) -> Poste:
    resultat = desiste(poste(dossier), dossier, date(2023, 10, 1))
    assert isinstance(resultat, Poste)
    return resultat


def pretendant(dossier: int, **champs) -> Pretendant:
    defauts = {
        "dossier": dossier,
        "cle": CVL_II,
        "type_demande": TypeDemande.NOUVELLE,
        "depose_le": datetime(2026, 10, dossier % 28 + 1, tzinfo=UTC),
        "duree_mois": 24,
    }
    return Pretendant(**{**defauts, **champs})


SIX_ACCORDES = tuple(poste(numero) for numero in range(101, 107))


# --- the annex ---


def test_the_annex_adds_up_to_what_its_last_line_says():
    sommes = {c: sum(q.valeur or 0 for q in annexe_dgos.QUOTAS if q.cle.categorie is c) for c in Categorie}
    assert sommes == annexe_dgos.TOTAUX == {Categorie.I: 250, Categorie.II: 80, Categorie.III: 50}


def test_the_annex_has_eighteen_regions_and_leaves_cells_without_object():
    assert len(annexe_dgos.QUOTAS) == 18 * 3
    sans_objet = {(q.cle.region, q.cle.categorie) for q in annexe_dgos.QUOTAS if q.valeur is None}
    outre_mer = {"01", "02", "03", "04", "06"}
    assert sans_objet == {
        (ligne.region, categorie)
        for ligne in annexe_dgos.REPARTITION
        for categorie in Categorie
        if (ligne.region in outre_mer) != (categorie is Categorie.III)
    }


def test_the_annex_names_a_source_that_is_not_opposable():
    assert "DGOS/RH1/2023/115" in annexe_dgos.SOURCE.texte
    assert not annexe_dgos.SOURCE.opposable


# --- which number applies ---


def test_the_region_s_number_wins_and_says_how_far_it_goes_beyond_the_national_one():
    assert SURCHARGE.ouverts == 6
    assert SURCHARGE.avertissements == (
        "2\u00a0postes au-delà de la dotation nationale 2023-2025 (4) : précisez le financement.",
    )


def test_without_a_regional_number_the_national_one_applies_without_a_word():
    quota = quota_effectif(annexe_dgos.QUOTAS, CVL_II, JOUR)
    assert (quota.ouverts, quota.avertissements) == (4, ())


def test_a_regional_number_within_the_national_one_needs_no_warning():
    assert quota_effectif((*annexe_dgos.QUOTAS, replace(SIX, valeur=3)), CVL_II, JOUR).avertissements == ()


def test_a_regional_number_alone_has_nothing_to_be_compared_with():
    assert quota_effectif((SIX,), CVL_II, JOUR).avertissements == ()


def test_a_regional_number_where_the_annex_has_none_is_all_beyond_it():
    cle = replace(CVL_II, categorie=Categorie.III)
    quota = quota_effectif((*annexe_dgos.QUOTAS, replace(SIX, cle=cle, valeur=1)), cle, JOUR)
    assert quota.avertissements[0].startswith("1\u00a0poste au-delà de la dotation nationale 2023-2025 (0)")


def test_a_definitive_number_replaces_a_provisional_one_and_a_later_one_an_older():
    provisoire = replace(SIX, valeur=5, statut=StatutQuota.PROVISOIRE, date_effet=date(2024, 1, 1))
    plus_tard = replace(SIX, valeur=7, date_effet=date(2025, 1, 1))
    assert quota_effectif((SIX, provisoire), CVL_II, JOUR).ouverts == 6
    assert quota_effectif((SIX, plus_tard), CVL_II, JOUR).ouverts == 7
    assert quota_effectif((SIX, plus_tard), CVL_II, date(2024, 12, 31)).ouverts == 6
    seul = quota_effectif((provisoire,), CVL_II, JOUR)
    assert seul.provisoire
    assert "Le quota de la promotion 2023-2025 est provisoire." in seul.avertissements
    assert compte(seul, (), (), INFORMATIF).texte() == "0\u00a0accordé / 5 ; quota provisoire"


# --- unknown and without object ---


@pytest.mark.parametrize("parametres", [INFORMATIF, ORDRE])
def test_an_unknown_quota_never_blocks(parametres):
    inconnu = quota_effectif(annexe_dgos.QUOTAS, replace(CVL_II, promotion="2024-2026"), JOUR)
    compteurs = compte(inconnu, (), [pretendant(n, cle=inconnu.cle) for n in range(20)], parametres)
    assert (compteurs.attente, compteurs.ouverts, compteurs.disponibles, compteurs.depassement) == ((), None, None, 0)
    assert "aucun dossier n'est bloqué" in compteurs.avertissements[0]
    assert compteurs.texte() == "0\u00a0accordé, quota non saisi, 20\u00a0réservés"


def test_a_category_without_object_is_said_and_never_queued():
    cle = replace(CVL_II, categorie=Categorie.III)
    compteurs = compte(quota_effectif(annexe_dgos.QUOTAS, cle, JOUR), (), [pretendant(1, cle=cle)], ORDRE)
    assert compteurs.attente == ()
    assert "sans objet" in compteurs.texte()
    assert "vérifiez le dépôt" in compteurs.avertissements[0]


# --- counters ---


def test_three_granted_of_six_and_one_reserved_reads_in_one_line():
    compteurs = compte(SURCHARGE, SIX_ACCORDES[:3], [pretendant(1)], INFORMATIF)
    assert compteurs.texte() == "3\u00a0accordés / 6, 1\u00a0réservé"
    assert (compteurs.accordes, compteurs.reserves, compteurs.disponibles) == (3, 1, 3)


def test_posts_of_another_promotion_region_or_category_are_not_counted():
    autres = (poste(1, promotion="2024-2026"), poste(2, region="53"), poste(3, categorie=Categorie.I))
    assert (
        compte(SURCHARGE, autres, [pretendant(9, cle=replace(CVL_II, region="53"))], ORDRE).texte()
        == "0\u00a0accordé / 6"
    )


def test_filled_and_withdrawn_posts_are_told_apart():
    pourvu = constate_prise_de_fonction(SIX_ACCORDES[0], 101, date(2023, 11, 2))
    assert isinstance(pourvu, Poste)
    compteurs = compte(SURCHARGE, (pourvu, SIX_ACCORDES[1], desistement(103)), (), INFORMATIF)
    assert (compteurs.accordes, compteurs.pourvus, compteurs.desistes, compteurs.disponibles) == (2, 1, 1, 4)


def test_more_granted_than_opened_is_said_and_never_gives_a_negative_number():
    compteurs = compte(SURCHARGE, (*SIX_ACCORDES, poste(107)), (), ORDRE)
    assert (compteurs.disponibles, compteurs.depassement) == (0, 1)
    assert compteurs.avertissements[-1] == "1\u00a0poste accordé au-delà du quota (6)."


def test_a_one_year_post_counts_for_what_the_ars_says():
    postes = (poste(101, duree_mois=12), poste(102, duree_mois=12))
    assert compte(SURCHARGE, postes, (), INFORMATIF).consommes == 2
    assert compte(SURCHARGE, postes, (), replace(INFORMATIF, poids_un_an=Decimal("0.5"))).consommes == 1


# --- modes ---


def test_informative_mode_counts_those_who_qualify_and_ranks_nobody():
    compteurs = compte(SURCHARGE, SIX_ACCORDES, [pretendant(n) for n in (1, 2, 3)], INFORMATIF)
    assert compteurs.texte() == "6\u00a0accordés / 6, 3\u00a0réservés ; 9 recevables pour 6\u00a0postes"


def test_the_seventh_dossier_waits_at_rank_one():
    compteurs = compte(SURCHARGE, SIX_ACCORDES, [pretendant(7)], ORDRE)
    assert compteurs.rang_d_attente(7) == 1
    assert compteurs.texte() == "6\u00a0accordés / 6, 1\u00a0réservé ; 1 en liste d'attente"


def test_the_order_is_the_date_of_deposit_then_the_number():
    meme_instant = datetime(2026, 10, 5, tzinfo=UTC)
    attendus = [pretendant(n, depose_le=meme_instant) for n in (12, 11)] + [pretendant(3), pretendant(20)]
    compteurs = compte(SURCHARGE, SIX_ACCORDES[:5], attendus, ORDRE)
    assert compteurs.attente == (11, 12, 20)
    assert compteurs.rang_d_attente(3) is None


def test_the_commission_s_rank_goes_before_the_date():
    attendus = [pretendant(1), pretendant(2, rang=2), pretendant(3, rang=1)]
    assert compte(SURCHARGE, SIX_ACCORDES, attendus, ORDRE).attente == (3, 2, 1)


def test_a_replacement_or_a_report_never_waits_nor_takes_a_place():
    attendus = [pretendant(1, type_demande=TypeDemande.REMPLACEMENT), pretendant(2, type_demande=TypeDemande.REPORT)]
    compteurs = compte(SURCHARGE, SIX_ACCORDES, attendus, ORDRE)
    assert (compteurs.attente, compteurs.reserves, compteurs.gardes) == ((), 0, 0)


def test_a_post_given_back_is_kept_for_the_replacement_being_examined():
    postes = (*SIX_ACCORDES[:5], desistement(106))
    attendus = [pretendant(1), pretendant(2, type_demande=TypeDemande.REMPLACEMENT)]
    compteurs = compte(SURCHARGE, postes, attendus, ORDRE)
    assert (compteurs.attente, compteurs.disponibles) == ((1,), 0)
    assert "1 gardé pour un remplacement" in compteurs.texte()
    assert compte(SURCHARGE, postes, attendus[:1], ORDRE).attente == ()


def test_a_dossier_that_holds_a_post_is_not_counted_twice():
    compteurs = compte(SURCHARGE, SIX_ACCORDES, [pretendant(101)], ORDRE)
    assert (compteurs.reserves, compteurs.attente) == (0, ())


@pytest.mark.parametrize(("texte", "nom"), [("2023-2025", "2023-2025"), (" 2023 – 2025", "2023-2025"), (None, "")])
def test_a_promotion_has_one_name_however_it_is_typed(texte, nom):
    assert nom_de_promotion(texte) == nom


# --- those that people retained ---


@pytest.mark.parametrize(
    ("retenus", "sans_place"),
    [
        ([pretendant(1)], []),
        ([pretendant(1), pretendant(2), pretendant(3)], [3]),
        ([pretendant(1, rang=3), pretendant(2, rang=2), pretendant(3, rang=1)], [1]),
        ([pretendant(1), pretendant(2), pretendant(3, type_demande=TypeDemande.REPORT)], []),
        ([pretendant(1), pretendant(2), pretendant(3, cle=replace(CVL_II, region="11"))], []),
    ],
)
def test_those_whom_people_retained_are_served_by_rank_and_the_last_ones_are_beyond_the_quota(retenus, sans_place):
    compteurs = compte(SURCHARGE, SIX_ACCORDES[:4], (), INFORMATIF)
    assert [p.dossier for p in retenus if hors_quota(compteurs, retenus, p.dossier, INFORMATIF)] == sans_place


def test_a_dossier_that_nobody_retained_is_beyond_no_quota_and_an_unknown_quota_leaves_everyone_a_place():
    compteurs = compte(SURCHARGE, SIX_ACCORDES, (), INFORMATIF)
    assert not hors_quota(compteurs, [pretendant(1)], 2, INFORMATIF)
    assert hors_quota(compteurs, [pretendant(1)], 1, INFORMATIF)
    inconnu = compte(quota_effectif((), CVL_II, JOUR), (), (), INFORMATIF)
    assert not hors_quota(inconnu, [pretendant(1)], 1, INFORMATIF)
