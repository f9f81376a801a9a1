"""Runs with real kernels: records, failures that stay alone, good reports that survive."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from sozialanalyse.parameters import ClusterParameter, Lauf
from sozialanalyse.publish import runs
from sozialanalyse.publish.html import Rahmen

RAHMEN = Rahmen(titel="T", region="R", herausgeber="H", stand="S", stil="")


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    names = list(ClusterParameter.model_fields)
    first = nbformat.v4.new_code_cell("\n".join(f"{name} = None" for name in names))
    first.metadata["tags"] = ["parameters"]
    second = nbformat.v4.new_code_cell(
        "import os\n"
        "from IPython.display import HTML\n"
        'if sozialraum == "fehler":\n    raise ValueError("Zum Gebiet gibt es keine Werte.")\n'
        'if sozialraum == "tot":\n    os._exit(9)\n'
        'if sozialraum == "lang":\n    import time\n    time.sleep(60)\n'
        'HTML(f"<p>{kommune!r} {typen!r} {stichtag}</p>")'
    )
    book = nbformat.v4.new_notebook(cells=[first, second])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, folder / "cluster.ipynb")
    return folder


def lauf(name: str, **werte: object) -> Lauf:
    return Lauf("cluster", name, ClusterParameter(**werte))  # type: ignore[arg-type]


def plane(laeufe: list[Lauf], notebooks: Path, **options: object) -> tuple[list[runs.Auftrag], list[Lauf]]:
    given = {"bestand": "b1", "kern": "python3", **options}
    return runs.plane(
        laeufe,
        notebooks=notebooks,
        ausgabe=notebooks.parent / "aus",
        rahmen=lambda _: RAHMEN,
        **given,  # type: ignore[arg-type]
    )


def test_a_report_its_record_and_what_makes_it_new(notebooks: Path, tmp_path: Path) -> None:
    wanted = [lauf("a", kommune="05334002", typen=3)]
    todo, current = plane(wanted, notebooks)
    assert [order.grund for order in todo] == ["noch nicht erzeugt"]
    assert not current
    record = runs.fuehre_aus(todo)[0]
    assert record.status == "fertig"
    page = (tmp_path / "aus" / "cluster" / "a.html").read_text(encoding="utf-8")
    assert "'05334002' 3 neuester" in page
    kept = json.loads((tmp_path / "aus" / "cluster" / "a.json").read_text(encoding="utf-8"))
    assert kept["parameter"]["kommune"] == "05334002"
    assert kept["fingerabdruck"]["bestand"] == "b1"
    assert sorted(p.suffix for p in (tmp_path / "aus" / "cluster").iterdir()) == [".html", ".ipynb", ".json"]

    assert plane(wanted, notebooks) == ([], wanted)
    assert plane(wanted, notebooks, bestand="b2")[0][0].grund == "bestand geändert"
    assert plane([lauf("a", typen=4)], notebooks)[0][0].grund == "parameter geändert"
    assert plane(wanted, notebooks, erzwingen=True)[0][0].grund == "ausdrücklich verlangt"


@pytest.mark.langsam
def test_failing_runs_leave_the_others_and_the_last_good_report_alone(
    notebooks: Path, tmp_path: Path
) -> None:
    out = tmp_path / "aus" / "cluster"
    runs.fuehre_aus(plane([lauf("fehler", typen=2)], notebooks)[0])
    good = (out / "fehler.html").read_bytes()
    wanted = [lauf("fehler", sozialraum="fehler"), lauf("tot", sozialraum="tot"), lauf("gut")]
    records = {record.name: record for record in runs.fuehre_aus(plane(wanted, notebooks)[0], jobs=2)}
    assert {name: record.status for name, record in records.items()} == {
        "fehler": "fehler", "tot": "fehler", "gut": "fertig",
    }  # fmt: skip
    assert "Zum Gebiet gibt es keine Werte." in records["fehler"].fehler
    assert "Rechenprozess" in records["tot"].fehler
    assert (out / "fehler.html").read_bytes() == good
    assert not (out / "tot.html").exists()
    assert json.loads((out / "tot.fehler.json").read_text(encoding="utf-8"))["status"] == "fehler"
    todo, current = plane(wanted, notebooks)
    assert [order.lauf.name for order in todo] == ["fehler", "tot"]
    assert [one.name for one in current] == ["gut"]


@pytest.mark.langsam
def test_a_cell_over_the_time_limit_is_told(notebooks: Path) -> None:
    order = plane([lauf("lang", sozialraum="lang")], notebooks)[0][0]
    short = runs.Auftrag(**{**order.__dict__, "zeitgrenze": 3})
    assert "Zeitgrenze von 3 Sekunden" in runs.erzeuge(short).fehler
