"""Types of areas: time and memory against other tools, and growth with the number of areas.

    python benchmarks/clusters.py [--areas 93 600 10000 80000] [--runs 3] [--geosnap PYTHON]

Prints the machine and a Markdown table, seconds as ``wall (processor)``: medians of the runs, one run
beyond 1,000 areas. Every tool gets the same table of 30 indicators with five planted types. fpc and
cluster run where ``Rscript`` finds them; geosnap in the interpreter named, because it is no part of the
environment (``uv venv X && uv pip install --python X/bin/python geosnap``). What is absent is said.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.preprocessing import StandardScaler

from sozialanalyse import clusters
from sozialanalyse.analyse.clusters.crosscutting import crosscut

INDICATORS, TOPICS, TYPES = 30, 6, 5
WARD_AREAS, PEER_AREAS = 10_000, 10_000

R_SCRIPT = """
suppressPackageStartupMessages({library(cluster); library(fpc)})
x <- scale(as.matrix(read.csv(commandArgs(TRUE)[1])))
timed <- function(name, code) { t <- system.time(code); cat(name, t[["elapsed"]], t[["user.self"]], sep = ";"); cat("\\n") }
timed("stats::kmeans, 50 starts", kmeans(x, 5, nstart = 50, iter.max = 100))
if (nrow(x) <= 1000) {
  timed("fpc::clusterboot, 100 resamples, 20 starts", clusterboot(x, B = 100, clustermethod = kmeansCBI, krange = 5, runs = 20, count = FALSE))
  timed("fpc::prediction.strength, k = 2..8, 25 splits", prediction.strength(x, Gmin = 2, Gmax = 8, M = 25, runs = 20))
  timed("cluster::clusGap, k = 1..8, 100 draws", clusGap(x, kmeans, K.max = 8, B = 100, nstart = 20, verbose = FALSE))
  timed("cluster::pam", pam(x, 5))
}
"""
GEOSNAP = """
import sys, time, warnings
warnings.filterwarnings("ignore")
import geopandas as gpd, pandas as pd
from geosnap.analyze import cluster, find_k
table = pd.read_csv(sys.argv[1]); names = list(table.columns); n = len(table)
frame = gpd.GeoDataFrame(table.assign(year=2023, geoid=range(n)), geometry=gpd.points_from_xy(range(n), range(n)), crs=25832)
def timed(name, call):
    wall, cpu = time.perf_counter(), time.process_time(); call()
    print(name, time.perf_counter() - wall, time.process_time() - cpu, sep=";", flush=True)
given = dict(columns=names, temporal_index="year", unit_index="geoid")
timed("geosnap cluster, k-means", lambda: cluster(frame, method="kmeans", n_clusters=5, **given))
if n <= 1000:
    timed("geosnap find_k, k = 2..8", lambda: find_k(frame, method="kmeans", min_k=2, max_k=8, **given))
    timed("geosnap cluster, Ward", lambda: cluster(frame, method="ward", n_clusters=5, **given))
"""


def areas(n: int, seed: int = 0) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Areas with five types, a third of the indicators skewed; their topics and ten municipalities."""
    rng = np.random.default_rng([seed, n])
    kind = rng.integers(0, TYPES, n)
    x = 1.2 * rng.normal(size=(TYPES, INDICATORS))[kind] + rng.normal(size=(n, INDICATORS))
    x[:, ::3] = np.exp(0.7 * x[:, ::3])
    matrix = pd.DataFrame(x, columns=[f"i{j:02d}" for j in range(INDICATORS)])
    topics = pd.Series([f"t{j * TOPICS // INDICATORS}" for j in range(INDICATORS)], index=matrix.columns)
    return matrix, topics, pd.Series(rng.integers(0, 10, n), index=matrix.index)


