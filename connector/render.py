"""Message templates: French plain text out of a sandboxed Jinja2, an operator's folder before our own.

What an applicant typed reaches a template as a value, never as template text. Every template is rendered once against
a sample before anything is sent, so that a mistake is told at start and not in the middle of a cycle. A template is
typed with ordinary spaces: the no-break ones that French wants are put in when it is rendered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2 import TemplateError as JinjaError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from connector.core import empreintes
from connector.core.textes import suggestion
from connector.core.typographie import composer
from connector.errors import TemplateError

SUFFIXE = ".txt.j2"
MOIS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing to complete, as a template sees it."""

    regle: str
    phrase: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierVu:
    """What a template may say of the dossier."""

    numero: int
    demarche: str
    depose_le: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Contenu:
    """All that a template can use; anything else is an error told before sending."""

    dossier: DossierVu
    points: tuple[Point, ...]
    echeance: date
    contact: str
    signature: str


EXEMPLE = Contenu(
    dossier=DossierVu(numero=123456, demarche="Candidatures", depose_le=date(2026, 1, 5)),
    points=(
        Point(regle="cv", phrase="le curriculum vitae du candidat n’est pas joint.", source="cahier des charges"),
        Point(regle="convention", phrase="la convention n’est pas jointe.", source="cahier des charges"),
    ),
    echeance=date(2026, 2, 1),
    contact="contact@ars.exemple.fr",
    signature="L’équipe de l’ARS",
)

EXEMPLES = (EXEMPLE, replace(EXEMPLE, points=EXEMPLE.points[:1], contact=""))
"""What templates are tried on: several points and one, with and without a contact."""


VARIABLES = (
    *(f"dossier.{name}" for name in DossierVu.__dataclass_fields__),
    "points",
    *(f"point.{name}" for name in Point.__dataclass_fields__),
    "echeance",
    "contact",
    "signature",
)
"""What a template may name, as an operator is told."""


def date_longue(day: date) -> str:
    """« 1er février 2026 »."""
    return f"{'1er' if day.day == 1 else day.day} {MOIS[day.month - 1]} {day.year}"


class Modeles:
    """The templates found in `folders`, the first one that has a template winning."""

    def __init__(self, *folders: Path) -> None:
        self._jinja = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader([str(folder) for folder in folders], encoding="utf-8-sig"),
            undefined=StrictUndefined,
            autoescape=False,
            keep_trailing_newline=False,
        )
        self._jinja.filters["date_longue"] = date_longue

    def names(self) -> tuple[str, ...]:
        """The names of the templates at hand, without suffix."""
        return tuple(sorted(n.removesuffix(SUFFIXE) for n in self._jinja.list_templates() if n.endswith(SUFFIXE)))

    def check(self) -> None:
        """Render every template against samples; TemplateError names the first that cannot be."""
        for name in self.names():
            for exemple in EXEMPLES:
                self.render(name, exemple)

    def render(self, name: str, contenu: Contenu) -> str:
        """The text of one message, without its reference; TemplateError says which line is wrong."""
        file = name + SUFFIXE
        values = {field: getattr(contenu, field) for field in Contenu.__dataclass_fields__}
        try:
            text = self._jinja.get_template(file).render(values)
        except TemplateNotFound as error:
            raise TemplateError(str(error.name or file), 0, "ce modèle est introuvable.") from None
        except TemplateSyntaxError as error:
            raise TemplateError(error.name or file, error.lineno, f"erreur d’écriture ({error.message}).") from None
        except _FAUTES as error:
            raise TemplateError(file, _line(error, file), _cause(error)) from None
        if not text.strip():
            raise TemplateError(file, 0, "le message serait vide.")
        return composer(text.strip())


_FAUTES = (
    JinjaError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""All that a template can do wrong once it runs."""

_NOM = re.compile(r"'(\w+)'")


def _cause(error: Exception) -> str:
    """What is wrong with a template, as a French sentence that says what to do."""
    match error:
        case UndefinedError():
            return _inconnue(str(error.message))
        case SecurityError():
            return f"écriture interdite dans un modèle ({error.message})."
        case UnicodeDecodeError():
            return "ce fichier n’est pas enregistré en UTF-8 : enregistrez-le à nouveau dans ce codage."
        case OSError():
            return f"lecture impossible ({error.strerror})."
        case RecursionError():
            return "ce modèle s’inclut lui-même."
        case _:
            return f"calcul impossible ({error})."


def _inconnue(message: str) -> str:
    """Which name a template should not have used, and those it may."""
    nom = (_NOM.findall(message) or [message])[-1]
    proposition = suggestion(nom, (mot for variable in VARIABLES for mot in variable.split(".")))
    return f"« {nom} » est inconnu{proposition or ' ; on peut utiliser : ' + ', '.join(VARIABLES) + '.'}"


def _line(error: BaseException, file: str) -> int:
    """The template's line in a traceback, 0 when it is nowhere there."""
    line, step = 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.endswith(file):
            line = step.tb_lineno
        step = step.tb_next
    return line


def body(text: str, reference: str) -> str:
    """The message as sent: its text, then the line by which we recognise it later."""
    return f"{text}\n\n{empreintes.reference_line(reference)}"
