"""The four ways to form types behind one call: k-means, Ward, PAM and spherical Gaussian mixture."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from sozialanalyse.analyse.clusters.kmeans import (
    Floats,
    Ints,
    Solution,
    best_solution,
    nearest,
    solve,
    squared_distances,
)
from sozialanalyse.base import ParameterFehler, text

Method = Literal["kmeans", "ward", "pam", "gmm"]
METHODS: tuple[str, ...] = get_args(Method)
STARTS = 50
STARTS_RESAMPLE = 40
SEED = 20240613

EXACT_ROWS = 2_000
"""Ward, PAM and mixtures use all rows up to here and a random sample beyond."""


def resample_starts(n: int) -> int:
    """Starts per resample: 40, fewer where many rows make poor optima rare."""
    return STARTS_RESAMPLE if n <= 200 else 10 if n <= 500 else 5


def check_method(method: str) -> None:
    """Raise ParameterFehler for an unknown method."""
    if method not in METHODS:
        known = ", ".join(METHODS)
        raise ParameterFehler(text("clusters.fehler.methode", methode=str(method), bekannt=known))


def check_numbers(**values: int) -> None:
    """Raise ParameterFehler for a count or seed below zero."""
    for name, value in values.items():
        if value < 0:
            raise ParameterFehler(text("clusters.fehler.negative_zahl", name=name, wert=str(value)))


def surest_partition(x: Floats, k: int, method: str, rng: np.random.Generator) -> tuple[Ints, bool]:
    """Labels as of :func:`partition`, and whether different starts of k-means agree on them."""
    if method == "kmeans" and k > 1:
        found, agreed = best_solution(x, k, starts=STARTS, rng=rng)
        return found.labels[0, 0], agreed
    return partition(x, k, method, rng), True


def partition(x: Floats, k: int, method: str, rng: np.random.Generator, starts: int = STARTS) -> Ints:
    """Labels 0..k-1 of the rows of ``x`` (n, p) by the given method."""
    if k == 1:
        return np.zeros(len(x), dtype=np.intp)
    if method == "kmeans":
        return best_solution(x, k, starts=starts, rng=rng)[0].labels[0, 0]
    if len(x) > EXACT_ROWS:
        rows = np.sort(rng.choice(len(x), EXACT_ROWS, replace=False))
        labels = partition(x[rows], k, method, rng, starts)
        if method == "gmm":
            return _mixture(x[rows], k, rng, starts, np.ones((1, len(rows))), predict=x)[0]
        return nearest(x, centres_of(x[rows], labels, k))
    if method == "ward":
        return np.asarray(fcluster(linkage(x, "ward"), k, "maxclust") - 1, dtype=np.intp)
    if method == "pam":
        return pam(np.sqrt(squared_distances(x, x)), k)[0]
    return _mixture(x, k, rng, starts, np.ones((1, len(x))))[0]


def resampled(
    x: Floats,
    k: int,
    method: str,
    multiplicity: Floats,
    rng: np.random.Generator,
    starts: int = STARTS_RESAMPLE,
) -> Ints:
    """Labels (B, n) of all rows for every resample, given as multiplicities (B, n).

    Rows outside a resample are put to its nearest centre (mixture: most probable component).
    """
    if k == 1:
        return np.zeros(multiplicity.shape, dtype=np.intp)
    if method == "kmeans":
        solution: Solution = solve(x, k, starts=starts, rng=rng, weights=multiplicity[None])
        return solution.labels[0]
    if method == "gmm":
        return _mixture(x, k, rng, starts, multiplicity)
    out = np.empty(multiplicity.shape, dtype=np.intp)
    for b, times in enumerate(multiplicity):
        rows = np.repeat(np.arange(len(x)), times.astype(int))
        labels = partition(x[rows], k, method, rng, starts)
        out[b] = nearest(x, centres_of(x[rows], labels, k))
        out[b, rows] = labels
    return out


def centres_of(x: Floats, labels: Ints, k: int, weights: Floats | None = None) -> Floats:
    """Mean of every type (k, p)."""
    members = (labels == np.arange(k)[:, None]).astype(float)
    if weights is not None:
        members *= weights
    size = members.sum(axis=1)
    return members @ x / np.where(size > 0, size, 1.0)[:, None]


def pam(distance: Floats, k: int) -> tuple[Ints, Ints]:
    """Partitioning around medoids (Kaufman & Rousseeuw 1990): BUILD, then steepest swaps.

    Parameters
    ----------
    distance
        (n, n) symmetric dissimilarities.

    Returns
    -------
    labels (n,) and positions of the medoids (k,).
    """
    n = len(distance)
    medoids = [int(np.argmin(distance.sum(axis=0)))]
    first = distance[medoids[0]]
    while len(medoids) < k:
        gain = np.maximum(first[:, None] - distance, 0.0).sum(axis=0)
        gain[medoids] = -1.0
        medoids.append(int(np.argmax(gain)))
        first = np.minimum(first, distance[medoids[-1]])
    position = np.array(medoids)
    while True:
        to_medoids = distance[:, position]
        two = np.sort(to_medoids, axis=1)[:, :2] if k > 1 else np.c_[to_medoids, np.full(n, np.inf)]
        labels = np.argmin(to_medoids, axis=1)
        near, second = two[:, :1], two[:, 1:]
        joined = np.minimum(distance, near)
        orphaned = np.minimum(distance, second) - joined
        own = (labels == np.arange(k)[:, None]).astype(float)
        change = (joined - near).sum(axis=0) + own @ orphaned
        change[:, position] = 0.0
        out, into = np.unravel_index(np.argmin(change), change.shape)
        if change[out, into] >= -1e-10 * near.sum() or near.sum() == 0:
            return labels, position
        position[out] = into


def _mixture(
    x: Floats,
    k: int,
    rng: np.random.Generator,
    starts: int,
    multiplicity: Floats,
    predict: Floats | None = None,
    sweeps: int = 200,
) -> Ints:
    """Spherical Gaussian mixture by EM from the k-means solution; most probable component (B, n).

    Every component has its own variance (Fraley & Raftery 2002, model VII), bounded below by a
    thousandth of the overall variance.
    """
    p = x.shape[1]
    labels = solve(x, k, starts=starts, rng=rng, weights=multiplicity[None]).labels[0]
    total = multiplicity.sum(axis=1)
    share = (labels[:, None, :] == np.arange(k)[:, None]).astype(float)
    floor = 1e-3 * x.var(axis=0).mean()
    before = np.full(len(multiplicity), -np.inf)

    def e_step(data: Floats) -> tuple[Floats, Floats]:
        distance = squared_distances(mean, data)
        log = (
            np.log(size / total[:, None])[..., None]
            - 0.5 * p * np.log(2 * np.pi * variance)[..., None]
            - 0.5 * distance / variance[..., None]
        )
        top = log.max(axis=1, keepdims=True)
        density = np.exp(log - top)
        summed = density.sum(axis=1, keepdims=True)
        return density / summed, (top + np.log(summed))[:, 0]

    for _ in range(sweeps):
        members = share * multiplicity[:, None, :]
        size = np.maximum(members.sum(axis=2), 1e-10)
        mean = members @ x / size[..., None]
        scatter = (members * squared_distances(mean, x)).sum(axis=2)
        variance = np.maximum(scatter / (p * size), floor)
        share, density = e_step(x)
        likelihood = (density * multiplicity).sum(axis=1)
        if np.all(likelihood - before < 1e-6 * total):
            break
        before = likelihood
    if predict is not None:
        share, _ = e_step(predict)
    return np.argmax(share, axis=1)
