"""Measure suppression: hidden cells and time against the Gauss method, and the price of interval protection.

    python benchmarks/geheimhaltung.py [--wiederholungen 20] [--land]

The tables: 93 areas in 10 municipalities x sex x 4 age groups, 744 inner and 1,560 published cells, exactly
23 of them from 1 to 9; the first that fit, drawn from fixed seeds. Reference at the level of exact recovery is the Gauss method
(publish the largest cells as long as no primary cell lies in their span), as the R package
GaussSuppression describes it; where R and that package are installed, they are run as well. ``--land``
adds a region of 3,200 areas.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from sozialanalyse.geheimhaltung import schuetze
from sozialanalyse.geheimhaltung.angriff import angriff
from sozialanalyse.geheimhaltung.auswahl import waehle
from sozialanalyse.geheimhaltung.gauss import gauss
from sozialanalyse.geheimhaltung.zelltafel import Zelltafel
from sozialanalyse.region.catalogue import DatensatzSeite, Indikator, IndikatorSeite, Katalog, Summe
from sozialanalyse.region.region import Sperrprofil

KOMMUNEN = (14, 15, 7, 10, 10, 3, 2, 5, 17, 10)
K = 10


def innen(seed: int) -> np.ndarray:
    """Counts per area, sex and age group."""
    rng = np.random.default_rng(seed)
    people = rng.lognormal(np.log(3800), 0.6, sum(KOMMUNEN))
    parts = rng.dirichlet(np.full(8, 20.0), len(people)).reshape(-1, 2, 4)
    return rng.poisson(people[:, None, None] * parts * 0.14 * np.array([0.35, 1, 1.2, 0.6])).astype(float)


def tabellen(count: int, small: int = 23) -> Iterator[tuple[int, np.ndarray]]:
    """So many tables with exactly so many small cells, each with its seed."""
    seeds = ((seed, innen(seed)) for seed in itertools.count(1))
    fitting = ((seed, counts) for seed, counts in seeds if tafel(counts, K)[1].sum() == small)
    return itertools.islice(fitting, count)


def tafel(counts: np.ndarray, breite: float) -> tuple[Zelltafel, np.ndarray]:
    """The table with all its totals, and which cells are below 10."""
    town = np.repeat(np.arange(len(KOMMUNEN)), KOMMUNEN)
    areas = sparse.vstack(
        [sparse.eye_array(len(town)), sparse.csr_array((town == np.arange(len(KOMMUNEN))[:, None]).astype(float)),
         np.ones((1, len(town)))]
    )  # fmt: skip
    sex, age = (sparse.vstack([sparse.eye_array(n), np.ones((1, n))]) for n in (2, 4))
    zellen = sparse.csr_array(sparse.kron(sparse.kron(areas, sex), age))
    values = zellen @ counts.ravel()
    number = np.arange(len(values)).reshape(areas.shape[0], 3, 5)
    first = len(town)
    pairs = [(number[first + town[a]].ravel(), number[a].ravel()) for a in range(first)]
    pairs += [(number[-1].ravel(), number[first + t].ravel()) for t in range(len(KOMMUNEN))]
    primary = (values > 0) & (values < K)
    targets = np.flatnonzero(primary)
    none, cells = np.full(len(targets), -1), np.arange(len(values))
    system = Zelltafel(
        zellen=zellen, werte=values, nutzung=np.column_stack([cells, cells, cells]), entscheidungen=len(values),
        summen=np.concatenate([a for a, _ in pairs]), teile=np.concatenate([b for _, b in pairs]),
        ungleich=sparse.csr_array((0, zellen.shape[1])), ungleich_zelle=np.zeros(0, dtype=int), ungleich_wert=np.zeros(0),
        ziele=zellen[targets], ziel_zelle=none, breite=np.full(len(targets), breite), ziel_hoechstens=none,
    )  # fmt: skip
    return system, primary


def mit_r(counts: np.ndarray) -> str:
    """Outcome of the R package itself, if it is there."""
    if not shutil.which("Rscript"):
        return "R ist nicht installiert"
    town = np.repeat(np.arange(len(KOMMUNEN)), KOMMUNEN)
    rows = [
        (f"G{a:02}", f"K{town[a]}", s, t, int(counts[a, s, t]))
        for a in range(len(town)) for s in range(2) for t in range(4)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "daten.csv"
        pd.DataFrame(rows, columns=["gebiet", "kommune", "sex", "alter", "n"]).to_csv(path, index=False)
        script = (
            "suppressPackageStartupMessages(library(GaussSuppression)); d <- read.csv(commandArgs(TRUE)[1]);"
            "s <- Sys.time(); o <- SuppressSmallCounts(d, freqVar='n', maxN=9, protectZeros=FALSE, printInc=FALSE,"
            "formula=~(gebiet+kommune)*sex*alter); cat(sum(o$suppressed), 'Zellen in', round(as.numeric(Sys.time()-s,units='secs'),2), 's')"
        )
        done = subprocess.run(
            ["Rscript", "-e", script, str(path)], capture_output=True, text=True, check=False
        )
    return done.stdout or "GaussSuppression ist nicht installiert"


def land(seed: int = 1, areas: int = 3200, indicators: int = 100) -> None:
    """A state: many areas, many indicators, one date."""
    rng = np.random.default_rng(seed)
    towns = areas // 8
    names = ["R", *(f"K{t}" for t in range(towns)), *(f"K{a % towns}.{a // towns}" for a in range(areas))]
    gebiete = pd.DataFrame(
        {
            "level": ["region", *["kommune"] * towns, *["sozialraum"] * areas],
            "oberhalb": ["", *["R"] * towns, *(f"K{a % towns}" for a in range(areas))],
        },
        index=pd.Index(names, name="gebiet_id"),
    )
    base = rng.lognormal(np.log(2500), 0.6, areas).round()
    frames, pages = [], {}
    for number in range(indicators):
        key = f"I{number}"
        small = pd.DataFrame(
            {"zaehler": rng.binomial(base.astype(int), rng.uniform(0.01, 0.2)), "nenner": base},
            index=gebiete.index[1 + towns :], dtype=float,
        )  # fmt: skip
        town = small.groupby(gebiete.loc[small.index, "oberhalb"]).sum()
        frame = pd.concat([pd.DataFrame(town.sum()).T.set_axis(["R"]), town, small])
        frame["wert"] = 100 * frame["zaehler"] / frame["nenner"]
        frames.append(
            frame.reset_index(names="gebiet_id").assign(
                indikator_id=key, stichtag="2023-12-31", status="wert"
            )
        )
        page = IndikatorSeite.model_validate(
            {"name": key, "thema": "t", "zaehler": f"f{number}", "nenner": "n"}
        )
        pages[key] = Indikator(key, "d", page, Summe.lesen(f"f{number}", "d"), Summe.lesen("n", "d"), "p")
    katalog = Katalog(dict[str, DatensatzSeite](), pages, {})
    start = time.process_time()
    found = schuetze(
        pd.concat(frames), gebiete, katalog, {"p": Sperrprofil(mindestfallzahl=K)}, "oeffentlich"
    )
    sums = found.bilanz[["zellen", "primaer", "sekundaer"]].sum()
    print(
        f"{areas} Gebiete x {indicators} Indikatoren: {sums['zellen']} Zellen, {sums['primaer']} primär, "
        f"{sums['sekundaer']} mitgesperrt, {len(found.offen)} zu eng, {time.process_time() - start:.1f} s"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--wiederholungen", type=int, default=20, help="so viele Tabellen")
    arguments.add_argument("--land", action="store_true", help="auch eine Region mit 3.200 Gebieten")
    given = arguments.parse_args()
    rows = []
    for seed, counts in tabellen(given.wiederholungen):
        exact, primary = tafel(counts, 1e-3)
        wide, _ = tafel(counts, K)
        start = time.process_time()
        reference = gauss(exact.zellen, exact.werte, primary)
        row = {"Tabelle": seed, "Gauß": reference.sum(), "Gauß s": time.process_time() - start}
        row["Gauß zu eng"] = len(angriff(wide, ~reference, genau=True).offen)
        for name, system in (("exakt", exact), (f"Breite {K}", wide)):
            start = time.process_time()
            found = waehle(system, primary, np.ones(len(primary)))
            row |= {name: found.verdeckt.sum(), f"{name} s": time.process_time() - start}
            assert not len(found.unschuetzbar)
        rows.append(row)
        print(", ".join(f"{key} {value:.4g}" for key, value in row.items()), flush=True)
        if seed == rows[0]["Tabelle"]:
            print(f"  R: {mit_r(counts)}")
    if rows:
        print(
            pd.DataFrame(rows)
            .drop(columns="Tabelle")
            .describe()
            .loc[["min", "mean", "max"]]
            .round(2)
            .to_string()
        )
    if given.land:
        land()


if __name__ == "__main__":
    main()
