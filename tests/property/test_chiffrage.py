"""What holds of the figures whatever a form says, whatever the region decided, whatever is on screen."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.core import decide
from connector.core.chiffrage import Parametres, chiffrer
from connector.core.constat import AvisPropose
from connector.core.correspondance import ANNOTATIONS, CibleAnnotation, Resolution
from connector.core.cout import FinApresReport, Lecture, Taux
from connector.core.evaluation import Proposition
from connector.core.model import Adresse, LienDossier, Lieu
from connector.core.pet import Derogation, StatutPet
from connector.core.plan import CleAnnotation
from connector.core.poste import Categorie
from connector.core.projet import LieuProjet, Projet
from connector.core.quota import ModeQuota, ParametresQuota, TypeDemande
from connector.core.referentiels import (
    Appartenance,
    Precision,
    QuartierCite,
    Referentiel,
    StatutQuartier,
    Version,
    Zone,
    ZoneCommune,
)
from connector.core.situation import Situation, SituationLieu
from tests.unit.core.test_chiffrage import COUT, LOIN, MSP, PET, PROJET, SOURCE, compteurs
from tests.unit.core.test_synthese import STATUTS, Ecran, chiffrage

D = Decimal
AUJOURD_HUI = date(2024, 1, 15)
TEXTES = st.none() | st.text(max_size=12)
NOMBRES = (
    st.none() | st.decimals() | st.sampled_from([D(0), D(4), D(20), D(50), D(100), D("1E+999999"), D("1E-999999")])
)
JOURS = st.none() | st.dates()
OUI_NON = st.none() | st.booleans()
COMMUNES = st.none() | st.builds(Lieu, code=st.text(max_size=5), name=st.text(max_size=9))
ADRESSES = st.none() | st.builds(
    Adresse,
    label=st.text(max_size=9),
    type=st.sampled_from(["", "housenumber", "street", "municipality"]),
    city_code=TEXTES,
    city_name=TEXTES,
)
LIEUX = st.builds(
    LieuProjet,
    rang=st.integers(1, 3),
    nom=TEXTES,
    type_structure=TEXTES,
    adresse=ADRESSES,
    commune=COMMUNES,
    demi_journees=NOMBRES,
    distance_route_km=NOMBRES,
)
PROJETS = st.builds(
    Projet,
    dossier=st.integers(1, 9),
    categorie=st.none() | st.sampled_from(Categorie),
    demande=st.none() | st.sampled_from(TypeDemande),
    promotion=TEXTES,
    region=TEXTES,
    adresse=ADRESSES,
    lieux=st.lists(LIEUX, max_size=3).map(tuple),
    specialite=TEXTES,
    quotite_hospitaliere=NOMBRES,
    quotite_ambulatoire=NOMBRES,
    debut=JOURS,
    duree_mois=st.none() | st.integers(-(10**9), 10**9) | st.integers(0, 130),
    derogation_demandee=st.booleans(),
    convention=OUI_NON,
    lien=st.none() | st.builds(LienDossier, number=st.integers(1, 9)),
    debut_reporte=JOURS,
    distance_retenue_km=NOMBRES,
    derogation=st.sampled_from(Derogation),
    specialite_deficitaire=TEXTES,
    motif_report=TEXTES,
)
ZONES = st.builds(
    ZoneCommune,
    code_insee=st.just("18279"),
    zone=st.sampled_from(Zone),
    tvs=st.just(""),
    arrete=st.text(max_size=9),
    date_effet=st.dates(),
)
QUARTIERS = st.builds(
    Appartenance,
    statut=st.sampled_from(StatutQuartier),
    quartiers=st.lists(st.builds(QuartierCite, code=st.text(max_size=4), nom=st.text(max_size=4)), max_size=2).map(
        tuple
    ),
)
SITUES = st.builds(
    SituationLieu,
    rang=st.integers(1, 3),
    commune=TEXTES,
    zone=st.none() | ZONES,
    quartier=st.none() | QUARTIERS,
    distance_km=NOMBRES,
    precision=st.sampled_from(Precision),
)
VERSIONS = st.builds(
    Version,
    referentiel=st.sampled_from(Referentiel),
    arrete=st.text(max_size=9),
    date_effet=st.dates(),
    importe_le=st.just(datetime(2024, 1, 1, tzinfo=UTC)),
    lignes=st.just(1),
)
QUOTAS = st.sampled_from([ParametresQuota(mode=mode, poids_un_an=D(1)) for mode in ModeQuota])
COMPTEURS = st.none() | st.builds(
    compteurs,
    accordes=st.integers(0, 8),
    en_lice=st.lists(st.integers(1, 9), unique=True, max_size=9),
    parametres=QUOTAS,
)
SITUATIONS = st.builds(
    Situation,
    lieux=st.lists(SITUES, max_size=3).map(tuple),
    versions=st.lists(VERSIONS, max_size=2).map(tuple),
    compteurs=COMPTEURS,
)


def taux(valeur: Decimal) -> Taux:
    return Taux(nom="essai", valeur=valeur, source=SOURCE)


POURCENTS = st.decimals(D(0), D(100), places=2).map(taux)
COUTS = st.builds(
    replace,
    st.just(COUT),
    lecture=st.sampled_from(Lecture),
    part_salaire=POURCENTS,
    part_pet=POURCENTS,
    charges=st.none() | POURCENTS,
    charges_sur_pet=st.booleans(),
    fin_apres_report=st.sampled_from(FinApresReport),
)
PARAMETRES = st.builds(
    Parametres,
    pet=st.none() | st.just(PET),
    cout=st.none() | COUTS,
    quota=st.none() | QUOTAS,
    zonees=st.frozensets(st.sampled_from(Categorie)),
)


@given(PROJETS, SITUATIONS, PARAMETRES)
def test_no_candidature_and_no_situation_breaks_the_figures(projet, situation, parametres):
    c = chiffrer(projet, situation, parametres, aujourd_hui=AUJOURD_HUI)
    assert set(c.chiffres) == {"zone", "distance", "quotite", "pet_montant", "pet_statut", "cout", "quota"}
    assert all(texte.strip() for texte in c.textes().values())
    for chiffre in c.chiffres.values():
        assert chiffre.nombre is None or (chiffre.nombre.is_finite() and chiffre.nombre >= 0)


@given(PROJETS, SITUATIONS, PARAMETRES)
def test_a_number_is_written_only_where_its_text_asserts_it(projet, situation, parametres):
    c = chiffrer(projet, situation, parametres, aujourd_hui=AUJOURD_HUI)
    for cle in ("quotite", "pet_montant", "cout"):
        texte, nombre = c.textes()[cle], c.valeurs()[cle]
        doute = texte.startswith(("à confirmer", "non calculé", "barème à renseigner"))
        assert doute is (nombre is None), (texte, nombre)


@given(
    COUTS,
    st.dates(date(2022, 7, 1), date(2028, 12, 31)),
    st.integers(1, 36),
    st.integers(0, 100),
    st.sampled_from([D(1), D(2), D(4), D(5)]),
)
def test_the_years_add_up_to_the_cost_to_the_cent_as_they_are_told(cout, debut, mois, hopital, demi_journees):
    projet = replace(
        PROJET,
        debut=debut,
        duree_mois=mois,
        quotite_hospitaliere=D(hopital),
        quotite_ambulatoire=D(100 - hopital),
        lieux=(replace(MSP, demi_journees=demi_journees),),
    )
    c = chiffrer(projet, Situation(lieux=(LOIN,)), Parametres(pet=PET, cout=cout), aujourd_hui=AUJOURD_HUI)
    if c.cout.sans_bareme_depuis is not None:  # an assistant's third year is on no scale here
        assert c.valeurs()["cout"] is None
        return
    dits = re.findall(r"\d{4}\u00a0: ([\d\u202f]+(?:,\d\d)?)\u00a0€", c.textes()["cout"])
    annees = [D(dit.replace("\u202f", "").replace(",", ".")) for dit in dits]
    assert len(annees) == len(c.cout.par_exercice)
    assert sum(annees) == sum(e.montant for e in c.cout.par_exercice) == c.cout.part_ars == c.valeurs()["cout"]


@given(PROJETS, SITUATIONS, st.decimals(D(0), D(10), places=2), st.decimals(D(0), D(10), places=2))
def test_more_half_days_on_the_same_sites_never_give_a_lower_prime(projet, situation, un, autre):
    if not projet.lieux:
        return
    peu, beaucoup = sorted((un, autre))
    primes = []
    for demi_journees in (peu, beaucoup):
        premier, *reste = projet.lieux
        p = replace(projet, lieux=(replace(premier, demi_journees=demi_journees), *reste))
        primes.append(chiffrer(p, situation, Parametres(pet=PET), aujourd_hui=AUJOURD_HUI).prime)
    moins, plus = primes
    if moins.minimum is not None and plus.minimum is not None:
        assert moins.minimum <= plus.minimum
        assert moins.maximum <= plus.maximum


CLES = ("zone", "quotite", "distance", "pet_montant", "pet_statut", "cout", "quota", "avis_propose", "controle_le")
OPTIONS = {
    "pet_statut": tuple(s.upper() for s in STATUTS),
    "avis_propose": tuple(a.value.replace("'", "’") for a in AvisPropose),
}


def cible(cle: str, type_: CleAnnotation) -> CibleAnnotation:
    options = OPTIONS[cle] if type_ is CleAnnotation.DROP_DOWN_LIST else ()
    return CibleAnnotation(id=cle, libelle=cle, cle=type_, options=options)


RESOLUTIONS = st.fixed_dictionaries({}, optional={cle: st.sampled_from(sorted(ANNOTATIONS[cle])) for cle in CLES}).map(
    lambda types: Resolution(annotations={cle: cible(cle, type_) for cle, type_ in types.items()})
)


@given(PROJETS, SITUATIONS, PARAMETRES, RESOLUTIONS, st.sampled_from(AvisPropose))
def test_what_is_written_always_suits_its_annotation(projet, situation, parametres, resolution, avis):
    c = chiffrer(projet, situation, parametres, aujourd_hui=AUJOURD_HUI)
    proposition = Proposition(avis=avis, synthese="S", points=(), constats=(), labels=c.labels)
    voulues = decide.wanted_values(proposition, resolution, depuis=AUJOURD_HUI, version="1", pieces="", chiffrage=c)
    assert voulues.keys() <= resolution.annotations.keys()
    for cle, valeur in voulues.items():
        match resolution.annotations[cle].cle:
            case CleAnnotation.DROP_DOWN_LIST:
                assert valeur in resolution.annotations[cle].options
            case CleAnnotation.DECIMAL_NUMBER:
                assert isinstance(valeur, Decimal)
                assert valeur.as_tuple().exponent >= -3
            case CleAnnotation.DATE:
                assert type(valeur) is date
            case CleAnnotation.TEXT:
                assert isinstance(valeur, str)
                assert valeur.splitlines() == [valeur]
            case _:
                assert isinstance(valeur, str)


MONTANTS = st.none() | st.sampled_from([D(0), D(450), D(1000), D("69265.92")])


@settings(max_examples=60)
@given(st.lists(st.tuples(MONTANTS, MONTANTS), min_size=1, max_size=6), st.booleans())
def test_no_number_on_screen_ever_passes_for_true_when_nobody_can_assert_it(suite, en_texte):
    """Whatever becomes known and unknown, in any order; each pass leaves nothing to do behind it."""
    ecran = Ecran()
    if en_texte:
        annotations = dict(ecran.resolution.annotations)
        annotations["pet_montant"] = replace(annotations["pet_montant"], cle=CleAnnotation.TEXT)
        ecran = Ecran(resolution=replace(ecran.resolution, annotations=annotations))
    for prime, cout in suite:
        ecran.passe(chiffrage(prime=prime, cout=cout))
        for cle, montant, nom in (("pet_montant", prime, "prime"), ("cout", cout, "coût")):
            if montant is None and isinstance(ecran.montre(cle), Decimal):
                assert nom in ecran.montre("synthese").split("caduc : ")[1]
                assert "n’est plus valable" in ecran.montre("points_a_verifier")
            elif montant is not None:
                assert ecran.montre(cle) in {montant, f"{montant} €"}
        assert ecran.montre("pet_statut") == (StatutPet.A_CONFIRMER if prime is None else StatutPet.DUE)
        if prime is not None and cout is not None:
            assert "caduc" not in ecran.montre("synthese")
