"""The whole batch of a region against papermill's command line in a loop, and its growth over 1,000 runs.

    python benchmarks/batch.py [--region data/...] [--only AUSDRUCK] [--runs 1] [--stock 6] [--idle 5] [--growth 1000]

Cold: empty results, nothing kept from earlier analyses, the warm parent not yet started. The command line
of papermill (``--stock`` of the same runs, evenly spread) finds the kept analyses of our batch already,
which favours it, so the batch is also timed once more with them; the time of the command line for all runs
is the mean times their number. Prints the machine and a table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil

from sozialanalyse import kernels
from sozialanalyse.base import settings
from sozialanalyse.publish import arbeit, runs
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.html import Rahmen
from sozialanalyse.region.region import lade_region
from sozialanalyse.seiten import Lauf
from sozialanalyse.seiten.cluster import ClusterParameter

CORES = os.cpu_count() or 1


def spread(values: list[float], digits: int = 1) -> str:
    """Median and range, as a cell of the table."""
    middle = f"{statistics.median(values):.{digits}f}"
    if len(values) == 1:
        return f"{middle} (once)"
    return f"{middle} ({min(values):.{digits}f}-{max(values):.{digits}f}, n = {len(values)})"


def timed(
    command: list[str], environment: dict[str, str], codes: tuple[int, ...] = (0,)
) -> tuple[float, float]:
    """Run a command; wall and processor seconds of it and its children."""
    began, before = time.perf_counter(), os.times()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    after = os.times()
    assert done.returncode in codes, done.stderr[-2000:]
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, cpu


def place_of_its_own(region: Path, folder: Path) -> dict[str, str]:
    """Environment whose results and kept analyses are empty while the snapshot is the real one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "bestand").symlink_to(settings.datenordner(region) / "bestand")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**environment, "SOZIALANALYSE_DATEN": str(folder), "SOZIALANALYSE_REGION": str(region)}


def whole(
    region: Path, only: str | None, repeats: int, folder: Path
) -> tuple[list[float], list[dict[str, Any]], dict[str, str]]:
    """Cold batches; seconds of each, the records of the last, the environment it leaves behind."""
    command = [sys.executable, "-m", "sozialanalyse.cli", "run", *(["--only", only] if only else [])]
    seconds = []
    for _ in range(repeats):
        environment = place_of_its_own(region, folder)
        seconds.append(timed(command, environment, codes=(0, 1))[0])
    results = folder / "ergebnisse" / lade_region(region).id / "oeffentlich"
    found = [json.loads(page.read_text("utf-8")) for page in results.glob("protokolle/**/*.json")]
    return seconds, found, environment


