"""One Kommune of a real region, alone: nothing lies beside it, and every page is made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import lauf
import pandas as pd
import pytest
import regeln
from bestaende import REGIONEN

from sozialanalyse import seiten, store
from sozialanalyse.publish import einband
from sozialanalyse.region.region import lade_region

BEZIRK = "01"


def bezirk(quelle: Path, ziel: Path) -> Path:
    """Region and deliveries of Berlin's first Bezirk."""
    shutil.copytree(REGIONEN / "berlin", ziel)
    page = ziel / "region.yml"
    page.write_text(
        page.read_text("utf-8").replace("${SOZIALANALYSE_REALDATEN}/berlin", "lieferungen"), "utf-8"
    )
    (ziel / "lieferungen").mkdir()
    for name, column in (("mss_panel_2013_2019.csv", "plr_id"), ("einwohner_2015_2020.csv", "id")):
        rows = pd.read_csv(quelle / name, dtype=str, keep_default_na=False)
        rows[rows[column].str.startswith(BEZIRK)].to_csv(ziel / "lieferungen" / name, index=False)
    shapes = json.loads((quelle / "planungsraeume.geojson").read_text("utf-8"))
    shapes["features"] = [one for one in shapes["features"] if one["properties"]["id"].startswith(BEZIRK)]
    (ziel / "lieferungen" / "planungsraeume.geojson").write_text(json.dumps(shapes), "utf-8")
    return ziel


@pytest.mark.realdaten
def test_one_bezirk_alone_gives_all_pages(realdaten: Path, tmp_path: Path) -> None:
    region = bezirk(realdaten / "berlin", tmp_path / "bezirk")
    with lauf.umgebung(tmp_path, region):
        code, said = lauf.rufe("check", "--region", str(region))
        assert code == 0, said
        code, said = lauf.rufe("build", "--region", str(region))
        assert code == 0, said
        daten = store.load(lade_region(region), "oeffentlich")
        assert list(daten.gebiete("kommune").index) == [BEZIRK]
        words = {"kommune": ("Bezirk", "Bezirke", "Bezirken", "m")}
        drawn = SimpleNamespace(worte=words, formen=True, kommunen=[BEZIRK], gebiete=daten.gebiete())
        found = lauf.Ergebnis(drawn, region, daten={"oeffentlich": daten})
        planned = found.plan("oeffentlich")
        assert {one.notebook for one in planned} >= {
            name for name, kind in seiten.seiten().items() if not (kind.freiwillig or kind.nur_bedient)
        }
        found.seiten = [
            lauf.mache(one, daten, einband.gesamtberichte(planned)) for one in lauf.auswahl(planned, 0, 1)
        ]
    assert found.seiten
    assert [
        *regeln.seiten(found),
        *regeln.deutsch(found),
        *regeln.behauptungen(found),
        *regeln.verweise(found),
    ] == []
