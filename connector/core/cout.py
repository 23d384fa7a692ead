"""What a post costs and what the ARS pays of it, year by year, each number with the parameter it comes from.

Cahier des charges §3 and domaine §5. Amounts stay exact until each fiscal year is rounded to the cent; the last one
absorbs the difference, so that the years always add up to the total.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from connector.core.calendrier import ajoute_mois, en_vigueur, mois_entre
from connector.core.constat import Source
from connector.core.montants import au_centime, euros, jour, nombre
from connector.core.pet import Prime, StatutPet

_ZERO, _UN, _CENT = Decimal(0), Decimal(1), Decimal(100)
_POUR_CENT = Decimal("0.01")
_MOIS_PAR_AN = 12


class Lecture(StrEnum):
    """What the ARS finances: A, the hospital's share of the time (cahier CVL); B, the whole post (note DGOS)."""

    PART_HOSPITALIERE = "A"
    POSTE_ENTIER = "B"


class FinApresReport(StrEnum):
    """After a postponement: the whole schedule moves, or the end stays and the months lost are not paid."""

    DECALEE = "decalee"
    MAINTENUE = "maintenue"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaremeSalaire:
    """Monthly gross pay of an assistant from `date_effet` to `valable_jusqu_au` included.

    `valable_jusqu_au` is the last day that the ARS vouches for: it must be given, because a scale that nobody has
    confirmed is not a scale (domaine, decision 8). `annee_de` to `annee_a`: the years of practice it is about, from 1.
    """

    date_effet: date
    valable_jusqu_au: date
    annee_de: int
    annee_a: int
    base_mensuelle: Decimal
    indemnite_mensuelle: Decimal
    source: Source

    @property
    def mensuel(self) -> Decimal:
        """Base pay and IESPE of one month."""
        return self.base_mensuelle + self.indemnite_mensuelle


@dataclass(frozen=True, slots=True, kw_only=True)
class Taux:
    """A percentage typed by the ARS: `nom` is its path in the configuration."""

    nom: str
    valeur: Decimal
    source: Source

    @property
    def fraction(self) -> Decimal:
        """0.42 for 42 %."""
        return self.valeur * _POUR_CENT

    def texte(self) -> str:
        """« 42 % »."""
        return _pourcent(self.valeur)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParametresCout:
    """How a region pays. `charges` None: the ARS typed no rate, so no charges are counted.

    `part_salaire` applies to what `lecture` designates; `part_pet` to the whole prime (0: the hospital pays it).
    """

    baremes: tuple[BaremeSalaire, ...]
    lecture: Lecture
    part_salaire: Taux
    part_pet: Taux
    charges: Taux | None
    charges_sur_pet: bool
    fin_apres_report: FinApresReport


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandeCout:
    """One post, or `postes` alike ones. `quotite_hospitaliere` in percent; `prime` None when there is none.

    `debut` is the first start agreed upon, `debut_reporte` the one a granted postponement gives. `annee_d_exercice`
    is the assistant's year of practice at the start.
    """

    debut: date
    duree_mois: int
    quotite_hospitaliere: Decimal | None
    prime: Prime | None
    postes: int = 1
    debut_reporte: date | None = None
    annee_d_exercice: int = 1

    @property
    def debut_effectif(self) -> date:
        """Where the schedule starts."""
        return self.debut_reporte or self.debut


@dataclass(frozen=True, slots=True, kw_only=True)
class Ligne:
    """One number, the parameter that made it, and the text or the person that parameter comes from."""

    libelle: str
    montant: Decimal
    parametre: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercice:
    """The ARS share of one fiscal year, in euros; both bounds None while it cannot be computed."""

    annee: int
    mois: int
    minimum: Decimal | None
    maximum: Decimal | None

    @property
    def montant(self) -> Decimal | None:
        """The amount when it is certain."""
        return self.minimum if self.minimum == self.maximum else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cout:
    """The cost over the whole duration, in euros; any amount that cannot be asserted is None.

    `brut`, `pet`, `charges` and `total` are the employer's; `minimum` and `maximum` bound the ARS share, equal when it
    is certain. `sans_bareme_depuis` is the first month that no scale covers.
    """

    mois: int
    brut: Decimal | None
    pet: Decimal | None
    charges: Decimal | None
    total: Decimal | None
    minimum: Decimal | None
    maximum: Decimal | None
    par_exercice: tuple[Exercice, ...]
    lignes: tuple[Ligne, ...]
    hypotheses: tuple[str, ...]
    sans_bareme_depuis: date | None = None

    @property
    def part_ars(self) -> Decimal | None:
        """What the ARS pays, when it is certain."""
        return self.minimum if self.minimum == self.maximum else None

    def texte(self) -> str:
        """The ARS share as an annotation shows it, never an amount we cannot assert (domaine, decisions 7 and 8)."""
        if self.part_ars is not None:
            return euros(self.part_ars)
        if self.sans_bareme_depuis is not None:
            return f"barème à renseigner à partir du {jour(self.sans_bareme_depuis)}"
        if self.minimum is not None and self.maximum is not None:
            return f"à confirmer, {euros(self.minimum)} à {euros(self.maximum)}"
        return "à confirmer"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mois:
    """One paid month: its first day and the scale in force on it."""

    premier: date
    bareme: BaremeSalaire | None


