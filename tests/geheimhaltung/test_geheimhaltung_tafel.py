"""Everything disclosure control decides on one small region, beside the accepted table.

Who changes a rule sees here what it changes: ``python tests/geheimhaltung/test_geheimhaltung_tafel.py`` writes the tables
anew; read their difference before accepting it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from importlib.metadata import version
from pathlib import Path

import fundwelten
import pandas as pd
import pytest
import regelland

from sozialanalyse import build, geheimhaltung, store
from sozialanalyse.publish import schutz
from sozialanalyse.region import lade_katalog
from sozialanalyse.region.region import lade_region

TAFELN = Path(__file__).parent / "tafeln"
ZIELE = ["stichtag", "gebiet_id", "indikator_id", "art", "breite", "geschuetzt", "schon_bekannt"]
WERTE = ["indikator_id", "stichtag", "gebiet_id", "status", "wert", "zaehler", "nenner"]


def tafeln(ordner: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every table: a first publication, then corrected counts under a stricter rule."""
    region = ordner / "regelland"
    regelland.schreibe(region)
    found = build.build(region)
    yield from _tafeln("erste", region, found)
    schutz.verzeichne(lade_region(region), store.load(region, "oeffentlich"))
    regelland.schreibe(region, nachtrag=2, sozial=12)
    found = build.build(region)
    yield from _tafeln("zweite", region, found)
    inside, page = store.load(region, "intern"), lade_region(region)
    areas = pd.concat([inside.verzeichnis(level) for level in ("region", "kommune", "sozialraum")])
    others = geheimhaltung.alternativen(
        inside.werte(level=None), areas, lade_katalog(page), page.seite.sperrprofile, inside.merkmale()
    )
    yield "alternativen", _csv(others.reset_index())


def gefunden() -> Iterator[tuple[str, str]]:
    """Name and text of the table of what is found in invented deliveries."""
    found = [(name, *one) for name, welt in fundwelten.welten() for one in fundwelten.gefunden(welt)]
    table = pd.DataFrame(found, columns=["welt", "art", "was", "wann", "zeilen", "wert"])
    yield "gefunden", str(table.to_csv(index=False, sep=";", float_format="%.6g", lineterminator="\n"))


def _tafeln(name: str, region: Path, found: build.BuildErgebnis) -> Iterator[tuple[str, str]]:
    inside = store.load(region, "intern")
    told = [str(one) for one in found.befunde if one.regel in ("geheimhaltung", "identitaet")]
    yield f"{name}-befunde", "\n".join(told)
    yield f"{name}-identitaeten", _csv(inside.schutz("identitaeten"))
    yield f"{name}-bilanz", _csv(inside.schutz("bilanz"))
    yield f"{name}-ziele", _csv(inside.schutz("ziele")[ZIELE])
    for audience in ("oeffentlich", "kommune:a", "intern"):
        shown = store.load(region, audience).werte(level=None)
        gone = shown[shown["status"] != "wert"] if audience == "intern" else shown
        yield f"{name}-{audience.replace(':', '-')}", _csv(gone[WERTE])


def _csv(frame: pd.DataFrame) -> str:
    ordered = frame.sort_values(list(frame.columns[:3]), kind="stable") if len(frame.columns) > 2 else frame
    return str(ordered.to_csv(index=False, sep=";", float_format="%.6g", lineterminator="\n"))


SOLVER = ("numpy", "scipy", "highspy")
"""Of two choices that hide equally much, another version may take the other one."""


def abweichend(gerechnet: dict[str, str], names: set[str]) -> dict[str, list[str]]:
    """Lines that are not as accepted, by table; each table must be there and say something."""
    if (TAFELN / "VERSION").read_text() != _versions():
        pytest.skip("angenommen sind die Tafeln für eine andere Fassung von numpy, scipy oder highspy")
    assert set(gerechnet) == names
    assert all(len(text.splitlines()) > 1 for text in gerechnet.values())
    accepted = {name: (TAFELN / f"{name}.csv").read_text(encoding="utf-8").splitlines() for name in names}
    found = {name: list(unified_diff(accepted[name], gerechnet[name].splitlines(), n=0)) for name in names}
    return {name: lines for name, lines in found.items() if lines}


ALLE = {path.stem for path in TAFELN.glob("*.csv")}


def test_every_decision_is_the_accepted_one(tmp_path, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(tmp_path / "daten"))
    assert abweichend(dict(tafeln(tmp_path)), ALLE - {"gefunden"}) == {}


def test_what_is_found_is_the_accepted():
    assert abweichend(dict(gefunden()), {"gefunden"}) == {}


def _versions() -> str:
    return "".join(f"{name} {version(name)}\n" for name in SOLVER)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SOZIALANALYSE_DATEN"] = str(Path(folder) / "daten")
        for name, text in [*tafeln(Path(folder)), *gefunden()]:
            (TAFELN / f"{name}.csv").write_text(text, encoding="utf-8")
    (TAFELN / "VERSION").write_text(_versions())
    sys.exit()
