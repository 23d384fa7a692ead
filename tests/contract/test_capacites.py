"""`doctor`'s introspection against the published types: asked rightly, answered, and nothing of ours is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_client_schema, build_schema, graphql_sync, print_ast

from connector.api.capacites import CAPACITES, capacites_of
from connector.api.documents import document
from connector.core.plan import CleAnnotation

SCHEMA = Path(__file__).parents[2].parent / "shared" / "ds" / "schema.graphql"
if not SCHEMA.exists():
    pytest.skip("les types publiés de l’API (../shared/ds/schema.graphql) ne sont pas là", allow_module_level=True)


def test_the_published_api_described_by_itself_has_all_that_we_ask():
    answer = graphql_sync(build_schema(SCHEMA.read_text(encoding="utf-8")), print_ast(document(CAPACITES).node))
    assert answer.errors is None
    found = capacites_of(build_client_schema(answer.data), "empreinte")
    assert (found.manques, found.lot, found.labels, len(found.seules)) == ((), True, True, 7)
    assert {cle.value for cle in CleAnnotation} <= set(found.valeurs)
