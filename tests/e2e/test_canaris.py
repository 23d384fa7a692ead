"""Canaries: secrets and people's own words, planted everywhere, then looked for wherever the program leaves anything.

The list of commands is the program's own: a new one has to be tried here too.
"""

from __future__ import annotations

import base64
import io
import shutil
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import click
import pytest

from connector import __main__, cli, clic, wiring
from connector.api.transport import Transport
from connector.sandbox import monde
from connector.sandbox.faults import Genre
from connector.sandbox.world import Jeton
from tests.e2e.canaris import planter
from tests.e2e.conftest import Banc
from tests.recepteurs import Boite, Courrier, boite, courrier

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's own affair

COMPLET, SANS_CV = str(monde.CAS["complet"]), str(monde.CAS["sans_cv"])

MOITIE = "CANARI-SECRET-DU-JETON"
JETON = base64.urlsafe_b64encode(f"00000000-0000-4000-8000-00000000cafe;{MOITIE}".encode()).decode()
SECRETS = (JETON, MOITIE, "CANARI-MOT-DE-PASSE", "CANARI-ALERTE", "CANARI-CANAL")

ESSAIS: dict[str, tuple[tuple[str, ...], ...]] = {
    "init": (("init", "--demarche", str(monde.DEMARCHE), "--region", "24", "--oui"),),
    "sync": (("sync", "--complet"), ("sync", "--json")),
    "plan": (("plan",), ("plan", SANS_CV, "--json")),
    "decide": (("decide",), ("decide", "liste.csv")),
    "preview": (("preview", "correction", SANS_CV), ("preview", "refus")),
    "explain": (("explain", SANS_CV), ("explain", COMPLET, "--json")),
    "rules": (("rules",),),
    "report": (
        ("report", "--sortie", "bilan.html"),
        ("report", "--commission", "--sortie", "jury.xlsx"),
        ("report", "--public", "--sortie", "public.html"),
    ),
    "status": (("status",), ("status", "--json"), ("status", "--check")),
    "doctor": (("doctor",), ("doctor", "--relire", "--json")),
    "audit": (("audit", "--entier", "--json"),),
    "retry": (("retry", "--all"),),
    "pause": (("pause", "--raison", "commission"),),
    "resume": (("resume",),),
    "import communes": (("import", "communes", "liste.csv", "--arrete", "x", "--date-effet", "2026-01-01"),),
    "import zonage": (("import", "zonage", "liste.csv", "--arrete", "x", "--date-effet", "2026-01-01"),),
    "import qpv": (("import", "qpv", "liste.csv", "--arrete", "x", "--date-effet", "2026-01-01"),),
    "import liste": (("import", "liste"),),
    "import retirer": (("import", "retirer", "99"),),
    "daemon": (("daemon", "--une-fois"),),
    "bulletin": (("bulletin", "--a", "essai@ars.exemple.fr"),),
    "alert": (("alert",), ("alert", "--essai")),
    "export-person": (("export-person", SANS_CV), ("export-person", "--cherche", "CANARI-TEXTE")),
    "journal": (("journal", "--json"),),
    "backup": (("backup", "copies"),),
    "purge": (("purge",),),
    "forget": (("forget", SANS_CV, "--oui"),),
}
"""How each command is tried, in this order: what erases comes last."""

PARLENT = ("init", "sync", "plan", "doctor", "audit", "daemon")
"""Those that speak to DS: what DS may answer is tried on them alone."""

RANGES = {"jeton", "smtp", "alertes"}
"""The files where the operator keeps the secrets."""

SANS_OBJET = {
    "demo": "its world is invented, in a folder of its own; it reads neither a configuration nor a secret",
    "sandbox": "it is the other side of the wire: invented people, and tokens that it shows on purpose",
}

