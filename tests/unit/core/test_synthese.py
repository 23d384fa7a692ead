"""The figures on the screen of an instructor: written, taken back, said to be stale, and known again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connector.core import decide, empreintes, reconcile
from connector.core.candidature import Candidature, ChampLu, Connu, Manquant
from connector.core.chiffrage import Chiffrage, Chiffre
from connector.core.constat import AvisPropose, Constat, Effet, Source, Statut
from connector.core.correspondance import CibleAnnotation, Resolution
from connector.core.evaluation import Historique
from connector.core.model import Avis, Champ, Demandeur, Dossier, DossierState, Illisible, Label
from connector.core.plan import (
    AjouterLabel,
    CleAnnotation,
    EcrireAnnotations,
    EtatIntention,
    Intention,
    SupprimerLabel,
)
from connector.core.synthese import avis_experts, caducs, conclure, controle_visuel
from tests.fakes import AGIR, GROUPE

D = Decimal
DEPOT = datetime(2024, 1, 10, 9, tzinfo=UTC)
SOURCE = Source(texte="cahier § 3", opposable=True)
STATUTS = ("Due", "Non due", "À confirmer", "Sans objet")
AVIS_PROPOSES = ("Favorable", "À compléter", "À vérifier", "Défavorable", "Réorientation", "Liste d’attente")
LIBELLES = {
    "synthese": "Synthèse",
    "points_a_verifier": "Points à vérifier",
    "avis_propose": "Avis proposé",
    "pet_montant": "Prime mensuelle (€)",
    "pet_statut": "Statut de la prime",
    "cout": "Coût pour l’ARS (€)",
    "quota": "Quota",
}
TYPES = {
    "points_a_verifier": CleAnnotation.TEXTAREA,
    "avis_propose": CleAnnotation.DROP_DOWN_LIST,
    "pet_statut": CleAnnotation.DROP_DOWN_LIST,
    "pet_montant": CleAnnotation.DECIMAL_NUMBER,
    "cout": CleAnnotation.DECIMAL_NUMBER,
}
LABELS = {cle: Label(id=f"L-{cle}", name=cle) for cle in decide.LABELS}


def resolution(**types) -> Resolution:
    """The form; a keyword gives an annotation another type than the reference form's."""
    options = {"pet_statut": STATUTS, "avis_propose": AVIS_PROPOSES}
    annotations = {
        cle: CibleAnnotation(
            id=f"A-{cle}",
            libelle=libelle,
            cle=types.get(cle, TYPES.get(cle, CleAnnotation.TEXT)),
            options=options.get(cle, ()),
        )
        for cle, libelle in LIBELLES.items()
    }
    return Resolution(annotations=annotations, labels=LABELS)


MILLE, COUT = D(1000), D("69265.92")


def chiffrage(prime=MILLE, cout=COUT, **autres) -> Chiffrage:
    """A prime and a cost, known or not."""
    texte = "à confirmer, 0 à 1 000 €" if prime is None else f"{prime} €"
    chiffres = {
        "pet_montant": Chiffre(texte=texte, nombre=prime),
        "pet_statut": Chiffre(texte="À confirmer" if prime is None else "Due"),
        "cout": Chiffre(texte="barème à renseigner" if cout is None else f"{cout} € sur 24 mois", nombre=cout),
        "quota": Chiffre(texte="3 accordés / 6"),
    }
    complement = "PET à confirmer" if prime is None else f"PET {prime} €"
    return Chiffrage(**{"chiffres": chiffres, "complements": (complement, "quota 3/6")} | autres)


INCONNU = {"prime": None, "cout": None}


