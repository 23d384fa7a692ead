"""What the annotations « Événement » and « Date de l'événement » of an accepted dossier do to its post.

An accepted dossier is frozen for the hospital: only an agent says what became of it, one event after the other in the
same annotation. What the agent types next either follows (a start after a granted postponement) or corrects what was
there (another date, nothing any more), and is then undone first. Safe to replay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connector.core.candidature import Candidature, Connu, Illisible, Manquant, Masque
from connector.core.montants import jour
from connector.core.poste import (
    EtatPoste,
    Evenement,
    Fait,
    Poste,
    Refus,
    Sortie,
    Titulaire,
    constate_prise_de_fonction,
    defait,
    desiste,
    reporte,
    retient,
    revient,
    termine,
    trop_tard_pour_reporter,
)
from connector.core.projet import Projet
from connector.core.textes import citer, normaliser

DESISTEMENT = "desistement"
"""Key of the label by which an agent may also say that an accepted candidate withdrew (domaine §7.2)."""

_EVENEMENTS = {normaliser(evenement): evenement for evenement in Evenement}

_SUITES = frozenset(
    {
        (Evenement.REPORT_ACCORDE, Evenement.PRISE_DE_FONCTION),
        (Evenement.REPORT_ACCORDE, Evenement.DESISTEMENT),
        (Evenement.REPORT_REFUSE, Evenement.PRISE_DE_FONCTION),
        (Evenement.REPORT_REFUSE, Evenement.DESISTEMENT),
        (Evenement.REPORT_REFUSE, Evenement.REPORT_ACCORDE),
        (Evenement.PRISE_DE_FONCTION, Evenement.FIN_ANTICIPEE),
        (Evenement.PRISE_DE_FONCTION, Evenement.DESISTEMENT),
        (Evenement.PRISE_DE_FONCTION, Evenement.REPORT_REFUSE),
        (Evenement.FIN_ANTICIPEE, Evenement.DESISTEMENT),
        (Evenement.FIN_ANTICIPEE, Evenement.REPORT_ACCORDE),
        (Evenement.FIN_ANTICIPEE, Evenement.REPORT_REFUSE),
    }
)
"""What may be typed after what without taking it back; the register refuses those of them that make no sense, for a
typing mistake must not undo a start. Any other change is a correction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenue:
    """What a dossier does to the register: the post as it is now, None when there is none to write.

    `avertissement` says in French what the register could not take in, and what to do.
    """

    poste: Poste | None = None
    avertissement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saisie:
    """What is typed now; `evenement` None when nothing is. `par_label`: only the label says so."""

    evenement: Evenement | None
    le: date | None = None
    par_label: bool = False


def vit(candidature: Candidature, projet: Projet, poste: Poste, aujourd_hui: date) -> Tenue:
    """The post after what an agent typed of it in this dossier, which holds or held it."""
    numero = candidature.numero
    titulaire = next(t for t in poste.titulaires if t.dossier == numero)
    saisie = lit(candidature, projet, titulaire)
    if isinstance(saisie, Refus):
        return Tenue(poste=poste, avertissement=saisie.motif)
    if saisie is None:
        return Tenue(poste=poste)
    if titulaire is not poste.titulaire:
        return Tenue(poste=poste, avertissement=_repris(poste, titulaire, saisie))
    depart = poste if saisie.evenement is Evenement.DESISTEMENT else revient(poste)
    suite = _change(depart, titulaire.fait, saisie, numero, aujourd_hui)
    if isinstance(suite, Refus):
        return Tenue(poste=poste, avertissement=suite.motif)
    return Tenue(poste=suite)


def lit(candidature: Candidature, projet: Projet, titulaire: Titulaire) -> Saisie | Refus | None:
    """What an agent says of that holder now; None when nothing can be told, the annotation being out of sight.

    The label « Désistement » is as good as the event until the annotation has been used once: we put it ourselves
    after that.
    """
    lecture = candidature.champ("evenement").lecture
    match lecture:
        case Connu(valeur=str() as mot) if evenement := _EVENEMENTS.get(normaliser(mot)):
            le = candidature.connu("date_evenement", date)
            reporte_au = projet.debut_reporte if evenement is Evenement.REPORT_ACCORDE else None
            return Saisie(evenement=evenement, le=reporte_au or le)
        case Connu() | Illisible():
            mot = lecture.texte if isinstance(lecture, Illisible) else str(lecture.valeur)
            return Refus(
                motif=f"L'événement {citer(mot)} n'est pas de ceux que le connecteur connaît : rien n'en suit."
            )
        case Manquant() | Masque() if titulaire.fait is None and DESISTEMENT in candidature.labels:
            return Saisie(evenement=Evenement.DESISTEMENT, par_label=True)
        case Masque() if titulaire.fait is not None:
            return None
        case _:
            return Saisie(evenement=None)


