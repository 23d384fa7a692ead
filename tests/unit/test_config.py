from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import ValidationError

from connector.config import load, regles
from connector.config.francais import joined
from connector.core.constat import AvisPropose, Effet, Source
from connector.core.correspondance import EntreeAnnotation, EntreeLabel, TypeLogique
from connector.core.politique import Mode
from connector.core.regles import Condition, NombreEntre, PieceObligatoire, Regle, SiVide, ValeurParmi
from connector.daemon import IMMOBILE
from connector.errors import ConfigError

DEMARCHE = '[[demarches]]\nnumero = 104234\nnom = "Candidatures"\n'
SECRET = "c2VjcmV0LXRyZXMtc2VjcmV0"

COMPLET = """
[sources]
cahier = { texte = "Cahier des charges", opposable = true }
note = { texte = "Note DGOS", opposable = false }

[correspondance.champs]
specialite = { libelle = "Spécialité", type = "choix" }
quotite = { id = "Q2hhbXAtMQ==", type = "entier" }
motif = { libelle = "Motif", type = "texte_long", facultatif = true }
[correspondance.champs.lieux]
libelle = "Lieux"
type = "repetition"
champs = { commune = { libelle = "Commune", type = "commune" } }

[correspondance.pieces]
cv = "Curriculum vitae"
lettre = { libelle = "Lettre", facultatif = true }

[correspondance.annotations]
synthese = { libelle = "Synthèse", ecraser = true }
zone = "Zone"

[correspondance.saisies]
modulation = { libelle = "Modulation acceptée", type = "booleen" }

[correspondance.labels]
complet = "Complet"
suivi_manuel = { libelle = "Suivi manuel", facultatif = true }

[[regles]]
type = "valeur_parmi"
cle = "specialite"
libelle = "spécialité"
champ = "specialite"
exclues = ["Médecine générale"]
avis = "defavorable"
sources = ["cahier § 1", "note, § II"]
si = { quotite = { moins_de = 50.5, plus_de = 1 }, modulation = { sauf = "oui" } }

[[regles]]
type = "piece_obligatoire"
cle = "cv"
libelle = "CV"
champ = "cv"
sources = "cahier"
si = { modulation = true, specialite = ["A", "B"], motif = { renseigne = true } }

"""


@pytest.fixture
def lire(tmp_path):
    def ecrit(texte, environ=None):
        chemin = tmp_path / "config.toml"
        chemin.write_text(texte, encoding="utf-8")
        return load(chemin, environ or {})

    return ecrit


@pytest.fixture
def problemes(lire):
    def trouves(texte, environ=None):
        with pytest.raises(ConfigError) as refus:
            lire(texte, environ)
        return [(p.path, p.message) for p in refus.value.problems]

    return trouves


# ── what a good file gives


def test_a_demarche_is_enough_and_nothing_is_sent_by_default(lire, tmp_path):
    settings = lire(DEMARCHE)
    assert settings.instance.url == "https://demarche.numerique.gouv.fr/api/v2/graphql"
    assert settings.instance.jeton.variable == "DS_JETON"
    assert settings.instance.delais.reponse_s == 60
    assert settings.politique.mode is Mode.OBSERVER
    assert not settings.politique.corrections
    assert settings.base.chemin == tmp_path / "connector.sqlite"
    assert settings.daemon.periode_minutes == 10
    assert settings.messages.modeles is None
    assert settings.demarches[0].numero == 104234
    assert settings.demarches[0].regles == ()


def test_the_policy_is_the_cores_own(lire):
    politique = lire(
        DEMARCHE
        + """
[envoi]
mode = "Agir"
corrections = true
passage_en_instruction = true
labels = false
notifier = false
mise_en_service = 2026-12-01
instructeur = "connecteur@exemple.fr"
delai_reponse_perdue_s = 45
plafonds = { messages_par_cycle = 1, transitions_par_cycle = 2, par_dossier_par_jour = 0 }
"""
    ).politique
    assert politique.mode is Mode.AGIR
    assert politique.corrections
    assert politique.passage_en_instruction
    assert not politique.labels
    assert not politique.notifier
    assert politique.mise_en_service == date(2026, 12, 1)
    assert politique.instructeur == "connecteur@exemple.fr"
    assert politique.delai_reponse_perdue == timedelta(seconds=45)
    ceilings = (politique.messages_par_cycle, politique.transitions_par_cycle, politique.par_dossier_par_jour)
    assert ceilings == (1, 2, 0)


def test_no_piece_is_looked_into_unless_asked_for(lire):
    pieces = lire(DEMARCHE).pieces
    assert not pieces.relire
    assert pieces.hotes == ("static.demarches-simplifiees.fr",)


def test_two_tries_of_a_piece_end_before_a_pass_is_taken_for_dead(lire, problemes):
    longest = lire(DEMARCHE + "[pieces]\ndelai_s = 600\n").pieces.delai_s
    assert timedelta(seconds=2 * longest) < IMMOBILE
    assert problemes(DEMARCHE + "[pieces]\ndelai_s = 601\n")


