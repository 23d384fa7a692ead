"""The figures of one candidature (zone, distance, share, prime, cost, quota), as annotations and synthesis show them.

Nothing is computed here that `pet`, `cout` or `quota` does not compute: this file hands them what the candidature and
its situation say, and puts their answers into words. A figure that nobody can assert has no number (domaine, decision
7): its text says « à confirmer », and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from connector.core.calendrier import ajoute_mois
from connector.core.cout import Cout, DemandeCout, FinApresReport, Lecture, ParametresCout, chiffre
from connector.core.lieux import mesure, nom_du_lieu, texte_distance, texte_zone
from connector.core.montants import euros, jour, nombre
from connector.core.pet import (
    Convention,
    DemandePet,
    Derogation,
    ParametresPet,
    Prime,
    SiteExercice,
    StatutDistance,
    StatutPet,
    prime,
)
from connector.core.plan import ValeurAnnotation
from connector.core.poste import Categorie, Poste, Sortie, Titulaire
from connector.core.projet import LieuProjet, Projet
from connector.core.quota import Compteurs, ParametresQuota, Quota, TypeDemande
from connector.core.situation import Situation
from connector.core.textes import enumerer, normaliser, typographier

_CENT = Decimal(100)
_ZERO = Decimal(0)
_MILLIEME = Decimal("0.001")
_DUREE_MAXIMALE = 120
_DERNIERE_ANNEE = date.max.year - _DUREE_MAXIMALE // 12 - 1
_NOMBRES = frozenset({"quotite", "pet_montant", "cout"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parametres:
    """What a region decided of its figures; a part left at None is not calculated, and the annotation says so.

    `zonees` are the categories that an under-served zone is asked of; `penitentiaire` the words by which a type of
    structure is known as a prison's unit. `retard_tolere` is how many days after the date agreed upon a start may come
    without being a postponement.
    """

    pet: ParametresPet | None = None
    cout: ParametresCout | None = None
    quota: ParametresQuota | None = None
    quotas: tuple[Quota, ...] = ()
    zonees: frozenset[Categorie] = frozenset({Categorie.II})
    penitentiaire: tuple[str, ...] = ("pénitentiaire",)
    retard_tolere: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Chiffre:
    """One figure: `texte` for an annotation of text, `nombre` for a decimal one, None while nobody can assert it."""

    texte: str
    nombre: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chiffrage:
    """Every figure of one candidature, by the key of its annotation.

    `prime` and `cout` hold the whole calculation, None when it was not made. `labels` are the keys of the labels that
    the figures call for, `complements` what ends the synthesis, `points` what would settle a doubtful figure.
    """

    prime: Prime | None = None
    cout: Cout | None = None
    chiffres: Mapping[str, Chiffre] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    complements: tuple[str, ...] = ()
    points: tuple[str, ...] = ()

    def valeurs(self) -> dict[str, ValeurAnnotation | None]:
        """What each annotation holds where a number can be written: None for a number that cannot be asserted."""
        return {cle: c.nombre if cle in _NOMBRES else c.texte for cle, c in self.chiffres.items()}

    def textes(self) -> dict[str, str]:
        """What each annotation says where it is made of text."""
        return {cle: c.texte for cle, c in self.chiffres.items()}


def chiffrer(projet: Projet, situation: Situation, parametres: Parametres, *, aujourd_hui: date) -> Chiffrage:
    """The figures of a candidature under a region's parameters. Never raises, whatever was typed."""
    demandee = demande_pet(projet, situation, parametres, aujourd_hui=aujourd_hui)
    due = _due(demandee, projet, situation, parametres)
    cout, chiffre_cout = _cout(projet, situation, due, parametres)
    chiffres = {
        "zone": Chiffre(texte=_zone(projet, situation, parametres)),
        "distance": Chiffre(texte=texte_distance(projet, situation)),
        "quotite": _quotite(projet),
        "pet_montant": Chiffre(texte=_texte_prime(due, parametres), nombre=_au_millieme(due.montant)),
        "pet_statut": Chiffre(texte=due.statut.value),
        "cout": chiffre_cout,
        "quota": Chiffre(texte=_texte_quota(projet, situation, parametres)),
    }
    return Chiffrage(
        prime=due if parametres.pet else None,
        cout=cout,
        chiffres={cle: replace(c, texte=typographier(c.texte)) for cle, c in chiffres.items()},
        labels=_labels(projet, due, demandee),
        complements=tuple(map(typographier, _complements(projet, situation, parametres, due))),
        points=tuple(map(typographier, due.points)),
    )


