"""Profiles in a real browser: axe-core at two widths in two states, by keyboard alone, on a narrow screen.

With ``SOZIALANALYSE_BARRIEREFREIHEIT`` naming a file, what was found is stored there; the statement on
accessibility is made from it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_profile import inhalt

from sozialanalyse.berichte import KommunalprofilBericht, SozialraumprofilBericht, ThemenreportBericht
from sozialanalyse.present import stylesheet
from sozialanalyse.publish.html import Rahmen, Verweis, seite

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright ist nicht installiert")
CHROMIUM = os.environ.get("SOZIALANALYSE_CHROMIUM") or shutil.which("chromium")
AXE = os.environ.get("SOZIALANALYSE_AXE")
ERGEBNIS = os.environ.get("SOZIALANALYSE_BARRIEREFREIHEIT")
SCHALTER = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
SEITEN = ("kommunalprofil", "sozialraumprofil", "themenreport")
OEFFNE = "document.querySelectorAll('details').forEach(d => {d.removeAttribute('name'); d.open = true})"

pytestmark = [pytest.mark.browser, pytest.mark.langsam,
              pytest.mark.skipif(CHROMIUM is None, reason="Chromium fehlt (SOZIALANALYSE_CHROMIUM)")]  # fmt: skip


@pytest.fixture(scope="module")
def ordner(demo: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three pages as files with their frame."""
    folder = tmp_path_factory.mktemp("seiten")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        first = KommunalprofilBericht(kommune="05334020")
        reports = (
            first,
            SozialraumprofilBericht(daten=first.daten, sozialraum="A 6"),
            ThemenreportBericht(daten=first.daten, report="armut"),
        )
        for name, report in zip(SEITEN, reports, strict=True):
            frame = Rahmen(
                titel=report.ortsname, region=report.kontext.region, herausgeber=report.kontext.herausgeber,
                stand=report.kontext.stand, stil=stylesheet(), marke=report.kontext.marke,
                navigation=[Verweis("index.html", "Start")], dateien=[Verweis("x.pdf", "Diese Seite als PDF")],
            )  # fmt: skip
            (folder / f"{name}.html").write_text(seite(inhalt(report), frame), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=list(SCHALTER))
        yield found
        found.close()


@pytest.fixture
def oeffne(browser: Any, ordner: Path) -> Iterator[Any]:
    pages = []

    def open_page(name: str, width: int = 1280) -> Any:
        page = browser.new_page(viewport={"width": width, "height": 900})
        pages.append(page)
        page.goto((ordner / f"{name}.html").as_uri())
        return page

    yield open_page
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def gefunden(browser: Any) -> Iterator[dict[str, Any]]:
    """What axe found per page, width and state; stored at the end if asked for."""
    found: dict[str, Any] = {
        "datum": date.today(),
        "browser": f"Chromium {browser.version}",
        "pruefungen": [],
    }
    yield found
    if ERGEBNIS and found["pruefungen"]:
        Path(ERGEBNIS).write_text(
            yaml.safe_dump(found, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )


@pytest.mark.skipif(AXE is None, reason="SOZIALANALYSE_AXE nennt kein axe-core")
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", SEITEN)
def test_axe_finds_nothing(oeffne: Any, gefunden: dict[str, Any], name: str, width: int) -> None:
    page = oeffne(name, width)
    faults = []
    for state in ("geschlossen", "aufgeklappt"):
        if state == "aufgeklappt":
            page.evaluate(OEFFNE)
        page.evaluate(Path(AXE or "").read_text(encoding="utf-8"))
        result = page.evaluate("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
        gefunden["werkzeug"] = f"axe-core {result['testEngine']['version']}"
        gefunden["pruefungen"].append(
            {"seite": name, "breite": width, "zustand": state, "verstoesse": len(result["violations"]),
             "von_hand": sorted(entry["id"] for entry in result["incomplete"])}
        )  # fmt: skip
        faults += [(state, entry["id"], entry["nodes"][0]["html"][:200]) for entry in result["violations"]]
    assert faults == []


@pytest.mark.parametrize("name", SEITEN)
def test_a_narrow_screen_loses_nothing_sideways(oeffne: Any, name: str) -> None:
    """320 px, which is also 1280 px at 400 per cent."""
    page = oeffne(name, 320)
    page.evaluate(OEFFNE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_journey_by_keyboard_through_a_kommunalprofil(oeffne: Any) -> None:
    """Skip link, first details, table region, link of an area: reached by Tab, worked by Enter, no trap."""
    page = oeffne("kommunalprofil")
    page.keyboard.press("Tab")
    assert "Zum Inhalt" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#inhalt"
    seen, opened = [], False
    for _ in range(80):
        page.keyboard.press("Tab")
        kind = page.evaluate("document.activeElement.tagName")
        words = page.evaluate(
            "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
        )
        seen.append((kind, words.strip()[:60]))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if kind == "SUMMARY" and not opened:
            page.keyboard.press("Enter")
            opened = page.evaluate("document.activeElement.parentElement.open")
        if kind == "A" and words.startswith("M 1"):
            break
    assert opened
    assert any(words.startswith("Tabelle:") for _, words in seen)
    assert seen[-1][1].startswith("M 1")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "../sozialraumprofil/m-1.html"


@pytest.mark.parametrize("name", SEITEN)
def test_the_accessibility_tree_has_names(oeffne: Any, name: str) -> None:
    page = oeffne(name)
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("heading", name="In Einfacher Sprache").count() == 1
    pictures = page.get_by_role("img").all()
    assert pictures
    assert all(picture.evaluate("e => !!document.getElementById(e.getAttribute('aria-labelledby'))?.textContent")
               for picture in pictures)  # fmt: skip
    tables = page.get_by_role("table").all()
    assert tables
    assert all(table.locator("caption").count() == 1 for table in tables)
    assert all(table.locator("thead th[scope=col]").count() > 1 for table in tables)
