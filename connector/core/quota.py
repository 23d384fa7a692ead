"""Places: how many posts a region may open, how many are taken, who waits. A quota we do not know never blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate

from connector.core.constat import Source
from connector.core.montants import nombre, pluriel
from connector.core.poste import Categorie, EtatPoste, Poste

_MOIS_D_UN_AN = 12


class Nature(StrEnum):
    """Who fixed the number: the national annex, or the region's own decision."""

    NATIONAL = "national"
    REGIONAL = "regional"


class StatutQuota(StrEnum):
    """The DGOS note of a promotion may come out ten days before the posts start (domaine §0.5)."""

    PROVISOIRE = "provisoire"
    DEFINITIF = "definitif"


class ModeQuota(StrEnum):
    """`INFORMATIF` counts and never changes an opinion; `ORDRE` builds a waiting list (domaine, decision 4)."""

    INFORMATIF = "informatif"
    ORDRE = "ordre"


class TypeDemande(StrEnum):
    """What a dossier asks for; the value is the option of the reference form. Only the first takes a place."""

    NOUVELLE = "Nouvelle candidature"
    REMPLACEMENT = "Remplacement suite à désistement"
    REPORT = "Report de prise de fonction"


def nom_de_promotion(texte: str | None) -> str:
    """« 2023-2025 », with whatever dash and blanks it was typed; "" when it was not."""
    return "".join((texte or "").replace("–", "-").split())


@dataclass(frozen=True, slots=True, kw_only=True)
class CleQuota:
    """What a quota is about: `promotion` as « 2023-2025 », `region` as its INSEE code."""

    promotion: str
    region: str
    categorie: Categorie


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One number written by someone on some day. `valeur` None means « sans objet », which is not 0."""

    cle: CleQuota
    valeur: int | None
    nature: Nature
    statut: StatutQuota
    source: Source
    date_effet: date
    commentaire: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParametresQuota:
    """`poids_un_an` is what a post of twelve months or less takes of a place (domaine §6: 1 unless the ARS says)."""

    mode: ModeQuota
    poids_un_an: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaEffectif:
    """The number to apply. `retenu` is None when nobody wrote one; `national` is the row that it overrides, if any."""

    cle: CleQuota
    retenu: Quota | None
    national: Quota | None

    @property
    def ouverts(self) -> int | None:
        """Places opened, None when unknown or « sans objet »."""
        return self.retenu.valeur if self.retenu else None

    @property
    def sans_objet(self) -> bool:
        """True when a text says that this region has no such post."""
        return self.retenu is not None and self.retenu.valeur is None

    @property
    def provisoire(self) -> bool:
        """True until the definitive number is published."""
        return self.retenu is not None and self.retenu.statut is StatutQuota.PROVISOIRE

    @property
    def avertissements(self) -> tuple[str, ...]:
        """What an agent should know of this number, in French; nothing here blocks."""
        return tuple(filter(None, (_inconnu(self), _sans_objet(self), _provisoire(self), _au_dela(self))))


def _inconnu(quota: QuotaEffectif) -> str:
    if quota.retenu:
        return ""
    cle = quota.cle
    return (
        f"Le quota de la promotion {cle.promotion} (catégorie {cle.categorie}, région {cle.region}) n'est pas saisi : "
        "aucun dossier n'est bloqué pour autant."
    )


def _sans_objet(quota: QuotaEffectif) -> str:
    if not quota.sans_objet:
        return ""
    return f"La catégorie {quota.cle.categorie} est sans objet pour la région {quota.cle.region} : vérifiez le dépôt."


def _provisoire(quota: QuotaEffectif) -> str:
    return f"Le quota de la promotion {quota.cle.promotion} est provisoire." if quota.provisoire else ""


def _au_dela(quota: QuotaEffectif) -> str:
    """The warning of an override above the national number: it never blocks (domaine §6)."""
    if not (quota.ouverts and quota.national and quota.retenu is not quota.national):
        return ""
    dotation = quota.national.valeur or 0
    if quota.ouverts <= dotation:
        return ""
    ecart = pluriel(quota.ouverts - dotation, "poste")
    return f"{ecart} au-delà de la dotation nationale {quota.cle.promotion} ({dotation}) : précisez le financement."


def quota_effectif(quotas: Iterable[Quota], cle: CleQuota, jour: date) -> QuotaEffectif:
    """The number in force on `jour`: the region's own if it wrote one, else the national one."""
    ecrits = [q for q in quotas if q.cle == cle and q.date_effet <= jour]
    national, regional = (_dernier(ecrits, nature) for nature in (Nature.NATIONAL, Nature.REGIONAL))
    return QuotaEffectif(cle=cle, retenu=regional or national, national=national)


