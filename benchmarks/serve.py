"""The web service behind nginx against stock Voila: same notebooks, same machine, same run.

    python benchmarks/serve.py [--runs 5] [--region data/staedteregion-aachen] [--without-load]

Needs a built stock with reports (``sozialanalyse demo``), Chromium and nginx. Prints the machine and a
Markdown table with median and range. Stock is the command ``voila`` with its own template and settings; there every
page is computed anew for every visitor. Analyses that the reports have left are kept for both, pages that were
asked for earlier are not.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import nbformat
import psutil
from playwright.sync_api import Browser, sync_playwright
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from sozialanalyse.base import settings
from sozialanalyse.publish.html import Rahmen
from sozialanalyse.region.region import lade_region
from sozialanalyse.serve.einrichtung import Einrichtung, schreibe

T = TypeVar("T")
CLICK = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}
BIN = Path(sys.executable).parent
MAIN = """{user} daemon off; worker_processes 1; pid {place}/pid; error_log {place}/start.log;
events {{ worker_connections 2048; }}
http {{ include /etc/nginx/mime.types; set_real_ip_from 127.0.0.1; real_ip_header X-Besucher; client_body_temp_path {place}/a; proxy_temp_path {place}/b;
fastcgi_temp_path {place}/c; uwsgi_temp_path {place}/d; scgi_temp_path {place}/e; include {site}; }}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str, **headers: str) -> tuple[int, str]:
    """Status and text of one request."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=300) as found:
            return found.status, found.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def until(condition: Callable[[], Any], seconds: float = 900) -> float:
    """Wait until a condition holds; seconds it took."""
    began = time.perf_counter()
    while True:
        try:
            if condition():
                return time.perf_counter() - began
        except OSError:
            pass
        if time.perf_counter() - began > seconds:
            raise SystemExit("not in time")
        time.sleep(0.02)


@dataclass
class Server:
    """A service under measurement."""

    name: str
    url: str
    process: psutil.Process
    live: str
    """Path of a live page, with the notebook left open."""

    def kernels(self) -> list[psutil.Process]:
        """Its kernel processes."""
        found = []
        for process in self.process.children(recursive=True):
            with suppress(psutil.Error):  # one that ends meanwhile is none any more
                with_parent = process.parent()
                words = " ".join(process.cmdline())
                forked = (
                    "zygote.py" in words and with_parent and "zygote.py" in " ".join(with_parent.cmdline())
                )
                if forked or "ipykernel_launcher" in words:
                    found.append(process)
        return found

    def all_memory(self) -> float:
        """Memory of the whole service in MB, shared pages counted once."""
        processes = [self.process, *self.process.children(recursive=True)]
        return sum(process.memory_full_info().pss for process in processes if process.is_running()) / 2**20


def place_of_its_own(region: Path, place: Path) -> None:
    """Data folder with snapshot, reports and kept analyses of the real one, but no page that was asked for."""
    data = settings.datenordner(region).resolve()
    for name in ("bestand", "ergebnisse", "veroeffentlichungen"):
        (place / name).symlink_to(data / name)
    shutil.copytree(data / "zwischenspeicher", place / "zwischenspeicher")
    os.environ["SOZIALANALYSE_DATEN"] = str(place)


@contextmanager
def ours(region: Path, place: Path) -> Iterator[Server]:
    """The service with nginx in front, as ``sozialanalyse deploy`` sets it up."""
    known = lade_region(region)
    results = settings.ergebnisordner(region, known.id, "oeffentlich").resolve()
    plan = Einrichtung(
        ordner=place / "betrieb", name="127.0.0.1", projekt=Path.cwd(), region=region, daten=place,
        ergebnisse=results, http=free_port(), ipv6=False, ports=(free_port(), free_port()),
        protokolle=str(place), zwischen=str(place / "zwischen"),
    )  # fmt: skip
    site = schreibe(plan, Rahmen("", known.name, "", "", ""))[0]
    main = place / "main.conf"
    main.write_text(MAIN.format(place=place, site=site, user="user root;" if os.geteuid() == 0 else ""))
    with (place / "dienst.log").open("w") as log:
        service = subprocess.Popen(
            [BIN / "sozialanalyse", "serve", "--region", region, "--port", str(plan.ports[0])],
            stdout=log, stderr=log,
        )  # fmt: skip
        proxy = subprocess.Popen(["nginx", "-c", main, "-e", str(place / "start.log")])
        try:
            until(lambda: answer(f"http://127.0.0.1:{plan.ports[0]}/gesund")[0] == 200)
            yield Server(
                "sozialanalyse",
                f"http://127.0.0.1:{plan.http}",
                psutil.Process(service.pid),
                "/live/{}",
            )
        finally:
            for process in (service, proxy):
                process.send_signal(2)
                process.wait(180)


@contextmanager
def stock(region: Path, place: Path) -> Iterator[Server]:
    """Stock Voila with the same notebooks in ordinary kernels."""
    books = place / "notebooks"
    books.mkdir()
    for path in Path("notebooks").glob("*.ipynb"):
        book = nbformat.read(path, as_version=4)
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "python3", "language": "python"}
        book.metadata.pop("voila", None)
        nbformat.write(book, books / path.name)
    port = free_port()
    environment = {**os.environ, "SOZIALANALYSE_REGION": str(region)}
    with (place / "voila.log").open("w") as log:
        process = subprocess.Popen(
            [BIN / "voila", "--no-browser", f"--port={port}", books],
            stdout=log, stderr=log, env=environment, cwd=place,
        )  # fmt: skip
        try:
            until(lambda: answer(f"http://127.0.0.1:{port}/")[0] == 200)
            yield Server("Voila", f"http://127.0.0.1:{port}", psutil.Process(process.pid), "/voila/render/{}.ipynb")  # fmt: skip
        finally:
            mother = psutil.Process(process.pid)
            family = [mother, *mother.children(recursive=True)]
            process.send_signal(2)
            for left in psutil.wait_procs(family, timeout=60)[
                1
            ]:  # a dozen kernels may take longer to say goodbye than anybody waits
                with suppress(psutil.NoSuchProcess):
                    left.kill()


def visit(browser: Browser, server: Server, path: str, *marks: str) -> dict[str, float]:
    """Open a page as a visitor who was never here; seconds until each mark is visible and it is complete, the cost."""
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(server.url + "/robots.txt")
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    size, hosts = [0], set()
    session.on("Network.loadingFinished", lambda event: size.__setitem__(0, size[0] + event["encodedDataLength"]))  # fmt: skip
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    began = time.perf_counter()
    page.evaluate("path => { location.href = path; }", path)
    found = {}
    for number, mark in enumerate(marks):
        page.wait_for_selector(mark, state="visible", timeout=300_000)
        found[f"mark {number}"] = time.perf_counter() - began
    page.wait_for_timeout(300)
    foreign = {host for host in hosts if host and host != urlsplit(server.url).netloc}
    found |= {"kB": size[0] / 1000, "requests": len(requests), "foreign": len(foreign), "cookies": len(context.cookies())}  # fmt: skip
    page.close(run_before_unload=True)
    context.close()
    return found


async def pages(server: Server, paths: list[str], gap: float = 0) -> list[tuple[int, float, str]]:
    """Ask for pages, all at once or one every ``gap`` seconds: status, seconds, text of each."""
    AsyncHTTPClient.configure(None, max_clients=500)
    client = AsyncHTTPClient(force_instance=True)

    async def one(number: int, path: str) -> tuple[int, float, str]:
        await asyncio.sleep(number * gap)
        began = time.perf_counter()
        address = f"198.18.{number // 250}.{number % 250}"  # each its own, as the proxy's limits expect
        headers = {**CLICK, "X-Besucher": address}
        request = HTTPRequest(server.url + path, headers=headers, request_timeout=600, connect_timeout=60)
        while (found := await client.fetch(request, raise_error=False)).code == 202:
            await asyncio.sleep(float(found.headers["Refresh"]))
        return found.code, time.perf_counter() - began, (found.body or b"").decode(errors="replace")

    try:
        return list(await asyncio.gather(*(one(number, path) for number, path in enumerate(paths))))
    finally:
        client.close()


def together(work: Coroutine[Any, Any, T]) -> T:
    """Result of a coroutine, in a thread of its own: Playwright's loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def spread(values: list[float], digits: int = 2) -> str:
    """Median and range, as a cell of the table."""
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


