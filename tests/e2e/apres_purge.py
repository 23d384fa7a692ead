"""The end of the campaign's story: its dossiers have had their time, and the posts must not notice."""

from __future__ import annotations

from datetime import date, timedelta

from connector import bilans, cycle, wiring
from connector.bilan.rapports import bilan
from connector.core.quota import CleQuota
from connector.donnees import oublier, purger
from connector.sandbox import formulaire as form
from connector.sandbox.lieux import CH_BLOIS, CH_CHARTRES, CHATEAUDUN, VENDOME
from connector.sandbox.recit import site
from tests.e2e.campagne import Campagne

PARTIE, VACANTE, REMPLACEE, RETARDEE = 230_009, 230_005, 230_001, 230_006
"""Who left before the end, who withdrew and left the post vacant, whose post another dossier, still there, took over,
and who is still at work after a postponed start."""

DU_REGISTRE = {"postes": slice(4, None), "couts": slice(None), "exercices": slice(None)}
"""The tables of the report that tell of posts, and their columns that count the register's."""


def le_registre_survit(c: Campagne) -> None:
    """Nothing that is said of posts moves when their dossiers go, nor does the program write a word because of it."""
    c.le(date(2025, 11, 10))
    remplacement(c, 250_001, CH_CHARTRES, "Gynécologie médicale", CHATEAUDUN, PARTIE)
    c.passe()
    avant, dit = ce_qui_se_compte(c), c.annotation(250_001, "Points à vérifier")
    assert "n'est pas connu ici" not in dit
    assert {len(p.titulaires) for p in c.atelier.base.postes.all()} == {1, 2}
    copies = c.atelier.settings.base.dossier_des_copies
    purge = purger(
        c.atelier.base,
        c.atelier.settings.conservation,
        copies,
        now=c.horloge(),
        aujourd_hui=c.horloge.jour(),
    )
    partis = {d.number for d in purge.dossiers}
    assert {PARTIE, VACANTE, REMPLACEE, RETARDEE} < partis, partis
    assert purge.postes == ()
    (demarche,) = c.atelier.settings.demarches
    assert "Son poste reste compté" in oublier(c.atelier.base, demarche.numero, 230_002, copies, now=c.horloge())
    for ce_qui_etait, ce_qui_est in zip(avant, ce_qui_se_compte(c), strict=True):
        assert ce_qui_est == ce_qui_etait, (ce_qui_est, ce_qui_etait)
    rien_ne_s_ecrit(c)
    assert c.annotation(250_001, "Points à vérifier") == dit
    remplacement(c, 250_002, CH_BLOIS, "Cardiologie", VENDOME, VACANTE)
    c.passe()
    assert constat(c, 250_002, "remplacement") == constat(c, 250_001, "remplacement")
    assert "Le dossier remplacé est reconnu" in constat(c, 250_002, "remplacement")
    la_fin_d_un_poste_se_saisit_encore(c)


def remplacement(c: Campagne, numero: int, hopital, specialite: str, commune, desiste: int) -> None:
    """A hospital files a dossier that takes over the post of another one."""
    mais = {
        "Type de demande": form.REMPLACEMENT,
        "Dossier du candidat désisté": desiste,
        "Répercussions sur le projet médical et les quotités": "Aucune.",
    }
    c.depose(numero, hopital, specialite, site(commune, "5", "46"), mais=mais)


def ce_qui_se_compte(c: Campagne) -> tuple[object, ...]:
    """The register, the counters of every quota, and what the report says of posts and of what they cost."""
    (demarche,) = c.atelier.settings.demarches
    monde, postes = c.atelier.monde(demarche), c.atelier.base.postes.all()
    cles = {CleQuota(promotion=p.promotion, region=p.region, categorie=p.categorie) for p in postes}
    compteurs = {cle: monde._compte(cle) for cle in cles}
    tableaux = {t.cle: t for s in bilan(bilans.rassembler(c.atelier)).sections for t in s.tableaux}
    assert len(tableaux["exercices"].lignes) > 1
    lignes = {
        cle: [
            (li.groupe, li.libelle, li.valeurs[colonnes])
            for li in (*tableaux[cle].lignes, tableaux[cle].total)
            if any(li.valeurs[colonnes])  # a quota that only candidatures speak of has no row left
        ]
        for cle, colonnes in DU_REGISTRE.items()
    }
    return postes, compteurs, lignes


def rien_ne_s_ecrit(c: Campagne) -> None:
    (demarche,) = c.atelier.settings.demarches
    for _ in range(2):
        rapport = cycle.run(c.atelier.passage(demarche))
        assert (rapport.echecs, rapport.annotes, rapport.messages, rapport.transitions, rapport.labels) == (
            [],
            0,
            0,
            0,
            0,
        )


def constat(c: Campagne, numero: int, regle: str) -> str:
    """What that rule finds in that dossier."""
    evaluation = c.atelier.base.dossiers.dossier(numero)[1].evaluation
    return next(x.phrase for x in evaluation.proposition.constats if x.regle == regle)


def la_fin_d_un_poste_se_saisit_encore(c: Campagne) -> None:
    """An agent ends, in a dossier erased long ago, a post that still lasts: the register hears of it."""
    base = c.atelier.base
    assert base.dossiers.dossier(RETARDEE) is None
    assert base.postes.of_dossier(RETARDEE).titulaire.sorti_le is None
    messages = len(c.world.dossiers[RETARDEE].messages)
    c.horloge.instant += timedelta(days=1)
    c.annote(RETARDEE, evenement="Fin anticipée", date_evenement=wiring.today() - timedelta(days=400))
    c.passe()
    poste = base.postes.of_dossier(RETARDEE)
    assert poste.titulaire.sorti_le == wiring.today() - timedelta(days=400)
    assert len(c.world.dossiers[RETARDEE].messages) <= messages + 1
