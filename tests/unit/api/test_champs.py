from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.api.champs import ERREURS, LECTEURS, LecteurChamps
from connector.core.model import (
    Adresse,
    Choix,
    ChoixLie,
    DossierState,
    Etablissement,
    Illisible,
    LienDossier,
    Lieu,
    Lignes,
    Piece,
    Pieces,
    VirusScan,
)
from tests.unit.api.fil import INSTANT, champ

COMMUNE = {"code": "18279", "name": "Vierzon", "postalCode": "18100"}
CHER = {"code": "18", "name": "Cher"}
ADRESSE = {
    "label": "12 Rue des Tanneurs 18100 Vierzon",
    "type": "housenumber",
    "cityCode": "18279",
    "cityName": "Vierzon",
    "postalCode": "18100",
    "departmentCode": "18",
    "regionCode": "24",
    "geometry": {"type": "Point", "coordinates": [Decimal("2.07908"), Decimal("47.23688")]},
}
FICHIER = {
    "filename": "cv.pdf",
    "contentType": "application/pdf",
    "byteSizeBigInt": "3000000000",
    "checksum": "8IGpAtCki0DuPcKyY3MVOg==",
    "virusScanResult": "safe",
    "createdAt": INSTANT,
}
PAS_LU = "DS n’a pas su lire cette réponse"


def lire(typename: str, **values):
    return LecteurChamps().champ(champ(typename, **values)).value


VALEURS = [
    ("TextChamp", {"value": "Ligne 1\nLigne 2 é œ €"}, "Ligne 1\nLigne 2 é œ €"),
    ("TextChamp", {"value": "", "stringValue": ""}, None),
    ("TextChamp", {"value": None}, None),
    ("TextChamp", {"stringValue": "seul"}, "seul"),
    ("CheckboxChamp", {"checkbox": True, "stringValue": "true"}, True),
    ("CheckboxChamp", {"checkbox": False, "stringValue": "false"}, False),
    ("YesNoChamp", {"yesNo": True}, True),
    ("YesNoChamp", {"yesNo": False}, False),
    ("YesNoChamp", {"yesNo": None, "stringValue": "false"}, None),
    ("DateChamp", {"date": "2026-12-24"}, date(2026, 12, 24)),
    ("DateChamp", {"date": None, "stringValue": ""}, None),
    ("DateChamp", {"date": None, "stringValue": "un jour"}, Illisible(cause=PAS_LU, text="un jour")),
    (
        "DatetimeChamp",
        {"datetime": "2026-12-24T10:30:00+01:00"},
        datetime(2026, 12, 24, 9, 30, tzinfo=UTC),
    ),
    ("DatetimeChamp", {"datetime": None}, None),
    ("IntegerNumberChamp", {"integerNumber": "9007199254740993"}, 9007199254740993),
    ("IntegerNumberChamp", {"integerNumber": "0"}, 0),
    ("IntegerNumberChamp", {"integerNumber": None, "stringValue": ""}, None),
    ("IntegerNumberChamp", {"integerNumber": None, "stringValue": "12,5"}, Illisible(cause=PAS_LU, text="12,5")),
    ("DecimalNumberChamp", {"decimalNumber": Decimal("0.1")}, Decimal("0.1")),
    ("DecimalNumberChamp", {"decimalNumber": 5}, Decimal(5)),
    ("DecimalNumberChamp", {"decimalNumber": None}, None),
    ("CiviliteChamp", {"civilite": "Mme"}, "Mme"),
    ("CiviliteChamp", {"civilite": None}, None),
    ("DropDownListChamp", {"value": "Favorable", "stringValue": "Favorable"}, "Favorable"),
    ("DropDownListChamp", {"value": "42", "stringValue": "CHU de l’Exemple"}, "CHU de l’Exemple"),
    ("DropDownListChamp", {"value": None, "stringValue": ""}, None),
    ("MultipleDropDownListChamp", {"values": ["CV, lettre", "Diplôme"]}, Choix(values=("CV, lettre", "Diplôme"))),
    ("MultipleDropDownListChamp", {"values": []}, Choix()),
    (
        "LinkedDropDownListChamp",
        {"primaryValue": "Médecine", "secondaryValue": ""},
        ChoixLie(primary="Médecine", secondary=""),
    ),
    ("LinkedDropDownListChamp", {"primaryValue": "", "secondaryValue": None}, None),
    ("CommuneChamp", {"commune": COMMUNE}, Lieu(code="18279", name="Vierzon")),
    ("CommuneChamp", {"commune": None, "stringValue": ""}, None),
    ("CommuneChamp", {"commune": None, "stringValue": "Ailleurs"}, Illisible(cause=PAS_LU, text="Ailleurs")),
    ("DepartementChamp", {"departement": {"code": "2A", "name": "Corse-du-Sud"}}, Lieu(code="2A", name="Corse-du-Sud")),
    ("RegionChamp", {"region": {"code": "01", "name": "Guadeloupe"}}, Lieu(code="01", name="Guadeloupe")),
    ("EpciChamp", {"epci": {"code": "200", "name": "Métropole"}}, Lieu(code="200", name="Métropole")),
    ("PaysChamp", {"pays": {"code": "FR", "name": "France"}}, Lieu(code="FR", name="France")),
    ("RNAChamp", {"rna": {"id": "W123456789"}}, "W123456789"),
    ("RNAChamp", {"rna": None, "stringValue": "W1"}, "W1"),
    ("RNAChamp", {"rna": None}, None),
    ("RNFChamp", {"rnf": {"id": "075-FDD-00003-01"}}, "075-FDD-00003-01"),
    ("TitreIdentiteChamp", {"filled": True}, True),
    ("TitreIdentiteChamp", {"filled": False}, False),
    ("HeaderSectionChamp", {"stringValue": ""}, None),
    ("ExplicationChamp", {}, None),
    ("CarteChamp", {}, Illisible(cause="le connecteur ne lit pas les cartes")),
    (
        "EngagementJuridiqueChamp",
        {"stringValue": "EJ 12"},
        Illisible(cause="l’API ne donne pas le contenu des engagements juridiques", text="EJ 12"),
    ),
]


