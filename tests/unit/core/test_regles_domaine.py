from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.core.campagne import Campagne
from connector.core.candidature import ChampLu, Connu, Illisible, LigneLue, Manquant, Masque, exemple
from connector.core.constat import AvisPropose, Effet, Source, Statut
from connector.core.correspondance import TypeLogique
from connector.core.model import Adresse, DossierState, Etablissement, LienDossier, Lieu
from connector.core.poste import Categorie
from connector.core.projet import LieuProjet, Projet
from connector.core.referentiels import (
    Appartenance,
    QuartierCite,
    Referentiel,
    StatutQuartier,
    Version,
    Zone,
    ZoneCommune,
)
from connector.core.regles import (
    ChuPartenaire,
    Condition,
    Contexte,
    Convention,
    DatePriseFonction,
    DepotDansLeDelai,
    DepotTerritoire,
    Doublon,
    Duree,
    EtablissementsDistincts,
    Quotite,
    Remplacement,
    Report,
    SpecialiteExclue,
    TypeStructure,
    ZoneSousDense,
    opinion,
    referentiels_manquants,
)
from connector.core.regles.doublon import Motif
from connector.core.situation import DossierRemplace, Jumeau, Situation, SituationLieu
from connector.core.territoires import ars_de, est_un_autre_territoire, region_d_outre_mer

CAHIER = Source(texte="Cahier des charges, § 1", opposable=True)
NOTE = Source(texte="Note DGOS", opposable=False)
COMMUN = {"cle": "regle", "libelle": "le point", "sources": (CAHIER,)}
LE_JOUR = date(2024, 1, 15)
T = TypeLogique
OK, KO, DOUTE, SANS_OBJET = Statut.OK, Statut.KO, Statut.A_VERIFIER, Statut.SANS_OBJET


def lu(cle, lecture, type_=T.TEXTE, libelle=None):
    return ChampLu(cle=cle, libelle=libelle or cle, lecture=lecture, type=type_)


def contexte(projet=None, situation=None, campagne=None):
    return Contexte(
        aujourd_hui=LE_JOUR,
        projet=projet or Projet(dossier=1),
        situation=situation or Situation(),
        campagne=campagne,
    )


def constat(regle, *lus, **autres):
    return regle.check(exemple(*lus), contexte(**autres))


# ── what holds of every kind

REGLES = (
    DepotTerritoire(**COMMUN, region="24"),
    DepotTerritoire(**COMMUN, region="03"),
    DepotDansLeDelai(**COMMUN),
    SpecialiteExclue(**COMMUN, exclues=("Médecine générale",)),
    TypeStructure(**COMMUN, connus=("CPTS",)),
    TypeStructure(**COMMUN, champ="type_structure", connus=("CPTS",)),
    ZoneSousDense(**COMMUN),
    Quotite(**COMMUN),
    Quotite(**COMMUN, stricte=True, minimum=Decimal(40)),
    Quotite(**COMMUN, minimum=Decimal(3)),
    Duree(**COMMUN),
    Duree(**COMMUN, mois_admis=(18,)),
    DatePriseFonction(**COMMUN),
    DatePriseFonction(**COMMUN, mois_admis=(5,)),
    Convention(**COMMUN),
    ChuPartenaire(**COMMUN),
    Doublon(**COMMUN, motif=Motif.CANDIDAT),
    Doublon(**COMMUN, motif=Motif.PROJET),
    Remplacement(**COMMUN),
    Report(**COMMUN),
    Report(**COMMUN, mois_maximum=1),
    EtablissementsDistincts(**COMMUN),
)


@pytest.mark.parametrize("regle", REGLES, ids=lambda r: r.type)
def test_a_rule_says_what_its_examples_promise(regle):
    conditionnelle = replace(regle, si=(Condition(champ="categorie", parmi=("II",)),))
    for cas in (*regle.exemples(), *conditionnelle.exemples()):
        trouve = regle.check(cas.candidature, cas.contexte)
        assert trouve.statut is cas.statut, cas.titre
        assert trouve.source.texte
    assert [cas.statut for cas in regle.exemples()] == [OK, KO, DOUTE]
    assert not regle.incoherences()


@pytest.mark.parametrize("regle", REGLES, ids=lambda r: r.type)
def test_a_rule_says_nothing_of_a_dossier_its_condition_sets_aside(regle):
    ailleurs = replace(regle, si=(Condition(champ="categorie", parmi=("II",)),))
    assert constat(ailleurs, lu("categorie", Connu("I"))).statut is SANS_OBJET
    assert constat(ailleurs, lu("categorie", Manquant())).statut is DOUTE


@pytest.mark.parametrize("regle", REGLES, ids=lambda r: r.type)
def test_a_refusal_that_rests_on_a_non_opposable_text_alone_is_never_unfavourable(regle):
    (refuse,) = (cas for cas in regle.exemples() if cas.statut is KO)
    for avis in AvisPropose:
        note = replace(regle, sources=(NOTE,), effet=Effet.BLOQUANT, avis=avis)
        assert opinion([note.check(refuse.candidature, refuse.contexte)]) is not AvisPropose.DEFAVORABLE


