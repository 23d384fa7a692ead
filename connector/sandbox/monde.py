"""The default world: the reference form, and dossiers filed by invented hospitals that show every case of life.

Which dossier embodies which case (`CAS` gives the number of a case by its name). Days are counted back from now;
the service starts 60 days ago, and the form's second version was published 75 days ago.

Decided or begun under the first version of the form
    100001  accepte_desiste         accepted, then the candidate gave up: 100031 and 100032 replace him
    100002  accepte_reporte         accepted, postponement granted
    100003  accepte_archive         accepted, in post, outcome and observations filled, archived
    100004  refuse                  refused out of zone, with its reasons; the hospital answered
    100005  sans_suite              closed at the hospital's request
    100006  accepte_cat_1           between two hospitals, ended early
    100007  accepte_corbeille       accepted, then binned by its usager: it stays listed
    100008  suivi_de_revision       under examination when the form changed: followed to the second version

Filed before the service started
    100009  avant_service           incomplete: annotated, never written to
    100010  liste_attente           under examination, on the waiting list, ranked by the commission
    100011  accepte                 accepted under the second version

Pieces
    100012  complet                 complete and good (half and half, priority zone, 105 km)
    100013  complet_cat_1           complete, between two hospitals, 70/30
    100014  sans_cv                 no curriculum vitae
    100015  sans_lettre             no letter
    100016  sans_projet             no shared medical project
    100017  sans_convention         no agreement (the one that DS lets go)
    100018  sans_qualification      no proof of qualification
    100019  sans_piece              nothing joined; the hospital wrote that it would follow
    100020  fichier_vide            a letter of 0 byte
    100021  fichier_double          the same file as curriculum vitae and as letter
    100022  format_refuse           a project in a word processor's format
    100023  antivirus_en_attente    an agreement not scanned yet
    100024  infecte                 a curriculum vitae found infected: it vanished
    100025  deux_fichiers           two files for one piece, the second of which asks for a password

The post
    100026  medecine_generale       general medicine, which this call excludes
    100027  outre_mer               a year in Cayenne: another agency's
    100028  modulation_non_motivee  60/40 without motive, and no partner CHU
    100029  modulation_motivee      60/40 with its motive, on two sites
    100030  ambulatoire_60          40/60, with its motive; the file of its agreement is cut short

Replacements and postponements
    100031  remplacement            complete, linked to 100001
    100032  remplacement_incomplet  linked to 100001, no letter of reasons, and the shares change
    100033  remplacement_inconnu    linked to a number that no one knows
    100034  report                  postponed by three months, with motive and letter
    100035  report_non_motive       postponed without a word

Places
    100036  derogation              derogation asked for a prison's health unit, under way at the agency
    100037  derogation_sans_piece   derogation asked, the director's letter missing
    100038  plusieurs_sites         three sites, two of them close
    100039  vingt_kilometres        19.9 km in a straight line: only the road can tell
    100040  commune_inconnue        a commune that no zoning knows
    100041  hors_zone               out of zone
    100042  quartier_prioritaire    out of zone by its commune, in a priority neighbourhood by its address
    100043  hors_region             a site in another région
    100044  sans_lieu               no site at all
    100045  structure_libre         a type of structure typed by hand, an address in free text; code in its project
    100046  incoherent              50 + 40 %, a start two years too early, and a program for a curriculum vitae
    100047  conditionnel_cache      answers typed, then hidden by their condition

Life of the dossier
    100048  entreprise_degradee     the company look-up did not answer
    100049  compte_supprime         the account was deleted
    100050  tiers                   filed by a third party
    100051  en_instruction          under examination, an expert asked
    100052  correction_en_attente   a correction asked by an agent, unanswered
    100053  correction_repondue     a correction asked by an agent, answered
    100054  message_humain          incomplete, and an agent already wrote to the hospital
    100055  message_usager          complete, and the hospital asks a question
    100056  annotations_humaines    out of zone, every annotation of the agency filled
    100057  suivi_manuel            incomplete, label « Suivi manuel »
    100058  non_soumis              complete; its usager is editing it and has not submitted
    100059  promotion_suivante      filed today, for the next promotion

Not listed
    100060  corbeille_usager        binned by its usager three days ago
    100061  corbeille_ars           binned by the agency five days ago
    100062  expire                  expired: in no list for two weeks
    100063  purge                   purged: a line of the deletion log
    100064  brouillon               a draft: nobody but its usager sees it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from connector.sandbox import formulaire as form
from connector.sandbox import scenario
from connector.sandbox.jetons import JETON_ECRITURE, JETON_EXPIRE, JETON_LECTURE, donne_les_jetons
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
    CHATELLERAULT,
    CHINON,
    CHU_TOURS,
    DREUX,
    FLEURY,
    GIEN,
    ISSOUDUN,
    LA_FERTE,
    LE_BLANC,
    LEVROUX,
    LOCHES,
    MEUNG,
    NOGENT,
    PITHIVIERS,
    PRISON,
    ROMORANTIN,
    SAINT_AMAND,
    THENAY,
    TOURS_QUARTIER,
    VENDOME,
    VIERZON,
    VIERZON_HOPITAL,
)
from connector.sandbox.masse import monde_de_masse
from connector.sandbox.pieges import piege
from connector.sandbox.recit import (
    NOMS_DE_FICHIER,
    Horloge,
    Recit,
    Saisie,
    pdf,
    piece,
    site,
    site_en_texte_libre,
    word,
)
from connector.sandbox.world import AvisMonde, Capacites, DossierMonde, Fichier, Instructeur, Usager, World

__all__ = [
    "CAS",
    "DEMARCHE",
    "JETON_ECRITURE",
    "JETON_EXPIRE",
    "JETON_LECTURE",
    "mise_en_service",
    "monde_de_masse",
    "monde_par_defaut",
]

DEMARCHE = form.DEMARCHE

_NOMS = (
    "accepte_desiste",
    "accepte_reporte",
    "accepte_archive",
    "refuse",
    "sans_suite",
    "accepte_cat_1",
    "accepte_corbeille",
    "suivi_de_revision",
    "avant_service",
    "liste_attente",
    "accepte",
    "complet",
    "complet_cat_1",
    "sans_cv",
    "sans_lettre",
    "sans_projet",
    "sans_convention",
    "sans_qualification",
    "sans_piece",
    "fichier_vide",
    "fichier_double",
    "format_refuse",
    "antivirus_en_attente",
    "infecte",
    "deux_fichiers",
    "medecine_generale",
    "outre_mer",
    "modulation_non_motivee",
    "modulation_motivee",
    "ambulatoire_60",
    "remplacement",
    "remplacement_incomplet",
    "remplacement_inconnu",
    "report",
    "report_non_motive",
    "derogation",
    "derogation_sans_piece",
    "plusieurs_sites",
    "vingt_kilometres",
    "commune_inconnue",
    "hors_zone",
    "quartier_prioritaire",
    "hors_region",
    "sans_lieu",
    "structure_libre",
    "incoherent",
    "conditionnel_cache",
    "entreprise_degradee",
    "compte_supprime",
    "tiers",
    "en_instruction",
    "correction_en_attente",
    "correction_repondue",
    "message_humain",
    "message_usager",
    "annotations_humaines",
    "suivi_manuel",
    "non_soumis",
    "promotion_suivante",
    "corbeille_usager",
    "corbeille_ars",
    "expire",
    "purge",
    "brouillon",
)

CAS: Mapping[str, int] = MappingProxyType({nom: numero for numero, nom in enumerate(_NOMS, 100_001)})
"""The number of the dossier that embodies a case, by the case's name, as in the table above."""

