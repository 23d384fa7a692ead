"""The commission's list, however people typed it: read without a guess, or refused line by line."""

from __future__ import annotations

from datetime import date

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from connector.bilan import jury
from connector.core.decisions import Sens
from connector.errors import OperatorError
from connector.imports.commission import ListeRefusee, read_liste

TITRES = "Dossier;Décision;Motivation;Rang"


@pytest.fixture
def csv(tmp_path):
    def ecrit(*lignes, titres=TITRES, encoding="utf-8"):
        chemin = tmp_path / "liste.csv"
        chemin.write_bytes("\r\n".join((titres, *lignes)).encode(encoding))
        return chemin

    return ecrit


@pytest.fixture
def xlsx(tmp_path):
    def ecrit(*lignes, titres=("Dossier", "Décision", "Motivation", "Rang")):
        classeur = Workbook()
        classeur.active.append(titres)
        for ligne in lignes:
            classeur.active.append(ligne)
        chemin = tmp_path / "liste.xlsx"
        classeur.save(chemin)
        return chemin

    return ecrit


def lues(chemin):
    return [(ligne.dossier, ligne.sens, ligne.motivation, ligne.rang) for ligne in read_liste(chemin).lignes]


def fautes(chemin):
    with pytest.raises(ListeRefusee) as caught:
        read_liste(chemin)
    return [faute.replace("\u00a0", " ").replace("\u202f", " ") for faute in caught.value.fautes]


def test_a_list_is_read_as_it_is_meant(csv):
    chemin = csv("100012;Retenu;;1", "100013;Liste d'attente;;2", "100014;Non retenu;Projet imprécis.;", "100015;;;")
    assert lues(chemin) == [
        (100012, Sens.RETENU, "", 1),
        (100013, Sens.LISTE_D_ATTENTE, "", 2),
        (100014, Sens.NON_RETENU, "Projet imprécis.", None),
        (100015, None, "", None),
    ]
    assert str(read_liste(chemin).lignes[0].endroit) == "ligne 2"


@pytest.mark.parametrize(
    "titres",
    [
        "DOSSIER;DECISION;MOTIVATION;RANG",
        "n° dossier;Décision de la commission;Motif;Classement",
        "Numéro de dossier;decision;motivation;Rang de classement",
        "Dossier :;Décision *;Motivation;Rang",
    ],
)
def test_titles_are_known_whatever_their_accents_and_case(csv, titres):
    assert lues(csv("100012;Retenu;Bien.;1", titres=titres)) == [(100012, Sens.RETENU, "Bien.", 1)]


def test_other_columns_in_any_order_are_left_alone_and_a_title_may_come_first(csv):
    chemin = csv(
        "Rang;Nom;Décision;Dossier", "2;X;Retenu;100012", "Total;;;1 dossier", titres="Commission du 15 mai;;;"
    )
    assert lues(chemin) == [(100012, Sens.RETENU, "", 2)]


def test_a_file_of_windows_with_only_the_needed_columns_is_read(csv):
    assert lues(csv("100012;refusé", titres="Dossier;Décision", encoding="cp1252")) == [
        (100012, Sens.NON_RETENU, "", None)
    ]


@pytest.mark.parametrize(
    "numero", ["100012", "100 012", "100\u00a0012", "n° 100012", "Dossier n°100012", "100012.0", "'100012", '="100012"']
)
def test_a_number_typed_as_a_text_or_a_decimal_is_a_number(csv, numero):
    assert lues(csv(f'"{numero.replace(chr(34), chr(34) * 2)}";Retenu;;')) == [(100012, Sens.RETENU, "", None)]


@pytest.mark.parametrize(("rang", "lu"), [("3", 3), ("3,0", 3), ("3e", 3), ("1er", 1), ("Rang 2", 2), ("", None)])
def test_a_rank_is_read_as_people_write_it(csv, rang, lu):
    assert lues(csv(f"100012;Liste d’attente;;{rang}"))[0][3] == lu


@pytest.mark.parametrize(("case", "oui"), [("oui", True), ("X", True), ("VRAI", True), ("non", False), ("", False)])
def test_a_confirmation_is_a_yes_and_nothing_else(csv, case, oui):
    chemin = csv(f"100012;Retenu;;1;{case}", titres=f"{TITRES};Confirmer")
    assert read_liste(chemin).lignes[0].confirmer is oui


def test_a_motivation_keeps_its_lines_and_loses_what_a_spreadsheet_put_around_it(xlsx):
    chemin = xlsx((100012, "Non retenu", "'- trop tard_x000D_\n- trop loin", None))
    assert lues(chemin)[0][2] == "- trop tard\n- trop loin"


def test_a_spreadsheet_with_numbers_and_a_yes_of_its_own_is_read(xlsx):
    chemin = xlsx(
        (100012.0, "retenue", None, 1.0, True), titres=("Dossier", "Décision", "Motivation", "Rang", "Confirmé")
    )
    (ligne,) = read_liste(chemin).lignes
    assert (ligne.dossier, ligne.sens, ligne.rang, ligne.confirmer) == (100012, Sens.RETENU, 1, True)


INCONNUE = (
    "décision inconnue (attendu : « Retenu », « Liste d'attente », « Non retenu », « Sans suite », « Réorientation »)"
)


