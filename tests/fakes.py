"""Stand-ins that behave: a tiny Démarches simplifiées, and a store and a ledger held in dicts.

`Serveur` keeps `ports.Gateway` and really applies what it is asked: it bumps the dates of contract §6, shows them to
the second, pages by (updated_at, id), answers a damaged cursor with an empty page, hides dossiers, refuses, throttles,
and loses answers before or after applying. `Armoire` keeps `ports.Dossiers`, `Registre` keeps `ports.Ledger`.

The three share a `Sort`, which may kill the process (`Mort`) at any read or write: what was committed stays, what was
not is lost. `Monde` puts one of each together with a clock that only moves when told to; `Entourage`
keeps `ports.Monde` for the tests that have others around a dossier.
"""

from __future__ import annotations

import base64
import binascii
from collections import deque
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, auto

from connector.core import empreintes
from connector.core.campagne import Campagne
from connector.core.constat import Source
from connector.core.correspondance import (
    CibleAnnotation,
    Correspondance,
    Entree,
    EntreeAnnotation,
    EntreeLabel,
    Resolution,
    TypeLogique,
    resolve,
)
from connector.core.courrier import Brouillon
from connector.core.decisions import Cadre, Decision, SourceDecisions
from connector.core.ecarts import Garde
from connector.core.evaluation import AConfirmer, Evaluation, Historique, Jeu
from connector.core.fiche import Fiche, Retenue, retain
from connector.core.filigrane import Filigrane
from connector.core.model import (
    Champ,
    ChampDescriptor,
    Choix,
    Correction,
    Demandeur,
    Demarche,
    Dossier,
    DossierState,
    DossierSupprime,
    Groupe,
    Label,
    Message,
    Page,
    PageReperes,
    Piece,
    Pieces,
    Profil,
    Repere,
    Revision,
    Traitement,
    Trou,
    Valeur,
    VirusScan,
)
from connector.core.plan import (
    DECISIONS,
    Action,
    AjouterLabel,
    ChangerEtat,
    EcrireAnnotations,
    EnvoyerMessage,
    EtatIntention,
    Intention,
    Recu,
    SupprimerLabel,
    Transition,
)
from connector.core.politique import Mode, Politique
from connector.core.projet import Projet
from connector.core.reconcile import EVENEMENTS
from connector.core.regles import ChampRequis, PieceObligatoire, Regle
from connector.core.situation import Situation
from connector.errors import (
    ConnectorError,
    DossierError,
    DossierNotFound,
    MutationRefused,
    OutcomeUnknown,
    RetryableError,
    StoreError,
)
from connector.ports import Bord, Consigne, Passage, nulle_part

