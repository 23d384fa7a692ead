"""What is refused in a document or its variables, and in which words (contract §1.3)."""

from __future__ import annotations

import pytest

from connector.sandbox import moteur as moteurs
from connector.sandbox.liens import LienInvalide, Signataire
from connector.sandbox.moteur import Moteur
from connector.sandbox.requete import Requete
from connector.sandbox.validation import profondeur
from connector.sandbox.world import Capacites

SANS_SELECTION = (
    "Field must have selections (field 'demarche' returns Demarche but has no selections. "
    "Did you mean 'demarche { ... }'?)"
)


@pytest.fixture
def requete(monde, horloge):
    signataire = Signataire(b"secret", horloge)
    return Requete(monde=monde, jeton=monde.jetons["ecrit"], base="http://ici", signataire=signataire)


@pytest.fixture(scope="module")
def moteur():
    return Moteur(Capacites())


@pytest.mark.parametrize(
    ("document", "message", "code", "chemin"),
    [
        ("{ zut }", "Field 'zut' doesn't exist on type 'Query'", "undefinedField", ["query", "zut"]),
        (
            "query a { d: demarche(number: 1) { zut } }",
            "Field 'zut' doesn't exist on type 'Demarche'",
            "undefinedField",
            ["query a", "d", "zut"],
        ),
        (
            "{ demarche { id } }",
            "Field 'demarche' is missing required arguments: number",
            "missingRequiredArguments",
            ["query", "demarche"],
        ),
        (
            "{ demarche(number: 1, x: 2) { id } }",
            "Field 'demarche' doesn't accept argument 'x'",
            "argumentNotAccepted",
            ["query", "demarche", "x"],
        ),
        (
            '{ demarche(number: "a") { id } }',
            "Argument 'number' on Field 'demarche' has an invalid value (\"a\"). Expected type 'Int!'.",
            "argumentLiteralsIncompatible",
            ["query", "demarche", "number"],
        ),
        (
            "{ demarche(number: 1) }",
            SANS_SELECTION,
            "selectionMismatch",
            ["query", "demarche"],
        ),
        (
            "{ dossier(number: 1) { champs { ... on Zut { id } } } }",
            "No such type Zut, so it can't be a fragment condition",
            "undefinedType",
            ["query", "dossier", "champs", "... on Zut"],
        ),
        (
            "{ __typename } fragment F on Dossier { id }",
            "Fragment F was defined, but not used",
            "useAndDefineFragment",
            ["fragment F"],
        ),
        ("{ ...F }", "Fragment F was used, but not defined", "useAndDefineFragment", []),
        (
            "query a($n: Int) { __typename }",
            "Variable $n is declared by a but not used",
            "variableNotUsed",
            ["query a"],
        ),
        (
            "query a($n: Int) { demarche(number: $n) { id } }",
            "Nullability mismatch on variable $n and argument number (Int / Int!)",
            "variableMismatch",
            ["query a", "demarche", "number"],
        ),
        (
            "query a($n: String!) { demarche(number: $n) { id } }",
            "Type mismatch on variable $n and argument number (String! / Int!)",
            "variableMismatch",
            ["query a", "demarche", "number"],
        ),
        (
            "query a($n: Zut!) { demarche(number: $n) { id } }",
            "Zut isn't a defined input type (on $n)",
            "variableRequiresValidType",
            ["query a"],
        ),
        (
            "{ demarche(number: $n) { id } }",
            "Variable $n is used by anonymous query but not declared",
            "variableNotDefined",
            ["query"],
        ),
    ],
)
def test_a_wrong_document_is_refused_in_the_servers_words(moteur, requete, document, message, code, chemin):
    (faute,) = moteur.repond(requete, document, {}, None)["errors"]
    assert (faute["message"], faute["extensions"]["code"], faute["path"]) == (message, code, chemin)


def test_another_fault_is_told_in_the_executors_words(moteur, requete):
    reponse = moteur.repond(requete, "{ demarche(number: 1) { id { x } } }", {}, None)
    assert "data" not in reponse
    assert reponse["errors"][0]["message"]


def test_a_variable_used_in_a_fragment_is_used(moteur, requete):
    document = "query a($i: ID) { dossier(number: 1) { ...F } } fragment F on Dossier { champs(id: $i) { id } }"
    assert moteur.repond(requete, document, {}, None)["errors"][0]["message"] == "Dossier not found"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{ demarche(number: 1) { id }", 'Expected NAME, actual: (none) ("") at [1, 29]'),
        ("query (", 'Expected VAR_SIGN, actual: (none) ("") at [1, 8]'),
        ("query a { demarche(number 1) { id } }", 'Expected COLON, actual: INT ("1") at [1, 27]'),
    ],
)
def test_a_document_that_cannot_be_parsed_says_where(moteur, requete, document, message):
    (faute,) = moteur.repond(requete, document, {}, None)["errors"]
    assert faute["message"] == message
    assert faute["locations"]


