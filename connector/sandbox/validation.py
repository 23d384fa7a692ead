"""The refusals of a document or of its variables, worded as Démarches simplifiées words them.

graphql-core knows when a document is wrong; its words are not those of the real server, on which a client
matches. What is recorded or known of the real wording is here, rule by rule; a document that breaks some other
rule gets graphql-core's words.
"""

from __future__ import annotations

import json
import re
from bisect import bisect
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    is_type_sub_type_of,
    print_ast,
    type_from_ast,
    validate,
    value_from_ast_untyped,
)

from connector.sandbox.dates import lit_instant, lit_jour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphql import GraphQLInputType, GraphQLNamedType, SelectionSetNode

PROFONDEUR_MAX = 15
INT_MAX = 2**31 - 1


class Absente:
    """Stands for a variable or a key that was not sent at all."""


@dataclass(slots=True)
class Controle:
    """Walks one document against a schema and gathers errors, each a GraphQL error as JSON."""

    schema: GraphQLSchema
    document: DocumentNode
    erreurs: list[dict[str, Any]] = field(default_factory=list)
    _declarees: dict[str, VariableDefinitionNode] = field(default_factory=dict)

    def document_entier(self) -> list[dict[str, Any]]:
        """Give the errors of the document itself."""
        fragments = self._fragments()
        for definition in self.document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                nom = definition.name.value if definition.name else ""
                racine = self.schema.get_root_type(definition.operation)
                self._declarees = {v.variable.name.value: v for v in definition.variable_definitions or ()}
                chemin = [f"{definition.operation.value} {nom}".strip()]
                if racine is not None:
                    self._selection(definition.selection_set, racine, chemin)
                self._variables(definition, fragments)
            elif isinstance(definition, FragmentDefinitionNode):
                self._fragment(definition)
        self._emploi_des_fragments(fragments)
        if not self.erreurs:
            self.erreurs = [_en_json(e.message, e.nodes) for e in validate(self.schema, self.document)]
        return self.erreurs

    def _fragments(self) -> dict[str, FragmentDefinitionNode]:
        return {d.name.value: d for d in self.document.definitions if isinstance(d, FragmentDefinitionNode)}

    def _fragment(self, definition: FragmentDefinitionNode) -> None:
        chemin = [f"fragment {definition.name.value}"]
        self._sur(definition, definition.type_condition.name.value, definition.selection_set, chemin)

    def _sur(self, noeud: Node, nom: str, selection: SelectionSetNode, chemin: list[str]) -> None:
        sorte = self.schema.get_type(nom)
        if sorte is None or not is_composite_type(sorte):
            message = f"No such type {nom}, so it can't be a fragment condition"
            self._ajoute(message, noeud, chemin, code="undefinedType", typeName=nom)
            return
        self._selection(selection, sorte, chemin)

    def _selection(self, selection: SelectionSetNode, sorte: GraphQLNamedType, chemin: list[str]) -> None:
        for noeud in selection.selections:
            if isinstance(noeud, FieldNode):
                self._champ(noeud, sorte, [*chemin, (noeud.alias or noeud.name).value])
            elif isinstance(noeud, InlineFragmentNode):
                condition = noeud.type_condition
                nom = condition.name.value if condition else sorte.name
                self._sur(noeud, nom, noeud.selection_set, [*chemin, f"... on {nom}" if condition else "..."])

    def _champ(self, noeud: FieldNode, sorte: GraphQLNamedType, chemin: list[str]) -> None:
        nom = noeud.name.value
        if nom in {"__typename", "__schema", "__type"}:
            return
        definition = getattr(sorte, "fields", {}).get(nom)
        if definition is None:
            message = f"Field '{nom}' doesn't exist on type '{sorte.name}'"
            self._ajoute(message, noeud, chemin, code="undefinedField", typeName=sorte.name, fieldName=nom)
            return
        self._arguments(noeud, definition.args, chemin)
        rendu = get_named_type(definition.type)
        self._feuille(noeud, definition.type, rendu, chemin)
        if noeud.selection_set and not is_leaf_type(rendu):
            self._selection(noeud.selection_set, rendu, chemin)

    def _feuille(self, noeud: FieldNode, ecrit: Any, rendu: GraphQLNamedType, chemin: list[str]) -> None:
        nom = noeud.name.value
        if noeud.selection_set is None and not is_leaf_type(rendu):
            message = (
                f"Field must have selections (field '{nom}' returns {rendu.name} but has no selections. "
                f"Did you mean '{nom} {{ ... }}'?)"
            )
            self._ajoute(
                message, noeud, chemin, code="selectionMismatch", nodeName=f"field '{nom}'", typeName=str(ecrit)
            )

    def _arguments(self, noeud: FieldNode, connus: dict[str, Any], chemin: list[str]) -> None:
        donnes = {a.name.value: a for a in noeud.arguments or ()}
        nom = noeud.name.value
        for argument, donne in donnes.items():
            if argument not in connus:
                message = f"Field '{nom}' doesn't accept argument '{argument}'"
                extra = {"code": "argumentNotAccepted", "name": nom, "typeName": "Field", "argumentName": argument}
                self._ajoute(message, donne, [*chemin, argument], **extra)
            else:
                self._litteral(noeud, donne, connus[argument].type, [*chemin, argument])
        manquants = ", ".join(a for a, d in connus.items() if is_required_argument(d) and a not in donnes)
        if manquants:
            message = f"Field '{nom}' is missing required arguments: {manquants}"
            extra = {"code": "missingRequiredArguments", "className": "Field", "name": nom, "arguments": manquants}
            self._ajoute(message, noeud, chemin, **extra)

    def _litteral(self, noeud: FieldNode, donne: ArgumentNode, sorte: Any, chemin: list[str]) -> None:
        """Check a value written in the document (one that holds a variable is checked with the variables)."""
        if isinstance(donne.value, VariableNode):
            self._emploi(donne, donne.value.name.value, sorte, chemin)
            return
        if any(_variables_de(donne.value, {}, set())):
            return
        if any(_problemes(value_from_ast_untyped(donne.value), sorte, [])):
            nom, ecrit = donne.name.value, print_ast(donne.value)
            message = (
                f"Argument '{nom}' on Field '{noeud.name.value}' has an invalid value ({ecrit}). "
                f"Expected type '{sorte}'."
            )
            extra = {"code": "argumentLiteralsIncompatible", "typeName": "Field", "argumentName": nom}
            self._ajoute(message, donne, chemin, **extra)

    def _emploi(self, donne: ArgumentNode, variable: str, sorte: Any, chemin: list[str]) -> None:
        """Check that a variable's type fits where it is used."""
        declaration = self._declarees.get(variable)
        ecrite: Any = declaration and type_from_ast(self.schema, declaration.type)
        if declaration is None or ecrite is None:
            return
        if declaration.default_value is not None and not isinstance(ecrite, GraphQLNonNull):
            ecrite = GraphQLNonNull(ecrite)
        if is_type_sub_type_of(self.schema, ecrite, sorte):
            return
        meme = get_named_type(ecrite) is get_named_type(sorte)
        faute = "Nullability mismatch" if meme else "Type mismatch"
        nom = donne.name.value
        message = f"{faute} on variable ${variable} and argument {nom} ({print_ast(declaration.type)} / {sorte})"
        extra = {"variableName": variable, "typeName": str(get_named_type(ecrite)), "argumentName": nom}
        self._ajoute(message, donne, chemin, code="variableMismatch", **extra, errorMessage=faute)

    def _emploi_des_fragments(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        """Check that each fragment is both used and defined."""
        employes = {f.name.value: f for f in _etalements(self.document)}
        for nom, noeud in employes.items():
            if nom not in fragments:
                self._fragment_seul(f"Fragment {nom} was used, but not defined", noeud, nom, [])
        for nom, definition in fragments.items():
            if nom not in employes:
                chemin = [f"fragment {nom}"]
                self._fragment_seul(f"Fragment {nom} was defined, but not used", definition, nom, chemin)

    def _fragment_seul(self, message: str, noeud: Node, nom: str, chemin: list[str]) -> None:
        self._ajoute(message, noeud, chemin, code="useAndDefineFragment", fragmentName=nom)

    def _variables(self, operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]) -> None:
        declarees = {v.variable.name.value: v for v in operation.variable_definitions or ()}
        employees = {v.name.value: v for v in _variables_de(operation, fragments, set())}
        nom = operation.name.value if operation.name else f"anonymous {operation.operation.value}"
        chemin = [f"{operation.operation.value} {operation.name.value if operation.name else ''}".strip()]
        for variable, noeud in employees.items():
            if variable not in declarees:
                message = f"Variable ${variable} is used by {nom} but not declared"
                self._ajoute(message, noeud, chemin, code="variableNotDefined", variableName=variable)
        for variable, declaration in declarees.items():
            sorte = type_from_ast(self.schema, declaration.type)
            if sorte is None:
                brut = print_ast(declaration.type).strip("[]!")
                message = f"{brut} isn't a defined input type (on ${variable})"
                extra = {"typeName": brut, "variableName": variable}
                self._ajoute(message, declaration, chemin, code="variableRequiresValidType", **extra)
            elif variable not in employees:
                message = f"Variable ${variable} is declared by {nom} but not used"
                self._ajoute(message, declaration, chemin, code="variableNotUsed", variableName=variable)

    def _ajoute(self, message: str, noeud: Node, chemin: list[str], **extensions: str) -> None:
        self.erreurs.append({**_en_json(message, [noeud]), "path": chemin, "extensions": extensions})


