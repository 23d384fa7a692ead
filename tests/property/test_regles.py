from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connector.core import model
from connector.core.campagne import Campagne
from connector.core.candidature import (
    ChampLu,
    Connu,
    Illisible,
    LigneLue,
    Manquant,
    Masque,
    exemple,
    lire_date,
    lire_nombre,
    lire_valeur,
)
from connector.core.constat import AvisPropose, Constat, Effet, Source, Statut
from connector.core.correspondance import TypeLogique
from connector.core.pet import Derogation
from connector.core.poste import Categorie
from connector.core.projet import LieuProjet, Projet, Vocabulaire, projet
from connector.core.quota import TypeDemande
from connector.core.referentiels import Appartenance, QuartierCite, StatutQuartier, Zone, ZoneCommune
from connector.core.regles import (
    AVIS_D_UN_REFUS,
    KINDS,
    ChampRequis,
    ChuPartenaire,
    Condition,
    Contexte,
    Convention,
    DateEntre,
    DatePriseFonction,
    DepotDansLeDelai,
    DepotTerritoire,
    Doublon,
    Duree,
    EtablissementsDistincts,
    NombreEntre,
    PieceObligatoire,
    Quotite,
    Remplacement,
    Report,
    SiVide,
    SpecialiteExclue,
    TypeStructure,
    ValeurParmi,
    ZoneSousDense,
    complet,
    evaluer,
    favorable,
    opinion,
    proposer,
    trouver,
)
from connector.core.regles.doublon import Motif
from connector.core.situation import DossierRemplace, Jumeau, Situation, SituationLieu

BIEN_CONNUES = (
    *("region", "categorie", "specialite", "promotion", "rpps", "quotite_ambulatoire", "quotite_hospitaliere", "duree"),
    *("modulation", "modulation_acceptee", "date_prise_fonction", "convention", "controle_visuel", "chu", "siret"),
    *("dossier_remplace", "repercussions", "nouvelle_date", "motif_report", "finess", "adresse", "type_demande"),
    "specialite_deficitaire",
)
CLES = ("a", "b", "lieux")
MOTS = st.text(max_size=12) | st.sampled_from(["oui", "24", "50 %", "cinquante", "Médecine générale", "1er mai 2024"])
NOMBRES = st.integers() | st.decimals(allow_nan=True, allow_infinity=True)

PIECES = st.builds(
    model.Piece,
    filename=st.text(max_size=12) | st.sampled_from(["cv.pdf", "cv.zip", "cv"]),
    content_type=st.sampled_from(["application/pdf", "application/zip", "", "x"]),
    byte_size=st.integers(-1, 10),
    checksum=st.sampled_from(["", "abc", "def"]),
    virus_scan=st.sampled_from(model.VirusScan),
)
ADRESSES = st.builds(model.Adresse, label=MOTS, city_code=st.none() | MOTS, region_code=st.none() | MOTS)
SIMPLES = st.one_of(
    MOTS,
    st.booleans(),
    NOMBRES,
    st.dates(),
    st.builds(model.Lieu, code=MOTS, name=MOTS),
    ADRESSES,
    st.builds(model.Etablissement, siret=MOTS),
    st.builds(model.LienDossier, number=st.integers()),
    st.lists(MOTS, max_size=3).map(tuple),
    st.lists(PIECES, max_size=3).map(tuple),
)


def lectures(valeurs):
    return st.one_of(
        st.just(Manquant()), st.just(Masque()), st.builds(Illisible, MOTS, MOTS), st.builds(Connu, valeurs)
    )


def lus(cle, valeurs):
    return st.builds(
        ChampLu, cle=st.just(cle), libelle=MOTS, lecture=lectures(valeurs), type=st.sampled_from(TypeLogique)
    )


LIGNES = st.lists(
    st.builds(LigneLue, id=MOTS, champs=st.fixed_dictionaries({}, optional={"b": lus("b", SIMPLES)})), max_size=3
).map(tuple)
CANDIDATURES = st.builds(
    lambda champs, saisies: replace(exemple(), champs=champs, saisies=saisies),
    st.fixed_dictionaries({}, optional={cle: lus(cle, SIMPLES | LIGNES) for cle in (*CLES, *BIEN_CONNUES)}),
    st.fixed_dictionaries({}, optional={cle: lus(cle, SIMPLES) for cle in CLES}),
)

