"""A quiet poll over the real store: what it costs must not depend on how many dossiers are stored."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from decimal import Decimal

import pytest

from connector import cycle, store
from connector.core.chiffrage import Parametres
from connector.core.plan import Transition
from connector.core.projet import Vocabulaire
from connector.core.quota import ModeQuota, ParametresQuota
from connector.situation import Geometrie, Monde, Territoire
from tests.fakes import NUMERO
from tests.fakes import Monde as Terrain

BEAUCOUP = int(os.environ.get("CALME_DOSSIERS", "50000"))
PARAMETRES = Parametres(quota=ParametresQuota(mode=ModeQuota.ORDRE, poids_un_an=Decimal(1)))


class Poste:
    """A cycle over a real database and a tiny server; `multiplie` makes the database bigger behind its back."""

    def __init__(self, base) -> None:
        self.base, self.terrain = base, Terrain()
        for number in range(100, 110):
            self.terrain.serveur.usager_depose(number)
            self.terrain.horloge.avance(minutes=1)
        self.pas = 0

    def passe(self):
        """One whole cycle, ten minutes later."""
        self.terrain.horloge.avance(minutes=10)
        self.terrain.serveur.requetes.clear()
        p = self.terrain.passage()
        monde = Monde(
            territoire=Territoire(referentiels=self.base.referentiels, geometrie=Geometrie()),
            inscriptions=self.base.inscriptions,
            postes=self.base.postes,
            vocabulaire=Vocabulaire(),
            parametres=PARAMETRES,
            now=p.bord.now,
            aujourd_hui=p.bord.aujourd_hui,
        )
        bord = replace(p.bord, dossiers=self.base.dossiers, ledger=self.base.ledger, situer=monde.situer, monde=monde)
        return cycle.run(replace(p, bord=bord, consigne=replace(p.consigne, parametres=PARAMETRES)))

    def calme(self):
        """Cycles until nothing is written any more."""
        for _ in range(4):
            rapport = self.passe()
        assert (rapport.lus, rapport.examines, self.terrain.serveur.requetes) == (0, 0, [f"page {NUMERO}"])

    def mesure(self) -> tuple[int, float]:
        """One quiet poll: instructions of SQLite's machine, by the thousand, and milliseconds."""
        self.pas = 0
        self.base.connexion.db.set_progress_handler(self._compte, 1_000)
        start = time.perf_counter()
        rapport = self.passe()
        spent = time.perf_counter() - start
        self.base.connexion.db.set_progress_handler(None, 0)
        assert (rapport.examines, self.terrain.serveur.requetes) == (0, [f"page {NUMERO}"])
        return self.pas, 1_000 * spent

    def _compte(self) -> int:
        self.pas += 1
        return 0

    def multiplie(self, total: int) -> None:
        """Have that many dossiers stored, all judged, entered and told, each a copy of one of the ten."""
        connexion = self.base.connexion
        with connexion.transaction():
            tables = dict.fromkeys(("identites", "evaluations", "inscriptions"), "dossier")
            for table, cle in {"dossiers": "number", **tables}.items():
                colonnes = [name for _, name, *_ in connexion.rows(f"PRAGMA table_info({table})") if name != cle]
                connexion.run(
                    f"""
                    WITH RECURSIVE fois(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM fois WHERE n < {total // 10 - 1})
                    INSERT INTO {table} ({cle}, {", ".join(colonnes)})
                    SELECT {cle} + 1000 * n, {", ".join(colonnes)} FROM {table}, fois
                    """
                )
            connexion.run("UPDATE dossiers SET entete = json_set(entete, '$.number', number)")
            connexion.run("UPDATE inscriptions SET inscription = json_set(inscription, '$.dossier', dossier)")
            connexion.run("DELETE FROM a_faire")
            connexion.run("UPDATE mondes_dits SET mouvements = (SELECT nombre FROM mouvements)")
        ((stored,),) = connexion.rows("SELECT count(*) FROM dossiers")
        assert stored == total


@pytest.fixture
def poste(tmp_path):
    with store.ouvrir(tmp_path / "base.db") as base:
        yield Poste(base)


def test_a_quiet_poll_costs_the_same_whatever_is_stored(poste):
    poste.calme()
    few, _ = poste.mesure()
    poste.multiplie(2_000)
    many, _ = poste.mesure()
    assert many <= few + 3, "thousands of SQLite's instructions"


def accepte(poste):
    """Have the ten dossiers accepted: no quota is known of any, which the register warns of in each."""
    for number in range(100, 110):
        poste.terrain.serveur.agent_decide(number, Transition.ACCEPTER)


def averties(poste) -> int:
    """How many entries have a warning."""
    ((found,),) = poste.base.connexion.rows("SELECT count(*) FROM inscriptions WHERE avertissement <> ''")
    return found


def test_a_quiet_poll_costs_the_same_though_the_register_warns_of_every_dossier(poste):
    poste.calme()
    without, _ = poste.mesure()
    accepte(poste)
    poste.calme()
    poste.multiplie(2_000)
    assert averties(poste) == 2_000
    with poste.base.connexion.transaction():
        poste.base.connexion.run("DELETE FROM sous WHERE quoi = 'inscrire'")  # all of them are entered
    poste.calme()
    many, _ = poste.mesure()
    assert many <= without + 3, "thousands of SQLite's instructions"
    assert averties(poste) == 2_000


def test_one_dossier_that_moves_among_many_is_judged_alone(poste):
    poste.calme()
    poste.multiplie(500)
    poste.terrain.serveur.usager_corrige(100, specialite="Dermatologie")
    assert poste.passe().examines == 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_quiet_poll_of_fifty_thousand_dossiers_takes_less_than_fifty_milliseconds(poste, capsys):
    poste.calme()
    poste.multiplie(BEAUCOUP)
    poste.mesure()
    spent = sorted(poste.mesure()[1] for _ in range(9))
    said = f"median {spent[4]:.1f} ms (min {spent[0]:.1f}, max {spent[-1]:.1f})"
    with capsys.disabled():
        print(f"\nquiet poll, {BEAUCOUP} dossiers stored: {said}")  # noqa: T201 - the figure is the point
    assert spent[4] <= 50
