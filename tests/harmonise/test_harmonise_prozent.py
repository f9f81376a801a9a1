"""Percentages none of which is above 1: percent, shares of 1, or a question."""

from __future__ import annotations

import pandas as pd
import pytest
from pruefregion import Pruefregion
from test_harmonise_umrechnen import seite

from sozialanalyse.harmonise.fundorte import Fundorte
from sozialanalyse.harmonise.prozent import kleine_prozente
from sozialanalyse.region.catalogue.datensatzseite import IndikatorSeite

TAG = "2023-12-31"


def gesagt(
    zahlen: list[float],
    davor: list[float] = (),
    roh: list[str] | None = None,
    stellen: int = 1,
    **feld: object,
) -> dict[str, str]:
    """Severity -> words about a column ``q`` of percentages."""
    areas = [f"G {i}" for i in range(len(zahlen))]
    shown = IndikatorSeite(name="Q", thema="t", art="wert", zaehler="q", nachkommastellen=stellen)
    page = seite(q={"einheit": "%", "summierbar": False} | feld).model_copy(
        update={"indikatoren": {"Q": shown}}
    )
    rows = pd.DataFrame({"gebiet_id": areas, "feld": "d.q", "stichtag": TAG, "wert": zahlen, "datei": "d.csv", "blatt": "",
                         "zelle": [f"B{i + 2}" for i in range(len(zahlen))], "roh": roh or [str(x) for x in zahlen]})  # fmt: skip
    now, before = pd.Series(zahlen, areas), pd.Series(davor, areas[: len(davor)], dtype=float)
    found = kleine_prozente(now, before, "d.q", TAG, page, Fundorte(rows))
    return {one.schwere: f"{one.text} {one.abhilfe}" for one in found}


KLEIN = [0.3, 0.2, 0.0, 0.7, 1.0, 0.4]
ANTEILE = [0.053, 0.121, 0.087, 0.31, 0.246, 0.118]


def test_small_percentages_are_asked_about_and_read():
    told = gesagt(KLEIN)
    assert list(told) == ["warnung"]
    assert (
        "Sind es Prozente oder Anteile von 1? Gelesen sind Prozente, also höchstens 1 %." in told["warnung"]
    )
    assert (
        "„faktor: 100“ am Feld heißt Anteile von 1 (bis 100 %), „faktor: 1“ heißt Prozente (bis 1 %)"
        in told["warnung"]
    )
    assert list(gesagt([0.31, 0.22, 0.04, 0.71, 0.05])) == ["warnung"]


@pytest.mark.parametrize(
    "feld",
    [
        {"faktor": 1}, {"spalte": "Quote in %", "stellen": 3}, {"roh": ["0,053 %", *map(str, ANTEILE[1:])]}, {"davor": [1.4, 0.9, 0.2, 0.8, 1.9, 0.5]}, {"einheit": "‰"}, {"faktor": 100},
    ],
)  # fmt: skip
def test_page_heading_cell_and_the_date_before_decide(feld):
    assert not gesagt(ANTEILE, **feld)


@pytest.mark.parametrize("spalte", ["Quote in %", ["SGB II (Prozent)"], "Anteil v. H."])
def test_a_heading_in_percent_answers_unless_decimals_speak_for_shares(spalte):
    assert not gesagt(KLEIN, spalte=spalte)
    for numbers in (ANTEILE, [0.02, 0.02, 0.03]):
        assert list(gesagt(numbers, spalte=spalte)) == ["warnung"]
    assert list(gesagt([0.2, 0.1, 0.4], davor=[21.0, 9.0, 38.0], spalte=spalte)) == ["fehler"]


def test_numbers_that_are_no_small_percentages():
    assert not gesagt([0, 0, 0, 0, 0])
    assert not gesagt([0, 1, 1, 0, 1])
    assert not gesagt([0.3, 1.01, 0.2, 0.1, 0.1])


def test_shares_of_one_are_refused():
    told = gesagt(ANTEILE)["fehler"]
    assert "haben bis zu 3 Nachkommastellen; offenbar sind Anteile von 1 geliefert" in told
    assert "„faktor: 1“ heißt Prozente (bis 0,31 %)" in told
    assert list(gesagt(ANTEILE, stellen=3)) == ["warnung"]  # the page shows as many decimals: meant so
    assert list(gesagt(ANTEILE, einheit="Prozent")) == ["fehler"]
    told = gesagt([0.2, 0.1, 0.4, 0.3, 0.2], davor=[21.0, 9.0, 38.0, 31.0, 20.0])["fehler"]
    assert "am Stichtag davor waren sie etwa hundertmal so groß" in told
    assert list(gesagt([0.2, 0.1, 0.4, 0.3, 0.2], davor=[0.21, 0.1, 0.4, 0.3, 0.2])) == ["warnung"]


def test_a_delivery_of_small_percentages_is_built(tmp_path):
    text = (
        "Gebiet;A;B\n"
        + "\n".join(
            f"{key};0,{i};0,{i} %"
            for i, key in enumerate(("A 1a", "A 1b", "A 2", "A 3", "W 1", "W 2", "H 1"), 1)
        )
        + "\n"
    )
    felder = {name: {"spalte": name.upper(), "einheit": "%", "summierbar": False} for name in "ab"}
    page = {"tabelle": {"format": "csv", "kopf": {"erkennbar_an": "Gebiet"}, "schluessel": {"spalten": ["Gebiet"]},
                        "stichtag": {"aus": "fest", "wert": TAG}}, "felder": felder}  # fmt: skip
    region = Pruefregion(tmp_path, page, {"x.csv": text.encode()})
    assert [one for one in region.meldungen() if "zwischen 0 und 1" in one and "daten.a" in one]
    assert not [one for one in region.meldungen() if "zwischen 0 und 1" in one and "daten.b" in one]
    assert region.zahlen()["A 2", "A", TAG] == region.zahlen()["A 2", "B", TAG] == 0.3
