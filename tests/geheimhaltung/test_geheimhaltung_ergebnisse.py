"""Results really made of a tiny region, attacked by a reader: what is hidden stays wide, a leak is found."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import numpy as np
import openpyxl
import pandas as pd
import pptx
import pytest
import typst
from angreifer import Angreifer, Fund, Groesse, Zahl
from openpyxl.comments import Comment
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from seitenlauf import lege_seite

from sozialanalyse import foerderung, store
from sozialanalyse.geheimhaltung import auswahl, sperren
from sozialanalyse.seiten.teile.foerderzahlen import Foerderung

pytestmark = pytest.mark.langsam
TAG, KLEIN = "2023-12-31", ("W 3", 7)
K = 10


class Ergebnisse:
    """A folder of results, what its makers know, and a fresh reader."""

    def __init__(self, region: Any, aus: Path) -> None:
        self.aus, self.gebiete = aus, dict(region.gebiete)
        self.orte = {key: key for key in [*self.gebiete, "05999"]} | {"Kreis Musterland": "05999"}
        self.orte |= {name: ags for ags, name, *_ in region.kommunen} | {k: k for k, *_ in region.kommunen}
        rows = region.register[TAG]
        self.wahr = {
            "einwohner": {row[0]: row[1] for row in rows},
            "alte": {row[0]: row[2] for row in rows},
            "alo": {row[0]: row[2] for row in region.arbeit if row[1] == "01.01.2024"},
        }

    def leser(self, aus: Path | None = None) -> Angreifer:
        names = {"Arbeitslosenanteil": "ALO", "Anteil 65-Jährige und Ältere": "AB65", "Bevölkerung": "EW"}
        people = ((1, "einwohner"),)
        meaning = {
            "ALO": Groesse(((1, "alo"),), people),
            "AB65": Groesse(((1, "alte"),), people),
            "EW": Groesse(people),
        }
        names |= {key: key for key in meaning}
        return Angreifer(self.orte, self.gebiete, "05999", names, meaning, TAG).lies(aus or self.aus).miss()


def mache(
    root: Path, typ: Any, seiten: list[tuple[str, dict[str, str]]], *, nebenbei: bool = True
) -> Ergebnisse:
    """Build the tiny region with one small count and lay pages; ``nebenbei``: hide more than that count."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(root / "daten"))
        patch.setenv("SOZIALANALYSE_REGION", str(root / "musterland"))
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        if not nebenbei:
            patch.setattr(sperren, "waehle", _nur_primaer)
        region = typ(root / "musterland")
        for number, row in enumerate(region.arbeit):
            if (row[0], row[1]) == (KLEIN[0], "01.01.2024"):
                row[2] = KLEIN[1]
            if row[1] == "31.12.2021":  # no two dates look alike
                row[2] += 7 * (number % 4)
        region.build()
        daten = region.daten("oeffentlich")
        for number, (notebook, werte) in enumerate(seiten):
            lege_seite(daten, root / "aus", notebook, f"seite-{number}", **werte)
        return Ergebnisse(region, root / "aus" / "oeffentlich")


def _nur_primaer(tafel: Any, verdeckt: Any, kosten: Any, **options: Any) -> auswahl.Muster:
    return replace(auswahl.waehle(tafel, verdeckt, kosten, **options), verdeckt=verdeckt)


@pytest.fixture(scope="module")
def sicher(tmp_path_factory: pytest.TempPathFactory, kleinregion_typ: Any) -> Ergebnisse:
    return mache(
        tmp_path_factory.mktemp("sicher"),
        kleinregion_typ,
        [
            ("atlas", {"indikator": "ALO"}),
            ("kommunalprofil", {"kommune": "05999008"}),
            *(("sozialraumprofil", {"sozialraum": area}) for area in ("A 1a", "SI 1", "W 3")),
        ],
    )


def test_the_reader_understands_what_is_printed(sicher: Ergebnisse) -> None:
    found = sicher.leser()
    assert found.irrtum(TAG, sicher.wahr) < 1e-6
    seen = {(one.gebiet, one.indikator, one.groesse) for one in found.funde if one.tag == TAG}
    for area in set(sicher.orte.values()) - {"W 1", "W 3"}:
        assert {(area, "ALO", size) for size in ("wert", "zaehler", "nenner")} <= seen
    assert found.grenzen("W 2", "alo", TAG) == (110, 110)
    kinds = {one.zahl.stellen for one in found.funde if one.groesse == "wert"}
    assert 1 in kinds
    for ending, least in (("html", 40), ("xlsx", 60), ("csv", 20)):  # each kind of file by itself
        alone = sicher.leser(_nur(sicher.aus, ending))
        assert len(alone.funde) >= least, ending


