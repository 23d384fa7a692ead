"""Jinja for messages, shut: a template can neither reach out of its box, nor last, nor swell.

What a message needs is allowed by name, and nothing else: no call, no macro, no list but of plain words. What is left
is counted: what is written, how deep, what all loops and inclusions do together, and each text that is put together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import wraps
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateSyntaxError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from connector.core import jetons
from connector.errors import TemplateError

EFFORT = 50_000
"""What one message may do: a unit for each thing written in it, again at each turn of a loop and each inclusion, and
one for every ten characters or things that a filter is given. Our heaviest template takes a hundredth of it."""

TAILLE = 20_000
"""Characters that one template may be written in: ten times our longest."""

PROFONDEUR = 30
"""Things that one template may hold inside one another: ours go to eight. Jinja takes as long as its cube."""

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

_TROP_PROFOND = (
    f"plus de {PROFONDEUR} éléments les uns dans les autres : écrivez-le plus simplement, ou en plusieurs fois avec "
    "{% set %}"
)

JETON = "un jeton est écrit dans ce modèle : ôtez-le, et demandez-en un autre si quelqu’un a pu le lire."
"""What is said of a template that would send a token."""

_TOURS, _COURT = "~tours", "~court"
"""Filters of our own, under names that no template can write."""


class Interdit(TemplateSyntaxError):
    """A template that is written as it may not be: its words are ours, in French."""


class Demesure(SecurityError):
    """One that lasts, swells, or counts what cannot be counted: its words are ours, in French."""


_BLOC = re.compile(r"The innermost block that needs to be closed is '(\w+)'")
_INATTENDU = re.compile(r"(?:got|unexpected char|unexpected) (['\"])(.+?)\1")
_FERMETURES = {"end of print statement": "}}", "end of statement block": "%}"}
_JINJA = (
    (_BLOC, "« {{% {0} %}} » n’est pas fermé : il manque « {{% end{0} %}} »"),
    (re.compile(r"unknown tag '(\w+)'"), "la balise « {0} » est inconnue, ou ne ferme rien"),
    (re.compile(r"No filter named '(\w+)'"), "le filtre « {0} » est inconnu"),
    (re.compile(r"No test named '(\w+)'"), "le test « {0} » est inconnu"),
    (re.compile(r"Missing end of comment tag"), "un commentaire « {{# » n’est pas fermé"),
    (re.compile(r"(?i)unexpected end of template"), "il manque « }}}} » ou « %}} » à la fin"),
)
"""What Jinja says of a template that it cannot read, and how we do."""


def en_francais(error: TemplateSyntaxError) -> str:
    """What is wrong in how a template is written, as a French clause."""
    message = str(error.message)
    if isinstance(error, Interdit):
        return message
    for motif, dit in _JINJA:
        if trouve := motif.search(message):
            return dit.format(*trouve.groups())
    inattendu = _INATTENDU.search(message)
    if inattendu is None:
        return "écriture non comprise"
    return f"« {_FERMETURES.get(inattendu[2], inattendu[2])} » n’a pas sa place ici"


class Cloture(ImmutableSandboxedEnvironment):
    """The environment of our templates, found in those folders, the first one that has it winning.

    `connus`: the tokens in use, which no template may hold.
    """

    intercepted_binops = frozenset({"+", "*"})

    def __init__(self, dossiers: Iterable[str], filtres: dict[str, Any], connus: Collection[str] = ()) -> None:
        super().__init__(
            loader=FileSystemLoader(list(dossiers), encoding="utf-8-sig"),
            undefined=StrictUndefined,
            autoescape=False,
            keep_trailing_newline=False,
            optimized=False,  # Jinja would work out beforehand what it can: longer than the message itself
        )
        self._connus = connus
        self._reste = EFFORT
        self._poids: dict[str, int] = {}
        self.globals.clear()
        ouverts = {nom: self.filters[nom] for nom in FILTRES} | {"join": _joint} | filtres
        self.filters = {nom: self._mesure(filtre) for nom, filtre in ouverts.items()}
        self.filters |= {_TOURS: self._tours, _COURT: _court_ici}

    def rendre(self, fichier: str, valeurs: dict[str, Any]) -> str:
        """The text of that template; whatever Jinja raises, `SecurityError` when it lasts or swells."""
        self._reste = EFFORT
        morceaux, longueur = list[str](), 0
        for morceau in self.get_template(fichier).generate(valeurs):
            longueur += len(morceau)
            if longueur > LONGUEUR:
                raise Demesure(f"ce message dépasse {LONGUEUR} caractères : raccourcissez-le")
            morceaux.append(morceau)
        return "".join(morceaux)

    def get_template(self, name: Any, *plus: Any, **options: Any) -> Template:
        """A template, counted: one that includes itself twice would never end."""
        modele: Template = super().get_template(name, *plus, **options)
        self._compter(self._poids[name])
        return modele

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """A sum or a product, bounded; only numbers are multiplied."""
        if operator == "*" and (isinstance(left, str | list | tuple) or isinstance(right, str | list | tuple)):
            raise Demesure("seuls des nombres se multiplient")
        return _court(super().call_binop(context, operator, left, right))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        for rang, ligne in enumerate(source.splitlines(), 1):
            if jetons.montre(ligne, self._connus):
                raise TemplateError(str(name), rang, JETON)
        if len(source) > TAILLE:
            raise Interdit(f"plus de {TAILLE} caractères : raccourcissez ce modèle", 1, name)
        try:
            arbre: nodes.Template = super()._parse(source, name, filename)
        except RecursionError:
            raise Interdit(_TROP_PROFOND, 1, name) from None
        self._poids[str(name)] = _verifier(arbre, name)
        arbre = _Bornes().visit(arbre)
        arbre.set_environment(self)
        return arbre

    @pass_context  # not while it is compiled
    def _tours(self, _context: Context, suite: Iterable[Any], poids: int) -> Iterator[Any]:
        for element in suite:
            self._compter(poids)
            yield element

    def _mesure(self, filtre: Callable[..., Any]) -> Callable[..., Any]:
        """The same filter, which counts what it is given: Jinja's take as long as that is long."""

        @wraps(filtre)  # with what Jinja notes on it
        def mesuree(*donnes: Any, **options: Any) -> Any:
            recus = [self._compte(donne) if isinstance(donne, Iterator) else donne for donne in donnes]
            self._compter(1 + sum(len(recu) for recu in recus if isinstance(recu, str | list | tuple)) // 10)
            return filtre(*recus, **options)

        return mesuree

    def _compte(self, suite: Iterator[Any]) -> Iterator[Any]:
        """What a filter gives one at a time, counted when it is taken."""
        for element in suite:
            self._compter(1)
            yield element

    def _compter(self, poids: int) -> None:
        self._reste -= poids
        if self._reste < 0:
            raise Demesure("trop de tours de boucle ou d’inclusions : ôtez-en")


def _verifier(arbre: nodes.Template, nom: str | None) -> int:
    """How many things it is written with; refuse what is not allowed, or too deep, where it is written."""
    combien, rang = 0, list[nodes.Node]([arbre])
    for _ in range(PROFONDEUR):
        for noeud in rang:
            _permettre(noeud, nom)
        combien += len(rang)
        rang = [dedans for noeud in rang for dedans in noeud.iter_child_nodes()]
    if rang:
        raise Interdit(_TROP_PROFOND, rang[0].lineno, nom)
    return combien


def _permettre(noeud: nodes.Node, nom: str | None) -> None:
    """Refuse what is not allowed, where it is written."""
    permis = type(noeud) in PERMIS
    if isinstance(noeud, nodes.List | nodes.Tuple) and getattr(noeud, "ctx", "load") == "load":
        permis = all(isinstance(element, nodes.Const) for element in noeud.items)
    if isinstance(noeud, nodes.Include):  # several names, or one worked out: Jinja would not ask us for the template
        permis = isinstance(noeud.template, nodes.Const)
    if not permis:
        raise Interdit("écriture interdite dans un modèle de message", noeud.lineno, nom)


class _Bornes(NodeTransformer):
    """Has the turns of loops counted, and joined texts measured."""

    def visit_For(self, noeud: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja names its visitors so
        poids = sum(1 for _ in noeud.find_all(nodes.Node))
        self.generic_visit(noeud)
        noeud.iter = _filtre(noeud.iter, _TOURS, poids)
        return noeud

    def visit_Concat(self, noeud: nodes.Concat) -> nodes.Node:  # noqa: N802 - see above
        self.generic_visit(noeud)
        return _filtre(noeud, _COURT)


def _filtre(noeud: Any, nom: str, *donnes: int) -> nodes.Filter:
    return nodes.Filter(noeud, nom, [nodes.Const(donne) for donne in donnes], [], None, None, lineno=noeud.lineno)


def _court(valeur: Any) -> Any:
    """The value, when it is not out of all proportion."""
    longueur = len(valeur) if isinstance(valeur, str | list | tuple) else 0
    nombre = abs(valeur) if isinstance(valeur, int) else 0
    if longueur > LONGUEUR or nombre > NOMBRE_MAX:
        raise Demesure("ce texte ou ce nombre est démesuré")
    return valeur


@pass_context
def _court_ici(_context: Context, valeur: Any) -> Any:
    return _court(valeur)


def _joint(valeurs: Iterable[Any], entre: str = "") -> str:
    """The texts put end to end."""
    textes = [str(valeur) for valeur in valeurs]
    if sum(map(len, textes)) + len(entre) * len(textes) > LONGUEUR:
        raise Demesure("ce texte est démesuré")
    return entre.join(textes)
