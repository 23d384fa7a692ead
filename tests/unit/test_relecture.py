"""Pieces are looked into before their dossier is judged: once each, within what one cycle may fetch, without harm."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from connector import cycle
from connector.core.contenu import Defaut, Empechement, Examen, Nature
from connector.core.examen_piece import Relecture
from connector.core.model import Pieces, VirusScan
from connector.errors import DossierError
from connector.ports import Loupe
from tests.fakes import CV, LIEN, Armoire, Monde, un_champ, un_dossier, une_piece

BIEN = Examen(nature=Nature.PDF, pages=1)
SCRIPT = Examen(nature=Nature.PDF, pages=1, defauts=(Defaut.SCRIPT,))


@dataclass
class Carnet:
    """`ports.Relectures`, in a dict; `armoire` tells when a dossier is judged again."""

    armoire: Armoire
    par_dossier: dict[int, dict[str, Relecture]] = field(default_factory=dict)

    def of(self, number):
        return dict(self.par_dossier.get(number, {}))

    def save(self, number, relectures):
        self.par_dossier[number] = {r.checksum: r for r in relectures}

    def restantes(self, demarche):
        for number, connues in self.par_dossier.items():
            evaluation = self.armoire.rangees[number].evaluation
            revu = evaluation.a_revoir_le if evaluation else None
            yield from ((connue, revu) for connue in connues.values() if connue.examen is None)


@dataclass
class Stockage:
    """What looking into a file finds, by checksum, one answer after the other; and every link that was followed."""

    trouve: dict[str, list] = field(default_factory=dict)
    suivis: list[tuple[int, str]] = field(default_factory=list)

    def __call__(self, number, piece, lien):
        self.suivis.append((number, lien))
        answers = self.trouve.get(piece.checksum, [BIEN])
        return answers.pop(0) if len(answers) > 1 else answers[0]


@dataclass
class Essai:
    monde: Monde = field(default_factory=Monde)
    carnet: Carnet = field(init=False)
    stockage: Stockage = field(default_factory=Stockage)
    par_passage: int = 100
    octets_max: int = 2**20

    def __post_init__(self):
        self.carnet = Carnet(self.monde.armoire)

    def passe(self, **changes):
        passage = self.monde.passage()
        loupe = Loupe(
            relectures=self.carnet,
            examiner=self.stockage,
            octets_max=self.octets_max,
            par_passage=self.par_passage,
        )
        passage = replace(passage, bord=replace(passage.bord, loupe=loupe, **changes))
        return cycle.run(passage)

    def depose(self, number=100, *checksums, **changes):
        """A dossier whose curriculum vitae is made of those files."""
        (modele,) = une_piece(**changes).files
        files = tuple(replace(modele, checksum=c) for c in checksums or ("a",))
        champs = tuple(
            un_champ(CV, Pieces(files=files), "PieceJustificativeChamp") if c.id == CV else c
            for c in un_dossier(number).champs
        )
        self.monde.serveur.usager_depose(number, champs=champs)

    def points(self, number=100):
        evaluation = self.monde.armoire.rangees[number].evaluation
        return "\n".join(evaluation.proposition.points).replace("\u00a0", " ").replace("\u202f", " ")

    @property
    def liens_demandes(self):
        return [r for r in self.monde.serveur.requetes if r.startswith("dossier")]


@pytest.fixture
def essai():
    return Essai()


def test_what_is_found_is_among_the_points_and_the_file_is_fetched_once(essai):
    essai.depose()
    essai.stockage.trouve = {"a": [SCRIPT]}
    assert essai.passe().pieces == 1
    assert "JavaScript" in essai.points()
    assert essai.stockage.suivis == [(100, LIEN + "a")]
    essai.monde.horloge.avance(days=2)
    essai.passe()
    assert len(essai.stockage.suivis) == 1


def test_not_asked_for_nothing_is_fetched_nor_said(essai):
    essai.depose()
    essai.carnet.save(100, [Relecture(checksum="a", le=essai.monde.horloge.now, examen=SCRIPT)])
    cycle.run(essai.monde.passage())
    assert "JavaScript" not in essai.points()
    assert essai.stockage.suivis == []


def test_a_preview_says_the_same_words(essai):
    essai.depose()
    essai.stockage.trouve = {"a": [SCRIPT]}
    passage = essai.monde.passage()
    loupe = Loupe(relectures=essai.carnet, examiner=essai.stockage, octets_max=2**20, par_passage=5)
    ((_, jugement),) = cycle.preview(replace(passage, bord=replace(passage.bord, loupe=loupe)))
    assert any("JavaScript" in point for point in jugement.proposition.points)


def test_a_link_that_is_too_old_is_asked_for_again_once(essai):
    essai.depose(100, "a", "b")
    followed = []

    def lent(number, piece, lien):
        followed.append(piece.checksum)
        essai.monde.horloge.avance(minutes=2)
        return Empechement.LIEN if followed == ["a", "b"] else BIEN

    essai.stockage = lent
    essai.monde.serveur.liens, demandes = _comptes(essai.monde.serveur.liens)
    assert essai.passe().pieces == 2
    assert followed == ["a", "b", "b"]
    assert len(demandes) == 2
    assert "non relue" not in essai.points()


def test_a_link_refused_a_moment_after_it_was_given_is_not_asked_for_again(essai):
    essai.depose()
    essai.stockage.trouve = {"a": [Empechement.LIEN]}
    essai.monde.serveur.liens, demandes = _comptes(essai.monde.serveur.liens)
    essai.passe()
    assert (len(essai.stockage.suivis), len(demandes)) == (1, 1)
    assert "lien refusé" in essai.points()


def test_no_link_is_asked_for_a_file_that_is_too_heavy(essai):
    essai.octets_max = 10
    essai.depose(100, "a", "b")
    essai.monde.serveur.liens, demandes = _comptes(essai.monde.serveur.liens)
    essai.passe()
    assert demandes == []
    assert "plus lourde" in essai.points()


def test_a_file_of_which_ds_gives_no_link_is_asked_for_later_and_later_and_the_others_are_looked_into(essai):
    essai.depose(100, "a", "b")
    vrais = essai.monde.serveur.liens
    essai.monde.serveur.liens, demandes = _comptes(lambda number: {"b": vrais(number)["b"]})
    for _ in range(30):
        essai.passe()
        essai.monde.horloge.avance(minutes=10)
    assert [lien.removeprefix(LIEN) for _, lien in essai.stockage.suivis] == ["b"]
    assert len(demandes) == 4  # for a at once, for b, then for a after one hour and after two more
    assert "n’en donne pas le lien" in essai.points()


def _comptes(liens):
    """That function, and the list of what it is asked."""
    demandes = []

    def compte(number):
        demandes.append(number)
        return liens(number)

    return compte, demandes


def test_a_file_whose_bytes_are_others_is_asked_for_again_then_said(essai):
    essai.depose()
    essai.stockage.trouve = {"a": [Empechement.EMPREINTE]}
    assert essai.passe().pieces == 0
    assert len(essai.stockage.suivis) == 2
    assert "empreintes différentes" in essai.points()


def test_a_file_that_was_replaced_meanwhile_is_read_again_and_looked_into_next_time(essai):
    essai.depose(100, "a")
    passes = []

    def remplace(number, piece, lien):
        passes.append(piece.checksum)
        if piece.checksum == "a":
            essai.monde.serveur.usager_corrige(100, cv=une_piece(checksum="b"))
            return Empechement.EMPREINTE
        return SCRIPT

    essai.stockage = remplace
    essai.passe()
    assert passes == ["a"]
    essai.monde.horloge.avance(minutes=10)
    essai.passe()
    assert passes == ["a", "b"]
    assert "JavaScript" in essai.points()
    assert set(essai.carnet.of(100)) == {"b"}


def test_what_is_known_of_a_file_goes_with_it(essai):
    essai.depose(100, "a")
    essai.passe()
    essai.monde.serveur.usager_corrige(100, cv=une_piece(checksum="b", virus_scan=VirusScan.PENDING))
    essai.passe()
    assert essai.carnet.of(100) == {}


def test_a_file_that_cannot_be_had_is_said_calmly_and_tried_again_later(essai):
    essai.depose()
    essai.stockage.trouve = {"a": [Empechement.RESEAU, BIEN]}
    essai.passe()
    assert "pièce non relue" in essai.points()
    essai.monde.horloge.avance(minutes=30)
    essai.passe()
    assert len(essai.stockage.suivis) == 1
    essai.monde.horloge.avance(minutes=31)
    essai.passe()
    assert len(essai.stockage.suivis) == 2
    assert "pièce non relue" not in essai.points()


def test_a_storage_that_does_not_answer_is_left_alone_after_a_few_files(essai):
    for number in range(100, 110):
        essai.depose(number)
    essai.stockage.trouve = {"a": [Empechement.DELAI]}
    assert essai.passe().exit_code == 0
    assert len(essai.stockage.suivis) == 3


def test_one_file_in_two_that_answers_keeps_the_round_going(essai):
    for number in range(100, 106):
        essai.depose(number)
    essai.stockage.trouve = {"a": [Empechement.RESEAU, BIEN] * 3}
    essai.passe()
    assert len(essai.stockage.suivis) == 6


def test_beyond_what_one_cycle_may_fetch_the_others_wait_for_the_next(essai):
    essai.par_passage = 2
    essai.depose(100, "a", "b", "c")
    essai.depose(101, "d", "e")
    assert essai.passe().pieces == 2
    essai.monde.horloge.avance(minutes=10)
    assert essai.passe().pieces == 2  # what we wrote in them had both of them read again
    essai.monde.horloge.avance(minutes=10)
    assert essai.passe().examines == 0
    essai.monde.horloge.avance(hours=2)
    assert essai.passe().pieces == 1
    essai.monde.horloge.avance(hours=2)
    assert essai.passe().pieces == 0
    assert [lien.removeprefix(LIEN) for _, lien in essai.stockage.suivis] == ["a", "b", "c", "d", "e"]


def test_files_that_take_too_long_leave_the_others_for_later_and_hold_nothing_back(essai):
    for number in range(100, 110):
        essai.depose(number)
    looked = []

    def lent(number, piece, lien):
        looked.append(number)
        essai.monde.horloge.avance(minutes=2)
        return BIEN

    essai.stockage = lent
    assert essai.passe().examines == 10
    assert len(looked) == 3
    for _ in range(24):
        essai.monde.horloge.avance(minutes=10)
        essai.passe()
    assert sorted(looked) == list(range(100, 110))


def test_a_host_that_is_not_allowed_is_named_to_the_operator_and_nothing_else_of_the_link(essai):
    essai.depose()
    essai.stockage.trouve = {"a": [Empechement.HOTE]}
    rapport = essai.passe()
    assert "« fichiers.exemple.fr »" in rapport.text().replace("\u00a0", " ")
    assert LIEN not in rapport.text()


def test_a_host_that_is_none_is_not_repeated(essai):
    essai.depose()
    essai.stockage.trouve = {"a": [Empechement.HOTE]}
    essai.monde.serveur.liens = lambda _: {"a": "javascript:alert('\u202e')"}
    rapport = essai.passe()
    assert "pas une adresse ordinaire" in rapport.text()
    assert "alert" not in rapport.text()


def test_a_dossier_that_ds_cannot_show_is_judged_all_the_same(essai):
    essai.depose()

    def casse(number):
        raise DossierError("illisible", number=number)

    essai.monde.serveur.liens = casse
    assert essai.passe().examines == 1
    assert essai.stockage.suivis == []


def test_asked_to_stop_in_the_middle_of_a_file_nothing_of_it_is_kept(essai):
    essai.depose(100, "a", "b")
    essai.stockage.trouve = {"a": [None]}
    essai.passe()
    assert {connue.examen for connue in essai.carnet.of(100).values()} == {None}
    assert len(essai.stockage.suivis) == 1


def test_asked_to_stop_between_two_files_or_two_dossiers_the_round_ends(essai):
    essai.depose(100, "a", "b")
    essai.depose(101, "c")
    essai.monde.arret = lambda: bool(essai.stockage.suivis)
    essai.passe()
    assert len(essai.stockage.suivis) == 1


def test_a_file_that_waits_for_the_antivirus_is_looked_into_once_it_is_safe(essai):
    essai.depose(virus_scan=VirusScan.PENDING)
    essai.passe()
    assert essai.stockage.suivis == []
    assert "antivirus" in essai.points()
    essai.monde.serveur.lignes[100].dossier = replace(
        essai.monde.vu(), champs=tuple(_sain(c) for c in essai.monde.vu().champs)
    )
    essai.monde.horloge.avance(minutes=16)
    essai.passe()
    essai.monde.horloge.avance(minutes=6)
    essai.passe()
    assert len(essai.stockage.suivis) == 1


def _sain(champ):
    if champ.id != CV:
        return champ
    return replace(champ, value=Pieces(files=tuple(replace(f, virus_scan=VirusScan.SAFE) for f in champ.value.files)))


def test_a_doubt_about_a_piece_sends_nothing_to_the_applicant(essai):
    essai.depose()
    essai.stockage.trouve = {"a": [Examen(nature=Nature.PROGRAMME)]}
    rapport = essai.passe()
    assert rapport.messages == 0
    assert "programme" in essai.points()


def test_no_try_comes_sooner_than_its_time(essai):
    essai.depose()
    essai.stockage.trouve = {"a": [Empechement.RESEAU]}
    for _ in range(30):
        essai.passe()
        essai.monde.horloge.avance(minutes=10)
    assert len(essai.stockage.suivis) == 3  # at once, after one hour, after two more
    assert essai.carnet.of(100)["a"].le - essai.monde.horloge.now < timedelta(0)


def dit(rapport):
    return rapport.text().replace("\u00a0", " ").replace("\u202f", " ")


def test_what_is_still_to_be_looked_into_is_counted_and_its_hour_told(essai):
    essai.par_passage = 2
    for number in range(100, 105):
        essai.depose(number)
    rapport = essai.passe()
    assert rapport.pieces_en_attente == 3
    # n° 102 is the first whose turn comes: an hour and six times five minutes
    assert dit(rapport).endswith("3 pièces restent à relire, dans 1 h 30 au plus tôt.")
    essai.monde.horloge.avance(hours=3)
    assert essai.passe().pieces_en_attente == 1
    essai.monde.horloge.avance(hours=3)
    rapport = essai.passe()
    assert rapport.pieces_en_attente == 0
    assert "à relire" not in dit(rapport)


def test_a_file_that_could_not_be_had_is_among_those_still_to_be_looked_into(essai):
    essai.depose()
    essai.stockage.trouve = {"a": [Empechement.RESEAU]}
    assert dit(essai.passe()).endswith("1 pièce reste à relire, dans 1 h au plus tôt.")


def test_a_file_that_is_too_heavy_waits_for_nothing(essai):
    essai.octets_max = 10
    essai.depose()
    assert essai.passe().pieces_en_attente == 0


def test_a_pass_asked_to_stop_says_that_the_next_one_goes_on(essai):
    essai.depose(100, "a", "b")
    essai.stockage.trouve = {"a": [None]}
    essai.monde.arret = lambda: bool(essai.stockage.suivis)
    assert "2 pièces restent à relire, au prochain passage." in dit(essai.passe())


def test_where_nothing_is_looked_into_nothing_waits(essai):
    essai.depose()
    assert "à relire" not in dit(cycle.run(essai.monde.passage()))
