"""A candidature as the domain speaks of it: category, kind of request, places, shares, dates, and what the ARS typed.

Read from logical fields by their well-known keys; anything not said, not readable or not understood is None, and the
rules say so. The words of the form (« Entre établissements de santé ») are translated by a configured vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from connector.core import empreintes
from connector.core.candidature import Candidature, Connu, Lecture, LigneLue, Lue, Manquant, Masque
from connector.core.model import Adresse, LienDossier, Lieu
from connector.core.pet import Derogation
from connector.core.poste import Categorie
from connector.core.quota import TypeDemande
from connector.core.textes import normaliser

_LISTE_D_ATTENTE = normaliser("Liste d'attente")
"""The commission's decision that leaves a dossier waiting, as the reference form spells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulaire:
    """The form's options, normalised, and what they mean."""

    categories: Mapping[str, Categorie] = field(default_factory=dict)
    demandes: Mapping[str, TypeDemande] = field(default_factory=dict)
    durees: Mapping[str, int] = field(default_factory=dict)
    derogations: Mapping[str, Derogation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LieuProjet:
    """One place of work off the main site, by its rank in the form (from 1); half-days a week, road kilometres."""

    rang: int
    nom: str | None = None
    type_structure: str | None = None
    adresse: Adresse | None = None
    commune: Lieu | None = None
    demi_journees: Decimal | None = None
    distance_route_km: Decimal | None = None

    @property
    def code_commune(self) -> str | None:
        """INSEE code of its commune, from the address if it has one, else from the commune typed."""
        if self.adresse is not None and self.adresse.city_code:
            return self.adresse.city_code
        return self.commune.code if self.commune else None

    @property
    def repere(self) -> tuple[str, str]:
        """What tells it from another place: its commune, and its address or name."""
        endroit = self.adresse.label if self.adresse else self.nom
        return self.code_commune or "", normaliser(endroit or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Projet:
    """What the application asks for. Shares in percent, `duree_mois` in months, `region` an INSEE code.

    `en_attente`: an agent put it on the waiting list, by the decision or by the label; `rang` is its rank there.
    """

    dossier: int
    categorie: Categorie | None = None
    demande: TypeDemande | None = None
    promotion: str | None = None
    region: str | None = None
    siret: str | None = None
    adresse: Adresse | None = None
    chu: str | None = None
    lieux: tuple[LieuProjet, ...] = ()
    specialite: str | None = None
    rpps: str | None = None
    quotite_hospitaliere: Decimal | None = None
    quotite_ambulatoire: Decimal | None = None
    debut: date | None = None
    duree_mois: int | None = None
    derogation_demandee: bool = False
    convention: bool | None = None
    lien: LienDossier | None = None
    repercussions: str | None = None
    debut_reporte: date | None = None
    motif_report: str | None = None
    distance_retenue_km: Decimal | None = None
    derogation: Derogation = Derogation.AUCUNE
    specialite_deficitaire: str | None = None
    modulation_acceptee: bool | None = None
    rang: int | None = None
    en_attente: bool = False

    @property
    def empreinte(self) -> str:
        """Digest of its specialty and places of work, however they are spelled; "" when it names not both.

        Half-days are left out: they follow the shares, which are compared as numbers.
        """
        lieux = sorted({lieu.repere for lieu in self.lieux})
        specialite = normaliser(self.specialite or "")
        return empreintes.of(specialite, lieux) if specialite and lieux else ""


def projet(candidature: Candidature, mots: Vocabulaire) -> Projet:
    """The candidature in the domain's words. Never fails."""
    lu = _Lecture(candidature)
    return Projet(
        dossier=candidature.numero,
        categorie=mots.categories.get(lu.mot("categorie")),
        demande=mots.demandes.get(lu.mot("type_demande")),
        promotion=lu.texte("promotion"),
        region=lu.code("region"),
        siret=candidature.siret,
        adresse=lu.adresse("adresse"),
        chu=lu.texte("chu"),
        lieux=tuple(_lieu(rang, ligne) for rang, ligne in enumerate(lu.lignes("lieux"), start=1)),
        specialite=lu.texte("specialite"),
        rpps=lu.texte("rpps"),
        quotite_hospitaliere=lu.nombre("quotite_hospitaliere"),
        quotite_ambulatoire=lu.nombre("quotite_ambulatoire"),
        debut=lu.jour("date_prise_fonction"),
        duree_mois=mots.durees.get(lu.mot("duree")),
        derogation_demandee=lu.oui("derogation_demandee") is True,
        convention=lu.fichier("convention"),
        lien=candidature.connu("dossier_remplace", LienDossier),
        repercussions=lu.texte("repercussions"),
        debut_reporte=lu.jour("nouvelle_date"),
        motif_report=lu.texte("motif_report"),
        distance_retenue_km=lu.nombre("distance_retenue"),
        derogation=mots.derogations.get(lu.mot("derogation_pet"), Derogation.AUCUNE),
        specialite_deficitaire=lu.texte("specialite_deficitaire"),
        modulation_acceptee=lu.oui("modulation_acceptee"),
        rang=candidature.connu("rang", int),
        en_attente=lu.mot("decision") == _LISTE_D_ATTENTE or "liste_attente" in candidature.labels,
    )


@dataclass(frozen=True, slots=True)
class _Lecture:
    """Reads well-known keys out of a candidature, each as what it should be or None."""

    candidature: Candidature

    def texte(self, cle: str) -> str | None:
        return self.candidature.connu(cle, str)

    def mot(self, cle: str) -> str:
        """An option, normalised; "" when there is none."""
        return normaliser(self.texte(cle) or "")

    def nombre(self, cle: str) -> Decimal | None:
        return _nombre(self.candidature.champ(cle).lecture)

    def jour(self, cle: str) -> date | None:
        return self.candidature.connu(cle, date)

    def oui(self, cle: str) -> bool | None:
        return self.candidature.connu(cle, bool)

    def adresse(self, cle: str) -> Adresse | None:
        return self.candidature.connu(cle, Adresse)

    def code(self, cle: str) -> str | None:
        lieu = self.candidature.connu(cle, Lieu)
        return lieu.code if lieu else None

    def fichier(self, cle: str) -> bool | None:
        """Whether a piece was asked and is there; None when it was not asked or cannot be read."""
        match self.candidature.champ(cle).lecture:
            case Connu():
                return True
            case Manquant():
                return False
            case _:
                return None

    def lignes(self, cle: str) -> tuple[LigneLue, ...]:
        return tuple(ligne for ligne in self.candidature.connu(cle, tuple) or () if isinstance(ligne, LigneLue))


def _nombre(lecture: Lecture) -> Decimal | None:
    match lecture:
        case Connu(valeur=int() | Decimal() as valeur) if not isinstance(valeur, bool):
            return Decimal(valeur)
        case _:
            return None


def _lieu(rang: int, ligne: LigneLue) -> LieuProjet:
    lus = {cle: champ.lecture for cle, champ in ligne.champs.items()}

    def valeur(cle: str, genre: type[Lue]) -> Lue | None:
        match lus.get(cle):
            case Connu(valeur=trouvee) if isinstance(trouvee, genre):
                return trouvee
            case _:
                return None

    return LieuProjet(
        rang=rang,
        nom=valeur("nom", str),
        type_structure=valeur("type_structure", str),
        adresse=valeur("adresse", Adresse),
        commune=valeur("commune", Lieu),
        demi_journees=_nombre(lus.get("demi_journees", Masque())),
        distance_route_km=_nombre(lus.get("distance_route", Masque())),
    )
