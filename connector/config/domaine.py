"""What an ARS decides of its domain: its words, its campaign, the scales of the prime and of the pay, its quotas.

Every figure is dated and cites a text of [sources]. No scale is written here: those of the seeds are in
config.example.toml. The national annex of the quotas alone is shipped with the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Protocol, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from connector.config.mots import Booleen, Compte, Duree, Jour, Nombre, Texte, Textes, choix, refuse
from connector.config.regles import Sources, cite
from connector.config.releve import Releve
from connector.config.sections import Section
from connector.core.annexe_dgos import QUOTAS
from connector.core.campagne import Campagne
from connector.core.candidature import ChampLu, Connu, exemple
from connector.core.chiffrage import Parametres
from connector.core.cles import code_region
from connector.core.constat import Source
from connector.core.cout import BaremeSalaire, FinApresReport, Lecture, ParametresCout, Taux
from connector.core.montants import jour
from connector.core.pet import BaremePet, Derogation, PalierPet, ParametresPet
from connector.core.poste import Categorie
from connector.core.projet import Vocabulaire
from connector.core.quota import CleQuota, ModeQuota, Nature, ParametresQuota, Quota, StatutQuota, TypeDemande
from connector.core.regles import Regle, ZoneSousDense
from connector.core.textes import normaliser

TABLES = ("campagne", "vocabulaire", "pet", "cout", "quota", "quotas", "postes")

Positif = Annotated[Nombre, Field(ge=0)]
Pourcentage = Annotated[Nombre, Field(ge=0, le=100)]
CategorieLue = Annotated[Categorie, choix(Categorie)]


Sens = TypeVar("Sens")
Modele = TypeVar("Modele", bound=Section)


class Demande(StrEnum):
    """How the file names a kind of request."""

    NOUVELLE = "nouvelle"
    REMPLACEMENT = "remplacement"
    REPORT = "report"


class CampagneDeclaree(Section):
    """The dates of a call."""

    ouverture: Jour | None = None
    cloture: Jour | None = None
    commission: Jour | None = None
    notification_le: Jour | None = None

    @model_validator(mode="after")
    def _dans_l_ordre(self) -> Self:
        dates = [d for d in (self.ouverture, self.cloture, self.commission, self.notification_le) if d is not None]
        if dates != sorted(dates):
            raise refuse("les dates se suivent : ouverture, cloture, commission, notification_le")
        return self

    def campagne(self) -> Campagne:
        """The same for the core."""
        return Campagne(**self.model_dump())


class VocabulaireDeclare(Section):
    """The form's own words; those of the reference form are known unless a table replaces them."""

    categories: dict[str, CategorieLue] = {  # noqa: RUF012 - pydantic copies it
        "Entre établissements de santé": Categorie.I,
        "Entre structure ambulatoire et établissement de santé": Categorie.II,
        "Exercice en Outre-mer": Categorie.III,
    }
    demandes: dict[str, Annotated[Demande, choix(Demande)]] = {  # noqa: RUF012
        TypeDemande[demande.name].value: demande for demande in Demande
    }
    durees: dict[str, Duree] = {"1 an": 12, "2 ans": 24}  # noqa: RUF012
    derogations: dict[str, Annotated[Derogation, choix(Derogation)]] = {  # noqa: RUF012
        derogation.value: derogation for derogation in Derogation
    }

    def vocabulaire(self) -> Vocabulaire:
        """The same for the core, words in their comparable form."""
        return Vocabulaire(
            categories=_normalise(self.categories),
            demandes={mot: TypeDemande[d.name] for mot, d in _normalise(self.demandes).items()},
            durees=_normalise(self.durees),
            derogations=_normalise(self.derogations),
        )


def _normalise(mots: Mapping[str, Sens]) -> dict[str, Sens]:
    return {normaliser(mot): sens for mot, sens in mots.items()}


class PalierDeclare(Section):
    """One line of the scale of the prime."""

    libelle: Texte
    montant: Positif
    a_partir_de: Positif | None = None
    plus_de: Positif | None = None
    jusqu_a: Positif | None = None
    lieux_minimum: Duree = 1

    def palier(self) -> PalierPet:
        """The same for the core."""
        return PalierPet(**self.model_dump())


class _Date(Section):
    """Something in force from a day, by a text."""

    date_effet: Jour
    valable_jusqu_au: Jour | None = None
    source: Texte

    @model_validator(mode="after")
    def _finit_apres_avoir_commence(self) -> Self:
        if self.valable_jusqu_au is not None and self.valable_jusqu_au < self.date_effet:
            raise refuse("« valable_jusqu_au » vient avant « date_effet »")
        return self


