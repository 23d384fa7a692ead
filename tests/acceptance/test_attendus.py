"""The recorded dossiers, answers of a real server, judged as an ARS would have them judged: opinion, prime, and place.

Everything is the program's own: the reader, the example configuration, the database, the imports, the cycle. Only the
zoning and the neighbourhood are built here, from the trial data that come with the expected answers.
`pytest -s tests/acceptance` prints the table.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from connector import cycle, importations, jugement, wiring
from connector.core.chiffrage import chiffrer
from connector.core.correspondance import Resolution, resolve
from connector.core.fiche import retain
from connector.core.pet import Prime
from connector.core.referentiels import Referentiel
from tests.contract.test_example_config import DS, RACINE, as_we_ask, attendus, demarche, enregistrements, recording
from tests.contract.test_example_config import lecture as lecteur

DESACCORDS = {
    "X_correction": (
        "La convention manque : décision 6 du domaine et C02 donnent « À confirmer » (montant gardé), quand "
        "X_correction attend « Due » pour les mêmes pièces."
    ),
}
"""Where the expected answers contradict one another, and which of them we keep."""


@dataclass(frozen=True, kw_only=True)
class Lu:
    """What we say of a dossier: our opinion as the quota is read, its prime, its quota."""

    avis: str
    prime: Prime
    quota: str
    synthese: str
    phrases: tuple[str, ...]


def brut():
    return json.loads((DS / "attendus_ars.json").read_text(encoding="utf-8"))


def configuration(dossier: Path, mode: str) -> Path:
    """The example, pointed at the recorded démarche; `mode` is the quota's."""
    texte = (RACINE / "config.example.toml").read_text(encoding="utf-8")
    texte = re.sub(r"(?m)^numero = .*$", f"numero = {brut()['demarche']['number']}", texte)
    texte = texte.replace("[quota]\n", f'[quota]\nmode = "{mode}"\n')
    chemin = dossier / "config.toml"
    chemin.write_text(texte, encoding="utf-8")
    return chemin


@contextmanager
def atelier(mode: str) -> Iterator[wiring.Atelier]:
    """The program over a fresh database that knows the trial zoning and neighbourhood."""
    with TemporaryDirectory() as nom:
        dossier = Path(nom)
        zonage = dossier / "zonage.csv"
        lignes = (f"{code};{zone.partition(' ')[0]}" for code, zone in brut()["zones"].items())
        zonage.write_text("\n".join(("code_insee;zonage", *lignes)), encoding="utf-8")
        qpv = dossier / "qpv.geojson"
        qpv.write_text(json.dumps({"type": "FeatureCollection", "features": [brut()["qpv_de_test"]]}), encoding="utf-8")
        with wiring.atelier(wiring.reglages(configuration(dossier, mode))) as ouvert:
            for genre, fichier in ((Referentiel.ZONAGE, zonage), (Referentiel.QPV, qpv)):
                commande = importations.Commande(
                    fichier=fichier, referentiel=genre, arrete="zonage d'essai 2025", date_effet=date(2023, 1, 1)
                )
                importations.importer(ouvert.base, commande, now=wiring.now(), dire=lambda _phrase: None)
            yield ouvert


def remplir(ouvert: wiring.Atelier, resolution: Resolution) -> None:
    """Every recorded dossier, as the store keeps it."""
    champs = lecteur.LecteurChamps()
    for page in range(1, 6):
        noeuds = recording(f"ars_dossiers_page_{page}")["data"]["demarche"]["dossiers"]["nodes"]
        fiches = tuple(retain(lecteur.dossier(recu(n), champs), resolution.retenue) for n in noeuds)
        ouvert.base.dossiers.save_page(
            demarche().number, fiches=fiches, trous=(), supprimes=(), watermark=None, now=wiring.now()
        )


def recu(noeud):
    """The answer of the recorded question as ours would have it."""
    ours = as_we_ask(noeud) | {"avis": []}
    ours["groupeInstructeur"]["closed"] = False
    return ours


@cache
def juges(mode: str) -> dict[int, Lu]:
    """What we say of every dossier, by number."""
    with atelier(mode) as ouvert:
        reglee = ouvert.settings.demarches[0]
        resolution = resolve(reglee.correspondance, demarche())
        assert isinstance(resolution, Resolution)
        remplir(ouvert, resolution)
        passage = ouvert.hors_ligne(reglee)
        cycle.enter(passage, resolution)
        return {
            dossier.number: lu(passage, resolution, dossier, j) for dossier, j in cycle.rejudge(passage, resolution)
        }


def lu(passage, resolution, dossier, juge) -> Lu:
    examen = jugement.examine(passage, resolution, dossier)
    parametres = passage.consigne.parametres
    chiffrage = chiffrer(examen.projet, examen.situation, parametres, aujourd_hui=date(2026, 11, 21))
    return Lu(
        avis=juge.proposition.avis.value,
        prime=chiffrage.prime,
        quota=chiffrage.chiffres["quota"].texte,
        synthese=juge.proposition.synthese,
        phrases=tuple(c.phrase for c in juge.proposition.constats),
    )


