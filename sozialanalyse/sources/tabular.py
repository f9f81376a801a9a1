"""Excel workbooks and delimited text, whatever stands above, between and below the table."""

from __future__ import annotations

import csv
import io
import re
import warnings
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from sozialanalyse.catalogue import Kopf, Tabelle
from sozialanalyse.errors import Befund, PruefFehler, vorschlag
from sozialanalyse.rohtabelle import Blatt, Prozent, Rohtabelle
from sozialanalyse.woerter import glatt, vergleichsform

Zeile = list[Any]

_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def lies_tabelle(pfad: Path, form: Tabelle, *, name: str | None = None) -> Rohtabelle:
    """Read one delivered table.

    Parameters
    ----------
    pfad
        The file.
    form
        Shape of the table, from the dataset page.
    name
        How messages call the file; default its name.

    Returns
    -------
    Rohtabelle
        Cells as delivered; rows that are entirely empty and columns without heading are left out.

    Raises
    ------
    PruefFehler
        If the file cannot be read, the sheet or heading is missing, or no row follows.
    """
    label = name or pfad.name
    merged: dict[tuple[int, int], Any] = {}
    if form.format == "csv":
        sheet, rows = "", _csv_rows(pfad, label, form.kodierung, form.trennzeichen)
    else:
        sheet, rows, merged = _excel_rows(pfad, label, form.blatt)
    return _cut(label, sheet, rows, merged, form.kopf, form.ende)


def lies_spalten(
    pfad: Path, *, name: str | None = None, kodierung: str | None = None, trennzeichen: str | None = None
) -> Rohtabelle:
    """Read a plain table with one heading row (list of areas, crosswalk), CSV or Excel."""
    label = name or pfad.name
    if pfad.suffix.lower() in {".xlsx", ".xlsm"}:
        sheet, rows, merged = _excel_rows(pfad, label, None)
    else:
        sheet, rows, merged = "", _csv_rows(pfad, label, kodierung, trennzeichen), {}
    return _cut(label, sheet, rows, merged, None, None)


def lies_blaetter(
    pfad: Path, *, name: str | None = None, kodierung: str | None = None, trennzeichen: str | None = None
) -> list[Blatt]:
    """Read every visible sheet of a workbook, or the one table of a text file, whatever it holds.

    Raises
    ------
    PruefFehler
        If the file cannot be read.
    """
    label = name or pfad.name
    if pfad.suffix.lower() not in {".xlsx", ".xlsm"}:
        return [Blatt("", _csv_rows(pfad, label, kodierung, trennzeichen))]
    sheets = []
    for title in _visible(pfad, label):
        found, rows, merged = _excel_rows(pfad, label, re.escape(title))
        sheets.append(Blatt(found, rows, merged))
    return sheets


def _visible(pfad: Path, label: str) -> list[str]:
    return [sheet.title for sheet in _book(pfad, label).worksheets if sheet.sheet_state == "visible"]


def _fault(datei: str, text: str, abhilfe: str, blatt: str = "") -> PruefFehler:
    return PruefFehler([Befund("fehler", text, abhilfe, datei=datei, blatt=blatt)])


def _csv_rows(
    pfad: Path, label: str, kodierung: str | None, trennzeichen: str | None
) -> list[tuple[int, Zeile]]:
    try:
        raw = pfad.read_bytes()
    except OSError:
        raise _fault(
            label, "Die Datei lässt sich nicht öffnen.", "Bitte Pfad und Leserechte prüfen."
        ) from None
    text = _decode(raw, label, kodierung)
    sign = trennzeichen or _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    rows: list[tuple[int, Zeile]] = []
    start = 1
    same: dict[str, str] = {}  # equal cells are one text in memory
    try:
        for row in reader:
            rows.append((start, [same.setdefault(cell, cell) for cell in row]))
            start = reader.line_num + 1
    except csv.Error:
        raise PruefFehler(
            [Befund("fehler", "Ab hier ist die Datei keine lesbare Tabelle.",
                    "Bitte auf ein einzelnes Anführungszeichen prüfen.", datei=label, zeile=start)]
        ) from None  # fmt: skip
    return rows


