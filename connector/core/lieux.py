"""What an annotation says of the places of work: their zone, and how far they are from the main site.

Facts only, with the order they come from. « Unknown » is said as such and never reads as « no » (domaine §3.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from connector.core.montants import kilometres
from connector.core.projet import LieuProjet, Projet
from connector.core.referentiels import Precision, Referentiel, StatutQuartier, Version, Zone
from connector.core.regles.zone_sous_dense import is_reason
from connector.core.situation import Situation, SituationLieu
from connector.core.textes import enumerer

AUCUN_LIEU = "aucun lieu d'exercice hors du site principal n'est déclaré"

_MAXIMUM = 100_000
_DECIMALES = 9
_CLASSEES = frozenset({Zone.ZIP, Zone.ZAC, Zone.ZV, Zone.HZ})


def mesure(valeur: Decimal | None) -> Decimal | None:
    """A quantity that the world can hold; None for what is negative, infinite, absurdly large or absurdly fine."""
    if valeur is None or not valeur.is_finite() or not 0 <= valeur <= _MAXIMUM:
        return None
    chiffres = valeur.as_tuple()
    return valeur + 0 if isinstance(chiffres.exponent, int) and chiffres.exponent >= -_DECIMALES else None


def nom_du_lieu(lieu: LieuProjet) -> str:
    """The structure's name, or its rank in the form."""
    return lieu.nom or f"lieu n° {lieu.rang}"


# --- zone -------------------------------------------------------------------------------------------------------------


def texte_zone(projet: Projet, situation: Situation) -> str:
    """« ZIP (Gien 45155 et Pithiviers 45252, arrêté…, effet au…) » : places of one class are told together."""
    if not projet.lieux:
        return AUCUN_LIEU
    version = next((v for v in situation.versions if v.referentiel is Referentiel.ZONAGE), None)
    par_classe: dict[tuple[str, str], list[str]] = {}
    for lieu in projet.lieux:
        classe, source = _classe(situation.lieu(lieu.rang), version)
        par_classe.setdefault((classe, source), []).append(_commune(lieu, situation.lieu(lieu.rang)))
    textes = [_groupe(classe, source, communes) for (classe, source), communes in par_classe.items()]
    deficitaire = "spécialité déficitaire retenue par l'ARS" if is_reason(projet.specialite_deficitaire or "") else ""
    return " ; ".join(filter(None, (*textes, deficitaire)))


def _quartiers_possibles(lieu: SituationLieu) -> str:
    """The neighbourhoods that the address may lie in, by code; "" when it is in one for sure, or near none."""
    if lieu.quartier is None or lieu.quartier.statut is not StatutQuartier.INDETERMINE:
        return ""
    return enumerer((q.code for q in lieu.quartier.quartiers), lien="ou")


def _classe(lieu: SituationLieu, version: Version | None) -> tuple[str, str]:
    """The class of one place in words, and the order that gives it ("" when none does)."""
    classe, source = _classe_de_la_commune(lieu, version)
    if lieu.quartier is not None and lieu.quartier.statut is StatutQuartier.DANS:
        quartiers = enumerer(f"{q.nom} {q.code}".strip() for q in lieu.quartier.quartiers)
        return f"QPV {quartiers}".rstrip() + f", commune {classe}", source
    possibles = _quartiers_possibles(lieu)
    if possibles and not (lieu.zone and lieu.zone.zone.sous_dense()):
        return f"{classe}, QPV possible ({possibles}) à vérifier à l'adresse", source
    return classe, source


def _classe_de_la_commune(lieu: SituationLieu, version: Version | None) -> tuple[str, str]:
    if lieu.zone is None:
        return _sans_classe(lieu, version)
    source = f"{lieu.zone.arrete}, effet au {lieu.zone.date_effet:%d/%m/%Y}"
    if lieu.zone.zone in _CLASSEES:
        return lieu.zone.zone.value, source
    sort = "classée à part" if lieu.zone.zone is Zone.AUTRE else "sans classement"
    return f"à vérifier, {sort} par l'arrêté", source


def _sans_classe(lieu: SituationLieu, version: Version | None) -> tuple[str, str]:
    if lieu.commune is None:
        return "à vérifier, commune inconnue", ""
    if version is None:
        return "à vérifier, aucun zonage en vigueur n'est importé", ""
    return "à vérifier, commune absente du zonage", f"{version.arrete}, effet au {version.date_effet:%d/%m/%Y}"


def _commune(lieu: LieuProjet, situe: SituationLieu) -> str:
    """« Vierzon 18279 », as far as it is known."""
    nom = (lieu.adresse.city_name if lieu.adresse else None) or (lieu.commune.name if lieu.commune else None)
    return " ".join(filter(None, (nom, situe.commune or lieu.code_commune)))


def _groupe(classe: str, source: str, communes: Iterable[str]) -> str:
    details = ", ".join(filter(None, (enumerer(dict.fromkeys(filter(None, communes))), source)))
    return f"{classe} ({details})" if details else classe


# --- distance ---------------------------------------------------------------------------------------------------------


def texte_distance(projet: Projet, situation: Situation) -> str:
    """« 105,8 km à vol d'oiseau (commune) », place by place; the ARS's and the form's road distances are kept."""
    if not projet.lieux:
        return AUCUN_LIEU
    seul = len(projet.lieux) == 1
    textes = [
        _distance(lieu, situation.lieu(lieu.rang)) if seul else f"{nom_du_lieu(lieu)} : {_distance(lieu, situe)}"
        for lieu in projet.lieux
        for situe in (situation.lieu(lieu.rang),)
    ]
    retenue = mesure(projet.distance_retenue_km)
    if retenue is not None:
        textes.insert(0, f"{kilometres(retenue)} par la route, distance retenue par l'ARS")
    return " ; ".join(textes)


_PRECISIONS = {
    Precision.ADRESSE: " (adresse)",
    Precision.COMMUNE: " (commune)",
    Precision.INCONNUE: " (position approximative)",
}


def _distance(lieu: LieuProjet, situe: SituationLieu) -> str:
    route, oiseau = mesure(lieu.distance_route_km), mesure(situe.distance_km)
    textes = []
    if route is not None:
        textes.append(f"{kilometres(route)} par la route (formulaire)")
    if oiseau is not None:
        textes.append(f"{kilometres(oiseau)} à vol d'oiseau{_PRECISIONS[situe.precision]}")
    return ", ".join(textes) or "distance inconnue"
