"""Finished pages in a real browser, opened from a drive: journeys by keyboard, files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from seitenlauf import lege_seite, lege_startseite

from sozialanalyse import present
from sozialanalyse.base.kontext import Ebene, Kontext
from sozialanalyse.publish.html import Rahmen, beilagen, ganze_seite
from sozialanalyse.seiten import seite

pytestmark = pytest.mark.browser
EBENE = Ebene("sozialraum", "Sozialraum", "Sozialräume", "Sozialräumen", "m")


@pytest.fixture(scope="module")
def seiten(tmp_path_factory: pytest.TempPathFactory, kleinregion_typ: Any) -> Iterator[dict[str, Any]]:
    """Pages of the tiny region, one of its values suppressed, and its areas."""
    root = tmp_path_factory.mktemp("seiten")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(root / "daten"))
        patch.setenv("SOZIALANALYSE_REGION", str(root / "musterland"))
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        region = kleinregion_typ(root / "musterland")
        for row in region.arbeit:
            if row[0] == "SI 2":
                row[2] = 4
        region.build()
        daten = region.daten("oeffentlich")
        yield {
            "atlas": lege_seite(daten, root / "aus", "atlas", indikator="ALO", vergleich="AB65"),
            "datenstand": lege_seite(daten, root / "aus", "datenstand"),
            "start": lege_startseite(daten, root / "aus", ["atlas", "datenstand"]),
            "gebiete": daten.gebiete(),
            "daten": daten,
        }


@pytest.fixture
def atlas(seiten: dict[str, Any]) -> Path:
    return Path(seiten["atlas"])


def chosen(page: Any) -> list[str]:
    return page.eval_on_selector_all("#werte tr.sa-an th", "rows => rows.map(row => row.textContent)")


def test_find_an_area_compare_it_and_download_the_table_by_keyboard(
    atlas: Path, oeffne: Any, tmp_path: Path
) -> None:
    page = oeffne(atlas)
    page.locator("svg.sa-karte").first.focus()
    first = page.locator("svg.sa-karte [tabindex='0']").first
    start = first.get_attribute("data-gebiet")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.tagName") != "svg", "the drawing is no stop of its own"
    first.focus()
    page.keyboard.press("ArrowRight")
    neighbour = page.evaluate("document.activeElement.dataset.gebiet")
    assert neighbour != start
    page.keyboard.press("Enter")
    assert [name.startswith(neighbour) for name in chosen(page)] == [True]
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    page.locator("[role=status]", has_text="Ausgewählt").wait_for()
    assert "#a=" in page.url

    page.get_by_label("Gebiet auswählen").fill("si1")
    page.keyboard.press("Enter")
    assert len(chosen(page)) == 2
    compared = page.locator(".sa-vergleich table tbody tr")
    assert compared.count() == 2

    page.locator("#werte .sa-laden summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["Daten", "Lesehinweise", "Metadaten", "Symbole"]
    head, *rows = book["Daten"].iter_rows(values_only=True)
    assert len(rows) == 9
    assert head[-1] == "Hinweis"
    assert {row[-1] for row in rows} == {"Demodaten – frei erfunden"}
    values = [row[1] for row in rows]
    assert sum(isinstance(value, int | float) for value in values) == 9 - values.count("·")
    assert "·" in values, "a suppressed value is a sign, not a number"

    again = oeffne(atlas, anker=page.url[page.url.index("#") :])
    assert chosen(again) == chosen(page), "the address restores the view"
    page.locator("svg.sa-karte [tabindex='0']").first.focus()
    page.keyboard.press("Escape")
    assert chosen(page) == []
    assert "#" not in page.url
    for left in (2, 1, 0):
        page.go_back()
        assert len(chosen(page)) == left, "Back undoes one step of choosing after the other"


def test_filter_by_town_and_value(atlas: Path, oeffne: Any) -> None:
    page = oeffne(atlas)
    page.get_by_label("Kommune", exact=True).select_option(label="Ahausen")
    assert page.locator("#werte tbody tr:visible").count() == 3
    assert page.locator("svg.sa-karte .sa-aus").first.get_attribute("data-gebiet")[0] != "A"
    page.get_by_label("Wert mindestens").fill("5,0")
    page.keyboard.press("Tab")
    shown = page.eval_on_selector_all(
        "#werte tbody tr:not([hidden]) td:nth-child(2)", "cells => cells.map(c => c.textContent)"
    )
    assert all(float(value.replace(",", ".")) >= 5 for value in shown)
    assert page.url.endswith("k=Ahausen&von=5")
    wrong = oeffne(atlas, anker="#a=X+99&k=Nirgendwo&von=abc")
    assert chosen(wrong) == []
    assert wrong.locator("#werte tbody tr:visible").count() == 9
    wrong.locator("[role=status]", has_text="X 99").wait_for()


def test_chosen_areas_lead_to_their_comparison_over_several_indicators(
    atlas: Path, seiten: Any, oeffne: Any, browser: Any
) -> None:
    drive = oeffne(atlas)
    drive.locator("svg.sa-karte").first.focus()
    drive.keyboard.press("Enter")
    assert drive.get_by_role("link", name="über mehrere Indikatoren").count() == 0, "there is no live page"
    context = browser.new_context(viewport={"width": 390, "height": 900})
    page = context.new_page()
    root = atlas.parents[1]
    page.route(
        "**/*",
        lambda route: route.fulfill(
            path=root / route.request.url.removeprefix("http://haus.example/berichte/")
        ),
    )
    page.goto("http://haus.example/berichte/atlas/gesamt.html#a=SI+1,A+2")
    link = page.get_by_role("link", name="über mehrere Indikatoren")
    address = urlsplit(link.evaluate("link => link.href"))
    context.close()
    assert (address.netloc, address.path) == ("haus.example", "/live/atlas")
    query = parse_qs(address.query)
    assert query["gebiete"] == ["SI 1,A 2"]
    assert query["indikator"] == ["ALO"], "the rest of the view stays"
    seite("atlas").aus_link(query, seiten["daten"])


def test_map_as_geojson_in_degrees_with_gaps_as_null(
    atlas: Path, oeffne: Any, tmp_path: Path, seiten: Any
) -> None:
    page = oeffne(atlas)
    figure = page.locator("figure:has(svg.sa-karte)").first
    figure.locator(".sa-laden summary").click()
    with page.expect_download() as download:
        figure.get_by_role("button", name="GeoJSON").click()
    download.value.save_as(tmp_path / "karte.geojson")
    found = json.loads((tmp_path / "karte.geojson").read_text(encoding="utf-8"))["features"]
    assert len(found) == 9
    hidden = [f for f in found if f["properties"].get("wert_status") == "geheim"]
    assert hidden
    assert all(f["properties"]["wert"] is None for f in hidden)
    areas = seiten["gebiete"].to_crs(4326)
    for feature in found:
        ring = feature["geometry"]["coordinates"][0][0]
        west, south, east, north = areas.geometry[feature["id"]].bounds
        assert min(x for x, _ in ring) == pytest.approx(west, abs=5e-4)
        assert max(y for _, y in ring) == pytest.approx(north, abs=5e-4)
        assert ring[0] == ring[-1]


def test_picture_has_title_legend_source_and_mark(atlas: Path, oeffne: Any, tmp_path: Path) -> None:
    page = oeffne(atlas)
    figure = page.locator("figure:has(svg.sa-karte)").first
    figure.locator(".sa-laden summary").click()
    for button, name in (("SVG", "bild.svg"), ("PNG", "bild.png")):
        with page.expect_download() as download:
            figure.get_by_role("button", name=button).click()
        download.value.save_as(tmp_path / name)
    text = (tmp_path / "bild.svg").read_text(encoding="utf-8")
    assert "Demodaten – frei erfunden" in text
    assert "geheim gehalten" in text
    assert "Stichtag" in text
    assert (tmp_path / "bild.png").read_bytes()[:4] == b"\x89PNG"


def test_the_page_is_whole_without_scripts(atlas: Path, oeffne: Any) -> None:
    page = oeffne(atlas, skript=False)
    assert page.locator("#werte tbody tr").count() == 9
    assert page.locator("svg.sa-karte [data-gebiet]").first.is_visible()
    assert not page.locator(".sa-werkzeug").is_visible()
    assert (atlas.parent / page.get_by_role("link", name="Excel-Datei").get_attribute("href")).is_file()


@pytest.mark.parametrize("breite", [1280, 390])
def test_start_page_has_finding_entrances_search_and_the_reports(
    breite: int, seiten: Any, oeffne: Any
) -> None:
    page = oeffne(seiten["start"], breite)
    assert page.evaluate("document.documentElement.scrollWidth") <= breite
    heads = page.eval_on_selector_all("h1, h2", "heads => heads.map(head => head.textContent)")
    assert heads[0] == "Sozialräume im Vergleich"
    assert heads.index("Womit möchten Sie beginnen?") < heads.index("Alle Berichte")
    assert page.locator(".sa-kurz li").count() >= 1
    assert page.locator("#f-atlas a").get_attribute("href") == "atlas/gesamt.html"
    assert page.locator("section[aria-labelledby=f-atlas] > p").inner_text()
    page.locator("section[aria-labelledby=f-atlas] a").first.click()
    assert page.url.endswith("atlas/gesamt.html")


def test_the_map_of_the_start_page_is_the_way_in(seiten: Any, oeffne: Any) -> None:
    """A tap shows name and facts and a link; the link without a script, no stop of the tab key, silent for a reader."""
    page = oeffne(seiten["start"])
    areas = page.locator("main figure a[data-ort]")
    assert areas.count() == len(seiten["gebiete"])
    assert {areas.nth(i).get_attribute("tabindex") for i in range(areas.count())} == {"-1"}
    assert page.locator(
        ".sa-bild[aria-hidden=true] + .sa-karteikarte, .sa-bild[aria-hidden=true] ~ .sa-vorlesen"
    ).count()
    chosen = areas.first
    name, target = chosen.get_attribute("data-ort"), chosen.get_attribute("href")
    tips = page.eval_on_selector_all(
        "main figure a[data-ort] > title", "all => all.map(tip => tip.textContent)"
    )
    assert len(tips) == areas.count()
    assert any(tip.startswith(f"{name} ") or tip.startswith(f"{name}:") for tip in tips), tips[:2]
    chosen.dispatch_event("click")
    card = page.locator(".sa-karteikarte")
    assert name in card.inner_text()
    assert 1 <= card.locator("li").count() <= 4
    assert card.locator("a").get_attribute("href") == target
    areas.nth(1).dispatch_event("click")
    assert name not in card.locator("strong").inner_text()
    page.go_back()
    assert name in card.inner_text(), "Back undoes a tap"
    card.locator("a").click()
    page.go_back()
    assert name in page.locator(".sa-karteikarte").inner_text(), "and comes back to it"
    page.get_by_role("searchbox").fill("Wolkenkuckucksheim")
    assert page.locator(".sa-vorwahl a:visible").count() == seiten["daten"].kommune().nunique()
    assert "Diesen Namen kennt die Region nicht" in page.locator(".sa-suche").inner_text()


MARKIERT = """(art) => {
  const told = [];
  for (const figure of document.querySelectorAll('figure:has(.sa-balken)'))
    for (const area of figure.querySelectorAll(`svg.sa-eine [data-${art}]`)) {
      const id = area.dataset[art];
      area.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
      const marked = [...figure.querySelectorAll('.sa-legende li.sa-hier')].map(item => item.textContent);
      if (art === 'gebiet') area.dispatchEvent(new MouseEvent('click', {bubbles: true}));
      told.push([figure.id, id, marked]);
    }
  const said = [...document.querySelectorAll('.sa-legende li:has(.sa-balken)')].map(
    item => [item.closest('figure').id, item.textContent]);
  return [told, said];
}"""


@pytest.mark.parametrize(("name", "art"), [("atlas", "gebiet"), ("start", "ort")])
def test_a_chosen_area_marks_its_class_in_the_legend_and_its_count_is_right(
    name: str, art: str, seiten: Any, oeffne: Any
) -> None:
    """Chosen one after the other, the areas mark each class as often as it says it has areas."""
    page = oeffne(seiten[name])
    told, said = page.evaluate(MARKIERT, art)
    assert len(told) >= len(seiten["gebiete"])
    assert all(len(marked) == 1 for _, _, marked in told), [one for one in told if len(one[2]) != 1][:3]
    times = Counter((figure, marked[0].split(", darunter ")[0]) for figure, _, marked in told)
    named = [(gebiet, marked[0].split(", darunter ")[1]) for _, gebiet, marked in told]
    assert all(gebiet in words for gebiet, words in named), named[:3]
    for figure, words in said:
        count = int(re.search(r"\((\d+)\)", words)[1])  # type: ignore[index]
        assert times[figure, words.split(", darunter ")[0]] == count, words


def test_the_mark_in_the_legend_goes_with_the_choice_and_is_seen_without_colour(
    atlas: Path, oeffne: Any
) -> None:
    page = oeffne(atlas)
    figure = page.locator("figure:has(.sa-balken)").first
    figure.locator("[data-gebiet]").first.dispatch_event("click")
    marked = figure.locator(".sa-legende li.sa-hier")
    assert marked.count() == 1
    assert int(marked.evaluate("node => getComputedStyle(node).fontWeight")) >= 600
    assert marked.locator("svg").evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    page.keyboard.press("Escape")
    assert marked.count() == 0
    assert "darunter" not in figure.locator(".sa-legende").inner_text()


def test_after_a_partial_run_no_link_of_the_start_page_leads_nowhere(seiten: Any, oeffne: Any) -> None:
    """Only atlas and Datenstand exist; the rest is named with the remark that it has not been made."""
    page = oeffne(seiten["start"])
    links = page.eval_on_selector_all(
        "main a, header a, footer a", "all => all.map(a => a.getAttribute('href'))"
    )
    assert len(links) > 20
    for link in links:
        path, _, part = link.partition("#")
        assert not path or (seiten["start"].parent / path).is_file(), link
        assert not part or path not in ("", "index.html") or page.locator(f"[id='{part}']").count() == 1, link
    page.get_by_role("link", name="Wie steht meine Kommune da?").click()
    assert page.url.endswith("#f-kommunalprofil")
    section = page.locator("section[aria-labelledby=f-kommunalprofil]")
    assert "Noch nicht erzeugt." in section.inner_text()
    assert "Noch nicht erzeugt." not in page.locator("section[aria-labelledby=f-atlas]").inner_text()


def test_search_forgives_spelling_and_is_led_by_keys(oeffne: Any, tmp_path: Path) -> None:
    from sozialanalyse.publish.html import SKRIPTE, Rahmen, ganze_seite, skriptordner

    entries = [
        present.Treffer("A 11a Dürwiß", "a.html", "Eschstadt", ("Dürwiss-Nord",)),
        present.Treffer("B 2 Groß Öd", "b.html", "Baustadt"),
        present.Treffer("C 3 Mitte", "c.html", "Zentrum", ("01067", "Rosenviertel")),
        present.Treffer("C 4 Tal", "d.html", "Zentrum", ("01069",)),
    ]
    found = present.suche(entries, titel="Ort suchen")
    frame = Rahmen("Suche", "Region", "Amt", "", stil=present.stylesheet(),
                   skripte=[(skriptordner() / name).as_uri() for name in SKRIPTE])  # fmt: skip
    (tmp_path / "suche.html").write_text(ganze_seite(f"<h1>Suche</h1>{found.html}", frame), encoding="utf-8")
    page = oeffne(tmp_path / "suche.html")
    field = page.get_by_role("searchbox")
    for typed, name in (
        ("duerwis", "A 11a"),
        ("gross oed", "B 2"),
        ("Dürwiss nord", "A 11a"),
        ("Mite", "C 3"),
    ):
        field.fill(typed)
        assert page.locator(".sa-suche li:visible a").first.inner_text().startswith(name), typed
    for typed, told in (("01067", ["C 3 Mitte01067"]), ("rosenv", ["C 3 MitteRosenviertel"]),
                        ("0106", ["C 3 Mitte01067", "C 4 Tal01069"]), ("Mitte", ["C 3 Mitte"])):  # fmt: skip
        field.fill(typed)
        shown = page.locator(".sa-suche li:visible").evaluate_all(
            "all => all.map(one => one.querySelector('a').textContent + (one.querySelector('.sa-treffer')?.textContent ?? ''))"
        )
        assert shown == told, typed
    field.fill("qqqqqqq")
    assert page.locator(".sa-suche li:visible").count() == 0
    page.locator("[role=status]", has_text="Dazu gibt es hier nichts").wait_for()
    field.fill("a 11")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "A 11a Dürwiß"


def test_a_finger_beside_a_small_area_means_the_small_one(browser: Any, tmp_path: Path) -> None:
    from sozialanalyse.publish.html import SKRIPTE, Rahmen, ganze_seite, skriptordner

    index = pd.Index(["G 1", "G 2"], name="gebiet_id")
    tiny = shapely.box(5000, 5000, 5200, 5200)
    places = gpd.GeoDataFrame(
        {"name": ["Weit", "Eng"], "kommune_id": ["T"] * 2},
        geometry=[shapely.box(0, 0, 10_000, 10_000) - tiny, tiny],
        index=index,
        crs=25832,
    )
    kontext = Kontext("Region", "Amt", "31.12.2023", "oeffentlich", EBENE, EBENE)
    steps = present.einstufen(pd.Series([1.0, 2.0], index=index), present.Spalte("Quote"))
    shown = present.choropleth(places, steps, kontext=kontext, titel="Quote")
    frame = Rahmen("Karte", "Region", "Amt", "", stil=present.stylesheet(),
                   skripte=[(skriptordner() / name).as_uri() for name in SKRIPTE])  # fmt: skip
    (tmp_path / "karte.html").write_text(ganze_seite(f"<h1>Karte</h1>{shown.html}", frame), encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 900}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto((tmp_path / "karte.html").as_uri())
    assert "antippen" in page.locator(".sa-detail").first.inner_text()
    box = page.locator("svg.sa-karte [data-gebiet='G 2']").bounding_box()
    assert box["width"] < 12
    for away, meant in ((10, "G 2"), (40, "G 1")):
        page.goto("about:blank")
        page.goto((tmp_path / "karte.html").as_uri())
        page.touchscreen.tap(box["x"] + box["width"] + away, box["y"] + box["height"] / 2)
        assert page.eval_on_selector_all(
            "svg.sa-karte .sa-an", "all => all.map(one => one.dataset.gebiet)"
        ) == [meant]
        assert page.locator(".sa-detail").first.inner_text().startswith(meant)
    context.close()


def test_table_with_ids_behind_the_names_is_linked_with_its_map(oeffne: Any, tmp_path: Path) -> None:
    from sozialanalyse.publish.html import SKRIPTE, Rahmen, ganze_seite, skriptordner

    shapes = [shapely.box(i * 1000, 0, i * 1000 + 1000, 1000) for i in range(3)]
    index = pd.Index(["0101", "0102", "0103"], name="gebiet_id")
    places = gpd.GeoDataFrame(
        {"name": ["Aue", "Berg", "Chor"], "kommune_id": ["T"] * 3}, geometry=shapes, index=index, crs=25832
    )
    kontext = Kontext("Region", "Amt", "31.12.2023", "oeffentlich", EBENE, EBENE)
    values = pd.Series([1.0, 2.0, 3.0], index=index)
    steps = present.einstufen(values, present.Spalte("Quote"))
    shown = present.choropleth(places, steps, kontext=kontext, titel="Quote", tafel="werte")
    listed = values.rename("wert").to_frame().set_axis(["Aue (0101)", "Berg (0102)", "Chor (0103)"])
    listed.index.name = "name"
    table = present.tabelle(listed, titel="Werte", kontext=kontext, id="werte")
    frame = Rahmen("Karte", "Region", "Amt", "", stil=present.stylesheet(),
                   skripte=[(skriptordner() / name).as_uri() for name in SKRIPTE])  # fmt: skip
    page_file = tmp_path / "karte.html"
    page_file.write_text(ganze_seite(f"<h1>Karte</h1>{shown.html}{table.html}", frame), encoding="utf-8")
    page = oeffne(page_file)
    page.locator("svg.sa-karte [data-gebiet='0102']").dispatch_event("click")
    assert [name.strip() for name in chosen(page)] == ["Berg (0102)"]
    assert page.locator(".sa-detail").first.text_content().startswith("Berg (0102)")


def streifenseite(ordner: Path, anzahl: int) -> Path:
    """A page of so many charts of rows."""
    values = pd.Series([1.0, 4.0, 9.0], index=["a", "b", "c"])
    context = Kontext(
        region="R", herausgeber="H", stichtag="31.12.2023", audience="oeffentlich", sozialraum=EBENE,
        kommune=Ebene("kommune", "Kommune", "Kommunen", "Kommunen"),
    )  # fmt: skip
    charts = [
        present.lage(
            [present.Streifen("Anteil", values, "%", 1)], kontext=context, titel=f"Befund {i}", id=f"b{i}"
        )
        for i in range(anzahl)
    ]
    style, script, _ = files = beilagen(present.stylesheet())
    for name, content in files.items():
        (ordner / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    frame = Rahmen("T", "R", "H", "S", stil_datei=style, skripte=[script])
    page = ordner / f"seite-{anzahl}.html"
    page.write_text(ganze_seite("<h1>T</h1>" + "".join(one.html for one in charts), frame), "utf-8")
    return page


@pytest.mark.parametrize(("anzahl", "breite", "offen"), [(6, 390, 1), (4, 390, 4), (6, 1280, 6)])
def test_on_a_phone_many_charts_of_rows_show_their_message_and_open_on_demand(
    anzahl: int, breite: int, offen: int, oeffne: Any, tmp_path: Path
) -> None:
    page = oeffne(streifenseite(tmp_path, anzahl), breite)
    assert page.locator("figure > .sa-bild:visible").count() == offen
    assert page.locator("figure .sa-titel:visible").count() == anzahl, "the message of each is there"
    if offen < anzahl:
        button = page.get_by_role("button", name="Befund 3")
        assert button.get_attribute("aria-expanded") == "false"
        button.press("Enter")
        assert button.get_attribute("aria-expanded") == "true"
        assert page.locator("figure > .sa-bild:visible").count() == offen + 1
        assert page.locator("#b3 details:visible").count() >= 1
        button.press("Enter")
        assert page.locator("figure > .sa-bild:visible").count() == offen
        page.evaluate("location.hash = 'b4'")
        page.locator("#b4 > .sa-bild").wait_for()
        page.emulate_media(media="print")
        assert page.locator("figure > .sa-bild:visible").count() == anzahl
