"""`doctor` finds each planted fault, and writes nothing: the server says so."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector import demo, store, wiring
from connector.api import sonde
from connector.api.gateway import DemarchesSimplifiees
from connector.config import Settings
from connector.errors import DossierError
from connector.examens import EXAMENS, Diagnostic, Gravite, examiner, sur_place, terrain
from connector.pieces import relecteur
from connector.sandbox import monde
from connector.sandbox.faults import Genre
from connector.sandbox.server import Sandbox
from connector.sandbox.world import Capacites, Jeton, World
from connector.store import oublis, sauvegarde
from tests.unit.store.fabrique import fiche

JOINDRE = sonde.joindre
OK, ATTENTION, ERREUR = Gravite.OK, Gravite.ATTENTION, Gravite.ERREUR


@pytest.fixture(scope="module")
def modele(tmp_path_factory) -> Path:
    """An installation ready to be copied: configuration, token, and a database with the trial zoning."""
    folder = tmp_path_factory.mktemp("modele")
    with Sandbox(monde.monde_par_defaut(wiring.now)) as bac:
        chemin = demo.preparer(folder, bac, bac.world)
        with sur_place(chemin) as vu:  # what the instance can do is kept in the database: asked once for them all
            vu.capacites()
        (folder / "port").write_text(str(bac.port), encoding="utf-8")
    return folder


@dataclass(kw_only=True)
class Installation:
    """A sandbox, a configuration that reaches it, and the clock and folders as this machine has them."""

    world: World
    chemin: Path
    retard: timedelta = timedelta(0)
    geometrie: tuple[bool, bool] = (True, True)
    relire: bool = False
    lenteur: float = 0.0
    sans_heure: bool = False
    libre: int = 2**40
    modeles: Callable[[Settings], object] = lambda _settings: None
    avant: list[Callable[[Sandbox], None]] = field(default_factory=list)

    @property
    def dossier(self) -> Path:
        return self.chemin.parent

    @property
    def base(self) -> Path:
        return self.dossier / "demo.sqlite"

    @property
    def jeton(self) -> Path:
        return self.dossier / demo.JETON

    @property
    def demarche(self):
        return self.world.demarches[monde.DEMARCHE]

    def regle(self, **values: str) -> None:
        text = self.chemin.read_text(encoding="utf-8")
        for key, value in values.items():
            text, changed = re.subn(rf"(?m)^(#\s*)?{key} = .*$", f"{key} = {value}", text, count=1)
            assert changed, key
        self.chemin.write_text(text, encoding="utf-8")

    def remplace(self, old: str, new: str) -> None:
        text = self.chemin.read_text(encoding="utf-8")
        assert old in text
        self.chemin.write_text(text.replace(old, new, 1), encoding="utf-8")

    def nouveau_jeton(self, **droits) -> None:
        """Put in the file a token of these rights instead of ours."""
        valeur = monde.JETON_ECRITURE.replace("MDEx", "MDEy")[:-4] + "YXJz"
        self.world.add_jeton(Jeton(valeur=valeur, **droits))
        self.jeton.write_text(valeur, encoding="utf-8")

    def change(self, champ: str, /, **values) -> None:
        """Change a champ or an annotation of the active version of the form."""
        revision = self.demarche.revision_active
        for part in ("champs", "annotations"):
            setattr(
                revision,
                part,
                tuple(replace(d, **values) if d.label == champ else d for d in getattr(revision, part)),
            )
        del revision.par_id

    def sql(self, *statements: str) -> None:
        with sqlite3.connect(self.base) as conn:
            for statement in statements:
                conn.execute(statement)
        conn.close()

    def examine(self) -> Diagnostic:
        """What `doctor` finds; the server must have received nothing that writes, and stayed as it was."""
        with pytest.MonkeyPatch.context() as machine:
            usage = shutil.disk_usage
            machine.setattr(shutil, "disk_usage", lambda folder: usage(folder)._replace(free=self.libre))
            if self.lenteur or self.sans_heure:
                machine.setattr(sonde, "joindre", self._joindre)
            return self._examine()

    def _joindre(self, url: str, **values) -> sonde.Joint:
        joint = JOINDRE(url, **values)
        return replace(joint, duree=joint.duree + self.lenteur, ecart=None if self.sans_heure else joint.ecart)

    def _examine(self) -> Diagnostic:
        before = repr((self.world.demarches, self.world.dossiers))
        with Sandbox(self.world, port=int((self.dossier / "port").read_text())) as bac:
            for plant in self.avant:
                plant(bac)
            with terrain(
                self.chemin,
                environ=os.environ,
                now=lambda: wiring.now() + self.retard,
                modeles=self.modeles,
                geometrie=self.geometrie,
                relire=self.relire,
            ) as vu:
                diagnostic = Diagnostic(trouves=tuple(examiner(vu)))
        assert bac.mutations() == []
        assert repr((self.world.demarches, self.world.dossiers)) == before
        for ecriture in bac.ecritures:  # the one question about the right to write: no dossier, no annotation
            assert (ecriture.dossier, ecriture.input["annotations"]) == (0, [])
        assert len(bac.ecritures) <= 1
        return diagnostic


@pytest.fixture
def ici(modele, tmp_path) -> Iterator[Installation]:
    """A sound installation, in mode `agir`, to spoil."""
    shutil.copytree(modele, tmp_path / "ars")
    chemin = tmp_path / "ars" / "config.toml"
    text = chemin.read_text(encoding="utf-8").replace(str(modele), str(tmp_path / "ars"))
    chemin.write_text(text, encoding="utf-8")
    world = monde.monde_par_defaut(wiring.now)
    for dossier in list(world.dossiers.values())[5:]:
        world.remove_dossier(dossier)
    return Installation(world=world, chemin=chemin)


def trouve(diagnostic: Diagnostic, cle: str) -> list[tuple[Gravite, str]]:
    """What that examination found."""
    return [
        (r.gravite, " ".join(f"{r.cause} {r.remede}".split()))
        for t in diagnostic.trouves
        if t.examen.cle == cle
        for r in t.resultats
    ]


# A sound installation ------------------------------------------------------------------------------------------------


def test_nothing_is_wrong_with_a_sound_installation(ici):
    diagnostic = ici.examine()
    assert diagnostic.nombre(ERREUR) == 0
    assert diagnostic.nombre(Gravite.NON_VERIFIE) == 0
    assert [t.examen for t in diagnostic.trouves] == list(EXAMENS)
    assert diagnostic.exit_code == 0
    assert trouve(diagnostic, "ecriture") == [(OK, "Le jeton permet d’écrire (appris sans rien écrire).")]


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's own affair
def test_whoever_is_told_is_counted(ici):
    (ici.dossier / "alertes").touch(mode=0o600)
    (ici.dossier / "alertes").write_text("json://127.0.0.1/x", encoding="utf-8")
    ici.regle(adresses='{ fichier = "alertes" }')
    _bulletin(ici, **{"*": "tous@ars.exemple.fr"})
    diagnostic = ici.examine()
    assert trouve(diagnostic, "alertes")[0][0] is OK
    assert trouve(diagnostic, "bulletin") == [(OK, "Démarche n° 90142 : le bulletin va à 2 des 2 groupes.")]


def test_nothing_to_say_is_said_in_three_words():
    assert Diagnostic(trouves=()).text() == "Tout va bien."


def test_an_observer_s_installation_sends_no_mutation_at_all(ici):
    ici.regle(mode='"observer"', corrections="false", passage_en_instruction="false")
    seen = []
    ici.avant.append(seen.append)
    diagnostic = ici.examine()
    assert seen[0].compteurs.mutations == 0
    assert trouve(diagnostic, "ecriture")[0][0] is OK
    assert "observer" in trouve(diagnostic, "ecriture")[0][1]


def test_what_the_instance_can_do_is_remembered_for_a_day_and_a_change_is_told(ici):
    seen = []
    ici.avant.append(seen.append)
    ici.examine()
    assert "Capacites" not in seen[0].compteurs.operations
    ici.world.capacites = Capacites(lot_annotations=False)
    assert trouve(ici.examine(), "capacites")[0][0] is OK
    ici.retard = timedelta(days=1, seconds=1)
    found = trouve(ici.examine(), "capacites")
    assert [g for g, _ in found] == [ATTENTION, ATTENTION]
    assert "a changé depuis" in found[0][1]
    ici.retard = timedelta(0)
    assert "une par une" in trouve(ici.examine(), "capacites")[0][1]


def test_pieces_are_said_to_be_looked_into_only_where_they_can_be(ici, monkeypatch):
    assert trouve(ici.examine(), "pieces") == [(OK, "Le contenu des pièces n’est pas relu ([pieces] relire = false).")]
    ici.regle(relire="true")
    ((gravite, dit),) = trouve(ici.examine(), "pieces")
    assert gravite is OK
    assert "static.demarches-simplifiees.fr et le serveur de l’API" in dit
    monkeypatch.setattr(relecteur, "essayer", lambda *_: False)
    ((gravite, dit),) = trouve(ici.examine(), "pieces")
    assert gravite is ERREUR
    assert "aucune pièce n’est ouverte" in dit
    monkeypatch.setattr(relecteur, "find_spec", lambda _: None)
    ((gravite, dit),) = trouve(ici.examine(), "pieces")
    assert gravite is ERREUR
    assert 'pip install "ds-connector[pieces]"' in dit


FICHIERS = "https://static.demarches-simplifiees.fr/a/b?temp_url_sig=secret"


@pytest.mark.parametrize(
    ("liens", "attendu"),
    [
        ([FICHIERS], (OK, "mènent à des serveurs permis")),
        ([], (OK, "à revoir après un passage")),
        (
            [FICHIERS, "https://Fichiers.exemple.fr:443/secret", "https://alias.exemple.fr/secret"],
            (ERREUR, 'hotes = ["static.demarches-simplifiees.fr", "alias.exemple.fr", "fichiers.exemple.fr"]'),
        ),
        (["http://static.demarches-simplifiees.fr/secret"], (ERREUR, "pas une adresse ordinaire en HTTPS")),
        ([DossierError("illisible", number=1), FICHIERS], (OK, "mènent à des serveurs permis")),
        ([DossierError("illisible", number=1)] * 3, (OK, "à revoir après un passage")),
    ],
)
def test_the_hosts_of_the_files_are_compared_with_those_allowed_and_no_file_is_fetched(
    ici, monkeypatch, liens, attendu
):
    assert trouve(ici.examine(), "fichiers")[0][1].startswith("Aucune pièce n’est téléchargée")
    ici.regle(relire="true")
    with store.ouvrir(ici.base) as base:
        fiches = tuple(fiche(n) for n in range(1, 5))
        base.dossiers.save_page(monde.DEMARCHE, fiches=fiches, trous=(), supprimes=(), watermark=None, now=wiring.now())
    answers = list(liens)

    def donne(_self, number):
        if answers and isinstance(answers[0], DossierError):
            raise answers.pop(0)
        return {str(rang): lien for rang, lien in enumerate(answers)}

    monkeypatch.setattr(DemarchesSimplifiees, "liens", donne)
    seen = []
    ici.avant.append(seen.append)
    ((gravite, dit),) = trouve(ici.examine(), "fichiers")
    assert gravite is attendu[0]
    assert attendu[1] in dit
    assert "secret" not in dit
    assert seen[0].compteurs.fichiers == 0


def test_a_dossier_that_cannot_be_read_back_does_not_keep_the_hosts_from_being_told(ici, monkeypatch):
    ici.regle(relire="true")
    with store.ouvrir(ici.base) as base:
        fiches = tuple(fiche(n) for n in (1, 2))
        base.dossiers.save_page(monde.DEMARCHE, fiches=fiches, trous=(), supprimes=(), watermark=None, now=wiring.now())
        base.connexion.db.execute("UPDATE dossiers SET entete = '[' WHERE number = 2")
        base.connexion.db.commit()
    monkeypatch.setattr(DemarchesSimplifiees, "liens", lambda _self, _number: {"a": FICHIERS})
    ((gravite, dit),) = trouve(ici.examine(), "fichiers")
    assert (gravite, "mènent à des serveurs permis" in dit) == (OK, True)


def test_a_base_in_use_is_told_without_waiting_for_it(ici):
    with store.verrou(ici.base):
        assert "tient la base en ce moment" in trouve(ici.examine(), "verrou")[0][1]
    assert "Personne ne tient la base" in trouve(ici.examine(), "verrou")[0][1]
    assert "Personne ne tient la base" in trouve(ici.examine(), "verrou")[0][1]


# Planted faults -------------------------------------------------------------------------------------------------------


def _cle_mal_ecrite(ici):
    ici.remplace('mode = "agir"', 'moed = "agir"')


def _toml_casse(ici):
    ici.remplace("corrections = true", 'corrections = "oui')


def _config_absente(ici):
    ici.avant.append(lambda _bac: ici.chemin.unlink())


def _modele_casse(ici):
    (ici.dossier / "modeles").mkdir()
    (ici.dossier / "modeles" / "correction.txt.j2").write_text("Bonjour {{ nom_inconnu }}\n", encoding="utf-8")
    ici.regle(modeles='"modeles"')
    ici.modeles = wiring.modeles


def _rien_d_autorise(ici):
    ici.regle(corrections="false", passage_en_instruction="false")


def _decisions_sans_date(ici):
    ici.remplace('source = "aucune"', 'source = "fichier"')


def _decisions_et_evenements(ici):
    ici.regle(corrections="false", passage_en_instruction="false", evenements="true")
    ici.remplace('source = "aucune"', 'source = "fichier"')


def _reponse_que_le_formulaire_n_offre_pas(ici):
    ici.remplace('exclues = ["Médecine générale"]', 'exclues = ["Médecine générales"]')


def _jeton_absent(ici):
    ici.jeton.unlink()


def _jeton_lisible_par_tous(ici):
    ici.jeton.chmod(0o644)


def _configuration_ouverte_a_tous(ici):
    ici.chemin.chmod(0o666)


def _jeton_tronque(ici):
    ici.jeton.write_text(monde.JETON_ECRITURE[:20], encoding="utf-8")


def _jeton_revoque(ici):
    ici.world.jetons.clear()


def _jeton_expire(ici):
    ici.jeton.write_text(monde.JETON_EXPIRE, encoding="utf-8")


def _jeton_bientot_expire(ici):
    ici.regle(jeton_expire_le=(wiring.today() + timedelta(days=5)).isoformat())


def _jeton_expire_dans_un_mois(ici):
    ici.regle(jeton_expire_le=(wiring.today() + timedelta(days=25)).isoformat())


def _jeton_expire_hier(ici):
    ici.regle(jeton_expire_le=(wiring.today() - timedelta(days=1)).isoformat())


def _jeton_en_lecture(ici):
    ici.jeton.write_text(monde.JETON_LECTURE, encoding="utf-8")


def _reseau_interdit(ici):
    ici.nouveau_jeton(reseaux=("192.0.2.0/24",))


def _hors_perimetre(ici):
    ici.nouveau_jeton(demarches=frozenset({1}))


def _mauvais_numero(ici):
    ici.regle(numero="999")


def _en_test(ici):
    ici.demarche.state = "brouillon"


def _ds_arrete(ici):
    ici.avant.append(lambda bac: bac.stop())


def _panne(genre):
    def plante(ici):
        ici.avant.append(lambda bac: bac.faults.ajoute(genre, fois=None))

    return plante


def _horloge_fausse(ici):
    ici.retard = timedelta(minutes=10)


def _horloge_un_peu_fausse(ici):
    ici.retard = -timedelta(seconds=60)


def _capacites(**values):
    def plante(ici):
        ici.world.capacites, ici.relire = Capacites(**values), True

    return plante


def _champ_renomme(ici):
    ici.change("Catégorie de poste", label="Nature du poste demandé")


def _champ_retire(ici):
    revision = ici.demarche.revision_active
    revision.champs = tuple(d for d in revision.champs if d.label != "Catégorie de poste")
    del revision.par_id


def _champ_jamais_vu(ici):
    ici.remplace('"Catégorie de poste"', '"Catégorie du poste"')


def _annotation_de_mauvais_type(ici):
    ici.change("Synthèse", type="yes_no")


def _option_disparue(ici):
    avis = next(d for d in ici.demarche.revision_active.annotations if d.label == "Avis proposé")
    ici.change("Avis proposé", options=tuple(o for o in avis.options if o != "Liste d'attente"))


def _brouillon_incompatible(ici):
    draft = ici.demarche.revisions[-1]
    draft.champs = tuple(d for d in draft.champs if d.label != "Promotion")


def _label_supprime(ici):
    ici.demarche.labels[:] = [label for label in ici.demarche.labels if label.name != "Hors zone"]


def _hors_d_un_groupe(ici):
    ici.demarche.groupes[1].instructeurs.remove(demo.INSTRUCTEUR_TECHNIQUE)


def _observateur(ici):
    ici.regle(mode='"observer"')


def _compte_hors_d_un_groupe_sans_ecrire(ici):
    ici.regle(mode='"observer"', corrections="false", passage_en_instruction="false")
    _hors_d_un_groupe(ici)


def _service_plus_tard(ici):
    ici.regle(mise_en_service=(wiring.today() + timedelta(days=9)).isoformat())


def _fermee(ici):
    ici.demarche.state = "close"


def _sans_annotation(ici):
    text = ici.chemin.read_text(encoding="utf-8")
    before, _, after = text.partition("[correspondance.annotations]")
    ici.chemin.write_text(before + after[after.index("\n[") :], encoding="utf-8")


def _sans_label(ici):
    ici.regle(labels="false")


def _ds_lent(ici):
    ici.lenteur = 6.0


def _sans_heure(ici):
    ici.sans_heure = True


def _disque(libre):
    def plante(ici):
        ici.libre = libre

    return plante


def _lignes_orphelines(ici):
    ici.sql(
        "PRAGMA foreign_keys = OFF",
        "INSERT INTO titulaires (dossier, poste) VALUES (1, 'inconnu')",
    )


def _base_au_loin(ici):
    ici.regle(chemin='"/nulle/part/ailleurs/base.sqlite"')


def _silence(ici):
    with store.ouvrir(ici.base) as base:
        base.dossiers.save_report(
            monde.DEMARCHE, at=wiring.now() - timedelta(days=5), exit_code=0, counts={}, text="Rien"
        )


def _sans_bareme_pet(ici):
    text = ici.chemin.read_text(encoding="utf-8")
    before, _, after = text.partition("[[pet.baremes]]")
    ici.chemin.write_text(
        f"{before}[[pet.baremes]]{re.sub('date_effet = .*', 'date_effet = 2090-01-01', after, count=1)}",
        encoding="utf-8",
    )


def _sans_promotion(ici):
    ici.change("Promotion", options=())


def _places_non_comptees(ici):
    text = ici.chemin.read_text(encoding="utf-8")
    before, _, after = text.partition('\n[[regles]]\ntype = "depot_territoire"')
    ici.chemin.write_text(before + after[after.index("\n[[regles]]") :], encoding="utf-8")


def _reponse_inconnue(ici):
    ici.remplace('exclues = ["Médecine générale"]', 'exclues = ["Médecine de l’espace"]')


def _sans_instructeur(ici):
    _observateur(ici)
    ici.regle(corrections="false", passage_en_instruction="false")
    text = ici.chemin.read_text(encoding="utf-8")
    ici.chemin.write_text(re.sub(r"(?m)^instructeur = .*$", "", text), encoding="utf-8")


def _jeton_pour_longtemps(ici):
    ici.regle(jeton_expire_le=(wiring.today() + timedelta(days=200)).isoformat())


def _tout_juste_passe(ici):
    with store.ouvrir(ici.base) as base:
        base.dossiers.save_report(monde.DEMARCHE, at=wiring.now(), exit_code=0, counts={}, text="Rien")


def _copies(ici, nom):
    with store.ouvrir(ici.base) as base:
        base.reglages.put(sauvegarde.DOSSIER, str(ici.dossier), now=wiring.now())
    (ici.dossier / nom).touch()


def _copie_du_jour(ici):
    _copies(ici, sauvegarde.name(ici.base, wiring.now()))


def _copie_trop_vieille(ici):
    _copies(ici, "connector-20200101T000000Z.sqlite")


def _liste_illisible(ici):
    oublis.beside(ici.base).unlink(missing_ok=True)
    oublis.beside(ici.base).mkdir()


def _liste_recommencee(ici):
    oublis.beside(ici.base).write_text('{"recommencee":true}\n')


def _description_refusee(ici):
    ici.relire = True
    ici.avant.append(lambda bac: bac.faults.ajoute(Genre.HTML_200, operation="Capacites"))


SEULES = frozenset(
    f"Mutation.dossierModifierAnnotation{kind}"
    for kind in ("Text", "Checkbox", "Date", "Datetime", "IntegerNumber", "DecimalNumber", "DropDownList")
)


def _seul_dans_son_groupe(ici):
    ici.demarche.groupes[0].instructeurs[:] = [demo.INSTRUCTEUR_TECHNIQUE]


def _groupes_fermes(ici):
    for groupe in ici.demarche.groupes:
        groupe.closed = True


def _quota_inconnu(ici):
    ici.change("Promotion", options=("2030-2032",))


def _zonage_absent(ici):
    ici.sql("UPDATE versions SET retiree_le = importe_le WHERE referentiel = 'zonage'")


def _zonage_d_ailleurs(ici):
    ici.sql("UPDATE versions SET region = '53' WHERE referentiel = 'zonage'")


def _zonage_vieux(ici):
    ici.sql("UPDATE versions SET date_effet = '2015-01-01' WHERE referentiel = 'zonage'")


def _sans_geo(ici):
    ici.geometrie = (True, False)


def _base_d_un_autre(ici):
    ici.sql("PRAGMA application_id = 7")


def _base_plus_recente(ici):
    ici.sql("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('connector', 'm999_futur', '')")


def _base_plus_ancienne(ici):
    ici.sql("DELETE FROM _sqlite_migrations WHERE name LIKE 'm003%'")


def _base_abimee(ici):
    content = bytearray(ici.base.read_bytes())
    content[8192 : 8192 + 4096] = b"\xff" * 4096
    ici.base.write_bytes(bytes(content))


def _base_absente(ici):
    ici.base.unlink()


def _base_lisible_par_tous(ici):
    ici.base.chmod(0o644)


def _dernier_passage_en_echec(ici):
    with store.ouvrir(ici.base) as base:
        base.dossiers.save_report(monde.DEMARCHE, at=wiring.now(), exit_code=77, counts={}, text="Arrêt : jeton")


def _sans_alerte(_ici):
    """Nothing to spoil: the example tells nobody."""


def _alerte_inconnue(ici):
    (ici.dossier / "alertes").touch(mode=0o600)
    (ici.dossier / "alertes").write_text("rien", encoding="utf-8")
    ici.regle(adresses='{ fichier = "alertes" }')


def _bulletin(ici, **destinataires):
    ici.regle(serveur='"smtp.ars.exemple.fr"', expediteur='"connecteur@ars.exemple.fr"')
    lignes = "\n".join(f'"{label}" = "{adresse}"' for label, adresse in destinataires.items())
    ici.remplace("[bulletin.destinataires]\n", f"[bulletin.destinataires]\n{lignes}\n")


def _bulletin_sans_mot_de_passe(ici):
    _bulletin(ici, **{"*": "tous@ars.exemple.fr"})
    ici.regle(identifiant='"connecteur"', mot_de_passe='{ fichier = "absent" }')


def _bulletin_a_personne(ici):
    _bulletin(ici, Lune="lune@ars.exemple.fr")


FAUTES = (
    (_cle_mal_ecrite, "configuration", ERREUR, r"ligne \d+.*moed.*vouliez-vous dire « mode »"),
    (_toml_casse, "configuration", ERREUR, r"ligne \d+"),
    (_config_absente, "configuration", ERREUR, "n'existe pas|n’existe pas"),
    (_modele_casse, "modeles", ERREUR, "correction.txt.j2"),
    (_rien_d_autorise, "envoi", ATTENTION, "rien n’est autorisé"),
    (_decisions_sans_date, "envoi", ATTENTION, "« notification_le » n’est pas saisi.*dès le passage qui suit"),
    (_jeton_absent, "jeton", ERREUR, "ce fichier n’existe pas"),
    (_jeton_lisible_par_tous, "jeton", ERREUR, "chmod 600"),
    (_configuration_ouverte_a_tous, "configuration", ERREUR, "chmod o-w"),
    (_jeton_tronque, "jeton", ERREUR, "n’a pas la forme"),
    (_jeton_revoque, "acces", ERREUR, "ne reconnaît pas le jeton"),
    (_jeton_expire, "acces", ERREUR, "a expiré"),
    (_jeton_bientot_expire, "expiration", ATTENTION, "dans 5 jours.*urgent.*créez un jeton"),
    (_jeton_expire_dans_un_mois, "expiration", ATTENTION, "dans 25 jours.*ce mois-ci"),
    (_jeton_expire_hier, "expiration", ERREUR, "a expiré le"),
    (_jeton_en_lecture, "ecriture", ERREUR, "ne permet que la lecture"),
    (_reseau_interdit, "acces", ERREUR, "127.0.0.1/32.*réseaux autorisés"),
    (_hors_perimetre, "acces", ERREUR, "ne donne pas accès.*administre toujours"),
    (_mauvais_numero, "acces", ERREUR, "ne connaît pas la démarche 999"),
    (_en_test, "acces", ATTENTION, "en test"),
    (_ds_arrete, "reseau", ERREUR, "injoignable.*proxy"),
    (_panne(Genre.REDIRECTION_301), "acces", ERREUR, "redirige vers"),
    (_panne(Genre.HTML_200), "acces", ERREUR, "page web.*portail"),
    (_panne(Genre.MAINTENANCE), "acces", ERREUR, "maintenance"),
    (_panne(Genre.LIMITE_429), "acces", ERREUR, "trop de requêtes"),
    (_horloge_fausse, "horloge", ERREUR, "avance de 600 secondes|avance de 60[01] secondes"),
    (_horloge_un_peu_fausse, "horloge", ATTENTION, "retarde de"),
    (_capacites(lot_annotations=False), "capacites", ATTENTION, "une par une"),
    (_capacites(champs_absents=frozenset({"Dossier.labels"})), "capacites", ERREUR, "« Dossier.labels »"),
    (
        _capacites(champs_absents=frozenset({"Mutation.dossierAjouterLabel"})),
        "capacites",
        ERREUR,
        "dossierAjouterLabel",
    ),
    (_champ_renomme, "champs", ATTENTION, "« champs.categorie » s’appelle maintenant « Nature du poste demandé »"),
    (_champ_retire, "champs", ERREUR, "« champs.categorie » n’est plus dans la version en vigueur"),
    (_champ_jamais_vu, "champs", ERREUR, r"ligne \d+.*Catégorie du poste.*vouliez-vous dire « Catégorie de poste »"),
    (_reponse_que_le_formulaire_n_offre_pas, "champs", ATTENTION, r"ligne \d+.*exclues.*« Médecine générale » \?"),
    (_annotation_de_mauvais_type, "annotations", ERREUR, r"ligne \d+.*oui/non"),
    (_option_disparue, "annotations", ERREUR, "n’a pas d’option « Liste d’attente »"),
    (_brouillon_incompatible, "champs", ATTENTION, "en préparation.*promotion"),
    (_label_supprime, "labels", ERREUR, "Hors zone"),
    (_observateur, "envoi", ATTENTION, "le mode « observer » ne l’envoie pas"),
    (_compte_hors_d_un_groupe_sans_ecrire, "groupes", ATTENTION, "« Eure-et-Loir et Loiret »"),
    (_reponse_inconnue, "champs", ATTENTION, r"ligne \d+.*Médecine de l’espace"),
    (_sans_instructeur, "groupes", OK, "aucun compte n’y est nécessaire"),
    (_jeton_pour_longtemps, "expiration", OK, "valable jusqu’au"),
    (_tout_juste_passe, "passages", OK, "dernier passage le"),
    (_copie_du_jour, "copies", OK, r"aucune copie de plus de 30 jours\.$"),
    (_copie_trop_vieille, "copies", ATTENTION, "garde 1 copie.*connector purge"),
    (_liste_illisible, "oublis", ERREUR, "La liste des oublis .* est inutilisable.*chown"),
    (_liste_recommencee, "oublis", ATTENTION, "a été perdu, puis recommencé"),
    (_description_refusee, "capacites", ERREUR, "page web"),
    (_decisions_et_evenements, "envoi", OK, "messages d’événement et décisions de la commission"),
    (_service_plus_tard, "envoi", ATTENTION, "La mise en service est au"),
    (_fermee, "acces", OK, "lisible, close"),
    (_sans_annotation, "annotations", ATTENTION, "aucune annotation où écrire"),
    (_sans_label, "labels", OK, "ne pose pas de label"),
    (_ds_lent, "reseau", ATTENTION, "6 secondes.*lent"),
    (_sans_heure, "horloge", ATTENTION, "timedatectl"),
    (_disque(50 * 2**20), "place", ERREUR, "50 Mo libres.*vont échouer"),
    (_disque(500 * 2**20), "place", ATTENTION, "500 Mo libres"),
    (_lignes_orphelines, "base", ERREUR, "ligne orpheline"),
    (_base_au_loin, "base", ERREUR, "dossier n’existe pas"),
    (_silence, "passages", ATTENTION, "il est loin"),
    (_sans_bareme_pet, "baremes", ATTENTION, r"pet\.baremes"),
    (_sans_promotion, "quotas", OK, "aucune promotion"),
    (_places_non_comptees, "quotas", OK, "ne sont pas comptées"),
    (
        _capacites(lot_annotations=False, champs_absents=SEULES),
        "capacites",
        ERREUR,
        "ne sait pas écrire les annotations",
    ),
    (_capacites(lot_annotations=False, champs_absents=SEULES), "ecriture", ATTENTION, "ne permet pas de savoir"),
    (
        _capacites(lot_annotations=False, champs_absents=frozenset({"Mutation.dossierModifierAnnotationDropDownList"})),
        "annotations",
        ERREUR,
        "d’un type que cette instance de DS ne sait pas écrire",
    ),
    (_hors_d_un_groupe, "groupes", ERREUR, "« Eure-et-Loir et Loiret »"),
    (_seul_dans_son_groupe, "groupes", ATTENTION, "aucun autre instructeur"),
    (_groupes_fermes, "groupes", ERREUR, "aucun groupe"),
    (_quota_inconnu, "quotas", ATTENTION, "promotion 2030-2032.*n’est pas saisi"),
    (_zonage_absent, "referentiels", ERREUR, "connector import zonage"),
    (_zonage_d_ailleurs, "referentiels", ERREUR, "votre région"),
    (_zonage_vieux, "referentiels", ATTENTION, "01/01/2015"),
    (_sans_geo, "distances", ATTENTION, "quartiers prioritaires.*geo"),
    (_base_d_un_autre, "base", ERREUR, "autre logiciel"),
    (_base_plus_recente, "base", ERREUR, "plus récente"),
    (_base_plus_ancienne, "base", ATTENTION, "plus ancienne"),
    (_base_abimee, "base", ERREUR, "endommagé"),
    (_base_absente, "base", OK, "n’existe pas encore"),
    (_base_lisible_par_tous, "base", ATTENTION, "chmod 600"),
    (_dernier_passage_en_echec, "passages", ATTENTION, "code 77"),
    (_sans_alerte, "alertes", ATTENTION, "Personne n’est prévenu"),
    (_alerte_inconnue, "alertes", ERREUR, "adresse d’alerte n° 1"),
    (_bulletin_sans_mot_de_passe, "bulletin", ERREUR, "ce fichier n’existe pas"),
    (_bulletin_a_personne, "bulletin", ERREUR, "aucun groupe ne s’appelle « Lune ».*les groupes sont « Cher"),
)


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's own affair
@pytest.mark.parametrize(
    ("plante", "cle", "gravite", "motif"), FAUTES, ids=[f"{n:02}-{f[1]}" for n, f in enumerate(FAUTES, 1)]
)
def test_each_planted_fault_is_found_and_told_with_its_remedy(ici, plante, cle, gravite, motif):
    plante(ici)
    diagnostic = ici.examine()
    found = [texte for vue, texte in trouve(diagnostic, cle) if vue is gravite]
    assert any(re.search(motif, texte, re.IGNORECASE) for texte in found), (found, diagnostic.text())
    assert diagnostic.exit_code == int(any(r.gravite is ERREUR for t in diagnostic.trouves for r in t.resultats))
    for t in diagnostic.trouves:
        for r in t.resultats:
            assert bool(r.remede) == (r.gravite in {ATTENTION, ERREUR}), (t.examen.cle, r)


def test_a_proxy_that_is_dead_is_found_and_named_without_its_password(ici, monkeypatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://marie:secret@127.0.0.1:9")
    diagnostic = ici.examine()
    ((gravite, texte),) = trouve(diagnostic, "reseau")
    assert (gravite, "passe par le proxy 127.0.0.1:9." in texte, "secret" in texte) == (ERREUR, True, False)
    assert {t.examen.cle for t in diagnostic.trouves for r in t.resultats if r.gravite is Gravite.NON_VERIFIE} >= {
        "horloge",
        "acces",
        "ecriture",
        "capacites",
        "groupes",
    }