PERSONNES = {
    "réponse": "CANARI-TEXTE",
    "adresse": "canari.usager",
    "message": "CANARI-MESSAGE",
    "fichier": "CANARI-FICHIER",
    "lien": "/rails/active_storage/",
}
MONTRENT = {
    "plan": {"réponse": "the agent reads what would be written, which quotes answers", "fichier": "and names pieces"},
    "preview": {"réponse": "the very message, which may quote an answer", "fichier": "or name a piece"},
    "explain": {"réponse": "each finding with the answer that it rests on", "fichier": "or the piece"},
    "export-person": {
        "réponse": "the right of access: all that is kept",
        "adresse": "the same",
        "fichier": "the same",
    },
}
"""What a command shows of people on its standard output because that is what it is for; nothing else may."""


def feuilles() -> set[str]:
    """The program's own commands."""
    return {nom for nom, c in clic.commandes(cli.principal).items() if not isinstance(c, click.Group)}


def test_every_command_of_the_program_is_tried():
    assert set(ESSAIS) | set(SANS_OBJET) == feuilles()
    assert not set(ESSAIS) & set(SANS_OBJET)


@dataclass
class Cage:
    """A bench whose secrets and people are canaries, and all that was said in it."""

    banc: Banc
    dossier: Path
    alertes: Boite
    poste: Courrier
    dit: list[tuple[tuple[str, ...], str, str]] = field(default_factory=list)

    def lance(self, *essai: str, json_too: bool = False) -> int:
        """One command at `-vvv`, as the program's entry runs it; its exit code."""
        config = () if essai[0] == "init" else ("--config", str(self.banc.chemin))
        plus = ("--url", self.banc.bac.endpoint, "--jeton-env", "CANARI_JETON", "--sortie", "neuf.toml")
        mots = ["-vvv", *(["--journal-json"] if json_too else []), *essai, *(config or plus)]
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["connector", *mots])
            with pytest.raises(SystemExit) as fini:
                __main__.main()
        self.dit.append((essai, out.getvalue(), err.getvalue()))
        return int(fini.value.code or 0)

    def tout(self) -> None:
        """Every command, told to people and to machines in turn."""
        for rang, essai in enumerate(essai for essais in ESSAIS.values() for essai in essais):
            self.lance(*essai, json_too=rang % 2 == 1)

    def fichiers(self) -> list[Path]:
        """Every file of the data folder."""
        return [f for f in sorted(self.dossier.rglob("*")) if f.is_file()]

    def fuites(self) -> list[tuple[str, str]]:
        """Where a secret is: a command's words, or a file that it left."""
        laisses = [(f.name, f.read_bytes()) for f in self.fichiers() if f.name not in RANGES]
        dits = [(" ".join(essai), (out + err).encode()) for essai, out, err in self.dit]
        return [(ou, secret) for ou, octets in [*laisses, *dits] for secret in SECRETS if secret.encode() in octets]


@pytest.fixture(scope="module")
def certificat(tmp_path_factory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody knows, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl n’est pas installé : le certificat d’essai ne peut pas être fait")
    dossier = tmp_path_factory.mktemp("tls")
    cert, cle = dossier / "cert.pem", dossier / "key.pem"
    commande = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", cle, "-out", cert, "-days", "2"]
    nom = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*commande, *nom], check=True, capture_output=True)
    return cert, cle


def contexte(certificat: tuple[Path, Path]) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*certificat)
    return made


@pytest.fixture
def cage(petit_banc, tmp_path, certificat, monkeypatch) -> Iterator[Cage]:
    """The bench, its token, its mail and its alerts; nobody waits between two tries."""
    planter(petit_banc)
    petit_banc.world.jetons.clear()
    petit_banc.world.add_jeton(Jeton(valeur=JETON))
    dossier = petit_banc.chemin.parent
    monkeypatch.chdir(dossier)
    monkeypatch.setenv("CANARI_JETON", JETON)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificat[0]))
    monkeypatch.setattr(Transport, "_dormir", lambda _self, _seconds: None)
    (dossier / "copies").mkdir(mode=0o700)
    (dossier / "liste.csv").write_text("Dossier;Décision\n1;Accepté\n", encoding="utf-8")
    with ExitStack() as pile:
        recoit = pile.enter_context(boite())
        poste = pile.enter_context(courrier(contexte(certificat)))
        poste.reponses = {"EHLO": "250-essai\r\n250 AUTH PLAIN LOGIN", "AUTH": "235 ok"}
        ranger(dossier / "smtp", "CANARI-MOT-DE-PASSE")
        ranger(dossier / "alertes", f"json://compte:CANARI-ALERTE@127.0.0.1:{recoit.port}/CANARI-CANAL")
        ranger(dossier / "jeton", JETON)
        petit_banc.reglage(
            jeton='{ variable = "CANARI_JETON" }',
            serveur='"127.0.0.1"',
            port=str(poste.port),
            chiffrement='"tls"',
            expediteur='"connecteur@ars.exemple.fr"',
            identifiant='"connecteur"',
            mot_de_passe='{ fichier = "smtp" }',
            adresses='{ fichier = "alertes" }',
            source='"fichier"',
        )
        text = petit_banc.chemin.read_text(encoding="utf-8")
        debut, section, fin = text.partition("[bulletin.destinataires]\n")
        petit_banc.chemin.write_text(f'{debut}{section}"*" = "equipe@ars.exemple.fr"\n{fin}', encoding="utf-8")
        yield Cage(petit_banc, dossier, recoit, poste)


