"""« connector init » once the démarche was read: find, write, check that what was written works.

Nothing is guessed silently: every guess is told with its confidence; a doubtful one is a question, or a comment to
confirm, and the rules that need it wait.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from connector import config
from connector.amorce import fichier
from connector.amorce.appariement import Offert
from connector.amorce.besoins import OPTIONS, a_creer_en, besoins, offre
from connector.amorce.depart import Commande, depart, rang_de
from connector.amorce.edition import Edition
from connector.amorce.fichier import Reponse, Traduction
from connector.amorce.recherche import Choisir, chercher, sans_emploi
from connector.amorce.synonymes import CONNECTEURS
from connector.core.correspondance import NOMS, Correspondance, Resolution, TypeLogique, resolve
from connector.core.empreintes import normalised_text
from connector.core.model import Demarche
from connector.core.regles import impossible_conditions, unknown_answers
from connector.core.textes import normaliser
from connector.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ACreer:
    """Something that the administrator has still to add to the démarche, as DS names its type."""

    libelle: str
    nature: str
    options: tuple[str, ...] = ()
    qui: str = ""
    empeche: Offert | None = None
    """What already has that name, and cannot be used as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Technique:
    """The instructeur in whose name to write, how sure that is, and each open group with whether they are in it."""

    courriel: str
    confiance: float
    groupes: Mapping[str, bool] = field(default_factory=dict)

    @property
    def sur(self) -> bool:
        """Whether it can be written without asking."""
        return self.confiance >= _SUR_POUR_ECRIRE


_SUR_POUR_ECRIRE = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Amorce:
    """What was found and written. `ecartees`: rules that wait; `restants`: what still does not fit the form."""

    demarche: Demarche
    reponses: tuple[Reponse, ...]
    traductions: tuple[Traduction, ...]
    a_creer: tuple[ACreer, ...]
    ecartees: tuple[str, ...]
    restants: tuple[Problem, ...]
    sans_emploi: tuple[str, ...]
    differences: tuple[str, ...]
    change: bool
    technique: Technique | None = None


def amorcer(
    commande: Commande, demarche: Demarche, *, choisir: Choisir | None, environ: Mapping[str, str], le: date
) -> Amorce:
    """Match that démarche with what a configuration needs, and write the file; `choisir` None leaves doubts in it.

    ConfigError when the file that is already there, or last campaign's, cannot be read.
    """
    titre = " ".join(normalised_text(demarche.title).split())  # it goes into a comment, where no control may be
    base = depart(commande, titre=titre, environ=environ, le=le)
    contenu = tomllib.loads(base.texte)
    rang = rang_de(contenu, commande.numero)
    correspondance = config.read(base.texte, commande.sortie, environ).demarches[rang].correspondance
    offerte = offre(demarche)
    reponses = tuple(chercher(besoins(correspondance, contenu), offerte, base, choisir))
    traduites = tuple(fichier.traductions(reponses, contenu))
    technique = instructeur(demarche)
    ecrit = _ecrit(base.texte, contenu, rang, reponses=reponses, traduites=traduites, technique=technique)
    texte, ecartees, restants = _Verification(commande, demarche, environ, rang).verifie(ecrit, base.ecartees)
    return Amorce(
        demarche=demarche,
        reponses=reponses,
        traductions=traduites,
        a_creer=tuple(a_creer(reponses, correspondance)),
        ecartees=ecartees,
        restants=restants,
        sans_emploi=sans_emploi(reponses, offerte) if base.pendants is None else (),
        differences=tuple(_differences(reponses, traduites)) if commande.depuis else (),
        change=_enregistre(commande.sortie, texte),
        technique=technique,
    )


def _ecrit(
    texte: str,
    contenu: Mapping[str, Any],
    rang: int,
    *,
    reponses: Iterable[Reponse],
    traduites: Iterable[Traduction],
    technique: Technique | None,
) -> str:
    edition = Edition(texte)
    correspondances = fichier.Correspondances(edition, contenu, rang)
    for reponse in reponses:
        correspondances.ecrire(reponse)
    for traduction in traduites:
        fichier.traduire(edition, traduction)
    _au_nom_de(edition, technique)
    return edition.texte()


def _differences(reponses: Iterable[Reponse], traduites: Iterable[Traduction]) -> Iterator[str]:
    """What differs from last campaign, as French sentences."""
    for r in reponses:
        if r.offert is None:
            yield f"{r.voulu.cle} : « {r.voulu.libelle} » n’est plus dans le formulaire"
        elif normaliser(r.offert.libelle) != normaliser(r.voulu.libelle):
            yield f"{r.voulu.cle} : « {r.voulu.libelle} » s’appelle maintenant « {r.offert.libelle} »"
    for t in traduites:
        yield from (f"{t.champ} : l’option « {o} » est nouvelle" for o in t.inconnues)
        yield from (f"{t.champ} : l’option « {o} » n’est plus proposée" for o in t.orphelines)


# ── the instructeur in whose name to write


def instructeur(demarche: Demarche) -> Technique | None:
    """The address most like a technical account's among those who are in every open group; None when none is."""
    ouverts = [g for g in demarche.groupes if not g.closed]
    membres = {g.label: {p.email for p in g.instructeurs} for g in ouverts}
    tous = sorted(set().union(*membres.values()))
    techniques = [mail for mail in tous if any(mot in normaliser(mail) for mot in CONNECTEURS)]
    partout = [mail for mail in tous if all(mail in emails for emails in membres.values())]
    retenu, confiance = (techniques, 0.9) if len(techniques) == 1 else (partout, 0.4)
    if len(retenu) != 1:
        return None
    dedans = {label: retenu[0] in emails for label, emails in membres.items()}
    return Technique(courriel=retenu[0], confiance=confiance, groupes=dedans)


