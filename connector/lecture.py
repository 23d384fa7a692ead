"""Reading DS: the pages since the watermark, one dossier apart from them, and the comparison of every number.

Whatever is read is stored with the watermark that follows it, in one transaction: a crash loses nothing, and nothing
is judged here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from connector.core import courrier, filigrane
from connector.core.correspondance import Resolution, resolve
from connector.core.ecarts import Comparaison, Ecart, Nature, Vu
from connector.core.fiche import Fiche, Retenue, retain
from connector.core.filigrane import Filigrane
from connector.core.model import Demarche, Dossier, Page, PageReperes, Repere
from connector.core.regles import impossible_conditions
from connector.errors import ConfigError, ContractBroken, DossierError, DossierNotFound, Problem, said
from connector.ports import Passage

log = logging.getLogger(__name__)

EN_DOUBLE = (
    "a été envoyé deux fois : un autre connecteur écrit sur cette démarche, avec une autre base. N’en gardez qu’un ; "
    "un message supprimé dans les cinq minutes n’est pas envoyé par courriel."
)
"""What is said of a message that lies twice in a dossier."""

PART_RELUE = 0.1
"""Share of the dossiers beyond which reading them page by page costs DS less than one by one."""


# pull, store ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def pull(p: Passage) -> Resolution:
    """Store every dossier that moved since the watermark, page by page; the mapping as it stands on the form.

    A page and its watermark are committed together. A newly published form, or a label that the form as last read has
    not, is read before the dossiers that speak of it; a cursor is suspected once, for the next ones are DS's own. The
    first page brings the deletions too, so that a quiet démarche costs one request.
    """
    number = p.consigne.demarche
    demarche, resolution = _form(p)
    _keep_apart(p, resolution)
    stored = p.bord.dossiers.watermark(number)
    deleted_since: datetime | None = filigrane.deleted_since(stored, now=p.bord.now())
    mark = filigrane.start(stored, lecture=resolution.empreinte, now=p.bord.now())
    reread = restarted = False
    walked: set[str | None] = set()
    more = True
    while more and not p.bord.arrete():
        page = _page(p, number, mark, deleted_since, resolution.retenue)
        _check_progress(page, mark.cursor, walked)
        if not reread and _is_stale(demarche, page):
            if page.active_revision_id != demarche.active.id:
                mark = filigrane.published(mark, now=p.bord.now())
            reread, demarche = True, _read_form(p, number)
            resolution = _resolve(p, demarche)
            _keep_apart(p, resolution)
            if resolution.empreinte != mark.lecture:
                mark = filigrane.start(mark, lecture=resolution.empreinte, now=p.bord.now())
                walked.clear()
                continue
        if not restarted and _is_suspect(p, number, mark, page):
            restarted, mark = True, filigrane.overlap(mark, now=p.bord.now())
            walked.clear()
            p.rapport.curseurs_refaits += 1
            log.warning("cursor.refused", extra={"demarche": number})
            continue
        mark = _store(p, number, page, mark, resolution.retenue)
        deleted_since = None
        more = page.has_next_page
        del page  # 3 MB, which would otherwise be held while the next one is parsed
    _retry_quarantine(p, number, resolution)
    return resolution


def _keep_apart(p: Passage, resolution: Resolution) -> None:
    """Have the store keep who people are apart from everything else, before anything more is stored."""
    p.bord.dossiers.keep_apart(p.consigne.demarche, resolution.identite, now=p.bord.now())


def _page(p: Passage, number: int, mark: Filigrane, deleted_since: datetime | None, retenue: Retenue) -> Page:
    """The next page of the walk."""
    return p.bord.gateway.page(
        number, updated_since=mark.base, after=mark.cursor, deleted_since=deleted_since, retenue=retenue
    )


def _check_progress(page: Page | PageReperes, cursor: str | None, walked: set[str | None]) -> None:
    """ContractBroken when a page that is not the last leads nowhere, or back where the walk already was."""
    walked.add(cursor)
    if page.has_next_page and (page.end_cursor is None or page.end_cursor in walked):
        raise ContractBroken("DS annonce une page suivante sans dire où elle commence.")


def _is_stale(demarche: Demarche, page: Page) -> bool:
    """Whether the page speaks of a form or of a label that the démarche as last read has not."""
    known = {label.id for label in demarche.labels}
    strangers = any(label.id not in known for dossier in page.dossiers for label in dossier.labels)
    return strangers or page.active_revision_id != demarche.active.id


def _form(p: Passage) -> tuple[Demarche, Resolution]:
    """The démarche's form as last read, and the mapping on it; read again before a mapping is called wrong."""
    saved = p.bord.dossiers.saved_demarche(p.consigne.demarche)
    if saved is not None:
        found = _fit(p, saved)
        if isinstance(found, Resolution):
            return saved, found
    demarche = _read_form(p, p.consigne.demarche)
    return demarche, _resolve(p, demarche)


