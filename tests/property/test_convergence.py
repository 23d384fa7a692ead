"""Whatever people, another connector, networks, clocks and deaths do in any order, the cycle comes to the wanted rest.

`Vies` plays long random lives on the server of tests/fakes.py with the real store on a real file;
test_convergence_http.py plays shorter ones over real HTTP.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from connector import cycle, store
from connector.core import empreintes
from connector.core.envoi_valide import LIBRE
from connector.core.model import DossierState, Groupe, Profil, VirusScan
from connector.core.plan import EnvoyerMessage, EtatIntention, Recu
from connector.core.politique import Relances
from connector.errors import (
    AccessDenied,
    ConnectorError,
    ContractBroken,
    DossierError,
    RetryableError,
    StoreError,
)
from connector.ports import Bord, Consigne, Passage
from tests.fakes import (
    AGENT,
    AGIR,
    COMPLET,
    CONNECTEUR,
    CONTROLE,
    CORRESPONDANCE,
    CV,
    DEPART,
    ENVOI,
    GROUPE,
    MANQUE,
    MANUEL,
    NOTE,
    NUMERO,
    PARIS,
    POINTS,
    PROPOSE,
    REGLES,
    SPECIALITE,
    SYNTHESE,
    USAGER,
    VERSION,
    Horloge,
    Mort,
    Panne,
    Serveur,
    Sort,
    rediger,
    un_dossier,
    une_piece,
    une_revision,
)

MEMOIRE = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # a real file, on a disk that does not spin
OUVERTES = {EtatIntention.SENDING, EtatIntention.UNKNOWN}
TRANQUILLE = {"messages", "transitions", "annotations", "labels"}
LOIRE = Groupe(
    id="G-2",
    number=2,
    label="Cher",
    instructeurs=(Profil(id="I2-agent", email=AGENT), Profil(id="I2-connecteur", email=CONNECTEUR)),
)


RELANCES = Relances(actives=True, premiere=1, seconde=1, sans_suite=1, apres_agent=1, apres_annonce=1)


def sans_nous(groupe: Groupe) -> Groupe:
    """The group once our instructeur has been removed from it."""
    return replace(groupe, instructeurs=tuple(i for i in groupe.instructeurs if i.email != CONNECTEUR))


class Ds(Serveur):
    """The server of the fakes, whose scripted failures of reading may let some reads through (None).

    `dits` is what our messages really told: the dossier, the template, the finding, the deposit round.
    """

    def __init__(self, *arguments, **details) -> None:
        super().__init__(*arguments, **details)
        self.dits: list[tuple[object, ...]] = []

    def _applique_message(self, number: int, action: EnvoyerMessage) -> Recu:
        self.dits += [(number, action.template, regle, action.tour) for regle in action.constats]
        return super()._applique_message(number, action)

    def _lit(self, quoi: str) -> None:
        if self.lectures_en_panne and self.lectures_en_panne[0] is None:
            self.lectures_en_panne.popleft()
            self._arrive()
            self._note(quoi)
            return
        super()._lit(quoi)


class Mortel:
    """A port of the store whose process may die before or after each commit."""

    ECRIT = frozenset(
        {"save_page", "save_evaluations", "save_demarche", "mark_absent", "quarantine", "save_report", "open", "close"}
    )

    def __init__(self, port, sort: Sort) -> None:
        self._port, self._sort = port, sort

    def __getattr__(self, name):
        found = getattr(self._port, name)
        if name not in self.ECRIT:
            return found

        def commit(*arguments, **details):
            self._sort.touche(name)
            done = found(*arguments, **details)
            self._sort.touche(f"{name} done")
            return done

        return commit


class Poste:
    """One host with a database of its own: the program, from start to death or to the end of a cycle."""

    def __init__(self, dossier: Path, serveur: Serveur, sort: Sort, horloge: Horloge) -> None:
        self.chemin = dossier / "base.sqlite"
        self.copie = dossier / "copie.sqlite"
        self.serveur, self.sort, self.horloge = serveur, sort, horloge
        self.version, self.pause = "2026.1", False
        self._ouverte, self.base = ExitStack(), None
        self.ouvre()

    def ouvre(self) -> None:
        """Start the program: open its database."""
        self.ferme()
        self.base = self._ouverte.enter_context(store.ouvrir(self.chemin))

    def ferme(self) -> None:
        """End it."""
        self._ouverte.close()

    def sauve(self) -> None:
        """Keep a copy of the database, as a backup does."""
        self.ferme()
        shutil.copy(self.chemin, self.copie)
        self.ouvre()

    def restaure(self) -> None:
        """Come back to the last copy, or to nothing."""
        self.ferme()
        for file in self.chemin.parent.glob("base.sqlite*"):
            file.unlink()
        if self.copie.exists():
            shutil.copy(self.copie, self.chemin)
        self.ouvre()

    def attendre(self, seconds: float) -> bool:
        """Sleep on the tests' clock."""
        self.horloge.avance(seconds=seconds)
        return False

    def passage(self, *, complet: bool = False) -> Passage:
        """One cycle, ready to run; `complet` compares every number with DS."""
        politique = replace(AGIR, par_dossier_par_jour=30, relances=RELANCES)
        bord = Bord(
            gateway=self.serveur,
            dossiers=Mortel(self.base.dossiers, self.sort),
            ledger=Mortel(self.base.ledger, self.sort),
            rediger=rediger,
            now=lambda: self.horloge.now,
            aujourd_hui=lambda: self.horloge.now.astimezone(PARIS).date(),
            attendre=self.attendre,
        )
        consigne = Consigne(
            demarche=NUMERO,
            correspondance=CORRESPONDANCE,
            regles=REGLES,
            version=self.version,
            politique=politique,
            empreinte=empreintes.of(REGLES, self.version, politique),
        )
        return Passage(bord=bord, consigne=consigne, complet=complet)


