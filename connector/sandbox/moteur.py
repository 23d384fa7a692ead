"""Executes documents: our own schema by graphql-core, errors in the real server's words and shape.

Documents are parsed, checked and executed, never recognised; a document is parsed once and kept.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    build_ast_schema,
    execute_sync,
    parse,
    visit,
)
from graphql.language import Visitor

from connector.sandbox import ecriture, lecture
from connector.sandbox.requete import ErreurInterne
from connector.sandbox.validation import (
    PROFONDEUR_MAX,
    Controle,
    erreurs_de_variables,
    faute_de_syntaxe,
    lieux,
    profondeur,
)

if TYPE_CHECKING:
    from connector.sandbox.requete import Requete
    from connector.sandbox.world import Capacites

DOCUMENTS_GARDES = 512


def sdl() -> str:
    """Give the text of our schema."""
    return resources.files("connector.sandbox").joinpath("schema.graphql").read_text(encoding="utf-8")


MOTS_MAX = 20_000
"""Words of a document, ten times what the largest of ours holds."""


@dataclass(slots=True)
class Document:
    """A parsed document: what it names, and what is wrong with it."""

    noeud: DocumentNode
    fragments: frozenset[str]
    casse: bool
    erreurs: list[dict[str, Any]]
    operations: dict[str, OperationDefinitionNode] = field(default_factory=dict)

    @property
    def introspection(self) -> bool:
        """Whether a root field asks for the schema itself."""
        return any(
            isinstance(s, FieldNode) and s.name.value.startswith("__") and s.name.value != "__typename"
            for o in self.operations.values()
            for s in o.selection_set.selections
        )


class Moteur:
    """Answers documents for one instance, whose capacities choose its schema."""

    def __init__(self, capacites: Capacites) -> None:
        self.schema, self._souple = _schemas(capacites)
        self._documents: OrderedDict[str, Document] = OrderedDict()

    def document(self, texte: str) -> Document:
        """Give the parsed document, kept from one request to the next; raises GraphQLSyntaxError."""
        garde = self._documents.get(texte)
        if garde is None:
            noeud = parse(texte, max_tokens=MOTS_MAX)
            garde = Document(noeud, *_types_nommes(noeud), Controle(self.schema, noeud).document_entier())
            for definition in noeud.definitions:
                if isinstance(definition, OperationDefinitionNode):
                    garde.operations[definition.name.value if definition.name else ""] = definition
            self._documents[texte] = garde
            while len(self._documents) > DOCUMENTS_GARDES:
                self._documents.popitem(last=False)
        return garde

    def operation(self, texte: str, nom: str | None) -> OperationDefinitionNode | None:
        """Give the operation that a request runs, or None when there is none to run."""
        try:
            operations = self.document(texte).operations
        except GraphQLSyntaxError:
            return None
        return operations.get(nom) if nom else next(iter(operations.values()), None)

    def repond(self, requete: Requete, texte: str, variables: dict[str, Any], nom: str | None) -> dict[str, Any]:
        """Give the answer to a document; raises `ErreurInterne` when the real server would break."""
        try:
            document = self.document(texte)
        except GraphQLSyntaxError as faute:
            return {"errors": [faute_de_syntaxe(faute)]}
        if document.erreurs:
            return {"errors": document.erreurs}
        if not nom and len(document.operations) > 1:
            return {"errors": [{"message": "An operation name is required"}]}
        operation = document.operations.get(nom) if nom else next(iter(document.operations.values()))
        if operation is None:
            return {"errors": [{"message": f'No operation named "{nom}"'}]}
        refus = erreurs_de_variables(self.schema, operation, variables) or _trop_profond(document, operation)
        if refus:
            return {"errors": refus}
        if document.casse:
            raise ErreurInterne("un fragment sans type")
        requete.fragments = document.fragments
        return self._execute(requete, document, operation, variables)

    def _execute(
        self, requete: Requete, document: Document, operation: OperationDefinitionNode, variables: dict[str, Any]
    ) -> dict[str, Any]:
        # a read sees one moment of the world; a mutation locks only its effect
        lit = operation.operation is OperationType.QUERY
        with requete.monde.lock if lit else nullcontext():
            resultat = execute_sync(
                self.schema if document.introspection else self._souple,
                document.noeud,
                context_value=requete,
                variable_values=variables,
                operation_name=operation.name.value if operation.name else None,
            )
        data = resultat.data
        erreurs = [_erreur(e) for e in resultat.errors or ()]
        if data is not None and lit and self._racine_nulle(operation, data):
            data = None
        return {"errors": erreurs, "data": data} if erreurs else {"data": data}

    def _racine_nulle(self, operation: OperationDefinitionNode, data: dict[str, Any]) -> bool:
        """Say whether a root field that may not be null is: the whole data is then null (contract §1.3)."""
        racine = self.schema.query_type
        nuls = {cle for cle, valeur in data.items() if valeur is None}
        return any(
            isinstance(s, FieldNode)
            and (s.alias or s.name).value in nuls
            and racine is not None
            and isinstance(racine.fields[s.name.value].type, GraphQLNonNull)
            for s in operation.selection_set.selections
        )


@lru_cache(maxsize=8)
def _schemas(capacites: Capacites) -> tuple[GraphQLSchema, GraphQLSchema]:
    """Give the schema of such an instance, and the same with roots that may be null; both are only read afterwards."""
    return _schema(capacites), _sans_racine_non_nulle(_schema(capacites))


def _schema(capacites: Capacites) -> GraphQLSchema:
    # our own text is checked by the contract tests, not at each start
    schema = build_ast_schema(_elague(capacites), assume_valid_sdl=True)
    for nom, champs in lecture.RESOLVEURS.items():
        sorte = schema.type_map.get(nom)
        for champ, resolveur in champs.items():
            if isinstance(sorte, GraphQLObjectType) and champ in sorte.fields:
                sorte.fields[champ].resolve = resolveur
    if schema.mutation_type:
        for nom, champ_mutation in schema.mutation_type.fields.items():
            champ_mutation.resolve = ecriture.resolveur(nom)
    for nom in ("Champ", "ChampDescriptor", "Demandeur"):
        interface = schema.type_map[nom]
        if isinstance(interface, GraphQLInterfaceType):
            interface.resolve_type = _nom_du_type
    return schema


def _nom_du_type(valeur: dict[str, Any], *_: Any) -> str:
    nom: str = valeur["__typename"]
    return nom


@cache
def _sdl_lu() -> DocumentNode:
    return parse(sdl())


def _elague(capacites: Capacites) -> DocumentNode:
    """Give our schema's text without what this instance does not have."""
    absents = capacites.champs_absents | (
        frozenset() if capacites.lot_annotations else {"Mutation.dossierModifierAnnotations"}
    )
    if not absents and not capacites.types_absents:
        return _sdl_lu()
    document = copy.deepcopy(_sdl_lu())
    for definition in document.definitions:
        champs = getattr(definition, "fields", None)
        if champs is not None:
            gardes = tuple(f for f in champs if f"{_nom(definition)}.{f.name.value}" not in absents)
            object.__setattr__(definition, "fields", gardes)
    return DocumentNode(definitions=tuple(d for d in document.definitions if _nom(d) not in capacites.types_absents))