def chiffre(demande: DemandeCout, parametres: ParametresCout) -> Cout:
    """The cost of a post (or of a promotion of alike posts) under a region's parameters."""
    mois = _echeancier(demande, parametres)
    basse, haute = _bornes_de_la_prime(demande.prime)
    exercices = _par_exercice(mois, (basse, haute), demande, parametres)
    brut = _somme(_brut_du_mois(m, demande) for m in mois)
    pet = _arrondi(basse * len(mois) * demande.postes if basse is not None and basse == haute else None)
    charges = _charges(brut, pet, parametres)
    return Cout(
        mois=len(mois),
        brut=_arrondi(brut),
        pet=pet,
        charges=charges,
        total=_arrondi(_somme((brut, pet, charges))),
        minimum=_somme(e.minimum for e in exercices),
        maximum=_somme(e.maximum for e in exercices),
        par_exercice=exercices,
        lignes=_lignes(mois, demande, parametres),
        hypotheses=_hypotheses(mois, demande, parametres),
        sans_bareme_depuis=next((m.premier for m in mois if m.bareme is None), None),
    )


# --- the schedule -----------------------------------------------------------------------------------------------------


def _echeancier(demande: DemandeCout, parametres: ParametresCout) -> tuple[_Mois, ...]:
    """The months to pay, each with its scale."""
    premiers = (ajoute_mois(demande.debut_effectif, rang) for rang in range(_nombre_de_mois(demande, parametres)))
    return tuple(_mois(premier, rang, demande, parametres) for rang, premier in enumerate(premiers))


def _nombre_de_mois(demande: DemandeCout, parametres: ParametresCout) -> int:
    """Never more than the duration granted, whatever the postponement (domaine §5.4)."""
    if demande.debut_reporte is None or parametres.fin_apres_report is FinApresReport.DECALEE:
        return demande.duree_mois
    fin = ajoute_mois(demande.debut, demande.duree_mois)
    return min(demande.duree_mois, mois_entre(demande.debut_reporte, fin))


def _mois(premier: date, rang: int, demande: DemandeCout, parametres: ParametresCout) -> _Mois:
    annee = demande.annee_d_exercice + rang // _MOIS_PAR_AN
    siens = (b for b in parametres.baremes if b.annee_de <= annee <= b.annee_a)
    return _Mois(premier=premier, bareme=en_vigueur(siens, premier))


def _bornes_de_la_prime(prime: Prime | None) -> tuple[Decimal | None, Decimal | None]:
    return (_ZERO, _ZERO) if prime is None else (prime.minimum, prime.maximum)


# --- the amounts, exact -----------------------------------------------------------------------------------------------


def _brut_du_mois(mois: _Mois, demande: DemandeCout) -> Decimal | None:
    return None if mois.bareme is None else mois.bareme.mensuel * demande.postes


def _avec_charges(parametres: ParametresCout) -> Decimal:
    return _UN + parametres.charges.fraction if parametres.charges else _UN


def _fraction_financee(demande: DemandeCout, parametres: ParametresCout) -> Decimal | None:
    """The share of the pay that the ARS finances; None when reading A lacks a sensible hospital share."""
    if parametres.lecture is Lecture.POSTE_ENTIER:
        return parametres.part_salaire.fraction
    quotite = demande.quotite_hospitaliere
    if quotite is None or not _ZERO <= quotite <= _CENT:
        return None
    return quotite * _POUR_CENT * parametres.part_salaire.fraction


def _part_salaire(mois: _Mois, demande: DemandeCout, parametres: ParametresCout) -> Decimal | None:
    brut, fraction = _brut_du_mois(mois, demande), _fraction_financee(demande, parametres)
    return None if brut is None or fraction is None else brut * _avec_charges(parametres) * fraction


def _part_pet(pet: Decimal | None, demande: DemandeCout, parametres: ParametresCout) -> Decimal | None:
    """The prime is paid whole, never in proportion of the working time (domaine §5.3)."""
    if not parametres.part_pet.valeur:
        return _ZERO
    charges = _avec_charges(parametres) if parametres.charges_sur_pet else _UN
    return None if pet is None else pet * demande.postes * charges * parametres.part_pet.fraction