@dataclass
class Ecran:
    """One dossier as DS shows it, and what the connector remembers; `passe` is one pass of the connector over it."""

    resolution: Resolution = field(default_factory=resolution)
    now: datetime = DEPOT + timedelta(hours=1)
    historique: Historique = field(default_factory=Historique)
    constats: tuple[Constat, ...] = ()

    def __post_init__(self) -> None:
        self.dossier = Dossier(
            id="D",
            number=7,
            demarche_number=1,
            revision_id="R",
            state=DossierState.EN_INSTRUCTION,
            archived=False,
            date_depot=DEPOT,
            date_passage_en_construction=DEPOT,
            date_passage_en_instruction=DEPOT,
            date_traitement=None,
            date_derniere_modification=DEPOT,
            date_derniere_modification_champs=DEPOT,
            date_derniere_modification_annotations=DEPOT,
            date_derniere_correction_en_attente=None,
            date_suppression_par_usager=None,
            compte_supprime=False,
            usager_email="rh@hopital.exemple.fr",
            demandeur=Demandeur(typename="PersonneMorale"),
            groupe=GROUPE,
            labels=(),
            traitements=(),
            messages=(),
            avis=(),
            champs=(),
            annotations=tuple(
                Champ(id=c.id, descriptor_id=c.id, label=c.libelle, typename="TextChamp", value=None, updated_at=DEPOT)
                for c in self.resolution.annotations.values()
            ),
        )

    def conclut(self, c: Chiffrage, **autres):
        candidature = Candidature(numero=7, demarche=1, etat=self.dossier.state, deposee_le=DEPOT, tour=DEPOT, **autres)
        return conclure(
            self.constats,
            dossier=self.dossier,
            candidature=candidature,
            chiffrage=c,
            resolution=self.resolution,
            historique=self.historique,
        )

    def prevoit(self, c: Chiffrage):
        proposition = self.conclut(c)
        voulues = decide.wanted_values(
            proposition, self.resolution, depuis=DEPOT.date(), version="1", pieces="", chiffrage=c
        )
        return decide.plan(
            self.dossier,
            proposition,
            None,
            voulues=voulues,
            resolution=self.resolution,
            politique=replace(AGIR, passage_en_instruction=False),
            historique=self.historique,
            en_pause=False,
        )

    def passe(self, c: Chiffrage) -> set[str]:
        """One pass, then another that must find nothing left to do; the keys of what was written and labelled."""
        faites = {cle for action in self.prevoit(c).actions for cle in self._applique(action)}
        assert self.prevoit(c).actions == ()
        return faites

    def _applique(self, action):
        self.now += timedelta(hours=1)
        empreinte = decide.fingerprint(action, self.dossier, self.historique)
        self.dossier = decide.after(self.dossier, action)
        cible, genre = reconcile.cible(action), reconcile.kind(action)
        intention = Intention(
            demarche=1, dossier=7, kind=genre, fingerprint=empreinte, cible=cible, state=EtatIntention.DONE
        )
        self.historique = replace(self.historique, intentions=(*self.historique.intentions, intention))
        if isinstance(action, EcrireAnnotations):
            ecrites = {e.id for e in action.ecritures}
            self._date(ecrites)
            return {i.removeprefix("A-") for i in ecrites}
        return {f"{'+' if isinstance(action, AjouterLabel) else '-'}{action.label.name}"}

    def _date(self, ids):
        self.dossier = replace(
            self.dossier,
            annotations=tuple(replace(a, updated_at=self.now) if a.id in ids else a for a in self.dossier.annotations),
        )

    def saisit(self, cle: str, value) -> None:
        """An agent types a value, or erases one."""
        self.now += timedelta(hours=1)
        self.dossier = replace(
            self.dossier,
            date_derniere_modification_annotations=self.now,
            annotations=tuple(
                replace(a, value=value, updated_at=self.now) if a.id == f"A-{cle}" else a
                for a in self.dossier.annotations
            ),
        )

    def montre(self, cle: str):
        value = next(a.value for a in self.dossier.annotations if a.id == f"A-{cle}")
        return value.replace("\u00a0", " ").replace("\u202f", " ") if isinstance(value, str) else value


CADUC = (
    "« Prime mensuelle (€) » : le montant affiché (1 000) n’est plus valable, ne pas l’utiliser "
    "(à confirmer, 0 à 1 000 €)."
)


