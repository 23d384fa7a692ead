"""Why candidatures were set aside, and under which conditions others were granted; what became of the posts.

Counts may be published; the agents' own words may not: a motive or an observation may name somebody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from connector.bilan.compte import DS, REGLES
from connector.bilan.concordance import motif_humain, s_oppose
from connector.bilan.matiere import Matiere
from connector.bilan.releve import Dit, Vu
from connector.bilan.tableau import Colonne, Ligne, Section, Tableau, Unite
from connector.core.constat import Constat
from connector.core.decisions import Sens
from connector.core.model import DossierState
from connector.core.pet import Derogation
from connector.core.regles.proposition import blocks
from connector.core.textes import normaliser

AUCUN_MOTIF = "Aucune règle bloquante : motif propre à la commission"
SAISIES = "Annotations saisies par les agents"

_MOTIF = (
    Colonne(
        titre="Refusées",
        definition="Candidatures refusées à qui cette règle était opposée, selon la proposition en vigueur ce jour-là.",
        source=f"{DS} ; {REGLES}",
        secret=True,
    ),
    Colonne(
        titre="Sans suite",
        definition="Candidatures classées sans suite à qui cette règle était opposée.",
        source=f"{DS} ; {REGLES}",
        secret=True,
    ),
)


def motifs(matiere: Matiere) -> Section:
    """The rules that stood against the candidatures that people refused or closed."""
    ecartees = [v for v in matiere.candidatures if v.ecartee]
    par_regle: dict[str, list[Vu]] = {}
    for vu in ecartees:
        for regle in _opposees(vu) or ("",):
            par_regle.setdefault(regle, []).append(vu)
    lignes = tuple(
        Ligne(libelle=matiere.regle(regle) if regle else AUCUN_MOTIF, valeurs=_issues(siens))
        for regle, siens in sorted(par_regle.items(), key=lambda item: (not item[0], -len(item[1]), item[0]))
    )
    tableau = Tableau(
        cle="motifs",
        titre="Motifs des refus et des classements sans suite",
        libelle="Règle",
        colonnes=_MOTIF,
        lignes=lignes,
        intro="Une candidature à qui plusieurs règles étaient opposées est comptée dans chacune. La décision, et son "
        "motif, sont toujours ceux de la commission.",
    )
    return Section(cle="motifs", titre="Les motifs", tableaux=(tableau,))


def _opposees(vu: Vu) -> tuple[str, ...]:
    dit = vu.dit_avant or vu.dit
    return tuple(dict.fromkeys(c.regle for c in dit.constats if blocks(c))) if dit else ()


def _issues(vues: Sequence[Vu]) -> tuple[int, ...]:
    return (
        sum(v.etat is DossierState.REFUSE for v in vues),
        sum(v.etat is DossierState.SANS_SUITE for v in vues),
    )


# --- in words ---------------------------------------------------------------------------------------------------------


def retenue_malgre(vu: Vu) -> bool:
    """Whether people kept a candidature that a rule stood against."""
    return vu.decision is Sens.RETENU and any(map(s_oppose, _constats(vu)))


def non_retenue_malgre(vu: Vu) -> bool:
    """Whether people set aside a candidature that nothing stood against."""
    dit = _dit(vu)
    refusee = vu.decision in {Sens.NON_RETENU, Sens.SANS_SUITE, Sens.REORIENTATION}
    return refusee and dit is not None and not any(map(s_oppose, dit.constats))


def _dit(vu: Vu) -> Dit | None:
    return vu.dit_avant if vu.etat.termine else vu.dit


def _constats(vu: Vu) -> tuple[Constat, ...]:
    dit = _dit(vu)
    return dit.constats if dit else ()


_CONDITIONS: tuple[tuple[str, Callable[[Vu], bool]], ...] = (
    ("Dérogation à la distance accordée", lambda v: v.derogation is Derogation.ACCORDEE),
    ("Dérogation à la distance refusée", lambda v: v.derogation is Derogation.REFUSEE),
    ("Dérogation à la distance en cours", lambda v: v.derogation is Derogation.EN_COURS),
    ("Modulation des quotités acceptée", lambda v: v.modulation_acceptee),
    ("Spécialité reconnue déficitaire", lambda v: bool(v.deficitaire)),
    ("Proposition écartée : retenue malgré une règle bloquante", retenue_malgre),
    ("Proposition écartée : non retenue alors que favorable", non_retenue_malgre),
)


def qualitatif(matiere: Matiere) -> Section:
    """Conditions of attribution, what became of the posts, and the agents' own words."""
    return Section(
        cle="qualitatif",
        titre="Le bilan qualitatif",
        tableaux=(_conditions(matiere), _devenir(matiere), _motives(matiere), _observations(matiere)),
    )


