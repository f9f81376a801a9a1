"""Parameters become literals at the place where papermill puts them, and never code."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from conftest import CLUSTER, VARIANZ, notebook, write
from hypothesis import given
from hypothesis import strategies as st
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from sozialanalyse.base.errors import LaufFehler
from sozialanalyse.seiten import Parameter
from sozialanalyse.seiten.cluster import ClusterParameter
from sozialanalyse.seiten.varianz import VarianzParameter
from sozialanalyse.serve.notebook import bereite_vor


def injected(prepared: nbformat.NotebookNode) -> str:
    found = [cell for cell in prepared.cells if "injected-parameters" in cell.metadata.get("tags", [])]
    assert len(found) == 1
    return found[0].source


def literals(source: str) -> dict[str, object]:
    """Names and values of an assignment list; anything else fails."""
    found = {}
    for node in ast.parse(source).body:
        assert isinstance(node, ast.Assign)
        (target,) = node.targets
        assert isinstance(target, ast.Name)
        found[target.id] = ast.literal_eval(node.value)
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "cluster.ipynb"
    write(place, notebook(CLUSTER, "1 + 1"))
    return place


def test_same_place_and_values_as_papermill(path: Path) -> None:
    parameter = ClusterParameter(
        stichtag="2023-12-31", themen=["arbeit", "bildung"], typen=4, sozialraum="M 1"
    )
    ours = bereite_vor(path, parameter, "python3")
    theirs = parameterize_notebook(load_notebook_node(str(path)), parameter.model_dump(), kernel_name="python3", language="python")  # fmt: skip
    assert [cell.metadata.get("tags", []) for cell in ours.cells] == [cell.metadata.get("tags", []) for cell in theirs.cells]  # fmt: skip
    assert literals(injected(ours)) == literals(injected(theirs)) == parameter.model_dump()


@given(st.text(max_size=40))
def test_any_text_stays_text(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    place = tmp_path_factory.mktemp("nb") / "varianz.ipynb"
    write(place, notebook(VARIANZ))
    parameter = VarianzParameter.model_construct(stichtag=value, kommune=value, audience="oeffentlich", thema=value, gewichtung="gebiete")  # fmt: skip
    assert literals(injected(bereite_vor(place, parameter, "python3")))["thema"] == value


def test_earlier_injection_and_outputs_are_dropped_and_the_file_stays(path: Path) -> None:
    once = bereite_vor(path, ClusterParameter(typen=3), "python3")
    once.cells[-1].outputs = [nbformat.v4.new_output("stream", text="alt")]
    write(path, once)
    before = path.read_bytes()
    again = bereite_vor(path, ClusterParameter(typen=5), "python3")
    assert literals(injected(again))["typen"] == 5
    assert not any(cell.get("outputs") for cell in again.cells)
    again.cells.clear()
    assert path.read_bytes() == before
    assert bereite_vor(path, ClusterParameter(), "python3").cells, "readers do not share a copy"


@pytest.mark.parametrize("tags", [[], ["parameters", "parameters"]])
def test_parameters_cell_must_be_there_once(tmp_path: Path, tags: list[str]) -> None:
    cells = [nbformat.v4.new_code_cell("x = 1", metadata={"tags": [tag]}) for tag in tags]
    write(tmp_path / "n.ipynb", nbformat.v4.new_notebook(cells=cells))
    with pytest.raises(LaufFehler, match=f"genau eine Zelle.*gefunden wurden {len(tags)}"):
        bereite_vor(tmp_path / "n.ipynb", Parameter(), "python3")
