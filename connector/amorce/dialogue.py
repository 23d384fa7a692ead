"""What « connector init » says and asks, in French."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

from connector import presentation
from connector.amorce.appariement import Candidat, Offert, Voulu
from connector.amorce.commande import ACreer, Amorce
from connector.amorce.depart import TERRITOIRE
from connector.amorce.fichier import Reponse
from connector.amorce.recherche import Choisir
from connector.core.correspondance import NOMS
from connector.core.montants import pluriel
from connector.core.textes import enumerer, normaliser
from connector.core.typographie import composer


def au_clavier(demander: Callable[[str, int], int], dire: Callable[[str], None]) -> Choisir:
    """Asks at the keyboard: `demander` puts a question that is answered by a number from 0 to the one given."""

    def choisir(voulu: Voulu, candidats: Sequence[Candidat]) -> Offert | None:
        dire(f"\n{_quoi(voulu.cle)} « {voulu.libelle} » ({voulu.cle}) : laquelle de ces lignes du formulaire ?")
        for rang, candidat in enumerate(candidats, 1):
            sur = pourcent(candidat.confiance) if candidat.confiance else "sans ressemblance"
            dire(f"  {rang}. {candidat.offert.libelle} ({sur})")
        dire("  0. aucune")
        reponse = demander("Votre réponse", len(candidats))
        return candidats[reponse - 1].offert if reponse else None

    return choisir


def pourcent(confiance: float) -> str:
    """« 87 % », never rounded up to certainty."""
    return f"{min(99, round(confiance * 100)) if confiance < 1 else 100} %"


_QUOI = {"pieces": "Pièce", "annotations": "Annotation", "saisies": "Annotation de vos agents", "labels": "Label"}


def _quoi(cle: str) -> str:
    return _QUOI.get(cle.partition(".")[0], "Champ")


def raconter(amorce: Amorce, nom: str, sortie: TextIO) -> None:
    """Tell what was found, what is in doubt, what to create in DS, and what to do next."""
    _table(amorce, sortie)
    dites = (composer(ligne) for ligne in lignes(amorce, nom))
    sortie.writelines(f"{presentation.folded(ligne) if sortie.isatty() else ligne}\n" for ligne in dites)


def _table(amorce: Amorce, sortie: TextIO) -> None:
    trouvees = [r for r in amorce.reponses if r.offert or r.candidats]
    if trouvees:
        titre = f"Démarche n° {amorce.demarche.number}, « {' '.join(amorce.demarche.title.split())} »"
        colonnes = ("Dans la configuration", "Dans la démarche", "Confiance", "Remarque")
        lignes = [_ligne(r) for r in trouvees]
        utiles = len(colonnes) if any(ligne[-1] for ligne in lignes) else len(colonnes) - 1
        presentation.table(sortie, titre, colonnes[:utiles], [ligne[:utiles] for ligne in lignes])


def _ligne(reponse: Reponse) -> tuple[str, str, str, str]:
    if reponse.offert is not None:
        etat = "choisi par vous" if reponse.humaine else ""
        return reponse.voulu.cle, reponse.offert.libelle, pourcent(reponse.confiance), etat
    meilleur = reponse.candidats[0]
    return reponse.voulu.cle, meilleur.offert.libelle, pourcent(meilleur.confiance), "à confirmer"


def lignes(amorce: Amorce, nom: str) -> Iterator[str]:
    """Everything but the table, section by section."""
    douteux = [r for r in amorce.reponses if r.offert is None and r.candidats]
    absents = [r for r in amorce.reponses if r.offert is None and not r.candidats and _du_formulaire(r)]
    yield from _section(
        f"À confirmer dans {nom} (lignes « à confirmer »)",
        [f"{r.voulu.cle} : {enumerer((f'« {c.offert.libelle} »' for c in r.candidats), lien='ou')} ?" for r in douteux],
    )
    yield from _section("Absents du formulaire", [_absent(r) for r in absents])
    for t in amorce.traductions:
        yield from _section(
            f"Options de « {t.champ} » à traduire dans [vocabulaire]", [f"« {option} »" for option in t.inconnues]
        )
    yield from _section(
        "Règles écartées pour l’instant : elles attendent un champ, ou une réponse, ci-dessus",
        [cle for cle in amorce.ecartees if cle != TERRITOIRE],
    )
    if TERRITOIRE in amorce.ecartees:
        yield from _section(
            f"Règle « {TERRITOIRE} » écartée", ["relancez avec --region et le code INSEE de la région de votre ARS"]
        )
    yield from _section(f"À revoir dans {nom}", [str(p) for p in amorce.restants])
    yield from _section("Différences avec la campagne précédente", amorce.differences)
    yield from _section("Champs du formulaire que le connecteur n’utilise pas", amorce.sans_emploi)
    labels = [c for c in amorce.a_creer if c.nature == "label"]
    yield from _section(
        "À créer dans DS, annotations privées", [_a_creer(c) for c in amorce.a_creer if c.nature != "label"]
    )
    yield from _section("À créer dans DS, labels", [f"« {label.libelle} »" for label in labels])
    yield from _technique(amorce)
    yield ""
    yield _bilan(amorce, nom)
    yield (
        "Sans le zonage des médecins de votre région, toute zone reste « à vérifier » : « connector import zonage "
        "--help » dit comment l’importer."
    )
    yield (
        f"Ensuite : « connector doctor --config {nom} » vérifie l’installation, point par point, puis « connector plan "
        f"--config {nom} » montre ce que le connecteur écrirait. En mode « observer », il n’écrit rien dans Démarches "
        "simplifiées."
    )


def _du_formulaire(reponse: Reponse) -> bool:
    return reponse.voulu.cle.startswith(("champs.", "pieces."))


def _absent(reponse: Reponse) -> str:
    dit = f"{reponse.voulu.cle} : « {reponse.voulu.libelle} »"
    if reponse.empeche is None:
        return dit
    nature = NOMS.get(reponse.empeche.nature, reponse.empeche.nature)
    return f"{dit} ; « {reponse.empeche.libelle} » est d’un type que le connecteur ne peut pas lire ici ({nature})"


def _section(titre: str, entrees: Sequence[str]) -> Iterator[str]:
    if entrees:
        yield f"\n{titre} :"
        yield from (f"  - {entree}" for entree in entrees)


def _a_creer(annotation: ACreer) -> str:
    options = f" ({', '.join(annotation.options)})" if annotation.options else ""
    dit = f"« {annotation.libelle} », {annotation.nature}{options}, à remplir par {annotation.qui}"
    existe = annotation.empeche
    if existe is None:
        return dit
    manquent = [o for o in annotation.options if normaliser(o) not in {normaliser(ici) for ici in existe.options}]
    if existe.options and manquent:
        return f"{dit} ; ou complétez « {existe.libelle} », à qui il manque {enumerer(f'« {o} »' for o in manquent)}"
    return f"{dit} ; « {existe.libelle} » existe, mais d’un autre type ({NOMS.get(existe.nature, existe.nature)})"


def _technique(amorce: Amorce) -> Iterator[str]:
    """In whose name the connector will write, and in which group that account is missing."""
    technique = amorce.technique
    if technique is None:
        yield from _section(
            "Instructeur",
            ["aucun compte technique reconnu : ajoutez-en un à chaque groupe, puis nommez-le dans [envoi]"],
        )
        return
    absent = [groupe for groupe, membre in technique.groupes.items() if not membre]
    manque = f" ; à ajouter au groupe {enumerer(f'« {g} »' for g in absent)}" if absent else ", membre de chaque groupe"
    etat = "" if technique.sur else ", à confirmer"
    yield from _section("Instructeur", [f"{technique.courriel} ({pourcent(technique.confiance)}{etat}){manque}"])


def _bilan(amorce: Amorce, nom: str) -> str:
    if not (amorce.reponses or amorce.change):
        return f"{nom} : rien n’a changé, rien n’est à compléter."
    surs = sum(r.offert is not None for r in amorce.reponses)
    douteux = sum(r.offert is None and bool(r.candidats) for r in amorce.reponses)
    absents = len(amorce.reponses) - surs - douteux
    comptes = ", ".join(
        (pluriel(surs, "trouvé"), pluriel(douteux, "à confirmer", "à confirmer"), pluriel(absents, "absent"))
    )
    return f"{nom} : {comptes}." if amorce.change else f"{nom} : rien n’a changé ({comptes})."