def test_a_number_known_then_unknown_then_known_again_never_passes_for_true():
    ecran = Ecran()
    ecran.passe(chiffrage())
    assert (ecran.montre("pet_montant"), ecran.montre("pet_statut")) == (D(1000), "Due")
    assert ecran.montre("synthese") == "FAVORABLE · PET 1000 € · quota 3/6"

    assert ecran.passe(chiffrage(prime=None)) == {"synthese", "points_a_verifier", "pet_statut"}
    assert ecran.montre("pet_montant") == D(1000)
    assert ecran.montre("pet_statut") == "À confirmer"
    assert ecran.montre("synthese") == "FAVORABLE · chiffre affiché caduc : prime · PET à confirmer · quota 3/6"
    assert ecran.montre("points_a_verifier") == f"• {CADUC}"

    assert ecran.passe(chiffrage(prime=D(700))) == {"synthese", "points_a_verifier", "pet_statut", "pet_montant"}
    assert ecran.montre("pet_montant") == D(700)
    assert "caduc" not in ecran.montre("synthese")
    assert ecran.montre("points_a_verifier") == ""


def test_a_number_known_again_as_it_was_is_true_again():
    ecran = Ecran()
    ecran.passe(chiffrage())
    ecran.passe(chiffrage(prime=None))
    assert ecran.passe(chiffrage()) == {"synthese", "points_a_verifier", "pet_statut"}
    assert ecran.montre("pet_statut") == "Due"
    assert "caduc" not in ecran.montre("synthese")


def test_several_stale_numbers_are_named_together():
    ecran = Ecran()
    ecran.passe(chiffrage())
    ecran.passe(chiffrage(**INCONNU))
    assert "chiffre affiché caduc : prime et coût" in ecran.montre("synthese")
    assert ecran.montre("points_a_verifier").count("n’est plus valable") == 2


def test_an_unknown_number_that_was_never_shown_has_nothing_stale_about_it():
    ecran = Ecran()
    ecran.passe(chiffrage(**INCONNU))
    assert ecran.montre("pet_montant") is None
    assert "caduc" not in ecran.montre("synthese")


def test_an_amount_in_a_text_is_rewritten_each_time():
    ecran = Ecran(resolution=resolution(pet_montant=CleAnnotation.TEXT, cout=CleAnnotation.TEXTAREA))
    ecran.passe(chiffrage())
    assert ecran.montre("pet_montant") == "1000 €"
    ecran.passe(chiffrage(**INCONNU))
    assert ecran.montre("pet_montant") == "à confirmer, 0 à 1 000 €"
    assert ecran.montre("cout") == "barème à renseigner"
    assert "caduc" not in ecran.montre("synthese")
    ecran.passe(chiffrage(prime=D(450)))
    assert ecran.montre("pet_montant") == "450 €"


def test_a_number_that_an_agent_typed_is_theirs_and_is_not_called_stale():
    ecran = Ecran()
    ecran.passe(chiffrage())
    ecran.saisit("pet_montant", D(800))
    assert "pet_montant" not in ecran.passe(chiffrage(prime=None))
    assert ecran.montre("pet_montant") == D(800)
    assert "caduc" not in ecran.montre("synthese")


def test_what_is_overwritten_by_order_is_ours_to_call_stale():
    ecran = Ecran()
    annotations = dict(ecran.resolution.annotations)
    annotations["pet_montant"] = replace(annotations["pet_montant"], ecraser=True)
    ecran.resolution = replace(ecran.resolution, annotations=annotations)
    ecran.saisit("pet_montant", Illisible(cause="DS ne sait pas"))
    (caduc,) = caducs(ecran.dossier, chiffrage(prime=None), ecran.resolution, Historique())
    assert (caduc.cle, caduc.montre) == ("pet_montant", "illisible")


def test_a_form_without_those_annotations_shows_nothing_stale():
    ecran = Ecran(resolution=Resolution(annotations={}, labels={}))
    assert caducs(ecran.dossier, chiffrage(**INCONNU), ecran.resolution, Historique()) == ()
    assert caducs(ecran.dossier, chiffrage(**INCONNU), resolution(), Historique()) == ()


