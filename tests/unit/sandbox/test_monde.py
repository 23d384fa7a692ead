"""The default world: each dossier is the case that the table says, and the world of thousands stays small."""

from __future__ import annotations

import csv
import math
import re
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from connector.sandbox import formulaire as form
from connector.sandbox import lieux, monde, recit, scenario
from connector.sandbox.masse import PAR_INSTANT, PREMIER, SANS_CONVENTION
from connector.sandbox.monde import CAS, DEMARCHE, mise_en_service, monde_de_masse, monde_par_defaut
from connector.sandbox.server import Sandbox
from connector.sandbox.world import Adresse, Fichier, PersonneMorale

PRESENT = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
COMMUNES = Path(__file__).parents[3] / "../shared/data/communes_coords.csv"
LIEUX = "Lieux d'exercice hors site principal"


def maintenant():
    return PRESENT


@pytest.fixture(scope="module")
def world():
    return monde_par_defaut(maintenant)


class Lu:
    """A dossier by labels, as its own revision names them; hidden champs are there too."""

    def __init__(self, world, cas):
        self.world = world
        self.d = world.dossiers[CAS[cas]]
        self.revision = world.revision_de(self.d)
        self.valeurs, self.rangs = self.d.lit()

    def __getitem__(self, label):
        ecrite = self.valeurs.get((self.revision.nomme(label).stable_id, ""))
        return ecrite.valeur if ecrite else None

    @property
    def sites(self):
        repetition = self.revision.nomme(LIEUX)
        return [
            {
                e.label: self.valeurs[e.stable_id, rang].valeur
                for e in repetition.enfants
                if (e.stable_id, rang) in self.valeurs
            }
            for rang in self.rangs.get(repetition.stable_id, [])
        ]

    @property
    def manquantes(self):
        return [p for p in form.PIECES if not self[p]]

    @property
    def complet(self):
        """Every piece there, safe, not empty, of its own; half and half; one known site; new application."""
        fichiers = [f for p in form.PIECES for f in self[p] or ()]
        return (
            not self.manquantes
            and all(f.virus == "safe" and f.taille and f.content_type == "application/pdf" for f in fichiers)
            and len({f.checksum for f in fichiers}) == len(fichiers)
            and bool(self.sites)
        )

    @property
    def labels(self):
        noms = {x.number: x.name for x in self.world.demarche_de(self.d).labels}
        return [noms[n] for n in self.d.labels]

    @property
    def evenements(self):
        return [t.event for t in self.d.traitements]

    @property
    def humains(self):
        """The e-mails of those who wrote, the démarche's own left out."""
        return [m.email for m in self.d.messages if m.email != self.world.demarche_de(self.d).expediteur]


def accepte(d):
    return d.d.state == "accepte" and d.evenements == ["depose", "passe_en_instruction", "accepte"]


def quotites(d):
    return d["Quotité hospitalière (%)"], d["Quotité ambulatoire (%)"]


def commune(d):
    return d.sites[0]["Commune de la structure"].code


