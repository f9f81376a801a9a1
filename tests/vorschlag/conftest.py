"""A small invented region for deliveries of all kinds."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from sozialanalyse.region.region import Region, lade_region
from sozialanalyse.vorschlag import Entwurf, entwirf

GEBIETE = {
    "N 1": ("Anger", "09999001"), "N 2": ("Berg", "09999001"), "N 3": ("Mitte", "09999001"),
    "N 4": ("Dorf", "09999001"), "S 1": ("Esch", "09999002"), "S 2": ("Furt", "09999002"),
    "S 3": ("Mitte", "09999002"), "S 4": ("Hafen", "09999002"), "S 5": ("Insel", "09999002"),
}  # fmt: skip
KOMMUNEN = {"09999001": ("Nordstadt", "N"), "09999002": ("Südstadt", "S")}
EW = [1250, 980, 2100, 640, 1800, 3205, 415, 990, 1333]
KINDER = [210, 150, 400, 95, 301, 640, 60, 155, 222]

REGION = """
id: probekreis
name: Probekreis
herausgeber: Probekreis
schluessel_region: "09999"
ebenen:
  region: {einzahl: Kreis, mehrzahl: Kreise, dativ: Kreisen, genus: m}
  kommune: {einzahl: Kommune, mehrzahl: Kommunen, dativ: Kommunen}
  sozialraum: {einzahl: Sozialraum, mehrzahl: Sozialräume, dativ: Sozialräumen, genus: m}
schluessel: {sozialraum: {muster: '[NS] \\d', beschreibung: Kürzel und Nummer, kuerzel: true}}
gebiete:
  - {ebene: kommune, datei: k.csv, id: id, name: name, kuerzel: kz}
  - {ebene: sozialraum, datei: g.csv, id: id, name: name, oberhalb: ags}
stichtage: [2021-12-31, 2022-12-31, 2023-12-31]
themen:
  - {id: demographie, name: Demographie}
  - {id: wohnen, name: Wohnen}
symbolprofile:
  standard: {"-": {status: null_exakt}, "*": {status: geheim}, "x": {status: nicht_sinnvoll}, "": {status: unbekannt}}
  anders: {"-": {status: null_exakt}, "x": {status: geheim}, "": {status: unbekannt}}
sperrprofile:
  melde: {mindestfallzahl: 3, mindestnenner: 30}
  streng: {mindestfallzahl: 10, mindestnenner: 100}
"""


class Probekreis:
    """The region, and what becomes of a file laid into its deliveries."""

    def __init__(self, ordner: Path) -> None:
        self.ordner, self.lieferungen = ordner, ordner / "lieferungen"
        (ordner / "indikatoren").mkdir(parents=True)
        self.lieferungen.mkdir()
        (ordner / "region.yml").write_text(REGION, encoding="utf-8")
        towns = [f"{key};{name};{short}" for key, (name, short) in KOMMUNEN.items()]
        areas = [f"{key};{name};{town}" for key, (name, town) in GEBIETE.items()]
        (ordner / "k.csv").write_text("\n".join(["id;name;kz", *towns]), encoding="utf-8")
        (ordner / "g.csv").write_text("\n".join(["id;name;ags", *areas]), encoding="utf-8")

    @property
    def region(self) -> Region:
        return lade_region(self.ordner)

    def text(self, name: str, lines: list[str], kodierung: str = "utf-8") -> Path:
        path = self.lieferungen / name
        path.write_bytes("\r\n".join(lines).encode(kodierung) + "\r\n".encode(kodierung))
        return path

    def mappe(
        self, name: str, sheets: dict[str, list[list[object]]], verbunden: tuple[str, ...] = ()
    ) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
            for block in verbunden:
                sheet.merge_cells(block)
        path = self.lieferungen / name
        book.save(path)
        return path

    def entwirf(self, path: Path) -> Entwurf:
        return entwirf(path, self.region)

    def zahlen(self, draft: Entwurf, feld: str, tag: str = "2023-12-31") -> dict[str, float]:
        """Known numbers of a field in small areas."""
        frame = draft.probe.merkmale
        own = frame[
            (frame["feld"].astype(str) == f"{draft.seite.id}.{feld}") & (frame["stichtag"].astype(str) == tag)
        ]
        return {
            str(row.gebiet_id): row.wert
            for row in own.itertuples()
            if row.wert == row.wert and str(row.gebiet_id) in GEBIETE
        }


@pytest.fixture
def kreis(tmp_path: Path) -> Probekreis:
    return Probekreis(tmp_path / "probekreis")
