"""The world around one dossier: zones, neighbourhoods, distances, look-alikes, posts and counters, handed on as data.

Referentials, geometry and the other dossiers come in through protocols, so that nothing here knows SQL or a library.
Whatever is missing (a referential, a geometry library, a point) is unknown, never « no ».
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from connector.core import empreintes
from connector.core.candidature import lire
from connector.core.chiffrage import Parametres, chiffrer
from connector.core.cles import code_commune, code_region
from connector.core.correspondance import Resolution
from connector.core.fiche import Fiche
from connector.core.model import Adresse, Dossier, DossierState
from connector.core.poste import EtatPoste, Poste, Tranche
from connector.core.projet import LieuProjet, Projet, Vocabulaire, projet
from connector.core.quota import (
    CleQuota,
    Compteurs,
    Pretendant,
    TypeDemande,
    cle_du_poste,
    compte,
    hors_quota,
    quota_effectif,
)
from connector.core.referentiels import (
    Appartenance,
    Commune,
    Point,
    Precision,
    Quartier,
    Referentiel,
    Version,
    ZoneCommune,
    point_of,
)
from connector.core.registre import Inscription, inscription, memes, tient
from connector.core.relais import PostesLibres, postes_libres
from connector.core.situation import DossierRemplace, Jumeau, Relais, Situation, SituationLieu
from connector.errors import OperatorError

log = logging.getLogger(__name__)

FORME = 3
"""What an entry holds, counted up when it holds something more: every dossier is then entered again."""

LOT = 200
"""Entries committed together."""

AUTOUR_GARDES = 200
"""How many dossiers' surroundings are kept from their judgement to its record."""

CONTOURS_GARDES = 4
"""Sets of texts whose neighbourhoods are kept ready: decided dossiers are judged by those of their day."""

ZONES_GARDEES = 20_000
"""Classes of communes that are remembered, one for each day asked about."""

JOURS_GARDES = 1_000
"""Days of which the texts in force are remembered."""


class Referentiels(Protocol):
    """What an ARS imported, on a day."""

    def en_vigueur(self, referentiel: Referentiel, jour: date) -> tuple[Version, ...]:
        """The versions in force on that day, latest first."""
        ...

    def zone(self, code_insee: str, jour: date) -> ZoneCommune | None:
        """The class of a commune on that day, None when nothing in force speaks of it."""
        ...

    def commune(self, code_insee: str) -> Commune | None:
        """A commune, None when no list has it."""
        ...

    def quartiers(self, jour: date) -> tuple[Quartier, ...]:
        """The priority neighbourhoods on that day."""
        ...


class Postes(Protocol):
    """The register of posts."""

    def all(self) -> tuple[Poste, ...]:
        """Every post."""
        ...

    def of_dossier(self, number: int) -> Poste | None:
        """The post that this dossier holds or held."""
        ...

    def save(self, postes: Iterable[Poste], *, now: datetime) -> int:
        """Write posts; how many changed."""
        ...


class Jugee(Protocol):
    """An entry whose dossier was judged."""

    @property
    def inscription(self) -> Inscription:
        """The entry."""
        ...

    @property
    def avertissement(self) -> str:
        """What the register could not take in."""
        ...

    @property
    def contexte(self) -> str:
        """Digest of what the others said of it when it was judged."""
        ...

    @property
    def seule(self) -> bool:
        """Whether no other dossier has its candidate, nor its project."""
        ...


