"""Several démarches in one configuration: one that is stopped does not keep the others waiting."""

from __future__ import annotations

from connector.sandbox.monde import CAS, DEMARCHE


def test_a_demarche_out_of_reach_does_not_keep_the_other_from_its_pass(petit_banc):
    text = petit_banc.chemin.read_text(encoding="utf-8")
    first = f"[[demarches]]\nnumero = {DEMARCHE}\n"
    assert first in text
    ailleurs = '[[demarches]]\nnumero = 424242\nnom = "Une autre campagne"\n\n'
    petit_banc.chemin.write_text(text.replace(first, ailleurs + first, 1), encoding="utf-8")
    done = petit_banc.run("sync", check=77)
    assert "Démarche 424242, arrêt" in done.stderr
    assert petit_banc.messages(CAS["sans_cv"])
