"""The world around a dossier: where its places are, who it looks like, which place of the quota is left."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connector import geo, situation, store
from connector.core.chiffrage import Parametres
from connector.core.conservation import Motif
from connector.core.constat import Source
from connector.core.correspondance import CibleChamp, Resolution, TypeLogique
from connector.core.fiche import Fiche, parties
from connector.core.model import Adresse, Champ, Dossier, DossierState, LienDossier, Lieu, Ligne, Lignes, Traitement
from connector.core.poste import Categorie, EtatPoste
from connector.core.projet import LieuProjet, Projet, Vocabulaire
from connector.core.quota import CleQuota, ModeQuota, Nature, ParametresQuota, Quota, StatutQuota, TypeDemande
from connector.core.referentiels import (
    Commune,
    Precision,
    Quartier,
    Referentiel,
    StatutQuartier,
    Version,
    Zone,
    ZoneCommune,
)
from connector.core.situation import Situation
from connector.errors import OperatorError
from connector.ports import nulle_part
from connector.situation import Geometrie, Monde, Territoire
from connector.store.effacement import AEffacer
from tests.unit.core.test_cout import LECTURE_A
from tests.unit.store.fabrique import DEMARCHE, dossier, evaluation

VINGT = Path(__file__).parent / "imports" / "vingt_communes.csv"
MAINTENANT = datetime(2026, 3, 1, 8, tzinfo=UTC)
AUJOURD_HUI = MAINTENANT.date()
TOURS = Adresse(label="2 boulevard, Tours", type="housenumber", city_code="37261", longitude=0.69653, latitude=47.39864)
VIERZON = Adresse(label="1 rue, Vierzon", type="housenumber", city_code="18279", longitude=2.07908, latitude=47.23688)
AUTOUR = [[2.05, 47.22], [2.1, 47.22], [2.1, 47.25], [2.05, 47.25], [2.05, 47.22]]

TYPES = {
    "categorie": TypeLogique.CHOIX,
    "type_demande": TypeLogique.CHOIX,
    "promotion": TypeLogique.CHOIX,
    "region": TypeLogique.REGION,
    "siret": TypeLogique.TEXTE,
    "specialite": TypeLogique.CHOIX,
    "rpps": TypeLogique.TEXTE,
    "date_prise_fonction": TypeLogique.DATE,
    "duree": TypeLogique.CHOIX,
    "quotite_hospitaliere": TypeLogique.ENTIER,
    "quotite_ambulatoire": TypeLogique.ENTIER,
    "dossier_remplace": TypeLogique.LIEN,
    "lieux": TypeLogique.REPETITION,
}
SAISIES = {"evenement": TypeLogique.CHOIX, "date_evenement": TypeLogique.DATE}


def cibles(types):
    nom = CibleChamp(cle="nom", type=TypeLogique.TEXTE, libelle="nom", ids=("nom",))
    return tuple(
        CibleChamp(cle=cle, type=type_, libelle=cle, ids=(cle,), champs=(nom,) if cle == "lieux" else ())
        for cle, type_ in types.items()
    )


RESOLUTION = Resolution(champs=cibles(TYPES), saisies=cibles(SAISIES))
MOTS = Vocabulaire(
    categories={"ambulatoire": Categorie.II},
    demandes={"nouvelle": TypeDemande.NOUVELLE, "remplacement": TypeDemande.REMPLACEMENT},
    durees={"2 ans": 24},
)
CLE = CleQuota(promotion="2023-2025", region="24", categorie=Categorie.II)
DEUX_PLACES = Quota(
    cle=CLE,
    valeur=2,
    nature=Nature.REGIONAL,
    statut=StatutQuota.DEFINITIF,
    source=Source(texte="cahier", opposable=True),
    date_effet=date(2023, 1, 1),
)
ORDRE = Parametres(quota=ParametresQuota(mode=ModeQuota.ORDRE, poids_un_an=Decimal(1)), quotas=(DEUX_PLACES,))
LIBRAIRIES = Geometrie(distance=geo.distance_km, quartiers=geo.QuartiersIndex)


@pytest.fixture
def base(tmp_path):
    with store.ouvrir(tmp_path / "base.db") as opened:
        yield opened


def monde(base, parametres=ORDRE, geometrie=LIBRAIRIES):
    return Monde(
        territoire=Territoire(referentiels=base.referentiels, geometrie=geometrie),
        inscriptions=base.inscriptions,
        postes=base.postes,
        vocabulaire=MOTS,
        parametres=parametres,
        now=lambda: MAINTENANT,
        aujourd_hui=lambda: AUJOURD_HUI,
    )


def version(referentiel, effet=date(2025, 6, 1), arrete="arrêté"):
    return Version(referentiel=referentiel, arrete=arrete, date_effet=effet, importe_le=MAINTENANT, lignes=1)


def import_communes(base):
    with VINGT.open(encoding="utf-8", newline="") as flux:
        communes = [
            Commune(
                code_insee=c["code_insee"],
                nom=c["nom"],
                departement=c["code_insee"][:2],
                region=c["region"],
                latitude=float(c["latitude"]),
                longitude=float(c["longitude"]),
            )
            for c in csv.DictReader(flux, delimiter=";")
        ]
    base.referentiels.save_communes(version(Referentiel.COMMUNES), communes)


def import_zone(base, zone=Zone.ZIP, **champs):
    row = ZoneCommune(code_insee="18279", zone=zone, tvs="", arrete="", date_effet=AUJOURD_HUI)
    base.referentiels.save_zonage(version(Referentiel.ZONAGE, **champs), [row])


def import_quartier(base, geometrie=None):
    contour = geometrie or f'{{"type":"Polygon","coordinates":[{AUTOUR}]}}'
    quartier = Quartier(code="QN01801N", nom="Quartier", geometrie=contour, communes=("18279",))
    base.referentiels.save_qpv(version(Referentiel.QPV), [quartier])


def situer(base, lieu=VIERZON, principal=TOURS, dossier_=None, **champs):
    place = LieuProjet(rang=1, adresse=lieu, **champs)
    seul = Projet(dossier=1, adresse=principal, lieux=(place,))
    return monde(base).situer(seul, dossier_ or dossier(1)).lieu(1)


# where


def test_a_place_has_its_commune_its_zone_its_region_and_its_distance(base):
    import_communes(base)
    import_zone(base)
    lieu = situer(base)
    assert (lieu.commune, lieu.region, lieu.zone.zone, lieu.zone.arrete) == ("18279", "24", Zone.ZIP, "arrêté")
    assert Decimal("105.7") < lieu.distance_km < Decimal("105.8")
    assert lieu.precision is Precision.ADRESSE


def test_without_any_referential_everything_but_the_distance_of_two_addresses_is_unknown(base):
    lieu = situer(base)
    assert (lieu.zone, lieu.quartier, lieu.region) == (None, None, None)
    assert lieu.distance_km is not None


def test_without_the_geometry_libraries_distances_and_neighbourhoods_are_unknown(base):
    import_communes(base)
    import_quartier(base)
    place = LieuProjet(rang=1, adresse=VIERZON)
    seul = Projet(dossier=1, adresse=TOURS, lieux=(place,))
    lieu = monde(base, geometrie=Geometrie()).situer(seul, dossier(1)).lieu(1)
    assert (lieu.distance_km, lieu.quartier) == (None, None)
    assert lieu.region == "24"


def test_an_address_without_a_point_stands_where_its_commune_is(base):
    import_communes(base)
    lieu = situer(base, replace(VIERZON, longitude=None, latitude=None))
    assert lieu.precision is Precision.COMMUNE
    assert lieu.distance_km is not None


def test_the_precision_is_that_of_the_worse_end(base):
    import_communes(base)
    assert situer(base, replace(VIERZON, type="municipality")).precision is Precision.COMMUNE
    assert situer(base, replace(VIERZON, type="locality")).precision is Precision.INCONNUE


@pytest.mark.parametrize(
    ("lieu", "principal"), [(None, TOURS), (VIERZON, None), (replace(VIERZON, city_code="99999", latitude=None), TOURS)]
)
def test_a_place_that_cannot_be_found_has_no_distance(base, lieu, principal):
    import_communes(base)
    found = situer(base, lieu, principal)
    assert (found.distance_km, found.precision) == (None, Precision.INCONNUE)


def test_a_commune_typed_apart_serves_when_there_is_no_address(base):
    import_communes(base)
    import_zone(base)
    lieu = situer(base, None, commune=Lieu(code="18279", name="Vierzon"))
    assert (lieu.commune, lieu.zone.zone, lieu.precision) == ("18279", Zone.ZIP, Precision.COMMUNE)


def test_a_commune_unknown_here_has_the_region_that_ds_gives_it(base):
    lieu = situer(base, replace(VIERZON, city_code="18999", region_code="24"))
    assert (lieu.commune, lieu.region, lieu.zone) == ("18999", "24", None)


def test_an_address_in_a_neighbourhood_is_known_to_be_there_and_a_commune_alone_is_not(base):
    import_quartier(base)
    assert situer(base).quartier.statut is StatutQuartier.DANS
    assert situer(base, replace(VIERZON, type="municipality")).quartier.statut is StatutQuartier.INDETERMINE
    assert situer(base, None, commune=Lieu(code="18279", name="Vierzon")).quartier.quartiers[0].code == "QN01801N"
    assert situer(base, TOURS).quartier.statut is StatutQuartier.HORS


def test_an_unusable_contour_makes_membership_unknown_never_no(base, caplog):
    import_quartier(base, geometrie='{"type":"Polygon","coordinates":[]}')
    assert situer(base).quartier is None
    assert "districts.unusable" in caplog.text


def test_the_versions_used_are_named(base):
    import_communes(base)
    import_zone(base)
    versions = monde(base).situer(Projet(dossier=1), dossier(1)).versions
    assert [v.referentiel for v in versions] == [Referentiel.COMMUNES, Referentiel.ZONAGE]


def test_a_decided_dossier_is_judged_by_the_texts_of_the_day_it_was_decided(base):
    import_zone(base, Zone.HZ, effet=date(2022, 1, 1))
    import_zone(base, Zone.ZIP)
    decided = dossier(1, state=DossierState.ACCEPTE, date_traitement=datetime(2023, 9, 1, tzinfo=UTC))
    assert situer(base, dossier_=decided).zone.zone is Zone.HZ
    assert situer(base, dossier_=replace(decided, state=DossierState.EN_INSTRUCTION)).zone.zone is Zone.ZIP


def test_answers_are_remembered_until_the_world_is_entered_anew(base):
    autour = monde(base)
    seul = Projet(dossier=1, adresse=TOURS, lieux=(LieuProjet(rang=1, adresse=VIERZON),))
    assert autour.situer(seul, dossier(1)).lieu(1).zone is None
    import_zone(base)
    assert autour.situer(seul, dossier(1)).lieu(1).zone is None
    autour.recense(DEMARCHE, RESOLUTION)
    assert autour.situer(seul, dossier(1)).lieu(1).zone.zone is Zone.ZIP


def test_contours_are_built_once_for_the_same_versions(base):
    import_quartier(base)
    built = []

    def build(quartiers):
        built.append(quartiers)
        return geo.QuartiersIndex(quartiers)

    autour = monde(base, geometrie=Geometrie(quartiers=build))
    seul = Projet(dossier=1, lieux=(LieuProjet(rang=1, adresse=VIERZON), LieuProjet(rang=2, adresse=TOURS)))
    autour.situer(seul, dossier(1))
    autour.recense(DEMARCHE, RESOLUTION)
    autour.situer(seul, dossier(1))
    assert len(built) == 1


JADIS = tuple(date(2022 + n, 1, 1) for n in range(4))
"""The days on which four successive lists of neighbourhoods came into force, before that of `import_quartier`."""


@pytest.fixture
def contours(base):
    """A territory with five lists of neighbourhoods, and how many of them were in each index that was built."""
    for n, effet in enumerate(JADIS):
        gardes = [Quartier(code=f"QN0{m}", nom="Q", geometrie="", communes=("18279",)) for m in range(n)]
        base.referentiels.save_qpv(version(Referentiel.QPV, effet=effet), gardes)
    import_quartier(base)
    built = []
    librairies = Geometrie(quartiers=lambda quartiers: built.append(quartiers) or nulle_part)
    return Territoire(referentiels=base.referentiels, geometrie=librairies), built


def test_decided_and_open_dossiers_that_alternate_build_each_index_of_neighbourhoods_once(contours):
    territoire, built = contours
    for jour in (AUJOURD_HUI, *JADIS[:3]) * 10:
        territoire._index(jour)
        territoire._index(jour + timedelta(days=1))
        territoire.oublie()
    assert len(built) == 4


def test_the_oldest_index_leaves_before_a_fifth_one_is_built(contours):
    territoire, built = contours
    gardes = []
    build = territoire.geometrie.quartiers
    territoire.geometrie = Geometrie(quartiers=lambda q: gardes.append(len(territoire._quartiers)) or build(q))
    for jour in (*JADIS, AUJOURD_HUI, *JADIS[1:], AUJOURD_HUI, JADIS[0]):
        territoire._index(jour)
    assert (len(built), gardes) == (6, [0, 1, 2, 3, 3, 3])


def test_so_many_days_are_remembered_and_no_more(base, monkeypatch):
    import_zone(base)
    monkeypatch.setattr(situation, "ZONES_GARDEES", 3)
    monkeypatch.setattr(situation, "JOURS_GARDES", 2)
    territoire = Territoire(referentiels=base.referentiels, geometrie=Geometrie())
    lieu = LieuProjet(rang=1, adresse=VIERZON)
    jours = [AUJOURD_HUI + timedelta(days=n) for n in range(5)]
    assert {territoire.lieu(lieu, None, jour).zone.zone for jour in jours} == {Zone.ZIP}
    assert list(territoire._zones) == [("18279", jour) for jour in jours[-3:]]
    assert list(territoire._versions) == jours[-2:]


# among the others


def champ(cle, valeur):
    return Champ(id=cle, descriptor_id=cle, label=cle, typename="TextChamp", value=valeur)


def candidature(number, state=DossierState.EN_INSTRUCTION, *, evenement=None, le=None, structure="MSP", **valeurs):
    """A dossier of the form above, ordinary unless told otherwise."""
    lieu = Ligne(id="1", champs=(champ("nom", structure),))
    defaut = {
        "categorie": "Ambulatoire",
        "type_demande": "Nouvelle",
        "promotion": "2023-2025",
        "region": Lieu(code="24", name="Centre-Val de Loire"),
        "siret": "26370010600010",
        "specialite": f"Spécialité {number}",
        "date_prise_fonction": date(2023, 11, 1),
        "duree": "2 ans",
        "lieux": Lignes(rows=(lieu,)),
    }
    champs = tuple(champ(cle, valeur) for cle, valeur in (defaut | valeurs).items())
    annotations = (champ("evenement", evenement), champ("date_evenement", le))
    built = dossier(number, state=state, champs=champs, annotations=annotations, labels=())
    if state.termine:
        accepte = datetime(2023, 9, number % 28 + 1, tzinfo=UTC)
        built = replace(built, date_traitement=accepte, traitements=(Traitement(event=state.value, date=accepte),))
    return built


def depose(base, *dossiers: Dossier):
    fiches = tuple(Fiche(dossier=d, parties=parties(d, frozenset())) for d in dossiers)
    base.dossiers.save_page(DEMARCHE, fiches=fiches, trous=(), supprimes=(), watermark=None, now=MAINTENANT)
    return fiches


def juge(base, *dossiers: Dossier):
    for d in dossiers:
        base.dossiers.save_evaluations([evaluation(Fiche(dossier=d, parties=parties(d, frozenset())))])


def entoure(base, *dossiers, parametres=ORDRE):
    """The dossiers stored and entered, and the world as it then is."""
    depose(base, *dossiers)
    autour = monde(base, parametres)
    autour.recense(DEMARCHE, RESOLUTION)
    return autour


def regarde(autour, d: Dossier) -> Situation:
    """What the world says of a dossier, as a cycle asks it."""
    from connector.core.candidature import lire
    from connector.core.projet import projet

    return autour.situer(projet(lire(d, RESOLUTION), MOTS), d)


ACCEPTE = DossierState.ACCEPTE


def test_two_dossiers_of_one_candidate_know_each_other(base):
    un, deux = (candidature(n, rpps="10000000009") for n in (1, 2))
    autour = entoure(base, un, deux)
    (jumeau,) = regarde(autour, un).jumeaux
    assert (jumeau.dossier, jumeau.motif, jumeau.etat) == (2, "candidat", DossierState.EN_INSTRUCTION)
    assert [j.dossier for j in regarde(autour, deux).jumeaux] == [1]


def test_the_same_specialty_in_the_same_place_is_the_same_project(base):
    un, deux = (candidature(n, specialite="Dermatologie") for n in (1, 2))
    autre = candidature(3, specialite="Dermatologie", structure="CDS")
    autour = entoure(base, un, deux, autre)
    assert [(j.dossier, j.motif) for j in regarde(autour, un).jumeaux] == [(2, "projet")]


def test_the_replaced_dossier_is_told_as_stored_here(base):
    remplacant = candidature(2, type_demande="Remplacement", dossier_remplace=LienDossier(number=1))
    autour = entoure(base, candidature(1, ACCEPTE), remplacant)
    ancien = regarde(autour, remplacant).remplace
    assert (ancien.dossier, ancien.etat, ancien.siret) == (1, ACCEPTE, "13001653800014")
    inconnu = candidature(3, type_demande="Remplacement", dossier_remplace=LienDossier(number=99))
    assert regarde(autour, inconnu).remplace is None


def test_an_accepted_dossier_holds_a_post_and_the_counters_count_it(base):
    accepte, attend = candidature(1, ACCEPTE), candidature(2)
    autour = entoure(base, accepte, attend)
    assert regarde(autour, accepte).poste.titulaire.dossier == 1
    assert regarde(autour, attend).compteurs.accordes == 1
    assert regarde(autour, attend).poste is None


def test_a_post_is_kept_with_what_it_costs_as_last_calculated(base):
    accepte = candidature(1, ACCEPTE, quotite_hospitaliere=50, quotite_ambulatoire=50)
    sans_prime = replace(LECTURE_A, part_pet=replace(LECTURE_A.part_pet, valeur=Decimal(0)))
    autour = entoure(base, accepte, parametres=replace(ORDRE, cout=sans_prime))
    poste = regarde(autour, accepte).poste
    assert poste.cout == sum(t.montant for t in poste.tranches) == Decimal("45265.92")
    assert len(poste.tranches) > 1
    sans_bareme = monde(base, replace(ORDRE, cout=replace(LECTURE_A, baremes=())))
    sans_bareme.recense(DEMARCHE, RESOLUTION)
    assert regarde(sans_bareme, accepte).poste.cout is None


def test_a_post_outlives_the_erasure_of_its_dossier(base):
    entoure(base, candidature(1, ACCEPTE))
    with base.connexion.transaction():
        base.connexion.run("DELETE FROM dossiers")
    assert regarde(entoure(base, candidature(2)), candidature(2)).compteurs.accordes == 1


def test_who_replaces_an_erased_holder_is_compared_with_it_and_nothing_tells_who_it_was(base):
    remplacant = candidature(2, type_demande="Remplacement", dossier_remplace=LienDossier(number=1))
    autour = entoure(base, candidature(1, ACCEPTE, rpps="10100000008"), remplacant)
    avant = regarde(autour, remplacant).remplace
    assert base.inscriptions.find(1).candidat
    base.effacement.erase((AEffacer(number=1, demarche=DEMARCHE, motif=Motif.TERMINE),), now=MAINTENANT)
    autour.rafraichit()
    assert base.dossiers.dossier(1) is None
    assert regarde(autour, remplacant).remplace == avant
    assert base.inscriptions.find(1).candidat == ""
    base.effacement.forget_postes(p.identifiant for p in base.postes.all())
    assert base.inscriptions.find(1) is None


def test_a_replacement_accepted_with_what_it_replaces_takes_its_post_over_whatever_their_order(base):
    remplacant = candidature(1, ACCEPTE, type_demande="Remplacement", dossier_remplace=LienDossier(number=2))
    desiste = candidature(2, ACCEPTE, evenement="Désistement", le=date(2023, 10, 1))
    autour = entoure(base, remplacant, desiste)
    poste = regarde(autour, remplacant).poste
    assert [t.dossier for t in poste.titulaires] == [2, 1]
    depose(base, replace(desiste, archived=True))
    autour.recense(DEMARCHE, RESOLUTION)
    assert regarde(autour, remplacant).poste == poste
    assert regarde(autour, remplacant).compteurs.accordes == 1


def test_a_replacement_waits_for_the_withdrawal_and_takes_over_once_it_is_typed(base):
    remplacant = candidature(2, ACCEPTE, type_demande="Remplacement", dossier_remplace=LienDossier(number=1))
    autour = entoure(base, candidature(1, ACCEPTE), remplacant)
    assert "occupe toujours le poste" in regarde(autour, remplacant).registre
    depose(base, candidature(1, ACCEPTE, evenement="Désistement", le=date(2023, 10, 1)))
    autour.recense(DEMARCHE, RESOLUTION)
    assert not regarde(autour, remplacant).registre
    assert regarde(autour, remplacant).poste.etat is EtatPoste.ACCORDE


@pytest.fixture
def inscrits(base, monkeypatch):
    """The dossiers that were entered since it was last emptied."""
    seen = []
    enter = type(base.inscriptions).enter

    def entering(self, entrees, *, lecture):
        seen.extend(i.dossier for i, _, _ in entrees)
        enter(self, entrees, lecture=lecture)

    monkeypatch.setattr(type(base.inscriptions), "enter", entering)
    return seen


def recense_encore(autour, inscrits, *, jour=AUJOURD_HUI):
    """The dossiers that are entered by another look at the world, that day."""
    inscrits.clear()
    autour.aujourd_hui = lambda: jour
    autour.recense(DEMARCHE, RESOLUTION)
    return inscrits[:]


def test_while_nothing_moves_what_the_register_warns_of_is_not_entered_again(base, inscrits):
    autour = entoure(base, candidature(1, ACCEPTE, date_prise_fonction=None), candidature(2, ACCEPTE))
    assert base.inscriptions.warning(1)
    assert recense_encore(autour, inscrits) == [1], "entering the two was a movement"
    assert recense_encore(autour, inscrits) == []
    assert recense_encore(autour, inscrits) == []
    assert recense_encore(autour, inscrits, jour=AUJOURD_HUI + timedelta(days=1)) == [1]
    assert recense_encore(autour, inscrits, jour=AUJOURD_HUI + timedelta(days=1)) == []
    assert recense_encore(autour, inscrits) == [1], "the clock was put back"


@pytest.mark.parametrize("ailleurs", [False, True], ids=["here", "in another démarche"])
def test_a_warning_is_lifted_once_the_post_that_it_waits_for_appears(base, inscrits, ailleurs):
    remplacant = candidature(2, ACCEPTE, type_demande="Remplacement", dossier_remplace=LienDossier(number=9))
    autour = entoure(base, remplacant)
    for _ in range(3):
        autour.recense(DEMARCHE, RESOLUTION)
    assert "n'est pas connu ici" in base.inscriptions.warning(2)
    assert recense_encore(autour, inscrits) == []
    parti = candidature(9, ACCEPTE, evenement="Désistement", le=date(2023, 10, 1))
    if ailleurs:
        autre = replace(parti, demarche_number=DEMARCHE + 1)
        fiche = Fiche(dossier=autre, parties=parties(autre, frozenset()))
        base.dossiers.save_page(DEMARCHE + 1, fiches=(fiche,), trous=(), supprimes=(), watermark=None, now=MAINTENANT)
        autour.recense(DEMARCHE + 1, RESOLUTION)
    else:
        depose(base, parti)
    assert 2 in recense_encore(autour, inscrits)
    assert not base.inscriptions.warning(2)
    assert [t.dossier for t in base.postes.of_dossier(2).titulaires] == [9, 2]


def test_a_warning_is_lifted_the_day_that_it_waits_for(base, inscrits):
    demain = AUJOURD_HUI + timedelta(days=1)
    autour = entoure(base, candidature(1, ACCEPTE, evenement="Prise de fonction constatée", le=demain))
    for _ in range(3):
        autour.recense(DEMARCHE, RESOLUTION)
    assert "pas encore venu" in base.inscriptions.warning(1)
    assert recense_encore(autour, inscrits) == []
    assert recense_encore(autour, inscrits, jour=demain) == [1]
    assert not base.inscriptions.warning(1)
    assert base.postes.of_dossier(1).etat is EtatPoste.POURVU


def test_a_post_that_moves_while_the_dossiers_are_entered_has_the_warnings_asked_again_by_the_next_pass(base, inscrits):
    sorti = candidature(1, ACCEPTE, evenement="Désistement", le=date(2023, 10, 1))
    autour = entoure(base, sorti, candidature(2, ACCEPTE, date_prise_fonction=None))
    autour.recense(DEMARCHE, RESOLUTION)
    assert recense_encore(autour, inscrits) == []
    remplacant = candidature(3, ACCEPTE, type_demande="Remplacement", dossier_remplace=LienDossier(number=1))
    depose(base, remplacant)
    assert recense_encore(autour, inscrits) == [2, 3]
    assert recense_encore(autour, inscrits) == [2], "the post changed hands after the warning was asked"
    assert recense_encore(autour, inscrits) == []


def test_only_a_taking_up_makes_a_post_held(base):
    tenu = candidature(1, ACCEPTE, evenement="Prise de fonction constatée", le=date(2023, 11, 2))
    autour = entoure(base, tenu, candidature(2, ACCEPTE))
    compteurs = regarde(autour, tenu).compteurs
    assert (compteurs.accordes, compteurs.pourvus) == (2, 1)


def test_beyond_the_places_left_a_dossier_waits_by_its_date_of_deposit(base):
    attente = [candidature(n) for n in (2, 3, 4)]
    autour = entoure(base, candidature(1, ACCEPTE), *attente)
    autour.apprecie({d.number: True for d in attente})
    autour.rafraichit()
    assert [regarde(autour, d).attend(d.number) for d in attente] == [False, True, True]
    assert regarde(autour, attente[2]).compteurs.rang_d_attente(4) == 2


def test_beyond_the_places_left_those_whom_people_retained_are_told_so_by_their_rank(base):
    retenus = {2: 3, 3: 1, 4: None, 5: None, 99: 1}
    dossiers = [candidature(n) for n in (2, 3, 4)]
    autour = entoure(base, candidature(1, ACCEPTE), candidature(5, ACCEPTE, promotion="2020-2022"), *dossiers)
    assert [regarde(autour, d).hors_quota for d in dossiers] == [False, False, False]
    autour.retenus = lambda: retenus
    autour.rafraichit()
    assert [regarde(autour, d).hors_quota for d in dossiers] == [True, False, True]
    sans_compte = entoure(base, parametres=Parametres())
    sans_compte.retenus = lambda: retenus
    assert not regarde(sans_compte, dossiers[0]).hors_quota


def test_without_parameters_or_without_a_promotion_there_is_nothing_to_count(base):
    autour = entoure(base, candidature(1), parametres=Parametres())
    assert not autour.compte_les_places()
    assert monde(base).compte_les_places()
    assert regarde(autour, candidature(1)).compteurs is None
    assert regarde(entoure(base, candidature(2)), candidature(2, promotion=None)).compteurs is None
    assert not Situation().attend(1)


def test_counters_stand_still_until_the_world_is_looked_at_anew(base):
    un, deux = candidature(1), candidature(2)
    autour = entoure(base, un, deux)
    assert regarde(autour, un).compteurs.reserves == 0
    autour.apprecie({1: True, 2: True})
    assert regarde(autour, un).compteurs.reserves == 0
    autour.rafraichit()
    assert regarde(autour, un).compteurs.reserves == 2


def test_a_dossier_is_judged_again_only_when_the_world_says_something_else_of_it(base):
    un, ailleurs = candidature(1), candidature(2, promotion="2024-2026")
    autour = entoure(base, un, ailleurs)
    juge(base, un, ailleurs)
    assert list(autour.deplaces(DEMARCHE)) == [1, 2]
    autour.retient([1, 2, 99])
    assert list(autour.deplaces(DEMARCHE)) == []
    entoure(base, candidature(3, ACCEPTE))
    autour.rafraichit()
    assert list(autour.deplaces(DEMARCHE)) == [1]
    autour.retient([])


def test_who_was_just_told_by_this_very_sight_of_the_world_is_not_looked_at(base, monkeypatch):
    un, deux = candidature(1), candidature(2, promotion="2024-2026")
    autour = entoure(base, un, deux)
    juge(base, un, deux)
    autour.retient([1])
    looked = []
    entourage = Monde._entourage
    monkeypatch.setattr(
        Monde, "_entourage", lambda self, i, *a, **k: looked.append(i.dossier) or entourage(self, i, *a, **k)
    )
    assert list(autour.deplaces(DEMARCHE)) == looked == [2]
    looked.clear()
    base.dossiers.mark_absent(2, cause="supprimé", now=MAINTENANT)
    assert list(autour.deplaces(DEMARCHE)) == []
    assert looked == [1], "somebody left since the world was looked at"
    looked.clear()
    autour.rafraichit()
    assert list(autour.deplaces(DEMARCHE)) == []
    assert looked == [1]


def test_the_counters_of_a_decided_dossier_are_not_looked_at_again(base):
    un, decide = candidature(1), candidature(2, ACCEPTE)
    autour = entoure(base, un, decide)
    juge(base, un, decide)
    autour.retient([1, 2])
    autour.apprecie({1: True})
    autour.rafraichit()
    assert list(autour.deplaces(DEMARCHE)) == [1]


def test_asked_to_stop_no_other_dossier_is_looked_at_and_all_are_the_next_time(base):
    tous = [candidature(n) for n in (1, 2, 3)]
    autour = entoure(base, *tous)
    juge(base, *tous)
    stops = iter([False, True])
    assert list(autour.deplaces(DEMARCHE, arrete=lambda: next(stops))) == [1]
    assert list(autour.deplaces(DEMARCHE)) == [1, 2, 3]


def test_while_nothing_moves_no_dossier_is_looked_at(base, monkeypatch):
    un = candidature(1)
    autour = entoure(base, un)
    juge(base, un)
    autour.retient([1])
    assert list(autour.deplaces(DEMARCHE)) == []
    autour.tout_dit(DEMARCHE)
    looked = []
    monkeypatch.setattr(type(base.inscriptions), "judged", lambda *_, **__: looked.append(1) or iter(()))
    for _ in range(3):
        autour.recense(DEMARCHE, RESOLUTION)
        assert list(autour.deplaces(DEMARCHE)) == []
    assert looked == []
    demain = monde(base)
    demain.aujourd_hui = lambda: AUJOURD_HUI + timedelta(days=1)
    demain.recense(DEMARCHE, RESOLUTION)
    assert list(demain.deplaces(DEMARCHE)) == []
    assert looked == [1], "a date may have come into force"


MOUVEMENTS = {
    "another dossier": lambda base: entoure(base, candidature(9)),
    "a post": lambda base: entoure(base, candidature(9, ACCEPTE)),
    "one that competes": lambda base: base.inscriptions.appraise({2: True}),
    "one that is gone": lambda base: base.dossiers.mark_absent(2, cause="supprimé", now=MAINTENANT),
    "one that is deleted": lambda base: efface(base, 2),
    "one that comes out of quarantine": lambda base: revient(base, 2),
    "one read otherwise": lambda base: entoure(base, candidature(2, promotion="2024-2026")),
}


def efface(base, number):
    with base.connexion.transaction():
        base.connexion.run("DELETE FROM dossiers WHERE number = ?", (number,))


def revient(base, number):
    base.dossiers.quarantine(DEMARCHE, number, cause="x", now=MAINTENANT)
    assert base.dossiers.dossier(number) is not None
    depose(base, candidature(number))


@pytest.mark.parametrize("mouvement", MOUVEMENTS.values(), ids=MOUVEMENTS)
def test_whatever_may_change_what_is_said_of_a_dossier_has_them_looked_at_again(base, mouvement):
    autour = entoure(base, candidature(1), candidature(2))
    before = base.inscriptions.movements()
    autour.recense(DEMARCHE, RESOLUTION)
    assert base.inscriptions.movements() == before, "nothing moved"
    mouvement(base)
    assert base.inscriptions.movements() > before


def test_counters_that_move_are_compared_at_the_first_cycle_of_a_day_and_what_they_decide_at_once(base):
    un, deux, trois = (candidature(n) for n in (1, 2, 3))
    autour = entoure(base, un, deux, trois)
    autour.apprecie({1: True})
    autour.rafraichit()
    juge(base, un, deux, trois)
    autour.retient([1, 2, 3])
    assert not autour.compteurs_dits()
    autour.tout_dit(DEMARCHE)
    autour.recense(DEMARCHE, RESOLUTION)
    assert autour.compteurs_dits()
    autour.apprecie({1: True, 2: True})
    autour.rafraichit()
    assert list(autour.deplaces(DEMARCHE)) == [], "« 2 réservés » now, and it waits"
    autour.apprecie({1: True, 2: True, 3: True})
    autour.rafraichit()
    assert list(autour.deplaces(DEMARCHE)) == [3], "no place is left for the third one: it changes its opinion"
    autour.retient([3])
    autour.tout_dit(DEMARCHE)
    autour.aujourd_hui = lambda: AUJOURD_HUI + timedelta(days=1)
    autour.recense(DEMARCHE, RESOLUTION)
    assert list(autour.deplaces(DEMARCHE)) == [1, 2]
    autour.retient([1, 2], sauf_compteurs={2})
    assert list(autour.deplaces(DEMARCHE)) == [2], "its counters are not shown yet"


def test_a_twin_that_arrives_changes_what_is_said_of_the_first(base):
    un = candidature(1, rpps="10000000009")
    autour = entoure(base, un)
    juge(base, un)
    autour.retient([1])
    autour = entoure(base, candidature(2, rpps="10000000009"))
    assert list(autour.deplaces(DEMARCHE)) == [1]


def test_dossiers_supposed_favourable_compete_without_having_been_judged(base):
    dossiers = [candidature(n) for n in (1, 2, 3)]
    autour = entoure(base, *dossiers)
    autour.suppose(frozenset({1, 2, 3}))
    assert [regarde(autour, d).attend(d.number) for d in dossiers] == [False, False, True]
    autour.suppose(frozenset({3}))
    assert not regarde(autour, dossiers[2]).attend(3)


def test_many_dossiers_are_entered_some_at_a_time(base):
    autour = entoure(base, *(candidature(n) for n in range(1, 431)))
    assert base.inscriptions.find(430) is not None
    autour.recense(DEMARCHE, RESOLUTION)
    assert list(base.inscriptions.stale(DEMARCHE, lecture="autre", jour=AUJOURD_HUI))


def test_nothing_is_known_of_a_dossier_nowhere():
    assert nulle_part(Projet(dossier=1), dossier(1)) == Situation()


def test_a_library_that_is_missing_is_told_when_asked_for(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "shapely", None)
    with pytest.raises(OperatorError, match="shapely"):
        geo.QuartiersIndex(())
