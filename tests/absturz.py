"""Builds that are killed, starved or run against each other; run as a program of its own.

    python tests/absturz.py (kill|write|disk|twice) REGION [COUNT]

Everything is imported once, then every build is a forked child, so that many deaths take little time.
Prints one JSON object: what happened, and every violation of "the last good snapshot stays current and
whole".
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandera.pandas  # noqa: F401  a child should spend its life building, not importing

from sozialanalyse import build, store
from sozialanalyse.base import settings
from sozialanalyse.base.errors import BestandFehler
from sozialanalyse.region.region import lade_region

REGION = Path(sys.argv[2])
ORDNER = settings.bestandsordner(REGION, lade_region(REGION).id)
LIEFERUNG = REGION / "lieferungen" / "arbeit.csv"
GUT = LIEFERUNG.read_bytes()


def child(job: Callable[[], int | None]) -> int:
    """Fork; the child does one job and ends with its result as exit code."""
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            code = job() or 0
        finally:
            os._exit(code)
    return pid


def ended(pid: int) -> int:
    """Exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def deliver(number: int) -> None:
    """A delivery with another number of unemployed in the first area."""
    LIEFERUNG.write_bytes(GUT.replace(b";60;", f";{number};".encode(), 1))


def current() -> tuple[str, int]:
    """Name of the current snapshot and the number it holds, after reading every file of it."""
    name = store.aktueller(ORDNER)
    assert name is not None
    assert store.unversehrt(ORDNER / name), f"{name} ist nicht ganz"
    daten = store.load(REGION, "intern")
    daten.werte(level=None)
    daten.befunde()
    return name, int(daten.matrix("ALO", "2021-12-31", spalte="zaehler").loc["A 1a", "ALO"])


def look(allowed: set[int]) -> int:
    """0 if the current snapshot is whole and one of those expected."""

    def job() -> int:
        return 0 if current()[1] in allowed else 7

    return ended(child(job))


def kill(count: int) -> dict:
    """Kill builds at random moments until `count` have died; one that was faster than its death shortens the wait."""
    chance = random.Random(20240101)
    start = time.perf_counter()
    deliver(100)
    assert ended(child(lambda: build.build(REGION) and 0)) == 0
    full = time.perf_counter() - start
    good, killed, finished, bad = {100}, 0, 0, []
    for number in range(101, 101 + 4 * count):
        if killed == count:
            break
        deliver(number)
        wait = chance.uniform(0, full * 0.95)
        pid = child(lambda: build.build(REGION) and 0)
        time.sleep(wait)
        os.kill(pid, signal.SIGKILL)
        code = ended(pid)
        killed += code == -signal.SIGKILL
        finished += code == 0
        full = min(full, wait / 0.95) if code == 0 else full
        good.add(number)
        if look(good if code == 0 else good | {number}):
            bad.append(number)
    deliver(1000)
    last = ended(child(lambda: build.build(REGION) and 0))
    return {"killed": killed, "finished": finished, "bad": bad, "last": last, "whole": look({1000}) == 0,
            "litter": sorted(p.name for p in ORDNER.glob(".*"))}  # fmt: skip


def build_as(rule: str) -> int:
    """Build as if the program were another version; only the snapshot is written."""
    build._rules = lambda region: rule  # type: ignore[assignment]
    build.schreibe_protokolle = lambda *given: []  # type: ignore[assignment]
    build.build(REGION)
    return 0


def write(count: int) -> dict:
    """Die at the first, second, third ... file operation of writing, until one write gets through."""
    deliver(100)
    name = store.aktueller(ORDNER)
    deaths, bad = 0, []
    for number in range(1, count + 1):

        def job(number: int = number) -> int:
            seen = 0

            def hook(event: str, arguments: tuple) -> None:
                nonlocal seen
                moves = event in {"os.rename", "os.mkdir", "os.remove", "os.rmdir"}
                writes = event == "open" and "w" in str(arguments[1] or "")
                if (moves or writes) and str(ORDNER) in str(arguments[0]):
                    seen += 1
                    if seen == number:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(hook)
            return build_as(f"r{number}")

        code = ended(child(job))
        if look({60, 100}) != 0:
            bad.append(number)
        if code == 0:
            break
        deaths += code == -signal.SIGKILL
    return {"deaths": deaths, "through": code == 0, "bad": bad, "moved": store.aktueller(ORDNER) != name}


def disk(count: int) -> dict:
    """A disk that takes only so many bytes per file."""
    deliver(100)
    before, told, bad = store.aktueller(ORDNER), 0, []
    for number in range(count):

        def job(number: int = number) -> int:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(20 * 2.6**number), resource.RLIM_INFINITY))
            try:
                build_as(f"d{number}")
            except BestandFehler as error:
                return 1 if "der bisherige Bestand bleibt gültig" in str(error) else 8
            return 0

        code = ended(child(job))
        told += code == 1
        same = store.aktueller(ORDNER) == before
        if code not in (0, 1) or (code == 1 and not same) or look({60, 100}) != 0:
            bad.append((number, code))
        before = store.aktueller(ORDNER)
    return {"told": told, "bad": bad, "litter": sorted(p.name for p in ORDNER.glob(".*"))}


def twice(count: int) -> dict:
    """Several builds at once, of the same and of different deliveries."""
    deliver(100)
    codes = []
    for number in range(count):
        rules = [f"t{number}", f"t{number}", f"u{number}", f"t{number}"]
        pids = [child(lambda rule=rule: build_as(rule)) for rule in rules]  # fmt: skip
        codes += [ended(pid) for pid in pids]
    names = [p.name for p in ORDNER.iterdir() if p.is_dir()]
    return {"codes": sorted(set(codes)), "whole": look({100}) == 0, "all": all(store.unversehrt(ORDNER / n) for n in names),
            "snapshots": len(names), "litter": sorted(p.name for p in ORDNER.glob(".*"))}  # fmt: skip


if __name__ == "__main__":
    result = {"kill": kill, "write": write, "disk": disk, "twice": twice}[sys.argv[1]](int(sys.argv[3]))
    print(json.dumps(result))
