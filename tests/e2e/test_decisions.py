"""From the commission's list to the states of Démarches simplifiées, as an operator does it, over real HTTP."""

from __future__ import annotations

import re
from datetime import timedelta

from openpyxl import Workbook

from connector import wiring
from connector.sandbox import scenario
from connector.sandbox.faults import Genre
from connector.sandbox.monde import CAS

ENTETES = ("Rang", "Dossier", "Établissement", "Décision", "Motivation", "Confirmer")
MOTIF = "Le projet médical ne précise pas la répartition des demi-journées."


def liste(banc, *lignes, nom="commission.xlsx"):
    """The validated list as a spreadsheet: (case, décision, motivation, rang, confirmer)."""
    classeur = Workbook()
    feuille = classeur.active
    feuille.append(["Commission du 15 mai"])
    feuille.append(ENTETES)
    for cas, decision, motivation, rang, confirmer in lignes:
        feuille.append([rang, CAS[cas], "CHU fictif", decision, motivation, confirmer])
    chemin = banc.chemin.parent / nom
    classeur.save(chemin)
    return chemin


SEANCE = (
    ("complet", "Retenu", "", 1, ""),
    ("complet_cat_1", "liste d’attente", "", 2, ""),
    ("en_instruction", "NON RETENU", MOTIF, None, ""),
    ("annotations_humaines", "Sans suite", "Le candidat a retiré sa candidature.", None, ""),
    ("hors_zone", "Retenu", "", 3, ""),
    ("sans_convention", "", "", None, ""),
)


def uni(texte):
    """The text with ordinary spaces."""
    return str(texte).replace("\u00a0", " ").replace("\u202f", " ")


def etats(banc):
    return {nom: banc.world.dossiers[CAS[nom]].state for nom, *_ in SEANCE}


def decisions_faites(banc):
    return [
        m.operation for m in banc.bac.mutations() if re.match("dossier(Accepter|Refuser|Classer|Envoyer)", m.operation)
    ]


def test_the_list_is_recorded_shown_carried_out_once_and_never_again(seance):
    banc = seance
    scenario.instructeur_passe_en_instruction(banc.world, CAS["hors_zone"])
    banc.run("sync")  # the complete dossiers pass to instruction; the incomplete one is asked for its agreement
    banc.run("sync")
    fichier = liste(banc, *SEANCE)
    banc.bac.reset()

    dit = banc.process("decide", str(fichier))
    assert banc.bac.compteurs.mutations == 0
    assert uni(dit.stderr) == (
        "5 décisions enregistrées ou changées, 0 inchangée ; rien n’a été envoyé. Relisez avec « connector plan ».\n"
    )
    assert f"{CAS['complet']} | Retenu | 1 | nouvelle" in dit.stdout

    montre = uni(banc.process("plan").stdout)
    assert banc.bac.compteurs.mutations == 0
    assert "→ accepter" in montre
    assert "→ refuser" in montre
    assert MOTIF in montre
    assert "telerecours" in montre
    assert "L. 311-3-1" in montre
    assert "Décision « Retenu » en attente : à confirmer, car une règle s’y oppose" in montre

    banc.process("sync")
    assert etats(banc) == {
        "complet": "accepte",
        "complet_cat_1": "en_instruction",
        "en_instruction": "refuse",
        "annotations_humaines": "sans_suite",
        "hors_zone": "en_instruction",
        "sans_convention": "en_construction",
    }
    refus = banc.world.dossiers[CAS["en_instruction"]].motivation
    assert MOTIF in refus
    assert "DGOS" not in refus
    assert "Réf." not in refus
    assert "Liste d'attente" in banc.labels(CAS["complet_cat_1"])
    assert banc.annotation(CAS["complet_cat_1"], "Rang en liste d'attente") == 2
    (message,) = banc.messages(CAS["complet_cat_1"])
    assert "au rang 2" in message
    assert uni(banc.annotation(CAS["complet"], "Décision portée")).startswith("Accepté le ")
    assert "commission.xlsx" in uni(banc.annotation(CAS["complet"], "Décision portée"))
    assert "à confirmer" in uni(banc.annotation(CAS["hors_zone"], "Points à vérifier"))
    assert sorted(decisions_faites(banc)) == [
        "dossierAccepter",
        "dossierClasserSansSuite",
        "dossierEnvoyerMessage",
        "dossierRefuser",
    ]

    enregistrees = uni(banc.run("decide").stdout)
    assert f"portée le {wiring.today():%d/%m/%Y}" in enregistrees
    pourquoi = f"{CAS['hors_zone']} | Retenu | 3 | {wiring.today():%d/%m/%Y} | en attente : "
    assert f"{pourquoi}à confirmer, car une règle s’y oppose" in enregistrees
    etat = uni(banc.run("status").stdout)
    assert "Décisions de la commission qui attendent :" in etat
    assert f"    dossier n° {CAS['hors_zone']}, « Retenu » : à confirmer, car une règle s’y oppose" in etat
    assert etat.count("    dossier n° ") == 1  # what was carried out waits no more

    banc.bac.reset()
    banc.process("sync")  # what it reads back of its own work may be told in annotations, and nothing else
    assert {m.operation for m in banc.bac.mutations()} <= {"dossierModifierAnnotations"}
    banc.bac.reset()
    banc.run("sync")
    assert banc.bac.compteurs.mutations == 0

    confirmee = liste(banc, *SEANCE[:4], ("hors_zone", "Retenu", "", 3, "oui"), nom="confirmée.xlsx")
    assert "précisée" in banc.run("decide", str(confirmee)).stdout
    banc.run("sync")
    assert etats(banc)["hors_zone"] == "accepte"


