"""What a reader sees first: where the first picture begins, how long a page is, how heavy, at a desk's and a phone's width.

    python benchmarks/erster_blick.py [FOLDER OF RESULTS] [--each 1] [--only PART]

Of every kind of page the first runs are measured in Chromium, scripts running, everything folded as it comes. Prints a
Markdown table: page, top edge of the first picture in pixels, screens (of 900 and 844 pixels), elements, elements
before the first table, kilobytes with gzip; the files all pages share are weighed once below it.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from sozialanalyse.base import settings
from sozialanalyse.region.region import lade_region

QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
SCREENS = {1280: 900, 390: 844}
LARGE = 60
"""Lowest height in pixels of what counts as a picture; fields of legends are smaller."""
MEASURE = """(large) => {
  const seen = (node) => node.checkVisibility() && node.getBoundingClientRect().height > large;
  const picture = [...document.querySelectorAll("main svg")].find((node) => !node.closest(".sa-legende") && seen(node));
  const all = [...document.querySelectorAll("*")];
  const table = all.findIndex((node) => node.matches("main table"));
  return {
    first: picture ? Math.round(picture.getBoundingClientRect().top + scrollY) : null,
    height: document.documentElement.scrollHeight, nodes: all.length, before: table < 0 ? all.length : table,
  };
}"""
LAID_OUT = "*, *::before, *::after { content-visibility: visible !important; }"


def measure(browser: Any, page: Path, width: int) -> dict[str, Any]:
    """First picture, height and elements of a page at one width."""
    context = browser.new_context(viewport={"width": width, "height": SCREENS[width]}, locale="de-DE")
    tab = context.new_page()
    tab.route("http*://**", lambda route: route.abort())
    tab.goto(page.as_uri())
    tab.add_style_tag(content=LAID_OUT)
    tab.evaluate("document.fonts.ready")
    found: dict[str, Any] = tab.evaluate(MEASURE, LARGE)
    context.close()
    return found


def pages_of(folder: Path, each: int, only: str) -> list[Path]:
    """The start page and the first runs of every kind of page."""
    found = [folder / "index.html"]
    for kind in sorted(path for path in folder.iterdir() if path.is_dir()):
        runs = sorted(kind.glob("*.html"), key=lambda path: (path.stem != "gesamt", path.name))
        found += runs[:each]
    return [page for page in found if page.is_file() and only in page.relative_to(folder).as_posix()]


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--each", type=int, default=1)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    place = lade_region(settings.regionsordner(None))
    folder = (asked.folder or settings.ergebnisordner(place.ordner, place.id, "oeffentlich")).resolve()
    print("| page | first picture 1280 / 390 | screens 1280 / 390 | elements | before a table | gzip kB |")
    print("|---|---|---|---|---|---|")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        for page in pages_of(folder, asked.each, asked.only):
            at = {width: measure(browser, page, width) for width in SCREENS}
            first = " / ".join("none" if at[w]["first"] is None else str(at[w]["first"]) for w in SCREENS)
            long = " / ".join(f"{at[w]['height'] / high:.1f}" for w, high in SCREENS.items())
            weight = len(gzip.compress(page.read_bytes())) / 1000
            name, desk = page.relative_to(folder), at[1280]
            print(
                f"| {name} | {first} | {long} | {desk['nodes']} | {desk['before']} | {weight:.1f} |",
                flush=True,
            )
        browser.close()
    print()
    for shared in sorted(path for path in folder.glob("sa-*") if path.is_file()):
        content = shared.read_bytes()
        weight = len(content if shared.suffix == ".woff2" else gzip.compress(content)) / 1000
        print(f"{shared.name}: {weight:.1f} kB")


if __name__ == "__main__":
    main()
