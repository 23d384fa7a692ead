"""Builds the recorded worlds as the sandbox holds them: by code, from what the references say of them.

What is read: the two world files for who exists, and whole answers for what each dossier held at the start.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from references import monde, recueil, reponse

from connector.sandbox.world import (
    Adresse,
    AvisMonde,
    Code,
    Commune,
    Condition,
    Contenu,
    Correction,
    DemarcheMonde,
    Descripteur,
    DossierMonde,
    Entreprise,
    Fichier,
    Groupe,
    Instructeur,
    Jeton,
    Label,
    Message,
    PersonneMorale,
    PersonnePhysique,
    Revision,
    Service,
    Suppression,
    Traitement,
    Usager,
    Valeur,
    World,
)

A, AUTRE, VOLUMINEUSE, ARS = 104231, 104232, 104233, 104234
ADMIN = "admin.ars@exemple.fr"
OBJET = 100
"""The longest object of a notification, its title cut short beyond."""


def cle(identifiant: str) -> str:
    """Give the key in a node id."""
    return base64.b64decode(identifiant).decode().partition("-")[2]


def numero(identifiant: str) -> int:
    """Give the number in a node id."""
    return int(cle(identifiant))


def instant(texte: str | None) -> datetime | None:
    """Give a time written either way, or None."""
    return datetime.fromisoformat(texte) if texte else None


def construit(now: Callable[[], datetime]) -> World:
    """Give the whole server, as it was when the recordings began: four démarches and five tokens."""
    world = World(now)
    recorded = monde("world.json")
    tous = {nom: Instructeur(number=numero(i["id"]), email=i["email"]) for nom, i in recorded["instructeurs"].items()}
    for agent in tous.values():
        world.add_instructeur(agent)
    for demarche in (_principale(), _autre(), _volumineuse(), _ars()):
        world.add_demarche(demarche)
    _peuple_principale(world, {i.email: i for i in tous.values()})
    _peuple_autre(world)
    _peuple_volumineuse(world)
    _peuple_ars(world, {i.email: i for i in tous.values()})
    _jetons(world)
    for sorte, dernier in (("message", 900_000), ("traitement", 9_000), ("suppression", 100), ("usager", 9_000_000)):
        world.at_least(sorte, dernier)
    return world


def _jetons(world: World) -> None:
    miennes = frozenset({A, VOLUMINEUSE, ARS})
    passe = date(2020, 1, 1)
    for jeton in (
        Jeton(valeur="write", demarches=miennes, administrateur=ADMIN),
        Jeton(valeur="read_only", ecriture=False, demarches=miennes, administrateur=ADMIN),
        Jeton(valeur="expired", demarches=miennes, expire_le=passe, administrateur=ADMIN),
        Jeton(valeur="forbidden_network", demarches=miennes, reseaux=("203.0.113.0/24",), administrateur=ADMIN),
        Jeton(valeur="no_procedure", demarches=frozenset(), administrateur=ADMIN),
        Jeton(valeur="other_admin", demarches=frozenset({AUTRE}), administrateur="autre.admin@exemple.fr"),
    ):
        world.add_jeton(jeton)


# --- démarches


def _principale() -> DemarcheMonde:
    tout = reponse("recordings", "get_demarche_everything_first_2")["demarche"]
    formes = reponse("recordings", "get_demarche_descriptors_own")["demarche"]
    publique = reponse("recordings", "get_demarche_descriptor")["demarcheDescriptor"]
    types = {c["id"]: c["type"] for c in monde("world.json")["champs"].values()}
    revisions = [_revision(r, types, {}) for r in tout["revisions"]]
    return _demarche(publique, formes, revisions, numero(tout["activeRevision"]["id"]), tout["service"])


def _ars() -> DemarcheMonde:
    tout = reponse("recordings_ars", "ars_descriptor")["demarche"]
    types = {c["id"]: c["type"] for c in (*tout["activeRevision"]["champDescriptors"],)}
    active = _revision(tout["activeRevision"], types, _conditions_ars())
    revisions = [active]
    revisions += [_sans_forme(r, active) for r in tout["revisions"] if numero(r["id"]) != active.number]
    revisions.sort(key=lambda r: r.number)
    demarche = _demarche(tout, tout, revisions, active.number, {**tout["service"], "typeOrganisme": "autre"})
    demarche.courriels = _completes(demarche.courriels, _principale().courriels, demarche.title)
    return demarche


def _sans_forme(r: dict[str, Any], active: Revision) -> Revision:
    """Give a revision of which only the dates are known, with the form of the active one."""
    return Revision(
        number=numero(r["id"]),
        created_at=active.created_at,
        published_at=instant(r["datePublication"]),
        champs=active.champs,
        annotations=active.annotations,
    )


def _demarche(
    publique: dict[str, Any], formes: dict[str, Any], revisions: list[Revision], active: int, service: dict[str, Any]
) -> DemarcheMonde:
    return DemarcheMonde(
        number=publique["number"],
        title=publique["title"],
        description=publique.get("description", ""),
        date_creation=_sur(publique["dateCreation"]),
        date_publication=instant(publique["datePublication"]),
        updated_at=_sur(publique["dateDerniereModification"]),
        service=Service(
            nom=service["nom"],
            organisme=service["organisme"],
            siret=service.get("siret"),
            type_organisme=service["typeOrganisme"],
        ),
        revisions=revisions,
        active=active,
        groupes=[_groupe(g) for g in formes["groupeInstructeurs"]],
        labels=[Label(number=numero(x["id"]), name=x["name"], color=x["color"]) for x in formes["labels"]],
        expediteur="contact@demarche.numerique.gouv.fr",
        courriels=_courriels(publique["title"]),
    )


def _sur(texte: str) -> datetime:
    return datetime.fromisoformat(texte)


def _groupe(g: dict[str, Any]) -> Groupe:
    membres = [Instructeur(number=numero(i["id"]), email=i["email"]) for i in g["instructeurs"]]
    return Groupe(number=g["number"], label=g["label"], instructeurs=membres, closed=g["closed"])


def _courriels(titre: str) -> dict[str, str]:
    """Read the démarche's system messages off the dossiers that received one, with their number taken out."""
    signes = {
        "depose": "a bien été déposé",
        "passe_en_instruction": "va être examiné",
        "accepte": "a été accepté",
        "refuse": "a été refusé",
        "classe_sans_suite": "classé sans suite",
    }
    modeles = {}
    for corps, n, jour, motivation in _messages_systeme(titre[:20]):
        for event, signe in signes.items():
            if signe in corps.partition("(")[0]:
                modele = corps.replace(str(n), "{numero}").replace(jour, "{date}")
                modeles.setdefault(event, modele.replace(motivation, "{motivation}") if motivation else modele)
    return modeles