PARIS = timezone(timedelta(hours=1))
DEPART = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When the clock starts."""

NUMERO = 4242
LIEN = "https://fichiers.exemple.fr/"
USAGER, AGENT, CONNECTEUR = "rh@hopital.exemple.fr", "agent@ars.exemple.fr", "connecteur@ars.exemple.fr"
SPECIALITE, CV = "C-specialite", "C-cv"
SYNTHESE, AVIS, POINTS, CONTROLE, VERSION, NOTE, PROPOSE, ENVOI = (
    "A-synthese",
    "A-avis",
    "A-points",
    "A-controle",
    "A-version",
    "A-note",
    "A-propose",
    "A-envoi",
)
COMPLET = Label(id="L-complet", name="Complet")
MANQUE = Label(id="L-manque", name="Pièce manquante")
DOUTE = Label(id="L-doute", name="À vérifier")
MANUEL = Label(id="L-manuel", name="Suivi manuel")
OPTIONS = ("Favorable", "À compléter", "À vérifier", "Défavorable", "Réorientation", "Liste d’attente")
SOURCE = Source(texte="cahier des charges, § 4", opposable=True)

CORRESPONDANCE = Correspondance(
    champs=(
        Entree(cle="specialite", type=TypeLogique.TEXTE, id=SPECIALITE),
        Entree(cle="cv", type=TypeLogique.PIECE, id=CV),
    ),
    annotations=tuple(
        EntreeAnnotation(cle=cle, id=id_)
        for cle, id_ in (
            ("synthese", SYNTHESE),
            ("avis_propose", AVIS),
            ("points_a_verifier", POINTS),
            ("controle_le", CONTROLE),
            ("version_regles", VERSION),
            ("message_propose", PROPOSE),
        )
    ),
    saisies=(
        Entree(cle="note", type=TypeLogique.TEXTE, id=NOTE),
        Entree(cle="envoi_valide", type=TypeLogique.BOOLEEN, id=ENVOI),
    ),
    labels=tuple(
        EntreeLabel(cle=cle, libelle=label.name, facultatif=True)
        for cle, label in (
            ("complet", COMPLET),
            ("piece_manquante", MANQUE),
            ("a_verifier", DOUTE),
            ("suivi_manuel", MANUEL),
        )
    ),
)

REGLES: tuple[Regle, ...] = (
    ChampRequis(cle="specialite", libelle="spécialité", sources=(SOURCE,), champ="specialite"),
    PieceObligatoire(cle="cv", libelle="CV", sources=(SOURCE,), champ="cv", formats=("pdf",)),
)

AGIR = Politique(
    mode=Mode.AGIR,
    corrections=True,
    passage_en_instruction=True,
    mise_en_service=date(2026, 1, 1),
    instructeur=CONNECTEUR,
)


def une_piece(nom: str = "cv.pdf", **changes: object) -> Pieces:
    """One healthy file."""
    piece = Piece(
        filename=nom,
        content_type="application/pdf",
        byte_size=1200,
        checksum="1B2M2Y8AsgTpgAmY7PhCfg==",
        virus_scan=VirusScan.SAFE,
    )
    return Pieces(files=(replace(piece, **changes),))


def un_champ(id_: str, value: Valeur, typename: str = "TextChamp", updated_at: datetime | None = None) -> Champ:
    """A champ or annotation outside any repetition; its label is made of its id."""
    label = id_.partition("-")[2].capitalize()
    return Champ(id=id_, descriptor_id=id_, label=label, typename=typename, value=value, updated_at=updated_at)


def un_message(
    id_: str = "M-1", texte: str = "Bonjour", *, email: str = AGENT, le: datetime = DEPART, **changes: object
) -> Message:
    """A message as the gateway tells it: without its text."""
    message = Message(
        id=id_,
        email=email,
        empreinte=empreintes.of_text(texte),
        created_at=le,
        reference=empreintes.reference_in(texte),
    )
    return replace(message, **changes)


GROUPE = Groupe(
    id="G-1",
    number=1,
    label="Loiret",
    instructeurs=(Profil(id="I-agent", email=AGENT), Profil(id="I-connecteur", email=CONNECTEUR)),
)


def un_dossier(number: int = 100, *, le: datetime = DEPART, **changes: object) -> Dossier:
    """A complete dossier just filed, that nobody touched since."""
    dossier = Dossier(
        id=f"D-{number}",
        number=number,
        demarche_number=NUMERO,
        revision_id="R-1",
        state=DossierState.EN_CONSTRUCTION,
        archived=False,
        date_depot=le,
        date_passage_en_construction=le,
        date_passage_en_instruction=None,
        date_traitement=None,
        date_derniere_modification=le,
        date_derniere_modification_champs=le,
        date_derniere_modification_annotations=le,
        date_derniere_correction_en_attente=None,
        date_suppression_par_usager=None,
        compte_supprime=False,
        usager_email=USAGER,
        demandeur=Demandeur(typename="PersonneMorale", siret="13001653800014"),
        groupe=GROUPE,
        labels=(),
        traitements=(Traitement(event="depose", date=le),),
        messages=(),
        avis=(),
        champs=(un_champ(SPECIALITE, "Gériatrie"), un_champ(CV, une_piece(), "PieceJustificativeChamp")),
        annotations=(
            un_champ(SYNTHESE, None, updated_at=le),
            un_champ(AVIS, None, "DropDownListChamp", updated_at=le),
            un_champ(POINTS, None, updated_at=le),
            un_champ(CONTROLE, None, "DateChamp", updated_at=le),
            un_champ(VERSION, None, updated_at=le),
            un_champ(NOTE, None, updated_at=le),
            un_champ(PROPOSE, None, updated_at=le),
            un_champ(ENVOI, False, "CheckboxChamp", updated_at=le),
        ),
    )
    return replace(dossier, **changes)


def _descripteur(id_: str, kind: str, *options: str) -> ChampDescriptor:
    label = id_.partition("-")[2].capitalize()
    return ChampDescriptor(id=id_, label=label, typename=f"{kind}ChampDescriptor", required=False, options=options)


def une_revision(id_: str = "R-1", le: datetime = DEPART) -> Revision:
    """The form that `CORRESPONDANCE` maps."""
    return Revision(
        id=id_,
        date_publication=le,
        champs=(_descripteur(SPECIALITE, "Text"), _descripteur(CV, "PieceJustificative")),
        annotations=(
            _descripteur(SYNTHESE, "Text"),
            _descripteur(AVIS, "DropDownList", *OPTIONS),
            _descripteur(POINTS, "Textarea"),
            _descripteur(CONTROLE, "Date"),
            _descripteur(VERSION, "Text"),
            _descripteur(NOTE, "Text"),
            _descripteur(PROPOSE, "Textarea"),
            _descripteur(ENVOI, "Checkbox"),
        ),
    )


def une_demarche(**changes: object) -> Demarche:
    """The démarche of every test."""
    revision = une_revision()
    demarche = Demarche(
        id="P-1",
        number=NUMERO,
        title="Candidatures",
        state="publiee",
        active=revision,
        revisions=(revision,),
        groupes=(GROUPE,),
        labels=(COMPLET, MANQUE, DOUTE, MANUEL),
    )
    return replace(demarche, **changes)


DECISION, MOTIVATION, RANG, CONFIRMEE = "A-decision", "A-motivation", "A-rang", "A-confirmee"
PROPOSEE, PORTEE, RANG_ATTENTE = "A-proposee", "A-portee", "A-attente"
ATTENTE = Label(id="L-attente", name="Liste d’attente")

CORRESPONDANCE_DECISIONS = replace(
    CORRESPONDANCE,
    annotations=(
        *CORRESPONDANCE.annotations,
        EntreeAnnotation(cle="motivation_proposee", id=PROPOSEE),
        EntreeAnnotation(cle="decision_portee", id=PORTEE),
        EntreeAnnotation(cle="rang_attente", id=RANG_ATTENTE),
    ),
    saisies=(
        *CORRESPONDANCE.saisies,
        Entree(cle="decision", type=TypeLogique.CHOIX, id=DECISION),
        Entree(cle="motivation", type=TypeLogique.TEXTE_LONG, id=MOTIVATION),
        Entree(cle="rang", type=TypeLogique.ENTIER, id=RANG),
        Entree(cle="decision_confirmee", type=TypeLogique.BOOLEEN, id=CONFIRMEE),
    ),
    labels=(
        *CORRESPONDANCE.labels,
        EntreeLabel(cle="liste_attente", libelle=ATTENTE.name, facultatif=True),
    ),
)
"""The mapping, and all that decisions may use."""


def annotations_de_decision(le: datetime = DEPART, **values: Valeur) -> tuple[Champ, ...]:
    """What a form that knows of decisions has besides; values by the mapping's key."""
    return (
        un_champ(PROPOSEE, None, "TextChamp", le),
        un_champ(PORTEE, None, "TextChamp", le),
        un_champ(RANG_ATTENTE, None, "IntegerNumberChamp", le),
        un_champ(DECISION, values.get("decision"), "DropDownListChamp", le),
        un_champ(MOTIVATION, values.get("motivation"), "TextChamp", le),
        un_champ(RANG, values.get("rang"), "IntegerNumberChamp", le),
        un_champ(CONFIRMEE, values.get("confirmee", False), "CheckboxChamp", le),
    )


def une_demarche_avec_decisions() -> Demarche:
    """The form that `CORRESPONDANCE_DECISIONS` maps."""
    revision = une_revision()
    revision = replace(
        revision,
        annotations=(
            *revision.annotations,
            _descripteur(PROPOSEE, "Textarea"),
            _descripteur(PORTEE, "Text"),
            _descripteur(RANG_ATTENTE, "IntegerNumber"),
            _descripteur(DECISION, "DropDownList", "Retenu", "Liste d'attente", "Non retenu", "Sans suite"),
            _descripteur(MOTIVATION, "Textarea"),
            _descripteur(RANG, "IntegerNumber"),
            _descripteur(CONFIRMEE, "Checkbox"),
        ),
    )
    return une_demarche(active=revision, revisions=(revision,), labels=(COMPLET, MANQUE, DOUTE, MANUEL, ATTENTE))


def une_resolution(correspondance: Correspondance = CORRESPONDANCE, demarche: Demarche | None = None) -> Resolution:
    """The mapping on the form."""
    found = resolve(correspondance, demarche or une_demarche())
    assert isinstance(found, Resolution), found
    return found


def cible(cle: str) -> CibleAnnotation:
    """Where one of our annotations is written."""
    return une_resolution().annotations[cle]


