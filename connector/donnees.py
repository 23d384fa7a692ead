"""What is done with the data itself: erased in time or on request, handed over, copied, accounted for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.core.conservation import Conservation, Motif
from connector.core.examen_piece import EMPECHEMENTS
from connector.core.montants import pluriel
from connector.core.plan import EtatIntention
from connector.core.textes import enumerer, typographier
from connector.errors import ConnectorError, OperatorError
from connector.store import oublis, sauvegarde
from connector.store.effacement import AEffacer, Efface
from connector.store.journal import Ligne
from connector.temoin import ECHEC, ECHECS
from connector.wiring import FRANCE

if TYPE_CHECKING:
    from connector.config import Settings
    from connector.store import Base

MOTIFS = {
    Motif.SUPPRIME: "supprimé dans Démarches simplifiées",
    Motif.ABSENT: "absent de Démarches simplifiées",
    Motif.TERMINE: "décidé",
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
        """In one French sentence, counts only; a simulation names the dossiers in another."""
        parts = [
            pluriel(compte, phrase, re.sub(r"^\w+", r"\g<0>s", phrase))
            for motif, phrase in MOTIFS.items()
            if (compte := sum(d.motif is motif for d in self.dossiers))
        ]
        detail = f" ({', '.join(parts)})" if parts else ""
        verbe = "à effacer" if self.simulee else "effacés"
        sentence = f"Dossiers {verbe} : {len(self.dossiers)}{detail} ; postes du registre : {len(self.postes)}"
        if self.copies:
            sentence += f" ; copies de sauvegarde : {self.copies}"
        numeros = ", ".join(str(d.number) for d in self.dossiers) if self.simulee else ""
        return f"{sentence} ; lignes de journal et de compte rendu : {self.lignes}." + (
            f" Dossiers n° {numeros}." if numeros else ""
        )


def purger(
    base: Base,
    conservation: Conservation,
    copies_dans: Path,
    *,
    now: datetime,
    aujourd_hui: date,
    simuler: bool = False,
) -> Purge:
    """Erase what has had its time; the register of posts keeps what quotas and costs need. `simuler`: only say it.

    `copies_dans`: the configured folder of the copies.
    """
    dossiers = base.effacement.due(conservation, now=now)
    postes = tuple(p.identifiant for p in base.postes.all() if conservation.expire(p, aujourd_hui))
    copies = perimees(base, conservation, copies_dans, now=now)
    if simuler:
        lignes = base.effacement.journal_due(conservation, now=now)
        return Purge(dossiers=dossiers, postes=postes, lignes=lignes, copies=len(copies), simulee=True)
    base.effacement.erase(dossiers, now=now)
    base.effacement.forget_postes(postes)
    lignes = base.effacement.forget_journal(conservation, now=now)
    if dossiers or postes or lignes:
        base.effacement.compact()
    return Purge(dossiers=dossiers, postes=postes, lignes=lignes, copies=_retirer(copies))


def question_d_oubli(base: Base, number: int) -> str:
    """What to ask before that dossier is forgotten, "" when it is already."""
    if oublie(base, number) is not None:
        return ""
    if _connu(base, number):
        return f"Effacer tout ce qui est gardé ici sur le dossier n° {number} ?"
    return (
        f"Le dossier n° {number} n’est pas connu ici : vérifiez son numéro. L’écarter d’avance, pour qu’il ne soit "
        "jamais contrôlé ?"
    )


def oublier(base: Base, demarche: int, number: int, copies_dans: Path, *, now: datetime) -> str:
    """Erase that dossier for good: it is neither stored nor judged again, whatever becomes of it in DS.

    One that is not known here, not pulled yet, is kept from ever being so. One forgotten already stays as it is.
    `copies_dans`: the configured folder of the copies, whose list is told too.
    """
    deja = oublie(base, number)
    if deja is not None:
        return (
            f"Le dossier n° {number} est déjà oublié depuis le {_jour(deja.le)} : rien n’en est gardé ici, il n’est ni "
            f"lu ni contrôlé. Pour le reprendre : « connector forget {number} --annuler »."
        )
    connu = _connu(base, number)
    stored = base.effacement.erase((AEffacer(number=number, demarche=demarche, motif=Motif.OUBLI),), now=now)
    base.effacement.compact()
    manques = _sans_double(base, copies_dans)
    if not connu:
        return (
            f"Le dossier n° {number} n’est pas connu ici : rien n’était à effacer. S’il arrive de Démarches "
            "simplifiées, il ne sera ni lu ni contrôlé. Si ce numéro n’est pas le bon, reprenez-le : « connector "
            f"forget {number} --annuler ».{manques}"
        )
    fait = "a été effacé d’ici" if stored else "n’était plus gardé ici"
    text = (
        f"Le dossier n° {number} {fait} ; il ne sera plus ni lu ni contrôlé. Ce qui en est dans Démarches simplifiées "
        "y reste. Les copies de sauvegarde déjà faites le gardent jusqu’à leur terme : remise en place, une copie "
        "l’oublie de nouveau."
    )
    if base.postes.of_dossier(number) is None:
        return f"{text}{manques}"
    poste = "Son poste reste compté, sans identité ; ce qui y sera saisi désormais n’entrera plus au registre."
    return f"{text} {poste}{manques}"


def oublie(base: Base, number: int) -> Efface | None:
    """The request to forget that dossier, when there was one."""
    efface = base.effacement.of(number)
    return efface if efface is not None and efface.motif is Motif.OUBLI else None


def _connu(base: Base, number: int) -> bool:
    """Whether anything speaks of that dossier here, the journal aside: it names what was asked, mistyped or not."""
    return any(rangees for table, rangees in base.effacement.everything(number).items() if table != "journal")


def retablir(base: Base, number: int, copies_dans: Path, *, now: datetime) -> str:
    """Take back a request to forget; OperatorError when there was none. `copies_dans`: as in `oublier`."""
    if not base.effacement.remember_again(number, now=now):
        raise OperatorError(f"le dossier n° {number} n’a pas été oublié.")
    return (
        f"Le dossier n° {number} sera relu au prochain passage, au plus tard par « connector sync --complet »."
        f"{_sans_double(base, copies_dans)}"
    )


def refaits(base: Base) -> str:
    """What was forgotten again as the database was opened, in one French sentence; "" when nothing was."""
    if not base.refaits:
        return ""
    combien = pluriel(len(base.refaits), "oubli demandé", "oublis demandés")
    return f"La base ignorait {combien} : ce qu’elle en gardait a été effacé de nouveau."


def liste_perdue(base: Base) -> str:
    """What a list of what was forgotten that was lost means and asks for, in French; "" while it is whole."""
    fichier = oublis.beside(base.path)
    return " ".join(oublis.perdue(fichier)) if oublis.lire(fichier).recommencee else ""


def chercher(base: Base, texte: str) -> tuple[int, ...]:
    """The dossiers that hold every word of that text, case and accents aside; numbers only."""
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

_ORIGINE = "depuis le 1970-01-01T00:00:00Z"
"""How lines written by earlier versions say that everything was asked for."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

