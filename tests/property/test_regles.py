from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connector.core import model
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
from connector.core.regles import (
    ChampRequis,
    Condition,
    Contexte,
    DateEntre,
    NombreEntre,
    PieceObligatoire,
    SiVide,
    ValeurParmi,
    complet,
    evaluer,
    proposer,
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
    st.fixed_dictionaries({}, optional={cle: lus(cle, SIMPLES | LIGNES) for cle in CLES}),
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
    "avis": st.sampled_from(AvisPropose),
    "si": st.lists(CONDITIONS, max_size=2).map(tuple),
    "visible": st.booleans(),
    "champ": st.sampled_from((*CLES, "lieux.b", "lieux.c", "inconnu")),
}
VIDES = st.sampled_from(SiVide)
REGLES = st.one_of(
    st.builds(PieceObligatoire, **COMMUNES, formats=st.lists(st.sampled_from(["pdf", "zip", "?"])).map(tuple)),
    st.builds(ChampRequis, **COMMUNES, reponses_creuses=VALEURS),
    st.builds(ValeurParmi, **COMMUNES, acceptees=VALEURS, exclues=VALEURS, si_vide=VIDES),
    st.builds(NombreEntre, **COMMUNES, minimum=BORNES, maximum=BORNES, unite=MOTS, si_vide=VIDES),
    st.builds(DateEntre, **COMMUNES, au_plus_tot=JOURS, au_plus_tard=JOURS, si_vide=VIDES),
)
CONTEXTES = st.builds(Contexte, aujourd_hui=st.dates())


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
