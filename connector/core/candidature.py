"""A dossier read through the mapping: typed logical fields, each known, missing, unreadable, or never asked.

Reading never fails and never judges: « 110 » is a number, what it is worth is for the rules to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from connector.core import model
from connector.core.correspondance import CibleChamp, Resolution, TypeLogique, est_identite
from connector.core.model import (
    Adresse,
    Champ,
    Choix,
    ChoixLie,
    Dossier,
    DossierState,
    Etablissement,
    LienDossier,
    Lieu,
    Lignes,
    Piece,
    Pieces,
    Valeur,
    VirusScan,
)
from connector.core.montants import nombre
from connector.core.textes import normaliser


@dataclass(frozen=True, slots=True, kw_only=True)
class LigneLue:
    """One row of a repetition, its fields by key."""

    id: str
    champs: Mapping[str, ChampLu]


ValeurLue = (
    str
    | bool
    | int
    | Decimal
    | date
    | Lieu
    | Adresse
    | Etablissement
    | LienDossier
    | tuple[str, ...]
    | tuple[Piece, ...]
    | tuple[LigneLue, ...]
)
"""What a known field holds, by logical type.

texte, texte_long, choix, courriel: str · choix_multiple: tuple[str, ...] · entier: int · decimal: Decimal ·
date: date · booleen: bool · adresse: Adresse · commune, region: Lieu · siret: Etablissement ·
piece: tuple[Piece, ...] · lien: LienDossier · repetition: tuple[LigneLue, ...].
"""


@dataclass(frozen=True, slots=True)
class Connu:
    """A value, never blank: no empty text, no empty list."""

    valeur: ValeurLue


@dataclass(frozen=True, slots=True)
class Manquant:
    """Asked, and left blank."""


@dataclass(frozen=True, slots=True)
class Illisible:
    """Filled with something that is not what the field should hold: `cause` in French, `texte` as typed."""

    cause: str
    texte: str = ""


@dataclass(frozen=True, slots=True)
class Masque:
    """Never asked of this dossier: hidden by a condition of the form, or not in its form at all."""


Lecture = Connu | Manquant | Illisible | Masque


@dataclass(frozen=True, slots=True, kw_only=True)
class ChampLu:
    """One logical field as read; `libelle` is the form's own label."""

    cle: str
    libelle: str
    lecture: Lecture
    type: TypeLogique = TypeLogique.TEXTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A field where it was found: `ligne` is its row, counted from 1, None outside a repetition."""

    champ: ChampLu
    ligne: int | None = None


Lue = TypeVar("Lue", bound=ValeurLue)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidature:
    """What the rules judge: a dossier's fields and circumstances.

    `labels` are the keys of the mapped labels it carries. `saisies` are the annotations that humans fill. Opinions of
    experts are counted: asked, and really answered.
    """

    numero: int
    demarche: int
    etat: DossierState
    deposee_le: datetime
    tour: datetime
    en_instruction_le: datetime | None = None
    traitee_le: datetime | None = None
    correction_en_attente: bool = False
    siret: str | None = None
    labels: frozenset[str] = frozenset()
    champs: Mapping[str, ChampLu] = field(default_factory=dict)
    saisies: Mapping[str, ChampLu] = field(default_factory=dict)

    def champ(self, cle: str) -> ChampLu:
        """The field of that key, an annotation included; one that the mapping does not know was never asked.

        `PasLu` when this reading left it out.
        """
        trouve = self.champs.get(cle) or self.saisies.get(cle)
        return trouve or ChampLu(cle=cle, libelle=cle, lecture=Masque())

    def places(self, reference: str) -> tuple[Place, ...]:
        """Every field that a reference points to: one for `specialite`, one a row for `lieux.commune`.

        None for a repetition that was left blank or never asked; the repetition itself when it cannot be read.
        """
        racine, _, interne = reference.partition(".")
        lu = self.champ(racine)
        if not interne:
            return (Place(champ=lu),)
        return tuple(_places_internes(lu, interne))

    def connu(self, cle: str, genre: type[Lue]) -> Lue | None:
        """The value of a field when it is known and of that kind, else None."""
        match self.champ(cle).lecture:
            case Connu(valeur=valeur) if isinstance(valeur, genre):
                return valeur
            case _:
                return None

    def pieces(self) -> Iterator[ChampLu]:
        """The fields that hold files, in the order of the mapping."""
        return (lu for lu in self.champs.values() if lu.type is TypeLogique.PIECE)

    @property
    def antivirus_en_attente(self) -> bool:
        """True while a file waits for its verdict: DS moves no date when it comes, so look again (contract §4.4)."""
        return any(f.virus_scan is VirusScan.PENDING for lu in self.pieces() for f in fichiers(lu))


def _places_internes(lu: ChampLu, interne: str) -> Iterator[Place]:
    match lu.lecture:
        case Illisible():
            yield Place(champ=lu)
        case Connu(valeur=tuple() as lignes):
            for rang, ligne in enumerate(lignes, start=1):
                if isinstance(ligne, LigneLue) and interne in ligne.champs:
                    yield Place(champ=ligne.champs[interne], ligne=rang)
        case _:
            return


def fichiers(lu: ChampLu) -> tuple[Piece, ...]:
    """The files of a field; () when it holds none."""
    match lu.lecture:
        case Connu(valeur=tuple() as valeurs):
            return tuple(v for v in valeurs if isinstance(v, Piece))
        case _:
            return ()


class PasLu(LookupError):
    """What was asked for is there, and this reading left it out: `quoi` is the key of a field, "" for all of them."""

    def __init__(self, quoi: str) -> None:
        super().__init__(quoi)
        self.quoi = quoi


class _Partie(Mapping[str, ChampLu]):
    """Some of the fields of a mapping; whoever asks for another one, or for all of them, is refused, never misled."""

    def __init__(self, lus: Mapping[str, ChampLu], cles: frozenset[str]) -> None:
        self._lus, self._cles = lus, cles

    def __getitem__(self, cle: str) -> ChampLu:
        if cle in self._cles and cle not in self._lus:
            raise PasLu(cle)
        return self._lus[cle]

    def __iter__(self) -> Iterator[str]:
        raise PasLu("")

    def __len__(self) -> int:
        return len(self._cles)


def lire_en_partie(dossier: Dossier, resolution: Resolution, seules: Resolution) -> Candidature:
    """The same with the fields of `seules` alone, all that is known of the dossier; `PasLu` says who wants more."""
    lue = lire(dossier, seules)
    return replace(
        lue,
        champs=_Partie(lue.champs, frozenset(c.cle for c in resolution.champs)),
        saisies=_Partie(lue.saisies, frozenset(c.cle for c in resolution.saisies)),
    )


def lire(dossier: Dossier, resolution: Resolution) -> Candidature:
    """The dossier through the mapping. Never fails, whatever the dossier holds."""
    return Candidature(
        numero=dossier.number,
        demarche=dossier.demarche_number,
        etat=dossier.state,
        deposee_le=dossier.date_depot,
        tour=dossier.tour,
        en_instruction_le=dossier.date_passage_en_instruction,
        traitee_le=dossier.date_traitement if dossier.state.termine else None,  # never cleared by DS (contract §4.1b)
        correction_en_attente=dossier.date_derniere_correction_en_attente is not None,
        siret=dossier.demandeur.siret,
        labels=_labels(dossier, resolution),
        champs=_lus(resolution.champs, dossier.champs),
        saisies=_lus(resolution.saisies, dossier.annotations),
    )


def _labels(dossier: Dossier, resolution: Resolution) -> frozenset[str]:
    poses = {label.id for label in dossier.labels}
    return frozenset(cle for cle, label in resolution.labels.items() if label.id in poses)


def _lus(cibles: Iterable[CibleChamp], champs: Iterable[Champ]) -> dict[str, ChampLu]:
    par_id = {champ.descriptor_id: champ for champ in champs}
    return {cible.cle: _lu(cible, par_id) for cible in cibles}


def _lu(cible: CibleChamp, par_id: Mapping[str, Champ]) -> ChampLu:
    for ident in cible.ids:
        if ident in par_id:
            lecture = _lecture(cible, par_id[ident].value)
            if isinstance(lecture, Illisible) and est_identite(cible.cle, cible.type):
                lecture = Illisible(lecture.cause)  # a finding, or a message, must not repeat who somebody is
            return ChampLu(cle=cible.cle, libelle=cible.libelle, lecture=lecture, type=cible.type)
    return ChampLu(cle=cible.cle, libelle=cible.libelle, lecture=_MASQUE, type=cible.type)


def _lecture(cible: CibleChamp, valeur: Valeur) -> Lecture:
    match valeur:
        case str():
            return lire_valeur(cible.type, valeur) if valeur.strip() else _MANQUANT
        case None | Choix(values=()) | ChoixLie(primary="") | Pieces(files=()) | Lignes(rows=()):
            return _MANQUANT
        case model.Illisible():
            return Illisible(valeur.cause, valeur.text)
        case Lignes() if cible.type is TypeLogique.REPETITION:
            lignes = (LigneLue(id=row.id, champs=_lus(cible.champs, row.champs)) for row in valeur.rows)
            return Connu(tuple(lignes))
        case _:
            return lire_valeur(cible.type, valeur)


_MASQUE, _MANQUANT = Masque(), Manquant()


def lire_valeur(type_: TypeLogique, valeur: Valeur) -> Lecture:
    """One value that is not blank, read as that type."""
    lue = _LECTEURS[type_](valeur)
    return Illisible(_ATTENDUS[type_], _texte(valeur) or "") if lue is None else Connu(lue)


def _texte(valeur: Valeur) -> str | None:
    """The value in words; None for what has none."""
    match valeur:
        case str():
            return valeur.strip()
        case bool():
            return "oui" if valeur else "non"
        case int() | Decimal():
            # A number kept as a text is a code as often as a quantity: no thousands separator.
            return nombre(valeur).replace("\u202f", "") if Decimal(valeur).is_finite() else None
        case date():
            return valeur.isoformat()
        case _:
            return _texte_compose(valeur)


def _texte_compose(valeur: Valeur) -> str | None:
    match valeur:
        case Choix(values=mots):
            return ", ".join(mots)
        case ChoixLie(primary=premier, secondary=second):
            return " / ".join(filter(None, (premier, second)))
        case Lieu(name=mot) | Adresse(label=mot) | Etablissement(siret=mot):
            return mot
        case LienDossier(number=numero):
            return str(numero)
        case _:
            return None


def _choix_multiple(valeur: Valeur) -> tuple[str, ...] | None:
    if isinstance(valeur, Choix):
        return valeur.values
    texte = _texte(valeur)
    return (texte,) if texte else None


_NOMBRE = re.compile(r"([+-]?)\s?(\d{1,3}(?:\s\d{3})+|\d{1,15})(?:([.,])(\d{1,9}))?", re.ASCII)
_UNITES = re.compile(r"\s?(?:%|€|km|euros?|pour cent|demi-journees?|dj)$")


def lire_nombre(texte: str) -> Decimal | None:
    """The number that a text clearly is: « 50 », « 50 % », « 50,5 », « 1 200 ». None when one would have to guess.

    « 1.200 » is such a guess: twelve hundred for one reader, one and a fifth for the other.
    """
    forme = _NOMBRE.fullmatch(_UNITES.sub("", normaliser(texte)))
    if forme is None:
        return None
    signe, entier, separateur, decimales = forme.groups(default="")
    if separateur == "." and len(decimales) == 3 and entier != "0":  # noqa: PLR2004
        return None
    return Decimal(f"{signe}{''.join(entier.split())}.{decimales or '0'}")


def _decimal(valeur: Valeur) -> Decimal | None:
    match valeur:
        case bool():
            return None
        case int() | Decimal():
            return Decimal(valeur) if Decimal(valeur).is_finite() else None
        case str():
            return lire_nombre(valeur)
        case _:
            return None


def _entier(valeur: Valeur) -> int | None:
    lu = _decimal(valeur)
    return int(lu) if isinstance(lu, Decimal) and lu == lu.to_integral_value() else None


_MOIS = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
_DATE_ISO = re.compile(r"(?P<annee>\d{4})-(?P<mois>\d{1,2})-(?P<jour>\d{1,2})", re.ASCII)
_DATE_FR = re.compile(r"(?P<jour>\d{1,2})(?P<sep>[/. -])(?P<mois>\d{1,2})(?P=sep)(?P<annee>\d{4})", re.ASCII)
_DATE_LONGUE = re.compile(r"(?P<jour>\d{1,2})(?:er)? (?P<mois>[a-z]+) (?P<annee>\d{4})", re.ASCII)


def lire_date(texte: str) -> date | None:
    """The day that a text clearly is: « 2023-11-01 », « 01/11/2023 », « 1er novembre 2023 »; None otherwise."""
    forme = normaliser(texte)
    trouve = next((m for regle in (_DATE_ISO, _DATE_FR, _DATE_LONGUE) if (m := regle.fullmatch(forme))), None)
    if trouve is None:
        return None
    mois = trouve["mois"]
    rang = int(mois) if mois.isdigit() else _MOIS.index(mois) + 1 if mois in _MOIS else 0
    try:
        return date(int(trouve["annee"]), rang, int(trouve["jour"]))
    except ValueError:
        return None


def _date(valeur: Valeur) -> date | None:
    match valeur:
        case datetime():
            return valeur.date()
        case date():
            return valeur
        case str():
            return lire_date(valeur)
        case _:
            return None


_OUI_NON = {"oui": True, "non": False, "vrai": True, "faux": False, "true": True, "false": False}


def _booleen(valeur: Valeur) -> bool | None:
    match valeur:
        case bool():
            return valeur
        case str():
            return _OUI_NON.get(normaliser(valeur))
        case _:
            return None


_COURRIEL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def _courriel(valeur: Valeur) -> str | None:
    texte = _texte(valeur) or ""
    return texte if _COURRIEL.fullmatch(texte) else None


def _adresse(valeur: Valeur) -> Adresse | None:
    return valeur if isinstance(valeur, Adresse) else None


def _commune(valeur: Valeur) -> Lieu | None:
    match valeur:
        case Lieu():
            return valeur
        case Adresse(city_code=str(code)) if code:
            return Lieu(code=code, name=valeur.city_name or "")
        case _:
            return None


def _region(valeur: Valeur) -> Lieu | None:
    match valeur:
        case Lieu():
            return valeur
        case Adresse(region_code=str(code)) if code:
            return Lieu(code=code, name="")
        case _:
            return None


_SIRET = re.compile(r"\d{14}", re.ASCII)


def _siret(valeur: Valeur) -> Etablissement | None:
    match valeur:
        case Etablissement():
            return valeur
        case str() if _SIRET.fullmatch(numero := "".join(valeur.split())):
            return Etablissement(siret=numero, complet=False)
        case _:
            return None


_NUMERO = re.compile(r"\d{1,12}", re.ASCII)


def _lien(valeur: Valeur) -> LienDossier | None:
    match valeur:
        case LienDossier():
            return valeur
        case bool():
            return None
        case int() | str() if _NUMERO.fullmatch(numero := "".join(str(valeur).split())):
            return LienDossier(number=int(numero))
        case _:
            return None


def _piece(valeur: Valeur) -> tuple[Piece, ...] | None:
    return valeur.files if isinstance(valeur, Pieces) else None


def _jamais(valeur: Valeur) -> None:
    """Rows are read where their inner champs are known: anything else is no repetition."""


_LECTEURS: Mapping[TypeLogique, Callable[[Valeur], ValeurLue | None]] = {
    TypeLogique.TEXTE: _texte,
    TypeLogique.TEXTE_LONG: _texte,
    TypeLogique.CHOIX: _texte,
    TypeLogique.CHOIX_MULTIPLE: _choix_multiple,
    TypeLogique.ENTIER: _entier,
    TypeLogique.DECIMAL: _decimal,
    TypeLogique.DATE: _date,
    TypeLogique.BOOLEEN: _booleen,
    TypeLogique.COURRIEL: _courriel,
    TypeLogique.ADRESSE: _adresse,
    TypeLogique.COMMUNE: _commune,
    TypeLogique.REGION: _region,
    TypeLogique.SIRET: _siret,
    TypeLogique.PIECE: _piece,
    TypeLogique.LIEN: _lien,
    TypeLogique.REPETITION: _jamais,
}

_ATTENDUS: Mapping[TypeLogique, str] = {
    TypeLogique.TEXTE: "un texte est attendu",
    TypeLogique.TEXTE_LONG: "un texte est attendu",
    TypeLogique.CHOIX: "un choix est attendu",
    TypeLogique.CHOIX_MULTIPLE: "des choix sont attendus",
    TypeLogique.ENTIER: "un nombre entier est attendu",
    TypeLogique.DECIMAL: "un nombre est attendu",
    TypeLogique.DATE: "une date est attendue",
    TypeLogique.BOOLEEN: "« oui » ou « non » est attendu",
    TypeLogique.COURRIEL: "une adresse électronique est attendue",
    TypeLogique.ADRESSE: "une adresse est attendue",
    TypeLogique.COMMUNE: "une commune connue est attendue",
    TypeLogique.REGION: "une région est attendue",
    TypeLogique.SIRET: "un numéro SIRET de 14 chiffres est attendu",
    TypeLogique.PIECE: "une pièce est attendue",
    TypeLogique.LIEN: "un numéro de dossier est attendu",
    TypeLogique.REPETITION: "un bloc répétable est attendu",
}


def comparables(valeur: ValeurLue) -> tuple[str, ...]:
    """The words a value can be compared by, normalised: each choice, a place's code and name, « oui » or « non »."""
    match valeur:
        case Lieu():
            mots: tuple[str, ...] = (valeur.code, valeur.name)
        case tuple():
            mots = tuple(mot for mot in valeur if isinstance(mot, str))
        case _:
            mots = (_texte(valeur) or "",)
    return tuple(normaliser(mot) for mot in mots if mot.strip())


def en_mots(valeur: ValeurLue) -> str:
    """The value as a sentence can quote it; "" for files and rows."""
    if isinstance(valeur, tuple):
        return ", ".join(mot for mot in valeur if isinstance(mot, str))
    return _texte(valeur) or ""


_AUTREFOIS = datetime(2024, 1, 15, 9, tzinfo=UTC)


def exemple(*lus: ChampLu) -> Candidature:
    """A candidature that nobody filed, with those fields only: what the examples of a rule are made of."""
    return Candidature(
        numero=0,
        demarche=0,
        etat=DossierState.EN_CONSTRUCTION,
        deposee_le=_AUTREFOIS,
        tour=_AUTREFOIS,
        champs={lu.cle: lu for lu in lus},
    )