class Horloge:
    """A clock that stands still until somebody moves it."""

    def __init__(self, now: datetime = DEPART) -> None:
        self.now = now

    def avance(self, **delta: float) -> None:
        """Let time pass, or go back."""
        self.now += timedelta(**delta)


class Mort(BaseException):
    """The process was killed: no `except Exception` may see it."""


class Sort:
    """Fate: kills the process at its `fatale`-th touch, None never; `touches` counts and names them all."""

    def __init__(self, fatale: int | None = None) -> None:
        self.fatale = fatale
        self.touches: list[str] = []

    def touche(self, quoi: str) -> None:
        """One instant at which a process can die."""
        self.touches.append(quoi)
        if self.fatale is not None and len(self.touches) > self.fatale:
            raise Mort(quoi)


class Panne(Enum):
    """What may befall a write."""

    AUCUNE = auto()
    PERDUE = auto()  # the request never arrives, the client cannot know
    SANS_REPONSE = auto()  # applied, the answer is lost
    TARDIVE = auto()  # applied ten seconds later, the answer is lost
    FERMEE = auto()  # the connection was never opened
    QUOTA = auto()  # 429: not applied
    REFUS = auto()  # DS says no
    INTROUVABLE = auto()  # `not_found`: the dossier, or the instructeur, nobody can tell


@dataclass(slots=True)
class Ligne:
    """One dossier on the server: what it is, when it was last written (to the microsecond), and who may see it."""

    dossier: Dossier
    rang: int
    updated_at: datetime
    visible_a: datetime
    cache: bool = False
    illisible: bool = False