def _completes(modeles: dict[str, str], ailleurs: dict[str, str], titre: str) -> dict[str, str]:
    """Take from another démarche the messages that nobody received yet here: only the title, cut short, differs."""
    return {event: _avec_titre(modele, titre) for event, modele in ailleurs.items()} | modeles


def _avec_titre(modele: str, titre: str) -> str:
    debut, reste = modele.removeprefix("<p>[").split("(", 1)
    objet = f"{debut}({titre})".replace("{numero}", "00000000")
    court = objet if len(objet) <= OBJET else objet[: OBJET - 3] + "..."
    return f"<p>[{court.replace('00000000', '{numero}')}]{reste.partition(']')[2]}"


def _messages_systeme(titre: str) -> Iterator[tuple[str, int, str, str | None]]:
    for dossier in _dossiers_entiers():
        for m in dossier.get("messages", ()):
            if m["body"].startswith("<p>[") and titre in m["body"]:
                yield m["body"], dossier["number"], f"{_sur(m['createdAt']):%d/%m/%Y}", dossier["motivation"]


def _dossiers_entiers() -> Iterator[dict[str, Any]]:
    yield from reponse("recordings", "get_demarche_all_dossiers")["demarche"]["dossiers"]["nodes"]
    for page in range(1, 6):
        yield from reponse("recordings_ars", f"ars_dossiers_page_{page}")["demarche"]["dossiers"]["nodes"]


def _revision(r: dict[str, Any], types: dict[str, str], conditions: dict[str, Condition]) -> Revision:
    published = instant(r["datePublication"])
    return Revision(
        number=numero(r["id"]),
        created_at=instant(r.get("dateCreation")) or published or _sur("2026-09-02T09:00:00+02:00"),
        published_at=published,
        champs=tuple(_descripteur(d, types, conditions) for d in r["champDescriptors"]),
        annotations=tuple(_descripteur(d, types, conditions) for d in r["annotationDescriptors"]),
    )


