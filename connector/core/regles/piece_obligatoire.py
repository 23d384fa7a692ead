"""A file must be there, and be one that somebody can open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible, Manquant, fichiers
from connector.core.constat import Statut
from connector.core.correspondance import TypeLogique
from connector.core.model import Piece, VirusScan
from connector.core.regles.base import Contexte, Exemple, RegleDeChamp, Verdict, unreadable
from connector.core.textes import enumerer, suggestion, typographier

PIECE = typographier("pièce : ")
"""What the short form of a piece's Constat begins with: the synthesis counts these together."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPENDOCUMENT = "application/vnd.oasis.opendocument."

FORMATS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "pdf": (frozenset({"pdf"}), frozenset({"application/pdf"})),
    "doc": (frozenset({"doc"}), frozenset({"application/msword"})),
    "docx": (frozenset({"docx"}), frozenset({f"{_OFFICE}wordprocessingml.document"})),
    "odt": (frozenset({"odt"}), frozenset({f"{_OPENDOCUMENT}text"})),
    "xls": (frozenset({"xls"}), frozenset({"application/vnd.ms-excel"})),
    "xlsx": (frozenset({"xlsx"}), frozenset({f"{_OFFICE}spreadsheetml.sheet"})),
    "ods": (frozenset({"ods"}), frozenset({f"{_OPENDOCUMENT}spreadsheet"})),
    "rtf": (frozenset({"rtf"}), frozenset({"application/rtf", "text/rtf"})),
    "txt": (frozenset({"txt"}), frozenset({"text/plain"})),
    "jpg": (frozenset({"jpg", "jpeg"}), frozenset({"image/jpeg"})),
    "png": (frozenset({"png"}), frozenset({"image/png"})),
    "tiff": (frozenset({"tif", "tiff"}), frozenset({"image/tiff"})),
    "heic": (frozenset({"heic", "heif"}), frozenset({"image/heic", "image/heif"})),
    "zip": (frozenset({"zip"}), frozenset({"application/zip", "application/x-zip-compressed"})),
}
"""The formats that a rule can accept: their extensions and content types."""