class Serveur:
    """A tiny Démarches simplifiées. Keeps `ports.Gateway`; people act on it through its French verbs."""

    def __init__(self, horloge: Horloge, sort: Sort | None = None, *, par_page: int = 50) -> None:
        self.horloge, self.sort, self.par_page = horloge, sort or Sort(), par_page
        self.decalage = timedelta(0)
        self.formulaire = une_demarche()
        self.lignes: dict[int, Ligne] = {}
        self.pannes: deque[Panne] = deque()
        self.lectures_en_panne: deque[ConnectorError] = deque()
        self.annotations_refusees: set[str] = set()
        self.requetes: list[str] = []
        self.envois: list[tuple[int, str]] = []
        self.decidees: list[tuple[int, ChangerEtat]] = []
        self.supprimes_connus: dict[int, DossierSupprime] = {}
        self._en_route: list[tuple[datetime, int, Action]] = []
        self._suite = 0

    # what people do ---------------------------------------------------------------------------------------------------

    def usager_depose(self, number: int = 100, *, retard: timedelta = timedelta(0), **changes: object) -> None:
        """File a dossier; `retard` is how long its transaction takes to commit (contract §3.5)."""
        self._arrive()
        dossier = un_dossier(number, le=_a_la_seconde(self.maintenant), **changes)
        self._suite += 1
        self.lignes[number] = Ligne(dossier, self._suite, self.maintenant, self.maintenant + retard)

    def usager_corrige(self, number: int, *, retard: timedelta = timedelta(0), **valeurs: Valeur) -> None:
        """Submit new values of `specialite` or `cv`: a new round, and a pending correction is resolved."""
        self._arrive()
        ids = {"specialite": SPECIALITE, "cv": CV}
        voulues = {ids[cle]: valeur for cle, valeur in valeurs.items()}
        dossier, le = self.lignes[number].dossier, _a_la_seconde(self.maintenant)
        event = "depose_correction_usager"
        self._ecrit(
            number,
            champs=tuple(replace(c, value=voulues.get(c.id, c.value)) for c in dossier.champs),
            date_derniere_modification_champs=le,
            traitements=(*dossier.traitements, Traitement(event=event, date=le)),
        )
        self._resout_la_correction(number)
        self.lignes[number].visible_a = self.maintenant + retard

    def agent_annote(self, number: int, annotation: str, value: Valeur, *, glissement: float = 0.0) -> None:
        """Type in an annotation; `glissement` (seconds): DS dates the annotation a little after the form."""
        self._arrive()
        le = self.maintenant
        apres = _a_la_seconde(le + timedelta(seconds=glissement))
        self._annote(number, {annotation: value}, apres)
        self._ecrit(number, date_derniere_modification_annotations=_a_la_seconde(le))

    def agent_ecrit(
        self, number: int, texte: str = "Merci de nous appeler.", *, email: str = AGENT, **changes: object
    ) -> None:
        """Write a message by hand."""
        self._arrive()
        self._ajoute_message(number, texte, email, **changes)

    def agent_supprime_messages(self, number: int) -> None:
        """Take every message back: its text goes, its line stays (contract §4.5)."""
        self._arrive()
        dossier = self.lignes[number].dossier
        vides = tuple(
            replace(m, empreinte="", reference=None, discarded_at=_a_la_seconde(self.maintenant))
            for m in dossier.messages
        )
        self._ecrit(number, messages=vides, date_derniere_correction_en_attente=None)

    def agent_change_etat(self, number: int, state: DossierState, event: str) -> None:
        """Change the state by hand."""
        self._arrive()
        le = _a_la_seconde(self.maintenant)
        traitement = Traitement(event=event, date=le, email_agent=AGENT)
        self._ecrit(number, state=state, traitements=(*self.lignes[number].dossier.traitements, traitement))

    def agent_decide(self, number: int, transition: Transition) -> None:
        """Accept, refuse, close, or reopen, by hand."""
        event, state = EVENEMENTS[transition]
        self.agent_change_etat(number, state, event)

    def agent_etiquette(self, number: int, *labels: Label) -> None:
        """Set the labels of a dossier: nothing is bumped (contract §6)."""
        ligne = self.lignes[number]
        ligne.dossier = replace(ligne.dossier, labels=labels)

    def rebase(self, *numbers: int) -> None:
        """Bring dossiers to the active form, some time after its publication: nothing is bumped (contract §3.8)."""
        for number in numbers:
            ligne = self.lignes[number]
            ligne.dossier = replace(ligne.dossier, revision_id=self.formulaire.active.id)

    def atteste(self, number: int) -> None:
        """Make the attestation of a decision, some time after it: nothing is bumped (contract §4.1)."""
        ligne = self.lignes[number]
        ligne.dossier = replace(ligne.dossier, attestation=True)

    def expire(self, number: int) -> None:
        """Let a dossier expire: it is in no list at all for two weeks (contract §3.7)."""
        self._arrive()
        self.lignes[number].cache = True

    def purge(self, number: int, *, reason: str = "expired", il_y_a: timedelta = timedelta(0)) -> None:
        """Really delete a dossier: a line of the log tells, dated back."""
        self._arrive()
        del self.lignes[number]
        self._supprime(number, reason, le=self.maintenant - il_y_a, definitif=True)

    def publie_revision(self, revision: Revision) -> None:
        """Publish another version of the form: no dossier is bumped."""
        self.formulaire = replace(self.formulaire, active=revision, revisions=(revision, *self.formulaire.revisions))

    def cache(self, number: int, *, reason: str = "user_request") -> None:
        """Put a dossier in the bin."""
        self._arrive()
        self.lignes[number].cache = True
        self._supprime(number, reason, le=self.maintenant, definitif=False)

    def restaure(self, number: int) -> None:
        """Take a dossier out of the bin: it is bumped (contract §3.6)."""
        self._arrive()
        self.lignes[number].cache = False
        self.supprimes_connus.pop(number, None)
        self._ecrit(number)

    def change(self, number: int, **changes: object) -> None:
        """Change anything else, and bump."""
        self._arrive()
        self._ecrit(number, **changes)

    # ports.Gateway ----------------------------------------------------------------------------------------------------

    def demarche(self, number: int) -> Demarche:
        """The form, groups and labels."""
        self._lit(f"demarche {number}")
        return self.formulaire

    def page(
        self,
        number: int,
        *,
        updated_since: datetime,
        after: str | None,
        deleted_since: datetime | None = None,
        retenue: Retenue | None = None,
    ) -> Page:
        """Dossiers by (updated_at, id); a cursor that cannot be read gives an empty page (contract §3.4)."""
        self._lit(f"page {number}")
        visibles, voulues = self._depuis(updated_since, after)
        page = voulues[: self.par_page]
        dernier = visibles[-1].dossier if visibles else None
        return Page(
            dossiers=tuple(_reduit(v.dossier, retenue) for v in page if not v.illisible),
            trous=tuple(Trou(cause="invalid_null", number=v.dossier.number) for v in page if v.illisible),
            end_cursor=_curseur(page[-1]) if page else None,
            has_next_page=len(voulues) > len(page),
            dernier=dernier and _repere(dernier),
            active_revision_id=self.formulaire.active.id,
            supprimes=() if deleted_since is None else self._supprimes(deleted_since),
        )

    def reperes(self, number: int, *, updated_since: datetime, after: str | None) -> PageReperes:
        """The same page, light."""
        self._lit(f"reperes {number}")
        _, voulues = self._depuis(updated_since, after)
        page = voulues[: self.par_page]
        return PageReperes(
            reperes=tuple(_repere_entier(v.dossier) for v in page),
            end_cursor=_curseur(page[-1]) if page else None,
            has_next_page=len(voulues) > len(page),
        )

    def supprimes(self, number: int, *, depuis: datetime) -> tuple[DossierSupprime, ...]:
        """The bin and the log of the purged."""
        self._lit(f"supprimes {number}")
        return self._supprimes(depuis)

    def dossier(self, number: int) -> Dossier:
        """One dossier as it is now."""
        self._lit(f"dossier {number}")
        ligne = self.lignes.get(number)
        if ligne is None or ligne not in self._visibles():
            raise DossierNotFound(f"le dossier {number} est introuvable.", number=number)
        if ligne.illisible:
            raise DossierError(f"le dossier {number} est illisible.", number=number)
        return ligne.dossier

    def liens(self, number: int) -> Mapping[str, str]:
        """The link of each file, by checksum."""
        champs = self.dossier(number).champs
        return {f.checksum: LIEN + f.checksum for c in champs if isinstance(c.value, Pieces) for f in c.value.files}

    def apply(self, dossier: Dossier, instructeur_id: str, action: Action) -> Recu:
        """Do it, or suffer the next scripted `Panne`."""
        self._arrive()
        number = dossier.number
        self._note(f"{type(action).__name__} {number}")
        panne = self.pannes.popleft() if self.pannes else Panne.AUCUNE
        match panne:
            case Panne.PERDUE:
                raise OutcomeUnknown("la réponse n’est jamais venue.")
            case Panne.TARDIVE:
                self._en_route.append((self.horloge.now + timedelta(seconds=10), number, action))
                raise OutcomeUnknown("la réponse n’est jamais venue.")
            case Panne.FERMEE:
                raise RetryableError("connexion refusée.", reached=False)
            case Panne.QUOTA:
                raise RetryableError("trop de requêtes.", retry_after=30)
            case Panne.INTROUVABLE:
                raise DossierNotFound("introuvable.", number=number)
            case Panne.REFUS:
                raise MutationRefused("DS a refusé.", cause="texte_inconnu", texts=("Non",), number=number)
            case Panne.AUCUNE | Panne.SANS_REPONSE:
                pass
        self._verifie(number, instructeur_id)
        recu = self._applique(number, action)
        self.sort.touche(f"applied {type(action).__name__}")
        if panne is Panne.SANS_REPONSE:
            raise OutcomeUnknown("la réponse n’est jamais venue.")
        return recu

    # inside -----------------------------------------------------------------------------------------------------------

    @property
    def maintenant(self) -> datetime:
        """The server's own clock."""
        return self.horloge.now + self.decalage

    def _lit(self, quoi: str) -> None:
        self._arrive()
        self._note(quoi)
        if self.lectures_en_panne:
            raise self.lectures_en_panne.popleft()

    def _note(self, quoi: str) -> None:
        self.requetes.append(quoi)
        self.sort.touche(quoi)

    def _arrive(self) -> None:
        """Requests that were under way land at last."""
        dues = [e for e in self._en_route if e[0] <= self.horloge.now]
        self._en_route = [e for e in self._en_route if e[0] > self.horloge.now]
        for _, number, action in dues:
            self._applique(number, action)

    def _supprime(self, number: int, reason: str, *, le: datetime, definitif: bool) -> None:
        self.supprimes_connus[number] = DossierSupprime(
            number=number, date_suppression=_a_la_seconde(le), reason=reason, definitif=definitif
        )

    def _supprimes(self, depuis: datetime) -> tuple[DossierSupprime, ...]:
        return tuple(s for s in self.supprimes_connus.values() if s.date_suppression >= depuis)

    def _depuis(self, updated_since: datetime, after: str | None) -> tuple[list[Ligne], list[Ligne]]:
        """All that may be seen, in order; and what of it comes after that cursor."""
        visibles = sorted(self._visibles(), key=lambda ligne: (ligne.updated_at, ligne.rang))
        depuis = _lu(after) if after is not None else (updated_since, -1)
        if depuis is None:
            return visibles, []
        return visibles, [v for v in visibles if v.updated_at >= updated_since and (v.updated_at, v.rang) > depuis]

    def _visibles(self) -> list[Ligne]:
        return [v for v in self.lignes.values() if not v.cache and v.visible_a <= self.maintenant]

    def _verifie(self, number: int, instructeur_id: str) -> None:
        if instructeur_id not in {i.id for i in self.lignes[number].dossier.groupe.instructeurs}:
            raise MutationRefused("pas les droits.", cause="instructeur", texts=("…",), number=number)

    def _ecrit(self, number: int, **changes: object) -> None:
        """Write a dossier and bump its date."""
        ligne = self.lignes[number]
        le = max(self.maintenant, ligne.updated_at)
        ligne.updated_at = le
        ligne.dossier = replace(ligne.dossier, date_derniere_modification=_a_la_seconde(le), **changes)

    def _annote(self, number: int, valeurs: Mapping[str, Valeur], le: datetime) -> None:
        annotations = tuple(
            replace(a, value=valeurs[a.id], updated_at=le) if a.id in valeurs and a.value != valeurs[a.id] else a
            for a in self.lignes[number].dossier.annotations
        )
        if annotations != self.lignes[number].dossier.annotations:
            self._ecrit(number, annotations=annotations)

    def _ajoute_message(self, number: int, texte: str, email: str, **changes: object) -> Message:
        messages = self.lignes[number].dossier.messages
        id_ = f"M-{number}-{len(messages) + 1}"
        message = un_message(id_, texte, email=email, le=_a_la_seconde(self.maintenant), **changes)
        self._ecrit(number, messages=(*messages, message))
        return message

    def _resout_la_correction(self, number: int) -> None:
        le = _a_la_seconde(self.maintenant)
        messages = tuple(
            replace(m, correction=replace(m.correction, date_resolution=le))
            if m.correction and m.correction.date_resolution is None
            else m
            for m in self.lignes[number].dossier.messages
        )
        self._ecrit(number, messages=messages, date_derniere_correction_en_attente=None)

    def _applique(self, number: int, action: Action) -> Recu:
        match action:
            case EcrireAnnotations():
                return self._applique_annotations(number, action)
            case EnvoyerMessage():
                return self._applique_message(number, action)
            case ChangerEtat():
                return self._applique_etat(number, action)
            case AjouterLabel(label=label):
                labels = [v for v in self.lignes[number].dossier.labels if v.id != label.id]
                self.agent_etiquette(number, *labels, label)
                return Recu()
            case SupprimerLabel(label=label):
                self.agent_etiquette(number, *(v for v in self.lignes[number].dossier.labels if v.id != label.id))
                return Recu()

    def _applique_annotations(self, number: int, action: EcrireAnnotations) -> Recu:
        """Each on its own: what is refused does not hold the rest back (contract §5.5)."""
        bonnes = {e.id: e.value for e in action.ecritures if e.id not in self.annotations_refusees}
        montrees: dict[str, Valeur] = {i: Choix(values=v) if isinstance(v, tuple) else v for i, v in bonnes.items()}
        self._annote(number, montrees, _a_la_seconde(self.maintenant))
        refus = tuple((e.id, "doit être dans les options proposées") for e in action.ecritures if e.id not in bonnes)
        return Recu(ecrites=frozenset(bonnes), refus=refus)

    def _applique_message(self, number: int, action: EnvoyerMessage) -> Recu:
        """A second correction is silently ignored and the message sent anyway (contract §5.3)."""
        dossier = self.lignes[number].dossier
        posee = bool(action.correction) and dossier.date_derniere_correction_en_attente is None
        correction = Correction(reason=action.correction or "") if posee else None
        message = self._ajoute_message(number, action.body, CONNECTEUR, correction=correction)
        if posee:
            self._ecrit(number, date_derniere_correction_en_attente=_a_la_seconde(self.maintenant))
        self.envois.append((number, action.reference))
        return Recu(message_id=message.id, correction_posee=posee if action.correction else None)

    def _applique_etat(self, number: int, action: ChangerEtat) -> Recu:
        dossier = self.lignes[number].dossier
        if action.transition in DECISIONS:
            return self._applique_decision(number, action)
        assert action.transition is Transition.PASSER_EN_INSTRUCTION, "the connector undoes nothing"
        if dossier.state is not DossierState.EN_CONSTRUCTION:
            raise MutationRefused("Le dossier est déjà…", cause="etat", texts=("Le dossier est déjà…",), number=number)
        le = _a_la_seconde(self.maintenant)
        traitement = Traitement(event="passe_en_instruction", date=le, email_agent=CONNECTEUR)
        self._resout_la_correction(number)
        self._ajoute_message(number, "<p>Votre dossier passe en instruction.</p>", "ne-pas-repondre@ds", systeme=True)
        self._ecrit(
            number,
            state=DossierState.EN_INSTRUCTION,
            date_passage_en_instruction=le,
            traitements=(*dossier.traitements, traitement),
        )
        return Recu()

    def _applique_decision(self, number: int, action: ChangerEtat) -> Recu:
        """Accept, refuse or close, from instruction only; the applicant is told by DS itself."""
        dossier = self.lignes[number].dossier
        if dossier.state is not DossierState.EN_INSTRUCTION:
            raise MutationRefused("Le dossier est déjà…", cause="etat", texts=("Le dossier est déjà…",), number=number)
        event, state = EVENEMENTS[action.transition]
        le = _a_la_seconde(self.maintenant)
        self._ajoute_message(number, f"<p>{action.motivation}</p>", "ne-pas-repondre@ds", systeme=True)
        traitement = Traitement(event=event, date=le, email_agent=CONNECTEUR)
        self._ecrit(number, state=state, date_traitement=le, traitements=(*dossier.traitements, traitement))
        self.decidees.append((number, action))
        return Recu()


