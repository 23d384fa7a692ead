"""What an instance of Démarches simplifiées can do, as it says itself, and which of our documents it understands.

Instances differ and change every month (contract §9): a removed field makes the whole document fail. Introspection is
asked by `doctor` alone; what it found is kept, and told again for a day.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from graphql import (
    FieldsOnCorrectTypeRule,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    KnownArgumentNamesRule,
    KnownTypeNamesRule,
    ProvidedRequiredArgumentsRule,
    build_client_schema,
    validate,
)
from pydantic import TypeAdapter

from connector.api.annotations import LOT, SEULES
from connector.api.documents import document, noms
from connector.api.echange import Demande
from connector.api.transport import Transport
from connector.core.empreintes import of
from connector.errors import ContractBroken

CAPACITES = "capacites"
VALABLES = timedelta(days=1)
"""How long what an instance said of itself is taken for true."""

_REGLES = (KnownTypeNamesRule, FieldsOnCorrectTypeRule, KnownArgumentNamesRule, ProvidedRequiredArgumentsRule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manque:
    """A document of ours that this instance would refuse, for lack of `noms` (`Type.field`, or the server's own words).

    `ecrit`: the document is a mutation.
    """

    document: str
    ecrit: bool
    noms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacites:
    """What one instance can do.

    `lot`: annotations are written together; `seules`: the documents that write them one by one where that is known;
    `valeurs`: the types of annotation that the batch takes; `motifs`: the reasons of a correction. `empreinte` changes
    with anything in the schema.
    """

    empreinte: str
    lot: bool
    seules: tuple[str, ...]
    valeurs: tuple[str, ...]
    labels: bool
    motifs: tuple[str, ...]
    manques: tuple[Manque, ...] = ()

    def texte(self) -> str:
        """The same as JSON, to be kept."""
        return _FORME.dump_json(self).decode()


_FORME = TypeAdapter(Capacites)


def gardees(texte: str) -> Capacites | None:
    """What `texte` kept; None when another version of this program wrote it otherwise."""
    try:
        return _FORME.validate_json(texte)
    except ValueError:
        return None


def relever(transport: Transport) -> Capacites:
    """Ask the instance what it can do; `ContractBroken` when it does not say, or says it in another shape."""
    demande = Demande(document=CAPACITES, mutation=False)
    brut = transport.lire(demande, {}).data
    try:
        return capacites_of(
            build_client_schema(brut),  # type: ignore[arg-type]
            of(json.dumps(brut, sort_keys=True, default=str)),
        )
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ContractBroken(
            "Démarches simplifiées ne décrit pas son API comme attendu.",
            hint="Transmettez ce message à qui maintient le connecteur.",
        ) from error


def capacites_of(schema: GraphQLSchema, empreinte: str) -> Capacites:
    """What that schema allows."""
    manques = tuple(_manques(schema, (n for n in noms() if n != CAPACITES)))
    absents = {m.document for m in manques}
    return Capacites(
        empreinte=empreinte,
        lot=LOT not in absents,
        seules=tuple(sorted({*SEULES.values()} - absents)),
        valeurs=_cles(schema, "AnnotationValueInput"),
        labels=not absents & {"ajouter_label", "supprimer_label"} and "labels" in _cles(schema, "Demarche"),
        motifs=_cles(schema, "CorrectionReason"),
        manques=manques,
    )


def _manques(schema: GraphQLSchema, documents: Iterable[str]) -> Iterable[Manque]:
    for nom in documents:
        voulu = document(nom)
        fautes = validate(schema, voulu.node, rules=_REGLES)
        if fautes:
            noms_absents = dict.fromkeys(_nom_absent(faute.message) for faute in fautes)
            yield Manque(document=nom, ecrit=voulu.mutation, noms=tuple(noms_absents))


_CHAMP = re.compile(r"field '(\w+)' on type '(\w+)'")
_TYPE = re.compile(r"Unknown type '(\w+)'")


def _nom_absent(message: str) -> str:
    """What is missing, from graphql-core's sentence; the sentence when it is of another kind."""
    if champ := _CHAMP.search(message):
        return f"{champ[2]}.{champ[1]}"
    sorte = _TYPE.match(message)
    return sorte[1] if sorte else message


def _cles(schema: GraphQLSchema, nom: str) -> tuple[str, ...]:
    """The names inside a type, () when there is no such type."""
    sorte: Any = schema.type_map.get(nom)
    match sorte:
        case GraphQLEnumType():
            return tuple(sorted(sorte.values))
        case GraphQLObjectType() | GraphQLInputObjectType():
            return tuple(sorted(sorte.fields))
        case _:
            return ()
