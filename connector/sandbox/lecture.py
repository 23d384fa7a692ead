"""How each readable field finds its value: one small function per field, over the world's dataclasses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.sandbox.dates import ecrit_instant, lit_instant, plus_mois
from connector.sandbox.liens import adresse_pdf
from connector.sandbox.pagination import ArgumentsIncompatibles, Fenetre, Page, pagine
from connector.sandbox.rendu import Lecteur, fichier, personne_morale, type_descripteur
from connector.sandbox.requete import (
    ErreurInterne,
    Requete,
    cache,
    dossier_lisible,
    entier,
    identifiant_invalide,
    introuvable,
    lit_id,
    mauvaise_demande,
)
from connector.sandbox.world import DossierMonde, PersonneMorale, node_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connector.sandbox.world import (
        AvisMonde,
        DemarcheMonde,
        Descripteur,
        Groupe,
        Instructeur,
        Label,
        Message,
        Revision,
        Service,
        Suppression,
        Traitement,
    )

    Resolveur = Callable[..., Any]

Info = Any
"""The executor's word on the field being read; its context is a `Requete`."""


def requete_de(info: Info) -> Requete:
    """Give the request that this field belongs to."""
    trouvee: Requete = info.context
    return trouvee


# --- roots


def demarche(_: Any, info: Info, number: int) -> DemarcheMonde:
    """Find a démarche of the token's."""
    requete = requete_de(info)
    trouvee = requete.monde.demarches.get(number)
    if trouvee is None:
        raise introuvable("Demarche")
    if not requete.couvre(number):
        raise cache("Demarche")
    return trouvee


def demarche_descriptor(_: Any, info: Info, demarche: dict[str, Any]) -> Descriptif:
    """Find a démarche's public face: anyone's if it is open data."""
    requete = requete_de(info)
    numero = demarche.get("number") or _cle(demarche.get("id"), "Procedure")
    trouvee = requete.monde.demarches.get(numero or 0)
    if trouvee is None:
        raise introuvable("DemarcheDescriptor")
    if not (requete.couvre(trouvee.number) or trouvee.opendata):
        raise cache("DemarcheDescriptor")
    return Descriptif(trouvee, trouvee.revision_active)


def dossier(_: Any, info: Info, number: int) -> DossierMonde:
    """Find a visible dossier of the token's."""
    requete = requete_de(info)
    return dossier_lisible(requete, requete.monde.dossiers.get(number))


def groupe_instructeur(_: Any, info: Info, number: int) -> GroupeAvecDossiers:
    """Find a group of a démarche of the token's."""
    requete = requete_de(info)
    for d in requete.monde.demarches.values():
        for g in d.groupes:
            if g.number == number:
                if not requete.couvre(d.number):
                    raise cache("GroupeInstructeurWithDossiers")
                return GroupeAvecDossiers(d, g)
    raise introuvable("GroupeInstructeurWithDossiers")


def _cle(brut: str | None, sorte: str) -> int | None:
    lu = lit_id(brut or "")
    return entier(lu[1]) if lu and lu[0] == sorte else None


class Descriptif:
    """A démarche as one of its dossiers sees it: with that dossier's revision."""

    __slots__ = ("demarche", "revision")

    def __init__(self, demarche: DemarcheMonde, revision: Revision) -> None:
        self.demarche = demarche
        self.revision = revision


class GroupeAvecDossiers:
    """A group together with the démarche whose dossiers it lists."""

    __slots__ = ("demarche", "groupe")

    def __init__(self, demarche: DemarcheMonde, groupe: Groupe) -> None:
        self.demarche = demarche
        self.groupe = groupe


# --- connections: cut lazily, so that an argument error belongs to the first field read (recorded)


