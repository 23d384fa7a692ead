"""The bilan of the sandbox's campaign, counted again in SQL on the same database, without a line of ours."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connector import bilans, cli, demo, passages, wiring
from connector.bilan.matiere import nom_categorie, nom_groupe
from connector.bilan.rapports import bilan
from connector.bilan.releve import ClasseZone, Cle
from connector.bilan.tableau import Rapport
from connector.sandbox import monde
from connector.sandbox.server import Sandbox
from tests.e2e.conftest import SANS_LIMITE

BAREME = """
[[cout.baremes]]
date_effet = 2024-01-01
valable_jusqu_au = 2026-12-31
annee_de = 1
annee_a = 2
base_mensuelle = 2803.59
indemnite_mensuelle = 1010
source = "ars"
"""
"""What an ARS types for the years that the example leaves open: the cost of every post is then known."""

LUES = """
WITH saisies AS (
    SELECT d.number, json_extract(c.value, '$.label') AS libelle, json_extract(c.value, '$.value') AS valeur
    FROM (SELECT number, champs FROM dossiers UNION ALL SELECT dossier, champs FROM identites) d, json_each(d.champs) c
), lues AS (
    SELECT d.number, d.state,
        substr(json_extract(d.entete, '$.date_depot'), 1, 10) AS depose,
        substr(json_extract(d.entete, '$.date_passage_en_instruction'), 1, 10) AS instruit,
        CASE WHEN d.state IN ('accepte', 'refuse', 'sans_suite')
            THEN substr(json_extract(d.entete, '$.date_traitement'), 1, 10) END AS traite,
        (SELECT avis FROM evaluations e WHERE e.dossier = d.number) AS avis,
        (SELECT valeur FROM saisies s WHERE s.number = d.number AND libelle = 'Type de demande') AS demande,
        (SELECT valeur FROM saisies s WHERE s.number = d.number AND libelle = 'Promotion') AS promotion,
        (SELECT json_extract(valeur, '$.Lieu.code') FROM saisies s
            WHERE s.number = d.number AND libelle = 'Région de dépôt') AS region,
        (SELECT CASE valeur WHEN 'Entre établissements de santé' THEN 'I' WHEN 'Exercice en Outre-mer' THEN 'III'
            WHEN 'Entre structure ambulatoire et établissement de santé' THEN 'II' END FROM saisies s
            WHERE s.number = d.number AND libelle = 'Catégorie de poste') AS categorie,
        (SELECT valeur FROM saisies s WHERE s.number = d.number AND libelle = 'Spécialité') AS specialite,
        (SELECT valeur FROM saisies s WHERE s.number = d.number
            AND libelle IN ('CHU partenaire', 'CHU de rattachement')) AS chu,
        (SELECT valeur FROM saisies s WHERE s.number = d.number AND libelle = 'Quotité ambulatoire (%)') AS ville
    FROM dossiers d WHERE d.absent_le IS NULL OR d.state IN ('accepte', 'refuse', 'sans_suite')
), candidatures AS (SELECT * FROM lues WHERE demande IS NULL OR demande = 'Nouvelle candidature')
"""

POSTES = """
WITH p AS (
    SELECT postes.*, json_array_length(poste, '$.titulaires') AS n,
        json_extract(poste, '$.titulaires[#-1].sortie') AS sortie,
        json_extract(poste, '$.titulaires[#-1].prise_de_fonction_le') AS pris
    FROM postes
)
SELECT promotion, region, categorie,
    sum(sortie IS NOT 'desistement'), sum(sortie IS NOT 'desistement' AND pris IS NOT NULL),
    sum(EXISTS (SELECT 1 FROM json_each(poste, '$.titulaires') t
        WHERE json_extract(t.value, '$.sortie') = 'desistement')),
    sum(n > 1), sum(coalesce(json_array_length(poste, '$.reports'), 0) > 0), sum(sortie IS 'desistement')