def test_a_refusal_is_pronounced_exactly_once_when_the_process_is_killed_at_it(seance):
    banc, process, numero = seance, [], CAS["en_instruction"]
    banc.run("sync")
    banc.run("decide", str(liste(banc, ("en_instruction", "Non retenu", MOTIF, None, ""))))

    def kills(appel):
        if appel.operation == "Refuser":
            process[0].kill()
        return appel.operation == "Refuser"

    banc.bac.faults.ajoute(Genre.RESET_APRES, quand=kills)
    banc.bac.reset()
    process.append(banc.start("sync"))
    process[0].communicate(timeout=60)
    assert process[0].returncode == -9
    assert banc.annotation(numero, "Décision portée") is None

    banc.bac.faults.vide()
    banc.run("sync")
    assert decisions_faites(banc) == ["dossierRefuser"]
    assert banc.world.dossiers[numero].state == "refuse"
    assert str(banc.annotation(numero, "Décision portée")).startswith("Refusé le ")


def test_nothing_leaves_before_the_day_of_notification_and_an_agent_who_decides_meanwhile_wins(seance):
    banc = seance
    banc.run("sync")
    demain = wiring.today() + timedelta(days=1)
    texte = banc.chemin.read_text(encoding="utf-8")
    texte = texte.replace("# [demarches.campagne]", f"[demarches.campagne]\nnotification_le = {demain.isoformat()}", 1)
    banc.chemin.write_text(texte, encoding="utf-8")
    banc.run("decide", str(liste(banc, ("complet", "Non retenu", MOTIF, None, ""))))
    banc.run("sync")
    assert banc.world.dossiers[CAS["complet"]].state == "en_instruction"
    assert f"rien ne part avant le {demain:%d/%m/%Y}" in banc.run("plan").stdout

    scenario.instructeur_decide(banc.world, CAS["complet"], "accepte")
    banc.chemin.write_text(texte.replace(demain.isoformat(), wiring.today().isoformat()), encoding="utf-8")
    banc.run("sync")
    assert banc.world.dossiers[CAS["complet"]].state == "accepte"
    portee = uni(banc.annotation(CAS["complet"], "Décision portée"))
    assert "Dossier accepté le" in portee
    assert "« Non retenu »" in portee
    assert (
        "rien ne sera changé"
        in banc.run("decide", str(liste(banc, ("complet", "Sans suite", "Retrait.", None, "")))).stdout
    )


