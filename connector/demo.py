"""The demonstration: a local Démarches simplifiées, real HTTP, a real database, three passes, and what changed.

Nothing is simulated on our side: the configuration is the example's, with a sandbox's address in it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TextIO

from connector import importations, passages, presentation, wiring
from connector.core.montants import pluriel
from connector.core.referentiels import Referentiel
from connector.core.textes import typographier
from connector.errors import OperatorError
from connector.fichiers import deposer
from connector.sandbox import monde, referentiels
from connector.sandbox.formulaire import INSTRUCTEUR_TECHNIQUE
from connector.sandbox.server import Sandbox
from connector.sandbox.world import World

JETON = "jeton-du-bac-a-sable"
ESSAI = """\
  export DS_JETON={jeton}
  connector init --demarche {demarche} --url {url} \\
    --jeton-env DS_JETON --region 24 --sortie essai.toml --oui
"""
"""The commands that make a configuration of the sandbox's own, to be copied."""
ZONES = """\
  connector import zonage demo/zonage.csv --config essai.toml \\
    --arrete "{zonage}" --date-effet {effet}
  connector import qpv demo/qpv.geojson --config essai.toml \\
    --arrete "{qpv}" --date-effet {effet}
"""
"""Those that have its zones and neighbourhoods known: without them each is « à vérifier »."""


def montrer(racine: Path, *, port: int, rester: bool, sortie: TextIO) -> int:
    """Play the demonstration in that folder and tell it in French; `rester` keeps the page open afterwards.

    The exit code: 0, or that of the pass that failed.
    """
    arret = wiring.Arret()
    arret.install()
    world = monde.monde_par_defaut(wiring.now)
    with _ouvert(Sandbox(world, port=port)) as bac:
        chemin = preparer(racine, bac, world)
        _say(sortie, f"Un Démarches simplifiées local tourne sur {bac.url} ; la configuration est dans {chemin}.")
        before = {d.number: d.state for d in world.dossiers.values()}
        code = _pass(PREMIER, chemin, bac, arret, sortie)
        if arret.wait(0):
            return _stopped(arret, sortie)
        _changes(world, before, bac, sortie)
        for title in SUIVANTS:
            code = max(code, _pass(title, chemin, bac, arret, sortie))
            if arret.wait(0):
                return _stopped(arret, sortie)
        if rester:
            _say(sortie, f"\nLes dossiers tels que l’instructeur les voit : {bac.url}/")
            _say(sortie, f"Et dans un autre terminal : connector status --config {chemin}")
            _say(sortie, "Ctrl-C pour arrêter.")
            arret.event.wait()
        else:
            _say(sortie, "\nLe bac à sable s’arrête ici ; ce qui a été lu reste dans la base :")
            _say(sortie, f"  connector status --config {chemin}")
            _say(
                sortie,
                "Pour voir aussi les dossiers tels que l’instructeur les voit, refaites la démonstration ainsi :",
            )
            _say(sortie, f"  connector demo --dossier {racine} --rester")
    return code


def servir(*, port: int, hote: str, masse: int, sortie: TextIO) -> None:
    """Serve the default world, or `masse` made-up dossiers, until asked to stop."""
    arret = wiring.Arret()
    arret.install()
    world = monde.monde_de_masse(masse, wiring.now) if masse else monde.monde_par_defaut(wiring.now)
    with _ouvert(Sandbox(world, port=port, hote=hote, controle=True)) as bac:
        _say(sortie, f"Bac à sable : {bac.endpoint} (démarche {monde.DEMARCHE}) ; page : {bac.url}/")
        _say(sortie, f"Jeton en écriture : {monde.JETON_ECRITURE}\nJeton en lecture : {monde.JETON_LECTURE}")
        _say(sortie, f"Instructeur du connecteur : {INSTRUCTEUR_TECHNIQUE.email}")
        _say(sortie, "\nPour l’essayer, dans un autre terminal :")
        sortie.write(ESSAI.format(jeton=monde.JETON_ECRITURE, demarche=monde.DEMARCHE, url=bac.endpoint))
        _say(
            sortie,
            "\nPuis son zonage et ses quartiers, que « connector demo » écrit ; sans eux, la zone est « à vérifier » :",
        )
        textes = {"zonage": referentiels.ARRETE_ZONAGE, "qpv": referentiels.ARRETE_QPV}
        sortie.write(ZONES.format(**textes, effet=referentiels.DATE_EFFET))
        _say(sortie, "\nCtrl-C pour arrêter.")
        arret.event.wait()


def preparer(racine: Path, bac: Sandbox, world: World) -> Path:
    """Write the sandbox's configuration and token in that folder, a fresh database beside them; the configuration.

    The database already knows the trial zoning and neighbourhood.
    """
    racine.mkdir(parents=True, exist_ok=True)
    for old in racine.glob("demo.sqlite*"):
        old.unlink()
    deposer(racine / JETON, monde.JETON_ECRITURE.encode())
    chemin = racine / "config.toml"
    example = wiring.folder("config.example.toml").read_text(encoding="utf-8")
    chemin.touch(mode=0o644)
    chemin.write_text(_adapted(example, racine.resolve(), bac, world), encoding="utf-8")
    _importer(racine, chemin)
    return chemin