def prime_seule(projet: Projet, situation: Situation, parametres: Parametres, *, aujourd_hui: date) -> Prime | None:
    """The prime of a candidature without its other figures, None where the region calculates none."""
    if parametres.pet is None:
        return None
    return _due(demande_pet(projet, situation, parametres, aujourd_hui=aujourd_hui), projet, situation, parametres)


def _due(demandee: DemandePet, projet: Projet, situation: Situation, parametres: Parametres) -> Prime:
    return _prime(
        demandee,
        parametres,
        date_connue=any(_debuts(projet, situation)),
        withdrawn=_sorti(projet, situation, Sortie.DESISTEMENT) is not None,
    )


def _au_millieme(montant: Decimal | None) -> Decimal | None:
    """DS takes three decimals at most (contract §5.5)."""
    return None if montant is None else montant.quantize(_MILLIEME, rounding=ROUND_HALF_UP).normalize() + 0


# --- zone and share ---------------------------------------------------------------------------------------------------


def _zone(projet: Projet, situation: Situation, parametres: Parametres) -> str:
    texte = texte_zone(projet, situation)
    if projet.categorie is None or projet.categorie in parametres.zonees:
        return texte
    return f"sans objet en catégorie {projet.categorie} ; pour information : {texte}"


def _quotites(projet: Projet) -> tuple[Decimal | None, Decimal | None]:
    """The hospital and ambulatory shares, in percent; both None when they do not add up to a whole time."""
    hopital, ville = (_pourcentage(q) for q in (projet.quotite_hospitaliere, projet.quotite_ambulatoire))
    if hopital is not None and ville is not None and hopital + ville != _CENT:
        return None, None
    return hopital, ville


def _pourcentage(valeur: Decimal | None) -> Decimal | None:
    lue = mesure(valeur)
    return lue if lue is not None and lue <= _CENT else None


def _quotite(projet: Projet) -> Chiffre:
    _, ville = _quotites(projet)
    if ville is not None:
        return Chiffre(texte=f"{nombre(ville)} %", nombre=_au_millieme(ville))
    if mesure(projet.quotite_ambulatoire) is None:
        return Chiffre(texte="à confirmer : quotité ambulatoire absente ou illisible")
    return Chiffre(texte="à confirmer : les quotités ne font pas un temps plein (100 %)")


# --- prime ------------------------------------------------------------------------------------------------------------


def demande_pet(projet: Projet, situation: Situation, parametres: Parametres, *, aujourd_hui: date) -> DemandePet:
    """What the calculation of the prime is asked. A start nobody gave takes the scale of `aujourd_hui`."""
    debut, reporte = _debuts(projet, situation)
    return DemandePet(
        sites=tuple(_site(lieu, situation, parametres) for lieu in projet.lieux),
        categorie=projet.categorie,
        convention=_CONVENTIONS[projet.convention],
        jour=reporte or debut or aujourd_hui,
        adresse_principale=projet.adresse.label if projet.adresse else None,
        distance_retenue_km=mesure(projet.distance_retenue_km),
        derogation=projet.derogation,
        derogation_demandee=projet.derogation_demandee,
    )


_CONVENTIONS = {True: Convention.PRESENTE, False: Convention.ABSENTE, None: Convention.INCONNUE}


def _site(lieu: LieuProjet, situation: Situation, parametres: Parametres) -> SiteExercice:
    situe = situation.lieu(lieu.rang)
    return SiteExercice(
        nom=nom_du_lieu(lieu),
        demi_journees=mesure(lieu.demi_journees),
        adresse=_adresse(lieu),
        distance_route_km=mesure(lieu.distance_route_km),
        distance_vol_oiseau_km=mesure(situe.distance_km),
        precision=situe.precision,
        penitentiaire=_est_penitentiaire(lieu, parametres),
    )


