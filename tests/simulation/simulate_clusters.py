"""Planted truth for types: ``python tests/simulation/simulate_clusters.py [--reps 40] > page.md``.

Prints a markdown page: recovery of planted types by preparation and by method, the rule for the
number of types against other criteria, and how often planted types and data with a single cluster are
called distinct (that alone, in two hundred data sets: ``--gate --reps 200``).
The small versions in ``tests/analyse/clusters`` use the functions below.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import RobustScaler

from sozialanalyse.analyse._threads import single_threaded
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


GATE = Path("build/simulation/gate.json")
"""Ignored folder; an interrupted run of the gate goes on from there. Delete it when the gate has changed."""

World = Callable[[np.random.Generator, int, int], Floats]


def _loads(rng: np.random.Generator, rows: int, p: int) -> Floats:
    return rng.normal(size=(rows, p))


def _horseshoe(rng: np.random.Generator, n: int, p: int, noise: float = 0.3) -> Floats:
    angle = rng.uniform(0, np.pi, n)
    bow = np.column_stack([np.cos(angle), np.sin(angle)])
    return bow @ _loads(rng, 2, p) + noise * rng.normal(size=(n, p))


def _odd(rng: np.random.Generator, n: int, p: int) -> Floats:
    x = rng.normal(size=(n, 3)) @ _loads(rng, 3, p) + rng.normal(size=(n, p))
    x[0] += 10 * rng.normal(size=p)
    return x


ONE_CLUSTER: dict[str, tuple[int, World]] = {
    "normal": (23, lambda rng, n, p: rng.normal(size=(n, p))),
    "three factors": (
        23,
        lambda rng, n, p: rng.normal(size=(n, 3)) @ _loads(rng, 3, p) + 0.7 * rng.normal(size=(n, p)),
    ),
    "one factor": (23, lambda rng, n, p: 1.5 * rng.normal(size=(n, 1)) + rng.normal(size=(n, p))),
    "uniform": (23, lambda rng, n, p: rng.uniform(size=(n, p))),
    "heavy tails, independent": (23, lambda rng, n, p: rng.standard_t(3, size=(n, p))),
    "three indicators": (3, lambda rng, n, p: rng.normal(size=(n, 3)) @ _loads(rng, 3, p)),
    "horseshoe": (20, _horseshoe),
    "horseshoe, 5": (5, _horseshoe),
    "horseshoe, much noise": (20, lambda rng, n, p: _horseshoe(rng, n, p, 0.8)),
    "multivariate t3, 20": (
        20,
        lambda rng, n, p: rng.normal(size=(n, p)) / np.sqrt(rng.chisquare(3, (n, 1)) / 3),
    ),
    "multivariate t3, 5": (
        5,
        lambda rng, n, p: rng.normal(size=(n, p)) / np.sqrt(rng.chisquare(3, (n, 1)) / 3),
    ),
    "lognormal factor, 20": (20, lambda rng, n, p: _lognormal(rng, n, p)),
    "lognormal factor, 5": (5, lambda rng, n, p: _lognormal(rng, n, p)),
    "lognormal factor plus noise, 20": (20, lambda rng, n, p: _lognormal_sum(rng, n, p)),
    "lognormal factor plus noise, 5": (5, lambda rng, n, p: _lognormal_sum(rng, n, p)),
    "exponential gradient": (20, lambda rng, n, p: _exponential(rng, n, p)),
    "exponential gradient, 5": (5, lambda rng, n, p: _exponential(rng, n, p)),
    "one odd area": (20, _odd),
}


def _lognormal(rng: np.random.Generator, n: int, p: int) -> Floats:
    return np.exp(0.8 * rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=(n, p)))


def _lognormal_sum(rng: np.random.Generator, n: int, p: int) -> Floats:
    factor = np.exp(rng.normal(size=(n, 1)))
    return factor * rng.uniform(0.5, 1.5, (1, p)) + 0.5 * rng.normal(size=(n, p))


def _exponential(rng: np.random.Generator, n: int, p: int) -> Floats:
    return rng.exponential(size=(n, 1)) * _loads(rng, 1, p) + 0.5 * rng.normal(size=(n, p))


def structureless(kind: str, seed: int, n: int = 93) -> pd.DataFrame:
    """One cloud: independent or correlated, light- or heavy-tailed, skewed, bent."""
    columns, make = ONE_CLUSTER[kind]
    x = make(np.random.default_rng([seed, 7]), n, columns)
    return pd.DataFrame(x, columns=[f"i{j:02d}" for j in range(columns)])


def unequal_counts(seed: int, n: int = 93, p: int = 20) -> dict[str, pd.DataFrame]:
    """One factor, rates of areas whose people differ by a factor of a hundred: ``count`` and ``base``."""
    rng = np.random.default_rng([seed, 8])
    people = np.round(np.exp(rng.normal(6, 1.5, (n, 1))) * rng.uniform(0.1, 1, (1, p))) + 25
    logit = -2.5 + rng.normal(0, 0.5, (1, p)) + 0.35 * rng.normal(size=(n, 1)) * _loads(rng, 1, p)
    logit = logit + 0.15 * rng.normal(size=(n, p))
    cases = rng.binomial(people.astype(int), 1 / (1 + np.exp(-logit)))
    return {"count": pd.DataFrame(cases.astype(float)), "base": pd.DataFrame(people)}


KINDS = (*ONE_CLUSTER, "unequal counts")
PLANTED = (*SEPARATION, "three groups")
BENT = re.compile("horseshoe|gradient")


def prepared(matrix: pd.DataFrame, **options: pd.DataFrame) -> Floats:
    """Coordinates as the product compares areas."""
    ready = prepare(matrix, **options)
    return np.ascontiguousarray(ready.x[ready.use].to_numpy())


def recovery(
    seed: int, separation: float, methods: Sequence[str] = METHODS, draws: int = 100
) -> dict[str, float]:
    """Adjusted Rand index with the truth, by preparation (k-means) and by method; ``draws`` of the consensus."""
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
    for method in methods:
        found[f"+ topic weights, {method}"] = score(weighted.x.to_numpy(), weighted.order, method)
    if not draws:
        return found
    agreed = consensus(matrix, 5, topics=topics, draws=draws).labels
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
    """1 if one cloud is called distinct types; the world likely to explain it is asked first, to save time."""
    if kind == "unequal counts":
        cases = unequal_counts(seed)
        x = prepared(cases["count"] / cases["base"], **cases)
    else:
        x = prepared(structureless(kind, seed))
    order = ("gebogen", "schief", "gauss") if BENT.search(kind) else ("schief", "gebogen", "gauss")
    return float(gate_test(x, list(range(2, 9)), draws, seed, order).p <= 0.05)


def three_groups(seed: int, n: int = 93) -> pd.DataFrame:
    """Three groups of random sizes in three indicators, centres 5.7 standard deviations apart."""
    rng = np.random.default_rng([seed, 3])
    return pd.DataFrame(rng.normal(size=(n, 3)) + 4 * np.eye(3)[rng.integers(0, 3, n)], columns=list("abc"))


def found_distinct(kind: str, seed: int, draws: int = 99) -> float:
    """1 if planted types are called distinct; those of :func:`three_groups` or of :func:`plant`."""
    if kind == "three groups":
        x = prepared(three_groups(seed))
    else:
        matrix, _, topics = plant(seed, SEPARATION[kind])
        x = np.ascontiguousarray(prepare(matrix, topics=topics).x.to_numpy())
    return float(gate_test(x, list(range(2, 9)), draws, seed, ("gebogen", "schief", "gauss")).p <= 0.05)


@single_threaded
def gate_page(reps: int, file: Path) -> Iterator[str]:
    """Lines about the gate alone; what was counted before stands in ``file`` and is not counted again."""
    known = json.loads(file.read_text()) if file.exists() else {}
    yield f"## Called distinct, {reps} data sets per line\n"
    yield "| | share |\n|---|---|"
    for name in [f"planted types, {kind}" for kind in PLANTED] + list(KINDS):
        done = known.setdefault(name, [])
        for seed in range(len(done), reps):
            planted = name.removeprefix("planted types, ")
            done.append(called_distinct(name, seed) if planted == name else found_distinct(planted, seed))
            if seed % 10 == 9:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps(known))
        yield f"| {name} | {np.mean(done[:reps]):.3f} |"


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
    yield from gate_page(2 * reps, GATE)
    yield f"\n{time.perf_counter() - began:.0f} s"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=40)
    parser.add_argument("--gate", action="store_true", help="only the gate, with exactly --reps data sets")
    parser.add_argument("--keep", type=Path, default=GATE, help="file of what was counted, to go on later")
    arguments = parser.parse_args()
    for line in gate_page(arguments.reps, arguments.keep) if arguments.gate else page(arguments.reps):
        print(line, flush=True)
