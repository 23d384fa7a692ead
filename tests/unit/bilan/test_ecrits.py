"""The files: a page, a workbook and a CSV that say the same, and nothing that an applicant typed is calculated."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connector.bilan import classeur, dessin, jury, lignes, page
from connector.bilan.matiere import Matiere
from connector.bilan.rapports import bilan, chiffres, rapport_concordance
from connector.bilan.tableau import Absence, Rapport, Unite, lisible
from connector.core.constat import AvisPropose
from connector.core.decisions import Sens
from connector.core.poste import Categorie, constate_prise_de_fonction
from tests.unit.bilan.fabrique import JOUR, constat, decide, dit, matiere, poste, vu

MODELES = Path(__file__).parents[3] / "templates" / "bilan"
FORMULES = ("=1+1", "+33 2 38", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\tx", "#N/A", '=HYPERLINK("http://x")')


def quelques(**changes) -> Matiere:
    return matiere(
        vu(1, specialite="=1+1", chu="<script>alert(1)</script>"),
        decide(2, Sens.RETENU, dit_avant=dit(AvisPropose.DEFAVORABLE, constat()), motivation="=2+2"),
        vu(3, devenir="Départ", observations="@SUM(A1)\nEt <b>gras</b>."),
        postes=[constate_prise_de_fonction(poste(2), 2, date(2026, 11, 2)), poste(3)],
        **changes,
    )


class Lecteur(HTMLParser):
    """The tags of a document, opened and closed, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pile: list[str] = []
        self.texte = ""
        self.feed(html)
        assert self.pile == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "rect", "line", "path", "br"}:
            self.pile.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.pile.pop() == tag, (tag, self.pile)

    def handle_data(self, data):
        self.texte += data

    def tous(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("faire", [bilan, rapport_concordance])
def test_the_page_is_one_sound_document_that_asks_nothing_of_anybody(faire, public):
    lu = Lecteur(page.ecrire(faire(quelques(public=public)), MODELES))
    assert not lu.tous("script")
    assert not [a for _, a in lu.tags if {"src", "style", "onclick", "onload"} & set(a)]
    adresses = [a["href"] for _, a in lu.tags if a.get("href")]
    assert all(adresse.startswith(("#", "data:image/svg+xml")) for adresse in adresses)
    ids = [a["id"] for _, a in lu.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a[1:] for a in adresses if a.startswith("#")} <= set(ids)
    assert all(a["scope"] in {"col", "row", "rowgroup"} for a in lu.tous("th"))


def test_the_policy_lets_in_the_style_sheet_and_nothing_else():
    html = page.ecrire(bilan(quelques()), MODELES)
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    empreinte = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (politique,) = [
        m["content"] for m in Lecteur(html).tous("meta") if m.get("http-equiv") == "Content-Security-Policy"
    ]
    assert politique.startswith(f"default-src 'none'; style-src 'sha256-{empreinte}'")
    assert "url(" not in style.replace("url(#hachures)", "")
    assert "@import" not in style


def test_what_an_applicant_typed_is_shown_and_never_obeyed():
    html = page.ecrire(bilan(quelques()), MODELES)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&lt;b&gt;gras&lt;/b&gt;" in html


def test_every_figure_leads_to_its_definition_and_its_source():
    rapport = bilan(quelques())
    for tableau in rapport.tableaux:
        for colonne in tableau.colonnes:
            assert colonne.definition, (tableau.cle, colonne.titre)
            assert colonne.source, (tableau.cle, colonne.titre)
            assert page.ancre(rapport, colonne)


def test_a_public_page_has_no_dossier_number_nor_any_text_that_people_typed():
    html = page.ecrire(bilan(quelques(public=True)), MODELES)
    for prive in ("alert(1)", "=2+2", "SUM(A1)", "Dossier par dossier", "numéros de dossier et des"):
        assert prive not in html
    assert "n.\u00a0p." in html or "n. p." in html


def test_hidden_cells_are_drawn_alike_whatever_they_hide():
    rapport = bilan(quelques(public=True))
    graphique = dessin.chronologie(rapport.tableau("chronologie"))
    assert {(r.genre, round(r.hauteur, 3)) for r in graphique.rectangles if r.genre == "cache"}
    assert len({round(r.hauteur, 3) for r in graphique.rectangles if r.genre == "cache"}) == 1
    (barre,) = [b for b in dessin.barres(rapport.tableau("postes")) if b.libelle.startswith("II ")]
    assert [s.genre for s in barre.segments] == ["cache"]
    assert barre.texte == "accordés : non publié, sur 4\u00a0ouverts"


def test_a_bar_shows_who_is_there_who_is_to_come_and_what_is_left():
    m = matiere(
        vu(1), postes=[constate_prise_de_fonction(poste(2), 2, date(2026, 11, 2)), *(poste(n) for n in range(3, 8))]
    )
    (une, deux) = dessin.barres(bilan(m).tableau("postes"))
    assert une.texte == "0\u00a0accordé, dont 0\u00a0pourvu, sur 19\u00a0ouverts"
    assert [s.genre for s in deux.segments] == ["pourvu", "accorde", "limite"]  # six granted of four opened
    assert deux.texte == "6\u00a0accordés, dont 1\u00a0pourvu, sur 4\u00a0ouverts : 2 au-delà du quota"
    *pris, limite = deux.segments
    assert sum(s.largeur for s in pris) == pytest.approx(100 * 6 / 19)
    assert limite.x + limite.largeur == pytest.approx(100 * 4 / 19)


def test_a_bar_without_a_known_quota_says_so():
    m = matiere(
        postes=[poste(1, promotion="2030-2032"), poste(2, categorie=Categorie.III)],
    )
    textes = {b.texte for b in dessin.barres(bilan(m).tableau("postes"))}
    assert "1\u00a0accordé, dont 0\u00a0pourvu ; quota non saisi" in textes
    assert "1\u00a0accordé, dont 0\u00a0pourvu ; catégorie sans objet" in textes


def test_a_long_calendar_names_only_the_months_that_it_has_room_for():
    m = matiere(vu(1, depose_le=date(2020, 1, 1)), vu(2, depose_le=date(2026, 1, 1)))
    graphique = dessin.chronologie(bilan(m).tableau("chronologie"))
    assert 0 < len(graphique.marques) <= graphique.largeur // 50
    assert all(r.largeur > 0 for r in graphique.rectangles)


def test_what_was_erased_is_said_and_how_many_to_agents_alone():
    assert "sur demande : 3. Ils ne sont plus comptés" in bilan(quelques(effaces=3)).mentions[1]
    assert "sur demande. Ils ne sont plus comptés" in bilan(quelques(effaces=3, public=True)).mentions[1]
    assert len(bilan(quelques()).mentions) == 1


def test_cells_read_as_french_readers_expect():
    assert lisible(Decimal("1234.5"), Unite.EUROS) == "1\u202f234,50\u00a0€"
    assert lisible(Decimal("48.1"), Unite.POURCENT) == "48,1\u00a0%"
    assert lisible(12, Unite.JOURS) == "12\u00a0j"
    assert lisible(Absence.INCONNU, Unite.EUROS) == "–"
    assert lisible("Texte") == "Texte"


def test_the_key_figures_are_those_of_the_tables_hidden_ones_included():
    dits = dict(chiffres(bilan(quelques())))
    assert dits["Candidatures"] == "3"
    assert dits["Postes accordés"] == "2"
    assert dits["Coût engagé pour l'ARS"] == "90\u202f531,84\u00a0€"
    assert dict(chiffres(bilan(quelques(public=True))))["Candidatures"] == Absence.SECRET
    assert chiffres(rapport_concordance(quelques())) == ()
    assert "Candidatures" not in dict(chiffres(bilan(matiere())))


# --- workbook and CSV -------------------------------------------------------------------------------------------------


def lus_en_csv(rapport: Rapport):
    texte = lignes.ecrire(rapport)
    entete, *reste = list(csv.reader(io.StringIO(texte), delimiter=";"))
    assert tuple(entete) == lignes.ENTETES
    return reste


def test_the_three_files_say_the_same_figures():
    rapport = bilan(quelques())
    feuilles = load_workbook(io.BytesIO(classeur.ecrire(rapport)))
    en_csv = lus_en_csv(rapport)
    html = Lecteur(page.ecrire(rapport, MODELES)).texte
    for tableau, feuille in zip(rapport.tableaux, feuilles.worksheets[1:-1], strict=True):
        assert feuille["A1"].value == tableau.titre
        decalage = 2 + bool(tableau.groupe)
        for rang, ligne in enumerate((*tableau.lignes, *filter(None, (tableau.total,))), start=3):
            for n, (colonne, valeur) in enumerate(zip(tableau.colonnes, ligne.valeurs, strict=True)):
                cellule = feuille.cell(rang, decalage + n)
                attendu = valeur.value if isinstance(valeur, Absence) else valeur
                assert cellule.value == (float(attendu) if isinstance(attendu, Decimal) else attendu), cellule
                ((brut,),) = [
                    {
                        li[4]
                        for li in en_csv
                        if li[:4] == [tableau.titre, ligne.groupe, ligne.libelle.replace("=", "'="), colonne.titre]
                    }
                ]
                if not isinstance(attendu, str):
                    assert brut == str(attendu).replace(".", ",")
                    assert lisible(valeur, colonne.unite) in html


def test_no_cell_of_a_workbook_is_a_formula():
    for octets in (classeur.ecrire(bilan(quelques())), classeur.ecrire(rapport_concordance(quelques()))):
        for feuille in load_workbook(io.BytesIO(octets)).worksheets:
            assert [c.coordinate for rang in feuille.iter_rows() for c in rang if c.data_type in {"f", "e"}] == []


def test_no_cell_of_a_csv_is_a_formula():
    rapport = bilan(matiere(*(vu(n, specialite=texte) for n, texte in enumerate(FORMULES))))
    for ligne in lus_en_csv(rapport):
        assert not [c for c in ligne if c.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_each_sheet_is_named_apart_printed_on_one_page_wide_and_keeps_its_titles():
    feuilles = load_workbook(io.BytesIO(classeur.ecrire(bilan(quelques()))))
    assert len({nom.casefold() for nom in feuilles.sheetnames}) == len(feuilles.sheetnames)
    for feuille in feuilles.worksheets:
        assert feuille.page_setup.orientation == "landscape"
        assert feuille.sheet_properties.pageSetUpPr.fitToPage
        assert feuille.page_setup.paperSize == "9" or int(feuille.page_setup.paperSize) == 9
    postes = feuilles.worksheets[1]
    assert postes.freeze_panes == "C3"
    assert postes.auto_filter.ref.startswith("A2:")
    assert postes.oddFooter.right.text == "Page &P sur &N"


def test_two_tables_of_one_title_have_two_sheets():
    assert classeur.nom_de_feuille("A/B [c]", []) == "A B c"
    long = "x" * 40
    premier = classeur.nom_de_feuille(long, [])
    assert len(premier) == 31
    assert classeur.nom_de_feuille(long, [premier.upper()]) == f"{'x' * 28} 2"


# --- the commission ---------------------------------------------------------------------------------------------------


def candidat(dossier=100001, **changes):
    textes = dict.fromkeys(
        (
            "candidat",
            "etablissement",
            "specialite",
            "demande",
            "categorie",
            "promotion",
            "etat",
            "avis",
            "synthese",
            "constats",
            "zone",
            "prime",
            "cout",
            "quota",
        ),
        "texte",
    )
    defauts = {
        "depose_le": date(2026, 3, 2),
        "quotite_hospitaliere": Decimal(50),
        "quotite_ambulatoire": None,
        "note": 12,
        "lien": f"https://ds.exemple.fr/procedures/9/dossiers/{dossier}",
    }
    return jury.Candidat(dossier=dossier, **textes | defauts | changes)


def feuille_du_jury(*candidats):
    classeur_lu = load_workbook(io.BytesIO(jury.ecrire(candidats, jour=JOUR)))
    assert classeur_lu.sheetnames == ["Commission", "Mode d'emploi"]
    return classeur_lu["Commission"]


def test_the_jury_has_one_row_a_dossier_and_three_empty_columns_to_fill():
    feuille = feuille_du_jury(candidat(1), candidat(2))
    titres = [c.value for c in feuille[1]]
    assert titres[0] == "Dossier"
    for titre in ("Décision", "Motivation", "Rang"):
        rang = titres.index(titre) + 1
        assert [feuille.cell(r, rang).value for r in (2, 3)] == [None, None]
    assert [feuille.cell(r, 1).value for r in (2, 3)] == [1, 2]
    assert feuille.cell(2, titres.index("Lien") + 1).hyperlink.target.endswith("/procedures/9/dossiers/1")
    assert feuille.cell(2, titres.index("Quotité ambulatoire (%)") + 1).value is None


def test_the_jurys_sheet_is_filtered_frozen_and_set_to_print():
    feuille = feuille_du_jury(candidat(1), candidat(2))
    assert feuille.freeze_panes == "C2"
    assert feuille.auto_filter.ref == "A1:W3"
    assert feuille.print_title_rows == "$1:$1"
    assert feuille.print_area == "'Commission'!$A$1:$J$3"
    assert "nominative" in feuille.oddFooter.left.text
    (choix,) = feuille.data_validations.dataValidation
    assert choix.formula1 == '"Retenu,Liste d\'attente,Non retenu,Sans suite,Réorientation"'


@pytest.mark.parametrize("texte", FORMULES)
def test_no_applicant_injects_a_formula_into_the_jurys_workbook(texte):
    feuille = feuille_du_jury(candidat(1, candidat=texte, synthese=texte, constats=texte))
    cellule = feuille.cell(2, 2)
    assert (cellule.data_type, cellule.value) == ("s", texte)
    assert cellule.quotePrefix


def test_a_text_that_no_workbook_can_hold_is_made_to_fit():
    feuille = feuille_du_jury(candidat(1, candidat="a\x00b\x0b", synthese="x" * 40_000))
    assert feuille.cell(2, 2).value == "a b "
    assert len(feuille.cell(2, 7).value) == 32_000


def test_an_empty_commission_still_opens():
    feuille = feuille_du_jury()
    assert feuille.max_row == 1
