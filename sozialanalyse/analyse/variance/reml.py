"""Likelihood estimators of the variance components, vectorised over indicators."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import optimize

from sozialanalyse.analyse._threads import single_threaded

from .components import moments, ratio, share, squares
from .sample import Floats, Frame, Groups, Sample, prepare

_ITERATIONS = 60


def profile_icc(sample: Sample, *, restricted: bool = True) -> Floats:
    r"""Intraclass correlation by exact profile (restricted) maximum likelihood.

    One-dimensional search over :math:`\rho = \lambda/(1+\lambda)`, :math:`\lambda =
    \sigma_b^2/\sigma_w^2`, for the minimum of

    .. math:: \tfrac12 [ (N-1)\ln\frac{Q(\lambda)}{N-1} + \sum_j \ln(1+\lambda n_j)
              + \ln \sum_j \frac{n_j}{1+\lambda n_j} ], \quad
              Q = SSW + \sum_j \frac{n_j}{1+\lambda n_j} (\bar x_j - \hat\mu)^2

    (Searle, Casella & McCulloch 1992, ch. 6). The boundary 0 is part of the search, so there is no
    wrong local solution and nothing to converge. Maximum likelihood has N for N - 1 and no last term.
    """
    found = squares(sample)
    n, within, total = found.n, found.within, found.n.sum(axis=0)
    free = total - 1 if restricted else total

    def parts(rho: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        lam = (rho / (1 - rho))[:, None, :]
        precision = n / (1 + lam * n)
        centre = ratio((precision * found.mean).sum(axis=1), precision.sum(axis=1))[:, None, :]
        apart = (found.mean - centre) ** 2
        return lam, precision, apart, np.maximum(within + (precision * apart).sum(axis=1), 1e-300)

    def deviance(rho: Floats) -> Floats:
        lam, precision, _, q = parts(rho)
        value = free * np.log(q) + np.log1p(lam * n).sum(axis=1)
        return value + (np.log(precision.sum(axis=1)) if restricted else 0.0)

    def slope(rho: Floats) -> Floats:
        _, precision, apart, q = parts(rho)
        rising = precision.sum(axis=1) - free * (precision**2 * apart).sum(axis=1) / q
        return rising - (ratio((precision**2).sum(axis=1), precision.sum(axis=1)) if restricted else 0.0)

    usable = _usable(sample) & (within > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = _lowest(deviance, slope, n.shape[1])
    perfect = _usable(sample) & (within <= 0) & (found.between > 0)
    return np.where(usable, rho, np.where(perfect, 1.0, np.nan))


def _usable(sample: Sample) -> np.ndarray:
    """Indicators with two groups and at least one group of two areas, not constant."""
    n = sample.member @ sample.known.astype(float)
    groups = (n > 0).sum(axis=0)
    return (groups > 1) & (n.sum(axis=0) > groups) & (np.abs(sample.x).max(axis=0, initial=0.0) > 0)


def _lowest(function: Callable[[Floats], Floats], slope: Callable[[Floats], Floats], columns: int) -> Floats:
    """Minimum of ``function`` over [0, 1) per column: grid, finer grid, then bisection of the slope."""
    low, high = np.zeros(columns), np.full(columns, 1 - 1e-10)
    everywhere = np.arange(columns)
    for points in (65, 17):
        grid = low + np.linspace(0, 1, points)[:, None] * (high - low)
        best = np.nanargmin(np.nan_to_num(function(grid), nan=np.inf), axis=0)
        low = grid[np.maximum(best - 1, 0), everywhere]
        high = grid[np.minimum(best + 1, points - 1), everywhere]
    border = (low == 0) & (slope(low[None])[0] >= 0)
    for _ in range(45):
        middle = (low + high) / 2
        rising = slope(middle[None])[0] > 0
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    return np.where(border, 0.0, (low + high) / 2)


@np.errstate(divide="ignore", invalid="ignore")
def known_noise_reml(sample: Sample) -> tuple[Floats, Floats]:
    r"""REML of the two components with known sampling variances (three-level meta-analysis).

    .. math:: -2\ell_R = \sum_i \ln(\sigma_w^2+v_i) + \sum_j \ln(1+\sigma_b^2 W_j) + \ln\sum_j A_j
              + \sum_i w_i (x_i-\bar x_j)^2 + \sum_j A_j(\bar x_j-\hat\mu)^2

    with :math:`w_i = 1/(\sigma_w^2+v_i)` and :math:`A_j = W_j/(1+\sigma_b^2 W_j)`; the model of
    ``rma.mv`` in metafor (Viechtbauer 2010). Average-information steps (Gilmour, Thompson & Cullis
    1995) with step halving, all indicators at once, started from the moments; a column that has not
    come to rest is finished by bounded quasi-Newton.

    Returns
    -------
    between, within
        One value per indicator.
    """
    start_between, start_within = moments(sample)
    scale = ratio((sample.x**2).sum(axis=0), sample.known.sum(axis=0))
    usable = _usable(sample) & ~np.isnan(start_between) & ~np.isnan(start_within)
    scale = np.where(usable, scale, 1.0)
    theta = np.stack([np.nan_to_num(start_between), np.nan_to_num(start_within)])
    theta = np.maximum(theta, 1e-3 * scale)
    model = _NoiseModel(sample, scale)
    value = model.deviance(theta)
    resting = np.zeros(len(scale), dtype=bool)
    for _ in range(_ITERATIONS):
        step = model.step(theta)
        length = np.ones(len(scale))
        for _ in range(12):
            trial = np.maximum(theta + length * step, 0.0)
            new = model.deviance(trial)
            worse = new > value + 1e-12 * np.abs(value)
            if not worse.any():
                break
            length = np.where(worse, length / 4, length)
        trial = np.where(worse, theta, trial)
        moved = np.abs(trial - theta).max(axis=0)
        resting = moved <= 1e-8 * scale
        theta, value = trial, np.where(worse, value, new)
        if (resting | ~usable).all():
            break
    for column in np.flatnonzero(usable & ~resting):
        theta[:, column] = model.finish(theta[:, column], int(column))
    between, within = np.where(usable, theta, np.nan)
    return between, within


class _NoiseModel:
    """Restricted likelihood of a nested model with known sampling variances."""

    def __init__(self, sample: Sample, scale: Floats) -> None:
        self.sample, self.scale, self.member = sample, scale, sample.member
        self.noise = np.zeros_like(sample.x) if sample.noise is None else sample.noise
        self.floor = 1e-10 * scale

    def _weights(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        variance = np.maximum(self.noise + theta[1], self.floor)
        w = self.sample.known / variance
        sums = self.member @ w
        return w, sums, sums / (1 + theta[0] * sums)

    def mean(self, theta: Floats) -> Floats:
        """Generalised least squares mean of the centred values."""
        w, sums, shrunk = self._weights(theta)
        mean = (self.member @ (w * self.sample.x)) / np.where(sums > 0, sums, 1.0)
        return (shrunk * mean).sum(axis=0) / shrunk.sum(axis=0)

    def deviance(self, theta: Floats) -> Floats:
        """Minus twice the restricted log likelihood, up to a constant."""
        w, sums, shrunk = self._weights(theta)
        code, x = self.sample.codes, self.sample.x
        mean = (self.member @ (w * x)) / np.where(sums > 0, sums, 1.0)
        mu = (shrunk * mean).sum(axis=0) / shrunk.sum(axis=0)
        logs = np.log(np.where(self.sample.known, w, 1.0)).sum(axis=0)
        rest = x - mean[code]
        return (
            -logs
            + np.log1p(theta[0] * sums).sum(axis=0)
            + np.log(shrunk.sum(axis=0))
            + (w * rest * rest).sum(axis=0)
            + (shrunk * (mean - mu) ** 2).sum(axis=0)
        )

    def step(self, theta: Floats) -> Floats:
        """Average-information step towards the maximum, inactive at the boundary."""
        w, sums, shrunk = self._weights(theta)
        code, x, known = self.sample.codes, self.sample.x, self.sample.known
        ones = w * (shrunk / np.where(sums > 0, sums, 1.0))[code]
        total = shrunk.sum(axis=0)
        lent = theta[0] / (1 + theta[0] * sums)

        def project(u: Floats) -> Floats:
            solved = w * u
            solved -= w * (lent * (self.member @ solved))[code]
            return solved - ones * (np.einsum("ip,ip->p", ones, u) / total)

        r = project(x)
        by_group = (self.member @ r)[code] * known
        ahead_between, ahead_within = project(by_group), project(r)
        trace_between = total - (shrunk**2).sum(axis=0) / total
        squared = self.member @ (w * w)
        trace_within = (
            w.sum(axis=0) - (lent * squared).sum(axis=0) - np.einsum("ip,ip->p", ones, ones) / total
        )
        score_between = 0.5 * (np.einsum("ip,ip->p", r, by_group) - trace_between)
        score_within = 0.5 * (np.einsum("ip,ip->p", r, r) - trace_within)
        a = 0.5 * np.einsum("ip,ip->p", by_group, ahead_between)
        b = 0.5 * np.einsum("ip,ip->p", by_group, ahead_within)
        c = 0.5 * np.einsum("ip,ip->p", r, ahead_within)
        fixed_between = (theta[0] <= 0) & (score_between <= 0)
        fixed_within = (theta[1] <= 0) & (score_within <= 0)
        b = np.where(fixed_between | fixed_within, 0.0, b)
        ridge = 1e-12
        a, c = a * (1 + ridge) + 1e-300, c * (1 + ridge) + 1e-300
        det = a * c - b * b
        bad = det <= 1e-10 * a * c
        b, det = np.where(bad, 0.0, b), np.where(bad, a * c, det)
        step_between = np.where(fixed_between, 0.0, (c * score_between - b * score_within) / det)
        step_within = np.where(fixed_within, 0.0, (a * score_within - b * score_between) / det)
        limit = np.maximum(3 * theta.max(axis=0), self.scale)
        return np.clip(np.stack([step_between, step_within]), -limit, limit)

    def finish(self, theta: Floats, column: int) -> Floats:
        one = _NoiseModel(self.sample.take(np.array([column])), self.scale[[column]])
        unit = self.scale[column]

        def objective(scaled: Floats) -> float:
            return float(one.deviance((scaled * unit)[:, None])[0])

        found = optimize.minimize(
            objective, theta / unit, method="L-BFGS-B", bounds=[(0, None)] * 2, options={"ftol": 1e-14}
        )
        return found.x * unit


@single_threaded
def reml_known_variance(y: Frame, groups: Groups, sampling_variance: Frame) -> pd.DataFrame:
    """Variance between and within groups by REML, given the sampling variance of every area.

    Parameters
    ----------
    y
        Areas, or areas x indicators, in any unit; missing values are gaps.
    groups
        Group of every area, same areas.
    sampling_variance
        Variance of the estimation error of every area, in squared units of ``y``.

    Returns
    -------
    DataFrame
        One row per indicator: ``mean`` (generalised least squares), ``sigma2_between``,
        ``sigma2_within`` (squared units of ``y``), ``share``.
    """
    sample = prepare(y, groups, None, sampling_variance)
    between, within = known_noise_reml(sample)
    _, sums, shrunk = _NoiseModel(sample, np.ones(len(between)))._weights(
        np.nan_to_num(np.stack([between, within]))
    )
    w = _NoiseModel(sample, np.ones(len(between)))._weights(np.nan_to_num(np.stack([between, within])))[0]
    mean = (sample.member @ (w * sample.x)) / np.where(sums > 0, sums, 1.0)
    centre = sample.centre + ratio((shrunk * mean).sum(axis=0), shrunk.sum(axis=0))
    return pd.DataFrame(
        {
            "mean": np.where(np.isnan(between), np.nan, centre),
            "sigma2_between": between,
            "sigma2_within": within,
            "share": share(between, within),
        },
        index=sample.indicators,
    )