def _conditions(matiere: Matiere) -> Tableau:
    lignes = tuple(
        Ligne(libelle=nom, valeurs=(len(vus), sum(v.etat is DossierState.ACCEPTE for v in vus)))
        for nom, remplit in _CONDITIONS
        for vus in ([v for v in matiere.vus if remplit(v)],)
    )
    return Tableau(
        cle="conditions",
        titre="Conditions d'attribution",
        libelle="Condition",
        colonnes=(
            Colonne(
                titre="Dossiers",
                definition="Dossiers pour lesquels un agent a saisi cette condition, ou dont la décision s'écarte de "
                "la proposition en vigueur ce jour-là.",
                source=f"{SAISIES} ; {DS}",
                secret=True,
            ),
            Colonne(
                titre="Dont acceptés", definition="Ceux qui ont été acceptés.", source=f"{SAISIES} ; {DS}", secret=True
            ),
        ),
        lignes=lignes,
    )


def _devenir(matiere: Matiere) -> Tableau:
    comptes = Counter(normaliser(v.devenir) for v in matiere.vus if v.devenir.strip())
    noms = {normaliser(v.devenir): " ".join(v.devenir.split()) for v in matiere.vus}
    lignes = tuple(Ligne(libelle=noms[forme], valeurs=(n,)) for forme, n in comptes.most_common())
    return Tableau(
        cle="devenir",
        titre="Devenir à l'issue du poste",
        libelle="Devenir",
        colonnes=(
            Colonne(
                titre="Dossiers",
                definition="Dossiers selon l'annotation « Devenir à l'issue » ; ceux où elle n'est pas remplie ne sont "
                "pas comptés.",
                source=SAISIES,
                secret=True,
            ),
        ),
        lignes=lignes,
        total=Ligne(libelle="Ensemble", valeurs=(sum(comptes.values()),)),
        additif=True,
    )


_DOSSIER = Colonne(titre="Dossier", definition="Numéro dans Démarches simplifiées.", source=DS, unite=Unite.TEXTE)


def _motives(matiere: Matiere) -> Tableau:
    """What each condition rests on, in the agents' words."""
    lignes = tuple(
        Ligne(libelle=nom, valeurs=(str(vu.dossier), motif_humain(vu) or "Motif non saisi"))
        for nom, remplit in _CONDITIONS
        for vu in matiere.vus
        if remplit(vu)
    )
    return Tableau(
        cle="conditions_detail",
        titre="Conditions d'attribution, dossier par dossier",
        libelle="Condition",
        colonnes=(
            _DOSSIER,
            Colonne(
                titre="Motif saisi",
                definition="Annotations « Motivation complémentaire » et « Spécialité déficitaire (motif) ».",
                source=SAISIES,
                unite=Unite.TEXTE,
            ),
        ),
        lignes=lignes,
        interne=True,
    )


def _observations(matiere: Matiere) -> Tableau:
    lignes = tuple(
        Ligne(libelle=" ".join(v.devenir.split()) or "Devenir non saisi", valeurs=(str(v.dossier), v.observations))
        for v in matiere.vus
        if v.observations.strip()
    )
    return Tableau(
        cle="observations",
        titre="Difficultés et observations",
        libelle="Devenir à l'issue",
        colonnes=(
            _DOSSIER,
            Colonne(
                titre="Observation",
                definition="Annotation « Observations », mot pour mot.",
                source=SAISIES,
                unite=Unite.TEXTE,
            ),
        ),
        lignes=lignes,
        interne=True,
    )