SERVICE = timedelta(days=60)
SECONDE_VERSION = 75
COMPTES = 7_999
"""Accounts opened later have a greater number than those of the story."""


def mise_en_service(present: datetime) -> datetime:
    """Give the date before which the default world's dossiers were filed without the connector."""
    return present - SERVICE


def monde_par_defaut(
    now: Callable[[], datetime], *, conseillees: bool = True, capacites: Capacites | None = None
) -> World:
    """Give the default world, told up to now; its clock is then the given one.

    `conseillees=False` leaves the recommended annotations out of the form, as on the recorded démarche.
    """
    present = now()
    horloge = Horloge(present)
    world = World(horloge, capacites=capacites)
    recit = Recit(world=world, present=present, horloge=horloge)
    _publie(recit, conseillees=conseillees)
    for chapitre in (_decides, _avant_service, _pieces, _poste, _remplacements, _lieux, _vie, _agents, _hors_liste):
        chapitre(recit)
    if conseillees:
        _suites(recit)
    recit.joue()
    world.at_least("usager", COMPTES)
    world.now = now
    donne_les_jetons(world)
    return world


def _publie(r: Recit, *, conseillees: bool) -> None:
    """Publish the first version of the form, and tell when the second one follows."""
    demarche = form.demarche(r.present - timedelta(days=150), conseillees=conseillees)
    premiere = demarche.revision_active
    complets = premiere.champs
    premiere.champs = form.premiere_version(complets)
    r.world.add_demarche(demarche)
    r.le(
        SECONDE_VERSION,
        "19:00",
        scenario.administration_publie_revision,
        form.DEMARCHE,
        champs=complets,
        numero=premiere.number + 1,
    )


