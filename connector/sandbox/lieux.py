"""The places of the default world: real communes of Centre-Val de Loire, and hospitals that exist nowhere else.

Names, streets, SIRET (of a range that is not given to anyone) and FINESS numbers are invented; the codes and the
centre of each commune are real, so that zones and distances mean something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connector.sandbox.world import Adresse, Code, Commune, Entreprise, PersonneMorale

CENTRE_VAL_DE_LOIRE = Code(name="Centre-Val de Loire", code="24")
GUYANE = Code(name="Guyane", code="03")
NOUVELLE_AQUITAINE = Code(name="Nouvelle-Aquitaine", code="75")

DEPARTEMENTS: Mapping[str, tuple[str, Code]] = {
    "18": ("Cher", CENTRE_VAL_DE_LOIRE),
    "28": ("Eure-et-Loir", CENTRE_VAL_DE_LOIRE),
    "36": ("Indre", CENTRE_VAL_DE_LOIRE),
    "37": ("Indre-et-Loire", CENTRE_VAL_DE_LOIRE),
    "41": ("Loir-et-Cher", CENTRE_VAL_DE_LOIRE),
    "45": ("Loiret", CENTRE_VAL_DE_LOIRE),
    "86": ("Vienne", NOUVELLE_AQUITAINE),
    "973": ("Guyane", GUYANE),
}

AU_NORD = frozenset({"28", "45"})
"""The départements of the second group of instructeurs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lieu:
    """A commune and a point in it (degrees, WGS 84)."""

    nom: str
    insee: str
    postal: str
    latitude: float
    longitude: float

    @property
    def departement(self) -> Code:
        """The département, by its code."""
        code = self.insee[:3] if self.insee.startswith("97") else self.insee[:2]
        return Code(name=DEPARTEMENTS[code][0], code=code)

    @property
    def commune(self) -> Commune:
        """The commune as the champ of that type holds it."""
        return Commune(name=self.nom, code=self.insee, postal_code=self.postal, departement=self.departement)

    def adresse(self, voie: str) -> Adresse:
        """Give the address of this street ("12 rue des Lilas") here."""
        numero, _, rue = voie.partition(" ")
        departement = self.departement
        region = DEPARTEMENTS[departement.code][1]
        return Adresse(
            label=f"{voie} {self.postal} {self.nom}",
            street_address=voie,
            street_number=numero,
            street_name=rue,
            postal_code=self.postal,
            city_name=self.nom,
            city_code=self.insee,
            department_name=departement.name,
            department_code=departement.code,
            region_name=region.name,
            region_code=region.code,
            longitude=self.longitude,
            latitude=self.latitude,
        )


def _lieu(nom: str, insee: str, postal: str, latitude: float, longitude: float) -> Lieu:
    return Lieu(nom=nom, insee=insee, postal=postal, latitude=latitude, longitude=longitude)


TOURS = _lieu("Tours", "37261", "37000", 47.3986, 0.6965)
BOURGES = _lieu("Bourges", "18033", "18000", 47.0750, 2.4042)
ORLEANS = _lieu("Orléans", "45234", "45000", 47.8829, 1.9161)
CHARTRES = _lieu("Chartres", "28085", "28000", 48.4472, 1.5057)
BLOIS = _lieu("Blois", "41018", "41000", 47.5817, 1.3063)
CHATEAUROUX = _lieu("Châteauroux", "36044", "36000", 46.8030, 1.6940)
MONTARGIS = _lieu("Montargis", "45208", "45200", 47.9988, 2.7359)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hopital:
    """A hospital that recruits: who files, and from where."""

    nom: str
    lieu: Lieu
    voie: str
    rang: int
    domaine: str
    chu: bool = False

    @property
    def siret(self) -> str:
        """A number with the right keys, in a range that is given to no one."""
        return avec_cle(avec_cle(f"9990{self.rang:04d}") + "0001")

    @property
    def finess(self) -> str:
        """Nine digits, with the right key."""
        return avec_cle(f"{self.lieu.insee[:2]}9990{self.rang:02d}")

    @property
    def courriel(self) -> str:
        """The account that files the dossiers."""
        return f"affaires.medicales@{self.domaine}.exemple.fr"

    @property
    def adresse(self) -> Adresse:
        """Where it stands."""
        return self.lieu.adresse(self.voie)

    @property
    def personne_morale(self) -> PersonneMorale:
        """The établissement, as DS's company look-up gives it: in capitals, with no point on the map."""
        adresse = self.adresse
        return PersonneMorale(
            siret=self.siret,
            numero=self.rang,
            naf="8610Z",
            libelle_naf="Activités hospitalières",
            adresse=Adresse(
                label=f"{self.nom}\r\n{adresse.street_address}\r\n{adresse.postal_code} {adresse.city_name}".upper(),
                street_address=self.voie.upper(),
                postal_code=adresse.postal_code,
                city_name=adresse.city_name,
                city_code=adresse.city_code,
                department_name=adresse.department_name,
                department_code=adresse.department_code,
                region_name=adresse.region_name,
                region_code=adresse.region_code,
            ),
            entreprise=Entreprise(
                siren=self.siret[:9],
                raison_sociale=self.nom.upper(),
                forme_juridique="Établissement d'hospitalisation",
                forme_juridique_code="7364",
                siret_siege_social=self.siret,
                code_effectif="42",
                inline_adresse=adresse.label.upper(),
            ),
        )

    @property
    def degradee(self) -> PersonneMorale:
        """The établissement while the company look-up does not answer: its SIRET and nothing else."""
        return PersonneMorale(siret=self.siret, numero=self.rang, complet=False)