MINIMUM = 3
"""Characters that a search must have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copie:
    """A copy just made, and how many of its elders were removed. `cree`: its folder had to be made."""

    fichier: Path
    retirees: int
    cree: bool = False

    def text(self) -> str:
        """In one French sentence, which ends with the path when there is nothing more to say."""
        retirees = pluriel(self.retirees, "copie plus ancienne retirée", "copies plus anciennes retirées")
        plus = ", ".join((*(["dossier créé"] if self.cree else ()), *([retirees] if self.retirees else ())))
        return f"Copie faite : {self.fichier}{f' ({plus})' if plus else ''}"


def sauvegarder(base: Base, dossier: Path, settings: Settings, *, now: datetime) -> Copie:
    """Copy the database into that folder, while the service goes on; copies of ours past their time are removed.

    The folder is made, for its owner alone, when only that one is missing. What was forgotten on request is told beside
    the copies too, and nothing that was told there is lost.
    """
    cree = _creer(dossier)
    base.reglages.put(sauvegarde.DOSSIER, str(dossier.resolve()), now=now)  # before the copy, which then knows it too
    fichier = sauvegarde.copy(base.connexion, dossier / sauvegarde.name(base.path, now))
    ici = oublis.beside(base.path)
    _doubler(ici, dossier / ici.name)
    vieilles = perimees(base, settings.conservation, settings.base.dossier_des_copies, now=now)
    return Copie(fichier=fichier, retirees=_retirer(vieilles), cree=cree)


def _creer(dossier: Path) -> bool:
    """Make that folder (0700) when it is not there; whether it was."""
    try:
        dossier.mkdir(mode=0o700)
    except FileExistsError:
        if not dossier.is_dir():
            raise OperatorError(f"« {dossier} » n’est pas un dossier.", hint="Donnez le dossier des copies.") from None
        return False
    except OSError:
        raise OperatorError(
            f"« {dossier} » n’est pas un dossier, et ne peut pas être créé.",
            hint=f"Créez-le : mkdir -m 700 -p {dossier}",
        ) from None
    return True


def _doubler(liste: Path, double: Path) -> None:
    """Have what was forgotten told beside the copies, for whoever puts one back on another machine."""
    la_bas = oublis.lire(double)
    if la_bas.panne:
        raise OperatorError(la_bas.panne, hint="La copie de la base est faite ; ôtez ce fichier, puis relancez.")
    ici = oublis.lire(liste)
    oublis.ecrire(double, replace(oublis.ensemble(ici, la_bas), recommencee=ici.recommencee and la_bas.recommencee))


def _sans_double(base: Base, copies_dans: Path) -> str:
    """Have the lists kept with the copies told at once; a French sentence, to follow another, on those left behind."""
    ici, manques = oublis.beside(base.path), []
    for dossier in sauvegarde.folders(copies_dans, base.reglages.get(sauvegarde.DOSSIER)):
        try:
            _doubler(ici, dossier / ici.name)
        except ConnectorError:
            manques.append(str(dossier))
    if not manques:
        return ""
    return (
        f" La liste des oublis gardée avec les copies n’a pas pu être mise à jour ({enumerer(manques)}) : voyez les "
        "droits de ce dossier, puis lancez « connector backup »."
    )


def perimees(base: Base, conservation: Conservation, copies_dans: Path, *, now: datetime) -> tuple[Path, ...]:
    """The copies past their time, wherever copies may be: they hold what is erased here."""
    dossiers = sauvegarde.folders(copies_dans, base.reglages.get(sauvegarde.DOSSIER))
    return tuple(copie for d in dossiers for copie in sauvegarde.older(d, base.path, conservation.copies_avant(now)))


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
    etat, _, cause = _reponse(ligne.reponse).partition(" : ")
    reponse = " : ".join(filter(None, (_DITES.get(etat, etat), _CAUSES.get(cause, cause.replace("_", " ")))))
    return f"{_heure(ligne.at)}  {ligne.qui} : {QUOI.get(ligne.quoi, ligne.quoi)}{sur}{portee} → {reponse}"


_DITES = ETATS | {cause.value: typographier(dit) for cause, dit in EMPECHEMENTS.items()}
"""What came of it, in words: an effect's state, or why a piece could not be looked into."""