def timed(call: Callable[[], object], runs: int) -> tuple[float, float]:
    """Median wall and processor seconds."""
    wall, processor = [], []
    for _ in range(runs):
        began, used = time.perf_counter(), time.process_time()
        call()
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    return statistics.median(wall), statistics.median(processor)


def ours(n: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """What a page asks for, in its order."""
    matrix, topics, home = areas(n)
    labels = pd.Series(1 + np.arange(n) % TYPES, index=matrix.index)
    yield (
        "k-means with profile",
        lambda: clusters.cluster(matrix, k=TYPES, topics=topics, bootstrap=0, gate=0),
    )
    yield (
        "the same with stability and membership, 100 resamples",
        lambda: clusters.cluster(matrix, k=TYPES, topics=topics, gate=0),
    )
    yield "search for k with gate and stability", lambda: clusters.choose_k(matrix, topics=topics)
    yield "everything, k found", lambda: clusters.cluster(matrix, topics=topics)
    yield "types across municipalities, 999 permutations", lambda: crosscut(labels, home, permutations=999)
    if n <= PEER_AREAS:
        yield "three twins of every area", lambda: clusters.twins(matrix, home, topics=topics)


def scikit(n: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """The same partition without preparation, profile and doubt."""
    x = StandardScaler().fit_transform(areas(n)[0])
    yield "scikit-learn KMeans, 50 starts", lambda: KMeans(TYPES, n_init=50, random_state=0).fit(x)
    if n <= WARD_AREAS:
        yield "scikit-learn Ward", lambda: AgglomerativeClustering(TYPES).fit(x)


def outside(command: list[str], n: int) -> Iterator[tuple[str, float, float]]:
    """Name, wall and processor seconds from a program that prints them, fed with the table as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "areas.csv"
        areas(n)[0].to_csv(path, index=False)
        done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.count(";") == 2:
            name, wall, processor = line.split(";")
            yield name, float(wall), float(processor)
    if done.returncode:
        yield f"{Path(command[0]).name} failed: {done.stderr.strip().splitlines()[-1][:80]}", np.nan, np.nan


def rows(n: int, runs: int, geosnap: str | None) -> Iterator[tuple[str, float, float]]:
    """All measurements for one number of areas."""
    clusters.cluster(areas(60)[0], k=2, bootstrap=2, gate=2)  # imports and first calls
    for name, call in [*ours(n), *scikit(n)]:
        yield name, *timed(call, runs if n <= 1_000 else 1)
    if shutil.which("Rscript") and n <= PEER_AREAS:
        yield from outside(["Rscript", "-e", R_SCRIPT], n)
    if geosnap:
        yield from outside([geosnap, "-c", GEOSNAP], n)


def memory(n: int) -> float:
    """Peak memory in GB of a process that clusters ``n`` areas and does nothing else."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import clusters as b;"
        "m, t, _ = b.areas(int(sys.argv[2])); b.clusters.cluster(m, topics=t);"
        # not ru_maxrss: that one starts with what the parent held when it forked
        "print(int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) / 2**20)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(n)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, nargs="+", default=[93, 600, 10_000, 80_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--geosnap", help="interpreter with geosnap")
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
    found: dict[str, dict[int, str]] = {}
    for n in given.areas:
        for name, wall, processor in rows(n, given.runs, given.geosnap):
            found.setdefault(name, {})[n] = f"{wall:.3g} ({processor:.3g})"
    found["peak memory, everything, GB"] = {n: f"{memory(n):.2f}" for n in given.areas}
    print("| seconds: wall (processor) | " + " | ".join(f"{n:,} areas" for n in given.areas) + " |")
    print("|---" * (len(given.areas) + 1) + "|")
    for name, values in found.items():
        print(f"| {name} | " + " | ".join(values.get(n, "–") for n in given.areas) + " |")
    for tool, there in (("Rscript", shutil.which("Rscript")), ("geosnap", given.geosnap)):
        if not there:
            print(f"\n{tool} is absent.")


if __name__ == "__main__":
    main()
