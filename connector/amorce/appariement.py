"""Which champ of a form stands behind each thing we need: guesses, each with its confidence, and doubts.

Labels are compared word by word (synonyms, abbreviations, slips of the pen), rare words counting more than common
ones, with the title of their section, their options and their type. A guess is sure when nothing else comes close; the
rest is for a human. Pure.
"""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from connector.amorce.synonymes import IDEES, OUTILS
from connector.core.textes import normaliser

SUR = 0.75
"""A guess below this is never taken without a human."""

ECART = 0.15
"""How much better than any rival a guess must be."""

DOUTE = 0.4
"""A guess below this is not even shown."""

MONTRES = 3
"""How many candidates a human chooses among, at most."""

_FAUTE, _FAUTE_MIN = 0.84, 6
_RACINE_MIN, _ABREGE_MIN, _ABREGE_VERS = 3, 3, 6
_SYNONYME, _ABREGE, _CONTRACTE, _DE_LA_SECTION = 0.95, 0.85, 0.75, 0.8
_CONTRACTION_MAX = 4
_POIDS_DES_OPTIONS, _SANS_OPTION_COMMUNE = 0.6, 0.6
_PRESQUE, _TOUT, _AUTRE_NATURE, _SEUL_DE_SA_NATURE = 0.97, 0.9, 0.75, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Voulu:
    """Something we need of the form: its key, its usual label, the natures of champ it can be, `propres` first.

    `options`: what its list usually offers; `exigees` when a list without them is no use. `dedans`: what the rows of a
    repetition hold. `id`: the champ's own, when the configuration names it so. `facultatif`: it may be missing.
    """

    cle: str
    libelle: str
    id: str | None = None
    natures: frozenset[str] = frozenset()
    propres: frozenset[str] = frozenset()
    options: tuple[str, ...] = ()
    exigees: bool = False
    facultatif: bool = False
    dedans: tuple[Voulu, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offert:
    """A champ, an annotation or a label that the démarche has; `section` is the title it stands under."""

    id: str
    libelle: str
    nature: str = ""
    options: tuple[str, ...] = ()
    section: str = ""
    dedans: tuple[Offert, ...] = ()


class Etat(StrEnum):
    """What became of something we need."""

    SUR = "sûr"
    DOUTEUX = "à confirmer"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidat:
    """One possible answer, and how sure it is, from 0 to 1."""

    offert: Offert
    confiance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rapprochement:
    """What was found for one thing we need, the likeliest first; `sure` when a human need not choose.

    `empeche`: what has the right label, and the wrong type or the wrong options.
    """

    voulu: Voulu
    candidats: tuple[Candidat, ...] = ()
    sure: bool = False
    empeche: Offert | None = None

    @property
    def etat(self) -> Etat:
        """Sure, doubtful or absent."""
        if self.sure:
            return Etat.SUR
        return Etat.DOUTEUX if self.candidats else Etat.ABSENT

    @property
    def choisi(self) -> Offert | None:
        """The champ, when it is sure."""
        return self.candidats[0].offert if self.sure else None


def rapprocher(
    voulus: Sequence[Voulu], offerts: Sequence[Offert], balance: Balance | None = None
) -> tuple[Rapprochement, ...]:
    """One answer for each thing we need, in order; no champ is given to two.

    `balance` knows the words of more than these: of the whole form, when only a part of it is looked at again.
    """
    balance = balance or Balance.of(voulus, offerts)
    notes = {
        (rang, offert.id): note
        for rang, voulu in enumerate(voulus)
        for offert in offerts
        if (note := balance.note(voulu, offert)) >= DOUTE
    }
    surs = _surs(notes)
    pris = set(surs.values())
    par_id = {offert.id: offert for offert in offerts}
    trouves = []
    for rang, voulu in enumerate(voulus):
        if rang in surs:
            candidats = [Candidat(offert=par_id[surs[rang]], confiance=notes[rang, surs[rang]])]
        else:
            libres = [(note, id_) for (r, id_), note in notes.items() if r == rang and id_ not in pris]
            libres.sort(key=lambda couple: -couple[0])
            candidats = [Candidat(offert=par_id[id_], confiance=note) for note, id_ in libres[:MONTRES]]
        empeche = None if candidats else balance.empeche(voulu, [o for o in offerts if o.id not in pris])
        trouves.append(Rapprochement(voulu=voulu, candidats=tuple(candidats), sure=rang in surs, empeche=empeche))
    return tuple(trouves)


def _surs(notes: Mapping[tuple[int, str], float]) -> dict[int, str]:
    """The pairs that nothing rivals; those taken rival nobody any more, and the rest is looked at again."""
    reste = dict(notes)
    surs: dict[int, str] = {}
    while nets := {rang: id_ for (rang, id_), note in reste.items() if note >= SUR and _net(rang, id_, reste)}:
        surs |= nets
        pris = set(nets.values())
        reste = {(rang, id_): note for (rang, id_), note in reste.items() if rang not in nets and id_ not in pris}
    return surs


def _net(rang: int, id_: str, notes: Mapping[tuple[int, str], float]) -> bool:
    """Whether no other pair rivals that one."""
    note = notes[rang, id_]
    rivales = [
        (r, i) for (r, i), n in notes.items() if (r == rang) != (i == id_) and n > note - ECART and not note == 1 > n
    ]
    return all(_satisfaite_ailleurs((rang, id_), rivale, notes) for rivale in rivales)


def _satisfaite_ailleurs(
    paire: tuple[int, str], rivale: tuple[int, str], notes: Mapping[tuple[int, str], float]
) -> bool:
    """Whether the rival has better to do elsewhere, and both pairs together are much better than the exchange."""
    (rang, id_), (r, i) = paire, rivale
    autres = (
        [(r, i2) for (r2, i2) in notes if r2 == r and i2 != i]
        if i == id_
        else [(r2, i) for (r2, i2) in notes if i2 == i and r2 != r]
    )
    if not autres:
        return False
    autre = max(autres, key=lambda couple: notes[couple])
    echange = notes.get((rang, autre[1]) if i == id_ else (autre[0], id_), 0.0)
    mieux = notes[paire] > echange and notes[autre] > notes[rivale]
    return mieux and notes[paire] + notes[autre] - notes[rivale] - echange >= ECART


# ── one label against another


@dataclass(frozen=True, slots=True)
class Mot:
    """A word, or several that make one idea; `idees` are the lines of the table it stands on."""

    texte: str
    idees: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Weighs labels, knowing how common each word is among all of them."""

    frequences: Mapping[str, int]
    total: int
    seuls: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, voulus: Sequence[Voulu], offerts: Sequence[Offert]) -> Balance:
        """The balance for those labels."""
        labels = [v.libelle for v in voulus] + [o.libelle for o in offerts]
        frequences = Counter(
            cle for label in labels for cle in {c for lecture in lectures(label) for mot in lecture for c in _cles(mot)}
        )
        natures = Counter(o.nature for o in offerts)
        propres = Counter(nature for v in voulus for nature in v.propres)
        seuls = frozenset(n for n, combien in natures.items() if combien == 1 and propres[n] == 1 and n in _PARLANTES)
        return cls(frequences=frequences, total=len(labels), seuls=seuls)

    def note(self, voulu: Voulu, offert: Offert) -> float:
        """How likely the one is the other, from 0 to 1."""
        if not convient(voulu, offert):
            return 0.0
        if voulu.id == offert.id:
            return 1.0
        if normaliser(voulu.libelle) == normaliser(offert.libelle):
            note = 1.0
        else:
            note = min(_PRESQUE, self.libelles(voulu.libelle, offert.libelle, offert.section))
            if voulu.propres and offert.nature not in voulu.propres:
                note *= _AUTRE_NATURE
            elif offert.nature in self.seuls and self.dit(offert.libelle, voulu.libelle):
                note += (_PRESQUE - note) * _SEUL_DE_SA_NATURE
        if voulu.dedans:
            note = max(note, _PRESQUE * _part_trouvee(voulu.dedans, offert.dedans))
        return self._avec_options(note, voulu, offert)

    def empeche(self, voulu: Voulu, offerts: Sequence[Offert]) -> Offert | None:
        """What is called the same, and cannot be that."""
        notes = [(self.libelles(voulu.libelle, o.libelle, o.section), o) for o in offerts if not convient(voulu, o)]
        note, offert = max(notes, key=lambda couple: couple[0], default=(0.0, None))
        return offert if note >= SUR else None

    def _avec_options(self, note: float, voulu: Voulu, offert: Offert) -> float:
        if not (voulu.options and offert.options):
            return note
        commune = len(options_communes(voulu.options, offert.options)) / len(voulu.options)
        if not commune:
            return note * _SANS_OPTION_COMMUNE
        return note + (1 - note) * _POIDS_DES_OPTIONS * commune if note < 1 else note

    def libelles(self, voulu: str, offert: str, section: str = "") -> float:
        """How much two labels say the same; what one lacks may be in the title of its section."""
        autour = next(iter(lectures(section)))
        return max(
            self._ressemblance(attendus, trouves, autour)
            for attendus in lectures(voulu)
            for trouves in lectures(offert)
        )

    def dit(self, ceci: str, cela: str) -> bool:
        """Whether all that one label says, the other says too."""
        return any(
            bool(un) and self._couvert(un, autre, ()) >= _TOUT
            for un in lectures(ceci)
            for autre in lectures(cela)
            if autre
        )

    def _ressemblance(self, attendus: Sequence[Mot], trouves: Sequence[Mot], autour: Sequence[Mot]) -> float:
        if not attendus or not trouves:
            return 0.0
        rappel = self._couvert(attendus, trouves, autour)
        precision = self._couvert(trouves, attendus, ())
        return 2 * rappel * precision / (rappel + precision) if rappel and precision else 0.0

    def _couvert(self, ceux_ci: Sequence[Mot], dans: Sequence[Mot], autour: Sequence[Mot]) -> float:
        """The share of these words, weighed, that are said in those: a rare spelling of a common word is common."""
        total = dit = 0.0
        for mot in ceux_ci:
            pareils = [(_pareils(mot, autre), autre) for autre in dans]
            pareils += [(_DE_LA_SECTION * _pareils(mot, autre), autre) for autre in autour]
            pareil, autre = max(pareils, key=lambda couple: couple[0])
            poids = min(self._poids(mot), self._poids(autre)) if pareil else self._poids(mot)
            total, dit = total + poids, dit + poids * pareil
        return dit / total

    def _poids(self, mot: Mot) -> float:
        return math.log(1 + self.total / max(1, min(self.frequences.get(cle, 1) for cle in _cles(mot))))


_PARLANTES = frozenset({"Siret", "Region", "DossierLink", "Address", "Commune", "Repetition"})
"""Natures that say by themselves what a champ is, when the form has only one."""


def convient(voulu: Voulu, offert: Offert) -> bool:
    """Whether its type, and its options when we must write them, allow a champ to be that."""
    if voulu.natures and offert.nature not in voulu.natures:
        return False
    return not (voulu.exigees and offert.options and manquantes(voulu, offert))


def manquantes(voulu: Voulu, offert: Offert) -> tuple[str, ...]:
    """The options that its list lacks, as DS will compare them."""
    offertes = {normaliser(option) for option in offert.options}
    return tuple(option for option in voulu.options if normaliser(option) not in offertes)


def options_communes(voulues: Sequence[str], offertes: Sequence[str]) -> dict[str, str]:
    """Each wanted option with the one the list offers for it, where that is beyond doubt."""
    exactes = {normaliser(offerte): offerte for offerte in offertes}
    communes = {voulue: exactes[normaliser(voulue)] for voulue in voulues if normaliser(voulue) in exactes}
    restes = [v for v in voulues if v not in communes]
    libres = [o for o in offertes if o not in set(communes.values())]
    balance = Balance.of([Voulu(cle=v, libelle=v) for v in voulues], [Offert(id=o, libelle=o) for o in offertes])
    notes = {
        (rang, offerte): note
        for rang, voulue in enumerate(restes)
        for offerte in libres
        if (note := balance.libelles(voulue, offerte)) >= DOUTE and _memes_nombres(voulue, offerte)
    }
    return communes | {restes[rang]: offerte for rang, offerte in _surs(notes).items()}


def _memes_nombres(un: str, autre: str) -> bool:
    """« 1 an » is not « 2 ans »."""
    chiffres = [set(re.findall(r"\d+", normaliser(texte))) for texte in (un, autre)]
    return chiffres[0] == chiffres[1]


def _part_trouvee(voulus: Sequence[Voulu], offerts: Sequence[Offert]) -> float:
    """The share of a repetition's own champs that are beyond doubt."""
    return sum(r.sure for r in rapprocher(voulus, offerts)) / len(voulus)


@cache
def lectures(texte: str) -> frozenset[tuple[Mot, ...]]:
    """A label's words, read one by one, and with those that together make one idea put together."""
    racines = _racines(texte)
    return frozenset({tuple(_groupes(racines, longueur)) for longueur in (1, _LONGUEUR)})


def _groupes(racines: tuple[str, ...], longueur: int) -> Iterator[Mot]:
    while racines:
        taille = next((n for n in range(longueur, 1, -1) if len(racines) >= n and racines[:n] in _table()), 1)
        groupe, racines = racines[:taille], racines[taille:]
        yield Mot(" ".join(groupe), _table().get(groupe, frozenset()))


_LONGUEUR = 5


@cache
def _table() -> dict[tuple[str, ...], frozenset[int]]:
    """The ideas of each word or group of words."""
    table: dict[tuple[str, ...], frozenset[int]] = {}
    for rang, idee in enumerate(IDEES):
        for texte in idee:
            racines = _racines(texte)
            if racines:
                table[racines] = table.get(racines, frozenset()) | {rang}
    return table


_NUMEROTATION = re.compile(r"^(?:\d{1,2}|[a-z])\s?[.)-]\s*")


def _racines(texte: str) -> tuple[str, ...]:
    """The words of a text in their comparable form: no accent, no plural, none of those that say nothing."""
    bruts = re.findall(r"[a-z0-9]+", _NUMEROTATION.sub("", normaliser(texte)))
    return tuple(_racine(mot) for mot in bruts if mot not in OUTILS)


def _racine(mot: str) -> str:
    """A word without the marks of its plural and of its feminine."""
    for fin in ("s", "x", "e", "e"):
        if len(mot) > _RACINE_MIN:
            mot = mot.removesuffix(fin)
    return mot


def _cles(mot: Mot) -> Iterable[str]:
    """What a word is counted under."""
    return (mot.texte, *(f"#{idee}" for idee in mot.idees))


@cache
def _pareils(un: Mot, autre: Mot) -> float:
    """How much two words say the same, from 0 to 1."""
    if un.texte == autre.texte:
        return 1.0
    if un.idees & autre.idees:
        return _SYNONYME
    court, long = sorted((un, autre), key=lambda mot: len(mot.texte))
    if len(court.texte) >= _FAUTE_MIN:
        ratio = difflib.SequenceMatcher(None, court.texte, long.texte).ratio()
        return ratio if ratio >= _FAUTE else _abrege(court, long)
    return _abrege(court, long)


def _abrege(court: Mot, long: Mot) -> float:
    """How likely the first is short for the second: only a word that has no meaning of its own."""
    if court.idees or len(long.texte) < _ABREGE_VERS or " " in long.texte:
        return 0.0
    if len(court.texte) >= _ABREGE_MIN and long.texte.startswith(court.texte):
        return _ABREGE
    contracte = 1 < len(court.texte) <= _CONTRACTION_MAX and _contracte(court.texte, long.texte)
    return _CONTRACTE if contracte else 0.0


def _contracte(court: str, long: str) -> bool:
    """« qte » for « quotite »: first and last letters, and some of those between in their order."""
    if (court[0], court[-1]) != (long[0], long[-1]):
        return False
    reste = iter(long)
    return all(lettre in reste for lettre in court)
