"""`make soak`: ten thousand dossiers, an hour of polling compressed into minutes, one call in twenty going wrong."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from connector import demo, store, wiring
from connector.core.empreintes import reference_in
from connector.sandbox import formulaire as form
from connector.sandbox import monde, scenario
from connector.sandbox.faults import Genre
from connector.sandbox.masse import PREMIER
from connector.sandbox.recit import piece
from connector.sandbox.server import Sandbox
from connector.sandbox.world import World
from tests.e2e.conftest import SANS_LIMITE, settings_text

RACINE = Path(__file__).parents[2]
DOSSIERS = int(os.environ.get("SOAK_DOSSIERS", "10000"))
OUVERTS = int(os.environ.get("SOAK_OUVERTS", "400"))
"""How many are not decided yet: each of these is annotated, labelled, and written to or passed to instruction."""

PASSAGES = int(os.environ.get("SOAK_PASSAGES", "60"))
"""How many times the hour is polled."""

PUBLICATIONS = 2
"""How many times the form is really published in the hour."""

TAUX = 0.05
"""Share of the calls that go wrong, all kinds together."""

RESERVE = 60
"""Dossiers kept aside at first, to be filed during the hour."""

PATIENCE = 400
"""Cycles that a first complete reading and writing may need under faults."""


class Heure:
    """The clock of both sides: the machine's, and what was added by hand."""

    def __init__(self) -> None:
        self.decalage = timedelta(0)

    def __call__(self):
        return wiring.now() + self.decalage


