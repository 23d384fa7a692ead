"""From DS's JSON to the model: dossiers, pages, the démarche. Pure; an unexpected shape is `ValueError`.

What the model has no place for is digested here and forgotten: the text of messages, the answers to avis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from connector.api.champs import ERREURS, Brut, LecteurChamps, instant, raison_sociale
from connector.api.echange import Demande, Erreur
from connector.api.formes import exiger
from connector.core import empreintes
from connector.core.courrier import annonce_une_suite
from connector.core.fiche import Retenue
from connector.core.model import (
    Avis,
    ChampDescriptor,
    Correction,
    Demandeur,
    Demarche,
    Dossier,
    DossierState,
    DossierSupprime,
    Groupe,
    Label,
    Message,
    PageReperes,
    Profil,
    Repere,
    Revision,
    Traitement,
)
from connector.errors import ContractBroken


@contextmanager
def forme_attendue() -> Iterator[None]:
    """Turn what Python raises on a missing key, a wrong type or an absurd depth into `ValueError`."""
    try:
        yield
    except (KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


@contextmanager
def contrat(demande: Demande) -> Iterator[None]:
    """Turn an unexpected shape into `ContractBroken`: it spoils the whole answer, not one dossier."""
    try:
        with forme_attendue():
            yield
    except ValueError as error:
        raise ContractBroken(
            f"Démarches simplifiées a rendu {demande.sujet} sous une forme que ce connecteur ne connaît pas ({error}).",
            hint="Mettez le connecteur à jour ou transmettez ce message à qui le maintient.",
        ) from error


def marquer(data: Brut, erreurs: Iterable[Erreur]) -> None:
    """Note each local error beside the null that it left, for the champ readers; a null in a list keeps none."""
    for erreur in erreurs:
        here: Any = data
        for step in erreur.path:
            below = here[step]
            if below is None and isinstance(here, dict):
                here.setdefault(ERREURS, {})[step] = erreur.code
            if below is None:
                break
            here = below


def dossier(brut: Brut, champs: LecteurChamps, retenue: Retenue | None = None) -> Dossier:
    """One dossier; `ValueError` when it lacks something that DS always gives. `retenue`: leave the other champs out."""
    with forme_attendue():
        groupe_ = groupe(brut["groupeInstructeur"])
        usager = brut["usager"]["email"]
        people = {usager, *(p.email for p in groupe_.instructeurs)}
        lu = Dossier(
            id=brut["id"],
            number=brut["number"],
            demarche_number=brut["demarche"]["number"],
            revision_id=brut["demarche"]["revision"]["id"],
            state=DossierState(brut["state"]),
            archived=brut["archived"],
            date_depot=moment(brut["dateDepot"]),
            date_passage_en_construction=moment(brut["datePassageEnConstruction"]),
            date_passage_en_instruction=instant(brut["datePassageEnInstruction"]),
            date_traitement=instant(brut["dateTraitement"]),
            date_derniere_modification=moment(brut["dateDerniereModification"]),
            date_derniere_modification_champs=moment(brut["dateDerniereModificationChamps"]),
            date_derniere_modification_annotations=moment(brut["dateDerniereModificationAnnotations"]),
            date_derniere_correction_en_attente=instant(brut["dateDerniereCorrectionEnAttente"]),
            date_suppression_par_usager=instant(brut["dateSuppressionParUsager"]),
            compte_supprime=brut["connectionUsager"] == "deleted",
            usager_email=usager,
            demandeur=demandeur(brut["demandeur"]),
            groupe=groupe_,
            labels=tuple(Label(id=x["id"], name=x["name"]) for x in brut["labels"]),
            attestation=brut.get("attestation") is not None,
            traitements=tuple(traitement(t) for t in brut["traitements"]),
            messages=tuple(message(m, usager=usager, people=people) for m in brut["messages"]),
            avis=tuple(avis(a) for a in brut["avis"]),
            champs=champs.champs(brut["champs"], retenue.champs if retenue else None),
            annotations=champs.champs(brut["annotations"], retenue.annotations if retenue else None),
        )
        return exiger(lu, Dossier)


def moment(brut: str) -> datetime:
    """A date that is always there."""
    value = instant(brut)
    if value is None:
        raise ValueError("a date is missing")
    return value


def demandeur(brut: Brut) -> Demandeur:
    """Who applies: a person stays without a name, a company keeps its SIRET; an unknown kind keeps its type."""
    typename = brut["__typename"]
    return Demandeur(
        typename=typename,
        siret=brut.get("siret"),
        raison_sociale=raison_sociale(brut),
        complet=typename != "PersonneMoraleIncomplete",
    )


def groupe(brut: Brut) -> Groupe:
    """A groupe instructeur and its members."""
    return Groupe(
        id=brut["id"],
        number=brut["number"],
        label=brut["label"],
        closed=brut["closed"],
        instructeurs=tuple(Profil(id=p["id"], email=p["email"]) for p in brut["instructeurs"]),
    )


def traitement(brut: Brut) -> Traitement:
    """One line of the history."""
    return Traitement(
        event=brut["event"], date=moment(brut["dateTraitement"]), email_agent=brut["emailAgentTraitant"] or None
    )


def message(brut: Brut, *, usager: str, people: set[str]) -> Message:
    """A message, its body digested. `people` are the applicant and the group's members: nobody of them is the system.

    The applicant who quotes our message does not make it ours: only other authors' references count.
    """
    body, email = brut["body"] or "", brut["email"]
    systeme = email not in people and body.lstrip().startswith("<")
    return Message(
        id=brut["id"],
        email=email,
        empreinte=empreintes.of_text(body),
        reference=None if systeme or email == usager else empreintes.reference_in(body),
        systeme=systeme,
        created_at=moment(brut["createdAt"]),
        discarded_at=instant(brut["discardedAt"]),
        correction=correction(brut["correction"]),
        annonce=email == usager and annonce_une_suite(body),
    )


def correction(brut: Brut | None) -> Correction | None:
    """The correction a message asks for, if any."""
    if brut is None:
        return None
    return Correction(reason=brut["reason"], date_resolution=instant(brut["dateResolution"]))


def avis(brut: Brut) -> Avis:
    """An avis: DS dates even unanswered ones, so an answer is what tells (contract §4.5)."""
    repondu = bool((brut["reponse"] or "").strip()) or brut["questionAnswer"] is not None
    return Avis(
        id=brut["id"],
        date_question=moment(brut["dateQuestion"]),
        repondu=repondu,
        date_reponse=instant(brut["dateReponse"]) if repondu else None,
    )


def demarche(brut: Brut) -> Demarche:
    """The démarche, its revisions (the draft has no date), its groups and labels."""
    with forme_attendue():
        revisions = tuple(revision(r) for r in brut["revisions"])
        active = next((r for r in revisions if r.id == brut["activeRevision"]["id"]), None)
        if active is None:
            raise ValueError("the active revision is not among the revisions")
        return exiger(
            Demarche(
                id=brut["id"],
                number=brut["number"],
                title=brut["title"],
                state=brut["state"],
                active=active,
                revisions=revisions,
                groupes=tuple(groupe(g) for g in brut["groupeInstructeurs"]),
                labels=tuple(Label(id=x["id"], name=x["name"]) for x in brut["labels"]),
            ),
            Demarche,
        )


def revision(brut: Brut) -> Revision:
    """One version of the form."""
    return Revision(
        id=brut["id"],
        date_publication=instant(brut["datePublication"]),
        champs=tuple(descripteur(d) for d in brut["champDescriptors"]),
        annotations=tuple(descripteur(d) for d in brut["annotationDescriptors"]),
    )


def descripteur(brut: Brut) -> ChampDescriptor:
    """What the form says of one champ; options exactly as DS spells them, they must be written back so."""
    return ChampDescriptor(
        id=brut["id"],
        label=brut["label"],
        typename=brut["__typename"],
        required=brut["required"],
        options=tuple(brut.get("options") or ()),
        other_option=bool(brut.get("otherOption")),
        champs=tuple(descripteur(d) for d in brut.get("champDescriptors") or ()),
    )


def repere(brut: Brut) -> Repere:
    """A landmark; state, revision, labels and attestation only when the page gives them."""
    return exiger(
        Repere(
            number=brut["number"],
            date_derniere_modification=moment(brut["dateDerniereModification"]),
            state=DossierState(brut["state"]) if "state" in brut else None,
            revision_id=brut["demarche"]["revision"]["id"] if "demarche" in brut else None,
            labels=tuple(x["id"] for x in brut["labels"]) if "labels" in brut else None,
            attestation=brut["attestation"] is not None if "attestation" in brut else None,
        ),
        Repere,
    )


def dernier(brut: Brut) -> Repere | None:
    """The démarche's most recently modified dossier, None when it has none."""
    with forme_attendue():
        return next((repere(n) for n in brut["dernier"]["nodes"] if n), None)


def reperes(brut: Brut) -> PageReperes:
    """A light page of a démarche; a dossier that even it cannot show is left out."""
    with forme_attendue():
        page = brut["dossiers"]
        return exiger(
            PageReperes(
                reperes=tuple(repere(n) for n in page["nodes"] if n),
                end_cursor=page["pageInfo"]["endCursor"],
                has_next_page=page["pageInfo"]["hasNextPage"],
            ),
            PageReperes,
        )


def supprimes(page: Brut, *, definitif: bool) -> tuple[DossierSupprime, ...]:
    """The deleted dossiers of one page of one list."""
    with forme_attendue():
        return tuple(supprime(n, definitif=definitif) for n in page["nodes"] if n)


def supprime(brut: Brut, *, definitif: bool) -> DossierSupprime:
    """One deleted dossier."""
    return exiger(
        DossierSupprime(
            number=brut["number"],
            date_suppression=moment(brut["dateSupression"]),
            reason=brut["reason"],
            definitif=definitif,
        ),
        DossierSupprime,
    )
