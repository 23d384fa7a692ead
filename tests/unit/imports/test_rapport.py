"""The report of an import reads well however much there is to say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.core.referentiels import Referentiel
from connector.imports.rapport import Anomalie, Contradiction, Couverture, ImportRefuse, LibelleInconnu, RapportImport
from connector.imports.tableau import Endroit


def plain(texte: object) -> str:
    return str(texte).replace("\u00a0", " ").replace("\u202f", " ")


def rapport(options, lignes: int = 100, **champs) -> RapportImport:
    version = options().version(Referentiel.ZONAGE, lignes)
    return RapportImport(version=version, fichier="zonage.csv", lignes_lues=lignes, **champs)


def test_a_good_import_says_three_things(options):
    couverture = Couverture(base="communes de la région 24", connues=1754, attendues=1754)
    texte = rapport(options, 1754, couverture=couverture, repartition=(("ZIP", 1000), ("ZAC", 754))).texte()
    assert plain(texte).splitlines() == [
        "zonage.csv : arrêté du 9 mai 2025, effet au 01/06/2025",
        "Lignes lues : 1 754 · gardées : 1 754.",
        "Répartition — ZIP : 1 000 · ZAC : 754.",
        "Couverture : 100 % des communes de la région 24 (1 754 sur 1 754).",
    ]


def test_long_lists_are_cut_and_what_is_cut_is_counted(options):
    lieux = tuple(Endroit(numero=n) for n in range(2, 16))
    texte = plain(
        rapport(
            options,
            anomalies=(
                *(Anomalie(endroit=e, motif="code INSEE illisible") for e in lieux),
                *(Anomalie(endroit=Endroit(numero=n, onglet="QPV"), motif="code de QPV illisible") for n in (2, 3)),
            ),
            libelles_inconnus=(LibelleInconnu(libelle="Zone bleue", endroits=lieux[:1]),),
            contradictions=tuple(Contradiction(code=f"{n}", lectures=((lieux[0], "ZIP"),)) for n in range(12)),
        ).texte()
    )
    assert "code INSEE illisible (lignes 2, 3, 4" in texte
    assert "10, 11 et 4 autres)" in texte
    assert "code de QPV illisible (onglet QPV, lignes 2, 3)" in texte
    assert "… et 2 autres contradictions." in texte
    assert "Zone inconnue : « Zone bleue » (ligne 2), à vérifier." in texte


@pytest.mark.parametrize(
    ("connues", "attendues", "pourcent", "suffisante"),
    [
        (95, 100, "95.0", True),
        (9499, 10_000, "94.9", False),
        (1754, 1754, "100.0", True),
        (0, 0, "0", False),
        (0, 3, "0.0", False),
    ],
)
def test_a_share_is_never_rounded_up_to_the_threshold(connues, attendues, pourcent, suffisante):
    couverture = Couverture(base="communes", connues=connues, attendues=attendues)
    assert couverture.pourcent == Decimal(pourcent)
    assert couverture.suffisante is suffisante


def test_nothing_kept_is_refused_even_forced_and_forcing_is_not_advised(options):
    with pytest.raises(ImportRefuse, match="aucune ligne utilisable") as refus:
        rapport(options, 0, force=True).accept()
    assert refus.value.hint == ""
    assert refus.value.exit_code == 2


def test_every_reason_is_given_at_once(options):
    mauvais = rapport(
        options,
        couverture=Couverture(base="communes du fichier", connues=1, attendues=2),
        contradictions=(Contradiction(code="18279", lectures=()),),
        anomalies=(Anomalie(endroit=Endroit(numero=2), motif="x"),),
    )
    with pytest.raises(ImportRefuse) as refus:
        mauvais.accept()
    premiere = plain(refus.value).splitlines()[0]
    assert premiere == (
        "import refusé, moins de 95 % des communes du fichier ont une valeur connue ; "
        "1 code avec des lignes contradictoires ; 1 ligne à corriger."
    )
    assert refus.value.rapport is mauvais
