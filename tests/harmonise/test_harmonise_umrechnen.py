"""Sharing counts out: nothing is lost or made, a weight of 0 is no part, the order of region.yml decides nothing."""

from __future__ import annotations

import itertools
import math
from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sozialanalyse.base.rohtabelle import Rohtabelle
from sozialanalyse.harmonise import Sammlung, Schluesselbund, harmonisiere
from sozialanalyse.harmonise.umstiege import Gebietsstand, lies_umstieg, rechne_um
from sozialanalyse.region.catalogue import DatensatzSeite
from sozialanalyse.region.region import Umstieg

TAG = "2019-12-31"
NEU = {"N 1": "K", "N 2": "K", "N 3": "K", "M 1": "L", "M 2": "L"}
REGION: Any = SimpleNamespace(seite=SimpleNamespace(schluessel={}), gattungen={})


def gebiete() -> pd.DataFrame:
    rows = {"R": ("region", ""), "K": ("kommune", "R"), "L": ("kommune", "R")}
    rows |= {key: ("sozialraum", town) for key, town in NEU.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["level", "oberhalb"])
    return frame.assign(name="", kuerzel="", aliase="").rename_axis("gebiet_id")


def stand(
    zeilen: list[tuple[Any, ...]], *, id: str = "alt", bis: str = TAG, basen: tuple[str, ...] = ("einwohner",)
) -> tuple[Gebietsstand, list[str]]:
    """A crosswalk of rows (old, new, weight of each base) and the texts of its findings."""
    table = Rohtabelle("u.csv", "", ["alt", "neu", *basen], zeilen, range(2, len(zeilen) + 2))
    page = Umstieg(
        id=id, name=f"Zuschnitt {id}", datei="u.csv", gewichte=dict(zip(basen, basen, strict=True)),
        gueltig_bis=date.fromisoformat(bis) if bis else None, stichtag=date(2019, 12, 31),
    )  # fmt: skip
    found, befunde = lies_umstieg(page, table, gebiete(), REGION)
    return found, [f"{one.schwere}: {one.text}" for one in befunde]


def seite(*staende: str, **felder: dict[str, Any]) -> DatensatzSeite:
    return DatensatzSeite.model_validate(
        {
            "id": "d", "name": "Daten", "zeile_ist": "x", "quelle": {"anbieter": "a", "lizenz": "l"}, "dateien": "d.csv",
            "symbolprofil": "s", "sperrprofil": "s", "gebietsstand": list(staende),
            "tabelle": {"format": "csv", "schluessel": {"spalten": ["G"]}, "stichtag": {"aus": "fest", "wert": "2019"}},
            "felder": {name: {"spalte": name, **feld} for name, feld in (felder or {"n": {}}).items()},
        }
    )  # fmt: skip


def geliefert(zahlen: dict[str, float], feld: str = "d.n", **spalten: dict[str, Any]) -> pd.DataFrame:
    """Delivered counts of old areas; ``status``, ``unten`` and ``oben`` name those that differ."""
    frame = pd.DataFrame(
        {"gebiet_id": list(zahlen), "feld": feld, "stichtag": TAG, "wert": list(map(float, zahlen.values()))}
    )
    own = frame["gebiet_id"]
    status = [spalten.get("status", {}).get(key, "wert") for key in own]
    return frame.assign(
        status=status, unten=own.map(spalten.get("unten", {})).astype(float), oben=own.map(spalten.get("oben", {})).astype(float),
        umgerechnet=0, datenstand=TAG, roh="", korrektur="", datei="d.csv", blatt="", zelle="A1", quelle_id="q",
    )  # fmt: skip


def umgerechnet(
    zahlen: pd.DataFrame, *staende: Gebietsstand, page: DatensatzSeite | None = None
) -> pd.DataFrame:
    found, _ = rechne_um(zahlen, page or seite(), staende)
    return found.set_index("gebiet_id").sort_index()


