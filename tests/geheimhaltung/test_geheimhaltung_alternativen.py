"""What could be shown instead of hiding cells: all dates together, or Kommunen only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sozialanalyse.betrieb import pruefe_schutz
from sozialanalyse.catalogue import lade_katalog
from sozialanalyse.geheimhaltung import alternativen
from sozialanalyse.geheimhaltung.alternative import zusammen
from sozialanalyse.region import lade_region


def klein(kleinregion):
    """W 3 has 6 unemployed on each date, all others more than ten."""
    for row in kleinregion.arbeit:
        row[2] = 6 if row[0] == "W 3" else row[2]
    kleinregion.build()
    return kleinregion


def test_dates_are_added_up_from_counts(gebaut):
    werte = gebaut.daten("intern").werte(level=None)
    katalog = lade_katalog(gebaut.region)
    found = zusammen(werte[werte["indikator_id"].isin(["ALO", "EW"])], katalog)
    found = found.set_index(["indikator_id", "gebiet_id"])
    assert found.loc[("ALO", "W 3"), ["zaehler", "nenner"]].tolist() == [24, 1800]
    assert found.loc[("ALO", "W 3"), "wert"] == pytest.approx(100 * 24 / 1800)
    assert found.loc[("EW", "W 3"), "wert"] == 1800
    assert set(found["stichtag"]) == {"2023-12-31"}
    gap = werte.copy()
    gone = (gap["indikator_id"] == "ALO") & (gap["gebiet_id"] == "W 3") & (gap["stichtag"] == "2021-12-31")
    gap.loc[gone, ["wert", "zaehler", "nenner"]] = np.nan
    gap.loc[gone, "status"] = "geheim"
    one = zusammen(gap[gap["indikator_id"] == "ALO"], katalog).set_index("gebiet_id").loc["W 3"]
    assert pd.isna(one["wert"])
    assert one["status"] == "geheim"


def test_each_alternative_is_protected_by_the_same_rules(kleinregion):
    """6 and 6 make 12, which may be shown; of Kommunen nothing is small."""
    inside = klein(kleinregion).daten("intern")
    region = lade_region(kleinregion.ordner)
    found = alternativen(
        inside.werte(level=None), inside._gebiete, lade_katalog(region), region.seite.sperrprofile, inside.merkmale()
    )  # fmt: skip
    today = inside.schutz("bilanz").groupby("indikator_id")[["primaer", "sekundaer"]].sum().sum(axis=1)
    assert today["ALO"] == 4
    assert found.loc["ALO"].tolist() == [13, 0, 8, 0]
    assert found.loc["MEDIAN"].isna().all()


def test_the_report_names_sums_rules_and_alternatives(kleinregion, tmp_path):
    region = klein(kleinregion).region
    pruefe_schutz(region, tmp_path / "aus")
    page = next((tmp_path / "aus").rglob("geheimhaltung.html")).read_text("utf-8")
    assert "ALO Arbeitslosenanteil" in page
    assert "0 von 13 (0 %)" in page
    assert "keine gefunden" in page