def _a_la_seconde(le: datetime) -> datetime:
    """A date as DS shows it: to the second, in Paris."""
    return le.astimezone(PARIS).replace(microsecond=0)


def _repere(dossier: Dossier) -> Repere:
    return Repere(number=dossier.number, date_derniere_modification=dossier.date_derniere_modification)


def _reduit(dossier: Dossier, retenue: Retenue | None) -> Dossier:
    return dossier if retenue is None else retain(dossier, retenue).dossier


def _repere_entier(dossier: Dossier) -> Repere:
    return replace(
        _repere(dossier),
        state=dossier.state,
        revision_id=dossier.revision_id,
        labels=tuple(label.id for label in dossier.labels),
        attestation=dossier.attestation,
    )


def _curseur(ligne: Ligne) -> str:
    texte = f"{ligne.updated_at.isoformat()};{ligne.rang}"
    return base64.urlsafe_b64encode(texte.encode()).decode().rstrip("=")


def _lu(curseur: str) -> tuple[datetime, int] | None:
    try:
        texte = base64.urlsafe_b64decode(curseur + "=" * (-len(curseur) % 4)).decode()
        le, _, rang = texte.partition(";")
        return datetime.fromisoformat(le), int(rang)
    except (binascii.Error, ValueError):
        return None


