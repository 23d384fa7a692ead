"""Regions and their ARS: what a region is called, and which one an overseas commune belongs to.

Saint-Pierre-et-Miquelon, Saint-Martin and Saint-Barthélemy are in no line of the national annex, and the note does not
apply in the Pacific (note DGOS 2023/115, « Mention Outre-mer »): no region stands for them here.
"""

from __future__ import annotations

from connector.core.annexe_dgos import REPARTITION
from connector.core.referentiels import departement_of

REGIONS = {ligne.region: ligne.nom for ligne in REPARTITION}
"""The eighteen regions of the annex, by INSEE code."""

_DEPARTEMENTS_D_OUTRE_MER = {"971": "01", "972": "02", "973": "03", "974": "04", "976": "06"}
OUTRE_MER = frozenset(_DEPARTEMENTS_D_OUTRE_MER.values())
"""The overseas regions, each with its own ARS."""

_AUTRES_TERRITOIRES = ("97", "98")


def ars_de(region: str) -> str:
    """« l'ARS Guyane »; a region nobody knows keeps its code."""
    return f"l'ARS {REGIONS.get(region, f'de la région {region}')}"


def region_d_outre_mer(commune: str) -> str | None:
    """The overseas region of a commune's INSEE code, None for any other commune."""
    return _DEPARTEMENTS_D_OUTRE_MER.get(departement_of(commune))


def est_un_autre_territoire(commune: str) -> bool:
    """Whether a commune is overseas and in none of the five regions."""
    return commune.startswith(_AUTRES_TERRITOIRES) and region_d_outre_mer(commune) is None