VALEURS = st.lists(MOTS, max_size=3).map(tuple)
BORNES = st.none() | st.decimals(allow_nan=False, allow_infinity=False)
JOURS = st.none() | st.dates()
CONDITIONS = st.builds(
    Condition,
    champ=st.sampled_from(CLES),
    parmi=VALEURS,
    sauf=VALEURS,
    moins_de=BORNES,
    plus_de=BORNES,
    renseigne=st.none() | st.booleans(),
)
SOURCES = st.lists(st.builds(Source, texte=st.text(min_size=1), opposable=st.booleans()), min_size=1, max_size=2)
COMMUNES = {
    "cle": st.just("regle"),
    "libelle": MOTS,
    "sources": SOURCES.map(tuple),
    "effet": st.sampled_from(Effet),
    "avis": st.sampled_from(sorted(AVIS_D_UN_REFUS)),
    "si": st.lists(CONDITIONS, max_size=2).map(tuple),
    "visible": st.booleans(),
    "champ": st.sampled_from((*CLES, "lieux.b", "lieux.c", "inconnu")),
}
VIDES = st.sampled_from(SiVide)
SANS_CHAMP = {cle: valeur for cle, valeur in COMMUNES.items() if cle != "champ"}
DU_DOMAINE = st.one_of(
    st.builds(DepotTerritoire, **SANS_CHAMP, region=st.sampled_from(["24", "03", "11", "99"])),
    st.builds(DepotDansLeDelai, **SANS_CHAMP),
    st.builds(SpecialiteExclue, **COMMUNES, exclues=VALEURS, orientation=MOTS),
    st.builds(TypeStructure, **COMMUNES, connus=VALEURS, exclus=VALEURS),
    st.builds(ZoneSousDense, **SANS_CHAMP, vigilance=st.booleans()),
    st.builds(Quotite, **SANS_CHAMP, minimum=st.decimals(0, 100, places=1), stricte=st.booleans()),
    st.builds(Duree, **SANS_CHAMP, mois_admis=st.lists(st.integers(0, 60), max_size=3).map(tuple)),
    st.builds(
        DatePriseFonction,
        **SANS_CHAMP,
        mois_de_rentree=st.integers(1, 12),
        mois_admis=st.lists(st.integers(1, 12), max_size=2).map(tuple),
    ),
    st.builds(Convention, **SANS_CHAMP),
    st.builds(ChuPartenaire, **SANS_CHAMP, reponses_creuses=VALEURS),
    st.builds(Doublon, **SANS_CHAMP, motif=st.sampled_from(Motif)),
    st.builds(Remplacement, **SANS_CHAMP),
    st.builds(Report, **SANS_CHAMP, mois_maximum=st.integers(1, 1200)),
    st.builds(EtablissementsDistincts, **SANS_CHAMP, finess_lieux=st.sampled_from(["", "lieux.b"])),
)
REGLES = DU_DOMAINE | st.one_of(
    st.builds(PieceObligatoire, **COMMUNES, formats=st.lists(st.sampled_from(["pdf", "zip", "?"])).map(tuple)),
    st.builds(ChampRequis, **COMMUNES, reponses_creuses=VALEURS),
    st.builds(ValeurParmi, **COMMUNES, acceptees=VALEURS, exclues=VALEURS, si_vide=VIDES),
    st.builds(NombreEntre, **COMMUNES, minimum=BORNES, maximum=BORNES, unite=MOTS, si_vide=VIDES),
    st.builds(DateEntre, **COMMUNES, au_plus_tot=JOURS, au_plus_tard=JOURS, si_vide=VIDES),
)

CODES = st.none() | st.sampled_from(["18279", "97302", "97502", "98818", "2A004", "", "?"])
LIEUX = st.lists(
    st.builds(
        LieuProjet,
        rang=st.integers(1, 3),
        nom=st.none() | MOTS,
        adresse=st.none() | ADRESSES,
        commune=st.none() | st.builds(model.Lieu, code=CODES.map(str), name=MOTS),
        demi_journees=st.none() | st.decimals(),
    ),
    max_size=3,
).map(tuple)
PROJETS = st.builds(
    Projet,
    dossier=st.integers(0, 3),
    categorie=st.none() | st.sampled_from(Categorie),
    demande=st.none() | st.sampled_from(TypeDemande),
    siret=st.none() | MOTS,
    adresse=st.none() | ADRESSES,
    lieux=LIEUX,
    specialite=st.none() | MOTS,
    quotite_ambulatoire=st.none() | st.decimals(allow_nan=False),
    duree_mois=st.none() | st.integers(),
    lien=st.none() | st.builds(model.LienDossier, number=st.integers(0, 3)),
)
ZONES = st.builds(
    ZoneCommune, code_insee=MOTS, zone=st.sampled_from(Zone), tvs=MOTS, arrete=MOTS, date_effet=st.dates()
)
QUARTIERS = st.builds(
    Appartenance,
    statut=st.sampled_from(StatutQuartier),
    quartiers=st.lists(st.builds(QuartierCite, code=MOTS, nom=MOTS), max_size=2).map(tuple),
)
ETATS = st.sampled_from(model.DossierState)
SITUATIONS = st.builds(
    Situation,
    lieux=st.lists(
        st.builds(
            SituationLieu,
            rang=st.integers(1, 3),
            commune=CODES,
            region=st.none() | st.sampled_from(["24", "03", "?"]),
            zone=st.none() | ZONES,
            quartier=st.none() | QUARTIERS,
        ),
        max_size=3,
    ).map(tuple),
    jumeaux=st.lists(
        st.builds(Jumeau, dossier=st.integers(0, 3), demarche=st.integers(), motif=st.sampled_from(Motif), etat=ETATS),
        max_size=3,
    ).map(tuple),
    remplace=st.none()
    | st.builds(
        DossierRemplace,
        dossier=st.integers(),
        etat=ETATS,
        siret=st.none() | MOTS,
        quotite_ambulatoire=st.none() | st.decimals(allow_nan=False),
        projet=MOTS,
    ),
)
CONTEXTES = st.builds(
    Contexte,
    aujourd_hui=st.dates(),
    projet=PROJETS,
    situation=SITUATIONS,
    campagne=st.none() | st.builds(Campagne, ouverture=JOURS, cloture=JOURS),
)
VOCABULAIRE = Vocabulaire(
    categories={"a": Categorie.II},
    demandes={"oui": TypeDemande.NOUVELLE},
    durees={"24": 24},
    derogations={"oui": Derogation.EN_COURS},
)


