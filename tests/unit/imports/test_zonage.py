"""An order's zoning, in every form it was met: one class per commune, doubt kept as doubt."""

from __future__ import annotations

from datetime import date

import pytest

from connector.core.referentiels import Referentiel, Zone, ZoneCommune, ZoneQuartier
from connector.errors import OperatorError
from connector.imports.rapport import ImportRefuse
from connector.imports.tableau import Endroit
from connector.imports.zonage import import_zonage, read_zonage

TVS = [
    "Nom du territoire de vie-santé",
    "Code du territoire de vie-santé",
    "Nom de la commune",
    "Code de la commune",
    "dansMaRegion",
    "Population",
    "Zonage",
]
QPV = ["Nom du QPV", "Code du QPV", "Population", "Zonage QPV", "Zonage du TVS"]
NATIONALES = [
    "Identifiant unique",
    "Code de la région",
    "Libellé de la région",
    "Code du territoire de vie-santé",
    "Libellé du territoire de vie-santé",
    "Code de la commune",
    "Libellé de la commune",
    "Qualification nationale issue de la concertation de 2017",
    "Qualification attribuée par l'arrêté régional",
    "Population totale (2016)",
]


def csv(*lignes: str) -> bytes:
    return "\n".join(lignes).encode()


def zones(resultat) -> dict[str, Zone]:
    return {z.code_insee: z.zone for z in resultat.communes}


def plain(texte: object) -> str:
    return str(texte).replace("\u00a0", " ").replace("\u202f", " ")


def refusal(data: bytes, options, nom: str = "zonage.csv") -> OperatorError:
    with pytest.raises(OperatorError) as refus:
        read_zonage(nom, data, options)
    return refus.value


# --- the forms it comes in


def test_a_row_carries_its_order_and_its_date_of_effect(options, tmp_path):
    chemin = tmp_path / "zonage.csv"
    chemin.write_bytes(csv("code_insee;zone;tvs", "18279;ZIP;18033_"))
    resultat = import_zonage(chemin, options(arrete="  arrêté du 9 mai 2025 "))
    assert resultat.communes == (
        ZoneCommune(
            code_insee="18279",
            zone=Zone.ZIP,
            tvs="18033",
            arrete="arrêté du 9 mai 2025",
            date_effet=date(2025, 6, 1),
        ),
    )
    assert resultat.version.referentiel is Referentiel.ZONAGE
    assert (resultat.version.lignes, resultat.version.arrete) == (1, "arrêté du 9 mai 2025")
    assert resultat.rapport.fichier == "zonage.csv"


def test_the_drees_tool_s_export_gives_communes_and_the_neighbourhoods_classed_apart(options, xlsx):
    data = xlsx(
        {
            "TVS": [
                TVS,
                ["Vierzon", "18279", "Vierzon", 18279, "Oui", 25068, "ZIP"],
                ["Tours", 37261, "Tours", "37261", "Oui", 139259, "HV"],
                ["Ambérieu-en-Bugey", "01004", "Ambérieu", 1004, "Non", 15934, "ZAC"],
            ],
            "QPV": [QPV, ["Quartier d'essai", "QP037001", 4000, "ZIP", "HV"]],
        }
    )
    resultat = read_zonage("export.xlsx", data, options())
    assert zones(resultat) == {"18279": Zone.ZIP, "37261": Zone.HZ, "01004": Zone.ZAC}
    assert resultat.quartiers == (
        ZoneQuartier(
            code="QP037001",
            nom="Quartier d'essai",
            zone=Zone.ZIP,
            zone_tvs=Zone.HZ,
            arrete="arrêté du 9 mai 2025",
            date_effet=date(2025, 6, 1),
        ),
    )
    assert resultat.rapport.repartition == (("ZIP", 1), ("ZAC", 1), ("HZ", 1), ("QPV classés à part", 1))
    assert (resultat.rapport.lignes_lues, resultat.rapport.lignes_gardees) == (4, 4)
    assert any("zéro initial" in a for a in resultat.rapport.avertissements)


