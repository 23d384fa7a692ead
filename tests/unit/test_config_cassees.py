"""Broken configurations as people really break them: one French message each, the line, the problem, the remedy."""

from __future__ import annotations

import pytest

from connector.config import load
from connector.errors import ConfigError

SECRET = "c2VjcmV0LXRyZXMtc2VjcmV0"

BONNE = """\
# Une configuration qui fonctionne.
[instance]
url = "https://demarche.numerique.gouv.fr/api/v2/graphql"
jeton = { variable = "DS_JETON" }

[base]
chemin = "connector.sqlite"

[envoi]
mode = "observer"
corrections = false
labels = true

[envoi.plafonds]
messages_par_cycle = 20

[daemon]
periode_minutes = 10

[messages]
signature = "L'ARS"
delai_jours = 15

[[demarches]]
numero = 123456
nom = "Assistants spécialistes à temps partagé"

[campagne]
ouverture = 2026-12-01
cloture = 2027-03-31

[sources]
cahier = { texte = "Cahier des charges", opposable = true }

[correspondance.champs]
specialite = { libelle = "Spécialité", type = "choix" }
quotite = { libelle = "Quotité ambulatoire (%)", type = "entier" }

[correspondance.pieces]
cv = "Curriculum vitae"

[correspondance.annotations]
synthese = "Synthèse"

[[quotas]]
promotion = "2023-2025"
region = "24"
categorie = "II"
valeur = 6
source = "cahier"
date_effet = 2023-07-07

[[regles]]
type = "piece_obligatoire"
cle = "piece_cv"
libelle = "CV"
champ = "cv"
sources = "cahier § 5"

[[regles]]
type = "nombre_entre"
cle = "part"
libelle = "part"
champ = "quotite"
minimum = 50
sources = "cahier § 3"
si = { specialite = { sauf = "Psychiatrie" } }
"""

