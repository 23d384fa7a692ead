"""One dossier as the report sees it: what it asked for, what was said and decided of it, when, and what it costs.

No name, no address, no number of a person: only what is counted, the dossier's number, and the agents' own free texts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from connector.core.candidature import Candidature
from connector.core.constat import AvisPropose, Constat, Statut
from connector.core.decisions import LABEL_ATTENTE, Decision, Sens, sens_de
from connector.core.evaluation import Proposition
from connector.core.model import DossierState
from connector.core.pet import Derogation, Prime, StatutPet
from connector.core.projet import Projet
from connector.core.quota import TypeDemande, nom_de_promotion
from connector.core.referentiels import StatutQuartier, Zone
from connector.core.registre import cle_quota
from connector.core.regles.zone_sous_dense import is_reason
from connector.core.situation import Situation

_ETATS = {
    DossierState.ACCEPTE: Sens.RETENU,
    DossierState.REFUSE: Sens.NON_RETENU,
    DossierState.SANS_SUITE: Sens.SANS_SUITE,
}


LUS = frozenset(
    {
        *("type_demande", "categorie", "promotion", "region", "adresse", "chu", "lieux", "specialite", "convention"),
        *("quotite_hospitaliere", "quotite_ambulatoire", "date_prise_fonction", "nouvelle_date", "derogation_demandee"),
    }
)
"""The fields of a form that a count needs: the others are not even read."""


class ClasseZone(StrEnum):
    """Where a project is, by the best class of its places of work."""

    QPV = "Quartier prioritaire (QPV)"
    ZIP = "Zone d'intervention prioritaire (ZIP)"
    ZAC = "Zone d'action complémentaire (ZAC)"
    ZV = "Zone de vigilance"
    HZ = "Hors zonage"
    A_VERIFIER = "À vérifier (sans classement connu)"


_CLASSES = {Zone.ZIP: ClasseZone.ZIP, Zone.ZAC: ClasseZone.ZAC, Zone.ZV: ClasseZone.ZV, Zone.HZ: ClasseZone.HZ}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cle:
    """What a dossier is counted under; "" for what its form does not say. `region` is the INSEE code."""

    promotion: str = ""
    region: str = ""
    categorie: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dit:
    """What we said of a dossier at some time; `constats` are those that found something amiss, or in doubt."""

    avis: AvisPropose
    constats: tuple[Constat, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vu:
    """One dossier. Shares in percent, amounts in euros; None for what nobody can assert.

    `dit` is our last proposition, `dit_avant` the one in force when people decided (None when there was none yet).
    `prime_due` is a month's prime.
    """

    dossier: int
    demarche: int
    etat: DossierState
    cle: Cle
    demande: TypeDemande | None
    depose_le: date
    en_instruction_le: date | None = None
    traite_le: date | None = None
    specialite: str = ""
    chu: str = ""
    structures: tuple[str, ...] = ()
    zone: ClasseZone = ClasseZone.A_VERIFIER
    quotite_hospitaliere: Decimal | None = None
    quotite_ambulatoire: Decimal | None = None
    dit: Dit | None = None
    dit_avant: Dit | None = None
    decision: Sens | None = None
    motivation: str = ""
    derogation: Derogation = Derogation.AUCUNE
    modulation_acceptee: bool = False
    deficitaire: str = ""
    devenir: str = ""
    observations: str = ""
    en_attente: bool = False
    prime: StatutPet | None = None
    prime_due: Decimal | None = None

    @property
    def candidature(self) -> bool:
        """Whether it asks for a new place: a replacement or a postponement does not."""
        return self.demande not in {TypeDemande.REMPLACEMENT, TypeDemande.REPORT}

    @property
    def recevable(self) -> bool:
        """Whether it could take a place: accepted, or proposed for acceptance when people decided, quota aside."""
        dit = self.dit_avant or self.dit
        return self.etat is DossierState.ACCEPTE or (
            dit is not None and dit.avis in {AvisPropose.FAVORABLE, AvisPropose.LISTE_D_ATTENTE}
        )

    @property
    def ecartee(self) -> bool:
        """Whether people decided against it."""
        return self.etat in {DossierState.REFUSE, DossierState.SANS_SUITE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Faits:
    """What is known of a dossier besides what it says.

    `maintenant` and `avant` are what we say of it now, and what we said when people decided; `liste` is its line in the
    commission's list.
    """

    prime: Prime | None = None
    maintenant: Proposition | None = None
    avant: Proposition | None = None
    liste: Decision | None = None


def releve(
    candidature: Candidature, projet: Projet, situation: Situation, faits: Faits, *, jour: Callable[[datetime], date]
) -> Vu:
    """The dossier as counted. `jour` gives the day of an instant in France."""
    c, liste = candidature, faits.liste
    decision = _ETATS.get(c.etat) or sens_de(c.connu("decision", str) or "") or (liste.sens if liste else None)
    return Vu(
        dossier=c.numero,
        demarche=c.demarche,
        etat=c.etat,
        cle=_cle(projet),
        demande=projet.demande,
        depose_le=jour(c.deposee_le),
        en_instruction_le=jour(c.en_instruction_le) if c.en_instruction_le else None,
        traite_le=jour(c.traitee_le) if c.traitee_le else None,
        specialite=projet.specialite or "",
        chu=projet.chu or "",
        structures=tuple(dict.fromkeys(lieu.type_structure or "" for lieu in projet.lieux)),
        zone=classe_de_zone(situation),
        quotite_hospitaliere=projet.quotite_hospitaliere,
        quotite_ambulatoire=projet.quotite_ambulatoire,
        dit=_dit(faits.maintenant),
        dit_avant=_dit(faits.avant),
        decision=decision,
        motivation=c.connu("motivation", str) or (liste.motivation if liste else ""),
        derogation=projet.derogation,
        modulation_acceptee=projet.modulation_acceptee is True,
        deficitaire=projet.specialite_deficitaire or "" if is_reason(projet.specialite_deficitaire or "") else "",
        devenir=c.connu("devenir", str) or "",
        observations=c.connu("observations", str) or "",
        en_attente=_attend(c, decision, faits.maintenant),
        prime=faits.prime.statut if faits.prime else None,
        prime_due=faits.prime.montant if faits.prime and faits.prime.statut is StatutPet.DUE else None,
    )


def _cle(projet: Projet) -> Cle:
    """The quota's own key when there is one, so that a dossier is counted where its post is."""
    exacte = cle_quota(projet)
    if exacte:
        return Cle(promotion=exacte.promotion, region=exacte.region, categorie=exacte.categorie.value)
    promotion = nom_de_promotion(projet.promotion)
    return Cle(promotion=promotion, region=projet.region or "", categorie=projet.categorie or "")


