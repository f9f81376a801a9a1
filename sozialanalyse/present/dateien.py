"""Files of what tables show: a workbook and CSV, with the reasons for gaps and the mark in every row.

One header row, no merged cells, real numbers in the decimals of the page, dates as dates. Why numbers are missing stands in
one column of the workbook, and in CSV in a column after each that has gaps. Text that a spreadsheet would run as a
formula stays text.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from sozialanalyse.base import Kontext, text, zahl_knapp
from sozialanalyse.present import formats
from sozialanalyse.present.tafel import Tafel, woertlich

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Zelle = str | float | int | date | None
BREITESTE = 60
BLICK = 30
"""So many rows the sheet "Auf einen Blick" has at most."""


def arbeitsmappe(
    tafeln: Sequence[Tafel],
    kontext: Kontext,
    *,
    blick: Tafel | None = None,
    lesehinweise: Sequence[str] = (),
    metadaten: Mapping[str, str] | None = None,
) -> bytes:
    """Workbook: "Auf einen Blick", a sheet "Daten" per table with filters, then Lesehinweise, Metadaten and Symbole.

    Parameters
    ----------
    tafeln
        Tables; the first is the sheet Daten, further ones are numbered (``Anzeige.tafel``).
    kontext
        Region, date, publisher, mark.
    blick
        A short table of the newest date; longer ones are cut after :data:`BLICK` rows.
    lesehinweise
        Sentences before the general ones.
    metadaten
        Further entries, such as definition and licence.

    Returns
    -------
    bytes
        An XLSX file; the same input gives the same bytes but for the time stamps inside.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    if blick is not None and len(blick.werte):
        rows = zeilen(blick, ein_status=True)[: BLICK + 1]
        _write(book.create_sheet(text("present.datei.blick")), rows, zahlen=_formats(blick))
    for i, found in enumerate(tafeln):
        sheet = book.create_sheet(text("present.datei.daten") + (f" {i + 1}" if i else ""))
        _write(sheet, zeilen(found, ein_status=True), zahlen=_formats(found))
        if len(found.werte):
            sheet.auto_filter.ref = sheet.dimensions
    hints = [*lesehinweise, *general(kontext)]
    _write(
        book.create_sheet(text("present.datei.lesehinweise")),
        [[text("present.datei.hinweis")], *([h] for h in hints)],
    )
    facts = {
        text("present.datei.titel"): "; ".join(found.titel for found in tafeln),
        text("present.datei.region"): kontext.region,
        text("present.stichtag"): kontext.stichtag,
        text("present.datei.herausgeber"): kontext.herausgeber,
        text("present.datei.quelle"): ", ".join(kontext.quellen),
        text("present.datei.stand"): kontext.stand,
        text("present.datei.hinweis"): kontext.marke,
        **(metadaten or {}),
    }
    rows = [[key, value] for key, value in facts.items() if value]
    head = [text("present.datei.angabe"), text("present.datei.inhalt")]
    _write(book.create_sheet(text("present.datei.metadaten")), [head, *rows])
    signs = [[sign, formats.status_wort(state), state] for state, sign in formats.SYMBOLE.items()]
    if any("umgerechnet" in found.schluessel for found in tafeln):
        signs.append([text("present.tabelle.ja"), text("present.datei.umgerechnet"), "umgerechnet"])
    head = [text(f"present.datei.{key}") for key in ("zeichen", "bedeutung", "status")]
    _write(book.create_sheet(text("present.datei.symbole")), [head, *signs])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def general(kontext: Kontext) -> list[str]:
    """Reading notes that hold for every file."""
    notes = [text(f"present.datei.notiz.{key}") for key in ("luecken", "zahlen", "klein")]
    return [*(f"{words}." for words in (kontext.marke, kontext.umrechnung) if words), *notes]


def zeilen(found: Tafel, *, ein_status: bool = False) -> list[list[Zelle]]:
    """Rows of the sheet Daten: numbers as numbers, a gap as its sign with the reason beside it.

    Parameters
    ----------
    ein_status
        Whether one column at the end tells the reasons of all columns.
    """
    columns: dict[str, list[Zelle]] = {}
    gaps: dict[str, list[Zelle]] = {}
    for column, head, places in zip(found.werte.columns, found.spalten, found.stellen, strict=True):
        values, states, numeric = found.werte[column], found.status[column], found.zahlen(column)
        columns[_free(columns, head.kopf)] = [
            _cell(value, state, digits, numeric)
            for value, state, digits in zip(values, states, places, strict=True)
        ]
        if (states != "wert").any():
            words: list[Zelle] = [None if s == "wert" else formats.status_wort(s) for s in states]
            gaps[_free(gaps, head.label)] = words
            if not ein_status:
                columns[_free(columns, text("present.tabelle.status", spalte=head.kopf))] = words
    if gaps and ein_status:
        columns[_free(columns, text("present.datei.status"))] = [
            _grund(list(gaps), row) for row in zip(*gaps.values(), strict=True)
        ]
    if found.kontext.marke:
        columns[_free(columns, text("present.tabelle.hinweis"))] = [found.kontext.marke] * len(found.werte)
    return [list(columns), *map(list, zip(*columns.values(), strict=True))]