def ranger(fichier: Path, secret: str) -> None:
    fichier.touch(mode=0o600)
    fichier.write_text(secret, encoding="utf-8")


# what was planted comes out nowhere ───────────────────────────────────────────────────────────────────────────────────


def test_no_secret_is_left_anywhere_and_people_only_where_they_must_be(cage):
    parlent = set()
    for commande, essais in ESSAIS.items():
        for rang, essai in enumerate(essais):
            avant = cage.banc.bac.compteurs.lectures
            cage.lance(*essai, json_too=rang % 2 == 1)
            parlent |= {commande} if cage.banc.bac.compteurs.lectures > avant else set()
    assert parlent == set(PARLENT)  # so that a command which begins to speak to DS is tried on its failures too
    assert cage.fuites() == []
    vus = {}
    for essai, out, err in cage.dit:
        commande = next(nom for nom, essais in ESSAIS.items() if essai in essais)
        permis = MONTRENT.get(commande, {})
        vus |= {(commande, quoi, "stderr"): essai for quoi, canari in PERSONNES.items() if canari in err}
        vus |= {(commande, quoi, "stdout"): essai for quoi, c in PERSONNES.items() if c in out and quoi not in permis}
    assert vus == {}
    gardes = b"".join(f.read_bytes() for f in cage.fichiers())
    assert PERSONNES["message"].encode() not in gardes  # digested, never kept
    assert PERSONNES["lien"].encode() not in gardes
    # the canaries were really at work: the mail left with its password, the alerts with theirs, answers were shown
    assert cage.poste.enveloppes
    assert cage.alertes.recus
    assert "CANARI-TEXTE" in next(out for essai, out, _ in cage.dit if essai[0] == "export-person")
    assert "request.answered" in next(err for essai, _, err in cage.dit if essai[0] == "sync")


def jeton_inconnu(cage: Cage) -> None:
    cage.banc.world.jetons.clear()


def jeton_expire(cage: Cage) -> None:
    cage.banc.world.jetons.clear()
    cage.banc.world.add_jeton(Jeton(valeur=JETON, expire_le=wiring.today() - timedelta(days=2)))


def autre_reseau(cage: Cage) -> None:
    cage.banc.world.jetons.clear()
    cage.banc.world.add_jeton(Jeton(valeur=JETON, reseaux=("192.0.2.0/24",)))


def panne(cage: Cage) -> None:
    cage.banc.bac.faults.ajoute(Genre.ERREUR_500, fois=None)


def json_tronque(cage: Cage) -> None:
    cage.banc.bac.faults.ajoute(Genre.JSON_TRONQUE, fois=None)


def redirection(cage: Cage) -> None:
    cage.banc.bac.faults.ajoute(Genre.REDIRECTION_301, fois=None)