def _dernier(quotas: list[Quota], nature: Nature) -> Quota | None:
    """The last word of that nature: a definitive number over any provisional one, then the latest."""
    siens = [q for q in quotas if q.nature is nature]
    return max(siens, key=lambda q: (q.statut is StatutQuota.DEFINITIF, q.date_effet), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretendant:
    """A dossier that we propose to accept, before the quota is looked at.

    `rang` is the commission's, typed by a human; without one the date of deposit decides.
    """

    dossier: int
    cle: CleQuota
    type_demande: TypeDemande
    depose_le: datetime
    duree_mois: int
    rang: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compteurs:
    """Where one quota stands. `consommes` weighs the granted posts; `disponibles` is never negative.

    `reserves` counts the dossiers that we propose to accept: it informs, it takes no place. `gardes` weighs the posts
    given back for which a replacement is being examined: they are not offered to anyone else. `depassement` is how far
    the granted posts go beyond the quota. `attente` lists the dossiers beyond it, first to be called first, and
    `servis` those it reaches; both are empty where the quota only informs.
    """

    quota: QuotaEffectif
    mode: ModeQuota
    accordes: int
    pourvus: int
    desistes: int
    reserves: int
    consommes: Decimal
    gardes: Decimal
    attente: tuple[int, ...]
    servis: tuple[int, ...] = ()

    @property
    def ouverts(self) -> int | None:
        """Places opened, None when unknown or « sans objet »."""
        return self.quota.ouverts

    @property
    def disponibles(self) -> Decimal | None:
        """Places left, never below 0; None when the quota is unknown."""
        return None if self.ouverts is None else _reste(self.ouverts, self.consommes, self.gardes)

    @property
    def depassement(self) -> Decimal:
        """Places granted beyond the quota, 0 when it is unknown."""
        return Decimal(0) if self.ouverts is None else max(Decimal(0), self.consommes - self.ouverts)

    @property
    def avertissements(self) -> tuple[str, ...]:
        """The quota's warnings, and ours when more was granted than opened."""
        if not self.depassement:
            return self.quota.avertissements
        trop = f"{pluriel(self.depassement, 'poste accordé', 'postes accordés')} au-delà du quota ({self.ouverts})."
        return (*self.quota.avertissements, trop)

    def rang_d_attente(self, dossier: int) -> int | None:
        """Rank of a dossier in the waiting list, from 1; None when it has a place or when nobody waits."""
        return self.attente.index(dossier) + 1 if dossier in self.attente else None

    def texte(self) -> str:
        """The « Quota » annotation in one line: « 3 accordés / 6, 1 réservé ; 9 recevables… » (domaine §7.4).

        What is taken comes first, then what it leads to.
        """
        places = ", ".join(filter(None, (self._occupation(), self._reserves(), self._gardes())))
        return " ; ".join(filter(None, (places, self._tension(), self._statut())))

    def _occupation(self) -> str:
        accordes = pluriel(self.accordes, "accordé")
        if self.quota.sans_objet:
            return f"{accordes}, catégorie sans objet dans la région"
        return f"{accordes} / {self.ouverts}" if self.ouverts is not None else f"{accordes}, quota non saisi"

    def _gardes(self) -> str:
        return f"{nombre(self.gardes)} gardé pour un remplacement" if self.gardes else ""

    def _tension(self) -> str:
        if self.ouverts is None:
            return ""
        recevables = self.accordes + self.reserves
        if self.mode is ModeQuota.ORDRE:
            return f"{len(self.attente)} en liste d'attente" if self.attente else ""
        trop = recevables > self.ouverts
        return f"{nombre(recevables)} recevables pour {pluriel(self.ouverts, 'poste')}" if trop else ""

    def _reserves(self) -> str:
        return pluriel(self.reserves, "réservé") if self.reserves else ""

    def _statut(self) -> str:
        return "quota provisoire" if self.quota.provisoire else ""


def compte(
    quota: QuotaEffectif, postes: Iterable[Poste], pretendants: Iterable[Pretendant], parametres: ParametresQuota
) -> Compteurs:
    """Where this quota stands, from the register of posts and the dossiers that we propose to accept.

    A replacement or a report takes no place and never waits; a dossier that already holds a post is not counted again.
    """
    siens = [p for p in postes if cle_du_poste(p) == quota.cle]
    actifs = [p for p in siens if p.actif]
    desistes = len(siens) - len(actifs)
    en_file = quota.ouverts is not None and parametres.mode is ModeQuota.ORDRE
    reserves, nouvelles, remplacants = 0, list[Pretendant](), list[Pretendant]()
    for p in _en_lice(quota.cle, siens, pretendants):  # thousands may come: those of whom only the count matters go by
        if p.type_demande is TypeDemande.NOUVELLE:
            reserves += 1
            if en_file:
                nouvelles.append(p)
        elif desistes and p.type_demande is TypeDemande.REMPLACEMENT:
            remplacants.append(p)
    consommes = _pese((p.duree_mois for p in actifs), parametres)
    gardes = _pese((p.duree_mois for p in sorted(remplacants, key=ordre)[:desistes]), parametres)
    servis, attente = _attente(quota.ouverts, consommes + gardes, sorted(nouvelles, key=ordre), parametres)
    return Compteurs(
        quota=quota,
        mode=parametres.mode,
        accordes=len(actifs),
        pourvus=sum(p.etat is EtatPoste.POURVU for p in actifs),
        desistes=desistes,
        reserves=reserves,
        consommes=consommes,
        gardes=gardes,
        attente=attente,
        servis=servis,
    )


def hors_quota(compteurs: Compteurs, retenus: Iterable[Pretendant], dossier: int, parametres: ParametresQuota) -> bool:
    """Whether a dossier that people retained has no place left, those retained before it being served first.

    `retenus` are all those they retained; only new posts take a place. An unknown quota never blocks.
    """
    nouveaux = [p for p in retenus if p.cle == compteurs.quota.cle and p.type_demande is TypeDemande.NOUVELLE]
    pris = compteurs.consommes + compteurs.gardes
    for pretendant in sorted(nouveaux, key=ordre):
        pris += _poids(pretendant.duree_mois, parametres)
        if pretendant.dossier == dossier:
            return compteurs.ouverts is not None and pris > compteurs.ouverts
    return False


def _reste(ouverts: int, *pris: Decimal) -> Decimal:
    return max(Decimal(0), ouverts - sum(pris, Decimal(0)))


def cle_du_poste(poste: Poste) -> CleQuota:
    """The quota that a post counts in."""
    return CleQuota(promotion=poste.promotion, region=poste.region, categorie=poste.categorie)


def _poids(duree_mois: int, parametres: ParametresQuota) -> Decimal:
    return parametres.poids_un_an if duree_mois <= _MOIS_D_UN_AN else Decimal(1)


def _pese(durees: Iterable[int], parametres: ParametresQuota) -> Decimal:
    return sum((_poids(duree, parametres) for duree in durees), Decimal(0))


def _en_lice(cle: CleQuota, postes: list[Poste], pretendants: Iterable[Pretendant]) -> Iterator[Pretendant]:
    """The dossiers of that quota that hold no post yet."""
    titulaires = {t.dossier for p in postes for t in p.titulaires}
    return (p for p in pretendants if p.cle == cle and p.dossier not in titulaires)


def ordre(pretendant: Pretendant) -> tuple[bool, int, datetime, int]:
    """The commission's rank first, then the date of deposit; the number settles a tie."""
    rang = pretendant.rang
    return (rang is None, rang or 0, pretendant.depose_le, pretendant.dossier)


def _attente(
    ouverts: int | None, pris: Decimal, en_lice: list[Pretendant], parametres: ParametresQuota
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Those whom the places left reach, then those they do not; in mode informatif or for an unknown quota, nobody."""
    if parametres.mode is ModeQuota.INFORMATIF or ouverts is None:
        return (), ()
    cumuls = accumulate((_poids(p.duree_mois, parametres) for p in en_lice), initial=pris)
    servis = sum(cumul <= ouverts for cumul in list(cumuls)[1:])
    return tuple(p.dossier for p in en_lice[:servis]), tuple(p.dossier for p in en_lice[servis:])
