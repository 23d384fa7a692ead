from __future__ import annotations

import socket
from contextlib import suppress

import pytest

from connector.systemd import Notificateur
from tests.recepteurs import prise

PID = 4242


def test_without_a_manager_nothing_is_said_and_nothing_fails():
    seul = Notificateur({}, PID)
    seul.pret()
    assert seul.chien_de_garde is None


def test_what_is_said_is_heard(tmp_path):
    with prise(tmp_path / "n") as recus:
        systemd = Notificateur({"NOTIFY_SOCKET": str(tmp_path / "n")}, PID)
        systemd.pret()
        systemd.etat("Passage en\ncours,\u00a0enfin.")
        systemd.vivant()
        systemd.arret()
    assert recus == ["READY=1", "STATUS=Passage en cours, enfin.", "WATCHDOG=1", "STOPPING=1"]


def test_an_abstract_socket_is_one_too():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ouverte:
        ouverte.bind("\0connecteur-essai")
        Notificateur({"NOTIFY_SOCKET": "@connecteur-essai"}, PID).pret()
        assert ouverte.recv(100) == b"READY=1"


def test_a_manager_that_is_gone_or_does_not_listen_holds_nothing_up(tmp_path):
    Notificateur({"NOTIFY_SOCKET": str(tmp_path / "absente")}, PID).pret()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sourde:
        sourde.bind(str(tmp_path / "n"))
        systemd = Notificateur({"NOTIFY_SOCKET": str(tmp_path / "n")}, PID)
        sent = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sent.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                sent.sendto(b"plein", str(tmp_path / "n"))
        sent.close()
        systemd.vivant()


@pytest.mark.parametrize(
    ("environ", "secondes"),
    [
        ({"WATCHDOG_USEC": "300000000"}, 300),
        ({"WATCHDOG_USEC": "300000000", "WATCHDOG_PID": str(PID)}, 300),
        ({"WATCHDOG_USEC": "300000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "bientôt"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_ours_only_when_it_says_so(environ, secondes):
    assert Notificateur(environ, PID).chien_de_garde == secondes
