"""Profiles in a real browser: by keyboard alone, and as the accessibility tree tells them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_profile import inhalt

from sozialanalyse.berichte import KommunalprofilBericht, SozialraumprofilBericht, ThemenreportBericht
from sozialanalyse.present import stylesheet
from sozialanalyse.publish.html import Menuepunkt, Rahmen, ganze_seite

SEITEN = ("kommunalprofil", "sozialraumprofil", "themenreport")

pytestmark = [pytest.mark.browser, pytest.mark.langsam]


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
                navigation=[Menuepunkt("index.html", "Start")], dateien=[Menuepunkt("x.pdf", "Diese Seite als PDF")],
            )  # fmt: skip
            (folder / f"{name}.html").write_text(ganze_seite(inhalt(report), frame), encoding="utf-8")
    return folder


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


@pytest.mark.parametrize("name", SEITEN)
@pytest.mark.parametrize("width", [320, 390])
def test_a_profile_fits_a_phone_with_all_folds_open(oeffne: Any, name: str, width: int) -> None:
    page = oeffne(name, width)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_map_beside_the_key_facts_is_large_enough_to_read(oeffne: Any) -> None:
    chart = oeffne("sozialraumprofil").locator("svg.sa-karte").first.bounding_box()
    assert chart["width"] >= 250
