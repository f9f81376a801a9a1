"""Journeys through the pages of the shipped region: at a desk, on a phone, with keys and a screen reader."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pandas as pd
import pikepdf
import pytest
from bestaende import DEMO, datenordner
from durchsicht import durchsicht, worte, zugang
from papier import lesezeichen, maengel
from seitenlauf import lege_alle, lege_seite

import sozialanalyse
from sozialanalyse import store, variance
from sozialanalyse.present import formats
from sozialanalyse.seiten import Lauf, seite, slug

pytestmark = [pytest.mark.browser, pytest.mark.langsam]
KOMMUNE, ORT, INDIKATOR, GEHEIM = "05334004", "A 6", "WOH02", "SOZ05"
"""Alsdorf, Warden, a rate everybody may see, and one of which much is suppressed."""
WIE = "H 6"
"""The area elsewhere most like Warden."""
TELEFON = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}


@dataclass(frozen=True)
class Gelegt:
    """The shipped region as the public sees it, with its finished pages by notebook/name."""

    daten: store.Daten
    seiten: dict[str, Path]
    ausgabe: Path

    def lege(self, notebook: str, name: str, **werte: Any) -> Path:
        """Write one more page, where a journey finds out which."""
        return lege_seite(self.daten, self.ausgabe, notebook, name, **werte)

    def werte(self, indikator: str) -> pd.DataFrame:
        found = self.daten.werte(indikator, self.daten.stichtage[-1])
        return found[found["gebiet_id"].isin(self.daten.gebiete().index)].set_index("gebiet_id")


@pytest.fixture(scope="module")
def gelegt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gelegt]:
    """Every kind of page, and those that the journeys lead to."""
    root = tmp_path_factory.mktemp("reisen")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(datenordner(tmp_path_factory, DEMO)))
        patch.setenv("SOZIALANALYSE_REGION", str(DEMO))
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        daten = store.load(DEMO, "oeffentlich")

        def lauf(notebook: str, name: str = "gesamt", **werte: Any) -> Lauf:
            return Lauf(notebook, name, seite(notebook).parameter(**werte))

        runs = [
            *(lauf(name) for name in ("cluster", "varianz", "datenstand")),
            lauf("atlas", indikator=INDIKATOR, vergleich="SOZ03"),
            *(lauf("atlas", slug(key), indikator=key) for key in (INDIKATOR, GEHEIM)),
            lauf("kommunalprofil", slug(KOMMUNE), kommune=KOMMUNE),
            *(lauf("sozialraumprofil", slug(key), sozialraum=key) for key in (ORT, WIE)),
            lauf("themenreport", "armut", report="armut"),
        ]
        yield Gelegt(daten, lege_alle(daten, root / "aus", runs), root / "aus")


def lade(page: Any, auf: Any, knopf: str, ziel: Path) -> Path:
    """Open the list of files of a figure or table, press a button, keep the file."""
    menu = auf.locator(".sa-laden summary").first
    if not auf.locator(".sa-laden").first.evaluate("fold => fold.open"):
        menu.focus()
        page.keyboard.press("Enter")
    with page.expect_download() as download:
        auf.get_by_role("button", name=knopf).first.press("Enter")
    place = ziel / download.value.suggested_filename
    download.value.save_as(place)
    return place


def zahl(shown: str) -> float:
    return float(shown.replace(".", "").replace(",", ".").replace("−", "-"))


ARTEN = ("start", "cluster/gesamt", "varianz/gesamt", "datenstand/gesamt", "atlas/gesamt", f"kommunalprofil/{KOMMUNE}",
         f"sozialraumprofil/{slug(ORT)}", "themenreport/armut")  # fmt: skip


@pytest.mark.parametrize("art", ARTEN)
def test_a_page_of_each_kind_has_no_fault(gelegt: Gelegt, oeffne: Any, art: str) -> None:
    page = oeffne(gelegt.seiten[art])
    assert durchsicht(page) == []
    assert page.locator(".sa-marke").count() >= 1
    page.set_viewport_size({"width": 320, "height": 640})
    assert zugang()["schmal"](page) == []


@pytest.mark.parametrize(
    "art",
    [art for art in ARTEN if art.split("/")[0] in ("kommunalprofil", "sozialraumprofil", "themenreport")],
)
def test_a_paper_of_each_kind_has_no_fault(gelegt: Gelegt, art: str) -> None:
    with pikepdf.open(gelegt.seiten[art].with_suffix(".pdf")) as paper:
        assert maengel(paper) == []


@pytest.mark.parametrize(
    "words",
    [
        "nan %",
        "Wert: None",
        "{name} liegt vorn",
        "KeyError: 'x'",
        "1e-05",
        "12.5 %",
        "1,234,567",
        "um -3 gesunken",
    ],
)
def test_what_is_unfinished_is_noticed(oeffne: Any, tmp_path: Path, words: str) -> None:
    for shown, faults in (
        (words, 1),
        ("Am 31.12.2023 waren es 1.234,5 (−3 %), CC BY 3.0 DE, a1e985759a72", 0),
    ):
        (tmp_path / "seite.html").write_text(f"<!doctype html><title>Seite</title><p>{shown}</p>", "utf-8")
        assert bool(list(worte(oeffne(tmp_path / "seite.html")))) == bool(faults)


# --- a planner at a desk ----------------------------------------------------------------------------


def test_a_planner_finds_what_stands_out_and_takes_the_numbers_along(
    gelegt: Gelegt, oeffne: Any, tmp_path: Path
) -> None:
    page = oeffne(gelegt.seiten[f"kommunalprofil/{KOMMUNE}"])
    striking = page.locator(".sa-kurz li", has_text="nach oben").inner_text()
    told = re.search(r": ([\d,.]+).* gegenüber ([\d,.]+).* in der StädteRegion insgesamt", striking)
    assert told
    own, whole = (page.get_by_text(number, exact=True) for number in told.groups())
    row = page.locator("table tbody tr:has(a[href*='/atlas/'])").filter(has=own).filter(has=whole)
    assert row.count() == 1
    link = row.get_by_role("link", include_hidden=True)
    catalogue = gelegt.daten.indikatoren()
    (indikator,) = [key for key in catalogue.index if slug(key) == Path(link.get_attribute("href")).stem]
    atlas = gelegt.lege("atlas", slug(indikator), indikator=indikator)
    page.locator("details").filter(has=row).locator("> summary").last.press("Enter")
    link.press("Enter")
    assert page.get_by_role("heading", level=1).inner_text() == catalogue.at[indikator, "name"]

    page.get_by_label("Kommune", exact=True).select_option(label="Alsdorf")
    for typed in ("A 3", "ac1"):
        page.get_by_label("Gebiet auswählen").fill(typed)
        page.keyboard.press("Enter")
    assert page.locator("#werte tr.sa-an th").all_text_contents() == [
        "AC 1",
        "A 3 Schaufenberg, Bettendorf",
    ]
    assert parse_qs(urlsplit(page.url).fragment) == {"a": ["A 3,AC 1"], "k": ["Alsdorf"]}

    values = gelegt.werte(indikator)
    own = [key for key, home in gelegt.daten.kommune().items() if home == KOMMUNE]
    rows = page.locator("#werte")
    head, *body = openpyxl.load_workbook(lade(page, rows, "Excel-Tabelle", tmp_path))["Daten"].values
    assert body[0][0].startswith("AC 1")
    assert len(body) == len(own) + 1
    for row in body:
        key = next(k for k in values.index if row[0] == str(gelegt.daten.namen()[k]))
        counts = [row[head.index(name)] for name in ("Fälle", "Bezugsgröße")]
        if values.at[key, "status"] != "wert":
            assert not any(isinstance(cell, int | float) for cell in [row[1], *counts])
            continue
        assert row[1] == pytest.approx(values.at[key, "wert"], abs=0.05)
        assert counts == [values.at[key, "zaehler"], values.at[key, "nenner"]]
    numbers = [row[1] if isinstance(row[1], int | float) else None for row in body]
    assert sum(number is not None for number in numbers) >= 5

    text = lade(page, rows, "CSV für deutsche Programme", tmp_path).read_bytes().decode("utf-8-sig")
    german = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert [zahl(line[1]) if line[1] else None for line in german[1:]] == numbers
    technical = pd.read_csv(lade(page, rows, "CSV technisch", tmp_path))
    assert technical["gebiet_id"].tolist() == ["AC 1", *own]
    assert [None if pd.isna(number) else number for number in technical["wert"]] == numbers

    files = page.locator(".sa-anhang a")
    assert files.count() == 2
    for link in files.all():
        assert (atlas.parent / link.get_attribute("href")).is_file()


def test_a_planner_sends_the_profile_as_paper(gelegt: Gelegt, oeffne: Any) -> None:
    place = gelegt.seiten[f"kommunalprofil/{KOMMUNE}"]
    link = oeffne(place).get_by_role("link", name="Diese Seite als PDF").get_attribute("href")
    with pikepdf.open(place.parent / link) as paper:
        assert {"Das Wichtigste in Kürze", "Die Themen", "Glossar"} <= set(lesezeichen(paper))


def test_a_planner_repeats_a_finding_in_a_few_lines(gelegt: Gelegt, oeffne: Any) -> None:
    """The share on the page is what one call gives for the numbers of the store."""
    page = oeffne(gelegt.seiten["varianz/gesamt"])
    figure = (
        page.locator("figure", has_text="reiner Zufall")
        .filter(has=page.locator("summary", has_text="Als Tabelle"))
        .first
    )
    figure.locator("summary", has_text="Als Tabelle").press("Enter")
    row = figure.locator("tbody tr", has_text="Preisgebundene Wohnungen").locator("td").all_inner_texts()

    daten = sozialanalyse.load(DEMO, audience="oeffentlich")
    count, base = daten.faelle([INDIKATOR])
    found = variance.decompose(
        daten.matrix([INDIKATOR]), daten.kommune(), weights=base, count=count, base=base, permutations=99
    ).table.loc[INDIKATOR]
    shown = [zahl(words) for words in row[1:]]
    names = ("eta2_weighted", "eta2_weighted_null", "share_structural", "share_low", "share_high")
    assert shown[:5] == pytest.approx([100 * found[name] for name in names], abs=1.5)
    assert shown[5:] == [found["n"], found["groups"]]


# --- somebody with a phone before a committee meets ---------------------------------------------------


def test_a_stakeholder_finds_an_area_its_like_elsewhere_and_the_way_back(gelegt: Gelegt, oeffne: Any) -> None:
    page = oeffne(gelegt.seiten["start"], 390, **TELEFON)
    page.get_by_role("link", name="Wie steht meine Kommune da?").tap()
    assert page.url.endswith("#f-kommunalprofil")
    page.get_by_role("searchbox").fill("warden")
    page.locator(".sa-suche li:visible a").first.tap()
    assert page.get_by_role("heading", level=1).inner_text() == "Sozialraumprofil A 6 Warden"
    assert not page.evaluate(zugang()["ZU_BREIT"])
    assert page.locator("svg.sa-karte").first.is_visible()
    assert page.get_by_role("link", name="Diese Seite als PDF").is_visible()
    assert page.locator("table.sa-tabelle tbody tr", has_text="Mindestsicherungsquote").first.is_visible()

    like = page.get_by_role("navigation", name="Weiterlesen").get_by_role("link", name=re.compile(f"^{WIE}"))
    assert WIE in page.locator(".sa-steckbrief").inner_text()
    like.tap()
    assert page.get_by_role("heading", level=1).inner_text().startswith(f"Sozialraumprofil {WIE}")
    page.go_back()
    assert page.get_by_role("heading", level=1).inner_text() == "Sozialraumprofil A 6 Warden"
    page.get_by_role("link", name=re.compile("^Kommunalprofil Alsdorf")).tap()
    assert page.get_by_role("heading", level=1).inner_text() == "Kommunalprofil Alsdorf"
    page.get_by_role("link", name="Übersicht").tap()
    assert page.get_by_role("heading", level=1).inner_text() == "Sozialräume im Vergleich"


def test_a_finger_on_the_map_chooses_an_area_in_map_and_table(gelegt: Gelegt, oeffne: Any) -> None:
    page = oeffne(gelegt.seiten["atlas/gesamt"], 390, **TELEFON)
    area = page.locator("svg.sa-karte [data-gebiet='AC 1']").first
    area.scroll_into_view_if_needed()
    area.tap()
    assert page.locator("#werte tr.sa-an th").all_text_contents() == ["AC 1"]
    assert "a=AC+1" in page.url
    assert not page.evaluate(zugang()["ZU_BREIT"])


@pytest.mark.parametrize("art", ["start", f"sozialraumprofil/{slug(ORT)}", "varianz/gesamt"])
def test_a_page_says_everything_without_scripts(gelegt: Gelegt, oeffne: Any, art: str) -> None:
    """Same headings, sentences, tables and drawings; only what needs a script is not offered."""
    bare, full = (oeffne(gelegt.seiten[art], 390, skript=scripts) for scripts in (False, True))
    for kind in (
        "h1, h2, h3",
        ".sa-kurz li",
        "main > section p:not([role=status])",
        "main table tbody tr",
        "main figure > figcaption",
    ):
        assert bare.locator(kind).count() >= 1 or not full.locator(kind).count(), kind
        assert bare.locator(kind).all_text_contents() == full.locator(kind).all_text_contents(), kind
    assert (
        not bare.locator(".sa-werkzeug, .sa-laden, [role=status]").count()
        or not bare.locator(".sa-werkzeug").first.is_visible()
    )
    assert bare.evaluate(zugang()["ZU_BREIT"]) is False


def test_a_suppressed_value_leaves_in_no_form(gelegt: Gelegt, oeffne: Any, tmp_path: Path) -> None:
    """On the page, in the map's name for the ear, in each file and behind a shared link it is a sign, never a number."""
    hidden = set(gelegt.werte(GEHEIM).query("status == 'geheim'").index)
    inside = (
        store.load(DEMO, "intern").werte(GEHEIM, gelegt.daten.stichtage[-1]).set_index("gebiet_id")["wert"]
    )
    assert len(hidden) > 5
    key = sorted(hidden, key=formats.natuerlich)[0]
    assert pd.notna(inside[key])

    place = gelegt.seiten[f"atlas/{slug(GEHEIM)}"]
    page = oeffne(place, anker=f"#a={key.replace(' ', '+')}")
    cells = page.locator("#werte tbody tr.sa-an td").all()
    assert [cell.get_attribute("data-s") for cell in cells[:3]] == ["geheim"] * 3
    assert not re.search(r"\d", " ".join(cell.inner_text() for cell in cells[:3]))
    compared = page.locator(".sa-vergleich tbody tr td").first
    assert "geheim gehalten" in compared.text_content()
    drawn = page.locator("svg.sa-karte").first
    drawn.focus()
    spoken = drawn.locator(f"[data-gebiet='{key}']").first.get_attribute("aria-label")
    assert "geheim gehalten" in spoken
    assert str(page.url).count("=") == 1, "the link holds the id and nothing else"

    table = page.locator("#werte")
    for row in openpyxl.load_workbook(lade(page, table, "Excel-Tabelle", tmp_path))["Daten"].iter_rows(
        values_only=True
    ):
        if any(row[0] == str(gelegt.daten.namen()[area]) for area in hidden):
            assert row[1] == "·"
            assert not any(isinstance(value, int | float) for value in row[1:4])
    technical = pd.read_csv(lade(page, table, "CSV technisch", tmp_path)).set_index("gebiet_id")
    assert technical.loc[sorted(hidden), ["wert", "zaehler", "nenner"]].isna().all(axis=None)
    assert set(technical.index[technical["wert_status"] == "geheim"]) == hidden
    german = lade(page, table, "CSV für deutsche Programme", tmp_path).read_text(encoding="utf-8-sig")
    for line in csv.reader(io.StringIO(german), delimiter=";"):
        if any(line[0] == str(gelegt.daten.namen()[area]) for area in hidden):
            assert line[1:3] == ["", "geheim gehalten"]

    figure = page.locator("figure:has(svg.sa-karte)").first
    shapes = json.loads(lade(page, figure, "GeoJSON", tmp_path).read_text(encoding="utf-8"))["features"]
    assert {shape["id"] for shape in shapes if shape["properties"]["wert"] is None} >= hidden
    for file in (place.with_suffix(".csv"), place.with_suffix(".xlsx")):
        frame = pd.read_csv(file) if file.suffix == ".csv" else pd.read_excel(file, sheet_name="Daten")
        ids = frame[frame.iloc[:, 0].isin([key, str(gelegt.daten.namen()[key])])]
        last = ids[ids["stichtag"] == gelegt.daten.stichtage[-1]] if "stichtag" in ids else ids
        assert len(last) == 1
        assert not pd.to_numeric(last.iloc[0].get("wert", last.iloc[0].iloc[1]), errors="coerce") >= 0


