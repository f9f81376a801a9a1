"""A page nobody asked for before: made once for all who ask, kept, told how far it is, bounded, ended with grace."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import Service, region_folder, start, stop
from test_serve_links import visible

from sozialanalyse.publish import (
    Auftrag,
    Bestellung,
    Gescheitert,
    Nachfrage,
    Protokoll,
    Rahmen,
    Voll,
    arbeit,
    engine,
)
from sozialanalyse.seiten import Lauf, Parameter
from sozialanalyse.serve.headers import dokument


def mark(page: str) -> str:
    """When a page was computed."""
    found = re.search(r'id="zeit">(\d+)', page)
    assert found, page[-2000:]
    return found[1]


def test_a_page_is_made_once_and_then_there_for_all(public: Service) -> None:
    first = mark(public.get("/live/varianz").text)
    assert mark(public.get("/live/varianz?stichtag=neuester&template=lab").text) == first
    assert mark(public.get("/live/varianz?thema=arbeit").text) != first, "other parameters, other page"
    assert public.kernels() == [], "no kernel outlives its page"


def test_those_who_come_together_have_it_made_once(public: Service) -> None:
    with ThreadPoolExecutor(5) as crowd:
        texts = list(crowd.map(lambda _: public.get("/live/cluster?typen=3").text, range(5)))
    assert len({mark(text) for text in texts}) == 1
    made = [
        line for line in public.log() if line["ereignis"] == "seite_fertig" and line["notebook"] == "cluster"
    ]
    assert made[-1]["sekunden"] > 2


def test_a_new_snapshot_makes_new_pages(public: Service) -> None:
    first = mark(public.get("/live/varianz").text)
    pointer = public.folder / "musterkreis" / "bestand.txt"
    try:
        pointer.write_text("neu")
        public.until(lambda: public.health["bestand"] == "neu", 5)
        assert mark(public.get("/live/varianz").text) != first
    finally:
        pointer.write_text("abc123")
    public.until(lambda: public.health["bestand"] == "abc123", 5)
    assert mark(public.get("/live/varianz").text) == first, "what was kept is found again"


def test_files_of_a_page_lie_beside_it(public: Service) -> None:
    page = public.get("/live/cluster").text
    assert "srcdoc" not in page
    frame = re.search(r'<iframe[^>]* src="(cluster/[0-9a-f]{32}-1\.html)"', page)
    table = re.search(r'href="(cluster/[0-9a-f]{32}\.csv)"', page)
    assert frame
    assert table
    document, values = public.get(f"/live/{frame[1]}"), public.get(f"/live/{table[1]}")
    assert "sandbox allow-scripts; default-src 'none'; script-src 'self' 'sha256-" in document.headers["Content-Security-Policy"]  # fmt: skip
    assert (values.body, values.headers["Content-Disposition"]) == (b"a;b", 'inline; filename="cluster.csv"')
    for path in (
        table[1].replace(".csv", ".ipynb"),
        table[1].replace(".csv", ".html"),
        f"cluster/{'0' * 32}.csv",
        f"cluster/..%2f{'0' * 32}.csv",
    ):
        assert public.get(f"/live/{path}").status == 404


def test_policy_of_a_frame_names_its_scripts_alone() -> None:
    policy = dokument("<script>a()</script><script src=x.js></script>", None)
    assert policy.count("'sha256-") == 1
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert "img-src 'self' data:; " in policy


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Service]:
    """A service that makes one page at a time, takes three, and answers at once."""
    region_folder(tmp_path)
    service = start(tmp_path, geduld=0.1, gleichzeitig=1, wartend=3)
    yield service
    stop(service)


def test_waiting_page_tells_how_far_it_is_and_the_end_waits_for_pages_under_way(busy: Service) -> None:
    first = busy.get("/live/cluster?typen=2")
    assert (first.status, first.headers["Refresh"]) == (202, "1")
    busy.until(lambda: "Teil " in visible(busy.get("/live/cluster?typen=2").text), 10)
    busy.get("/live/cluster?typen=3")
    later = busy.get("/live/cluster?typen=4")
    assert "Vorher ist noch zu berechnen: 2 Seiten." in visible(later.text)
    assert 'href="/live/cluster?typen=4&amp;warten=still"' in later.text
    still = busy.get("/live/cluster?typen=4&warten=still")
    assert "Refresh" not in still.headers
    assert "angehalten" in visible(still.text)
    full = busy.get("/live/cluster?typen=5")
    assert (full.status, full.headers["Retry-After"]) == (503, "10")
    assert "alle Plätze belegt" in visible(full.text)
    assert busy.health["offen"] == 3
    figures = busy.get("/metriken").text
    assert "sozialanalyse_seiten_offen 3.0" in figures
    assert 'sozialanalyse_ereignisse_total{art="",ereignis="warteseite"} 1.0' in figures
    assert "127.0.0.1" not in figures
    assert busy.get("/metriken", X_Forwarded_For="192.0.2.1").status == 404

    busy.until(lambda: busy.get("/live/cluster?typen=2").status == 200, 20)
    busy.process.send_signal(signal.SIGTERM)
    busy.until(lambda: busy.get("/gesund").status == 503, 5)
    assert busy.get("/live/cluster?typen=6").status == 503, "no new orders"
    assert busy.get("/live/cluster?typen=2").status == 200, "what is kept is still sent"
    assert busy.process.wait(30) == 0
    kept = [path for path in (busy.folder / "nachfrage").rglob("*.html") if "-" not in path.stem]
    assert len(kept) == 3, "who waited gets the page"
    assert (busy.folder / "nachfrage" / "musterkreis" / "oeffentlich").stat().st_mode & 0o077 == 0


def test_an_impatient_end_leaves_no_kernel(tmp_path: Path) -> None:
    region_folder(tmp_path)
    service = start(tmp_path, geduld=0.1)
    assert service.get("/live/varianz?gewichtung=gebiete").status == 202
    service.until(lambda: bool(service.kernels()), 10)
    kernels = service.kernels()
    stop(service)
    assert not any(kernel.is_running() for kernel in kernels)


# --- the queue, without kernels -----------------------------------------------------------------


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Pages are made at once when this is set; a page called ``fehler`` fails."""
    let = threading.Event()

    def make(auftrag: Auftrag, melder: object) -> arbeit.Bericht:
        let.wait(10)
        if engine.abgebrochen():
            raise arbeit.Abbruch
        good = "fehler" not in auftrag.ziel
        record = Protokoll(
            "atlas", auftrag.ziel, "oeffentlich", {}, "fertig" if good else "fehler", "", "", 0.0, {}
        )
        return arbeit.Bericht(record, {".html": "x" * 100, ".xlsx": b"y" * 100, ".ipynb": "{}"})

    monkeypatch.setattr(arbeit, "erzeuge", make)
    yield let
    let.set()


