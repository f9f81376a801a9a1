"""Funding and projects in three regions: in batch, on paper, on demand, in JupyterLab and under Voilà.

Two regions are open data; their register of projects is made up here, so is the one of every region that has none.
"""

from __future__ import annotations

import html
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pikepdf
import pytest
import yaml
from bestaende import DEMO, REGIONEN
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_core.paths import jupyter_runtime_dir
from papier import maengel
from test_lab import FENSTER, SCHLUESSEL, Lab

from sozialanalyse import build, store
from sozialanalyse.seiten import erklaerte

PROJEKT = Path(__file__).parents[1]
SEITEN = ("foerderkulisse", "vorhaben")
UMFELD = {"berlin": "S1", "zuid-limburg": "NIED"}
KOPF = ("Nr.", "Art", "Titel", "Einfach", "Bereich", "Bedarf", "Gebiete", "Beginn", "Ende", "Euro", "Topf", "Wer", "Name", "Status", "Idee")  # fmt: skip

pytestmark = [
    pytest.mark.langsam,
    pytest.mark.realdaten,
    pytest.mark.skipif(sys.platform == "win32", reason="ends services by signals"),
]


def lege_register(region: Path, daten: store.Daten, umfeld: str) -> None:
    """A made-up register: measures, agreements and small projects somewhere in the region."""
    rule = yaml.safe_load((region / "foerderung.yml").read_text("utf-8"))
    needs, areas = list(rule["bedarfe"]), sorted(map(str, daten.kommune().index))
    towns = sorted(map(str, daten.kommune().unique()))
    drawn = random.Random(7)
    rows = []
    for number in range(24):
        kind = ("Maßnahme", "Kleinprojekt", "Vereinbarung")[number % 3]
        where = " | ".join(drawn.sample(areas, 2)) if number % 4 else drawn.choice(towns)
        small = kind == "Kleinprojekt"
        rows.append((
            f"V{number}", kind, f"Vorhaben {number}", f"Das ist Nummer {number}", "wohnen" if number % 2 else "arbeit",
            drawn.choice(needs), where, "01.01.2018", "" if kind == "Maßnahme" else "31.12.2030",
            str(500 + 100 * number), "klein" if small else "", "" if kind == "Maßnahme" else "verein",
            "" if kind == "Maßnahme" else f"Träger {number} e. V.", "offen" if small and number % 2 else "läuft", "3" if small else "",
        ))  # fmt: skip
    fields = ("kennung", "art", "titel", "titel_einfach", "lebensbereich", "bedarfe", "gebiete", "beginn", "ende", "betrag", "topf",
              "traeger", "antragsteller", "status")  # fmt: skip
    page = {
        "titel": "Vorhaben (erfunden)",
        "lieferungen": {"liste": {
            "dateien": "vorhaben/*.csv",
            "tabelle": {"format": "csv", "kopf": {"erkennbar_an": "Nr."}},
            "stand": {"aus": "dateiname"},
            "spalten": dict(zip(fields, KOPF, strict=False)),
            "worte": {"status": {"offen": "beantragt"}},
            "punkte": {"idee": "Idee"},
        }},
        "lebensbereiche": {"wohnen": {"name": "Wohnen", "umfeld": [umfeld]}, "arbeit": {"name": "Arbeit"}},
        "gremium": {"name": "Beirat", "sitzungen": ["2020-09-01", "2031-09-01"]},
        "toepfe": {"klein": {"name": "Kleine Mittel", "zeitraeume": [{"von": "2018-01-01", "bis": "2030-12-31", "betrag": 4000}]}},
        "kriterien": {"ort": {"name": "Ort", "gewicht": 60, "aus": "bedarf"}, "idee": {"name": "Idee", "gewicht": 40}},
    }  # fmt: skip
    (region / "vorhaben.yml").write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding="utf-8")
    folder = region / "lieferungen" / "vorhaben"
    folder.mkdir(parents=True)
    lines = [";".join(row) for row in (KOPF, *rows)]
    (folder / "Register_2020-06-30.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def orte(*kreise: str) -> Any:
    """Regions in which a way is gone; each way in two at least, each region by two ways at least."""
    return pytest.mark.parametrize("ort", [DEMO.name, *kreise], indirect=True, scope="module")


@dataclass(frozen=True)
class Ort:
    """A region with funding and projects, its data, and the environment that leads there."""

    region: Path
    daten: Path
    umgebung: dict[str, str]


@pytest.fixture(scope="module")
def ort(request: Any, realdaten: Path, tmp_path_factory: pytest.TempPathFactory) -> Ort:
    """The region, copied; where it is open data the deliveries are linked and a register is laid beside them."""
    name = request.param
    root = tmp_path_factory.mktemp(name)
    region = root / name
    shutil.copytree(DEMO if name == DEMO.name else REGIONEN / name, region)
    shutil.copytree(PROJEKT / "sozialanalyse" / "serve" / "vorlage" / "voila", root / "share" / "voila")
    environment = {
        **os.environ,
        "SOZIALANALYSE_REGION": str(region),
        "SOZIALANALYSE_DATEN": str(root / "daten"),
        "JUPYTER_PATH": str(root / "share"),
        "JUPYTER_CONFIG_DIR": str(root / "keine"),
        "IPYTHONDIR": str(root / "ipython"),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(root / "daten"))
        if name in UMFELD:
            page = region / "region.yml"
            content = page.read_text("utf-8").replace(f"${{SOZIALANALYSE_REALDATEN}}/{name}", "lieferungen")
            page.write_text(content, "utf-8")
            (region / "lieferungen").mkdir()
            for path in (realdaten / name).iterdir():
                (region / "lieferungen" / path.name).symlink_to(path)
            build.build(region)
            lege_register(region, store.load(region), UMFELD[name])
        faults = [one for one in build.build(region).befunde if one.schwere == "fehler"]
    assert faults == []
    return Ort(region, root / "daten", environment)


def gut(said: str, page: str) -> None:
    """The page says what it is there for, and no fault."""
    said = html.unescape(said)
    assert "Traceback" not in said
    assert "Dieser Teil ließ sich" not in said
    words = {"foerderkulisse": ("Wer bekommt wie viel?", "Einfacher Sprache", "Euro im Jahr"),
             "vorhaben": ("Was ist fällig?", "Einfacher Sprache", "Wo fehlt etwas?")}  # fmt: skip
    for word in words[page]:
        assert word in said, f"{word}: {re.sub('<[^>]+>|[{][^}]*[}]', ' ', said)[-3000:]}"


@contextmanager
def dienst(ort: Ort, *befehl: str, adresse: str = "") -> Iterator[str]:
    """A service of this region as a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    words = [word.format(port=port) for word in befehl]
    with (ort.daten.parent / f"{Path(words[-1]).name}-{port}.log").open("w") as log:
        process = subprocess.Popen(words, cwd=PROJEKT, env=ort.umgebung, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 180
        while time.monotonic() < end and process.poll() is None:
            with suppress(URLError, ConnectionError, TimeoutError):
                lies(f"http://127.0.0.1:{port}/{adresse}")
                break
            time.sleep(0.3)
        assert process.poll() is None, Path(log.name).read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def lies(adresse: str) -> str:
    with urllib.request.urlopen(adresse, timeout=300) as answer:
        return str(answer.read().decode())


def fertig(adresse: str) -> str:
    """A page of the service when it is made; until then it says how far it is."""
    end = time.monotonic() + 300
    while "Die Seite wird berechnet" in (said := lies(adresse)) and time.monotonic() < end:
        time.sleep(1)
    return said


@orte("berlin", "zuid-limburg")
def test_in_batch_and_on_paper(ort: Ort) -> None:
    command = [sys.executable, "-m", "sozialanalyse.cli", "run", *SEITEN, "--only", "gesamt", "--region", str(ort.region)]  # fmt: skip
    done = subprocess.run(command, env=ort.umgebung, capture_output=True, text=True, cwd=PROJEKT)
    assert done.returncode == 0, done.stdout + done.stderr
    for page in SEITEN:
        (made,) = (ort.daten / "ergebnisse").rglob(f"oeffentlich/{page}/gesamt.html")
        gut(made.read_text(encoding="utf-8"), page)
        with pikepdf.open(made.with_suffix(".pdf")) as paper:
            assert maengel(paper) == []
            assert len(paper.pages) >= 2
        assert made.with_suffix(".docx").read_bytes().startswith(b"PK")


@orte("zuid-limburg")
def test_on_demand(ort: Ort) -> None:
    with dienst(ort, sys.executable, "-m", "sozialanalyse.cli", "serve", "--port", "{port}") as address:
        for page in SEITEN:
            gut(fertig(f"{address}/live/{page}"), page)
        whole = yaml.safe_load((ort.region / "foerderung.yml").read_text("utf-8"))["mittel"]["betrag"]
        tried = fertig(f"{address}/live/foerderkulisse?betrag={whole * 9 // 10}")
        euro = f"{whole * 9 // 10:,}".replace(",", ".")
        assert f"Probe, nicht beschlossen: Verteilt werden {euro} Euro." in tried


@orte("zuid-limburg")
def test_under_voila(ort: Ort) -> None:
    with dienst(
        ort, str(Path(sys.executable).parent / "voila"), "notebooks/", "--no-browser", "--port={port}"
    ) as address:
        for page in SEITEN:
            gut(lies(f"{address}/voila/render/{page}.ipynb"), page)


@orte("berlin")
def test_in_jupyterlab(ort: Ort) -> None:
    """Every cell, in the kernel that JupyterLab starts."""
    command = [sys.executable, "-m", "sozialanalyse.cli", "lab", "--no-browser", "--ip=127.0.0.1", "--port", "{port}",
               f"--IdentityProvider.token={SCHLUESSEL}", "--ServerApp.port_retries=0"]  # fmt: skip
    root = ["--allow-root"] if os.geteuid() == 0 else []
    with dienst(ort, *command, *root, adresse=f"api/status?token={SCHLUESSEL}") as address:
        lab = Lab(int(urllib.parse.urlsplit(address).port or 0), None)  # type: ignore[arg-type]
        for page in SEITEN:
            assert page in erklaerte()
            kernel = lab.ask("api/kernels", {"name": "python3"})
            client = BlockingKernelClient()
            client.load_connection_file(str(Path(jupyter_runtime_dir()) / f"kernel-{kernel['id']}.json"))
            client.start_channels()
            shown: list[dict[str, Any]] = []
            try:
                client.wait_for_ready(timeout=120)
                headings = []
                for cell in lab.ask(f"api/contents/{page}.ipynb")["content"]["cells"]:
                    if cell["cell_type"] != "code":
                        headings.append(cell["source"])
                        continue
                    reply = client.execute_interactive(cell["source"], output_hook=shown.append, timeout=300)
                    assert reply["content"]["status"] == "ok", reply["content"].get("evalue")
            finally:
                client.stop_channels()
                lab.ask(f"api/kernels/{kernel['id']}", method="DELETE")
            said = [str(m["content"]["data"].get("text/html", "")) for m in shown if m["msg_type"] in FENSTER]
            gut(" ".join([*headings, *said]), page)
            assert any(
                "widget-view" in str(m["content"]["data"].keys()) for m in shown if m["msg_type"] in FENSTER
            )
            assert not re.search("missing|NameError", " ".join(said))
