"""The reports themselves: which sections, in which order, and what is said of them on the first page."""

from __future__ import annotations

from dataclasses import replace

from connector.bilan.argent import argent
from connector.bilan.compte import annexe, candidatures, postes
from connector.bilan.concordance import concordance
from connector.bilan.delais import delais
from connector.bilan.matiere import Matiere
from connector.bilan.motifs import motifs, qualitatif
from connector.bilan.secret import publier
from connector.bilan.tableau import Rapport, Section, lisible

TITRE = "Bilan des postes d'assistants spécialistes à temps partagé"
TITRE_CONCORDANCE = "Concordance entre les propositions du connecteur et les décisions"

_PUBLIC = (
    (
        "Version publique. « n. p. » : non publié. Tout nombre inférieur à 5, 0 compris, est masqué, et d'autres avec "
        "lui quand on pourrait le retrouver par soustraction. Aucun nom, aucun numéro de dossier, aucun texte libre."
    ),
)
_INTERNE = (
    (
        "Version interne : elle cite des numéros de dossier et les textes saisis par les agents, qui peuvent nommer "
        "une personne. Pour la diffuser, ajoutez l'option --public."
    ),
)


def bilan(matiere: Matiere) -> Rapport:
    """The bilan of those dossiers and posts; hidden cells and no free text when it is for the public."""
    return _rapport(
        matiere,
        TITRE,
        (
            postes(matiere),
            candidatures(matiere),
            delais(matiere),
            motifs(matiere),
            argent(matiere),
            qualitatif(matiere),
            annexe(matiere),
        ),
    )


def rapport_concordance(matiere: Matiere) -> Rapport:
    """Our propositions beside people's decisions."""
    return _rapport(matiere, TITRE_CONCORDANCE, concordance(matiere))


def _rapport(matiere: Matiere, titre: str, sections: tuple[Section, ...]) -> Rapport:
    promotions = ", ".join(matiere.promotions) or "aucune promotion connue"
    rapport = Rapport(
        titre=titre,
        sous_titre=f"Promotion{'s' if len(matiere.promotions) > 1 else ''} : {promotions}",
        etabli_le=matiere.jour,
        public=False,
        sections=tuple(s for s in sections if s.tableaux),
        mentions=(*_INTERNE, *_effaces(matiere)),
    )
    return replace(publier(rapport), mentions=(*_PUBLIC, *_effaces(matiere))) if matiere.public else rapport


def _effaces(matiere: Matiere) -> tuple[str, ...]:
    """What the report can no longer count: how many in the internal version, that there are some in the public one."""
    if not matiere.effaces:
        return ()
    combien = "" if matiere.public else f" : {matiere.effaces}"
    phrase = (
        f"Dossiers effacés de la base, au terme de leur durée de conservation ou sur demande{combien}. Ils ne sont "
        "plus comptés ici ; leurs postes le sont toujours, dans le registre."
    )
    return (phrase,)


def chiffres(rapport: Rapport) -> tuple[tuple[str, str], ...]:
    """The few figures that sum a bilan up, as its tables show them: a hidden one stays hidden."""
    lus = (
        ("Candidatures", _case(rapport, "postes", 1)),
        ("Recevables", _case(rapport, "postes", 2)),
        ("Postes ouverts", _case(rapport, "postes", 0)),
        ("Postes accordés", _case(rapport, "postes", 4)),
        ("Postes pourvus", _case(rapport, "postes", 5)),
        ("Délai médian de décision", _case(rapport, "delais", 1, ligne=2)),
        ("Coût engagé pour l'ARS", _case(rapport, "couts", 2)),
    )
    return tuple((titre, valeur) for titre, valeur in lus if valeur)


def _case(rapport: Rapport, cle: str, colonne: int, *, ligne: int | None = None) -> str:
    tableau = rapport.tableau(cle)
    if tableau is None or not tableau.lignes:
        return ""
    choisie = tableau.total if ligne is None else tableau.lignes[ligne]
    return lisible(choisie.valeurs[colonne], tableau.colonnes[colonne].unite) if choisie else ""