# --- somebody with keys and a screen reader -----------------------------------------------------------


def test_a_reader_with_keys_jumps_chooses_hears_and_reaches_the_table(gelegt: Gelegt, oeffne: Any) -> None:
    page = oeffne(gelegt.seiten[f"atlas/{slug(INDIKATOR)}"])
    assert page.locator("html").get_attribute("lang") == "de"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Zum Inhalt springen"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "inhalt"

    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('svg.sa-karte [data-gebiet]')"):
            break
    here = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert re.match(r"AC 1,? .*Aachen – .*: [\d,]+\s%", here)
    page.keyboard.press("Shift+Tab")
    assert not page.evaluate("document.activeElement.closest('svg') !== null"), "one stop per map"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name != here
    page.keyboard.press("Enter")
    voice = page.get_by_role("status").filter(has_text="Ausgewählt")
    voice.wait_for()
    assert voice.inner_text() == f"Ausgewählt: {name}"
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"

    figure = page.locator("figure:has(svg.sa-karte)").first
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.sa-zurtafel a')"):
            break
    assert figure.locator(".sa-zurtafel a").evaluate("link => link === document.activeElement")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#werte"
    assert page.locator("#werte table").evaluate("table => table.getBoundingClientRect().top < innerHeight")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#werte') !== null")


@pytest.mark.parametrize("art", ARTEN)
def test_the_accessibility_tree_leads_through_the_page(gelegt: Gelegt, oeffne: Any, art: str) -> None:
    """Landmarks once, headings without leap, everything that acts or shows has a name; a map is one picture until the keys come to it."""
    page = oeffne(gelegt.seiten[art])
    assert zugang()["baum"](page) == []
    assert page.get_by_role("navigation", name="Hauptnavigation").count() == 1
    maps = page.locator("svg.sa-karte:visible").all()
    for drawn in maps:
        areas = drawn.locator("[data-gebiet]")
        if not areas.count():
            continue
        assert (drawn.get_attribute("role"), drawn.locator("[role=button]").count()) == ("img", 0)
        drawn.focus()
        assert drawn.get_attribute("role") == "group"
        assert page.evaluate("document.activeElement.matches('svg.sa-karte [data-gebiet]')")
        buttons = drawn.locator("[role=button]")
        assert buttons.count() == drawn.locator("[data-gebiet]").count()
        assert drawn.locator("[role=button][tabindex='0']").count() == 1
    if art.split("/")[0] in ("atlas", "cluster", "kommunalprofil"):
        assert maps