@pytest.mark.browser
def test_geojson_made_by_the_page_narrows_nothing(sicher: Ergebnisse, oeffne: Any, tmp_path: Path) -> None:
    page = oeffne(sicher.aus / "atlas" / "seite-0.html")
    figure = page.locator("figure:has(svg.sa-karte)").first
    figure.locator(".sa-laden summary").click()
    with page.expect_download() as download:
        figure.get_by_role("button", name="GeoJSON").click()
    download.value.save_as(tmp_path / "aus" / "arbeitslosenanteil.geojson")
    alone = sicher.leser(tmp_path / "aus")
    assert {one.gebiet for one in alone.funde if one.groesse == "zaehler"} == set(sicher.gebiete) - {
        "W 1",
        "W 3",
    }
    shutil.copytree(sicher.aus, tmp_path / "aus", dirs_exist_ok=True)
    found = sicher.leser(tmp_path / "aus")
    assert found.irrtum(TAG, sicher.wahr) < 1e-6
    low, high = found.grenzen(KLEIN[0], "alo", TAG)
    assert high - low >= K - 1e-6


def _nur(aus: Path, ending: str) -> Path:
    target = aus.with_name(f"nur-{ending}")
    for path in aus.rglob(f"*.{ending}"):
        place = target / path.relative_to(aus)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return target


def test_no_hidden_count_is_narrowed_below_its_protection(sicher: Ergebnisse) -> None:
    found = sicher.leser()
    low, high = found.grenzen(KLEIN[0], "alo", TAG)
    assert low <= KLEIN[1] <= high
    assert high - low >= K - 1e-6
    assert high >= K, "a reader cannot even tell that the count is small"
    assert not [one for one in found.funde if (one.gebiet, one.indikator) == (KLEIN[0], "ALO") and one.tag == TAG and one.groesse != "nenner"]  # fmt: skip


def test_without_secondary_suppression_the_reader_finds_the_count(
    tmp_path: Path, kleinregion_typ: Any
) -> None:
    leaky = mache(tmp_path, kleinregion_typ, [("kommunalprofil", {"kommune": "05999008"})], nebenbei=False)
    found = leaky.leser()
    assert found.irrtum(TAG, leaky.wahr) < 1e-6
    assert found.grenzen(KLEIN[0], "alo", TAG) == pytest.approx((7, 7), abs=1e-6)


def _blatt(aus: Path) -> None:
    path = aus / "atlas" / "seite-0.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("Arbeit")
    sheet.sheet_state = "veryHidden"
    sheet.append(["Kennung", "Indikator-Kennung", "Stichtag", "Fälle"])
    sheet.append(["W 1", "ALO", "31.12.2023", 30])
    book.save(path)


def _text(alt: str, neu: str, datei: str) -> Callable[[Path], None]:
    def change(aus: Path) -> None:
        path = aus / datei
        text = path.read_text(encoding="utf-8")
        assert alt in text
        path.write_text(text.replace(alt, neu, 1), encoding="utf-8")

    return change


def _datei(name: str, inhalt: object) -> Callable[[Path], None]:
    return lambda aus: (aus / name).write_text(json.dumps(inhalt), encoding="utf-8") and None


PUNKT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6360"
    "00000002000148afa4710000000049454e44ae426082"
)
"""A picture of one pixel."""
_ZEILE = {"gebiet": "W 1", "indikator": "ALO", "Stichtag": TAG, "Fälle": 30}
_AUSGABE = [
    "<table><tr><th>Sozialraum</th><th>Arbeitslosenanteil</th></tr>\n",
    "<tr><td>W 1</td><td>2,0</td></tr></table>",
]


def _bild(aus: Path, marken: Callable[[str, float], str]) -> None:
    """A picture without a word: marks of the areas whose share is printed, and of W 1, whose share is 2."""
    rates = {"A 1a": 5.0, "A 1b": 5.625, "A 2": 4.5, "W 2": 4.4, "SI 1": 10.0, "SI 2": 25 / 11, "SI 3a": 3.0}
    drawn = "".join(marken(area, value) for area, value in {**rates, "W 1": 2.0}.items())
    path = aus / "atlas" / "seite-0.html"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("</body>", f"<figure><svg>{drawn}</svg></figure></body>"), encoding="utf-8")


def _balken(aus: Path) -> None:
    _bild(
        aus,
        lambda area, value: f'<rect data-gebiet="{area}" x="40" y="7" height="9" width="{31 * value:.1f}"/>',
    )


