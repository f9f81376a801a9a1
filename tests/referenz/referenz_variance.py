"""Compute the reference numbers of the variance analyses again: ``python tests/referenz/referenz_variance.py``.

Installs R and the packages from Debian if they are missing (root needed), runs
``referenz_variance.R``, adds the numbers of the Python packages inequality, segregation,
statsmodels and esda where they are installed, and writes ``referenz_variance.csv``. The tests read
that table and need neither R nor these packages.
"""

from __future__ import annotations

import csv
import importlib.util
import subprocess
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
DEBIAN = [
    "r-base-core",
    *(
        f"r-cran-{name}"
        for name in ("lme4", "glmmtmb", "metafor", "vegan", "spdep", "spdata", "psych", "effectsize")
    ),
]

PVALUES = (0.001, 0.2, 0.013, 0.04, 0.04, 0.9)
Row = tuple[str, float, str]


def install_r() -> None:
    """Install the Debian packages that are not there yet."""
    asked = ["dpkg-query", "-W", "-f", "${Package} ${Status}\\n", *DEBIAN]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines()
    present = {line.split()[0] for line in listed if line.endswith("install ok installed")}
    missing = [name for name in DEBIAN if name not in present]
    if missing:
        subprocess.run(["apt-get", "update"], check=True)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *missing], check=True)


def python_numbers() -> list[Row]:
    """Numbers of maintained Python packages on the same data."""
    sids = pd.read_csv(HERE / "daten" / "sids.csv")
    sleep = pd.read_csv(HERE / "daten" / "sleepstudy.csv")
    dune = pd.read_csv(HERE / "daten" / "dune.csv")
    rows: list[Row] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if importlib.util.find_spec("inequality"):
            from inequality.theil import TheilD

            found = TheilD(sleep["y"].to_numpy(), sleep["group"].to_numpy())
            source = f"inequality {version('inequality')}"
            rows.append(("sleepstudy.theil", float(np.squeeze(found.T)), source))
            rows.append(("sleepstudy.theil_between", float(np.squeeze(found.bg)), source))
            rows.append(("sleepstudy.theil_within", float(np.squeeze(found.wg)), source))
        if importlib.util.find_spec("segregation"):
            from segregation.multigroup import MultiInfoTheory
            from segregation.singlegroup import Dissim

            source = f"segregation {version('segregation')}"
            species = list(dune.columns[2:])
            rows.append(("dune.h", float(MultiInfoTheory(dune[species], species).statistic), source))
            rows.append(("sids.d", float(Dissim(sids, "y", "n").statistic), source))
        if importlib.util.find_spec("statsmodels"):
            from statsmodels.regression.mixed_linear_model import MixedLM
            from statsmodels.stats.meta_analysis import combine_effects
            from statsmodels.stats.multitest import multipletests

            fit = MixedLM.from_formula("y ~ 1", groups="group", data=sleep).fit(method="powell")
            between = float(fit.cov_re.iloc[0, 0])
            rows.append(
                (
                    "sleepstudy.icc_reml_powell",
                    float(between / (between + fit.scale)),
                    f"statsmodels {version('statsmodels')}",
                )
            )
            for name in ("sleepstudy", "chickweight", "pastes", "dyestuff"):
                table = pd.read_csv(HERE / "daten" / f"{name}.csv", dtype={"group": str})
                groups = table.groupby("group")["y"]
                n, free = groups.size(), len(table) - groups.ngroups
                noise = float((groups.var(ddof=1).fillna(0) * (n - 1)).sum()) / free / n
                pm = combine_effects(
                    groups.mean().to_numpy(), noise.to_numpy(), method_re="iterated", atol=1e-12, maxiter=500
                )
                rows.append((f"{name}.paule_mandel", float(pm.tau2), f"statsmodels {version('statsmodels')}"))
            adjusted = multipletests(PVALUES, method="fdr_bh")[1]
            rows += [
                (f"fdr.{at}", float(value), f"statsmodels {version('statsmodels')}")
                for at, value in enumerate(adjusted)
            ]
        if importlib.util.find_spec("esda"):
            from esda import Moran, Moran_Local
            from libpysal.weights import W

            near = dict(neighbour_rows())
            weights = W(near, silence_warnings=True)
            rate = (sids["y"] / sids["n"]).to_numpy()
            rows.append(
                (
                    "sids.moran_i_esda",
                    float(Moran(rate, weights, permutations=0).I),
                    f"esda {version('esda')}",
                )
            )
            local = Moran_Local(rate, weights, permutations=0).Is
            rows.append(("sids.local_moran_first", float(local[0]), f"esda {version('esda')}"))
    return rows


def neighbour_rows() -> list[tuple[int, list[int]]]:
    """Neighbours of the counties, numbered from 0."""
    lines = (HERE / "daten" / "sids_neighbours.txt").read_text().splitlines()
    numbers = ([int(word) - 1 for word in line.split()] for line in lines)
    return [(first, [other for other in rest if other >= 0]) for first, *rest in numbers]


def main() -> None:
    """Run R, add the Python numbers, write the table."""
    install_r()
    subprocess.run(["Rscript", str(HERE / "referenz_variance.R"), str(HERE)], check=True)
    path = HERE / "referenz_variance.csv"
    with path.open(newline="") as file:
        rows: list[Row] = [(row["key"], float(row["value"]), row["source"]) for row in csv.DictReader(file)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["key", "value", "source"])
        writer.writerows((key, repr(value), source) for key, value, source in rows + python_numbers())
    print(f"{path.name}: {len(rows)} numbers from R, the rest from Python")


if __name__ == "__main__":
    main()
