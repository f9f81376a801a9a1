"""Kernels are bounded, freed when nobody needs them, and no visitor brings the service down."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest
from conftest import Service, region_folder, start, stop
from tornado.web import Application
from websockets.sync.client import connect

from sozialanalyse.serve import ServerFehler
from sozialanalyse.serve.kernels import kernel_environment
from sozialanalyse.serve.server import listen


def live(service: Service) -> str:
    """Open a live page and return its kernel."""
    return service.live("/live/cluster")[1]


def sit_down(service: Service, kernel: str) -> object:
    """Connect to a kernel as its page does."""
    address = f"ws://127.0.0.1:{service.port}/api/kernels/{kernel}/channels?session_id=s"
    return connect(address, origin=service.url)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with room for two."""
    place = tmp_path_factory.mktemp("klein")
    region_folder(place)
    service = start(
        place, kerne=2, erste_verbindung=2, wiederverbindung=0.5, untaetig=2, runde=0.1, wartezeit=7
    )
    yield service
    live(service)
    kernels = service.kernels()
    stop(service)
    assert kernels
    assert service.process.returncode == 0
    assert not any(process.is_running() for process in kernels), "the end of the service ends its kernels"


@pytest.fixture(autouse=True)
def everybody_left(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "small" in request.fixturenames:
        small = request.getfixturevalue("small")
        small.until(lambda: small.health["kerne"] == 0 and not small.kernels(), 10)


def test_page_without_controls_gives_its_kernel_back_at_once(small: Service) -> None:
    assert small.get("/live/varianz").status == 200
    small.until(lambda: not small.kernels(), 2)


def test_kernel_is_gone_when_the_page_says_goodbye(small: Service) -> None:
    kernel = live(small)
    assert len(small.kernels()) == 1
    with sit_down(small, kernel):
        small.goodbye(kernel)
        assert small.until(lambda: not small.kernels(), 2) < 2


def test_kernel_is_gone_when_the_connection_is_lost(small: Service) -> None:
    with sit_down(small, live(small)):
        time.sleep(2.5)
        assert small.health["verbunden"] == 1, "an open page keeps its kernel"
    small.until(lambda: not small.kernels(), 3)


def test_who_never_connects_gives_the_kernel_back(small: Service) -> None:
    live(small)
    small.until(lambda: not small.kernels(), 4)


def test_who_leaves_while_the_page_is_computed_gives_the_kernel_back(small: Service) -> None:
    with socket.create_connection(("127.0.0.1", small.port)) as line:
        line.sendall(
            b"GET /live/varianz?gewichtung=gebiete HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n\r\n"
        )
        small.until(lambda: bool(small.kernels()), 10)
        time.sleep(1)
    small.until(lambda: not small.kernels(), 2)


def test_killed_kernel_is_buried_and_not_raised(small: Service) -> None:
    kernel = live(small)
    with sit_down(small, kernel):
        for process in small.kernels():
            os.kill(process.pid, signal.SIGKILL)
        small.until(lambda: small.health["kerne"] == 0, 3)
    assert small.get(f"/api/kernels/{kernel}").status == 404


def test_full_house_gets_the_waiting_page_and_idle_pages_give_way(small: Service) -> None:
    first = live(small)
    with sit_down(small, first), sit_down(small, live(small)):
        page = small.get("/live/cluster?typen=4")
        assert page.status == 503
        assert page.headers["Retry-After"] == "7"
        assert "Gerade sind alle Plätze belegt" in page.text
        assert 'data-neuladen="7"' in page.text
        assert 'href="/live/cluster?typen=4"' in page.text, "the same link again"
        reload = '<noscript><meta http-equiv="refresh" content="21">'
        assert reload in page.text, "without scripts, too"
        assert 'href="/live/cluster?typen=4&amp;warten=still"' in page.text, "a reader can stop it"
        still = small.get("/live/cluster?typen=4&warten=still").text
        assert "http-equiv" not in still
        assert "data-neuladen" not in still
        assert small.get("/live/cluster?typen=99").status == 400, "a wrong link is told at once"
        time.sleep(2.2)
        third = live(small)
        assert third
        assert small.health["kerne"] == 2
        assert small.get(f"/api/kernels/{first}").status == 404, "the longest idle one has given way"
        small.goodbye(third)


def test_cap_holds_when_all_come_at_once(small: Service) -> None:
    found: list[int] = []
    visitors = [
        threading.Thread(target=lambda: found.append(small.get("/live/cluster").status)) for _ in range(6)
    ]
    for visitor in visitors:
        visitor.start()
    most = 0
    while any(visitor.is_alive() for visitor in visitors):
        most = max(most, len(small.kernels()))
    assert sorted(found) == [200, 200, 503, 503, 503, 503]
    assert most <= 2


def test_taken_port_is_told_in_one_german_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerFehler, match=f"Port {port} schon belegt.*--port"):
            asyncio.run(_try_to_listen(port))


async def _try_to_listen(port: int) -> None:
    listen(Application(), port, "127.0.0.1")


def test_secrets_of_the_service_stay_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_TOKEN", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("HARMLOS", "ja")
    found = kernel_environment({"SOZIALANALYSE_REGION": "/r"})
    assert not {"JUPYTER_TOKEN", "AWS_SECRET_ACCESS_KEY"} & set(found)
    assert (found["HARMLOS"], found["SOZIALANALYSE_REGION"]) == ("ja", "/r")


def test_a_large_body_is_refused_before_it_is_read(small: Service) -> None:
    with socket.create_connection(("127.0.0.1", small.port)) as line:
        line.sendall(b"POST /live/cluster HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")
        line.settimeout(5)
        assert b" 400 " in line.recv(100)
    with socket.create_connection(("127.0.0.1", small.port)) as line:
        line.sendall(b"POST /live/cluster HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        line.settimeout(5)
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        taken = 0
        with suppress(OSError):
            while taken < 500 and not select.select([line], [], [], 0)[0]:
                line.sendall(piece)
                taken += 1
        assert taken < 500, "33 MB were read"
    assert small.get("/gesund").status == 200


def test_the_death_of_the_warm_parent_leaves_no_page_with_holes(small: Service) -> None:
    """Kernels that died before anything was sent are replaced; the page is whole or it is a refusal."""
    with sit_down(small, live(small)):
        for process in psutil.Process(small.process.pid).children(recursive=True):
            if any(part.endswith("zygote.py") for part in process.cmdline()):
                process.kill()
        page = small.get("/live/varianz?thema=arbeit")
        assert page.status == 200
        assert 'id="sieht"' in page.text
        assert "sv-fehler" not in page.text
