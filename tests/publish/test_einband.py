"""The start page as the batch puts it together."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import fsspec
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from sozialanalyse.present import theme
from sozialanalyse.publish import einband
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.html import BEILAGE, beilagen


def test_start_notebook_becomes_the_page_as_it_was_shown(tmp_path: Path):
    html = (
        '<p>Erste Zeile\n<a href="../cluster/gesamt.html">Typen</a> <a href="../varianz/x.html">x</a></p>\n'
    )
    shown = new_output("display_data", data={"text/html": html})
    book = new_notebook(cells=[new_code_cell("", outputs=[shown])])
    ablage = Ablage(tmp_path)
    ablage.schreibe("index/gesamt.ipynb", nbformat.writes(book))
    made = {"cluster/gesamt.html"}
    page = einband._start(ablage, made)
    assert '<p>Erste Zeile\n<a href="cluster/gesamt.html">Typen</a> <a href="#f-varianz">x</a></p>' in page
    assert "['" not in page
    assert einband._start(Ablage(tmp_path / "leer"), made) == ""


NEEDED, GONE = "sa-00000000000a.css", ("sa-00000000000b.css", "sa-00000000000b.js")


@pytest.fixture(params=["folder", "store"])
def ablage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ablage]:
    """Results of several versions: shared files of now, of a page not made anew, and of nobody."""
    place = f"memory://{uuid.uuid4().hex}"
    found = Ablage(tmp_path / "aus" if request.param == "folder" else place)
    einband.lege_beilagen(found.unter("oeffentlich"))
    for name in (NEEDED, *GONE, "sa-eigene.css", "logo.js"):
        found.schreibe(f"oeffentlich/{name}", "x")
    for i in range(60):
        found.schreibe(f"oeffentlich/cluster/lauf-{i}.html", "<p>neu</p>")
    found.schreibe("intern/varianz/alt.html", f'<link rel="stylesheet" href="../../oeffentlich/{NEEDED}">')
    yield found
    with suppress(FileNotFoundError):
        fsspec.filesystem("memory").rm(place, recursive=True)


def test_shared_files_of_earlier_versions_go_with_their_last_page(ablage: Ablage) -> None:
    now = set(beilagen(theme.stylesheet()))
    assert all(BEILAGE.fullmatch(name) for name in now)
    einband.raeume_beilagen(ablage)
    left = {name for name in ablage.unter("oeffentlich").namen() if not name.endswith(".html")}
    assert left == {*now, NEEDED, "sa-eigene.css", "logo.js"}
    ablage.schreibe("intern/varianz/alt.html", "<p>neu</p>")
    einband.raeume_beilagen(ablage)
    assert not ablage.hat(f"oeffentlich/{NEEDED}")
    assert all(map(ablage.unter("oeffentlich").hat, now))


def test_a_page_that_cannot_be_read_keeps_what_it_may_need(tmp_path: Path) -> None:
    ablage = Ablage(tmp_path)
    ablage.schreibe(f"oeffentlich/{NEEDED}", "x")
    ablage.schreibe("oeffentlich/fremd.html", "Gebäude".encode("latin-1"))
    einband.raeume_beilagen(ablage)
    assert ablage.hat(f"oeffentlich/{NEEDED}")
