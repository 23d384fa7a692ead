"""What stands against a decision: what an agent must settle or confirm, and what the settings or the moment hold back.

Whatever stands against it asks for a confirmation, and only a person gives one: nothing here is ever overridden.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from connector.core import decide
from connector.core.candidature import Illisible
from connector.core.constat import AvisPropose, Constat, Effet, Statut
from connector.core.decisions import Cas, Decision, Sens, SourceDecisions, reprise, saisie
from connector.core.model import DossierState
from connector.core.montants import jour, nombre, pluriel
from connector.core.motivation import manques
from connector.core.politique import Mode
from connector.core.quota import TypeDemande
from connector.core.regles import complet
from connector.core.textes import citer, enumerer
from connector.core.typographie import composer

REVOIR = timedelta(hours=1)
"""How often a decision that waits for its day is looked at again."""


def pour_un_agent(cas: Cas, decision: Decision) -> Iterator[str]:
    """What an agent can do something about, as French clauses: said in « Points à vérifier »."""
    if decision.sens is Sens.REORIENTATION:
        yield "à porter à la main (indiquez à l’hôpital l’ARS compétente, puis classez le dossier sans suite)"
        return
    if cas.dossier.state is DossierState.EN_CONSTRUCTION:
        yield "le dossier est encore en construction (passez-le d’abord en instruction)"
    lacking = manques(cas, decision)
    if lacking:
        yield f"il manque {enumerer(_MANQUES[fait] for fait in lacking)}"
    raisons = list(_a_confirmer(cas, decision))
    if raisons and not _confirmee(cas, decision):
        yield f"à confirmer, car {enumerer(raisons)} ; {_comment_confirmer(cas)}"


_MANQUES = {
    "motif": "un motif (aucun texte opposable n’en donne, et la commission n’en a pas écrit)",
    "signataire": "le signataire ([decisions] signataire)",
    "voies_recours": "les voies et délais de recours ([decisions] voies_recours)",
    "poste": "la description du poste",
}


def _a_confirmer(cas: Cas, decision: Decision) -> Iterator[str]:
    """What stands against a decision, as French clauses; a person may go on all the same, and nobody else."""
    repris_le = reprise(cas.dossier, decision)
    if repris_le is not None:
        yield f"un agent a repris ce dossier dans DS depuis (le {jour(repris_le.date())})"
    if cas.dossier.tour > decision.le:
        yield "l’hôpital a modifié son dossier depuis cette décision"
    if decision.sens is not Sens.RETENU:
        return
    constats = cas.proposition.constats
    if not complet(constats):
        noms = enumerer(dict.fromkeys(c.court or c.regle for c in constats if not complet([c])))
        yield f"le dossier n’est pas complet ({noms})"
    opposes = enumerer(c.court or c.regle for c in constats if _opposes(c))
    if opposes:
        yield f"une règle s’y oppose ({opposes})"
    yield from _sur_la_place(cas)


def _opposes(constat: Constat) -> bool:
    """Whether a rule that weighs on the avis is plainly not respected, completeness apart."""
    pese = constat.effet in {Effet.BLOQUANT, Effet.A_VERIFIER}
    return pese and constat.statut is Statut.KO and constat.avis is not AvisPropose.A_COMPLETER


def _sur_la_place(cas: Cas) -> Iterator[str]:
    """A new post beyond the quota; a replacement or a report takes no place."""
    compteurs = cas.situation.compteurs
    if compteurs is None or cas.situation.poste is not None or cas.projet.demande not in {None, TypeDemande.NOUVELLE}:
        return
    if compteurs.quota.sans_objet:
        yield "cette catégorie est sans objet dans la région"
    elif cas.situation.hors_quota:
        pris = [pluriel(compteurs.ouverts or 0, "poste"), pluriel(compteurs.accordes, "accordé")]
        pris += [f"{nombre(compteurs.gardes)} gardé pour un remplacement"] if compteurs.gardes else []
        yield f"le quota serait dépassé ({', '.join(pris)} ; les retenus sont servis par rang)"


def _confirmee(cas: Cas, decision: Decision) -> bool:
    """Whether a person said « yes, all the same », once the decision, the last deposit and the reopening were known."""
    coche = saisie(cas.dossier, cas.resolution, "decision_confirmee")
    cochee_le = coche.updated_at if coche and cas.candidature.connu("decision_confirmee", bool) else None
    depuis = max(decision.le, cas.dossier.tour, reprise(cas.dossier, decision) or decision.le)
    return any(le is not None and le >= depuis for le in (decision.confirmee_le, cochee_le))


def _comment_confirmer(cas: Cas) -> str:
    """How a person can confirm, here."""
    coche = saisie(cas.dossier, cas.resolution, "decision_confirmee")
    moyens = [f"cochez « {coche.label} »"] if coche else []
    if cas.cadre.source is SourceDecisions.FICHIER:
        moyens.append("mettez « oui » dans la colonne « Confirmer » de la liste")
    return enumerer((*moyens, "décidez dans DS"), lien="ou")


def incomprise(cas: Cas) -> tuple[str, ...]:
    """A point when an agent typed a decision that we do not know."""
    lecture = cas.candidature.champ("decision").lecture
    saisi = lecture.texte if isinstance(lecture, Illisible) else cas.candidature.connu("decision", str)
    if cas.cadre.source is not SourceDecisions.ANNOTATION or not saisi:
        return ()
    choix = enumerer((f"« {sens} »" for sens in Sens), lien="ou")
    return (composer(f"Décision {citer(saisi)} non comprise : choisissez {choix}."),)


def retenue(cas: Cas, decision: Decision) -> Iterator[str]:
    """What the operator's settings, or the moment, hold back, as French clauses."""
    politique, dossier = cas.politique, cas.dossier
    service, notification = politique.mise_en_service, cas.notification_le
    for applies, phrase in (
        (politique.mode is not Mode.AGIR, "le mode n’est pas « agir »"),
        (sous_embargo(cas), f"rien ne part avant le {jour(notification) if notification else ''}"),
        (cas.en_pause, "les envois sont en pause"),
        (decide.is_manual(dossier.labels, cas.resolution), "le label « Suivi manuel » est posé"),
        (service is not None and dossier.date_depot.date() < service, "le dossier précède la mise en service"),
        (dossier.archived, "le dossier est archivé"),
        (dossier.compte_supprime, "le compte de l’usager est supprimé : décidez dans DS"),
        (dossier.date_derniere_correction_en_attente is not None, "une correction est en attente"),
        (_saisie_en_cours(cas, decision), f"la saisie est récente (délai de {_minutes(cas.cadre.saisie)})"),
    ):
        if applies:
            yield phrase
    yield from cas.lacunes


