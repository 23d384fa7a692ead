"""The figures of the posts and of the candidatures: each column says what it counts and where that comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from connector.bilan.matiere import (
    AUTRES,
    NON_RENSEIGNE,
    Matiere,
    cle_du_poste,
    nom_categorie,
    nom_groupe,
)
from connector.bilan.releve import ClasseZone, Cle, Vu
from connector.bilan.secret import SEUIL
from connector.bilan.tableau import Absence, Colonne, Dessin, Ligne, Section, Tableau, Unite, Valeur
from connector.core.annexe_dgos import SOURCE as ANNEXE
from connector.core.constat import AvisPropose
from connector.core.model import DossierState
from connector.core.poste import Categorie, EtatPoste, Poste, Sortie
from connector.core.quota import Nature, Quota, StatutQuota, TypeDemande
from connector.core.territoires import REGIONS
from connector.core.textes import normaliser

DS = "Dossiers lus dans Démarches simplifiées"
REGISTRE = "Registre des postes tenu par le connecteur"
REGLES = "Règles de la configuration (connector rules)"
_DIXIEME = Decimal("0.1")

CANDIDATURES = Colonne(
    titre="Candidatures",
    definition="Dossiers déposés qui demandent un nouveau poste. Un remplacement ou un report n'en est pas une ; un "
    "dossier retiré par l'hôpital avant toute décision n'est pas compté.",
    source=DS,
    secret=True,
)
RECEVABLES = Colonne(
    titre="Recevables",
    definition="Candidatures acceptées, et celles que les règles donnaient « Favorable » ou « Liste d'attente » au "
    "moment de la décision (aujourd'hui, si elle n'est pas prise).",
    source=f"{DS} ; {REGLES}",
    secret=True,
)
ACCEPTEES = Colonne(
    titre="Acceptées",
    definition="Candidatures acceptées dans Démarches simplifiées, y compris celles suivies d'un désistement.",
    source=DS,
    secret=True,
)
ECARTEES = Colonne(
    titre="Refusées ou sans suite",
    definition="Candidatures refusées ou classées sans suite dans Démarches simplifiées.",
    source=DS,
    secret=True,
)
PART_AMBULATOIRE = Colonne(
    titre="Part ambulatoire moyenne",
    definition="Moyenne des quotités ambulatoires déclarées, parmi les candidatures qui en déclarent une.",
    source=DS,
    unite=Unite.POURCENT,
    depend=(0,),
)

# --- posts ------------------------------------------------------------------------------------------------------------


def _poste(titre: str, definition: str) -> Colonne:
    return Colonne(titre=titre, definition=definition, source=REGISTRE, secret=True)


POSTES = (
    Colonne(
        titre="Ouverts",
        definition="Postes ouverts au jour du bilan : le nombre saisi par la région s'il y en a un, sinon celui de "
        "l'annexe nationale. « – » : quota non saisi ; « s. o. » : catégorie sans objet dans la région.",
        source=f"Configuration, [[quotas]] ; {ANNEXE.texte}",
    ),
    CANDIDATURES,
    RECEVABLES,
    Colonne(
        titre="Liste d'attente",
        definition="Dossiers sans décision définitive que la commission a mis en liste d'attente, ou, si elle n'a rien "
        "saisi, qui en portent le label ou que le quota y place.",
        source=DS,
        secret=True,
    ),
    _poste(
        "Accordés",
        "Postes attribués et non rendus : ce que le quota compte. Un remplacement ou un report ne prend pas de "
        "nouvelle place.",
    ),
    _poste(
        "Pourvus",
        "Postes accordés dont un agent a constaté la prise de fonction du dernier titulaire, parti depuis ou non.",
    ),
    _poste("Désistés", "Postes dont un titulaire au moins a renoncé avant de prendre ses fonctions."),
    _poste("Remplacés", "Postes qui ont eu plus d'un titulaire."),
    _poste("Reportés", "Postes dont la prise de fonction a été reportée par une décision."),
    _poste("Vacants", "Postes rendus par un désistement et sans remplaçant : ils ne sont plus parmi les accordés."),
)


def postes(matiere: Matiere) -> Section:
    """Posts and candidatures by promotion, region and category; the national annex they are compared with."""
    lignes = tuple(_ligne(matiere, cle) for cle in matiere.cles())
    principal = Tableau(
        cle="postes",
        titre="Postes et candidatures, par promotion, région et catégorie",
        groupe="Promotion et région",
        libelle="Catégorie",
        colonnes=POSTES,
        lignes=lignes,
        total=total("Ensemble", lignes, len(POSTES)),
        additif=True,
        dessin=Dessin.QUOTAS,
    )
    return Section(cle="postes", titre="Les postes", tableaux=(principal,))


def _ligne(matiere: Matiere, cle: Cle) -> Ligne:
    vus = [v for v in matiere.vus if v.cle == cle]
    siens = [p for p in matiere.postes if cle_du_poste(p) == cle]
    quota = matiere.quota(cle)
    return Ligne(
        groupe=nom_groupe(cle),
        libelle=nom_categorie(cle.categorie),
        valeurs=(
            _ouverts(quota.ouverts, sans_objet=quota.sans_objet),
            sum(v.candidature for v in vus),
            sum(v.candidature and v.recevable for v in vus),
            sum(v.en_attente for v in vus),
            *_comptes(siens),
        ),
        alerte=" ".join(quota.avertissements) if cle.promotion and cle.region and cle.categorie else "",
    )


def _ouverts(nombre: int | None, *, sans_objet: bool) -> Valeur:
    if nombre is not None:
        return nombre
    return Absence.SANS_OBJET if sans_objet else Absence.INCONNU


def _comptes(siens: Sequence[Poste]) -> tuple[int, ...]:
    actifs = [p for p in siens if p.actif]
    return (
        len(actifs),
        sum(p.titulaire.prise_de_fonction_le is not None for p in actifs),
        sum(any(t.sortie is Sortie.DESISTEMENT for t in p.titulaires) for p in siens),
        sum(len(p.titulaires) > 1 for p in siens),
        sum(bool(p.reports) for p in siens),
        sum(p.etat is EtatPoste.VACANT for p in siens),
    )


def total(libelle: str, lignes: Iterable[Ligne], colonnes: int) -> Ligne:
    """The sum of each column; « – » where no row has a number."""
    rangs = [[v for v in valeurs if isinstance(v, int)] for valeurs in zip(*(li.valeurs for li in lignes), strict=True)]
    rangs = rangs or [[] for _ in range(colonnes)]
    return Ligne(libelle=libelle, valeurs=tuple(sum(r) if r else Absence.INCONNU for r in rangs))


# --- candidatures -----------------------------------------------------------------------------------------------------

PAR_CANDIDATURE = (CANDIDATURES, RECEVABLES, ACCEPTEES, ECARTEES, PART_AMBULATOIRE)


def candidatures(matiere: Matiere) -> Section:
    """The candidatures, told apart in every way the ministry asks for."""
    zones = [classe.value for classe in ClasseZone]
    return Section(
        cle="candidatures",
        titre="Les candidatures",
        tableaux=(
            repartition(matiere, "specialites", "Par spécialité", "Spécialité", lambda v: (v.specialite,)),
            repartition(
                matiere,
                "zones",
                "Par zone du projet",
                "Zone",
                lambda v: (v.zone.value,),
                ordre=zones,
                intro="Un projet à plusieurs lieux est compté dans la meilleure de leurs zones, dans cet ordre.",
            ),
            repartition(
                matiere,
                "structures",
                "Par type de structure d'accueil",
                "Type de structure",
                lambda v: v.structures or ("",),
                additif=False,
                intro="Un projet à plusieurs lieux est compté une fois par type de structure : la somme des lignes "
                "peut dépasser le nombre de candidatures.",
            ),
            repartition(matiere, "chu", "Par CHU partenaire", "CHU partenaire", lambda v: (v.chu,)),
            _avis(matiere),
            _demandes(matiere),
            _quotites(matiere),
        ),
    )


def repartition(
    matiere: Matiere,
    cle: str,
    titre: str,
    libelle: str,
    par: Callable[[Vu], Sequence[str]],
    *,
    ordre: Sequence[str] = (),
    additif: bool = True,
    intro: str = "",
) -> Tableau:
    """The candidatures told apart by what `par` says of each, the most numerous first unless `ordre` says otherwise."""
    vues = matiere.candidatures
    classees = _classees(vues, par, public=matiere.public and not ordre)
    noms = [nom for nom in ordre if nom in classees] if ordre else sorted(classees, key=_rang(classees))
    lignes = tuple(Ligne(libelle=nom, valeurs=_valeurs(classees[nom])) for nom in noms)
    return Tableau(
        cle=cle,
        titre=titre,
        libelle=libelle,
        colonnes=PAR_CANDIDATURE,
        lignes=lignes,
        total=Ligne(libelle="Ensemble", valeurs=_valeurs(vues)) if additif else None,
        additif=additif,
        intro=intro,
    )


def _rang(classees: dict[str, list[Vu]]) -> Callable[[str], tuple[bool, int, str]]:
    return lambda nom: (nom in {AUTRES, NON_RENSEIGNE}, -len(classees[nom]), normaliser(nom))


def _classees(vues: Sequence[Vu], par: Callable[[Vu], Sequence[str]], *, public: bool) -> dict[str, list[Vu]]:
    """The candidatures by label, spellings of one label together; in public, what fewer than five share is grouped."""
    libelles: dict[str, Counter[str]] = {}
    classees: dict[str, list[Vu]] = {}
    for vu in vues:
        for mot in dict.fromkeys(par(vu)):
            forme = normaliser(mot)
            libelles.setdefault(forme, Counter())[" ".join(mot.split())] += 1
            classees.setdefault(forme, []).append(vu)
    nommees: dict[str, list[Vu]] = {}
    for forme, siennes in classees.items():
        nom = libelles[forme].most_common(1)[0][0] or NON_RENSEIGNE
        petite = public and forme and len(siennes) < SEUIL
        nommees.setdefault(AUTRES if petite else nom, []).extend(siennes)
    return nommees


def _valeurs(vues: Sequence[Vu]) -> tuple[Valeur, ...]:
    return (
        len(vues),
        sum(v.recevable for v in vues),
        sum(v.etat is DossierState.ACCEPTE for v in vues),
        sum(v.ecartee for v in vues),
        moyenne(v.quotite_ambulatoire for v in vues),
    )


def moyenne(quotites: Iterable[Decimal | None]) -> Valeur:
    """The mean of those that make sense (0 to 100 %), to one decimal."""
    lues = [q for q in quotites if q is not None and q.is_finite() and 0 <= q <= 100]  # noqa: PLR2004 - percents
    if not lues:
        return Absence.INCONNU
    return (sum(lues, Decimal(0)) / len(lues)).quantize(_DIXIEME, rounding=ROUND_HALF_UP)


def _avis(matiere: Matiere) -> Tableau:
    comptes = Counter(v.dit.avis if v.dit else None for v in matiere.candidatures)
    noms: dict[AvisPropose | None, str] = {avis: avis.value for avis in AvisPropose} | {None: "Pas encore examinées"}
    lignes = tuple(Ligne(libelle=nom, valeurs=(comptes[avis],)) for avis, nom in noms.items() if comptes[avis])
    return Tableau(
        cle="avis",
        titre="Par avis proposé",
        libelle="Avis proposé",
        colonnes=(CANDIDATURES,),
        lignes=lignes,
        total=Ligne(libelle="Ensemble", valeurs=(len(matiere.candidatures),)),
        additif=True,
        intro="L'avis est celui du dernier passage ; il ne décide de rien.",
    )


def _demandes(matiere: Matiere) -> Tableau:
    genres = {None: "Non précisée, comptée comme une candidature"} | {genre: genre.value for genre in TypeDemande}
    comptes = Counter(v.demande for v in matiere.vus)
    lignes = tuple(
        Ligne(
            libelle=nom,
            valeurs=(
                comptes[genre],
                sum(v.demande is genre and v.etat is DossierState.ACCEPTE for v in matiere.vus),
                sum(v.demande is genre and v.ecartee for v in matiere.vus),
            ),
        )
        for genre, nom in reversed(genres.items())
        if comptes[genre]
    )
    demandes = Colonne(
        titre="Dossiers", definition="Dossiers déposés, selon ce qu'ils demandent.", source=DS, secret=True
    )
    return Tableau(
        cle="demandes",
        titre="Par type de demande",
        libelle="Demande",
        colonnes=(demandes, ACCEPTEES, ECARTEES),
        lignes=lignes,
        total=total("Ensemble", lignes, 3),
        additif=True,
    )


def _quotites(matiere: Matiere) -> Tableau:
    """Shares by category."""
    colonnes = (
        CANDIDATURES,
        Colonne(
            titre="Part hospitalière moyenne",
            definition="Moyenne des quotités hospitalières déclarées.",
            source=DS,
            unite=Unite.POURCENT,
            depend=(0,),
        ),
        PART_AMBULATOIRE,
        Colonne(
            titre="Moins de 50 % en ville",
            definition="Candidatures dont la quotité ambulatoire déclarée est inférieure à 50 %.",
            source=DS,
            secret=True,
        ),
    )
    vues = matiere.candidatures
    categories = sorted({v.cle.categorie for v in vues})
    return Tableau(
        cle="quotites",
        titre="Quotités, par catégorie",
        libelle="Catégorie",
        colonnes=colonnes,
        lignes=tuple(
            Ligne(libelle=nom_categorie(c), valeurs=_parts([v for v in vues if v.cle.categorie == c]))
            for c in categories
        ),
        total=Ligne(libelle="Ensemble", valeurs=_parts(vues)),
        additif=True,
    )


_MOITIE = Decimal(50)


def _parts(vues: Sequence[Vu]) -> tuple[Valeur, ...]:
    return (
        len(vues),
        moyenne(v.quotite_hospitaliere for v in vues),
        moyenne(v.quotite_ambulatoire for v in vues),
        sum(v.quotite_ambulatoire is not None and v.quotite_ambulatoire < _MOITIE for v in vues),
    )


# --- the national annex -----------------------------------------------------------------------------------------------


def annexe(matiere: Matiere) -> Section:
    """The national distribution of the promotions spoken of, as the ministry's note gives it."""
    promotions = [p for p in matiere.promotions if any(q.cle.promotion == p for q in _nationaux(matiere))]
    return Section(
        cle="annexe",
        titre="Annexe : la dotation nationale",
        tableaux=tuple(_dotation(matiere, p, rang) for rang, p in enumerate(promotions)),
    )