class Connexion:
    """A page that is cut when one of its fields is first read."""

    __slots__ = ("_coupe", "_page")

    def __init__(self, coupe: Callable[[], Page[Any]]) -> None:
        self._coupe = coupe
        self._page: Page[Any] | None = None

    @property
    def page(self) -> Page[Any]:
        """The page; raises DS's error for arguments that do not go together."""
        if self._page is None:
            try:
                self._page = self._coupe()
            except ArgumentsIncompatibles as incompatibles:
                raise mauvaise_demande(str(incompatibles)) from incompatibles
        return self._page


def dossiers(source: DemarcheMonde | GroupeAvecDossiers, info: Info, **arguments: Any) -> Connexion:
    """List the visible dossiers, by date of filing, or of modification with `updatedSince` (contract §3.3)."""
    requete = requete_de(info)
    chez = source.demarche if isinstance(source, GroupeAvecDossiers) else source
    groupe = source.groupe.number if isinstance(source, GroupeAvecDossiers) else None
    revision = arguments.get("revision")
    if revision is not None and groupe is not None:
        raise ErreurInterne("un groupe ne sait pas filtrer par révision")
    if revision is not None and lit_id(revision) is None:
        raise identifiant_invalide(revision)
    if revision is not None and _cle(revision, "ProcedureRevision") not in {r.number for r in chez.revisions}:
        raise introuvable("DossierConnection")
    depuis = arguments.get("updatedSince")
    cree = None if depuis else arguments.get("createdSince")
    filtre = _filtre(
        groupe,
        state=arguments.get("state"),
        archived=arguments.get("archived"),
        revision=_cle(revision, "ProcedureRevision") if revision else None,
        depuis=lit_instant(depuis) if depuis else None,
        cree=lit_instant(cree) if cree else None,
    )
    rang = _par_modification if depuis else _par_depot

    def coupe() -> Page[DossierMonde]:
        with requete.monde.lock:
            lignes = [d for d in requete.monde.par_demarche[chez.number].values() if filtre(d)]
        return pagine(lignes, rang, Fenetre.de(arguments))

    return Connexion(coupe)


def _par_modification(d: DossierMonde) -> tuple[datetime, int]:
    return d.updated_at, d.number


def _par_depot(d: DossierMonde) -> tuple[datetime, int]:
    return d.depose_at or d.created_at, d.number


def _filtre(groupe: int | None, **voulu: Any) -> Callable[[DossierMonde], bool]:
    state, archived, revision = voulu["state"], voulu["archived"], voulu["revision"]
    depuis, cree = voulu["depuis"], voulu["cree"]

    def garde(d: DossierMonde) -> bool:
        return (
            d.visible
            and (depuis is None or d.updated_at >= depuis)
            and (cree is None or (d.depose_at or d.created_at) >= cree)
            and (state is None or d.state == state)
            and (archived is None or d.archived == archived)
            and (revision is None or d.revision == revision)
            and (groupe is None or d.groupe == groupe)
        )

    return garde


def en_corbeille(source: DemarcheMonde | GroupeAvecDossiers, info: Info, **arguments: Any) -> Connexion:
    """List what is in a bin, restorable (contract §3.7)."""
    monde = requete_de(info).monde
    chez = source.demarche if isinstance(source, GroupeAvecDossiers) else source
    groupe = source.groupe.number if isinstance(source, GroupeAvecDossiers) else None
    depuis = lit_instant(arguments["deletedSince"]) if arguments.get("deletedSince") else None

    def coupe() -> Page[DossierMonde]:
        with monde.lock:
            tous = list(monde.par_demarche[chez.number].values())
        lignes = [d for d in tous if d.en_corbeille and (groupe is None or d.groupe == groupe) and _depuis(d, depuis)]
        return pagine(lignes, lambda d: (_reference(d), d.number), Fenetre.de(arguments))

    return Connexion(coupe)


def _depuis(d: DossierMonde, depuis: datetime | None) -> bool:
    dates = (d.cache_par_usager_at, d.cache_par_administration_at)
    return depuis is None or any(x and x >= depuis for x in dates)


