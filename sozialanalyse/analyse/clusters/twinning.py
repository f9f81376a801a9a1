"""Twins: the most similar areas in other municipalities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sozialanalyse.analyse._threads import single_threaded
from sozialanalyse.analyse.clusters.kmeans import Floats, Ints
from sozialanalyse.analyse.clusters.methods import SEED, check_numbers
from sozialanalyse.analyse.clusters.preparation import by_area
from sozialanalyse.analyse.clusters.preparation import prepare as prepare_matrix
from sozialanalyse.analyse.clusters.stability import gap_distances
from sozialanalyse.analyse.clusters.yardstick import Yardstick
from sozialanalyse.base import DatenFehler, ParameterFehler, gekuerzt, text

DRAWS = 100
NAMED = 3
REFERENCE_PAIRS = 200_000
KEPT = 0.5
_BLOCK = 4_000_000


@single_threaded
def twins(
    matrix: pd.DataFrame,
    groups: pd.Series,
    n: int = 3,
    *,
    prepare: bool = True,
    topics: pd.Series | None = None,
    topic_weights: Mapping[str, float] | None = None,
    count: pd.DataFrame | None = None,
    base: pd.DataFrame | None = None,
    reference: Yardstick | pd.DataFrame | None = None,
    compositions: Mapping[str, Sequence[str]] | None = None,
    labels: Mapping[str, str] | pd.Series | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> pd.DataFrame:
    """Findet zu jedem Gebiet die ähnlichsten in anderen Gruppen.

    Find for every area the ``n`` most similar areas in other municipalities.

    Similar means near in the weighted space of :func:`cluster`; for areas with gaps, near on the
    coordinates both have, scaled up.

    Parameters
    ----------
    matrix
        Areas x indicators, NaN = gap.
    groups
        Area -> municipality; needed for every area of the matrix.
    n
        Twins per area; fewer where other municipalities have fewer areas.
    count, base
        Cases and people at risk; with them every match is tested against the noise of small
        counts: cases are drawn anew from a binomial distribution ``draws`` times.
    labels
        Indicator -> German label, used in ``aehnlich`` and ``verschieden``.

    Returns
    -------
    DataFrame
        One row per area and rank: ``gebiet, rang, zwilling, gruppe`` (municipality of the twin),
        ``distanz``, ``perzentil`` (share of all pairs across municipalities that are at most as
        far apart, 0 to 100), ``gegenseitig`` (the area is also among the twin's ``n`` nearest),
        ``aehnlich``, ``verschieden`` (three indicators each, tuples), ``haelt_anteil`` (share of
        draws in which the twin stays among the ``n`` nearest), ``haelt_rauschen`` (at least one
        half; missing without counts). Areas without values have no rows.

    Raises
    ------
    DatenFehler
        If the municipality of an area is unknown.
    ParameterFehler
        If ``n`` is below one.
    """
    if n < 1:
        raise ParameterFehler(text("clusters.fehler.zwillinge", n=str(n)))
    check_numbers(draws=draws, seed=seed)
    home = by_area(groups, matrix.index)
    if home.isna().any():
        raise DatenFehler(text("clusters.fehler.gruppen", gebiete=gekuerzt(home.index[home.isna()])))
    ready = prepare_matrix(
        matrix,
        transform=prepare,
        topics=topics,
        topic_weights=topic_weights,
        count=count,
        base=base,
        reference=reference,
        compositions=compositions,
    )
    known = ready.known.to_numpy()
    x = ready.x.to_numpy()[known]
    areas = ready.x.index[known]
    codes = pd.factorize(home.loc[areas])[0]
    order, distance = nearest_rows(x, codes, n)
    percent = _percentiles(distance, x, codes, np.random.default_rng([seed, 920]))
    kept = _survival(matrix, ready.yardstick, count, base, areas, codes, order, draws, seed)
    scores = ready.z.to_numpy()[known] * np.sqrt(ready.yardstick.table["gewicht"].to_numpy())
    if not prepare:
        spread = np.nanstd(scores, axis=0)
        scores = scores / np.where(spread > 0, spread, 1.0)
    words = [str((labels if labels is not None else {}).get(c, c)) for c in ready.z.columns]
    rows = []
    position = {area: i for i, area in enumerate(areas)}
    for area in matrix.index[matrix.index.isin(areas)]:
        i = position[area]
        for rank, j in enumerate(order[i]):
            if j < 0:
                break
            near, far = _extremes(np.abs(scores[i] - scores[j]), words)
            rows.append(
                {
                    "gebiet": area,
                    "rang": rank + 1,
                    "zwilling": areas[j],
                    "gruppe": home[areas[j]],
                    "distanz": distance[i, rank],
                    "perzentil": percent[i, rank],
                    "gegenseitig": bool((order[j] == i).any()),
                    "aehnlich": near,
                    "verschieden": far,
                    "haelt_anteil": kept[i, rank],
                }
            )
    columns = "gebiet rang zwilling gruppe distanz perzentil gegenseitig aehnlich verschieden haelt_anteil"
    table = pd.DataFrame(rows, columns=columns.split())
    table["haelt_rauschen"] = (table["haelt_anteil"] >= KEPT).astype("boolean")
    table.loc[table["haelt_anteil"].isna(), "haelt_rauschen"] = pd.NA
    return table


def pair_distances(x: Floats, y: Floats) -> Floats:
    """Euclidean distances between rows; coordinates missing in one of the two are left out."""
    if not (np.isnan(x).any() or np.isnan(y).any()):
        return np.sqrt(gap_distances(x, y))
    here, there = ~np.isnan(x), ~np.isnan(y)
    a, b = np.where(here, x, 0.0), np.where(there, y, 0.0)
    square = a**2 @ there.T - 2 * a @ b.T + here @ (b**2).T
    both = here.astype(float) @ there.T
    scaled = np.maximum(square, 0.0) * x.shape[1] / np.maximum(both, 1)
    return np.where(both > 0, np.sqrt(scaled), np.inf)


def nearest_rows(x: Floats, codes: Ints, n: int) -> tuple[Ints, Floats]:
    """Positions and distances of the n nearest rows of other groups; -1 and NaN where none is left."""
    rows = len(x)
    order = np.full((rows, n), -1, dtype=np.intp)
    distance = np.full((rows, n), np.nan)
    step = max(1, _BLOCK // max(rows, 1))
    take = min(n, rows)
    for begin in range(0, rows, step):
        part = slice(begin, min(begin + step, rows))
        apart = pair_distances(x[part], x)
        apart[codes[part][:, None] == codes[None, :]] = np.inf
        first = np.argpartition(apart, take - 1, axis=1)[:, :take] if take < rows else None
        if first is None:
            first = np.tile(np.arange(rows), (len(apart), 1))
        first = np.sort(first, axis=1)
        value = np.take_along_axis(apart, first, axis=1)
        sort = np.argsort(value, axis=1, kind="stable")
        first, value = np.take_along_axis(first, sort, axis=1), np.take_along_axis(value, sort, axis=1)
        there = np.isfinite(value)
        order[part, :take] = np.where(there, first, -1)[:, :n]
        distance[part, :take] = np.where(there, value, np.nan)[:, :n]
    return order, distance


def _percentiles(distance: Floats, x: Floats, codes: Ints, rng: np.random.Generator) -> Floats:
    """Share of pairs across groups at most as far apart, from all pairs or 200,000 random ones."""
    rows = len(x)
    if rows * (rows - 1) // 2 <= REFERENCE_PAIRS:
        first, second = np.triu_indices(rows, 1)
    else:
        first, second = rng.integers(0, rows, (2, REFERENCE_PAIRS))
    across = codes[first] != codes[second]
    gaps = x[first[across]] - x[second[across]]
    both = ~np.isnan(gaps)
    seen = both.sum(axis=1)
    square = np.where(both, gaps, 0.0) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        all_pairs = np.sqrt(square.sum(axis=1) * x.shape[1] / seen)
    all_pairs = np.sort(all_pairs[seen > 0])
    if len(all_pairs) == 0:
        return np.full(distance.shape, np.nan)
    rank = np.searchsorted(all_pairs, distance + 1e-9 * np.nan_to_num(distance), side="right")
    return np.where(np.isnan(distance), np.nan, 100.0 * rank / len(all_pairs))


def _extremes(apart: Floats, words: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the three indicators that differ least and most."""
    seen = np.flatnonzero(~np.isnan(apart))
    sort = seen[np.argsort(apart[seen], kind="stable")]
    half = len(sort) // 2
    few = min(NAMED, half) if len(sort) > 1 else len(sort)
    near = tuple(words[j] for j in sort[:few])
    return near, tuple(words[j] for j in sort[::-1][: min(NAMED, len(sort) - few)])


def _survival(
    matrix: pd.DataFrame,
    yardstick: Yardstick,
    count: pd.DataFrame | None,
    base: pd.DataFrame | None,
    areas: pd.Index,
    codes: Ints,
    order: Ints,
    draws: int,
    seed: int,
) -> Floats:
    """Share of binomial redraws in which a twin stays among the n nearest; NaN without counts."""
    kept = np.full(order.shape, np.nan)
    noisy = NoisyCoordinates(yardstick, matrix.loc[areas], count, base)
    if not noisy.rates or draws == 0:
        return kept
    rng = np.random.default_rng([seed, 921])
    hits = np.zeros(order.shape)
    for _ in range(draws):
        again, _ = nearest_rows(noisy.draw(rng), codes, order.shape[1])
        hits += (again[:, None, :] == order[:, :, None]).any(axis=2)
    return np.where(order >= 0, hits / draws, np.nan)


class NoisyCoordinates:
    """Coordinates of areas with the cases of their rates drawn anew.

    Cases follow Bin(n, p) with p = (y + 1/2) / (n + 1); indicators without counts stay as they are.
    Only indicators that the yardstick treats as log odds are redrawn.
    """

    def __init__(
        self,
        yardstick: Yardstick,
        matrix: pd.DataFrame,
        count: pd.DataFrame | None,
        base: pd.DataFrame | None,
    ) -> None:
        table = yardstick.table
        self.rates = [] if count is None or base is None else list(table.index[table["art"] == "logit"])
        self._fixed = yardstick.coordinates(matrix, count, base)
        if count is None or base is None:
            return
        cases, people = (frame.reindex(matrix.index)[self.rates].to_numpy(float) for frame in (count, base))
        self._known = ~np.isnan(cases + people)
        self._people = np.where(self._known, np.rint(np.nan_to_num(people)), 0).astype(np.int64)
        self._chance = np.clip(np.where(self._known, (cases + 0.5) / (people + 1.0), 0.0), 0.0, 1.0)
        self._place = self._fixed.columns.get_indexer(pd.Index(self.rates))
        rows = table.loc[self.rates]
        self._mean, self._sd = rows["mean"].to_numpy(), rows["sd"].to_numpy()
        self._weight, self._clip = np.sqrt(rows["gewicht"].to_numpy()), yardstick.clip

    def draw(self, rng: np.random.Generator, chance: Floats | None = None) -> Floats:
        """One set of coordinates (areas x coordinates); ``chance`` replaces the areas' own rates."""
        x = self._fixed.to_numpy().copy()
        if not self.rates:
            return x
        drawn = rng.binomial(self._people, self._chance if chance is None else chance)
        odds = np.log((drawn + 0.5) / (self._people - drawn + 0.5))
        value = np.clip((odds - self._mean) / self._sd, -self._clip, self._clip) * self._weight
        x[:, self._place] = np.where(np.isnan(x[:, self._place]), np.nan, value)
        return x
