"""The figures in the dossiers of a Démarches simplifiées over real HTTP: written, taken back, and known again."""

from __future__ import annotations

from decimal import Decimal

from connector.sandbox import scenario
from connector.sandbox.monde import CAS

PRIME, STATUT = "Prime d'exercice territorial mensuelle (€)", "Statut de la prime"


def annote(banc, number, **values):
    """An agent fills annotations of the ARS's own."""
    agent = next(iter(banc.world.demarches[banc.world.dossiers[number].demarche].groupes)).instructeurs[0]
    named = {
        {"route": "Distance routière retenue (km)", "derogation": "Dérogation PET"}[cle]: v for cle, v in values.items()
    }
    scenario.instructeur_annote(banc.world, number, named, instructeur=agent)


def prime(banc, number):
    value = banc.annotation(number, PRIME)
    return None if value is None else Decimal(str(value))


def synthese(banc, number):
    return str(banc.annotation(number, "Synthèse")).replace("\u00a0", " ").replace("\u202f", " ")


def test_a_complete_dossier_carries_its_figures(petit_banc):
    banc, number = petit_banc, CAS["complet"]
    banc.run("sync")
    assert prime(banc, number) == 1000
    assert banc.annotation(number, STATUT) == "Due"
    assert Decimal(str(banc.annotation(number, "Quotité ambulatoire contrôlée"))) == 50
    assert "105," in str(banc.annotation(number, "Distance"))
    assert "18279" in str(banc.annotation(number, "Zone"))
    assert "PET 1 000 €" in synthese(banc, number)


def test_a_prime_that_becomes_doubtful_is_said_to_be_stale_and_is_true_again_once_settled(petit_banc):
    banc, number = petit_banc, CAS["complet"]
    banc.run("sync")

    annote(banc, number, route="12", derogation="En cours")
    banc.run("sync")
    assert prime(banc, number) == 1000  # DS cannot clear a decimal…
    assert banc.annotation(number, STATUT) == "À confirmer"  # … so everything around it says that it no longer holds
    assert "chiffre affiché caduc : prime" in synthese(banc, number)
    assert "n’est plus valable" in str(banc.annotation(number, "Points à vérifier"))
    assert "Dérogation PET" in banc.labels(number)

    banc.run("sync")
    banc.bac.reset()
    banc.run("sync")
    assert banc.bac.compteurs.mutations == 0

    annote(banc, number, derogation="Refusée")
    banc.run("sync")
    assert prime(banc, number) == 0
    assert banc.annotation(number, STATUT) == "Non due"
    assert "caduc" not in synthese(banc, number)
    assert "n’est plus valable" not in str(banc.annotation(number, "Points à vérifier"))
    assert "Dérogation PET" not in banc.labels(number)