def _reference(d: DossierMonde) -> datetime:
    """Give the date that orders the bin: the usager's while en_construction, else the administration's."""
    usager, administration = d.cache_par_usager_at, d.cache_par_administration_at
    date = (usager or administration) if d.state == "en_construction" else (administration or usager)
    return date or d.updated_at


def purges(source: DemarcheMonde | GroupeAvecDossiers, _: Info, **arguments: Any) -> Connexion:
    """List the log of purged dossiers (contract §3.7)."""
    chez = source.demarche if isinstance(source, GroupeAvecDossiers) else source
    groupe = source.groupe.number if isinstance(source, GroupeAvecDossiers) else None
    depuis = lit_instant(arguments["deletedSince"]) if arguments.get("deletedSince") else None

    def coupe() -> Page[Suppression]:
        siens = [s for s in chez.supprimes if groupe is None or s.groupe == groupe]
        lignes = [s for s in siens if depuis is None or s.deleted_at >= depuis]
        return pagine(lignes, lambda s: (s.deleted_at, s.row), Fenetre.de(arguments))

    return Connexion(coupe)


def ligne_corbeille(d: DossierMonde) -> dict[str, Any]:
    """Give a row of the bin: its id is made of the dossier's number."""
    return {
        "id": node_id("DeletedDossier", d.number),
        "number": d.number,
        "state": d.state,
        "reason": d.motif_suppression or "user_request",
        "dateSupression": ecrit_instant(d.cache_par_administration_at or d.cache_par_usager_at or d.updated_at),
    }


def ligne_purge(s: Suppression) -> dict[str, Any]:
    """Give a row of the log: its id is made of the log's own row."""
    return {
        "id": node_id("DeletedDossier", s.row),
        "number": s.number,
        "state": s.state,
        "reason": s.reason,
        "dateSupression": ecrit_instant(s.deleted_at),
    }


# --- the dossier


def date_expiration(d: DossierMonde, info: Info) -> str | None:
    """Give the date at which it will expire: none while it is examined (contract §4.1b)."""
    depart = d.processed_at if d.termine else d.en_construction_at if d.state == "en_construction" else None
    mois = requete_de(info).monde.demarche_de(d).duree_conservation
    return ecrit_instant(plus_mois(depart, mois)) if depart else None


def correction_en_attente(d: DossierMonde, _: Info) -> str | None:
    """Give the date of the pending correction request."""
    en_attente = d.correction_en_attente
    return ecrit_instant(en_attente.created_at) if en_attente else None


def pdf(d: DossierMonde, info: Info) -> dict[str, Any]:
    """Give the virtual PDF: no size, no checksum, made now (contract §4.1)."""
    requete = requete_de(info)
    return {
        "filename": f"dossier-{d.number}.pdf",
        "contentType": "application/pdf",
        "byteSizeBigInt": "0",
        "checksum": "",
        "url": adresse_pdf(requete.base, requete.signataire.signe("pdf", d.number)),
        "createdAt": ecrit_instant(requete.monde.now()),
        "virusScanResult": "pending",
    }


def usager(d: DossierMonde, _: Info) -> dict[str, str]:
    """Give the account: a deleted one keeps its e-mail and loses its id."""
    identifiant = "<deleted>" if d.usager.supprime else node_id("User", d.usager.number)
    return {"id": identifiant, "email": d.usager.email}


def demandeur(d: DossierMonde, info: Info) -> dict[str, Any]:
    """Give who asks; a degraded company is whole only for a document that names its type (contract §4.2)."""
    qui = d.demandeur
    if isinstance(qui, PersonneMorale):
        incomplete = not qui.complet and "PersonneMoraleIncomplete" in requete_de(info).fragments
        return {"__typename": "PersonneMoraleIncomplete" if incomplete else "PersonneMorale", **personne_morale(qui)}
    return {
        "__typename": "PersonnePhysique",
        "id": node_id("Individual", qui.numero),
        "civilite": qui.civilite,
        "nom": qui.nom,
        "prenom": qui.prenom,
        "email": qui.email,
    }


