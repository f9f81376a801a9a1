"""What the generator planted is found again in the delivered, noisy, partly hidden counts."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from sklearn.metrics import adjusted_rand_score

from sozialanalyse.analyse import projects
from sozialanalyse.analyse.funding import need_scores
from sozialanalyse.berichte import ClusterBericht, FoerderkulisseBericht, VarianzBericht, VorhabenBericht


def wahrer_anteil(values: pd.Series, groups: pd.Series) -> float:
    """Share between the groups of values without noise: group means weighted as the report weights them."""
    found = values.groupby(groups.reindex(values.index))
    n, mean = found.size(), found.mean()
    inside = (found.var(ddof=1).fillna(0) * (n - 1)).sum() / (len(values) - len(n))

    def excess(between: float) -> float:
        w = 1 / (between + inside / n)
        return float((w * (mean - (w * mean).sum() / w.sum()) ** 2).sum()) - (len(n) - 1)

    between = brentq(excess, 0, 1e3 * mean.var()) if excess(0) > 0 else 0.0
    return between / (between + inside) if between + inside > 0 else np.nan


def test_the_five_planted_types_are_found_by_the_automatic_choice(demo: Path) -> None:
    """Tolerance: adjusted Rand index of at least 0.85 on the newest date, internal data."""
    truth = pd.read_csv(demo / "wahrheit.csv", sep=None, engine="python", dtype=str)
    column = next(name for name in truth.columns if name.startswith("typ"))
    planted = truth.set_index(truth.columns[0])[column]
    report = ClusterBericht(audience="intern")
    found = report.ergebnis.labels.dropna().astype(int)
    assert report.ergebnis.distinct
    assert report.ergebnis.k == 5
    assert adjusted_rand_score(planted[found.index], found) >= 0.85
    assert report.quer.by_type["gruppen"].min() >= 3


@pytest.mark.parametrize("audience", ["intern", "oeffentlich"])
def test_both_findings_of_reporting_show_in_the_shipped_region(demo: Path, audience: str) -> None:
    """More differences within Kommunen than between, and most areas find their like in another Kommune."""
    share = VarianzBericht(audience=audience).ergebnis.table["eta2_weighted"].dropna()
    assert (share < 0.5).mean() > 0.9
    for day in ("2019-12-31", "2021-12-31", "2023-12-31"):
        assert 0.55 <= ClusterBericht(audience=audience, stichtag=day).quer.elsewhere <= 0.7, day


def test_planted_shares_between_kommunen_are_found_again(demo: Path) -> None:
    """Tolerance: root mean square error of 0.06 where every area has a value, and the right order."""
    report = VarianzBericht(audience="intern")
    with gzip.open(demo / "wahrheit_werte.csv.gz", "rt", encoding="utf-8") as file:
        values = pd.read_csv(file, sep=";", index_col=["stichtag", "id"]).loc[report.stichtag]
    planted = values.apply(wahrer_anteil, groups=report.kommune).dropna()
    whole = report.ergebnis.table.query("n == 93")["share_structural"].dropna()
    both = planted.index.intersection(whole.index)
    assert len(both) >= 25
    error = whole[both] - planted[both]
    assert np.sqrt((error**2).mean()) < 0.06
    assert whole[both].corr(planted[both], method="spearman") > 0.8


@pytest.mark.parametrize("audience", ["intern", "oeffentlich"])
def test_intervals_hold_most_of_the_planted_shares(demo: Path, audience: str) -> None:
    truth = pd.read_csv(demo / "wahrheit_anteile.csv", sep=None, engine="python")
    truth = truth.rename(columns={truth.columns[0]: "indikator_id"})
    report = VarianzBericht(audience=audience)
    table = report.ergebnis.table
    day = truth["stichtag"].astype(str) == report.stichtag
    planted = truth[day].set_index("indikator_id")["anteil_wahr"].reindex(table.index).dropna()
    rows = table.loc[planted.index].dropna(subset=["share_low"])
    inside = (rows["share_low"] <= planted[rows.index]) & (planted[rows.index] <= rows["share_high"])
    assert inside.mean() >= 0.9


def test_sure_needs_are_those_of_the_planted_values(demo: Path) -> None:
    """Where the counts are sure, the rule decides as it would on the values without noise; about 59 of 93 areas."""
    report = FoerderkulisseBericht()
    work = report.rechnung
    with gzip.open(demo / "wahrheit_werte.csv.gz", "rt") as file:
        planted = pd.read_csv(file, sep=";").query("stichtag == @report.stichtag").set_index("id")
    right = []
    for name, need in report.regel.bedarfe.items():
        keys = list(need.indikatoren)
        score, _ = need_scores(planted[keys], work.richtung(need), work.gewichte(need))
        table = work.gewissheit[name].table
        passed = work.bedarfe[name].reasons == ""
        sure = table.index[(table["gewissheit"] == "sicher") & passed]
        right += ((score[sure] > need.regel.von) == table["erfuellt"][sure].astype(bool)).tolist()
    assert len(right) > 60, "of the needs whose chance can be computed"
    assert np.mean(right) >= 0.97
    assert 55 <= work.gefoerdert.sum() <= 63


# --- projects -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def geplant(demo: Path) -> dict[str, set[tuple[str, str]]]:
    """What was planted in the register: kind -> project and what."""
    rows = pd.read_csv(demo / "wahrheit_vorhaben.csv", sep=";", keep_default_na=False, dtype=str)
    return {kind: set(zip(part["vorhaben"], part["was"], strict=True)) for kind, part in rows.groupby("art")}


def test_planted_faults_of_projects_are_found_and_no_others(geplant) -> None:
    report = VorhabenBericht(audience="intern")
    work = report.rechnung
    judged = work.eignung
    found = {(key, why) for key, row in judged.iterrows() for why in (*row["reasons"], *row["unknown"])}
    assert found == geplant["nicht_foerderfaehig"]
    assert {(one.first, one.second) for one in work.doppelt.itertuples()} == geplant["doppelt"]
    owed = work.schulden
    late = set(owed.loc[owed["why"] == "overrun", "id"])
    assert late == {key for key, _ in geplant["ueberfaellig"]}
    assert set(owed.loc[owed["why"] == "proof", "id"]) == late | {key for key, _ in geplant["nachweis"]}
    judged = work.punkte.drop(columns="bedarf")
    assert set(judged.index[judged.isna().any(axis=1)]) == {key for key, _ in geplant["unbewertet"]}
    assert work.bewertung[work.punkte.isna().any(axis=1)].isna().all()
    ((gone, _),) = geplant["verschwunden"]
    assert work.letzte.at[gone, "stand"] == "2023-06-30"
    assert gone in work.laufende.index
    said = report.luecken().html
    for kind in ("ohne_gebiet", "ohne_indikator"):
        ((key, _),) = geplant[kind]
        assert key in said
    public = VorhabenBericht()
    ((small, number),) = geplant["klein"]
    assert public.rechnung.letzte.at[small, "zahlen"] == {number: None}


def test_planted_white_spots_are_found_and_the_choice_that_reaches_most(geplant) -> None:
    """Against every subset of the applications that can be chosen."""
    work = VorhabenBericht(audience="intern").rechnung
    cells, spots = work.zellen, work.flecken
    towns = {ags for ags, _ in geplant["ohne_integration"]}
    planted = {
        area for area in cells.loc[cells["need"] == "integration", "area"] if work.kommune[area] in towns
    }
    assert len(planted) > 2
    assert planted <= set(spots.loc[spots["need"] == "integration", "area"])
    frame = work.waehlbar("sozialraum")
    budget = 6000.0
    found = work.wahl("sozialraum", budget)
    reach = projects.covered(spots, work._als_projekte(frame)).to_numpy()
    people, cost = spots["persons"].to_numpy(), frame["betrag"].to_numpy()
    picks = np.array(list(itertools.product([False, True], repeat=len(frame))))
    affordable = picks[picks @ cost <= budget]
    best = max(float(people[reach[pick].any(axis=0)].sum()) for pick in affordable)
    assert found["menschen"].reached.sum() == pytest.approx(best)
    assert found["menschen"].reached.sum() > found["punkte"].reached.sum()
    top = work.bewertung[frame.index].idxmax()
    assert top in found["punkte"].chosen
