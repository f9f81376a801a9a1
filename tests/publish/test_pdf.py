"""The PDF of a page, looked at through its tag tree; :mod:`papier` says what that covers and what not."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pikepdf
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from papier import elemente, lesezeichen, maengel, rollen

from sozialanalyse.base.errors import LaufFehler
from sozialanalyse.base.kontext import Ebene, Kontext
from sozialanalyse.present import (
    Spalte,
    Streifen,
    absaetze,
    choropleth,
    einstufen,
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
)
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


def test_the_tag_tree_has_no_fault(dokument: pikepdf.Pdf) -> None:
    assert maengel(dokument) == []
    with dokument.open_metadata() as meta:
        assert "Profil Ahausen" in str(meta["dc:title"])


def test_headings_are_bookmarks(dokument: pikepdf.Pdf) -> None:
    assert sum(name in {f"/H{level}" for level in range(1, 7)} for name in rollen(dokument)) >= 5
    wanted = {"Profil Ahausen", "Das Wichtigste in Kürze", "In Einfacher Sprache"}
    assert wanted <= set(lesezeichen(dokument))


def test_figures_tables_and_lists_are_what_they_were(dokument: pikepdf.Pdf) -> None:
    root = dokument.Root.StructTreeRoot
    texts = [str(figure.get("/Alt", "")) for figure in elemente(root, "/Figure")]
    assert any("Streifen für" in words and "Kreis Musterland" in words for words in texts)
    assert len(elemente(root, "/Table")) == 3
    assert sum(len(elemente(body, "/TR")) for body in elemente(root, "/TBody")) > 3
    names = rollen(dokument)
    assert names.count("/L") >= 2
    assert names.count("/LI") >= 3


def test_faults_of_a_tag_tree_are_noticed(datei: bytes) -> None:
    """Each fault planted in the good document is found."""
    with pikepdf.open(io.BytesIO(datei)) as broken:
        root = broken.Root.StructTreeRoot
        next(f for f in elemente(root, "/Figure") if "/Alt" in f).Alt = pikepdf.String("")
        next(f for f in elemente(root, "/H2")).S = pikepdf.Name("/H5")
        del elemente(root, "/TH")[0].A
        elemente(elemente(root, "/TBody")[0], "/TH")[0].S = pikepdf.Name("/TD")
        broken.Root.Lang = pikepdf.String("en")
        page = broken.pages[0]
        page.contents_add(broken.make_stream(b"0 0 9 9 re f"))
        found = " ".join(maengel(broken))
    for words in (
        "alternative text",
        "headings [1",
        "scope",
        "does not head",
        "language en",
        "page 1: 1 painted",
    ):
        assert words in found, words


def test_only_the_own_font_is_used(dokument: pikepdf.Pdf) -> None:
    fonts = [font for page in dokument.pages for font in page.resources.get("/Font", {}).values()]
    assert all("Roboto" in str(font.BaseFont) for font in fonts)


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
    assert re.search(r"#ganz\[#heading.*#paar\(1fr, \[", source, re.DOTALL)
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
    assert "Als Tabelle" not in source


def test_a_link_to_a_table_of_the_page_is_not_printed_as_text() -> None:
    areas = gpd.GeoDataFrame(
        {"name": ["A 1"], "kommune_id": ["1"]}, index=["a"], geometry=[shapely.box(0, 0, 9, 9)], crs=25832
    )
    values = einstufen(pd.Series([1.0], index=["a"]), Spalte("Anteil", "%"))
    shown = choropleth(areas, values, kontext=KONTEXT, titel="Karte", tafel="anderswo").html
    assert "sa-zurtafel" in shown
    assert "Alle Werte in der Tabelle" not in pdf.quelle(shown, RAHMEN)


def blaetter_je_zeile(content: bytes) -> list[int]:
    """On how many pages each row of the tables lies, read from the tag tree."""
    with pikepdf.open(io.BytesIO(content)) as file:

        def seiten(node: object) -> set[tuple[int, int]]:
            if isinstance(node, pikepdf.Array):
                return set().union(*map(seiten, node))
            if not isinstance(node, pikepdf.Dictionary):
                return set()
            own = {node.Pg.objgen} if "/Pg" in node else set()
            return own | (seiten(node.K) if "/K" in node else set())

        return [len(seiten(node)) for node in elemente(file.Root.StructTreeRoot, "/TR")]


def test_rows_of_a_table_are_not_split_between_pages() -> None:
    """Unless one is so long that no page might hold it."""
    words = "Liegt um 0,42 über dem Beginn. Entfiele erst, wenn mehrere Werte auf weniger Bedarf zeigten. "
    frame = pd.DataFrame(
        {"a": [f"Gebiet {n}" for n in range(60)], "b": [words * (1 + n % 4) for n in range(60)]}
    )
    content = pdf.erzeuge(tabelle(frame, titel="Warum", kontext=KONTEXT).html, RAHMEN)
    found = blaetter_je_zeile(content)
    assert len(found) >= 60
    assert max(found[1:]) == 1
    long = pd.DataFrame({"a": ["Gebiet"], "b": [words * 120]})
    source = pdf.quelle(tabelle(long, titel="Warum", kontext=KONTEXT).html, RAHMEN)
    assert "ganz: false" in source


def test_a_page_that_cannot_be_set_is_a_german_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_vorlage", lambda: "#panic()")
    with pytest.raises(LaufFehler, match="ließ sich nicht setzen"):
        pdf.erzeuge("<h1>x</h1>", RAHMEN)


def test_the_mark_is_on_every_page(datei: bytes, dokument: pikepdf.Pdf) -> None:
    source = pdf.quelle(seite(), RAHMEN)
    assert source.count(f'marke: "{KONTEXT.marke}"') == 1
    assert "if marke" in source
    assert KONTEXT.marke not in pdf.quelle(seite().replace(KONTEXT.marke, ""), Rahmen("t", "r", "h", "s", ""))


@given(st.lists(st.tuples(st.floats(1, 40), st.floats(0.5, 12)), min_size=1, max_size=12), st.floats(20, 120))
def test_columns_share_the_width_and_hold_what_cannot_be_parted(columns, room) -> None:
    wanted, least = [one[0] for one in columns], [one[1] for one in columns]
    out = pdf._verteilt(wanted, least, room)
    if sum(least) >= room:
        assert out == least
    else:
        assert sum(out) == pytest.approx(room)
        assert all(width >= need - 1e-9 for width, need in zip(out, least, strict=True))


def test_a_date_has_its_width_beside_long_texts() -> None:
    """Seven columns of sentences leave the date its ten signs."""
    words = {f"t{i}": ["Ein längerer Satz über das, was in dieser Zelle steht."] * 3 for i in range(6)}
    frame = pd.DataFrame({"tag": ["30.06.2023"] * 3, **words}, index=["A 1", "A 2", "A 3"])
    shown = tabelle(frame, titel="Stand", kontext=KONTEXT, spalten={key: Spalte(key) for key in frame})
    source = pdf.quelle(folge([shown]).html, RAHMEN)
    (row,) = (line for line in re.findall(r"\(((?:[\d.]+fr, ?)+)\)", source))
    widths = [float(width) for width in re.findall(r"[\d.]+", row)]
    points = (pdf.BREITE_MM * 72 / 25.4 - 6 * len(widths)) * widths[1] / sum(widths)
    assert points / (8 * 0.5) >= len("30.06.2023")


def test_classes_of_a_map_stand_below_each_other() -> None:
    """So the bars begin at one line, and a long name breaks at the edge of its column; other legends flow."""
    areas = gpd.GeoDataFrame(
        {"name": "Ortsname von einer gewissen Länge, mit einem zweiten Ort", "kommune_id": "T"},
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(6)],
        index=pd.Index([f"A {i}" for i in range(6)], name="gebiet_id"),
    )
    values = pd.Series(range(6), index=areas.index, dtype=float)
    shown = choropleth(areas, einstufen(values, Spalte("T")), kontext=KONTEXT, titel="T", hervorheben="A 3")
    source = pdf.quelle(shown.html, RAHMEN)
    assert source.count("#stufenlegende((none, ") == 1
    assert ", darunter A 3 Ortsname von einer gewissen Länge" in source
    assert "#legende(" not in source
    assert "#stufenlegende(" not in pdf.quelle(seite(), RAHMEN)
    assert pdf.erzeuge(f"<h1>T</h1>{shown.html}", RAHMEN)


@pytest.mark.parametrize(
    ("saetze", "usual", "pages"), [(20, 1, 1), (110, 2, 2), (128, 3, 2), (134, 3, 2), (200, 4, 4)]
)
def test_a_tight_sheet_that_takes_a_little_more_is_set_tighter(saetze: int, usual: int, pages: int) -> None:
    """Up to two pages as usual; what takes a little more fits them, too; what takes far more keeps its size."""
    words = [
        "Im Gebiet leben 1.000 Menschen, das sind mehr als vor fünf Jahren und mehr als anderswo."
    ] * saetze
    page = f"<h1>T</h1>{absaetze(words, titel='Thema', ebene=2).html}"
    sheet = replace(RAHMEN, knapp=True)
    assert pdf.blaetter(pdf._gesetzt(pdf.quelle(page, sheet))) == usual
    assert pdf.blaetter(pdf.erzeuge(page, sheet)) == pages
