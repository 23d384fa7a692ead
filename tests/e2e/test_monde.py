"""Dossiers among the others, over real HTTP: texts that change, posts that are taken, places that run out."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector import wiring
from connector.sandbox import scenario
from connector.sandbox.monde import CAS
from tests.e2e.conftest import plain

COMPLET, SANS_CV = CAS["complet"], CAS["sans_cv"]


def importe(banc, folder: Path, *zones: str, arrete: str = "arrêté d’essai", le: str | None = None) -> None:
    """Import a zoning of a few communes, in force since today unless told otherwise."""
    path = folder / "zonage.csv"
    path.write_text("\n".join(["code_insee;zonage", *(z.replace("=", ";") for z in zones)]), encoding="utf-8")
    banc.run("import", "zonage", str(path), "--arrete", arrete, "--date-effet", le or f"{wiring.today():%Y-%m-%d}")


def calme(banc) -> None:
    """Passes until nothing moves."""
    for _ in range(3):
        banc.run("sync")


def decide(banc, number: int, decision: str = "accepte", motivation: str | None = None) -> None:
    scenario.instructeur_decide(banc.world, number, decision, motivation=motivation)


def annote(banc, number: int, **valeurs: object) -> None:
    labels = {"evenement": "Événement", "le": "Date de l'événement"}
    agent = next(iter(banc.world.demarches[banc.world.dossiers[number].demarche].groupes)).instructeurs[0]
    scenario.instructeur_annote(
        banc.world, number, {labels[cle]: valeur for cle, valeur in valeurs.items()}, instructeur=agent
    )


def quota(banc, number: int) -> str:
    return plain(banc.annotation(number, "Quota"))


# texts


def test_a_new_zoning_is_told_in_every_dossier_it_concerns_and_none_is_read_again(petit_banc, tmp_path):
    calme(petit_banc)
    petit_banc.bac.reset()
    importe(petit_banc, tmp_path, "18279=HZ", "37261=HZ")
    shown = petit_banc.run("sync").stdout
    assert "0 nouveau ou modifié" in plain(shown)
    assert "HZ" in plain(petit_banc.annotation(COMPLET, "Zone"))
    assert "arrêté d’essai" in plain(petit_banc.annotation(COMPLET, "Zone"))
    assert petit_banc.annotation(COMPLET, "Avis proposé") == "Défavorable"


def test_a_zoning_taken_back_gives_the_former_opinion_back(petit_banc, tmp_path):
    calme(petit_banc)
    importe(petit_banc, tmp_path, "18279=HZ")
    petit_banc.run("sync")
    listed = petit_banc.run("import", "liste").stdout
    numero = re.search(r"n° (\d+) : arrêté d’essai", plain(listed))[1]
    petit_banc.run("import", "retirer", numero)
    petit_banc.run("sync")
    assert petit_banc.annotation(COMPLET, "Avis proposé") == "Favorable"


def test_explain_says_what_was_said_on_a_day_by_which_rules_and_which_texts(petit_banc, tmp_path):
    petit_banc.run("sync")
    with sqlite3.connect(petit_banc.base) as base:  # all that was said so far was said a month ago
        for column in ("depuis", "evaluee_le"):
            for table in ("evaluations", "evaluations_passees"):
                base.execute(
                    f"UPDATE {table} SET {column} = ?",
                    ((datetime.now(UTC) - timedelta(days=30)).isoformat(timespec="microseconds"),),
                )
    importe(petit_banc, tmp_path, "18279=HZ")
    petit_banc.run("sync")
    avant = plain(petit_banc.run("explain", str(COMPLET), "--au", f"{wiring.today() - timedelta(days=3)}").stdout)
    apres = plain(petit_banc.run("explain", str(COMPLET)).stdout)
    assert "Avis proposé : Favorable" in avant
    assert "arrêté d’essai" not in avant
    assert "Avis proposé : Défavorable" in apres
    assert "référentiels : " in apres
    assert "arrêté d’essai" in apres
    assert re.search(r"Règles : version \d", avant)
    nothing = petit_banc.run("explain", str(COMPLET), "--au", "2020-01-01", check=2)
    assert "rien n’avait encore été dit" in nothing.stderr


# another configuration


def sans_regle(chemin: Path, cle: str) -> Path:
    """The same configuration without one rule."""
    head, *regles = re.split(r"(?m)^(?=\[\[regles\]\])", chemin.read_text(encoding="utf-8"))
    kept = [regle for regle in regles if f'cle = "{cle}"' not in regle]
    assert len(kept) == len(regles) - 1
    autre = chemin.with_name("autre.toml")
    autre.write_text("".join([head, *kept]), encoding="utf-8")
    return autre


def test_plan_avec_lists_the_dossiers_that_another_configuration_would_change_and_why(petit_banc):
    petit_banc.run("sync")
    petit_banc.bac.reset()
    autre = sans_regle(petit_banc.chemin, "piece_cv")
    done = petit_banc.run("plan", "--avec", str(autre))
    assert f"Dossier n° {SANS_CV} : À compléter →" in plain(done.stdout)
    assert "règle « piece_cv » : ✗ → (absente)" in plain(done.stdout)
    assert "dont 2 avis" in plain(done.stderr)
    assert (petit_banc.bac.compteurs.lectures, petit_banc.bac.compteurs.mutations) == (0, 0)
    seul = petit_banc.run("plan", str(SANS_CV), "--avec", str(autre)).stdout
    assert seul.count("Dossier n°") == 1


def test_plan_avec_the_same_configuration_changes_nothing(petit_banc):
    petit_banc.run("sync")
    told = petit_banc.run("plan", "--avec", str(petit_banc.chemin)).stderr
    assert "Aucune proposition" in told
    assert "montants" not in told


def test_plan_avec_names_a_misspelt_answer_and_says_that_amounts_are_not_compared(petit_banc):
    petit_banc.run("sync")
    texte = petit_banc.chemin.read_text(encoding="utf-8")
    autre = petit_banc.chemin.with_name("autre.toml")
    for ici, la in (
        ('exclues = ["Médecine générale"', 'exclues = ["Neurologi"'),
        ("valeur = 100, s", "valeur = 90, s"),
    ):
        assert ici in texte
        texte = texte.replace(ici, la)
    autre.write_text(texte, encoding="utf-8")
    told = plain(petit_banc.run("plan", "--avec", str(autre)).stderr)
    assert "Attention, dans l’autre configuration, " in told
    assert "vouliez-vous dire « Neurologie » ?" in told
    assert "?." not in told
    assert "les montants ne sont pas comparés ici" in told


def test_plan_avec_tells_what_it_cannot_compare(petit_banc):
    before = petit_banc.run("plan", "--avec", str(petit_banc.chemin), check=2)
    assert "n’a pas encore été lue" in before.stderr
    petit_banc.run("sync")
    autre = petit_banc.chemin.with_name("autre.toml")
    text = petit_banc.chemin.read_text(encoding="utf-8")
    autre.write_text(re.sub(r"(?m)^numero = \d+$", "numero = 7", text, count=1), encoding="utf-8")
    assert "n’est pas dans l’autre configuration" in petit_banc.run("plan", "--avec", str(autre)).stderr
    autre.write_text(text.replace('libelle = "Spécialité"', 'libelle = "Spécialités"'), encoding="utf-8")
    assert "Spécialité" in petit_banc.run("plan", "--avec", str(autre), check=2).stderr


# posts and places


def lendemain(banc) -> None:
    """As if the last cycle had been yesterday's."""
    with sqlite3.connect(banc.base) as base:
        base.execute("UPDATE mondes_dits SET compteurs_le = date(compteurs_le, '-1 day')")


