"""A whole campaign, told: people act on the sandbox, the program passes, and who received what is written down.

The clock is the story's own, on both sides of the wire. Everything else is real: HTTP, the database, the example's
configuration with the opt-ins of an ARS that trusts it, and the very passes that the daemon makes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from connector import commission, cycle, demo, wiring
from connector.core.calendrier import est_ouvre
from connector.core.empreintes import reference_in
from connector.sandbox import formulaire as form
from connector.sandbox import scenario
from connector.sandbox.jetons import JETON_ECRITURE
from connector.sandbox.lieux import Hopital
from connector.sandbox.recit import Saisie, candidature, groupe_de
from connector.sandbox.server import Sandbox
from connector.sandbox.world import Jeton, Message, Usager, World

JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
LE_MATIN = time(8, 30)
ANS = timedelta(days=3 * 366)
FIN_DES_RELANCES = date(2023, 4, 20)
PASSAGES = 6
"""More passes than a day can need before everything is said."""


@dataclass
class Horloge:
    """The hour of the story, for the server and for the program."""

    instant: datetime

    def __call__(self) -> datetime:
        return self.instant

    def jour(self) -> date:
        return self.instant.astimezone(wiring.FRANCE).date()


def monde_vide(horloge: Horloge) -> World:
    """The reference form, published, and no dossier yet."""
    world = World(horloge)
    world.add_demarche(form.demarche(horloge()))
    world.add_jeton(Jeton(valeur=JETON_ECRITURE, expire_le=horloge.jour() + ANS))
    return world


def uni(texte: object) -> str:
    """The text with ordinary spaces, so that a snapshot is compared by its words."""
    return str(texte).replace("\u00a0", " ").replace("\u202f", " ")


@dataclass
class Campagne:
    """The bench and its narrator: `recit` is the transcript, line by line."""

    world: World
    atelier: wiring.Atelier
    horloge: Horloge
    dossier: Path
    recit: list[str] = field(default_factory=list)
    hopitaux: dict[int, Hopital] = field(default_factory=dict)
    comptes: dict[str, Usager] = field(default_factory=dict)
    modeles: dict[str, str] = field(default_factory=dict)
    passages: int = 0
    _lignes_dites: dict[str, set[str]] = field(default_factory=dict)
    _messages_vus: set[str] = field(default_factory=set)
    _etats: dict[int, str] = field(default_factory=dict)
    _annotes: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _jour_dit: date | None = None

    # -- time

    def le(self, jour: date, heure: str = "10:00") -> None:
        """Come to that day, the program passing each working morning as long as hospitals are reminded of something."""
        self._jusqu_au(jour)
        self.horloge.instant = datetime.combine(jour, time.fromisoformat(heure), wiring.FRANCE)
        self.world.settle()

    def _jusqu_au(self, jour: date) -> None:
        suivant = self.horloge.jour() + timedelta(days=1)
        while suivant < min(jour, FIN_DES_RELANCES):
            if est_ouvre(suivant):
                self.horloge.instant = datetime.combine(suivant, LE_MATIN, wiring.FRANCE)
                self.world.settle()
                self.passe()
            suivant += timedelta(days=1)

    # -- people

    def titre(self, texte: str) -> None:
        """A chapter."""
        self.recit += ["", "", texte.upper(), "═" * len(texte)]

    def dit(self, texte: str) -> None:
        """What people do."""
        self._date()
        self.recit.append(f"  {texte}")

    def depose(
        self,
        numero: int,
        hopital: Hopital,
        specialite: str,
        *sites: Saisie,
        mais: Saisie | None = None,
        sans=(),
        note="",
    ) -> None:
        """A hospital files a dossier, good but for what is said."""
        compte = self.comptes.setdefault(
            hopital.courriel, Usager(number=7_000 + hopital.rang, email=hopital.courriel, connexion="password")
        )
        valeurs = candidature(numero, hopital, specialite, sites) | (mais or {})
        scenario.usager_depose(
            self.world,
            demarche=form.DEMARCHE,
            valeurs={k: v for k, v in valeurs.items() if k not in sans},
            demandeur=hopital.personne_morale,
            usager=compte,
            groupe=groupe_de(hopital),
            numero=numero,
        )
        self.hopitaux[numero] = hopital
        self._etats[numero] = "en_construction"
        lieux = " et ".join(f"{s['Nom de la structure']}, {s['Commune de la structure'].name}" for s in sites)
        self.dit(f"{hopital.nom} dépose le dossier n° {numero} : {specialite} ({lieux}){note and f' — {note}'}.")
        self.horloge.instant += timedelta(minutes=7)

    def corrige(self, numero: int, valeurs: Saisie, note: str) -> None:
        """The hospital answers by depositing its changes."""
        scenario.usager_corrige(self.world, numero, valeurs)
        self.dit(f"{self.hopitaux[numero].nom} complète le dossier n° {numero} : {note}.")

    def ecrit(self, numero: int, texte: str) -> None:
        """The hospital writes."""
        message = scenario.usager_envoie_message(self.world, numero, texte)
        self._messages_vus.add(message.id)
        self.dit(f"{self.hopitaux[numero].nom} écrit dans le dossier n° {numero} : « {texte} »")

    def agent_ecrit(self, numero: int, texte: str) -> None:
        """An agent writes to the hospital."""
        message = scenario.instructeur_envoie_message(self.world, numero, texte)
        self._messages_vus.add(message.id)
        self.dit(f"Un agent écrit à {self.hopitaux[numero].nom} (dossier n° {numero}) : « {texte} »")

    def annote(self, *numeros: int, **saisies: Any) -> None:
        """An agent fills the same annotations in each of those dossiers, by the names of `NOMS`."""
        valeurs = {NOMS[cle]: valeur for cle, valeur in saisies.items()}
        for numero in numeros:
            scenario.instructeur_annote(self.world, numero, valeurs)
        dites = ", ".join(f"« {nom} » : {_en_mots(valeur)}" for nom, valeur in valeurs.items())
        dossiers = ", ".join(f"n° {numero}" for numero in numeros)
        self.dit(f"Un agent saisit, dossier{'s' if len(numeros) > 1 else ''} {dossiers}, {dites}.")

    def instruit(self, *numeros: int) -> None:
        """An agent passes dossiers to instruction by hand."""
        for numero in numeros:
            scenario.instructeur_passe_en_instruction(self.world, numero)
            self._etats[numero] = "en_instruction"
        self.dit(f"Un agent passe en instruction les dossiers {', '.join(f'n° {n}' for n in numeros)}.")

    def decide(self, numero: int, decision: str, motivation: str) -> None:
        """An agent decides by hand, in DS, with the words that the connector had ready or their own."""
        scenario.instructeur_decide(self.world, numero, decision, motivation=motivation)
        self.dit(f"Un agent décide dans DS du dossier n° {numero}, avec la motivation que le connecteur a préparée.")

    def commission(self, *lignes: tuple[int, str, str, int | None], nom: str) -> None:
        """The operator records the commission's list: (dossier, decision, motivation, rank)."""
        classeur = Workbook()
        feuille = classeur.active
        feuille.append(["Rang", "Dossier", "Décision", "Motivation"])
        for numero, decision, motivation, rang in lignes:
            feuille.append([rang, numero, decision, motivation])
        classeur.save(self.dossier / nom)
        compte = commission.enregistrer(self.atelier, self.dossier / nom, onglet="", now=self.horloge())
        self.dit(f"L’exploitant enregistre la liste de la commission (connector decide {nom}) : {uni(compte.text())}")

    def annotation(self, numero: int, label: str) -> str:
        """What an annotation shows, with ordinary spaces; "" when nobody filled it."""
        dossier = self.world.dossiers[numero]
        revision = self.world.demarches[dossier.demarche].revision(dossier.revision)
        lue = dossier.lit()[0].get((revision.nomme(label, prive=True).stable_id, ""))
        return "" if lue is None or lue.valeur is None else uni(lue.valeur)

    # -- the program

    def passe(self) -> None:
        """Pass until there is nothing left to do, and tell what came of it."""
        self.horloge.instant += timedelta(minutes=10)
        (demarche,) = self.atelier.settings.demarches
        for _ in range(PASSAGES):
            self.passages += 1
            rapport = cycle.run(self._passage(demarche))
            assert rapport.echecs == [], rapport.echecs
            self.horloge.instant += timedelta(minutes=10)
            if not (rapport.annotes or rapport.messages or rapport.transitions or rapport.labels):
                break
        else:
            raise AssertionError("it never comes to rest")
        self._raconte()

    def _passage(self, demarche: Any) -> cycle.Passage:
        passage = self.atelier.passage(demarche)
        rediger = passage.bord.rediger

        def note(brouillon, dossier):
            self.modeles[brouillon.reference] = brouillon.template
            return rediger(brouillon, dossier)

        return replace(passage, bord=replace(passage.bord, rediger=note))

    # -- the narrator

    def bilan(self) -> None:
        """Who received what, in all."""
        self.titre("Ce que chacun a reçu")
        self.recit.append("")
        for nom in sorted({h.nom for h in self.hopitaux.values()}):
            siens = [self.world.dossiers[n] for n, h in self.hopitaux.items() if h.nom == nom]
            recus = Counter(self._modele(m) for d in siens for m in d.messages if reference_in(m.body))
            etats = Counter(ETATS[d.state] for d in siens)
            self.recit.append(f"  {nom} : {len(siens)} dossiers ({_comptes(etats)}).")
            self.recit.append(f"      Messages du connecteur : {_comptes(recus)}.")

    def _modele(self, message: Message) -> str:
        return self.modeles.get(reference_in(message.body) or "", "texte d’un agent")

    def _date(self) -> None:
        jour = self.horloge.jour()
        if jour != self._jour_dit:
            self._jour_dit = jour
            self.recit += ["", f"── {JOURS[jour.weekday()]} {jour:%d/%m/%Y}"]

    def _raconte(self) -> None:
        dits = [*self._examen(), *self._etats_changes(), *self._nouveaux_messages(), *self._vie()]
        if dits:
            self._date()
            self.recit += dits

    def _examen(self) -> Iterator[str]:
        """What the pass proposes of the dossiers still examined, counted."""
        avis: Counter[str] = Counter()
        for numero, dossier in sorted(self.world.dossiers.items()):
            propose = self.annotation(numero, "Avis proposé")
            if not dossier.termine and propose != self._annotes.get(numero, ("",))[0]:
                avis[propose] += 1
        if avis:
            yield f"  ▸ Le connecteur annote : {', '.join(f'{n} {mot}' for mot, n in sorted(avis.items()))}."

    def _etats_changes(self) -> Iterator[str]:
        passes = []
        for numero, dossier in sorted(self.world.dossiers.items()):
            avant, self._etats[numero] = self._etats[numero], dossier.state
            if avant == dossier.state:
                continue
            if dossier.state == "en_instruction":
                passes.append(f"n° {numero}")
            else:
                yield f"  ▸ DS notifie à {self.hopitaux[numero].nom} : dossier n° {numero} {ETATS[dossier.state]}."
                yield from self._texte(dossier.state, dossier.motivation or "")
        if passes:
            yield f"  ▸ Passent en instruction, et DS le dit aux établissements : {', '.join(passes)}."

    def _nouveaux_messages(self) -> Iterator[str]:
        for numero, dossier in sorted(self.world.dossiers.items()):
            for message in dossier.messages:
                reference = reference_in(message.body)
                if message.id in self._messages_vus or reference is None:
                    continue
                self._messages_vus.add(message.id)
                modele = self._modele(message)
                yield f"  ▸ {self.hopitaux[numero].nom} reçoit ({modele}, dossier n° {numero}){_correction(message)} :"
                yield from self._texte(modele, message.body)

    def _texte(self, modele: str, corps: str) -> Iterator[str]:
        """The whole text the first time, then only the lines that this message does not share with the first one."""
        lignes = [uni(ligne) for ligne in corps.splitlines()]
        dites = self._lignes_dites.get(modele)
        if dites is None:
            self._lignes_dites[modele] = set(lignes)
            yield from (f"      │ {ligne}".rstrip() for ligne in lignes)
        else:
            yield from (f"      │ {ligne}" for ligne in lignes if ligne not in dites and not ligne.startswith("Réf."))

    def _vie(self) -> Iterator[str]:
        """What instructors now read of an accepted post; of the others, what is about people, not the form."""
        for numero, dossier in sorted(self.world.dossiers.items()):
            vu = tuple(self.annotation(numero, nom) for nom in ANNOTATIONS)
            avant = self._annotes.get(numero, ("",) * len(ANNOTATIONS))
            self._annotes[numero] = vu
            points = [p for p in vu[2].splitlines() if p not in avant[2]]
            if dossier.state != "accepte":
                points = [p for p in points if re.search(DES_GENS, p)]
            elif vu[1] != avant[1] and re.match(DE_LA_VIE, vu[1]):
                yield f"  ◦ Les instructeurs lisent dans le dossier n° {numero} : {vu[1]}"
            elif not re.match(DE_LA_VIE, vu[1]):
                points = []
            if vu[3] and vu[3] != avant[3]:
                yield f"  ◦ Un message attend un agent dans le dossier n° {numero} (« Message proposé »)."
            yield from (f"  ◦ Dossier n° {numero} {point}" for point in points)


