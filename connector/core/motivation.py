"""The words of a decision: the facts that its template tells, and those for want of which it is not written at all.

The commission's motive comes first, else that of the rules that may be opposed; no other text is ever cited as a motive
(domaine, decision 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from connector.core.calendrier import ajoute_mois
from connector.core.candidature import Candidature
from connector.core.chiffrage import Chiffrage
from connector.core.constat import AvisPropose, Constat, Source
from connector.core.courrier import MODELES, Brouillon, Faits, PosteDit
from connector.core.decisions import Cas, Decision, Sens, en_vigueur
from connector.core.model import Dossier
from connector.core.projet import Projet
from connector.core.regles.proposition import blocks

Rediger = Callable[[Brouillon, Dossier], str]
"""Writes a draft out."""


MODELES_DE = {
    Sens.RETENU: "accord",
    Sens.LISTE_D_ATTENTE: "liste_attente",
    Sens.NON_RETENU: "refus",
    Sens.SANS_SUITE: "sans_suite",
}
"""The template of each decision that has words."""


def manques(cas: Cas, decision: Decision) -> tuple[str, ...]:
    """Which facts keep that decision from being written."""
    return MODELES[MODELES_DE[decision.sens]].manque(faits_de(cas, decision.sens, decision))


def texte_de(cas: Cas, sens: Sens | None, decision: Decision | None, rediger: Rediger) -> str:
    """The motivation of that decision, "" while something is lacking to write it.

    In construction as in instruction: our own passage from one to the other must change nothing that we wrote.
    """
    if sens not in MODELES_DE:
        return ""
    faits = faits_de(cas, sens, decision)
    if MODELES[MODELES_DE[sens]].manque(faits):
        return ""
    brouillon = Brouillon(
        template=MODELES_DE[sens], constats=(), correction=None, fingerprint="", reference="", faits=faits
    )
    return rediger(brouillon, cas.dossier)


def imaginer(cas: Cas, modele: str) -> Brouillon | None:
    """What that template would tell of the dossier, decided or not; None when it lacks something, or is not ours."""
    sens = next((s for s, nom in MODELES_DE.items() if nom == modele), None)
    if sens is None:
        return None
    decision = en_vigueur(cas)
    faits = faits_de(cas, sens, decision if decision and decision.sens is sens else None)
    if MODELES[modele].manque(faits):
        return None
    return Brouillon(template=modele, constats=(), correction=None, fingerprint="", reference="", faits=faits)


def faits_de(cas: Cas, sens: Sens, decision: Decision | None) -> Faits:
    """What the words tell: the commission's motive first, else that of the rules that may be opposed."""
    dit = decision.motivation.strip() if decision else ""
    negative = sens in {Sens.NON_RETENU, Sens.SANS_SUITE}
    motif = (dit or (motif_opposable(cas) if sens is Sens.NON_RETENU else "")) if negative else ""
    return Faits(
        motif=motif,
        complement="" if negative else dit,
        voies_recours=cas.cadre.voies_recours,
        signataire=cas.cadre.signataire,
        mention_algorithmique=cas.cadre.mention,
        poste=poste_dit(cas.candidature, cas.projet, cas.chiffrage),
        rang=decision.rang if decision else None,
        validite=cas.cadre.validite,
    )


def motif_opposable(cas: Cas) -> str:
    """Why the rules would refuse, each finding with the texts that may be opposed, and no other (domaine, decision 1).

    "" when no rule would: a refusal then waits for a human motive.
    """
    refus = [c for c in cas.proposition.constats if blocks(c) and c.avis is AvisPropose.DEFAVORABLE]
    return "\n".join(f"{c.phrase} {_textes(c, cas.sources)}".strip() for c in refus)


def _textes(constat: Constat, sources: Mapping[str, Sequence[Source]]) -> str:
    opposables = [s.texte for s in sources.get(constat.regle, ()) if s.opposable]
    return f"({' ; '.join(opposables)})" if opposables else ""


def poste_dit(candidature: Candidature, projet: Projet, chiffrage: Chiffrage) -> PosteDit:
    """The post as the dossier asks for it, in the words of a message."""
    prime, cout = chiffrage.prime, chiffrage.cout
    debut, duree = projet.debut_reporte or projet.debut, projet.duree_mois
    return PosteDit(
        promotion=projet.promotion or "",
        categorie=candidature.connu("categorie", str) or "",
        specialite=projet.specialite or "",
        duree=duree,
        quotite_hospitaliere=projet.quotite_hospitaliere,
        quotite_ambulatoire=projet.quotite_ambulatoire,
        debut=debut,
        fin=_fin(debut, duree),
        part_ars=cout.part_ars if cout else None,
        prime=prime.montant if prime else None,
        statut_prime=prime.statut.value if prime else "",
    )


def _fin(debut: date | None, duree_mois: int | None) -> date | None:
    """The first day after the post; None where it cannot be told, be it for a date typed beyond the calendar."""
    if debut is None or not duree_mois or debut.year + duree_mois // 12 >= date.max.year:
        return None
    return ajoute_mois(debut, duree_mois)
