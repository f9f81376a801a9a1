"""What every kernel reads before it shows anything, read ahead; imported by the warm parent."""

from __future__ import annotations

from sozialanalyse.analyse import clusters, comparison, disparity, indices, variance, zusammenhang
from sozialanalyse.present import formats
from sozialanalyse.seiten.grundlage.seitenregister import seiten

__all__ = ["clusters", "comparison", "disparity", "indices", "variance", "zusammenhang"]

for kind in seiten().values():
    kind.name()
formats.zahl(0)
formats.datum("2000-01-01")