def champs(d: DossierMonde, info: Info, id: str | None = None) -> list[dict[str, Any]]:  # noqa: A002 - the schema's
    """Give the visible champs; by id, even a hidden one, at the root only (contract §4.3)."""
    requete = requete_de(info)
    return _par_id(Lecteur(requete, d), requete.monde.revision_de(d).champs, id)


def annotations_de(d: DossierMonde, info: Info, id: str | None = None) -> list[dict[str, Any]]:  # noqa: A002
    """Give the visible annotations; by id, even a hidden one, at the root only."""
    requete = requete_de(info)
    return _par_id(Lecteur(requete, d), requete.monde.revision_de(d).annotations, id)


def _par_id(lecteur: Lecteur, descripteurs: tuple[Descripteur, ...], voulu: str | None) -> list[dict[str, Any]]:
    if voulu is None:
        return lecteur.champs(descripteurs)
    lu = lit_id(voulu)
    return [lecteur.champ(d, "") for d in descripteurs if lu == ("Champ", str(d.stable_id))]


def lien_dossier(source: dict[str, Any], info: Info) -> DossierMonde | None:
    """Give the linked dossier: null when it cannot be seen, an error when it is out of scope (contract §4.3)."""
    cible: DossierMonde | None = source["dossier"]
    if cible is None or not cible.visible:
        return None
    if not requete_de(info).couvre(cible.demarche):
        raise cache("Dossier")
    return cible


def messages(d: DossierMonde, _: Info, id: str | None = None) -> list[Message]:  # noqa: A002
    """Give the messages by date."""
    voulus = [m for m in d.messages if id is None or m.id == id]
    return sorted(voulus, key=lambda m: (m.created_at, m.number))


def avis(d: DossierMonde, _: Info, id: str | None = None) -> list[AvisMonde]:  # noqa: A002
    """Give the experts' opinions by date."""
    return [a for a in d.avis if id is None or node_id("Avis", a.number) == id]


def labels(d: DossierMonde, info: Info) -> list[Label]:
    """Give the labels, in the catalogue's order."""
    return [x for x in requete_de(info).monde.demarche_de(d).labels if x.number in d.labels]


def revision_traitement(t: Traitement, info: Info) -> Revision | None:
    """Give the revision that the dossier was under then."""
    for d in requete_de(info).monde.demarches.values():
        for r in d.revisions:
            if r.number == t.revision:
                return r
    return None


# --- plain data


def profil(qui: Instructeur | dict[str, str] | None) -> dict[str, str] | None:
    """Give an agent's profile."""
    if qui is None or isinstance(qui, dict):
        return qui
    return {"id": qui.id, "email": qui.email}


def descripteur(d: Descripteur, requete: Requete) -> dict[str, Any]:
    """Give a descriptor, with the fields of every descriptor type."""
    return {
        "__typename": type_descripteur(d),
        "id": d.id,
        "type": d.type,
        "label": d.label,
        "description": d.description,
        "required": d.required,
        "options": list(d.options),
        "otherOption": d.other_option,
        "level": d.level,
        "fileTemplate": d.modele and fichier(requete, d.modele),
        "champDescriptors": [descripteur(e, requete) for e in d.enfants],
    }


def annotations_decrites(r: Revision, info: Info) -> list[dict[str, Any]]:
    """Give the annotations' descriptors to who administers the démarche, and none to others (contract §3.8)."""
    requete = requete_de(info)
    siennes = (d for d in requete.monde.demarches.values() if r in d.revisions)
    if not any(requete.couvre(d.number) for d in siennes):
        return []
    return [descripteur(d, requete) for d in r.annotations]


def service(s: Service | None) -> dict[str, Any] | None:
    """Give the administration that answers for a démarche."""
    if s is None:
        return None
    return {"nom": s.nom, "organisme": s.organisme, "siret": s.siret, "typeOrganisme": s.type_organisme}


