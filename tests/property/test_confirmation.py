"""Dossiers that other rules leave as they are: confirmed or wholly judged again, the world comes out the same."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector import cycle
from connector.config import load
from connector.confirmation import _PROJET, _SITUATION, _TOUT, _named, _Plus
from connector.core.candidature import PasLu, _Partie
from connector.core.constat import Effet, Source
from connector.core.model import DossierState
from connector.core.politique import Mode
from connector.core.regles import KINDS, ChampRequis, DepotDansLeDelai, PieceObligatoire, evaluer
from tests.fakes import AGIR, NOTE, SOURCE, SPECIALITE, SYNTHESE, Entourage, Monde, un_dossier, une_piece

AUTRE = Source(texte="autre texte", opposable=False)


def _regles(formats, consigne, sources, effet, *, de_plus):
    toutes = (
        ChampRequis(cle="specialite", libelle="spécialité", sources=(SOURCE,), champ="specialite", consigne=consigne),
        PieceObligatoire(cle="cv", libelle="CV", sources=sources, champ="cv", formats=formats, effet=effet),
        DepotDansLeDelai(cle="delai", libelle="délai", sources=(SOURCE,), effet=Effet.A_VERIFIER),
    )
    return toutes if de_plus else toutes[:2]


REGLES = st.builds(
    _regles,
    st.sampled_from([("pdf",), ("pdf", "odt"), ("odt",)]),
    st.sampled_from(["", "Choisir une spécialité."]),
    st.sampled_from([(SOURCE,), (SOURCE,), (AUTRE,)]),
    st.sampled_from([Effet.BLOQUANT, Effet.A_VERIFIER]),
    de_plus=st.booleans(),
)
LEQUEL = st.integers(0, 2)
EVENEMENTS = st.lists(
    st.one_of(
        st.tuples(st.just("depose"), st.booleans(), st.booleans()),
        st.tuples(st.just("corrige"), LEQUEL),
        st.tuples(st.just("annote"), LEQUEL, st.sampled_from([SYNTHESE, NOTE])),
        st.tuples(st.just("dit"), LEQUEL, st.sampled_from(["", "à vérifier"])),
        st.tuples(st.just("avance"), st.sampled_from([1, 30, 26 * 60])),
        st.tuples(st.just("mode"), st.sampled_from(list(Mode))),
        *[st.tuples(st.just("regles"), REGLES)] * 3,
        *[st.tuples(st.just("passe"))] * 3,
    ),
    min_size=6,
    max_size=16,
)
ORDINAIRES = _regles(("pdf",), "", (SOURCE,), Effet.BLOQUANT, de_plus=False)
ELARGIES = _regles(("pdf", "odt"), "", (SOURCE,), Effet.BLOQUANT, de_plus=False)
RETRECIES = _regles(("odt",), "", (SOURCE,), Effet.BLOQUANT, de_plus=False)


def _monde():
    monde = Monde(entourage=Entourage(), regles=ORDINAIRES)
    monde.entourage.places = False
    return monde


def _arrive(monde, quoi, *details):
    """One event, the same in each world."""
    monde.horloge.avance(seconds=61)
    numeros = sorted(monde.serveur.lignes)
    match quoi, *details:
        case "depose", cv, specialite:
            vides = {c for c, rempli in (("C-cv", cv), (SPECIALITE, specialite)) if not rempli}
            champs = tuple(replace(c, value=None) if c.id in vides else c for c in un_dossier().champs)
            monde.serveur.usager_depose(100 + len(numeros), champs=champs)
        case "corrige", i if i < len(numeros) and monde.vu(numeros[i]).state is DossierState.EN_CONSTRUCTION:
            monde.serveur.usager_corrige(numeros[i], cv=une_piece())
        case "annote", i, annotation if i < len(numeros):
            monde.serveur.agent_annote(numeros[i], annotation, "à revoir")
        case "dit", i, parole if i < len(numeros):
            monde.entourage.demain[numeros[i]] = parole
        case "avance", minutes:
            monde.horloge.avance(minutes=minutes)
        case "mode", mode:
            monde.politique = replace(AGIR, mode=mode)
        case "regles", regles:
            monde.regles, monde.version = regles, f"{monde.version}+"


def _passe(monde):
    rapport = cycle.run(monde.passage())
    return rapport.examines


def _montre(monde):
    """All that people see, and what is kept of the judgements but the version of rules that said the same."""
    gardees = {}
    for n, rangee in monde.armoire.rangees.items():
        e = rangee.evaluation
        gardees[n] = (replace(e.proposition, version=""), e.avis_depuis, e.a_pousser, e.contenu, e.proposees)
    vus = {
        n: (
            [(a.id, a.value) for a in ligne.dossier.annotations],
            ligne.dossier.labels,
            ligne.dossier.state,
            [(m.empreinte, m.reference) for m in ligne.dossier.messages],
        )
        for n, ligne in monde.serveur.lignes.items()
    }
    return gardees, vus, dict(monde.entourage.entendu)


@given(EVENEMENTS)
@example([("depose", True, True), ("passe",), ("regles", ELARGIES), ("passe",), ("regles", RETRECIES), ("passe",)])
@example([("depose", True, True), ("passe",), ("regles", ELARGIES), ("dit", 0, "à vérifier"), ("passe",)])
@example([("depose", True, True), ("passe",), ("regles", ELARGIES), ("passe",), ("regles", ORDINAIRES), ("passe",)])
@settings(max_examples=120, deadline=None)
def test_a_dossier_confirmed_is_where_a_whole_judgement_would_have_put_it(events):
    confirme, rejuge = _monde(), _monde()
    for event in (*events, ("passe",)):
        for monde in (confirme, rejuge):
            _arrive(monde, *event)
        if event[0] == "passe":
            rejuge.armoire.jeux.clear()  # nothing is known of the earlier rules: everything is judged again
            assert _passe(confirme) == _passe(rejuge)
            assert _montre(confirme) == _montre(rejuge)


def test_rules_that_find_the_same_have_nobody_judged_again():
    monde = _monde()
    _arrive(monde, "depose", True, True)
    _arrive(monde, "depose", False, True)
    for _ in range(3):
        _passe(monde)
        _arrive(monde, "avance", 1)
    avant = [r.evaluation for r in monde.armoire.rangees.values()]
    _arrive(monde, "regles", _regles(("pdf",), "Choisir.", (SOURCE,), Effet.BLOQUANT, de_plus=False))
    assert _passe(monde) == 2
    assert [r.evaluation for r in monde.armoire.rangees.values()] == avant
    assert _passe(monde) == 0


@cache
def _exemple():
    return load(Path(__file__).parents[2] / "config.example.toml", {}).demarches[0]


def test_the_example_has_rules_of_every_kind_but_plain_ones():
    assert set(KINDS) - {regle.type for regle in _exemple().regles} <= {"date_entre"}


@pytest.mark.parametrize("regle", _exemple().regles, ids=lambda regle: regle.cle)
def test_a_rule_read_in_part_finds_the_same_or_says_what_it_wants(regle):
    for cas in regle.exemples():
        (entier,) = evaluer((regle,), cas.candidature, cas.contexte)
        voulu = set(_named((regle,)))
        for _ in range(40):
            try:
                (trouve,) = evaluer((regle,), *_en_partie(cas, voulu))
            except PasLu as error:
                voulu.add(error.quoi)
            else:
                break
        assert trouve == entier
        assert regle.referentiels(cas.contexte.situation) <= regle.repose_sur


def _en_partie(cas, voulu):
    """The example, of which those fields alone were read."""
    tout = _TOUT in voulu
    champs, saisies = (
        _Partie({k: v for k, v in lus.items() if tout or k in voulu}, frozenset(lus))
        for lus in (cas.candidature.champs, cas.candidature.saisies)
    )
    contexte = replace(
        cas.contexte,
        projet=cas.contexte.projet if _PROJET in voulu else _Plus(_PROJET),
        situation=cas.contexte.situation if _SITUATION in voulu else _Plus(_SITUATION),
    )
    return replace(cas.candidature, champs=cas.candidature.champs if tout else champs, saisies=saisies), contexte
