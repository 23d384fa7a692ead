"""Our propositions beside people's decisions: which rules are followed, and which are so often overruled that they err.

A rule objects when it is not respected and bears on the opinion. It is overruled when people keep the candidature all
the same. A mere doubt (« à vérifier ») is a question asked of an agent: answering it overrules nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from connector.bilan.compte import DS, REGLES
from connector.bilan.matiere import Matiere
from connector.bilan.releve import Dit, Vu
from connector.bilan.tableau import Absence, Colonne, Ligne, Section, Tableau, Unite, Valeur
from connector.core.constat import AvisPropose, Constat, Effet, Statut
from connector.core.decisions import Sens

UN_SUR = 5
"""A rule overruled more than one time in this many is to be looked at again."""

A_REVOIR = "à revoir : écartée plus d'une fois sur cinq"

FAVORABLE = "Aucune objection (proposition favorable)"

_AVEC = "Dossiers décidés dont une proposition était en vigueur au moment de la décision"


def s_oppose(constat: Constat) -> bool:
    """Whether a rule was not respected, and bears on the opinion."""
    return constat.statut is Statut.KO and constat.effet in {Effet.BLOQUANT, Effet.A_VERIFIER}


def en_vigueur(vu: Vu) -> Dit | None:
    """What we said when people decided; None when nobody decided, or before we said anything."""
    if vu.decision is None:
        return None
    return vu.dit_avant if vu.etat.termine else vu.dit


def motif_humain(vu: Vu) -> str:
    """Why people decided so, in their own words; "" when they did not say."""
    return " ; ".join(filter(None, (vu.motivation.strip(), vu.deficitaire.strip())))


def concordance(matiere: Matiere) -> tuple[Section, ...]:
    """The rules, the opinions, and the motives of those who overruled them."""
    compares = [(vu, dit) for vu in matiere.vus if (dit := en_vigueur(vu)) is not None]
    decides = sum(vu.decision is not None for vu in matiere.vus)
    intro = (
        f"{decides} dossiers décidés, dont {len(compares)} avaient une proposition au moment de la décision : ce sont "
        "les seuls comparés. Une décision saisie dans l'annotation « Décision de la commission » compte comme une "
        "décision. Une règle écartée plus d'une fois sur cinq est signalée : c'est elle qu'il faut revoir, pas la "
        "commission."
    )
    return (
        Section(
            cle="concordance",
            titre="Les règles et les décisions",
            intro="" if matiere.public else intro,
            tableaux=(_par_regle(matiere, compares), _croise(compares), _motifs(matiere, compares)),
        ),
    )


def _secret(titre: str, definition: str, depend: tuple[int, ...] = ()) -> Colonne:
    return Colonne(titre=titre, definition=definition, source=f"{_AVEC} ; {REGLES}", secret=True, depend=depend)


_REGLES = (
    _secret(
        "Cas", "Dossiers décidés qui ne respectaient pas la règle ; sur la dernière ligne, ceux que rien n'écartait."
    ),
    # the two add up to the first: neither is shown where the other is hidden
    _secret(
        "Suivies",
        "Cas où la décision va dans le sens de la règle : le dossier n'a pas été retenu. Sur la dernière ligne : il "
        "l'a été, comme proposé.",
        depend=(2,),
    ),
    _secret(
        "Écartées",
        "Cas où la décision s'en écarte : le dossier a été retenu malgré la règle. Sur la dernière ligne : il a été "
        "refusé, classé sans suite ou réorienté, alors que rien ne l'écartait.",
        depend=(1,),
    ),
    Colonne(
        titre="Part écartée",
        definition="Part des cas où la règle a été écartée. Au-delà de 20 %, la règle est à revoir.",
        source=f"{_AVEC} ; {REGLES}",
        unite=Unite.POURCENT,
        depend=(0, 1, 2),
    ),
    _secret("Doutes levés", "Dossiers retenus alors que la règle demandait seulement une vérification."),
)


def _par_regle(matiere: Matiere, compares: Sequence[tuple[Vu, Dit]]) -> Tableau:
    regles = dict.fromkeys((*matiere.regles, *(c.regle for _, dit in compares for c in dit.constats)))
    lignes = [_ligne(matiere.regle(regle), *_issues(regle, compares)) for regle in regles]
    lignes.append(_ligne(FAVORABLE, *_favorables(compares)))
    return Tableau(
        cle="regles",
        titre="Règle par règle",
        libelle="Règle",
        colonnes=_REGLES,
        lignes=tuple(li for li in lignes if any(isinstance(v, int) and v for v in li.valeurs)),
    )


def _issues(regle: str, compares: Iterable[tuple[Vu, Dit]]) -> tuple[int, int, int]:
    """How many times a rule objected, was overruled, and was in a doubt that people lifted."""
    objections = ecartees = doutes = 0
    for vu, dit in compares:
        siens = [c for c in dit.constats if c.regle == regle]
        retenu = vu.decision is Sens.RETENU
        if any(map(s_oppose, siens)):
            objections += 1
            ecartees += retenu
        elif any(c.statut is Statut.A_VERIFIER for c in siens):
            doutes += retenu
    return objections, ecartees, doutes


def _favorables(compares: Iterable[tuple[Vu, Dit]]) -> tuple[int, int, int]:
    """How many propositions were favourable, and how many of them people did not keep; a rank is no refusal."""
    refus = {Sens.NON_RETENU, Sens.SANS_SUITE, Sens.REORIENTATION}
    favorables = [vu for vu, dit in compares if dit.avis is AvisPropose.FAVORABLE]
    return len(favorables), sum(vu.decision in refus for vu in favorables), 0


def _ligne(nom: str, objections: int, ecartees: int, doutes: int) -> Ligne:
    part: Valeur = Absence.INCONNU
    if objections:
        part = (100 * ecartees + objections // 2) // objections
    return Ligne(
        libelle=nom,
        valeurs=(objections, objections - ecartees, ecartees, part, doutes),
        alerte=A_REVOIR if ecartees * UN_SUR > objections else "",
    )


def _croise(compares: Sequence[tuple[Vu, Dit]]) -> Tableau:
    """Opinions by decisions."""
    comptes = Counter((dit.avis, vu.decision) for vu, dit in compares)
    lignes = tuple(
        Ligne(libelle=avis.value, valeurs=tuple(comptes[avis, d] for d in Sens))
        for avis in AvisPropose
        if any(comptes[avis, d] for d in Sens)
    )
    return Tableau(
        cle="croisement",
        titre="Avis proposé et décision",
        libelle="Avis proposé",
        colonnes=tuple(
            Colonne(
                titre=d.value,
                definition=f"Dossiers dont la décision est « {d.value} » : l'état dans Démarches simplifiées s'il est "
                "définitif, sinon l'annotation de la commission.",
                source=DS,
                secret=True,
            )
            for d in Sens
        ),
        lignes=lignes,
    )


def _motifs(matiere: Matiere, compares: Sequence[tuple[Vu, Dit]]) -> Tableau:
    lignes = tuple(
        Ligne(
            libelle=matiere.regle(constat.regle),
            valeurs=(str(vu.dossier), motif_humain(vu) or "Motif non saisi"),
        )
        for vu, dit in compares
        if vu.decision is Sens.RETENU
        for constat in dit.constats
        if s_oppose(constat)
    )
    return Tableau(
        cle="ecartees",
        titre="Objections écartées, et leurs motifs",
        libelle="Règle",
        colonnes=(
            Colonne(titre="Dossier", definition="Numéro dans Démarches simplifiées.", source=DS, unite=Unite.TEXTE),
            Colonne(
                titre="Motif saisi",
                definition="Annotations « Motivation complémentaire » et « Spécialité déficitaire (motif) ».",
                source="Annotations saisies par les agents",
                unite=Unite.TEXTE,
            ),
        ),
        lignes=tuple(sorted(lignes, key=lambda li: li.libelle)),
        interne=True,
    )