def test_the_drees_export_in_force_has_its_own_words(options):
    data = csv(
        "depcom,libcom,region,region_libelle,TVS,TVS_libelle,region_majoritaire,zonage_regional",
        "18279,Vierzon,24,Centre-Val de Loire,18279,Vierzon,oui,1 -Zone d'intervention prioritaire",
        "37063,Château-Renault,24,Centre-Val de Loire,37063,Château-Renault,oui,2- Zone d'action complémentaire",
        "37132,Loches,24,Centre-Val de Loire,37132,Loches,oui,3 - Zone de vigilance",
        "37261,Tours,24,Centre-Val de Loire,37261,Tours,oui,4 - Hors-vivier",
        '01004,"Ambérieu, en Bugey",84,Auvergne-Rhône-Alpes,01004,Ambérieu,oui,Non-spécifié',
    )
    resultat = read_zonage("en_vigueur.csv", data, options(forcer=True))
    assert list(zones(resultat).values()) == [Zone.ZIP, Zone.ZAC, Zone.ZV, Zone.HZ, Zone.INCONNU]


def test_the_national_file_has_three_sheets_and_the_regional_class_is_the_one_that_counts(options, xlsx):
    arrete = "Qualification attribuée par l'arrêté régional"
    zip_ = "Zone d'intervention prioritaire"
    data = xlsx(
        {
            "Zonage_TVS": [
                ["Code de la région", "Code du territoire de vie-santé", arrete],
                [24, "18279", "Zone d'action complémentaire"],
            ],
            "Zonage_communes": [
                ["Zonage des médecins au 31/12/2019"],
                [],
                NATIONALES,
                [1, 24, "CVL", "18279", "Vierzon", "18279", "Vierzon", "Hors vivier", zip_, 25068],
            ],
            "Zonage_QPV": [
                [
                    "Code de la région",
                    "Code de la commune",
                    "Code du quartier prioritaire",
                    "Nom du quartier prioritaire",
                    "Qualification attribuée au QPV par l'arrêté régional",
                ],
                [24, "37261", "QP037001", "Essai", "Zone de vigilance"],
            ],
        }
    )
    resultat = read_zonage("Zonage_medecin_20191231.xlsx", data, options())
    assert zones(resultat) == {"18279": Zone.ZIP}
    assert [(q.code, q.nom, q.zone, q.zone_tvs) for q in resultat.quartiers] == [("QP037001", "Essai", Zone.ZV, None)]


def test_communes_without_a_class_take_their_territory_s(options, xlsx):
    data = xlsx(
        {
            "Zonage_TVS": [["tvs", "zonage"], ["01004", "ZIP"], ["18279_", "ZAC"], ["37261", "HZ"], ["37261", "HZ"]],
            "table": [
                ["depcom", "libcom", "tv", "libtv"],
                ["01004", "Ambérieu", 1004, ""],
                ["18279", "Vierzon", "18279", ""],
                ["37261", "Tours", "37261", ""],
                ["37003", "Amboise", "37003", ""],
            ],
        }
    )
    resultat = read_zonage("zonage.xlsx", data, options(forcer=True))
    assert zones(resultat) == {"01004": Zone.ZIP, "18279": Zone.ZAC, "37261": Zone.HZ, "37003": Zone.INCONNU}
    assert not resultat.rapport.contradictions


def test_a_territory_classed_twice_contradicts_itself_for_each_of_its_communes(options, xlsx):
    data = xlsx(
        {"a": [["tvs", "zonage"], ["1", "ZIP"], ["1", "HZ"]], "b": [["depcom", "tvs"], ["18279", "1"], ["37261", "1"]]}
    )
    assert len(refusal(data, options(), "zonage.xlsx").rapport.contradictions) == 2


def test_a_qpv_sheet_that_also_names_communes_is_still_the_qpv_sheet(options, xlsx):
    data = xlsx(
        {
            "Communes": [["code insee", "zonage"], ["37261", "HZ"]],
            "QPV": [["code insee", "code qpv", "zonage"], ["37261", "QN03701M", "ZIP"]],
        }
    )
    resultat = read_zonage("zonage.xlsx", data, options())
    assert zones(resultat) == {"37261": Zone.HZ}
    assert [q.zone for q in resultat.quartiers] == [Zone.ZIP]


