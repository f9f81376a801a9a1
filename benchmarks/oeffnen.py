"""Time from the request to a usable map: finished pages as the web service sends them, in Chromium.

    python benchmarks/oeffnen.py [--runs 7] [--width 390]

Needs a built stock with reports (``sozialanalyse demo``). Takes the heaviest page of each kind, every visit with an
empty cache, and prints a Markdown table in milliseconds since the request, median and range: first words painted, map
drawn, map ready for the keyboard (on pages without a map: everything loaded); and kilobytes sent.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from sozialanalyse.base import settings
from sozialanalyse.region.region import lade_region

QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
MARKEN = """(() => {
  const seen = new Set();
  const mark = (name, there) => { if (there && !seen.has(name)) { seen.add(name); performance.mark(name); } };
  const look = () => {
    const map = [...document.querySelectorAll('svg.sa-karte')].find(svg => svg.getBoundingClientRect().height > 40);
    mark('gezeichnet', map);
    mark('bedienbar', map?.querySelector('[tabindex="0"]'));
    if (!seen.has('bedienbar')) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""
ZEITEN = """() => {
  const first = name => performance.getEntriesByName(name)[0]?.startTime;
  const [way] = performance.getEntriesByType('navigation');
  const sent = [way, ...performance.getEntriesByType('resource')].reduce((sum, part) => sum + part.transferSize, 0);
  return {worte: first('first-contentful-paint'), gezeichnet: first('gezeichnet'),
          bedienbar: first('bedienbar') ?? way.loadEventEnd, kB: sent / 1000};
}"""


@contextmanager
def dienst() -> Iterator[str]:
    """Address of the service, running for as long as it is needed."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sozialanalyse.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/gesund").close()
                break
            except urllib.error.URLError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def schwerste(folder: Path) -> dict[str, Path]:
    """Kind of page -> its heaviest page."""
    kinds: dict[str, Path] = {"start": folder / "index.html"}
    for page in sorted(folder.glob("*/*.html"), key=lambda page: page.stat().st_size):
        if page.parent.name not in ("intern", "index"):
            kinds[page.parent.name] = page
    return kinds


def besuche(browser: Any, address: str, width: int) -> dict[str, float]:
    """One visit with an empty cache."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="de-DE")
    tab = context.new_page()
    tab.add_init_script(MARKEN)
    tab.goto(address, wait_until="load")
    tab.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
    if tab.locator("svg.sa-karte").count():
        tab.wait_for_function("performance.getEntriesByName('bedienbar').length > 0")
    found: dict[str, float] = tab.evaluate(ZEITEN)
    context.close()
    return found


def spanne(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({min(values):.0f}–{max(values):.0f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--width", type=int, default=390)
    asked = parser.parse_args()
    place = lade_region(settings.regionsordner(None))
    folder = settings.ergebnisordner(place.ordner, place.id, "oeffentlich").resolve()
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {asked.width} px, {asked.runs} visits\n")
    print("| page | first words | map drawn | map usable | kB sent |\n|---|---|---|---|---|")
    with dienst() as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        for page in schwerste(folder).values():
            path = page.relative_to(folder).as_posix()
            visits = [
                besuche(browser, f"{address}/berichte/{path}", asked.width) for _ in range(asked.runs + 1)
            ][1:]
            drawn = [visit["gezeichnet"] for visit in visits if visit.get("gezeichnet")]
            print(f"| {path} | {spanne([v['worte'] for v in visits])} | {spanne(drawn) if drawn else '–'} "
                  f"| {spanne([v['bedienbar'] for v in visits])} | {visits[0]['kB']:.0f} |", flush=True)  # fmt: skip
        browser.close()


if __name__ == "__main__":
    main()