class BaremePetDeclare(_Date):
    """A scale of the prime."""

    paliers: Annotated[tuple[PalierDeclare, ...], Field(min_length=1)]

    def bareme(self, source: Source) -> BaremePet:
        """The same for the core."""
        return BaremePet(
            date_effet=self.date_effet,
            valable_jusqu_au=self.valable_jusqu_au,
            paliers=tuple(p.palier() for p in self.paliers),
            source=source,
        )


class PetDeclaree(Section):
    """How the region reads the prime."""

    seuil_km: Positif
    bande_km: Positif
    sinuosite: Annotated[Nombre, Field(ge=1)] | None = None
    categories: tuple[CategorieLue, ...]
    alternance: tuple[CategorieLue, ...] = ()
    service_hebdomadaire: Positif
    penitentiaire: Textes = ()
    baremes: Annotated[tuple[BaremePetDeclare, ...], Field(min_length=1)]

    def parametres(self, sources: Sequence[Source]) -> ParametresPet:
        """The same for the core; one source a scale."""
        return ParametresPet(
            baremes=tuple(b.bareme(source) for b, source in zip(self.baremes, sources, strict=True)),
            seuil_km=self.seuil_km,
            bande_km=self.bande_km,
            sinuosite=self.sinuosite,
            categories=frozenset(self.categories),
            categories_en_alternance=frozenset(self.alternance),
            service_hebdomadaire=self.service_hebdomadaire,
        )


class BaremeSalaireDeclare(_Date):
    """A scale of the pay; its end must be told (domaine, decision 8)."""

    valable_jusqu_au: Jour
    annee_de: Duree = 1
    annee_a: Duree = 2
    base_mensuelle: Positif
    indemnite_mensuelle: Positif

    def bareme(self, source: Source) -> BaremeSalaire:
        """The same for the core."""
        return BaremeSalaire(**self.model_dump(exclude={"source"}), source=source)


class TauxDeclare(Section):
    """A percentage, and the text or the decision it comes from."""

    valeur: Pourcentage
    source: Texte


class CoutDeclare(Section):
    """How the region pays."""

    lecture: Annotated[Lecture, choix(Lecture)]
    part_salaire: TauxDeclare
    part_pet: TauxDeclare
    charges: TauxDeclare | None = None
    charges_sur_pet: Booleen = False
    fin_apres_report: Annotated[FinApresReport, choix(FinApresReport)] = FinApresReport.DECALEE
    baremes: Annotated[tuple[BaremeSalaireDeclare, ...], Field(min_length=1)]


class QuotaDeclare(Section):
    """How quotas are used."""

    mode: Annotated[ModeQuota, choix(ModeQuota)] = ModeQuota.INFORMATIF
    poids_un_an: Positif = Decimal(1)

    def parametres(self) -> ParametresQuota:
        """The same for the core."""
        return ParametresQuota(mode=self.mode, poids_un_an=self.poids_un_an)