def _examine(r: Recit, numero: int, jours: int) -> None:
    r.le(jours, "10:20", scenario.instructeur_passe_en_instruction, numero)


def _decide(r: Recit, numero: int, jours: int, decision: str, motivation: str | None = None) -> None:
    r.le(jours, "16:45", scenario.instructeur_decide, numero, decision, motivation=motivation)


def _decides(r: Recit) -> None:
    """What was decided, or begun, under the first version of the form."""
    n = CAS
    accord = "Avis favorable de la commission : projet structuré, zone prioritaire, convention signée."
    r.depose(n["accepte_desiste"], 118, CHU_TOURS, "Dermatologie", site(VIERZON, "5", "118"))
    r.depose(n["accepte_reporte"], 116, CH_BOURGES, "Gériatrie", site(SAINT_AMAND, "5", "46"))
    r.depose(n["accepte_archive"], 114, CH_ORLEANS, "Neurologie", site(GIEN, "5", "66"))
    r.depose(n["refuse"], 112, CHU_TOURS, "Ophtalmologie", site(AMBOISE, "5", "27"))
    r.depose(n["sans_suite"], 110, CH_CHARTRES, "Pneumologie", site(DREUX, "5", "36"))
    cat_1: Saisie = {"Catégorie de poste": form.ENTRE_ETABLISSEMENTS}
    r.depose(n["accepte_cat_1"], 109, CH_CHATEAUROUX, "Urologie", site(VIERZON_HOPITAL, "3", "60"), mais=cat_1)
    r.depose(n["accepte_corbeille"], 107, CH_BLOIS, "Cardiologie", site(VENDOME, "5", "33"))
    r.depose(n["suivi_de_revision"], 105, CH_MONTARGIS, "Pédiatrie", site(GIEN, "5", "39"))
    for cas in ("accepte_desiste", "accepte_reporte", "accepte_archive", "accepte_cat_1", "accepte_corbeille"):
        _examine(r, n[cas], 102)
        r.le(97, "14:00", scenario.instructeur_annote, n[cas], _retenu(note=16))
        _decide(r, n[cas], 90, "accepte", accord)
        r.le(90, "16:50", scenario.instructeur_ajoute_label, n[cas], "Complet")
    _examine(r, n["refuse"], 101)
    _examine(r, n["sans_suite"], 101)
    _examine(r, n["suivi_de_revision"], 88)
    refus = "La commune d'accueil n'est pas en zone sous-dense et le déficit de la spécialité n'est pas établi."
    _decide(r, n["refuse"], 89, "refuse", refus)
    r.le(89, "16:50", scenario.instructeur_ajoute_label, n["refuse"], "Hors zone")
    contestation = "Bonjour,\nNous prenons acte. Pouvez-vous nous indiquer les communes voisines en zone prioritaire ?"
    r.le(86, "11:05", scenario.usager_envoie_message, n["refuse"], contestation)
    retrait = "Le candidat a accepté un poste hors de la région : nous retirons notre demande. Merci de votre suivi."
    r.le(95, "09:40", scenario.usager_envoie_message, n["sans_suite"], retrait)
    _decide(r, n["sans_suite"], 94, "classe_sans_suite", "Demande retirée par l'établissement.")