def test_a_list_of_communes_that_mentions_their_qpv_stays_a_list_of_communes(options):
    data = csv("code insee;code qpv;zonage", "37261;QN03701M;HZ", "18279;;ZIP")
    resultat = read_zonage("zonage.csv", data, options())
    assert zones(resultat) == {"37261": Zone.HZ, "18279": Zone.ZIP}
    assert resultat.quartiers == ()


def test_corsican_and_overseas_codes_are_read(options):
    resultat = read_zonage("z.csv", csv("depcom;zonage", "2a004;ZAC", "97302;ZIP", "18279.0;HZ"), options())
    assert list(zones(resultat)) == ["2A004", "97302", "18279"]


# --- choosing


def test_two_sheets_of_communes_are_not_chosen_between_until_one_is_named(options, xlsx):
    data = xlsx(
        {
            "2022": [["code insee", "zonage"], ["18279", "ZAC"]],
            "2025": [["code insee", "zonage"], ["18279", "ZIP"]],
        }
    )
    refus = refusal(data, options(), "z.xlsx")
    assert "plusieurs onglets possibles (2022, 2025)" in str(refus)
    assert "--onglet" in refus.hint
    assert zones(read_zonage("z.xlsx", data, options(onglet="2025"))) == {"18279": Zone.ZIP}


def test_a_sheet_that_does_not_exist_is_refused_with_those_that_do(options, xlsx):
    data = xlsx({"2025": [["code insee", "zonage"], ["18279", "ZIP"]]})
    assert "pas d'onglet « 2024 » (onglets : 2025)" in plain(refusal(data, options(onglet="2024"), "z.xlsx"))
    data = csv("code insee;zonage", "18279;ZIP")
    assert "(onglets : aucun)" in plain(refusal(data, options(onglet="2024")))


def test_two_columns_of_two_years_are_not_chosen_between_until_one_is_named(options):
    data = csv("code insee;zonage 2022;zonage 2025", "18279;ZAC;ZIP")
    refus = refusal(data, options())
    assert "ligne 1 : plusieurs colonnes possibles (« zonage 2022 », « zonage 2025 »)" in plain(refus)
    assert "--colonne" in refus.hint
    assert zones(read_zonage("z.csv", data, options(colonnes=(("zone", "Zonage 2025"),)))) == {"18279": Zone.ZIP}


def test_a_year_in_a_title_does_not_hide_the_column(options):
    assert zones(read_zonage("z.csv", csv("code insee;zonage 2025", "18279;ZIP"), options())) == {"18279": Zone.ZIP}


def test_naming_a_column_that_nobody_looks_for_is_refused(options):
    refus = refusal(csv("code insee;zonage", "18279;ZIP"), options(colonnes=(("zonne", "zonage"),)))
    assert "colonne inconnue : zonne (possibles : code_insee, zone, tvs" in plain(refus)


# --- what cannot be a zoning


@pytest.mark.parametrize(
    ("lignes", "conseil"),
    [
        (("Code_postal;Nom_commune;Zonage", "18100;Vierzon;ZIP"), "code postal ne désigne pas une seule commune"),
        (("region;TVS;TVS_libelle;zonage_regional", "24;18279;Vierzon;ZIP"), "prenez l'export par commune"),
        (("a;b", "1;2"), "--colonne code_insee=TITRE"),
    ],
)
def test_a_table_without_communes_or_classes_says_what_is_missing(options, lignes, conseil):
    refus = refusal(csv(*lignes), options())
    assert "aucun tableau avec un code INSEE et une zone" in str(refus)
    assert lignes[0].split(";")[0] in str(refus)
    assert conseil in refus.hint


def test_a_workbook_s_titles_are_listed_sheet_by_sheet(options, xlsx):
    refus = refusal(xlsx({"Notes": [["lisez-moi"]], "Vide": []}), options(), "z.xlsx")
    assert "onglet Notes : lisez-moi ; onglet Vide : aucun" in plain(refus)


def test_a_header_alone_is_refused_even_when_forced(options):
    for forcer in (False, True):
        assert "aucune ligne utilisable" in str(refusal(csv("code insee;zonage"), options(forcer=forcer)))


