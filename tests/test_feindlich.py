"""Hostile or huge input: refused within seconds, within a gigabyte, in German, the last snapshot untouched."""

from __future__ import annotations

import json
import os
import re
import resource
import sqlite3
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from sozialanalyse import store
from sozialanalyse.base import lies_datum, muster, yamlio
from sozialanalyse.base.datum import suche_datum
from sozialanalyse.base.errors import Befund, PruefFehler
from sozialanalyse.base.woerter import dateien_nach_muster, dateiname_passt
from sozialanalyse.cli import main
from sozialanalyse.formate import arbeitsmappe, csvtext
from sozialanalyse.harmonise import Schluesselbuch
from sozialanalyse.harmonise.zellen import Zellen
from sozialanalyse.region.catalogue import Feld
from sozialanalyse.sources import lies_geometrie

KURZ = 10.0
"""Seconds a refusal may take on a busy machine."""


def refused(call) -> str:
    start = time.thread_time()
    with pytest.raises(PruefFehler) as caught:
        call()
    assert time.thread_time() - start < KURZ
    assert all(re.search("[äöüßA-Z]", str(befund)) for befund in caught.value.befunde)
    return str(caught.value)


# --- pages -----------------------------------------------------------------------------------------


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


def merged(levels: int) -> str:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a: " + "[" * 50_000, "Ebenen tief ineinander"),
        ("a: " + "{b: " * 5_000, "Ebenen tief ineinander"),
        ("\n".join(" " * n + "a:" for n in range(3_000)), "Ebenen tief ineinander"),
        ("- " * 5_000 + "x", "Ebenen tief ineinander"),
        (bomb(9), "Verweise („*“) ergeben ausgeschrieben mehr als 200.000 Einträge"),
        (merged(9), "Verweise („*“) ergeben ausgeschrieben mehr als 200.000 Einträge"),
        (
            "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 3_000))]),
            "oder 60 Ebenen",
        ),
        ("a: &a [*a]", "der sich selbst enthält"),
        ("a: 2023-99-99", "Den Tag „2023-99-99“ gibt es nicht"),
        ("a: " + "9" * 10_000, "ist als Zahl zu lang"),
        ("a: !!python/object/apply:os.system ['true']", "kein gültiges YAML"),
        ("a: x\n" * 2_000_000, "Die Seite ist größer als 5 MB"),
        ("a: [" + "x, " * 300_000 + "x]", "Die Seite hat mehr als „200.000“ Einträge"),
        ("".join(f"k{n}: 1\n" for n in range(110_000)), "Die Seite hat mehr als „200.000“ Einträge"),
    ],
)
def test_pages(tmp_path, content, told):
    path = tmp_path / "seite.yml"
    path.write_text(content, encoding="utf-8")
    assert told in refused(lambda: yamlio.lesen(path))


def test_an_alias_that_saves_writing_stays_allowed(tmp_path):
    path = tmp_path / "seite.yml"
    path.write_text("a: &a {x: 1}\nb: *a\nc: {<<: *a, y: 2}\n", encoding="utf-8")
    assert yamlio.lesen(path).inhalt == {"a": {"x": 1}, "b": {"x": 1}, "c": {"x": 1, "y": 2}}


# --- patterns --------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", [r"^(a+)+$", r"^(a|aa)+$", r"^(a*)*b$", r"(.*a){25}$", r"^(\w+\s?)*$"])
@pytest.mark.parametrize("how", [muster.suche, muster.passt, muster.beginnt, muster.ohne])
def test_catastrophic_patterns_stop(pattern, how):
    text = "a" * 60 + "!"
    start = time.thread_time()
    try:
        how(pattern, text)
    except PruefFehler as error:
        assert "braucht zu lange" in str(error)
    assert time.thread_time() - start < 5


def test_a_slow_pattern_in_many_rows_stops_as_well(monkeypatch):
    monkeypatch.setattr(muster, "INSGESAMT", 0.5)
    monkeypatch.setattr(muster, "_used", defaultdict(float))

    def often() -> None:
        for _ in range(1_000_000):
            muster.suche(r"^(a+)+$", "a" * 17 + "!")

    assert "braucht zu lange" in refused(often)