@pytest.mark.parametrize(("typename", "values", "expected"), VALEURS)
def test_each_type_is_read_typed(typename, values, expected):
    value = lire(typename, **values)
    assert value == expected
    assert type(value) is type(expected)


def test_every_type_known_here_has_an_example():
    tested = {row[0] for row in VALEURS} | {
        "AddressChamp",
        "SiretChamp",
        "DossierLinkChamp",
        "PieceJustificativeChamp",
    }
    assert tested == set(LECTEURS)


def test_a_champ_keeps_its_ids_label_type_and_date():
    read = LecteurChamps().champ(champ(value="x", id="Champ-1|LIGNE", champDescriptorId="Champ-1"))
    assert (read.id, read.descriptor_id, read.label, read.typename) == (
        "Champ-1|LIGNE",
        "Champ-1",
        "Un champ",
        "TextChamp",
    )
    assert read.updated_at == datetime.fromisoformat(INSTANT)
    assert read.updated_at.utcoffset() == timedelta(hours=1)


def test_an_address_of_the_national_base_has_its_codes_and_its_point():
    assert lire("AddressChamp", address=ADRESSE, commune=COMMUNE, departement=CHER) == Adresse(
        label="12 Rue des Tanneurs 18100 Vierzon",
        type="housenumber",
        city_code="18279",
        city_name="Vierzon",
        postal_code="18100",
        department_code="18",
        region_code="24",
        longitude=2.07908,
        latitude=47.23688,
    )


@pytest.mark.parametrize("geometry", [None, {"type": "Polygon", "coordinates": [[[1, 2]]]}])
def test_an_address_without_a_point_has_no_coordinates(geometry):
    read = lire("AddressChamp", address=ADRESSE | {"geometry": geometry})
    assert (read.longitude, read.latitude) == (None, None)


