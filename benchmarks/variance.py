"""Variance analyses against their peers, side by side in one run, at 93, 10,000 and 80,000 areas.

    python benchmarks/variance.py [--sizes 93 10000 80000] [--runs 3] [--no-peers]

Prints the machine and Markdown tables. Peers are a loop over pandas groupby, MixedLM of statsmodels
(method powell, the one that finds the optimum), TheilDSim of the package inequality and, where R is
installed, lme4 and vegan; what is not there is said. Where a peer would take hours, a few draws or
indicators are timed and multiplied, which the table marks with ≈. Seconds are processor time, the best
of the runs, so that a busy machine does not change them much; R reports its own.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import resource
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay

from sozialanalyse import variance
from sozialanalyse.analyse.variance.nulls import free_null
from sozialanalyse.analyse.variance.reml import profile_icc
from sozialanalyse.analyse.variance.sample import prepare

INDICATORS, DRAWS = 30, 999
SIZES = (17, 16, 14, 12, 10, 9, 7, 4, 2, 2)


def region(areas: int, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.Series]:
    """Rates, cases, persons and groups; ten municipalities of 93 areas, else about 200 areas each."""
    rng = np.random.default_rng(seed)
    groups = len(SIZES) if areas == 93 else max(10, areas // 200)
    sizes = SIZES if areas == 93 else rng.multinomial(areas - groups, np.ones(groups) / groups) + 1
    codes = np.repeat(np.arange(groups), sizes)
    index = pd.Index([f"a{i:06d}" for i in range(areas)])
    columns = [f"x{i:02d}" for i in range(INDICATORS)]
    persons = np.exp(rng.normal(6.7, 0.6, (areas, INDICATORS))).astype(int) + 50
    logit = -2.5 + 0.3 * rng.normal(size=(groups, INDICATORS))[codes] + 0.4 * rng.normal(size=persons.shape)
    cases = rng.binomial(persons, 1 / (1 + np.exp(-logit)))
    frames = [pd.DataFrame(part, index, columns, dtype=float) for part in (cases / persons, cases, persons)]
    return (*frames, pd.Series([f"k{code}" for code in codes], index=index))


def best(function: Callable[[], object], runs: int) -> float:
    """Processor seconds of the fastest of some runs, after one that warms up."""
    times = []
    for _ in range(runs + 1):
        began = time.process_time()
        function()
        times.append(time.process_time() - began)
        if times[-1] > 20:
            break
    return min(times[1:] or times)


def naive_permutations(y: pd.DataFrame, w: pd.DataFrame, groups: pd.Series, draws: int, columns: int) -> None:
    """What one writes first: a loop over indicators and draws with pandas groupby."""
    rng = np.random.default_rng(0)
    for name in y.columns[:columns]:
        x, weight = y[name], w[name]
        grand = (x * weight).sum() / weight.sum()
        for _ in range(draws):
            labels = rng.permutation(groups.to_numpy())
            total = weight.groupby(labels).sum()
            mean = (x * weight).groupby(labels).sum() / total
            (total * (mean - grand) ** 2).sum() / (weight * (x - grand) ** 2).sum()


def powell(y: pd.DataFrame, groups: pd.Series, columns: int) -> None:
    """Variance components with statsmodels, one indicator after the other."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in y.columns[:columns]:
            MixedLM(y[name].to_numpy() * 100, np.ones(len(y)), groups.to_numpy()).fit(method="powell")


def in_r(y: pd.DataFrame, groups: pd.Series, script: str) -> float:
    """Seconds an R script reports for ``y`` and ``group``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "y.csv"
        y.mul(100).assign(group=groups).to_csv(path, index=False)
        head = f'd <- read.csv("{path.as_posix()}"); y <- as.matrix(d[, -ncol(d)]); group <- factor(d$group);'
        timed = f"{head} suppressPackageStartupMessages({{library(lme4); library(vegan)}});"
        timed += f" cat(system.time({{ {script} }})[['user.self']])"
        found = subprocess.run(["Rscript", "-e", timed], capture_output=True, text=True, check=False)
    return float(found.stdout.split()[-1]) if found.returncode == 0 else np.nan


def has_r() -> bool:
    """Whether R with lme4 and vegan is installed."""
    if shutil.which("Rscript") is None:
        return False
    asked = ["Rscript", "-e", "stopifnot(requireNamespace('lme4'), requireNamespace('vegan'))"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def neighbours(areas: int) -> dict[str, list[str]]:
    """Triangulated random points as a map."""
    points = np.random.default_rng(2).random((areas, 2))
    near: list[set[int]] = [set() for _ in range(areas)]
    for corners in Delaunay(points).simplices:
        for one in corners:
            near[one] |= {int(two) for two in corners if two != one}
    return {f"a{at:06d}": [f"a{other:06d}" for other in found] for at, found in enumerate(near)}


Row = tuple[str, float, float, str]
"""What, our seconds, the other's seconds (NaN: none), remark."""