ANNOTATIONS = ("Avis proposé", "Synthèse", "Points à vérifier", "Message proposé")
ETATS = {
    "en_construction": "en construction",
    "en_instruction": "en instruction",
    "accepte": "accepté",
    "refuse": "refusé",
    "sans_suite": "classé sans suite",
}
DES_GENS = r"s’est libéré|relanc|sans suite|attend une réponse|annoncé|^• Décision"
DE_LA_VIE = r"DÉSISTEMENT|FIN|POURVU|POSTE|PRISE DE FONCTION|REPORT|ACCEPTÉ"
NOMS = {
    "evenement": "Événement",
    "date_evenement": "Date de l'événement",
    "devenir": "Devenir à l'issue",
    "vu": "Contrôle visuel des pièces",
    "deficitaire": "Spécialité déficitaire (motif)",
    "envoi_valide": "Envoi validé",
    "modulation": "Modulation acceptée",
    "motivation": "Motivation complémentaire",
}


def _comptes(combien: Counter[str]) -> str:
    return ", ".join(f"{mot} × {n}" if n > 1 else mot for mot, n in sorted(combien.items()))


def _en_mots(valeur: object) -> str:
    match valeur:
        case None:
            return "(vidé)"
        case bool():
            return "coché" if valeur else "décoché"
        case date():
            return f"{valeur:%d/%m/%Y}"
        case _:
            return str(valeur)