def _charges(brut: Decimal | None, pet: Decimal | None, parametres: ParametresCout) -> Decimal | None:
    if parametres.charges is None:
        return _ZERO
    assiette = _somme((brut, pet)) if parametres.charges_sur_pet else brut
    return _arrondi(None if assiette is None else assiette * parametres.charges.fraction)


# --- the fiscal years -------------------------------------------------------------------------------------------------


def _par_exercice(
    mois: tuple[_Mois, ...],
    bornes: tuple[Decimal | None, Decimal | None],
    demande: DemandeCout,
    parametres: ParametresCout,
) -> tuple[Exercice, ...]:
    annees = sorted({m.premier.year for m in mois})
    par_annee = [[m for m in mois if m.premier.year == annee] for annee in annees]
    repartis = {pet: _repartis(par_annee, pet, demande, parametres) for pet in set(bornes)}
    return tuple(
        Exercice(annee=annee, mois=len(siens), minimum=minimum, maximum=maximum)
        for annee, siens, minimum, maximum in zip(annees, par_annee, *(repartis[pet] for pet in bornes), strict=True)
    )


def _repartis(
    par_annee: list[list[_Mois]], pet: Decimal | None, demande: DemandeCout, parametres: ParametresCout
) -> list[Decimal | None]:
    """Each year's ARS share to the cent; the last one absorbs the rounding when all are known (domaine §5.3)."""
    part_pet = _part_pet(pet, demande, parametres)
    exacts = [_somme(_somme((_part_salaire(m, demande, parametres), part_pet)) for m in siens) for siens in par_annee]
    arrondis = [_arrondi(exact) for exact in exacts]
    total, avant = _arrondi(_somme(exacts)), _somme(arrondis[:-1])
    if total is None or avant is None:
        return arrondis
    return [*arrondis[:-1], total - avant]


def _somme(montants: Iterable[Decimal | None]) -> Decimal | None:
    """The sum, None when there is nothing to add or when a term is unknown."""
    connus = list(montants)
    return None if None in connus or not connus else sum(filter(None, connus), _ZERO)


def _arrondi(montant: Decimal | None) -> Decimal | None:
    return None if montant is None else au_centime(montant)


# --- where each number comes from -------------------------------------------------------------------------------------


def _lignes(mois: tuple[_Mois, ...], demande: DemandeCout, parametres: ParametresCout) -> tuple[Ligne, ...]:
    """Every number of the calculation that is known, in the order it is made."""
    return (
        *_lignes_de_salaire(mois, demande),
        *_lignes_de_prime(mois, demande, parametres),
        *_lignes_de_charges(mois, demande, parametres),
        *_lignes_de_part(mois, demande, parametres),
    )


def _lignes_de_salaire(mois: tuple[_Mois, ...], demande: DemandeCout) -> Iterable[Ligne]:
    baremes = dict.fromkeys(m.bareme for m in mois if m.bareme is not None)
    for bareme in baremes:
        nombre_de_mois = sum(m.bareme == bareme for m in mois)
        periode = (
            f"{nombre_de_mois} mois" if demande.postes == 1 else f"{nombre_de_mois} mois × {demande.postes} postes"
        )
        fois = nombre_de_mois * demande.postes
        origine = f"cout.baremes[{bareme.date_effet}]"
        for libelle, montant, champ in (
            ("Traitement de base", bareme.base_mensuelle, "base_mensuelle"),
            ("Indemnité d'engagement de service public exclusif", bareme.indemnite_mensuelle, "indemnite_mensuelle"),
        ):
            yield Ligne(
                libelle=f"{libelle} : {periode} à {euros(montant)}",
                montant=montant * fois,
                parametre=f"{origine}.{champ}",
                source=bareme.source,
            )


def _periode(mois: int, demande: DemandeCout) -> str:
    return f"{mois} mois" if demande.postes == 1 else f"{mois} mois × {demande.postes} postes"


def _lignes_de_prime(mois: tuple[_Mois, ...], demande: DemandeCout, parametres: ParametresCout) -> Iterable[Ligne]:
    prime = demande.prime
    if prime is None or not prime.montant or prime.source is None:
        return
    total = prime.montant * len(mois) * demande.postes
    yield Ligne(
        libelle=f"Prime d'exercice territorial : {_periode(len(mois), demande)} à {euros(prime.montant)}",
        montant=total,
        parametre="pet.baremes",
        source=prime.source,
    )
    part = parametres.part_pet
    part_pet = _part_pet(prime.montant, demande, parametres)
    yield Ligne(
        libelle=f"Part de l'ARS sur la prime : {part.texte()}",
        montant=au_centime((part_pet or _ZERO) * len(mois)),
        parametre=part.nom,
        source=part.source,
    )


