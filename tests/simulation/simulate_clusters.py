"""Planted truth for types: ``python tests/simulation/simulate_clusters.py [--reps 40] > page.md``.

Prints a markdown page: recovery of planted types by preparation and by method, the rule for the
number of types against other criteria, and how often structureless data are called distinct.
The small versions in ``tests/analyse/clusters`` use the functions below.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import RobustScaler

from sozialanalyse.analyse.clusters.agreement import consensus
from sozialanalyse.analyse.clusters.choice import gate_test, search
from sozialanalyse.analyse.clusters.methods import METHODS, partition
from sozialanalyse.analyse.clusters.preparation import prepare
from sozialanalyse.clusters import adjusted_rand

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

SIZES = (30, 24, 18, 13, 8)
TOPICS = (9, 5, 3, 2, 2, 2)
SEPARATION = {"clear": 2.0, "medium": 1.6, "weak": 1.25}


def plant(seed: int, separation: float) -> tuple[pd.DataFrame, Ints, pd.Series]:
    """93 areas, five types at topic level, 23 indicators in six topics, nine skewed, two outliers.

    Returns the matrix, the true type (0..4) per area and the topic per indicator.
    """
    rng = np.random.default_rng([seed, 93])
    truth = np.repeat(np.arange(5), SIZES)
    means = rng.normal(size=(5, 6)) * separation
    topic = np.repeat(np.arange(6), TOPICS)
    score = means[truth] + rng.normal(size=(93, 6))
    x = score[:, topic] + 0.6 * rng.normal(size=(93, 23))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    skewed = rng.permutation(23) < 9
    x[:, skewed] = np.exp(1.2 * x[:, skewed])
    for area in rng.choice(93, 2, replace=False):
        hit = rng.permutation(23) < 8
        x[area, hit] += rng.choice([-6, 6], size=hit.sum()) * x[:, hit].std(axis=0)
    matrix = pd.DataFrame(x, columns=[f"i{j:02d}" for j in range(23)])
    return matrix, truth, pd.Series([f"t{t}" for t in topic], index=matrix.columns)


def structureless(kind: str, seed: int, n: int = 93, p: int = 23) -> pd.DataFrame:
    """One cloud: independent or correlated, light- or heavy-tailed, skewed."""
    rng = np.random.default_rng([seed, 7])
    mix = rng.normal(size=(3, p))
    makers: dict[str, Callable[[], Floats]] = {
        "normal": lambda: rng.normal(size=(n, p)),
        "three factors": lambda: rng.normal(size=(n, 3)) @ mix + 0.7 * rng.normal(size=(n, p)),
        "one factor": lambda: 1.5 * rng.normal(size=(n, 1)) + rng.normal(size=(n, p)),
        "uniform": lambda: rng.uniform(size=(n, p)),
        "heavy tails": lambda: rng.standard_t(3, size=(n, p)),
        "lognormal": lambda: np.exp(0.6 * rng.normal(size=(n, 2)) @ mix[:2] + 0.5 * rng.normal(size=(n, p))),
        "three indicators": lambda: rng.normal(size=(n, 3)) @ mix[:, :3],
    }
    x = makers[kind]()
    return pd.DataFrame(x, columns=[f"i{j:02d}" for j in range(x.shape[1])])


KINDS = ("normal", "three factors", "one factor", "uniform", "heavy tails", "lognormal", "three indicators")


def recovery(seed: int, separation: float) -> dict[str, float]:
    """Adjusted Rand index with the truth, by preparation (k-means) and by method."""
    matrix, truth, topics = plant(seed, separation)

    def score(x: Floats, order: Ints, method: str = "kmeans") -> float:
        return adjusted_rand(
            truth[order], partition(np.ascontiguousarray(x), 5, method, np.random.default_rng(1))
        )

    rows = np.arange(93)
    z = ((matrix - matrix.mean()) / matrix.std(ddof=0)).to_numpy()
    plain, weighted = prepare(matrix), prepare(matrix, topics=topics)
    found = {
        "z": score(z, rows),
        "RobustScaler": score(RobustScaler().fit_transform(matrix), rows),
        "Yeo-Johnson, clip": score(plain.x.to_numpy(), plain.order),
    }
    for method in METHODS:
        found[f"+ topic weights, {method}"] = score(weighted.x.to_numpy(), weighted.order, method)
    agreed = consensus(matrix, 5, topics=topics, draws=100).labels
    return found | {"+ topic weights, consensus": adjusted_rand(truth, agreed.to_numpy())}


def number_of_types(seed: int, separation: float) -> dict[str, float]:
    """Adjusted Rand index at the k of several rules, exactness of ours, and the gate."""
    matrix, truth, topics = plant(seed, separation)
    ready = prepare(matrix, topics=topics)
    table = search(ready.x.to_numpy(), kmax=8, method="kmeans", bootstrap=100, gate=99, seed=seed)
    truth = truth[ready.order]
    x = np.ascontiguousarray(ready.x.to_numpy())
    agreement = {
        int(k): adjusted_rand(truth, partition(x, int(k), "kmeans", np.random.default_rng([seed, k])))
        for k in table["k"]
    }
    table = table.set_index("k")
    stable = table.index[table["stable"]]
    chosen = int(table.index[table["chosen"]][0])
    return {
        "our rule": agreement[chosen],
        "exact": float(chosen == 5),
        "within one": float(abs(chosen - 5) <= 1),
        "gate passed": float(table["distinct"].any()),
        "largest stable": agreement[int(stable.max()) if len(stable) else int(table["min_jaccard"].idxmax())],
        "silhouette": agreement[int(table["silhouette"].idxmax())],
        "Calinski-Harabasz": agreement[int(table["calinski_harabasz"].idxmax())],
        "Davies-Bouldin": agreement[int(table["davies_bouldin"].idxmin())],
        "true k": agreement[5],
    }


def called_distinct(kind: str, seed: int, draws: int = 99) -> float:
    """1 if one cloud is called distinct types."""
    ready = prepare(structureless(kind, seed))
    return float(gate_test(ready.x.to_numpy(), list(range(2, 9)), draws, seed)[1] <= 0.05)


def page(reps: int) -> Iterator[str]:
    """Lines of the results page."""
    began = time.perf_counter()
    yield "# Types: planted truth\n"
    yield f"{reps} data sets per cell; mean adjusted Rand index unless said otherwise.\n"
    for title, function in (("Recovery, k = 5 given", recovery), ("Number of types", number_of_types)):
        table = pd.DataFrame(
            {
                name: pd.DataFrame([function(r, s) for r in range(reps)]).mean()
                for name, s in SEPARATION.items()
            }
        )
        yield f"## {title}\n"
        yield "| | " + " | ".join(table.columns) + " |"
        yield "|---" * (table.shape[1] + 1) + "|"
        for name, row in table.iterrows():
            yield f"| {name} | " + " | ".join(f"{v:.3f}" for v in row) + " |"
        yield ""
    yield "## Structureless data called distinct (nominal 5 %)\n"
    yield "| | share |\n|---|---|"
    for kind in KINDS:
        yield f"| {kind} | {np.mean([called_distinct(kind, r) for r in range(2 * reps)]):.3f} |"
    yield f"\n{time.perf_counter() - began:.0f} s"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=40)
    for line in page(parser.parse_args().reps):
        print(line, flush=True)
