"""Check finished pages for accessibility in Chromium; the statement on accessibility is made from what is found.

    python benchmarks/barrierefreiheit.py AXE.MIN.JS [FOLDER OF RESULTS] [--per-kind 3] [--only KIND ...] [--write]

Every kind of page: the rules of axe-core at two widths in up to three states; 320 px, 200 % zoom, the tab key
through the whole page, names in the accessibility tree, reduced motion. ``--write`` stores the result in
``sozialanalyse/publish/barrierefreiheit.yml``; with ``--only`` that of the other kinds stays. Exit code 1 if anything was found.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import sync_playwright

from sozialanalyse import publish
from sozialanalyse.base import settings
from sozialanalyse.region.region import lade_region

QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
ERGEBNIS = Path(publish.__file__).with_name("barrierefreiheit.yml")
BREITEN = (1280, 390)
OEFFNE = """document.querySelectorAll('details:not(.sa-menue)').forEach(
  fold => { fold.removeAttribute('name'); fold.open = true; });
  document.querySelectorAll('.sa-aufklappen[aria-expanded=false]').forEach(button => button.click())"""
WAEHLE = """(() => {
  const area = [...document.querySelectorAll('svg [data-gebiet]')].find(node => node.checkVisibility());
  if (!area) return false;
  area.dispatchEvent(new MouseEvent('click', {bubbles: true}));
  return document.querySelectorAll('.sa-an').length > 0;
})()"""
REGELN = """axe.run({preload: false, resultTypes: ['violations']}).then(found => [
  found.passes.length, found.violations.map(entry => `${entry.id}: ${entry.nodes[0].html.slice(0, 160)}`)])"""
EINMAL = ("main", "banner", "contentinfo")
BENANNT = ("button", "link", "textbox", "searchbox", "combobox", "checkbox", "image", "img", "table", "region",
           "navigation", "DisclosureTriangle", "Iframe")  # fmt: skip
ZU_BREIT = "document.documentElement.scrollWidth > innerWidth"
ABGESCHNITTEN = """[...document.querySelectorAll('main *, header *, footer *')].filter(node => {
  const look = getComputedStyle(node);
  return node.checkVisibility() && look.overflowX !== 'visible' && look.overflowX !== 'auto'
    && look.overflowX !== 'scroll' && node.clientWidth > 1 && node.scrollWidth > node.clientWidth + 1
    && node.innerText?.trim() && !node.matches('select, input');
}).map(node => node.outerHTML.slice(0, 120))"""
BEWEGT = """[...document.querySelectorAll('*')].filter(node => {
  const look = getComputedStyle(node);
  return [look.transitionDuration, look.animationDuration].some(all => all.split(',').some(s => parseFloat(s) > 0.01));
}).length + (getComputedStyle(document.documentElement).scrollBehavior === 'smooth' ? 1 : 0)"""
HIER = """(() => {
  const node = document.activeElement, look = getComputedStyle(node), box = node.getBoundingClientRect();
  const near = node.closest('svg')?.querySelector('.sa-fokus');
  return {body: node === document.body, seen: look.outlineStyle !== 'none' || Boolean(near),
          inside: box.bottom > 0 && box.top < innerHeight && box.width + box.height > 0,
          mark: node.dataset.stop ?? (node.dataset.stop = String(Math.random()), null),
          html: node.outerHTML.slice(0, 120)};
})()"""


def art(page: Path, folder: Path) -> str:
    """Kind of a page: the notebook, or the name of a page beside the reports."""
    name = page.relative_to(folder)
    return name.parts[0] if len(name.parts) > 1 else name.stem.replace("index", "start")


def regeln(tab: Any, axe: str) -> list[str]:
    """What the rules of axe-core find in the page as it is now."""
    if not tab.evaluate("'axe' in window"):
        session = tab.context.new_cdp_session(tab)
        session.send("Runtime.evaluate", {"expression": axe + ";0"})
        session.detach()
    passed, violations = tab.evaluate(REGELN)
    assert passed > 10, "an empty page would pass, too"
    return list(violations)


def zustaende(tab: Any, axe: str) -> Iterator[tuple[str, list[str]]]:
    """Name and faults of each state of the page: as it opens, unfolded, with an area chosen."""
    yield "geschlossen", regeln(tab, axe)
    tab.evaluate(OEFFNE)
    yield "aufgeklappt", regeln(tab, axe)
    if tab.evaluate(WAEHLE):
        yield "ausgewählt", regeln(tab, axe)


def schmal(tab: Any) -> list[str]:
    """What does not fit or is cut off, everything unfolded."""
    tab.evaluate(OEFFNE)
    cut = tab.evaluate(ABGESCHNITTEN)
    return [*(["wider than the screen"] if tab.evaluate(ZU_BREIT) else []), *cut]


def tastatur(tab: Any, most: int = 600) -> list[str]:
    """The tab key through the whole page: every stop is seen and in view, and it ends."""
    faults = []
    for _ in range(most):
        tab.keyboard.press("Tab")
        here = tab.evaluate(HIER)
        if here["body"] or here["mark"]:
            return [*faults, *([] if here["body"] else [f"trap: {here['html']}"])]
        if not here["seen"]:
            faults.append(f"focus not seen: {here['html']}")
        if not here["inside"]:
            faults.append(f"focus out of view: {here['html']}")
    return faults


def baum(tab: Any) -> list[str]:
    """Landmarks, headings and names in the accessibility tree."""
    session = tab.context.new_cdp_session(tab)
    found = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()
    nodes = [node for node in _reihenfolge(found) if not node.get("ignored")]
    roles = [node["role"]["value"] for node in nodes]
    faults = [f"{roles.count(kind)} × {kind}" for kind in EINMAL if roles.count(kind) != 1]
    levels = [_eigenschaft(node, "level") for node in nodes if node["role"]["value"] == "heading"]
    faults += [f"heading {b} after {a}" for a, b in zip([0, *levels], levels, strict=False) if b > a + 1]
    faults += [] if levels.count(1) == 1 else [f"{levels.count(1)} × h1"]
    bare = [node for node in nodes if not str(node.get("name", {}).get("value", "")).strip()]
    return faults + [f"{kind} without name" for node in bare if (kind := node["role"]["value"]) in BENANNT]


def _reihenfolge(found: dict[str, Any]) -> Iterator[Any]:
    """Nodes in the order of the page."""
    waiting = [next(iter(found))]
    while waiting:
        node = found[waiting.pop()]
        yield node
        waiting += [key for key in reversed(node["childIds"]) if key in found]


def _eigenschaft(node: Any, name: str) -> int:
    return next(int(p["value"]["value"]) for p in node["properties"] if p["name"] == name)


def bewegung(tab: Any) -> list[str]:
    """What still moves for readers who have asked for calm."""
    moving = tab.evaluate(BEWEGT)
    return [f"{moving} elements move"] if moving else []


WEITERE = {
    "schmal": (schmal, {"viewport": {"width": 320, "height": 640}}),
    "zoom": (schmal, {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}),
    "tastatur": (tastatur, {"viewport": {"width": 1280, "height": 900}}),
    "baum": (baum, {"viewport": {"width": 1280, "height": 900}}),
    "bewegung": (bewegung, {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}),
}
"""Further checks by name: 320 px (1280 px at 400 %), 200 % zoom of 1280 px, tab key, tree, reduced motion."""


GANZ = "* { content-visibility: visible !important; }"
"""What the page lays out only when somebody comes near must be looked at, too."""


def oeffne(browser: Any, page: Path, *, ganz: bool = True, **kind: Any) -> Any:
    """A tab with the page, read from the drive, all of it laid out."""
    tab = browser.new_context(locale="de-DE", **kind).new_page()
    tab.goto(page.as_uri())
    if ganz:
        tab.add_style_tag(content=GANZ)
    return tab


def pruefe(browser: Any, page: Path, axe: str) -> Iterator[tuple[str, int, list[str]]]:
    """All checks of one page: name of state or check, width (0 for the further checks), faults."""
    for width in BREITEN:
        tab = oeffne(browser, page, viewport={"width": width, "height": 900})
        for state, faults in zustaende(tab, axe):
            yield state, width, faults + (["wider than the screen"] if tab.evaluate(ZU_BREIT) else [])
        tab.context.close()
    for name, (check, kind) in WEITERE.items():
        tab = oeffne(browser, page, ganz=name != "tastatur", **kind)
        yield name, 0, check(tab)
        tab.context.close()


def auswahl(folder: Path, per_kind: int) -> dict[str, list[Path]]:
    """Pages to check by kind: the heaviest, the lightest and those in between."""
    kinds: dict[str, list[Path]] = defaultdict(list)
    for page in folder.rglob("*.html"):
        if not {"intern", "protokolle", "index"} & set(page.relative_to(folder).parts):
            kinds[art(page, folder)].append(page)
    chosen = {}
    for kind, pages in sorted(kinds.items()):
        ordered = sorted(pages, key=lambda page: (-page.stat().st_size, page))
        step = max((len(ordered) - 1) / max(per_kind - 1, 1), 1)
        chosen[kind] = [ordered[round(i * step)] for i in range(min(per_kind, len(ordered)))]
    return chosen


def schreibe(found: dict[tuple[str, str, int], list[int]], browser: str, engine: str) -> None:
    """Store what was found; what is stored of other kinds of pages stays."""
    stored = yaml.safe_load(ERGEBNIS.read_text(encoding="utf-8"))
    kinds = {kind for kind, _, _ in found}
    rules, further = (
        [entry for entry in stored[part] if entry["seite"] not in kinds] for part in ("pruefungen", "weitere")
    )
    for (kind, state, width), n in found.items():
        if width:
            rules.append(
                {"seite": kind, "zustand": state, "breite": width, "seiten": len(n), "verstoesse": sum(n)}
            )
        else:
            further.append({"seite": kind, "pruefung": state, "seiten": len(n), "maengel": sum(n)})
    lines = [
        f"# Geschrieben von benchmarks/{Path(__file__).name}; die Erklärung zur Barrierefreiheit entsteht daraus.",
        "# Von Hand geführt wird nur „nicht_vereinbar“.",
        f"datum: {date.today()}",
        f"browser: {browser}",
        f"werkzeug: {engine}",
        *("pruefungen:", *(_zeile(entry) for entry in sorted(rules, key=lambda entry: entry["seite"]))),
        *("weitere:", *(_zeile(entry) for entry in sorted(further, key=lambda entry: entry["seite"]))),
        *("nicht_vereinbar:", *(f"  - {gap}" for gap in stored["nicht_vereinbar"])),
    ]
    ERGEBNIS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _zeile(entry: dict[str, Any]) -> str:
    return "  - {" + ", ".join(f"{name}: {value}" for name, value in entry.items()) + "}"


def main() -> int:
    """Check, print, and store if asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("axe", type=Path)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--per-kind", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    place = lade_region(settings.regionsordner(None))
    folder = (asked.folder or settings.ergebnisordner(place.ordner, place.id, "oeffentlich")).resolve()
    axe, found = asked.axe.read_text(encoding="utf-8"), defaultdict(list)
    pages = auswahl(folder, asked.per_kind)
    pages = {kind: those for kind, those in pages.items() if kind in (asked.only or pages)}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        version = browser.version
        tab = browser.new_page()
        engine = tab.evaluate(axe + ";axe.version")
        for kind, those in pages.items():
            for page in those:
                for state, width, faults in pruefe(browser, page, axe):
                    found[kind, state, width].append(len(faults))
                    print(f"{page.relative_to(folder)}\t{state}\t{width or ''}\t{len(faults)}", *faults[:5], sep="\t", flush=True)  # fmt: skip
        browser.close()
    if asked.write:
        schreibe(found, f"Chromium {version}", f"axe-core {engine}")
    return 1 if any(map(sum, found.values())) else 0


if __name__ == "__main__":
    sys.exit(main())
