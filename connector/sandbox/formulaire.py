"""The reference form, as data: what an ARS asks of a hospital, and the private annotations it works with.

Labels, types, options and conditions are those that `config.example.toml` maps. Stable ids are this sandbox's own:
nothing outside may rely on them, as nothing may rely on those of a real démarche.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from connector.sandbox.world import (
    Condition,
    DemarcheMonde,
    Descripteur,
    Groupe,
    Instructeur,
    Label,
    Revision,
    Service,
)

DEMARCHE = 90_142
"""The number of the démarche that carries the reference form."""

TITRE = "Candidature aux postes d'assistants spécialistes à temps partagé"

NOUVELLE, REMPLACEMENT, REPORT = TYPES_DE_DEMANDE = (
    "Nouvelle candidature",
    "Remplacement suite à désistement",
    "Report de prise de fonction",
)
ENTRE_ETABLISSEMENTS, AMBULATOIRE, OUTRE_MER = CATEGORIES = (
    "Entre établissements de santé",
    "Entre structure ambulatoire et établissement de santé",
    "Exercice en Outre-mer",
)
PROMOTIONS = ("2023-2025", "2024-2026")
DUREES = ("1 an", "2 ans")
TYPES_DE_STRUCTURE = (
    "Maison de santé pluridisciplinaire",
    "Centre de santé",
    "CPTS",
    "Cabinet libéral",
    "Établissement de santé",
    "Unité sanitaire en milieu pénitentiaire",
)
SPECIALITES = (
    "Allergologie",
    "Anesthésie-réanimation",
    "Cardiologie",
    "Dermatologie",
    "Endocrinologie",
    "Gériatrie",
    "Gynécologie médicale",
    "Gynécologie obstétrique",
    "Hématologie",
    "Hépato-gastro-entérologie",
    "Maladies infectieuses et tropicales",
    "Médecine générale",
    "Médecine interne",
    "Médecine physique et de réadaptation",
    "Néphrologie",
    "Neurologie",
    "Oncologie",
    "Ophtalmologie",
    "ORL",
    "Pédiatrie",
    "Pneumologie",
    "Psychiatrie",
    "Radiologie",
    "Rhumatologie",
    "Urologie",
)

CV, LETTRE, PROJET, CONVENTION, QUALIFICATION = PIECES = (
    "Curriculum vitae du candidat",
    "Lettre de motivation du candidat",
    "Projet médical partagé",
    "Convention ou lettre d'engagement cosignée",
    "Justificatif de qualification (DES ou diplôme et inscription à l'Ordre)",
)
"""The labels of the five mandatory pieces. The agreement is the one that DS does not require: it can be missing."""

ANCIENS_LABELS = {"CHU partenaire": "CHU de rattachement"}
"""What the first version of the form called a champ."""

SUIVI_MANUEL = "Suivi manuel"
"""The label that stops messages and transitions for a dossier."""

LABELS = (
    ("Complet", "green_emeraude"),
    ("Pièce manquante", "pink_macaron"),
    ("À vérifier", "yellow_tournesol"),
    ("Hors zone", "brown_cafe_creme"),
    ("Dérogation PET", "purple_glycine"),
    ("Liste d'attente", "blue_ecume"),
    ("Désistement", "beige_gris_galet"),
    ("Report", "green_menthe"),
    ("Remplacement", "green_tilleul_verveine"),
    (SUIVI_MANUEL, "green_bourgeon"),
)

INSTRUCTEUR_TECHNIQUE = Instructeur(number=4_001, email="connecteur@ars.exemple.fr")
"""The agent in whose name the connector writes: a member of every group."""

GROUPE_SUD = "Cher, Indre, Indre-et-Loire et Loir-et-Cher"
GROUPE_NORD = "Eure-et-Loir et Loiret"

_TYPE_DE_DEMANDE, _QUOTITE_AMBULATOIRE, _DEROGATION, _DISTANCE = 5_002, 5_029, 5_033, 5_018

_PARTAGE_MODULE = Condition(champ=_QUOTITE_AMBULATOIRE, operateur="different", valeur=50)
_DEROGATION_DEMANDEE = Condition(champ=_DEROGATION, valeur=True)
_SI_REMPLACEMENT = Condition(champ=_TYPE_DE_DEMANDE, valeur=REMPLACEMENT)
_SI_REPORT = Condition(champ=_TYPE_DE_DEMANDE, valeur=REPORT)


def _champ(
    stable_id: int,
    type_: str,
    label: str,
    *,
    requis: bool = False,
    options: tuple[str, ...] = (),
    si: Condition | None = None,
    aide: str | None = None,
    autre: bool = False,
) -> Descripteur:
    return Descripteur(
        stable_id=stable_id,
        type=type_,
        label=label,
        description=aide,
        required=requis,
        options=options,
        other_option=autre,
        condition=si,
    )


def _section(stable_id: int, label: str, *, si: Condition | None = None) -> Descripteur:
    return _champ(stable_id, "header_section", label, si=si)


def _liste(stable_id: int, label: str, options: tuple[str, ...], *, requis: bool = False) -> Descripteur:
    return _champ(stable_id, "drop_down_list", label, options=options, requis=requis)


def _piece(
    stable_id: int, label: str, *, requis: bool = False, si: Condition | None = None, aide: str | None = None
) -> Descripteur:
    return _champ(stable_id, "piece_justificative", label, requis=requis, si=si, aide=aide)


def champs_publics() -> tuple[Descripteur, ...]:
    """Give the public champs, section by section, in the order of the form."""
    return (*_demande(), *_recruteur(), *_lieux(), *_candidat(), *_poste(), *_pieces(), *_remplacement(), *_report())


def _demande() -> tuple[Descripteur, ...]:
    return (
        _section(5_001, "La demande"),
        _liste(_TYPE_DE_DEMANDE, "Type de demande", TYPES_DE_DEMANDE, requis=True),
        _liste(5_003, "Catégorie de poste", CATEGORIES, requis=True),
        _liste(5_004, "Promotion", PROMOTIONS, requis=True),
        _champ(5_005, "regions", "Région de dépôt", requis=True),
    )


def _recruteur() -> tuple[Descripteur, ...]:
    return (
        _section(5_006, "L'établissement recruteur"),
        _champ(5_007, "siret", "SIRET de l'établissement", requis=True),
        _champ(5_008, "text", "N° FINESS", aide="Neuf chiffres : le numéro de l'entité juridique."),
        _champ(5_009, "address", "Adresse de l'établissement", requis=True),
        _champ(
            5_010, "text", "CHU partenaire", aide="Le CHU qui porte le projet avec vous, s'il n'est pas le recruteur."
        ),
    )


def _lieux() -> tuple[Descripteur, ...]:
    site = (
        _champ(5_013, "text", "Nom de la structure"),
        _champ(5_014, "drop_down_list", "Type de structure", options=TYPES_DE_STRUCTURE, autre=True),
        _champ(5_015, "address", "Adresse de la structure"),
        _champ(5_016, "communes", "Commune de la structure"),
        _champ(5_017, "decimal_number", "Demi-journées par semaine", aide="Une semaine en compte dix."),
        _champ(_DISTANCE, "decimal_number", "Distance routière au site principal (km)", aide="Le plus court chemin."),
    )
    repetition = Descripteur(
        stable_id=5_012,
        type="repetition",
        label="Lieux d'exercice hors site principal",
        description="Ajoutez un bloc par lieu où le médecin exercera hors de l'établissement.",
        enfants=site,
    )
    return _section(5_011, "Les lieux d'exercice"), repetition


def _candidat() -> tuple[Descripteur, ...]:
    return (
        _section(5_021, "Le candidat"),
        _champ(5_022, "text", "Nom du candidat", requis=True),
        _champ(5_023, "text", "Prénom du candidat", requis=True),
        _champ(5_024, "text", "N° RPPS", aide="Onze chiffres."),
        _champ(5_025, "email", "Courriel du candidat"),
        _liste(5_026, "Spécialité", SPECIALITES, requis=True),
    )


def _poste() -> tuple[Descripteur, ...]:
    return (
        _section(5_027, "Le poste"),
        _champ(5_028, "integer_number", "Quotité hospitalière (%)", requis=True),
        _champ(_QUOTITE_AMBULATOIRE, "integer_number", "Quotité ambulatoire (%)", requis=True),
        _champ(5_030, "textarea", "Motivation de la modulation des quotités", si=_PARTAGE_MODULE),
        _champ(5_031, "date", "Date de prise de fonction", requis=True),
        _liste(5_032, "Durée du poste", DUREES, requis=True),
        _champ(_DEROGATION, "yes_no", "Dérogation à la condition de 20 km demandée", requis=True),
        _piece(5_034, "Demande de dérogation du directeur", si=_DEROGATION_DEMANDEE),
    )


def _pieces() -> tuple[Descripteur, ...]:
    return (
        _section(5_041, "Pièces obligatoires"),
        _piece(5_042, CV, requis=True),
        _piece(5_043, LETTRE, requis=True),
        _piece(5_044, PROJET, requis=True, aide="Fiche de poste, quotités et planning type en demi-journées."),
        _piece(5_045, CONVENTION, aide="Signée par l'établissement et par chaque structure d'accueil."),
        _piece(5_046, QUALIFICATION, requis=True),
    )


def _remplacement() -> tuple[Descripteur, ...]:
    return (
        _section(5_051, "Remplacement", si=_SI_REMPLACEMENT),
        _champ(5_052, "dossier_link", "Dossier du candidat désisté", si=_SI_REMPLACEMENT),
        _piece(5_053, "Courrier expliquant le motif du désistement", si=_SI_REMPLACEMENT),
        _champ(5_054, "textarea", "Répercussions sur le projet médical et les quotités", si=_SI_REMPLACEMENT),
    )


def _report() -> tuple[Descripteur, ...]:
    return (
        _section(5_061, "Report", si=_SI_REPORT),
        _champ(5_062, "date", "Nouvelle date de prise de fonction", si=_SI_REPORT),
        _champ(5_063, "textarea", "Motif du report", si=_SI_REPORT),
        _piece(5_064, "Courrier de demande de report", si=_SI_REPORT),
    )


def annotations_privees(*, conseillees: bool = True, montants_en_texte: bool = False) -> tuple[Descripteur, ...]:
    """Give the private annotations: those the connector writes, then those people write.

    `conseillees` adds the recommended ones, which the recorded démarche lacks. `montants_en_texte` makes the two
    amounts text instead of decimals, so that one which no longer holds can be replaced (domaine, decision 7).
    """
    return (
        _section(6_001, "Écrit par le connecteur"),
        *_du_connecteur("text" if montants_en_texte else "decimal_number"),
        *(_conseillees_du_connecteur() if conseillees else ()),
        _section(6_021, "Saisie par l'ARS"),
        *_de_l_ars(),
        *(_conseillees() if conseillees else ()),
    )


def _du_connecteur(montant: str) -> tuple[Descripteur, ...]:
    avis = ("Favorable", "À compléter", "À vérifier", "Défavorable", "Réorientation", "Liste d'attente")
    return (
        _champ(6_002, "text", "Synthèse"),
        _liste(6_003, "Avis proposé", avis),
        _champ(6_004, "textarea", "Points à vérifier"),
        _champ(6_005, "text", "Pièces"),
        _champ(6_006, "text", "Zone"),
        _champ(6_007, "decimal_number", "Quotité ambulatoire contrôlée"),
        _champ(6_008, "text", "Distance"),
        _champ(6_009, montant, "Prime d'exercice territorial mensuelle (€)"),
        _liste(6_010, "Statut de la prime", ("Due", "Non due", "À confirmer", "Sans objet")),
        _champ(6_011, montant, "Coût pour l'ARS (€)"),
        _champ(6_012, "text", "Quota"),
        _champ(6_013, "date", "Contrôlé le"),
        _champ(6_014, "text", "Version des règles"),
    )


def _de_l_ars() -> tuple[Descripteur, ...]:
    decisions = ("Retenu", "Liste d'attente", "Non retenu", "Sans suite", "Réorientation")
    return (
        _champ(6_022, "decimal_number", "Distance routière retenue (km)"),
        _liste(6_023, "Dérogation PET", ("Aucune", "En cours", "Accordée", "Refusée")),
        _champ(6_024, "textarea", "Spécialité déficitaire (motif)"),
        _champ(6_025, "yes_no", "Modulation acceptée"),
        _champ(6_026, "checkbox", "Contrôle visuel des pièces"),
        _champ(6_027, "integer_number", "Note du projet"),
        _liste(6_028, "Décision de la commission", decisions),
        _champ(6_029, "textarea", "Motivation complémentaire"),
    )


def _conseillees_du_connecteur() -> tuple[Descripteur, ...]:
    return (
        _champ(6_015, "textarea", "Message proposé"),
        _champ(6_016, "textarea", "Motivation proposée"),
        _champ(6_017, "text", "Décision portée"),
        _champ(6_018, "integer_number", "Rang en liste d'attente"),
    )


def _conseillees() -> tuple[Descripteur, ...]:
    evenements = ("Désistement", "Report accordé", "Report refusé", "Prise de fonction constatée", "Fin anticipée")
    devenirs = (
        "Installation en ville",
        "Praticien hospitalier",
        "Exercice mixte",
        "Départ de la région",
        "Autre",
        "Non connu",
    )
    return (
        _champ(6_031, "checkbox", "Envoi validé"),
        _champ(6_032, "integer_number", "Rang"),
        _liste(6_033, "Événement", evenements),
        _champ(6_034, "date", "Date de l'événement"),
        _liste(6_035, "Devenir à l'issue", devenirs),
        _champ(6_036, "textarea", "Observations"),
        _champ(6_037, "checkbox", "Décision confirmée"),
    )


def premiere_version(champs_publies: tuple[Descripteur, ...]) -> tuple[Descripteur, ...]:
    """Give the champs as a first version asked them: fewer, and one under another name.

    Dossiers decided before the next publication keep it (contract §3.8).
    """
    return tuple(
        _a_l_origine(d) for d in champs_publies if d.label != "Répercussions sur le projet médical et les quotités"
    )


def _a_l_origine(d: Descripteur) -> Descripteur:
    if d.label in ANCIENS_LABELS:
        return replace(d, label=ANCIENS_LABELS[d.label])
    if d.type == "repetition":
        return replace(d, enfants=tuple(e for e in d.enfants if e.stable_id != _DISTANCE))
    return d


def labels() -> list[Label]:
    """Give the catalogue of labels, in the order that a dossier shows them."""
    return [Label(number=rang, name=nom, color=couleur) for rang, (nom, couleur) in enumerate(LABELS, 6_101)]


def groupes() -> list[Groupe]:
    """Give the two groups of instructeurs; people first, then the technical one, a member of both."""
    sud = [_agent(4_002, "a.lorvanne"), _agent(4_003, "h.dessort"), INSTRUCTEUR_TECHNIQUE]
    nord = [_agent(4_004, "m.quillac"), INSTRUCTEUR_TECHNIQUE]
    return [
        Groupe(number=1_701, label=GROUPE_SUD, instructeurs=sud),
        Groupe(number=1_702, label=GROUPE_NORD, instructeurs=nord),
    ]


def _agent(number: int, nom: str) -> Instructeur:
    return Instructeur(number=number, email=f"{nom}@ars.exemple.fr")


def demarche(publiee_at: datetime, *, conseillees: bool = True, montants_en_texte: bool = False) -> DemarcheMonde:
    """Give a démarche that carries the reference form, published at that time, with the draft of its next version."""
    formulaire = champs_publics()
    privees = annotations_privees(conseillees=conseillees, montants_en_texte=montants_en_texte)
    publiee = Revision(
        number=260_101, created_at=publiee_at, published_at=publiee_at, champs=formulaire, annotations=privees
    )
    brouillon = Revision(
        number=260_199, created_at=publiee_at, published_at=None, champs=formulaire, annotations=privees
    )
    return DemarcheMonde(
        number=DEMARCHE,
        title=TITRE,
        description="Déposée par l'établissement recruteur, une demande par candidat et par poste.",
        date_creation=publiee_at,
        date_publication=publiee_at,
        updated_at=publiee_at,
        service=Service(
            nom="Ressources humaines en santé",
            organisme="Agence régionale de santé Centre-Val de Loire (bac à sable)",
            type_organisme="service_deconcentre_de_l_etat",
        ),
        revisions=[publiee, brouillon],
        active=publiee.number,
        groupes=groupes(),
        labels=labels(),
    )
