"""Worlds with a single cluster: could one cloud, however skewed, heavy-tailed or bent, look like the data?

Each world is fitted to the data, draws data sets of the same size, and says how many of them look at
least as much like types. Only if none of the worlds explains the data is there more than a continuum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats
from scipy.sparse import csgraph

from sozialanalyse.analyse.clusters.kmeans import Floats, solve, squared_distances
from sozialanalyse.analyse.clusters.stability import silhouettes

LEVEL = 0.05
DEGREES = (2, 3)
"""Degrees of the polynomials that a bent gradient follows."""
TOGETHER = 0.55
"""Correlation of what data with a single cluster say against a curve of one degree and of the other (simulation)."""
LOOKS = 1.25, 2.0
"""p of the mean over k and of the largest k are multiplied by these: two looks, much alike."""
STARTS = 10
STEPS = ((19, 0.4, 0.0), (39, 0.2, 0.002))
"""Draws of a world, and p above or below which it is clear by then whether the world explains the data."""
WORLDS = ("gauss", "schief", "gebogen")
TAILS = (1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 20.0, np.inf)
_POINTS = 81
_GRAPH = 10
_NEAR = 0.3
"""Part of the line over which the width of the noise is averaged; over less it follows chance."""
_SWEEPS, _LAST = 4, 12
"""Sweeps of a curve from every start, and of the best one after that."""
_BLOCK = 1_000_000


class Verdict(NamedTuple):
    """Silhouette z per k against the Gaussian world, largest p of the worlds, and the world that has it."""

    z: Floats
    p: float
    world: str


def verdict(
    x: Floats, ks: list[int], draws: int, rng: np.random.Generator, order: tuple[str, ...] = WORLDS
) -> Verdict:
    """Hold the data against every world; the first that explains them ends the search.

    Parameters
    ----------
    x
        (n, p) coordinates without gaps.
    ks
        Numbers of types looked at.
    draws
        Data sets per world.
    order
        Worlds in the order in which they are asked. The answer does not depend on it, the time does; without
        the Gaussian world before the one that explains the data there is no silhouette z.
    """
    starts = STARTS if len(x) <= 200 else 4
    x = x - np.median(x, axis=0)
    x = x / max(float(np.sqrt(np.mean(x**2))), 1e-300)
    own_width, own_distance = _looks(x[None], ks, starts, rng)
    shown = np.full(len(ks), np.nan)
    worst, by = 0.0, order[0]
    for world in order:
        if world == "gauss":
            null = _looks_of(gaussian(x, draws, rng), ks, starts, rng)[0]
            spread = null.std(axis=0)
            shown = (own_width[0] - null.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
            p = _p(own_width[None], null[None])
        elif world == "schief":
            p = _skewed(x, own_width, ks, draws, starts, rng)
        elif np.linalg.matrix_rank(x - x.mean(axis=0)) > 1:
            p = _along_curve(x, own_width, own_distance, ks, draws, starts, rng)
        else:
            continue
        if p > worst:
            worst, by = p, world
        if worst > LEVEL:
            break
    return Verdict(shown, worst, by)


def _skewed(
    x: Floats, own: Floats, ks: list[int], draws: int, starts: int, rng: np.random.Generator
) -> float:
    copula = own_margins(x, rng)
    return _in_steps(
        lambda several: _looks_of(copula(several), ks, starts, rng)[0][None], own[None], draws, _p
    )


def _along_curve(
    x: Floats,
    own_width: Floats,
    own_distance: Floats,
    ks: list[int],
    draws: int,
    starts: int,
    rng: np.random.Generator,
) -> float:
    """p of the bent world: distances to the curve and to the centres, against curves of both degrees.

    One curve is too stiff for some gradients, the other follows noise where there is much, and either way
    data look unlike what is drawn; so their z are added (Stouffer 1949), correlated as measured.
    A curve that goes through all areas as finely as it is computed, as a cubic does through any four kinds
    of area, leaves no distances to compare: there the silhouettes of places along it decide.
    """
    worlds = [Bent.fit(x, degree) for degree in DEGREES]
    last = worlds[-1]
    if _mean_root(last.distance) < last.step / 2:
        return _in_steps(
            lambda several: _looks_of(last.draw(several, rng)[0], ks, starts, rng)[0][None],
            own_width[None], draws, _p,
        )  # fmt: skip
    own = np.array([np.log(_mean_root(bent.distance)) - own_distance for bent in worlds])

    def along(several: int) -> Floats:
        parts = []
        for bent, degree in zip(worlds, DEGREES, strict=True):
            sets, place = bent.draw(several, rng)
            away, _, _ = best_curve(sets, degree, place)
            parts.append(np.log(_mean_root(away))[:, None] - _looks_of(sets, ks, starts, rng)[1])
        return np.array(parts)

    return _in_steps(along, own, draws, _p_of_both)


def _in_steps(
    null: Callable[[int], Floats], own: Floats, draws: int, judge: Callable[[Floats, Floats], float]
) -> float:
    """Monte Carlo p of a world; stops early where more draws would not change the answer.

    ``own`` (worlds, 1, ks), draws (worlds, several, ks).
    """
    parts: list[Floats] = []
    done, p = 0, 1.0
    for until, explains, explains_not in (*STEPS, (draws, 1.0, 0.0)):
        several = min(until, draws) - done
        if several > 0:
            parts.append(null(several))
            done += several
            p = judge(own, np.concatenate(parts, axis=1))
        if p > explains or p < explains_not:
            break
    return p


def _p(own: Floats, null: Floats) -> float:
    """(1 + data sets whose largest z over k is not smaller) / (draws + 1)."""
    found = _standard(np.concatenate([own[0], null[0]])).max(axis=1)
    return float((1 + (found[1:] >= found[0]).sum()) / len(found))


def _p_of_both(own: Floats, null: Floats) -> float:
    """p of z added over the worlds: of the mean over k (normal) and of the largest (Gumbel)."""
    over_k = [_standard(np.concatenate(one)) for one in zip(own, null, strict=True)]
    spread = np.sqrt(len(own) * (1 + (len(own) - 1) * TOGETHER))
    mean, most = (
        sum(_standard(found)[0] for found in looks) / spread
        for looks in ([z.mean(axis=1) for z in over_k], [z.max(axis=1) for z in over_k])
    )
    of_most = stats.gumbel_r.sf(np.pi / np.sqrt(6) * most + np.euler_gamma)
    return float(min(LOOKS[0] * stats.norm.sf(mean), LOOKS[1] * of_most, 1.0))


def _standard(sets: Floats) -> Floats:
    """z over the data sets; the observed one takes its turn in the standardisation and is not favoured."""
    spread = sets.std(axis=0)
    return np.asarray((sets - sets.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _looks_of(sets: Floats, ks: list[int], starts: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """:func:`_looks` in blocks that fit into memory."""
    block = max(1, _BLOCK // sets.shape[1] ** 2)
    parts = [_looks(sets[b : b + block], ks, starts, rng) for b in range(0, len(sets), block)]
    widths, away = zip(*parts, strict=True)
    return np.concatenate(widths), np.concatenate(away)


def _looks(sets: Floats, ks: list[int], starts: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Mean silhouette, and logarithm of the mean distance to the centre, of k-means (D, ks).

    In single precision, which is enough to compare worlds and twice as fast; data lie around zero.
    """
    sets = sets.astype(np.float32)
    square = squared_distances(sets, sets)
    apart = np.sqrt(square)
    widths, away = np.empty((len(sets), len(ks))), np.empty((len(sets), len(ks)))
    for position, k in enumerate(ks):
        found = solve(sets, k, starts=starts, rng=rng, distance=square)
        labels = found.labels[:, 0]
        widths[:, position] = silhouettes(apart, labels, k).mean(axis=-1)
        to_centres = squared_distances(sets, found.centres[:, 0])
        own = np.take_along_axis(to_centres, labels[..., None], axis=2)[..., 0]
        away[:, position] = np.log(_mean_root(own))
    return widths, away


