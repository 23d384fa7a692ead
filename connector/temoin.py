"""A gateway that tells what it was asked and what came of it: the audit journal's source. Never a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connector.core import reconcile
from connector.core.fiche import Retenue
from connector.core.filigrane import EPOCH
from connector.core.model import Demarche, Dossier, DossierSupprime, Page, PageReperes
from connector.core.montants import pluriel
from connector.core.plan import Action, Recu
from connector.errors import (
    AccessDenied,
    ConnectorError,
    ContractBroken,
    DossierError,
    DossierNotFound,
    FatalRemoteError,
    MutationRefused,
    OutcomeUnknown,
    PageTimeout,
    RemoteError,
    RetryableError,
    StopRequested,
    StoreError,
)
from connector.ports import Gateway

ECHEC = "échec"
"""How the answer of what failed begins."""

ECHECS: Mapping[type[ConnectorError], str] = {
    StopRequested: "arrêt demandé, rien n’a été envoyé",
    PageTimeout: "DS n’a pas eu le temps de répondre",
    RetryableError: "DS injoignable ou surchargée",
    AccessDenied: "accès refusé par DS",
    ContractBroken: "réponse de DS non comprise",
    FatalRemoteError: "demande refusée par DS",
    DossierNotFound: "dossier absent de DS",
    MutationRefused: "écriture refusée par DS",
    DossierError: "dossier illisible",
    OutcomeUnknown: "réponse perdue, à vérifier",
    RemoteError: "DS n’a pas donné ce qui était demandé",
    StoreError: "base inutilisable",
    ConnectorError: "erreur du connecteur",
}
"""What each kind of failure is called in the journal; another kind goes by what it is a kind of."""


def echec(genre: type[ConnectorError]) -> str:
    """What that kind of failure is called."""
    return next(ECHECS[g] for g in genre.__mro__ if g in ECHECS)


@dataclass(slots=True, kw_only=True)
class Acte:
    """One call to DS: what, on what, and what came of it ("" while nothing did)."""

    quoi: str
    portee: str = ""
    reponse: str = ""
    demarche: int | None = None
    dossier: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Temoin:
    """The gateway `derriere`, each of its calls told to `noter` once it is over, failed or not.

    `sceller` gives the keyed digest of a message's text: what was sent can be proved, and not guessed.
    """

    derriere: Gateway
    noter: Callable[[Acte], None]
    sceller: Callable[[str], str] = field(default=lambda _text: "")

    def demarche(self, number: int) -> Demarche:
        """The démarche, told."""
        with self._acte("lecture du formulaire", demarche=number):
            return self.derriere.demarche(number)

    def page(
        self,
        number: int,
        *,
        updated_since: datetime,
        after: str | None,
        deleted_since: datetime | None = None,
        retenue: Retenue | None = None,
    ) -> Page:
        """The page, told with how many dossiers it held."""
        with self._acte("lecture d’une page", demarche=number) as acte:
            depuis = "début" if updated_since == EPOCH else f"{updated_since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            acte.portee = f"dossiers modifiés depuis le {depuis}"
            page = self.derriere.page(
                number, updated_since=updated_since, after=after, deleted_since=deleted_since, retenue=retenue
            )
            acte.reponse = pluriel(len(page.dossiers), "dossier")
            return page

    def reperes(self, number: int, *, updated_since: datetime, after: str | None) -> PageReperes:
        """The light page, told with how many dossiers it named."""
        with self._acte("comparaison", "numéros, dates, états et labels", demarche=number) as acte:
            page = self.derriere.reperes(number, updated_since=updated_since, after=after)
            acte.reponse = pluriel(len(page.reperes), "dossier")
            return page

    def supprimes(self, number: int, *, depuis: datetime) -> tuple[DossierSupprime, ...]:
        """The deletions, told with how many they were."""
        with self._acte("lecture des suppressions", demarche=number) as acte:
            found = self.derriere.supprimes(number, depuis=depuis)
            acte.reponse = pluriel(len(found), "dossier")
            return found

    def dossier(self, number: int) -> Dossier:
        """The dossier, told."""
        with self._acte("lecture d’un dossier", dossier=number) as acte:
            dossier = self.derriere.dossier(number)
            acte.demarche = dossier.demarche_number
            return dossier

    def liens(self, number: int) -> Mapping[str, str]:
        """The links of a dossier's files, told without any of them."""
        with self._acte("lecture des liens des pièces", dossier=number) as acte:
            liens = self.derriere.liens(number)
            acte.reponse = pluriel(len(liens), "lien")
            return liens

    def apply(self, dossier: Dossier, instructeur_id: str, action: Action) -> Recu:
        """The receipt, told with whose name was on the write."""
        with self._acte("écriture", demarche=dossier.demarche_number, dossier=dossier.number) as acte:
            body = getattr(action, "body", None)
            scelle = f", empreinte {self.sceller(body)}" if isinstance(body, str) else ""
            acte.portee = f"{reconcile.kind(action)}, au nom de {instructeur_id}{scelle}"
            return self.derriere.apply(dossier, instructeur_id, action)

    @contextmanager
    def _acte(
        self, quoi: str, portee: str = "", *, demarche: int | None = None, dossier: int | None = None
    ) -> Iterator[Acte]:
        acte = Acte(quoi=quoi, portee=portee, demarche=demarche, dossier=dossier)
        try:
            yield acte
            acte.reponse = acte.reponse or "fait"
        except ConnectorError as error:
            acte.reponse = f"{ECHEC} : {echec(type(error))}"
            raise
        finally:
            self.noter(acte)
