"""The mapping as the file has it, entry by entry."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from connector.config.mots import Booleen, Texte, choix, refuse
from connector.config.sections import Section
from connector.core.correspondance import Entree, EntreeAnnotation, EntreeLabel, TypeLogique


class _TexteSeul(Section):
    """A table that a text alone can stand for: its label."""

    @model_validator(mode="before")
    @classmethod
    def _texte_seul(cls, valeur: object) -> object:
        return {"libelle": valeur} if isinstance(valeur, str) else valeur


class _Nomme(_TexteSeul):
    """Something of the form, found by its `id`, or else by its `libelle`."""

    id: Texte | None = None
    libelle: Texte | None = None
    facultatif: Booleen = False

    @model_validator(mode="after")
    def _a_un_nom(self) -> Self:
        if self.id is None and self.libelle is None:
            raise refuse("donnez « libelle » ou « id »")
        return self


class ChampDeclare(_Nomme):
    """A logical field; `champs` are those of a repetition, read apart."""

    type: Annotated[TypeLogique, choix(TypeLogique)]
    champs: dict[str, Any] = Field(default_factory=dict)

    def entree(self, cle: str, internes: tuple[Entree, ...] = ()) -> Entree:
        """The same for the core."""
        return Entree(
            cle=cle, type=self.type, id=self.id, libelle=self.libelle, facultatif=self.facultatif, champs=internes
        )


class PieceDeclaree(_Nomme):
    """A field that holds files."""

    def entree(self, cle: str) -> Entree:
        """The same for the core."""
        return Entree(cle=cle, type=TypeLogique.PIECE, id=self.id, libelle=self.libelle, facultatif=self.facultatif)


class AnnotationDeclaree(_Nomme):
    """An annotation that we write."""

    ecraser: Booleen = False

    def entree(self, cle: str) -> EntreeAnnotation:
        """The same for the core."""
        return EntreeAnnotation(
            cle=cle, id=self.id, libelle=self.libelle, ecraser=self.ecraser, facultatif=self.facultatif
        )


class LabelDeclare(_TexteSeul):
    """A label of the démarche."""

    libelle: Texte
    facultatif: Booleen = False

    def entree(self, cle: str) -> EntreeLabel:
        """The same for the core."""
        return EntreeLabel(cle=cle, libelle=self.libelle, facultatif=self.facultatif)
