"""Pictures of all finished pages at the width of a desk and of a phone, of every page of the PDFs, and of live pages.

    python benchmarks/galerie.py [FOLDER OF RESULTS] [--out galerie] [--only PART] [--widths 1280 390]
                                 [--live http://127.0.0.1:8866]

Prints a Markdown table: page, kilobytes with and without gzip, milliseconds until the first map is drawn,
requests to other hosts, and whether anything is wider than the screen. PDF pages need ``pdftoppm`` (poppler-utils);
``--live`` names a running service (``sozialanalyse serve``), one live page of each kind is photographed there.
The pictures are not for git.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import subprocess
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from sozialanalyse.base import settings
from sozialanalyse.region.region import lade_region

QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
DRAWN = "Math.round(performance.getEntriesByType('paint').at(-1)?.startTime ?? 0)"
READY = """(() => { const state = document.getElementById('sv-stand');
  return state && [state.dataset.fertig, state.dataset.fehler].includes(state.textContent); })()"""
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


def photograph_pdf(paper: Path, target: Path) -> int:
    """Take a picture of each page; return how many there are."""
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["pdftoppm", "-r", "70", "-png", str(paper), str(target)], check=True)
    return len(list(target.parent.glob(f"{target.name}-*.png")))


def photograph_live(browser: Any, page: Path, address: str, target: Path, width: int) -> bool:
    """Take a picture of the live page behind a finished one; False if it has none."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="de-DE")
    tab = context.new_page()
    tab.goto(f"{address}/berichte/{page.as_posix()}")
    link = tab.locator(".sa-interaktiv a")
    if there := link.count() > 0:
        with tab.expect_navigation(timeout=120_000):
            link.click()
        tab.wait_for_function(READY, timeout=120_000)
        for frame in tab.locator("iframe.sa-rahmen").all():
            frame.scroll_into_view_if_needed()
            frame.element_handle().content_frame().wait_for_selector("path", state="attached")
        tab.screenshot(path=str(target), full_page=True)
    context.close()
    return bool(there)


def main() -> None:
    """Photograph what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--out", type=Path, default=Path("galerie"))
    parser.add_argument("--only", default="")
    parser.add_argument("--widths", type=int, nargs="+", default=[1280, 390])
    parser.add_argument("--live", default="")
    asked = parser.parse_args()
    place = lade_region(settings.regionsordner(None))
    folder = (asked.folder or settings.ergebnisordner(place.ordner, place.id, "oeffentlich")).resolve()
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
        kinds = {page.parent: page.relative_to(folder) for page in pages if page.parent.parent == folder}
        for page in kinds.values() if asked.live else ():
            for width in asked.widths:
                target = asked.out / "live" / f"{page.parent.name}_{width}.png"
                target.parent.mkdir(parents=True, exist_ok=True)
                if photograph_live(browser, page, asked.live.rstrip("/"), target, width):
                    print(f"live: {target}", flush=True)
        browser.close()
    papers = [
        path for path in sorted(folder.rglob("*.pdf")) if asked.only in path.relative_to(folder).as_posix()
    ]
    if papers and shutil.which("pdftoppm") is None:
        print("\npdftoppm is missing (poppler-utils); no pictures of the PDFs")
        return
    for paper in papers:
        name = paper.relative_to(folder)
        print(
            f"{name}: {photograph_pdf(paper, asked.out / name.parent / f'{name.stem}_pdf')} pages", flush=True
        )


if __name__ == "__main__":
    main()
