"""The domain's tables of the configuration: words, campaign, scales, quotas, each dated and sourced."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.config import load
from connector.core.annexe_dgos import QUOTAS
from connector.core.campagne import Campagne
from connector.core.constat import Source
from connector.core.cout import FinApresReport, Lecture
from connector.core.pet import Derogation
from connector.core.poste import Categorie
from connector.core.quota import ModeQuota, Nature, StatutQuota, TypeDemande
from connector.errors import ConfigError

EXEMPLE = Path(__file__).parents[2] / "config.example.toml"

BASE = """
[[demarches]]
numero = 1
nom = "Une"

[sources]
cahier = { texte = "Cahier", opposable = true }
ars = { texte = "ARS", opposable = false }
"""

PET = """
[pet]
seuil_km = 20
bande_km = 5
sinuosite = 1.3
categories = ["I", "ii"]
alternance = ["III"]
service_hebdomadaire = 10
penitentiaire = "prison"

[[pet.baremes]]
date_effet = 2022-02-10
source = "cahier § 3"
paliers = [{ libelle = "une", a_partir_de = 1, jusqu_a = 1, montant = 250.5, lieux_minimum = 2 }]
"""

COUT = """
[cout]
lecture = "b"
part_salaire = { valeur = 60, source = "ars" }
part_pet = { valeur = 0, source = "ars" }
charges = { valeur = 42, source = "ars" }
charges_sur_pet = true
fin_apres_report = "maintenue"

