"""The words of the field: which ones stand for one another in the labels of a form, in one table.

Each line is one idea; everything on it may replace everything else on it. A word may stand on several lines: « ville »
is a commune as well as the ambulatory side. Accents, case, plural and small words do not count.
"""

from __future__ import annotations

IDEES: tuple[tuple[str, ...], ...] = (
    # people
    ("candidat", "praticien", "médecin", "postulant", "candidature", "assistant", "docteur", "intéressé", "lauréat"),
    ("nom", "patronyme", "nom de famille", "nom d'usage", "nom de naissance"),
    ("prénom", "prénom usuel"),
    (
        "courriel",
        "mail",
        "email",
        "e-mail",
        "mél",
        "adresse mail",
        "adresse électronique",
        "adresse courriel",
        "messagerie",
    ),
    ("rpps", "répertoire partagé des professionnels de santé", "identifiant professionnel"),
    ("spécialité", "discipline", "spécialité médicale", "spécialité exercée"),
    # places
    (
        "établissement",
        "hôpital",
        "centre hospitalier",
        "établissement de santé",
        "ets",
        "es",
        "établissement employeur",
        "établissement recruteur",
        "établissement demandeur",
        "établissement support",
    ),
    ("hospitalier", "hôpital", "hospitalisation", "intra hospitalier", "part hospitalière", "établissement"),
    ("ambulatoire", "ville", "libéral", "extra hospitalier", "hors hôpital", "exercice de ville"),
    (
        "structure",
        "lieu d'exercice",
        "lieu d'accueil",
        "site d'exercice",
        "structure d'accueil",
        "structure partenaire",
    ),
    ("lieu", "site", "structure", "implantation", "terrain"),
    ("commune", "ville", "localité", "municipalité"),
    ("adresse", "adresse postale", "coordonnées", "localisation"),
    ("région", "territoire régional", "ars"),
    ("dépôt", "dépose", "rattachement", "instruction"),
    ("chu", "centre hospitalier universitaire", "chru", "chr"),
    ("partenaire", "associé", "de rattachement", "référent"),
    ("siret", "numéro siret", "identifiant siret"),
    ("finess", "numéro finess", "finess juridique", "finess géographique", "finess ej", "finess et"),
    ("hors", "en dehors", "extérieur", "autre que", "secondaire"),
    ("site principal", "établissement principal", "lieu principal", "site recruteur", "hôpital de rattachement"),
    # the request
    ("an", "ans", "année", "annuel"),
    ("demande", "dde", "candidature", "dossier", "requête", "sollicitation"),
    ("type", "nature", "genre", "forme", "objet"),
    ("catégorie", "type", "dispositif", "volet"),
    ("poste", "emploi", "contrat", "assistanat"),
    ("promotion", "promo", "cohorte", "campagne", "millésime", "session"),
    ("quotité", "qté", "quot", "part", "temps", "taux", "pourcentage", "temps de travail", "proportion"),
    ("motivation", "motif", "justification", "raison", "explication", "argumentaire", "motiver", "justifier"),
    ("modulation", "aménagement", "dérogation aux quotités", "adaptation", "répartition différente"),
    (
        "prise de fonction",
        "prise de poste",
        "entrée en fonction",
        "début de contrat",
        "début du contrat",
        "commencement",
        "date de début",
        "arrivée",
        "démarrage",
        "entrée en poste",
    ),
    ("durée", "nombre d'années", "période", "longueur"),
    ("dérogation", "exception", "exemption", "derog"),
    ("demandé", "sollicité", "souhaité", "demande"),
    ("directeur", "direction", "chef d'établissement"),
    ("condition", "règle", "critère", "seuil"),
    ("demi-journée", "demi journée", "1/2 journée", "demie journée", "vacation"),
    ("semaine", "hebdomadaire", "hebdo"),
    ("distance", "éloignement", "kilométrage", "trajet", "nombre de kilomètres"),
    ("routier", "route", "par la route", "en voiture", "kilométrique"),
    # pieces
    ("curriculum vitae", "cv", "curriculum", "parcours professionnel"),
    ("lettre", "courrier", "missive"),
    ("lettre de motivation", "lm", "courrier de motivation"),
    ("projet", "projet de service", "projet commun"),
    ("médical", "de soins", "soins", "medic"),
    ("partagé", "commun", "conjoint", "partage"),
    ("convention", "accord", "protocole"),
    ("engagement", "accord", "intention"),
    ("cosigné", "signé", "co-signé", "contresigné", "signature"),
    ("justificatif", "attestation", "preuve", "document justificatif"),
    ("qualification", "diplôme", "titre", "diplôme d'études spécialisées"),
    ("ordre", "conseil de l'ordre", "cnom", "ordre des médecins"),
    ("inscription", "affiliation", "inscrit"),
    ("désistement", "désisté", "renoncement", "abandon", "retrait", "renonçant", "sortant", "remplacé"),
    ("report", "décalage", "différé", "ajournement"),
    ("nouvelle", "nouveau", "reportée", "décalée"),
    ("répercussion", "conséquence", "impact", "incidence", "effet"),
    # the ARS's annotations
    ("synthèse", "résumé", "bilan", "récapitulatif"),
    ("avis", "proposition", "appréciation"),
    ("proposé", "suggéré", "automatique", "connecteur", "du connecteur", "préconisé"),
    ("point", "élément", "remarque", "question"),
    ("vérifier", "contrôler", "vérification", "contrôle", "à vérifier", "contrôlé", "vérifié"),
    ("pièce", "document", "pièce jointe", "pj", "pièce justificative", "fichier"),
    ("zone", "zonage", "secteur"),
    ("prime", "indemnité"),
    ("prime d'exercice territorial", "pet", "prime territoriale"),
    ("mensuel", "par mois", "mensualisé", "mois"),
    ("statut", "état", "situation"),
    ("coût", "montant", "dépense", "charge", "financement"),
    ("quota", "contingent", "nombre de postes", "enveloppe"),
    ("version", "édition"),
    ("message", "texte", "courriel type"),
    ("retenu", "validé", "conservé", "arrêté"),
    ("déficitaire", "en tension", "sous-dotée", "rare"),
    ("accepté", "accordé", "validé", "admis", "autorisé"),
    ("visuel", "à l'œil", "humain"),
    ("note", "notation", "score", "cotation"),
    ("décision", "choix", "verdict", "délibération", "arbitrage"),
    ("commission", "jury", "comité", "comité de sélection"),
    ("complémentaire", "supplémentaire", "additionnel", "complément"),
    ("envoi", "expédition", "transmission"),
    ("rang", "classement", "ordre de priorité", "rang de classement", "priorité"),
    ("événement", "fait marquant", "évènement"),
    ("devenir", "suite", "avenir", "issue du poste", "débouché"),
    ("issue", "fin", "terme", "sortie"),
    ("observation", "commentaire", "remarque", "annotation libre"),
    # labels
    ("complet", "dossier complet", "complété"),
    ("manquant", "absent", "incomplet", "à fournir", "non fourni"),
    ("liste d'attente", "liste complémentaire", "en attente"),
    ("remplacement", "substitution", "suppléance"),
    ("suivi", "traitement", "gestion"),
    ("manuel", "à la main", "par un agent"),
)

_MOTS_OUTILS = """
a afin ai au aux avec ce ces cet cette ci d dans de des du elle en est et il l la le les leur ma mes mon n ne nos notre
ou pour qu que qui s sa ses si son sont sur un une vos votre
merci svp indiquer preciser saisir renseigner joindre deposer obligatoire facultatif
no num numero eur euro euros km kilometre pourcent
"""

OUTILS = frozenset(_MOTS_OUTILS.split())
"""Words that say nothing of what a champ is; « à » is « a » here."""

CONNECTEURS = ("connecteur", "technique", "automate", "robot", "api", "service", "applicatif", "ne-pas-repondre")
"""What the address of a technical instructeur is likely to hold."""
