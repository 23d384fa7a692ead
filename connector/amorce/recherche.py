"""What of a démarche stands behind each thing that a configuration needs, with a human's help for the doubtful ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from connector import config, wiring
from connector.amorce.appariement import Candidat, Offert, Rapprochement, Voulu, rapprocher
from connector.amorce.besoins import Besoins, Offre, besoins
from connector.amorce.fichier import Depart, Reponse
from connector.core.textes import normaliser

Choisir = Callable[[Voulu, Sequence[Candidat]], Offert | None]
"""Asks a human which candidate it is; None for none of them."""


def chercher(voulus: Besoins, offerte: Offre, depart: Depart, choisir: Choisir | None) -> Iterator[Reponse]:
    """One answer for each thing that is to be looked for; `choisir` None when nobody is there to ask."""
    for ceux_ci, la in (
        (voulus.champs, offerte.champs),
        (voulus.annotations, offerte.annotations),
        (voulus.labels, offerte.labels),
    ):
        yield from _chercher(ceux_ci, la, depart, choisir)


def _chercher(
    voulus: Sequence[Voulu], offerts: Sequence[Offert], depart: Depart, choisir: Choisir | None
) -> Iterator[Reponse]:
    cherches, libres = _a_chercher(voulus, offerts, depart)
    pris: set[str] = set()
    trouves = rapprocher(cherches, libres)
    pris |= {t.choisi.id for t in trouves if t.choisi}
    for trouve in trouves:
        reponse = _reponse(trouve, offerts, pris, choisir)
        if reponse.offert is not None:
            pris.add(reponse.offert.id)
        yield reponse
    par_cle = {t.voulu.cle: t for t in trouves}
    for voulu in voulus:
        if voulu.dedans:
            offert = par_cle[voulu.cle].choisi if voulu.cle in par_cle else _deja(voulu, offerts)
            if offert is not None:
                yield from _chercher(voulu.dedans, offert.dedans, depart, choisir)


def _a_chercher(voulus: Sequence[Voulu], offerts: Sequence[Offert], depart: Depart) -> tuple[list[Voulu], list[Offert]]:
    """What is to be looked for, and where: what people already settled is neither asked nor offered again."""
    if depart.pendants is None:
        return list(voulus), list(offerts)
    regles = [v for v in voulus if v.cle not in depart.pendants]
    pris = {o.id for v in regles if (o := _deja(v, offerts))}
    usuels = _usuels()
    cherches = [replace(v, libelle=usuels.get(v.cle, v.libelle)) for v in voulus if v.cle in depart.pendants]
    return cherches, [o for o in offerts if o.id not in pris]


def _deja(voulu: Voulu, offerts: Iterable[Offert]) -> Offert | None:
    """The champ that the label of the configuration already names."""
    return next((o for o in offerts if normaliser(o.libelle) == normaliser(voulu.libelle)), None)


def _usuels() -> dict[str, str]:
    """The usual label of each thing we need: a comment to confirm has lost it."""
    chemin = wiring.folder("config.example.toml")
    exemple = besoins(config.load(chemin, {}).demarches[0].correspondance, {})
    tous = [*exemple.champs, *exemple.annotations, *exemple.labels]
    return {v.cle: v.libelle for voulu in tous for v in (voulu, *voulu.dedans)}


def _reponse(trouve: Rapprochement, offerts: Sequence[Offert], pris: set[str], choisir: Choisir | None) -> Reponse:
    if trouve.choisi is not None:
        return Reponse(
            voulu=trouve.voulu,
            offert=trouve.choisi,
            confiance=trouve.candidats[0].confiance,
            par_id=_homonyme(trouve.choisi, offerts),
        )
    candidats = tuple(c for c in trouve.candidats if c.offert.id not in pris)
    choisi = choisir(trouve.voulu, candidats) if choisir and candidats else None
    if choisi is not None:
        confiance = next(c.confiance for c in candidats if c.offert is choisi)
        return Reponse(
            voulu=trouve.voulu, offert=choisi, confiance=confiance, humaine=True, par_id=_homonyme(choisi, offerts)
        )
    return Reponse(voulu=trouve.voulu, candidats=() if choisir else candidats)


def _homonyme(offert: Offert, offerts: Sequence[Offert]) -> bool:
    return sum(normaliser(o.libelle) == normaliser(offert.libelle) for o in offerts) > 1


def sans_emploi(reponses: Iterable[Reponse], offerte: Offre) -> tuple[str, ...]:
    """The champs of the form that nothing uses."""
    pris = {r.offert.id for r in reponses if r.offert}
    tous = [*offerte.champs, *(d for o in offerte.champs if o.id in pris for d in o.dedans)]
    return tuple(o.libelle for o in tous if o.id not in pris)
