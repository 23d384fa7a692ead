"""What is done with the data itself: erased in time or on request, handed over, copied, accounted for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.core.conservation import Conservation, Motif
from connector.core.montants import pluriel
from connector.core.plan import EtatIntention
from connector.errors import OperatorError
from connector.store import sauvegarde
from connector.store.effacement import AEffacer
from connector.store.journal import Ligne
from connector.wiring import FRANCE

if TYPE_CHECKING:
    from connector.store import Base

MOTIFS = {
    Motif.SUPPRIME: "supprimé dans Démarches simplifiées",
    Motif.ABSENT: "absent de Démarches simplifiées",
    Motif.TERMINE: "terminé",
    Motif.OUBLI: "oublié sur demande",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What a purge erased, or would erase."""

    dossiers: tuple[AEffacer, ...]
    postes: tuple[str, ...]
    lignes: int = 0
    copies: int = 0
    simulee: bool = False

    def text(self) -> str:
        """In one French sentence, numbers only."""
        parts = [
            f"{sum(d.motif is motif for d in self.dossiers)} {phrase}"
            for motif, phrase in MOTIFS.items()
            if any(d.motif is motif for d in self.dossiers)
        ]
        detail = f" ({', '.join(parts)})" if parts else ""
        verbe = "à effacer" if self.simulee else "effacés"
        sentence = f"Dossiers {verbe} : {len(self.dossiers)}{detail} ; postes du registre : {len(self.postes)}"
        if self.copies:
            sentence += f" ; copies de sauvegarde : {self.copies}"
        return f"{sentence}." if self.simulee else f"{sentence} ; lignes de journal : {self.lignes}."


def purger(base: Base, conservation: Conservation, *, now: datetime, aujourd_hui: date, simuler: bool = False) -> Purge:
    """Erase what has had its time; the register of posts keeps what quotas and costs need. `simuler`: only say it."""
    dossiers = base.effacement.due(conservation, now=now)
    postes = tuple(p.identifiant for p in base.postes.all() if conservation.expire(p, aujourd_hui))
    copies = perimees(base, conservation, now=now)
    if simuler:
        return Purge(dossiers=dossiers, postes=postes, copies=len(copies), simulee=True)
    base.effacement.erase(dossiers, now=now)
    base.effacement.forget_postes(postes)
    lignes = base.effacement.forget_journal(conservation, now=now)
    if dossiers or postes or lignes:
        base.effacement.compact()
    return Purge(dossiers=dossiers, postes=postes, lignes=lignes, copies=_retirer(copies))


def oublier(base: Base, demarche: int, number: int, *, now: datetime) -> str:
    """Erase that dossier for good: it is neither stored nor judged again, whatever becomes of it in DS."""
    stored = base.effacement.erase((AEffacer(number=number, demarche=demarche, motif=Motif.OUBLI),), now=now)
    base.effacement.compact()
    fait = "a été effacé d’ici" if stored else "n’était pas gardé ici"
    text = (
        f"Le dossier n° {number} {fait} ; il ne sera plus ni lu ni contrôlé. Ce qui en est dans Démarches simplifiées "
        "y reste, et les copies de sauvegarde déjà faites le gardent jusqu’à leur terme."
    )
    if base.postes.of_dossier(number) is None:
        return text
    return f"{text} Son poste reste compté, sans identité ; ce qui y sera saisi désormais n’entrera plus au registre."


def retablir(base: Base, number: int) -> str:
    """Take back a request to forget; OperatorError when there was none."""
    if not base.effacement.remember_again(number):
        raise OperatorError(f"le dossier n° {number} n’a pas été oublié.")
    return f"Le dossier n° {number} sera relu au prochain passage, au plus tard par « connector sync --complet »."


def chercher(base: Base, texte: str) -> tuple[int, ...]:
    """The dossiers of which a stored value holds that text, whatever its case; numbers only."""
    if len(texte.strip()) < MINIMUM:
        raise OperatorError(f"cherchez au moins {MINIMUM} caractères : un nom, un courriel, un numéro.")
    return base.effacement.holding(texte.strip())


ETATS: dict[str, str] = {
    EtatIntention.PLANNED: "prévu",
    EtatIntention.SENDING: "envoyé, réponse attendue",
    EtatIntention.DONE: "fait",
    EtatIntention.REJECTED: "refusé",
    EtatIntention.UNKNOWN: "réponse perdue, à vérifier",
    EtatIntention.HANDED_TO_HUMAN: "remis à un agent",
}
"""An effect's state in the ledger, as the journal says it."""