def _punkte(aus: Path) -> None:
    _bild(
        aus,
        lambda area, value: (
            f'<g data-gebiete="{area}" transform="translate(0 9)"><circle cx="{50 + 40 * value:.0f}"/></g>'
        ),
    )


def _pdf(aus: Path) -> None:
    rows = "".join(f"[{cell}]," for cell in ("Sozial­raum", "Arbeitslosen­anteil", "W 1", "2,0"))
    source = f'#set document(title: "Bericht")\n#table(columns: 2, {rows})'
    (aus / "atlas" / "seite-0.pdf").write_bytes(typst.compile(source.encode(), pdf_standards=["ua-1"]))


def _pdf_text(aus: Path) -> None:
    source = '#set document(title: "Arbeitslosenanteil")\nZum Bild:\n\nW 1: 2,0 %\n'
    (aus / "atlas" / "seite-0.pdf").write_bytes(typst.compile(source.encode()))


WORT = "W 1: 2,0 %"


def _word(leck: Callable[[Any], object]) -> Callable[[Path], None]:
    def change(aus: Path) -> None:
        made = docx.Document()
        made.core_properties.title = "Arbeitslosenanteil"
        leck(made)
        made.save(aus / "atlas" / "seite-0.docx")

    return change


def _folien(leck: Callable[[Any], object]) -> Callable[[Path], None]:
    def change(aus: Path) -> None:
        made = pptx.Presentation()
        made.core_properties.title = "Arbeitslosenanteil"
        leck(made.slides.add_slide(made.slide_layouts[5]))
        made.save(aus / "atlas" / "seite-0.pptx")

    return change


def _alternativ(shape: Any, words: str = WORT) -> None:
    shape._element.nvSpPr.cNvPr.set("descr", f"Balken. {words}; W 2: 4,4 %")


def _tafel(table: Any) -> None:
    for place, words in enumerate(("Sozialraum", "Arbeitslosenanteil", "W 1", "2,0")):
        table.cell(place // 2, place % 2).text = words


def _diagramm(slide: Any) -> None:
    numbers = CategoryChartData()
    numbers.categories = ["W 1", "W 2"]
    numbers.add_series("Arbeitslosenanteil", (2.0, 4.4))
    slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, 0, 0, 9**6, 9**6, numbers)


def _mappe(leck: Callable[[Any], object]) -> Callable[[Path], None]:
    def change(aus: Path) -> None:
        path = aus / "atlas" / "seite-0.xlsx"
        book = openpyxl.load_workbook(path)
        book.properties.title = "Arbeitslosenanteil"
        leck(book)
        book.save(path)

    return change


def _blick(book: Any) -> None:
    sheet = book.create_sheet("Blick")
    sheet.append(["Sozialraum", "Indikator", "Fälle", "Bezug"])
    sheet.append(["W 1", "Arbeitslosenanteil", None, 1500])
    sheet.append(["W 1", "Arbeitslosenanteil", 30, 1500])


@pytest.mark.parametrize(
    "leck",
    [
        _blatt,
        _mappe(_blick),
        _mappe(lambda book: setattr(book.worksheets[0]["A1"], "comment", Comment(WORT, "Amt"))),
        _mappe(lambda book: setattr(book.properties, "description", f"Nur für uns. {WORT}")),
        _word(lambda made: made.add_paragraph(WORT)),
        _word(lambda made: _tafel(made.add_table(2, 2))),
        _word(lambda made: setattr(made.sections[0].footer.paragraphs[0], "text", WORT)),
        _word(lambda made: made.add_comment(made.add_paragraph("Text").add_run("mehr"), text=WORT)),
        _word(lambda made: setattr(made.core_properties, "comments", WORT)),
        _word(lambda made: made.add_picture(io.BytesIO(PUNKT))._inline.docPr.set("descr", f"Karte. {WORT}")),
        _folien(lambda slide: setattr(slide.notes_slide.notes_text_frame, "text", f"Nur für uns\n{WORT}")),
        _folien(lambda slide: _tafel(slide.shapes.add_table(2, 2, 0, 0, 9**6, 9**6).table)),
        _folien(lambda slide: _alternativ(slide.shapes.add_textbox(0, 0, 9, 9))),
        _folien(_diagramm),
        _text("</figure>", "<desc>W 3: 0,8 %</desc></figure>", "atlas/seite-0.html"),
        _text("</figure>", "<!-- W 1: 2,0 % --></figure>", "atlas/seite-0.html"),
        _text("<figure ", '<figure title="W 1: 2,00 %" ', "atlas/seite-0.html"),
        _text("\nW 1,Würselheim (Rhld.),ALO,2023-12-31,,", "\nW 1,Würselheim (Rhld.),ALO,2023-12-31,2.0,", "atlas/seite-0.csv"),
        _datei("atlas/seite-0.json", {"daten": {"zeilen": [_ZEILE]}}),
        _datei("atlas/karte.json", {"data": [{key: [value] for key, value in _ZEILE.items()}]}),
        _datei("atlas/seite-0.ipynb", {"cells": [{"outputs": [{"data": {"text/html": _AUSGABE}}]}]}),
        _balken,
        _punkte,
        _pdf,
        _pdf_text,
    ],
    ids=["hidden sheet", "base and cases", "comment on a cell", "property of a workbook", "paragraph", "table of a document",
         "foot of a document", "comment in a document", "property of a document", "alternative text", "notes", "table of a slide",
         "alternative text of a slide", "numbers of a chart", "description", "comment", "tooltip", "csv", "records", "columns", "notebook", "bars", "points",
         "paper", "words on paper"],
)  # fmt: skip
def test_one_careless_place_is_enough_for_the_reader(
    sicher: Ergebnisse, tmp_path: Path, leck: Callable[[Path], None]
) -> None:
    aus = shutil.copytree(sicher.aus, tmp_path / "aus")
    leck(aus)
    found = sicher.leser(aus)
    assert found.irrtum(TAG, sicher.wahr) < 1e-6
    low, high = found.grenzen(KLEIN[0], "alo", TAG)
    assert high - low < 2