def _retenu(*, note: int) -> Saisie:
    return {"Décision de la commission": "Retenu", "Note du projet": note, "Contrôle visuel des pièces": True}


def _suites(r: Recit) -> None:
    """What became of accepted dossiers, in the recommended annotations."""
    n, jour = CAS, r.present.date()
    r.le(30, "10:00", scenario.instructeur_annote, n["accepte_desiste"], _evenement("Désistement", jour, 31))
    r.le(70, "10:00", scenario.instructeur_annote, n["accepte_reporte"], _evenement("Report accordé", jour, 71))
    r.le(64, "10:00", scenario.instructeur_annote, n["accepte_cat_1"], _evenement("Fin anticipée", jour, 66))
    prise = _evenement("Prise de fonction constatée", jour, 80)
    bilan: Saisie = {
        "Devenir à l'issue": "Installation en ville",
        "Observations": "Consultations avancées bien identifiées par les patients.\nLe secrétariat reste à financer.",
    }
    r.le(79, "10:00", scenario.instructeur_annote, n["accepte_archive"], prise | bilan)
    r.le(50, "10:00", scenario.instructeur_annote, n["liste_attente"], {"Rang": 1})


def _evenement(evenement: str, jour: date, il_y_a: int) -> Saisie:
    return {"Événement": evenement, "Date de l'événement": jour - timedelta(days=il_y_a)}


def _avant_service(r: Recit) -> None:
    """What was filed before the service started, and what happened to older dossiers since."""
    n = CAS
    r.depose(n["avant_service"], 72, CH_BOURGES, "Psychiatrie", site(ISSOUDUN, "5", "39"), sans=(form.CONVENTION,))
    r.depose(n["liste_attente"], 70, CH_CHATEAUROUX, "Rhumatologie", site(LE_BLANC, "5", "60"))
    r.depose(n["accepte"], 68, CH_CHARTRES, "Gynécologie médicale", site(CHATEAUDUN, "5", "46"))
    _examine(r, n["liste_attente"], 62)
    attente: Saisie = {"Décision de la commission": "Liste d'attente", "Note du projet": 13}
    r.le(52, "15:00", scenario.instructeur_annote, n["liste_attente"], attente)
    r.le(52, "15:05", scenario.instructeur_ajoute_label, n["liste_attente"], "Liste d'attente")
    _examine(r, n["accepte"], 63)
    _decide(r, n["accepte"], 55, "accepte", "Avis favorable de la commission.")
    r.le(78, "10:10", scenario.instructeur_archive, n["accepte_archive"])
    r.le(60, "08:50", scenario.usager_supprime, n["accepte_corbeille"])
    r.le(30, "10:05", scenario.instructeur_ajoute_label, n["accepte_desiste"], "Désistement")
    r.le(70, "10:05", scenario.instructeur_ajoute_label, n["accepte_reporte"], "Report")


def _pieces(r: Recit) -> None:
    n = CAS
    r.depose(n["complet"], 57, CHU_TOURS, "Dermatologie", site(VIERZON), mais={"CHU partenaire": CHU_TOURS.nom})
    cat_1: Saisie = {
        "Catégorie de poste": form.ENTRE_ETABLISSEMENTS,
        "Quotité hospitalière (%)": 70,
        "Quotité ambulatoire (%)": 30,
        "Motivation de la modulation des quotités": "Poste partagé entre établissements, trois demi-journées à Blois.",
    }
    r.depose(n["complet_cat_1"], 56, CHU_TOURS, "Pédiatrie", site(CH_DE_BLOIS, "3", "64"), mais=cat_1)
    manques = ("sans_cv", "sans_lettre", "sans_projet", "sans_convention", "sans_qualification")
    ou = (
        (CHU_TOURS, "Psychiatrie", ROMORANTIN),
        (CH_BLOIS, "Cardiologie", VENDOME),
        (CH_CHATEAUROUX, "Neurologie", LEVROUX),
        (CH_BOURGES, "Endocrinologie", SAINT_AMAND),
        (CH_ORLEANS, "Pneumologie", PITHIVIERS),
    )
    for rang, (cas, manque, (hopital, specialite, lieu)) in enumerate(zip(manques, form.PIECES, ou, strict=True)):
        r.depose(n[cas], 55 - rang, hopital, specialite, site(lieu), sans=(manque,))
    r.depose(n["sans_piece"], 50, CH_MONTARGIS, "Gériatrie", site(GIEN), sans=form.PIECES)
    suite = "Bonjour,\nLes pièces suivront la semaine prochaine : le directeur est absent jusqu'à lundi."
    r.le(49, "17:10", scenario.usager_envoie_message, n["sans_piece"], suite)
    _fichiers(r)