WHOLE = "footer"
"""The last thing on a page of ours; with it everything is there, controls included."""


def single_visitors(browser: Browser, mine: Server, theirs: Server, runs: int) -> None:
    """A report, a page that is kept, a page nobody asked for; alternating, so that load hits both alike."""
    for name in ("cluster", "varianz"):
        static = [visit(browser, mine, f"/berichte/{name}/gesamt.html", "svg[role=img]") for _ in range(runs)]
        row(f"report {name}: map or chart visible (s)", "-", spread([v["mark 0"] for v in static]))
        row(f"report {name}: weight (kB)", "-", spread([v["kB"] for v in static], 0))
    together(pages(mine, [mine.live.format("cluster")]))
    known, fresh, stock = [], [], []
    for number in range(runs):
        known.append(visit(browser, mine, mine.live.format("cluster"), "select", WHOLE))
        fresh.append(visit(browser, mine, f"/live/cluster?typen={2 + number}", "select", WHOLE))
        stock.append(
            visit(browser, theirs, theirs.live.format("cluster"), "select", ".widget-dropdown select")
        )
    light = [
        visit(browser, mine, f"/live/atlas?klassen={2 + number}", "select", WHOLE) for number in range(runs)
    ]
    heavy = [v["mark 1"] for v in stock]
    for label, found in (
        ("page somebody asked for before", known),
        ("page of types nobody asked for before", fresh),
        ("atlas page nobody asked for before", light),
    ):
        took = [v["mark 1"] for v in found]
        row(f"{label}: complete (s)", spread(heavy), spread(took))
        row(f"{label}: factor", "1", f"{statistics.median(heavy) / statistics.median(took):.1f}")
    for key, label, digits in (("kB", "weight (kB)", 0), ("requests", "requests", 0), ("foreign", "third parties", 0), ("cookies", "cookies", 0)):  # fmt: skip
        row(f"page somebody asked for before: {label}", *(spread([v[key] for v in found], digits) for found in (stock, known)))  # fmt: skip
    row("kernels left behind", str(len(theirs.kernels())), str(len(mine.kernels())))


