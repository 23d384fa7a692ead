"""Our documents against the API's published types: what we ask exists, is not deprecated, and is asked rightly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import responses
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NoDeprecatedCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    build_schema,
    parse,
    print_ast,
    specified_rules,
    validate,
    visit,
)
from graphql.execution.values import get_variable_values

from connector.api.champs import LECTEURS
from connector.api.documents import Document, document, noms
from connector.api.gateway import ouvrir
from connector.core.model import Label
from connector.core.plan import (
    DECISIONS,
    AjouterLabel,
    ChangerEtat,
    CleAnnotation,
    EcrireAnnotations,
    Ecriture,
    EnvoyerMessage,
    SupprimerLabel,
    Transition,
)
from connector.errors import RemoteError
from tests.unit.api.fil import EPOCH, JETON, UN_DOSSIER, URL, erreur, page

SCHEMA = Path(__file__).parents[2].parent / "shared" / "ds" / "schema.graphql"
if not SCHEMA.exists():
    pytest.skip("les types publiés de l’API (../shared/ds/schema.graphql) ne sont pas là", allow_module_level=True)

SEULES = {name for name in noms() if name.startswith("modifier_annotation_")}
"""The single mutations, kept only for instances without the batch: the only deprecated things we may ask."""

PROFONDEUR_MAX = 15
JETONS_MAX = 20_000


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text(encoding="utf-8"))


@pytest.fixture(params=noms())
def doc(request: pytest.FixtureRequest) -> Document:
    return document(request.param)


def test_every_document_is_valid(doc: Document, schema: GraphQLSchema):
    assert [e.message for e in validate(schema, doc.node, specified_rules)] == []


def test_nothing_deprecated_is_asked_except_the_single_annotation_mutations(doc: Document, schema: GraphQLSchema):
    deprecated = [e.message for e in validate(schema, doc.node, [NoDeprecatedCustomRule])]
    if doc.name in SEULES:
        assert len(deprecated) == 1
        assert "The field Mutation.dossierModifierAnnotation" in deprecated[0]
    else:
        assert deprecated == []


def depth(node: Any, fragments: dict[str, FragmentDefinitionNode]) -> int:
    """How deep the fields go, fragments opened: what the server counts."""
    selections = node.selection_set.selections if node.selection_set else ()
    below = [
        depth(fragments[s.name.value] if isinstance(s, FragmentSpreadNode) else s, fragments) + isinstance(s, FieldNode)
        for s in selections
    ]
    return max(below, default=0)


def test_no_document_is_too_deep_or_too_long_for_the_server(doc: Document):
    fragments = {d.name.value: d for d in doc.node.definitions if isinstance(d, FragmentDefinitionNode)}
    (operation,) = (d for d in doc.node.definitions if isinstance(d, OperationDefinitionNode))
    assert 1 < depth(operation, fragments) <= PROFONDEUR_MAX
    assert len(print_ast(doc.node).split()) < JETONS_MAX


class Habitudes(Visitor):
    """Collects what the contract advises against."""

    def __init__(self) -> None:
        super().__init__()
        self.fautes: list[str] = []

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        name, arguments = node.name.value, {a.name.value for a in node.arguments or ()}
        if name == "edges":
            self.fautes.append("edges")
        if name == "dossiers" and not {"updatedSince"} <= arguments:
            self.fautes.append("dossiers without updatedSince")
        if name in {"dossiers", "pendingDeletedDossiers", "deletedDossiers"} and not arguments & {"first", "last"}:
            self.fautes.append(f"{name} without a size")
        if arguments & {"closed", "order", "createdSince", "revision", "minRevision", "maxRevision"}:
            self.fautes.append(f"{name}({arguments})")

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> None:
        if node.type_condition is None:
            self.fautes.append("an inline fragment without a type crashes the server")


def test_documents_keep_the_habits_that_the_contract_advises(doc: Document):
    habits = Habitudes()
    visit(doc.node, habits)
    assert habits.fautes == []


class Champs(Visitor):
    """Collects the names of the fields and of the types that are asked."""

    def __init__(self) -> None:
        super().__init__()
        self.noms: set[str] = set()
        self.types: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.noms.add(node.name.value)

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> None:
        if node.type_condition:
            self.types.add(node.type_condition.name.value)


def asked(name: str) -> Champs:
    found = Champs()
    visit(document(name).node, found)
    return found


INDISCRETS = {
    *("url", "pdf", "geojson", "motivation", "motivationAttachment", "attachments", "columns"),
    *("nom", "prenom", "civilite", "dateDeNaissance", "nomMandataire", "prenomMandataire", "claimant", "expert"),
    *("question", "questionLabel", "description"),
}


@pytest.mark.parametrize("name", [n for n in noms() if not document(n).mutation])
def test_nothing_personal_that_we_do_not_need_is_asked(name):
    assert asked(name).noms & INDISCRETS == ({"url"} if name == "liens" else set())


def test_a_file_s_link_is_asked_for_with_its_checksum_and_nothing_else():
    assert asked("liens").noms == {"dossier", "champs", "__typename", "files", "checksum", "url"}


@pytest.mark.parametrize("name", ["dossier", "page", "reperes"])
def test_of_an_attestation_only_its_presence_is_asked(name):
    (attestation,) = re.findall(r"attestation[^{}]*{([^{}]*)}", print_ast(document(name).node))
    assert attestation.split() == ["__typename"]


def test_a_type_whose_name_depends_on_a_fragment_always_has_it():
    """Without `... on X` DS answers TextChamp, CheckboxChamp or DateChamp instead (contract §4.3)."""
    read_without_asking = {"CarteChamp", "EngagementJuridiqueChamp"}
    for name in ("page", "dossier"):
        types = {t for t in asked(name).types if t.endswith("Champ")}
        assert types == set(LECTEURS) - read_without_asking | {"RepetitionChamp"}
        assert "PersonneMoraleIncomplete" in asked(name).types


def test_every_champ_type_of_the_api_is_read(schema: GraphQLSchema):
    champ = schema.type_map["Champ"]
    published = {t.name for t in schema.get_possible_types(champ)}  # type: ignore[arg-type]
    assert published == set(LECTEURS) | {"RepetitionChamp"}


def test_every_key_that_we_write_is_one_of_the_api(schema: GraphQLSchema):
    fields = set(schema.type_map["AnnotationValueInput"].fields)  # type: ignore[attr-defined]
    assert {cle.value for cle in CleAnnotation} == fields - {"repetition"}


def test_a_mutation_reads_back_as_little_as_it_can():
    for name in (n for n in noms() if document(n).mutation):
        assert asked(name).noms - {"id", "state", "errors", "message", "correction", "reason"} <= {
            *("dossier", "label", "annotation", "annotations"),
            *(f for f in asked(name).noms if f.startswith("dossier")),
        }


# The variables that we send ------------------------------------------------------------------------------------------


def faults(schema: GraphQLSchema, question: dict[str, Any]) -> list[str]:
    """What the API would find wrong in a request's variables."""
    (operation,) = (d for d in parse(question["query"]).definitions if isinstance(d, OperationDefinitionNode))
    declared = list(operation.variable_definitions or ())
    values = get_variable_values(schema, declared, question["variables"])
    unknown = set(question["variables"]) - {d.variable.name.value for d in declared}
    return [e.message for e in values] if isinstance(values, list) else sorted(unknown)


