"""A message that waits for an agent, from the command line to the dossier and back; and how it is previewed."""

from __future__ import annotations

from connector.core.empreintes import reference_in
from connector.sandbox import scenario
from connector.sandbox.monde import CAS


def test_a_draft_waits_for_a_tick_goes_as_edited_and_leaves_a_clean_box(petit_banc):
    banc, number = petit_banc, CAS["sans_cv"]
    banc.reglage(mode='"annoter"')
    banc.run("sync")
    assert not banc.messages(number)
    propose = str(banc.annotation(number, "Message proposé"))
    assert "curriculum vitae" in propose.lower()
    assert banc.run("preview", "pieces", str(number)).stdout.strip() == propose

    edite = propose.replace("Bonjour,", "Bonjour Madame,")
    scenario.instructeur_annote(banc.world, number, {"Message proposé": edite, "Envoi validé": True})
    banc.run("sync")
    (body,) = banc.messages(number)
    assert body.startswith("Bonjour Madame,")
    assert reference_in(body) == reference_in(propose)
    assert banc.world.dossiers[number].correction_en_attente is not None
    assert not banc.annotation(number, "Message proposé")
    assert not banc.annotation(number, "Envoi validé")
    assert "Demande envoyée le" in str(banc.annotation(number, "Points à vérifier"))

    banc.bac.reset()
    banc.run("sync")
    banc.run("sync")
    assert banc.bac.compteurs.mutations == 0


def test_a_message_is_previewed_with_sample_values_or_those_of_a_dossier(petit_banc):
    banc = petit_banc
    sample = banc.run("preview", "relance_2").stdout
    assert "dossier n°\u00a0123456" in sample
    assert "C’est notre dernier rappel." in sample
    unknown = _plain(banc.run("preview", "relance", check=2).stderr)
    assert "Aucun modèle « relance » ; vouliez-vous dire « relance_" in unknown
    assert "Les modèles : " in unknown
    assert "n’a pas encore été lu ici" in banc.run("preview", "pieces", "1", check=2).stderr

    banc.run("sync")
    lacking, complete = str(CAS["sans_cv"]), str(CAS["complet"])
    shown = banc.run("preview", "relance_1", lacking)
    assert "curriculum vitae" in shown.stdout.lower()
    assert "n’est pas dû aujourd’hui" in shown.stderr
    assert "tout est complet" in banc.run("preview", "complet", complete).stdout
    assert f"n’a rien à dire du dossier n° {complete}" in _plain(
        banc.run("preview", "pieces", complete, check=2).stderr
    )


def _plain(text: str) -> str:
    """The text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")
