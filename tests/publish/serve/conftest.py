"""A made-up region with two small notebooks, and the service as a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from sozialanalyse.kernels import install

STARTER, ECHT = (Path(__file__).with_name(name) for name in ("starter.py", "starter_echt.py"))

REGION = """\
id: musterkreis
name: Musterkreis
herausgeber: Kreis Muster
synthetisch: true
ebenen:
  region: {einzahl: Kreis, mehrzahl: Kreise, dativ: Kreisen, genus: m}
  kommune: {einzahl: Kommune, mehrzahl: Kommunen, dativ: Kommunen}
  sozialraum: {einzahl: Sozialraum, mehrzahl: Sozialräume, dativ: Sozialräumen, genus: m}
gebiete:
  - {ebene: kommune, datei: k.csv, id: id, name: name}
  - {ebene: sozialraum, datei: s.csv, id: id, name: name, oberhalb: kommune}
stichtage: [2022-12-31, 2023-12-31]
themen:
  - {id: arbeit, name: Arbeit}
  - {id: bildung, name: Bildung}
"""

FIGURE = """\
import json, os, time
from IPython.display import HTML, display
display(HTML('''<section class="sa"><h1>Probe</h1><figure><figcaption><span class="sa-titel">Karte</span></figcaption>
<svg role="img" aria-label="Ein Quadrat" viewBox="0 0 20 10" width="200"><rect width="9" height="9" fill="#1f2933"/></svg>
</figure></section>'''))
display(HTML(f'<p class="sa" id="sieht">{json.dumps([stichtag, kommune, audience])}</p>'))
display(HTML(f'<p class="sa" id="umgebung">{sorted(n for n in os.environ if "TOKEN" in n or "QUERY" in n)}</p>'))
display(HTML('<p class="sa" id="ort">' + os.path.basename(os.environ["SOZIALANALYSE_REGION"]) + "</p>"))
display(HTML(f'<p class="sa" id="zeit">{time.time_ns()}</p>'))
"""
FRAME = """\
from base64 import b64encode
from html import escape
page = '<!doctype html><html lang="de"><title>Karte</title><h1>Karte</h1><script>document.title = "lebt"</script></html>'
display(HTML(f'<iframe class="sa-rahmen" title="Karte" sandbox="allow-scripts" srcdoc="{escape(page)}"></iframe>'))
table = {"csv": b64encode(b"a;b").decode()}
display({"text/html": '<p><a href="sa-seite.csv" download>Werte</a></p>', "application/vnd.sozialanalyse.dateien+json": table}, raw=True)
"""
MISHAP = """\
import os, time
if kommune == "00000001":
    raise ValueError("geheime Zahl 4711")
if gewichtung == "gebiete":
    time.sleep(60)
if thema == "bildung":
    os.kill(os.getpid(), 9)
if stichtag == "2022-12-31":
    x = bytearray(3_000_000_000)
"""
SLOW = """\
if typen != "auto":
    time.sleep(2)
"""


def notebook(parameters: str, *code: str, title: str = "Probe") -> nbformat.NotebookNode:
    """A notebook with a heading, a parameters cell and further code cells."""
    first = nbformat.v4.new_code_cell(parameters)
    first.metadata["tags"] = ["parameters"]
    cells = [nbformat.v4.new_markdown_cell(f"# {title}"), first, *map(nbformat.v4.new_code_cell, code)]
    return nbformat.v4.new_notebook(cells=cells)


COMMON = 'stichtag = "neuester"\nkommune = ""\naudience = "oeffentlich"\n'
CLUSTER = COMMON + 'themen = []\nindikatoren = []\ntypen = "auto"\nverfahren = "kmeans"\nsozialraum = ""\n'
VARIANZ = COMMON + 'thema = "alle"\ngewichtung = "bevoelkerung"\n'


def write(path: Path, content: nbformat.NotebookNode) -> None:
    nbformat.write(content, path)


@dataclass
class Answer:
    """An answer with what a test asks of it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