def test_a_wrong_variable_would_be_found(schema: GraphQLSchema):
    query = print_ast(document("reperes").node)
    good = {"demarche": 1, "first": 1, "updatedSince": "2026-11-21T00:00:00Z"}
    assert faults(schema, {"query": query, "variables": good}) == []
    assert faults(schema, {"query": query, "variables": good | {"first": "un"}})
    assert faults(schema, {"query": query, "variables": good | {"autre": 1}}) == ["autre"]


@pytest.fixture
def strict(schema: GraphQLSchema) -> Iterator[list[list[str]]]:
    """A server that only checks the variables against the published types: what it found wrong, request by request."""
    seen: list[list[str]] = []

    def check(request: Any) -> tuple[int, dict[str, str], str]:
        question = json.loads(request.body)
        seen.append(faults(schema, question))
        if question["operationName"] == "ModifierAnnotations" and len(seen) == 1:
            absent = erreur("Field 'dossierModifierAnnotations' doesn't exist on type 'Mutation'")
            return 200, {}, json.dumps({"errors": [absent]})
        if question["operationName"].startswith("ModifierAnnotation"):
            return 200, {}, json.dumps({"data": {"resultat": {"annotation": {"id": "x"}, "errors": None}}})
        return 200, {}, json.dumps({"errors": [erreur("assez", "unauthorized", ["resultat"])], "data": None})

    with responses.RequestsMock() as mock:
        mock.add_callback(responses.POST, URL, callback=check)
        yield seen


