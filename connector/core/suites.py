"""What is told of an accepted dossier's post: to instructors in its annotations and labels, once to the hospital.

Nothing is told of a post of which nothing is to be said: the annotations then stay what they were on the day of the
decision. What an agent typed is told as it is now; what the hospital was told is never told a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from connector.core import courrier, empreintes, motivation
from connector.core.candidature import Candidature, Manquant, Masque
from connector.core.chiffrage import Chiffrage, Parametres, en_retard, fin_financee
from connector.core.courrier import EVENEMENTS, Auteur, Brouillon, Faits, PosteDit
from connector.core.decide import Etiquettes
from connector.core.model import Dossier, DossierState
from connector.core.montants import jour
from connector.core.plan import ValeurAnnotation
from connector.core.poste import Evenement, Poste, Sortie, Titulaire
from connector.core.projet import Projet
from connector.core.regles.remplacement import changements
from connector.core.situation import Relais, Situation
from connector.core.textes import typographier

LABELS = ("desistement", "report")
"""Keys of the labels that an event calls for."""

ANNOTATIONS = frozenset({"synthese", "points_a_verifier", "cout", "pet_montant", "pet_statut"})
"""Keys of the annotations that an event changes; the others stay what they were on the day of the decision."""

RECENT = timedelta(days=30)
"""How long after an event its message still makes sense."""

DEJA_ECRIT = timedelta(days=2)
"""How long before an event is typed an agent's message may already have spoken of it."""

_UN_JOUR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What is to be told of an accepted dossier; `synthese` "" when nothing is.

    `points` are what an agent should look at, `labels` the keys that the post calls for. `modele` names the message
    that the hospital deserves, "" for none, for what happened on `depuis`. `a_revoir_le` is the day when time alone
    will have changed what is told.
    """

    synthese: str = ""
    points: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()
    modele: str = ""
    faits: Faits = field(default_factory=Faits)
    depuis: date | None = None
    a_revoir_le: date | None = None

    @property
    def etiquettes(self) -> Etiquettes | None:
        """The labels that the post may change; None where nothing is to be told of it."""
        return Etiquettes(cles=LABELS, voulues=self.labels) if self.synthese else None

    def restreint(self, voulues: Mapping[str, ValeurAnnotation]) -> dict[str, ValeurAnnotation]:
        """Those of the annotations that may be written: all of them where no post is told."""
        return {cle: valeur for cle, valeur in voulues.items() if not self.synthese or cle in ANNOTATIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexte:
    """What a post is told from; `depuis` is the day on which the service started, None when it is not said."""

    dossier: Dossier
    candidature: Candidature
    projet: Projet
    situation: Situation
    chiffrage: Chiffrage
    parametres: Parametres
    aujourd_hui: date
    depuis: date | None = None

    def jusqu_au(self, poste: Poste) -> str:
        """« poste financé jusqu'au 31/10/2025 »."""
        return f"poste financé jusqu'au {jour(self.fin(poste) - _UN_JOUR)}"

    def fin(self, poste: Poste) -> date:
        """First day after the funded months."""
        return fin_financee(poste, self.parametres.cout)


def suite(c: Contexte) -> Suite:
    """What is to be told of that dossier; nothing of one that was not accepted."""
    if c.candidature.etat is not DossierState.ACCEPTE:
        return Suite()
    poste = c.situation.poste
    if poste is None:
        return _sans_poste(c)
    titulaire = next(t for t in poste.titulaires if t.dossier == c.projet.dossier)
    found = _dite(c, poste, titulaire)
    if not found.synthese and not c.situation.registre:
        return found
    return replace(
        found,
        synthese=typographier(found.synthese or "POSTE ACCORDÉ · registre des postes à vérifier"),
        points=tuple(typographier(p) for p in (*_avertis(c, titulaire), *found.points)),
    )


def _sans_poste(c: Contexte) -> Suite:
    """An acceptance that the register could not take in; a granted report has no post of its own."""
    if not c.situation.registre:
        return Suite()
    return Suite(synthese="ACCEPTÉ · registre des postes à vérifier", points=(typographier(c.situation.registre),))