class Inscriptions(Protocol):
    """Each dossier's entry among the others."""

    @property
    def sceller(self) -> Callable[[str], str]:
        """What makes of a candidate's digest one that nobody can guess from."""
        ...

    def stale(self, demarche: int, *, lecture: str, jour: date) -> Iterator[Fiche]:
        """The dossiers to enter again that day, oldest deposit first."""
        ...

    def enter(self, entrees: Iterable[tuple[Inscription, str, str]], *, lecture: str) -> None:
        """Write entries, each with the digest of its dossier's content and the register's warning."""
        ...

    def find(self, number: int) -> Inscription | None:
        """One dossier's entry, and that of an erased dossier for as long as its post is in the register."""
        ...

    def warning(self, number: int) -> str:
        """What the register could not take in of that dossier."""
        ...

    def alike(self, inscription: Inscription) -> tuple[Inscription, ...]:
        """The other dossiers with the same candidate or project."""
        ...

    def contenders(self) -> Iterator[Inscription]:
        """The dossiers that we propose to accept, quota aside."""
        ...

    def appraise(self, favorables: Mapping[int, bool]) -> None:
        """Note which of those dossiers we propose to accept."""
        ...

    def entered(self) -> Iterator[Inscription]:
        """Every dossier that DS still shows."""
        ...

    def judged(self, demarche: int, *, sauf: str | None) -> Iterator[Jugee]:
        """Every entry of the démarche whose dossier was judged, save those told by the sight `sauf`."""
        ...

    def movements(self) -> int:
        """How many times something moved that may change what is said of a dossier."""
        ...

    def world_told(self, demarche: int) -> tuple[int, date] | None:
        """The movements after which everything was told of the démarche's dossiers, and on what day."""
        ...

    def tell_world(self, demarche: int, movements: int, jour: date) -> None:
        """Remember that everything was told, as the world was after those movements, on that day."""
        ...

    def told(self, dits: Mapping[int, tuple[str, str]]) -> None:
        """Remember what the others said of those dossiers, and by which sight of the world; "" when by none."""
        ...


class Quartiers(Protocol):
    """The priority neighbourhoods, ready to be asked about an address."""

    def appartenance(self, point: Point | None, commune: str = "") -> Appartenance:
        """Whether a point lies in one of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometrie:
    """What libraries answer; each None where its library is not installed: the answer is then unknown."""

    distance: Callable[[Point, Point], Decimal] | None = None
    quartiers: Callable[[tuple[Quartier, ...]], Quartiers] | None = None


# --- where ---

_PRECISIONS = (Precision.ADRESSE, Precision.COMMUNE, Precision.INCONNUE)
"""From the best to the worst."""


@dataclass(slots=True, kw_only=True)
class Territoire:
    """Where the places of a project are; it remembers what it was asked, up to so many answers of each kind.

    There are as many days as decided dossiers: each is judged by the texts of its own.
    """

    referentiels: Referentiels
    geometrie: Geometrie
    _zones: dict[tuple[str, date], ZoneCommune | None] = field(default_factory=dict)
    _communes: dict[str, Commune | None] = field(default_factory=dict)
    _versions: dict[date, tuple[Version, ...]] = field(default_factory=dict)
    _quartiers: dict[tuple[Version, ...], Quartiers | None] = field(default_factory=dict)

    def oublie(self) -> None:
        """Ask again: something may have been imported. Contours are kept: their versions tell them from others."""
        self._zones.clear()
        self._communes.clear()
        self._versions.clear()

    def versions(self, jour: date) -> tuple[Version, ...]:
        """The versions in force on that day, of every referential."""
        if jour not in self._versions:
            _place(self._versions, JOURS_GARDES)
            self._versions[jour] = tuple(v for genre in Referentiel for v in self.referentiels.en_vigueur(genre, jour))
        return self._versions[jour]

    def lieu(self, lieu: LieuProjet, depart: Point | None, jour: date) -> SituationLieu:
        """One place: its commune, its zone, its neighbourhood, and how far it is from the main site."""
        code = code_commune(lieu.code_commune or "")
        commune = self._commune(code)
        arrivee = self.point(lieu.adresse, code)
        return SituationLieu(
            rang=lieu.rang,
            commune=code,
            region=_region(commune, lieu.adresse),
            zone=self._zone(code, jour) if code else None,
            quartier=self._quartier(lieu.adresse, code, jour),
            distance_km=self._distance(depart, arrivee),
            precision=_pire(depart, arrivee),
        )

    def point(self, adresse: Adresse | None, code: str | None) -> Point | None:
        """Where an address is: its own point, else its commune's."""
        propre = point_of(adresse) if adresse is not None else None
        if propre is not None:
            return propre
        commune = self._commune(code)
        return commune.point if commune is not None else None

    def _distance(self, depart: Point | None, arrivee: Point | None) -> Decimal | None:
        if depart is None or arrivee is None or self.geometrie.distance is None:
            return None
        return self.geometrie.distance(depart, arrivee)

    def _commune(self, code: str | None) -> Commune | None:
        if code is None:
            return None
        if code not in self._communes:
            self._communes[code] = self.referentiels.commune(code)
        return self._communes[code]

    def _zone(self, code: str, jour: date) -> ZoneCommune | None:
        if (code, jour) not in self._zones:
            _place(self._zones, ZONES_GARDEES)
            self._zones[code, jour] = self.referentiels.zone(code, jour)
        return self._zones[code, jour]

    def _quartier(self, adresse: Adresse | None, code: str | None, jour: date) -> Appartenance | None:
        """None when no neighbourhood was imported, or nothing can be asked of their contours."""
        index = self._index(jour)
        if index is None:
            return None
        return index.appartenance(point_of(adresse) if adresse is not None else None, code or "")

    def _index(self, jour: date) -> Quartiers | None:
        versions = tuple(v for v in self.versions(jour) if v.referentiel is not Referentiel.COMMUNES)
        build = self.geometrie.quartiers
        if build is None or not any(v.referentiel is Referentiel.QPV for v in versions):
            return None
        if versions not in self._quartiers:
            _place(self._quartiers, CONTOURS_GARDES)
            self._quartiers[versions] = self._built(build, jour)
        return self._quartiers[versions]

    def _built(self, build: Callable[[tuple[Quartier, ...]], Quartiers], jour: date) -> Quartiers | None:
        try:
            return build(self.referentiels.quartiers(jour))
        except OperatorError as error:  # an unusable contour: nobody is said to be outside
            log.warning("districts.unusable", extra={"cause": str(error)})
            return None