def avec_cle(chiffres: str) -> str:
    """Give these digits followed by their Luhn key."""
    somme = 0
    for rang, chiffre in enumerate(reversed(chiffres)):
        valeur = int(chiffre) * (1 if rang % 2 else 2)
        somme += valeur - 9 if valeur > 9 else valeur  # noqa: PLR2004 - the sum of two digits
    return chiffres + str(-somme % 10)


CHU_TOURS = Hopital(
    nom="CHU des Deux-Rives", lieu=TOURS, voie="3 boulevard des Lauriers", rang=1, domaine="chu-deux-rives", chu=True
)
CH_BOURGES = Hopital(
    nom="Centre hospitalier de la Sente-aux-Moines", lieu=BOURGES, voie="41 avenue du Guet", rang=2, domaine="ch-sente"
)
CH_ORLEANS = Hopital(
    nom="Centre hospitalier du Val-Fleuri", lieu=ORLEANS, voie="8 quai des Gabares", rang=3, domaine="ch-val-fleuri"
)
CH_CHARTRES = Hopital(
    nom="Centre hospitalier des Trois-Clochers", lieu=CHARTRES, voie="17 rue du Blé-Doré", rang=4, domaine="ch-clochers"
)
CH_BLOIS = Hopital(
    nom="Centre hospitalier du Haut-Degré", lieu=BLOIS, voie="26 mail des Ormeaux", rang=5, domaine="ch-haut-degre"
)
CH_CHATEAUROUX = Hopital(
    nom="Centre hospitalier du Bois-aux-Fées", lieu=CHATEAUROUX, voie="90 avenue des Genêts", rang=6, domaine="ch-fees"
)
CH_MONTARGIS = Hopital(
    nom="Centre hospitalier des Canaux", lieu=MONTARGIS, voie="55 rue de l'Écluse", rang=7, domaine="ch-canaux"
)
HOPITAUX = (CHU_TOURS, CH_BOURGES, CH_ORLEANS, CH_CHARTRES, CH_BLOIS, CH_CHATEAUROUX, CH_MONTARGIS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A place where the doctor will also work."""

    nom: str
    type: str
    lieu: Lieu
    voie: str

    def ligne(self, demi_journees: str, route: str | None = None) -> dict[str | int, Any]:
        """Give the row of the form's repetition: half-days a week, and the distance by road when it is known."""
        return {
            "Nom de la structure": self.nom,
            "Type de structure": self.type,
            "Adresse de la structure": self.lieu.adresse(self.voie),
            "Commune de la structure": self.lieu.commune,
            "Demi-journées par semaine": Decimal(demi_journees),
            "Distance routière au site principal (km)": Decimal(route) if route else None,
        }


def _structure(nom: str, type_: str, lieu: Lieu, voie: str) -> Structure:
    return Structure(nom=nom, type=type_, lieu=lieu, voie=voie)


_MSP, _CDS, _ES = "Maison de santé pluridisciplinaire", "Centre de santé", "Établissement de santé"

VIERZON = _structure(
    "MSP du Pré-aux-Ânes", _MSP, _lieu("Vierzon", "18279", "18100", 47.2369, 2.0791), "12 rue des Porcelainiers"
)
ROMORANTIN = _structure(
    "Centre de santé de la Grande-Lande",
    _CDS,
    _lieu("Romorantin-Lanthenay", "41194", "41200", 47.3745, 1.7446),
    "5 rue du Drapier",
)
LOCHES = _structure(
    "MSP de la Porte-Ronde", _MSP, _lieu("Loches", "37132", "37600", 47.1202, 0.9742), "2 place au Bois"
)
TOURS_QUARTIER = _structure(
    "Centre de santé des Quatre-Saisons",
    _CDS,
    _lieu("Tours", "37261", "37000", 47.4045, 0.7210),
    "18 allée de l'Essai",
)
SAINT_AMAND = _structure(
    "MSP de la Haute-Marmande",
    _MSP,
    _lieu("Saint-Amand-Montrond", "18197", "18200", 46.7262, 2.5201),
    "9 rue de l'Orfèvre",
)
GIEN = _structure(
    "Centre de santé du Vieux-Pont", _CDS, _lieu("Gien", "45155", "45500", 47.7123, 2.6655), "21 quai de la Faïence"
)
PITHIVIERS = _structure(
    "MSP du Safran", _MSP, _lieu("Pithiviers", "45252", "45300", 48.1805, 2.2499), "3 mail des Alouettes"
)
AUNEAU = _structure(
    "MSP des Quatre-Chemins",
    _MSP,
    _lieu("Auneau-Bleury-Saint-Symphorien", "28015", "28700", 48.4694, 1.7732),
    "30 rue du Four-Banal",
)
CHATEAU_RENAULT = _structure(
    "MSP des Tanneries", _MSP, _lieu("Château-Renault", "37063", "37110", 47.5925, 0.9097), "15 rue du Cuir"
)
CH_DE_BLOIS = _structure(CH_BLOIS.nom, _ES, BLOIS, CH_BLOIS.voie)
VIERZON_HOPITAL = _structure("Centre hospitalier de l'Arnon-Bleu", _ES, VIERZON.lieu, "33 rue du Canal-de-Berry")
CAYENNE = _structure(
    "Centre hospitalier de l'Anse-Claire",
    _ES,
    _lieu("Cayenne", "97302", "97300", 5.0217, -52.5013),
    "1 avenue des Balisiers",
)
LA_FERTE = _structure(
    "MSP de l'Étang-Neuf",
    _MSP,
    _lieu("La Ferté-Saint-Aubin", "45146", "45240", 47.7120, 1.9272),
    "6 rue des Bruyères",
)
MEUNG = _structure(
    "MSP de la Herse", _MSP, _lieu("Meung-sur-Loire", "45203", "45130", 47.8397, 1.6981), "2 rue du Meunier"
)
FLEURY = _structure(
    "Cabinet des Aubiers",
    "Cabinet libéral",
    _lieu("Fleury-les-Aubrais", "45147", "45400", 47.9389, 1.9199),
    "88 rue de la Gare-Neuve",
)
AMBOISE = _structure("MSP des Varennes", _MSP, _lieu("Amboise", "37003", "37400", 47.3917, 1.0002), "40 rue du Tuffeau")
ISSOUDUN = _structure(
    "MSP des Champs-d'Amour", _MSP, _lieu("Issoudun", "36088", "36100", 46.9489, 2.0005), "8 rue du Parchemin"
)
CHINON = _structure(
    "Centre de santé de la Devinière", _CDS, _lieu("Chinon", "37072", "37500", 47.1723, 0.2451), "25 quai du Cabernet"
)
DREUX = _structure(
    "MSP des Bas-Buissons", _MSP, _lieu("Dreux", "28134", "28100", 48.7485, 1.3593), "11 rue des Tuiliers"
)
VENDOME = _structure(
    "Centre de santé du Petit-Perche", _CDS, _lieu("Vendôme", "41269", "41100", 47.8013, 1.0611), "5 faubourg du Gué"
)
NOGENT = _structure(
    "Maison médicale de garde du Theil-Vert",
    "Maison médicale de garde",
    _lieu("Nogent-le-Rotrou", "28280", "28400", 48.3176, 0.8041),
    "19 rue du Percheron",
)
CHATEAUDUN = _structure(
    "CPTS de la Plaine-Dunoise", "CPTS", _lieu("Châteaudun", "28088", "28200", 48.0763, 1.3264), "1 rue de la Meunerie"
)
LEVROUX = _structure(
    "MSP du Chevreau", _MSP, _lieu("Levroux", "36093", "36110", 46.9727, 1.6303), "14 rue de la Mégisserie"
)
LE_BLANC = _structure(
    "MSP des Mille-Étangs", _MSP, _lieu("Le Blanc", "36018", "36300", 46.6346, 1.1001), "3 rue du Viaduc-Vieux"
)
CHATELLERAULT = _structure(
    "MSP de la Coutellerie", _MSP, _lieu("Châtellerault", "86066", "86100", 46.8157, 0.5526), "27 quai des Émouleurs"
)
THENAY = _structure(
    "Antenne de santé de la Bièvre", _CDS, _lieu("Thenay", "41257", "41400", 47.3890, 1.2950), "1 route du Lavoir"
)
"""Thenay is no commune any more (it joined Le Controis-en-Sologne in 2019): no zoning knows its code."""
PRISON = _structure(
    "Unité sanitaire de la maison d'arrêt des Genévriers",
    "Unité sanitaire en milieu pénitentiaire",
    _lieu("Châteauroux", "36044", "36000", 46.7905, 1.7420),
    "50 rue des Genévriers",
)
STRUCTURES = (
    VIERZON,
    ROMORANTIN,
    LOCHES,
    TOURS_QUARTIER,
    SAINT_AMAND,
    GIEN,
    PITHIVIERS,
    AUNEAU,
    CHATEAU_RENAULT,
    CH_DE_BLOIS,
    VIERZON_HOPITAL,
    CAYENNE,
    LA_FERTE,
    MEUNG,
    FLEURY,
    AMBOISE,
    ISSOUDUN,
    CHINON,
    DREUX,
    VENDOME,
    NOGENT,
    CHATEAUDUN,
    LEVROUX,
    LE_BLANC,
    CHATELLERAULT,
    THENAY,
    PRISON,
)
