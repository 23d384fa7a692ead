"""The answers of Démarches simplifiées: read by the gateway alone, then by a whole cycle over a real database."""

from __future__ import annotations

import copy
import json
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from graphql import print_ast
from hypothesis.strategies import DrawFn

from connector import config, explications, passages, statut, wiring
from connector.api.documents import Document
from connector.api.echange import Motif, Perdue, Recue
from connector.api.gateway import DemarchesSimplifiees, ouvrir
from connector.api.transport import Delais
from connector.core.model import Label
from connector.core.plan import (
    DECISIONS,
    AjouterLabel,
    ChangerEtat,
    CleAnnotation,
    EcrireAnnotations,
    Ecriture,
    EnvoyerMessage,
    SupprimerLabel,
    Transition,
)
from connector.errors import ConnectorError
from connector.sandbox.formulaire import INSTRUCTEUR_TECHNIQUE
from connector.sandbox.liens import Signataire
from connector.sandbox.monde import CAS, DEMARCHE, monde_par_defaut
from connector.sandbox.moteur import Moteur
from connector.sandbox.requete import ErreurInterne, Requete
from connector.sandbox.world import World
from tests.fuzz.harnais import (
    RACINE,
    TEXTES,
    VALEURS,
    Cible,
    changer,
    chemins,
    en_octets,
    json_altere,
    octets_alteres,
    reponses_enregistrees,
)
from tests.unit.api import fil

MAINTENANT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DEPUIS = datetime(2026, 1, 1, tzinfo=UTC)


class Horloge:
    """Nobody waits."""

    def __init__(self) -> None:
        self.secondes = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.secondes += timeout or 0
        return False

    def monotonic(self) -> float:
        return self.secondes


Repond = Callable[[Document, Mapping[str, Any]], Recue | Perdue]


def passerelle(repond: Repond) -> DemarchesSimplifiees:
    """A gateway whose server is that function."""
    horloge = Horloge()
    ds = ouvrir(
        fil.URL,
        fil.JETON,
        delais=Delais(par_minute=10**6, rafale=10**6),
        stop=horloge,
        monotonic=horloge.monotonic,
        maintenant=MAINTENANT.timestamp,
        jitter=lambda: 0.0,
    )
    ds._transport._envoyer = repond  # type: ignore[method-assign]
    return ds


# -- a server of our own, asked in this process -----------------------------------------------------------------------

PEU = ("complet", "complet_cat_1", "sans_cv", "sans_convention", "suivi_manuel", "accepte_reporte")


class Serveur:
    """The sandbox, without a socket."""

    def __init__(self, world: World) -> None:
        self.world, self.moteur = world, Moteur(world.capacites)

    def __call__(self, doc: Document, variables: Mapping[str, Any]) -> dict[str, Any] | None:
        requete = Requete(
            monde=self.world,
            jeton=next(j for j in self.world.jetons.values() if j.ecriture),
            base="http://ici",
            signataire=Signataire(b"secret", self.world.now),
        )
        try:
            return self.moteur.repond(requete, texte_de(doc.name), json.loads(json.dumps(variables)), doc.operation)
        except ErreurInterne:
            return None


@cache
def texte_de(nom: str) -> str:
    """The text of one of our documents."""
    from connector.api.documents import document

    return print_ast(document(nom).node)


@cache
def _monde() -> World:
    world = monde_par_defaut(lambda: MAINTENANT)
    for dossier in list(world.dossiers.values()):
        if dossier.number not in {CAS[nom] for nom in PEU}:
            world.remove_dossier(dossier)
    return world


def petit_monde() -> World:
    """Six dossiers, new each time."""
    modele = _monde()
    return copy.deepcopy(modele, {id(modele.lock): threading.RLock()})


# -- one question, whatever is answered -------------------------------------------------------------------------------

ACTIONS = (
    EcrireAnnotations(
        ecritures=(
            Ecriture(id="Q2hhbXAtMQ==", label="Synthèse", cle=CleAnnotation.TEXTAREA, value="Bonjour"),
            Ecriture(id="Q2hhbXAtMg==", label="Avis", cle=CleAnnotation.DROP_DOWN_LIST, value="Favorable"),
        )
    ),
    EnvoyerMessage(template="correction", reference="1-0123456789", body="Bonjour", correction="incomplete"),
    *(ChangerEtat(transition=t, motivation="Motif.", decision="d" if t in DECISIONS else "") for t in Transition),
    AjouterLabel(label=Label(id="Label-1", name="À compléter")),
    SupprimerLabel(label=Label(id="Label-1", name="À compléter")),
)

