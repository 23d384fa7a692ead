"""A child process a file: within its time and memory, without our secrets, leaving nothing, whatever the file does."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from connector.core.contenu import Defaut, Empechement, Examen, Nature
from connector.errors import OperatorError, StoreError
from connector.pieces import relecteur as module
from connector.pieces.enfant import Demande
from connector.pieces.relecteur import Relecteur, essayer, exiger, lire, transmis
from connector.sandbox import pieges
from tests.unit.pieces.conftest import annoncee

LISIBLE = pieges.document()


def regarde(relecteur, depot, contenu=LISIBLE, **changes):
    return relecteur.examiner(depot.lien, depot.pose(contenu, **changes))


def test_a_file_is_fetched_examined_and_leaves_nothing(relecteur, depot):
    assert regarde(relecteur, depot) == Examen(nature=Nature.PDF, pages=1)
    assert list(relecteur.dossier.iterdir()) == []


def test_what_the_file_is_not_is_told(relecteur, depot):
    assert regarde(relecteur, depot, b"MZ" + bytes(300)) == Examen(nature=Nature.PROGRAMME)
    assert regarde(relecteur, depot, checksum="autre") is Empechement.EMPREINTE


def test_a_trickle_is_cut_at_the_end_of_its_time_though_it_is_never_silent(relecteur, depot):
    piece = depot.pose(LISIBLE)
    depot.morceaux, depot.pause = [LISIBLE[i : i + 1] for i in range(len(LISIBLE))], 0.1
    began = time.monotonic()
    assert replace(relecteur, delai=1.0).examiner(depot.lien, piece) is Empechement.DELAI
    assert time.monotonic() - began < 10


def test_a_file_above_the_bound_is_not_asked_for(relecteur, depot):
    assert regarde(replace(relecteur, octets_max=10), depot) is Empechement.TAILLE
    assert depot.recues == []


def test_an_examination_that_does_not_end_is_ended(relecteur, depot):
    lourd = pieges.document(b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<<>>", racine=b"/X[" + b"[]" * 2_000_000 + b"]")
    began = time.monotonic()
    assert regarde(replace(relecteur, examen=0.5), depot, lourd) == Examen(
        nature=Nature.PDF, defauts=(Defaut.INACHEVE,)
    )
    assert time.monotonic() - began < 20


def test_an_examination_that_takes_too_much_memory_is_ended(relecteur, depot):
    lourd = pieges.document(b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<<>>", racine=b"/X[" + b"[]" * 2_000_000 + b"]")
    trouve = regarde(replace(relecteur, memoire=220 * 2**20), depot, lourd)
    assert trouve == Examen(nature=Nature.PDF, defauts=(Defaut.INACHEVE,))


def test_a_machine_that_lends_no_memory_at_all_examines_nothing(relecteur, depot):
    assert regarde(replace(relecteur, memoire=20 * 2**20), depot) is Empechement.MACHINE


def test_a_machine_that_starts_no_more_process_examines_nothing(relecteur, depot, monkeypatch):
    def refuse(*_, **__):
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert regarde(relecteur, depot) is Empechement.MACHINE


def test_asked_to_stop_nothing_is_concluded(relecteur, depot):
    piece = depot.pose(LISIBLE)
    depot.pause_avant = 5.0
    began = time.monotonic()
    assert replace(relecteur, arrete=lambda: bool(depot.recues)).examiner(depot.lien, piece) is None
    assert time.monotonic() - began < 4


def test_a_child_that_outlives_its_own_limits_is_ended(relecteur, depot, monkeypatch):
    monkeypatch.setattr(module, "GRACE", -200.0)
    piece = depot.pose(LISIBLE)
    depot.pause_avant = 5.0
    assert relecteur.examiner(depot.lien, piece) is Empechement.DELAI


@pytest.mark.parametrize(
    ("lien", "permis"),
    [
        ("https://fichiers.exemple.fr/a?sig=1", True),
        ("https://FICHIERS.exemple.fr:443/a", True),
        ("http://127.0.0.1:8042/a", True),
        ("http://fichiers.exemple.fr/a", False),
        ("https://fichiers.exemple.fr:8443/a", False),
        ("https://autre.exemple.fr/a", False),
        ("https://fichiers.exemple.fr.autre.fr/a", False),
        ("https://moi:secret@fichiers.exemple.fr/a", False),
        ("https://fichiers.exemple.fr@autre.fr/a", False),
        ("http://127.0.0.1:8043/a", False),
        ("ftp://127.0.0.1:8042/a", False),
        ("https://127.0.0.1:8042/a", False),
        ("https://fichiers.exemple.fr\\@autre.fr/a", False),
        ("https://fichiers.exemple.fr/a b", False),
        ("https://fichiers.exemple.fr\t/a", False),
        ("https://ﬁchiers.exemple.fr/a", False),
        ("https://[::1", False),
        ("https://[::1]/a", False),
        ("https://[::ffff:127.0.0.1]:8042/a", False),
        ("https://xn--fichiers-i2a.exemple.fr/a", False),
        ("https://fichiers.exemple.fr./a", False),
        ("https://fichiers.exemple.fr;autre.fr/a", False),
        ("https://fichiers.exemple.fr%2eautre.fr/a", False),
        ("https://autre.fr#fichiers.exemple.fr/a", False),
        ("https://autre.fr?@fichiers.exemple.fr/a", False),
        ("https://@fichiers.exemple.fr/a", False),
        ("https:fichiers.exemple.fr/a", False),
        ("https:///fichiers.exemple.fr/a", False),
        ("//fichiers.exemple.fr/a", False),
        ("https://fichiers.exemple.fr:0443/a", True),
        ("https://fichiers.exemple.fr:99999/a", False),
        ("https://2130706433/a", False),
        ("https://fichiers.exemple.fr:port/a", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_the_hosts_of_the_configuration_are_reached(tmp_path, lien, permis):
    relecteur = Relecteur(dossier=tmp_path, hotes=frozenset({"fichiers.exemple.fr"}), origine="http://127.0.0.1:8042")
    assert relecteur.permis(lien) is permis
    if not permis:
        assert relecteur.examiner(lien, annoncee(LISIBLE)) is Empechement.HOTE


def test_a_child_knows_none_of_our_secrets():
    environ = {
        "DS_JETON": "secret",
        "CREDENTIALS_DIRECTORY": "/run/x",
        "SSL_CERT_FILE": "/tmp/autorite",
        "HTTPS_PROXY": "http://proxy",
        "PATH": "/bin",
    }
    assert transmis(environ) == {"HTTPS_PROXY": "http://proxy", "PATH": "/bin"}


def test_the_folder_is_our_own_and_empty_at_the_start(relecteur):
    (relecteur.dossier / "reste").write_bytes(b"x")
    relecteur.dossier.chmod(0o755)
    relecteur.preparer()
    assert stat.S_IMODE(relecteur.dossier.stat().st_mode) == 0o700
    assert list(relecteur.dossier.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_told_with_its_remedy(tmp_path):
    (tmp_path / "pieces").write_text("")
    with pytest.raises(StoreError, match="inutilisable") as told:
        Relecteur(dossier=tmp_path / "pieces", hotes=frozenset()).preparer()
    assert "effacez-le" in told.value.hint


def test_a_link_in_the_place_of_the_folder_is_refused_and_what_it_leads_to_is_left(tmp_path):
    (tmp_path / "autre").mkdir(mode=0o755)
    (tmp_path / "autre" / "precieux").write_text("")
    (tmp_path / "pieces").symlink_to(tmp_path / "autre")
    with pytest.raises(StoreError, match="inutilisable"):
        Relecteur(dossier=tmp_path / "pieces", hotes=frozenset()).preparer()
    assert (tmp_path / "autre" / "precieux").exists()
    assert stat.S_IMODE((tmp_path / "autre").stat().st_mode) == 0o755


def test_killed_in_mid_download_nothing_is_left_and_the_child_ends_too(relecteur, depot):
    piece = depot.pose(LISIBLE)
    depot.morceaux, depot.pause = [LISIBLE[i : i + 1] for i in range(len(LISIBLE))], 0.2
    program = (
        "import sys; from pathlib import Path; from connector.core.model import Piece, VirusScan;"
        "from connector.pieces.relecteur import Relecteur;"
        f"Relecteur(dossier=Path({str(relecteur.dossier)!r}), hotes=frozenset(), origine={relecteur.origine!r})"
        f".examiner({depot.lien!r}, Piece(filename='a', content_type='', byte_size={piece.byte_size},"
        f" checksum={piece.checksum!r}, virus_scan=VirusScan.SAFE))"
    )
    parent = subprocess.Popen([sys.executable, "-c", program])
    _until(lambda: depot.recues)
    (enfant,) = _children(parent.pid)
    assert any(str(relecteur.dossier) in str(f.readlink()) for f in _files(enfant))
    assert list(relecteur.dossier.iterdir()) == []
    parent.kill()
    parent.wait()
    _until(lambda: not _files(enfant))
    assert list(relecteur.dossier.iterdir()) == []


def _until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def _children(pid):
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _files(pid):
    """What that process has open; nothing once it has ended."""
    try:
        return list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return []


@pytest.mark.parametrize(
    ("lignes", "recu", "trouve"),
    [
        ([b'{"empechement": "lien"}'], 0, Empechement.LIEN),
        ([b'{"recu": "pdf"}', b'{"examen": {"nature": "pdf", "pages": 3, "defauts": ["script"]}}'], 0, "script"),
        ([b'{"recu": "inconnue"}', b'{"recu": "pdf"}'], signal.SIGKILL, "inacheve"),
        ([], signal.SIGALRM, Empechement.DELAI),
        ([], signal.SIGKILL, Empechement.DELAI),
        ([], signal.SIGSEGV, Empechement.MACHINE),
        ([b"", b"[]", b'{"empechement": "autre"}', b"{"], 0, Empechement.MACHINE),
        ([b'{"examen": {"nature": "pdf", "pages": "3", "defauts": []}}'], 0, Empechement.MACHINE),
    ],
)
def test_a_child_is_believed_only_when_it_speaks_our_words(lignes, recu, trouve):
    found = lire(lignes, signal_recu=recu)
    if isinstance(trouve, str) and not isinstance(trouve, Empechement):
        assert isinstance(found, Examen)
        assert found.defauts == (Defaut(trouve),)
    else:
        assert found is trouve


def test_a_machine_can_be_tried_before_it_is_needed(tmp_path):
    assert essayer(tmp_path, {})
    assert not essayer(tmp_path / "absent", {})


def test_a_child_leaves_no_module_cut_short_for_the_next(relecteur, depot, tmp_path):
    """The bound on the size of files would cut short the bytecode that Python keeps of its modules."""
    prefix = tmp_path / "bytecode"
    demande = Demande(lien="", octets=1, checksum="", dossier=str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-X", f"pycache_prefix={prefix}", "-m", "connector.pieces.enfant"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={nom: texte for nom, texte in os.environ.items() if nom != "PYTHONDONTWRITEBYTECODE"},
    ) as child:
        child.stdin.write(json.dumps(asdict(demande)).encode() + b"\n")
        child.stdin.flush()
        assert child.stdout.read() == b'{"empechement": "reseau"}\n'
    assert list(prefix.rglob("contenu*.pyc"))
    assert not list(prefix.rglob("telechargement*.pyc"))


def test_without_its_libraries_the_remedy_is_told(monkeypatch):
    exiger()
    monkeypatch.setattr(module, "find_spec", lambda nom: None if nom == "pypdf" else object())
    with pytest.raises(OperatorError) as told:
        exiger()
    assert 'pip install "ds-connector[pieces]"' in told.value.hint
    assert "[pieces] relire = true" in str(told.value)