def test_every_doubtful_line_is_named_with_what_to_do(csv):
    chemin = csv(
        "100012;Retnu;;1",
        "douze;Retenu;;",
        "100014;Refus;;premier",
        "0;Retenu;;",
        "100016;;;0",
        "100017;Sans suite;=CMD();",
        titres=TITRES,
    )
    assert fautes(chemin) == [
        f"ligne 2, colonne « Décision » : « Retnu », {INCONNUE} ; vouliez-vous dire « Retenu » ?",
        "ligne 3, colonne « Dossier » : « douze », un numéro de dossier est attendu.",
        "ligne 4, colonne « Rang » : « premier », un rang est un nombre entier, à partir de 1.",
        "ligne 5, colonne « Dossier » : « 0 », un numéro de dossier est attendu.",
        "ligne 6, colonne « Rang » : « 0 », un rang est un nombre entier, à partir de 1.",
        "ligne 7, colonne « Motivation » : « =CMD() », c’est une formule ; collez sa valeur.",
    ]


def test_a_confirmation_that_is_neither_yes_nor_no_is_refused(csv):
    (faute,) = fautes(csv("100012;Retenu;;1;à voir", titres=f"{TITRES};Confirmer"))
    assert "« oui » ou « non » est attendu" in faute


@pytest.mark.parametrize("colonne", range(4))
def test_a_calculated_cell_decides_nothing_whatever_it_shows(xlsx, colonne):
    ligne = [100012, "Retenu", "Bien.", 1]
    ligne[colonne] = "=A1"
    assert ["formule" in faute for faute in fautes(xlsx(ligne))] == [True]


def test_a_formula_over_several_cells_is_one_too(tmp_path, xlsx):
    chemin = xlsx((100012, "Retenu", "", 1))
    classeur = load_workbook(chemin)
    classeur.active["B2"] = ArrayFormula("B2", "=IF(TRUE,1,2)")
    classeur.save(chemin)
    assert "formule" in fautes(chemin)[0]


def test_a_formula_beside_the_columns_we_read_is_none_of_our_business(xlsx):
    chemin = xlsx((100012, "Retenu", "", 1, "=SUM(D2)"), titres=("Dossier", "Décision", "Motivation", "Rang", "Total"))
    assert lues(chemin) == [(100012, Sens.RETENU, "", 1)]


def test_a_dossier_repeated_alike_counts_once_and_one_decided_twice_is_refused(csv):
    assert len(lues(csv("100012;Retenu;;1", "100012;Retenu;;1"))) == 1
    assert fautes(csv("100012;Retenu;;1", "100013;Retenu;;2", "100012;Non retenu;Non.;1")) == [
        "ligne 4 : le dossier n° 100012 est déjà ligne 2, autrement."
    ]


def test_the_refusal_says_that_nothing_is_recorded(csv):
    with pytest.raises(ListeRefusee, match=r"1 ligne à corriger\s; rien n’est enregistré"):
        read_liste(csv("douze;Retenu;;"))
    with pytest.raises(ListeRefusee, match="2 lignes"):
        read_liste(csv("douze;Retenu;;", "treize;Retenu;;"))


def test_a_file_without_the_columns_is_refused_with_the_titles_it_has(csv):
    with pytest.raises(OperatorError) as caught:
        read_liste(csv("100012;Retenu", titres="Numéro;Choix"))
    assert "« Dossier » et « Décision »" in str(caught.value).replace("\u00a0", " ")
    assert "Numéro" in caught.value.hint


def test_two_columns_of_decisions_are_one_too_many(csv):
    with pytest.raises(OperatorError, match="plusieurs colonnes possibles"):
        read_liste(csv("100012;Retenu;Refus", titres="Dossier;Décision;Decision"))


def test_several_sheets_are_one_list_unless_one_is_named(tmp_path, xlsx):
    chemin = xlsx((100012, "Retenu", "", 1))
    classeur = load_workbook(chemin)
    suite = classeur.create_sheet("Suite")
    suite.append(("Dossier", "Décision"))
    suite.append((100013, "Sans suite"))
    classeur.save(chemin)
    assert [d for d, *_ in lues(chemin)] == [100012, 100013]
    assert [ligne.dossier for ligne in read_liste(chemin, onglet="Suite").lignes] == [100013]
    with pytest.raises(OperatorError, match="pas d'onglet"):
        read_liste(chemin, onglet="Absent")


def un_candidat(numero):
    textes = ("candidat", "etablissement", "specialite", "demande", "categorie", "promotion", "etat", "avis")
    textes += ("synthese", "constats", "zone", "prime", "cout", "quota")
    return jury.Candidat(
        dossier=numero,
        depose_le=date(2026, 3, 1),
        quotite_hospitaliere=None,
        quotite_ambulatoire=None,
        note=None,
        lien="https://exemple.fr/1",
        **dict.fromkeys(textes, "=texte"),
    )


def test_what_the_jury_s_export_makes_is_what_is_read_back_once_people_filled_it(tmp_path):
    chemin = tmp_path / "jury.xlsx"
    chemin.write_bytes(jury.ecrire([un_candidat(100012), un_candidat(100013)], jour=date(2026, 5, 15)))
    assert [(d, sens) for d, sens, *_ in lues(chemin)] == [(100012, None), (100013, None)]
    classeur = load_workbook(chemin)
    feuille = classeur["Commission"]
    colonnes = {cellule.value: cellule.column for cellule in feuille[1]}
    for titre, valeur in (("Décision", "Non retenu"), ("Motivation", "Projet imprécis."), ("Rang", 4)):
        feuille.cell(2, colonnes[titre], valeur)
    classeur.save(chemin)
    assert lues(chemin) == [(100012, Sens.NON_RETENU, "Projet imprécis.", 4), (100013, None, "", None)]