def test_only_the_figures_of_the_form_are_written_each_in_its_type():
    voulues = decide.wanted_values(
        Ecran().conclut(chiffrage()), resolution(), depuis=date(2024, 1, 10), version="1", pieces="",
        chiffrage=chiffrage(),
    )  # fmt: skip
    assert (voulues["pet_montant"], voulues["pet_statut"], voulues["quota"]) == (D(1000), "Due", "3 accordés / 6")
    sans = decide.wanted_values(
        Ecran().conclut(chiffrage()), resolution(), depuis=date(2024, 1, 10), version="1", pieces=""
    )
    assert not {"pet_montant", "pet_statut", "quota", "cout"} & sans.keys()


def test_an_option_is_written_as_the_form_spells_it():
    cibles = resolution().annotations
    ailleurs = replace(cibles["pet_statut"], options=("due", "À CONFIRMER"))
    r = Resolution(annotations={"pet_statut": ailleurs})
    proposition = Ecran().conclut(chiffrage())
    for prime, option in ((D(1000), "due"), (None, "À CONFIRMER")):
        voulues = decide.wanted_values(
            proposition, r, depuis=DEPOT.date(), version="1", pieces="", chiffrage=chiffrage(prime=prime)
        )
        assert voulues == {"pet_statut": option}


# --- labels -----------------------------------------------------------------------------------------------------------


def test_the_labels_of_the_figures_are_put_on_and_taken_off():
    ecran = Ecran()
    assert {"+hors_zone", "+remplacement"} <= ecran.passe(chiffrage(labels=("hors_zone", "remplacement")))
    assert "-hors_zone" in ecran.passe(chiffrage(labels=("remplacement",)))
    assert {label.name for label in ecran.dossier.labels} == {"complet", "remplacement"}


def test_a_finding_calls_for_its_label_as_long_as_it_holds():
    ecran = Ecran(constats=(replace(ko(1), label="hors_zone"),))
    assert "+hors_zone" in ecran.passe(chiffrage())
    ecran.constats = (ko(1),)
    assert "-hors_zone" in ecran.passe(chiffrage())


def test_a_label_that_a_human_put_stays():
    ecran = Ecran()
    ecran.dossier = replace(ecran.dossier, labels=(LABELS["report"],))
    assert not any(isinstance(a, SupprimerLabel) for a in ecran.prevoit(chiffrage()).actions)


def test_a_dossier_that_waits_has_its_label():
    ecran = Ecran()
    proposition = replace(ecran.conclut(chiffrage()), avis=AvisPropose.LISTE_D_ATTENTE)
    assert "liste_attente" in decide.wanted_labels(proposition)
    assert "liste_attente" not in decide.wanted_labels(ecran.conclut(chiffrage()))


# --- points, experts, visual check ------------------------------------------------------------------------------------


def ko(n):
    return Constat(
        regle=f"r{n}",
        statut=Statut.KO,
        effet=Effet.BLOQUANT,
        phrase=f"Point {n}.",
        source=SOURCE,
        avis=AvisPropose.A_COMPLETER,
    )


def test_what_would_settle_a_figure_is_told_where_there_is_room():
    c = chiffrage(points=("Point 1.", "Mesurez la distance."))
    assert Ecran(constats=(ko(1),)).conclut(c).points == (f"Point 1. ({SOURCE.texte})", "Mesurez la distance.")
    cinq = tuple(ko(n) for n in range(5))
    assert Ecran(constats=cinq).conclut(c).points == tuple(f"Point {n}. ({SOURCE.texte})" for n in range(5))
    assert Ecran(constats=(*cinq, ko(5), ko(6))).conclut(c).points[-1] == "Et 2\u00a0autres points."


def avis(repondu, jour=1):
    return Avis(id=str(jour), date_question=datetime(2024, 3, jour, tzinfo=UTC), repondu=repondu)


