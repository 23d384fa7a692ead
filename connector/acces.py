"""Everything kept here about one dossier, as the person it is about can read it: for the right of access.

In French words and at the hour it is in France; what only machines read comes last. Digests and the references that DS
gives its objects, from which nothing can be learnt, are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector import presentation
from connector.core.constat import Constat, Statut
from connector.core.evaluation import Historique, Proposition
from connector.core.examen_piece import Relecture, racontee
from connector.core.fiche import Fiche
from connector.core.justification import cite
from connector.core.model import (
    Adresse,
    Champ,
    Choix,
    ChoixLie,
    Dossier,
    Etablissement,
    Illisible,
    LienDossier,
    Lieu,
    Lignes,
    Pieces,
    Valeur,
)
from connector.core.poste import Poste
from connector.core.textes import entre_parentheses, typographier
from connector.donnees import ETATS as ENVOIS
from connector.donnees import MOTIFS, QUOI, as_data
from connector.errors import OperatorError, StoreError
from connector.store import codec
from connector.store.effacement import OUVERTS, Efface
from connector.store.journal import NOUS
from connector.wiring import FRANCE

if TYPE_CHECKING:
    from connector.config import Settings
    from connector.store import Base

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")

_SANS_OBJET = re.compile(r"^Sans objet\s:\s")
"""How a rule that has no bearing on a dossier begins what it says."""

_STATUTS = {
    Statut.KO: "non_respectes",
    Statut.A_VERIFIER: "a_verifier",
    Statut.OK: "respectes",
    Statut.SANS_OBJET: "sans_objet",
}
"""What was found, sorted for who reads it: first what stands in the way."""

_DU_DOSSIER = frozenset(
    {
        *(("dossiers", "entete"), ("dossiers", "champs"), ("dossiers", "annotations"), ("evaluations", "proposition")),
        *(("identites", "entete"), ("identites", "champs"), ("identites", "messages")),
    }
)
"""Columns that the readable part tells once the dossier is read back: of the header, all but the agents' addresses."""

_DITS = frozenset({("evaluations_passees", "proposition"), ("decisions", "decision")})
"""Columns that the readable part tells in any case."""

_TUS = frozenset({"instructeurs", "email_agent", "candidat", "projet"})
"""Inside a column: the agents' own addresses, and the digests of an entry of the register."""

TABLES = {
    "dossiers": "dossier",
    "identites": "identite",
    "evaluations": "proposition",
    "evaluations_passees": "propositions_precedentes",
    "inscriptions": "inscription_au_registre",
    "decisions": "decisions",
    "relectures": "relectures_des_pieces",
    "intentions": "envois",
    "titulaires": "poste_occupe",
    "quarantaine": "mise_de_cote",
    "suppressions": "suppression_dans_demarches_simplifiees",
    "effaces": "effacement",
}
"""What each table is called for who is not of the trade."""

COLONNES = {
    "number": "numero",
    "dossier": "numero",
    "state": "etat",
    "archived": "archive",
    "date_depot": "depose_le",
    "modifiee_le": "modifie_le",
    "absent_le": "absent_de_demarches_simplifiees_depuis",
    "absent_cause": "cause_de_l_absence",
    "stockee_le": "lu_le",
    "a_pousser": "a_ecrire_dans_demarches_simplifiees",
    "evaluee_le": "controle_le",
    "notee_le": "note_le",
    "seq": "numero_d_ordre",
    "kind": "nature",
    "sent_at": "envoye_le",
    "closed_at": "termine_le",
    "attempts": "essais",
    "refusals": "refus",
    "retry_at": "nouvel_essai_le",
    "updated_at": "mis_a_jour_le",
    "levee_le": "leve_le",
    "date_suppression": "supprime_le",
    "favorable": "compte_parmi_les_recevables_en_attente",
    "reason": "motif",
    "seen_at": "vu_le",
}
"""What a column is called for them; those that are not here have a French name already (a test lists them)."""

_OUI_NON = frozenset({"archived", "a_pousser", "favorable", "definitif"})