QUOI = {
    "message": "message",
    "annotations": "annotations",
    "etat": "changement d’état",
    "ajout_label": "pose d’un label",
    "retrait_label": "retrait d’un label",
}
"""An effect's kind in the ledger, as the journal says it."""

_AU_NOM_DE = re.compile(r"au nom de [\w=+/-]+")
"""How a line names the instructeur whose id DS was given; the line itself keeps it."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

MINIMUM = 3
"""Characters that a search must have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copie:
    """A copy just made, and how many of its elders were removed."""

    fichier: Path
    retirees: int

    def text(self) -> str:
        """In one French sentence."""
        return f"Copie faite : {self.fichier} ({pluriel(self.retirees, 'copie')} plus ancienne retirée)."


def sauvegarder(base: Base, dossier: Path, conservation: Conservation, *, now: datetime) -> Copie:
    """Copy the database into that folder, while the service goes on; copies of ours past their time are removed."""
    if not dossier.is_dir():
        raise OperatorError(f"« {dossier} » n’est pas un dossier.", hint=f"Créez-le : mkdir -m 700 {dossier}")
    fichier = sauvegarde.copy(base.connexion, dossier / sauvegarde.name(now))
    base.reglages.put(sauvegarde.DOSSIER, str(dossier.resolve()), now=now)
    return Copie(fichier=fichier, retirees=_retirer(perimees(base, conservation, now=now)))


def perimees(base: Base, conservation: Conservation, *, now: datetime) -> tuple[Path, ...]:
    """The copies past their time, where the last one was made: they hold what is erased here."""
    dossier = base.reglages.get(sauvegarde.DOSSIER)
    return sauvegarde.older(Path(dossier), conservation.copies_avant(now)) if dossier else ()


def _retirer(copies: Iterable[Path]) -> int:
    """Remove those that can be; how many. `doctor` tells of the others."""
    retirees = 0
    for copie in copies:
        with suppress(OSError):
            copie.unlink()
            retirees += 1
    return retirees


def as_text(ligne: Ligne) -> str:
    """One line of the journal, for a human, at the hour it was in France."""
    sur = (
        f", dossier n° {ligne.dossier}"
        if ligne.dossier
        else f", démarche n° {ligne.demarche}"
        if ligne.demarche
        else ""
    )
    portee = f" ({_portee(ligne.portee)})" if ligne.portee else ""
    etat, _, cause = ligne.reponse.partition(" : ")
    reponse = " : ".join(filter(None, (ETATS.get(etat, etat), cause.replace("_", " "))))
    return f"{_heure(ligne.at)}  {ligne.qui} : {QUOI.get(ligne.quoi, ligne.quoi)}{sur}{portee} → {reponse}"


def _portee(portee: str) -> str:
    """On what, in French: no id of anybody, no instant in UTC."""
    quoi, virgule, suite = portee.partition(", ")
    dite = f"{QUOI.get(quoi, quoi)}{virgule}{suite}"
    dite = _AU_NOM_DE.sub("au nom de l’instructeur du connecteur", dite)
    return _INSTANT.sub(lambda found: _heure(datetime.fromisoformat(found[0])), dite)


def _heure(instant: datetime) -> str:
    return f"{instant.astimezone(FRANCE):%d/%m/%Y %H:%M:%S}"


def as_data(ligne: Ligne) -> dict[str, Any]:
    """The same for a program; the instant with its offset."""
    data = {name: getattr(ligne, name) for name in Ligne.__dataclass_fields__}
    return data | {"at": ligne.at.astimezone(FRANCE).isoformat()}


def write_private(fichier: Path, text: str) -> None:
    """Write that text to a new file that its owner alone can read; OperatorError when there is one already."""
    try:
        handle = os.open(fichier, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise OperatorError(f"« {fichier} » existe déjà.", hint="Donnez un autre nom, ou supprimez-le.") from None
    except OSError as error:
        raise OperatorError(f"« {fichier} » : écriture impossible ({os.strerror(error.errno or 0)}).") from None
    with os.fdopen(handle, "w", encoding="utf-8") as ouvert:
        ouvert.write(text + "\n")