def _adresse(lieu: LieuProjet) -> str | None:
    """What tells one site from another; an address that only names a commune does not."""
    if lieu.adresse is None or lieu.adresse.type == "municipality":
        return None
    return lieu.adresse.label


def _est_penitentiaire(lieu: LieuProjet, parametres: Parametres) -> bool:
    genre = normaliser(lieu.type_structure or "")
    return any(normaliser(mot) in genre for mot in parametres.penitentiaire)


def _prime(demandee: DemandePet, parametres: Parametres, *, date_connue: bool, withdrawn: bool) -> Prime:
    """The prime, to be confirmed as long as nobody said when the post starts: another scale may then be in force."""
    if withdrawn:
        motif = "Désistement avant la prise de fonction."
        return Prime(statut=StatutPet.SANS_OBJET, montant=_ZERO, minimum=_ZERO, maximum=_ZERO, motifs=(motif,))
    if parametres.pet is None:
        motif = "Non calculée : les paramètres de la prime ne sont pas renseignés."
        return Prime(statut=StatutPet.A_CONFIRMER, montant=None, minimum=None, maximum=None, motifs=(motif,))
    due = prime(demandee, parametres.pet)
    if date_connue or due.statut is not StatutPet.DUE:
        return due
    doute = "Date de prise de fonction inconnue : barème du jour."
    return replace(due, statut=StatutPet.A_CONFIRMER, motifs=(*due.motifs, doute))


def _texte_prime(due: Prime, parametres: Parametres) -> str:
    """The amount; what a derogation would give where it is not due; why nothing can be said where nothing can."""
    if parametres.pet is None:
        return _minuscule(due.motifs[0])
    if due.minimum is None:
        return f"{due.texte()} : {_minuscule(due.motifs[0])}"
    if _sans_lieu(due):
        return f"{due.texte()} : aucun lieu d'exercice hors du site principal"
    if due.statut is StatutPet.NON_DUE and due.montant_si_derogation:
        return f"{due.texte()} ({euros(due.montant_si_derogation)} si dérogation)"
    if due.montant is None and _probablement_proche(due, parametres.pet):
        return f"{due.texte()} (probablement {euros(due.minimum)})"
    return due.texte()


def _sans_lieu(due: Prime) -> bool:
    """Whether the prime is not due for want of any place off the main site: nothing was compared with the 20 km."""
    return due.statut is StatutPet.NON_DUE and not due.sites


def _probablement_proche(due: Prime, parametres: ParametresPet) -> bool:
    """Whether every doubt is about a site whose likely road distance is under the threshold (domaine §4.2)."""
    sinuosite = parametres.sinuosite
    oiseaux = [
        None if e.site.distance_route_km is not None else e.site.distance_vol_oiseau_km
        for e in due.sites
        if e.statut is StatutDistance.A_VERIFIER
    ]
    return (
        bool(oiseaux)
        and sinuosite is not None
        and all(oiseau is not None and oiseau * sinuosite < parametres.seuil_km for oiseau in oiseaux)
    )


def _minuscule(phrase: str) -> str:
    return phrase[:1].lower() + phrase[1:].rstrip(".")


# --- cost -------------------------------------------------------------------------------------------------------------


def _debuts(projet: Projet, situation: Situation) -> tuple[date | None, date | None]:
    """The start first agreed upon, and the one that a postponement gives: the register's own wins (decision 5)."""
    poste = situation.poste
    if poste is not None and poste.reports_du_titulaire and poste.titulaire.dossier == projet.dossier:
        return poste.debut_prevu, poste.debut
    return projet.debut, projet.debut_reporte


