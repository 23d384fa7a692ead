"""[bulletin]: who gets the morning's e-mail, group by group, and through which server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import time
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from connector.config.mots import Courriel, Entier, Texte, choix, en_liste, refuse
from connector.config.sections import UN_SEUL_ENDROIT, Secret, Section, jamais_en_clair
from connector.core.politique import Chiffrement
from connector.core.textes import normaliser

AUTRES = "*"
"""The name that stands for every group without recipients of its own."""


class MotDePasse(Secret):
    """Where the mail server's password is kept."""

    _cle: ClassVar[str] = "bulletin.mot_de_passe"
    _quoi: ClassVar[str] = "Le mot de passe du bulletin ne peut pas être lu :"


def _heure(valeur: object) -> time:
    if isinstance(valeur, time):
        return valeur
    try:
        return time.fromisoformat(valeur if isinstance(valeur, str) else "")
    except ValueError:
        raise refuse("une heure est attendue, comme « 07:30 »") from None


Range = Annotated[MotDePasse, jamais_en_clair("le mot de passe ne s'écrit pas"), UN_SEUL_ENDROIT]
Adresses = Annotated[tuple[Courriel, ...], BeforeValidator(en_liste), Field(min_length=1)]


class Bulletin(Section):
    """Off until somebody is named in `destinataires`: by the label of a group, or `*` for all the others."""

    heure: Annotated[time, BeforeValidator(_heure)] = time(7, 30)
    serveur: Texte | None = None
    port: Annotated[Entier, Field(ge=1, le=65535)] | None = None
    chiffrement: Annotated[Chiffrement, choix(Chiffrement)] = Chiffrement.STARTTLS
    expediteur: Courriel | None = None
    identifiant: Texte | None = None
    mot_de_passe: Range | None = None
    destinataires: dict[str, Adresses] = {}  # noqa: RUF012 - pydantic copies it

    def pour(self, groupe: str) -> tuple[str, ...]:
        """The recipients of that group; none when neither it nor the others are named."""
        nommes = {normaliser(label): adresses for label, adresses in self.destinataires.items()}
        return nommes.get(normaliser(groupe), self.destinataires.get(AUTRES, ()))

    def inconnus(self, groupes: Iterable[str]) -> tuple[str, ...]:
        """The groups named here that are none of those."""
        connus = {normaliser(groupe) for groupe in groupes}
        return tuple(label for label in self.destinataires if label != AUTRES and normaliser(label) not in connus)

    def manques(self) -> Iterator[tuple[str, str]]:
        """What it needs and has not: (key, French sentence)."""
        if self.destinataires and self.serveur is None:
            yield "serveur", "obligatoire dès qu'il y a des destinataires : le serveur de courriel de l'ARS"
        if self.destinataires and self.expediteur is None:
            yield "expediteur", "obligatoire dès qu'il y a des destinataires : l'adresse d'où part le bulletin"
        if self.identifiant is not None and self.mot_de_passe is None:
            yield "mot_de_passe", "obligatoire avec « identifiant » ; dites où il est rangé"
        if self.identifiant is not None and self.chiffrement is Chiffrement.AUCUN:
            yield "chiffrement", "un mot de passe ne voyage pas en clair : « starttls » ou « tls »"
