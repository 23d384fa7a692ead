"""Prime d'exercice territorial: what a candidature gives right to each month, why, and what would settle a doubt.

Arrêté du 14 mars 2017 modifié, as the cahier des charges §3 and domaine §4 read it. Thresholds and tiers are dated
parameters; half-days and kilometres are Decimal, so that nothing is lost at 4 half-days or at 20 km.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from connector.core.calendrier import en_vigueur
from connector.core.constat import Source
from connector.core.montants import euros, jour, kilometres, nombre, pluriel
from connector.core.poste import Categorie
from connector.core.referentiels import Precision
from connector.core.textes import normaliser

_ZERO = Decimal(0)


class StatutPet(StrEnum):
    """Status of the prime; the value is the option of the reference form's « Statut de la prime »."""

    DUE = "Due"
    NON_DUE = "Non due"
    A_CONFIRMER = "À confirmer"
    SANS_OBJET = "Sans objet"


class StatutDistance(StrEnum):
    """What we know of the 20 km condition for one site."""

    ELIGIBLE = "eligible"
    ELIGIBLE_PRESUMEE = "eligible_presumee"
    ELIGIBLE_PAR_DEROGATION = "eligible_par_derogation"
    NON_ELIGIBLE = "non_eligible"
    A_VERIFIER = "a_verifier"

    @property
    def eligible(self) -> bool:
        """True when the site's half-days count."""
        return self in _ELIGIBLES


_ELIGIBLES = frozenset(
    (StatutDistance.ELIGIBLE, StatutDistance.ELIGIBLE_PRESUMEE, StatutDistance.ELIGIBLE_PAR_DEROGATION)
)


class Derogation(StrEnum):
    """The ARS director's decision under 20 km; the value is the option of the reference form's « Dérogation PET »."""

    AUCUNE = "Aucune"
    EN_COURS = "En cours"
    ACCORDEE = "Accordée"
    REFUSEE = "Refusée"


class Convention(StrEnum):
    """The agreement's file: DS shows that it is there, never that it is signed (domaine, decision 6)."""

    PRESENTE = "presente"
    ABSENTE = "absente"
    INCONNUE = "inconnue"