_VALEURS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("dossiers", "state"): presentation.ETATS,
    ("intentions", "state"): ENVOIS,
    ("intentions", "kind"): QUOI,
    ("effaces", "motif"): {motif.value: dit for motif, dit in MOTIFS.items()},
}
"""The words of those columns that a program chose."""

_EMPREINTES = frozenset(
    {
        *("contenu", "d_champs", "d_saisies", "d_proposees", "d_messages", "d_etat", "d_labels", "proposees"),
        *("politique", "lecture", "candidat", "projet", "contexte", "vue", "fingerprint", "cible", "checksum"),
        *("id", "revision", "groupe"),
    }
)
"""Columns that hold digests, what is made of them, or what DS calls its own objects by."""


def exporter(base: Base, number: int, settings: Settings | None = None) -> dict[str, Any]:
    """Everything kept here about one dossier, as JSON takes it; OperatorError when nothing is.

    `settings` names the rules; one that is no longer there is told by its key.
    """
    rangees = base.effacement.everything(number)
    if not any(rangees.values()):
        raise OperatorError(f"rien n’est gardé ici sur le dossier n° {number}.")
    poste, efface = base.postes.of_dossier(number), base.effacement.of(number)
    fiche, relues = _stocke(base, number), base.relectures.of(number)
    libelles = _libelles(settings, rangees["dossiers"])
    lu = _du_dossier(*fiche, libelles) if fiche else {}
    dits = _DITS | (_DU_DOSSIER if lu else frozenset())
    if len(relues) == len(rangees["relectures"]):  # else one of them cannot be read back: it is given as it is kept
        dits |= {("relectures", "relecture")}
    data = {
        "dossier": number,
        **lu,
        "pieces_relues": _pieces_relues(fiche[0].dossier.champs if fiche else (), relues),
        "propositions_precedentes": [_proposee(r, libelles) for r in rangees["evaluations_passees"]],
        "decisions_enregistrees": [_decidee(r["decision"]) for r in rangees["decisions"]],
        "poste": _poste(poste) if poste else None,
        "effacement": _effacement(efface) if efface else None,
        "journal": [_ligne(ligne) for ligne in _journal(base, number)],
        "detail_technique": _technique(rangees, dits),
    }
    return {cle: _local(valeur) for cle, valeur in data.items() if valeur not in (None, [], {}, "")}


def _stocke(base: Base, number: int) -> tuple[Fiche, Historique] | None:
    """What is stored of the dossier itself, as last read; None when nothing is, or this version cannot read it back."""
    try:
        return base.dossiers.dossier(number)
    except StoreError:
        return None