HALB = [("A", "N 1", 1), ("A", "N 2", 1), ("B", "N 3", 1), ("C", "M 1", 1), ("C", "M 2", 3)]


def test_halves_are_halves():
    cut, told = stand(HALB)
    found = umgerechnet(geliefert({"alt:A": 100, "alt:B": 7, "alt:C": 40}), cut)
    assert told == []
    assert found["wert"].to_dict() == {"N 1": 50, "N 2": 50, "N 3": 7, "M 1": 10, "M 2": 30}
    assert found["umgerechnet"].to_dict() == {"N 1": 1, "N 2": 1, "N 3": 0, "M 1": 1, "M 2": 1}


# --- a weight of 0 --------------------------------------------------------------------------------

MIT_NULL = [*HALB, ("B", "N 1", 0), ("B", "M 1", 0), ("C", "N 1", 0)]


def test_a_weight_of_zero_changes_nothing():
    numbers = geliefert({"alt:A": 100, "alt:B": 7, "alt:C": 40})
    without, with_zero = (umgerechnet(numbers, stand(rows)[0]) for rows in (HALB, MIT_NULL))
    pd.testing.assert_frame_equal(with_zero, without)


def test_a_hidden_area_of_weight_zero_hides_nothing():
    numbers = geliefert(
        {"alt:A": 100, "alt:B": math.nan, "alt:C": 40}, status={"alt:B": "geheim"}, oben={"alt:B": 9}
    )
    found = umgerechnet(numbers, stand(MIT_NULL)[0])
    assert found.loc["N 1", ["wert", "status"]].tolist() == [50, "wert"]
    assert found.loc["M 1", ["wert", "status"]].tolist() == [10, "wert"]
    assert found.loc["N 3", "status"] == "geheim"
    assert found.loc["N 3", "oben"] == 9


def test_an_area_of_weight_zero_fills_no_missing_half():
    """N 1 is half of A and half of D; D is not delivered, B has a weight of 0."""
    rows = [*MIT_NULL, ("D", "N 1", 1), ("D", "N 2", 1)]
    found = umgerechnet(geliefert({"alt:A": 100, "alt:B": 7, "alt:C": 40}), stand(rows)[0])
    assert found.loc["N 1", "status"] == "unvollstaendig"
    assert math.isnan(found.loc["N 1", "wert"])


def test_a_weight_of_zero_in_another_kommune_divides_nothing_between_them():
    found = umgerechnet(
        geliefert({"alt:A": 100, "alt:B": 7, "alt:C": 40}), stand([*HALB, ("A", "M 1", 0)])[0]
    )
    assert found.loc["N 1", "umgerechnet"] == 1, "divided within its Kommune"


def test_a_new_area_without_people_divides_nothing_between_kommunen():
    """M 2 lies in another Kommune and has nothing but a part of A in which nobody lived."""
    rows = [*HALB[:3], ("C", "M 1", 1), ("A", "M 2", 0)]
    found = umgerechnet(geliefert({"alt:A": 100, "alt:B": 7, "alt:C": 40}), stand(rows)[0])
    assert found["umgerechnet"].to_dict() == {"N 1": 1, "N 2": 1, "N 3": 0, "M 1": 0, "M 2": 0}
    assert found.loc["M 2", "wert"] == 0


def test_an_area_of_weight_zero_need_not_be_delivered():
    found = umgerechnet(geliefert({"alt:A": 100, "alt:C": 40}), stand(MIT_NULL)[0])
    assert found.loc["N 1", ["wert", "status"]].tolist() == [50, "wert"]
    assert found.loc["M 1", ["wert", "status"]].tolist() == [10, "wert"]


def test_where_nobody_lived_nobody_is_counted_even_if_the_number_is_hidden():
    rows = [("A", "N 1", 1), ("A", "N 2", 0), ("B", "N 3", 1)]
    numbers = geliefert(
        {"alt:A": math.nan, "alt:B": 7}, status={"alt:A": "geheim"}, unten={"alt:A": 1}, oben={"alt:A": 9}
    )
    found = umgerechnet(numbers, stand(rows)[0])
    assert found.loc["N 2", ["wert", "status", "umgerechnet"]].tolist() == [0, "wert", 0]
    assert found.loc["N 1", ["unten", "oben"]].tolist() == [1, 9]


