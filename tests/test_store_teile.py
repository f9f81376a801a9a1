"""A snapshot grows date by date: no table is ever whole in memory, and nobody looks in while it grows."""

from __future__ import annotations

import os
import stat

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sozialanalyse import build, store
from sozialanalyse.store import Teile


def frame(*areas: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"gebiet_id": pd.Categorical(areas), "wert": range(len(areas)), "roh": ["x"] * len(areas)}
    )


def test_parts_come_back_as_they_were_added(tmp_path):
    with Teile(tmp_path) as teile:
        teile.haenge_an("a/b.parquet", ("d", "2020-12-31"), frame("A", "B"))
        teile.haenge_an("a/b.parquet", ("d", "2021-12-31"), frame("C"))
        teile.haenge_an("a/b.parquet", ("e", "2021-12-31"), frame("A"))
        teile.haenge_an("a/c.parquet", ("e", "2021-12-31"), frame())
    found = teile.lies(["a/b.parquet"], "2021-12-31", ["gebiet_id", "wert"])
    assert [part["gebiet_id"].tolist() for part in found] == [["C"], ["A"]]
    assert found[0].columns.tolist() == ["gebiet_id", "wert"]
    assert teile.zeilen("a") == 4
    assert teile.dateien("a") == ["a/b.parquet"]
    assert teile.lies(["a/b.parquet"], "2022-12-31") == []
    whole = pd.read_parquet(tmp_path / "a/b.parquet")
    assert whole["gebiet_id"].tolist() == ["A", "B", "C", "A"]
    assert isinstance(whole["gebiet_id"].dtype, pd.CategoricalDtype)
    teile.entferne("a")
    assert not (tmp_path / "a").exists()
    assert teile.zeilen("a") == 0


def test_only_one_date_is_in_memory_at_a_time(kleinregion, monkeypatch):
    real, dates = Teile.haenge_an, []

    def seen(self, datei, schluessel, part):
        if "stichtag" in part:  # tables of what was found have no cells
            dates.append(set(part["stichtag"].astype("str")))
        real(self, datei, schluessel, part)

    monkeypatch.setattr(Teile, "haenge_an", seen)
    kleinregion.build()
    assert set.union(*dates) == {"2021-12-31", "2023-12-31"}
    assert max(map(len, dates)) == 1
    (path,) = kleinregion.bestand.glob("*/intern/merkmale.parquet")
    assert pq.ParquetFile(path).num_row_groups == 2 * 2  # datasets x dates


def test_nobody_else_reads_a_snapshot_that_grows(kleinregion, monkeypatch):
    real, modes = build._Arbeit._protect, []

    def watched(self):
        modes.append(stat.S_IMODE(self.teile.ordner.stat().st_mode))
        return real(self)

    monkeypatch.setattr(build._Arbeit, "_protect", watched)
    result = kleinregion.build()
    assert modes == [0o700]
    assert stat.S_IMODE(result.ordner.stat().st_mode) & 0o055  # the public part must be found
    assert stat.S_IMODE((result.ordner / "intern").stat().st_mode) == 0o700
    assert not (result.ordner / "roh").exists()


def test_the_public_part_can_be_read_by_a_service_and_no_other(kleinregion):
    """A service runs under an account of its own: it reads what is public, and cannot look into the rest."""
    kleinregion.region_yml += "kommunen_bestaende: alle\n"
    before = os.umask(0o022)
    try:
        result = kleinregion.build()
    finally:
        os.umask(before)
    modes = {
        folder.name: stat.S_IMODE(folder.stat().st_mode)
        for folder in result.ordner.iterdir()
        if folder.is_dir()
    }
    assert modes.pop("oeffentlich") == 0o755
    assert len(modes) == 1 + len(kleinregion.kommunen)
    assert set(modes.values()) == {0o700}
    public = result.ordner / "oeffentlich"
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o044 == 0o044 for path in public.rglob("*"))


def test_a_check_leaves_nothing_behind(kleinregion, tmp_path, monkeypatch):
    work = tmp_path / "arbeit"
    work.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(work))
    kleinregion.schreibe()
    before = sorted(kleinregion.ordner.parent.rglob("*"))
    found = build.pruefe(kleinregion.ordner)
    assert [befund.regel for befund in found] == ["wiederholt"], "its register is the same at both dates"
    assert sorted(kleinregion.ordner.parent.rglob("*")) == before
    assert not list(work.iterdir())


@pytest.mark.parametrize("art", ["intern", "oeffentlich"])
def test_values_stand_date_by_date(gebaut, art):
    (path,) = gebaut.bestand.glob(f"*/{store.werte(art, 'arbeit')}")
    days = [
        set(pq.ParquetFile(path).read_row_group(group, columns=["stichtag"]).to_pandas()["stichtag"])
        for group in range(pq.ParquetFile(path).num_row_groups)
    ]
    assert days == [{"2021-12-31"}, {"2023-12-31"}]
