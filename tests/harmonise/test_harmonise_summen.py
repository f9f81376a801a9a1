"""Totals that are not the sum of their parts: every one is told, with what could explain it, and no other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from test_harmonise_umrechnen import seite

from sozialanalyse import build
from sozialanalyse.berichte import DatenstandBericht, KommunalprofilBericht
from sozialanalyse.geheimhaltung import zeigbar
from sozialanalyse.harmonise import pruefe_merkmale, summenprobe

TAG = "2023-12-31"


def gebiete(teile: Mapping[str, int]) -> pd.DataFrame:
    """A region of Kommunen with so many areas each."""
    rows = {"R": ("region", "", "Kreis")} | {town: ("kommune", "R", f"Stadt {town}") for town in teile}
    rows |= {f"{town} {n + 1}": ("sozialraum", town, "") for town, size in teile.items() for n in range(size)}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["level", "oberhalb", "name"])


def geliefert(zahlen: Mapping[tuple[str, str], float], **status: str) -> pd.DataFrame:
    """Counts {(area, field): number}; a gap is unknown unless ``status`` names another."""
    rows = [
        {"gebiet_id": key, "feld": f"d.{feld}", "stichtag": TAG, "wert": float(n), "unten": math.nan, "oben": math.nan,
         "status": status.get(feld, "unbekannt") if math.isnan(n) else "wert", "datei": "d.csv", "blatt": "", "zelle": f"B{row + 2}"}
        for row, ((key, feld), n) in enumerate(zahlen.items())
    ]  # fmt: skip
    return pd.DataFrame(rows)


STADT = {"A": 16, "B": 3}
LISTE = gebiete(STADT)
EINWOHNER = {f"A {n + 1}": 10_000 + 311 * n for n in range(16)} | {"B 1": 4000, "B 2": 5200, "B 3": 6107}


def zahlen(
    mehr: float = 0, ohne: tuple[str, ...] = (), feld: str = "n", **anders: float
) -> dict[tuple[str, str], float]:
    parts = {key: anders.get(key.replace(" ", ""), n) for key, n in EINWOHNER.items()}
    totals = {town: sum(n for key, n in EINWOHNER.items() if key[0] == town) for town in STADT}
    totals["A"] += mehr
    totals["R"] = sum(totals.values())
    return {(key, feld): n for key, n in (parts | totals).items() if key not in ohne}


def probe(frame: pd.DataFrame, page: Any = None, ohne: pd.DataFrame | None = None) -> pd.DataFrame:
    return summenprobe(frame, page or seite(), LISTE, ohne).set_index("gebiet_id")


def texte(frame: pd.DataFrame, page: Any = None) -> list[tuple[str, str]]:
    found = pruefe_merkmale(frame, page or seite(), LISTE)
    return [(one.schwere, f"{one.text} {one.abhilfe}") for one in found if one.regel == "summe"]


def test_sums_that_add_up_are_not_told():
    assert probe(geliefert(zahlen())).empty
    assert texte(geliefert(zahlen())) == []


def test_a_city_with_thousands_more_than_its_quarters():
    row = probe(geliefert(zahlen(4321))).loc["A"]
    assert row[["geliefert", "summe", "unterschied", "teile", "fehlend"]].tolist() == [
        201_641,
        197_320,
        4321,
        16,
        "",
    ]
    assert row["anteil"] == pytest.approx(100 * 4321 / 201_641)
    ((grade, text),) = texte(geliefert(zahlen(4321)))
    assert grade == "warnung"
    assert (
        "In Stadt A (A) geht die gelieferte Summe nicht auf: d.n geliefert 201.641, Summe der Teile 197.320 (4.321 mehr, 2,1\u00a0%)."
        in text
    )
    assert "Seiten verwenden die gelieferte Zahl" in text


def test_it_is_still_told_when_an_area_was_not_delivered():
    row = probe(geliefert(zahlen(4321, ohne=("A 3",)))).loc["A"]
    assert row[["unterschied", "teile", "fehlend"]].tolist() == [4321 + 10_622, 15, "A 3"]
    page = seite().model_copy(update={"vollstaendig": False})
    ((grade, text),) = texte(geliefert(zahlen(4321, ohne=("A 3",))), page)
    assert grade == "hinweis"
    assert "14.943 mehr" in text
    assert "Erklären können es die nicht gelieferten Gebiete (A 3)" in text


def test_all_fields_of_a_city_are_named_with_their_amount():
    frame = geliefert(zahlen(4321) | zahlen(4100, feld="m"))
    ((_, text),) = texte(frame, seite(n={}, m={}))
    assert "d.n geliefert 201.641" in text
    assert "d.m geliefert 201.420, Summe der Teile 197.320 (4.100 mehr, 2\u00a0%)" in text


def test_parts_larger_than_the_whole():
    ((grade, text),) = texte(geliefert(zahlen(-5000)))
    assert grade == "warnung"
    assert "(5.000 weniger, 2,6\u00a0%). Die Teile sind mehr als das Ganze" in text


def test_hidden_parts_may_hold_the_difference_unless_it_is_too_large():
    frame = geliefert(zahlen(0, B1=math.nan), n="geheim")
    assert probe(frame).empty
    frame.loc[frame["gebiet_id"] == "B 1", "oben"] = 9
    assert probe(frame).loc["B", "unterschied"] == 4000, "at most 9 can hide there"


def test_the_region_is_held_against_its_areas_where_no_kommune_was_delivered():
    frame = geliefert({key: n for key, n in zahlen().items() if key[0] not in STADT})
    assert probe(frame).empty
    frame.loc[frame["gebiet_id"] == "R", "wert"] += 77
    assert probe(frame).loc["R", ["unterschied", "teile"]].tolist() == [77, 2]


def test_cases_without_an_area_explain_the_region():
    numbers = zahlen()
    numbers["R", "n"] += 500
    ohne = geliefert({("", "n"): 500.0})
    assert probe(geliefert(numbers)).loc["R", "unterschied"] == 500
    assert probe(geliefert(numbers), ohne=ohne).empty
    assert probe(geliefert(numbers), ohne=ohne.assign(wert=450.0)).loc["R", "unterschied"] == 500


def test_a_total_with_few_of_its_areas_says_nothing():
    assert probe(geliefert(zahlen(0, ohne=tuple(f"A {n + 1}" for n in range(9))))).empty


def test_values_that_do_not_add_up_are_not_added():
    assert probe(geliefert(zahlen(4321)), seite(n={"summierbar": False})).empty


@pytest.mark.parametrize("schritt", [3, 5, 10, 100])
def test_rounded_numbers_differ_by_rounding(schritt):
    """CBS rounds to 5, many offices to 3 or 10: sums of rounded numbers are no rounded sums."""
    rng = np.random.default_rng(schritt)
    exact = {key: int(n) for key, n in zip(EINWOHNER, rng.integers(200, 9000, len(EINWOHNER)), strict=True)}
    totals = {town: sum(n for key, n in exact.items() if key[0] == town) for town in STADT}
    both = exact | totals | {"R": sum(totals.values())}
    frame = geliefert({(key, "n"): round(n / schritt) * schritt for key, n in both.items()})
    assert probe(frame).empty
    frame.loc[frame["gebiet_id"] == "A", "wert"] += 20 * schritt
    assert probe(frame).loc["A", "feld"] == "d.n", "more than rounding"


def test_the_pages_tolerance_counts():
    page = seite().model_copy(update={"pruefungen": seite().pruefungen.model_copy(update={"toleranz": 3.0})})
    assert probe(geliefert(zahlen(4321)), page).empty
    assert len(probe(geliefert(zahlen(14_321)), page)) == 1


# --- a slip of digits ------------------------------------------------------------------------------


def test_two_exchanged_digits_of_a_part_are_named():
    """B 2 has 5.200 people; 2.500 were delivered."""
    frame = geliefert(zahlen(B2=2500))
    assert probe(frame).loc["B", "vermutung"] == "B 2"
    ((grade, text),) = texte(frame)
    assert grade == "warnung"
    assert "Vielleicht sind zwei Ziffern vertauscht, bei d.n in B 2: Dann ginge die Summe auf." in text


def test_two_exchanged_digits_of_the_total_are_named():
    """15.307 people; 13.507 were delivered as the total."""
    numbers = zahlen()
    numbers["B", "n"] = 13_507
    del numbers["R", "n"]
    assert probe(geliefert(numbers)).loc["B", "vermutung"] == "der Summe selbst"


def test_cases_without_an_area_everywhere_are_no_slips():
    """Every total is 9 or 18 above its parts: some digits fit by chance."""
    liste = gebiete(dict.fromkeys("ABCDEF", 8))
    rng = np.random.default_rng(1)
    numbers = {
        (key, "n"): float(n) for key, n in zip(liste.index[7:], rng.integers(300, 900, 48), strict=True)
    }
    for town in "ABCDEF":
        numbers[town, "n"] = sum(
            n for (key, _), n in numbers.items() if key.startswith(f"{town} ")
        ) + rng.choice([9, 18])
    found = summenprobe(geliefert(numbers), seite(), liste)
    assert len(found) == 6
    assert set(found["vermutung"]) == {""}


def test_declared_sums_of_fields_are_told_for_every_area():
    page = seite(n={}, m={}, w={})
    page = page.model_copy(
        update={"pruefungen": page.pruefungen.model_copy(update={"summen": {"n": "m + w"}})}
    )
    half = {(key, feld): n / 2 for (key, _), n in zahlen().items() for feld in ("m", "w")}
    numbers = {(key, "n"): 2.0 * (n // 2) for (key, _), n in zahlen().items()} | {
        k: float(n // 1) for k, n in half.items()
    }
    for key in ("A", "R", "B"):
        for feld in ("n", "m", "w"):
            numbers.pop((key, feld))
    numbers["B 3", "n"] = 6016.0  # 6.106 with two digits exchanged
    found = summenprobe(geliefert(numbers), page, LISTE)
    declared = found[found["ausdruck"] != ""].set_index("gebiet_id")
    assert declared["unterschied"].to_dict() == {"B 3": -90.0}
    assert declared.loc["B 3", "vermutung"] == "der Summe selbst"


# --- where it is shown -----------------------------------------------------------------------------


def abweichend(kleinregion: Any) -> Any:
    """The tiny region, with totals for two Kommunen: one has 700 people more than its areas."""
    kleinregion.seiten["register"] = kleinregion.seiten["register"].replace(
        "ueberlesen: '^Summe'", "summen: '^Summe '"
    )
    for rows in kleinregion.register.values():
        rows += [["Summe Ahausen", 4700, 740, None], ["Summe Würselheim", 4900, 1220, None]]
    return kleinregion


def test_protocol_and_snapshot_list_every_difference(kleinregion):
    result = abweichend(kleinregion).build()
    rows = kleinregion.daten("intern").summen()
    assert rows[["gebiet_id", "feld", "geliefert", "summe", "unterschied"]].to_numpy().tolist() == [
        ["05999004", "register.einwohner", 4700, 4000, 700],
        ["05999004", "register.einwohner", 4700, 4000, 700],
    ]
    html = (result.protokolle / "register.html").read_text(encoding="utf-8")
    assert "Summen, die nicht aufgehen" in html
    assert '<td class="geliefert">4.700</td>' in html
    assert "Ahausen (05999004)" in html
    book = openpyxl.load_workbook(result.protokolle / "register.xlsx")
    assert book.sheetnames == ["Anschreiben", "Befunde", "Summen", "Dateien"]
    cells = [[cell.value for cell in row] for row in book["Summen"].iter_rows()]
    assert cells[1][:8] == [
        "Ahausen (05999004)",
        "31.12.2021",
        "„Einwohner | insgesamt“",
        "Summe der Gebiete",
        4700,
        4000,
        700,
        14.89,
    ]


def test_the_check_tells_without_storing(kleinregion):
    told = [one for one in build.pruefe(abweichend(kleinregion).schreibe().ordner) if one.regel == "summe"]
    assert len(told) == 2
    assert all("Ahausen (05999004)" in one.text and "700 mehr" in one.text for one in told)


def test_an_audience_reads_what_it_could_compute_itself(kleinregion):
    abweichend(kleinregion).build()
    public = kleinregion.daten("oeffentlich")
    shown = public.werte("EW", level=None).set_index(["gebiet_id", "stichtag"])["zaehler"]
    rows = public.summen()
    assert len(rows) == 2, "everything about the residents is public here"
    for row in rows.itertuples():
        parts = [key for key, town in kleinregion.gebiete.items() if town == row.gebiet_id]
        assert sum(shown[part, row.stichtag] for part in parts) == row.summe


def test_a_hidden_part_hides_the_sum(kleinregion):
    kleinregion.schreibe()
    from sozialanalyse.region.catalogue import lade_katalog

    katalog = lade_katalog(kleinregion.region)
    liste = gebiete({"A": 3})
    werte = pd.DataFrame(
        {
            "gebiet_id": ["A", "A 1", "A 2", "A 3"],
            "indikator_id": "EW",
            "zaehler": [110.0, 50, 30, 20],
            "nenner": np.nan,
        }
    )
    rows = geliefert({("A", "n"): 110}).assign(
        datensatz="register", feld="register.einwohner", ausdruck="", geliefert=110.0, summe=100.0, fehlend=""
    )
    assert len(zeigbar(rows, werte, liste, katalog)) == 1
    for hidden in ("A", "A 2"):
        masked = werte.assign(zaehler=werte["zaehler"].where(werte["gebiet_id"] != hidden))
        assert zeigbar(rows, masked, liste, katalog).empty
    assert zeigbar(rows.assign(feld="register.alte"), werte, liste, katalog).empty


def test_the_page_lists_them_and_says_what_a_sentence_counts(kleinregion, monkeypatch):
    abweichend(kleinregion).build()
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(kleinregion.ordner))
    page = DatenstandBericht(stichtag="neuester", kommune="", audience="oeffentlich").summen()._repr_html_()
    for words in ("Ahausen", "Bevölkerung", "4.700", "4.000", "700", "14,9", "keinem Gebiet zugeordnet"):
        assert words in page
    daten = kleinregion.daten("oeffentlich")
    profil = KommunalprofilBericht(kommune="05999004", audience="oeffentlich")
    saetze = profil.saetze("de")
    assert daten.stichtage[-1] == TAG
    assert saetze.kurz_bevoelkerung("05999004", "EW").startswith(
        "In Ahausen leben nach der gelieferten Gesamtzahl 4.700 Menschen, das sind "
    )
    assert "die Zahlen der drei Sozialräume ergeben zusammen 4.000." in saetze.kurz_bevoelkerung(
        "05999004", "EW"
    )
    assert "4.900 Menschen in drei Sozialräumen" in saetze.kurz_bevoelkerung("05999008", "EW")