@st.composite
def schnitte(draw: st.DrawFn) -> tuple[list[tuple[Any, ...]], dict[str, float]]:
    """Crosswalks with several bases, weights of 0 among them, and counts of every old area."""
    rows = []
    for old in draw(st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=6, unique=True)):
        parts = draw(st.lists(st.sampled_from(list(NEU)), min_size=1, max_size=5, unique=True))
        weights = [
            draw(st.lists(st.sampled_from([0, 0, 1, 2, 7, 0.5]), min_size=len(parts), max_size=len(parts)))
            for _ in range(3)
        ]
        for weight in weights:
            weight[0] = weight[0] or 3
        rows += [(old, new, *values) for new, *values in zip(parts, *weights, strict=True)]
    return rows, {f"alt:{old}": draw(st.integers(0, 10_000)) for old in {row[0] for row in rows}}


@settings(max_examples=20)
@given(schnitte(), st.sampled_from(["einwohner", "unter18", "adressen"]))
def test_nothing_is_lost_or_made_whatever_is_shared_out_by(schnitt, basis):
    rows, numbers = schnitt
    cut, told = stand(rows, basen=("einwohner", "unter18", "adressen"))
    assert told == []
    found = umgerechnet(geliefert(numbers), cut, page=seite(n={"umrechnung": basis}))
    assert found["wert"].sum() == pytest.approx(sum(numbers.values()))
    assert (found["wert"] >= 0).all()
    assert set(found["status"]) <= {"wert"}


@settings(max_examples=20)
@given(schnitte(), schnitte(), st.integers(0, 1))
def test_nothing_is_lost_or_made_in_a_chain_of_cuts(first, second, which):
    """Two cuts after another, in any order: a delivery of each date is shared out by the cut of its date, once."""
    chain = [
        stand([(f"{old}{n}", *rest) for old, *rest in rows], id=f"bis{n}", bis=bis, basen=("einwohner", "unter18", "adressen"))[0]
        for n, (bis, (rows, _)) in enumerate(zip(("2015-12-31", TAG), (first, second), strict=True))
    ]  # fmt: skip
    numbers = (first, second)[which][1]
    told = {f"bis{which}:{key.removeprefix('alt:')}{which}": n for key, n in numbers.items()}
    for order in itertools.permutations(chain):
        found, befunde = rechne_um(geliefert(told), seite(), order)
        assert found["wert"].sum() == pytest.approx(sum(numbers.values()))
        assert not befunde


@settings(max_examples=20)
@given(schnitte(), st.data())
def test_what_misses_a_part_is_a_gap_and_the_rest_is_untouched(schnitt, data):
    rows, numbers = schnitt
    cut, _ = stand(rows, basen=("einwohner", "unter18", "adressen"))
    lost = data.draw(st.sampled_from(sorted(numbers)))
    whole = umgerechnet(geliefert(numbers), cut)["wert"]
    rest = {key: n for key, n in numbers.items() if key != lost}
    found = umgerechnet(geliefert(rest), cut) if rest else whole.iloc[:0].to_frame()
    touched = {new for old, new, weight, *_ in rows if f"alt:{old}" == lost and weight > 0}
    for new, value in found["wert"].items():
        if new in touched:
            assert math.isnan(value)
        elif not math.isnan(value):
            assert value == pytest.approx(whole[new])
    assert touched & set(found.index) <= set(found.index[found["wert"].isna()])


# --- medians ---------------------------------------------------------------------------------------


