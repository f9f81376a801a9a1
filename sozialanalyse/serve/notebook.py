"""A notebook made ready for one visitor: checked parameters injected, kernel named."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from sozialanalyse.base import LaufFehler, text
from sozialanalyse.seiten import Parameter


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def bereite_vor(path: Path, parameter: Parameter, kern: str) -> NotebookNode:
    """Return a copy of a notebook with its parameters, without outputs, for one kernel.

    Names come from the parameter model and values are written as Python literals, so no text of a
    link becomes code.

    Parameters
    ----------
    path
        The notebook; exactly one of its cells is tagged ``parameters``.
    parameter
        Checked parameters; all of them are injected, defaults too.
    kern
        Name of the kernelspec.

    Raises
    ------
    LaufFehler
        If the notebook has no parameters cell, or several.
    """
    notebook = nbformat.from_dict(_read(path, path.stat().st_mtime_ns))
    cells = [cell for cell in notebook.cells if "injected-parameters" not in _tags(cell)]
    places = [i for i, cell in enumerate(cells) if "parameters" in _tags(cell)]
    if len(places) != 1:
        raise LaufFehler(text("serve.parameterzelle", notebook=path.name, anzahl=str(len(places))))
    cells.insert(places[0] + 1, _injected(parameter))
    notebook.cells = [_without_output(cell) for cell in cells]
    notebook.metadata["kernelspec"] = {"name": kern, "display_name": kern, "language": "python"}
    return notebook


def _injected(parameter: Parameter) -> NotebookNode:
    lines = ["# Parameters", *(f"{name} = {value!r}" for name, value in parameter.model_dump().items())]
    cell = nbformat.v4.new_code_cell("\n".join(lines))
    cell.metadata["tags"] = ["injected-parameters"]
    return cell


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _without_output(cell: NotebookNode) -> NotebookNode:
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    return cell
