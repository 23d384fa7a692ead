"""What the journal tells of each call to DS: when, on what, and what came of it, as a French reader says it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from connector import donnees, errors
from connector.api.echange import PanneInterne
from connector.core.model import Page
from connector.errors import ConnectorError, RetryableError
from connector.store.journal import Ligne
from connector.temoin import Acte, Temoin, echec

LE = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
ETE = timezone(timedelta(hours=2))
GENRES = [g for g in vars(errors).values() if isinstance(g, type) and issubclass(g, ConnectorError)]


class _Muet:
    """A server that does not answer."""

    def dossier(self, number):
        raise RetryableError(f"le dossier {number} n’est pas venu")


class _Vide:
    """A server that has nothing."""

    def page(self, number, **options):
        return Page(dossiers=(), trous=(), end_cursor=None, has_next_page=False, dernier=None, active_revision_id="r1")


@pytest.fixture
def temoin():
    actes = []
    return SimpleNamespace(actes=actes, devant=lambda derriere: Temoin(derriere=derriere, noter=actes.append))


def ligne(acte: Acte) -> Ligne:
    return Ligne(at=LE, qui="connecteur", quoi=acte.quoi, portee=acte.portee, reponse=acte.reponse)


def test_since_when_a_page_was_asked_for_is_told_at_the_hour_it_is_in_france(temoin):
    temoin.devant(_Vide()).page(1, updated_since=datetime(2026, 7, 1, 9, 30, tzinfo=ETE), after=None)
    (acte,) = temoin.actes
    assert acte.portee.endswith("depuis le 2026-07-01T07:30:00Z")
    assert "depuis le 01/07/2026 09:30:00)" in donnees.as_text(ligne(acte))
    assert donnees.as_data(ligne(acte))["portee"].endswith("depuis le 2026-07-01T09:30:00+02:00")


def test_a_failure_is_told_in_french(temoin):
    with pytest.raises(RetryableError):
        temoin.devant(_Muet()).dossier(12)
    (acte,) = temoin.actes
    assert acte.reponse == "échec : DS injoignable ou surchargée"
    assert donnees.as_text(ligne(acte)).endswith("→ échec : DS injoignable ou surchargée")


@pytest.mark.parametrize("genre", [*GENRES, PanneInterne], ids=lambda genre: genre.__name__)
def test_every_kind_of_failure_has_its_words(genre):
    assert not re.search(r"[A-Z][a-z]+[A-Z]|_", echec(genre))


def test_what_an_earlier_version_wrote_is_told_in_the_same_words():
    ancienne = Ligne(at=LE, qui="connecteur", quoi="lecture d’un dossier", reponse="échec : RetryableError")
    assert donnees.as_text(ancienne).endswith("→ échec : DS injoignable ou surchargée")
    assert donnees.as_data(ancienne)["reponse"] == "échec : DS injoignable ou surchargée"
