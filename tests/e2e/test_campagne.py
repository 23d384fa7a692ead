"""A campaign from its opening to the end of its posts: who received what, when, as a story (tests/snapshots)."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from connector import wiring
from connector.core.empreintes import reference_in
from connector.core.typographie import composer
from connector.sandbox import formulaire as form
from connector.sandbox.formulaire import CONVENTION, CV, LETTRE, QUALIFICATION
from connector.sandbox.lieux import (
    AMBOISE,
    AUNEAU,
    CAYENNE,
    CH_BLOIS,
    CH_BOURGES,
    CH_CHARTRES,
    CH_CHATEAUROUX,
    CH_DE_BLOIS,
    CH_MONTARGIS,
    CH_ORLEANS,
    CHATEAU_RENAULT,
    CHATEAUDUN,
    CHINON,
    CHU_TOURS,
    DREUX,
    GIEN,
    ISSOUDUN,
    LE_BLANC,
    LEVROUX,
    LOCHES,
    PITHIVIERS,
    ROMORANTIN,
    SAINT_AMAND,
    TOURS_QUARTIER,
    VENDOME,
    VIERZON,
    VIERZON_HOPITAL,
)
from connector.sandbox.recit import pdf, piece, site
from connector.sandbox.server import Sandbox
from connector.sandbox.world import Fichier
from tests.e2e.apres_purge import le_registre_survit
from tests.e2e.campagne import Campagne, Horloge, monde_vide, preparer
from tests.property.test_convergence import MEMOIRE

INSTANTANE = Path(__file__).parents[1] / "snapshots" / "campagne.txt"
REECRIRE = "REECRIRE_INSTANTANES"
"""Set this variable to write the transcript anew, then read the difference before committing it."""

CAT_I = {
    "Catégorie de poste": form.ENTRE_ETABLISSEMENTS,
    "Quotité hospitalière (%)": 70,
    "Quotité ambulatoire (%)": 30,
    "Motivation de la modulation des quotités": "Poste partagé entre deux établissements.",
}
REMPLACER = {"Type de demande": form.REMPLACEMENT}


@pytest.fixture
def campagne(monkeypatch) -> Iterator[Campagne]:
    horloge = Horloge(datetime(2023, 1, 2, 9, 0, tzinfo=wiring.FRANCE))
    monkeypatch.setattr(wiring, "now", horloge)
    monkeypatch.setattr(wiring, "today", horloge.jour)
    world = monde_vide(horloge)
    with TemporaryDirectory(dir=MEMOIRE) as nom, Sandbox(world, limite=1_000_000) as bac:
        dossier = Path(nom)
        chemin = preparer(dossier / "ars", bac, world)
        with wiring.atelier(wiring.reglages(chemin)) as atelier:
            yield Campagne(world=world, atelier=atelier, horloge=horloge, dossier=dossier)


def partage(hopital, ville, motif=None):
    saisie = {"Quotité hospitalière (%)": hopital, "Quotité ambulatoire (%)": ville}
    return saisie | ({"Motivation de la modulation des quotités": motif} if motif else {})


def joint(label, numero):
    return {label: [piece(label, numero)]}


# ── the story ────────────────────────────────────────────────────────────────────────────────────────────────────────


def ouverture(c: Campagne) -> None:
    c.titre("L’ouverture")
    c.le(date(2023, 1, 9))
    c.dit("L’appel à candidatures ouvre dans Démarches simplifiées ; le connecteur passe, et n’a encore rien à lire.")
    c.passe()


def depots(c: Campagne) -> None:
    c.titre("Les dépôts et les corrections")
    c.le(date(2023, 1, 10))
    c.depose(230_001, CHU_TOURS, "Dermatologie", site(VIERZON, "5", "118"))
    c.depose(230_002, CH_BOURGES, "Psychiatrie", site(ISSOUDUN, "5", "39"))
    c.depose(230_003, CH_ORLEANS, "Neurologie", site(GIEN, "5", "66"), sans=(CONVENTION,), note="sans la convention")
    c.depose(230_004, CHU_TOURS, "Pédiatrie", site(CH_DE_BLOIS, "3", "64"), mais=CAT_I)
    c.depose(230_005, CH_BLOIS, "Cardiologie", site(VENDOME, "5", "33"))
    c.depose(230_006, CH_CHATEAUROUX, "Rhumatologie", site(LE_BLANC, "5", "60"))
    c.depose(230_007, CHU_TOURS, "Médecine générale", site(CHATEAU_RENAULT, "5", "31"))
    c.depose(
        230_008, CH_BOURGES, "Endocrinologie", site(SAINT_AMAND, "4"), mais=partage(60, 40), note="60/40 non motivé"
    )
    c.passe()
    c.le(date(2023, 1, 13))
    c.corrige(230_003, joint(CONVENTION, 230_003), "la convention signée")
    c.passe()
    c.le(date(2023, 1, 18))
    c.depose(230_009, CH_CHARTRES, "Gynécologie médicale", site(CHATEAUDUN, "5", "46"))
    c.depose(
        230_010,
        CH_MONTARGIS,
        "Gériatrie",
        site(GIEN, "5", "39"),
        sans=(CONVENTION, LETTRE),
        note="deux pièces manquent",
    )
    c.depose(230_011, CHU_TOURS, "Ophtalmologie", site(AMBOISE, "5", "27"))
    motif = "Deux demi-journées de plateau technique imposent 60 % à l'hôpital."
    c.corrige(230_008, {"Motivation de la modulation des quotités": motif}, "la motivation du partage 60/40")
    meme = pdf("Un seul document, déposé deux fois")
    double = {CV: [Fichier.de("candidature.pdf", meme)], LETTRE: [Fichier.de("candidature (1).pdf", meme)]}
    c.depose(
        230_012, CH_ORLEANS, "Oncologie", site(PITHIVIERS, "5", "44"), mais=double, note="le CV tient lieu de lettre"
    )
    c.depose(230_013, CH_CHATEAUROUX, "Urologie", site(VIERZON_HOPITAL, "3", "60"), mais=CAT_I)
    c.depose(230_014, CH_BLOIS, "ORL", site(ROMORANTIN, "5", "42"))
    c.passe()
    c.le(date(2023, 1, 24))
    c.corrige(230_010, joint(CONVENTION, 230_010), "la convention, mais pas la lettre")
    c.passe()
    c.le(date(2023, 1, 27))
    c.corrige(230_010, joint(LETTRE, 230_010), "la lettre de motivation")
    c.corrige(230_012, joint(LETTRE, 230_012), "une vraie lettre de motivation")
    c.passe()


def suite_des_depots(c: Campagne) -> None:
    c.titre("L’hiver : relances, questions, cas particuliers")
    c.le(date(2023, 2, 1))
    c.depose(
        230_015, CHU_TOURS, "Psychiatrie", site(ROMORANTIN, "5", "92"), sans=(CONVENTION,), note="sans la convention"
    )
    c.depose(
        230_016, CH_BOURGES, "Pneumologie", site(VIERZON, "5", "33"), sans=(QUALIFICATION,), note="sans le diplôme"
    )
    c.depose(230_017, CH_CHARTRES, "Néphrologie", site(DREUX, "5", "36"), sans=(CONVENTION,), note="sans la convention")
    c.depose(
        230_018,
        CHU_TOURS,
        "Néphrologie",
        site(CAYENNE, "10"),
        mais={"Catégorie de poste": form.OUTRE_MER, **partage(100, 0, "Un an à Cayenne, puis un an à Tours.")},
    )
    c.passe()
    c.le(date(2023, 2, 3))
    c.ecrit(230_016, "Bonjour, le justificatif suivra la semaine prochaine : l'université tarde à le remettre.")
    c.dit("Un agent relit le message préparé pour le dossier n° 230018 et le valide.")
    c.annote(230_018, envoi_valide=True)
    c.passe()
    c.le(date(2023, 2, 14))
    c.depose(
        230_019, CH_ORLEANS, "Rhumatologie", site(GIEN, "2"), site(PITHIVIERS, "2"), mais=partage(60, 40, motif_deux())
    )
    c.depose(230_020, CHU_TOURS, "Gynécologie médicale", site(TOURS_QUARTIER))
    c.depose(230_021, CHU_TOURS, "Cardiologie", site(LOCHES, "5", "43"))
    c.depose(230_022, CH_CHARTRES, "Endocrinologie", site(AUNEAU))
    c.corrige(230_016, joint(QUALIFICATION, 230_016), "le diplôme")
    c.depose(230_023, CH_BLOIS, "Gériatrie", site(VENDOME, "5", "33"))
    c.depose(230_024, CH_CHATEAUROUX, "Neurologie", site(LEVROUX, "5", "21"))
    c.depose(230_025, CHU_TOURS, "Hématologie", site(CH_DE_BLOIS, "3", "64"), mais=CAT_I)
    c.depose(230_026, CHU_TOURS, "Oncologie", site(CHINON, "5", "48"))
    c.depose(230_027, CH_MONTARGIS, "Pédiatrie", site(GIEN, "5", "39"))
    c.depose(
        230_028, CH_BOURGES, "Radiologie", site(SAINT_AMAND, "5", "46"), sans=(CONVENTION,), note="sans la convention"
    )
    c.depose(230_029, CH_ORLEANS, "Médecine interne", site(CH_DE_BLOIS, "3", "61"), mais=CAT_I)
    c.passe()
    c.le(date(2023, 2, 22))
    c.corrige(230_015, joint(CONVENTION, 230_015), "la convention, après la relance")
    c.passe()


def fin_des_depots(c: Campagne) -> None:
    c.le(date(2023, 3, 6))
    for numero, hopital, specialite, lieu in (
        (230_030, CHU_TOURS, "Allergologie", site(VIERZON_HOPITAL, "3", "118")),
        (230_031, CH_BOURGES, "Anesthésie-réanimation", site(VIERZON_HOPITAL, "3", "33")),
        (230_032, CH_CHARTRES, "Maladies infectieuses et tropicales", site(CH_DE_BLOIS, "3", "110")),
        (230_033, CH_MONTARGIS, "Hépato-gastro-entérologie", site(CH_DE_BLOIS, "3", "130")),
    ):
        c.depose(numero, hopital, specialite, lieu, mais=CAT_I)
    c.depose(230_034, CH_CHATEAUROUX, "Dermatologie", site(LEVROUX, "5", "21"))
    c.depose(230_035, CH_BLOIS, "Ophtalmologie", site(ROMORANTIN, "5", "42"))
    c.passe()
    c.le(date(2023, 3, 20))
    c.depose(230_036, CH_CHARTRES, "Dermatologie", site(CHATEAUDUN, "5", "46"))
    c.depose(230_037, CH_BOURGES, "Gynécologie obstétrique", site(ISSOUDUN, "5", "39"))
    c.depose(230_038, CH_ORLEANS, "Psychiatrie", site(GIEN, "5", "66"))
    c.depose(230_039, CH_BLOIS, "Allergologie", site(VENDOME, "5", "33"), sans=(CV,), note="sans le CV")
    c.depose(230_040, CHU_TOURS, "Médecine physique et de réadaptation", site(CHATEAU_RENAULT, "5", "31"))
    c.depose(230_042, CH_MONTARGIS, "Oncologie", site(GIEN, "5", "39"), sans=(CONVENTION,), note="sans la convention")
    c.agent_ecrit(230_042, "Bonjour, je suis votre interlocutrice pour ce dossier : n'hésitez pas à m'appeler.")
    c.passe()
    c.le(date(2023, 3, 21))
    c.dit("Le connecteur n’écrit pas de lui-même à un établissement qu’un agent vient de contacter : il propose.")
    c.annote(230_042, envoi_valide=True)
    c.passe()
    c.le(date(2023, 3, 24))
    c.corrige(230_042, joint(CONVENTION, 230_042), "la convention")
    c.corrige(230_039, joint(CV, 230_039), "le CV")
    c.passe()
    c.le(date(2023, 4, 4))
    c.depose(230_041, CH_MONTARGIS, "Rhumatologie", site(GIEN, "5", "39"), note="après la clôture")
    c.passe()


def motif_deux():
    return (
        "Deux demi-journées de plateau technique imposent 60 % à l'hôpital ; les deux maisons de santé sont d'accord."
    )


AMBULATOIRE = (230_001, 230_002, 230_005, 230_006, 230_009, 230_023)
ATTENTE = (230_024, 230_026, 230_034)
ENTRE_HOPITAUX = (230_004, 230_013, 230_025, 230_029, 230_030)
REFUSES = (
    (230_007, "La médecine générale relève d’un autre dispositif (contrat de chef de clinique de médecine générale)."),
    (
        230_011,
        "La commune d’accueil n’est pas située en zone sous-dense et le déficit de la spécialité n’est pas établi.",
    ),
    (
        230_021,
        "La commune d’accueil n’est pas située en zone sous-dense et le déficit de la spécialité n’est pas établi.",
    ),
    (230_035, "Le projet médical ne précise pas la répartition des demi-journées entre les deux structures."),
    (230_033, "Tous les postes ouverts entre établissements sont attribués à des projets mieux classés."),
)


def decisions(c: Campagne) -> None:
    c.titre("La commission et les décisions")
    c.le(date(2023, 5, 16))
    c.dit("La commission s’est réunie la veille. Les agents contrôlent les pièces des dossiers qu’elle retient,")
    c.dit("et passent en instruction ceux que le connecteur n’y passe jamais de lui-même.")
    c.annote(*AMBULATOIRE, *ENTRE_HOPITAUX, *ATTENTE, vu=True)
    c.instruit(230_007, 230_011, 230_017, 230_018, 230_021, 230_028)
    c.passe()
    c.le(date(2023, 5, 24))
    c.commission(
        *((n, "Retenu", "", rang) for rang, n in enumerate((*AMBULATOIRE, *ENTRE_HOPITAUX), start=1)),
        *((n, "Liste d’attente", "", rang) for rang, n in enumerate(ATTENTE, start=1)),
        *((n, "Non retenu", motif, None) for n, motif in REFUSES),
        *((n, "Sans suite", "Le dossier n’a pas été complété malgré deux relances.", None) for n in (230_017, 230_028)),
        (230_018, "Sans suite", "La demande relève de l’ARS Guyane, auprès de laquelle elle est à déposer.", None),
        nom="commission-15-mai.xlsx",
    )
    c.passe()
    c.le(date(2023, 6, 15), "09:00")
    c.dit("C’est le jour de la notification.")
    c.passe()


def vie(c: Campagne) -> None:
    c.titre("Après l’accord : désistements, remplacement, report")
    c.le(date(2023, 9, 4))
    c.ecrit(230_001, "Bonjour, la candidate retenue a accepté un poste dans une autre région et se désiste.")
    c.annote(230_001, evenement="Désistement", date_evenement=date(2023, 9, 1))
    c.passe()
    c.le(date(2023, 9, 11))
    c.annote(230_005, evenement="Désistement", date_evenement=date(2023, 9, 8))
    c.passe()
    c.le(date(2023, 9, 13))
    c.ecrit(230_005, "Bonjour, nous n'avons pas d'autre candidat et renonçons au poste.")
    c.le(date(2023, 9, 18))
    lien, courrier = "Dossier du candidat désisté", "Courrier expliquant le motif du désistement"
    repercussions = "Répercussions sur le projet médical et les quotités"
    c.depose(
        230_050,
        CHU_TOURS,
        "Dermatologie",
        site(VIERZON, "6", "118"),
        mais={
            **REMPLACER,
            **partage(40, 60, "La maison de santé demande une demi-journée de plus."),
            lien: 230_001,
            repercussions: "Une demi-journée de plus à la maison de santé.",
        },
        note="en remplacement du dossier n° 230001, sans le courrier de motif",
    )
    c.passe()
    c.le(date(2023, 9, 20))
    c.corrige(230_050, joint(courrier, 230_050), "le courrier expliquant le désistement")
    c.passe()
    c.le(date(2023, 9, 25))
    c.annote(230_050, vu=True, modulation=True)
    c.passe()
    c.decide(230_050, "accepte", c.annotation(230_050, "Motivation proposée"))
    c.decide(230_024, "accepte", c.annotation(230_024, "Motivation proposée"))
    c.passe()
    c.le(date(2023, 10, 10))
    c.ecrit(230_006, "Bonjour, le candidat soutient sa thèse en janvier : pouvons-nous reporter sa prise de fonction ?")
    c.annote(230_006, evenement="Report accordé", date_evenement=date(2024, 2, 1))
    c.passe()
    c.le(date(2023, 10, 12))
    c.dit("La date saisie était fausse : le report court jusqu’au 2 janvier.")
    c.annote(230_006, date_evenement=date(2024, 1, 2))
    c.passe()
    c.agent_ecrit(
        230_006, "Bonjour, erratum : la prise de fonction est attendue le 2 janvier 2024, et non le 1er février."
    )
    c.passe()
    c.le(date(2023, 10, 16))
    c.annote(230_013, evenement="Report refusé")
    c.passe()


def prises_de_fonction(c: Campagne) -> None:
    c.titre("Les prises de fonction")
    c.le(date(2023, 11, 6))
    presents = (230_002, 230_009, 230_024, 230_050, 230_004, 230_025, 230_029)
    c.annote(*presents, evenement="Prise de fonction constatée", date_evenement=date(2023, 11, 2))
    c.passe()
    c.le(date(2023, 11, 13))
    c.passe()
    c.le(date(2023, 11, 20))
    c.ecrit(230_030, "Bonjour, notre candidate ne s'est pas présentée et renonce au poste.")
    c.annote(230_030, evenement="Désistement", date_evenement=date(2023, 11, 17))
    c.passe()
    c.le(date(2023, 12, 12))
    c.annote(230_023, evenement="Prise de fonction constatée", date_evenement=date(2023, 12, 11))
    c.annote(230_013, evenement="Prise de fonction constatée", date_evenement=date(2023, 11, 3))
    c.passe()
    c.le(date(2024, 1, 3))
    c.annote(230_006, evenement="Prise de fonction constatée", date_evenement=date(2024, 1, 2))
    c.passe()


def fins(c: Campagne) -> None:
    c.titre("La fin des postes")
    c.le(date(2024, 7, 1))
    c.annote(230_009, evenement="Fin anticipée", date_evenement=date(2024, 6, 30))
    c.passe()
    c.le(date(2024, 7, 15))
    c.ecrit(230_009, "Bonjour, la docteure s'installe en ville à Châteaudun. Nous ne proposerons pas d'autre candidat.")
    c.annote(230_009, devenir="Installation en ville")
    c.passe()
    c.le(date(2025, 11, 3))
    c.passe()
    c.annote(230_002, devenir="Exercice mixte")
    c.passe()


def raconte(c: Campagne) -> str:
    c.recit += [
        "UNE CAMPAGNE, DE L’OUVERTURE À LA FIN DES POSTES",
        "",
        "Ce que font les gens, puis (▸) ce que le connecteur fait et ce que chacun reçoit, et (◦) ce que lisent les",
        "instructeurs après l’accord. Le texte d’un modèle est donné en entier la première fois ; ensuite, seules les",
        "lignes qui changent le sont.",
    ]
    for chapitre in (ouverture, depots, suite_des_depots, fin_des_depots, decisions, vie, prises_de_fonction, fins):
        chapitre(c)
    c.bilan()
    return "\n".join(c.recit) + "\n"


@pytest.mark.timeout(400)  # half a minute of work, and machines that do something else besides
def test_a_campaign_reads_like_a_story_and_its_posts_outlive_its_dossiers(campagne):
    recit = raconte(campagne)
    if REECRIRE in os.environ:
        INSTANTANE.parent.mkdir(exist_ok=True)
        INSTANTANE.write_text(recit, encoding="utf-8")
    assert len(campagne.world.dossiers) >= 40
    verifie(campagne)
    assert recit == INSTANTANE.read_text(encoding="utf-8"), f"relisez la différence, puis : {REECRIRE}=1"
    le_registre_survit(campagne)


def verifie(c: Campagne) -> None:
    """What holds whatever the words: each message once, its typography right, nobody decided for."""
    for numero, dossier in c.world.dossiers.items():
        ours = [m for m in dossier.messages if reference_in(m.body)]
        assert max(Counter(reference_in(m.body) for m in ours).values(), default=1) == 1, numero
        for message in ours:
            assert composer(message.body) == message.body
            assert not re.search(r"\s[,.]|\{|\}|None|  ", message.body), (numero, message.body)
        modeles = Counter(c.modeles.get(reference_in(m.body)) for m in ours)
        assert all(modeles[m] <= 1 for m in ("desistement", "report", "prise_de_fonction", "fin", "remplacement"))
