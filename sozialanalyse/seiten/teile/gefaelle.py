"""Gap between the neediest and the least needy areas, and in how many the rates moved: one table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse import analyse, present
from sozialanalyse.base import DatenFehler, text
from sozialanalyse.present import Anzeige, Spalte, formats
from sozialanalyse.seiten.grundlage import Seite


def gefaelle(bericht: Seite[Any], indizes: dict[str, analyse.indices.IndexResult]) -> Anzeige | None:
    """One row per core share: fifths of need, slope index with its range, areas that rise and fall.

    Need is the mean of the topic indices that the indicator is no ingredient of; without indices of at
    least one other topic, without counts or with fewer than five areas there is no row.
    """
    katalog = bericht.daten.indikatoren()
    keys = [key for key in bericht.kern_aus(katalog) if katalog.at[key, "anteil"]]
    if not keys:
        return None
    count, base = bericht.daten.faelle(keys, bericht.stichtag)
    value = bericht.daten.matrix(keys, bericht.stichtag)
    rows = []
    for key in value.columns:
        found = _gradient(key, value, count, base, indizes)
        if found is None:
            continue
        row = found.table.iloc[0]
        rows.append(
            {
                "name": str(katalog.at[key, "kurz"]),
                "unten": row["unten"],
                "oben": row["oben"],
                "sii": row["sii"],
                "bereich": formats.spanne(row["sii_low"], row["sii_high"], "", 1),
                "rii": row["rii"] if _fits(row) else np.nan,
                "n": row["gebiete"],
                "klar": row["p"],
                **_moved(bericht, key),
            }
        )
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    clear = analyse.variance.false_discovery(frame.pop("klar").to_numpy()) <= analyse.comparison.LEVEL
    columns = {
        "name": Spalte(text("berichte.indikator")),
        "unten": Spalte(_text(bericht, "unten"), "%", 1),
        "oben": Spalte(_text(bericht, "oben"), "%", 1),
        "sii": Spalte(_text(bericht, "sii"), "", 1),
        "bereich": Spalte(_text(bericht, "bereich")),
        "rii": Spalte(_text(bericht, "rii"), "", 1),
        "n": Spalte(_text(bericht, "n"), "", 0),
        "steigt": Spalte(_text(bericht, "steigt"), "", 0),
        "sinkt": Spalte(_text(bericht, "sinkt"), "", 0),
    }
    if frame["steigt"].isna().all():
        frame = frame.drop(columns=["steigt", "sinkt"])
        columns = {name: columns[name] for name in frame.columns}
    numbers = {"klar": formats.zahl(int(clear.sum())), "alle": formats.zahl(len(frame))}
    title = text("berichte.gefaelle.titel", **bericht.worte, **numbers)
    return present.tabelle(frame, titel=title, kontext=bericht.kontext, spalten=columns)


def _fits(row: pd.Series) -> bool:
    """Whether the line's lower end is near what the least needy fifth has; else its ratio means nothing."""
    lowest = row["sii"] / (row["rii"] - 1) if row["rii"] != 1 else row["unten"]
    return bool(lowest >= row["unten"] / 2)


def _gradient(
    key: str,
    value: pd.DataFrame,
    count: pd.DataFrame,
    base: pd.DataFrame,
    indizes: dict[str, analyse.indices.IndexResult],
) -> analyse.disparity.GradientResult | None:
    """Gradient of an indicator along the other topics; None where there is none."""
    others = [result.values for result in indizes.values() if key not in result.weights.index]
    if not others:
        return None
    need = pd.concat(others, axis=1).mean(axis=1, skipna=False)
    try:
        return analyse.disparity.gradient(
            value[[key]], need, base[[key]], count=count[[key]], base=base[[key]], factor=100.0
        )
    except DatenFehler:  # too few areas have everything
        return None


def _moved(bericht: Seite[Any], key: str) -> dict[str, float]:
    """In how many areas the rate rises and falls over the dates up to that of the page."""
    days = [day for day in bericht.daten.stichtage if day <= bericht.stichtag]
    pairs = {day: bericht.daten.faelle([key], day) for day in days}
    known = [day for day in days if (pairs[day][0][key].notna() & pairs[day][1][key].notna()).any()]
    if len(known) < analyse.disparity.DATES:
        return {"steigt": np.nan, "sinkt": np.nan}
    count = pd.DataFrame({day: pairs[day][0][key] for day in known})
    base = pd.DataFrame({day: pairs[day][1][key] for day in known})
    try:
        kinds = analyse.disparity.trend(count, base).table["richtung"].value_counts()
    except DatenFehler:
        return {"steigt": np.nan, "sinkt": np.nan}
    return {word: float(kinds.get(word, 0)) for word in ("steigt", "sinkt")}


def _text(bericht: Seite[Any], key: str) -> str:
    return text(f"berichte.gefaelle.{key}", **bericht.worte)
