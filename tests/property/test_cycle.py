"""What must hold whatever people, networks, clocks and crashes do: the cycle between the fakes of tests/fakes.py."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector import cycle
from connector.core import empreintes
from connector.core.model import DossierState
from connector.core.plan import EtatIntention
from connector.core.politique import Politique
from connector.errors import ConnectorError
from tests.fakes import (
    CONTROLE,
    CV,
    NUMERO,
    POINTS,
    SYNTHESE,
    VERSION,
    Monde,
    Mort,
    Panne,
    un_dossier,
    une_piece,
)

OUVERTES = {EtatIntention.SENDING, EtatIntention.UNKNOWN}
RATES = (Panne.PERDUE, Panne.SANS_REPONSE, Panne.TARDIVE, Panne.FERMEE, Panne.QUOTA, Panne.REFUS)


# the watermark ───────────────────────────────────────────────────────────────────────────────────────────────────────


SECONDES = st.integers(0, 299)
"""How late a transaction may commit."""

LECTURES = st.lists(
    st.one_of(
        st.tuples(st.just("depose"), SECONDES),
        st.tuples(st.just("modifie"), st.integers(0, 9), SECONDES),
        st.tuples(st.just("avance"), st.floats(0.001, 900)),
        st.tuples(st.just("lit"), st.none() | st.integers(1, 3)),
        st.tuples(st.just("abime")),
        st.tuples(st.just("recule"), st.integers(1, 7200)),
        st.tuples(st.just("cache"), st.integers(0, 9)),
    ),
    max_size=40,
)


def lit(monde: Monde, pages: int | None = None) -> None:
    """Read DS, at most so many pages before the process is asked to stop."""
    asked = len(monde.serveur.requetes)

    def enough() -> bool:
        return pages is not None and sum("page" in r for r in monde.serveur.requetes[asked:]) >= pages

    monde.arret = enough
    cycle.pull(monde.passage())
    monde.arret = lambda: False


def arrive(monde: Monde, quoi: str, *details) -> None:
    """One event in the life of the démarche or of its reader."""
    serveur = monde.serveur
    numbers = sorted(serveur.lignes)
    match quoi, *details:
        case "depose", int(retard):
            serveur.usager_depose(100 + len(numbers), retard=timedelta(seconds=retard))
        case "modifie", int(i), int(retard) if i < len(numbers):
            serveur.usager_corrige(numbers[i], specialite=f"S{serveur.maintenant}", retard=timedelta(seconds=retard))
        case "avance", float(seconds):
            monde.horloge.avance(seconds=seconds)
        case "lit", pages:
            lit(monde, pages)
        case ("abime",) if NUMERO in monde.armoire.filigranes:
            mark = monde.armoire.filigranes[NUMERO]
            monde.armoire.filigranes[NUMERO] = replace(mark, cursor=mark.cursor and "%garbage%")
        case "recule", int(seconds):
            monde.horloge.avance(seconds=-seconds)
            serveur.decalage += timedelta(seconds=seconds)
        case "cache", int(i) if i < len(numbers):
            serveur.cache(numbers[i])


def manquants(monde: Monde, *, avant=None) -> list[int]:
    """Visible dossiers (modified before that instant) that are not stored as they are."""
    now = monde.serveur.maintenant
    return [
        n
        for n, ligne in monde.serveur.lignes.items()
        if not ligne.cache
        and ligne.visible_a <= now
        and (avant is None or ligne.updated_at < avant)
        and (n not in monde.armoire.rangees or monde.armoire.rangees[n].fiche.dossier.champs != ligne.dossier.champs)
    ]


TARDIF = [("depose", 250), ("avance", 10.0), ("depose", 0), ("lit", None)]
"""A dossier that commits after a later one was read."""


@given(LECTURES)
@example(TARDIF)
@example([*TARDIF, ("avance", 200.0), ("recule", 3600), ("lit", None)])
@example([*TARDIF[:2], *[("depose", 0)] * 3, ("lit", 1), ("avance", 900.0), ("depose", 0)])
@settings(max_examples=300, deadline=None)
def test_the_watermark_never_passes_a_dossier_that_is_not_stored(events):
    monde = Monde(politique=Politique())
    monde.serveur.par_page = 2
    for event in events:
        arrive(monde, *event)
        mark = monde.armoire.watermark(NUMERO)
        if event[0] == "lit" and mark is not None and not mark.en_cours:
            assert manquants(monde, avant=mark.sur) == []
    for _ in range(2):
        monde.horloge.avance(minutes=6)
        lit(monde)
    assert manquants(monde) == []


@given(LECTURES, st.floats(1, 86_400))
@example(TARDIF, 3600.0)
@settings(max_examples=100, deadline=None)
def test_however_seldom_one_polls_late_commits_are_found_and_quiet_is_one_request(events, period):
    monde = Monde(politique=Politique())
    for event in events:
        if event[0] not in {"recule", "abime"}:
            arrive(monde, *event)
    monde.horloge.avance(seconds=300)
    for _ in range(3):
        monde.horloge.avance(seconds=period)
        lit(monde)
    assert manquants(monde) == []
    monde.serveur.requetes.clear()
    lit(monde)
    assert monde.serveur.requetes == [f"page {NUMERO}"]


# people and cycles ───────────────────────────────────────────────────────────────────────────────────────────────────


TEXTES = (SYNTHESE, POINTS, VERSION)
VALEURS = st.sampled_from(["à moi", "vu", None, "ancienne", "ancienne", "la même"])
PASSAGES = st.tuples(
    st.just("passe"),
    st.lists(st.sampled_from([Panne.AUCUNE, Panne.AUCUNE, *RATES]), max_size=4).map(tuple),
    st.none() | st.integers(0, 30),
)
VIES = st.lists(
    st.one_of(
        PASSAGES,
        PASSAGES,
        st.tuples(st.just("annote"), st.sampled_from(TEXTES), VALEURS, st.floats(0, 1.5)),
        st.tuples(st.just("corrige"), st.booleans()),
        st.tuples(st.just("regles")),
        st.tuples(st.just("perd")),
        st.tuples(st.just("attend"), st.integers(1, 180)),
        st.tuples(st.just("efface")),
        st.tuples(st.just("renvoie")),
    ),
    max_size=25,
)


class Vie:
    """One incomplete dossier, its people, and a connector that may die; what humans typed is remembered."""

    def __init__(self) -> None:
        self.monde = Monde()
        sans_cv = tuple(replace(c, value=None) if c.id == CV else c for c in un_dossier().champs)
        self.monde.serveur.usager_depose(100, champs=sans_cv)
        self.monde.horloge.avance(minutes=2)
        self.humain: dict[str, object] = {}
        self.nos_valeurs: dict[str, list[object]] = {a: [] for a in TEXTES}
        self.renvois = 0

    def passe(self, pannes=(), mort=None) -> None:
        """One cycle, with those mishaps, dying at that touch."""
        monde = self.monde
        monde.serveur.pannes.clear()
        monde.serveur.pannes.extend(pannes)
        monde.sort.fatale = None if mort is None else len(monde.sort.touches) + mort
        try:
            cycle.run(monde.passage())
        except (Mort, ConnectorError):
            pass
        finally:
            monde.sort.fatale = None
        for annotation, valeurs in self.nos_valeurs.items():
            if annotation not in self.humain and monde.annotation(annotation) not in valeurs:
                valeurs.append(monde.annotation(annotation))

    def annote(self, annotation: str, valeur: object, glissement: float) -> None:
        """A human types there; our very last words typed back are ours again, nobody could tell."""
        monde = self.monde
        monde.horloge.avance(minutes=1)
        before, ours = monde.annotation(annotation), self.nos_valeurs[annotation]
        valeur = {"ancienne": ours[0] if ours else None, "la même": before}.get(valeur, valeur)
        monde.serveur.agent_annote(100, annotation, valeur, glissement=glissement)
        if monde.annotation(annotation) == before:
            return
        past = monde.armoire.dossier(100)
        last = past and past[1].written(annotation)
        if last is not None and empreintes.of_value(valeur) in last:
            self.humain.pop(annotation, None)
        else:
            self.humain[annotation] = valeur

    def agit(self, quoi: str, *details) -> None:
        """One event."""
        monde = self.monde
        monde.horloge.avance(seconds=1)
        match quoi, *details:
            case "passe", pannes, mort:
                self.passe(pannes, mort)
            case "annote", annotation, valeur, glissement:
                self.annote(annotation, valeur, glissement)
            case "corrige", avec_cv if monde.vu().state is DossierState.EN_CONSTRUCTION:
                monde.horloge.avance(minutes=1)
                monde.serveur.usager_corrige(100, cv=une_piece() if avec_cv else None)
            case ("regles",):
                monde.version += "+"
            case ("perd",):  # nobody restores a database faster than a request under way can land
                monde.horloge.avance(minutes=1)
                monde.perd_la_base()
            case "attend", minutes:
                monde.horloge.avance(minutes=minutes)
            case ("efface",) if monde.messages():
                monde.horloge.avance(minutes=1)
                monde.serveur.agent_supprime_messages(100)
            case ("renvoie",) if monde.vu().state is DossierState.EN_INSTRUCTION:
                monde.horloge.avance(minutes=1)
                monde.serveur.agent_change_etat(100, DossierState.EN_CONSTRUCTION, "repasse_en_construction")
                self.renvois += 1

    def verifie(self) -> None:
        """Nothing that a human typed was touched; nothing was said twice; nobody was contradicted."""
        for annotation, valeur in self.humain.items():
            assert self.monde.annotation(annotation) == valeur, annotation
        twice = [k for k, count in Counter(self.monde.serveur.envois).items() if count > 1]
        assert twice == []
        depots = sum(t.event.startswith("depose") for t in self.monde.vu().traitements)
        passages = sum(t.event == "passe_en_instruction" for t in self.monde.vu().traitements)
        assert passages <= depots


@given(VIES)
@settings(max_examples=300, deadline=None)
def test_whatever_happens_humans_are_respected_and_nothing_is_sent_twice(events):
    vie = Vie()
    for event in events:
        vie.agit(*event)
        vie.verifie()
    for _ in range(4):
        vie.monde.horloge.avance(hours=25)
        vie.passe()
        vie.verifie()
    vie.monde.serveur.requetes.clear()
    rapport = cycle.run(vie.monde.passage())
    assert vie.monde.serveur.requetes == [f"page {NUMERO}"], "once faults stop, cycles come to rest"
    assert rapport.exit_code == 0
    assert not OUVERTES & {i.state for i in vie.monde.registre.intentions.values()}
    assert [j.plan.actions for _, j in cycle.preview(vie.monde.passage())] == [()]


# every instant at which a process can die ────────────────────────────────────────────────────────────────────────────


def scenario(pannes=()) -> Monde:
    """Three dossiers to write to, two of them incomplete, and those mishaps to come."""
    monde = Monde()
    for number in (100, 101, 102):
        sans_cv = tuple(replace(c, value=None) if c.id == CV else c for c in un_dossier().champs)
        monde.serveur.usager_depose(number, **({} if number == 101 else {"champs": sans_cv}))
    monde.horloge.avance(minutes=1)
    monde.serveur.pannes.extend(pannes)
    return monde


def meurt(monde: Monde, instant: int) -> bool:
    """Run one cycle that dies at that instant; False when it ended before."""
    monde.sort.fatale = instant
    try:
        cycle.run(monde.passage())
    except (Mort, ConnectorError) as error:
        return isinstance(error, Mort)
    else:
        return False
    finally:
        monde.sort.fatale = None


def reprend(monde: Monde) -> None:
    """Start again until all is quiet, and check that all is as it should be."""
    monde.serveur.pannes.clear()
    for _ in range(3):
        monde.horloge.avance(hours=2)
        cycle.run(monde.passage())
    monde.serveur.requetes.clear()
    cycle.run(monde.passage())
    assert monde.serveur.requetes == [f"page {NUMERO}"]
    assert sorted(n for n, _ in monde.serveur.envois) == [100, 102], "exactly once each"
    assert [len(monde.messages(n)) for n in (100, 102)] == [1, 1]
    assert monde.vu(101).state is DossierState.EN_INSTRUCTION
    assert [t.event for t in monde.vu(101).traitements] == ["depose", "passe_en_instruction"]
    for number in (100, 101, 102):
        assert monde.annotation(SYNTHESE, number)
        assert monde.annotation(CONTROLE, number)
        assert len(monde.vu(number).labels) == 1
    assert {i.state for i in monde.registre.intentions.values()} == {EtatIntention.DONE}


def instants(pannes=()) -> int:
    """How many instants that scenario has."""
    monde = scenario(pannes)
    assert not meurt(monde, 10_000)
    return len(monde.sort.touches)


PERDUES = (Panne.SANS_REPONSE, Panne.PERDUE, Panne.TARDIVE)
MORTS = [(0, Panne.AUCUNE), *((rang, panne) for rang in range(9) for panne in PERDUES)]


def tue(rang: int, panne: Panne, instants_choisis: range) -> None:
    """Kill the process at each of those instants of a cycle in which that write goes wrong, then start again."""
    pannes = (Panne.AUCUNE,) * rang + (panne,)
    for instant in instants_choisis:
        monde = scenario(pannes)
        assert meurt(monde, instant)
        reprend(monde)


def combien(rang: int, panne: Panne) -> int:
    """How many instants there are to die at in that cycle."""
    total = instants((Panne.AUCUNE,) * rang + (panne,))
    assert total >= 50
    return total


@pytest.mark.parametrize(("rang", "panne"), MORTS, ids=[f"{panne.name.lower()}-{rang}" for rang, panne in MORTS])
def test_killed_at_any_instant_every_message_is_there_exactly_once(rang, panne):
    step = 1 if panne is Panne.AUCUNE else 3
    tue(rang, panne, range(rang % step, combien(rang, panne), step))


@pytest.mark.soak
@pytest.mark.parametrize(("rang", "panne"), MORTS[1:], ids=[f"{p.name.lower()}-{r}" for r, p in MORTS[1:]])
def test_killed_at_every_instant_whichever_write_went_wrong(rang, panne):
    tue(rang, panne, range(combien(rang, panne)))


def test_killed_twice_every_message_is_there_exactly_once():
    total = instants()
    for first in range(0, total, 3):
        for second in range(1, 40, 4):
            monde = scenario()
            meurt(monde, first)
            monde.horloge.avance(seconds=3)
            meurt(monde, len(monde.sort.touches) + second)
            reprend(monde)


@pytest.mark.parametrize("rang", range(9))
@pytest.mark.parametrize("panne", [Panne.FERMEE, Panne.QUOTA, Panne.REFUS, Panne.INTROUVABLE])
def test_a_write_that_was_not_applied_is_made_later_wherever_it_failed(panne, rang):
    monde = scenario((Panne.AUCUNE,) * rang + (panne,))
    meurt(monde, 10_000)
    reprend(monde)


def test_a_database_lost_at_any_instant_sends_nothing_twice():
    for instant in range(instants()):
        monde = scenario()
        meurt(monde, instant)
        monde.perd_la_base()
        monde.horloge.avance(minutes=5)
        reprend_sans_base(monde)


def reprend_sans_base(monde: Monde) -> None:
    """The same with an empty database: what is there already is not done again, nor known to be ours."""
    for _ in range(3):
        monde.horloge.avance(hours=2)
        cycle.run(monde.passage())
    assert sorted(n for n, _ in monde.serveur.envois) == [100, 102]
    assert [t.event for t in monde.vu(101).traitements] == ["depose", "passe_en_instruction"]
    assert all(monde.annotation(SYNTHESE, number) for number in (100, 101, 102))
