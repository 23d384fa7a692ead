"""What people do, as they do it: each function is one person's act on the world, dated now.

`valeurs` are given by the champ's label (or its stable id), as plain Python (see `world`). Every act takes the
world's lock, checks nothing about rights, and gives back what it made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector.sandbox import actes
from connector.sandbox.pieges import piege
from connector.sandbox.world import (
    Descripteur,
    DossierMonde,
    Fichier,
    PersonneMorale,
    Revision,
    Suppression,
    Usager,
    Valeur,
    contenu_de,
)

if TYPE_CHECKING:
    from datetime import datetime

    from connector.sandbox.world import Cle, Demandeur, Groupe, Instructeur, Message, World

Valeurs = Mapping[str | int, Any]

CORBEILLE = timedelta(days=14)
"""How long the bin keeps a dossier before the nightly purge (contract §3.7)."""

DELAI_REBASE = timedelta(seconds=30)
"""How long after a publication untouched dossiers follow it (contract §3.8)."""


def usager_depose(
    world: World,
    *,
    demarche: int,
    valeurs: Valeurs,
    demandeur: Demandeur,
    usager: Usager | str = "affaires.medicales@exemple.fr",
    groupe: int | None = None,
    numero: int | None = None,
    mandataire: tuple[str, str] | None = None,
) -> DossierMonde:
    """File a new dossier, routed to the first group unless told; give it back.

    `mandataire` is (first name, name) of the third party who files it for the demandeur.
    """
    with world.lock:
        now = world.now()
        chez = world.demarches[demarche]
        dossier = DossierMonde(
            number=numero or world.next_number("dossier", 100_001),
            demarche=demarche,
            revision=chez.active,
            state="en_construction",
            usager=_usager(world, usager),
            demandeur=demandeur,
            groupe=groupe or chez.groupes[0].number,
            created_at=now,
            depose_at=now,
            updated_at=now,
            en_construction_at=now,
            champs_at=now,
            annotations_at=now,
            mandataire=mandataire,
        )
        world.at_least("dossier", dossier.number)
        dossier.contenu = contenu_de(saisies(chez.revision_active, valeurs), chez.revision_active, now, world.ulid)
        _range_fichiers(world, dossier)
        world.add_dossier(dossier)
        actes.trace(world, dossier, "depose")
        actes.annonce(world, dossier, "depose")
        return dossier


def usager_corrige(world: World, dossier: int, valeurs: Valeurs | None = None) -> DossierMonde:
    """Submit changes (those kept aside too), which answers the pending correction request if there is one."""
    with world.lock:
        d = world.dossiers[dossier]
        soumises = dict(d.lit()[0])
        _applique(world, d, valeurs or {}, d.tampon or d.ecrit())
        if d.tampon:
            d.contenu, d.tampon = d.tampon, None
            _date_les_changees(d, soumises, world.now())
        d.champs_at = world.now()
        if d.correction_en_attente:
            actes.resout_correction(world, d)
            actes.trace(world, d, "depose_correction_usager")
        world.touch(d)
        return d


def usager_depose_un_piege(world: World, dossier: int, label: str, sorte: str) -> DossierMonde:
    """Submit, for the piece of that label, a file of `pieges.SORTES`: one that deserves a look."""
    return usager_corrige(world, dossier, {label: [piege(sorte)]})


def usager_modifie_sans_soumettre(world: World, dossier: int, valeurs: Valeurs) -> DossierMonde:
    """Edit the form without submitting: nobody sees the content, yet the dossier is modified (recorded)."""
    with world.lock:
        d = world.dossiers[dossier]
        if d.tampon is None:
            submitted, rangs = d.lit()
            d.tampon = (dict(submitted), {k: list(v) for k, v in rangs.items()})
        _applique(world, d, valeurs, d.tampon)
        world.touch(d)
        return d


def usager_supprime(world: World, dossier: int) -> DossierMonde:
    """Put the dossier in the usager's bin: it leaves the list only while en_construction (contract §3.6)."""
    with world.lock:
        d = world.dossiers[dossier]
        d.cache_par_usager_at = world.now()
        d.motif_suppression = d.motif_suppression or "user_request"
        world.touch(d)
        return d


def usager_restaure(world: World, dossier: int) -> DossierMonde:
    """Take the dossier out of the bin; it is modified."""
    with world.lock:
        d = world.dossiers[dossier]
        d.cache_par_usager_at = None
        d.motif_suppression = None
        world.touch(d)
        return d