def _avertis(c: Contexte, titulaire: Titulaire) -> Iterator[str]:
    """What comes first: what the register could not take in, and a correction that the hospital does not know of."""
    if c.situation.registre:
        yield c.situation.registre
    corrige_le = titulaire.fait.corrige_le if titulaire.fait else None
    if corrige_le is not None and _ignore(c.dossier, corrige_le):
        yield (
            f"L'événement a été corrigé ou effacé le {jour(corrige_le)}, après notre message à l'établissement : lui "
            "écrire (le connecteur n'envoie pas deux fois le même message)."
        )


def _ignore(dossier: Dossier, corrige_le: date) -> bool:
    """Whether the hospital was told what was corrected that day, and no agent has written since."""
    siennes = {brouillon(dossier, modele, Faits()).reference for modele in EVENEMENTS}
    dits = (m for m in dossier.messages if m.reference in siennes and m.discarded_at is None)
    ecrits = (m for m in dossier.messages if courrier.auteur(m, dossier) is Auteur.AGENT)
    return any(m.created_at.date() <= corrige_le for m in dits) and not any(
        m.created_at.date() >= corrige_le for m in ecrits
    )


def _dite(c: Contexte, poste: Poste, titulaire: Titulaire) -> Suite:
    """What became of that holder."""
    if titulaire.sortie is Sortie.DESISTEMENT:
        return _desistement(c, poste, titulaire)
    if titulaire.sortie is Sortie.FIN:
        return _fin(c, poste, titulaire)
    if titulaire.prise_de_fonction_le is not None:
        return _pourvu(c, poste, titulaire)
    return _attendu(c, poste, titulaire)


# --- withdrawn --------------------------------------------------------------------------------------------------------


def _desistement(c: Contexte, poste: Poste, titulaire: Titulaire) -> Suite:
    le = titulaire.sorti_le or c.aujourd_hui
    quand = f"DÉSISTEMENT le {jour(le)}"
    labels = frozenset({"desistement"})
    if poste.titulaire is not titulaire:
        return Suite(synthese=f"{quand} · poste repris par le dossier n° {poste.titulaire.dossier}", labels=labels)
    return Suite(
        synthese=f"{quand} · poste libéré · {_releve(c.situation.relais)}",
        points=(_a_decider(c.situation.relais),),
        labels=labels,
        modele="desistement",
        faits=Faits(date_evenement=le, poste=poste_dit(c, poste)),
        depuis=_saisi_le(titulaire),
    )


def _releve(relais: Relais | None) -> str:
    if relais is not None and relais.remplacant is not None:
        return f"remplacement à l'examen : dossier n° {relais.remplacant}"
    if relais is not None and relais.premier is not None:
        return f"1er de la liste d'attente : dossier n° {relais.premier}{_au_rang(relais)}"
    return "personne à appeler de la liste d'attente"


def _au_rang(relais: Relais) -> str:
    return "" if relais.rang is None else f" (rang {relais.rang})"


def _a_decider(relais: Relais | None) -> str:
    if relais is not None and relais.remplacant is not None:
        return (
            f"Poste libéré : l'établissement propose un remplaçant (dossier n° {relais.remplacant}) ; un remplacement "
            "ne prend pas de nouvelle place (cahier des charges, § 5)."
        )
    ensuite = (
        f"Le premier de la liste d'attente est le dossier n° {relais.premier}{_au_rang(relais)} : à l'ARS de décider."
        if relais is not None and relais.premier is not None
        else "Aucun dossier de la liste d'attente n'est à appeler : personne n'attend, ou plus de place au quota."
    )
    return f"Poste libéré : l'établissement peut proposer un remplaçant (cahier des charges, § 5). {ensuite}"


# --- held, over -------------------------------------------------------------------------------------------------------


def _pourvu(c: Contexte, poste: Poste, titulaire: Titulaire) -> Suite:
    le = titulaire.prise_de_fonction_le
    fin = c.fin(poste)
    if c.aujourd_hui >= fin:
        synthese = f"POSTE ARRIVÉ À SON TERME le {jour(fin - _UN_JOUR)} · {_devenir(c)}"
        return Suite(synthese=synthese, points=_demander_le_devenir(c), labels=_du_report(poste))
    retard = en_retard(poste, c.parametres.retard_tolere)
    return Suite(
        synthese=" · ".join(_dit_le_poste(c, poste, titulaire, retard=retard)),
        points=(_non_signale(poste),) if retard else (),
        labels=_du_report(poste),
        modele="prise_de_fonction",
        faits=Faits(date_evenement=le, ancienne_date=poste.debut if retard else None, poste=poste_dit(c, poste)),
        depuis=_saisi_le(titulaire),
        a_revoir_le=fin,
    )


