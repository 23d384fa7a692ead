"""From the tables of a file to settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import Field

from connector.config import domaine
from connector.config.bulletin import Bulletin
from connector.config.carte import Carte, read_carte
from connector.config.decisions import Decisions
from connector.config.domaine import Domaine
from connector.config.mots import Duree, Texte, Textes
from connector.config.pieces import Pieces
from connector.config.reglages import DemarcheReglee, Settings
from connector.config.regles import RegleLue, SourceDeclaree, Sources, read_regles, refuse_references
from connector.config.releve import Releve
from connector.config.sections import Alertes, Base, Conservation, Daemon, Envoi, Instance, Messages, Rappels, Section
from connector.core.decisions import SourceDecisions
from connector.core.textes import suggestion

TABLES = (
    *(
        "instance",
        "base",
        "envoi",
        "daemon",
        "messages",
        "alertes",
        "bulletin",
        "relances",
        "decisions",
        "conservation",
        "pieces",
    ),
    *("demarches", "sources", "correspondance", "regles"),
    *domaine.TABLES,
)


class DemarcheDeclaree(Section):
    """A démarche; its mapping and rules, read apart, come over the shared ones."""

    numero: Duree
    nom: Texte
    campagne: Any = None
    correspondance: Any = Field(default_factory=dict)
    regles: Any = Field(default_factory=list)
    regles_ecartees: Textes = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Commun:
    """What the démarches share."""

    sources: Sources
    carte: Carte
    regles: list[RegleLue]
    domaine: Domaine


def read_settings(releve: Releve, fichier: Mapping[str, Any]) -> Settings | None:
    """The settings, or None once there is a problem; everything is looked at either way."""
    releve.refuse_unknown(fichier, "", TABLES)
    instance = releve.valid(Instance, fichier.get("instance", {}), "instance")
    base = releve.valid(Base, fichier.get("base", {}), "base")
    envoi = releve.valid(Envoi, fichier.get("envoi", {}), "envoi")
    daemon = releve.valid(Daemon, fichier.get("daemon", {}), "daemon")
    messages = releve.valid(Messages, fichier.get("messages", {}), "messages")
    decisions = releve.valid(Decisions, fichier.get("decisions", {}), "decisions")
    conservation = releve.valid(Conservation, fichier.get("conservation", {}), "conservation") or Conservation()
    for cle, phrase in conservation.problemes():
        releve.add(f"conservation.{cle}", phrase)
    pieces = releve.valid(Pieces, fichier.get("pieces", {}), "pieces") or Pieces()
    rappels = releve.valid(Rappels, fichier.get("relances", {}), "relances")
    alertes = releve.valid(Alertes, fichier.get("alertes", {}), "alertes")
    bulletin = releve.valid(Bulletin, fichier.get("bulletin", {}), "bulletin")
    for cle, phrase in bulletin.manques() if bulletin else ():
        releve.add(f"bulletin.{cle}", phrase)
    for cle, phrase in envoi.manques() if envoi else ():
        releve.add(f"envoi.{cle}", phrase)
    for cle, phrase in decisions.manques() if decisions else ():
        releve.add(f"decisions.{cle}", phrase)
    portees = decisions is not None and decisions.source is not SourceDecisions.AUCUNE
    for cle, phrase in envoi.remarques() if envoi and not portees else ():
        releve.remark(f"envoi.{cle}", phrase)
    demarches = _demarches(releve, fichier)
    for sans in (d.numero for d in demarches if not any(s.cle == "decision" for s in d.correspondance.saisies)):
        if decisions and decisions.source is SourceDecisions.ANNOTATION:
            phrase = f"la démarche n° {sans} n'a pas d'annotation « decision » : à déclarer dans correspondance.saisies"
            releve.add("decisions.source", phrase)
    if releve.problems or not (instance and base and envoi and daemon and messages):
        return None
    if not (decisions and rappels and alertes and bulletin):
        return None
    return Settings(
        instance=instance,
        base=base,
        politique=replace(
            envoi.politique,
            accuse=messages.accuse,
            complet=messages.complet,
            reorientation=messages.reorientation,
            relances=rappels.relances,
        ),
        daemon=daemon,
        messages=messages,
        alertes=alertes,
        bulletin=bulletin,
        decisions=decisions,
        conservation=conservation.delais,
        pieces=pieces,
        demarches=demarches,
    )


def _demarches(releve: Releve, fichier: Mapping[str, Any]) -> tuple[DemarcheReglee, ...]:
    sources = releve.entries(SourceDeclaree, fichier.get("sources", {}), "sources")
    commun = Commun(
        sources=sources,
        carte=read_carte(releve, fichier.get("correspondance", {}), "correspondance"),
        regles=read_regles(releve, fichier.get("regles", []), "regles", sources),
        domaine=domaine.read_domaine(releve, fichier, sources),
    )
    tables = releve.tables(fichier.get("demarches", []), "demarches")
    if tables == fichier.get("demarches", []) == []:
        releve.add("demarches", "au moins une démarche est nécessaire : [[demarches]]")
    reglees: list[DemarcheReglee] = []
    for rang, brut in enumerate(tables):
        reglee = _demarche(releve, brut, f"demarches[{rang}]", commun)
        if reglee and reglee.numero in {autre.numero for autre in reglees}:
            releve.add(f"demarches[{rang}].numero", f"la démarche n° {reglee.numero} est déclarée deux fois")
        reglees += [reglee] if reglee else []
    return tuple(reglees)


def _demarche(releve: Releve, brut: Any, chemin: str, commun: Commun) -> DemarcheReglee | None:
    declaree = releve.valid(DemarcheDeclaree, brut, chemin)
    if declaree is None:
        return None
    carte = commun.carte | read_carte(releve, declaree.correspondance, f"{chemin}.correspondance")
    siennes = read_regles(releve, declaree.regles, f"{chemin}.regles", commun.sources)
    regles = _reunies(releve, commun.regles, siennes, declaree.regles_ecartees, chemin)
    for cle in carte.saisies:
        if cle in carte.champs:
            releve.add(f"{chemin}.correspondance.saisies.{cle}", f"« {cle} » est déjà le nom d'un champ")
    correspondance = carte.correspondance()
    for lue in regles:
        refuse_references(releve, lue, carte, correspondance.references())
    valides = tuple(lue.regle for lue in regles if lue.regle)
    mots = commun.domaine.vocabulaire
    return DemarcheReglee(
        numero=declaree.numero,
        nom=declaree.nom,
        correspondance=correspondance,
        regles=valides,
        vocabulaire=mots,
        campagne=domaine.read_campagne(releve, brut, f"{chemin}.") or commun.domaine.campagne,
        parametres=replace(commun.domaine.parametres, zonees=domaine.zonees(valides, mots)),
    )


def _reunies(
    releve: Releve, communes: list[RegleLue], siennes: list[RegleLue], ecartees: tuple[str, ...], chemin: str
) -> list[RegleLue]:
    """The shared rules, each replaced by the démarche's own of the same key, then the démarche's others."""
    cles = {lue.cle for lue in communes}
    for cle in ecartees:
        if cle not in cles:
            releve.add(f"{chemin}.regles_ecartees", f"aucune règle commune « {cle} »{suggestion(cle, cles)}")
    remplacees = {lue.cle: lue for lue in siennes}
    gardees = [remplacees.get(lue.cle, lue) for lue in communes if lue.cle not in ecartees]
    return [*gardees, *(lue for lue in siennes if lue.cle not in cles)]
