"""Flat CSV files ("ffcsv") of GENESIS: Destatis, Regionaldatenbank, statistical offices of the Länder.

Every row holds codes and labels of all its variables under general headings such as
``2_variable_attribute_label``. Here the headings get the names of the variables; cells stay where they are.
Reference: GENESIS-Online, Schnittstellenbeschreibung, "Flat-File CSV"; both its present and its older headings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

from sozialanalyse.base import Blatt, PruefFehler
from sozialanalyse.formate import csvtext
from sozialanalyse.formate.form import Dateiform, unlesbar

NAME = "ffcsv"
BEZEICHNUNG = "Flat-CSV-Datei aus GENESIS"
ENDUNGEN: tuple[str, ...] = ()

_ATTRIBUTE = re.compile(
    r"(?P<nummer>\d+)_(?:variable_attribute_(?P<neu>code|label)|Auspraegung_(?P<alt>Code|Label))"
)
_PLAIN = {
    "value": "Wert",
    "value_unit": "Einheit",
    "value_variable_label": "Merkmal",
    "value_variable_code": "Merkmal | Code",
}


class Form(Dateiform):
    """Options of flat files."""

    format: Literal["ffcsv"] = "ffcsv"
    kodierung: str | None = None
    """Character set; default found out."""


def erkennt(anfang: bytes) -> bool:
    """Whether bytes look like text."""
    return csvtext.erkennt(anfang)


def lies(pfad: Path, form: Form, gesucht: Collection[str] = ()) -> list[Blatt]:
    """Read a flat file: ``Geschlecht`` holds the label, ``Geschlecht | Code`` the code of a variable's attribute.

    The date stands under the name of the time variable (``Stichtag``, ``Jahr``), numbers in ``Wert`` beside ``Merkmal``
    and ``Einheit``; in older files each quantity has its column, ``Bevölkerung | Anzahl``.

    Raises
    ------
    PruefFehler
        If the headings of a flat file are missing or a column holds several variables.
    """
    text = csvtext.Form(kodierung=form.kodierung, trennzeichen=";", ohne_zeilenende=False)
    (sheet,) = csvtext.lies(pfad, text)
    rows = list(sheet.zeilen)
    start = next((at for at, (_, row) in enumerate(rows) if _is_heading(row)), None)
    if start is None:
        raise unlesbar(
            "Die Überschriften einer Flat-CSV-Datei fehlen (time oder Zeit, 1_variable_code oder 1_Merkmal_Code).",
            "Bitte in GENESIS „Flat-CSV“ als Format wählen oder „format: csv“ angeben.",
        )
    heading = list(rows[start][1])
    body = [row for _, row in rows[start + 1 :] if len(row) > 1]
    named = [_name(title, heading, body) for title in heading]
    rows[start] = (rows[start][0], named)
    return [
        Blatt("", rows[start:], stellen=sheet.stellen, offen=sheet.offen, starr=False, gelesen=sheet.gelesen)
    ]


def _is_heading(row: Sequence[str]) -> bool:
    return bool({"1_variable_code", "1_Merkmal_Code"} & set(row)) and bool({"time", "Zeit"} & set(row))


def _name(title: str, heading: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """What a column is called after its variable."""
    if match := _ATTRIBUTE.fullmatch(title):
        number = match["nummer"]
        old = match["alt"] is not None
        variable = _only(f"{number}_{'Merkmal_Label' if old else 'variable_label'}", heading, body)
        return f"{variable} | Code" if (match["alt"] or match["neu"]).lower() == "code" else variable
    if title in ("time", "Zeit"):
        return _only("time_label" if title == "time" else "Zeit_Label", heading, body)
    if "__" in title:  # older files: BEVSTD__Bevoelkerungsstand__Anzahl
        return " | ".join(part for part in title.split("__")[1:] if part)
    return _PLAIN.get(title, title)


def _only(title: str, heading: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """The one text of a column; it names another column."""
    column = heading.index(title) if title in heading else -1
    texts = {row[column] for row in body if 0 <= column < len(row)} - {""}
    if len(texts) > 1:
        raise _several(title, sorted(texts))
    return texts.pop() if texts else title


def _several(title: str, texts: Sequence[str]) -> PruefFehler:
    return unlesbar(
        f"In der Spalte „{title}“ stehen mehrere Merkmale: {', '.join(f'„{text}“' for text in texts[:4])}.",
        "Bitte je Merkmal eine Datei abrufen oder die Datei mit „format: csv“ beschreiben.",
    )
