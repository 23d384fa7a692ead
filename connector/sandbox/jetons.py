"""The tokens of the sandbox's own worlds: shaped like real ones, and worth nothing anywhere else."""

from __future__ import annotations

import base64
from datetime import timedelta

from connector.sandbox.world import Jeton, World


def _jeton(rang: int, usage: str) -> str:
    """Give URL-safe base64 of an identity and a secret that is none (contract §1.2)."""
    return base64.urlsafe_b64encode(f"00000000-0000-4000-8000-{rang:012d};bac-a-sable-{usage}".encode()).decode()


JETON_ECRITURE = _jeton(1, "ecriture")
JETON_LECTURE = _jeton(2, "lecture")
JETON_EXPIRE = _jeton(3, "expire")


def donne_les_jetons(world: World) -> None:
    """Give a world a token that writes, one that only reads, and one that expired two days ago."""
    aujourdhui = world.now().date()
    world.add_jeton(Jeton(valeur=JETON_ECRITURE, expire_le=aujourdhui + timedelta(days=300)))
    world.add_jeton(Jeton(valeur=JETON_LECTURE, ecriture=False, expire_le=aujourdhui + timedelta(days=300)))
    world.add_jeton(Jeton(valeur=JETON_EXPIRE, expire_le=aujourdhui - timedelta(days=2)))
