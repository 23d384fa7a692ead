"""What of a démarche stands behind each thing that a configuration needs, with a human's help for the doubtful ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from connector import config, wiring
from connector.amorce.appariement import Balance, Candidat, Offert, Rapprochement, Voulu, convient, rapprocher
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
    usuels = _a_l_usage(voulus, depart)
    en_doute = {v.cle for v in voulus if depart.pendants is None or v.cle in depart.pendants}
    tous = [usuel if v.cle in en_doute else v for v, usuel in zip(voulus, usuels, strict=True)]
    pendants = [v for v in tous if v.cle in en_doute]
    regles = {v.cle: deja(v, offerts) for v in tous if v not in pendants}
    renommes = [v for v in tous if v.cle in regles and regles[v.cle] is None and not v.facultatif] if choisir else []
    pris = {offert.id for offert in regles.values() if offert is not None}
    libres = [o for o in offerts if o.id not in pris]
    trouves = rapprocher([*pendants, *renommes], libres, Balance.of(usuels, offerts))
    pris |= {t.choisi.id for t in trouves if t.choisi and t.voulu in pendants}
    choisis = dict(regles)
    for trouve in trouves:
        reponse = _reponse(trouve, offerts, pris, choisir, siennes=trouve.voulu not in pendants)
        choisis[reponse.voulu.cle] = reponse.offert
        if reponse.offert is not None:
            pris.add(reponse.offert.id)
        if reponse.offert is not None or trouve.voulu in pendants:
            yield reponse
    for voulu in voulus:
        offert = choisis[voulu.cle]
        if voulu.dedans and offert is not None:
            # The rows of a repetition that was only just found were never looked at.
            dedans = depart if voulu.cle in regles else replace(depart, pendants=None)
            yield from _chercher(voulu.dedans, offert.dedans, dedans, choisir)


def _a_l_usage(voulus: Sequence[Voulu], depart: Depart) -> list[Voulu]:
    """The same under their usual labels, in a file already there: a comment to confirm has lost its own."""
    if depart.pendants is None:
        return list(voulus)
    usuels = _usuels()
    return [replace(v, libelle=usuels.get(v.cle, v.libelle)) for v in voulus]


def deja(voulu: Voulu, offerts: Iterable[Offert]) -> Offert | None:
    """The champ that the configuration already names, by its id or by its label."""
    par_id = next((o for o in offerts if o.id == voulu.id), None)
    return par_id or next((o for o in offerts if normaliser(o.libelle) == normaliser(voulu.libelle)), None)


def _usuels() -> dict[str, str]:
    """The usual label of each thing we need, by its path."""
    chemin = wiring.folder("config.example.toml")
    exemple = besoins(config.load(chemin, {}).demarches[0].correspondance, {})
    tous = [*exemple.champs, *exemple.annotations, *exemple.labels]
    return {v.cle: v.libelle for voulu in tous for v in (voulu, *voulu.dedans)}


def _reponse(
    trouve: Rapprochement, offerts: Sequence[Offert], pris: set[str], choisir: Choisir | None, *, siennes: bool
) -> Reponse:
    """What is decided; `siennes`: people wrote that entry, so that nothing replaces it without them."""
    if trouve.choisi is not None and not siennes:
        return _choisie(trouve, trouve.candidats[0], offerts, humaine=False)
    candidats = tuple(c for c in trouve.candidats if c.offert.id not in pris)
    if choisir and not (candidats or siennes):
        candidats = _restes(trouve.voulu, offerts, pris)
    choisi = choisir(trouve.voulu, candidats) if choisir and candidats else None
    retenu = next((c for c in candidats if choisi is not None and c.offert.id == choisi.id), None)
    if retenu is not None:
        return _choisie(trouve, retenu, offerts, humaine=True)
    return Reponse(voulu=trouve.voulu, candidats=() if choisir else candidats, empeche=trouve.empeche)


_PEU = 3


def _restes(voulu: Voulu, offerts: Sequence[Offert], pris: set[str]) -> tuple[Candidat, ...]:
    """The champs of its type that nothing else took, when they are few: nothing resembles, and a human may know."""
    libres = [o for o in offerts if o.id not in pris and o.nature in voulu.propres and convient(voulu, o)]
    demande = voulu.cle.startswith(("champs.", "pieces.")) and len(libres) <= _PEU
    return tuple(Candidat(offert=o, confiance=0.0) for o in libres) if demande else ()


def _choisie(trouve: Rapprochement, retenu: Candidat, offerts: Sequence[Offert], *, humaine: bool) -> Reponse:
    homonymes = sum(normaliser(o.libelle) == normaliser(retenu.offert.libelle) for o in offerts)
    return Reponse(
        voulu=trouve.voulu,
        offert=retenu.offert,
        confiance=retenu.confiance,
        humaine=humaine,
        par_id=homonymes > 1,
    )


def sans_emploi(reponses: Iterable[Reponse], offerte: Offre) -> tuple[str, ...]:
    """The champs of the form that nothing uses."""
    reponses = tuple(reponses)
    pris = {r.offert.id for r in reponses if r.offert}
    tous = [*offerte.champs, *(d for o in offerte.champs if o.id in pris for d in o.dedans)]
    pris |= {c.offert.id for r in reponses for c in r.candidats}
    return tuple(o.libelle for o in tous if o.id not in pris)