@pytest.mark.parametrize("regle", REGLES, ids=lambda r: r.type)
def test_a_rule_names_the_fields_it_reads(regle):
    connus = {
        *("region", "categorie", "lieux", "lieux.type_structure", "type_structure", "specialite", "promotion", "rpps"),
        *("specialite_deficitaire", "quotite_ambulatoire", "quotite_hospitaliere", "modulation", "modulation_acceptee"),
        *("duree", "date_prise_fonction", "convention", "controle_visuel", "chu", "siret", "dossier_remplace"),
        *("repercussions", "nouvelle_date", "motif_report", "finess", "adresse"),
    }
    assert {reference.champ for reference in regle.references()} <= connus


# ── territoires


def test_an_ars_is_named_after_its_region():
    assert ars_de("03") == "l'ARS Guyane"
    assert ars_de("99") == "l'ARS de la région 99"


@pytest.mark.parametrize(
    ("commune", "region"), [("97302", "03"), ("97611", "06"), ("18279", None), ("97502", None), ("98818", None)]
)
def test_an_overseas_commune_belongs_to_its_region(commune, region):
    assert region_d_outre_mer(commune) == region
    assert est_un_autre_territoire(commune) is commune.startswith(("975", "988"))


# ── depot_territoire

CVL = DepotTerritoire(**COMMUN, region="24")
DEUX = Projet(dossier=1, categorie=Categorie.II)


def region(code):
    return lu("region", Connu(Lieu(code=code, name="")), T.REGION)


def lieu(code, rang=1, **autres):
    return LieuProjet(rang=rang, commune=Lieu(code=code, name="Ville") if code else None, **autres)


@pytest.mark.parametrize(
    ("lecture", "attendu"),
    [
        (Connu(Lieu(code="24", name="")), OK),
        (Connu(Lieu(code="11", name="")), KO),
        (Connu(Lieu(code="3", name="Guyane")), KO),
        (Connu(Lieu(code="99", name="Atlantide")), DOUTE),
        (Connu("Centre"), DOUTE),
        (Illisible("une région est attendue", "Centre"), DOUTE),
        (Manquant(), DOUTE),
        (Masque(), SANS_OBJET),
    ],
)
def test_the_region_of_deposit_must_be_that_of_the_ars(lecture, attendu):
    assert constat(CVL, lu("region", lecture, T.REGION), projet=DEUX).statut is attendu


def test_another_region_is_redirected_to_its_own_ars_by_name():
    trouve = constat(CVL, region("3"), projet=DEUX)
    assert trouve.avis is AvisPropose.REORIENTATION
    assert "l’ARS Guyane" in trouve.phrase


def test_an_unknown_category_leaves_the_deposit_to_verify():
    assert constat(CVL, region("24"), lu("categorie", Connu("Autre"))).statut is DOUTE
    assert constat(CVL, region("11")).statut is KO


def test_an_overseas_post_is_redirected_to_the_ars_of_its_place_of_work():
    trois = Projet(dossier=1, categorie=Categorie.III, lieux=(lieu("97302"),))
    trouve = constat(CVL, region("24"), projet=trois)
    assert trouve.statut is KO
    assert trouve.court == "à déposer auprès de l’ARS Guyane"
    assert constat(replace(CVL, region="03"), region("24"), projet=trois).statut is OK


def test_an_overseas_post_in_two_regions_names_both():
    lieux = (lieu("97302"), lieu("97209", rang=2))
    trouve = constat(CVL, projet=Projet(dossier=1, categorie=Categorie.III, lieux=lieux))
    assert "l’ARS Martinique ou l’ARS Guyane" in trouve.phrase


def test_an_overseas_place_known_by_its_region_alone_is_enough():
    trois = Projet(dossier=1, categorie=Categorie.III, lieux=(lieu(None),))
    situation = Situation(lieux=(SituationLieu(rang=1, region="06"),))
    assert "l’ARS Mayotte" in constat(CVL, projet=trois, situation=situation).phrase


@pytest.mark.parametrize(("codes", "mot"), [([], "aucun lieu"), (["37261"], "aucun lieu"), (["97502"], "ne mentionne")])
def test_an_overseas_post_without_an_overseas_place_is_to_verify(codes, mot):
    lieux = tuple(lieu(code, rang=rang) for rang, code in enumerate(codes, start=1))
    trouve = constat(CVL, region("24"), projet=Projet(dossier=1, categorie=Categorie.III, lieux=lieux))
    assert trouve.statut is DOUTE
    assert mot in trouve.phrase


def test_a_post_of_another_category_with_an_overseas_place_is_to_verify():
    projet = replace(DEUX, lieux=(lieu("97302"),))
    trouve = constat(CVL, region("24"), projet=projet)
    assert trouve.statut is DOUTE
    assert "Guyane" in trouve.phrase
    assert constat(replace(CVL, region="03"), region("03"), projet=projet).statut is OK


def test_the_region_of_an_ars_is_checked():
    assert [o for o, _ in DepotTerritoire(**COMMUN, region="99").incoherences()] == ["region"]
    assert [o for o, _ in DepotTerritoire(**COMMUN, region="3").incoherences()] == ["region"]


# ── depot_dans_le_delai

DELAI = DepotDansLeDelai(**COMMUN)