def _place(gardes: dict[Any, Any], combien: int) -> None:
    """Make room for one more among so many answers: the oldest leaves before the next one is there."""
    if len(gardes) >= combien:
        del gardes[next(iter(gardes))]


def _region(commune: Commune | None, adresse: Adresse | None) -> str | None:
    if commune is not None and commune.region:
        return commune.region
    return code_region(adresse.region_code) if adresse is not None and adresse.region_code else None


def _pire(*points: Point | None) -> Precision:
    """The precision of the worse of two ends."""
    if not all(points):
        return Precision.INCONNUE
    return max((p.precision for p in points if p is not None), key=_PRECISIONS.index)


# --- among the others ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Entourage:
    """What the others say of one dossier."""

    jumeaux: tuple[Jumeau, ...]
    remplace: DossierRemplace | None
    poste: Poste | None
    compteurs: Compteurs | None
    registre: str
    hors_quota: bool = False
    relais: Relais | None = None

    def empreintes(self, dossier: int) -> tuple[str, str]:
        """Digests of what changes the opinion, or is to be told at once, and of the counters as an agent reads them."""
        compteurs = self.compteurs
        rang = compteurs.rang_d_attente(dossier) if compteurs else None
        dit = compteurs and (compteurs.texte(), compteurs.avertissements, rang)
        return (
            empreintes.of(
                self.jumeaux,
                self.remplace,
                self.poste,
                rang is not None,
                self.registre,
                self.hors_quota,
                self.relais,
            ),
            empreintes.of(dit),
        )


