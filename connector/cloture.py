"""Jinja for messages, shut: a template can neither reach out of its box, nor last, nor swell.

What a message needs is allowed by name, and nothing else: no call, no macro, no list but of plain words. What is left
is counted: the turns of all loops together, and the length of each text that is put together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateSyntaxError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

TOURS = 5_000
"""Turns that all the loops of one message may make together, and templates that it may include."""

LONGUEUR = 50_000
"""Characters that a text put together may have: DS's longest messages have a tenth of it."""

NOMBRE_MAX = 10**15

PERMIS = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Include, nodes.If, nodes.For, nodes.Assign, nodes.With),
    *(nodes.Name, nodes.Const, nodes.Tuple, nodes.List, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.Test),
    *(nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv),
    *(nodes.Concat, nodes.Filter, nodes.Keyword, nodes.Getattr, nodes.Getitem, nodes.Slice),
)
"""All that a message may be written with."""

FILTRES = (
    *("abs", "capitalize", "count", "default", "first", "int", "last", "length", "list", "lower", "map", "max", "min"),
    *(
        "reject",
        "rejectattr",
        "reverse",
        "select",
        "selectattr",
        "sort",
        "title",
        "trim",
        "truncate",
        "unique",
        "upper",
    ),
)
"""The filters of Jinja whose answer is no longer than what they are given."""

_TOURS, _COURT = "~tours", "~court"
"""Filters of our own, under names that no template can write."""


class Cloture(ImmutableSandboxedEnvironment):
    """The environment of our templates, found in those folders, the first one that has it winning."""

    intercepted_binops = frozenset({"+", "*"})

    def __init__(self, dossiers: Iterable[str], filtres: dict[str, Any]) -> None:
        super().__init__(
            loader=FileSystemLoader(list(dossiers), encoding="utf-8-sig"),
            undefined=StrictUndefined,
            autoescape=False,
            keep_trailing_newline=False,
        )
        self._reste = TOURS
        self.globals.clear()
        bornes = {_TOURS: self._tours, _COURT: _court_ici, "join": _joint}
        self.filters = {nom: self.filters[nom] for nom in FILTRES} | bornes | filtres

    def rendre(self, fichier: str, valeurs: dict[str, Any]) -> str:
        """The text of that template; whatever Jinja raises, `SecurityError` when it lasts or swells."""
        self._reste = TOURS
        texte: str = _court(self.get_template(fichier).render(valeurs))
        return texte

    def get_template(self, name: Any, *plus: Any, **options: Any) -> Template:
        """A template, counted: one that includes itself twice would never end."""
        self._compter()
        modele: Template = super().get_template(name, *plus, **options)
        return modele

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """A sum or a product, bounded; only numbers are multiplied."""
        if operator == "*" and (isinstance(left, str | list | tuple) or isinstance(right, str | list | tuple)):
            raise SecurityError("seuls des nombres se multiplient")
        return _court(super().call_binop(context, operator, left, right))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        arbre: nodes.Template = super()._parse(source, name, filename)
        for noeud in arbre.find_all(nodes.Node):
            _verifier(noeud, name)
        arbre = _Bornes().visit(arbre)
        arbre.set_environment(self)
        return arbre

    @pass_context  # not while it is compiled
    def _tours(self, _context: Context, suite: Iterable[Any]) -> Iterator[Any]:
        for element in suite:
            self._compter()
            yield element

    def _compter(self) -> None:
        self._reste -= 1
        if self._reste < 0:
            raise SecurityError(f"plus de {TOURS} tours de boucle")


def _verifier(noeud: nodes.Node, nom: str | None) -> None:
    """Refuse what is not allowed, where it is written."""
    permis = type(noeud) in PERMIS
    if isinstance(noeud, nodes.List | nodes.Tuple) and getattr(noeud, "ctx", "load") == "load":
        permis = all(isinstance(element, nodes.Const) for element in noeud.items)
    if not permis:
        raise TemplateSyntaxError("écriture interdite dans un modèle de message", noeud.lineno, nom)


class _Bornes(NodeTransformer):
    """Has the turns of loops counted, and joined texts measured."""

    def visit_For(self, noeud: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja names its visitors so
        self.generic_visit(noeud)
        noeud.iter = _filtre(noeud.iter, _TOURS)
        return noeud

    def visit_Concat(self, noeud: nodes.Concat) -> nodes.Node:  # noqa: N802 - see above
        self.generic_visit(noeud)
        return _filtre(noeud, _COURT)


def _filtre(noeud: Any, nom: str) -> nodes.Filter:
    return nodes.Filter(noeud, nom, [], [], None, None, lineno=noeud.lineno)


def _court(valeur: Any) -> Any:
    """The value, when it is not out of all proportion."""
    longueur = len(valeur) if isinstance(valeur, str | list | tuple) else 0
    nombre = abs(valeur) if isinstance(valeur, int) else 0
    if longueur > LONGUEUR or nombre > NOMBRE_MAX:
        raise SecurityError("ce texte ou ce nombre est démesuré")
    return valeur


@pass_context
def _court_ici(_context: Context, valeur: Any) -> Any:
    return _court(valeur)


def _joint(valeurs: Iterable[Any], entre: str = "") -> str:
    """The texts put end to end."""
    textes = [str(valeur) for valeur in valeurs]
    if sum(map(len, textes)) + len(entre) * len(textes) > LONGUEUR:
        raise SecurityError("ce texte est démesuré")
    return entre.join(textes)