@pytest.mark.parametrize(
    ("campagne", "attendu"),
    [
        (None, SANS_OBJET),
        (Campagne(), DOUTE),
        (Campagne(cloture=LE_JOUR), OK),
        (Campagne(ouverture=LE_JOUR, cloture=LE_JOUR), OK),
        (Campagne(ouverture=date(2024, 1, 16), cloture=date(2024, 2, 1)), KO),
        (Campagne(ouverture=date(2024, 1, 16)), KO),
        (Campagne(cloture=date(2024, 1, 14)), KO),
    ],
)
def test_a_dossier_is_filed_while_the_campaign_is_open(campagne, attendu):
    assert constat(DELAI, campagne=campagne).statut is attendu


def test_a_late_deposit_is_for_an_agent_to_weigh():
    assert opinion([constat(DELAI, campagne=Campagne(cloture=date(2024, 1, 14)))]) is AvisPropose.A_VERIFIER


# ── specialite_exclue

MG = SpecialiteExclue(**COMMUN, exclues=("Médecine générale",), orientation="Voir le contrat de chef de clinique.")


@pytest.mark.parametrize(
    ("lecture", "type_", "attendu"),
    [
        (Connu("Dermatologie"), T.CHOIX, OK),
        (Connu("MEDECINE GENERALE"), T.CHOIX, KO),
        (Connu("Médecine générale et urgences"), T.CHOIX, OK),
        (Connu("Médecine générale et urgences"), T.TEXTE, DOUTE),
        (Connu("Dermatologie"), T.TEXTE, OK),
        (Manquant(), T.CHOIX, DOUTE),
        (Illisible("un choix est attendu"), T.CHOIX, DOUTE),
        (Masque(), T.CHOIX, SANS_OBJET),
    ],
)
def test_an_excluded_specialty_is_refused_and_a_close_one_verified(lecture, type_, attendu):
    assert constat(MG, lu("specialite", lecture, type_)).statut is attendu


def test_an_excluded_specialty_is_told_where_to_go():
    trouve = constat(MG, lu("specialite", Connu("Médecine générale"), T.CHOIX))
    assert trouve.avis is AvisPropose.DEFAVORABLE
    assert trouve.phrase.endswith("Voir le contrat de chef de clinique.")


def test_a_list_of_excluded_specialties_is_not_empty():
    assert SpecialiteExclue(**COMMUN, exclues=()).incoherences()[0][0] == "exclues"


# ── type_structure

TYPES = TypeStructure(**COMMUN, champ="type", connus=("Centre de santé",), exclus=("EHPAD",))


@pytest.mark.parametrize(
    ("lecture", "attendu"),
    [
        (Connu("centre de sante"), OK),
        (Connu("EHPAD"), KO),
        (Connu("Péniche médicale"), DOUTE),
        (Manquant(), KO),
        (Illisible("un choix est attendu"), DOUTE),
        (Masque(), SANS_OBJET),
    ],
)
def test_the_list_of_structures_is_open(lecture, attendu):
    assert constat(TYPES, lu("type", lecture, T.CHOIX)).statut is attendu


def test_an_unknown_structure_has_no_effect_on_the_opinion():
    for lecture in (Connu("Péniche médicale"), Manquant()):
        assert opinion([constat(TYPES, lu("type", lecture, T.CHOIX))]) is AvisPropose.FAVORABLE


def test_the_lists_of_structures_are_checked():
    assert TypeStructure(**COMMUN, connus=()).incoherences()[0][0] == "connus"
    partage = TypeStructure(**COMMUN, connus=("Centre de santé",), exclus=("centre de sante",))
    assert partage.incoherences() == (("exclus", "« Centre de santé » est à la fois connu et exclu"),)


# ── zone_sous_dense

ZONE = ZoneSousDense(**COMMUN)
HORS = Appartenance(statut=StatutQuartier.HORS)


def situe(zone=None, quartier=HORS, rang=1):
    classe = zone and ZoneCommune(
        code_insee="18279", zone=zone, tvs="", arrete="arrêté du 1er mai", date_effet=date(2024, 5, 2)
    )
    return SituationLieu(rang=rang, commune="18279", zone=classe, quartier=quartier)


def zone(*situes, deficitaire=None, regle=ZONE, versions=()):
    lieux = tuple(lieu("18279", rang=s.rang) for s in situes)
    annotation = lu("specialite_deficitaire", Connu(deficitaire) if deficitaire else Manquant(), T.TEXTE_LONG)
    return constat(
        regle, annotation, projet=Projet(dossier=1, lieux=lieux), situation=Situation(lieux=situes, versions=versions)
    )


DANS = Appartenance(statut=StatutQuartier.DANS, quartiers=(QuartierCite(code="QN99901N", nom="Quartier d'essai"),))
PEUT_ETRE = Appartenance(statut=StatutQuartier.INDETERMINE, quartiers=(QuartierCite(code="QN99901N", nom=""),))