def against_peers(areas: int, runs: int, r: bool) -> Iterator[Row]:
    """Our time and that of each peer for the same task."""
    y, _, persons, groups = region(areas)
    sample = prepare(y, groups, persons, None)
    ours = best(lambda: free_null(sample, DRAWS, 1), runs)
    draws, columns = (33, 3) if areas < 1000 else (2, 2)
    loop = best(lambda: naive_permutations(y, persons, groups, draws, columns), 1)
    loop *= DRAWS * INDICATORS / draws / columns
    yield f"{DRAWS} permutations x {INDICATORS} indicators, weighted and not | pandas loop", ours, loop, "≈"
    plain = prepare(y, groups, None, None)
    alone = best(lambda: free_null(plain, DRAWS, 1), runs)
    if importlib.util.find_spec("inequality") and areas < 1000:
        from inequality.theil import TheilDSim

        theirs = best(lambda: [TheilDSim(y[x].to_numpy(), groups.to_numpy(), DRAWS) for x in y], 1)
        task = best(lambda: variance.theil(y, groups, permutations=DRAWS), runs)
        yield f"Theil, {DRAWS} permutations x {INDICATORS} | inequality.TheilDSim", task, theirs, ""
    if r and areas < 1000:
        script = f"for (k in 1:ncol(y)) adonis2(dist(y[, k]) ~ group, permutations = {DRAWS})"
        yield (
            f"{DRAWS} permutations x {INDICATORS}, unweighted | vegan adonis2",
            alone,
            in_r(y, groups, script),
            "",
        )
    ours = best(lambda: profile_icc(plain), runs)
    columns = INDICATORS if areas < 1000 else 2
    theirs = best(lambda: powell(y, groups, columns), 1) * INDICATORS / columns
    yield f"REML x {INDICATORS} | statsmodels powell", ours, theirs, "" if areas < 1000 else "≈"
    if r:
        columns = INDICATORS if areas < 20_000 else 3
        fit = f"for (k in 1:{columns}) suppressMessages(lmer(y[, k] ~ 1 + (1 | group)))"
        theirs = in_r(y, groups, fit) * INDICATORS / columns
        yield f"REML x {INDICATORS} | lme4 lmer", ours, theirs, "" if areas < 20_000 else "≈"
    if areas < 1000:
        _, count, base, _ = region(areas)
        ours = best(lambda: variance.glmm(count["x00"], base["x00"], groups), 5 * runs)
        theirs = np.nan
        if r:
            table = pd.DataFrame({"y": count["x00"] / 100, "n": base["x00"] / 100})
            script = "a <- factor(seq_along(group)); fit <- function() suppressMessages(glmer(cbind(y[,1],"
            script += " y[,2]-y[,1]) ~ 1 + (1|group) + (1|a), family = binomial)); fit()"
            theirs = in_r(table, groups, script)
        yield "binomial mixed model x 1 | lme4 glmer", ours, theirs, "target 0.02 s"


def everything(areas: int, runs: int) -> Iterator[Row]:
    """The whole decomposition of a year, and what belongs to it."""
    y, count, base, groups = region(areas)
    target = {93: "target 0.15 s", 80_000: "target 5 s, 4 GB"}.get(areas, "")
    whole = best(
        lambda: variance.decompose(None, groups, count=count, base=base, permutations=DRAWS).table, runs
    )
    yield f"decompose: shares, intervals, REML, {DRAWS} permutations x {INDICATORS}", whole, np.nan, target
    none = best(lambda: variance.decompose(None, groups, count=count, base=base, permutations=0).table, runs)
    yield "of this without permutations", none, np.nan, ""
    if areas < 1000:
        near = neighbours(areas)
        both = best(
            lambda: (
                variance.decompose(
                    None, groups, count=count, base=base, permutations=DRAWS, neighbours=near
                ).table
            ),
            runs,
        )
        yield f"{DRAWS} contiguous partitions x {INDICATORS} on top", both - whole, np.nan, "target 1 s"
        yield (
            f"permanova with spread, {DRAWS} permutations",
            best(lambda: variance.permanova(y, groups, permutations=DRAWS), runs),
            np.nan,
            "",
        )


def table(rows: list[Row]) -> str:
    """Markdown table with the ratio where there is a peer."""
    lines = ["| task | here (s) | peer (s) | ratio | |", "|---|---|---|---|---|"]
    for what, ours, theirs, remark in rows:
        peer, ratio = ("", "") if np.isnan(theirs) else (f"{theirs:.3g}", f"{theirs / ours:,.0f}")
        lines.append(f"| {what.replace(' | ', ' against ')} | {ours:.3g} | {peer} | {ratio} | {remark} |")
    return "\n".join(lines)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[93, 10_000, 80_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    r = not options.no_peers and has_r()
    print(f"# Variance\n\n{platform.platform()}, Python {platform.python_version()}\n")
    absent = [
        name
        for name, there in (
            ("R with lme4 and vegan", r),
            ("inequality", importlib.util.find_spec("inequality") is not None),
            ("statsmodels", importlib.util.find_spec("statsmodels") is not None),
        )
        if not there
    ]
    if absent and not options.no_peers:
        print(f"Not installed, so not compared: {', '.join(absent)}.\n")
    growth = {}
    for areas in options.sizes:
        print(f"## {areas:,} areas\n", flush=True)
        rows = [] if options.no_peers else list(against_peers(areas, options.runs, r))
        whole = list(everything(areas, options.runs))
        growth[areas] = whole[0][1]
        print(table(rows + whole) + "\n", flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"Largest memory of this process: {memory:.2f} GB\n\n## Growth of the whole decomposition\n")
    print("| areas | seconds | microseconds per area |\n|---|---|---|")
    for areas, seconds in growth.items():
        print(f"| {areas:,} | {seconds:.3g} | {1e6 * seconds / areas:.1f} |")


if __name__ == "__main__":
    main()