[[cout.baremes]]
date_effet = 2022-07-01
valable_jusqu_au = 2023-06-30
base_mensuelle = 2762.16
indemnite_mensuelle = 1010
source = "cahier § 3"
"""

QUOTA = """
[[quotas]]
promotion = "2023-2025"
region = "24"
categorie = "II"
valeur = 6
source = "cahier"
date_effet = 2023-07-07
"""


@pytest.fixture
def lire(tmp_path):
    def lit(texte):
        chemin = tmp_path / "config.toml"
        chemin.write_text(BASE + texte, encoding="utf-8")
        return load(chemin, {}).demarches[0]

    return lit


@pytest.fixture
def problemes(lire):
    def trouve(texte):
        with pytest.raises(ConfigError) as refus:
            lire(texte)
        return [(p.path, p.message) for p in refus.value.problems]

    return trouve


# ── words and dates


def test_the_words_of_the_reference_form_are_known_without_a_table(lire):
    mots = lire("").vocabulaire
    assert mots.categories["exercice en outre-mer"] is Categorie.III
    assert mots.demandes["report de prise de fonction"] is TypeDemande.REPORT
    assert mots.durees == {"1 an": 12, "2 ans": 24}
    assert mots.derogations["accordee"] is Derogation.ACCORDEE


def test_a_form_with_other_words_says_what_they_mean(lire):
    mots = lire(
        '[vocabulaire]\ncategories = { "Ville-hôpital" = "II" }\ndemandes = { "Initiale" = "nouvelle" }\n'
        'durees = { "18 mois" = 18 }\nderogations = { "Oui" = "accordee" }\n'
    ).vocabulaire
    assert mots.categories == {"ville-hopital": Categorie.II}
    assert mots.demandes == {"initiale": TypeDemande.NOUVELLE}
    assert mots.durees == {"18 mois": 18}
    assert mots.derogations == {"oui": Derogation.ACCORDEE}


def test_a_campaign_is_that_of_its_demarche_or_the_one_they_share(lire, tmp_path):
    assert lire("").campagne is None
    assert lire("[campagne]\ncloture = 2027-03-31\n").campagne == Campagne(cloture=date(2027, 3, 31))
    chemin = tmp_path / "config.toml"
    chemin.write_text(
        "[campagne]\ncloture = 2027-03-31\n"
        '[[demarches]]\nnumero = 1\nnom = "Une"\n[demarches.campagne]\nouverture = 2026-12-01\ncloture = 2027-01-31\n'
        '[[demarches]]\nnumero = 2\nnom = "Deux"\n',
        encoding="utf-8",
    )
    une, deux = load(chemin, {}).demarches
    assert une.campagne == Campagne(ouverture=date(2026, 12, 1), cloture=date(2027, 1, 31))
    assert deux.campagne == Campagne(cloture=date(2027, 3, 31))


# ── figures


def test_nothing_is_calculated_until_a_scale_is_written_but_the_national_annex_is_shipped(lire):
    parametres = lire("").parametres
    assert parametres.pet is None
    assert parametres.cout is None
    assert parametres.quota.mode is ModeQuota.INFORMATIF
    assert parametres.quotas == QUOTAS
    assert parametres.zonees == frozenset()


def test_the_prime_is_the_cores_own(lire):
    parametres = lire(PET).parametres
    assert parametres.penitentiaire == ("prison",)
    assert parametres.pet.categories == {Categorie.I, Categorie.II}
    assert parametres.pet.categories_en_alternance == {Categorie.III}
    assert parametres.pet.sinuosite == Decimal("1.3")
    (bareme,) = parametres.pet.baremes
    assert bareme.source == Source(texte="Cahier, § 3", opposable=True)
    (palier,) = bareme.paliers
    assert (palier.montant, palier.lieux_minimum, palier.plus_de) == (Decimal("250.5"), 2, None)


def test_the_cost_is_the_cores_own(lire):
    cout = lire(COUT).parametres.cout
    assert cout.lecture is Lecture.POSTE_ENTIER
    assert (cout.part_salaire.nom, cout.part_salaire.valeur) == ("cout.part_salaire", Decimal(60))
    assert cout.charges.source == Source(texte="ARS", opposable=False)
    assert cout.charges_sur_pet
    assert cout.fin_apres_report is FinApresReport.MAINTENUE
    assert cout.baremes[0].mensuel == Decimal("3772.16")
    assert (cout.baremes[0].annee_de, cout.baremes[0].annee_a) == (1, 2)


def test_employer_charges_are_none_until_the_ars_types_its_rate(lire):
    assert lire(COUT.replace("charges = { valeur = 42", "# charges = { valeur = 42")).parametres.cout.charges is None


def test_a_quota_is_added_to_the_annex(lire):
    texte = QUOTA + '[[quotas]]\npromotion = "2025-2027"\nregion = "03"\ncategorie = "III"\nsans_objet = true\n'
    texte += 'source = "ars"\ndate_effet = 2025-10-22\nnature = "national"\nstatut = "provisoire"\ncommentaire = "x"\n'
    *annexe, six, aucun = lire(texte).parametres.quotas
    assert tuple(annexe) == QUOTAS
    assert (six.valeur, six.nature, six.statut) == (6, Nature.REGIONAL, StatutQuota.DEFINITIF)
    assert (aucun.valeur, aucun.nature, aucun.statut) == (None, Nature.NATIONAL, StatutQuota.PROVISOIRE)
    assert aucun.commentaire == "x"


def test_the_mode_of_the_quota_is_chosen(lire):
    quota = lire('[quota]\nmode = "ordre"\npoids_un_an = 0.5\n').parametres.quota
    assert (quota.mode, quota.poids_un_an) == (ModeQuota.ORDRE, Decimal("0.5"))


ZONE = """
[correspondance.champs]
categorie = { libelle = "Catégorie", type = "choix" }
duree = { libelle = "Durée", type = "choix" }
lieux = { libelle = "Lieux", type = "repetition" }
[correspondance.saisies]
specialite_deficitaire = { libelle = "Motif", type = "texte" }
[[regles]]
type = "zone_sous_dense"
cle = "zone"
libelle = "zone"
sources = "cahier"
"""


def test_the_zone_is_told_for_the_categories_that_it_is_asked_of(lire):
    assert lire(ZONE).parametres.zonees == set(Categorie)
    ii = 'si = { categorie = "Entre structure ambulatoire et établissement de santé", duree = "2 ans" }\n'
    assert lire(ZONE + ii).parametres.zonees == {Categorie.II}
    sauf = 'si = { categorie = { sauf = "Exercice en Outre-mer" } }\n'
    assert lire(ZONE + sauf).parametres.zonees == {Categorie.I, Categorie.II}


# ── what changes opinions


@pytest.mark.parametrize("suite", [PET, COUT, QUOTA, "[campagne]\ncloture = 2027-03-31\n", '[quota]\nmode = "ordre"\n'])
def test_a_parameter_changes_the_version_of_the_rules_and_the_digest(tmp_path, suite):
    def lus(texte):
        chemin = tmp_path / "config.toml"
        chemin.write_text(BASE + texte, encoding="utf-8")
        settings = load(chemin, {})
        return settings.version_regles, settings.empreinte(settings.demarches[0])

    assert lus(suite) == lus(suite)
    assert all(avant != apres for avant, apres in zip(lus(""), lus(suite), strict=True))


# ── mistakes


@pytest.mark.parametrize(
    ("texte", "chemin", "mot"),
    [
        ("[campagne]\nouverture = 2027-04-01\ncloture = 2027-03-31\n", "campagne", "les dates se suivent"),
        ('[campagne]\ncloture = "31 mars"\n', "campagne.cloture", "une date est attendue"),
        ("[campagne]\nfermeture = 2027-03-31\n", "campagne.fermeture", "clé inconnue"),
        ('[vocabulaire]\ncategories = { "X" = "IV" }\n', "vocabulaire.categories.X", "valeur attendue"),
        ('[vocabulaire]\ndurees = { "Longtemps" = 0 }\n', "vocabulaire.durees.Longtemps", "au moins 1"),
        ("[pet]\nseuil_km = 20\n", "pet.baremes", "obligatoire"),
        (PET.replace("seuil_km = 20", "seuil_km = -1"), "pet.seuil_km", "au moins 0"),
        (PET.replace('"cahier § 3"', '"cahie § 3"'), "pet.baremes[0].source", "vouliez-vous dire « cahier »"),
        (
            PET + PET[PET.index("[[pet") :],
            "pet.baremes[1].date_effet",
            "un autre barème prend effet le 10/02/2022",
        ),
        (COUT.replace("valeur = 60", "valeur = 160"), "cout.part_salaire.valeur", "au plus 100"),
        (COUT.replace('60, source = "ars"', '60, source = "x"'), "cout.part_salaire.source", "source « x » inconnue"),
        (COUT.replace("2023-06-30", "2021-06-30"), "cout.baremes[0]", "vient avant « date_effet »"),
        (COUT.replace("valable_jusqu_au = 2023-06-30\n", ""), "cout.baremes[0].valable_jusqu_au", "obligatoire"),
        (COUT.replace('lecture = "b"', 'lecture = "C"'), "cout.lecture", "valeur attendue : « A » ou « B »"),
        (QUOTA.replace("valeur = 6\n", ""), "quotas[0]", "donnez « valeur »"),
        (QUOTA.replace("valeur = 6\n", "valeur = 6\nsans_objet = true\n"), "quotas[0]", "donnez « valeur »"),
        (QUOTA.replace("valeur = 6", "valeur = -1"), "quotas[0].valeur", "au moins 0"),
        (QUOTA.replace('"24"', '"99"'), "quotas[0].region", "code INSEE d'une région"),
        (QUOTA.replace("2023-2025", "2023"), "quotas[0].promotion", "« 2023-2025 »"),
        (QUOTA.replace('"cahier"', '"note"'), "quotas[0].source", "source « note » inconnue"),
        ("[quotas]\nvaleur = 6\n", "quotas", "une liste de tables est attendue"),
        (QUOTA.replace("valeur", "valeurs"), "quotas[0].valeurs", "vouliez-vous dire « valeur »"),
        ('[quota]\nmode = "strict"\n', "quota.mode", "« informatif » ou « ordre »"),
        (ZONE + 'avis = "Favorable"\n', "regles[0].avis", "une règle non respectée donne"),
        (
            ZONE.replace("zone_sous_dense", "duree") + 'mois_admis = ["12"]\n',
            "regles[0].mois_admis[0]",
            "nombre entier",
        ),
    ],
)
def test_a_mistake_is_told_in_french_with_its_path(problemes, texte, chemin, mot):
    trouves = problemes(texte)
    assert any(path == chemin and mot in message for path, message in trouves), trouves


def test_a_wrong_campaign_of_a_demarche_is_told_with_its_path(tmp_path):
    chemin = tmp_path / "config.toml"
    chemin.write_text('[[demarches]]\nnumero = 1\nnom = "Une"\n[demarches.campagne]\ncloture = 3\n', encoding="utf-8")
    with pytest.raises(ConfigError) as refus:
        load(chemin, {})
    assert [p.path for p in refus.value.problems] == ["demarches[0].campagne.cloture"]


def test_two_wrong_scales_are_told_at_once(problemes):
    trouves = problemes(PET.replace("bande_km", "bande") + COUT.replace("2762.16", '"beaucoup"'))
    assert {"pet.bande", "pet.bande_km", "cout.baremes[0].base_mensuelle"} <= {path for path, _ in trouves}


def test_the_example_has_no_mistake_and_every_section_of_the_domain():
    settings = load(EXEMPLE, {})
    parametres = settings.demarches[0].parametres
    assert parametres.pet
    assert parametres.cout
    assert len(parametres.quotas) == len(QUOTAS) + 1