def test_every_kind_of_rule_is_tried_here():
    essayes = {PieceObligatoire, ChampRequis, ValeurParmi, NombreEntre, DateEntre}
    essayes |= {DepotTerritoire, DepotDansLeDelai, SpecialiteExclue, TypeStructure, ZoneSousDense, Quotite, Duree}
    essayes |= {DatePriseFonction, Convention, ChuPartenaire, Doublon, Remplacement, Report, EtablissementsDistincts}
    assert set(KINDS.values()) == essayes


@given(CANDIDATURES)
def test_a_candidature_is_always_read_as_a_project(candidature):
    assert projet(candidature, VOCABULAIRE).dossier == candidature.numero


@given(DU_DOMAINE, CANDIDATURES, CONTEXTES)
def test_a_refusal_on_non_opposable_texts_alone_is_never_unfavourable(regle, candidature, contexte):
    note = replace(regle, sources=(Source(texte="note", opposable=False),))
    constat = note.check(candidature, contexte)
    assert not constat.source.opposable
    assert opinion([constat]) is not AvisPropose.DEFAVORABLE


@given(REGLES, CANDIDATURES, CONTEXTES)
def test_a_rule_never_raises_and_every_refusal_names_a_source_and_what_is_wrong(regle, candidature, contexte):
    constat = regle.check(candidature, contexte)
    assert isinstance(constat, Constat)
    assert constat.source.texte
    assert constat.phrase.endswith((".", "?", "!")) or regle.consigne
    if constat.statut in {Statut.KO, Statut.A_VERIFIER}:
        assert constat.court or not regle.libelle


@given(REGLES, CANDIDATURES, CONTEXTES)
def test_a_rule_is_a_function_of_what_it_is_given(regle, candidature, contexte):
    assert regle.check(candidature, contexte) == regle.check(candidature, contexte)


@given(st.lists(REGLES, max_size=5), CANDIDATURES, CONTEXTES)
def test_a_proposition_obeys_the_weight_of_its_findings(regles, candidature, contexte):
    constats = evaluer(regles, candidature, contexte)
    proposition = proposer(constats)
    assert favorable(trouver(regles, candidature, contexte)) is (proposition.avis is AvisPropose.FAVORABLE)
    assert [c.regle for c in proposition.constats] == [r.cle for r in regles]
    assert "\n" not in proposition.synthese
    if proposition.avis is AvisPropose.DEFAVORABLE:
        coupables = [c for c in constats if c.statut is Statut.KO and c.avis is AvisPropose.DEFAVORABLE]
        assert any(c.source.opposable for c in coupables)
    if proposition.avis is AvisPropose.FAVORABLE:
        assert complet(constats)
        pesants = [c for c in constats if c.effet in {Effet.BLOQUANT, Effet.A_VERIFIER}]
        assert all(c.statut in {Statut.OK, Statut.SANS_OBJET} for c in pesants)


@given(st.sampled_from(TypeLogique), SIMPLES.filter(lambda v: not isinstance(v, tuple)) | st.datetimes())
def test_a_value_of_ds_is_always_read_or_said_unreadable(type_, valeur):
    assert isinstance(lire_valeur(type_, valeur), Connu | Illisible)


@given(st.integers(0, 10**12), st.integers(0, 99))
def test_a_number_written_the_french_way_is_read_back(entier, centiemes):
    ecrit = f"{entier:,}".replace(",", "\u202f")
    assert lire_nombre(f"{ecrit},{centiemes:02d} €") == Decimal(f"{entier}.{centiemes:02d}")


@given(st.text())
def test_a_text_is_a_finite_number_or_none(texte):
    lu = lire_nombre(texte)
    assert lu is None or lu.is_finite()


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_date_written_the_french_way_is_read_back(jour):
    assert lire_date(f"{jour:%d/%m/%Y}") == jour
    assert lire_date(jour.isoformat()) == jour


@given(st.text() | st.from_regex(r"\d{1,2}[/.]\d{1,2}[/.]\d{4}"))
def test_a_text_is_a_day_or_none(texte):
    lu = lire_date(texte)
    assert lu is None or not isinstance(lu, datetime)
