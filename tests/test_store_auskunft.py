"""Where a number comes from, what bounds a hidden one, what holds for all dates, what changed."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from pathlib import Path

import pandas as pd
import pytest

from sozialanalyse import store
from sozialanalyse.base.errors import BestandFehler, DatenFehler
from sozialanalyse.cli import main
from sozialanalyse.store import gemeinsam

sys.path.insert(0, str(Path(__file__).with_name("harmonise")))
from test_harmonise_lieferungen import agentur, fruehere_grenzen

ALT, NEU = "2019-12-31", "2023-12-31"
AHAUSEN = "05999004"


@pytest.fixture
def lager(tmp_path, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(tmp_path / "daten"))
    return tmp_path


def test_origin_of_a_rate(gebaut):
    found = gebaut.daten().herkunft("A 1a", "ALO", NEU)
    assert found[
        ["rolle", "feld", "gebiet_id", "wert", "roh", "datei", "blatt", "zelle"]
    ].to_numpy().tolist() == [
        ["zaehler", "arbeit.alo", "A 1a", 60, "60", "arbeit.csv", "", "Zeile 13, Spalte 3"],
        [
            "nenner",
            "register.einwohner",
            "A 1a",
            1200,
            "1200",
            "register/Register_2023-12-31.xlsx",
            "Bestand",
            "B5",
        ],
    ]
    assert (
        found["sha256"].iloc[0]
        == hashlib.sha256((gebaut.lieferungen / "arbeit.csv").read_bytes()).hexdigest()
    )
    assert found["datenstand"].tolist() == ["2023-12-31", "2023-12-31"]


def test_every_value_adds_up_from_its_cells(gebaut):
    daten = gebaut.daten()
    for row in daten.werte("ALO", level=None).itertuples():
        cells = daten.herkunft(row.gebiet_id, "ALO", row.stichtag)
        sums = (cells["wert"] * cells["anteil"] * cells["vorzeichen"]).groupby(cells["rolle"]).sum()
        assert (sums["zaehler"], sums["nenner"]) == pytest.approx((row.zaehler, row.nenner))


def test_origin_of_a_density_names_the_area(gebaut):
    found = gebaut.daten().herkunft("A 1a", "DICHTE")
    area = found.set_index("feld").loc["gebiet.flaeche_qkm"]
    assert area["wert"] == 1.0
    assert (area[["roh", "datei", "zelle", "sha256"]] == "").all(), "it stands in no file"


def test_origin_of_a_converted_number(lager):
    daten = fruehere_grenzen(lager).baue()
    found = daten.herkunft("A 3", "EW", ALT)
    assert found[["gebiet_id", "anteil", "wert", "zelle"]].to_numpy().tolist() == [
        ["bis2019:A 2", 0.25, 2000, "Zeile 3, Spalte 3"],
        ["bis2019:A 3", 1.0, 1000, "Zeile 4, Spalte 3"],
    ]
    children = daten.herkunft("A 1a", "KIND", ALT).set_index("rolle")
    assert children.loc["zaehler", ["anteil", "wert"]].tolist() == [0.9, 880]  # by the children
    assert children.loc["nenner", ["anteil", "wert"]].tolist() == [0.75, 4400]  # by the people
    total = daten.herkunft(AHAUSEN, "EW", ALT)
    assert (total["wert"] * total["anteil"]).sum() == 7400


def test_origin_is_internal(gebaut):
    for ask in (lambda d: d.herkunft("A 1a", "ALO"), lambda d: d.grenzen(), lambda d: d.korrekturen()):
        with pytest.raises(DatenFehler, match="nur intern zugänglich"):
            ask(gebaut.daten("oeffentlich"))
    with pytest.raises(DatenFehler, match="Das Gebiet „A 9“ gibt es nicht"):
        gebaut.daten().herkunft("A 9", "ALO")


def test_bounds_of_hidden_numbers(lager):
    daten = agentur(lager).baue()
    found = daten.grenzen("U25").set_index("gebiet_id")[["unten", "oben"]]
    # stars are 1 to 9; the delivered total of 24 leaves 24 - 12 - 0 - 1 = 11 for each, so 9 stays
    assert found.loc[["A 1a", "A 2"]].to_numpy().tolist() == [[1, 9], [1, 9]]
    assert AHAUSEN not in found.index  # the total is delivered
    one = daten.grenzen("ALO").set_index("gebiet_id")
    assert one.loc["A 2", ["unten", "oben"]].tolist() == [1, 9]


def test_bounds_of_sums_and_rates(kleinregion):
    kleinregion.region_yml = kleinregion.region_yml.replace(
        '"*": {status: geheim}', '"*": {status: geheim, von: 1, bis: 9}'
    )
    kleinregion.arbeit[9][2], kleinregion.arbeit[15][2] = "*", "<5"
    kleinregion.build()
    found = kleinregion.daten().grenzen("ALO", NEU).set_index("gebiet_id")
    assert found.loc["A 1a", ["zaehler_unten", "zaehler_oben"]].tolist() == [1, 9]
    assert found.loc["A 1a", ["unten", "oben"]].tolist() == pytest.approx([100 / 1200, 900 / 1200])
    assert found.loc["SI 1", ["zaehler_unten", "zaehler_oben"]].tolist() == [0, 4]
    assert found.loc[AHAUSEN, ["zaehler_unten", "zaehler_oben"]].tolist() == [136, 144]
    assert found.loc["05999", ["zaehler_unten", "zaehler_oben"]].tolist() == [
        330 + 1 + 0,
        330 + 9 + 4,
    ]
    assert (
        kleinregion.daten().werte("ALO", NEU, "kommune").set_index("gebiet_id").loc[AHAUSEN, "status"]
        == "unvollstaendig"
    )


def test_a_hidden_number_without_bounds_has_no_upper_bound(kleinregion):
    kleinregion.arbeit[9][2] = "*"
    kleinregion.build()
    row = kleinregion.daten().grenzen("ALO", NEU).set_index("gebiet_id").loc["A 1a"]
    assert row["zaehler_unten"] == 0
    assert math.isnan(row["zaehler_oben"])
    assert row["oben"] == 100  # a part cannot exceed its whole


def test_coarsest_common_areas_need_no_estimate(lager):
    daten = fruehere_grenzen(lager).baue()
    groups = daten.gemeinsame_gebiete()
    assert groups.to_dict() == {
        "A 1a": "A 1a + A 1b", "A 1b": "A 1a + A 1b", "A 2": "A 2 + A 3", "A 3": "A 2 + A 3",
        "W 1": "W 1", "W 2": "W 2", "H 1": "H 1",
    }  # fmt: skip
    found = daten.gemeinsame_werte(["EW", "KIND", "ALTER"]).set_index(
        ["gebiet_id", "indikator_id", "stichtag"]
    )
    assert found.loc[("A 1a + A 1b", "EW", ALT), ["wert", "umgerechnet", "gebiete"]].tolist() == [
        4400,
        False,
        2,
    ]
    assert found.loc[("A 1a + A 1b", "KIND", ALT), ["wert", "zaehler", "nenner"]].tolist() == [20, 880, 4400]
    assert found.loc[("A 2 + A 3", "KIND", ALT), "status"] == "geheim"
    assert found.loc[("A 2 + A 3", "KIND", NEU), "wert"] == pytest.approx(100 * 550 / 3100)
    assert found.loc[("A 2 + A 3", "ALTER", NEU), "status"] == "nicht_sinnvoll"
    assert found.loc[("W 1", "ALTER", ALT), "wert"] == 44
    assert daten.gemeinsame_gebiete(NEU).nunique() == 7  # since then nothing changed


def test_converted_values_are_told_below_every_figure(lager):
    daten = fruehere_grenzen(lager).baue()
    assert "4 Werte auf heutige Grenzen umgerechnet" in daten.kontext(ALT, ["EW"]).fusszeile
    assert "umgerechnet" not in daten.kontext(NEU).fusszeile


def test_what_changed_between_two_snapshots(gebaut, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    old = store.aktueller(gebaut.bestand)
    gebaut.arbeit[9][2], gebaut.arbeit[10][2] = 66, "*"
    new = gebaut.build().bestand
    daten = [store.load(gebaut.ordner, "intern", name) for name in (old, new)]
    found = store.vergleiche(*((d.bestand, d.werte(level=None)) for d in daten))
    assert [
        "arbeit.csv",
        "geändert",
    ] in found.dateien.to_numpy().tolist()  # workbooks carry the hour of saving
    changed = found.werte.set_index(["gebiet_id", "indikator_id"])
    assert set(changed.index) == {("A 1a", "ALO"), ("A 1b", "ALO"), (AHAUSEN, "ALO"), ("05999", "ALO")}
    assert changed.loc[("A 1a", "ALO"), ["art", "alt", "neu", "differenz"]].tolist() == [
        "wert",
        5.0,
        5.5,
        0.5,
    ]
    assert changed.loc[("A 1b", "ALO"), ["art", "status_neu"]].tolist() == ["wert", "geheim"]
    assert main(["snapshots", "--region", str(gebaut.ordner)]) == 0
    listed = capsys.readouterr().out
    assert listed.count("\n") == 3
    assert f"{new}" in next(line for line in listed.splitlines() if "aktuell" in line)
    assert main(["snapshots", old[:6], "--region", str(gebaut.ordner)]) == 0
    out = capsys.readouterr().out
    assert f"Von {old} nach {new}:" in out
    assert "Lieferung geändert: arbeit.csv" in out
    assert "4 Werte verschieden" in out
    assert main(["snapshots", old, new, "--json", "--region", str(gebaut.ordner)]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {row["gebiet_id"] for row in data["werte"]} == {"A 1a", "A 1b", AHAUSEN, "05999"}
    assert main(["snapshots", old, old, "--region", str(gebaut.ordner)]) == 0
    assert "Kein Wert hat sich geändert." in capsys.readouterr().out
    assert main(["snapshots", old[:8], "--aktuell", "--region", str(gebaut.ordner)]) == 0
    assert store.aktueller(gebaut.bestand) == old
    (gebaut.bestand / new / "gebiete.parquet").write_bytes(b"")
    assert main(["snapshots", new, "--aktuell", "--region", str(gebaut.ordner)]) == 1
    assert store.aktueller(gebaut.bestand) == old
    capsys.readouterr()
    assert main(["snapshots", "zzz", "--region", str(gebaut.ordner)]) == 1
    assert "Den Bestand „zzz“ gibt es nicht. Es gibt:" in capsys.readouterr().err


def test_new_and_vanished_values(gebaut):
    daten = gebaut.daten()
    frame = daten.werte(level=None)
    fewer = frame[~((frame["indikator_id"] == "ALO") & (frame["gebiet_id"] == "A 2"))]
    found = store.vergleiche((daten.bestand, frame), (daten.bestand, fewer))
    assert found.werte["art"].tolist() == ["entfallen", "entfallen"]
    back = store.vergleiche((daten.bestand, fewer), (daten.bestand, frame))
    assert back.werte["art"].tolist() == ["neu", "neu"]
    assert back.uebersicht().to_numpy().tolist()[0][:6] == ["ALO", "2021-12-31", 1, 0, 0, 0]
    status = frame.assign(status=frame["status"].where(frame.index != 0, "vorlaeufig"))
    assert store.vergleiche((daten.bestand, frame), (daten.bestand, status)).werte["art"].tolist() == [
        "status"
    ]


def test_corrections_are_listed(gebaut):
    assert gebaut.daten().korrekturen().empty


def test_damaged_snapshot_is_listed_and_not_compared(gebaut):
    name = store.aktueller(gebaut.bestand)
    (gebaut.bestand / name / "bestand.json").write_text("{", "utf-8")
    assert list(store.liste(gebaut.bestand)) == [
        "bestand",
        "erstellt",
        "aktuell",
        "lesbar",
        "dateien",
        "zeilen",
        "version",
    ]
    assert store.liste(gebaut.bestand)[["bestand", "lesbar", "aktuell"]].to_numpy().tolist() == [
        [name, False, True]
    ]
    with pytest.raises(BestandFehler):
        store.load(gebaut.ordner, "intern")


def test_frames_are_plain(gebaut):
    found = gebaut.daten().herkunft("A 1a", "ALO")
    assert isinstance(found, pd.DataFrame)
    assert not [name for name in found if isinstance(found[name].dtype, pd.CategoricalDtype)]


def _gruppe(zeilen, mindestnenner=0.0):
    """Values of the group of two areas, each given as (numerator, denominator, status)."""
    werte = pd.DataFrame(zeilen, columns=["zaehler", "nenner", "status"]).assign(
        gebiet_id=["A 1", "A 2"], indikator_id="Q", stichtag=NEU, umgerechnet=False
    )
    shown = werte["status"].isin(["wert", "geschaetzt"])
    werte["wert"] = (100 * werte["zaehler"] / werte["nenner"].where(werte["nenner"] > 0)).where(shown)
    page = pd.DataFrame({"art": ["quote"], "faktor": [100.0], "mindestnenner": [mindestnenner]}, index=["Q"])
    return gemeinsam.zusammengefasst(werte, pd.Series({"A 1": "A", "A 2": "A"}), page).iloc[0]


@pytest.mark.parametrize(
    ("zeilen", "mindestnenner", "erwartet"),
    [
        ([(10, 100, "wert"), (0, 0, "nicht_sinnvoll")], 0, (10, "wert")),  # where nobody lives, nobody is missing
        ([(0, 0, "nicht_sinnvoll"), (0, 0, "nicht_sinnvoll")], 0, (None, "nicht_sinnvoll")),
        ([(10, 100, "wert"), (2, 20, "unsicher")], 50, (10, "wert")),  # too few alone, enough together
        ([(1, 10, "unsicher"), (0, 0, "nicht_sinnvoll")], 50, (None, "unsicher")),
        ([(1, 100, "wert"), (2, 100, "unsicher")], 50, (None, "unsicher")),  # the supplier doubts the number itself
        ([(10, 100, "wert"), (math.nan, 0, "nicht_sinnvoll")], 0, (None, "nicht_sinnvoll")),
        ([(10, 100, "geschaetzt"), (0, 0, "nicht_sinnvoll")], 0, (10, "geschaetzt")),
        ([(10, 100, "wert"), (math.nan, 100, "geheim")], 0, (None, "geheim")),
    ],
)  # fmt: skip
def test_a_group_is_judged_by_its_own_base(zeilen, mindestnenner, erwartet):
    found = _gruppe(zeilen, mindestnenner)
    assert (None if pd.isna(found["wert"]) else found["wert"], found["status"]) == erwartet