RATES = st.sampled_from([Panne.AUCUNE, *Panne])
LECTURES = st.sampled_from(
    [
        None,
        None,
        RetryableError("DS ne répond pas.", reached=False),
        RetryableError("trop de requêtes.", retry_after=30),
        ContractBroken("DS a répondu par une page HTML."),
        AccessDenied("jeton refusé."),
        DossierError("le dossier est illisible."),
    ]
)
QUI = st.integers(0, 4)
PANNES = {"pannes": st.lists(RATES, max_size=5), "lectures": st.lists(LECTURES, max_size=3)}
TARD = timedelta(minutes=5)
"""How late a transaction may commit (contract §3.5)."""

HOTE = st.sampled_from([0, 0, 0, 1])
ETATS = st.sampled_from(
    [
        (DossierState.EN_INSTRUCTION, "passe_en_instruction"),
        (DossierState.EN_CONSTRUCTION, "repasse_en_construction"),
        (DossierState.ACCEPTE, "accepte"),
        (DossierState.EN_INSTRUCTION, "repasse_en_instruction"),
    ]
)
DEPUIS = {
    "passe_en_instruction": {DossierState.EN_CONSTRUCTION},
    "repasse_en_construction": {DossierState.EN_INSTRUCTION},
    "accepte": {DossierState.EN_INSTRUCTION},
    "repasse_en_instruction": {DossierState.ACCEPTE},
}
"""The states from which DS lets an agent make each move."""


@dataclass
class Compteur:
    """How much was really tried."""

    vies: int = 0
    pas: int = 0
    passages: int = 0
    morts: int = 0
    faits: Counter = field(default_factory=Counter)

    def __str__(self) -> str:
        details = ", ".join(f"{n} {name}" for name, n in sorted(self.faits.items()))
        return f"{self.vies} lives, {self.pas} steps, {self.passages} cycles, {self.morts} deaths ({details})"


