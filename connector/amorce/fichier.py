"""The text of config.toml: the mapping that was found put in its place, what is in doubt left as a comment.

A doubtful entry becomes a comment that « connector init » finds again, and that a human may as well take up by hand.
Everything else that a human wrote stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.amorce.appariement import Candidat, Offert, Voulu, options_communes
from connector.amorce.besoins import VOCABULAIRES
from connector.amorce.edition import Edition, en_toml
from connector.core.textes import normaliser

CONFIRMER, ABSENT, CREER, COMPLETER = (
    "à confirmer",
    "absent du formulaire",
    "à créer dans DS",
    "à compléter dans DS",
)
_POSE_PAR = "« connector init »"

_EN_ATTENTE = re.compile(
    rf"^# (?:{CONFIRMER}|{ABSENT}|{COMPLETER})[^\n:]*: (?P<ligne>(?P<cle>[a-z][a-z0-9_]*) = [^\n]+)$"
)
_A_CREER = re.compile(rf"^(?P<cle>[a-z][a-z0-9_]*) = .*# {CREER}")
_PEUT_MANQUER = f"facultatif = true # {CONFIRMER}"
_TITRE = re.compile(r"^\[([^\[\]]+)\]")
_ECARTEES = re.compile(rf"\[(?P<liste>[^\]]*)\] # {_POSE_PAR} attend (?:leurs champs|(?P<cles>[^\n]*))$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reponse:
    """What became of one thing we need: the champ, when it is known, or else the candidates; who said so."""

    voulu: Voulu
    offert: Offert | None = None
    confiance: float = 0.0
    candidats: tuple[Candidat, ...] = ()
    humaine: bool = False
    par_id: bool = False
    """Another champ has the same label: only its id tells them apart."""
    empeche: Offert | None = None
    """What has the right label, and the wrong type or the wrong options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Depart:
    """A text to fill in: entries in doubt are entries again. `pendants` are the paths to look for, None for all."""

    texte: str
    pendants: frozenset[str] | None = None
    ecartees: frozenset[str] = frozenset()
    """Rules that « connector init » had set aside."""


def reprendre(texte: str) -> Depart:
    """A file that « connector init » wrote, and that people may have changed since."""
    lignes, pendants, section = [], set(), ""
    for ligne in texte.split("\n"):
        if titre := _TITRE.match(ligne):
            section = titre[1].strip()
        attend, creer = _EN_ATTENTE.match(ligne), _A_CREER.match(ligne)
        if section.startswith("correspondance.") and ligne.startswith(_PEUT_MANQUER):
            pendants.add(section.removeprefix("correspondance."))
        if section.startswith("correspondance") and (trouve := attend or creer):
            pendants.add(f"{section}.{trouve['cle']}".removeprefix("correspondance."))
        lignes.append(attend["ligne"] if attend and section.startswith("correspondance") else ligne)
    ecartees = frozenset(c for ligne in lignes for c in _notres(ligne))
    return Depart(texte="\n".join(lignes), pendants=frozenset(pendants), ecartees=ecartees)