def _read_form(p: Passage, number: int) -> Demarche:
    """The form as it is now, kept; another one than before has its dossiers compared again, a crash notwithstanding."""
    demarche, saved = p.bord.gateway.demarche(number), p.bord.dossiers.saved_demarche(number)
    mark = p.bord.dossiers.watermark(number)
    if mark is not None and (saved is None or saved.active.id != demarche.active.id):
        _save_watermark(p, filigrane.published(mark, now=p.bord.now()))
    p.bord.dossiers.save_demarche(demarche, now=p.bord.now())
    return demarche


def _resolve(p: Passage, demarche: Demarche) -> Resolution:
    """The mapping on that form; ConfigError when it does not fit it, or when a rule could never apply to it."""
    found = _fit(p, demarche)
    if isinstance(found, Resolution):
        return found
    raise ConfigError(found, source=f"correspondance avec la démarche {demarche.number}")


def _fit(p: Passage, demarche: Demarche) -> Resolution | tuple[Problem, ...]:
    """The mapping on that form, or what does not fit it, a rule that could never apply included."""
    found = resolve(p.consigne.correspondance, demarche)
    if not isinstance(found, Resolution):
        return found
    return impossible_conditions(p.consigne.regles, found, demarche) or found


def _is_suspect(p: Passage, number: int, mark: Filigrane, page: Page) -> bool:
    known = page.dernier is not None and p.bord.dossiers.knows(number, page.dernier)
    return filigrane.is_suspect(mark, page, known=known)


def _store(p: Passage, number: int, page: Page, mark: Filigrane, retenue: Retenue) -> Filigrane:
    """Commit one page and the watermark that follows it, together."""
    following = filigrane.advance(mark, page, now=p.bord.now())
    p.rapport.nouveaux += p.bord.dossiers.save_page(
        number,
        fiches=tuple(retain(d, retenue) for d in page.dossiers),
        trous=page.trous,
        supprimes=page.supprimes,
        watermark=following,
        now=p.bord.now(),
    )
    p.rapport.lus += len(page.dossiers)
    p.rapport.trous += len(page.trous)
    for dossier in page.dossiers:
        _tell_doubles(p, dossier)
    p.bord.progres("lecture", p.rapport.lus, 0)
    log.info("page.stored", extra={"demarche": number, "dossiers": len(page.dossiers), "holes": len(page.trous)})
    return following


def _tell_doubles(p: Passage, dossier: Dossier) -> None:
    """Report the messages of ours that went out twice: only another connector, on another database, can do that."""
    for reference in courrier.doubles(dossier):
        log.warning("message.doubled", extra={"dossier": dossier.number})
        p.rapport.echecs.append((dossier.number, f"le message « {reference} » {EN_DOUBLE}"))


def _save_watermark(p: Passage, mark: Filigrane) -> None:
    p.bord.dossiers.save_page(p.consigne.demarche, fiches=(), trous=(), supprimes=(), watermark=mark, now=p.bord.now())


def store_one(p: Passage, fiche: Fiche) -> None:
    """Store one dossier read apart from any page: the watermark stays where it is."""
    number = p.consigne.demarche
    p.bord.dossiers.save_page(number, fiches=(fiche,), trous=(), supprimes=(), watermark=None, now=p.bord.now())


def _retry_quarantine(p: Passage, number: int, resolution: Resolution) -> None:
    """Try again the dossiers set aside whose delay has passed; one that fails again waits longer."""
    for dossier in p.bord.dossiers.due_quarantine(number, now=p.bord.now()):
        if p.bord.arrete():
            return
        read_one(p, resolution, dossier)


def read_one(p: Passage, resolution: Resolution, number: int) -> Fiche | None:
    """Read one dossier apart from any page and store it; None when DS cannot show it, which is then noted."""
    try:
        fiche = retain(p.bord.gateway.dossier(number), resolution.retenue)
    except DossierNotFound as error:
        p.bord.dossiers.mark_absent(number, cause=str(error), now=p.bord.now())
        return None
    except DossierError as error:
        p.bord.dossiers.quarantine(p.consigne.demarche, number, cause=said(error), now=p.bord.now())
        p.rapport.echecs.append((number, said(error)))
        return None
    store_one(p, fiche)
    return fiche


# sweep ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def sweep(p: Passage, resolution: Resolution) -> None:
    """Compare every number with what DS lists, when its time has come, and read again whatever differs.

    Light pages say what moved no date, what committed too late, and who is in no list any more. A dossier is marked
    absent only once DS was asked for it by its number. Where much differs, everything is read again page by page. In
    the middle of a walk nothing is compared: it is not all read yet.
    """
    number = p.consigne.demarche
    mark = p.bord.dossiers.watermark(number)
    if mark is None or mark.en_cours or not (p.complet or filigrane.must_compare(mark, now=p.bord.now())):
        return
    to_read = _to_read(p, number)
    if to_read is None:
        return
    alone, by_page = to_read
    if not _read_each(p, resolution, alone):
        return
    mark = filigrane.compared(mark, now=p.bord.now())
    _save_watermark(p, filigrane.again(mark, now=p.bord.now()) if by_page else mark)
    if by_page:
        pull(p)


