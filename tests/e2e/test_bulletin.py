"""The instructors' morning e-mail, from a sandbox to a local mail server; and what else the daemon does once a day."""

from __future__ import annotations

import re
import signal
from datetime import datetime, time, timedelta

import pytest

from connector import bulletins, wiring
from connector.core.calendrier import ajoute_jours_ouvres
from connector.core.constat import AvisPropose
from connector.core.incidents import Nature
from connector.daemon import tourner
from connector.sandbox.monde import CAS, DEMARCHE
from tests.recepteurs import boite, courrier

MOI, TOUS = "connecteur@ars.exemple.fr", "instructeurs@ars.exemple.fr"


@pytest.fixture
def smtp():
    with courrier() as found:
        yield found


@pytest.fixture
def reglee(petit_banc, smtp):
    """A bench whose configuration sends bulletins to that server, to one address for all groups; already read once."""
    petit_banc.reglage(
        passage_en_instruction="false",  # so that complete dossiers wait for an agent
        serveur='"127.0.0.1"',
        port=str(smtp.port),
        chiffrement='"aucun"',
        expediteur=f'"{MOI}"',
        heure='"07:30"',
    )
    text = petit_banc.chemin.read_text(encoding="utf-8")
    head, section, tail = text.partition("[bulletin.destinataires]\n")
    petit_banc.chemin.write_text(f'{head}{section}"*" = "{TOUS}"\n{tail}', encoding="utf-8")
    petit_banc.run("sync")
    return petit_banc


def ouvre(rang=1, heure=8):
    """A working day to come, in the morning, in France."""
    jour = ajoute_jours_ouvres(wiring.today(), rang)
    return datetime.combine(jour, time(heure), wiring.FRANCE)


class Matin:
    """Bulletins at an instant of one's choice, each time as after a restart."""

    def __init__(self, banc):
        self.banc, self.dits = banc, []

    def envoie(self, now):
        settings = wiring.reglages(self.banc.chemin)
        with wiring.atelier(settings) as atelier:
            return bulletins.distribuer(atelier, settings.demarches[0], now=now, dire=self.dits.append)


@pytest.fixture
def matin(reglee):
    return Matin(reglee)


def test_each_group_is_told_once_a_working_day_over_restarts_and_only_numbers_and_links(matin, smtp, reglee):
    assert matin.envoie(ouvre(heure=7)).pannes == ()
    assert smtp.recus == []
    vu = matin.envoie(ouvre())
    assert Nature.BULLETIN in vu.absentes
    (recu,) = smtp.recus
    assert smtp.enveloppes == [[TOUS]]
    assert recu["Subject"].startswith(f"Démarche {DEMARCHE}")
    body = recu.get_content()
    assert f"/procedures/{DEMARCHE}/dossiers/" in body
    assert set(map(int, re.findall(r"/dossiers/(\d+)", body))) <= set(CAS.values())
    typed = [v.valeur for d in reglee.world.dossiers.values() for v in d.lit()[0].values() if isinstance(v.valeur, str)]
    assert not [text for text in typed if len(text) > 4 and text in body and text not in list(AvisPropose)]
    assert len(matin.dits) == 1
    for later in (ouvre(heure=9), ouvre(heure=19), ouvre() + timedelta(minutes=1)):
        matin.envoie(later)
    assert len(smtp.recus) == 1


def test_what_became_complete_since_the_last_one_is_told_and_not_again(matin, smtp, reglee):
    settings = wiring.reglages(reglee.chemin)
    with wiring.atelier(settings) as atelier:
        avant = bulletins.Suivi(jusqu_a=wiring.now() - timedelta(days=400))
        for groupe in bulletins._servis(atelier, atelier.base.dossiers.saved_demarche(DEMARCHE)):
            bulletins._noter(atelier, settings.demarches[0], groupe, avant, now=wiring.now())
    matin.envoie(ouvre())
    texte = smtp.recus[0].get_content()
    assert "Devenus complets" in texte
    assert str(CAS["complet"]) in texte
    matin.envoie(ouvre(2))
    assert not [r for r in smtp.recus[1:] if "Devenus complets" in r.get_content()]


def test_a_mail_server_that_is_down_is_tried_again_and_the_message_goes_once(matin, smtp):
    smtp.reponses = {"BONJOUR": "421 plus tard"}
    for minute in (0, 10, 20):
        (panne,) = matin.envoie(ouvre() + timedelta(minutes=minute)).pannes
        assert panne.nature is Nature.BULLETIN
    smtp.reponses = {}
    for minute in (30, 40):
        assert matin.envoie(ouvre() + timedelta(minutes=minute)).pannes == ()
    assert len(smtp.recus) == 1