@dataclass(slots=True)
class Correspondances:
    """The mapping of one text, being rewritten."""

    edition: Edition
    fichier: Mapping[str, Any]
    rang: int

    def ecrire(self, reponse: Reponse) -> None:
        """Put one answer where its entry stands: the démarche's own table, or the shared one."""
        commun = f"correspondance.{reponse.voulu.cle}"
        propre = f"demarches[{self.rang}].{commun}"
        chemin = propre if propre in self.edition else commun
        if chemin not in self.edition:
            return
        entree = _valeur(self.fichier, chemin)
        if isinstance(entree, dict) and "champs" in entree:
            self._repetition(reponse, chemin, entree)
        elif not self.edition.seule_sur_sa_ligne(chemin):
            self._dans_sa_ligne(reponse, chemin, entree)
        else:
            debut, fin = self.edition.ligne(chemin)
            commentaire = self.edition.commentaire(chemin)
            self.edition.remplace(debut, fin, _ligne(reponse, entree, _humain(commentaire)))

    def _repetition(self, reponse: Reponse, chemin: str, entree: Mapping[str, Any]) -> None:
        """A table of its own keeps its place: only its label changes, or whether the form must have it."""
        if reponse.offert is None:
            if "facultatif" not in entree and f"{chemin}.type" in self.edition:
                candidat = f" : « {reponse.candidats[0].offert.libelle} » ?" if reponse.candidats else ""
                self.edition.apres(f"{chemin}.type", f"{_PEUT_MANQUER}{candidat}")
        else:
            self._dans_sa_ligne(reponse, chemin, entree)
            if CONFIRMER in (self.edition.commentaire(f"{chemin}.facultatif") if "facultatif" in entree else ""):
                debut, fin = self.edition.ligne(f"{chemin}.facultatif")
                self.edition.remplace(debut, fin + 1, "")

    def _dans_sa_ligne(self, reponse: Reponse, chemin: str, entree: Any) -> None:
        """An entry without a line of its own can have its label changed; without a champ, it is left and told."""
        libelle = f"{chemin}.libelle" if isinstance(entree, dict) else chemin
        ecrit = str(_valeur(self.fichier, libelle))
        if reponse.offert is not None and normaliser(ecrit) != normaliser(reponse.offert.libelle):
            self.edition.valeur(libelle, reponse.offert.libelle)


def _humain(commentaire: str) -> str:
    """A comment that is not ours."""
    return "" if CREER in commentaire or _POSE_PAR in commentaire else commentaire


def _ligne(reponse: Reponse, entree: Any, commentaire: str) -> str:
    """The line of an entry: active, to be created, or in doubt."""
    cle = reponse.voulu.cle.rpartition(".")[2]
    table = {"libelle": entree} if isinstance(entree, str) else dict(entree)
    if reponse.offert is not None:
        return _active(reponse, reponse.offert, cle, table, commentaire)
    if reponse.candidats:
        meilleur = reponse.candidats[0]
        devine = _entree(table | {"libelle": meilleur.offert.libelle})
        return f"# {CONFIRMER} ({meilleur.confiance:.0%}) : {cle} = {devine}".replace("%)", " %)", 1)
    if reponse.empeche is not None and normaliser(reponse.empeche.libelle) == normaliser(str(table.get("libelle"))):
        return f"# {COMPLETER} : {cle} = {_entree(table)}"  # by that label, the program would refuse it
    if reponse.voulu.cle.startswith(("annotations.", "labels.", "saisies.")):
        return f"{cle} = {_entree(table | {'facultatif': True})} # {CREER}"
    return f"# {ABSENT} : {cle} = {_entree(table)}"


def _active(reponse: Reponse, offert: Offert, cle: str, table: dict[str, Any], commentaire: str) -> str:
    attendu = table.get("libelle")
    if not (isinstance(attendu, str) and normaliser(attendu) == normaliser(offert.libelle)):
        table["libelle"] = offert.libelle
    if reponse.par_id:
        table = {"id": offert.id, **table}
    if reponse.humaine:
        dit = f"# choisi avec {_POSE_PAR}"
    else:
        dit = f"# rapproché à {reponse.confiance * 100:.0f} % par {_POSE_PAR}" if reponse.confiance < 1 else ""
    return " ".join(filter(None, (f"{cle} = {_entree(table)}", commentaire or dit)))


def _entree(table: dict[str, Any]) -> str:
    return en_toml(table["libelle"] if set(table) == {"libelle"} else table)


def _valeur(fichier: Any, chemin: str) -> Any:
    for pas in re.findall(r"\w+", chemin):
        fichier = fichier[int(pas) if pas.isdigit() else pas]
    return fichier


# ── the form's own words


