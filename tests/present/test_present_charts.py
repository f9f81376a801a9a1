"""Charts: positions and words against values worked out by hand."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from present_kreis import kontext_mit

from sozialanalyse.present import (
    Spalte,
    Streifen,
    anteile,
    lage,
    profil,
    sicherheit,
    streifen,
    streifen_auswahl,
    verlauf,
    vorkommen,
)
from sozialanalyse.present._zeichnung import stellen, teilung
from sozialanalyse.present.charts._punkte import _verteilt
from sozialanalyse.present.charts.typprofil import _stufe

SVG = "{http://www.w3.org/2000/svg}"
K = kontext_mit()
SHARES = pd.DataFrame(
    {"eta2": [0.25, 0.5, np.nan], "eta2_null": [0.1, 0.1, np.nan], "icc": [0.2, 0.4, np.nan]},
    index=list("abc"),
).assign(icc_low=[0.1, 0.2, np.nan], icc_high=[0.4, 0.9, np.nan])


def nodes(svg: str, name: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter(SVG + name))


def words(svg: str) -> list[str]:
    return [node.text for node in nodes(svg, "text")]


def test_bars_are_as_long_as_their_share():
    found = anteile(SHARES, kontext=K, titel="T", namen={"a": "Alpha"})
    layers = [node for node in nodes(found.svg, "path") if node.get("fill") not in (None, "none")]
    whole, between = (
        [float(end) - float(start) for start, end in re.findall(r"M([\d.]+) [\d.]+H([\d.]+)", layer.get("d"))]
        for layer in layers
    )
    assert len(whole) == len(between) == 2, "no bar without a value"
    assert [b / w for b, w in zip(between, whole, strict=True)] == pytest.approx([0.5, 0.25], abs=0.001)
    assert found.tabelle["wert"].fillna(-1).tolist() == [50.0, 25.0, -1.0]
    assert found.beschreibung == (
        "Balken für 3 Merkmale: so viel der Unterschiede liegt zwischen den Kommunen. "
        "Gemessen ist es am meisten bei „b“ mit 50\u00a0%, am wenigsten bei „Alpha“ mit 25\u00a0%. "
        "Über dem Mittel bei reinem Zufall liegt es bei 2 Merkmalen; das kann bei jedem einzelnen auch Zufall sein. Ohne Wert: 1."
    )


def test_topics_keep_the_order_asked_for():
    topics = {"a": "Wohnen", "b": "Arbeit", "c": "Arbeit"}
    found = anteile(SHARES, kontext=K, titel="T", themen=topics, themenfolge=["Wohnen", "Arbeit"])
    assert found.tabelle["name"].tolist() == ["a", "b", "c"]
    assert [w for w in words(found.svg) if w in {"Wohnen", "Arbeit"}] == ["Wohnen", "Arbeit"]


def test_bars_do_without_chance_and_interval():
    found = anteile(SHARES[["eta2"]], kontext=K, titel="T")
    assert "Zufall" not in found.html
    assert "Unsicherheitsbereich" not in found.html


def test_dots_stand_where_their_value_says():
    values = pd.Series([0.0, 5.0, 10.0, 77.0], index=["a 1", "a 2", "b 1", "b 2"])
    home = pd.Series(["A", "A", "B", "B"], index=values.index)
    status = pd.Series(["wert", "wert", "wert", "geheim"], index=values.index)
    found = streifen(
        values, home, Spalte("T", "%"), kontext=K, titel="T", status=status, region_wert=5.0,
        kommune_werte=pd.Series({"A": 2.0, "B": 9.0}),
    )  # fmt: skip
    x = {
        key: float(node.get("cx"))
        for group in nodes(found.svg, "g") if group.get("data-gebiete")
        for key, node in zip(group.get("data-gebiete").split("|"), group, strict=True)
    }  # fmt: skip
    assert set(x) == {"a 1", "a 2", "b 1"}
    assert x["a 2"] - x["a 1"] == pytest.approx(x["b 1"] - x["a 2"], abs=1)
    line = next(node for node in nodes(found.svg, "path") if node.get("stroke-dasharray"))
    assert float(re.match(r"M([\d.]+)", line.get("d"))[1]) == pytest.approx(x["a 2"], abs=0.6)
    assert [w for w in words(found.svg) if w in {"A", "B"}] == ["B", "A"]
    assert "77,0" not in found.html
    assert "Wert der Region: 5,0\u00a0%. Ohne Wert (geheim gehalten): 1." in found.beschreibung


@given(st.lists(st.floats(0, 50), max_size=60))
def test_dots_do_not_hide_each_other(values):
    placed = _verteilt(pd.Series(values, dtype=float), lambda value: value)
    assert len(placed) == len(values)
    spots = [(x, dy) for _, x, dy in placed]
    close = sum(abs(a[0] - b[0]) < 7 and abs(a[1] - b[1]) < 7 for i, a in enumerate(spots) for b in spots[:i])
    assert close == 0 or len(values) > 20


def test_several_indicators_unfold_one_by_one():
    values = pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]}, index=["a", "b"])
    home = pd.Series(["A", "B"], index=values.index)
    found = streifen_auswahl(
        values, home, kontext=K, titel="T", spalten={"y": Spalte("Ypsilon"), "x": Spalte("Ix")}
    )
    assert re.findall(r"<summary>(Ypsilon|Ix)</summary>", found.html) == ["Ypsilon", "Ix"]
    assert len(re.findall(r'class="sa-falte" name="[^"]+" open>', found.html)) == 1
    assert found.tabelle.columns.tolist() == ["y", "x"]


def test_lines_break_at_gaps_and_say_first_and_last():
    table = pd.DataFrame(
        {"indikator_id": "q", "stichtag": ["2018-12-31", "2019-12-31", "2020-12-31", "2022-12-31"],
         "wert": [0.2, np.nan, 0.3, 0.4]}
    )  # fmt: skip
    found = verlauf(table, kontext=K, titel="T", namen={"q": "Quote"})
    lines = [n.get("d") for n in nodes(found.svg, "path") if n.get("stroke-width") == "2.5"]
    assert [d.count("L") for d in lines] == [0, 1]
    xs = [float(node.get("cx")) for node in nodes(found.svg, "circle")]
    assert (xs[2] - xs[1]) / (xs[1] - xs[0]) == pytest.approx(731 / 731, rel=0.01)
    assert "Quote: 20\u00a0% am 31.12.2018, 40\u00a0% am 31.12.2022. Ohne Wert: 1." in found.beschreibung
    assert found.tabelle["stichtag"].tolist()[0] == "31.12.2018"


@pytest.mark.parametrize(
    ("z", "step"), [(-1.0, 0), (-0.99, 1), (-0.5, 1), (-0.49, 2), (0.49, 2), (0.5, 3), (1.0, 4), (np.nan, 2)]
)
def test_steps_of_deviation_by_hand(z, step):
    assert _stufe(z) == step


def test_profile_prints_values_in_their_own_decimals():
    z = pd.DataFrame([[1.5, -0.2], [-1.1, 0.6]], index=[1, 2], columns=["miete", "quote"])
    values = pd.DataFrame([[1234.4, 5.25], [900.0, np.nan]], index=[1, 2], columns=["miete", "quote"])
    columns = {"quote": Spalte("Quote", "%", 2), "miete": Spalte("Miete", "Euro", 0)}
    found = profil(z, values, kontext=K, titel="T", spalten=columns, namen={1: "ruhig"})
    assert [w for w in words(found.svg) if w in {"5,25", "k.\u00a0A.", "1.234", "900"}] == [
        "5,25", "k.\u00a0A.", "1.234", "900",
    ]  # fmt: skip
    assert found.tabelle["wert_0"].tolist() == [5.25, 1234.4]
    assert "1234,4" not in found.html
    assert "Typ 1 – ruhig: deutlich über dem Mittel bei Miete." in found.beschreibung
    assert "Typ 2: deutlich unter dem Mittel bei Miete." in found.beschreibung


def test_counts_per_town_and_type():
    types = pd.Series([1.0, 1.0, 2.0, np.nan], index=list("abcd"))
    home = pd.Series(["T1", "T1", "T2", "T2"], index=types.index)
    found = vorkommen(types, home, kontext=K, titel="T")
    assert found.tabelle[["typ_1", "typ_2", "ohne", "summe"]].to_numpy().tolist() == [
        [2, 0, 0, 2],
        [0, 1, 1, 2],
    ]
    sides = [float(node.get("width")) for node in nodes(found.svg, "rect")]
    assert sides[0] ** 2 / sides[1] ** 2 == pytest.approx(2, rel=0.03)
    assert "Typ 1 – Sozialräume: 2, Kommunen: 1." in found.beschreibung


def test_certainty_counts_what_lies_below_the_limit():
    share = pd.Series([0.4, 0.59, 0.6, 0.9, np.nan], index=list("abcde"))
    found = sicherheit(share, pd.Series(1, index=share.index), kontext=K, titel="T", grenze=0.6)
    assert "4 Zuordnungen; 2 liegen unter 60\u00a0%. Ohne Wert: 1." in found.beschreibung
    assert len(nodes(found.svg, "circle")) == 4


@given(st.floats(-1e4, 1e4), st.floats(0.001, 1e4))
def test_scales_are_round_and_cover_the_values(low, span):
    ticks = teilung(low, low + span)
    steps = np.diff(ticks)
    assert ticks[0] <= low + 1e-6 * span
    assert ticks[-1] >= low + span - 1e-6 * span
    assert 2 <= len(ticks) <= 8
    assert steps == pytest.approx(steps[0], rel=1e-6)
    assert len({f"{tick:.{stellen(ticks)}f}" for tick in ticks}) == len(ticks)


def test_no_values_at_all_is_still_a_figure():
    empty = pd.Series([np.nan, np.nan], index=["a", "b"])
    home = pd.Series(["A", "B"], index=empty.index)
    for found in (
        streifen(empty, home, Spalte("T"), kontext=K, titel="T"),
        sicherheit(empty, empty, kontext=K, titel="T"),
        vorkommen(empty, home, kontext=K, titel="T"),
        anteile(SHARES.head(0), kontext=K, titel="T"),
    ):
        ET.fromstring(found.svg)


def test_dots_of_own_areas_can_be_chosen(gebiete):
    values = pd.Series(range(len(gebiete)), index=gebiete.index, dtype=float)
    own = gebiete.index[:3]
    shown = lage(
        [Streifen("Quote", values, "%", 1)],
        kontext=kontext_mit(),
        titel="Lage",
        eigene=own,
        hervorheben=own[0],
    )
    groups = re.findall(r'data-gebiete="([^"]*)"', shown.svg)
    assert groups == ["|".join(own[1:]), own[0]]
    for group in groups:
        dots = re.search(rf'data-gebiete="{re.escape(group)}"[^>]*>(.*?)</g>', shown.svg)[1]
        assert dots.count("<circle") == len(group.split("|")), "one dot per id, in the same order"


def test_on_a_phone_the_span_of_a_row_stands_beside_its_name_where_it_fits(kontext) -> None:
    """Rows are lower by that; one whose words are long keeps its values below, one with a reason, too."""
    values = pd.Series([2.5, 7.0, 30.0], index=["a", "b", "c"])

    def rows(name: str, einheit: str = "%", grund: str = "") -> str:
        row = Streifen(name, values, einheit, 1, 8.0, grund=grund)
        shown = lage([row] * 5, kontext=kontext, titel="T", eigene=pd.Index(["a"]))
        return re.findall(r"<svg.*?</svg>", shown.html, re.DOTALL)[1]

    def height(svg: str) -> float:
        return float(re.search(r'viewBox="0 0 \S+ (\S+)"', svg)[1])  # type: ignore[index]

    short, long = rows("Anteil"), rows("Anteil der Menschen mit einem ziemlich langen Merkmal")
    assert short.count(">2,5 bis 30,0\u00a0%<") == 5
    assert ">2,5\u00a0%<" not in short
    assert "bis 30,0" not in long
    assert long.count(">2,5\u00a0%<") == long.count(">30,0\u00a0%<") == 5
    assert height(rows("Anteil", grund="nicht berechnet")) >= height(short) + 5 * 9
    assert "nicht berechnet" in rows("Anteil", grund="nicht berechnet")
    assert "bis 30,0" not in rows("Anteil", "je 1.000 Personen im erwerbsfähigen Alter im Jahr")
    wide = rows("Saldo", "je 1.000 Personen der Bevölkerung am 31. Dezember des Vorjahres und im Jahr")
    assert wide.count(">2,5<") == wide.count(">30,0<") == 5, "no end without the other"
    half = rows("Wanderungssaldo", "je 1.000 Personen im Jahr und im Mittel")
    assert half.count(">2,5<") == half.count(">30,0\u00a0je 1.000 Personen im Jahr und im Mittel<") == 5
