"""Areas as hexagons of one size: where they lie, their lines, their codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sozialanalyse.present import _flaechen, theme
from sozialanalyse.present._kacheln import VIELE, belegung, ersatzlage, mitte
from sozialanalyse.present._markup import label, number, shape, tag, text_width
from sozialanalyse.present._typen import Kennung

if TYPE_CHECKING:
    from sozialanalyse.present._flaechen import Flaechen

KACHEL = 46.0
"""Greatest width of a tile."""
_STILL = {"pointer_events": "none"}


@dataclass(frozen=True)
class Kacheln:
    """Cells of all areas, in columns and rows of hexagons.

    Attributes
    ----------
    mitten
        Columns x and y per area, in widths of a tile, from the upper left.
    spalten
        Widths of a tile from left to right.
    """

    mitten: pd.DataFrame
    spalten: float

    @property
    def breite(self) -> float:
        """Width of a drawing with tiles as large as they get, between that of a phone and that of a desk."""
        return min(theme.BREIT, max(KACHEL * (self.spalten + 0.1), theme.SCHMAL))

    def seite(self, width: float) -> float:
        """Width of a tile in a drawing."""
        return min(width / (self.spalten + 0.1), KACHEL)

    def plaetze(self, width: float) -> tuple[pd.DataFrame, float, float]:
        """Middles of all tiles in a drawing of a width, the width of a tile, and the height of the drawing."""
        side = self.seite(width)
        left = (width - side * self.spalten) / 2 + side / 2
        at = (self.mitten * side + [left, side * 0.62]).round(1)
        return at, side, float(at["y"].max()) + side * 0.66


def kacheln(gebiete: gpd.GeoDataFrame, drawn: Flaechen | None = None) -> Kacheln:
    """Cells for areas, roughly where they lie; without any outline Kommune by Kommune, in the order of their ids."""
    drawn = drawn or _flaechen.flaechen(gebiete)
    outlines = drawn.umriss
    if len(gebiete) > VIELE and len(outlines):
        inside = shapely.get_coordinates(shapely.point_on_surface(outlines.to_numpy()))
    else:
        inside = np.array([_flaechen.mitte(outline)[:2] for outline in outlines]).reshape(-1, 2)
    spots = pd.DataFrame(inside, index=outlines.index, columns=["x", "y"]).reindex(gebiete.index)
    return _belegt(
        tuple(gebiete.index), tuple(map(tuple, spots.to_numpy())), tuple(gebiete["kommune_id"].astype(str))
    )


@lru_cache(maxsize=8)
def _belegt(
    ids: tuple[Kennung, ...], orte: tuple[tuple[float, float], ...], kommune: tuple[str, ...]
) -> Kacheln:
    groups = pd.Series(kommune, index=pd.Index(ids))
    spots = pd.DataFrame(list(orte), index=groups.index, columns=["x", "y"])
    cells = belegung(ersatzlage(groups) if spots["x"].isna().all() else spots, groups)
    centre = pd.DataFrame(mitte(cells.to_numpy()), index=cells.index, columns=["x", "y"])
    centre -= centre.min()
    return Kacheln(centre, float(centre["x"].max()) + 1)


def ecken(spot: Sequence[float], side: float) -> np.ndarray:
    """Corners of a hexagon standing on its tip, clockwise from the top."""
    angle = np.deg2rad(60 * np.arange(6) - 90)
    return np.asarray(spot, dtype=float) + side / np.sqrt(3) * np.c_[np.cos(angle), np.sin(angle)]


def sechseck(spot: Sequence[float], side: float) -> str:
    """Path of a hexagon."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in ecken(spot, side)) + "z"


def codes(
    keys: Iterable[object], at: pd.DataFrame, side: float, worte: pd.Series | None = None, **style: object
) -> str:
    """Id, or another code, in each tile, as large as it fits."""
    sizes: dict[int, list[str]] = {}
    keys = list(keys)
    for key, x, y in at.loc[keys].itertuples():
        words = str(key) if worte is None else str(worte[key])
        size = int(min(0.42 * side, 0.86 * side / max(text_width(words, 1.0), 0.1)))
        sizes.setdefault(size, []).append(label(round(x), round(y + 0.36 * size), words))
    groups = [tag("g", *texts, font_size=size) for size, texts in sizes.items() if size >= 7]
    if not groups:
        return ""
    return tag(
        "g", *groups, **{"text_anchor": "middle", "fill": theme.SCHRIFT_AUF_FLAECHE, **style, **_STILL}
    )


def grenzen(at: pd.DataFrame, home: pd.Series, side: float) -> str:
    """Thick line wherever a tile meets one of another municipality, or nothing."""
    edges: dict[tuple[tuple[int, int], ...], list[object]] = {}
    for own, spot in zip(home.reindex(at.index), at.to_numpy(), strict=True):
        points = [(int(x), int(y)) for x, y in np.rint(2 * ecken(spot, side) + 0.123)]
        for a, b in zip(points, points[1:] + points[:1], strict=True):
            edges.setdefault((min(a, b), max(a, b)), []).append(own)
    lines = [ends for ends, homes in edges.items() if len(homes) == 1 or homes[0] != homes[1]]
    path = "".join(
        f"M{number(a[0] / 2)} {number(a[1] / 2)}L{number(b[0] / 2)} {number(b[1] / 2)}" for a, b in lines
    )
    return shape(
        "path", d=path, fill="none", stroke=theme.TINTE, stroke_width=2.2, stroke_linecap="round", **_STILL
    )
