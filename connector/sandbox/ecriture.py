"""The mutations: who may, what is checked and in which order, and what DS answers (contract §5).

Order of evaluation: write access, then the attached blob, then ids and scope, then the dossier's state, then the
instructeur's right, then the effect. A check and its effect are not locked together, as on the real server.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from connector.sandbox import actes
from connector.sandbox.liens import LienInvalide, adresse_televersement
from connector.sandbox.rendu import Lecteur
from connector.sandbox.requete import (
    Ecriture,
    ErreurInterne,
    Requete,
    dossier_lisible,
    entier,
    identifiant_invalide,
    introuvable,
    lit_id,
)
from connector.sandbox.saisie import CLES, SEULES, SaisieRefusee, convertit
from connector.sandbox.world import NON_SAISIS, Fichier, PersonneMorale

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.world import Descripteur, DossierMonde, Groupe, Instructeur, Label, Message

    Acte = Callable[[Requete, dict[str, Any], str], dict[str, Any]]

LECTURE_SEULE = "Le jeton utilisé est configuré seulement en lecture"
DROITS = "L’instructeur n’a pas les droits d’accès à ce dossier"
CORRECTION = "Le dossier est en attente de correction"
SIRET = "Les informations du SIRET du dossier ne sont pas complètes. Veuillez réessayer plus tard."
ARCHIVER = "Un dossier ne peut être déplacé dans « à archiver » qu’une fois le traitement terminé"
DESARCHIVER = "Un dossier non archivé ne peut pas être désarchivé"
MESSAGERIE = (
    "Le champ «\xa0Dossier\xa0» Il n’est pas possible d’envoyer un message "
    "sur un dossier supprimé, à archiver ou en brouillon"
)
VIDE = "Le champ «\xa0Votre message\xa0» ne peut être vide"
SUPPRESSION = "Le message ne peut pas être supprimé"
LABEL_DEJA = "Ce label est déjà associé au dossier"
LABEL_ABSENT = "Ce label n’est pas associé au dossier"
LABEL_AILLEURS = "Ce label n’appartient pas à la même démarche que le dossier"
BLOB_ID = "L’identifiant du fichier téléversé est invalide"
BLOB_ABSENT = "Le fichier n’a pas été correctement téléversé sur le serveur de stockage"
PIECE_LOURDE = (
    "Le champ «\xa0Pièce jointe\xa0» la taille du fichier doit être inférieure à 20 Mo (la taille actuelle est {} Mo)"
)
PIECE_REFUSEE = "Le champ «\xa0Pièce jointe\xa0» n’est pas d’un type accepté"
"""Not recorded: worded after its neighbours."""
DEJA_CORRECTION = "Une demande de correction est déjà en attente sur ce dossier"
PAS_CORRIGEABLE = "Le dossier ne peut pas faire l’objet d’une demande de correction car il est {}"

ETATS = {
    "en_construction": "en\xa0construction",
    "en_instruction": "en\xa0instruction",
    "accepte": "accepté",
    "refuse": "refusé",
    "sans_suite": "classé sans suite",
}
MEGA = 1024 * 1024
MESSAGE_MAX = 20 * MEGA
"""The heaviest attachment of a message (contract §4.4)."""
EXECUTABLE = "application/x-ms"
"""How the types that a message box refuses begin (the platform keeps a list of allowed ones, which is not known)."""
INVISIBLES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
CHAMP_ID = re.compile(r"(\d+)(?:\|(.+))?")


class Refus(Exception):
    """A business error, given in the payload's `errors`."""


# --- loading


def _charge(brut: str, argument: str, sorte: str, payload: str) -> int:
    """Give the database number in a node id; raises DS's errors for another type, or for no id at all."""
    lu = lit_id(brut)
    if lu is None:
        raise introuvable(payload)
    if lu[0] != sorte:
        raise GraphQLError(f"No object found for `{argument}: {json.dumps(brut)}`")
    numero = entier(lu[1])
    if numero is None:
        raise introuvable(payload)
    return numero


def _dossier(requete: Requete, entree: dict[str, Any], payload: str) -> DossierMonde:
    numero = _charge(entree["dossierId"], "dossierId", "Dossier", payload)
    return dossier_lisible(requete, requete.monde.dossiers.get(numero), payload)


def _instructeur(requete: Requete, entree: dict[str, Any], payload: str) -> Instructeur:
    numero = _charge(entree["instructeurId"], "instructeurId", "Instructeur", payload)
    trouve = requete.monde.instructeurs.get(numero)
    if trouve is None:
        raise introuvable(payload)
    return trouve


