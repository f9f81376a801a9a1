"""Comparing and combining partitions: matching by overlap, consensus of many resamples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import squareform

from sozialanalyse.analyse._threads import single_threaded
from sozialanalyse.analyse.clusters.cluster_result import ClusterResult, nullable
from sozialanalyse.analyse.clusters.kmeans import Floats
from sozialanalyse.analyse.clusters.methods import SEED, STARTS_RESAMPLE, resampled
from sozialanalyse.analyse.clusters.preparation import prepare as prepare_matrix
from sozialanalyse.analyse.clusters.stability import SAMPLE, adjusted_rand, one_hot
from sozialanalyse.base import ParameterFehler, text


@dataclass(frozen=True)
class Match:
    """Types of a new partition in the numbering of an old one.

    ``labels`` new partition renumbered (types without a counterpart get the next free numbers),
    ``mapping`` new number -> number after matching, ``matched`` whether it has a counterpart,
    ``overlap`` old x new types (areas), ``kept`` share of areas that keep their type, ``ari``
    adjusted Rand index.
    """

    labels: pd.Series
    mapping: pd.Series
    matched: pd.Series
    overlap: pd.DataFrame
    kept: float
    ari: float


def match(old: pd.Series | ClusterResult, new: pd.Series | ClusterResult) -> Match:
    """Ordnet Typen einer Aufteilung denen einer anderen zu.

    Match types one to one so that the most areas keep their type (Kuhn 1955).

    Parameters
    ----------
    old, new
        Type per area, or results of :func:`cluster`; compared on the areas both have. Two results
        on the same coordinates let the distance of the centres decide ties.

    Raises
    ------
    ParameterFehler
        If types are not numbered.
    """
    before = old.labels if isinstance(old, ClusterResult) else old
    after = new.labels if isinstance(new, ClusterResult) else new
    for partition in (before, after):
        if not pd.api.types.is_numeric_dtype(partition.dtype):
            raise ParameterFehler(text("clusters.fehler.typnummern"))
    common = before.dropna().index.intersection(after.dropna().index)
    a, b = before[common].astype(int), after[common].astype(int)
    olds = np.unique(before.dropna().astype(int))
    news = np.unique(after.dropna().astype(int))
    table = pd.crosstab(a, b).reindex(index=olds, columns=news, fill_value=0)
    table = table.rename_axis(index="alt", columns="neu")
    score = table.to_numpy(float)
    if isinstance(old, ClusterResult) and isinstance(new, ClusterResult):
        score = score - 0.5 * _relative_distance(old.centres, new.centres)
    rows, columns = linear_sum_assignment(score, maximize=True)
    mapping = pd.Series(0, index=pd.Index(news, name="neu"), name="alt", dtype="int64")
    mapping.iloc[columns] = olds[rows]
    matched = mapping > 0
    following = int(max(olds.max(initial=0), 0)) + 1
    mapping[~matched] = np.arange(following, following + int((~matched).sum()))
    labels = nullable(after.map(mapping).to_numpy(float, na_value=np.nan), after.index)
    kept = float((labels[common].astype(int) == a).mean()) if len(common) else float("nan")
    return Match(labels, mapping, matched, table, kept, adjusted_rand(a.to_numpy(), b.to_numpy()))


def _relative_distance(old: pd.DataFrame, new: pd.DataFrame) -> Floats:
    """Distances of centres, 0 to below 1, on the coordinates both have; less than one area counts."""
    both = old.columns.intersection(new.columns)
    gaps = old[both].to_numpy()[:, None, :] - new[both].to_numpy()[None]
    apart = np.sqrt((gaps**2).sum(axis=2))
    return apart / (apart.max() * (1 + apart.size) or 1.0)


@dataclass(frozen=True)
class Consensus:
    """Partition on which many resamples agree.

    ``labels`` type per area, ``together`` areas x areas: share of the resamples with both areas in
    which they are in one type, ``clarity`` mean of ``together`` within types minus between them.
    """

    labels: pd.Series
    k: int
    together: pd.DataFrame
    clarity: float


@single_threaded
def consensus(
    matrix: pd.DataFrame,
    k: int,
    *,
    method: str = "kmeans",
    prepare: bool = True,
    draws: int = 500,
    share: float = 0.8,
    seed: int = SEED,
    **options: Any,
) -> Consensus:
    """Vereint mehrere Aufteilungen in eine.

    Form types on ``draws`` random 80 % of the areas and keep what recurs (Monti et al. 2003).

    Average linkage on one minus the share of joint types, cut at ``k``. Up to 1,000 areas, because
    every pair is counted; areas that do not shape types (see :func:`cluster`) have no label.
    """
    ready = prepare_matrix(matrix, transform=prepare, **options)
    x = ready.x[ready.use].to_numpy()
    n = len(x)
    if not 1 <= k < n or n > SAMPLE:
        raise ParameterFehler(text("clusters.fehler.konsens", gebiete=str(n), k=str(k), grenze=str(SAMPLE)))
    rng = np.random.default_rng([seed, 950])
    inside = np.zeros((draws, n))
    for row in inside:
        row[rng.choice(n, max(k, round(share * n)), replace=False)] = 1.0
    labels = resampled(x, k, method, inside, rng, STARTS_RESAMPLE)
    joint, pairs = np.zeros((n, n)), inside.T @ inside
    for j in range(k):
        member = (one_hot(labels, k)[:, j] * inside).astype(float)
        joint += member.T @ member
    together = joint / np.maximum(pairs, 1)
    np.fill_diagonal(together, 1.0)
    apart = squareform(1 - (together + together.T) / 2, checks=False)
    raw = fcluster(linkage(apart, "average"), k, "maxclust")
    kinds, first, size = np.unique(raw, return_index=True, return_counts=True)
    order = kinds[np.lexsort((first, -size))]
    number_of = {kind: i + 1 for i, kind in enumerate(order)}
    full = np.full(len(ready.x), np.nan)
    full[ready.use.to_numpy()] = [number_of[kind] for kind in raw]
    back = np.argsort(ready.order)
    same = raw[:, None] == raw[None]
    off = ~np.eye(n, dtype=bool)
    clarity = together[same & off].mean() if (same & off).any() else 1.0
    if (~same).any():
        clarity -= together[~same].mean()
    areas = ready.x.index[ready.use]
    table = pd.DataFrame(together, index=areas, columns=areas)
    keep = matrix.index[matrix.index.isin(areas)]
    return Consensus(nullable(full[back], matrix.index), len(order), table.loc[keep, keep], float(clarity))
