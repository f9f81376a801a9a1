"""What lengths, places and colours of marks tell: whoever knows some values of a picture can measure the others.

Nothing is known of how pictures are drawn. Marks that stand for areas (``data-gebiet``, or ``data-gebiete`` of their
group in the order of the marks) give rows of one coordinate; a row that follows the known values of an indicator on a
line tells the values of the areas that are not known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from bs4 import Tag

MASSE = ("cx", "cy", "x", "y", "width", "height", "x1", "x2", "y1", "y2", "r")
_ZAHLEN = re.compile(r"-?\d*\.?\d+")
GENUG = 6
"""So many known values a picture needs, and those of half of its areas."""
KRUMM = 1.5
"""Pixels a mark may lie beside the line."""


Schluessel = tuple[str, str]
"""Indicator and reference date."""


@dataclass(frozen=True)
class Reihe:
    """One coordinate of the marks of a picture: area -> pixels."""

    orte: Mapping[str, float]


@dataclass(frozen=True)
class Messung:
    """A value read off a picture, with how far it may be wrong."""

    gebiet: str
    indikator: str
    tag: str
    wert: float
    spielraum: float


def reihen(bild: Tag) -> Iterator[Reihe]:
    """Rows of a picture; marks of one group or one line belong together."""
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for area, mark, group in _marken(bild):
        shift = group.get("transform", "") if group is not None else ""
        size = {name: float(mark[name]) for name in MASSE if _ist_zahl(mark.get(name))}
        if mark.name == "path" and mark.get("d"):
            corners = [float(one) for one in _ZAHLEN.findall(str(mark["d"]))]
            size |= {f"d{place}": value for place, value in enumerate(corners[:6])}
        line = f"{shift}{mark.name}" if group is not None else mark.name
        heights = [f"{line}{other}={size[other]:.0f}" for other in ("y", "cy") if other in size]
        for name, value in size.items():
            keys = (line, *heights)
            if (
                name.startswith("d") and name != "d0"
            ):  # a line that begins or goes on elsewhere tells another date
                keys = (f"{line}d0={size['d0']:.0f} {size[f'd{int(name[1:]) - 1}']:.0f}",)
            for key in keys:
                rows.setdefault((key, name), {}).setdefault(area, value)
    yield from (Reihe(row) for row in rows.values() if len(row) > GENUG)


def _ist_zahl(text: object) -> bool:
    return isinstance(text, str) and bool(_ZAHLEN.fullmatch(text))


def _marken(bild: Tag) -> Iterator[tuple[str, Tag, Tag | None]]:
    for mark in bild.find_all(attrs={"data-gebiet": True}):
        shapes = [one for one in mark.find_all(True) if one.name not in ("title", "desc")]
        inner = shapes[0] if mark.name == "g" and shapes else mark
        yield str(mark["data-gebiet"]), inner, None
    for group in bild.find_all(attrs={"data-gebiete": True}):
        names = str(group["data-gebiete"]).split("|")
        marks = [one for one in group.find_all(True, recursive=False) if one.name not in ("title", "desc")]
        if len(marks) == len(names):
            yield from ((name, mark, group) for name, mark in zip(names, marks, strict=True))


def messungen(row: Reihe, werte: Mapping[Schluessel, Mapping[str, float]]) -> Iterator[Messung]:
    """Values of areas without a known one.

    Parameters
    ----------
    werte
        Indicator and date -> area -> known value. A row that follows one of which every value is known
        tells nothing new.
    """
    fits = []
    for key, known in werte.items():
        both = [area for area in row.orte if area in known]
        x, y = np.array([row.orte[a] for a in both]), np.array([known[a] for a in both])
        if not _genug(both, row.orte) or len(np.unique(x)) < 3 or len(np.unique(y)) < 3:
            continue
        slope, start = np.polyfit(y, x, 1)
        worst = float(np.abs(start + slope * y - x).max())
        if worst <= KRUMM and abs(slope) * np.ptp(y) >= 20:
            fits.append((worst, key, slope, start))
    if any(set(row.orte) <= set(werte[key]) for _, key, *_ in fits):
        return
    for worst, key, slope, start in sorted(fits)[:1]:
        for area in set(row.orte) - set(werte[key]):
            yield Messung(
                area, *key, float((row.orte[area] - start) / slope), float(worst + 0.5) / abs(slope)
            )


def _genug(known: Collection[str], shown: Collection[str]) -> bool:
    return len(known) >= max(GENUG, len(shown) / 2)


def farben(bild: Tag, muster: str = "url(") -> dict[str, set[str]]:
    """Plain colour -> areas painted in it; patterns mark gaps."""
    found: dict[str, set[str]] = {}
    for area, mark, group in _marken(bild):
        painted = (one for one in (mark, mark.parent, group) if one is not None and one.get("fill"))
        fill = next((str(one["fill"]) for one in painted), "")
        if fill and not fill.startswith(muster):
            found.setdefault(fill, set()).add(area)
    return found


def erklaert(colours: Mapping[str, set[str]], werte: Mapping[Schluessel, Mapping[str, float]]) -> bool:
    """Whether the colours are classes of an indicator of which every painted area is known."""
    for known in werte.values():
        if all(areas <= set(known) for areas in colours.values()):
            spans = sorted(
                (min(known[a] for a in areas), max(known[a] for a in areas)) for areas in colours.values()
            )
            if len(spans) > 1 and all(one[1] < other[0] for one, other in pairwise(spans)):
                return True
    return False


def klassen(
    colours: Mapping[str, set[str]], werte: Mapping[Schluessel, Mapping[str, float]]
) -> Iterator[Messung]:
    """Areas without a known value painted as a class of known ones whose classes do not overlap."""
    painted = set().union(*colours.values())
    for key, known in werte.items():
        if not _genug(painted & set(known), painted):
            continue
        spans = {c: [known[a] for a in areas if a in known] for c, areas in colours.items()}
        ends = sorted((min(v), max(v), c) for c, v in spans.items() if len(v) > 1)
        apart = len(ends) > 2 and all(one[1] < other[0] for one, other in pairwise(ends))
        for low, high, colour in ends if apart else ():
            for area in colours[colour] - set(known):
                yield Messung(area, *key, (low + high) / 2, (high - low) / 2)
