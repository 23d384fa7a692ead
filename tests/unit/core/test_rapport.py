from __future__ import annotations

import pytest

from connector.core.rapport import Rapport

F = "\u202f"


def test_an_empty_cycle_is_told_in_the_singular():
    assert Rapport().text() == (
        f"0 dossier lu{F}; 0 nouveau ou modifié{F}; 0 examiné{F}; 0 dossier annoté{F}; 0 message envoyé{F}; "
        "0 passage en instruction."
    )


def test_one_of_each_is_told_in_the_singular_and_what_needs_somebody_comes_last():
    rapport = Rapport(
        lus=1,
        nouveaux=1,
        examines=1,
        annotes=1,
        labels=1,
        messages=1,
        transitions=1,
        retenus=1,
        conflits=1,
        reprises=1,
        inconnus=1,
        trous=1,
        echecs=[(12, "refusé")],
    )
    assert rapport.text().replace(F, " ") == (
        "1 dossier lu ; 1 nouveau ou modifié ; 1 examiné ; 1 dossier annoté ; 1 message envoyé ; "
        "1 passage en instruction ; 1 label posé ou retiré ; 1 envoi retenu ; "
        "1 annotation laissée telle qu’un agent l’a écrite ; "
        "1 écriture interrompue, dont le sort est maintenant connu ; "
        "1 écriture sans réponse, à éclaircir au prochain passage ; 1 dossier en échec ; "
        "1 dossier que DS n’a pas pu montrer."
    )


def test_several_of_each_are_told_in_the_plural():
    rapport = Rapport(
        lus=2,
        nouveaux=2,
        examines=2,
        annotes=2,
        labels=2,
        messages=2,
        transitions=2,
        retenus=2,
        conflits=2,
        reprises=2,
        inconnus=2,
        trous=2,
        echecs=[(12, "refusé"), (13, "refusé")],
    )
    assert rapport.text().replace(F, " ") == (
        "2 dossiers lus ; 2 nouveaux ou modifiés ; 2 examinés ; 2 dossiers annotés ; 2 messages envoyés ; "
        "2 passages en instruction ; 2 labels posés ou retirés ; 2 envois retenus ; "
        "2 annotations laissées telles qu’un agent les a écrites ; "
        "2 écritures interrompues, dont le sort est maintenant connu ; "
        "2 écritures sans réponse, à éclaircir au prochain passage ; 2 dossiers en échec ; "
        "2 dossiers que DS n’a pas pu montrer."
    )


def test_thousands_are_told_as_french_writes_them():
    assert Rapport(lus=3_000).text().replace(F, " ").startswith("3 000 dossiers lus ; 0 nouveau")


@pytest.mark.parametrize(
    ("rapport", "code"),
    [
        (Rapport(), 0),
        (Rapport(retenus=3, conflits=2, reprises=1), 0),
        (Rapport(echecs=[(1, "non")]), 1),
        (Rapport(trous=1), 1),
        (Rapport(inconnus=1), 75),
        (Rapport(inconnus=1, echecs=[(1, "sans réponse")]), 75),
    ],
)
def test_the_exit_code_says_whether_somebody_is_needed(rapport, code):
    assert rapport.exit_code == code


def test_counts_are_numbers_only_and_name_every_one():
    counts = Rapport(lus=3, echecs=[(1, "un nom propre")]).counts
    assert counts["lus"] == 3
    assert counts["echecs"] == 1
    assert all(isinstance(v, int) for v in counts.values())
    assert set(counts) == set(Rapport.__dataclass_fields__) - {"notes", "pieces_remises"}


def test_a_sentence_about_the_whole_demarche_is_said_once_after_the_counts():
    rapport = Rapport(satures=2)
    for _ in range(2):
        rapport.note("Passages en instruction retenus : aucun zonage n’est importé.")
    dit = rapport.text().replace("\u00a0", " ").replace("\u202f", " ")
    assert dit.endswith("laissés de côté. Passages en instruction retenus : aucun zonage n’est importé.")
    assert "2 dossiers trop souvent annotés en un jour" in dit


def test_two_reports_do_not_share_their_failures():
    Rapport().echecs.append((1, "non"))
    assert Rapport().echecs == []


def test_a_failure_that_many_dossiers_share_is_told_once():
    absent = "l’instructeur du connecteur n’est pas membre du groupe « Loiret »."
    rapport = Rapport(echecs=[(7, "autre chose."), *((n, absent) for n in range(100, 112)), (100, absent)])
    lines = [line.replace("\u00a0", " ").replace("\u202f", " ") for line in rapport.lignes_d_echecs()]
    assert lines == [
        "dossier n° 7 : autre chose.",
        f"12 dossiers (n° 100, 101, 102, 103, 104…) : {absent}",
    ]
    assert rapport.counts["echecs"] == 14
