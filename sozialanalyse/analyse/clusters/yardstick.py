"""The yardstick: how raw indicators become comparable coordinates.

It is fitted once, on the reference year, and applied unchanged to every other year, so that a
change of type is a change of the area and not of the scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import optimize

from sozialanalyse.analyse.clusters.kmeans import Floats
from sozialanalyse.base import ParameterFehler, text

CLIP = 2.5
SKEWED = 1.0
REDUNDANT = 0.9
LAMBDAS = (-4.0, 6.0)
_QUANTILES = 2_000


@dataclass(frozen=True)
class Yardstick:
    """Scale, transformation and weight of every indicator.

    Attributes
    ----------
    table
        One row per indicator kept: ``art`` (``wert``, ``logit``, ``yeo-johnson`` or ``anteil`` for
        a part of a composition), ``mean`` and ``sd`` before, ``lambda_``, ``mean2`` and ``sd2``
        after the transformation, ``gewicht`` (share of the squared distance; sums to the number of
        indicators).
    compositions
        Name -> its parts (in the order of the table).
    spread
        Name -> standard deviation common to the coordinates of a composition, and their means.
    floor
        Name -> smallest share that stands in for zero.
    clip
        Largest absolute z; infinite for ``prepare=False``.
    """

    table: pd.DataFrame
    compositions: Mapping[str, tuple[str, ...]]
    spread: Mapping[str, tuple[float, tuple[float, ...]]]
    floor: Mapping[str, float]
    clip: float

    @property
    def indicators(self) -> list[str]:
        """Indicators that take part."""
        return list(self.table.index)

    def z(
        self, matrix: pd.DataFrame, count: pd.DataFrame | None = None, base: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Areas x indicators on the z scale of the reference year, clipped; gaps stay gaps."""
        count, base = (None if frame is None else frame.reindex(matrix.index) for frame in (count, base))
        columns = {}
        for name, row in self.table.to_dict("index").items():
            raw = matrix[name].to_numpy(float)
            if row["art"] == "logit":
                raw = _logit(raw, count, base, name)
            value = (raw - row["mean"]) / row["sd"]
            if row["art"] == "yeo-johnson":
                value = (_yeo_johnson(value, row["lambda_"]) - row["mean2"]) / row["sd2"]
            columns[name] = np.clip(value, -self.clip, self.clip)
        return pd.DataFrame(columns, index=matrix.index, columns=self.table.index)

    def coordinates(
        self, matrix: pd.DataFrame, count: pd.DataFrame | None = None, base: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Areas x weighted coordinates, whose Euclidean distance compares areas; gaps stay gaps."""
        return self.weighted(self.z(matrix, count, base), matrix)

    def weighted(self, scores: pd.DataFrame, matrix: pd.DataFrame) -> pd.DataFrame:
        """Coordinates from z scores; compositions are taken from the values themselves."""
        parts = {part for group in self.compositions.values() for part in group}
        weight = np.sqrt(self.table["gewicht"])
        columns = {
            name: scores[name].to_numpy() * weight[name] for name in self.table.index if name not in parts
        }
        for name, group in self.compositions.items():
            sd, mean = self.spread[name]
            balance = _ilr(matrix[list(group)].to_numpy(float), self.floor[name])
            value = np.clip((balance - np.array(mean)) / sd, -self.clip, self.clip)
            total = np.sqrt(self.table.loc[list(group), "gewicht"].sum() / len(mean))
            for j in range(len(mean)):
                columns[f"{name}.{j + 1}"] = value[:, j] * total
        return pd.DataFrame(columns, index=matrix.index)

    def without(self, names: Sequence[str]) -> Yardstick:
        """Return a copy without some indicators; a composition goes as a whole."""
        out = set(names)
        gone = {name for name, parts in self.compositions.items() if out & set(parts)}
        out |= {part for name in gone for part in self.compositions[name]}
        kept = {name: parts for name, parts in self.compositions.items() if name not in gone}
        return replace(self, table=self.table.drop(index=list(out)), compositions=kept)

    def with_weights(self, weight: pd.Series) -> Yardstick:
        """Return a copy with other weights."""
        return replace(self, table=self.table.assign(gewicht=weight))


def _logit(raw: Floats, count: pd.DataFrame | None, base: pd.DataFrame | None, name: object) -> Floats:
    """Log odds ln((y + 1/2) / (n - y + 1/2)) where counts are known, else from the rate's gap."""
    if count is None or base is None:
        raise ParameterFehler(text("clusters.fehler.zaehler", indikator=str(name)))
    y, n = count[name].to_numpy(float), base[name].to_numpy(float)
    value = np.log((y + 0.5) / (n - y + 0.5))
    return np.where(np.isnan(raw), np.nan, value)


def _yeo_johnson(value: Floats, lam: float) -> Floats:
    """Power transformation of Yeo & Johnson (2000) for any real value; gaps stay gaps."""
    up, down = np.log1p(np.maximum(value, 0.0)), np.log1p(np.maximum(-value, 0.0))
    high = up if abs(lam) < 1e-12 else np.expm1(lam * up) / lam
    low = down if abs(2 - lam) < 1e-12 else np.expm1((2 - lam) * down) / (2 - lam)
    return np.where(np.isnan(value), np.nan, high - low)


def _ilr(parts: Floats, floor: float) -> Floats:
    """Isometric log-ratio coordinates (Egozcue et al. 2003); zeros stand at ``floor``."""
    total = np.where(parts.sum(axis=1) > 0, parts.sum(axis=1), np.nan)
    log = np.log(np.maximum(parts / total[:, None], floor))
    size = parts.shape[1]
    out = np.empty((len(parts), size - 1))
    for j in range(1, size):
        out[:, j - 1] = np.sqrt(j / (j + 1)) * (log[:, :j].mean(axis=1) - log[:, j])
    return out


def fit_yardstick(
    matrix: pd.DataFrame,
    *,
    count: pd.DataFrame | None = None,
    base: pd.DataFrame | None = None,
    scale: pd.DataFrame | None = None,
    compositions: Mapping[str, Sequence[str]] | None = None,
    transform: bool = True,
) -> Yardstick:
    """Fit scale and transformation; weights are one for every indicator.

    Rates with counts become log odds, other indicators with absolute skewness above one are put
    through Yeo & Johnson's (2000) power transformation of their z score (which makes the result
    independent of units and of polarity), then z with the population standard deviation.

    Parameters
    ----------
    matrix
        Reference areas x indicators without constant columns, NaN = gap.
    scale
        Published ``mean`` and ``sd`` per indicator; those indicators are not transformed.
    transform
        False: the values as given (mean 0, sd 1, no clipping).
    """
    groups = {str(name): tuple(parts) for name, parts in (compositions or {}).items()}
    in_group = {part for parts in groups.values() for part in parts}
    rows = {}
    for name in matrix.columns:
        raw = matrix[name].to_numpy(float)
        row = {"art": "wert", "mean": 0.0, "sd": 1.0, "lambda_": np.nan, "mean2": 0.0, "sd2": 1.0}
        if scale is not None and name in scale.index and transform:
            row |= {"mean": float(scale["mean"][name]), "sd": float(scale["sd"][name])}
        elif transform:
            if name in in_group:
                row["art"] = "anteil"
            elif is_rate(name, count, base):
                row["art"] = "logit"
                raw = _logit(raw, count, base, name)
            seen = raw[~np.isnan(raw)]
            row |= {"mean": seen.mean(), "sd": seen.std()}
            score = np.sort((seen - row["mean"]) / row["sd"])
            if row["art"] == "wert" and abs((score**3).mean()) > SKEWED:
                lam = _best_lambda(score)
                after = _yeo_johnson(score, lam)
                if np.isfinite(after).all() and after.std() > 0:
                    row |= {"art": "yeo-johnson", "lambda_": lam, "mean2": after.mean(), "sd2": after.std()}
        rows[name] = row | {"gewicht": 1.0}
    table = pd.DataFrame.from_dict(rows, orient="index").reindex(matrix.columns)
    spread, floor = {}, {}
    for name, parts in groups.items():
        values = matrix[list(parts)].to_numpy(float)
        share = values / np.where(values.sum(axis=1) > 0, values.sum(axis=1), np.nan)[:, None]
        positive = share[share > 0]
        floor[name] = 0.65 * float(positive.min()) if len(positive) else 1.0
        balance = _ilr(values, floor[name])
        balance = balance[~np.isnan(balance).any(axis=1)]
        spread[name] = (float(np.sqrt(balance.var(axis=0).mean())) or 1.0, tuple(balance.mean(axis=0)))
    return Yardstick(table, groups, spread, floor, CLIP if transform else np.inf)


def _best_lambda(score: Floats) -> float:
    """Maximum-likelihood lambda on at most 2,000 quantiles, so cost does not grow with the areas."""
    if len(score) > _QUANTILES:
        score = score[np.linspace(0, len(score) - 1, _QUANTILES).round().astype(int)]
    slope = float((np.sign(score) * np.log1p(np.abs(score))).mean())

    def misfit(lam: float) -> float:
        return 0.5 * float(np.log(_yeo_johnson(score, lam).var())) - (lam - 1) * slope

    return float(
        optimize.minimize_scalar(misfit, bounds=LAMBDAS, method="bounded", options={"xatol": 1e-6}).x
    )


def is_rate(name: object, count: pd.DataFrame | None, base: pd.DataFrame | None) -> bool:
    """Whether ``count`` of ``base`` are cases among people: both known and never more than all."""
    if count is None or base is None or name not in count.columns or name not in base.columns:
        return False
    y, n = count[name].to_numpy(float), base[name].to_numpy(float)
    known = ~(np.isnan(y) | np.isnan(n))
    return bool(known.any() and (y[known] >= 0).all() and (y[known] <= n[known]).all())


def weights(
    scores: pd.DataFrame,
    topics: pd.Series | None,
    compositions: Mapping[str, Sequence[str]],
    topic_weights: Mapping[str, float] | None = None,
) -> tuple[pd.Series, list[tuple[str, str, float]], list[tuple[str, str, float]]]:
    """Weight of every indicator in the squared distance, and the pairs that say the same.

    Every topic weighs the same (or as ``topic_weights`` says); inside a topic every *piece of
    information* weighs the same: indicators with pairwise absolute correlation above 0.9, and the
    parts of one composition, share one weight. Without topics every piece is its own topic. Pairs
    within a topic come first, pairs across topics (which keep their weights) last.
    """
    names = list(scores.columns)
    theme = None if topics is None else dict(topics)
    correlation = scores.corr(min_periods=3).to_numpy()
    alike = np.argwhere(np.triu(np.abs(correlation) > REDUNDANT, 1))
    block = {name: position for position, name in enumerate(names)}
    for parts in compositions.values():
        _merge(block, parts)
    own = {part: group for group, parts in compositions.items() for part in parts}
    pairs: list[tuple[str, str, float]] = []
    across: list[tuple[str, str, float]] = []
    for i, j in alike:
        first, second = names[i], names[j]
        if first in own and own.get(first) == own.get(second):
            continue
        together = theme is None or theme.get(first) == theme.get(second)
        (pairs if together else across).append((first, second, float(correlation[i, j])))
        if together:
            _merge(block, (first, second))
    piece = pd.Series(block)
    share = 1.0 / piece.groupby(piece).transform("size")
    topic = piece.astype(str) if theme is None else pd.Series({n: _topic(theme, n) for n in names})
    per_topic = share.groupby(topic).transform("sum")
    importance = _importance(topic, theme, topic_weights or {})
    weight = share / per_topic * importance
    return weight * len(names) / weight.sum(), pairs, across


def _importance(
    topic: pd.Series, theme: Mapping[str, object] | None, topic_weights: Mapping[str, float]
) -> pd.Series:
    """Weight of the topic of every indicator, one where none is given; refuses what makes no sense."""
    known = {str(name) for name in (theme or {}).values() if not pd.isna(name)}
    unknown = [str(name) for name in topic_weights if str(name) not in known]
    weight = topic.map(lambda name: float(topic_weights.get(name, 1.0)))
    if unknown or not (weight >= 0).all() or not 0 < weight.sum() < np.inf:
        given = {"unbekannt": ", ".join(unknown) or "–", "bekannt": ", ".join(sorted(known)) or "–"}
        raise ParameterFehler(text("clusters.fehler.themengewicht", **given))
    return weight


def _topic(theme: Mapping[str, object], name: str) -> str:
    """Topic of an indicator; one without a topic stands for itself."""
    value = theme.get(name)
    return f"\0{name}" if value is None or pd.isna(value) else str(value)


def _merge(block: dict[str, int], members: Sequence[str]) -> None:
    """Let the blocks of all ``members`` become one."""
    old = {block[name] for name in members if name in block}
    new = min(old, default=-1)
    for name, value in block.items():
        if value in old:
            block[name] = new