def _descripteur(d: dict[str, Any], types: dict[str, str], conditions: dict[str, Condition]) -> Descripteur:
    return Descripteur(
        stable_id=numero(d["id"]),
        type=d.get("type") or types[d["id"]],
        label=d["label"],
        description=d.get("description"),
        required=d["required"],
        options=tuple(d.get("options") or ()),
        other_option=bool(d.get("otherOption")),
        level=d.get("level", 1),
        condition=conditions.get(d["label"]),
        enfants=tuple(_descripteur(e, types, {}) for e in d.get("champDescriptors") or ()),
    )


def _conditions_ars() -> dict[str, Condition]:
    """Give the reference form's conditions (formulaire.md), by label: the API does not tell them."""
    champs = {k: numero(c["id"]) for k, c in monde("world_ars.json")["champs"].items()}
    libelles = {k: c["label"] for k, c in monde("world_ars.json")["champs"].items() if c["conditional"]}
    remplacement = Condition(champ=champs["type"], valeur="Remplacement suite à désistement")
    report = Condition(champ=champs["type"], valeur="Report de prise de fonction")
    quotite = next(numero(c["id"]) for c in _champs_ars() if c["label"] == "Quotité ambulatoire (%)")
    derogation = next(numero(c["id"]) for c in _champs_ars() if c["label"].startswith("Dérogation à la condition"))
    par_cle = {
        "modulation": Condition(champ=quotite, operateur="different", valeur=50),
        "pj_derog": Condition(champ=derogation, valeur=True),
        **dict.fromkeys(("lien", "pj_desist", "repercussions"), remplacement),
        **dict.fromkeys(("date_report", "motif_report", "pj_report"), report),
    }
    return {libelles[k]: condition for k, condition in par_cle.items()}


def _champs_ars() -> list[dict[str, Any]]:
    return reponse("recordings_ars", "ars_descriptor")["demarche"]["activeRevision"]["champDescriptors"]


# --- dossiers


def _peuple_principale(world: World, agents: dict[str, Instructeur]) -> None:
    avis = {c.corps["variables"]["dossierNumber"]: c for c in recueil("recordings") if _lit_un_dossier(c)}
    for nu in reponse("recordings", "get_demarche_all_dossiers")["demarche"]["dossiers"]["nodes"]:
        complement = avis.get(nu["number"])
        plein = {**nu, **(complement.reponse["data"]["dossier"] if complement else {})}
        world.add_dossier(_dossier(world, A, plein, agents))
    for nom, d in monde("world.json")["dossiers"].items():
        if d.get("purged"):
            _purge(world, d["number"])
        elif d["number"] not in world.dossiers and nom != "autre_demarche":
            world.add_dossier(_dossier_cache(world, A, nom, d))
    world.dossiers[24100013].labels.append(world.demarches[A].labels[0].number)


def _lit_un_dossier(c: Any) -> bool:
    """Say whether an exchange reads one dossier whole, before anything changed (orders under 100)."""
    corps = c.corps if isinstance(c.corps, dict) else {}
    return corps.get("operationName") == "getDossier" and c.ordre < 100 and bool(c.reponse.get("data"))


def _purge(world: World, number: int) -> None:
    (ligne,) = reponse("recordings", "deleted_all")["demarche"]["deletedDossiers"]["nodes"]
    world.demarches[A].supprimes.append(
        Suppression(
            row=numero(ligne["id"]),
            number=number,
            state=ligne["state"],
            reason=ligne["reason"],
            deleted_at=_sur(ligne["dateSupression"]),
            groupe=171001,
        )
    )


def _dossier_cache(world: World, demarche: int, nom: str, d: dict[str, Any]) -> DossierMonde:
    """Give a dossier of which only the outside is known: a draft, or one in a bin."""
    groupes = {g.label: g.number for g in world.demarches[demarche].groupes}
    maj = instant(d.get("updated_at"))
    depot = instant(d["depose_at"])
    creation = depot or maj or _sur("2026-11-01T00:00:00+01:00")
    dossier = DossierMonde(
        number=d["number"],
        demarche=demarche,
        revision=world.demarches[demarche].active,
        state=d["state"],
        usager=Usager(number=d["number"], email="usager@exemple.fr"),
        demandeur=PersonnePhysique(nom="ABSENT", prenom="Camille"),
        groupe=groupes.get(d["groupe"], world.demarches[demarche].groupes[0].number),
        created_at=creation,
        depose_at=depot,
        updated_at=maj or creation,
        en_construction_at=depot,
    )
    if "supprime" in nom:
        _met_en_corbeille(dossier)
    return dossier


