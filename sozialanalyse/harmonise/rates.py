"""Counts become indicators, on every level, always from counts and never by averaging rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sozialanalyse.base import MIT_ZAHL, POSITION, RANG
from sozialanalyse.region import FLAECHE, Indikator, Katalog, Summe

SPALTEN = [
    "gebiet_id", "indikator_id", "stichtag", "wert", "zaehler", "nenner", "status", "umgerechnet", "datenstand", "quelle_id",
]  # fmt: skip

UNBEKANNT, _TEILWEISE = POSITION["unbekannt"], POSITION["unvollstaendig"]
_MIT_ZAHL = np.array([status in MIT_ZAHL for status in RANG])
_STATUS = pd.array(RANG, dtype="str")


def berechne(merkmale: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Compute every indicator for every area, level and reference date.

    Parameters
    ----------
    merkmale
        Long table of counts (see :mod:`sozialanalyse.harmonise.merkmale`).
    gebiete
        Areas indexed by ``gebiet_id`` with level, oberhalb and flaeche_qkm.

    Returns
    -------
    DataFrame
        Columns of ``SPALTEN``; one row per area, indicator and reference date for which the dataset
        was delivered. ``wert`` is NaN where it cannot be computed or must not be shown, and
        ``status`` tells why. Kommune and region: of numerator and denominator each the delivered total,
        else the sum over all areas; where counts are missing, rates come from the areas that have both
        (``unvollstaendig``) and plain counts stay a gap.
    """
    fields = {
        f"{name}.{feld}": page.felder[feld].summierbar
        for name, page in katalog.datensaetze.items()
        for feld in page.felder
    }
    parts = []
    for day, rows in merkmale.groupby("stichtag", sort=True, observed=True).indices.items():
        parts += _date(str(day), merkmale.iloc[rows], gebiete, katalog, fields)
    return pd.concat(parts, ignore_index=True)[SPALTEN] if parts else pd.DataFrame(columns=SPALTEN)


def _date(
    day: str, merkmale: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog, summierbar: Mapping[str, bool]
) -> list[pd.DataFrame]:
    fields = Felder(merkmale, gebiete, summierbar)
    frames = []
    for indikator in katalog.indikatoren.values():
        origin = fields.herkunft(indikator.zaehler.felder)
        if origin is None:
            continue
        frame = fields.indikator(indikator)
        frame["stichtag"] = pd.array([day], dtype="str").repeat(len(frame))
        frame["datenstand"] = pd.array([origin.datenstand], dtype="str").repeat(len(frame))
        frame["quelle_id"] = origin.quelle
        frames.append(frame)
    return frames


@dataclass(frozen=True)
class _Herkunft:
    datenstand: str
    quelle: pd.Series
    """Source of each area, "" where the value is made from others."""


