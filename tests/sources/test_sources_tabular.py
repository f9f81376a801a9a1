"""Tables as suppliers send them: what stands around them is cut off, their cells stay untouched."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sozialanalyse.base.errors import PruefFehler
from sozialanalyse.base.rohtabelle import Rohtabelle, spaltenbuchstabe
from sozialanalyse.region.catalogue import TABELLEN, Tabelle
from sozialanalyse.sources import lies_geometrie, lies_spalten, lies_tabellen


def form(**options) -> Tabelle:
    base = {"format": "csv", "schluessel": {"spalten": ["Nr"]}, "stichtag": {"aus": "fest", "wert": "2023"}}
    return TABELLEN[options.get("format", "csv")].model_validate(base | options)


def lies_tabelle(path: Path, shape: Tabelle) -> Rohtabelle:
    (table,) = lies_tabellen(path, shape)
    return table


def csv_file(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "lieferung.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def workbook(folder: Path, rows, *, merge=(), name: str = "Tabelle1") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    for row in rows:
        sheet.append(row)
    for block in merge:
        sheet.merge_cells(block)
    path = folder / "lieferung.xlsx"
    book.save(path)
    return path


def fault(call) -> str:
    with pytest.raises(PruefFehler) as caught:
        call()
    assert len(caught.value.befunde) == 1
    assert caught.value.befunde[0].abhilfe
    return str(caught.value)


MELDE = """Bevölkerung nach Gebieten;;;
Stand: 31.12.2023;;;

