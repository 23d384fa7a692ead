"""Replays the recorded calls on the sandbox, in their order, and says for each whether it answers alike.

Between some calls people act, or calls were made that the recordings leave out: `ENTRE` does the same here.
The sandbox's clock follows the dates that the recorded answers show.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import requests
from comparaison import INSTANT, Correspondance, differences
from documents import STOCKES, Chemin, elague, hors_de_portee
from mondes import ADMIN, A, construit, numero
from references import Cas, recueil, reponse

from connector.sandbox import actes, scenario
from connector.sandbox.server import Sandbox
from connector.sandbox.world import Descripteur, Fichier, World

DEBUT = datetime.fromisoformat("2026-11-21T22:00:00+01:00")
"""No date of the seeded worlds is later; every date made by a call is."""
REENSEMENCE = 320
"""The order before which the recorded server was seeded afresh (references' README)."""
ENTETES = ("content-type", "content-disposition", "location", "ratelimit-remaining", "ratelimit-reset", "retry-after")
OCTETS = re.compile(r"<(\d+) bytes>")
JETON = re.compile(r"<token:(\w+)>")


def exclusion(c: Cas) -> str:
    """Name the operation, field or argument for which an exchange is left out, or "": no query of ours sends it."""
    corps = c.corps if isinstance(c.corps, dict) else {}
    if corps.get("queryId") in STOCKES and corps.get("operationName"):
        nom = str(corps["operationName"])
        return "" if nom in STOCKES[corps["queryId"]] or c.reponse.get("errors") else nom
    if corps.get("queryId") == "introspection":
        return "__schema"
    return hors_de_portee(corps["query"]) if isinstance(corps.get("query"), str) else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one exchange: `hors` says why it is left out, `ecarts` how it differs."""

    cas: Cas
    ecarts: tuple[str, ...] = ()
    hors: str = ""

    @property
    def etat(self) -> str:
        """alike, differs or out."""
        return "out" if self.hors else "differs" if self.ecarts else "alike"


class Horloge:
    """The sandbox's clock: it follows the recorded dates, and never stands still between two calls."""

    def __init__(self, cas: tuple[Cas, ...]) -> None:
        self._heures = dict(zip([c.ordre for c in cas], _heures(cas), strict=True))
        self._instant = DEBUT
        self._pas = 0

    def va(self, ordre: int) -> None:
        """Go to the time of a call."""
        self._instant = self._heures[ordre]
        self._pas = ordre

    def __call__(self) -> datetime:
        return self._instant + timedelta(microseconds=self._pas)


def _heures(cas: tuple[Cas, ...]) -> list[datetime]:
    """Give each call a time: the latest date its answer shows, or one spread between its neighbours'."""
    ancres: list[datetime | None] = []
    derniere = DEBUT
    for c in cas:
        vue = max([*_dates(c.reponse), *_reperes(c)], default=derniere)
        ancres.append(vue if vue > derniere else None)
        derniere = max(derniere, vue)
    connues = [(rang, a) for rang, a in enumerate(ancres) if a]
    return [_entre(rang, connues) for rang in range(len(cas))]


REPERES = {("recordings", 323): "2026-11-21T22:41:06+01:00"}
"""Times of calls whose own answer shows no date, and a later one does."""


def _reperes(c: Cas) -> Iterator[datetime]:
    if (c.recueil, c.ordre) in REPERES:
        yield datetime.fromisoformat(REPERES[c.recueil, c.ordre])
    if "ratelimit-reset" in c.entetes_reponse:
        fin = datetime.fromtimestamp(int(c.entetes_reponse["ratelimit-reset"]), DEBUT.tzinfo)
        yield fin - timedelta(seconds=30)


def _entre(rang: int, connues: list[tuple[int, datetime]]) -> datetime:
    avant = max((c for c in connues if c[0] <= rang), default=(-1, DEBUT))
    apres = min((c for c in connues if c[0] > rang), default=(rang + 1, avant[1] + timedelta(seconds=60)))
    part = (rang - avant[0]) / (apres[0] - avant[0])
    return (avant[1] + (apres[1] - avant[1]) * part).replace(microsecond=0)


def _dates(valeur: Any) -> Iterator[datetime]:
    """Walk the dates of the session in an answer (an expiry, a year later, is not one)."""
    if isinstance(valeur, dict):
        for cle, dessous in valeur.items():
            if cle != "dateExpiration":
                yield from _dates(dessous)
    elif isinstance(valeur, list):
        for dessous in valeur:
            yield from _dates(dessous)
    elif isinstance(valeur, str) and INSTANT.fullmatch(valeur):
        lu = datetime.fromisoformat(valeur)
        if DEBUT < lu < DEBUT + timedelta(days=1):
            yield lu


class Rejeu:
    """One folder of recordings, replayed from its start."""

    def __init__(self, nom: str, modifie: Callable[[Sandbox], None] | None = None) -> None:
        self.nom = nom
        self.cas = recueil(nom)
        self.horloge = Horloge(self.cas)
        self.modifie = modifie or (lambda _: None)
        self.client = requests.Session()
        self.sandbox: Sandbox
        self.carte: Correspondance
        self.blobs: dict[str, str] = {}

    def verdicts(self, *, seulement: frozenset[str] = frozenset()) -> Iterator[Verdict]:
        """Replay every call; compare all of them, or only those named (the others still act)."""
        avant, apres = [c for c in self.cas if c.ordre < REENSEMENCE], [c for c in self.cas if c.ordre >= REENSEMENCE]
        yield from self._seance(avant, seulement)
        if apres:
            yield from self._seance(apres, seulement)

    def _seance(self, cas: list[Cas], seulement: frozenset[str]) -> Iterator[Verdict]:
        self.horloge.va(cas[0].ordre)
        monde = construit(self.horloge)
        self.sandbox = Sandbox(monde, requetes=STOCKES)
        self.carte = Correspondance(DEBUT)
        self.carte.noms |= _sommes(self.cas)
        self.modifie(self.sandbox)
        with self.sandbox:
            self.carte.base = self.sandbox.url
            faits: set[int] = set()
            for c in cas:
                if c.ordre in faits:
                    continue
                self.horloge.va(c.ordre)
                self._actes_avant(monde, c.ordre)
                groupe = _simultanes(c, cas)
                faits |= {x.ordre for x in groupe}
                for x, ecarts in self._joue(groupe):
                    if not seulement or x.nom in seulement:
                        hors = exclusion(x)
                        yield Verdict(
                            x, tuple(ecarts), f"{hors} : aucun document de queries/ ne l'envoie" if hors else ""
                        )

    def _actes_avant(self, monde: World, ordre: int) -> None:
        acte = ENTRE.get((self.nom, ordre))
        if acte:
            acte(monde)

    def _joue(self, groupe: list[Cas]) -> Iterator[tuple[Cas, list[str]]]:
        if len(groupe) == 1:
            (c,) = groupe
            try:
                yield c, self._ecarts(c, self._envoie(c))
            except (KeyError, AttributeError, TypeError) as imprevu:
                yield c, [f"le rejeu ne sait pas faire cet appel : {imprevu!r}"]
            return
        for c, recue in zip(groupe, self._ensemble(groupe), strict=True):
            yield c, self._ecarts(c, recue)

    def _ensemble(self, groupe: list[Cas]) -> list[requests.Response]:
        """Send calls at the same time; each is checked before any has its effect."""
        self.sandbox.fenetre = 1.5  # long enough for every call to arrive on a busy machine
        recues: dict[int, requests.Response] = {}
        fils = [threading.Thread(target=lambda c=c: recues.update({c.ordre: self._envoie(c)})) for c in groupe]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
        self.sandbox.fenetre = 0.0
        return [recues[c.ordre] for c in groupe]

    # --- sending

    def _envoie(self, c: Cas) -> requests.Response:
        if c.nom == "rate_limit_429":
            for _ in range(400):
                self._poste(c)
        return self._poste(c)

    def _poste(self, c: Cas) -> requests.Response:
        entetes = {k: JETON.sub(r"\1", v) for k, v in c.entetes.items()}
        url = self._adresse(c)
        return self.client.request(
            c.methode, url, data=self._corps(c), headers=entetes, timeout=30, allow_redirects=False
        )

    def _adresse(self, c: Cas) -> str:
        if "<signed>" not in c.url:
            return c.url.replace("https://ds.example", self.sandbox.url)
        url = self.carte.liens[c.url]
        return url.replace("--", "--0") if "tampered" in c.nom else url

    def _corps(self, c: Cas) -> bytes:
        if isinstance(c.corps, str):
            return _bytes(c.corps)
        if not isinstance(c.corps, dict):
            return b""
        if "_raw" in c.corps:
            return str(c.corps["_raw"]).encode()
        corps = self._televerses(self.carte.traduit(c.corps))
        if corps.get("query"):
            corps["query"] = elague(c.corps["query"])[0]
        return json.dumps(corps).encode()

    def _televerses(self, corps: dict[str, Any]) -> dict[str, Any]:
        """Put our signed id where a recorded one is: it tells the number of its blob."""
        variables = corps.get("variables")
        entree = variables.get("input") if isinstance(variables, dict) else None
        for cle in ("attachment", "justificatif"):
            signe = entree.get(cle, "") if isinstance(entree, dict) else ""
            if "--" in signe:
                blob = json.loads(base64.b64decode(signe.partition("--")[0]))["_rails"]["data"]
                entree[cle] = self.blobs[str(blob)]
        return corps

    # --- comparing

    def _ecarts(self, c: Cas, recue: requests.Response) -> list[str]:
        ecarts = []
        if recue.status_code != c.statut:
            ecarts.append(f"statut : {c.statut} attendu, {recue.status_code} reçu")
        ecarts += _ecarts_entetes(c, recue)
        return ecarts + (_ecarts_texte(c, recue) if "_text" in (c.reponse or ()) else self._ecarts_json(c, recue))

    def _ecarts_json(self, c: Cas, recue: requests.Response) -> list[str]:
        try:
            corps = recue.json()
        except ValueError:
            return [f"pas du JSON : {recue.text[:60]!r}"]
        tolerees: frozenset[Chemin] = frozenset()
        if isinstance(c.corps, dict) and c.corps.get("query"):
            tolerees = elague(c.corps["query"])[1]
        self._retient(c, corps)
        stocke = isinstance(c.corps, dict) and bool(c.corps.get("queryId"))
        appel = json.dumps(c.corps)
        # a document that lost fields is printed anew: its places are not the recorded ones
        return list(differences(c.reponse, corps, self.carte, tolerees, appel=appel, stocke=stocke or bool(tolerees)))

    def _retient(self, c: Cas, corps: Any) -> None:
        """Keep the signed id that an upload gave, under its recorded number."""
        ici, la_bas = _televersement(corps), _televersement(c.reponse)
        if ici and la_bas:
            self.blobs[la_bas["blobId"]] = ici["signedBlobId"]
            ici["signedBlobId"] = la_bas["signedBlobId"]


def _televersement(corps: Any) -> dict[str, Any] | None:
    fait = ((corps or {}).get("data") or {}).get("createDirectUpload") or {}
    return fait.get("directUpload")


def _simultanes(c: Cas, cas: list[Cas]) -> list[Cas]:
    if not re.fullmatch(r"concurrent_\w+_0", c.nom):
        return [c]
    return [x for x in cas if re.fullmatch(c.nom[:-1] + r"\d", x.nom)]


def _bytes(corps: str) -> bytes:
    """Give bytes of the recorded number: the recorded ones are not known."""
    trouve = OCTETS.fullmatch(corps)
    return b"o" * int(trouve[1]) if trouve else corps.encode()


def _sommes(cas: tuple[Cas, ...]) -> dict[str, str]:
    """Give the checksum of our bytes for each recorded checksum that was right (its PUT was accepted)."""
    sommes = {}
    for avant, put in itertools.pairwise(cas):
        if put.methode == "PUT" and put.statut == 204:
            entree = avant.corps["variables"]["input"]
            ici = hashlib.md5(b"o" * entree["byteSize"], usedforsecurity=False).digest()
            sommes[entree["checksum"]] = base64.b64encode(ici).decode()
    return sommes


def _ecarts_entetes(c: Cas, recue: requests.Response) -> Iterator[str]:
    for nom in ENTETES:
        attendu, recu = c.entetes_reponse.get(nom), recue.headers.get(nom)
        if attendu != recu:
            yield f"en-tête {nom} : {attendu!r} attendu, {recu!r} reçu"


def _ecarts_texte(c: Cas, recue: requests.Response) -> list[str]:
    """Compare what is not JSON: nothing for nothing, the same plain text, some page for some page."""
    if "content-type" not in c.entetes_reponse:
        return [] if recue.text == c.reponse["_text"] else [f"texte : {recue.text[:60]!r}"]
    if bool(c.reponse["_bytes"]) != bool(recue.content):
        return [f"corps : {c.reponse['_bytes']} octets attendus, {len(recue.content)} reçus"]
    if "disk" in c.url and len(recue.content) != c.reponse["_bytes"]:
        return [f"corps : {c.reponse['_bytes']} octets attendus, {len(recue.content)} reçus"]
    return []


# --- what happened between the calls

CONVENTION = "Convention ou lettre d'engagement cosignée"


def _reprend_l_instruction(monde: World) -> None:
    """Start an examination whose call was left out: the next one finds it started."""
    if monde.dossiers[24100004].state == "en_construction":
        scenario.instructeur_passe_en_instruction(monde, 24100004)


def _messages_omis(debut: str) -> Callable[[World], None]:
    """Send again a message that only a later reading shows: its call was left out of the recordings."""

    def envoie(monde: World) -> None:
        lus = reponse("recordings", "message_correction_read_back")["dossier"]["messages"]
        corps = next(m["body"] for m in lus if m["body"].startswith(debut))
        if corps not in {m.body for m in monde.dossiers[24100005].messages}:
            scenario.instructeur_envoie_message(monde, 24100005, corps)

    return envoie


def _invalide_une_annotation(monde: World) -> None:
    """Put in an annotation a value that its options no longer have."""
    d = monde.dossiers[24100013]
    annotation = monde.revision_de(d).nomme("Avis de la commission", prive=True)
    d.ecrit()[0][annotation.stable_id, ""].valeur = "Ajourné"


def _publie(monde: World) -> None:
    """Publish the form that the next answer shows, and let every dossier follow."""
    apres = reponse("recordings", "revision_1_after")["demarche"]["activeRevision"]
    active = monde.demarches[A].revision_active
    scenario.administration_publie_revision(
        monde,
        A,
        champs=tuple(_nouveau(d, active.par_id) for d in apres["champDescriptors"]),
        annotations=tuple(_nouveau(d, active.par_id) for d in apres["annotationDescriptors"]),
    )
    monde.settle(force=True)


def _nouveau(d: dict[str, Any], connus: dict[int, Descripteur]) -> Descripteur:
    ancien = connus.get(numero(d["id"]))
    return Descripteur(
        stable_id=numero(d["id"]),
        type=d["type"],
        label=d["label"],
        required=d.get("required", False),
        options=tuple(d.get("options") or (ancien.options if ancien else ())),
        enfants=ancien.enfants if ancien else (),
    )


def _antivirus(verdict: str) -> Callable[[World], None]:
    """Change what the scan says of one convention: infected, then found clean again (a later page shows it)."""

    def rend(monde: World) -> None:
        d = monde.dossiers[24100166]
        convention = monde.revision_de(d).nomme(CONVENTION)
        (fichier,) = d.lit()[0][convention.stable_id, ""].valeur
        scenario.antivirus_rend(monde, fichier, verdict)

    return rend


def _un_instructeur_ecrit(monde: World) -> None:
    """Type in the web form the annotation that the next reading shows changed."""
    avant = reponse("recordings_ars", "ars_write_6_read_back")["dossier"]["annotations"]
    apres = reponse("recordings_ars", "ars_write_8_after_human")["dossier"]["annotations"]
    anciens = {x["id"]: x["stringValue"] for x in avant}
    changees = {x["label"]: x for x in apres if x["stringValue"] != anciens[x["id"]]}
    scenario.instructeur_annote(monde, 24100166, {nom: _saisie(x) for nom, x in changees.items()})


def _ecritures_omises(valeurs: dict[str, Any]) -> Callable[[World], None]:
    """Write annotations as calls did that the recordings leave out: a later date or page shows it."""

    def ecrit(monde: World) -> None:
        d = monde.dossiers[24100168]
        for label, valeur in valeurs.items():
            annotation = monde.revision_de(d).nomme(label, prive=True)
            actes.ecrit_valeur(monde, d, (annotation.stable_id, ""), valeur, ADMIN)

    return ecrit


def _saisie(x: dict[str, Any]) -> Any:
    if "decimal" in x:
        return Decimal(x["stringValue"])
    return next(x[k] for k in ("choice", "checked", "selected", "value") if k in x)


def _usager_joint_la_convention(monde: World) -> None:
    (lu,) = reponse("recordings_ars", "ars_life_5_resubmitted")["dossier"]["champs"][0]["files"]
    fichier = Fichier(filename=lu["filename"], checksum=lu["checksum"], virus=lu["virusScanResult"], taille=82)
    scenario.usager_modifie_sans_soumettre(monde, 24100167, {CONVENTION: [fichier]})


def _usager_soumet(monde: World) -> None:
    scenario.usager_corrige(monde, 24100167)


ENTRE: dict[tuple[str, int], Callable[[World], None]] = {
    ("recordings", 208): _reprend_l_instruction,
    ("recordings", 211): _reprend_l_instruction,
    ("recordings", 237): _messages_omis("Encore"),
    ("recordings", 263): _messages_omis("aaaa"),
    ("recordings", 320): _invalide_une_annotation,
    ("recordings", 328): _publie,
    ("recordings_ars", 122): _antivirus("infected"),
    ("recordings_ars", 123): _antivirus("safe"),
    ("recordings_ars", 136): _un_instructeur_ecrit,
    ("recordings_ars", 147): _ecritures_omises({"Coût pour l'ARS (€)": Decimal("1.5")}),
    ("recordings_ars", 153): _ecritures_omises({"Points à vérifier": "", "Pièces": ""}),
    ("recordings_ars", 164): _ecritures_omises({"Modulation acceptée": True}),
    ("recordings_ars", 188): _usager_joint_la_convention,
    ("recordings_ars", 189): _usager_soumet,
}
"""What people did between two calls, or calls that were left out of the recordings, by the order they come before."""
