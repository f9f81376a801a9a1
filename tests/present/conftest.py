"""Fixtures of this room; the made-up county itself is in ``present_kreis``."""

from __future__ import annotations

import geopandas as gpd
import pytest
from present_kreis import alle, kontext_mit, kreis

from sozialanalyse import present
from sozialanalyse.base.kontext import Kontext


@pytest.fixture(scope="session")
def kontext() -> Kontext:
    return kontext_mit()


@pytest.fixture(scope="session")
def gebiete() -> gpd.GeoDataFrame:
    return kreis()


@pytest.fixture(scope="session")
def galerie(kontext: Kontext) -> dict[str, present.Anzeige]:
    return alle(kontext)