@dataclass
class Service:
    """A running service."""

    folder: Path
    port: int
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Send one request; redirects are not followed, header names have _ for -."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data=body, headers=names, method=method)
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=60) as found:
                return Answer(found.status, dict(found.headers.items()), found.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers.items()), error.read())

    @property
    def health(self) -> dict[str, Any]:
        return json.loads(self.get("/gesund").body)

    def kernels(self) -> list[psutil.Process]:
        """Kernel processes of this service; the parent of warm kernels is none."""
        own = psutil.Process(self.process.pid)
        return [p for p in own.children(recursive=True) if _is_kernel(p)]

    def until(self, condition: Callable[[], bool], seconds: float) -> float:
        """Wait until a condition holds; returns how long it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, "not in time"
            time.sleep(0.05)
        return time.monotonic() - began

    def log(self) -> list[dict[str, Any]]:
        """Structured log so far."""
        lines = (self.folder / "log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def _is_kernel(process: psutil.Process) -> bool:
    """Whether a process is a kernel: started as one, or forked from the parent of warm kernels."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        words, above = " ".join(process.cmdline()), process.parent()
        forked = "zygote.py" in words and above is not None and "zygote.py" in " ".join(above.cmdline())
    except psutil.NoSuchProcess:
        return False
    return forked or "ipykernel_launcher" in words


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def region_folder(place: Path) -> Path:
    """Folder with a region, its notebooks and no results."""
    region = place / "musterkreis"
    region.mkdir(parents=True)
    (region / "region.yml").write_text(REGION, encoding="utf-8")
    (region / "bestand.txt").write_text("abc123")
    books = place / "notebooks"
    books.mkdir()
    write(books / "cluster.ipynb", notebook(CLUSTER, FIGURE, FRAME, SLOW, title="Sozialraum-Typen"))
    write(books / "varianz.ipynb", notebook(VARIANZ, FIGURE, MISHAP, title="Unterschiede"))
    return region


def start(place: Path, *, audience: str = "oeffentlich", env: dict[str, str] | None = None,
          port: int | None = None, **grenzen: float) -> Service:  # fmt: skip
    """Start the service for the region in ``place``."""
    port = port or free_port()
    order = {"region": str(place / "musterkreis"), "notebooks": str(place / "notebooks"), "port": port,
             "audience": audience, "grenzen": {"geduld": 50, **grenzen}}  # fmt: skip
    install(place, preload=("ipywidgets", "IPython.display"))
    environment = {**os.environ, "SOZIALANALYSE_DATEN": str(place),
                   "JUPYTER_PATH": str(place / "share" / "jupyter"), "IPYTHONDIR": str(place / "ipython"),
                   **(env or {})}  # fmt: skip
    environment.pop("SOZIALANALYSE_REGION", None)
    service = launch(STARTER, place, order, environment)
    assert re.search(r"http://127\.0\.0\.1:\d+/", service.lines[0]), (place / "log").read_text()
    return service


def launch(starter: Path, place: Path, order: dict[str, Any], environment: dict[str, str]) -> Service:
    """Start a service as a process of its own; returns it when it has said where it is."""
    with (place / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(starter), json.dumps(order)],
            stdout=subprocess.PIPE, stderr=log, text=True, env=environment,
        )  # fmt: skip
    service = Service(place, order["port"], process)
    assert process.stdout is not None
    service.lines = [process.stdout.readline()]
    return service


def launch_real(place: Path, env: dict[str, str], **order: Any) -> Iterator[Service]:
    """The service with the real notebooks for the tiny region in ``place``, until it is no longer needed."""
    install(place)
    whole = {"region": str(place / "musterland"), "port": free_port(), **order}
    environment = {**os.environ, "SOZIALANALYSE_DATEN": str(place / "daten"),
                   "JUPYTER_PATH": str(place / "share" / "jupyter"), **env}  # fmt: skip
    service = launch(ECHT, place, whole, environment)
    assert service.lines[0].startswith("Die Seiten"), (place / "log").read_text()
    yield service
    stop(service)


def stop(service: Service) -> None:
    service.process.send_signal(signal.SIGINT)
    service.process.wait(20)
    if service.process.stdout:
        service.process.stdout.close()
    assert not list((service.folder / "ipython").rglob("history*")), "what visitors compute is not kept"


@pytest.fixture(scope="session")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The public service; its answers wait until a page is made."""
    place = tmp_path_factory.mktemp("serve")
    region_folder(place)
    service = start(place, zelle=3, bestand=0.2, speicher=1_500_000_000)
    yield service
    stop(service)
