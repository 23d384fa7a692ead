"""What the operator and the machine hand over: the file, the command line, secrets, what systemd says."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from pathlib import Path

import click
import hypothesis.strategies as st
from click.testing import CliRunner
from hypothesis.strategies import DrawFn

from connector import cli, clic, config, systemd
from connector.alertes import Canaux
from connector.config.sections import AdressesDAlerte, Jeton
from tests.fuzz.harnais import RACINE, TEXTES, Cible, octets_alteres

EXEMPLE = (RACINE / "config.example.toml").read_bytes()
VALABLE = EXEMPLE.replace(b"numero = 0", b"numero = 123456")


def lire_fichier(entree: bytes) -> None:
    """The bytes of a configuration."""
    with tempfile.TemporaryDirectory() as dossier:
        chemin = Path(dossier) / "config.toml"
        chemin.write_bytes(entree)
        config.load(chemin, {})


MORCEAUX = st.sampled_from(
    [
        *(b"= ", b"[[", b"]]", b"{", b"}", b'"""', b"'''", b"\\u0000", b"\\U00110000", b"#", b"\r", b"\xef\xbb\xbf"),
        *(b"1979-05-27T07:32:00Z", b"07:32:00", b"9999-12-31", b"0001-01-01", b"1e400", b"-nan", b"inf", b"0x7f"),
        *(b"9" * 5_000, b"[" * 2_000, b"{a=" * 500, b"a." * 2_000, b"${HOME}", b"~/x", b"$", b"true", b'["a", "b"]'),
    ]
)


@st.composite
def lignes_alterees(draw: DrawFn) -> bytes:
    """The example with some of its lines changed: their values, their keys, their order."""
    lignes = VALABLE.split(b"\n")
    utiles = [rang for rang, ligne in enumerate(lignes) if b"=" in ligne or ligne.startswith(b"[")]
    for _ in range(draw(st.integers(1, 4))):
        rang = draw(st.sampled_from(utiles))
        cle, egal, valeur = lignes[rang].lstrip(b"# ").partition(b"= ")
        texte = draw(TEXTES).encode("utf-8", "replace")
        lignes[rang] = draw(
            st.sampled_from(
                [
                    cle + egal + draw(MORCEAUX),
                    cle + egal + b'"' + texte.replace(b'"', b"") + b'"',
                    cle + egal + valeur + draw(MORCEAUX),
                    cle + egal + valeur,
                    texte + egal + valeur,
                    cle + b".x " + egal + valeur,
                    lignes[rang] + b"\n" + lignes[draw(st.sampled_from(utiles))],
                    b"",
                ]
            )
        )
    return b"\n".join(lignes)


# -- the command line -------------------------------------------------------------------------------------------------

COMMANDES = clic.commandes(cli.principal)
SANS_CONFIG = {"demo", "sandbox", "init"}
"""They start servers or ask questions: their arguments are parsed, and nothing is run."""


def lire_arguments(entree: bytes) -> None:
    """The arguments of one call, a JSON list: parsed, then run where there is no configuration to go further."""
    try:
        mots = json.loads(entree)
    except ValueError:
        return
    if not isinstance(mots, list) or not all(isinstance(mot, str) for mot in mots):
        return
    mots = [os.fsdecode(mot.encode(errors="surrogatepass")) for mot in mots]  # as a system hands those bytes over
    with tempfile.TemporaryDirectory() as dossier, contextlib.chdir(dossier):
        if SANS_CONFIG & set(mots):
            with contextlib.suppress(click.exceptions.Exit, click.ClickException):
                _analyse(mots)
            return
        dits = io.StringIO()
        with contextlib.redirect_stdout(dits), contextlib.redirect_stderr(dits):
            code = cli.execute(mots)
        assert code in {0, 1, 2, 130}, (code, mots)
        assert "Traceback" not in dits.getvalue()


def _analyse(mots: list[str]) -> None:
    contexte: click.Context | None = None
    commande: click.Command = cli.principal
    with CliRunner().isolation():
        while True:
            contexte = commande.make_context(mots[0] if mots else "connector", mots, parent=contexte)
            if not isinstance(commande, click.Group):
                return
            _, suivante, mots = commande.resolve_command(contexte, [*contexte._protected_args, *contexte.args])
            if suivante is None:
                return
            commande = suivante


OPTIONS = sorted({nom for commande in COMMANDES.values() for p in commande.params for nom in p.opts})
MOTS = st.one_of(
    st.sampled_from(
        [*OPTIONS, "--", "-", "-vvv", "--config=x", "config.toml", "absent.toml", ".", "/dev/null", "1", "0"]
    ),
    TEXTES.filter(lambda texte: len(texte) < 5_000 and "\0" not in texte),  # no system hands a NUL over
    st.integers().map(str),
)
ARGUMENTS = st.tuples(
    st.lists(st.sampled_from(["-v", "-vvv", "--journal-json", "-V", "-h", "-x"]), max_size=1),
    st.sampled_from([nom.split() for nom in COMMANDES]),
    st.lists(MOTS, max_size=5),
).map(lambda parts: json.dumps([mot for part in parts for mot in part]).encode())


# -- what the machine says --------------------------------------------------------------------------------------------


def lire_environnement(entree: bytes) -> None:
    """A JSON object of environment variables, « fichier » being the text of a credential."""
    try:
        environ = json.loads(entree)
    except ValueError:
        return
    if not isinstance(environ, dict) or not all(isinstance(valeur, str) for valeur in environ.values()):
        return
    notificateur = systemd.Notificateur(environ, 1)
    notificateur.pret()
    notificateur.etat(environ.get("phrase", ""))
    with tempfile.TemporaryDirectory() as dossier:
        depose = Path(dossier) / "jeton"
        depose.touch(mode=0o600)
        depose.write_bytes(environ.get("fichier", "").encode("utf-8", "surrogatepass"))
        environ.setdefault("CREDENTIALS_DIRECTORY", dossier)
        for secret in (Jeton(variable="DS_JETON"), Jeton.model_construct(fichier=depose), Jeton(credential="jeton")):
            with contextlib.suppress(config.ConfigError):
                assert secret.lire(environ).isascii()
        for secret in (AdressesDAlerte(variable="DS_JETON"), AdressesDAlerte.model_construct(fichier=depose)):
            with contextlib.suppress(config.ConfigError, cli.OperatorError):
                Canaux(secret.lire(environ))


ENVIRONNEMENT = st.fixed_dictionaries(
    {},
    optional={
        nom: TEXTES
        | st.sampled_from(
            ["1", "30000000", "@abstrait", "/absent", "\x00", "mailto://a:b@c", "json://", "x://[", "9" * 5_000]
        )
        for nom in (
            "NOTIFY_SOCKET",
            "WATCHDOG_USEC",
            "WATCHDOG_PID",
            "DS_JETON",
            "CREDENTIALS_DIRECTORY",
            "fichier",
            "phrase",
        )
    },
).map(lambda environ: json.dumps(environ).encode())


CIBLES = (
    Cible(nom="fichier", entrees=lignes_alterees() | octets_alteres([VALABLE, EXEMPLE[:3_000]]), lire=lire_fichier),
    Cible(nom="arguments", entrees=ARGUMENTS, lire=lire_arguments),
    Cible(nom="environnement", entrees=ENVIRONNEMENT, lire=lire_environnement),
)
