"""Batched k-means: many starts, many resamples and many data sets in one sweep of matrix products.

Shapes used throughout: ``D`` data sets, ``B`` weightings (resamples) of each, ``S`` starts,
``n`` rows, ``p`` coordinates, ``k`` centres. A resample is a vector of row weights, so bootstrap
resamples share the data and nothing is copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.integer[Any]]

SEED_ROWS = 2_000
"""Up to this many rows starts are drawn from the data themselves; beyond, from a random sample."""

MEETINGS = 6
MOST_STARTS = 2_000
"""k-means starts again until its best value was met so many times, at most with so many starts."""

_CELLS = 400_000
"""Working set per sweep in numbers, so that it stays in the processor's cache."""


@dataclass(frozen=True)
class Solution:
    """Best partition of every weighting: labels 0..k-1 (D, B, n), centres (D, B, k, p), wss (D, B)."""

    labels: Ints
    centres: Floats
    wss: Floats


def squared_distances(a: Floats, b: Floats) -> Floats:
    """Squared Euclidean distances between the rows of ``a`` and ``b``, never negative."""
    cross = a @ np.swapaxes(b, -1, -2)
    square_a = np.einsum("...ij,...ij->...i", a, a)[..., :, None]
    square_b = np.einsum("...ij,...ij->...i", b, b)[..., None, :]
    return np.maximum(square_a + square_b - 2 * cross, 0.0)


def nearest(x: Floats, centres: Floats) -> Ints:
    """Position of the nearest centre for every row of ``x`` (n, p); centres (..., k, p)."""
    return _sweep(x, np.einsum("ij,ij->i", x, x), centres)[0].astype(np.intp)


def _small(k: int) -> type[np.int8] | type[np.intp]:
    """Type of labels inside a sweep: a byte where it is enough, because sweeps are bound by memory."""
    return np.int8 if k <= 100 else np.intp


