"""The same numbers twice: a delivery that is an older one under a new date, an indicator that is another one renamed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import pandas as pd

from sozialanalyse.base import Befund
from sozialanalyse.harmonise.fundorte import Fundorte
from sozialanalyse.region import Katalog

_GENUG = 6
"""So many numbers must agree before agreement says anything."""
_VERSCHIEDEN = 5
"""So many different ones must be among them; zeros and ones agree by chance."""
_GLEICH = 1 - 1e-9
"""Correlation from which two indicators tell the same; computing in another order costs less."""


@dataclass
class Lieferungen:
    """Deliveries of one dataset seen so far, date by date."""

    _gesehen: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Fingerprint of the numbers of a file on a date -> date, file."""

    def pruefe(self, merkmale: pd.DataFrame) -> Iterator[Befund]:
        """Files of one date whose numbers and gaps are all those of a file of an older date.

        Parameters
        ----------
        merkmale
            Long table of one dataset and one date. One file that stands for several dates is no repetition.
        """
        rows = merkmale[merkmale["zelle"] != ""]
        for (file, day), frame in rows.groupby(["datei", "stichtag"], sort=True, observed=True):
            numbers = frame["wert"].dropna()
            if len(numbers) < _GENUG or numbers.nunique() < _VERSCHIEDEN:
                continue
            held = pd.util.hash_pandas_object(frame[["gebiet_id", "feld", "wert", "status"]], index=False)
            mark = hashlib.sha256(np.sort(held.to_numpy()).tobytes()).hexdigest()
            before, source = self._gesehen.setdefault(mark, (str(day), str(file)))
            if before != str(day) and source != str(file):
                told = Fundorte(frame).befund(
                    "warnung",
                    f"Stichtag {day}: Alle {len(numbers)} Zahlen sind die vom Stichtag {before} ({source}).",
                    "Vermutlich ist eine ältere Lieferung unter neuem Datum noch einmal geliefert; bitte klären.",
                    frame, regel="wiederholt")  # fmt: skip
                yield replace(told, dateien=tuple(sorted({str(file), source})))


@dataclass
class Indikatoren:
    """Pairs of compared indicators that told the same on every date so far on which both have values."""

    katalog: Katalog
    _gleich: dict[tuple[str, str], bool] = field(default_factory=dict)

    def merke(self, werte: pd.DataFrame) -> None:
        """Take note of one date.

        Parameters
        ----------
        werte
            Areas x indicators; gaps are left out pairwise.
        """
        known = self.katalog.indikatoren
        names = [
            str(key) for key in werte.columns
            if key in known and known[key].seite.auswertung and known[key].seite.art != "anzahl"
            and werte[key].nunique() >= _VERSCHIEDEN
        ]  # fmt: skip
        told = werte[names].astype(float).corr(min_periods=_GENUG).to_numpy()
        for one, other in combinations(range(len(names)), 2):
            if not np.isnan(told[one, other]):
                pair = (names[one], names[other])
                self._gleich[pair] = self._gleich.get(pair, True) and abs(told[one, other]) >= _GLEICH

    def befunde(self) -> Iterator[Befund]:
        """One finding per pair."""
        for pair, same in self._gleich.items():
            if not same:
                continue
            pages = [self.katalog.indikatoren[key] for key in pair]
            first, second = (f"{one.id} „{one.seite.name}“" for one in pages)
            path = self.katalog.pfade.get(pages[1].datensatz)
            yield Befund(
                "warnung",
                f"{first} und {second} sagen in allen Gebieten dasselbe (gleich, in anderer Einheit oder als Gegenstück).",
                "In Vergleich und Typen zählt diese Größe doppelt; bitte einen der beiden streichen oder bei ihm „auswertung: false“ angeben.",
                datei=str(path or ""), regel="indikator_doppelt")  # fmt: skip