def _nationaux(matiere: Matiere) -> list[Quota]:
    return [q for q in matiere.quotas if q.nature is Nature.NATIONAL]


def _case(quota: Quota | None) -> Valeur:
    return Absence.INCONNU if quota is None else _ouverts(quota.valeur, sans_objet=quota.valeur is None)


def _dotation(matiere: Matiere, promotion: str, rang: int) -> Tableau:
    quotas = [q for q in _nationaux(matiere) if q.cle.promotion == promotion]
    valeurs = {
        (q.cle.region, q.cle.categorie): q for q in sorted(quotas, key=lambda q: q.statut is StatutQuota.DEFINITIF)
    }
    source = " ; ".join(dict.fromkeys(q.source.texte for q in quotas))
    colonnes = tuple(
        Colonne(titre=nom_categorie(c), definition="Postes ouverts. « s. o. » : sans objet.", source=source)
        for c in Categorie
    )
    lignes = tuple(
        Ligne(libelle=nom, valeurs=tuple(_case(valeurs.get((code, c))) for c in Categorie))
        for code, nom in REGIONS.items()
        if any((code, c) in valeurs for c in Categorie)
    )
    return Tableau(
        cle=f"dotation{rang or ''}",
        titre=f"Répartition par région et par catégorie, promotion {promotion}",
        libelle="Région",
        colonnes=colonnes,
        lignes=lignes,
        total=total("Total", lignes, len(colonnes)),
    )
