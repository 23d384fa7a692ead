"""The query documents of `queries/`, each with the fragments it needs and nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from gql import gql
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    print_ast,
    visit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One operation ready to send. `name` is its file's, `operation` its own; `node` holds its fragments too.

    `text` is `node` as it is posted, printed once.
    """

    name: str
    operation: str
    mutation: bool
    node: DocumentNode
    text: str


@cache
def document(name: str) -> Document:
    """The operation of `queries/<name>.graphql`; `KeyError` when there is no such file."""
    source = _racine() / f"{name}.graphql"
    if not source.is_file():
        raise KeyError(name)
    node = gql(source.read_text(encoding="utf-8")).document
    (operation,) = (d for d in node.definitions if isinstance(d, OperationDefinitionNode))
    whole = DocumentNode(definitions=(*node.definitions, *_fragments_de(node)))
    return Document(
        name=name,
        operation=operation.name.value if operation.name else name,
        mutation=operation.operation is OperationType.MUTATION,
        node=whole,
        text=print_ast(whole),
    )


def noms() -> tuple[str, ...]:
    """The names of every document, sorted."""
    return tuple(sorted(f.name.removesuffix(".graphql") for f in _fichiers(_racine())))


def _racine() -> Traversable:
    """Where the documents are: inside the wheel, else at the root of the repository."""
    installed = resources.files("connector") / "_queries"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "queries"


def _fichiers(dossier: Traversable) -> Iterator[Traversable]:
    return (f for f in dossier.iterdir() if f.name.endswith(".graphql"))


@cache
def _fragments() -> dict[str, FragmentDefinitionNode]:
    """Every fragment of `queries/fragments/`, by name."""
    nodes = (gql(f.read_text(encoding="utf-8")).document for f in _fichiers(_racine() / "fragments"))
    definitions = (d for node in nodes for d in node.definitions if isinstance(d, FragmentDefinitionNode))
    return {d.name.value: d for d in definitions}


def _fragments_de(node: DocumentNode) -> tuple[FragmentDefinitionNode, ...]:
    """The fragments that a document needs, through the fragments of its fragments, in the order they are met."""
    needed: dict[str, FragmentDefinitionNode] = {}
    waiting = _noms_employes(node)
    while waiting:
        name = waiting.pop(0)
        if name not in needed:
            needed[name] = _fragments()[name]
            waiting += _noms_employes(needed[name])
    return tuple(needed.values())


class _Employes(Visitor):
    """Collects the names of the fragments spread in a node."""

    def __init__(self) -> None:
        super().__init__()
        self.noms: list[str] = []

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.noms.append(node.name.value)


def _noms_employes(node: DocumentNode | FragmentDefinitionNode) -> list[str]:
    visitor = _Employes()
    visit(node, visitor)
    return visitor.noms