class Service:
    """The program in a process of its own."""

    def __init__(self, config: Path, heure: Heure) -> None:
        self.heure = heure
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.endurance", str(config)],
            cwd=RACINE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def passe(self) -> dict:
        """One cycle, now."""
        self._process.stdin.write(json.dumps({"decalage": self.heure.decalage.total_seconds()}) + "\n")
        return json.loads(self._process.stdout.readline())

    def finit(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()


class Gens:
    """Usagers and instructeurs, at work between two passes; `hasard` chooses who does what."""

    def __init__(self, world: World, hasard: random.Random, reserve) -> None:
        self.world, self.hasard, self.reserve = world, hasard, list(reserve)
        self.ouverts = [d.number for d in world.dossiers.values() if not d.termine]
        self.touches: set[int] = set()
        self.actes: Counter[str] = Counter()

    def agissent(self) -> None:
        """A minute of their work."""
        for acte in self.hasard.choices(list(ACTES), weights=ACTES.values(), k=8):
            number = self.hasard.choice(self.ouverts)
            if number in self.world.dossiers:
                self.actes[acte] += 1
                getattr(self, acte)(number)

    def corrige(self, number: int) -> None:
        """Join the agreement."""
        if self.world.dossiers[number].state == "en_construction":
            scenario.usager_corrige(self.world, number, {form.CONVENTION: [piece(form.CONVENTION, number)]})

    def retire(self, number: int) -> None:
        """Take the agreement back."""
        if self.world.dossiers[number].state == "en_construction":
            scenario.usager_corrige(self.world, number, {form.CONVENTION: []})

    def ecrit(self, number: int) -> None:
        """Ask a question."""
        scenario.usager_envoie_message(self.world, number, "Bonjour, où en est notre dossier ?")

    def annote(self, number: int) -> None:
        """Fill an annotation that is not ours."""
        scenario.instructeur_annote(self.world, number, {"Note du projet": self.hasard.randrange(20)})

    def repond(self, number: int) -> None:
        """Write to the hospital by hand."""
        self.touches.add(number)
        scenario.instructeur_envoie_message(self.world, number, "Bonjour, nous vous répondons d'ici vendredi.")

    def decide(self, number: int) -> None:
        """Decide by hand."""
        self.touches.add(number)
        if self.world.dossiers[number].state == "en_instruction":
            scenario.instructeur_decide(self.world, number, "accepte")

    def depose(self, _number: int) -> None:
        """File a dossier, half of the time with a transaction that commits up to four minutes late."""
        if self.reserve:
            dossier = self.reserve.pop()
            instant = self.world.now() - timedelta(seconds=self.hasard.choice((0, 0, 60, 240)))
            dossier.created_at = dossier.depose_at = dossier.updated_at = dossier.en_construction_at = instant
            dossier.champs_at = dossier.annotations_at = dossier.traitements[0].date = instant
            self.world.add_dossier(dossier)
            self.ouverts.append(dossier.number)

    def etiquette(self, number: int) -> None:
        """Keep a dossier in human hands."""
        self.touches.add(number)
        scenario.instructeur_ajoute_label(self.world, number, form.SUIVI_MANUEL)

    def corbeille(self, number: int) -> None:
        """Put it in the bin, or take it out."""
        self.touches.add(number)
        hidden = self.world.dossiers[number].cache_par_administration_at
        (scenario.administration_restaure if hidden else scenario.administration_supprime)(self.world, number)

    def publie(self, _number: int) -> None:
        """Publish the form again: every dossier is then read again, so not more than twice in the hour."""
        if self.actes["publie"] <= PUBLICATIONS:
            scenario.administration_publie_revision(self.world, form.DEMARCHE)


ACTES = {
    "corrige": 20,
    "retire": 8,
    "ecrit": 10,
    "annote": 10,
    "repond": 3,
    "decide": 4,
    "depose": 12,
    "etiquette": 2,
    "corbeille": 3,
    "publie": 1,
}
"""What people do, and how often."""


def prepare(heure: Heure) -> tuple[World, list]:
    """The world of the soak, and the dossiers that will be filed later."""
    world = monde.monde_de_masse(DOSSIERS + RESERVE, heure)
    nom = world.demarches[form.DEMARCHE].revision_active.nomme("Nom du candidat").stable_id
    for dossier in world.dossiers.values():
        dossier.genere = nomme(dossier.genere, nom)
    for dossier in world.dossiers.values():
        if dossier.number < PREMIER + DOSSIERS - OUVERTS:
            dossier.state = "sans_suite"  # nothing is written to it: an accepted one has its post told
            dossier.en_instruction_at = dossier.processed_at = dossier.en_construction_at
    reserve = [world.dossiers[PREMIER + DOSSIERS + k] for k in range(RESERVE)]
    for dossier in reserve:
        world.remove_dossier(dossier)
    return world, reserve


def nomme(genere, nom: int):
    """The same content for a candidate whose name nobody else bears: ten thousand people are not forty."""

    def contenu(number: int):
        valeurs, rangs = genere(number)
        letters = "".join(chr(ord("A") + int(digit)) for digit in str(number))
        return {**valeurs, (nom, ""): dataclasses.replace(valeurs[nom, ""], valeur=f"Candidat {letters}")}, rangs

    return contenu


def cpu(comptes: list[dict]) -> float:
    """Seconds of processor that those cycles took from the program."""
    return sum(c["cpu"] for c in comptes)


def ecrits(compte: dict) -> int:
    """How much a cycle wrote."""
    return sum(compte[k] for k in ("messages", "transitions", "annotations", "labels"))


def doublons(world: World) -> list[str]:
    """References that two messages carry, and dossiers that we passed to instruction more often than filed."""
    seen = Counter(r for d in world.dossiers.values() for m in d.messages if (r := reference_in(m.body)))
    passages = [
        f"{d.number}: {n} passages"
        for d in world.dossiers.values()
        if (n := sum(t.event == "passe_en_instruction" for t in d.traitements))
        > sum(t.event.startswith("depose") for t in d.traitements)
    ]
    return [f"{reference} × {count}" for reference, count in seen.items() if count > 1] + passages


def pertes(world: World, base, touches: set[int]) -> list[str]:
    """Visible dossiers that are not stored as they are, not annotated, or not answered as they should be."""
    lost = []
    demarche = world.demarches[form.DEMARCHE]
    for dossier in world.dossiers.values():
        if not dossier.visible:
            continue
        stored = base.dossiers.dossier(dossier.number)
        shown = dossier.updated_at.replace(microsecond=0)
        if stored is None or stored[0].dossier.date_derniere_modification < shown:
            lost.append(f"{dossier.number}: not stored as it is")
        if dossier.termine or dossier.number in touches:
            continue
        synthese = demarche.revision(dossier.revision).nomme("Synthèse", prive=True).stable_id
        if (synthese, "") not in dossier.lit()[0]:
            lost.append(f"{dossier.number}: not annotated")
        joined = any(k[0] == _convention(demarche, dossier) and v.valeur for k, v in dossier.lit()[0].items())
        asked = any(reference_in(m.body) for m in dossier.messages)
        if dossier.state == "en_construction" and not joined and not asked:
            lost.append(f"{dossier.number}: nothing asked")
    return lost


def _convention(demarche, dossier) -> int:
    return demarche.revision(dossier.revision).nomme(form.CONVENTION).stable_id


def poursuit(service: Service, heure: Heure, minutes: float) -> list[dict]:
    """Pass until nothing is left to write."""
    done = []
    for _ in range(PATIENCE):
        done.append(service.passe())
        heure.decalage += timedelta(minutes=minutes)
        if done[-1]["code"] == 0 and not ecrits(done[-1]):
            return done
    return done


@pytest.mark.soak
@pytest.mark.timeout(10800)
def test_an_hour_of_polling_ten_thousand_dossiers_under_faults_loses_and_repeats_nothing(tmp_path, capsys):
    heure, hasard = Heure(), random.Random(20260302)
    world, reserve = prepare(heure)
    world.settle(force=True)
    start = time.monotonic()

    def dit(text: str) -> None:
        with capsys.disabled():
            print(f"[{time.monotonic() - start:5.0f} s] {text}", flush=True)  # noqa: T201 - the figures are the point

    with Sandbox(world, limite=SANS_LIMITE) as bac:
        config = demo.preparer(tmp_path / "demo", bac, world)
        text = settings_text(
            config.read_text(encoding="utf-8"),
            delai_reponse_perdue_s="0.05",
            delais=f"{{ connexion_s = 10, reponse_s = 60, requetes_par_minute = {SANS_LIMITE} }}",
            messages_par_cycle=str(2 * OUVERTS),
            transitions_par_cycle=str(2 * OUVERTS),
            par_dossier_par_jour="1000",
        )
        config.write_text(text, encoding="utf-8")
        bac.faults.au_hasard(hasard, TAUX / len(Genre), duree=0.02)
        service, gens = Service(config, heure), Gens(world, hasard, reserve)
        first = poursuit(service, heure, 1)
        dit(f"{DOSSIERS} dossiers read, {OUVERTS} open: {len(first)} cycles, {bac.compteurs.posts} calls")
        hour = []
        for poll in range(PASSAGES):
            gens.agissent()
            heure.decalage += timedelta(hours=1) / PASSAGES
            hour.append(service.passe())
            if poll % 10 == 9:
                dit(f"poll {poll + 1}: {hour[-1]['memoire'] / 1024:.0f} MB, {hour[-1]['descripteurs']} descriptors")
        faults = Counter(genre.value for genre, _ in bac.faults.vues)
        calls = bac.compteurs.posts
        bac.faults.vide()
        for _ in range(2):
            heure.decalage += timedelta(hours=25)
            last = service.passe()
        heure.decalage += timedelta(minutes=1)
        quiet = service.passe()
        service.finit()
        with store.ouvrir(config.parent / "demo.sqlite") as base:
            lost, twice = pertes(world, base, gens.touches), doublons(world)
            unsettled = base.ledger.unsettled(form.DEMARCHE)
    dit(f"people's acts: {dict(gens.actes)}")
    dit(f"{calls} calls, {sum(faults.values())} faults ({100 * sum(faults.values()) / calls:.1f} %): {dict(faults)}")
    codes = Counter(c["code"] for c in (*first, *hour))
    messages = sum(bool(reference_in(m.body)) for d in world.dossiers.values() for m in d.messages)
    dit(
        f"{len(first) + len(hour)} cycles, exit codes {dict(codes)}; {messages} messages of ours in DS; "
        f"processor: {cpu(first):.0f} s to read and write everything, {cpu(hour):.0f} s for the hour"
    )
    weights = [c["memoire"] / 1024 for c in hour]
    descriptors = [c["descripteurs"] for c in hour]
    dit(
        f"memory {weights[0]:.0f} → {weights[-1]:.0f} MB, peak {max(weights):.0f}; "
        f"descriptors {min(descriptors)}–{max(descriptors)}"
    )
    dit(f"{len(lost)} lost, {len(twice)} twice, {len(unsettled)} unsettled")
    assert lost == []
    assert twice == []
    assert unsettled == ()
    assert set(faults) == {genre.value for genre in Genre}
    assert messages > 0
    assert ecrits(quiet) == 0, quiet
    assert (last["code"], quiet["code"]) == (0, 0)
    assert max(weights[len(weights) // 2 :]) <= max(weights[: len(weights) // 2]) * 1.1
    assert max(descriptors) - min(descriptors) <= 3
