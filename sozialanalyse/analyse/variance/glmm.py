"""Binomial mixed model of areas in municipalities, fitted by a nested Laplace approximation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, special

from sozialanalyse.analyse._threads import single_threaded

from .components import moments
from .sample import Floats, Frame, Groups, Sample, one_column, prepare
from .scales import checked_counts, logit_values

_PERSON = np.pi**2 / 3
_QUARTILE = float(special.ndtri(0.75))


@dataclass(frozen=True, eq=False)
class GlmmResult:
    r"""Fitted model :math:`y_i \sim Bin(n_i, logit^{-1}(\beta_0 + b_j + u_i))`.

    Attributes
    ----------
    intercept
        :math:`\beta_0`, logit of the rate of a typical area of a typical group.
    sigma2_between, sigma2_within
        Variance of groups and of areas, logit scale.
    share
        ``sigma2_between / (sigma2_between + sigma2_within)``; missing if both are 0.
    vpc_person
        Part of the groups in the latent variation between persons, with :math:`\pi^2/3`.
    mor_between, mor_within
        Median odds ratios of two random groups, of two random areas of one group.
    loglik
        Laplace approximation of the log likelihood, binomial coefficients included.
    groups, areas : Series
        Conditional modes of :math:`b_j` and :math:`u_i`.
    """

    intercept: float
    sigma2_between: float
    sigma2_within: float
    loglik: float
    groups: pd.Series[Any]
    areas: pd.Series[Any]

    @property
    def share(self) -> float:
        """Between groups, of the variation between areas."""
        total = self.sigma2_between + self.sigma2_within
        return self.sigma2_between / total if total > 0 else np.nan

    @property
    def vpc_person(self) -> float:
        """Between groups, of the latent variation between persons (Goldstein et al. 2002)."""
        return self.sigma2_between / (self.sigma2_between + self.sigma2_within + _PERSON)

    @property
    def mor_between(self) -> float:
        """Median odds ratio of two random groups (Larsen & Merlo 2005)."""
        return median_odds_ratio(self.sigma2_between)

    @property
    def mor_within(self) -> float:
        """Median odds ratio of two random areas of one group."""
        return median_odds_ratio(self.sigma2_within)

    def as_row(self) -> dict[str, float]:
        """The numbers as a row of a table."""
        names = ("intercept", "sigma2_between", "sigma2_within", "share", "vpc_person")
        return {name: getattr(self, name) for name in (*names, "mor_between", "mor_within", "loglik")}


def median_odds_ratio(variance: float) -> float:
    r""":math:`\exp(\sqrt{2\sigma^2}\,\Phi^{-1}(0.75))` of a variance on the logit scale."""
    return float(np.exp(np.sqrt(2 * variance) * _QUARTILE))


def glmm(count: Frame, base: Frame, groups: Groups) -> GlmmResult:
    r"""Binomial mixed model with a random effect of the group and of every area.

    The effect of the area is always part of the model: without it the group variance absorbs the
    scatter of the areas. Intercept and the two standard deviations maximise the Laplace
    approximation of the likelihood (as ``glmer(..., nAGQ = 1)`` of lme4); the conditional modes are
    found by Newton steps whose arrow-shaped Hessian is solved in linear time.

    Parameters
    ----------
    count, base : Series
        Cases and persons per area; areas with a gap or without persons take no part.
    groups : Series
        Group of every area.

    Returns
    -------
    GlmmResult

    Notes
    -----
    If no area (or every person) is a case, the intercept is infinite and the variances are 0.
    """
    cases, persons = (one_column(part, "y", groups).to_frame() for part in (count, base))
    return fit_all(*checked_counts(cases, persons), groups)["y"]


@single_threaded
def fit_all(cases: pd.DataFrame, persons: pd.DataFrame, groups: Groups) -> dict[Any, GlmmResult]:
    """One model per column of checked cases and persons."""
    y_logit, noise = logit_values(cases, persons)
    sample = prepare(y_logit, groups, None, noise)
    parts = [np.sqrt(np.nan_to_num(part)) for part in moments(sample)]
    y, n = (frame.loc[sample.areas].to_numpy() for frame in (cases, persons))
    return {
        name: _fit(sample, at, y[:, at], n[:, at], float(parts[0][at]), float(parts[1][at]))
        for at, name in enumerate(sample.indicators)
    }


def _fit(sample: Sample, at: int, y: Floats, n: Floats, between: float, within: float) -> GlmmResult:
    known = sample.known[:, at]
    areas, y, n = sample.areas[known], y[known], n[known]
    codes, labels = pd.factorize(sample.groups[sample.codes[known]])
    if not len(y) or y.sum() in (0, n.sum()):
        intercept = np.nan if not len(y) else (-np.inf if y.sum() == 0 else np.inf)
        empty = pd.Series(0.0, index=pd.Index(labels)), pd.Series(0.0, index=areas)
        return GlmmResult(intercept, 0.0, 0.0, np.nan if not len(y) else 0.0, *empty)
    model = _Laplace(y, n, codes, len(labels))
    best = model.fit(np.array([special.logit(y.sum() / n.sum()), between, within]))
    value, _ = model.evaluate(best)
    b, u = model.modes
    return GlmmResult(
        intercept=float(best[0]),
        sigma2_between=float(best[1] ** 2),
        sigma2_within=float(best[2] ** 2),
        loglik=float(value),
        groups=pd.Series(best[1] * b, index=pd.Index(labels)),
        areas=pd.Series(best[2] * u, index=areas),
    )


class _Laplace:
    """Laplace approximation in spherical effects, so that a variance of 0 is an ordinary point."""

    def __init__(self, y: Floats, n: Floats, codes: NDArray[np.intp], groups: int) -> None:
        self.y, self.n, self.codes, self.groups = y, n, codes, groups
        self.constant = float(
            (special.gammaln(n + 1) - special.gammaln(y + 1) - special.gammaln(n - y + 1)).sum()
        )
        self.modes = np.zeros(groups), np.zeros(len(y))

    def _sum(self, a: Floats) -> Floats:
        return np.bincount(self.codes, a, minlength=self.groups)

    def _joint(self, theta: Floats, b: Floats, u: Floats) -> float:
        eta = theta[0] + theta[1] * b[self.codes] + theta[2] * u
        fit = self.y @ eta - self.n @ np.logaddexp(0, eta)
        return float(fit - 0.5 * (b @ b) - 0.5 * (u @ u))

    def evaluate(self, theta: Floats) -> tuple[float, Floats]:
        """Log likelihood and its gradient; the conditional modes start from those of the last call."""
        b, u = self.modes = self._find_modes(theta)
        sb, su = theta[1], theta[2]
        eta = theta[0] + sb * b[self.codes] + su * u
        p = special.expit(eta)
        rest, weight = self.y - self.n * p, self.n * p * (1 - p)
        own = 1 + su**2 * weight
        by_group = self._sum(weight / own)
        schur = 1 + sb**2 * by_group
        logdet = np.log(own).sum() + np.log(schur).sum()
        value = self._joint(theta, b, u) + self.constant - 0.5 * float(logdet)
        # the determinant moves with the parameters and, through the weights, with the modes
        pull = (sb**2 / schur)[self.codes]
        by_eta = weight * (1 - 2 * p) * (su**2 / own + pull / own**2)
        explicit = np.array(
            [0.0, (2 * sb * by_group / schur).sum(), (2 * su * weight * (own - pull * weight) / own**2).sum()]
        )
        direct = np.stack([np.ones_like(u), b[self.codes], u])
        gradient = direct @ rest - 0.5 * explicit
        direct[2] += su * rest
        for at, moved in enumerate(direct):
            step = -sb * self._sum(weight * moved / own) + (self._sum(rest) if at == 1 else 0.0)
            gradient[at] -= 0.5 * float(by_eta @ ((moved + sb * (step / schur)[self.codes]) / own))
        return value, gradient

    def _find_modes(self, theta: Floats) -> tuple[Floats, Floats]:
        """Conditional modes of the spherical effects by Newton steps with halving."""
        sb, su = theta[1], theta[2]
        b, u = self.modes
        value = self._joint(theta, b, u)
        for _ in range(100):
            eta = theta[0] + sb * b[self.codes] + su * u
            p = special.expit(eta)
            rest, weight = self.y - self.n * p, self.n * p * (1 - p)
            own = 1 + su**2 * weight
            grad_u, grad_b = su * rest - u, sb * self._sum(rest) - b
            schur = 1 + sb**2 * self._sum(weight / own)
            step_b = (grad_b - sb * su * self._sum(weight * grad_u / own)) / schur
            step_u = (grad_u - sb * su * weight * step_b[self.codes]) / own
            length, gain = 1.0, max(np.abs(step_b).max(), np.abs(step_u).max())
            for _ in range(20):
                new = self._joint(theta, b + length * step_b, u + length * step_u)
                if new >= value - 1e-9 * abs(value):
                    break
                length /= 2
            b, u, value = b + length * step_b, u + length * step_u, new
            if gain < 1e-7:  # Newton steps converge quadratically: the next one would be below 1e-12
                break
        return b, u

    def fit(self, start: Floats) -> Floats:
        """Maximum over intercept and the two standard deviations.

        A standard deviation of 0 is a stationary point, so a search that ends there is repeated from
        elsewhere.
        """
        found = []
        for first in (start, np.array([start[0], 0.5, 0.5])):
            self.modes = np.zeros(self.groups), np.zeros(len(self.y))
            found.append(
                optimize.minimize(
                    lambda theta: tuple(-part for part in self.evaluate(theta)),
                    np.maximum(first, [-np.inf, 0.05, 0.05]),
                    method="L-BFGS-B",
                    jac=True,
                    bounds=[(None, None), (0, None), (0, None)],
                    options={"ftol": 1e-14, "gtol": 1e-7, "maxiter": 200},
                )
            )
            if found[0].x[1:].min() > 1e-3:
                break
        return min(found, key=lambda one: one.fun).x
