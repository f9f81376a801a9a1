"""Pictures of all finished pages in a browser, at the width of a desk and of a phone, with their weights.

    python benchmarks/galerie.py [FOLDER OF RESULTS] [--out galerie] [--only PART] [--widths 1280 390]

Prints a Markdown table: page, kilobytes with and without gzip, milliseconds until the first map is drawn,
requests to other hosts, and whether anything is wider than the screen. The pictures are not for git.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from sozialanalyse import settings
from sozialanalyse.region import lade_region

QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
DRAWN = "Math.round(performance.getEntriesByType('paint').at(-1)?.startTime ?? 0)"
WIDER = "document.documentElement.scrollWidth > innerWidth + 1"


def photograph(browser: Any, page: Path, target: Path, width: int) -> tuple[int, int, bool]:
    """Take one picture; return milliseconds to the first paint, foreign requests, whether it overflows."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="de-DE")
    tab, away = context.new_page(), []
    tab.route("http*://**", lambda route: (away.append(route.request.url), route.abort()))
    tab.goto(page.as_uri())
    tab.wait_for_timeout(150)
    found = int(tab.evaluate(DRAWN)), len(away), bool(tab.evaluate(WIDER))
    target.parent.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=str(target), full_page=True)
    context.close()
    return found


def main() -> None:
    """Photograph what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--out", type=Path, default=Path("galerie"))
    parser.add_argument("--only", default="")
    parser.add_argument("--widths", type=int, nargs="+", default=[1280, 390])
    asked = parser.parse_args()
    place = lade_region(settings.regionsordner(None))
    folder = (asked.folder or settings.ergebnisordner(place.ordner, place.id)).resolve()
    pages = [
        page for page in sorted(folder.rglob("*.html")) if asked.only in page.relative_to(folder).as_posix()
    ]
    print("| page | kB | gzip kB | ms to first paint | other hosts | overflows |\n|---|---|---|---|---|---|")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        for page in pages:
            name, content = page.relative_to(folder), page.read_bytes()
            shots = [
                photograph(browser, page, asked.out / name.parent / f"{name.stem}_{width}.png", width)
                for width in asked.widths
            ]
            times, hosts, wide = zip(*shots, strict=True)
            print(
                f"| {name} | {len(content) / 1000:.0f} | {len(gzip.compress(content)) / 1000:.0f} "
                f"| {max(times)} | {sum(hosts)} | {'yes' if any(wide) else 'no'} |",
                flush=True,
            )
        browser.close()


if __name__ == "__main__":
    main()
