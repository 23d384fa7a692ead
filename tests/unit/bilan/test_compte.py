"""Posts and candidatures: what each column counts, and what it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from connector.bilan.compte import annexe, candidatures, postes
from connector.bilan.matiere import AUTRES, NON_RENSEIGNE
from connector.bilan.releve import ClasseZone, Cle
from connector.bilan.tableau import Absence
from connector.core.annexe_dgos import PROMOTION, QUOTAS, REPARTITION, TOTAUX
from connector.core.constat import AvisPropose
from connector.core.decisions import Sens
from connector.core.poste import Categorie, constate_prise_de_fonction, desiste, remplace, reporte, termine
from connector.core.quota import CleQuota, Nature, Quota, StatutQuota, TypeDemande
from tests.unit.bilan.fabrique import (
    CVL_II,
    TEXTE,
    attribution,
    constat,
    decide,
    dit,
    matiere,
    poste,
    tableau,
    valeurs,
    vu,
)

II = "II – ville-hôpital"
LE = date(2026, 11, 2)


def des_postes(*vus, **changes):
    (trouve,) = postes(matiere(*vus, **changes)).tableaux
    return trouve


def colonne(trouve, titre, libelle=II):
    rang = [c.titre for c in trouve.colonnes].index(titre)
    return valeurs(trouve, libelle)[rang]


def test_a_replacement_and_a_postponement_are_no_candidatures():
    trouve = des_postes(
        vu(1), vu(2, demande=TypeDemande.REMPLACEMENT), vu(3, demande=TypeDemande.REPORT), vu(4, demande=None)
    )
    assert colonne(trouve, "Candidatures") == 2


def test_what_the_rules_found_favourable_is_receivable_even_once_refused_for_want_of_a_place():
    trouve = des_postes(
        vu(1),
        vu(2, dit=dit(AvisPropose.LISTE_D_ATTENTE)),
        vu(3, dit=dit(AvisPropose.DEFAVORABLE, constat())),
        vu(4, dit=None),
        decide(5, Sens.NON_RETENU),
        decide(6, Sens.RETENU, dit_avant=dit(AvisPropose.DEFAVORABLE, constat())),
    )
    assert colonne(trouve, "Recevables") == 4


def test_a_post_goes_through_every_column_of_its_life():
    accorde = poste(1)
    pourvu = constate_prise_de_fonction(poste(2), 2, LE)
    vacant = desiste(poste(3), 3, LE)
    repris = remplace(desiste(poste(4), 4, LE), attribution(5))
    reporte_ = reporte(poste(6), dossier=6, debut=date(2027, 1, 1), accorde_le=LE, cout=None)
    fini = termine(pourvu, 2, date(2027, 1, 1))
    trouve = des_postes(postes=[accorde, fini, vacant, repris, reporte_])
    attendu = {"Accordés": 4, "Pourvus": 1, "Désistés": 2, "Remplacés": 1, "Reportés": 1, "Vacants": 1}
    assert {titre: colonne(trouve, titre) for titre in attendu} == attendu


def test_open_places_are_the_regions_own_number_and_the_excess_is_said():
    regional = Quota(
        cle=CleQuota(promotion="2023-2025", region="24", categorie=Categorie.II),
        valeur=6,
        nature=Nature.REGIONAL,
        statut=StatutQuota.DEFINITIF,
        source=TEXTE,
        date_effet=date(2023, 7, 7),
    )
    assert colonne(des_postes(vu()), "Ouverts") == 4
    trouve = des_postes(vu(), quotas=(*QUOTAS, regional))
    assert colonne(trouve, "Ouverts") == 6
    (alerte,) = [li.alerte for li in trouve.lignes if li.libelle == II]
    assert alerte.startswith("2\u00a0postes au-delà")


def test_a_category_nobody_asked_for_is_shown_all_the_same_and_one_without_object_is_not():
    trouve = des_postes(vu())
    assert [li.libelle for li in trouve.lignes] == ["I – entre établissements", II]
    assert colonne(trouve, "Ouverts", "I – entre établissements") == 19


def test_an_unknown_quota_is_a_dash_and_one_without_object_says_so():
    trouve = des_postes(vu(1, cle=replace(CVL_II, promotion="2030-2032")), vu(2, cle=replace(CVL_II, categorie="III")))
    ouverts = {(li.groupe, li.libelle): li.valeurs[0] for li in trouve.lignes}
    assert ouverts["Promotion 2030-2032, Centre-Val de Loire", II] is Absence.INCONNU
    assert ouverts["Promotion 2023-2025, Centre-Val de Loire", "III – Outre-mer"] is Absence.SANS_OBJET


def test_what_a_form_does_not_say_is_counted_apart_and_nothing_is_lost():
    trouve = des_postes(vu(1), vu(2, cle=Cle()))
    assert colonne(trouve, "Candidatures", "Catégorie à préciser") == 1
    assert colonne(trouve, "Candidatures", "Ensemble") == 2
    (ligne,) = [li for li in trouve.lignes if li.libelle == "Catégorie à préciser"]
    assert ligne.groupe == "Promotion à préciser, région à préciser"
    assert ligne.alerte == ""


def test_the_waiting_list_counts_those_who_wait():
    assert colonne(des_postes(vu(1, en_attente=True), vu(2)), "Liste d'attente") == 1


def test_nothing_at_all_makes_an_empty_table_and_no_sum():
    trouve = des_postes()
    assert trouve.lignes == ()
    assert set(trouve.total.valeurs) == {Absence.INCONNU}


def test_spellings_of_one_partner_are_counted_together():
    m = matiere(vu(1, chu="CHU de Tours"), vu(2, chu="chu de tours"), vu(3, chu="CHU de Tours"), vu(4, chu=""))
    trouve = tableau(candidatures(m), "chu")
    assert [(li.libelle, li.valeurs[0]) for li in trouve.lignes] == [("CHU de Tours", 3), (NON_RENSEIGNE, 1)]


def test_in_public_a_label_that_few_share_is_not_even_named():
    vus = [vu(n, chu="CHU de Tours") for n in range(6)] + [vu(n, chu=f"CHU du docteur {n}") for n in range(10, 13)]
    trouve = tableau(candidatures(matiere(*vus, public=True)), "chu")
    assert [(li.libelle, li.valeurs[0]) for li in trouve.lignes] == [("CHU de Tours", 6), (AUTRES, 3)]


def test_zones_keep_their_order_and_structures_are_counted_once_each():
    m = matiere(
        vu(1, zone=ClasseZone.ZAC, structures=("CPTS", "Centre de santé")), vu(2, zone=ClasseZone.QPV, structures=())
    )
    section = candidatures(m)
    assert [li.libelle for li in tableau(section, "zones").lignes] == [ClasseZone.QPV.value, ClasseZone.ZAC.value]
    structures = tableau(section, "structures")
    assert {li.libelle: li.valeurs[0] for li in structures.lignes} == {
        "CPTS": 1,
        "Centre de santé": 1,
        NON_RENSEIGNE: 1,
    }
    assert structures.total is None  # the parts do not add up to the candidatures


def test_mean_shares_leave_out_what_is_no_share():
    m = matiere(
        vu(1, quotite_ambulatoire=Decimal(40)),
        vu(2, quotite_ambulatoire=Decimal(55)),
        vu(3, quotite_ambulatoire=Decimal(700)),
        vu(4, quotite_ambulatoire=None),
        vu(5, quotite_ambulatoire=Decimal("Infinity")),
    )
    trouve = tableau(candidatures(m), "quotites")
    assert trouve.total.valeurs == (5, Decimal("50.0"), Decimal("47.5"), 1)


def test_a_mean_of_nothing_is_unknown():
    m = matiere(vu(1, quotite_ambulatoire=None, quotite_hospitaliere=None))
    assert tableau(candidatures(m), "quotites").total.valeurs == (1, Absence.INCONNU, Absence.INCONNU, 0)


def test_opinions_and_kinds_of_request_add_up():
    m = matiere(
        vu(1),
        vu(2, dit=None),
        vu(3, dit=dit(AvisPropose.A_COMPLETER)),
        decide(4, Sens.SANS_SUITE, demande=TypeDemande.REPORT),
    )
    avis = tableau(candidatures(m), "avis")
    assert {li.libelle: li.valeurs[0] for li in avis.lignes} == {
        "Favorable": 1,
        "À compléter": 1,
        "Pas encore examinées": 1,
    }
    demandes = tableau(candidatures(m), "demandes")
    assert valeurs(demandes, "Report de prise de fonction") == (1, 0, 1)
    assert demandes.total.valeurs == (4, 0, 1)


def test_the_quota_table_is_the_annex_of_the_dgos_note():
    (trouve,) = annexe(matiere(vu())).tableaux
    assert PROMOTION in trouve.titre
    lus = {li.libelle: li.valeurs for li in trouve.lignes}
    so = Absence.SANS_OBJET
    assert lus == {
        r.nom: tuple(so if n is None else n for n in (r.entre_etablissements, r.ambulatoire, r.outre_mer))
        for r in REPARTITION
    }
    assert trouve.total.valeurs == tuple(TOTAUX[c] for c in Categorie) == (250, 80, 50)


def test_only_the_promotions_spoken_of_have_an_annex():
    assert annexe(matiere(vu(cle=replace(CVL_II, promotion="2030-2032")))).tableaux == ()


def test_an_annex_with_holes_says_that_it_does_not_know():
    seul = tuple(q for q in QUOTAS if q.cle.region == "24" and q.cle.categorie is Categorie.I)
    (trouve,) = annexe(matiere(vu(), quotas=seul)).tableaux
    assert [li.valeurs for li in trouve.lignes] == [(19, Absence.INCONNU, Absence.INCONNU)]


def test_a_report_may_be_about_one_promotion_however_it_is_typed():
    autre = replace(CVL_II, promotion="2024-2026")
    m = matiere(vu(1), vu(2, cle=autre), postes=[poste(1), poste(2, promotion="2024-2026")])
    assert m.promotions == ("2023-2025", "2024-2026")
    limitee = m.limitee(["2024 – 2026"])
    assert [v.dossier for v in limitee.vus] == [2]
    assert [p.promotion for p in limitee.postes] == ["2024-2026"]
    assert m.limitee([]) is m
