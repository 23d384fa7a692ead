"""The figures of the recorded dossiers, answers of a real server: the ones an expert expects, told so that one decides.

`pytest -s tests/contract/test_figures.py` prints the table of what an instructor reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

from connector.core.chiffrage import Chiffrage, Parametres, chiffrer
from connector.core.constat import Source
from connector.core.cout import BaremeSalaire, FinApresReport, Lecture, ParametresCout, Taux
from connector.core.evaluation import Historique, Proposition
from connector.core.pet import BaremePet, Derogation, PalierPet, ParametresPet
from connector.core.poste import Attribution, Categorie, Poste, Quotites, ouvre
from connector.core.projet import Projet, Vocabulaire, projet
from connector.core.quota import (
    CleQuota,
    Compteurs,
    ModeQuota,
    Nature,
    ParametresQuota,
    Quota,
    QuotaEffectif,
    StatutQuota,
    TypeDemande,
    compte,
)
from connector.core.referentiels import Precision, Quartier, Referentiel, Version, Zone, ZoneCommune, point_of
from connector.core.regles import evaluer
from connector.core.regles.proposition import LONGUEUR
from connector.core.situation import Situation, SituationLieu
from connector.core.synthese import conclure
from connector.core.textes import normaliser
from connector.geo import QuartiersIndex, distance_km
from tests.contract.test_example_config import (
    CONTEXTE,
    DS,
    attendus,
    candidature,
    dossiers,
    enregistrements,
    numero,
    regles,
    resolution,
)

D = Decimal
ARRETE, EFFET = "zonage non officiel de 2025", date(2023, 1, 1)
CAHIER = Source(texte="Cahier des charges, § 3", opposable=True)
PARAMETRES = Parametres(
    pet=ParametresPet(
        baremes=(
            BaremePet(
                date_effet=date(2022, 2, 10),
                source=CAHIER,
                paliers=(
                    PalierPet(libelle="1", a_partir_de=D(1), jusqu_a=D(1), montant=D(250)),
                    PalierPet(libelle="1 à 3", plus_de=D(1), jusqu_a=D(3), montant=D(450)),
                    PalierPet(libelle="3 à 4", plus_de=D(3), jusqu_a=D(4), montant=D(700)),
                    PalierPet(libelle="4 sur 2", a_partir_de=D(4), jusqu_a=D(4), lieux_minimum=2, montant=D(1000)),
                    PalierPet(libelle="plus de 4", plus_de=D(4), montant=D(1000)),
                ),
            ),
        ),
        seuil_km=D(20),
        bande_km=D(5),
        sinuosite=D("1.3"),
        categories=frozenset(Categorie),
        categories_en_alternance=frozenset({Categorie.III}),
        service_hebdomadaire=D(10),
    ),
    cout=ParametresCout(
        baremes=(
            BaremeSalaire(
                date_effet=date(2022, 7, 1),
                valable_jusqu_au=date(2025, 12, 31),
                annee_de=1,
                annee_a=2,
                base_mensuelle=D("2762.16"),
                indemnite_mensuelle=D(1010),
                source=CAHIER,
            ),
        ),
        lecture=Lecture.PART_HOSPITALIERE,
        part_salaire=Taux(nom="cout.part_salaire", valeur=D(100), source=CAHIER),
        part_pet=Taux(nom="cout.part_pet", valeur=D(100), source=CAHIER),
        charges=None,
        charges_sur_pet=False,
        fin_apres_report=FinApresReport.DECALEE,
    ),
    quota=ParametresQuota(mode=ModeQuota.INFORMATIF, poids_un_an=D(1)),
)
MOTS = Vocabulaire(
    categories={
        normaliser("Entre établissements de santé"): Categorie.I,
        normaliser("Entre structure ambulatoire et établissement de santé"): Categorie.II,
        normaliser("Exercice en Outre-mer"): Categorie.III,
    },
    demandes={normaliser(t.value): t for t in TypeDemande},
    durees={"1 an": 12, "2 ans": 24},
    derogations={normaliser(d.value): d for d in Derogation},
)
CLE = CleQuota(promotion="2023-2025", region="24", categorie=Categorie.II)


@cache
def quartiers() -> QuartiersIndex:
    trace = json.loads((DS / "attendus_ars.json").read_text(encoding="utf-8"))["qpv_de_test"]
    return QuartiersIndex(
        [Quartier(code="QN99901N", nom="Essai", geometrie=json.dumps(trace["geometry"]), communes=("37261",))]
    )


@cache
def zones() -> dict[str, Zone]:
    brut = json.loads((DS / "attendus_ars.json").read_text(encoding="utf-8"))["zones"]
    return {commune: Zone[classe.partition(" ")[0]] for commune, classe in brut.items()}


@cache
def compteurs() -> Compteurs:
    """Six posts granted out of six, four of them in the national annex."""
    regional, national = (
        Quota(
            cle=CLE,
            valeur=valeur,
            nature=nature,
            statut=StatutQuota.DEFINITIF,
            source=CAHIER,
            date_effet=date(2023, 7, 7),
        )
        for valeur, nature in ((6, Nature.REGIONAL), (4, Nature.NATIONAL))
    )
    accordes = [nom for nom in attendus() if nom.startswith(("C01_accepte", "E1_accorde"))]
    postes = [un_poste(numero(nom)) for nom in accordes]
    effectif = QuotaEffectif(cle=CLE, retenu=regional, national=national)
    return compte(effectif, postes, (), PARAMETRES.quota)


def un_poste(dossier: int) -> Poste:
    return ouvre(
        Attribution(
            dossier=dossier,
            accepte_le=date(2023, 8, 1),
            promotion="2023-2025",
            categorie=Categorie.II,
            region="24",
            etablissement="A",
            quotites=Quotites(hospitaliere=D(50), ambulatoire=D(50)),
            debut=date(2023, 11, 1),
            duree_mois=24,
            cout=None,
        )
    )


def situation(p: Projet) -> Situation:
    version = Version(
        referentiel=Referentiel.ZONAGE,
        arrete=ARRETE,
        date_effet=EFFET,
        importe_le=datetime(2023, 1, 2, tzinfo=UTC),
        lignes=len(zones()),
    )
    return Situation(
        lieux=tuple(situe(p, lieu) for lieu in p.lieux),
        versions=(version,),
        compteurs=compteurs() if p.promotion == "2023-2025" and p.categorie is Categorie.II else None,
    )


def situe(p: Projet, lieu) -> SituationLieu:
    ici, la = (point_of(a) if a else None for a in (p.adresse, lieu.adresse))
    code = lieu.code_commune
    classe = zones().get(code)
    return SituationLieu(
        rang=lieu.rang,
        commune=code,
        region=lieu.adresse.region_code if lieu.adresse else None,
        zone=classe and ZoneCommune(code_insee=code, zone=classe, tvs="", arrete=ARRETE, date_effet=EFFET),
        quartier=quartiers().appartenance(la, code or ""),
        distance_km=distance_km(ici, la) if ici and la else None,
        precision=la.precision if la else Precision.INCONNUE,
    )


def chiffre(nom: str) -> Chiffrage:
    p = projet(candidature(nom), MOTS)
    return chiffrer(p, situation(p), PARAMETRES, aujourd_hui=CONTEXTE.aujourd_hui)


def proposition(nom: str) -> Proposition:
    lue = candidature(nom)
    p = projet(lue, MOTS)
    return conclure(
        evaluer(regles(), lue, replace(CONTEXTE, projet=p, situation=situation(p))),
        dossier=dossiers()[numero(nom)],
        candidature=lue,
        chiffrage=chiffre(nom),
        resolution=resolution(),
        historique=Historique(),
    )


def juges() -> Iterator[str]:
    return (nom for nom, cas in attendus().items() if "avis" in (cas["attendu"] or {}))


@enregistrements
def test_the_prime_of_every_reference_dossier_is_the_one_expected_but_one():
    """X_correction differs: C02, also without its agreement, is expected « À confirmer » as decision 6 says."""
    ecarts, compares = {}, 0
    for nom in juges():
        attendu = attendus()[nom]["attendu"]
        voulu = attendu["pet"] or {"min": None, "max": None, "montant": None}
        prime = chiffre(nom).prime
        obtenu = (prime.minimum, prime.maximum, prime.montant, prime.statut)
        compares += 1
        if obtenu != (voulu["min"], voulu["max"], voulu["montant"], attendu["statut_pet"]):
            ecarts[nom] = obtenu
    assert compares == 42
    assert ecarts == {"X_correction": (1000, 1000, 1000, "À confirmer")}


@enregistrements
def test_every_recorded_dossier_has_its_figures_and_none_of_them_is_blank():
    lus = [nom for nom, cas in attendus().items() if cas["number"] in dossiers()]
    assert len(lus) > 42
    for nom in lus:
        assert all(texte.strip() for texte in chiffre(nom).textes().values()), nom


TABLE = ("C01", "C02", "C03", "C04", "C05", "C06", "C07", "C08", "C09", "C10")
EXTRAITS = {
    "C01": ("ZIP (Vierzon 18279", "105,8 km", "1 000 €", "69 265,92 € sur 24 mois (2023"),
    "C02": ("ZIP (Romorantin-Lanthenay 41194", "78,9 km", "1 000 €, à confirmer", "prime à confirmer"),
    "C03": ("HZ (Loches 37132", "37,4 km", "1 000 €", "69 265,92 €"),
    "C04": ("QPV Essai QN99901N, commune HZ", "km", "à confirmer, 0 à 1 000 €", "selon la prime"),
    "C05": ("ZIP (Saint-Amand-Montrond 18197", "39,8 km", "700 €", "sur 24 mois"),
    "C06": ("ZIP (Gien 45155 et Pithiviers 45252", "59,1 km", "1 000 €", "sur 24 mois"),
    "C07": ("ZIP (Auneau", "19,9 km", "à confirmer, 0 à 1 000 €", "selon la prime"),
    "C08": ("ZAC (Château-Renault 37063", "26,9 km", "1 000 €", "69 265,92 €"),
    "C09": ("sans objet en catégorie I", "50,1 km", "450 €", "sur 24 mois"),
    "C10": ("sans objet en catégorie III", "km", "à confirmer : alternance", "prime à confirmer"),
}


def plat(texte: str) -> str:
    return texte.replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'")


@enregistrements
def test_the_ten_cases_of_the_acceptance_set_read_as_they_should():
    for nom in TABLE:
        textes = {cle: plat(texte) for cle, texte in chiffre(nom).textes().items()}
        lus = (textes["zone"], textes["distance"], textes["pet_montant"], textes["cout"])
        for lu, extrait in zip(lus, EXTRAITS[nom], strict=True):
            assert extrait in lu, (nom, lu)


def ecran(nom: str, p: Proposition, c: Chiffrage) -> Iterator[str]:
    """What an instructor sees of one dossier."""
    yield f"\n{nom:<24} {plat(p.synthese)}"
    for cle in ("zone", "distance", "pet_montant", "cout", "quota"):
        yield f"{'':<26}{cle:<12} {plat(c.textes()[cle])}"
    for point in p.points:
        yield f"{'':<26}•            {plat(point)}"


@enregistrements
def test_a_synthesis_begins_with_the_avis_names_the_prime_and_is_short():
    for nom in juges():
        p, c = proposition(nom), chiffre(nom)
        print(*ecran(nom, p, c), sep="\n")  # noqa: T201 - the table is for a human reader
        assert p.synthese.startswith(p.avis.value.replace("'", "’").upper())
        assert c.complements[0] in p.synthese
        en_peine = [x for x in p.constats if x.court and x.statut in {"ko", "a_verifier"}]
        assert len(p.synthese) <= LONGUEUR or len(en_peine) > 2, nom


@enregistrements
def test_the_experts_opinions_of_the_recordings_are_dated_only_while_awaited():
    avec = [nom for nom in juges() if dossiers()[numero(nom)].avis]
    for nom in avec:
        attendus_ = any(not a.repondu for a in dossiers()[numero(nom)].avis)
        assert ("attendu depuis le" in proposition(nom).synthese) is attendus_


@enregistrements
def test_labels_say_what_kind_of_dossier_it_is():
    assert chiffre("C03").labels == ()
    assert chiffre("X_annotations_humaines").labels == ()
    assert "derogation_pet" in chiffre("X_usmp").labels
    assert "remplacement" in chiffre("X_lien_inconnu").labels
