from __future__ import annotations

import pytest

from connector.core.constat import AvisPropose, Constat, Effet, Source, Statut
from connector.core.regles import complet, opinion, proposer, resume_pieces
from connector.core.regles.proposition import LONGUEUR

CAHIER = Source(texte="Cahier", opposable=True)
NOTE = Source(texte="Note", opposable=False)
A = AvisPropose


def constat(
    statut=Statut.OK, effet=Effet.BLOQUANT, avis=A.A_COMPLETER, source=CAHIER, court="", phrase="Un point.", regle="r"
):
    return Constat(regle=regle, statut=statut, effet=effet, phrase=phrase, source=source, avis=avis, court=court)


def piece(nom, statut=Statut.OK, **autres):
    return constat(statut, court=f"pièce\u00a0: {nom}", phrase=f"{nom} absente.", **autres)


KO, DOUTE, OK, SANS_OBJET = Statut.KO, Statut.A_VERIFIER, Statut.OK, Statut.SANS_OBJET


@pytest.mark.parametrize(
    ("constats", "avis"),
    [
        ([], A.FAVORABLE),
        ([constat(OK), constat(SANS_OBJET)], A.FAVORABLE),
        ([constat(KO, avis=A.DEFAVORABLE), constat(KO)], A.DEFAVORABLE),
        ([constat(KO), constat(KO, avis=A.DEFAVORABLE)], A.A_COMPLETER),
        ([constat(DOUTE), constat(KO, avis=A.REORIENTATION)], A.REORIENTATION),
        ([constat(DOUTE), constat(OK)], A.A_VERIFIER),
        ([constat(KO, Effet.A_VERIFIER)], A.A_VERIFIER),
        ([constat(DOUTE, Effet.A_VERIFIER)], A.A_VERIFIER),
        ([constat(KO, Effet.INFORMATION), constat(KO, Effet.PRIORITE)], A.FAVORABLE),
        ([constat(DOUTE, Effet.INFORMATION), constat(DOUTE, Effet.PRIORITE)], A.FAVORABLE),
        ([constat(KO, avis=A.DEFAVORABLE, source=NOTE)], A.A_VERIFIER),
        ([constat(KO, avis=A.DEFAVORABLE, source=NOTE), constat(KO)], A.A_COMPLETER),
        ([constat(KO, avis=A.REORIENTATION, source=NOTE)], A.REORIENTATION),
        ([constat(KO, avis=A.A_COMPLETER, source=NOTE)], A.A_COMPLETER),
    ],
)
def test_the_first_blocking_refusal_gives_its_avis_then_the_first_doubt(constats, avis):
    assert opinion(constats) is avis
    assert proposer(constats).avis is avis


def test_a_proposition_keeps_every_finding():
    constats = (constat(OK), constat(KO))
    assert proposer(list(constats)).constats == constats


def test_an_application_is_complete_when_nothing_is_left_to_complete():
    assert complet([])
    assert complet([constat(OK), constat(SANS_OBJET), constat(KO, avis=A.DEFAVORABLE)])
    assert not complet([constat(KO)])
    assert not complet([constat(DOUTE)])


def test_the_synthesis_reads_as_one_line():
    constats = [
        piece("CV"),
        piece("convention", KO),
        constat(court="Dermatologie"),
        constat(SANS_OBJET),
        constat(KO, Effet.A_VERIFIER, court="quotité 40\u00a0%"),
        constat(KO, court="durée", avis=A.DEFAVORABLE),
        constat(KO, court="durée", avis=A.DEFAVORABLE, source=NOTE),
    ]
    assert proposer(constats, complements=["PET 1 000 €"]).synthese == (
        "À COMPLÉTER · 1/2\u00a0pièces (manque\u00a0: convention) · durée ✗ · quotité 40\u00a0% ? · durée ?"
        " · Dermatologie ✓ · PET 1 000\u00a0€"
    ).replace(" ?", "\u202f?")


def test_the_synthesis_begins_with_what_blocks_even_before_the_pieces():
    constats = [
        piece("CV"),
        constat(KO, Effet.INFORMATION, court="CHU à préciser"),
        constat(court="Dermatologie"),
        constat(KO, avis=A.DEFAVORABLE, court="Loches HZ"),
    ]
    assert proposer(constats).synthese == (
        "DÉFAVORABLE · Loches HZ ✗ · 1/1\u00a0pièce · CHU à préciser\u202f? · Dermatologie ✓"
    )


def test_a_piece_in_doubt_comes_before_what_is_in_order():
    assert proposer([constat(court="Dermatologie"), piece("CV", DOUTE)]).synthese == (
        "À VÉRIFIER · 0/1\u00a0pièce (à revoir\u00a0: CV) · Dermatologie ✓"
    )


