"""What can be read, by whom and when, beyond what the recordings show (contract §3, §4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from petit_monde import ANNOTATIONS, CHAMPS, NORD, Appelant, depose

from connector.sandbox import scenario
from connector.sandbox.world import (
    AvisMonde,
    Descripteur,
    DossierMonde,
    Fichier,
    PersonneMorale,
    Service,
    Valeur,
    node_id,
)

PAGE = """
query p($first: Int, $last: Int, $after: String, $before: String, $us: ISO8601DateTime, $order: Order, $rev: ID) {
  demarche(number: 500) {
    dossiers(
      first: $first, last: $last, after: $after, before: $before, updatedSince: $us, order: $order, revision: $rev
    ) { pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { number } }
  }
}
"""
CORBEILLE = """
{ demarche(number: 500) {
    pendingDeletedDossiers { nodes { id number state reason dateSupression } }
    deletedDossiers { nodes { id number state reason dateSupression } }
} }
"""


def page(appel, **arguments):
    lue = appel(PAGE, **arguments)["data"]["demarche"]["dossiers"]
    return [n["number"] for n in lue["nodes"]], lue["pageInfo"]


def numeros(monde, horloge, combien):
    faits = []
    for _ in range(combien):
        horloge.avance(milliseconds=1)
        faits.append(depose(monde).number)
    return faits


def test_a_walk_by_modification_sees_again_what_changed_and_loses_nothing(appel, monde, horloge):
    tous = numeros(monde, horloge, 5)
    vus, suite = page(appel, first=2, us="1970-01-01T00:00:00Z")
    horloge.avance(seconds=1)
    scenario.usager_corrige(monde, tous[0], {"Nom": "Autre"})
    while suite["hasNextPage"]:
        encore, suite = page(appel, first=2, us="1970-01-01T00:00:00Z", after=suite["endCursor"])
        vus += encore
    assert vus == [*tous, tous[0]]


def test_dossiers_of_the_same_microsecond_are_told_apart_by_their_number(appel, monde):
    tous = [depose(monde).number for _ in range(4)]
    premiers, suite = page(appel, first=2)
    assert premiers + page(appel, first=2, after=suite["endCursor"])[0] == tous


def test_a_backward_walk_meets_the_same_dossiers(appel, monde, horloge):
    tous = numeros(monde, horloge, 5)
    derniers, debut = page(appel, last=2)
    assert derniers == tous[3:]
    assert debut["hasPreviousPage"]
    assert not debut["hasNextPage"]
    avant, _ = page(appel, last=2, before=debut["startCursor"])
    assert avant == tous[1:3]


def test_a_size_beyond_what_is_possible_is_brought_back_in_silence(appel, monde, horloge):
    numeros(monde, horloge, 3)
    assert len(page(appel, first=1000)[0]) == 3
    assert page(appel, first=-1)[0] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 1, "last": 1}, 'Arguments "first" and "last" are exclusive'),
        ({"last": 1, "order": "DESC"}, 'Argument "last" is not supported with order "desc"'),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(appel, arguments, message):
    corps = appel(PAGE, **arguments)
    assert corps["data"] is None
    assert corps["errors"][0]["message"] == message
    assert corps["errors"][0]["extensions"] == {"code": "bad_request"}


def test_an_unknown_revision_is_not_found_by_the_name_of_the_list(appel, monde):
    dossier = depose(monde)
    assert page(appel, rev=monde.revision_de(dossier).id)[0] == [dossier.number]
    corps = appel(PAGE, rev=node_id("ProcedureRevision", 1))
    assert corps["errors"][0]["message"] == "DossierConnection not found"


# --- bins, expiry, purge


def lit_corbeille(appel):
    lue = appel(CORBEILLE)["data"]["demarche"]
    return lue["pendingDeletedDossiers"]["nodes"], lue["deletedDossiers"]["nodes"]


def test_a_dossier_in_its_usagers_bin_is_listed_then_purged_back_dated(appel, monde, horloge):
    dossier = depose(monde)
    jour = horloge.avance(days=1)
    scenario.usager_supprime(monde, dossier.number)
    assert appel("query d($n: Int!) { dossier(number: $n) { id } }", n=dossier.number)["data"] is None
    (attente,), aucune = lit_corbeille(appel)
    assert (attente["number"], attente["reason"], aucune) == (dossier.number, "user_request", [])
    assert attente["id"] == node_id("DeletedDossier", dossier.number)
    horloge.avance(days=13)
    assert scenario.purge(monde) == []
    horloge.avance(days=1)
    assert [s.number for s in scenario.purge(monde)] == [dossier.number]
    assert scenario.purge(monde) == []
    rien, (ligne,) = lit_corbeille(appel)
    assert (rien, ligne["number"]) == ([], dossier.number)
    assert ligne["dateSupression"][:10] == f"{jour:%Y-%m-%d}"
    assert ligne["id"] != attente["id"]


def test_a_restored_dossier_comes_back_modified(appel, monde, horloge):
    dossier = depose(monde)
    scenario.usager_supprime(monde, dossier.number)
    horloge.avance(seconds=5)
    scenario.usager_restaure(monde, dossier.number)
    assert page(appel)[0] == [dossier.number]
    assert dossier.updated_at == horloge()


def test_an_expired_dossier_is_in_no_list_for_two_weeks(appel, monde, horloge):
    dossier = depose(monde)
    scenario.expire(monde, dossier.number)
    assert page(appel)[0] == []
    assert lit_corbeille(appel) == ([], [])
    horloge.avance(days=14)
    scenario.purge(monde)
    _, (ligne,) = lit_corbeille(appel)
    assert ligne["reason"] == "expired"


def test_a_decided_dossier_binned_by_its_usager_stays_and_is_purged_with_both_bins(appel, monde, horloge):
    dossier = depose(monde)
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    scenario.instructeur_decide(monde, dossier.number, "refuse", motivation="Non")
    scenario.usager_supprime(monde, dossier.number)
    assert page(appel)[0] == [dossier.number]
    horloge.avance(days=20)
    assert scenario.purge(monde) == []
    scenario.administration_supprime(monde, dossier.number)
    assert page(appel)[0] == []
    horloge.avance(days=14)
    (ligne,) = scenario.purge(monde)
    assert (ligne.reason, ligne.deleted_at) == ("instructeur_request", horloge())


# --- champs


def lit_champs(appel, dossier, corps="__typename label stringValue"):
    query = f"query d($n: Int!) {{ dossier(number: $n) {{ champs {{ {corps} }} }} }}"
    return appel(query, n=dossier.number)["data"]["dossier"]["champs"]


def test_a_conditional_champ_is_hidden_until_its_condition_holds(appel, monde):
    dossier = depose(monde, valeurs={"Type": "Neuf", "Date de report": date(2026, 5, 1)})
    assert "Date de report" not in {c["label"] for c in lit_champs(appel, dossier)}
    scenario.usager_corrige(monde, dossier.number, {"Type": "Report"})
    report = next(c for c in lit_champs(appel, dossier) if c["label"] == "Date de report")
    assert report["stringValue"] == "01 mai 2026"


def test_a_type_falls_back_when_no_fragment_names_it_even_under_a_false_include(appel, monde):
    dossier = depose(monde, valeurs={"Dérogation": None})
    nus = {c["label"]: c["__typename"] for c in lit_champs(appel, dossier)}
    assert (nus["Type"], nus["Dérogation"], nus["Le poste"]) == ("TextChamp", "CheckboxChamp", "TextChamp")
    corps = "__typename label ... on YesNoChamp @include(if: false) { value }"
    assert {c["label"]: c["__typename"] for c in lit_champs(appel, dossier, corps)}["Dérogation"] == "YesNoChamp"


def test_what_a_usager_types_without_submitting_is_not_seen_and_modifies_the_dossier(appel, monde, horloge):
    dossier = depose(monde)
    horloge.avance(seconds=5)
    scenario.usager_modifie_sans_soumettre(monde, dossier.number, {"Nom": "Autre"})
    assert {c["label"]: c["stringValue"] for c in lit_champs(appel, dossier)}["Nom"] == "Weiss"
    assert dossier.updated_at == horloge()
    submis = horloge.avance(seconds=5)
    scenario.usager_corrige(monde, dossier.number)
    assert {c["label"]: c["stringValue"] for c in lit_champs(appel, dossier)}["Nom"] == "Autre"
    assert (dossier.champs_at, dossier.lit()[0][3, ""].updated_at) == (submis, submis)


def test_rows_of_a_repetition_are_replaced_by_the_usagers(appel, monde):
    lieux = [{"Structure": "MSP A"}, {"Structure": "MSP B"}]
    dossier = depose(monde, valeurs={"Lieux": lieux})
    corps = "... on RepetitionChamp { rows { id champs { id label stringValue } } }"
    rows = next(c["rows"] for c in lit_champs(appel, dossier, corps) if c.get("rows"))
    assert [r["champs"][0]["stringValue"] for r in rows] == ["MSP A", "MSP B"]
    scenario.usager_corrige(monde, dossier.number, {"Lieux": [{"Structure": "MSP C"}]})
    (row,) = next(c["rows"] for c in lit_champs(appel, dossier, corps) if c.get("rows"))
    assert row["champs"][0]["stringValue"] == "MSP C"
    assert not any(c[0] == 7 and v.valeur != "MSP C" for c, v in dossier.lit()[0].items())


def test_an_infected_file_leaves_the_list_with_no_date_moved(appel, monde):
    fichier = Fichier.de("cv.pdf", b"EICAR", virus="pending")
    dossier = depose(monde, valeurs={"CV": [fichier]})
    avant = dossier.updated_at
    corps = "... on PieceJustificativeChamp { stringValue files { virusScanResult } }"
    assert next(c for c in lit_champs(appel, dossier, corps) if c)["files"] == [{"virusScanResult": "pending"}]
    scenario.antivirus_rend(monde, fichier, "infected")
    assert next(c for c in lit_champs(appel, dossier, corps) if c) == {"stringValue": None, "files": []}
    assert dossier.updated_at == avant


def test_a_link_is_null_out_of_sight_and_an_error_out_of_scope(appel, monde):
    cache, ailleurs = depose(monde), depose(monde, demarche=600)
    scenario.administration_supprime(monde, cache.number)
    corps = "... on DossierLinkChamp { stringValue dossier { number } }"
    for cible, erreurs in ((cache.number, 0), (999_999, 0), (ailleurs.number, 1)):
        dossier = depose(monde, valeurs={"Dossier lié": cible})
        query = f"query d($n: Int!) {{ dossier(number: $n) {{ number champs {{ {corps} }} }} }}"
        lu = appel(query, n=dossier.number)
        assert [c for c in lu["data"]["dossier"]["champs"] if c] == [{"stringValue": str(cible), "dossier": None}]
        assert len(lu.get("errors", ())) == erreurs


def test_a_degraded_company_nulls_its_dossier_unless_the_document_names_its_type(appel, monde):
    dossier = depose(monde, demandeur=PersonneMorale(siret="26370010600010", complet=False))
    corps = "__typename ... on PersonneMorale { siegeSocial } "
    query = "query d($n: Int!) { dossier(number: $n) { demandeur { DEMANDEUR } } }"
    nulle = appel(query.replace("DEMANDEUR", corps), n=dossier.number)
    assert (nulle["data"], nulle["errors"][0]["extensions"]["code"]) == (None, "invalid_null")
    corps += "... on PersonneMoraleIncomplete { siret }"
    entier = appel(query.replace("DEMANDEUR", corps), n=dossier.number)
    assert entier["data"]["dossier"]["demandeur"]["siret"] == "26370010600010"


# --- revisions


def test_undecided_dossiers_follow_a_publication_half_a_minute_later_with_no_date_moved(appel, monde, horloge):
    suit, decide = depose(monde), depose(monde)
    scenario.instructeur_passe_en_instruction(monde, decide.number)
    scenario.instructeur_decide(monde, decide.number, "accepte")
    avant = suit.updated_at
    champs = (*CHAMPS[:2], Descripteur(stable_id=3, type="integer_number", label="Nombre"), *CHAMPS[3:])
    publiee = scenario.administration_publie_revision(monde, 500, champs=champs)
    assert "Nom" in {c["label"] for c in lit_champs(appel, suit)}
    horloge.avance(seconds=31)
    assert "Nombre" in {c["label"] for c in lit_champs(appel, suit)}
    assert (suit.revision, decide.revision, suit.updated_at) == (publiee.number, 5000, avant)
    assert (3, "") not in suit.lit()[0], "un champ dont le type change perd sa valeur"


def test_a_draft_is_what_gets_published_and_another_takes_its_place(monde):
    chez = monde.demarches[500]
    scenario.administration_publie_revision(monde, 500)
    active = chez.revision_active
    chez.revisions.append(scenario._brouillon_de(active, monde.now()))
    publiee = scenario.administration_publie_revision(monde, 500)
    assert (publiee.number, chez.revisions[-1].published_at) == (active.number + 1, None)
    assert chez.revisions[-1].number == publiee.number + 1


# --- scope, public face


def test_the_public_face_of_a_demarche_is_anyones_only_if_it_is_open(bac, monde):
    ailleurs = "query d($n: Int!) { demarcheDescriptor(demarche: {number: $n}) { title revision { id } } }"
    appel = Appelant(bac)
    assert appel(ailleurs, n=500)["data"]["demarcheDescriptor"]["title"] == "Assistants partagés"
    ferme = appel(ailleurs, n=600)
    assert ferme["errors"][0]["extensions"]["code"] == "unauthorized"
    assert appel(ailleurs, n=1)["errors"][0]["message"] == "DemarcheDescriptor not found"


def test_annotations_are_not_described_to_those_who_do_not_administer_the_demarche(appel, monde):
    monde.demarches[600].opendata = True
    query = (
        "query d($n: Int!) { demarcheDescriptor(demarche: {number: $n}) "
        "{ revision { champDescriptors { id } annotationDescriptors { id } } } }"
    )
    formes = {n: appel(query, n=n)["data"]["demarcheDescriptor"]["revision"] for n in (500, 600)}
    assert len(formes[500]["annotationDescriptors"]) == len(ANNOTATIONS)
    assert (len(formes[600]["champDescriptors"]), formes[600]["annotationDescriptors"]) == (len(CHAMPS), [])


def test_a_group_lists_its_own_dossiers(appel, monde):
    depose(monde)
    sud = depose(monde, groupe=502)
    lu = appel("{ groupeInstructeur(number: 502) { label dossiers { nodes { number } } } }")
    assert lu["data"]["groupeInstructeur"] == {"label": "Sud", "dossiers": {"nodes": [{"number": sud.number}]}}
    assert appel("{ groupeInstructeur(number: 602) { id } }")["errors"][0]["extensions"]["code"] == "unauthorized"


# --- dossiers generated when read


def test_a_generated_dossier_is_read_anew_until_someone_writes_to_it(appel, monde, horloge):
    lectures = []

    def genere(number):
        lectures.append(number)
        return {(3, ""): Valeur(valeur=f"Nom {number}", updated_at=horloge())}, {}

    modele = depose(monde)
    dossier = monde.add_dossier(
        DossierMonde(
            number=900_001,
            demarche=500,
            revision=modele.revision,
            state="en_construction",
            usager=modele.usager,
            demandeur=modele.demandeur,
            groupe=501,
            created_at=horloge(),
            depose_at=horloge(),
            updated_at=horloge() + timedelta(seconds=1),
            en_construction_at=horloge(),
            genere=genere,
        )
    )
    assert {c["label"]: c["stringValue"] for c in lit_champs(appel, dossier)}["Nom"] == "Nom 900001"
    assert (lectures, dossier.contenu) == ([900_001], None)
    scenario.instructeur_annote(monde, 900_001, {"Synthèse": "vu"})
    lit_champs(appel, dossier)
    assert len(lectures) == 2
    assert ANNOTATIONS[0].stable_id in {c[0] for c in dossier.lit()[0]}


# --- what breaks the real server, and what comes by itself


def test_a_fragment_that_names_no_type_breaks_the_server(appel, dossier):
    query = "query d($n: Int!, $x: Boolean!) { dossier(number: $n) { id ... @include(if: $x) { state } } }"
    assert appel.brut(query, n=dossier.number, x=True).status_code == 500


def test_a_group_filtered_by_revision_breaks_the_server(appel, monde):
    revision = monde.demarches[500].revision_active.id
    query = "query g($r: ID) { groupeInstructeur(number: 501) { dossiers(revision: $r) { nodes { number } } } }"
    assert appel.brut(query, r=revision).status_code == 500


@pytest.mark.parametrize(("decision", "attestee"), [("accepte", True), ("refuse", True), ("classe_sans_suite", False)])
def test_an_attestation_appears_after_the_decision_with_no_date_moved(appel, monde, horloge, decision, attestee):
    monde.demarches[500].attestation = True
    dossier = depose(monde)
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    scenario.instructeur_decide(monde, dossier.number, decision, motivation="Vu")
    decide = dossier.updated_at
    query = "query d($n: Int!) { dossier(number: $n) { attestation { filename } } }"
    assert appel(query, n=dossier.number)["data"]["dossier"]["attestation"] is None
    horloge.avance(seconds=30)
    assert (appel(query, n=dossier.number)["data"]["dossier"]["attestation"] is not None) is attestee
    assert dossier.updated_at == decide


def test_identity_papers_are_erased_by_the_decision(monde):
    champs = (*CHAMPS, Descripteur(stable_id=20, type="titre_identite", label="Pièce d'identité"))
    scenario.administration_publie_revision(monde, 500, champs=champs)
    dossier = depose(monde, valeurs={"Pièce d'identité": True})
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    scenario.instructeur_decide(monde, dossier.number, "accepte")
    assert dossier.lit()[0][20, ""].valeur is None


def test_a_deleted_demarche_is_not_found_nor_are_its_dossiers(appel, monde, dossier):
    scenario.administration_supprime_demarche(monde, 500)
    assert appel("{ demarche(number: 500) { id } }")["errors"][0]["message"] == "Demarche not found"
    lu = appel("query d($n: Int!) { dossier(number: $n) { id } }", n=dossier.number)
    assert lu["errors"][0]["message"] == "Dossier not found"


def test_an_experts_opinion_shows_an_answer_date_even_unanswered(appel, monde, dossier):
    maintenant = monde.now()
    dossier.avis.append(
        AvisMonde(
            number=4, question="Votre avis ?", claimant=NORD, expert=None, created_at=maintenant, updated_at=maintenant
        )
    )
    query = "query d($n: Int!) { dossier(number: $n) { avis { question reponse dateReponse claimant { email } } } }"
    (lu,) = appel(query, n=dossier.number)["data"]["dossier"]["avis"]
    assert (lu["reponse"], lu["claimant"]) == (None, {"email": NORD.email})
    assert lu["dateReponse"]


def test_the_expiry_is_a_year_after_the_last_step_and_none_while_examined(appel, monde, dossier):
    query = "query d($n: Int!) { dossier(number: $n) { dateExpiration traitements { event revision { id } } } }"
    assert appel(query, n=dossier.number)["data"]["dossier"]["dateExpiration"] == "2027-03-02T10:00:00+01:00"
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    lu = appel(query, n=dossier.number)["data"]["dossier"]
    assert lu["dateExpiration"] is None
    assert lu["traitements"][0] == {"event": "depose", "revision": {"id": monde.revision_de(dossier).id}}


def test_a_demarche_tells_its_service_and_revisions(appel, monde):
    monde.demarches[500].service = Service(nom="Direction de l'offre de soins", organisme="ARS")
    query = "{ demarche(number: 500) { service { nom typeOrganisme } publishedRevision { id } draftRevision { id } } }"
    lu = appel(query)["data"]["demarche"]
    assert lu["service"] == {"nom": "Direction de l'offre de soins", "typeOrganisme": "administration_centrale"}
    assert lu["publishedRevision"] == lu["draftRevision"]
