"""Tables as readers, screen readers and spreadsheets see them."""

import io

import numpy as np
import pandas as pd
import pytest
from present_kreis import MARKE, csv_dateien, kontext_mit

from sozialanalyse.present import Spalte, tabelle

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
    assert '<th scope="col">Kennung</th>' in shown.html
    assert '<th scope="row">A 1</th>' in shown.html
    assert '<th scope="col" class="sa-zahl">Quote<span class="sa-einheit">%</span></th>' in shown.html
    assert '<td class="sa-zahl">12,3</td>' in shown.html
    assert '<td class="sa-zahl">−3,0</td>' in shown.html
    assert '<td class="sa-zahl">1.200</td>' in shown.html
    assert "<td>nein</td>" in shown.html


def test_caption_bears_title_and_mark(shown):
    caption = shown.html[shown.html.index("<caption>") : shown.html.index("</caption>")]
    assert "Quoten" in caption
    assert MARKE in caption


def test_region_can_be_focused_and_has_a_name(shown):
    assert 'tabindex="0" aria-label="Tabelle: Quoten"' in shown.html


def test_gaps_have_a_sign_words_and_a_legend(shown):
    assert '<span aria-hidden="true">·</span><span class="sa-vorlesen">geheim gehalten</span>' in shown.html
    assert "Zeichen: · = geheim gehalten; – = genau null." in shown.html


def test_forbidden_number_is_nowhere(shown):
    assert "4711" not in shown.html
    assert "4.711" not in shown.html
    assert all("4711" not in file for file in csv_dateien(shown.html))
    assert np.isnan(shown.tabelle.loc["A 3", "faelle"])


def test_csv_opens_in_a_spreadsheet(shown):
    (file,) = csv_dateien(shown.html)
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
    (file,) = csv_dateien(tabelle(frame, titel="t", kontext=kontext_mit(marke="")).html)
    head, row = file.splitlines()
    assert head.strip('"').startswith("'")
    assert row.strip('"').startswith("'")


def test_shortened_table_says_so_and_the_file_is_whole():
    found = tabelle(FRAME, titel="t", kontext=kontext_mit(), max_zeilen=2)
    assert found.html.count("<tr>") == 3
    assert "Gezeigt werden 2 von 3 Zeilen; die CSV-Datei enthält alle." in found.html
    assert len(csv_dateien(found.html)[0].splitlines()) == 4


def test_without_index_the_first_column_heads_the_row():
    found = tabelle(FRAME.reset_index(drop=True), titel="t", kontext=kontext_mit(), spalten=SPALTEN)
    assert '<th scope="row">Aue</th>' in found.html


def test_same_headings_and_repeated_rows_survive():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, index=pd.Index(["x", "x"], name="id"))
    found = tabelle(frame, titel="t", kontext=kontext_mit(), spalten={"a": Spalte("S"), "b": Spalte("S")})
    assert csv_dateien(found.html)[0].splitlines()[0] == "id;S;S 2;Hinweis"


def test_empty_frame_is_an_empty_table():
    found = tabelle(FRAME.head(0), titel="t", kontext=kontext_mit(), spalten=SPALTEN)
    assert "<tbody></tbody>" in found.html


def test_input_is_left_alone():
    before, reasons = FRAME.copy(), STATUS.copy()
    tabelle(FRAME, titel="t", kontext=kontext_mit(), spalten=SPALTEN, status=STATUS)
    pd.testing.assert_frame_equal(FRAME, before)
    pd.testing.assert_frame_equal(STATUS, reasons)