def test_hosts_are_names_and_nothing_else(lire, problemes):
    section = "[pieces]\nrelire = true\nhotes = {}\n"
    assert lire(DEMARCHE + section.format('"Fichiers.Exemple.fr"')).pieces.hotes == ("fichiers.exemple.fr",)
    for mauvais in ("https://fichiers.exemple.fr", "*.exemple.fr", "fichiers.exemple.fr/a", "-a.fr", "a..fr", ""):
        assert any(
            path.startswith("pieces.hotes") for path, _ in problemes(DEMARCHE + section.format(f'["{mauvais}"]'))
        ), mauvais


def test_having_pieces_looked_into_makes_everything_be_judged_again_and_its_bounds_do_not(lire):
    def empreinte(text):
        settings = lire(text + DEMARCHE)
        return settings.empreinte(settings.demarches[0])

    version = lire("[pieces]\nrelire = true\n" + DEMARCHE).version_regles
    assert version != lire(DEMARCHE).version_regles
    sans, avec = empreinte(""), empreinte("[pieces]\nrelire = true\n")
    assert sans == empreinte("[pieces]\npar_passage = 3\n")
    assert sans != avec == empreinte("[pieces]\nrelire = true\npar_passage = 3\n")


def test_the_mapping_is_the_cores_own_pieces_after_champs(lire):
    correspondance = lire(COMPLET + DEMARCHE).demarches[0].correspondance
    assert [e.cle for e in correspondance.champs] == ["specialite", "quotite", "motif", "lieux", "cv", "lettre"]
    assert correspondance.champs[1].id == "Q2hhbXAtMQ=="
    assert correspondance.champs[2].facultatif
    assert correspondance.champs[3].champs[0].type is TypeLogique.COMMUNE
    assert correspondance.champs[4].type is TypeLogique.PIECE
    assert correspondance.annotations == (
        EntreeAnnotation(cle="synthese", libelle="Synthèse", ecraser=True),
        EntreeAnnotation(cle="zone", libelle="Zone"),
    )
    assert correspondance.saisies[0].type is TypeLogique.BOOLEEN
    assert correspondance.labels[1] == EntreeLabel(cle="suivi_manuel", libelle="Suivi manuel", facultatif=True)


def test_the_rules_are_the_cores_own_in_their_order(lire):
    premiere, seconde = lire(COMPLET + DEMARCHE).demarches[0].regles
    assert premiere == ValeurParmi(
        cle="specialite",
        libelle="spécialité",
        champ="specialite",
        exclues=("Médecine générale",),
        avis=AvisPropose.DEFAVORABLE,
        sources=(
            Source(texte="Cahier des charges, § 1", opposable=True),
            Source(texte="Note DGOS, § II", opposable=False),
        ),
        si=(
            Condition(champ="quotite", moins_de=Decimal("50.5"), plus_de=Decimal(1)),
            Condition(champ="modulation", sauf=("oui",)),
        ),
    )
    assert isinstance(seconde, PieceObligatoire)
    assert seconde.sources == (Source(texte="Cahier des charges", opposable=True),)
    assert seconde.si == (
        Condition(champ="modulation", parmi=("oui",)),
        Condition(champ="specialite", parmi=("A", "B")),
        Condition(champ="motif", renseigne=True),
    )


def test_every_option_of_a_rule_can_be_set(lire):
    texte = (
        COMPLET
        + """
[[regles]]
type = "nombre_entre"
cle = "quotite"
libelle = "quotité"
champ = "quotite"
minimum = 0.5
maximum = 100
unite = "%"
si_vide = "sans_objet"
effet = "à vérifier"
consigne = "Merci."
visible = false
sources = ["note"]
[[regles]]
type = "date_entre"
cle = "jour"
libelle = "jour"
champ = "jour"
au_plus_tot = 2023-11-01
sources = ["note"]
[correspondance.champs.jour]
libelle = "Jour"
type = "date"
"""
    )
    nombre, jour = lire(texte.replace("à vérifier", "a_verifier") + DEMARCHE).demarches[0].regles[2:]
    assert nombre == NombreEntre(
        cle="quotite",
        libelle="quotité",
        champ="quotite",
        minimum=Decimal("0.5"),
        maximum=Decimal(100),
        unite="%",
        si_vide=SiVide.SANS_OBJET,
        effet=Effet.A_VERIFIER,
        consigne="Merci.",
        visible=False,
        sources=(Source(texte="Note DGOS", opposable=False),),
    )
    assert (jour.au_plus_tot, jour.au_plus_tard) == (date(2023, 11, 1), None)


SURCHARGE = """
[[demarches]]
numero = 2
nom = "Autre campagne"
regles_ecartees = ["cv"]
[demarches.correspondance.champs]
specialite = { libelle = "Discipline", type = "texte" }
promotion = { libelle = "Promotion", type = "choix" }
[[demarches.regles]]
type = "champ_requis"
cle = "specialite"
libelle = "discipline"
champ = "specialite"
sources = "note"
[[demarches.regles]]
type = "champ_requis"
cle = "promotion"
libelle = "promotion"
champ = "promotion"
sources = "note"
"""