def _etalements(noeud: Any) -> Iterator[FragmentSpreadNode]:
    """Walk every fragment spread of a document."""
    if isinstance(noeud, FragmentSpreadNode):
        yield noeud
    for enfant in _enfants(noeud):
        yield from _etalements(enfant)


def _enfants(noeud: Any, sauf: frozenset[str] = frozenset({"loc"})) -> Iterator[Node]:
    for cle in getattr(noeud, "keys", ()):
        valeur = None if cle in sauf else getattr(noeud, cle, None)
        for enfant in valeur if isinstance(valeur, tuple | list) else (valeur,):
            if isinstance(enfant, Node):
                yield enfant


def _variables_de(noeud: Any, fragments: dict[str, FragmentDefinitionNode], vus: set[str]) -> Iterator[VariableNode]:
    """Walk every variable that an operation uses, through the fragments it spreads (not its declarations)."""
    if isinstance(noeud, VariableNode):
        yield noeud
        return
    if isinstance(noeud, FragmentSpreadNode) and noeud.name.value not in vus and noeud.name.value in fragments:
        vus.add(noeud.name.value)
        yield from _variables_de(fragments[noeud.name.value], fragments, vus)
    for enfant in _enfants(noeud, frozenset({"loc", "variable_definitions"})):
        yield from _variables_de(enfant, fragments, vus)


