"""Champs and annotations as the API shows them: one dict per champ, its keys named as the schema's fields."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.sandbox.dates import ecrit_instant, instant_en_lettres, jour_en_lettres
from connector.sandbox.world import Adresse, Fichier, PersonneMorale, node_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from connector.sandbox.requete import Requete
    from connector.sandbox.world import Code, Commune, Descripteur, DossierMonde, Entreprise

TYPES = {
    "checkbox": "CheckboxChamp",
    "yes_no": "YesNoChamp",
    "integer_number": "IntegerNumberChamp",
    "number": "IntegerNumberChamp",
    "decimal_number": "DecimalNumberChamp",
    "date": "DateChamp",
    "datetime": "DatetimeChamp",
    "civilite": "CiviliteChamp",
    "drop_down_list": "DropDownListChamp",
    "multiple_drop_down_list": "MultipleDropDownListChamp",
    "linked_drop_down_list": "LinkedDropDownListChamp",
    "address": "AddressChamp",
    "communes": "CommuneChamp",
    "departements": "DepartementChamp",
    "regions": "RegionChamp",
    "pays": "PaysChamp",
    "epci": "EpciChamp",
    "rna": "RNAChamp",
    "rnf": "RNFChamp",
    "siret": "SiretChamp",
    "dossier_link": "DossierLinkChamp",
    "repetition": "RepetitionChamp",
    "piece_justificative": "PieceJustificativeChamp",
    "titre_identite": "TitreIdentiteChamp",
    "header_section": "HeaderSectionChamp",
    "explication": "ExplicationChamp",
}
"""The GraphQL type of each champ type; the others are `TextChamp` (contract §4.3)."""

REPLIS = {
    "AddressChamp": "TextChamp",
    "CommuneChamp": "TextChamp",
    "DepartementChamp": "TextChamp",
    "RegionChamp": "TextChamp",
    "PaysChamp": "TextChamp",
    "DropDownListChamp": "TextChamp",
    "HeaderSectionChamp": "TextChamp",
    "ExplicationChamp": "TextChamp",
    "YesNoChamp": "CheckboxChamp",
    "DatetimeChamp": "DateChamp",
}
"""What a type becomes when the document has no fragment that names it (contract §4.3)."""

DESCRIPTEURS = {
    "rna": "RNAChampDescriptor",
    "rnf": "RNFChampDescriptor",
    "cojo": "COJOChampDescriptor",
    "communes": "CommuneChampDescriptor",
    "departements": "DepartementChampDescriptor",
    "regions": "RegionChampDescriptor",
    "drop_down_list": "DropDownListChampDescriptor",
}
"""The descriptor types whose name is not simply their champ type in camel case."""


def type_champ(descripteur: Descripteur, fragments: frozenset[str]) -> str:
    """Give the GraphQL type that a champ takes in a document that names these types."""
    nom = TYPES.get(descripteur.type, "TextChamp")
    return nom if nom in fragments else REPLIS.get(nom, nom)


def type_descripteur(descripteur: Descripteur) -> str:
    """Give the GraphQL type of a descriptor."""
    connu = DESCRIPTEURS.get(descripteur.type)
    return connu or "".join(p.capitalize() for p in descripteur.type.split("_")) + "ChampDescriptor"


class Lecteur:
    """Reads the champs of one dossier for one request: visible ones, in the form's order."""

    def __init__(self, requete: Requete, dossier: DossierMonde) -> None:
        self.requete = requete
        self.dossier = dossier
        self.valeurs, self.rangs = dossier.lit()
        self.defaut = dossier.depose_at or dossier.created_at

    def champs(self, descripteurs: tuple[Descripteur, ...]) -> list[dict[str, Any]]:
        """Give the visible champs among these descriptors."""
        return [self.champ(d, "") for d in descripteurs if self.montre(d, "")]

    def montre(self, descripteur: Descripteur, rang: str) -> bool:
        """Say whether a champ is shown, given what the dossier holds."""
        return descripteur.condition is None or descripteur.visible(self._lues(rang))

    def champ(self, descripteur: Descripteur, rang: str) -> dict[str, Any]:
        """Give one champ, visible or not."""
        ecrite = self.valeurs.get((descripteur.stable_id, rang))
        valeur = ecrite.valeur if ecrite else None
        instant = ecrite.updated_at if ecrite else self.defaut
        lu: dict[str, Any] = {
            "__typename": type_champ(descripteur, self.requete.fragments),
            "id": node_id("Champ", f"{descripteur.stable_id}|{rang}") if rang else descripteur.id,
            "champDescriptorId": descripteur.id,
            "label": descripteur.label,
            "updatedAt": ecrit_instant(instant),
            "prefilled": False,
        }
        RENDUS.get(descripteur.type, _texte)(self, lu, valeur, descripteur)
        return lu

    def lignes(self, repetition: Descripteur) -> Iterator[dict[str, Any]]:
        """Give the rows of a repetition, in order, each with its visible champs."""
        for rang in sorted(self.rangs.get(repetition.stable_id, ())):
            champs = [self.champ(e, rang) for e in repetition.enfants if self.montre(e, rang)]
            yield {"id": node_id("Row", rang), "champs": champs}

    def _lues(self, rang: str) -> Callable[[int], Any]:
        def lue(stable_id: int) -> Any:
            trouvee = self.valeurs.get((stable_id, rang)) or self.valeurs.get((stable_id, ""))
            return trouvee.valeur if trouvee else None

        return lue