FROM p GROUP BY 1, 2, 3
"""


@pytest.fixture(scope="module")
def campagne(tmp_path_factory) -> Path:
    """The configuration of a campaign read twice; its sandbox is gone: a report asks nothing of anybody."""
    dossier = tmp_path_factory.mktemp("bilan")
    with Sandbox(monde.monde_par_defaut(wiring.now), limite=SANS_LIMITE) as bac:
        chemin = demo.preparer(dossier, bac, bac.world)
        chemin.write_text(
            chemin.read_text(encoding="utf-8").replace("\n[quota]\n", f"{BAREME}\n[quota]\n", 1), encoding="utf-8"
        )
        for _ in range(2):
            with wiring.atelier(wiring.reglages(chemin)) as atelier:
                passages.passer(atelier)
    return chemin


@pytest.fixture(scope="module")
def rapport(campagne) -> Rapport:
    with wiring.atelier(wiring.reglages(campagne), exclusif=False) as atelier:
        return bilan(bilans.rassembler(atelier))


@pytest.fixture
def sql(campagne):
    with closing(sqlite3.connect(campagne.parent / "demo.sqlite")) as base:
        yield lambda requete: base.execute(requete).fetchall()


def lignes(rapport, cle):
    return {(li.groupe, li.libelle): li.valeurs for li in rapport.tableau(cle).lignes}


def test_the_campaign_has_something_to_count(sql):
    ((candidatures,),) = sql(f"{LUES} SELECT count(*) FROM candidatures")
    ((postes, reportes),) = sql("SELECT count(*), sum(poste LIKE '%reports%') FROM postes")
    assert candidatures > 40
    assert postes >= 5
    assert reportes >= 1


def test_posts_and_candidatures_are_those_of_the_database(rapport, sql):
    comptes = {
        cle: nombres
        for *cle, nombres in (
            (p, r, c, reste)
            for p, r, c, *reste in sql(
                f"""{LUES} SELECT promotion, region, categorie, count(*),
                sum(state = 'accepte' OR avis IN ('Favorable', 'Liste d''attente'))
                FROM candidatures GROUP BY 1, 2, 3"""
            )
        )
        for cle in [tuple(cle)]
    }
    postes = {(p, r, c): reste for p, r, c, *reste in sql(POSTES)}
    vus = lignes(rapport, "postes")
    assert comptes
    assert postes
    for p, r, c in {*comptes, *postes}:
        cle = Cle(promotion=p or "", region=r or "", categorie=c or "")
        valeurs = vus[nom_groupe(cle), nom_categorie(cle.categorie)]
        assert list(valeurs[1:3]) == comptes.get((p, r, c), [0, 0]), cle
        assert list(valeurs[4:]) == postes.get((p, r, c), [0] * 6), cle
    total = rapport.tableau("postes").total.valeurs
    assert total[1] == sum(n for n, _ in comptes.values())
    assert total[4] == sum(reste[0] for reste in postes.values())


@pytest.mark.parametrize(("cle", "colonne"), [("specialites", "specialite"), ("chu", "chu")])
def test_candidatures_are_told_apart_as_the_database_tells_them(rapport, sql, cle, colonne):
    attendus = {
        nom or "Non renseigné": tuple(reste)
        for nom, *reste in sql(
            f"""{LUES} SELECT trim({colonne}), count(*),
            sum(state = 'accepte' OR avis IN ('Favorable', 'Liste d''attente')),
            sum(state = 'accepte'), sum(state IN ('refuse', 'sans_suite')) FROM candidatures GROUP BY 1"""
        )
    }
    vus = {libelle: valeurs[:4] for (_, libelle), valeurs in lignes(rapport, cle).items()}
    assert vus == attendus


def test_the_mean_share_is_that_of_the_database(rapport, sql):
    ((moyenne, moins),) = sql(
        f"{LUES} SELECT round(avg(ville), 1), sum(ville < 50) FROM candidatures WHERE ville BETWEEN 0 AND 100"
    )
    total = rapport.tableau("quotites").total.valeurs
    assert float(total[2]) == pytest.approx(moyenne, abs=0.051)
    assert total[3] == moins


def test_zones_are_those_of_the_order(rapport, sql):
    """The best of each candidature's places; the trial neighbourhood is told by the box around its contour."""
    rangs = sql(
        f"""{LUES}, lieux AS (
            SELECT s.number, coalesce(json_extract(c.value, '$.value.Adresse.city_code'),
                    json_extract(c.value, '$.value.Lieu.code')) AS commune,
                json_extract(c.value, '$.value.Adresse.longitude') AS x,
                json_extract(c.value, '$.value.Adresse.latitude') AS y,
                json_extract(c.value, '$.value.Adresse.type') AS genre
            FROM saisies s, json_each(s.valeur, '$.Lignes.rows') l, json_each(l.value, '$.champs') c
            WHERE s.libelle = 'Lieux d''exercice hors site principal'
        ), boite AS (
            SELECT min(json_extract(point.value, '$[0]')) AS x0, max(json_extract(point.value, '$[0]')) AS x1,
                min(json_extract(point.value, '$[1]')) AS y0, max(json_extract(point.value, '$[1]')) AS y1
            FROM quartiers q, json_each(q.geometrie, '$.coordinates') anneau, json_each(anneau.value) point
        )
        SELECT number, min(CASE
            WHEN genre IN ('housenumber', 'street') AND x BETWEEN x0 AND x1 AND y BETWEEN y0 AND y1 THEN 0
            WHEN zone = 'ZIP' THEN 1 WHEN zone = 'ZAC' THEN 2 WHEN zone = 'ZV' THEN 3 WHEN zone = 'HZ' THEN 4
            ELSE 5 END)
        FROM candidatures LEFT JOIN lieux USING (number) LEFT JOIN zones ON code_insee = commune, boite
        GROUP BY number"""
    )
    attendus: dict[str, int] = {}
    for _, rang in rangs:
        nom = list(ClasseZone)[rang].value
        attendus[nom] = attendus.get(nom, 0) + 1
    assert {libelle: valeurs[0] for (_, libelle), valeurs in lignes(rapport, "zones").items()} == attendus
    assert len(attendus) > 2


