"""Suppression of small counts and of what would reveal them.

Primary: counts below the profile's minimum, their complements, rates on too small a base.
Secondary: within every published sum of areas to Kommune and of Kommunen to the region, so many
further cells that the hidden ones cannot be computed by subtraction and are not all known to be small.
All indicators that share a numerator are hidden together, and with them the rates it is the base of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sozialanalyse.catalogue import FLAECHE, Katalog, Summe
from sozialanalyse.region import Sperrprofil

GESPERRT = "geheim"


def oeffentlich(
    werte: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog, profile: Mapping[str, Sperrprofil]
) -> pd.DataFrame:
    """Values the public may see.

    Parameters
    ----------
    werte
        All values, every level (see :func:`sozialanalyse.harmonise.rates.berechne`).
    gebiete
        Areas indexed by ``gebiet_id`` with level and oberhalb.

    Returns
    -------
    DataFrame
        Same rows and columns; hidden cells have neither value, numerator nor denominator and the
        status ``geheim``.
    """
    result = werte.copy()
    numerators = werte["indikator_id"].map({k: _words(i.zaehler) for k, i in katalog.indikatoren.items()})
    denominators = werte["indikator_id"].map({k: _words(i.nenner) for k, i in katalog.indikatoren.items()})
    tree = _tree(gebiete)
    areas = gebiete.index.get_indexer(werte["gebiet_id"])
    hidden = np.zeros(len(werte), dtype=bool)
    closed: dict[object, np.ndarray] = {}
    for key, rows in werte.groupby([numerators, "stichtag"], sort=False).indices.items():
        rules = [
            profile[katalog.indikatoren[name].sperrprofil]
            for name in werte["indikator_id"].iloc[rows].unique()
        ]
        group = _Gruppe.aus(werte.iloc[rows], areas[rows], len(gebiete), rules, katalog)
        group.schuetze(tree)
        closed[key] = group.closed
        hidden[rows] = group.closed[areas[rows]]
    for key, rows in werte.groupby([denominators, "stichtag"], sort=False).indices.items():
        if key in closed:
            hidden[rows] |= closed[key][areas[rows]]
    result.loc[hidden, ["wert", "zaehler", "nenner"]] = np.nan
    result.loc[hidden, "status"] = GESPERRT
    result.loc[result["wert"].isna(), ["zaehler", "nenner"]] = np.nan
    return result


def _words(summe: Summe | None) -> str | None:
    """The same for the same sum, in whatever order it is written."""
    return None if summe is None else repr(sorted(summe.glieder))


def _tree(gebiete: pd.DataFrame) -> dict[int, np.ndarray]:
    """Published sums, lowest first: position of the total -> positions of its parts."""
    owner = gebiete.index.get_indexer(gebiete["oberhalb"])
    totals = [*np.flatnonzero(gebiete["level"] == "kommune"), *np.flatnonzero(gebiete["level"] == "region")]
    return {int(total): np.flatnonzero(owner == total) for total in totals}


@dataclass
class _Gruppe:
    """All indicators of one numerator on one reference date, as arrays over the areas."""

    counts: np.ndarray
    layers: list[np.ndarray]
    """Quantities no small sum of which may show: the counts and their complements."""
    closed: np.ndarray
    shown: np.ndarray
    """Whether anything is published for the area, were it not closed."""
    partial: np.ndarray
    """Whether a total leaves out the areas without a count."""
    smallest: int

    @classmethod
    def aus(
        cls, frame: pd.DataFrame, areas: np.ndarray, size: int, rules: list[Sperrprofil], katalog: Katalog
    ) -> _Gruppe:
        pages = {key: katalog.indikatoren[key] for key in frame["indikator_id"].unique()}
        names = frame["indikator_id"]
        count, whole = frame["zaehler"], frame["nenner"]
        part = names.map({k: i.seite.art == "quote" and i.seite.anteil for k, i in pages.items()})
        people = names.map(
            {k: i.nenner is not None and FLAECHE not in i.nenner.felder for k, i in pages.items()}
        )
        rest = (whole - count).where(part & any(rule.komplement for rule in rules))
        smallest = max(rule.mindestfallzahl for rule in rules)
        small = ((count > 0) & (count < smallest)) | ((rest > 0) & (rest < smallest))
        if smallest and not all(rule.null_zeigen for rule in rules):
            small |= count == 0
        small |= people & (whole < max(rule.mindestnenner for rule in rules))
        small |= frame["status"] == GESPERRT

        def spread(mask: pd.Series) -> np.ndarray:
            found = np.zeros(size, dtype=bool)
            np.logical_or.at(found, areas, mask.to_numpy(dtype=bool))
            return found

        def column(values: pd.Series) -> np.ndarray:
            found = np.full(size, np.nan)
            np.fmax.at(found, areas, values.to_numpy(dtype=float))
            return found

        counts = column(count)
        shown = frame["wert"].notna()
        return cls(
            counts=counts,
            layers=[counts, *(column(rest.where(names == key)) for key in pages)],
            closed=spread(small),
            shown=spread(shown),
            partial=~spread(shown & (frame["status"] != "unvollstaendig")),
            smallest=smallest,
        )

    def schuetze(self, tree: Mapping[int, np.ndarray]) -> None:
        """Hide further cells until no sum gives a hidden cell away.

        Sources without a minimum count are published as delivered and need none of this.
        """
        if not self.smallest:
            return
        for total, parts in tree.items():
            own = parts[~(self.partial[total] & np.isnan(self.counts[parts]))]
            while self._open(total) and self.closed[own].any() and not self._safe(total, own):
                chosen = self._close_smallest(own)
                if chosen is None:  # nothing left to hide beside: the total itself goes
                    self.closed[total] = True
                elif len(below := tree.get(chosen, own[:0])) and not self.closed[below].any():
                    self._close_smallest(below)  # or its own parts would give it away

    def _open(self, area: int) -> bool:
        return bool(self.shown[area] and not self.closed[area])

    def _close_smallest(self, parts: np.ndarray) -> int | None:
        """Hide the smallest count that is shown: it costs least."""
        left = parts[self.shown[parts] & ~self.closed[parts] & (self.counts[parts] > 0)]
        if not len(left):
            return None
        chosen = int(left[np.argmin(self.counts[left])])
        self.closed[chosen] = True
        return chosen

    def _safe(self, total: int, parts: np.ndarray) -> bool:
        """At least two hidden parts, one of them not known to be small, together not a small count."""
        gone = self.closed[parts] | ~self.shown[parts]
        if gone.sum() < 2:
            return False
        for layer in self.layers:
            together = layer[parts[gone]].sum()
            if np.isnan(together):
                together = layer[total] - np.nansum(layer[parts[~gone]])
            if np.isnan(together):  # nothing of this quantity is published
                continue
            large = (layer[parts[gone]] >= self.smallest).any()
            if not large or together < self.smallest:
                return False
        return True
