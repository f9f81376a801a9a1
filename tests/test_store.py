"""Snapshots: all or nothing, whole or refused, and nothing hidden in what the public gets."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from sozialanalyse import build, store
from sozialanalyse.base.errors import BestandFehler, DatenFehler
from sozialanalyse.region.region import LEVELS


def folder(region):
    return region.bestand / store.aktueller(region.bestand)


def test_manifest_tells_origin(gebaut):
    manifest = json.loads((folder(gebaut) / "bestand.json").read_text(encoding="utf-8"))
    assert manifest["format"] == store.FORMAT
    assert manifest["zeilen"] == {"intern": 2 * 13 * 6, "oeffentlich": 2 * 13 * 6}
    sources = {row["datei"]: row["sha256"] for row in manifest["quellen"]}
    assert sources["arbeit.csv"] == store.pruefsumme(gebaut.lieferungen / "arbeit.csv")
    assert len(sources) == 3
    assert set(manifest["dateien"]) == {
        p.relative_to(folder(gebaut)).as_posix() for p in folder(gebaut).rglob("*") if p.is_file() and p.name != "bestand.json"
    }  # fmt: skip


@pytest.mark.parametrize("step", ["to_parquet", "_sync", "_make_current", "_write_json"])
def test_failure_in_the_middle_keeps_the_last_snapshot(gebaut, monkeypatch, step):
    good = store.aktueller(gebaut.bestand)
    calls = []

    def fail(*args: object, **options: object) -> None:
        calls.append(args)
        raise OSError(28, "Kein Platz mehr")

    gebaut.arbeit[0][2] = 61
    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame if step == "to_parquet" else store.schreiben, step, fail)
        with pytest.raises(BestandFehler, match=r"Kein Platz mehr.*der bisherige Bestand bleibt gültig"):
            gebaut.build()
    assert calls
    assert store.aktueller(gebaut.bestand) == good
    assert not list(gebaut.bestand.glob(".*"))


def test_failing_rename_of_the_pointer_leaves_no_litter(gebaut, monkeypatch):
    good = store.aktueller(gebaut.bestand)

    def fail(path: object) -> None:
        raise OSError(5, "Lesefehler")

    monkeypatch.setattr(store.schreiben, "_sync", fail)
    with pytest.raises(BestandFehler, match="Lesefehler"):
        store.mache_aktuell(gebaut.bestand, "anderer")
    assert store.aktueller(gebaut.bestand) == good
    assert not list(gebaut.bestand.glob(".*"))


def test_older_snapshots_stay_readable(gebaut):
    old = store.aktueller(gebaut.bestand)
    gebaut.arbeit[9][2] = 120
    new = gebaut.build().bestand
    assert new != old
    counts = [
        store.load(gebaut.ordner, "intern", n)
        .matrix("ALO", "2023-12-31", spalte="zaehler")
        .loc["A 1a", "ALO"]
        for n in (old, new)
    ]
    assert counts == [60, 120]


def test_snapshot_of_another_format(gebaut):
    path = folder(gebaut) / "bestand.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace(f'"format": {store.FORMAT}', '"format": 0'), encoding="utf-8"
    )
    with pytest.raises(BestandFehler, match=f"hat das Format 0, gebraucht wird {store.FORMAT}"):
        gebaut.daten()


@pytest.mark.parametrize(
    "name", ["bestand.json", "gebiete.parquet", "indikatoren.json", "intern/werte/arbeit.parquet"]
)
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_damaged_file_is_refused_and_mended_by_build(gebaut, name, damage):
    path = folder(gebaut) / name
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        half = len(whole) // 2
        path.write_bytes(
            whole[:half] + (b"" if damage == "cut" else bytes([whole[half] ^ 1]) + whole[half + 1 :])
        )
    with pytest.raises(BestandFehler, match="neu erzeugen"):
        gebaut.daten().matrix()
    result = build.build(gebaut.ordner)
    assert result.neu
    assert gebaut.daten().matrix().shape == (9, 5)
    assert not list(gebaut.bestand.glob(".*"))


def test_unknown_and_missing_snapshot(gebaut, monkeypatch):
    with pytest.raises(
        BestandFehler, match=r"Den Bestand „gibtsnicht“ gibt es nicht\. Es gibt: „[0-9a-f]{12}“"
    ):
        store.load(gebaut.ordner, "intern", "gibtsnicht")
    monkeypatch.setenv("SOZIALANALYSE_BESTAND", "woanders")
    with pytest.raises(BestandFehler, match="woanders"):
        gebaut.daten()
    assert not build.build(gebaut.ordner).neu  # an older snapshot someone looks at does not disturb building
    monkeypatch.delenv("SOZIALANALYSE_BESTAND")
    (gebaut.bestand / "aktuell").write_text("", encoding="utf-8")
    with pytest.raises(BestandFehler, match="noch keinen Datenbestand"):
        gebaut.daten()


def test_the_public_never_gets_what_is_hidden(kleinregion):
    kleinregion.arbeit[9][2] = 7  # A 1a, 2023
    kleinregion.arbeit[15][2] = "*"  # SI 1, 2023
    kleinregion.build()
    intern, public = kleinregion.daten(), kleinregion.daten("oeffentlich")
    everything = intern.werte(level=None).set_index(["gebiet_id", "indikator_id", "stichtag"])
    shown = public.werte(level=None).set_index(["gebiet_id", "indikator_id", "stichtag"])
    hidden = shown["status"] == "geheim"
    assert shown.loc[hidden, ["wert", "zaehler", "nenner"]].isna().all(axis=None)
    assert hidden[("A 1a", "ALO", "2023-12-31")]
    assert hidden[("SI 1", "ALO", "2023-12-31")]
    small = everything["zaehler"].between(1, 9) & (everything.index.get_level_values(1) == "ALO")
    assert small.any()
    assert hidden[small].all()
    rest = shown.loc[~hidden, ["wert", "zaehler", "nenner"]]
    assert rest.notna().sum().gt(0).all()
    pd.testing.assert_frame_equal(
        rest.dropna(), everything.loc[~hidden, ["wert", "zaehler", "nenner"]].loc[rest.dropna().index]
    )
    for name in ("wert", "zaehler", "nenner"):
        assert public.matrix("ALO", "2023-12-31", spalte=name).loc[["A 1a", "SI 1"]].isna().all(axis=None)
    count, base = public.faelle(["ALO"], "2023-12-31")
    assert count.loc["A 1a"].isna().all()
    assert base.loc["A 1a"].isna().all()
    with pytest.raises(DatenFehler, match="nur intern"):
        public.befunde()


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda d: d.stichtag("2022-12-31"), "Zum Stichtag 2022-12-31 gibt es keine Daten. Vorhanden: 2021-12-31, 2023-12-31."),
        (lambda d: d.gebiete("ortsteil"), "Die Ebene „ortsteil“ gibt es nicht."),
        (lambda d: d.indikatoren("arbeitt"), "Gemeint ist vielleicht: „arbeit“."),
        (lambda d: d.matrix("AL0"), "Den Indikator „AL0“ gibt es nicht. Gemeint ist vielleicht: „ALO“."),
        (lambda d: d.auswahl(["demographie"], ["ALO"]), "keine Indikatoren mit Werten"),
        (lambda d: store.load(d.region, "presse"), "Die Zielgruppe „presse“ gibt es nicht."),
    ],
)  # fmt: skip
def test_asking_for_what_is_not_there(gebaut, ask, sentence):
    with pytest.raises(DatenFehler) as caught:
        ask(gebaut.daten())
    assert sentence in str(caught.value)


def test_areas_without_shapes_are_the_same_areas(gebaut):
    daten = gebaut.daten()
    for level in LEVELS:
        shaped = daten.gebiete(level)
        assert shaped.crs.to_epsg() == 25832
        pd.testing.assert_frame_equal(daten.verzeichnis(level), pd.DataFrame(shaped.drop(columns="geometry")))


def test_values_of_one_date_and_level_do_not_depend_on_what_was_asked_before(gebaut):
    daten, other = gebaut.daten(), gebaut.daten()
    for day in (*daten.stichtage, None):
        for level in (*LEVELS, None):
            daten.werte(level="kommune")
            kept = daten.werte("ALO", day, level)
            all_days = other.werte(level=None)
            wanted = all_days[all_days["indikator_id"] == "ALO"]
            wanted = wanted if day is None else wanted[wanted["stichtag"] == day]
            if level is not None:
                wanted = wanted[wanted["gebiet_id"].isin(other.verzeichnis(level).index)]
            pd.testing.assert_frame_equal(kept, wanted.reset_index(drop=True))


def test_frames_are_copies(gebaut):
    daten = gebaut.daten()
    frames = (
        daten.werte(level=None),
        daten.gebiete(),
        daten.verzeichnis(),
        daten.matrix(),
        daten.indikatoren(),
    )
    for frame in frames:
        del frame[frame.columns[0]]
    assert daten.matrix().notna().all(axis=None)
    assert daten.gebiete()["level"].eq("sozialraum").all()
    assert daten.verzeichnis()["level"].eq("sozialraum").all()
    assert daten.indikatoren()["datensatz"].notna().all()


def test_matrix_holds_what_the_long_table_holds(gebaut):
    """Areas x indicators, of one level and of all, numbers and status."""
    daten = gebaut.daten("oeffentlich")
    for day in daten.stichtage:
        for level in (*LEVELS, None):
            long = daten.werte(stichtag=day, level=level)
            for column in ("wert", "zaehler", "nenner", "umgerechnet", "status"):
                wide = daten.matrix(list(daten.indikatoren().index), day, level, column)
                areas = daten.verzeichnis(level).index if level else None
                assert areas is None or wide.index.equals(areas)
                for row in long.itertuples():
                    found, told = wide.at[row.gebiet_id, row.indikator_id], getattr(row, column)
                    assert found == told or (pd.isna(found) and pd.isna(told))
                assert wide.notna().sum().sum() == long[column].notna().sum()
