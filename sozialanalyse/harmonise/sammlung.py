"""What has been read so far, in columns: one long table grows out of whole columns, not out of cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sozialanalyse.errors import Befund
from sozialanalyse.rohtabelle import spaltenbuchstabe
from sozialanalyse.statuswerte import RANG

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
class Teil:
    """One column of one table: what all its cells share, and arrays of what differs."""

    feld: str
    datei: str
    blatt: str
    quelle_id: str
    spalte: int
    gebiet: np.ndarray
    """Positions in the list of areas; :data:`OHNE_GEBIET` for cases without one."""
    stichtag: np.ndarray
    """Positions in the list of reference dates."""
    zeile: np.ndarray
    wert: np.ndarray
    rang: np.ndarray
    """Positions in ``RANG``."""
    unten: np.ndarray
    oben: np.ndarray
    datenstand: Woerter
    roh: Woerter
    korrektur: Woerter


@dataclass
class Sammlung:
    """Parts read from all tables of a dataset, and the findings on the way."""

    gebiete: Sequence[str]
    felder: Sequence[str]
    stichtage: Sequence[str]
    teile: list[Teil] = field(default_factory=list)
    befunde: list[Befund] = field(default_factory=list)

    def frame(self) -> pd.DataFrame:
        """The long table with the columns of ``SPALTEN``; names are categories, so it stays small."""
        sizes = [len(part.wert) for part in self.teile]

        def joined(name: str, dtype: type) -> np.ndarray:
            return np.concatenate([np.empty(0, dtype), *(getattr(part, name) for part in self.teile)])

        def repeated(name: str, words: Iterable[str] = ()) -> pd.Categorical:
            own = [getattr(part, name) for part in self.teile]
            known = pd.Index([*words] or list(dict.fromkeys(own)), dtype="str")
            return pd.Categorical.from_codes(np.repeat(known.get_indexer(own), sizes), categories=known)

        columns = {
            "gebiet_id": pd.Categorical.from_codes(joined("gebiet", np.int32), categories=self.gebiete),
            "feld": repeated("feld", self.felder),
            "stichtag": pd.Categorical.from_codes(joined("stichtag", np.int32), categories=self.stichtage),
            "wert": joined("wert", np.float64),
            "status": pd.Categorical.from_codes(joined("rang", np.int8), categories=RANG),
            "unten": joined("unten", np.float64),
            "oben": joined("oben", np.float64),
            "umgerechnet": np.zeros(sum(sizes), dtype=np.int8),
            "datenstand": _coded([part.datenstand for part in self.teile]),
            "roh": _plain([_spelled(part.roh) for part in self.teile]),
            "korrektur": _coded([part.korrektur for part in self.teile]),
            "datei": repeated("datei"),
            "blatt": repeated("blatt"),
            "zelle": _plain([_addresses(part) for part in self.teile]),
            "quelle_id": repeated("quelle_id"),
        }
        return pd.DataFrame({name: columns[name] for name in SPALTEN})


def _coded(parts: Sequence[Woerter]) -> pd.Categorical:
    words = pd.Index(list(dict.fromkeys(word for part in parts for word in part.woerter)), dtype="str")
    codes = [words.get_indexer(pd.Index(part.woerter, dtype="str"))[part.nummern] for part in parts]
    return pd.Categorical.from_codes(np.concatenate([np.empty(0, np.int32), *codes]), categories=words)


def _spelled(words: Woerter) -> pa.Array:
    return pa.array(list(words.woerter), pa.large_string()).take(pa.array(words.nummern))


def _addresses(part: Teil) -> pa.Array:
    numbers = pc.cast(pa.array(part.zeile), pa.large_string())
    letters = pa.scalar(spaltenbuchstabe(part.spalte), pa.large_string())
    return pc.binary_join_element_wise(letters, numbers, pa.scalar("", pa.large_string()))


def _plain(arrays: Sequence[pa.Array]) -> pd.Series:
    return pa.chunked_array(arrays, pa.large_string()).to_pandas().astype("str")
