"""How firm a partition is: silhouette, bootstrap Jaccard per type, membership per area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from sozialanalyse.analyse.clusters.kmeans import Floats, Ints, nearest, squared_distances
from sozialanalyse.analyse.clusters.methods import centres_of, resample_starts, resampled

SAMPLE = 1_000
"""Resamples and exact silhouettes use at most this many rows (a random sample beyond)."""


def one_hot(labels: Ints, k: int) -> Floats:
    """(..., n) labels to (..., k, n) indicators."""
    return (labels[..., None, :] == np.arange(k)[:, None]).astype(float)


def silhouettes(distance: Floats, labels: Ints, k: int) -> Floats:
    """Silhouette width of every row (Rousseeuw 1987); batched over leading axes.

    Parameters
    ----------
    distance
        (..., n, n) Euclidean distances.
    labels
        (..., n) values 0..k-1. Rows alone in their cluster have width 0.
    """
    members = one_hot(labels, k)
    size = members.sum(axis=-1)
    total = members @ distance
    own = np.take_along_axis(total, labels[..., None, :], axis=-2)[..., 0, :]
    own_size = np.take_along_axis(size, labels, axis=-1)
    inside = own / np.maximum(own_size - 1, 1)
    mean = total / np.maximum(size, 1)[..., None]
    mean = np.where((members > 0) | (size == 0)[..., None], np.inf, mean)
    outside = mean.min(axis=-2)
    larger = np.maximum(inside, outside)
    with np.errstate(invalid="ignore"):
        width = (outside - inside) / np.where(larger > 0, larger, 1.0)
    return np.where((own_size > 1) & np.isfinite(outside), width, 0.0)


def mean_silhouette(x: Floats, labels: Ints, k: int, rng: np.random.Generator) -> float:
    """Mean silhouette width; from a sample of 1,000 rows where there are more; NaN for k = 1."""
    if k < 2:
        return float("nan")
    if len(x) > SAMPLE:
        rows = np.sort(rng.choice(len(x), SAMPLE, replace=False))
        x, labels = x[rows], labels[rows]
    return float(silhouettes(np.sqrt(squared_distances(x, x)), labels, k).mean())


def resamples(n: int, draws: int, rng: np.random.Generator) -> Floats:
    """Rows drawn with replacement, each counted once: 1 where a row was drawn, else 0 (draws, n).

    Duplicates are removed as in R's fpc: a row that counts three times makes a cluster of its own.
    """
    return (rng.multinomial(n, np.full(n, 1.0 / n), size=draws) > 0).astype(float)


@dataclass(frozen=True)
class Bootstrap:
    """What resampling says: ``stability`` (k,), ``shares`` (n, k), ``centres`` (B, k, p) by type.

    ``shares`` is the share of resamples in which a row falls into the cluster that stands for each
    type; clusters stand for types one to one, by largest overlap of the rows drawn.
    """

    stability: Floats
    shares: Floats
    centres: Floats


def bootstrap(
    x: Floats, labels: Ints, k: int, method: str, draws: int, rng: np.random.Generator
) -> Bootstrap:
    """Resample rows ``draws`` times and form the types again.

    Every resample is solved with up to 40 starts, because a poor optimum would look like instability; the
    original centres are none of them, because that would look like stability. Beyond 1,000 rows resamples are drawn from a random
    sample of that size, and all rows are placed by nearest centre.
    """
    centres = centres_of(x, labels, k)
    if k == 1:
        return Bootstrap(np.ones(1), np.ones((len(x), 1)), centres[None])
    everyone, large = x, len(x) > SAMPLE
    if large:
        rows = np.sort(rng.choice(len(x), SAMPLE, replace=False))
        x, labels = x[rows], labels[rows]
    multiplicity = resamples(len(x), draws, rng)
    starts = resample_starts(len(x))
    drawn = resampled(x, k, method, multiplicity, rng, starts)
    similar = _jaccard_table(labels, k, drawn, multiplicity)
    meaning = np.empty((draws, k), dtype=np.intp)
    for b, overlap in enumerate(similar[1]):
        cluster, kind = linear_sum_assignment(overlap, maximize=True)
        meaning[b, cluster] = kind
    typed = np.take_along_axis(meaning, drawn, axis=1)
    members = one_hot(typed, k)
    weighted = members * multiplicity[:, None, :]
    size = weighted.sum(axis=2)[..., None]
    found = np.where(size > 0, weighted @ x / np.maximum(size, 1), centres)
    shares = placed(everyone, found) if large else members.mean(axis=0).T
    return Bootstrap(similar[0].max(axis=1).mean(axis=0), shares, found)


def jaccard(labels: Ints, k: int, drawn: Ints, multiplicity: Floats) -> Floats:
    """Best Jaccard agreement of every original type in every resample (Hennig 2007), (B, k).

    Rows are compared once, whatever their multiplicity; a type of which no member was drawn has
    agreement 0 (the convention of the R package fpc).
    """
    return _jaccard_table(labels, k, drawn, multiplicity)[0].max(axis=1)


def _jaccard_table(labels: Ints, k: int, drawn: Ints, multiplicity: Floats) -> tuple[Floats, Floats]:
    """Jaccard agreement and common rows of every cluster (rows) with every type, (B, k, k)."""
    inside = (multiplicity > 0).astype(float)
    original = one_hot(labels, k)
    new = one_hot(drawn, k) * inside[:, None, :]
    common = new @ original.T
    union = new.sum(axis=2)[:, :, None] + (inside @ original.T)[:, None, :] - common
    return common / np.maximum(union, 1), common


def gap_distances(x: Floats, centres: Floats) -> Floats:
    """Squared distances (n, k) on the coordinates that are there, scaled up to all of them.

    Returns NaN for rows without any value.
    """
    there = ~np.isnan(x)
    value = np.where(there, x, 0.0)
    distance = (value**2).sum(axis=1)[:, None] - 2 * value @ centres.T + there @ (centres**2).T
    seen = there.sum(axis=1)[:, None]
    return np.where(seen > 0, np.maximum(distance, 0.0) * x.shape[1] / np.maximum(seen, 1), np.nan)


def placed(x: Floats, centres: Floats) -> Floats:
    """Share of the centre sets (B, k, p) in which each row of ``x`` is nearest to each type."""
    counts = np.zeros((len(x), centres.shape[1]))
    rows = np.arange(len(x))
    gaps = bool(np.isnan(x).any())
    for centre in centres:
        label = np.argmin(gap_distances(x, centre), axis=1) if gaps else nearest(x, centre)
        counts[rows, label] += 1
    return counts / len(centres)


def adjusted_rand(a: Ints, b: Ints) -> float:
    """Adjusted Rand index (Hubert & Arabie 1985): 1 same partition, 0 as by chance; NaN without rows."""
    if len(a) == 0:
        return float("nan")
    _, first = np.unique(a, return_inverse=True)
    _, second = np.unique(b, return_inverse=True)
    table = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(table, (first, second), 1.0)

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1) / 2).sum())

    together, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    everything = len(a) * (len(a) - 1) / 2
    expected = rows * columns / everything if everything else 0.0
    limit = (rows + columns) / 2
    return 1.0 if limit == expected else (together - expected) / (limit - expected)
