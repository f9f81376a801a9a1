"""What has been read so far, in columns: one long table grows out of whole columns, not out of cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sozialanalyse.base import RANG, Befund

SPALTEN = [
    "gebiet_id", "feld", "stichtag", "wert", "status", "unten", "oben", "umgerechnet", "datenstand", "roh",
    "korrektur", "datei", "blatt", "zelle", "quelle_id",
]  # fmt: skip

OHNE_GEBIET = -1
"""Position of cases that could not be assigned to an area."""


@dataclass(frozen=True)
class Woerter:
    """A column of few different words: the words, and which of them stands in each row."""

    woerter: Sequence[str]
    nummern: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> Woerter:
        return Woerter(self.woerter, self.nummern[rows])


@dataclass(frozen=True)
class Zellzahlen:
    """What each different cell of a column says: number, rank of its status, bounds."""

    wert: np.ndarray
    rang: np.ndarray
    """Positions in ``RANG``."""
    unten: np.ndarray
    oben: np.ndarray


@dataclass(frozen=True)
class Zeilen:
    """What all columns of one table share: area, date and number of each row."""

    gebiet: np.ndarray
    """Positions in the list of areas; :data:`OHNE_GEBIET` for cases without one."""
    stichtag: np.ndarray
    """Positions in the list of reference dates."""
    nummer: np.ndarray
    datenstand: Woerter

    def __getitem__(self, rows: np.ndarray) -> Zeilen:
        return Zeilen(self.gebiet[rows], self.stichtag[rows], self.nummer[rows], self.datenstand[rows])


@dataclass(frozen=True)
class Teil:
    """One column of one table. What stands in a row is kept as the number of the cell that says it."""

    feld: str
    datei: str
    blatt: str
    quelle_id: str
    adresse: tuple[str, str]
    """What stands before and behind the number of the row in the address of a cell."""
    zeilen: Zeilen
    zahlen: Zellzahlen
    nummern: np.ndarray
    """Positions in ``zahlen``."""
    roh: Woerter
    korrektur: Woerter
    korrigiert: int
    """Rank of a number that a correction took the place of."""
    zellen: Sequence[str] | None = None
    """Addresses of sums of several cells; None where the row's number says it."""

    def __getitem__(self, rows: np.ndarray) -> Teil:
        return replace(
            self, zeilen=self.zeilen[rows], nummern=self.nummern[rows], roh=self.roh[rows],
            korrektur=self.korrektur[rows],
            zellen=None if self.zellen is None else [self.zellen[row] for row in rows],
        )  # fmt: skip

    @property
    def rang(self) -> np.ndarray:
        ranks = self.zahlen.rang[self.nummern]
        return np.where(self.korrektur.nummern > 0, np.minimum(ranks, self.korrigiert), ranks).astype(np.int8)


@dataclass
class Sammlung:
    """Parts read from all tables of a dataset, and the findings on the way."""

    gebiete: Sequence[str]
    felder: Sequence[str]
    stichtage: Sequence[str]
    teile: list[Teil] = field(default_factory=list)
    befunde: list[Befund] = field(default_factory=list)

    def tage(self) -> list[str]:
        """Reference dates with a number for an area, oldest first."""
        found: set[int] = set()
        for part in self.teile:
            found |= set(np.unique(part.zeilen.stichtag[part.zeilen.gebiet != OHNE_GEBIET]).tolist())
        return sorted(self.stichtage[position] for position in found)

    def frame(self, tag: str) -> pd.DataFrame:
        """The long table of one date with the columns of ``SPALTEN``; names are categories."""
        wanted = self.stichtage.index(tag) if tag in self.stichtage else OHNE_GEBIET
        parts = [self._on(part, wanted) for part in self.teile]
        sizes = [len(part.nummern) for part in parts]

        def joined(arrays: Iterable[np.ndarray], dtype: type) -> np.ndarray:
            return np.concatenate([np.empty(0, dtype), *arrays])

        def repeated(name: str, words: Iterable[str] = ()) -> pd.Categorical:
            own = [getattr(part, name) for part in parts]
            known = pd.Index([*words] or list(dict.fromkeys(own)), dtype="str")
            return pd.Categorical.from_codes(np.repeat(known.get_indexer(own), sizes), categories=known)

        areas = joined((part.zeilen.gebiet for part in parts), np.int32)
        days = joined((part.zeilen.stichtag for part in parts), np.int32)
        columns = {
            "gebiet_id": pd.Categorical.from_codes(areas, categories=self.gebiete),
            "feld": repeated("feld", self.felder),
            "stichtag": pd.Categorical.from_codes(days, categories=self.stichtage),
            "wert": joined((part.zahlen.wert[part.nummern] for part in parts), np.float64),
            "status": pd.Categorical.from_codes(joined((part.rang for part in parts), np.int8), categories=RANG),
            "unten": joined((part.zahlen.unten[part.nummern] for part in parts), np.float64),
            "oben": joined((part.zahlen.oben[part.nummern] for part in parts), np.float64),
            "umgerechnet": np.zeros(sum(sizes), dtype=np.int8),
            "datenstand": _coded([part.zeilen.datenstand for part in parts]),
            "roh": _plain([_spelled(part.roh) for part in parts]),
            "korrektur": _coded([part.korrektur for part in parts]),
            "datei": repeated("datei"),
            "blatt": repeated("blatt"),
            "zelle": _plain([_addresses(part) for part in parts]),
            "quelle_id": repeated("quelle_id"),
        }  # fmt: skip
        return pd.DataFrame({name: columns[name] for name in SPALTEN})

    def _on(self, part: Teil, tag: int) -> Teil:
        days = part.zeilen.stichtag
        return part if (days == tag).all() else part[np.flatnonzero(days == tag)]


def _coded(parts: Sequence[Woerter]) -> pd.Categorical:
    numbers: dict[str, int] = {}
    codes = []
    for part in parts:
        own = [numbers.setdefault(word, len(numbers)) for word in part.woerter]
        codes.append(np.array(own, dtype=np.int32)[part.nummern])
    words = pd.Index(list(numbers), dtype="str")
    return pd.Categorical.from_codes(np.concatenate([np.empty(0, np.int32), *codes]), categories=words)


def _spelled(words: Woerter) -> pa.Array:
    return pa.array(list(words.woerter), pa.large_string()).take(pa.array(words.nummern))


def _addresses(part: Teil) -> pa.Array:
    if part.zellen is not None:
        return pa.array(part.zellen, pa.large_string())
    numbers = pc.cast(pa.array(part.zeilen.nummer), pa.large_string())
    before, behind, nothing = (pa.scalar(text, pa.large_string()) for text in (*part.adresse, ""))
    return pc.binary_join_element_wise(before, numbers, behind, nothing)


def _plain(arrays: Sequence[pa.Array]) -> pd.Series:
    return pa.chunked_array(arrays, pa.large_string()).to_pandas().astype("str")