@pytest.mark.parametrize(
    ("quoi", "rangement"),
    [
        (jeton_inconnu, "fichier"),
        (autre_reseau, "credential"),
        (jeton_expire, "credential"),
        (panne, "fichier"),
        (json_tronque, "credential"),
        (redirection, "fichier"),
    ],
)
def test_no_failure_of_ds_brings_a_secret_nor_a_person_out(cage, quoi, rangement, monkeypatch):
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(cage.dossier))
    cage.banc.reglage(jeton=f'{{ {rangement} = "jeton" }}')
    quoi(cage)
    essais = [essai for commande in PARLENT for essai in ESSAIS[commande][:1]]
    codes = {essai: cage.lance(*essai, json_too=rang % 2 == 0) for rang, essai in enumerate(essais)}
    assert all(codes.values()), codes
    cage.lance("status", "--json")
    assert cage.fuites() == []
    assert [c for _, out, err in cage.dit for c in PERSONNES.values() if c in out + err] == []


class _Faux(BaseHTTPRequestHandler):
    """A server that is not DS, under a certificate of its own: it keeps what it is sent."""

    recus: list[str]

    def do_POST(self) -> None:
        self.recus.append(f"{self.headers}{self.rfile.read(int(self.headers.get('Content-Length', 0)))!r}")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


HOSTILES = {
    "REQUESTS_CA_BUNDLE": "{cert}",
    "CURL_CA_BUNDLE": "{cert}",
    "SSL_CERT_FILE": "{cert}",
    "SSL_CERT_DIR": "{dossier}",
    "PYTHONHTTPSVERIFY": "0",
    "NODE_TLS_REJECT_UNAUTHORIZED": "0",
    "GIT_SSL_NO_VERIFY": "1",
}
"""Variables by which programs are told whom to trust, or to trust anybody."""