def test_another_profession_s_zoning_is_refused(options):
    data = csv("depcom;zonage_regional", "18279;1 - Très sous-doté", "37261;4 - Très doté")
    refus = refusal(data, options())
    assert "moins de 95 % des communes du fichier" in plain(refus)
    assert "est-ce bien le zonage des médecins" in str(refus)
    assert [(i.libelle, i.endroits) for i in refus.rapport.libelles_inconnus] == [
        ("1 - Très sous-doté", (Endroit(numero=2),)),
        ("4 - Très doté", (Endroit(numero=3),)),
    ]


# --- doubt


def test_contradictory_lines_are_refused_with_their_numbers_and_unknown_when_forced(options, communes):
    lignes = [f"{c.code_insee};HZ" for c in communes if c.region == "24"]
    data = csv("code insee;zonage", *lignes, "18279;ZIP", "18279;ZIP")
    choix = options(region="24", referentiel=communes)
    refus = refusal(data, choix)
    assert isinstance(refus, ImportRefuse)
    assert "1 code avec des lignes contradictoires" in plain(refus)
    assert "18279 (HZ ligne 4, ZIP ligne 19, ZIP ligne 20)" in plain(refus)
    assert "--force" in refus.hint
    force = read_zonage("z.csv", data, options(forcer=True, region="24", referentiel=communes))
    assert zones(force)["18279"] is Zone.INCONNU
    assert zones(force)["37261"] is Zone.HZ
    assert "Import forcé malgré" in force.rapport.texte()


def test_a_blank_class_beside_a_known_one_is_a_contradiction_too(options):
    refus = refusal(csv("code insee;zonage", "18279;ZIP", "18279;"), options())
    assert "18279 (ZIP ligne 2, INCONNU ligne 3)" in plain(refus)


def test_an_unknown_label_beside_a_known_one_shows_its_words(options):
    refus = refusal(csv("code insee;zonage", "18279;ZIP", "18279;Zone bleue"), options())
    assert "18279 (ZIP ligne 2, Zone bleue ligne 3)" in plain(refus)


def test_a_repetition_is_counted_and_harmless(options):
    resultat = read_zonage("z.csv", csv("code insee;zonage", "18279;ZIP", "18279;1_ZIP"), options())
    assert zones(resultat) == {"18279": Zone.ZIP}
    assert resultat.rapport.doublons == 1
    assert "répétées : 1" in plain(resultat.rapport.texte())


def test_an_unknown_label_is_unknown_never_no(options):
    lignes = [f"{n:05};HZ" for n in range(1001, 1060)]
    resultat = read_zonage("z.csv", csv("code insee;zonage", *lignes, "18279;Zone bleue", "37261;4_ZAR"), options())
    assert zones(resultat)["18279"].sous_dense() is None
    assert zones(resultat)["37261"].sous_dense() is None
    assert "Zone inconnue : « Zone bleue » (ligne 61)" in plain(resultat.rapport.texte())


def test_a_class_without_a_readable_code_is_refused_with_its_line_and_left_out_when_forced(options):
    data = csv("code insee;zonage", "18279;ZIP", "Vierzon;ZIP", ";ZAC", "Source : ARS;", "20004;ZIP")
    refus = refusal(data, options())
    assert "3 lignes à corriger" in plain(refus)
    assert "code INSEE illisible (lignes 3, 4, 6)" in plain(refus)
    resultat = read_zonage("z.csv", data, options(forcer=True))
    assert zones(resultat) == {"18279": Zone.ZIP}
    assert resultat.rapport.lignes_ignorees == 1


def test_an_unreadable_qpv_code_is_refused_with_its_line(options, xlsx):
    data = xlsx({"TVS": [["code insee", "zonage"], ["18279", "ZIP"]], "QPV": [["code qpv", "zonage"], ["37", "ZIP"]]})
    assert "code de QPV illisible (onglet QPV, ligne 2)" in plain(refusal(data, options(), "z.xlsx"))


