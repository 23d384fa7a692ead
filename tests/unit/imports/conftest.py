"""What every import needs: who imports, a few communes, and workbooks made on the spot."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from connector.core.referentiels import Commune
from connector.imports.communes import import_communes
from connector.imports.rapport import OptionsImport

Rows = Sequence[Sequence[object]]


@pytest.fixture
def options() -> Callable[..., OptionsImport]:
    """Options of an ordinary import, any of them replaced."""
    return partial(
        OptionsImport,
        arrete="arrêté du 9 mai 2025",
        date_effet=date(2025, 6, 1),
        importe_le=datetime(2026, 2, 1, 9, tzinfo=UTC),
    )


@pytest.fixture
def communes(options: Callable[..., OptionsImport]) -> tuple[Commune, ...]:
    """Twenty-one real communes, eighteen of them in region 24."""
    return import_communes(Path(__file__).with_name("vingt_communes.csv"), options()).communes


@pytest.fixture
def xlsx() -> Callable[[Mapping[str, Rows]], bytes]:
    """The bytes of a workbook with those sheets."""

    def build(feuilles: Mapping[str, Rows]) -> bytes:
        classeur = openpyxl.Workbook()
        classeur.remove(classeur.worksheets[0])
        for nom, rows in feuilles.items():
            feuille = classeur.create_sheet(nom)
            for row in rows:
                feuille.append(list(row))
        octets = io.BytesIO()
        classeur.save(octets)
        return octets.getvalue()

    return build
