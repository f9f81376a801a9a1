"""The night batch on the shipped region, as it is called: what it makes, what it leaves alone, what it remembers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bestaende import DEMO, datenordner, kopie

from sozialanalyse.store import load

pytestmark = pytest.mark.langsam
START = "import sys; from sozialanalyse import cli; sys.exit(cli.main(sys.argv[1:]))"
LAEUFE = {"atlas/soz03", "atlas/woh02", "datenstand/gesamt", "themenreport/armut"}
AUSWAHL = ("atlas", "datenstand", "themenreport", "--only", ",".join(sorted(LAEUFE)))


@pytest.fixture
def bestand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of the snapshot."""
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(tmp_path))
    kopie(datenordner(tmp_path_factory, DEMO), tmp_path)
    return load(DEMO, "oeffentlich").ordner.name


@pytest.fixture
def rufe(tmp_path: Path, bestand: str) -> Callable[..., str]:
    """Call the command line in a process of its own; it must succeed and print this."""
    environment = {
        **os.environ,
        "SOZIALANALYSE_REGION": str(DEMO),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }

    def call(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", START, *words], env=environment, cwd=DEMO.parents[1],
            capture_output=True, text=True, timeout=400,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    return call


def test_a_night_makes_what_is_missing_and_the_next_nothing(
    rufe: Callable[..., str], bestand: str, tmp_path: Path
) -> None:
    said = rufe("run", *AUSWAHL, "--jobs", "2")
    assert "4 Berichte erzeugt, 0 unverändert, 0 fehlgeschlagen" in said
    folder = tmp_path / "ergebnisse" / DEMO.name / "oeffentlich"
    made = {path: path.stat().st_mtime_ns for path in folder.rglob("*.html") if path.parent != folder}
    assert {f"{path.parent.name}/{path.stem}" for path in made} >= LAEUFE

    start = (folder / "index.html").read_text(encoding="utf-8")
    for run in LAEUFE:
        assert f'href="{run}.html"' in start
    assert "Noch nicht erzeugt." in start, "what the other nights make is named, not linked"
    assert (folder / "themenreport" / "armut.pdf").read_bytes().startswith(b"%PDF")
    assert {path.suffix for path in (folder / "atlas").glob("soz03.*")} == {
        ".html",
        ".ipynb",
        ".json",
        ".csv",
        ".xlsx",
    }

    again = rufe("run", *AUSWAHL)
    assert "0 Berichte erzeugt, 4 unverändert, 0 fehlgeschlagen" in again
    assert {path: path.stat().st_mtime_ns for path in made} == made

    told = rufe("runs")
    lines = [line for line in told.splitlines() if any(run in line for run in LAEUFE)]
    assert len(lines) == 4
    assert all(bestand in line for line in lines), "each run names the snapshot it came from"