def _to_read(p: Passage, number: int) -> tuple[set[int], bool] | None:
    """The dossiers to read again one by one, and whether DS's list is to be, page by page; None when asked to stop."""
    comparaison = Comparaison(de_cote=p.bord.dossiers.set_aside(number))
    if not _compare_landmarks(p, number, comparaison):
        return None
    found = [e for e in comparaison.ecarts(p.bord.dossiers.presents(number)) if e.nature is not Nature.INACCESSIBLE]
    vus = comparaison.numeros
    p.rapport.compares += len(vus)
    p.rapport.ecarts += len(found)
    for ecart in found:
        log.warning("drift.found", extra={"dossier": ecart.number, "nature": ecart.nature, "parts": ecart.details})
    listed = {e.number for e in found if e.number in vus} | comparaison.incomplets
    by_page = len(listed) > len(vus) * PART_RELUE
    alone = {e.number for e in found} | listed
    return (alone - listed if by_page else alone), by_page


def audit(p: Passage, retenue: Retenue | None = None) -> tuple[Ecart, ...]:
    """Every difference between what is stored and what DS shows now; nothing is written, neither here nor there.

    With `retenue`, every dossier is read whole and each of its parts compared; without, light pages tell what they can.
    Asked to stop, nothing is concluded.
    """
    number = p.consigne.demarche
    mark = p.bord.dossiers.watermark(number)
    supprimes = p.bord.gateway.supprimes(number, depuis=filigrane.deleted_since(mark, now=p.bord.now()))
    lu_jusqua = mark.marque if mark else None
    comparaison = Comparaison(de_cote=p.bord.dossiers.set_aside(number), lu_jusqua=lu_jusqua)
    listed = _compare_landmarks(p, number, comparaison)
    if listed and retenue is not None:
        _compare_whole(p, number, retenue, comparaison)
    if not listed or p.bord.arrete():
        return ()
    return comparaison.ecarts(p.bord.dossiers.presents(number), supprimes)


def _compare_whole(p: Passage, number: int, retenue: Retenue, comparaison: Comparaison) -> None:
    """Compare each part of each dossier, page by page; those that DS cannot show are noted as such."""
    trous: set[int] = set()
    erased = p.bord.dossiers.erased(number)
    lus, attendus = 0, len(comparaison.numeros)
    cursor, more = None, True
    walked: set[str | None] = set()
    while more and not p.bord.arrete():
        page = p.bord.gateway.page(number, updated_since=filigrane.EPOCH, after=cursor, retenue=retenue)
        _check_progress(page, cursor, walked)
        shown = [dossier for dossier in page.dossiers if dossier.number not in erased]
        vus = (Vu(repere=_landmark(dossier), parties=retain(dossier, retenue).parties) for dossier in shown)
        comparaison.page(p.bord.dossiers.gardes(number, [dossier.number for dossier in shown]), vus)
        trous |= {trou.number for trou in page.trous if trou.number is not None}
        cursor, more = page.end_cursor, page.has_next_page
        lus += len(page.dossiers)
        p.bord.progres("lecture", lus, attendus)
    comparaison.illisibles(trous)


def _landmark(dossier: Dossier) -> Repere:
    return Repere(
        number=dossier.number,
        date_derniere_modification=dossier.date_derniere_modification,
        state=dossier.state,
        revision_id=dossier.revision_id,
        labels=tuple(label.id for label in dossier.labels),
        attestation=dossier.attestation,
    )


def _compare_landmarks(p: Passage, number: int, comparaison: Comparaison) -> bool:
    """Compare every dossier that DS lists and that was not erased here, light; False when asked to stop before the end.

    A page is compared as it comes and let go: memory does not grow with the démarche, but for its numbers.
    """
    erased = p.bord.dossiers.erased(number)
    cursor = None
    walked: set[str | None] = set()
    while not p.bord.arrete():
        page = p.bord.gateway.reperes(number, updated_since=filigrane.EPOCH, after=cursor)
        _check_progress(page, cursor, walked)
        vus = [Vu(repere=repere) for repere in page.reperes if repere.number not in erased]
        comparaison.page(p.bord.dossiers.gardes(number, [vu.repere.number for vu in vus]), vus)
        p.bord.progres("comparaison", len(comparaison.numeros), 0)
        if not page.has_next_page:
            return True
        cursor = page.end_cursor
    return False


def _read_each(p: Passage, resolution: Resolution, numbers: Iterable[int]) -> bool:
    """Read those dossiers one by one; False when asked to stop before the end."""
    for number in sorted(numbers):
        if p.bord.arrete():
            return False
        read_one(p, resolution, number)
    return True