def test_a_demarche_replaces_adds_and_sets_aside(lire):
    commune, autre = lire(COMPLET + DEMARCHE + SURCHARGE).demarches
    assert [r.cle for r in commune.regles] == ["specialite", "cv"]
    assert [(r.type, r.cle) for r in autre.regles] == [("champ_requis", "specialite"), ("champ_requis", "promotion")]
    assert autre.correspondance.champs[0].libelle == "Discipline"
    assert commune.correspondance.champs[0].libelle == "Spécialité"
    assert autre.correspondance.references()["promotion"] is TypeLogique.CHOIX


def test_paths_start_at_the_files_folder_and_know_the_environment(lire, tmp_path):
    texte = '[base]\nchemin = "{}"\n' + DEMARCHE
    environ = {"STATE_DIRECTORY": "/var/lib/connector", "HOME": "/home/ars"}
    chemins = {
        "donnees/base.sqlite": tmp_path / "donnees/base.sqlite",
        "$STATE_DIRECTORY/base.sqlite": Path("/var/lib/connector/base.sqlite"),
        "~/base.sqlite": Path("/home/ars/base.sqlite"),
        "/srv/base.sqlite": Path("/srv/base.sqlite"),
        "a$$b.sqlite": tmp_path / "a$b.sqlite",
    }
    for ecrit, attendu in chemins.items():
        assert lire(texte.replace("{}", ecrit), environ).base.chemin == attendu


def test_files_and_folders_that_exist_are_accepted(lire, tmp_path):
    (tmp_path / "ars.pem").touch()
    (tmp_path / "modeles").mkdir()
    settings = lire('[instance]\nca = "ars.pem"\n[messages]\nmodeles = "modeles"\n' + DEMARCHE)
    assert settings.instance.ca == tmp_path / "ars.pem"
    assert settings.messages.modeles == tmp_path / "modeles"


def test_a_byte_order_mark_is_no_trouble(tmp_path):
    chemin = tmp_path / "config.toml"
    chemin.write_text(DEMARCHE, encoding="utf-8-sig")
    assert load(chemin, {}).demarches


def test_settings_are_frozen(lire):
    settings = lire(DEMARCHE)
    with pytest.raises(FrozenInstanceError):
        settings.demarches = ()
    with pytest.raises(ValidationError):
        settings.base.chemin = Path()


# ── digests


def test_the_version_of_the_rules_changes_with_any_rule_and_with_nothing_else(lire):
    def version(avant, apres):
        assert avant in COMPLET
        return lire(COMPLET.replace(avant, apres) + DEMARCHE).version_regles

    en_vigueur = lire(COMPLET + DEMARCHE).version_regles
    assert version('complet = "Complet"', 'complet = "Dossier complet"') == en_vigueur
    assert version("Médecine générale", "ORL") != en_vigueur
    assert version('"Note DGOS", opposable = false', '"Note DGOS", opposable = true') != en_vigueur


@pytest.mark.parametrize(
    ("avant", "apres", "change"),
    [
        ("Médecine générale", "ORL", True),
        ('zone = "Zone"', 'zone = "La zone"', True),
        ("corrections = false", "corrections = true", True),
        ('mode = "annoter"', 'mode = "observer"', True),
        ("delai_jours = 15", "delai_jours = 20", True),
        ("messages_par_cycle = 20", "messages_par_cycle = 5", False),
        ("periode_minutes = 10", "periode_minutes = 5", False),
        ("connexion_s = 10", "connexion_s = 20", False),
        ('variable = "DS_JETON"', 'variable = "AUTRE"', False),
        ("delai_reponse_perdue_s = 30", "delai_reponse_perdue_s = 60", False),
        ('chemin = "a.sqlite"', 'chemin = "b.sqlite"', False),
    ],
)
def test_what_changes_opinions_changes_their_digest_and_transport_does_not(lire, avant, apres, change):
    texte = (
        COMPLET
        + DEMARCHE
        + """
[instance]
jeton = { variable = "DS_JETON" }
delais = { connexion_s = 10 }
[base]
chemin = "a.sqlite"
[daemon]
periode_minutes = 10
[messages]
delai_jours = 15
[envoi]
mode = "annoter"
corrections = false
instructeur = "connecteur@exemple.fr"
delai_reponse_perdue_s = 30
plafonds = { messages_par_cycle = 20 }
"""
    )
    assert avant in texte

    def empreinte(toml):
        settings = lire(toml)
        return settings.empreinte(settings.demarches[0])

    assert (empreinte(texte.replace(avant, apres)) != empreinte(texte)) is change


# ── files that cannot be read


def test_a_file_that_is_not_there_is_said_in_one_sentence(tmp_path):
    with pytest.raises(ConfigError, match=r"config\.toml : 1 problème\n  - ce fichier n’existe pas"):
        load(tmp_path / "config.toml", {})