def _dit_le_poste(c: Contexte, poste: Poste, titulaire: Titulaire, *, retard: bool) -> Iterator[str]:
    yield "POURVU"
    yield f"prise de fonction le {jour(titulaire.prise_de_fonction_le or poste.debut)}"
    if retard:
        yield f"prévue le {jour(poste.debut)}, sans report accordé : financement à décider"
    else:
        yield c.jusqu_au(poste)


def _non_signale(poste: Poste) -> str:
    return (
        f"La prise de fonction était prévue le {jour(poste.debut)} et aucun report n'a été accordé : à défaut d'en "
        "avoir informé l'ARS aussitôt, il n'y a pas de financement (cahier des charges, § 5). Si un report avait été "
        "accordé, saisir « Report accordé » et sa date, puis, au passage suivant, de nouveau la prise de fonction."
    )


def _fin(c: Contexte, poste: Poste, titulaire: Titulaire) -> Suite:
    le = titulaire.sorti_le or c.aujourd_hui
    repris = poste.titulaire is not titulaire
    suite = f" · poste repris par le dossier n° {poste.titulaire.dossier}" if repris else ""
    return Suite(
        synthese=f"FIN ANTICIPÉE le {jour(le)}{suite} · {_devenir(c)}",
        points=_demander_le_devenir(c),
        labels=frozenset() if repris else _du_report(poste),
        modele="" if repris else "fin",
        faits=Faits(date_evenement=le, poste=poste_dit(c, poste)),
        depuis=_saisi_le(titulaire),
    )


def _devenir(c: Contexte) -> str:
    connu = c.candidature.connu("devenir", str)
    return f"devenir : {connu.lower()}" if connu else "devenir à renseigner"


def _demander_le_devenir(c: Contexte) -> tuple[str, ...]:
    lu = c.candidature.champ("devenir")
    if not isinstance(lu.lecture, Manquant):
        return ()
    return (f"Renseigner « {lu.libelle} » : le bilan de la campagne en dépend.",)


# --- awaited ----------------------------------------------------------------------------------------------------------


def _attendu(c: Contexte, poste: Poste, titulaire: Titulaire) -> Suite:
    """A post that waits for its holder: nothing is told of it until something happened, or should have."""
    limite = poste.debut + timedelta(days=c.parametres.retard_tolere)
    tardif = c.aujourd_hui > limite and _suivi(c, titulaire)
    typee = titulaire.fait.evenement if titulaire.fait else None
    repris = len(poste.titulaires) > 1
    a_dire = tardif or repris or titulaire.fait is not None or bool(poste.reports_du_titulaire)
    revoir = None if c.aujourd_hui > limite else limite + _UN_JOUR
    if not a_dire:
        return Suite(a_revoir_le=revoir)
    ecarts = tuple(_ecarts(c)) if repris else ()
    dite = Suite(
        synthese=" · ".join(_dit_l_attente(c, poste, typee, tardif=tardif)),
        points=(*_points_de_l_attente(poste, typee, tardif=tardif), *ecarts),
        labels=_du_report(poste),
        a_revoir_le=revoir,
    )
    if typee is Evenement.REPORT_ACCORDE:
        faits = Faits(
            decision="accordé", ancienne_date=poste.debut_prevu, nouvelle_date=poste.debut, poste=poste_dit(c, poste)
        )
        return replace(dite, modele="report", faits=faits, depuis=_saisi_le(titulaire))
    if repris and titulaire.fait is None:
        faits = Faits(poste=poste_dit(c, poste), lie=poste.titulaires[-2].dossier, ecarts=ecarts)
        return replace(dite, modele="remplacement", faits=faits, depuis=titulaire.accepte_le)
    return dite