def usager_envoie_message(world: World, dossier: int, corps: str, pieces: tuple[Fichier, ...] = ()) -> Message:
    """Write to the administration from the message box."""
    with world.lock:
        d = world.dossiers[dossier]
        return actes.ajoute_message(world, d, email=d.usager.email, body=corps, pieces=pieces)


def usager_supprime_son_compte(world: World, dossier: int) -> DossierMonde:
    """Delete the account: the dossier stays with its e-mail, and its message box closes."""
    with world.lock:
        d = world.dossiers[dossier]
        d.usager.supprime = True
        d.usager.connexion = "deleted"
        return d


def instructeur_annote(
    world: World, dossier: int, annotations: Valeurs, *, instructeur: Instructeur | int | None = None
) -> DossierMonde:
    """Fill annotations by hand in the web pages, which alone moves `dateDerniereModificationAnnotations`."""
    with world.lock:
        d = world.dossiers[dossier]
        agent = _agent(world, d, instructeur)
        revision = world.revision_de(d)
        for stable_id, valeur in saisies(revision, annotations, prive=True).items():
            _ecrit(world, d, stable_id, valeur, agent.email)
        d.annotations_at = world.now()
        world.touch(d)
        return d


def instructeur_envoie_message(
    world: World,
    dossier: int,
    corps: str,
    *,
    instructeur: Instructeur | int | None = None,
    correction: str | None = None,
    pieces: tuple[Fichier, ...] = (),
) -> Message:
    """Write to the usager, with a correction request (`incorrect`, `incomplete`, `outdated`) when asked for."""
    with world.lock:
        d = world.dossiers[dossier]
        agent = _agent(world, d, instructeur)
        message = actes.ajoute_message(world, d, email=agent.email, body=corps, pieces=pieces, instructeur=agent)
        if correction:
            actes.demande_correction(world, d, message, correction, agent)
        return message


def instructeur_passe_en_instruction(
    world: World, dossier: int, *, instructeur: Instructeur | int | None = None
) -> DossierMonde:
    """Start the examination by hand."""
    with world.lock:
        d = world.dossiers[dossier]
        actes.passe_en_instruction(world, d, _agent(world, d, instructeur))
        return d


def instructeur_repasse_en_construction(
    world: World, dossier: int, *, instructeur: Instructeur | int | None = None
) -> DossierMonde:
    """Hand the dossier back to its usager, by hand."""
    with world.lock:
        d = world.dossiers[dossier]
        actes.repasse_en_construction(world, d, _agent(world, d, instructeur))
        return d


def instructeur_decide(
    world: World,
    dossier: int,
    decision: str,
    *,
    motivation: str | None = None,
    justificatif: Fichier | None = None,
    instructeur: Instructeur | int | None = None,
) -> DossierMonde:
    """Decide by hand: `accepte`, `refuse` or `classe_sans_suite`."""
    with world.lock:
        d = world.dossiers[dossier]
        joint = world.store_blob(justificatif) if justificatif else None
        agent = _agent(world, d, instructeur)
        actes.decide(world, d, decision, agent, motivation=motivation, justificatif=joint)
        return d


def instructeur_repasse_en_instruction(
    world: World, dossier: int, *, instructeur: Instructeur | int | None = None
) -> DossierMonde:
    """Reopen a decided dossier, by hand."""
    with world.lock:
        d = world.dossiers[dossier]
        actes.repasse_en_instruction(world, d, _agent(world, d, instructeur))
        return d


def instructeur_change_groupe(world: World, dossier: int, groupe: Groupe | int) -> DossierMonde:
    """Send the dossier to another group of the démarche."""
    with world.lock:
        d = world.dossiers[dossier]
        number = groupe if isinstance(groupe, int) else groupe.number
        actes.change_groupe(world, d, world.demarche_de(d).groupe(number))
        return d


def instructeur_ajoute_label(world: World, dossier: int, nom: str) -> DossierMonde:
    """Stick a label of the démarche on the dossier, by its name; no date moves (contract §6)."""
    with world.lock:
        d = world.dossiers[dossier]
        label = next(x for x in world.demarche_de(d).labels if x.name == nom)
        if label.number not in d.labels:
            d.labels.append(label.number)
        return d


