"""The planted boundary change: counts are shared out, rates follow from counts, and every output says so."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest

from sozialanalyse import store
from sozialanalyse.berichte import AtlasBericht, SozialraumprofilBericht

TEILE, DAMALS, DAVOR = ["A 1a", "A 1b"], "2019-12-31", "31.12.2019"
UMGERECHNET = {"BEH01", "BEH02", "BEH03", "BEH04", "GES06", "GES08", "SOZ01", "SOZ05", "SOZ06", "SOZ16"}


def test_only_the_divided_area_is_converted_and_only_at_its_old_date(intern: store.Daten) -> None:
    marked = intern.werte(level=None).query("umgerechnet")
    assert set(marked["gebiet_id"]) == set(TEILE)
    assert set(marked["stichtag"]) == {DAMALS}
    assert set(marked["indikator_id"]) == UMGERECHNET


def test_counts_are_shared_out_and_none_is_lost(intern: store.Daten) -> None:
    people = intern.matrix("DEM01", DAMALS)["DEM01"][TEILE]
    found = intern.werte("SOZ05", DAMALS).set_index("gebiet_id").loc[TEILE]
    cells = pd.concat(intern.herkunft(part, "SOZ05", DAMALS).query("rolle == 'zaehler'") for part in TEILE)
    assert set(cells["gebiet_id"]) == {"bis2019:A 1"}
    assert cells["anteil"].tolist() == pytest.approx((people / people.sum()).tolist())
    (delivered,) = set(cells["wert"])
    assert found["zaehler"].tolist() == pytest.approx((delivered * people / people.sum()).tolist())
    assert found["wert"].tolist() == pytest.approx((100 * found["zaehler"] / found["nenner"]).tolist())
    kommune = intern.werte("SOZ05", DAMALS, level="kommune").set_index("gebiet_id").loc["05334004"]
    assert kommune["zaehler"] == pytest.approx(
        intern.werte("SOZ05", DAMALS)
        .set_index("gebiet_id")
        .loc[intern.kommune().eq("05334004"), "zaehler"]
        .sum()
    )
    assert not kommune["umgerechnet"]


def test_children_are_shared_out_by_children(intern: store.Daten) -> None:
    shares = [
        intern.herkunft(part, "BEH01", DAMALS).query("rolle == 'zaehler'")["anteil"].item() for part in TEILE
    ]
    young = intern.werte("BEH01", DAMALS).set_index("gebiet_id").loc[TEILE, "nenner"]
    assert shares == pytest.approx((young / young.sum()).tolist())


def test_series_without_estimate_are_offered_for_both_parts_together(intern: store.Daten) -> None:
    groups = intern.gemeinsame_gebiete()
    assert set(groups[TEILE]) == {"A 1a + A 1b"}
    assert groups.nunique() == 92


@pytest.mark.parametrize("audience", ["intern", "oeffentlich"])
def test_tables_and_files_of_the_atlas_say_so(demo, audience: str) -> None:
    report = AtlasBericht(audience=audience, indikator="SOZ05")
    table = report.tabelle().tabelle
    marked = table["umgerechnet"][table["umgerechnet"] != ""]
    assert marked.tolist() == [DAVOR, DAVOR]
    assert all(name.startswith("A 1") for name in marked.index)
    assert "2 Werte auf heutige Grenzen umgerechnet" in report.tabelle().html
    assert "2 Werte auf heutige Grenzen umgerechnet" in report.verlauf().html
    files = report.anhang().dateien
    long = pd.read_csv(io.BytesIO(files["csv"]), keep_default_na=False)
    assert sorted(long.loc[long["umgerechnet"] == "ja", "sozialraum_id"]) == TEILE
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    assert sum(cell.value == DAVOR for row in book["Daten"].iter_rows() for cell in row) == 2
    assert ("2 Werte auf heutige Grenzen umgerechnet.",) in book["Lesehinweise"].values
    assert "umgerechnet" not in AtlasBericht(audience=audience, indikator="SOZ03").tabelle().tabelle


def test_profile_tells_no_change_from_a_converted_value(demo) -> None:
    report = SozialraumprofilBericht(audience="intern", sozialraum="A 1a")
    assert set(report.zahlen.verlauf.loc["A 1a", sorted(UMGERECHNET & set(report.zahlen.indikatoren))]) == {
        ""
    }
    book = openpyxl.load_workbook(io.BytesIO(report.anhang().dateien["xlsx"]))
    head, *rows = book["Daten"].values
    place, day = head.index("Auf heutige Grenzen umgerechnet"), head.index("Stichtag")
    assert {f"{row[day]:%d.%m.%Y}" for row in rows if row[place] == "ja"} == {DAVOR}


def test_map_of_changes_tells_none_from_a_converted_value(demo) -> None:
    report = AtlasBericht(audience="intern", indikator="SOZ05")
    assert report.wandel.loc[TEILE, "differenz"].isna().all()
    assert set(report.wandel.loc[TEILE, "status"]) == {"nicht_sinnvoll"}
    assert report.wandel.drop(TEILE)["differenz"].notna().all()
    change = report.wandelkarte()
    assert "Stichtage 31.12.2019 und 31.12.2023" in change.html
    listed = report.tabelle().tabelle
    assert listed["wandel"].isna().sum() == len(TEILE)
    kept = report.wandel["differenz"].dropna().tolist()
    assert listed["wandel"].dropna().tolist() == pytest.approx(kept)