@pytest.mark.parametrize(
    ("situation", "attendu"),
    [
        (situe(Zone.ZIP), OK),
        (situe(Zone.ZAC), OK),
        (situe(Zone.ZIP, quartier=None), OK),
        (situe(Zone.HZ), KO),
        (situe(Zone.ZV), KO),
        (situe(Zone.AUTRE), DOUTE),
        (situe(Zone.INCONNU), DOUTE),
        (situe(None), DOUTE),
        (situe(Zone.HZ, quartier=DANS), OK),
        (situe(None, quartier=DANS), OK),
        (situe(Zone.HZ, quartier=PEUT_ETRE), DOUTE),
        (situe(Zone.HZ, quartier=Appartenance(statut=StatutQuartier.INDETERMINE)), DOUTE),
        (situe(Zone.HZ, quartier=None), DOUTE),
    ],
)
def test_a_place_is_under_served_by_its_commune_or_by_its_neighbourhood(situation, attendu):
    assert zone(situation).statut is attendu


def test_a_zone_of_vigilance_counts_where_the_region_says_so():
    assert zone(situe(Zone.ZV), regle=replace(ZONE, vigilance=True)).statut is OK


def test_the_order_and_the_neighbourhood_are_named():
    assert "arrêté du 1er mai, effet au 02/05/2024" in zone(situe(Zone.HZ)).phrase
    version = Version(
        referentiel=Referentiel.QPV,
        arrete="décret 2023-1314",
        date_effet=date(2024, 1, 1),
        importe_le=datetime(2024, 1, 2, tzinfo=UTC),
        lignes=1,
    )
    dedans = zone(situe(Zone.HZ, quartier=DANS), versions=(version,))
    assert "Quartier d’essai (décret 2023-1314, effet au 01/01/2024)" in dedans.phrase
    assert dedans.court == "Ville QPV"
    assert "QN99901N" in zone(situe(Zone.HZ, quartier=PEUT_ETRE)).phrase
    assert "Quartier d’essai." in zone(situe(Zone.HZ, quartier=DANS)).phrase


def test_several_places_that_do_not_agree_are_for_an_agent():
    assert zone(situe(Zone.ZIP), situe(Zone.ZAC, rang=2)).statut is OK
    assert zone(situe(Zone.HZ), situe(Zone.HZ, rang=2)).statut is KO
    assert zone(situe(Zone.ZIP), situe(Zone.HZ, rang=2)).statut is DOUTE
    assert zone(situe(Zone.HZ), situe(None, rang=2)).statut is DOUTE


def test_an_agent_may_redeem_the_zone_with_a_reason():
    assert zone(situe(Zone.HZ), deficitaire="Aucun dermatologue à 40 km").statut is OK
    assert zone(situe(None), deficitaire="Aucun dermatologue à 40 km").statut is OK
    assert "spécialité déficitaire" in zone(situe(Zone.HZ), deficitaire="Aucun dermatologue à 40 km").phrase


@pytest.mark.parametrize("mot", ["Non", "non.", "-", "néant", "aucune"])
def test_a_no_is_not_a_reason(mot):
    assert zone(situe(Zone.HZ), deficitaire=mot).statut is KO


def test_no_place_at_all_is_to_verify():
    assert zone().statut is DOUTE


@pytest.mark.parametrize(
    ("place", "nom"),
    [
        (LieuProjet(rang=1, adresse=Adresse(label="x", city_name="Blois", city_code="41018")), "Blois (41018)"),
        (LieuProjet(rang=1, adresse=Adresse(label="x", city_code="41018")), "41018"),
        (LieuProjet(rang=1, commune=Lieu(code="", name="Blois")), "Blois"),
    ],
)
def test_a_place_is_named_as_far_as_it_is_known(place, nom):
    trouve = constat(ZONE, projet=Projet(dossier=1, lieux=(place,)))
    assert trouve.phrase.startswith(f"{nom}\u00a0: aucun zonage")
    assert trouve.court == f"{nom.partition(' (')[0]} zone inconnue"


def test_a_place_without_a_commune_is_not_said_to_be_out_of_the_zoning():
    trouve = constat(ZONE, projet=Projet(dossier=1, lieux=(LieuProjet(rang=1),)))
    assert trouve.phrase.startswith("Lieu n°\u00a01\u00a0: commune non renseignée ou inconnue.")
    assert trouve.court == "lieu n°\u00a01 zone inconnue"


# ── quotite

QUOTITE = Quotite(**COMMUN)


def quotites(hopital, ville, motif=None, acceptee=None, regle=QUOTITE):
    return constat(
        regle,
        *(lu(cle, v) for cle, v in (("quotite_hospitaliere", hopital), ("quotite_ambulatoire", ville))),
        lu("modulation", motif or Manquant()),
        lu("modulation_acceptee", Manquant() if acceptee is None else Connu(acceptee)),
    )


MOTIF = Connu("Plateau technique à l'hôpital.")


@pytest.mark.parametrize(
    ("hopital", "ville", "motif", "acceptee", "attendu"),
    [
        (50, 50, None, None, OK),
        (40, 60, None, None, OK),
        (0, 100, None, None, OK),
        (60, 40, None, None, KO),
        (60, 40, Connu("-"), None, KO),
        (60, 40, MOTIF, None, DOUTE),
        (60, 40, MOTIF, False, DOUTE),
        (60, 40, MOTIF, True, OK),
        (60, 40, None, True, OK),
        (60, 40, Masque(), None, DOUTE),
        (60, 40, Illisible("un texte est attendu"), None, DOUTE),
        (Decimal("49.5"), Decimal("50.5"), None, None, OK),
        (100, 0, None, None, KO),
        (50, 60, None, None, KO),
        (40, 50, None, None, KO),
        (-10, 110, None, None, KO),
        (110, -10, None, None, KO),
        (150, 50, None, None, KO),
    ],
)
def test_the_ambulatory_share_is_half_at_least_or_argued_and_accepted(hopital, ville, motif, acceptee, attendu):
    assert quotites(Connu(hopital), Connu(ville), motif, acceptee).statut is attendu


