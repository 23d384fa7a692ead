from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.core import filigrane
from connector.core.filigrane import EPOCH, Filigrane, advance, brings_news, is_suspect, overlap, start
from connector.core.model import Page, Repere, Trou
from tests.fakes import un_dossier

T = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def une_page(*dates: datetime, cursor: str | None = "c", suite: bool = False, dernier: datetime | None = None) -> Page:
    """A page of dossiers modified at those dates; the démarche's latest one is `dernier`, else the page's."""
    dernier = dernier or max(dates, default=None)
    return Page(
        dossiers=tuple(un_dossier(100 + i, le=le) for i, le in enumerate(dates)),
        trous=(),
        end_cursor=cursor if dates else None,
        has_next_page=suite,
        dernier=Repere(number=1, date_derniere_modification=dernier) if dernier else None,
        active_revision_id="R-1",
    )


def marche_finie(le: datetime = T, *, now: datetime = T, debut: datetime | None = None) -> Filigrane:
    """A watermark after a first walk, begun at `debut`, that found one dossier modified at `le`."""
    return advance(Filigrane(lecture="l", debut=debut or now), une_page(le), now=now)


# where a poll starts


def test_the_first_poll_reads_everything():
    mark = start(None, lecture="l", now=T)
    assert (mark.base, mark.cursor, mark.en_cours) == (EPOCH, None, True)


def test_another_mapping_reads_everything_again():
    mark = start(marche_finie(), lecture="autre", now=T)
    assert (mark.lecture, mark.base, mark.cursor, mark.marque) == ("autre", EPOCH, None, None)


def test_a_walk_that_was_interrupted_goes_on_where_it_was():
    half = advance(start(None, lecture="l", now=T), une_page(T, suite=True), now=T)
    assert start(half, lecture="l", now=T + timedelta(days=3)) == half


def test_soon_after_something_new_the_last_five_minutes_are_walked_again():
    mark = start(marche_finie(T), lecture="l", now=T + MINUTE)
    assert (mark.base, mark.cursor, mark.en_cours) == (T - 5 * MINUTE, None, True)


def test_the_overlap_is_walked_once_more_even_when_the_next_poll_comes_an_hour_later():
    mark = start(marche_finie(T), lecture="l", now=T + timedelta(hours=1))
    assert (mark.base, mark.cursor) == (T - 5 * MINUTE, None)


def test_the_frozen_cursor_is_used_once_an_overlap_begun_five_minutes_later_found_nothing_new():
    later = T + 5 * MINUTE
    mark = advance(start(marche_finie(T), lecture="l", now=later), une_page(T, cursor="c2"), now=later)
    frozen = start(mark, lecture="l", now=later + MINUTE)
    assert (frozen.base, frozen.cursor, frozen.en_cours) == (T - 5 * MINUTE, "c2", False)


def test_an_overlap_begun_too_early_does_not_freeze_the_cursor():
    early = T + 5 * MINUTE - timedelta(seconds=1)
    mark = advance(start(marche_finie(T), lecture="l", now=early), une_page(T, cursor="c2"), now=early)
    assert start(mark, lecture="l", now=T + timedelta(hours=1)).cursor is None


def test_something_new_after_the_frozen_cursor_brings_the_overlap_back():
    later = T + 5 * MINUTE
    quiet = advance(start(marche_finie(T), lecture="l", now=later), une_page(T), now=later)
    frozen = start(quiet, lecture="l", now=later + MINUTE)
    moved = advance(frozen, une_page(T), now=later + MINUTE)
    assert moved.arrivee == later + MINUTE, "DS shows the same second, but it came after the cursor"
    assert start(moved, lecture="l", now=later + 2 * MINUTE).cursor is None


def test_an_empty_demarche_is_asked_for_everything_each_time():
    mark = advance(start(None, lecture="l", now=T), une_page(), now=T)
    assert (mark.marque, mark.en_cours) == (None, False)
    again = start(mark, lecture="l", now=T + timedelta(hours=1))
    assert (again.base, again.cursor) == (EPOCH, None)


def test_a_clock_that_went_back_is_not_believed_until_it_has_caught_up():
    mark, back = marche_finie(T, now=T), T - timedelta(hours=1)
    for now in (back, back + 6 * MINUTE, T + MINUTE):
        mark = start(mark, lecture="l", now=now)
        assert (mark.cursor, mark.base) == (None, T - 5 * MINUTE)
        mark = advance(mark, une_page(T, cursor="c2"), now=now)
    mark = advance(start(mark, lecture="l", now=T + 6 * MINUTE), une_page(T, cursor="c2"), now=T + 6 * MINUTE)
    assert start(mark, lecture="l", now=T + 7 * MINUTE).cursor == "c2"


def test_a_walk_begun_in_the_future_proves_nothing():
    tomorrow = T + timedelta(days=1)
    mark = advance(start(marche_finie(T), lecture="l", now=tomorrow), une_page(T), now=tomorrow)
    assert start(mark, lecture="l", now=T + 6 * MINUTE).cursor is None


# what a page changes


def test_an_empty_page_keeps_the_cursor_and_the_mark():
    mark = marche_finie(T)
    after = advance(mark, une_page(dernier=T), now=T + MINUTE)
    assert (after.cursor, after.marque, after.arrivee) == ("c", T, T)


def test_the_mark_is_the_greatest_date_seen_even_when_the_overlap_shows_older_ones():
    mark = overlap(marche_finie(T), now=T + MINUTE)
    assert advance(mark, une_page(T - 2 * MINUTE), now=T + MINUTE).marque == T