_CAUSES = {"non_envoyee": "rien n’a été envoyé", "sans_reponse": "réponse jamais venue"}
"""Why an effect is in that state, where the ledger's word is not French enough."""

_ANCIENS = {genre.__name__: dit for genre, dit in ECHECS.items()}
"""How lines written by earlier versions name a failure."""


def _reponse(reponse: str) -> str:
    """What came of it, failures in words."""
    etat, _, cause = reponse.partition(" : ")
    return f"{ECHEC} : {_ANCIENS.get(cause, cause)}" if etat == ECHEC else reponse


def _portee(portee: str) -> str:
    """On what, in French: no id of anybody, no instant in UTC."""
    quoi, virgule, suite = portee.partition(", ")
    dite = f"{QUOI.get(quoi, quoi)}{virgule}{suite}"
    dite = dite.replace(_ORIGINE, "depuis le début")
    dite = _AU_NOM_DE.sub("au nom de l’instructeur du connecteur", dite)
    return _INSTANT.sub(lambda found: _heure(datetime.fromisoformat(found[0])), dite)


def _jour(instant: datetime) -> str:
    return f"{instant.astimezone(FRANCE):%d/%m/%Y}"


def _heure(instant: datetime) -> str:
    return f"{instant.astimezone(FRANCE):%d/%m/%Y %H:%M:%S}"


def as_data(ligne: Ligne) -> dict[str, Any]:
    """The same for a program; instants with their offset."""
    data = {name: getattr(ligne, name) for name in Ligne.__dataclass_fields__}
    portee = _INSTANT.sub(lambda found: _decalee(datetime.fromisoformat(found[0])), ligne.portee)
    return data | {"at": _decalee(ligne.at), "portee": portee, "reponse": _reponse(ligne.reponse)}


def _decalee(instant: datetime) -> str:
    return instant.astimezone(FRANCE).isoformat()
