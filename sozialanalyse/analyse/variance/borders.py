"""Do values jump at the borders of the groups, or only change from place to place as maps do?

The borders stay as they are; what is drawn are maps without borders. For each indicator the smooth
map that fits it best is found by restricted maximum likelihood: places near one another are alike
as far as the data say, with variation of their own on top. The statistic is the score of one more
variance component, the groups (Rao 1948; Breusch & Pagan 1980), in that map. Smooth change, also a
slope over the whole region, is part of the map and is not taken for a border.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from .sample import SEED, Floats, Sample

_REACH = (0.08, 0.13, 0.2, 0.3, 0.45, 0.67, 1.0, 1.6, 2.5)
"""Ranges of rough maps, in root mean square distances of the areas; with wider steps borders are found too often."""
_REACH_SMOOTH = (
    0.15, 0.2, 0.25, 0.3, 0.36, 0.42, 0.48, 0.54, 0.6, 0.68, 0.78, 0.9, 1.05, 1.25, 1.6, 2.1, 3.0,
)  # fmt: skip
_RATIO = np.geomspace(0.15, 1e8, 14)
"""Variance of the smooth part over that of the areas' own."""
_PENALTY = 3.0
"""A smooth part is assumed only if it improves twice the log likelihood by more (one more parameter)."""
_DRAWS = 1999
_CALIBRATED = 0.25
"""Larger p values are left as they are: no statement hangs on them."""
_MOST = 650
"""With more areas a random part of them is examined; the test holds, it finds a little less."""
_LEAST = 4
_GAPS = 0.3
"""Up to this share of gaps a missing value is taken from the nearest areas; with more, the areas are left out."""
_NEAREST = 4


def border_null(sample: Sample, places: pd.DataFrame) -> tuple[Floats, Floats]:
    r"""p value of the borders, and the share between groups that a map without borders would show.

    Let :math:`V = \tau K + I` be the covariance of the fitted map (:math:`K` exponential, Matérn 3/2 or
    Gaussian), :math:`Z` the groups and :math:`r` the values about their mean. Then
    :math:`T = |Z'V^{-1}r|^2 / r'V^{-1}r` is compared with its distribution under :math:`V`, a ratio of
    sums of :math:`\chi^2_1`. Because :math:`V` is estimated, small p values are corrected by the
    mean and deviation of their normal quantiles in fields drawn from :math:`V` and fitted alike.

    Parameters
    ----------
    sample
        Areas x indicators.
    places
        One row per area, two columns: a point in the area, in any unit of length; NaN where unknown.

    Returns
    -------
    p, expected
        Per indicator; missing with fewer than four areas or two groups, and without variation.
    """
    point = places.reindex(sample.areas).to_numpy(dtype=float)
    placed = np.flatnonzero(np.isfinite(point).all(axis=1))
    if len(placed) > _MOST:
        placed = np.sort(np.random.default_rng(SEED).choice(placed, _MOST, replace=False))
    width = len(sample.indicators)
    p, expected = np.full(width, np.nan), np.full(width, np.nan)
    for rows, columns in _patterns(sample.known[placed]):
        here = placed[rows]
        codes = np.unique(sample.codes[here], return_inverse=True)[1]
        if len(here) < _LEAST or codes.max() < 1 or codes.max() + 1 == len(here):
            continue
        values = _filled(sample.x[np.ix_(here, columns)], sample.known[np.ix_(here, columns)], point[here])
        moving = values.std(axis=0) > 0
        if moving.any() and np.ptp(point[here], axis=0).max() > 0:
            maps = _Maps.of(point[here], codes)
            p[columns[moving]], expected[columns[moving]] = maps.test(values[:, moving])
    return p, expected