def test_an_acceptance_takes_a_place_that_every_other_dossier_of_its_quota_is_told_of_once_a_day(petit_banc):
    calme(petit_banc)
    autre = CAS["sans_convention"]
    assert quota(petit_banc, autre).startswith("0 accordé / 6")
    petit_banc.bac.reset()
    decide(petit_banc, COMPLET)
    petit_banc.run("sync")
    ecrits = {write.dossier for write in petit_banc.bac.mutations()}
    assert ecrits <= {COMPLET}, "a counter that moves alone costs no write: the accepted dossier asks for its start"
    petit_banc.bac.reset()
    assert quota(petit_banc, autre).startswith("0 accordé / 6")
    assert "Quota" not in petit_banc.run("plan").stdout, "and plan says the same"
    lendemain(petit_banc)
    petit_banc.run("sync")
    assert quota(petit_banc, autre).startswith("1 accordé / 6")
    ouverts = petit_banc.bac.compteurs.mutations
    assert 0 < ouverts <= 4, "one write for each open dossier"
    for _ in range(2):
        petit_banc.run("sync")
    assert petit_banc.bac.compteurs.mutations == ouverts


def test_a_withdrawal_typed_by_an_agent_gives_the_place_back(petit_banc):
    calme(petit_banc)
    decide(petit_banc, COMPLET)
    petit_banc.run("sync")
    annote(petit_banc, COMPLET, evenement="Désistement", le=wiring.today())
    petit_banc.run("sync")
    lendemain(petit_banc)
    petit_banc.run("sync")
    assert quota(petit_banc, CAS["sans_convention"]).startswith("0 accordé / 6")


def test_a_post_counts_after_its_dossier_is_gone(petit_banc):
    calme(petit_banc)
    decide(petit_banc, COMPLET)
    petit_banc.run("sync")
    petit_banc.world.remove_dossier(petit_banc.world.dossiers[COMPLET])
    petit_banc.run("sync")
    with sqlite3.connect(petit_banc.base) as base:
        base.execute("PRAGMA foreign_keys = ON")
        base.execute("DELETE FROM dossiers WHERE number = ?", (COMPLET,))
        texts = [row[0] for row in base.execute("SELECT poste FROM postes")]
    assert len(texts) == 1
    lendemain(petit_banc)
    petit_banc.run("sync")
    assert quota(petit_banc, CAS["sans_convention"]).startswith("1 accordé / 6")


@pytest.mark.parametrize("mode", ["informatif", "ordre"])
def test_beyond_the_quota_a_favourable_dossier_waits_only_where_the_order_decides(petit_banc, mode):
    text = petit_banc.chemin.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^\[quota\]$", f'[quota]\nmode = "{mode}"', text)
    text = re.sub(r"(?ms)(^\[\[quotas\]\].*?^valeur = )6", r"\g<1>0", text, count=1)
    petit_banc.chemin.write_text(text, encoding="utf-8")
    calme(petit_banc)
    attendu = "Liste d'attente" if mode == "ordre" else "Favorable"
    assert str(petit_banc.annotation(COMPLET, "Avis proposé")).replace("’", "'") == attendu
    petit_banc.bac.reset()
    petit_banc.run("sync")
    assert petit_banc.bac.compteurs.mutations == 0
