"""Which differences between totals and sums an audience may read: those it can compute from what it sees anyway."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse.region import Katalog, Summe


def zeigbar(
    proben: pd.DataFrame, werte: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog
) -> pd.DataFrame:
    """Rows whose total and parts are all shown to an audience, as they are.

    Parameters
    ----------
    proben
        Differences of one date (:func:`sozialanalyse.harmonise.summenprobe`).
    werte
        Protected values of the audience on that date.

    Returns
    -------
    DataFrame
        A part of ``proben``. A row stays if the counts shown for the area and for each of its parts give exactly
        its ``geliefert`` and its ``summe``: then it tells nothing that is not told already.
    """
    shown = _gezeigte(werte, katalog)
    keep = [_folgt(row, shown, gebiete) for row in proben.to_dict("records")]
    return proben[keep]


def _gezeigte(werte: pd.DataFrame, katalog: Katalog) -> dict[str, pd.Series]:
    """Field -> count shown per area, from indicators whose numerator or denominator is that field alone."""
    found: dict[str, pd.Series] = {}
    for key, rows in werte.groupby(werte["indikator_id"].astype("str")):
        indikator = katalog.indikatoren[str(key)]
        for column, summe in (("zaehler", indikator.zaehler), ("nenner", indikator.nenner)):
            if summe is None or len(summe.glieder) != 1 or summe.glieder[0][0] < 0:
                continue
            counts = rows.set_index(rows["gebiet_id"].astype("str"))[column]
            name = summe.felder[0]
            found[name] = found[name].combine_first(counts) if name in found else counts
    return found


def _folgt(row: dict[str, Any], shown: dict[str, pd.Series], gebiete: pd.DataFrame) -> bool:
    own, gebiet = shown.get(row["feld"]), row["gebiet_id"]
    if own is None or not _gleich(own.get(gebiet, np.nan), row["geliefert"]):
        return False
    if row["ausdruck"]:
        glieder = Summe.lesen(row["ausdruck"], row["datensatz"]).glieder
        parts = [
            sign * shown[name].get(gebiet, np.nan) if name in shown else np.nan for sign, name in glieder
        ]
        return _gleich(sum(parts), row["summe"])
    lost = set(row["fehlend"].split(", "))
    below = [key for key in gebiete.index[gebiete["oberhalb"] == gebiet] if key not in lost]
    return _gleich(own.reindex(below).sum(skipna=False), row["summe"])


def _gleich(one: float, other: float) -> bool:
    return abs(one - other) < 1e-6