def _dossier_et_agent(requete: Requete, entree: dict[str, Any], payload: str) -> tuple[DossierMonde, Instructeur]:
    return _dossier(requete, entree, payload), _instructeur(requete, entree, payload)


def _verifie_droit(requete: Requete, dossier: DossierMonde, agent: Instructeur) -> None:
    if agent not in requete.monde.groupe_de(dossier).instructeurs:
        raise Refus(DROITS)


def _blob(requete: Requete, signe: str | None) -> Fichier | None:
    """Give the uploaded file that a signed id stands for; refuses a wrong id, or bytes that never came."""
    if signe is None:
        return None
    try:
        fichier = requete.monde.blobs[requete.signataire.lit("blob", signe)]
    except (LienInvalide, KeyError) as mauvais:
        raise Refus(BLOB_ID) from mauvais
    if fichier.contenu is None:
        raise Refus(BLOB_ABSENT)
    return fichier


def _attache(requete: Requete, blob: Fichier) -> Fichier:
    """Give the file as it stands in the dossier: scanned soon after."""
    joint = Fichier(
        filename=blob.filename,
        content_type=blob.content_type,
        contenu=blob.contenu,
        taille=blob.taille,
        checksum=blob.checksum,
        virus="pending",
    )
    requete.monde.store_blob(joint)
    if requete.monde.capacites.antivirus_immediat:
        requete.monde.soon(lambda: setattr(joint, "virus", "safe"))
    return joint


# --- states


def _deja(dossier: DossierMonde) -> Refus:
    return Refus(f"Le dossier est déjà {ETATS[dossier.state]}")