def test_a_free_address_keeps_its_text_and_the_commune_that_ds_knows():
    assert lire("AddressChamp", address=None, stringValue=" Lieu-dit Les Prés ", commune=COMMUNE, departement=CHER) == (
        Adresse(
            label="Lieu-dit Les Prés",
            city_code="18279",
            city_name="Vierzon",
            postal_code="18100",
            department_code="18",
        )
    )
    assert lire("AddressChamp", address=None, stringValue="", commune=COMMUNE, departement=None).label == "Vierzon"
    assert lire("AddressChamp", address=None, stringValue="Ici", commune=None, departement=None) == Adresse(label="Ici")
    assert lire("AddressChamp", address=None, stringValue="", commune=None, departement=None) is None


ETABLISSEMENT = {
    "siret": "26370010600010",
    "address": ADRESSE | {"label": "CHU DE L’EXEMPLE\r\n3 BOULEVARD\r\n\r\n37000 TOURS", "geometry": None},
    "entreprise": {"raisonSociale": "CHU DE L’EXEMPLE"},
    "association": None,
}


def test_a_company_has_its_name_and_its_address_on_one_line():
    read = lire("SiretChamp", etablissement=ETABLISSEMENT)
    assert isinstance(read, Etablissement)
    assert (read.siret, read.raison_sociale, read.complet) == ("26370010600010", "CHU DE L’EXEMPLE", True)
    assert read.adresse is not None
    assert read.adresse.label == "CHU DE L’EXEMPLE, 3 BOULEVARD, 37000 TOURS"


def test_an_association_goes_by_its_title_and_a_nameless_company_by_none():
    association = ETABLISSEMENT | {"entreprise": None, "association": {"titre": "Association des soins"}}
    assert lire("SiretChamp", etablissement=association).raison_sociale == "Association des soins"
    nameless = ETABLISSEMENT | {"entreprise": None, "address": None}
    assert lire("SiretChamp", etablissement=nameless) == Etablissement(siret="26370010600010")


def test_a_degraded_company_keeps_its_siret():
    degraded = lire("SiretChamp", etablissement=None, stringValue="26370010600010")
    assert degraded == Etablissement(siret="26370010600010", complet=False)
    assert lire("SiretChamp", etablissement=None, stringValue="") is None


def test_a_link_gives_the_other_dossier_or_its_number_alone():
    linked = {"id": "x", "number": 24100176, "state": "accepte", "demarche": {"number": 104234}}
    assert lire("DossierLinkChamp", dossier=linked) == LienDossier(
        number=24100176, state=DossierState.ACCEPTE, demarche_number=104234
    )
    assert lire("DossierLinkChamp", dossier=linked | {"demarche": None}).demarche_number is None
    assert lire("DossierLinkChamp", dossier=None, stringValue="999") == LienDossier(number=999)
    assert lire("DossierLinkChamp", dossier=None, stringValue="") is None
    out_of_reach = {"dossier": None, "stringValue": "24100035", ERREURS: {"dossier": "unauthorized"}}
    assert lire("DossierLinkChamp", **out_of_reach) == LienDossier(number=24100035)


def test_files_are_described_without_their_link():
    assert lire("PieceJustificativeChamp", files=[FICHIER, FICHIER | {"virusScanResult": "nouveau"}]) == Pieces(
        files=(
            Piece(
                filename="cv.pdf",
                content_type="application/pdf",
                byte_size=3_000_000_000,
                checksum="8IGpAtCki0DuPcKyY3MVOg==",
                virus_scan=VirusScan.SAFE,
                created_at=datetime.fromisoformat(INSTANT),
            ),
            Piece(
                filename="cv.pdf",
                content_type="application/pdf",
                byte_size=3_000_000_000,
                checksum="8IGpAtCki0DuPcKyY3MVOg==",
                virus_scan=VirusScan.INCONNU,
                created_at=datetime.fromisoformat(INSTANT),
            ),
        )
    )
    assert lire("PieceJustificativeChamp", files=[]) == Pieces()


