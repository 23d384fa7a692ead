"""The child by itself: its limits first, then the file, then a line for each thing it knows."""

from __future__ import annotations

import errno
import io
import json
import resource
import signal
from dataclasses import asdict, replace

import pytest

from connector.core.contenu import Defaut
from connector.pieces import enfant
from connector.pieces.enfant import Demande
from connector.sandbox import pieges

CONTENU = pieges.SORTES["javascript"][1]


@pytest.fixture
def limites(monkeypatch):
    """What the child would have set: this very process is not to be limited."""
    posees = {}
    monkeypatch.setattr(resource, "setrlimit", posees.setdefault)
    monkeypatch.setattr(signal, "setitimer", lambda _, secondes: posees.setdefault("horloge", []).append(secondes))
    monkeypatch.setattr(signal, "signal", posees.setdefault)
    monkeypatch.setattr(enfant, "_sans_parent", lambda _: None)
    return posees


@pytest.fixture
def demande(depot, tmp_path):
    piece = depot.pose(CONTENU)
    return Demande(lien=depot.lien, octets=piece.byte_size, checksum=piece.checksum, dossier=str(tmp_path), delai=30)


def dit(demande):
    sortie = io.StringIO()
    assert enfant.main(io.StringIO(json.dumps(asdict(demande)) + "\n"), sortie) == 0
    return [json.loads(ligne) for ligne in sortie.getvalue().splitlines()]


def test_a_file_is_fetched_then_told(limites, demande, tmp_path):
    assert dit(demande) == [
        {"recu": "inconnue"},
        {"recu": "pdf"},
        {"examen": {"nature": "pdf", "pages": 1, "defauts": [Defaut.SCRIPT]}},
    ]
    assert list(tmp_path.iterdir()) == []


def test_limits_are_set_before_anything_is_fetched(limites, demande, depot):
    depot.statut = 404
    assert dit(demande) == [{"empechement": "lien"}]
    assert limites[resource.RLIMIT_AS] == (demande.memoire, demande.memoire)
    assert limites[resource.RLIMIT_FSIZE] == (demande.octets + 1, demande.octets + 1)
    assert limites[resource.RLIMIT_CORE] == (0, 0)
    assert limites[signal.SIGALRM] is signal.SIG_DFL
    assert limites["horloge"] == [30]


def test_a_limit_already_lower_is_kept(limites, demande, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100, 100))
    dit(demande)
    assert limites[resource.RLIMIT_AS] == (100, 100)


def test_without_limits_nothing_is_fetched(limites, demande, depot, monkeypatch):
    def refuse(*_):
        raise OSError

    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert dit(demande) == [{"empechement": "machine"}]
    assert depot.recues == []


def test_without_a_place_for_the_file_nothing_is_fetched(limites, demande, depot):
    assert dit(replace(demande, dossier="/nulle/part")) == [{"empechement": "machine"}]
    assert depot.recues == []


@pytest.mark.parametrize("quand", ["write", "seek"])  # what is written may wait in memory until the file is gone over
def test_a_disk_that_is_full_is_no_fault_of_the_file(limites, demande, monkeypatch, quand):
    def plein(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    class Plein(io.BytesIO):
        """A file on a full disk."""

    setattr(Plein, quand, plein)
    monkeypatch.setattr(enfant.tempfile, "TemporaryFile", lambda **_: Plein())
    assert dit(demande)[-1] == {"empechement": "machine"}


def test_a_child_whose_parent_is_gone_ends(monkeypatch):
    codes = []
    monkeypatch.setattr(enfant.os, "_exit", codes.append)
    enfant._sans_parent(io.StringIO(""))
    assert codes == [1]