def _dit(proposition: Proposition | None) -> Dit | None:
    if proposition is None:
        return None
    parlants = (c for c in proposition.constats if c.statut in {Statut.KO, Statut.A_VERIFIER})
    return Dit(avis=proposition.avis, constats=tuple(parlants))


def _attend(candidature: Candidature, decision: Sens | None, maintenant: Proposition | None) -> bool:
    """Whether it waits for a place: people said so, or nobody decided yet and we propose it."""
    if decision is not None:
        return decision is Sens.LISTE_D_ATTENTE
    propose = maintenant is not None and maintenant.avis is AvisPropose.LISTE_D_ATTENTE
    return propose or LABEL_ATTENTE in candidature.labels


def classe_de_zone(situation: Situation) -> ClasseZone:
    """The best class of a project's places: a priority neighbourhood first, then ZIP, ZAC, the others."""
    classes = {ClasseZone.A_VERIFIER}
    for lieu in situation.lieux:
        if lieu.quartier is not None and lieu.quartier.statut is StatutQuartier.DANS:
            classes.add(ClasseZone.QPV)
        if lieu.zone is not None:
            classes.add(_CLASSES.get(lieu.zone.zone, ClasseZone.A_VERIFIER))
    return next(classe for classe in ClasseZone if classe in classes)