def test_a_walk_that_took_an_hour_walks_again_from_what_was_there_when_it_began():
    first = advance(start(None, lecture="l", now=T), une_page(T - MINUTE, suite=True, dernier=T), now=T)
    hour = T + timedelta(hours=1)
    mark = advance(first, une_page(hour), now=hour)
    assert mark.marque == hour
    assert overlap(mark, now=hour).base == T - 5 * MINUTE


def test_a_walk_that_is_not_over_leaves_what_is_sure_as_it_was():
    mark = overlap(marche_finie(T), now=T)
    half = advance(mark, une_page(T + timedelta(hours=1), suite=True), now=T)
    assert overlap(half, now=T).base == mark.base


def test_what_is_sure_never_goes_back_when_the_latest_dossier_is_deleted():
    mark = overlap(marche_finie(T), now=T)
    assert advance(mark, une_page(dernier=T - timedelta(days=1)), now=T).sur == T - filigrane.RECOUVREMENT


def test_in_an_overlap_only_what_moved_later_than_all_we_saw_is_news():
    mark = overlap(marche_finie(T), now=T)
    assert not brings_news(mark, une_page(T - MINUTE, T))
    assert brings_news(mark, une_page(T, T + timedelta(seconds=1)))


def test_a_page_of_holes_brings_no_news():
    page = replace(une_page(dernier=T), trous=(Trou(cause="invalid_null"),))
    assert not brings_news(marche_finie(T), page)


# cursors that lie


@pytest.mark.parametrize(
    ("page", "known", "suspect"),
    [
        (une_page(dernier=T), True, False),
        (une_page(dernier=T), False, True),
        (une_page(dernier=T + MINUTE), False, True),
        (une_page(dernier=T - MINUTE), False, False),
        (une_page(), False, False),
        (une_page(T + MINUTE), False, False),
        (replace(une_page(dernier=T), trous=(Trou(cause="invalid_null"),)), False, False),
    ],
    ids=[
        "the latest one is ours",
        "the latest one is another",
        "the latest one moved since",
        "the latest one was deleted",
        "nothing left at all",
        "something came",
        "a hole came",
    ],
)
def test_an_empty_page_after_a_cursor_is_believed_only_if_we_have_the_latest_dossier(page, known, suspect):
    assert is_suspect(marche_finie(T), page, known=known) is suspect


def test_an_empty_page_without_a_cursor_is_no_cursor_s_fault():
    assert not is_suspect(overlap(marche_finie(T), now=T), une_page(dernier=T + MINUTE), known=False)


def test_a_cursor_of_a_watermark_without_mark_is_suspected_too():
    mark = Filigrane(lecture="l", cursor="garbage")
    assert is_suspect(mark, une_page(dernier=T), known=False)


# deletions, and every number compared


def test_deletions_are_asked_for_four_weeks_before_the_last_reading_however_long_ago_it_was():
    month = timedelta(days=30)
    assert filigrane.deleted_since(None, now=T) == T - filigrane.SUPPRESSIONS
    assert filigrane.deleted_since(Filigrane(lecture="l"), now=T) == T - filigrane.SUPPRESSIONS
    assert filigrane.deleted_since(marche_finie(T, debut=T), now=T + 6 * month) == T - filigrane.SUPPRESSIONS
    assert filigrane.deleted_since(marche_finie(T, debut=T + month), now=T) == T - filigrane.SUPPRESSIONS


def test_numbers_are_compared_at_first_then_once_in_a_while():
    assert filigrane.must_compare(Filigrane(lecture="l"), now=T)
    mark = filigrane.compared(marche_finie(T), now=T)
    assert not filigrane.must_compare(mark, now=T)
    assert not filigrane.must_compare(mark, now=T + filigrane.COMPARAISON - MINUTE)
    assert filigrane.must_compare(mark, now=T + filigrane.COMPARAISON)


def test_a_walk_from_the_beginning_has_seen_every_number_and_an_overlap_has_not():
    assert not filigrane.must_compare(marche_finie(T), now=T)
    walked = advance(overlap(replace(marche_finie(T), comparee=None), now=T), une_page(T), now=T)
    assert filigrane.must_compare(walked, now=T)


def test_a_comparison_made_in_the_future_proves_nothing():
    assert filigrane.must_compare(filigrane.compared(marche_finie(T), now=T + MINUTE), now=T)


def test_a_published_form_has_numbers_compared_once_its_dossiers_have_followed_whatever_mapping_comes_with_it():
    mark = filigrane.published(filigrane.compared(marche_finie(T), now=T), now=T)
    assert not filigrane.must_compare(mark, now=T)
    for followed in (mark, start(mark, lecture="autre", now=T)):
        assert followed.a_comparer == T + filigrane.REBASE
        assert filigrane.must_compare(followed, now=T + filigrane.REBASE)
    assert not filigrane.must_compare(filigrane.compared(mark, now=T + MINUTE), now=T + filigrane.REBASE)


def test_reading_everything_again_forgets_where_the_walk_was_and_nothing_else():
    mark = filigrane.again(marche_finie(T), now=T + MINUTE)
    assert (mark.base, mark.cursor, mark.debut, mark.en_cours) == (EPOCH, None, T + MINUTE, True)
    assert (mark.marque, mark.sur) == (T, T - filigrane.RECOUVREMENT)
