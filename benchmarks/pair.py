"""demarches-simpy reading the same dossiers, as its documentation shows: the list, then each dossier's fields.

`python benchmarks/pair.py URL DEMARCHE [--types]`, with an interpreter of its own. Its best case: fields and
annotations in one request a dossier. `--types` also asks for each value in its type. It stores and checks nothing.
"""

from __future__ import annotations

import sys

from demarches_simpy import Demarche, Profile

PROPRES = {
    "TextChamp": "value",
    "DateChamp": "date",
    "MultipleDropDownListChamp": "values",
    "PieceJustificativeChamp": "files",
}
"""The types that it has a class for, but maps, and the property that holds the value. The others stay texts."""


class Profil(Profile):
    """The address is written in the library: its own method says another."""

    def get_url(self) -> str:
        return sys.argv[1]


def main() -> None:
    """Hold every dossier, as `get_dossiers` gives them."""
    demarche = Demarche(int(sys.argv[2]), Profil("jeton", "instructeur"))
    parties = {"includeFields": True, "includeAnnotations": True}
    for dossier in demarche.get_dossiers(limit=-1, default_variables=parties):
        dossier.get_annotations()
        for field in dossier.get_fields():
            if "--types" in sys.argv and field.type in PROPRES:
                getattr(field, PROPRES[field.type])


if __name__ == "__main__":
    main()
