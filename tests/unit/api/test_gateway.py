"""Reading through the gateway: démarche, pages whatever their size, holes, deletions."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connector.api.pages import SUCCES_POUR_GRANDIR
from connector.core.fiche import Retenue
from connector.core.model import DossierSupprime, Illisible, LienDossier, Repere, Trou
from connector.errors import ContractBroken, DossierError, PageTimeout, RetryableError
from tests.unit.api.fil import EPOCH, INSTANT, TIMEOUT, Fil, champ, demarche, dossier, erreur, page, repere

LE = datetime.fromisoformat(INSTANT)
DEPUIS = datetime(2026, 10, 24, tzinfo=UTC)
INTERNE = erreur("Internal Server Error", "internal_server_error", exception_id="c6188ce5")
PANNE = (500, {}, json.dumps({"errors": [INTERNE]}))


def lire(ds, **options):
    return ds.page(104234, **({"updated_since": EPOCH, "after": None} | options))


def sizes(fil: Fil) -> list[int]:
    return [q["variables"]["first"] for q in fil.asked if q["operationName"] == "Page"]


def test_a_page_asks_for_the_most_and_gives_back_dossiers_cursor_and_latest(fil: Fil, ds):
    fil.repondre(page([dossier(1), dossier(2)], more=True))
    got = lire(ds, after="avant", updated_since=LE)
    assert fil.variables(0) == {"demarche": 104234, "first": 100, "after": "avant", "updatedSince": INSTANT}
    assert [d.number for d in got.dossiers] == [1, 2]
    assert (got.end_cursor, got.has_next_page, got.active_revision_id) == ("curseur", True, "Revision-1")
    assert got.dernier == Repere(number=24100099, date_derniere_modification=LE)
    assert got.trous == got.supprimes == ()


def test_an_empty_page_has_no_cursor_and_an_empty_demarche_no_latest(fil: Fil, ds):
    fil.repondre(page([], cursor=None, dernier={"nodes": []}))
    got = lire(ds)
    assert (got.dossiers, got.end_cursor, got.dernier) == ((), None, None)


def test_what_nobody_keeps_is_not_read_in_a_repetition_either(fil: Fil, ds):
    rows = [
        {
            "id": "L1",
            "champs": [
                champ("TextChamp", champDescriptorId="C-dedans"),
                champ("TextChamp", champDescriptorId="C-autre"),
            ],
        }
    ]
    repetition = champ("RepetitionChamp", champDescriptorId="C-lieux", rows=rows)
    broken = {"champDescriptorId": "C-ailleurs"}
    fil.repondre(
        page([dossier(1, champs=[repetition, broken], annotations=[champ("TextChamp", champDescriptorId="A"), broken])])
    )
    retenue = Retenue(champs=frozenset({"C-lieux", "C-dedans"}), annotations=frozenset({"A"}), siennes=frozenset())
    (got,) = lire(ds, retenue=retenue).dossiers
    assert [c.descriptor_id for c in got.champs] == ["C-lieux"]
    assert [c.descriptor_id for c in got.champs[0].value.rows[0].champs] == ["C-dedans"]
    assert [a.descriptor_id for a in got.annotations] == ["A"]


# Size ----------------------------------------------------------------------------------------------------------------


def test_a_page_too_slow_for_the_server_is_asked_again_half_as_large(fil: Fil, ds, horloge):
    fil.repondre(TIMEOUT, TIMEOUT, page([dossier(1)]))
    assert [d.number for d in lire(ds).dossiers] == [1]
    assert sizes(fil) == [100, 50, 25]
    assert horloge.waits == []


def test_the_size_grows_back_by_doubling_once_the_server_keeps_up(fil: Fil, ds):
    fil.repondre(*[TIMEOUT] * 3, *[page([])] * (4 * SUCCES_POUR_GRANDIR))
    for _ in range(4 * SUCCES_POUR_GRANDIR):
        lire(ds)
    assert sizes(fil)[3:] == [12] * 3 + [24] * 3 + [48] * 3 + [96] * 3
    fil.repondre(page([]), page([]))
    lire(ds)
    lire(ds)
    assert sizes(fil)[-2:] == [100, 100]


def test_a_new_slowness_starts_the_count_of_successes_again(fil: Fil, ds):
    fil.repondre(TIMEOUT, page([]), page([]), TIMEOUT, *[page([])] * 4)
    for _ in range(6):
        lire(ds)
    assert sizes(fil) == [100, 50, 50, 50, 25, 25, 25, 50]


def test_a_page_that_breaks_the_server_is_asked_again_smaller_after_two_more_tries(fil: Fil, ds):
    fil.repondre(*[PANNE] * 3, page([dossier(1)]))
    assert len(lire(ds).dossiers) == 1
    assert sizes(fil) == [100, 100, 100, 50]


def test_a_page_that_a_proxy_gives_up_is_smaller_at_the_next_cycle(fil: Fil, ds):
    fil.repondre(*[(504, {}, "")] * 5, page([]))
    with pytest.raises(RetryableError):
        lire(ds)
    lire(ds)
    assert sizes(fil) == [100] * 5 + [50]


def test_a_throttled_or_unreachable_page_is_not_made_smaller_for_that(fil: Fil, ds):
    fil.repondre(*[(429, {}, "")] * 5, page([]))
    with pytest.raises(RetryableError):
        lire(ds)
    lire(ds)
    assert sizes(fil)[-1] == 100


def test_a_hole_for_an_unknown_reason_asks_for_a_smaller_page(fil: Fil, ds):
    strange = page([dossier(1), None], errors=[erreur("Mystère", "", ["demarche", "dossiers", "nodes", 1, "champs"])])
    fil.repondre(strange, page([dossier(1)]))
    assert len(lire(ds).dossiers) == 1
    assert sizes(fil) == [100, 50]


# Holes ---------------------------------------------------------------------------------------------------------------

NULLE = "Cannot return null for non-nullable field PersonneMorale.siegeSocial"


def troue(index: int) -> dict:
    path = ["demarche", "dossiers", "nodes", index, "demandeur", "siegeSocial"]
    return erreur(NULLE, "invalid_null", path)


def test_a_dossier_that_ds_cannot_show_is_a_hole_named_by_a_light_read_and_the_page_stays_good(fil: Fil, ds):
    fil.repondre(page([dossier(1), None, dossier(3)], errors=[troue(1)]), page([repere(1), repere(2), repere(3)]))
    got = lire(ds, after="avant")
    assert [d.number for d in got.dossiers] == [1, 3]
    assert got.trous == (Trou(cause="DS ne sait pas rendre ce dossier : PersonneMorale.siegeSocial manque", number=2),)
    assert got.end_cursor == "curseur"
    assert fil.documents == ["Page", "Reperes"]
    assert fil.variables() == {
        "demarche": 104234,
        "first": 3,
        "after": "avant",
        "updatedSince": EPOCH.isoformat(),
    }


def test_each_hole_of_a_page_has_its_number_and_its_cause(fil: Fil, ds):
    unexplained = page([None, None], errors=[troue(1)])
    fil.repondre(unexplained, page([repere(1), repere(2)]))
    assert lire(ds).trous == (
        Trou(cause="dossier non rendu par DS", number=1),
        Trou(cause="DS ne sait pas rendre ce dossier : PersonneMorale.siegeSocial manque", number=2),
    )


def test_a_dossier_out_of_the_token_s_reach_is_a_hole_that_says_so(fil: Fil, ds):
    hidden = "An object of type Dossier was hidden due to permissions"
    error = erreur(hidden, "unauthorized", ["demarche", "dossiers", "nodes", 0])
    fil.repondre(page([None], errors=[error]), page([repere(1)]))
    (hole,) = lire(ds).trous
    assert hole == Trou(cause="DS ne sait pas rendre ce dossier : valeur hors de portée du jeton", number=1)


def test_a_dossier_that_slipped_in_between_the_two_reads_is_named_too_rather_than_lost(fil: Fil, ds):
    fil.repondre(page([dossier(1), None], errors=[troue(1)]), page([repere(2), repere(3)]))
    assert [t.number for t in lire(ds).trous] == [2, 3]


def test_a_hole_that_even_the_light_read_cannot_name_is_told_without_a_number(fil: Fil, ds):
    fil.repondre(page([dossier(1), None], errors=[troue(1)]), page([repere(1), None]))
    assert [t.number for t in lire(ds).trous] == [None]


def test_of_two_holes_that_the_light_read_names_but_one_the_other_is_told_too(fil: Fil, ds):
    fil.repondre(page([None, None], errors=[troue(1)]), page([repere(1), None]))
    assert [t.number for t in lire(ds).trous] == [1, None]


def test_a_dossier_of_an_unexpected_shape_is_a_hole_with_its_number(fil: Fil, ds):
    fil.repondre(page([dossier(1), dossier(2, dateDepot=None)]))
    got = lire(ds)
    assert [d.number for d in got.dossiers] == [1]
    assert [t.number for t in got.trous] == [2]
    assert "a date is missing" in got.trous[0].cause


@pytest.mark.parametrize(("answer", "tries"), [(TIMEOUT, 1), (PANNE, 3)])
def test_a_dossier_that_alone_defeats_the_server_is_passed_over_with_its_number(answer, tries, fil: Fil, ds):
    fil.repondre(*[answer] * (7 * tries), page([repere(7)], cursor="apres", more=True))
    got = lire(ds, after="avant")
    assert got.dossiers == ()
    assert [t.number for t in got.trous] == [7]
    assert (got.end_cursor, got.has_next_page, got.active_revision_id) == ("apres", True, "Revision-1")
    assert got.dernier is not None
    assert sorted(set(sizes(fil)), reverse=True) == [100, 50, 25, 12, 6, 3, 1]
    assert (fil.documents[-1], fil.variables()["first"]) == ("Reperes", 1)


def test_a_dossier_passed_over_without_a_number_is_still_told(fil: Fil, ds):
    fil.repondre(*[TIMEOUT] * 7, page([None], cursor="apres"))
    assert [t.number for t in lire(ds).trous] == [None]


def test_a_server_that_cannot_even_give_a_light_page_stops_the_walk(fil: Fil, ds):
    fil.repondre(*[TIMEOUT] * 8)
    with pytest.raises(PageTimeout):
        lire(ds)


def test_a_slowness_that_no_dossier_explains_stops_the_walk(fil: Fil, ds):
    fil.repondre(*[TIMEOUT] * 7, page([], cursor=None))
    with pytest.raises(PageTimeout):
        lire(ds)


def test_a_dossier_passed_over_does_not_hide_the_deleted_ones(fil: Fil, ds):
    fil.repondre(*[TIMEOUT] * 7, page([repere(7)]), listes(corbeille=[supprime(8)], purges=[]))
    got = lire(ds, deleted_since=DEPUIS)
    assert [s.number for s in got.supprimes] == [8]


def test_a_value_out_of_reach_spoils_only_itself(fil: Fil, ds):
    lien = champ("DossierLinkChamp", dossier=None, stringValue="24100035")
    hidden = "An object of type Dossier was hidden due to permissions"
    nodes = [dossier(1, champs=[lien, champ("CommuneChamp", commune=None)])]
    fil.repondre(
        page(
            nodes,
            errors=[
                erreur(hidden, "unauthorized", ["demarche", "dossiers", "nodes", 0, "champs", 0, "dossier"]),
                erreur(NULLE, "invalid_null", ["demarche", "dossiers", "nodes", 0, "champs", 1, "commune", "code"]),
            ],
        )
    )
    (read,) = lire(ds).dossiers
    assert [c.value for c in read.champs] == [
        LienDossier(number=24100035),
        Illisible(cause="valeur absente côté DS"),
    ]


def test_a_page_of_an_unexpected_shape_is_a_broken_contract(fil: Fil, ds):
    fil.repondre({"data": {"demarche": {"dossiers": {"nodes": []}}}})
    with pytest.raises(ContractBroken, match="pageInfo"):
        lire(ds)


# Light pages ---------------------------------------------------------------------------------------------------------


def test_a_light_page_gives_landmarks_with_state_and_revision(fil: Fil, ds):
    fil.repondre(page([repere(1), None, repere(3)], more=True))
    got = ds.reperes(104234, updated_since=EPOCH, after="x", first=10)
    assert [(r.number, r.state, r.revision_id) for r in got.reperes] == [
        (1, "en_construction", "Revision-1"),
        (3, "en_construction", "Revision-1"),
    ]
    assert (got.end_cursor, got.has_next_page) == ("curseur", True)
    assert fil.variables()["first"] == 10


# Deletions -----------------------------------------------------------------------------------------------------------


def supprime(number: int, reason: str = "user_request") -> dict:
    return {"number": number, "dateSupression": INSTANT, "reason": reason}


def liste(nodes: list, cursor: str | None = None, *, more: bool = False) -> dict:
    return {"pageInfo": {"hasNextPage": more, "endCursor": cursor}, "nodes": nodes}


def listes(**found) -> dict:
    fields = {"corbeille": "pendingDeletedDossiers", "purges": "deletedDossiers"}
    lists = {fields[k]: v if isinstance(v, dict) else liste(v) for k, v in found.items()}
    return {"data": {"demarche": {"id": "x"} | lists}}


def test_deleted_dossiers_come_with_a_page_only_when_asked_for(fil: Fil, ds):
    lists = {
        "pendingDeletedDossiers": liste([supprime(8)]),
        "deletedDossiers": liste([supprime(9, "expired"), None]),
    }
    fil.repondre(page([], **lists), page([]))
    assert lire(ds, deleted_since=DEPUIS).supprimes == (
        DossierSupprime(number=8, date_suppression=LE, reason="user_request", definitif=False),
        DossierSupprime(number=9, date_suppression=LE, reason="expired", definitif=True),
    )
    assert fil.variables()["suppressions"] is True
    assert fil.variables()["deletedSince"] == DEPUIS.isoformat()
    assert lire(ds).supprimes == ()
    assert "suppressions" not in fil.variables()


def test_a_long_list_of_deleted_dossiers_is_read_to_its_end(fil: Fil, ds):
    first = {
        "pendingDeletedDossiers": liste([supprime(1)]),
        "deletedDossiers": liste([supprime(2)], "c1", more=True),
    }
    fil.repondre(
        page([], **first), listes(purges=liste([supprime(3)], "c2", more=True)), listes(purges=liste([supprime(4)]))
    )
    assert [s.number for s in lire(ds, deleted_since=DEPUIS).supprimes] == [1, 2, 3, 4]
    assert [(v["corbeille"], v["purges"], v["purgesAfter"]) for v in (fil.variables(1), fil.variables(2))] == [
        (False, True, "c1"),
        (False, True, "c2"),
    ]


def test_both_lists_can_be_read_apart_from_any_page(fil: Fil, ds):
    fil.repondre(
        listes(corbeille=liste([supprime(1)], "c", more=True), purges=[supprime(2)]), listes(corbeille=[supprime(3)])
    )
    found = ds.supprimes(104234, depuis=DEPUIS)
    assert [(s.number, s.definitif) for s in found] == [(1, False), (2, True), (3, False)]


def test_a_cursor_that_does_not_move_ends_its_list(fil: Fil, ds):
    stuck = listes(corbeille=liste([supprime(1)], "c", more=True), purges=[])
    fil.repondre(stuck, listes(corbeille=liste([supprime(1)], "c", more=True)))
    assert len(ds.supprimes(104234, depuis=DEPUIS)) == 2


def test_cursors_that_turn_round_end_their_list(fil: Fil, ds):
    fil.repondre(*(listes(corbeille=liste([supprime(1)], cursor, more=True)) for cursor in ("a", "b", "c", "a")))
    assert len(ds.supprimes(104234, depuis=DEPUIS)) == 4


# One dossier, the démarche -------------------------------------------------------------------------------------------


def test_one_dossier_is_read_as_it_is_now(fil: Fil, ds):
    fil.repondre({"data": {"dossier": dossier(5)}})
    assert ds.dossier(5).number == 5
    assert fil.variables() == {"number": 5}


def test_a_dossier_with_a_value_out_of_reach_is_read_with_that_value_unreadable(fil: Fil, ds):
    brut = dossier(5, champs=[champ("SiretChamp", etablissement=None, stringValue="26370010600010")])
    error = erreur("Cannot return null …", "invalid_null", ["dossier", "champs", 0, "etablissement", "address"])
    fil.repondre({"data": {"dossier": brut}, "errors": [error]})
    assert ds.dossier(5).champs[0].value.complet is False


@pytest.mark.parametrize(("answer", "tries"), [(TIMEOUT, 1), (PANNE, 3)])
def test_one_dossier_that_the_server_cannot_render_is_set_aside(answer, tries, fil: Fil, ds):
    fil.repondre(*[answer] * tries)
    with pytest.raises(DossierError) as caught:
        ds.dossier(5)
    assert caught.value.number == 5


@pytest.mark.parametrize("data", [{"dossier": dossier(5, usager=None)}, {"autre": 1}])
def test_one_dossier_of_an_unexpected_shape_is_set_aside(data, fil: Fil, ds):
    fil.repondre({"data": data})
    with pytest.raises(DossierError, match="forme attendue"):
        ds.dossier(5)


DESCRIPTEUR = {"__typename": "TextChampDescriptor", "id": "Champ-1", "label": "Nom", "required": True}


def forme(**values) -> dict:
    draft = {"id": "Revision-2", "datePublication": None, "champDescriptors": [], "annotationDescriptors": []}
    live = {
        "id": "Revision-1",
        "datePublication": INSTANT,
        "champDescriptors": [
            DESCRIPTEUR,
            {
                "__typename": "RepetitionChampDescriptor",
                "id": "Champ-2",
                "label": "Lieux",
                "required": False,
                "champDescriptors": [DESCRIPTEUR],
            },
        ],
        "annotationDescriptors": [
            {
                "__typename": "DropDownListChampDescriptor",
                "id": "Champ-3",
                "label": "Avis",
                "required": False,
                "options": ["L'un", "L’autre"],
                "otherOption": True,
            }
        ],
    }
    group = {"id": "G", "number": 1, "label": "Nord", "closed": True, "instructeurs": []}
    brute = demarche([]) | {
        "revisions": [live, draft],
        "groupeInstructeurs": [group],
        "labels": [{"id": "L", "name": "Complet"}],
    }
    return {"data": {"demarche": brute | values}}


def test_the_demarche_is_read_with_its_form_groups_and_labels(fil: Fil, ds):
    fil.repondre(forme())
    got = ds.demarche(104234)
    assert (got.number, got.state, got.active.id) == (104234, "publiee", "Revision-1")
    assert [(r.id, r.date_publication) for r in got.revisions] == [("Revision-1", LE), ("Revision-2", None)]
    text, repetition = got.active.champs
    assert (text.label, text.required, text.typename) == ("Nom", True, "TextChampDescriptor")
    assert [c.label for c in repetition.champs] == ["Nom"]
    (avis,) = got.active.annotations
    assert (avis.options, avis.other_option) == (("L'un", "L’autre"), True)
    assert [g.closed for g in got.groupes] == [True]
    assert [label.name for label in got.labels] == ["Complet"]


def test_a_demarche_whose_active_revision_is_nowhere_is_a_broken_contract(fil: Fil, ds):
    fil.repondre(forme(activeRevision={"id": "Revision-9"}))
    with pytest.raises(ContractBroken, match="la démarche 104234"):
        ds.demarche(104234)