DELAIS = """
    {lues}, jours AS (
        SELECT cast(julianday({fin}) - julianday({debut}) AS int) AS n FROM candidatures
        WHERE {debut} IS NOT NULL AND {fin} IS NOT NULL
    ), rangs AS (SELECT n, row_number() OVER (ORDER BY n) AS rang, count(*) OVER () AS cas FROM jours)
    SELECT max(cas), avg(n) FILTER (WHERE 2 * rang BETWEEN cas AND cas + 2 - cas % 2),
        min(n) FILTER (WHERE 10 * rang >= 9 * cas)
    FROM rangs
"""


@pytest.mark.parametrize(
    ("libelle", "debut", "fin"),
    [
        ("Du dépôt au passage en instruction", "depose", "instruit"),
        ("Du passage en instruction à la décision", "instruit", "traite"),
        ("Du dépôt à la décision", "depose", "traite"),
    ],
)
def test_delays_are_those_of_the_database(rapport, sql, libelle, debut, fin):
    ((cas, mediane, decile),) = sql(DELAIS.format(lues=LUES, debut=debut, fin=fin))
    assert cas >= 8
    assert lignes(rapport, "delais")["", libelle] == (cas, Decimal(str(mediane)), decile)


def test_the_calendar_is_that_of_the_database(rapport, sql):
    depots = dict(sql(f"{LUES} SELECT substr(depose, 1, 7), count(*) FROM lues GROUP BY 1"))
    decisions = dict(sql(f"{LUES} SELECT substr(traite, 1, 7), count(*) FROM lues WHERE traite IS NOT NULL GROUP BY 1"))
    vus = list(lignes(rapport, "chronologie").values())
    assert [v[0] for v in vus if v[0]] == [n for _, n in sorted(depots.items())]
    assert [v[1] for v in vus if v[1]] == [n for _, n in sorted(decisions.items())]