@pytest.mark.parametrize(
    "pattern", [r"^(?!Summe)\w+", r"(\d{4})-(\d\d)", r"[A-Z]+ \d+[ab]?", r"(?i)summe", r"^\s*$", r"\bX\b|y$"]
)
@pytest.mark.parametrize("text", ["Summe", "A 1a", "2023-12-31", "", "summe X", "xy"])
def test_patterns_mean_what_they_mean_in_python(pattern, text):
    for ours, theirs in ((muster.suche, re.search), (muster.passt, re.fullmatch), (muster.beginnt, re.match)):
        found, expected = ours(pattern, text), theirs(pattern, text)
        assert bool(found) == bool(expected)
        if ours is muster.suche and expected:
            assert (found.span(), found.groups()) == (expected.span(), expected.groups())
    assert muster.ohne(pattern, text) == re.sub(pattern, "", text)


# --- cells of a hundred thousand characters -----------------------------------------------------------

LANG = [
    "1" + "¹" * 100_000 + "x", "(" * 50_000 + "5" + ")" * 50_000, "ca. " * 30_000 + "5", "5" + " (p)" * 30_000, "5" + " %" * 50_000,
    "1" * 100_000, "1" + ".000" * 30_000, "1" + "'000" * 30_000 + "x", "1" + "." * 100_000 + "x", "+" * 100_000 + "1", "<" + "9" * 100_000,
    "(" * 120_000, "A " + "- " * 50_000, "31.12.2023 " * 10_000, "2023 " * 20_000, "1/" * 50_000, "Stadt " * 20_000, "Ã" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("text", LANG, ids=range(len(LANG)))
def test_a_cell_of_any_length_is_judged_at_once(text):
    start = time.thread_time()
    column = Zellen({}, None).lies([text, "12"], Feld(spalte="x"))
    assert column.unlesbar.tolist() == [True, False]
    assert f"Text von {len(text.strip())} Zeichen" in column.fehler(0)
    assert len(column.fehler(0)) < 200
    towns = pd.DataFrame(
        [("05999002", "kommune", "Stadt Ahausen", "", "A", "")],
        columns=["gebiet_id", "level", "name", "oberhalb", "kuerzel", "aliase"],
    ).set_index("gebiet_id")
    assert Schluesselbuch(towns, kuerzel_im_schluessel=True).kandidaten(text) == ()
    assert lies_datum(text) is None
    assert suche_datum(text) is None
    assert time.thread_time() - start < 1


@pytest.mark.parametrize("options", [{}, {"trennzeichen": ";"}, {"kodierung": "cp1252"}])
def test_one_row_of_millions_of_cells_is_not_built_to_be_counted(tmp_path, monkeypatch, options):
    monkeypatch.setattr(csvtext, "MEISTE_ZELLEN", 3_000_000)
    path = tmp_path / "d.csv"
    path.write_bytes("Gebiet;Größe".encode("cp1252") + b";" * 30_000_000 + b"\n")
    tracemalloc.start()
    told = refused(lambda: csvtext.lies(path, csvtext.Form.model_validate(options), ["Gebiet"]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "zu groß für den Arbeitsspeicher" in told
    assert peak < 300_000_000


def test_patterns_of_file_names_with_many_stars(tmp_path):
    start = time.thread_time()
    assert not dateiname_passt("a" * 200 + ".csv", "*a" * 40 + "b.csv")
    assert dateiname_passt("a" * 200 + "b.csv", "*a" * 40 + "b.csv")
    folder = tmp_path
    for _ in range(12):
        folder /= "x"
        folder.mkdir()
    (folder / "d.csv").write_text("x", "utf-8")
    for depth in (1, 2, 12):
        assert list(dateien_nach_muster(tmp_path, "**/" * depth + "*.csv")) == [folder / "d.csv"]
    assert list(dateien_nach_muster(tmp_path, "**/x/" * 6 + "*.csv")) == [folder / "d.csv"]
    assert time.thread_time() - start < 2


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("e/Stand [neu].csv", "e/* [neu].csv", True), ("a?.csv", "a?.csv", True), ("ab.csv", "a?.csv", False), ("a.csv", "a.csv", True),
        ("b/a.csv", "*.csv", True), ("axcsv", "a.csv", False), ("a\nb.csv", "a*.csv", True), ("a[1].csv", "a[1].csv", True), ("a1.csv", "a[1].csv", False),
        ("a!.csv", "a[!x].csv", False), ("a^.csv", "a^.csv", True), ("A.csv", "a.csv", False),
    ],
)  # fmt: skip
def test_file_names_stand_for_themselves_but_for_stars(name, pattern, fits):
    assert dateiname_passt(name, pattern) is fits


def test_a_finding_repeats_no_novel():
    short = Befund("fehler", "„abc“ ist kein Gebiet.", "Gemeint ist vielleicht „abd“.")
    assert str(short) == "„abc“ ist kein Gebiet. Gemeint ist vielleicht „abd“."
    long = Befund(
        "fehler",
        f"„{'x' * 5000}“ ist kein Gebiet, „abc“ schon.",
        f"Es gibt: „{'y' * 900}“.",
        spalte=f"B „{'z' * 700}“",
    )
    assert long.text == f"„{'x' * 200} …“ ist kein Gebiet, „abc“ schon."
    assert long.abhilfe == f"Es gibt: „{'y' * 200} …“."
    assert long.spalte == f"B „{'z' * 200} …“"
    assert replace(long, datei="d.csv").text == long.text


@pytest.mark.parametrize(
    "form", ["[" * 1_000_000 + "0", "0" + "," * 1_000_000, "0;" * 500_000, '0"' + "(p)" * 300_000 + '"']
)
def test_a_number_format_of_any_length(tmp_path, form):
    path = tmp_path / "d.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Nr", "a"])
    book.active.append(["A 1", 12])
    book.active["B2"].number_format = "0FORM"
    book.save(path)
    source = zipfile.ZipFile(path)
    kept = {name: source.read(name) for name in source.namelist()}
    kept["xl/styles.xml"] = kept["xl/styles.xml"].replace(b"0FORM", form.replace('"', "&quot;").encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name, content in kept.items():
            target.writestr(name, content)
    start = time.thread_time()
    (sheet,) = arbeitsmappe.lies(path, arbeitsmappe.Form())
    assert sheet.zeilen[1] == (2, ["A 1", 12])
    assert time.thread_time() - start < 2


# --- shapes ----------------------------------------------------------------------------------------


def shapes(folder: Path, *sql: str) -> Path:
    path = folder / "g.gpkg"
    gpd.GeoDataFrame({"id": ["A 1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:25832").to_file(
        path, layer="orte"
    )
    with sqlite3.connect(path) as base:
        for line in sql:
            base.execute(line)
    return path


REGISTER = "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('{0}', 'features', '{0}', 25832)"
SPALTE = "INSERT INTO gpkg_geometry_columns VALUES ('{0}', 'geom', 'POLYGON', 25832, 0, 0)"


@pytest.mark.parametrize(
    "view",
    [
        "SELECT fid, geom, load_extension('x.so') AS id FROM orte",
        "SELECT fid, geom, id FROM orte WHERE (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c) > 0",
        "SELECT fid, geom, id FROM orte",
    ],
)
def test_views_in_a_geopackage(tmp_path, view):
    path = shapes(tmp_path, f"CREATE VIEW sicht AS {view}", REGISTER.format("sicht"), SPALTE.format("sicht"))
    told = refused(lambda: lies_geometrie(path, "id", layer="sicht"))
    if "load_extension" in view:
        assert "ruft Programme außerhalb der Datei auf („sicht“)" in told
    else:
        assert "„sicht“ ist eine gespeicherte Abfrage" in told
        assert len(lies_geometrie(path, "id")) == 1  # the layer beside it


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIEW v AS SELECT load_extension('x') AS id",
        "CREATE TRIGGER t AFTER UPDATE ON orte BEGIN SELECT load_extension('x'); END",
        "CREATE VIEW v AS SELECT writefile('x', 'y') AS id",
        "CREATE VIEW v AS SELECT \"load_extension\"('x') AS id",
        "CREATE VIEW v AS SELECT [load_extension] ('x') AS id",
        "CREATE VIEW v AS SELECT load_extension /* a */ ('x') AS id",
        "CREATE VIEW v AS SELECT load_extension -- a\n('x') AS id",
    ],
)
def test_calls_of_outside_code_in_a_geopackage(tmp_path, sql):
    path = shapes(tmp_path, sql)
    assert "ruft Programme außerhalb der Datei auf" in refused(
        lambda: lies_geometrie(path, "id", layer="orte")
    )


def test_a_file_that_points_elsewhere(tmp_path):
    path = tmp_path / "g.vrt"
    path.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>x.csv</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
        "utf-8",
    )
    assert "verweist auf andere Dateien (VRT)" in refused(lambda: lies_geometrie(path, "id"))