def _ecarts(c: Contexte) -> Iterator[str]:
    """What the replacement changes in the project of the post, as far as the dossier given up is known here."""
    if c.situation.remplace is not None:
        yield from map(typographier, changements(c.situation.remplace, c.projet))


def _suivi(c: Contexte, titulaire: Titulaire) -> bool:
    """Whether its start is ours to ask for: events are typed in this form, and it was accepted since we are at work."""
    if isinstance(c.candidature.champ("evenement").lecture, Masque):
        return False
    return titulaire.fait is not None or (c.depuis is not None and titulaire.accepte_le >= c.depuis)


def _dit_l_attente(c: Contexte, poste: Poste, typee: Evenement | None, *, tardif: bool) -> Iterator[str]:
    if tardif:
        yield "PRISE DE FONCTION À CONSTATER"
    elif poste.reports_du_titulaire:
        yield "REPORT ACCORDÉ"
    elif typee is Evenement.REPORT_REFUSE:
        yield "REPORT REFUSÉ"
    else:
        yield "POSTE ACCORDÉ"
    avant = f" au lieu du {jour(poste.debut_prevu)}" if poste.reports_du_titulaire else ""
    yield f"prise de fonction {'prévue' if tardif else 'attendue'} le {jour(poste.debut)}{avant}"
    if len(poste.titulaires) > 1:
        yield f"poste repris du dossier n° {poste.titulaires[-2].dossier}"
    yield c.jusqu_au(poste)


def _points_de_l_attente(poste: Poste, typee: Evenement | None, *, tardif: bool) -> Iterator[str]:
    if tardif:
        yield (
            f"La prise de fonction était prévue le {jour(poste.debut)} : saisir « Prise de fonction constatée », "
            "« Report accordé » ou « Désistement », avec sa date. À défaut d'information sur un report, il n'y a pas "
            "de financement (cahier des charges, § 5)."
        )
    if typee is Evenement.REPORT_REFUSE:
        yield (
            f"Report refusé : la prise de fonction reste prévue le {jour(poste.debut)}. Écrire à l'établissement, avec "
            "le motif : le connecteur n'annonce pas un refus."
        )


def _du_report(poste: Poste) -> frozenset[str]:
    return frozenset({"report"} if poste.reports_du_titulaire else ())


# --- the message -----------------------------------------------------------------------------------------------------


def _saisi_le(titulaire: Titulaire) -> date | None:
    return titulaire.fait.saisi_le if titulaire.fait else None


def poste_dit(c: Contexte, poste: Poste) -> PosteDit:
    """The post as a message tells it, by the register's dates; its last funded day as `fin`."""
    dit = motivation.poste_dit(c.candidature, c.projet, c.chiffrage)
    return replace(dit, debut=poste.debut, fin=c.fin(poste) - _UN_JOUR)


def brouillon(dossier: Dossier, modele: str, faits: Faits, reserve: str = "") -> Brouillon:
    """The message that tells an event: the same for the same kind of event, whatever was corrected since."""
    fingerprint = empreintes.of(dossier.number, "evenement", modele)
    return Brouillon(
        template=modele,
        constats=(),
        correction=None,
        fingerprint=fingerprint,
        reference=empreintes.reference(dossier.number, fingerprint),
        faits=faits,
        reserve=reserve,
    )


def imaginer(dossier: Dossier, suite: Suite, modele: str) -> Brouillon | None:
    """What that template tells of what became of the post; None when nothing of the kind happened."""
    return brouillon(dossier, modele, suite.faits) if suite.modele == modele else None


def annonce(dossier: Dossier, suite: Suite, aujourd_hui: date) -> Brouillon | None:
    """The message that the hospital deserves now, None for none: an event long past is old news.

    Where an agent has just written, it waits for one to look: the hospital may know already.
    """
    if not suite.modele or suite.depuis is None or aujourd_hui - suite.depuis > RECENT:
        return None
    d_agents = (m for m in dossier.messages if courrier.auteur(m, dossier) is Auteur.AGENT)
    deja = any(m.created_at.date() >= suite.depuis - DEJA_ECRIT for m in d_agents)
    return brouillon(dossier, suite.modele, suite.faits, "un agent vient d’écrire à l’établissement" if deja else "")