def _texte(_: Lecteur, lu: dict[str, Any], valeur: Any, __: Descripteur) -> None:
    lu["stringValue"] = "" if valeur is None else str(valeur)
    lu["value"] = None if valeur is None else str(valeur)


def _choix(_: Lecteur, lu: dict[str, Any], valeur: Any, __: Descripteur) -> None:
    lu["stringValue"] = valeur or ""
    lu["value"] = valeur


def _case(_: Lecteur, lu: dict[str, Any], valeur: Any, __: Descripteur) -> None:
    lu["stringValue"] = "true" if valeur else "false"
    lu["value"] = bool(valeur)


def _oui_non(_: Lecteur, lu: dict[str, Any], valeur: Any, __: Descripteur) -> None:
    lu["stringValue"] = "" if valeur is None else "true" if valeur else "false"
    lu["value"] = bool(valeur) if lu["__typename"] == "CheckboxChamp" else valeur


def _entier(_: Lecteur, lu: dict[str, Any], valeur: Any, __: Descripteur) -> None:
    lu["stringValue"] = "" if valeur is None else str(valeur)
    lu["value"] = None if valeur is None else str(valeur)


def _decimal(_: Lecteur, lu: dict[str, Any], valeur: Any, __: Descripteur) -> None:
    lu["stringValue"] = "" if valeur is None else format(Decimal(valeur), "f")
    lu["value"] = None if valeur is None else float(valeur)


def _jour(lecteur: Lecteur, lu: dict[str, Any], valeur: Any, __: Descripteur) -> None:
    lu["stringValue"] = jour_en_lettres(valeur, lecteur.requete.langue) if valeur else ""
    lu["date"] = valeur.isoformat() if valeur else None


def _instant(lecteur: Lecteur, lu: dict[str, Any], valeur: datetime | None, __: Descripteur) -> None:
    lu["stringValue"] = instant_en_lettres(valeur, lecteur.requete.langue) if valeur else ""
    lu["datetime"] = ecrit_instant(valeur) if valeur else None
    lu["date"] = ecrit_instant(valeur)[:10] if valeur else None


def _multiple(_: Lecteur, lu: dict[str, Any], valeur: Any, __: Descripteur) -> None:
    lu["values"] = list(valeur or ())
    lu["stringValue"] = ", ".join(lu["values"])