@pytest.mark.parametrize(
    ("ville", "motif", "attendu"), [(50, None, OK), (60, None, KO), (60, MOTIF, DOUTE), (40, MOTIF, DOUTE)]
)
def test_the_strict_reading_wants_exactly_half(ville, motif, attendu):
    stricte = replace(QUOTITE, stricte=True)
    assert quotites(Connu(100 - ville), Connu(ville), motif, regle=stricte).statut is attendu


@pytest.mark.parametrize(
    ("hopital", "ville", "attendu", "mot"),
    [
        (Connu(50), Masque(), SANS_OBJET, "n’a pas demandé"),
        (Connu(50), Manquant(), KO, "quotite_ambulatoire"),
        (Connu(50), Illisible("un nombre entier est attendu", "cinquante"), DOUTE, "cinquante"),
        (Connu(50), Connu("cinquante"), DOUTE, "un nombre est attendu"),
        (Connu(50), Connu(Decimal("NaN")), DOUTE, "un nombre est attendu"),
        (Connu(50), Connu(110), KO, "110\u00a0% n’est pas une part de temps de travail"),
        (Manquant(), Connu(50), KO, "quotite_hospitaliere"),
        (Illisible("un nombre entier est attendu", "la moitié"), Connu(50), DOUTE, "la moitié"),
        (Masque(), Connu(50), OK, "conforme"),
        (Connu(60), Connu(50), KO, "110\u00a0% (60\u00a0% + 50\u00a0%)"),
    ],
)
def test_a_share_that_cannot_be_is_told_clearly(hopital, ville, attendu, mot):
    trouve = quotites(hopital, ville)
    assert trouve.statut is attendu
    assert mot in trouve.phrase
    assert trouve.avis is AvisPropose.A_COMPLETER


def test_the_minimum_share_is_a_percentage():
    assert replace(QUOTITE, minimum=Decimal(110)).incoherences()[0][0] == "minimum"
    assert replace(QUOTITE, minimum=Decimal(0)).incoherences()[0][0] == "minimum"


# ── duree

DUREE = Duree(**COMMUN)


@pytest.mark.parametrize(
    ("lecture", "mois", "attendu"),
    [
        (Connu("1 an"), 12, OK),
        (Connu("2 ans"), 24, OK),
        (Connu("3 ans"), 36, KO),
        (Connu("à voir"), None, DOUTE),
        (Manquant(), None, KO),
        (Illisible("un choix est attendu"), None, DOUTE),
        (Masque(), None, SANS_OBJET),
    ],
)
def test_a_post_lasts_one_year_or_two(lecture, mois, attendu):
    trouve = constat(DUREE, lu("duree", lecture, T.CHOIX), projet=Projet(dossier=1, duree_mois=mois))
    assert trouve.statut is attendu


def test_the_durations_are_checked():
    assert Duree(**COMMUN, mois_admis=()).incoherences()[0][0] == "mois_admis"
    assert Duree(**COMMUN, mois_admis=(0,)).incoherences()[0][0] == "mois_admis"


# ── date_prise_fonction

DATE = DatePriseFonction(**COMMUN)


def prise(lecture, promotion="2023-2025", regle=DATE):
    promo = Connu(promotion) if promotion else Manquant()
    return constat(regle, lu("date_prise_fonction", lecture, T.DATE), lu("promotion", promo))


@pytest.mark.parametrize(
    ("lecture", "promotion", "attendu"),
    [
        (Connu(date(2023, 11, 1)), "2023-2025", OK),
        (Connu(date(2024, 10, 31)), "2023-2025", OK),
        (Connu(date(2024, 5, 1)), "2023 / 2025", OK),
        (Connu(date(2024, 11, 1)), "2023-2025", KO),
        (Connu(date(2023, 10, 31)), "2023-2025", KO),
        (Connu(date(1900, 1, 1)), "2023-2025", KO),
        (Connu(date(2023, 11, 1)), "", DOUTE),
        (Connu(date(2023, 11, 1)), "promotion en cours", DOUTE),
        (Connu(date(2023, 11, 1)), "2025-2023", DOUTE),
        (Connu(date(2023, 11, 1)), "0000-2023", DOUTE),
        (Connu(date(2023, 11, 1)), "9999-9999", DOUTE),
        (Connu(datetime(2023, 11, 1, tzinfo=UTC)), "2023-2025", DOUTE),
        (Connu("à la rentrée"), "2023-2025", DOUTE),
        (Illisible("une date est attendue", "à la rentrée"), "2023-2025", DOUTE),
        (Manquant(), "2023-2025", KO),
        (Masque(), "2023-2025", SANS_OBJET),
    ],
)
def test_a_post_starts_within_the_first_year_of_its_promotion(lecture, promotion, attendu):
    assert prise(lecture, promotion).statut is attendu