def _lignes_de_charges(mois: tuple[_Mois, ...], demande: DemandeCout, parametres: ParametresCout) -> Iterable[Ligne]:
    brut = _somme(_brut_du_mois(m, demande) for m in mois)
    pet = demande.prime.montant if demande.prime else _ZERO
    charges = _charges(brut, None if pet is None else pet * len(mois) * demande.postes, parametres)
    if parametres.charges is not None and charges is not None:
        yield Ligne(
            libelle=f"Charges patronales : {parametres.charges.texte()}",
            montant=charges,
            parametre=parametres.charges.nom,
            source=parametres.charges.source,
        )


def _lignes_de_part(mois: tuple[_Mois, ...], demande: DemandeCout, parametres: ParametresCout) -> Iterable[Ligne]:
    part = _somme(_part_salaire(m, demande, parametres) for m in mois)
    if part is not None:
        yield Ligne(
            libelle=f"Part de l'ARS sur le salaire : {_assiette(demande, parametres)}",
            montant=au_centime(part),
            parametre=parametres.part_salaire.nom,
            source=parametres.part_salaire.source,
        )


def _assiette(demande: DemandeCout, parametres: ParametresCout) -> str:
    part = parametres.part_salaire.texte()
    if parametres.lecture is Lecture.POSTE_ENTIER or demande.quotite_hospitaliere is None:
        return f"{part} du poste entier"
    return f"{part} de la quotité hospitalière ({_pourcent(demande.quotite_hospitaliere)})"


def _pourcent(valeur: Decimal) -> str:
    return f"{nombre(valeur)}\u00a0%"


# --- what was assumed -------------------------------------------------------------------------------------------------


def _hypotheses(mois: tuple[_Mois, ...], demande: DemandeCout, parametres: ParametresCout) -> tuple[str, ...]:
    """What a reader must know before using the number, in French."""
    phrases = (
        _hypothese_de_lecture(demande, parametres),
        _hypothese_de_charges(parametres),
        _hypothese_de_prime(demande, parametres),
        _hypothese_de_bareme(mois),
        _hypothese_de_report(mois, demande, parametres),
        _hypothese_de_debut(demande),
    )
    return tuple(filter(None, phrases))


def _hypothese_de_lecture(demande: DemandeCout, parametres: ParametresCout) -> str:
    if _fraction_financee(demande, parametres) is None:
        return "Quotité hospitalière inconnue : la part de l'ARS ne peut pas être calculée."
    return f"Lecture {parametres.lecture} : l'ARS finance {_assiette(demande, parametres)}."


def _hypothese_de_charges(parametres: ParametresCout) -> str:
    if parametres.charges is None:
        return "Montants bruts, charges patronales non comprises : aucun taux n'est saisi."
    return f"Charges patronales estimées à {parametres.charges.texte()} : taux saisi par l'ARS."


def _hypothese_de_prime(demande: DemandeCout, parametres: ParametresCout) -> str:
    if demande.prime is None:
        return ""
    if not parametres.part_pet.valeur:
        return "Prime d'exercice territorial à la charge de l'établissement."
    if demande.prime.montant is None:
        return f"Prime d'exercice territorial {demande.prime.texte()} par mois."
    if demande.prime.statut is StatutPet.A_CONFIRMER:
        return "Prime d'exercice territorial comptée entière, sous réserve de sa confirmation."
    return "Prime d'exercice territorial entière, sans proratisation." if demande.prime.montant else ""


def _hypothese_de_bareme(mois: tuple[_Mois, ...]) -> str:
    sans = [m.premier for m in mois if m.bareme is None]
    if not sans:
        return ""
    return (
        f"Barème à renseigner à partir du {jour(sans[0])} ({len(sans)} mois sur {len(mois)}) : "
        "le dernier barème saisi ne couvre pas ces mois."
    )


def _hypothese_de_report(mois: tuple[_Mois, ...], demande: DemandeCout, parametres: ParametresCout) -> str:
    if demande.debut_reporte is None:
        return ""
    debut = f"Prise de fonction reportée du {jour(demande.debut)} au {jour(demande.debut_reporte)}"
    if parametres.fin_apres_report is FinApresReport.DECALEE:
        return f"{debut} : l'échéancier est décalé, la durée reste de {len(mois)} mois."
    return f"{debut} : la fin ne bouge pas, {len(mois)} mois financés sur {demande.duree_mois}."


def _hypothese_de_debut(demande: DemandeCout) -> str:
    if demande.debut_effectif.day == 1:
        return ""
    return f"Prise de fonction le {jour(demande.debut_effectif)} : mois comptés de date à date, rattachés à leur début."