def test_a_decision_chosen_in_the_annotation_waits_for_the_typing_to_end_and_is_then_carried_out(seance):
    banc = seance
    banc.reglage(source='"annotation"')
    banc.run("sync")
    numero = CAS["complet"]
    scenario.instructeur_annote(banc.world, numero, {"Décision de la commission": "Retenu"})
    banc.run("sync")
    assert banc.world.dossiers[numero].state == "en_instruction"
    assert "la saisie est récente" in banc.run("plan", str(numero)).stdout
    banc.reglage(delai_saisie_minutes="0")
    banc.run("sync")
    assert banc.world.dossiers[numero].state == "accepte"
    assert "annotation « Décision de la commission »" in uni(banc.annotation(numero, "Décision portée")).replace(
        "\u00a0", " "
    )


def test_decide_says_what_each_line_changes_and_what_deserves_a_second_look(seance):
    banc = seance
    assert uni(banc.run("decide").stdout).startswith("Aucune décision enregistrée. « connector decide LISTE.xlsx »")
    inconnu = uni(banc.run("decide", str(liste(banc, ("complet", "Retenu", "", 1, ""))), check=2).stderr)
    assert f"ligne 3 : le dossier n° {CAS['complet']} n’est pas connu ici" in inconnu
    deux = uni(
        banc.run(
            "decide", str(liste(banc, ("complet", "Retenu", "", 1, ""), ("sans_cv", "quoi", "", "", ""))), check=2
        ).stderr
    )
    assert "2 lignes à corriger" in deux  # what cannot be read and what nobody knows, told at once

    banc.run("sync")
    premiere = (
        ("complet", "Réorientation", "", None, ""),
        ("complet_cat_1", "Liste d'attente", "", None, ""),
        ("en_instruction", "Non retenu", "", None, ""),
        ("annotations_humaines", "Sans suite", "", None, ""),
        ("hors_zone", "Retenu", "", None, ""),
    )
    dit = uni(banc.run("decide", str(liste(banc, *premiere))).stderr)
    for phrase in (
        f"n° {CAS['en_instruction']} : sans motivation : le refus citera les règles opposables",
        f"n° {CAS['annotations_humaines']} : sans motivation : le classement sans suite attendra un motif.",
        f"n° {CAS['complet_cat_1']} : en liste d’attente sans rang.",
        f"n° {CAS['complet']} : à réorienter : à faire à la main.",
        f"n° {CAS['hors_zone']} : encore en construction : à passer d’abord en instruction.",
    ):
        assert phrase in dit

    suite = (
        ("complet", "", "", None, ""),
        ("complet_cat_1", "Retenu", "", None, ""),
        ("en_instruction", "Non retenu", MOTIF, None, ""),
        ("annotations_humaines", "Sans suite", "", None, ""),
    )
    dit = banc.run("decide", str(liste(banc, *suite)))
    lignes = uni(dit.stdout).splitlines()
    assert f"{CAS['complet']} | — |  | retirée (était « Réorientation »)" in lignes
    assert f"{CAS['complet_cat_1']} | Retenu |  | changée (était « Liste d’attente »)" in lignes
    assert f"{CAS['en_instruction']} | Non retenu |  | précisée" in lignes
    assert "3 décisions enregistrées ou changées, 1 inchangée" in uni(dit.stderr)
    assert "1 décision déjà enregistrée n’est pas dans cette liste" in uni(dit.stderr)
    recapitule = uni(banc.run("decide").stdout)
    le = f"{wiring.today():%d/%m/%Y}"
    assert f"{CAS['hors_zone']} | Retenu |  | {le} | en attente : le dossier est encore en construction" in recapitule
    banc.reglage(source='"annotation"')
    assert "viennent des annotations" in uni(banc.run("decide", str(liste(banc, *suite)), check=2).stderr)


def test_by_default_people_decide_in_ds_with_the_words_we_prepared(seance):
    banc = seance
    banc.reglage(source='"aucune"')
    banc.run("sync")
    assert "Rien ne sera porté" in banc.run("decide", str(liste(banc, *SEANCE))).stderr
    banc.run("sync")
    assert uni(banc.annotation(CAS["complet"], "Motivation proposée")).startswith("Bonjour,")
    assert decisions_faites(banc) == ["dossierEnvoyerMessage"]  # the request for what a dossier lacks
    assert banc.world.dossiers[CAS["en_instruction"]].state == "en_instruction"
    assert MOTIF in uni(banc.annotation(CAS["en_instruction"], "Motivation proposée"))
