"""What is known is not computed twice, kernels wait for visitors, and the service ends with grace."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from conftest import COMMON, Service, notebook, region_folder, start, stop, write
from hypothesis import given
from hypothesis import strategies as st
from test_serve_kernels import sit_down

from sozialanalyse.serve.outputs import WIDGET, Gemerkt, nur_anzeige

CLUSTER = COMMON + 'themen = []\nindikatoren = []\ntypen = "auto"\nverfahren = "kmeans"\nsozialraum = ""\n'
COUNTING = "import os, time, ipywidgets\nfrom IPython.display import HTML, display\nmal = 0"
SHOWING = "HTML(f'<p class=\"zeit\">{time.time_ns()}</p>')"
GREEDY = "if kommune:\n    x = bytearray(3_000_000_000)\ndisplay(HTML(f'<p class=\"pid\">{os.getpid()} {mal}</p>'))"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that keeps one kernel ready."""
    place = tmp_path_factory.mktemp("bereit")
    region_folder(place)
    write(place / "notebooks" / "cluster.ipynb", notebook(CLUSTER, COUNTING, SHOWING, GREEDY, "ipywidgets.IntSlider()"))  # fmt: skip
    write(place / "notebooks" / "varianz.ipynb", notebook(COMMON + 'thema = "alle"\ngewichtung = "gebiete"', COUNTING, SHOWING, GREEDY))  # fmt: skip
    service = start(place, bereit=1, erste_verbindung=30, wiederverbindung=1, runde=0.2, speicher=1_500_000_000, bestand=0.2)  # fmt: skip
    yield service
    stop(service)


def marks(page: str) -> tuple[str, str]:
    """When the shown cell was computed, and in which process the other one."""
    shown, where = re.search(r'class="zeit">(\d+)', page), re.search(r'class="pid">(\d+)', page)
    assert shown
    assert where
    return shown[1], where[1]


def test_second_visitor_gets_shown_cells_at_once_and_a_kernel_of_their_own(ready: Service) -> None:
    pages = []
    for _ in range(2):
        page, kernel = ready.live("/live/cluster")
        pages.append(marks(page))
        ready.goodbye(kernel)
    (first, one), (second, other) = pages
    assert first == second, "the cell that only shows was not computed again"
    assert one != other, "the cell with a name was"
    assert 'rel="preload"' in page, "controls are known to come"


def test_page_without_controls_needs_no_kernel_the_second_time(ready: Service) -> None:
    first = marks(ready.get("/live/varianz").text)
    ready.until(lambda: ready.health["kerne"] == 0, 5)
    before = sum(line["ereignis"] == "kern_frei" for line in ready.log())
    assert marks(ready.get("/live/varianz").text) == first
    assert sum(line["ereignis"] == "kern_frei" for line in ready.log()) == before
    other = marks(ready.get("/live/varianz?thema=arbeit").text)
    assert other[0] != first[0], "other parameters, other page"


def test_those_who_come_together_compute_a_page_once(ready: Service) -> None:
    with ThreadPoolExecutor(5) as crowd:
        texts = list(
            crowd.map(
                lambda _: ready.get("/live/varianz?thema=arbeit&gewichtung=bevoelkerung").text, range(5)
            )
        )
    assert len({marks(text) for text in texts}) == 1, "four waited for the first"


def test_new_snapshot_forgets_old_pages_and_old_kernels(ready: Service) -> None:
    first = marks(ready.get("/live/varianz").text)
    pointer = ready.folder / "musterkreis" / "bestand.txt"
    try:
        pointer.write_text("neu")
        ready.until(lambda: ready.health["bestand"] == "neu", 5)
        assert marks(ready.get("/live/varianz").text) != first
    finally:
        pointer.write_text("abc123")
    ready.until(lambda: ready.health["bestand"] == "abc123", 5)


def test_a_kernel_waits_for_the_next_visitor_and_counts_as_none(ready: Service) -> None:
    ready.until(
        lambda: len(ready.kernels()) == 1 and ready.health["kerne"] == 0, 15
    )  # others are still ending
    time.sleep(1)
    (waiting,) = ready.kernels()
    page, kernel = ready.live("/live/cluster?typen=3")
    assert marks(page)[1] == str(waiting.pid)
    ready.until(lambda: len(ready.kernels()) == 2, 10)
    ready.goodbye(kernel)
    assert not waiting.is_running() or ready.until(lambda: not waiting.is_running(), 2) < 2


def test_greedy_cell_fails_and_the_service_lives(ready: Service) -> None:
    page = ready.get("/live/varianz?kommune=00000001").text
    assert "Dieser Abschnitt konnte nicht berechnet werden." in page
    assert "MemoryError" not in page
    assert marks(ready.get("/live/varianz").text)


def test_a_reader_can_keep_the_place(ready: Service) -> None:
    page, kernel = ready.live("/live/cluster")
    assert 'data-untaetig="900"' in page
    assert "in 2 Minuten abgeschaltet" in page
    assert ready.get(f"/api/kernels/{kernel}/behalten", "POST", b"").status == 204
    assert ready.get(f"/api/kernels/{kernel}/behalten", "POST", b"", Origin="https://boese.example").status == 403  # fmt: skip
    ready.goodbye(kernel)
    assert ready.get(f"/api/kernels/{kernel}/behalten", "POST", b"").status == 404


