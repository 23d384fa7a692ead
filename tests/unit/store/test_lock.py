from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time

import pytest
from filelock import FileLock

from connector import store
from connector.errors import AlreadyRunning, StoreError

HOLD = """
import sys, time, pathlib
from connector import store
with store.verrou(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other_process(path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_lock_is_a_private_file_beside_the_database(path):
    with store.verrou(path) as where:
        assert where == path.with_name("base.db.lock")
        assert stat.S_IMODE(where.stat().st_mode) == 0o600


def test_a_second_process_is_told_which_file_is_held(path, other_process):
    with pytest.raises(AlreadyRunning, match=r"base\.db\.lock") as caught, store.verrou(path):
        pass
    assert caught.value.exit_code == 75
    assert "arrêtez le service" in caught.value.hint


def test_two_names_of_one_database_are_one_lock(path, other_process):
    link = path.with_name("lien.db")
    link.symlink_to(path)
    with pytest.raises(AlreadyRunning), store.verrou(link):
        pass


def test_the_lock_of_a_killed_process_is_free(path, other_process):
    other_process.send_signal(signal.SIGKILL)
    other_process.wait()
    with store.verrou(path):
        pass


def test_the_lock_is_free_again_after_an_error(path):
    with pytest.raises(ZeroDivisionError), store.verrou(path):
        raise ZeroDivisionError
    with store.verrou(path):
        pass


def test_a_refusal_is_immediate(path, other_process):
    begin = time.monotonic()
    with pytest.raises(AlreadyRunning), store.verrou(path):
        pass
    assert time.monotonic() - begin < 2


def test_a_disk_that_cannot_lock_is_refused(path, monkeypatch):
    def unsupported(self, **_):
        raise NotImplementedError("flock")

    monkeypatch.setattr(FileLock, "acquire", unsupported)
    with pytest.raises(StoreError, match="ne sait pas verrouiller"), store.verrou(path):
        pass


def test_a_folder_in_the_place_of_the_lock_is_refused(path):
    path.parent.mkdir()
    path.with_name("base.db.lock").mkdir()
    with pytest.raises(StoreError, match="inutilisable"), store.verrou(path):
        pass