def _fichiers(r: Recit) -> None:
    """Files that are there and are worth nothing, or not yet."""
    n = CAS
    vide = Fichier.de("lettre.pdf", b"")
    r.depose(n["fichier_vide"], 49, CHU_TOURS, "ORL", site(CHINON, "5", "48"), mais={form.LETTRE: [vide]})
    meme = pdf("Un seul document, déposé deux fois")
    double: Saisie = {
        form.CV: [Fichier.de("candidature.pdf", meme)],
        form.LETTRE: [Fichier.de("candidature (1).pdf", meme)],
    }
    r.depose(n["fichier_double"], 48, CH_BOURGES, "Urologie", site(VIERZON, "5", "33"), mais=double)
    r.depose(n["format_refuse"], 47, CH_BLOIS, "Oncologie", site(ROMORANTIN), mais={form.PROJET: [word("projet.docx")]})
    attente = piece(form.CONVENTION, n["antivirus_en_attente"], virus="pending")
    r.depose(n["antivirus_en_attente"], 46, CH_CHARTRES, "Néphrologie", site(DREUX), mais={form.CONVENTION: [attente]})
    infecte = piece(form.CV, n["infecte"], virus="infected")
    r.depose(n["infecte"], 45, CH_ORLEANS, "Radiologie", site(GIEN, "5", "66"), mais={form.CV: [infecte]})
    deux: Saisie = {form.QUALIFICATION: [Fichier.de("diplome.pdf", pdf("Diplôme")), piege("mot_de_passe", "ordre.pdf")]}
    r.depose(n["deux_fichiers"], 44, CH_CHATEAUROUX, "Hématologie", site(LE_BLANC, "5", "60"), mais=deux)


def _piege(label: str, sorte: str) -> Saisie:
    return {label: [piege(sorte, NOMS_DE_FICHIER[label])]}


def _partage(hopital: int, ambulatoire: int, motif: str | None = None) -> Saisie:
    quotites: Saisie = {"Quotité hospitalière (%)": hopital, "Quotité ambulatoire (%)": ambulatoire}
    if motif:
        quotites["Motivation de la modulation des quotités"] = motif
    return quotites


def _poste(r: Recit) -> None:
    n = CAS
    r.depose(n["medecine_generale"], 43, CHU_TOURS, "Médecine générale", site(CHATEAU_RENAULT, "5", "31"))
    outre_mer: Saisie = {
        "Catégorie de poste": form.OUTRE_MER,
        **_partage(100, 0, "Un an à Cayenne (dix demi-journées par semaine), puis un an à Tours."),
    }
    r.depose(n["outre_mer"], 42, CHU_TOURS, "Néphrologie", site(CAYENNE, "10"), mais=outre_mer)
    r.depose(
        n["modulation_non_motivee"],
        41,
        CH_BOURGES,
        "ORL",
        site(SAINT_AMAND, "4"),
        mais=_partage(60, 40),
        sans=("CHU partenaire",),
    )
    motif = (
        "Deux demi-journées de plateau technique imposent 60 % à l'hôpital.\nLes deux structures ont donné leur accord."
    )
    deux_sites = (site(GIEN, "2"), site(PITHIVIERS, "2"))
    r.depose(n["modulation_motivee"], 40, CH_ORLEANS, "Rhumatologie", *deux_sites, mais=_partage(60, 40, motif))
    plus = "La file active du centre de santé justifie six demi-journées par semaine."
    coupee = _partage(40, 60, plus) | _piege(form.CONVENTION, "tronque")
    r.depose(n["ambulatoire_60"], 39, CHU_TOURS, "Psychiatrie", site(ROMORANTIN, "6", "92"), mais=coupee)