def test_a_date_out_of_its_promotion_is_told_with_the_period():
    assert "(du 01/11/2023 au 31/10/2024)" in prise(Connu(date(1900, 1, 1))).phrase


def test_some_months_may_be_the_only_usual_ones():
    novembre_ou_mai = replace(DATE, mois_admis=(11, 5))
    assert prise(Connu(date(2024, 5, 1)), regle=novembre_ou_mai).statut is OK
    trouve = prise(Connu(date(2024, 2, 1)), regle=novembre_ou_mai)
    assert trouve.statut is DOUTE
    assert "novembre ou mai" in trouve.phrase


def test_the_months_are_checked():
    assert [o for o, _ in replace(DATE, mois_de_rentree=13).incoherences()] == ["mois_de_rentree"]
    assert [o for o, _ in replace(DATE, mois_admis=(0,)).incoherences()] == ["mois_admis"]


# ── convention

CONVENTION = Convention(**COMMUN)


@pytest.mark.parametrize(
    ("lecture", "vue", "attendu"),
    [
        (Connu(("un fichier",)), Connu(valeur=True), OK),
        (Connu(("un fichier",)), Connu(valeur=False), DOUTE),
        (Connu(("un fichier",)), Manquant(), DOUTE),
        (Manquant(), Connu(valeur=True), KO),
        (Illisible("une pièce est attendue"), Manquant(), DOUTE),
        (Masque(), Manquant(), SANS_OBJET),
    ],
)
def test_an_agreement_is_there_and_seen(lecture, vue, attendu):
    trouve = constat(CONVENTION, lu("convention", lecture, T.PIECE), lu("controle_visuel", vue, T.BOOLEEN))
    assert trouve.statut is attendu
    assert opinion([trouve]) is AvisPropose.FAVORABLE


# ── chu_partenaire

CHU = ChuPartenaire(**COMMUN)


@pytest.mark.parametrize(
    ("lecture", "recruteur", "attendu"),
    [
        (Connu("CHU du Val"), None, OK),
        (Connu("none"), None, DOUTE),
        (Connu("—"), None, DOUTE),
        (Manquant(), None, KO),
        (Manquant(), "CENTRE HOSPITALIER DES MARAIS", KO),
        (Manquant(), "CENTRE HOSPITALIER REGIONAL UNIVERSITAIRE DU VAL", OK),
        (Illisible("un texte est attendu"), "CHU du Val", OK),
        (Illisible("un texte est attendu"), None, DOUTE),
        (Masque(), None, SANS_OBJET),
    ],
)
def test_a_partner_hospital_is_named_or_is_the_recruiter(lecture, recruteur, attendu):
    siret = Connu(Etablissement(siret="26370010600010", raison_sociale=recruteur))
    trouve = constat(CHU, lu("chu", lecture), lu("siret", siret, T.SIRET))
    assert trouve.statut is attendu
    assert opinion([trouve]) is AvisPropose.FAVORABLE


# ── doublon

CANDIDAT = Doublon(**COMMUN, motif=Motif.CANDIDAT)
MEME_PROJET = Doublon(**COMMUN, motif=Motif.PROJET)
DECRIT = Projet(dossier=1, specialite="ORL", lieux=(lieu("18279"),))


def jumeau(motif="candidat", etat=DossierState.EN_INSTRUCTION, dossier=7):
    return Jumeau(dossier=dossier, demarche=2, motif=motif, etat=etat)


@pytest.mark.parametrize(
    ("jumeaux", "attendu"),
    [
        ((), OK),
        ((jumeau(),), KO),
        ((jumeau(etat=DossierState.ACCEPTE),), KO),
        ((jumeau(etat=DossierState.REFUSE), jumeau(etat=DossierState.SANS_SUITE)), OK),
        ((jumeau(motif="projet"),), OK),
    ],
)
def test_a_candidate_files_once(jumeaux, attendu):
    assert constat(CANDIDAT, situation=Situation(jumeaux=jumeaux)).statut is attendu


def test_the_twins_are_named_with_their_demarche():
    un = constat(CANDIDAT, situation=Situation(jumeaux=(jumeau(),)))
    assert "un autre dossier\u00a0: n°\u00a07 (démarche n°\u00a02)" in un.phrase
    deux = constat(CANDIDAT, situation=Situation(jumeaux=(jumeau(), jumeau(dossier=8))))
    assert "2\u00a0autres dossiers\u00a0: n°\u00a07 (démarche n°\u00a02) et n°\u00a08 (démarche" in deux.phrase
    cent = constat(CANDIDAT, situation=Situation(jumeaux=tuple(jumeau(dossier=n) for n in range(100))))
    assert "n°\u00a02 (démarche n°\u00a02) et 97\u00a0autres." in cent.phrase


def test_the_dossier_that_is_replaced_is_no_double():
    remplacant = replace(DECRIT, lien=LienDossier(number=7))
    situation = Situation(jumeaux=(jumeau(motif="projet"),))
    assert constat(MEME_PROJET, projet=remplacant, situation=situation).statut is OK
    assert constat(MEME_PROJET, projet=DECRIT, situation=situation).statut is KO


