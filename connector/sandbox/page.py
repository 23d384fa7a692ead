"""The read-only page that shows the list and each dossier as its instructeur sees them.

`render` gives whole documents: no script, no network, everything that people typed is escaped by `balises`.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from connector.sandbox import lisible
from connector.sandbox.balises import Contenu, Html, h, suite
from connector.sandbox.requete import entier, parties
from connector.sandbox.world import (
    NON_SAISIS,
    AvisMonde,
    Cle,
    DemarcheMonde,
    Descripteur,
    DossierMonde,
    Fichier,
    Label,
    Message,
    PersonneMorale,
    Traitement,
    Valeur,
    World,
)

TYPE_HTML = "text/html; charset=utf-8"
PAR_PAGE = 100

COLONNES = ("Nom du candidat", "Spécialité", "Avis proposé")
"""The columns that the instructeur chose to add to the list, by label; one that the form lacks stays empty."""

ICONE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 3 3'%3E%3Cpath fill='%23000091' "
    "d='M0 0h1v3H0z'/%3E%3Cpath fill='%23e1000f' d='M2 0h1v3H2z'/%3E%3C/svg%3E"
)


def render(world: World, path: str) -> tuple[int, str, bytes]:
    """Give the status, content type and body of `/`, `/dossiers/<number>`, or a page that says it is not there.

    `path` may carry a query: `etat`, `groupe`, `label`, `q` (words), `page`, `demarche`.
    """
    url = parties(path)
    with world.lock:
        match [part for part in url.path.split("/") if part]:
            case []:
                return _reponse(200, _liste(world, Recherche.de(url.query)))
            case ["dossiers", numero] if dossier := _dossier(world, numero):
                return _reponse(200, _fiche(world, dossier))
            case _:
                return _reponse(404, _absente())


def _reponse(statut: int, page: Html) -> tuple[int, str, bytes]:
    return statut, TYPE_HTML, page.encode("utf-8", "replace")


def _dossier(world: World, numero: str) -> DossierMonde | None:
    dossier = world.dossiers.get(entier(numero) or 0)
    return dossier if dossier and dossier.visible else None


# --- the frame ---


@cache
def _style() -> str:
    """Give the common look, then what is this page's own."""
    sheets = (("connector.style", "commun.css"), ("connector.sandbox", "page.css"))
    return "".join(files(package).joinpath(name).read_text(encoding="utf-8") for package, name in sheets)


@cache
def _politique() -> str:
    """Give the content policy: this style sheet, inline pictures, our own form, and nothing else."""
    empreinte = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{empreinte}'; img-src data:; form-action 'self'; base-uri 'none'"


def _document(titre: str, *contenu: Contenu, ariane: Sequence[tuple[str, str | None]] = ()) -> Html:
    tete = h(
        "head",
        h("meta", charset="utf-8"),
        h("meta", http_equiv="Content-Security-Policy", content=_politique()),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("meta", name="referrer", content="no-referrer"),
        h("title", f"{titre} – Bac à sable Démarches simplifiées"),
        h("link", rel="icon", href=ICONE),
        h("style", Html(_style())),
    )
    corps = h(
        "body",
        h("a", "Aller au contenu", href="#contenu", class_="evitement"),
        _entete(),
        h("div", _ariane(ariane), h("main", contenu, id="contenu", tabindex="-1"), class_="conteneur"),
        _pied(),
    )
    return suite(Html("<!DOCTYPE html>"), h("html", tete, corps, lang="fr"))


def _entete() -> Html:
    lisere = h("div", h("span", class_="b"), h("span", class_="w"), h("span", class_="r"), class_="lisere")
    noms = (
        h("a", "Démarches simplifiées, en local", href="/", class_="nom"),
        h("span", "Ce que voit l’instructeur, en lecture seule", class_="devise"),
    )
    essai = h("p", "Bac à sable : structures et personnes sont inventées, et rien n’en sort.", class_="conteneur")
    return h("header", lisere, h("div", noms, class_="conteneur"), h("div", essai, class_="essai"), class_="entete")


def _pied() -> Html:
    texte = "Page du bac à sable. Pour agir sur un dossier, passez par l’API ou par le scénario d’un essai."
    return h("footer", h("div", h("p", texte), class_="conteneur"), class_="pied")


