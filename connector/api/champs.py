"""One row per champ type: from DS's JSON to a typed `Valeur`, never an exception.

Values are read from the typed fields, never from `stringValue` (contract §4.3: it is text for humans, and « false » for
an unanswered question), except where DS has nothing else. A scalar left blank is None; a list left blank is an empty
`Pieces`, `Choix` or `Lignes`; a value that DS or we cannot give is `Illisible`, with its cause.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from connector.api.formes import juge_de
from connector.core.model import (
    Adresse,
    Champ,
    Choix,
    ChoixLie,
    DossierState,
    Etablissement,
    Illisible,
    LienDossier,
    Lieu,
    Ligne,
    Lignes,
    Piece,
    Pieces,
    Valeur,
    VirusScan,
)

log = logging.getLogger(__name__)

Brut = dict[str, Any]
"""A JSON object as DS sent it."""

ERREURS = "__erreurs__"
"""Key under which `lecture.marquer` notes, beside a null, why DS could not give the value: {field: code}."""

MAL_FORMEE = "valeur mal formée"
ILLISIBLE_POUR_DS = "DS n’a pas su lire cette réponse"
CAUSES = {
    "unauthorized": "valeur hors de portée du jeton",
    "not_found": "valeur introuvable dans DS",
    "invalid_null": "valeur absente côté DS",
}


_JUGE_CHAMP, _JUGE_VALEUR = juge_de(Champ), juge_de(Valeur)


class LecteurChamps:
    """Reads champs and annotations; warns once for each type that this version does not know."""

    def __init__(self) -> None:
        self._inconnus: set[str] = set()

    def champs(self, bruts: list[Brut], ids: frozenset[str] | None = None) -> tuple[Champ, ...]:
        """The champs of a list, in DS's order: those of these descriptors, inside repetitions too; None, every one."""
        kept = bruts if ids is None else [brut for brut in bruts if brut["champDescriptorId"] in ids]
        return tuple([self.champ(brut, ids) for brut in kept])

    def champ(self, brut: Brut, ids: frozenset[str] | None = None) -> Champ:
        """One champ with its typed value; `ValueError` when what surrounds the value is not as DS gives it."""
        typename = brut.get("__typename") or ""
        lu = Champ(
            id=brut["id"],
            descriptor_id=brut["champDescriptorId"],
            label=brut["label"],
            typename=typename,
            value=self._valeur(typename, brut, ids),
            updated_at=instant(brut.get("updatedAt")),
        )
        _JUGE_CHAMP(lu)
        return lu

    def _valeur(self, typename: str, brut: Brut, ids: frozenset[str] | None) -> Valeur:
        try:
            value = self._lu(typename, brut, ids)
            _JUGE_VALEUR(value)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError):
            return Illisible(cause=MAL_FORMEE, text=texte(brut))
        erreurs = brut.get(ERREURS)
        if value is None and erreurs:
            code = next(iter(erreurs.values()))
            return Illisible(cause=CAUSES.get(code, MAL_FORMEE), text=texte(brut))
        return value

    def _ligne(self, brut: Brut, ids: frozenset[str] | None) -> Ligne:
        """One row: DS has no repetition inside another, which could go as deep as it likes."""
        if any(champ["__typename"] == "RepetitionChamp" for champ in brut["champs"]):
            raise ValueError("a repetition inside another")
        return Ligne(id=brut["id"], champs=self.champs(brut["champs"], ids))

    def _lu(self, typename: str, brut: Brut, ids: frozenset[str] | None) -> Valeur:
        if typename == "RepetitionChamp":
            return Lignes(rows=tuple(self._ligne(ligne, ids) for ligne in brut["rows"]))
        lecteur = LECTEURS.get(typename)
        if lecteur is None:
            self._avertir(typename)
            return texte(brut) or None
        return lecteur(brut)

    def _avertir(self, typename: str) -> None:
        if typename not in self._inconnus:
            self._inconnus.add(typename)
            log.warning("champ_type.unknown", extra={"champ_type": typename or "?"})


def texte(brut: Brut) -> str:
    """DS's presentation of a value, "" when it has none."""
    return str(brut.get("stringValue") or "")


