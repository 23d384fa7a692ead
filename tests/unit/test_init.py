"""The file that « connector init » writes, and writes again: it works at once, and what people wrote stays."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from connector.amorce import dialogue
from connector.amorce.besoins import besoins
from connector.amorce.commande import amorcer, instructeur
from connector.amorce.demande import Options, demander
from connector.amorce.depart import Commande
from connector.config import load
from connector.config.sections import URL_DS
from connector.core.correspondance import Resolution, resolve
from connector.core.model import ChampDescriptor, Demarche, Groupe, Label, Profil, Revision
from connector.core.politique import Mode
from connector.errors import ConfigError, OperatorError

RACINE = Path(__file__).parents[2]
EXEMPLE = RACINE / "config.example.toml"
LE = date(2026, 11, 22)
NUMERO = 424_242
DOUTEUX = "pieces.justificatif_qualification"
QUALIFICATION = "Justificatif de qualification (DES ou diplôme et inscription à l'Ordre)"
INTACT: Mapping[str, str | None] = {}


@cache
def voulus():
    correspondance = load(EXEMPLE, {}).demarches[0].correspondance
    return besoins(correspondance, tomllib.loads(EXEMPLE.read_text(encoding="utf-8")))


def descripteurs(ceux_ci, dits, options):
    return tuple(
        ChampDescriptor(
            id=v.cle,
            label=dits.get(v.cle, v.libelle),
            typename=f"{min(v.propres)}ChampDescriptor",
            required=False,
            options=options.get(v.cle, v.options),
            champs=descripteurs(v.dedans, dits, options),
        )
        for v in ceux_ci
        if dits.get(v.cle, v.libelle) is not None
    )


def une_demarche(dits=INTACT, *, options=INTACT, de_plus=(), groupes=()):
    """The reference form, some champs worded otherwise (or absent: None), with other options, or others besides."""
    revision = Revision(
        id="r",
        date_publication=None,
        champs=(*descripteurs(voulus().champs, dits, options), *de_plus),
        annotations=descripteurs(voulus().annotations, dits, options),
    )
    noms = [dits.get(v.cle, v.libelle) for v in voulus().labels]
    return Demarche(
        id="d",
        number=NUMERO,
        title="Postes   partagés",
        state="publiee",
        active=revision,
        revisions=(revision,),
        groupes=groupes,
        labels=tuple(Label(id=nom, name=nom) for nom in noms if nom),
    )


def texte_de(id_, label, nature="Text"):
    return ChampDescriptor(id=id_, label=label, typename=f"{nature}ChampDescriptor", required=False)


class Poste:
    """A folder where « connector init » is run."""

    def __init__(self, dossier):
        self.sortie = dossier / "config.toml"

    def init(self, demarche, *, choisir=None, region="24", depuis=None, sortie=None):
        commande = Commande(
            numero=NUMERO,
            url=URL_DS,
            jeton={"variable": "DS_JETON"},
            sortie=sortie or self.sortie,
            region=region,
            depuis=depuis,
        )
        return amorcer(commande, demarche, choisir=choisir, environ={}, le=LE)

    @property
    def texte(self):
        return self.sortie.read_text(encoding="utf-8")

    def change(self, avant, apres):
        assert avant in self.texte, avant
        self.sortie.write_text(self.texte.replace(avant, apres, 1), encoding="utf-8")

    def fonctionne(self, demarche):
        """The settings, once they are known to fit the form."""
        settings = load(self.sortie, {})
        assert isinstance(resolve(settings.demarches[0].correspondance, demarche), Resolution)
        return settings

    def lignes(self, *debuts):
        return [ligne for ligne in self.texte.splitlines() if ligne.startswith(debuts)]


@pytest.fixture
def poste(tmp_path):
    return Poste(tmp_path)


def test_what_no_toml_may_hold_is_not_copied_from_the_form(poste):
    demarche = une_demarche({"specialite": "Spécialité\x7f\x08 du poste"})
    poste.init(replace(demarche, title="Postes\x08 \x7fpartagés\u2028 2026"))
    assert "« Postes partagés 2026 »" in poste.texte.splitlines()[0].replace("\u00a0", " ")
    assert tomllib.loads(poste.texte)["demarches"][0]["nom"] == "Postes partagés 2026"


# ── the first time


def test_a_first_file_observes_names_the_demarche_and_works_at_once(poste):
    amorce = poste.init(une_demarche())
    settings = poste.fonctionne(une_demarche())
    assert settings.politique.mode is Mode.OBSERVER
    assert settings.instance.jeton.variable == "DS_JETON"
    assert (settings.demarches[0].numero, settings.demarches[0].nom) == (NUMERO, "Postes partagés")
    assert settings.demarches[0].regles == load(EXEMPLE, {}).demarches[0].regles
    assert all(r.offert and r.confiance == 1 for r in amorce.reponses)
    assert (amorce.ecartees, amorce.restants, amorce.a_creer, amorce.change) == ((), (), (), True)


def test_an_exact_label_leaves_the_examples_line_as_it_was(poste):
    poste.init(une_demarche())
    ecrites = set(poste.texte.splitlines()) - set(EXEMPLE.read_text(encoding="utf-8").splitlines())
    assert [ligne for ligne in ecrites if "libelle" in ligne] == []


def test_a_label_worded_otherwise_is_written_with_its_confidence(poste):
    forme = une_demarche({"pieces.cv": "CV du candidat", "champs.nom": "Candidat : patronyme"})
    poste.init(forme)
    assert poste.lignes("cv = ") == ['cv = "CV du candidat" # rapproché à 97 % par « connector init »']
    poste.fonctionne(forme)


def test_a_doubtful_champ_is_a_comment_and_the_rules_that_need_it_wait(poste):
    forme = une_demarche({DOUTEUX: "Diplôme ou attestation"})
    amorce = poste.init(forme)
    (ligne,) = poste.lignes("# à confirmer")
    assert ligne.endswith('%) : justificatif_qualification = "Diplôme ou attestation"')
    assert amorce.ecartees == ("piece_qualification",)
    assert poste.lignes("regles_ecartees") == [
        'regles_ecartees = ["piece_qualification"] # « connector init » attend leurs champs'
    ]
    assert "piece_qualification" not in {r.cle for r in poste.fonctionne(forme).demarches[0].regles}


def test_a_champ_that_the_form_has_not_is_a_comment_too(poste):
    forme = une_demarche({"champs.chu": None})
    amorce = poste.init(forme)
    assert poste.lignes("# absent") == [
        '# absent du formulaire : chu = { libelle = "CHU partenaire", type = "texte" }',
    ]
    assert amorce.ecartees == ("chu_partenaire",)
    poste.fonctionne(forme)


def test_a_repetition_that_the_form_has_not_stays_and_may_be_absent(poste):
    forme = une_demarche({"champs.lieux": None})
    poste.init(forme)
    poste.fonctionne(forme)
    assert "facultatif = true # à confirmer" in poste.texte
    avec = une_demarche({"champs.lieux": "Sites d'exercice secondaires"})
    amorce = poste.init(avec)
    assert "facultatif = true # à confirmer" not in poste.texte
    assert [r.voulu.cle for r in amorce.reponses if r.offert][:2] == ["champs.lieux", "champs.lieux.champs.nom"]
    assert poste.fonctionne(avec).demarches[0].correspondance.champs[-9].libelle == "Sites d'exercice secondaires"


def test_what_is_missing_in_ds_is_told_with_its_type_and_its_options(poste):
    forme = une_demarche({"annotations.avis_propose": None, "saisies.note": None, "labels.complet": None})
    amorce = poste.init(forme)
    assert [(c.libelle, c.nature) for c in amorce.a_creer] == [
        ("Avis proposé", "liste"),
        ("Note du projet", "nombre entier"),
        ("Complet", "label"),
    ]
    assert "Liste d'attente" in amorce.a_creer[0].options
    assert poste.lignes("avis_propose") == [
        'avis_propose = { libelle = "Avis proposé", facultatif = true } # à créer dans DS'
    ]
    poste.fonctionne(forme)
    dit = "\n".join(dialogue.lignes(amorce, "config.toml"))
    assert "« Avis proposé », liste (Favorable, " in dit
    assert "« Note du projet », nombre entier, à remplir par vos agents" in dit


def test_a_list_that_lacks_options_is_to_be_completed(poste):
    forme = une_demarche(options={"annotations.pet_statut": ("Due", "Non due", "Sans objet")})
    amorce = poste.init(forme)
    dit = "\n".join(dialogue.lignes(amorce, "config.toml"))
    assert "ou complétez « Statut de la prime », à qui il manque « À confirmer »" in dit
    poste.fonctionne(forme)


def test_a_champ_of_another_type_is_told(poste):
    autre = texte_de("x", "Curriculum vitae du candidat", "Text")
    amorce = poste.init(une_demarche({"pieces.cv": None}, de_plus=(autre,)))
    dit = "\n".join(dialogue.lignes(amorce, "config.toml"))
    assert "« Curriculum vitae du candidat » est d’un type que le connecteur ne peut pas lire ici (texte)" in dit
    amorce = Poste(poste.sortie.parent / "b").init(une_demarche({"saisies.note": None}, options={}))
    autre = replace(une_demarche({"saisies.note": None}))
    autre = replace(
        autre,
        active=replace(autre.active, annotations=(*autre.active.annotations, texte_de("n", "Note du projet", "Email"))),
    )
    dit = "\n".join(dialogue.lignes(Poste(poste.sortie.parent / "c").init(autre), "config.toml"))
    assert "« Note du projet » existe, mais d’un autre type (courriel)" in dit
    assert amorce.a_creer[0].empeche is None


def test_two_champs_of_one_label_are_told_apart_by_their_id(poste):
    forme = une_demarche(de_plus=(texte_de("jumeau", "Nom du candidat"),))
    amorce = poste.init(forme, choisir=lambda _voulu, candidats: candidats[1].offert)
    assert poste.lignes("nom = { id") == [
        'nom = { id = "jumeau", libelle = "Nom du candidat", type = "texte" } # choisi avec « connector init »'
    ]
    assert [r.voulu.cle for r in amorce.reponses if r.humaine] == ["champs.nom"]
    poste.fonctionne(forme)


def test_the_forms_own_words_are_written_wherever_the_configuration_names_them(poste):
    categories = ("Entre hôpitaux", "Entre structure ambulatoire et hôpital", "Exercice en outre mer")
    forme = une_demarche(options={"champs.categorie": categories, "champs.duree": ("1 an", "2 ans", "6 mois")})
    amorce = poste.init(forme)
    settings = poste.fonctionne(forme)
    mots = tomllib.loads(poste.texte)["vocabulaire"]["categories"]
    assert mots["Entre structure ambulatoire et hôpital"] == "II"
    exclue = next(r for r in settings.demarches[0].regles if r.cle == "specialite_exclue")
    assert exclue.si[0].parmi == ("Entre structure ambulatoire et hôpital",)
    categorie = next(r for r in settings.demarches[0].regles if r.cle == "categorie")
    assert categorie.acceptees[1] == "Entre structure ambulatoire et hôpital"
    assert {t.champ: t.inconnues for t in amorce.traductions if t.inconnues} == {
        "categorie": ("Entre hôpitaux",),
        "duree": ("6 mois",),
    }
    assert "« 6 mois »" in "\n".join(dialogue.lignes(amorce, "config.toml"))


def test_a_rule_whose_condition_no_answer_can_meet_waits(poste):
    forme = une_demarche(options={"champs.type_demande": ("Première demande", "Renouvellement")})
    amorce = poste.init(forme)
    assert {"piece_desistement", "remplacement", "report"} <= set(amorce.ecartees)
    poste.fonctionne(forme)


@pytest.mark.parametrize(("region", "signe"), [("11", "L’ARS Île-de-France"), ("", "L’agence régionale de santé")])
def test_another_region_has_its_own_code_and_none_is_guessed(poste, region, signe):
    amorce = poste.init(une_demarche(), region=region)
    settings = poste.fonctionne(une_demarche())
    assert settings.messages.signature == signe
    cahiers = {r.source for r in settings.demarches[0].regles if r.source.texte.startswith("Cahier")}
    assert all("à renseigner" in c.texte and "Centre-Val" not in c.texte for c in cahiers)
    assert [c for c in cahiers if c.opposable and "Code de la santé" not in c.texte] == []
    territoire = [r.region for r in settings.demarches[0].regles if r.cle == "territoire"]
    assert territoire == ([region] if region else [])
    assert amorce.ecartees == (() if region else ("territoire",))


def test_a_region_given_later_brings_its_rule_back(poste):
    amorce = poste.init(une_demarche(), region="")
    assert "--region" in "\n".join(dialogue.lignes(amorce, "config.toml"))
    assert poste.init(une_demarche(), region="").ecartees == ("territoire",)
    poste.init(une_demarche(), region="93")
    regles = {r.cle: r for r in poste.fonctionne(une_demarche()).demarches[0].regles}
    assert regles["territoire"].region == "93"
    assert "regles_ecartees = " not in "\n".join(poste.lignes("regles"))


def test_an_entry_without_a_line_of_its_own_has_its_label_changed_in_place(poste):
    poste.init(une_demarche())
    debut = poste.texte.index("[correspondance.champs.lieux.champs]")
    fin = poste.texte.index("# Les pièces.")
    poste.change(poste.texte[debut:fin], 'champs = { commune = { libelle = "Commune", type = "commune" } }\n\n')
    poste.change('libelle = "Lieux d\'exercice hors site principal"', 'libelle = "Lieux"')
    forme = une_demarche()
    choisis = []
    with pytest.raises(ConfigError):
        poste.init(forme)
    regles = ", ".join(f'"{cle}"' for cle in AUTOUR_DES_LIEUX)
    poste.change(f"numero = {NUMERO}", f"numero = {NUMERO}\nregles_ecartees = [{regles}]")
    poste.init(forme, choisir=lambda voulu, candidats: choisis.append(voulu.cle) or candidats[0].offert)
    assert choisis == ["champs.lieux", "champs.lieux.champs.commune"]
    assert 'commune = { libelle = "Commune de la structure", type = "commune" } }' in poste.texte
    assert 'libelle = "Lieux d\'exercice hors site principal"' in poste.texte


AUTOUR_DES_LIEUX = ("type_structure", "etablissements_distincts", "demi_journees", "distance_plausible")


# ── again


DOUTES = {DOUTEUX: "Diplôme ou attestation", "champs.chu": None, "annotations.zone": None, "labels.report": None}


def test_run_again_it_changes_nothing(poste):
    poste.init(une_demarche(DOUTES))
    avant = poste.texte
    amorce = poste.init(une_demarche(DOUTES))
    assert poste.texte == avant
    assert not amorce.change
    assert sorted(f.name for f in poste.sortie.parent.iterdir()) == ["config.toml"]


def test_run_again_it_keeps_every_human_edit(poste):
    poste.init(une_demarche(DOUTES))
    poste.change("minimum = 50", "minimum = 40 # décision du 3 mars")
    poste.change('courriel = { libelle = "Courriel du candidat", type = "courriel" }\n', "")
    poste.change("periode_minutes = 10", "periode_minutes = 30")
    poste.change('mode = "observer"', 'mode = "annoter"\ninstructeur = "a@b.fr"')
    poste.change('\nregles_ecartees = ["', '\nregles_ecartees = ["delai", "')
    poste.change(
        "# « connector init » attend leurs champs", "# « connector init » attend chu_partenaire, piece_qualification"
    )
    poste.change('region = "24" # Centre-Val de Loire', 'region = "24"')
    avant = poste.texte.splitlines()
    amorce = poste.init(
        une_demarche({"annotations.zone": "Zonage"} | {k: v for k, v in DOUTES.items() if "zone" not in k}), region=""
    )
    apres = poste.texte.splitlines()
    assert [(a, b) for a, b in zip(avant, apres, strict=True) if a != b] == [
        (
            'zone = { libelle = "Zone", facultatif = true } # à créer dans DS',
            'zone = { libelle = "Zonage", facultatif = true } # rapproché à 95 % par « connector init »',
        )
    ]
    assert amorce.ecartees == ("chu_partenaire", "piece_qualification")
    assert (poste.sortie.parent / "config.toml.precedent").read_text(encoding="utf-8").splitlines() == avant


def test_a_line_confirmed_by_hand_brings_its_rule_back(poste):
    forme = une_demarche({DOUTEUX: "Diplôme ou attestation"})
    poste.init(forme)
    (ligne,) = poste.lignes("# à confirmer")
    poste.change(ligne, ligne.partition(" : ")[2])
    assert poste.init(forme).ecartees == ()
    assert 'regles_ecartees = ["piece_qualification"]' not in poste.texte
    assert "piece_qualification" in {r.cle for r in poste.fonctionne(forme).demarches[0].regles}


def test_a_doubt_that_a_human_settles_is_settled(poste):
    forme = une_demarche({DOUTEUX: "Diplôme ou attestation"})
    poste.init(forme)
    poste.init(forme, choisir=lambda _voulu, candidats: candidats[0].offert)
    assert poste.lignes("justificatif_q") == [
        'justificatif_qualification = "Diplôme ou attestation" # choisi avec « connector init »'
    ]
    assert poste.fonctionne(forme)


def test_a_doubt_that_a_human_rejects_is_absent(poste):
    forme = une_demarche({DOUTEUX: "Diplôme ou attestation"})
    amorce = poste.init(forme, choisir=lambda _voulu, _candidats: None)
    assert [r.candidats for r in amorce.reponses if r.offert is None] == [()]
    assert poste.lignes("# absent") == [f'# absent du formulaire : justificatif_qualification = "{QUALIFICATION}"']


def test_a_champ_renamed_since_is_told_with_its_line_and_only_a_human_changes_it(poste):
    poste.init(une_demarche())
    avant = poste.texte
    forme = une_demarche({"champs.specialite": "Discipline"})
    (probleme,) = poste.init(forme).restants
    assert poste.texte == avant
    assert avant.splitlines()[probleme.line - 1].startswith("specialite = ")
    poste.init(forme, choisir=lambda _voulu, _candidats: None)
    assert poste.texte == avant
    poste.init(forme, choisir=lambda _voulu, candidats: candidats[0].offert)
    assert poste.lignes("specialite = ")[0].startswith('specialite = { libelle = "Discipline", type = "choix" }')
    poste.fonctionne(forme)


def test_another_demarches_file_is_not_touched(poste):
    poste.init(une_demarche())
    poste.change(f"numero = {NUMERO}", "numero = 1")
    avant = poste.texte
    with pytest.raises(OperatorError, match="autre démarche") as refus:
        poste.init(une_demarche())
    assert "--depuis" in refus.value.hint
    assert poste.texte == avant


def test_a_file_with_mistakes_is_refused_before_anything_is_written(poste):
    poste.init(une_demarche())
    poste.change("periode_minutes = 10", "periode_minutes = dix")
    with pytest.raises(ConfigError):
        poste.init(une_demarche())


# ── the next campaign


@pytest.fixture
def ancienne(tmp_path):
    chemin = tmp_path / "2026" / "config.toml"
    texte = EXEMPLE.read_text(encoding="utf-8").replace("minimum = 50", "minimum = 45")
    texte = texte.replace(
        'nom = "Candidature aux',
        '\n[demarches.campagne]\ncloture = 2026-03-31\n[[demarches]]\nnumero = 2\nnom = "Candidature aux',
    )
    texte = texte.replace("numero = 123456\n", 'numero = 123456\nnom = "Avant"\n').replace("# modeles =", "modeles =")
    texte = texte.replace('regles_ecartees = ["type', 'x = ["type')
    chemin.parent.mkdir()
    (chemin.parent / "modeles").mkdir()
    chemin.write_text(texte + "\n[campagne]\nouverture = 2026-01-01\n", encoding="utf-8")
    return chemin


def test_the_next_campaign_takes_mapping_rules_and_messages_and_tells_what_differs(poste, ancienne):
    forme = une_demarche(
        {"pieces.cv": "CV du médecin", "champs.chu": None}, options={"champs.duree": ("1 an", "2 ans", "3 ans")}
    )
    amorce = poste.init(forme, depuis=ancienne)
    settings = poste.fonctionne(forme)
    assert [d.numero for d in settings.demarches] == [NUMERO]
    assert next(r for r in settings.demarches[0].regles if r.cle == "quotite").minimum == 45
    assert settings.demarches[0].campagne is not None
    assert settings.demarches[0].campagne.ouverture is None
    assert poste.lignes("# à mettre à jour") == ["# à mettre à jour : ouverture = 2026-01-01"]
    assert settings.base.chemin == ancienne.parent / "connector.sqlite"
    assert settings.messages.modeles == ancienne.parent / "modeles"
    assert settings.politique.mode is Mode.OBSERVER
    assert amorce.differences == (
        "champs.chu : « CHU partenaire » n’est plus dans le formulaire",
        "pieces.cv : « Curriculum vitae du candidat » s’appelle maintenant « CV du médecin »",
        "duree : l’option « 3 ans » est nouvelle",
    )


def test_the_next_campaign_needs_a_configuration_that_can_be_read(poste, ancienne):
    ancienne.write_text("a = ", encoding="utf-8")
    with pytest.raises(ConfigError):
        poste.init(une_demarche(), depuis=ancienne)


# ── in whose name


def groupe(nom, *mails, closed=False):
    return Groupe(id=nom, number=1, label=nom, closed=closed, instructeurs=tuple(Profil(id=m, email=m) for m in mails))


@pytest.mark.parametrize(
    ("groupes", "attendu"),
    [
        (
            (groupe("A", "a@ars.fr", "connecteur@ars.fr"), groupe("B", "connecteur@ars.fr")),
            ("connecteur@ars.fr", True, []),
        ),
        ((groupe("A", "connecteur@ars.fr"), groupe("B", "b@ars.fr")), ("connecteur@ars.fr", True, ["B"])),
        ((groupe("A", "a@ars.fr"), groupe("B", "a@ars.fr", "b@ars.fr")), ("a@ars.fr", False, [])),
        ((groupe("A", "a@ars.fr"), groupe("B", closed=True)), ("a@ars.fr", False, [])),
        ((groupe("A", "a@ars.fr"), groupe("B", "b@ars.fr")), None),
        ((), None),
    ],
)
def test_the_technical_instructeur_is_recognised_and_the_groups_that_lack_it_are_named(groupes, attendu):
    trouve = instructeur(une_demarche(groupes=groupes))
    if attendu is None:
        assert trouve is None
    else:
        assert (trouve.courriel, trouve.sur, [g for g, dedans in trouve.groupes.items() if not dedans]) == attendu


def test_an_instructeur_is_written_when_sure_and_a_comment_otherwise(poste):
    amorce = poste.init(une_demarche(groupes=(groupe("Nord", "a@ars.fr"),)))
    assert poste.lignes("# à confirmer") == ['# à confirmer (40 %) : instructeur = "a@ars.fr"']
    assert "à confirmer, membre de chaque groupe" not in "\n".join(dialogue.lignes(amorce, "config.toml"))
    technique = groupe("Nord", "connecteur@ars.fr"), groupe("Sud", "b@ars.fr")
    amorce = poste.init(une_demarche(groupes=technique))
    assert load(poste.sortie, {}).politique.instructeur == "connecteur@ars.fr"
    assert "à ajouter au groupe « Sud »" in "\n".join(dialogue.lignes(amorce, "config.toml"))
    avant = poste.texte
    poste.init(une_demarche(groupes=(groupe("Nord", "robot@ars.fr"),)))
    assert poste.texte == avant


# ── what is said


def test_every_guess_is_told_with_its_confidence():
    assert [dialogue.pourcent(c) for c in (1.0, 0.999, 0.5)] == ["100 %", "99 %", "50 %"]


def lu(sortie):
    return sortie.getvalue().replace("\u00a0", " ").replace("\u202f", " ")


def test_the_report_is_told_whole(poste):
    forme = une_demarche(
        {DOUTEUX: "Diplôme ou attestation", "champs.nom": "Candidat : patronyme"},
        de_plus=(texte_de("t", "Téléphone"),),
    )
    sortie = io.StringIO()
    dialogue.raconter(poste.init(forme), "config.toml", sortie)
    dit = lu(sortie)
    assert "champs.nom | Candidat : patronyme | 97 % | \n" in dit
    assert "pieces.justificatif_qualification | Diplôme ou attestation | " in dit
    assert "pieces.justificatif_qualification : « Diplôme ou attestation » ?" in dit
    assert "Champs du formulaire que le connecteur n’utilise pas :\n  - Téléphone" in dit
    assert "elles attendent un champ, ou une réponse, ci-dessus :\n  - piece_qualification" in dit
    sortie = io.StringIO()
    dialogue.raconter(poste.init(forme, choisir=lambda _v, candidats: candidats[0].offert), "config.toml", sortie)
    assert "| choisi par vous" in lu(sortie)
    sortie = io.StringIO()
    dialogue.raconter(poste.init(forme), "config.toml", sortie)
    assert "config.toml : rien n’a changé, rien n’est à compléter." in lu(sortie)


def test_a_question_lists_the_candidates_and_takes_a_number(poste):
    dits = []
    choisir = dialogue.au_clavier(lambda question, dernier: dits.append((question, dernier)) or 1, dits.append)
    poste.init(une_demarche({DOUTEUX: "Diplôme ou attestation"}), choisir=choisir)
    assert dits[0] == f"\nPièce « {QUALIFICATION} » ({DOUTEUX}) : laquelle de ces lignes du formulaire ?"
    assert dits[1].startswith("  1. Diplôme ou attestation (")
    assert dits[2:] == ["  0. aucune", ("Votre réponse", 1)]
    personne = dialogue.au_clavier(lambda _question, _dernier: 0, dits.append)
    assert personne(voulus().champs[0], ()) is None


def test_a_champ_that_resembles_nothing_is_asked_about_the_few_that_are_left(poste):
    dits = []
    choisir = dialogue.au_clavier(lambda _question, _dernier: 1, dits.append)
    forme = une_demarche({"champs.rpps": "Identifiant"})
    assert [r.voulu.cle for r in poste.init(forme, choisir=choisir).reponses if r.humaine] == ["champs.rpps"]
    assert dits[1] == "  1. Identifiant (sans ressemblance)"
    poste.fonctionne(forme)


def test_a_champ_that_resembles_nothing_is_no_question_among_many(poste):
    forme = une_demarche(
        {"champs.rpps": None}, de_plus=tuple(texte_de(mot, mot) for mot in ("Lune", "Mars", "Io", "Pan"))
    )
    amorce = poste.init(forme, choisir=lambda voulu, _candidats: pytest.fail(voulu.cle))
    assert [r.voulu.cle for r in amorce.reponses if r.offert is None] == ["champs.rpps"]


# ── what must be known first


class Repond:
    """Somebody who types those answers."""

    def __init__(self, *textes, ici=True):
        self.textes, self.ici, self.questions = list(textes), ici, []

    def confirmer(self, question):
        self.questions.append(question)
        return self.ici

    def texte(self, question, defaut=""):
        self.questions.append(question)
        return self.textes.pop(0) or defaut


def test_the_first_question_is_whether_this_is_the_daemons_machine(poste):
    clavier = Repond(ici=False)
    with pytest.raises(OperatorError, match="avant tout appel") as refus:
        demander(Options(sortie=poste.sortie), clavier, {})
    assert clavier.questions == ["Êtes-vous sur la machine où tournera le service du connecteur ?"]
    assert "première adresse IP" in refus.value.hint


def test_what_is_not_given_is_asked(poste):
    demande = demander(Options(sortie=poste.sortie), Repond("123456", "", "", "24"), {})
    assert demande.commande == Commande(
        numero=123456, url=URL_DS, jeton={"variable": "DS_JETON"}, sortie=poste.sortie, region="24"
    )
    assert demande.instance.url == URL_DS


def test_nothing_is_asked_when_all_is_given(poste):
    options = Options(sortie=poste.sortie, demarche=5, url="https://ds.exemple.fr/", jeton_env="JETON", region="2X")
    with pytest.raises(OperatorError, match="région inconnue"):
        demander(options, None, {})
    demande = demander(replace(options, region=None), None, {})
    assert demande.commande.url == "https://ds.exemple.fr/api/v2/graphql"
    assert demande.commande.jeton == {"variable": "JETON"}
    assert demande.commande.region == ""
    assert demander(replace(options, region=None, jeton_env=None), None, {}).commande.jeton == {"variable": "DS_JETON"}


def test_a_number_is_needed_and_must_be_one(poste):
    with pytest.raises(OperatorError, match="numéro") as refus:
        demander(Options(sortie=poste.sortie), None, {})
    assert "--demarche" in refus.value.hint
    with pytest.raises(OperatorError, match="« abc » n’est pas"):
        demander(Options(sortie=poste.sortie), Repond("abc"), {})


def test_a_token_typed_instead_of_a_name_is_refused_and_never_shown(poste):
    secret = "MDAwMDAwMDAtMDAwMC00MDAw=="
    for options, clavier in (
        (Options(sortie=poste.sortie, demarche=5, jeton_env=secret), None),
        (Options(sortie=poste.sortie, demarche=5), Repond("", secret)),
    ):
        with pytest.raises(OperatorError) as refus:
            demander(options, clavier, {})
        assert secret not in f"{refus.value}{refus.value.hint}"


def test_a_token_in_a_file_is_named_from_the_configurations_folder(poste, tmp_path):
    jeton = tmp_path / "secrets" / "jeton"
    pres = Options(sortie=poste.sortie, demarche=5, jeton_fichier=jeton)
    assert demander(pres, None, {}).commande.jeton == {"fichier": "secrets/jeton"}
    assert demander(pres, None, {}).instance.jeton.fichier == jeton
    loin = Options(sortie=tmp_path / "a" / "config.toml", demarche=5)
    assert demander(loin, Repond("", str(jeton), "24"), {}).commande.jeton == {"fichier": str(jeton)}
    with pytest.raises(OperatorError, match="un seul endroit"):
        demander(replace(pres, jeton_env="X"), None, {})


def test_an_address_that_cannot_be_one_is_refused(poste):
    with pytest.raises(ConfigError, match="https"):
        demander(Options(sortie=poste.sortie, demarche=5, url="http://ds.exemple.fr"), None, {})


def test_a_file_already_there_says_where_everything_is(poste):
    poste.init(une_demarche())
    poste.change(URL_DS, "https://ds.exemple.fr/api/v2/graphql")
    demande = demander(Options(sortie=poste.sortie), Repond(), {})
    assert demande.commande.numero == NUMERO
    assert demande.instance.url == "https://ds.exemple.fr/api/v2/graphql"
    suivante = Options(sortie=poste.sortie.with_name("suite.toml"), depuis=poste.sortie)
    demande = demander(suivante, Repond("77"), {})
    assert (demande.commande.numero, demande.commande.url) == (77, "https://ds.exemple.fr/api/v2/graphql")
