"""Which message a dossier deserves, what it speaks of, and the facts it tells: data, never a word of French prose.

The words are the templates'; `render` puts them together with what is here. Each template declares the facts it needs:
a message that lacks one is not written at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from connector.core.constat import Constat
from connector.core.model import Dossier, Message
from connector.core.plan import Ecriture, EnvoyerMessage
from connector.core.textes import normaliser


class Auteur(StrEnum):
    """Who wrote a message; DS does not say, so it is deduced (contract §4.5)."""

    USAGER = "usager"
    AGENT = "agent"
    SYSTEME = "systeme"
    CONNECTEUR = "connecteur"


@dataclass(frozen=True, slots=True, kw_only=True)
class PosteDit:
    """A post as a message tells it; None or "" is what is not known, and what the message then leaves out.

    Quotités in percent, `part_ars` and `prime` in euros (the whole share, the monthly premium); `duree` in months.
    """

    promotion: str = ""
    categorie: str = ""
    specialite: str = ""
    duree: int | None = None
    quotite_hospitaliere: Decimal | None = None
    quotite_ambulatoire: Decimal | None = None
    debut: date | None = None
    fin: date | None = None
    part_ars: Decimal | None = None
    prime: Decimal | None = None
    statut_prime: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faits:
    """What a message tells besides its points: every field may be missing, and a template sees those it declares.

    Texts are whole French sentences, ready to print: `motif` why it was so decided, `complement` what the commission
    adds, `voies_recours` ways and time limits, `mention_algorithmique` what CRPA L. 311-3-1 wants. `avant` is the post
    as it was before an event, `lie` the number of the other dossier. `envoye_le` is the day of the message that this
    one recalls or follows; `leves` is how many of its points were answered since. `ecarts` says what a replacement
    changes in the project of the post.
    """

    decision: str = ""
    motif: str = ""
    complement: str = ""
    voies_recours: str = ""
    signataire: str = ""
    mention_algorithmique: str = ""
    poste: PosteDit | None = None
    avant: PosteDit | None = None
    rang: int | None = None
    validite: date | None = None
    date_evenement: date | None = None
    ancienne_date: date | None = None
    nouvelle_date: date | None = None
    lie: int | None = None
    envoye_le: date | None = None
    leves: int = 0
    ecarts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Modele:
    """A message we know: the facts it cannot be written without, and those it tells when they are there.

    `imprime` are the texts that it must show word for word when they are there, whoever wrote the template.
    """

    exige: tuple[str, ...] = ()
    admet: tuple[str, ...] = ()
    imprime: tuple[str, ...] = ()

    @property
    def faits(self) -> tuple[str, ...]:
        """All the facts that it may name."""
        return (*self.exige, *self.admet)

    def manque(self, faits: Faits) -> tuple[str, ...]:
        """Which facts keep it from being written."""
        return tuple(nom for nom in self.exige if getattr(faits, nom) in (None, ""))


_DECIDE = ("complement", "mention_algorithmique")
_IMPRIME = ("motif", "voies_recours", "signataire", "mention_algorithmique")

EVENEMENTS = ("desistement", "remplacement", "report", "prise_de_fonction", "fin")
"""The templates that tell what became of an accepted dossier, each sent once for one dossier."""

MODELES: Mapping[str, Modele] = {
    # what the applicant is asked, told and reminded of
    "accuse": Modele(),
    "pieces": Modele(),
    "precisions": Modele(),
    "correction": Modele(),
    "correction_suite": Modele(admet=("leves", "envoye_le")),
    "complet": Modele(),
    "relance_1": Modele(exige=("envoye_le",)),
    "relance_2": Modele(exige=("envoye_le",)),
    "reorientation": Modele(),
    # decisions
    "accord": Modele(
        exige=("poste", "signataire"),
        admet=("motif", "voies_recours", *_DECIDE),
        imprime=("signataire", "mention_algorithmique"),
    ),
    "refus": Modele(
        exige=("motif", "voies_recours", "signataire"), admet=("poste", *_DECIDE), imprime=(*_IMPRIME, "complement")
    ),
    "liste_attente": Modele(exige=("signataire",), admet=("rang", "validite", "poste", "motif", *_DECIDE)),
    "sans_suite": Modele(exige=("motif", "signataire"), admet=("voies_recours", *_DECIDE), imprime=_IMPRIME),
    # life after acceptance
    "desistement": Modele(exige=("date_evenement",), admet=("poste",)),
    "remplacement": Modele(exige=("poste", "lie"), admet=("ecarts",)),
    "report": Modele(exige=("ancienne_date", "nouvelle_date"), admet=("decision", "poste", "motif")),
    "prise_de_fonction": Modele(exige=("date_evenement",), admet=("poste", "ancienne_date")),
    "fin": Modele(exige=("date_evenement",), admet=("poste",)),
}
"""The facts that each template declares, by its name; one that is not here sees none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brouillon:
    """A message to write: its template, the constats it speaks of, its facts, and the reference that will end it.

    `nouveaux` are the keys of the constats never asked before; `echeance` None leaves the usual delay. `reserve` says
    in French why it should wait for an agent, "" when nothing does.
    """

    template: str
    constats: tuple[Constat, ...]
    correction: str | None
    fingerprint: str
    reference: str
    faits: Faits = field(default_factory=Faits)
    nouveaux: frozenset[str] = frozenset()
    echeance: date | None = None
    reserve: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What the two annotations come to.

    `envoi` is the validated message, to send now. `propose` is the text that « Message proposé » should hold, None to
    leave it alone; `libre` tells that what is there may be replaced whoever wrote it (it is empty, or was sent).
    `case` unticks the box. `retenue` says why a tick was not followed; `revoir` when to look again.
    """

    envoi: EnvoyerMessage | None = None
    propose: str | None = None
    libre: bool = False
    case: Ecriture | None = None
    retenue: str = ""
    revoir: timedelta | None = None


RIEN = Validation()
"""Nothing proposed, nothing validated."""


def auteur(message: Message, dossier: Dossier) -> Auteur:
    """Who wrote it. An unknown address is an agent's: DS shows an alias where agents' addresses are hidden."""
    if message.email == dossier.usager_email:
        return Auteur.USAGER
    if message.reference is not None:
        return Auteur.CONNECTEUR
    return Auteur.SYSTEME if message.systeme else Auteur.AGENT


def doubles(dossier: Dossier) -> tuple[str, ...]:
    """The references of the messages of ours that lie there more than once, those taken back aside."""
    seen = [m.reference for m in dossier.messages if m.reference and m.discarded_at is None]
    return tuple(sorted({reference for reference in seen if seen.count(reference) > 1}))


_SUITE = re.compile(
    r"\b(?:(?:transmettr|enverr|adresser|deposer|completer|fournir|joindr|communiquer|ajouter|produir)(?:ons|ai)\b"
    r"|(?:ferons|ferai)\b[^.!?]{0,20}\bparvenir\b"
    r"|(?:pieces?|documents?|justificatifs?|elements?|convention|courrier|attestation)\b[^.!?]{0,60}"
    r"\b(?:suiv(?:ent|ra|ront)|parviendr(?:a|ont)|arriver(?:a|ont)|en cours de signature|en attente de)\b)"
)
"""What applicants write when something will follow, accents and case aside."""


def annonce_une_suite(texte: str) -> bool:
    """Whether an applicant's message says that something will follow: « nous vous transmettrons la convention… »."""
    return bool(_SUITE.search(normaliser(texte)))
