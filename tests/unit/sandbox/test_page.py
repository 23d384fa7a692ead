"""The page: what it shows, what it escapes, and how a keyboard, a screen reader and a printer find it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from connector.sandbox import formulaire as form
from connector.sandbox import lisible, scenario
from connector.sandbox.balises import Html, h, suite
from connector.sandbox.lieux import CHU_TOURS
from connector.sandbox.masse import PREMIER
from connector.sandbox.monde import CAS, DEMARCHE, monde_de_masse, monde_par_defaut
from connector.sandbox.page import PAR_PAGE, _style, render
from connector.sandbox.world import (
    Adresse,
    AvisMonde,
    Commune,
    Descripteur,
    Fichier,
    PersonnePhysique,
    Usager,
    Valeur,
    World,
)

PRESENT = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
MECHANT = "<script>alert('x')</script>\"'><img src=x onerror=y>&amp;"
SANS_FIN = {"meta", "link", "input", "br", "hr"}


def maintenant():
    return PRESENT


@pytest.fixture
def world():
    return monde_par_defaut(maintenant)


class Document(HTMLParser):
    """Reads a page and keeps what matters: its elements with their attributes, its text, and its balance."""

    def __init__(self, html):
        super().__init__()
        self.pile, self.elements, self.textes, self.fautes = [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        noms = [nom for nom, _ in attrs]
        if len(set(noms)) != len(noms):
            self.fautes.append(f"attribute twice in <{tag}>")
        self.elements.append((tag, dict(attrs)))
        if tag not in SANS_FIN:
            self.pile.append(tag)

    def handle_endtag(self, tag):
        if not self.pile or self.pile.pop() != tag:
            self.fautes.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        if self.pile and self.pile[-1] != "style":
            self.textes.append(data)

    @property
    def texte(self):
        return " ".join(" ".join(self.textes).split())

    def tous(self, tag):
        return [attrs for nom, attrs in self.elements if nom == tag]


def lit(world, path="/"):
    statut, genre, corps = render(world, path)
    assert genre == "text/html; charset=utf-8"
    return statut, corps.decode("utf-8")


def document(world, path="/"):
    return Document(lit(world, path)[1])


def fiche(world, cas):
    return document(world, f"/dossiers/{CAS[cas]}")


def partie(world, cas, ancre):
    """The text of one part of a dossier's page."""
    html = lit(world, f"/dossiers/{CAS[cas]}")[1]
    return Document(html.split(f'<section id="{ancre}"')[1].split("</section>")[0]).texte


def toutes_les_pages(world):
    yield "/"
    yield "/inconnue"
    yield "/?q=introuvable"
    yield from (f"/dossiers/{d.number}" for d in world.dossiers.values() if d.visible)


# --- what holds for every page


def test_every_page_is_balanced_french_and_self_contained(world):
    for path in toutes_les_pages(world):
        html = lit(world, path)[1]
        page = Document(html)
        assert html.startswith('<!DOCTYPE html><html lang="fr">'), path
        assert (page.fautes, page.pile) == ([], []), path
        assert page.tous("script") == []
        assert not [a for _, a in page.elements if {"style", "src", "onclick"} & set(a)], path
        adresses = [a[k] for _, a in page.elements for k in ("href", "action") if k in a]
        assert all(x.startswith(("/", "#", "data:image/svg+xml,")) for x in adresses), path


def test_every_page_has_one_title_landmarks_and_a_skip_link(world):
    for path in toutes_les_pages(world):
        page = document(world, path)
        assert [len(page.tous(t)) for t in ("h1", "main", "header", "footer", "title")] == [1] * 5, path
        premier_lien = page.tous("a")[0]
        assert premier_lien["href"] == f"#{page.tous('main')[0]['id']}"
        assert all("aria-label" in nav for nav in page.tous("nav")), path