@pytest.mark.parametrize(
    ("lecture", "attendu"),
    [
        (Connu("10101000379"), OK),
        (Connu("10101000378"), DOUTE),
        (Connu(10101000379), OK),
        (Illisible("un texte est attendu"), DOUTE),
        (Manquant(), OK),
        (Masque(), OK),
    ],
)
def test_the_key_of_the_rpps_number_is_read_where_it_is_given(lecture, attendu):
    assert constat(CANDIDAT, lu("rpps", lecture)).statut is attendu
    assert constat(MEME_PROJET, lu("rpps", lecture), projet=DECRIT).statut is OK


def test_a_project_too_vague_to_be_compared_is_to_verify():
    assert constat(MEME_PROJET, projet=replace(DECRIT, specialite=None)).statut is DOUTE
    assert constat(MEME_PROJET, projet=replace(DECRIT, lieux=())).statut is DOUTE


# ── remplacement

REMPLACEMENT = Remplacement(**COMMUN)
LIEN = Connu(LienDossier(number=7))
SIRET = "26370010600010"
REMPLACANT = replace(DECRIT, siret=SIRET, quotite_ambulatoire=Decimal(50))
ANCIEN = DossierRemplace(
    dossier=7,
    etat=DossierState.ACCEPTE,
    siret=SIRET,
    quotite_ambulatoire=Decimal(50),
    projet=DECRIT.empreinte,
)


AUCUNE = Connu("Aucune.")


def remplacement(lien=LIEN, ancien=ANCIEN, repercussions=AUCUNE, projet=REMPLACANT):
    return constat(
        REMPLACEMENT,
        lu("dossier_remplace", lien, T.LIEN),
        lu("repercussions", repercussions),
        projet=projet,
        situation=Situation(remplace=ancien),
    )


@pytest.mark.parametrize(
    ("changes", "attendu"),
    [
        ({}, OK),
        ({"lien": Manquant()}, KO),
        ({"lien": Masque()}, DOUTE),
        ({"lien": Illisible("un numéro de dossier est attendu")}, DOUTE),
        ({"ancien": None}, DOUTE),
        ({"ancien": replace(ANCIEN, etat=DossierState.REFUSE)}, KO),
        ({"ancien": replace(ANCIEN, etat=DossierState.SANS_SUITE)}, DOUTE),
        ({"ancien": replace(ANCIEN, etat=DossierState.EN_CONSTRUCTION)}, DOUTE),
        ({"ancien": replace(ANCIEN, siret="26180010600013")}, KO),
        ({"ancien": replace(ANCIEN, siret=None)}, DOUTE),
        ({"projet": replace(REMPLACANT, siret=None)}, DOUTE),
        ({"repercussions": Manquant()}, KO),
        ({"repercussions": Connu("-")}, KO),
        ({"repercussions": Illisible("un texte est attendu")}, KO),
        ({"repercussions": Masque()}, OK),
        ({"projet": replace(REMPLACANT, quotite_ambulatoire=Decimal(60))}, DOUTE),
        ({"projet": replace(REMPLACANT, quotite_ambulatoire=None)}, OK),
        ({"projet": replace(REMPLACANT, specialite="Dermatologie")}, DOUTE),
        ({"projet": replace(REMPLACANT, specialite=None)}, OK),
        ({"ancien": replace(ANCIEN, projet="")}, OK),
    ],
)
def test_a_replacement_rests_on_an_accepted_dossier_of_the_same_establishment(changes, attendu):
    assert remplacement(**changes).statut is attendu


def test_a_changed_share_is_signalled_with_everything_else_that_is_wrong():
    trouve = remplacement(projet=replace(REMPLACANT, quotite_ambulatoire=Decimal(60)), repercussions=Manquant())
    assert trouve.statut is KO
    assert "passe de 50\u00a0% à 60\u00a0%" in trouve.phrase
    assert "repercussions" in trouve.phrase


def test_a_replacement_takes_no_new_place():
    assert "n’en consomme pas un nouveau" in remplacement().phrase


def test_two_spellings_of_one_project_are_one():
    autre = replace(DECRIT, specialite=" orl ")
    assert autre.empreinte == DECRIT.empreinte
    assert replace(DECRIT, lieux=(lieu("18279", adresse=Adresse(label="1 rue X")),)).empreinte != DECRIT.empreinte


# ── report

REPORT = Report(**COMMUN)


FEVRIER, CONGE, NOVEMBRE = Connu(date(2024, 2, 1)), Connu("Congé de maternité."), Connu(date(2023, 11, 1))


def report(nouvelle=FEVRIER, motif=CONGE, prevue=NOVEMBRE):
    return constat(
        REPORT,
        lu("nouvelle_date", nouvelle, T.DATE),
        lu("motif_report", motif),
        lu("date_prise_fonction", prevue, T.DATE),
    )


