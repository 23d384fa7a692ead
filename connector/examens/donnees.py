"""What the figures and the zones rest on: scales, quotas, referentials, and their age."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connector.config import DemarcheReglee
from connector.core.correspondance import Resolution
from connector.core.montants import jour, pluriel
from connector.core.poste import Categorie
from connector.core.quota import CleQuota, quota_effectif
from connector.core.referentiels import Referentiel, Version
from connector.core.regles import DepotTerritoire, ZoneSousDense
from connector.core.textes import enumerer
from connector.examens.resultat import Resultat, attention, erreur, ok
from connector.examens.terrain import Terrain
from connector.store import oublis, sauvegarde
from connector.store.effacement import LISTE

if TYPE_CHECKING:
    from connector.store import Base

VIEUX = {
    Referentiel.COMMUNES: timedelta(days=550),
    Referentiel.ZONAGE: timedelta(days=3 * 366),
    Referentiel.QPV: timedelta(days=7 * 366),
}
"""Age of a text from which a newer one is likely: the communes change every year, a zoning every two years or so."""

QUOI = {
    Referentiel.COMMUNES: "la liste des communes",
    Referentiel.ZONAGE: "le zonage des médecins",
    Referentiel.QPV: "les quartiers prioritaires",
}


def copies(t: Terrain) -> Iterator[Resultat]:
    """Whether no copy of the database outlives what is erased here, in the folders where copies may be."""
    duree, base = t.settings().conservation.copies, t.base()
    dossiers = sauvegarde.folders(t.settings().base.dossier_des_copies, base.reglages.get(sauvegarde.DOSSIER))
    if not dossiers:
        yield ok("aucune copie n'a été faite d'ici (« connector backup »).")
    for dossier in dossiers:
        avant = t.settings().conservation.copies_avant(t.now() - timedelta(days=1))
        vieilles = sauvegarde.older(dossier, base.path, avant)
        if vieilles:
            yield attention(
                f"{dossier} garde {pluriel(len(vieilles), 'copie')} de la base de plus de {pluriel(duree, 'jour')} : "
                "on y trouve encore ce qui a été effacé ici.",
                "Lancez « connector purge », qui les retire ; si elles restent, voyez les droits de ce dossier.",
            )
        else:
            yield ok(f"{dossier} : aucune copie de plus de {pluriel(duree, 'jour')}.")


def liste_des_oublis(t: Terrain) -> Iterator[Resultat]:
    """Whether what was forgotten on request is told beside the database, and is forgotten in it."""
    base, fichier = t.base(), oublis.beside(t.settings().base.chemin.resolve())
    liste = oublis.lire(fichier)
    if liste.panne:
        yield erreur(
            liste.panne,
            "S'il est à un autre compte, rendez-le à celui du connecteur (chown) ; sinon, ôtez ce qui est à sa place. "
            f"{oublis.REMETTRE}",
        )
        return
    dits = [
        *_liste_manquante(fichier, absente=liste.absente, recommencee=liste.recommencee, base=base),
        *_lignes_illisibles(fichier, len(liste.illisibles)),
    ]
    if restent := len(base.effacement.a_refaire()):
        dits.append(
            attention(
                f"{pluriel(restent, 'dossier')} à oublier de nouveau dans cette base : une copie a été remise en "
                "place.",
                "Lancez « connector status » : la prochaine commande qui ouvre la base le fait.",
            )
        )
    yield from dits or [ok(f"{pluriel(len(liste.oublies), 'oubli demandé', 'oublis demandés')} ({fichier}).")]


def _liste_manquante(fichier: Path, *, absente: bool, recommencee: bool, base: Base) -> Iterator[Resultat]:
    """A list that is not there, or was begun again because it was not."""
    if recommencee:
        yield attention(*oublis.perdue(fichier))
    elif absente and base.reglages.get(LISTE) is not None:
        yield attention(
            f"{fichier} n'est pas là : si une copie vient d'être remise en place, ce qui a été oublié depuis y est.",
            oublis.REMETTRE,
        )


def _lignes_illisibles(fichier: Path, combien: int) -> Iterator[Resultat]:
    if combien:
        yield attention(
            f"{fichier} : {pluriel(combien, 'ligne illisible', 'lignes illisibles')}, peut-être un oubli demandé.",
            f"{oublis.REMETTRE} Ôtez ensuite les lignes illisibles.",
        )


def baremes(t: Terrain) -> Iterator[Resultat]:
    """Whether a scale of the prime and one of the pay are in force today."""
    for reglee in t.settings().demarches:
        parametres = reglee.parametres
        manques = []
        if parametres.pet and not any(_en_vigueur(b, t.aujourd_hui) for b in parametres.pet.baremes):
            manques.append("la prime d'exercice territorial ([[pet.baremes]])")
        if parametres.cout and not any(_en_vigueur(b, t.aujourd_hui) for b in parametres.cout.baremes):
            manques.append("les émoluments ([[cout.baremes]])")
        if manques:
            yield attention(
                f"Démarche n° {reglee.numero} : aucun barème en vigueur aujourd'hui pour {enumerer(manques)} ; les "
                "mois concernés sont dits « barème à renseigner ».",
                "Saisissez le barème en vigueur, avec son texte et sa date d'effet.",
            )
        else:
            yield ok(f"Démarche n° {reglee.numero} : les barèmes saisis couvrent ce jour.")


def _en_vigueur(bareme: object, jour_: date) -> bool:
    debut, fin = getattr(bareme, "date_effet"), getattr(bareme, "valable_jusqu_au")  # noqa: B009 - two kinds of scale
    return debut <= jour_ and (fin is None or jour_ <= fin)


def quotas(t: Terrain) -> Iterator[Resultat]:
    """Whether a number of places is known for each promotion that the form offers."""
    for reglee in t.settings().demarches:
        region = _region(reglee)
        if reglee.parametres.quota is None or not region:
            yield ok(f"Démarche n° {reglee.numero} : les places ne sont pas comptées.")
            continue
        promotions = _promotions(t, reglee)
        avis = [avis for promotion in promotions for avis in _places(t, reglee, promotion, region)]
        yield from avis
        if not avis:
            yield ok(f"Démarche n° {reglee.numero} : {enumerer(promotions) or 'aucune promotion'}, places connues.")


def _places(t: Terrain, reglee: DemarcheReglee, promotion: str, region: str) -> Iterator[Resultat]:
    """What deserves a look in the numbers of one promotion, each category by its name."""
    cles = [CleQuota(promotion=promotion, region=region, categorie=c) for c in (Categorie.I, Categorie.II)]
    trouves = [quota_effectif(reglee.parametres.quotas, cle, t.aujourd_hui) for cle in cles]
    ici = f"Démarche n° {reglee.numero}, promotion {promotion}"
    inconnus = [q.cle.categorie for q in trouves if q.retenu is None]
    if inconnus:
        lesquels = f"de la catégorie {inconnus[0]}" if len(inconnus) == 1 else f"des catégories {enumerer(inconnus)}"
        yield attention(
            f"{ici} : le quota {lesquels} n'est pas saisi pour la région {region} ; aucun dossier n'est bloqué pour "
            "autant.",
            "Saisissez-le dans [[quotas]], avec son texte, dès qu'il vous est notifié.",
        )
    for quota in trouves:
        for phrase in quota.avertissements if quota.retenu else ():
            yield attention(
                f"{ici}, catégorie {quota.cle.categorie} : {phrase[0].lower()}{phrase[1:]}",
                "Vérifiez ce nombre dans [[quotas]]. S'il est juste, rien n'est à changer ici : l'annotation « Quota » "
                "le rappelle aux instructeurs.",
            )


def _region(reglee: DemarcheReglee) -> str:
    """The region whose dossiers these are, by the rule that says so."""
    return next((r.region for r in reglee.regles if isinstance(r, DepotTerritoire)), "")


def _promotions(t: Terrain, reglee: DemarcheReglee) -> list[str]:
    """The promotions that the form offers today."""
    demarche = t.demarche(reglee.numero)()
    found = t.resolution(reglee)
    if not isinstance(found, Resolution):
        return []
    ids = {i for cible in found.champs if cible.cle == "promotion" for i in cible.ids}
    return [option for champ in demarche.active.champs if champ.id in ids for option in champ.options]


def referentiels(t: Terrain) -> Iterator[Resultat]:
    """The referentials that the rules need, and since when they apply."""
    zones = [r for d in t.settings().demarches for r in d.regles if isinstance(r, ZoneSousDense)]
    regions = {region for d in t.settings().demarches if (region := _region(d))}
    base = t.base()
    for genre in Referentiel:
        versions = base.referentiels.en_vigueur(genre, t.aujourd_hui)
        if genre is Referentiel.ZONAGE:
            versions = tuple(v for v in versions if not regions or v.region in {"", *regions})
        if not versions:
            yield _absent(genre, demande=bool(zones))
            continue
        yield _age(genre, versions[0], t.aujourd_hui)


def _absent(genre: Referentiel, *, demande: bool) -> Resultat:
    commande = f"connector import {genre} FICHIER --arrete TEXTE --date-effet JOUR"
    if genre is Referentiel.ZONAGE and demande:
        return erreur(
            "Aucun zonage des médecins n'est en vigueur pour votre région : toute zone sera « à vérifier ».",
            f"Importez l'arrêté de l'ARS : « {commande} --region CODE ».",
        )
    return attention(
        f"{QUOI[genre]} : rien n'est importé." + _SANS[genre], f"Si vous en avez l'usage : « {commande} »."
    )


_SANS = {
    Referentiel.COMMUNES: " La couverture des imports ne peut pas être vérifiée.",
    Referentiel.ZONAGE: "",
    Referentiel.QPV: " Aucune adresse n'est reconnue comme étant en quartier prioritaire.",
}


def _age(genre: Referentiel, version: Version, aujourd_hui: date) -> Resultat:
    lignes = pluriel(version.lignes, "ligne")
    phrase = f"{QUOI[genre]} : {version.intitule}, {lignes}."
    if aujourd_hui - version.date_effet > VIEUX[genre]:
        return attention(
            f"{phrase} Le texte date du {jour(version.date_effet)}.",
            f"Voyez s'il en est paru un plus récent, puis importez-le : « connector import {genre} ».",
        )
    return ok(phrase)


def distances(t: Terrain) -> Iterator[Resultat]:
    """Whether this machine can measure distances and place an address in a neighbourhood."""
    t.settings()
    mesure, place = t.geometrie
    if mesure and place:
        yield ok("Calculés sur cette machine.")
        return
    sans = enumerer(
        [*(["les distances"] if not mesure else []), *(["les quartiers prioritaires"] if not place else [])]
    )
    yield attention(
        f"Sur cette machine, {sans} ne peuvent pas être calculés : les dossiers concernés seront « à vérifier ».",
        'Installez le connecteur avec son complément « geo » : pip install "ds-connector[geo]".',
    )
