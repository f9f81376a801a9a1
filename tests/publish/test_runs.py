"""Runs with real kernels: records, failures that stay alone, good reports that survive."""

from __future__ import annotations

import json
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from sozialanalyse import kernels
from sozialanalyse.base import codestand
from sozialanalyse.publish import arbeit, engine, runs
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.html import Rahmen
from sozialanalyse.seiten import Lauf
from sozialanalyse.seiten.cluster import ClusterParameter

RAHMEN = Rahmen(titel="T", region="R", herausgeber="H", stand="S", stil="")
ZELLE = """\
import os, pathlib, time
from IPython.display import HTML
ort = pathlib.Path(os.environ["SOZIALANALYSE_REGION"])
if sozialraum == "fehler":
    raise ValueError("Zum Gebiet gibt es keine Werte.")
if sozialraum == "pfad":
    import nbformat
    nbformat.read(str(ort / "gibtsnicht.ipynb"), 4)
if sozialraum == "tot":
    os.kill(os.getpid(), 9)
if sozialraum == "einmal tot" and not (ort / "zweiter").exists():
    (ort / "zweiter").touch()
    os.kill(os.getpid(), 9)
if sozialraum == "lang":
    (ort / "begonnen").touch()
    time.sleep(60)
if sozialraum == "gross":
    voll = bytearray(2**31)
HTML(f"<p>{kommune!r} {typen!r} {stichtag}</p>")"""
ERGEBNIS = f"""\
from IPython.display import publish_display_data
publish_display_data({{"{arbeit.ERGEBNIS}": {{"typen": typen, "anteil": 0.25}}}})"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kernels are forked or killed by signals")


@pytest.fixture(scope="module")
def leichter_kern(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Our kernel, with a parent that imports next to nothing."""
    root = tmp_path_factory.mktemp("kern")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(root / "share" / "jupyter"))
        patch.setenv("IPYTHONDIR", str(root / "ipython"))
        kernels.install(root, preload=[], watch=[], memory_limit=2**30)
        yield


@pytest.fixture
def notebooks(tmp_path: Path, leichter_kern: None) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    cells = ["\n".join(f"{name} = None" for name in ClusterParameter.model_fields), ZELLE, ERGEBNIS]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.cells[0].metadata["tags"] = ["parameters"]
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, folder / "cluster.ipynb")
    return folder


@pytest.fixture
def ablage(tmp_path: Path) -> Ablage:
    return Ablage(tmp_path / "aus")


def lauf(name: str, **werte: object) -> Lauf:
    return Lauf("cluster", name, ClusterParameter(**werte))  # type: ignore[arg-type]


Plan = Callable[..., tuple[list[runs.Auftrag], list[Lauf]]]


@pytest.fixture
def plane(notebooks: Path, ablage: Ablage) -> Plan:
    def plan(laeufe: list[Lauf], **options: Any) -> tuple[list[runs.Auftrag], list[Lauf]]:
        given = {"bestand": "b1", "kern": kernels.NAME, "ablage": ablage, **options}
        environment = {"SOZIALANALYSE_REGION": str(notebooks.parent)}
        return runs.plane(laeufe, notebooks=notebooks, rahmen=lambda _: RAHMEN, umgebung=environment, **given)

    return plan


def fuehre_aus(plan: tuple[list[runs.Auftrag], list[Lauf]], ablage: Ablage, **options: Any) -> dict[str, Any]:
    return {record.name: record for record in arbeit.fuehre_aus(plan[0], ablage=ablage, **options)}


def states(path: Path) -> list[str]:
    return [cell.metadata.papermill.status for cell in nbformat.read(path, as_version=4).cells]