def instructeur_retire_label(world: World, dossier: int, nom: str) -> DossierMonde:
    """Take a label off the dossier, by its name; no date moves."""
    with world.lock:
        d = world.dossiers[dossier]
        retires = {x.number for x in world.demarche_de(d).labels if x.name == nom}
        d.labels = [n for n in d.labels if n not in retires]
        return d


def instructeur_suit(world: World, dossier: int, *, instructeur: Instructeur | int | None = None) -> DossierMonde:
    """Follow the dossier."""
    with world.lock:
        d = world.dossiers[dossier]
        if actes.suit(d, _agent(world, d, instructeur)):
            world.touch(d)
        return d


def instructeur_archive(world: World, dossier: int) -> DossierMonde:
    """Archive a decided dossier, which closes its message box."""
    with world.lock:
        d = world.dossiers[dossier]
        d.archived = True
        world.touch(d)
        return d


def administration_publie_revision(
    world: World,
    demarche: int,
    *,
    champs: tuple[Descripteur, ...] | None = None,
    annotations: tuple[Descripteur, ...] | None = None,
    numero: int | None = None,
) -> Revision:
    """Publish a new version of the form; undecided dossiers follow half a minute later, with no date moved.

    A draft, where the démarche has one, is what gets published, and a new draft takes its place.
    """
    with world.lock:
        chez, now = world.demarches[demarche], world.now()
        ancienne = chez.revision_active
        brouillon = chez.revisions[-1] if chez.revisions[-1].published_at is None else None
        nouvelle = Revision(
            number=numero or (brouillon.number if brouillon else chez.revisions[-1].number + 1),
            created_at=brouillon.created_at if brouillon else now,
            published_at=now,
            champs=ancienne.champs if champs is None else champs,
            annotations=ancienne.annotations if annotations is None else annotations,
        )
        if brouillon:
            chez.revisions[-1:] = [nouvelle, _brouillon_de(nouvelle, now)]
        else:
            chez.revisions.append(nouvelle)
        chez.active = nouvelle.number
        chez.updated_at = now
        world.later(DELAI_REBASE, lambda: rebase(world, demarche))
        return nouvelle


def _brouillon_de(publiee: Revision, now: datetime) -> Revision:
    return Revision(
        number=publiee.number + 1,
        created_at=now,
        published_at=None,
        champs=publiee.champs,
        annotations=publiee.annotations,
    )


def rebase(world: World, demarche: int) -> None:
    """Bring every undecided dossier to the active revision now."""
    with world.lock:
        for d in world.par_demarche[demarche].values():
            if not d.termine:
                actes.rebase(world, d)


def administration_supprime(world: World, dossier: int, motif: str = "instructeur_request") -> DossierMonde:
    """Put a dossier in the administration's bin: it leaves the list at once."""
    with world.lock:
        d = world.dossiers[dossier]
        d.cache_par_administration_at = world.now()
        d.motif_suppression = motif
        world.touch(d)
        return d


def administration_supprime_demarche(world: World, demarche: int) -> None:
    """Delete a démarche: it is not found any more, nor are its dossiers (contract §3.2)."""
    with world.lock:
        for d in list(world.par_demarche[demarche].values()):
            world.remove_dossier(d)
        del world.demarches[demarche]


def administration_restaure(world: World, dossier: int) -> DossierMonde:
    """Take a dossier out of the administration's bin; it is modified."""
    with world.lock:
        d = world.dossiers[dossier]
        d.cache_par_administration_at = None
        d.motif_suppression = None
        world.touch(d)
        return d


def antivirus_rend(world: World, fichier: Fichier, verdict: str = "safe") -> None:
    """Give the scan's verdict on a file (`safe`, `infected`, `integrity_error`); no date moves."""
    with world.lock:
        fichier.virus = verdict


def annuaire_repond(world: World, dossier: int, complet: PersonneMorale) -> DossierMonde:
    """Bring the company data that was missing (degraded mode ends); no date moves (contract §6)."""
    with world.lock:
        d = world.dossiers[dossier]
        d.demandeur = complet
        return d


def expire(world: World, dossier: int) -> DossierMonde:
    """Let a dossier expire: for two weeks it is in no list at all (contract §3.7)."""
    with world.lock:
        d = world.dossiers[dossier]
        d.cache_par_expiration_at = world.now()
        d.motif_suppression = "expired"
        return d