def _remplacements(r: Recit) -> None:
    n = CAS
    lien, courrier = "Dossier du candidat désisté", "Courrier expliquant le motif du désistement"
    repercussions = "Répercussions sur le projet médical et les quotités"
    demande: Saisie = {"Type de demande": form.REMPLACEMENT, lien: n["accepte_desiste"]}
    bon: Saisie = demande | {
        courrier: [piece(courrier, n["remplacement"])],
        repercussions: "Aucune : même projet, mêmes quotités.",
    }
    r.depose(n["remplacement"], 28, CHU_TOURS, "Dermatologie", site(VIERZON, "5", "118"), mais=bon)
    change: Saisie = (
        demande | _partage(40, 60, "Demande de la maison de santé.") | {repercussions: "Une demi-journée de plus."}
    )
    r.depose(n["remplacement_incomplet"], 27, CHU_TOURS, "Dermatologie", site(VIERZON, "6", "118"), mais=change)
    inconnu: Saisie = bon | {lien: 99_999_999, courrier: [piece(courrier, n["remplacement_inconnu"])]}
    r.depose(n["remplacement_inconnu"], 26, CH_BLOIS, "Cardiologie", site(VENDOME, "5", "33"), mais=inconnu)
    nouvelle, motif, lettre = "Nouvelle date de prise de fonction", "Motif du report", "Courrier de demande de report"
    report: Saisie = {"Type de demande": form.REPORT, nouvelle: date(2024, 2, 1)}
    explique: Saisie = report | {
        motif: "Congé de maternité : prise de fonction reportée de trois mois, avec l'accord des deux structures.",
        lettre: [piece(lettre, n["report"])],
    }
    r.depose(n["report"], 25, CH_BOURGES, "Gériatrie", site(SAINT_AMAND, "5", "46"), mais=explique)
    r.depose(n["report_non_motive"], 24, CH_CHARTRES, "Allergologie", site(AUNEAU, "5", "24"), mais=report)


def _lieux(r: Recit) -> None:
    n = CAS
    demande, lettre = "Dérogation à la condition de 20 km demandée", "Demande de dérogation du directeur"
    joint: Saisie = {demande: True, lettre: [piece(lettre, n["derogation"])]}
    r.depose(n["derogation"], 38, CH_CHATEAUROUX, "Psychiatrie", site(PRISON, "5", "6.1"), mais=joint)
    r.depose(n["derogation_sans_piece"], 37, CH_ORLEANS, "Cardiologie", site(FLEURY, "5", "8"), mais={demande: True})
    trois = (site(LA_FERTE, "2", "22"), site(MEUNG, "2"), site(FLEURY, "1", "8"))
    r.depose(n["plusieurs_sites"], 36, CH_ORLEANS, "Endocrinologie", *trois)
    r.depose(n["vingt_kilometres"], 35, CH_CHARTRES, "Endocrinologie", site(AUNEAU))
    r.depose(n["commune_inconnue"], 34, CH_BLOIS, "Gynécologie obstétrique", site(THENAY, "5", "24"))
    r.depose(n["hors_zone"], 33, CHU_TOURS, "Cardiologie", site(LOCHES, "5", "43"))
    r.depose(n["quartier_prioritaire"], 32, CHU_TOURS, "Gynécologie médicale", site(TOURS_QUARTIER))
    r.depose(n["hors_region"], 31, CHU_TOURS, "Médecine interne", site(CHATELLERAULT, "5", "72"))
    r.depose(n["sans_lieu"], 30, CH_MONTARGIS, "Hépato-gastro-entérologie")
    code = _piege(form.PROJET, "javascript")
    r.depose(n["structure_libre"], 29, CH_CHARTRES, "Pédiatrie", site_en_texte_libre(NOGENT), mais=code)
    faux: Saisie = _partage(50, 40, "Le reste du temps est en cours de définition.")
    faux["Date de prise de fonction"] = date(2021, 11, 1)
    faux |= _piege(form.CV, "programme")
    r.depose(n["incoherent"], 23, CH_BOURGES, "Radiologie", site(ISSOUDUN, "5", "39"), mais=faux)
    caches: Saisie = {
        "Motivation de la modulation des quotités": "Texte saisi quand la quotité était de 40 %.",
        lettre: [piece(lettre, n["conditionnel_cache"])],
    }
    r.depose(n["conditionnel_cache"], 22, CHU_TOURS, "Oncologie", site(VIERZON, "5", "118"), mais=caches)


