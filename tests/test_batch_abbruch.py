"""The batch as a process of its own: interrupted or killed, and called again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import psutil
import pytest

from sozialanalyse import cli, kernels
from sozialanalyse.publish import kern
from sozialanalyse.seiten import seite

pytestmark = [
    pytest.mark.langsam,
    pytest.mark.skipif(sys.platform == "win32", reason="ends processes by signals"),
]
ZELLE = """\
import os, pathlib, time
if kommune.endswith("8"):
    pathlib.Path(os.environ["SOZIALANALYSE_DATEN"], "begonnen").touch()
    time.sleep(float(os.environ.get("SCHLAF", 0)))"""
LAEUFE = "runs:\n  - name: kommune\n    fuer: {kommune: alle}\n"


@pytest.fixture
def projekt(gebaut, tmp_path: Path) -> Iterator[Path]:
    """A project with one tiny notebook for the three Kommunen; in the second one it dawdles."""
    for name in ("notebooks", "parameters"):
        (tmp_path / name).mkdir()
    names = "\n".join(f"{name} = None" for name in seite("cluster").parameter.model_fields)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (names, ZELLE)])
    book.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(book, tmp_path / "notebooks" / "cluster.ipynb")
    (tmp_path / "parameters" / "cluster.yml").write_text(LAEUFE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
        patch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
        kernels.install(tmp_path, preload=[], watch=[])
        yield tmp_path


START = """
import sys
from sozialanalyse import cli, kernels
from sozialanalyse.publish import kern
kern.bereite = lambda: kernels.NAME  # the light kernel of this test
sys.exit(cli.main(sys.argv[1:]))"""


def starte(projekt: Path, schlaf: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", START, "run", "--jobs", "1", "--region", str(projekt / "musterland")]
    environment = {**os.environ, "SCHLAF": str(schlaf)}
    return subprocess.Popen(
        command, cwd=projekt, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip


def warte(bedingung: Callable[[], object], sekunden: float = 120) -> None:
    end = time.monotonic() + sekunden
    while not bedingung():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
def test_an_ended_batch_leaves_a_clean_state_and_the_next_call_resumes(
    projekt: Path, how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first call is a process of its own that is ended, the next one goes on in this one."""
    process = starte(projekt, 300)
    try:
        warte((projekt / "daten" / "begonnen").exists)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 2  # the warm parent and a kernel
        process.send_signal(getattr(signal, how))
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == (130 if how == "SIGINT" else -signal.SIGKILL)
    assert ("Abgebrochen. Fertige Berichte bleiben erhalten" in said) == (how == "SIGINT")
    assert "Berichte: 3 × noch nicht erzeugt" in said
    warte(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family), 20)
    results = projekt / "daten" / "ergebnisse" / "musterland" / "oeffentlich"
    made = sorted(path.name for path in (results / "cluster").glob("*"))
    assert not [name for name in made if name.endswith(".neu") or ".fehler." in name]
    assert len([name for name in made if name.endswith(".json")]) == len(made) / 3 < 3

    monkeypatch.chdir(projekt)
    monkeypatch.setattr(kern, "bereite", lambda: kernels.NAME)
    assert cli.main(["run", "--jobs", "1", "--region", str(projekt / "musterland")]) == 0
    out = capsys.readouterr().out
    assert f"{3 - len(made) // 3} Berichte erzeugt, {len(made) // 3} unverändert, 0 fehlgeschlagen" in out
    records = [json.loads(path.read_text("utf-8")) for path in (results / "cluster").glob("*.json")]
    assert {record["status"] for record in records} == {"fertig"}
    assert len(records) == 3
