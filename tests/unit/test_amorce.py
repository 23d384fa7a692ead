"""The guesses of « connector init », on a real form whose labels an administrator worded otherwise."""

from __future__ import annotations

import json
import random
import re
import tomllib
import unicodedata
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from connector.amorce.appariement import Etat, rapprocher
from connector.amorce.besoins import besoins, offre
from connector.api import lecture
from connector.config import load

RACINE = Path(__file__).parents[2]
DS = RACINE.parent / "shared" / "ds"

enregistrements = pytest.mark.skipif(not DS.exists(), reason="les réponses enregistrées (../shared/ds) ne sont pas là")

GRAINES = range(40)

# What the author of a form would write instead. Some of it the table of synonyms does not have: it must then be asked.
AUTREMENT = {
    "candidat": ("praticien", "médecin", "postulant", "clinicien", "intéressé"),
    "nom": ("nom de famille", "patronyme", "nom d'usage"),
    "courriel": ("e-mail", "mail", "adresse électronique", "adresse mail", "mél"),
    "établissement": ("hôpital", "centre hospitalier", "établissement de santé", "établissement recruteur"),
    "structure": ("site", "lieu", "structure d'accueil"),
    "spécialité": ("discipline", "spécialité médicale"),
    "quotité": ("temps", "part", "taux", "pourcentage"),
    "hospitalière": ("à l'hôpital", "hôpital"),
    "ambulatoire": ("en ville", "libérale", "ville"),
    "prise de fonction": ("prise de poste", "entrée en fonction", "début de contrat"),
    "durée": ("nombre d'années", "période"),
    "curriculum vitae": ("CV",),
    "lettre": ("courrier",),
    "courrier": ("lettre",),
    "motivation": ("justification", "motif"),
    "motif": ("raison", "justification"),
    "convention": ("accord", "partenariat"),
    "justificatif": ("attestation", "preuve"),
    "qualification": ("diplôme", "titre"),
    "désistement": ("renoncement", "abandon"),
    "désisté": ("renonçant", "sortant"),
    "report": ("décalage",),
    "répercussions": ("conséquences", "impacts", "incidences"),
    "distance": ("éloignement", "nombre de kilomètres"),
    "routière": ("par la route",),
    "demi-journées": ("vacations", "1/2 journées"),
    "par semaine": ("hebdomadaires",),
    "promotion": ("cohorte", "promo", "campagne"),
    "catégorie": ("type", "volet"),
    "type": ("nature",),
    "commune": ("ville", "localité"),
    "synthèse": ("résumé", "bilan"),
    "avis": ("proposition", "appréciation"),
    "zone": ("zonage",),
    "quota": ("contingent", "nombre de postes"),
    "prime d'exercice territorial": ("PET", "indemnité d'exercice territorial"),
    "statut": ("état", "situation"),
    "note": ("notation", "score"),
    "commission": ("jury", "comité"),
    "décision": ("délibération", "arbitrage"),
    "pièces": ("documents", "pièces jointes"),
    "vérifier": ("contrôler",),
    "manquante": ("absente",),
    "complémentaire": ("supplémentaire",),
    "version": ("édition",),
    "visuel": ("humain",),
}
ABREGE = {
    "établissement": "étab.",
    "établissements": "étabs",
    "candidat": "cand.",
    "spécialité": "spé",
    "hospitalière": "hosp.",
    "ambulatoire": "amb.",
    "convention": "conv.",
    "qualification": "qualif.",
    "justificatif": "justif.",
    "promotion": "promo",
    "quotité": "qté",
    "quotités": "qtés",
    "motivation": "motiv.",
    "dérogation": "dérog.",
    "demande": "dde",
    "structure": "struct.",
    "catégorie": "cat.",
    "distance": "dist.",
    "directeur": "dir.",
    "commission": "com.",
    "complémentaire": "compl.",
    "mensuelle": "mens.",
}


def autrement(label, hasard):
    for mot in hasard.sample(list(AUTREMENT), len(AUTREMENT)):
        if re.search(rf"\b{re.escape(mot)}\b", label, re.IGNORECASE):
            return re.sub(rf"\b{re.escape(mot)}\b", hasard.choice(AUTREMENT[mot]), label, count=1, flags=re.IGNORECASE)
    return label


