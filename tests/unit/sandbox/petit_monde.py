"""A small world for the engine's tests: one form with a champ of most kinds, two groups, a clock one moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import requests

from connector.sandbox import scenario
from connector.sandbox.server import Sandbox
from connector.sandbox.world import (
    Adresse,
    Capacites,
    Condition,
    DemarcheMonde,
    Descripteur,
    DossierMonde,
    Entreprise,
    Fichier,
    Groupe,
    Instructeur,
    Jeton,
    Label,
    PersonneMorale,
    Revision,
    World,
)

NORD = Instructeur(number=11, email="nord@exemple.fr")
SUD = Instructeur(number=12, email="sud@exemple.fr")
HOPITAL = PersonneMorale(
    siret="26370010600010",
    numero=3,
    libelle_naf="Activités hospitalières",
    adresse=Adresse(label="1 rue des Tilleuls 37000 Tours"),
    entreprise=Entreprise(siren="263700106", raison_sociale="CHU DES TILLEULS"),
)
CHAMPS = (
    Descripteur(stable_id=1, type="header_section", label="Le poste"),
    Descripteur(stable_id=2, type="drop_down_list", label="Type", options=("Neuf", "Report"), required=True),
    Descripteur(stable_id=3, type="text", label="Nom"),
    Descripteur(stable_id=4, type="date", label="Date de report", condition=Condition(champ=2, valeur="Report")),
    Descripteur(stable_id=5, type="piece_justificative", label="CV"),
    Descripteur(
        stable_id=6,
        type="repetition",
        label="Lieux",
        enfants=(
            Descripteur(stable_id=7, type="text", label="Structure"),
            Descripteur(stable_id=8, type="decimal_number", label="Demi-journées"),
        ),
    ),
    Descripteur(stable_id=9, type="yes_no", label="Dérogation"),
    Descripteur(stable_id=10, type="dossier_link", label="Dossier lié"),
)
ANNOTATIONS = (
    Descripteur(stable_id=101, type="text", label="Synthèse"),
    Descripteur(stable_id=102, type="drop_down_list", label="Avis", options=("Favorable", "Liste d'attente")),
    Descripteur(stable_id=103, type="decimal_number", label="Coût"),
    Descripteur(stable_id=104, type="multiple_drop_down_list", label="Pièces", options=("CV", "Lettre")),
    Descripteur(stable_id=105, type="datetime", label="Entretien"),
    Descripteur(
        stable_id=106,
        type="repetition",
        label="Rapporteurs",
        enfants=(Descripteur(stable_id=107, type="text", label="Rapporteur"),),
    ),
    Descripteur(stable_id=108, type="email", label="Courriel"),
    Descripteur(stable_id=109, type="piece_justificative", label="Fiche"),
    Descripteur(stable_id=110, type="checkbox", label="Vu"),
)


@dataclass
class Horloge:
    """A clock that stands still until it is moved."""

    instant: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.instant

    def avance(self, **duree: float) -> datetime:
        self.instant += timedelta(**duree)
        return self.instant


def monde(horloge: Horloge, **capacites: Any) -> World:
    world = World(horloge, capacites=Capacites(**capacites))
    debut = horloge()
    for number in (500, 600):
        revision = Revision(
            number=number * 10, created_at=debut, published_at=debut, champs=CHAMPS, annotations=ANNOTATIONS
        )
        world.add_demarche(
            DemarcheMonde(
                number=number,
                title="Assistants partagés",
                date_creation=debut,
                date_publication=debut,
                updated_at=debut,
                revisions=[revision],
                active=revision.number,
                groupes=[
                    Groupe(number=number + 1, label="Nord", instructeurs=[NORD]),
                    Groupe(number=number + 2, label="Sud", instructeurs=[SUD]),
                ],
                labels=[Label(number=number + 3, name="Complet"), Label(number=number + 4, name="Urgent")],
                opendata=number == 500,
            )
        )
    world.add_jeton(Jeton(valeur="ecrit", demarches=frozenset({500}), administrateur="admin@exemple.fr"))
    world.add_jeton(Jeton(valeur="lit", ecriture=False, demarches=frozenset({500})))
    world.add_jeton(Jeton(valeur="perime", expire_le=date(2026, 3, 1)))
    world.add_jeton(Jeton(valeur="loin", reseaux=("203.0.113.0/24",)))
    return world


def depose(world: World, demarche: int = 500, **plus: Any) -> DossierMonde:
    valeurs = plus.pop("valeurs", {"Type": "Neuf", "Nom": "Weiss", "CV": [Fichier.de("cv.pdf", b"%PDF-1.4")]})
    return scenario.usager_depose(
        world, demarche=demarche, demandeur=plus.pop("demandeur", HOPITAL), valeurs=valeurs, **plus
    )


class Appelant:
    """Calls a sandbox as a client does."""

    def __init__(self, sandbox: Sandbox, jeton: str = "ecrit") -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {jeton}"

    def brut(self, query: str, **variables: Any) -> requests.Response:
        return self.session.post(
            self.sandbox.endpoint, json={"query": query, "variables": variables}, timeout=20, allow_redirects=False
        )

    def __call__(self, query: str, **variables: Any) -> Any:
        return self.brut(query, **variables).json()

    def mute(self, operation: str, rendu: str = "dossier { state }", **entree: Any) -> Any:
        """Run one mutation and give its payload."""
        nom = operation[0].upper() + operation[1:]
        query = f"mutation m($input: {nom}Input!) {{ {operation}(input: $input) {{ {rendu} errors {{ message }} }} }}"
        corps = self(query, input=entree)
        return corps["data"][operation] if corps.get("data") else corps


def refus(payload: Any) -> list[str]:
    return [e["message"] for e in payload["errors"] or ()]
