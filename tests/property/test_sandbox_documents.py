"""Documents are executed, never recognised: one written otherwise, and equivalent, gets the same answer (issue 3)."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    ast_from_value,
    parse,
    print_ast,
    type_from_ast,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.sandbox.liens import Signataire
from connector.sandbox.monde import monde_par_defaut
from connector.sandbox.moteur import Moteur
from connector.sandbox.requete import Requete
from connector.sandbox.world import World

MAINTENANT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REQUETES = Path(__file__).parents[2] / "queries"
SUFFIXE = "_bis"


DEUX_RACINES = """
query a($n: Int!, $o: Int!) {
  dossier(number: $n) { champs { __typename label stringValue } }
  demarche(number: $o) { dossiers(last: 2) { nodes { number annotations { __typename label } } } }
}
"""


def pose(noeud: Any, cle: str, valeur: Any) -> None:
    """Change a parsed document in place: its nodes are frozen, and these copies are ours."""
    object.__setattr__(noeud, cle, valeur)


def texte(*noms: str) -> str:
    return "\n".join((REQUETES / f"{nom}.graphql").read_text(encoding="utf-8") for nom in noms)


def fragments(*noms: str) -> list[str]:
    return [f"fragments/{nom}" for nom in noms]


DOSSIER = fragments("dossier", "champ_racine", "champ", "adresse", "etablissement", "fichier", "groupe")
DEMARCHE = fragments("descripteur_racine", "descripteur", "groupe")


@pytest.fixture(scope="module")
def monde() -> World:
    return monde_par_defaut(lambda: MAINTENANT)


@pytest.fixture(scope="module")
def moteur(monde: World) -> Moteur:
    return Moteur(monde.capacites)


def appels(monde: World) -> list[tuple[str, dict[str, Any]]]:
    demarche = next(iter(monde.demarches))
    dossiers = sorted(d.number for d in monde.dossiers.values() if d.visible)
    page = texte("page", *DOSSIER, *fragments("suppressions"))
    return [
        (texte("dossier", *DOSSIER), {"number": dossiers[3]}),
        (texte("dossier", *DOSSIER), {"number": dossiers[-1]}),
        (texte("dossier", *DOSSIER), {"number": 1}),
        (texte("demarche", *DEMARCHE), {"number": demarche}),
        (texte("demarche", *DEMARCHE), {"number": 2}),
        (page, {"demarche": demarche, "first": 3, "updatedSince": "1970-01-01T00:00:00Z", "suppressions": True}),
        (page, {"demarche": demarche, "first": 0, "updatedSince": "2026-01-01T00:00:00Z"}),
        (page, {"demarche": demarche, "first": 2, "after": "pasuncurseur", "updatedSince": "2026-01-01T00:00:00Z"}),
        (
            DEUX_RACINES,
            {"n": dossiers[0], "o": demarche},
        ),
        (
            "query b($n: Int!, $o: Int!) { dossier(number: $n) { id } demarche(number: $o) { id } }",
            {"n": 7, "o": 8},
        ),
        (
            "query c($n: Int!) { demarche(number: $n) { dossiers(first: 1, last: 1) { nodes { id } } } }",
            {"n": demarche},
        ),
    ]


class Reecriture:
    """Writes a document otherwise, with the same meaning; undoes its aliases in the answer."""

    def __init__(self, tirage: Any) -> None:
        self.tirage = tirage

    def document(self, moteur: Moteur, source: str, variables: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        document = copy.deepcopy(parse(source))
        if self.tirage(st.booleans(), label="fragments étalés"):
            document = self._etale(document)
        for definition in document.definitions:
            self._melange(definition.selection_set)
            if self.aliases:
                self._surnomme(definition.selection_set)
        (operation,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        pose(operation, "name", NameNode(value=self.tirage(st.from_regex(r"[a-z][a-zA-Z0-9]{0,8}", fullmatch=True))))
        if self.tirage(st.booleans(), label="variables en place"):
            variables = self._met_en_place(moteur, document, operation, variables)
        return print_ast(document), variables

    def _etale(self, document: DocumentNode) -> DocumentNode:
        definis = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}

        def dans(selection: SelectionSetNode | None) -> None:
            if selection is None:
                return
            nouvelles = []
            for noeud in selection.selections:
                etale = noeud
                if isinstance(noeud, FragmentSpreadNode):
                    f = copy.deepcopy(definis[noeud.name.value])
                    etale = InlineFragmentNode(type_condition=f.type_condition, selection_set=f.selection_set)
                dans(etale.selection_set)
                nouvelles.append(etale)
            pose(selection, "selections", tuple(nouvelles))

        (operation,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        dans(operation.selection_set)
        return DocumentNode(definitions=(operation,))

    def _melange(self, selection: SelectionSetNode | None) -> None:
        if selection is None:
            return
        pose(selection, "selections", tuple(self.tirage(st.permutations(list(selection.selections)))))
        for noeud in selection.selections:
            self._melange(getattr(noeud, "selection_set", None))

    def _surnomme(self, selection: SelectionSetNode | None) -> None:
        for noeud in selection.selections if selection else ():
            if isinstance(noeud, FieldNode):
                pose(noeud, "alias", NameNode(value=(noeud.alias or noeud.name).value + SUFFIXE))
            self._surnomme(getattr(noeud, "selection_set", None))

    def _met_en_place(
        self, moteur: Moteur, document: DocumentNode, operation: OperationDefinitionNode, variables: dict[str, Any]
    ) -> dict[str, Any]:
        ecrites = {}
        for declaration in operation.variable_definitions:
            nom = declaration.variable.name.value
            sorte = type_from_ast(moteur.schema, declaration.type)
            defaut = declaration.default_value
            ecrites[nom] = ast_from_value(variables[nom], sorte) if nom in variables else defaut
        pose(operation, "variable_definitions", ())
        _remplace(document, ecrites)
        return {}

    @property
    def aliases(self) -> bool:
        if not hasattr(self, "_aliases"):
            self._aliases = self.tirage(st.booleans(), label="surnoms")
        return self._aliases

    def defait(self, reponse: Any) -> Any:
        """The answer under its first names; errors in no order, since they come in that of the fields."""
        if isinstance(reponse, dict):
            sans_lieux = {k: v for k, v in reponse.items() if k != "locations"}
            nu = {k.removesuffix(SUFFIXE): self.defait(v) for k, v in sans_lieux.items()}
            return nu | {"errors": sorted(nu["errors"], key=repr)} if isinstance(nu.get("errors"), list) else nu
        if isinstance(reponse, list):
            return [self.defait(x) for x in reponse]
        return reponse.removesuffix(SUFFIXE) if isinstance(reponse, str) else reponse


def _remplace(noeud: Any, ecrites: dict[str, Any]) -> None:
    """Put each variable's value where it stands; an argument whose variable was not given goes."""
    for cle in noeud.keys:
        valeur = getattr(noeud, cle, None)
        if cle in {"arguments", "fields"} and valeur:
            gardes = [a for a in valeur if not _vide(getattr(a, "value", None), ecrites)]
            pose(noeud, cle, tuple(gardes))
            valeur = tuple(gardes)
        if isinstance(valeur, VariableNode):
            pose(noeud, cle, ecrites[valeur.name.value])
        elif isinstance(valeur, tuple | list):
            for enfant in valeur:
                _remplace(enfant, ecrites)
        elif hasattr(valeur, "keys") and cle != "loc":
            _remplace(valeur, ecrites)


