"""The token: its form, its end, and what it may do."""

from __future__ import annotations

from collections.abc import Iterator

from connector.api.sonde import identite
from connector.core.montants import jour, pluriel
from connector.core.politique import Mode
from connector.errors import ConfigError, RemoteError
from connector.examens.resultat import Resultat, attention, erreur, ok
from connector.examens.terrain import Terrain

ECHEANCES = (7, 30, 60)
"""Days before the end of the token at which to say it louder."""

_RENOUVELER = (
    "Dans votre profil Démarches simplifiées, créez un jeton restreint à la démarche et à l'adresse de cette machine, "
    "mettez-le à la place de l'ancien, puis notez sa date dans « jeton_expire_le »."
)


def forme(t: Terrain) -> Iterator[Resultat]:
    """Whether there is a token where the configuration says, shaped as DS makes them."""
    try:
        jeton = t.jeton.essayer()
    except ConfigError as error:
        for problem in error.problems:
            phrase = problem.message.rstrip(".")
            yield erreur(
                f"Le jeton ne peut pas être lu : {phrase}.", "Rangez-le là où « jeton » de [instance] le cherche."
            )
        return
    nom = identite(jeton)
    if nom is None:
        yield erreur(
            "Le jeton n'a pas la forme de ceux que délivre Démarches simplifiées (tronqué, ou d'une ancienne version).",
            "Copiez-le en entier, sur une seule ligne, ou créez-en un nouveau dans votre profil Démarches simplifiées.",
        )
        return
    yield ok(f"Identité {nom} (la moitié qui le nomme ; l'autre reste secrète).")


def expiration(t: Terrain) -> Iterator[Resultat]:
    """How long the token lasts, as the configuration says: the API does not tell."""
    fin = t.settings().instance.jeton_expire_le
    if fin is None:
        yield attention(
            "La date d'expiration du jeton n'est pas notée, et Démarches simplifiées ne la donne pas au connecteur.",
            "Recopiez-la de votre profil Démarches simplifiées dans « jeton_expire_le » de [instance].",
        )
        return
    reste = (fin - t.aujourd_hui).days
    if reste < 0:
        yield erreur(f"Le jeton a expiré le {jour(fin)}.", _RENOUVELER)
    elif reste > max(ECHEANCES):
        yield ok(f"Le jeton est valable jusqu'au {jour(fin)}.")
    else:
        palier = next(e for e in ECHEANCES if reste <= e)
        quand = "aujourd'hui" if reste == 0 else f"dans {pluriel(reste, 'jour')}, le {jour(fin)}"
        yield attention(f"Le jeton expire {quand} ({_TONS[palier]}).", _RENOUVELER)


_TONS = {7: "urgent", 30: "à renouveler ce mois-ci", 60: "à prévoir"}


def acces(t: Terrain) -> Iterator[Resultat]:
    """Whether the token reads each démarche, and in what state that démarche is."""
    for reglee in t.settings().demarches:
        try:
            demarche = t.demarche(reglee.numero).essayer()
        except RemoteError as error:
            yield erreur(f"Démarche n° {reglee.numero} : {error}", error.hint)
            continue
        titre = f"Démarche n° {demarche.number} « {demarche.title} »"
        match demarche.state:
            case "brouillon":
                yield attention(
                    f"{titre} : en test. Ses dossiers seront effacés à la publication.",
                    "Utilisez une base à part pour l'essai, et repartez d'une base vide à la publication.",
                )
            case "publiee":
                yield ok(f"{titre} : publiée, lisible.")
            case _:
                yield ok(f"{titre} : lisible, {_ETATS.get(demarche.state, demarche.state)}.")


_ETATS = {"close": "close", "depubliee": "dépubliée"}


def ecriture(t: Terrain) -> Iterator[Resultat]:
    """Whether the token may write, when the mode needs it; learned without writing anything."""
    mode = t.settings().politique.mode
    if mode is Mode.OBSERVER:
        t.jeton()
        yield ok("Non demandé : le mode « observer » n'écrit rien, et un jeton en lecture seule lui suffit.")
        return
    match t.demande(t.gateway().ecriture_permise):
        case True:
            yield ok("Le jeton permet d'écrire (appris sans rien écrire).")
        case False:
            yield erreur(
                f"Le jeton ne permet que la lecture : le mode « {mode} » ne pourra rien écrire.",
                "Créez un jeton avec le droit d'écriture, ou passez le connecteur en mode « observer ».",
            )
        case None:
            yield attention(
                "Cette instance ne permet pas de savoir, sans écrire, si le jeton en a le droit.",
                "Vérifiez dans le profil Démarches simplifiées que le jeton a le droit d'écriture.",
            )
