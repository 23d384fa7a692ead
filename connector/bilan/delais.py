"""How long things took, and when they happened. Days are calendar days, from one day in France to another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import ceil, inf
from statistics import median

from connector.bilan.compte import DS, REGISTRE
from connector.bilan.matiere import Matiere
from connector.bilan.releve import Vu
from connector.bilan.tableau import Absence, Colonne, Dessin, Ligne, Section, Tableau, Unite, Valeur
from connector.core.calendrier import ajoute_mois

BORNES = (0, 15, 30, 60, 90, 120, 180, inf)
"""The classes of the histogram, in days: each from one bound to the day before the next."""

_QUANTILE = 0.9

_MOIS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


def delais(matiere: Matiere) -> Section:
    """Medians and ninth deciles, the histogram of the whole delay, and the campaign month by month."""
    return Section(
        cle="delais",
        titre="Les délais et le calendrier",
        tableaux=(_chronologie(matiere), _delais(matiere), _histogramme(matiere)),
    )


COLONNES = (
    Colonne(
        titre="Cas",
        definition="Candidatures, ou titulaires d'un poste, dont les deux dates sont connues.",
        source=f"{DS} ; {REGISTRE}",
        secret=True,
    ),
    Colonne(
        titre="Médiane",
        definition="La moitié des cas a pris moins de temps, l'autre moitié davantage.",
        source="Calcul sur les dates de Démarches simplifiées et du registre, en jours calendaires",
        unite=Unite.JOURS,
        depend=(0,),
    ),
    Colonne(
        titre="9e décile",
        definition="Neuf cas sur dix n'ont pas pris plus de temps (rang le plus proche).",
        source="Calcul sur les dates de Démarches simplifiées et du registre, en jours calendaires",
        unite=Unite.JOURS,
        depend=(0,),
    ),
)


def _delais(matiere: Matiere) -> Tableau:
    vues = matiere.candidatures
    titulaires = [t for p in matiere.postes for t in p.titulaires]
    suites: dict[str, list[int]] = {
        "Du dépôt au passage en instruction": _ecarts((v.depose_le, v.en_instruction_le) for v in vues),
        "Du passage en instruction à la décision": _ecarts((v.en_instruction_le, v.traite_le) for v in vues),
        "Du dépôt à la décision": depot_a_decision(vues),
        "De l'accord à la prise de fonction": _ecarts((t.accepte_le, t.prise_de_fonction_le) for t in titulaires),
    }
    lignes = tuple(
        Ligne(libelle=nom, valeurs=(len(jours), mediane(jours), decile(jours))) for nom, jours in suites.items()
    )
    return Tableau(cle="delais", titre="Délais", libelle="Étape", colonnes=COLONNES, lignes=lignes)


def depot_a_decision(vues: Iterable[Vu]) -> list[int]:
    """Days from the deposit to the decision of each decided candidature."""
    return _ecarts((v.depose_le, v.traite_le) for v in vues)


def _ecarts(paires: Iterable[tuple[date | None, date | None]]) -> list[int]:
    """Days of each pair that is known and in order."""
    return [(fin - debut).days for debut, fin in paires if debut and fin and fin >= debut]


def mediane(jours: Sequence[int]) -> Valeur:
    """The middle, or the mean of the two middles; unknown without a case."""
    return Decimal(str(median(jours))) if jours else Absence.INCONNU


def decile(jours: Sequence[int]) -> Valeur:
    """The ninth decile by nearest rank: a delay that really was."""
    return Decimal(sorted(jours)[ceil(_QUANTILE * len(jours)) - 1]) if jours else Absence.INCONNU


def _histogramme(matiere: Matiere) -> Tableau:
    jours = depot_a_decision(matiere.candidatures)
    lignes = tuple(
        Ligne(libelle=_classe(debut, fin), valeurs=(sum(debut <= j < fin for j in jours),))
        for debut, fin in pairwise(BORNES)
    )
    return Tableau(
        cle="histogramme",
        titre="Délais du dépôt à la décision",
        libelle="Délai",
        colonnes=(
            Colonne(
                titre="Candidatures",
                definition="Candidatures décidées, selon le nombre de jours entre le dépôt et la décision.",
                source=DS,
                secret=True,
            ),
        ),
        lignes=lignes if jours else (),
        total=Ligne(libelle="Ensemble", valeurs=(len(jours),)),
        additif=True,
        dessin=Dessin.HISTOGRAMME,
    )


def _classe(debut: float, fin: float) -> str:
    if not debut:
        return f"moins de {fin:.0f} jours"
    return f"{debut:.0f} jours et plus" if fin == inf else f"{debut:.0f} à {fin - 1:.0f} jours"


def _chronologie(matiere: Matiere) -> Tableau:
    vues = matiere.vus
    suites: tuple[tuple[str, str, str, list[date]], ...] = (
        ("Dépôts", "Dossiers déposés dans le mois.", DS, [v.depose_le for v in vues]),
        (
            "Décisions",
            "Dossiers acceptés, refusés ou classés sans suite dans le mois.",
            DS,
            [v.traite_le for v in vues if v.traite_le],
        ),
        (
            "Prises de fonction",
            "Prises de fonction constatées par un agent.",
            REGISTRE,
            [t.prise_de_fonction_le for p in matiere.postes for t in p.titulaires if t.prise_de_fonction_le],
        ),
    )
    mois = _mois([jour for *_, jours in suites for jour in jours])
    return Tableau(
        cle="chronologie",
        titre="La campagne, mois par mois",
        libelle="Mois",
        colonnes=tuple(
            Colonne(titre=titre, definition=definition, source=source, secret=True)
            for titre, definition, source, _ in suites
        ),
        lignes=tuple(
            Ligne(libelle=nom_mois(premier), valeurs=tuple(_du_mois(jours, premier) for *_, jours in suites))
            for premier in mois
        ),
        total=Ligne(libelle="Ensemble", valeurs=tuple(len(jours) for *_, jours in suites)),
        additif=True,
        dessin=Dessin.CHRONOLOGIE,
        intro=_calendrier(matiere),
        reperes=_reperes(matiere, mois),
    )


def _mois(jours: Sequence[date]) -> tuple[date, ...]:
    """The first day of each month from the first date to the last."""
    if not jours:
        return ()
    premier, dernier = min(jours).replace(day=1), max(jours)
    nombre = (dernier.year - premier.year) * 12 + dernier.month - premier.month + 1
    return tuple(ajoute_mois(premier, rang) for rang in range(nombre))


def _du_mois(jours: Sequence[date], premier: date) -> int:
    return sum((j.year, j.month) == (premier.year, premier.month) for j in jours)


def nom_mois(premier: date) -> str:
    """« janv. 2026 »."""
    return f"{_MOIS[premier.month - 1]} {premier.year}"


_REPERES: tuple[tuple[str, Callable[..., date | None]], ...] = (
    ("ouverture", lambda c: c.ouverture),
    ("clôture", lambda c: c.cloture),
    ("commission", lambda c: c.commission),
    ("notification", lambda c: c.notification_le),
)


def _dates(matiere: Matiere) -> list[tuple[date, str]]:
    """The campaigns' dates that the ARS typed, in order."""
    lues = [(lire(campagne), nom) for campagne in matiere.campagnes for nom, lire in _REPERES]
    return sorted({(jour, nom) for jour, nom in lues if jour is not None})


def _calendrier(matiere: Matiere) -> str:
    """« Dates saisies par l'ARS : ouverture le …, clôture le … »; "" when there is none."""
    dates = [f"{nom} le {jour:%d/%m/%Y}" for jour, nom in _dates(matiere)]
    return f"Dates saisies par l'ARS : {', '.join(dates)}." if dates else ""


def _reperes(matiere: Matiere, mois: Sequence[date]) -> tuple[tuple[float, str], ...]:
    """Where those dates fall among the months, the others left out."""
    rangs = {(m.year, m.month): rang for rang, m in enumerate(mois)}
    return tuple(
        (rangs[jour.year, jour.month] + (jour.day - 1) / 31, nom)
        for jour, nom in _dates(matiere)
        if (jour.year, jour.month) in rangs
    )
