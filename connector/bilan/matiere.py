"""What a report is made from, and how its rows are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from connector.bilan.releve import Cle, Vu
from connector.core.campagne import Campagne
from connector.core.poste import Categorie, Poste
from connector.core.quota import CleQuota, Quota, QuotaEffectif, nom_de_promotion, quota_effectif
from connector.core.territoires import REGIONS

A_PRECISER = "à préciser"
NON_RENSEIGNE = "Non renseigné"
AUTRES = "Autres, regroupés"

CATEGORIES = {
    Categorie.I: "I – entre établissements",
    Categorie.II: "II – ville-hôpital",
    Categorie.III: "III – Outre-mer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matiere:
    """Everything that is counted: the dossiers, the posts, the quotas, the campaigns and the names of the rules.

    `jour` is the day of the report. `public`: what few share is grouped, since a label may itself name somebody.
    `effaces`: how many dossiers the database had to forget, and can no longer count.
    """

    jour: date
    vus: tuple[Vu, ...]
    postes: tuple[Poste, ...]
    quotas: tuple[Quota, ...]
    regles: Mapping[str, str] = field(default_factory=dict)
    campagnes: tuple[Campagne, ...] = ()
    public: bool = False
    effaces: int = 0

    @property
    def candidatures(self) -> tuple[Vu, ...]:
        """The dossiers that ask for a new place."""
        return tuple(vu for vu in self.vus if vu.candidature)

    @property
    def promotions(self) -> tuple[str, ...]:
        """Every promotion spoken of, in order."""
        return tuple(sorted({v.cle.promotion for v in self.vus} | {p.promotion for p in self.postes} - {""}))

    def limitee(self, promotions: Sequence[str]) -> Matiere:
        """The same for those promotions alone; unchanged when none is named."""
        voulues = set(map(nom_de_promotion, promotions))
        if not voulues:
            return self
        return replace(
            self,
            vus=tuple(v for v in self.vus if v.cle.promotion in voulues),
            postes=tuple(p for p in self.postes if p.promotion in voulues),
        )

    def cles(self) -> tuple[Cle, ...]:
        """What there is something to say of, in reading order: dossiers, posts, and the quotas of the same regions."""
        vues = {v.cle for v in self.vus} | {cle_du_poste(p) for p in self.postes}
        ouvertes = {
            cle
            for vue in vues
            if vue.promotion and vue.region
            for categorie in Categorie
            for cle in (replace(vue, categorie=categorie.value),)
            if self.quota(cle).ouverts is not None
        }
        return tuple(sorted(vues | ouvertes, key=lambda c: (c.promotion, nom_region(c.region), c.categorie)))

    def quota(self, cle: Cle) -> QuotaEffectif:
        """The number of places in force on the day of the report; nothing is known of an incomplete key."""
        vrai = CleQuota(promotion=cle.promotion, region=cle.region, categorie=Categorie(cle.categorie or "I"))
        return quota_effectif(self.quotas if cle.categorie else (), vrai, self.jour)

    def regle(self, cle: str) -> str:
        """The short name of a rule, as the configuration has it."""
        nom = self.regles.get(cle, cle)
        return nom[:1].upper() + nom[1:]


def cle_du_poste(poste: Poste) -> Cle:
    """What a post is counted under."""
    return Cle(promotion=poste.promotion, region=poste.region, categorie=poste.categorie.value)


def nom_region(code: str) -> str:
    """« Centre-Val de Loire »; a code nobody knows stays one."""
    return REGIONS.get(code, f"région {code}" if code else f"région {A_PRECISER}")


def nom_groupe(cle: Cle) -> str:
    """« Promotion 2023-2025, Centre-Val de Loire »."""
    return f"Promotion {cle.promotion or A_PRECISER}, {nom_region(cle.region)}"


def nom_categorie(categorie: str) -> str:
    """« II – ville-hôpital »."""
    return CATEGORIES[Categorie(categorie)] if categorie else f"Catégorie {A_PRECISER}"
