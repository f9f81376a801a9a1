"""Audiences: what each store holds, and that the public folder holds nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from filelock import Timeout
from leser import Leser
from seitenlauf import lege_seite

from sozialanalyse import build, store
from sozialanalyse.base import settings
from sozialanalyse.base.errors import BestandFehler, DatenFehler
from sozialanalyse.geheimhaltung import register, schuetze
from sozialanalyse.region.catalogue import lade_katalog
from sozialanalyse.region.region import lade_region

KOMMUNE = "kommune:05999008"


@pytest.fixture
def drei(kleinregion):
    """W 3 has 12 unemployed, everybody else more; a Kommune may see counts from 5 of its own."""
    kleinregion.region_yml = (
        kleinregion.region_yml.replace(
            "agentur: {mindestfallzahl: 10,", "agentur: {mindestfallzahl: 20, mindestfallzahl_kommune: 5,"
        ).replace("rechtstexte:", "rechtstexte:")
        + 'kommunen_bestaende: ["05999008"]\n'
    )
    kleinregion.schreibe()
    build.build(kleinregion.ordner)
    return kleinregion


def shown(daten: store.Daten) -> set[tuple[str, str]]:
    frame = daten.werte("ALO", level=None).dropna(subset="wert")
    return set(zip(frame["gebiet_id"], frame["stichtag"], strict=True))


def test_own_kommune_sees_more_than_the_public_and_less_than_the_inside(drei):
    inside, public, own = (
        shown(store.load(drei.ordner, name)) for name in ("intern", "oeffentlich", KOMMUNE)
    )
    assert public < own < inside
    assert {area for area, _ in own - public} <= {"W 1", "W 2", "W 3", "05999008"}
    assert ("W 3", "2023-12-31") in own - public


def test_every_public_value_is_in_the_own_store_as_well(drei):
    """So who holds both knows no more than who holds the own one, and that was attacked."""
    public = store.load(drei.ordner, "oeffentlich").werte(level=None)
    own = store.load(drei.ordner, KOMMUNE).werte(level=None)
    there = public["wert"].notna()
    assert own.loc[there, "wert"].equals(public.loc[there, "wert"])


def test_unknown_audiences_are_refused(drei):
    for name in ("alle", "kommune:Ahausen", "kommune:5999008", ""):
        with pytest.raises(DatenFehler):
            store.load(drei.ordner, name)
    with pytest.raises(BestandFehler, match="kommunen_bestaende"):
        store.load(drei.ordner, "kommune:05999004")


def test_public_folder_holds_only_what_is_public(drei, tmp_path):
    region = store.freigabe(lade_region(drei.ordner), tmp_path / "frei")
    files = {
        path.relative_to(tmp_path / "frei").as_posix()
        for path in (tmp_path / "frei").rglob("*")
        if path.is_file()
    }
    assert not [name for name in files if "intern" in name or "kommune-" in name or "lieferungen" in name]
    assert {Path(name).suffix for name in files} <= {".yml", ".json", ".parquet", ""}
    again = store.freigabe(lade_region(drei.ordner), tmp_path / "frei")
    assert again.ordner == region.ordner
    for name in ("foerderung.yml", "intern.yml"):
        (drei.ordner / name).write_text("x: 1")
    shown = [
        store.freigabe(lade_region(drei.ordner), tmp_path / "frei", dateien=["foerderung.yml"]).ordner
        for _ in range(2)
    ]
    assert {path.name for path in shown[1].glob("*.yml")} == {"region.yml", "foerderung.yml"}
    (drei.ordner / "foerderung.yml").unlink()
    gone = store.freigabe(lade_region(drei.ordner), tmp_path / "frei", dateien=["foerderung.yml"])
    assert {path.name for path in gone.ordner.glob("*.yml")} == {"region.yml"}
    (drei.ordner / "intern.yml").unlink()


def test_folder_of_a_kommune_holds_the_public_part_and_its_own(drei):
    place = lade_region(drei.ordner)
    region = store.freigabe(place, audience=KOMMUNE)
    folder = store.freigabeordner(place, KOMMUNE)
    assert folder != store.freigabeordner(place)
    parts = {path.name for path in folder.glob("bestand/*/*/*") if path.is_dir()}
    assert parts == {"oeffentlich", KOMMUNE.replace(":", "-")}
    whole = {one: store.load(drei.ordner, one).werte(level=None) for one in ("oeffentlich", KOMMUNE)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(folder))
        for audience, values in whole.items():
            pd.testing.assert_frame_equal(store.load(region.ordner, audience).werte(level=None), values)
        with pytest.raises(BestandFehler):
            store.load(region.ordner, "intern")


def test_public_folder_follows_what_editors_write(drei, tmp_path):
    for folder in ("themen", "redaktion"):
        (drei.ordner / folder).mkdir()
        (drei.ordner / folder / "a.yml").write_text("a", "utf-8")
        (drei.ordner / folder / "b.yml").write_text("b", "utf-8")
    place = store.freigabe(lade_region(drei.ordner), tmp_path / "frei").ordner
    (drei.ordner / "themen" / "a.yml").write_text("neu", "utf-8")
    (drei.ordner / "themen" / "b.yml").unlink()
    store.freigabe(lade_region(drei.ordner), tmp_path / "frei")
    found = {path.relative_to(place).as_posix(): path.read_text("utf-8") for path in place.glob("*/*")}
    assert found == {"themen/a.yml": "neu", "redaktion/a.yml": "a", "redaktion/b.yml": "b"}


def test_several_services_may_bring_the_public_folder_up_to_date_at_once(drei, tmp_path):
    for folder in ("themen", "redaktion"):
        (drei.ordner / folder).mkdir()
        for name in "abcdef":
            (drei.ordner / folder / f"{name}.yml").write_text(name, "utf-8")
    place = lade_region(drei.ordner)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: store.freigabe(place, tmp_path / "frei").ordner, range(24)))
    assert set(done) == {tmp_path / "frei" / "region"}
    assert not list((tmp_path / "frei").rglob(".neu-*"))


def test_public_folder_stays_whole_when_bringing_it_up_to_date_fails(drei, tmp_path, monkeypatch):
    target = tmp_path / "frei"
    stores = target / "bestand" / "musterland"
    store.freigabe(lade_region(drei.ordner), target)
    before = store.aktueller(stores)
    drei.arbeit[0][2] = 61
    drei.build()
    seen = []

    def full(path: Path) -> None:
        seen.append(store.aktueller(stores))
        raise OSError(28, "Kein Platz mehr")

    with monkeypatch.context() as patch:
        patch.setattr(store.schreiben, "_sync", full)
        with pytest.raises(BestandFehler, match="der bisherige Bestand bleibt gültig"):
            store.freigabe(lade_region(drei.ordner), target)
    assert seen == [before]
    assert store.aktueller(stores) == before
    assert store.unversehrt(stores / before)
    assert not list(stores.glob(".*"))
    (stores / ".neu-0123").mkdir()  # what a killed copy leaves behind
    store.freigabe(lade_region(drei.ordner), target)
    assert store.aktueller(stores) not in (None, before)
    assert not list(stores.glob(".*"))


def test_a_damaged_public_folder_is_mended_beside(drei, tmp_path, monkeypatch):
    """The damaged snapshot steps aside only when the new one lies ready, and under the lock."""
    store.freigabe(lade_region(drei.ordner), tmp_path / "frei")
    stores = tmp_path / "frei" / "bestand" / "musterland"
    place = stores / str(store.aktueller(stores))
    (place / "indikatoren.json").write_text("[]", encoding="utf-8")
    ready = []
    swap = store.schreiben._swap

    def watched(beside: Path, target: Path) -> None:
        ready.append((store.unversehrt(beside), target.exists()))
        with pytest.raises(Timeout):
            store.schreiben._allein(stores).acquire(timeout=0)
        swap(beside, target)

    monkeypatch.setattr(store.schreiben, "_swap", watched)
    store.freigabe(lade_region(drei.ordner), tmp_path / "frei")
    assert ready == [(True, True)]
    assert store.unversehrt(place)


def test_a_cell_that_tries_is_refused(drei, tmp_path):
    """A notebook of the public service, whatever it asks for, in a process of its own."""
    store.freigabe(lade_region(drei.ordner), tmp_path / "frei")
    cell = """