def _date(attribut: str) -> Resolveur:
    def lit(source: Any, _: Info) -> str | None:
        instant = getattr(source, attribut)
        return ecrit_instant(instant) if instant else None

    return lit


def _champ(attribut: str) -> Resolveur:
    def lit(source: Any, _: Info) -> Any:
        return getattr(source, attribut)

    return lit


def _de_la_demarche(resolveur: Resolveur) -> Resolveur:
    def lit(source: Descriptif, info: Info) -> Any:
        return resolveur(source.demarche, info)

    return lit


def _du_groupe(attribut: str) -> Resolveur:
    def lit(source: GroupeAvecDossiers, _: Info) -> Any:
        return getattr(source.groupe, attribut)

    return lit


def _instructeurs(groupe: Groupe) -> list[dict[str, str]]:
    return [{"id": i.id, "email": i.email} for i in groupe.instructeurs]


_COMMUNS: dict[str, Resolveur] = {
    "id": _champ("id"),
    "number": _champ("number"),
    "title": _champ("title"),
    "description": _champ("description"),
    "state": _champ("state"),
    "declarative": _champ("declarative"),
    "dateCreation": _date("date_creation"),
    "datePublication": _date("date_publication"),
    "dateDepublication": _date("date_depublication"),
    "dateFermeture": _date("date_fermeture"),
    "dateDerniereModification": _date("updated_at"),
    "service": lambda d, _: service(d.service),
}
_LISTES: dict[str, Resolveur] = {
    "dossiers": dossiers,
    "pendingDeletedDossiers": en_corbeille,
    "deletedDossiers": purges,
}


def _brouillon(d: DemarcheMonde, _: Info) -> Revision:
    return d.revisions[-1]


def _publiee(d: DemarcheMonde, _: Info) -> Revision | None:
    return d.revision_active if d.revision_active.published_at else None


def _nodes(c: Connexion, _: Info) -> list[Any]:
    return list(c.page.lignes)


def _nodes_supprimes(c: Connexion, _: Info) -> list[dict[str, Any]]:
    return [ligne_corbeille(x) if isinstance(x, DossierMonde) else ligne_purge(x) for x in c.page.lignes]


