"""What `connector report` does: gathers what is stored, counts it, and writes the file. Nothing is asked of DS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from connector import presentation, wiring
from connector.bilan import lignes, page
from connector.bilan.matiere import Matiere, nom_categorie
from connector.bilan.rapports import bilan, rapport_concordance
from connector.bilan.releve import LUS, Faits, Vu, releve
from connector.bilan.tableau import Rapport
from connector.core.candidature import Candidature, lire
from connector.core.chiffrage import Chiffre, chiffrer, prime_seule
from connector.core.constat import Statut
from connector.core.decisions import SourceDecisions
from connector.core.evaluation import Proposition
from connector.core.model import Dossier
from connector.core.montants import pluriel
from connector.core.projet import Projet, projet
from connector.core.quota import Quota, nom_de_promotion
from connector.core.textes import enumerer
from connector.errors import OperatorError
from connector.fichiers import deposer
from connector.passages import stored_form

if TYPE_CHECKING:
    from connector.bilan import jury
    from connector.config import DemarcheReglee
    from connector.wiring import Atelier


class Genre(StrEnum):
    """What is asked for."""

    BILAN = "bilan"
    CONCORDANCE = "concordance"
    COMMISSION = "commission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demande:
    """One report to write. `promotions` () means all of them; `sortie` None, a name of ours in the current folder."""

    genre: Genre = Genre.BILAN
    public: bool = False
    promotions: tuple[str, ...] = ()
    format: str = "html"
    sortie: Path | None = None

    @property
    def fichier(self) -> Path:
        """Where it is written."""
        if self.sortie is not None:
            return self.sortie
        if self.genre is Genre.COMMISSION:  # to be filled in: not what the commission decided, which `decide` reads
            return Path("jury.xlsx")
        return Path(f"{self.genre}{'-public' if self.public else ''}.{self.format}")


def ecrire(atelier: Atelier, demande: Demande) -> str:
    """Write the file; the sentence that says what is in it. What may name somebody is for its owner alone (0600)."""
    if demande.genre is Genre.COMMISSION:
        return _commission(atelier, demande)
    matiere = rassembler(atelier, public=demande.public)
    _connues("aucun dossier ni poste", matiere.promotions, demande.promotions)
    matiere = matiere.limitee(demande.promotions)
    rapport = bilan(matiere) if demande.genre is Genre.BILAN else rapport_concordance(matiere)
    deposer(demande.fichier, _contenu(rapport, demande.format), prive=not demande.public)
    if demande.public:
        return f"{demande.fichier} : version publique, petits effectifs masqués, sans nom ni texte libre."
    return (
        f"{demande.fichier} : version interne, lisible par vous seul ; elle cite des numéros de dossier et des textes "
        "d’agents. Pour la diffuser : --public."
    )


def _contenu(rapport: Rapport, format_: str) -> bytes:
    if format_ == "xlsx":
        from connector.bilan import classeur  # noqa: PLC0415 - heavy

        return classeur.ecrire(rapport)
    if format_ == "csv":
        return lignes.ecrire(rapport).encode("utf-8-sig")
    return page.ecrire(rapport, wiring.folder("templates") / "bilan").encode()


def _connues(quoi: str, connues: Sequence[str], promotions: Sequence[str]) -> None:
    """Refuse a promotion that nothing here speaks of: an empty report would look like a result."""
    for promotion in promotions:
        if nom_de_promotion(promotion) not in connues:
            raise OperatorError(
                f"{quoi} de la promotion « {promotion} ».",
                hint=f"Promotions connues ici : {enumerer(connues) or 'aucune'}.",
            )


# --- gathering --------------------------------------------------------------------------------------------------------


def rassembler(atelier: Atelier, *, public: bool = False) -> Matiere:
    """Everything to count, over the démarches of the configuration."""
    demarches = atelier.settings.demarches
    return Matiere(
        jour=wiring.today(),
        vus=tuple(vu for demarche in demarches for vu in _vus(atelier, demarche)),
        postes=atelier.base.postes.all(),
        quotas=_quotas(demarches),
        regles={regle.cle: regle.libelle for demarche in demarches for regle in demarche.regles},
        campagnes=tuple(dict.fromkeys(d.campagne for d in demarches if d.campagne)),
        public=public,
        effaces=sum(sum(atelier.base.effacement.counts(d.numero).values()) for d in demarches),
    )


def _quotas(demarches: Sequence[DemarcheReglee]) -> tuple[Quota, ...]:
    return tuple(dict.fromkeys(quota for demarche in demarches for quota in demarche.parametres.quotas))


def _vus(atelier: Atelier, demarche: DemarcheReglee) -> Iterator[Vu]:
    """The dossiers as counted."""
    dossiers = atelier.base.dossiers
    listes = {d.dossier: d for d in atelier.base.decisions.all(SourceDecisions.FICHIER)}
    entiere = stored_form(atelier, atelier.consigne(demarche))
    resolution = replace(entiere, champs=tuple(cible for cible in entiere.champs if cible.cle in LUS), annotations={})
    monde, parametres, aujourd_hui = atelier.monde(demarche), demarche.parametres, wiring.today()
    for dossier, proposition in dossiers.counted(demarche.numero, resolution.retenue):
        candidature = lire(dossier, resolution)
        lu = projet(candidature, demarche.vocabulaire)
        situation, decide_le = monde.place(lu, dossier), candidature.traitee_le
        avant = dossiers.evaluation_at(dossier.number, decide_le) if decide_le else None
        faits = Faits(
            prime=prime_seule(lu, situation, parametres, aujourd_hui=aujourd_hui),
            maintenant=proposition,
            avant=avant.proposition if avant else None,
            liste=listes.get(dossier.number),
        )
        yield releve(candidature, lu, situation, faits, jour=_jour)


def _jour(instant: datetime) -> date:
    return instant.astimezone(wiring.FRANCE).date()


# --- the commission ---------------------------------------------------------------------------------------------------


def _commission(atelier: Atelier, demande: Demande) -> str:
    """The list of the undecided dossiers, for the jury; a list already there may hold its decisions, and is kept."""
    from connector.bilan import jury  # noqa: PLC0415 - heavy

    voulues = set(map(nom_de_promotion, demande.promotions))
    tous = [candidat for demarche in atelier.settings.demarches for candidat in _candidats(atelier, demarche)]
    _connues("aucun dossier à décider", sorted({c.promotion for c in tous} - {""}), demande.promotions)
    candidats = [candidat for candidat in tous if not voulues or candidat.promotion in voulues]
    candidats.sort(key=lambda c: (c.etat != presentation.ETATS["en_instruction"], c.categorie, c.dossier))
    deposer(demande.fichier, jury.ecrire(candidats, jour=wiring.today()), neuf=True)
    return (
        f"{demande.fichier} : {pluriel(len(candidats), 'dossier')}. Ce fichier est nominatif : il n’est lisible que "
        "par vous (0600) et ne doit pas être diffusé au-delà de la commission."
    )


def _candidats(atelier: Atelier, demarche: DemarcheReglee) -> Iterator[jury.Candidat]:
    """The dossiers that nobody decided yet."""
    monde, site = atelier.monde(demarche), atelier.settings.instance.site
    resolution = stored_form(atelier, atelier.consigne(demarche))
    for dossier, proposition in atelier.base.dossiers.counted(demarche.numero, resolution.retenue):
        if dossier.state.ouvert:
            candidature = lire(dossier, resolution)
            lu = projet(candidature, demarche.vocabulaire)
            situation = monde.situer(lu, dossier)
            chiffrage = chiffrer(lu, situation, demarche.parametres, aujourd_hui=wiring.today())
            lien = f"{site}/procedures/{demarche.numero}/dossiers/{dossier.number}"
            yield _candidat(dossier, candidature, lu, proposition=proposition, chiffres=chiffrage.chiffres, lien=lien)


def _candidat(
    dossier: Dossier,
    c: Candidature,
    lu: Projet,
    *,
    proposition: Proposition | None,
    chiffres: Mapping[str, Chiffre],
    lien: str,
) -> jury.Candidat:
    from connector.bilan import jury  # noqa: PLC0415 - heavy

    noms = (c.connu("nom", str), c.connu("prenom", str))
    return jury.Candidat(
        dossier=c.numero,
        candidat=" ".join(filter(None, noms)),
        etablissement=dossier.demandeur.raison_sociale or c.siret or "",
        specialite=lu.specialite or "",
        demande=lu.demande or "",
        categorie=nom_categorie(lu.categorie or ""),
        promotion=nom_de_promotion(lu.promotion),
        etat=presentation.ETATS[c.etat.value],
        depose_le=_jour(c.deposee_le),
        avis=proposition.avis.value if proposition else "Pas encore examiné",
        synthese=proposition.synthese if proposition else "",
        constats="\n".join(
            f"{presentation.SIGNES[constat.statut]} {constat.phrase}"
            for constat in (proposition.constats if proposition else ())
            if constat.statut in {Statut.KO, Statut.A_VERIFIER}
        ),
        zone=chiffres["zone"].texte,
        quotite_hospitaliere=lu.quotite_hospitaliere,
        quotite_ambulatoire=lu.quotite_ambulatoire,
        prime=_prime(chiffres["pet_montant"].texte, chiffres["pet_statut"].texte),
        cout=chiffres["cout"].texte,
        quota=chiffres["quota"].texte,
        note=c.connu("note", int),
        lien=lien,
    )


def _prime(montant: str, statut: str) -> str:
    """The amount and its status, said once when the amount already says it: « 1 000 €, à confirmer »."""
    return montant if statut.lower() in montant.lower() else f"{montant} ({statut})"
