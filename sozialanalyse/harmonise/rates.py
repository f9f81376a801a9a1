"""Counts become indicators, on every level, always from counts and never by averaging rates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sozialanalyse.catalogue import FLAECHE, Indikator, Katalog, Summe

SPALTEN = [
    "gebiet_id", "indikator_id", "stichtag", "wert", "zaehler", "nenner", "status", "umgerechnet", "datenstand", "quelle_id",
]  # fmt: skip

RANG = ("geheim", "unbekannt", "folgt", "nicht_sinnvoll", "unsicher", "unvollstaendig", "geschaetzt", "vorlaeufig",
        "korrigiert", "nahe_null", "wert")  # fmt: skip
"""Of several statuses the one named first speaks for the result."""

_POSITION = {status: position for position, status in enumerate(RANG)}
UNBEKANNT = _POSITION["unbekannt"]

MIT_ZAHL = {"wert", "geschaetzt", "vorlaeufig", "korrigiert", "nahe_null", "unvollstaendig"}


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
    parts = [
        _date(str(day), frame, gebiete, katalog) for day, frame in merkmale.groupby("stichtag", sort=True)
    ]
    return pd.concat(parts, ignore_index=True)[SPALTEN] if parts else pd.DataFrame(columns=SPALTEN)


def _date(day: str, merkmale: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    fields = _Felder(merkmale, gebiete, katalog)
    frames = []
    for indikator in katalog.indikatoren.values():
        own = merkmale[merkmale["feld"].isin(indikator.zaehler.felder)]
        if own.empty:
            continue
        frame = fields.indikator(indikator)
        frame["stichtag"] = day
        frame["datenstand"] = own["datenstand"].iloc[0]
        origin = own.drop_duplicates("gebiet_id").set_index("gebiet_id")["quelle_id"]
        frame["quelle_id"] = frame["gebiet_id"].map(origin).fillna("")
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


class _Felder:
    """Counts of one reference date as arrays: value and rank of status, areas x fields."""

    def __init__(self, merkmale: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog) -> None:
        self.gebiete = gebiete.index
        self.level = {
            name: (gebiete["level"] == name).to_numpy() for name in ("sozialraum", "kommune", "region")
        }
        self.owner = gebiete.index.get_indexer(pd.Index(gebiete["oberhalb"]))
        present = pd.Index(merkmale["feld"].unique())
        self.position = {name: column for column, name in enumerate([*present, FLAECHE])}
        rows, columns = (
            gebiete.index.get_indexer(merkmale["gebiet_id"]),
            present.get_indexer(merkmale["feld"]),
        )
        self.wert = np.full((len(gebiete), len(self.position)), np.nan)
        self.rang = np.full(self.wert.shape, UNBEKANNT)
        self.wert[rows, columns] = merkmale["wert"].to_numpy()
        self.rang[rows, columns] = merkmale["status"].map(_POSITION).to_numpy()
        self.wert[:, -1] = gebiete["flaeche_qkm"].to_numpy(dtype=float)
        self.rang[:, -1] = np.where(np.isnan(self.wert[:, -1]), UNBEKANNT, _POSITION["wert"])
        self.summierbar = {
            f"{name}.{feld}": page.felder[feld].summierbar
            for name, page in katalog.datensaetze.items()
            for feld in page.felder
        }

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
        self._upwards(quantities, summed)
        rang = np.minimum.reduce([rank for _, rank in quantities])
        wert = page.faktor * zaehler / np.where(nenner > 0, nenner, np.nan) if share else zaehler
        status = np.array(RANG, dtype=object)[rang]
        known = np.isin(status, list(MIT_ZAHL))
        if share:
            status[known & (nenner == 0)] = "nicht_sinnvoll"
            status[known & (nenner > 0) & (nenner < page.mindestnenner)] = "unsicher"
        known = np.isin(status, list(MIT_ZAHL))
        status[known & np.isnan(wert)] = "unbekannt"
        return pd.DataFrame(
            {
                "gebiet_id": self.gebiete,
                "indikator_id": indikator.id,
                "wert": np.where(known, wert, np.nan),
                "zaehler": zaehler if share or page.art == "anzahl" else np.nan,
                "nenner": nenner,
                "status": status,
                "umgerechnet": False,
            }
        )

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
        count = np.bincount(owner[known], minlength=size)
        fill = self.level[level] & gap & (count > 0)
        if complete:
            fill &= count == np.bincount(owner, minlength=size)
        for values, rang in quantities:
            worst = np.full(size, _POSITION["wert"])
            np.minimum.at(worst, owner, np.where(known, rang[parts], _POSITION["unvollstaendig"]))
            values[fill] = np.bincount(owner[known], values[parts][known], minlength=size)[fill]
            rang[fill] = worst[fill]
