"""Tables as readers, screen readers and spreadsheets see them."""

import io
from datetime import date, datetime

import numpy as np
import openpyxl
import pandas as pd
import pytest
from present_kreis import MARKE, csv_datei, kontext_mit

from sozialanalyse.present import Spalte, arbeitsmappe, csv, tabelle, tafel

FRAME = pd.DataFrame(
    {"ort": ["Aue", "=SUMME(A1)", "Öd"], "quote": [12.345, -3.0, 7.0], "faelle": [1200, 5, 4711], "neu": [True, False, True]},
    index=pd.Index(["A 1", "A 2", "A 3"], name="gebiet_id"),
)  # fmt: skip
SPALTEN = {
    "gebiet_id": Spalte("Kennung"),
    "ort": Spalte("Ort"),
    "quote": Spalte("Quote", "%", 1),
    "faelle": Spalte("Fälle", "Personen", 0),
    "neu": Spalte("neu"),
}
STATUS = pd.DataFrame({"faelle": ["wert", "null_exakt", "geheim"]}, index=FRAME.index)


@pytest.fixture
def shown():
    return tabelle(FRAME, titel="Quoten", kontext=kontext_mit(), spalten=SPALTEN, status=STATUS)


def test_headers_units_and_cells(shown):
    assert '<th scope="col" data-k="gebiet_id">Kennung</th>' in shown.html
    assert '<th scope="row">A 1</th>' in shown.html
    assert '<th scope="col" data-k="quote">Quote<span class="sa-einheit">%</span></th>' in shown.html
    assert 'class="sa-tabelle sa-z3 sa-z4"' in shown.html, "columns 3 and 4 hold numbers"
    assert "<td>12,3</td><td>1.200</td>" in shown.html
    assert "<td>−3,0</td>" in shown.html
    assert "<td>nein</td>" in shown.html


def test_caption_bears_title_and_mark(shown):
    caption = shown.html[shown.html.index("<caption>") : shown.html.index("</caption>")]
    assert "Quoten" in caption
    assert MARKE in caption


def test_region_can_be_focused_and_has_a_name(shown):
    assert 'tabindex="0" aria-label="Tabelle: Quoten"' in shown.html


def test_gaps_have_a_sign_words_and_a_legend(shown):
    assert '<td data-s="geheim"><i aria-hidden="true">·</i><span>geheim gehalten</span></td>' in shown.html
    assert "Zeichen: · = geheim gehalten; – = genau null." in shown.html


def test_forbidden_number_is_nowhere(shown):
    assert "4711" not in shown.html
    assert "4.711" not in shown.html
    assert "4711" not in csv_datei(shown) + csv_datei(shown, technisch=True)
    assert np.isnan(shown.tabelle.loc["A 3", "faelle"])


def test_csv_opens_in_a_spreadsheet(shown):
    file = csv_datei(shown)
    back = pd.read_csv(io.StringIO(file), sep=";", decimal=",", dtype={"Ort": str})
    assert back.columns.tolist() == [
        "Kennung", "Ort", "Quote (%)", "Fälle (Personen)", "Fälle (Personen) – Grund der Lücke", "neu", "Hinweis",
    ]  # fmt: skip
    assert back["Quote (%)"].tolist() == [12.3, -3.0, 7.0]
    assert back["Fälle (Personen)"].fillna(-1).tolist() == [1200, 0, -1]
    assert back["Ort"].tolist() == ["Aue", "'=SUMME(A1)", "Öd"]
    assert back["Hinweis"].tolist() == [MARKE] * 3
    assert file.count("\r\n") == 4


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_no_text_is_run_as_a_formula(start):
    frame = pd.DataFrame({f"{start}kopf": [f"{start}1+1"]})
    file = csv_datei(tabelle(frame, titel="t", kontext=kontext_mit(marke="")))
    head, row = file.splitlines()
    assert head.strip('"').startswith("'")
    assert row.strip('"').startswith("'")


