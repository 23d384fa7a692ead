"""What the commands do, over the workshop that `wiring` opens: cycles, previews, explanations, status."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector import cycle, lecture, presentation
from connector.core.constat import Effet
from connector.core.correspondance import Resolution, resolve
from connector.core.ecarts import Ecart
from connector.core.evaluation import Proposition
from connector.core.model import Dossier
from connector.core.montants import pluriel
from connector.core.notice import options, parametres
from connector.core.plan import EtatIntention, Intention
from connector.core.politique import Mode
from connector.core.rapport import Rapport
from connector.core.referentiels import Referentiel, Version
from connector.core.regles import Regle, unknown_answers
from connector.cycle import Jugement
from connector.errors import AccessDenied, ConfigError, ConnectorError, OperatorError, Problem, SafetyStop
from connector.ports import Consigne, Passage
from connector.wiring import FRANCE, Atelier, demarches_of

if TYPE_CHECKING:
    from connector.config import DemarcheReglee, Settings
    from connector.imports.rapport import OptionsImport, RapportImport
    from connector.store import Base
    from connector.store.referentiels import VersionGardee
    from connector.store.suivi import Suivi

PASSAGES = 3
"""How many past cycles `status` shows."""

TROUS_RECENTS = timedelta(days=7)
"""How long a dossier that DS could not show stays in `status`."""

ABSENTS_MONTRES = 20
"""How many of the dossiers that DS no longer shows `status` names, the latest first."""

REFUS_VOULUS = timedelta(days=3)
"""A refused effect still wanted is tried again within a day or so: one left longer before the last pass is over."""

REMARQUES_RECENTES = timedelta(days=30)
"""How long an effect that DS had only in part stays in `status`, unless mended."""

GRAVES = {2, 3, 74, 76, 77}
"""Exit codes of a pass that only a human can put right."""

EFFETS = {
    Effet.BLOQUANT: "bloquant",
    Effet.A_VERIFIER: "à vérifier",
    Effet.PRIORITE: "priorité",
    Effet.INFORMATION: "information",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilan:
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
) -> tuple[Bilan, ...]:
    """One cycle on each démarche of the configuration, or on the one named.

    `complet` compares every number with DS first; `permis` raises the brake's ceilings to that many, this once. Among
    several, one that its brake, its mapping or its rights stop does not keep the others from theirs.
    """
    settings = atelier.settings
    demarches = demarches_of(settings, numero)
    bilans = []
    for demarche in demarches:
        if atelier.arret.wait(0):
            break
        passage = replace(atelier.passage(demarche), complet=complet, permis=permis)
        bilans.append(_bilan(passage, seule=len(demarches) == 1, ligne=settings.ligne))
    return tuple(bilans)


def _bilan(passage: Passage, *, seule: bool, ligne: Callable[[str], int]) -> Bilan:
    """One démarche's cycle. What stops it alone does not keep the others waiting; the rest ends everything."""
    try:
        return Bilan(demarche=passage.consigne.demarche, rapport=cycle.run(passage))
    except (SafetyStop, ConfigError, AccessDenied) as error:
        if seule:
            raise
        if isinstance(error, ConfigError):
            error = error.located(ligne)
        return Bilan(demarche=passage.consigne.demarche, rapport=passage.rapport, erreur=error)


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
        yield from (
            cycle.rejudge(passage, stored_form(atelier, passage.consigne)) if hors_ligne else cycle.preview(passage)
        )
        for problem in _unknown_answers(atelier, passage.consigne):
            dire(f"Attention, {problem}.")


def _unknown_answers(atelier: Atelier, consigne: Consigne) -> tuple[Problem, ...]:
    """The answers that rules list and that the form as last read does not offer, each with its line."""
    saved = atelier.base.dossiers.saved_demarche(consigne.demarche)
    found = resolve(consigne.correspondance, saved) if saved is not None else ()
    if saved is None or not isinstance(found, Resolution):
        return ()
    return ConfigError(unknown_answers(consigne.regles, found, saved)).located(atelier.settings.ligne).problems


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


def regles_en_vigueur(settings: Settings, demarche: DemarcheReglee) -> str:
    """The page an administration owes when a decision uses an algorithm: every rule, its sources and examples."""
    head = f"Règles en vigueur pour la démarche {demarche.numero} (version {settings.version_regles})"
    chiffres = "\n".join(["Paramètres", *map(_wrapped, parametres(demarche.campagne, demarche.parametres))])
    return "\n\n".join([f"{head}\n{'=' * len(head)}", *(_rule(regle) for regle in demarche.regles), chiffres])


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 100, initial_indent="  ", subsequent_indent="    ")