def _met_en_corbeille(dossier: DossierMonde) -> None:
    lignes = [
        *reponse("recordings", "deleted_all")["demarche"]["pendingDeletedDossiers"]["nodes"],
        *reponse("recordings_ars", "ars_deleted")["demarche"]["pendingDeletedDossiers"]["nodes"],
    ]
    ligne = next(x for x in lignes if x["number"] == dossier.number)
    dossier.motif_suppression = ligne["reason"]
    if ligne["reason"] == "user_request":
        dossier.cache_par_usager_at = _sur(ligne["dateSupression"])
    else:
        dossier.cache_par_administration_at = _sur(ligne["dateSupression"])


def _autre() -> DemarcheMonde:
    return _vide(AUTRE, "Démarche d'un autre administrateur", "défaut")


def _volumineuse() -> DemarcheMonde:
    return _vide(VOLUMINEUSE, "Démarche volumineuse", "défaut")


def _vide(number: int, titre: str, groupe: str) -> DemarcheMonde:
    debut = _sur("2026-09-02T09:00:00+02:00")
    revision = Revision(number=number * 10, created_at=debut, published_at=debut, champs=())
    return DemarcheMonde(
        number=number,
        title=titre,
        date_creation=debut,
        date_publication=debut,
        updated_at=debut,
        revisions=[revision],
        active=revision.number,
        groupes=[Groupe(number=number + 100_000, label=groupe)],
    )


def _peuple_autre(world: World) -> None:
    d = monde("world.json")["dossiers"]["autre_demarche"]
    world.add_dossier(_dossier_cache(world, AUTRE, "autre", {**d, "groupe": "défaut"}))


def _peuple_volumineuse(world: World) -> None:
    debut = reponse("recordings", "page_default_size")["demarche"]["dossiers"]["nodes"]
    fin = reponse("recordings", "page_last_200")["demarche"]["dossiers"]["nodes"]
    for n in {x["number"]: x for x in (*debut, *fin)}.values():
        nu = {**n, "depose_at": n["dateDepot"], "updated_at": n["dateDerniereModification"], "groupe": "défaut"}
        world.add_dossier(_dossier_cache(world, VOLUMINEUSE, "volume", nu))


def _peuple_ars(world: World, agents: dict[str, Instructeur]) -> None:
    for page in range(1, 6):
        for nu in reponse("recordings_ars", f"ars_dossiers_page_{page}")["demarche"]["dossiers"]["nodes"]:
            world.add_dossier(_dossier(world, ARS, nu, agents))
    for nom, d in monde("world_ars.json")["dossiers"].items():
        if d["number"] not in world.dossiers:
            maj = d["depose_at"] or "2026-11-01 09:00:00 +0100"
            cache = _dossier_cache(world, ARS, nom, {**d, "updated_at": maj})
            world.add_dossier(cache)


def _dossier(world: World, demarche: int, d: dict[str, Any], agents: dict[str, Instructeur]) -> DossierMonde:
    chez = world.demarches[demarche]
    revision = chez.revision(numero(d["demarche"]["revision"]["id"]))
    depot = _sur(d["dateDepot"])
    dossier = DossierMonde(
        number=d["number"],
        demarche=demarche,
        revision=revision.number,
        state=d["state"],
        usager=_usager(d),
        demandeur=_demandeur(d["demandeur"]),
        groupe=d["groupeInstructeur"]["number"],
        created_at=depot - timedelta(days=1),
        depose_at=depot,
        updated_at=_sur(d["dateDerniereModification"]),
        en_construction_at=instant(d["datePassageEnConstruction"]),
        en_instruction_at=instant(d["datePassageEnInstruction"]),
        processed_at=instant(d["dateTraitement"]),
        champs_at=instant(d["dateDerniereModificationChamps"]),
        annotations_at=instant(d["dateDerniereModificationAnnotations"]),
        archived=d["archived"],
        motivation=d["motivation"],
        justificatif=_fichier(world, d["motivationAttachment"]) if d["motivationAttachment"] else None,
        mandataire=(d["prenomMandataire"], d["nomMandataire"]) if d["deposeParUnTiers"] else None,
        suivi_par=[agents[i["email"]] for i in d["instructeurs"]],
        labels=[numero(x["id"]) for x in d.get("labels", ())],
        cache_par_usager_at=instant(d["dateSuppressionParUsager"]),
    )
    dossier.messages = [_message(world, m, agents) for m in d.get("messages", ())]
    dossier.traitements = [_traitement(t, revision, rang) for rang, t in enumerate(d["traitements"])]
    dossier.avis = [_avis(a, agents) for a in d.get("avis", ())]
    dossier.contenu = _contenu(world, revision, d)
    return dossier


