"""Planted truth for the variance analyses: does what is promised hold?

``python tests/simulation/simulate_variance.py [draws] [--out build/simulation]`` prints a results page in
markdown and writes it as ``variance.md`` into an ignored folder (about ten minutes with 2000 draws). The
tests use the same functions with fewer draws; ``anleitung/methods.md`` quotes a run.

Design, unless said otherwise: 93 areas in 10 municipalities of 17, 16, 14, 12, 10, 9, 7, 4, 2 and 2.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import Delaunay, cKDTree

from sozialanalyse.analyse.variance.messages import outlying_groups
from sozialanalyse.variance import (
    bridge,
    bridge_spread,
    compare_years,
    contiguous_partitions,
    decompose,
    dispersion,
    morans_i,
    permanova,
    theil,
)

SIZES = (17, 16, 14, 12, 10, 9, 7, 4, 2, 2)
CODES = np.repeat(np.arange(len(SIZES)), SIZES)
INDEX = pd.Index([f"a{i:03d}" for i in range(len(CODES))])
GROUPS = pd.Series(CODES, index=INDEX)

# rate, median persons, true share, coefficient of variation of the true rates
RATES = {
    "common, large areas": (0.25, 3000, 0.429, 0.2),
    "6 %, 800 persons": (0.06, 800, 0.333, 0.35),
    "6 %, 150 persons": (0.06, 150, 0.333, 0.35),
    "6 %, no differences between": (0.06, 400, 0.0, 0.35),
    "rare, 0.8 %": (0.008, 800, 0.333, 0.4),
    "mostly noise": (0.06, 150, 0.1, 0.2),
    "mostly between": (0.06, 800, 0.7, 0.35),
}


def rates(
    rate: float, persons: float, share: float, variation: float, draws: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cases and persons, one column per simulated data set."""
    rng = np.random.default_rng(seed)
    total = (variation * rate) ** 2
    n = np.exp(rng.normal(np.log(persons), 0.6, (len(CODES), draws))).astype(int) + 20
    group = rng.normal(size=(len(SIZES), draws)) * np.sqrt(share * total)
    p = rate + group[CODES] + rng.normal(size=n.shape) * np.sqrt((1 - share) * total)
    cases = rng.binomial(n, np.clip(p, 1e-4, 1 - 1e-4))
    return pd.DataFrame(cases, index=INDEX, dtype=float), pd.DataFrame(n, index=INDEX, dtype=float)


def share_of_rates(name: str, draws: int, seed: int = 1) -> dict[str, float]:
    """Bias and root mean squared error of the lasting share where it is told, coverage of its interval
    everywhere, part of the data sets that do not tell it, size of the free test."""
    truth = RATES[name][2]
    cases, persons = rates(*RATES[name], draws, seed)
    result = decompose(None, GROUPS, count=cases, base=persons, permutations=199)
    table, told = result.table, result.decidable
    inside = (table["share_low"] <= truth) & (truth <= table["share_high"])

    def error(column: str) -> np.ndarray:
        return (table.loc[told, column] - truth).dropna().to_numpy()

    return {
        "true share": truth,
        "bias eta2": error("eta2").mean(),
        "bias ICC": error("icc").mean(),
        "bias moments": error("share_structural").mean(),
        "RMSE moments": np.sqrt((error("share_structural") ** 2).mean()),
        "bias REML": error("share_reml").mean(),
        "RMSE REML": np.sqrt((error("share_reml") ** 2).mean()),
        "coverage": inside.mean(),
        "not told": 1 - told.mean(),
        "width": (table["share_high"] - table["share_low"]).mean(),
        "p_free <= 0.05": (table["p_free"] <= 0.05).mean(),
    }


def coverage_without_noise(share: float, draws: int, seed: int = 2) -> dict[str, float]:
    """Coverage of the exact interval of the intraclass correlation, normal data."""
    rng = np.random.default_rng(seed)
    group = rng.normal(size=(len(SIZES), draws))[CODES] * np.sqrt(share)
    y = pd.DataFrame(group + rng.normal(size=(len(CODES), draws)) * np.sqrt(1 - share), index=INDEX)
    table = decompose(y, GROUPS, permutations=199).table
    inside = (table["icc_low"] <= share) & (share <= table["icc_high"])
    return {
        "true share": share,
        "coverage": inside.mean(),
        "p_free <= 0.05": (table["p_free"] <= 0.05).mean(),
    }


