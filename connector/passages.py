"""What the commands do, over the workshop that `wiring` opens: cycles, previews, comparisons, retries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connector import cycle, lecture, presentation
from connector.core.correspondance import Resolution, resolve
from connector.core.ecarts import Ecart
from connector.core.evaluation import Proposition
from connector.core.model import Dossier
from connector.core.montants import pluriel
from connector.core.politique import Mode
from connector.core.rapport import Rapport
from connector.core.regles import unknown_answers
from connector.core.textes import ponctuer
from connector.errors import AccessDenied, ConfigError, ConnectorError, OperatorError, Problem, SafetyStop
from connector.jugement import Jugement
from connector.ports import Consigne, Passage
from connector.wiring import Atelier, demarches_of

if TYPE_CHECKING:
    from connector.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageFait:
    """How one démarche's cycle went; `erreur` is what stopped it, when it was that démarche's own affair."""

    demarche: int
    rapport: Rapport
    erreur: ConnectorError | None = None

    @property
    def exit_code(self) -> int:
        """The code of what stopped it, else of its report."""
        return self.erreur.exit_code if self.erreur else self.rapport.exit_code

    def lines(self) -> list[str]:
        """What was done, then what went wrong, as French lines."""
        lines = [f"Démarche {self.demarche} : {self.rapport.text()}"]
        if self.erreur:
            lines += [f"Démarche {self.demarche}, arrêt : {self.erreur}", *filter(None, (self.erreur.hint,))]
        return lines + [f"  {line}" for line in self.rapport.lignes_d_echecs()]


def passer(
    atelier: Atelier, numero: int | None = None, *, complet: bool = False, permis: int | None = None
) -> tuple[PassageFait, ...]:
    """One cycle on each démarche of the configuration, or on the one named.

    `complet` compares every number with DS first; `permis` raises the brake's ceilings to that many, this once. Among
    several, one that its brake, its mapping or its rights stop does not keep the others from theirs.
    """
    settings = atelier.settings
    demarches = demarches_of(settings, numero)
    faits = []
    for demarche in demarches:
        if atelier.arret.wait(0):
            break
        passage = replace(atelier.passage(demarche), complet=complet, permis=permis)
        faits.append(_passer(passage, seule=len(demarches) == 1, ligne=settings.ligne))
    return tuple(faits)


def _passer(passage: Passage, *, seule: bool, ligne: Callable[[str], int]) -> PassageFait:
    """One démarche's cycle. What stops it alone does not keep the others waiting; the rest ends everything."""
    try:
        return PassageFait(demarche=passage.consigne.demarche, rapport=cycle.run(passage))
    except (SafetyStop, ConfigError, AccessDenied) as error:
        if seule:
            raise
        if isinstance(error, ConfigError):
            error = error.located(ligne)
        return PassageFait(demarche=passage.consigne.demarche, rapport=passage.rapport, erreur=error)


def prevoir(
    atelier: Atelier, numero: int | None = None, *, hors_ligne: bool, dire: Callable[[str], None]
) -> Iterator[tuple[Dossier, Jugement]]:
    """What a cycle would do to each dossier of the démarches; nothing is sent.

    In mode `observer`, what mode `annoter` would do, and `dire` hears so. `hors_ligne`: on the stored dossiers alone.
    """
    settings = atelier.settings
    if settings.politique.mode is Mode.OBSERVER:
        dire("Mode « observer » : rien n’est écrit dans DS. Voici ce qui le serait en mode « annoter ».")
    for demarche in demarches_of(settings, numero):
        passage = _bolder(atelier.hors_ligne(demarche) if hors_ligne else atelier.passage(demarche))
        if not passage.controle:
            dire(f"Démarche {demarche.numero} : {cycle.SANS_CONTROLE}")
            continue
        yield from (
            cycle.rejudge(passage, stored_form(atelier, passage.consigne)) if hors_ligne else cycle.preview(passage)
        )
        if relues := passage.rapport.pieces:
            dire(f"{pluriel(relues, 'pièce relue', 'pièces relues')} pour le dire.")
        for problem in _unknown_answers(atelier, passage.consigne, settings):
            dire(ponctuer(f"Attention, {problem}"))


def _unknown_answers(atelier: Atelier, consigne: Consigne, settings: Settings) -> tuple[Problem, ...]:
    """The answers that rules list and that the form as last read does not offer, each with its line in `settings`."""
    saved = atelier.base.dossiers.saved_demarche(consigne.demarche)
    found = resolve(consigne.correspondance, saved) if saved is not None else ()
    if saved is None or not isinstance(found, Resolution):
        return ()
    return ConfigError(unknown_answers(consigne.regles, found, saved)).located(settings.ligne).problems


