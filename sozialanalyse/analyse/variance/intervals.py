"""Confidence intervals of the share between groups that hold with ten groups.

A bootstrap of groups is no substitute: with ten groups it covers about 75 instead of 95 percent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from .components import Squares, ratio, squares
from .sample import Floats, Sample

_HALVINGS = 50
WIDE = 0.85
"""An interval at least this wide leaves open where the differences lie."""


def wald_interval(found: Squares, alpha: float) -> tuple[Floats, Floats]:
    r"""Exact interval of the intraclass correlation in the unbalanced one-way random model.

    Solves :math:`F(\lambda) = \sum_j w_j(\bar x_j-\tilde x)^2 / ((G-1) MSW) = F_{1-\alpha/2}` and
    :math:`F_{\alpha/2}` with G - 1 and N - G degrees of freedom, :math:`w_j = n_j/(1+\lambda n_j)`
    (Wald 1940; Harville & Fenech 1985).

    Returns
    -------
    low, high
        Between 0 and 1, per indicator; missing if undefined.
    """
    free = found.n.sum(axis=0) - (found.n > 0).sum(axis=0)
    msw = ratio(found.within, np.where(found.within > 0, free, 0.0))
    return _invert(found.mean, found.n, np.ones_like(found.n), msw, free, alpha)


def noise_test(sample: Sample) -> Floats:
    r"""p of the homogeneity of all areas: is there anything beyond the noise?

    :math:`Q = \sum_i (x_i - \tilde x)^2 / v_i` with weights :math:`1/v_i` against :math:`\chi^2_{N-1}`
    (Cochran 1954); for rates with pooled noise Pearson's test of equal rates. Missing without noise.
    """
    if sample.noise is None:
        return np.full(len(sample.indicators), np.nan)
    noisy = sample.known & (sample.noise > 0)
    w = np.where(noisy, 1 / np.where(noisy, sample.noise, 1.0), 0.0)
    centre = ratio((w * sample.x).sum(axis=0), w.sum(axis=0))
    q = (w * (sample.x - np.nan_to_num(centre)) ** 2).sum(axis=0)
    free = noisy.sum(axis=0) - 1.0
    return np.where(free > 0, special.chdtrc(np.maximum(free, 1.0), q), np.nan)


def decidable(table: pd.DataFrame | pd.Series[Any], alpha: float) -> Any:
    """Whether the rows of a result (or the one given) tell anything about where the differences lie.

    Not if no share is defined, if nothing varies beyond the noise (``p_noise`` above ``alpha``), or if
    the interval of the share covers nearly everything (:data:`WIDE`).
    """
    wide = table["share_high"] - table["share_low"] >= WIDE
    return pd.notna(table["share_structural"]) & np.logical_not(wide | (table["p_noise"] > alpha))


def noise_interval(sample: Sample, within: Floats, alpha: float) -> tuple[Floats, Floats]:
    r"""Q-profile interval of the structural share with F quantiles.

    Like :func:`wald_interval` with the precisions :math:`W_j = \sum_i w_i = \sum_i 1/(\sigma_w^2 +
    v_i)` in place of :math:`n_j/\sigma_w^2`: the generalised Q statistic of Viechtbauer (2007),
    compared with :math:`(G-1) F` instead of :math:`\chi^2_{G-1}` because :math:`\sigma_w^2` is
    estimated. Its relative error is larger than that of a plain variance, since noise was
    subtracted. The second degrees of freedom are therefore those of Satterthwaite (1946) for the
    variance of a group mean,

    .. math:: \nu(\lambda) = \frac{\sigma_w^4 \sum_i w_i^2 (1 - w_i/W_j)}{\bar D(\lambda)^2}, \quad
              D_j = \frac{\lambda + \sum_i w_i^2/W_j^2}{\lambda + 1/(\sigma_w^2 W_j)}

    Without noise :math:`\nu = N - G` and the interval is Wald's. If nothing is left of
    :math:`\sigma_w^2` after the noise, its upper limit takes its place for the lower end and the
    upper end is 1.
    """
    if sample.noise is None:
        return wald_interval(squares(sample), alpha)
    nothing = within <= 0
    if nothing.any():
        within = within.copy()
        within[nothing] = _upper_within(sample.take(np.flatnonzero(nothing)), alpha)
    low, high = _noisy(sample, within, alpha)
    return low, np.where(nothing & ~np.isnan(low), 1.0, high)


def _noisy(sample: Sample, within: Floats, alpha: float) -> tuple[Floats, Floats]:
    usable = within > 0
    precision = sample.known / (np.where(usable, within, 1.0) + np.asarray(sample.noise))
    found = squares(sample, precision)
    member = sample.member
    total = np.where(found.weight > 0, found.weight, 1.0)
    free = (precision**2 * (1 - precision / total[sample.codes])).sum(axis=0) * within**2
    kept = (member @ precision**2) / total * np.where(usable, within, np.nan)
    unit = np.where(usable, within, np.nan)
    return _invert(found.mean, found.weight * unit, kept, unit, free, alpha)


def _upper_within(sample: Sample, alpha: float) -> Floats:
    """Upper limit of the variance within: the generalised Q statistic at its lower quantile."""
    n = sample.member @ sample.known.astype(float)
    free = n.sum(axis=0) - (n > 0).sum(axis=0)
    quantile = special.chdtri(np.maximum(free, 1), 1 - alpha / 2)
    low, high = np.zeros(len(free)), (sample.x**2).sum(axis=0) / np.maximum(quantile, 1e-12)
    noise = np.asarray(sample.noise)
    floor = 1e-12 * high + 1e-300
    for _ in range(_HALVINGS // 2):
        middle = (low + high) / 2
        q = squares(sample, sample.known / np.maximum(middle + noise, floor)).within
        low, high = np.where(q > quantile, middle, low), np.where(q > quantile, high, middle)
    return np.where(free > 0, high, np.nan)


def _invert(
    mean: Floats, size: Floats, kept: Floats, scale: Floats, free: Floats, alpha: float
) -> tuple[Floats, Floats]:
    """Shares at which the F ratio of the group means reaches its quantiles.

    ``size``: precision of the group means times ``scale``, the variance within; ``kept``: part of
    that variance which moves with ``scale``; ``free``: its degrees of freedom.
    """
    present = size > 0
    groups = present.sum(axis=0)
    first = groups - 1.0
    usable = (first > 0) & (free > 0) & (scale > 0)
    first, free = np.where(usable, first, 1.0), np.where(usable, free, 1.0)
    inverse = np.where(present, 1 / np.where(present, size, 1.0), 1.0)

    def tail(rho: Floats) -> Floats:
        lam = (rho / (1 - rho))[:, None, :]
        variance = lam + inverse
        w = present / variance
        centre = (w * mean).sum(axis=1) / w.sum(axis=1)
        f = (w * (mean - centre[:, None, :]) ** 2).sum(axis=1) / (first * scale)
        moving = (present * (lam + kept * inverse) / variance).sum(axis=1) / np.maximum(groups, 1)
        return special.fdtrc(first, free / moving**2, f)

    level = np.array([[alpha / 2], [1 - alpha / 2]])
    low, high = np.zeros((2, len(scale))), np.full((2, len(scale)), 1 - 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        zero = tail(low) >= level
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            below = tail(middle) < level
            low, high = np.where(below, middle, low), np.where(below, high, middle)
    root = np.where(usable, np.where(zero, 0.0, (low + high) / 2), np.nan)
    return root[0], root[1]