def _en_json(message: str, noeuds: Any) -> dict[str, Any]:
    return {"message": message, "locations": lieux(noeuds)}


def lieux(noeuds: Any) -> list[dict[str, int]]:
    """Give where nodes stand: their line, and their column counted from the document's start (recorded so)."""
    places = [n.loc for n in noeuds or () if n.loc]
    return [{"line": bisect(_lignes(p.source.body), p.start), "column": p.start + 1} for p in places]


@lru_cache(maxsize=1)
def _lignes(texte: str) -> list[int]:
    """Where each line of a document begins: walked once, however many errors there are in it."""
    return [0, *(fin.end() for fin in re.finditer(r"\r\n|[\n\r]", texte))]


# --- depth


def profondeur(document: DocumentNode, operation: OperationDefinitionNode) -> int:
    """Give the depth of an operation: the longest chain of fields, fragments followed."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    connues: dict[str, int] = {}

    def de(selection: SelectionSetNode | None) -> int:
        if selection is None:
            return 0
        return max((d_un(s) for s in selection.selections), default=0)

    def d_un(noeud: Any) -> int:
        if isinstance(noeud, FieldNode):
            return 1 + de(noeud.selection_set)
        if isinstance(noeud, FragmentSpreadNode):
            nom = noeud.name.value
            if nom not in connues:
                connues[nom] = de(fragments[nom].selection_set)
            return connues[nom]
        return de(noeud.selection_set)

    return de(operation.selection_set)


# --- variables


@dataclass(slots=True)
class Probleme:
    """What is wrong with one part of a variable: where, and why."""

    path: list[str | int]
    explanation: str


def erreurs_de_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: dict[str, Any]
) -> list[dict[str, Any]]:
    """Give the errors of an operation's variables, one for each bad variable."""
    erreurs = []
    for declaration in operation.variable_definitions or ():
        nom = declaration.variable.name.value
        sorte: Any = type_from_ast(schema, declaration.type)
        valeur = variables.get(nom, Absente)
        if valeur is Absente and declaration.default_value is not None:
            continue
        problemes = list(_problemes(valeur, sorte, []))
        if problemes:
            erreurs.append(_erreur_de_variable(nom, sorte, valeur, problemes, declaration))
    return erreurs