def test_a_median_passes_only_where_old_and_new_are_the_same():
    rows = [("A", "N 1", 1), ("B", "N 2", 1), ("B", "N 3", 1), ("C", "M 1", 1), ("D", "M 1", 1)]
    numbers = geliefert({"alt:A": 41.5, "alt:B": 50, "alt:C": 30, "alt:D": 60})
    found = umgerechnet(numbers, stand(rows)[0], page=seite(n={"summierbar": False}))
    assert found.loc["N 1", ["wert", "status", "umgerechnet"]].tolist() == [41.5, "wert", 0]
    for new in ("N 2", "N 3", "M 1"):
        assert found.loc[new, "status"] == "nicht_sinnvoll"
        assert math.isnan(found.loc[new, "wert"])


def test_a_median_through_a_one_to_one_crosswalk_keeps_its_sign():
    numbers = geliefert({"alt:A": math.nan, "alt:B": 44}, status={"alt:A": "geheim"})
    found = umgerechnet(
        numbers,
        stand([("A", "N 1", 5), ("B", "N 2", 3), ("B", "M 1", 0)])[0],
        page=seite(n={"summierbar": False}),
    )
    assert found.loc["N 1", "status"] == "geheim"
    assert found.loc["N 2", ["wert", "status"]].tolist() == [44, "wert"]


# --- faults of a crosswalk -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zeilen", "basen", "text"),
    [
        ([("A", "N 1", 0), ("A", "N 2", 0)], ("einwohner",), "fehler: Zu „A“ sind alle Gewichte „einwohner“ null."),
        ([("A", "N 1", 1, 0), ("A", "N 2", 1, 0)], ("einwohner", "unter18"), "fehler: Zu „A“ sind alle Gewichte „unter18“ null."),
        ([("A", "N 1", 1), ("A", "N 1", 2)], ("einwohner",),
         "fehler: Das Paar „A“ und „N 1“ steht zweimal im Umstieg."),
        ([("A", "N 1"), ("A", "N 2")], (), "fehler: „A“ ist auf 2 Gebiete verteilt, Gewichte fehlen aber."),
        ([("A", "N 1", -1)], ("einwohner",), "fehler: Das Gewicht „-1“ ist keine Zahl ab 0."),
        ([("A", "X 9", 1)], ("einwohner",), "fehler: „X 9“ ist kein bekanntes Gebiet."),
        ([("A", "K", 1)], ("einwohner",), "fehler: „K“ ist kein bekanntes Gebiet."),
    ],
)  # fmt: skip
def test_faults_of_a_crosswalk(zeilen, basen, text):
    assert text in stand(zeilen, basen=basen)[1]


def test_one_area_without_people_is_no_fault():
    """A single successor takes everything, whatever the weight."""
    cut, told = stand([("A", "N 1", 0), ("B", "N 2", 1), ("B", "N 3", 0)])
    assert told == []
    assert umgerechnet(geliefert({"alt:A": 12, "alt:B": 5}), cut)["wert"].to_dict() == {
        "N 1": 12,
        "N 2": 5,
        "N 3": 0,
    }


def test_without_weights_of_the_base_nothing_is_shared_out():
    cut, _ = stand(HALB, basen=("einwohner",))
    two, _ = stand([(*row, row[2]) for row in HALB], basen=("einwohner", "unter18"))
    page = seite("alt", n={"umrechnung": "adressen"})
    found, told = rechne_um(geliefert({"alt:A": 1}), page, [two])
    assert found.empty
    assert [one.text for one in told] == [
        "Daten: Im Umstieg „Zuschnitt alt“ fehlen Gewichte „adressen“ für „n“."
    ]
    assert rechne_um(geliefert({"alt:A": 1}), page, [cut])[1] == [], (
        "the only base there is serves all fields"
    )


# --- two crosswalks --------------------------------------------------------------------------------

