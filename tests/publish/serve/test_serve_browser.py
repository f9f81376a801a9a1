"""Live pages in a real browser: they work, ask nobody else, leave no trace, and everybody can use them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from chromium import AXE, braucht_axe
from conftest import Service

VERSIONS = ("Unsatisfied version", "No satisfying version")
"""Remarks of the widget library about its neighbours; no faults."""

pytestmark = pytest.mark.browser


@dataclass
class Visit:
    """An open page with what it asked for and complained about."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._console)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(VERSIONS):
            self.complaints.append(message.text)


@pytest.fixture(params=[1280, 390])
def visit(request: pytest.FixtureRequest, browser: Any) -> Iterator[Visit]:
    """A fresh visitor with a desk or a phone."""
    context = browser.new_context(viewport={"width": request.param, "height": 900}, locale="de-DE")
    found = Visit(context.new_page())
    found.listen()
    yield found
    context.close()


def axe(page: Any) -> list[str]:
    """Violations that axe-core finds; the script is brought in past the page's own policy."""
    assert AXE
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": Path(AXE).read_text(encoding="utf-8") + ";0"})
    result = page.evaluate("axe.run()")
    assert len(result["passes"]) > 10, "an empty page would pass, too"
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in result["violations"]]


def open_live(page: Any, address: str) -> None:
    """Follow a link from elsewhere and press the button that starts the live page."""
    page.goto(address)
    page.get_by_role("button", name="Interaktive Fassung starten").click()
    page.wait_for_selector("#sv-stand", state="attached")


def test_live_page_with_controls(public: Service, visit: Visit) -> None:
    page = visit.page
    open_live(page, public.url + "/live/cluster?stichtag=2022-12-31")
    page.wait_for_selector("#sv-stand[data-bereit]", state="attached", timeout=30_000)
    assert page.text_content("#sv-stand") == "Die Seite ist vollständig."
    assert page.is_visible("svg[aria-label='Ein Quadrat']")
    page.get_by_role("combobox", name="Gebiet").select_option(label="Nord")
    page.locator("#antwort", has_text="M 2 3").wait_for()
    slider = page.get_by_role("slider", name="Anzahl")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.locator("#antwort", has_text="M 2 4").wait_for()
    page.locator("#gezeichnet rect[width='40']").wait_for()  # a figure drawn anew
    assert page.get_by_role("group", name="Art").get_by_role("radio").count() == 2
    toggle = page.get_by_role("group", name="Wahl").get_by_role("button", name="zwei")
    toggle.click()
    page.locator("[aria-label=Wahl] button[aria-pressed=true]", has_text="zwei").wait_for()
    header = page.get_by_role("button", name="Mehr")
    header.focus()
    page.keyboard.press("Enter")
    assert header.get_attribute("aria-expanded") == "true"
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate(
        "document.querySelector('main').contains(document.querySelector('.jupyter-widgets'))"
    )
    assert page.evaluate("getComputedStyle(document.getElementById('main')).display") == "none"
    assert [url for url in visit.requests if not url.startswith(public.url)] == []
    assert visit.complaints == []
    assert page.context.cookies() == []
    page.close(run_before_unload=True)
    assert public.until(lambda: public.health["kerne"] == 0 and not public.kernels(), 2) < 2


def test_page_shows_its_content_without_scripts(public: Service, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_live(page, public.url + "/live/cluster")
    page.wait_for_load_state()
    assert page.is_visible("h1")
    assert page.is_visible("svg[aria-label='Ein Quadrat']")
    assert "Ohne JavaScript bleiben die Auswahlfelder leer" in page.inner_text("main")
    context.close()


def test_keyboard_finds_skip_link_first_and_sees_where_it_is(public: Service, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    open_live(page, public.url + "/live/varianz")
    names = []
    for _ in range(5):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.textContent"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", names[-1]
    assert names[:2] == ["Zum Inhalt springen", "Musterkreis"]
    context.close()


def test_ended_kernel_is_told(public: Service, visit: Visit) -> None:
    page = visit.page
    open_live(page, public.url + "/live/cluster")
    page.wait_for_selector("#sv-stand[data-bereit]", state="attached", timeout=30_000)
    kernel = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
    public.goodbye(kernel)
    page.get_by_role("button", name="Seite neu laden").wait_for(timeout=5_000)
    assert "Was zu sehen ist, bleibt stehen" in page.text_content("#sv-stand")


def test_inline_script_of_an_output_does_not_run(public: Service, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    answers: list[str] = []
    page.on("console", lambda message: answers.append(message.text))
    open_live(page, public.url + "/live/varianz")
    page.evaluate("""() => { const s = document.createElement("script");
                             s.textContent = "window.eingeschleust = 1"; document.body.append(s); }""")
    assert page.evaluate("window.eingeschleust") is None
    assert any("Content Security Policy" in answer for answer in answers)
    context.close()


@braucht_axe
@pytest.mark.parametrize("path", ["/", "/live/cluster", "/live/varianz", "/live/varianz?thema=x", "/nix",
                                  "/berichte/rechtliches.html"])  # fmt: skip
def test_axe_finds_nothing(public: Service, visit: Visit, path: str) -> None:
    visit.page.goto(public.url + path)
    if path in ("/live/cluster", "/live/varianz"):
        assert axe(visit.page) == []
        with visit.page.expect_navigation(wait_until="load", timeout=60_000):
            visit.page.get_by_role("button", name="Interaktive Fassung starten").click()
        visit.page.wait_for_selector("h1", state="attached", timeout=30_000)
    if path == "/live/cluster":
        visit.page.wait_for_selector("#sv-stand[data-bereit]", state="attached", timeout=30_000)
    assert axe(visit.page) == []
