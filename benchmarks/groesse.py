"""Pages of larger and larger counties: processor seconds, megabytes, elements, peak memory per page.

    python benchmarks/groesse.py [--areas 93 1000 3177 10000] [--pages atlas index varianz] [--keep ORDNER]

The county is invented: nine areas per Kommune, bent common borders, three dates, twelve indicators of three
topics, some numbers hidden. It is built once per size (without the search for further cells to hide, which
benchmarks/geheimhaltung.py measures); then each page is made twice as the batch makes it, in forked processes of
their own whose data are cold. The second finds the analyses of the first kept, as most pages of a batch do: its
figures are the page's, what the first took longer is told as analyses. ``--profile`` tells the costliest functions.
"""

from __future__ import annotations

import argparse
import ast
import cProfile
import json
import os
import platform
import pstats
import re
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import nbformat
import numpy as np
import pandas as pd
import scipy.spatial
import shapely
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from sozialanalyse import build, seiten, store
from sozialanalyse.base import settings
from sozialanalyse.publish import einband, runs
from sozialanalyse.publish.html import ganze_seite, notebook_inhalt
from sozialanalyse.seiten import Lauf

DAYS = ("2019-12-31", "2021-12-31", "2023-12-31")
TOPICS = ("demographie", "arbeit", "wohnen")
SHARES = {f"{topic[0].upper()}{number}": topic for topic in TOPICS for number in range(1, 4)}
PER_KOMMUNE = 9


def outlines(points: np.ndarray) -> np.ndarray:
    """A tiling around the points whose common borders are bent; about sixty corners each."""
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), ordered=True))
    frame = shapely.box(*(points.min(axis=0) - 500), *(points.max(axis=0) + 500))
    cells = shapely.segmentize(shapely.intersection(cells, frame), 100)

    def bend(xy: np.ndarray) -> np.ndarray:
        wave = [
            np.sin(xy[:, 1] / 150) + 2 * np.sin(xy[:, 1] / 900),
            np.cos(xy[:, 0] / 170) + 2 * np.cos(xy[:, 0] / 800),
        ]
        return np.round(xy + 60 * np.array(wave).T, 2)

    return np.asarray(shapely.transform(cells, bend))  # fmt: skip


