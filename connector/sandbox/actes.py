"""What happens to a dossier when someone acts, whoever it is and by whichever door (the API or the web pages).

Each act assumes it is allowed: rights and states are checked by the caller. Bumps follow contract §6.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector.sandbox.dates import PARIS
from connector.sandbox.world import Correction, Fichier, Message, Traitement, Valeur

if TYPE_CHECKING:
    from connector.sandbox.world import Cle, DossierMonde, Groupe, Instructeur, World

DELAI_ATTESTATION = timedelta(seconds=20)
"""How long after a decision its attestation appears, on a démarche that has one."""
MOT = re.compile(r"\{(\w+)\}")

COURRIELS = {
    "depose": "<p>[Dossier n° {numero} : bien reçu]</p><p>Nous avons bien reçu votre dossier n° {numero}.</p>",
    "passe_en_instruction": "<p>[Dossier n° {numero} : examen]</p><p>L'examen du dossier n° {numero} commence.</p>",
    "accepte": "<p>[Dossier n° {numero} : accepté]</p><p>Le dossier n° {numero} est accepté.</p>",
    "refuse": "<p>[Dossier n° {numero} : refusé]</p><p>Le dossier n° {numero} est refusé.</p>",
    "classe_sans_suite": "<p>[Dossier n° {numero} : sans suite]</p><p>Le dossier n° {numero} est sans suite.</p>",
    "repasse_en_instruction": "<p>[Dossier n° {numero} : réexamen]</p><p>Le dossier n° {numero} est réexaminé.</p>",
}
"""The system messages of a démarche that has no words of its own."""

ETATS = {"accepte": "accepte", "refuse": "refuse", "classe_sans_suite": "sans_suite"}
"""The state that each decision leads to."""


def trace(
    world: World, dossier: DossierMonde, event: str, *, agent: Instructeur | None = None, motivation: str | None = None
) -> Traitement:
    """Add a line to the dossier's history, dated now."""
    traitement = Traitement(
        number=world.next_number("traitement"),
        event=event,
        date=world.now(),
        email=agent.email if agent else None,
        motivation=motivation,
        revision=dossier.revision,
        state=dossier.state,
    )
    dossier.traitements.append(traitement)
    return traitement


def annonce(world: World, dossier: DossierMonde, event: str) -> None:
    """Leave the copy of a notification mail in the dossier's messages: a motivation is published text (§5.1)."""
    demarche = world.demarche_de(dossier)
    modele = demarche.courriels.get(event, COURRIELS[event])
    mots = {
        "numero": str(dossier.number),
        "titre": demarche.title,
        "date": f"{world.now().astimezone(PARIS):%d/%m/%Y}",
        "motivation": dossier.motivation or "",
    }
    corps = MOT.sub(lambda m: mots.get(m[1], m[0]), modele)
    ajoute_message(world, dossier, email=demarche.expediteur, body=corps)


def ajoute_message(
    world: World,
    dossier: DossierMonde,
    *,
    email: str,
    body: str,
    pieces: tuple[Fichier, ...] = (),
    instructeur: Instructeur | None = None,
) -> Message:
    """Add a message to the box; the dossier is modified."""
    message = Message(
        number=world.next_number("message"),
        email=email,
        body=body,
        created_at=world.now(),
        pieces=[world.store_blob(p) for p in pieces],
        instructeur=instructeur.number if instructeur else None,
    )
    dossier.messages.append(message)
    world.touch(dossier)
    return message


def suit(dossier: DossierMonde, instructeur: Instructeur) -> bool:
    """Make the instructeur follow the dossier; say whether that changed anything."""
    if instructeur in dossier.suivi_par:
        return False
    dossier.suivi_par.append(instructeur)
    return True


def resout_correction(world: World, dossier: DossierMonde) -> None:
    """Close the pending correction request, if any."""
    for message in dossier.messages:
        if message.correction and message.correction.resolved_at is None:
            message.correction.resolved_at = world.now()


def passe_en_instruction(world: World, dossier: DossierMonde, agent: Instructeur) -> None:
    """Start the examination. Sent twice at once, it leaves a second trace (recorded), since nothing is locked."""
    deja = dossier.state == "en_instruction"
    suit(dossier, agent)
    resout_correction(world, dossier)
    dossier.tampon = None
    dossier.state = "en_instruction"
    dossier.en_instruction_at = world.now()
    trace(world, dossier, "repasse_en_instruction" if deja else "passe_en_instruction", agent=agent)
    annonce(world, dossier, "passe_en_instruction")


def repasse_en_construction(world: World, dossier: DossierMonde, agent: Instructeur) -> None:
    """Hand the dossier back to its usager; nobody is told."""
    dossier.state = "en_construction"
    dossier.en_construction_at = world.now()
    trace(world, dossier, "repasse_en_construction", agent=agent)
    world.touch(dossier)


