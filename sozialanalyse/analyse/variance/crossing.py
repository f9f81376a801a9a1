"""The bridge between municipalities and types of area: what each of them explains of an indicator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from sozialanalyse.analyse._threads import single_threaded

from .nulls import false_discovery
from .sample import SEED, Floats, Frame, Groups, as_frame, index_of, membership, prepare, same_areas

_TIE = 1e-10
_RANK = 1e-10
"""Smallest direction that counts, as a share of the weight of all areas."""
_PARTS = ("only_group", "only_type", "shared", "rest")
_CELLS = 1_000_000
"""Placed areas that are held in memory at once."""


@single_threaded
def bridge(
    matrix: Frame,
    groups: Groups,
    types: Frame,
    *,
    weights: Frame | None = None,
    permutations: int = 999,
    seed: int = SEED,
) -> pd.DataFrame:
    r"""How much is the municipality, how much the type of area, how much either, how much neither.

    From the additive model :math:`x = \mu + group + type` (marginal sums of squares, type III):
    only group :math:`= R^2_{GT} - R^2_T`, only type :math:`= R^2_{GT} - R^2_G`, shared :math:`=
    R^2_G + R^2_T - R^2_{GT}`, rest :math:`= 1 - R^2_{GT}`. They sum to 1; ``shared`` may be
    negative where one hides the other. The columns ``*_adjusted`` use the adjusted :math:`R^2`
    (Ezekiel 1930; Peres-Neto et al. 2006), 0 in expectation under chance.

    Types built from the same indicators describe; they cannot test. For an honest share give types
    that were built without the indicator's topic: a frame with one column per indicator.

    Parameters
    ----------
    matrix : Series or DataFrame
        Areas x indicators; NaN is a gap.
    groups : Series
        Municipality of every area.
    types : Series or DataFrame
        Type of every area, or per indicator (columns as in ``matrix``); see
        :func:`types_without_topic`. An area without a type takes no part.
    weights : Series or DataFrame, optional
        Positive weights of the areas.
    permutations, seed
        For ``p_type``: types exchanged inside their municipality, so that ``only_type`` is tested
        given the municipality. 0 leaves it missing.

    Returns
    -------
    DataFrame
        One row per indicator: ``only_group``, ``only_type``, ``shared``, ``rest``, the same
        adjusted, ``r2_group``, ``r2_type``, ``r2_both``, ``p_type``, ``q_type``, ``n``, ``groups``,
        ``types``.
    """
    frame = as_frame(matrix, "matrix", index_of(groups))
    sample = prepare(frame, groups, weights, None)
    kinds = _frame_of_types(types, frame)
    rows = {}
    for at, name in enumerate(sample.indicators):
        kind = kinds[name] if name in kinds else kinds.iloc[:, 0] if kinds.shape[1] == 1 else None
        if kind is None:
            raise ValueError(f"types has no column for {name!r}")
        placed = _types_of(kind, sample.areas)
        known = sample.known[:, at] & placed.notna().to_numpy()
        kind_codes, _ = pd.factorize(placed[known])
        w = np.ones(int(known.sum())) if sample.weight is None else sample.weight[known, at]
        group_codes, _ = pd.factorize(sample.codes[known])
        rows[name] = _bridge_row(sample.x[known, at], w, group_codes, kind_codes, permutations, seed)
    table = pd.DataFrame.from_dict(rows, orient="index")
    table["q_type"] = false_discovery(table["p_type"].to_numpy())
    table.index.name = "indicator"
    return table.astype({"n": int, "groups": int, "types": int})


@single_threaded
def bridge_spread(
    matrix: Frame,
    groups: Groups,
    types: Frame,
    *,
    draws: int = 60,
    seed: int = SEED,
    alpha: float = 0.05,
) -> pd.DataFrame:
    r"""The bridge in the middle of all indicators, with intervals.

    Median over the indicators of each adjusted part of :func:`bridge`, :math:`\pm z` times its standard
    deviation when the areas of every municipality are drawn anew with replacement (all indicators
    together; municipalities and types of the areas stay), times :math:`\sqrt{n/(n-G-T+1)}` because drawing
    from so few areas varies too little (n areas, G municipalities, T types). The intervals speak of these
    municipalities and this typing, not of others.

    Parameters
    ----------
    matrix, groups, types
        As in :func:`bridge`.
    draws, seed, alpha
        Bootstrap draws and level.

    Returns
    -------
    DataFrame
        Rows ``only_group, only_type, shared, rest``; columns ``share, low, high``, cut at 0 and 1 but for
        ``shared``, which may be negative. Missing if no indicator has a bridge.
    """
    frame = as_frame(matrix, "matrix", index_of(groups))
    sample = prepare(frame, groups, None, None)
    kinds = _frame_of_types(types, frame)
    rng = np.random.default_rng(seed)
    order = np.argsort(sample.codes, kind="stable")
    sizes = np.bincount(sample.codes)
    start = (np.cumsum(sizes) - sizes)[sample.codes]
    drawn = [np.arange(len(order))]
    drawn += [order[start + (rng.random(len(order)) * sizes[sample.codes]).astype(int)] for _ in range(draws)]
    found = np.full((len(drawn), len(sample.indicators), len(_PARTS)), np.nan)
    for at, name in enumerate(sample.indicators):
        kind = _types_of(kinds[name] if name in kinds else kinds.iloc[:, 0], sample.areas)
        kind_codes = pd.factorize(kind)[0]
        known = sample.known[:, at] & (kind_codes >= 0)
        for draw, rows in enumerate(drawn):
            here = rows[known[rows]]
            by_group, by_kind = (
                np.unique(codes[here], return_inverse=True)[1] for codes in (sample.codes, kind_codes)
            )
            row = _bridge_row(sample.x[here, at], np.ones(len(here)), by_group, by_kind, 0, seed)
            found[draw, at] = [row[f"{part}_adjusted"] for part in _PARTS]
    usable = np.isfinite(found).any(axis=(0, 2))
    if not usable.any():
        return pd.DataFrame(np.nan, index=list(_PARTS), columns=["share", "low", "high"])
    middle = np.nanmedian(found[:, usable], axis=1)
    spent = len(sizes) + kinds.iloc[:, 0].nunique() - 1
    wider = np.sqrt(len(order) / max(len(order) - spent, 1))
    error = float(special.ndtri(1 - alpha / 2)) * wider * middle[1:].std(axis=0, ddof=1)
    table = pd.DataFrame(
        {"share": middle[0], "low": middle[0] - error, "high": middle[0] + error}, index=list(_PARTS)
    )
    bounded = table.index != "shared"
    table.loc[bounded] = table.loc[bounded].clip(0.0, 1.0)
    return table


def types_without_topic(
    matrix: pd.DataFrame,
    topics: Mapping[Any, Any] | pd.Series[Any],
    types_of: Callable[[pd.DataFrame], pd.Series[Any]],
) -> pd.DataFrame:
    """Types for an honest share: for every indicator built without the indicators of its topic.

    Parameters
    ----------
    matrix : DataFrame
        Areas x indicators.
    topics : mapping or Series
        Topic of every indicator.
    types_of : callable
        Takes part of the columns and returns the type of every area, for example the ``labels`` of a
        clustering.

    Returns
    -------
    DataFrame
        Areas x indicators, types; missing where nothing is left to build types from.
    """
    topic = pd.Series(topics).reindex(matrix.columns)
    found: dict[Any, pd.Series[Any]] = {}
    for name, columns in topic.groupby(topic, sort=False).groups.items():
        rest = matrix.loc[:, (topic != name).to_numpy()]
        kind = types_of(rest) if rest.shape[1] else pd.Series(np.nan, index=matrix.index)
        found |= dict.fromkeys(columns, kind.reindex(matrix.index))
    return pd.DataFrame(found, index=matrix.index).reindex(columns=matrix.columns)


def _types_of(kind: pd.Series[Any], areas: pd.Index) -> pd.Series[Any]:
    same_areas(kind.index, areas, "types")
    return kind.reindex(areas)


def _frame_of_types(types: Frame, frame: pd.DataFrame) -> pd.DataFrame:
    if isinstance(types, pd.DataFrame):
        return types
    if isinstance(types, pd.Series):
        return types.to_frame("type")
    array = np.asarray(types)
    if len(array) != len(frame):
        raise ValueError(f"types has {len(array)} entries, but there are {len(frame)} areas")
    return pd.DataFrame(array, index=frame.index, columns=["type"] if array.ndim == 1 else frame.columns)


def _bridge_row(
    x: Floats, w: Floats, group: Any, kind: Any, permutations: int, seed: int
) -> dict[str, float]:
    n, groups, kinds = len(x), int(group.max(initial=-1)) + 1, int(kind.max(initial=-1)) + 1
    total = float((w * (x - np.average(x, weights=w)) ** 2).sum()) if n else 0.0
    row: dict[str, float] = dict.fromkeys(
        (
            "only_group",
            "only_type",
            "shared",
            "rest",
            "only_group_adjusted",
            "only_type_adjusted",
            "shared_adjusted",
            "rest_adjusted",
            "r2_group",
            "r2_type",
            "r2_both",
            "p_type",
        ),
        np.nan,
    ) | {"n": n, "groups": groups, "types": kinds}
    if total <= 0 or n < 3:
        return row
    by_group, by_kind = membership(group, groups), membership(kind, kinds)

    def rest(member: Any, codes: Any, a: Floats) -> Floats:
        return a - ((member @ (w[:, None] * a)) / (member @ w)[:, None])[codes]

    inside = rest(by_group, group, x[:, None])[:, 0]
    gains = _Gains(w, inside, group, kinds)
    r2_group = 1 - float((w * inside**2).sum()) / total
    r2_type = 1 - float((w * rest(by_kind, kind, x[:, None])[:, 0] ** 2).sum()) / total
    explained, ranks = gains.of(kind[None])
    gain, rank = float(explained[0]), int(ranks[0])
    r2_both = r2_group + gain / total

    def adjusted(r2: float, df: int) -> float:
        return 1 - (1 - r2) * (n - 1) / (n - 1 - df) if n - 1 > df else np.nan

    a_group, a_type = adjusted(r2_group, groups - 1), adjusted(r2_type, kinds - 1)
    a_both = adjusted(r2_both, groups - 1 + rank)
    parts = {"": (r2_group, r2_type, r2_both), "_adjusted": (a_group, a_type, a_both)}
    for suffix, (one, two, both) in parts.items():
        row[f"only_group{suffix}"], row[f"only_type{suffix}"] = both - two, both - one
        row[f"shared{suffix}"], row[f"rest{suffix}"] = one + two - both, 1 - both
    row |= {"r2_group": r2_group, "r2_type": r2_type, "r2_both": r2_both}
    if permutations and rank:
        rng = np.random.default_rng(seed)
        order, above = np.argsort(group, kind="stable"), 0
        for drawn in _portions(permutations, n):
            keys = group + rng.random((drawn, n))  # sorted: by group, at random within it
            shuffled = np.empty((drawn, n), dtype=np.intp)
            shuffled[:, order] = np.argsort(keys, axis=1)
            above += int((gains.of(kind[shuffled])[0] >= gain - _TIE * total).sum())
        row["p_type"] = (1 + above) / (1 + permutations)
    return row


def _portions(permutations: int, n: int) -> Iterator[int]:
    """Numbers of permutations that are drawn at once, so that memory stays bounded."""
    most = max(1, _CELLS // max(n, 1))
    while permutations > 0:
        yield min(most, permutations)
        permutations -= most


class _Gains:
    """Sum of squares that types explain beyond the groups, for many placings of the types at once.

    The dummies of the types, centred within groups, are regressed on the centred values through the
    normal equations; the last type is the reference.
    """

    def __init__(self, w: Floats, inside: Floats, group: Any, kinds: int) -> None:
        self.w, self.wx, self.group, self.kinds = w, w * inside, group, kinds
        self.groups = int(group.max()) + 1
        self.size = np.bincount(group, w, minlength=self.groups)

    def of(self, kind: Any) -> tuple[Floats, Any]:
        """Explained sum of squares and rank per placing; ``kind`` holds placings x areas."""
        draws = len(kind)
        if self.kinds < 2:
            return np.zeros(draws), np.zeros(draws, dtype=int)
        at = np.arange(draws)[:, None] * self.kinds + kind
        pull = np.bincount(at.ravel(), np.tile(self.wx, draws), minlength=draws * self.kinds)
        pull = pull.reshape(draws, self.kinds)[:, :-1]
        cell = at + self.group * (draws * self.kinds)
        mass = np.bincount(cell.ravel(), np.tile(self.w, draws), minlength=self.groups * draws * self.kinds)
        mass = mass.reshape(self.groups, draws, self.kinds)[:, :, :-1].transpose(1, 0, 2)
        gram = -np.swapaxes(mass / self.size[:, None], 1, 2) @ mass
        diagonal = np.arange(self.kinds - 1)
        gram[:, diagonal, diagonal] += mass.sum(axis=1)
        values, vectors = np.linalg.eigh(gram)
        real = values > _RANK * float(self.size.sum())
        turned = (np.swapaxes(vectors, 1, 2) @ pull[:, :, None])[:, :, 0]
        share = np.divide(turned**2, values, out=np.zeros_like(values), where=real)
        return share.sum(axis=1), real.sum(axis=1)