def _patterns(known: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows and indicators examined together: all rows where gaps are few, else those with a value."""
    few = known.mean(axis=0) >= 1 - _GAPS
    if few.any():
        yield np.arange(len(known)), np.flatnonzero(few)
    for column in np.flatnonzero(~few):
        yield np.flatnonzero(known[:, column]), np.array([column])


def _filled(values: Floats, known: NDArray[np.bool_], point: Floats) -> Floats:
    """Gaps taken from the nearest known areas, whatever their group; centred."""
    values = values.copy()
    for column in np.flatnonzero(~known.all(axis=0)):
        have, lack = np.flatnonzero(known[:, column]), np.flatnonzero(~known[:, column])
        apart = ((point[lack][:, None] - point[have][None]) ** 2).sum(axis=2)
        near = np.argsort(apart, axis=1, kind="stable")[:, :_NEAREST]
        values[lack, column] = values[have[near], column].mean(axis=1)
    return values - values.mean(axis=0)


def _kernels(point: Floats) -> Iterator[Floats]:
    """Correlation of the smooth part by distance, from rough and local to smooth and wide."""
    apart = np.sqrt(((point[:, None] - point[None]) ** 2).sum(axis=2))
    unit = np.sqrt((apart**2).mean())
    for reach in _REACH:
        h = apart / (reach * unit)
        yield np.exp(-h)
        h3 = np.sqrt(3) * h
        yield (1 + h3) * np.exp(-h3)
    for reach in _REACH_SMOOTH:
        yield np.exp(-((apart / (reach * unit)) ** 2) / 2)


@dataclass
class _Maps:
    """Maps without borders over the same places, each in the basis in which it is independent.

    ``basis`` kernels x contrasts x contrasts, ``precision`` kernels x ratios x contrasts, ``logs`` their
    log determinants, ``group`` kernels x groups x contrasts; ``contrast`` areas x contrasts (mean removed).
    A model is the number of kernel and ratio, -1 for values without any smooth part.
    """

    contrast: Floats
    basis: Floats
    precision: Floats
    logs: Floats
    group: Floats
    member: Floats
    chances: tuple[Floats, Floats]
    nulls: dict[int, Floats] = field(default_factory=dict)
    moved: dict[int, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, point: Floats, codes: NDArray[np.intp]) -> _Maps:
        n = len(point)
        start = np.eye(n)
        start[:, 0] = 1.0
        contrast = np.linalg.qr(start)[0][:, 1:]
        spectrum, basis = [], []
        for kernel in _kernels(point):
            values, vectors = np.linalg.eigh(contrast.T @ kernel @ contrast)
            spectrum.append(np.maximum(values, 0.0))
            basis.append(vectors)
        variance = _RATIO[None, :, None] * np.array(spectrum)[:, None, :] + 1
        member = np.eye(codes.max() + 1)[codes].T
        group = np.einsum("gi,kij->kgj", member @ contrast, np.array(basis))
        rng = np.random.default_rng(SEED)
        count = len(member)
        chances = rng.chisquare(1, (_DRAWS, count)), rng.chisquare(max(n - 1 - count, 1), _DRAWS)
        logs = np.log(variance).sum(axis=2)
        return cls(contrast, np.array(basis), 1 / variance, logs, group, member, chances)

    def test(self, values: Floats) -> tuple[Floats, Floats]:
        """p and expected share between groups for centred columns."""
        y = self.contrast.T @ values
        models = self._fit(y)
        p = self._raw(y, models)
        small = p <= _CALIBRATED
        for model in np.unique(models[small]):
            at = small & (models == model)
            mean, deviation = self._moved(int(model))
            p[at] = special.ndtr((special.ndtri(p[at]) + mean) / deviation)
        shares = {int(model): self._share(int(model)) for model in np.unique(models)}
        return p, np.array([shares[int(model)] for model in models])

    def _fit(self, y: Floats) -> NDArray[np.intp]:
        """Most likely map of each column of contrasts."""
        free, columns = len(y), np.arange(y.shape[1])
        best = free * np.log(np.maximum((y**2).sum(axis=0), 1e-300)) - _PENALTY
        models = np.full(len(columns), -1)
        for kernel, (basis, precision) in enumerate(zip(self.basis, self.precision, strict=True)):
            squares = np.maximum(precision @ ((basis.T @ y) ** 2), 1e-300)
            deviance = free * np.log(squares) + self.logs[kernel][:, None]
            ratio = deviance.argmin(axis=0)
            better = deviance[ratio, columns] < best
            best = np.where(better, deviance[ratio, columns], best)
            models = np.where(better, kernel * len(_RATIO) + ratio, models)
        return models

    def _model(self, model: int) -> tuple[Floats, Floats, Floats]:
        """Precision, basis and groups of a model."""
        if model < 0:
            return np.ones(len(self.basis[0])), self.basis[0], self.group[0]
        kernel, ratio = divmod(model, len(_RATIO))
        return self.precision[kernel, ratio], self.basis[kernel], self.group[kernel]

    def _raw(self, y: Floats, models: NDArray[np.intp]) -> Floats:
        """p of the score statistic as if the map were known."""
        p = np.empty(y.shape[1])
        for model in np.unique(models):
            at = models == model
            precision, basis, group = self._model(int(model))
            u = basis.T @ y[:, at]
            whole = (u**2 * precision[:, None]).sum(axis=0)
            score = ((group @ (u * precision[:, None])) ** 2).sum(axis=0) / whole
            null = self._null(int(model))
            above = len(null) - np.searchsorted(null, score * (1 - 1e-12))
            p[at] = (1 + above) / (len(null) + 2)
        return p

    def _null(self, model: int) -> Floats:
        if model not in self.nulls:
            precision, _, group = self._model(model)
            weight = np.linalg.eigvalsh((group * precision) @ group.T)
            ones, rest = self.chances
            self.nulls[model] = np.sort((ones @ weight) / (ones.sum(axis=1) + rest))
        return self.nulls[model]

    def _moved(self, model: int) -> tuple[float, float]:
        """Mean and deviation of the normal quantiles of p (upper tail) where the map has no borders."""
        if model not in self.moved:
            precision, basis, _ = self._model(model)
            draws = int(np.clip(20_000 // len(precision), 40, 200))
            noise = np.random.default_rng([SEED, model + 1]).normal(size=(len(precision), draws))
            y = basis @ (noise / np.sqrt(precision)[:, None])
            quantile = special.ndtri(1 - self._raw(y, self._fit(y)))
            self.moved[model] = float(quantile.mean()), float(quantile.std(ddof=1))
        return self.moved[model]

    def _share(self, model: int) -> float:
        """Share of the sum of squares between the groups expected of the map."""
        precision, _, group = self._model(model)
        sizes = self.member.sum(axis=1)
        return float(((group**2 / precision).sum(axis=1) / sizes).sum() / (1 / precision).sum())
