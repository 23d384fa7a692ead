"""The same promises over real HTTP: the real gateway, the real store, the whole configuration, and every fault of the
sandbox, in random lives.
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from connector import demo, store, wiring
from connector.api import pages
from connector.core.empreintes import reference_in
from connector.sandbox import formulaire as form
from connector.sandbox import monde, scenario
from connector.sandbox.faults import Genre
from connector.sandbox.monde import CAS
from connector.sandbox.recit import piece
from connector.sandbox.server import Sandbox
from tests.e2e.conftest import SANS_LIMITE, settings_text
from tests.fakes import Mort, Sort
from tests.faults.endurance import Presse, passe
from tests.faults.test_kill_matrix import copie, retire
from tests.faults.test_soak import Heure, ecrits
from tests.property.test_convergence import MEMOIRE, Compteur, Mortel, joue

PEU = ("complet", "sans_cv", "hors_zone", "suivi_manuel")
GROUPES = (form.demarche(wiring.now()).groupes[0].number, form.demarche(wiring.now()).groupes[1].number)
QUI = st.sampled_from([CAS[name] for name in PEU])
DUREE = 0.01


class Depart:
    """What every life starts from: a server that goes on, a configuration, and copies of a world and a database."""

    def __init__(self) -> None:
        self.dossier = Path(tempfile.mkdtemp(dir=MEMOIRE))
        self.heure = Heure()
        world = monde.monde_par_defaut(self.heure)
        retire(world, PEU)
        self.bac = Sandbox(world, limite=SANS_LIMITE).start()
        config = demo.preparer(self.dossier / "demo", self.bac, world)
        text = settings_text(
            config.read_text(encoding="utf-8"),
            delai_reponse_perdue_s="0.01",
            delais=f"{{ connexion_s = 10, reponse_s = 60, requetes_par_minute = {SANS_LIMITE} }}",
            par_dossier_par_jour="50",
        )
        config.write_text(text, encoding="utf-8")
        self.settings = wiring.reglages(config)
        self.base = config.parent / "demo.sqlite"
        self.vierge = self.dossier / "vierge.sqlite"
        shutil.copy(self.base, self.vierge)
        self.world = copie(world)

    def recommence(self) -> None:
        """Another life."""
        self.heure.decalage = timedelta(0)
        self.bac.world = copie(self.world)
        self.bac.reset()
        self.bac.faults.vide()
        self.remet(self.vierge)

    def remet(self, kept: Path) -> None:
        """Put a copy in the place of the database."""
        for file in self.base.parent.glob("demo.sqlite*"):
            file.unlink()
        shutil.copy(kept, self.base)

    def finit(self) -> None:
        """Leave nothing behind."""
        self.bac.stop()
        shutil.rmtree(self.dossier)


class Passeur:
    """A gateway whose process may die before or after each call."""

    def __init__(self, gateway, sort: Sort) -> None:
        self._gateway, self._sort = gateway, sort

    def __getattr__(self, name):
        found = getattr(self._gateway, name)

        def appelle(*arguments, **details):
            self._sort.touche(name)
            done = found(*arguments, **details)
            self._sort.touche(f"{name} done")
            return done

        return appelle if callable(found) else found


class ViesHttp(RuleBasedStateMachine):
    """Four dossiers, their people, one connector, every fault."""

    compteur = Compteur()
    depart: Depart

    def __init__(self) -> None:
        super().__init__()
        self.compteur.vies += 1
        self.depart.recommence()
        self.sort, self._ouvert = Sort(), ExitStack()
        self.ouvre()

    @property
    def world(self):
        """The world of this life."""
        return self.depart.bac.world

    def ouvre(self) -> None:
        """Start the program."""
        self._ouvert.close()
        arret = wiring.Arret()
        arret.event = Presse()
        self.atelier = self._ouvert.enter_context(wiring.atelier(self.depart.settings, arret))
        gateway = self.atelier.gateway
        self.atelier._gateway = Passeur(gateway, self.sort)
        base = self.atelier.base
        self.atelier.base = dataclasses.replace(
            base, dossiers=Mortel(base.dossiers, self.sort), ledger=Mortel(base.ledger, self.sort)
        )

    def fait(self, quoi: str) -> None:
        """Count one step; some time goes by."""
        self.compteur.pas += 1
        self.compteur.faits[quoi] += 1
        self.depart.heure.decalage += timedelta(seconds=2)

    # people

    @rule(qui=QUI, quoi=st.sampled_from([form.CV, form.LETTRE, form.CONVENTION]), la=st.booleans())
    def usager_corrige(self, qui, quoi, la):
        """Join a piece or take it back."""
        self.fait("corrections")
        if self.world.dossiers[qui].state == "en_construction":
            scenario.usager_corrige(self.world, qui, {quoi: [piece(quoi, qui)] if la else []})

    @rule(qui=QUI, retard=st.integers(5, 290))
    def ecriture_tardive(self, qui, retard):
        """A correction whose transaction commits late, with a date already behind."""
        self.fait("late commits")
        dossier = self.world.dossiers[qui]
        if dossier.state == "en_construction":
            scenario.usager_corrige(self.world, qui, {form.LETTRE: [piece(form.LETTRE, qui)]})
            dossier.updated_at -= timedelta(seconds=retard)

    @rule(qui=QUI)
    def usager_ecrit(self, qui):
        """Ask a question."""
        self.fait("messages of people")
        scenario.usager_envoie_message(self.world, qui, "Bonjour, où en est notre dossier ?")

    @rule(qui=QUI)
    def corbeille(self, qui):
        """Put a dossier in the bin, or take it out."""
        self.fait("bins")
        hidden = self.world.dossiers[qui].cache_par_administration_at
        (scenario.administration_restaure if hidden else scenario.administration_supprime)(self.world, qui)

    @rule(qui=QUI, note=st.integers(0, 20))
    def instructeur_annote(self, qui, note):
        """Fill an annotation that is not ours."""
        self.fait("annotations of people")
        scenario.instructeur_annote(self.world, qui, {"Note du projet": note})

    @rule(qui=QUI)
    def instructeur_change_l_etat(self, qui):
        """Pass to instruction, or back, by hand."""
        self.fait("decisions")
        state = self.world.dossiers[qui].state
        if state == "en_construction":
            scenario.instructeur_passe_en_instruction(self.world, qui)
        elif state == "en_instruction":
            scenario.instructeur_repasse_en_construction(self.world, qui)

    @rule(qui=QUI, groupe=st.sampled_from(GROUPES))
    def instructeur_change_groupe(self, qui, groupe):
        """Send a dossier to another group."""
        self.fait("groups")
        if not self.world.dossiers[qui].termine:
            scenario.instructeur_change_groupe(self.world, qui, groupe)

    @rule(qui=QUI, nom=st.sampled_from([form.SUIVI_MANUEL, "Complet"]), pose=st.booleans())
    def instructeur_etiquette(self, qui, nom, pose):
        """Put or take off a label."""
        self.fait("labels of people")
        (scenario.instructeur_ajoute_label if pose else scenario.instructeur_retire_label)(self.world, qui, nom)

    @rule()
    def administration_publie(self):
        """Publish the form again."""
        self.fait("revisions")
        scenario.administration_publie_revision(self.world, form.DEMARCHE)

    # the rest

    @rule(secondes=st.sampled_from([30, 400, 7_200, 130_000]))
    def attend(self, secondes):
        """Let time go by."""
        self.fait("waits")
        self.depart.heure.decalage += timedelta(seconds=secondes)

    @rule()
    def base_perdue(self):
        """The database is lost."""
        self.fait("databases lost")
        self._ouvert.close()
        self.depart.remet(self.depart.vierge)
        self.ouvre()

    @rule(genre=st.sampled_from(Genre), mutation=st.booleans(), apres=st.integers(0, 3), applique=st.booleans())
    def passe_en_panne(self, genre, mutation, apres, applique):
        """One cycle, one of its calls going wrong."""
        self.fait(f"cycles with {genre.value}")
        faults = self.depart.bac.faults
        faults.ajoute(genre, mutation=mutation, apres=apres, applique=applique, duree=DUREE)
        self._passe()
        faults.vide()

    @rule(instant=st.integers(0, 80), genre=st.sampled_from(Genre), apres=st.integers(0, 20))
    def passe_et_meurt(self, instant, genre, apres):
        """One cycle, killed at that instant, after a call of it went wrong or not."""
        self.fait("cycles killed")
        self.depart.bac.faults.ajoute(genre, apres=apres, duree=DUREE)
        self.sort.fatale = len(self.sort.touches) + instant
        try:
            self._passe()
        except Mort:
            self.compteur.morts += 1
            self.ouvre()
        finally:
            self.sort.fatale = None
            self.depart.bac.faults.vide()

    @rule()
    def passe_bien(self):
        """One cycle, undisturbed."""
        self.fait("quiet cycles")
        self._passe()

    def _passe(self) -> dict:
        self.compteur.passages += 1
        return passe(self.atelier, self.depart.heure.decalage)

    @invariant()
    def no_message_is_there_twice(self):
        """At most one for each reference."""
        for number, dossier in self.world.dossiers.items():
            seen = Counter(r for m in dossier.messages if (r := reference_in(m.body)))
            assert all(count == 1 for count in seen.values()), (number, seen)

    def teardown(self):
        """Faults stop: two cycles agree with the policy, a third writes nothing."""
        try:
            self._se_pose()
        finally:
            self._ouvert.close()

    def _se_pose(self) -> None:
        for _ in range(2):
            self.depart.heure.decalage += timedelta(hours=37)
            self._passe()
            self.no_message_is_there_twice()
        self.depart.heure.decalage += timedelta(minutes=1)
        quiet = self._passe()
        assert (quiet["code"], ecrits(quiet)) == (0, 0), quiet
        with store.ouvrir(self.depart.base) as base:
            assert base.ledger.unsettled(form.DEMARCHE) == ()
            for number, dossier in self.world.dossiers.items():
                if dossier.visible:
                    stored = base.dossiers.dossier(number)
                    assert stored is not None, number
                    shown = dossier.updated_at.replace(microsecond=0)
                    assert stored[0].dossier.date_derniere_modification == shown, number
                    self._obeit(dossier)

    def _obeit(self, dossier) -> None:
        """The policy, told without the program, for what does not hang on the world around."""
        revision = self.world.revision_de(dossier)
        held = form.SUIVI_MANUEL in self._labels(dossier)
        valeurs = {k[0]: v.valeur for k, v in dossier.lit()[0].items()}
        assert valeurs.get(revision.nomme("Synthèse", prive=True).stable_id), dossier.number
        if dossier.state != "en_construction" or held or dossier.number == CAS["hors_zone"]:
            return
        tour = max(t.date for t in dossier.traitements if t.event.startswith("depose"))
        manque = [p for p in (form.CV, form.LETTRE) if not valeurs.get(revision.nomme(p).stable_id)]
        ours = [m for m in dossier.messages if reference_in(m.body) and m.created_at >= tour]
        assert ours or not manque, (dossier.number, manque)

    def _labels(self, dossier) -> set[str]:
        names = {label.number: label.name for label in self.world.demarche_de(dossier).labels}
        return {names[n] for n in dossier.labels}


@pytest.fixture
def vies(monkeypatch):
    """The machine, its server started; two dossiers a page, so that a page is often under way when things go wrong."""
    monkeypatch.setattr(pages, "TAILLE_MAX", 2)
    ViesHttp.depart = Depart()
    yield ViesHttp
    ViesHttp.depart.finit()


def test_random_lives_over_http_come_to_the_wanted_rest(vies, capsys):
    joue(vies, 10, 20, capsys)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_many_random_lives_over_http_come_to_the_wanted_rest(vies, capsys):
    joue(vies, 200, 30, capsys)
