"""What holds of the calculators whatever a form says: amounts, places, working days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connector.core.calendrier import (
    Territoire,
    ajoute_jours_ouvres,
    ajoute_mois,
    est_ouvre,
    jours_ouvres_entre,
    mois_entre,
    paques,
)
from connector.core.cles import code_commune, finess_valide, luhn_valide, rpps_valide
from connector.core.constat import Source
from connector.core.cout import BaremeSalaire, DemandeCout, FinApresReport, Lecture, ParametresCout, Taux, chiffre
from connector.core.pet import (
    BaremePet,
    Convention,
    DemandePet,
    Derogation,
    PalierPet,
    ParametresPet,
    Prime,
    SiteExercice,
    StatutDistance,
    StatutPet,
    prime,
)
from connector.core.poste import (
    Attribution,
    Categorie,
    Poste,
    Quotites,
    constate_prise_de_fonction,
    desiste,
    ouvre,
    remplace,
    reporte,
    termine,
)
from connector.core.quota import (
    CleQuota,
    ModeQuota,
    Nature,
    ParametresQuota,
    Pretendant,
    Quota,
    StatutQuota,
    TypeDemande,
    compte,
    quota_effectif,
)
from connector.core.referentiels import Precision

D = Decimal
SOURCE = Source(texte="texte d'essai", opposable=False)
JOURS = st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 12, 31))

# --- prime ------------------------------------------------------------------------------------------------------------

TIERS = (
    PalierPet(libelle="1", a_partir_de=D(1), jusqu_a=D(1), montant=D(250)),
    PalierPet(libelle="1 à 3", plus_de=D(1), jusqu_a=D(3), montant=D(450)),
    PalierPet(libelle="3 à 4", plus_de=D(3), jusqu_a=D(4), montant=D(700)),
    PalierPet(libelle="4 sur 2 sites", a_partir_de=D(4), jusqu_a=D(4), lieux_minimum=2, montant=D(1000)),
    PalierPet(libelle="plus de 4", plus_de=D(4), montant=D(1000)),
)
PARAMETRES_PET = ParametresPet(
    baremes=(BaremePet(date_effet=date(2022, 2, 10), paliers=TIERS, source=SOURCE),),
    seuil_km=D(20),
    bande_km=D(5),
    sinuosite=D("1.3"),
    categories=frozenset({Categorie.I, Categorie.II}),
    categories_en_alternance=frozenset({Categorie.III}),
    service_hebdomadaire=D(10),
)
DEMI_JOURNEES = st.decimals(min_value=0, max_value=12, places=2)
KM = st.none() | st.decimals(min_value=-5, max_value=300, places=1) | st.just(D("NaN"))


@st.composite
def sites(draw):
    return SiteExercice(
        nom=draw(st.sampled_from(["MSP", "CDS", "CH"])),
        demi_journees=draw(st.none() | DEMI_JOURNEES | st.just(D("-Infinity"))),
        adresse=draw(st.none() | st.sampled_from(["", "1 rue A", "1, Rue a", "2 rue B", "3 rue C"])),
        distance_route_km=draw(KM),
        distance_vol_oiseau_km=draw(KM),
        precision=draw(st.sampled_from(Precision)),
        entite_juridique_differente=draw(st.none() | st.booleans()),
        penitentiaire=draw(st.booleans()),
    )


@st.composite
def demandes_pet(draw):
    return DemandePet(
        sites=tuple(draw(st.lists(sites(), max_size=4))),
        categorie=draw(st.none() | st.sampled_from(Categorie)),
        convention=draw(st.sampled_from(Convention)),
        jour=draw(st.dates(min_value=date(2021, 1, 1), max_value=date(2030, 1, 1))),
        adresse_principale=draw(st.none() | st.sampled_from(["1 rue A", "9 rue Z"])),
        distance_retenue_km=draw(KM),
        derogation=draw(st.sampled_from(Derogation)),
        derogation_demandee=draw(st.booleans()),
    )


@given(demandes_pet())
def test_a_prime_is_known_exactly_when_its_bounds_meet(demande):
    resultat = prime(demande, PARAMETRES_PET)
    if resultat.minimum is None:
        assert (resultat.maximum, resultat.montant) == (None, None)
    else:
        assert 0 <= resultat.minimum <= resultat.maximum <= 1000
        assert resultat.montant == (resultat.minimum if resultat.minimum == resultat.maximum else None)
    assert resultat.motifs
    assert resultat.texte()


@given(demandes_pet())
def test_an_amount_we_cannot_assert_is_to_be_confirmed_and_only_a_positive_one_is_due(demande):
    resultat = prime(demande, PARAMETRES_PET)
    if resultat.montant is None:
        assert resultat.statut is StatutPet.A_CONFIRMER
    if resultat.statut is StatutPet.DUE:
        assert resultat.montant > 0
        assert demande.convention is Convention.PRESENTE
    if resultat.statut is StatutPet.NON_DUE:
        assert resultat.montant == 0


@given(st.lists(DEMI_JOURNEES, min_size=1, max_size=4), st.data())
def test_more_half_days_on_the_same_sites_never_pay_less(demi_journees, data):
    rang = data.draw(st.integers(min_value=0, max_value=len(demi_journees) - 1))
    supplement = data.draw(st.decimals(min_value=0, max_value=5, places=2))
    lieux = tuple(
        SiteExercice(nom=f"site {n}", demi_journees=dj, adresse=f"{n} rue A", distance_route_km=D(30))
        for n, dj in enumerate(demi_journees)
    )
    plus = tuple(
        replace(s, demi_journees=s.demi_journees + supplement) if n == rang else s for n, s in enumerate(lieux)
    )
    avant, apres = (_montant_certain(choix) for choix in (lieux, plus))
    assert apres >= avant


def _montant_certain(lieux):
    demande = DemandePet(sites=lieux, categorie=Categorie.II, convention=Convention.PRESENTE, jour=date(2023, 11, 1))
    montant = prime(demande, PARAMETRES_PET).montant
    assert montant is not None
    return montant


@given(demandes_pet())
def test_a_granted_derogation_never_lowers_the_prime(demande):
    refusee, accordee = (
        prime(replace(demande, derogation=d), PARAMETRES_PET) for d in (Derogation.REFUSEE, Derogation.ACCORDEE)
    )
    if refusee.minimum is not None:
        assert accordee.minimum >= refusee.minimum
        assert accordee.maximum >= refusee.maximum


@given(demandes_pet(), sites(), st.sampled_from([D(3), D("19.9"), D(20), D(40)]))
def test_measuring_the_road_lands_within_the_bounds_announced(demande, lieu, retenue):
    seul = replace(demande, sites=(lieu,), categorie=Categorie.II, jour=date(2023, 11, 1), distance_retenue_km=None)
    annoncee, mesuree = (prime(d, PARAMETRES_PET) for d in (seul, replace(seul, distance_retenue_km=retenue)))
    if any(e.statut is StatutDistance.A_VERIFIER for e in annoncee.sites):
        assert annoncee.minimum <= mesuree.minimum
        assert mesuree.maximum <= annoncee.maximum


@given(demandes_pet(), sites(), st.decimals(min_value=D("0.01"), max_value=9, places=2), DEMI_JOURNEES)
def test_more_half_days_never_lower_the_bounds_however_doubtful_the_distances(demande, lieu, peu, supplement):
    bornes = []
    for demi_journees in (peu, peu + supplement):
        lieux = (*demande.sites, replace(lieu, demi_journees=demi_journees))
        resultat = prime(replace(demande, sites=lieux, categorie=Categorie.II, jour=date(2023, 11, 1)), PARAMETRES_PET)
        bornes.append((resultat.minimum, resultat.maximum))
    (minimum, maximum), (plus_minimum, plus_maximum) = bornes
    assert plus_minimum >= minimum
    assert plus_maximum >= maximum


# --- cost -------------------------------------------------------------------------------------------------------------

EUROS = st.decimals(min_value=0, max_value=9999, places=2)
POURCENT = st.decimals(min_value=0, max_value=100, places=3)


def taux(nom, valeur):
    return Taux(nom=nom, valeur=valeur, source=SOURCE)


@st.composite
def parametres_cout(draw):
    baremes = tuple(
        BaremeSalaire(
            date_effet=debut,
            valable_jusqu_au=ajoute_mois(debut, draw(st.integers(min_value=1, max_value=60))),
            annee_de=1,
            annee_a=draw(st.sampled_from([1, 2, 6])),
            base_mensuelle=draw(EUROS),
            indemnite_mensuelle=draw(EUROS),
            source=SOURCE,
        )
        for debut in draw(st.lists(st.dates(min_value=date(2020, 1, 1), max_value=date(2024, 1, 1)), max_size=3))
    )
    charges = draw(st.none() | POURCENT)
    return ParametresCout(
        baremes=baremes,
        lecture=draw(st.sampled_from(Lecture)),
        part_salaire=taux("part", draw(POURCENT)),
        part_pet=taux("pet", draw(POURCENT)),
        charges=None if charges is None else taux("charges", charges),
        charges_sur_pet=draw(st.booleans()),
        fin_apres_report=draw(st.sampled_from(FinApresReport)),
    )


@st.composite
def demandes_cout(draw):
    bas, haut = sorted((draw(EUROS), draw(EUROS)))
    connue = draw(st.booleans())
    une_prime = Prime(
        statut=StatutPet.DUE if connue else StatutPet.A_CONFIRMER,
        montant=bas if connue or bas == haut else None,
        minimum=bas,
        maximum=bas if connue else haut,
        motifs=(),
        source=SOURCE,
    )
    return DemandeCout(
        debut=draw(st.dates(min_value=date(2022, 1, 1), max_value=date(2025, 1, 1))),
        duree_mois=draw(st.sampled_from([12, 24])),
        quotite_hospitaliere=draw(st.none() | st.decimals(min_value=-10, max_value=120, places=1)),
        prime=draw(st.none() | st.just(une_prime)),
        postes=draw(st.integers(min_value=1, max_value=9)),
        debut_reporte=draw(st.none() | st.dates(min_value=date(2022, 1, 1), max_value=date(2026, 1, 1))),
    )


@given(demandes_cout(), parametres_cout())
def test_the_fiscal_years_add_up_to_the_total_to_the_cent(demande, parametres):
    cout = chiffre(demande, parametres)
    assert sum(e.mois for e in cout.par_exercice) == cout.mois <= demande.duree_mois
    if cout.minimum is not None:
        assert sum(e.minimum for e in cout.par_exercice) == cout.minimum
        assert all(e.minimum == e.minimum.quantize(D("0.01")) for e in cout.par_exercice)
    if cout.part_ars is not None and cout.total is not None:
        assert cout.part_ars <= cout.total
    assert cout.texte()


@given(demandes_cout(), parametres_cout())
def test_a_month_without_a_scale_leaves_no_total(demande, parametres):
    cout = chiffre(demande, parametres)
    if cout.sans_bareme_depuis is not None:
        assert (cout.brut, cout.total, cout.part_ars) == (None, None, None)
        assert cout.texte().startswith("barème à renseigner")


@given(demandes_cout(), parametres_cout())
def test_the_rounding_that_the_last_year_absorbs_is_a_matter_of_cents(demande, parametres):
    cout = chiffre(demande, parametres)
    if cout.part_ars:
        exact = [e.montant for e in cout.par_exercice]
        assert exact[-1] >= -D("0.01") * len(exact)


# --- places -----------------------------------------------------------------------------------------------------------

CLE = CleQuota(promotion="2023-2025", region="24", categorie=Categorie.II)


def attribution(dossier, duree_mois=24):
    return Attribution(
        dossier=dossier,
        accepte_le=date(2023, 9, 1),
        promotion=CLE.promotion,
        categorie=CLE.categorie,
        region=CLE.region,
        etablissement="26370010600010",
        quotites=Quotites(hospitaliere=D(50), ambulatoire=D(50)),
        debut=date(2023, 11, 1),
        duree_mois=duree_mois,
        cout=None,
    )


EVENEMENTS = (
    lambda p, n: desiste(p, p.titulaire.dossier, date(2023, 10, 1)),
    lambda p, n: remplace(p, attribution(n)),
    lambda p, n: reporte(
        p, dossier=p.titulaire.dossier, debut=date(2024, 2, 1), accorde_le=date(2023, 10, 1), cout=None
    ),
    lambda p, n: constate_prise_de_fonction(p, p.titulaire.dossier, date(2023, 11, 2)),
    lambda p, n: termine(p, p.titulaire.dossier, date(2024, 6, 30)),
    lambda p, n: desiste(p, 1, date(2023, 10, 2)),
)


@st.composite
def registres(draw):
    postes = []
    for numero in range(draw(st.integers(min_value=0, max_value=6))):
        poste = ouvre(attribution(1000 * numero, draw(st.sampled_from([12, 24]))))
        for rang, evenement in enumerate(draw(st.lists(st.sampled_from(EVENEMENTS), max_size=6))):
            suite = evenement(poste, 1000 * numero + rang + 1)
            poste = suite if isinstance(suite, Poste) else poste
        postes.append(poste)
    return tuple(postes)


@st.composite
def quotas(draw):
    lignes = tuple(
        Quota(
            cle=CLE,
            valeur=draw(st.none() | st.integers(min_value=0, max_value=8)),
            nature=draw(st.sampled_from(Nature)),
            statut=draw(st.sampled_from(StatutQuota)),
            source=SOURCE,
            date_effet=date(2023, 7, 7),
        )
        for _ in range(draw(st.integers(min_value=0, max_value=3)))
    )
    return quota_effectif(lignes, CLE, date(2024, 1, 1))


@st.composite
def pretendants(draw):
    numeros = draw(st.lists(st.integers(min_value=9001, max_value=9020), unique=True, max_size=10))
    return tuple(
        Pretendant(
            dossier=numero,
            cle=CLE,
            type_demande=draw(st.sampled_from(TypeDemande)),
            depose_le=datetime(2023, 3, 1, tzinfo=UTC) + timedelta(days=draw(st.integers(min_value=0, max_value=3))),
            duree_mois=draw(st.sampled_from([12, 24])),
            rang=draw(st.none() | st.integers(min_value=1, max_value=9)),
        )
        for numero in numeros
    )


PARAMETRES_QUOTA = st.builds(
    ParametresQuota, mode=st.sampled_from(ModeQuota), poids_un_an=st.sampled_from([D("0.5"), D(1)])
)


@given(quotas(), registres(), pretendants(), PARAMETRES_QUOTA)
def test_places_left_are_never_negative_and_nobody_waits_without_a_reason(quota, postes, attendus, parametres):
    compteurs = compte(quota, postes, attendus, parametres)
    assert compteurs.disponibles is None or compteurs.disponibles >= 0
    assert compteurs.depassement >= 0
    nouvelles = {p.dossier for p in attendus if p.type_demande is TypeDemande.NOUVELLE}
    assert set(compteurs.attente) <= nouvelles
    assert len(set(compteurs.attente)) == len(compteurs.attente)
    if parametres.mode is ModeQuota.INFORMATIF or quota.ouverts is None:
        assert compteurs.attente == ()
    assert compteurs.texte()


@given(quotas(), registres(), pretendants(), PARAMETRES_QUOTA)
def test_those_who_are_served_fit_in_the_places_left(quota, postes, attendus, parametres):
    compteurs = compte(quota, postes, attendus, parametres)
    if parametres.mode is ModeQuota.INFORMATIF or compteurs.disponibles is None:
        return
    servis = [p for p in attendus if p.type_demande is TypeDemande.NOUVELLE and p.dossier not in compteurs.attente]
    assert sum(parametres.poids_un_an if p.duree_mois == 12 else D(1) for p in servis) <= compteurs.disponibles


@given(quotas(), registres(), pretendants(), PARAMETRES_QUOTA, st.data())
def test_a_withdrawal_then_its_replacement_leave_the_counters_as_they_were(quota, postes, attendus, parametres, data):
    nouveau = ouvre(attribution(8000))
    avant = compte(quota, (*postes, nouveau), attendus, parametres)
    libere = desiste(nouveau, 8000, date(2023, 10, 1))
    assert isinstance(libere, Poste)
    repris = remplace(libere, attribution(8001))
    assert isinstance(repris, Poste)
    assert compte(quota, (*postes, repris), attendus, parametres) == avant


@given(quotas(), registres(), pretendants(), PARAMETRES_QUOTA)
def test_a_postponement_leaves_the_counters_as_they_were(quota, postes, attendus, parametres):
    nouveau = ouvre(attribution(8000))
    reporte_plus_tard = reporte(nouveau, dossier=8000, debut=date(2024, 2, 1), accorde_le=date(2023, 10, 1), cout=None)
    assert isinstance(reporte_plus_tard, Poste)
    avant, apres = (compte(quota, (*postes, p), attendus, parametres) for p in (nouveau, reporte_plus_tard))
    assert apres == avant


# --- calendar and numbers ---------------------------------------------------------------------------------------------


@given(JOURS, st.integers(min_value=0, max_value=300), st.sampled_from(Territoire))
def test_adding_working_days_and_counting_them_agree(debut, nombre, territoire):
    fin = ajoute_jours_ouvres(debut, nombre, territoire)
    assert jours_ouvres_entre(debut, fin, territoire) == nombre
    assert jours_ouvres_entre(fin, debut, territoire) == -nombre
    assert nombre == 0 or est_ouvre(fin, territoire)


@given(st.integers(min_value=1600, max_value=4000))
def test_easter_is_a_sunday_of_spring(annee):
    dimanche = paques(annee)
    assert dimanche.weekday() == 6
    assert date(annee, 3, 22) <= dimanche <= date(annee, 4, 25)


@given(JOURS, st.integers(min_value=0, max_value=60))
def test_months_added_are_months_counted(debut, nombre):
    assert mois_entre(debut, ajoute_mois(debut, nombre)) in {nombre, nombre - 1 if debut.day > 28 else nombre}


@given(st.text() | st.integers().map(str) | st.floats().map(str))
def test_no_text_makes_a_number_check_raise(texte):
    for verifie in (luhn_valide, rpps_valide, finess_valide):
        assert verifie(texte) in {True, False}
    code = code_commune(texte)
    assert code is None or code_commune(code) == code


@given(st.integers(min_value=0, max_value=9999999999), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_breaks_a_luhn_key(racine, ecart):
    corps = f"{racine:010d}"
    juste = next(corps + str(cle) for cle in range(10) if luhn_valide(corps + str(cle)))
    assert not luhn_valide(juste[:-1] + str((int(juste[-1]) + ecart) % 10))