def crowds(mine: Server, theirs: Server, runs: int, stock_count: int) -> None:
    """Many visitors at once, of one page and of a different page each; memory while they are there."""
    fresh = iter(f"/live/cluster?typen={2 + n % 7}&verfahren={('ward', 'pam')[n % 2]}" for n in range(14))
    before = theirs.all_memory(), mine.all_memory()
    for count in (10, 40):
        slow = "-"
        if count <= stock_count:
            began = time.perf_counter()
            together(pages(theirs, [theirs.live.format("cluster")] * count))
            slow = f"{time.perf_counter() - began:.1f}"
            row(
                f"more memory for {count} visitors (MB each)",
                f"{(theirs.all_memory() - before[0]) / count:.0f}",
                "-",
            )
        same, new = [], []
        for path, times, repeats in (("/live/cluster", same, runs), (next(fresh), new, 1)):
            for _ in range(repeats):
                began = time.perf_counter()
                found = together(pages(mine, [path] * count))
                times.append(time.perf_counter() - began)
                assert {status for status, _, _ in found} == {200}, [status for status, _, _ in found]
        row(f"{count} at once on a page somebody asked for before (s)", slow, spread(same, 2))
        row(f"{count} at once on a page nobody asked for before (s)", slow, spread(new, 1))
    began = time.perf_counter()
    various = together(pages(mine, [next(fresh) for _ in range(10)]))
    took = time.perf_counter() - began
    assert {status for status, _, _ in various} == {200}, [status for status, _, _ in various]
    row("10 at once, each another page that nobody asked for before (s)", "-", f"{took:.1f}")
    row("memory of the whole service before / after (MB)", "-", f"{before[1]:.0f} / {mine.all_memory():.0f}")
    row("kernels left behind", str(len(theirs.kernels())), str(len(mine.kernels())))


def press_release(mine: Server) -> None:
    """200 visitors of a report within 60 s, 40 of whom open one of two pages with controls."""

    async def all_of_them() -> tuple[list[Any], list[Any], float]:
        static = asyncio.create_task(pages(mine, ["/berichte/cluster/gesamt.html"] * 200, 60 / 200))
        paths = [f"/live/varianz?gewichtung={('bevoelkerung', 'gebiete')[n % 2]}" for n in range(40)]
        live = asyncio.create_task(pages(mine, paths, 60 / 40))
        most = 0.0
        while not (static.done() and live.done()):
            most = max(most, await asyncio.to_thread(mine.all_memory))
            await asyncio.sleep(2)
        return static.result(), live.result(), most

    static, live, most = together(all_of_them())
    wrong = [status for status, _, _ in [*static, *live] if status != 200]
    row("200 visitors in 60 s, 40 going on: errors", "-", str(len(wrong)))
    for label, found in (("report", static), ("page with controls", live)):
        row(f"p95 {label} (s)", "-", f"{statistics.quantiles([s for _, s, _ in found], n=20)[-1]:.2f}")
    row("most memory (MB)", "-", f"{most:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--region")
    parser.add_argument("--stock-at-once", type=int, default=10, help="at most so many at once for stock")
    parser.add_argument("--without-visits", action="store_true", help="no single visitors in Chromium")
    parser.add_argument("--without-load", action="store_true", help="single visitors only")
    options = parser.parse_args()
    region = settings.regionsordner(options.region).resolve()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, ", end="")
    print(f"{psutil.virtual_memory().total / 2**30:.0f} GiB, load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        place = Path(folder)
        (place / "voila").mkdir()
        place_of_its_own(region, place)
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])  # fmt: skip
        with ours(region, place) as mine, stock(region, place / "voila") as theirs:
            row(f"n = {options.runs}: median (range)", "Voila", "sozialanalyse")
            row("---", "---", "---")
            if not options.without_visits:
                single_visitors(browser, mine, theirs, options.runs)
            browser.close()
            if not options.without_load:
                crowds(mine, theirs, options.runs, options.stock_at_once)
                press_release(mine)
    print(f"\nLoad at the end {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