@dataclass(slots=True)
class Rangee:
    """One dossier in the store."""

    fiche: Fiche
    demarche: int
    absent: str | None = None
    evaluation: Evaluation | None = None
    confirmee: str | None = None
    illisible: bool = False
    """Whether it cannot be read back, until it is stored again."""


class Armoire:
    """A store in dicts. Keeps `ports.Dossiers`; each commit is one touch of fate, before which nothing is kept."""

    def __init__(self, registre: Registre, sort: Sort | None = None) -> None:
        self.registre, self.sort = registre, sort or Sort()
        self.rangees: dict[int, Rangee] = {}
        self.filigranes: dict[int, Filigrane] = {}
        self.demarches: dict[int, Demarche] = {}
        self.quarantaine: dict[int, tuple[datetime, int]] = {}
        self.trous: list[Trou] = []
        self.rapports: list[tuple[int, Mapping[str, int], str]] = []
        self.pause = False
        self.commences: list[datetime] = []
        self.effaces: set[int] = set()
        self.jeux: dict[str, Jeu] = {}
        self.politique = ""

    def watermark(self, demarche: int) -> Filigrane | None:
        """Where the reading stands."""
        return self.filigranes.get(demarche)

    def save_page(
        self,
        demarche: int,
        *,
        fiches: tuple[Fiche, ...],
        trous: tuple[Trou, ...],
        supprimes: tuple[DossierSupprime, ...],
        watermark: Filigrane | None,
        now: datetime,
    ) -> int:
        """All or nothing."""
        self.sort.touche("save_page")
        nouveaux = 0
        for fiche in fiches:
            number = fiche.dossier.number
            connue = self.rangees.get(number)
            date_connue = connue and connue.fiche.dossier.date_derniere_modification
            nouveaux += date_connue != fiche.dossier.date_derniere_modification
            self.rangees[number] = Rangee(
                fiche, demarche, evaluation=connue and connue.evaluation, confirmee=connue and connue.confirmee
            )
            self.quarantaine.pop(number, None)
        for trou in trous:
            self.trous.append(trou)
            if trou.number is not None and trou.number not in self.quarantaine:
                self._met_de_cote(trou.number, now)
        for supprime in supprimes:
            if supprime.number not in {fiche.dossier.number for fiche in fiches}:
                self._absente(supprime.number, supprime.reason)
        if watermark is not None:
            self.filigranes[demarche] = watermark
        self.sort.touche("page saved")
        return nouveaux

    def keep_apart(self, demarche: int, identite: frozenset[str], *, now: datetime) -> None:
        """Nobody looks into these dicts."""

    def knows(self, demarche: int, repere: Repere) -> bool:
        """Stored with that very date, or set aside."""
        rangee = self.rangees.get(repere.number)
        date_connue = rangee and rangee.demarche == demarche and rangee.fiche.dossier.date_derniere_modification
        return repere.number in self.quarantaine or date_connue == repere.date_derniere_modification

    def pending(self, demarche: int, *, politique: str, now: datetime) -> Iterator[tuple[Fiche, Historique]]:
        """The dossiers to judge, oldest deposit first."""
        for number in self._numeros(demarche):
            rangee = self.rangees[number]
            if number not in self.quarantaine and _a_juger(rangee, politique, now) and self._lisible(number, now):
                yield rangee.fiche, self._passe(rangee)

    def politiques(self) -> Mapping[str, Jeu]:
        """What each policy is made of."""
        return dict(self.jeux)

    def save_politique(self, empreinte: str, jeu: Jeu, *, now: datetime) -> None:
        """Remember it."""
        self.sort.touche("save_politique")
        self.jeux[empreinte] = jeu

    def confirmables(
        self,
        demarche: int,
        *,
        politique: str,
        anciennes: Collection[str],
        regles: Collection[str],
        retenue: Callable[[], Retenue],
        now: datetime,
    ) -> Iterator[AConfirmer]:
        """Those that the policy alone has judged again, a few champs of each."""
        self.politique = politique
        for number in self._numeros(demarche):
            rangee = self.rangees[number]
            evaluation = rangee.evaluation
            if number in self.quarantaine or evaluation is None or evaluation.politique not in anciennes:
                continue
            if not _a_juger(rangee, politique, now) or _a_juger(rangee, evaluation.politique, now):
                continue
            gardes, dossier = retenue(), rangee.fiche.dossier
            yield AConfirmer(
                dossier=replace(
                    dossier,
                    champs=tuple(c for c in dossier.champs if c.descriptor_id in gardes.champs),
                    annotations=tuple(a for a in dossier.annotations if a.descriptor_id in gardes.annotations),
                    messages=(),
                ),
                politique=evaluation.politique,
                constats=tuple(c for c in evaluation.proposition.constats if c.regle in regles),
            )

    def confirm(self, demarche: int, numbers: Sequence[int]) -> None:
        """All or nothing."""
        self.sort.touche("confirm")
        for number in numbers:
            self.rangees[number].confirmee = self.politique
        self.sort.touche("confirmed")

    def all(self, demarche: int) -> Iterator[tuple[Fiche, Historique]]:
        """Every dossier that DS still shows."""
        for number in self._numeros(demarche):
            yield self.rangees[number].fiche, self._passe(self.rangees[number])

    def dossier(self, number: int) -> tuple[Fiche, Historique] | None:
        """One dossier with its past."""
        rangee = self.rangees.get(number)
        if rangee is not None and rangee.illisible:
            raise StoreError(f"Le dossier {number} est illisible dans la base.")
        return None if rangee is None else (rangee.fiche, self._passe(rangee))

    def readable(self, demarche: int, number: int, *, now: datetime) -> tuple[Fiche, Historique] | None:
        """The same; set aside when it cannot be read, and judged once it can."""
        rangee = self.rangees.get(number)
        if rangee is None or self._lisible(number, now):
            return self.dossier(number)
        if rangee.evaluation is not None:
            rangee.evaluation = replace(rangee.evaluation, a_revoir_le=now)
        return None

    def save_evaluations(self, evaluations: Sequence[Evaluation]) -> None:
        """All or nothing."""
        self.sort.touche("save_evaluations")
        for evaluation in evaluations:
            self.rangees[evaluation.dossier].evaluation = evaluation
        self.sort.touche("evaluations saved")

    def saved_demarche(self, number: int) -> Demarche | None:
        """The form as last read."""
        return self.demarches.get(number)

    def save_demarche(self, demarche: Demarche, *, now: datetime) -> None:
        """Keep the form."""
        self.sort.touche("save_demarche")
        self.demarches[demarche.number] = demarche

    def gardes(self, demarche: int, numbers: Collection[int]) -> Mapping[int, Garde]:
        """What is remembered of those dossiers."""
        return {
            n: Garde(
                number=n,
                date_derniere_modification=r.fiche.dossier.date_derniere_modification,
                state=r.fiche.dossier.state,
                revision_id=r.fiche.dossier.revision_id,
                parties=r.fiche.parties,
                absent=r.absent,
                incomplet=not r.fiche.dossier.demandeur.complet,
                attestation=r.fiche.dossier.attestation,
            )
            for n, r in self.rangees.items()
            if r.demarche == demarche and n in numbers
        }

    def presents(self, demarche: int) -> Iterator[int]:
        """The number of each one that DS still shows."""
        return iter(self._numeros(demarche))

    def set_aside(self, demarche: int) -> frozenset[int]:
        """Those in quarantine."""
        return frozenset(self.quarantaine)

    def erased(self, demarche: int) -> frozenset[int]:
        """Those erased here."""
        return frozenset(self.effaces)

    def mark_absent(self, number: int, *, cause: str, now: datetime) -> None:
        """Judge it no more."""
        self.sort.touche("mark_absent")
        self._absente(number, cause)

    def quarantine(self, demarche: int, number: int, *, cause: str, now: datetime) -> None:
        """Set aside, the delay doubled."""
        self.sort.touche("quarantine")
        self._met_de_cote(number, now)

    def due_quarantine(self, demarche: int, *, now: datetime) -> tuple[int, ...]:
        """Those to try again."""
        return tuple(n for n, (due, _) in sorted(self.quarantaine.items()) if due <= now)

    def paused(self) -> bool:
        """Whether an operator stopped all sending."""
        return self.pause

    def begin(self, demarche: int, *, at: datetime) -> None:
        """Note that a cycle begins."""
        self.commences.append(at)

    def save_report(self, demarche: int, *, at: datetime, exit_code: int, counts: Mapping[str, int], text: str) -> None:
        """Keep how the cycle ended."""
        self.sort.touche("save_report")
        self.rapports.append((exit_code, counts, text))

    def _lisible(self, number: int, now: datetime) -> bool:
        if self.rangees[number].illisible:
            self._met_de_cote(number, now)
        return not self.rangees[number].illisible

    def _met_de_cote(self, number: int, now: datetime) -> None:
        fois = self.quarantaine.get(number, (now, 0))[1] + 1
        delai = min(timedelta(minutes=1) * 2 ** (fois - 1), timedelta(hours=6))
        self.quarantaine[number] = (now + delai, fois)

    def _absente(self, number: int, cause: str) -> None:
        self.quarantaine.pop(number, None)
        if number in self.rangees:
            self.rangees[number].absent = cause

    def _numeros(self, demarche: int) -> list[int]:
        presents = [
            (r.fiche.dossier.date_depot, n)
            for n, r in self.rangees.items()
            if r.demarche == demarche and r.absent is None
        ]
        return [number for _, number in sorted(presents)]

    def _passe(self, rangee: Rangee) -> Historique:
        number = rangee.fiche.dossier.number
        return Historique(evaluation=rangee.evaluation, intentions=self.registre.of_dossier(number))