def _rule(regle: Regle) -> str:
    sources = [f"  Source : {s.texte} ({'opposable' if s.opposable else 'non opposable'})" for s in regle.sources]
    consequence = (
        f", avis « {regle.avis.value} » si la règle n’est pas respectée" if regle.effet is Effet.BLOQUANT else ""
    )
    return "\n".join(
        [
            f"{regle.libelle} [{regle.cle}]",
            *textwrap.wrap(regle.manuel, 100, initial_indent="  ", subsequent_indent="  "),
            *(_wrapped(option) for option in options(regle)),
            f"  Effet : {EFFETS[regle.effet]}{consequence}.",
            *sources,
            *(line for exemple in regle.exemples() for line in _example(regle, exemple.titre, exemple)),
        ]
    )


def _example(regle: Regle, titre: str, exemple: Any) -> list[str]:
    """One example and what the rule really says of it, now."""
    constat = regle.check(exemple.candidature, exemple.contexte)
    return [f"  Exemple ({presentation.SIGNES[constat.statut]}) : {titre} → {constat.phrase}"]


def etat(atelier: Atelier, *, now: datetime) -> dict[str, Any]:
    """Where everything stands, as plain data: counts, numbers and causes, never a value."""
    pause = atelier.base.pauses.current()
    return {
        "mode": atelier.settings.politique.mode.value,
        "pause": None if pause is None else {"depuis": _iso(pause.since), "raison": pause.reason},
        "demarches": [_etat_demarche(atelier, demarche.numero, now) for demarche in atelier.settings.demarches],
    }


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
    return (
        f"{pluriel(de_cote, 'dossier mis de côté', 'dossiers mis de côté')}, "
        f"{pluriel(refus, 'écriture refusée', 'écritures refusées')} et "
        f"{pluriel(revus, 'dossier à revoir', 'dossiers à revoir')} : au prochain passage."
    )


def _alerte(suivi: Suivi, numero: int) -> dict[str, Any] | None:
    """What only a human can put right, and since when; None while passes go well."""
    suite = suivi.last_alike(numero)
    if not suite or suite[0].exit_code not in GRAVES:
        return None
    return {"code": suite[0].exit_code, "depuis": _iso(suite[-1].at), "texte": suite[0].text.partition("Arrêt")[2]}


def _etat_demarche(atelier: Atelier, numero: int, now: datetime) -> dict[str, Any]:
    suivi, ledger = atelier.base.suivi, atelier.base.ledger
    filigrane, absents = atelier.base.dossiers.watermark(numero), suivi.absents(numero)
    comparee = filigrane.comparee if filigrane else None
    commence = suivi.begun(numero)
    voulus = _since_last_pass(suivi, numero, now) - REFUS_VOULUS
    return {
        "numero": numero,
        "alerte": _alerte(suivi, numero),
        "comparee_le": None if comparee is None else _iso(comparee),
        "dossiers": [
            {"etat": c.state.value, "archive": c.archived, "avis": c.avis, "nombre": c.count}
            for c in suivi.counts(numero)
        ],
        "quarantaine": [
            {"dossier": q.number, "cause": q.cause, "essais": q.attempts, "prochain": _iso(q.retry_at)}
            for q in suivi.quarantine(numero)
        ],
        "trous": [
            {"cause": t.cause, "vu_le": _iso(t.seen_at), "fois": t.count}
            for t in suivi.holes(numero, since=now - TROUS_RECENTS)
        ],
        "absents": len(absents),
        "disparus": [
            {"dossier": a.number, "motif": presentation.motif(a.cause), "depuis": _iso(a.since)}
            for a in absents[:ABSENTS_MONTRES]
        ],
        "en_double": [
            f"dossier n° {number} : le message « {reference} » {lecture.EN_DOUBLE}"
            for number, reference in suivi.doubles(numero)
        ],
        "remarques": [presentation.intention_line(i) for i in ledger.remarked(numero, since=now - REMARQUES_RECENTES)],
        "sans_reponse": [presentation.intention_line(i) for i in ledger.unsettled(numero)],
        "refuses": [
            f"{presentation.intention_line(r.intention)} (nouvel essai à partir du {presentation.moment(r.retry_at)})"
            for r in ledger.rejected(numero)
            if (r.intention.sent_at is None or r.intention.sent_at >= voulus)
            and not _superseded(atelier.base, r.intention)
        ],
        "a_un_humain": [presentation.intention_line(i) for i in ledger.handed_to_human(numero)],
        "en_cours_depuis": None if commence is None else _iso(commence),
        "passages": [
            {"le": _iso(r.at), "code": r.exit_code, "texte": r.text} for r in suivi.last_reports(numero, limit=PASSAGES)
        ],
    }


