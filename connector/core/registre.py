"""What one dossier means for the others: its entry among them, and what it does to the register of posts.

Nothing here holds anybody's identity: a candidate is a keyed digest of an RPPS number, a holder is a dossier number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from connector.core import empreintes
from connector.core.candidature import Candidature
from connector.core.cles import compact, rpps_valide
from connector.core.constat import AvisPropose, Constat, Effet, Source, Statut
from connector.core.model import Dossier, DossierState
from connector.core.montants import jour
from connector.core.poste import (
    Attribution,
    Poste,
    Quotites,
    Refus,
    desiste,
    ouvre,
    remplace,
    reporte,
)
from connector.core.projet import Projet
from connector.core.quota import CleQuota, Pretendant, TypeDemande, nom_de_promotion
from connector.core.situation import DossierRemplace, Situation
from connector.core.textes import normaliser, typographier
from connector.core.vie import Tenue, vit

DUREE_PAR_DEFAUT = 24
"""Months of a post whose duration the form does not say: what the cahier des charges funds (§4)."""

# --- an entry ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Inscription:
    """One dossier among the others. `candidat` and `projet` are digests, "" when there is nothing to compare.

    `cle` is the quota that it would take a place of, None when the form does not say enough to tell.
    """

    dossier: int
    demarche: int
    etat: DossierState
    depose_le: datetime
    demande: TypeDemande | None = None
    candidat: str = ""
    projet: str = ""
    lien: int | None = None
    siret: str | None = None
    quotite_ambulatoire: Decimal | None = None
    cle: CleQuota | None = None
    duree_mois: int | None = None
    rang: int | None = None
    en_attente: bool = False

    @property
    def en_lice(self) -> bool:
        """Whether it may still be accepted: neither decided nor in a state nobody knows."""
        return self.etat.ouvert

    @property
    def pretendant(self) -> Pretendant | None:
        """The same for the quota, None when it takes part in none."""
        if self.cle is None:
            return None
        return Pretendant(
            dossier=self.dossier,
            cle=self.cle,
            type_demande=self.demande or TypeDemande.NOUVELLE,
            depose_le=self.depose_le,
            duree_mois=self.duree_mois or DUREE_PAR_DEFAUT,
            rang=self.rang,
        )

    @property
    def remplace(self) -> DossierRemplace:
        """The same for the dossier that would replace it."""
        return DossierRemplace(
            dossier=self.dossier,
            etat=self.etat,
            siret=self.siret,
            quotite_ambulatoire=self.quotite_ambulatoire,
            projet=self.projet,
        )


def inscription(dossier: Dossier, projet: Projet, *, sceller: Callable[[str], str]) -> Inscription:
    """The entry of a dossier, from what its form says; `sceller` keys the digest of its candidate."""
    return Inscription(
        dossier=dossier.number,
        demarche=dossier.demarche_number,
        etat=dossier.state,
        depose_le=dossier.date_depot,
        demande=projet.demande,
        candidat=_candidat(projet.rpps, sceller),
        projet=projet.empreinte,
        lien=projet.lien.number if projet.lien else None,
        siret=projet.siret,
        quotite_ambulatoire=projet.quotite_ambulatoire,
        cle=cle_quota(projet),
        duree_mois=projet.duree_mois,
        rang=projet.rang,
        en_attente=projet.en_attente,
    )


def _candidat(rpps: str | None, sceller: Callable[[str], str]) -> str:
    """A digest that two dossiers of one candidate share; a number with a wrong key would make strangers alike.

    It is keyed: there are few enough RPPS numbers to try them all.
    """
    return sceller(empreintes.of("rpps", compact(rpps))) if rpps and rpps_valide(rpps) else ""


def cle_quota(projet: Projet) -> CleQuota | None:
    """The quota that a candidature belongs to, None while its promotion, région or category is not known."""
    promotion = nom_de_promotion(projet.promotion)
    if not (promotion and projet.region and projet.categorie):
        return None
    return CleQuota(promotion=promotion, region=projet.region, categorie=projet.categorie)


def memes(une: Inscription, autre: Inscription) -> tuple[str, ...]:
    """What two dossiers share that should be looked at: `candidat`, `projet`, or nothing.

    A replacement shares its project with the dossier that it replaces, and a report everything with the one that it
    postpones: neither is filed twice.
    """
    lies = une.lien == autre.dossier or autre.lien == une.dossier
    if une.dossier == autre.dossier or lies or TypeDemande.REPORT in {une.demande, autre.demande}:
        return ()
    communs = {"candidat": une.candidat and une.candidat == autre.candidat}
    communs["projet"] = une.projet and une.projet == autre.projet
    return tuple(motif for motif, commun in communs.items() if commun)


# --- the register of posts --------------------------------------------------------------------------------------------


def tient(
    candidature: Candidature, projet: Projet, *, sien: Poste | None, lie: Poste | None, aujourd_hui: date
) -> Tenue:
    """The register after a dossier was decided, or an agent typed an event. Safe to replay.

    `sien` is the post that it holds, `lie` the one that the dossier it names holds. A post only comes from an
    acceptance, and only an agent's event fills, postpones or ends it.
    """
    match candidature.etat:
        case DossierState.ACCEPTE:
            return _accepte(candidature, projet, sien=sien, lie=lie, aujourd_hui=aujourd_hui)
        case DossierState.REFUSE | DossierState.SANS_SUITE if sien is not None:
            return _tenue(desiste(sien, candidature.numero, _decide_le(candidature, aujourd_hui)), sien)
        case _:
            return Tenue()


def _decide_le(candidature: Candidature, aujourd_hui: date) -> date:
    return candidature.traitee_le.date() if candidature.traitee_le else aujourd_hui


def _accepte(
    candidature: Candidature, projet: Projet, *, sien: Poste | None, lie: Poste | None, aujourd_hui: date
) -> Tenue:
    if projet.demande is TypeDemande.REPORT:
        return _reporte(candidature, projet, lie, aujourd_hui)
    attribution, manques = _attribution(candidature, projet, aujourd_hui)
    if sien is not None:
        tenue = vit(candidature, projet, sien, aujourd_hui)
    elif attribution is None:
        tenue = Tenue()
    elif projet.demande is TypeDemande.REMPLACEMENT:
        tenue = _reprend(candidature, projet, attribution, lie, aujourd_hui)
    else:
        tenue = vit(candidature, projet, ouvre(attribution), aujourd_hui)
    return replace(tenue, avertissement=" ".join(filter(None, (manques, tenue.avertissement))))


def _attribution(candidature: Candidature, projet: Projet, aujourd_hui: date) -> tuple[Attribution | None, str]:
    """What the acceptance grants, and what had to be assumed; None, and why, when no quota can be charged with it."""
    cle = cle_quota(projet)
    if cle is None:
        return None, (
            "Ce dossier est accepté, mais son poste n'est compté dans aucun quota : la promotion, la région ou la "
            "catégorie n'est pas connue. À compléter dans le formulaire."
        )
    accepte_le = _decide_le(candidature, aujourd_hui)
    attribution = Attribution(
        dossier=candidature.numero,
        accepte_le=accepte_le,
        promotion=cle.promotion,
        categorie=cle.categorie,
        region=cle.region,
        etablissement=projet.siret or candidature.connu("finess", str) or "",
        quotites=Quotites(hospitaliere=projet.quotite_hospitaliere, ambulatoire=projet.quotite_ambulatoire),
        debut=projet.debut or accepte_le,
        duree_mois=projet.duree_mois or DUREE_PAR_DEFAUT,
        cout=None,
    )
    suppose = [
        *([] if projet.debut else [f"un début au {jour(accepte_le)}, jour de l'accord"]),
        *([] if projet.duree_mois else [f"une durée de {DUREE_PAR_DEFAUT} mois"]),
    ]
    return attribution, f"Le registre des postes suppose {' et '.join(suppose)} : à vérifier." if suppose else ""


def _reprend(
    candidature: Candidature, projet: Projet, attribution: Attribution, lie: Poste | None, aujourd_hui: date
) -> Tenue:
    """The post of the dossier that it names, with a new holder."""
    if lie is None:
        return Tenue(
            avertissement="Ce remplacement est accepté, mais le poste repris n'est pas connu ici : vérifier le numéro "
            "du dossier remplacé, et qu'il a bien été accepté."
        )
    repris = remplace(lie, attribution)
    if isinstance(repris, Refus):
        return Tenue(avertissement=repris.motif)
    return vit(candidature, projet, repris, aujourd_hui)


def _reporte(candidature: Candidature, projet: Projet, lie: Poste | None, aujourd_hui: date) -> Tenue:
    """An accepted report: the post of the dossier that it names starts later."""
    if projet.lien is None or lie is None:
        return Tenue(
            avertissement="Ce report est accepté, mais le poste à reporter n'est pas connu ici : saisir « Report "
            "accordé » et la nouvelle date dans le dossier du poste."
        )
    if projet.debut_reporte is None:
        return Tenue(avertissement="Ce report est accepté sans nouvelle date de prise de fonction : à compléter.")
    accorde_le = _decide_le(candidature, aujourd_hui)
    suite = reporte(lie, dossier=projet.lien.number, debut=projet.debut_reporte, accorde_le=accorde_le, cout=None)
    return _tenue(suite, lie)


def _tenue(suite: Poste | Refus, avant: Poste) -> Tenue:
    """The post after an event; as it was, and why, when the event does not fit."""
    if isinstance(suite, Refus):
        return Tenue(poste=avant, avertissement=suite.motif)
    return Tenue(poste=suite)


SOURCE = Source(texte="Registre des postes tenu par le connecteur", opposable=False)


def constats_du_registre(situation: Situation) -> tuple[Constat, ...]:
    """What the register of posts has an agent settle: what it could not take in, and a freed post to think of."""
    relais = situation.relais
    a_dire = (
        (situation.registre, Effet.A_VERIFIER, "registre des postes"),
        (_appel(relais.libere_par) if relais and relais.libere_par else "", Effet.INFORMATION, "poste libéré"),
    )
    return tuple(
        Constat(
            regle=normaliser(court).replace(" ", "_"),
            statut=Statut.A_VERIFIER,
            effet=effet,
            phrase=typographier(phrase),
            source=SOURCE,
            avis=AvisPropose.A_VERIFIER,
            court=court,
        )
        for phrase, effet, court in a_dire
        if phrase
    )


def _appel(libere_par: int) -> str:
    """What is told of the first who waits: that it is the first, not that it is to be accepted."""
    return (
        f"Un poste s'est libéré (désistement du dossier n° {libere_par}) et ce dossier est le premier de la liste "
        "d'attente : à l'ARS de décider s'il lui revient."
    )
