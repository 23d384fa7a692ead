"""The national annex: posts by region and category for the promotion 2023-2025, as the DGOS published them.

Data, with its source. A region adds its own numbers in the configuration; these stay, to compare with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connector.core.constat import Source
from connector.core.poste import Categorie
from connector.core.quota import CleQuota, Nature, Quota, StatutQuota

SOURCE = Source(
    texte="Note d'information n° DGOS/RH1/2023/115 du 7 juillet 2023 (NOR : SPRH2318914N), annexe", opposable=False
)
PROMOTION = "2023-2025"
DATE_EFFET = date(2023, 7, 7)
TOTAUX = {Categorie.I: 250, Categorie.II: 80, Categorie.III: 50}
"""The annex's own last line, by category: what the rows below must add up to."""


@dataclass(frozen=True, slots=True)
class Repartition:
    """One line of the annex. None is an empty cell: « sans objet », not zero."""

    region: str
    nom: str
    entre_etablissements: int | None
    ambulatoire: int | None
    outre_mer: int | None


REPARTITION = (
    Repartition("84", "Auvergne-Rhône-Alpes", 17, 8, None),
    Repartition("27", "Bourgogne-Franche-Comté", 28, 4, None),
    Repartition("53", "Bretagne", 13, 5, None),
    Repartition("24", "Centre-Val de Loire", 19, 4, None),
    Repartition("94", "Corse", 3, 1, None),
    Repartition("44", "Grand Est", 23, 8, None),
    Repartition("32", "Hauts-de-France", 44, 7, None),
    Repartition("11", "Île-de-France", 11, 18, None),
    Repartition("28", "Normandie", 31, 5, None),
    Repartition("75", "Nouvelle-Aquitaine", 19, 7, None),
    Repartition("76", "Occitanie", 10, 4, None),
    Repartition("52", "Pays de la Loire", 20, 5, None),
    Repartition("93", "Provence-Alpes-Côte d'Azur", 12, 4, None),
    Repartition("01", "Guadeloupe", None, None, 7),
    Repartition("03", "Guyane", None, None, 15),
    Repartition("02", "Martinique", None, None, 7),
    Repartition("04", "La Réunion", None, None, 6),
    Repartition("06", "Mayotte", None, None, 15),
)


def _quota(ligne: Repartition, categorie: Categorie, valeur: int | None) -> Quota:
    return Quota(
        cle=CleQuota(promotion=PROMOTION, region=ligne.region, categorie=categorie),
        valeur=valeur,
        nature=Nature.NATIONAL,
        statut=StatutQuota.DEFINITIF,
        source=SOURCE,
        date_effet=DATE_EFFET,
    )


QUOTAS = tuple(
    _quota(ligne, categorie, valeur)
    for ligne in REPARTITION
    for categorie, valeur in (
        (Categorie.I, ligne.entre_etablissements),
        (Categorie.II, ligne.ambulatoire),
        (Categorie.III, ligne.outre_mer),
    )
)
"""The annex as quotas: 18 regions × 3 categories."""
