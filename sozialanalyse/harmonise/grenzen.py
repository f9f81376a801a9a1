"""Bounds of what is hidden: from the smallest and largest number a sign may stand for to sums and rates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sozialanalyse.region import FLAECHE, Indikator, Katalog, Summe

SPALTEN = ["gebiet_id", "indikator_id", "stichtag", "unten", "oben", "zaehler_unten", "zaehler_oben"]


def grenzen(merkmale: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Bounds of every indicator that rests on a hidden number.

    Parameters
    ----------
    merkmale
        Long table of counts; ``unten`` and ``oben`` bound hidden numbers where the supplier's signs say
        so, else 0 is the lower and nothing the upper bound.

    Returns
    -------
    DataFrame
        Columns of ``SPALTEN``, one row per area, indicator and date with a hidden part; ``oben`` is NaN
        where nothing bounds it. Sums add the bounds of their parts; a delivered total bounds each part
        from above by what the others hold at least, and from below by what they hold at most, unless cases
        without an area may stand in it. Internal: bounds can reveal what must stay hidden.
    """
    summed = {
        f"{name}.{feld}": page.felder[feld].summierbar
        for name, page in katalog.datensaetze.items()
        for feld in page.felder
    }
    hidden = merkmale[merkmale["status"] == "geheim"]
    fields = set(hidden["feld"])
    touched = [
        indikator
        for indikator in katalog.indikatoren.values()
        if indikator.seite.art != "wert" and fields & _names(indikator) and all(summed.get(n, True) for n in _names(indikator))
    ]  # fmt: skip
    wanted = set().union(*(_names(indikator) for indikator in touched)) if touched else set()
    rows = merkmale[merkmale["feld"].isin(wanted)]
    frames = [pd.DataFrame(columns=SPALTEN)]
    beside = {name for name, page in katalog.datensaetze.items() if page.tabelle.schluessel.nicht_zuordenbar}
    for day, some in rows.groupby("stichtag", sort=True, observed=True).indices.items():
        bounds = _Grenzen(rows.iloc[some], gebiete, beside)
        frames += [bounds.indikator(indikator).assign(stichtag=str(day))[SPALTEN] for indikator in touched]
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]


def _names(indikator: Indikator) -> set[str]:
    both = indikator.zaehler.felder + (indikator.nenner.felder if indikator.nenner else ())
    return set(both)


class _Grenzen:
    """Lower and upper bound of every field of one date, on every level."""

    def __init__(self, merkmale: pd.DataFrame, gebiete: pd.DataFrame, beside: set[str]) -> None:
        self.gebiete = gebiete
        self.owner = gebiete.index.get_indexer(pd.Index(gebiete["oberhalb"]))
        told = {str(name): self._geliefert(frame) for name, frame in merkmale.groupby("feld", observed=True)}
        beside = beside | {
            name.partition(".")[0] for name, one in told.items() if self._mehr_als_die_teile(*one)
        }
        self.felder = {}
        for name, (low, high) in told.items():
            for level, below in (("kommune", "sozialraum"), ("region", "kommune")):
                self._sums(low, high, level, below, name.partition(".")[0] in beside)
            self.felder[name] = (low, high)
        area = gebiete["flaeche_qkm"].to_numpy(dtype=float)
        self.felder[FLAECHE] = (area, area)

    def _geliefert(self, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        size = len(self.gebiete)
        low, high = np.full(size, np.nan), np.full(size, np.nan)
        place = self.gebiete.index.get_indexer(rows["gebiet_id"].astype("str"))
        rows, place = rows[place >= 0], place[place >= 0]
        hidden = (rows["status"] == "geheim").to_numpy()
        value = rows["wert"].to_numpy()
        low[place] = np.where(hidden, np.nan_to_num(rows["unten"].to_numpy()), value)
        high[place] = np.where(hidden, np.where(rows["oben"].isna(), np.inf, rows["oben"]), value)
        return low, high

    def _mehr_als_die_teile(self, low: np.ndarray, high: np.ndarray) -> bool:
        """Whether a total exceeds the sum of its parts, all of which are known: it holds cases without an area."""
        exact = np.where(low == high, low, np.nan)
        parts = np.flatnonzero(self.owner >= 0)
        together = np.bincount(self.owner[parts], exact[parts], minlength=len(low))
        return bool((exact > together + 1e-6)[np.bincount(self.owner[parts], minlength=len(low)) > 0].any())

    def _sums(self, low: np.ndarray, high: np.ndarray, level: str, below: str, more: bool) -> None:
        """Totals from their parts where none is delivered; parts bounded by a delivered total."""
        size = len(low)
        parts = np.flatnonzero((self.gebiete["level"] == below).to_numpy())
        totals = (self.gebiete["level"] == level).to_numpy()
        owner = self.owner[parts]
        sum_low = np.bincount(owner, low[parts], minlength=size)
        sum_high = np.bincount(owner, high[parts], minlength=size)
        counted = totals & (np.bincount(owner, minlength=size) > 0)
        known = counted & ~np.isnan(high) & (low == high)
        rest = (high - sum_low)[owner] + low[parts]  # what the lower bounds of the others leave over
        high[parts] = np.where(
            known[owner] & ~np.isnan(rest), np.minimum(high[parts], np.maximum(rest, low[parts])), high[parts]
        )
        unbound = np.isinf(high[parts])
        bound = np.where(unbound, 0.0, high[parts])
        others = np.bincount(owner, bound, minlength=size)[owner] - bound
        others[np.bincount(owner, unbound, minlength=size)[owner] - unbound > 0] = np.inf
        least = high[owner] - others  # what the upper bounds of the others cannot make up
        exact = known[owner] & np.isfinite(least) & (not more)
        low[parts] = np.where(exact, np.clip(least, low[parts], high[parts]), low[parts])
        gap = counted & (np.isnan(low) | np.isinf(high))
        low[gap], high[gap] = sum_low[gap], sum_high[gap]

    def summe(self, summe: Summe) -> tuple[np.ndarray, np.ndarray]:
        low, high = np.zeros(len(self.gebiete)), np.zeros(len(self.gebiete))
        for sign, name in summe.glieder:
            none = np.full(len(self.gebiete), np.nan)
            lower, upper = self.felder.get(name, (none, none))
            low = low + (lower if sign > 0 else -upper)
            high = high + (upper if sign > 0 else -lower)
        return np.maximum(low, 0), high

    def indikator(self, indikator: Indikator) -> pd.DataFrame:
        page = indikator.seite
        low, high = self.summe(indikator.zaehler)
        value_low, value_high = low, high
        open_ = high > low
        if indikator.nenner is not None:
            base_low, base_high = self.summe(indikator.nenner)
            open_ |= base_high > base_low
            with np.errstate(divide="ignore", invalid="ignore"):
                value_low, value_high = page.faktor * low / base_high, page.faktor * high / base_low
            if page.anteil:
                value_high = np.minimum(np.where(np.isnan(high + base_low), np.nan, value_high), page.faktor)
        frame = pd.DataFrame(
            {
                "gebiet_id": pd.Series(self.gebiete.index, dtype="str"),
                "indikator_id": indikator.id,
                "unten": value_low,
                "oben": np.where(np.isinf(value_high), np.nan, value_high),
                "zaehler_unten": low,
                "zaehler_oben": np.where(np.isinf(high), np.nan, high),
            }
        )
        return frame[open_ & ~np.isnan(low)]