def write_region(folder: Path, areas: int) -> None:
    """The folder of a county, deliveries included."""
    rng = np.random.default_rng(areas)
    (folder / "indikatoren").mkdir(parents=True)
    (folder / "lieferungen").mkdir()
    (folder / "themen").mkdir()
    side = 1400 * np.sqrt(areas)
    points = np.array([300_000, 5_500_000]) + rng.uniform(0, side, (areas, 2))
    centres = rng.choice(points, max(areas // PER_KOMMUNE, 3), replace=False)
    home = scipy.spatial.cKDTree(centres).query(points)[1]
    kommunen = [f"09{number:06d}" for number in range(len(centres))]
    place = np.zeros(len(centres), dtype=int)
    ids = []
    for k in home:
        place[k] += 1
        ids.append(f"G{k:04d}.{place[k]:02d}")
    word = {"einzahl": "Gebiet", "mehrzahl": "Gebiete", "dativ": "Gebieten", "genus": "n"}
    region = {
        "id": "messung", "name": "Kreis Messung", "herausgeber": "Kreis Messung", "synthetisch": True, "koordinaten": "EPSG:25832",
        "ebenen": {"region": {"einzahl": "Kreis", "mehrzahl": "Kreise", "dativ": "Kreisen", "genus": "m"},
                   "kommune": {"einzahl": "Kommune", "mehrzahl": "Kommunen", "dativ": "Kommunen"}, "sozialraum": word},
        "gebiete": [{"ebene": "kommune", "datei": "k.csv", "id": "id", "name": "name"},
                    {"ebene": "sozialraum", "datei": "g.csv", "id": "id", "name": "name", "oberhalb": "k"}],
        "geometrie": [{"ebene": "sozialraum", "datei": "formen.gpkg", "schluessel": "id"}],
        "stichtage": list(DAYS), "bevoelkerung": "EW", "themen": [{"id": t, "name": t.capitalize()} for t in TOPICS],
        "symbolprofile": {"p": {"*": {"status": "geheim", "von": 1, "bis": 2}}},
        "sperrprofile": {"frei": {"mindestfallzahl": 3, "komplement": False}},
    }  # fmt: skip
    page = {
        "id": "d", "name": "Messung", "zeile_ist": "ein Gebiet", "quelle": {"anbieter": "Amt", "lizenz": "frei"}, "dateien": "d_*.csv",
        "symbolprofil": "p", "sperrprofil": "frei",
        "tabelle": {"format": "csv", "trennzeichen": ";", "kopf": {"erkennbar_an": "Gebiet"}, "schluessel": {"spalten": ["Gebiet"]},
                    "stichtag": {"aus": "dateiname", "muster": "d_([0-9-]+)"}},
        "felder": {"ew": {"spalte": "ew"}, **{key.lower(): {"spalte": key.lower()} for key in SHARES}},
        "indikatoren": {
            "EW": {"name": "Bevölkerung", "thema": TOPICS[0], "art": "anzahl", "zaehler": "ew", "einheit": "Personen"},
            **{key: {"name": f"Anteil {key}", "thema": topic, "zaehler": key.lower(), "nenner": "ew", "polaritaet": "+"}
               for key, topic in SHARES.items()},
        },
    }  # fmt: skip
    report = {"id": "bericht", "titel": "Bericht", "frage": "Wie ist die Lage?",
              "fragen": [{"frage": "Wie steht es darum?", "indikatoren": ["A1", "A2"]}]}  # fmt: skip
    for name, content in (("region", region), ("indikatoren/d", page), ("themen/bericht", report)):
        (folder / f"{name}.yml").write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")  # fmt: skip
    names = "".join(f"{key};Ort {number}\n" for number, key in enumerate(kommunen))
    (folder / "k.csv").write_text("id;name\n" + names, "utf-8")
    rows = "".join(f"{key};Viertel {i};{kommunen[k]}\n" for i, (key, k) in enumerate(zip(ids, home, strict=True)))  # fmt: skip
    (folder / "g.csv").write_text("id;name;k\n" + rows, "utf-8")
    gpd.GeoDataFrame({"id": ids}, geometry=outlines(points), crs="EPSG:25832").to_file(folder / "formen.gpkg")
    people = rng.integers(600, 6000, areas)
    level = rng.normal(0, 0.35, (len(centres), len(SHARES)))[home] + rng.normal(0, 0.5, (areas, len(SHARES)))
    level += rng.normal(0, 0.6, (areas, 1))
    for number, day in enumerate(DAYS):
        share = 1 / (1 + np.exp(2.2 - level - 0.05 * number))
        counts = pd.DataFrame(rng.binomial(people[:, None], share), columns=[key.lower() for key in SHARES])
        shown = counts.astype(object).mask(rng.random(counts.shape) < 0.01, "*")
        shown.insert(0, "ew", people)
        shown.insert(0, "Gebiet", ids)
        shown.to_csv(folder / "lieferungen" / f"d_{day}.csv", sep=";", index=False)


def planned(daten: store.Daten, wanted: list[str]) -> list[Lauf]:
    """One run per notebook, the overall one or else the first."""
    out, project = [], settings.projektordner()
    for name in seiten.angeboten(project / "notebooks"):
        if not wanted or name in wanted:
            own = list(seiten.laeufe(name, daten, project / "parameters"))
            out += [next((lauf for lauf in own if lauf.name == "gesamt"), own[0])] if own else []
    return out


def page_of(lauf: Lauf) -> str:
    """The page of one run, its cells run here."""
    source = nbformat.read(lauf.seite.quelle(settings.projektordner() / "notebooks"), as_version=4)
    done, shown = new_notebook(), []
    names: dict[str, Any] = {**lauf.parameter.model_dump(mode="json"), "display": lambda *some: shown.extend(some)}  # fmt: skip
    for cell in source.cells:
        if cell.cell_type != "code":
            done.cells.append(new_markdown_cell(cell.source))
        elif "parameters" not in cell.metadata.get("tags", []):
            tree = ast.parse(cell.source)
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            shown.clear()
            exec(compile(tree, lauf.notebook, "exec"), names)
            if last is not None:
                shown.append(eval(compile(ast.Expression(last.value), lauf.notebook, "eval"), names))
            html = [one._repr_html_() for one in shown if hasattr(one, "_repr_html_")]
            done.cells.append(new_code_cell("", outputs=[new_output("display_data", {"text/html": h}) for h in html]))  # fmt: skip
    frame = einband.rahmen(
        store.load(settings.regionsordner()).region, names["bericht"].daten, {lauf.notebook}
    )
    return ganze_seite(notebook_inhalt(done), runs.rahmen_fuer(lauf, frame, lauf.name))


def measured(lauf: Lauf, keep: Path | None, profile: bool) -> dict[str, float]:
    """Make a page in a forked process and measure that."""
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading) as stream:
            told = stream.read()
        status = os.waitpid(child, 0)[1]
        if status:
            raise SystemExit(f"{lauf.notebook}: the page could not be made.")
        return dict(json.loads(told))
    code = 1
    try:
        os.environ["SOZIALANALYSE_STATISCH"] = "1"
        profiler = cProfile.Profile() if profile else None
        began = time.process_time()
        html = profiler.runcall(page_of, lauf) if profiler else page_of(lauf)
        cpu = time.process_time() - began
        if profiler:
            pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)
            sys.stdout.flush()
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{lauf.notebook}.html").write_text(html, "utf-8")
        found = {"cpu": cpu, "mb": len(html.encode()) / 1e6, "elements": len(re.findall(r"<[a-zA-Z]", html)),
                 "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}  # fmt: skip
        with os.fdopen(writing, "w") as stream:
            json.dump(found, stream)
        code = 0
    finally:
        sys.stdout.flush()
        if code:
            sys.excepthook(*sys.exc_info())
        os._exit(code)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--areas", type=int, nargs="+", default=[93, 1000, 3177, 10_000])
    parser.add_argument("--pages", nargs="*", default=[], help="notebooks; all when left out")
    parser.add_argument(
        "--keep", type=Path, help="folder for regions, snapshots and pages, used again next time"
    )
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(
        "| page | areas | Kommunen | processor s | MB | elements | peak MB | analyses s |\n|---|"
        + "---:|" * 7
    )
    with tempfile.TemporaryDirectory() as temporary:
        for areas in arguments.areas:
            place = (arguments.keep or Path(temporary)) / str(areas)
            folder = place / "messung"
            os.environ |= {"SOZIALANALYSE_DATEN": str(place), "SOZIALANALYSE_REGION": str(folder)}
            if not (place / "bestand").exists():
                write_region(folder, areas)
                build.build(folder)
            daten = store.load(folder, "oeffentlich")
            for lauf in planned(daten, arguments.pages):
                shutil.rmtree(place / "zwischenspeicher", ignore_errors=True)
                pages = arguments.keep and place / "seiten"
                first = measured(lauf, pages, arguments.profile)
                found = measured(lauf, pages, arguments.profile)
                cells = [lauf.notebook, areas, daten.kommune().nunique(), f"{found['cpu']:.1f}", f"{found['mb']:.2f}",
                         f"{found['elements']:,}", f"{found['peak']:.0f}", f"{max(first['cpu'] - found['cpu'], 0):.1f}"]  # fmt: skip
                print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
