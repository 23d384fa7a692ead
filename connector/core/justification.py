"""Where each figure comes from: as it is said, how it was made, and by which text; for whoever must answer for it.

Nothing is computed here: the calculations carry their own sources, and this file puts them side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connector.core.chiffrage import Chiffrage
from connector.core.constat import Source
from connector.core.cout import Cout
from connector.core.montants import euros, jour
from connector.core.pet import Prime
from connector.core.referentiels import Referentiel, Version
from connector.core.situation import Situation
from connector.core.textes import entre_parentheses, typographier

FORMULAIRE = "ce que le dossier déclare"
CARTES = "adresses du dossier, et référentiel des communes pour celles qui n'ont pas de point"


@dataclass(frozen=True, slots=True, kw_only=True)
class Justification:
    """One figure: `texte` as an annotation says it, `details` how it was made, in order, `sources` what it rests on."""

    libelle: str
    texte: str
    details: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def justifier(chiffrage: Chiffrage, situation: Situation) -> tuple[Justification, ...]:
    """Each figure of one candidature, in the order in which an instructor reads them."""
    textes = chiffrage.textes()
    prime, cout, compteurs = chiffrage.prime, chiffrage.cout, situation.compteurs
    retenu = compteurs.quota.retenu if compteurs else None
    quota = (f"{cite(retenu.source)}, en vigueur depuis le {jour(retenu.date_effet)}",) if retenu else ()
    return tuple(
        Justification(
            libelle=typographier(libelle),
            texte=textes[cle],
            details=tuple(map(typographier, details)),
            sources=tuple(map(typographier, sources)),
        )
        for libelle, cle, details, sources in (
            ("Zone", "zone", (), tuple(_textes(situation.versions))),
            ("Distance", "distance", (), (CARTES,)),
            ("Quotité ambulatoire", "quotite", (), (FORMULAIRE,)),
            ("Prime d'exercice territorial, par mois", "pet_montant", _prime(prime), _source_de_la_prime(prime)),
            ("Statut de la prime", "pet_statut", (), ()),
            ("Coût pour l'ARS", "cout", tuple(_cout(cout)), ()),
            ("Quota", "quota", (), quota),
        )
        if cle in textes
    )


def cite(source: Source) -> str:
    """The text, and that it is not opposable when it is not."""
    return source.texte if source.opposable else f"{source.texte}, texte non opposable"


def _textes(versions: Iterable[Version]) -> Iterator[str]:
    return (v.intitule for v in versions if v.referentiel in {Referentiel.ZONAGE, Referentiel.QPV})


def _prime(prime: Prime | None) -> tuple[str, ...]:
    if prime is None:
        return ()
    return (*prime.motifs, *([f"Ligne du barème : {prime.palier}."] if prime.palier else []))


def _source_de_la_prime(prime: Prime | None) -> tuple[str, ...]:
    return (cite(prime.source),) if prime is not None and prime.source is not None else ()


def _cout(cout: Cout | None) -> Iterator[str]:
    """Every number of the calculation with its own text, then what was assumed."""
    if cout is None:
        return
    for ligne in cout.lignes:
        origine = entre_parentheses(f"{ligne.parametre} ; {cite(ligne.source)}")
        yield f"{ligne.libelle} = {euros(ligne.montant)} {origine}"
    yield from cout.hypotheses
