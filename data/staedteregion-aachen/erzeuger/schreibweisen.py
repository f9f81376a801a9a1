"""Areas and counts, and the ways suppliers write names, numbers and dates."""

from __future__ import annotations

import re

import pandas as pd
import plan

MARKE = "Demodaten – frei erfunden"
NBSP = "\u00a0"


class Region:
    """Areas and counts, and the ways suppliers write names and dates.

    Parameters
    ----------
    gebiete
        Index area ids; columns ``kuerzel``, ``name``, ``kommune`` (AGS), ``kommune_name``, ``ba``.
    zahlen
        Counts per date, indexed like ``gebiete``.
    saat
        Seed of what deliveries add: cases without address, gaps.
    """

    def __init__(self, gebiete: pd.DataFrame, zahlen: dict[str, pd.DataFrame], saat: int) -> None:
        self.gebiete, self.zahlen, self.saat = gebiete, zahlen, saat

    @property
    def kommunen(self) -> list[tuple[str, pd.DataFrame]]:
        return [(str(name), part) for name, part in self.gebiete.groupby("kuerzel", sort=False)]

    def damals(self, stichtag: str) -> Region:
        """The same in the boundaries of the date: divided areas are one, with the sum of their counts."""
        if stichtag > plan.ZUSCHNITT_BIS:
            return self
        former = {new: old for old, parts in plan.GETEILT.items() for new in parts}
        whole = self.gebiete.index.to_series().replace(former)
        areas = self.gebiete.groupby(whole.to_numpy(), sort=False).first()
        areas.loc[list(plan.GETEILT), ["name", "ba"]] = ""
        counts = self.zahlen[stichtag].groupby(whole.to_numpy(), sort=False).sum()
        return Region(areas, {stichtag: counts}, self.saat)

    def zahl(self, stichtag: str, gebiet: str, feld: str) -> int:
        return int(self.zahlen[stichtag].at[gebiet, feld])

    def summe(self, stichtag: str, part: pd.DataFrame, feld: str) -> int:
        return int(self.zahlen[stichtag].loc[part.index, feld].sum())


def kurz(gebiet: str) -> str:
    """Id without its Kommune."""
    return gebiet.split(" ")[1]


def mit_abstand(gebiet: str) -> str:
    """``11 a`` for ``A 11a``."""
    return re.sub(r"(\d)([ab])$", r"\1 \2", kurz(gebiet))


def tag(stichtag: str) -> str:
    year, month, day = stichtag.split("-")
    return f"{day}.{month}.{year}"


def tausender(number: float) -> str:
    """German thousands points."""
    return f"{int(number):,}".replace(",", ".")


def komma(number: float, stellen: int) -> str:
    return f"{number:.{stellen}f}".replace(".", ",")
