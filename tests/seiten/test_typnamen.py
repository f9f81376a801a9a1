"""Names of types: by rule from worked-out tables, and as editors write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sozialanalyse.base import PruefFehler
from sozialanalyse.region import redaktion
from sozialanalyse.seiten.cluster import vorderste
from sozialanalyse.seiten.teile import typnamen

THEMEN = {"a": "geld", "b": "geld", "c": "arbeit", "d": "leute", "e": "leute"}
KURZ = {key: key.upper() for key in THEMEN}
RICHTUNG = pd.Series({"a": 1, "b": 1, "c": -1, "d": 0, "e": 0})


def z(*rows: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1), columns=list(THEMEN), dtype=float)


def test_need_counts_every_topic_once_and_turns_what_is_good():
    found = typnamen.bedarf(z({"a": 1, "b": 2, "c": -0.5, "d": 9, "e": 9}), RICHTUNG, THEMEN)
    assert found[1] == pytest.approx((1.5 + 0.5) / 2)


def test_a_name_tells_need_and_what_there_is_more_of():
    rows = z(
        {"a": 1, "b": 1, "c": -1, "d": 0.9, "e": 0.2},
        {"a": 0, "b": 0, "c": 0, "d": 0.1, "e": -2},
        {"a": -2, "b": -2, "c": 1, "d": 0, "e": 0},
    )
    found = typnamen.vorschlag(rows, RICHTUNG, THEMEN, KURZ)
    assert found == {
        1: "Hoher Bedarf, typisch hoch: D",
        2: "Mittlerer Bedarf",
        3: "Sehr geringer Bedarf, typisch hoch: C",
    }


def test_nothing_is_said_of_need_where_nobody_knows_its_side():
    few = RICHTUNG.mask(RICHTUNG < 0, 0)
    assert typnamen.vorschlag(z(dict.fromkeys(THEMEN, 1.0)), few, THEMEN, KURZ) == {}


def test_marks_are_the_furthest_on_either_side_and_gaps_come_last():
    found = typnamen.merkmale(z({"a": 0.1, "b": -2, "c": 1, "d": np.nan, "e": 0.5}))
    assert found == {1: ["b", "c", "e"]}


def test_editors_name_a_type_by_one_of_its_areas(tmp_path: Path):
    (tmp_path / "redaktion").mkdir()
    page = tmp_path / "redaktion" / "typen.yml"
    page.write_text('typnamen:\n  "a6": Siedlungen am Rand\n  "Z 9": Nirgends\n', encoding="utf-8")
    assert redaktion.typnamen(tmp_path, {"A 6": "Neudorf"}) == {"A 6": "Siedlungen am Rand"}
    page.write_text("typnamen: [A 6]\n", encoding="utf-8")
    with pytest.raises(PruefFehler):
        redaktion.typnamen(tmp_path, {"A 6": "Neudorf"})


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        ({"A": 5, "B": 5, "C": 5, "D": 5, "E": 2}, "ABCD"),  # who is fourth of four equals is not left out
        ({"A": 9, "B": 4, "C": 4, "D": 4, "E": 1}, "ABCD"),
        ({"A": 9, "B": 8, "C": 7, "D": 6}, "ABC"),
        ({"B": 3, "Ä": 3}, "ÄB"),
        ({"A": 4, **dict.fromkeys("BCDEFG", 2)}, "A"),
        (dict.fromkeys("ABCDEFG", 1), ""),
    ],
)
def test_kommunen_with_most_areas_of_a_type_are_named_of_equals_all_or_none(counts, named):
    found = vorderste(pd.Series(counts))
    assert "".join(name for name, _ in found) == named
    assert all(counts[name] == count for name, count in found)
