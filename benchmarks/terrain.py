"""Where the measures take place: dossiers recorded from the sandbox as templates, and the product's configurations.

A dossier has forty champs, twenty annotations and a place of work, and weighs 24 kB in a page. What differs between
two real ones (numbers, ids, names, dates, instants, addresses) is a slot of its template, filled by `rejeu.py`.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count, cycle
from pathlib import Path
from typing import Any

import requests
from graphql import REMOVE, InlineFragmentNode, Visitor, VisitorAction, parse, print_ast, visit

from connector import demo, wiring
from connector.api.documents import document
from connector.sandbox import formulaire, monde
from connector.sandbox.lieux import STRUCTURES
from connector.sandbox.server import Sandbox
from connector.sandbox.world import NON_SAISIS, Commune, Contenu, Descripteur, Valeur, World

MODELES = 200
"""Dossiers recorded: every hospital, place of work and speciality of the sandbox together."""

POIDS = 24_000
"""Bytes of one dossier in a page, as real ones of forty champs and twenty annotations."""

EN_PLUS = (
    Descripteur(stable_id=5_101, type="text", label="Chef du service d'accueil"),
    Descripteur(stable_id=5_102, type="phone", label="Téléphone du service"),
    Descripteur(stable_id=5_103, type="communes", label="Commune de résidence du candidat"),
    Descripteur(stable_id=5_104, type="date", label="Date d'obtention du DES"),
    Descripteur(stable_id=5_105, type="date", label="Date d'inscription à l'Ordre"),
    Descripteur(stable_id=5_106, type="integer_number", label="Lits du service"),
    Descripteur(stable_id=5_107, type="decimal_number", label="Équivalents temps plein du service"),
    Descripteur(stable_id=5_108, type="text", label="Maître de stage"),
    Descripteur(stable_id=5_109, type="textarea", label="Résumé du projet"),
    Descripteur(stable_id=5_110, type="textarea", label="Organisation du temps de travail"),
)
"""Ten champs that the configuration does not map: with the form's own, a dossier shows forty."""

ECARTEES = {"Note du projet"}
"""Annotations left out, with the titles: twenty remain."""

PHRASE = "Le médecin partage sa semaine entre l'hôpital et la maison de santé, où il assure consultations et avis. "

CASES = {
    "«nom»": "%(nom)s",
    "«prenom»": "%(prenom)s",
    "«rpps»": "%(rpps)s",
    "«commune»": "%(commune)s",
    "«insee»": "%(insee)s",
    "«postal»": "%(postal)s",
    "«voie»": "%(voie)d",
    "2001-01-01": "%(jour1)s",
    "01 janvier 2001": "%(long1)s",
    "2002-02-02": "%(jour2)s",
    "02 février 2002": "%(long2)s",
    "777001": "%(entier)d",
    "777.25": "%(entier)d.25",
}
"""What stands in a recorded dossier for what differs between two of them, and the slot put in its place."""

SANS_DATE = "«instant»"
"""What stands for the instant of an answer that shows none."""

INSTANTS = 8
"""How many instants a dossier has, one after the other over its champs."""

PARMI = len(formulaire.SPECIALITES)
"""How many specialities the dossiers have, as many of each."""

CONTROLES = ("pet", "cout", "quota", "postes", "regles")
"""The sections of the configuration that judge and count: without them, dossiers are read, stored and left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """The recorded dossiers, the request of a page, and the configurations: with checks and without."""

    racine: Path
    gabarit: Path
    requete: Path
    avec: Path
    sans: Path


def prepare(racine: Path, pair: Path | None) -> Terrain:
    """Record the dossiers, and what the peer's own requests answer when its interpreter is given."""
    world = _monde()
    with Sandbox(world, limite=1_000_000) as bac:
        avec, sans = (demo.preparer(racine / name, bac, world) for name in ("avec", "sans"))
        recorded = _record(bac, world)
        if pair is not None:
            _record_peer(bac, world, pair, recorded)
    texte = _observe(avec)
    avec.write_text(texte, encoding="utf-8")
    sans.write_text(_without_checks(_observe(sans)), encoding="utf-8")
    gabarit, requete = racine / "gabarit.json", racine / "requete.json"
    gabarit.write_text(json.dumps(recorded, ensure_ascii=False), encoding="utf-8")
    requete.write_text(json.dumps(_body("Page", _page())), encoding="utf-8")
    return Terrain(racine=racine, gabarit=gabarit, requete=requete, avec=avec, sans=sans)