def _nom(noeud: Any) -> str:
    return getattr(getattr(noeud, "name", None), "value", "")


def _sans_racine_non_nulle(schema: GraphQLSchema) -> GraphQLSchema:
    """Let every root field be read even when one fails: the real server reports each failure (recorded)."""
    if schema.query_type:
        for champ in schema.query_type.fields.values():
            if isinstance(champ.type, GraphQLNonNull):
                champ.type = champ.type.of_type
    return schema


class _Types(Visitor):
    """Gathers the types that a document's fragments name, wherever they stand (contract §4.3)."""

    def __init__(self) -> None:
        super().__init__()
        self.noms: set[str] = set()
        self.sans_type = False

    def enter_inline_fragment(self, noeud: InlineFragmentNode, *_: Any) -> None:
        if noeud.type_condition:
            self.noms.add(noeud.type_condition.name.value)
        else:
            self.sans_type = True

    def enter_fragment_definition(self, noeud: FragmentDefinitionNode, *_: Any) -> None:
        self.noms.add(noeud.type_condition.name.value)


def _types_nommes(document: DocumentNode) -> tuple[frozenset[str], bool]:
    """Give the types named, and whether a fragment names none, which breaks the real server."""
    visiteur = _Types()
    visit(document, visiteur)
    return frozenset(visiteur.noms), visiteur.sans_type


def _trop_profond(document: Document, operation: OperationDefinitionNode) -> list[dict[str, Any]]:
    mesure = profondeur(document.noeud, operation)
    if mesure <= PROFONDEUR_MAX or document.introspection:
        return []
    return [{"message": f"Query has depth of {mesure}, which exceeds max depth of {PROFONDEUR_MAX}"}]


def _erreur(erreur: GraphQLError) -> dict[str, Any]:
    """Give an execution error as the real server writes it; what is not foreseen breaks the whole answer."""
    message, extensions = erreur.message, dict(erreur.extensions or {})
    if message.startswith("Cannot return null for non-nullable field"):
        message, extensions = message.rstrip("."), {"code": "invalid_null"}
    elif erreur.original_error is not None and not isinstance(erreur.original_error, GraphQLError):
        raise ErreurInterne(str(erreur)) from erreur.original_error
    ecrite: dict[str, Any] = {"message": message}
    if erreur.nodes:
        ecrite["locations"] = lieux(erreur.nodes)
    if erreur.path is not None:
        ecrite["path"] = list(erreur.path)
    if extensions:
        ecrite["extensions"] = extensions
    return ecrite