FRUEH = [("A", "N 1", 1), ("B", "N 2", 1), ("B", "N 3", 1)]
SPAET = [("A", "N 1", 1), ("A", "N 2", 3), ("C", "M 1", 1)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    ("tag", "gemeint"),
    [("2013-12-31", "frueh:A"), ("2015-12-31", "frueh:A"), ("2016-01-01", "spaet:A"), (TAG, "spaet:A"), ("2020-01-01", None)],
)  # fmt: skip
def test_the_cut_that_ended_first_after_a_date_wins(order, tag, gemeint):
    cuts = (stand(FRUEH, id="frueh", bis="2015-12-31")[0], stand(SPAET, id="spaet")[0])
    bund = Schluesselbund(gebiete(), [cuts[n] for n in order])
    assert bund.finde("A", tag, ["spaet", "frueh"]) == gemeint
    assert bund.finde("C", "2013-12-31", ["spaet", "frueh"]) == "spaet:C", (
        "what the earlier cut does not list did not change"
    )


def test_units_without_an_end_come_after_those_with_one():
    dated, undated = stand(FRUEH, id="frueh", bis="2015-12-31")[0], stand(SPAET, id="bloecke", bis="")[0]
    bund = Schluesselbund(gebiete(), [undated, dated])
    assert bund.finde("A", "2013-12-31", ["bloecke", "frueh"]) == "frueh:A"
    assert bund.finde("A", "2023-12-31", ["bloecke", "frueh"]) == "bloecke:A"


def ueberlappung(bis: tuple[str, str], **options: Any) -> list[tuple[str, str]]:
    cuts = [
        stand(rows, id=key, bis=until)[0]
        for rows, key, until in zip((FRUEH, SPAET), ("frueh", "spaet"), bis, strict=True)
    ]
    found = Schluesselbund(gebiete(), options.get("order", cuts)).mehrdeutig(
        seite(*options.get("staende", ("spaet", "frueh")))
    )
    assert {one.datei for one in found} <= {"region.yml"}
    return [(one.schwere, f"{one.text} {one.abhilfe}") for one in found]


def test_overlaps_of_two_crosswalks_are_told():
    assert ueberlappung((TAG, TAG)) == [
        ("fehler", "Daten: A gibt es in den Umstiegen „Zuschnitt frueh“ und „Zuschnitt spaet“, beide bis 31.12.2019; welcher gilt, ist "
         "nicht zu entscheiden. Bitte „gueltig_bis“ in region.yml berichtigen oder unter „gebietsstand“ nur einen nennen.")
    ]  # fmt: skip
    assert ueberlappung(("", ""))[0][0] == "fehler"
    assert "beide ohne „gueltig_bis“" in ueberlappung(("", ""))[0][1]
    assert ueberlappung(("2015-12-31", TAG)) == [
        ("hinweis", "Daten: A gibt es in den Umstiegen „Zuschnitt frueh“ und „Zuschnitt spaet“. "
         "Bis 31.12.2015 gilt „Zuschnitt frueh“, danach bis 31.12.2019 „Zuschnitt spaet“.")
    ]  # fmt: skip
    assert ueberlappung((TAG, TAG), staende=("spaet",)) == [], "the page names one of them"
    same = [stand(FRUEH, id="frueh")[0], stand(FRUEH, id="spaet")[0]]
    assert ueberlappung((TAG, TAG), order=same) == [], "both say the same"


def test_one_new_area_from_two_crosswalks_is_a_fault():
    cuts = [
        stand([("A", "N 1", 1)], id="frueh", bis="2015-12-31")[0],
        stand([("B", "N 1", 1)], id="spaet")[0],
    ]
    page = seite("frueh", "spaet")
    bund = Schluesselbund(gebiete(), cuts)
    sammlung = Sammlung(bund.ids, ["d.n"], [date(2019, 12, 31)])
    sammlung.frame = lambda tag: geliefert({"frueh:A": 3, "spaet:B": 4})  # type: ignore[method-assign]
    frame, _, told = harmonisiere(sammlung, TAG, page, bund)
    assert [one.text for one in told] == ["Daten: Zu N 1 gibt es Zahlen aus zwei Umstiegen zugleich."]
    assert not frame.duplicated(["gebiet_id", "feld", "stichtag"]).any()
