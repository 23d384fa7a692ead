"""Our schema says nothing that the published one does not: each type, field, argument and enum value, same type."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    concat_ast,
    parse,
    validate,
)
from graphql.validation import NoUnusedFragmentsRule, specified_rules

from connector.sandbox.moteur import Moteur, sdl
from connector.sandbox.validation import Controle
from connector.sandbox.world import Capacites

RACINE = Path(__file__).parents[2]
PUBLIE = RACINE.parent / "shared" / "ds" / "schema.graphql"
REQUETES = RACINE / "queries"

presente = pytest.mark.skipif(not PUBLIE.is_file(), reason="le schéma publié n'est pas sur cette machine")


@pytest.fixture(scope="module")
def publie():
    return build_schema(PUBLIE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def notre():
    return build_schema(sdl())


def nos_types(notre):
    return {n: t for n, t in notre.type_map.items() if not n.startswith("__")}


@presente
def test_every_type_of_ours_is_published_and_of_the_same_kind(notre, publie):
    for nom, sorte in nos_types(notre).items():
        assert nom in publie.type_map, nom
        assert type(publie.type_map[nom]) is type(sorte), nom


@presente
def test_every_field_of_ours_is_published_with_the_same_type(notre, publie):
    for nom, sorte in nos_types(notre).items():
        for champ, definition in getattr(sorte, "fields", {}).items():
            la_bas = publie.type_map[nom].fields.get(champ)
            assert la_bas is not None, f"{nom}.{champ}"
            assert str(la_bas.type) == str(definition.type), f"{nom}.{champ}"


@presente
def test_every_argument_of_ours_is_published_with_the_same_type_and_default(notre, publie):
    for nom, sorte in nos_types(notre).items():
        if not isinstance(sorte, GraphQLObjectType | GraphQLInterfaceType):
            continue
        for champ, definition in sorte.fields.items():
            for argument, ici in definition.args.items():
                la_bas = publie.type_map[nom].fields[champ].args.get(argument)
                assert la_bas is not None, f"{nom}.{champ}({argument})"
                assert str(la_bas.type) == str(ici.type), f"{nom}.{champ}({argument})"
                assert repr(la_bas.default_value) == repr(ici.default_value), f"{nom}.{champ}({argument})"


@presente
def test_every_required_argument_and_key_of_the_published_schema_is_ours_too(notre, publie):
    for nom, sorte in nos_types(notre).items():
        la_bas = publie.type_map[nom]
        if isinstance(sorte, GraphQLInputObjectType):
            requis = {c for c, f in la_bas.fields.items() if str(f.type).endswith("!")}
            assert requis <= set(sorte.fields), nom
            assert la_bas.is_one_of == sorte.is_one_of, nom


@presente
def test_every_enum_value_of_ours_is_published(notre, publie):
    for nom, sorte in nos_types(notre).items():
        if isinstance(sorte, GraphQLEnumType):
            assert set(sorte.values) <= set(publie.type_map[nom].values), nom


@presente
def test_our_words_are_ours():
    publies = PUBLIE.read_text(encoding="utf-8")
    nos_descriptions = [ligne.strip().strip('"') for ligne in sdl().splitlines() if ligne.strip().startswith('"')]
    assert nos_descriptions
    assert [d for d in nos_descriptions if len(d) > 25 and d in publies] == []


def documents():
    return [parse(f.read_text(encoding="utf-8")) for f in sorted(REQUETES.rglob("*.graphql"))]


def test_every_query_of_ours_is_answered_by_our_schema(notre):
    regles = [r for r in specified_rules if r is not NoUnusedFragmentsRule]
    assert validate(notre, concat_ast(documents()), regles) == []


def test_every_field_of_the_dossier_that_a_query_sends_has_a_resolver_or_a_key(notre):
    assert Controle(notre, concat_ast(documents())).document_entier() == []


def test_an_instance_without_the_batch_mutation_has_it_neither_in_its_schema_nor_in_its_answers():
    moteur = Moteur(Capacites(lot_annotations=False))
    assert "dossierModifierAnnotations" not in moteur.schema.mutation_type.fields
    assert "dossierModifierAnnotationText" in moteur.schema.mutation_type.fields


def test_an_instance_may_miss_types_and_fields():
    capacites = Capacites(types_absents=frozenset({"RNFChamp"}), champs_absents=frozenset({"Dossier.avis"}))
    moteur = Moteur(capacites)
    assert "RNFChamp" not in moteur.schema.type_map
    assert "avis" not in moteur.schema.type_map["Dossier"].fields
