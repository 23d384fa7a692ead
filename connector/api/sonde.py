"""What can be learned of the other side before trusting it: whether it answers, its clock, and what the token may do.

Nothing here can change anything in DS. The first question travels without the token, which some instances lock onto the
first address that uses it (contract §1.2).
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import requests

from connector import __version__
from connector.api.annotations import LOT
from connector.api.classement import classer
from connector.api.echange import Demande, Perdue, Recue
from connector.api.mutation import textes_de
from connector.api.refus import refus
from connector.api.transport import Transport, adresse, autorite, motif
from connector.errors import AccessDenied, ContractBroken, DossierError

_QUESTION = {"query": "{ __typename }"}
_SANS_JETON = b"Without a token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """An instance that answers: the proxy that leads there ("" for none, never its password), seconds taken, its clock.

    `ecart` is how many seconds our clock is ahead of its own, None when it does not tell.
    """

    proxy: str
    duree: float
    ecart: float | None


def joindre(
    url: str,
    *,
    ca: Path | None = None,
    delais: tuple[float, float] = (10.0, 30.0),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    monotonic: Callable[[], float] = time.monotonic,
) -> Joint:
    """Reach the API at `url` without any token; the `RemoteError` family when it is not there, or is not an API of DS.

    `delais`: seconds to connect, and to wait for the answer.
    """
    url = adresse(url)
    start = monotonic()
    answer = _demander(url, delais, verify=autorite(ca))
    duree = monotonic() - start
    _reconnaitre(answer, now())
    date = answer.headers.get("date", "") if isinstance(answer, Recue) else ""
    return Joint(proxy=proxy_of(url), duree=duree, ecart=_ecart(date, now()))


def _demander(url: str, delais: tuple[float, float], *, verify: str) -> Recue | Perdue:
    """One POST without credentials: neither ours nor those of a netrc."""
    headers = {"Accept-Language": "fr", "User-Agent": f"ds-connector/{__version__}"}
    try:
        response = requests.post(
            url,
            json=_QUESTION,
            headers=headers,
            auth=lambda request: request,
            timeout=delais,
            verify=verify,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        return Perdue(motif=motif(error))
    lower = {name.lower(): value for name, value in response.headers.items()}
    return Recue(status=response.status_code, headers=lower, body=response.content)


def _reconnaitre(answer: Recue | Perdue, now: datetime) -> None:
    """Refuse what is not an API of DS; that it wants a token is what an API of DS says."""
    if isinstance(answer, Recue) and _SANS_JETON in answer.body:
        return
    classer(answer, Demande(document="sonde", mutation=False), maintenant=now.timestamp())


def _ecart(date: str, now: datetime) -> float | None:
    try:
        return (now - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return None


def proxy_of(url: str) -> str:
    """The proxy that the environment names for that address, without its user and password; "" for none."""
    proxies = requests.utils.get_environ_proxies(url)
    found = requests.utils.select_proxy(url, proxies)
    if not found:
        return ""
    parts = urlsplit(found if "//" in found else f"http://{found}")
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


_IDENTITE = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def identite(jeton: str) -> str | None:
    """The half of a token that is no secret and names it, as the API's log does; None when it is not one (§1.2)."""
    try:
        clair = base64.urlsafe_b64decode(jeton + "=" * (-len(jeton) % 4)).decode()
    except ValueError:
        return None
    nom, _, secret = clair.partition(";")
    return nom if secret and _IDENTITE.fullmatch(nom) else None


def ecriture_permise(transport: Transport) -> bool | None:
    """Whether the token may write; None when the instance does not let us know.

    DS looks at the right before it looks for anything (contract §5.0): we ask it to set no annotation at all, in a
    dossier that cannot exist, in the name of nobody. A token that only reads is told so; any other, that there is no
    such dossier. Two of these three would each be enough to change nothing.
    """
    demande = Demande(document=LOT, mutation=True)
    entree = {"dossierId": _noeud("Dossier"), "instructeurId": _noeud("Instructeur"), "annotations": []}
    try:
        textes = textes_de(transport.ecrire(demande, {"input": entree}).data.get("resultat") or {})
    except DossierError:
        return True
    except (ContractBroken, KeyError, TypeError, AttributeError):
        return None
    return not isinstance(refus(demande, textes), AccessDenied)


def _noeud(sorte: str) -> str:
    """The id of a node that no database can hold."""
    return base64.b64encode(f"{sorte}-0".encode()).decode()