def _a_juger(rangee: Rangee, politique: str, now: datetime) -> bool:
    e = rangee.evaluation
    return (
        e is None
        or e.contenu != rangee.fiche.parties.contenu
        or e.proposees != rangee.fiche.parties.proposees
        or politique not in (e.politique, rangee.confirmee)
        or e.a_pousser
        or (e.a_revoir_le is not None and e.a_revoir_le <= now)
    )


_PERMIS = {
    EtatIntention.SENDING: {
        EtatIntention.DONE,
        EtatIntention.REJECTED,
        EtatIntention.UNKNOWN,
        EtatIntention.HANDED_TO_HUMAN,
        EtatIntention.PLANNED,
    },
    EtatIntention.UNKNOWN: {
        EtatIntention.DONE,
        EtatIntention.REJECTED,
        EtatIntention.HANDED_TO_HUMAN,
        EtatIntention.PLANNED,
    },
    EtatIntention.HANDED_TO_HUMAN: {EtatIntention.DONE},
}


class Registre:
    """A ledger in a dict. Keeps `ports.Ledger`, and refuses the moves that the real one refuses."""

    RECUL = timedelta(hours=1)

    def __init__(self, sort: Sort | None = None) -> None:
        self.sort = sort or Sort()
        self.intentions: dict[str, Intention] = {}

    def open(self, intention: Intention, *, now: datetime) -> bool:
        """Commit as `sending`, unless it is over, under way, or was refused less than an hour ago."""
        connue = self.intentions.get(intention.fingerprint)
        if connue is not None and not _rouvrable(connue, now):
            return False
        self.sort.touche("open")
        fois = connue.attempts + 1 if connue else 1
        self.intentions[intention.fingerprint] = replace(
            intention, state=EtatIntention.SENDING, sent_at=now, attempts=fois
        )
        self.sort.touche("opened")
        return True

    def close(
        self,
        fingerprint: str,
        state: EtatIntention,
        *,
        now: datetime,
        cause: str = "",
        detail: str = "",
        cible: tuple[str, ...] | None = None,
    ) -> None:
        """Commit how it ended."""
        connue = self.intentions[fingerprint]
        if state not in _PERMIS.get(connue.state, set()):
            raise StoreError(f"{connue.state} → {state}")
        self.sort.touche("close")
        self.intentions[fingerprint] = replace(
            connue,
            state=state,
            closed_at=now,
            cause=cause,
            detail=detail,
            cible=connue.cible if cible is None else cible,
        )
        self.sort.touche("closed")

    def unsettled(self, demarche: int) -> tuple[Intention, ...]:
        """Left `sending` or `unknown`."""
        ouvertes = {EtatIntention.SENDING, EtatIntention.UNKNOWN}
        return tuple(i for i in self.intentions.values() if i.demarche == demarche and i.state in ouvertes)

    def find(self, fingerprint: str) -> Intention | None:
        """The one with that fingerprint."""
        return self.intentions.get(fingerprint)

    def of_dossier(self, number: int) -> tuple[Intention, ...]:
        """Those about one dossier, oldest first."""
        return tuple(i for i in self.intentions.values() if i.dossier == number)


def _rouvrable(connue: Intention, now: datetime) -> bool:
    if connue.state is EtatIntention.REJECTED:
        return connue.closed_at is not None and now - connue.closed_at >= Registre.RECUL
    return connue.state is EtatIntention.PLANNED