def _bolder(passage: Passage) -> Passage:
    """The same pass, an observer being asked what it would write if it might."""
    politique = passage.consigne.politique
    if politique.mode is not Mode.OBSERVER:
        return passage
    return replace(passage, consigne=replace(passage.consigne, politique=replace(politique, mode=Mode.ANNOTER)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A dossier of which another configuration would say something else."""

    dossier: int
    avant: Proposition
    apres: Proposition

    @property
    def change_d_avis(self) -> bool:
        """Whether the avis itself would change."""
        return self.avant.avis is not self.apres.avis

    def text(self) -> str:
        """What would change, and which constats make the difference."""
        return presentation.difference_text(self.dossier, self.avant, self.apres)

    def json(self) -> dict[str, Any]:
        """The same for a program."""
        return presentation.difference_json(self.dossier, self.avant, self.apres)


def comparer(
    atelier: Atelier, autre: Settings, numero: int | None = None, *, dire: Callable[[str], None]
) -> Iterator[Difference]:
    """The stored dossiers of which another configuration would say something else; nothing is asked of DS.

    `dire` hears what the comparison cannot see.
    """
    ailleurs = {demarche.numero: demarche for demarche in autre.demarches}
    for demarche in demarches_of(atelier.settings, numero):
        if demarche.numero not in ailleurs:
            dire(f"La démarche {demarche.numero} n’est pas dans l’autre configuration.")
            continue
        nouvelle = ailleurs[demarche.numero]
        avant, apres = atelier.hors_ligne(demarche), atelier.avec(autre).hors_ligne(nouvelle)
        lectures = tuple(stored_form(atelier, p.consigne) for p in (avant, apres))
        if not lectures[1].retenue.champs <= lectures[0].retenue.champs:
            dire(
                "L’autre configuration lit des champs qui ne sont pas encore gardés ici : ils paraissent vides dans "
                "cette comparaison, et seront relus au premier passage."
            )
        for problem in _unknown_answers(atelier, apres.consigne, autre):
            dire(ponctuer(f"Attention, dans l’autre configuration, {problem}"))
        if avant.consigne.parametres != apres.consigne.parametres:
            dire(
                "Les barèmes ou les quotas diffèrent : les montants ne sont pas comparés ici, « connector explain » "
                "les donne avec l’une et l’autre configuration."
            )
        cycle.enter(avant, lectures[0])
        pairs = zip(cycle.rejudge(avant, lectures[0]), cycle.rejudge(apres, lectures[1]), strict=True)
        for (vu, ici), (_, la) in pairs:
            if _said(ici.proposition) != _said(la.proposition):
                yield Difference(dossier=vu.number, avant=ici.proposition, apres=la.proposition)


def stored_form(atelier: Atelier, consigne: Consigne) -> Resolution:
    """The mapping on the form as last read; OperatorError before the first pass, ConfigError when they do not fit."""
    saved = atelier.base.dossiers.saved_demarche(consigne.demarche)
    if saved is None:
        raise OperatorError(
            f"la démarche {consigne.demarche} n’a pas encore été lue.", hint="Lancez d’abord « connector sync »."
        )
    found = resolve(consigne.correspondance, saved)
    if isinstance(found, Resolution):
        return found
    raise ConfigError(found, source=f"correspondance avec la démarche {consigne.demarche}")


def _said(proposition: Proposition) -> tuple[object, ...]:
    """What of a proposition an agent sees: neither the version of the rules nor the wording of a source."""
    return proposition.avis, proposition.synthese, [presentation.said(c) for c in proposition.constats]


def audit(atelier: Atelier, numero: int | None = None, *, entier: bool = False) -> Iterator[tuple[int, Ecart]]:
    """Every difference between the store and DS, with its démarche; nothing is written, neither here nor there.

    `entier` reads every dossier whole and compares each of its parts.
    """
    for demarche in demarches_of(atelier.settings, numero):
        passage = atelier.passage(demarche)
        retenue = stored_form(atelier, passage.consigne).retenue if entier else None
        yield from ((demarche.numero, ecart) for ecart in lecture.audit(passage, retenue))


def reessayer(atelier: Atelier, numero: int | None, *, now: datetime) -> str:
    """Have the next pass try again at once one dossier, or all that wait; the sentence that says how many.

    OperatorError when that dossier is unknown here.
    """
    base, demarches = atelier.base, [demarche.numero for demarche in atelier.settings.demarches]
    de_cote = sum(base.dossiers.retry_now(d, now=now, number=numero) for d in demarches)
    if numero is None:
        refus = sum(base.ledger.retry_all(d, now=now) for d in demarches)
    else:
        refus = base.ledger.retry_now(numero, now=now)
    revus = sum(base.dossiers.revisit(d, now=now, number=numero) for d in demarches)
    if numero is not None and not (de_cote or refus or revus):
        raise OperatorError(
            f"le dossier n° {numero} n’est pas connu ici.",
            hint="« connector status » donne les dossiers mis de côté et les écritures refusées.",
        )
    atelier.noter("nouvel essai demandé", dossier=numero)
    return (
        f"{pluriel(de_cote, 'dossier mis de côté', 'dossiers mis de côté')}, "
        f"{pluriel(refus, 'écriture refusée', 'écritures refusées')} et "
        f"{pluriel(revus, 'dossier à revoir', 'dossiers à revoir')} : au prochain passage."
    )
