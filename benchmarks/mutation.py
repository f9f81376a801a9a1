"""How many small wrong changes of the code the fast tests notice; a sample, drawn anew with every seed.

    python benchmarks/mutation.py [--rooms geheimhaltung harmonise] [--number 200] [--seed 1] [--minutes 30]

Needs mutmut (``pip install mutmut``; not part of the lock, because nothing else needs it). Which rooms may be changed and
which tests must notice stands in ``pyproject.toml`` under ``tool.mutmut``; the copies lie in ``mutants/``. Every room gives as
many changes as its share of all. Prints a Markdown table and each change that survived, with its difference. A change that
lets the tests run on without end counts as noticed; one that no test reaches counts as survived. What the time did not
suffice for is told and counts for nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOMS = ("sources", "harmonise", "store", "geheimhaltung", "analyse")
MUTMUT = [str(Path(sys.executable).parent / "mutmut")]
PREPARE = "sozialanalyse.analyse.clusters.wording.*"
"""A few quick changes: running them makes all copies and notes which test reaches which function."""
NOTICED = ("killed", "timeout", "segfault", "suspicious")


def results() -> dict[str, str]:
    """Every change mutmut can make, with what became of it."""
    told = subprocess.run(
        [*MUTMUT, "results", "--all", "true"], check=True, capture_output=True, text=True
    ).stdout
    pairs = (line.strip().rpartition(": ") for line in told.splitlines() if ": " in line)
    return {name: status for name, _, status in pairs if name.startswith("sozialanalyse.")}


def clear() -> None:
    """Take away the copies mutmut would not renew: all but changed modules and what is known of them."""
    for path in Path("mutants").rglob("*"):
        known = path.name == "mutmut-stats.json" or path.suffix == ".meta"
        if path.is_file() and not known and not (path.suffix == ".py" and path.parts[1] == "sozialanalyse"):
            path.unlink()


def room(name: str) -> str:
    return name.split(".")[1]


def run(names: list[str], minutes: float) -> None:
    """Try some changes; stopped in time, mutmut keeps what it knows."""
    process = subprocess.Popen([*MUTMUT, "run", *names], stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        process.wait(minutes * 60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        return
    if process.returncode:
        raise SystemExit(f"mutmut ended with {process.returncode}; see: mutmut run '{PREPARE}'")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=ROOMS)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=30, help="of the changes, after all tests ran once")
    wish = parser.parse_args()
    os.chdir(Path(__file__).parents[1])
    clear()
    run([PREPARE], 60)
    there = sorted(name for name in results() if room(name) in wish.rooms)
    drawn = random.Random(wish.seed).sample(there, min(wish.number, len(there)))
    run(drawn, wish.minutes)
    after = results()
    tried = {name: after[name] for name in drawn if after[name] not in ("not checked", "skipped")}
    print(
        f"{len(tried)} of {len(there)} changes tried (seed {wish.seed}), {len(drawn) - len(tried)} not reached in time.\n"
    )
    print("| room | tried | noticed | share |\n|---|---:|---:|---:|")
    for name in (*wish.rooms, "all"):
        own = Counter(status in NOTICED for key, status in tried.items() if name in (room(key), "all"))
        if own:
            print(f"| {name} | {own.total()} | {own[True]} | {100 * own[True] / own.total():.0f} % |")
    for name, status in sorted(tried.items()):
        if status not in NOTICED:
            difference = subprocess.run([*MUTMUT, "show", name], capture_output=True, text=True).stdout
            print(f"\n{name}: {status}\n{difference}")


if __name__ == "__main__":
    main()