def _decode(raw: bytes, label: str, kodierung: str | None) -> str:
    for mark, marked in _BYTE_ORDER_MARKS.items():
        kodierung = marked if raw.startswith(mark) else kodierung
    for candidate in [kodierung] if kodierung else ["utf-8", "cp1252"]:
        try:
            return raw.decode(candidate)
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
        except LookupError:
            raise _fault(label, f"Die Kodierung „{candidate}“ gibt es nicht.",
                         "Üblich sind utf-8, cp1252 und cp850; bitte auf der Datensatzseite berichtigen.") from None  # fmt: skip
    raise PruefFehler(
        [Befund("fehler", f"Die Datei ist nicht in der Kodierung {kodierung or 'utf-8 oder cp1252'} geschrieben.",
                "Bitte „kodierung“ auf der Datensatzseite berichtigen oder die Datei neu speichern.",
                datei=label, zeile=line)]
    )  # fmt: skip


def _delimiter(text: str) -> str:
    """The sign that splits most lines into the same number of parts."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    best, score = ";", 0
    for sign in ";\t,|":
        counts = [line.count(sign) for line in lines if line.count(sign)]
        if counts:
            usual = max(set(counts), key=counts.count)
            if counts.count(usual) * usual > score:
                best, score = sign, counts.count(usual) * usual
    return best


def _excel_rows(
    pfad: Path, label: str, blatt: str | None
) -> tuple[str, list[tuple[int, Zeile]], dict[tuple[int, int], Any]]:
    book = _book(pfad, label)
    sheet = _sheet(book.worksheets, label, blatt)
    merged = {
        (row, column): sheet.cell(block.min_row, block.min_col).value
        for block in sheet.merged_cells.ranges
        for row in range(block.min_row, block.max_row + 1)
        for column in range(block.min_col, block.max_col + 1)
    }
    rows = [(number, [_value(cell) for cell in row]) for number, row in enumerate(sheet.iter_rows(), start=1)]
    book.close()
    return sheet.title, rows, {(r, c - 1): value for (r, c), value in merged.items()}


def _book(pfad: Path, label: str) -> openpyxl.Workbook:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # openpyxl on features it does not keep
            return openpyxl.load_workbook(pfad, data_only=True)
    except Exception:  # whatever a damaged archive or foreign XML makes the reader stumble over
        raise _fault(
            label,
            "Die Datei fehlt oder ist keine lesbare Excel-Arbeitsmappe.",
            "Bitte in Excel öffnen und als .xlsx neu speichern.",
        ) from None


def _value(cell: Any) -> Any:
    """Value of a cell; a number shown as percent says so."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return Prozent(value)
    return value


def _sheet(sheets: list[Worksheet], label: str, blatt: str | None) -> Worksheet:
    """The sheet of that name, else the only one the pattern fits; without a name the first visible one."""
    if blatt is None:
        return next((sheet for sheet in sheets if sheet.sheet_state == "visible"), sheets[0])
    named = [sheet for sheet in sheets if vergleichsform(sheet.title) == vergleichsform(blatt)]
    wanted = named or [sheet for sheet in sheets if re.fullmatch(blatt, sheet.title)]
    if not wanted:
        raise _fault(label, f"Das Blatt „{blatt}“ fehlt.", vorschlag(blatt, [s.title for s in sheets]))
    if len(wanted) > 1:
        names = ", ".join(f"„{sheet.title}“" for sheet in wanted)
        raise _fault(
            label, f"Zu „{blatt}“ passen mehrere Blätter: {names}.", "Bitte „blatt“ genauer angeben."
        )
    return wanted[0]


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not glatt(value))