def test_a_colour_of_a_class_narrows_as_a_number_does(sicher: Ergebnisse, tmp_path: Path) -> None:
    """W 1 in the colour of areas from 2.3 to 3 percent: some 12 to 50 of 1,500, where 0 to 110 is what the others tell."""
    aus = shutil.copytree(sicher.aus, tmp_path / "aus")
    before = sicher.leser(aus).grenzen("W 1", "alo", TAG)
    colours = {
        "A 1a": "b",
        "A 1b": "b",
        "A 2": "m",
        "W 2": "m",
        "SI 1": "b",
        "SI 2": "a",
        "SI 3a": "a",
        "W 1": "a",
    }
    _bild(aus, lambda area, _: f'<path data-gebiet="{area}" fill="#{colours[area]}" d="M0 0"/>')
    found = sicher.leser(aus)
    low, high = found.grenzen("W 1", "alo", TAG)
    assert (low, high) != before
    assert high - low < before[1] - before[0]


@pytest.mark.parametrize(("caption", "measured"), [("B", False), ("A", True), ("", True)])
def test_a_map_its_own_indicator_explains_says_nothing_of_another(caption, measured):
    """Classes of B, which everybody knows, happen to be in the order of A, whose G8 is hidden."""
    areas = {f"G{i}": "K" for i in range(9)}
    meaning = {key: Groesse(((1, key.lower()),)) for key in "AB"}
    reader = Angreifer({a: a for a in areas}, areas, "R", {key: key for key in meaning}, meaning, TAG)
    reader.funde = {
        Fund(f"G{i}", key, TAG, "wert", Zahl(float(times * (i + 1)), 0))
        for key, times in (("A", 10), ("B", 3))
        for i in range(9)
        if (key, i) != ("A", 8)
    }
    colours = {"hell": {"G0", "G1", "G2"}, "mittel": {"G3", "G4", "G5"}, "dunkel": {"G6", "G7", "G8"}}
    reader.bilder.append(([], colours, caption))
    found = {one for one in reader.miss().funde if (one.gebiet, one.indikator) == ("G8", "A")}
    assert bool(found) == measured


def test_ids_that_read_as_numbers_are_places(tmp_path):
    """A list whose ids are digits belongs to the small areas of its first column, not to the Kommune beside them."""
    (tmp_path / "a.csv").write_text(
        "gebiet,kommune,indikator_id,stichtag,zaehler\n0101,Mitte,I,2023-12-31,7\n", encoding="utf-8"
    )
    meaning = {"I": Groesse(((1, "f"),))}
    reader = Angreifer({"0101": "0101", "Mitte": "01"}, {"0101": "01"}, "R", {"I": "I"}, meaning, TAG).lies(
        tmp_path
    )
    assert {(one.gebiet, one.groesse, one.zahl.wert) for one in reader.funde} == {("0101", "zaehler", 7.0)}