def _correction(message: Message) -> str:
    return ", avec une demande de correction" if message.correction else ""


def configuration(chemin: Path, bac: Sandbox) -> None:
    """The example's file as the demonstration adapts it, with every opt-in of an ARS that trusts the program."""
    texte = chemin.read_text(encoding="utf-8")
    for cle, valeur in (
        ("evenements", "true"),
        ("actives", "true"),
        ("contact", '"ars-cvl-rh-sante@exemple.fr"'),
        ("source", '"fichier"'),
        ("delais", "{ connexion_s = 10, reponse_s = 60, requetes_par_minute = 1000000 }"),
        ("mise_en_service", "2023-01-01"),
        ("validite_liste_attente", "2023-12-31"),
    ):
        texte, combien = re.subn(rf"(?m)^(#\s*)?{cle} = .*$", f"{cle} = {valeur}", texte, count=1)
        assert combien, cle
    texte = texte.replace(
        "# [demarches.campagne]\n# ouverture = 2026-12-01\n# cloture = 2027-03-31\n# commission = 2027-05-15\n"
        "# notification_le = 2027-06-15",
        "[demarches.campagne]\nouverture = 2023-01-09\ncloture = 2023-03-31\ncommission = 2023-05-15\n"
        "notification_le = 2023-06-15",
    )
    assert "notification_le = 2023-06-15" in texte
    texte = texte.replace("valable_jusqu_au = 2023-12-31", "valable_jusqu_au = 2027-12-31")
    texte = texte.replace("date_effet = 2023-07-07\nstatut", "date_effet = 2023-01-01\nstatut")
    texte += QUOTA_I
    chemin.write_text(texte, encoding="utf-8")


QUOTA_I = """
[[quotas]]
promotion = "2023-2025"
region = "24"
categorie = "I"
valeur = 5
source = "ars"
date_effet = 2023-01-01
statut = "provisoire"
"""


def preparer(dossier: Path, bac: Sandbox, world: World) -> Path:
    """The configuration and a fresh database beside it."""
    chemin = demo.preparer(dossier, bac, world)
    configuration(chemin, bac)
    return chemin
