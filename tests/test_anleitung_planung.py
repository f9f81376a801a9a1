"""The planners' guide, typed in an empty folder: from ``init`` to finished pages, one region for all recipes."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import oberau
import pytest

import sozialanalyse
from sozialanalyse import cli, serve, store
from sozialanalyse.cli import befehle

GUIDE = Path(sozialanalyse.__file__).parent / "anleitung" / "planung.md"
PROJEKT = GUIDE.parents[2]
TEXT = GUIDE.read_text(encoding="utf-8")
ORDNER = "data/mein-kreis"
SEITEN = {"datenstand": "runs: [{name: gesamt}]\n", "varianz": "runs: [{name: gesamt}]\n"}
"""What is run: a page of every report would take minutes and is tried elsewhere."""


def rezepte() -> dict[str, list[str]]:
    """Every command of the guide that starts the program, as typed."""
    prose = re.sub(r"^```.*?^```", "", TEXT, flags=re.M | re.S)
    typed = [line.strip() for line in prose.splitlines() if line.startswith("    sozialanalyse ")]
    typed += [" ".join(word.split()) for word in re.findall(r"`(sozialanalyse [^`/][^`]*)`", prose)]
    return {line: shlex.split(line)[1:] for line in typed}


REZEPTE = rezepte()
ANDERSWO = {
    "redaktion": "seiten/test_anleitung_befehle.py",
    "snapshots": "seiten/test_anleitung_befehle.py",
    "vorschlag": "seiten/test_anleitung_befehle.py",
    "holen": "kommonitor/test_holen.py",
    "lab": "test_lab.py",
    "run foerderkulisse": "test_foerderung.py",
    "run sozialraumprofil": "seiten/test_profile.py",
    "run vorhaben": "test_vorhaben.py",
    "run themenreport": "seiten/test_profile.py",
}
"""Beginnings of commands whose recipes are tried in another file."""
Getippt = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def projekt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project without a region."""
    root = tmp_path_factory.mktemp("projekt")
    for name, runs in SEITEN.items():
        (root / "notebooks").mkdir(exist_ok=True)
        (root / "parameters").mkdir(exist_ok=True)
        shutil.copy(PROJEKT / "notebooks" / f"{name}.ipynb", root / "notebooks")
        (root / "parameters" / f"{name}.yml").write_text(runs, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for name in [name for name in os.environ if name.startswith("SOZIALANALYSE_")]:
            patch.delenv(name)  # a planner's shell knows none, whatever other tests have set
        yield root


@pytest.fixture
def tippe(projekt: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Getippt:
    """Type a recipe that stands in the guide; words in capitals are filled in."""
    monkeypatch.chdir(projekt)

    def type_(line: str, **filled: str) -> tuple[int, str]:
        argv = [filled.get(word, word) for word in REZEPTE[line]]
        capfd.readouterr()
        code = cli.main(argv)
        said = capfd.readouterr()
        GETIPPT.add(line)
        return code, said.out + said.err

    return type_


GETIPPT: set[str] = set()


def test_a_new_region_from_the_skeleton_to_its_numbers(tippe: Getippt, projekt: Path) -> None:
    """``check`` names what is open after every step."""
    folder = projekt / ORDNER
    assert tippe("sozialanalyse init data/mein-kreis")[0] == 0
    for step in oberau.SCHRITTE:
        code, said = tippe("sozialanalyse check --region data/mein-kreis")
        assert code == 1
        assert "Fehler" in said
        step(folder)
    oberau.zweite_lieferung(folder)
    code, said = tippe("sozialanalyse check")
    assert (code, "0 Fehler" in said) == (0, True), said
    code, said = tippe("sozialanalyse build --region data/mein-kreis")
    assert code == 0, said
    assert "unverändert" in tippe("sozialanalyse build")[1]


def test_a_known_fault_is_mended_by_an_entry_of_the_guide(tippe: Getippt, projekt: Path) -> None:
    folder = projekt / ORDNER
    (entry,) = (block for block in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.M | re.S) if block.startswith("korrekturen:"))  # fmt: skip
    name, wrong, right = (
        re.search(rf'{key}: "?([^"\n]+)"?', entry)[1] for key in ("datei", "geliefert", "richtig")
    )  # type: ignore[index]
    delivery = folder / "lieferungen" / name
    before = delivery.read_bytes()
    try:
        delivery.write_bytes(before.replace(b"1.250;", f"{wrong};".encode()))
        (folder / "korrekturen" / "korrektur.yml").write_text(entry, encoding="utf-8")
        assert tippe("sozialanalyse check")[0] == 0
        assert tippe("sozialanalyse build")[0] == 0
        daten = store.load(folder, "intern")
        assert daten.matrix(["EW"])["EW"]["O 1"] == float(right.replace(".", ""))
        assert len(daten.korrekturen()) == 1
    finally:
        delivery.write_bytes(before)
        (folder / "korrekturen" / "korrektur.yml").unlink()
    assert tippe("sozialanalyse build")[0] == 0


def test_letters_and_a_draft(tippe: Getippt, projekt: Path) -> None:
    assert tippe("sozialanalyse check --protokoll post")[0] == 0
    assert {path.suffix for path in (projekt / "post").glob("[!.]*")} == {".html", ".xlsx"}
    delivery = projekt / ORDNER / "lieferungen" / "jobcenter" / "SGB2_2023.xlsx"
    page = projekt / ORDNER / "indikatoren" / "entwurf.yml"
    code, said = tippe("sozialanalyse vorschlag DATEI --out SEITE", DATEI=str(delivery), SEITE=str(page))
    assert code == 0, said
    assert page.read_text(encoding="utf-8").startswith("#")
    page.unlink()


@pytest.mark.langsam
def test_reports_a_trial_and_what_was_published(tippe: Getippt, projekt: Path) -> None:
    """Pages are made once, tried elsewhere, attacked, and taken back as nobody saw them."""
    results = projekt / "data" / "ergebnisse" / "mein-kreis"
    code, said = tippe("sozialanalyse run --probe")
    assert code == 0, said
    assert (results / "probe" / "oeffentlich" / "varianz" / "gesamt.html").is_file()
    assert "0 Veröffentlichungen" in tippe("sozialanalyse schutz --register")[1]
    code, said = tippe("sozialanalyse run")
    assert code == 0, said
    for line in ("sozialanalyse run --region data/mein-kreis", "sozialanalyse run varianz --only gesamt"):
        code, said = tippe(line)  # all are there already
        assert code == 0, said
    assert (results / "oeffentlich" / "varianz" / "gesamt.html").is_file()
    code, said = tippe("sozialanalyse schutz")
    assert code == 0, said
    assert (results / "intern" / "geheimhaltung.html").is_file()
    entry = re.search(r"^\S+  (\w+)  oeffentlich", tippe("sozialanalyse schutz --register")[1], re.M)
    assert entry
    line = next(line for line in REZEPTE if "--zuruecknehmen" in line)
    named = REZEPTE[line][REZEPTE[line].index("--zuruecknehmen") + 1]
    code, said = tippe(line, **{named: entry[1][: len(named)]})
    assert code == 0, said
    assert not (results / "oeffentlich" / "varianz" / "gesamt.html").exists()


def test_pages_and_notebooks_are_opened(tippe: Getippt, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as the processes that then run; these are started in tests of their own."""
    served: list[dict[str, object]] = []
    monkeypatch.setattr(serve, "serve", lambda region, **options: served.append(options))
    for line in [line for line in REZEPTE if line.startswith("sozialanalyse serve")]:
        assert tippe(line)[0] == 0
    assert {"browser", "port"} <= set(served[0])
    assert any(one["port"] == 8870 for one in served)
    started: list[list[str]] = []

    class Process:
        def __init__(self, command: list[str], **_: object) -> None:
            started.append(command)

        def wait(self) -> int:
            return 0

    monkeypatch.setattr("sozialanalyse.publish.kern.bereite", lambda: "python3")
    monkeypatch.setattr(befehle.subprocess, "Popen", Process)
    assert tippe("sozialanalyse lab")[0] == 0
    assert "jupyterlab" in started[0]


def test_a_region_from_a_folder_of_files(
    tippe: Getippt, projekt: Path, tmp_path: Path, kleinregion_typ: Any
) -> None:
    files = kleinregion_typ(tmp_path / "andere").schreibe().lieferungen
    line = "sozialanalyse init data/mein-kreis --aus ORDNER"
    first = projekt / ORDNER
    aside = first.rename(projekt / "beiseite")
    try:
        code, said = tippe(line, ORDNER=str(files))
        assert code == 0, said
        assert (first / "region.yml").is_file()
        assert "arbeit" in "".join(path.read_text("utf-8") for path in (first / "indikatoren").glob("*.yml"))
    finally:
        shutil.rmtree(first, ignore_errors=True)
        aside.rename(first)


def test_no_recipe_is_left_out() -> None:
    """Whoever adds one to the guide adds it here, or names the test that tries it."""
    assert all((Path(__file__).parent / name).is_file() for name in ANDERSWO.values())
    if not GETIPPT:
        pytest.skip("die anderen Tests dieser Datei sind nicht gelaufen")
    elsewhere = tuple(f"sozialanalyse {begin}" for begin in ANDERSWO)
    assert [line for line in REZEPTE if line not in GETIPPT and not line.startswith(elsewhere)] == []
