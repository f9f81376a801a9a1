"""What a KomMonitor server answered about some indicators, kept letter by letter: one row per area, indicator and date.

The file holds every answer as the text it was, with the hash of its bytes; a changed answer is refused. The
oddities of these answers end here: all numbers are texts, a gap is absent, ``null``, empty or ``NaN``, an area whose
boundaries changed stands there once per period of validity, each time with the same series.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal

from sozialanalyse.base import Blatt, PruefFehler, Stellen
from sozialanalyse.formate.form import Dateiform, unlesbar
from sozialanalyse.formate.jsontext import KOMMONITOR, MEISTE_WERTE, beginnt, lies_objekt

NAME = "kommonitor"
BEZEICHNUNG = "Abruf aus KomMonitor"
ENDUNGEN = (".json",)
STELLEN = Stellen(zelle="Datensatz {zeile}, {kopf}", zeile="Datensatz {zeile}", spalte="Angabe „{kopf}“")

KOPF = ("Ebene", "ID", "NAME", "Gültig", "Indikator", "Stichtag", "Wert")
_DATUM = re.compile(r"DATE_(\d{4})-(\d{2})-(\d{2})")
_LUECKE = {"", "nan", "null", "none", "undefined"}


class Form(Dateiform):
    """A fetched answer needs no options."""

    format: Literal["kommonitor"] = "kommonitor"


def erkennt(anfang: bytes) -> bool:
    return beginnt(anfang) and KOMMONITOR.encode() in anfang


def lies(pfad: Path, form: Form, gesucht: Collection[str] = ()) -> list[Blatt]:
    """Read a fetched file as one long table with the columns of ``KOPF``.

    "Gültig" says whether the area's boundaries of the row are those of the date; numbers stay the text they were.

    Raises
    ------
    PruefFehler
        If the file is no such fetch, or an answer in it is not the one that was fetched.
    """
    found = lies_objekt(pfad)
    answers = found.get("antworten")
    if KOMMONITOR not in found or not isinstance(answers, list):
        raise unlesbar(
            "Die Datei ist kein Abruf aus KomMonitor.", "Bitte mit „sozialanalyse holen“ neu abrufen."
        )
    rows: list[tuple[int, list[Any]]] = [(0, list(KOPF))]
    for answer in answers:
        level, name = str(answer.get("ebene", "")), str(answer.get("indikator", ""))
        for cells in reihen(_body(answer, name)):
            rows.append((len(rows), [level, cells[0], cells[1], cells[2], name, cells[3], cells[4]]))
            if len(rows) > MEISTE_WERTE:
                raise unlesbar(f"Die Datei hat mehr als {MEISTE_WERTE} Werte.", "Bitte weniger abrufen.")
    return [Blatt("", rows, stellen=STELLEN)]


def _body(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    text = answer.get("text")
    if not isinstance(text, str) or hashlib.sha256(text.encode()).hexdigest() != answer.get("sha256"):
        raise unlesbar(
            f"Die Antwort zu „{name}“ ist nicht mehr die, die abgerufen wurde.",
            "Abrufe werden nicht von Hand geändert; bitte mit „sozialanalyse holen“ neu abrufen.",
        )
    try:
        return zeilen(text)
    except ValueError:
        raise _faulty(name) from None


def _faulty(name: str) -> PruefFehler:
    return unlesbar(f"Die Antwort zu „{name}“ ist keine Liste von Gebieten.", "Bitte neu abrufen.")


def zeilen(text: str) -> list[dict[str, Any]]:
    """Areas of an answer, with or without their shapes.

    Raises
    ------
    ValueError
        If it is neither.
    """
    found = json.loads(text)
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        found = [feature.get("properties") or {} for feature in found.get("features", [])]
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ValueError("no rows")
    return found


def reihen(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, str, str | None]]:
    """Id, name, whether valid on the date, date, value as text (None: gap) of every area and date, once each.

    Of several periods of validity of an area the one that holds on the date counts. Where none does, the last one
    stands for the area and is not valid.
    """
    dates = sorted({key for row in rows for key in row if _DATUM.fullmatch(key)})
    periods: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        periods.setdefault(str(row.get("ID", "")), []).append(row)
    for key, records in periods.items():
        for column in dates:
            day = column.removeprefix("DATE_")
            valid = [row for row in records if _gilt(row, day)]
            row = valid[0] if valid else records[-1]
            yield key, str(row.get("NAME") or ""), "ja" if valid else "nein", day, wert(row.get(column))


def _gilt(row: dict[str, Any], day: str) -> bool:
    begin, end = str(row.get("validStartDate") or "")[:10], str(row.get("validEndDate") or "")[:10]
    return (not _tag(begin) or begin <= day) and (not _tag(end) or day <= end)


def _tag(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def wert(cell: Any) -> str | None:
    """A value as the text it was delivered as; None for every way of writing that there is none."""
    text = "" if cell is None else str(cell).strip()
    return None if text.casefold() in _LUECKE else text
