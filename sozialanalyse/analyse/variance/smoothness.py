"""How much of a smooth map a partition catches: random surfaces of known smoothness as a yardstick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .nulls import Null, Reshape, group_sizes, group_sums, label_draws, logit, share_null
from .sample import SEED, Floats, Sample

_ROUNDS = (0, 1, 2, 4, 8, 16, 32)
_NUMBERS, _MOST, _LEAST = 2_000_000, 192, 16


@dataclass(frozen=True)
class Surfaces:
    """Random surfaces without borders, from white noise to very smooth.

    Attributes
    ----------
    weights : sparse array
        Row-standardised contiguity of the areas.
    steps : ndarray
        Levels x areas x surfaces: noise averaged with the neighbours 0, 1, 2, 4 ... 32 times,
        centred, of equal length.
    """

    weights: sparse.csr_array
    steps: Floats

    @classmethod
    def of(cls, neighbours: Sequence[Sequence[int]]) -> Surfaces:
        """Surfaces of a map; always the same for the same map."""
        areas = len(neighbours)
        width = int(np.clip(_NUMBERS // max(areas, 1) // len(_ROUNDS), _LEAST, _MOST))
        average = contiguity(neighbours, own=True)
        surface = np.random.default_rng(SEED).normal(size=(areas, width))
        steps, done = np.empty((len(_ROUNDS), areas, width)), 0
        for level, rounds in enumerate(_ROUNDS):
            for _ in range(rounds - done):
                surface = average @ surface
            done = rounds
            steps[level] = surface
        return cls(contiguity(neighbours), _unit(steps))

    def rows(self, rows: NDArray[np.intp]) -> Surfaces:
        """The surfaces where only some areas have a value."""
        if len(rows) == self.steps.shape[1]:
            return self
        part = self.weights[rows][:, rows]
        sums = np.asarray(part.sum(axis=1)).ravel()
        return Surfaces(
            sparse.csr_array(sparse.diags_array(1 / np.where(sums > 0, sums, 1.0)) @ part),
            _unit(self.steps[:, rows]),
        )

    def alike(self, z: Floats) -> Floats:
        """Moran's I of centred columns, as Rayleigh quotient."""
        total = (z * z).sum(axis=0)
        return (z * (self.weights @ z)).sum(axis=0) / np.where(total > 0, total, 1.0)

    @cached_property
    def _smoothness(self) -> Floats:
        """Mean Moran's I per level, not falling."""
        found = [float(self.alike(step).mean()) for step in self.steps]
        return np.maximum.accumulate(np.array(found) + 1e-9 * np.arange(len(found)))

    def caught(self, labels: NDArray[np.integer], count: int, at: Sequence[int] | None = None) -> Floats:
        """Mean and deviation of the logit share between the groups, at some levels: 2 x draws x levels."""
        steps = self.steps if at is None else self.steps[list(at)]
        levels, areas, width = steps.shape
        table = steps.transpose(1, 0, 2).reshape(areas, levels * width)
        parts = [np.zeros((2, 0, levels))]
        for part in label_draws(labels):
            sums, sizes = group_sums(table, part, count), group_sizes(part, count)
            shares = ((sums**2) / np.maximum(sizes, 1)[:, :, None]).sum(axis=1)
            found = logit(shares.reshape(len(part), levels, width))
            parts.append(np.stack([found.mean(axis=2), found.std(axis=2)]))
        return np.concatenate(parts, axis=1)

    def expected(self, alike: Floats, labels: NDArray[np.integer], count: int) -> Floats:
        """What is caught of maps with Moran's I ``alike``, between the levels: 2 x draws x maps."""
        last = len(self._smoothness) - 1
        place = np.interp(alike, self._smoothness, np.arange(last + 1))
        low = np.minimum(place.astype(int), last - 1)
        part, used = place - low, np.unique([low, low + 1])
        caught, first = self.caught(labels, count, used.tolist()), np.searchsorted(used, low)
        return caught[:, :, first] * (1 - part) + caught[:, :, first + 1] * part

    def reshape(
        self, alike: Floats, codes: NDArray[np.intp], labels: NDArray[np.integer], count: int
    ) -> Reshape:
        """What makes drawn partitions comparable with the real one on maps with Moran's I ``alike``."""
        real, drawn = (self.expected(alike, part, count) for part in (codes[None], labels))
        spread = np.sqrt((drawn[1] ** 2).mean(axis=0))
        return Reshape(real[0, 0], drawn[0], real[1, 0] / np.where(spread > 0, spread, 1.0))


def contiguous_null(sample: Sample, labels: NDArray[np.integer], surfaces: Surfaces) -> Null:
    r"""Null of random contiguous partitions; ``labels`` is draws x areas in the order of the sample.

    Partitions differ in how much of a smooth map they catch, whatever its borders, and in how much
    that varies from map to map. With the mean :math:`m` and standard deviation :math:`s` of the logit
    share that the real partition catches of borderless surfaces as smooth as the indicator (same
    Moran's I), :math:`m_b` those of a drawn one and :math:`\bar s` the quadratic mean of the drawn
    ones' deviations, the logit :math:`l_b` of each drawn share becomes
    :math:`m + (l_b - m_b)\,s/\bar s`.
    """

    def shape(rows: NDArray[np.intp], x: Floats) -> Reshape:
        near = surfaces.rows(rows)
        alike = near.alike(x - x.mean(axis=0))
        return near.reshape(alike, sample.codes[rows], labels[:, rows], len(sample.groups))

    return share_null(sample, lambda rows: label_draws(labels[:, rows]), shape)


def contiguity(neighbours: Sequence[Sequence[int]], *, own: bool = False) -> sparse.csr_array:
    """Row-standardised neighbours; with ``own`` every area counts among its neighbours."""
    lists = [[at, *found] if own else found for at, found in enumerate(neighbours)]
    lengths = np.array([len(found) for found in lists], dtype=int)
    pointer = np.concatenate([[0], np.cumsum(lengths)])
    ends = np.array([other for found in lists for other in found], dtype=int)
    data = np.repeat(1 / np.maximum(lengths, 1), lengths)
    return sparse.csr_array((data, ends, pointer), shape=(len(lists), len(lists)))


def _unit(steps: Floats) -> Floats:
    centred = steps - steps.mean(axis=1, keepdims=True)
    return centred / np.maximum(np.sqrt((centred**2).sum(axis=1, keepdims=True)), 1e-12)
