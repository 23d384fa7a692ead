"""The proposition as an instructor reads it: what the rules found, then the figures, the experts, and what is stale.

`regles.proposer` gives the opinion; here it gets what ends its synthesis, the points that would settle a figure, and a
warning for each number still on screen that nobody can vouch for any more (domaine, decision 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connector.core.candidature import Candidature
from connector.core.chiffrage import Chiffrage
from connector.core.constat import AvisPropose, Constat, Statut
from connector.core.correspondance import Resolution
from connector.core.decide import changed_by_human, is_blank
from connector.core.evaluation import Historique, Proposition
from connector.core.model import Avis, Dossier
from connector.core.montants import jour, nombre
from connector.core.plan import CleAnnotation
from connector.core.regles import opinion, proposer
from connector.core.regles.proposition import POINTS
from connector.core.textes import enumerer, typographier

_A_INSTRUIRE = frozenset({AvisPropose.FAVORABLE, AvisPropose.A_VERIFIER})
"""The opinions that leave something to look at in the pieces."""

_SANS_POSTE = frozenset({AvisPropose.DEFAVORABLE, AvisPropose.REORIENTATION})
"""The opinions that give no post: a prime « due » beside them would be read as granted."""

_NOMS = {"quotite": "quotité", "pet_montant": "prime", "cout": "coût"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caduc:
    """A number of ours that DS still shows and that nobody can assert: it stays until it is known again.

    `libelle` is the annotation's own, `montre` the number as shown, `texte` what is to be said instead.
    """

    cle: str
    libelle: str
    montre: str
    texte: str


def conclure(
    constats: Sequence[Constat],
    *,
    dossier: Dossier,
    candidature: Candidature,
    chiffrage: Chiffrage,
    resolution: Resolution,
    historique: Historique,
    attente: bool = False,
) -> Proposition:
    """Our opinion on a dossier, its synthesis and points complete. `attente`: no place is left for it."""
    stale = caducs(dossier, chiffrage, resolution, historique)
    complements = (
        _annonce(stale),
        *_chiffres(chiffrage.complements, opinion(constats)),
        avis_experts(dossier.avis),
        controle_visuel(candidature, utile=_controle_utile(constats, candidature)),
    )
    proposition = proposer(constats, complements=filter(None, complements), attente=attente)
    return replace(
        proposition,
        points=_points(proposition.points, map(avertissement, stale), chiffrage.points),
        labels=chiffrage.labels,
    )


def _chiffres(complements: Sequence[str], avis: AvisPropose) -> tuple[str, ...]:
    """The figures in brief; beside an opinion that gives no post, what they would be if it were given."""
    if avis in _SANS_POSTE and complements:
        return (f"si le poste était accordé : {complements[0]}", *complements[1:])
    return tuple(complements)


def caducs(dossier: Dossier, chiffrage: Chiffrage, resolution: Resolution, historique: Historique) -> tuple[Caduc, ...]:
    """The numbers of ours on screen that no longer hold; what a human typed in their place is theirs to answer for."""
    observed = {a.descriptor_id: a for a in dossier.annotations}
    found = []
    for cle, value in chiffrage.valeurs().items():
        target = resolution.annotations.get(cle)
        annotation = observed.get(target.id) if target else None
        if value is not None or target is None or annotation is None or target.cle is not CleAnnotation.DECIMAL_NUMBER:
            continue
        a_un_humain = not target.ecraser and changed_by_human(annotation, dossier, historique)
        if not is_blank(annotation) and not a_un_humain:
            texte = chiffrage.chiffres[cle].texte
            found.append(Caduc(cle=cle, libelle=annotation.label, montre=_montre(annotation.value), texte=texte))
    return tuple(found)


def _montre(value: object) -> str:
    return nombre(value) if isinstance(value, Decimal | int) else "illisible"


def _annonce(stale: Iterable[Caduc]) -> str:
    """« ne plus lire : prime, coût affichés »."""
    noms = [_NOMS[c.cle] for c in stale]
    return typographier(f"chiffre affiché caduc : {enumerer(noms)}") if noms else ""


def avertissement(caduc: Caduc) -> str:
    """The point that says that a number on screen is not to be used."""
    return typographier(
        f"« {caduc.libelle} » : le montant affiché ({caduc.montre}) n'est plus valable, ne pas l'utiliser "
        f"({caduc.texte})."
    )


def _points(points: tuple[str, ...], avant: Iterable[str], apres: Iterable[str]) -> tuple[str, ...]:
    """A false number on screen first, then what the rules ask, then what would settle a figure if there is room."""
    suite = [point for point in apres if not any(said.startswith(point) for said in points)]
    return (*avant, *points, *suite[: max(0, POINTS - len(points))])


def avis_experts(avis: Iterable[Avis]) -> str:
    """« avis d'expert : 1 rendu sur 2, attendu depuis le 12/03/2024 »; "" when none was asked."""
    tous = list(avis)
    attendus = [a.date_question for a in tous if not a.repondu]
    if not tous:
        return ""
    rendus = len(tous) - len(attendus)
    compte = f"{rendus} rendu{'s' if rendus > 1 else ''} sur {len(tous)}"
    suite = f", attendu depuis le {jour(min(attendus).date())}" if attendus else ""
    return typographier(f"avis d'expert : {compte}{suite}")


def _controle_utile(constats: Sequence[Constat], candidature: Candidature) -> bool:
    """Whether to ask for the visual check: not where the avis ends the matter, nor where a finding asks already."""
    libelle = typographier(candidature.champ("controle_visuel").libelle)
    deja = any(libelle in c.phrase for c in constats if c.statut is not Statut.OK)
    return opinion(constats) in _A_INSTRUIRE and not deja


def controle_visuel(candidature: Candidature, *, utile: bool = True) -> str:
    """Whether an agent looked at the pieces; « à faire » is said before any decision, where it is of some use.

    In construction as in instruction: our own passage from one to the other must change nothing that we wrote.
    """
    vu = candidature.connu("controle_visuel", bool)
    if vu:
        return "pièces vues ✓"
    a_faire = utile and vu is False and candidature.etat.ouvert
    return "contrôle visuel à faire" if a_faire else ""
