"""How many types - with the courage to say none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

from sozialanalyse.analyse._threads import single_threaded
from sozialanalyse.analyse.clusters.kmeans import Floats, Ints, solve, squared_distances
from sozialanalyse.analyse.clusters.methods import (
    SEED,
    centres_of,
    check_method,
    check_numbers,
    partition,
    resample_starts,
    resampled,
)
from sozialanalyse.analyse.clusters.preparation import prepare as prepare_matrix
from sozialanalyse.analyse.clusters.stability import jaccard, one_hot, resamples, silhouettes
from sozialanalyse.analyse.clusters.worlds import LEVEL, WORLDS, Verdict, verdict

STABLE = 0.70
MIN_SIZE = 4
PROMINENT = 0.7
KMAX = 8
BOOTSTRAP = 100
GATE = 99
GATE_STARTS = 10
SPLITS = 25
BOXES = 50
SEARCH_ROWS = 600
GATE_ROWS = 400
"""The search for k and its gate use at most this many rows (random samples beyond)."""


@single_threaded
def choose_k(
    matrix: pd.DataFrame,
    *,
    kmax: int = KMAX,
    method: str = "kmeans",
    prepare: bool = True,
    bootstrap: int = BOOTSTRAP,
    gate: int = GATE,
    seed: int = SEED,
    **options: Any,
) -> pd.DataFrame:
    """Schlägt vor, wie viele Typen die Daten tragen.

    Compare numbers of types and choose one.

    The choice has two steps. *Gate*: worlds with a single cluster are fitted to the data - Gaussian,
    skewed and heavy-tailed with the margins of the data, along a bent line - and draw data sets; if
    none of them gives data that look as much like types in more than 5 % of its draws, there is more
    than a continuum (idea of SigClust, Liu et al. 2008; see :mod:`.worlds`). *Stability*: the largest
    k whose every type has a mean bootstrap Jaccard of at least 0.70 (Hennig 2007) and at least four
    areas, and whose silhouette z is at least 70 % of the best such k: otherwise round types are cut
    into stable halves when indicators are few (simulation in ``tests/simulation``). If there is no
    such k, the one whose weakest type is the most stable. If that would be the last k tried although
    more are possible, the smallest k within one standard error. The other criteria are shown, not used.

    Parameters
    ----------
    matrix
        Areas x indicators, NaN = gap.
    kmax
        Largest number of types tried; fewer where there are not enough different areas.
    method
        Method whose stability is judged; the gate always uses k-means.
    bootstrap, gate
        Number of resamples and of data sets per world.
    options
        Of the preparation: ``topics, topic_weights, count, base, reference, compositions``.

    Returns
    -------
    DataFrame
        One row per k: ``k, silhouette, calinski_harabasz, davies_bouldin, gap, gap_se,
        prediction_strength, wss, min_size, min_jaccard, mean_jaccard, stable, silhouette_z,
        p_gate, distinct, chosen, at_end``; ``silhouette_z`` against the Gaussian world, ``p_gate`` the
        largest p of all worlds, ``at_end`` whether the rule ran into the end of the search. Without
        enough areas one row with k = 1.
    """
    check_method(method)
    check_numbers(bootstrap=bootstrap, gate=gate, seed=seed)
    ready = prepare_matrix(matrix, transform=prepare, **options)
    x = ready.x[ready.use].to_numpy()
    return search(x, kmax=kmax, method=method, bootstrap=bootstrap, gate=gate, seed=seed)


def search(x: Floats, *, kmax: int, method: str, bootstrap: int, gate: int, seed: int) -> pd.DataFrame:
    """Table of :func:`choose_k` for coordinates without gaps (n, p)."""
    x = search_rows(x, seed)
    ks = possible_ks(x, kmax)
    if not ks:
        row = {"k": 1, "min_size": len(x), "stable": False, "p_gate": 1.0, "distinct": False, "chosen": True}
        row["at_end"] = False
        return pd.DataFrame([row])
    distance = np.sqrt(squared_distances(x, x))
    rows = []
    for k in ks:
        labels = partition(x, k, method, np.random.default_rng([seed, k]))
        rows.append(_criteria(x, distance, labels, k, method, bootstrap, seed))
    table = pd.DataFrame(rows)
    scores, p, _ = gate_test(x, ks, gate, seed)
    boxed, boxed_se = gap(x, ks, seed, BOXES if len(x) <= 200 else 20)
    table["gap"], table["gap_se"] = boxed, boxed_se
    table["silhouette_z"], table["p_gate"], table["distinct"] = scores, p, p <= LEVEL
    chosen, at_end = best_k(table, open_end=kmax < most_types(x))
    table["chosen"], table["at_end"] = table["k"] == chosen, at_end
    order = "k silhouette calinski_harabasz davies_bouldin gap gap_se prediction_strength wss min_size"
    order += " min_jaccard mean_jaccard stable silhouette_z p_gate distinct chosen at_end"
    return table[order.split()]


def most_types(x: Floats) -> int:
    """Largest number of types that could be: no more than different areas, and below the areas."""
    return min(len(np.unique(x, axis=0)), len(x) - 1)


def possible_ks(x: Floats, kmax: int) -> list[int]:
    """Numbers of types from 2: up to ``kmax`` and to :func:`most_types`."""
    return list(range(2, min(kmax, most_types(x)) + 1))


def search_rows(x: Floats, seed: int, most: int = SEARCH_ROWS) -> Floats:
    """Rows that the search for k looks at: all, or a random sample."""
    return x[sampled(len(x), seed, most)]


def sampled(n: int, seed: int, most: int = SEARCH_ROWS) -> Ints:
    """Positions of those rows."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng([seed, 901]).choice(n, most, replace=False))


