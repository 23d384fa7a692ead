"""The example configuration against answers of a real server: it resolves, reads and judges every recorded dossier.

The recordings were asked with other documents than ours: their aliases are renamed here, on the test's side only.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from connector.api import lecture
from connector.api.champs import LecteurChamps
from connector.config import load
from connector.core.candidature import ChampLu, Connu, Illisible, Manquant, Masque, lire
from connector.core.constat import Statut
from connector.core.correspondance import Resolution, resolve
from connector.core.fiche import retain
from connector.core.model import Label
from connector.core.plan import CleAnnotation
from connector.core.projet import projet
from connector.core.regles import evaluer, proposer, resume_pieces
from connector.core.regles.base import Contexte
from connector.core.textes import normaliser

RACINE = Path(__file__).parents[2]
DS = RACINE.parent / "shared" / "ds"

enregistrements = pytest.mark.skipif(not DS.exists(), reason="les réponses enregistrées (../shared/ds) ne sont pas là")

ALIASES = {
    "CheckboxChamp": {"checked": "checkbox"},
    "YesNoChamp": {"selected": "yesNo"},
    "IntegerNumberChamp": {"integer": "integerNumber"},
    "DecimalNumberChamp": {"decimal": "decimalNumber"},
    "DropDownListChamp": {"choice": "value"},
}


@cache
def settings():
    return load(RACINE / "config.example.toml", {})


def regles():
    return settings().demarches[0].regles


@cache
def recording(nom):
    return json.loads((DS / "recordings_ars" / f"{nom}.json").read_text(encoding="utf-8"), parse_float=str)["response"]


def as_we_ask(value):
    if isinstance(value, list):
        return [as_we_ask(v) for v in value]
    if not isinstance(value, dict):
        return value
    names = ALIASES.get(value.get("__typename", ""), {})
    renamed = {names.get(cle, cle): as_we_ask(v) for cle, v in value.items()}
    return renamed | ({"coordinates": [float(c) for c in value["coordinates"]]} if "coordinates" in value else {})


@cache
def demarche():
    brut = recording("ars_descriptor")["data"]["demarche"]
    return lecture.demarche(brut | {"revisions": [brut["activeRevision"]]})


@cache
def resolution():
    trouvee = resolve(settings().demarches[0].correspondance, demarche())
    assert isinstance(trouvee, Resolution), trouvee
    return trouvee


@cache
def dossiers():
    """Every dossier of the five pages, reduced to what the store would keep."""
    champs = LecteurChamps()
    lus = []
    for page in range(1, 6):
        answer = recording(f"ars_dossiers_page_{page}")
        for brut in answer["data"]["demarche"]["dossiers"]["nodes"]:
            ours = as_we_ask(brut) | {"avis": []}
            ours["groupeInstructeur"]["closed"] = False
            lus.append(retain(lecture.dossier(ours, champs), resolution().retenue).dossier)
    return {d.number: d for d in lus}


@cache
def attendus():
    return json.loads((DS / "attendus_ars.json").read_text(encoding="utf-8"))["dossiers"]


def numero(nom):
    return attendus()[nom]["number"]


def candidature(nom):
    return lire(dossiers()[numero(nom)], resolution())


CONTEXTE = Contexte(aujourd_hui=date(2026, 11, 21))


def contexte(lue):
    """Nothing is known around the dossier here: its place among the others is for the acceptance tests."""
    return replace(CONTEXTE, projet=projet(lue, settings().demarches[0].vocabulaire))


def constats(nom):
    lue = candidature(nom)
    return {c.regle: c for c in evaluer(regles(), lue, contexte(lue))}


# ── the example itself


@pytest.mark.parametrize("regle", regles(), ids=lambda r: r.cle)
def test_every_rule_of_the_example_says_what_its_own_examples_promise(regle):
    cas = regle.exemples()
    assert [c.statut for c in cas] == [Statut.OK, Statut.KO, Statut.A_VERIFIER]
    for c in cas:
        assert regle.check(c.candidature, c.contexte).statut is c.statut, c.titre


def test_every_rule_of_the_example_names_a_source_and_each_text_says_if_it_is_opposable():
    opposables = {s.texte.partition(",")[0]: s.opposable for r in regles() for s in r.sources}
    assert all(r.source.texte for r in regles())
    assert opposables["Note d’information DGOS/RH1/2023/115 du 7 juillet 2023"] is False
    assert any(opposables.values())


def test_the_example_writes_nothing_until_it_is_told_to():
    assert settings().politique.mode == "observer"
    assert not settings().politique.corrections


def test_the_rules_are_in_the_order_of_the_domain():
    cles = [r.cle for r in regles()]
    ordre = ["territoire", "categorie", "specialite_exclue", "piece_cv", "piece_convention", "zone", "quotite"]
    assert [c for c in cles if c in (*ordre, "convention")] == [*ordre, "convention"]


def test_every_parameter_of_the_example_is_dated_and_sourced():
    parametres = settings().demarches[0].parametres
    assert all(b.source.opposable and b.date_effet for b in parametres.pet.baremes)
    assert [b.mensuel for b in parametres.cout.baremes] == [Decimal("3772.16"), Decimal("3813.59")]
    assert all(b.source.texte and b.date_effet <= b.valable_jusqu_au for b in parametres.cout.baremes)
    assert {q.cle.categorie: q.valeur for q in parametres.quotas if q.nature == "regional"} == {"II": 6}
    assert parametres.quota.mode == "informatif"
    assert parametres.zonees == {"II"}


def test_the_strict_reading_of_the_shares_is_a_commented_option():
    quotite = next(r for r in regles() if r.cle == "quotite")
    assert not quotite.stricte
    assert "\n# stricte = true\n" in (RACINE / "config.example.toml").read_text(encoding="utf-8")


# ── against the real form


@enregistrements
def test_the_example_matches_the_real_form_without_a_problem():
    trouvee = resolution()
    assert {c.cle for c in trouvee.champs if not c.ids} == set()
    conseillees = {"envoi_valide", "rang", "evenement", "date_evenement", "devenir", "observations"}
    conseillees |= {"decision_confirmee"}
    assert {c.cle for c in trouvee.saisies if not c.ids} == conseillees
    ecrites = {"message_propose", "motivation_proposee", "decision_portee", "rang_attente"}
    assert not ecrites & trouvee.annotations.keys()
    assert "suivi_manuel" not in trouvee.labels


@enregistrements
def test_the_example_maps_every_champ_annotation_and_label_of_the_real_form():
    mappes = resolution().retenue.champs | resolution().retenue.annotations
    active = demarche().active
    descripteurs = [*active.champs, *active.annotations, *(i for d in active.champs for i in d.champs)]
    oublies = [d.label for d in descripteurs if d.id not in mappes and d.typename != "HeaderSectionChampDescriptor"]
    assert oublies == []
    assert set(resolution().labels.values()) == set(demarche().labels)


@enregistrements
def test_annotations_are_written_with_the_type_and_options_of_the_real_form():
    annotations = resolution().annotations
    assert annotations["synthese"].cle is CleAnnotation.TEXT
    assert annotations["points_a_verifier"].cle is CleAnnotation.TEXTAREA
    assert annotations["controle_le"].cle is CleAnnotation.DATE
    assert annotations["cout"].cle is CleAnnotation.DECIMAL_NUMBER
    assert annotations["avis_propose"].cle is CleAnnotation.DROP_DOWN_LIST
    assert "Liste d'attente" in annotations["avis_propose"].options


@enregistrements
def test_a_label_with_another_typography_still_matches_the_real_form():
    for label in demarche().labels:
        assert normaliser(f"{label.name.replace(chr(39), '’').upper()}\u00a0: *") == normaliser(label.name)


# ── against the real dossiers


@enregistrements
def test_every_recorded_dossier_is_read_judged_and_summed_up_without_error():
    assert len(dossiers()) == 48
    for dossier in dossiers().values():
        lue = lire(dossier, resolution())
        trouves = evaluer(regles(), lue, contexte(lue))
        proposition = proposer(trouves)
        assert [c.regle for c in trouves] == [r.cle for r in regles()]
        assert all(c.source.texte and c.phrase for c in trouves)
        assert "n’a pas pu être appliquée" not in " ".join(c.phrase for c in trouves)
        assert proposition.synthese.startswith(proposition.avis.value.upper())
        assert resume_pieces(trouves)


@enregistrements
def test_nothing_in_the_recorded_dossiers_is_unreadable():
    illisibles = [
        (d.number, lu.cle)
        for d in dossiers().values()
        for lu in (*lire(d, resolution()).champs.values(), *lire(d, resolution()).saisies.values())
        if isinstance(lu.lecture, Illisible)
    ]
    assert illisibles == []


@enregistrements
@pytest.mark.parametrize(
    ("nom", "regle", "statut", "mot"),
    [
        ("C02", "piece_convention", Statut.KO, "n’est pas dans le dossier"),
        ("E7", "piece_cv", Statut.OK, "est dans le dossier"),
        ("E7", "piece_lettre_motivation", Statut.KO, "le même fichier que pour «\u00a0Curriculum vitae du candidat"),
        ("X_texte_vide_pdf", "piece_lettre_motivation", Statut.KO, "est vide"),
        ("X_texte_vide_pdf", "piece_projet_medical", Statut.OK, ""),
        ("X_word", "piece_projet_medical", Statut.OK, ""),
        ("X_deux_fichiers", "piece_projet_medical", Statut.OK, ""),
        ("X_infecte", "piece_cv", Statut.KO, "l’antivirus l’a écartée"),
        ("X_en_attente", "piece_convention", Statut.A_VERIFIER, "sera revue"),
        ("X_en_attente", "piece_projet_medical", Statut.KO, "n’est pas dans le dossier"),
        ("C01", "piece_derogation", Statut.SANS_OBJET, "Dérogation à la condition de 20 km demandée"),
        ("E3", "piece_desistement", Statut.KO, "n’est pas dans le dossier"),
        ("E3", "remplacement", Statut.A_VERIFIER, "n’est pas connu ici"),
        ("E4_non_motive", "report", Statut.KO, "il n’y a pas de financement"),
        ("E4", "report", Statut.OK, "motivé et court"),
        ("E4", "piece_cv", Statut.SANS_OBJET, "Type de demande"),
        ("C05", "quotite", Statut.KO, "Merci de motiver cette modulation"),
        ("C05", "chu_partenaire", Statut.KO, "CHU partenaire"),
        ("C06", "quotite", Statut.A_VERIFIER, "40\u00a0% en ambulatoire, 50\u00a0% au moins attendus"),
        ("X_annotations_humaines", "quotite", Statut.OK, "modulation acceptée"),
        ("X_usmp", "type_structure", Statut.SANS_OBJET, "Catégorie de poste"),
        ("X_sans_lieu", "lieux_exercice", Statut.KO, "Merci d’ajouter au moins un lieu"),
        ("X_sans_lieu", "lieux_commune", Statut.SANS_OBJET, "aucune ligne"),
        ("X_aujourdhui", "prise_de_fonction", Statut.OK, "01/11/2024"),
        ("X_aujourdhui", "chu_partenaire", Statut.KO, "À préciser"),
        ("C01", "convention", Statut.A_VERIFIER, "Contrôle visuel des pièces"),
        ("C01", "doublon_candidat", Statut.OK, ""),
        ("C08", "specialite_exclue", Statut.KO, "Médecine générale"),
        ("C09", "specialite_exclue", Statut.SANS_OBJET, "Catégorie de poste"),
        ("C10", "territoire", Statut.KO, "l’ARS Guyane"),
    ],
)
def test_each_awkward_case_is_said_as_it_is(nom, regle, statut, mot):
    trouve = constats(nom)[regle]
    assert trouve.statut is statut, trouve.phrase
    assert mot in trouve.phrase


@enregistrements
def test_a_conditional_champ_hidden_after_it_was_filled_is_ignored():
    lue = candidature("X_conditionnel_cache")
    assert lue.champ("modulation").lecture == Masque()
    assert lue.champ("demande_derogation").lecture == Masque()


@enregistrements
def test_the_fields_of_a_real_dossier_are_typed():
    lue = candidature("C06")
    assert lue.connu("quotite_ambulatoire", int) == 40
    assert lue.connu("duree", str) == "2 ans"
    assert [p.champ.lecture.valeur.code for p in lue.places("lieux.commune")] == ["45155", "45252"]
    assert lue.champ("finess").lecture == Connu("450008024")
    assert isinstance(lue.champ("region"), ChampLu)
    assert lue.siret == "26450010900014"


@enregistrements
def test_human_annotations_are_read_and_an_untouched_one_is_missing():
    assert isinstance(candidature("X_annotations_humaines").champ("modulation_acceptee").lecture, Connu)
    assert candidature("C01").champ("modulation_acceptee").lecture == Manquant()
    assert candidature("C01").champ("controle_visuel").lecture == Connu(valeur=False)
    assert candidature("C01").champ("rang").lecture == Masque()


@enregistrements
def test_a_degraded_company_keeps_its_siret():
    lue = candidature("X_degrade")
    assert lue.siret == "26450020800014"
    assert lue.champ("siret").lecture.valeur.siret == "26450020800014"


@enregistrements
def test_the_pending_antivirus_of_a_real_dossier_is_known():
    assert candidature("X_en_attente").antivirus_en_attente
    assert not candidature("C01").antivirus_en_attente


@enregistrements
def test_a_label_of_the_real_form_is_known_by_its_key():
    complet = resolution().labels["complet"]
    assert complet == Label(id="TGFiZWwtNjEwMDc=", name="Complet")