def _mean_root(square: Floats) -> Floats:
    """Mean distance from squared ones, never zero."""
    return np.asarray(np.maximum(np.sqrt(square).mean(axis=-1), 1e-12))


# --- the worlds ---------------------------------------------------------------------------------


def gaussian(x: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Gaussian data of the same covariance (draws, n, p)."""
    centred = x - x.mean(axis=0)
    _, scale, axes = np.linalg.svd(centred / np.sqrt(max(len(x) - 1, 1)), full_matrices=False)
    return rng.standard_normal((draws, len(x), len(scale))) * scale @ axes


def own_margins(x: Floats, rng: np.random.Generator) -> Callable[[int], Floats]:
    """Elliptical copula with the margins of the data.

    Normal scores give the correlation; a common factor per area (Student's t) makes areas extreme in
    many columns at once, its degrees of freedom chosen so that distances to the middle scatter as in
    the data. One or two columns nearly are their own margins, so there the margins are smoothed until
    they have one mode (Silverman 1981).
    """
    n, p = x.shape
    values = np.sort(x if p > 2 else np.column_stack([_one_mode(column, rng) for column in x.T]), axis=0)
    scores = stats.norm.ppf((stats.rankdata(x, axis=0) - 0.5) / n)
    root = _root(scores)

    def draw(several: int, tail: float) -> Floats:
        found = rng.standard_normal((several, n, p)) @ root
        if np.isfinite(tail):
            found /= np.sqrt(rng.chisquare(tail, (several, n, 1)) / tail)
        out = np.empty_like(found)
        np.put_along_axis(out, np.argsort(found, axis=1), np.broadcast_to(values, found.shape), axis=1)
        return out

    wanted = _scatter(x[None])[0]
    tail = min(TAILS, key=lambda t: abs(float(np.median(_scatter(draw(60, t)))) - wanted))
    return lambda several: draw(several, tail)


def _scatter(sets: Floats) -> Floats:
    """Coefficient of variation of the squared distances to the middle, columns of equal spread."""
    centred = sets - sets.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    square = ((centred / np.where(spread > 0, spread, 1.0)) ** 2).sum(axis=-1)
    return np.asarray(square.std(axis=-1) / np.maximum(square.mean(axis=-1), 1e-300))


class Bent(NamedTuple):
    """A gradient along a bent line, one mode along it, noise around it that may widen along it.

    ``line`` (points, p) from 0 to 1, ``place`` of every row on it, ``distance`` squared to it, ``width``
    of the noise at every row, ``noise`` root of its correlation, ``tail`` how unequal its size is.
    """

    centre: Floats
    line: Floats
    place: Floats
    distance: Floats
    width: Floats
    noise: Floats
    tail: float
    low: Floats
    high: Floats

    @classmethod
    def fit(cls, x: Floats, degree: int) -> Bent:
        """Principal curve (Hastie & Stuetzle 1989), a polynomial of that degree."""
        n = len(x)
        centre = x.mean(axis=0)
        data = x - centre
        away, lines, places = best_curve(data[None], degree, _along_graph(data)[None])
        distance, line, place = away[0], lines[0], places[0]
        rest = data - line[np.rint(place * (_POINTS - 1)).astype(int)]
        size = (rest**2).sum(axis=1) + 1e-24
        near = np.exp(-0.5 * ((place[:, None] - place) / _NEAR) ** 2)
        local = np.sqrt(near @ size / near.sum(axis=1))
        plain = rest / local[:, None]
        covariance = np.atleast_2d(np.cov(plain.T))
        dims = np.trace(covariance) ** 2 / max(float((covariance**2).sum()), 1e-300)
        # what the fit took away: the coefficients, and the direction of the line
        inflation = np.sqrt(n / max(n - degree - 1, 1) * dims / max(dims - 1, 0.5))
        square = (plain**2).sum(axis=1)
        unequal = (square.std() / max(square.mean(), 1e-300)) ** 2
        tail = max((unequal - 2 / dims) / (1 + 2 / dims), 0.0)
        # the fitted line follows chance too: as regression does, by a part degree / n of the noise
        along = line[np.rint(place * (_POINTS - 1)).astype(int)]
        signal = float(((along - along.mean(axis=0)) ** 2).sum(axis=1).mean())
        chance = float((local**2).mean()) * inflation**2 * degree / n
        shorter = np.sqrt(np.clip(1 - chance / max(signal, 1e-300), 0.25, 1.0))
        line = line.mean(axis=0) + shorter * (line - line.mean(axis=0))
        return cls(
            centre, line, place, distance, local * inflation, _root(plain), tail,
            data.min(axis=0), data.max(axis=0),
        )  # fmt: skip

    @property
    def step(self) -> float:
        """Mean distance between neighbouring points of the line."""
        return float(np.linalg.norm(np.diff(self.line, axis=0), axis=1).mean())

    def draw(self, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Data sets (draws, n, p) and the places (draws, n) on the line."""
        n, p = len(self.place), self.line.shape[1]
        place = np.clip(_unimodal(self.place, (draws, n), rng), 0.0, 1.0)
        exact = place * (_POINTS - 1)
        left = np.minimum(exact.astype(int), _POINTS - 2)
        part = (exact - left)[..., None]
        middle = self.line[left] + part * (self.line[left + 1] - self.line[left])
        order = np.argsort(self.place)
        width = np.interp(place, self.place[order], self.width[order])[..., None]
        noise = rng.standard_normal((draws, n, p)) @ self.noise * width
        if self.tail > 0:
            noise *= np.sqrt(rng.gamma(1 / self.tail, self.tail, (draws, n, 1)))
        return self.centre + np.clip(middle + noise, self.low, self.high), place


def best_curve(sets: Floats, degree: int, start: Floats) -> tuple[Floats, Floats, Floats]:
    """:func:`curve` from several orders of the rows and one more, the best of them swept to the end.

    Data and draws are fitted alike, or what one fit happens to miss would look like types.
    """
    found = curve(sets, degree, [*_orders(sets), start], _SWEEPS)
    again = curve(sets, degree, [found[2]], _LAST)
    new = again[0].sum(axis=1) < found[0].sum(axis=1)
    for one, other in zip(found, again, strict=True):
        one[new] = other[new]
    return found


def curve(sets: Floats, degree: int, starts: list[Floats], sweeps: int) -> tuple[Floats, Floats, Floats]:
    """Best polynomial curve through every data set (D, n, p).

    Places on the curve and curve in turn, from every start (D, n); returns squared distances (D, n),
    curve (D, points, p) around the mean and places 0..1 (D, n).
    """
    several, n, p = sets.shape
    data = sets - sets.mean(axis=1, keepdims=True)
    square = np.einsum("dij,dij->di", data, data)
    grid = np.linspace(0.0, 1.0, _POINTS)
    base = _legendre(grid, degree)
    best = np.full(several, np.inf)
    away, line, place = np.zeros((several, n)), np.zeros((several, _POINTS, p)), np.zeros((several, n))
    for start in starts:
        at = start
        for _ in range(sweeps):
            low, high = at.min(axis=1, keepdims=True), at.max(axis=1, keepdims=True)
            design = _legendre((at - low) / np.where(high > low, high - low, 1.0), degree)
            turned = np.swapaxes(design, 1, 2)
            slopes = np.linalg.solve(turned @ design + 1e-8 * np.eye(degree + 1), turned @ data)
            drawn = base @ slopes
            near = data @ np.swapaxes(drawn, 1, 2)
            near -= 0.5 * np.einsum("dij,dij->di", drawn, drawn)[:, None, :]
            nearest = near.argmax(axis=2)
            smallest = np.maximum(
                square - 2 * np.take_along_axis(near, nearest[..., None], axis=2)[..., 0], 0.0
            )
            total = smallest.sum(axis=1)
            new = total < best
            best = np.where(new, total, best)
            away[new], line[new], place[new] = smallest[new], drawn[new], grid[nearest[new]]
            steps = np.linalg.norm(np.diff(drawn, axis=1), axis=2).cumsum(axis=1)
            arc = np.concatenate([np.zeros((several, 1)), steps], axis=1)
            at = np.take_along_axis(arc / np.maximum(arc[:, -1:], 1e-12), nearest, axis=1)
    return away, line, place


def _legendre(at: Floats, degree: int) -> Floats:
    return np.asarray(np.polynomial.legendre.legvander(2 * at - 1, degree), dtype=np.float64)


def _principal(sets: Floats) -> Floats:
    """Principal components (D, n, p), largest first."""
    u, s, _ = np.linalg.svd(sets - sets.mean(axis=1, keepdims=True), full_matrices=False)
    return np.asarray(u * s[:, None, :])


def _orders(sets: Floats) -> list[Floats]:
    """Orders to start a curve from: three components, slants between them, the angle of the first two."""
    parts = _principal(sets)
    first = parts[..., 0]
    if parts.shape[2] == 1:
        return [first]
    second = parts[..., 1]
    angle = np.arctan2(second, first)
    around = np.sort(angle, axis=1)
    gaps = np.diff(np.concatenate([around, around[:, :1] + 2 * np.pi], axis=1), axis=1)
    after = (gaps.argmax(axis=1) + 1) % around.shape[1]
    opened = (angle - np.take_along_axis(around, after[:, None], axis=1)) % (2 * np.pi)
    found = [first, second, opened, first + second, first - second]
    if parts.shape[2] > 2:
        third = parts[..., 2]
        found += [third, first + third, first - third]
    return found


def _along_graph(data: Floats) -> Floats:
    """Order (n,) by paths from neighbour to neighbour (first axis of Isomap, Tenenbaum et al. 2000)."""
    n = len(data)
    distance = np.sqrt(squared_distances(data, data))
    near = np.argsort(distance, axis=1)[:, 1 : min(_GRAPH, n - 1) + 1]
    graph = np.zeros_like(distance)
    np.put_along_axis(graph, near, np.take_along_axis(distance, near, axis=1), axis=1)
    path = csgraph.shortest_path(np.maximum(graph, graph.T), directed=False)
    reached = np.isfinite(path)
    path = np.where(reached, path, 1.5 * path[reached].max())
    centring = np.eye(n) - 1 / n
    _, vectors = np.linalg.eigh(-0.5 * centring @ path**2 @ centring)
    return np.asarray(vectors[:, -1])


def _root(rows: Floats) -> Floats:
    """Symmetric root of the covariance of the rows."""
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(rows.T)))
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def _unimodal(at: Floats, size: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Draws from the smoothed distribution of ``at`` with one mode, mean and spread kept (Silverman 1981)."""
    spread = float(at.std())
    if spread == 0:
        return np.full(size, float(at.mean()))
    low, high = 0.02 * spread, 1.5 * spread
    grid = np.linspace(at.min() - spread, at.max() + spread, 151)[:, None]
    for _ in range(16):
        width = (low + high) / 2
        density = np.exp(-0.5 * ((grid - at) / width) ** 2).sum(axis=1)
        turns = np.sign(np.diff(density))
        turns = turns[turns != 0]
        if int(((turns[:-1] > 0) & (turns[1:] < 0)).sum()) <= 1:
            high = width
        else:
            low = width
    mean = float(at.mean())
    drawn = at[rng.integers(0, len(at), size)] + high * rng.standard_normal(size)
    return np.asarray(mean + (drawn - mean) / np.sqrt(1 + (high / spread) ** 2))


def _one_mode(column: Floats, rng: np.random.Generator) -> Floats:
    """As many values as the column has, from its smoothed distribution with one mode."""
    places = (np.arange(len(column)) + 0.5) / len(column)
    drawn = np.quantile(_unimodal(column, (4_000,), rng), places)
    return np.asarray(np.clip(drawn, column.min(), column.max()))