def test_costs_are_those_of_the_register_and_their_years_those_of_the_months(rapport, sql):
    ((postes, chiffres, centimes),) = sql(
        """SELECT count(*), count(json_extract(poste, '$.cout')),
        sum(cast(round(100 * json_extract(poste, '$.cout')) AS int))
        FROM postes WHERE etat <> 'vacant'"""
    )
    assert rapport.tableau("couts").total.valeurs == (postes, chiffres, Decimal(centimes) / 100)
    assert chiffres >= 3
    par_an = sql(
        """WITH RECURSIVE p AS (
            SELECT identifiant, json_extract(poste, '$.debut') AS debut, json_extract(poste, '$.duree_mois') AS duree,
                json_extract(poste, '$.cout') AS cout
            FROM postes WHERE etat <> 'vacant' AND json_extract(poste, '$.cout') IS NOT NULL
        ), mois(identifiant, rang, jour, part) AS (
            SELECT identifiant, 0, debut, 1.0 * cout / duree FROM p
            UNION ALL
            SELECT m.identifiant, rang + 1, date(p.debut, '+' || (rang + 1) || ' months'), part
            FROM mois m JOIN p USING (identifiant) WHERE rang + 1 < p.duree
        )
        SELECT substr(jour, 1, 4), count(DISTINCT identifiant), sum(part) FROM mois GROUP BY 1 ORDER BY 1"""
    )
    vus = lignes(rapport, "exercices")
    assert [(annee, n) for annee, n, _ in par_an] == [(annee, valeurs[0]) for (_, annee), valeurs in vus.items()]
    for annee, _, montant in par_an:  # one scale all along: every month costs the same
        assert float(vus["", annee][1]) == pytest.approx(montant, abs=0.05)
    assert sum(v[1] for v in vus.values()) == rapport.tableau("exercices").total.valeurs[1]


def test_the_reasons_of_refusals_are_those_that_were_said(rapport, sql):
    ((refuses,),) = sql(f"{LUES} SELECT count(*) FROM candidatures WHERE state IN ('refuse', 'sans_suite')")
    motifs = rapport.tableau("motifs").lignes
    assert refuses >= 2
    assert sum(sum(li.valeurs) for li in motifs) >= refuses


def test_outcomes_come_from_the_agents_annotations(rapport, sql):
    devenir = sql(
        """SELECT json_extract(a.value, '$.value'), count(*) FROM dossiers d, json_each(d.annotations) a
        WHERE json_extract(a.value, '$.label') = 'Devenir à l''issue' AND json_extract(a.value, '$.value') IS NOT NULL
        GROUP BY 1"""
    )
    assert devenir
    assert {libelle: v[0] for (_, libelle), v in lignes(rapport, "devenir").items()} == dict(devenir)


# --- as a user runs it ------------------------------------------------------------------------------------------------


def lance(capsys, *arguments):
    """The exit code, and what was said."""
    code = cli.execute(["report", *arguments])
    dit = capsys.readouterr()
    return code, dit.out + dit.err


def test_a_public_report_names_no_dossier_no_candidate_and_no_small_number(campagne, tmp_path, capsys, sql):
    for format_ in ("html", "csv", "xlsx"):
        sortie = tmp_path / f"public.{format_}"
        assert (
            lance(capsys, "--config", str(campagne), "--public", "--format", format_, "--sortie", str(sortie))[0] == 0
        )
        if format_ == "xlsx":
            cellules = [c.value for f in load_workbook(sortie).worksheets for r in f.iter_rows() for c in r if c.value]
            texte = "\n".join(map(str, cellules))
        else:
            texte = sortie.read_text(encoding="utf-8-sig")
        prives = sql(
            f"""{LUES} SELECT number FROM lues UNION
            SELECT valeur FROM saisies WHERE libelle IN ('Nom du candidat', 'Courriel du candidat', 'N° RPPS')"""
        )
        assert [v for (v,) in prives if len(str(v)) > 3 and str(v) in texte] == []
        assert "secrétariat" not in texte  # an agent's observation
    assert stat.S_IMODE(sortie.stat().st_mode) & 0o077 == 0o044


