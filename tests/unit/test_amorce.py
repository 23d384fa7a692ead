"""The guesses of « connector init », on a real form whose labels an administrator worded otherwise."""

from __future__ import annotations

import json
import random
import re
import tomllib
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from connector.amorce.appariement import Etat, Offert, options_communes, rapprocher
from connector.amorce.besoins import besoins, offre
from connector.amorce.commande import amorcer
from connector.amorce.depart import Commande
from connector.api import lecture
from connector.config import load
from connector.config.sections import URL_DS
from connector.core.correspondance import Resolution, resolve
from connector.core.model import ChampDescriptor, Demarche, Revision

RACINE = Path(__file__).parents[2]
DS = RACINE.parent / "shared" / "ds"

enregistrements = pytest.mark.skipif(not DS.exists(), reason="les réponses enregistrées (../shared/ds) ne sont pas là")

GRAINES = range(20)

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


def melange(graine, garde=1.0):
    """The three halves of the recorded form, each label worded otherwise; some champs left out when `garde` < 1."""
    offerte = offre(demarche("recordings_ars/ars_descriptor"))
    hasard = random.Random(graine)
    for table in ("champs", "annotations", "labels"):
        gardes = [o for o in getattr(offerte, table) if hasard.random() < garde]
        yield table, perturbee(gardes, f"{graine}{table}")


@enregistrements
def test_a_form_worded_otherwise_is_mapped_and_nothing_is_wrong(capsys):
    comptes, erreurs = Counter(), []
    for graine in GRAINES:
        for table, offerts in melange(graine):
            juge(rapprocher(getattr(exemple(), table), offerts), verite(table), comptes, erreurs, graine)
    tous = comptes["juste"] + comptes["faux"] + comptes["demandé"] + comptes["manqué"]
    with capsys.disabled():
        print(f"\nlibellés perturbés : {tous}, justes {comptes['juste'] / tous:.1%}, {dict(comptes)}")  # noqa: T201 - the figures are what one wants to see
    assert comptes["faux"] == 0, [e for e in erreurs if len(e) == 3]
    assert comptes["juste"] / tous >= 0.95
    assert comptes["bien proposé"] == comptes["demandé"]


@enregistrements
def test_what_a_form_lacks_is_never_found_in_something_else(capsys):
    comptes, erreurs = Counter(), []
    for graine in GRAINES:
        for table, offerts in melange(graine, garde=0.6):
            restent = {o.id for o in offerts}
            absents = {o.id for o in getattr(offre(demarche("recordings_ars/ars_descriptor")), table)} - restent
            vrais = {label: id_ for label, id_ in verite(table).items() if id_ not in absents}
            juge(rapprocher(getattr(exemple(), table), offerts), vrais, comptes, erreurs, graine)
    with capsys.disabled():
        print(f"\nchamps manquants : {dict(comptes)}")  # noqa: T201 - the figures are what one wants to see
    assert comptes["faux"] == 0, [e for e in erreurs if len(e) == 3]


def tordue(graine, garde):
    """The recorded démarche with its labels, and half of its options, worded otherwise, some champs left out."""
    hasard = random.Random(graine)

    def champs(descripteurs):
        for d in descripteurs:
            if d.typename == "HeaderSectionChampDescriptor":
                yield d
            elif hasard.random() < garde:
                options = tuple(perturbe(o, hasard) if hasard.random() < 0.5 else o for o in d.options)
                yield replace(d, label=perturbe(d.label, hasard), options=options, champs=tuple(champs(d.champs)))

    vraie = demarche("recordings_ars/ars_descriptor")
    active = replace(
        vraie.active, champs=tuple(champs(vraie.active.champs)), annotations=tuple(champs(vraie.active.annotations))
    )
    labels = tuple(replace(label, name=perturbe(label.name, hasard)) for label in vraie.labels)
    return replace(vraie, active=active, revisions=(active,), labels=labels)


@enregistrements
@pytest.mark.parametrize(("graine", "garde"), [(1, 1.0), (2, 0.85), (3, 0.6), (4, 0.3)])
def test_the_file_works_at_once_whatever_the_form_and_run_again_it_is_the_same(tmp_path, graine, garde):
    forme = tordue(graine, garde)
    commande = Commande(
        numero=forme.number, url=URL_DS, jeton={"variable": "DS_JETON"}, sortie=tmp_path / "config.toml"
    )
    for choisir, change in ((None, True), (None, False), (lambda _voulu, candidats: candidats[0].offert, None)):
        fait = amorcer(commande, forme, choisir=choisir, environ={}, le=date(2026, 11, 22))
        assert change in {None, fait.change}
        correspondance = load(commande.sortie, {}).demarches[0].correspondance
        assert isinstance(resolve(correspondance, forme), Resolution)


