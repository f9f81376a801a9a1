"""The same numbers twice: deliveries under a new date, indicators under a new name; footnotes below a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sozialanalyse import build
from sozialanalyse.base.errors import PruefFehler
from sozialanalyse.harmonise import Indikatoren, Lieferungen
from sozialanalyse.region.catalogue import lade_katalog


def merkmale(tag: str, datei: str, zahlen: list[float]) -> pd.DataFrame:
    n = len(zahlen)
    return pd.DataFrame(
        {
            "gebiet_id": [f"G {i % 4}" for i in range(n)], "feld": [f"d.f{i // 4}" for i in range(n)],
            "stichtag": tag, "wert": zahlen, "status": "ok", "datei": datei, "blatt": "", "zelle": [f"B{i + 2}" for i in range(n)],
        }
    )  # fmt: skip


ZAHLEN = [12.0, 7.0, 31.0, 9.0, 0.0, 4.0, float("nan"), 18.0]


@pytest.mark.parametrize(
    ("datei", "zahlen", "gemeldet"),
    [
        ("b.csv", ZAHLEN, True),
        ("b.csv", ZAHLEN[::-1], False),
        ("b.csv", [*ZAHLEN[:-1], 19.0], False),
        ("b.csv", [0.0, *ZAHLEN[1:6], 1.0, 18.0], False),
        ("a.csv", ZAHLEN, False),  # one file that stands for both dates
    ],
)
def test_a_delivery_that_is_an_older_one_under_a_new_date(datei, zahlen, gemeldet):
    seen = Lieferungen()
    assert not list(seen.pruefe(merkmale("2021-12-31", "a.csv", ZAHLEN)))
    assert not list(seen.pruefe(merkmale("2022-12-31", "c.csv", [1.0, *ZAHLEN[1:]])))
    found = list(seen.pruefe(merkmale("2023-12-31", datei, zahlen)))
    assert [(one.datei, one.zeile) for one in found] == ([("b.csv", 2)] if gemeldet else [])
    assert all("2021-12-31 (a.csv)" in one.text for one in found)


def test_few_numbers_agree_by_chance():
    seen = Lieferungen()
    list(seen.pruefe(merkmale("2021-12-31", "a.csv", [0, 1, 1, 2, 0, 0, 0, 1])))
    assert not list(seen.pruefe(merkmale("2023-12-31", "b.csv", [0, 1, 1, 2, 0, 0, 0, 1])))


@pytest.mark.parametrize(
    ("anders", "gemeldet"),
    [
        (lambda x: x, True),
        (lambda x: 10 * x, True),
        (lambda x: 100 - x, True),
        (lambda x: x + np.array([0.0] * 8 + [0.1]), False),
        (lambda x: x**2, False),
    ],
)
def test_an_indicator_that_is_another_one(gebaut, anders, gemeldet):
    katalog = lade_katalog(gebaut.region)
    one, other = [
        key for key, i in katalog.indikatoren.items() if i.seite.art != "anzahl" and i.seite.auswertung
    ][:2]
    alike = Indikatoren(katalog)
    x = np.array([3.1, 4.0, 5.5, 1.2, 9.9, 7.3, 2.8, 6.1, 8.4])
    alike.merke(pd.DataFrame({one: x, other: anders(x)}))
    alike.merke(pd.DataFrame({one: x + 1, other: np.nan}))
    found = list(alike.befunde())
    assert [one in b.text and other in b.text for b in found] == ([True] if gemeldet else [])
    alike.merke(pd.DataFrame({one: x, other: x[::-1]}))  # on one date they differ: two indicators
    assert not list(alike.befunde())


@pytest.mark.parametrize("fussnote", ["Quelle: Melderegister, eigene Berechnung", "1) ohne Nebenwohnungen"])
def test_a_footnote_is_no_new_spelling_of_an_area(kleinregion, fussnote):
    kleinregion.arbeit.append([fussnote, *([""] * (len(kleinregion.arbeit[0]) - 1))])
    try:
        found = build.pruefe(kleinregion.schreibe().region)
    except PruefFehler as error:
        found = error.befunde
    (told,) = (b for b in found if fussnote in b.text)
    assert [word in told.abhilfe for word in ("„ende“", "„ueberlesen“")] == [True, True]