def _vie(r: Recit) -> None:
    """Accounts, companies and drafts: what surrounds the form."""
    n = CAS
    r.depose(n["entreprise_degradee"], 21, CH_MONTARGIS, "Pneumologie", site(GIEN, "5", "39"), degrade=True)
    parti = Usager(number=7_050, email="ancien.compte@ch-fees.exemple.fr")
    r.depose(n["compte_supprime"], 20, CH_CHATEAUROUX, "Urologie", site(LEVROUX, "5", "21"), compte=parti)
    _examine(r, n["compte_supprime"], 17)
    r.le(16, "12:00", scenario.usager_supprime_son_compte, n["compte_supprime"])
    tiers = ("Ondine", "Tressac")
    r.depose(n["tiers"], 19, CH_BOURGES, "Neurologie", site(VIERZON, "5", "33"), mandataire=tiers)
    r.depose(n["non_soumis"], 9, CH_CHARTRES, "Hématologie", site(CHATEAUDUN, "5", "46"))
    edition: Saisie = {"Date de prise de fonction": date(2024, 5, 1)}
    r.le(2, "18:20", scenario.usager_modifie_sans_soumettre, n["non_soumis"], edition)
    suivante: Saisie = {"Promotion": form.PROMOTIONS[1], "Date de prise de fonction": date(2024, 11, 1)}
    r.depose(n["promotion_suivante"], 0, CH_BLOIS, "Gériatrie", site(VENDOME, "5", "33"), mais=suivante)


def _agents(r: Recit) -> None:
    """What agents and hospitals already said to each other."""
    n = CAS
    r.depose(n["en_instruction"], 18, CH_ORLEANS, "Neurologie", site(PITHIVIERS, "5", "44"))
    _examine(r, n["en_instruction"], 15)
    r.le(14, "11:30", _demande_avis, n["en_instruction"])
    r.depose(n["correction_en_attente"], 17, CH_BLOIS, "ORL", site(VENDOME, "5", "33"), sans=(form.PROJET,))
    demande = "Bonjour,\nLe projet médical partagé est absent du dossier. Merci de le déposer, daté et signé."
    r.le(12, "09:15", scenario.instructeur_envoie_message, n["correction_en_attente"], demande, correction="incomplete")
    r.depose(n["correction_repondue"], 16, CH_BOURGES, "Cardiologie", site(SAINT_AMAND), sans=(form.CONVENTION,))
    manque = "Bonjour,\nIl manque la convention signée avec la maison de santé. Merci de la joindre."
    r.le(11, "09:30", scenario.instructeur_envoie_message, n["correction_repondue"], manque, correction="incomplete")
    convention: Saisie = {form.CONVENTION: [piece(form.CONVENTION, n["correction_repondue"])]}
    r.le(6, "15:45", scenario.usager_corrige, n["correction_repondue"], convention)
    r.depose(n["message_humain"], 15, CH_MONTARGIS, "Radiologie", site(GIEN, "5", "39"), sans=(form.QUALIFICATION,))
    bonjour = (
        "Bonjour,\nJe m'occupe de votre dossier et reviens vers vous d'ici vendredi au sujet du diplôme.\nBien à vous."
    )
    r.le(10, "14:20", scenario.instructeur_envoie_message, n["message_humain"], bonjour)
    r.depose(n["message_usager"], 14, CHU_TOURS, "Pédiatrie", site(VIERZON, "5", "118"))
    question = "Bonjour,\nLe candidat peut-il prendre ses fonctions dès le 15 octobre ? Merci de votre réponse."
    r.le(8, "10:55", scenario.usager_envoie_message, n["message_usager"], question)
    r.depose(n["suivi_manuel"], 12, CH_CHATEAUROUX, "Dermatologie", site(ISSOUDUN, "5", "29"), sans=(form.CV,))
    r.le(11, "16:00", scenario.instructeur_ajoute_label, n["suivi_manuel"], form.SUIVI_MANUEL)
    _annote(r)