def _ariane(pas: Sequence[tuple[str, str | None]]) -> Html | None:
    if not pas:
        return None
    liens = [h("li", h("a", nom, href=vers) if vers else h("span", nom, aria_current="page")) for nom, vers in pas]
    return h("nav", h("ol", liens), class_="ariane", aria_label="Vous êtes ici")


def _absente() -> Html:
    return _document(
        "Page introuvable",
        h("h1", "Page introuvable"),
        h("p", "Ce dossier n’existe pas, est encore un brouillon, ou n’est plus dans la liste.", class_="sous-titre"),
        h("p", h("a", "Revenir à la liste des dossiers", href="/"), class_="sous-titre"),
    )


# --- the list ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Recherche:
    """What the reader asked of the list."""

    etat: str = ""
    groupe: str = ""
    label: str = ""
    q: str = ""
    demarche: str = ""
    page: int = 1

    @classmethod
    def de(cls, requete: str) -> Recherche:
        """Give the search written in a query string; what is not understood is left out."""
        lus = dict(parse_qsl(requete))
        page = entier(lus.get("page", "1")) or 1
        texte = {nom: lus.get(nom, "").strip() for nom in ("etat", "groupe", "label", "q", "demarche")}
        return cls(**texte, page=page)

    def lien(self, **change: Any) -> str:
        """Give the address of this search with these changes."""
        autre = replace(self, **change)
        champs = {
            "etat": autre.etat,
            "groupe": autre.groupe,
            "label": autre.label,
            "q": autre.q,
            "demarche": autre.demarche,
            "page": str(autre.page) if autre.page > 1 else "",
        }
        requete = urlencode({k: v for k, v in champs.items() if v}, quote_via=quote)
        return f"/?{requete}" if requete else "/"


def _liste(world: World, recherche: Recherche) -> Html:
    demarche = _demarche(world, recherche)
    if demarche is None:
        return _document("Aucune démarche", h("h1", "Aucune démarche"), h("p", "Ce monde est vide."))
    visibles = [d for d in world.par_demarche[demarche.number].values() if d.visible]
    trouves = [d for d in visibles if _retenu(world, d, recherche)]
    montres = [d for d in trouves if recherche.etat in ("", d.state)]
    montres.sort(key=lambda d: (d.updated_at, d.number), reverse=True)
    return _document(
        demarche.title,
        h("h1", demarche.title),
        h("p", _presentation(demarche), class_="discret"),
        _autres_demarches(world, demarche, recherche),
        _etats(Counter(d.state for d in trouves), recherche),
        _filtres(demarche, recherche),
        _tableau(world, montres, recherche),
        _pagination(len(montres), recherche),
        _hors_liste(world, demarche),
    )


def _demarche(world: World, recherche: Recherche) -> DemarcheMonde | None:
    premiere = next(iter(world.demarches.values()), None)
    return world.demarches.get(entier(recherche.demarche) or 0, premiere)


def _presentation(demarche: DemarcheMonde) -> str:
    publiee = f", publiée le {lisible.jour(demarche.date_publication.date())}" if demarche.date_publication else ""
    groupes = " · ".join(g.label for g in demarche.groupes)
    return f"Démarche n° {demarche.number}{publiee}. Groupes d’instructeurs : {groupes}."


def _autres_demarches(world: World, ici: DemarcheMonde, recherche: Recherche) -> Html | None:
    if len(world.demarches) == 1:
        return None
    liens = [
        h("li", h("a", d.title, href=recherche.lien(demarche=str(d.number), page=1), aria_current=_ici(d is ici)))
        for d in world.demarches.values()
    ]
    return h("nav", h("ul", liens, class_="onglets"), aria_label="Démarches")


def _ici(vrai: bool) -> str | None:  # noqa: FBT001 - says which link is the page shown
    return "page" if vrai else None


def _retenu(world: World, d: DossierMonde, recherche: Recherche) -> bool:
    if recherche.groupe and str(d.groupe) != recherche.groupe:
        return False
    if recherche.label and recherche.label not in {str(n) for n in d.labels}:
        return False
    mots = recherche.q.casefold().split()
    if not mots:
        return True
    texte = _cherchable(world, d).casefold()
    return all(mot in texte for mot in mots)