_MUETS = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Content types that say nothing of what is inside."""

_EXTENSION_PLAUSIBLE = 5

_ABSENTE = Verdict(
    statut=Statut.KO,
    phrase="la pièce n'est pas dans le dossier, ou l'antivirus l'a écartée.",
    remede="Merci de la déposer.",
)
_VIDE = Verdict(
    statut=Statut.KO,
    phrase="le fichier déposé est vide.",
    remede="Merci de le déposer à nouveau.",
    court="fichier vide",
)
_INFECTEE = Verdict(
    statut=Statut.KO,
    phrase="l'antivirus a refusé le fichier déposé.",
    remede="Merci d'en déposer un autre.",
    court="refusée par l'antivirus",
)
_EN_ATTENTE = Verdict(
    statut=Statut.A_VERIFIER,
    phrase="l'antivirus n'a pas encore rendu son verdict ; la pièce sera revue sans que personne n'ait rien à faire.",
    court="antivirus en cours",
)
_INCERTAINE = Verdict(
    statut=Statut.A_VERIFIER,
    phrase="le format du fichier n'a pas pu être reconnu.",
    remede="Ouvrir la pièce pour s'assurer qu'elle est lisible.",
    court="format inconnu",
)
_PRESENTE = Verdict(statut=Statut.OK, phrase="la pièce est dans le dossier.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceObligatoire(RegleDeChamp):
    """A piece of the application: present, not empty, not another piece's file, readable, and free of viruses."""

    type: ClassVar[str] = "piece_obligatoire"
    manuel: ClassVar[str] = typographier(
        "Une pièce doit être déposée. Non respectée si elle est absente, vide, d'un format refusé (« formats »), "
        "écartée par l'antivirus, ou si c'est le même fichier que celui d'une autre pièce. À vérifier tant que "
        "l'antivirus n'a pas rendu son verdict, ou si le format n'est pas reconnaissable. Un fichier utilisable "
        "suffit quand plusieurs sont déposés. Sans objet si le formulaire ne demande pas la pièce à ce dossier. Le "
        "contenu du document et sa signature ne sont pas contrôlés : c'est l'affaire de l'instructeur."
    )
    types: ClassVar[frozenset[TypeLogique]] = frozenset({TypeLogique.PIECE})

    formats: tuple[str, ...] = ("pdf", "doc", "docx", "odt", "jpg", "png")

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """Formats that we do not know, none at all, or a piece that the count would leave out."""
        inconnus = (f for f in self.formats if f not in FORMATS)
        problemes = [("formats", f"format « {f} » inconnu{suggestion(f, FORMATS)}") for f in inconnus]
        if not self.formats:
            problemes.append(("formats", "au moins un format est nécessaire"))
        if not self.visible:
            problemes.append(("visible", "les pièces sont comptées ensemble dans la synthèse : retirez cette option"))
        return tuple(problemes)

    def examine_champ(self, lu: ChampLu, nom: str, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """The best of its files decides: one good file is enough."""
        if isinstance(lu.lecture, Illisible):
            return self._nomme(unreadable(nom, lu.lecture), "illisible")
        verdicts = [self._fichier(f, lu, candidature) for f in fichiers(lu)]
        meilleur = next((v for s in _DU_MEILLEUR_AU_PIRE for v in verdicts if v.statut is s), _ABSENTE)
        return self._nomme(replace(meilleur, phrase=f"{nom} : {meilleur.phrase}"), meilleur.court)

    def _nomme(self, verdict: Verdict, precision: str) -> Verdict:
        """The verdict with its short form: the piece's name, and what is wrong when it is there."""
        return replace(verdict, court=PIECE + self.libelle + (f" ({precision})" if precision else ""))

    def _fichier(self, fichier: Piece, lu: ChampLu, candidature: Candidature) -> Verdict:
        """What one file is worth, the gravest first: an empty file has the same checksum as any other."""
        if fichier.virus_scan in {VirusScan.INFECTED, VirusScan.INTEGRITY_ERROR}:
            return _INFECTEE
        if fichier.byte_size <= 0:
            return _VIDE
        double = next(_memes(fichier, lu, candidature), None)
        if double is not None:
            return _doublon(double)
        return self._format(fichier) or (_EN_ATTENTE if fichier.virus_scan is VirusScan.PENDING else _PRESENTE)

    def _format(self, fichier: Piece) -> Verdict | None:
        """What is wrong with its format, by extension and by what DS found inside; None when nothing is."""
        extension, contenu = extension_de(fichier.filename), fichier.content_type.partition(";")[0].strip().lower()
        acceptes = [FORMATS[f] for f in self.formats if f in FORMATS]
        extensions = frozenset(e for ext, _ in acceptes for e in ext)
        contenus = frozenset(c for _, types in acceptes for c in types)
        if (extension and extension not in extensions) or (contenu not in _MUETS and contenu not in contenus):
            return self._refuse(extension if extension not in extensions else "")
        if fichier.virus_scan is VirusScan.INCONNU or (not extension and contenu in _MUETS):
            return _INCERTAINE
        return None

    def _refuse(self, extension: str) -> Verdict:
        quoi = f"le format « {extension} » n'est" if extension else "le contenu du fichier n'est"
        return Verdict(
            statut=Statut.KO,
            phrase=f"{quoi} pas accepté.",
            remede=f"Merci de déposer la pièce dans un de ces formats : {enumerer(self.formats, lien='ou')}.",
            court="format refusé",
        )

    def exemples(self) -> tuple[Exemple, ...]:
        """Deposited, absent, and waiting for the antivirus."""
        attente = replace(self._modele(), virus_scan=VirusScan.PENDING)
        return (
            self._cas(f"{self.libelle} : fichier {self.formats[0]} déposé", Connu((self._modele(),)), Statut.OK),
            self._cas(f"{self.libelle} : aucun fichier", Manquant(), Statut.KO),
            self._cas(f"{self.libelle} : antivirus en cours", Connu((attente,)), Statut.A_VERIFIER),
        )

    def _modele(self) -> Piece:
        extension = self.formats[0]
        return Piece(
            filename=f"piece.{extension}",
            content_type=min(FORMATS[extension][1]),
            byte_size=120_000,
            checksum="q83vEjRWeJCrze8SNFZ4kA==",
            virus_scan=VirusScan.SAFE,
            created_at=datetime(2024, 1, 15, 9, tzinfo=UTC),
        )


_DU_MEILLEUR_AU_PIRE = (Statut.OK, Statut.A_VERIFIER, Statut.KO)


def _memes(fichier: Piece, lu: ChampLu, candidature: Candidature) -> Iterator[ChampLu]:
    """The pieces that come before this one in the mapping and hold the very same file."""
    for autre in candidature.pieces():
        if autre.cle == lu.cle:
            return
        if fichier.checksum and any(f.checksum == fichier.checksum for f in fichiers(autre)):
            yield autre


def _doublon(autre: ChampLu) -> Verdict:
    return Verdict(
        statut=Statut.KO,
        phrase=f"c'est le même fichier que pour « {autre.libelle} ».",
        remede="Merci de déposer la bonne pièce.",
        court="doublon",
    )


def extension_de(nom: str) -> str:
    """The extension in lower case; "" when there is none that looks like one."""
    radical, point, extension = nom.strip().lower().rpartition(".")
    return extension if point and radical and extension.isalnum() and len(extension) <= _EXTENSION_PLAUSIBLE else ""