CASSEES = [
    (10, "guillemet oublié à la fin", 'mode = "observer"', 'mode = "observer', ("guillemet", "ajoutez")),
    (10, "texte sans guillemets", 'mode = "observer"', "mode = observer", ("un texte s’écrit entre guillemets",)),
    (
        21,
        "guillemets typographiques",
        'signature = "L\'ARS"',
        "signature = “L’ARS”",
        ("typographiques", "guillemets droits"),
    ),
    (
        21,
        "apostrophe courbe en délimiteur",
        'signature = "L\'ARS"',
        "signature = ’L ARS’",
        ("typographiques", "droits"),
    ),
    (12, "oui au lieu de true", "labels = true", "labels = oui", ("true ou false",)),
    (12, "True avec une majuscule", "labels = true", "labels = True", ("true ou false", "minuscules")),
    (29, "date à la française", "ouverture = 2026-12-01", "ouverture = 01/12/2026", ("année-mois-jour", "2026-09-01")),
    (18, "virgule décimale", "periode_minutes = 10", "periode_minutes = 1,5", ("point", "1.5")),
    (25, "nombre avec un espace", "numero = 123456", "numero = 123 456", ("sans espace",)),
    (10, "deux-points au lieu d'égal", 'mode = "observer"', 'mode: "observer"', ("« = »", "« : »")),
    (17, "crochet de section oublié", "[daemon]", "[daemon", ("crochet fermant",)),
    (22, "accent dans une clé", "delai_jours = 15", "délai_jours = 15", ("accent", "guillemets")),
    (22, "espace dans une clé", "delai_jours = 15", "delai jours = 15", ("espace", "guillemets")),
    (22, "valeur oubliée", "delai_jours = 15", "delai_jours = ", ("il manque la valeur",)),
    (22, "égal oublié", "delai_jours = 15", "delai_jours", ("il manque « = »",)),
    (7, "chemin de Windows", 'chemin = "connector.sqlite"', 'chemin = "C:\\Users\\base"', ("« \\\\ »", "apostrophes")),
    (
        36,
        "virgule oubliée dans une table",
        '{ libelle = "Spécialité", type',
        '{ libelle = "Spécialité" type',
        ("virgule",),
    ),
    (58, "liste non fermée", 'sources = "cahier § 5"', 'sources = ["cahier § 5"', ("liste", "]")),
    (
        23,
        "clé en double",
        "delai_jours = 15",
        "delai_jours = 15\ndelai_jours = 20",
        ("« delai_jours »", "ligne 22", "une seule"),
    ),
    (28, "section en double", "[campagne]", "[base]", ("[base]", "ligne 6", "réunissez")),
    (18, "clé mal écrite", "periode_minutes = 10", "periode_minute = 10", ("clé inconnue", "« periode_minutes »")),
    (
        18,
        "clé qui ne ressemble à rien",
        "periode_minutes = 10",
        "zzz = 10",
        ("clé inconnue", "retirez-la", "periode_minutes"),
    ),
    (17, "section mal écrite", "[daemon]", "[demon]", ("clé inconnue", "« daemon »")),
    (
        10,
        "mode inconnu",
        'mode = "observer"',
        'mode = "agiir"',
        ("« observer », « annoter » ou « agir »", "« agir » ?"),
    ),
    (9, "mode sans instructeur", 'mode = "observer"', 'mode = "annoter"', ("instructeur", "obligatoire", "courriel")),
    (22, "nombre entre guillemets", "delai_jours = 15", 'delai_jours = "15"', ("nombre entier", "sans guillemets")),
    (22, "nombre hors bornes", "delai_jours = 15", "delai_jours = 0", ("au moins 1",)),
    (18, "période nulle", "periode_minutes = 10", "periode_minutes = 0", ("plus de 0",)),
    (15, "plafond négatif", "messages_par_cycle = 20", "messages_par_cycle = -1", ("au moins 0",)),
    (30, "date entre guillemets", "cloture = 2027-03-31", 'cloture = "2027-03-31"', ("date", "sans guillemets")),
    (
        28,
        "dates dans le désordre",
        "cloture = 2027-03-31",
        "cloture = 2026-03-31",
        ("se suivent", "ouverture, cloture"),
    ),
    (
        24,
        "valeur obligatoire absente",
        'nom = "Assistants spécialistes à temps partagé"\n',
        "",
        ("nom", "obligatoire", "ajoutez"),
    ),
    (
        0,
        "aucune démarche",
        '[[demarches]]\nnumero = 123456\nnom = "Assistants spécialistes à temps partagé"\n',
        "",
        ("[[demarches]]",),
    ),
    (24, "démarche en simples crochets", "[[demarches]]", "[demarches]", ("liste de tables", "[[demarches]]")),
    (3, "adresse sans https", 'url = "https://', 'url = "http://', ("https",)),
    (3, "adresse du site, pas de l'API", ".gouv.fr/api/v2/graphql", ".gouv.fr", ("/api/v2/graphql",)),
    (4, "jeton en clair", '{ variable = "DS_JETON" }', '"c2VjcmV0LXRyZXMtc2VjcmV0"', ("ne s’écrit pas", "variable")),
    (4, "jeton à deux endroits", '"DS_JETON" }', '"DS_JETON", fichier = "jeton" }', ("un seul endroit",)),
    (7, "variable absente dans un chemin", '"connector.sqlite"', '"$RIEN/base"', ("RIEN", "n’est pas définie")),
    (6, "fichier de certificats absent", "[base]", 'ca = "absent.pem"\n[base]', ("n’existe pas", "absent.pem")),
    (47, "région inconnue", 'region = "24"', 'region = "99"', ("code INSEE", "« 24 »")),
    (46, "promotion mal écrite", '"2023-2025"', '"2023"', ("« 2023-2025 »",)),
    (45, "quota sans nombre", "valeur = 6\n", "", ("valeur", "sans_objet = true")),
    (36, "type de champ inconnu", '"Spécialité", type = "choix"', '"Spécialité", type = "liste"', ("« choix »",)),
    (43, "annotation inconnue", 'synthese = "Synthèse"', 'sintese = "Synthèse"', ("« synthese » ?",)),
    (
        61,
        "type de règle inconnu",
        '"nombre_entre"',
        '"nombre_entres"',
        ("regles n° 2", "« part »", "« nombre_entre » ?"),
    ),
    (
        64,
        "champ inconnu dans une règle",
        'champ = "quotite"',
        'champ = "quotité"',
        ("regles n° 2", "« part »", "« quotite » ?"),
    ),
    (
        57,
        "pièce demandée à un champ",
        'champ = "cv"',
        'champ = "quotite"',
        ("« piece_cv »", "de type « entier »", "piece"),
    ),
    (
        67,
        "condition sur un champ inconnu",
        "si = { specialite",
        "si = { specialites",
        ("si.specialites", "« specialite » ?"),
    ),
    (66, "source inconnue", '"cahier § 3"', '"caher § 3"', ("« caher »", "« cahier » ?")),
    (
        65,
        "bornes inversées",
        "minimum = 50",
        "minimum = 50\nmaximum = 20",
        ("« part »", "le minimum dépasse le maximum"),
    ),
    (
        62,
        "deux règles du même nom",
        'cle = "part"',
        'cle = "piece_cv"',
        ("« piece_cv »", "une autre règle", "autre nom"),
    ),
    (21, "texte vide", 'signature = "L\'ARS"', 'signature = ""', ("ne peut pas être vide",)),
]


