"""What people do, act by act, and the kinds of champ they fill."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from petit_monde import NORD, SUD, depose

from connector.sandbox import scenario
from connector.sandbox.world import (
    Adresse,
    Code,
    Commune,
    Condition,
    Descripteur,
    Fichier,
    PersonneMorale,
    PersonnePhysique,
    node_id,
)

CENTRE = Code(name="Centre-Val de Loire", code="24")
INDRE = Code(name="Indre-et-Loire", code="37")
CORPS = """
query d($n: Int!) { dossier(number: $n) { champs {
  __typename stringValue
  ... on RegionChamp { region { code } } ... on PaysChamp { pays { code } } ... on EpciChamp { epci { code } }
  ... on DepartementChamp { departement { code } } ... on RNAChamp { rna { id title } }
  ... on RNFChamp { rnf { id } } ... on LinkedDropDownListChamp { primaryValue secondaryValue }
  ... on CommuneChamp { commune { code postalCode } departement { code } } ... on TitreIdentiteChamp { filled }
  ... on AddressChamp { address { cityName geometry { type coordinates } } commune { code } departement { code } }
  ... on SiretChamp { etablissement { siret } } ... on CiviliteChamp { civ: value } ... on DatetimeChamp { datetime }
  ... on DecimalNumberChamp { decimal: value } ... on IntegerNumberChamp { entier: value } ... on DateChamp { date }
} } }
"""
VIDE_ADRESSE = {"address": None, "commune": None, "departement": None}


@pytest.mark.parametrize(
    ("sorte", "valeur", "attendu"),
    [
        ("regions", CENTRE, {"stringValue": "Centre-Val de Loire", "region": {"code": "24"}}),
        ("pays", Code(name="France", code="FR"), {"stringValue": "France", "pays": {"code": "FR"}}),
        ("epci", Code(name="Tours Métropole", code="243700754"), {"epci": {"code": "243700754"}}),
        ("departements", INDRE, {"stringValue": "37 - Indre-et-Loire", "departement": {"code": "37"}}),
        ("rna", ("W372001234", "Les amis"), {"rna": {"id": "W372001234", "title": "Les amis"}}),
        ("rnf", ("033-FDD-00003-01", None), {"rnf": {"id": "033-FDD-00003-01"}}),
        ("linked_drop_down_list", ("A", "b"), {"stringValue": "A / b", "primaryValue": "A", "secondaryValue": "b"}),
        ("linked_drop_down_list", None, {"stringValue": "", "primaryValue": "", "secondaryValue": ""}),
        (
            "communes",
            Commune(name="Tours", code="37261", postal_code="37000", departement=INDRE),
            {"stringValue": "Tours (37000)", "commune": {"code": "37261", "postalCode": "37000"}},
        ),
        (
            "communes",
            Commune(name="Tours", code="37261", postal_code=None),
            {"stringValue": "Tours", "departement": None},
        ),
        ("titre_identite", True, {"stringValue": None, "filled": True}),
        ("address", Adresse(label="quelque part", complete=False), {"stringValue": "quelque part", **VIDE_ADRESSE}),
        (
            "address",
            Adresse(label="1 rue A 37000 Tours", city_name="Tours", city_code="37261", longitude=0.68, latitude=47.39),
            {"address": {"cityName": "Tours", "geometry": {"type": "Point", "coordinates": [0.68, 47.39]}}},
        ),
        ("siret", "26370010600010", {"stringValue": "26370010600010", "etablissement": None}),
        (
            "siret",
            PersonneMorale(siret="26370010600010", adresse=Adresse(label="x")),
            {"etablissement": {"siret": "26370010600010"}},
        ),
        ("civilite", "Mme", {"civ": "Mme"}),
        ("datetime", datetime.fromisoformat("2026-12-24T09:30:00+00:00"), {"datetime": "2026-12-24T10:30:00+01:00"}),
        ("decimal_number", Decimal("2.50"), {"stringValue": "2.50", "decimal": 2.5}),
        ("integer_number", 7, {"stringValue": "7", "entier": "7"}),
        ("date", date(2027, 1, 4), {"stringValue": "04 janvier 2027", "date": "2027-01-04"}),
        ("phone", "02 47 00 00 00", {"__typename": "TextChamp", "stringValue": "02 47 00 00 00"}),
    ],
)
def test_each_kind_of_champ_is_shown_as_the_server_shows_it(appel, monde, sorte, valeur, attendu):
    champ = Descripteur(stable_id=50, type=sorte, label="Champ")
    scenario.administration_publie_revision(monde, 500, champs=(champ,))
    dossier = depose(monde, valeurs={"Champ": valeur})
    (lu,) = appel(CORPS, n=dossier.number)["data"]["dossier"]["champs"]
    assert {cle: lu[cle] for cle in attendu} == attendu


def test_dates_are_told_in_english_to_who_asks(appel, monde):
    champ = Descripteur(stable_id=50, type="date", label="Date")
    scenario.administration_publie_revision(monde, 500, champs=(champ,))
    dossier = depose(monde, valeurs={"Date": date(2027, 1, 4)})
    appel.session.headers["Accept-Language"] = "en"
    (lu,) = appel(CORPS, n=dossier.number)["data"]["dossier"]["champs"]
    assert lu["stringValue"] == "January 04, 2027"
    corps = {"query": CORPS, "variables": {"n": dossier.number}}
    francais = appel.session.post(appel.sandbox.endpoint + "?locale=fr", json=corps, timeout=5).json()
    assert francais["data"]["dossier"]["champs"][0]["stringValue"] == "04 janvier 2027"


@pytest.mark.parametrize(
    ("condition", "valeur", "montre"),
    [
        (Condition(champ=1, valeur="oui"), "oui", True),
        (Condition(champ=1, operateur="different", valeur="oui"), "oui", False),
        (Condition(champ=1, operateur="dans", valeur=("oui", "si")), "si", True),
        (Condition(champ=1, operateur="rempli"), "", False),
        (lambda lues: lues(1) == "oui", "oui", True),
    ],
)
def test_a_condition_reads_another_champ(condition, valeur, montre):
    champ = Descripteur(stable_id=2, type="text", label="Suite", condition=condition)
    assert champ.visible(lambda _: valeur) is montre


def test_an_unknown_condition_is_an_error_of_the_worlds_author():
    with pytest.raises(ValueError, match="opérateur"):
        Condition(champ=1, operateur="zut").tient(lambda _: None)


def test_a_value_is_given_by_label_or_by_stable_id_and_an_unknown_one_is_an_error(monde):
    assert depose(monde, valeurs={3: "Weiss"}).lit()[0][3, ""].valeur == "Weiss"
    with pytest.raises(KeyError):
        depose(monde, valeurs={"Inconnu": "x"})


def test_a_person_may_file_for_another(appel, monde):
    qui = PersonnePhysique(nom="WEISS", prenom="Kenza", civilite="Mme")
    dossier = depose(monde, demandeur=qui, mandataire=("Ana", "Durand"), usager="tiers@exemple.fr")
    query = (
        "query d($n: Int!) { dossier(number: $n) { deposeParUnTiers nomMandataire prenomMandataire usager { email } "
        "demandeur { ... on PersonnePhysique { nom } } } }"
    )
    assert appel(query, n=dossier.number)["data"]["dossier"] == {
        "deposeParUnTiers": True,
        "nomMandataire": "Durand",
        "prenomMandataire": "Ana",
        "usager": {"email": "tiers@exemple.fr"},
        "demandeur": {"nom": "WEISS"},
    }


def test_a_correction_answered_leaves_its_trace_and_another_change_does_not(monde, dossier):
    scenario.usager_corrige(monde, dossier.number, {"Nom": "Un"})
    scenario.instructeur_envoie_message(monde, dossier.number, "À compléter", correction="incomplete")
    scenario.usager_corrige(monde, dossier.number, {"Nom": "Deux"})
    assert [t.event for t in dossier.traitements] == ["depose", "depose_correction_usager"]
    assert dossier.correction_en_attente is None


def test_the_usager_writes_with_files_and_deletes_his_account(appel, monde, dossier):
    scenario.usager_envoie_message(monde, dossier.number, "Voici", (Fichier.de("suite.pdf", b"x"),))
    scenario.usager_supprime_son_compte(monde, dossier.number)
    query = (
        "query d($n: Int!) { dossier(number: $n) { connectionUsager usager { id email } "
        "messages { email attachments { filename } } } }"
    )
    lu = appel(query, n=dossier.number)["data"]["dossier"]
    assert (lu["connectionUsager"], lu["usager"]["id"]) == ("deleted", "<deleted>")
    assert lu["messages"][-1] == {"email": lu["usager"]["email"], "attachments": [{"filename": "suite.pdf"}]}


def test_agents_act_by_hand_by_name_or_number(monde, dossier):
    scenario.instructeur_passe_en_instruction(monde, dossier.number, instructeur=NORD.number)
    scenario.instructeur_repasse_en_construction(monde, dossier.number, instructeur=NORD)
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    piece = Fichier.de("decision.pdf", b"x")
    scenario.instructeur_decide(monde, dossier.number, "classe_sans_suite", motivation="Vu", justificatif=piece)
    assert dossier.justificatif is piece
    scenario.instructeur_archive(monde, dossier.number)
    scenario.instructeur_repasse_en_instruction(monde, dossier.number)
    assert (dossier.archived, dossier.justificatif) == (False, None)
    scenario.instructeur_change_groupe(monde, dossier.number, 502)
    scenario.instructeur_suit(monde, dossier.number)
    scenario.instructeur_suit(monde, dossier.number)
    assert dossier.suivi_par == [SUD]
    scenario.instructeur_ajoute_label(monde, dossier.number, "Complet")
    scenario.instructeur_ajoute_label(monde, dossier.number, "Complet")
    assert dossier.labels == [503]
    scenario.instructeur_retire_label(monde, dossier.number, "Complet")
    assert dossier.labels == []
    assert [t.event for t in dossier.traitements][-2:] == ["classe_sans_suite", "repasse_en_instruction"]


def test_rows_of_annotations_are_filled_by_hand(monde, dossier):
    scenario.instructeur_annote(monde, dossier.number, {"Rapporteurs": [{"Rapporteur": "Un"}, {"Rapporteur": "Deux"}]})
    rangs = dossier.lit()[1][106]
    assert [dossier.lit()[0][107, r].valeur for r in rangs] == ["Un", "Deux"]


def test_a_binned_dossier_of_the_administration_comes_back(monde, dossier, horloge):
    scenario.administration_supprime(monde, dossier.number)
    assert dossier.en_corbeille
    scenario.administration_restaure(monde, dossier.number)
    assert dossier.visible
    assert not dossier.en_corbeille
    horloge.avance(days=30)
    assert scenario.purge(monde) == []


def test_what_is_due_later_can_be_forced(monde, dossier):
    publiee = scenario.administration_publie_revision(monde, 500, numero=5900)
    assert dossier.revision != publiee.number
    monde.settle(force=True)
    assert dossier.revision == publiee.number == 5900


def test_the_system_messages_are_the_demarches_own_words_where_it_has_some(monde):
    monde.demarches[500].courriels = {"depose": "Reçu le {date} : {numero}, {titre} {inconnu}"}
    dossier = depose(monde)
    assert dossier.messages[0].body == f"Reçu le 02/03/2026 : {dossier.number}, Assistants partagés {{inconnu}}"


def test_a_node_id_is_base64_of_its_kind_and_key():
    assert node_id("Dossier", 24100003) == "RG9zc2llci0yNDEwMDAwMw=="
