"""Templates are compiled once for all the passes of a service, and tried again as soon as a file of theirs changes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from connector import wiring
from connector.config import Instance, Jeton
from connector.errors import TemplateError

BON = "Bonjour,\n\nIl manque :\n{% for point in points %}- {{ point.phrase }}\n{% endfor %}\n{{ signature }}\n"


@pytest.fixture
def reglages(tmp_path):
    (tmp_path / "pieces.txt.j2").write_text(BON, encoding="utf-8")
    return SimpleNamespace(
        messages=SimpleNamespace(modeles=tmp_path), instance=Instance(jeton=Jeton(variable="UN_JETON"))
    )


def test_nothing_is_compiled_again_while_no_file_moves(reglages):
    assert wiring.modeles(reglages) is wiring.modeles(reglages)


@pytest.mark.parametrize("fichier", ["pieces.txt.j2", "relance_1.txt.j2"])
def test_a_template_changed_or_added_between_two_passes_is_tried_before_it_is_used(reglages, fichier):
    premiers = wiring.modeles(reglages)
    (reglages.messages.modeles / fichier).write_text("Bonjour {{ inconnu }}\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(TemplateError):
            wiring.modeles(reglages)
    (reglages.messages.modeles / fichier).write_text(BON + "Merci.\n", encoding="utf-8")
    assert wiring.modeles(reglages) is not premiers


def test_a_template_taken_away_gives_ours_again(reglages):
    propres = wiring.modeles(reglages)
    (reglages.messages.modeles / "pieces.txt.j2").unlink()
    assert wiring.modeles(reglages) is not propres


def test_a_file_that_goes_while_it_is_looked_at_is_no_accident(reglages):
    (reglages.messages.modeles / "brouillon").symlink_to("nulle-part")
    assert wiring.modeles(reglages) is wiring.modeles(reglages)


def test_a_token_that_came_into_use_since_is_looked_for(reglages, monkeypatch):
    fichier = reglages.messages.modeles / "pieces.txt.j2"
    fichier.write_text(f"{BON}{{# ancien-jeton-d-autrefois #}}\n", encoding="utf-8")
    wiring.modeles(reglages)
    monkeypatch.setenv("UN_JETON", "ancien-jeton-d-autrefois")
    with pytest.raises(TemplateError, match="jeton") as refus:
        wiring.modeles(reglages)
    assert refus.value.line == BON.count("\n") + 1
    assert "autrefois" not in str(refus.value)