def _lies(_: Lecteur, lu: dict[str, Any], valeur: Any, __: Descripteur) -> None:
    primaire, secondaire = valeur or ("", "")
    lu["primaryValue"], lu["secondaryValue"] = primaire, secondaire
    lu["stringValue"] = f"{primaire} / {secondaire}" if secondaire else primaire


def _adresse(_: Lecteur, lu: dict[str, Any], valeur: Adresse | None, __: Descripteur) -> None:
    complete = valeur if valeur and valeur.complete else None
    lu["stringValue"] = valeur.label if valeur else ""
    lu["value"] = valeur.label if valeur else None
    lu["address"] = complete and adresse(complete)
    lu["commune"] = complete and {
        "name": complete.city_name,
        "code": complete.city_code,
        "postalCode": complete.postal_code,
    }
    lu["departement"] = complete and _nomme(complete.department_name, complete.department_code)


def _commune(_: Lecteur, lu: dict[str, Any], valeur: Commune | None, __: Descripteur) -> None:
    lu["stringValue"] = _avec_code_postal(valeur) if valeur else ""
    lu["value"] = valeur.name if valeur else None
    lu["commune"] = valeur and {"name": valeur.name, "code": valeur.code, "postalCode": valeur.postal_code}
    lu["departement"] = valeur.departement and code(valeur.departement) if valeur else None


def _avec_code_postal(commune: Commune) -> str:
    return f"{commune.name} ({commune.postal_code})" if commune.postal_code else commune.name


def _departement(_: Lecteur, lu: dict[str, Any], valeur: Code | None, __: Descripteur) -> None:
    lu["stringValue"] = f"{valeur.code} - {valeur.name}" if valeur else ""
    lu["value"] = valeur.name if valeur else None
    lu["departement"] = valeur and code(valeur)


def _region(_: Lecteur, lu: dict[str, Any], valeur: Code | None, __: Descripteur) -> None:
    lu["stringValue"] = valeur.name if valeur else ""
    lu["value"] = valeur.name if valeur else None
    lu["region"] = lu["pays"] = lu["epci"] = valeur and code(valeur)


def _registre(_: Lecteur, lu: dict[str, Any], valeur: tuple[str, str | None] | None, __: Descripteur) -> None:
    lu["stringValue"] = valeur[0] if valeur else ""
    lu["rna"] = lu["rnf"] = valeur and {"id": valeur[0], "title": valeur[1]}


def _siret(_: Lecteur, lu: dict[str, Any], valeur: PersonneMorale | str | None, __: Descripteur) -> None:
    connu = valeur if isinstance(valeur, PersonneMorale) else None
    lu["stringValue"] = connu.siret if connu else valeur or ""
    lu["etablissement"] = personne_morale(connu) if connu and connu.complet else None


def _lien(lecteur: Lecteur, lu: dict[str, Any], valeur: int | None, __: Descripteur) -> None:
    lu["stringValue"] = "" if valeur is None else str(valeur)
    lu["dossier"] = None if valeur is None else lecteur.requete.monde.dossiers.get(valeur)


def _repetition(lecteur: Lecteur, lu: dict[str, Any], _: Any, descripteur: Descripteur) -> None:
    lu["stringValue"] = ""
    lu["rows"] = list(lecteur.lignes(descripteur))


def _pieces(lecteur: Lecteur, lu: dict[str, Any], valeur: Any, _: Descripteur) -> None:
    pieces = [f for f in valeur or () if isinstance(f, Fichier)]
    lu["stringValue"] = None if pieces else ""
    lu["files"] = [fichier(lecteur.requete, f) for f in pieces if f.virus in {"safe", "pending"}]


def _identite(_: Lecteur, lu: dict[str, Any], valeur: Any, __: Descripteur) -> None:
    lu["stringValue"] = None
    lu["filled"] = bool(valeur)


def _titre(_: Lecteur, lu: dict[str, Any], __: Any, descripteur: Descripteur) -> None:
    lu["stringValue"] = ""
    lu["value"] = None
    lu["level"] = descripteur.level


