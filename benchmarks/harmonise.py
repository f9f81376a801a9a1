"""Harmonising at the size of a country: rows per second, peak memory, growth with size.

    python benchmarks/harmonise.py [--areas 3200 --fields 100 --dates 10] [--large] [--growth] [--whole]

Deliveries are written as CSV, one file per date, and go the way of every build: read, keys, symbols,
dates, checks, rates, bounds, stored values. ``--large`` is 80,000 areas x 50 fields x 5 dates,
``--growth`` doubles the number of areas three times. Each measurement runs in a process of its own, so
peak memory is its own. Disclosure control is measured by benchmarks/geheimhaltung.py and left out here
unless ``--whole`` is given.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

ROOT = Path(__file__).parents[1]


def write_region(folder: Path, areas: int, fields: int, dates: int) -> None:
    """A region with one dataset: counts, a star here and there, totals per Kommune."""
    chance = random.Random(7)
    kommunen = [f"09{number:06d}" for number in range(max(1, areas // 32))]
    ids = [f"G {number:06d}" for number in range(areas)]
    days = [f"{2014 + number}-12-31" for number in range(dates)]
    names = [f"f{number:03d}" for number in range(fields)]
    (folder / "indikatoren").mkdir(parents=True)
    (folder / "lieferungen").mkdir()
    word = "{einzahl: x, mehrzahl: x, dativ: x}"
    (folder / "region.yml").write_text(f"""\
id: messung
name: Messung
herausgeber: Messung
synthetisch: true
ebenen: {{region: {word}, kommune: {word}, sozialraum: {word}}}
gebiete:
  - {{ebene: kommune, datei: k.csv, id: id, name: name}}
  - {{ebene: sozialraum, datei: g.csv, id: id, name: name, oberhalb: k}}
stichtage: [{", ".join(days)}]
themen: [{{id: t, name: t}}]
symbolprofile: {{p: {{"*": {{status: geheim, von: 1, bis: 9}}}}}}
sperrprofile: {{frei: {{komplement: false}}}}
""", encoding="utf-8")  # fmt: skip
    rates = "\n".join(
        f"  I{name[1:]}: {{name: {name}, thema: t, zaehler: {name}, nenner: ew}}" for name in names[1:]
    )
    columns = "\n".join(f"  {name}: {{spalte: {name}}}" for name in ["ew", *names[1:]])
    (folder / "indikatoren" / "d.yml").write_text(f"""\
id: d
name: Messung
zeile_ist: ein Gebiet
quelle: {{anbieter: x, lizenz: x}}
dateien: d_*.csv
symbolprofil: p
sperrprofil: frei
tabelle:
  format: csv
  trennzeichen: ";"
  kopf: {{erkennbar_an: Gebiet}}
  schluessel: {{spalten: [Gebiet]}}
  stichtag: {{aus: dateiname, muster: 'd_([0-9-]+)'}}
felder:
{columns}
indikatoren:
  EW: {{name: ew, thema: t, art: anzahl, zaehler: ew}}
{rates}
""", encoding="utf-8")  # fmt: skip
    (folder / "k.csv").write_text("id;name\n" + "".join(f"{key};K{key}\n" for key in kommunen), "utf-8")
    rows = (f"{key};;{kommunen[number * len(kommunen) // areas]}\n" for number, key in enumerate(ids))
    (folder / "g.csv").write_text("id;name;k\n" + "".join(rows), "utf-8")
    pool = ["*", *map(str, range(10, 1000))]
    for day in days:
        with (folder / "lieferungen" / f"d_{day}.csv").open("w", encoding="utf-8") as stream:
            stream.write(";".join(["Gebiet", "ew", *names[1:]]) + "\n")
            for key in ids:
                stream.write(";".join([key, "10000", *chance.choices(pool, k=fields - 1)]) + "\n")


def measure(areas: int, fields: int, dates: int, whole: bool) -> dict[str, float]:
    """Harmonise and store once; run in a process of its own."""
    from sozialanalyse import build, store

    if not whole:
        build.geheimhaltung.schuetze = unprotected
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "messung"
        folder.mkdir()
        write_region(folder, areas, fields, dates)
        os.environ["SOZIALANALYSE_DATEN"] = place
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start, processor = time.perf_counter(), time.process_time()
        result = build.build(folder)
        seconds, used = time.perf_counter() - start, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert store.unversehrt(result.ordner)
        stored = sum(path.stat().st_size for path in result.ordner.rglob("*") if path.is_file())
    return {"cells": areas * fields * dates, "seconds": seconds, "processor": used, "peak_mb": peak / 1024,
            "start_mb": before / 1024, "stored_mb": stored / 2**20}  # fmt: skip


def unprotected(werte, *_: object, **__: object):  # type: ignore[no-untyped-def]
    """In place of disclosure control: the public gets the same table."""
    nothing = pd.DataFrame({"stichtag": []})
    return SimpleNamespace(werte=werte, bilanz=nothing, ziele=nothing)


def apart(areas: int, fields: int, dates: int, whole: bool) -> dict[str, float]:
    command = [
        sys.executable,
        __file__,
        "--one",
        str(areas),
        str(fields),
        str(dates),
        *(["--whole"] if whole else []),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, default=3200)
    parser.add_argument("--fields", type=int, default=100)
    parser.add_argument("--dates", type=int, default=10)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--one", nargs=3, type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(*arguments.one, arguments.whole)))
        return
    sizes = [(arguments.areas, arguments.fields, arguments.dates)]
    if arguments.growth:
        sizes = [(arguments.areas // factor, arguments.fields, arguments.dates) for factor in (8, 4, 2, 1)]
    if arguments.large:
        sizes.append((80_000, 50, 5))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| areas x fields x dates | cells | s | processor s | cells/s | peak MB | bytes/cell | stored MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for areas, fields, dates in sizes:
        found = apart(areas, fields, dates, arguments.whole)
        per_cell = (found["peak_mb"] - found["start_mb"]) * 2**20 / found["cells"]
        print(f"| {areas} x {fields} x {dates} | {found['cells']:.0f} | {found['seconds']:.1f} | {found['processor']:.1f} | "
              f"{found['cells'] / found['processor']:.0f} | {found['peak_mb']:.0f} | {per_cell:.0f} | {found['stored_mb']:.0f} |",
              flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