def _criteria(
    x: Floats, distance: Floats, labels: Ints, k: int, method: str, bootstrap: int, seed: int
) -> dict[str, float | int | bool]:
    rng = np.random.default_rng([seed, 100 + k])
    size = int(np.bincount(labels, minlength=k).min())
    centres = centres_of(x, labels, k)
    agreement = np.full(k, np.nan)
    if bootstrap:
        multiplicity = resamples(len(x), bootstrap, rng)
        starts = resample_starts(len(x))
        drawn = resampled(x, k, method, multiplicity, rng, starts)
        agreement = jaccard(labels, k, drawn, multiplicity).mean(axis=0)
    return {
        "k": k,
        "silhouette": float(silhouettes(distance, labels, k).mean()),
        "calinski_harabasz": float(calinski_harabasz_score(x, labels)),
        "davies_bouldin": float(davies_bouldin_score(x, labels)),
        "prediction_strength": prediction_strength(x, k, rng, SPLITS if len(x) <= 200 else 10),
        "wss": float(((x - centres[labels]) ** 2).sum()),
        "min_size": size,
        "min_jaccard": float(agreement.min()),
        "mean_jaccard": float(agreement.mean()),
        "stable": bool(agreement.min() >= STABLE and size >= MIN_SIZE),
    }


def best_k(table: pd.DataFrame, open_end: bool = False) -> tuple[int, bool]:
    """Largest stable and distinct enough k; without one, the k whose weakest type is most stable.

    The end of the search is no finding: where the rule would take the last k although more are possible
    (``open_end``), the smallest candidate is taken whose silhouette z is within one standard error
    (which is 1) of the best candidate's. The second value says that this happened.
    """
    stable = table[table["stable"]]
    if len(stable):
        best = float(stable["silhouette_z"].max())
        if best > 0:
            stable = stable[stable["silhouette_z"] >= PROMINENT * best]
        chosen = int(stable["k"].max())
        if not open_end or chosen < int(table["k"].max()):
            return chosen, False
        near = stable[~(stable["silhouette_z"] < best - 1)]
        return int(near["k"].min()), True
    large = table[table["min_size"] >= MIN_SIZE]
    usable = large if len(large) else table
    score = usable["min_jaccard"].fillna(usable["silhouette"])
    chosen = int(usable["k"].iloc[int(np.argmax(score))])
    return chosen, open_end and chosen == int(table["k"].max())


def gate_test(x: Floats, ks: list[int], draws: int, seed: int, order: tuple[str, ...] = WORLDS) -> Verdict:
    """Whether a world with a single cluster explains the data, see :mod:`.worlds`.

    Without draws the largest p is 1 and nothing is known.
    """
    if draws == 0:
        return Verdict(np.full(len(ks), np.nan), 1.0, "")
    x = search_rows(x, seed, GATE_ROWS)
    return verdict(x, ks, draws, np.random.default_rng([seed, 902]), order)


def gap(x: Floats, ks: list[int], seed: int, draws: int = BOXES) -> tuple[Floats, Floats]:
    """Gap statistic (Tibshirani, Walther & Hastie 2001) against a uniform box along the axes of x.

    Returns the gap of ln(within sum of squares) and its standard error for every k.
    """
    x = search_rows(x, seed, GATE_ROWS)
    n = len(x)
    rng = np.random.default_rng([seed, 903])
    centred = x - x.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = centred @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    box = low + (high - low) * rng.random((draws, n, turned.shape[1]))
    out = np.empty((len(ks), 2))
    for position, k in enumerate(ks):
        own = solve(turned, k, starts=GATE_STARTS, rng=rng).wss[0, 0]
        block = max(1, 2_000_000 // n**2)
        null = np.concatenate(
            [
                solve(box[begin : begin + block], k, starts=GATE_STARTS, rng=rng).wss[:, 0]
                for begin in range(0, draws, block)
            ]
        )
        log = np.log(np.maximum(null, 1e-300))
        out[position] = log.mean() - np.log(max(own, 1e-300)), log.std() * np.sqrt(1 + 1 / draws)
    return out[:, 0], out[:, 1]


def prediction_strength(x: Floats, k: int, rng: np.random.Generator, splits: int = SPLITS) -> float:
    """Mean over random halves of the weakest cluster's share of pairs that the other half predicts.

    Tibshirani & Walther (2005), k-means, both halves in turn.
    """
    n = len(x)
    if n // 2 < k:
        return float("nan")
    half = np.zeros((splits, n))
    for row in half:
        row[rng.permutation(n)[: n // 2]] = 1.0
    both = np.concatenate([half, 1.0 - half])
    labels = solve(x, k, starts=5, rng=rng, weights=both[None]).labels[0]
    own = one_hot(labels, k) * both[:, None, :]
    other = one_hot(np.roll(labels, splits, axis=0), k)
    together = own @ np.swapaxes(other, 1, 2)
    pairs = (together * (together - 1)).sum(axis=2)
    size = own.sum(axis=2)
    possible = size * (size - 1)
    strength = np.where(possible > 0, pairs / np.where(possible > 0, possible, 1.0), 1.0)
    return float(strength.min(axis=1).mean())