def _libelles(settings: Settings | None, dossiers: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """What the rules of that dossier's démarche are called, by their key."""
    reglees = [settings.demarche(d["demarche"]) for d in dossiers] if settings else []
    return {regle.cle: regle.libelle for reglee in reglees if reglee for regle in reglee.regles}


def _du_dossier(fiche: Fiche, historique: Historique, libelles: Mapping[str, str]) -> dict[str, Any]:
    """The dossier itself, in words."""
    d, evaluation = fiche.dossier, historique.evaluation
    return {
        "etat": presentation.ETATS[d.state.value],
        "depose_le": _heure(d.date_depot),
        "modifie_le": _heure(d.date_derniere_modification),
        "deposant": {"courriel": d.usager_email},
        "groupe_instructeur": d.groupe.label,
        "etablissement_demandeur": _sans_vide({"nom": d.demandeur.raison_sociale, "siret": d.demandeur.siret}),
        "reponses": _saisies(d.champs),
        "annotations_des_agents_et_du_connecteur": _saisies(d.annotations),
        "labels": [label.name for label in d.labels],
        "historique": [{"le": _heure(t.date), "evenement": _evenement(t.event)} for t in d.traitements],
        "messages_dont_le_texte_n_est_pas_garde": _messages(d),
        "proposition": _proposition(evaluation.proposition, evaluation.evaluee_le, libelles) if evaluation else None,
        "envois": [line.strip() for line in presentation.faits_lines(historique.intentions)[2:]],
    }


def _saisies(champs: Iterable[Champ]) -> dict[str, Any]:
    """What was answered, by the champ's label; a label that comes again has its rank."""
    dites: dict[str, Any] = {}
    fois: Counter[str] = Counter()
    for champ in champs:
        fois[champ.label] += 1
        rang = fois[champ.label]
        dites[champ.label if rang == 1 else f"{champ.label} ({rang})"] = _dit(champ.value)
    return {label: dit for label, dit in dites.items() if dit not in (None, "", [])}


def _dit(valeur: Valeur) -> Any:  # noqa: C901, PLR0911 - one line per kind of value is the clearest table
    """A value as a reader expects it."""
    match valeur:
        case None | str():
            return valeur
        case int() | date() | Decimal():
            return presentation.value_text(valeur)
        case Choix(values=values):
            return presentation.value_text(values)
        case ChoixLie(primary=primary, secondary=secondary):
            return " / ".join(filter(None, (primary, secondary)))
        case Adresse(label=label) | Lieu(name=label):
            return label
        case Etablissement(siret=siret, raison_sociale=nom, adresse=adresse):
            return ", ".join(filter(None, (nom, f"SIRET {siret}", adresse.label if adresse else "")))
        case LienDossier(number=number):
            return f"dossier n° {number}"
        case Pieces(files=files):
            return [f"{f.filename} ({f.content_type}, {f.byte_size} octets)" for f in files]
        case Lignes(rows=rows):
            return [_saisies(row.champs) for row in rows]
        case Illisible(text=text):
            return text


def _messages(dossier: Dossier) -> list[dict[str, Any]]:
    return [
        _sans_vide(
            {"le": _heure(m.created_at), "de": m.email, "reference": m.reference, "corrections": bool(m.correction)}
        )
        for m in dossier.messages
    ]


def _proposition(proposition: Proposition, le: datetime, libelles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "le": _heure(le),
        "avis": proposition.avis.value,
        "synthese": proposition.synthese,
        "points": list(proposition.points),
        "constats": _sans_vide(
            {
                dit: [
                    f"{_constat(c, libelles)} {entre_parentheses(cite(c.source))}"
                    for c in proposition.constats
                    if c.statut is statut
                ]
                for statut, dit in _STATUTS.items()
            }
        ),
    }


def _constat(constat: Constat, libelles: Mapping[str, str]) -> str:
    """What a rule found; one that has no bearing on this dossier is named."""
    if constat.statut is not Statut.SANS_OBJET:
        return constat.phrase
    nom = libelles.get(constat.regle, constat.regle.replace("_", " "))
    phrase = _SANS_OBJET.sub("", constat.phrase)
    return typographier(f"{nom[:1].upper()}{nom[1:]} : {phrase}")


def _evenement(event: str) -> str:
    return presentation.EVENEMENTS.get(event, event.replace("_", " "))


def _pieces_relues(champs: Iterable[Champ], relues: Mapping[str, Relecture]) -> list[dict[str, Any]]:
    """What was found inside each file, by its question and its name; one that still waits was not seen at any date."""
    noms = dict(_fichiers(champs))
    return [
        _sans_vide(
            {
                "piece": noms.get(checksum, "fichier qui n’est plus dans le dossier"),
                "vue_le": _heure(relue.le) if relue.examen is not None else None,
                "resultat": racontee(relue),
            }
        )
        for checksum, relue in relues.items()
    ]


def _fichiers(champs: Iterable[Champ]) -> Iterator[tuple[str, str]]:
    """The files of those answers, by checksum: « question : name »."""
    for champ in champs:
        if isinstance(champ.value, Pieces):
            yield from ((f.checksum, f"{champ.label} : {f.filename}") for f in champ.value.files)
        elif isinstance(champ.value, Lignes):
            for row in champ.value.rows:
                yield from _fichiers(row.champs)


def _proposee(rangee: Mapping[str, Any], libelles: Mapping[str, str]) -> dict[str, Any]:
    """A proposition that another one replaced; as it is kept, when this version cannot read it back."""
    try:
        return _proposition(codec.typed(rangee["proposition"], Proposition), codec.when(rangee["evaluee_le"]), libelles)
    except StoreError:
        return {"le": rangee["evaluee_le"], "avis": rangee["avis"], "proposition": rangee["proposition"]}


def _decidee(decision: object) -> object:
    """What people decided; as it is kept, when it is no record."""
    return _sans_vide(decision) if isinstance(decision, dict) else decision


def _poste(poste: Poste) -> dict[str, Any]:
    return {
        "promotion": poste.promotion,
        "categorie": poste.categorie.value,
        "debut": f"{poste.debut:%d/%m/%Y}",
        "fin": f"{poste.fin:%d/%m/%Y}",
        "titulaires_par_numero_de_dossier": [t.dossier for t in poste.titulaires],
    }


def _effacement(efface: Efface) -> dict[str, Any]:
    return {"le": _heure(efface.le), "motif": MOTIFS[efface.motif]}


def _journal(base: Base, number: int) -> Iterable[dict[str, Any]]:
    depuis = datetime.fromtimestamp(0, FRANCE)
    return map(as_data, base.journal.lines(since=depuis, dossier=number))


def _ligne(ligne: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the journal; the account of the agent who did it is that agent's own."""
    qui = ligne["qui"] if ligne["qui"] == NOUS else "un agent"
    return {"le": ligne["at"], "qui": qui, "quoi": QUOI.get(ligne["quoi"], ligne["quoi"])}


def _technique(rangees: Mapping[str, list[dict[str, Any]]], dits: frozenset[tuple[str, str]]) -> dict[str, Any]:
    """The rest of each table, without the digests nor the agents' addresses; the journal is told already.

    Whether a dossier counts among those that wait for a post says nothing once it is decided.
    """
    ouvert = any(d["state"] in OUVERTS for d in rangees["dossiers"])
    tus = dits if ouvert else dits | {("inscriptions", "favorable")}
    restes = {
        TABLES[table]: [
            {
                COLONNES.get(c, c): _mot(table, c, v)
                for c, v in rangee.items()
                if (table, c) not in tus and c not in _EMPREINTES and v not in (None, "")
            }
            for rangee in r
        ]
        for table, r in rangees.items()
        if table != "journal"
    }
    return {table: r for table, r in restes.items() if any(len(rangee) > 1 for rangee in r)}


def _mot(table: str, colonne: str, data: Any) -> Any:
    """A value of that column in French, without the digests nor the agents' addresses that it holds."""
    if colonne in _OUI_NON and isinstance(data, int):
        return "oui" if data else "non"
    if colonne in {"absent_cause", "reason"}:
        return presentation.motif(str(data))
    if colonne == "cause":
        return str(data).replace("_", " ")
    return _VALEURS.get((table, colonne), {}).get(data, _reste(data)) if isinstance(data, str) else _reste(data)


def _reste(data: Any) -> Any:
    """The same data, without the digests nor the agents' addresses that it holds; a state is told in words."""
    match data:
        case dict():
            return {c: _etat(c, _reste(v)) for c, v in data.items() if c not in _TUS}
        case list():
            return [_reste(v) for v in data]
        case _:
            return data


def _etat(cle: str, data: Any) -> Any:
    return presentation.ETATS.get(data, data) if cle == "etat" and isinstance(data, str) else data


def _sans_vide(data: Mapping[str, Any]) -> dict[str, Any]:
    return {cle: valeur for cle, valeur in data.items() if valeur not in (None, "", [], {}, False)}


def _heure(instant: datetime) -> str:
    """The instant at the hour it was in France, its offset said."""
    return instant.astimezone(FRANCE).isoformat(timespec="seconds")


def _local(data: Any) -> Any:
    """The same data, each instant in UTC told at the hour it was in France."""
    match data:
        case dict():
            return {cle: _local(valeur) for cle, valeur in data.items()}
        case list():
            return [_local(valeur) for valeur in data]
        case str() if _INSTANT.fullmatch(data):
            return _heure(datetime.fromisoformat(data))
        case _:
            return data