def test_a_sum_is_found_in_the_printed_numbers_alone(tmp_path: Path) -> None:
    """a = b + c holds wherever all three are printed; nobody said so, and the one that is missing follows."""
    areas = {f"G{i}": "K" for i in range(12)}
    meaning = {key: Groesse(((1, key.lower()),)) for key in ("A", "B", "C", "D")}
    rng = np.random.default_rng(1)
    true = {"b": rng.integers(10, 90, 12), "c": rng.integers(10, 90, 12), "d": rng.integers(10, 90, 12)}
    true["a"] = true["b"] + true["c"]
    lines = [
        f"G{i},{key},{TAG},{true[key.lower()][i]}"
        for key in meaning
        for i in range(12)
        if (key, i) not in {("B", 5), ("C", 7)}
    ]
    (tmp_path / "liste.csv").write_text("\n".join(["Kennung,indikator_id,stichtag,Fälle", *lines]), "utf-8")
    keys = {key: key for key in meaning}
    reader = Angreifer({a: a for a in areas} | {"R": "R"}, areas, "R", keys, meaning, TAG).lies(tmp_path)
    assert reader.grenzen("G5", "b", TAG)[1] > 1000
    assert reader.summen() == [(((1, "a"),), ((1, "b"), (1, "c")))]
    knows = replace(reader, gefunden=reader.summen())
    for area, name, place in (("G5", "b", 5), ("G7", "c", 7)):
        assert knows.grenzen(area, name, TAG) == pytest.approx((true[name][place],) * 2, abs=1e-6)


# --- euros are functions of counts --------------------------------------------------------------

REGEL = {
    "titel": "Mittel",
    "fassung": "1",
    "zeitraum": {"von": "2025-01-01", "bis": "2025-12-31"},
    "gewichtung": "gebiete",
    "bedarfe": {
        "alter": {
            "name": "Alter",
            "indikatoren": {"AB65": 1},
            "personen": "ALO",
            "regel": {"art": "rampe", "von": 0, "bis": 0.2},
            "anteil": 100,
        }
    },
    "mittel": {"betrag": 1_000_000, "runden": 1},
}
OFFEN = "SI 2"
"""An area with the same share of the need and a count everybody may read."""


def erschlossen(seite: Path, bekannt: int) -> float:
    """Persons in need that the euros of the small area mean, measured by an area whose persons are known."""
    (table,) = (
        frame
        for frame in pd.read_html(io.StringIO(seite.read_text(encoding="utf-8")), decimal=",", thousands=".")
        if any("im Jahr" in str(head) for head in frame) and KLEIN[0] in set(frame.iloc[:, 0])
    )
    euro = table.set_index(table.columns[0])[next(head for head in table if str(head).startswith("im Jahr"))]
    return float(euro[KLEIN[0]] / euro[OFFEN] * bekannt)


def test_euros_do_not_tell_a_hidden_count(
    tmp_path_factory: pytest.TempPathFactory, kleinregion_typ: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rounded to the euro, without floor and cap: the reader learns what the rate of the Kommune would give, which
    anybody can work out. The same reader finds a rule that divides by the true counts."""
    root = tmp_path_factory.mktemp("euro")
    (root / "musterland").mkdir()
    (root / "musterland" / foerderung.DATEI).write_text(json.dumps(REGEL), encoding="utf-8")
    known = next(row[2] for row in kleinregion_typ(root).arbeit if (row[0], row[1]) == (OFFEN, "01.01.2024"))
    made = mache(root, kleinregion_typ, [("atlas", {"indikator": "ALO"}), ("foerderkulisse", {})])
    told = erschlossen(made.aus / "foerderkulisse" / "seite-1.html", known)
    found = made.leser()
    assert found.irrtum(TAG, made.wahr) < 1e-6
    low, high = found.grenzen(KLEIN[0], "alo", TAG)
    assert high - low >= K - 1e-6
    rate = made.wahr["alo"]["W 2"] / made.wahr["einwohner"]["W 2"]  # of what is public in its Kommune
    assert told == pytest.approx(round(rate * made.wahr["einwohner"][KLEIN[0]]), abs=0.1)
    assert abs(told - KLEIN[1]) > 5

    def leck(self: Any, key: str) -> Any:
        count, _ = store.load(self.daten.region, "intern").faelle([key], self.stichtag)
        return count[key], count[key].isna()

    monkeypatch.setattr(Foerderung, "_personen", leck)
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(root / "daten"))
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(root / "musterland"))
    monkeypatch.setenv("SOZIALANALYSE_STATISCH", "1")
    page = lege_seite(store.load(root / "musterland"), root / "leck", "foerderkulisse")
    assert erschlossen(page, known) == pytest.approx(KLEIN[1], abs=0.1)
