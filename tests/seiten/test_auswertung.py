"""The data object gives what the pages say, with names; every area of it can be asked for by name."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sozialanalyse
from sozialanalyse import auswertung
from sozialanalyse.base.errors import DatenFehler
from sozialanalyse.berichte import ClusterBericht, VarianzBericht
from sozialanalyse.seiten.teile.zahlen import Zahlen


@pytest.fixture(scope="module")
def daten(demo: Path) -> sozialanalyse.Daten:
    return sozialanalyse.load(demo, audience="intern")


def test_names_are_completed() -> None:
    assert dir(sozialanalyse) == ["Daten", "__version__", "clusters", "load", "variance"]


def test_types_are_those_of_the_page(daten: sozialanalyse.Daten) -> None:
    page, table = ClusterBericht(audience="intern"), daten.typen()
    assert len(table) == 93
    pd.testing.assert_series_equal(table["typ"], page.ergebnis.labels.reindex(table.index), check_names=False)
    assert table.at["A 4", "name"].startswith("A 4 ")
    assert table.at["A 4", "kommune"] == "Alsdorf"
    assert set(table["typname"].dropna()) == set(page.typnamen.values())
    assert table["sicherheit"].dropna().between(0, 1).all()


def test_split_is_that_of_the_page(daten: sozialanalyse.Daten) -> None:
    page, table = VarianzBericht(audience="intern"), daten.teilung()
    assert list(table.index) == page.folge
    assert table["gemessen"].equals(page.ergebnis.table.loc[page.folge, "eta2_weighted"].rename("gemessen"))
    inside = (table["urteil"] == "innerhalb").sum()
    told = (table["urteil"] != "nicht zu entscheiden").sum()
    assert any(f"Bei {inside} von {told} Indikatoren liegen" in said for said in page.ergebnis.statements())
    assert (table["sicher"] <= (table["urteil"] != "nicht zu entscheiden")).all()
    by_area = daten.teilung(gewichtung="gebiete", thema="wohnen")
    assert len(by_area) < len(table)
    page = VarianzBericht(audience="intern", gewichtung="gebiete", thema="wohnen")
    assert by_area["gemessen"].tolist() == page.ergebnis.table.loc[page.folge, "eta2"].tolist()


def test_twins_of_an_area_by_id_and_by_name(daten: sozialanalyse.Daten) -> None:
    page = ClusterBericht(audience="intern").zwillinge
    own = daten.zwillinge("S 1")
    assert own["zwilling"].tolist() == page.loc[page["gebiet"] == "S 1", "zwilling"].tolist()
    assert own["gebiet_name"].eq("S 1").all()
    assert (own["zwilling_kommune"] != "Stolberg").all()
    named = daten.namen()["A 4"]
    assert daten.zwillinge(named).equals(daten.zwillinge("A 4"))
    everyone = daten.zwillinge()
    assert len(everyone) == len(page)
    assert (
        sum("dort niedriger: mehr Bedarf)" in word for words in everyone["verschieden"] for word in words)
        > 50
    )
    for area in ("S 1", "A 4"):
        shown = ClusterBericht(audience="intern").zwillinge_von(area).tabelle
        told = everyone[everyone["gebiet"] == area]
        for column in ("aehnlich", "verschieden"):
            assert [", ".join(words) for words in told[column]] == shown[column].tolist()
    with pytest.raises(DatenFehler, match="Das Gebiet „S 99“ gibt es nicht"):
        daten.zwillinge("S 99")


def test_what_is_shown_fits_on_a_screen_and_has_names(daten: sozialanalyse.Daten) -> None:
    for table in (daten.typen(), daten.teilung(), daten.zwillinge()):
        assert len(repr(table).splitlines()) <= 24
        assert type(table.head(2)) is pd.DataFrame
    assert "Würselen" in repr(daten.typen())
    named = daten.mit_namen(daten.matrix("SOZ03", level="kommune"))
    assert "Alsdorf" in named.index
    assert list(named.columns) == [daten.indikatoren().at["SOZ03", "name"]]
    said = repr(ClusterBericht(audience="intern").ergebnis)
    assert len(said.splitlines()) < 20
    assert "Typen" in said


def test_help_begins_with_a_german_line() -> None:
    kind = auswertung.Auswertung
    methods = [getattr(kind, name) for name in ("typen", "teilung", "zwillinge", "mit_namen", "werte", "matrix", "gebiete", "namen")]  # fmt: skip
    for one in (
        sozialanalyse.load,
        sozialanalyse.clusters.cluster,
        sozialanalyse.variance.decompose,
        *methods,
    ):
        first, blank, *_ = str(one.__doc__).splitlines()
        assert not re.search(r"\b(the|of|with|and|for|one|is)\b", first)
        assert not blank.strip()


def test_indicators_are_found_by_name(daten: sozialanalyse.Daten) -> None:
    table = daten.indikatoren()
    key = "SOZ03"
    for word in (key, table.at[key, "name"], table.at[key, "kurz"], str(table.at[key, "name"]).lower()):
        assert list(daten.matrix(word).columns) == [key]
    with pytest.raises(DatenFehler, match="Den Indikator „Kinderarmt“ gibt es nicht"):
        daten.matrix("Kinderarmt")


def test_region_has_one_value_on_every_page(daten: sozialanalyse.Daten) -> None:
    """The column of the region beside the types is the region's own value, not a mean of areas."""
    page = ClusterBericht(audience="intern")
    keys = list(page.ergebnis.profile.columns)
    region = daten.matrix(keys, level="region").iloc[0]
    mean = daten.matrix(keys).mean()
    assert (np.abs(region - mean) > 0.01 * region.abs()).sum() > 10, "they differ, so that it matters"
    shown = page.profil().tabelle
    found = pd.to_numeric(shown["region"], errors="coerce").dropna() if "region" in shown else pd.Series([])
    assert len(found) > 10
    assert set(found.round(6)) <= set(region.round(6))


def test_the_only_area_of_a_kommune_is_not_compared_with_itself(
    daten: sozialanalyse.Daten, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ["SOZ03", "DEM07", "WOH01"]
    homes = daten.kommune()
    alone = homes.index[homes == "05334020"][0]
    kept = homes[(homes != "05334020") | (homes.index == alone)]
    monkeypatch.setattr(type(daten), "kommune", lambda self: kept)
    numbers = Zahlen(daten, daten.stichtag(), keys)
    assert (numbers.zur_kommune.loc[alone] == "").all()
    assert (numbers.zur_kommune.drop(alone) != "").any(axis=None)
    assert (numbers.zur_region.loc[alone] != "").any()