def _superseded(base: Base, refusee: Intention) -> bool:
    """Whether annotations that DS refused were written since, with what is said of the dossier now."""
    suivantes = itertools.dropwhile(
        lambda i: i.fingerprint != refusee.fingerprint, base.ledger.of_dossier(refusee.dossier)
    )
    return refusee.kind == "annotations" and any(
        i.kind == refusee.kind and i.state is EtatIntention.DONE for i in suivantes
    )


def _since_last_pass(suivi: Suivi, numero: int, now: datetime) -> datetime:
    """When the last pass ended; now when there was none."""
    return next((r.at for r in suivi.last_reports(numero, limit=1)), now)


def _iso(moment: datetime) -> str:
    return moment.astimezone(FRANCE).isoformat(timespec="seconds")


def _dit(iso: str) -> str:
    """An instant of `etat`, as a reader expects it."""
    return presentation.moment(datetime.fromisoformat(iso))


def etat_text(found: Mapping[str, Any]) -> str:
    """The same for a reader."""
    pause = found["pause"]
    lines = [f"Mode : {found['mode']}"]
    if pause:
        lines.append(
            f"Envois en pause depuis le {_dit(pause['depuis'])}" + (f" ({pause['raison']})" if pause["raison"] else "")
        )
    for demarche in found["demarches"]:
        lines += ["", f"Démarche {demarche['numero']}", *_demarche_lines(demarche)]
    return "\n".join(lines)


def _demarche_lines(demarche: Mapping[str, Any]) -> list[str]:
    lines = [
        f"  {presentation.compte(d['nombre'], d['etat'], archive=d['archive'])} : {d['avis'] or 'pas encore examiné'}"
        for d in demarche["dossiers"]
    ] or ["  aucun dossier lu pour l’instant"]
    if demarche["alerte"]:
        lines.insert(
            0,
            f"  ⚠ Arrêt (code {demarche['alerte']['code']}) depuis le {_dit(demarche['alerte']['depuis'])} "
            f"{demarche['alerte']['texte'].strip()}",
        )
    if demarche["en_cours_depuis"]:
        lines.insert(
            0,
            f"  ⚠ Le passage commencé le {_dit(demarche['en_cours_depuis'])} n’est pas fini : ce qui suit est "
            "incomplet. S’il a été tué, le prochain le reprendra.",
        )
    if demarche["absents"]:
        disparus = [f"n° {d['dossier']} : {d['motif']}, depuis le {_dit(d['depuis'])}" for d in demarche["disparus"]]
        lines += _section(f"{demarche['absents']} que DS ne montre plus, auxquels rien n’est envoyé", disparus)
    for title, key in (
        ("Messages partis deux fois", "en_double"),
        ("Fait en partie seulement", "remarques"),
        ("Écritures sans réponse, à éclaircir au prochain passage", "sans_reponse"),
        ("Refusé par DS", "refuses"),
        ("À traiter par un agent", "a_un_humain"),
    ):
        lines += _section(title, demarche[key])
    lines += _section(
        "Mis de côté",
        [
            f"dossier n° {q['dossier']} : {q['cause']} (nouvel essai le {_dit(q['prochain'])})"
            for q in demarche["quarantaine"]
        ],
    )
    lines += _section("Que DS n’a pas pu montrer", [f"{t['cause']} ({t['fois']} fois)" for t in demarche["trous"]])
    if demarche["comparee_le"]:
        lines.append(f"  Tous les numéros comparés avec DS le {_dit(demarche['comparee_le'])}")
    return lines + _section(
        "Derniers passages", [f"{_dit(p['le'])} (code {p['code']}) {p['texte']}" for p in demarche["passages"]]
    )


def _section(title: str, entries: Sequence[str]) -> list[str]:
    return [f"  {title} :", *(f"    {entry}" for entry in entries)] if entries else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Commande:
    """An import as the operator asks for it: the file, what it is, the text it comes from, and since when it applies.

    `colonnes` are (our key, title in the file). `forcer` keeps what would be refused.
    """

    fichier: Path
    referentiel: Referentiel
    arrete: str
    date_effet: date
    region: str = ""
    forcer: bool = False
    onglet: str = ""
    colonnes: tuple[tuple[str, str], ...] = ()

    def options(self, base: Base, *, now: datetime) -> OptionsImport:
        """The same for the reader; coverage is measured on the communes in force."""
        from connector.imports.rapport import OptionsImport  # noqa: PLC0415 - heavy

        return OptionsImport(
            arrete=self.arrete,
            date_effet=self.date_effet,
            importe_le=now,
            region=_region(self.region),
            referentiel=base.referentiels.communes(now.astimezone(FRANCE).date()),
            onglet=self.onglet,
            colonnes=self.colonnes,
            forcer=self.forcer,
        )