def order(name: str) -> Auftrag:
    frame = Rahmen("", "", "", "")
    return Auftrag(Lauf("atlas", name, Parameter()), "", f"atlas/{name}", frame, "", {}, "")


def queue(folder: Path, **limits: float) -> Nachfrage:
    usual = {"gleichzeitig": 1, "wartend": 3, "je_stunde": 100, "platz": 10_000, "gedaechtnis": 60}
    return Nachfrage(folder / "nachfrage", **{**usual, **limits})


def test_orders_queue_and_too_many_are_refused(tmp_path: Path, gate: threading.Event) -> None:
    nachfrage = queue(tmp_path)
    orders = [nachfrage.bestelle(order(name)) for name in "abc"]
    assert nachfrage.bestelle(order("a")) is orders[0]
    assert [nachfrage.davor(one) for one in [*orders, Bestellung()]] == [0, 1, 2, 0]
    with pytest.raises(Voll):
        nachfrage.bestelle(order("d"))
    gate.set()
    assert [one.fertig.result(5).name for one in orders] == ["a.html", "b.html", "c.html"]
    assert nachfrage.finde("atlas/a", ".ipynb") is None, "readers get no notebook"
    assert nachfrage.finde("atlas/a", ".xlsx")
    nachfrage.beende()
    with pytest.raises(Voll):
        nachfrage.bestelle(order("e"))


def test_failures_are_remembered_for_a_while(tmp_path: Path, gate: threading.Event) -> None:
    gate.set()
    told: list[Protokoll] = []
    nachfrage = queue(tmp_path, gedaechtnis=0.2)
    nachfrage._melder = told.append
    for _ in range(2):
        assert isinstance(nachfrage.bestelle(order("fehler")).fertig.exception(5), Gescheitert)
    time.sleep(0.25)
    assert isinstance(nachfrage.bestelle(order("fehler")).fertig.exception(5), Gescheitert)
    nachfrage.beende()
    assert len(told) == 2


def test_pages_of_an_hour_are_bounded(tmp_path: Path, gate: threading.Event) -> None:
    gate.set()
    nachfrage = queue(tmp_path, je_stunde=2)
    for name in "ab":
        nachfrage.bestelle(order(name)).fertig.result(5)
    with pytest.raises(Voll):
        nachfrage.bestelle(order("c"))
    nachfrage.beende()


def test_pages_not_asked_for_longest_make_room(tmp_path: Path, gate: threading.Event) -> None:
    gate.set()
    nachfrage = queue(tmp_path, platz=450)
    for age, name in ((300, "a"), (200, "b")):
        path = nachfrage.bestelle(order(name)).fertig.result(5)
        for file in path.parent.glob(f"{name}.*"):
            os.utime(file, (time.time() - age,) * 2)
    assert nachfrage.finde("atlas/a"), "asked for: now it is younger"
    nachfrage.bestelle(order("c")).fertig.result(5)
    nachfrage.beende()
    assert sorted(path.name for path in (tmp_path / "nachfrage" / "atlas").iterdir()) == ["a.html", "a.xlsx", "c.html", "c.xlsx"]  # fmt: skip


def test_the_end_cancels_what_waits(tmp_path: Path, gate: threading.Event) -> None:
    nachfrage = queue(tmp_path)
    orders = [nachfrage.bestelle(order(name)) for name in "ab"]
    threading.Timer(0.1, gate.set).start()
    nachfrage.beende()
    assert all(one.fertig.cancelled() or one.fertig.exception(1) for one in orders)
    engine.beginne()