def abrege(label, hasard):
    mots = label.split()
    rangs = [r for r, mot in enumerate(mots) if mot.lower() in ABREGE]
    if not rangs:
        return label
    rang = hasard.choice(rangs)
    return " ".join([*mots[:rang], ABREGE[mots[rang].lower()], *mots[rang + 1 :]])


def retourne(label, hasard):
    """« Nom du candidat » becomes « Candidat : nom »."""
    devant, trouve, derriere = (
        re.split(r"(?i)\s(du|de la|de l'|des|de|d')\s?", label, maxsplit=1)[:3]
        if re.search(r"(?i)\s(du|de la|de l'|des|de|d')\s?", label)
        else (label, "", "")
    )
    return f"{derriere.capitalize()} : {devant.lower()}" if trouve else label


def accents(label, _hasard):
    return "".join(c for c in unicodedata.normalize("NFD", label) if unicodedata.category(c) != "Mn")


def casse(label, hasard):
    return hasard.choice([str.upper, str.lower, str.title])(label)


def pluriel(label, hasard):
    mots = label.split()
    rang = hasard.randrange(len(mots))
    mot = mots[rang]
    if len(mot) > 3 and mot.isalpha() and not mot.isupper():
        mots[rang] = mot[:-1] if mot.endswith("s") else mot + "s"
    return " ".join(mots)


def habille(label, hasard):
    return hasard.choice(["{} *", "{} :", "Votre {}", "Merci d'indiquer : {}", "1. {}", "{} (obligatoire)"]).format(
        label
    )


MANIERES = (autrement, abrege, retourne, pluriel, accents, casse, habille)


def perturbe(label, hasard):
    """The label after one to three of the ways in which forms differ."""
    for maniere in sorted(hasard.sample(MANIERES, hasard.choice([1, 2, 2, 3])), key=MANIERES.index):
        label = maniere(label, hasard)
    return label


@cache
def exemple():
    texte = (RACINE / "config.example.toml").read_text(encoding="utf-8")
    return besoins(load(RACINE / "config.example.toml", {}).demarches[0].correspondance, tomllib.loads(texte))


@cache
def demarche(nom):
    brut = json.loads((DS / f"{nom}.json").read_text(encoding="utf-8"))["response"]["data"]["demarche"]
    brut = complete(brut)
    return lecture.demarche(brut | {"revisions": [brut["activeRevision"]]})


def complete(brut):
    """The recordings asked for less than we do."""
    match brut:
        case dict():
            return {"required": False} | {cle: complete(v) for cle, v in brut.items()}
        case list():
            return [complete(v) for v in brut]
        case _:
            return brut


def perturbee(offerts, graine):
    hasard = random.Random(graine)
    return tuple(
        replace(o, libelle=perturbe(o.libelle, hasard), dedans=perturbee(o.dedans, f"{graine}{o.id}")) for o in offerts
    )


def verite(table):
    """The id of each thing we need, by its usual label, in the world that was recorded."""
    monde = json.loads((DS / "world_ars.json").read_text(encoding="utf-8"))[table]
    return monde if table == "labels" else {v["label"]: v["id"] for v in monde.values()}


def juge(trouves, vrais, comptes, erreurs, graine):
    for trouve in trouves:
        vrai = vrais.get(trouve.voulu.libelle)
        if trouve.etat is Etat.SUR:
            juste = trouve.choisi.id == vrai
            comptes["juste" if juste else "faux"] += 1
            if not juste:
                erreurs.append((graine, trouve.voulu.libelle, trouve.choisi.libelle))
            elif trouve.voulu.dedans:
                juge(rapprocher(trouve.voulu.dedans, trouve.choisi.dedans), vrais, comptes, erreurs, graine)
        elif vrai:
            comptes["demandé" if trouve.etat is Etat.DOUTEUX else "manqué"] += 1
            comptes["bien proposé"] += any(c.offert.id == vrai for c in trouve.candidats)
            erreurs.append((graine, trouve.voulu.libelle, "?", [c.offert.libelle for c in trouve.candidats]))