@pytest.mark.parametrize(
    ("changes", "attendu"),
    [
        ({}, OK),
        ({"nouvelle": Connu(date(2024, 2, 2))}, DOUTE),
        ({"nouvelle": Connu(date(2023, 11, 1))}, KO),
        ({"nouvelle": Connu(date(1900, 1, 1))}, KO),
        ({"nouvelle": Connu("au printemps")}, DOUTE),
        ({"nouvelle": Connu(datetime(2024, 2, 1, tzinfo=UTC))}, DOUTE),
        ({"nouvelle": Illisible("une date est attendue", "au printemps")}, DOUTE),
        ({"nouvelle": Manquant()}, KO),
        ({"nouvelle": Masque()}, DOUTE),
        ({"motif": Manquant()}, KO),
        ({"motif": Connu("RAS")}, KO),
        ({"motif": Illisible("un texte est attendu")}, KO),
        ({"motif": Masque()}, OK),
        ({"motif": Connu(("congé", "maternité"))}, OK),
        ({"motif": Masque(), "nouvelle": Masque()}, DOUTE),
        ({"prevue": Manquant()}, DOUTE),
        ({"prevue": Connu(datetime(2023, 11, 1, tzinfo=UTC))}, DOUTE),
        ({"prevue": Connu(date(9990, 1, 1))}, DOUTE),
    ],
)
def test_a_report_is_argued_and_short(changes, attendu):
    assert report(**changes).statut is attendu


def test_a_report_nobody_explains_means_no_financing_and_everything_else_is_told():
    trouve = report(motif=Manquant(), nouvelle=Connu(date(2025, 1, 1)))
    assert trouve.statut is KO
    assert "pas de financement" in trouve.phrase
    assert "dépasse 3\u00a0mois" in trouve.phrase


def test_the_length_of_a_report_is_checked():
    assert replace(REPORT, mois_maximum=0).incoherences()[0][0] == "mois_maximum"


# ── etablissements_distincts

DISTINCTS = EtablissementsDistincts(**COMMUN)
ICI = Adresse(label="3 Boulevard des Platanes 37000 Tours")


FINESS = Connu("370007809")


def distincts(*adresses, finess=FINESS, lignes=None, regle=DISTINCTS):
    lieux = tuple(lieu("37261", rang=rang, adresse=a) for rang, a in enumerate(adresses, start=1))
    rows = tuple(LigneLue(id=str(i), champs={"finess": lu("finess", x)}) for i, x in enumerate(lignes or ()))
    return constat(
        regle,
        lu("finess", finess),
        lu("lieux", Connu(rows) if rows else Manquant(), T.REPETITION),
        projet=Projet(dossier=1, adresse=ICI, lieux=lieux),
    )


AILLEURS = Adresse(label="12 rue des Tanneurs 18100 Vierzon")


@pytest.mark.parametrize(
    ("adresses", "finess", "attendu"),
    [
        ([AILLEURS], Connu("370007809"), OK),
        ([AILLEURS], Manquant(), OK),
        ([AILLEURS], Connu("370007800"), DOUTE),
        ([AILLEURS, Adresse(label="3 boulevard des platanes 37000 TOURS")], Manquant(), KO),
        ([None], Manquant(), DOUTE),
        ([], Connu("370007800"), SANS_OBJET),
    ],
)
def test_a_place_of_work_is_not_the_recruiter(adresses, finess, attendu):
    assert distincts(*adresses, finess=finess).statut is attendu


def test_the_numbers_of_the_places_are_compared_where_the_form_asks_them():
    regle = replace(DISTINCTS, finess_lieux="lieux.finess")
    assert distincts(None, lignes=[Connu("180007916")], regle=regle).statut is OK
    assert distincts(None, lignes=[Connu("37 000 780 9")], regle=regle).statut is KO
    assert distincts(None, lignes=[Connu("180007910")], regle=regle).statut is DOUTE
    assert {r.champ for r in regle.references()} == {"finess", "lieux.finess", "adresse", "lieux"}


def test_a_recruiter_without_an_address_is_compared_by_nothing():
    trouve = constat(DISTINCTS, projet=Projet(dossier=1, lieux=(lieu("18279", adresse=AILLEURS),)))
    assert trouve.statut is OK


@pytest.mark.parametrize(
    ("zones", "vigilance", "requis"),
    [
        ((), False, {Referentiel.ZONAGE}),
        ((None,), False, {Referentiel.ZONAGE}),
        ((Zone.ZIP,), False, {Referentiel.ZONAGE}),
        ((Zone.ZIP, Zone.HZ), False, {Referentiel.ZONAGE, Referentiel.QPV}),
        ((Zone.ZV,), False, {Referentiel.ZONAGE, Referentiel.QPV}),
        ((Zone.ZV,), True, {Referentiel.ZONAGE}),
    ],
)
def test_a_zone_needs_the_zoning_and_the_neighbourhoods_only_where_they_could_redeem_a_place(zones, vigilance, requis):
    situation = Situation(lieux=tuple(situe(zone, rang=rang) for rang, zone in enumerate(zones, start=1)))
    assert replace(ZONE, vigilance=vigilance).referentiels(situation) == requis


def test_a_referential_is_missing_when_a_rule_needs_it_and_no_version_is_in_force():
    assert referentiels_manquants((QUOTITE,), Situation()) == ()
    assert referentiels_manquants((ZONE, QUOTITE), Situation()) == (Referentiel.ZONAGE,)
    importe = Version(
        referentiel=Referentiel.ZONAGE,
        arrete="arrêté",
        date_effet=LE_JOUR,
        importe_le=datetime(2024, 1, 1, tzinfo=UTC),
        lignes=1,
    )
    assert referentiels_manquants((ZONE,), Situation(versions=(importe,))) == ()
