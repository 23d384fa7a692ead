"""Everything that can be said of one dossier, on its last examination or on a past day: for `explain`.

The findings and the opinion are those that were kept. The figures are not kept: they are made again, by the rules in
force now and on what was last read, and said to be so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from connector import jugement, presentation, wiring
from connector.core.chiffrage import chiffrer
from connector.core.conservation import Motif
from connector.core.evaluation import Evaluation
from connector.core.examen_piece import Attente, attente
from connector.core.justification import Justification, cite, justifier
from connector.core.model import Dossier
from connector.core.plan import Intention
from connector.donnees import MOTIFS
from connector.errors import ConnectorError, OperatorError
from connector.passages import stored_form
from connector.wiring import FRANCE, Atelier


@dataclass(frozen=True, slots=True, kw_only=True)
class Explication:
    """What is said of one dossier. `chiffres` is empty when they cannot be made again: `sans_chiffres` says why."""

    titre: str
    dossier: int
    evaluation: Evaluation
    chiffres: tuple[Justification, ...] = ()
    sans_chiffres: str = ""
    faits: tuple[Intention, ...] = ()
    pieces: Attente | None = None

    def text(self) -> str:
        """The same for a reader."""
        return "\n".join(
            [
                *presentation.opinion_lines(self.titre, self.evaluation.proposition, self.evaluation.avis_depuis),
                *presentation.faits_lines(self.faits),
                *presentation.pieces_lines(self.pieces),
                *presentation.constats_par_statut(self.evaluation.proposition.constats),
                *presentation.chiffres_lines(self.chiffres, self.sans_chiffres, self.evaluation.proposition.avis),
            ]
        )

    def json(self) -> dict[str, Any]:
        """The same for a program."""
        proposition = self.evaluation.proposition
        return {
            "dossier": self.dossier,
            "avis": proposition.avis.value,
            "avis_depuis": self.evaluation.avis_depuis.isoformat(),
            "examine_le": self.evaluation.evaluee_le.astimezone(FRANCE).isoformat(timespec="seconds"),
            "synthese": proposition.synthese,
            "version_regles": proposition.version,
            "referentiels": list(proposition.referentiels),
            "constats": [
                {
                    "regle": c.regle,
                    "statut": c.statut.value,
                    "effet": c.effet.value,
                    "phrase": c.phrase,
                    "source": cite(c.source),
                }
                for c in proposition.constats
            ],
            "chiffres": [
                {"libelle": j.libelle, "texte": j.texte, "details": list(j.details), "sources": list(j.sources)}
                for j in self.chiffres
            ],
            "deja_fait": presentation.faits_json(self.faits),
            "pieces_a_relire": presentation.pieces_json(self.pieces),
        }


def expliquer(atelier: Atelier, numero: int, au: date | None = None) -> Explication:
    """Everything said of one dossier, now or at the end of a past day in France; OperatorError when nothing was."""
    if au is not None:
        return _ce_jour_la(atelier, numero, au)
    found = atelier.base.dossiers.dossier(numero)
    evaluation = found[1].evaluation if found else None
    if found is None or evaluation is None:
        _dit_efface(atelier, numero)
        raise OperatorError(
            f"le dossier n° {numero} n’a pas encore été examiné ici.",
            hint="Lancez « connector sync », et vérifiez que ce dossier appartient à une démarche de la configuration.",
        )
    fiche, historique = found
    chiffres, absents = _chiffres(atelier, fiche.dossier)
    return Explication(
        titre=f"Dossier n° {numero} ({presentation.ETATS[fiche.dossier.state.value]})",
        dossier=numero,
        evaluation=evaluation,
        chiffres=chiffres,
        sans_chiffres=absents,
        faits=historique.intentions,
        pieces=_pieces(atelier, numero, evaluation),
    )


def _pieces(atelier: Atelier, numero: int, evaluation: Evaluation) -> Attente | None:
    """Its pieces that are still to be looked into; None when there are none, or when that is not asked for."""
    if not atelier.settings.pieces.relire:
        return None
    restantes = (r for r in atelier.base.relectures.of(numero).values() if r.examen is None)
    return attente(((r, evaluation.a_revoir_le) for r in restantes), now=wiring.now())


def _dit_efface(atelier: Atelier, numero: int) -> None:
    """OperatorError when that dossier was erased from here."""
    efface = atelier.base.effacement.of(numero)
    if efface is not None:
        relire = f" Pour le faire relire : « connector forget {numero} --annuler »."
        raise OperatorError(
            f"le dossier n° {numero} a été effacé d’ici le {efface.le.astimezone(FRANCE):%d/%m/%Y} "
            f"({MOTIFS[efface.motif]}) : ce qui en avait été dit n’est plus gardé.",
            hint=f"Il se lit dans Démarches simplifiées, s’il y est encore.{relire * (efface.motif is Motif.OUBLI)}",
        )


def _chiffres(atelier: Atelier, dossier: Dossier) -> tuple[tuple[Justification, ...], str]:
    """The figures made again, or none and why."""
    demarche = atelier.settings.demarche(dossier.demarche_number)
    if demarche is None:
        return (), "sa démarche n’est plus dans la configuration."
    passage = atelier.hors_ligne(demarche)
    try:
        resolution = stored_form(atelier, passage.consigne)
    except ConnectorError as error:
        return (), str(error)
    examen = jugement.examine(passage, resolution, dossier)
    aujourd_hui = passage.bord.aujourd_hui()
    chiffrage = chiffrer(examen.projet, examen.situation, passage.consigne.parametres, aujourd_hui=aujourd_hui)
    return justifier(chiffrage, examen.situation), ""


def _ce_jour_la(atelier: Atelier, numero: int, au: date) -> Explication:
    """What was said at the end of that day in France."""
    evaluation = atelier.base.dossiers.evaluation_at(numero, datetime.combine(au, time.max, FRANCE))
    if evaluation is None:
        _dit_efface(atelier, numero)
        raise OperatorError(
            f"le {au:%d/%m/%Y}, rien n’avait encore été dit du dossier n° {numero}.",
            hint="« connector explain » sans --au donne ce qui en est dit aujourd’hui.",
        )
    titre = (
        f"Dossier n° {numero}, ce qui en était dit le {au:%d/%m/%Y} "
        f"(examiné le {evaluation.evaluee_le.astimezone(FRANCE):%d/%m/%Y})"
    )
    return Explication(
        titre=titre,
        dossier=numero,
        evaluation=evaluation,
        sans_chiffres="les chiffres d’un jour passé ne sont pas gardés ; la synthèse les donne en bref.",
    )