QUESTIONS: dict[str, Callable[[DemarchesSimplifiees], object]] = {
    "demarche": lambda ds: ds.demarche(104234),
    "page": lambda ds: ds.page(104234, updated_since=DEPUIS, after=None, deleted_since=DEPUIS),
    "page_suivante": lambda ds: ds.page(104234, updated_since=DEPUIS, after="c"),
    "reperes": lambda ds: ds.reperes(104234, updated_since=DEPUIS, after=None),
    "supprimes": lambda ds: ds.supprimes(104234, depuis=DEPUIS),
    "dossier": lambda ds: ds.dossier(24100001),
    "capacites": lambda ds: ds.capacites(),
    "ecriture_permise": lambda ds: ds.ecriture_permise(),
} | {
    f"action_{rang}": (lambda ds, action=action: ds.apply(fil.UN_DOSSIER, "Instructeur-1", action))
    for rang, action in enumerate(ACTIONS)
}

COUPURE = b"\n=====\n"


def lire_reponses(entree: bytes) -> None:
    """« question », then the answers that come in turn: « status; name: value » and a body, cut by a line of signs."""
    question, _, suite = entree.partition(b"\n")
    demande = QUESTIONS.get(question.decode("latin-1"))
    if demande is None:
        return
    reponses = [_reponse(brute) for brute in suite.split(COUPURE)]
    recues = 0

    def repond(_doc: Document, _variables: Mapping[str, Any]) -> Recue | Perdue:
        nonlocal recues
        recues += 1
        return reponses[(recues - 1) % len(reponses)]

    demande(passerelle(repond))


def _reponse(brute: bytes) -> Recue | Perdue:
    tete, _, corps = brute.partition(b"\n")
    if tete.startswith(b"perdue "):
        return Perdue(motif=Motif(tete.decode("latin-1")[7:]))
    statut, *entetes = tete.decode("latin-1").split(";")
    paires = (entete.partition(":") for entete in entetes)
    return Recue(
        status=int(statut) if statut.isdecimal() and statut.isascii() else 200,
        headers={nom.strip().lower(): valeur.strip() for nom, _, valeur in paires},
        body=corps,
    )


@cache
def graines() -> tuple[Any, ...]:
    """Answers as our own documents ask for them, and those of a real server."""
    serveur = Serveur(petit_monde())
    from connector.api.documents import document

    depuis = DEPUIS.isoformat()
    page = {"demarche": DEMARCHE, "first": 6, "updatedSince": depuis, "suppressions": True, "deletedSince": depuis}
    reponses = [
        serveur(document(nom), variables)
        for nom, variables in (
            ("demarche", {"number": DEMARCHE}),
            ("page", page),
            ("reperes", page | {"labels": True}),
            ("dossier", {"number": CAS["complet"]}),
            ("dossier", {"number": 1}),
            ("suppressions", {"demarche": DEMARCHE, "deletedSince": depuis, "corbeille": True, "purges": True}),
            ("capacites", {}),
        )
    ]
    mutations = [{"data": {"resultat": {nom: {"id": "x", "correction": None}, "errors": None}}} for nom in ("message",)]
    refus = [{"data": {"resultat": {"errors": [{"message": "Le dossier est déjà accepté"}]}}}, fil.TIMEOUT]
    lots = [{"data": {"resultat": {"annotations": [], "errors": [{"message": "x"}]}}}]
    profonde = {"__typename": "RepetitionChamp", "rows": []}
    champ: dict[str, Any] = fil.champ()
    for rang in range(150):
        champ = fil.champ(**profonde | {"rows": [{"id": str(rang), "champs": [champ]}]})
    return (
        *(r for r in reponses if r),
        *mutations,
        *refus,
        *lots,
        {"data": {"dossier": fil.dossier(champs=[champ])}},
        fil.page([fil.dossier(), None], errors=[fil.erreur("x", "unauthorized", ["demarche", "dossiers", "nodes", 1])]),
        *reponses_enregistrees()[::7],
    )


@st.composite
def reponses(draw: DrawFn) -> bytes:
    """A question and one to three answers."""
    question = draw(st.sampled_from(sorted(QUESTIONS)))
    return question.encode() + b"\n" + COUPURE.join(draw(st.lists(REPONSES, min_size=1, max_size=3)))


ENTETES = st.lists(
    st.tuples(
        st.sampled_from(["retry-after", "ratelimit-reset", "date", "location", "content-type"]),
        TEXTES.map(lambda texte: texte[:50].replace("\n", " "))
        | st.sampled_from(["Sun, 22 Nov 2026 12:00:00 GMT", "Sun, 06 Nov 0000 25:00:00 +9999", "inf", "-1", "1e400"]),
    ),
    max_size=2,
).map(lambda paires: "".join(f"; {nom}: {valeur}" for nom, valeur in paires).encode("latin-1", "replace"))