def test_an_internal_report_is_for_its_owner_alone_and_says_so(campagne, tmp_path, capsys):
    sortie = tmp_path / "bilan.html"
    sortie.write_text("", encoding="utf-8")
    sortie.chmod(0o644)
    code, dit = lance(capsys, "--config", str(campagne), "--sortie", str(sortie))
    assert code == 0
    assert "lisible par vous seul" in dit
    assert stat.S_IMODE(sortie.stat().st_mode) == 0o600


def test_the_jurys_list_has_the_undecided_dossiers_and_is_never_written_over(campagne, tmp_path, capsys, sql):
    sortie = tmp_path / "jury.xlsx"
    arguments = ("--config", str(campagne), "--commission", "--sortie", str(sortie))
    code, dit = lance(capsys, *arguments)
    assert code == 0
    assert "nominatif" in dit
    assert "0600" in dit
    assert stat.S_IMODE(sortie.stat().st_mode) == 0o600
    feuille = load_workbook(BytesIO(sortie.read_bytes())).worksheets[0]
    attendus = {n for (n,) in sql("SELECT number FROM dossiers WHERE absent_le IS NULL AND state LIKE 'en_%'")}
    assert {feuille.cell(rang, 1).value for rang in range(2, feuille.max_row + 1)} == attendus
    assert feuille.cell(2, 23).hyperlink.target.startswith("http://127.0.0.1:")
    code, dit = lance(capsys, *arguments)
    assert code == 2
    assert "existe déjà" in dit


def test_the_jury_may_be_that_of_one_promotion(campagne, tmp_path, capsys):
    sortie = tmp_path / "jury.xlsx"
    assert (
        lance(capsys, "--config", str(campagne), "--commission", "--promotion", "2024-2026", "--sortie", str(sortie))[0]
        == 0
    )
    feuille = load_workbook(sortie).worksheets[0]
    assert {feuille.cell(rang, 20).value for rang in range(2, feuille.max_row + 1)} == {"2024-2026"}


def test_the_concordance_is_a_report_too_and_files_have_names_of_their_own(campagne, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert lance(capsys, "--config", str(campagne), "--concordance", "--format", "csv")[0] == 0
    assert lance(capsys, "--config", str(campagne), "--public", "--promotion", "2023-2025")[0] == 0
    assert lance(capsys, "--config", str(campagne), "--commission")[0] == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bilan-public.html", "concordance.csv", "jury.xlsx"]
    assert "2024-2026" not in (tmp_path / "bilan-public.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "dit"),
    [
        (("--promotion", "1999-2001"), "Aucun dossier ni poste de la promotion"),
        (("--commission", "--promotion", "1999-2001"), "Promotions connues ici\u00a0: 2023-2025 et 2024-2026."),
        (("--concordance", "--commission"), "deux documents"),
        (("--commission", "--public"), "nominative"),
        (("--commission", "--format", "csv"), "nominative"),
        (("--sortie", "/nulle/part/bilan.html"), "ne peut pas être écrit"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(campagne, capsys, arguments, dit):
    code, paroles = lance(capsys, "--config", str(campagne), *arguments)
    assert code == 2
    assert dit in paroles


def test_a_decided_dossier_that_ds_forgot_is_still_counted(campagne, sql):
    with wiring.atelier(wiring.reglages(campagne), exclusif=False) as atelier:
        avant = len(bilans.rassembler(atelier).vus)
        ((decide,),) = sql("SELECT min(number) FROM dossiers WHERE state = 'accepte' AND absent_le IS NULL")
        ((ouvert,),) = sql("SELECT min(number) FROM dossiers WHERE state = 'en_instruction' AND absent_le IS NULL")
        atelier.base.dossiers.mark_absent(decide, cause="expired", now=wiring.now())
        assert len(bilans.rassembler(atelier).vus) == avant
        atelier.base.dossiers.mark_absent(ouvert, cause="user_request", now=wiring.now())
        assert len(bilans.rassembler(atelier).vus) == avant - 1