def random_map(rng: np.random.Generator, areas: int = 93) -> tuple[np.ndarray, list[list[int]]]:
    """Centres and neighbours of a random, fairly regular map in the unit square."""
    points = rng.random((areas, 2))
    for _ in range(2):
        dust = rng.random((20_000, 2))
        owner = cKDTree(points).query(dust)[1]
        points = np.array([dust[owner == at].mean(axis=0) for at in range(areas)])
    near: list[set[int]] = [set() for _ in range(areas)]
    for corners in Delaunay(points).simplices:
        for one in corners:
            near[one] |= {int(two) for two in corners if np.linalg.norm(points[one] - points[two]) < 0.25}
    return points, [sorted(found - {at}) for at, found in enumerate(near)]


def municipalities(
    kind: str, points: np.ndarray, near: list[list[int]], rng: np.random.Generator
) -> np.ndarray:
    """True borders that mean nothing: grown, round cells, or straight cuts."""
    if kind == "grown":
        seed = int(rng.integers(1_000_000))
        return contiguous_partitions(near, SIZES, 1, seed, compactness=float(rng.choice([1, 2, 8])))[0]
    if kind == "round":
        seeds = rng.choice(len(points), len(SIZES), replace=False)
        return cKDTree(points[seeds]).query(points)[1]
    label = np.empty(len(points), dtype=int)
    todo: list[tuple[np.ndarray, list[int]]] = [(np.arange(len(points)), list(rng.permutation(len(SIZES))))]
    while todo:
        inside, groups = todo.pop()
        if len(groups) == 1:
            label[inside] = groups[0]
            continue
        left, right = groups[: len(groups) // 2], groups[len(groups) // 2 :]
        angle = rng.random() * 2 * np.pi
        order = inside[np.argsort(points[inside] @ [np.cos(angle), np.sin(angle)])]
        cut = sum(SIZES[group] for group in left)
        todo += [(order[:cut], left), (order[cut:], right)]
    return label


def smooth(near: list[list[int]], rounds: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Noise averaged with the neighbours ``rounds`` times: a smooth map without borders."""
    average = np.eye(len(near))
    for at, found in enumerate(near):
        average[at, found] = 1
    average /= average.sum(axis=1, keepdims=True)
    z = rng.normal(size=(len(near), columns))
    for _ in range(rounds):
        z = average @ z
    return z


def border_effect(
    kind: str, rounds: int, maps: int, seed: int = 3, columns: int = 20, border: float = 0.0
) -> dict[str, float]:
    """How often borders are called real, by free labels and by the contiguous null.

    ``border``: standard deviation of what each municipality adds, 0 if its borders mean nothing.
    """
    rng = np.random.default_rng(seed)
    free, near_p, alike = [], [], []
    for _ in range(maps):
        points, near = random_map(rng)
        index = pd.RangeIndex(len(points))
        groups = pd.Series(municipalities(kind, points, near, rng), index=index)
        values = pd.DataFrame(smooth(near, rounds, columns, rng), index=index)
        values += border * values.std().to_numpy() * rng.normal(size=(groups.max() + 1, columns))[groups]
        neighbours = dict(enumerate(near))
        alike.append(morans_i(values, neighbours=neighbours, permutations=0)["i"].mean())
        table = decompose(
            values,
            groups,
            neighbours=neighbours,
            permutations=199,
            seed=int(rng.integers(1_000_000)),
        ).table
        free.append((table["p_free"] <= 0.05).mean())
        near_p.append((table["p_contiguous"] <= 0.05).mean())
    return {
        "Moran's I": np.mean(alike),
        "free labels": np.mean(free),
        "contiguous": np.mean(near_p),
        "s.e.": np.std(near_p) / np.sqrt(maps),
    }


def dense_core(rng: np.random.Generator, areas: int = 93) -> tuple[np.ndarray, list[list[int]], np.ndarray]:
    """Small areas in the middle, large ones outside; one municipality around the middle, nine in a ring."""
    radius, angle = np.abs(rng.normal(0, 0.22, 8 * areas)), rng.random(8 * areas) * 2 * np.pi
    tried = np.c_[0.5 + radius * np.cos(angle), 0.5 + radius * np.sin(angle)]
    kept: list[np.ndarray] = []
    for point in tried[((tried > 0) & (tried < 1)).all(axis=1)]:
        apart = 0.015 + 0.08 * np.hypot(*(point - 0.5))
        if all(np.hypot(*(point - other)) > apart for other in kept) and len(kept) < areas:
            kept.append(point)
    points = np.array(kept)
    turn = np.arange(9) * 2 * np.pi / 9
    seats = np.vstack([[0.5, 0.5], 0.5 + 0.42 * np.c_[np.cos(turn), np.sin(turn)]])
    home = np.unique(cKDTree(seats).query(points)[1], return_inverse=True)[1]
    return points, touching(points), home


def sectors(rng: np.random.Generator, areas: int = 93) -> tuple[np.ndarray, list[list[int]], np.ndarray]:
    """A fairly regular map cut like a cake into ten municipalities of random width."""
    points, near = random_map(rng, areas)
    angle = np.arctan2(*(points - 0.5).T[::-1])
    cut = np.searchsorted(np.sort(rng.random(10) * 2 * np.pi - np.pi), angle) % 10
    return points, near, np.unique(cut, return_inverse=True)[1]


def shipped(rng: np.random.Generator) -> tuple[np.ndarray, list[list[int]], np.ndarray]:
    """Areas and municipalities of the shipped region."""
    folder = Path(__file__).parents[2] / "data" / "staedteregion-aachen" / "lieferungen" / "geometrie"
    shapes = gpd.read_file(folder / "sozialraeume.gpkg", layer="sozialraeume")
    centre = shapes.geometry.representative_point()
    points = np.c_[centre.x, centre.y]
    points = (points - points.min(axis=0)) / np.ptp(points, axis=0).max()
    home = np.unique(shapes["kennung"].str.extract(r"^(\D+)", expand=False), return_inverse=True)[1]
    return points, touching(points), home


def touching(points: np.ndarray) -> list[list[int]]:
    """Neighbours by triangulation, without very long edges."""
    near: list[set[int]] = [set() for _ in points]
    for corners in Delaunay(points).simplices:
        for one in corners:
            near[one] |= {int(two) for two in corners if np.linalg.norm(points[one] - points[two]) < 0.35}
    return [sorted(found - {at}) for at, found in enumerate(near)]


MAPS = {"dense core": dense_core, "sectors": sectors, "shipped": shipped}
FIELDS = (
    "white noise",
    "smooth, range 0.4",
    "smooth, range 0.8",
    "very smooth, range 0.4",
    "plane and noise",
)


def field(kind: str, points: np.ndarray, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Maps without borders: exponential (smooth) or Gaussian (very smooth) correlation, a slope with noise."""
    noise = rng.normal(size=(len(points), columns))
    if kind == "white noise":
        return noise
    if kind == "plane and noise":
        angle = rng.random(columns) * 2 * np.pi
        slope = points @ np.array([np.cos(angle), np.sin(angle)])
        return slope / slope.std(axis=0) + noise
    h = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) / float(kind.split()[-1])
    like = np.exp(-(h**2)) if kind.startswith("very") else np.exp(-h)
    return np.linalg.cholesky(like + 1e-8 * np.eye(len(points))) @ noise


def borders(
    name: str, kind: str, fields: int, border: float = 0.0, seed: int = 8, old: bool = False
) -> float:
    """Share of fields on maps of one kind in which borders are called real at 5 percent.

    ``border``: standard deviations that each municipality adds. ``old``: neighbours without places, so that
    random contiguous partitions take the place of maps without borders.
    """
    rng = np.random.default_rng(seed)
    each = fields if name == "shipped" else 50
    called = []
    for _ in range(max(1, fields // each)):
        points, near, home = MAPS[name](rng)
        y = field(kind, points, each, rng)
        y = y + border * y.std(axis=0) * rng.normal(size=(home.max() + 1, each))[home]
        places = None if old else pd.DataFrame(points, columns=["x", "y"])
        table = decompose(
            pd.DataFrame(y), home, neighbours=dict(enumerate(near)), places=places, permutations=199
        ).table
        called += list(table["p_contiguous"] <= 0.05)
    return float(np.mean(called))


def odd_effects(kind: str, draws: int, seed: int = 9) -> dict[str, float]:
    """Coverage of the lasting share where the effects of the municipalities are not normal."""
    rng = np.random.default_rng(seed)
    effect = rng.normal(size=(len(SIZES), draws))
    if kind == "exponential":
        effect = rng.exponential(size=effect.shape) - 1
    if kind == "one in ten 5 times as wide":
        effect *= np.where(rng.random(effect.shape) < 0.1, 5.0, 1.0) / np.sqrt(0.9 + 0.1 * 25)
    y = pd.DataFrame(np.sqrt(0.5) * effect[CODES] + rng.normal(size=(len(CODES), draws)), index=INDEX)
    result = decompose(y, GROUPS, permutations=0)
    low, high = result.table["share_low"], result.table["share_high"]
    warned = pd.Series(result.table.index.isin(outlying_groups(result.table, result.contributions)))
    inside = ((low <= 1 / 3) & (high >= 1 / 3)).reset_index(drop=True)
    return {
        "coverage": inside.mean(),
        "warned": warned.mean(),
        "coverage, not warned": inside[~warned].mean(),
    }


def noise_only(draws: int, seed: int = 10) -> dict[str, float]:
    """Rates that differ by nothing but chance: what is said of them."""
    rng = np.random.default_rng(seed)
    persons = np.exp(rng.normal(np.log(400), 0.6, (len(CODES), draws))).astype(int) + 20
    cases = pd.DataFrame(rng.binomial(persons, 0.06), index=INDEX, dtype=float)
    result = decompose(
        None, GROUPS, count=cases, base=pd.DataFrame(persons, index=INDEX, dtype=float), permutations=0
    )
    between = result.verdicts.str.startswith("zwischen")
    return {
        "not told": 1 - result.decidable.mean(),
        "said to lie between": between.mean(),
        "share of 100 % told": ((result.table["share_structural"] > 0.999) & result.decidable).mean(),
    }


def equal_spread(draws: int, seed: int = 5, *, skewed: bool) -> dict[str, float]:
    """How often groups of equal spread are said to differ in it."""
    rng = np.random.default_rng(seed)
    p = []
    for _ in range(draws):
        z = rng.normal(size=(len(CODES), 4))
        frame = pd.DataFrame(np.exp(z) if skewed else z, index=INDEX)
        p.append(dispersion(frame, GROUPS, permutations=199).p)
    return {"p <= 0.05": np.mean(np.array(p) <= 0.05)}


def sizes_of_friends(draws: int, seed: int = 6) -> dict[str, float]:
    """Size of the other tests where nothing is planted."""
    rng = np.random.default_rng(seed)
    line = {a: [b for b in (i - 1, i + 1) if 0 <= b < len(CODES)] for i, a in enumerate(range(len(CODES)))}
    near = {INDEX[a]: list(INDEX[found]) for a, found in line.items()}
    found: dict[str, list[float]] = {"permanova": [], "bridge, type": [], "Moran": [], "Theil": []}
    for _ in range(draws):
        frame = pd.DataFrame(rng.normal(size=(len(CODES), 3)), index=INDEX, columns=list("abc"))
        found["permanova"].append(permanova(frame, GROUPS, permutations=199).p)
        kind = pd.Series(rng.integers(0, 4, len(CODES)), index=INDEX)
        found["bridge, type"] += list(bridge(frame, GROUPS, kind, permutations=199)["p_type"])
        found["Moran"] += list(morans_i(frame, neighbours=near, permutations=199)["p"])
        found["Theil"] += list(theil(np.exp(frame), GROUPS, permutations=199).table["p"])
    return {name: float(np.mean(np.array(p) <= 0.05)) for name, p in found.items()}


def bridge_coverage(
    sets: int, group: float, kind: float, seed: int = 11, columns: int = 12
) -> dict[str, float]:
    """Coverage of the intervals of the bridge: municipalities and types fixed, what is left of areas drawn anew.

    ``group``, ``kind``: standard deviations of the effects beside 1 for what is left, which half of the
    indicators share (correlation 0.5).
    """
    rng = np.random.default_rng(seed)
    inside = {name: [] for name in ("only_group", "only_type")}  # type: dict[str, list[bool]]
    for _ in range(sets):
        kinds = rng.integers(0, 5, len(CODES))
        mean = (
            group * rng.normal(size=(len(SIZES), columns))[CODES]
            + kind * rng.normal(size=(5, columns))[kinds]
        )
        left = rng.normal(size=(len(CODES), columns))
        left[:, : columns // 2] = np.sqrt(0.5) * (left[:, : columns // 2] + rng.normal(size=(len(CODES), 1)))
        types = pd.Series(kinds, index=INDEX)
        told = bridge_spread(pd.DataFrame(mean + left, index=INDEX), GROUPS, types, draws=40)
        for part, true in _true_bridge(mean, kinds).items():
            inside[part].append(told.loc[part, "low"] <= true <= told.loc[part, "high"])
    return {f"coverage {part}": float(np.mean(found)) for part, found in inside.items()}


def _true_bridge(mean: np.ndarray, kinds: np.ndarray) -> dict[str, float]:
    """Median of the parts that the adjusted shares estimate, with a variance of 1 left of areas."""
    n = len(mean)

    def left(codes: list[np.ndarray]) -> np.ndarray:
        design = np.hstack([np.eye(code.max() + 1)[code] for code in codes])
        fitted = design @ np.linalg.lstsq(design, mean, rcond=None)[0]
        return ((mean - fitted) ** 2).sum(axis=0) / (n - np.linalg.matrix_rank(design)) + 1

    whole = mean.var(axis=0, ddof=1) + 1
    both, by_group, by_kind = left([CODES, kinds]) / whole, left([CODES]) / whole, left([kinds]) / whole
    return {"only_group": float(np.median(by_kind - both)), "only_type": float(np.median(by_group - both))}


def change_of_years(draws: int, seed: int = 4) -> dict[str, float]:
    """False alarms and coverage of the comparison of two years in which nothing has changed."""
    rng = np.random.default_rng(seed)
    group = rng.normal(size=(len(SIZES), draws))[CODES] * 0.7
    area = rng.normal(size=(len(CODES), draws))
    first, second = (
        pd.DataFrame(group + 0.9 * area + np.sqrt(1 - 0.81) * rng.normal(size=area.shape), index=INDEX)
        for _ in range(2)
    )
    table = compare_years(first, second, GROUPS, draws=299)
    return {
        f"coverage {name}": ((table[f"{name}_change_low"] <= 0) & (table[f"{name}_change_high"] >= 0)).mean()
        for name in ("share", "between", "within")
    }


def _page(draws: int) -> Iterator[str]:
    def table(rows: dict[str, dict[str, float]]) -> str:
        heads = list(next(iter(rows.values())))
        lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
        for name, row in rows.items():
            lines.append(f"| {name} | " + " | ".join(f"{value:.3f}" for value in row.values()) + " |")
        return "\n".join(lines)

    yield f"# Variance: planted truth\n\n{draws} data sets per line, nominal 95 % and 5 %.\n"
    yield "## Structural share of rates\n"
    yield table({name: share_of_rates(name, draws) for name in RATES})
    yield "\n## Exact interval without noise\n"
    yield table({f"{share}": coverage_without_noise(share, draws) for share in (0.0, 0.1, 0.333, 0.6)})
    yield "\n## Municipal effects that are not normal (true share 0.333)\n"
    yield table(
        {kind: odd_effects(kind, draws) for kind in ("normal", "exponential", "one in ten 5 times as wide")}
    )
    yield "\n## Rates that differ by chance alone\n"
    yield table({"6 %, 400 persons": noise_only(draws)})
    yield "\n## Borders: called real at 5 % where they mean nothing, and where they add 0.7 standard deviations\n"
    fields = max(100, draws // 4)
    yield table(
        {
            f"{name}, {kind}": {
                "size": float(np.mean([borders(name, kind, fields, seed=seed) for seed in (8, 9, 10)])),
                "size, neighbours only": borders(name, kind, fields, old=True),
                "power": borders(name, kind, fields // 2, 0.7),
                "power, neighbours only": borders(name, kind, fields // 2, 0.7, old=True),
            }
            for name in MAPS
            for kind in FIELDS
        }
    )
    yield "\n## Neighbours only: borders that mean nothing on smooth maps, share called real at 5 %\n"
    maps = max(10, draws // 20)
    yield table(
        {
            f"{kind}, smoothed {rounds} times": border_effect(kind, rounds, maps)
            for kind in ("grown", "cut", "round")
            for rounds in (0, 1, 3, 6)
        }
    )
    yield "\n## Borders that add 0.7 standard deviations: share found at 5 %\n"
    yield table(
        {f"smoothed {rounds} times": border_effect("cut", rounds, maps, border=0.7) for rounds in (0, 1, 3)}
    )
    yield "\n## Test of equal spread\n"
    yield table(
        {
            "normal": equal_spread(max(50, draws // 10), skewed=False),
            "skewed": equal_spread(max(50, draws // 10), skewed=True),
        }
    )
    yield "\n## Multivariate share, bridge, Moran's I: size at 5 %\n"
    yield table({"nothing there": sizes_of_friends(max(50, draws // 10))})
    yield "\n## Intervals of the bridge, nominal 95 %\n"
    sets = max(40, draws // 10)
    effects = {"much of both": (0.7, 1.0), "little of both": (0.3, 0.5), "types alone": (0.0, 1.0)}
    yield table({name: bridge_coverage(sets, *pair) for name, pair in effects.items()})
    yield "\n## Two years without change\n"
    yield table({"correlation 0.81": change_of_years(min(draws, 300))})


def main() -> None:
    """Run everything, print and keep the page."""
    parser = argparse.ArgumentParser(description="Planted truth for the variance analyses")
    parser.add_argument("draws", type=int, nargs="?", default=2000)
    parser.add_argument("--out", type=Path, default=Path("build/simulation"))
    options = parser.parse_args()
    parts = []
    for part in _page(options.draws):
        print(part, flush=True)
        parts.append(part)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "variance.md").write_text("\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