PREUVES = {
    "accepte_desiste": lambda d: accepte(d) and d["Événement"] == "Désistement" and "Désistement" in d.labels,
    "accepte_reporte": lambda d: accepte(d) and d["Événement"] == "Report accordé" and "Report" in d.labels,
    "accepte_archive": lambda d: accepte(d) and d.d.archived and d["Devenir à l'issue"] and d["Observations"],
    "refuse": lambda d: d.d.state == "refuse" and d.d.motivation and d.humains == [d.d.usager.email],
    "sans_suite": lambda d: d.d.state == "sans_suite" and d.d.motivation,
    "accepte_cat_1": lambda d: accepte(d) and d["Catégorie de poste"] == form.ENTRE_ETABLISSEMENTS,
    "accepte_corbeille": lambda d: accepte(d) and d.d.cache_par_usager_at and d.d.visible,
    "suivi_de_revision": lambda d: (
        d.d.state == "en_instruction" and d.d.traitements[0].revision != d.d.revision == d.world.demarche_de(d.d).active
    ),
    "avant_service": lambda d: d.manquantes == [form.CONVENTION] and d.d.state == "en_construction",
    "liste_attente": lambda d: d["Rang"] == 1 and d.labels == ["Liste d'attente"] and d.d.state == "en_instruction",
    "accepte": lambda d: accepte(d) and d.d.revision == d.world.demarche_de(d.d).active,
    "complet": lambda d: d.complet and quotites(d) == (50, 50) and commune(d) == "18279",
    "complet_cat_1": lambda d: d.complet and quotites(d) == (70, 30) and d.sites[0]["Demi-journées par semaine"] == 3,
    "sans_cv": lambda d: d.manquantes == [form.CV],
    "sans_lettre": lambda d: d.manquantes == [form.LETTRE],
    "sans_projet": lambda d: d.manquantes == [form.PROJET],
    "sans_convention": lambda d: d.manquantes == [form.CONVENTION],
    "sans_qualification": lambda d: d.manquantes == [form.QUALIFICATION],
    "sans_piece": lambda d: d.manquantes == list(form.PIECES) and d.humains == [d.d.usager.email],
    "fichier_vide": lambda d: [f.taille for f in d[form.LETTRE]] == [0],
    "fichier_double": lambda d: (
        d[form.CV][0].checksum == d[form.LETTRE][0].checksum and d[form.CV][0].filename != d[form.LETTRE][0].filename
    ),
    "format_refuse": lambda d: "wordprocessing" in d[form.PROJET][0].content_type,
    "antivirus_en_attente": lambda d: d[form.CONVENTION][0].virus == "pending",
    "infecte": lambda d: d[form.CV][0].virus == "infected",
    "deux_fichiers": lambda d: len(d[form.QUALIFICATION]) == 2 and b"/Encrypt" in d[form.QUALIFICATION][1].contenu,
    "medecine_generale": lambda d: d.complet and d["Spécialité"] == "Médecine générale",
    "outre_mer": lambda d: d["Catégorie de poste"] == form.OUTRE_MER and commune(d) == "97302",
    "modulation_non_motivee": lambda d: (
        quotites(d) == (60, 40)
        and d["Motivation de la modulation des quotités"] is None
        and d["CHU partenaire"] is None
    ),
    "modulation_motivee": lambda d: (
        quotites(d) == (60, 40)
        and d["Motivation de la modulation des quotités"]
        and [s["Demi-journées par semaine"] for s in d.sites] == [2, 2]
    ),
    "ambulatoire_60": lambda d: (
        quotites(d) == (40, 60)
        and d["Motivation de la modulation des quotités"]
        and b"%%EOF" not in d[form.CONVENTION][0].contenu
    ),
    "remplacement": lambda d: (
        d["Dossier du candidat désisté"] == CAS["accepte_desiste"]
        and d["Courrier expliquant le motif du désistement"]
        and d.complet
    ),
    "remplacement_incomplet": lambda d: (
        d["Dossier du candidat désisté"] == CAS["accepte_desiste"]
        and not d["Courrier expliquant le motif du désistement"]
        and quotites(d) == (40, 60)
    ),
    "remplacement_inconnu": lambda d: d["Dossier du candidat désisté"] not in d.world.dossiers,
    "report": lambda d: (
        d["Nouvelle date de prise de fonction"] == date(2024, 2, 1)
        and d["Motif du report"]
        and d["Courrier de demande de report"]
    ),
    "report_non_motive": lambda d: (
        d["Nouvelle date de prise de fonction"] and not d["Motif du report"] and not d["Courrier de demande de report"]
    ),
    "derogation": lambda d: (
        d["Demande de dérogation du directeur"]
        and d["Dérogation PET"] == "En cours"
        and d.sites[0]["Type de structure"] == "Unité sanitaire en milieu pénitentiaire"
    ),
    "derogation_sans_piece": lambda d: (
        d["Dérogation à la condition de 20 km demandée"] is True and not d["Demande de dérogation du directeur"]
    ),
    "plusieurs_sites": lambda d: len(d.sites) == 3,
    "vingt_kilometres": lambda d: (
        d.complet
        and 19.8 < vol_d_oiseau(lieux.CHARTRES, lieux.AUNEAU.lieu) < 20
        and d.sites[0]["Distance routière au site principal (km)"] is None
    ),
    "commune_inconnue": lambda d: commune(d) == "41257",
    "hors_zone": lambda d: d.complet and commune(d) == "37132",
    "quartier_prioritaire": lambda d: (
        commune(d) == "37261"
        and (d.sites[0]["Adresse de la structure"].longitude, d.sites[0]["Adresse de la structure"].latitude)
        == (0.7210, 47.4045)
    ),
    "hors_region": lambda d: d.sites[0]["Adresse de la structure"].region_code == "75",
    "sans_lieu": lambda d: d.sites == [],
    "structure_libre": lambda d: (
        d.sites[0]["Type de structure"] not in form.TYPES_DE_STRUCTURE
        and not d.sites[0]["Adresse de la structure"].complete
        and "Commune de la structure" not in d.sites[0]
        and b"/JavaScript" in d[form.PROJET][0].contenu
    ),
    "incoherent": lambda d: (
        sum(quotites(d)) == 90
        and d["Date de prise de fonction"] == date(2021, 11, 1)
        and d[form.CV][0].contenu.startswith(b"MZ")
    ),
    "conditionnel_cache": lambda d: (
        d["Motivation de la modulation des quotités"]
        and d["Demande de dérogation du directeur"]
        and not any(
            d.revision.nomme(label).visible(lambda s: d.valeurs[s, ""].valeur)
            for label in ("Motivation de la modulation des quotités", "Demande de dérogation du directeur")
        )
    ),
    "entreprise_degradee": lambda d: not d.d.demandeur.complet and d["SIRET de l'établissement"] == d.d.demandeur.siret,
    "compte_supprime": lambda d: d.d.usager.supprime and d.d.usager.connexion == "deleted",
    "tiers": lambda d: d.d.mandataire,
    "en_instruction": lambda d: d.d.state == "en_instruction" and [bool(a.reponse) for a in d.d.avis] == [True, False],
    "correction_en_attente": lambda d: d.d.correction_en_attente and d.manquantes == [form.PROJET],
    "correction_repondue": lambda d: (
        not d.d.correction_en_attente and d.evenements == ["depose", "depose_correction_usager"] and not d.manquantes
    ),
    "message_humain": lambda d: (
        len(d.humains) == 1 and d.humains[0] in {i.email for i in d.world.groupe_de(d.d).instructeurs} and d.manquantes
    ),
    "message_usager": lambda d: d.complet and d.humains == [d.d.usager.email],
    "annotations_humaines": lambda d: (
        d["Distance routière retenue (km)"] == Decimal("26.5")
        and d["Contrôle visuel des pièces"] is True
        and d["Modulation acceptée"] is True
        and d["Spécialité déficitaire (motif)"]
    ),
    "suivi_manuel": lambda d: d.labels == [form.SUIVI_MANUEL] and d.manquantes,
    "non_soumis": lambda d: d.d.tampon and d["Date de prise de fonction"] == date(2023, 11, 1),
    "promotion_suivante": lambda d: d["Promotion"] == "2024-2026" and d.d.depose_at.date() == PRESENT.date(),
    "corbeille_usager": lambda d: not d.d.visible and d.d.en_corbeille and d.d.cache_par_usager_at,
    "corbeille_ars": lambda d: not d.d.visible and d.d.en_corbeille and d.d.cache_par_administration_at,
    "expire": lambda d: not d.d.visible and not d.d.en_corbeille and d.d.cache_par_expiration_at,
    "brouillon": lambda d: not d.d.visible and d.d.state == "brouillon" and not d.d.traitements,
}


