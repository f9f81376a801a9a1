"""All numbers of one date on all levels, with what may be said about each."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import pandas as pd

from sozialanalyse.analyse import comparison
from sozialanalyse.analyse.comparison import Z95, Floats
from sozialanalyse.store import Daten, Spalte

SPUERBAR = 0.01
"""Share of a base from which another one is told; less is rounding and people without an address."""
ZEHNERPOTENZEN = {10.0**power for power in range(7)}
Intervall = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


class Zahlen:
    """Values of small areas, municipalities and region, and their judgements.

    Every frame is areas of all levels x indicators; gaps are NaN and ``status`` says why.

    Parameters
    ----------
    indikatoren
        Ids, in the order of the columns.
    """

    def __init__(self, daten: Daten, stichtag: str, indikatoren: list[str]) -> None:
        self.daten, self.stichtag, self.indikatoren = daten, stichtag, indikatoren
        self.katalog = daten.indikatoren().loc[indikatoren]
        self.region = daten.region.seite.schluessel_region
        self.kommune = daten.kommune()

    def _breit(self, spalte: Spalte, stichtag: str) -> pd.DataFrame:
        rows = [*self.kommune.index, *sorted(self.kommune.unique()), self.region]
        return self.daten.matrix(self.indikatoren, stichtag, None, spalte).reindex(rows)

    @cached_property
    def wert(self) -> pd.DataFrame:
        return self._breit("wert", self.stichtag)

    @cached_property
    def zaehler(self) -> pd.DataFrame:
        return self._breit("zaehler", self.stichtag)

    @cached_property
    def nenner(self) -> pd.DataFrame:
        return self._breit("nenner", self.stichtag)

    @cached_property
    def status(self) -> pd.DataFrame:
        return self._breit("status", self.stichtag).fillna("unbekannt")

    def andere_basis(self, ort: str, indikatoren: Iterable[str]) -> dict[str, tuple[float, float]]:
        """Rates of a Kommune or the region whose base is not that of the small areas shown with a value.

        Returns
        -------
        dict
            Indicator -> own base and that of its areas together, where they differ by more than 1 %; nothing
            where no area has a value.
        """
        below = self.kommune.index if ort == self.region else self.kommune.index[self.kommune == ort]
        bases = self.nenner.loc[below].where(self.wert.loc[below].notna()).sum()
        out = {}
        for key in indikatoren:
            own, parts = float(self.nenner.at[ort, key]), float(bases[key])
            counted = (
                self.katalog.at[key, "art"] == "quote" and self.wert.at[ort, key] == self.wert.at[ort, key]
            )
            if counted and parts > 0 and abs(own - parts) > SPUERBAR * own:
                out[key] = (own, parts)
        return out

    @cached_property
    def streuung(self) -> pd.Series:
        """Standard deviation of the small areas, per indicator."""
        spread = self.wert.loc[self.kommune.index].std(ddof=0)
        return spread.where(self.katalog["art"] != "anzahl")

    @cached_property
    def intervall(self) -> Intervall:
        """Values with the ends of their 95 % intervals."""
        return self._intervall(self.stichtag)

    def _intervall(self, stichtag: str, quantil: Floats | float = Z95) -> Intervall:
        value, count, base = (self._breit(name, stichtag) for name in ("wert", "zaehler", "nenner"))
        table = self.katalog
        count = count.where(table["faelle"], axis=1)
        ends = comparison.interval(value, count, base, table["anteil"], table["faktor"], quantil)
        return (value, *ends)

    @cached_property
    def _ganz(self) -> Zahlen:
        """All indicators of the region: what is told of one must not depend on which a page shows."""
        every = list(self.daten.indikatoren().index)
        return self if every == self.indikatoren else Zahlen(self.daten, self.stichtag, every)

    @cached_property
    def zur_region(self) -> pd.DataFrame:
        """Judgement of every area against the region."""
        return self._ganz._zur_region[self.indikatoren]

    @cached_property
    def _zur_region(self) -> pd.DataFrame:
        whole = self.wert.loc[[self.region]].to_numpy().repeat(len(self.wert), axis=0)
        found = self._urteile(pd.DataFrame(whole, index=self.wert.index, columns=self.wert.columns))
        found.loc[self.region] = ""
        if self.kommune.nunique() == 1:  # the only Kommune is the region
            found.loc[self.kommune.unique()] = ""
        return found

    @cached_property
    def zur_kommune(self) -> pd.DataFrame:
        """Judgement of every small area against its municipality; empty where it is the only area of it."""
        return self._ganz._zur_kommune[self.indikatoren]

    @cached_property
    def _zur_kommune(self) -> pd.DataFrame:
        reference = self.wert.loc[self.kommune].set_axis(self.kommune.index)
        found = self._urteile(reference.reindex(self.wert.index)).loc[self.kommune.index]
        found.loc[self.kommune.groupby(self.kommune).transform("size") == 1] = ""
        return found

    def _urteile(self, reference: pd.DataFrame) -> pd.DataFrame:
        """Words for every value, with intervals that allow for the number of indicators of an area."""
        value, low, high = self.intervall
        distance = (value - reference) / self.streuung.where(self.streuung > 0)
        far = distance.abs() >= comparison.SLIGHT

        def told(quantile: Floats) -> pd.DataFrame:
            return far & comparison.outside(*self._intervall(self.stichtag, quantile), reference)

        quantile = comparison.corrected(distance.notna() & (high > low), told)
        return comparison.judge(*self._intervall(self.stichtag, quantile), reference, self.streuung)

    @cached_property
    def ungeprueft(self) -> pd.DataFrame:
        """Where a value has no interval (no cases), so that a difference may be chance."""
        value, low, high = self.intervall
        return value.notna() & (high <= low)

    @cached_property
    def abstand(self) -> pd.DataFrame:
        """Distance from the region in standard deviations."""
        return (self.wert - self.wert.loc[self.region]) / self.streuung.where(self.streuung > 0)

    @cached_property
    def frueher(self) -> str:
        """Date the present one is compared with: the first that has data, empty without another."""
        days = [day for day in self.daten.stichtage if day < self.stichtag]
        return days[0] if days else ""

    @cached_property
    def wert_frueher(self) -> pd.DataFrame:
        return self._breit("wert", self.frueher)

    @cached_property
    def verlauf(self) -> pd.DataFrame:
        """Judgement of the change since the earlier date; empty text without one.

        Nothing is said of a value that was converted to the boundaries of today: what it was is an estimate.
        """
        return self._ganz._verlauf[self.indikatoren]

    @cached_property
    def _verlauf(self) -> pd.DataFrame:
        if not self.frueher:
            return pd.DataFrame("", index=self.wert.index, columns=self.wert.columns)
        (value, low, high), (old, old_low, old_high) = self.intervall, self._intervall(self.frueher)
        size = (value - old).abs() / self.streuung.where(self.streuung > 0)

        def both(quantile: Floats) -> tuple[Intervall, Intervall]:
            return self._intervall(self.stichtag, quantile), self._intervall(self.frueher, quantile)

        quantile = comparison.corrected(
            size.notna() & (high > low) & (old_high > old_low),
            lambda q: (size >= comparison.SLIGHT) & comparison.moved(*both(q)),
        )
        found = comparison.trend(*both(quantile), self.streuung)
        converted = self._breit("umgerechnet", self.frueher) + self._breit("umgerechnet", self.stichtag)
        return found.mask(converted > 0, "")

    def intervall_am(self, stichtag: str) -> Intervall:
        """Values of another date with the bounds of their interval."""
        return self.intervall if stichtag == self.stichtag else self._intervall(stichtag)

    def werte_am(self, stichtag: str) -> pd.DataFrame:
        """Values of another date."""
        return self._breit("wert", stichtag)

    def status_am(self, stichtag: str) -> pd.DataFrame:
        """Why values of another date are missing."""
        return self._breit("status", stichtag).fillna("unbekannt")


def mehrjaehrig(faktor: float) -> bool:
    """Whether cases by base do not give the value at once, as for the yearly mean of several years."""
    return faktor not in ZEHNERPOTENZEN