def test_a_neighbourhood_classed_twice_is_a_contradiction(options, xlsx):
    data = xlsx(
        {
            "TVS": [["code insee", "zonage"], ["18279", "ZIP"]],
            "QPV": [["code qpv", "zonage"], ["QN03701M", "ZIP"], ["QN03701M", "HZ"]],
        }
    )
    assert "QN03701M (ZIP onglet QPV, ligne 2, HZ onglet QPV, ligne 3)" in plain(refusal(data, options(), "z.xlsx"))
    assert read_zonage("z.xlsx", data, options(forcer=True)).quartiers[0].zone is Zone.INCONNU


def test_a_commune_in_two_territories_of_one_class_is_kept_and_said(options):
    data = csv("code insee;zonage;tvs", "18279;ZIP;A", "18279;ZIP;B", "37261;HZ;C", "37261;HZ;")
    resultat = read_zonage("z.csv", data, options())
    assert resultat.communes[0].tvs == "A"
    assert [a for a in resultat.rapport.avertissements if "territoires" in a] == [
        "communes dans plusieurs territoires de vie-santé : 18279."
    ]


# --- coverage


def of_region_24(communes, *, sauf: int = 0) -> list[str]:
    codes = [c.code_insee for c in communes if c.region == "24"]
    return [f"{code};ZIP" for code in codes[: len(codes) - sauf]]


def test_coverage_is_measured_on_the_region_s_communes(options, communes):
    choix = options(region="24", referentiel=communes)
    resultat = read_zonage("z.csv", csv("code insee;zonage", *of_region_24(communes), "01004;ZIP"), choix)
    assert resultat.rapport.couverture.pourcent == 100
    assert (resultat.rapport.couverture.connues, resultat.rapport.couverture.attendues) == (17, 17)
    assert "Couverture : 100 % des communes de la région 24 (17 sur 17)" in plain(resultat.rapport.texte())


def test_coverage_under_95_per_cent_is_refused_unless_forced(options, communes):
    data = csv("code insee;zonage", *of_region_24(communes, sauf=1))
    refus = refusal(data, options(region="24", referentiel=communes))
    assert "moins de 95 % des communes de la région 24" in plain(refus)
    assert "94,1 %" in plain(refus)
    assert refus.rapport.couverture.manquantes == ("45252",)
    force = read_zonage("z.csv", data, options(region="24", referentiel=communes, forcer=True))
    assert force.version.lignes == 16


def test_a_commune_whose_class_is_unknown_is_not_covered(options, communes):
    data = csv("code insee;zonage", *of_region_24(communes, sauf=1), "45252;")
    assert refusal(data, options(region="24", referentiel=communes)).rapport.couverture.connues == 16


def test_without_a_region_the_whole_referential_is_expected(options, communes):
    refus = refusal(csv("code insee;zonage", *of_region_24(communes)), options(referentiel=communes))
    assert refus.rapport.couverture.base == "communes du référentiel"
    assert refus.rapport.couverture.attendues == len(communes)


def test_without_a_referential_the_report_says_that_coverage_means_little(options):
    resultat = read_zonage("z.csv", csv("code insee;zonage", "18279;ZIP"), options(region="24"))
    assert any("importez d'abord" in a for a in resultat.rapport.avertissements)


def test_codes_unknown_to_the_referential_are_named(options, communes):
    lignes = of_region_24(communes)
    choix = options(region="24", referentiel=communes)
    resultat = read_zonage("z.csv", csv("code insee;zonage", *lignes, "18100;ZIP"), choix)
    assert "codes hors du référentiel des communes : 18100." in resultat.rapport.avertissements


# --- who imports


def test_the_order_s_reference_is_mandatory(options):
    assert "--arrete" in str(refusal(csv("code insee;zonage", "18279;ZIP"), options(arrete=" ")))


@pytest.mark.parametrize("effet", [date(1900, 1, 1), date(2032, 1, 1)])
def test_an_implausible_date_of_effect_is_refused(options, effet):
    assert "invraisemblable" in str(refusal(csv("code insee;zonage", "18279;ZIP"), options(date_effet=effet)))


def test_a_region_that_the_referential_does_not_have_is_refused(options, communes):
    refus = refusal(csv("code insee;zonage", "18279;ZIP"), options(region="99", referentiel=communes))
    assert "région 99" in str(refus)