def vol_d_oiseau(a, b):
    la, lb = math.radians(a.latitude), math.radians(b.latitude)
    dlat, dlon = lb - la, math.radians(b.longitude - a.longitude)
    x = math.sin(dlat / 2) ** 2 + math.cos(la) * math.cos(lb) * math.sin(dlon / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(x))


def test_the_table_of_the_module_names_every_case_and_every_dossier(world):
    table = dict(re.findall(r"^    (\d{6})  (\w+) ", monde.__doc__, re.MULTILINE))
    assert {nom: int(numero) for numero, nom in table.items()} == CAS
    assert set(world.dossiers) == set(CAS.values()) - {CAS["purge"]}
    assert set(PREUVES) == set(CAS) - {"purge"}


@pytest.mark.parametrize("cas", PREUVES)
def test_each_dossier_is_the_case_that_the_table_says(world, cas):
    assert PREUVES[cas](Lu(world, cas))


def test_the_purged_dossier_left_a_line_in_the_log(world):
    (ligne,) = world.demarches[DEMARCHE].supprimes
    assert (ligne.number, ligne.reason) == (CAS["purge"], "user_request")
    assert ligne.deleted_at < PRESENT - timedelta(days=39)


def test_the_world_is_large_and_varied(world):
    visibles = [d for d in world.dossiers.values() if d.visible]
    assert len(visibles) >= 40
    assert {d.state for d in visibles} == {"en_construction", "en_instruction", "accepte", "refuse", "sans_suite"}
    assert {d.groupe for d in visibles} == {g.number for g in world.demarches[DEMARCHE].groupes}


