"""What a page says about the grounds of its numbers: the date of each topic, other people behind a rate."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from sozialanalyse import build
from sozialanalyse.base import text, texts
from sozialanalyse.seiten.kommunalprofil import KommunalprofilBericht
from sozialanalyse.seiten.sozialraumprofil import SozialraumprofilBericht
from sozialanalyse.seiten.teile.zahlen import Zahlen
from sozialanalyse.seiten.varianz import VarianzBericht


@pytest.fixture
def halb(kleinregion):
    """A newest date of which one office has delivered."""
    kleinregion.region_yml = kleinregion.region_yml.replace("2023-12-31]", "2023-12-31, 2025-12-31]")
    kleinregion.arbeit += [[row[0], "31.12.2025", *row[2:]] for row in kleinregion.arbeit[:9]]
    kleinregion.build()
    return kleinregion.daten()


def test_a_page_names_topics_without_values_on_its_date(halb):
    assert halb.andere_tage("2025-12-31") == {"demographie": "2023-12-31"}
    assert halb.andere_tage("2021-12-31") == {}
    assert halb.andere_tage("2025-12-31", ["arbeit"]) == {}
    told = "Zum 31.12.2025 gibt es hier keine Werte zu: Demographie (31.12.2023)."
    for report in (KommunalprofilBericht, SozialraumprofilBericht, VarianzBericht):
        page = report(daten=halb, audience="intern")
        assert told in page.auftakt()._repr_html_(), report.__name__
    before = KommunalprofilBericht(daten=halb, audience="intern", stichtag="2023-12-31")
    assert "gibt es hier keine Werte" not in before.auftakt()._repr_html_()
    limited = VarianzBericht(daten=halb, audience="intern", thema="arbeit")
    assert "gibt es hier keine Werte" not in limited.auftakt()._repr_html_()


def test_a_rate_of_other_people_says_so(halb):
    page = KommunalprofilBericht(daten=halb, audience="intern", stichtag="2023-12-31", kommune="05999004")
    keys = ["AB65", "EW", "MEDIAN"]
    assert page._andere_basis("05999004", keys) == ""  # 1.200 + 800 + 2.000 people of three areas
    numbers = page.zahlen = Zahlen(halb, "2023-12-31", page.indikatoren)
    numbers.wert.loc["A 2", "AB65"] = np.nan
    assert numbers.andere_basis("05999004", keys) == {"AB65": (4000.0, 2000.0)}
    table = page.zahlentafel(["05999004", page.region_id], keys, "Titel")._repr_html_()
    assert (
        "Werte von Ahausen beruhen auf einer anderen Bezugsgröße als die gezeigten Sozialräume zusammen: "
        in table
    )
    assert "(4.000 statt 2.000)" in table
    assert "Werte von Kreis Musterland beruhen" in table
    assert page._andere_basis("A 2", keys) == ""


def test_a_kommune_without_outlines_has_tiles_in_place_of_its_map(kleinregion):
    shapes = kleinregion.schreibe().ordner / "gebiete.gpkg"
    frame = gpd.read_file(shapes)
    frame[~frame["id"].str.startswith("A")].to_file(shapes, driver="GPKG")
    build.build(kleinregion.ordner)
    told = "Umrisse sind nicht hinterlegt: Jedes Gebiet ist ein gleich großes Feld"
    daten = kleinregion.daten()
    without = KommunalprofilBericht(daten=daten, audience="intern", kommune="05999004")
    assert told in without.karte()._repr_html_()
    assert (
        told
        in SozialraumprofilBericht(daten=daten, audience="intern", sozialraum="A 2").karte()._repr_html_()
    )
    beside = KommunalprofilBericht(daten=daten, audience="intern", kommune="05999008")
    assert told not in beside.karte()._repr_html_()
    assert 'class="sa-karte' in beside.karte()._repr_html_()


@pytest.mark.parametrize(("number", "said"), [(1, "1 Wert ändert sich"), ("1", "1 Wert ändert sich"), (0, "0 Werte ändern sich"), (21, "21 Werte ändern sich"), ("1.001", "1.001 Werte ändern sich")])  # fmt: skip
def test_a_number_and_its_noun_agree(tmp_path, number, said):
    page = tmp_path / "x.yml"
    page.write_text('satz: "{zahl:Wert ändert|Werte ändern} sich"', encoding="utf-8")
    texts.ergaenze("probe_numerus", page)
    assert text("probe_numerus.satz", zahl=number) == said
