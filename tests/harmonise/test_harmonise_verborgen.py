"""What a sheet holds without showing it, or crosses out: rows, columns, struck cells, whoever hid them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from pruefregion import GEBIETE, Pruefregion

TAG = "2023-12-31"
SEITE = {
    "tabelle": {"format": "excel", "kopf": {"erkennbar_an": "Gebiet"}, "schluessel": {"spalten": ["Gebiet"]},
                "stichtag": {"aus": "fest", "wert": TAG}},
    "felder": {"faelle": {"spalte": "Fälle"}},
}  # fmt: skip


def region(tmp_path, change: Callable[[Any], None]) -> Pruefregion:
    """One sheet with the area in column A, a remark in B and the number in C; areas stand from row 2 on."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Gebiet", "Bemerkung", "Fälle"])
    for number, area in enumerate(GEBIETE):
        sheet.append([area, "", 10 * (number + 1)])
    change(sheet)
    content = io.BytesIO()
    book.save(content)
    return Pruefregion(tmp_path / "r", SEITE, {"amt.xlsx": content.getvalue()})


def zahlen(found: Pruefregion) -> list[float | None]:
    return [found.zahlen()[(area, "FAELLE", TAG)] for area in GEBIETE]


def gefiltert(sheet: Any) -> None:
    sheet.auto_filter.ref = "A1:C8"
    sheet.row_dimensions[3].hidden = sheet.row_dimensions[6].hidden = True


def gruppiert(sheet: Any) -> None:
    sheet.row_dimensions.group(3, 4, hidden=True)


@pytest.mark.parametrize("change", [gefiltert, gruppiert])
def test_hidden_rows_are_read_and_told(tmp_path, change):
    found = region(tmp_path, change)
    assert zahlen(found) == [10, 20, 30, 40, 50, 60, 70]
    told = [text for text in found.meldungen() if "ausgeblendet" in text]
    assert len(told) == 1
    assert "Zeile 3" in told[0]
    assert "Gelesen, obwohl im Blatt ausgeblendet: 2 Zeilen." in told[0]


def test_hidden_rows_without_use_are_not_told(tmp_path):
    def change(sheet: Any) -> None:
        sheet["A12"], sheet["C12"] = "", ""
        sheet.row_dimensions[12].hidden = sheet.row_dimensions[1].hidden = True
        sheet.column_dimensions["B"].hidden = True

    assert not [text for text in region(tmp_path, change).meldungen() if "ausgeblendet" in text]


@pytest.mark.parametrize("columns", [("C", "C"), ("B", "D")])
def test_a_hidden_column_is_read_and_told(tmp_path, columns):
    def change(sheet: Any) -> None:
        sheet.column_dimensions.group(*columns, hidden=True)

    found = region(tmp_path, change)
    assert zahlen(found) == [10, 20, 30, 40, 50, 60, 70]
    told = [text for text in found.meldungen() if "ausgeblendet" in text]
    assert len(told) == 1
    assert "Spalte C „Fälle“" in told[0]


def number(sheet: Any) -> None:
    sheet["C3"].font = Font(strike=True)


def key(sheet: Any) -> None:
    sheet["A3"].font = Font(strike=True, bold=True)


def rich(sheet: Any) -> None:
    sheet["C3"] = CellRichText(TextBlock(InlineFont(strike=True), "20"))


@pytest.mark.parametrize(("change", "place"), [(number, "C"), (key, "A"), (rich, "C")])
def test_what_is_struck_through_is_no_number(tmp_path, change, place):
    faults = region(tmp_path, change).fehler()
    assert len(faults) == 1
    assert "durchgestrichen" in faults[0]
    assert f"Zeile 3, Spalte {place}" in faults[0]


def test_a_struck_remark_or_part_of_a_text_changes_nothing(tmp_path):
    def change(sheet: Any) -> None:
        sheet["B3"], sheet["B3"].font = "vorläufig", Font(strike=True)
        sheet["C3"] = CellRichText("20", TextBlock(InlineFont(strike=True), " "))
        sheet["C9"].font = Font(strike=True)  # an empty cell

    assert zahlen(region(tmp_path, change)) == [10, 20, 30, 40, 50, 60, 70]
