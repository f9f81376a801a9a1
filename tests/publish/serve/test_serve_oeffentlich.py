"""The public service from end to end: whatever its notebooks try, they reach the public store and nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import VARIANZ, Service, free_port, notebook, stop, write

from sozialanalyse import build, store
from sozialanalyse.region.region import lade_region

pytestmark = pytest.mark.langsam
NIEMAND = 65534
"""A user and group that own nothing."""

STARTER = """\
import sys
from pathlib import Path
from sozialanalyse import serve
from sozialanalyse.base import settings
settings.projektordner = lambda: Path(sys.argv[1])
serve.serve(sys.argv[2], port=int(sys.argv[3]), ip="127.0.0.1", audience="oeffentlich", browser=False)
"""

VERSUCH = """\
import json, os, pathlib, sozialanalyse
from html import escape
from IPython.display import HTML, display
gelungen, innen = {}, pathlib.Path("INNEN")
def versuche(name, tat):
    try:
        tat()
        gelungen[name] = "gelungen"
    except Exception as error:
        gelungen[name] = type(error).__name__
for audience in ("oeffentlich", "intern", "kommune:05999008"):
    versuche(audience, lambda: sozialanalyse.load(audience=audience).werte(level=None))
frei = pathlib.Path(os.environ["SOZIALANALYSE_DATEN"])
gelungen["gefunden"] = sorted(p.name for p in frei.rglob("*") if {"intern", "lieferungen"} & set(p.parts))
gelungen["genannt"] = sorted(name for name, value in os.environ.items() if "INNEN" in value and "freigabe" not in value)
for name in ("intern/merkmale.parquet", "intern/werte/arbeit.parquet", "kommune-05999008/werte/arbeit.parquet"):
    path = innen / "bestand" / "musterland" / "BESTAND" / name
    versuche(name, lambda: path.read_bytes())
display(HTML(f'<p class="sa" id="versuch">{escape(json.dumps(gelungen))}</p>'))
"""


@pytest.fixture
def innen(kleinregion_typ: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Data folder with a built region; others may enter, but not the folders of other audiences."""
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(root / "daten"))
    region = kleinregion_typ(root / "musterland")
    region.region_yml += 'kommunen_bestaende: ["05999008"]\n'
    region.schreibe()
    build.build(region.ordner)
    (root / "notebooks").mkdir()
    stock = store.aktueller(region.bestand)
    text = VERSUCH.replace("INNEN", str(root / "daten")).replace("BESTAND", str(stock))
    write(root / "notebooks" / "varianz.ipynb", notebook(VARIANZ, text, title="Unterschiede"))
    yield root
    shutil.rmtree(root)


def serve(root: Path, region: Path, daten: Path) -> Service:
    home = root / "home"
    home.mkdir()
    port = free_port()
    known = {name: value for name, value in os.environ.items() if not name.startswith("SOZIALANALYSE_")}
    environment = {
        **known,
        "SOZIALANALYSE_DATEN": str(daten),
        "HOME": str(home),
        "JUPYTER_RUNTIME_DIR": str(home),
    }
    with (root / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", STARTER, str(root), str(region), str(port)],
            stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=home,
        )  # fmt: skip
    service = Service(root, port, process)
    assert process.stdout is not None
    service.lines = [process.stdout.readline()]
    assert "http://127.0.0.1" in service.lines[0], (root / "log").read_text()
    return service


def seen(service: Service) -> dict[str, Any]:
    """What the notebook of the live page found out."""
    page = service.get("/live/varianz").text
    found = re.search(r'id="versuch">(.*?)</p>', page, re.DOTALL)
    assert found, page[-3000:] + (service.folder / "log").read_text()[-3000:]
    result: dict[str, Any] = json.loads(unescape(found[1]))
    return result


def test_a_notebook_finds_neither_store_nor_deliveries(innen: Path) -> None:
    service = serve(innen, innen / "musterland", innen / "daten")
    try:
        found = seen(service)
    finally:
        stop(service)
    assert found["oeffentlich"] == "gelungen"
    assert (found["intern"], found["kommune:05999008"]) == ("BestandFehler", "BestandFehler")
    assert found["gefunden"] == []
    assert found["genannt"] == []


@pytest.mark.skipif(
    os.geteuid() != 0, reason="nur die Systemverwaltung kann zu einem anderen Benutzer werden"
)
def test_a_user_of_its_own_cannot_open_what_it_knows_the_address_of(innen: Path) -> None:
    """The same attempts in a process that became another user after loading the program."""
    frei = innen / "frei"
    region = store.freigabe(lade_region(innen / "musterland"), frei)
    book = nbformat.read(innen / "notebooks" / "varianz.ipynb", as_version=4)
    tries = book.cells[-1].source + "\nprint(json.dumps(gelungen))\n"
    code = f"{tries}os.setgid({NIEMAND}); os.setuid({NIEMAND})\n{tries}"
    environment = {**os.environ, "SOZIALANALYSE_DATEN": str(frei), "SOZIALANALYSE_REGION": str(region.ordner)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=innen, capture_output=True, text=True, check=True
    )
    before, found = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    assert found["oeffentlich"] == "gelungen"
    assert found["gefunden"] == found["genannt"] == []
    files = [name for name in found if name.endswith(".parquet")]
    assert len(files) == 3
    assert {before[name] for name in files} == {"gelungen"}, (
        "a process of the same user can open what it knows"
    )
    assert {found[name] for name in files} == {"PermissionError"}
    assert {found["intern"], found["kommune:05999008"]} == {"BestandFehler"}