class Vies(RuleBasedStateMachine):
    """Several dossiers, their people, two connectors with a database each, and all that can go wrong."""

    compteur = Compteur()

    def __init__(self) -> None:
        super().__init__()
        self.compteur.vies += 1
        self.horloge, self.sort = Horloge(DEPART + timedelta(days=30)), Sort()
        self.serveur = Ds(self.horloge, self.sort, par_page=2)
        self.dossier = Path(tempfile.mkdtemp(dir=MEMOIRE))
        self.postes = []
        for nom in ("premier", "second"):
            (self.dossier / nom).mkdir()
            self.postes.append(Poste(self.dossier / nom, self.serveur, self.sort, self.horloge))
        self.notes: dict[int, object] = {}
        self.tapees: set[int] = set()
        self.textes: dict[int, str] = {}
        self.coches: Counter[int] = Counter()
        self.sauts = 0
        self.revisions = 1
        for number, champs in ((100, un_dossier().champs), (101, sans_cv())):
            self.serveur.usager_depose(number, champs=champs)

    def fait(self, quoi: str) -> None:
        """Count one step; a second goes by, for DS dates to the second."""
        self.compteur.pas += 1
        self.compteur.faits[quoi] += 1
        self.horloge.avance(seconds=1.5)

    def numero(self, qui: int) -> int:
        """One of the dossiers."""
        numbers = sorted(self.serveur.lignes)
        return numbers[qui % len(numbers)]

    def vu(self, number: int):
        """A dossier as it stands on the server."""
        return self.serveur.lignes[number].dossier

    # what usagers do

    @precondition(lambda self: len(self.serveur.lignes) < 5)
    @rule(complet=st.booleans(), retard=st.integers(0, 299) | st.sampled_from([600, 7_200]))
    def usager_depose(self, complet, retard):
        """File, the transaction committing up to five minutes late, or as late as DS never should."""
        self.fait("deposits")
        champs = un_dossier().champs if complet else sans_cv()
        self.serveur.usager_depose(100 + len(self.serveur.lignes), champs=champs, retard=timedelta(seconds=retard))

    @rule(
        qui=QUI, cv=st.sampled_from([None, "cv.pdf", "autre.pdf"]), specialite=st.sampled_from(["", "ORL", "Urologie"])
    )
    def usager_corrige(self, qui, cv, specialite):
        """Submit changes."""
        self.fait("corrections")
        number = self.numero(qui)
        if self.vu(number).state is DossierState.EN_CONSTRUCTION:
            self.serveur.usager_corrige(number, cv=cv and une_piece(cv), specialite=specialite or None)

    @rule(qui=QUI, annonce=st.booleans())
    def usager_ecrit(self, qui, annonce):
        """Write to the administration, a question or an announcement."""
        self.fait("messages of people")
        texte = "Nous vous enverrons le CV." if annonce else "Bonjour, où en est notre dossier ?"
        self.serveur.agent_ecrit(self.numero(qui), texte, email=USAGER, annonce=annonce)

    @rule(qui=QUI)
    def supprime_ou_restaure(self, qui):
        """Put a dossier in the bin, or take it out."""
        self.fait("bins")
        number = self.numero(qui)
        (self.serveur.restaure if self.serveur.lignes[number].cache else self.serveur.cache)(number)

    # what instructeurs do

    @rule(
        qui=QUI,
        annotation=st.sampled_from([NOTE, SYNTHESE, POINTS, VERSION]),
        valeur=st.sampled_from(["vu", "", "à moi"]),
    )
    def instructeur_annote(self, qui, annotation, valeur):
        """Type in an annotation."""
        self.fait("annotations of people")
        number = self.numero(qui)
        self.serveur.agent_annote(number, annotation, valeur)
        if annotation == NOTE:
            self.notes[number] = valeur
        else:
            self.tapees.add(number)

    @rule(qui=QUI, texte=st.sampled_from([None, "", "Bonjour, appelez-nous.", "edite"]))
    def instructeur_retouche(self, qui, texte):
        """Take « Message proposé » away, edit it, write one's own."""
        self.fait("drafts of people")
        number = self.numero(qui)
        if texte == "edite":
            texte = f"Chers collègues,\n{annotation(self.vu(number), PROPOSE) or ''}"
        if texte is not None:
            self.serveur.agent_annote(number, PROPOSE, texte)
            self.textes[number] = texte
            self.tapees.add(number)  # a database lost since cannot tell what else was typed at that moment

    @rule(qui=QUI, coche=st.sampled_from([True, True, False]))
    def instructeur_valide(self, qui, coche):
        """Tick « Envoi validé », or untick it."""
        self.fait("ticks")
        number = self.numero(qui)
        self.serveur.agent_annote(number, ENVOI, coche)
        self.tapees.add(number)
        self.coches[number] += coche

    @rule(qui=QUI)
    def instructeur_ecrit(self, qui):
        """Write to the usager by hand."""
        self.fait("messages of people")
        self.serveur.agent_ecrit(self.numero(qui))

    @rule(qui=QUI, vers=ETATS)
    def instructeur_decide(self, qui, vers):
        """Change the state by hand, as DS allows it."""
        self.fait("decisions")
        number, (state, event) = self.numero(qui), vers
        if self.vu(number).state in DEPUIS[event]:
            self.serveur.agent_change_etat(number, state, event)

    @rule(qui=QUI, groupe=st.sampled_from([GROUPE, LOIRE, sans_nous(GROUPE)]))
    def instructeur_change_groupe(self, qui, groupe):
        """Send the dossier to another group, of which we may not be."""
        self.fait("groups")
        self.serveur.change(self.numero(qui), groupe=groupe)

    @rule(qui=QUI, labels=st.lists(st.sampled_from([COMPLET, MANQUE, MANUEL]), unique=True, max_size=2))
    def instructeur_etiquette(self, qui, labels):
        """Set the labels."""
        self.fait("labels of people")
        self.serveur.agent_etiquette(self.numero(qui), *labels)

    @rule(qui=QUI)
    def antivirus_hesite(self, qui):
        """A file awaits the antivirus, then not; no date moves."""
        self.fait("antivirus")
        ligne = self.serveur.lignes[self.numero(qui)]
        champs = ligne.dossier.champs
        verdict = VirusScan.SAFE if any(_en_attente(c) for c in champs) else VirusScan.PENDING
        champs = tuple(
            replace(c, value=une_piece(virus_scan=verdict)) if c.id == CV and c.value is not None else c for c in champs
        )
        self.serveur.change(ligne.dossier.number, champs=champs)

    # what else moves

    @rule()
    def administration_publie_revision(self):
        """Publish the form again."""
        self.fait("revisions")
        self.revisions += 1
        self.serveur.publie_revision(une_revision(f"R-{self.revisions}", self.serveur.maintenant))

    @rule()
    def operateur_change_les_regles(self):
        """Both hosts get the same new rules."""
        self.fait("new rules")
        for poste in self.postes:
            poste.version = f"2026.{self.compteur.pas}"

    @rule(hote=st.integers(0, 1), quoi=st.sampled_from(["sauve", "restaure", "ouvre"]))
    def operateur_sauve_ou_restaure(self, hote, quoi):
        """Keep a copy of a database, come back to it (or to nothing), or restart."""
        self.fait("databases lost, saved, restored")
        getattr(self.postes[hote], quoi)()

    @rule(qui=QUI)
    def ds_montre_mal(self, qui):
        """A dossier that DS cannot show, or can again."""
        self.fait("unreadable dossiers")
        ligne = self.serveur.lignes[self.numero(qui)]
        ligne.illisible = not ligne.illisible
        self.serveur.change(ligne.dossier.number)

    @rule(seconds=st.sampled_from([1, 20, 61, 301, 3_600, 90_000]))
    def attend(self, seconds):
        """Let time go by."""
        self.fait("waits")
        self.horloge.avance(seconds=seconds)

    @rule(seconds=st.sampled_from([-7_200, -90, 90, 7_200]))
    def horloge_saute(self, seconds):
        """Our clock jumps; DS's does not."""
        self.fait("clock jumps")
        self.sauts += 1
        self.horloge.avance(seconds=seconds)
        self.serveur.decalage -= timedelta(seconds=seconds)

    @rule(hote=HOTE, **PANNES)
    def passe(self, hote, pannes, lectures):
        """One cycle, with those mishaps."""
        self.fait("cycles with faults")
        self.serveur.pannes.clear()
        self.serveur.pannes.extend(pannes)
        self.serveur.lectures_en_panne.clear()
        self.serveur.lectures_en_panne.extend(lectures)
        self._passe(self.postes[hote])
        self.serveur.pannes.clear()
        self.serveur.lectures_en_panne.clear()

    @rule(hote=HOTE, complet=st.booleans())
    def passe_bien(self, hote, complet):
        """One cycle, undisturbed, the nightly one or not."""
        self.fait("quiet cycles")
        self._passe(self.postes[hote], complet=complet)

    @rule(hote=HOTE, instant=st.integers(0, 60), panne=RATES, rang=st.integers(0, 4))
    def passe_et_meurt(self, hote, instant, panne, rang):
        """One cycle, killed at that instant, one of its writes going wrong."""
        self.fait("cycles killed")
        self.serveur.pannes.extend((*(Panne.AUCUNE,) * rang, panne))
        self._passe(self.postes[hote], instant)
        self.serveur.pannes.clear()

    def _passe(self, poste: Poste, mort: int | None = None, *, complet: bool = False) -> None:
        self.compteur.passages += 1
        self.horloge.avance(seconds=61)  # who typed within the same minute cannot be told once a database is lost
        self.sort.fatale = None if mort is None else len(self.sort.touches) + mort
        try:
            cycle.run(poste.passage(complet=complet))
        except Mort:
            self.compteur.morts += 1
            poste.ouvre()
        except StoreError:
            raise
        except ConnectorError:
            pass  # the next cycle resumes
        finally:
            self.sort.fatale = None

    # what must hold

    @invariant()
    def no_message_is_there_twice(self):
        """At most one for each fingerprint, whoever sent it."""
        assert [k for k, count in Counter(self.serveur.envois).items() if count > 1] == []

    @invariant()
    def the_watermark_never_passes_a_dossier_that_is_not_stored(self):
        """Whatever is older than what the watermark calls sure is stored as it is, or set aside by name."""
        for poste in self.postes:
            mark = poste.base.dossiers.watermark(NUMERO)
            if mark is None or mark.en_cours or mark.cursor is None:
                continue
            aside = {q.number for q in poste.base.suivi.quarantine(NUMERO)}
            for number, ligne in self.serveur.lignes.items():
                if ligne.cache or ligne.illisible or number in aside or ligne.updated_at >= mark.sur:
                    continue
                if ligne.visible_a > self.serveur.maintenant or ligne.visible_a - ligne.updated_at > TARD:
                    continue  # not committed yet, or far too late: the nightly comparison finds it
                stored = poste.base.dossiers.dossier(number)
                assert stored is not None, number
                assert stored[0].dossier.date_derniere_modification >= ligne.dossier.date_derniere_modification, number

    @invariant()
    def what_humans_typed_elsewhere_is_theirs(self):
        """An annotation that is not ours holds what its human typed last."""
        for number, valeur in self.notes.items():
            assert annotation(self.vu(number), NOTE) == valeur

    @invariant()
    def what_humans_typed_in_a_draft_is_there_until_it_was_sent(self):
        """A text of an agent stays as typed until it lies in the dossier; one taken away stays away for the round."""
        for number, texte in self.textes.items():
            dossier, montre = self.vu(number), annotation(self.vu(number), PROPOSE) or ""
            assert montre == texte or self._envoye(dossier, texte), (number, texte, montre)

    def _envoye(self, dossier, texte: str) -> bool:
        """Whether these words were sent, their reference put under them if need be; or, of no words, a new round."""
        if not texte.strip():
            le = next(a.updated_at for a in dossier.annotations if a.id == PROPOSE)
            return any(t.event == "depose_correction_usager" and t.date <= le for t in dossier.traitements)
        sent = {m.empreinte for m in dossier.messages if m.email == CONNECTEUR}
        plain = empreintes.reference(dossier.number, empreintes.of(LIBRE, empreintes.of_text(texte)))
        signed = f"{texte.strip()}\n\n{empreintes.reference_line(plain)}"
        return bool(sent & {empreintes.of_text(texte), empreintes.of_text(signed)})

    @invariant()
    def no_template_says_the_same_finding_twice_in_a_round(self):
        """Whatever was sent by whom, validated or not; an agent's own words apart."""
        dits = [d for d in self.serveur.dits if d[1] != LIBRE]
        assert [d for d, count in Counter(dits).items() if count > 1] == []

    @invariant()
    def nobody_gets_two_messages_a_day_but_those_that_humans_validated(self):
        """As long as our clock is DS's."""
        if self.sauts:
            return
        for number, ligne in self.serveur.lignes.items():
            days = Counter(m.created_at.date() for m in ligne.dossier.messages if m.email == CONNECTEUR)
            assert max(days.values(), default=0) <= 1 + self.coches[number], (number, days)

    @invariant()
    def nobody_is_contradicted(self):
        """We pass a dossier to instruction at most once for each deposit."""
        for number, ligne in self.serveur.lignes.items():
            ours = [t for t in ligne.dossier.traitements if t.email_agent == CONNECTEUR]
            depots = sum(t.event.startswith("depose") for t in ligne.dossier.traitements)
            assert len(ours) <= depots, number

    def teardown(self):
        """Faults stop: two cycles agree with the policy, a third writes nothing."""
        try:
            self._se_pose()
        finally:
            for poste in self.postes:
                poste.ferme()
            shutil.rmtree(self.dossier)

    def _se_pose(self) -> None:
        for number, ligne in self.serveur.lignes.items():
            ligne.illisible = False
            champs = tuple(
                replace(c, value=une_piece()) if c.id == CV and _en_attente(c) else c for c in ligne.dossier.champs
            )
            groupe = GROUPE if ligne.dossier.groupe == sans_nous(GROUPE) else ligne.dossier.groupe
            self.serveur.change(number, groupe=groupe, champs=champs)
        for _ in range(2):
            for poste in self.postes:
                self.horloge.avance(hours=25)
                self._passe(poste)
                self.no_message_is_there_twice()
        self.horloge.avance(hours=(34 - self.horloge.now.hour) % 24)  # in the morning: no midnight in what follows
        for poste in self.postes:
            self._passe(poste)
        for poste in self.postes:
            self.horloge.avance(minutes=1)
            self.serveur.requetes.clear()
            rapport = cycle.run(poste.passage())
            writes = [r for r in self.serveur.requetes if not r.startswith(("page", "dossier", "demarche", "repere"))]
            assert writes == [], "a third cycle writes nothing"
            assert rapport.exit_code == 0, rapport
            assert {i.state for i in poste.base.ledger.unsettled(NUMERO)} == set()
            left = [(d.number, j.plan.actions) for d, j in cycle.preview(poste.passage()) if j.plan.actions]
            assert left == [], left
        for number, ligne in self.serveur.lignes.items():
            if not ligne.cache:
                self._obeit(number)

    def _obeit(self, number: int) -> None:
        """The policy, told without the program: what must be seen in that dossier."""
        dossier = self.vu(number)
        if dossier.state not in {DossierState.EN_CONSTRUCTION, DossierState.EN_INSTRUCTION}:
            return
        if number not in self.tapees:
            assert annotation(dossier, SYNTHESE), number
            assert annotation(dossier, CONTROLE), number
            assert annotation(dossier, VERSION), number  # that of the rules which said the rest
        held = any(m.email == AGENT for m in dossier.messages) or MANUEL in dossier.labels
        if dossier.state is not DossierState.EN_CONSTRUCTION or held:
            return
        tour = max(t.date for t in dossier.traitements if t.event in {"depose", "depose_correction_usager"})
        ours = [m for m in dossier.messages if m.email == CONNECTEUR and m.created_at >= tour]
        complet = all(c.value is not None for c in dossier.champs if c.id in {CV, SPECIALITE})
        began = any(t.event == "passe_en_instruction" and t.date >= tour for t in dossier.traitements)
        assert began if complet else ours, (number, complet)