def _usager(d: dict[str, Any]) -> Usager:
    identifiant = d["usager"].get("id")
    supprime = d["connectionUsager"] == "deleted"
    number = numero(identifiant) if identifiant and not supprime else d["number"]
    connexion = "password" if supprime else d["connectionUsager"]
    return Usager(number=number, email=d["usager"]["email"], connexion=connexion, supprime=supprime)


def _demandeur(d: dict[str, Any]) -> PersonneMorale | PersonnePhysique:
    match d["__typename"]:
        case "PersonnePhysique":
            return PersonnePhysique(nom=d["nom"], prenom=d["prenom"], civilite=d["civilite"], email=d["email"])
        case "PersonneMoraleIncomplete":
            return PersonneMorale(siret=d["siret"], numero=numero(d["id"]), complet=False)
        case _:
            return _personne_morale(d)


def _personne_morale(d: dict[str, Any]) -> PersonneMorale:
    return PersonneMorale(
        siret=d["siret"],
        numero=numero(d["id"]) if "id" in d else 0,
        siege_social=d["siegeSocial"],
        naf=d["naf"],
        libelle_naf=d["libelleNaf"],
        adresse=_adresse(d["address"]),
        entreprise=_entreprise(d["entreprise"]) if d["entreprise"] else None,
        association=(d["association"]["rna"], d["association"]["titre"]) if d["association"] else None,
    )


def _entreprise(e: dict[str, Any]) -> Entreprise:
    return Entreprise(
        siren=e["siren"],
        raison_sociale=e["raisonSociale"],
        nom_commercial=e["nomCommercial"],
        forme_juridique=e["formeJuridique"],
        forme_juridique_code=e["formeJuridiqueCode"],
        siret_siege_social=e["siretSiegeSocial"],
        code_effectif=e["codeEffectifEntreprise"],
        date_creation=date.fromisoformat(e["dateCreation"]) if e["dateCreation"] else None,
        etat_administratif=e["etatAdministratif"],
        enseigne=e["enseigne"],
        inline_adresse=e["inlineAdresse"],
        capital_social=e["capitalSocial"],
    )


def _adresse(a: dict[str, Any]) -> Adresse:
    point = a.get("geometry")
    return Adresse(
        label=a["label"],
        type=a["type"],
        street_address=a["streetAddress"],
        street_number=a["streetNumber"],
        street_name=a["streetName"],
        postal_code=a["postalCode"],
        city_name=a["cityName"],
        city_code=a["cityCode"],
        department_name=a["departmentName"],
        department_code=a["departmentCode"],
        region_name=a["regionName"],
        region_code=a["regionCode"],
        country_name=a.get("countryName", "France"),
        country_code=a.get("countryCode", "FR"),
        longitude=point["coordinates"][0] if point else None,
        latitude=point["coordinates"][1] if point else None,
    )


def _message(world: World, m: dict[str, Any], agents: dict[str, Instructeur]) -> Message:
    auteur = agents.get(m["email"])
    created = _sur(m["createdAt"])
    correction = m["correction"]
    return Message(
        number=numero(m["id"]),
        email=m["email"],
        body=m["body"],
        created_at=created,
        discarded_at=instant(m.get("discardedAt")),
        pieces=[_fichier(world, f) for f in m["attachments"]],
        correction=Correction(
            reason=correction["reason"], created_at=created, resolved_at=instant(correction["dateResolution"])
        )
        if correction
        else None,
        instructeur=auteur.number if auteur else None,
    )


def _traitement(t: dict[str, Any], revision: Revision, rang: int) -> Traitement:
    return Traitement(
        number=numero(t["id"]) if "id" in t else rang,
        event=t["event"],
        date=_sur(t["dateTraitement"]),
        email=t["emailAgentTraitant"],
        motivation=t["motivation"],
        revision=revision.number,
    )


