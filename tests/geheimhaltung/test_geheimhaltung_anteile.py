"""A share delivered beside its parts tells the count again: found, said, and hidden with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sozialanalyse.geheimhaltung import Wissen
from sozialanalyse.geheimhaltung.gelieferte_anteile import Anteil, finde

NAMEN = [f"G{i}" for i in range(30)]


def welt(seed: int, stellen: int = 1) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Counts of two dates, and a share of some of them as it is printed."""
    rng = np.random.default_rng(seed)
    zahlen, raten = {}, {}
    for day in ("2021-12-31", "2023-12-31"):
        base = rng.integers(300, 3000, 30).astype(float)
        table = pd.DataFrame(
            {
                "d.n": base,
                "d.z": rng.binomial(base.astype(int), 0.06),
                "d.y": rng.poisson(90, 30),
                "d.m": rng.poisson(1500, 30),
            },
            index=NAMEN,
            dtype=float,
        )
        zahlen[day] = table
        raten[day] = pd.DataFrame(
            {
                "d.p": np.round(100 * table["d.z"] / table["d.n"], stellen),
                "d.q": np.round(rng.uniform(1, 20, 30), 1),
                "d.r": np.round(1000 * table["d.y"] / table["d.m"], 1),
            }
        )
    return zahlen, raten


@pytest.mark.parametrize("seed", range(5))
def test_shares_are_found_with_their_counts_and_nothing_by_chance(seed):
    zahlen, raten = welt(seed)
    found = {one.feld: one for one in finde(zahlen, raten)}
    assert set(found) == {"d.p", "d.r"}
    one = found["d.p"]
    assert (one.zaehler, one.nenner, one.faktor, one.spielraum) == ("d.z", "d.n", 100, 0.05)
    assert (one.zeilen, one.tage) == (60, ("2021-12-31", "2023-12-31"))
    assert (found["d.r"].zaehler, found["d.r"].faktor) == ("d.y", 1000)


@pytest.mark.parametrize(("factor", "words"), [(1, "d.p ≈ d.z / d.n"), (100, "d.p ≈ 100 · d.z / d.n")])
def test_a_share_is_told_as_a_formula(factor, words):
    one = Anteil("d.p", "d.z", "d.n", factor, 0.05, ("2023-12-31",), 30)
    assert words in Wissen(anteile=(one,)).tabelle()["formel"].tolist()


def test_gaps_do_not_hide_a_share_and_a_date_that_speaks_against_it_counts_for_itself():
    zahlen, raten = welt(1)
    rng = np.random.default_rng(1)
    gaps = {day: table.mask(rng.random(table.shape) < 0.4) for day, table in zahlen.items()}
    assert {one.feld for one in finde(gaps, raten)} == {"d.p", "d.r"}
    raten["2021-12-31"].loc["G3", "d.p"] += 2
    (one,) = (one for one in finde(zahlen, raten) if one.feld == "d.p")
    assert one.tage == ("2023-12-31",)
    assert one.zeilen == 30


def test_too_few_rows_or_no_differences_are_no_evidence():
    zahlen, raten = welt(1)
    few = {day: table.iloc[:1] for day, table in zahlen.items()}
    assert finde(few, raten) == []
    same = {day: table.assign(**{"d.p": 5.0})[["d.p"]] for day, table in raten.items()}
    assert finde(zahlen, same) == []
    assert finde(zahlen, {}) == []


def test_a_delivered_share_is_hidden_with_its_count_and_the_planner_is_told(kleinregion):
    """7 unemployed of 600 in W 3: 1,2 percent, delivered by the agency as a number of its own, would tell them."""
    people = {row[0]: row[1] for row in kleinregion.register["2023-12-31"]}
    for row in kleinregion.arbeit:
        row[2] = 7 if row[0] == "W 3" else row[2]
        row[3] = f"{100 * row[2] / people[row[0]]:.1f}".replace(".", ",")
    result = kleinregion.build()
    (told,) = (one for one in result.befunde if "arbeit.quote" in one.text)
    assert "arbeit.quote ≈ 100 · arbeit.alo / register.einwohner" in told.text
    assert told.datensatz == "arbeit"
    seen = kleinregion.daten("oeffentlich").werte(["ALO", "QUOTE"]).set_index(["indikator_id", "gebiet_id"])
    gone = {key: set(seen.loc[key].index[seen.loc[key, "wert"].isna()]) for key in ("ALO", "QUOTE")}
    assert "W 3" in gone["ALO"]
    assert gone["ALO"] == gone["QUOTE"]
    inside = kleinregion.daten("intern")
    assert inside.schutz("ziele")["geschuetzt"].all()
    assert inside.schutz("identitaeten")["formel"].str.startswith("arbeit.quote").any()


def test_a_share_its_supplier_hides_is_not_told_by_its_count(kleinregion):
    """Both counts of W 2 are large and delivered; beside each other they are the number the agency keeps back."""
    people = {row[0]: row[1] for row in kleinregion.register["2023-12-31"]}
    for row in kleinregion.arbeit:
        row[3] = "*" if row[0] == "W 2" else f"{100 * row[2] / people[row[0]]:.1f}".replace(".", ",")
    kleinregion.build()
    seen = (
        kleinregion.daten("oeffentlich")
        .werte(["ALO", "QUOTE"])
        .set_index(["indikator_id", "gebiet_id"])["wert"]
    )
    assert seen.loc[[("QUOTE", "W 2"), ("ALO", "W 2")]].isna().all()


def test_other_delivered_values_stay_as_they_are(gebaut):
    assert gebaut.daten("oeffentlich").werte("QUOTE")["wert"].notna().all()
