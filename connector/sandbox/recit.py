"""How the default world comes to be: acts told in days before now, then played in order of time by `scenario`.

Nothing is set by hand in a dossier's history: a message, a correction or a decision is there because someone did it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Concatenate, ParamSpec

from connector.sandbox import formulaire as form
from connector.sandbox import scenario
from connector.sandbox.dates import PARIS
from connector.sandbox.lieux import AU_NORD, CENTRE_VAL_DE_LOIRE, CHU_TOURS, Hopital, Structure, avec_cle
from connector.sandbox.world import Adresse, Fichier, PersonneMorale, Usager, World

P = ParamSpec("P")

Saisie = dict[str | int, Any]
"""What someone types, by label."""

NOMS = (
    "Aubrelle",
    "Bastervigne",
    "Corvaisier",
    "Delmontel",
    "Estarel",
    "Fontvielle",
    "Garance",
    "Hautecombe",
    "Issartel",
    "Jolivaud",
    "Kermorvan",
    "Lestrange",
    "Montarnal",
    "Noirclair",
    "Orvanne",
    "Perceval",
    "Quillard",
    "Rochebelle",
    "Sautereau",
    "Tournebise",
    "Urvois",
    "Valombre",
    "Ybert",
)
PRENOMS = (
    "Inès",
    "Théophile",
    "Léonie",
    "Aurèle",
    "Maïwenn",
    "Côme",
    "Zélie",
    "Ismaël",
    "Apolline",
    "Gaspard",
    "Nour",
    "Élouan",
    "Salomé",
    "Titouan",
    "Capucine",
    "Ulysse",
    "Héloïse",
)

NOMS_DE_FICHIER = {
    form.CV: "cv.pdf",
    form.LETTRE: "lettre-motivation.pdf",
    form.PROJET: "projet-medical-partage.pdf",
    form.CONVENTION: "convention-signee.pdf",
    form.QUALIFICATION: "diplome-et-inscription.pdf",
    "Demande de dérogation du directeur": "demande-derogation.pdf",
    "Courrier expliquant le motif du désistement": "courrier-desistement.pdf",
    "Courrier de demande de report": "demande-de-report.pdf",
}


def pdf(titre: str) -> bytes:
    """Give a small readable PDF of one page that says this; two titles never make the same bytes."""
    texte = titre.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    trait = b"BT /F1 14 Tf 60 760 Td (" + texte + b") Tj ET"
    objets = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(trait), trait),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    )
    corps, places = b"%PDF-1.4\n", []
    for rang, objet in enumerate(objets, 1):
        places.append(len(corps))
        corps += b"%d 0 obj%s\nendobj\n" % (rang, objet)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    taille = len(objets) + 1
    fin = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (taille, len(corps))
    return corps + b"xref\n0 %d\n0000000000 65535 f \n" % taille + table + fin


def piece(label: str, numero: int, **proprietes: Any) -> Fichier:
    """Give the file that a hospital joins under this label to this dossier."""
    return Fichier.de(NOMS_DE_FICHIER[label], pdf(f"{label} (dossier {numero})"), **proprietes)


def word(filename: str) -> Fichier:
    """Give a file of a word processor, which nobody asked for."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        archive.writestr(zipfile.ZipInfo("word/document.xml"), "<w:document/>")
    type_mime = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return Fichier.de(filename, tampon.getvalue(), type_mime)


def candidature(numero: int, hopital: Hopital, specialite: str, sites: tuple[Saisie, ...]) -> Saisie:
    """Give the values of a good application: half and half, everything joined."""
    nom, prenom = NOMS[numero % len(NOMS)], PRENOMS[numero % len(PRENOMS)]
    return {
        "Type de demande": form.NOUVELLE,
        "Catégorie de poste": form.AMBULATOIRE,
        "Promotion": form.PROMOTIONS[0],
        "Région de dépôt": CENTRE_VAL_DE_LOIRE,
        "SIRET de l'établissement": hopital.personne_morale,
        "N° FINESS": hopital.finess,
        "Adresse de l'établissement": hopital.adresse,
        "CHU partenaire": CHU_TOURS.nom,
        "Lieux d'exercice hors site principal": sites,
        "Nom du candidat": nom,
        "Prénom du candidat": prenom,
        "N° RPPS": avec_cle(f"9990{numero:06d}"),
        "Courriel du candidat": f"candidat.{numero}@exemple.fr",
        "Spécialité": specialite,
        "Quotité hospitalière (%)": 50,
        "Quotité ambulatoire (%)": 50,
        "Date de prise de fonction": date(2023, 11, 1),
        "Durée du poste": "2 ans",
        "Dérogation à la condition de 20 km demandée": False,
        **{label: [piece(label, numero)] for label in form.PIECES},
    }


@dataclass
class Horloge:
    """The world's clock while its past is being told."""

    instant: datetime

    def __call__(self) -> datetime:
        """Give the time of the story."""
        return self.instant


