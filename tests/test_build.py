"""Deliveries become a snapshot, or a complete list of what is wrong with them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from sozialanalyse import build
from sozialanalyse.base.errors import PruefFehler


def faults(region) -> list[str]:
    with pytest.raises(PruefFehler) as caught:
        region.build()
    return [str(befund) for befund in caught.value.befunde if befund.schwere == "fehler"]


def test_round_trip_by_hand(kleinregion):
    result = kleinregion.build()
    daten = kleinregion.daten()
    assert result.neu
    assert daten.stichtage == ("2021-12-31", "2023-12-31")  # 01.01.2024 describes the state of 31.12.2023
    assert list(daten.gebiete("kommune").index) == ["05999004", "05999008", "05999012"]
    assert daten.kommune()["SI 3a"] == "05999012"
    areas = daten.matrix(stichtag="2023-12-31")  # the count EW is none of the indicators to compare
    assert areas.loc["A 1a"].to_dict() == {
        "ALO": 5.0,
        "QUOTE": 6.1,
        "AB65": 20.0,
        "MEDIAN": 41.5,
        "DICHTE": 1200.0,
    }
    towns = daten.matrix(["EW", "AB65", "ALO", "MEDIAN"], level="kommune")
    assert towns["EW"].tolist() == [4000, 4900, 2400]
    assert towns.loc["05999004", "AB65"] == pytest.approx(100 * 740 / 4000)
    assert towns.loc["05999012", "ALO"] == pytest.approx(100 * 113 / 2400)
    assert towns["MEDIAN"].isna().all()  # medians are not averaged
    region = daten.matrix(["EW", "DICHTE"], level="region")
    assert region.loc["05999"].tolist() == [11300, pytest.approx(11300 / 9)]
    assert daten.bevoelkerung().sum() == 11300
    assert set(daten.nachbarn()["A 1a"]) == {"A 1b", "W 1", "W 2"}
    assert daten.kontext().marke == "Demodaten – frei erfunden"


def test_every_count_knows_its_cell(kleinregion):
    kleinregion.register["2023-12-31"][4][1] = "2.500 (r)"
    kleinregion.build()
    path = next(kleinregion.bestand.glob("*/intern/merkmale.parquet"))
    counts = pd.read_parquet(path).set_index(["gebiet_id", "feld", "stichtag"])
    cell = counts.loc[("W 2", "register.einwohner", "2023-12-31")]
    assert (cell["wert"], cell["status"], cell["roh"]) == (2500, "korrigiert", "2.500 (r)")
    assert (cell["datei"], cell["blatt"], cell["zelle"]) == (
        "register/Register_2023-12-31.xlsx",
        "Bestand",
        "B9",
    )


def test_all_problems_at_once_with_place_and_remedy(kleinregion):
    kleinregion.register["2023-12-31"][3][0] = "W 9"
    kleinregion.register["2023-12-31"][5][1] = "viele"
    kleinregion.register["2021-12-31"][0][3] = 400
    kleinregion.arbeit[2][2] = "1.23"
    found = faults(kleinregion)
    file = "register/Register_2023-12-31.xlsx, Blatt „Bestand“, Zeile"
    assert [text.split(": ")[0] for text in found] == [
        "arbeit.csv, Zeile 6, Spalte 3 „Arbeitslose“",
        "register/Register_2021-12-31.xlsx, Blatt „Bestand“, Zeile 5, Spalte D „Medianalter“",
        f"{file} 8, Spalte A „Kennung“",
        f"{file} 10, Spalte B „Einwohner | insgesamt“",
    ]
    assert (
        "„1.23“ hat Nachkommastellen, das Feld zählt aber Personen. Bitte beim Lieferanten klären."
        in found[0]
    )
    assert "außerhalb des Möglichen (mindestens 0, höchstens 120)" in found[1]
    assert "„W 9“ ist kein bekanntes Gebiet. Bitte die Schreibweise berichtigen" in found[2]
    assert "„viele“ ist keine Zahl" in found[3]


def test_faults_of_pages_shapes_and_files_come_together(kleinregion):
    kleinregion.schreibe()
    (kleinregion.ordner / "gebiete.gpkg").write_bytes(b"nichts")
    for path in (kleinregion.lieferungen / "register").iterdir():
        path.unlink()
    kleinregion.arbeit[0][2] = "?"
    text = (kleinregion.lieferungen / "arbeit.csv").read_text("cp1252").replace(";60;", ";?;", 1)
    (kleinregion.lieferungen / "arbeit.csv").write_text(text, "cp1252")
    with pytest.raises(PruefFehler) as caught:
        build.build(kleinregion.ordner)
    found = str(caught.value)
    assert "Zu „Melderegister“ liegt keine Lieferung vor" in found
    assert "kein lesbarer Geodatensatz" in found
    assert "„?“ ist keine Zahl" in found


@pytest.mark.parametrize("system", ["EPSG:4326", "EPSG:99999", "Gauß"])
def test_coordinate_system_must_measure_in_metres(kleinregion, system):
    kleinregion.region_yml = kleinregion.region_yml.replace("EPSG:25832", system)
    assert any(f"„{system}“ ist kein Koordinatensystem in Metern" in text for text in faults(kleinregion))


def test_failure_writes_nothing_and_keeps_the_last_snapshot(kleinregion):
    good = kleinregion.build().bestand
    before = sorted(path.name for path in kleinregion.bestand.iterdir())
    kleinregion.register["2023-12-31"][0][1] = "?"
    faults(kleinregion)
    assert sorted(path.name for path in kleinregion.bestand.iterdir()) == before
    assert kleinregion.daten().ordner.name == good


def test_check_writes_nothing(kleinregion, tmp_path: Path):
    kleinregion.schreibe()
    found = build.pruefe(kleinregion.ordner)
    assert [befund.regel for befund in found] == ["wiederholt"], "its register is the same at both dates"
    assert not (tmp_path / "daten").exists()


def test_same_content_same_id_in_another_folder(kleinregion, neue_region):
    first = kleinregion.build().bestand
    other = neue_region("umgezogen")
    shutil.copytree(kleinregion.ordner, other.ordner)
    again = build.build(other.ordner)
    assert again.bestand == first
    assert not again.neu
    other.arbeit[0][2] = 61
    assert other.build().bestand != first


def test_findings_survive_storing(kleinregion):
    kleinregion.seiten["arbeit"] = kleinregion.seiten["arbeit"].replace(
        "hoechstens_tage: 31", "hoechstens_tage: 0"
    )
    kleinregion.arbeit += [["A 1a", "30.06.2022", 1, "1,0"]]
    first, again = kleinregion.build(), build.build(kleinregion.ordner)
    assert (first.neu, again.neu) == (True, False)
    assert again.befunde == first.befunde
    assert str(first.befunde[0]).startswith(
        "arbeit.csv, Zeile 22, Spalte 2 „Stichtag“: Der Stichtag 30.06.2022"
    )


def test_lock_of_an_open_workbook_is_no_delivery(kleinregion):
    kleinregion.schreibe()
    (kleinregion.lieferungen / "register" / "~$Register_2023-12-31.xlsx").write_bytes(b"gesperrt")
    assert build.build(kleinregion.ordner).neu


def test_dataset_without_any_reference_date_is_a_fault(kleinregion):
    for row in kleinregion.arbeit:
        row[1] = "31.12.2003"
    assert any("Keine Zeile der Lieferungen gehört zu einem Stichtag" in text for text in faults(kleinregion))


def test_deliveries_of_an_older_snapshot_make_it_current_again(kleinregion):
    old = kleinregion.build().bestand
    delivery = kleinregion.lieferungen / "arbeit.csv"
    good = delivery.read_bytes()
    delivery.write_bytes(good.replace(b";60;", b";61;", 1))
    assert build.build(kleinregion.ordner).bestand != old
    delivery.write_bytes(good)
    again = build.build(kleinregion.ordner)
    assert (again.bestand, again.neu) == (old, False)
    assert kleinregion.daten().ordner.name == old