@dataclass(frozen=True, slots=True, kw_only=True)
class Traduction:
    """The options of one list: those of the configuration with the form's own, and those that nobody translates."""

    champ: str
    communes: Mapping[str, str]
    inconnues: tuple[str, ...] = ()
    """Options of the form without a meaning here."""
    orphelines: tuple[str, ...] = ()
    """Words of the configuration that the form does not offer."""


def traductions(reponses: Iterable[Reponse], fichier: Mapping[str, Any]) -> Iterator[Traduction]:
    """How the options of the lists found are named in the configuration."""
    for reponse in reponses:
        champ = reponse.voulu.cle.partition(".")[2]
        table = VOCABULAIRES.get(champ)
        if table is None or reponse.offert is None or not reponse.offert.options:
            continue
        mots = tuple(fichier.get("vocabulaire", {}).get(table, {}))
        communes = options_communes(mots, reponse.offert.options) if mots else {}
        prises = set(communes.values())
        yield Traduction(
            champ=champ,
            communes=communes,
            inconnues=tuple(o for o in reponse.offert.options if o not in prises),
            orphelines=tuple(mot for mot in mots if mot not in communes),
        )


def traduire(edition: Edition, traduction: Traduction) -> None:
    """Write the form's own words in [vocabulaire] and wherever a rule names them."""
    table = f"vocabulaire.{VOCABULAIRES[traduction.champ]}"
    autres = {ici: la for ici, la in traduction.communes.items() if normaliser(ici) != normaliser(la)}
    for ici, la in autres.items():
        chemin = f"{table}.{ici}"
        if chemin in edition:
            etendue = edition.positions.etendues[chemin]
            debut = edition.ligne(chemin)[0]
            edition.remplace(debut, etendue.debut, f"{en_toml(la)} = ")
    formes = {normaliser(ici): la for ici, la in autres.items()}
    for chemin, etendue in edition.positions.etendues.items():
        if not _nomme(chemin, traduction.champ, edition):
            continue
        dit = edition.lue(chemin) if edition.avant[etendue.debut] in "\"'" else ""
        if normaliser(dit) in formes:
            edition.valeur(chemin, formes[normaliser(dit)])


_DANS_UNE_REGLE = re.compile(r"^((?:demarches\[\d+\]\.)?regles\[\d+\])\.(?:si\.(\w+)|(?:acceptees|exclues)\[\d+\]$)")


def _nomme(chemin: str, champ: str, edition: Edition) -> bool:
    """Whether a path of a rule holds answers to that field."""
    trouve = _DANS_UNE_REGLE.match(chemin)
    if trouve is None:
        return False
    if trouve[2]:
        return trouve[2] == champ
    return bool(edition.lue(f"{trouve[1]}.champ") == champ)


# ── rules that wait


def ecarter(texte: str, rang: int, cles: Iterable[str]) -> str:
    """The text in which that démarche sets those rules aside for now, besides those that people set aside."""
    edition = Edition(texte)
    chemin = f"demarches[{rang}].regles_ecartees"
    ecrite = chemin in edition
    debut, fin = edition.ligne(chemin) if ecrite else (0, 0)
    notres = _notres(texte[debut:fin])
    humaines = [cle for cle in edition.lue(chemin) or () if cle not in notres]
    ajoutees = sorted(set(cles) - set(humaines))
    attend = ", ".join(ajoutees) if humaines else "leurs champs"
    ligne = f"regles_ecartees = {en_toml([*humaines, *ajoutees])}" + (
        f" # {_POSE_PAR} attend {attend}" if ajoutees else ""
    )
    if ecrite and (humaines or ajoutees):
        edition.remplace(debut, fin, ligne)
    elif ecrite:
        edition.remplace(debut, fin + 1, "")
    elif ajoutees:
        edition.apres(f"demarches[{rang}].nom", ligne)
    return edition.texte()


def _notres(ligne: str) -> frozenset[str]:
    """The rules that « connector init » set aside on that line."""
    marque = _ECARTEES.search(ligne)
    if marque is None:
        return frozenset()
    return frozenset(re.findall(r"\w+", marque["cles"] or marque["liste"]))