def _annote(r: Recit) -> None:
    n = CAS
    motif = "Deux demi-journées de bloc opératoire par semaine."
    r.depose(
        n["annotations_humaines"], 13, CHU_TOURS, "Ophtalmologie", site(AMBOISE, "4"), mais=_partage(60, 40, motif)
    )
    _examine(r, n["annotations_humaines"], 9)
    humaines: Saisie = {
        "Distance routière retenue (km)": Decimal("26.5"),
        "Dérogation PET": "Aucune",
        "Spécialité déficitaire (motif)": "Délai moyen de rendez-vous en ophtalmologie : sept mois autour d'Amboise.",
        "Modulation acceptée": True,
        "Contrôle visuel des pièces": True,
        "Note du projet": 15,
        "Motivation complémentaire": "Projet porté par la communauté professionnelle du territoire.",
    }
    r.le(8, "16:30", scenario.instructeur_annote, n["annotations_humaines"], humaines)
    r.le(20, "16:10", scenario.instructeur_annote, n["derogation"], {"Dérogation PET": "En cours"})
    r.le(20, "16:12", scenario.instructeur_ajoute_label, n["derogation"], "Dérogation PET")


def _demande_avis(world: World, numero: int) -> None:
    """Ask an expert, who has not answered yet; one who did came before."""
    dossier = world.dossiers[numero]
    agent = world.groupe_de(dossier).instructeurs[0]
    expert = world.add_instructeur(Instructeur(number=4_050, email="delegation.45@ars.exemple.fr"))
    question = "Le projet répond-il aux besoins du territoire de Pithiviers ?"
    reponse = "Oui : aucun neurologue n'exerce à moins de quarante minutes. Avis favorable de la délégation."
    for demande, rendue in ((question, reponse), ("Le secrétariat commun est-il financé ?", None)):
        dossier.avis.append(
            AvisMonde(
                number=world.next_number("avis"),
                question=demande,
                claimant=agent,
                expert=expert,
                created_at=world.now(),
                updated_at=world.now() + timedelta(days=2),
                reponse=rendue,
            )
        )
    world.touch(dossier)


def _hors_liste(r: Recit) -> None:
    """What no list shows, or will not show for long."""
    n = CAS
    r.depose(n["corbeille_usager"], 7, CH_BOURGES, "Psychiatrie", site(ISSOUDUN, "5", "39"))
    r.le(3, "09:05", scenario.usager_supprime, n["corbeille_usager"])
    r.depose(n["corbeille_ars"], 7, CH_BLOIS, "Psychiatrie", site(VENDOME, "5", "33"))
    r.le(5, "09:10", scenario.administration_supprime, n["corbeille_ars"])
    r.depose(n["expire"], 58, CH_CHARTRES, "Urologie", site(DREUX, "5", "36"))
    r.le(4, "03:00", scenario.expire, n["expire"])
    r.depose(n["purge"], 45, CH_ORLEANS, "Gériatrie", site(GIEN, "5", "66"))
    r.le(40, "09:20", scenario.usager_supprime, n["purge"])
    r.le(25, "02:00", scenario.purge)
    r.le(1, "17:30", _commence, n["brouillon"], r.compte(CHU_TOURS))


def _commence(world: World, numero: int, usager: Usager) -> None:
    """Begin a dossier and file nothing."""
    demarche, now = world.demarches[form.DEMARCHE], world.now()
    world.at_least("dossier", numero)
    world.add_dossier(
        DossierMonde(
            number=numero,
            demarche=demarche.number,
            revision=demarche.active,
            state="brouillon",
            usager=usager,
            demandeur=CHU_TOURS.personne_morale,
            groupe=demarche.groupes[0].number,
            created_at=now,
            depose_at=None,
            updated_at=now,
        )
    )