def _cherchable(world: World, d: DossierMonde) -> str:
    return " ".join((str(d.number), _nom_du_demandeur(d), d.usager.email, *_colonnes(world, d)))


def _etats(comptes: Counter[str], recherche: Recherche) -> Html:
    choix = [("", "Tous", comptes.total())]
    choix += [(etat, nom, comptes[etat]) for etat, nom in lisible.ETATS.items() if comptes[etat]]
    liens = [
        h(
            "li",
            h(
                "a",
                f"{nom} ({nombre})",
                href=recherche.lien(etat=etat, page=1),
                aria_current=_ici(etat == recherche.etat),
            ),
        )
        for etat, nom, nombre in choix
    ]
    return h("nav", h("ul", liens, class_="onglets"), aria_label="États des dossiers")


def _filtres(demarche: DemarcheMonde, recherche: Recherche) -> Html:
    groupes = [(str(g.number), g.label) for g in demarche.groupes]
    labels = [(str(x.number), x.name) for x in demarche.labels]
    gardes = [
        h("input", type="hidden", name=nom, value=v)
        for nom, v in (("etat", recherche.etat), ("demarche", recherche.demarche))
        if v
    ]
    return h(
        "form",
        gardes,
        h(
            "div",
            h("label", "Numéro, établissement, candidat", for_="q"),
            h("input", type="search", id="q", name="q", value=recherche.q),
        ),
        _choix("groupe", "Groupe d’instructeurs", "Tous les groupes", groupes, recherche.groupe),
        _choix("label", "Label", "Tous les labels", labels, recherche.label),
        h("button", "Filtrer", type="submit"),
        class_="filtres",
        method="get",
        action="/",
        role="search",
        aria_label="Filtrer les dossiers",
    )


def _choix(nom: str, titre: str, tous: str, options: Iterable[tuple[str, str]], choisi: str) -> Html:
    lignes = [h("option", texte, value=v, selected=v == choisi) for v, texte in (("", tous), *options)]
    return h("div", h("label", titre, for_=nom), h("select", lignes, id=nom, name=nom))


def _tableau(world: World, dossiers: list[DossierMonde], recherche: Recherche) -> Html:
    if not dossiers:
        return h("p", "Aucun dossier ne correspond à ces critères.", class_="rien")
    debut = (recherche.page - 1) * PAR_PAGE
    page = dossiers[debut : debut + PAR_PAGE]
    titres = ("N°", "Demandeur", "Candidat", "État", "Avis proposé", "Labels", "Modifié le")
    nombre = f"{len(dossiers)} dossier{'s' if len(dossiers) > 1 else ''}"
    # roles are said again because a phone shows rows as blocks, which makes browsers forget that this is a table
    return h(
        "div",
        h(
            "table",
            h("caption", f"{nombre}, le dernier modifié d’abord"),
            h(
                "thead",
                h("tr", [h("th", t, scope="col", role="columnheader") for t in titres], role="row"),
                role="rowgroup",
            ),
            h("tbody", [_rang(world, d) for d in page], role="rowgroup"),
            role="table",
        ),
        class_="liste",
    )


def _rang(world: World, d: DossierMonde) -> Html:
    candidat, specialite, avis = _colonnes(world, d)
    numero = h(
        "a",
        d.number,
        h("span", f" : dossier de {_nom_du_demandeur(d)}", class_="hors-ecran"),
        href=f"/dossiers/{d.number}",
    )
    return h(
        "tr",
        h("th", numero, scope="row", role="rowheader", class_="numero"),
        h("td", h("span", _nom_du_demandeur(d), class_="fort"), role="cell"),
        h("td", candidat, h("span", specialite, class_="discret"), role="cell", data_titre="Candidat"),
        h("td", _badges(d), role="cell"),
        h("td", avis, role="cell", data_titre="Avis proposé"),
        h("td", _etiquettes(world, d), role="cell"),
        h("td", lisible.instant_court(d.updated_at), role="cell", class_="date", data_titre="Modifié le"),
        role="row",
    )


def _colonnes(world: World, d: DossierMonde) -> tuple[str, ...]:
    revision = world.revision_de(d)
    lues = {x.label: x.stable_id for x in (*revision.champs, *revision.annotations)}
    valeurs, _ = d.lit()
    return tuple(_texte(valeurs.get((lues.get(nom, 0), ""))) for nom in COLONNES)


