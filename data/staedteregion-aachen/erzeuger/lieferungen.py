"""All deliveries, each in the shape its supplier is known for."""

from __future__ import annotations

from pathlib import Path

import aemter
import agentur
import geopandas as gpd
import register
from schreibweisen import Region

JE_STICHTAG = (
    register.melderegister, register.haushalte, register.integration, register.bewegungen, register.wohnen,
    agentur.ba_akg,
    aemter.sozialamt, aemter.jugendamt, aemter.gesundheitsamt, aemter.schwerbehinderung,
)  # fmt: skip


def alle(region: Region, formen: gpd.GeoDataFrame, ziel: Path) -> None:
    """Write every delivery below ``ziel``."""
    for stichtag in region.zahlen:
        for schreibe in JE_STICHTAG:
            schreibe(region, stichtag, ziel)
    aemter.schulamt(region, ziel)
    register.geometrie(region, formen, ziel)
    register.umstieg(region, ziel)
