"""The reference form, against the page that describes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.sandbox import formulaire as form

REFERENCE = Path(__file__).parents[3] / "../shared/ds/formulaire.md"
PUBLIEE = datetime(2026, 6, 1, 9, tzinfo=UTC)

TYPES = {
    "texte": "text",
    "texte long": "textarea",
    "liste": "drop_down_list",
    "décimal": "decimal_number",
    "entier": "integer_number",
    "date": "date",
    "case": "checkbox",
    "oui/non": "yes_no",
    "pièce": "piece_justificative",
    "lien vers dossier": "dossier_link",
    "courriel": "email",
}

CHAMPS = {
    "Type de demande": "drop_down_list",
    "Catégorie de poste": "drop_down_list",
    "Promotion": "drop_down_list",
    "Région de dépôt": "regions",
    "SIRET de l'établissement": "siret",
    "N° FINESS": "text",
    "Adresse de l'établissement": "address",
    "CHU partenaire": "text",
    "Lieux d'exercice hors site principal": "repetition",
    "Nom du candidat": "text",
    "Prénom du candidat": "text",
    "N° RPPS": "text",
    "Courriel du candidat": "email",
    "Spécialité": "drop_down_list",
    "Quotité hospitalière (%)": "integer_number",
    "Quotité ambulatoire (%)": "integer_number",
    "Motivation de la modulation des quotités": "textarea",
    "Date de prise de fonction": "date",
    "Durée du poste": "drop_down_list",
    "Dérogation à la condition de 20 km demandée": "yes_no",
    "Demande de dérogation du directeur": "piece_justificative",
    "Curriculum vitae du candidat": "piece_justificative",
    "Lettre de motivation du candidat": "piece_justificative",
    "Projet médical partagé": "piece_justificative",
    "Convention ou lettre d'engagement cosignée": "piece_justificative",
    "Justificatif de qualification (DES ou diplôme et inscription à l'Ordre)": "piece_justificative",
    "Dossier du candidat désisté": "dossier_link",
    "Courrier expliquant le motif du désistement": "piece_justificative",
    "Répercussions sur le projet médical et les quotités": "textarea",
    "Nouvelle date de prise de fonction": "date",
    "Motif du report": "textarea",
    "Courrier de demande de report": "piece_justificative",
}
LIGNE = {
    "Nom de la structure": "text",
    "Type de structure": "drop_down_list",
    "Adresse de la structure": "address",
    "Commune de la structure": "communes",
    "Demi-journées par semaine": "decimal_number",
    "Distance routière au site principal (km)": "decimal_number",
}


def types(descripteurs):
    return {d.label: d.type for d in descripteurs if d.type != "header_section"}


def nomme(label):
    return next(d for d in (*form.champs_publics(), *form.annotations_privees()) if d.label == label)


def paragraphe(debut):
    if not REFERENCE.exists():
        pytest.skip("../shared/ds/formulaire.md is not here")
    texte = REFERENCE.read_text(encoding="utf-8").split(debut, 1)[1]
    return " ".join(texte.split("\n\n", 1)[0].splitlines())


def annotations_decrites(debut):
    """The label, type and options of each annotation of a paragraph of the reference."""
    for morceau in paragraphe(debut).split(" ; et les montants")[0].split(" · "):
        label, genre = re.match(r" ?(.+) \(([^()]+)\)", morceau).groups()
        nom, _, options = genre.partition(" : ")
        yield label.strip(), TYPES[nom.split(", écrit")[0]], tuple(options.split(", ")) if options else ()


def test_the_form_asks_each_champ_under_its_label_and_type():
    assert types(form.champs_publics()) == CHAMPS


def test_each_site_of_the_repetition_has_its_champs():
    assert types(nomme("Lieux d'exercice hors site principal").enfants) == LIGNE


def test_sections_open_in_the_order_of_the_reference():
    sections = [d.label for d in form.champs_publics() if d.type == "header_section"]
    assert sections == [
        "La demande",
        "L'établissement recruteur",
        "Les lieux d'exercice",
        "Le candidat",
        "Le poste",
        "Pièces obligatoires",
        "Remplacement",
        "Report",
    ]


def test_every_label_of_the_form_is_in_the_reference():
    if not REFERENCE.exists():
        pytest.skip("../shared/ds/formulaire.md is not here")
    texte = REFERENCE.read_text(encoding="utf-8")
    assert [nom for nom in (*CHAMPS, *LIGNE) if nom.split(" (DES")[0] not in texte] == []


@pytest.mark.parametrize(
    ("debut", "nombre"),
    [
        ("Écrites par le connecteur :", 13),
        ("Saisies par l'ARS, seulement lues :", 8),
        ("Conseillées en plus (absentes de la démarche enregistrée, donc facultatives) :", 7),
    ],
)
def test_every_annotation_of_the_reference_is_there_with_its_type_and_options(debut, nombre):
    decrites = list(annotations_decrites(debut))
    assert len(decrites) == nombre
    for label, type_, options in decrites:
        descripteur = nomme(label)
        assert descripteur.type == type_, label
        assert options in ((), descripteur.options), label


@pytest.mark.parametrize(
    ("label", "options"),
    [
        (
            "Type de demande",
            ("Nouvelle candidature", "Remplacement suite à désistement", "Report de prise de fonction"),
        ),
        (
            "Catégorie de poste",
            (
                "Entre établissements de santé",
                "Entre structure ambulatoire et établissement de santé",
                "Exercice en Outre-mer",
            ),
        ),
        ("Promotion", ("2023-2025", "2024-2026")),
        ("Durée du poste", ("1 an", "2 ans")),
    ],
)
def test_lists_offer_the_options_of_the_reference(label, options):
    assert nomme(label).options == options


def test_general_medicine_can_be_chosen_though_the_call_excludes_it():
    assert "Médecine générale" in form.SPECIALITES
    assert len(set(form.SPECIALITES)) == len(form.SPECIALITES)


def test_a_type_of_structure_can_be_typed_by_hand():
    type_de_structure = nomme("Lieux d'exercice hors site principal").enfants[1]
    assert type_de_structure.other_option
    assert "Centre de santé" in type_de_structure.options


@pytest.mark.parametrize(
    ("label", "saisies", "visible"),
    [
        ("Motivation de la modulation des quotités", {"Quotité ambulatoire (%)": 40}, True),
        ("Motivation de la modulation des quotités", {"Quotité ambulatoire (%)": 50}, False),
        ("Demande de dérogation du directeur", {"Dérogation à la condition de 20 km demandée": True}, True),
        ("Demande de dérogation du directeur", {"Dérogation à la condition de 20 km demandée": False}, False),
        ("Demande de dérogation du directeur", {}, False),
        ("Dossier du candidat désisté", {"Type de demande": form.REMPLACEMENT}, True),
        ("Dossier du candidat désisté", {"Type de demande": form.REPORT}, False),
        ("Motif du report", {"Type de demande": form.REPORT}, True),
        ("Motif du report", {"Type de demande": form.NOUVELLE}, False),
        ("Report", {"Type de demande": form.NOUVELLE}, False),
        ("Curriculum vitae du candidat", {}, True),
    ],
)
def test_a_champ_is_shown_when_its_condition_holds(label, saisies, visible):
    par_id = {nomme(nom).stable_id: valeur for nom, valeur in saisies.items()}
    assert nomme(label).visible(par_id.get) is visible


def test_ds_itself_requires_every_piece_but_the_agreement():
    exigees = {label: nomme(label).required for label in form.PIECES}
    assert [label for label, requise in exigees.items() if not requise] == [form.CONVENTION]


def test_the_recommended_annotations_can_be_left_out():
    toutes, recordees = (types(form.annotations_privees(conseillees=c)) for c in (True, False))
    assert set(toutes) - set(recordees) == {
        "Message proposé",
        "Motivation proposée",
        "Décision portée",
        "Rang en liste d'attente",
        "Décision confirmée",
        "Envoi validé",
        "Rang",
        "Événement",
        "Date de l'événement",
        "Devenir à l'issue",
        "Observations",
    }


def test_amounts_can_be_text_so_that_one_which_no_longer_holds_is_replaced():
    montants = ("Prime d'exercice territorial mensuelle (€)", "Coût pour l'ARS (€)")
    for en_texte, attendu in ((False, "decimal_number"), (True, "text")):
        lues = types(form.annotations_privees(montants_en_texte=en_texte))
        assert {lues[m] for m in montants} == {attendu}


def test_no_two_champs_share_an_id():
    tous = (*form.champs_publics(), *form.annotations_privees())
    ids = [d.stable_id for d in tous] + [e.stable_id for d in tous for e in d.enfants]
    assert len(ids) == len(set(ids))


def test_labels_say_when_a_dossier_is_followed_by_hand():
    noms = [x.name for x in form.labels()]
    assert noms == [
        "Complet",
        "Pièce manquante",
        "À vérifier",
        "Hors zone",
        "Dérogation PET",
        "Liste d'attente",
        "Désistement",
        "Report",
        "Remplacement",
        "Suivi manuel",
    ]
    assert len({x.color for x in form.labels()}) == len(noms)


def test_the_technical_instructeur_is_in_both_groups_after_people():
    groupes = form.groupes()
    assert len(groupes) == 2
    for groupe in groupes:
        assert groupe.instructeurs[-1] == form.INSTRUCTEUR_TECHNIQUE
        assert groupe.instructeurs[0] != form.INSTRUCTEUR_TECHNIQUE
    assert groupes[0].instructeurs[0] != groupes[1].instructeurs[0]


def test_the_first_version_asked_less_and_named_the_chu_otherwise():
    anciens = types(form.premiere_version(form.champs_publics()))
    assert "Répercussions sur le projet médical et les quotités" not in anciens
    assert "CHU partenaire" not in anciens
    assert "CHU de rattachement" in anciens
    repetition = next(d for d in form.premiere_version(form.champs_publics()) if d.type == "repetition")
    assert "Distance routière au site principal (km)" not in types(repetition.enfants)


def test_the_demarche_is_published_and_its_last_revision_is_a_draft():
    demarche = form.demarche(PUBLIEE)
    assert demarche.revision_active.published_at == PUBLIEE
    assert demarche.revisions[-1].published_at is None
    assert demarche.state == "publiee"