def decide(
    world: World,
    dossier: DossierMonde,
    event: str,
    agent: Instructeur,
    *,
    motivation: str | None = None,
    justificatif: Fichier | None = None,
) -> None:
    """Accept, refuse or close (`accepte`, `refuse`, `classe_sans_suite`)."""
    dossier.state = ETATS[event]
    dossier.processed_at = world.now()
    dossier.motivation = motivation
    dossier.justificatif = justificatif
    _efface_les_identites(world, dossier)
    trace(world, dossier, event, agent=agent, motivation=motivation)
    annonce(world, dossier, event)
    if world.demarche_de(dossier).attestation and event != "classe_sans_suite":
        world.later(DELAI_ATTESTATION, lambda: _atteste(world, dossier))


def _efface_les_identites(world: World, dossier: DossierMonde) -> None:
    """Erase identity papers, as every decision does (contract §4.4)."""
    types = world.revision_de(dossier).par_id
    papiers = [c for c in dossier.lit()[0] if c[0] in types and types[c[0]].type == "titre_identite"]
    for cle in papiers:
        dossier.ecrit()[0][cle].valeur = None


def _atteste(world: World, dossier: DossierMonde) -> None:
    """Produce the attestation, some time after the decision and with no date moved (contract §4.1)."""
    if dossier.termine:
        dossier.attestation = world.store_blob(Fichier.de("attestation.pdf", b"%PDF-1.4 attestation"))


def repasse_en_instruction(world: World, dossier: DossierMonde, agent: Instructeur) -> None:
    """Reopen a decided dossier: motivation, files, archive are undone; `dateTraitement` is kept."""
    dossier.state = "en_instruction"
    dossier.archived = False
    dossier.cache_par_usager_at = None
    dossier.motivation = None
    dossier.justificatif = None
    dossier.attestation = None
    dossier.en_instruction_at = world.now()
    trace(world, dossier, "repasse_en_instruction", agent=agent)
    annonce(world, dossier, "repasse_en_instruction")
    rebase(world, dossier)


def rebase(world: World, dossier: DossierMonde) -> None:
    """Bring a dossier to the active revision; a champ whose type changed loses its value (contract §3.8)."""
    ancienne, active = world.revision_de(dossier), world.demarche_de(dossier).revision_active
    if ancienne is active:
        return
    changes = {s for s, d in active.par_id.items() if s in ancienne.par_id and ancienne.par_id[s].type != d.type}
    if changes:
        valeurs, rangs = dossier.lit()
        dossier.contenu = ({c: v for c, v in valeurs.items() if c[0] not in changes}, rangs)
    dossier.revision = active.number


def demande_correction(world: World, dossier: DossierMonde, message: Message, reason: str, agent: Instructeur) -> None:
    """Attach a correction request to a message; from en_instruction the dossier goes back to en_construction."""
    if dossier.state == "en_instruction":
        repasse_en_construction(world, dossier, agent)
    message.correction = Correction(reason=reason, created_at=world.now())
    world.touch(dossier)


def supprime_message(world: World, dossier: DossierMonde, message: Message) -> None:
    """Empty a message and keep its place; its correction request is resolved."""
    message.body = ""
    message.pieces = []
    message.discarded_at = world.now()
    if message.correction and message.correction.resolved_at is None:
        message.correction.resolved_at = world.now()
    world.touch(dossier)


def change_groupe(world: World, dossier: DossierMonde, groupe: Groupe) -> None:
    """Route the dossier to another group; followers who are not in it are removed."""
    dossier.groupe = groupe.number
    dossier.suivi_par = [i for i in dossier.suivi_par if i in groupe.instructeurs]
    world.touch(dossier)


def ecrit_valeur(world: World, dossier: DossierMonde, cle: Cle, valeur: Any, par: str | None) -> bool:
    """Write a value; the dossier is modified when the value or its last writer changes (contract §6)."""
    valeurs, _ = dossier.ecrit()
    ancienne = valeurs.get(cle)
    if ancienne and ancienne.valeur == valeur and ancienne.updated_by == par:
        return False
    valeurs[cle] = Valeur(valeur=valeur, updated_at=world.now(), updated_by=par)
    dossier.invalides.discard(cle[0])
    world.touch(dossier)
    return True


def ajoute_lignes(world: World, dossier: DossierMonde, repetition: int, nombre: int) -> list[str]:
    """Add rows to a repetition (none for zero or less) and give their ULIDs; the dossier is not modified."""
    _, rangs = dossier.ecrit()
    nouveaux = [world.ulid() for _ in range(nombre)]
    rangs.setdefault(repetition, []).extend(nouveaux)
    return nouveaux