def test_ids_are_unique_and_every_reference_has_its_target(world):
    for path in toutes_les_pages(world):
        page = document(world, path)
        ids = [a["id"] for _, a in page.elements if "id" in a]
        assert len(ids) == len(set(ids)), path
        vises = {a[k].removeprefix("#") for _, a in page.elements for k in ("aria-labelledby", "for") if k in a}
        vises |= {a["href"][1:] for a in page.tous("a") if a["href"].startswith("#")}
        assert vises <= set(ids), path


def test_headings_never_skip_a_level(world):
    for path in toutes_les_pages(world):
        niveaux = [int(tag[1]) for tag, _ in document(world, path).elements if re.fullmatch(r"h[1-6]", tag)]
        assert niveaux[0] == 1
        assert all(suivant <= avant + 1 for avant, suivant in pairwise(niveaux)), path


def test_the_policy_lets_in_our_style_sheet_and_nothing_else(world):
    page = document(world)
    (politique,) = [m["content"] for m in page.tous("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert politique.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in politique


def test_rendering_changes_nothing(world):
    avant = {n: (d.updated_at, len(d.messages), d.lit()) for n, d in world.dossiers.items()}
    for path in toutes_les_pages(world):
        render(world, path)
    assert {n: (d.updated_at, len(d.messages), d.lit()) for n, d in world.dossiers.items()} == avant


# --- the list


def test_the_list_shows_every_visible_dossier_once_the_last_modified_first(world):
    page = document(world)
    numeros = [int(a["href"].removeprefix("/dossiers/")) for a in page.tous("a") if a["href"].startswith("/dossiers/")]
    visibles = [d for d in world.dossiers.values() if d.visible]
    assert numeros == [d.number for d in sorted(visibles, key=lambda d: (d.updated_at, d.number), reverse=True)]
    assert f"{len(visibles)} dossiers, le dernier modifié d’abord" in page.texte


def test_the_table_has_a_caption_and_headers_that_say_what_they_head(world):
    page = document(world)
    assert len(page.tous("caption")) == 1
    portees = [th["scope"] for th in page.tous("th")]
    assert set(portees) == {"col", "row"}
    assert portees.count("row") == sum(d.visible for d in world.dossiers.values())


def test_a_row_says_who_in_what_state_with_which_labels_and_our_opinion(world):
    numero = CAS["suivi_manuel"]
    scenario.instructeur_annote(world, numero, {"Avis proposé": "À compléter"})
    texte = document(world, f"/?q={numero}").texte
    assert "1 dossier, le dernier modifié d’abord" in texte
    for attendu in (
        "CENTRE HOSPITALIER DU BOIS-AUX-FÉES",
        "En construction",
        "Suivi manuel",
        "À compléter",
        "Dermatologie",
    ):
        assert attendu in texte


@pytest.mark.parametrize(
    ("requete", "nombre"),
    [
        ("etat=refuse", 1),
        ("etat=refuse&q=sente", 0),
        (f"q={CAS['complet']}", 1),
        ("q=DEUX-RIVES%20dermatologie", 4),
        ("groupe=1702&etat=accepte", 2),
        ("label=6110", 1),
        ("label=99", 0),
        ("etat=inconnu", 0),
        ("page=0", 59),
        ("page=un", 59),
    ],
)
def test_the_list_is_filtered_by_what_the_reader_asks(world, requete, nombre):
    page = document(world, f"/?{requete}")
    assert sum(th["scope"] == "row" for th in page.tous("th")) == nombre
    assert ("Aucun dossier ne correspond" in page.texte) == (nombre == 0)


def test_a_filter_is_kept_by_the_form_and_by_the_links(world):
    page = document(world, "/?etat=en_construction&groupe=1702&q=val")
    choisies = [o["value"] for o in page.tous("option") if "selected" in o]
    assert choisies == ["1702", ""]
    assert [i["value"] for i in page.tous("input") if i["name"] in ("q", "etat")] == ["en_construction", "val"]
    assert "/?groupe=1702&q=val" in [a["href"] for a in page.tous("a")]
    courants = [a["href"] for a in page.tous("a") if a.get("aria-current") == "page"]
    assert courants == ["/?etat=en_construction&groupe=1702&q=val"]


def test_what_was_deleted_is_said_under_the_list(world):
    texte = document(world).texte
    assert f"Dossier n° {CAS['corbeille_usager']} : dans la corbeille de l’usager depuis le 18 novembre 2026" in texte
    assert f"Dossier n° {CAS['corbeille_ars']} : dans la corbeille de l’administration" in texte
    assert f"Dossier n° {CAS['purge']} : effacé définitivement le 12 octobre 2026" in texte


def test_thousands_are_listed_page_by_page():
    world = monde_de_masse(10 * PAR_PAGE + 5, maintenant)
    premiere, derniere = document(world, "/"), document(world, "/?page=11")
    assert sum(th["scope"] == "row" for th in premiere.tous("th")) == PAR_PAGE
    assert sum(th["scope"] == "row" for th in derniere.tous("th")) == 5
    pages = [a["href"] for a in premiere.tous("a") if a.get("aria-label", "").startswith("Page ")]
    assert pages == ["/", "/?page=2", "/?page=3", "/?page=11"]


def test_a_made_up_dossier_is_shown_without_being_kept():
    world = monde_de_masse(3, maintenant)
    assert "Pièces obligatoires" in document(world, f"/dossiers/{PREMIER}").texte
    assert world.dossiers[PREMIER].contenu is None


def test_an_empty_world_says_so():
    page = document(World(maintenant))
    assert "Ce monde est vide" in page.texte


def test_several_demarches_are_told_apart(world):
    autre = form.demarche(PRESENT)
    autre.number, autre.title = 90_143, "Une autre campagne"
    world.add_demarche(autre)
    assert "Une autre campagne" in document(world).texte
    assert "Aucun dossier" in document(world, "/?demarche=90143").texte
    assert document(world, "/?demarche=90143").tous("input")[0]["value"] == "90143"
    retour = [a["href"] for a in fiche(world, "complet").tous("a")]
    assert f"/?demarche={DEMARCHE}" in retour


# --- one dossier


@pytest.mark.parametrize(
    "chemin", ["/dossiers/7", "/dossiers/abc", "/dossiers/", "/ailleurs", f"/dossiers/{CAS['complet']}/x"]
)
def test_what_is_not_there_is_a_page_that_says_it(world, chemin):
    statut, html = lit(world, chemin)
    assert statut == 404
    assert "Page introuvable" in html


@pytest.mark.parametrize("cas", ["brouillon", "corbeille_usager", "corbeille_ars", "expire", "purge"])
def test_what_an_instructeur_no_longer_sees_has_no_page(world, cas):
    assert lit(world, f"/dossiers/{CAS[cas]}")[0] == 404


@pytest.mark.parametrize("cas", [c for c, n in CAS.items() if n < CAS["corbeille_usager"]])
def test_every_listed_dossier_has_its_page(world, cas):
    statut, html = lit(world, f"/dossiers/{CAS[cas]}")
    assert statut == 200
    assert f"Dossier n° {CAS[cas]}" in html


def test_a_dossier_says_who_filed_it_when_and_where_it_went(world):
    texte = fiche(world, "tiers").texte
    for attendu in (
        "CENTRE HOSPITALIER DE LA SENTE-AUX-MOINES, 18000 Bourges (SIRET 99900002900010)",
        "Déposé par un tiers Ondine Tressac",
        form.GROUPE_SUD,
        "Déposé le 2 novembre 2026 à 11 h 30",
    ):
        assert attendu in texte


def test_champs_are_shown_section_by_section_in_french(world):
    texte = partie(world, "complet", "demande")
    for attendu in (
        "Région de dépôt Centre-Val de Loire",
        "Date de prise de fonction 1er novembre 2023",
        "Dérogation à la condition de 20 km demandée Non",
        "Commune de la structure Vierzon (18100)",
        "Code commune 18279",
        "Distance routière au site principal (km) Non renseigné",
        "cv.pdf 604 octets Antivirus : sain",
    ):
        assert attendu in texte


@pytest.mark.parametrize(
    ("cas", "attendu"),
    [
        ("infecte", "cv.pdf 604 octets Virus détecté : fichier écarté"),
        ("antivirus_en_attente", "Analyse antivirus en cours"),
        ("fichier_vide", "lettre.pdf 0 octet Antivirus : sain"),
        ("sans_cv", "Curriculum vitae du candidat Aucun fichier"),
        ("sans_lieu", "Lieux d'exercice hors site principal Aucune ligne"),
        ("structure_libre", "(adresse saisie librement)"),
        ("remplacement", f"Dossier n° {CAS['accepte_desiste']} (accepté)"),
        ("remplacement_inconnu", "Dossier n° 99999999 (introuvable)"),
        ("entreprise_degradee", "SIRET de l'établissement 99900007800017"),
        ("plusieurs_sites", "N° 3 Nom de la structure Cabinet des Aubiers"),
        ("accepte_desiste", "CHU de rattachement CHU des Deux-Rives"),
    ],
)
def test_the_demand_shows_each_oddity(world, cas, attendu):
    assert attendu in partie(world, cas, "demande")


def test_a_champ_hidden_by_its_condition_is_not_shown(world):
    texte = partie(world, "conditionnel_cache", "demande")
    assert "Motivation de la modulation" not in texte
    assert "Demande de dérogation" not in texte
    assert "Remplacement" not in texte


def test_an_unsubmitted_edit_is_not_shown(world):
    assert "1er novembre 2023" in partie(world, "non_soumis", "demande")
    assert "mai 2024" not in partie(world, "non_soumis", "demande")


@pytest.mark.parametrize(
    ("cas", "attendu"),
    [
        ("correction_en_attente", "Correction demandée Le 9 novembre 2026 à 9 h 15 (dossier incomplet)"),
        ("entreprise_degradee", "Données de l’établissement incomplètes"),
        ("accepte_corbeille", "Supprimé par l’usager"),
        ("accepte_archive", "Accepté Archivé"),
        ("compte_supprime", "(compte supprimé)"),
        ("accepte_desiste", "Version du formulaire du 24 juin 2026 (ancienne)"),
        ("correction_repondue", "résolue le 15 novembre 2026 à 15 h 45"),
    ],
)
def test_what_deserves_attention_is_said(world, cas, attendu):
    assert attendu in fiche(world, cas).texte


def test_annotations_show_what_is_filled_then_name_the_others(world):
    texte = partie(world, "annotations_humaines", "annotations")
    assert "Distance routière retenue (km) 26,5" in texte
    assert "Modulation acceptée Oui" in texte
    assert "Non renseigné Synthèse · Avis proposé" in texte


def test_who_wrote_is_said_once_when_it_is_the_same_for_all(world):
    numero = CAS["complet"]
    scenario.instructeur_annote(world, numero, {"Synthèse": "Tout y est", "Pièces": "5/5"}, instructeur=4_001)
    assert partie(world, "complet", "annotations").count("connecteur@ars.exemple.fr") == 1
    scenario.instructeur_annote(world, numero, {"Zone": "ZIP"}, instructeur=4_002)
    texte = partie(world, "complet", "annotations")
    assert texte.count("connecteur@ars.exemple.fr") == 2
    assert "Zone ZIP 21/11/2026 15:05 · a.lorvanne@ars.exemple.fr" in texte


def test_a_demarche_without_annotation_says_so(world):
    for revision in world.demarches[DEMARCHE].revisions:
        revision.annotations = ()
    assert "pas d’annotation privée" in partie(world, "complet", "annotations")


def test_an_annotation_of_several_rows_and_words_of_explanation_are_read_too(world):
    d = world.dossiers[CAS["complet"]]
    suivi = Descripteur(stable_id=9_002, type="text", label="Suivi")
    world.revision_de(d).annotations = (
        Descripteur(stable_id=9_000, type="explication", label="À lire avant de remplir"),
        Descripteur(stable_id=9_001, type="repetition", label="Relances", enfants=(suivi,)),
    )
    valeurs, rangs = d.ecrit()
    rangs[9_001] = ["A", "B"]
    valeurs[9_002, "B"] = Valeur(valeur="Appel du 12", updated_at=PRESENT)
    texte = partie(world, "complet", "annotations")
    assert "Relances N° 1 Suivi Non renseigné N° 2 Suivi Appel du 12" in texte
    assert "À lire avant" not in texte


def test_messages_say_who_speaks(world):
    texte = partie(world, "message_humain", "messagerie")
    assert "m.quillac@ars.exemple.fr (l’instructeur)" in texte
    assert "Je m'occupe de votre dossier" in texte
    assert "(l’usager)" in partie(world, "message_usager", "messagerie")
    assert "Courriel automatique du" in texte
    assert "<p>" not in texte


def test_a_deleted_message_keeps_its_place(world):
    d = world.dossiers[CAS["message_humain"]]
    d.messages[-1].body, d.messages[-1].discarded_at = "", PRESENT
    assert "Message supprimé le 21 novembre 2026" in partie(world, "message_humain", "messagerie")


def test_a_message_shows_its_files(world):
    joint = Fichier.de("reponse.pdf", b"x" * 12_345)
    scenario.usager_envoie_message(world, CAS["complet"], "Voici", (joint,))
    assert "reponse.pdf 12,3 ko" in partie(world, "complet", "messagerie")


def test_experts_opinions_are_shown_answered_or_not(world):
    texte = partie(world, "en_instruction", "avis")
    assert "Avis favorable de la délégation" in texte
    assert "Pas encore de réponse." in texte


def test_the_history_tells_what_happened_who_did_it_and_why(world):
    texte = partie(world, "refuse", "historique")
    assert texte.index("Dossier déposé") < texte.index("Passé en instruction") < texte.index("Refusé")
    assert "par a.lorvanne@ars.exemple.fr" in texte
    assert "n'est pas en zone sous-dense" in texte


def test_a_dossier_filed_by_a_person_shows_the_person(world):
    world.dossiers[CAS["complet"]].demandeur = PersonnePhysique(nom="Aubrelle", prenom="Inès")
    assert "Demandeur Inès Aubrelle" in fiche(world, "complet").texte


def test_an_event_or_a_state_that_is_not_known_yet_is_shown_as_it_is(world):
    d = world.dossiers[CAS["complet"]]
    d.traitements[0].event = "evenement_nouveau"
    d.messages.clear()
    page = fiche(world, "complet")
    assert "evenement_nouveau" in page.texte
    assert "Aucun message." in page.texte
    d.traitements.clear()
    assert "Aucun événement." in fiche(world, "complet").texte


# --- what people type is never markup


def hostile(world):
    """Put the same hostile text wherever someone may type, in one dossier; give its number."""
    numero = CAS["correction_repondue"]
    d = world.dossiers[numero]
    demarche, revision = world.demarche_de(d), world.revision_de(d)
    textes = {
        x.stable_id for x in revision.par_id.values() if x.type in ("text", "textarea", "drop_down_list", "email")
    }
    for cle, ecrite in d.ecrit()[0].items():
        if cle[0] in textes:
            ecrite.valeur, ecrite.updated_by = MECHANT, MECHANT
    piece = d.ecrit()[0][revision.nomme(form.CV).stable_id, ""].valeur[0]
    piece.filename = piece.virus = MECHANT
    adresse = revision.nomme("Adresse de l'établissement").stable_id
    d.ecrit()[0][adresse, ""].valeur = Adresse(label=MECHANT, city_code=MECHANT)
    repetition = revision.nomme("Lieux d'exercice hors site principal")
    (rang,) = d.ecrit()[1][repetition.stable_id]
    d.ecrit()[0][repetition.enfants[3].stable_id, rang].valeur = Commune(name=MECHANT, code="1", postal_code=MECHANT)
    scenario.instructeur_annote(world, numero, {"Synthèse": MECHANT, "Points à vérifier": MECHANT})
    scenario.instructeur_envoie_message(world, numero, MECHANT, correction="incomplete")
    scenario.usager_envoie_message(world, numero, MECHANT, (Fichier.de(MECHANT, b"x"),))
    world.demarches[DEMARCHE].courriels["passe_en_instruction"] = f"<p>{MECHANT}</p>"
    scenario.instructeur_passe_en_instruction(world, numero)
    scenario.instructeur_decide(world, numero, "refuse", motivation=MECHANT)
    scenario.instructeur_ajoute_label(world, numero, "Complet")
    d.usager = Usager(number=1, email=MECHANT)
    d.mandataire = (MECHANT, MECHANT)
    d.demandeur = PersonnePhysique(nom=MECHANT, prenom=MECHANT)
    d.traitements[0].event = d.traitements[0].email = d.messages[1].email = MECHANT
    d.messages[1].correction.reason = d.messages[2].correction.reason = MECHANT
    d.avis.append(
        AvisMonde(
            number=1,
            question=MECHANT,
            claimant=None,
            expert=None,
            created_at=PRESENT,
            updated_at=PRESENT,
            reponse=MECHANT,
        )
    )
    demarche.title = demarche.labels[0].name = demarche.labels[0].color = demarche.groupe(d.groupe).label = MECHANT
    for x in (revision.champs[1], revision.annotations[1], revision.champs[0]):
        object.__setattr__(x, "label", MECHANT)
    return numero


def test_hostile_text_is_never_markup_wherever_it_is_typed(world):
    numero = hostile(world)
    for path in (f"/dossiers/{numero}", "/", f"/?q={MECHANT}&etat={MECHANT}&groupe={MECHANT}&label={MECHANT}"):
        html = lit(world, path)[1]
        page = Document(html)
        assert (page.fautes, page.pile) == ([], []), path
        assert page.tous("script") == page.tous("img") == [], path
        assert not [a for _, a in page.elements if "onerror" in a], path
        assert "&lt;script&gt;alert(" in html
        assert "&amp;amp;" in html


def test_hostile_text_is_shown_as_it_was_typed(world):
    texte = document(world, f"/dossiers/{hostile(world)}").texte
    assert texte.count(MECHANT) > 20


def test_what_a_system_mail_hides_in_its_html_is_read_as_text(world):
    d = world.dossiers[CAS["complet"]]
    d.messages[0].body = "<p>Bonjour <b>à tous</b><script>alert(1)</script></p><p>Fin &lt;i&gt;</p>"
    html = lit(world, f"/dossiers/{CAS['complet']}")[1]
    assert "<script" not in html
    assert "Fin &lt;i&gt;" in html


def test_half_a_character_does_not_break_the_page(world):
    scenario.usager_envoie_message(world, CAS["complet"], "moitié \ud83d de caractère, et \x00 et \u202e")
    statut, html = lit(world, f"/dossiers/{CAS['complet']}")
    assert statut == 200
    assert "moitié ? de caractère" in html


# --- markup and words


def test_only_markup_made_here_is_not_escaped():
    assert h("p", "<b>", h("b", "&"), 3, None, ["x", Html("<i>y</i>")]) == "<p>&lt;b&gt;<b>&amp;</b>3x<i>y</i></p>"
    assert suite("a", Html("<br>"), "<") == "a<br>&lt;"


def test_attributes_are_escaped_named_as_html_names_them_and_left_out_when_false():
    balise = h("input", class_="a", aria_label='"<', required=True, disabled=False, value=None)
    assert balise == '<input class="a" aria-label="&quot;&lt;" required>'


@pytest.mark.parametrize(
    ("valeur", "texte"),
    [
        (None, ""),
        ("", ""),
        (True, "Oui"),
        (False, "Non"),
        (50, "50"),
        (0, "0"),
        (Decimal("26.50"), "26,5"),
        (Decimal(100), "100"),
        (450.0, "450"),
        (Decimal("1E+3"), "1000"),
        (date(2023, 11, 1), "1er novembre 2023"),
        (datetime(2026, 7, 2, 22, 5, tzinfo=UTC), "3 juillet 2026 à 0 h 05"),
        (["a", "b"], "a / b"),
        (("a", ""), "a / "),
        (CHU_TOURS.lieu.commune, "Tours (37000)"),
        (CHU_TOURS.personne_morale, "99900001100018 · CHU DES DEUX-RIVES"),
        (CHU_TOURS.degradee, "99900001100018"),
        ("texte", "texte"),
    ],
)
def test_a_value_is_said_as_a_french_reader_expects(valeur, texte):
    assert lisible.valeur(valeur) == texte


@pytest.mark.parametrize(
    ("octets", "texte"),
    [
        (0, "0 octet"),
        (1, "1 octet"),
        (999, "999 octets"),
        (1_000, "1 ko"),
        (1_550_000, "1,6 Mo"),
        (3 * 10**12, "3000 Go"),
    ],
)
def test_a_size_is_said_as_a_file_manager_does(octets, texte):
    assert lisible.taille(octets) == texte


# --- the look


def luminance(couleur):
    chiffres = couleur.lstrip("#")
    if len(chiffres) == 3:
        chiffres = "".join(c * 2 for c in chiffres)
    canaux = [int(chiffres[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contraste(a, b):
    clair, sombre = sorted((luminance(a), luminance(b)), reverse=True)
    return (clair + 0.05) / (sombre + 0.05)


CSS = _style()
VARIABLES = dict(re.findall(r"--([\w-]+): (#\w+);", CSS))
PAIRES = [
    (fond, encre)
    for regle in re.findall(r"{([^{}]*)}", re.sub(r"var\(--([\w-]+)\)", lambda m: VARIABLES[m[1]], CSS))
    for fond in re.findall(r"background: (#\w+)", regle)
    for encre in re.findall(r"[^-]color: (#\w+)", regle)
]


def test_the_measure_of_contrast_is_the_one_of_wcag():
    assert contraste("#fff", "#000000") == pytest.approx(21)
    assert contraste("#767676", "#fff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("fond", "encre"), PAIRES)
def test_text_can_be_read_on_its_background(fond, encre):
    assert contraste(fond, encre) >= 4.5


@pytest.mark.parametrize("encre", ["encre", "gris", "gris-moyen", "bleu"])
@pytest.mark.parametrize("fond", ["blanc", "fond", "bleu-pale"])
def test_ordinary_text_can_be_read_on_every_surface(fond, encre):
    assert contraste(VARIABLES[fond], VARIABLES[encre]) >= 4.5


def test_every_colour_of_a_label_and_every_state_has_its_look():
    assert len(PAIRES) > 15
    for _, couleur in form.LABELS:
        assert f".etiquette.{couleur} " in CSS
    for etat in ("en_construction", "en_instruction", "accepte", "refuse"):
        assert f".badge.{etat}" in CSS


def test_the_style_sheet_loads_nothing():
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_the_page_is_ready_for_a_phone_a_printer_and_a_keyboard():
    for attendu in ("@media screen and (max-width", "@media print", ":focus-visible", "size: A4"):
        assert attendu in CSS
