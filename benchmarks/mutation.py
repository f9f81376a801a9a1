"""How many small wrong changes of the code the fast tests notice; a sample, drawn anew with every seed.

    python benchmarks/mutation.py [--rooms geheimhaltung harmonise] [--number 40] [--seed 1] [--minutes 30] [--files zellen.py]

Needs mutmut (``pip install mutmut``; not part of the lock, because nothing else needs it). Rooms are tried one after the
other, each in a folder of its own in ``mutants/``, by one process; what may be changed and the fast tests that must notice
stand in ``pyproject.toml`` under ``tool.mutmut``. Prints a Markdown table and each change that survived, with its difference.
A change that lets the tests run on without end counts as noticed; one that no test reaches counts as survived. What the time
did not suffice for is told and counts for nothing. Not drawn is what no test can notice: ``strict`` of a ``zip`` is an
assertion that right code never breaks, ``format`` only how a sparse table is stored.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
MUTMUT = [str(Path(sys.executable).parent / "mutmut")]
NOTICED = ("killed", "timeout", "segfault", "suspicious")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS: dict[str, dict[str, list[str]]] = PROJECT["tool"]["sozialanalyse"]["mutation"]
"""Room -> what may be changed and the tests that must notice."""


def workplace(room: str, files: list[str]) -> Path:
    """A folder for mutmut with the project linked in and what it shall do in this room."""
    place = ROOT / "mutants" / room
    place.mkdir(parents=True, exist_ok=True)
    for path in ROOT.iterdir():
        if path.name not in ("mutants", "pyproject.toml", "build") and not path.name.startswith("."):
            with contextlib.suppress(FileExistsError):
                (place / path.name).symlink_to(path)
    wish = PROJECT["tool"]["mutmut"] | {
        "only_mutate": [f"{folder}/{name}" for folder in ROOMS[room]["code"] for name in files or ["*"]],
        "pytest_add_cli_args_test_selection": ROOMS[room]["tests"],
    }
    rest, found, _ = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.mutmut]")
    lines = [f"{key} = {json.dumps(value)}" for key, value in wish.items()]
    (place / "pyproject.toml").write_text("\n".join([rest + found, *lines, ""]), encoding="utf-8")
    return place


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


def run(names: list[str], minutes: float) -> int:
    """Try some changes; stopped in time, mutmut keeps what it knows."""
    command = [*MUTMUT, "run", "--max-children", "1", *names]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(minutes * 60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        return 0


def sample(room: str, wish: argparse.Namespace) -> list[str]:
    """Draw changes of a room and try them; the lines of those that survived."""
    os.chdir(workplace(room, wish.files))
    clear()
    run(["none"], 60)  # makes the copies and notes which test reaches which function; no change has that name
    if not Path("mutants/mutmut-stats.json").exists():
        raise SystemExit(
            f"The tests of {room} do not pass in {Path.cwd() / 'mutants'}; see there: mutmut run"
        )
    there = sorted(results())
    mixed = random.Random(wish.seed).sample(there, len(there))
    drawn = list(itertools.islice((name for name in mixed if _says_something(name)), wish.number))
    if run(drawn, wish.minutes):
        raise SystemExit(f"mutmut failed in {Path.cwd()}; see there: mutmut run {drawn[0]}")
    after = results()
    tried = {name: after[name] for name in drawn if after[name] not in ("not checked", "skipped")}
    noticed = sum(status in NOTICED for status in tried.values())
    print(
        f"| {room} | {wish.seed} | {len(drawn)} of {len(there)} | {len(tried)} | {noticed} "
        f"| {100 * noticed / max(len(tried), 1):.0f} % |",
        flush=True,
    )
    return [
        f"\n{name}: {status}\n{difference(name)}"
        for name, status in sorted(tried.items())
        if status not in NOTICED
    ]


def _says_something(name: str) -> bool:
    """Whether a change is more than one of an assertion or of how something is stored."""
    sides: dict[str, list[str]] = {"-": [], "+": []}
    for line in difference(name).splitlines():
        if line[:1] in sides:
            sides[line[0]].append(re.sub(r",? *\b(strict|format)=[^,()]*|, *(?=\))", "", line[1:]))
    return sides["-"] != sides["+"]


def difference(name: str) -> str:
    """What a change changes; looked up in the module of all changes, because mutmut parses that anew each time."""
    module, _, function = name.rpartition(".")
    text = Path("mutants", *module.split(".")).with_suffix(".py").read_text(encoding="utf-8")

    def lines(called: str) -> list[str]:
        found = re.search(rf"^( *)def {re.escape(called)}\(", text, re.M)
        if found is None:
            return []
        inside = (f"{found[1]} ", f"{found[1]})")
        behind = text[found.end() :].splitlines()[1:]
        return list(itertools.takewhile(lambda line: not line or line.startswith(inside), behind))

    both = (lines(one) for one in (re.sub(r"\d+$", "orig", function), function))
    return "\n".join(
        line for line in difflib.unified_diff(*both, lineterm="") if line[:2] not in ("--", "++", "@@")
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=list(ROOMS))
    parser.add_argument("--files", nargs="+", default=[], help="only these modules of the rooms")
    parser.add_argument("--number", type=int, default=40, help="of each room")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=30, help="of each room, after its tests ran once")
    wish = parser.parse_args()
    print("| room | seed | drawn | tried | noticed | share |\n|---|---:|---:|---:|---:|---:|")
    survived = [line for room in wish.rooms for line in sample(room, wish)]
    print(*survived, sep="\n")


if __name__ == "__main__":
    main()
