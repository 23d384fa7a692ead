from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from connector import reglement
from connector.config import load
from connector.core.campagne import Campagne
from connector.core.chiffrage import Parametres
from connector.core.constat import Source
from connector.core.notice import en_clair, options, parametres
from connector.core.quota import CleQuota, Nature, Quota, StatutQuota
from connector.core.regles import Condition, Duree, NombreEntre, Quotite, SiVide, SpecialiteExclue

COMMUN = {"cle": "r", "libelle": "r", "sources": (Source(texte="Cahier", opposable=True),)}
EXEMPLE = Path(__file__).parents[3] / "config.example.toml"


def plain(lignes):
    return [ligne.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'") for ligne in lignes]


def test_the_options_of_a_rule_are_told_and_not_what_every_rule_has():
    assert plain(options(Duree(**COMMUN))) == ["Réglages : mois_admis = 12 et 24"]
    (texte,) = plain(options(Quotite(**COMMUN)))
    assert "champ = « quotite_ambulatoire »" in texte
    assert "minimum = 50, stricte = non" in texte
    assert "libelle" not in texte
    assert "orientation" not in options(SpecialiteExclue(**COMMUN, exclues=("A", "B")))[0]


def test_when_a_rule_applies_is_told():
    si = (
        Condition(champ="categorie", parmi=("I", "II")),
        Condition(champ="type", sauf=("Report",), renseigne=True),
        Condition(champ="quotite", plus_de=Decimal(1), moins_de=Decimal("50.5")),
        Condition(champ="chu", renseigne=False),
    )
    assert plain(options(NombreEntre(**COMMUN, champ="x", minimum=Decimal(0), si=si)))[1] == (
        "S'applique si « categorie » est « I » ou « II » ; « type » n'est pas « Report » et est renseigné ; "
        "« quotite » est inférieur à 50,5 et est supérieur à 1 ; « chu » n'est pas renseigné"
    )


def test_a_value_is_told_as_a_reader_says_it():
    assert en_clair(SiVide.A_VERIFIER) == "à vérifier"
    assert en_clair(valeur=True) == "oui"
    assert en_clair(date(2024, 5, 1)) == "01/05/2024"
    assert en_clair(None) == ""
    assert en_clair(()) == ""


def test_the_parameters_of_the_example_are_told_with_their_sources():
    demarche = load(EXEMPLE, {}).demarches[0]
    texte = "\n".join(plain(parametres(demarche.campagne, demarche.parametres)))
    assert "Campagne : aucune date saisie." in texte
    assert "1 demi-journée, 250 € ; plus de 1 à 3 demi-journées, 450 €" in texte
    assert "Salaire mensuel brut du 01/07/2022 au 30/06/2023 : 3 772,16 €. Source : Cahier des charges" in texte
    assert "Charges patronales : aucun taux saisi, montants bruts." in texte
    assert "Part de l'ARS sur le salaire : 100 %" in texte
    assert "après un report, toute la durée est financée" in texte
    assert "Quotas nationaux : Note d'information n° DGOS/RH1/2023/115" in texte
    assert "Quota régional (promotion 2023-2025, région 24, catégorie II) : 6, définitif." in texte
    assert "mode « informatif »" in texte


def test_what_is_not_calculated_is_told_too():
    campagne = Campagne(ouverture=date(2026, 12, 1), notification_le=date(2027, 6, 1))
    fermee = Quota(
        cle=CleQuota(promotion="2025-2027", region="24", categorie="I"),
        valeur=None,
        nature=Nature.REGIONAL,
        statut=StatutQuota.PROVISOIRE,
        source=Source(texte="ARS", opposable=False),
        date_effet=date(2025, 1, 1),
    )
    quota = "Quota régional (promotion 2025-2027, région 24, catégorie I) : sans objet, provisoire."
    assert plain(parametres(campagne, Parametres(quotas=(fermee,)))) == [
        "Campagne : ouverture le 01/12/2026, réponse le 01/06/2027.",
        "Prime d'exercice territorial : non calculée.",
        "Coût pour l'ARS : non calculé.",
        f"{quota} Source : ARS (non opposable).",
    ]


def test_the_page_of_the_rules_in_force_ends_with_the_parameters():
    settings = load(EXEMPLE, {})
    page = reglement.regles_en_vigueur(settings, settings.demarches[0]).replace("\u00a0", " ")
    assert f"version {settings.version_regles}" in page
    assert "Réglages : mois_admis = 12 et 24" in page
    assert page.count("\nParamètres\n") == 1
    assert "contenu des pièces\n" not in page
    relues = replace(settings, pieces=settings.pieces.model_copy(update={"relire": True}))
    assert "contenu des pièces\n" in reglement.regles_en_vigueur(relues, settings.demarches[0])
    assert page.count("Exemple (") == 3 * len(settings.demarches[0].regles)
