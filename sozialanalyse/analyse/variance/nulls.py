"""What would arise by chance: permuted group labels, all indicators at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

from .components import ratio, squares
from .sample import Floats, Sample

_CELLS, _BATCH = 2_500_000, 256
_TIE = 1e-10
_SINGLE = 5000
"""From so many areas on draws are summed in single precision: half the time, p the same to 1e-5."""

Draws = Iterator[NDArray[np.integer]]
"""Batches of assignments, draws x areas, group numbers from 0."""


@dataclass(frozen=True)
class Null:
    """Mean of the share under the null and p value, unweighted and weighted, per indicator."""

    mean: Floats
    p: Floats
    mean_weighted: Floats
    p_weighted: Floats


@dataclass(frozen=True)
class Reshape:
    """How drawn shares become comparable with the real one: on the logit scale, per draw and indicator.

    Attributes
    ----------
    centre : ndarray
        Indicators; the logit share expected of the real partition.
    centres : ndarray
        Draws x indicators; the same of each drawn one.
    scale : ndarray
        Indicators; deviations from it are multiplied by this.
    """

    centre: Floats
    centres: Floats
    scale: Floats

    def shares(self, drawn: Floats, first: int) -> Floats:
        """Comparable shares of the draws from number ``first`` on."""
        moved = logit(drawn) - self.centres[first : first + len(drawn)]
        return 1 / (1 + np.exp(-(self.centre + moved * self.scale)))


def free_draws(codes: NDArray[np.intp], draws: int, seed: int) -> Draws:
    """Random assignments of the areas to groups of the same sizes."""
    rng = np.random.default_rng(seed)
    small = codes.astype(np.min_scalar_type(int(codes.max(initial=0))))
    batch = _batch(len(codes))
    for done in range(0, draws, batch):
        yield rng.permuted(np.tile(small, (min(batch, draws - done), 1)), axis=1)


def label_draws(labels: NDArray[np.integer]) -> Draws:
    """Given assignments (draws x areas) in batches."""
    batch = _batch(labels.shape[1])
    for done in range(0, len(labels), batch):
        yield labels[done : done + batch]


def _batch(areas: int) -> int:
    return max(1, min(_BATCH, _CELLS // max(areas, 1)))


def group_sums(table: Floats, labels: NDArray[np.integer], count: int) -> Floats:
    """Sums of the rows of ``table`` per draw and group: draws x groups x columns.

    One sparse product whose columns are the areas: the table is read once in order, and only the
    small array of sums is met at random.
    """
    draws, areas = labels.shape
    cells = labels.astype(np.int32) + count * np.arange(draws, dtype=np.int32)[:, None]
    pointer = np.arange(0, draws * areas + 1, draws, dtype=np.int32)
    matrix = sparse.csc_array(
        (np.ones(draws * areas, dtype=table.dtype), cells.T.ravel(), pointer), shape=(draws * count, areas)
    )
    return (matrix @ table).reshape(draws, count, table.shape[1])


def group_sizes(labels: NDArray[np.integer], count: int) -> NDArray[np.intp]:
    """Number of areas per draw and group."""
    cells = labels + count * np.arange(len(labels))[:, None]
    return np.bincount(cells.ravel(), minlength=count * len(labels)).reshape(len(labels), count)


def free_null(sample: Sample, draws: int, seed: int) -> Null:
    """Null of free labels: areas with a value exchange their groups.

    Each set of indicators with the same gaps is permuted among its own areas, from the same seed,
    so the p value of an indicator does not depend on the others analysed with it.
    """
    return share_null(sample, lambda rows: free_draws(sample.codes[rows], draws, seed))


def share_null(
    sample: Sample,
    draws_of: Callable[[NDArray[np.intp]], Draws],
    shape: Callable[[NDArray[np.intp], Floats], Reshape] | None = None,
) -> Null:
    """Null of the shares under the draws for each set of rows; ``shape`` makes the draws comparable."""
    width, count = len(sample.indicators), len(sample.groups)
    found = squares(sample)
    observed = found.eta2, found.eta2 if sample.weight is None else squares(sample, sample.weight).eta2
    out = np.full((4, width), np.nan)
    for rows, columns in sample.patterns():
        if len(rows) < 3:
            continue
        x = sample.x[np.ix_(rows, columns)]
        w = None if sample.weight is None else sample.weight[np.ix_(rows, columns)]
        reshape = None if shape is None else shape(rows, x)
        known = [eta2[columns] for eta2 in observed]
        out[:, columns] = _share_null(x, w, known, draws_of(rows), count, reshape)
    groups = (found.n > 0).sum(axis=0)
    undefined = (groups < 2) | (found.n.sum(axis=0) <= groups) | np.isnan(found.eta2)
    out[:, undefined] = np.nan
    return Null(*out)


def _share_null(
    x: Floats,
    w: Floats | None,
    observed: list[Floats],
    draws: Draws,
    count: int,
    reshape: Reshape | None,
) -> Floats:
    """Mean share under the draws and (1 + b) / (1 + B), see Phipson & Smyth (2010).

    Four rows: mean and p of the unweighted, then of the weighted share.
    """
    width = x.shape[1]
    z = x - x.mean(axis=0)
    table, totals = z, [(z * z).sum(axis=0)]
    if w is not None:
        weighted = x - (w * x).sum(axis=0) / w.sum(axis=0)
        same = bool((w == w[:, :1]).all())
        table = np.hstack([z, w * weighted, w[:, :1] if same else w])
        totals.append((w * weighted**2).sum(axis=0))
    tie = _TIE
    if len(table) >= _SINGLE:
        table, tie = table.astype(np.float32), 1e-6
    above, summed, drawn = np.zeros((2, width)), np.zeros((2, width)), 0
    for labels in draws:
        sums = group_sums(table, labels, count)
        weights = [np.maximum(group_sizes(labels, count), 1)[:, :, None]]
        if w is not None:
            by = sums[:, :, 2 * width :]
            weights.append(np.where(by > 0, by, 1.0))
        for at, (by, total) in enumerate(zip(weights, totals, strict=True)):
            part = sums[:, :, at * width : (at + 1) * width]
            eta2 = ratio((part**2 / by).sum(axis=1), total)
            if reshape is not None:
                eta2 = reshape.shares(eta2, drawn)
            above[at] += (eta2 >= observed[at] - tie).sum(axis=0)
            summed[at] += eta2.sum(axis=0)
        drawn += len(labels)
    if drawn == 0:
        return np.full((4, width), np.nan)
    last = len(totals) - 1
    mean, p = summed / drawn, (1 + above) / (1 + drawn)
    return np.stack([mean[0], p[0], mean[last], p[last]])


def logit(share: Floats) -> Floats:
    """Logit of shares, those at the ends kept finite."""
    inside = np.clip(share, 1e-9, 1 - 1e-9)
    return np.log(inside / (1 - inside))


def false_discovery(p: Floats) -> Floats:
    """Adjusted p values of Benjamini & Hochberg (1995); missing stays missing."""
    adjusted = np.full(len(p), np.nan)
    known = ~np.isnan(p)
    if known.any():
        adjusted[known] = stats.false_discovery_control(p[known])
    return adjusted
