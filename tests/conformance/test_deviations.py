"""A sandbox that departs from the real server is caught: each planted deviation makes some recorded call differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from mondes import construit
from references import presentes
from rejeu import DEBUT, Rejeu

from connector.sandbox import actes, dates, echange, ecriture, lecture, moteur, pagination, rendu, saisie, server
from connector.sandbox.liens import Signataire
from connector.sandbox.requete import Requete
from connector.sandbox.server import Sandbox
from connector.sandbox.world import Capacites, Descripteur, DossierMonde, Valeur, World

Plante = Callable[[pytest.MonkeyPatch], None]


def _code_faux(m: pytest.MonkeyPatch) -> None:
    from connector.sandbox.requete import introuvable

    m.setattr(lecture, "cache", introuvable)


def _message_sans_date(m: pytest.MonkeyPatch) -> None:
    ajoute = actes.ajoute_message

    def sans_date(world: World, dossier: DossierMonde, **k: Any) -> Any:
        avant = dossier.updated_at
        message = ajoute(world, dossier, **k)
        dossier.updated_at = avant
        return message

    m.setattr(actes, "ajoute_message", sans_date)


def _label_date(m: pytest.MonkeyPatch) -> None:
    m.setattr(ecriture, "_date_label", lambda requete, dossier: requete.monde.touch(dossier))


def _lot_atomique(m: pytest.MonkeyPatch) -> None:
    modifie = ecriture.modifier_annotations

    def atomique(requete: Any, entree: dict[str, Any], payload: str) -> dict[str, Any]:
        dossier = next(d for d in requete.monde.dossiers.values() if d.id == entree["dossierId"])
        valeurs, rangs = dossier.ecrit()
        avant = dict(valeurs), {k: list(v) for k, v in rangs.items()}
        fait = modifie(requete, entree, payload)
        if fait["errors"]:
            dossier.contenu = avant
            return {"annotations": [], "errors": fait["errors"]}
        return fait

    m.setitem(ecriture.ACTES, "dossierModifierAnnotations", atomique)


def _curseur_honnete(m: pytest.MonkeyPatch) -> None:
    lit = pagination.lit_curseur

    def honnete(texte: str) -> Any:
        lu = lit(texte)
        if texte and lu is None:
            raise pagination.ArgumentsIncompatibles("Invalid cursor")
        return lu

    m.setattr(pagination, "lit_curseur", honnete)


def _retry_after(m: pytest.MonkeyPatch) -> None:
    depassee = echange.Limite.depassee

    def avec(now: Any) -> Any:
        reponse = depassee(now)
        return dataclasses.replace(reponse, entetes={**reponse.entetes, "Retry-After": "30"})

    m.setattr(echange.Limite, "depassee", staticmethod(avec))


def _types_toujours_vrais(m: pytest.MonkeyPatch) -> None:
    m.setattr(rendu, "REPLIS", {})


def _page_sans_limite(m: pytest.MonkeyPatch) -> None:
    m.setattr(pagination, "TAILLE_MAX", 200)


def _page_vide_finale(m: pytest.MonkeyPatch) -> None:
    pagine = lecture.pagine

    def finale(*a: Any) -> Any:
        page = pagine(*a)
        return page if page.lignes else dataclasses.replace(page, apres=False)

    m.setattr(lecture, "pagine", finale)


def _heures_utc(m: pytest.MonkeyPatch) -> None:
    def utc(instant: Any) -> str:
        return instant.astimezone(UTC).replace(microsecond=0).isoformat()

    m.setattr(lecture, "ecrit_instant", utc)
    m.setattr(rendu, "ecrit_instant", utc)


def _apostrophe(m: pytest.MonkeyPatch) -> None:
    annotation = ecriture._annotation

    def droite(*a: Any) -> Any:
        try:
            return annotation(*a)
        except saisie.SaisieRefusee as refusee:
            raise saisie.SaisieRefusee(str(refusee).replace("‘", "’")) from refusee

    m.setattr(ecriture, "_annotation", droite)


def _espace_secable(m: pytest.MonkeyPatch) -> None:
    m.setitem(ecriture.ETATS, "en_instruction", "en instruction")


def _correction_refusee(m: pytest.MonkeyPatch) -> None:
    m.setattr(Capacites, "__init__", _capacites(erreurs_correction=True))


def _capacites(**forcees: Any) -> Any:
    vrai = Capacites.__init__

    def init(self: Capacites, **k: Any) -> None:
        vrai(self, **{**k, **forcees})

    return init


def _conditionnels_visibles(m: pytest.MonkeyPatch) -> None:
    m.setattr(Descripteur, "visible", lambda *_: True)


def _brouillon_visible(m: pytest.MonkeyPatch) -> None:
    lit = DossierMonde.lit
    m.setattr(DossierMonde, "lit", lambda self: self.tampon or lit(self))


def _degrade_cache(m: pytest.MonkeyPatch) -> None:
    vraie = rendu.personne_morale

    def complete(valeur: Any) -> dict[str, Any]:
        return {"siegeSocial": True, "libelleNaf": "", "address": {"label": ""}, **vraie(valeur)}

    m.setattr(lecture, "personne_morale", complete)


def _infectes_montres(m: pytest.MonkeyPatch) -> None:
    def pieces(lecteur: Any, lu: dict[str, Any], valeur: Any, _: Any) -> None:
        lu["stringValue"] = None if valeur else ""
        lu["files"] = [rendu.fichier(lecteur.requete, f) for f in valeur or ()]

    m.setitem(rendu.RENDUS, "piece_justificative", pieces)


def _purge_par_numero(m: pytest.MonkeyPatch) -> None:
    ligne = lecture.ligne_purge
    m.setattr(lecture, "ligne_purge", lambda s: {**ligne(s), "id": lecture.node_id("DeletedDossier", s.number)})


def _transitions_verrouillees(m: pytest.MonkeyPatch) -> None:
    passe = actes.passe_en_instruction

    def verrouillee(world: World, dossier: DossierMonde, agent: Any) -> None:
        if dossier.state == "en_instruction":
            raise ecriture.Refus("Le dossier est déjà en\xa0instruction")
        passe(world, dossier, agent)

    m.setattr(actes, "passe_en_instruction", verrouillee)


def _annotation_datee(m: pytest.MonkeyPatch) -> None:
    ecrit = actes.ecrit_valeur

    def date_aussi(world: World, dossier: DossierMonde, *a: Any) -> bool:
        change = ecrit(world, dossier, *a)
        if change:
            dossier.annotations_at = world.now()
        return change

    m.setattr(actes, "ecrit_valeur", date_aussi)


def _meme_valeur_datee(m: pytest.MonkeyPatch) -> None:
    ecrit = actes.ecrit_valeur

    def date_toujours(world: World, dossier: DossierMonde, *a: Any) -> bool:
        world.touch(dossier)
        return ecrit(world, dossier, *a)

    m.setattr(actes, "ecrit_valeur", date_toujours)


def _expire_403(m: pytest.MonkeyPatch) -> None:
    vraie = echange.erreur
    m.setattr(echange, "erreur", lambda statut, *a, **k: vraie(403 if statut == 401 else statut, *a, **k))


def _lecture_seule_en_tete(m: pytest.MonkeyPatch) -> None:
    from graphql import GraphQLError

    for nom, acte in list(ecriture.ACTES.items()):

        def refuse(requete: Any, *a: Any, acte: Any = acte) -> Any:
            if not requete.jeton or not requete.jeton.ecriture:
                raise GraphQLError(ecriture.LECTURE_SEULE)
            return acte(requete, *a)

        m.setitem(ecriture.ACTES, nom, refuse)
    from connector.sandbox.requete import Requete

    m.setattr(Requete, "ecriture", property(lambda _: True))


def _decimal_entier(m: pytest.MonkeyPatch) -> None:
    convertit = ecriture.convertit

    def entier(descripteur: Any, brute: Any) -> Any:
        valeur = convertit(descripteur, brute)
        return valeur.normalize() if descripteur.type == "decimal_number" else valeur

    m.setattr(ecriture, "convertit", entier)


def _requete_inconnue_400(m: pytest.MonkeyPatch) -> None:
    m.setattr(server, "erreur_interne", lambda: echange.erreur(400, "No query", "bad_request"))


def _depot_avec_modification(m: pytest.MonkeyPatch) -> None:
    filtre = lecture._filtre

    def les_deux(groupe: Any, **voulu: Any) -> Any:
        return filtre(groupe, **voulu)

    dossiers = lecture.dossiers

    def strict(source: Any, info: Any, **arguments: Any) -> Any:
        cree = arguments.get("createdSince")
        connexion = dossiers(source, info, **arguments)
        if cree and arguments.get("updatedSince"):
            limite = dates.lit_instant(cree)
            page = connexion.page
            gardees = tuple(d for d in page.lignes if d.depose_at >= limite)
            connexion._page = dataclasses.replace(page, lignes=gardees)
        return connexion

    m.setattr(lecture, "_filtre", les_deux)
    m.setitem(lecture.RESOLVEURS["Demarche"], "dossiers", strict)


def _toujours_par_modification(m: pytest.MonkeyPatch) -> None:
    m.setattr(lecture, "_par_depot", lecture._par_modification)


def _lignes_qui_datent(m: pytest.MonkeyPatch) -> None:
    ajoute = actes.ajoute_lignes

    def date_aussi(world: World, dossier: DossierMonde, *a: Any) -> Any:
        dossier.ecrit()[0][a[0], ""] = Valeur(valeur=None, updated_at=world.now())
        return ajoute(world, dossier, *a)

    m.setattr(actes, "ajoute_lignes", date_aussi)


def _droit_avant_etat(m: pytest.MonkeyPatch) -> None:
    charge = ecriture._dossier_et_agent

    def avec_droit(requete: Any, entree: Any, payload: str) -> Any:
        dossier, agent = charge(requete, entree, payload)
        ecriture._verifie_droit(requete, dossier, agent)
        return dossier, agent

    m.setattr(ecriture, "_dossier_et_agent", avec_droit)


def _premiere_erreur_seule(m: pytest.MonkeyPatch) -> None:
    repond = moteur.Moteur.repond

    def une(self: Any, *a: Any) -> Any:
        reponse = repond(self, *a)
        return {**reponse, "errors": reponse["errors"][:1]} if "errors" in reponse else reponse

    m.setattr(moteur.Moteur, "repond", une)


def _caracteres_gardes(m: pytest.MonkeyPatch) -> None:
    import re

    m.setattr(ecriture, "INVISIBLES", re.compile(r"(?!)"))


def _traitement_efface(m: pytest.MonkeyPatch) -> None:
    repasse = actes.repasse_en_instruction

    def efface(world: World, dossier: DossierMonde, agent: Any) -> None:
        repasse(world, dossier, agent)
        dossier.processed_at = None

    m.setattr(actes, "repasse_en_instruction", efface)


def _rebase_tout(m: pytest.MonkeyPatch) -> None:
    m.setattr(DossierMonde, "termine", property(lambda _: False))


def _siret_accepte(m: pytest.MonkeyPatch) -> None:
    m.setattr(ecriture, "_verifie_terminable", lambda *_: None)


def _suivi_repete_date(m: pytest.MonkeyPatch) -> None:
    m.setattr(actes, "suit", lambda *_: True)


def _correction_sans_retour(m: pytest.MonkeyPatch) -> None:
    m.setattr(actes, "repasse_en_construction", lambda *_: None)


def _message_sur_archive(m: pytest.MonkeyPatch) -> None:
    m.setattr(ecriture, "_verifie_message", lambda *_: None)


def _vingt_profondeurs(m: pytest.MonkeyPatch) -> None:
    m.setattr(moteur, "PROFONDEUR_MAX", 20)


def _anglais_ignore(m: pytest.MonkeyPatch) -> None:
    m.setattr(saisie.SaisieRefusee, "dans", lambda self, _: str(self))


def _cinq_cents_par_minute(m: pytest.MonkeyPatch) -> None:
    vrai = Sandbox.__init__

    def init(self: Sandbox, *a: Any, **k: Any) -> None:
        vrai(self, *a, **{**k, "limite": 500})

    m.setattr(Sandbox, "__init__", init)


DEVIATIONS: dict[Plante, str] = {
    _code_faux: "recordings",
    _message_sans_date: "recordings",
    _label_date: "recordings",
    _lot_atomique: "recordings",
    _curseur_honnete: "recordings",
    _retry_after: "recordings",
    _types_toujours_vrais: "recordings",
    _page_sans_limite: "recordings",
    _page_vide_finale: "recordings",
    _heures_utc: "recordings",
    _apostrophe: "recordings",
    _espace_secable: "recordings",
    _correction_refusee: "recordings",
    _conditionnels_visibles: "recordings_ars",
    _brouillon_visible: "recordings_ars",
    _degrade_cache: "recordings_ars",
    _infectes_montres: "recordings_ars",
    _purge_par_numero: "recordings",
    _transitions_verrouillees: "recordings",
    _annotation_datee: "recordings",
    _meme_valeur_datee: "recordings",
    _expire_403: "recordings",
    _lecture_seule_en_tete: "recordings",
    _decimal_entier: "recordings_ars",
    _requete_inconnue_400: "recordings",
    _depot_avec_modification: "recordings",
    _toujours_par_modification: "recordings",
    _lignes_qui_datent: "recordings",
    _droit_avant_etat: "recordings",
    _premiere_erreur_seule: "recordings_ars",
    _caracteres_gardes: "recordings",
    _traitement_efface: "recordings",
    _rebase_tout: "recordings",
    _siret_accepte: "recordings_ars",
    _suivi_repete_date: "recordings",
    _correction_sans_retour: "recordings",
    _message_sur_archive: "recordings",
    _vingt_profondeurs: "recordings",
    _anglais_ignore: "recordings",
    _cinq_cents_par_minute: "recordings",
}
"""What is planted, and the recordings that catch it."""


@pytest.fixture(autouse=True)
def _schemas_of_their_own():
    """A schema holds the resolvers that were there when it was built: neither from before, nor for afterwards."""
    moteur._schemas.cache_clear()
    yield
    moteur._schemas.cache_clear()


@presentes
@pytest.mark.parametrize("plante", DEVIATIONS, ids=lambda f: f.__name__.strip("_"))
def test_a_planted_deviation_is_caught(plante, monkeypatch):
    plante(monkeypatch)
    premiere = next((v for v in Rejeu(DEVIATIONS[plante]).verdicts() if v.etat == "differs"), None)
    assert premiere is not None


# --- what no recording shows: the same request sent twice is done twice (contract §5.0)


def _deux_fois_le_meme_message() -> int:
    """Send one message twice with the same `clientMutationId`; give how many there are."""
    monde = construit(lambda: DEBUT)
    requete = Requete(
        monde=monde, jeton=monde.jetons["write"], base="http://ici", signataire=Signataire(b"s", lambda: DEBUT)
    )
    entree = {"dossierId": monde.dossiers[24100004].id, "instructeurId": "SW5zdHJ1Y3RldXItNDEwMDM=", "body": "Une fois"}
    document = "mutation m($i: DossierEnvoyerMessageInput!) { dossierEnvoyerMessage(input: $i) { clientMutationId } }"
    for _ in range(2):
        fait = moteur.Moteur(Capacites()).repond(requete, document, {"i": {**entree, "clientMutationId": "un"}}, None)
        assert fait["data"]["dossierEnvoyerMessage"] == {"clientMutationId": "un"}
    return [m.body for m in monde.dossiers[24100004].messages].count("Une fois")


@presentes
def test_deduplicating_by_client_mutation_id_is_caught(monkeypatch):
    assert _deux_fois_le_meme_message() == 2
    vus: dict[str, Any] = {}
    envoie = ecriture.ACTES["dossierEnvoyerMessage"]

    def une_fois(requete: Any, entree: dict[str, Any], payload: str) -> Any:
        cle = entree["clientMutationId"]
        if cle not in vus:
            vus[cle] = envoie(requete, entree, payload)
        return dict(vus[cle])

    monkeypatch.setitem(ecriture.ACTES, "dossierEnvoyerMessage", une_fois)
    assert _deux_fois_le_meme_message() == 1
