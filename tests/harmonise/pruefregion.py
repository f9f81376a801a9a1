"""Regions for single deliveries: a list of areas, a page, a file as it arrived, and what must come of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import yaml

from sozialanalyse import build, store
from sozialanalyse.base.errors import PruefFehler
from sozialanalyse.region.region import lade_region

KOMMUNEN = {
    "05999002": ("Quellstadt", "Q", "Stadt Quellstadt|Quellstadt, krfr. Stadt|999002"),
    "05999004": ("Ahausen", "A", "Stadt Ahausen"),
    "05999016": ("Herzau", "H", "Herzau, Stadt"),
    "05999036": ("Würselheim (Rhld.)", "W", "Kupferstadt Würselheim"),
}
GEBIETE = {
    "A 1a": "05999004", "A 1b": "05999004", "A 2": "05999004", "A 3": "05999004",
    "W 1": "05999036", "W 2": "05999036", "H 1": "05999016",
}  # fmt: skip


@dataclass
class Pruefregion:
    """A region around one dataset; change its parts, then ``baue()``."""

    ordner: Path
    seite: dict[str, Any]
    dateien: dict[str, bytes | list[list[Any]]]
    """Name below the deliveries -> content; rows become a workbook."""
    verbunden: Mapping[str, Iterable[str]] = field(default_factory=dict)
    """File -> merged ranges."""
    gebiete: Mapping[str, str] = field(default_factory=lambda: dict(GEBIETE))
    namen: Mapping[str, str] = field(default_factory=dict)
    aliase: Mapping[str, str] = field(default_factory=dict)
    stichtage: tuple[str, ...] = ("2023-12-31",)
    umstiege: tuple[dict[str, Any], ...] = ()
    umstiegsdateien: Mapping[str, str] = field(default_factory=dict)
    korrekturen: tuple[dict[str, Any], ...] = ()
    symbole: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    kommunen: Mapping[str, tuple[str, str, str]] = field(default_factory=lambda: dict(KOMMUNEN))
    """Id -> name, short form, aliases."""
    worte: Mapping[str, str] = field(default_factory=dict)
    """Level -> what one area of it is called."""
    kuerzel: bool = True
    """Whether ids of small areas begin with the short form of their Kommune."""

    def schreibe(self) -> None:
        (self.ordner / "indikatoren").mkdir(parents=True, exist_ok=True)
        words = {
            level: {"einzahl": word, "mehrzahl": f"{word}e", "dativ": f"{word}en", "genus": "m"}
            for level in ("region", "kommune", "sozialraum")
            for word in [self.worte.get(level, "x")]
        }
        region = {
            "id": "pruefland", "name": "Kreis Prüfland", "herausgeber": "Kreis Prüfland", "synthetisch": True,
            "ebenen": words, "schluessel_region": "kreis",
            "schluessel": {"sozialraum": {"muster": r"[A-Z]+ \d+[ab]?" if self.kuerzel else ".+", "kuerzel": self.kuerzel}},
            "gebiete": [
                {"ebene": "kommune", "datei": "k.csv", "id": "id", "name": "name", "kuerzel": "kz", "aliase": "aliase"},
                {"ebene": "sozialraum", "datei": "g.csv", "id": "id", "name": "name", "oberhalb": "ags", "aliase": "aliase"},
            ],
            "stichtage": list(self.stichtage), "themen": [{"id": "t", "name": "Thema"}],
            "symbolprofile": {"profil": dict(self.symbole)}, "sperrprofile": {"frei": {"komplement": False}},
            "umstiege": list(self.umstiege),
        }  # fmt: skip
        page = {
            "id": "daten", "name": "Lieferung", "zeile_ist": "ein Gebiet", "quelle": {"anbieter": "Amt", "lizenz": "frei"},
            "dateien": ["*.xlsx", "*.csv"], "symbolprofil": "profil", "sperrprofil": "frei",
            "indikatoren": {
                name.upper(): {"name": name, "thema": "t", "art": "anzahl" if feld.get("summierbar", True) else "wert",
                               "zaehler": name}
                for name, feld in self.seite["felder"].items()
            },
        } | self.seite  # fmt: skip
        _yaml(self.ordner / "region.yml", region)
        _yaml(self.ordner / "indikatoren" / "daten.yml", page)
        if self.korrekturen:
            (self.ordner / "korrekturen").mkdir(exist_ok=True)
            _yaml(self.ordner / "korrekturen" / "k.yml", {"korrekturen": list(self.korrekturen)})
        towns = [f"{key};{name};{short};{aliases}" for key, (name, short, aliases) in self.kommunen.items()]
        areas = [
            f"{key};{self.namen.get(key, '')};{town};{self.aliase.get(key, '')}"
            for key, town in self.gebiete.items()
        ]
        _text(self.ordner / "k.csv", "\n".join(["id;name;kz;aliase", *towns]))
        _text(self.ordner / "g.csv", "\n".join(["id;name;ags;aliase", *areas]))
        for name, content in self.umstiegsdateien.items():
            _text(self.ordner / name, content)
        for name, content in self.dateien.items():
            path = self.ordner / "lieferungen" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                _workbook(path, content, self.verbunden.get(name, ()))

    def baue(self) -> store.Daten:
        self.schreibe()
        build.build(self.ordner)
        return store.load(lade_region(self.ordner), "intern")

    def fehler(self) -> list[str]:
        """Faults of a build that is refused; empty if it is not."""
        self.schreibe()
        try:
            build.build(self.ordner)
        except PruefFehler as error:
            return [str(befund) for befund in error.befunde if befund.schwere == "fehler"]
        return []

    def meldungen(self) -> list[str]:
        """All findings of a build that succeeds."""
        self.schreibe()
        return [str(befund) for befund in build.build(self.ordner).befunde]

    def zahlen(self) -> dict[tuple[str, str, str], float | None]:
        """(area, indicator, date) -> number of the small areas, None for a gap."""
        return {key: value for key, (value, _) in self.werte().items() if key[0] in self.gebiete}

    def werte(self) -> dict[tuple[str, str, str], tuple[float | None, str]]:
        """(area, indicator, date) -> (number or None, status) after harmonising."""
        return werte(self.baue())


def werte(daten: store.Daten) -> dict[tuple[str, str, str], tuple[float | None, str]]:
    frame: pd.DataFrame = daten.werte(level=None)
    return {
        (row.gebiet_id, row.indikator_id, row.stichtag): (
            None if math.isnan(row.wert) else row.wert,
            row.status,
        )
        for row in frame.itertuples()
    }


def _yaml(path: Path, content: object) -> None:
    _text(path, yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


def _text(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")


def _workbook(path: Path, rows: list[list[Any]], merged: Iterable[str]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for block in merged:
        sheet.merge_cells(block)
    book.save(path)