def passer_en_instruction(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """From en_construction; a pending correction blocks it only where the démarche says so."""
    dossier, agent = _dossier_et_agent(requete, entree, payload)
    if dossier.state != "en_construction":
        raise _deja(dossier)
    if requete.monde.demarche_de(dossier).correction_bloquante and dossier.correction_en_attente:
        raise Refus(CORRECTION)
    _verifie_droit(requete, dossier, agent)
    requete.pause()
    with requete.monde.lock:
        actes.passe_en_instruction(requete.monde, dossier, agent)
    return {"dossier": dossier}


def repasser_en_construction(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """From en_instruction."""
    dossier, agent = _dossier_et_agent(requete, entree, payload)
    if dossier.state != "en_instruction":
        raise _deja(dossier)
    _verifie_droit(requete, dossier, agent)
    requete.pause()
    with requete.monde.lock:
        actes.repasse_en_construction(requete.monde, dossier, agent)
    return {"dossier": dossier}


def _decision(event: str) -> Acte:
    def decide(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
        blob = _blob(requete, entree.get("justificatif"))
        dossier, agent = _dossier_et_agent(requete, entree, payload)
        if dossier.state != "en_instruction":
            raise _deja(dossier)
        _verifie_terminable(requete, dossier)
        _verifie_droit(requete, dossier, agent)
        requete.pause()
        joint = _attache(requete, blob) if blob else None
        with requete.monde.lock:
            actes.decide(requete.monde, dossier, event, agent, motivation=entree.get("motivation"), justificatif=joint)
        return {"dossier": dossier}

    return decide


def _verifie_terminable(requete: Requete, dossier: DossierMonde) -> None:
    """Refuse a degraded company, then an invalid annotation, with the misleading message (contract §5.1)."""
    if isinstance(dossier.demandeur, PersonneMorale) and not dossier.demandeur.complet:
        raise Refus(SIRET)
    if not _annotations_valides(requete, dossier):
        raise _deja(dossier)


def _annotations_valides(requete: Requete, dossier: DossierMonde) -> bool:
    """Say whether every annotation shown holds: filled where it must be, and with a value of its options."""
    with requete.monde.lock:
        lecteur = Lecteur(requete, dossier)
        annotations = requete.monde.revision_de(dossier).annotations
        montrees = [(a, lecteur.valeurs.get((a.stable_id, ""))) for a in annotations if lecteur.montre(a, "")]
    ecrites = [(a, v.valeur if v else None) for a, v in montrees if a.type not in NON_SAISIS]
    return all(_valide(a, v) and not (a.required and v in (None, "", [])) for a, v in ecrites)


def _valide(descripteur: Descripteur, valeur: Any) -> bool:
    if not valeur or descripteur.other_option or descripteur.type not in {"drop_down_list", "multiple_drop_down_list"}:
        return True
    return set([valeur] if isinstance(valeur, str) else valeur) <= set(descripteur.options)


def repasser_en_instruction(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """From a decision; refused with a misleading message when the usager's account was deleted."""
    dossier, agent = _dossier_et_agent(requete, entree, payload)
    if not dossier.termine or dossier.usager.supprime:
        raise _deja(dossier)
    _verifie_droit(requete, dossier, agent)
    requete.pause()
    with requete.monde.lock:
        actes.repasse_en_instruction(requete.monde, dossier, agent)
    return {"dossier": dossier}


# --- archive, follow, group, labels


def archiver(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """Once decided; a repeat succeeds and modifies the dossier again."""
    dossier, agent = _dossier_et_agent(requete, entree, payload)
    if not dossier.termine:
        raise Refus(ARCHIVER)
    _verifie_droit(requete, dossier, agent)
    with requete.monde.lock:
        dossier.archived = True
        requete.monde.touch(dossier)
    return {"dossier": dossier}


def desarchiver(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """Only an archived dossier."""
    dossier, agent = _dossier_et_agent(requete, entree, payload)
    if not dossier.archived:
        raise Refus(DESARCHIVER)
    _verifie_droit(requete, dossier, agent)
    with requete.monde.lock:
        dossier.archived = False
        requete.monde.touch(dossier)
    return {"dossier": dossier}


def basculer_suivi(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """Set (not toggle) who follows; the dossier is modified only by a real change."""
    dossier, agent = _dossier_et_agent(requete, entree, payload)
    _verifie_droit(requete, dossier, agent)
    with requete.monde.lock:
        suivre = entree.get("follow", True)
        change = actes.suit(dossier, agent) if suivre else _ne_suit_plus(dossier, agent)
        if change:
            requete.monde.touch(dossier)
    return {"dossier": dossier, "instructeur": {"id": agent.id, "email": agent.email}}


def _ne_suit_plus(dossier: DossierMonde, agent: Instructeur) -> bool:
    if agent not in dossier.suivi_par:
        return False
    dossier.suivi_par.remove(agent)
    return True


def changer_groupe(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """To another group of the same démarche; no instructeur is asked for."""
    dossier = _dossier(requete, entree, payload)
    groupe, meme = _groupe(requete, entree, dossier, payload)
    if not meme:
        raise Refus(f"Le groupe instructeur '{groupe.label}' n’appartient pas à la même démarche que le dossier")
    if groupe.number == dossier.groupe:
        raise Refus(f"Le dossier est déjà avec le groupe instructeur: '{groupe.label}'")
    with requete.monde.lock:
        actes.change_groupe(requete.monde, dossier, groupe)
    return {"dossier": dossier}


def _groupe(requete: Requete, entree: dict[str, Any], dossier: DossierMonde, payload: str) -> tuple[Groupe, bool]:
    numero = _charge(entree["groupeInstructeurId"], "groupeInstructeurId", "GroupeInstructeur", payload)
    for d in requete.monde.demarches.values():
        for g in d.groupes:
            if g.number == numero:
                return g, d.number == dossier.demarche
    raise introuvable(payload)


def _label(requete: Requete, entree: dict[str, Any], dossier: DossierMonde, payload: str) -> Label:
    numero = _charge(entree["labelId"], "labelId", "Label", payload)
    for d in requete.monde.demarches.values():
        for x in d.labels:
            if x.number == numero:
                if d.number != dossier.demarche:
                    raise Refus(LABEL_AILLEURS)
                return x
    raise introuvable(payload)


def ajouter_label(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """Stick a label of the démarche; no date moves unless the instance is a newer one."""
    dossier = _dossier(requete, entree, payload)
    label = _label(requete, entree, dossier, payload)
    if label.number in dossier.labels:
        raise Refus(LABEL_DEJA)
    with requete.monde.lock:
        dossier.labels.append(label.number)
        _date_label(requete, dossier)
    return {"dossier": dossier, "label": label}


def supprimer_label(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """Take a label off."""
    dossier = _dossier(requete, entree, payload)
    label = _label(requete, entree, dossier, payload)
    if label.number not in dossier.labels:
        raise Refus(LABEL_ABSENT)
    with requete.monde.lock:
        dossier.labels.remove(label.number)
        _date_label(requete, dossier)
    return {"dossier": dossier, "label": label}


def _date_label(requete: Requete, dossier: DossierMonde) -> None:
    if requete.monde.capacites.label_date:
        requete.monde.touch(dossier)


# --- messages


def envoyer_message(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """Write to the usager; a correction that cannot be is silently left out, the message is sent anyway."""
    blob = _blob(requete, entree.get("attachment"))
    dossier, agent = _dossier_et_agent(requete, entree, payload)
    raison = entree.get("correction")
    if requete.monde.capacites.erreurs_correction and raison:
        _verifie_corrigeable(dossier)
    _verifie_droit(requete, dossier, agent)
    corps = INVISIBLES.sub("", entree["body"])
    _verifie_message(dossier, corps, blob)
    requete.pause()
    pieces = (_attache(requete, blob),) if blob else ()
    with requete.monde.lock:
        corrigeable = raison and not dossier.termine and not dossier.correction_en_attente
        message = actes.ajoute_message(
            requete.monde, dossier, email=agent.email, body=corps, pieces=pieces, instructeur=agent
        )
        if corrigeable:
            actes.demande_correction(requete.monde, dossier, message, str(raison), agent)
    return {"message": message}


def _verifie_corrigeable(dossier: DossierMonde) -> None:
    if dossier.correction_en_attente:
        raise Refus(DEJA_CORRECTION)
    if dossier.termine:
        raise Refus(PAS_CORRIGEABLE.format(ETATS[dossier.state]))


def _verifie_message(dossier: DossierMonde, corps: str, blob: Fichier | None) -> None:
    if not corps.strip():
        raise Refus(VIDE)
    if dossier.archived or dossier.cache_par_usager_at or dossier.usager.supprime:
        raise Refus(MESSAGERIE)
    if blob and blob.content_type.startswith(EXECUTABLE):
        raise Refus(PIECE_REFUSEE)
    if blob and blob.taille >= MESSAGE_MAX:
        raise Refus(PIECE_LOURDE.format(round(blob.taille / MEGA)))


def supprimer_message(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """Empty a message, by the instructeur who wrote it, once."""
    numero = _charge(entree["messageId"], "messageId", "Commentaire", payload)
    dossier, message = _message(requete, numero, payload)
    agent = _instructeur(requete, entree, payload)
    _verifie_droit(requete, dossier, agent)
    if message.instructeur != agent.number or message.discarded_at:
        raise Refus(SUPPRESSION)
    with requete.monde.lock:
        actes.supprime_message(requete.monde, dossier, message)
    return {"message": message}


def _message(requete: Requete, numero: int, payload: str) -> tuple[DossierMonde, Message]:
    with requete.monde.lock:
        trouves = [(d, m) for d in requete.monde.dossiers.values() for m in d.messages if m.number == numero]
    if not trouves:
        raise introuvable(payload)
    ((dossier, message),) = trouves
    return dossier_lisible(requete, dossier, payload), message


# --- annotations


def modifier_annotations(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """Write each annotation on its own: some may be written and others refused (contract §5.5)."""
    dossier, agent = _dossier_et_agent(requete, entree, payload)
    _verifie_droit(requete, dossier, agent)
    demandees = [(x["id"], _cle_de_champ(x["id"]), x["value"]) for x in entree["annotations"]]
    ecrites: list[dict[str, Any]] = []
    refus: list[str] = []
    requete.pause()
    with requete.monde.lock:
        for brut, cle, valeur in demandees:
            ((nom, donnee),) = valeur.items()
            try:
                descripteur = _annotation(requete, dossier, brut, cle, nom)
                _ecrit(requete, dossier, descripteur, cle[1], donnee)
            except SaisieRefusee as refusee:
                refus.append(refusee.dans(requete.langue))
            else:
                ecrites.append(Lecteur(requete, dossier).champ(descripteur, cle[1]))
    return {"annotations": ecrites, "errors": refus or None}


def _cle_de_champ(brut: str) -> tuple[int, str]:
    lu = lit_id(brut)
    trouve = CHAMP_ID.fullmatch(lu[1]) if lu and lu[0] == "Champ" else None
    if trouve is None:
        raise identifiant_invalide(brut)
    return int(trouve[1]), trouve[2] or ""


def _annotation(requete: Requete, dossier: DossierMonde, brut: str, cle: tuple[int, str], nom: str) -> Descripteur:
    """Give the annotation to write; an inner one with no row breaks the server (recorded)."""
    revision = requete.monde.revision_de(dossier)
    descripteur = revision.par_id.get(cle[0])
    if descripteur is None or cle[0] not in revision.prives or descripteur.type not in CLES:
        raise SaisieRefusee(f'L‘annotation "{brut}" n’existe pas')
    if CLES[descripteur.type] != nom:
        raise SaisieRefusee(f'L‘annotation "{brut}" n’est pas de type attendu')
    if cle[0] in revision.parents and not cle[1]:
        raise ErreurInterne("annotation d'une ligne, sans sa ligne")
    return descripteur


def _ecrit(requete: Requete, dossier: DossierMonde, descripteur: Descripteur, rang: str, brute: Any) -> None:
    if descripteur.type == "repetition":
        actes.ajoute_lignes(requete.monde, dossier, descripteur.stable_id, brute)
        return
    try:
        valeur = convertit(descripteur, brute)
    except SaisieRefusee:
        # what a condition hides is stored unchecked (contract §5.5)
        if Lecteur(requete, dossier).montre(descripteur, rang):
            raise
        valeur = brute
    par = requete.jeton.administrateur if requete.jeton else None
    actes.ecrit_valeur(requete.monde, dossier, (descripteur.stable_id, rang), valeur, par)


def _annotation_seule(genre: str) -> Acte:
    def modifie(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
        dossier, agent = _dossier_et_agent(requete, entree, payload)
        _verifie_droit(requete, dossier, agent)
        brut = entree["annotationId"]
        cle = _cle_de_champ(brut)
        revision = requete.monde.revision_de(dossier)
        descripteur = revision.par_id.get(cle[0])
        if descripteur is None or cle[0] not in revision.prives or descripteur.type not in SEULES[genre]:
            raise Refus(f'L’annotation "{brut}" n’existe pas')
        with requete.monde.lock:
            try:
                _ecrit(requete, dossier, descripteur, cle[1], entree.get("value", 1))
            except SaisieRefusee as refusee:
                raise Refus(refusee.dans(requete.langue)) from refusee
        return {"annotation": Lecteur(requete, dossier).champ(descripteur, cle[1])}

    return modifie


# --- uploads


def televerser(requete: Requete, entree: dict[str, Any], payload: str) -> dict[str, Any]:
    """Give where to PUT the bytes, and the signed id to use afterwards; nothing is checked yet."""
    dossier = _dossier(requete, entree, payload)
    numero = requete.monde.next_number("televersement", 100)
    fichier = Fichier(
        filename=entree["filename"],
        content_type=entree["contentType"],
        taille=entree["byteSize"],
        checksum=entree["checksum"],
        virus="pending",
        cle=f"t{numero}-{dossier.number}",
    )
    requete.monde.store_blob(fichier)
    signe = requete.signataire.signe("televersement", fichier.cle)
    return {
        "directUpload": {
            "url": adresse_televersement(requete.base, signe),
            "headers": json.dumps({"Content-Type": fichier.content_type}, separators=(",", ":")),
            "blobId": str(numero),
            "signedBlobId": requete.signataire.signe("blob", fichier.cle),
        }
    }


ACTES: dict[str, Acte] = {
    "dossierModifierAnnotations": modifier_annotations,
    **{f"dossierModifierAnnotation{genre}": _annotation_seule(genre) for genre in SEULES},
    "dossierEnvoyerMessage": envoyer_message,
    "dossierSupprimerMessage": supprimer_message,
    "dossierPasserEnInstruction": passer_en_instruction,
    "dossierRepasserEnConstruction": repasser_en_construction,
    "dossierAccepter": _decision("accepte"),
    "dossierRefuser": _decision("refuse"),
    "dossierClasserSansSuite": _decision("classe_sans_suite"),
    "dossierRepasserEnInstruction": repasser_en_instruction,
    "dossierArchiver": archiver,
    "dossierDesarchiver": desarchiver,
    "dossierBasculeSuivi": basculer_suivi,
    "dossierChangerGroupeInstructeur": changer_groupe,
    "dossierAjouterLabel": ajouter_label,
    "dossierSupprimerLabel": supprimer_label,
    "createDirectUpload": televerser,
}
"""Every mutation, by its field's name."""


def resolveur(nom: str) -> Callable[..., dict[str, Any]]:
    """Give the resolver of a mutation: its act, its errors in the payload, and a line in the log."""
    payload = f"{nom[0].upper()}{nom[1:]}Payload"

    def execute(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - the schema's own name
        requete: Requete = info.context
        fait: dict[str, Any] = {"errors": [LECTURE_SEULE]}
        applied = False
        try:
            if requete.ecriture:
                fait = ACTES[nom](requete, input, payload)
                applied = _applique(fait)
        except Refus as refus:
            fait = {"errors": [str(refus)]}
        finally:
            requete.ecritures.append(Ecriture(nom, _numero(input), applied, input))
        messages = fait.pop("errors", None)
        erreurs = [{"message": m} for m in messages] if messages else None
        return {**fait, "errors": erreurs, "clientMutationId": input.get("clientMutationId")}

    return execute


def _applique(fait: dict[str, Any]) -> bool:
    return bool(fait.get("annotations")) or not fait.get("errors")


def _numero(entree: dict[str, Any]) -> int | None:
    lu = lit_id(entree.get("dossierId", ""))
    return entier(lu[1]) if lu else None
