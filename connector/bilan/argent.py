"""What was committed, year by year, and the prime: amounts that somebody can assert, and how many cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from connector.bilan.compte import CANDIDATURES, REGISTRE
from connector.bilan.matiere import Matiere, cle_du_poste, nom_categorie, nom_groupe
from connector.bilan.releve import Vu
from connector.bilan.tableau import Absence, Colonne, Ligne, Section, Tableau, Unite, Valeur
from connector.core.model import DossierState
from connector.core.montants import au_centime
from connector.core.pet import StatutPet
from connector.core.poste import Poste

BAREMES = "Barèmes et parts de la configuration, [cout] et [pet]"
NON_VENTILE = "Exercice non établi"

_COUT = (
    Colonne(
        titre="Postes accordés",
        definition="Postes attribués et non rendus par un désistement.",
        source=REGISTRE,
        secret=True,
    ),
    Colonne(
        titre="Dont chiffrés",
        definition="Postes dont la part de l'ARS peut être affirmée : dates, durée, quotités, barème et prime connus.",
        source=f"{REGISTRE} ; {BAREMES}",
        secret=True,
    ),
    Colonne(
        titre="Coût engagé pour l'ARS",
        definition="Somme des parts de l'ARS des postes chiffrés, sur toute leur durée. Un poste sans montant affirmé "
        "n'y est pas compté.",
        source=f"{REGISTRE} ; {BAREMES}",
        unite=Unite.EUROS,
        depend=(0, 1),
    ),
)

_EXERCICE = (
    Colonne(
        titre="Postes",
        definition="Postes chiffrés dont une part tombe dans l'exercice.",
        source=REGISTRE,
        secret=True,
    ),
    Colonne(
        titre="Part de l'ARS",
        definition="Part de l'ARS des postes chiffrés, rattachée au mois où elle est due, telle que le registre "
        "l'a retenue. « Exercice non établi » : postes dont le registre n'a pas gardé la répartition.",
        source=f"{REGISTRE} ; {BAREMES}",
        unite=Unite.EUROS,
        depend=(0,),
    ),
)

_PRIME = (
    CANDIDATURES,
    Colonne(
        titre="Dont acceptées",
        definition="Candidatures acceptées dans Démarches simplifiées.",
        source="Dossiers lus dans Démarches simplifiées",
        secret=True,
    ),
    Colonne(
        titre="Montant mensuel dû",
        definition="Somme des primes mensuelles dues aux candidatures acceptées, sous réserve du contrôle visuel de la "
        "convention.",
        source=BAREMES,
        unite=Unite.EUROS,
        depend=(0, 1),
    ),
)


def argent(matiere: Matiere) -> Section:
    """Committed costs, by quota and by fiscal year, and the prime by status."""
    return Section(
        cle="couts",
        titre="Les coûts et la prime d'exercice territorial",
        tableaux=(_engage(matiere), _exercices(matiere), _primes(matiere)),
    )


def _engage(matiere: Matiere) -> Tableau:
    actifs = [p for p in matiere.postes if p.actif]
    cles = [cle for cle in matiere.cles() if any(cle_du_poste(p) == cle for p in actifs)]
    lignes = tuple(
        Ligne(
            groupe=nom_groupe(cle),
            libelle=nom_categorie(cle.categorie),
            valeurs=_couts([p for p in actifs if cle_du_poste(p) == cle]),
        )
        for cle in cles
    )
    return Tableau(
        cle="couts",
        titre="Coût engagé, par promotion, région et catégorie",
        groupe="Promotion et région",
        libelle="Catégorie",
        colonnes=_COUT,
        lignes=lignes,
        total=Ligne(libelle="Ensemble", valeurs=_couts(actifs)),
        additif=True,
    )


def _couts(postes: Sequence[Poste]) -> tuple[Valeur, ...]:
    montants = [p.cout for p in postes if p.cout is not None]
    return (len(postes), len(montants), _somme(montants))


def _somme(montants: Sequence[Decimal]) -> Valeur:
    return au_centime(sum(montants, Decimal(0))) if montants else Absence.INCONNU


def _exercices(matiere: Matiere) -> Tableau:
    """The years of the posts, as the register keeps them; those of which it kept none apart."""
    chiffres = [p for p in matiere.postes if p.actif and p.cout is not None]
    par_an: dict[str, list[Decimal]] = {}
    for poste in chiffres:
        for exercice, montant in _ventile(poste):
            par_an.setdefault(exercice, []).append(montant)
    lignes = tuple(
        Ligne(libelle=exercice, valeurs=(len(montants), _somme(montants)))
        for exercice, montants in sorted(par_an.items())
    )
    return Tableau(
        cle="exercices",
        titre="Coût engagé, par exercice",
        libelle="Exercice",
        colonnes=_EXERCICE,
        lignes=lignes,
        total=Ligne(
            libelle="Ensemble", valeurs=(len(chiffres), _somme([p.cout for p in chiffres if p.cout is not None]))
        ),
        additif=True,
    )


def _ventile(poste: Poste) -> list[tuple[str, Decimal]]:
    if not poste.tranches or sum(t.montant for t in poste.tranches) != poste.cout:
        return [(NON_VENTILE, poste.cout or Decimal(0))]
    return [(str(t.annee), t.montant) for t in poste.tranches]


def _primes(matiere: Matiere) -> Tableau:
    vues = matiere.candidatures
    statuts: dict[StatutPet | None, str] = {s: s.value for s in StatutPet} | {None: "Non calculée"}
    lignes = tuple(
        Ligne(libelle=nom, valeurs=_prime(siennes))
        for statut, nom in statuts.items()
        if (siennes := [v for v in vues if v.prime is statut])
    )
    return Tableau(
        cle="pet",
        titre="Prime d'exercice territorial, par statut",
        libelle="Statut de la prime",
        colonnes=_PRIME,
        lignes=lignes,
        total=Ligne(libelle="Ensemble", valeurs=_prime(vues)),
        additif=True,
    )


def _prime(vues: Sequence[Vu]) -> tuple[Valeur, ...]:
    acceptees = [v for v in vues if v.etat is DossierState.ACCEPTE]
    dues = [v.prime_due for v in acceptees if v.prime_due]
    return (len(vues), len(acceptees), _somme(dues))