def _repris(poste: Poste, titulaire: Titulaire, saisie: Saisie) -> str:
    """What to say when a former holder's withdrawal is no longer told, though another holds the post."""
    if saisie.evenement is Evenement.DESISTEMENT or titulaire.sortie is not Sortie.DESISTEMENT:
        return ""
    return (
        f"Le désistement de ce dossier n'est plus saisi, mais son poste est repris par le dossier n° "
        f"{poste.titulaire.dossier} : les deux ne peuvent pas l'occuper."
    )


def _change(poste: Poste, avant: Fait | None, saisie: Saisie, numero: int, aujourd_hui: date) -> Poste | Refus:
    """The post once what is typed now takes the place of what was typed before, or follows it; or why it cannot."""
    connu = (avant.evenement, avant.le) if avant else (None, None)
    if connu == (saisie.evenement, saisie.le) and not saisie.par_label:
        return poste
    suit = avant is None or avant.evenement is None or (avant.evenement, saisie.evenement) in _SUITES
    depart = poste if avant is None or suit else defait(poste, avant)
    suite = _applique(depart, saisie, numero, aujourd_hui)
    if isinstance(suite, Refus) or saisie.par_label:
        return suite
    complete = avant is not None and (avant.evenement, avant.le) == (saisie.evenement, None)
    corrige = avant is not None and not complete and not (suit and avant.evenement is not None)
    fait = Fait(
        evenement=saisie.evenement, le=saisie.le, saisi_le=aujourd_hui, corrige_le=aujourd_hui if corrige else None
    )
    return retient(suite, fait)


def _applique(poste: Poste, saisie: Saisie, numero: int, aujourd_hui: date) -> Poste | Refus:
    """The post after that event, or why it does not fit."""
    le = saisie.le or aujourd_hui
    match saisie.evenement:
        case Evenement.DESISTEMENT:
            return desiste(revient(poste) if saisie.le else poste, numero, le)
        case Evenement.REPORT_ACCORDE:
            return _report_accorde(poste, saisie.le, numero, aujourd_hui)
        case Evenement.REPORT_REFUSE if poste.etat is not EtatPoste.ACCORDE:
            return trop_tard_pour_reporter(numero)
        case Evenement.PRISE_DE_FONCTION | Evenement.FIN_ANTICIPEE as evenement:
            obstacle = _sans_date(saisie, aujourd_hui)
            agit = constate_prise_de_fonction if evenement is Evenement.PRISE_DE_FONCTION else termine
            return Refus(motif=obstacle) if obstacle else agit(poste, numero, le)
        case _:
            return poste


def _sans_date(saisie: Saisie, aujourd_hui: date) -> str:
    """Why that event cannot be dated; "" when it can."""
    if saisie.le is None:
        return f"« {saisie.evenement} » : saisir aussi la date de l'événement."
    if saisie.evenement is Evenement.PRISE_DE_FONCTION and saisie.le > aujourd_hui:
        return f"« {saisie.evenement} » : le {jour(saisie.le)} n'est pas encore venu, rien n'est enregistré."
    return ""


def _report_accorde(poste: Poste, debut: date | None, numero: int, aujourd_hui: date) -> Poste | Refus:
    """Typed in the holder's own dossier, the event's date is the day on which the post now starts."""
    if debut is None or debut < poste.debut:
        return Refus(
            motif="« Report accordé » : saisir comme date de l'événement la nouvelle date de prise de fonction "
            f"(après le {jour(poste.debut)})."
        )
    if debut == poste.debut:  # already taken in from another dossier, or nothing changes
        return poste
    return reporte(poste, dossier=numero, debut=debut, accorde_le=aujourd_hui, cout=None)