# the dossiers ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _monde() -> World:
    """The sandbox's own dossiers, with a form of forty champs and twenty annotations."""
    world = monde.monde_de_masse(MODELES, wiring.now)
    demarche = world.demarches[monde.DEMARCHE]
    privees = formulaire.annotations_privees(conseillees=False)
    gardees = tuple(a for a in privees if a.type not in NON_SAISIS and a.label not in ECARTEES)
    demarche.revisions = [replace(r, champs=(*r.champs, *EN_PLUS), annotations=gardees) for r in demarche.revisions]
    contenus = Contenus(world)
    for dossier in world.dossiers.values():
        dossier.genere = contenus
    contenus.complete(world)
    return world


class Contenus:
    """The content of a dossier: the sandbox's, what differs between two dossiers put in slots, and ten champs more."""

    def __init__(self, world: World) -> None:
        dossier = next(iter(world.dossiers.values()))
        assert dossier.genere is not None
        self._base, self._at = dossier.genere, dossier.created_at
        self._ids = {d.label: d.stable_id for d in world.demarches[monde.DEMARCHE].revision_active.par_id.values()}
        self._long = 0

    def __call__(self, numero: int) -> Contenu:
        """The values and rows of that dossier."""
        valeurs, lignes = self._base(numero)
        ((rang,),) = lignes.values()
        structure = STRUCTURES[numero % len(STRUCTURES)]
        site = replace(structure, voie=f"«voie» {structure.voie}").ligne(str(2 + numero % 4))
        propres = {(label, ""): v for label, v in self._saisies().items()} | {
            (label, rang): v for label, v in site.items()
        }
        return valeurs | {
            (self._ids[k], r): Valeur(valeur=v, updated_at=self._at) for (k, r), v in propres.items()
        }, lignes

    def _saisies(self) -> dict[str, Any]:
        texte = (PHRASE * (1 + self._long // len(PHRASE)))[: self._long]
        return {
            "Nom du candidat": "«nom»",
            "Prénom du candidat": "«prenom»",
            "N° RPPS": "«rpps»",
            "Chef du service d'accueil": "Dr «nom»",
            "Téléphone du service": "02 99 «rpps»",
            "Commune de résidence du candidat": Commune(name="«commune»", code="«insee»", postal_code="«postal»"),
            "Date d'obtention du DES": date(2001, 1, 1),
            "Date d'inscription à l'Ordre": date(2002, 2, 2),
            "Lits du service": 777_001,
            "Équivalents temps plein du service": Decimal("777.25"),
            "Maître de stage": "Pr «nom»",
            "Résumé du projet": f"Projet du Dr «nom». {texte}",
            "Organisation du temps de travail": f"Semaine du Dr «nom». {texte}",
        }

    def complete(self, world: World) -> None:
        """Lengthen the texts, each shown twice, until a dossier weighs what real ones weigh."""
        with Sandbox(world) as bac:
            node = _ask(bac, _body("Page", _page() | {"first": 1}))["data"]["demarche"]["dossiers"]["nodes"][0]
        self._long = (POIDS - len(_json(node).encode())) // 4


def _page() -> dict[str, object]:
    depuis = "1970-01-01T00:00:00+00:00"
    page = {"demarche": monde.DEMARCHE, "first": 100, "after": None, "updatedSince": depuis}
    return page | {"suppressions": True, "deletedSince": depuis}


# the recording ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _record(bac: Sandbox, world: World) -> dict[str, Any]:
    """Answers by operation, and the templates of the dossiers."""
    form = _ask(bac, _body("Demarche", {"number": monde.DEMARCHE}))
    nodes: list[dict[str, Any]] = []
    page = _page()
    while len(nodes) < MODELES:
        answer = _ask(bac, _body("Page", page))
        demarche = answer["data"]["demarche"]
        nodes += demarche["dossiers"]["nodes"]
        page["after"] = demarche["dossiers"]["pageInfo"]["endCursor"]
    demarche["dossiers"] = {"nodes": ["@dossiers@"], "pageInfo": "@suite@"}
    demarche["dernier"] = {"nodes": ["@dernier@"]}
    assert {(len(n["champs"]), len(n["annotations"])) for n in nodes} == {(40, 20)}
    instants = {n["number"]: n["dateDerniereModification"] for n in nodes}
    assert set(instants) == set(world.dossiers)
    return {
        "reponses": {"Demarche": _json(form), "Page": _json(answer)},
        "dossiers": [_template(n, n["number"], instants[n["number"]]) for n in nodes],
    }


def _record_peer(bac: Sandbox, world: World, pair: Path, recorded: dict[str, Any]) -> None:
    """What demarches-simpy's own requests answer: its list, a dossier with its fields, and one typed value."""
    where = "import demarches_simpy; print(demarches_simpy.__path__[0])"
    package = subprocess.run([pair, "-c", where], check=True, capture_output=True, text=True).stdout.strip()
    queries = {
        name: _without_maps((Path(package) / "query" / f"{name}.graphql").read_text(encoding="utf-8"))
        for name in ("demarche", "dossier_data", "fields")
    }
    answer = _ask(bac, {"query": queries["demarche"], "variables": {"demarcheNumber": monde.DEMARCHE}})
    first = answer["data"]["demarche"]["dossiers"]["nodes"][0]
    answer["data"]["demarche"]["dossiers"] = {"nodes": ["@dossiers@"], "pageInfo": "@suite@"}
    recorded["reponses"]["getDemarche"] = _json(answer)
    recorded["liste"] = _template(first, first["number"], SANS_DATE)
    parts = {"includeFields": True, "includeAnnotations": True}
    recorded["entiers"] = []
    for number, dossier in world.dossiers.items():
        asked = {"query": queries["dossier_data"], "variables": {"dossierNumber": number} | parts}
        answer = _ask(bac, asked)
        recorded["entiers"].append(_template(answer, number, _as_ds(dossier.updated_at)))
    recorded["champs"] = {}
    for champ in answer["data"]["dossier"]["champs"]:
        asked = {"query": queries["fields"], "variables": {"dossierNumber": number, "champId": champ["id"]}}
        recorded["champs"][champ["id"]] = _template(_ask(bac, asked), number, _as_ds(dossier.updated_at))


def _without_maps(query: str) -> str:
    """The same request for a sandbox whose schema has no map, nor our form any."""
    return print_ast(visit(parse(query), _Cartes()))


class _Cartes(Visitor):
    def enter_inline_fragment(self, node: InlineFragmentNode, *_: object) -> VisitorAction:
        return REMOVE if node.type_condition.name.value == "CarteChamp" else None


def _as_ds(instant: datetime) -> str:
    return instant.astimezone(wiring.FRANCE).isoformat(timespec="seconds")


def _template(node: dict[str, Any], number: int, instant: str) -> str:
    """The JSON of that answer as a format, its slots in place of what differs between two dossiers."""
    texte = _json(node).replace("%", "%%")
    for said, slot in CASES.items():
        texte = texte.replace(said, slot)
    texte = re.sub(r"\[(-?\d+\.\d+),(-?\d+\.\d+)\]", r"[\1%(deux)s,\2%(deux)s]", texte)
    texte = re.sub(r'"[A-Za-z0-9+/]{12,}=*"', lambda found: _id(found[0], number), texte)
    texte = texte.replace(str(number), "%(numero)d").replace(instant, "%(t0)s")
    rangs = cycle(range(1, INSTANTS))
    return re.sub(r"20\d\d-\d\d-\d\dT[\d:]{8}[+-]\d\d:\d\d", lambda _: f"%(t{next(rangs)})s", texte)


def _id(quoted: str, number: int) -> str:
    """An id that holds the dossier's number, as a slot: `Kind-` and how many digits; any other as it is."""
    try:
        kind, _, digits = base64.b64decode(quoted[1:-1], validate=True).decode("ascii").rpartition(str(number))
    except ValueError:
        return quoted
    if digits or not kind:
        return quoted
    prefix = kind.rstrip("0")
    return f'"%(id{len(kind) - len(prefix) + len(str(number)) if prefix != kind else 0}:{prefix})s"'


def _json(node: object) -> str:
    return json.dumps(node, ensure_ascii=False, separators=(",", ":"))


def _body(name: str, variables: dict[str, object]) -> dict[str, object]:
    found = document(name.lower())
    return {"query": print_ast(found.node), "operationName": found.operation, "variables": variables}


def _ask(bac: Sandbox, body: dict[str, object]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {monde.JETON_ECRITURE}"}
    answer = requests.post(bac.endpoint, json=body, headers=headers, timeout=60)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    assert "errors" not in found, found["errors"]
    return found


# the configurations ──────────────────────────────────────────────────────────────────────────────────────────────────


def _observe(config: Path) -> str:
    """That configuration's text, writing nothing, at any pace, without the annotation that the form has not."""
    texte = sans_frein(config.read_text(encoding="utf-8")).replace('mode = "agir"', 'mode = "observer"')
    return re.sub(r"(?m)^note = .*\n", "", texte, count=1)


def sans_frein(texte: str) -> str:
    """The same configuration, as if DS took any number of requests in a minute: waiting is not what is measured."""
    return re.sub(r"requetes_par_minute = \d+", "requetes_par_minute = 1000000", texte)


def _without_checks(texte: str) -> str:
    """The same configuration without any rule, figure nor quota."""
    sections = re.split(r"(?m)^(?=\[)", texte)
    return "".join(s for s in sections if not re.match(rf"\[+({'|'.join(CONTROLES)})[s.\]]", s))


def pointe(config: Path, url: str) -> None:
    """Have that configuration read from that address."""
    texte = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r'(?m)^url = ".*"$', f'url = "{url}"', texte, count=1), encoding="utf-8")


_versions = count(1)


def change_une_regle(config: Path) -> None:
    """Another list of excluded specialities: every dossier is looked at again, and none is concerned."""
    _change(config, r'(exclues = \["Médecine générale".*?)(?:, "Autre \d+")?\]', rf'\1, "Autre {next(_versions)}"]')


def change_pour_quelques_uns(config: Path) -> None:
    """One more speciality excluded: every dossier is looked at again, and one in `PARMI` is concerned."""
    texte = config.read_text(encoding="utf-8")
    autre = next(s for s in formulaire.SPECIALITES if f'"{s}"' not in texte)
    _change(config, r'exclues = \["Médecine générale"(.*)\]', rf'exclues = ["Médecine générale", "{autre}"\1]')


def change_un_seuil(config: Path) -> None:
    """Another threshold of a figure: every dossier is judged again."""
    _change(config, r"seuil_km = \d+", f"seuil_km = {20 + next(_versions) % 9}")


def _change(config: Path, line: str, other: str) -> None:
    texte = config.read_text(encoding="utf-8")
    changed, found = re.subn(rf"(?m)^{line}$", other, texte, count=1)
    assert found, line
    assert changed != texte, line
    config.write_text(changed, encoding="utf-8")