def _cut(
    label: str,
    sheet: str,
    rows: list[tuple[int, Zeile]],
    merged: dict[tuple[int, int], Any],
    kopf: Kopf | None,
    ende: str | None,
) -> Rohtabelle:
    """Cut the table out of its surroundings: above, heading, rows, end."""
    filled = [(number, row) for number, row in rows if not all(_empty(cell) for cell in row)]
    if not filled:
        raise _fault(label, "Die Lieferung ist leer.", "Bitte beim Lieferanten neu anfordern.", sheet)
    start = _heading(filled, kopf)
    if start is None:
        assert kopf is not None
        seen = sorted(
            {glatt(cell) for _, row in filled[:40] for cell in row if isinstance(cell, str) and glatt(cell)}
        )
        raise _fault(
            label,
            f"Die Kopfzeile mit „{kopf.erkennbar_an}“ fehlt.",
            vorschlag(kopf.erkennbar_an, seen) or "Bitte „kopf“ auf der Datensatzseite anpassen.",
            sheet,
        )
    height = kopf.hoehe if kopf else 1
    heading = _join(filled[start : start + height], merged)
    columns = [index for index, name in enumerate(heading) if name]
    body = [
        (number, row)
        for number, row in filled[start + height :]
        if any(index < len(row) and not _empty(row[index]) for index in columns)
    ]
    if ende:
        stop = next((i for i, (_, row) in enumerate(body) if _matches(row, ende)), len(body))
        body = body[:stop]
    if not body:
        raise _fault(label, "Unter der Kopfzeile steht keine Datenzeile; die Lieferung ist leer.",
                     "Bitte beim Lieferanten neu anfordern.", sheet)  # fmt: skip
    position = {number: row for row, (number, _) in enumerate(body)}
    return Rohtabelle(
        datei=label,
        blatt=sheet,
        kopf=heading,
        zeilen=[row for _, row in body],
        nummern=[number for number, _ in body],
        verbunden={(position[n], column): cell for (n, column), cell in merged.items() if n in position},
        vorspann=[glatt(cell) for _, row in filled[:start] for cell in row if not _empty(cell)],
    )


def _matches(row: Zeile, pattern: str) -> bool:
    first = next((glatt(cell) for cell in row if not _empty(cell)), "")
    return re.match(pattern, first) is not None


def _heading(rows: list[tuple[int, Zeile]], kopf: Kopf | None) -> int | None:
    if kopf is None:
        return next((i for i, (_, row) in enumerate(rows) if sum(not _empty(c) for c in row) > 1), 0)
    wanted = vergleichsform(kopf.erkennbar_an)
    return next(
        (
            i
            for i, (_, row) in enumerate(rows)
            if any(vergleichsform(c) == wanted for c in row if not _empty(c))
        ),
        None,
    )


def _join(rows: list[tuple[int, Zeile]], merged: dict[tuple[int, int], Any]) -> list[str]:
    """Join the parts of a heading from top to bottom; merged cells speak for all their columns."""
    width = max(len(row) for _, row in rows)
    parts: list[list[str]] = [[] for _ in range(width)]
    begins: set[int] = set()  # where a heading above starts, one to the left does not reach across
    for level, (number, row) in enumerate(rows):
        last = ""
        for column in range(width):
            own = row[column] if column < len(row) else None
            value = merged.get((number, column), own)
            text = "" if _empty(value) else glatt(value)
            last = "" if column in begins else last
            if (number, column) not in merged and level < len(rows) - 1:
                text = last = text or (last if _below(rows[level + 1 :], column) else "")
            else:
                last = text
            if text and (not parts[column] or parts[column][-1] != text):
                parts[column].append(text)
        begins |= {column for column, cell in enumerate(row) if not _empty(cell)}
    return [" | ".join(names) for names in parts]


def _below(rows: list[tuple[int, Zeile]], column: int) -> bool:
    return any(column < len(row) and not _empty(row[column]) for _, row in rows)
