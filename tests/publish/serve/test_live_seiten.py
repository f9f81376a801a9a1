"""Pages of the service from the project's own notebooks in a real browser, on the tiny region."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from conftest import Service, launch_real
from durchsicht import axe
from seitenlauf import lege_seite

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
THEMA = """\
id: arbeit
titel: Arbeit
frage: Wer ist ohne Arbeit?
fragen:
  - {frage: Wo sind viele arbeitslos?, indikatoren: [ALO, QUOTE]}
"""
SEITEN = {
    "index": "Sozialräume im Vergleich",
    "atlas?indikator=ALO&vergleich=AB65&gebiete=A+2": "Arbeitslosenanteil",
    "cluster": "Sozialraum-Typen",
    "varianz": "Unterschiede innerhalb und zwischen den Kommunen",
    "datenstand": "Datenstand",
    "kommunalprofil?kommune=05999012": "Kommunalprofil Simmenau",
    "sozialraumprofil?sozialraum=A+2": "Sozialraumprofil A 2",
    "themenreport?report=arbeit": "Themenreport Arbeit",
}
"""Link of each kind of page -> its heading."""
pytestmark = [pytest.mark.browser, pytest.mark.langsam]


@pytest.fixture(scope="module")
def kacheln() -> Iterator[tuple[str, list[str]]]:
    """Address of a map service on another port, and what it was asked for with which referrer."""
    asked: list[str] = []

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers.get('Referer', '')}".strip())
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(PIXEL)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def dienst(
    tmp_path_factory: pytest.TempPathFactory, kleinregion_typ: Any, kacheln: tuple[str, list[str]]
) -> Iterator[Service]:
    """The service with the real notebooks for the tiny region, whose map service is the one above."""
    place = tmp_path_factory.mktemp("live")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(place / "daten"))
        patch.setenv("SOZIALANALYSE_REGION", str(place / "musterland"))
        region = kleinregion_typ(place / "musterland")
        region.region_yml += (
            f"hintergrundkarte: {{url: '{kacheln[0]}/{{z}}/{{x}}/{{y}}.png', quelle: © Amt}}\n"
        )
        region.schreibe()
        (region.ordner / "themen").mkdir()
        (region.ordner / "themen" / "arbeit.yml").write_text(THEMA, "utf-8")
        region.arbeit[-2][2] = 4  # one value of the newest date is suppressed
        region.build()
        with pytest.MonkeyPatch.context() as batch:
            batch.setenv("SOZIALANALYSE_STATISCH", "1")
            lege_seite(region.daten("oeffentlich"), place / "daten" / "ergebnisse" / "musterland", "atlas", "alo", indikator="ALO")  # fmt: skip
    yield from launch_real(place, {}, grenzen={"geduld": 60})


@pytest.fixture
def oeffne(browser: Any, dienst: Service) -> Iterator[Callable[..., Any]]:
    """Open live pages; requests to other hosts are noted, complaints of the browser fail the test."""
    contexts, complaints = [], []

    def open_page(path: str, width: int = 1280) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="de-DE")
        contexts.append(context)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.fremd = []
        page.on("request", lambda r: None if r.url.startswith(dienst.url) else page.fremd.append(r.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda m: complaints.append(f"{m.text} {m.location['url']}") if m.type == "error" else None,
        )
        page.goto(dienst.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def rahmen(page: Any) -> Any:
    """The document inside the frame of the map to pan."""
    frame = page.locator("iframe.sa-rahmen")
    frame.scroll_into_view_if_needed()
    inner = frame.element_handle().content_frame()
    inner.wait_for_selector("path.leaflet-interactive", state="attached")
    return inner


def test_map_to_pan_asks_its_service_only_when_told(
    oeffne: Any, kacheln: tuple[str, list[str]], dienst: Service
) -> None:
    page = oeffne("/live/atlas?indikator=ALO&vergleich=AB65")
    inner = rahmen(page)
    assert inner.locator("path.leaflet-interactive").count() == 9
    fills = inner.eval_on_selector_all("path.leaflet-interactive", "p => p.map(e => e.getAttribute('fill'))")
    assert fills.count("url(#k-g)") >= 1, "suppressed areas are hatched"
    figure = page.locator("figure:has(iframe.sa-rahmen)")
    assert "geheim gehalten" in figure.locator(".sa-legende").inner_text()
    assert kacheln[0].removeprefix("http://") in figure.inner_text(), "who will learn the reader's address"
    assert figure.locator("a[href='#werte']").count() == 1
    assert inner.evaluate("origin") == "null", "the frame has no access to the page"
    assert page.fremd == []
    assert kacheln[1] == []

    switch = inner.get_by_role("button", name="Hintergrundkarte")
    assert switch.get_attribute("aria-pressed") == "false"
    switch.focus()
    page.keyboard.press("Enter")
    inner.wait_for_selector("img.leaflet-tile-loaded", state="attached")
    assert switch.get_attribute("aria-pressed") == "true"
    assert page.fremd
    assert all(url.startswith(kacheln[0]) for url in page.fremd)
    assert all(line.endswith(".png") for line in kacheln[1]), "the service is not told the page"
    assert "© Amt" in inner.locator(".leaflet-control-attribution").inner_text()


def test_map_to_pan_and_page_choose_the_same_areas(oeffne: Any) -> None:
    page = oeffne("/live/atlas?indikator=ALO&vergleich=AB65")
    inner = rahmen(page)
    inner.locator("path.leaflet-interactive").first.click()
    page.locator("#werte tr.sa-an").wait_for()
    assert "#a=A+1a" in page.url
    inner.wait_for_selector("path[stroke-width='5']", state="attached")
    marked = page.locator("figure:has(iframe.sa-rahmen) .sa-legende li.sa-hier")
    marked.wait_for()
    assert ", darunter A 1a" in marked.inner_text(), "the legend outside the frame marks the class"
    page.keyboard.press("Tab")  # what follows is done by keys
    page.locator("svg.sa-karte[tabindex='0']").first.focus()
    page.keyboard.press("Escape")
    inner.wait_for_selector("path[stroke-width='5']", state="detached")
    marked.wait_for(state="detached")


def test_map_to_pan_moves_by_keys(oeffne: Any) -> None:
    page = oeffne("/live/atlas?indikator=ALO&vergleich=AB65", 390)
    inner = rahmen(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    region = inner.get_by_role("region")
    assert region.get_attribute("aria-label").endswith("Karte zum Verschieben und Vergrößern")
    region.focus()
    place = "document.querySelector('.leaflet-map-pane').style.transform"
    before = inner.evaluate(place)
    page.keyboard.press("ArrowRight")
    for _ in range(100):  # its policy forbids the browser to evaluate a waiting condition itself
        if inner.evaluate(place) != before:
            break
        page.wait_for_timeout(50)
    assert inner.evaluate(place) != before
    names = []
    for _ in range(3):
        page.keyboard.press("Tab")
        names.append(inner.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"))  # fmt: skip
    assert names == ["Karte vergrößern", "Karte verkleinern", "Hintergrundkarte"]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") != "IFRAME", "no trap"


def test_document_of_a_frame_has_its_own_policy(oeffne: Any, dienst: Service, kacheln: Any) -> None:
    page = oeffne("/live/atlas?indikator=ALO&vergleich=AB65")
    assert "srcdoc" not in page.content()
    address = page.locator("iframe.sa-rahmen").get_attribute("src")
    answer = dienst.get(f"/live/{address}")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'; script-src 'self' 'sha256-")
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert f"img-src 'self' data: {kacheln[0]};" in policy
    page.goto(f"{dienst.url}/live/{address}")
    page.wait_for_selector("path.leaflet-interactive", state="attached")
    assert axe(page, "page-has-heading-one") == [], "the heading is that of the page around it"


@pytest.mark.parametrize("link", SEITEN)
def test_each_kind_of_page_opens_whole_and_can_be_loaded_again(
    oeffne: Any, dienst: Service, link: str
) -> None:
    page = oeffne(f"/live/{link}", 390)
    assert page.inner_text("h1").startswith(SEITEN[link])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    before = page.inner_text("main")
    page.reload()
    assert page.inner_text("main") == before
    assert page.url.endswith(f"/live/{link}")
    assert page.fremd == []
    assert dienst.kernels() == []
    page.evaluate("document.querySelectorAll('details:not(.sa-menue)').forEach(d => { d.removeAttribute('name'); d.open = true })")  # fmt: skip
    assert axe(page) == []


def test_choose_by_form_select_an_area_and_load_again(oeffne: Any) -> None:
    """The journey of a planner: everything that was chosen is in the address."""
    page = oeffne("/live/atlas?indikator=ALO&vergleich=AB65&gebiete=A+2")
    assert page.title().startswith("Indikatorenatlas: Arbeitslosenanteil")
    page.get_by_label("Zahl der Klassen").select_option("3")
    page.get_by_label("Stichtag", exact=True).select_option(label="31.12.2021")
    with page.expect_navigation():
        page.get_by_role("button", name="Anzeigen").click()
    assert "klassen=3" in page.url
    page.get_by_label("Gebiet auswählen").fill("W 2")
    page.keyboard.press("Enter")
    page.locator("#werte tr.sa-an", has_text="W 2").wait_for()
    page.reload()
    page.locator("#werte tr.sa-an", has_text="W 2").wait_for()
    page.locator("#werte tr.sa-an", has_text="A 2").wait_for()
    assert page.get_by_label("Zahl der Klassen").input_value() == "3"
    assert page.get_by_label("Stichtag", exact=True).input_value() == "2021-12-31"
    assert page.locator("iframe.sa-rahmen").count() == 1


def test_area_chosen_for_its_twins_stands_in_the_address(oeffne: Any) -> None:
    page = oeffne("/live/cluster")
    control = page.get_by_label("Sozialraum", exact=True)
    name = control.locator("option").nth(4).text_content()
    control.select_option(index=4)
    with page.expect_navigation():
        page.get_by_role("button", name="Anzeigen").click()
    assert "sozialraum=" in page.url
    assert page.locator("caption", has_text=name).count() == 1
    assert page.get_by_label("Sozialraum", exact=True).locator("option:checked").text_content() == name


def test_table_and_paper_of_a_page_can_be_had(oeffne: Any, dienst: Service) -> None:
    page = oeffne("/live/kommunalprofil?kommune=05999012")
    for ending, start in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("docx", b"PK")):
        address = page.locator(f"main a[href$='.{ending}']").first.get_attribute("href")
        answer = dienst.get(f"/live/{address}")
        assert answer.body.startswith(start)
        assert answer.headers["Content-Disposition"] == f'inline; filename="kommunalprofil.{ending}"'


def test_areas_of_the_address_are_chosen_and_one_outside_the_table_does_no_harm(oeffne: Any) -> None:
    page = oeffne("/live/atlas?indikator=ALO&gebiete=A+2,W+2&kommune=05999012")
    pressed = page.locator("svg.sa-karte").first.locator("[data-gebiet].sa-an")
    assert sorted(pressed.evaluate_all("nodes => nodes.map(node => node.dataset.gebiet)")) == ["A 2", "W 2"]
    assert "#" not in page.url


def test_texts_are_changed_in_the_internal_service_only(dienst: Service) -> None:
    page = dienst.get("/live/kommunalprofil?kommune=05999012")
    assert page.status == 200
    assert "<textarea" not in page.text
    assert "Texte ändern" not in page.text
    assert dienst.get("/redaktion", "POST", b"text=x", Origin=dienst.url).status == 404
