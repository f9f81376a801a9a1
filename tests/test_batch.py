"""The start page as the batch puts it together."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from sozialanalyse import batch
from sozialanalyse.publish.ablage import Ablage


def test_start_notebook_becomes_the_page_as_it_was_shown(tmp_path: Path):
    html = '<p>Erste Zeile\n<a href="../cluster/gesamt.html">Typen</a></p>\n'
    shown = new_output("display_data", data={"text/html": html})
    book = new_notebook(cells=[new_code_cell("", outputs=[shown])])
    ablage = Ablage(tmp_path)
    ablage.schreibe("index/gesamt.ipynb", nbformat.writes(book))
    page = batch._start(ablage)
    assert '<p>Erste Zeile\n<a href="cluster/gesamt.html">Typen</a></p>' in page
    assert "['" not in page
    assert batch._start(Ablage(tmp_path / "leer")) == ""