_INSTRUCTEUR = re.compile(r"^# (?:à confirmer[^\n:]*: )?instructeur = [^\n]*$", re.MULTILINE)


def _au_nom_de(edition: Edition, technique: Technique | None) -> None:
    """Write the instructeur where the file has one as a comment."""
    ligne = _INSTRUCTEUR.search(edition.avant)
    if ligne is None or technique is None or "envoi.instructeur" in edition:
        return
    devant = "" if technique.sur else f"# {fichier.CONFIRMER} ({technique.confiance * 100:.0f} %) : "
    edition.remplace(ligne.start(), ligne.end(), f'{devant}instructeur = "{technique.courriel}"')


# ── what is written works


@dataclass(frozen=True, slots=True)
class _Verification:
    """Holds the text against the program's own reading and against the form."""

    commande: Commande
    demarche: Demarche
    environ: Mapping[str, str]
    rang: int

    def verifie(self, texte: str, retenues: frozenset[str]) -> tuple[str, tuple[str, ...], tuple[Problem, ...]]:
        """The text, the rules set aside in it since they cannot run yet, and what still does not fit the form."""
        ecartees = retenues | self._sans_champ(fichier.ecarter(texte, self.rang, retenues))
        settings = self._lit(fichier.ecarter(texte, self.rang, ecartees))
        reglee = settings.demarches[self.rang]
        trouvee = resolve(reglee.correspondance, self.demarche)
        if isinstance(trouvee, Resolution):
            sans_reponse = impossible_conditions(reglee.regles, trouvee, self.demarche)
            ecartees |= {p.path.split(".")[1] for p in sans_reponse}
            trouvee = unknown_answers(reglee.regles, trouvee, self.demarche)
        ecrit = fichier.ecarter(texte, self.rang, ecartees)
        restants = ConfigError(trouvee).located(self._lit(ecrit).ligne).problems
        return ecrit, tuple(sorted(ecartees)), restants

    def _lit(self, texte: str) -> config.Settings:
        return config.read(texte, self.commande.sortie, self.environ)

    def _sans_champ(self, texte: str) -> frozenset[str]:
        """The shared rules that name a field in doubt; ConfigError when something else is wrong."""
        try:
            self._lit(texte)
        except ConfigError as error:
            regles = tomllib.loads(texte).get("regles", [])
            rangs = [re.match(r"regles\[(\d+)\]", problem.path) for problem in error.problems]
            if not all(rangs):
                raise
            return frozenset(str(regles[int(rang[1])]["cle"]) for rang in rangs if rang)
        return frozenset()


def _enregistre(sortie: Path, texte: str) -> bool:
    """Put the text in place whole, what was there kept beside it; whether anything changed."""
    avant = sortie.read_text(encoding="utf-8-sig") if sortie.exists() else ""
    if texte == avant:
        return False
    sortie.parent.mkdir(parents=True, exist_ok=True)
    if avant:
        sortie.with_name(f"{sortie.name}.precedent").write_text(avant, encoding="utf-8")
    provisoire = sortie.with_name(f".{sortie.name}.nouveau")
    provisoire.touch(mode=0o644)  # whatever the umask: nobody else may say where the token goes
    provisoire.write_text(texte, encoding="utf-8")
    provisoire.replace(sortie)
    return True


# ── what to create in DS


def a_creer(reponses: Iterable[Reponse], correspondance: Correspondance) -> Iterator[ACreer]:
    """The private annotations and labels that the démarche has not."""
    types = {saisie.cle: saisie.type for saisie in correspondance.saisies}
    for reponse in reponses:
        table, _, cle = reponse.voulu.cle.partition(".")
        libelle = reponse.voulu.libelle
        if reponse.offert is not None or reponse.candidats:
            continue
        match table:
            case "annotations":
                nature = NOMS[a_creer_en(cle)]
                yield ACreer(
                    libelle=libelle,
                    nature=nature,
                    options=OPTIONS.get(cle, ()),
                    qui="le connecteur",
                    empeche=reponse.empeche,
                )
            case "saisies":
                yield ACreer(
                    libelle=libelle,
                    nature=_TYPES_DS.get(types[cle], NOMS["Text"]),
                    options=reponse.voulu.options,
                    qui="vos agents",
                    empeche=reponse.empeche,
                )
            case "labels":
                yield ACreer(libelle=libelle, nature="label")
            case _:
                pass  # a champ of the form is the ARS's own affair


_TYPES_DS: Mapping[TypeLogique, str] = {
    TypeLogique.TEXTE_LONG: NOMS["Textarea"],
    TypeLogique.CHOIX: NOMS["DropDownList"],
    TypeLogique.CHOIX_MULTIPLE: NOMS["MultipleDropDownList"],
    TypeLogique.ENTIER: NOMS["IntegerNumber"],
    TypeLogique.DECIMAL: NOMS["DecimalNumber"],
    TypeLogique.DATE: NOMS["Date"],
    TypeLogique.BOOLEEN: NOMS["YesNo"],
}
