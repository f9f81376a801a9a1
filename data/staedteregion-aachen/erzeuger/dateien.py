"""Writing files whose bytes depend on their content only."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pyogrio
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

ZEITPUNKT = "2024-01-15T08:00:00Z"
Zelle = str | int | float | None


@dataclass
class Blatt:
    """Rows of one sheet, top to bottom; ``verbunden`` lists merged ranges such as ``B4:K4``."""

    name: str
    zeilen: list[list[Zelle]]
    verbunden: list[str] = field(default_factory=list)
    leere_spalten: int = 0
    """Formatted but empty columns to the right of the table."""


def bereich(zeile: int, von: int, bis: int, bis_zeile: int | None = None) -> str:
    """Range in spreadsheet notation; rows and columns count from 1."""
    return f"{get_column_letter(von)}{zeile}:{get_column_letter(bis)}{bis_zeile or zeile}"


def schreibe_xlsx(pfad: Path, *blaetter: Blatt) -> None:
    """Write a workbook with fixed dates inside and in the zip directory."""
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = "Demodaten"
    for blatt in blaetter:
        sheet = book.create_sheet(blatt.name)
        for row in blatt.zeilen:
            sheet.append(row)
        width = max(len(row) for row in blatt.zeilen)
        for column in range(width + 1, width + 1 + blatt.leere_spalten):
            sheet.cell(row=5, column=column).number_format = "0.0"
        for merged in blatt.verbunden:
            sheet.merge_cells(merged)
    raw = io.BytesIO()
    book.save(raw)
    pfad.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(pfad, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", ZEITPUNKT.encode(), content)
            entry = zipfile.ZipInfo(name, (2024, 1, 15, 8, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)


def schreibe_text(pfad: Path, zeilen: Iterable[str], kodierung: str, ende: str = "\r\n") -> None:
    """Write lines in the given encoding."""
    pfad.parent.mkdir(parents=True, exist_ok=True)
    pfad.write_bytes("".join(zeile + ende for zeile in zeilen).encode(kodierung))


def schreibe_csv(
    pfad: Path, zeilen: Iterable[Sequence[Zelle]], kodierung: str, trennzeichen: str = ";"
) -> None:
    """Write rows as text with the given separator; nothing is quoted."""
    schreibe_text(
        pfad, (trennzeichen.join("" if z is None else str(z) for z in row) for row in zeilen), kodierung
    )


def schreibe_gpkg(pfad: Path, schichten: dict[str, gpd.GeoDataFrame]) -> None:
    """Write a GeoPackage with fixed date of last change."""
    pfad.parent.mkdir(parents=True, exist_ok=True)
    pfad.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": ZEITPUNKT.replace("Z", ".000Z")})
    try:
        for name, frame in schichten.items():
            pyogrio.write_dataframe(
                frame, pfad, layer=name, driver="GPKG", append=pfad.exists(), geometry_type="Polygon"
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    connection = sqlite3.connect(pfad)
    connection.execute("VACUUM")
    connection.close()
