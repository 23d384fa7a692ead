"""Alerts go out through Apprise (the `alertes` extra): e-mail, Mattermost, Matrix and Tchap, and a hundred others.

An address holds passwords: it is read when needed, never logged, never shown; a mistake names its line in the file.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from connector.errors import OperatorError

if TYPE_CHECKING:
    from apprise import Apprise

log = logging.getLogger(__name__)

NOM = "Connecteur DS"


class Canaux:
    """The addresses to tell; OperatorError when the library is missing, or when an address is none that it knows."""

    def __init__(self, adresses: Sequence[str]) -> None:
        if adresses and find_spec("apprise") is None:
            raise OperatorError(
                "Des alertes sont configurées, mais la bibliothèque qui les envoie n’est pas installée.",
                hint='Installez l’option : pip install "ds-connector[alertes]".',
            )
        self._canaux = tuple(_canal(adresse, rang) for rang, adresse in enumerate(adresses, start=1))

    def __len__(self) -> int:
        return len(self._canaux)

    def envoyer(self, titre: str, corps: str, *, fini: bool = False) -> tuple[bool, ...]:
        """Tell every address; whether each one took it. Nothing is raised: an alert must never stop what it watches."""
        return tuple(_envoyer(canal, titre, corps, fini=fini) for canal in self._canaux)


def _canal(adresse: str, rang: int) -> Apprise:
    """One address, ready; its text is never shown."""
    import apprise  # noqa: PLC0415 - heavy, and an extra

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it names addresses, and shows what it sends
    canal = apprise.Apprise(asset=apprise.AppriseAsset(app_id=NOM, app_desc=NOM, app_url=""))
    try:
        connue = bool(canal.add(adresse))
    except Exception:  # noqa: BLE001 - whatever its hundred plugins raise means the same; the text could hold a password
        connue = False
    if not connue:
        raise OperatorError(
            f"L’adresse d’alerte n° {rang} n’est pas de celles qui sont connues.",
            hint="Elle ressemble à mailtos://compte:motdepasse@serveur?to=… ou à mmosts://serveur/jeton ; "
            "le mode d’emploi en donne des exemples.",
        )
    if not all(service.verify_certificate for service in canal):
        raise OperatorError(
            f"L’adresse d’alerte n° {rang} demande de ne pas vérifier le certificat du serveur.",
            hint="Retirez-en « verify=no » : ce qui part doit arriver au bon serveur.",
        )
    return canal


def _envoyer(canal: Apprise, titre: str, corps: str, *, fini: bool) -> bool:
    import apprise  # noqa: PLC0415 - heavy, and an extra

    nature = apprise.NotifyType.SUCCESS if fini else apprise.NotifyType.WARNING
    try:
        pris = bool(canal.notify(body=corps, title=titre, notify_type=nature, body_format=apprise.NotifyFormat.TEXT))
    except Exception as error:  # noqa: BLE001 - see `envoyer`
        log.info("alert.refused", extra={"cause": type(error).__name__})
        return False
    log.info("alert.sent" if pris else "alert.refused")
    return pris
