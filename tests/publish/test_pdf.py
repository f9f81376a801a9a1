"""The PDF of a page, looked at through its tag tree.

What is checked: tags exist and are in reading order, headings go down by one level, every figure has an
alternative text, every table a row of header cells with a scope, the file has language, title, bookmarks
and the identifier of PDF/UA-1, all painted content is tagged or an artifact, fonts are embedded and map to
Unicode. What is not: contrast, sense of alternative texts, and all other rules of ISO 14289-1. This is no
statement of conformance.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import pairwise

import pandas as pd
import pikepdf
import pytest

from sozialanalyse.errors import LaufFehler
from sozialanalyse.kontext import Ebene, Kontext
from sozialanalyse.present import (
    Spalte,
    Streifen,
    absaetze,
    folge,
    glossar,
    kopf,
    kurzfassung,
    lage,
    methode,
    steckbrief,
    tabelle,
    ueberblick,
    zusammen,
)  # fmt: skip
from sozialanalyse.publish import pdf
from sozialanalyse.publish.html import Rahmen

KONTEXT = Kontext(
    region="Kreis Musterland",
    herausgeber="Kreis Musterland",
    stichtag="31.12.2023",
    audience="oeffentlich",
    sozialraum=Ebene("sozialraum", "Sozialraum", "Sozialräume", "Sozialräumen", "m"),
    kommune=Ebene("kommune", "Kommune", "Kommunen", "Kommunen"),
    marke="Demodaten – frei erfunden",
)
RAHMEN = Rahmen(
    titel="Profil", region="Kreis Musterland", herausgeber="Kreis Musterland", stand="Datenbestand x", stil="",
    marke=KONTEXT.marke,
)  # fmt: skip
BOESE = '#panic("x") $ \\ " *a* _b_ <c> @d `e` [f] {g} // h'


def seite() -> str:
    """Content with every kind of block."""
    values = pd.Series([3.0, 12.0, None], index=["A 1", "A 2", "A 3"])
    frame = pd.DataFrame({"a": values, "b": [1.0, 2.0, 3.0]}, index=values.index)
    words = pd.DataFrame({"a": ["aehnlich", "deutlich_hoeher", ""], "b": ["", "", ""]}, index=values.index)
    state = pd.DataFrame({"a": ["wert", "wert", "geheim"], "b": "wert"}, index=values.index)
    columns = {"a": Spalte("Anteil", "%", 1), "b": Spalte("Zahl", "", 0)}
    parts = [
        kopf("Profil Ahausen", "Wie steht Ahausen da?", KONTEXT, stil=False),
        kurzfassung(["Erster Satz.", BOESE]),
        absaetze(["So viele Menschen: 12 von 100."], titel="In Einfacher Sprache", ebene=2, art="einfach"),
        absaetze(["Ein Satz."], titel="Thema"),
        lage([Streifen("Anteil", values, "%", 1, 8.0, 7.0)], kontext=KONTEXT, titel="Lage", kommune="Ahausen"),
        ueberblick(
            frame, words, kontext=KONTEXT, titel="Überblick", spalten=columns,
            namen={key: key for key in frame.index}, status=state, kopfzeilen=1,
        ),
        tabelle(frame, titel="Zahlen", kontext=KONTEXT, spalten=columns, status=state, gruppen=["x", "x", "y"]),
        steckbrief({"Fläche": "5 km²"}, titel="Steckbrief"),
        methode("**Abstand.** Text.\n\n- Punkt"),
        glossar({"Wort": "Sinn"}),
    ]  # fmt: skip
    return folge(parts).html


@pytest.fixture(scope="module")
def datei() -> bytes:
    return pdf.erzeuge(seite(), RAHMEN)


@pytest.fixture(scope="module")
def dokument(datei: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(datei)) as opened:
        yield opened


def baum(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Structure elements in reading order."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from baum(kid)


def rollen(dokument: pikepdf.Pdf) -> list[str]:
    root = dokument.Root.StructTreeRoot
    roles = {str(k): str(v) for k, v in root.get("/RoleMap", {}).items()}
    return [roles.get(str(n.S), str(n.S)) for n in baum(root)]


def test_the_file_says_what_it_is(dokument: pikepdf.Pdf) -> None:
    assert dokument.Root.MarkInfo.Marked
    assert str(dokument.Root.Lang).startswith("de")
    assert dokument.Root.ViewerPreferences.DisplayDocTitle
    with dokument.open_metadata() as meta:
        assert meta["pdfuaid:part"] == "1"
        assert "Profil Ahausen" in str(meta["dc:title"])


def test_headings_are_in_order_and_are_bookmarks(dokument: pikepdf.Pdf) -> None:
    levels = [int(name[2]) for name in rollen(dokument) if re.fullmatch(r"/H[1-6]", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert len(levels) >= 5
    assert all(b <= a + 1 for a, b in pairwise(levels))
    with dokument.open_outline() as outline:
        titles = [entry.title for entry in outline.root]
        titles += [child.title for entry in outline.root for child in entry.children]
    assert {"Profil Ahausen", "Das Wichtigste in Kürze", "In Einfacher Sprache"} <= set(titles)


def test_every_figure_has_an_alternative_text(dokument: pikepdf.Pdf) -> None:
    figures = [n for n in baum(dokument.Root.StructTreeRoot) if str(n.S) == "/Figure"]
    assert figures
    drawn = [n for n in figures if not any(str(k.S) == "/Figure" for k in baum(n))]
    texts = [str(n.get("/Alt", "")) for n in drawn]
    assert all(texts)
    assert any("Streifen für" in words and "Kreis Musterland" in words for words in texts)


def test_tables_have_header_cells_with_scope(dokument: pikepdf.Pdf) -> None:
    tables = [n for n in baum(dokument.Root.StructTreeRoot) if str(n.S) == "/Table"]
    assert len(tables) == 3
    for table in tables:
        cells = [n for n in baum(table) if str(n.S) in {"/TH", "/TD"}]
        heads = [n for n in cells if str(n.S) == "/TH"]
        assert heads
        for head in heads:
            given = head.get("/A", pikepdf.Array())
            given = given if isinstance(given, pikepdf.Array) else pikepdf.Array([given])
            assert {"/Column", "/Row"} & {str(a.get("/Scope", "")) for a in given}


def test_the_first_cell_of_every_row_heads_it(dokument: pikepdf.Pdf) -> None:
    tables = [n for n in baum(dokument.Root.StructTreeRoot) if str(n.S) == "/Table"]
    rows = [
        r
        for t in tables
        for body in baum(t)
        if str(body.S) == "/TBody"
        for r in baum(body)
        if str(r.S) == "/TR"
    ]
    assert len(rows) > 3
    for row in rows:
        first, *others = [n for n in baum(row) if str(n.S) in {"/TH", "/TD"}]
        assert str(first.S) == "/TH"
        assert {str(a.get("/Scope", "")) for a in first.A} & {"/Row" if others else "/Column"}
        assert {str(cell.S) for cell in others} <= {"/TD"}
        assert not any("/Headers" in a for cell in others for a in cell.get("/A", [])), "scopes decide"


def test_lists_are_lists(dokument: pikepdf.Pdf) -> None:
    names = rollen(dokument)
    assert names.count("/L") >= 2
    assert names.count("/LI") >= 3


def test_all_painted_content_is_tagged_or_an_artifact(dokument: pikepdf.Pdf) -> None:
    for page in dokument.pages:
        depth, loose = 0, 0
        for _, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in {"BDC", "BMC"}:
                depth += 1
            elif name == "EMC":
                depth -= 1
            elif name in {"Tj", "TJ", "f", "S", "B", "Do", "sh"} and depth == 0:
                loose += 1
        assert depth == 0
        assert loose == 0


def test_fonts_are_embedded_and_map_to_unicode(dokument: pikepdf.Pdf) -> None:
    names = set()
    for page in dokument.pages:
        for font in page.resources.get("/Font", {}).values():
            names.add(str(font.BaseFont))
            assert "/ToUnicode" in font
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert {"/FontFile2", "/FontFile3"} & set(descriptor.keys())
    assert any("Roboto" in name for name in names)
    assert not any("Arial" in name or "Liberation" in name for name in names)


def test_reading_order_is_that_of_the_page() -> None:
    source = pdf.quelle(seite(), RAHMEN)
    places = [
        source.index(words)
        for words in ("Profil Ahausen", "Erster Satz", "In Einfacher", "Überblick", "Steckbrief")
    ]
    assert places == sorted(places)


def test_figures_stand_where_they_are_told_and_feet_repeat_nothing() -> None:
    values = pd.Series([3.0, 12.0], index=["A 1", "A 2"])
    chart = lage([Streifen("Anteil", values, "%", 1, 8.0)], kontext=KONTEXT, titel="Lage")
    source = pdf.quelle(folge([absaetze(["Ein Satz."]), chart]).html, RAHMEN)
    assert "float" not in source
    assert '#klein[#"2 Sozialräume · Stichtag 31.12.2023"]' in source


def test_what_belongs_together_stays_on_one_sheet_side_by_side() -> None:
    values = pd.Series([3.0, 12.0], index=["A 1", "A 2"])
    chart = lage([Streifen("Anteil", values, "%", 1, 8.0)], kontext=KONTEXT, titel="Lage")
    source = pdf.quelle(zusammen([absaetze(["Ein Satz."], titel="Frage"), chart, chart]).html, RAHMEN)
    assert re.search(r"#ganz\(haftend: true\)\[#heading.*#paar\(1fr, \[", source, re.DOTALL)
    assert source.count("sa-schmal") == 2


def test_shades_bear_a_mark_that_is_seen_in_grey(datei: bytes) -> None:
    assert "stufe: 5" in pdf.quelle(seite(), RAHMEN)
    template = pdf._vorlage()
    assert "zeichen(stufe)" in template.partition("#let zelle")[2]
    assert "zeichen(stufe)" in template.partition("#let farbfeld")[2]


def test_text_that_looks_like_markup_stays_text(datei: bytes) -> None:
    """The sentence with signs of Typst was set as it is; were it run, there would be no file."""
    assert datei.startswith(b"%PDF")
    assert pdf.wort('a "b" \\ c') == '"a \\"b\\" \\\\ c"'


def test_what_only_a_screen_can_use_is_left_out() -> None:
    source = pdf.quelle(seite(), RAHMEN)
    assert "CSV" not in source
    assert "base64" not in source
    assert "Alle Werte als Tabelle" not in source


def test_a_page_that_cannot_be_set_is_a_german_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_vorlage", lambda: "#panic()")
    with pytest.raises(LaufFehler, match="ließ sich nicht setzen"):
        pdf.erzeuge("<h1>x</h1>", RAHMEN)


def test_the_mark_is_on_every_page(datei: bytes, dokument: pikepdf.Pdf) -> None:
    source = pdf.quelle(seite(), RAHMEN)
    assert source.count(f'marke: "{KONTEXT.marke}"') == 1
    assert "if marke" in source
    assert KONTEXT.marke not in pdf.quelle(seite().replace(KONTEXT.marke, ""), Rahmen("t", "r", "h", "s", ""))