def _avis(a: dict[str, Any], agents: dict[str, Instructeur]) -> AvisMonde:
    return AvisMonde(
        number=numero(a["id"]),
        question=a["question"],
        reponse=a["reponse"],
        claimant=agents.get((a.get("claimant") or {}).get("email", "")),
        expert=None,
        created_at=_sur(a["dateQuestion"]),
        updated_at=_sur(a["dateReponse"]),
    )


def _fichier(world: World, f: dict[str, Any]) -> Fichier:
    fichier = Fichier(
        filename=f["filename"],
        content_type=f["contentType"],
        taille=int(f.get("byteSizeBigInt") or f["byteSize"]),
        checksum=f["checksum"],
        created_at=_sur(f["createdAt"]),
        virus=f["virusScanResult"],
    )
    return world.store_blob(fichier)


# --- values


def _contenu(world: World, revision: Revision, d: dict[str, Any]) -> Contenu:
    valeurs: dict[tuple[int, str], Valeur] = {}
    rangs: dict[int, list[str]] = {}
    for champ in (*d["champs"], *d["annotations"]):
        stable_id = numero(champ["champDescriptorId"])
        if champ["__typename"] == "RepetitionChamp":
            for ligne in champ["rows"]:
                rang = cle(ligne["id"])
                rangs.setdefault(stable_id, []).append(rang)
                for inner in ligne["champs"]:
                    _range(world, revision, valeurs, inner, rang)
        elif champ["__typename"] != "HeaderSectionChamp":
            _range(world, revision, valeurs, champ, "")
    return valeurs, rangs


def _range(
    world: World, revision: Revision, valeurs: dict[tuple[int, str], Valeur], champ: dict[str, Any], rang: str
) -> None:
    stable_id = numero(champ["champDescriptorId"])
    prive = stable_id in revision.prives
    valeurs[stable_id, rang] = Valeur(
        valeur=_valeur(world, champ, revision.par_id[stable_id].type),
        updated_at=_sur(champ["updatedAt"]),
        updated_by=ADMIN if prive else None,
    )


def _valeur(world: World, c: dict[str, Any], sorte: str) -> Any:
    lecture = LECTURES.get(sorte)
    if lecture:
        return lecture(world, c)
    return c["value"] if "value" in c else c["stringValue"] or None


def _premier(c: dict[str, Any], *noms: str) -> Any:
    return next(c[n] for n in noms if n in c)


def _entier(_: World, c: dict[str, Any]) -> int | None:
    lu = _premier(c, "integerNumber", "integer")
    return None if lu is None else int(lu)


def _decimal(_: World, c: dict[str, Any]) -> Decimal | None:
    return Decimal(c["stringValue"]) if c["stringValue"] else None


def _jour(_: World, c: dict[str, Any]) -> date | None:
    return date.fromisoformat(c["date"]) if c["date"] else None


def _code(c: dict[str, Any] | None) -> Code | None:
    return Code(name=c["name"], code=c["code"]) if c else None


def _commune(_: World, c: dict[str, Any]) -> Commune | None:
    lue = c["commune"]
    if lue is None:
        return None
    departement = _code(c["departement"])
    return Commune(name=lue["name"], code=lue["code"], postal_code=lue["postalCode"], departement=departement)


def _siret(_: World, c: dict[str, Any]) -> PersonneMorale | str | None:
    return _personne_morale(c["etablissement"]) if c["etablissement"] else c["stringValue"] or None


def _pieces(world: World, c: dict[str, Any]) -> list[Fichier]:
    """Give the files shown, and one that is not: its champ says that there is something in it."""
    if not c["files"] and c["stringValue"] is None:
        return [world.store_blob(Fichier(filename="cv.pdf", virus="infected", taille=68))]
    return [_fichier(world, f) for f in c["files"]]


LECTURES: dict[str, Callable[[World, dict[str, Any]], Any]] = {
    "integer_number": _entier,
    "decimal_number": _decimal,
    "date": _jour,
    "datetime": lambda _, c: instant(c["datetime"]),
    "yes_no": lambda _, c: c["selected"],
    "checkbox": lambda _, c: c["checked"],
    "drop_down_list": lambda _, c: _premier(c, "value", "choice"),
    "multiple_drop_down_list": lambda _, c: c["values"],
    "address": lambda _, c: _adresse(c["address"]) if c["address"] else None,
    "communes": _commune,
    "regions": lambda _, c: _code(c["region"]),
    "siret": _siret,
    "dossier_link": lambda _, c: int(c["stringValue"]) if c["stringValue"] else None,
    "piece_justificative": _pieces,
}
