"""Records as a table, what changed between snapshots, the files they are written to, the choice of runs."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from sozialanalyse import cli, publish
from sozialanalyse.publish import protokolltafel as protokolle
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.seiten import Lauf
from sozialanalyse.seiten.cluster import ClusterParameter


def record(name: str, bestand: str, day: int, ergebnis: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        **{
            "notebook": "cluster",
            "name": name,
            "audience": "oeffentlich",
            "status": "fertig",
            "sekunden": 2.5,
        },
        **{"beginn": f"2024-01-{day:02}T08:00:00+00:00", "fingerabdruck": {"bestand": bestand}},
        **{"parameter": {"typen": 4}, "ergebnis": ergebnis, "zellzeit": 1.0, "version": "1", "grund": "neu"},
        **{"speicher_mb": None, "versuche": 1, "zelle": "", "fehler": "", "abhilfe": "", **more},
    }


RECORDS = [
    record("a", "b1", 1, {"typen": 4, "guete": 0.5, "name": "alt", "weg": 1, "gleich": 7}),
    record("a", "b2", 2, {"typen": 5, "guete": 0.25, "name": "neu", "dazu": 2, "gleich": 7}),
    record("a", "b3", 3, {}, status="fehler", fehler="Division durch null"),
    record("einmal", "b1", 1, {"typen": 4}),
    record("ruhig", "b1", 1, {"typen": 4}),
    record("ruhig", "b2", 2, {"typen": 4}),
    record("drei", "b0", 1, {"typen": 2}),
    record("drei", "b1", 2, {"typen": 3}),
    record("drei", "b2", 3, {"typen": 6}),
]


@pytest.fixture
def ergebnisse(tmp_path: Path) -> Path:
    folder = tmp_path / "aus"
    ablage = Ablage(folder)
    for entry in RECORDS:
        place = f"oeffentlich/protokolle/{entry['fingerabdruck']['bestand']}/cluster/{entry['name']}.json"
        ablage.schreibe(place, json.dumps(entry))
    ablage.schreibe("oeffentlich/protokolle/b1/cluster/kaputt.json", "{")
    return folder


@pytest.fixture
def tabelle(ergebnisse: Path) -> pd.DataFrame:
    return protokolle.tabelle(Ablage(ergebnisse))


def test_newest_first_and_unreadable_records_left_out(tabelle: pd.DataFrame) -> None:
    assert len(tabelle) == len(RECORDS)
    assert tabelle["beginn"].is_monotonic_decreasing
    assert tuple(tabelle.columns) == protokolle.SPALTEN
    assert tabelle.loc[0, ["name", "bestand"]].tolist() == ["a", "b3"]


def test_changes_are_those_of_the_newest_two_good_runs(tabelle: pd.DataFrame) -> None:
    """By hand: a failed run is not compared, neither is one alone; of three only the last two count."""
    found = protokolle.aenderungen(tabelle).set_index(["name", "groesse"])
    assert set(found.index) == {
        *(("a", key) for key in ("typen", "guete", "name", "weg", "dazu")),
        ("drei", "typen"),
    }
    assert found.loc[("a", "typen"), ["vorher", "jetzt", "differenz"]].tolist() == [4, 5, 1]
    assert found.loc[("a", "guete"), "differenz"] == -0.25
    assert found.loc[("drei", "typen"), ["vorher", "jetzt", "differenz"]].tolist() == [3, 6, 3]
    for key, column in (("name", "differenz"), ("weg", "jetzt"), ("dazu", "vorher"), ("weg", "differenz")):
        assert pd.isna(found.loc[("a", key), column])
    assert set(found["bestand_vorher"]) == {"b1"}
    assert set(found["bestand"]) == {"b2"}


def test_changes_of_nothing_and_of_equal_results_are_none(tabelle: pd.DataFrame) -> None:
    for none in (tabelle.head(0), tabelle[tabelle["name"] == "ruhig"]):
        assert protokolle.aenderungen(none).empty
        assert len(protokolle.zeilen_der_aenderungen(protokolle.aenderungen(none), 5)) == 1


def test_yes_and_no_have_no_difference() -> None:
    rows = [record("a", "b1", 1, {"stabil": True}), record("a", "b2", 2, {"stabil": False})]
    found = protokolle.aenderungen(pd.DataFrame(rows).assign(bestand=["b1", "b2"]))
    assert found["differenz"].isna().all()
    assert len(found) == 1


def test_changes_are_told_as_a_german_reader_writes_them(tabelle: pd.DataFrame) -> None:
    lines = protokolle.zeilen_der_aenderungen(protokolle.aenderungen(tabelle), 20)
    assert "cluster/a: guete 0,5 → 0,25 (−0,25)" in lines
    assert "cluster/a: weg 1 → –" in lines


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".csv":
        return pd.read_csv(path)
    return pd.DataFrame(map(json.loads, path.read_text("utf-8").splitlines()))


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".jsonl"])
def test_table_holds_every_record(
    ergebnisse: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / f"tabelle{ending}"
    assert cli.main(["runs", "--out", str(ergebnisse), "--table", str(target)]) == 0
    assert f"{len(RECORDS)} Läufe" in capsys.readouterr().out
    found = read(target)
    assert list(found.columns) == list(protokolle.SPALTEN)
    assert len(found) == len(RECORDS)
    row = found[(found["name"] == "a") & (found["bestand"] == "b2")].iloc[0]
    results = json.loads(row["ergebnis"]) if ending != ".jsonl" else row["ergebnis"]
    assert results == RECORDS[1]["ergebnis"]
    assert pd.to_datetime(row["beginn"], utc=True) == pd.Timestamp("2024-01-02 08:00", tz="UTC")
    assert row["sekunden"] == 2.5


def test_table_of_a_choice(ergebnisse: Path, tmp_path: Path) -> None:
    target = tmp_path / "tabelle.csv"
    arguments = ["runs", "--out", str(ergebnisse), "--table", str(target)]
    assert cli.main([*arguments, "--failed"]) == 0
    assert read(target)["bestand"].tolist() == ["b3"]
    assert cli.main([*arguments, "--only", "drei"]) == 0
    assert read(target)["bestand"].tolist() == ["b2", "b1", "b0"]


def test_table_of_another_kind_is_refused(
    ergebnisse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "tabelle.xlsx"
    assert cli.main(["runs", "--out", str(ergebnisse), "--table", str(target)]) == 1
    assert "Die Endung muss .parquet, .csv oder .jsonl sein" in capsys.readouterr().err
    assert not target.exists()


@pytest.mark.parametrize(
    ("ausdruck", "meant"),
    [
        ("armut", True),
        ("cluster", True),
        ("uster/arm", True),
        ("wohnen", False),
        ("cluster/*", True),
        ("armut*", False),  # a pattern is the whole name
        ("*2023-12-31", True),
        ("*2021*", False),
        ("typen=4", True),
        ("typen=40", False),
        ("typen=", False),
        ("themen=armut", True),
        ("themen=wohnen", False),
        ("themen=arm", False),  # a value is a whole one
        ("kommune=", True),
        ("wohnen,armut", True),
        ("wohnen,integration", False),
        ("armut typen=4", True),
        ("armut typen=5", False),
        ("typen=5,typen=4 armut,wohnen", True),
        ("unbekannt=4", False),
    ],
)
def test_expressions(ausdruck: str, meant: bool) -> None:
    """The same choice whether asked of a run or of its record."""
    values = ClusterParameter(themen=["armut", "gesundheit"], typen=4)
    run = Lauf("cluster", "armut_2023-12-31", values)
    kept = SimpleNamespace(notebook=run.notebook, name=run.name, parameter=values.model_dump(mode="json"))
    assert publish.passt(run, ausdruck) is meant
    assert publish.passt(kept, ausdruck) is meant