def instant(brut: Any) -> datetime | None:
    """An aware datetime from ISO 8601, None for null; `ValueError` without an offset, or too near the end of time."""
    return None if brut is None else _moment_dit(brut)


@lru_cache(1024)
def _moment_dit(brut: str) -> datetime:
    """Champs filled together bear the same instant, dossier after dossier."""
    value = datetime.fromisoformat(brut)
    if value.tzinfo is None:
        raise ValueError("a datetime without its offset")
    if not MINYEAR < value.year < MAXYEAR:  # it could not be told in another time zone
        raise ValueError("a datetime out of range")
    return value


def _blanc_ou_illisible(brut: Brut) -> Valeur:
    """A typed field that is null: blank, unless DS still has a text for it."""
    return Illisible(cause=ILLISIBLE_POUR_DS, text=texte(brut)) if texte(brut).strip() else None


def _texte(brut: Brut) -> Valeur:
    return brut.get("value") or texte(brut) or None


def _liste(brut: Brut) -> Valeur:
    """The option; an advanced list gives the item's id as value, and its text only for display."""
    return (texte(brut) or brut["value"]) if brut.get("value") else None


def _case(brut: Brut) -> Valeur:
    return bool(brut["checkbox"])


def _oui_non(brut: Brut) -> Valeur:
    """Null is unanswered, whatever the text says."""
    return brut["yesNo"] if brut["yesNo"] is None else bool(brut["yesNo"])


def _jour(brut: Brut) -> Valeur:
    return date.fromisoformat(brut["date"]) if brut.get("date") else _blanc_ou_illisible(brut)


def _moment(brut: Brut) -> Valeur:
    return instant(brut["datetime"]) if brut.get("datetime") else _blanc_ou_illisible(brut)


def _entier(brut: Brut) -> Valeur:
    return int(brut["integerNumber"]) if brut.get("integerNumber") is not None else _blanc_ou_illisible(brut)


_CHIFFRES = 30
"""Digits that a number may have on each side of the point: a float has half of them."""


def _decimal(brut: Brut) -> Valeur:
    if brut.get("decimalNumber") is None:
        return _blanc_ou_illisible(brut)
    value = Decimal(brut["decimalNumber"])
    exposant = value.as_tuple().exponent
    if not isinstance(exposant, int) or exposant < -_CHIFFRES or value.adjusted() > _CHIFFRES:
        raise ValueError("a number out of range")
    return value


def _civilite(brut: Brut) -> Valeur:
    return brut.get("civilite") or None


def _choix(brut: Brut) -> Valeur:
    return Choix(values=tuple(str(v) for v in brut["values"]))


def _choix_lie(brut: Brut) -> Valeur:
    primary, secondary = brut["primaryValue"] or "", brut["secondaryValue"] or ""
    return ChoixLie(primary=primary, secondary=secondary) if primary or secondary else None


def _lieu(cle: str) -> Callable[[Brut], Valeur]:
    """The reader of a place kept under `cle`."""

    def lire(brut: Brut) -> Valeur:
        lieu = brut.get(cle)
        return Lieu(code=lieu["code"], name=lieu["name"]) if lieu else _blanc_ou_illisible(brut)

    return lire


def _adresse_de_champ(brut: Brut) -> Valeur:
    """The address of the national base; a free one keeps its text, and the commune that DS knows of it."""
    if brut.get("address"):
        return adresse(brut["address"])
    commune, departement = brut.get("commune") or {}, brut.get("departement") or {}
    label = texte(brut).strip() or commune.get("name", "")
    if not label:
        return None
    return Adresse(
        label=label,
        city_code=commune.get("code"),
        city_name=commune.get("name"),
        postal_code=commune.get("postalCode"),
        department_code=departement.get("code"),
    )


def adresse(brut: Brut) -> Adresse:
    """An address; its label on one line (a company's has line breaks)."""
    longitude, latitude = _point(brut.get("geometry"))
    return Adresse(
        label=", ".join(line.strip() for line in brut["label"].splitlines() if line.strip()),
        type=brut["type"],
        city_code=brut.get("cityCode"),
        city_name=brut.get("cityName"),
        postal_code=brut.get("postalCode"),
        department_code=brut.get("departmentCode"),
        region_code=brut.get("regionCode"),
        longitude=longitude,
        latitude=latitude,
    )


