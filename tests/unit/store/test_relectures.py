"""What was found inside the pieces is kept by checksum, exactly, and goes with the dossier."""

from __future__ import annotations

from connector.core.conservation import Motif
from connector.core.contenu import Defaut, Empechement, Examen, Nature
from connector.core.examen_piece import Relecture
from connector.store.effacement import AEffacer
from tests.unit.store.fabrique import DEMARCHE, NOW, fiche

SAINE = Relecture(checksum="a==", le=NOW, examen=Examen(nature=Nature.PDF, pages=3, defauts=(Defaut.SCRIPT,)))
ABSENTE = Relecture(checksum="b==", le=NOW, empechement=Empechement.RESEAU, essais=2)


def save(base, *numbers):
    fiches = tuple(fiche(n) for n in numbers)
    base.dossiers.save_page(DEMARCHE, fiches=fiches, trous=(), supprimes=(), watermark=None, now=NOW)


def test_what_is_kept_is_read_back_as_it_was(base):
    save(base, 1, 2)
    base.relectures.save(1, (SAINE, ABSENTE))
    assert base.relectures.of(1) == {"a==": SAINE, "b==": ABSENTE}
    assert base.relectures.of(2) == {}


def test_what_is_no_longer_said_is_forgotten(base):
    save(base, 1, 2)
    base.relectures.save(1, (SAINE, ABSENTE))
    base.relectures.save(2, (SAINE,))
    base.relectures.save(1, (ABSENTE,))
    assert set(base.relectures.of(1)) == {"b=="}
    assert set(base.relectures.of(2)) == {"a=="}


def test_what_cannot_be_read_is_left_out_then_replaced_by_what_is_found_anew(base, caplog):
    save(base, 1)
    base.relectures.save(1, (SAINE, ABSENTE))
    base.connexion.run("UPDATE relectures SET relecture = '{oups' WHERE dossier = 1 AND relecture LIKE '%a==%'")
    assert base.relectures.of(1) == {"b==": ABSENTE}
    assert "relecture.unreadable number=1" in caplog.text
    assert "oups" not in caplog.text
    base.relectures.save(1, (SAINE, ABSENTE))
    assert base.relectures.of(1) == {"a==": SAINE, "b==": ABSENTE}


def test_a_dossier_stored_again_keeps_them_and_an_erased_one_does_not(base):
    save(base, 1)
    base.relectures.save(1, (SAINE,))
    save(base, 1)
    assert base.relectures.of(1) == {"a==": SAINE}
    base.effacement.erase([AEffacer(number=1, demarche=DEMARCHE, motif=Motif.OUBLI)], now=NOW)
    assert base.relectures.of(1) == {}
    base.relectures.save(1, (SAINE,))
    assert base.relectures.of(1) == {}


EN_ATTENTE = Relecture(checksum="c==", le=NOW)


def test_what_is_still_to_be_looked_into_is_told_of_open_dossiers_that_ds_still_shows(base):
    save(base, 1, 2, 3)
    for number in (1, 2, 3):
        base.relectures.save(number, (SAINE, ABSENTE, EN_ATTENTE))
    base.connexion.run("UPDATE dossiers SET state = 'accepte' WHERE number = 2")
    base.dossiers.mark_absent(3, cause="disparu", now=NOW)
    assert base.relectures.restantes(DEMARCHE) == [(ABSENTE, None), (EN_ATTENTE, None)]
    assert base.relectures.restantes(DEMARCHE + 1) == []


def test_a_row_that_cannot_be_read_is_not_counted(base):
    save(base, 1)
    base.relectures.save(1, (ABSENTE, EN_ATTENTE))
    base.connexion.run("UPDATE relectures SET relecture = '{oups' WHERE relecture LIKE '%b==%'")
    assert base.relectures.restantes(DEMARCHE) == [(EN_ATTENTE, None)]
    base.connexion.run("UPDATE relectures SET relecture = '{}' WHERE relecture = '{oups'")
    assert base.relectures.restantes(DEMARCHE) == [(EN_ATTENTE, None)]