def _region(texte: str) -> str:
    """The region's code as the INSEE writes it; OperatorError for one that does not exist."""
    from connector.core.cles import code_region  # noqa: PLC0415 - only an import needs it

    code = code_region(texte) if texte else ""
    if code is None:
        raise OperatorError(
            f"région inconnue : « {texte} ».", hint="Donnez le code INSEE de la région (24 pour Centre-Val de Loire)."
        )
    return code


def importer(
    base: Base, commande: Commande, *, now: datetime, dire: Callable[[str], None]
) -> tuple[RapportImport, bool]:
    """Read a referential and keep it as a new version, whole or not at all: its report, and whether anything is new.

    OperatorError (`ImportRefuse`, with the report) when the file should not be trusted; `dire` hears of the progress.
    """
    options = commande.options(base, now=now)
    dire(f"Lecture de {commande.fichier.name}…")
    rapport, garder = _lire(base, commande, options)
    dire(f"Enregistrement de {pluriel(rapport.lignes_gardees, 'ligne')}…")
    return rapport, garder()


def _lire(base: Base, commande: Commande, options: OptionsImport) -> tuple[RapportImport, Callable[[], bool]]:
    """The file's report, and what keeps its rows."""
    from connector.imports import communes, qpv, zonage  # noqa: PLC0415 - heavy

    keep = base.referentiels
    match commande.referentiel:
        case Referentiel.COMMUNES:
            lues = communes.import_communes(commande.fichier, options)
            return lues.rapport, lambda: keep.save_communes(lues.version, lues.communes)
        case Referentiel.ZONAGE:
            zones = zonage.import_zonage(commande.fichier, options)
            return zones.rapport, lambda: keep.save_zonage(zones.version, zones.communes, zones.quartiers)
        case Referentiel.QPV:
            lus = qpv.import_qpv(commande.fichier, options)
            return lus.rapport, lambda: keep.save_qpv(lus.version, lus.quartiers)


def referentiels(base: Base, *, aujourd_hui: date) -> str:
    """Every version imported: its number, the text, since when it applies, and whether it is in force."""
    en_vigueur = {v for genre in Referentiel for v in base.referentiels.en_vigueur(genre, aujourd_hui)}
    gardees = base.referentiels.catalogue()
    lines = []
    for genre in Referentiel:
        lines += [f"{TITRES[genre]} :"] if any(g.version.referentiel is genre for g in gardees) else []
        for gardee in gardees:
            if gardee.version.referentiel is genre:
                lines.append(f"  {_version_line(gardee, aujourd_hui, en_vigueur)}")
    return "\n".join(lines) or "Aucun référentiel importé."


TITRES = {
    Referentiel.COMMUNES: "Communes",
    Referentiel.ZONAGE: "Zonage des médecins",
    Referentiel.QPV: "Quartiers prioritaires",
}


def _version_line(gardee: VersionGardee, aujourd_hui: date, en_vigueur: Collection[Version]) -> str:
    version = gardee.version
    if gardee.retiree_le is not None:
        etat = f"retirée le {gardee.retiree_le.astimezone(FRANCE):%d/%m/%Y}"
    elif version in en_vigueur:
        etat = "en vigueur"
    else:
        etat = "à venir" if version.date_effet > aujourd_hui else "remplacée"
    region = f", région {version.region}" if version.region else ""
    importee = f"importée le {version.importe_le.astimezone(FRANCE):%d/%m/%Y}"
    lignes = pluriel(version.lignes, "ligne")
    return f"n° {gardee.numero} : {version.intitule}{region} ; {lignes}, {importee} — {etat}"


def retirer(base: Base, numero: int, *, now: datetime) -> str:
    """Take back a version imported by mistake; the sentence that says so."""
    version = base.referentiels.withdraw(numero, now=now)
    if version is None:
        raise OperatorError(
            f"aucune version n° {numero} à retirer.", hint="« connector import liste » donne les numéros."
        )
    return f"Version n° {numero} retirée : {version.intitule}. Ce qu’elle a fait dire reste consultable."