import pathlib, os, sozialanalyse
assert sozialanalyse.load(audience="oeffentlich").matrix().shape[0] == 9
for audience in ("intern", "kommune:05999008"):
    try:
        sozialanalyse.load(audience=audience)
    except Exception as error:
        print(type(error).__name__)
root = pathlib.Path(os.environ["SOZIALANALYSE_DATEN"])
print(len([p for p in root.rglob("*") if "intern" in p.parts or "lieferungen" in p.parts]))
"""
    environment = {
        "SOZIALANALYSE_REGION": str(tmp_path / "frei" / "region"),
        "SOZIALANALYSE_DATEN": str(tmp_path / "frei"),
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", cell],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["BestandFehler", "BestandFehler", "0"]


def test_folders_that_are_not_public_are_closed_to_other_users(drei):
    folder = store.load(drei.ordner, "intern").ordner
    assert (folder / "intern").stat().st_mode & 0o077 == 0
    assert (folder / "kommune-05999008").stat().st_mode & 0o077 == 0


def test_internal_minimum_count(drei):
    inside = store.load(drei.ordner, "intern")
    text = (drei.ordner / "region.yml").read_text(encoding="utf-8")
    assert inside.werte("ALO")["wert"].notna().all()
    (drei.ordner / "region.yml").write_text(
        text.replace("mindestfallzahl: 20,", "mindestfallzahl: 20, mindestfallzahl_intern: 15,"),
        encoding="utf-8",
    )
    build.build(drei.ordner)
    assert ("W 3", "2023-12-31") not in shown(store.load(drei.ordner, "intern"))


def test_public_values_do_not_depend_on_the_order_of_rows(drei):
    from sozialanalyse.region.catalogue import lade_katalog

    region = lade_region(drei.ordner)
    katalog, inside = lade_katalog(region), store.load(drei.ordner, "intern")
    werte, gebiete = inside.werte(level=None), inside._gebiete
    one = schuetze(werte, gebiete, katalog, region.seite.sperrprofile, "oeffentlich").werte
    mixed = werte.sample(frac=1, random_state=3)
    two = schuetze(mixed, gebiete, katalog, region.seite.sperrprofile, "oeffentlich").werte.sort_index()
    assert one["wert"].isna().equals(two["wert"].isna())


def test_a_kommune_is_taken_for_a_reader_of_all_earlier_public_pages(drei, monkeypatch):
    public = drei.daten("oeffentlich").werte(level=None)
    folder = settings.registerordner(drei.ordner, "musterland")
    register.verzeichne(folder, public, bestand="frueher", audience="oeffentlich", am=date(2026, 1, 5))
    told = Counter()

    def spy(*given, **more):
        told[given[4]] += len(more["bekannt"])
        return schuetze(*given, **more)

    monkeypatch.setattr(build.geheimhaltung, "schuetze", spy)
    build.build(drei.ordner)
    assert told["oeffentlich"] == told[KOMMUNE] == 2 * public["wert"].notna().sum()


def test_pages_of_a_kommune_withstand_a_reader(drei, tmp_path, monkeypatch):
    """What it may not see even of its own areas stays as wide as its rules ask; one number too many is noticed."""
    for name, value in (("SOZIALANALYSE_REGION", str(drei.ordner)), ("SOZIALANALYSE_STATISCH", "1")):
        monkeypatch.setenv(name, value)
    inside, own = drei.daten("intern"), store.load(drei.ordner, KOMMUNE)
    lege_seite(own, tmp_path / "aus", "kommunalprofil", audience=KOMMUNE, kommune="05999008")
    goals = schuetze(
        inside.werte(level=None), inside._gebiete, lade_katalog(inside.region), inside.region.seite.sperrprofile, KOMMUNE,
        merkmale=inside.merkmale(), oeffentliche=drei.daten("oeffentlich").werte(level=None),
    ).ziele  # fmt: skip
    attacker, day = Leser(inside, own, {}, goals), inside.stichtage[-1]
    reader = attacker.leser().lies(tmp_path / "aus").miss()
    found = attacker.urteile(reader, day)
    assert found.gelesen > 40
    assert found.ziele > 0
    assert (found.verraten, found.zu_eng, found.genau) == ((), (), 0)
    secret = goals[(goals["stichtag"] == day) & (goals["art"] == "zahl")].iloc[0]
    known = inside.werte(stichtag=day, level=None).set_index(["gebiet_id", "indikator_id"])["zaehler"]
    count = known[secret["gebiet_id"], secret["indikator_id"]]
    line = f"{secret['gebiet_id']},{secret['indikator_id']},{day},{count:.0f}"
    (tmp_path / "leck.csv").write_text(f"Kennung,indikator_id,stichtag,Fälle\n{line}\n", "utf-8")
    assert attacker.urteile(reader.lies(tmp_path / "leck.csv"), day).genau >= 1
