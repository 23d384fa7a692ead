"""The other side: the way there, its clock, and what that instance of Démarches simplifiées can do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice
from urllib.parse import urlsplit

from connector import relecture, wiring
from connector.api.annotations import SEULES
from connector.api.capacites import Capacites, Manque
from connector.api.sonde import proxy_of
from connector.core.model import Dossier, Pieces
from connector.core.montants import instant, nombre, pluriel
from connector.core.politique import Mode
from connector.core.reconcile import HORLOGE
from connector.core.textes import enumerer
from connector.errors import DossierError, RemoteError, StoreError
from connector.examens.resultat import Resultat, attention, erreur, ok
from connector.examens.terrain import FRANCE, Terrain

LENT = 5.0
"""Seconds from which a question without an answer to compute is slow."""

DECALAGE = 30.0
"""Seconds of difference between two clocks that nobody sees."""


def reseau(t: Terrain) -> Iterator[Resultat]:
    """Whether the API answers, through which proxy, and how fast; the token does not travel."""
    try:
        joint = t.joint.essayer()
    except RemoteError as error:
        proxy = proxy_of(t.settings().instance.url)
        yield erreur(f"{error}" + (f" La requête passe par le proxy {proxy}." if proxy else ""), error.hint)
        return
    hote = urlsplit(t.settings().instance.url).netloc
    chemin = f"par le proxy {joint.proxy}" if joint.proxy else "sans proxy"
    millisecondes = nombre(round(joint.duree * 1000))
    if joint.duree > LENT:
        yield attention(
            f"{hote} répond en {nombre(round(joint.duree))} secondes, {chemin} : c'est lent.",
            "Voyez avec votre service informatique ; sinon, augmentez « delais » dans [instance].",
        )
        return
    yield ok(f"{hote} répond en {millisecondes} ms, {chemin}.")


def horloge(t: Terrain) -> Iterator[Resultat]:
    """How far this machine's clock is from that of DS, by the date of its answer."""
    ecart = t.joint().ecart
    if ecart is None:
        yield attention(
            "Démarches simplifiées n'a pas donné l'heure : l'horloge de cette machine n'a pas pu être comparée.",
            "Vérifiez que l'heure est réglée automatiquement (« timedatectl »).",
        )
        return
    sens = "avance" if ecart > 0 else "retarde"
    phrase = f"L'horloge de cette machine {sens} de {pluriel(round(abs(ecart)), 'seconde')} sur celle de DS."
    regler = "Réglez l'heure automatiquement : « timedatectl set-ntp true », ou le service de temps de votre réseau."
    if abs(ecart) > HORLOGE.total_seconds():
        yield erreur(f"{phrase} Le connecteur ne reconnaîtrait plus ses propres messages à leur date.", regler)
    elif abs(ecart) > DECALAGE:
        yield attention(phrase, regler)
    else:
        yield ok("L'horloge de cette machine est à l'heure de DS.")


def capacites(t: Terrain) -> Iterator[Resultat]:
    """What this instance lacks of what we ask, and which ways round there are."""
    releve = t.demande(t.capacites.essayer)
    vues = releve.capacites
    if releve.change:
        yield attention(
            "L'API de Démarches simplifiées a changé depuis le dernier examen.",
            "Rien à faire si le reste va bien : le connecteur vient de revérifier toutes ses demandes.",
        )
    manques = tuple(_manques(vues, mode=t.settings().politique.mode))
    yield from manques
    if not manques:
        yield ok(f"Tout ce que le connecteur demande existe (relevé le {instant(releve.le.astimezone(FRANCE))}).")


def _manques(vues: Capacites, *, mode: Mode) -> Iterator[Resultat]:
    lectures = [m for m in vues.manques if not m.ecrit]
    if lectures:
        yield erreur(
            f"Cette instance de DS n'a pas {_noms(lectures)} : la lecture échouera.",
            "Mettez le connecteur à jour ; si cette instance est plus ancienne, demandez sa mise à jour.",
        )
    if not vues.lot:
        yield _sans_lot(vues)
    autres = [m for m in vues.manques if m.ecrit and not m.document.startswith("modifier_annotation")]
    if autres:
        phrase = f"Cette instance de DS n'a pas {_noms(autres)} : ces écritures échoueront."
        remede = "Mettez le connecteur à jour, ou désactivez ce qui en dépend dans [envoi]."
        yield erreur(phrase, remede) if mode is Mode.AGIR else attention(phrase, remede)
    inconnus = [m for m in MOTIFS if vues.motifs and m not in vues.motifs]
    if inconnus:
        yield erreur(
            f"Cette instance de DS ne connaît pas le motif de correction {enumerer(inconnus)}.",
            "Désactivez « corrections » dans [envoi], et mettez le connecteur à jour.",
        )