def _texte(v: Valeur | None) -> str:
    return lisible.valeur(v.valeur) if v else ""


def _nom_du_demandeur(d: DossierMonde) -> str:
    if not isinstance(d.demandeur, PersonneMorale):
        return f"{d.demandeur.prenom} {d.demandeur.nom}"
    if not d.demandeur.entreprise:
        return f"SIRET {d.demandeur.siret}"
    return d.demandeur.entreprise.raison_sociale


def _badges(d: DossierMonde) -> Html:
    badges = [h("span", lisible.ETATS.get(d.state, d.state), class_=f"badge {d.state}")]
    if d.correction_en_attente:
        badges.append(h("span", "Correction en attente", class_="badge pending"))
    if d.archived:
        badges.append(h("span", "Archivé", class_="badge"))
    return suite(*(piece for badge in badges for piece in (badge, " ")))


def _etiquettes(world: World, d: DossierMonde) -> Html | None:
    catalogue: dict[int, Label] = {x.number: x for x in world.demarche_de(d).labels}
    poses = [catalogue[n] for n in d.labels if n in catalogue]
    if not poses:
        return None
    return h("ul", [h("li", x.name, class_=f"etiquette {x.color}") for x in poses], class_="etiquettes")


def _pagination(nombre: int, recherche: Recherche) -> Html | None:
    pages = -(-nombre // PAR_PAGE)
    if pages <= 1:
        return None
    proches = sorted({1, pages, *range(max(1, recherche.page - 2), min(pages, recherche.page + 2) + 1)})
    liens = [
        h("li", h("a", n, href=recherche.lien(page=n), aria_label=f"Page {n}", aria_current=_ici(n == recherche.page)))
        for n in proches
    ]
    return h("nav", h("ul", liens), class_="pages", aria_label="Pages de la liste")


def _hors_liste(world: World, demarche: DemarcheMonde) -> Html | None:
    """Say what is in the bin and what was purged, as the instructeur finds them behind a tab."""
    corbeille = [d for d in world.par_demarche[demarche.number].values() if d.en_corbeille]
    lignes = [h("li", f"Dossier n° {d.number} : dans la corbeille {_de_qui(d)}.") for d in corbeille]
    lignes += [
        h("li", f"Dossier n° {x.number} : effacé définitivement le {lisible.jour(x.deleted_at.date())}.")
        for x in demarche.supprimes[-PAR_PAGE:]
    ]
    if not lignes:
        return None
    titre = h("h2", "Supprimés récemment", id="supprimes")
    return h("section", titre, h("ul", lignes), class_="hors-liste", aria_labelledby="supprimes")


def _de_qui(d: DossierMonde) -> str:
    quand = d.cache_par_administration_at or d.cache_par_usager_at
    qui = "de l’administration" if d.cache_par_administration_at else "de l’usager"
    return f"{qui} depuis le {lisible.jour(quand.date())}" if quand else qui


# --- one dossier ---


def _fiche(world: World, d: DossierMonde) -> Html:
    demarche = world.demarche_de(d)
    titre = f"Dossier n° {d.number}"
    parties = (
        _partie("annotations", "Annotations privées", _annotations(world, d)),
        _partie("demande", "Demande", _demande(world, d)),
        _partie("messagerie", "Messagerie", _messagerie(world, d)),
        _partie("avis", "Avis externes", _avis(d)) if d.avis else None,
        _partie("historique", "Historique", _historique(d)),
    )
    return _document(
        titre,
        h("div", h("h1", titre), h("p", _badges(d)), class_="titre"),
        h("p", _nom_du_demandeur(d), class_="sous-titre"),
        _etiquettes(world, d),
        _alertes(d),
        _identite(world, d),
        _sommaire(avec_avis=bool(d.avis)),
        parties,
        ariane=((demarche.title, Recherche().lien(demarche=_numero_si_plusieurs(world, demarche))), (titre, None)),
    )


def _numero_si_plusieurs(world: World, demarche: DemarcheMonde) -> str:
    return str(demarche.number) if len(world.demarches) > 1 else ""


def _partie(ancre: str, titre: str, *contenu: Contenu) -> Html:
    return h(
        "section",
        h("h2", titre, id=f"titre-{ancre}"),
        contenu,
        id=ancre,
        class_="partie",
        aria_labelledby=f"titre-{ancre}",
    )


def _sommaire(*, avec_avis: bool) -> Html:
    parties = [("annotations", "Annotations privées"), ("demande", "Demande"), ("messagerie", "Messagerie")]
    parties += [("avis", "Avis externes")] if avec_avis else []
    parties += [("historique", "Historique")]
    liens = [h("li", h("a", nom, href=f"#{ancre}")) for ancre, nom in parties]
    return h("nav", h("ul", liens, class_="sommaire"), aria_label="Parties du dossier")


def _alertes(d: DossierMonde) -> list[Html]:
    alertes = []
    if correction := d.correction_en_attente:
        motif = lisible.MOTIFS_DE_CORRECTION.get(correction.reason, correction.reason)
        quand = lisible.instant(correction.created_at)
        alertes.append(_alerte("Correction demandée", f"Le {quand} ({motif}). L’usager n’a pas encore répondu."))
    if isinstance(d.demandeur, PersonneMorale) and not d.demandeur.complet:
        alertes.append(
            _alerte(
                "Données de l’établissement incomplètes",
                "L’annuaire des entreprises n’a pas répondu : seul le SIRET est connu.",
            )
        )
    if d.cache_par_usager_at:
        quand = lisible.instant(d.cache_par_usager_at)
        alertes.append(_alerte("Supprimé par l’usager", f"L’usager ne voit plus ce dossier depuis le {quand}.", "info"))
    return alertes


def _alerte(titre: str, texte: str, genre: str = "") -> Html:
    return h("div", h("strong", titre), h("p", texte), class_=f"alerte {genre}".strip())


def _identite(world: World, d: DossierMonde) -> Html:
    revision = world.revision_de(d)
    version = f"du {lisible.jour(revision.published_at.date())}" if revision.published_at else "en préparation"
    if revision.number != world.demarche_de(d).active:
        version += " (ancienne)"
    lignes = (
        ("Demandeur", _demandeur(d)),
        ("Compte usager", f"{d.usager.email}{' (compte supprimé)' if d.usager.supprime else ''}"),
        ("Déposé par un tiers", " ".join(d.mandataire) if d.mandataire else ""),
        ("Groupe d’instructeurs", world.groupe_de(d).label),
        ("Suivi par", ", ".join(i.email for i in d.suivi_par) or "personne"),
        ("Déposé le", _quand(d.depose_at)),
        ("En instruction le", _quand(d.en_instruction_at)),
        ("Décision le", _quand(d.processed_at)),
        ("Dernière modification", _quand(d.updated_at)),
        ("Version du formulaire", version),
    )
    return h("dl", [h("div", h("dt", nom), h("dd", v)) for nom, v in lignes if v], class_="identite")


def _demandeur(d: DossierMonde) -> str:
    if not isinstance(d.demandeur, PersonneMorale):
        return _nom_du_demandeur(d)
    adresse = d.demandeur.adresse
    ou = f", {adresse.postal_code} {adresse.city_name}" if adresse else ""
    siret = f" (SIRET {d.demandeur.siret})" if d.demandeur.entreprise else ""
    return f"{_nom_du_demandeur(d)}{ou}{siret}"


def _quand(t: datetime | None) -> str:
    return lisible.instant(t) if t else ""


# --- champs and annotations ---


@dataclass(frozen=True, slots=True)
class Lecture:
    """The values of a dossier, and what is needed to show them."""

    world: World
    valeurs: dict[Cle, Valeur]
    rangs: dict[int, list[str]]

    @classmethod
    def de(cls, world: World, d: DossierMonde) -> Lecture:
        """Give the reading of a dossier's submitted values."""
        return cls(world, *d.lit())

    def en(self, rang: str) -> Callable[[int], Any]:
        """Give the reader of values that conditions want: in this row, then at the root."""

        def lit(stable_id: int) -> Any:
            v = self.valeurs.get((stable_id, rang)) or self.valeurs.get((stable_id, ""))
            return v.valeur if v else None

        return lit


def _demande(world: World, d: DossierMonde) -> list[Html]:
    lecture = Lecture.de(world, d)
    return [
        h("div", h("h3", nom), h("dl", [_champ(lecture, x, "") for x in champs], class_="champs"), class_="carte")
        for nom, champs in _sections(lecture, world.revision_de(d).champs, "Formulaire")
    ]


def _annotations(world: World, d: DossierMonde) -> Html:
    revision = world.revision_de(d)
    if not revision.annotations:
        return h("p", "Cette démarche n’a pas d’annotation privée.", class_="discret")
    lecture = Lecture.de(world, d)
    cartes = [_carte_annotee(lecture, nom, x) for nom, x in _sections(lecture, revision.annotations, "Annotations")]
    return h("div", cartes, class_="colonnes")


def _carte_annotee(lecture: Lecture, nom: str, champs: list[Descripteur]) -> Html:
    """Give the filled annotations, then the names of the others in one line: the eye goes to what was said.

    Who wrote, and when, is said once where it is the same for all.
    """
    remplis = [x for x in champs if _est_remplie(lecture, x)]
    signatures = {_signature(lecture.valeurs.get((x.stable_id, ""))) for x in remplis}
    commune = signatures.pop() if len(signatures) == 1 else None
    lignes = [_champ(lecture, x, "", signe=commune is None) for x in remplis]
    if vides := " · ".join(x.label for x in champs if x not in remplis):
        lignes.append(h("div", h("dt", "Non renseigné"), h("dd", vides, class_="vide")))
    return h(
        "div", h("h3", nom), h("p", commune) if commune else None, h("dl", lignes, class_="champs"), class_="carte"
    )


def _sections(
    lecture: Lecture, descripteurs: Iterable[Descripteur], titre: str
) -> Iterator[tuple[str, list[Descripteur]]]:
    """Give what the form shows, by section: a champ hidden by its condition is not there, nor an empty section."""
    sections: list[tuple[str, list[Descripteur]]] = [(titre, [])]
    for x in descripteurs:
        if not x.visible(lecture.en("")):
            continue
        if x.type == "header_section":
            sections.append((x.label, []))
        elif x.type not in NON_SAISIS:
            sections[-1][1].append(x)
    return ((nom, champs) for nom, champs in sections if champs)


def _est_remplie(lecture: Lecture, x: Descripteur) -> bool:
    v = lecture.valeurs.get((x.stable_id, ""))
    return bool(lecture.rangs.get(x.stable_id)) or (v is not None and v.valeur not in (None, "", []))


def _champ(lecture: Lecture, x: Descripteur, rang: str, *, signe: bool = False) -> Html:
    if x.type == "repetition":
        return _repetition(lecture, x)
    v = lecture.valeurs.get((x.stable_id, rang))
    contenu = _valeur(lecture.world, x, v.valeur if v else None)
    if not contenu:
        vide = "Aucun fichier" if x.type == "piece_justificative" else "Non renseigné"
        return h("div", h("dt", x.label), h("dd", vide, class_="vide"))
    return h("div", h("dt", x.label), h("dd", contenu, _signature(v) if signe else None))


def _signature(v: Valeur | None) -> Html | None:
    if v is None:
        return None
    par = f" · {v.updated_by}" if v.updated_by else ""
    return h("span", f"{lisible.instant_court(v.updated_at)}{par}", class_="qui")


def _valeur(world: World, x: Descripteur, v: Any) -> Html | str:
    if x.type == "piece_justificative":
        return _fichiers(v or [])
    if x.type == "dossier_link" and isinstance(v, int):
        return _lien(world, v)
    texte = lisible.valeur(v)
    if x.type == "address" and v is not None:
        return f"{texte}\n(adresse saisie librement)" if not v.complete else f"{texte}\nCode commune {v.city_code}"
    return texte


def _lien(world: World, numero: int) -> Html:
    lie = world.dossiers.get(numero)
    if lie is None or not lie.visible:
        return suite(f"Dossier n° {numero} (introuvable)")
    etat = lisible.ETATS.get(lie.state, lie.state).lower()
    return suite(h("a", f"Dossier n° {numero}", href=f"/dossiers/{numero}"), f" ({etat})")


def _fichiers(fichiers: list[Fichier]) -> Html | str:
    if not fichiers:
        return ""
    return h("ul", [_fichier(f) for f in fichiers], class_="fichiers")


def _fichier(f: Fichier) -> Html:
    ecarte = f.virus not in ("safe", "pending")
    return h(
        "li",
        h("span", f.filename, class_="nom-fichier ecarte" if ecarte else "nom-fichier"),
        h("span", lisible.taille(f.taille), class_="discret"),
        h("span", lisible.ANTIVIRUS.get(f.virus, f.virus), class_=f"badge {f.virus}"),
    )


def _repetition(lecture: Lecture, x: Descripteur) -> Html:
    rangs = lecture.rangs.get(x.stable_id, [])
    if not rangs:
        return h("div", h("dt", x.label), h("dd", "Aucune ligne", class_="vide"))
    lignes = [_ligne(lecture, x, n, rang) for n, rang in enumerate(rangs, 1)]
    return h("div", h("dt", x.label), h("dd", h("ol", lignes, class_="lignes")), class_="bloc")


def _ligne(lecture: Lecture, x: Descripteur, n: int, rang: str) -> Html:
    visibles = [e for e in x.enfants if e.visible(lecture.en(rang))]
    return h("li", h("h4", f"N° {n}"), h("dl", [_champ(lecture, e, rang) for e in visibles], class_="champs"))


# --- messages, opinions, history ---


def _messagerie(world: World, d: DossierMonde) -> Html:
    if not d.messages:
        return h("p", "Aucun message.", class_="discret")
    expediteur = world.demarche_de(d).expediteur
    ordonnes = sorted(d.messages, key=lambda m: (m.created_at, m.number))
    return h("ol", [_message(m, d.usager.email, expediteur) for m in ordonnes], class_="messages")


def _message(m: Message, usager: str, systeme: str) -> Html:
    if m.email == systeme:
        return _message_systeme(m)
    qui, genre = ("l’usager", "usager") if m.email == usager else ("l’instructeur", "agent")
    de = h("p", h("strong", f"{m.email} ({qui})"), h("span", lisible.instant(m.created_at)), class_="de")
    if m.discarded_at:
        corps = h("p", f"Message supprimé le {lisible.instant(m.discarded_at)}.", class_="corps discret")
    else:
        corps = h("p", m.body, class_="corps")
    return h("li", de, corps, _fichiers(m.pieces) or None, _correction(m), class_=genre)


def _message_systeme(m: Message) -> Html:
    titre = h("summary", f"Courriel automatique du {lisible.instant(m.created_at)}")
    return h("li", h("details", titre, h("p", lisible.sans_balises(m.body), class_="corps")), class_="systeme")


def _correction(m: Message) -> Html | None:
    if not m.correction:
        return None
    motif = lisible.MOTIFS_DE_CORRECTION.get(m.correction.reason, m.correction.reason)
    if m.correction.resolved_at:
        quand = lisible.instant(m.correction.resolved_at)
        return h("span", f"Demande de correction ({motif}) : résolue le {quand}", class_="badge accepte")
    return h("span", f"Demande de correction ({motif}) : en attente", class_="badge pending")


def _avis(d: DossierMonde) -> Html:
    return h("ul", [_un_avis(a) for a in d.avis], class_="messages")


def _un_avis(a: AvisMonde) -> Html:
    qui = a.expert.email if a.expert else "expert inconnu"
    de = h("p", h("strong", qui), h("span", f"demandé le {lisible.instant(a.created_at)}"), class_="de")
    reponse = a.reponse or "Pas encore de réponse."
    return h(
        "li",
        de,
        h("p", a.question, class_="corps discret"),
        h("p", reponse, class_="corps"),
        _fichiers(a.pieces) or None,
    )


def _historique(d: DossierMonde) -> Html:
    if not d.traitements:
        return h("p", "Aucun événement.", class_="discret")
    ordonnes = sorted(d.traitements, key=lambda t: (t.date, t.number))
    return h("ol", [_traitement(t) for t in ordonnes], class_="historique")


def _traitement(t: Traitement) -> Html:
    par = f" par {t.email}" if t.email else ""
    return h(
        "li",
        h("strong", lisible.EVENEMENTS.get(t.event, t.event)),
        h("span", f"le {lisible.instant(t.date)}{par}", class_="qui"),
        h("p", t.motivation, class_="motivation") if t.motivation else None,
    )
