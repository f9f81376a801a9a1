"""Chromium for the tests: started in one place; pages it opens may ask nobody else and must not complain."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = (
    os.environ.get("SOZIALANALYSE_CHROMIUM")
    or shutil.which("chromium-headless-shell")
    or shutil.which("chromium")
)
AXE = os.environ.get("SOZIALANALYSE_AXE")
"""Browser and script of axe-core; read here, because tests run without the user's settings."""
SCHALTER = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync")  # fmt: skip
braucht_axe = pytest.mark.skipif(AXE is None, reason="SOZIALANALYSE_AXE nennt keine Datei von axe-core")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; where there is none, its tests are skipped."""
    if CHROMIUM is None:
        pytest.skip("Chromium ist nicht installiert (SOZIALANALYSE_CHROMIUM)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright ist nicht installiert")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=list(SCHALTER))
        yield found
        found.close()


@pytest.fixture
def oeffne(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open pages; every request that leaves the drive is blocked and makes the test fail."""
    contexts, away, complaints = [], [], []

    def open_page(path: Path, breite: int = 1280, skript: bool = True, anker: str = "", **geraet: Any) -> Any:
        context = browser.new_context(
            viewport={"width": breite, "height": 900},
            locale="de-DE",
            java_script_enabled=skript,
            accept_downloads=True,
            **geraet,
        )
        contexts.append(context)
        context.set_default_timeout(8_000)
        page = context.new_page()
        page.route("http*://**", lambda route: (away.append(route.request.url), route.abort()))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.goto(path.as_uri() + anker)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert away == []
    assert complaints == []