def test_decided_dossiers_keep_the_old_revision_and_the_others_follow(world):
    demarche = world.demarches[DEMARCHE]
    anciens = {d.number for d in world.dossiers.values() if d.revision != demarche.active}
    assert anciens == {CAS[c] for c in CAS if CAS[c] <= CAS["accepte_corbeille"]}
    assert all(world.dossiers[n].termine for n in anciens)


def test_some_dossiers_were_filed_before_the_service_started(world):
    avant = {d.number for d in world.dossiers.values() if d.depose_at and d.depose_at < mise_en_service(PRESENT)}
    assert avant == set(range(CAS["accepte_desiste"], CAS["complet"]))


def test_nothing_happens_after_now_and_nothing_is_left_to_do(world):
    for d in world.dossiers.values():
        messages, histoire = [m.created_at for m in d.messages], [t.date for t in d.traitements]
        assert max([d.updated_at, *messages, *histoire]) < PRESENT
        assert d.created_at == min([d.updated_at, *messages, *histoire])
        assert messages == sorted(messages)
        assert histoire == sorted(histoire)
    assert world.taches == []


@pytest.mark.parametrize(
    "present", [PRESENT, datetime(2026, 3, 29, 0, 15, tzinfo=UTC), datetime(2023, 9, 1, 23, tzinfo=UTC)]
)
def test_the_world_can_be_told_at_any_hour(present):
    world = monde_par_defaut(lambda: present)
    assert len(world.dossiers) == len(CAS) - 1
    assert max(d.updated_at for d in world.dossiers.values()) < present


def test_the_clock_is_the_given_one_once_the_story_is_told():
    instants = iter([PRESENT, PRESENT, *(PRESENT + timedelta(minutes=n) for n in range(1, 9))])
    world = monde_par_defaut(lambda: next(instants))
    numero = CAS["complet"]
    assert scenario.usager_envoie_message(world, numero, "Bonjour").created_at > PRESENT


def test_two_tellings_give_the_same_world(world):
    autre = monde_par_defaut(maintenant)
    for numero, d in world.dossiers.items():
        jumeau = autre.dossiers[numero]
        assert (d.lit(), d.updated_at, d.messages, d.traitements) == (
            jumeau.lit(),
            jumeau.updated_at,
            jumeau.messages,
            jumeau.traitements,
        )


def test_without_the_recommended_annotations_the_same_dossiers_are_filed():
    world = monde_par_defaut(maintenant, conseillees=False)
    assert set(world.dossiers) == set(CAS.values()) - {CAS["purge"]}
    labels = {d.label for r in world.demarches[DEMARCHE].revisions for d in r.annotations}
    assert "Rang" not in labels
    assert "Synthèse" in labels


def test_accounts_opened_later_do_not_take_the_number_of_another(world):
    numeros = {d.usager.number for d in world.dossiers.values()}
    depot = scenario.usager_depose(
        monde_par_defaut(maintenant), demarche=DEMARCHE, valeurs={}, demandeur=lieux.CHU_TOURS.personne_morale
    )
    assert depot.usager.number not in numeros
    assert depot.number > max(CAS.values())