@dataclass(frozen=True, slots=True)
class Acte:
    """Something done at a time; `rang` keeps the order in which acts of one instant were told."""

    instant: datetime
    rang: int
    agir: Callable[[], object]


@dataclass
class Recit:
    """The acts of a world whose clock follows the story; `present` is when it is told."""

    world: World
    present: datetime
    horloge: Horloge
    actes: list[Acte] = field(default_factory=list)
    comptes: dict[str, Usager] = field(default_factory=dict)

    def le(
        self,
        jours: int,
        heure: str,
        acte: Callable[Concatenate[World, P], object],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Tell that this was done so many days ago, at that hour of Paris ("09:30"), never later than now."""
        jour = (self.present - timedelta(days=jours)).astimezone(PARIS).date()
        instant = datetime.combine(jour, time.fromisoformat(heure), PARIS)
        au_plus_tard = self.present - timedelta(seconds=30)
        self.actes.append(Acte(min(instant, au_plus_tard), len(self.actes), lambda: acte(self.world, *args, **kwargs)))

    def depose(  # noqa: PLR0913 - an act has as many details as it has
        self,
        numero: int,
        jours: int,
        hopital: Hopital,
        specialite: str,
        *sites: Saisie,
        mais: scenario.Valeurs | None = None,
        sans: tuple[str, ...] = (),
        compte: Usager | None = None,
        degrade: bool = False,
        mandataire: tuple[str, str] | None = None,
    ) -> None:
        """Tell that a hospital filed a good application, with these changes (`mais`) and without these champs."""
        demandeur = hopital.degradee if degrade else hopital.personne_morale
        valeurs = candidature(numero, hopital, specialite, sites) | dict(mais or {})
        if degrade:
            valeurs["SIRET de l'établissement"] = hopital.siret
        self.le(
            jours,
            f"{9 + numero % 8:02d}:{numero * 7 % 60:02d}",
            _depose,
            numero=numero,
            valeurs={k: v for k, v in valeurs.items() if k not in sans},
            demandeur=demandeur,
            usager=compte or self.compte(hopital),
            groupe=groupe_de(hopital),
            mandataire=mandataire,
        )

    def compte(self, hopital: Hopital) -> Usager:
        """Give the account of a hospital, always the same."""
        return self.comptes.setdefault(
            hopital.courriel, Usager(number=7_000 + hopital.rang, email=hopital.courriel, connexion="password")
        )

    def joue(self) -> None:
        """Play every act in order of time, doing what the server does later on its own in between."""
        for acte in sorted(self.actes, key=lambda a: (a.instant, a.rang)):
            self.horloge.instant = acte.instant
            self.world.settle()
            acte.agir()
        self.horloge.instant = self.present
        self.world.settle()


def groupe_de(hopital: Hopital) -> int:
    """Give the number of the group that a hospital's dossiers are routed to."""
    sud, nord = form.groupes()
    return (nord if hopital.lieu.departement.code in AU_NORD else sud).number


def _depose(
    world: World,
    *,
    numero: int,
    valeurs: scenario.Valeurs,
    demandeur: PersonneMorale,
    usager: Usager,
    groupe: int,
    mandataire: tuple[str, str] | None,
) -> None:
    """File under the revision of the day: what it does not ask yet is left out, what it renamed follows."""
    revision = world.demarches[form.DEMARCHE].revision_active
    scenario.usager_depose(
        world,
        demarche=form.DEMARCHE,
        valeurs=a_la_revision(valeurs, {d.label for d in revision.par_id.values()}),
        demandeur=demandeur,
        usager=usager,
        groupe=groupe,
        numero=numero,
        mandataire=mandataire,
    )


def a_la_revision(valeurs: scenario.Valeurs, connus: set[str]) -> Saisie:
    """Give the values as a version of the form that has only these labels asks for them."""
    retenues: Saisie = {}
    for label, valeur in valeurs.items():
        nom = label if label in connus else form.ANCIENS_LABELS.get(str(label), label)
        if nom in connus:
            retenues[nom] = [a_la_revision(x, connus) for x in valeur] if isinstance(valeur, tuple) else valeur
    return retenues


def site(structure: Structure, demi_journees: str = "5", route: str | None = None) -> Saisie:
    """Give a row of the form: this place, so many half-days a week, so many kilometres away by road."""
    return structure.ligne(demi_journees, route)


def site_en_texte_libre(structure: Structure) -> Saisie:
    """Give a row as someone in a hurry types it: an address in free text, no commune, no distance."""
    complete = site(structure)
    libre = Adresse(label=structure.lieu.adresse(structure.voie).label, complete=False)
    hatif: Saisie = {
        label: complete[label] for label in ("Nom de la structure", "Type de structure", "Demi-journées par semaine")
    }
    return hatif | {"Adresse de la structure": libre}