@dataclass(slots=True, kw_only=True)
class Monde:
    """`ports.Monde` for one démarche, over the store and the libraries.

    `retenus` gives the dossiers that people retained, with the rank they gave them; `en_attente` those who wait.
    """

    territoire: Territoire
    inscriptions: Inscriptions
    postes: Postes
    vocabulaire: Vocabulaire
    parametres: Parametres
    now: Callable[[], datetime]
    aujourd_hui: Callable[[], date]
    retenus: Callable[[], Mapping[int, int | None]] = dict
    en_attente: Callable[[], Mapping[int, int | None]] = dict
    _tous: tuple[Poste, ...] | None = None
    _tenus: dict[int, Poste] = field(default_factory=dict)
    _compteurs: dict[CleQuota, Compteurs] = field(default_factory=dict)
    _supposes: frozenset[int] | None = None
    _retenus: Mapping[int, Pretendant] | None = None
    _libres: dict[CleQuota, PostesLibres] = field(default_factory=dict)
    _autour: dict[int, tuple[Inscription, Entourage]] = field(default_factory=dict)
    _mouvements: int = 0
    _jour_vu: date = date.min
    _dit: tuple[int, date] | None = None

    # -- ports.Monde

    def recense(self, demarche: int, resolution: Resolution) -> None:
        """Enter every dossier that moved, in the register of posts too, then look at the world anew.

        Those that take over or postpone another's post come last: what they build on is there by then.
        """
        lecture = empreintes.of(
            FORME, resolution.champs, resolution.saisies, resolution.labels, self.vocabulaire, self.parametres
        )
        apres: list[Fiche] = []
        lot: list[tuple[Inscription, str, str]] = []
        for fiche in self.inscriptions.stale(demarche, lecture=lecture, jour=self.aujourd_hui()):
            if self._suit(fiche, resolution):
                apres.append(fiche)
                continue
            lot.append(self._entree(fiche, resolution))
            if len(lot) >= LOT:
                self.inscriptions.enter(lot, lecture=lecture)
                lot = []
        lot += [self._entree(fiche, resolution) for fiche in apres]
        if lot:
            self.inscriptions.enter(lot, lecture=lecture)
        self.territoire.oublie()
        self._jour_vu, self._dit = self.aujourd_hui(), self.inscriptions.world_told(demarche)
        self.rafraichit()

    def compte_les_places(self) -> bool:
        """Whether who competes for what changes anything that is said."""
        return self.parametres.quota is not None

    def apprecie(self, favorables: Mapping[int, bool]) -> None:
        """Note which of those dossiers we propose to accept, quota aside."""
        self.inscriptions.appraise(favorables)

    def rafraichit(self) -> None:
        """Look at the world anew."""
        self._mouvements = self.inscriptions.movements()
        self._tous, self._supposes, self._retenus = None, None, None
        self._libres.clear()
        self._compteurs.clear()
        self._autour.clear()

    def situer(self, projet: Projet, dossier: Dossier) -> Situation:
        """Everything that the candidature itself does not say.

        A decided dossier is judged by the texts of the day it was decided: a later order changes nothing in it.
        """
        entree = self._inscription(dossier, projet)
        autour = self._entourage(entree, self.inscriptions.warning(dossier.number))
        if len(self._autour) >= AUTOUR_GARDES:
            self._autour.clear()
        self._autour[dossier.number] = (entree, autour)
        return replace(
            self._lieux(projet, self._jour(dossier)),
            jumeaux=autour.jumeaux,
            remplace=autour.remplace,
            poste=autour.poste,
            compteurs=autour.compteurs,
            registre=autour.registre,
            hors_quota=autour.hors_quota,
            relais=autour.relais,
        )

    def place(self, projet: Projet, dossier: Dossier) -> Situation:
        """Where a project is and which post it holds, without the dossiers around it: what a count needs."""
        return replace(self._lieux(projet, self._jour(dossier)), poste=self._poste(dossier.number))

    def compteurs_dits(self) -> bool:
        """Whether the counters were told to everybody today, at an earlier cycle: a move alone waits for tomorrow."""
        return self._dit is not None and self._dit[1] >= self._jour_vu

    def retient(self, dossiers: Iterable[int], *, sauf_compteurs: Container[int] = ()) -> None:
        """Remember what the world said of those dossiers, which were just judged; not the counters of `sauf_compteurs`.

        What those read of the counters is not shown yet: the first cycle of another day compares it again.
        """
        found = ((n, self.inscriptions.find(n)) for n in dossiers)
        dits = {n: self._contexte(i, tus=n in sauf_compteurs) for n, i in found if i is not None}
        if dits:
            self.inscriptions.told(dits)

    def deplaces(self, demarche: int, *, arrete: Callable[[], bool] = lambda: False) -> Iterator[int]:
        """The judged dossiers of which the world no longer says the same; nobody is looked at while nothing moved.

        Those told by this very sight of the world are not looked at either. Counters alone are compared at the first
        cycle of a day, and in open dossiers: each decision moves them. Nobody else is once `arrete` says so.
        """
        if self._dit == (self._mouvements, self._jour_vu):
            return
        dits = self.compteurs_dits()
        immobile = self.inscriptions.movements() == self._mouvements  # look-alikes may leave in mid-pass
        for jugee in self.inscriptions.judged(demarche, sauf=self._vue if immobile else None):
            if arrete():
                return
            i, numero = jugee.inscription, jugee.inscription.dossier
            opinion, compteurs = self._entourage(i, jugee.avertissement, seul=jugee.seule).empreintes(numero)
            dite, _, comptes = jugee.contexte.partition(" ")
            if opinion != dite or not (dits or compteurs == comptes or not i.en_lice):
                yield numero

    def tout_dit(self, demarche: int) -> None:
        """Remember that a whole cycle told everything that `deplaces` found in the world as it was looked at."""
        self.inscriptions.tell_world(demarche, self._mouvements, self._jour_vu)

    def suppose(self, favorables: frozenset[int]) -> None:
        """Take those dossiers for the ones that we propose to accept, until the world is looked at."""
        self.rafraichit()
        self._supposes = favorables

    # -- inside

    @property
    def _vue(self) -> str:
        """The world as it was looked at: two equal sights say the same of a dossier."""
        return f"{self._mouvements} {self._jour_vu}"

    def _contexte(self, i: Inscription, *, tus: bool) -> tuple[str, str]:
        """What is kept of what an entry was told, and by which sight; where the counters were not shown, neither is."""
        opinion, compteurs = self._dit_de(i).empreintes(i.dossier)
        return (f"{opinion} ", "") if tus else (f"{opinion} {compteurs}", self._vue)

    def _dit_de(self, i: Inscription) -> Entourage:
        """What the others say of an entry: what was worked out to judge its dossier, if it was read alike."""
        entree, autour = self._autour.pop(i.dossier, (None, None))
        if autour is not None and entree == i:
            return autour
        return self._entourage(i, self.inscriptions.warning(i.dossier))

    def _jour(self, dossier: Dossier) -> date:
        decide_le = dossier.date_traitement if dossier.state.termine else None
        return decide_le.date() if decide_le else self.aujourd_hui()

    def _suit(self, fiche: Fiche, resolution: Resolution) -> bool:
        """Whether an accepted dossier takes over or postpones another's post."""
        if fiche.dossier.state is not DossierState.ACCEPTE:
            return False
        demande = projet(lire(fiche.dossier, resolution), self.vocabulaire).demande
        return demande in {TypeDemande.REMPLACEMENT, TypeDemande.REPORT}

    def _entree(self, fiche: Fiche, resolution: Resolution) -> tuple[Inscription, str, str]:
        """A dossier's entry, once the register of posts has taken it in."""
        candidature = lire(fiche.dossier, resolution)
        lu = projet(candidature, self.vocabulaire)
        tenue = tient(
            candidature,
            lu,
            sien=self.postes.of_dossier(fiche.dossier.number),
            lie=self.postes.of_dossier(lu.lien.number) if lu.lien else None,
            aujourd_hui=self.aujourd_hui(),
        )
        if tenue.poste is not None:
            self.postes.save([self._chiffre(tenue.poste, fiche.dossier, lu)], now=self.now())
        return self._inscription(fiche.dossier, lu), fiche.parties.contenu, tenue.avertissement

    def _inscription(self, dossier: Dossier, lu: Projet) -> Inscription:
        return inscription(dossier, lu, sceller=self.inscriptions.sceller)

    def _chiffre(self, poste: Poste, dossier: Dossier, lu: Projet) -> Poste:
        """The post with what it costs the ARS as calculated now, None while that cannot be asserted."""
        if poste.titulaire.dossier != dossier.number:
            return poste
        situation = replace(self._lieux(lu, self._jour(dossier)), poste=poste)
        cout = chiffrer(lu, situation, self.parametres, aujourd_hui=self.aujourd_hui()).cout
        tranches = cout.par_exercice if cout else ()
        return replace(
            poste,
            cout=cout.part_ars if cout else None,
            tranches=tuple(Tranche(annee=t.annee, montant=t.montant) for t in tranches if t.montant is not None),
        )

    def _lieux(self, lu: Projet, jour: date) -> Situation:
        """Where a project is, and by which texts that was found."""
        principal = lu.adresse
        depart = self.territoire.point(principal, code_commune((principal and principal.city_code) or ""))
        return Situation(
            lieux=tuple(self.territoire.lieu(lieu, depart, jour) for lieu in lu.lieux),
            versions=self.territoire.versions(jour),
        )

    def _entourage(self, i: Inscription, registre: str, *, seul: bool = False) -> Entourage:
        """What the others say of that entry; `seul`: nobody has its candidate nor its project."""
        semblables = self.inscriptions.alike(i) if not seul and (i.candidat or i.projet) else ()
        ancien = self.inscriptions.find(i.lien) if i.lien is not None else None
        return Entourage(
            jumeaux=tuple(
                Jumeau(dossier=autre.dossier, demarche=autre.demarche, motif=motif, etat=autre.etat)
                for autre in semblables
                for motif in memes(i, autre)
            ),
            remplace=ancien.remplace if ancien else None,
            poste=self._poste(i.dossier),
            compteurs=self._compte(i.cle) if i.cle else None,
            registre=registre,
            hors_quota=self._hors_quota(i),
            relais=self._relais(i.dossier, i.cle) if i.cle else None,
        )

    def _relais(self, dossier: int, cle: CleQuota) -> Relais | None:
        """What the freed posts of that quota mean for this dossier; where none is, nobody is looked for."""
        if cle not in self._libres:
            vacants = [p for p in self._postes() if p.etat is EtatPoste.VACANT and cle_du_poste(p) == cle]
            inscrits = self._en_lice(cle) if vacants else ()
            self._libres[cle] = postes_libres(vacants, inscrits, self._compte(cle))
        return self._libres[cle].relais(dossier)

    def _en_lice(self, cle: CleQuota) -> Iterator[Inscription]:
        """The dossiers of that quota that may still be accepted, the commission's waiting list over the form's."""
        rangs = self.en_attente()
        for i in self.inscriptions.entered():
            if i.cle == cle and i.en_lice:
                attend = i.dossier in rangs
                yield replace(i, en_attente=True, rang=rangs[i.dossier] or i.rang) if attend else i

    def _hors_quota(self, i: Inscription) -> bool:
        """Whether people retained it beyond the places."""
        if self._retenus is None:
            self._retenus = self._retenus_par_numero()
        compteurs, parametres = self._compte(i.cle) if i.cle else None, self.parametres.quota
        if i.dossier not in self._retenus or compteurs is None or parametres is None:
            return False
        return hors_quota(compteurs, self._retenus.values(), i.dossier, parametres)

    def _retenus_par_numero(self) -> Mapping[int, Pretendant]:
        """The dossiers that people retained and that are not decided yet, the commission's rank over the form's."""
        rangs = self.retenus()
        inscrits = (self.inscriptions.find(numero) for numero in rangs)
        found = (i.pretendant for i in inscrits if i is not None and i.en_lice)
        return {p.dossier: replace(p, rang=rangs[p.dossier] or p.rang) for p in found if p is not None}

    def _postes(self) -> tuple[Poste, ...]:
        if self._tous is None:
            self._tous = self.postes.all()
            self._tenus = {titulaire.dossier: poste for poste in self._tous for titulaire in poste.titulaires}
        return self._tous

    def _poste(self, dossier: int) -> Poste | None:
        self._postes()
        return self._tenus.get(dossier)

    def _compte(self, cle: CleQuota) -> Compteurs | None:
        """Where that quota stands, counted once until the world is looked at anew."""
        if self.parametres.quota is None:
            return None
        if cle not in self._compteurs:
            quota = quota_effectif(self.parametres.quotas, cle, self.aujourd_hui())
            self._compteurs[cle] = compte(quota, self._postes(), self._pretendants(), self.parametres.quota)
        return self._compteurs[cle]

    def _pretendants(self) -> Iterator[Pretendant]:
        """The dossiers in the running that we propose to accept, quota aside; those supposed so, where some are."""
        supposes = self._supposes
        inscrits = self.inscriptions.contenders() if supposes is None else self.inscriptions.entered()
        for i in inscrits:
            pretendant = i.pretendant if i.en_lice and (supposes is None or i.dossier in supposes) else None
            if pretendant is not None:
                yield pretendant
