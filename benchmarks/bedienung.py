"""How long a choice takes until everything on the dashboard is renewed, once its analyses are known.

    python benchmarks/bedienung.py [--choices 12]

Needs a built stock (``sozialanalyse build``). Counts processor and clock time from the change of a control to the last
finding, without the browser; median and range.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from typing import Any

os.environ["SERVER_SOFTWARE"] = "voila/0"


def choose(control: Any, value: str) -> tuple[float, float]:
    """Change a control; processor and clock seconds until the page is renewed."""
    worked, began = time.process_time(), time.perf_counter()
    control.value = value
    return time.process_time() - worked, time.perf_counter() - began


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def main() -> None:
    """Measure and print."""
    from IPython.core.interactiveshell import InteractiveShell

    from sozialanalyse.seiten.werkstatt import WerkstattBericht

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--choices", type=int, default=12)
    many = parser.parse_args().choices
    InteractiveShell.instance().display_pub.publish = lambda *_args, **_more: None
    page: Any = WerkstattBericht()
    for name in ("kopf", "antwort", "karten", "figur", "quellen"):
        getattr(page, name)()._ipython_display_()
    page.auswahl()
    controls = page.bedienung.felder
    print(
        f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores\n\n| control | processor s | clock s |\n|---|---|---|"
    )
    for name, control in controls.items():
        values = [value for _, value in control.options][: many + 1]
        if name in ("stichtag", "typen"):
            for value in values:
                control.value = value
        times = [choose(control, value) for value in (values * 2)[1 : many + 1]]
        worked, waited = zip(*times, strict=True)
        print(f"| {name} | {spread(list(worked))} | {spread(list(waited))} |", flush=True)


if __name__ == "__main__":
    main()
