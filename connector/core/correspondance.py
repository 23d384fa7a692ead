"""The mapping: which champ of the form stands behind each logical field, and where each annotation of ours goes.

The configuration names champs by id or by label; `resolve` matches them with the form as DS describes it, once per
form, and says everything that does not match. Nothing here reads a dossier.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connector.core import empreintes
from connector.core.constat import AvisPropose
from connector.core.fiche import Retenue
from connector.core.model import ChampDescriptor, Demarche, Label, Revision
from connector.core.plan import CleAnnotation
from connector.core.textes import enumerer, normaliser, suggestion
from connector.errors import Problem


class TypeLogique(StrEnum):
    """What a logical field holds, whatever the champ that an ARS chose for it."""

    TEXTE = "texte"
    TEXTE_LONG = "texte_long"
    CHOIX = "choix"
    CHOIX_MULTIPLE = "choix_multiple"
    ENTIER = "entier"
    DECIMAL = "decimal"
    DATE = "date"
    BOOLEEN = "booleen"
    COURRIEL = "courriel"
    ADRESSE = "adresse"
    COMMUNE = "commune"
    REGION = "region"
    SIRET = "siret"
    PIECE = "piece"
    LIEN = "lien"
    REPETITION = "repetition"


_TEXTES = frozenset({"Text", "Textarea", "Formatted", "Email", "Phone", "Iban"})
_LISTES = frozenset({"DropDownList", "LinkedDropDownList", "Civilite"})
_NOMBRES = frozenset({"IntegerNumber", "DecimalNumber", "Number"})
_LIEUX = frozenset({"Commune", "Departement", "Region", "Epci", "Pays"})

LISIBLES: Mapping[TypeLogique, frozenset[str]] = {
    TypeLogique.TEXTE: _TEXTES | _LISTES | _NOMBRES | _LIEUX,
    TypeLogique.TEXTE_LONG: _TEXTES,
    TypeLogique.CHOIX: _LISTES | _LIEUX | frozenset({"Text"}),
    TypeLogique.CHOIX_MULTIPLE: _LISTES | frozenset({"MultipleDropDownList"}),
    TypeLogique.ENTIER: _NOMBRES | _LISTES | frozenset({"Text", "Formatted"}),
    TypeLogique.DECIMAL: _NOMBRES | _LISTES | frozenset({"Text", "Formatted"}),
    TypeLogique.DATE: frozenset({"Date", "Datetime", "Text", "Formatted"}),
    TypeLogique.BOOLEEN: frozenset({"Checkbox", "YesNo", "DropDownList", "Text"}),
    TypeLogique.COURRIEL: frozenset({"Email", "Text"}),
    TypeLogique.ADRESSE: frozenset({"Address"}),
    TypeLogique.COMMUNE: frozenset({"Commune", "Address"}),
    TypeLogique.REGION: frozenset({"Region", "Address"}),
    TypeLogique.SIRET: frozenset({"Siret", "Text", "Formatted"}),
    TypeLogique.PIECE: frozenset({"PieceJustificative"}),
    TypeLogique.LIEN: frozenset({"DossierLink", "Text", "IntegerNumber", "Number"}),
    TypeLogique.REPETITION: frozenset({"Repetition"}),
}
"""Kinds of champ (GraphQL's typename without `ChampDescriptor`) that each logical type can be read from."""


IDENTITE = frozenset(
    {
        *("nom", "nom_naissance", "nom_usage", "prenom", "prenoms", "civilite", "rpps", "adeli", "courriel"),
        *("telephone", "date_naissance", "lieu_naissance", "nationalite", "adresse_candidat", "mandataire"),
    }
)
"""Keys of the champs that say who a person is: what they hold is stored apart from everything else."""


def est_identite(cle: str, type_: TypeLogique) -> bool:
    """Whether a logical field says who somebody is: by its key, or because it is an e-mail address."""
    return cle in IDENTITE or type_ is TypeLogique.COURRIEL


def se_lit(type_: TypeLogique, nature: str) -> bool:
    """Whether such a champ can be read as that type; one that this version does not know is read as text."""
    return nature in LISIBLES[type_] or (type_ in {TypeLogique.TEXTE, TypeLogique.TEXTE_LONG} and nature not in NOMS)


_ECRITS_EN = {
    "Text": CleAnnotation.TEXT,
    "Textarea": CleAnnotation.TEXTAREA,
    "Email": CleAnnotation.EMAIL,
    "Checkbox": CleAnnotation.CHECKBOX,
    "YesNo": CleAnnotation.YES_NO,
    "Date": CleAnnotation.DATE,
    "Datetime": CleAnnotation.DATETIME,
    "IntegerNumber": CleAnnotation.INTEGER_NUMBER,
    "DecimalNumber": CleAnnotation.DECIMAL_NUMBER,
    "DropDownList": CleAnnotation.DROP_DOWN_LIST,
    "MultipleDropDownList": CleAnnotation.MULTIPLE_DROP_DOWN_LIST,
}

_MOTS = frozenset({CleAnnotation.TEXT, CleAnnotation.TEXTAREA})
_MONTANT = _MOTS | {CleAnnotation.DECIMAL_NUMBER}
_LISTE = _MOTS | {CleAnnotation.DROP_DOWN_LIST}

ANNOTATIONS: Mapping[str, frozenset[CleAnnotation]] = {
    "synthese": _MOTS,
    "avis_propose": _LISTE,
    "points_a_verifier": _MOTS,
    "pieces": _MOTS,
    "zone": _MOTS,
    "quotite": _MONTANT,
    "distance": _MOTS,
    "pet_montant": _MONTANT,
    "pet_statut": _LISTE,
    "cout": _MONTANT,
    "quota": _MOTS,
    "controle_le": _MOTS | {CleAnnotation.DATE},
    "version_regles": _MOTS,
    "message_propose": _MOTS,
    "motivation_proposee": _MOTS,
    "decision_portee": _MOTS,
    "rang_attente": _MOTS | {CleAnnotation.INTEGER_NUMBER},
}
"""The annotations that we know how to write, and the types each can be written as."""

LABELS = (
    "complet",
    "piece_manquante",
    "a_verifier",
    "hors_zone",
    "derogation_pet",
    "liste_attente",
    "desistement",
    "report",
    "remplacement",
    "suivi_manuel",
)
"""The labels that mean something to us."""

OPTIONS_VOULUES: Mapping[str, tuple[str, ...]] = {
    "avis_propose": tuple(avis.value for avis in AvisPropose),
    "pet_statut": ("Due", "Non due", "À confirmer", "Sans objet"),
}
"""What the list of an annotation must offer, since we shall have to write it."""

NON_SAISIS = frozenset({"HeaderSection", "Explication"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entree:
    """A logical field and the champ it is read from, by `id` or by `libelle`; `champs` are a repetition's own.

    `facultatif`: the form may have no such champ; the field is then never asked.
    """

    cle: str
    type: TypeLogique
    id: str | None = None
    libelle: str | None = None
    facultatif: bool = False
    champs: tuple[Entree, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntreeAnnotation:
    """An annotation of ours; `cle` is one of `ANNOTATIONS`. `ecraser`: even what a human typed there is replaced."""

    cle: str
    id: str | None = None
    libelle: str | None = None
    ecraser: bool = False
    facultatif: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntreeLabel:
    """A label of the démarche; `cle` is one of `LABELS`."""

    cle: str
    libelle: str
    facultatif: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondance:
    """All that a démarche's form is to us. `saisies` are the annotations that humans fill and that we only read."""

    champs: tuple[Entree, ...] = ()
    annotations: tuple[EntreeAnnotation, ...] = ()
    saisies: tuple[Entree, ...] = ()
    labels: tuple[EntreeLabel, ...] = ()

    def references(self) -> dict[str, TypeLogique]:
        """Every name a rule may use, with its type: `specialite`, and `lieux.commune` for a champ of a repetition."""
        racines = (*self.champs, *self.saisies)
        internes = {f"{e.cle}.{i.cle}": i.type for e in racines for i in e.champs}
        return {e.cle: e.type for e in racines} | internes


@dataclass(frozen=True, slots=True, kw_only=True)
class CibleChamp:
    """A logical field found in the form. `ids` are its descriptors, the active revision's first; () when absent."""

    cle: str
    type: TypeLogique
    libelle: str
    ids: tuple[str, ...] = ()
    champs: tuple[CibleChamp, ...] = ()

    def tous_les_ids(self) -> Iterator[str]:
        """Its own descriptor ids and those of its inner champs."""
        yield from self.ids
        for interne in self.champs:
            yield from interne.tous_les_ids()


@dataclass(frozen=True, slots=True, kw_only=True)
class CibleAnnotation:
    """Where one of our annotations is written: descriptor `id`, the key of its exact type, the options as spelled."""

    id: str
    libelle: str
    cle: CleAnnotation
    options: tuple[str, ...] = ()
    ecraser: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The mapping matched with one form; `annotations` and `labels` by key, without the optional ones it has not."""

    champs: tuple[CibleChamp, ...] = ()
    saisies: tuple[CibleChamp, ...] = ()
    annotations: Mapping[str, CibleAnnotation] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)

    def chemins(self) -> dict[str, tuple[str, ...]]:
        """The descriptor ids behind each entry, by its path in the mapping: `champs.lieux.champs.commune`."""
        champs = [(_chemin_du_champ(c.cle, c.type), c) for c in self.champs]
        saisies = [(f"saisies.{c.cle}", c) for c in self.saisies]
        lus = {chemin: ids for chemin, ids, _ in _aplatis([*champs, *saisies])}
        return lus | {f"annotations.{cle}": (cible.id,) for cle, cible in self.annotations.items()}

    @property
    def retenue(self) -> Retenue:
        """The descriptor ids of all that may be kept of a dossier."""
        siennes = frozenset(cible.id for cible in self.annotations.values())
        return Retenue(champs=_ids(self.champs), annotations=_ids(self.saisies) | siennes, siennes=siennes)

    @property
    def identite(self) -> frozenset[str]:
        """The descriptor ids of the champs that say who a person is."""
        return _ids(tuple(c for c in self.champs if est_identite(c.cle, c.type) or _nomme(c)))

    @property
    def empreinte(self) -> str:
        """Digest of what is read: another one means that what was stored is no longer enough."""
        retenue = self.retenue
        return empreintes.of(sorted(retenue.champs), sorted(retenue.annotations), sorted(retenue.siennes))


def _nomme(cible: CibleChamp) -> bool:
    """Whether the rows of a repetition say who somebody is: the repetition is then identity, whole."""
    return any(est_identite(interne.cle, interne.type) for interne in cible.champs)


def _ids(cibles: tuple[CibleChamp, ...]) -> frozenset[str]:
    return frozenset(i for cible in cibles for i in cible.tous_les_ids())


_Formulaire = tuple[tuple[ChampDescriptor, ...], ...]
"""The same list of champs in each revision, the one in authority first."""


def resolve(
    correspondance: Correspondance, demarche: Demarche, *, chemin: str = "correspondance"
) -> Resolution | tuple[Problem, ...]:
    """The mapping matched with the démarche's form, or everything that does not match.

    The active revision is looked at first, then the other published ones, newest first: dossiers already decided keep
    theirs (contract §3.8). `chemin` is where the mapping is in the configuration, for the problems' paths.
    """
    recherche = _Recherche(demarche=demarche, chemin=chemin)
    annotations = ((a.cle, recherche.annotation(a)) for a in correspondance.annotations)
    labels = ((label.cle, recherche.label(label)) for label in correspondance.labels)
    resolution = Resolution(
        champs=tuple(recherche.champ(e) for e in correspondance.champs),
        saisies=tuple(recherche.saisie(e) for e in correspondance.saisies),
        annotations={cle: cible for cle, cible in annotations if cible is not None},
        labels={cle: label for cle, label in labels if label is not None},
    )
    recherche.refuse_shared(resolution)
    return tuple(recherche.problems) or resolution


@dataclass(slots=True, kw_only=True)
class _Recherche:
    """One matching under way, and the problems met so far."""

    demarche: Demarche
    chemin: str
    problems: list[Problem] = field(default_factory=list)

    def champ(self, entree: Entree) -> CibleChamp:
        return self._cible(entree, self._champs(), _chemin_du_champ(entree.cle, entree.type), _CHAMP)

    def saisie(self, entree: Entree) -> CibleChamp:
        return self._cible(entree, self._annotations(), f"saisies.{entree.cle}", _ANNOTATION)

    def annotation(self, entree: EntreeAnnotation) -> CibleAnnotation | None:
        """Where it is written; None when the form has none, or not one that we could write."""
        chemin = f"annotations.{entree.cle}"
        trouves = self._trouves(entree, self._annotations(), chemin, _ANNOTATION)
        if not trouves:
            return None
        descripteur = trouves[0]
        cle = _ECRITS_EN.get(nature_of(descripteur))
        if cle is None or cle not in ANNOTATIONS.get(entree.cle, frozenset(CleAnnotation)):
            self._refuse(chemin, _mauvais_type(descripteur, _inscriptibles(entree.cle)))
            return None
        self._refuse_missing_options(entree, descripteur, cle, chemin)
        return CibleAnnotation(
            id=descripteur.id,
            libelle=descripteur.label,
            cle=cle,
            options=descripteur.options,
            ecraser=entree.ecraser,
        )

    def label(self, entree: EntreeLabel) -> Label | None:
        """The label of that name; None when the démarche has none."""
        forme = normaliser(entree.libelle)
        trouve = next((label for label in self.demarche.labels if normaliser(label.name) == forme), None)
        if trouve is None and not entree.facultatif:
            noms = [label.name for label in self.demarche.labels]
            manque = f"aucun label « {entree.libelle} » dans la démarche n° {self.demarche.number}"
            self._refuse(f"labels.{entree.cle}", manque + suggestion(entree.libelle, noms))
        return trouve

    def refuse_shared(self, resolution: Resolution) -> None:
        """Add a problem for each champ or annotation that two entries lay claim to."""
        champs = [(_chemin_du_champ(c.cle, c.type), c) for c in resolution.champs]
        saisies = [(f"saisies.{c.cle}", c) for c in resolution.saisies]
        siennes = [(f"annotations.{cle}", (a.id,), a.libelle) for cle, a in resolution.annotations.items()]
        self._refuse_twice(_aplatis(champs))
        self._refuse_twice([*_aplatis(saisies), *siennes])

    def _refuse_twice(self, prises: Iterable[tuple[str, tuple[str, ...], str]]) -> None:
        premier: dict[str, str] = {}
        for chemin, ids, libelle in prises:
            autre = next((premier[i] for i in ids if i in premier), None)
            if autre is not None:
                self._refuse(chemin, f"« {libelle} » est déjà associé à « {autre} »")
            premier |= dict.fromkeys(ids, chemin)

    def _champs(self) -> _Formulaire:
        return tuple(revision.champs for revision in _revisions(self.demarche))

    def _annotations(self) -> _Formulaire:
        return tuple(revision.annotations for revision in _revisions(self.demarche))

    def _cible(self, entree: Entree, formulaire: _Formulaire, chemin: str, quoi: str) -> CibleChamp:
        """The field found, or an absent one: a problem was then added, unless it may be absent."""
        trouves = self._trouves(entree, formulaire, chemin, quoi)
        lisibles = [d for d in trouves if se_lit(entree.type, nature_of(d))]
        if trouves and trouves[0] not in lisibles:
            attendus = f"le type « {entree.type} » se lit dans : {_noms(LISIBLES[entree.type])}"
            self._refuse(chemin, _mauvais_type(trouves[0], attendus))
            lisibles = []
        internes = tuple(d.champs for d in lisibles)
        return CibleChamp(
            cle=entree.cle,
            type=entree.type,
            libelle=_propre(lisibles[0].label) if lisibles else entree.libelle or entree.cle,
            ids=tuple(dict.fromkeys(d.id for d in lisibles)),
            champs=tuple(
                self._cible(e, internes, f"{chemin}.champs.{e.cle}", _CHAMP) for e in entree.champs if lisibles
            ),
        )

    def _trouves(
        self, entree: Entree | EntreeAnnotation, formulaire: _Formulaire, chemin: str, quoi: str
    ) -> list[ChampDescriptor]:
        """The descriptors that answer to the entry, one a revision, the one in authority first."""
        candidats = _candidats(entree, formulaire)
        if not candidats:
            if not entree.facultatif:
                self._refuse(chemin, self._introuvable(entree, formulaire, quoi))
            return []
        if len(candidats[0]) > 1:
            ids = enumerer((d.id for d in candidats[0]), lien="ou")
            libelle = _propre(candidats[0][0].label)
            self._refuse(chemin, f"plusieurs {quoi}s s'appellent « {libelle} » : précisez id = {ids}")
            return []
        reference = candidats[0][0]
        # A champ renamed since is another field's today: an old label must not fetch it.
        actuels = {d.id for d in formulaire[0]} - {reference.id}
        return [trouves[0] for trouves in candidats if len(trouves) == 1 and trouves[0].id not in actuels]

    def _introuvable(self, entree: Entree | EntreeAnnotation, formulaire: _Formulaire, quoi: str) -> str:
        """Why nothing answers to the entry, and what may have been meant."""
        nom = f"« {entree.libelle} »" if entree.libelle else f"d'identifiant « {entree.id} »"
        aucun = "aucune" if quoi == _ANNOTATION else "aucun"
        manque = f"{aucun} {quoi} {nom} dans le formulaire de la démarche n° {self.demarche.number}"
        connus = [_propre(d.label) for d in _saisis(formulaire[0])] if formulaire else []
        indice = suggestion(entree.libelle, connus) if entree.libelle else ""
        return manque + (indice or self._ailleurs(entree, quoi))

    def _ailleurs(self, entree: Entree | EntreeAnnotation, quoi: str) -> str:
        """A word when the other half of the form has what was looked for."""
        if quoi == _CHAMP and _candidats(entree, self._annotations()):
            return " ; c'est une annotation privée : à déclarer dans « saisies » ou « annotations »"
        if quoi == _ANNOTATION and _candidats(entree, self._champs()):
            return " ; c'est un champ du formulaire : à déclarer dans « champs » ou « pieces »"
        return ""

    def _refuse_missing_options(
        self, entree: EntreeAnnotation, descripteur: ChampDescriptor, cle: CleAnnotation, chemin: str
    ) -> None:
        """Add a problem when the list lacks an option that we shall have to write."""
        if cle is not CleAnnotation.DROP_DOWN_LIST or descripteur.other_option:
            return
        connues = {normaliser(option) for option in descripteur.options}
        manquantes = [o for o in OPTIONS_VOULUES.get(entree.cle, ()) if normaliser(o) not in connues]
        if manquantes:
            options = enumerer(f"« {option} »" for option in manquantes)
            self._refuse(chemin, f"la liste « {_propre(descripteur.label)} » n'a pas d'option {options}")

    def _refuse(self, chemin: str, message: str) -> None:
        self.problems.append(Problem(f"{self.chemin}.{chemin}", message))


_CHAMP, _ANNOTATION = "champ", "annotation"

NOMS = {
    "Text": "texte",
    "Textarea": "texte long",
    "Formatted": "texte formaté",
    "Email": "courriel",
    "Phone": "téléphone",
    "Iban": "IBAN",
    "DropDownList": "liste",
    "LinkedDropDownList": "deux listes liées",
    "MultipleDropDownList": "choix multiple",
    "Civilite": "civilité",
    "IntegerNumber": "nombre entier",
    "DecimalNumber": "nombre décimal",
    "Number": "nombre",
    "Date": "date",
    "Datetime": "date et heure",
    "Checkbox": "case à cocher",
    "YesNo": "oui/non",
    "Address": "adresse",
    "Commune": "commune",
    "Departement": "département",
    "Region": "région",
    "Epci": "EPCI",
    "Pays": "pays",
    "Siret": "SIRET",
    "PieceJustificative": "pièce justificative",
    "DossierLink": "lien vers un dossier",
    "Repetition": "bloc répétable",
}
"""What the administrator of a démarche calls each kind of champ."""


def _noms(natures: Iterable[str]) -> str:
    return enumerer(sorted(NOMS[nature] for nature in natures), lien="ou")


def inscriptibles(cle: str) -> frozenset[str]:
    """The kinds of champ in which that annotation of ours can be written."""
    voulues = ANNOTATIONS.get(cle, frozenset(CleAnnotation))
    return frozenset(nature for nature, ecrite in _ECRITS_EN.items() if ecrite in voulues)


def _inscriptibles(cle: str) -> str:
    return f"à écrire dans : {_noms(inscriptibles(cle))}"


def _mauvais_type(descripteur: ChampDescriptor, attendus: str) -> str:
    nature = nature_of(descripteur)
    return f"« {_propre(descripteur.label)} » est de type « {NOMS.get(nature, nature)} » ; {attendus}"


def nature_of(descripteur: ChampDescriptor) -> str:
    """The kind of a champ: GraphQL's typename without its ending."""
    return descripteur.typename.removesuffix("ChampDescriptor")


def _propre(label: str) -> str:
    return " ".join(label.split())


def _chemin_du_champ(cle: str, type_: TypeLogique) -> str:
    return f"{'pieces' if type_ is TypeLogique.PIECE else 'champs'}.{cle}"


def _aplatis(cibles: Iterable[tuple[str, CibleChamp]]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Each field with its path, its inner ones included."""
    for chemin, cible in cibles:
        yield chemin, cible.ids, cible.libelle
        yield from _aplatis((f"{chemin}.champs.{interne.cle}", interne) for interne in cible.champs)


def _revisions(demarche: Demarche) -> Iterator[Revision]:
    """The active revision, then the other published ones, newest first; never the draft."""
    yield demarche.active
    publiees = [
        (r.date_publication, r) for r in demarche.revisions if r.date_publication and r.id != demarche.active.id
    ]
    yield from (revision for _, revision in sorted(publiees, key=lambda paire: paire[0], reverse=True))


def _saisis(descripteurs: Iterable[ChampDescriptor]) -> Iterator[ChampDescriptor]:
    return (d for d in descripteurs if nature_of(d) not in NON_SAISIS)


def _candidats(entree: Entree | EntreeAnnotation, formulaire: _Formulaire) -> list[list[ChampDescriptor]]:
    """What answers to the entry in each revision that has something: by id, else by label."""
    revisions = [list(_saisis(descripteurs)) for descripteurs in formulaire]
    par_id = [[d for d in revision if d.id == entree.id] for revision in revisions]
    if any(par_id) or not entree.libelle:
        return [trouves for trouves in par_id if trouves]
    forme = normaliser(entree.libelle)
    par_libelle = [[d for d in revision if normaliser(d.label) == forme] for revision in revisions]
    return [trouves for trouves in par_libelle if trouves]
