"""Two real regions: open data as delivered, built by the same commands."""

from __future__ import annotations

import pandas as pd
import pytest
from bestaende import REGIONEN, datenordner, geladen, umgebung
from seitenlauf import fuehre_aus

from sozialanalyse import store, variance
from sozialanalyse.base import ParameterFehler
from sozialanalyse.seiten import seite

pytestmark = pytest.mark.realdaten
WELLEN = ("2012-12-31", "2014-12-31", "2016-12-31", "2018-12-31")


@pytest.fixture(scope="module")
def limburg(realdaten, tmp_path_factory) -> store.Daten:
    return geladen(tmp_path_factory, REGIONEN / "zuid-limburg", "intern")


@pytest.fixture(scope="module")
def berlin(realdaten, tmp_path_factory) -> store.Daten:
    return geladen(tmp_path_factory, REGIONEN / "berlin", "intern")


def test_limburg_holds_what_is_asked_for(limburg):
    assert len(limburg.gebiete()) == 93
    assert len(limburg.gebiete("kommune")) == 16
    assert limburg.kommune().value_counts().agg(["min", "max"]).tolist() == [2, 23]
    compared = limburg.indikatoren().loc[limburg.matrix().columns]
    assert len(compared) >= 12
    assert {"demographie", "soziooekonomie", "gesundheit", "bildung", "integration"} <= set(compared["thema"])
    assert limburg.gebiete().geometry.notna().all()
    assert limburg.region.marke == ""


SHARES = {  # published beside the data: share between municipalities, areas with a value
    "NIED": (0.571, 89), "BIJS": (0.474, 92), "JUGH": (0.432, 87), "NWES": (0.405, 93),
    "BILN": (0.402, 93), "WMO": (0.283, 89), "AB65": (0.207, 93),
}  # fmt: skip


def test_limburg_shares_between_municipalities(limburg):
    matrix = limburg.matrix(list(SHARES))
    table = variance.decompose(matrix, limburg.kommune(), permutations=99).table
    expected = pd.DataFrame(SHARES, index=["eta2", "n"]).T
    assert table["eta2"].to_dict() == pytest.approx(expected["eta2"].to_dict(), abs=0.005)
    assert table["n"].to_dict() == expected["n"].to_dict()
    assert (table["groups"] == 16).all()


def test_limburg_gaps_keep_their_reason(limburg):
    gaps = limburg.werte("NIED").set_index("gebiet_id")["status"].value_counts()
    assert gaps.to_dict() == {"wert": 89, "geheim": 4}


def test_limburg_is_published_as_its_publisher_protected_it(limburg, monkeypatch):
    public = store.Daten(limburg.region, "oeffentlich", limburg.ordner)
    pd.testing.assert_frame_equal(public.matrix(), limburg.matrix())


def test_berlin_holds_four_waves(berlin):
    assert berlin.stichtage == WELLEN  # new boundaries after 2019 are not chained
    areas = berlin.gebiete()
    assert len(areas) == 447
    assert areas.index.str.fullmatch(r"\d{8}").all()
    assert areas.index[0] == "01011101"
    assert areas["name"].duplicated().any()  # names are no key
    assert areas.geometry.notna().all()
    assert berlin.gebiete("kommune").index.tolist() == [f"{n:02}" for n in range(1, 13)]
    assert (berlin.kommune() == berlin.kommune().index.str[:2]).all()


def test_berlin_invalid_areas_are_gaps(berlin, realdaten):
    raw = pd.read_csv(realdaten / "berlin" / "mss_panel_2013_2019.csv", dtype={"plr_id": str})
    counts = []
    for day in WELLEN:
        values = berlin.werte("S1", day).set_index("gebiet_id")
        invalid = raw[(raw["stichtag"].astype(str).str[:10] == day) & ~raw["gueltig"].astype(bool)]["plr_id"]
        gaps = values.index[values["wert"].isna()]
        assert set(gaps) == set(invalid)
        assert (values.loc[gaps, "status"] == "nicht_sinnvoll").all()
        counts.append(len(gaps))
    assert counts == [13, 12, 11, 11]


def test_berlin_rates_without_denominators_are_not_averaged(berlin):
    assert berlin.matrix("S1", level="kommune")["S1"].isna().all()
    assert berlin.matrix("EW", level="region").notna().all(axis=None)


def test_berlin_population_rates_only_where_delivered(berlin):
    filled = berlin.werte("AB65").groupby("stichtag")["wert"].count()
    assert list(filled.index) == ["2016-12-31", "2018-12-31"]
    assert (filled > 430).all()


@pytest.mark.parametrize("name", ["zuid-limburg", "berlin"])
def test_a_rule_of_funding_divides_its_sum_on_real_data(name, realdaten, tmp_path_factory):
    """The page runs cell by cell; what the caps let nobody have is said; other rules divide the same sum."""
    geladen(tmp_path_factory, REGIONEN / name, "intern")
    with umgebung(datenordner(tmp_path_factory, REGIONEN / name), REGIONEN / name):
        book = fuehre_aus("foerderkulisse", {})
        said = " ".join(str(out["data"]) for cell in book.cells for out in cell.get("outputs", []))
        work = seite("foerderkulisse")().rechnung
        assert "Traceback" not in said
        assert 0.2 < work.gefoerdert.mean() < 0.5
        assert ("bleiben übrig" in said) == (name == "zuid-limburg")
        assert work.betraege.sum() + work.rest == pytest.approx(work.seite.mittel.betrag)
        needs = sum(work.seite.bedarfe[key].anteil for key in work.bedarfe)
        for rule, euro in work.andere_regeln().items():
            if rule != "eigene":
                assert euro.sum() == pytest.approx(work.seite.mittel.betrag * needs / 100, rel=1e-6), rule
        with pytest.raises(ParameterFehler, match="kein Register"):
            seite("vorhaben")()
