"""Forms of a delivery: what a supplier's file looks like and what its page says about it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

Zeilen = dict[str, list[list[Any]]]
"""Per day as the supplier writes it: rows of the key and the cells of its fields."""

IM_NAMEN = {"aus": "dateiname", "muster": r"(\d{4}-\d{2}-\d{2})"}


@dataclass(frozen=True)
class Satz:
    """How one supplier writes."""

    koepfe: list[str]
    kodierung: str
    trennzeichen: str
    summen: bool


@dataclass(frozen=True)
class Form:
    """A form: how its page begins, whether numbers are written as text, and how its files are made."""

    endung: str
    seite: dict[str, Any]
    schreibe: Callable[[Path, Satz, Zeilen], None]
    text: bool = True


def datum(day: str) -> str:
    """A day as offices write it."""
    year, month, date = day.split("-")
    return f"{date}.{month}.{year}"


def schreibe_csv(pfad: Path, rows: list[Any], sign: str, kodierung: str = "utf-8") -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=sign, lineterminator="\r\n").writerows([list(row) for row in rows])
    pfad.write_bytes(out.getvalue().encode(kodierung))


def _csv_breit(ordner: Path, satz: Satz, je_tag: Zeilen) -> None:
    for day, rows in je_tag.items():
        lines = [["Aufstellung vom Amt"], [], ["Gebiet", *satz.koepfe], *rows]
        schreibe_csv(ordner / f"Breit_{day}.csv", lines, satz.trennzeichen, satz.kodierung)


def _csv_lang(ordner: Path, satz: Satz, je_tag: Zeilen) -> None:
    for day, rows in je_tag.items():
        lines = [["Gebiet", "Merkmal", "Anzahl"]]
        for key, *cells in rows:
            lines += [[key, head, cell] for head, cell in zip(satz.koepfe, cells, strict=True)]
        schreibe_csv(ordner / f"Lang_{day}.csv", lines, satz.trennzeichen, satz.kodierung)


def _csv_spalte(ordner: Path, satz: Satz, je_tag: Zeilen) -> None:
    lines = [["Gebiet", "Stand", *satz.koepfe]]
    for day, rows in je_tag.items():
        lines += [[key, datum(day), *cells] for key, *cells in rows]
    schreibe_csv(ordner / "alles.csv", lines, satz.trennzeichen, satz.kodierung)


def _csv_kopf(ordner: Path, satz: Satz, je_tag: Zeilen) -> None:
    """A column for every field and day; areas that some days leave out have empty cells there."""
    places = {key: {day: cells for day, rows in je_tag.items() for k, *cells in rows if k == key}
              for key in dict.fromkeys(row[0] for rows in je_tag.values() for row in rows)}  # fmt: skip
    heads = [f"{head} am {datum(day)}" for day in je_tag for head in satz.koepfe]
    none = [""] * len(satz.koepfe)
    lines = [[key, *(cell for day in je_tag for cell in days.get(day, none))] for key, days in places.items()]
    schreibe_csv(ordner / "Reihe.csv", [["Gebiet", *heads], *lines], satz.trennzeichen, satz.kodierung)


def _mappe(
    name: str, vor: Callable[[str], list[list[Any]]] = lambda _: [], hinweise: bool = False
) -> Callable[[Path, Satz, Zeilen], None]:
    def write(ordner: Path, satz: Satz, je_tag: Zeilen) -> None:
        for day, rows in je_tag.items():
            book = openpyxl.Workbook()
            sheet = book.active
            sheet.title = "Daten 1"
            if hinweise:
                book.create_sheet("Hinweise", 0).append(["Bitte beachten", "Gebiet"])
            for line in [*vor(day), ["Gebiet", *satz.koepfe], *rows]:
                sheet.append(line)
            if satz.summen:
                sheet.append(["Summe", *_summen(rows)])
            book.save(ordner / f"{name}_{day}.xlsx")

    return write


def _xlsx_jahre(ordner: Path, satz: Satz, je_tag: Zeilen) -> None:
    """One workbook, a sheet for every day."""
    book = openpyxl.Workbook()
    book.active.title = "Vorwort"
    for day, rows in je_tag.items():
        sheet = book.create_sheet(datum(day))
        for line in [["Übersicht"], ["Gebiet", *satz.koepfe], *rows]:
            sheet.append(line)
    book.save(ordner / "Jahre.xlsx")


def _json_stat(ordner: Path, satz: Satz, je_tag: Zeilen) -> None:
    for day, rows in je_tag.items():
        cells = [cell for _, *own in rows for cell in own]
        found = {
            "version": "2.0", "class": "dataset", "label": "Abruf", "id": ["geo", "merkmal", "zeit"],
            "size": [len(rows), len(satz.koepfe), 1],
            "dimension": {
                "geo": {"category": {"index": [row[0] for row in rows]}},
                "merkmal": {"category": {"index": satz.koepfe}},
                "zeit": {"category": {"index": [day]}},
            },
            "value": [None if isinstance(cell, str) else cell for cell in cells],
            "status": {str(i): cell for i, cell in enumerate(cells) if isinstance(cell, str)},
        }  # fmt: skip
        (ordner / f"abruf_{day}.json").write_text(json.dumps(found), encoding="utf-8")


def _geojson(ordner: Path, satz: Satz, je_tag: Zeilen) -> None:
    for day, rows in je_tag.items():
        features = [
            {
                "type": "Feature",
                "geometry": None,
                "properties": {"Gebiet": key, "zahlen": dict(zip(satz.koepfe, cells, strict=True))},
            }
            for key, *cells in rows
        ]
        found = {"type": "FeatureCollection", "features": features}
        (ordner / f"dienst_{day}.geojson").write_text(json.dumps(found), encoding="utf-8")


def _ffcsv(ordner: Path, satz: Satz, je_tag: Zeilen) -> None:
    head = [
        *("statistics_code", "statistics_label", "time_code", "time_label", "time", "1_variable_code", "1_variable_label"),
        *("1_variable_attribute_code", "1_variable_attribute_label", "value", "value_unit", "value_variable_code", "value_variable_label"),
    ]  # fmt: skip
    lines: list[list[Any]] = [head]
    for day, rows in je_tag.items():
        lines += [
            ["12411", "Abruf", "STAG", "Stichtag", datum(day), "GEB", "Gebiete", key, "", cell, "Anzahl", name.upper(), name]
            for key, *cells in rows
            for name, cell in zip(satz.koepfe, cells, strict=True)
        ]  # fmt: skip
    schreibe_csv(ordner / "flach.csv", lines, ";", satz.kodierung)


def _summen(body: list[list[Any]]) -> list[Any]:
    columns = list(zip(*(row[1:] for row in body), strict=True))
    return [
        sum(cell for cell in column if isinstance(cell, int | float))
        if all(isinstance(c, int | float) for c in column)
        else "k. A."
        for column in columns
    ]


_LANG = {"merkmal": "Merkmal", "wert": "Anzahl"}
FORMEN: dict[str, Form] = {
    "csv_breit": Form("csv", {"format": "csv", "stichtag": IM_NAMEN}, _csv_breit),
    "csv_lang": Form("csv", {"format": "csv", "stichtag": IM_NAMEN} | _LANG, _csv_lang),
    "csv_spalte": Form("csv", {"format": "csv", "stichtag": {"aus": "spalte", "spalte": "Stand"}}, _csv_spalte),
    "csv_kopf": Form("csv", {"format": "csv", "stichtag": {"aus": "kopf", "muster": r" am (\S+)"}}, _csv_kopf),
    "xlsx_breit": Form("xlsx", {"format": "excel", "stichtag": IM_NAMEN}, _mappe("Mappe"), text=False),
    "xlsx_blatt": Form("xlsx", {"format": "excel", "blatt": "Daten.*", "stichtag": IM_NAMEN}, _mappe("Mappe", hinweise=True), text=False),
    "xlsx_zelle": Form(
        "xlsx", {"format": "excel", "stichtag": {"aus": "zelle", "muster": r"Stand: (\S+)"}},
        _mappe("Mappe", lambda day: [["Bericht"], [f"Stand: {datum(day)}"]]), text=False,
    ),
    "xlsx_jahre": Form(
        "xlsx", {"format": "excel", "blatt": {"muster": r"\d\d\.\d\d\.\d{4}", "alle": True}, "stichtag": {"aus": "blatt"}}, _xlsx_jahre, text=False,
    ),
    "json_stat": Form(
        "json", {"format": "json-stat", "schluessel": {"spalten": ["geo"]}, "stichtag": {"aus": "spalte", "spalte": "zeit"},
                 "merkmal": "merkmal", "wert": "value"}, _json_stat, text=False,
    ),
    "geojson": Form("geojson", {"format": "geojson", "stichtag": IM_NAMEN}, _geojson, text=False),
    "ffcsv": Form(
        "csv", {"format": "ffcsv", "schluessel": {"spalten": ["Gebiete | Code"]}, "stichtag": {"aus": "spalte", "spalte": "Stichtag"},
                "merkmal": "Merkmal", "wert": "Wert"}, _ffcsv,
    ),
}  # fmt: skip