class Felder:
    """Counts of one reference date as arrays: value and rank of status, areas x fields."""

    def __init__(self, merkmale: pd.DataFrame, gebiete: pd.DataFrame, summierbar: Mapping[str, bool]) -> None:
        self.gebiete = gebiete.index
        self.ids = pd.Series(gebiete.index, dtype="str").array
        self.level = {
            name: (gebiete["level"] == name).to_numpy() for name in ("sozialraum", "kommune", "region")
        }
        self.owner = gebiete.index.get_indexer(pd.Index(gebiete["oberhalb"]))
        self.summierbar = summierbar
        rows = gebiete.index.get_indexer(merkmale["gebiet_id"])
        merkmale, rows = merkmale[rows >= 0], rows[rows >= 0]  # areas of another cut are no rows here
        present = pd.Index(merkmale["feld"].unique())
        self.position = {name: column for column, name in enumerate([*present, FLAECHE])}
        columns = present.get_indexer(merkmale["feld"])
        order = np.argsort(columns, kind="stable")
        self._rows = np.split(order, np.searchsorted(columns[order], range(1, len(present))))
        self._areas, self._merkmale = rows, merkmale
        self.wert = np.full((len(gebiete), len(self.position)), np.nan)
        self.rang = np.full(self.wert.shape, UNBEKANNT, dtype=np.int8)
        self.umgerechnet = np.zeros(self.wert.shape, dtype=np.int8)
        self.wert[rows, columns] = merkmale["wert"].to_numpy()
        self.rang[rows, columns] = merkmale["status"].map(POSITION).to_numpy(dtype=np.int8)
        if "umgerechnet" in merkmale:
            self.umgerechnet[rows, columns] = merkmale["umgerechnet"].to_numpy()
        self.wert[:, -1] = gebiete["flaeche_qkm"].to_numpy(dtype=float)
        self.rang[:, -1] = np.where(np.isnan(self.wert[:, -1]), UNBEKANNT, POSITION["wert"])

    def herkunft(self, felder: tuple[str, ...]) -> _Herkunft | None:
        """Origin of the first of some fields each area was delivered with; None if none was delivered."""
        columns = sorted(self.position[name] for name in felder if name in self.position and name != FLAECHE)
        if not columns:
            return None
        source = pd.Series("", index=range(len(self.gebiete)), dtype="str")
        for column in reversed(columns):
            rows = self._rows[column]
            source.iloc[self._areas[rows]] = self._merkmale["quelle_id"].iloc[rows].astype("str").array
        return _Herkunft(str(self._merkmale["datenstand"].iloc[self._rows[columns[0]][0]]), source)

    def summe(self, summe: Summe) -> tuple[np.ndarray, np.ndarray]:
        """Value and rank of a signed sum of fields per area; a missing field makes a gap."""
        if not all(name in self.position for name in summe.felder):
            return np.full(len(self.gebiete), np.nan), np.full(len(self.gebiete), UNBEKANNT)
        columns = [self.position[name] for name in summe.felder]
        signs = np.array([sign for sign, _ in summe.glieder], dtype=float)
        return self.wert[:, columns] @ signs, self.rang[:, columns].min(axis=1)

    def indikator(self, indikator: Indikator) -> pd.DataFrame:
        page, share = indikator.seite, indikator.nenner is not None
        zaehler, rang = self.summe(indikator.zaehler)
        converted = self._umgerechnet(indikator, np.isnan(zaehler))
        quantities = [(zaehler, rang)]
        summed = indikator.zaehler.felder
        nenner = np.full(len(zaehler), np.nan)
        if indikator.nenner is not None:
            nenner, rang_nenner = self.summe(indikator.nenner)
            quantities.append((nenner, rang_nenner))
            if page.art == "wert":  # a delivered value with a weight: its weighted sum adds up
                summed = indikator.nenner.felder
                self._upwards([(nenner, rang_nenner)], summed)
                zaehler *= nenner / page.faktor
            else:
                summed += indikator.nenner.felder
        if share or page.art != "wert":  # a value without a weight is no sum of others
            self._upwards(quantities, summed)
        rang = np.minimum.reduce([rank for _, rank in quantities])
        wert = page.faktor * zaehler / np.where(nenner > 0, nenner, np.nan) if share else zaehler
        if share:
            rang = np.where(_MIT_ZAHL[rang] & (nenner == 0), POSITION["nicht_sinnvoll"], rang)
            small = (nenner > 0) & (nenner < page.mindestnenner)
            rang = np.where(_MIT_ZAHL[rang] & small, POSITION["unsicher"], rang)
        known = _MIT_ZAHL[rang]
        rang = np.where(known & np.isnan(wert), UNBEKANNT, rang)
        return pd.DataFrame(
            {
                "gebiet_id": self.ids,
                "indikator_id": pd.array([indikator.id], dtype="str").repeat(len(self.ids)),
                "wert": np.where(known, wert, np.nan),
                "zaehler": zaehler if share or page.art == "anzahl" else np.nan,
                "nenner": nenner,
                "status": _STATUS.take(rang),
                "umgerechnet": converted,
            }
        )

    def _umgerechnet(self, indikator: Indikator, summed: np.ndarray) -> np.ndarray:
        """Whether a value rests on shared-out counts; a sum over whole areas does not."""
        names = indikator.zaehler.felder + (indikator.nenner.felder if indikator.nenner else ())
        columns = [self.position[name] for name in names if name in self.position]
        grade = self.umgerechnet[:, columns].max(axis=1)
        across = np.zeros(len(grade), dtype=bool)
        np.logical_or.at(across, self.owner[grade > 1], True)
        return (grade > 0) | (across & self.level["kommune"] & summed)

    def _upwards(self, quantities: list[tuple[np.ndarray, np.ndarray]], felder: tuple[str, ...]) -> None:
        """Fill gaps of Kommunen, then of the region, from the level below, in place.

        Each quantity by the full sum of its parts; where that is not known, all of them together by the
        areas that have every one.
        """
        if not all(self.summierbar.get(name, True) for name in felder):
            return
        for level, below in (("kommune", "sozialraum"), ("region", "kommune")):
            parts = np.flatnonzero(self.level[below])
            for quantity in quantities:
                self._fill(level, parts, [quantity], complete=True)
            if len(quantities) > 1:
                self._fill(level, parts, quantities, complete=False)

    def _fill(
        self,
        level: str,
        parts: np.ndarray,
        quantities: list[tuple[np.ndarray, np.ndarray]],
        *,
        complete: bool,
    ) -> None:
        size, owner = len(self.gebiete), self.owner[parts]
        gap = np.any([np.isnan(values) for values, _ in quantities], axis=0)
        known = ~gap[parts]
        if complete:  # what rests on some of its parts only is not known
            known &= np.all([rang[parts] != _TEILWEISE for _, rang in quantities], axis=0)
        count = np.bincount(owner[known], minlength=size)
        fill = self.level[level] & gap & (count > 0)
        if complete:
            fill &= count == np.bincount(owner, minlength=size)
        for values, rang in quantities:
            worst = np.full(size, POSITION["wert"])
            np.minimum.at(worst, owner, np.where(known, rang[parts], _TEILWEISE))
            values[fill] = np.bincount(owner[known], values[parts][known], minlength=size)[fill]
            rang[fill] = worst[fill]
