"""The [pieces] section: whether pieces are looked into, from which hosts, within which bounds."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from connector.config.mots import Booleen, Duree, Texte, en_liste, refuse
from connector.config.sections import Section

_HOTE = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", re.ASCII)


def _hote(texte: str) -> str:
    if not _HOTE.fullmatch(texte.lower()):
        raise refuse("un nom de serveur est attendu, seul : ni « https:// », ni chemin, ni « * »")
    return texte.lower()


Hotes = Annotated[tuple[Annotated[Texte, AfterValidator(_hote)], ...], BeforeValidator(en_liste)]


class Pieces(Section):
    """Off unless asked for. The instance's own host is always among those allowed. Sizes in Mo, times in seconds."""

    relire: Booleen = False
    hotes: Hotes = ("static.demarches-simplifiees.fr",)
    taille_max_mo: Duree = 20
    # A file is tried twice at most: twice the longest is less than what a pass may take to show that it lives.
    delai_s: Annotated[Duree, Field(le=600)] = 120
    par_passage: Duree = 100

    @property
    def octets_max(self) -> int:
        """The size beyond which a piece is not fetched, in bytes."""
        return self.taille_max_mo * 2**20