@pytest.mark.parametrize("reponses", [{"FIN": ""}, {"MAIL": "553 non"}])
def test_a_message_that_may_have_left_or_cannot_leave_waits_for_the_next_day_and_nothing_is_lost(matin, smtp, reponses):
    smtp.reponses = reponses
    assert len(matin.envoie(ouvre()).pannes) == 1
    smtp.reponses = {}
    assert matin.envoie(ouvre(heure=9)).pannes == ()
    assert smtp.recus == []
    matin.envoie(ouvre(2))
    assert len(smtp.recus) == 1


def test_nothing_leaves_when_there_is_nothing_to_say(matin, smtp, reglee):
    with reglee.world.lock:
        for dossier in reglee.world.dossiers.values():
            dossier.archived = True
            reglee.world.touch(dossier)
    reglee.run("sync")
    assert matin.envoie(ouvre()).pannes == ()
    assert (smtp.recus, matin.dits) == ([], [])
    assert "Rien à dire au groupe" in reglee.run("bulletin").stderr


def test_before_the_first_pass_or_without_recipients_nothing_is_said(petit_banc, smtp):
    matin = Matin(petit_banc)
    assert matin.envoie(ouvre()).pannes == ()
    assert "Aucun destinataire" in petit_banc.run("bulletin").stderr
    assert smtp.recus == []


def test_the_bulletin_is_shown_and_tried_without_being_marked_as_sent(matin, smtp, reglee):
    shown = reglee.run("bulletin")
    assert "Objet : Démarche" in shown.stdout.replace("\u00a0", " ")
    assert "Rien n’a été envoyé." in shown.stderr
    reglee.run("bulletin", "--demarche", str(DEMARCHE), "--a", "moi@ars.exemple.fr")
    assert smtp.enveloppes == [["moi@ars.exemple.fr"]]
    matin.envoie(ouvre())
    assert smtp.enveloppes[1:] == [[TOUS]]


def test_a_group_that_ds_has_not_is_named(reglee):
    text = reglee.chemin.read_text(encoding="utf-8").replace(f'"*" = "{TOUS}"', '"Lune" = ["a@ars.exemple.fr"]')
    reglee.chemin.write_text(text, encoding="utf-8")
    assert "n’a pas de groupe «\u00a0Lune\u00a0»" in reglee.run("bulletin").stderr


# with the daemon


@pytest.fixture
def tour(reglee, monkeypatch):
    """One turn of the daemon at an instant of one's choice: what it said."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def run(now):
        monkeypatch.setattr(wiring, "now", lambda: now.astimezone(wiring.UTC))
        said = []
        assert tourner(reglee.chemin, said.append, une_fois=True) == 0
        return said

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_daemon_sends_the_bulletin_and_erases_what_has_had_its_time_once_a_day(tour, smtp, reglee):
    said = tour(ouvre())
    assert any("Bulletin envoyé au groupe" in line for line in said), said
    assert len(smtp.recus) == 1
    assert not any("Bulletin" in line for line in tour(ouvre(heure=9)))
    assert len(smtp.recus) == 1
    number = CAS["suivi_manuel"]
    with reglee.world.lock:
        reglee.world.remove_dossier(reglee.world.dossiers[number])
    un_an = ouvre() + timedelta(days=400)
    tour(un_an)
    erased = tour(un_an + timedelta(days=40))
    assert any("Dossiers effacés" in line for line in erased)
    assert "Dossiers effacés" not in " ".join(tour(un_an + timedelta(days=40, hours=1)))


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_the_alert_command_shows_incidents_and_tries_the_addresses(petit_banc):
    petit_banc.reglage(messages_par_cycle="0")
    assert "Aucun incident en cours." in petit_banc.run("alert").stdout
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    tourner(petit_banc.chemin, lambda _: None, une_fois=True)
    for number, handler in before.items():
        signal.signal(number, handler)
    shown = petit_banc.run("alert").stdout
    assert shown.startswith(f"le frein a tout retenu, démarche {DEMARCHE}, depuis le ")
    assert "pas encore annoncé" in shown
    assert "Aucune adresse" in petit_banc.run("alert", "--essai", check=2).stderr
    with boite() as http:
        (petit_banc.chemin.parent / "alertes").write_text(f"{http.adresse}\njson://127.0.0.1:9/rien\n")
        (petit_banc.chemin.parent / "alertes").chmod(0o600)
        petit_banc.reglage(adresses='{ fichier = "alertes" }')
        tried = petit_banc.run("alert", "--essai", check=1).stdout
        assert len(http.recus) == 1
    assert (
        tried
        == "Adresse n°\u00a01\u00a0: message pris.\nAdresse n°\u00a02\u00a0: message refusé, ou adresse injoignable.\n"
    )