MOTIFS = ("incomplete",)
"""The reasons of correction that we give."""


def _sans_lot(vues: Capacites) -> Resultat:
    if not vues.seules:
        return erreur(
            "Cette instance de DS ne sait pas écrire les annotations.",
            "Restez en mode « observer », ou demandez la mise à jour de cette instance.",
        )
    return attention(
        "Cette instance de DS n'écrit pas les annotations ensemble : le connecteur les écrira une par une.",
        "Rien à faire : c'est seulement plus lent. Les annotations à choix multiple ne seront pas écrites.",
    )


def _noms(manques: list[Manque]) -> str:
    noms = dict.fromkeys(nom for manque in manques for nom in manque.noms)
    return enumerer(f"« {nom} »" for nom in noms)


def types_inscriptibles(vues: Capacites) -> frozenset[str]:
    """The types of annotation (values of `CleAnnotation`) that this instance can be made to write."""
    if vues.lot:
        return frozenset(vues.valeurs)
    return frozenset(cle.value for cle, document in SEULES.items() if document in vues.seules)


ESSAIS = 3
"""How many dossiers are asked for their links: any other would do, unless DS cannot show that one just now."""


def fichiers(t: Terrain) -> Iterator[Resultat]:
    """Whether the links that DS gives to files lead where the configuration lets us go; none is followed."""
    reglage = t.settings().pieces
    if not reglage.relire:
        yield ok("Aucune pièce n'est téléchargée ([pieces] relire = false).")
        return
    liens = [lien for reglee in t.settings().demarches for lien in _liens(t, reglee.numero).values()]
    permis = wiring.relecteur_de_pieces(t.settings(), wiring.Arret()).permis
    if not liens:
        yield ok("Aucun dossier n'a encore de pièce en base : à revoir après un passage.")
        return
    refuses = [lien for lien in liens if not permis(lien)]
    hotes = sorted({relecture.hote_a_permettre(lien) for lien in refuses} - {""})
    if hotes:
        yield erreur(
            f"Des pièces sont rangées sur {enumerer(f'« {h} »' for h in hotes)}, que la configuration ne permet pas : "
            "elles ne seront pas relues.",
            "Vérifiez que ce serveur est bien celui des fichiers de votre Démarches simplifiées, puis écrivez, sous "
            f"[pieces] : hotes = {json.dumps([*reglage.hotes, *hotes])}",
        )
    elif refuses:
        yield erreur(
            f"Des pièces ne seront pas relues : {relecture.ecart_d_adresse(refuses[0])}.",
            "Remettez « relire = false » sous [pieces], ou voyez avec qui tient ce Démarches simplifiées.",
        )
    else:
        yield ok("Les liens vers les pièces mènent à des serveurs permis.")


def _liens(t: Terrain, demarche: int) -> Mapping[str, str]:
    """The links of one dossier of that démarche, by checksum; none when no dossier with a file can be shown."""
    for number in _avec_pieces(t, demarche):
        with suppress(DossierError):
            return t.demande(partial(t.gateway().liens, number))
    return {}


def _avec_pieces(t: Terrain, demarche: int) -> list[int]:
    """A few open dossiers with a file; those before the first one that cannot be read back, which a pass sets aside."""
    found: list[int] = []
    with suppress(StoreError):
        connus = (fiche.dossier for fiche, _ in t.base().dossiers.all(demarche))
        found.extend(d.number for d in islice((d for d in connus if d.state.ouvert and _a_des_pieces(d)), ESSAIS))
    return found


def _a_des_pieces(dossier: Dossier) -> bool:
    return any(isinstance(champ.value, Pieces) and champ.value.files for champ in dossier.champs)
