"""Where the tiny region lies: its areas with their Kommune, and boxes of its own."""

from __future__ import annotations

import shapely

GEBIETE = {
    "A 1a": "05999004", "A 1b": "05999004", "A 2": "05999004",
    "W 1": "05999008", "W 2": "05999008", "W 3": "05999008",
    "SI 1": "05999012", "SI 2": "05999012", "SI 3a": "05999012",
}  # fmt: skip


def quadrat(west: float, sued: float, ost: float, nord: float) -> shapely.Polygon:
    """A box in metres from the south-western corner of the tiny region, which lies in the west of zone 32."""
    return shapely.box(300_000 + west, 5_600_000 + sued, 300_000 + ost, 5_600_000 + nord)