RENDUS: dict[str, Callable[[Lecteur, dict[str, Any], Any, Descripteur], None]] = {
    "checkbox": _case,
    "yes_no": _oui_non,
    "integer_number": _entier,
    "number": _entier,
    "decimal_number": _decimal,
    "date": _jour,
    "datetime": _instant,
    "drop_down_list": _choix,
    "civilite": _choix,
    "multiple_drop_down_list": _multiple,
    "linked_drop_down_list": _lies,
    "address": _adresse,
    "communes": _commune,
    "departements": _departement,
    "regions": _region,
    "pays": _region,
    "epci": _region,
    "rna": _registre,
    "rnf": _registre,
    "siret": _siret,
    "dossier_link": _lien,
    "repetition": _repetition,
    "piece_justificative": _pieces,
    "titre_identite": _identite,
    "header_section": _titre,
    "explication": _titre,
}


def code(valeur: Code) -> dict[str, str]:
    """Give a named code."""
    return {"name": valeur.name, "code": valeur.code}


def _nomme(nom: str | None, numero: str | None) -> dict[str, str] | None:
    return {"name": nom, "code": numero} if nom and numero else None


def adresse(valeur: Adresse) -> dict[str, Any]:
    """Give an address."""
    point = None
    if valeur.longitude is not None:
        point = {"type": "Point", "coordinates": [valeur.longitude, valeur.latitude]}
    return {
        "label": valeur.label,
        "type": valeur.type,
        "streetAddress": valeur.street_address,
        "streetNumber": valeur.street_number,
        "streetName": valeur.street_name,
        "postalCode": valeur.postal_code,
        "cityName": valeur.city_name,
        "cityCode": valeur.city_code,
        "departmentName": valeur.department_name,
        "departmentCode": valeur.department_code,
        "regionName": valeur.region_name,
        "regionCode": valeur.region_code,
        "countryName": valeur.country_name,
        "countryCode": valeur.country_code,
        "geometry": point,
    }


def personne_morale(valeur: PersonneMorale) -> dict[str, Any]:
    """Give an établissement; in degraded mode its non-null parts are missing, which breaks it (contract §4.2)."""
    if not valeur.complet:
        return {"id": node_id("Etablissement", valeur.numero), "siret": valeur.siret}
    return {
        "id": node_id("Etablissement", valeur.numero),
        "siret": valeur.siret,
        "siegeSocial": valeur.siege_social,
        "naf": valeur.naf,
        "libelleNaf": valeur.libelle_naf,
        "address": valeur.adresse and adresse(valeur.adresse),
        "entreprise": valeur.entreprise and entreprise(valeur.entreprise),
        "association": valeur.association and dict(zip(("rna", "titre"), valeur.association, strict=True)),
    }


def entreprise(valeur: Entreprise) -> dict[str, Any]:
    """Give a legal unit."""
    return {
        "siren": valeur.siren,
        "raisonSociale": valeur.raison_sociale,
        "nomCommercial": valeur.nom_commercial,
        "formeJuridique": valeur.forme_juridique,
        "formeJuridiqueCode": valeur.forme_juridique_code,
        "siretSiegeSocial": valeur.siret_siege_social,
        "codeEffectifEntreprise": valeur.code_effectif,
        "dateCreation": valeur.date_creation and valeur.date_creation.isoformat(),
        "etatAdministratif": valeur.etat_administratif,
        "enseigne": valeur.enseigne,
        "inlineAdresse": valeur.inline_adresse,
        "capitalSocial": valeur.capital_social,
    }


def fichier(requete: Requete, valeur: Fichier) -> dict[str, Any]:
    """Give a file, with a link valid one hour."""
    return {
        "filename": valeur.filename,
        "contentType": valeur.content_type,
        "byteSizeBigInt": str(valeur.taille),
        "checksum": valeur.checksum,
        "url": lambda *_: requete.lien(valeur),
        "createdAt": ecrit_instant(valeur.created_at or requete.monde.now()),
        "virusScanResult": valeur.virus,
    }
