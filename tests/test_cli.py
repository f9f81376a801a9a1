"""Command line: German throughout, exit code 0 only when everything asked for is done."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from sozialanalyse import cli, publish
from sozialanalyse.base import settings
from sozialanalyse.base.errors import Befund, PruefFehler, SozialanalyseFehler
from sozialanalyse.cli import ausgabe, befehle

ENGLISH = re.compile(
    r"\b(usage|options?|arguments?|positional|show|this|help message|exit|required|invalid|choose|expected|"
    r"unrecognized|error|ambiguous|default|version number)\b"
)
BEFEHLE = (
    "init",
    "vorschlag",
    "holen",
    "vereinbarung",
    "kommonitor",
    "build",
    "check",
    "snapshots",
    "run",
    "runs",
    "serve",
    "export",
    "deploy",
    "redaktion",
    "lab",
    "schutz",
    "demo",
)


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SOZIALANALYSE_REGION", "SOZIALANALYSE_DATEN", "SOZIALANALYSE_BESTAND"):
        monkeypatch.delenv(name, raising=False)


def parsers() -> dict[str, argparse.ArgumentParser]:
    top = cli.parser()
    sub = next(a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    return {"": top, **sub.choices}


def german(text: str) -> str:
    """Text without option names, which are English words on purpose."""
    found = ENGLISH.search(re.sub(r"--[a-z-]+", "", text))
    assert found is None, found
    return text


def test_commands_of_the_contract() -> None:
    assert tuple(parsers()) == ("", *BEFEHLE)


@pytest.mark.parametrize(
    ("befehl", "options"),
    [
        ("init", {"--aus", "--kommonitor"}),
        ("vorschlag", {"--region", "--out"}),
        ("holen", {"--region", "--nachts"}),
        ("vereinbarung", {"--region", "--out"}),
        ("kommonitor", {"--region", "--nachts"}),
        ("build", {"--region"}),
        ("check", {"--region", "--protokoll"}),
        ("snapshots", {"--region", "--json", "--aktuell"}),
        ("run", {"--region", "--jobs", "--force", "--only", "--limit", "--cluster", "--out"}),
        ("runs", {"--region", "--only", "--limit", "--failed", "--changes", "--table", "--out"}),
        ("serve", {"--region", "--port", "--audience"}),
        ("lab", {"--region"}),
    ],
)
def test_options_of_the_contract(befehl: str, options: set[str]) -> None:
    known = {name for action in parsers()[befehl]._actions for name in action.option_strings}
    assert options <= known


@pytest.mark.parametrize("befehl", [[], *([name] for name in BEFEHLE)])
def test_help_is_german(befehl: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*befehl, "--help"])
    assert ended.value.code == 0
    said = german(capsys.readouterr().out)
    assert said.startswith("Aufruf: sozialanalyse")
    assert "Optionen:" in said


def test_every_argument_is_explained() -> None:
    for name, sub in parsers().items():
        for action in sub._actions:
            assert action.help or isinstance(action, argparse._SubParsersAction), (name, action)


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        ([], "es fehlt: BEFEHL"),
        (["baue"], "'baue' gibt es nicht; möglich: 'init', 'vorschlag'"),
        (["build", "--regio"], "--region: es fehlt ein Wert"),
        (["build", "--ort", "x"], "unbekannte Angabe: --ort x"),
        (["init"], "es fehlt: ORDNER"),
        (["run", "--jobs", "viele"], "--jobs: erwartet wird eine ganze Zahl ab 1, nicht 'viele'"),
        (["run", "--jobs", "0"], "--jobs: erwartet wird eine ganze Zahl ab 1, nicht '0'"),
        (["run", "--limit", "-1"], "--limit: erwartet wird eine ganze Zahl ab 1, nicht '-1'"),
        (["serve", "--port", "x"], "--port: 'x' ist hier nicht möglich"),
        (
            ["serve", "--audience", "alle"],
            "--audience: 'alle' gibt es nicht; möglich: oeffentlich, intern, kommune:KENNUNG",
        ),
        (["run", "--force=ja"], "--force: 'ja' ist hier überzählig"),
        (["serve", "--p", "1", "--i"], "--ip: es fehlt ein Wert"),
        (["run", "--o", "x"], "--o ist nicht eindeutig: --only, --out"),
    ],
)
def test_wrong_calls_are_answered_in_german(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(argv)
    assert ended.value.code == 2
    said = german(capsys.readouterr().err)
    assert sentence in said


def test_argparse_speaks_its_own_language_again() -> None:
    before = argparse._
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert argparse._ is before


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"sozialanalyse {settings.VERSION}\n"


def test_help_loads_no_data_library() -> None:
    """The command line answers at once; the scientific stack is imported by the job that needs it."""
    code = "import sys, sozialanalyse.cli as c; c.parser(); print('pandas' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_what_plans_reports_loads_no_solver_and_no_kernel() -> None:
    """A batch with nothing to do answers soon; solvers, spreadsheets and kernels are loaded by their users."""
    heavy = ["scipy", "highspy", "openpyxl", "joblib", "jupyter_client", "zmq", "papermill", "matplotlib"]
    code = (
        f"import sys, sozialanalyse.publish.batch; print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_narrow_character_sets_stop_nothing(tmp_path: Path) -> None:
    """Redirected output on Windows has no arrow; findings are shown nevertheless."""
    assert cli.main(["init", str(tmp_path / "neu")]) == 0
    command = [sys.executable, "-m", "sozialanalyse.cli", "check", "--region", str(tmp_path / "neu")]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 1
    said = done.stderr.decode("cp1252")
    assert "quelle ? anbieter: Bitte ausfüllen" in said
    assert "Traceback" not in said


# --- exit codes ---------------------------------------------------------------------------------


def job(monkeypatch: pytest.MonkeyPatch, what: Callable[[], int]) -> None:
    monkeypatch.setattr(befehle, "check", lambda arguments: what())


def test_a_fault_is_one_sentence_and_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> int:
        raise SozialanalyseFehler("Das Blatt fehlt.")

    job(monkeypatch, fail)
    assert cli.main(["check"]) == 1
    assert capsys.readouterr().err == "Das Blatt fehlt.\n"


def test_findings_are_listed_faults_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> int:
        raise PruefFehler([Befund("hinweis", "C."), Befund("warnung", "B."), Befund("fehler", "A.", zeile=3)])

    job(monkeypatch, fail)
    assert cli.main(["check"]) == 1
    assert capsys.readouterr().err.splitlines() == ["Fehler: Zeile 3: A.", "Warnung: B.", "Hinweis: C."]


def test_interruption_has_its_own_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> int:
        raise KeyboardInterrupt

    job(monkeypatch, interrupt)
    assert cli.main(["check"]) == 130
    assert "Abgebrochen" in capsys.readouterr().err


def test_a_defect_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    job(monkeypatch, lambda: int("x"))
    with pytest.raises(ValueError, match="invalid literal"):
        cli.main(["check"])


@pytest.mark.parametrize("befehl", ["build", "check", "run", "serve", "lab"])
def test_unknown_region_folder(befehl: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kreis-oberau").mkdir()
    (tmp_path / "kreis-oberau" / "region.yml").write_text("id: x", encoding="utf-8")
    assert cli.main([befehl, "--region", str(tmp_path / "kreis-obrau")]) == 1
    said = capsys.readouterr().err
    assert "gibt es nicht" in said
    assert "„kreis-oberau“" in said


def test_folder_without_region_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--region", str(tmp_path)]) == 1
    assert "sozialanalyse init" in capsys.readouterr().err


def run_result(failed: int, tmp_path: Path) -> publish.BatchErgebnis:
    record = SimpleNamespace(schluessel="cluster/gesamt", satz="Zelle 9: Werte fehlen.")
    return publish.BatchErgebnis((record,), (record,) * failed, 3, tmp_path / "index.html", 1.0)


@pytest.mark.parametrize(("failed", "code"), [(0, 0), (1, 1)])
def test_run_fails_when_a_report_fails(
    failed: int,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = {}
    monkeypatch.setattr(
        publish, "run", lambda region, **how: asked.update(how) or run_result(failed, tmp_path)
    )
    assert cli.main(["run", "cluster", "--only", "gesamt", "--limit", "2", "--out", str(tmp_path)]) == code
    said = capsys.readouterr()
    assert f"1 Bericht erzeugt, 3 unverändert, {failed} fehlgeschlagen" in said.out
    assert ("Fehlgeschlagen: cluster/gesamt: Zelle 9: Werte fehlen." in said.err) == bool(failed)
    assert (asked["notebooks"], asked["only"], asked["limit"], asked["out"]) == (
        ["cluster"], "gesamt", 2, str(tmp_path),
    )  # fmt: skip


def test_demo_shows_the_region_marked_as_invented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = Path(__file__).parents[1] / "data" / "staedteregion-aachen" / "region.yml"
    page = shipped.read_text(encoding="utf-8")
    for name, text in {
        "a-wirklich": page.replace("synthetisch: true", "synthetisch: false"),
        "b-unfertig": "synthetisch: true",
        "c-erfunden": page,
    }.items():
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "region.yml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(settings, "projektordner", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    seen = []
    monkeypatch.setattr(befehle, "build", lambda arguments: seen.append(arguments.region) or 0)
    monkeypatch.setattr(befehle, "run", lambda arguments: seen.append(arguments.region) or 0)
    assert cli.main(["demo", "--jobs", "1"]) == 0
    assert [path.name for path in seen] == ["c-erfunden", "c-erfunden"]
    assert "serve --browser --region data/c-erfunden" in capsys.readouterr().out.replace("\\", "/")


def test_progress_in_a_log_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    bar = ausgabe.Fortschritt("Berichte")
    bar.set("cluster/gesamt", 1, 2)
    bar.close()
    assert capsys.readouterr().err == "Berichte 1/2: cluster/gesamt\n"


def test_a_reader_who_has_seen_enough_is_no_fault(gebaut, tmp_path):
    """Standard output is a pipe nobody reads any more."""
    read, write = os.pipe()
    os.close(read)
    environment = {**os.environ, "SOZIALANALYSE_DATEN": str(tmp_path / "daten")}
    command = [sys.executable, "-m", "sozialanalyse.cli", "snapshots", "--region", str(gebaut.ordner)]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (cli.ABGEBROCHEN, b"")


def test_columns_are_as_wide_as_their_longest_text():
    known = pd.DataFrame(
        [["a" * 12, "", 7, 21216, True, True], ["b" * 12, "2024-05-01T10:00:00+00:00", 1234, 123456789012, False, False]],
        columns=["bestand", "erstellt", "dateien", "zeilen", "aktuell", "lesbar"],
    )  # fmt: skip
    head, one, other = ausgabe.bestaende(known).split("\n")
    ends = [head.index("Dateien") + 7, head.index("Werte") + 5]
    assert [line[:end].rsplit(" ", 1)[1] for line in (one, other) for end in ends] == [
        "7",
        "21216",
        "1234",
        "123456789012",
    ]
    assert [one.endswith("← aktuell"), other.endswith("beschädigt")] == [True, True]
