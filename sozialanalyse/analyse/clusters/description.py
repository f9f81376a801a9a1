"""What a type is: profile, distinguishing indicators, a proposed name, where it occurs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sozialanalyse.analyse.clusters.kmeans import Floats
from sozialanalyse.base import text

MIN_MEAN_Z = 0.5
MIN_ETA2 = 0.14
MEANINGS = np.array(["weniger Bedarf", "neutral", "mehr Bedarf"], dtype=object)
NAMED = 2
"""Indicators named on each side of a type's proposed name."""


def distinguishing(z: pd.DataFrame, labels: pd.Series, polarity: pd.Series | None = None) -> pd.DataFrame:
    """Effect sizes of every indicator for every type, strongest first within a type.

    Parameters
    ----------
    z
        Areas x indicators, z scores as observed (gaps stay out).
    labels
        Type per area, missing for areas without one.
    polarity
        +1 where a high value means more need, -1 where less, 0 neither.

    Returns
    -------
    DataFrame
        ``typ, indikator, d, mean_z, eta2, richtung, bedeutung, praegend``: ``d`` is the difference
        between the type and all other areas in pooled standard deviations (Cohen 1988), ``eta2``
        the share of the indicator's variance between types, ``praegend`` whether
        absolute ``mean_z`` reaches 0.5 and ``eta2`` 0.14. No p-values: the types were made from these
        very indicators.
    """
    typed = labels.notna().to_numpy()
    value = z.to_numpy()[typed]
    kinds, kind = np.unique(labels[typed].to_numpy(dtype=np.int64), return_inverse=True)
    there = ~np.isnan(value)
    value = np.where(there, value, 0.0)
    members = (kind == np.arange(len(kinds))[:, None]).astype(float)
    count, total, square = members @ there, members @ value, members @ value**2
    mean, inside = _mean_and_scatter(count, total, square)
    mean_rest, outside = _mean_and_scatter(*(part.sum(axis=0) - part for part in (count, total, square)))
    overall, scatter = _mean_and_scatter(*(part.sum(axis=0) for part in (count, total, square)))
    freedom = count.sum(axis=0) - 2
    with np.errstate(invalid="ignore", divide="ignore"):
        between = np.nansum(count * (mean - overall) ** 2, axis=0)
        eta2 = np.where(scatter > 1e-12, np.minimum(between / scatter, 1.0), np.nan)
        pooled = np.sqrt(np.where(freedom > 0, (inside + outside) / freedom, np.nan))
        d = np.where(pooled > 1e-6, (mean - mean_rest) / pooled, np.nan)
    names = z.columns.to_numpy()
    known = {} if polarity is None else dict(polarity)
    sign = np.array([known.get(name, 0.0) for name in names], dtype=float)
    meaning = np.sign(np.nan_to_num(sign) * np.nan_to_num(mean))
    order = np.lexsort(
        (np.tile(names.astype(str), len(kinds)), -np.abs(d).ravel(), np.repeat(kinds, len(names)))
    )
    table = pd.DataFrame(
        {
            "typ": np.repeat(kinds, len(names)),
            "indikator": np.tile(names, len(kinds)),
            "d": d.ravel(),
            "mean_z": mean.ravel(),
            "eta2": np.tile(eta2, len(kinds)),
            "richtung": np.where(mean >= 0, "hoch", "niedrig").ravel(),
            "bedeutung": MEANINGS[meaning.astype(int) + 1].ravel(),
            "praegend": ((np.abs(mean) >= MIN_MEAN_Z) & (eta2 >= MIN_ETA2)).ravel(),
        }
    )
    return table.iloc[order].reset_index(drop=True)


def _mean_and_scatter(count: Floats, total: Floats, square: Floats) -> tuple[Floats, Floats]:
    """Mean (NaN without values) and sum of squared deviations from it."""
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean, np.maximum(square - np.nan_to_num(mean) * total, 0.0)


def names(
    table: pd.DataFrame, labels: Mapping[str, str] | None = None, topics: pd.Series | None = None
) -> pd.Series:
    """Propose a name per type from its distinguishing indicators: what is high, what is low.

    Describes figures, never people. At most two indicators on each side, one per topic; two types
    never carry the same name.
    """
    found: dict[int, str] = {}
    theme = {} if topics is None else dict(topics)
    for kind, rows in table.groupby("typ", sort=True):
        sides: dict[str, list[str]] = {"hoch": [], "niedrig": []}
        used: set[tuple[str, object]] = set()
        strong = rows[rows["praegend"]]
        for indicator, side in zip(strong["indikator"], strong["richtung"], strict=True):
            topic = theme.get(indicator, indicator)
            if (side, topic) not in used:
                used.add((side, topic))
                sides[side].append(str((labels or {}).get(indicator, indicator)))
        for several in (NAMED, NAMED + 1, NAMED + 2, len(rows)):
            name = _phrase(", ".join(sides["hoch"][:several]), ", ".join(sides["niedrig"][:several]))
            if name not in found.values():
                break
        else:
            name = text("clusters.name.zusatz", name=name, typ=str(kind))
        found[int(str(kind))] = name
    return pd.Series(found, name="name", dtype=object).rename_axis("typ")


def _phrase(high: str, low: str) -> str:
    if high and low:
        return text("clusters.name.beide", hoch=high, niedrig=low)
    if high:
        return text("clusters.name.hoch", hoch=high)
    return text("clusters.name.niedrig", niedrig=low) if low else text("clusters.name.mitte")


def assignment(labels: pd.Series, membership: pd.DataFrame, use: pd.Series, resampled: bool) -> pd.DataFrame:
    """Say per area how sure its type is: clear from 0.8, transitional from 0.5, else untypical.

    Returns
    -------
    DataFrame
        ``typ, sicherheit`` (share of resamples in the own type), ``einordnung`` (``eindeutig``,
        ``uebergang``, ``untypisch``; missing without resampling), ``zweiter_typ`` (most frequent
        other type, missing if there is none), ``zugeordnet`` (True for areas with too many gaps
        that did not shape the types).
    """
    share = membership.to_numpy()
    column = labels.map({kind: position for position, kind in enumerate(membership.columns)})
    typed = labels.notna().to_numpy()
    own = np.where(typed, column.fillna(0).astype(int), 0)
    rows = np.arange(len(share))
    sure = np.where(typed & resampled, share[rows, own], np.nan)
    others = share.copy()
    others[rows, own] = -1.0
    second = np.argmax(others, axis=1)
    has_second = typed & resampled & (others[rows, second] > 0)
    order = np.select([sure >= 0.8, sure >= 0.5, sure >= 0], ["eindeutig", "uebergang", "untypisch"], "")
    kinds = membership.columns.to_numpy()
    return pd.DataFrame(
        {
            "typ": labels,
            "sicherheit": sure,
            "einordnung": pd.Series(order, index=labels.index, dtype=object).replace("", None),
            "zweiter_typ": pd.array(
                [int(kinds[s]) if h else pd.NA for s, h in zip(second, has_second, strict=True)],
                dtype="Int64",
            ),
            "zugeordnet": ~use & labels.notna(),
        },
        index=labels.index,
    )


def occurrence(labels: pd.Series, groups: pd.Series) -> pd.DataFrame:
    """Types x municipalities: number of areas."""
    where = groups.reindex(labels.index)
    both = labels.notna() & where.notna()
    table = pd.crosstab(labels[both].astype(int), where[both])
    return table.rename_axis(index="typ", columns="gruppe")
