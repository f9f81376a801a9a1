"""All indicators together: distance-based analysis of variance, and whether the spread differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from sozialanalyse.analyse._threads import single_threaded
from sozialanalyse.base import DatenFehler

from .components import ratio
from .nulls import Draws, Reshape, free_draws, group_sizes, group_sums, label_draws
from .partitions import Neighbours, neighbour_lists, partitions_for
from .sample import SEED, Floats, Frame, Groups, as_frame, by_name, group_series, index_of, membership
from .smoothness import Surfaces
from .wording import Ebenen, Words

_TIE = 1e-10


@dataclass(frozen=True, eq=False)
class PermanovaResult:
    """Share of the multivariate variation between groups, and whether the groups' spread differs.

    Attributes
    ----------
    r2, r2_null, f, p, p_contiguous
        Share between groups, its expectation under free labels, pseudo F, and p values.
    table : DataFrame
        Rows ``groups``, ``rest``, ``total``; columns ``df``, ``ss``, ``r2``, ``f``, ``p``.
    indicators : DataFrame
        ``weight`` and ``eta2`` of each column; the weighted mean of ``eta2`` is ``r2``.
    spread : DataFrame
        Per group ``n`` and mean ``distance`` to its centre (missing below four areas).
    spread_f, spread_p
        Test of equal spread.
    left_out : Index
        Areas with a gap, which cannot be placed in the space of all indicators.
    messages : tuple of str
    """

    r2: float
    r2_null: float
    f: float
    p: float
    p_contiguous: float
    table: pd.DataFrame
    indicators: pd.DataFrame
    spread: pd.DataFrame
    spread_f: float
    spread_p: float
    left_out: pd.Index
    messages: tuple[str, ...]


@single_threaded
def permanova(
    matrix: Frame,
    groups: Groups,
    *,
    weights: Mapping[Any, float] | pd.Series[Any] | None = None,
    permutations: int = 9999,
    seed: int = SEED,
    standardise: bool = True,
    geometry: Any = None,
    neighbours: Neighbours | None = None,
    partitions: pd.DataFrame | None = None,
    alpha: float = 0.05,
    ebenen: Ebenen | None = None,
) -> PermanovaResult:
    r"""Vergleicht ganze Profile zwischen Gruppen.

    Permutational multivariate analysis of variance with Euclidean distances.

    With z-scores and column weights :math:`a_k`, :math:`R^2 = \sum a_k \eta^2_k / \sum a_k`, the
    weighted mean of the indicators' shares, and pseudo :math:`F = \frac{SSB/(G-1)}{SSW/(N-G)}`
    (Anderson 2001). A topic with many indicators counts once if its columns share its weight.

    Parameters
    ----------
    matrix : DataFrame
        Areas x indicators. Areas with a gap are left out and listed.
    groups : Series
        Group of every area.
    weights : mapping or Series, optional
        Positive weight of every column; equal by default.
    permutations, seed
        Draws of the tests (free, and contiguous with at most 999).
    standardise : bool
        Divide each column by its standard deviation; False takes the matrix as it is.
    geometry, neighbours
        For the contiguous null, as in :func:`decompose`.
    partitions
        From :func:`drawn_partitions`, to be used without the areas that are left out.

    Returns
    -------
    PermanovaResult

    Raises
    ------
    DatenFehler
        If fewer than three areas have every value, or there are no two groups.

    References
    ----------
    Anderson (2001), Austral Ecology 26; Anderson (2006), Biometrics 62 (spread).
    """
    matrix = as_frame(matrix, "matrix", index_of(groups))
    frame, labels, z, columns = _space(matrix, groups, weights, standardise)
    codes, names = pd.factorize(labels)
    count, areas = len(names), len(frame)
    if count < 2 or areas <= count:
        raise DatenFehler(Words.of(None).say("fehler.zwei_gruppen"))
    sums = membership(codes, count) @ z
    sizes = np.bincount(codes)
    total = float((z * z).sum())
    by_column = ratio((sums**2 / sizes[:, None]).sum(axis=0), (z * z).sum(axis=0))
    between = float((sums**2 / sizes[:, None]).sum())
    r2 = between / total
    p = _permuted(z, r2, total, free_draws(codes, permutations, seed), count)
    lists = neighbour_lists(frame.index, geometry, neighbours)
    near = np.nan
    if lists is not None:
        surfaces, draws = Surfaces.of(lists), min(permutations, 999)
        labels_drawn = partitions_for(frame.index, partitions, lists, codes, draws, seed, surfaces)
        near = _border_p(z, r2, total, codes, labels_drawn, surfaces)
    f = (between / (count - 1)) / ((total - between) / (areas - count)) if total > between else np.inf
    apart = dispersion(
        frame, labels, weights=columns, standardise=standardise, permutations=permutations, seed=seed
    )
    messages: tuple[str, ...] = ()
    if apart.p <= alpha:
        messages = (Words.of(ebenen).say("hinweis.streuung"),)
    return PermanovaResult(
        r2=r2,
        r2_null=(count - 1) / (areas - 1),
        f=f,
        p=p,
        p_contiguous=near,
        table=pd.DataFrame(
            {
                "df": [count - 1, areas - count, areas - 1],
                "ss": [between, total - between, total],
                "r2": [r2, 1 - r2, 1.0],
                "f": [f, np.nan, np.nan],
                "p": [p, np.nan, np.nan],
            },
            index=["groups", "rest", "total"],
        ),
        indicators=pd.DataFrame({"weight": columns, "eta2": by_column}, index=frame.columns),
        spread=apart.table,
        spread_f=apart.f,
        spread_p=apart.p,
        left_out=matrix.index.difference(frame.index, sort=False),
        messages=messages,
    )


@dataclass(frozen=True, eq=False)
class Dispersion:
    """Test of equal spread: ``f``, ``p``, ``table`` (per group ``n``, mean ``distance``),
    ``distances`` (per area)."""

    f: float
    p: float
    table: pd.DataFrame
    distances: pd.Series[Any]


@single_threaded
def dispersion(
    matrix: Frame,
    groups: Groups,
    *,
    weights: Mapping[Any, float] | pd.Series[Any] | Floats | None = None,
    permutations: int = 9999,
    seed: int = SEED,
    standardise: bool = True,
    min_areas: int = 4,
    adjust: bool = True,
    centre: Literal["median", "centroid"] = "median",
) -> Dispersion:
    r"""Do the groups differ in how far their areas lie from the group's centre?

    Analysis of variance of the distances to the centre of the group, its spatial median or its
    centroid; with ``adjust`` each distance is multiplied by :math:`\sqrt{n_j/(n_j-1)}`, because small
    groups lie closer to their own centre. Groups with fewer than ``min_areas`` areas take no part. p
    from permuted residuals (Anderson 2006). The median is the default because skewed indicators
    drag the centroid of a small group: against it equal spread is called unequal far too often.

    Returns
    -------
    Dispersion
    """
    frame, labels, z, _ = _space(matrix, groups, weights, standardise)
    codes, names = pd.factorize(labels)
    sizes = np.bincount(codes)
    centres = (membership(codes, len(names)) @ z) / sizes[:, None]
    if centre == "median":
        centres = np.stack([_spatial_median(z[codes == at], start) for at, start in enumerate(centres)])
    distance = np.sqrt(((z - centres[codes]) ** 2).sum(axis=1))
    if adjust:
        distance = distance * np.sqrt(sizes / np.maximum(sizes - 1, 1))[codes]
    large = sizes >= min_areas
    table = pd.DataFrame(
        {"n": sizes, "distance": np.where(large, np.bincount(codes, distance) / sizes, np.nan)},
        index=pd.Index(names, name="group"),
    )
    use = large[codes]
    f = p = np.nan
    if large.sum() >= 2 and use.sum() > large.sum():
        kept, _ = pd.factorize(codes[use])
        values, per = distance[use], np.bincount(kept)
        means = np.bincount(kept, values) / per
        rest = (values - means[kept])[:, None]
        f = float(
            _f_ratio(np.bincount(kept, values - values.mean())[None], per[None], values - values.mean())[0]
        )
        above = drawn = 0
        for drawn_labels in free_draws(kept, permutations, seed):
            sums = group_sums(rest, drawn_labels, len(per))[:, :, 0]
            null = _f_ratio(sums, group_sizes(drawn_labels, len(per)), rest[:, 0])
            above += int((null >= f - _TIE).sum())
            drawn += len(drawn_labels)
        p = (1 + above) / (1 + drawn) if drawn else np.nan
    return Dispersion(f, p, table, pd.Series(distance, index=frame.index, name="distance"))


def _spatial_median(points: Floats, start: Floats) -> Floats:
    """Point with the least sum of distances (Weiszfeld 1937); distances are kept above zero."""
    reach = float(np.abs(points - start).max(initial=0.0))
    if reach < 1e-200:  # a group of one area, or of equal ones, lies in its centre
        return start
    centre, least = start, 1e-9 * reach
    for _ in range(1_000):
        near = 1 / np.maximum(np.sqrt(((points - centre) ** 2).sum(axis=1)), least)
        moved = (near @ points) / near.sum()
        done = np.abs(moved - centre).max() < least
        centre = moved
        if done:
            break
    return centre


def _f_ratio(sums: Floats, sizes: Any, values: Floats) -> Floats:
    total = float((values - values.mean()) @ (values - values.mean()))
    between = (sums**2 / sizes).sum(axis=1) - sums.sum(axis=1) ** 2 / sizes.sum(axis=1)
    groups, areas = sizes.shape[1], len(values)
    return (between / (groups - 1)) / np.maximum((total - between) / (areas - groups), 1e-300)


def _border_p(z: Floats, r2: float, total: float, codes: Any, labels: Any, surfaces: Surfaces) -> float:
    """p under contiguous partitions, as :func:`~.nulls.contiguous_null` for all columns together."""
    count = int(max(codes.max(), labels.max())) + 1
    alike = np.array([(z * (surfaces.weights @ z)).sum() / total])
    reshape = surfaces.reshape(alike, codes, labels, count)
    return _permuted(z, r2, total, label_draws(labels), count, reshape)


def _permuted(
    z: Floats, r2: float, total: float, draws: Draws, groups: int, reshape: Reshape | None = None
) -> float:
    above = count = 0
    for labels in draws:
        sums, sizes = group_sums(z, labels, groups), group_sizes(labels, groups)
        found = ((sums**2).sum(axis=2) / np.maximum(sizes, 1)).sum(axis=1) / total
        if reshape is not None:
            found = reshape.shares(found[:, None], count)[:, 0]
        above += int((found >= r2 - _TIE).sum())
        count += len(labels)
    return (1 + above) / (1 + count) if count else np.nan


def _space(
    matrix: Frame,
    groups: Groups,
    weights: Mapping[Any, float] | pd.Series[Any] | Floats | None,
    standardise: bool,
) -> tuple[pd.DataFrame, pd.Series[Any], Floats, Floats]:
    """Complete areas (sorted by id), their groups, centred and weighted values, column weights."""
    frame = as_frame(matrix, "matrix", index_of(groups))
    labels = group_series(groups, frame.index)
    frame = frame.iloc[by_name(frame.index)]
    frame = frame.loc[frame.notna().all(axis=1)]
    if len(frame) < 3:
        raise DatenFehler(Words.of(None).say("fehler.drei_gebiete"))
    columns = np.ones(frame.shape[1])
    if weights is not None:
        given = weights if isinstance(weights, np.ndarray) else pd.Series(weights).reindex(frame.columns)
        columns = np.asarray(given, dtype=float)
    if not (columns > 0).all():
        raise ValueError("every column needs a positive weight")
    z = frame.to_numpy() - frame.to_numpy().mean(axis=0)
    if standardise:
        deviation = z.std(axis=0)
        if (deviation <= 1e-13 * np.abs(frame.to_numpy()).max(axis=0)).any():
            raise ValueError("a constant indicator cannot be standardised")
        z = z / deviation
    return frame, labels.loc[frame.index], z * np.sqrt(columns), columns
