"""The documents to send: the recorded one, without what our schema does not have, or ours for a stored one."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    parse,
    print_ast,
)
from references import DS

from connector.sandbox.moteur import sdl

ICI = Path(__file__).parent
STOCKES = {
    "ds-query-v2": (ICI / "stockes_lecture.graphql").read_text(encoding="utf-8"),
    "ds-mutation-v2": (ICI / "stockes_ecriture.graphql").read_text(encoding="utf-8"),
}
NON_DEMANDES = frozenset(
    {"columns", "chorusConfiguration", "notice", "deliberation", "demarcheURL", "cadreJuridiqueURL", "attachment"}
)
"""What the real stored documents ask for and ours, which stand for them, do not."""

Chemin = tuple[str, ...]
INTROSPECTION = frozenset({"__schema", "__type"})


@functools.cache
def notre() -> GraphQLSchema:
    """Give our schema."""
    return build_schema(sdl())


@functools.cache
def publie() -> GraphQLSchema:
    """Give the published schema."""
    return build_schema((DS / "schema.graphql").read_text(encoding="utf-8"))


@functools.cache
def elague(texte: str) -> tuple[str, frozenset[Chemin]]:
    """Give a document without the fields that only the published schema has, and the answer's paths it loses.

    A document that loses nothing is given back as it was written, to the character.
    """
    try:
        document = parse(texte)
    except GraphQLSyntaxError:
        return texte, frozenset()
    perdus = frozenset(_perdus(document))
    if not perdus:
        return texte, perdus
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            racine = publie().get_root_type(definition.operation)
            _taille(definition.selection_set, racine.name if racine else "")
        elif isinstance(definition, FragmentDefinitionNode):
            _taille(definition.selection_set, definition.type_condition.name.value)
    return print_ast(document), perdus


def hors_de_portee(texte: str) -> str:
    """Name what a document asks for that no query of ours can: "" when what is left of it can be compared.

    An operation that our schema lacks, an argument, the schema itself, or a document of which nothing is left.
    """
    try:
        document = parse(texte)
    except GraphQLSyntaxError:
        return ""
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            racine = publie().get_root_type(definition.operation)
            for noeud in definition.selection_set.selections:
                if isinstance(noeud, FieldNode) and racine and _absent(racine.name, noeud.name.value):
                    return noeud.name.value
                if isinstance(noeud, FieldNode) and noeud.name.value in INTROSPECTION:
                    return noeud.name.value
    return _argument_absent(document) or _rien_ne_reste(texte)


def _argument_absent(document: DocumentNode) -> str:
    """Name the first argument that only the published schema has."""
    trouves: list[str] = []

    def dans(selection: SelectionSetNode | None, sorte: str) -> None:
        for noeud in selection.selections if selection else ():
            if isinstance(noeud, FieldNode):
                la_bas = getattr(publie().get_type(sorte), "fields", {}).get(noeud.name.value)
                ici = getattr(notre().get_type(sorte), "fields", {}).get(noeud.name.value)
                donnes = {a.name.value for a in noeud.arguments or ()}
                if la_bas and ici:
                    trouves.extend(sorted(donnes & set(la_bas.args) - set(ici.args)))
                dans(noeud.selection_set, _type_du_champ(sorte, noeud.name.value))
            elif isinstance(noeud, InlineFragmentNode):
                condition = noeud.type_condition
                dans(noeud.selection_set, condition.name.value if condition else sorte)

    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            racine = publie().get_root_type(definition.operation)
            dans(definition.selection_set, racine.name if racine else "")
        elif isinstance(definition, FragmentDefinitionNode):
            dans(definition.selection_set, definition.type_condition.name.value)
    return trouves[0] if trouves else ""


def _rien_ne_reste(texte: str) -> str:
    """Name a field without which some selection is empty."""
    reste, perdus = elague(texte)
    return min((c[-1] for c in perdus), default="") if re.search(r"\{\s*\}", reste) else ""


def _absent(sorte: str, champ: str) -> bool:
    """Say whether the published type has a field that ours does not."""
    la_bas, ici = publie().get_type(sorte), notre().get_type(sorte)
    if champ.startswith("__") or champ not in getattr(la_bas, "fields", {}):
        return False
    return champ not in getattr(ici, "fields", {})


def _type_absent(sorte: str) -> bool:
    """Say whether the published schema has a type that ours does not."""
    return sorte in publie().type_map and sorte not in notre().type_map


def _type_du_champ(sorte: str, champ: str) -> str:
    definition = getattr(publie().get_type(sorte), "fields", {}).get(champ)
    return get_named_type(definition.type).name if definition else ""


def _perdus(document: DocumentNode) -> Any:
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}

    def de(selection: SelectionSetNode | None, sorte: str, chemin: Chemin) -> Any:
        for noeud in selection.selections if selection else ():
            if isinstance(noeud, FieldNode):
                ici = (*chemin, (noeud.alias or noeud.name).value)
                if _absent(sorte, noeud.name.value):
                    yield ici
                else:
                    yield from de(noeud.selection_set, _type_du_champ(sorte, noeud.name.value), ici)
            elif isinstance(noeud, InlineFragmentNode):
                condition = noeud.type_condition
                if condition and _type_absent(condition.name.value):
                    yield (*chemin, f"... on {condition.name.value}")
                yield from de(noeud.selection_set, condition.name.value if condition else sorte, chemin)
            elif isinstance(noeud, FragmentSpreadNode) and noeud.name.value in fragments:
                fragment = fragments[noeud.name.value]
                yield from de(fragment.selection_set, fragment.type_condition.name.value, chemin)

    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            racine = publie().get_root_type(definition.operation)
            yield from de(definition.selection_set, racine.name if racine else "", ())


def _taille(selection: SelectionSetNode, sorte: str) -> None:
    gardes = []
    for noeud in selection.selections:
        if isinstance(noeud, FieldNode):
            if _absent(sorte, noeud.name.value):
                continue
            if noeud.selection_set:
                _taille(noeud.selection_set, _type_du_champ(sorte, noeud.name.value))
        elif isinstance(noeud, InlineFragmentNode):
            condition = noeud.type_condition
            if condition and _type_absent(condition.name.value):
                continue
            _taille(noeud.selection_set, condition.name.value if condition else sorte)
        gardes.append(noeud)
    object.__setattr__(selection, "selections", tuple(gardes))
