"""The checked input of a decomposition as plain arrays: areas x indicators, gaps marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[Any]
"""Numbers, areas x indicators unless said otherwise."""
Frame: TypeAlias = pd.Series | pd.DataFrame
SEED = 20240613
"""Seed of all draws unless another is given."""
_DUST = 1e-13
"""Relative size of differences that are rounding errors of the number format."""


@dataclass(frozen=True)
class Sample:
    """Areas (rows, sorted by their id) x indicators (columns).

    ``x`` is centred at the mean of each indicator and 0 where ``known`` is False. ``weight`` and
    ``noise`` (sampling variance) are 0 there as well; None stands for "all equal" and "none".
    """

    areas: pd.Index
    indicators: pd.Index
    groups: pd.Index
    codes: NDArray[np.intp]
    x: Floats
    centre: Floats
    known: NDArray[np.bool_]
    weight: Floats | None
    noise: Floats | None

    @cached_property
    def member(self) -> sparse.csr_array:
        """Groups x areas, one where the area belongs to the group."""
        return membership(self.codes, len(self.groups))

    def drop_group(self, code: int) -> Sample:
        """The same sample without the areas of one group."""
        keep = self.codes != code
        return replace(
            self,
            areas=self.areas[keep],
            codes=self.codes[keep],
            x=self.x[keep],
            known=self.known[keep],
            weight=None if self.weight is None else self.weight[keep],
            noise=None if self.noise is None else self.noise[keep],
        )

    def take(self, columns: NDArray[np.intp]) -> Sample:
        """The same areas, some of the indicators."""
        return replace(
            self,
            indicators=self.indicators[columns],
            x=self.x[:, columns],
            centre=self.centre[columns],
            known=self.known[:, columns],
            weight=None if self.weight is None else self.weight[:, columns],
            noise=None if self.noise is None else self.noise[:, columns],
        )

    def patterns(self) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Rows and columns of each set of indicators that share the same gaps."""
        if self.known.all():
            yield np.arange(len(self.areas)), np.arange(len(self.indicators))
            return
        packed = np.packbits(self.known, axis=0).T
        _, inverse = np.unique(packed, axis=0, return_inverse=True)
        for pattern in range(int(inverse.max()) + 1):
            columns = np.flatnonzero(inverse == pattern)
            yield np.flatnonzero(self.known[:, columns[0]]), columns


def membership(codes: NDArray[np.intp], count: int) -> sparse.csr_array:
    """Groups x areas indicator matrix, so that ``membership @ a`` sums the rows of ``a``."""
    ones = np.ones(len(codes))
    return sparse.csr_array((ones, (codes, np.arange(len(codes)))), shape=(count, len(codes)))


def as_frame(data: Frame, what: str) -> pd.DataFrame:
    """Numeric frame with a unique index; a series becomes its only column."""
    if isinstance(data, pd.Series):
        data = data.to_frame(data.name if data.name is not None else what)
    if not isinstance(data, pd.DataFrame):
        raise TypeError(f"{what} must be a pandas Series or DataFrame, not {type(data).__name__}")
    if not data.index.is_unique:
        raise ValueError(f"{what} has repeated areas: {_some(data.index[data.index.duplicated()])}")
    if not data.columns.is_unique:
        raise ValueError(f"{what} has repeated columns: {_some(data.columns[data.columns.duplicated()])}")
    try:
        frame = data.astype("float64")
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} must be numeric: {error}") from error
    if np.isinf(frame.to_numpy()).any():
        raise ValueError(f"{what} holds infinite values")
    return frame


def aligned(data: Frame, like: pd.DataFrame, what: str) -> pd.DataFrame:
    """``data`` on index and columns of ``like``; one column serves all indicators."""
    frame = as_frame(data, what)
    same_areas(frame.index, like.index, what)
    if isinstance(data, pd.Series):
        column = frame.iloc[:, 0].reindex(like.index).to_numpy()
        return pd.DataFrame(
            np.repeat(column[:, None], like.shape[1], axis=1), index=like.index, columns=like.columns
        )
    missing = like.columns.difference(frame.columns, sort=False)
    if len(missing):
        raise ValueError(f"{what} lacks the indicators {_some(missing)}")
    return frame.loc[like.index, like.columns]


def group_series(groups: pd.Series, index: pd.Index) -> pd.Series:
    """Groups in the order of ``index``; every area must have exactly one."""
    if not isinstance(groups, pd.Series):
        raise TypeError(f"groups must be a pandas Series, not {type(groups).__name__}")
    if not groups.index.is_unique:
        raise ValueError("groups has repeated areas")
    same_areas(groups.index, index, "groups")
    found = groups.reindex(index)
    if found.isna().any():
        raise ValueError(f"groups is missing for the areas {_some(index[found.isna()])}")
    return found


def same_areas(index: pd.Index, wanted: pd.Index, what: str) -> None:
    """Raise if two indexes do not hold the same areas (the order may differ)."""
    missing, extra = wanted.difference(index), index.difference(wanted)
    if len(missing) or len(extra):
        parts = [f"lacks {_some(missing)}"] * bool(len(missing)) + [f"has also {_some(extra)}"] * bool(
            len(extra)
        )
        raise ValueError(f"{what} does not match the index of y: it {' and '.join(parts)}")


def prepare(y: Frame, groups: pd.Series, weights: Frame | None, sampling_variance: Frame | None) -> Sample:
    """Check and align the input of a decomposition.

    Raises
    ------
    TypeError, ValueError
        For other types than pandas objects, repeated or differing areas, missing groups, infinite
        values, weights that are not positive, sampling variances that are negative, or either of
        them missing where the indicator is known.
    """
    frame = as_frame(y, "y")
    order = np.argsort(frame.index.astype(str).to_numpy(), kind="stable")
    frame = frame.iloc[order]
    codes, labels = pd.factorize(group_series(groups, frame.index))
    values = frame.to_numpy()
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    centre = np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1)
    x = np.where(known, values - centre, 0.0)
    dust = _DUST * np.where(known, np.abs(values), 0.0).max(axis=0, initial=0.0)
    x[:, np.abs(x).max(axis=0, initial=0.0) <= dust] = 0.0
    weight = noise = None
    if weights is not None:
        weight = _positive(aligned(weights, frame, "weights"), known)
    if sampling_variance is not None:
        noise = _not_negative(aligned(sampling_variance, frame, "sampling_variance"), known)
    return Sample(
        areas=frame.index,
        indicators=frame.columns,
        groups=pd.Index(labels),
        codes=codes,
        x=x,
        centre=centre,
        known=known,
        weight=weight,
        noise=noise,
    )


def _positive(frame: pd.DataFrame, known: NDArray[np.bool_]) -> Floats:
    array = frame.to_numpy()
    bad = known & ~(array > 0)
    if bad.any():
        raise ValueError(
            f"weights must be positive where y is known; see {_some(frame.index[np.any(bad, axis=1)])}"
        )
    return np.where(known, array, 0.0)


def _not_negative(frame: pd.DataFrame, known: NDArray[np.bool_]) -> Floats:
    array = frame.to_numpy()
    bad = known & ~(array >= 0)
    if bad.any():
        raise ValueError(
            f"sampling_variance must not be negative or missing where y is known; see "
            f"{_some(frame.index[np.any(bad, axis=1)])}"
        )
    return np.where(known, array, 0.0)


def _some(labels: pd.Index) -> str:
    shown = ", ".join(repr(label) for label in labels[:5])
    return shown + (f" and {len(labels) - 5} more" if len(labels) > 5 else "")