class Carnet:
    """What people decided, in a dict. Keeps `ports.Decisions`; `passe` holds all that was ever noted, oldest first."""

    def __init__(self) -> None:
        self.vigueur: dict[tuple[int, SourceDecisions], Decision] = {}
        self.passe: list[Decision] = []

    def en_vigueur(self, number: int, source: SourceDecisions) -> Decision | None:
        """What stands."""
        return self.vigueur.get((number, source))

    def note(self, number: int, source: SourceDecisions, decision: Decision | None, *, now: datetime) -> bool:
        """Record it, unless it says the same."""
        connue = self.vigueur.get((number, source))
        if (connue and connue.dit) == (decision and decision.dit):
            return False
        self.vigueur.pop((number, source), None)
        if decision is not None:
            self.vigueur[number, source] = decision
            self.passe.append(decision)
        return True


class Entourage:
    """What the others say of each dossier, in a dict. Keeps `ports.Monde`.

    `parole` is what is said now, by dossier; `demain` replaces it when the world is looked at anew.
    """

    def __init__(self, sort: Sort | None = None) -> None:
        self.sort = sort or Sort()
        self.parole: dict[int, str] = {}
        self.demain: dict[int, str] = {}
        self.entendu: dict[int, str] = {}
        self.recenses: list[int] = []
        self.regardes: list[int] = []
        self.supposes: list[frozenset[int]] = []
        self.apprecies: dict[int, bool] = {}
        self.places = True
        self.dits = False
        self.tus: set[int] = set()
        self.fois_tout_dit = 0

    def compte_les_places(self) -> bool:
        """Whether places are counted."""
        return self.places

    def apprecie(self, favorables: Mapping[int, bool]) -> None:
        """Note who competes."""
        self.sort.touche("apprecie")
        self.apprecies |= favorables

    def recense(self, demarche: int, resolution: Resolution) -> None:
        """Enter what was read, then look anew."""
        self.sort.touche("recense")
        self.recenses.append(demarche)
        self.rafraichit()

    def rafraichit(self) -> None:
        """Look anew."""
        self.parole |= self.demain
        self.demain = {}

    def situer(self, projet: Projet, dossier: Dossier) -> Situation:
        """What is said of that dossier, as something that the register of posts could not take in."""
        return Situation(registre=self.parole.get(dossier.number, ""))

    def compteurs_dits(self) -> bool:
        """Whether a moved counter waits."""
        return self.dits

    def retient(self, dossiers: Iterable[int], *, sauf_compteurs: Container[int] = ()) -> None:
        """Remember what was said."""
        self.sort.touche("retient")
        numeros = list(dossiers)
        self.entendu |= {n: self.parole.get(n, "") for n in numeros}
        self.tus |= {n for n in numeros if n in sauf_compteurs}

    def deplaces(self, demarche: int, *, arrete: Callable[[], bool]) -> Iterator[int]:
        """Those of whom something else is said."""
        for n, dit in sorted(self.entendu.items()):
            if arrete():
                return
            self.regardes.append(n)
            if dit != self.parole.get(n, ""):
                yield n

    def tout_dit(self, demarche: int) -> None:
        """Everything was told."""
        self.sort.touche("tout_dit")
        self.fois_tout_dit += 1

    def suppose(self, favorables: frozenset[int]) -> None:
        """Take those for the ones we propose to accept."""
        self.supposes.append(favorables)


def rediger(brouillon: Brouillon, dossier: Dossier) -> str:
    """A message in as few words as can be, its reference at the end; a decision's motive stands in the first line."""
    points = "\n".join(f"- {c.phrase}" for c in brouillon.constats)
    texte = f"Dossier {dossier.number} {brouillon.faits.motif}".strip() + f"\n{points}"
    return f"{texte}\n\n{empreintes.reference_line(brouillon.reference)}" if brouillon.reference else texte


@dataclass(slots=True)
class Monde:
    """A server, a store, a ledger, a clock, and the cycle between them."""

    politique: Politique = AGIR
    horloge: Horloge = field(default_factory=Horloge)
    sort: Sort = field(default_factory=Sort)
    regles: tuple[Regle, ...] = REGLES
    correspondance: Correspondance = CORRESPONDANCE
    version: str = "2026.1"
    arret: Callable[[], bool] = lambda: False
    progres: list[tuple[str, int]] = field(default_factory=list)
    attentes: list[float] = field(default_factory=list)
    entourage: Entourage | None = None
    cadre: Cadre = field(default_factory=Cadre)
    campagne: Campagne | None = None
    carnet: Carnet = field(default_factory=Carnet)
    serveur: Serveur = field(init=False)
    registre: Registre = field(init=False)
    armoire: Armoire = field(init=False)

    def __post_init__(self) -> None:
        self.serveur = Serveur(self.horloge, self.sort)
        self.perd_la_base()

    def perd_la_base(self) -> None:
        """Start again with an empty database."""
        self.registre = Registre(self.sort)
        self.armoire = Armoire(self.registre, self.sort)

    def attendre(self, seconds: float) -> bool:
        """Sleep; True once asked to stop."""
        if self.arret():
            return True
        if seconds:
            self.attentes.append(seconds)
            self.horloge.avance(seconds=seconds)
        return False

    def passage(self) -> Passage:
        """One cycle, ready to run."""
        bord = Bord(
            gateway=self.serveur,
            dossiers=self.armoire,
            ledger=self.registre,
            rediger=rediger,
            now=lambda: self.horloge.now,
            aujourd_hui=lambda: self.horloge.now.astimezone(PARIS).date(),
            attendre=self.attendre,
            progres=lambda etape, fait, _total: self.progres.append((etape, fait)),
            situer=self.entourage.situer if self.entourage else nulle_part,
            monde=self.entourage,
            decisions=self.carnet,
        )
        consigne = Consigne(
            demarche=NUMERO,
            correspondance=self.correspondance,
            regles=self.regles,
            version=self.version,
            politique=self.politique,
            empreinte=empreintes.of(self.regles, self.version, self.politique, self.cadre, self.campagne),
            autres=empreintes.of([(r.cle, r.sources) for r in self.regles], self.politique, self.cadre, self.campagne),
            campagne=self.campagne,
            decisions=self.cadre,
        )
        return Passage(bord=bord, consigne=consigne)

    def vu(self, number: int = 100) -> Dossier:
        """A dossier as it stands on the server."""
        return self.serveur.lignes[number].dossier

    def annotation(self, annotation: str, number: int = 100) -> Valeur:
        """What one annotation holds on the server."""
        return next(a.value for a in self.vu(number).annotations if a.id == annotation)

    def messages(self, number: int = 100) -> list[Message]:
        """The messages of ours on the server."""
        return [m for m in self.vu(number).messages if m.email == CONNECTEUR]