def cas():
    return [nom for nom, c in attendus().items() if (c["attendu"] or {}).get("avis")] if DS.exists() else []


def dit(nom: str, mode: str = "informatif") -> Lu:
    return juges(mode)[attendus()[nom]["number"]]


def bornes(prime: Prime):
    return tuple(None if v is None else Decimal(v) for v in (prime.minimum, prime.maximum, prime.montant))


def bornes_attendues(attendu):
    pet = attendu["pet"] or {}
    return tuple(None if pet.get(cle) is None else Decimal(str(pet[cle])) for cle in ("min", "max", "montant"))


# ── the table


def ligne(nom: str) -> tuple[str, bool]:
    """One dossier's line of the table, and whether everything in it was expected."""
    attendu, avant, apres = attendus()[nom]["attendu"], dit(nom), dit(nom, "ordre")
    dits = (avant.avis, apres.avis, bornes(avant.prime), avant.prime.statut.value)
    voulus = (attendu["avis"], attendu["avis_avec_quota"], bornes_attendues(attendu), attendu["statut_pet"])
    ecart = [v for v, d in zip(voulus, dits, strict=True) if v != d]
    montant = avant.prime.texte().removeprefix("à confirmer, ")
    texte = f"{nom:32} {avant.avis:13} {apres.avis:16} {montant:>21} {avant.prime.statut.value:13}"
    return texte + (f" attendu : {ecart}" if ecart else ""), not ecart


@enregistrements
def test_the_forty_two_dossiers_are_told_in_a_table():
    lignes = {nom: ligne(nom) for nom in cas()}
    titre = f"{'cas':32} {'avis':13} {'après quota':16} {'prime':>21} statut"
    ecarts = [nom for nom, (_, conforme) in lignes.items() if not conforme]
    pourquoi = [f"{nom} : {DESACCORDS[nom]}" for nom in ecarts if nom in DESACCORDS]
    sys.stdout.write("\n".join(("", titre, *(texte for texte, _ in lignes.values()), *pourquoi, "")))
    assert len(lignes) == 42
    assert set(ecarts) <= set(DESACCORDS)
    assert len(ecarts) <= 2


@enregistrements
@pytest.mark.parametrize("nom", cas())
def test_each_dossier_gets_the_expected_opinion_before_the_quota(nom):
    assert dit(nom).avis == attendus()[nom]["attendu"]["avis"], dit(nom).synthese


@enregistrements
@pytest.mark.parametrize("nom", cas())
def test_each_dossier_gets_the_expected_opinion_once_the_places_are_counted(nom):
    assert dit(nom, "ordre").avis == attendus()[nom]["attendu"]["avis_avec_quota"], dit(nom, "ordre").synthese


@enregistrements
@pytest.mark.parametrize("nom", [n for n in cas() if n not in DESACCORDS])
def test_each_dossier_gets_the_expected_prime(nom):
    prime = dit(nom).prime
    assert bornes(prime) == bornes_attendues(attendus()[nom]["attendu"]), prime
    assert prime.statut.value == attendus()[nom]["attendu"]["statut_pet"], prime


@enregistrements
@pytest.mark.parametrize("nom", sorted(DESACCORDS))
def test_a_disagreement_is_on_the_status_of_the_prime_alone(nom):
    prime = dit(nom).prime
    assert bornes(prime) == bornes_attendues(attendus()[nom]["attendu"])
    assert (prime.statut.value, dit("C02").prime.statut.value) == ("À confirmer", "À confirmer")
    assert dit(nom).avis == dit("C02").avis


# ── what a reader must find in the answer


@enregistrements
@pytest.mark.parametrize(
    ("nom", "mot"),
    [
        ("C03", "hors zone sous-dense (zonage d’essai 2025, effet au 01/01/2023)"),
        ("C04", "quartier prioritaire, Quartier de test (fictif) (zonage d’essai 2025"),
        ("C08", "chef de clinique de médecine générale"),
        ("C10", "l’ARS Guyane"),
        ("E3", "La quotité ambulatoire passe de 50\u00a0% à 60\u00a0%"),
        ("E4_non_motive", "à défaut, il n’y a pas de financement"),
        ("E6", "aucun zonage importé ne classe cette commune"),
        ("X_lien_inconnu", "ce dossier n’est pas connu ici"),
        ("X_annotations_humaines", "spécialité déficitaire"),
    ],
)
def test_the_reason_is_told(nom, mot):
    assert mot in " ".join(dit(nom).phrases)


@enregistrements
def test_the_quota_is_told_with_its_override_and_the_waiting_list_in_order():
    assert "6\u00a0accordés / 6" in dit("C01").quota
    assert "au-delà de la dotation nationale 2023-2025 (4)" in dit("C01").quota
    attente = [n for n in cas() if dit(n, "ordre").avis == "Liste d'attente"]
    rangs = [int(re.search(r"rang (\d+) de la liste", dit(n, "ordre").quota)[1]) for n in attente]
    assert sorted(rangs) == list(range(1, len(rangs) + 1))
    assert "un remplacement ne prend pas de nouvelle place" in dit("E3").quota