def test_a_repetition_gives_its_rows_with_the_ids_that_writing_needs():
    inner = champ("IntegerNumberChamp", integerNumber="3", id="Champ-2|A", champDescriptorId="Champ-2")
    read = lire("RepetitionChamp", rows=[{"id": "Row-A", "champs": [inner]}, {"id": "Row-B", "champs": []}])
    assert isinstance(read, Lignes)
    assert [row.id for row in read.rows] == ["Row-A", "Row-B"]
    assert (read.rows[0].champs[0].id, read.rows[0].champs[0].value) == ("Champ-2|A", 3)
    assert lire("RepetitionChamp", rows=[]) == Lignes()


@pytest.mark.parametrize(
    ("typename", "values"),
    [
        ("DateChamp", {"date": "32/12/2026"}),
        ("DatetimeChamp", {"datetime": "2026-12-24T10:30:00"}),
        ("IntegerNumberChamp", {"integerNumber": "douze"}),
        ("DecimalNumberChamp", {"decimalNumber": "un"}),
        ("CheckboxChamp", {}),
        ("MultipleDropDownListChamp", {"values": None}),
        ("LinkedDropDownListChamp", {}),
        ("RegionChamp", {"region": {"nom": "Bretagne"}}),
        ("AddressChamp", {"address": {"label": None, "type": "street"}}),
        ("AddressChamp", {"address": ADRESSE | {"geometry": {"type": "Point", "coordinates": [1]}}}),
        ("SiretChamp", {"etablissement": {"nom": "x"}}),
        ("DossierLinkChamp", {"dossier": None, "stringValue": "pas un numéro"}),
        ("PieceJustificativeChamp", {"files": [{"filename": "x"}]}),
        ("RepetitionChamp", {"rows": None}),
        ("TitreIdentiteChamp", {}),
    ],
)
def test_an_ill_formed_value_is_unreadable_and_never_an_exception(typename, values):
    value = lire(typename, **({"stringValue": "affiché"} | values))
    assert value == Illisible(cause="valeur mal formée", text=values.get("stringValue", "affiché"))


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("unauthorized", "valeur hors de portée du jeton"),
        ("not_found", "valeur introuvable dans DS"),
        ("invalid_null", "valeur absente côté DS"),
        ("autre", "valeur mal formée"),
    ],
)
def test_a_value_that_ds_could_not_give_says_why(code, cause):
    assert lire("TextChamp", value=None, **{ERREURS: {"value": code}}) == Illisible(cause=cause)


def test_an_unknown_type_is_read_as_text_and_warned_of_once(caplog):
    lecteur = LecteurChamps()
    with caplog.at_level(logging.WARNING):
        values = [lecteur.champ(champ("HologrammeChamp", stringValue=s)).value for s in ("un", "", "deux")]
        nameless = lecteur.champ(champ(None, stringValue="trois")).value
    assert values == ["un", None, "deux"]
    assert nameless == "trois"
    warned = [r.champ_type for r in caplog.records if r.message == "champ_type.unknown"]
    assert warned == ["HologrammeChamp", "?"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
CLES = [
    *("value", "values", "checkbox", "yesNo", "date", "datetime", "integerNumber", "decimalNumber", "civilite"),
    *("primaryValue", "secondaryValue", "address", "commune", "departement", "region", "epci", "pays"),
    *("etablissement", "rna", "rnf", "dossier", "rows", "files", "filled"),
]


@given(typename=st.sampled_from([*sorted(LECTEURS), "RepetitionChamp"]), data=st.data())
@settings(max_examples=400, deadline=None)
def test_whatever_ds_sends_in_a_value_no_champ_raises(typename, data):
    values = data.draw(st.dictionaries(st.sampled_from(CLES), JSON, max_size=4))
    text = data.draw(st.none() | st.text(max_size=5))
    read = LecteurChamps().champ(champ(typename, stringValue=text, **values))
    assert read.typename == typename