Nr;Name;;Einwohner;
;;;;
01;"Würselen
Mitte";;1.234,5;
02;Süd;;–;
;;;;
__________
– = genau null;;;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("sign", [";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_official_csv(tmp_path, encoding, sign, end):
    path = csv_file(tmp_path, MELDE.replace(";", sign).replace("\n", end), encoding)
    table = lies_tabelle(path, form(kopf={"erkennbar_an": "NR"}, ende="^_{5,}"))
    assert list(table.kopf) == ["Nr", "Name", "", "Einwohner", ""]
    assert [row[0] for row in table.zeilen] == ["01", "02"]  # the zero stays
    assert table.zeilen[0][1].replace("\r", "") == "Würselen\nMitte"
    assert [row[3] for row in table.zeilen] == ["1.234,5", "–"]
    assert list(table.nummern) == [6, 8]  # a line break within quotes counts
    assert table.zelle(1, 3) == "Zeile 8, Spalte 4"
    assert list(table.vorspann) == ["Bevölkerung nach Gebieten", "Stand: 31.12.2023"]


def test_decimal_commas_are_no_delimiters(tmp_path):
    path = csv_file(tmp_path, "Nr;a;b;c\n1;1,5;2,5;3,5\n2;1,5;2,5;3,5\n")
    assert lies_tabelle(path, form()).zeilen[0] == ["1", "1,5", "2,5", "3,5"]
    path = csv_file(tmp_path, "Nr,a\n1,1.5\n2,2.5\n")
    assert lies_tabelle(path, form()).zeilen[1] == ["2", "2.5"]


def test_other_encoding_as_declared(tmp_path):
    path = csv_file(tmp_path, "Nr;Größe\n1;2\n", "cp850")
    assert list(lies_tabelle(path, form(kodierung="cp850")).kopf) == ["Nr", "Größe"]
    assert "Zeile 2" in fault(
        lambda: lies_tabelle(csv_file(tmp_path, b"Nr;a\n1;\x81\n"), form(kodierung="utf-8"))
    )
    assert "Kodierung „utf-88“ gibt es nicht" in fault(lambda: lies_tabelle(path, form(kodierung="utf-88")))


def test_heading_of_three_rows(tmp_path):
    rows = [
        ["Melderegister", None, None, None, None, None],
        ["Nr", "Einwohner", None, None, "Haushalte", "Fläche"],
        [None, "deutsch", None, "andere", "insgesamt", None],
        [None, "m", "w", "m", None, "qkm"],
        ["A 1", 1, 2, 3, 4, 5],
        ["A\u00a02", 6, 7, 8, 9, 10],
        [None] * 6,
        ["Summe", 7, 9, 11, 13, 15],
    ]
    path = workbook(tmp_path, rows, merge=["A2:A4", "B2:D2", "B3:C3"])
    table = lies_tabelle(path, form(format="excel", kopf={"erkennbar_an": "Nr", "hoehe": 3}))
    assert list(table.kopf) == [
        "Nr", "Einwohner | deutsch | m", "Einwohner | deutsch | w", "Einwohner | andere | m",
        "Haushalte | insgesamt", "Fläche | qkm",
    ]  # fmt: skip
    assert table.zeilen[1] == ["A\u00a02", 6, 7, 8, 9, 10]
    assert list(table.nummern) == [5, 6, 8]
    assert table.befund("fehler", "x", zeile=1, spalte=2).ort == (
        "lieferung.xlsx, Blatt „Tabelle1“, Zeile 6, Spalte C „Einwohner | deutsch | w“"
    )


def test_heading_merged_by_sight_only(tmp_path):
    rows = [["Nr", "Einwohner", None, None], [None, "0–5", "6–9", "10–14"], ["A 1", 1, 2, 3]]
    table = lies_tabelle(
        workbook(tmp_path, rows), form(format="excel", kopf={"erkennbar_an": "Nr", "hoehe": 2})
    )
    assert list(table.kopf) == ["Nr", "Einwohner | 0–5", "Einwohner | 6–9", "Einwohner | 10–14"]


def sheets(folder: Path, *titles: str, hidden: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, title in enumerate(titles):
        sheet = book.create_sheet(title)
        sheet.append(["Nr", "a"])
        sheet.append([number, number])
        sheet.sheet_state = "hidden" if title == hidden else "visible"
    path = folder / "mappe.xlsx"
    book.save(path)
    return path


def test_choice_of_the_sheet(tmp_path):
    path = sheets(tmp_path, "Hilfe", "Bestand 2023", "Bestand 2021", hidden="Hilfe")
    assert lies_tabelle(path, form(format="excel")).blatt == "Bestand 2023"
    assert lies_tabelle(path, form(format="excel", blatt="bestand_2021")).blatt == "Bestand 2021"
    assert lies_tabelle(path, form(format="excel", blatt=r"\w+ \d\d21")).blatt == "Bestand 2021"
    assert "mehrere Blätter: „Bestand 2023“, „Bestand 2021“" in fault(
        lambda: lies_tabelle(path, form(format="excel", blatt=r"Bestand \d+"))
    )
    assert "Das Blatt „Bestand 2022“ fehlt. Gemeint ist vielleicht: „Bestand 202" in fault(
        lambda: lies_tabelle(path, form(format="excel", blatt="Bestand 2022"))
    )


@pytest.mark.parametrize("content", ["", "\n\n;;\n", "Nr;a\n", "Titel\n\nNr;a\n;\n"])
def test_empty_delivery(tmp_path, content):
    assert "Lieferung ist leer" in fault(
        lambda: lies_tabelle(
            csv_file(tmp_path, content), form(kopf={"erkennbar_an": "Nr"} if "Nr" in content else None)
        )
    )


def test_missing_heading_names_what_there_is(tmp_path):
    path = csv_file(tmp_path, "Nummer;a\n1;2\n")
    assert "Die Kopfzeile mit „Nr.“ fehlt. Es gibt:" in fault(
        lambda: lies_tabelle(path, form(kopf={"erkennbar_an": "Nr."}))
    )


def test_missing_file(tmp_path):
    assert "lässt sich nicht öffnen" in fault(lambda: lies_spalten(tmp_path / "fehlt.csv"))
    assert "lässt sich nicht öffnen" in fault(lambda: lies_spalten(tmp_path / "fehlt.xlsx"))


def test_stray_quote_swallows_nothing(tmp_path):
    path = csv_file(tmp_path, 'Nr;a\n1;"2\n' + "3;4\n" * 40_000)
    assert "Zeile 2: Ab hier ist die Datei keine lesbare Tabelle" in fault(lambda: lies_tabelle(path, form()))


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[Path, bytes]:
    path = workbook(tmp_path_factory.mktemp("ganz"), [["Nr", "a"], *([i, i * 1.5] for i in range(50))])
    return path, path.read_bytes()


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_damaged_workbook_is_a_sentence_or_the_same_numbers(whole, data):
    path, good = whole
    at = data.draw(st.integers(0, len(good) - 1))
    path.write_bytes(
        data.draw(st.sampled_from([good[:at], good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :]]))
    )
    try:
        table = lies_tabelle(path, form(format="excel"))
    except PruefFehler as error:
        assert error.befunde[0].abhilfe
    else:
        assert [row[:2] for row in table.zeilen] == [[i, i * 1.5] for i in range(50)]


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_any_bytes_are_a_table_or_a_sentence(tmp_path_factory, content):
    path = csv_file(tmp_path_factory.getbasetemp(), content)
    try:
        table = lies_tabelle(path, form())
    except PruefFehler as error:
        assert error.befunde[0].abhilfe
    else:
        assert len(table.zeilen) == len(table.nummern) > 0


@pytest.mark.parametrize(
    ("number", "letters"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")],
)
def test_letters_of_columns(number, letters):
    assert spaltenbuchstabe(number) == letters


# --- shapes -------------------------------------------------------------------------------------


def shapes(folder: Path, crs: str | None = "EPSG:4326") -> Path:
    frame = gpd.GeoDataFrame({"Kennung": ["A 1"]}, geometry=[shapely.box(6, 50, 7, 51)], crs=crs)
    path = folder / "gebiete.gpkg"
    frame.to_file(path, layer="orte")
    return path


def test_shapes_as_delivered(tmp_path):
    frame = lies_geometrie(shapes(tmp_path), "Kennung", layer="orte")
    assert frame["Kennung"].tolist() == ["A 1"]
    assert frame.crs.to_epsg() == 4326


def test_shapes_that_lack_something(tmp_path):
    path = shapes(tmp_path)
    assert "Die Spalte „kennung“ mit der Kennung fehlt. Gemeint ist vielleicht: „Kennung“" in fault(
        lambda: lies_geometrie(path, "kennung")
    )
    assert "Der Layer „ort“ fehlt. Gemeint ist vielleicht: „orte“" in fault(
        lambda: lies_geometrie(path, "Kennung", layer="ort")
    )
    assert "fehlt" in fault(lambda: lies_geometrie(tmp_path / "nichts.gpkg", "Kennung"))
    (tmp_path / "kaputt.gpkg").write_text("kein Geodatensatz")
    assert "kein lesbarer Geodatensatz" in fault(lambda: lies_geometrie(tmp_path / "kaputt.gpkg", "Kennung"))