def problemes(tmp_path, contenu):
    chemin = tmp_path / "config.toml"
    chemin.write_bytes(contenu if isinstance(contenu, bytes) else contenu.encode())
    with pytest.raises(ConfigError) as refus:
        load(chemin, {})
    assert SECRET not in str(refus.value)
    return refus.value


def test_the_configuration_that_is_broken_below_is_good(tmp_path):
    chemin = tmp_path / "config.toml"
    chemin.write_text(BONNE, encoding="utf-8")
    assert load(chemin, {}).remarques == ()


@pytest.mark.parametrize(
    ("ligne", "avant", "apres", "mots"), [(c[0], *c[2:]) for c in CASSEES], ids=[c[1] for c in CASSEES]
)
def test_a_broken_configuration_is_told_once_with_its_line_the_problem_and_the_remedy(
    tmp_path, ligne, avant, apres, mots
):
    assert avant in BONNE
    (probleme,) = problemes(tmp_path, BONNE.replace(avant, apres, 1)).problems
    dit = str(probleme)
    assert probleme.line == ligne
    assert dit.startswith((f"ligne {ligne}, ", f"ligne {ligne} : ") if ligne else "demarches : ")
    for mot in mots:
        assert mot in dit


def test_there_are_at_least_twenty_five_of_them():
    assert len({c[1] for c in CASSEES}) == len(CASSEES) >= 25


# ── what the text of the file cannot show


def test_a_file_that_is_not_utf_8_is_told_with_the_line_of_the_first_wrong_letter(tmp_path):
    (probleme,) = problemes(tmp_path, BONNE.encode("cp1252")).problems
    assert str(probleme) == (
        "ligne 26 : ce fichier n’est pas enregistré en UTF-8 : enregistrez-le de nouveau, encodage « UTF-8 »"
    )


def test_a_file_that_is_not_there_names_the_command_that_writes_one(tmp_path):
    with pytest.raises(ConfigError, match="« connector init » en écrit un, ou nommez le vôtre : --config FICHIER"):
        load(tmp_path / "config.toml", {})


def test_a_file_that_cannot_be_read_is_said(tmp_path):
    with pytest.raises(ConfigError, match=r"lecture impossible .* le droit de le lire"):
        load(tmp_path, {})


def test_mode_agir_that_allows_nothing_is_a_remark_with_its_line(tmp_path):
    agir = 'mode = "agir"\ninstructeur = "a@exemple.fr"\nmise_en_service = 2026-12-01'
    chemin = tmp_path / "config.toml"
    chemin.write_text(BONNE.replace('mode = "observer"', agir), encoding="utf-8")
    (remarque,) = load(chemin, {}).remarques
    assert str(remarque).startswith("ligne 10, envoi.mode : en mode « agir », rien de plus que « annoter » ne part")
    assert "corrections = true" in str(remarque)
    chemin.write_text(BONNE.replace('mode = "observer"', agir).replace("= false", "= true"), encoding="utf-8")
    assert load(chemin, {}).remarques == ()


def test_apostrophes_and_accents_of_labels_do_not_count(tmp_path):
    chemin = tmp_path / "config.toml"
    chemin.write_text(BONNE.replace("L'ARS", "L’ARS"), encoding="utf-8")
    assert load(chemin, {}).messages.signature == "L’ARS"


def test_several_mistakes_are_told_together_in_the_order_of_the_file_ranks_counted_from_one(tmp_path):
    casse = BONNE.replace("periode_minutes = 10", "periode_minutes = 0").replace('"quotite"', '"cote"')
    dit = str(problemes(tmp_path, casse))
    assert "2 problèmes\n  - ligne 18, daemon.periode_minutes : " in dit
    assert "\n  - ligne 64, regles n° 2, champ : règle « part » : " in dit
