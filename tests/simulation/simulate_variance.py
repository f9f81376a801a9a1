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

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay, cKDTree

from sozialanalyse.variance import (
    bridge,
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
    yield "\n## Borders that mean nothing on smooth maps: share called real at 5 %\n"
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