LABEL = Label(id="TGFiZWwtMQ==", name="Complet")
ECRITURES = EcrireAnnotations(
    ecritures=tuple(
        Ecriture(id=f"Q2hhbXAt{i}", label="x", cle=cle, value=value)
        for i, (cle, value) in enumerate(
            {
                CleAnnotation.TEXT: "a",
                CleAnnotation.TEXTAREA: "a\nb",
                CleAnnotation.EMAIL: "x@exemple.fr",
                CleAnnotation.CHECKBOX: True,
                CleAnnotation.YES_NO: False,
                CleAnnotation.DATE: date(2026, 11, 21),
                CleAnnotation.DATETIME: datetime(2026, 11, 21, tzinfo=UTC),
                CleAnnotation.INTEGER_NUMBER: 2**31 - 1,
                CleAnnotation.DECIMAL_NUMBER: Decimal("0.1"),
                CleAnnotation.DROP_DOWN_LIST: "Favorable",
                CleAnnotation.MULTIPLE_DROP_DOWN_LIST: ("CV",),
            }.items()
        )
    )
)


@pytest.mark.parametrize(
    "call",
    [
        lambda ds: ds.demarche(104234),
        lambda ds: ds.dossier(24100001),
        lambda ds: ds.page(104234, updated_since=EPOCH, after=None),
        lambda ds: ds.page(104234, updated_since=EPOCH, after="c", deleted_since=EPOCH),
        lambda ds: ds.reperes(104234, updated_since=EPOCH, after="c"),
        lambda ds: ds.supprimes(104234, depuis=EPOCH),
        *(
            lambda ds, action=action: ds.apply(UN_DOSSIER, "SW5zdHJ1Y3RldXItMQ==", action)
            for action in (
                EnvoyerMessage(template="t", body="b", reference="1-A", correction="incomplete"),
                EnvoyerMessage(template="t", body="b", reference="1-A"),
                AjouterLabel(label=LABEL),
                SupprimerLabel(label=LABEL),
                *(ChangerEtat(transition=t, motivation="Motif.", decision="D" * (t in DECISIONS)) for t in Transition),
            )
        ),
    ],
)
def test_every_call_sends_variables_that_the_api_accepts(call, strict: list[list[str]]):
    with pytest.raises(RemoteError):
        call(ouvrir(URL, JETON))
    assert strict == [[]]


def test_every_type_of_annotation_is_sent_as_the_api_accepts_it_together_and_alone(strict: list[list[str]]):
    recu = ouvrir(URL, JETON).apply(UN_DOSSIER, "SW5zdHJ1Y3RldXItMQ==", ECRITURES)
    assert strict == [[]] * (1 + len(recu.ecrites))
    assert len(recu.ecrites) == len(ECRITURES.ecritures) - 2
    assert len(recu.refus) == 2


def test_the_answers_that_our_tests_invent_have_the_shape_of_the_api(schema: GraphQLSchema):
    """The fields of the invented page are exactly those that the page document asks."""
    invented = page([])["data"]["demarche"]
    (operation,) = (d for d in document("page").node.definitions if isinstance(d, OperationDefinitionNode))
    (root,) = operation.selection_set.selections
    assert isinstance(root, FieldNode)
    assert isinstance(root.selection_set, SelectionSetNode)
    fields = {
        s.alias.value if s.alias else s.name.value for s in root.selection_set.selections if isinstance(s, FieldNode)
    }
    assert fields - set(invented) == {"pendingDeletedDossiers", "deletedDossiers"}
    assert set(invented) <= fields
