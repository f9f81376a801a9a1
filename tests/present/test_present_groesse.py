"""Drawings of regions with hundreds of municipalities and thousands of areas: what is left out is said, nothing lies on another."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import shapely
from present_kreis import kontext_mit

from sozialanalyse.present import Spalte, streifen
from sozialanalyse.present._flaechen import beschriftungen
from sozialanalyse.present._kacheln import VIELE, belegung, mitte


def test_thousands_of_areas_get_tiles_near_their_place() -> None:
    rng = np.random.default_rng(0)
    spots = pd.DataFrame(rng.uniform(0, 1000, (VIELE + 500, 2)), columns=["x", "y"])
    home = pd.Series((spots["x"] // 100).astype(int).astype(str), index=spots.index)
    cells = belegung(spots, home)
    assert len(cells.drop_duplicates()) == len(spots)
    place = mitte(cells.to_numpy())
    for axis, name in enumerate(spots):
        assert np.corrcoef(spots[name], place[:, axis])[0, 1] > 0.95


def test_of_hundreds_of_municipalities_the_first_and_last_are_drawn_and_all_are_listed() -> None:
    values = pd.Series(np.linspace(1, 60, 300), index=[f"g{i}" for i in range(300)])
    home = pd.Series([f"Ort {i // 3:03d}" for i in range(300)], index=values.index)
    own = values.groupby(home).mean()
    found = streifen(
        values,
        home,
        Spalte("T", "%"),
        kontext=kontext_mit(),
        titel="T",
        kommune_werte=own,
        hervorheben="g150",
    )
    drawn = set(re.findall(r">(Ort \d{3})</text>", found.svg))
    ordered = own.sort_values().index
    assert drawn == {*ordered[:20], *ordered[-20:], home["g150"]}
    said = "Gezeichnet sind die 20 höchsten und die 20 niedrigsten von 100"
    assert said in found.beschreibung
    assert f'<p class="sa-zeichen">{said}' in found.html
    assert len(found.tabelle) == 300
    few = streifen(
        values[:120], home[:120], Spalte("T"), kontext=kontext_mit(), titel="T", kommune_werte=own[:40]
    )
    assert "Gezeichnet sind" not in few.html
    assert len(set(re.findall(r">(Ort \d{3})</text>", few.svg))) == 40
    by_name = streifen(values, home, Spalte("T"), kontext=kontext_mit(), titel="T")
    assert "Gezeichnet sind die ersten 20 und die letzten 20 von 100" in by_name.html


def test_names_that_find_no_free_place_are_left_out() -> None:
    tiles = {
        f"{i} {j}": shapely.box(40 * i, 40 * j, 40 * i + 40, 40 * j + 40) for i in range(8) for j in range(8)
    }
    large = shapely.box(500, 0, 900, 400)
    size = dict.fromkeys([*tiles, "groß"], (120.0, 30.0))
    found = beschriftungen({**tiles, "groß": large}, size, ())
    assert "groß" in found
    assert 4 <= len(found) < len(size)
    boxes = [shapely.box(x - 60, y - 15, x + 60, y + 15) for x, y in found.values()]
    shared = [a.intersection(b).area for i, a in enumerate(boxes) for b in boxes[:i]]
    assert max(shared) <= 0.2 * 120 * 30
    few = dict(list(tiles.items())[:12])
    assert set(beschriftungen(few, size, ())) == set(few), "a dozen names are never left out"