def sous_embargo(cas: Cas) -> bool:
    """Whether nothing may leave yet."""
    return cas.notification_le is not None and cas.aujourd_hui < cas.notification_le


def _saisie_en_cours(cas: Cas, decision: Decision) -> bool:
    """Whether an agent may still be typing: DS saves an annotation at every pause."""
    return _fin_de_saisie(cas, decision) > cas.now


def _fin_de_saisie(cas: Cas, decision: Decision) -> datetime:
    """When nobody is taken to be typing any more; at once for a list."""
    if decision.source is not SourceDecisions.ANNOTATION:
        return cas.now
    champs = (saisie(cas.dossier, cas.resolution, cle) for cle in ("decision", "motivation", "rang"))
    dates = [champ.updated_at for champ in champs if champ is not None and champ.updated_at is not None]
    return max(dates, default=decision.le) + cas.cadre.saisie


def revoir(cas: Cas, decision: Decision) -> timedelta | None:
    """How long until a date alone lets the decision go: nothing in DS will say that it has come."""
    if _saisie_en_cours(cas, decision):
        return _fin_de_saisie(cas, decision) - cas.now
    return REVOIR if sous_embargo(cas) else None


def _minutes(delai: timedelta) -> str:
    return f"{round(delai.total_seconds() / 60)} min"