def purge(world: World) -> list[Suppression]:
    """Run the nightly purge: what has been in a bin for two weeks is logged, then forgotten."""
    with world.lock:
        limite = world.now() - CORBEILLE
        lignes = []
        for d in list(world.dossiers.values()):
            depuis = _purgeable(d)
            if depuis and depuis <= limite:
                lignes.append(_journalise(world, d))
        return lignes


def _purgeable(d: DossierMonde) -> datetime | None:
    """Give the date since which a dossier may be purged: a decided one needs both bins, or its expiry."""
    if d.cache_par_expiration_at:
        return d.cache_par_expiration_at
    if d.termine:
        usager, administration = d.cache_par_usager_at, d.cache_par_administration_at
        return max(usager, administration) if usager and administration else None
    return d.cache_par_administration_at or d.cache_par_usager_at


def _journalise(world: World, d: DossierMonde) -> Suppression:
    """Log a purged dossier, back-dated to the usager's bin for an undecided one (contract §3.7)."""
    date = d.cache_par_usager_at if d.state == "en_construction" else None
    ligne = Suppression(
        row=world.next_number("suppression"),
        number=d.number,
        state=d.state,
        reason=d.motif_suppression or "user_request",
        deleted_at=date or world.now(),
        groupe=d.groupe,
    )
    world.demarche_de(d).supprimes.append(ligne)
    world.remove_dossier(d)
    return ligne


def saisies(revision: Revision, valeurs: Valeurs, *, prive: bool = False) -> dict[int, Any]:
    """Give values by stable id, from labels or stable ids; rows of repetitions too. KeyError for an unknown one."""
    lues: dict[int, Any] = {}
    for nom, valeur in valeurs.items():
        d = revision.par_id[nom] if isinstance(nom, int) else revision.nomme(nom, prive=prive)
        lues[d.stable_id] = [_ligne(d, ligne) for ligne in valeur] if d.type == "repetition" else valeur
    return lues


def _ligne(repetition: Descripteur, ligne: Valeurs) -> dict[int, Any]:
    par_nom = {e.label: e.stable_id for e in repetition.enfants}
    return {(n if isinstance(n, int) else par_nom[n]): v for n, v in ligne.items()}


def _usager(world: World, usager: Usager | str) -> Usager:
    if isinstance(usager, Usager):
        return usager
    return Usager(number=world.next_number("usager", 7001), email=usager)


def _agent(world: World, dossier: DossierMonde, instructeur: Instructeur | int | None) -> Instructeur:
    if instructeur is None:
        return world.groupe_de(dossier).instructeurs[0]
    return world.instructeurs[instructeur] if isinstance(instructeur, int) else instructeur


def _applique(world: World, d: DossierMonde, valeurs: Valeurs, contenu: tuple[Any, Any]) -> None:
    revision = world.revision_de(d)
    nouvelles, rangs = contenu_de(saisies(revision, valeurs), revision, world.now(), world.ulid)
    anciennes, anciens_rangs = contenu
    for repetition in rangs:
        perdus = set(anciens_rangs.get(repetition, ()))
        for cle in [c for c in anciennes if c[1] in perdus]:
            del anciennes[cle]
    anciennes |= {c: v for c, v in nouvelles.items() if c not in anciennes or anciennes[c].valeur != v.valeur}
    anciens_rangs |= rangs
    _range(world, nouvelles)


def _date_les_changees(d: DossierMonde, soumises: dict[Cle, Valeur], now: datetime) -> None:
    """Date what the usager had kept aside from its submission, not from its typing (recorded)."""
    for cle, valeur in d.ecrit()[0].items():
        if cle not in soumises or soumises[cle].valeur != valeur.valeur:
            valeur.updated_at = now


def _ecrit(world: World, d: DossierMonde, stable_id: int, valeur: Any, par: str) -> None:
    if world.revision_de(d).par_id[stable_id].type != "repetition":
        actes.ecrit_valeur(world, d, (stable_id, ""), valeur, par)
        return
    for ligne, rang in zip(valeur, actes.ajoute_lignes(world, d, stable_id, len(valeur)), strict=True):
        for inner, v in ligne.items():
            actes.ecrit_valeur(world, d, (inner, rang), v, par)


def _range_fichiers(world: World, d: DossierMonde) -> None:
    _range(world, d.ecrit()[0])


def _range(world: World, valeurs: Mapping[Any, Valeur]) -> None:
    for v in valeurs.values():
        if isinstance(v.valeur, list):
            for f in v.valeur:
                if isinstance(f, Fichier):
                    world.store_blob(f)
