"""A page of another package: class, notebook and texts in a folder, and no file of this project knows it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from seitenlauf import lege_seite, lege_startseite

from sozialanalyse import store
from sozialanalyse.base import texts
from sozialanalyse.cli import main
from sozialanalyse.publish.navigation import navigation
from sozialanalyse.region.region import lade_region
from sozialanalyse.seiten import laeufe, pruefe_seiten, seiten
from sozialanalyse.serve.context import Dienst

PROJEKT = Path(__file__).parents[1]
KLASSE = """\
from typing import Literal

from sozialanalyse import present
from sozialanalyse.seiten import GESAMT, Parameter, Seite, Wunsch


class BarometerParameter(Parameter):
    blick: Literal["weit", "nah"] = "weit"


class BarometerBericht(Seite[BarometerParameter]):
    notebook = "barometer"
    parameter = BarometerParameter
    gruppe, rang, einstieg = "auswertungen", 35, 7
    plan = (Wunsch(GESAMT), Wunsch("kommune", ("kommune",)))

    @property
    def indikatoren(self):
        return self.daten.vergleichbar(self.stichtag)

    def befund(self):
        return present.hinweis(self.text("satz", zahl=len(self.indikatoren)))
"""
TEXTE = """\
name: Barometer
wozu: Was sich in den {sozialraeumen} bewegt.
einstiegsfrage: Wohin geht die Reise?
titel: Barometer der {region}
frage: Was bewegt sich?
satz: "{zahl} Indikatoren im Blick."
"""
ZELLEN = (
    'stichtag = "neuester"\nkommune = ""\naudience = "oeffentlich"\nblick = "weit"',
    "from wetter_barometer import BarometerBericht\n\nbericht = BarometerBericht(stichtag=stichtag, "
    "kommune=kommune, audience=audience, blick=blick)\nbericht.kopf()",
    "bericht.befund()",
    "bericht.quellen()",
)


@pytest.fixture
def ordner(tmp_path: Path) -> Path:
    """The folder of the other package, as pip leaves it: module, notebook, texts, entry point."""
    (tmp_path / "wetter_barometer.py").write_text(KLASSE, encoding="utf-8")
    (tmp_path / "barometer.yml").write_text(TEXTE, encoding="utf-8")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in ZELLEN])
    book.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(book, tmp_path / "barometer.ipynb")
    meta = tmp_path / "wetter-1.0.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: wetter\nVersion: 1.0\n")
    (meta / "entry_points.txt").write_text(
        "[sozialanalyse.seiten]\nbarometer = wetter_barometer:BarometerBericht\n"
    )
    return tmp_path


@pytest.fixture
def dazu(ordner: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(ordner))
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(ordner / "musterland"))
    monkeypatch.setenv("SOZIALANALYSE_STATISCH", "1")
    seiten.cache_clear()
    yield
    sys.modules.pop("wetter_barometer", None)
    texts._sentences.cache_clear()
    seiten.cache_clear()


def test_the_page_is_everywhere(dazu, gebaut, tmp_path, capsys):
    assert list(seiten())[3:5] == ["varianz", "barometer"], "place in the menu"
    assert pruefe_seiten(PROJEKT) == []
    link = next(link for link in navigation("barometer") if link.notebook == "barometer")
    assert (link.name, link.gruppe, link.aktuell) == ("Barometer", "Auswertungen", True)
    daten = store.load(gebaut.ordner)
    planned = laeufe("barometer", daten, PROJEKT / "parameters")
    assert [lauf.name for lauf in planned[:1]] == ["gesamt"]
    assert len(planned) == 1 + len(daten.verzeichnis("kommune"))
    page = lege_seite(daten, tmp_path / "aus", "barometer").read_text(encoding="utf-8")
    assert "Indikatoren im Blick." in re.sub("<[^>]+>", "", page)
    assert ">Barometer</a>" in page
    start = lege_startseite(daten, tmp_path / "aus", planned[:1]).read_text(encoding="utf-8")
    assert "Wohin geht die Reise?" in start
    assert "Was sich in den Sozialräumen bewegt." in start
    place = lade_region(gebaut.ordner)
    dienst = Dienst(
        place,
        "oeffentlich",
        PROJEKT / "notebooks",
        tmp_path / "aus",
        lambda: store.load(gebaut.ordner),
        "",
        tmp_path / "nachfrage",
    )
    assert "barometer" in dienst.angeboten
    asked = dienst.parameter("barometer", {"blick": ["nah"], "kommune": [planned[1].parameter.kommune]})
    assert dienst.seitentitel("barometer", asked).startswith("Barometer: ")
    assert any(link.notebook == "barometer" for link in dienst.seitenrahmen("x").navigation)
    assert main(["check", "--region", str(gebaut.ordner)]) == 0


@pytest.mark.langsam
def test_the_command_line_makes_it(ordner, dazu, gebaut, tmp_path):
    command = [
        sys.executable,
        "-m",
        "sozialanalyse.cli",
        "run",
        "barometer",
        "--only",
        "gesamt",
        "--out",
        str(tmp_path / "aus"),
        "--probe",
    ]
    done = subprocess.run(
        command, cwd=PROJEKT, env={**os.environ, "PYTHONPATH": str(ordner)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (page,) = (tmp_path / "aus").rglob("barometer/gesamt.html")
    assert "Indikatoren im Blick." in re.sub("<[^>]+>", "", page.read_text(encoding="utf-8"))


def test_what_a_page_lacks_is_told_before_anything_runs(ordner, dazu, gebaut, tmp_path, capsys):
    (ordner / "barometer.yml").write_text(TEXTE.replace("wozu", "wofuer").replace("satz:", "worte:"), "utf-8")
    texts._sentences.cache_clear()
    book = nbformat.read(ordner / "barometer.ipynb", 4)
    book.cells[0].source = book.cells[0].source.replace('"weit"', '"nah"')
    nbformat.write(book, ordner / "barometer.ipynb")
    for command in (["check"], ["run", "--out", str(tmp_path / "aus")]):
        assert main([*command, "--region", str(gebaut.ordner)]) == 1
        said = capsys.readouterr()
        told = said.out + said.err
        for key in ("wozu", "satz"):
            assert f"Zur Seite „barometer“ fehlt der Text „berichte.barometer.{key}“. Bitte ergänzen." in told
        if command == ["check"]:
            assert "Die Parameterzelle nennt andere Namen oder Vorgaben als die Seite." in told
    assert not (tmp_path / "aus").exists()


def test_a_page_that_cannot_be_loaded_is_named(ordner, dazu, gebaut, capsys):
    (ordner / "wetter_barometer.py").write_text("import gibtsnicht\n", encoding="utf-8")
    assert main(["run"]) == 1
    assert (
        "Die Seite „barometer“ (wetter_barometer:BarometerBericht) lässt sich nicht laden"
        in capsys.readouterr().err
    )