@enregistrements
def test_the_other_recorded_demarche_is_mapped_only_where_it_says_the_same():
    offerte = offre(demarche("recordings/get_demarche_descriptors_own"))
    trouves = {
        r.voulu.cle: r.choisi.libelle
        for table in ("champs", "annotations", "labels")
        for r in rapprocher(getattr(exemple(), table), getattr(offerte, table))
        if r.choisi
    }
    assert trouves == {
        "champs.specialite": "Spécialité",
        "champs.quotite_hospitaliere": "Quotité hôpital (%)",
        "champs.quotite_ambulatoire": "Quotité ville (%)",
        "pieces.cv": "Curriculum vitae",
        "pieces.lettre_motivation": "Lettre de motivation",
        "pieces.projet_medical": "Projet médical partagé",
        "pieces.convention": "Convention ou lettre d'engagement",
        "saisies.rang": "Rang de classement",
        "labels.complet": "Complet",
    }


LEURRES = (
    ("Nom du signataire", "Text"),
    ("Nom de l'établissement", "Text"),
    ("Nom du chef de service", "Text"),
    ("Nom du médecin remplacé", "Text"),
    ("Prénom du directeur", "Text"),
    ("Courriel de l'établissement", "Email"),
    ("Date de naissance du candidat", "Date"),
    ("Date de signature de la convention", "Date"),
    ("Date de fin de contrat", "Date"),
    ("Adresse du candidat", "Address"),
    ("SIRET de la structure d'accueil", "Siret"),
    ("Région d'exercice", "Region"),
    ("Dossier précédent", "DossierLink"),
    ("N° ADELI", "Text"),
    ("SIREN de l'établissement", "Text"),
    ("Quotité totale (%)", "IntegerNumber"),
    ("Motif de la demande", "Textarea"),
    ("Avez-vous demandé une dérogation au cumul ?", "YesNo"),
    ("Lettre du directeur", "PieceJustificative"),
    ("CV du maître de stage", "PieceJustificative"),
    ("Convention collective", "PieceJustificative"),
    ("Projet d'établissement", "PieceJustificative"),
    ("Pièce d'identité du candidat", "PieceJustificative"),
    ("Attestation d'inscription à l'Ordre", "PieceJustificative"),
    ("RIB de l'établissement", "PieceJustificative"),
)


@pytest.mark.parametrize(("label", "nature"), LEURRES)
def test_a_champ_that_only_resembles_what_we_need_is_never_taken_alone(label, nature):
    seul = [Offert(id="1", libelle=label, nature=nature)]
    assert [r.voulu.cle for r in rapprocher(exemple().champs, seul) if r.sure] == []


def test_champs_that_only_resemble_what_we_need_are_not_taken_together():
    tous = [Offert(id=label, libelle=label, nature=nature) for label, nature in LEURRES]
    assert [r.voulu.cle for r in rapprocher(exemple().champs, tous) if r.sure] == []


def test_the_type_of_a_champ_must_allow_it():
    voulu = next(v for v in exemple().champs if v.cle == "champs.date_prise_fonction")
    (trouve,) = rapprocher([voulu], [Offert(id="1", libelle=voulu.libelle, nature="PieceJustificative")])
    assert trouve.etat is Etat.ABSENT
    assert trouve.choisi is None


def test_two_champs_of_one_label_are_a_question():
    voulu = next(v for v in exemple().champs if v.cle == "champs.nom")
    freres = [Offert(id=i, libelle="Nom du candidat", nature="Text") for i in "12"]
    (trouve,) = rapprocher([voulu], freres)
    assert trouve.etat is Etat.DOUTEUX
    assert [c.confiance for c in trouve.candidats] == [1.0, 1.0]


def test_a_list_that_lacks_what_we_must_write_is_no_use():
    voulu = next(v for v in exemple().annotations if v.cle == "annotations.avis_propose")
    sans = Offert(
        id="1", libelle="Avis proposé", nature="DropDownList", options=("Favorable", "Réservé", "Défavorable")
    )
    avec = replace(sans, id="2", options=voulu.options)
    assert rapprocher([voulu], [sans])[0].etat is Etat.ABSENT
    assert rapprocher([voulu], [avec])[0].choisi == avec


def test_a_type_that_this_version_does_not_know_is_offered_as_a_text():
    inconnu = ChampDescriptor(id="1", label="N° RPPS", typename="HologrammeChampDescriptor", required=False)
    revision = Revision(id="r", date_publication=None, champs=(inconnu,), annotations=())
    une = Demarche(id="d", number=1, title="", state="", active=revision, revisions=(), groupes=(), labels=())
    rpps = next(v for v in exemple().champs if v.cle == "champs.rpps")
    assert rapprocher([rpps], offre(une).champs)[0].sure


@pytest.mark.parametrize(
    ("voulues", "offertes", "communes"),
    [
        (("1 an", "2 ans"), ("2 ANS", "1 année"), {"1 an": "1 année", "2 ans": "2 ANS"}),
        (("1 an",), ("3 ans",), {}),
        (
            ("Accordée", "Refusée", "En cours"),
            ("Dérogation accordée", "refusee", "Sans objet"),
            {"Refusée": "refusee"},
        ),
    ],
)
def test_options_are_paired_in_the_forms_own_words(voulues, offertes, communes):
    assert options_communes(voulues, offertes) == communes
