"""The gateway against the sandbox, over real HTTP: the other side keeps DS's semantics, not canned answers."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from connector.api.gateway import DemarchesSimplifiees, ouvrir
from connector.api.transport import Delais
from connector.core.model import Choix, Demarche, Dossier, DossierState, Illisible, Label, Page, Pieces
from connector.core.plan import (
    DECISIONS,
    AjouterLabel,
    ChangerEtat,
    CleAnnotation,
    EcrireAnnotations,
    Ecriture,
    EnvoyerMessage,
    Recu,
    SupprimerLabel,
    Transition,
)
from connector.errors import (
    AccessDenied,
    ContractBroken,
    DossierError,
    DossierNotFound,
    MutationRefused,
    OutcomeUnknown,
    RemoteError,
    RetryableError,
)
from connector.sandbox.faults import Genre
from connector.sandbox.monde import (
    CAS,
    DEMARCHE,
    JETON_ECRITURE,
    JETON_EXPIRE,
    JETON_LECTURE,
    monde_de_masse,
    monde_par_defaut,
)
from connector.sandbox.server import Sandbox
from connector.sandbox.world import Capacites
from tests.unit.api.fil import EPOCH, Horloge

MAINTENANT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SANS_LIMITE = 1_000_000


@pytest.fixture
def bac(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """The default world; parametrised indirectly with the capacities of an instance."""
    capacites = getattr(request, "param", None)
    with Sandbox(monde_par_defaut(lambda: MAINTENANT, capacites=capacites), limite=SANS_LIMITE) as sandbox:
        yield sandbox


Opened = Callable[..., DemarchesSimplifiees]


@pytest.fixture
def ouverte(bac: Sandbox) -> Iterator[Opened]:
    opened: list[DemarchesSimplifiees] = []

    def ouvre(jeton: str = JETON_ECRITURE, **options: Any) -> DemarchesSimplifiees:
        clock = Horloge()
        delais = Delais(rafale=SANS_LIMITE, lecture=5)
        options = {"delais": delais, "stop": clock, "monotonic": clock.monotonic, "jitter": lambda: 0.0} | options
        opened.append(ouvrir(bac.endpoint, jeton, **options))
        return opened[-1]

    yield ouvre
    for gateway in opened:
        gateway.close()


@pytest.fixture
def ds(ouverte: Opened) -> DemarchesSimplifiees:
    return ouverte()


def walk(gateway: DemarchesSimplifiees, updated_since: datetime = EPOCH) -> Iterator[Page]:
    cursor, more = None, True
    while more:
        page = gateway.page(DEMARCHE, updated_since=updated_since, after=cursor)
        yield page
        cursor, more = page.end_cursor or cursor, page.has_next_page


def instructeur(dossier: Dossier) -> str:
    return dossier.groupe.instructeurs[0].id


def annotation(dossier: Dossier, label: str) -> Any:
    return next(a for a in dossier.annotations if a.label == label)


def ecriture(dossier: Dossier, label: str, cle: CleAnnotation, value: Any) -> Ecriture:
    return Ecriture(id=annotation(dossier, label).id, label=label, cle=cle, value=value)


# Reading -------------------------------------------------------------------------------------------------------------

HORS_LISTE = {"corbeille_usager", "corbeille_ars", "expire", "purge", "brouillon"}


def test_every_dossier_of_the_default_world_is_read_in_one_page(ds, bac):
    (page,) = walk(ds)
    assert {d.number for d in page.dossiers} == {n for cas, n in CAS.items() if cas not in HORS_LISTE}
    assert page.trous == ()
    assert page.dernier is not None
    assert page.dernier.number == page.dossiers[-1].number
    assert page.dernier.date_derniere_modification == page.dossiers[-1].date_derniere_modification
    unreadable = [c for d in page.dossiers for c in d.champs + d.annotations if isinstance(c.value, Illisible)]
    assert unreadable == []
    assert bac.compteurs.lectures == ds.compteurs.lectures == 1


def test_a_link_of_each_file_is_given_by_its_checksum_and_leads_to_it(ds):
    numero = CAS["deux_fichiers"]
    pieces = [c.value for c in ds.dossier(numero).champs if isinstance(c.value, Pieces)]
    checksums = {f.checksum for p in pieces for f in p.files}
    liens = ds.liens(numero)
    assert set(liens) == checksums
    for checksum, lien in liens.items():
        contenu = requests.get(lien, timeout=5).content
        assert base64.b64encode(hashlib.md5(contenu, usedforsecurity=False).digest()).decode() == checksum


def test_the_links_of_a_dossier_that_ds_cannot_show_are_none(ds, bac):
    with pytest.raises(DossierNotFound):
        ds.liens(999_999)
    bac.faults.ajoute(Genre.ERREUR_500, operation="Liens", fois=None)
    with pytest.raises(DossierError):
        ds.liens(CAS["complet"])


def test_a_dossier_read_alone_is_the_same_as_in_its_page(ds):
    (page,) = walk(ds)
    for dossier in page.dossiers[::7]:
        assert ds.dossier(dossier.number) == dossier


def test_the_form_tells_the_type_and_options_of_each_annotation(ds):
    demarche = ds.demarche(DEMARCHE)
    assert isinstance(demarche, Demarche)
    avis = next(a for a in demarche.active.annotations if a.label == "Avis proposé")
    assert "Favorable" in avis.options
    assert len(demarche.groupes) == 2
    assert demarche.active in demarche.revisions
    (page,) = walk(ds)
    assert page.active_revision_id == demarche.active.id


def test_a_thousand_dossiers_come_by_hundreds_each_once():
    world = monde_de_masse(1000, lambda: MAINTENANT)
    with Sandbox(world, limite=SANS_LIMITE) as sandbox, ouvrir(sandbox.endpoint, JETON_ECRITURE) as gateway:
        pages = list(walk(gateway))
        numbers = [d.number for page in pages for d in page.dossiers]
    assert len(numbers) == len(set(numbers)) == 1000
    assert len(pages) == 10


def test_a_bad_cursor_is_an_empty_page_beside_a_latest_dossier(ds):
    page = ds.page(DEMARCHE, updated_since=EPOCH, after="pasuncurseur")
    assert (page.dossiers, page.end_cursor, page.has_next_page) == ((), None, False)
    assert page.dernier is not None


def test_light_pages_walk_the_same_way_as_rich_ones(ds):
    (page,) = walk(ds)
    first = ds.reperes(DEMARCHE, updated_since=EPOCH, after=None, first=30)
    rest = ds.reperes(DEMARCHE, updated_since=EPOCH, after=first.end_cursor)
    assert [r.number for r in first.reperes + rest.reperes] == [d.number for d in page.dossiers]
    assert [(r.state, r.revision_id) for r in first.reperes] == [(d.state, d.revision_id) for d in page.dossiers[:30]]


def test_deleted_dossiers_come_with_a_page_and_apart(ds):
    since = MAINTENANT - timedelta(weeks=12)
    page = ds.page(DEMARCHE, updated_since=EPOCH, after=None, deleted_since=since)
    assert {s.number: s.definitif for s in page.supprimes} == {
        CAS["corbeille_usager"]: False,
        CAS["corbeille_ars"]: False,
        CAS["purge"]: True,
    }
    assert ds.supprimes(DEMARCHE, depuis=since) == page.supprimes


@pytest.mark.parametrize("cas", sorted(HORS_LISTE))
def test_a_dossier_that_is_not_listed_is_not_found(cas, ds):
    with pytest.raises(DossierNotFound):
        ds.dossier(CAS[cas])


def test_what_each_case_is_about_is_read(ds):
    assert not ds.dossier(CAS["entreprise_degradee"]).demandeur.complet
    assert ds.dossier(CAS["compte_supprime"]).compte_supprime
    assert ds.dossier(CAS["accepte_archive"]).archived
    assert ds.dossier(CAS["en_instruction"]).avis
    assert ds.dossier(CAS["correction_en_attente"]).date_derniere_correction_en_attente is not None
    assert any(m.systeme for m in ds.dossier(CAS["complet"]).messages)


# Rights --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("jeton", "says"), [(JETON_EXPIRE, "a expiré"), ("n-importe-quoi", "ne reconnaît pas")])
def test_a_token_that_is_no_good_is_told(jeton, says, ouverte):
    with pytest.raises(AccessDenied, match=says):
        ouverte(jeton).demarche(DEMARCHE)


def test_a_read_only_token_reads_and_never_writes(ouverte, bac):
    gateway = ouverte(JETON_LECTURE)
    dossier = gateway.dossier(CAS["complet"])
    for action in (
        ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION),
        EnvoyerMessage(template="t", body="Bonjour", reference="1-A"),
        EcrireAnnotations(ecritures=(ecriture(dossier, "Synthèse", CleAnnotation.TEXT, "x"),)),
    ):
        with pytest.raises(AccessDenied, match="lecture"):
            gateway.apply(dossier, instructeur(dossier), action)
    assert bac.mutations() == []


def test_an_unknown_demarche_is_told(ds):
    with pytest.raises(AccessDenied, match="ne connaît pas la démarche 999"):
        ds.demarche(999)


# Writing -------------------------------------------------------------------------------------------------------------


def test_annotations_of_every_type_are_written_and_read_back_typed(ds):
    dossier = ds.dossier(CAS["complet"])
    form = {d.label: d for d in ds.demarche(DEMARCHE).active.annotations}
    wanted: dict[str, tuple[CleAnnotation, Any]] = {
        "Synthèse": (CleAnnotation.TEXT, "FAVORABLE · 5/5 pièces"),
        "Avis proposé": (CleAnnotation.DROP_DOWN_LIST, form["Avis proposé"].options[0]),
        "Points à vérifier": (CleAnnotation.TEXTAREA, "• un\n• deux"),
        "Contrôlé le": (CleAnnotation.DATE, date(2026, 11, 21)),
        "Quotité ambulatoire contrôlée": (CleAnnotation.DECIMAL_NUMBER, Decimal("50.125")),
        "Note du projet": (CleAnnotation.INTEGER_NUMBER, 16),
        "Modulation acceptée": (CleAnnotation.YES_NO, True),
        "Contrôle visuel des pièces": (CleAnnotation.CHECKBOX, True),
    }
    action = EcrireAnnotations(ecritures=tuple(ecriture(dossier, k, c, v) for k, (c, v) in wanted.items()))
    recu = ds.apply(dossier, instructeur(dossier), action)
    assert recu == Recu(ecrites=frozenset(e.id for e in action.ecritures))
    after = ds.dossier(dossier.number)
    assert {label: annotation(after, label).value for label in wanted} == {k: v for k, (_, v) in wanted.items()}
    assert not isinstance(annotation(after, "Avis proposé").value, Choix)


def test_a_refused_annotation_is_pinned_and_the_others_are_written(ds):
    dossier = ds.dossier(CAS["complet"])
    bad = ecriture(dossier, "Avis proposé", CleAnnotation.DROP_DOWN_LIST, "Peut-être")
    wrong = ecriture(dossier, "Points à vérifier", CleAnnotation.TEXT, "x")
    recu = ds.apply(
        dossier,
        instructeur(dossier),
        EcrireAnnotations(ecritures=(bad, ecriture(dossier, "Synthèse", CleAnnotation.TEXT, "écrite"), wrong)),
    )
    assert recu.ecrites == {annotation(dossier, "Synthèse").id}
    assert {i for i, _ in recu.refus} == {bad.id, wrong.id}
    assert dict(recu.refus)[bad.id] == "doit être dans les options proposées"
    assert annotation(ds.dossier(dossier.number), "Synthèse").value == "écrite"


@pytest.mark.parametrize("bac", [Capacites(lot_annotations=False)], indirect=True)
def test_an_instance_without_the_batch_is_written_to_all_the_same(bac, ds):
    dossier = ds.dossier(CAS["complet"])
    texts = tuple(ecriture(dossier, k, CleAnnotation.TEXT, k) for k in ("Synthèse", "Pièces", "Zone"))
    assert len(ds.apply(dossier, instructeur(dossier), EcrireAnnotations(ecritures=texts)).ecrites) == 3
    before = ds.compteurs.ecritures
    ds.apply(dossier, instructeur(dossier), EcrireAnnotations(ecritures=texts[:1]))
    assert ds.compteurs.ecritures - before == 1
    assert {e.operation for e in bac.mutations()} == {"dossierModifierAnnotationText"}


def test_a_malformed_id_in_a_batch_does_not_stop_the_others(ds):
    dossier = ds.dossier(CAS["complet"])
    good = ecriture(dossier, "Synthèse", CleAnnotation.TEXT, "écrite")
    recu = ds.apply(dossier, instructeur(dossier), EcrireAnnotations(ecritures=(replace(good, id="xxx"), good)))
    assert recu.ecrites == {good.id}
    assert [i for i, _ in recu.refus] == ["xxx"]


def test_a_correction_request_is_sent_and_seen_on_the_dossier(ds):
    dossier = ds.dossier(CAS["sans_cv"])
    body = f"Il manque le CV.\n\nRéf. : {dossier.number}-0123456789"
    action = EnvoyerMessage(
        template="correction", body=body, reference=f"{dossier.number}-0123456789", correction="incomplete"
    )
    recu = ds.apply(dossier, instructeur(dossier), action)
    assert recu.correction_posee is True
    after = ds.dossier(dossier.number)
    (message,) = (m for m in after.messages if m.reference == action.reference)
    assert message.id == recu.message_id
    assert message.correction is not None
    assert not message.systeme
    assert after.date_derniere_correction_en_attente is not None


def test_a_correction_that_ds_ignores_is_told_though_its_message_left(ds):
    dossier = ds.dossier(CAS["correction_en_attente"])
    action = EnvoyerMessage(template="correction", body="Encore", reference="1-A", correction="incomplete")
    assert ds.apply(dossier, instructeur(dossier), action).correction_posee is False


@pytest.mark.parametrize("bac", [Capacites(erreurs_correction=True)], indirect=True)
def test_a_newer_instance_refuses_the_second_correction_and_sends_nothing(bac, ds):
    dossier = ds.dossier(CAS["correction_en_attente"])
    action = EnvoyerMessage(template="correction", body="Encore", reference="1-A", correction="incomplete")
    with pytest.raises(MutationRefused) as caught:
        ds.apply(dossier, instructeur(dossier), action)
    assert caught.value.cause == "correction_en_attente"
    assert len(ds.dossier(dossier.number).messages) == len(dossier.messages)


def test_a_message_to_a_deleted_account_is_refused_with_its_reason(ds):
    dossier = ds.dossier(CAS["compte_supprime"])
    with pytest.raises(MutationRefused, match="messagerie") as caught:
        ds.apply(dossier, instructeur(dossier), EnvoyerMessage(template="t", body="Bonjour", reference="1-A"))
    assert caught.value.cause == "messagerie_fermee"


def test_a_dossier_goes_through_its_states(ds):
    number = CAS["complet"]
    for transition, state in (
        (Transition.PASSER_EN_INSTRUCTION, DossierState.EN_INSTRUCTION),
        (Transition.REPASSER_EN_CONSTRUCTION, DossierState.EN_CONSTRUCTION),
        (Transition.PASSER_EN_INSTRUCTION, DossierState.EN_INSTRUCTION),
        (Transition.REFUSER, DossierState.REFUSE),
        (Transition.REPASSER_EN_INSTRUCTION, DossierState.EN_INSTRUCTION),
        (Transition.CLASSER_SANS_SUITE, DossierState.SANS_SUITE),
        (Transition.REPASSER_EN_INSTRUCTION, DossierState.EN_INSTRUCTION),
        (Transition.ACCEPTER, DossierState.ACCEPTE),
    ):
        dossier = ds.dossier(number)
        action = ChangerEtat(transition=transition, motivation="Motif.", decision="D" * (transition in DECISIONS))
        ds.apply(dossier, instructeur(dossier), action)
        assert ds.dossier(number).state is state
    with pytest.raises(MutationRefused) as caught:
        ds.apply(dossier, instructeur(dossier), ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION))
    assert caught.value.cause == "etat_accepte"


def test_an_instructeur_of_another_group_is_refused_and_told(ds):
    dossier = ds.dossier(CAS["complet"])
    ours = {p.id for p in dossier.groupe.instructeurs}
    other = next(p.id for g in ds.demarche(DEMARCHE).groupes for p in g.instructeurs if p.id not in ours)
    with pytest.raises(MutationRefused) as caught:
        ds.apply(dossier, other, ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION))
    assert caught.value.cause == "instructeur_sans_droit"


def test_a_label_is_put_and_taken_off_and_doing_it_twice_is_a_success(ds):
    dossier = ds.dossier(CAS["complet"])
    label = next(x for x in ds.demarche(DEMARCHE).labels if x.name == "Complet")
    for action, present in ((AjouterLabel(label=label), True), (SupprimerLabel(label=label), False)):
        for _ in range(2):
            assert ds.apply(dossier, "", action) == Recu()
        assert (label in ds.dossier(dossier.number).labels) is present
    with pytest.raises(MutationRefused):
        ds.apply(dossier, "", AjouterLabel(label=Label(id="TGFiZWwtOTk5OTk5", name="?")))


# Failures ------------------------------------------------------------------------------------------------------------


def test_a_slow_server_gets_smaller_pages_and_every_dossier_is_still_read_once(ds, bac):
    bac.faults.ajoute(
        Genre.PARTIEL_TIMEOUT, quand=lambda call: call.variables.get("first", 0) > 20, mutation=False, fois=None
    )
    pages = list(walk(ds))
    numbers = [d.number for page in pages for d in page.dossiers]
    assert len(numbers) == len(set(numbers)) == len(CAS) - len(HORS_LISTE)
    assert max(len(page.dossiers) for page in pages) <= 12


def test_a_null_node_is_named_and_the_walk_goes_on(ds, bac):
    bac.faults.ajoute(Genre.NOEUD_NUL, operation="Page")
    (page,) = walk(ds)
    (hole,) = page.trous
    expected = {n for cas, n in CAS.items() if cas not in HORS_LISTE}
    assert expected - {d.number for d in page.dossiers} == {hole.number}
    assert ds.dossier(hole.number).number == hole.number


@pytest.mark.parametrize(
    "genre", [Genre.HTML_502, Genre.HTML_503, Genre.MAINTENANCE, Genre.RESET_AVANT, Genre.RESET_APRES,
              Genre.JSON_TRONQUE, Genre.DATA_NULLE, Genre.LIMITE_429, Genre.ERREUR_500]
)  # fmt: skip
def test_a_passing_failure_of_a_read_is_overcome(genre, ds, bac):
    bac.faults.ajoute(genre, operation="Page", fois=2)
    (page,) = walk(ds)
    assert len(page.dossiers) == len(CAS) - len(HORS_LISTE)
    assert len(bac.faults.vues) == 2


@pytest.mark.parametrize(
    ("genre", "error"),
    [
        (Genre.HTML_200, ContractBroken),
        (Genre.REDIRECTION_301, ContractBroken),
        (Genre.MAINTENANCE, RetryableError),
        (Genre.ERREUR_500, DossierError),
        (Genre.PARTIEL_TIMEOUT, DossierError),
    ],
)
def test_a_lasting_failure_of_a_read_is_told(genre, error, ds, bac):
    bac.faults.ajoute(genre, fois=None)
    with pytest.raises(error):
        ds.dossier(CAS["complet"])


@pytest.mark.parametrize(
    ("genre", "applied"),
    [
        (Genre.RESET_AVANT, False),
        (Genre.RESET_APRES, True),
        (Genre.JSON_TRONQUE, True),
        (Genre.HTML_200, True),
        (Genre.DATA_NULLE, True),
        (Genre.PARTIEL_TIMEOUT, True),
        (Genre.NOEUD_NUL, True),
        (Genre.HTML_502, False),
        (Genre.HTML_503, False),
        (Genre.MAINTENANCE, False),
        (Genre.ERREUR_500, False),
    ],
)
def test_a_lost_answer_leaves_the_message_unknown_and_never_sends_it_again(genre, applied, ds, bac):
    dossier = ds.dossier(CAS["sans_cv"])
    bac.faults.ajoute(genre, mutation=True)
    with pytest.raises(OutcomeUnknown):
        ds.apply(dossier, instructeur(dossier), EnvoyerMessage(template="t", body="Bonjour", reference="1-A"))
    assert len(bac.mutations("dossierEnvoyerMessage")) == applied
    assert ds.compteurs.ecritures == 1


def test_a_throttled_write_is_sent_again_and_applied_once(ds, bac):
    dossier = ds.dossier(CAS["sans_cv"])
    bac.faults.ajoute(Genre.LIMITE_429, mutation=True, fois=2)
    ds.apply(dossier, instructeur(dossier), EnvoyerMessage(template="t", body="Bonjour", reference="1-A"))
    assert len(bac.mutations("dossierEnvoyerMessage")) == 1
    assert ds.compteurs.ecritures == 3


def test_a_write_to_a_server_that_is_down_is_known_not_to_be_applied(ds, ouverte, bac):
    dossier = ds.dossier(CAS["complet"])
    bac.stop()
    ds.close()
    gateway = ouverte(delais=Delais(essais_ecriture=1))
    with pytest.raises(RetryableError) as caught:
        gateway.apply(dossier, instructeur(dossier), ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION))
    assert caught.value.reached is False


@pytest.mark.parametrize("seed", range(8))
def test_on_a_bad_network_a_walk_gives_every_dossier_or_an_error_but_never_a_wrong_page(seed, ouverte, bac):
    truth = {d.number: d for page in walk(ouverte()) for d in page.dossiers}
    genres = [g for g in Genre if g not in {Genre.LATENCE, Genre.REPONSE_LENTE}]
    bac.faults.au_hasard(random.Random(seed), 0.02, genres)
    seen: dict[int, Dossier] = {}
    holes: set[int | None] = set()
    try:
        for page in walk(ouverte(delais=Delais(essais_lecture=2, rafale=SANS_LIMITE))):
            seen |= {d.number: d for d in page.dossiers}
            holes |= {t.number for t in page.trous}
    except RemoteError:
        assert set(seen) <= set(truth)
    else:
        assert set(seen) | holes == set(truth)
    assert all(truth[number] == dossier for number, dossier in seen.items())