def test_a_report_its_record_and_what_makes_it_new(
    plane: Plan, ablage: Ablage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [lauf("a", kommune="05334002", typen=3)]
    todo, current = plane(wanted)
    assert [order.grund for order in todo] == ["noch nicht erzeugt"]
    assert not current
    record = arbeit.fuehre_aus(todo, ablage=ablage)[0]
    assert (record.status, record.satz) == ("fertig", "")
    out = tmp_path / "aus" / "oeffentlich" / "cluster"
    assert "'05334002' 3 neuester" in (out / "a.html").read_text(encoding="utf-8")
    kept = json.loads((out / "a.json").read_text(encoding="utf-8"))
    assert kept["parameter"]["kommune"] == "05334002"
    assert kept["fingerabdruck"]["bestand"] == "b1"
    assert kept["ergebnis"] == {"typen": 3, "anteil": 0.25}
    assert 20 < kept["speicher_mb"] < 2000
    assert 0 < kept["zellzeit"] < kept["sekunden"]
    assert sorted(p.name for p in out.iterdir()) == ["a.html", "a.ipynb", "a.json"]
    assert json.loads(ablage.lies("oeffentlich/protokolle/b1/cluster/a.json")) == kept
    assert "typen = 3\nkommune" not in nbformat.read(out / "a.ipynb", 4).cells[0].source
    assert "kommune = '05334002'" in nbformat.read(out / "a.ipynb", 4).cells[1].source

    assert plane(wanted) == ([], wanted)
    assert plane(wanted, bestand="b2")[0][0].grund == "geändert: Datenbestand"
    assert plane([lauf("a", typen=4)])[0][0].grund == "geändert: Parameter"
    assert plane(wanted, erzwingen=True)[0][0].grund == "ausdrücklich verlangt"
    monkeypatch.setattr(codestand, "of_environment", lambda: "andere Versionen")
    monkeypatch.setattr(codestand, "of_package", lambda: "anderes Programm")
    assert plane(wanted)[0][0].grund == "geändert: Programm, Umgebung"
    monkeypatch.undo()
    (out / "a.html").unlink()
    assert plane(wanted)[0][0].grund == "noch nicht erzeugt"
    (out / "a.json").write_text("{", encoding="utf-8")
    assert plane(wanted)[0][0].grund == "noch nicht erzeugt"


def test_what_is_kept_of_a_run_names_no_folder_of_this_machine(
    plane: Plan, ablage: Ablage, tmp_path: Path
) -> None:
    """Whether it went well or failed: neither notebook nor record tells where the program lies."""
    arbeit.fuehre_aus(plane([lauf("a"), lauf("pfad", sozialraum="pfad")])[0], ablage=ablage)
    kept = [path for path in (tmp_path / "aus").rglob("*") if path.suffix in {".json", ".ipynb"}]
    assert {path.name for path in kept} >= {"a.ipynb", "a.json", "pfad.fehler.ipynb", "pfad.fehler.json"}
    for path in kept:
        words = path.read_text(encoding="utf-8")
        for folder in (Path(sys.prefix), Path(arbeit.__file__).parent, Path.home()):
            assert str(folder) not in words, path


def test_cells_of_a_run_do_not_enter_the_history_of_the_user(
    plane: Plan, ablage: Ablage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    assert {record.status for record in fuehre_aus(plane([lauf("a")]), ablage).values()} == {"fertig"}
    assert (tmp_path / "ipython").is_dir()
    assert not list((tmp_path / "ipython").rglob("history*"))


def test_every_mark_has_a_word(plane: Plan) -> None:
    """A change of any of them can be told."""
    marks = plane([lauf("a")])[0][0].fingerabdruck
    before = {"status": "fertig", "fingerabdruck": {}}
    assert len(runs.grund(before, marks).removeprefix("geändert: ").split(", ")) == len(marks)


def test_an_installed_distribution_changes_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codestand.sysconfig, "get_path", lambda name: str(tmp_path))
    marks = [codestand.of_environment.__wrapped__()]
    for name in ("numpy-2.2.0", "sozialanalyse-0.1.0", "numpy-2.3.0"):
        (tmp_path / f"{name}.dist-info").mkdir()
        marks.append(codestand.of_environment.__wrapped__())
    assert marks[1] == marks[2]  # our own code counts by its content
    assert len(set(marks)) == 3


def test_long_runs_come_first_and_unknown_ones_before_all(plane: Plan, ablage: Ablage) -> None:
    for name, seconds in (("kurz", 1.0), ("lang", 9.0)):
        ablage.schreibe(f"oeffentlich/cluster/{name}.json", json.dumps({"sekunden": seconds}))
    wanted = [lauf(name) for name in ("kurz", "neu", "lang", "gesamt")]
    assert [order.lauf.name for order in plane(wanted)[0]] == ["gesamt", "neu", "lang", "kurz"]


def test_failing_runs_leave_the_others_and_the_last_good_report_alone(
    plane: Plan, ablage: Ablage, tmp_path: Path
) -> None:
    out = tmp_path / "aus" / "oeffentlich" / "cluster"
    fuehre_aus(plane([lauf("fehler", typen=2)]), ablage)
    good = (out / "fehler.html").read_bytes()
    wanted = [lauf(name, sozialraum=name) for name in ("fehler", "tot", "einmal tot", "gross", "gut")]
    records = fuehre_aus(plane(wanted), ablage, jobs=2)
    assert {name: (record.status, record.versuche) for name, record in records.items()} == {
        "fehler": ("fehler", 1), "tot": ("fehler", 2), "einmal tot": ("fertig", 2), "gross": ("fehler", 1),
        "gut": ("fertig", 1),
    }  # fmt: skip
    assert records["fehler"].satz.startswith(
        "Zelle 3 (import os, pathlib, time): ValueError: Zum Gebiet gibt es keine Werte. Das ausgeführte Notebook"
    )
    assert records["tot"].satz.startswith(
        "Zelle 3 (import os, pathlib, time): Der Rechenprozess ist abgebrochen"
    )
    assert "--jobs 1" in records["tot"].abhilfe
    assert "Arbeitsspeicher, den ein Rechenprozess belegen darf" in records["gross"].fehler
    assert (out / "fehler.html").read_bytes() == good
    assert not (out / "tot.html").exists()
    for name in ("fehler", "tot", "gross"):
        assert states(out / f"{name}.fehler.ipynb") == ["completed", "completed", "failed", "pending"]
    saved = nbformat.read(out / "tot.fehler.ipynb", as_version=4)
    assert saved.metadata.papermill.exception is True
    assert saved.cells[2].outputs[-1].ename == "DeadKernelError"
    assert json.loads((out / "tot.fehler.json").read_text(encoding="utf-8"))["status"] == "fehler"
    todo, current = plane(wanted)
    assert {order.lauf.name for order in todo} == {"fehler", "tot", "gross"}
    assert [one.name for one in current] == ["einmal tot", "gut"]
    fuehre_aus(plane([lauf("tot")]), ablage)
    assert sorted(p.name for p in out.glob("tot*")) == ["tot.html", "tot.ipynb", "tot.json"]


def test_a_cell_over_the_time_limit_is_told(plane: Plan, ablage: Ablage, tmp_path: Path) -> None:
    order = replace(plane([lauf("lang", sozialraum="lang")])[0][0], zeitgrenze=1)
    record = arbeit.fuehre_aus([order], ablage=ablage)[0]
    assert record.satz.startswith("Zelle 3 (import os, pathlib, time): Die Zeitgrenze von 1 Sekunden")
    assert record.versuche == 1
    path = tmp_path / "aus" / "oeffentlich" / "cluster" / "lang.fehler.ipynb"
    assert states(path) == ["completed", "completed", "failed", "pending"]


def test_the_death_of_the_parent_costs_a_second_try(plane: Plan, ablage: Ablage, tmp_path: Path) -> None:
    """Two long cells under way, their common parent is killed: both are tried again, in a new one."""
    wanted = [lauf("eins", sozialraum="lang"), lauf("zwei", sozialraum="lang")]
    orders = [replace(order, zeitgrenze=3) for order in plane(wanted)[0]]
    found: list[arbeit.Protokoll] = []
    worker = threading.Thread(target=lambda: found.extend(arbeit.fuehre_aus(orders, ablage=ablage, jobs=2)))
    worker.start()
    _wait(lambda: (tmp_path / "begonnen").exists())
    for child in psutil.Process().children():
        if any(part.endswith("zygote.py") for part in child.cmdline()):
            child.kill()
    worker.join(120)
    assert {record.versuche for record in found} == {2}
    assert {record.fehler[:14] for record in found} == {"Die Zeitgrenze"}


def _wait(condition: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("what", ["unwritable", "one name taken"])
def test_a_place_that_cannot_be_written(plane: Plan, tmp_path: Path, what: str) -> None:
    wanted = [lauf("eins"), lauf("zwei")]
    blocked = tmp_path / "aus"
    if what == "unwritable":
        blocked.write_text("a file where the folder should be")
    else:
        (blocked / "oeffentlich" / "cluster" / "eins.html").mkdir(parents=True)
    records = fuehre_aus(plane(wanted), Ablage(blocked))
    assert records["eins"].status == "fehler"
    assert "ließ sich nicht schreiben" in records["eins"].fehler
    assert "beschreibbar" in records["eins"].abhilfe
    assert (records["zwei"].status == "fertig") == (what != "unwritable")


VOLL = """
import sys, threading
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_runs import RAHMEN, lauf
from sozialanalyse.publish import arbeit, runs
from sozialanalyse.publish.ablage import Ablage
ablage = Ablage({aus!r})
plan, _ = runs.plane([lauf("a"), lauf("b")], notebooks=Path({notebooks!r}), ablage=ablage, bestand="b2",
                     rahmen=lambda _: RAHMEN, kern="sozialanalyse", umgebung={{"SOZIALANALYSE_REGION": "/"}})
for record in arbeit.fuehre_aus(plan, ablage=ablage):
    print(record.status, record.satz)
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="a disk of its own needs unshare")
def test_a_full_disk_keeps_the_good_report(
    plane: Plan, notebooks: Path, ablage: Ablage, tmp_path: Path
) -> None:
    """A real file system of 60 kB that holds one good report and then has no room for the next."""
    fuehre_aus(plane([lauf("a")]), ablage)
    (tmp_path / "gut").mkdir()
    shutil.copytree(tmp_path / "aus", tmp_path / "gut" / "aus")
    where = {"tests": str(Path(__file__).parent), "aus": str(tmp_path / "aus"), "notebooks": str(notebooks)}
    (tmp_path / "skript.py").write_text(VOLL.format(**where), encoding="utf-8")
    script = f"""
    mount -t tmpfs -o size=60k none {tmp_path}/aus || exit 77
    cp -r {tmp_path}/gut/aus/. {tmp_path}/aus
    head -c 1M /dev/zero > {tmp_path}/aus/ballast 2>/dev/null
    {sys.executable} {tmp_path}/skript.py
    cp -r {tmp_path}/aus {tmp_path}/danach"""
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("no file system may be mounted here")
    lines = done.stdout.splitlines()
    assert len(lines) == 2, done.stderr
    for line in lines:
        assert line.startswith("fehler Der Bericht ließ sich nicht schreiben")
        assert "Der Datenträger ist voll. Bitte Platz schaffen" in line
    assert not list((tmp_path / "danach").rglob("*.neu"))
    for name in ("a.html", "a.ipynb", "a.json"):
        assert (tmp_path / "danach/oeffentlich/cluster" / name).read_bytes() == (
            tmp_path / "gut/aus/oeffentlich/cluster" / name
        ).read_bytes()


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Interrupts as at a terminal, also where a shell in the background has switched them off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_ends_the_kernels_and_leaves_finished_reports(
    plane: Plan, ablage: Ablage, tmp_path: Path, interrupts: None
) -> None:
    wanted = [lauf("gesamt"), lauf("lang", sozialraum="lang"), lauf("danach")]
    pids: list[int] = []

    def interrupt(record: arbeit.Protokoll) -> None:
        _wait(lambda: (tmp_path / "begonnen").exists())
        pids.extend(
            client.km.provisioner.pid
            for client in list(engine._laufend)
            if client.km and client.km.provisioner.pid
        )
        signal.raise_signal(signal.SIGINT)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        arbeit.fuehre_aus(plane(wanted)[0], ablage=ablage, jobs=1, melder=interrupt)
    assert time.monotonic() - began < 45
    assert pids
    _wait(lambda: not any(psutil.pid_exists(pid) for pid in pids), 5)
    assert sorted(p.name for p in (tmp_path / "aus" / "oeffentlich" / "cluster").iterdir()) == [
        "gesamt.html", "gesamt.ipynb", "gesamt.json",
    ]  # fmt: skip
    assert [order.lauf.name for order in plane(wanted)[0]] == ["lang", "danach"]
    records = fuehre_aus(plane([lauf("danach")]), ablage)
    assert records["danach"].status == "fertig"


def test_a_worker_that_is_lost_is_a_record(plane: Plan, ablage: Ablage) -> None:
    def lost(auftrag: runs.Auftrag) -> arbeit.Bericht:
        raise ConnectionError("worker gone")

    record = fuehre_aus(plane([lauf("a")]), ablage, arbeit=lost)["a"]
    assert record.satz == (
        "ConnectionError: worker gone Bitte prüfen, ob die Rechner des Verbunds erreichbar sind, und noch einmal aufrufen."
    )


def test_orders_travel(plane: Plan) -> None:
    order = plane([lauf("a", kommune="05334002")])[0][0]
    assert pickle.loads(pickle.dumps(order)) == order