def _cout(projet: Projet, situation: Situation, due: Prime, parametres: Parametres) -> tuple[Cout | None, Chiffre]:
    if parametres.cout is None:
        return None, Chiffre(texte="non calculé : les paramètres du coût ne sont pas renseignés")
    if projet.demande is TypeDemande.REPORT and projet.motif_report is None:
        return None, Chiffre(texte="à confirmer : un report sans motif n'est pas financé")
    suspens = _en_suspens(projet, situation, parametres)
    if suspens is not None:
        return None, suspens
    debut, reporte = _debuts(projet, situation)
    duree = projet.duree_mois if 0 < (projet.duree_mois or 0) <= _DUREE_MAXIMALE else None
    if debut is None or duree is None or max(debut, reporte or debut).year > _DERNIERE_ANNEE:
        return None, Chiffre(texte=f"à confirmer : {_manques(debut, duree)}")
    hopital, _ = _quotites(projet)
    cout = chiffre(
        DemandeCout(debut=debut, duree_mois=duree, quotite_hospitaliere=hopital, prime=due, debut_reporte=reporte),
        parametres.cout,
    )
    return cout, Chiffre(texte=_texte_cout(cout, hopital, due, parametres.cout), nombre=_au_millieme(cout.part_ars))


def _sorti(projet: Projet, situation: Situation, sortie: Sortie) -> Titulaire | None:
    """This dossier as a holder who left its post that way, None when it did not."""
    titulaires = situation.poste.titulaires if situation.poste else ()
    return next((t for t in titulaires if t.dossier == projet.dossier and t.sortie is sortie), None)


def _en_suspens(projet: Projet, situation: Situation, parametres: Parametres) -> Chiffre | None:
    """What is said of the cost of a post that nobody took up, or whose funding somebody must settle."""
    if _sorti(projet, situation, Sortie.DESISTEMENT):
        return Chiffre(texte="0 € : désistement avant la prise de fonction", nombre=_ZERO)
    parti = _sorti(projet, situation, Sortie.FIN)
    if parti is not None and parti.sorti_le is not None:
        return Chiffre(texte=f"à confirmer : fin anticipée le {jour(parti.sorti_le)}")
    poste = situation.poste
    if poste is not None and poste.titulaire.dossier == projet.dossier and en_retard(poste, parametres.retard_tolere):
        return Chiffre(
            texte=f"à confirmer : prise de fonction après le {jour(poste.debut)} sans report accordé, donc sans "
            "financement si l'ARS n'en a pas été informée"
        )
    return None


def en_retard(poste: Poste, tolere: int) -> bool:
    """Whether the post was taken up later than agreed upon, beyond those days: a postponement nobody granted."""
    le = poste.titulaire.prise_de_fonction_le
    return le is not None and le > poste.debut + timedelta(days=tolere)


def fin_financee(poste: Poste, parametres: ParametresCout | None) -> date:
    """First day after the funded months, whether or not a postponement moves it."""
    decale = parametres is None or parametres.fin_apres_report is FinApresReport.DECALEE
    return ajoute_mois(poste.debut if decale else poste.debut_prevu, poste.duree_mois)


def _manques(debut: date | None, duree: int | None) -> str:
    manques = [
        "durée du poste absente ou illisible" if duree is None else "",
        "date de prise de fonction absente ou impossible" if debut is None or duree is not None else "",
    ]
    return enumerer(filter(None, manques))


def _texte_cout(cout: Cout, hopital: Decimal | None, due: Prime, parametres: ParametresCout) -> str:
    """« 69 265,92 € sur 24 mois (2023 : … ; 2024 : …) », or why it cannot be said."""
    if cout.part_ars is None:
        return f"{cout.texte()}{_pourquoi(cout, hopital, parametres)}"
    reserves = [
        "hors charges patronales" if parametres.charges is None else "",
        "prime à confirmer" if due.statut is StatutPet.A_CONFIRMER and parametres.part_pet.valeur else "",
    ]
    return ", ".join(filter(None, (f"{cout.texte()} sur {cout.mois} mois{_annees(cout)}", *reserves)))


def _annees(cout: Cout) -> str:
    """« (2023 : 5 772,16 € ; 2024 : …) »: the fiscal years that are known; "" when none is."""
    annees = " ; ".join(f"{e.annee} : {euros(e.montant)}" for e in cout.par_exercice if e.montant is not None)
    return f" ({annees})" if annees else ""


