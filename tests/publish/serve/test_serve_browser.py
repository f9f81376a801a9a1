"""Pages of the service in a real browser: they ask nobody else, leave no trace, and everybody can use them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from chromium import braucht_axe
from conftest import Service, region_folder, start, stop
from durchsicht import axe

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
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture(params=[1280, 390])
def visit(request: pytest.FixtureRequest, browser: Any) -> Iterator[Visit]:
    """A fresh visitor with a desk or a phone."""
    context = browser.new_context(viewport={"width": request.param, "height": 900}, locale="de-DE")
    found = Visit(context.new_page())
    found.listen()
    yield found
    context.close()


def test_waiting_page_becomes_the_page_by_itself_without_a_script(tmp_path: Path, browser: Any) -> None:
    region_folder(tmp_path)
    service = start(tmp_path, geduld=0.1, neuladen=1)
    try:
        context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
        page = context.new_page()
        page.goto(service.url + "/live/cluster?typen=3")
        assert page.inner_text("h1") == "Die Seite wird berechnet"
        assert page.get_by_role("link", name="Automatisches Neuladen anhalten").count() == 1
        page.locator("svg[aria-label='Ein Quadrat']").wait_for(timeout=15_000)
        assert page.url.endswith("/live/cluster?typen=3")
        assert context.cookies() == []
        assert service.kernels() == []
        context.close()
    finally:
        stop(service)


def test_frame_lives_and_page_asks_nobody_else(public: Service, visit: Visit) -> None:
    page = visit.page
    page.goto(public.url + "/live/cluster")
    frame = page.locator("iframe").element_handle().content_frame()
    page.wait_for_timeout(300)
    assert frame.title() == "lebt"
    assert frame.evaluate("origin") == "null", "the frame has no access to the page"
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert [url for url in visit.requests if not url.startswith(public.url)] == []
    assert visit.complaints == []
    assert page.context.cookies() == []


def test_keyboard_finds_skip_link_first_and_sees_where_it_is(public: Service, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(public.url + "/live/varianz")
    names = []
    for _ in range(5):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.textContent"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", names[-1]
    assert names[:2] == ["Zum Inhalt springen", "Musterkreis"]
    context.close()


def test_inline_script_of_an_output_does_not_run(public: Service, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    answers: list[str] = []
    page.on("console", lambda message: answers.append(message.text))
    page.goto(public.url + "/live/varianz")
    page.evaluate("""() => { const s = document.createElement("script");
                             s.textContent = "window.eingeschleust = 1"; document.body.append(s); }""")
    assert page.evaluate("window.eingeschleust") is None
    assert any("Content Security Policy" in answer for answer in answers)
    context.close()


@braucht_axe
@pytest.mark.parametrize("path", ["/", "/live/cluster", "/live/varianz", "/live/varianz?thema=x", "/nix",
                                  "/berichte/glossar.html", "/berichte/rechtliches.html"])  # fmt: skip
def test_axe_finds_nothing(public: Service, visit: Visit, path: str) -> None:
    visit.page.goto(public.url + path)
    assert axe(visit.page) == []
