"""The commission's list, as `connector decide` records it: nothing is sent here, and one doubtful line stops it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from connector import presentation
from connector.core.decisions import TRANSITIONS, Decision, Sens, SourceDecisions
from connector.core.model import Dossier, DossierState
from connector.core.montants import jour, pluriel
from connector.core.plan import EtatIntention
from connector.core.reconcile import EVENEMENTS
from connector.core.typographie import composer
from connector.errors import OperatorError
from connector.wiring import FRANCE, Atelier, jetons_en_usage

if TYPE_CHECKING:
    from connector.imports.commission import LigneCommission, ListeCommission

COLONNES = ("Dossier", "Décision", "Rang", "Ce que cela change")
EN_VIGUEUR = ("Dossier", "Décision", "Rang", "Enregistrée le", "Où elle en est")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compte:
    """What recording a list comes to: a row for each dossier of which it says something new, and remarks."""

    fichier: str
    lignes: tuple[tuple[str, str, str, str], ...]
    inchangees: int
    remarques: tuple[str, ...]

    def text(self) -> str:
        """One French sentence."""
        nouvelles = pluriel(len(self.lignes), "décision enregistrée ou changée", "décisions enregistrées ou changées")
        return composer(f"{nouvelles}, {pluriel(self.inchangees, 'inchangée')} ; rien n’a été envoyé.")


def enregistrer(atelier: Atelier, chemin: Path, *, onglet: str, now: datetime) -> Compte:
    """Record what the list in that file decides; OperatorError, and nothing recorded, when a line is doubtful."""
    from connector.imports.commission import ListeRefusee, read_liste  # noqa: PLC0415 - heavy

    source = atelier.settings.decisions.source
    if source is SourceDecisions.ANNOTATION:
        raise OperatorError(
            "les décisions viennent des annotations ([decisions] source = « annotation »).",
            hint='Pour porter celles d’une liste : source = "fichier".',
        )
    try:
        liste = read_liste(chemin, onglet=onglet, connus=jetons_en_usage(atelier.settings))
    except ListeRefusee as refusee:  # all its faults at once: those that only the database knows too
        raise ListeRefusee(refusee.fichier, (*refusee.fautes, *_known(atelier, refusee.lignes)[1])) from None
    dossiers, inconnus = _known(atelier, liste.lignes)
    if inconnus:
        raise ListeRefusee(liste.fichier, inconnus)
    avant = {d.dossier: d for d in atelier.base.decisions.all(SourceDecisions.FICHIER)}
    voulues = {ligne.dossier: _decision(liste, ligne, now) for ligne in liste.lignes}
    news = atelier.base.decisions.note_all(voulues, SourceDecisions.FICHIER, now=now)
    for numero in news:
        atelier.base.dossiers.revisit(dossiers[numero].demarche_number, now=now, number=numero)
        atelier.noter("décision de la commission enregistrée", dossier=numero)
    lignes = [_row(dossiers[n], avant.get(n), d) for n, d in voulues.items() if n in news]
    absentes = sum(n not in voulues for n in avant)
    return Compte(
        fichier=liste.fichier,
        lignes=tuple(lignes),
        inchangees=sum(d is not None and n not in news for n, d in voulues.items()),
        remarques=tuple(map(composer, _remarques(source, dossiers, voulues, absentes))),
    )


def _known(atelier: Atelier, lignes: Sequence[LigneCommission]) -> tuple[Mapping[int, Dossier], list[str]]:
    """The dossiers of those lines, as last read, and the faults: the numbers that no démarche of ours has."""
    demarches = {demarche.numero for demarche in atelier.settings.demarches}
    found = {ligne.dossier: atelier.base.dossiers.dossier(ligne.dossier) for ligne in lignes}
    dossiers = {n: f[0].dossier for n, f in found.items() if f and f[0].dossier.demarche_number in demarches}
    fautes = [
        f"{ligne.endroit} : le dossier n° {ligne.dossier} n’est pas connu ici (vérifiez son numéro, ou lancez d’abord "
        "« connector sync »)."
        for ligne in lignes
        if ligne.dossier not in dossiers
    ]
    return dossiers, fautes


def _decision(liste: ListeCommission, ligne: LigneCommission, now: datetime) -> Decision | None:
    if ligne.sens is None:
        return None
    return Decision(
        dossier=ligne.dossier,
        sens=ligne.sens,
        source=SourceDecisions.FICHIER,
        le=now,
        motivation=ligne.motivation,
        rang=ligne.rang,
        confirmee_le=now if ligne.confirmer else None,
        origine=f"la liste « {liste.fichier} » ({ligne.endroit})",
    )


def _row(dossier: Dossier, avant: Decision | None, decision: Decision | None) -> tuple[str, str, str, str]:
    rang = str(decision.rang) if decision and decision.rang else ""
    return str(dossier.number), decision.sens if decision else "—", rang, composer(_change(dossier, avant, decision))


def _change(dossier: Dossier, avant: Decision | None, decision: Decision | None) -> str:
    """What a line of the list changes, and what DS says already."""
    etat = presentation.ETATS[dossier.state.value]
    if dossier.state.termine:
        transition = TRANSITIONS.get(decision.sens) if decision else None
        accord = transition is not None and EVENEMENTS[transition][1] is dossier.state
        return f"déjà {etat} dans DS" + ("" if accord else " : rien ne sera changé")
    if decision is None:
        return f"retirée (était « {avant.sens} »)" if avant else "retirée"
    if avant is None:
        return "nouvelle"
    return f"changée (était « {avant.sens} »)" if avant.sens is not decision.sens else "précisée"


def _remarques(
    source: SourceDecisions, dossiers: Mapping[int, Dossier], voulues: Mapping[int, Decision | None], absentes: int
) -> Iterator[str]:
    """What deserves a second look before anything leaves."""
    decisions = [d for d in voulues.values() if d is not None and not dossiers[d.dossier].state.termine]
    for quoi, numeros in (
        (
            "sans motivation : le refus citera les règles opposables qui le fondent, ou attendra un motif",
            [d.dossier for d in decisions if d.sens is Sens.NON_RETENU and not d.motivation],
        ),
        (
            "sans motivation : le classement sans suite attendra un motif",
            [d.dossier for d in decisions if d.sens is Sens.SANS_SUITE and not d.motivation],
        ),
        (
            "en liste d’attente sans rang",
            [d.dossier for d in decisions if d.sens is Sens.LISTE_D_ATTENTE and not d.rang],
        ),
        ("à réorienter : à faire à la main", [d.dossier for d in decisions if d.sens is Sens.REORIENTATION]),
        (
            "encore en construction : à passer d’abord en instruction",
            [d.dossier for d in decisions if dossiers[d.dossier].state is DossierState.EN_CONSTRUCTION],
        ),
    ):
        if numeros:
            yield f"{', '.join(f'n° {n}' for n in numeros)} : {quoi}."
    if absentes:
        combien = pluriel(absentes, "décision déjà enregistrée n’est", "décisions déjà enregistrées ne sont")
        yield f"{combien} pas dans cette liste : pour retirer une décision, laissez sa case vide."
    if source is SourceDecisions.AUCUNE:
        yield 'Rien ne sera porté dans DS tant que [decisions] source n’est pas "fichier".'


def en_vigueur(atelier: Atelier, retenues: Mapping[int, str]) -> tuple[tuple[str, ...], ...]:
    """Each decision in force and where it stands, as rows of `EN_VIGUEUR`; `retenues` say why a dossier's waits."""
    source = atelier.settings.decisions.source
    source = SourceDecisions.FICHIER if source is SourceDecisions.AUCUNE else source
    return tuple(_where(atelier, d, retenues.get(d.dossier, "")) for d in atelier.base.decisions.all(source))


def _where(atelier: Atelier, decision: Decision, retenue: str) -> tuple[str, ...]:
    le = jour(decision.le.astimezone(FRANCE).date())
    return str(decision.dossier), decision.sens, str(decision.rang or ""), le, _progress(atelier, decision, retenue)


def _progress(atelier: Atelier, decision: Decision, retenue: str) -> str:
    """When it was carried out, else the state of the dossier as last read, and why the decision waits."""
    transition = TRANSITIONS.get(decision.sens)
    for intention in atelier.base.ledger.of_dossier(decision.dossier):
        faite = intention.kind == "etat" and intention.state is EtatIntention.DONE and intention.closed_at
        if faite and transition is not None and intention.cible == (transition.value,):
            return f"portée le {jour(faite.astimezone(FRANCE).date())}"
    found = atelier.base.dossiers.dossier(decision.dossier)
    if not found:
        return "dossier effacé ici"
    state = found[0].dossier.state
    etat = f"dossier {presentation.ETATS[state.value]}"
    return f"{etat} dans DS : rien n’est défait" if state.termine else retenue or etat
