"""How much an index depends on choices: other weights and ways to combine, coherence, redundancy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from sozialanalyse.analyse.indices.index_result import Component, IndexResult
from sozialanalyse.analyse.indices.scale import classes_of, combine


def sensitivity(
    result: IndexResult, *, extra_weights: Mapping[str, Mapping[str, float]] | None = None
) -> pd.DataFrame:
    """Compare the index with other ways to make it.

    Returns
    -------
    DataFrame
        One row per alternative (``gleiche Gewichte``, ``Hauptkomponente``, ``Rangmittel``,
        ``Spannweite``, ``geometrisch``, ``ohne <Indikator>``, and the names of ``extra_weights``):
        ``spearman`` with the index, ``klassenwechsel`` (areas in another class), ``groesster_rangsprung``
        and ``erklaert`` (variance share of the first component; NaN elsewhere). Every
        alternative is put on the mean and spread of the index before it is classed. Areas without an
        index take no part.
    """
    z, weight, index = result.z, result.weights, result.values
    equal = pd.Series(1 / len(weight), index=weight.index)
    component = first_component(z.fillna(z.mean()))
    span = (z - z.min()) / (z.max() - z.min()).where(z.max() > z.min())
    alternatives = {
        "gleiche Gewichte": combine(z, equal, ()),
        "Hauptkomponente": component.scores,
        "Rangmittel": combine(z.rank(pct=True), weight, ()),
        "Spannweite": combine(span, weight, ()),
        "geometrisch": combine((0.01 + 0.99 * span).map(np.log), weight, ()),
    }
    for name, other in (extra_weights or {}).items():
        alternatives[name] = combine(z, pd.Series(other, dtype=float).reindex(z.columns).fillna(0.0), ())
    if z.shape[1] > 1:
        for name in z.columns:
            rest = [column for column in z.columns if column != name]
            alternatives[f"ohne {name}"] = combine(z[rest], weight[rest] / weight[rest].sum(), ())
    rows = {
        name: _compare(index, other, result.limits)
        | {"erklaert": component.explained if name == "Hauptkomponente" else np.nan}
        for name, other in alternatives.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("alternative")


def _compare(index: pd.Series, other: pd.Series, limits: Sequence[float]) -> dict[str, float]:
    both = index.notna() & other.notna()
    a, b = index[both], other[both]
    spread = float(b.std(ddof=0))
    if both.sum() < 3 or spread < 1e-12:
        return {"spearman": np.nan, "klassenwechsel": np.nan, "groesster_rangsprung": np.nan}
    b = a.mean() + a.std(ddof=0) * (b - b.mean()) / spread
    jump = (a.rank() - b.rank()).abs().max()
    moved = (classes_of(a, limits) != classes_of(b, limits)).sum()
    rank = float(stats.spearmanr(a, b).statistic)
    return {"spearman": rank, "klassenwechsel": float(moved), "groesster_rangsprung": float(jump)}


def first_component(z: pd.DataFrame) -> Component:
    """First principal component of the correlation matrix, signed to rise with the sum of z.

    Complete rows only; with fewer than three of them, or nothing that varies, everything is NaN.
    """
    full = z.dropna()
    spread = full.std(ddof=0)
    if len(full) < 3 or not (spread > 1e-12).any():
        nothing = pd.Series(np.nan, index=z.index)
        return Component(nothing, pd.Series(np.nan, index=z.columns), float("nan"))
    scaled = (full - full.mean()) / spread.where(spread > 1e-12, np.inf)
    _, values, axes = np.linalg.svd(scaled.to_numpy(), full_matrices=False)
    axis = axes[0] * (1.0 if axes[0].sum() >= 0 else -1.0)
    scores = pd.Series(scaled.to_numpy() @ axis, index=full.index).reindex(z.index)
    loadings = pd.Series(axis * values[0] / np.sqrt(len(full)), index=z.columns)
    return Component(scores, loadings, float(values[0] ** 2 / (values**2).sum()))


def redundant_pairs(z: pd.DataFrame, limit: float = 0.9) -> pd.DataFrame:
    """Pairs ``eins, zwei, r`` of ingredients whose absolute correlation is above the limit."""
    correlation = z.corr(min_periods=3).to_numpy()
    names = list(z.columns)
    rows = [
        {"eins": names[i], "zwei": names[j], "r": float(correlation[i, j])}
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if abs(correlation[i, j]) > limit
    ]
    return pd.DataFrame(rows, columns=["eins", "zwei", "r"])


def cronbach_alpha(z: pd.DataFrame) -> float:
    """Cronbach's alpha (1951) on complete rows: k/(k-1) (1 - sum of variances / variance of sum)."""
    full = z.dropna()
    k = full.shape[1]
    if k < 2 or len(full) < 3:
        return float("nan")
    total = full.sum(axis=1).var()
    return float(k / (k - 1) * (1 - full.var().sum() / total)) if total > 0 else float("nan")