@dataclass(frozen=True, slots=True, kw_only=True)
class PalierPet:
    """One line of the scale: `plus_de` (excluded) or `a_partir_de` (included) up to `jusqu_a` (included; None: no end).

    `lieux_minimum` is the number of distinct sites it asks for. Where several lines fit, the highest amount is due.
    """

    libelle: str
    montant: Decimal
    a_partir_de: Decimal | None = None
    plus_de: Decimal | None = None
    jusqu_a: Decimal | None = None
    lieux_minimum: int = 1

    def couvre(self, demi_journees: Decimal, lieux: int) -> bool:
        """True when this line fits that many half-days over that many sites."""
        return (
            (self.a_partir_de is None or demi_journees >= self.a_partir_de)
            and (self.plus_de is None or demi_journees > self.plus_de)
            and (self.jusqu_a is None or demi_journees <= self.jusqu_a)
            and lieux >= self.lieux_minimum
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BaremePet:
    """The tiers in force from `date_effet`; `valable_jusqu_au` None until a later scale."""

    date_effet: date
    paliers: tuple[PalierPet, ...]
    source: Source
    valable_jusqu_au: date | None = None

    def palier(self, demi_journees: Decimal, lieux: int) -> PalierPet | None:
        """The best line that fits, None when the text says nothing of that case (under one half-day)."""
        paliers = (p for p in self.paliers if p.couvre(demi_journees, lieux))
        return max(paliers, key=lambda p: p.montant, default=None)

    def montant(self, demi_journees: Decimal, lieux: int) -> Decimal:
        """Monthly euros, 0 when no line fits."""
        palier = self.palier(demi_journees, lieux)
        return palier.montant if palier else _ZERO

    @property
    def plafond(self) -> Decimal:
        """The most that this scale ever gives."""
        return max((p.montant for p in self.paliers), default=_ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParametresPet:
    """A region's reading of the prime.

    `seuil_km` is included (20,0 km passes); `bande_km` widens it when the crow-fly distance joins communes' points.
    `sinuosite` turns crow-fly into likely road kilometres, to say « probablement non »; None says nothing.
    `categories` may have the prime at all; `categories_en_alternance` spend whole periods off site, so that a weekly
    mean means nothing. `service_hebdomadaire` is a full week in half-days.
    """

    baremes: tuple[BaremePet, ...]
    seuil_km: Decimal
    bande_km: Decimal
    sinuosite: Decimal | None
    categories: frozenset[Categorie]
    categories_en_alternance: frozenset[Categorie]
    service_hebdomadaire: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteExercice:
    """One place off the main site, as the form gives it. Anything not said or not readable is None.

    `nom` only serves the sentences; two entries with the same `adresse` are one site. `distance_route_km` is the
    form's, `distance_vol_oiseau_km` ours.
    """

    nom: str
    demi_journees: Decimal | None
    adresse: str | None = None
    distance_route_km: Decimal | None = None
    distance_vol_oiseau_km: Decimal | None = None
    precision: Precision = Precision.INCONNUE
    entite_juridique_differente: bool | None = None
    penitentiaire: bool = False

    @property
    def derogeable(self) -> bool:
        """True unless the text excludes a derogation: same legal entity, outside a prison (cahier §3)."""
        return self.penitentiaire or self.entite_juridique_differente is not False


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandePet:
    """What the candidature and the ARS's annotations say. `jour` chooses the scale: the day the post starts.

    `distance_retenue_km` is the one road distance an agent may type for the whole dossier.
    """

    sites: tuple[SiteExercice, ...]
    categorie: Categorie | None
    convention: Convention
    jour: date
    adresse_principale: str | None = None
    distance_retenue_km: Decimal | None = None
    derogation: Derogation = Derogation.AUCUNE
    derogation_demandee: bool = False

    @property
    def derogation_attendue(self) -> bool:
        """True while someone asked for a derogation and nobody has answered."""
        demandee = self.derogation is Derogation.AUCUNE and self.derogation_demandee
        return demandee or self.derogation is Derogation.EN_COURS


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteExamine:
    """One site, whether its half-days count, why, and what would settle a doubt ("" when there is none)."""

    site: SiteExercice
    statut: StatutDistance
    motif: str
    point: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prime:
    """The prime of one candidature, in euros a month.

    `montant` is None as soon as it cannot be asserted; `minimum` and `maximum` then bound it, both None when nothing
    does. `montant_si_derogation` is what a derogation would give, None when none can change anything. `motifs` explain,
    `points` say what an agent can do about it.
    """

    statut: StatutPet
    montant: Decimal | None
    minimum: Decimal | None
    maximum: Decimal | None
    motifs: tuple[str, ...]
    points: tuple[str, ...] = ()
    palier: str = ""
    demi_journees: Decimal = _ZERO
    sites: tuple[SiteExamine, ...] = ()
    montant_si_derogation: Decimal | None = None
    source: Source | None = None

    def texte(self) -> str:
        """The amount as an annotation shows it: « 1 000 € », « à confirmer, 0 à 1 000 € » (domaine, decision 7)."""
        if self.statut is StatutPet.SANS_OBJET:
            return "sans objet"
        if self.montant is not None:
            suffixe = ", à confirmer" if self.statut is StatutPet.A_CONFIRMER else ""
            return euros(self.montant) + suffixe
        if self.minimum is None or self.maximum is None:
            return "à confirmer"
        return f"à confirmer, {nombre(self.minimum)} à {euros(self.maximum)}"


def prime(demande: DemandePet, parametres: ParametresPet) -> Prime:
    """The prime of a candidature: due, not due, to be confirmed or without object. Never raises on odd input."""
    if demande.categorie is not None and demande.categorie not in parametres.categories:
        return _sans_objet(demande.categorie)
    bareme = en_vigueur(parametres.baremes, demande.jour)
    if bareme is None:
        return _inconnue(f"Aucun barème de la prime n'est saisi pour le {jour(demande.jour)} : barème à renseigner.")
    if demande.categorie in parametres.categories_en_alternance:
        return _inconnue(
            "Alternance entre sites : la prime ne se calcule pas sur une moyenne hebdomadaire, son montant est à fixer "
            "d'après le calendrier de l'alternance."
        )
    return _calcule(demande, parametres, bareme)


def _sans_objet(categorie: Categorie) -> Prime:
    motif = f"La région ne verse pas la prime d'exercice territorial pour la catégorie {categorie}."
    return Prime(statut=StatutPet.SANS_OBJET, montant=_ZERO, minimum=_ZERO, maximum=_ZERO, motifs=(motif,))


def _inconnue(motif: str) -> Prime:
    return Prime(statut=StatutPet.A_CONFIRMER, montant=None, minimum=None, maximum=None, motifs=(motif,))


def _calcule(demande: DemandePet, parametres: ParametresPet, bareme: BaremePet) -> Prime:
    sites, ecartes = _sites_distincts(demande)
    examines = _examine(sites, demande, parametres)
    surs = [e.site for e in examines if e.statut.eligible and e.site.demi_journees is not None]
    possibles = [e.site for e in examines if e.statut is not StatutDistance.NON_ELIGIBLE]
    minimum, maximum = _au_moins(surs, bareme), _au_plus(possibles, bareme)
    doutes = _doutes(demande, parametres, sites) if maximum else ()
    connu = minimum == maximum
    return Prime(
        statut=_statut(minimum, maximum, en_doute=bool(doutes)),
        montant=minimum if connu else None,
        minimum=minimum,
        maximum=maximum,
        motifs=(
            *ecartes,
            *(e.motif for e in examines),
            *_sur_le_bareme(surs, bareme, connu=connu),
            *doutes,
            *_sous_reserve(demande, maximum),
        ),
        points=() if connu else _points(examines, surs, bareme),
        palier=_libelle(surs, bareme) if connu else "",
        demi_journees=_total(surs),
        sites=tuple(examines),
        montant_si_derogation=_si_derogation(examines, possibles, demande, bareme),
        source=bareme.source,
    )


def _statut(minimum: Decimal, maximum: Decimal, *, en_doute: bool) -> StatutPet:
    if maximum == _ZERO:
        return StatutPet.NON_DUE
    return StatutPet.A_CONFIRMER if en_doute or minimum != maximum else StatutPet.DUE


# --- the distinct sites -----------------------------------------------------------------------------------------------


def _sites_distincts(demande: DemandePet) -> tuple[list[SiteExercice], tuple[str, ...]]:
    """One site per address off the main one, those without half-days left out; and why others were."""
    utiles = [s for s in map(_lisible, demande.sites) if s.demi_journees != _ZERO]
    principale = _cle_adresse(demande.adresse_principale)
    sur_place = [s for s in utiles if principale and _cle_adresse(s.adresse) == principale]
    motifs = [f"{s.nom} : c'est le site principal, ses demi-journées ne comptent pas." for s in sur_place]
    ailleurs = [s for s in utiles if s not in sur_place]
    if not ailleurs:
        motifs.append("Aucun lieu d'exercice hors du site principal n'est déclaré.")
    return _fusionne(ailleurs), tuple(motifs)


def _lisible(site: SiteExercice) -> SiteExercice:
    """The site with what cannot be (negative, infinite) taken for unknown."""
    return replace(
        site,
        demi_journees=_possible(site.demi_journees),
        distance_route_km=_possible(site.distance_route_km),
        distance_vol_oiseau_km=_possible(site.distance_vol_oiseau_km),
    )


def _possible(valeur: Decimal | None) -> Decimal | None:
    return valeur if valeur is not None and valeur.is_finite() and valeur >= 0 else None


def _cle_adresse(adresse: str | None) -> str:
    """The address without case, accents nor punctuation, so that two ways of writing it are one place."""
    return " ".join("".join(c if c.isalnum() else " " for c in normaliser(adresse or "")).split())


def _fusionne(sites: list[SiteExercice]) -> list[SiteExercice]:
    """One site per address, in the order of the form; an entry without an address stays by itself."""
    groupes: dict[str, list[SiteExercice]] = {}
    for rang, site in enumerate(sites):
        groupes.setdefault(_cle_adresse(site.adresse) or f"#{rang}", []).append(site)
    return [groupe[0] if len(groupe) == 1 else _reunis(groupe) for groupe in groupes.values()]


def _reunis(groupe: list[SiteExercice]) -> SiteExercice:
    """Several entries at one address as one site; two different road distances to one place are none."""
    demi_journees = [s.demi_journees for s in groupe if s.demi_journees is not None]
    routes = {s.distance_route_km for s in groupe if s.distance_route_km is not None}
    return replace(
        groupe[0],
        nom=" + ".join(dict.fromkeys(s.nom for s in groupe)),
        demi_journees=sum(demi_journees, _ZERO) if len(demi_journees) == len(groupe) else None,
        distance_route_km=routes.pop() if len(routes) == 1 else None,
        penitentiaire=any(s.penitentiaire for s in groupe),
    )


# --- the 20 km condition ----------------------------------------------------------------------------------------------


def _examine(sites: list[SiteExercice], demande: DemandePet, parametres: ParametresPet) -> list[SiteExamine]:
    """Each site's status: distance first, then the derogation."""
    selon_la_distance = [_selon_la_distance(site, parametres) for site in sites]
    retenue = _possible(demande.distance_retenue_km)
    if retenue is not None:
        selon_la_distance = _avec_distance_retenue(selon_la_distance, retenue, parametres)
    return [_avec_demi_journees(_avec_derogation(e, demande)) for e in selon_la_distance]


def _selon_la_distance(site: SiteExercice, parametres: ParametresPet) -> SiteExamine:
    """What the form's road distance says, else the crow-fly one (domaine §4.2)."""
    if site.distance_route_km is not None:
        return _par_la_route(site, site.distance_route_km, parametres)
    if site.distance_vol_oiseau_km is not None:
        return _a_vol_d_oiseau(site, site.distance_vol_oiseau_km, parametres)
    return _a_mesurer(site, f"{site.nom} : distance au site principal inconnue.")


def _par_la_route(site: SiteExercice, route: Decimal, parametres: ParametresPet) -> SiteExamine:
    seuil = nombre(parametres.seuil_km)
    if route >= parametres.seuil_km:
        motif = f"{site.nom} : {kilometres(route)} par la route d'après le formulaire, au moins {seuil} km."
        return SiteExamine(site=site, statut=StatutDistance.ELIGIBLE, motif=motif)
    if _presume_eloigne(site, parametres):
        return _a_mesurer(site, f"{site.nom} : {_plus_court_que_l_oiseau(site, route)}.")
    motif = f"{site.nom} : {kilometres(route)} par la route d'après le formulaire, moins de {seuil} km."
    return SiteExamine(site=site, statut=StatutDistance.NON_ELIGIBLE, motif=motif)


def _a_vol_d_oiseau(site: SiteExercice, distance: Decimal, parametres: ParametresPet) -> SiteExamine:
    """A road is never shorter than the crow's flight: far enough for the crow is far enough (domaine §0.1)."""
    debut = f"{site.nom} : {kilometres(distance)} à vol d'oiseau"
    seuil = nombre(parametres.seuil_km)
    if _presume_eloigne(site, parametres):
        motif = f"{debut}, donc au moins {seuil} km par la route."
        return SiteExamine(site=site, statut=StatutDistance.ELIGIBLE_PRESUMEE, motif=motif)
    if parametres.sinuosite is not None and distance * parametres.sinuosite < parametres.seuil_km:
        return _a_mesurer(site, f"{debut}, probablement moins de {seuil} km par la route.")
    return _a_mesurer(site, f"{debut} : la distance par la route reste à mesurer.")


def _presume_eloigne(site: SiteExercice, parametres: ParametresPet) -> bool:
    """True when the crow-fly distance alone settles it, its uncertainty included."""
    marge = _ZERO if site.precision is Precision.ADRESSE else parametres.bande_km
    distance = site.distance_vol_oiseau_km
    return distance is not None and distance >= parametres.seuil_km + marge


def _plus_court_que_l_oiseau(site: SiteExercice, route: Decimal) -> str:
    oiseau = kilometres(site.distance_vol_oiseau_km or _ZERO)
    return f"{kilometres(route)} par la route ne peut pas être juste, il y a {oiseau} à vol d'oiseau"


def _a_mesurer(site: SiteExercice, motif: str) -> SiteExamine:
    point = f"Saisissez la distance routière retenue : le trajet le plus court entre le site principal et {site.nom}."
    return SiteExamine(site=site, statut=StatutDistance.A_VERIFIER, motif=motif, point=point)


def _avec_distance_retenue(
    examines: list[SiteExamine], retenue: Decimal, parametres: ParametresPet
) -> list[SiteExamine]:
    """The ARS's one distance, given to the only site it can be about; to none when there are several (decision 6)."""
    proches = [e for e in examines if not e.statut.eligible]
    vises = examines if len(examines) == 1 else proches
    if len(vises) == 1:
        return [_retenue(e.site, retenue, parametres) if e is vises[0] else e for e in examines]
    if not proches and retenue >= parametres.seuil_km:
        return examines
    douteux = proches or examines
    return [_equivoque(e.site, retenue) if e in douteux else e for e in examines]


def _retenue(site: SiteExercice, retenue: Decimal, parametres: ParametresPet) -> SiteExamine:
    """The ARS's distance wins over the form's and ours, even when it looks odd: then it is only said."""
    debut = f"{site.nom} : {kilometres(retenue)} par la route, distance retenue par l'ARS"
    seuil = nombre(parametres.seuil_km)
    if retenue >= parametres.seuil_km:
        return SiteExamine(site=site, statut=StatutDistance.ELIGIBLE, motif=f"{debut}, au moins {seuil} km.")
    reserve = f" ({_plus_court_que_l_oiseau(site, retenue)})" if _presume_eloigne(site, parametres) else ""
    motif = f"{debut}, moins de {seuil} km{reserve}."
    return SiteExamine(site=site, statut=StatutDistance.NON_ELIGIBLE, motif=motif)


def _equivoque(site: SiteExercice, retenue: Decimal) -> SiteExamine:
    return SiteExamine(
        site=site,
        statut=StatutDistance.A_VERIFIER,
        motif=f"{site.nom} : la distance retenue par l'ARS ({kilometres(retenue)}) peut viser plusieurs lieux.",
        point=f"Faites préciser dans le formulaire la distance routière de chaque lieu, dont {site.nom}.",
    )


def _avec_derogation(examine: SiteExamine, demande: DemandePet) -> SiteExamine:
    """The same site once the ARS director's decision is known, asked for, or neither (cahier §3)."""
    if examine.statut.eligible:
        return examine
    if demande.derogation is Derogation.ACCORDEE:
        reserve = "" if examine.site.derogeable else " (même entité juridique : le texte ne prévoit pas ce cas)"
        motif = f"{examine.motif} Dérogation accordée{reserve}."
        return replace(examine, statut=StatutDistance.ELIGIBLE_PAR_DEROGATION, motif=motif, point="")
    if examine.statut is StatutDistance.NON_ELIGIBLE and demande.derogation_attendue:
        point = f"Saisissez la décision sur la dérogation à la distance demandée pour {examine.site.nom}."
        motif = f"{examine.motif} Dérogation demandée, en attente de décision."
        return replace(examine, statut=StatutDistance.A_VERIFIER, motif=motif, point=point)
    return examine


def _avec_demi_journees(examine: SiteExamine) -> SiteExamine:
    if examine.site.demi_journees is not None or examine.statut is StatutDistance.NON_ELIGIBLE:
        return examine
    motif = f"{examine.motif} Demi-journées par semaine non précisées ou illisibles."
    point = f"Faites préciser le nombre de demi-journées par semaine sur {examine.site.nom}."
    return replace(examine, motif=motif, point=" ".join(filter(None, (examine.point, point))))


# --- the scale --------------------------------------------------------------------------------------------------------


def _total(sites: list[SiteExercice]) -> Decimal:
    return sum((s.demi_journees or _ZERO for s in sites), _ZERO)


def _au_moins(sites: list[SiteExercice], bareme: BaremePet) -> Decimal:
    """The amount these sites are sure to give: those without an address may be one and the same."""
    adresses = {_cle_adresse(s.adresse) for s in sites}
    return bareme.montant(_total(sites), len(adresses - {""}) or len(adresses))


def _au_plus(sites: list[SiteExercice], bareme: BaremePet) -> Decimal:
    """The most these sites can give: unknown half-days may be as many as it takes."""
    if any(s.demi_journees is None for s in sites):
        return bareme.plafond
    return bareme.montant(_total(sites), len(sites))


def _si_derogation(
    examines: list[SiteExamine], possibles: list[SiteExercice], demande: DemandePet, bareme: BaremePet
) -> Decimal | None:
    """What granting a derogation for the sites that are too near would give; None when it changes nothing."""
    if demande.derogation is Derogation.REFUSEE:
        return None
    proches = [e.site for e in examines if e.statut is StatutDistance.NON_ELIGIBLE and e.site.derogeable]
    montant = _au_plus(possibles + proches, bareme)
    return montant if montant != _au_plus(possibles, bareme) else None


# --- the words --------------------------------------------------------------------------------------------------------


def _libelle(sites: list[SiteExercice], bareme: BaremePet) -> str:
    palier = bareme.palier(_total(sites), len(sites))
    return palier.libelle if palier else ""


def _sur_le_bareme(sites: list[SiteExercice], bareme: BaremePet, *, connu: bool) -> tuple[str, ...]:
    demi_journees = pluriel(_total(sites), "demi-journée")
    palier = bareme.palier(_total(sites), len(sites))
    if sites and palier is None:
        return (f"{demi_journees} par semaine : cas non prévu par le barème, aucun montant n'en découle.",)
    if palier is None or not connu:
        return ()
    lieux = pluriel(len(sites), "lieu éligible", "lieux éligibles")
    return (f"{demi_journees} par semaine sur {lieux} : {palier.libelle}, {euros(palier.montant)} par mois.",)


def _doutes(demande: DemandePet, parametres: ParametresPet, sites: list[SiteExercice]) -> tuple[str, ...]:
    """What keeps a computed amount from being asserted."""
    doutes = []
    if demande.categorie is None:
        doutes.append("Catégorie de poste inconnue : la région peut ne pas verser la prime.")
    if _total(sites) > parametres.service_hebdomadaire:
        service = pluriel(parametres.service_hebdomadaire, "demi-journée")
        doutes.append(f"{pluriel(_total(sites), 'demi-journée')} hors site pour un service de {service} : à vérifier.")
    if demande.convention is Convention.ABSENTE:
        doutes.append("Convention absente : la prime ne peut être confirmée qu'à sa réception.")
    if demande.convention is Convention.INCONNUE:
        doutes.append("Convention illisible ou non demandée par le formulaire : à vérifier.")
    return tuple(doutes)


def _sous_reserve(demande: DemandePet, maximum: Decimal) -> tuple[str, ...]:
    """DS does not say whether a file is signed: only an agent's eye does (domaine, decision 6)."""
    a_voir = maximum and demande.convention is Convention.PRESENTE
    return ("Sous réserve du contrôle visuel de la convention (signatures).",) if a_voir else ()


def _points(examines: list[SiteExamine], surs: list[SiteExercice], bareme: BaremePet) -> tuple[str, ...]:
    """What would settle the amount, each thing once."""
    points = [e.point for e in examines if e.point]
    if _au_moins(surs, bareme) != _au_plus(surs, bareme):
        points.append("Faites préciser l'adresse de chaque lieu : le montant dépend du nombre de sites différents.")
    return tuple(dict.fromkeys(points))
