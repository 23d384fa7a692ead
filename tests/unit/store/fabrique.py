"""Builders for the store's tests: one ordinary dossier, evaluation or intent, with whatever a test changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from connector.core.constat import AvisPropose, Constat, Effet, Source, Statut
from connector.core.evaluation import Evaluation, Proposition
from connector.core.fiche import Fiche, parties
from connector.core.filigrane import Filigrane
from connector.core.model import (
    Adresse,
    Avis,
    Champ,
    Choix,
    ChoixLie,
    Correction,
    Demandeur,
    Dossier,
    DossierState,
    DossierSupprime,
    Etablissement,
    Groupe,
    Illisible,
    Label,
    LienDossier,
    Lieu,
    Ligne,
    Lignes,
    Message,
    Piece,
    Pieces,
    Profil,
    Traitement,
    Valeur,
    VirusScan,
)
from connector.core.plan import Intention

PARIS = timezone(timedelta(hours=2))
T0 = datetime(2026, 6, 1, 9, 0, tzinfo=PARIS)
NOW = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
DEMARCHE = 4242
SIENNES = frozenset({"D-avis"})
AVIS_ANNOTATION = "D-avis"

VALEURS: tuple[Valeur, ...] = (
    None,
    "Texte « avec » des accents\n\u2028et \u0000 le reste 🏥",
    "",
    True,
    False,
    0,
    -(2**70),
    Decimal("1.50"),
    Decimal("-0E+3"),
    date(2026, 2, 28),
    T0.replace(microsecond=123456),
    Lieu(code="2A004", name="Ajaccio"),
    Adresse(label="1 rue d'Ici", type="housenumber", city_code="75056", longitude=2.3522219, latitude=-0.0),
    Etablissement(siret="13001653800014", adresse=Adresse(label="Là"), complet=False),
    Pieces(
        files=(
            Piece(
                filename="diplôme.pdf",
                content_type="application/pdf",
                byte_size=12,
                checksum="1B2M2Y8AsgTpgAmY7PhCfg==",
                virus_scan=VirusScan.SAFE,
                created_at=T0,
            ),
        )
    ),
    Pieces(),
    Choix(values=("a", "b")),
    ChoixLie(primary="p", secondary=""),
    LienDossier(number=7, state=DossierState.ACCEPTE, demarche_number=3),
    LienDossier(number=8),
    Illisible(cause="type inconnu", text="?"),
)


def champ(value: Valeur = "réponse", **changes: Any) -> Champ:
    """A champ with that value."""
    return replace(Champ(id="C-1", descriptor_id="C-1", label="Nom", typename="TextChamp", value=value), **changes)


def dossier(number: int = 1, **changes: Any) -> Dossier:
    """A dossier with a bit of everything; deposited `number` minutes after T0."""
    depot = T0 + timedelta(minutes=number)
    ligne = Ligne(id="L-1", champs=(champ("dedans", id="C-2|L-1", descriptor_id="C-2"),))
    base = Dossier(
        id=f"RG9zc2llci0{number}",
        number=number,
        demarche_number=DEMARCHE,
        revision_id="R-1",
        state=DossierState.EN_CONSTRUCTION,
        archived=False,
        date_depot=depot,
        date_passage_en_construction=depot,
        date_passage_en_instruction=None,
        date_traitement=None,
        date_derniere_modification=depot,
        date_derniere_modification_champs=depot,
        date_derniere_modification_annotations=depot,
        date_derniere_correction_en_attente=None,
        date_suppression_par_usager=None,
        compte_supprime=False,
        usager_email="usager@example.org",
        demandeur=Demandeur(typename="PersonneMorale", siret="13001653800014", raison_sociale="CH"),
        groupe=Groupe(id="G-1", number=1, label="défaut", instructeurs=(Profil(id="P-1", email="agent@example.org"),)),
        labels=(Label(id="Lb-1", name="Urgent"),),
        traitements=(Traitement(event="depose", date=depot),),
        messages=(
            Message(
                id="M-1",
                email="agent@example.org",
                empreinte="e" * 64,
                created_at=depot,
                correction=Correction(reason="incomplete"),
            ),
        ),
        avis=(Avis(id="A-1", date_question=depot, repondu=False),),
        champs=(*(champ(v, id=f"C{i}", updated_at=depot) for i, v in enumerate(VALEURS)), champ(Lignes(rows=(ligne,)))),
        annotations=(champ("Favorable", id=AVIS_ANNOTATION, descriptor_id=AVIS_ANNOTATION),),
    )
    return replace(base, **changes)


def fiche(number: int = 1, **changes: Any) -> Fiche:
    """The fiche of that dossier."""
    built = dossier(number, **changes)
    return Fiche(dossier=built, parties=parties(built, SIENNES))


def filigrane(cursor: str = "c1", **changes: Any) -> Filigrane:
    """A watermark in the middle of its walk."""
    return replace(Filigrane(lecture="carte", cursor=cursor, marque=T0, arrivee=NOW), **changes)


def supprime(number: int = 1, **changes: Any) -> DossierSupprime:
    """That dossier in the bin."""
    base = DossierSupprime(number=number, date_suppression=T0, reason="user_request", definitif=False)
    return replace(base, **changes)


def proposition(avis: AvisPropose = AvisPropose.FAVORABLE, synthese: str = "Tout est là.") -> Proposition:
    """An opinion with one constat."""
    constat = Constat(
        regle="diplome",
        statut=Statut.OK,
        effet=Effet.BLOQUANT,
        phrase="Le diplôme est joint.",
        source=Source(texte="Arrêté du 1er janvier", opposable=True),
        avis=avis,
    )
    return Proposition(avis=avis, synthese=synthese, points=("un", "deux"), constats=(constat,))


def evaluation(judged: Fiche, **changes: Any) -> Evaluation:
    """That fiche judged under policy « p1 », with nothing left to do."""
    base = Evaluation(
        dossier=judged.dossier.number,
        contenu=judged.parties.contenu,
        politique="p1",
        proposees=judged.parties.proposees,
        proposition=proposition(),
        avis_depuis=date(2026, 6, 2),
        evaluee_le=NOW,
        a_pousser=False,
    )
    return replace(base, **changes)


def intention(fingerprint: str = "f1", **changes: Any) -> Intention:
    """A message about dossier 1."""
    base = Intention(
        demarche=DEMARCHE, dossier=1, kind="message", fingerprint=fingerprint, cible=("1-ABCDEF0123", "e" * 64)
    )
    return replace(base, **changes)
