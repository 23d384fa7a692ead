"""The démarche's form against the mapping: every live version, the annotations, the labels, the groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from connector.config import DemarcheReglee
from connector.core.correspondance import Correspondance, Resolution
from connector.core.model import ChampDescriptor, Demarche, Groupe
from connector.core.montants import jour, pluriel
from connector.core.politique import Mode
from connector.core.regles import unknown_answers
from connector.core.textes import enumerer, ponctuer
from connector.errors import Problem
from connector.examens.resultat import Resultat, attention, erreur, ok
from connector.examens.serveur import types_inscriptibles
from connector.examens.terrain import FRANCE, Terrain

CHAMPS, ANNOTATIONS, LABELS = ("champs", "pieces"), ("annotations", "saisies"), ("labels",)
_DANS_DS = "ou adaptez le formulaire dans Démarches simplifiées"


def champs(t: Terrain) -> Iterator[Resultat]:
    """The champs and pieces that the rules read, in each version of the form that dossiers may have."""
    yield from _tables(t, CHAMPS, "champs ou pièces attendus")
    for reglee in t.settings().demarches:
        trouvee = t.resolution(reglee)
        if isinstance(trouvee, Resolution):
            for problem in unknown_answers(reglee.regles, trouvee, t.demarche(reglee.numero)()):
                ici = replace(problem, line=t.settings().ligne(problem.path))
                yield attention(ponctuer(f"Démarche n° {reglee.numero} : {ici}"), f"Relisez cette ligne de {t.chemin}.")


def nos_annotations(t: Terrain) -> Iterator[Resultat]:
    """Our annotations and those that agents fill: there, of a type that we can write, with the options we write."""
    yield from _tables(t, ANNOTATIONS, "annotations attendues")
    for reglee in t.settings().demarches:
        trouvee = t.resolution(reglee)
        if isinstance(trouvee, Resolution):
            yield from _a_ecrire(t, reglee, trouvee)


def _a_ecrire(t: Terrain, reglee: DemarcheReglee, trouvee: Resolution) -> Iterator[Resultat]:
    """What of our annotations will not be written, though the form is as the mapping says."""
    if not trouvee.annotations:
        yield attention(
            f"Démarche n° {reglee.numero} : aucune annotation où écrire ; les agents ne verront rien dans DS.",
            f"Créez-les dans Démarches simplifiées et déclarez-les dans [correspondance.annotations], {_SANS}.",
        )
        return
    permis = types_inscriptibles(t.capacites().capacites)
    for cle, cible in trouvee.annotations.items():
        if cible.cle.value not in permis:
            yield erreur(
                f"L'annotation « {cible.libelle} » ({cle}) est d'un type que cette instance de DS ne sait pas écrire.",
                "Donnez-lui le type « texte » dans le formulaire.",
            )


_SANS = "ou laissez ainsi si vous n'utilisez que « connector plan »"


def labels(t: Terrain) -> Iterator[Resultat]:
    """The labels that we put."""
    if not t.settings().politique.labels:
        yield ok("Le connecteur ne pose pas de label (« labels = false » dans [envoi]).")
        return
    yield from _tables(t, LABELS, "labels attendus")


def _tables(t: Terrain, tables: Sequence[str], quoi: str) -> Iterator[Resultat]:
    """Those tables of the mapping against each démarche."""
    for reglee in t.settings().demarches:
        demarche = t.demarche(reglee.numero)()
        problems = _problems(t.resolution(reglee), tables)
        for problem in problems:
            ici = replace(problem, line=t.settings().ligne(problem.path))
            yield erreur(ponctuer(f"Démarche n° {reglee.numero} : {ici}"), f"Corrigez {t.chemin}, {_DANS_DS}.")
        if problems:
            continue
        if tables is not LABELS:
            yield from _version_active(t, reglee, demarche, tables)
            yield from _autres_versions(t, reglee, demarche, tables)
        yield ok(f"Démarche n° {reglee.numero} : le formulaire a {_compte(reglee.correspondance, tables)} {quoi}.")


def _version_active(
    t: Terrain, reglee: DemarcheReglee, demarche: Demarche, tables: Sequence[str]
) -> Iterator[Resultat]:
    """What only an older version of the form has under that name: renamed since, or taken away."""
    actuels = {d.id: d.label for d in _deplies((*demarche.active.champs, *demarche.active.annotations))}
    trouvee = t.resolution(reglee)
    ids = trouvee.chemins() if isinstance(trouvee, Resolution) else {}
    for problem in _problems(t.resolution(reglee, demarche.active), tables):
        cle = problem.path.partition(".")[2]
        renomme = next((actuels[i] for i in ids.get(cle, ()) if i in actuels), None)
        if renomme:
            yield attention(
                f"Démarche n° {reglee.numero} : « {cle} » s'appelle maintenant « {renomme} » dans le formulaire.",
                f"Mettez ce libellé dans {t.chemin} : il n'est plus retrouvé que par une version antérieure.",
            )
        else:
            yield erreur(
                f"Démarche n° {reglee.numero} : « {cle} » n'est plus dans la version en vigueur du formulaire "
                f"({problem.message}).",
                f"Corrigez {t.chemin}, {_DANS_DS}.",
            )


def _deplies(descripteurs: Iterable[ChampDescriptor]) -> Iterator[ChampDescriptor]:
    for descripteur in descripteurs:
        yield descripteur
        yield from descripteur.champs


def _compte(correspondance: Correspondance, tables: Sequence[str]) -> int:
    match tables:
        case ("champs", *_):
            return len(correspondance.champs)
        case ("annotations", *_):
            return len(correspondance.annotations) + len(correspondance.saisies)
        case _:
            return len(correspondance.labels)


def _autres_versions(
    t: Terrain, reglee: DemarcheReglee, demarche: Demarche, tables: Sequence[str]
) -> Iterator[Resultat]:
    """What older versions, which decided dossiers keep, and the one being prepared would lack (contract §3.8)."""
    for revision in demarche.revisions:
        if revision.id == demarche.active.id:
            continue
        problems = _problems(t.resolution(reglee, revision), tables)
        if not problems:
            continue
        manques = enumerer(f"« {p.path.rpartition('.')[2]} »" for p in problems)
        if revision.date_publication is None:
            yield attention(
                f"Démarche n° {reglee.numero} : la version du formulaire en préparation ne convient plus pour "
                f"{manques} ({problems[0].message}).",
                "Avant de la publier, corrigez-la dans Démarches simplifiées, ou préparez la configuration.",
            )
        else:
            yield ok(
                f"Démarche n° {reglee.numero} : la version du formulaire publiée le "
                f"{jour(revision.date_publication.astimezone(FRANCE).date())} n'a pas, ou pas sous la forme attendue, "
                f"{manques} : dans les dossiers qui la gardent, ces réponses paraissent vides."
            )


def _problems(found: Resolution | tuple[Problem, ...], tables: Sequence[str]) -> tuple[Problem, ...]:
    """What does not match in those tables of the mapping."""
    return () if isinstance(found, Resolution) else tuple(p for p in found if p.path.split(".")[1] in tables)


def groupes(t: Terrain) -> Iterator[Resultat]:
    """Whether the connector's account is an instructeur of each group, without which nothing can be written there."""
    politique = t.settings().politique
    for reglee in t.settings().demarches:
        ouverts = tuple(g for g in t.demarche(reglee.numero)().groupes if not g.closed)
        if not ouverts:
            yield erreur(
                f"Démarche n° {reglee.numero} : aucun groupe d'instructeurs ouvert.",
                "Créez un groupe d'instructeurs dans Démarches simplifiées.",
            )
        elif not politique.instructeur:
            yield ok(f"{pluriel(len(ouverts), 'groupe')} ; en mode « observer », aucun compte n'y est nécessaire.")
        else:
            yield from _membres(reglee.numero, ouverts, politique.instructeur, politique.mode)


def _membres(numero: int, ouverts: Sequence[Groupe], courriel: str, mode: Mode) -> Iterator[Resultat]:
    sans = [g for g in ouverts if courriel.casefold() not in {p.email.casefold() for p in g.instructeurs}]
    for groupe in sans:
        phrase = (
            f"Démarche n° {numero} : le compte du connecteur n'est pas instructeur du groupe « {groupe.label} » : rien "
            "ne peut y être écrit."
        )
        remede = "Ajoutez le compte configuré dans « instructeur » à ce groupe, dans Démarches simplifiées."
        yield attention(phrase, remede) if mode is Mode.OBSERVER else erreur(phrase, remede)
    for groupe in ouverts:
        if len(groupe.instructeurs) <= (groupe not in sans):
            yield attention(
                f"Démarche n° {numero} : le groupe « {groupe.label} » n'a aucun autre instructeur que le connecteur.",
                "Ajoutez-y les agents qui instruisent : eux seuls décident.",
            )
    if not sans:
        yield ok(f"Démarche n° {numero} : le compte du connecteur est dans {_chaque(len(ouverts))}.")


def _chaque(nombre: int) -> str:
    return "le groupe ouvert" if nombre == 1 else f"chacun des {nombre} groupes ouverts"