def _pourquoi(cout: Cout, hopital: Decimal | None, parametres: ParametresCout) -> str:
    if cout.sans_bareme_depuis is not None:
        return _annees(cout)
    if not cout.mois:
        return " : le report dépasse la fin du poste"
    if parametres.lecture is Lecture.PART_HOSPITALIERE and hopital is None:
        return " : quotité hospitalière absente ou incohérente"
    return f" sur {cout.mois} mois, selon la prime" if cout.minimum is not None else " : prime à confirmer"


# --- quota ------------------------------------------------------------------------------------------------------------

_SANS_PLACE = {
    TypeDemande.REMPLACEMENT: "un remplacement ne prend pas de nouvelle place",
    TypeDemande.REPORT: "un report garde sa place",
}


def _texte_quota(projet: Projet, situation: Situation, parametres: Parametres) -> str:
    """« 3 accordés / 6, 1 réservé », then what an agent should know of it."""
    compteurs = situation.compteurs
    if parametres.quota is None:
        return "non suivi : les paramètres du quota ne sont pas renseignés"
    if compteurs is None:
        return "à vérifier : région, catégorie ou promotion inconnue"
    rang = compteurs.rang_d_attente(projet.dossier)
    suites = [
        f"ce dossier est au rang {rang} de la liste d'attente" if rang else "",
        _SANS_PLACE.get(projet.demande, "") if projet.demande else "",
        *map(_minuscule, compteurs.avertissements),
    ]
    return " ; ".join(filter(None, (compteurs.texte(), *suites)))


# --- labels and synthesis ---------------------------------------------------------------------------------------------


def _labels(projet: Projet, due: Prime, demandee: DemandePet) -> tuple[str, ...]:
    poses = {
        "derogation_pet": _derogation_en_jeu(due, demandee),
        "remplacement": projet.demande is TypeDemande.REMPLACEMENT,
        "report": projet.demande is TypeDemande.REPORT,
    }
    return tuple(cle for cle, pose in poses.items() if pose)


def _derogation_en_jeu(due: Prime, demandee: DemandePet) -> bool:
    """Whether a derogation is granted or awaited for a site that is not known to be far enough without it."""
    loin = {StatutDistance.ELIGIBLE, StatutDistance.ELIGIBLE_PRESUMEE}
    voulue = demandee.derogation is Derogation.ACCORDEE or demandee.derogation_attendue
    return voulue and any(e.statut not in loin for e in due.sites)


def _complements(projet: Projet, situation: Situation, parametres: Parametres, due: Prime) -> tuple[str, ...]:
    en_bref = (
        _prime_en_bref(due) if parametres.pet else "",
        _quota_en_bref(projet, situation.compteurs) if parametres.quota else "",
    )
    return tuple(filter(None, en_bref))


def _prime_en_bref(due: Prime) -> str:
    """« PET 1 000 € », « PET à confirmer (0 à 1 000 €) »."""
    if _sans_lieu(due):
        return "PET : aucun lieu hors du site principal"
    if due.statut in {StatutPet.SANS_OBJET, StatutPet.NON_DUE}:
        return f"PET {due.statut.value.lower()}"
    if due.montant is not None:
        return f"PET {euros(due.montant)}" + (" à confirmer" if due.statut is StatutPet.A_CONFIRMER else "")
    if due.minimum is None or due.maximum is None:
        return "PET à confirmer"
    return f"PET à confirmer ({nombre(due.minimum)} à {euros(due.maximum)})"


def _quota_en_bref(projet: Projet, compteurs: Compteurs | None) -> str:
    """« quota inchangé », « quota non saisi »; no counter: each decision on another dossier would rewrite this one."""
    if projet.demande in _SANS_PLACE:
        return "quota inchangé"
    if compteurs is None:
        return "quota à vérifier"
    if compteurs.ouverts is None:
        return "quota sans objet" if compteurs.quota.sans_objet else "quota non saisi"
    return ""