def test_the_technical_file_has_names_points_and_status_codes(shown):
    back = pd.read_csv(io.StringIO(csv_datei(shown, technisch=True)))
    assert back.columns.tolist() == ["gebiet_id", "ort", "quote", "faelle", "faelle_status", "neu", "hinweis"]
    assert back["quote"].tolist() == [12.3, -3.0, 7.0]
    assert back["faelle"].fillna(-1).tolist() == [1200, 0, -1]
    assert back["faelle_status"].tolist() == ["wert", "null_exakt", "geheim"]


def test_workbook_has_one_header_row_numbers_and_the_four_sheets(shown):
    book = openpyxl.load_workbook(io.BytesIO(arbeitsmappe([shown.tafel], kontext_mit())))
    assert book.sheetnames == ["Daten", "Lesehinweise", "Metadaten", "Symbole"]
    head, *rows = book["Daten"].iter_rows(values_only=True)
    assert head == ("Kennung", "Ort", "Quote (%)", "Fälle (Personen)", "neu", "Status", "Hinweis")
    assert [(*row[2:4], row[5]) for row in rows] == [
        (12.3, 1200, None), (-3.0, 0, "genau null"), (7.0, "·", "geheim gehalten"),
    ]  # fmt: skip
    assert book["Daten"].auto_filter.ref == "A1:G4"
    assert not book["Daten"].merged_cells.ranges
    assert book["Daten"]["B3"].data_type == "s", "text that looks like a formula stays text"
    assert "4711" not in "".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    )
    assert MARKE in str(list(book["Metadaten"].iter_rows(values_only=True)))


def test_workbook_begins_with_a_short_sheet_and_dates_are_dates():
    days = [date(2020 + i % 5, 12, 31) for i in range(40)]
    frame = pd.DataFrame({"tag": days, "a": np.arange(40.0), "b": np.arange(40.0)})
    reasons = pd.DataFrame({"a": ["geheim", *["wert"] * 39], "b": ["geheim", "unbekannt", *["wert"] * 38]})
    found = tafel(
        frame, titel="t", kontext=kontext_mit(), status=reasons,
        spalten={"tag": Spalte("Stichtag"), "a": Spalte("A"), "b": Spalte("B", "%")},
    )  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(arbeitsmappe([found], kontext_mit(), blick=found)))
    assert book.sheetnames[:2] == ["Auf einen Blick", "Daten"]
    assert book["Auf einen Blick"].max_row == 31
    head, first, second, *_ = book["Daten"].iter_rows(values_only=True)
    assert head == ("Stichtag", "A", "B (%)", "Status", "Hinweis")
    assert first == (datetime(2020, 12, 31), "·", "·", "geheim gehalten", MARKE)
    assert second[3] == "B: keine Angabe"
    assert book["Daten"]["A2"].number_format == "DD.MM.YYYY"
    assert csv(found).decode("utf-8-sig").splitlines()[1].startswith("31.12.2020;")


def test_without_index_the_first_column_heads_the_row():
    found = tabelle(FRAME.reset_index(drop=True), titel="t", kontext=kontext_mit(), spalten=SPALTEN)
    assert '<th scope="row">Aue</th>' in found.html


def test_same_headings_and_repeated_rows_survive():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, index=pd.Index(["x", "x"], name="id"))
    found = tabelle(frame, titel="t", kontext=kontext_mit(), spalten={"a": Spalte("S"), "b": Spalte("S")})
    assert csv_datei(found).splitlines()[0] == "id;S;S 2;Hinweis"


def test_empty_frame_is_an_empty_table():
    found = tabelle(FRAME.head(0), titel="t", kontext=kontext_mit(), spalten=SPALTEN)
    assert "<tbody></tbody>" in found.html


def test_input_is_left_alone():
    before, reasons = FRAME.copy(), STATUS.copy()
    tabelle(FRAME, titel="t", kontext=kontext_mit(), spalten=SPALTEN, status=STATUS)
    pd.testing.assert_frame_equal(FRAME, before)
    pd.testing.assert_frame_equal(STATUS, reasons)
