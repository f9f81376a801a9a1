"""Stock tools, run as their users run them: voila, papermill, jupyter execute, nbconvert; one region, built once."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError

import nbformat
import pytest
from nbconvert import HTMLExporter

from sozialanalyse.seiten import erklaerte

PROJEKT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
VORLAGE = PROJEKT / "sozialanalyse" / "serve" / "vorlage"

pytestmark = [pytest.mark.langsam]


@pytest.fixture(scope="module")
def umgebung(_vorlage: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment with a built region; the template is found where an installation would put it."""
    place = tmp_path_factory.mktemp("werkzeuge")
    shutil.copytree(_vorlage, place, dirs_exist_ok=True)
    share = place / "share"
    shutil.copytree(VORLAGE / "voila", share / "voila")
    return {
        **os.environ,
        "SOZIALANALYSE_REGION": str(place / "musterland"),
        "SOZIALANALYSE_DATEN": str(place / "daten"),
        "JUPYTER_PATH": str(share),
        "JUPYTER_CONFIG_DIR": str(place / "keine"),
        "IPYTHONDIR": str(place / "ipython"),
    }


def lies(adresse: str) -> str:
    with urllib.request.urlopen(adresse, timeout=120) as answer:
        return str(answer.read().decode())


@pytest.fixture(scope="module")
def voila(umgebung: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of ``voila notebooks/``, started in the project folder."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [BIN / "voila", "notebooks/", "--no-browser", f"--port={port}"]
    with (tmp_path_factory.mktemp("voila") / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=PROJEKT, env=umgebung, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end and process.poll() is None:
            with suppress(URLError, ConnectionError):
                lies(f"http://127.0.0.1:{port}/")
                break
            time.sleep(0.2)
        assert process.poll() is None
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def test_voila_lists_the_pages_in_german(voila: str) -> None:
    page = lies(f"{voila}/")
    assert '<html lang="de">' in page
    assert "<title>Alle Seiten</title>" in page
    assert 'href="/voila/render/varianz.ipynb">Varianz</a>' in page
    assert "http" not in page.replace("https://www.w3.org", "")


def test_voila_refuses_an_address_in_german(voila: str) -> None:
    page = lies(f"{voila}/voila/render/datenstand.ipynb?stichtag=2020-12-31")
    assert "Zum Stichtag „2020-12-31“ gibt es keine Daten." in page
    assert "Dieser Teil ließ sich" not in page, "the refusal is told once"
    assert "Was liegt vor" not in page


def test_controls_of_a_page_of_voila_are_alive(voila: str, browser: Any) -> None:
    """Styled and titled, the address honoured, a control renews what stands below, nobody else is asked."""
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.set_default_timeout(120_000)
    asked, complaints = set(), []
    page.on("request", lambda request: asked.add(request.url.split("/")[2]))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{voila}/voila/render/varianz.ipynb?stichtag=2021-12-31", wait_until="commit")
    page.wait_for_selector("#sn-stand[data-bereit]", state="attached")
    assert "31.12.2021" in page.inner_text(".sa-kopf")
    assert page.title() == f"{page.inner_text('h1')} – Kreis Musterland"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.sa-kurz')).backgroundColor")
        != "rgba(0, 0, 0, 0)"
    )
    assert page.locator(".sn-vorab").count() == 0
    feld = {
        label: page.get_by_label(label, exact=True)
        for label in ("Stichtag", "Thema", "Gewichtung", "Kommune")
    }
    assert feld["Stichtag"].input_value() == "31.12.2021"
    feld["Kommune"].select_option("Ahausen")
    page.wait_for_function("location.search.includes('kommune=05999004')")
    assert "Ahausen" in page.inner_text("h1")
    feld["Stichtag"].select_option("31.12.2023")
    page.wait_for_function("location.search.includes('2023-12-31')")
    assert "31.12.2023" in page.inner_text(".sa-kopf")
    assert asked == {voila.removeprefix("http://")}
    assert complaints == []
    context.close()


def ausfuehren(
    umgebung: dict[str, str], *befehl: str | Path, ordner: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / befehl[0]), *map(str, befehl[1:])],
        cwd=ordner,
        env=umgebung,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_papermill_takes_the_number_a_shell_makes_of_a_key(umgebung: dict[str, str], tmp_path: Path) -> None:
    """``-p`` turns 05999008 into 5999008, which means one Kommune only; the finished notebook holds no control."""
    source = PROJEKT / "notebooks" / "kommunalprofil.ipynb"
    done = ausfuehren(
        umgebung,
        "papermill",
        source,
        "aus.ipynb",
        "-p",
        "kommune",
        "05999008",
        "--no-progress-bar",
        ordner=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(tmp_path / "aus.ipynb", as_version=4).cells
    assert "kommune = 5999008" in cells[1].source
    shown = [output.data for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    assert "Würselheim" in shown[0]["text/html"]
    assert not any("application/vnd.jupyter.widget-view+json" in data for data in shown)


def test_execute_and_nbconvert_show_the_page_without_controls(
    umgebung: dict[str, str], tmp_path: Path, browser: Any
) -> None:
    shutil.copy(PROJEKT / "notebooks" / "varianz.ipynb", tmp_path)
    done = ausfuehren(umgebung, "jupyter", "execute", "--output=aus.ipynb", "varianz.ipynb", ordner=tmp_path)
    assert done.returncode == 0, done.stderr
    html, _ = HTMLExporter().from_filename(str(tmp_path / "aus.ipynb"))
    assert "widget-view" not in html
    assert "<title>Unterschiede</title>" in html
    page = browser.new_page()
    page.set_content(re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL))
    high = "[...document.querySelectorAll('.sa-gewaehlt dt')].map(e => e.getBoundingClientRect().height)"
    heights = page.evaluate(high)
    page.close()
    assert len(heights) == 3
    assert max(heights) < 40, "a label stands in one line"


def test_template_belongs_to_the_wheel(tmp_path: Path) -> None:
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="hatchling ist nicht installiert")
    for kind in ("standard", "editable"):
        made = next(wheel.WheelBuilder(str(PROJEKT)).build(directory=str(tmp_path), versions=[kind]))
        names = {name.partition(".data/data/")[2] for name in zipfile.ZipFile(made).namelist()}
        own = VORLAGE / "voila" / "templates" / "sozialanalyse"
        wanted = {
            f"share/jupyter/voila/templates/sozialanalyse/{path.relative_to(own)}"
            for path in own.rglob("*.*")
        }
        assert len(wanted) > 5
        assert wanted <= names


@pytest.mark.parametrize("path", sorted((PROJEKT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_names_template_and_title(path: Path) -> None:
    about = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    assert about["voila"] == {"template": "sozialanalyse"}
    assert about["title"] == erklaerte()[path.stem].name()