def _erreur_de_variable(
    nom: str, sorte: Any, valeur: Any, problemes: list[Probleme], declaration: Node
) -> dict[str, Any]:
    suite = ", ".join(f"{'.'.join(map(str, p.path))} ({p.explanation})" for p in problemes if p.path)
    message = f"Variable ${nom} of type {sorte} was provided invalid value" + (f" for {suite}" if suite else "")
    lus = [{"path": p.path, "explanation": p.explanation} for p in problemes]
    extensions = {"value": None if valeur is Absente else valeur, "problems": lus}
    return {**_en_json(message, [declaration]), "extensions": extensions}


def _problemes(valeur: Any, sorte: GraphQLInputType, chemin: list[str | int]) -> Iterator[Probleme]:
    if isinstance(sorte, GraphQLNonNull):
        if valeur is None or valeur is Absente:
            yield Probleme(chemin, "Expected value to not be null")
            return
        sorte = sorte.of_type
    if valeur is None or valeur is Absente:
        return
    if isinstance(sorte, GraphQLList):
        for rang, element in enumerate(valeur if isinstance(valeur, list) else [valeur]):
            yield from _problemes(element, sorte.of_type, [*chemin, rang])
    elif isinstance(sorte, GraphQLInputObjectType):
        yield from _problemes_objet(valeur, sorte, chemin)
    elif isinstance(sorte, GraphQLEnumType):
        if valeur not in sorte.values:
            yield Probleme(chemin, f"Expected {_montre(valeur)} to be one of: {', '.join(sorte.values)}")
    elif not _lisible(sorte.name, valeur):
        yield Probleme(chemin, f"Could not coerce value {_montre(valeur)} to {sorte.name}")


def _problemes_objet(valeur: Any, sorte: GraphQLInputObjectType, chemin: list[str | int]) -> Iterator[Probleme]:
    if not isinstance(valeur, dict):
        yield Probleme(chemin, f"Expected {_montre(valeur)} to be a key-value object")
        return
    for cle in valeur:
        if cle not in sorte.fields:
            yield Probleme([*chemin, cle], f"Field is not defined on {sorte.name}")
    trouves = False
    for cle, champ in sorte.fields.items():
        present = valeur.get(cle, Absente)
        if sorte.is_one_of or (present is Absente and not is_required_input_field(champ)):
            continue
        for probleme in _problemes(present, champ.type, [*chemin, cle]):
            trouves = True
            yield probleme
    if sorte.is_one_of and not trouves:
        yield from _problemes_un_seul(valeur, sorte, chemin)


