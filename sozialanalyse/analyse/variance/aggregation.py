"""Does the share hang on how finely each municipality is cut? Merge at random and see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse.analyse._threads import single_threaded

from .components import moments, share, squares
from .partitions import Neighbours, neighbour_lists
from .sample import SEED, Floats, Frame, Groups, Sample, as_frame, index_of, membership, prepare


@single_threaded
def aggregation_check(
    y: Frame,
    groups: Groups,
    *,
    weights: Frame | None = None,
    sampling_variance: Frame | None = None,
    geometry: Any = None,
    neighbours: Neighbours | None = None,
    population: Frame | None = None,
    max_areas: int = 5,
    draws: int = 199,
    seed: int = SEED,
) -> pd.DataFrame:
    """Shares after every municipality was merged into a few comparable areas, many times.

    A municipality cut into 17 small areas shows more variation inside than one cut into two large
    ones with the same people (the modifiable areal unit problem, Openshaw 1984). Municipalities with
    more than ``max_areas`` areas are merged at random into that many contiguous ones of similar
    population; values are averaged with the weights.

    Parameters
    ----------
    y, groups, weights, sampling_variance
        As in :func:`decompose`.
    geometry, neighbours
        Which areas may be merged; one of them is needed.
    population : Series, optional
        Persons per area, for merged areas of similar size; by default the first column of
        ``weights``, else every area counts once.
    max_areas : int
        Areas a municipality has at most after merging.
    draws, seed
        Number of random mergers.

    Returns
    -------
    DataFrame
        One row per indicator: ``eta2`` and ``share_structural`` as they are, median (``*_merged``)
        and 5 to 95 percent range (``*_merged_low``, ``*_merged_high``) after merging, and ``areas``
        left (median).
    """
    if max_areas < 1:
        raise ValueError("max_areas must be at least 1")
    frame = as_frame(y, "y", index_of(groups))
    sample = prepare(frame, groups, weights, sampling_variance)
    lists = neighbour_lists(sample.areas, geometry, neighbours)
    if lists is None:
        raise ValueError("give geometry or neighbours")
    people = np.ones(len(sample.areas))
    if population is not None:
        people = as_frame(population, "population", frame.index).iloc[:, 0].reindex(sample.areas).to_numpy()
    elif sample.weight is not None:
        people = sample.weight[:, 0]
    if not (people >= 0).all():
        raise ValueError("population must be known and not negative for every area")
    return merged_shares(sample, lists, people, max_areas, draws, seed)


def merged_shares(
    sample: Sample,
    lists: Sequence[Sequence[int]],
    people: Floats | None = None,
    max_areas: int = 5,
    draws: int = 199,
    seed: int = SEED,
) -> pd.DataFrame:
    """The table of :func:`aggregation_check` for a prepared sample."""
    if people is None:
        people = np.ones(len(sample.areas)) if sample.weight is None else sample.weight.max(axis=1)
    rng = np.random.default_rng(seed)
    found = np.full((2, draws, len(sample.indicators)), np.nan)
    left = np.zeros(draws)
    for draw in range(draws):
        merged = _merged(sample, _cut(sample, lists, people, max_areas, rng))
        found[0, draw] = squares(merged).eta2
        found[1, draw] = share(*moments(merged))
        left[draw] = len(merged.areas)
    table = {"eta2": squares(sample).eta2, "share_structural": share(*moments(sample))}
    for name, values in zip(("eta2", "share_structural"), found, strict=True):
        some = ~np.isnan(values).all(axis=0)
        for suffix, level in (("merged", 0.5), ("merged_low", 0.05), ("merged_high", 0.95)):
            column = np.full(values.shape[1], np.nan)
            column[some] = np.nanquantile(values[:, some], level, axis=0)
            table[f"{name}_{suffix}"] = column
    table["areas"] = np.full(len(sample.indicators), np.median(left) if draws else np.nan)
    return pd.DataFrame(table, index=pd.Index(sample.indicators, name="indicator"))


def _cut(
    sample: Sample, lists: Sequence[Sequence[int]], people: Floats, max_areas: int, rng: np.random.Generator
) -> np.ndarray:
    """Number of the merged area for every area."""
    label = np.empty(len(sample.areas), dtype=int)
    used = 0
    for code in range(len(sample.groups)):
        inside = np.flatnonzero(sample.codes == code)
        if len(inside) <= max_areas:
            label[inside] = used + np.arange(len(inside))
            used += len(inside)
            continue
        place = {int(area): at for at, area in enumerate(inside)}
        near = [[place[other] for other in lists[int(area)] if other in place] for area in inside]
        label[inside] = used + _balanced(near, people[inside], max_areas, rng)
        used += max_areas
    return label


def _balanced(near: list[list[int]], people: Floats, parts: int, rng: np.random.Generator) -> np.ndarray:
    """Contiguous parts of similar population: the smallest part that can still grow takes a neighbour."""
    label = np.full(len(near), -1)
    size = np.zeros(parts)
    border: list[list[int]] = []
    for part, seed in enumerate(rng.choice(len(near), parts, replace=False).tolist()):
        label[seed], size[part] = part, people[seed]
        border.append(list(near[seed]))
    growing = set(range(parts))
    while growing:
        part = min(growing, key=lambda one: (size[one], one))
        border[part] = [area for area in border[part] if label[area] < 0]
        if not border[part]:
            growing.discard(part)
            continue
        area = border[part][int(rng.integers(len(border[part])))]
        label[area], size[part] = part, size[part] + people[area]
        border[part].extend(near[area])
    for area in np.flatnonzero(label < 0).tolist():
        smallest = int(np.argmin(size))
        label[area], size[smallest] = smallest, size[smallest] + people[area]
    return label


def _merged(sample: Sample, label: np.ndarray) -> Sample:
    count = int(label.max()) + 1
    member = membership(label, count)
    w = sample.known.astype(float) if sample.weight is None else sample.weight
    total = member @ w
    known = total > 0
    safe = np.where(known, total, 1.0)
    codes = np.zeros(count, dtype=np.intp)
    codes[label] = sample.codes
    return Sample(
        areas=pd.RangeIndex(count),
        indicators=sample.indicators,
        groups=sample.groups,
        codes=codes,
        x=(member @ (w * sample.x)) / safe,
        centre=sample.centre,
        known=known,
        weight=None if sample.weight is None else total,
        noise=None if sample.noise is None else (member @ (w * w * sample.noise)) / safe**2,
    )