REPONSES = st.one_of(
    st.tuples(
        st.sampled_from([200, 200, 200, 200, 200, 204, 301, 400, 401, 403, 404, 407, 408, 413, 429, 500, 503]),
        ENTETES,
        st.one_of(
            st.deferred(lambda: json_altere(graines())),
            st.deferred(lambda: octets_alteres([en_octets(g) for g in graines()[-12:]])),
            st.sampled_from(
                [b"", b"<html>", b"[" * 100_000, b'{"data":' * 60_000, b"\xff\xfe{\x00}\x00", b"null", b"1"]
            ),
            VALEURS.map(lambda valeur: en_octets({"errors": valeur})),
        ),
    ).map(lambda r: str(r[0]).encode() + r[1] + b"\n" + r[2]),
    st.sampled_from([f"perdue {motif}".encode() for motif in Motif]),
)


# -- a whole cycle ----------------------------------------------------------------------------------------------------


@cache
def _configuration() -> str:
    """The example's, in mode `agir`, with everything that may be sent allowed."""
    from tests.e2e.conftest import settings_text

    return settings_text(
        (RACINE / "config.example.toml").read_text(encoding="utf-8"),
        url='"https://ds.exemple/api/v2/graphql"',
        jeton='{ variable = "JETON" }',
        chemin='"base.sqlite"',
        mode='"agir"',
        corrections="true",
        passage_en_instruction="true",
        mise_en_service="2026-01-01",
        instructeur=f'"{INSTRUCTEUR_TECHNIQUE.email}"',
        numero=str(DEMARCHE),
        messages_par_cycle="60",
        transitions_par_cycle="60",
    )


@contextmanager
def atelier(base: Path | None = None) -> Iterator[wiring.Atelier]:
    """A workshop on that database, or on a new one."""
    with tempfile.TemporaryDirectory() as dossier:
        chemin = base or Path(dossier) / "base.sqlite"
        with wiring.atelier(config.read(_configuration(), chemin, {}), exclusif=False) as ouvert:
            yield ouvert


def recue(reponse: Any) -> Recue:
    """That answer as it travels."""
    return Recue(status=500 if reponse is None else 200, headers={}, body=en_octets(reponse or {}))


def lire_passage(entree: bytes) -> None:
    """Changes `[document, path, gesture, value]` of the answers: two cycles over them, and all that is told."""
    try:
        voulus = json.loads(entree)
    except ValueError:
        return
    serveur = Serveur(petit_monde())

    def repond(doc: Document, variables: Mapping[str, Any]) -> Recue | Perdue:
        reponse = serveur(doc, variables)
        for nom, chemin, geste, valeur in voulus:
            if nom == doc.name:
                try:
                    changer(reponse, chemin, geste, lambda valeur=valeur: valeur)
                except (KeyError, IndexError, TypeError):
                    continue  # what was there is not any more
        return recue(reponse)

    with atelier() as ouvert:
        ouvert._gateway = passerelle(repond)
        for _ in range(2):
            tente(lambda: passages.passer(ouvert))
        tente(lambda: list(passages.prevoir(ouvert, hors_ligne=True, dire=str)))
        tente(lambda: statut.etat(ouvert, now=wiring.now()))
        for nom in ("complet", "sans_cv"):
            tente(lambda nom=nom: explications.expliquer(ouvert, CAS[nom]).text())
        tente(lambda: [list(passages.audit(ouvert, DEMARCHE, entier=True))])


def tente(quoi: Callable[[], object]) -> list[str]:
    """Do it; what one of our own errors says, if any."""
    try:
        quoi()
    except ConnectorError as error:
        return [str(error)]
    return []


@cache
def places() -> list[tuple[str, tuple[str | int, ...]]]:
    """Every node of the answers that a cycle reads."""
    from connector.api.documents import document

    serveur, depuis = Serveur(petit_monde()), DEPUIS.isoformat()
    trouvees = []
    for nom, variables in (
        ("demarche", {"number": DEMARCHE}),
        ("page", {"demarche": DEMARCHE, "first": 6, "updatedSince": depuis}),
        ("dossier", {"number": CAS["complet"]}),
    ):
        reponse = serveur(document(nom), variables)
        trouvees += [(nom, chemin) for chemin in chemins(reponse)]
    return trouvees


@st.composite
def passage(draw: DrawFn) -> bytes:
    """A few changes of the answers; most of them in what people answered."""
    toutes = places()
    repondues = [p for p in toutes if p[0] != "demarche" and {"champs", "messages", "annotations"} & set(p[1])]
    voulus = [
        [
            *draw(st.sampled_from(draw(st.sampled_from([toutes, repondues])))),
            draw(st.sampled_from("vvvvor")),
            draw(VALEURS),
        ]
        for _ in range(draw(st.integers(1, 5)))
    ]
    return json.dumps(voulus).encode()


CIBLES = (
    Cible(nom="reponses", entrees=reponses(), lire=lire_reponses),
    Cible(nom="passage", entrees=st.deferred(passage), lire=lire_passage),
)