def test_files_are_readable_pdfs_that_can_be_downloaded(world):
    numero = CAS["complet"]
    (cv,) = Lu(world, "complet")[form.CV]
    assert world.blobs[cv.cle] is cv
    debut = int(cv.contenu.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert cv.contenu[debut:].startswith(b"xref\n0 6\n")
    for rang, ligne in enumerate(cv.contenu[debut:].split(b"\n")[3:8], 1):
        assert cv.contenu[int(ligne[:10]) :].startswith(b"%d 0 obj" % rang)
    assert str(numero).encode() in cv.contenu


def test_a_title_with_brackets_stays_inside_its_pdf():
    assert rb"(a \(b\\c\))" in recit.pdf("a (b\\c)")


def test_tokens_write_read_or_have_expired(world):
    assert world.jetons[monde.JETON_ECRITURE].ecriture
    assert not world.jetons[monde.JETON_LECTURE].ecriture
    assert world.jetons[monde.JETON_EXPIRE].expire_le < PRESENT.date()
    assert len(world.jetons) == 3


# --- places ---


def lieux_du_monde():
    return [h.lieu for h in lieux.HOPITAUX] + [s.lieu for s in lieux.STRUCTURES]


def test_communes_are_real_and_where_they_should_be():
    if not COMMUNES.exists():
        pytest.skip("../shared/data/communes_coords.csv is not here")
    with COMMUNES.open(encoding="utf-8") as f:
        connues = {ligne["code_insee"]: ligne for ligne in csv.DictReader(f)}
    for lieu in lieux_du_monde():
        if lieu is lieux.THENAY.lieu:
            assert lieu.insee not in connues
            continue
        connue = connues[lieu.insee]
        centre = lieux.Lieu(
            nom="",
            insee=lieu.insee,
            postal="",
            latitude=float(connue["latitude"]),
            longitude=float(connue["longitude"]),
        )
        assert lieu.nom == connue["nom"]
        assert vol_d_oiseau(lieu, centre) < 5, lieu.nom


def test_a_road_is_never_shorter_than_the_straight_line(world):
    for d in world.dossiers.values():
        if not d.visible or not isinstance(d.demandeur, PersonneMorale):
            continue
        hopital = next(h for h in lieux.HOPITAUX if h.siret == d.demandeur.siret)
        for site in Lu(world, next(c for c, n in CAS.items() if n == d.number)).sites:
            adresse, route = site["Adresse de la structure"], site.get("Distance routière au site principal (km)")
            if route and isinstance(adresse, Adresse) and adresse.complete:
                assert float(route) >= vol_d_oiseau(hopital.lieu, adresse), (d.number, site["Nom de la structure"])


def luhn(chiffres):
    doubles = [int(c) * (2 if rang % 2 else 1) for rang, c in enumerate(reversed(chiffres))]
    return sum(x - 9 if x > 9 else x for x in doubles) % 10 == 0


@pytest.mark.parametrize("hopital", lieux.HOPITAUX, ids=lambda h: h.domaine)
def test_hospitals_have_numbers_with_the_right_keys_that_belong_to_no_one(hopital):
    assert len(hopital.siret) == 14
    assert luhn(hopital.siret)
    assert luhn(hopital.siret[:9])
    assert hopital.siret.startswith("9990")
    assert len(hopital.finess) == 9
    assert luhn(hopital.finess)
    assert hopital.personne_morale.adresse.city_code == hopital.lieu.insee


def test_everyone_has_a_number_of_the_register_of_doctors(world):
    rpps = [Lu(world, cas)["N° RPPS"] for cas in PREUVES if cas != "brouillon"]
    assert len(set(rpps)) == len(rpps)
    assert all(len(n) == 11 and luhn(n) for n in rpps)


# --- over HTTP ---

DOCUMENT = """
query ($n: Int!, $apres: String) {
  demarche(number: $n) {
    dossiers(first: 100, after: $apres, updatedSince: "1970-01-01T00:00:00Z") {
      pageInfo { hasNextPage endCursor }
      nodes {
        number
        demandeur { __typename ... on PersonneMorale { siret } ... on PersonneMoraleIncomplete { siret } }
        champs { label ... on PieceJustificativeChamp { files { filename virusScanResult } } }
        annotations { label stringValue }
      }
    }
  }
}
"""


def lus_par_http(world):
    with Sandbox(world) as bac:
        apres, lus = None, {}
        while True:
            reponse = requests.post(
                bac.endpoint,
                json={"query": DOCUMENT, "variables": {"n": DEMARCHE, "apres": apres}},
                headers={"Authorization": f"Bearer {monde.JETON_LECTURE}"},
                timeout=30,
            ).json()
            assert "errors" not in reponse
            page = reponse["data"]["demarche"]["dossiers"]
            lus |= {d["number"]: d for d in page["nodes"]}
            apres = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return lus


def test_every_listed_dossier_is_read_over_http(world):
    lus = lus_par_http(world)
    assert set(lus) == {d.number for d in world.dossiers.values() if d.visible}
    assert lus[CAS["entreprise_degradee"]]["demandeur"]["__typename"] == "PersonneMoraleIncomplete"
    champs = {c["label"]: c for c in lus[CAS["infecte"]]["champs"]}
    assert champs[form.CV]["files"] == []
    assert "Motivation de la modulation des quotités" not in {
        c["label"] for c in lus[CAS["conditionnel_cache"]]["champs"]
    }


# --- thousands ---


def test_a_world_of_thousands_is_read_over_http_whatever_its_ties():
    world = monde_de_masse(250, maintenant)
    lus = lus_par_http(world)
    assert len(lus) == 250
    assert len({d.updated_at for d in world.dossiers.values()}) == math.ceil(250 / PAR_INSTANT)


def test_a_made_up_dossier_has_as_much_to_read_as_a_real_one():
    world = monde_de_masse(10, maintenant)
    dossier = world.dossiers[PREMIER]
    revision = world.revision_de(dossier)
    valeurs, rangs = dossier.lit()
    inner = sum(len(d.enfants) * len(rangs.get(d.stable_id, [])) for d in revision.champs)
    assert len(revision.champs) + inner >= 40
    assert len(revision.annotations) >= 20
    assert len(valeurs) >= 25


def test_a_made_up_dossier_reads_the_same_twice_and_differs_from_the_next():
    world = monde_de_masse(10, maintenant)
    premier, second = world.dossiers[PREMIER], world.dossiers[PREMIER + 1]
    assert premier.lit() == premier.lit()
    assert premier.lit() != second.lit()


def test_one_made_up_dossier_out_of_five_lacks_its_agreement():
    world = monde_de_masse(50, maintenant)
    convention = world.demarches[DEMARCHE].revision_active.nomme(form.CONVENTION).stable_id
    sans = [d.number for d in world.dossiers.values() if (convention, "") not in d.lit()[0]]
    assert sans == [n for n in world.dossiers if n % SANS_CONVENTION == 0]
    assert len(sans) == 10


def test_writing_to_a_made_up_dossier_keeps_what_was_written():
    world = monde_de_masse(10, maintenant)
    scenario.instructeur_annote(world, PREMIER, {"Note du projet": 12})
    note = world.demarches[DEMARCHE].revision_active.nomme("Note du projet").stable_id
    assert world.dossiers[PREMIER].lit()[0][note, ""].valeur == 12
    assert (note, "") not in world.dossiers[PREMIER + 1].lit()[0]


def test_made_up_files_have_their_own_checksum_and_cannot_be_downloaded():
    world = monde_de_masse(20, maintenant)
    fichiers = [
        f
        for d in world.dossiers.values()
        for v in d.lit()[0].values()
        if isinstance(v.valeur, list)
        for f in v.valeur
        if isinstance(f, Fichier)
    ]
    assert len({f.checksum for f in fichiers}) == len(fichiers)
    assert world.blobs == {}


def pese(n):
    tracemalloc.start()
    try:
        world = monde_de_masse(n, maintenant)
        return world, tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_ten_thousand_dossiers_take_ten_times_a_thousand_and_a_kilobyte_or_so_each():
    _, mille = pese(1_000)
    _, dix_mille = pese(10_000)
    assert dix_mille < 11 * mille
    assert dix_mille / 10_000 < 2_000


def test_reading_every_made_up_dossier_keeps_nothing():
    world = monde_de_masse(2_000, maintenant)
    tracemalloc.start()
    try:
        avant = tracemalloc.get_traced_memory()[0]
        for d in world.dossiers.values():
            d.lit()
        apres = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert apres - avant < 100_000
