from __future__ import annotations

from importlib import resources

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, print_ast

from connector.api import documents
from connector.api.documents import document, noms


def _fragments(name: str) -> list[str]:
    return [d.name.value for d in document(name).node.definitions if isinstance(d, FragmentDefinitionNode)]


def test_a_document_comes_with_the_fragments_it_needs_and_no_other():
    assert _fragments("accepter") == []
    assert _fragments("demarche") == ["DescripteurRacine", "Groupe", "Descripteur"]
    assert "Suppressions" not in _fragments("dossier")


def test_a_fragment_used_twice_is_sent_once():
    names = _fragments("page")
    assert sorted(names) == sorted(set(names))
    assert {"Dossier", "ChampRacine", "Champ", "Adresse"} <= set(names)


def test_each_file_holds_one_operation_and_says_whether_it_writes():
    assert len(noms()) == 24
    for name in noms():
        operations = [d for d in document(name).node.definitions if isinstance(d, OperationDefinitionNode)]
        assert len(operations) == 1
        assert document(name).operation == operations[0].name.value
    assert document("accepter").mutation
    assert not document("page").mutation


def test_a_document_is_assembled_once():
    assert document("page") is document("page")


def test_an_unknown_document_is_a_key_error():
    with pytest.raises(KeyError, match="inconnu"):
        document("inconnu")


def test_the_documents_of_the_wheel_come_first(tmp_path, monkeypatch):
    queries = tmp_path / "_queries"
    (queries / "fragments").mkdir(parents=True)
    (queries / "seul.graphql").write_text("query Seul { demarche(number: 1) { id } }", encoding="utf-8")
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    assert noms() == ("seul",)
    assert "Seul" in print_ast(document("seul").node)
    documents.document.cache_clear()


def test_an_operation_without_a_name_goes_by_its_file_s(tmp_path, monkeypatch):
    queries = tmp_path / "_queries"
    queries.mkdir()
    (queries / "anonyme.graphql").write_text("{ demarche(number: 1) { id } }", encoding="utf-8")
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    assert document("anonyme").operation == "anonyme"
    documents.document.cache_clear()
