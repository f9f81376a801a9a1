"""The checked input of a decomposition as plain arrays: areas x indicators, gaps marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from sozialanalyse.base import DatenFehler, text

Floats = NDArray[Any]
"""Numbers, areas x indicators unless said otherwise."""
Frame: TypeAlias = pd.Series | pd.DataFrame | NDArray[Any] | Sequence[Any]
"""Values per area (rows): Series, DataFrame, or an array in the order of the areas."""
Groups: TypeAlias = pd.Series | NDArray[Any] | Sequence[Any]
"""Group of every area: a Series, or labels in the order of the areas."""
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


def as_frame(data: Frame, what: str, index: pd.Index | None = None) -> pd.DataFrame:
    """Numeric frame with a unique index; a series or a vector becomes its only column.

    ``index`` names the areas of a plain array; without it they are numbered.
    """
    if isinstance(data, pd.Series):
        data = data.to_frame(data.name if data.name is not None else what)
    if not isinstance(data, pd.DataFrame):
        data = _from_array(data, what, index)
    if not data.index.is_unique:
        raise ValueError(f"{what} has repeated areas: {_some(data.index[data.index.duplicated()])}")
    if not data.columns.is_unique:
        raise ValueError(f"{what} has repeated columns: {_some(data.columns[data.columns.duplicated()])}")
    try:
        frame = data.astype("Float64").astype("float64") if _nullable(data) else data.astype("float64")
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} must be numeric: {error}") from error
    if (endless := np.isinf(frame.to_numpy()).any(axis=0)).any():
        names = ", ".join(map(str, frame.columns[endless]))
        raise DatenFehler(text("variance.fehler.unendlich", spalten=names))
    return frame


def _from_array(data: Any, what: str, index: pd.Index | None) -> pd.DataFrame:
    array = np.asarray(data)
    if array.ndim not in (1, 2):
        raise TypeError(f"{what} must be a Series, a DataFrame or an array, not {type(data).__name__}")
    if index is not None and len(index) != len(array):
        raise ValueError(f"{what} has {len(array)} rows, but there are {len(index)} areas")
    return pd.DataFrame(array, index=index, columns=[what] if array.ndim == 1 else None)


def _nullable(data: pd.DataFrame) -> bool:
    return any(isinstance(kind, pd.api.extensions.ExtensionDtype) for kind in data.dtypes)


def index_of(groups: Groups | None) -> pd.Index | None:
    """Names of the areas, if the groups carry them."""
    return groups.index if isinstance(groups, pd.Series) else None


def one_column(data: Frame, name: str, groups: Groups | None = None) -> pd.Series:
    """A single indicator as a series.

    Raises
    ------
    ValueError
        If there is more than one column.
    """
    frame = as_frame(data, name, index_of(groups))
    if frame.shape[1] != 1:
        raise ValueError(f"one indicator expected, not {frame.shape[1]}")
    return frame.iloc[:, 0].rename(name)


def aligned(data: Frame, like: pd.DataFrame, what: str) -> pd.DataFrame:
    """``data`` on index and columns of ``like``; one column serves all indicators."""
    frame = as_frame(data, what, like.index)
    same_areas(frame.index, like.index, what)
    single = not isinstance(data, pd.DataFrame) and frame.shape[1] == 1
    if not isinstance(data, pd.Series | pd.DataFrame) and frame.shape[1] == like.shape[1]:
        frame.columns = like.columns
    if single:
        column = frame.iloc[:, 0].reindex(like.index).to_numpy()
        return pd.DataFrame(
            np.repeat(column[:, None], like.shape[1], axis=1), index=like.index, columns=like.columns
        )
    missing = like.columns.difference(frame.columns, sort=False)
    if len(missing):
        raise ValueError(f"{what} lacks the indicators {_some(missing)}")
    return frame.loc[like.index, like.columns]


def group_series(groups: Groups, index: pd.Index) -> pd.Series:
    """Groups in the order of ``index``; every area must have exactly one."""
    if isinstance(groups, pd.DataFrame) or np.ndim(groups) != 1:
        raise TypeError(f"groups must be a Series or a vector, not {type(groups).__name__}")
    if not isinstance(groups, pd.Series):
        if len(groups) != len(index):
            raise ValueError(f"groups has {len(groups)} entries, but there are {len(index)} areas")
        groups = pd.Series(list(groups), index=index)
    if not groups.index.is_unique:
        raise ValueError("groups has repeated areas")
    same_areas(groups.index, index, "groups")
    found = groups.reindex(index)
    if isinstance(found.dtype, pd.CategoricalDtype):
        found = found.astype(found.cat.categories.dtype)
    if found.isna().any():
        raise ValueError(f"groups is missing for the areas {_some(index[found.isna()])}")
    return found


def by_name(areas: pd.Index) -> NDArray[np.intp]:
    """Order in which areas are analysed, so that no result depends on how they are sorted."""
    return np.argsort(areas.astype(str).to_numpy(), kind="stable")


def same_areas(index: pd.Index, wanted: pd.Index, what: str) -> None:
    """Raise if two indexes do not hold the same areas (the order may differ)."""
    missing, extra = wanted.difference(index), index.difference(wanted)
    if len(missing) or len(extra):
        parts = [f"lacks {_some(missing)}"] * bool(len(missing)) + [f"has also {_some(extra)}"] * bool(
            len(extra)
        )
        raise ValueError(f"{what} does not match the index of y: it {' and '.join(parts)}")


def prepare(y: Frame, groups: Groups, weights: Frame | None, sampling_variance: Frame | None) -> Sample:
    """Check and align the input of a decomposition.

    Raises
    ------
    DatenFehler
        If a value is infinite.
    TypeError, ValueError
        For arrays of more than two dimensions, repeated or differing areas, missing groups, weights that are not positive, sampling variances that are negative, or either of
        them missing where the indicator is known.
    """
    frame = as_frame(y, "y", index_of(groups))
    labels = group_series(groups, frame.index)
    given = [
        None if extra is None else aligned(extra, frame, what)
        for what, extra in (("weights", weights), ("sampling_variance", sampling_variance))
    ]
    # plain arrays follow the order of y; the result must not depend on it
    order = by_name(frame.index)
    frame = frame.iloc[order]
    codes, names = pd.factorize(labels.iloc[order])
    values = frame.to_numpy()
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    centre = np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1)
    x = np.where(known, values - centre, 0.0)
    dust = _DUST * np.where(known, np.abs(values), 0.0).max(axis=0, initial=0.0)
    x[:, np.abs(x).max(axis=0, initial=0.0) <= dust] = 0.0
    weight, noise = (
        None if extra is None else check(extra.iloc[order], known)
        for extra, check in zip(given, (_positive, _not_negative), strict=True)
    )
    return Sample(
        areas=frame.index,
        indicators=frame.columns,
        groups=pd.Index(names),
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
