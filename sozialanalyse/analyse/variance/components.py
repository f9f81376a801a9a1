"""Sums of squares and closed-form variance components, for all indicators at once.

Arrays are areas x indicators or groups x indicators; see :class:`..sample.Sample` for the gaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .sample import Floats, Sample

_STEPS = 200


@dataclass(frozen=True)
class Squares:
    """Weighted sums of squares. ``n``, ``weight``, ``mean``, ``ssb``, ``ssw``: groups x indicators."""

    n: Floats
    weight: Floats
    mean: Floats
    ssb: Floats
    ssw: Floats

    @property
    def between(self) -> Floats:
        """Sum of squares between groups, per indicator."""
        return self.ssb.sum(axis=0)

    @property
    def within(self) -> Floats:
        """Sum of squares within groups, per indicator."""
        return self.ssw.sum(axis=0)

    @property
    def eta2(self) -> Floats:
        """Share of the sum of squares between groups; missing if there is no variation."""
        return ratio(self.between, self.between + self.within)


def ratio(part: Floats, whole: Floats) -> Floats:
    """``part / whole``, missing where ``whole`` is not positive."""
    whole = np.asarray(whole, dtype=float)
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole > 0)


def squares(sample: Sample, weight: Floats | None = None) -> Squares:
    r"""Weighted decomposition of the sum of squares.

    .. math:: SSB = \sum_j W_j (\bar x_j - \bar x)^2, \quad SSW = \sum_j \sum_i w_i (x_i - \bar x_j)^2

    Without ``weight`` every known area counts once.
    """
    member = sample.member
    n = member @ sample.known.astype(float)
    w = sample.known.astype(float) if weight is None else weight
    sums = n if weight is None else member @ w
    mean = _zero_if_empty(member @ (w * sample.x), sums)
    grand = _zero_if_empty((sums * mean).sum(axis=0), sums.sum(axis=0))
    rest = sample.x - mean[sample.codes]
    return Squares(n, sums, mean, sums * (mean - grand) ** 2, member @ (w * rest * rest))


def moments(sample: Sample) -> tuple[Floats, Floats]:
    r"""Variance between and within groups by the method of moments, noise removed.

    With known sampling variances :math:`v_i` (none without noise) and weights :math:`w_i`

    .. math::
        \sigma_w^2 = \max(0, [SSW - \sum v_i w_i (1 - w_i/W_j)] / \sum w_i (1 - w_i/W_j))

    first with :math:`w_i = 1`, then with :math:`w_i = 1/(\sigma_w^2 + v_i)`. Then
    :math:`\sigma_b^2` solves, with :math:`W_j = \sum_i w_i`,

    .. math:: Q(\sigma_b^2) = \sum_j (\bar x_j - \tilde x)^2 / (\sigma_b^2 + 1/W_j) = G - 1

    and is 0 where already :math:`Q(0) \le G - 1` (Paule & Mandel 1982; DerSimonian & Kacker 2007). This
    is the Q statistic that :func:`~.intervals.noise_interval` compares with its quantiles, so the
    estimate lies in its own interval whatever the sizes of the groups.

    Returns
    -------
    between, within
        One value per indicator, in squared units of the indicator. Missing if fewer than two
        groups are known or no group has two known areas.
    """
    w = sample.known.astype(float)
    within = _within(sample, w)
    if sample.noise is not None:
        floor = 1e-12 * ratio((sample.x**2).sum(axis=0), w.sum(axis=0))
        variance = np.maximum(sample.noise + np.nan_to_num(within), np.nan_to_num(floor) + 1e-300)
        w = sample.known / variance
        # scale-free weights: only their ratios matter
        w = w / np.maximum(w.max(axis=0), 1e-300)
        within = _within(sample, w)
    return _between(sample, within), within


def _within(sample: Sample, w: Floats) -> Floats:
    found = squares(sample, w)
    own = w * (1 - w / _one_if_zero(found.weight)[sample.codes])
    noise = 0.0 if sample.noise is None else (sample.noise * own).sum(axis=0)
    free = found.n.sum(axis=0) - (found.n > 0).sum(axis=0)
    estimate = ratio(found.within - noise, np.where(free > 0, own.sum(axis=0), 0.0))
    return np.where(np.isnan(estimate), np.nan, np.maximum(estimate, 0.0))


def _between(sample: Sample, within: Floats) -> Floats:
    """Variance between groups at which Q equals its degrees of freedom."""
    noise = 0.0 if sample.noise is None else sample.noise
    scale = ratio((sample.x**2).sum(axis=0), sample.known.sum(axis=0))
    floor = 1e-12 * np.nan_to_num(scale) + 1e-300
    found = squares(sample, sample.known / np.maximum(np.nan_to_num(within) + noise, floor))
    present = found.weight > 0
    inverse = np.where(present, 1 / _one_if_zero(found.weight), 1.0)
    free = present.sum(axis=0) - 1.0
    usable = (free > 0) & ~np.isnan(within)
    between = np.zeros(len(free))
    for _ in range(_STEPS):
        w = present / (between + inverse)
        centre = ratio((w * found.mean).sum(axis=0), w.sum(axis=0))
        apart = w * (found.mean - centre) ** 2
        excess = np.where(usable, apart.sum(axis=0) - free, 0.0)
        # Q falls and is convex: steps from 0 never pass the root
        step = np.where(excess > 0, ratio(excess, (w * apart).sum(axis=0)), 0.0)
        between = between + np.nan_to_num(step)
        if (step <= 1e-13 * between).all():
            break
    return np.where(usable, between, np.nan)


def share(between: Floats, within: Floats) -> Floats:
    """``between / (between + within)``; missing where neither component is positive."""
    return ratio(between, between + within)


def _one_if_zero(a: Floats) -> Floats:
    return np.where(a > 0, a, 1.0)


def _zero_if_empty(a: Floats, weight: Floats) -> Floats:
    return np.where(weight > 0, a, 0.0) / _one_if_zero(weight)
