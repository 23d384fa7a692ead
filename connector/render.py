"""Message templates: French plain text out of a sandboxed Jinja2, an operator's folder before our own.

What an applicant typed reaches a template as a value, never as template text. Every template is rendered once against
a sample before anything is sent, so that a mistake is told at start and not in the middle of a cycle. A template is
typed with ordinary spaces: the no-break ones that French wants are put in when it is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from connector.cloture import JETON, Cloture, Demesure, en_francais
from connector.core import empreintes, jetons
from connector.core.courrier import MODELES, Faits, Modele, PosteDit
from connector.core.textes import suggestion
from connector.core.typographie import composer
from connector.errors import TemplateError

SUFFIXE = ".txt.j2"
LANGUE = Locale("fr", "FR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing to complete, as a template sees it; `nouveau`: no message spoke of it before."""

    regle: str
    phrase: str
    source: str
    nouveau: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierVu:
    """What a template may say of the dossier."""

    numero: int
    demarche: str
    depose_le: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Contenu:
    """What every template can use, and the facts of which it sees those it declares (`core.courrier.MODELES`)."""

    dossier: DossierVu
    points: tuple[Point, ...]
    echeance: date
    contact: str
    signature: str
    faits: Faits = field(default_factory=Faits)


_POSTE = PosteDit(
    promotion="2026-2028",
    categorie="Entre structure ambulatoire et établissement de santé",
    specialite="Dermatologie",
    duree=24,
    quotite_hospitaliere=Decimal(50),
    quotite_ambulatoire=Decimal(50),
    debut=date(2026, 11, 1),
    fin=date(2028, 10, 31),
    part_ars=Decimal("45265.92"),
    prime=Decimal(1000),
    statut_prime="Due",
)

_FAITS = Faits(
    decision="accordé",
    motif="Le lieu d’exercice n’est pas situé en zone sous-dense.",
    complement="La commission a salué la qualité du projet.",
    voies_recours="Vous pouvez contester cette décision dans les deux mois devant le tribunal administratif.",
    signataire="La directrice générale de l’ARS",
    mention_algorithmique="Cette décision a été préparée à l’aide d’un traitement algorithmique.",
    poste=_POSTE,
    avant=replace(_POSTE, quotite_hospitaliere=Decimal(40), quotite_ambulatoire=Decimal(60)),
    rang=2,
    validite=date(2026, 12, 31),
    date_evenement=date(2026, 11, 2),
    ancienne_date=date(2026, 11, 1),
    nouvelle_date=date(2027, 5, 1),
    lie=123450,
    envoye_le=date(2026, 1, 8),
    leves=2,
)


EXEMPLE = Contenu(
    dossier=DossierVu(numero=123456, demarche="Candidatures", depose_le=date(2026, 1, 5)),
    points=(
        Point(regle="cv", phrase="le curriculum vitae du candidat n’est pas joint.", source="cahier des charges"),
        Point(regle="convention", phrase="la convention n’est pas jointe.", source="cahier des charges", nouveau=True),
    ),
    echeance=date(2026, 2, 1),
    contact="contact@ars.exemple.fr",
    signature="L’équipe de l’ARS",
)


EXEMPLES = (replace(EXEMPLE, faits=_FAITS), replace(EXEMPLE, points=EXEMPLE.points[:1], contact=""))
"""What templates are tried on: several points and one, with and without a contact, every fact and only the needed."""

POINTS = 80
"""More than a dossier can have."""


_AILLEURS = Point(
    regle="depot_territoire",
    phrase="Le temps partagé se fait en Outre-mer (Guyane). Il est à déposer auprès de l’ARS Guyane.",
    source="note DGOS",
)

_POINTS = {"reorientation": (_AILLEURS,)}
"""The points of the samples of which a few missing pieces would make no sense."""


def exemples(name: str) -> tuple[Contenu, ...]:
    """The samples that this template is tried on: the second has no other fact than those it cannot do without."""
    complet, strict = (replace(e, points=_POINTS.get(name, e.points)) for e in EXEMPLES)
    exiges = {nom: getattr(_FAITS, nom) for nom in _modele(name).exige}
    return complet, replace(strict, faits=Faits(**exiges))


def le_plus_long(name: str) -> Contenu:
    """The first sample with as many points as there may be: a template too costly is known at the start."""
    complet, _ = exemples(name)
    return replace(complet, points=(complet.points * POINTS)[:POINTS])


def _modele(name: str) -> Modele:
    return MODELES.get(name, Modele())


def variables(name: str) -> tuple[str, ...]:
    """What that template may name, as an operator is told."""
    return (*VARIABLES, *_modele(name).faits)


VARIABLES = (
    *(f"dossier.{name}" for name in DossierVu.__dataclass_fields__),
    "points",
    *(f"point.{name}" for name in Point.__dataclass_fields__),
    "echeance",
    "contact",
    "signature",
)
"""What every template may name."""


def date_longue(day: date) -> str:
    """« 1er février 2026 »."""
    return f"1er {format_date(day, 'MMMM y', LANGUE)}" if day.day == 1 else format_date(day, "d MMMM y", LANGUE)