@pytest.mark.parametrize("headers", [{"Sec_Fetch_Site": "none"}, {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": ""}])  # fmt: skip
def test_a_link_from_elsewhere_starts_no_kernel(ready: Service, headers: dict[str, str]) -> None:
    before = len(ready.log())
    page = ready.get("/live/cluster?typen=5", **headers)
    assert page.status == 200
    assert '<form method="post" action="/live/cluster?typen=5">' in page.text
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert ready.health["kerne"] == 0
    assert not any(line["ereignis"] == "kern_frei" for line in ready.log()[before:])
    assert ready.get("/live/cluster?typen=99", **headers).status == 400, "a wrong link is told at once"


def test_the_button_starts_the_page_and_no_other_site_can_press_it(ready: Service) -> None:
    link = "/live/cluster?typen=5"
    assert ready.get(link, "POST", b"", Origin="https://boese.example").status == 403
    page = ready.get(link, "POST", b"", Origin=ready.url)
    found = re.search(r'"kernelId": "([0-9a-f-]+)"', page.text)
    assert found
    ready.goodbye(found[1])


def test_link_from_elsewhere_opens_the_finished_report(ready: Service) -> None:
    folder = ready.folder / "ergebnisse" / "musterkreis" / "oeffentlich" / "varianz"
    folder.mkdir(parents=True)
    values = {"stichtag": "neuester", "kommune": "", "audience": "oeffentlich", "thema": "alle", "gewichtung": "bevoelkerung"}  # fmt: skip
    (folder / "gesamt.html").write_text("fertig")
    (folder / "gesamt.json").write_text(json.dumps({"parameter": values}))
    answer = ready.get("/live/varianz", Sec_Fetch_Site="cross-site")
    assert (answer.status, answer.headers["Location"]) == (302, "/berichte/varianz/gesamt.html")
    assert "seen" not in ready.get("/live/varianz").text


def test_figures_for_a_monitor_name_nobody(ready: Service) -> None:
    found = ready.get("/metriken").text
    assert 'sozialanalyse_ereignisse_total{art="geschlossen",ereignis="kern_frei"}' in found
    assert 'sozialanalyse_kerne{zustand="hoechstens"} 40.0' in found
    assert "127.0.0.1" not in found
    assert "typen" not in found
    assert ready.get("/metriken", X_Forwarded_For="192.0.2.1").status == 404


def test_end_waits_for_readers(tmp_path: Path) -> None:
    region_folder(tmp_path)
    service = start(tmp_path, wiederverbindung=0.5, runde=0.1)
    try:
        _, kernel = service.live("/live/cluster")
        with sit_down(service, kernel):
            service.process.send_signal(signal.SIGTERM)
            service.until(lambda: service.get("/gesund").status == 503, 5)
            assert service.health["status"] == "endet"
            page = service.get("/live/cluster")
            assert (page.status, page.headers["Retry-After"]) == (503, "10")
            time.sleep(1)
            assert len(service.kernels()) == 1, "a reader is not cut off"
            began = time.monotonic()
        assert service.process.wait(10) == 0
        assert time.monotonic() - began < 5
    finally:
        stop(service)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("bericht.karte()", True),
        ("# Karte\nbericht.karte()  # schön", True),
        ("bericht = Bericht()\nbericht.kopf()", False),
        ("x = 1", False),
        ("x.y = 1", False),
        ("import os", False),
        ("%matplotlib inline", False),
        ("", False),
        ("f(); g()", False),
    ],
)
def test_only_single_expressions_are_taken_from_memory(source: str, expected: bool) -> None:
    assert nur_anzeige(source) is expected


@given(st.text())
def test_any_source_is_judged(source: str) -> None:
    assert nur_anzeige(source) in (True, False)


def output(size: int, kind: str = "text/html") -> nbformat.NotebookNode:
    return nbformat.v4.new_output("display_data", {kind: "x" * size})


def test_memory_is_bounded_and_faults_are_not_kept() -> None:
    kept = Gemerkt(100)
    kept.merke("a", {0: [output(60)]})
    kept.merke("b", {0: [output(30)]})
    assert kept.hole("a")
    kept.merke("c", {0: [output(30)]})
    assert [key for key in "abc" if kept.hole(key)] == ["a", "c"], "the one asked for least lately has gone"
    kept.merke("d", {0: [nbformat.v4.new_output("stream", text="x")]})
    kept.merke("e", {0: [nbformat.v4.new_output("error")]})
    assert kept.hole("d") is kept.hole("e") is None


@pytest.mark.parametrize(
    ("end", "patience", "waited"), [("kept", 9, True), ("failed", 9, True), ("slow", 0.01, False)]
)
def test_a_page_in_the_making_is_waited_for(end: str, patience: float, waited: bool) -> None:
    """Whoever waits gets the page, or computes it when the first one failed or takes too long."""
    kept, order = Gemerkt(100), []

    async def first() -> None:
        async with kept.seite("a", 9) as found:
            assert found is None
            await asyncio.sleep(0.1)
            order.append("first")
            if end == "failed":
                raise ValueError
            kept.merke("a", {0: [output(30)]})

    async def second() -> None:
        async with kept.seite("a", patience) as found:
            order.append("second")
            assert (found is not None) == (end == "kept")

    async def both() -> None:
        await asyncio.gather(first(), second(), second(), return_exceptions=end == "failed")
        async with kept.seite("a", 0) as found:
            assert (found is None) == (end == "failed")

    asyncio.run(both())
    assert order == (["first", "second", "second"] if waited else ["second", "second", "first"])


def test_pages_with_controls_know_only_what_shows() -> None:
    kept = Gemerkt(10_000)
    cells = [nbformat.v4.new_code_cell(source) for source in ("a = 1\na", "a", "slider()")]
    outputs = {0: [output(1)], 1: [output(1)], 2: [output(1, WIDGET)]}
    kept.merke("a", outputs)
    kept.merke("b", {0: [output(1)], 1: [output(1)]})
    found, plain = kept.hole("a"), kept.hole("b")
    assert found
    assert plain
    assert set(found.bekannt(cells)) == {1}
    assert set(plain.bekannt(cells)) == {0, 1}