def _problemes_un_seul(valeur: dict[str, Any], sorte: GraphQLInputObjectType, chemin: list[str | int]) -> Any:
    """Check a one-of: exactly one key, not null, and its value."""
    exige = f"'{sorte.name}' requires exactly one argument, but"
    if len(valeur) != 1:
        yield Probleme(chemin, f"{exige} {len(valeur)} were provided.")
        return
    ((cle, donnee),) = valeur.items()
    if donnee is None:
        yield Probleme(chemin, f"{exige} '{cle}' was `null`.")
    elif cle in sorte.fields:
        yield from _problemes(donnee, sorte.fields[cle].type, [*chemin, cle])


def _montre(valeur: Any) -> str:
    return json.dumps(valeur, ensure_ascii=False)


def _est_entier(valeur: Any) -> bool:
    return isinstance(valeur, int) and not isinstance(valeur, bool)


def _se_lit(lecture: Callable[[Any], Any]) -> Callable[[Any], bool]:
    def lit(valeur: Any) -> bool:
        try:
            lecture(valeur)
        except (ValueError, TypeError):
            return False
        return True

    return lit


LISIBLES: dict[str, Callable[[Any], bool]] = {
    "Int": lambda v: _est_entier(v) and abs(v) <= INT_MAX,
    "Float": lambda v: isinstance(v, float) or _est_entier(v),
    "Boolean": lambda v: isinstance(v, bool),
    "String": lambda v: isinstance(v, str),
    "ID": lambda v: isinstance(v, str) or _est_entier(v),
    "ISO8601DateTime": _se_lit(lit_instant),
    "ISO8601Date": _se_lit(lit_jour),
}
"""What each scalar reads, as strictly as the real server."""


def _lisible(scalaire: str, valeur: Any) -> bool:
    return LISIBLES.get(scalaire, lambda _: True)(valeur)


# --- syntax

MOTS = {
    "Name": "IDENTIFIER",
    "{": "LCURLY",
    "}": "RCURLY",
    "(": "LPAREN",
    ")": "RPAREN",
    "[": "LBRACKET",
    "]": "RBRACKET",
    ":": "COLON",
    "$": "VAR_SIGN",
    "@": "DIR_SIGN",
    "=": "EQUALS",
    "!": "BANG",
    "...": "ELLIPSIS",
    "Int": "INT",
    "Float": "FLOAT",
    "String": "STRING",
    "<EOF>": "(none)",
}
"""What the real parser calls the tokens that graphql-core calls otherwise."""
ATTENDU = re.compile(
    r"Syntax Error: Expected (?P<voulu>\S+?), found (?P<trouve><EOF>|[^\s\"']+)(?: '(?P<texte>.*)')?\."
)
INATTENDU = re.compile(r"Syntax Error: Unexpected (?P<trouve><EOF>|[^\s\"']+)(?: '(?P<texte>.*)')?\.")


def faute_de_syntaxe(faute: GraphQLSyntaxError) -> dict[str, Any]:
    """Give a syntax error in the real parser's words, as far as its grammar is known; graphql-core's otherwise."""
    ou = next(({"line": x.line, "column": x.column} for x in faute.locations or ()), {"line": 1, "column": 1})
    trouvee = ATTENDU.match(faute.message) or INATTENDU.match(faute.message)
    if trouvee is None:
        return {"message": faute.message, "locations": [ou]}
    voulu = _mot(trouvee.groupdict().get("voulu") or "Name", attendu=True)
    brut = trouvee["trouve"].strip("'")
    texte = trouvee["texte"] or ("" if brut == "<EOF>" else brut)
    place = f"[{ou['line']}, {ou['column']}]"
    message = f"Expected {voulu}, actual: {_mot(brut)} ({json.dumps(texte, ensure_ascii=False)}) at {place}"
    return {"message": message, "locations": [ou]}


def _mot(brut: str, *, attendu: bool = False) -> str:
    net = brut.strip("'")
    return "NAME" if attendu and net == "Name" else MOTS.get(net, net.upper())