def sans_cv():
    """A dossier's champs, the CV missing."""
    return tuple(replace(c, value=None) if c.id == CV else c for c in un_dossier().champs)


def _en_attente(champ) -> bool:
    return champ.id == CV and champ.value is not None and champ.value.files[0].virus_scan is VirusScan.PENDING


def annotation(dossier, id_: str):
    """What an annotation holds."""
    return next(a.value for a in dossier.annotations if a.id == id_)


LARGE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def joue(machine, vies: int, pas: int, capsys) -> None:
    """Play that many lives of that many steps, and say what was really tried."""
    machine.compteur = Compteur()
    profile = settings(max_examples=vies, stateful_step_count=pas, deadline=None, suppress_health_check=LARGE)
    try:
        run_state_machine_as_test(machine, settings=profile)
    finally:
        with capsys.disabled():
            print(f"\n{machine.__name__}: {machine.compteur}")  # noqa: T201 - the figure is the point


def test_random_lives_come_to_the_wanted_rest(capsys):
    joue(Vies, 50, 40, capsys)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_many_long_random_lives_come_to_the_wanted_rest(capsys):
    joue(Vies, 1500, 80, capsys)


def test_two_hosts_do_not_quarrel_over_the_day_our_opinion_changed(tmp_path):
    horloge, sort = Horloge(), Sort()
    serveur = Ds(horloge, sort)
    postes = []
    for nom in ("premier", "second"):
        (tmp_path / nom).mkdir()
        postes.append(Poste(tmp_path / nom, serveur, sort, horloge))
    serveur.usager_depose(100, champs=sans_cv())
    for poste in postes:
        horloge.avance(minutes=6)
        cycle.run(poste.passage())
    horloge.avance(days=3)
    serveur.usager_corrige(100, cv=une_piece())
    for _ in range(3):
        for poste in postes:
            horloge.avance(days=1)
            serveur.requetes.clear()
            cycle.run(poste.passage())
    assert not [r for r in serveur.requetes if r.startswith("EcrireAnnotations")]
    for poste in postes:
        poste.ferme()