def test_a_synthesis_too_long_counts_what_is_in_order_and_names_what_is_not():
    constats = [
        constat(KO, court="convention" * 4),
        *(constat(court=f"règle {n:02} en bon ordre") for n in range(20)),
    ]
    synthese = proposer(constats, complements=["PET 1 000 €"]).synthese
    assert len(synthese) <= LONGUEUR
    assert synthese.startswith(f"À COMPLÉTER · {'convention' * 4} ✗ · règle 00 en bon ordre ✓ · règle 01")
    assert synthese.endswith(" · 16\u00a0autres points ✓ · PET 1 000\u00a0€")
    une_de_trop = proposer([constat(court="x" * 90), constat(court="y" * 110)]).synthese
    assert une_de_trop == f"FAVORABLE · {'x' * 90} ✓ · 1\u00a0autre point ✓"


def test_what_is_wrong_is_never_counted_away_however_long_the_line():
    constats = [constat(KO, court=f"{n} " + "z" * 60) for n in range(6)]
    assert all(f"{n} zz" in proposer([*constats, constat(court="Dermatologie")]).synthese for n in range(6))


def test_the_synthesis_never_breaks_its_line():
    assert proposer([constat(court="deux\nlignes")]).synthese == "FAVORABLE · deux lignes ✓"


def test_a_dossier_without_anything_to_show_has_its_avis_alone_for_synthesis():
    assert proposer([]).synthese == "FAVORABLE"


@pytest.mark.parametrize(
    ("constats", "resume"),
    [
        ([], ""),
        ([piece("CV")], "1/1\u00a0pièce"),
        ([piece("CV"), piece("lettre")], "2/2\u00a0pièces"),
        (
            [piece("CV", KO), piece("lettre (doublon)", KO), piece("projet", DOUTE)],
            "0/3\u00a0pièces (manque\u00a0: CV, lettre (doublon)\u202f; à revoir\u00a0: projet)",
        ),
        ([piece("CV"), piece("avis de la CME", KO, effet=Effet.INFORMATION)], "1/1\u00a0pièce"),
        ([constat(court="Dermatologie")], ""),
    ],
)
def test_the_pieces_are_counted_together(constats, resume):
    assert resume_pieces(constats) == resume


def test_a_piece_that_does_not_block_is_shown_apart():
    synthese = proposer([piece("CV"), piece("avis de la CME", KO, effet=Effet.INFORMATION)]).synthese
    assert synthese == "FAVORABLE · 1/1\u00a0pièce · pièce\u00a0: avis de la CME\u202f?"


def test_a_missing_piece_is_said_once_in_the_line():
    manque = (
        piece("convention", Statut.KO),
        piece("CV"),
        constat(Statut.KO, effet=Effet.INFORMATION, court="convention"),
    )
    assert proposer(manque).synthese.count("convention") == 1
    presente = (piece("convention"), constat(Statut.A_VERIFIER, effet=Effet.INFORMATION, court="convention"))
    assert "convention\u202f?" in proposer(presente).synthese


def test_the_points_begin_with_what_blocks_and_end_with_what_informs():
    constats = [
        constat(KO, Effet.INFORMATION, phrase="Informe."),
        constat(DOUTE, phrase="Doute."),
        constat(KO, phrase="Bloque."),
        constat(OK, phrase="Convient."),
        constat(SANS_OBJET, phrase="Sans objet."),
    ]
    assert proposer(constats).points == ("Bloque. (Cahier)", "Doute. (Cahier)", "Informe. (Cahier)")


def test_the_same_point_is_told_once():
    assert proposer([constat(KO), constat(KO)]).points == ("Un point. (Cahier)",)


def test_too_many_points_are_counted_rather_than_told():
    sept = proposer([constat(KO, phrase=f"Point {n}.") for n in range(7)]).points
    assert sept == (*(f"Point {n}. (Cahier)" for n in range(5)), "Et 2\u00a0autres points.")
    six = proposer([constat(KO, phrase=f"Point {n}.") for n in range(6)]).points
    assert six[-1] == "Et 1\u00a0autre point."


def test_no_place_left_makes_a_favourable_dossier_wait_and_no_other():
    assert proposer([constat()], attente=True).avis is AvisPropose.LISTE_D_ATTENTE
    assert proposer([constat()], attente=True).synthese.startswith("LISTE D’ATTENTE")
    assert proposer([constat(KO)], attente=True).avis is proposer([constat(KO)]).avis


def test_a_point_names_the_first_text_it_rests_on():
    deux = Source(texte="Cahier, § 1 ; Note, texte non opposable", opposable=True)
    assert proposer([constat(KO, source=deux)]).points == ("Un point. (Cahier, § 1)",)


def test_a_point_has_no_brackets_within_its_brackets_and_curly_apostrophes():
    prime = Source(texte="Arrêté relatif à la prime d'exercice (NOR : A1), modifié", opposable=True)
    (point,) = proposer([constat(KO, source=prime)]).points
    assert point == "Un point. (Arrêté relatif à la prime d’exercice [NOR\u00a0: A1], modifié)"
