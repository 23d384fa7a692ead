"""The acceptance cases of the domain, deposited in a sandbox, synced over real HTTP, and read back in DS.

Places are those of the sandbox: real communes, invented structures, the trial zoning and neighbourhood of the demo.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from connector import demo, wiring
from connector.sandbox import formulaire as form
from connector.sandbox import lieux, monde, scenario
from connector.sandbox.recit import Horloge, Recit, pdf, piece, site
from connector.sandbox.server import Sandbox
from connector.sandbox.world import Fichier, World
from tests.e2e.conftest import SANS_LIMITE, Banc

L = lieux
CHU, BOURGES, ORLEANS, CHARTRES = L.CHU_TOURS, L.CH_BOURGES, L.CH_ORLEANS, L.CH_CHARTRES
QUOTITE_H, QUOTITE_A = "Quotité hospitalière (%)", "Quotité ambulatoire (%)"
MOTIF = "Motivation de la modulation des quotités"
TYPE, CATEGORIE = "Type de demande", "Catégorie de poste"
TEXTES = ("Synthèse", "Points à vérifier", "Quota", "Zone", "Pièces")
PRIME, STATUT = "Prime d'exercice territorial mensuelle (€)", "Statut de la prime"

ACCORDES = {
    "C01_accepte": L.VIERZON,
    "A2": L.ROMORANTIN,
    "A3": L.GIEN,
    "A4": L.PITHIVIERS,
    "A5": L.CHINON,
    "A6": L.DREUX,
}


def partage(hopital, ville, motif=None):
    return {QUOTITE_H: hopital, QUOTITE_A: ville} | ({MOTIF: motif} if motif else {})


def meme_fichier():
    document = pdf("Un seul document")
    return {form.CV: [Fichier.de("cv.pdf", document)], form.LETTRE: [Fichier.de("lettre.pdf", document)]}


def report(numero, motif):
    pieces = {"Courrier de demande de report": [piece("Courrier de demande de report", numero)]} if motif else {}
    motifs = {"Motif du report": motif} if motif else {}
    return {TYPE: form.REPORT, "Nouvelle date de prise de fonction": date(2024, 2, 1)} | pieces | motifs


def remplacement(numero):
    return {
        TYPE: form.REMPLACEMENT,
        "Dossier du candidat désisté": NUMEROS["C01_accepte"],
        "Répercussions sur le projet médical et les quotités": "La quotité ambulatoire passe de 50 à 60 %.",
        **partage(40, 60, "Le candidat souhaite renforcer la présence en ville."),
    }


CAT_1 = {CATEGORIE: form.ENTRE_ETABLISSEMENTS}
CAT_3 = {CATEGORIE: form.OUTRE_MER}

# name: hospital, specialty, places, changes, pieces left out
DEPOTS = {
    "C01": (CHU, "Dermatologie", [site(L.VIERZON)], {}, ()),
    "C02": (CHU, "Psychiatrie", [site(L.ROMORANTIN)], {}, (form.CONVENTION,)),
    "C03": (CHU, "Cardiologie", [site(L.LOCHES)], {}, ()),
    "C04": (CHU, "Gynécologie médicale", [site(L.TOURS_QUARTIER)], {}, ()),
    "C05": (BOURGES, "ORL", [site(L.SAINT_AMAND, "4")], partage(60, 40), ("CHU partenaire",)),
    "C06": (ORLEANS, "Rhumatologie", [site(L.GIEN, "2"), site(L.PITHIVIERS, "2")], partage(60, 40, "Plateau."), ()),
    "C07": (CHARTRES, "Endocrinologie", [site(L.AUNEAU)], {}, ()),
    "C08": (CHU, "Médecine générale", [site(L.CHATEAU_RENAULT)], {}, ()),
    "C09": (CHU, "Pédiatrie", [site(L.CH_DE_BLOIS, "3")], CAT_1 | partage(70, 30, "Entre établissements."), ()),
    "C10": (CHU, "Néphrologie", [site(L.CAYENNE, "10")], CAT_3 | partage(100, 0, "Un an puis un an."), ()),
    "E1": (ORLEANS, "Pneumologie", [site(L.GIEN, "5", "66")], {}, ()),
    "E2_route_22": (ORLEANS, "Cardiologie", [site(L.LA_FERTE)], {}, ()),
    "E2_accordee": (ORLEANS, "Neurologie", [site(L.LA_FERTE, "5", "18")], {}, ()),
    "E2_refusee": (ORLEANS, "Urologie", [site(L.LA_FERTE, "5", "18")], {}, ()),
    "E2_en_cours": (ORLEANS, "Gériatrie", [site(L.LA_FERTE, "5", "18")], {}, ()),
    "E3": (CHU, "Dermatologie", [site(L.VIERZON, "6", "118")], "remplacement", ()),
    "E4": (CHU, "Psychiatrie", [site(L.ROMORANTIN, "5", "92")], "report", ()),
    "E4_non_motive": (BOURGES, "ORL", [site(L.SAINT_AMAND, "5", "45")], "report muet", ()),
    "E5_meung": (ORLEANS, "Oncologie", [site(L.MEUNG)], {}, ()),
    "E5_fleury": (ORLEANS, "Radiologie", [site(L.FLEURY)], {}, ()),
    "E6": (CHU, "Hématologie", [site(L.THENAY, "5", "55")], {}, ()),
    "E7": (CHU, "Pédiatrie", [site(L.VIERZON, "5", "118")], "doublon", ()),
    "E8": (CHU, "Urologie", [site(L.ROMORANTIN, "6", "92")], partage(40, 60, "Besoin en ville."), ()),
    "E9": (CHU, "Oncologie", [site(L.AMBOISE, "5", "27")], {}, ()),
}
NUMEROS = {nom: 200_001 + rang for rang, nom in enumerate((*ACCORDES, *DEPOTS))}

# name: opinion, status of the prime, its amount (None: none is written), opinion once the places are counted
ATTENDUS = {
    "C01": ("Favorable", "Due", 1000, "Liste d'attente"),
    "C02": ("À compléter", "À confirmer", 1000, "À compléter"),
    "C03": ("Défavorable", "Due", 1000, "Défavorable"),
    "C04": ("Favorable", "À confirmer", None, "Liste d'attente"),
    "C05": ("À compléter", "Due", 700, "À compléter"),
    "C06": ("À vérifier", "Due", 1000, "À vérifier"),
    "C07": ("Favorable", "À confirmer", None, "Liste d'attente"),
    "C08": ("Défavorable", "Due", 1000, "Défavorable"),
    "C09": ("Favorable", "Due", 450, "Favorable"),
    "C10": ("Réorientation", "À confirmer", None, "Réorientation"),
    "E1": ("Favorable", "Due", 1000, "Liste d'attente"),
    "E2_route_22": ("Favorable", "Due", 1000, "Liste d'attente"),
    "E2_accordee": ("Favorable", "Due", 1000, "Liste d'attente"),
    "E2_refusee": ("Favorable", "Non due", 0, "Liste d'attente"),
    "E2_en_cours": ("Favorable", "À confirmer", None, "Liste d'attente"),
    "E3": ("À compléter", "Due", 1000, "À compléter"),
    "E4": ("Favorable", "Due", 1000, "Favorable"),
    "E4_non_motive": ("À compléter", "Due", 1000, "À compléter"),
    "E5_meung": ("Favorable", "À confirmer", None, "Liste d'attente"),
    "E5_fleury": ("Favorable", "À confirmer", None, "Liste d'attente"),
    "E6": ("À vérifier", "Due", 1000, "À vérifier"),
    "E7": ("À compléter", "Due", 1000, "À compléter"),
    "E8": ("Favorable", "Due", 1000, "Liste d'attente"),
    "E9": ("Défavorable", "Due", 1000, "Défavorable"),
}


def changements(nom, mais):
    match mais:
        case "remplacement":
            return remplacement(NUMEROS[nom])
        case "report":
            return report(NUMEROS[nom], "Congé de maternité.")
        case "report muet":
            return report(NUMEROS[nom], None)
        case "doublon":
            return meme_fichier()
        case _:
            return mais


def monde_du_domaine() -> World:
    """The reference form, six accepted dossiers, and the cases, told in the days before now."""
    world = monde.monde_par_defaut(wiring.now)
    for dossier in list(world.dossiers.values()):
        world.remove_dossier(dossier)
    horloge = Horloge(world.now())
    recit = Recit(world=world, present=horloge.instant, horloge=horloge)
    world.now = horloge
    for nom, lieu in ACCORDES.items():
        numero = NUMEROS[nom]
        recit.depose(numero, 50, CHU, "Dermatologie" if nom == "C01_accepte" else "Gastro", site(lieu, "5", "118"))
        recit.le(45, "10:00", scenario.instructeur_passe_en_instruction, numero)
        recit.le(40, "16:00", scenario.instructeur_decide, numero, "accepte", motivation="Retenu.")
    for rang, (nom, (hopital, specialite, sites, mais, sans)) in enumerate(DEPOTS.items()):
        recit.depose(NUMEROS[nom], 30 - rang, hopital, specialite, *sites, mais=changements(nom, mais), sans=sans)
    recit.joue()
    world.now = wiring.now
    return world


def saisies(world: World) -> None:
    """What agents of the ARS typed."""
    for nom, valeurs in (
        ("E2_route_22", {"Distance routière retenue (km)": Decimal(22)}),
        ("E2_accordee", {"Dérogation PET": "Accordée"}),
        ("E2_refusee", {"Dérogation PET": "Refusée"}),
        ("E2_en_cours", {"Dérogation PET": "En cours"}),
    ):
        scenario.instructeur_annote(world, NUMEROS[nom], valeurs)


@pytest.fixture(scope="module")
def banc(tmp_path_factory) -> Iterator[Banc]:
    """The cases synced once, quota informative."""
    world = monde_du_domaine()
    saisies(world)
    with Sandbox(world, limite=SANS_LIMITE) as bac:
        banc = Banc(world, bac, demo.preparer(tmp_path_factory.mktemp("domaine") / "demo", bac, world))
        banc.reglage(
            mode='"annoter"',
            delais=f"{{ connexion_s = 10, reponse_s = 60, requetes_par_minute = {SANS_LIMITE} }}",
        )
        banc.run("sync")
        yield banc


@pytest.fixture(scope="module")
def avant(banc):
    """Opinion, status and amount of the prime in each dossier, as DS holds them after the first sync."""
    return {nom: lu(banc, numero) for nom, numero in NUMEROS.items()}


@pytest.fixture(scope="module")
def apres(banc, avant):
    """The same once the quota orders the dossiers."""
    texte = banc.chemin.read_text(encoding="utf-8")
    banc.chemin.write_text(texte.replace("[quota]\n", '[quota]\nmode = "ordre"\n'), encoding="utf-8")
    banc.run("sync")
    return {nom: lu(banc, numero) for nom, numero in NUMEROS.items()}


def lu(banc, numero):
    montant = banc.annotation(numero, PRIME)
    return {
        "avis": banc.annotation(numero, "Avis proposé"),
        "statut": banc.annotation(numero, STATUT),
        "prime": None if montant is None else Decimal(str(montant)),
        **{
            cle: plain(banc.annotation(numero, cle))
            for cle in ("Synthèse", "Points à vérifier", "Quota", "Zone", "Pièces")
        },
    }


def plain(texte: object) -> str:
    return str(texte or "").replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


@pytest.mark.parametrize("nom", ATTENDUS)
def test_the_opinion_and_the_prime_are_written_in_the_dossier(avant, nom):
    avis, statut, prime, _ = ATTENDUS[nom]
    trouve = avant[nom]
    assert (trouve["avis"], trouve["statut"], trouve["prime"]) == (avis, statut, prime), trouve


@pytest.mark.parametrize("nom", ATTENDUS)
def test_the_opinion_follows_once_the_places_are_counted(apres, nom):
    assert apres[nom]["avis"] == ATTENDUS[nom][3], apres[nom]


def test_the_waiting_list_is_in_the_order_of_deposit_and_told_with_the_override(apres):
    assert "6 accordés / 6" in apres["C01"]["Quota"]
    assert "rang 1 de la liste d'attente" in apres["C01"]["Quota"]
    assert "au-delà de la dotation nationale 2023-2025 (4)" in apres["C01"]["Quota"]
    attente = [nom for nom in ATTENDUS if apres[nom]["avis"] == "Liste d'attente"]
    rangs = [int(apres[nom]["Quota"].partition("rang ")[2].split()[0]) for nom in attente]
    assert rangs == sorted(rangs)


@pytest.mark.parametrize(
    ("nom", "cle", "mot"),
    [
        ("C02", "Pièces", "4/5 pièces (manque : convention)"),
        ("C03", "Zone", "HZ"),
        ("C04", "Zone", "QPV Quartier d'essai"),
        ("C05", "Points à vérifier", "aucun motif n'est donné"),
        ("C06", "Points à vérifier", "la modulation est motivée"),
        ("C08", "Points à vérifier", "chef de clinique de médecine générale"),
        ("C10", "Points à vérifier", "l'ARS Guyane"),
        ("E3", "Points à vérifier", "passe de 50 % à 60 %"),
        ("E3", "Quota", "un remplacement ne prend pas de nouvelle place"),
        ("E4_non_motive", "Points à vérifier", "il n'y a pas de financement"),
        ("E6", "Points à vérifier", "aucun zonage importé ne classe cette commune"),
        ("E7", "Pièces", "doublon"),
        ("C01", "Synthèse", "Vierzon ZIP ✓"),
    ],
)
def test_the_reason_is_where_an_instructor_looks(avant, nom, cle, mot):
    assert mot in avant[nom][cle], avant[nom]


def test_decided_dossiers_are_left_alone(avant):
    assert all(avant[nom]["avis"] is None for nom in ACCORDES)


def test_syncing_again_writes_nothing(banc, apres):
    banc.run("sync")
    banc.bac.reset()
    banc.run("sync")
    assert banc.bac.compteurs.mutations == 0