@pytest.mark.parametrize(
    ("demandes", "dit"),
    [
        ((), ""),
        ((avis(repondu=True),), "avis d’expert : 1 rendu sur 1"),
        ((avis(False, 12),), "avis d’expert : 0 rendu sur 1, attendu depuis le 12/03/2024"),
        (
            (avis(True, 1), avis(False, 12), avis(True, 3), avis(False, 5)),
            "avis d’expert : 2 rendus sur 4, attendu depuis le 05/03/2024",
        ),
    ],
)
def test_the_opinions_of_experts_are_counted_and_those_awaited_are_dated(demandes, dit):
    assert avis_experts(demandes).replace("\u00a0", " ") == dit


@pytest.mark.parametrize(
    ("lecture", "etat", "dit"),
    [
        (Connu(valeur=True), DossierState.EN_CONSTRUCTION, "pièces vues ✓"),
        (Connu(valeur=False), DossierState.EN_INSTRUCTION, "contrôle visuel à faire"),
        (Connu(valeur=False), DossierState.EN_CONSTRUCTION, "contrôle visuel à faire"),
        (Connu(valeur=False), DossierState.ACCEPTE, ""),
        (Manquant(), DossierState.EN_INSTRUCTION, ""),
    ],
)
def test_the_visual_check_is_said_when_done_and_asked_for_before_any_decision(lecture, etat, dit):
    lu = ChampLu(cle="controle_visuel", libelle="Contrôle visuel", lecture=lecture)
    candidature = Candidature(
        numero=7, demarche=1, etat=etat, deposee_le=DEPOT, tour=DEPOT, saisies={"controle_visuel": lu}
    )
    assert controle_visuel(candidature) == dit
    assert controle_visuel(candidature, utile=False) == ("" if dit.startswith("contrôle") else dit)


def test_the_visual_check_is_asked_for_once_and_only_where_it_decides_something():
    lu = ChampLu(cle="controle_visuel", libelle="Contrôle visuel", lecture=Connu(valeur=False))
    doute = replace(ko(1), statut=Statut.A_VERIFIER, phrase="Signatures à voir.")
    demande = replace(doute, phrase="Cocher « Contrôle visuel » après coup.")
    for constat, dit in ((doute, True), (demande, False), (replace(demande, statut=Statut.OK), True), (ko(1), False)):
        synthese = Ecran(constats=(constat,)).conclut(chiffrage(), saisies={"controle_visuel": lu}).synthese
        assert ("contrôle visuel à faire" in synthese) is dit


def test_the_synthesis_tells_of_the_experts_after_the_figures():
    ecran = Ecran()
    ecran.dossier = replace(ecran.dossier, avis=(avis(False, 12),))
    assert ecran.conclut(chiffrage()).synthese == (
        "FAVORABLE · PET 1000\u00a0€ · quota 3/6 · avis d’expert\u00a0: 0 rendu sur 1, attendu depuis le 12/03/2024"
    )


@pytest.mark.parametrize(
    ("avis", "dit"),
    [
        (AvisPropose.DEFAVORABLE, "si le poste était accordé\u00a0: PET 1000\u00a0€ · quota 3/6"),
        (AvisPropose.REORIENTATION, "si le poste était accordé\u00a0: PET 1000\u00a0€ · quota 3/6"),
        (AvisPropose.A_COMPLETER, "· PET 1000\u00a0€ · quota 3/6"),
    ],
)
def test_a_figure_beside_an_opinion_that_gives_no_post_is_not_read_as_granted(avis, dit):
    conclu = Ecran(constats=(replace(ko(1), avis=avis),)).conclut(chiffrage())
    assert (conclu.avis, dit in conclu.synthese) == (avis, True)
    sans_chiffre = Ecran(constats=(replace(ko(1), avis=avis),)).conclut(chiffrage(complements=()))
    assert "accordé" not in sans_chiffre.synthese


def test_a_proposition_with_labels_still_has_one_digest():
    proposition = Ecran().conclut(chiffrage(labels=("report",)))
    assert empreintes.of(proposition) != empreintes.of(replace(proposition, labels=()))