def test_a_file_in_another_encoding_is_said(tmp_path):
    chemin = tmp_path / "config.toml"
    chemin.write_bytes('nom = "Spécialité"'.encode("cp1252"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load(chemin, {})


@pytest.mark.parametrize(
    ("texte", "ou"),
    [
        (f'[instance]\njeton = "{SECRET}', "ligne 2 : un guillemet n’est pas fermé"),
        (f"[instance]\njeton = {SECRET}\n", "ligne 2, colonne 9 : cette valeur ne se lit pas"),
        ("[base]\n[base]\n", "ligne 2, colonne 6 : la section [base] est déjà écrite ligne 1"),
        ("a = 1\na = 2\n", "ligne 2, colonne 6 : la clé « a » est déjà écrite ligne 1"),
    ],
)
def test_a_syntax_error_is_told_with_its_line_and_never_with_its_text(lire, texte, ou):
    with pytest.raises(ConfigError) as refus:
        lire(texte)
    assert ou in str(refus.value)
    assert SECRET not in str(refus.value)
    assert refus.value.__cause__ is None


# ── files that say something wrong


IMBRIQUE = """
[correspondance.champs.a]
libelle = "A"
type = "repetition"
champs = { b = { libelle = "B", type = "repetition" } }
"""


@pytest.mark.parametrize(
    ("texte", "chemin", "message"),
    [
        ("couleur = 1", "couleur", "clé inconnue"),
        ("[base]\nchemins = 1", "base.chemins", "clé inconnue ; vouliez-vous dire « chemin » ?"),
        ("base = 3", "base", "une table est attendue"),
        ("[base]\nchemin = 3", "base.chemin", "un chemin entre guillemets est attendu"),
        ('[base]\nchemin = " "', "base.chemin", "un chemin entre guillemets est attendu"),
        ('[base]\nchemin = "$RIEN/a"', "base.chemin", "la variable d'environnement RIEN n'est pas définie"),
        (
            '[base]\nchemin = "a$"',
            "base.chemin",
            "« $ » doit être suivi du nom d'une variable d'environnement, ou doublé",
        ),
        ('[instance]\nca = "absent.pem"', "instance.ca", None),
        ('[messages]\nmodeles = "absent"', "messages.modeles", None),
        ('[messages]\nsignature = " "', "messages.signature", "ne peut pas être vide"),
        ("[messages]\ndelai_jours = 0", "messages.delai_jours", "doit être au moins 1"),
        ('[messages]\ndelai_jours = "15"', "messages.delai_jours", "un nombre entier est attendu, sans guillemets"),
        ("[messages]\ndelai_jours = true", "messages.delai_jours", "un nombre entier est attendu, sans guillemets"),
        ("[messages]\nsignature = 3", "messages.signature", "un texte entre guillemets est attendu"),
        ('[envoi]\nlabels = "oui"', "envoi.labels", "true ou false est attendu, sans guillemets"),
        (
            '[envoi]\nmise_en_service = "2026-12-01"',
            "envoi.mise_en_service",
            "une date est attendue, sans guillemets (2026-09-01)",
        ),
        (
            '[envoi]\nmode = "agiir"',
            "envoi.mode",
            "valeur attendue : « observer », « annoter » ou « agir » ; vouliez-vous dire « agir » ?",
        ),
        ("[envoi]\nmode = 3", "envoi.mode", "valeur attendue : « observer », « annoter » ou « agir »"),
        ('[envoi]\ninstructeur = "moi"', "envoi.instructeur", "une adresse électronique est attendue"),
        (
            "[envoi]\nplafonds = { message_par_cycle = 1 }",
            "envoi.plafonds.message_par_cycle",
            "clé inconnue ; vouliez-vous dire « messages_par_cycle » ?",
        ),
        ('[instance]\nurl = "http://ds.exemple.fr/api/v2/graphql"', "instance.url", None),
        ('[instance]\nurl = "ds.exemple.fr"', "instance.url", None),
        ('[instance]\nurl = "https://[::1/api/v2/graphql"', "instance.url", "cette adresse n'en est pas une"),
        (
            '[instance]\nurl = "https://ds.exemple.fr"',
            "instance.url",
            "l'adresse doit se terminer par /api/v2/graphql",
        ),
        (
            f'[instance]\nurl = "https://moi:{SECRET}@ds.exemple.fr/api/v2/graphql"',
            "instance.url",
            "pas d'identifiant ni de mot de passe dans l'adresse",
        ),
        (
            f'[instance]\nurl = "https://ds.exemple.fr/api/v2/graphql?token={SECRET}"',
            "instance.url",
            "rien n'est attendu après l'adresse : ni « ? » ni « # »",
        ),
        ("[instance]\njeton = {}", "instance.jeton", "donnez un seul endroit : variable, fichier ou credential"),
        (
            '[instance]\njeton = { variable = "A", fichier = "b" }',
            "instance.jeton",
            "donnez un seul endroit : variable, fichier ou credential",
        ),
        (
            '[instance]\njeton = { variables = "A" }',
            "instance.jeton.variables",
            "clé inconnue ; vouliez-vous dire « variable » ?",
        ),
        ("[sources]\na = { texte = 'x' }", "sources.a.opposable", "obligatoire"),
        ("sources = 3", "sources", "une table est attendue"),
        ("correspondance = 3", "correspondance", "une table est attendue"),
        ("[correspondance]\nchamp = {}", "correspondance.champ", "clé inconnue ; vouliez-vous dire « champs » ?"),
        ("[correspondance]\npieces = 3", "correspondance.pieces", "une table est attendue"),
        ('[correspondance.champs]\na = "A"', "correspondance.champs.a.type", "obligatoire"),
        ('[correspondance.champs]\na = { type = "texte" }', "correspondance.champs.a", "donnez « libelle » ou « id »"),
        (
            '[correspondance.champs]\na = { libelle = "A", type = "piece" }',
            "correspondance.champs.a.type",
            "une pièce se déclare dans la table « pieces »",
        ),
        (
            '[correspondance.champs]\na = { libelle = "A", type = "date", champs = { b = 1 } }',
            "correspondance.champs.a.champs",
            "seul un champ de type « repetition » en contient d'autres",
        ),
        (
            IMBRIQUE,
            "correspondance.champs.a.champs.b.type",
            "un bloc répétable n'en contient pas d'autre",
        ),
        (
            '[correspondance.pieces]\n"Pièce" = "CV"',
            "correspondance.pieces.Pièce",
            "une clé s'écrit en minuscules sans accent, avec des chiffres et des « _ »",
        ),
        (
            '[correspondance.annotations]\nsynthse = "Synthèse"',
            "correspondance.annotations.synthse",
            "clé inconnue ; vouliez-vous dire « synthese » ?",
        ),
        ('[correspondance.labels]\nfini = "Fini"', "correspondance.labels.fini", "clé inconnue"),
        ("[correspondance.labels]\ncomplet = {}", "correspondance.labels.complet.libelle", "obligatoire"),
        (
            '[correspondance.champs]\na = { libelle = "A", type = "date" }\n[correspondance.pieces]\na = "B"',
            "correspondance.pieces.a",
            "« a » est déjà le nom d'un champ",
        ),
        ("regles = 3", "regles", "une liste de tables est attendue : [[regles]]"),
        ("regles = [3]", "regles[0].type", None),
    ],
)
def test_a_mistake_is_told_in_french_with_its_path(problemes, texte, chemin, message):
    trouves = problemes(f"{texte}\n{DEMARCHE}")
    assert [c for c, _ in trouves] == [chemin]
    assert message is None or trouves[0][1].startswith(message)
    assert SECRET not in str(trouves)


@pytest.mark.parametrize(
    ("texte", "chemin", "message"),
    [
        ("", "demarches", "au moins une démarche est nécessaire : [[demarches]]"),
        ("demarches = 3", "demarches", "une liste de tables est attendue : [[demarches]]"),
        ("[[demarches]]\nnumero = 1", "demarches[0].nom", "obligatoire"),
        (DEMARCHE + DEMARCHE, "demarches[1].numero", "la démarche n° 104234 est déclarée deux fois"),
        (
            COMPLET + DEMARCHE + 'regles_ecartees = ["c"]',
            "demarches[0].regles_ecartees",
            "aucune règle commune « c » ; vouliez-vous dire « cv » ?",
        ),
        (
            DEMARCHE + '[demarches.correspondance]\nchamps = { a = { libelle = "A", type = "date" } }\n'
            'saisies = { a = { libelle = "B", type = "date" } }',
            "demarches[0].correspondance.saisies.a",
            "« a » est déjà le nom d'un champ",
        ),
    ],
)
def test_a_mistake_among_the_demarches_is_told(problemes, texte, chemin, message):
    ((ou, dit),) = problemes(texte)
    assert ou == chemin
    assert dit.startswith(message)


REGLE = (
    '[[regles]]\ntype = "nombre_entre"\ncle = "q"\nlibelle = "q"\nchamp = "quotite"\nminimum = 1\nsources = "note"\n'
)


@pytest.mark.parametrize(
    ("avant", "apres", "chemin", "message"),
    [
        ('type = "nombre_entre"\n', "", "type", None),
        ('"nombre_entre"', '"nombre"', "type", None),
        ('"nombre_entre"', "3", "type", None),
        ('cle = "q"', "cle = 3", "cle", "un texte entre guillemets est attendu"),
        (
            'cle = "q"',
            'cle = "Ma règle"',
            "cle",
            "règle « Ma règle » : une clé s'écrit en minuscules sans accent, avec des chiffres et des « _ »",
        ),
        ("minimum = 1", 'minimum = "1"', "minimum", "règle « q » : un nombre est attendu, sans guillemets"),
        ("minimum = 1", "minimum = true", "minimum", "règle « q » : un nombre est attendu, sans guillemets"),
        ("minimum = 1", "minimum = nan", "minimum", "règle « q » : un nombre est attendu, sans guillemets"),
        (
            "minimum = 1",
            "minimun = 1\nminimum = 1",
            "minimun",
            "règle « q » : clé inconnue ; vouliez-vous dire « minimum » ?",
        ),
        ("minimum = 1\n", "", "minimum", "règle « q » : donnez « minimum », « maximum », ou les deux"),
        ("minimum = 1", "minimum = 1\nmaximum = 0", "minimum", "règle « q » : le minimum dépasse le maximum"),
        ('"note"', "[]", "sources", "règle « q » : au moins un élément est nécessaire"),
        ('"note"', "3", "sources", "règle « q » : une liste entre crochets est attendue"),
        ('"note"', '"notte § 1"', "sources", "règle « q » : source « notte » inconnue ; vouliez-vous dire « note » ?"),
        ('"note"', '"loi"', "sources", "règle « q » : source « loi » inconnue : à déclarer dans [sources]"),
        (
            '"quotite"',
            '"quotitte"',
            "champ",
            "règle « q » : la correspondance n'a pas de champ « quotitte » ; vouliez-vous dire « quotite » ?",
        ),
        (
            '"quotite"',
            '"specialite"',
            "champ",
            "règle « q » : « specialite » est de type « choix » ; ici : decimal ou entier",
        ),
        (
            "minimum = 1",
            "minimum = 1\nsi = { budget = true }",
            "si.budget",
            "règle « q » : la correspondance n'a pas de champ « budget »",
        ),
        ("minimum = 1", "minimum = 1\nsi = { specialite = { moins_de = 3 } }", "si.specialite", None),
        ("minimum = 1", 'minimum = 1\nsi = { lieux = "A" }', "si.lieux", None),
        (
            "minimum = 1",
            "minimum = 1\nsi = { specialite = {} }",
            "si.specialite",
            "règle « q » : donnez une valeur, ou parmi, sauf, moins_de, plus_de, renseigne",
        ),
        (
            "minimum = 1",
            "minimum = 1\nsi = { specialite = { parmis = 3 } }",
            "si.specialite.parmis",
            "règle « q » : clé inconnue ; vouliez-vous dire « parmi » ?",
        ),
        ("minimum = 1", "minimum = 1\nsi = 3", "si", "règle « q » : une table est attendue"),
        ("minimum = 1", 'minimum = 1\nformats = "pdf"', "formats", "règle « q » : clé inconnue"),
    ],
)
def test_a_mistake_in_a_rule_is_told_with_the_rules_name(problemes, avant, apres, chemin, message):
    assert avant in REGLE
    trouves = problemes(COMPLET + REGLE.replace(avant, apres) + DEMARCHE)
    assert [c for c, _ in trouves] == [f"regles[2].{chemin}"]
    assert message is None or trouves[0][1].startswith(message)


def test_an_unknown_kind_of_rule_is_answered_with_the_nearest_one(problemes):
    ((_, message),) = problemes(COMPLET + REGLE.replace("nombre_entre", "nombre_entres") + DEMARCHE)
    assert message.startswith("règle « q » : attendu : « piece_obligatoire », ")
    assert message.endswith("vouliez-vous dire « nombre_entre » ?")


def test_two_rules_of_one_name_are_refused(problemes):
    assert problemes(COMPLET + REGLE + REGLE + DEMARCHE) == [
        ("regles[3].cle", "une autre règle s'appelle déjà « q » : donnez-lui un autre nom")
    ]


def test_a_condition_may_ask_whether_anything_at_all_was_filled_in(lire):
    texte = REGLE.replace("minimum = 1", "minimum = 1\nsi = { lieux = { renseigne = true } }")
    assert lire(COMPLET + texte + DEMARCHE).demarches[0].regles[2].si[0].renseigne


def test_a_wrong_entry_is_told_once_and_not_by_every_rule_that_reads_it(problemes):
    texte = COMPLET.replace('"entier"', '"entiers"').replace('"commune" }', '"comune" }')
    autre = REGLE.replace('"q"', '"r"').replace('"quotite"', '"lieux.commune"')
    assert [c for c, _ in problemes(texte + REGLE + autre + DEMARCHE)] == [
        "correspondance.champs.quotite.type",
        "correspondance.champs.lieux.champs.commune.type",
    ]


def test_a_wrong_source_is_told_once_and_not_by_every_rule_that_cites_it(problemes):
    assert [c for c, _ in problemes(COMPLET.replace("opposable = false", "opposable = 0") + REGLE + DEMARCHE)] == [
        "sources.note.opposable"
    ]


def test_a_problem_shared_by_two_demarches_is_told_once(problemes):
    texte = COMPLET + REGLE.replace('"quotite"', '"budget"') + DEMARCHE + DEMARCHE.replace("104234", "2")
    assert len(problemes(texte)) == 1


def test_everything_wrong_is_told_at_once(problemes):
    texte = (
        "couleur = 1\n"
        + COMPLET.replace('"Synthèse"', "3").replace('"booleen"', '"bool"')
        + REGLE.replace("minimum = 1", "minimum = 'x'")
        + '[envoi]\nmode = "agiir"\n[base]\nchemin = 3\n[[demarches]]\nnumero = "x"\nnom = ""\n'
    )
    assert {chemin for chemin, _ in problemes(texte)} == {
        "couleur",
        "base.chemin",
        "envoi.mode",
        "correspondance.annotations.synthese.libelle",
        "correspondance.saisies.modulation.type",
        "regles[2].minimum",
        "demarches[0].numero",
        "demarches[0].nom",
    }


@pytest.mark.parametrize(
    ("envoi", "manques"),
    [
        ('mode = "observer"', []),
        ('mode = "annoter"', ["envoi.instructeur"]),
        ('mode = "annoter"\ninstructeur = "a@exemple.fr"', []),
        ('mode = "agir"', ["envoi.instructeur", "envoi.mise_en_service"]),
        ('mode = "agir"\ninstructeur = "a@exemple.fr"\nmise_en_service = 2026-12-01', []),
    ],
)
def test_a_bolder_mode_asks_for_more(lire, problemes, envoi, manques):
    texte = f"{DEMARCHE}[envoi]\n{envoi}\n"
    if manques:
        assert [chemin for chemin, _ in problemes(texte)] == manques
    else:
        assert lire(texte)


DECIDER = '[decisions]\nsource = "fichier"\n'
DIRE = 'signataire = " La directrice "\nvoies_recours = "Deux mois."\n'


def test_decisions_are_carried_out_for_nobody_by_default(lire):
    settings = lire(DEMARCHE)
    cadre = settings.decisions.cadre(settings.messages)
    assert (cadre.source, cadre.notifier, cadre.prevenir_attente) == ("aucune", True, True)
    assert cadre.saisie == timedelta(hours=1)
    assert "L. 311-3-1" in cadre.mention
    assert "cada.fr" in cadre.mention
    assert "en répondant dans la messagerie" in cadre.mention


def test_what_every_decision_must_tell_is_asked_for_as_soon_as_they_are_carried_out(lire, problemes):
    assert [chemin for chemin, _ in problemes(DEMARCHE + DECIDER)] == [
        "decisions.signataire",
        "decisions.voies_recours",
    ]
    settings = lire(f'{DEMARCHE}{DECIDER}{DIRE}[messages]\ncontact = "a@exemple.fr"\n')
    cadre = settings.decisions.cadre(settings.messages)
    assert (cadre.source, cadre.signataire) == ("fichier", "La directrice")
    assert "en écrivant à a@exemple.fr" in cadre.mention


def test_decisions_chosen_in_an_annotation_need_one(lire, problemes):
    annotation = DECIDER.replace("fichier", "annotation") + DIRE
    ((chemin, phrase),) = problemes(DEMARCHE + annotation)
    assert chemin == "decisions.source"
    assert "la démarche n° 104234 n'a pas d'annotation « decision »" in phrase
    saisie = '[correspondance.saisies]\ndecision = { libelle = "Décision", type = "choix" }\n'
    assert lire(DEMARCHE + annotation + saisie).decisions.source == "annotation"


def test_the_mention_may_be_worded_otherwise_or_left_out(lire):
    settings = lire(f'{DEMARCHE}[decisions]\nmention_texte = "C\'est la nôtre."\nvalidite_liste_attente = 2027-12-31\n')
    assert settings.decisions.cadre(settings.messages).mention == "C’est la nôtre."
    assert settings.decisions.cadre(settings.messages).validite == date(2027, 12, 31)
    settings = lire(f"{DEMARCHE}[decisions]\nmention_algorithmique = false\n")
    assert not settings.decisions.cadre(settings.messages).mention


def test_another_signatory_or_another_source_has_every_dossier_judged_again(lire):
    une, autre = lire(DEMARCHE), lire(f"{DEMARCHE}{DECIDER}{DIRE}")
    assert une.empreinte(une.demarches[0]) != autre.empreinte(autre.demarches[0])


def test_carrying_decisions_out_is_reason_enough_for_the_boldest_mode(lire):
    envoi = '[envoi]\nmode = "agir"\ninstructeur = "a@exemple.fr"\nmise_en_service = 2026-12-01\n'
    assert lire(f"{DEMARCHE}{envoi}").remarques
    assert not lire(f"{DEMARCHE}{envoi}{DECIDER}{DIRE}").remarques


@pytest.mark.parametrize("hote", ["127.0.0.1:8042", "localhost:8042", "[::1]:8042"])
def test_plain_http_is_for_this_machine_only(lire, hote):
    assert lire(f'[instance]\nurl = "http://{hote}/api/v2/graphql"\n{DEMARCHE}').instance.url


# ── the token


def test_a_token_typed_in_the_file_is_refused_and_never_shown(problemes):
    ((chemin, message),) = problemes(f'[instance]\njeton = "{SECRET}"\n{DEMARCHE}')
    assert chemin == "instance.jeton"
    assert "variable" in message
    assert SECRET not in message


def test_a_token_is_read_from_a_variable_when_it_is_needed(lire):
    settings = lire(DEMARCHE)
    assert settings.instance.jeton.lire({"DS_JETON": f"  {SECRET}\n"}) == SECRET
    assert SECRET not in repr(settings)


@pytest.fixture
def range_(lire, tmp_path):
    def fichier(contenu, mode=0o600):
        chemin = tmp_path / "jeton"
        chemin.write_bytes(contenu)
        chemin.chmod(mode)
        return lire('[instance]\njeton = { fichier = "jeton" }\n' + DEMARCHE).instance.jeton

    return fichier


def refus(jeton, environ=None):
    with pytest.raises(ConfigError) as erreur:
        jeton.lire(environ or {})
    ((probleme),) = erreur.value.problems
    assert probleme.path == "instance.jeton"
    assert SECRET not in str(erreur.value)
    assert erreur.value.__cause__ is None
    return probleme.message


def test_a_token_is_read_from_a_private_file(range_):
    assert range_(f"{SECRET}\n".encode()).lire({}) == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_token_that_others_can_reach_is_refused(range_, mode):
    assert "chmod 600" in refus(range_(SECRET.encode(), mode))


def test_a_token_that_cannot_be_one_is_refused(range_):
    assert refus(range_(b"\n")).endswith("jeton est vide")
    for contenu in (b"deux mots", b"un\x00zero", "accentué".encode(), b"\xff\xfe", SECRET.encode() + b"\nligne"):
        assert "forme d'un jeton" in refus(range_(contenu))


def test_a_token_file_that_is_not_there_is_said(lire):
    jeton = lire('[instance]\njeton = { fichier = "absent" }\n' + DEMARCHE).instance.jeton
    assert refus(jeton).endswith("absent : ce fichier n'existe pas")
    with pytest.raises(ConfigError, match=r"^Le jeton ne peut pas être lu :\n  - instance\.jeton : "):
        jeton.lire({})


def test_a_token_variable_that_is_not_set_is_named(lire):
    assert refus(lire(DEMARCHE).instance.jeton) == "la variable DS_JETON est vide ou absente"


def test_a_token_is_read_from_a_systemd_credential_whatever_its_mode(lire, tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "ds").write_text(SECRET)
    (secrets / "ds").chmod(0o440)
    jeton = lire('[instance]\njeton = { credential = "ds" }\n' + DEMARCHE).instance.jeton
    assert jeton.lire({"CREDENTIALS_DIRECTORY": str(secrets)}) == SECRET
    assert "CREDENTIALS_DIRECTORY" in refus(jeton)
    (secrets / "ds").chmod(0o600)
    (secrets / "ds").write_text("")
    assert refus(jeton, {"CREDENTIALS_DIRECTORY": str(secrets)}) == "le secret transmis est vide"


# ── what a new kind of rule needs of the configuration: nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Nouvelle(Regle):
    type: ClassVar[str] = "nouvelle"
    seuil: int
    tolerance: Decimal | None = None
    jours: tuple[date, ...] = ()
    stricte: bool = False

    def examine(self, candidature, contexte):
        raise NotImplementedError

    def references(self):
        return ()

    def exemples(self):
        return ()


def test_a_new_kind_is_read_from_the_fields_it_declares(lire, problemes, monkeypatch):
    monkeypatch.setattr(regles, "KINDS", {"nouvelle": Nouvelle})
    texte = (
        '[sources]\nnote = { texte = "Note", opposable = false }\n[[regles]]\ntype = "nouvelle"\ncle = "n"\n'
        'libelle = "n"\nsources = "note"\nseuil = 3\ntolerance = 1.5\nstricte = true\njours = [2026-01-01]\n'
    )
    (regle,) = lire(texte + DEMARCHE).demarches[0].regles
    assert replace(regle, seuil=4) == Nouvelle(
        cle="n",
        libelle="n",
        sources=(Source(texte="Note", opposable=False),),
        seuil=4,
        tolerance=Decimal("1.5"),
        stricte=True,
        jours=(date(2026, 1, 1),),
    )
    assert problemes(texte.replace("seuil = 3", "seuil = true") + DEMARCHE) == [
        ("regles[0].seuil", "règle « n » : un nombre entier est attendu, sans guillemets")
    ]
    assert problemes(texte.replace("seuil = 3\n", "") + DEMARCHE) == [
        ("regles[0].seuil", "règle « n » : obligatoire et absente : ajoutez « seuil = … »")
    ]


def test_a_path_is_dotted_with_ranks_in_brackets():
    assert joined("demarches", 0, "correspondance", "champs") == "demarches[0].correspondance.champs"
    assert joined("", "base") == "base"
