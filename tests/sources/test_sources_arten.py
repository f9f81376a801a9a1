"""Kinds of trouble in files: each is read right, or refused with its place, its true cause and a remedy."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from sozialanalyse.base.errors import PruefFehler
from sozialanalyse.base.rohtabelle import Formel, Gezeigt, Prozent, Rohtabelle, Spaltenstelle, Unsichtbar
from sozialanalyse.formate import arbeitsmappe, csvtext, mappe
from sozialanalyse.region.catalogue import TABELLEN
from sozialanalyse.sources import lies_geometrie, lies_spalten, lies_tabellen

HOCH = InlineFont(vertAlign="superscript")
TIEF = InlineFont(vertAlign="subscript")


def lies(path: Path, gesucht=(), **options) -> list[Rohtabelle]:
    kind = "excel" if path.suffix == ".xlsx" else "csv"
    base = {"format": kind, "schluessel": {"spalten": ["Nr"]}, "stichtag": {"aus": "fest", "wert": "2023"}}
    shape = TABELLEN[options.get("format", kind)].model_validate(base | options)
    return list(lies_tabellen(path, shape, gesucht=gesucht))


def refused(path: Path, **options) -> str:
    with pytest.raises(PruefFehler) as caught:
        lies(path, **options)
    (befund,) = caught.value.befunde
    assert befund.datei == path.name
    assert befund.abhilfe
    return str(befund)


def text(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "d.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def book(folder: Path, rows, *, formats=(), merge=()) -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    for address, form in dict(formats).items():
        sheet[address].number_format = form
    for block in merge:
        sheet.merge_cells(block)
    path = folder / "d.xlsx"
    made.save(path)
    return path


def parts(path: Path, change) -> Path:
    """The same workbook with its parts changed: name, content -> content, None to leave it out."""
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                target.writestr(name, content)
    return path


# --- rows longer or shorter than the heading ------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("A 2,7,25", ""),
        ("A 2,7,25,5", "Die Zeile hat 4 Zellen, der Kopf 3"),
        ("A 2,7", "Die Zeile hat 2 Zellen, der Kopf 3"),
        ("A 2", "Die Zeile hat 1 Zelle, der Kopf 3"),
        ("A 2,7,25,,", ""),
        ("A 2,7,25,,x", "Die Zeile hat 5 Zellen, der Kopf 3"),
    ],
)
def test_rows_have_as_many_cells_as_the_heading(tmp_path, row, told):
    (table,) = lies(text(tmp_path, f"Nr,a,b\nA 1,1,2\n{row}\nA 3,5,6\n"))
    assert list(table.maengel) == ([1] if told else [])
    assert all(told in reason for reason, _ in table.maengel.values())


def test_a_heading_may_end_in_columns_without_name(tmp_path):
    (table,) = lies(text(tmp_path, "Nr;a;;\nA 1;1;;\nA 2;2\nA 3;3;;7\n"))
    assert list(table.maengel) == [2]


def test_a_number_beside_the_table_of_a_sheet(tmp_path):
    rows = [
        ["Nr", "a", None, "Rechnung"],
        ["A 1", 12, 5, 3],
        ["A 2", 7, None, None],
        ["A 3", 8, "Stand 2023", 1],
    ]
    (table,) = lies(book(tmp_path, rows))
    assert not table.maengel  # the next column has a heading of its own
    (table,) = lies(book(tmp_path, [row[:3] for row in rows]))
    assert list(table.maengel) == [0]
    assert "Rechts der letzten Überschrift steht noch eine Zahl (5)" in table.maengel[0][0]


@pytest.mark.parametrize("beside", ["7", "1.250", "12,5 %", " 7 ", 7, 7.5])
def test_a_shifted_row_of_a_sheet_whose_numbers_are_text(tmp_path, beside):
    rows = [["Nr", "a", "b"], ["A 1", "12", "7"], ["A 2", None, "13", beside], ["A 3", "14", "9"]]
    (table,) = lies(book(tmp_path, rows))
    assert list(table.maengel) == [1]
    (table,) = lies(book(tmp_path, [*rows[:2], ["A 2", "13", "7", "vorläufig"], rows[3]]))
    assert not table.maengel


def test_one_number_with_a_decimal_comma_in_a_file_of_commas(tmp_path):
    """The remark is empty in every other row; the part behind the comma was pushed into it."""
    lines = ["Nr,a,Quote,Bemerkung", "A 1,12,7,", "A 2,13,1,5,", "A 3,14,9,", "A 4,15,8,"]
    (table,) = lies(text(tmp_path, "\n".join(lines) + "\n"))
    assert list(table.maengel) == [1]
    assert "länger als die anderen" in table.maengel[1][0]
    lines[1:2] = ["A 1,12,7,neu"]  # the column is in use: a comma at the end is none too many
    (table,) = lies(text(tmp_path, "\n".join(lines) + "\n"))
    assert not table.maengel


@pytest.mark.parametrize(
    ("head", "rows", "faulty"),
    [
        (
            "Nr,Quote,Bemerkung",
            ["A 1,1,5", "A 2,7,25"],
            False,
        ),  # may well be two columns, and no row is longer
        ("Nr,Quote,Bemerkung", ["A 1,1,5,", "A 2,7,25,"], True),
        ("Nr,a,b,Bemerkung", ["A 1,1,5,12,", "A 2,7,25,3,"], True),
        ("Nr,a,b,x,y", ["A 1,1,5,2,5,,", "A 2,7,25,3,0,,"], True),
        ("Nr,Quote,Bemerkung,", ["A 1,1,5,", "A 2,7,25,"], False),  # the heading ends in a comma, too
        ("Nr,Quote,Bemerkung", ["A 1,1,neu,", "A 2,7,,"], False),
        ("Nr,Quote,Anteil", ["A 1,1,2.5,", "A 2,7,1.5,"], False),
        ("Nr;Quote;Bemerkung", ["A 1;1;5;", "A 2;7;25;"], False),  # no decimal is written with a semicolon
    ],
)
def test_a_decimal_comma_in_every_row_of_a_file_of_commas(tmp_path, head, rows, faulty):
    (table,) = lies(text(tmp_path, "\n".join([head, *rows]) + "\n"))
    assert list(table.maengel) == ([0, 1] if faulty else [])
    assert all("das Trennzeichen auch das Dezimalkomma" in reason for reason, _ in table.maengel.values())


@pytest.mark.parametrize(
    "content",
    [
        "Nr    Einwohner   Stand\nA 1   12          31.12.23\nA 2   1,5         x\n",
        "Nr Einwohner\n1 12\n2 93\n",
        "Tabelle 1, vorläufig\n\nNr   Einwohner\n1    12\n",
    ],
)
def test_columns_of_blanks_are_called_so(tmp_path, content):
    told = refused(text(tmp_path, content), gesucht=["Nr", "Einwohner"])
    assert "Die Spalten sind durch Leerzeichen getrennt" in told
    (table,) = lies(text(tmp_path, "Nr;Ein Wohner\nA 1;12\n"), gesucht=["Nr", "Einwohner"])
    assert table.kopf == ["Nr", "Ein Wohner"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32", "utf-8"])
def test_a_file_cut_within_a_letter_is_cut_and_of_no_other_encoding(tmp_path, encoding):
    raw = "Nr;Größe\nA 1;12\nA 2;größer\n".encode(encoding)
    whole = raw.rindex("ö".encode(encoding.removesuffix("-sig") + ("-le" if "8" not in encoding else "")))
    told = refused(text(tmp_path, raw[: whole + 1]))
    assert "Zeile 3: Die Datei endet mitten in einem Zeichen" in told
    assert "kodierung" not in told


def test_zeros_of_a_full_disk_are_no_character_set(tmp_path):
    raw = b"Nr;a\nA 1;12\nA 2;93564\n"
    (table,) = lies(text(tmp_path, raw[:-3] + b"\0" * 60))
    assert "endet mitten in dieser Zeile" in table.maengel[1][0]
    assert "Zeile 3: Hier steht ein NUL-Zeichen" in refused(text(tmp_path, raw[:12] + b"\0" * 20 + raw[12:]))


WHOLE = "Nr;a;b\nA 1;12;93564\nA 2;7;41000\n"


@given(st.integers(len("Nr;a;b\nA 1;"), len(WHOLE)))
@settings(deadline=None)
def test_a_file_cut_anywhere_keeps_no_half_number(tmp_path_factory, at):
    (table,) = lies(text(tmp_path_factory.getbasetemp(), WHOLE[:at]))
    good = [row for number, row in enumerate(table.zeilen) if number not in table.maengel]
    assert good == [["A 1", "12", "93564"], ["A 2", "7", "41000"]][: len(good)]


def test_a_cut_file_says_so(tmp_path):
    (table,) = lies(text(tmp_path, WHOLE[:-3]))
    assert "endet mitten in dieser Zeile" in table.maengel[1][0]
    assert not lies(text(tmp_path, WHOLE[:-1]), ohne_zeilenende=True)[0].maengel
    assert not lies(text(tmp_path, WHOLE + "Quelle: Amt"), ende="^Quelle")[0].maengel


def test_a_quotation_mark_that_is_never_closed(tmp_path):
    assert "Zeile 3: Ab hier ist die Datei keine lesbare Tabelle" in refused(
        text(tmp_path, 'Nr;a\n1;2\n2;"3\n4;5\n')
    )


@pytest.mark.parametrize("sign", [";", ",", "\t"])
@pytest.mark.parametrize(
    "rows",
    [
        'A 1;"Mitte;12\nA 2;Nord;7\nA 3;Ost";5\n',
        'A 1;Mitte;12\nA 2;"Nord;7\nA 3;Ost";5\n',
        '"A 1;Mitte;12\nA 2;Nord;7\nA 3";Ost;5\n',
    ],
)
def test_quotation_marks_that_swallow_rows(tmp_path, rows, sign):
    table = ("Nr;Name;a\n" + rows).replace(";", sign)
    assert "Eine Zelle enthält ganze Zeilen" in refused(text(tmp_path, table))


def test_cells_and_notes_of_several_lines(tmp_path):
    note = '"Stand; 2023; vorläufig;\nzweite Zeile";;\n'
    (table,) = lies(
        text(tmp_path, note + 'Nr;Name;a\nA 1;"Mitte;\nalt";12\nA 2;Nord;7\n' + note), ende="^Stand"
    )
    assert [row[2] for row in table.zeilen] == ["12", "7"]


# --- number formats -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (0.125, "0.0%", Prozent(12.5)),
        (0.125, "0.00 %", Prozent(12.5)),
        (12.5, '0.0"%"', Prozent(12.5)),
        (12.5, r"0.0\%", Prozent(12.5)),
        (12.5, r"0.0\ \%", Prozent(12.5)),
        (12.5, '0.0" % von allen"', Prozent(12.5)),
        (0.125, '0.0%" von allen"', Prozent(12.5)),
        (12.5, "0.0_%", 12.5),  # only the width of a percent sign
        (12.5, "0.0*%", 12.5),
        (12.5, "[Red]0.0;[Blue]-0.0%", 12.5),  # the section for negative numbers
        (-0.125, "0.0;-0.0%", Prozent(-12.5)),
        (0, '0.0%;-0.0%;"–"', 0),
        (0.125, '[<1]0.0%;0', Prozent(12.5)),
        (1.25, '0.000" Tsd."', "1,25 Tsd."),  # more than the number says: text, so that nobody takes it for 1.25
        (1.25, '#,##0.00\\ "Mio. €"', "1,25 Mio. €"),
        (12.5, '0.0"‰"', "12,5 ‰"),
        (1250, '#,##0.0,"Tsd."', 1250),  # divided only where it is shown
        (1250, '#,##0" Personen"', 1250),
        (7.5, '0.0" T"', 7.5),
        (0.125, '[>=1]0.0"%";0.0%', Prozent(12.5)),  # the first section whose condition holds, else the last
        (12.5, '[>=1]0.0"%";0.0%', Prozent(12.5)),
        (12.5, '[<=1]0.0%;[<100]0.0"%";0', Prozent(12.5)),
        (0.125, '[Red][>1]0"%";[Blue]0.0%', Prozent(12.5)),
        (12.5, "General", 12.5),
        (0.07, "0%", Prozent(7)),
        (7, '[<10]"*";0', "*"),  # hidden by its format only: what the sheet shows counts
        (12, '[<10]"*";0', 12),
        (7, r"[<10]\*;0", "*"),
        (7, '"x"', "x"),
        (7, "[<10]-;0", "-"),
        (-7, '0;"k. A."', "k. A."),
        (0, '0;-0;"–"', 0),
        (7, '_-* #,##0_-;-* #,##0_-;_-* "-"??_-', 7),
        (7, '"ca. "0', "ca. 7"),  # what stands beside the number counts where it says something else
        (5, '"<"0', "<5"),
        (5, "<0", "<5"),
        (5, '"unter "0', "unter 5"),
        (0, '"<"0', 0),
        (12, "(0)", "(12)"),
        (12.5, '\\(0.0\\)" €"', "(12,5) €"),
        (0.125, "(0.0%)", "(12,5 %)"),
        (0.05, '"<"0%', "<5 %"),
        (12, '0"*"', "12*"),
        (12, '0" (p)"', "12 (p)"),
        (12, '0" 1)"', "12 1)"),
        (12, '0"+"', "12+"),
        (12, '"A "0', "A 12"),
        (12, '"SR"0', "SR12"),
        (12, '0"000"', Gezeigt("12000", "12")),
        (234, '"1"000', Gezeigt("1234", "234")),
        (12, '"-"0', Gezeigt("-12", "12")),
        (12, "-0", Gezeigt("-12", "12")),
        (12, '0"-"', Gezeigt("12-", "12")),
        (-12, "0;0", Gezeigt("12", "-12")),  # as in a population pyramid
        (-12, "#,##0;[Red]#,##0", -12),
        (-12, "#,##0_);(#,##0)", -12),
        (-12, '0;"minus "0', -12),
        (12, "0;-0", 12),
        (12, '#,##0.00 "€"', 12),
        (12, '"€" 0', 12),
        (12, "[$€-407] 0.00", 12),
        (12, '0",-"', 12),
        (12, '0" m²"', 12),
        (12, '0" / km"', 12),
        (12, "+0;-0;0", 12),
        (12, "0.00E+00", 12),
        (12, "# ?/?", 12),
        (31122023, r"00\.00\.0000", 31122023),
        (12.5, '0.0" v.H."', Prozent(12.5)),
        (12.5, '0.0" Prozent"', Prozent(12.5)),
        (7, ";;;", Unsichtbar("7")),
        (7.5, "0;;", 7.5),
        (-7.5, "0;;", Unsichtbar("-7,5")),
    ],
)  # fmt: skip
def test_percent_as_the_sheet_shows_it(tmp_path, value, form, shown):
    (table,) = lies(book(tmp_path, [["Nr", "a"], ["A 1", value]], formats={"B2": form}))
    found = table.zeilen[0][1]
    assert (found, type(found)) == (shown, type(shown))
    assert getattr(found, "steht", "") == getattr(shown, "steht", "")


# --- rich text ------------------------------------------------------------------------------------


def test_raised_footnotes_are_not_part_of_number_key_or_heading(tmp_path):
    rows = [
        ["Nr", CellRichText("Einwohner", TextBlock(HOCH, "1)")), CellRichText("CO", TextBlock(TIEF, "2"))],
        [CellRichText("A 1", TextBlock(HOCH, "2")), CellRichText("1250", TextBlock(HOCH, "1")), 3],
    ]
    (table,) = lies(book(tmp_path, rows))
    assert table.zeilen[0][:2] == ["A 1²", "1250¹"]
    assert table.finde("Einwohner") == [1]
    assert table.finde("CO₂") == [2]


def test_a_cell_that_is_raised_as_a_whole_keeps_its_text(tmp_path):
    rows = [["Nr", "a"], ["A 1", CellRichText(TextBlock(HOCH, "12"))]]
    assert lies(book(tmp_path, rows))[0].zeilen[0][1] == "12"


# --- formulas -------------------------------------------------------------------------------------


def test_formulas_without_result_are_not_empty(tmp_path):
    path = book(tmp_path, [["Nr", "a", "b"], ["A 1", 7, "=B2*2"], ["A 2", None, 1]])
    (table,) = lies(path)
    assert isinstance(table.zeilen[0][2], Formel)
    assert table.zeilen[1][1] is None
    stored = parts(
        path, lambda name, content: content.replace(b"<v></v>", b"<v>14</v>").replace(b"<v />", b"<v>14</v>")
    )
    assert lies(stored)[0].zeilen[0][2] == 14


def test_zeros_that_were_never_computed_are_no_results(tmp_path):
    path = book(tmp_path, [["Nr", "a"], ["A 1", "=1+1"], ["A 2", "=2+2"]])

    def zeros(name: str, content: bytes) -> bytes:
        return content.replace(b"<v></v>", b"<v>0</v>").replace(b"<v />", b"<v>0</v>")

    assert all(isinstance(row[1], Formel) for row in lies(parts(path, zeros))[0].zeilen)
    asked = parts(path, lambda name, content: content.replace(b'fullCalcOnLoad="1"', b""))
    assert [row[1] for row in lies(asked)[0].zeilen] == [0, 0]


# --- days a spreadsheet made ----------------------------------------------------------------------


def test_a_day_in_the_heading_is_found_as_it_is_written(tmp_path):
    (table,) = lies(book(tmp_path, [["Nr", datetime(2023, 12, 31), 2022, 2021.0], ["A 1", 5, 6, 7]]))
    assert list(table.kopf) == ["Nr", "31.12.2023", "2022", "2021"]


def test_a_heading_that_became_a_day_is_explained(tmp_path):
    (table,) = lies(book(tmp_path, [["Nr", datetime(2024, 6, 3)], ["A 1", 5]]))
    found = table.spalte_unklar("3-6")
    assert found is not None
    assert "„03.06.2024“ ist ein Datum, das Excel vermutlich aus „3-6“ gemacht hat" in found.abhilfe


# --- workbooks that are none ----------------------------------------------------------------------


def test_strict_open_xml_is_read(tmp_path):
    usual = {new: old for old, new in mappe._STRICT.items()}

    def strict(name: str, content: bytes) -> bytes:
        for new, old in usual.items():
            content = content.replace(new, old)
        return content

    path = parts(book(tmp_path, [["Nr", "a"], ["A 1", 1250]], formats={"B2": "0"}), strict)
    assert b"purl.oclc.org" in zipfile.ZipFile(path).read("xl/workbook.xml")
    assert lies(path)[0].zeilen == [["A 1", 1250]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "mit einem Kennwort geschützt",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Workbook", "das alte Excel-Format (.xls)"),
        (
            b"Nr;a\n1;2\n",
            "ist keine Excel-Arbeitsmappe. Dem Inhalt nach ist sie eine Textdatei mit Trennzeichen (CSV)",
        ),
        (b"", "Die Lieferung ist leer"),
        (b"PK\x03\x04 und weiter nichts", "ist beschädigt"),
    ],
)
def test_what_is_no_workbook_is_called_by_its_name(tmp_path, content, told):
    path = tmp_path / "d.xlsx"
    path.write_bytes(content)
    assert told in refused(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\n<!DOCTYPE html><html><table>", "Webseite (HTML)"),
        (b"<table border=1><tr><td>Nr</td>", "Webseite (HTML)"),
        (b'<?xml version="1.0"?><Workbook>', "XML"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08\x00", "gepackt"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(tmp_path, content, told):
    path = tmp_path / "d.xlsx"
    path.write_bytes(content)
    assert f"Dem Inhalt nach ist sie {told}" in refused(path).replace("eine ", "").replace("ein ", "")


def test_a_workbook_taken_for_text(tmp_path):
    path = book(tmp_path, [["Nr"], [1]]).rename(tmp_path / "d.csv")
    assert "Dem Inhalt nach ist sie eine Excel-Arbeitsmappe; bitte „format: excel“ prüfen." in refused(path)


def test_a_workbook_without_sheets(tmp_path):
    path = book(tmp_path, [["Nr"], [1]])
    parts(
        path,
        lambda name, content: (
            re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", content) if name == "xl/workbook.xml" else content
        ),
    )
    assert "hat kein Tabellenblatt" in refused(path)


def test_a_sheet_that_is_only_a_chart_is_none(tmp_path):
    made = openpyxl.Workbook()
    made.create_chartsheet("Bild", 0)
    made.worksheets[0].append(["Nr", "a"])
    made.worksheets[0].append(["A 1", 3])
    made.save(tmp_path / "d.xlsx")
    assert lies(tmp_path / "d.xlsx")[0].zeilen == [["A 1", 3]]


def test_a_workbook_whose_sheets_are_one_part(tmp_path):
    """Read for each of twenty thousand names, one small sheet would take minutes."""

    def again(name: str, content: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return content
        (sheet,) = re.findall(rb"<sheet [^>]*/>", content)
        return content.replace(
            sheet, sheet + sheet.replace(b'"Sheet"', b'"B"').replace(b'sheetId="1"', b'sheetId="2"')
        )

    assert "Die Arbeitsmappe ist beschädigt" in refused(
        parts(book(tmp_path, [["Nr", "a"], ["A 1", 1]]), again)
    )


def test_too_many_sheets_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(mappe, "MEISTE_BLAETTER", 2)
    made = openpyxl.Workbook()
    for _ in range(2):
        made.create_sheet()
    made.save(tmp_path / "d.xlsx")
    assert "Die Arbeitsmappe hat 3 Blätter; gelesen werden höchstens 2" in refused(tmp_path / "d.xlsx")


@pytest.mark.parametrize(
    "missing",
    ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"],
)
def test_a_workbook_that_lacks_a_part(tmp_path, missing):
    path = parts(book(tmp_path, [["Nr"], [1]]), lambda name, content: None if name == missing else content)
    assert "beschädigt" in refused(path) or "kein" in refused(path)


# --- headings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["%", " %", "<", ">", "+", " +", "≥", "≤", "±", "‰", "€", " (€)", "="])
def test_signs_tell_headings_apart(tmp_path, sign):
    (table,) = lies(text(tmp_path, f"Nr;Kinder;Kinder{sign}\nA 1;5;7\n"))
    assert (table.finde("Kinder"), table.finde(f"Kinder{sign}"), table.finde(f"KINDER{sign}")) == (
        [1],
        [2],
        [2],
    )
    (table,) = lies(text(tmp_path, f"Nr;Kinder{sign}\nA 1;7\n"))
    found = table.spalte_unklar("Kinder")
    assert found is not None
    assert f"Die Spalte „Kinder“ fehlt. Gemeint ist vielleicht: „Kinder{sign}“" in str(found)


def test_the_exact_spelling_comes_first(tmp_path):
    (table,) = lies(text(tmp_path, "Nr;Ärzte;Aerzte;EW;Ew\nA 1;1;2;3;4\n"))
    assert [table.finde(name) for name in ("Ärzte", "Aerzte", "EW", "Ew", "ew")] == [
        [1],
        [2],
        [3],
        [4],
        [3, 4],
    ]


def test_columns_without_or_with_the_same_heading_by_their_place(tmp_path):
    path = text(tmp_path, ";;Anzahl;Anzahl\nA 1;Mitte;5;7\n")
    (table,) = lies(path, gesucht=[Spaltenstelle(0)])
    assert [table.finde(Spaltenstelle(column)) for column in range(5)] == [[0], [1], [2], [3], []]
    told = table.spalte_unklar("Anzahl")
    assert told is not None
    assert told.abhilfe.endswith("welche gilt: {buchstabe: C} oder {buchstabe: D}.")
    unnamed = table.spalte_unklar("")
    assert unnamed is not None
    assert "Spalten ohne Überschrift gibt es 2-mal" in unnamed.text
    beyond = table.spalte_unklar(Spaltenstelle(7))
    assert beyond is not None
    assert "Die Spalte H gibt es nicht; die Tabelle hat 4 Spalten." in beyond.text


def test_a_last_column_without_heading_belongs_to_the_table_when_asked_for(tmp_path):
    path = text(tmp_path, "Nr;a;\nA 1;5;7\n")
    assert list(lies(path)[0].maengel) == [0]
    assert not lies(path, gesucht=[Spaltenstelle(2)])[0].maengel


# --- merged cells ---------------------------------------------------------------------------------


def test_merged_cells_speak_for_all_their_rows(tmp_path):
    rows = [
        ["Ort", "Nr", "a"],
        ["Mitte", 1, 5],
        [None, 2, 6],
        [None, None, None],
        ["Nord", 3, 7],
        [None, 4, 8],
    ]
    (table,) = lies(book(tmp_path, rows, merge=["A2:A3", "A5:A6"]))
    assert table.spalte(0, verbunden=True) == ["Mitte", "Mitte", "Nord", "Nord"]
    assert table.spalte(0) == ["Mitte", None, "Nord", None]


# --- sheets ---------------------------------------------------------------------------------------


def test_every_sheet_that_fits_is_a_table(tmp_path):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for year in (2021, 2023, "Hinweise"):
        sheet = made.create_sheet(str(year))
        sheet.append(["Nr", "a"])
        sheet.append(["A 1", year])
    path = tmp_path / "d.xlsx"
    made.save(path)
    tables = lies(path, blatt={"muster": r"20\d\d", "alle": True})
    assert [(table.blatt, table.zeilen[0][1]) for table in tables] == [("2021", 2021), ("2023", 2023)]
    assert "passen mehrere Blätter: „2021“, „2023“" in refused(path, blatt=r"20\d\d")
    assert "Das Blatt „19..“ fehlt" in refused(path, blatt={"muster": "19..", "alle": True})


# --- delimiter and character set ------------------------------------------------------------------


def test_the_heading_decides_on_the_delimiter(tmp_path):
    lines = ["Gebiet;Einwohner", *(f"Mitte, Nord, Ost {n};{n}" for n in range(5))]
    path = text(tmp_path, "\n".join(lines) + "\n")
    (table,) = lies(path, kopf={"erkennbar_an": "Gebiet"})
    assert list(table.kopf) == ["Gebiet", "Einwohner"]
    (table,) = lies(path, gesucht=["Einwohner"])
    assert list(table.kopf) == ["Gebiet", "Einwohner"]


@pytest.mark.parametrize(
    "coding", ["utf-8", "cp1252", "cp850", "mac_roman", "utf-16-le", "utf-16-be", "utf-16", "utf-8-sig"]
)
def test_the_character_set_is_found_out(tmp_path, coding):
    path = text(tmp_path, "Gebiet;Männer\nWürselen;5\nGroßhau;7\n", coding)
    (table,) = lies(path, gesucht=["Männer"])
    assert list(table.kopf) == ["Gebiet", "Männer"]
    assert [row[0] for row in table.zeilen] == ["Würselen", "Großhau"]
    assert coding.removesuffix("-sig")[:5] in table.gelesen.replace("utf-8-sig", "utf-8")


def test_a_declared_character_set_that_does_not_fit_names_the_right_one(tmp_path):
    wide = text(tmp_path, "Gebiet;a\nA 1;5\n", "utf-16-le")
    assert "ist in UTF-16 geschrieben, nicht in utf-8. Bitte „kodierung: utf-16-le“" in refused(
        wide, kodierung="utf-8"
    )
    old = text(tmp_path, "Gebiet;Männer\nWürselen;5\n", "cp850")
    assert "sie passt zu cp850. Bitte „kodierung: cp850“" in refused(old, kodierung="utf-8")


# --- hostile or huge ------------------------------------------------------------------------------


def test_entities_are_refused(tmp_path):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    path = parts(
        book(tmp_path, [["Nr"], [1]]), lambda name, content: bomb + content if "sheet1" in name else content
    )
    assert "selbst erklärte XML-Bausteine (Entitäten)" in refused(path)


def test_a_huge_part_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(mappe, "GROESSTER_TEIL", 2000)
    path = book(tmp_path, [["Nr", "a"], *([n, n] for n in range(500))])
    assert "ausgepackt" in refused(path)


def test_too_many_cells_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(mappe, "MEISTE_ZELLEN", 100)
    monkeypatch.setattr(arbeitsmappe, "MEISTE_ZELLEN", 100)
    assert "Das Blatt hat 122 Zellen; gelesen werden höchstens 100." in refused(
        book(tmp_path, [["Nr", "a"], *([n, n] for n in range(60))])
    )
    far = [["Nr", "a"], [1, 2]]
    path = book(tmp_path, far)
    made = openpyxl.load_workbook(path)
    made.active["ZZ900"] = 1
    made.save(path)
    assert "Zellen; gelesen werden höchstens 100." in refused(path)
    assert "Zellen; gelesen werden höchstens 100." in refused(book(tmp_path, far, merge=["C1:ZZ500"]))


@pytest.mark.parametrize(
    ("bound", "most"), [("MEISTE_ZEILEN", 5), ("MEISTE_ZELLEN", 9), ("MEISTE_VERSCHIEDENE", 8)]
)
def test_a_text_that_would_not_fit_into_memory_is_refused(tmp_path, monkeypatch, bound, most):
    path = text(tmp_path, "Nr;a\n" + "".join(f"{n};{n * n}\n" for n in range(1, 7)))
    assert lies(path)[0].kopf == ["Nr", "a"]
    monkeypatch.setattr(csvtext, bound, most)
    assert "Die Datei ist zu groß für den Arbeitsspeicher; gelesen werden höchstens" in refused(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_systems_and_within_cells(tmp_path, end):
    path = text(tmp_path, f'Nr;a{end}1;"zwei{end}Zeilen"{end}2;5{end}')
    assert lies(path)[0].zeilen == [["1", f"zwei{end}Zeilen"], ["2", "5"]]
    assert lies(path)[0].nummern == [2, 4]


def test_too_many_merged_ranges_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(mappe, "MEISTE_VERBUNDENE", 3)
    path = book(tmp_path, [["Nr", "a"], [1, 2]], merge=[f"C{n}:D{n}" for n in range(1, 5)])
    assert "Das Blatt hat 4 verbundene Bereiche; gelesen werden höchstens 3." in refused(path)


def test_comments_pictures_and_links_are_left_alone(tmp_path):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["Nr", "a"])
    sheet.append(["A 1", 5])
    sheet["B2"].comment = openpyxl.comments.Comment("x" * 30_000, "y")
    sheet["A2"].hyperlink = "https://example.org/"
    made.save(tmp_path / "d.xlsx")
    assert lies(tmp_path / "d.xlsx")[0].zeilen == [["A 1", 5]]


# --- what a reader of a fault is told -------------------------------------------------------------


def test_a_damaged_workbook_says_so(tmp_path):
    path = parts(
        book(tmp_path, [["Nr", "a"], ["A 1", 7]]),
        lambda name, content: b"<broken" if name == "xl/styles.xml" else content,
    )
    assert refused(path) == (
        "d.xlsx: Die Arbeitsmappe ist beschädigt oder enthält etwas, das sich nicht lesen lässt. Bitte in Excel öffnen und als .xlsx "
        "neu speichern."
    )


def test_the_heading_looked_for_and_those_there_are(tmp_path):
    file = text(tmp_path, "Nr;Name;Menge\nA 1;Mitte;12\n")
    assert refused(file, kopf={"erkennbar_an": "Nahme"}).startswith(
        "d.csv: Die Kopfzeile mit „Nahme“ fehlt. Gemeint ist vielleicht: „Name“"
    )


def test_the_last_line_of_a_list_needs_no_end(tmp_path):
    file = text(tmp_path, "id;name\nA 1;Mitte\nA 2;Nord")
    table = lies_spalten(file)
    assert [list(row) for row in table.zeilen] == [["A 1", "Mitte"], ["A 2", "Nord"]]
    assert table.maengel == {}
    with pytest.raises(PruefFehler) as caught:
        lies_spalten(text(tmp_path, ""))
    assert [one.datei for one in caught.value.befunde] == [file.name]


def test_a_file_with_several_layers_asks_which(tmp_path):
    """Beside one layer of shapes a table without any is no choice; two are."""
    path, square = tmp_path / "grenzen.gpkg", shapely.box(0, 0, 1, 1)
    pyogrio.write_dataframe(pd.DataFrame({"stil": ["rot"]}), path, layer="layer_styles")
    with pytest.raises(PruefFehler) as caught:
        lies_geometrie(path, None)
    assert str(caught.value) == (
        "grenzen.gpkg: Die Datei enthält nur eine Tabelle, keine Umrisse. Bitte den Layer mit den Flächen angeben („layer“)."
    )
    for layer in ("kreise", "raeume"):
        gpd.GeoDataFrame({"id": [layer]}, geometry=[square], crs="EPSG:25832").to_file(path, layer=layer)
        if layer == "kreise":
            assert lies_geometrie(path, "id")["id"].tolist() == ["kreise"]
    with pytest.raises(PruefFehler) as caught:
        lies_geometrie(path, "id")
    assert str(caught.value) == (
        "grenzen.gpkg: Der Geodatensatz enthält mehrere Layer: „kreise“, „raeume“. Bitte in region.yml den mit den Flächen angeben "
        "(„layer“)."
    )
    assert lies_geometrie(path, "id", layer="raeume")["id"].tolist() == ["raeume"]
