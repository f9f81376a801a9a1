"""What could be shown instead of hiding cells: all dates together, Kommunen only, or rounded counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_geheimhaltung_sperren import TAG, areas, catalogue, indicator, values

from sozialanalyse.geheimhaltung import alternativen, rundung
from sozialanalyse.geheimhaltung.alternative import zusammen
from sozialanalyse.geheimhaltung.regeln import Regeln
from sozialanalyse.geheimhaltung.system import system
from sozialanalyse.geheimhaltung.wissen import Wissen
from sozialanalyse.publish.schutz import pruefe_schutz
from sozialanalyse.region.catalogue import lade_katalog
from sozialanalyse.region.region import Sperrprofil, lade_region


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
    assert set(found["status"]) == {"wert"}
    late = werte[(werte["indikator_id"] == "ALO") | (werte["stichtag"] == "2023-12-31")]
    once = zusammen(late[late["indikator_id"].isin(["ALO", "EW"])], katalog)
    once = once.set_index(["indikator_id", "gebiet_id"])
    assert once.loc[("EW", "W 3"), "wert"] == 900, "delivered for one date only"
    gap = werte.copy()
    gone = (gap["indikator_id"] == "ALO") & (gap["gebiet_id"] == "W 3") & (gap["stichtag"] == "2021-12-31")
    gap.loc[gone, ["wert", "zaehler", "nenner"]] = np.nan
    gap.loc[gone, "status"] = "geheim"
    for status, becomes in (("geheim", "geheim"), ("fehlt", "unbekannt")):
        gap.loc[gone, "status"] = status
        one = zusammen(gap[gap["indikator_id"] == "ALO"], katalog).set_index("gebiet_id").loc["W 3"]
        assert pd.isna(one["wert"])
        assert one["status"] == becomes


def test_each_alternative_is_protected_by_the_same_rules(kleinregion):
    """6 and 6 make 12, which may be shown; of Kommunen nothing is small."""
    inside = klein(kleinregion).daten("intern")
    region = lade_region(kleinregion.ordner)
    found = alternativen(
        inside.werte(level=None), inside._gebiete, lade_katalog(region), region.seite.sperrprofile, inside.merkmale()
    )  # fmt: skip
    today = inside.schutz("bilanz").groupby("indikator_id")[["primaer", "sekundaer"]].sum().sum(axis=1)
    assert today["ALO"] == 4
    assert found.loc["ALO"].tolist() == [13, 0, 8, 0, 13, 1, 13, 0]  # 6 is "5" (2.5 to 7.5) or "10" (5 to 15)
    assert found.loc["MEDIAN"].isna().all()


def test_the_report_names_sums_rules_and_alternatives(kleinregion, tmp_path):
    region = klein(kleinregion).region
    pruefe_schutz(region, tmp_path / "aus")
    page = next((tmp_path / "aus").rglob("geheimhaltung.html")).read_text("utf-8")
    assert "ALO Arbeitslosenanteil" in page
    assert "0 von 13 (0 %)" in page
    assert "1 von 13 (7,7 %)" in page
    assert "Grenzen des Rundens" in page
    assert "keine gefunden" in page


def gerundet_gesperrt(counts, schritt, bases=None, **profil):
    """Areas hidden although counts are rounded; K0 has three areas, K1 two."""
    gebiete, katalog = areas(3, 2), catalogue(indicator("I"))
    werte = values(gebiete, "I", counts, bases)
    regeln = Regeln(
        {"p": Sperrprofil(mindestfallzahl=10, **profil)}, katalog, "oeffentlich", np.zeros(8, dtype=bool)
    )
    built = system(werte, gebiete.sort_index(), regeln)
    gone = built.gesperrt(rundung.verdeckt(built, werte, gebiete.sort_index(), schritt, regeln))
    return sorted(werte["gebiet_id"].iloc[gone])


def test_a_small_count_is_shown_where_rounding_leaves_room_enough():
    """7 in tens is 5 to 15; 4 is "0" and means 0 to 5; in fives every small count is told to within 5."""
    assert gerundet_gesperrt([12, 7, 30, 40, 50], 10) == []
    assert gerundet_gesperrt([12, 4, 30, 40, 50], 10) == ["K0.1"]
    assert gerundet_gesperrt([12, 7, 30, 40, 50], 5) == [
        "K0.1"
    ]  # total 49 in fives: 47.5 to 52.5, less 40 to 50
    assert gerundet_gesperrt([12, 7, 30, 40, 50], 5, schutzbreite=5) == []


def test_rounding_helps_neither_a_small_base_nor_a_small_complement():
    """7 of 20, and 93 of 100: 7 might stand as ten, but the base is no base, and all but 7 are what is counted."""
    bases = [1000.0, 20.0, 1000.0, 1000.0, 1000.0]
    assert gerundet_gesperrt([12, 7, 30, 40, 50], 10, bases) == []
    assert gerundet_gesperrt([12, 7, 30, 40, 50], 10, bases, mindestnenner=30) == ["K0.1"]
    assert "K0.1" in gerundet_gesperrt([12, 993, 30, 40, 50], 10)
    assert gerundet_gesperrt([12, 993, 30, 40, 50], 10, komplement=False) == []


def test_rounded_sums_that_narrow_a_hidden_count_are_hidden_too():
    """To one person nothing is rounded: then a hidden count follows from its total as it does today."""
    assert gerundet_gesperrt([12, 7, 30, 40, 50], 1) == ["K0", "K0.1", "R"]
    assert gerundet_gesperrt([30, 20, 30, 40, 50], 1) == []


def test_a_field_that_stands_only_in_sums_may_be_told_to_within_ten():
    """4 in b of K0.1, which no indicator shows alone: 34 less 30 in tens is 0 to 10."""
    gebiete, katalog = areas(3, 2), catalogue(indicator("A", "a", None), indicator("AB", "a + b", None))
    counts = {"d.a": [40.0, 30, 50, 60, 20], "d.b": [25.0, 4, 31, 40, 50]}
    small = [key for key in gebiete.index if "." in key]
    merkmale = pd.concat([
        pd.DataFrame({"gebiet_id": small, "feld": name, "stichtag": TAG, "wert": numbers, "status": "wert", "umgerechnet": 0})
        for name, numbers in counts.items()
    ])  # fmt: skip
    both = [a + b for a, b in zip(*counts.values(), strict=True)]
    werte = pd.concat([values(gebiete, "A", counts["d.a"]), values(gebiete, "AB", both)], ignore_index=True)
    werte["nenner"], werte["wert"] = np.nan, werte["zaehler"]
    profile = {"p": Sperrprofil(mindestfallzahl=10)}
    known = Wissen.aus_merkmalen(merkmale, gebiete, katalog)
    found = {
        step: rundung.bilanz(werte, gebiete, katalog, profile, merkmale, known, step) for step in (1, 10)
    }
    assert found[10].to_numpy().tolist() == [[8, 0], [8, 0]]
    assert found[1]["gesperrt"].sum() > 0


def test_what_a_supplier_hides_stays_hidden_when_rounded():
    gebiete, katalog = areas(3, 2), catalogue(indicator("I"))
    werte = values(gebiete, "I", [12, 7, 30, 40, 50])
    werte.loc[werte["gebiet_id"] == "K0.1", ["wert", "zaehler"]] = np.nan
    werte.loc[werte["gebiet_id"] == "K0.1", "status"] = "geheim"
    found = rundung.bilanz(
        werte, gebiete, katalog, {"p": Sperrprofil(mindestfallzahl=10)},
        pd.DataFrame(columns=["gebiet_id", "feld", "stichtag", "wert", "status", "umgerechnet"]), Wissen(), 10,
    )  # fmt: skip
    assert found.loc["I"].tolist() == [7, 0], "it is no value of ours, and three tens leave it wide enough"
