"""A file that the user asked for, written where they said."""

from __future__ import annotations

import os
from pathlib import Path

from connector.errors import OperatorError


def deposer(chemin: Path, contenu: bytes, *, prive: bool = True, neuf: bool = False) -> None:
    """Write the file, readable by its owner alone when it is private; `neuf`: refuse to write over another one.

    A link in its place is refused: another account may have put it there, to have another file written over.
    """
    mode = 0o600 if prive else 0o644
    drapeaux = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (os.O_EXCL if neuf else os.O_TRUNC)
    try:
        with os.fdopen(os.open(chemin, drapeaux, mode), "wb") as fichier:
            if prive:
                os.fchmod(fichier.fileno(), mode)
            fichier.write(contenu)
    except FileExistsError:
        raise OperatorError(
            f"« {chemin} » existe déjà, et n’est pas remplacé.",
            hint="Choisissez un autre nom, ou déplacez ce fichier.",
        ) from None
    except OSError as error:
        raise OperatorError(
            f"« {chemin} » ne peut pas être écrit ({error.strerror}).",
            hint="Choisissez un autre endroit.",
        ) from None