# --- the whole way, with a bound of memory ---------------------------------------------------------


def million_rows(path: Path) -> None:
    """A workbook of more than a million cells that takes 4 MB on disk."""
    book = openpyxl.Workbook()
    book.active.title = "Bestand"
    book.save(path)
    source = zipfile.ZipFile(path)
    kept = {name: source.read(name) for name in source.namelist()}
    row = b'<row r="%d"><c r="A%d"><v>1</v></c><c r="B%d"><v>1</v></c><c r="C%d"><v>1</v></c></row>'
    body = b"".join(row % ((n,) * 4) for n in range(1, 360_001))
    sheet = kept["xl/worksheets/sheet1.xml"]
    kept["xl/worksheets/sheet1.xml"] = re.sub(
        rb"<sheetData>.*</sheetData>", b"<sheetData>" + body + b"</sheetData>", sheet
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name, content in kept.items():
            target.writestr(name, content)


def huge_comments(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Gebiet", "a"])
    book.active["A1"].comment = openpyxl.comments.Comment("KOMMENTAR", "x")
    book.save(path)
    source = zipfile.ZipFile(path)
    with zipfile.ZipFile(path.with_suffix(".neu"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            target.writestr(
                name,
                source.read(name).replace(b"KOMMENTAR", b"x" * 300_000_000 if "comments" in name else b"y"),
            )
    path.with_suffix(".neu").replace(path)


def bounded() -> None:
    resource.setrlimit(
        resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000)
    )  # what libraries reserve counts as well


@pytest.mark.langsam
@pytest.mark.skipif(sys.platform != "linux", reason="Grenzen des Speichers setzt nur Linux so.")
@pytest.mark.parametrize(
    ("make", "told"),
    [(million_rows, "Zellen; gelesen werden höchstens"), (huge_comments, "Das Blatt „Bestand“ fehlt")],
)
def test_a_hostile_delivery_leaves_the_last_snapshot(gebaut, tmp_path, make, told):
    good = store.aktueller(gebaut.bestand)
    path = next(gebaut.lieferungen.rglob("Register_2023-12-31.xlsx"))
    make(path)
    script = (
        "import sys, resource; from sozialanalyse.cli import main; code = main(sys.argv[1:]); "
        "print('SPITZE', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
    )
    start = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-c", script, "build", "--region", str(gebaut.ordner)],
        capture_output=True, text=True, check=False, env=os.environ, preexec_fn=bounded, timeout=300,
    )  # fmt: skip
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "register/Register_2023-12-31.xlsx" in run.stderr
    assert told in run.stderr
    peak = int(re.search(r"SPITZE (\d+)", run.stdout)[1])
    assert peak < 1_000_000  # kilobytes
    assert time.monotonic() - start < 120
    assert store.aktueller(gebaut.bestand) == good


def test_deep_json_is_refused(gebaut, capsys, tmp_path):
    page = gebaut.ordner / "indikatoren" / "arbeit.yml"
    page.write_text(
        page.read_text("utf-8")
        .replace("format: csv", "format: json-stat")
        .replace("  kodierung: cp1252\n", ""),
        "utf-8",
    )
    (gebaut.lieferungen / "arbeit.csv").write_text('{"a":' * 200_000 + json.dumps(1), "utf-8")
    assert main(["check", "--region", str(gebaut.ordner)]) == 1
    assert "zu tief verschachtelt" in capsys.readouterr().err