def _vide(valeur: Any, ecrites: dict[str, Any]) -> bool:
    return isinstance(valeur, VariableNode) and ecrites[valeur.name.value] is None


def requete(monde: World) -> Requete:
    jeton = next(j for j in monde.jetons.values() if j.ecriture)
    return Requete(monde=monde, jeton=jeton, base="http://ici", signataire=Signataire(b"secret", lambda: MAINTENANT))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_equivalent_document_gets_the_same_answer(data, monde, moteur):
    source, variables = data.draw(st.sampled_from(appels(monde)))
    reecriture = Reecriture(data.draw)
    autre, autres = reecriture.document(moteur, source, variables)
    attendue = moteur.repond(requete(monde), source, variables, None)
    recue = moteur.repond(requete(monde), autre, autres, None)
    assert reecriture.defait(recue) == reecriture.defait(attendue)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_equivalent_mutation_does_the_same(data, moteur):
    faits = []
    tirage = Reecriture(data.draw)
    source = texte("modifier_annotations")
    for reecrit in (False, True):
        monde = monde_par_defaut(lambda: MAINTENANT)
        d = next(d for d in monde.dossiers.values() if d.state == "en_construction" and d.visible)
        annotation = next(a for a in monde.revision_de(d).annotations if a.type == "text")
        variables = {
            "input": {
                "dossierId": d.id,
                "instructeurId": monde.groupe_de(d).instructeurs[0].id,
                "annotations": [
                    {"id": annotation.id, "value": {"text": "écrit"}},
                    {"id": "Q2hhbXAtMQ==", "value": {"text": "x"}},
                ],
            }
        }
        autre = tirage.document(moteur, source, variables) if reecrit else (source, variables)
        reponse = moteur.repond(requete(monde), *autre, None)
        faits.append((tirage.defait(reponse), d.lit()[0][annotation.stable_id, ""].valeur, d.updated_at))
    assert faits[0] == faits[1]
    assert faits[0][1] == "écrit"