def _point(geometry: Any) -> tuple[float, float] | tuple[None, None]:
    """Longitude and latitude of a point, Nones for no geometry or another shape."""
    if not geometry or geometry.get("type") != "Point":
        return None, None
    longitude, latitude = map(float, geometry["coordinates"][:2])
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise ValueError("a point nowhere")
    return longitude, latitude


def _siret(brut: Brut) -> Valeur:
    """The company, or its SIRET alone while the register does not answer."""
    if brut.get("etablissement"):
        return etablissement(brut["etablissement"])
    siret = texte(brut).strip()
    return Etablissement(siret=siret, complet=False) if siret else None


def etablissement(brut: Brut) -> Etablissement:
    """A company as the register describes it."""
    return Etablissement(
        siret=brut["siret"],
        raison_sociale=raison_sociale(brut),
        adresse=adresse(brut["address"]) if brut.get("address") else None,
    )


def raison_sociale(brut: Brut) -> str | None:
    """The name of a company or of an association, None when the register has none."""
    entreprise, association = brut.get("entreprise") or {}, brut.get("association") or {}
    return entreprise.get("raisonSociale") or association.get("titre") or None


def _identifiant(cle: str) -> Callable[[Brut], Valeur]:
    """The reader of an RNA or RNF number."""

    def lire(brut: Brut) -> Valeur:
        return (brut.get(cle) or {}).get("id") or texte(brut) or None

    return lire


def _lien(brut: Brut) -> Valeur:
    """The linked dossier; its number alone when it is deleted, a draft, or of a démarche out of reach."""
    dossier = brut.get("dossier")
    if dossier:
        return LienDossier(
            number=dossier["number"],
            state=DossierState(dossier["state"]),
            demarche_number=(dossier.get("demarche") or {}).get("number"),
        )
    number = texte(brut).strip()
    return LienDossier(number=int(number)) if number else None


def _pieces(brut: Brut) -> Valeur:
    return Pieces(files=tuple(_piece(f) for f in brut["files"]))


def _piece(brut: Brut) -> Piece:
    return Piece(
        filename=brut["filename"],
        content_type=brut["contentType"],
        byte_size=int(brut["byteSizeBigInt"]),
        checksum=brut["checksum"],
        virus_scan=VirusScan(brut["virusScanResult"]),
        created_at=instant(brut.get("createdAt")),
    )


def _titre_identite(brut: Brut) -> Valeur:
    """Whether the document was given: DS never shows it."""
    return bool(brut["filled"])


def _non_lu(cause: str) -> Callable[[Brut], Valeur]:
    def lire(brut: Brut) -> Valeur:
        return Illisible(cause=cause, text=texte(brut))

    return lire


def _rien(_brut: Brut) -> Valeur:
    return None


LECTEURS: dict[str, Callable[[Brut], Valeur]] = {
    "TextChamp": _texte,
    "CheckboxChamp": _case,
    "YesNoChamp": _oui_non,
    "DateChamp": _jour,
    "DatetimeChamp": _moment,
    "IntegerNumberChamp": _entier,
    "DecimalNumberChamp": _decimal,
    "CiviliteChamp": _civilite,
    "DropDownListChamp": _liste,
    "MultipleDropDownListChamp": _choix,
    "LinkedDropDownListChamp": _choix_lie,
    "AddressChamp": _adresse_de_champ,
    "CommuneChamp": _lieu("commune"),
    "DepartementChamp": _lieu("departement"),
    "RegionChamp": _lieu("region"),
    "EpciChamp": _lieu("epci"),
    "PaysChamp": _lieu("pays"),
    "SiretChamp": _siret,
    "RNAChamp": _identifiant("rna"),
    "RNFChamp": _identifiant("rnf"),
    "DossierLinkChamp": _lien,
    "PieceJustificativeChamp": _pieces,
    "TitreIdentiteChamp": _titre_identite,
    "CarteChamp": _non_lu("le connecteur ne lit pas les cartes"),
    "EngagementJuridiqueChamp": _non_lu("l’API ne donne pas le contenu des engagements juridiques"),
    "HeaderSectionChamp": _rien,
    "ExplicationChamp": _rien,
}
"""How each type is read. A new one: its fragment in `queries/fragments/champ.graphql` and its row here."""