def _promotion(texte: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{4}", texte, re.ASCII):
        raise refuse("une promotion s'écrit comme « 2023-2025 »")
    return texte


def _region(texte: str) -> str:
    if code_region(texte) != texte:
        raise refuse("le code INSEE d'une région est attendu, entre guillemets (« 24 », « 03 »)")
    return texte


class NombreDePostes(Section):
    """One number of posts."""

    promotion: Annotated[Texte, AfterValidator(_promotion)]
    region: Annotated[Texte, AfterValidator(_region)]
    categorie: CategorieLue
    valeur: Compte | None = None
    sans_objet: Booleen = False
    nature: Annotated[Nature, choix(Nature)] = Nature.REGIONAL
    statut: Annotated[StatutQuota, choix(StatutQuota)] = StatutQuota.DEFINITIF
    source: Texte
    date_effet: Jour
    commentaire: str = ""

    @model_validator(mode="after")
    def _dit_combien(self) -> Self:
        if (self.valeur is None) is not self.sans_objet:
            raise refuse("donnez « valeur » (un nombre de postes), ou « sans_objet = true »")
        return self

    def quota(self, source: Source) -> Quota:
        """The same for the core."""
        return Quota(
            cle=CleQuota(promotion=self.promotion, region=self.region, categorie=self.categorie),
            valeur=self.valeur,
            nature=self.nature,
            statut=self.statut,
            source=source,
            date_effet=self.date_effet,
            commentaire=self.commentaire,
        )


class PostesDeclares(Section):
    """How the life of granted posts is followed: days by which a start may be late without being a postponement."""

    retard_tolere_jours: Compte = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Domaine:
    """What every démarche of the file shares."""

    vocabulaire: Vocabulaire = field(default_factory=Vocabulaire)
    campagne: Campagne | None = None
    parametres: Parametres = field(default_factory=Parametres)


def read_domaine(releve: Releve, fichier: Mapping[str, Any], sources: Sources) -> Domaine:
    """The domain's tables; what is wrong with them is told, and left out."""
    mots = releve.valid(VocabulaireDeclare, fichier.get("vocabulaire", {}), "vocabulaire")
    quota = releve.valid(QuotaDeclare, fichier.get("quota", {}), "quota")
    pet = _optionnelle(releve, PetDeclaree, fichier, "pet")
    postes = releve.valid(PostesDeclares, fichier.get("postes", {}), "postes") or PostesDeclares()
    return Domaine(
        vocabulaire=mots.vocabulaire() if mots else Vocabulaire(),
        campagne=read_campagne(releve, fichier, ""),
        parametres=Parametres(
            pet=_pet(releve, pet, sources),
            cout=_cout(releve, _optionnelle(releve, CoutDeclare, fichier, "cout"), sources),
            quota=quota.parametres() if quota else None,
            quotas=(*QUOTAS, *_quotas(releve, fichier.get("quotas", []), sources)),
            penitentiaire=pet.penitentiaire if pet else (),
            retard_tolere=postes.retard_tolere_jours,
        ),
    )


def read_campagne(releve: Releve, table: Mapping[str, Any], prefixe: str) -> Campagne | None:
    """The campaign that a table declares, None when it declares none."""
    if "campagne" not in table:
        return None
    declaree = releve.valid(CampagneDeclaree, table["campagne"], f"{prefixe}campagne")
    return declaree.campagne() if declaree else None


def _optionnelle(releve: Releve, modele: type[Modele], fichier: Mapping[str, Any], cle: str) -> Modele | None:
    return releve.valid(modele, fichier[cle], cle) if cle in fichier else None


def _pet(releve: Releve, declaree: PetDeclaree | None, sources: Sources) -> ParametresPet | None:
    if declaree is None:
        return None
    citees = _citees(releve, declaree.baremes, "pet.baremes", sources)
    return declaree.parametres(citees) if citees else None


def _cout(releve: Releve, declare: CoutDeclare | None, sources: Sources) -> ParametresCout | None:
    if declare is None:
        return None
    citees = _citees(releve, declare.baremes, "cout.baremes", sources)
    part_salaire = _taux(releve, declare.part_salaire, "cout.part_salaire", sources)
    part_pet = _taux(releve, declare.part_pet, "cout.part_pet", sources)
    charges = _taux(releve, declare.charges, "cout.charges", sources)
    if not citees or part_salaire is None or part_pet is None:
        return None
    return ParametresCout(
        baremes=tuple(b.bareme(source) for b, source in zip(declare.baremes, citees, strict=True)),
        lecture=declare.lecture,
        part_salaire=part_salaire,
        part_pet=part_pet,
        charges=charges,
        charges_sur_pet=declare.charges_sur_pet,
        fin_apres_report=declare.fin_apres_report,
    )


def _taux(releve: Releve, declare: TauxDeclare | None, chemin: str, sources: Sources) -> Taux | None:
    source = cite(releve, declare.source, f"{chemin}.source", sources) if declare else None
    return Taux(nom=chemin, valeur=declare.valeur, source=source) if declare and source else None


def _quotas(releve: Releve, brut: Any, sources: Sources) -> Iterable[Quota]:
    for rang, table in enumerate(releve.tables(brut, "quotas")):
        chemin = f"quotas[{rang}]"
        declare = releve.valid(NombreDePostes, table, chemin)
        source = cite(releve, declare.source, f"{chemin}.source", sources) if declare else None
        if declare and source:
            yield declare.quota(source)


class _Declare(Protocol):
    """A dated scale as the file has it."""

    @property
    def date_effet(self) -> date: ...

    @property
    def source(self) -> str: ...


def _citees(releve: Releve, baremes: Sequence[_Declare], chemin: str, sources: Sources) -> tuple[Source, ...]:
    """The text each scale cites, in order; () as soon as one is wrong or two start on the same day."""
    dates = [b.date_effet for b in baremes]
    for rang, le in enumerate(dates):
        if le in dates[:rang]:
            releve.add(f"{chemin}[{rang}].date_effet", f"un autre barème prend effet le {jour(le)}")
    citees = [cite(releve, b.source, f"{chemin}[{rang}].source", sources) for rang, b in enumerate(baremes)]
    return tuple(s for s in citees if s) if all(citees) else ()


def zonees(regles: Iterable[Regle], mots: Vocabulaire) -> frozenset[Categorie]:
    """The categories that an under-served zone is asked of."""
    zones = [regle for regle in regles if isinstance(regle, ZoneSousDense)]
    return frozenset(c for mot, c in mots.categories.items() for regle in zones if _concerne(regle, mot))


def _concerne(regle: Regle, mot: str) -> bool:
    candidature = exemple(ChampLu(cle="categorie", libelle="", lecture=Connu(mot)))
    return all(c.holds(candidature) is True for c in regle.si if c.champ == "categorie")
