"""The process dies, or the machine does, while the store writes: what is found again is a prefix of the commits."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connector import store
from tests.unit.store.fabrique import DEMARCHE, NOW

ROOT = Path(__file__).parents[2]
PAS = 40
"""Steps written before the power is cut."""

# Step 2k stores dossiers 2k+1 and 2k+2 with their watermark, step 2k+1 opens the intent k: one commit each.
WRITER = """
import itertools, os, pathlib, signal, sys
sys.path.insert(0, sys.argv[1])
from connector import store
from tests.unit.store.fabrique import DEMARCHE, NOW, fiche, filigrane, intention

def step(base, n):
    if n % 2:
        assert base.ledger.open(intention(str(n // 2)), now=NOW)
        return
    fiches = (fiche(n + 1), fiche(n + 2))
    base.dossiers.save_page(DEMARCHE, fiches=fiches, trous=(), supprimes=(), watermark=filigrane(str(n)), now=NOW)

with store.ouvrir(pathlib.Path(sys.argv[2])) as base:
    first, last = int(sys.argv[3]), int(sys.argv[4])
    if last:
        base.connexion.rows("PRAGMA wal_autocheckpoint = 0")
    for n in itertools.count(first):
        if last and n == last:
            os.kill(os.getpid(), signal.SIGKILL)
        step(base, n)
        os.write(1, b"%d\\n" % n)
"""


def writer(path, first, last=0):
    """A process that writes step after step, says each one once it is done, and dies before step `last`."""
    command = [sys.executable, "-c", WRITER, str(ROOT), str(path), str(first), str(last)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def steps_found(base):
    """How many steps the database holds, having checked that they are the first ones, whole, and nothing else."""
    watermark = base.dossiers.watermark(DEMARCHE)
    pages = 0 if watermark is None else int(watermark.cursor) // 2 + 1
    numbers = [f.dossier.number for f, _ in base.dossiers.all(DEMARCHE)]
    assert numbers == list(range(1, 2 * pages + 1))
    intents = [int(i.fingerprint) for i in base.ledger.unsettled(DEMARCHE)]
    assert intents == list(range(len(intents)))
    assert [int(e.fingerprint) for e in base.ledger.journal(NOW)] == intents
    assert pages - len(intents) in {0, 1}
    return pages + len(intents)


def reopened(path):
    """How many steps a database holds after its accident; it is sound, and writable again."""
    with store.ouvrir(path) as base:
        found = steps_found(base)
        assert base.damages() == ()
        base.reglages.put("vivante", "oui", now=NOW)
    return found


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """A database and its WAL as a power cut leaves them after `PAS` commits, none of them folded into the file."""
    path = tmp_path_factory.mktemp("coupure") / "base.db"
    with writer(path, 0, PAS) as process:
        assert process.stdout.read().split()[-1] == b"%d" % (PAS - 1)
    assert process.returncode == -signal.SIGKILL
    return path


def beside(path, end):
    return path.with_name(f"{path.name}{end}")


def copied(cut, folder, *, wal):
    """The database after its accident with that WAL."""
    path = folder / "base.db"
    for end in ("-wal", "-shm"):
        beside(path, end).unlink(missing_ok=True)
    shutil.copy(cut, path)
    beside(path, "-wal").write_bytes(wal)
    return path


def test_after_a_power_cut_every_commit_is_there(cut, tmp_path):
    path = copied(cut, tmp_path, wal=beside(cut, "-wal").read_bytes())
    assert reopened(path) == PAS


def test_the_index_left_by_the_dead_process_is_not_trusted(cut, tmp_path):
    path = copied(cut, tmp_path, wal=beside(cut, "-wal").read_bytes())
    shutil.copy(beside(cut, "-shm"), beside(path, "-shm"))
    assert reopened(path) == PAS


def test_a_wal_truncated_anywhere_leaves_a_prefix_of_the_commits(cut, tmp_path):
    wal = beside(cut, "-wal").read_bytes()
    frame, head = 24 + 4096, 32
    dice = random.Random(3)
    frames = [head + n * frame for n in range((len(wal) - head) // frame + 1)]
    ends = {0, 1, 31, *dice.sample(frames, 40), *(dice.randrange(len(wal)) for _ in range(80)), len(wal)}
    ends |= {end + d for end in dice.sample(frames, 10) for d in (-1, 1, 24) if 0 <= end + d <= len(wal)}
    found = [reopened(copied(cut, tmp_path, wal=wal[:end])) for end in sorted(ends)]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (0, PAS)
    assert len(set(found)) > 20


def test_a_wal_with_a_changed_byte_leaves_a_prefix_of_the_commits(cut, tmp_path):
    wal = beside(cut, "-wal").read_bytes()
    dice = random.Random(4)
    found = set()
    for _ in range(80):
        at = dice.randrange(len(wal))
        found.add(reopened(copied(cut, tmp_path, wal=wal[:at] + bytes([wal[at] ^ 0x10]) + wal[at + 1 :])))
    assert len(found) > 10
    assert max(found) <= PAS


def test_a_wal_that_vanished_leaves_the_file_as_last_folded(cut, tmp_path):
    path = copied(cut, tmp_path, wal=b"")
    beside(path, "-wal").unlink()
    assert reopened(path) == 0


def test_a_process_killed_again_and_again_while_it_commits_loses_nothing_it_said_was_done(tmp_path):
    path = tmp_path / "base.db"
    dice = random.Random(11)
    done = 0
    for _ in range(12):
        with writer(path, done) as process:
            said = [int(process.stdout.readline()) for _ in range(dice.randint(1, 12))]
            time.sleep(dice.random() / 100)
            process.kill()
            said += [int(line) for line in process.stdout.read().split()]
        assert said == list(range(done, said[-1] + 1))
        found = reopened(path)
        assert found - (said[-1] + 1) in {0, 1}
        done = found
    assert done > 50