def stock(
    records: list[dict[str, Any]], number: int, environment: dict[str, str], folder: Path
) -> list[float]:
    """Seconds of papermill's command line for some of the same runs."""
    good = sorted((r for r in records if r["status"] == "fertig"), key=lambda r: (r["notebook"], r["name"]))
    step = max(1, len(good) // number)
    project, seconds = settings.projektordner(), []
    for record in good[::step][:number]:
        given = json.dumps(record["parameter"], ensure_ascii=False)  # JSON is YAML with quoted text
        command = [sys.executable, "-m", "papermill", "--no-progress-bar", "-k", "python3", "-y", given]
        command += [str(project / "notebooks" / f"{record['notebook']}.ipynb"), str(folder / "stock.ipynb")]
        seconds.append(timed(command, {**environment, "SOZIALANALYSE_STATISCH": "1"})[0])
    return seconds


def growth(total: int, jobs: int, folder: Path) -> None:
    """Print for a tiny notebook many times: runs, seconds, memory of this process, its threads and files.

    The parent imports only ipykernel here: what grows or not is the batch, not the stack.
    """
    (folder / "tiny").mkdir()
    names = "\n".join(f"{name} = None" for name in ClusterParameter.model_fields)
    cells = [
        nbformat.v4.new_code_cell(names, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("1 + 1"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "tiny" / "cluster.ipynb")
    ablage, frame = Ablage(folder / "out"), Rahmen(titel="", region="", herausgeber="", stand="", stil="")
    wanted = [Lauf("cluster", f"run{number}", ClusterParameter()) for number in range(total)]
    orders, _ = runs.plane(
        wanted, notebooks=folder / "tiny", ablage=ablage, bestand="b", rahmen=lambda _: frame, kern=kernels.NAME,
        schreibt_selbst=True,
    )  # fmt: skip
    os.environ["JUPYTER_PATH"] = str(folder / "share" / "jupyter")
    kernels.install(folder, preload=[], watch=[])
    kernels.warm(timeout=120)
    me, done, began = psutil.Process(), 0, time.perf_counter()

    def report(record: runs.Protokoll) -> None:
        nonlocal done
        assert record.status == "fertig", record.satz
        done += 1
        if done % max(1, total // 10) == 0:
            memory = me.memory_full_info().uss / 2**20
            wall, held = time.perf_counter() - began, me.num_threads() + me.num_fds()
            print(f"| {done} | {wall:.1f} | {memory:.0f} | {held} |", flush=True)

    arbeit.fuehre_aus(orders, ablage=ablage, jobs=jobs, melder=report)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--region")
    parser.add_argument("--only")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--stock", type=int, default=6)
    parser.add_argument("--idle", type=int, default=5)
    parser.add_argument("--growth", type=int, default=1000)
    options = parser.parse_args()
    region = settings.regionsordner(options.region).resolve()
    kernels.install(memory_limit=settings.speichergrenze())

    print(f"{platform.platform()}, Python {platform.python_version()}, {CORES} cores, ", end="")
    print(f"{psutil.virtual_memory().total / 2**30:.0f} GiB, load {os.getloadavg()[0]:.1f}\n", flush=True)
    print("| what | seconds |\n|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.runs:
            seconds, records, environment = whole(region, options.only, options.runs, folder / "daten")
            cells = sum(record["zellzeit"] for record in records)
            number = len(records)
            ours = statistics.median(seconds)
            failed = sum(record["status"] != "fertig" for record in records)
            print(
                f"| whole batch, cold, {number} runs ({failed} failed), parent included | {spread(seconds)} |"
            )
            print(f"| sum of pure cell time / {CORES} cores | {cells / CORES:.1f} |", flush=True)
            slow = stock(records, options.stock, environment, folder)
            print(f"| papermill's command line, one run | {spread(slow)} |")
            theirs = statistics.mean(slow) * number
            print(f"| the same for {number} runs, extrapolated | {theirs:.0f} |", flush=True)
            command = [
                sys.executable,
                "-m",
                "sozialanalyse.cli",
                "run",
                *(["--only", options.only] if options.only else []),
            ]
            warm, cpu = timed([*command, "--force"], environment, codes=(0, 1))
            print(f"| all again with the analyses kept, as the command line had them | {warm:.1f} (once) |")
            print(f"| processor time of it | {cpu:.1f} |", flush=True)
            idle = [timed(command, environment, codes=(0, 1)) for _ in range(options.idle)]
            if idle:
                print(f"| nothing changed | {spread([wall for wall, _ in idle])} |")
                print(f"| processor time of it | {spread([cpu for _, cpu in idle])} |", flush=True)
            print(
                f"\n{theirs / ours:.1f} times faster than papermill's command line in a loop though that had "
            )
            print(f"the analyses, {theirs / warm:.1f} times with the same kept for both; ", end="")
            print(f"{ours / (cells / CORES):.2f} times pure cell time / cores.\n", flush=True)
        if options.growth:
            print(
                "| tiny runs done | seconds | memory of the batch (MB) | threads and files |\n|---|---|---|---|"
            )
            growth(options.growth, CORES, folder)


if __name__ == "__main__":
    main()