def test_a_syntax_that_only_our_parser_words_is_refused_too(moteur, requete):
    (faute,) = moteur.repond(requete, '{ demarche(number: "', {}, None)["errors"]
    assert "Syntax Error" in faute["message"]


@pytest.mark.parametrize(
    ("sorte", "valeur", "explication"),
    [
        ("Int!", True, "Could not coerce value true to Int"),
        ("Int!", 2**31, "Could not coerce value 2147483648 to Int"),
        ("Int!", None, "Expected value to not be null"),
    ],
)
def test_a_wrong_variable_says_why(moteur, requete, sorte, valeur, explication):
    document = f"query a($n: {sorte}) {{ demarche(number: $n) {{ id }} }}"
    (faute,) = moteur.repond(requete, document, {"n": valeur}, None)["errors"]
    assert faute["message"] == f"Variable $n of type {sorte} was provided invalid value"
    assert faute["extensions"] == {"value": valeur, "problems": [{"path": [], "explanation": explication}]}


@pytest.mark.parametrize(
    ("valeur", "suite"),
    [
        ({}, " ('FindDemarcheInput' requires exactly one argument, but 0 were provided.)"),
        ({"number": 1, "id": "x"}, " ('FindDemarcheInput' requires exactly one argument, but 2 were provided.)"),
        ({"zut": 1}, "zut (Field is not defined on FindDemarcheInput)"),
        ("texte", ' (Expected "texte" to be a key-value object)'),
    ],
)
def test_a_wrong_object_says_where(moteur, requete, valeur, suite):
    document = "query a($f: FindDemarcheInput!) { demarcheDescriptor(demarche: $f) { id } }"
    (faute,) = moteur.repond(requete, document, {"f": valeur}, None)["errors"]
    problemes = faute["extensions"]["problems"]
    assert suite.strip(" ()") in f"{'.'.join(map(str, problemes[0]['path']))} ({problemes[0]['explanation']})"


@pytest.mark.parametrize("jour", ["2026-01-01", "2026-01-01T10:00:00Z", "2026-01-01T10:00:00.123456+02:00"])
def test_dates_are_read_as_there(moteur, requete, jour):
    document = "query a($d: ISO8601DateTime) { demarche(number: 500) { dossiers(updatedSince: $d) { nodes { id } } } }"
    assert moteur.repond(requete, document, {"d": jour}, None)["data"]
    assert moteur.repond(requete, document, {"d": jour[:-1] + "x"}, None)["errors"]


def test_an_operation_is_chosen_by_its_name(moteur, requete):
    document = "query a { demarche(number: 500) { id } } query b { demarche(number: 500) { title } }"
    assert moteur.repond(requete, document, {}, "b")["data"] == {"demarche": {"title": "Assistants partagés"}}
    assert moteur.repond(requete, document, {}, None)["errors"] == [{"message": "An operation name is required"}]
    assert moteur.repond(requete, document, {}, "c")["errors"] == [{"message": 'No operation named "c"'}]


def test_depth_is_counted_through_fragments(moteur):
    document = moteur.document(
        "{ dossier(number: 1) { ...F } } fragment F on Dossier { champs { ... on RepetitionChamp { rows { id } } } }"
    )
    assert profondeur(document.noeud, document.operations[""]) == 4


def test_documents_are_kept_but_not_for_ever(monkeypatch, requete):
    monkeypatch.setattr(moteurs, "DOCUMENTS_GARDES", 2)
    moteur = Moteur(Capacites())
    for nom in "abc":
        moteur.repond(requete, f"query {nom} {{ __typename }}", {}, None)
    assert len(moteur._documents) == 2
    assert moteur.operation("pas du graphql", None) is None


def test_a_signature_serves_for_one_use_and_one_hour(horloge):
    signataire = Signataire(b"secret", horloge)
    signe = signataire.signe("fichier", "cle")
    assert signataire.lit("fichier", signe) == "cle"
    for mauvais in ("", "pas--signe", signe + "0", signataire.signe("pdf", "cle")):
        with pytest.raises(LienInvalide):
            signataire.lit("fichier", mauvais)
    sans_json = "!!!--" + signataire._sceau("!!!")
    with pytest.raises(LienInvalide):
        signataire.lit("fichier", sans_json)
    horloge.avance(hours=1, seconds=1)
    with pytest.raises(LienInvalide):
        signataire.lit("fichier", signe)