def euros(montant: Decimal) -> str:
    """« 1 000 € », « 45 265,92 € »: cents only when there are some."""
    if montant == montant.to_integral_value():
        return format_currency(montant, "EUR", "#,##0 ¤", LANGUE, currency_digits=False)
    return format_currency(montant, "EUR", locale=LANGUE)


def nombre(valeur: Decimal | int) -> str:
    """« 1 200,5 »."""
    return format_decimal(valeur, locale=LANGUE)


def pluriel(quantite: Decimal | int, singulier: str, au_pluriel: str = "") -> str:
    """« 1 point », « 2 points »: the word as French counts it, the number before it."""
    seul = LANGUE.plural_form(quantite) == "one"
    return f"{nombre(quantite)} {singulier if seul else au_pluriel or singulier + 's'}"


FILTRES = {"date_longue": date_longue, "euros": euros, "nombre": nombre, "pluriel": pluriel}


class Modeles:
    """The templates found in `folders`, the first one that has a template winning. `connus`: the tokens in use."""

    def __init__(self, *folders: Path, connus: Collection[str] = ()) -> None:
        self._jinja = Cloture((str(folder) for folder in folders), FILTRES, connus)
        self._connus = connus

    def names(self) -> tuple[str, ...]:
        """The names of the templates at hand, without suffix."""
        return tuple(sorted(n.removesuffix(SUFFIXE) for n in self._jinja.list_templates() if n.endswith(SUFFIXE)))

    def check(self) -> None:
        """Render every template against samples; TemplateError names the first that cannot be."""
        for name in self.names():
            for exemple in (*exemples(name), le_plus_long(name)):
                if jetons.montre(self._text(name, exemple), self._connus):  # its source alone does not show it
                    raise TemplateError(name + SUFFIXE, 0, JETON)

    def render(self, name: str, contenu: Contenu) -> str:
        """The text of one message, without its reference; TemplateError says which line is wrong, or what it lacks.

        A token that somebody typed in a dossier stops nothing: it is masked, and is not sent back.
        """
        return composer(jetons.masque(self._text(name, contenu), self._connus))

    def _text(self, name: str, contenu: Contenu) -> str:
        file = name + SUFFIXE
        manque = _modele(name).manque(contenu.faits)
        if manque:
            raise TemplateError(file, 0, f"il manque de quoi l’écrire : {', '.join(manque)}.")
        values = {nom: getattr(contenu, nom) for nom in Contenu.__dataclass_fields__ if nom != "faits"}
        values |= {nom: getattr(contenu.faits, nom) for nom in _modele(name).faits}
        try:
            text = self._jinja.rendre(file, values)
        except TemplateNotFound as error:
            raise TemplateError(str(error.name or file), 0, "ce modèle est introuvable.") from None
        except TemplateSyntaxError as error:
            raise TemplateError(
                error.name or file, error.lineno, f"erreur d’écriture : {en_francais(error)}."
            ) from None
        except _FAUTES as error:
            raise TemplateError(file, _line(error, file), _cause(error, variables(name))) from None
        if not text.strip():
            raise TemplateError(file, 0, "le message serait vide.")
        tus = [nom for nom in _modele(name).imprime if _plat(getattr(contenu.faits, nom)) not in _plat(text)]
        if tus:
            raise TemplateError(file, 0, f"il doit dire, mot pour mot : {', '.join(tus)}.")
        return text.strip()


def _plat(texte: str) -> str:
    """The words, however the lines are cut."""
    return " ".join(texte.split())


_FAUTES = (
    JinjaError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""All that a template can do wrong once it runs."""

_NOM = re.compile(r"'(\w+)'")


def _cause(error: Exception, connues: tuple[str, ...]) -> str:
    """What is wrong with a template, as a French sentence that says what to do."""
    match error:
        case UndefinedError():
            dit = _inconnue(str(error.message), connues)
        case Demesure():
            dit = f"écriture interdite dans un modèle ({error.message})."
        case SecurityError():
            dit = "écriture interdite dans un modèle."
        case UnicodeDecodeError():
            dit = "ce fichier n’est pas enregistré en UTF-8 : enregistrez-le à nouveau dans ce codage."
        case OSError():
            dit = f"lecture impossible ({error.strerror})."
        case RecursionError():
            dit = "ce modèle s’inclut lui-même : ôtez cette inclusion."
        case ZeroDivisionError():
            dit = "calcul impossible (division par zéro)."
        case _:
            dit = "calcul impossible (ces valeurs ne vont pas ensemble)."
    return dit


def _inconnue(message: str, connues: tuple[str, ...]) -> str:
    """Which name a template should not have used, and those it may."""
    noms = _NOM.findall(message)
    if not noms:
        return "un élément demandé n’existe pas."
    nom = noms[-1]
    proposition = suggestion(nom, (mot for variable in connues for mot in variable.split(".")))
    return f"« {nom} » est inconnu{proposition or ' ; on peut utiliser : ' + ', '.join(connues) + '.'}"


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