RESOLVEURS: dict[str, dict[str, Resolveur]] = {
    "Query": {
        "demarche": demarche,
        "demarcheDescriptor": demarche_descriptor,
        "dossier": dossier,
        "groupeInstructeur": groupe_instructeur,
    },
    "Demarche": {
        **_COMMUNS,
        **_LISTES,
        "activeRevision": lambda d, _: d.revision_active,
        "draftRevision": _brouillon,
        "publishedRevision": _publiee,
        "revisions": _champ("revisions"),
        "groupeInstructeurs": _champ("groupes"),
        "labels": _champ("labels"),
    },
    "DemarcheDescriptor": {
        **{nom: _de_la_demarche(r) for nom, r in _COMMUNS.items()},
        "opendata": _de_la_demarche(_champ("opendata")),
        "revision": _champ("revision"),
    },
    "GroupeInstructeurWithDossiers": {
        **_LISTES,
        "id": _du_groupe("id"),
        "number": _du_groupe("number"),
        "label": _du_groupe("label"),
        "closed": _du_groupe("closed"),
        "instructeurs": lambda g, _: _instructeurs(g.groupe),
    },
    "GroupeInstructeur": {
        "id": _champ("id"),
        "number": _champ("number"),
        "label": _champ("label"),
        "closed": _champ("closed"),
        "instructeurs": lambda g, _: _instructeurs(g),
    },
    "Label": {"id": _champ("id"), "name": _champ("name"), "color": _champ("color")},
    "Revision": {
        "id": _champ("id"),
        "dateCreation": _date("created_at"),
        "datePublication": _date("published_at"),
        "champDescriptors": lambda r, info: [descripteur(d, requete_de(info)) for d in r.champs],
        "annotationDescriptors": annotations_decrites,
    },
    "DossierConnection": {"pageInfo": lambda c, _: c, "nodes": _nodes},
    "DeletedDossierConnection": {"pageInfo": lambda c, _: c, "nodes": _nodes_supprimes},
    "PageInfo": {
        "hasNextPage": lambda c, _: c.page.apres,
        "hasPreviousPage": lambda c, _: c.page.avant,
        "startCursor": lambda c, _: c.page.debut,
        "endCursor": lambda c, _: c.page.fin,
    },
    "Dossier": {
        "id": _champ("id"),
        "number": _champ("number"),
        "state": _champ("state"),
        "archived": _champ("archived"),
        "prefilled": _champ("prefilled"),
        "connectionUsager": lambda d, _: "deleted" if d.usager.supprime else d.usager.connexion,
        "dateDepot": _date("depose_at"),
        "datePassageEnConstruction": _date("en_construction_at"),
        "datePassageEnInstruction": _date("en_instruction_at"),
        "dateTraitement": _date("processed_at"),
        "dateDerniereModification": _date("updated_at"),
        "dateDerniereModificationChamps": lambda d, _: ecrit_instant(d.champs_at or d.created_at),
        "dateDerniereModificationAnnotations": lambda d, _: ecrit_instant(d.annotations_at or d.created_at),
        "dateDerniereCorrectionEnAttente": correction_en_attente,
        "dateSuppressionParUsager": _date("cache_par_usager_at"),
        "dateSuppressionParAdministration": _date("cache_par_administration_at"),
        "dateExpiration": date_expiration,
        "motivation": _champ("motivation"),
        "motivationAttachment": lambda d, info: d.justificatif and fichier(requete_de(info), d.justificatif),
        "attestation": lambda d, info: d.attestation and fichier(requete_de(info), d.attestation),
        "pdf": pdf,
        "usager": usager,
        "deposeParUnTiers": lambda d, _: d.mandataire is not None,
        "prenomMandataire": lambda d, _: d.mandataire and d.mandataire[0],
        "nomMandataire": lambda d, _: d.mandataire and d.mandataire[1],
        "demandeur": demandeur,
        "demarche": lambda d, info: Descriptif(
            requete_de(info).monde.demarche_de(d), requete_de(info).monde.revision_de(d)
        ),
        "groupeInstructeur": lambda d, info: requete_de(info).monde.groupe_de(d),
        "instructeurs": lambda d, _: [profil(i) for i in d.suivi_par],
        "champs": champs,
        "annotations": annotations_de,
        "messages": messages,
        "avis": avis,
        "labels": labels,
        "traitements": _champ("traitements"),
    },
    "DossierLinkChamp": {"dossier": lien_dossier},
    "Traitement": {
        "id": _champ("id"),
        "event": _champ("event"),
        "dateTraitement": _date("date"),
        "emailAgentTraitant": _champ("email"),
        "motivation": _champ("motivation"),
        "revision": revision_traitement,
    },
    "Message": {
        "id": _champ("id"),
        "email": _champ("email"),
        "body": _champ("body"),
        "createdAt": _date("created_at"),
        "discardedAt": _date("discarded_at"),
        "attachments": lambda m, info: [fichier(requete_de(info), p) for p in m.pieces],
        "correction": _champ("correction"),
    },
    "Correction": {"reason": _champ("reason"), "dateResolution": _date("resolved_at")},
    "Avis": {
        "id": lambda a, _: node_id("Avis", a.number),
        "question": _champ("question"),
        "reponse": _champ("reponse"),
        "questionLabel": _champ("question_label"),
        "questionAnswer": _champ("question_answer"),
        "dateQuestion": _date("created_at"),
        "dateReponse": _date("updated_at"),
        "claimant": lambda a, _: profil(a.claimant),
        "expert": lambda a, _: profil(a.expert),
        "attachments": lambda a, info: [fichier(requete_de(info), p) for p in a.pieces],
    },
}
"""Every field that is not simply a key of a dict, by type then name."""
