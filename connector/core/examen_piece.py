"""What looking into a piece tells: facts about its content, never the content; and what an agent is told of them.

The edge fetches and looks (`connector.pieces`); here, which pieces are to be looked into, when again, and the Constats
that follow: « à vérifier » at most, since nothing here is a reason to refuse anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.core.candidature import Candidature, ChampLu, fichiers
from connector.core.constat import AvisPropose, Constat, Effet, Source, Statut
from connector.core.contenu import Defaut, Empechement, Examen, Nature
from connector.core.model import Piece, VirusScan
from connector.core.montants import pluriel
from connector.core.regles.piece_obligatoire import FORMATS, extension_de
from connector.core.textes import enumerer, typographier

MANUEL = typographier(
    "Chaque pièce que l'antivirus a déclarée saine, d'un dossier en cours, est téléchargée, examinée une fois, "
    "puis effacée. À vérifier si son contenu n'est pas du type qu'elle annonce, si le fichier n'est pas celui que "
    "Démarches simplifiées a enregistré, si un PDF ne s'ouvre pas, n'a aucune page, demande un mot de passe, contient "
    "du code, d'autres fichiers ou une action automatique, si un document contient des macros. Jamais KO : un agent "
    "ouvre la pièce et en juge. Ce que dit le document n'est pas lu."
)
"""All of it, as `connector rules` tells it."""

SOURCE = Source(texte="Examen du fichier par le connecteur (son texte n'est pas lu)", opposable=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relecture:
    """One file looked into (`examen`), tried in vain (`empechement`), or seen and waiting for its turn (neither).

    Known by its checksum. `essais` counts the tries in a row that failed.
    """

    checksum: str
    le: datetime
    examen: Examen | None = None
    empechement: Empechement | None = None
    essais: int = 0


PREMIERE_ATTENTE, ATTENTE_MAX = timedelta(hours=1), timedelta(hours=24)
"""When a file that could not be had is tried again: twice as late each time, up to a day."""

AU_PROCHAIN_PASSAGE = timedelta(minutes=5)
"""When a dossier whose files are new is looked at again."""

A_SON_TOUR, _TOURS = timedelta(hours=1), 12
"""When one whose files a full round left is: an hour at least, over an hour more, so that they do not come together."""

_DOUBLEMENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Attente:
    """How many files are still to be looked into, and the soonest that one of them may be."""

    nombre: int
    reprise: datetime


def attente(restantes: Iterable[tuple[Relecture, datetime | None]], *, now: datetime) -> Attente | None:
    """What waits among those files, each with when its dossier is judged again; None when nothing does.

    One that is too heavy waits for nothing: an agent opens it.
    """
    attendues = [(r, revu) for r, revu in restantes if r.examen is None and r.empechement is not Empechement.TAILLE]
    if not attendues:
        return None
    reprise = min(max(now, _echeance(r, now), revu or now) for r, revu in attendues)
    return Attente(nombre=len(attendues), reprise=reprise)


def suite(avant: Relecture | None, checksum: str, trouve: Examen | Empechement, *, le: datetime) -> Relecture:
    """What is remembered of a file once it was looked into, or tried once more."""
    if isinstance(trouve, Examen):
        return Relecture(checksum=checksum, le=le, examen=trouve)
    return Relecture(checksum=checksum, le=le, empechement=trouve, essais=(avant.essais if avant else 0) + 1)


def a_relire(candidature: Candidature, relectures: Mapping[str, Relecture], *, now: datetime) -> tuple[Piece, ...]:
    """The files to look into now, each content once: safe, of a dossier under examination, and not looked into yet."""
    return tuple(p for p in _restantes(candidature, relectures) if _echeance(relectures.get(p.checksum), now) <= now)


def delai(
    candidature: Candidature, relectures: Mapping[str, Relecture], *, now: datetime, remises: bool = False
) -> timedelta | None:
    """How long until a file of this dossier is to be looked into, again or at last; None when all are.

    `remises`: the round was full, it left files for later.
    """
    echeances = (_echeance(relectures.get(p.checksum), now) for p in _restantes(candidature, relectures))
    prochaine = min(echeances, default=None)
    return (
        None
        if prochaine is None
        else max(prochaine - now, _tour(candidature.numero) if remises else AU_PROCHAIN_PASSAGE)
    )


def _tour(number: int) -> timedelta:
    return A_SON_TOUR + number % _TOURS * AU_PROCHAIN_PASSAGE


def gardees(candidature: Candidature, relectures: Mapping[str, Relecture], *, now: datetime) -> dict[str, Relecture]:
    """What is to be remembered of the dossier's files, by checksum: what was found in them, and what is to look into.

    A new one waits from now on. What is known of any other is forgotten, of one that may no longer be opened too.
    """
    presentes = {p.checksum for lu in candidature.pieces() for p in fichiers(lu)}
    vues = {c: relecture for c, relecture in relectures.items() if relecture.examen is not None and c in presentes}
    restantes = (p.checksum for p in _restantes(candidature, relectures))
    return vues | {c: relectures.get(c) or Relecture(checksum=c, le=now) for c in restantes}


def _restantes(candidature: Candidature, relectures: Mapping[str, Relecture]) -> tuple[Piece, ...]:
    """An infected file is for nobody to open, one that waits for the antivirus is for later, an empty one is told."""
    if not candidature.etat.ouvert:
        return ()
    vues = {checksum for checksum, connue in relectures.items() if connue.examen is not None}
    trouvees = (p for lu in candidature.pieces() for p in fichiers(lu) if p.checksum and p.checksum not in vues)
    return tuple({p.checksum: p for p in trouvees if p.virus_scan is VirusScan.SAFE and p.byte_size > 0}.values())


def _echeance(connue: Relecture | None, now: datetime) -> datetime:
    """When a file that was never looked into is to be tried."""
    if connue is None or connue.empechement is None:
        return now
    attente = PREMIERE_ATTENTE * (1 << min(connue.essais - 1, _DOUBLEMENTS))
    return connue.le + min(attente, ATTENTE_MAX)


# what is told ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def constats(candidature: Candidature, relectures: Mapping[str, Relecture]) -> tuple[Constat, ...]:
    """What an agent is told of the files: those to look at, field by field, then those that could not be had.

    No name of a file is repeated: an applicant chose it. Several files in a field are told by their place. The
    synthesis counts the fields.
    """
    a_ouvrir = [c for lu in candidature.pieces() for c in _a_ouvrir(lu, relectures)]
    if a_ouvrir:
        a_ouvrir[0] = replace(a_ouvrir[0], court=pluriel(len(a_ouvrir), "pièce à ouvrir", "pièces à ouvrir"))
    return (*a_ouvrir, *(c for lu in candidature.pieces() for c in _non_relues(lu, relectures)))


def _a_ouvrir(lu: ChampLu, relectures: Mapping[str, Relecture]) -> Iterator[Constat]:
    vues = _vues(lu, relectures)
    remarques = [lequel + r for lequel, piece, connue in vues for r in _remarques(piece, connue)]
    if remarques:
        remede = _remede([connue for _, _, connue in vues])
        yield _constat(lu, "relecture", f"{' ; '.join(remarques)}. {remede}", Effet.A_VERIFIER)


def _non_relues(lu: ChampLu, relectures: Mapping[str, Relecture]) -> Iterator[Constat]:
    causes = [(lequel, c.empechement) for lequel, _, c in _vues(lu, relectures) if c.empechement not in _A_VERIFIER]
    absences = [(lequel, cause) for lequel, cause in causes if cause is not None]
    if absences:
        details = " ; ".join(lequel + EMPECHEMENTS[cause] for lequel, cause in absences)
        reviendra = any(cause is not Empechement.TAILLE for _, cause in absences)
        fin = " Il réessaiera, il n'y a rien à faire." if reviendra else ""
        yield _constat(lu, "non_relue", f"pièce non relue par le connecteur ({details}).{fin}", Effet.INFORMATION)


def _vues(lu: ChampLu, relectures: Mapping[str, Relecture]) -> list[tuple[str, Piece, Relecture]]:
    """Each file of which something is known, after the words that tell it from the others of its field."""
    tous = fichiers(lu)
    return [
        (f"fichier {rang} sur {len(tous)}, " if len(tous) > 1 else "", piece, relectures[piece.checksum])
        for rang, piece in enumerate(tous, start=1)
        if piece.checksum in relectures
    ]


def _constat(lu: ChampLu, genre: str, phrase: str, effet: Effet) -> Constat:
    return Constat(
        regle=f"{genre}_{lu.cle}",
        statut=Statut.A_VERIFIER,
        effet=effet,
        phrase=typographier(f"« {lu.libelle} » : {phrase}"),
        source=SOURCE,
        avis=AvisPropose.A_VERIFIER,
    )


def _remarques(piece: Piece, connue: Relecture) -> Iterator[str]:
    """What is worth a look in one file."""
    if connue.empechement in _A_VERIFIER:
        yield EMPECHEMENTS[connue.empechement]
    if connue.examen is not None:
        yield from filter(None, (_ecart_de_type(piece, connue.examen.nature),))
        yield from (_DEFAUTS[defaut] for defaut in connue.examen.defauts)


def racontee(connue: Relecture) -> str:
    """All that is kept of one file, in French: for whoever asks what is known of their dossier."""
    if connue.examen is None:
        empeche = f" : {EMPECHEMENTS[connue.empechement]}" if connue.empechement else ""
        return typographier(f"pas encore regardée{empeche}")
    examen = connue.examen
    pages = () if examen.pages is None else (pluriel(examen.pages, "page"),)
    remarques = [_DEFAUTS[defaut] for defaut in examen.defauts] or ["rien à signaler"]
    return typographier(f"il s'agit {', '.join((_NOMS[examen.nature], *pages))} : {' ; '.join(remarques)}")


def _remede(connues: Iterable[Relecture]) -> str:
    """What to do about the worst of those files."""
    connues = tuple(connues)
    if any(connue.examen is not None and connue.examen.nature is Nature.PROGRAMME for connue in connues):
        return "Ne pas l'ouvrir : la redemander à l'hôpital et prévenir votre service informatique."
    prudence = any(map(_inquiete, connues))
    return "Ouvrir la pièce avec prudence." if prudence else "Ouvrir la pièce pour s'en assurer."


def _inquiete(connue: Relecture) -> bool:
    """Whether opening that file may do something by itself."""
    examen = connue.examen
    return examen is not None and (examen.nature in _DANGEREUSES or not _ACTIFS.isdisjoint(examen.defauts))


_A_VERIFIER = frozenset({Empechement.EMPREINTE, Empechement.REDIRECTION})
"""What kept a file away and is not a mere passing trouble."""

_ACTIFS = frozenset({Defaut.SCRIPT, Defaut.LANCEMENT, Defaut.FICHIERS_JOINTS, Defaut.MACROS, Defaut.INACHEVE})
"""What may act by itself when the file is opened, or nobody can tell."""

EMPECHEMENTS: Mapping[Empechement, str] = {
    Empechement.HOTE: "adresse de stockage que la configuration ne permet pas",
    Empechement.REDIRECTION: "l'adresse de la pièce renvoie ailleurs, le connecteur ne l'a pas suivie",
    Empechement.LIEN: "lien refusé par le serveur de fichiers",
    Empechement.ABSENTE: "Démarches simplifiées n'en donne pas le lien",
    Empechement.TAILLE: "plus lourde que ce que le connecteur relit",
    Empechement.DELAI: "téléchargement trop long",
    Empechement.RESEAU: "serveur de fichiers sans réponse",
    Empechement.REPONSE: "réponse inattendue du serveur de fichiers",
    Empechement.EMPREINTE: "le fichier reçu n'est pas celui que Démarches simplifiées annonce (empreintes différentes)",
    Empechement.MACHINE: "examen impossible sur la machine du connecteur",
}
"""Why a file could not be looked into, as a French clause."""

_DEFAUTS: Mapping[Defaut, str] = {
    Defaut.ILLISIBLE: "le fichier n'a pas pu être lu : il est peut-être abîmé",
    Defaut.CHIFFREE: "le fichier demande un mot de passe",
    Defaut.PROTEGEE: "le fichier est protégé : s'assurer qu'il s'ouvre sans mot de passe",
    Defaut.SANS_PAGE: "le PDF n'a aucune page",
    Defaut.SCRIPT: "le PDF contient du code JavaScript (c'est fréquent dans un formulaire à remplir)",
    Defaut.LANCEMENT: "le PDF demande d'ouvrir un programme ou une adresse de lui-même",
    Defaut.FICHIERS_JOINTS: "le PDF contient d'autres fichiers",
    Defaut.MACROS: "le document contient des macros",
    Defaut.INACHEVE: "le fichier est trop lourd ou trop compliqué pour être examiné jusqu'au bout",
}

_NOMS: Mapping[Nature, str] = {
    Nature.PDF: "d'un PDF",
    Nature.OLE: "d'un ancien document Office, ou d'un document protégé par un mot de passe",
    Nature.DOCX: "d'un document Word",
    Nature.ODT: "d'un document OpenDocument",
    Nature.XLSX: "d'un classeur Excel",
    Nature.ODS: "d'un classeur OpenDocument",
    Nature.RTF: "d'un document RTF",
    Nature.IMAGE: "d'une image",
    Nature.ZIP: "d'une archive",
    Nature.TEXTE: "d'un simple texte",
    Nature.PAGE_WEB: "d'une page web",
    Nature.PROGRAMME: "d'un programme",
    Nature.AUTRE: "d'un fichier d'un autre type",
    Nature.INCONNUE: "d'un fichier de type inconnu",
}

_IMAGES = frozenset({Nature.IMAGE})
_ADMISES: Mapping[str, frozenset[Nature]] = {
    "pdf": frozenset({Nature.PDF}),
    "doc": frozenset({Nature.OLE, Nature.RTF, Nature.DOCX}),
    "docx": frozenset({Nature.DOCX}),
    "odt": frozenset({Nature.ODT}),
    "xls": frozenset({Nature.OLE, Nature.XLSX}),
    "xlsx": frozenset({Nature.XLSX}),
    "ods": frozenset({Nature.ODS}),
    "rtf": frozenset({Nature.RTF}),
    "txt": frozenset({Nature.TEXTE, Nature.RTF, Nature.INCONNUE}),
    "jpg": _IMAGES,
    "png": _IMAGES,
    "tiff": _IMAGES,
    "heic": _IMAGES,
    "zip": frozenset({Nature.ZIP, Nature.DOCX, Nature.ODT, Nature.XLSX, Nature.ODS}),
}
"""What the content of each format may be: any viewer opens a PNG that is called « .jpg »."""

_DANGEREUSES = frozenset({Nature.PROGRAMME, Nature.PAGE_WEB})
"""What no piece of an application ever is, whatever it says it is."""


def _ecart_de_type(piece: Piece, nature: Nature) -> str:
    """What a file says it is, by its name and by its declared type, against what it is; "" when they agree."""
    annonces = list(_annonces(piece))
    trahis = [a for a in annonces if nature not in _ADMISES[a]]
    if trahis:
        noms = enumerer(f"« {a} »" for a in trahis)
        return f"le fichier s'annonce comme {noms}, mais son contenu est celui {_NOMS[nature]}"
    if not annonces and nature in _DANGEREUSES:
        return f"le contenu du fichier est celui {_NOMS[nature]}"
    return ""


def _annonces(piece: Piece) -> Iterable[str]:
    """The known formats that its name, then its declared type, announce."""
    extension, contenu = extension_de(piece.filename), piece.content_type.partition(";")[0].strip().lower()
    return (cle for cle, (extensions, types) in FORMATS.items() if extension in extensions or contenu in types)