def _importer(racine: Path, chemin: Path) -> None:
    """Import the trial zoning and neighbourhood, as « connector import » would: without them every zone is unknown."""
    with wiring.atelier(wiring.reglages(chemin)) as atelier:
        for genre, nom, contenu, arrete in (
            (Referentiel.ZONAGE, "zonage.csv", referentiels.zonage_csv(), referentiels.ARRETE_ZONAGE),
            (Referentiel.QPV, "qpv.geojson", referentiels.qpv_geojson(), referentiels.ARRETE_QPV),
        ):
            (racine / nom).write_text(contenu, encoding="utf-8")
            depuis = date.fromisoformat(referentiels.DATE_EFFET)
            commande = importations.Commande(fichier=racine / nom, referentiel=genre, arrete=arrete, date_effet=depuis)
            importations.importer(atelier.base, commande, now=wiring.now(), dire=lambda _phrase: None)


def _adapted(example: str, racine: Path, bac: Sandbox, world: World) -> str:
    """The example's text pointed at the sandbox, in mode `agir`; an example that lost one of these keys is an error."""
    service: date = monde.mise_en_service(world.now()).astimezone(wiring.FRANCE).date()
    for key, value in (
        ("url", f'"{bac.endpoint}"'),
        ("jeton", f'{{ fichier = "{racine / JETON}" }}'),
        ("chemin", f'"{racine / "demo.sqlite"}"'),
        ("mode", '"agir"'),
        ("corrections", "true"),
        ("passage_en_instruction", "true"),
        ("mise_en_service", service.isoformat()),
        ("instructeur", f'"{INSTRUCTEUR_TECHNIQUE.email}"'),
        ("numero", str(monde.DEMARCHE)),
        ("messages_par_cycle", "60"),
        ("transitions_par_cycle", "60"),
    ):
        example, changed = re.subn(rf"(?m)^(#\s*)?{key} = .*$", f"{key} = {value}", example, count=1)
        if not changed:
            raise OperatorError(
                f"config.example.toml ne contient plus « {key} » : la démonstration ne peut pas l’adapter."
            )
    return example


@contextmanager
def _ouvert(bac: Sandbox) -> Iterator[Sandbox]:
    """The sandbox, listening until the end of the block; OperatorError when it cannot listen there."""
    try:
        bac.start()
    except OSError as error:
        raise OperatorError(
            f"Le bac à sable ne peut pas écouter sur {bac.hote}, port {bac.port}.",
            hint="Ce port est peut-être déjà pris : choisissez-en un autre avec --port (0 : un port libre).",
        ) from error
    try:
        yield bac
    finally:
        bac.stop()


def _stopped(arret: wiring.Arret, sortie: TextIO) -> int:
    _say(sortie, "\nDémonstration arrêtée.")
    return arret.exit_code or 0


PREMIER = "Premier passage : lire, contrôler, annoter, demander ce qui manque, passer en instruction"
SUIVANTS = ("Deuxième passage : il relit ce qu’il vient d’écrire", "Troisième passage : plus rien ne bouge")


def _pass(title: str, chemin: Path, bac: Sandbox, arret: wiring.Arret, sortie: TextIO) -> int:
    """One pass as `connector sync` makes it, and what it cost in requests."""
    _say(sortie, f"\n{title}")
    bac.reset()
    with presentation.progress(sys.stderr) as progres, wiring.atelier(wiring.reglages(chemin), arret) as atelier:
        atelier.progres = progres
        bilans = passages.passer(atelier)
    for bilan in bilans:
        _say(sortie, f"  {bilan.rapport.text()}")
        for line in bilan.rapport.lignes_d_echecs():
            _say(sortie, f"  {line}")
    counts = bac.compteurs
    _say(
        sortie, f"  Requêtes vers DS : {pluriel(counts.lectures, 'lecture')}, {pluriel(counts.mutations, 'écriture')}."
    )
    return max((b.rapport.exit_code for b in bilans), default=0)


def _changes(world: World, before: dict[int, str], bac: Sandbox, sortie: TextIO) -> None:
    """A table of what the first pass did to each dossier, and one of its messages in full."""
    done: dict[int, list[str]] = {}
    names = {
        "dossierModifierAnnotations": "annoté",
        "dossierEnvoyerMessage": "correction demandée",
        "dossierAjouterLabel": "label posé",
        "dossierPasserEnInstruction": "passé en instruction",
    }
    for write in bac.mutations():
        if write.dossier is not None and write.operation in names:
            done.setdefault(write.dossier, []).append(names[write.operation])
    rows = [
        (
            str(number),
            presentation.ETATS[before[number]],
            presentation.ETATS[world.dossiers[number].state],
            ", ".join(dict.fromkeys(acts)),
        )
        for number, acts in sorted(done.items())
    ]
    _say(sortie, "")
    presentation.table(
        sortie, f"{len(rows)} dossiers changés", ("Dossier", "Avant", "Après", "Ce que le connecteur a fait"), rows
    )
    sent = bac.mutations("dossierEnvoyerMessage")
    if sent:
        _say(sortie, f"\nLe message envoyé à l’hôpital pour le dossier n° {sent[0].dossier} :\n")
        for line in presentation.quoted(str(sent[0].input["body"])):
            _say(sortie, f"  {line}")


def _say(sortie: TextIO, text: str) -> None:
    composed = typographier(text)
    sortie.write((presentation.folded(composed) if sortie.isatty() else composed) + "\n")
    sortie.flush()