def _grund(names: Sequence[str], words: Sequence[Zelle]) -> Zelle:
    """Why numbers of a row are missing: in a word if it holds for all that can miss, else with their columns."""
    if len(set(words)) == 1:
        return words[0]
    return "; ".join(f"{name}: {word}" for name, word in zip(names, words, strict=True) if word)


def csv(found: Tafel, *, technisch: bool = False) -> bytes:
    """One table as CSV: for German spreadsheets (UTF-8 with mark, semicolon, comma), or for programs.

    The technical variant has the technical names of the columns, points, commas as separators and the
    status codes of the model.
    """
    if technisch:
        return _technical(found).to_csv(index=False, lineterminator="\r\n").encode()
    head, *rows = zeilen(found)
    body = [[_german(cell) for cell in row] for row in rows]
    frame = pd.DataFrame(body, columns=pd.Index([_safe(str(key)) for key in head]), dtype=object)
    return frame.to_csv(sep=";", index=False, lineterminator="\r\n").encode("utf-8-sig")


def _technical(found: Tafel) -> pd.DataFrame:
    out: dict[str, object] = {}
    for column, key, places in zip(found.werte.columns, found.schluessel, found.stellen, strict=True):
        numeric, states = found.zahlen(column), found.status[column]
        cells = [_cell(v, s, d, numeric) for v, s, d in zip(found.werte[column], states, places, strict=True)]
        gaps = states.isin(formats.OHNE_WERT)
        out[key] = [None if gap else cell for cell, gap in zip(cells, gaps, strict=True)]
        if (states != "wert").any():
            out[f"{key}_status"] = states.tolist()
    if found.kontext.marke:
        out["hinweis"] = [found.kontext.marke] * len(found.werte)
    return pd.DataFrame(out, dtype=object)


def _cell(value: object, state: str, places: int, numeric: bool) -> Zelle:
    if state == "null_exakt":
        return 0
    if state in formats.OHNE_WERT:
        return formats.symbol(state)
    if numeric:
        rounded = formats.runden(float(value), places)  # type: ignore[arg-type]
        return rounded if places else int(rounded)
    return value if isinstance(value, date) else woertlich(value)


def _german(cell: Zelle) -> str:
    if cell is None or (isinstance(cell, str) and cell in formats.SYMBOLE.values()):
        return ""
    if isinstance(cell, int | float):
        return zahl_knapp(cell, 17, tausender=False)
    return f"{cell:%d.%m.%Y}" if isinstance(cell, date) else _safe(cell)


def _safe(words: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return "'" + words if words[:1] in tuple("=+-@\t\r") else words


def _free(taken: Mapping[str, object], key: str) -> str:
    """Column name that is not in use yet."""
    candidate, n = key, 2
    while candidate in taken:
        candidate, n = f"{key} {n}", n + 1
    return candidate


def _formats(found: Tafel) -> dict[str, list[str]]:
    """Number formats per heading, one for each row."""
    return {
        head.kopf: ["#,##0" + ("." + "0" * digits if digits else "") for digits in places]
        for column, head, places in zip(found.werte.columns, found.spalten, found.stellen, strict=True)
        if found.zahlen(column)
    }


def _write(
    sheet: Worksheet, rows: Sequence[Sequence[Zelle]], zahlen: Mapping[str, Sequence[str]] | None = None
) -> None:
    """One header row in bold that stays in view, then the rows; columns as wide as what they hold.

    In print the sheet is as wide as the paper and the header row stands on every page.
    """
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    formats_by_column = [(zahlen or {}).get(str(key)) for key in rows[0]]
    top, wrapped, bold = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True), Font(bold=True)
    for r, row in enumerate(rows, start=1):
        high = any(isinstance(value, str) and len(value) > BREITESTE for value in row)
        for c, value in enumerate(row, start=1):
            if value is None or (not isinstance(value, str) and pd.isna(value)):
                continue
            cell = sheet.cell(r, c, value)
            if isinstance(value, date):
                cell.number_format = "DD.MM.YYYY"
            elif not isinstance(value, str) and (shown := formats_by_column[c - 1]) is not None:
                cell.number_format = shown[r - 2]
            if not isinstance(value, str):
                continue
            cell.data_type = "s"  # text stays text, also where it starts with "="
            if high:
                cell.alignment = wrapped if len(value) > BREITESTE else top
            if r == 1:
                cell.font = bold
    sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    for c in range(1, len(rows[0]) + 1):
        longest = max(len(str(row[c - 1])) for row in rows if row[c - 1] is not None)
        sheet.column_dimensions[get_column_letter(c)].width = min(longest + 2, BREITESTE)