def test_a_server_that_is_not_ds_gets_no_token_whatever_the_environment_says(cage, certificat, monkeypatch):
    recus: list[str] = []
    serveur = HTTPServer(("127.0.0.1", 0), type("Faux", (_Faux,), {"recus": recus}))
    serveur.socket = contexte(certificat).wrap_socket(serveur.socket, server_side=True)
    fil = threading.Thread(target=serveur.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    fil.start()
    try:
        for nom, valeur in HOSTILES.items():
            monkeypatch.setenv(nom, valeur.format(cert=certificat[0], dossier=certificat[0].parent))
        cage.banc.reglage(url=f'"https://127.0.0.1:{serveur.server_port}/api/v2/graphql"')
        codes = {essai: cage.lance(*essai) for nom in PARLENT if nom != "init" for essai in ESSAIS[nom][:1]}
    finally:
        serveur.shutdown()
        fil.join()
        serveur.server_close()
    assert all(codes.values()), codes
    assert "certificat" in cage.dit[0][2]
    assert recus == []
    assert cage.fuites() == []


def test_a_damaged_base_brings_no_secret_nor_person_out(cage):
    cage.lance("sync")
    octets = bytearray(cage.banc.base.read_bytes())
    octets[4096 : len(octets) : 2048] = b"\x7f" * len(range(4096, len(octets), 2048))
    cage.banc.base.write_bytes(octets)
    sans = {"init", "export-person", "plan", "explain", "preview"}
    codes = [cage.lance(*essai) for nom, essais in ESSAIS.items() if nom not in sans for essai in essais[:1]]
    assert 74 in codes
    assert cage.fuites() == []
    assert [(essai, c) for essai, out, err in cage.dit for c in PERSONNES.values() if c in out + err] == []


@pytest.mark.parametrize(
    ("avant", "apres"),
    [
        ('jeton = { variable = "CANARI_JETON" }', f'jeton = "{JETON}"'),
        ('jeton = { variable = "CANARI_JETON" }', f'jeton = "{JETON}'),
        ('jeton = { variable = "CANARI_JETON" }', f'jetton = "{JETON}"'),
        ('jeton = { variable = "CANARI_JETON" }', f'jeton = {{ variable = "{JETON}" }}'),
        ('jeton = { variable = "CANARI_JETON" }', f'jeton = {{ fichier = "{JETON}" }}'),
        ('jeton = { variable = "CANARI_JETON" }', f'jeton = {{ credential = "{JETON}" }}'),
        ("[messages]", f'[messages]\ncontact = "{JETON}"'),
        ("[messages]", f'[messages]\n{JETON} = "x"'),
        ("[messages]", f"[messages] # {JETON}"),
        ('mot_de_passe = { fichier = "smtp" }', 'mot_de_passe = { variable = "CANARI-MOT-DE-PASSE" }'),
        ('mot_de_passe = { fichier = "smtp" }', 'mot_de_passe = "CANARI-MOT-DE-PASSE"'),
        ('adresses = { fichier = "alertes" }', 'adresses = ["json://a:CANARI-ALERTE@x/CANARI-CANAL"]'),
    ],
    ids=[
        "en_clair",
        "guillemet",
        "cle",
        "nom_de_variable",
        "nom_de_fichier",
        "nom_de_credential",
        "contact",
        "cle_de_messages",
        "commentaire",
        "nom_smtp",
        "smtp",
        "alertes",
    ],
)
def test_a_secret_typed_in_the_wrong_place_is_refused_and_never_repeated(cage, avant, apres):
    text = cage.banc.chemin.read_text(encoding="utf-8")
    assert avant in text
    cage.banc.chemin.write_text(text.replace(avant, apres), encoding="utf-8")
    codes = {
        essai: cage.lance(*essai) for essai in (("sync",), ("doctor",), ("status", "--json"), ("daemon", "--une-fois"))
    }
    assert codes["sync",] == codes["daemon", "--une-fois"] == 2, codes
    cage.banc.chemin.unlink()  # the operator's own file, where they typed it
    assert cage.fuites() == []


def test_a_secret_typed_as_an_argument_is_refused_and_never_repeated(cage):
    essais = [essai for essais in ESSAIS.values() for essai in essais[:1]]
    assert {cage.lance(*essai, *plus) for essai in essais for plus in ((JETON,), (f"--{JETON}",))} == {2}
    cage.banc.chemin.rename(cage.dossier / f"{JETON}.toml")
    assert cage.lance("sync", "--config", f"{JETON}.toml") == 2
    (cage.dossier / f"{JETON}.toml").unlink()  # the operator's own file, as they named it
    assert cage.fuites() == []


def test_a_defect_of_ours_is_told_by_its_place_and_never_by_its_words(cage, monkeypatch):
    def casse(*_: object, **__: object) -> None:
        raise RuntimeError(f"{JETON} canari.usager@hopital.exemple.fr") from KeyError("CANARI-TEXTE Durand")

    monkeypatch.setattr(wiring, "atelier", casse)
    commandes = [essai for nom, essais in ESSAIS.items() if nom not in {"init", "doctor"} for essai in essais[:1]]
    codes = {essai: cage.lance(*essai) for essai in commandes}
    assert set(codes.values()) <= {0, 2, 70}  # some need no base
    assert list(codes.values()).count(70) > 15
    cage.lance("daemon", "--une-fois", json_too=True)
    told = next(err for essai, _, err in cage.dit if essai[0] == "status")
    assert "c’est un défaut du connecteur" in told
    assert "KeyError" in told
    assert "test_canaris.py:" in told
    assert cage.fuites() == []
    assert [c for _, out, err in cage.dit for c in PERSONNES.values() if c in out + err] == []


def test_no_secret_is_in_what_the_machine_shows_of_the_process(cage):
    cage.banc.reglage(jeton='{ fichier = "jeton" }')
    daemon = cage.banc.start("-vvv", "daemon")
    try:
        fin = time.monotonic() + 60
        while cage.banc.bac.compteurs.lectures < 3 and time.monotonic() < fin and daemon.poll() is None:
            time.sleep(0.02)
        ici = Path(f"/proc/{daemon.pid}")
        vu = ici.joinpath("cmdline").read_bytes() + ici.joinpath("environ").read_bytes()
        enfants = [f.read_text(encoding="ascii") for f in ici.glob("task/*/children")]
    finally:
        daemon.send_signal(signal.SIGTERM)
        out, err = daemon.communicate(timeout=60)
    assert cage.banc.bac.compteurs.lectures >= 3
    assert b"daemon" in vu
    assert [secret for secret in SECRETS if secret.encode() in vu or secret in out + err] == []
    assert "".join(enfants).split() == []  # no child, hence nothing handed over to one
    assert [c for c in PERSONNES.values() if c in out + err] == []
