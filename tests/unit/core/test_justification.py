"""Each figure with how it was made and the text it comes from."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.core.chiffrage import Chiffrage, Chiffre
from connector.core.constat import Source
from connector.core.cout import Cout, Ligne
from connector.core.justification import cite, justifier
from connector.core.pet import Prime, StatutPet
from connector.core.poste import Categorie
from connector.core.quota import CleQuota, Compteurs, ModeQuota, Nature, Quota, QuotaEffectif, StatutQuota
from connector.core.referentiels import Referentiel, Version
from connector.core.situation import Situation

D = Decimal
ARRETE = Source(texte="Arrêté du 14 mars 2017", opposable=True)
NOTE = Source(texte="Note DGOS", opposable=False)
PRIME = Prime(
    statut=StatutPet.DUE,
    montant=D(1000),
    minimum=D(1000),
    maximum=D(1000),
    motifs=("31 km, au moins 20 km.",),
    palier="plus de 4 demi-journées",
    source=ARRETE,
)
COUT = Cout(
    mois=12,
    brut=D(1),
    pet=None,
    charges=None,
    total=None,
    minimum=D(1),
    maximum=D(1),
    par_exercice=(),
    lignes=(Ligne(libelle="Traitement", montant=D("12.5"), parametre="cout.baremes", source=NOTE),),
    hypotheses=("Montants bruts.",),
)
ZONAGE, COMMUNES = (
    Version(
        referentiel=genre,
        arrete="Arrêté zonage",
        date_effet=date(2025, 6, 1),
        importe_le=datetime(2025, 6, 2, tzinfo=UTC),
        lignes=1,
    )
    for genre in (Referentiel.ZONAGE, Referentiel.COMMUNES)
)
CLE = CleQuota(promotion="2023-2025", region="24", categorie=Categorie.II)
QUOTA = Quota(
    cle=CLE,
    valeur=6,
    nature=Nature.REGIONAL,
    statut=StatutQuota.DEFINITIF,
    source=ARRETE,
    date_effet=date(2023, 7, 7),
)
CHIFFRES = {
    cle: Chiffre(texte=cle) for cle in ("zone", "distance", "quotite", "pet_montant", "pet_statut", "cout", "quota")
}


def compteurs(retenu):
    quota = QuotaEffectif(cle=CLE, retenu=retenu, national=None)
    return Compteurs(
        quota=quota,
        mode=ModeQuota.INFORMATIF,
        accordes=0,
        pourvus=0,
        desistes=0,
        reserves=0,
        consommes=D(0),
        gardes=D(0),
        attente=(),
    )


def justifies(chiffrage, **situation):
    return {j.texte: j for j in justifier(chiffrage, Situation(**situation))}


def test_each_figure_comes_with_its_calculation_and_its_text():
    found = justifies(
        Chiffrage(prime=PRIME, cout=COUT, chiffres=CHIFFRES),
        versions=(ZONAGE, COMMUNES),
        compteurs=compteurs(QUOTA),
    )
    assert list(found) == list(CHIFFRES)
    assert found["zone"].sources == ("Arrêté zonage, effet au 01/06/2025",)
    assert found["pet_montant"].details == ("31 km, au moins 20 km.", "Ligne du barème\u00a0: plus de 4 demi-journées.")
    assert found["pet_montant"].sources == ("Arrêté du 14 mars 2017",)
    assert found["cout"].details == (
        "Traitement = 12,50\u00a0€ (cout.baremes\u202f; Note DGOS, texte non opposable)",
        "Montants bruts.",
    )
    assert found["quota"].sources == ("Arrêté du 14 mars 2017, en vigueur depuis le 07/07/2023",)


@pytest.mark.parametrize("situation", [{}, {"compteurs": compteurs(None)}])
def test_what_was_not_calculated_has_neither_detail_nor_text(situation):
    found = justifies(Chiffrage(chiffres=CHIFFRES), **situation)
    for cle in ("zone", "pet_montant", "cout", "quota"):
        assert (found[cle].details, found[cle].sources) == ((), ())


def test_a_prime_that_is_not_known_has_its_reason_and_no_line_of_the_scale():
    doute = Prime(statut=StatutPet.A_CONFIRMER, montant=None, minimum=None, maximum=None, motifs=("Alternance.",))
    found = justifies(Chiffrage(prime=doute, chiffres={"pet_montant": Chiffre(texte="pet_montant")}))
    assert list(found) == ["pet_montant"]
    assert (found["pet_montant"].details, found["pet_montant"].sources) == (("Alternance.",), ())


def test_a_text_that_is_not_opposable_says_so():
    assert (cite(ARRETE), cite(NOTE)) == ("Arrêté du 14 mars 2017", "Note DGOS, texte non opposable")
