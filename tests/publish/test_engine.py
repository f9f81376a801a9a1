"""papermill's own command line and interface with our engine: typed parameters, honest status, whole files."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient.exceptions import DeadKernelError
from papermill.engines import papermill_engines
from papermill.iorw import load_notebook_node, papermill_io

from sozialanalyse.base.errors import ParameterFehler
from sozialanalyse.publish import ablage, engine
from sozialanalyse.seiten import seite

PARAMETER = """\
ags = "05315000"
jahr: int = 2023
anteil = 0.5
themen = []
nur_neue = False
irgendwas = None"""
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papermill_engines, "_engines", {"sozialanalyse": engine.SozialanalyseEngine})
    monkeypatch.setattr(papermill_io, "_handlers", list(papermill_io._handlers))


@pytest.fixture
def quelle(tmp_path: Path) -> Callable[..., str]:
    def write(*cells: str, parameter: str = PARAMETER) -> str:
        book = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in (parameter, *cells)]
        )
        book.cells[0].metadata["tags"] = ["parameters"]
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(book, tmp_path / "quelle.ipynb")
        return str(tmp_path / "quelle.ipynb")

    return write


def gesetzt(path: str, name: str = "quelle", **werte: object) -> dict[str, Any]:
    nb = load_notebook_node(path)
    nb.metadata.papermill["parameters"] = werte
    engine.setze_parameter(nb, f"{name}.ipynb")
    scope: dict[str, Any] = {}
    for cell in nb.cells[:2]:
        exec(cell.source, scope)
    return {key: scope[key] for key in nb.metadata.papermill["parameters"]}


def test_engine_is_announced() -> None:
    found = {entry.name: entry.value for entry in entry_points(group="papermill.engine")}
    assert found["sozialanalyse"] == "sozialanalyse.publish.engine:SozialanalyseEngine", (
        "install the package anew"
    )


def test_all_parameters_are_written_defaults_too(quelle: Callable[..., str]) -> None:
    assert gesetzt(quelle(), ags="01002000", anteil=1) == {
        "ags": "01002000", "jahr": 2023, "anteil": 1.0, "themen": [], "nur_neue": False, "irgendwas": None,
    }  # fmt: skip
    assert gesetzt(quelle(), ags="Ä\"'\\\n")["ags"] == "Ä\"'\\\n"


@pytest.mark.parametrize(
    ("werte", "satz"),
    [
        ({"agz": "01002000"}, "agz: Diese Angabe ist unbekannt. Gemeint ist vielleicht: „ags“."),
        ({"ags": 1002000}, "ags: Erwartet wird Text, gefunden wurde die Zahl „1002000“."),
        ({"jahr": "2023"}, "jahr: Erwartet wird eine ganze Zahl, gefunden wurde der Text „2023“."),
        ({"jahr": 2023.5}, "jahr: Erwartet wird eine ganze Zahl"),
        ({"nur_neue": 1}, "nur_neue: Erwartet wird true oder false"),
        ({"x=1;import os;os.abort()#": 1}, "Diese Angabe ist unbekannt."),
    ],
)
def test_what_does_not_fit_is_refused(quelle: Callable[..., str], werte: dict[str, Any], satz: str) -> None:
    with pytest.raises(ParameterFehler, match=re.escape(satz)):
        gesetzt(quelle(), **werte)


def test_our_notebooks_use_their_model() -> None:
    path = str(ROOT / "notebooks" / "cluster.ipynb")
    assert set(gesetzt(path, "cluster")) == set(seite("cluster").parameter.model_fields)
    with pytest.raises(ParameterFehler, match="2 bis 8 Typen"):
        gesetzt(path, "cluster", typen=99)
    with pytest.raises(ParameterFehler, match="„kmeans“, „ward“"):
        gesetzt(path, "cluster", verfahren="raten")


def test_refused_before_a_kernel_starts_and_before_anything_is_written(
    quelle: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "EhrlicherClient", lambda *_, **__: pytest.fail("a kernel was asked for"))
    out = tmp_path / "aus.ipynb"
    with pytest.raises(ParameterFehler):
        papermill.execute_notebook(
            quelle(), str(out), parameters={"jahr": "x"}, engine_name="sozialanalyse", progress_bar=False
        )
    assert not out.exists()


def test_dead_kernel_is_told_by_the_notebook(quelle: Callable[..., str], tmp_path: Path) -> None:
    out = tmp_path / "aus.ipynb"
    with pytest.raises(DeadKernelError):
        papermill.execute_notebook(
            quelle("1", "import os; os._exit(1)", "2"),
            str(out),
            engine_name="sozialanalyse",
            progress_bar=False,
        )
    saved = nbformat.read(out, as_version=4)
    assert [cell.metadata.papermill.status for cell in saved.cells] == [
        "completed", "completed", "completed", "failed", "pending",
    ]  # fmt: skip
    assert saved.metadata.papermill.exception is True
    assert saved.cells[3].metadata.papermill.exception is True
    assert "Der Rechenprozess ist abgebrochen" in saved.cells[3].outputs[-1].evalue


def test_output_of_papermill_is_replaced_as_a_whole(
    quelle: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "aus.ipynb"
    out.write_text("old")
    seen = []

    def replace(self: Path, target: Path) -> None:
        seen.append((target, target.read_text(encoding="utf-8")[:3], self.read_text(encoding="utf-8")[-2:]))
        raise OSError("no more room")

    with monkeypatch.context() as patch:
        patch.setattr(ablage.Path, "replace", replace)
        with pytest.raises(OSError, match="no more room"):
            engine.GanzeDateien().write("{}\n}", str(out))
    assert seen == [(out, "old", "\n}")]
    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["aus.ipynb"]
    with pytest.raises(FileNotFoundError):
        engine.GanzeDateien().write("{}", str(tmp_path / "fehlt" / "aus.ipynb"))


@pytest.mark.langsam
def test_command_line_keeps_text_and_refuses_in_german(quelle: Callable[..., str], tmp_path: Path) -> None:
    """What stock papermill turns into 1002000 stays text; a wrong name ends with a sentence and code 1."""
    path, out = quelle("print(repr(ags), repr(themen), repr(nur_neue), repr(anteil))"), tmp_path / "aus.ipynb"
    command = [
        sys.executable,
        "-m",
        "papermill",
        "--engine",
        "sozialanalyse",
        "--no-progress-bar",
        path,
        str(out),
    ]
    given = [
        "-p",
        "ags",
        "01002000",
        "-p",
        "themen",
        "05,arbeit",
        "-p",
        "nur_neue",
        "True",
        "-r",
        "anteil",
        "1e-1",
    ]
    done = subprocess.run([*command, *given], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    saved = nbformat.read(out, as_version=4)
    assert saved.cells[2].outputs[0].text == "'01002000' ['05', 'arbeit'] True 0.1\n"
    assert saved.metadata.papermill.parameters.ags == "01002000"

    before = out.read_bytes()
    done = subprocess.run(
        [*command, "-p", "agz", "1", "-p", "jahr", "bald"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    assert "agz: Diese Angabe ist unbekannt." in done.stderr
    assert "jahr: Erwartet wird eine ganze Zahl, gefunden wurde der Text „bald“." in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_bytes() == before
