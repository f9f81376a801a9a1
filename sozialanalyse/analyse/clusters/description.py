"""What a type is: profile, distinguishing indicators, a proposed name, where it occurs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sozialanalyse.texts import text

MIN_MEAN_Z = 0.5
MIN_ETA2 = 0.14
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
    typed = labels.notna()
    z, kind = z[typed], labels[typed].astype(int)
    grouped = z.groupby(kind.to_numpy())
    count, mean, square = grouped.count(), grouped.mean(), (z**2).groupby(kind.to_numpy()).sum()
    total, overall = z.count(), z.mean()
    scatter = (z**2).sum() - total * overall**2
    between = (count * (mean - overall) ** 2).sum()
    eta2 = (between / scatter.where(scatter > 1e-12)).clip(0, 1)
    rest = total - count
    mean_rest = (z.sum() - count * mean.fillna(0)) / rest.where(rest > 0)
    inside = square - count * mean.fillna(0) ** 2
    outside = ((z**2).sum() - square) - rest * mean_rest.fillna(0) ** 2
    freedom = (total - 2).where(total > 2)
    pooled = np.sqrt(((inside + outside).clip(lower=0) / freedom).where(lambda v: v > 1e-12))
    d = (mean - mean_rest) / pooled
    rows = pd.DataFrame(
        {
            "d": d.stack(future_stack=True),
            "mean_z": mean.stack(future_stack=True),
            "eta2": np.tile(eta2.to_numpy(), len(mean)),
        }
    ).rename_axis(["typ", "indikator"])
    rows = rows.reset_index()
    rows["richtung"] = np.where(rows["mean_z"] >= 0, "hoch", "niedrig")
    sign = rows["indikator"].map(lambda name: 0.0 if polarity is None else polarity.get(name, 0.0))
    meaning = np.sign(sign.fillna(0.0) * rows["mean_z"])
    rows["bedeutung"] = meaning.map({1.0: "mehr Bedarf", -1.0: "weniger Bedarf"}).fillna("neutral")
    rows["praegend"] = (rows["mean_z"].abs() >= MIN_MEAN_Z) & (rows["eta2"] >= MIN_ETA2)
    rows["_size"] = -rows["d"].abs()
    rows = rows.sort_values(["typ", "_size", "indikator"], kind="stable", ignore_index=True)
    return rows.drop(columns="_size")


def names(
    table: pd.DataFrame, labels: Mapping[str, str] | None = None, topics: pd.Series | None = None
) -> pd.Series:
    """Propose a name per type from its distinguishing indicators: what is high, what is low.

    Describes figures, never people. At most two indicators on each side, one per topic; two types
    never carry the same name.
    """
    proposed: dict[int, str] = {}
    for kind, rows in table.groupby("typ", sort=True):
        for several in (NAMED, NAMED + 1, NAMED + 2, len(rows)):
            name = _name(rows[rows["praegend"]], several, labels or {}, topics)
            if name not in proposed.values():
                break
        else:
            name = text("clusters.name.zusatz", name=name, typ=str(kind))
        proposed[int(str(kind))] = name
    return pd.Series(proposed, name="name", dtype=object).rename_axis("typ")


def _name(rows: pd.DataFrame, several: int, labels: Mapping[str, str], topics: pd.Series | None) -> str:
    sides = {}
    for side, part in rows.groupby("richtung"):
        chosen = list(part["indikator"])
        if topics is not None:
            topic = part["indikator"].map(lambda name: topics.get(name, name))
            chosen = list(part.loc[~topic.duplicated(), "indikator"])
        sides[side] = ", ".join(str(labels.get(name, name)) for name in chosen[:several])
    high, low = sides.get("hoch", ""), sides.get("niedrig", "")
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
