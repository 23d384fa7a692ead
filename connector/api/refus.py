"""DS's refusals, from its own French texts to a stable cause, a reason and a remedy (contract, appendix C).

There is no machine code in them, and some mislead (§5.1): those are not believed, and an unknown text is `inconnue`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connector.api.echange import Demande, sans_valeurs
from connector.errors import AccessDenied, MutationRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Refus:
    """One known text: `motif` is matched at its start; `cause` is the stable key."""

    motif: str
    cause: str
    message: str
    remede: str = ""


LECTURE_SEULE = "Le jeton utilisé est configuré seulement en lecture"

_REFUS = (
    Refus(
        motif="L'instructeur n'a pas les droits d'accès à ce dossier",
        cause="instructeur_sans_droit",
        message="l’instructeur qui signe n’appartient pas au groupe du dossier",
        remede="Ajoutez-le à ce groupe d’instructeurs, ou désignez un instructeur de ce groupe dans la configuration.",
    ),
    Refus(
        motif="Le dossier est déjà avec le groupe instructeur",
        cause="groupe_identique",
        message="le dossier est déjà confié à ce groupe d’instructeurs",
        remede="Rien à faire : il y est déjà.",
    ),
    Refus(
        motif="Le groupe instructeur .* n'appartient pas à la même démarche",
        cause="groupe_autre_demarche",
        message="ce groupe d’instructeurs est celui d’une autre démarche",
        remede="Corrigez le groupe dans la configuration.",
    ),
    Refus(
        motif="Le dossier est en attente de correction",
        cause="correction_en_attente",
        message="une correction est déjà attendue de l’usager",
        remede="Attendez que l’usager redépose son dossier.",
    ),
    Refus(
        motif="Une demande de correction est déjà en attente sur ce dossier",
        cause="correction_en_attente",
        message="une correction est déjà attendue de l’usager",
        remede="Attendez que l’usager redépose son dossier.",
    ),
    Refus(
        motif="Le dossier ne peut pas faire l'objet d'une demande de correction",
        cause="correction_impossible",
        message="l’état du dossier ne permet plus de demander une correction",
        remede="Écrivez à l’usager dans la messagerie, ou remettez le dossier en construction.",
    ),
    Refus(
        motif="Les informations du SIRET du dossier ne sont pas complètes",
        cause="siret_incomplet",
        message="DS n’a pas encore les informations de l’établissement (annuaire des entreprises indisponible)",
        remede="Réessayez plus tard, ou vérifiez le SIRET dans le dossier.",
    ),
    Refus(
        motif="Un dossier ne peut être déplacé dans « à archiver »",
        cause="archivage_premature",
        message="on ne peut archiver qu’un dossier traité",
        remede="Attendez sa décision.",
    ),
    Refus(
        motif="Un dossier non archivé ne peut pas être désarchivé",
        cause="non_archive",
        message="il n’est pas archivé",
        remede="Rien à faire.",
    ),
    Refus(
        motif="Ce label est déjà associé au dossier",
        cause="label_deja_associe",
        message="le label y est déjà",
        remede="Rien à faire : le prochain passage le verra.",
    ),
    Refus(
        motif="Ce label n'est pas associé au dossier",
        cause="label_non_associe",
        message="le label n’y est pas",
        remede="Rien à faire : le prochain passage le verra.",
    ),
    Refus(
        motif="Ce label n'appartient pas à la même démarche",
        cause="label_autre_demarche",
        message="ce label est celui d’une autre démarche",
        remede="Corrigez les labels dans la configuration.",
    ),
    Refus(
        motif="Impossible de supprimer le label",
        cause="label_non_supprime",
        message="DS n’a pas pu retirer le label",
        remede="Retirez-le à la main dans Démarches simplifiées.",
    ),
    Refus(
        motif="Le champ « Votre message » ne peut être vide",
        cause="message_vide",
        message="le message est vide",
        remede="Corrigez le modèle du message.",
    ),
    Refus(
        motif=".*Il n'est pas possible d'envoyer un message",
        cause="messagerie_fermee",
        message="la messagerie du dossier est fermée (dossier archivé ou supprimé, ou compte de l’usager supprimé)",
        remede="Écrivez à l’usager par un autre moyen, ou désarchivez le dossier.",
    ),
    Refus(
        motif="Le message ne peut pas être supprimé",
        cause="message_non_supprimable",
        message="le message est déjà supprimé ou n’est pas de cet instructeur",
        remede="Supprimez-le à la main s’il est encore là.",
    ),
    Refus(
        motif="L'identifiant du fichier téléversé est invalide",
        cause="fichier_inconnu",
        message="DS ne retrouve pas le fichier joint",
        remede="Déposez-le de nouveau.",
    ),
    Refus(
        motif="Le hash du fichier téléversé est invalide",
        cause="fichier_altere",
        message="le fichier joint a été abîmé pendant l’envoi",
        remede="Déposez-le de nouveau.",
    ),
    Refus(
        motif="Le fichier n'a pas été correctement téléversé",
        cause="fichier_non_depose",
        message="le fichier joint n’est pas arrivé jusqu’à DS",
        remede="Déposez-le de nouveau.",
    ),
    Refus(
        motif="Le champ « Pièce jointe »",
        cause="fichier_refuse",
        message="DS refuse le fichier joint (taille ou format)",
        remede="Joignez un fichier de moins de 20 Mo, dans un format accepté par Démarches simplifiées.",
    ),
    Refus(
        motif="L'annotation .* n'existe pas",
        cause="annotation_inconnue",
        message="cette annotation n’existe pas dans ce dossier",
        remede="Vérifiez l’annotation dans la configuration : elle a pu être retirée du formulaire.",
    ),
    Refus(
        motif="L'annotation .* n'est pas de type attendu",
        cause="annotation_mauvais_type",
        message="cette annotation n’a plus le type attendu",
        remede="Vérifiez son type dans le formulaire ; le prochain passage relira la démarche.",
    ),
    Refus(
        motif="doit être dans les options proposées",
        cause="option_inconnue",
        message="la valeur n’est pas une option de la liste",
        remede="Vérifiez les options de cette annotation dans le formulaire.",
    ),
    Refus(
        motif="est invalide. Saisissez une adresse électronique",
        cause="courriel_invalide",
        message="courriel invalide",
        remede="Vérifiez l’adresse.",
    ),
    Refus(
        motif="doit comprendre entre 1 et 3 chiffres après le point",
        cause="decimales",
        message="DS n’accepte que trois décimales",
        remede="Signalez-le : la valeur devait être arrondie.",
    ),
    Refus(
        motif="doit être un nombre entier",
        cause="entier_attendu",
        message="DS attend un nombre entier",
        remede="Vérifiez le type de l’annotation dans le formulaire.",
    ),
    Refus(
        motif="doit être une date dans le passé",
        cause="date_future",
        message="DS attend une date passée",
        remede="Vérifiez l’annotation dans le formulaire.",
    ),
    Refus(
        motif=r"\w+ not found",
        cause="introuvable",
        message="DS ne retrouve pas le dossier, l’instructeur ou le label visé",
        remede="Le dossier a pu être supprimé : le prochain passage le dira. Sinon, vérifiez l’instructeur configuré.",
    ),
    Refus(
        motif="Invalid input:|No object found for",
        cause="identifiant_invalide",
        message="DS ne reconnaît pas l’un des identifiants envoyés",
        remede="Vérifiez les identifiants de la configuration ; le prochain passage relira la démarche.",
    ),
)

_ETATS = {
    "en construction": "etat_en_construction",
    "en instruction": "etat_en_instruction",
    "accepté": "etat_accepte",
    "refusé": "etat_refuse",
    "classé sans suite": "etat_sans_suite",
}
_SOURCES = {
    "passer_en_instruction": ("en construction",),
    "repasser_en_construction": ("en instruction",),
    "accepter": ("en instruction",),
    "refuser": ("en instruction",),
    "classer_sans_suite": ("en instruction",),
    "repasser_en_instruction": ("accepté", "refusé", "classé sans suite"),
}
"""The states each transition starts from: when DS refuses and names one of them, the reason lies elsewhere."""

_DECISION = Refus(
    motif="",
    cause="annotations_incompletes",
    message="DS ne permet pas de décider, sans doute parce qu’une annotation obligatoire manque ou est invalide "
    "(elle dit seulement que le dossier est déjà en instruction)",
    remede="Complétez les annotations privées du dossier, puis recommencez.",
)
_VRAIES_RAISONS = {
    "accepter": _DECISION,
    "refuser": _DECISION,
    "classer_sans_suite": _DECISION,
    "repasser_en_instruction": Refus(
        motif="",
        cause="compte_supprime",
        message="l’usager a supprimé son compte : le dossier reste traité",
        remede="Laissez-le ainsi.",
    ),
}
"""What the misleading texts really mean, where the contract tells (§5.1)."""

_DEJA = "Le dossier est déjà "


def refus(demande: Demande, textes: tuple[str, ...]) -> MutationRefused | AccessDenied:
    """What a refusal means, from DS's own French texts; an unknown text has the cause `inconnue`, for a human."""
    if any(_plat(t).startswith(LECTURE_SEULE) for t in textes):
        return AccessDenied(
            "Le jeton d’API ne permet que la lecture : rien n’a été écrit.",
            hint="Créez un jeton avec le droit d’écriture, ou passez le connecteur en mode « observer ».",
        )
    connus = [r for r in (_reconnaitre(demande, t) for t in textes) if r is not None]
    if not connus:
        vus = " ; ".join(sans_valeurs(t) for t in textes) or "sans explication"
        trouve = Refus(motif="", cause="inconnue", message=f"« {vus} »", remede="Voyez le dossier dans DS.")
    else:
        trouve = connus[0]
    return MutationRefused(
        f"Démarches simplifiées a refusé d’écrire sur {demande.sujet} : {trouve.message}.",
        cause=trouve.cause,
        texts=textes,
        number=demande.dossier,
        hint=trouve.remede,
    )


def _reconnaitre(demande: Demande, texte: str) -> Refus | None:
    plat = _plat(texte)
    known = next((r for r in _REFUS if re.match(r.motif, plat)), None)
    return known or _etat(demande, plat)


def _etat(demande: Demande, plat: str) -> Refus | None:
    """« Le dossier est déjà … »: the state it is in, unless DS says so for another reason."""
    etat = plat.removeprefix(_DEJA)
    if not plat.startswith(_DEJA) or etat not in _ETATS:
        return None
    if etat in _SOURCES.get(demande.document, ()):
        return _VRAIES_RAISONS.get(demande.document)
    return Refus(
        motif="",
        cause=_ETATS[etat],
        message=f"le dossier est déjà {etat}",
        remede="Rien à faire : le prochain passage le lira.",
    )


def _plat(texte: str) -> str:
    """A text of DS with one kind of apostrophe and of space, to compare (contract, appendix C)."""
    return " ".join(re.sub("[‘’ʼ]", "'", texte).split())