def _sweep(x: Floats, square: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """Nearest centre and squared distance to it; x (..., n, p), centres (..., R, k, p)."""
    *lead, runs, k, p = centres.shape if centres.ndim > x.ndim else (1, *centres.shape)
    flat = centres.reshape(*lead, runs * k, p)
    score = (-2 * flat) @ np.swapaxes(x, -1, -2)
    score += np.einsum("...ij,...ij->...i", flat, flat)[..., None]
    score = score.reshape(*lead, runs, k, x.shape[-2])
    best = score[..., 0, :].copy()
    label = np.zeros(best.shape, dtype=_small(k))
    for j in range(1, k):
        new = score[..., j, :]
        np.putmask(label, new < best, j)
        np.minimum(best, new, out=best)
    best += square[..., None, :]
    if centres.ndim == x.ndim:
        label, best = label[..., 0, :], best[..., 0, :]
    return label, np.maximum(best, 0.0)


def _draw(mass: Floats, u: Floats) -> Ints:
    """Draw positions with probability proportional to ``mass`` (..., n), one per ``u`` (..., L)."""
    cumulated = np.cumsum(mass, axis=-1)
    target = u * cumulated[..., -1:]
    drawn = np.empty(u.shape, dtype=np.intp)
    for j in range(u.shape[-1]):
        drawn[..., j] = np.sum(cumulated <= target[..., j, None], axis=-1)
    return np.minimum(drawn, mass.shape[-1] - 1)


def seeds(
    x: Floats, k: int, weights: Floats, rng: np.random.Generator, distance: Floats | None = None
) -> Floats:
    """Greedy k-means++ starts (Arthur & Vassilvitskii 2007); x (D, n, p), weights (D, R, n)."""
    if distance is None:
        distance = squared_distances(x, x)
    sets, runs, _ = weights.shape
    which = np.arange(sets)[:, None]
    chosen = np.empty((sets, runs, k), dtype=np.intp)
    chosen[..., 0] = _draw(weights, rng.random((sets, runs, 1)))[..., 0]
    closest = distance[which, chosen[..., 0]]
    candidates = 2 + int(np.log(k))
    for step in range(1, k):
        drawn = _draw(closest * weights, rng.random((sets, runs, candidates)))
        best_mass = np.full((sets, runs), np.inf)
        best_closest = closest
        for j in range(candidates):
            trial = np.minimum(closest, distance[which, drawn[..., j]])
            mass = np.einsum("drn,drn->dr", trial, weights)
            better = mass < best_mass
            best_mass = np.where(better, mass, best_mass)
            best_closest = np.where(better[..., None], trial, best_closest)
            chosen[..., step] = np.where(better, drawn[..., j], chosen[..., step])
        closest = best_closest
    return x[which[..., None], chosen]


def lloyd(x: Floats, centres: Floats, weights: Floats, sweeps: int) -> tuple[Ints, Floats, Floats]:
    """Lloyd's algorithm for x (D, n, p), centres (D, R, k, p), weights (D, R, n).

    Returns labels (D, R, n), centres and weighted within-cluster sum of squares (D, R); a run
    that left a centre without rows has an infinite sum and is never chosen.
    """
    sets, runs, k, p = centres.shape
    n = x.shape[1]
    square = np.einsum("dij,dij->di", x, x)
    centres = centres.copy()
    one_of = np.arange(k, dtype=_small(k))[:, None]
    labels = np.full((sets, runs, n), -1, dtype=_small(k))
    wss = np.full((sets, runs), np.inf)
    axis = 1 if sets == 1 else 0
    active = np.arange(runs if axis else sets)
    for sweep in range(sweeps):
        part: tuple[Any, ...] = (slice(None), active) if axis else (active,)
        xs, sq = (x, square) if axis else (x[active], square[active])
        label, distance = _sweep(xs, sq, centres[part])
        moved = np.any(label != labels[part], axis=(0, 2) if axis else (1, 2))
        labels[part] = label
        wss[part] = np.einsum("drn,drn->dr", distance, weights[part])
        if not moved.any() or sweep == sweeps - 1:
            break
        active, label = active[moved], label[:, moved] if axis else label[moved]
        part = (slice(None), active) if axis else (active,)
        members = (label[..., None, :] == one_of) * weights[part][..., None, :]
        size = members.sum(axis=-1)
        sums = members.reshape(len(members), -1, n) @ (x if axis else x[active])
        mean = sums.reshape(*size.shape, p) / np.where(size > 0, size, 1.0)[..., None]
        centres[part] = np.where(size[..., None] > 0, mean, centres[part])
    present = (labels[..., None, :] == one_of) & (weights[..., None, :] > 0)
    wss[~present.any(axis=-1).all(axis=-1)] = np.inf
    return labels.astype(np.intp), centres, wss


def solve(
    x: Floats,
    k: int,
    *,
    starts: int,
    rng: np.random.Generator,
    weights: Floats | None = None,
    distance: Floats | None = None,
) -> Solution:
    """Best of ``starts`` runs for every data set and weighting.

    Parameters
    ----------
    x
        (n, p) one data set or (D, n, p) several; no missing values.
    weights
        (D, B, n) row weights, zero for rows outside a resample; default one weighting of ones.
    distance
        (D, n, n) squared distances, if they are known already.

    Notes
    -----
    All starts make three sweeps; the best half (at least three) is run to convergence. Rows
    beyond :data:`SEED_ROWS` are handled by solving a random sample first and refining its three
    best centres on all rows, so cost grows linearly with the rows.
    """
    data = x if x.ndim == 3 else x[None]
    if weights is None:
        weights = np.ones((len(data), 1, data.shape[1]), dtype=data.dtype)
    if data.shape[1] > SEED_ROWS:
        return _solve_large(data, k, starts, rng, weights)
    sets, resamples, n = weights.shape
    if distance is None and sets == 1:
        distance = squared_distances(data, data)
    per_chunk = max(1, _CELLS // (n * k * starts))
    found: list[tuple[Ints, Floats, Floats]] = []
    if sets == 1:
        for begin in range(0, resamples, per_chunk):
            part = weights[:, begin : begin + per_chunk]
            found.append(_solve_block(data, k, starts, rng, part, distance))
        labels, centres, wss = (np.concatenate(part, axis=1) for part in zip(*found, strict=True))
    else:
        for begin in range(0, sets, per_chunk):
            some = slice(begin, begin + per_chunk)
            near = None if distance is None else distance[some]
            found.append(_solve_block(data[some], k, starts, rng, weights[some], near))
        labels, centres, wss = (np.concatenate(part, axis=0) for part in zip(*found, strict=True))
    return Solution(labels, centres, wss)


def best_solution(x: Floats, k: int, *, starts: int, rng: np.random.Generator) -> tuple[Solution, bool]:
    """Best partition of one data set (n, p), and whether different starts agree on it.

    Rounds of ``starts`` starts go on until the best sum of squares was met in :data:`MEETINGS` of
    them, at most :data:`MOST_STARTS` starts in all; a value met once is a candidate and no optimum.
    """
    if len(x) > SEED_ROWS:
        return solve(x, k, starts=starts, rng=rng), True
    distance = squared_distances(x, x)[None]
    best = _improved(x, solve(x, k, starts=starts, rng=rng, distance=distance))
    met = 1
    for _ in range(1, max(MOST_STARTS // starts, 1)):
        if met >= MEETINGS:
            break
        again = _improved(x, solve(x, k, starts=starts, rng=rng, distance=distance))
        value, reached = best.wss[0, 0], again.wss[0, 0]
        if reached < value * (1 - 1e-9):
            best, met = again, 1
        elif reached <= value * (1 + 1e-9):
            met += 1
    return best, met >= MEETINGS


def _improved(x: Floats, found: Solution) -> Solution:
    """Move single rows as long as the sum of squares falls (Hartigan & Wong 1979), then as before.

    Lloyd's sweeps stop where no row is nearer to another centre; a move also shifts both centres,
    so a row can be worth moving although its own centre is the nearest.
    """
    labels, k = found.labels[0, 0].copy(), found.centres.shape[2]
    rows = np.arange(len(x))
    member = labels == np.arange(k)[:, None]
    size = member.sum(axis=1).astype(float)
    centres = (member @ x) / np.maximum(size, 1)[:, None]
    for _ in range(len(x) * k):
        distance = squared_distances(x, centres)
        leaving = size[labels] / np.maximum(size[labels] - 1, 1e-9) * distance[rows, labels]
        joining = distance * (size / (size + 1))
        joining[rows, labels] = np.inf
        gain = np.where(size[labels] > 1, leaving - joining.min(axis=1), -np.inf)
        i = int(np.argmax(gain))
        if not gain[i] > 1e-10 * max(leaving[i], 1e-300):
            break
        old, new = labels[i], int(np.argmin(joining[i]))
        labels[i] = new
        for j in (old, new):
            size[j] = (labels == j).sum()
            centres[j] = x[labels == j].mean(axis=0)
    wss = float(((x - centres[labels]) ** 2).sum())
    return Solution(labels[None, None], centres[None, None], np.array([[wss]]))


def _solve_block(
    x: Floats,
    k: int,
    starts: int,
    rng: np.random.Generator,
    weights: Floats,
    distance: Floats | None,
) -> tuple[Ints, Floats, Floats]:
    sets, resamples, n = weights.shape
    p = x.shape[2]
    repeated = np.repeat(weights, starts, axis=1)
    centres = seeds(x, k, repeated, rng, distance)
    labels, centres, wss = lloyd(x, centres, repeated, sweeps=3)
    keep = min(starts, max(3, starts // 2))
    order = np.argsort(wss.reshape(sets, resamples, starts), axis=-1, kind="stable")[..., :keep]
    best = np.take_along_axis(centres.reshape(sets, resamples, starts, k, p), order[..., None, None], axis=2)
    labels, centres, wss = lloyd(
        x, best.reshape(sets, -1, k, p), np.repeat(weights, keep, axis=1), sweeps=300
    )
    wss = wss.reshape(sets, resamples, keep)
    winner = np.argmin(wss, axis=-1)[..., None]
    return (
        np.take_along_axis(labels.reshape(sets, resamples, keep, n), winner[..., None], axis=2)[:, :, 0],
        np.take_along_axis(centres.reshape(sets, resamples, keep, k, p), winner[..., None, None], axis=2)[
            :, :, 0
        ],
        np.take_along_axis(wss, winner, axis=-1)[..., 0],
    )


def _solve_large(data: Floats, k: int, starts: int, rng: np.random.Generator, weights: Floats) -> Solution:
    """Starts from a sample, the three best refined on all rows; one data set, one weighting."""
    if weights.shape[:2] != (1, 1):
        raise ValueError(f"more than {SEED_ROWS} rows: draw resamples of at most {SEED_ROWS} rows")
    rows = np.sort(rng.choice(data.shape[1], SEED_ROWS, replace=False))
    sample = data[:, rows]
    mass = np.repeat(weights[:, :, rows], starts, axis=1)
    distance = squared_distances(sample, sample)
    centres: list[Floats] = []
    wss: list[Floats] = []
    for begin in range(0, starts, 10):
        part = mass[:, begin : begin + 10]
        _, found, value = lloyd(sample, seeds(sample, k, part, rng, distance), part, sweeps=50)
        centres.append(found[0])
        wss.append(value[0])
    values = np.concatenate(wss)
    order = np.argsort(values, kind="stable")
    order = order[: max(np.isfinite(values).sum(), 1)]  # a run that left a centre empty is no candidate
    new = np.concatenate([[True], np.diff(values[order]) > 1e-4 * values[order[0]]])
    best = np.concatenate(centres)[order[new][:3]]
    solutions = [lloyd(data, start[None, None], weights, sweeps=100) for start in best]
    labels, found, value = min(solutions, key=lambda run: float(run[2][0, 0]))
    return Solution(labels, found, value)
