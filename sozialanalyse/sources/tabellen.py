"""The front door of reading: a file, the format its page names, and the tables cut out of their surroundings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sozialanalyse.base import (
    Befund,
    Blatt,
    PruefFehler,
    Rohtabelle,
    Spaltenstelle,
    glatt,
    muster,
    vergleichsform,
    vorschlag,
    zelltext,
)
from sozialanalyse.formate import FORMATE, GROESSTE_DATEI, MEGABYTE, Dateiform, Format, Kopf

Zeile = Sequence[Any]
_ANFANG = 4096
"""So many bytes tell the format of a file."""


def lies_tabellen(
    pfad: Path, form: Dateiform, *, name: str | None = None, gesucht: Collection[str] = ()
) -> Iterator[Rohtabelle]:
    """Read the tables of one delivered file.

    Parameters
    ----------
    pfad
        The file.
    form
        Format and shape of the table, from the dataset page.
    name
        How messages call the file; default its name.
    gesucht
        Headings the page asks for; they help to find out delimiter and character set.

    Yields
    ------
    Rohtabelle
        Cells as delivered; rows that are entirely empty and rows without anything below a heading are left out.

    Raises
    ------
    PruefFehler
        If the file cannot be read, the sheet or heading is missing, or no row follows.
    """
    label = name or pfad.name
    for sheet in _sheets(pfad, label, FORMATE[form.format], form, gesucht):
        yield _cut(label, sheet, form.kopf, form.ende, gesucht)


def lies_spalten(
    pfad: Path, *, name: str | None = None, kodierung: str | None = None, trennzeichen: str | None = None
) -> Rohtabelle:
    """Read a plain table with one heading row (list of areas, crosswalk) in any format."""
    label = name or pfad.name
    kind, form = _by_ending(pfad, kodierung, trennzeichen)
    return _cut(label, replace(_sheets(pfad, label, kind, form)[0], offen=False), None, None)


def lies_blaetter(
    pfad: Path, *, name: str | None = None, kodierung: str | None = None, trennzeichen: str | None = None
) -> list[Blatt]:
    """Read every visible sheet of a workbook, or the one table of another file, whatever it holds.

    Raises
    ------
    PruefFehler
        If the file cannot be read.
    """
    kind, form = _by_ending(pfad, kodierung, trennzeichen)
    return _sheets(pfad, name or pfad.name, kind, form, alle=True)


def _by_ending(pfad: Path, kodierung: str | None, trennzeichen: str | None) -> tuple[Format, Dateiform]:
    """The format a file's name and first bytes tell, delimited text for unknown ones."""
    ending = pfad.suffix.lower()
    kinds = [kind for kind in FORMATE.values() if ending in kind.ENDUNGEN] or [FORMATE["csv"]]
    if len(kinds) > 1 and pfad.exists():
        start = _start(pfad)
        kinds.sort(key=lambda kind: not kind.erkennt(start))
    options = {"kodierung": kodierung, "trennzeichen": trennzeichen} if kinds[0].NAME == "csv" else {}
    return kinds[0], kinds[0].Form.model_validate(options)


def _start(pfad: Path) -> bytes:
    with pfad.open("rb") as file:
        return file.read(_ANFANG)


def _sheets(
    pfad: Path,
    label: str,
    kind: Format,
    form: Dateiform,
    gesucht: Collection[str] = (),
    *,
    alle: bool = False,
) -> list[Blatt]:
    try:
        _look_at(pfad, kind)
        every = getattr(kind, "lies_alle", None) if alle else None
        return every(pfad) if every else kind.lies(pfad, form, gesucht)
    except PruefFehler as error:
        raise PruefFehler([replace(befund, datei=label) for befund in error.befunde]) from None
    except OSError:
        raise _fault(
            label, "Die Datei lässt sich nicht öffnen.", "Bitte Pfad und Leserechte prüfen."
        ) from None


def _look_at(pfad: Path, kind: Format) -> None:
    """Refuse what is too large or of another format than the page says."""
    size = pfad.stat().st_size
    if size > GROESSTE_DATEI:
        raise _fault(
            "",
            f"Die Datei ist {size // MEGABYTE} MB groß; gelesen werden höchstens {GROESSTE_DATEI // MEGABYTE} MB.",
            "Bitte auf die gebrauchten Zeilen und Spalten kürzen oder je Stichtag eine Datei liefern lassen.",
        )
    start = _start(pfad)
    if not start:
        raise _fault("", "Die Lieferung ist leer.", "Bitte beim Lieferanten neu anfordern.")
    if kind.erkennt(start):
        return
    foreign = next((remedy for signs, remedy in _FREMDE if start.lstrip().lower().startswith(signs)), "")
    other = next((each for each in FORMATE.values() if each is not kind and each.erkennt(start)), None)
    known = foreign or (
        f"Dem Inhalt nach ist sie eine {other.BEZEICHNUNG}; bitte „format: {other.NAME}“ prüfen."
        if other
        else ""
    )
    raise _fault(
        "", f"Die Datei ist keine {kind.BEZEICHNUNG}.", known or "Bitte beim Lieferanten neu anfordern."
    )


_FREMDE = (
    (
        (b"<!doctype html", b"<html", b"<table", b"<meta"),
        "Dem Inhalt nach ist sie eine Webseite (HTML); bitte in Excel öffnen und als Arbeitsmappe (.xlsx) speichern.",
    ),
    (
        (b"<?xml",),
        "Dem Inhalt nach ist sie XML; bitte in Excel öffnen und als Arbeitsmappe (.xlsx) speichern.",
    ),
    (
        (b"%pdf",),
        "Dem Inhalt nach ist sie ein PDF; bitte die Tabelle als Arbeitsmappe oder CSV-Datei liefern lassen.",
    ),
    ((b"\x1f\x8b", b"7z\xbc\xaf", b"rar!"), "Dem Inhalt nach ist sie gepackt; bitte auspacken."),
)
"""First bytes of files that are no tables though they may be called so, and what helps."""


def _fault(datei: str, text: str, abhilfe: str, blatt: str = "") -> PruefFehler:
    return PruefFehler([Befund("fehler", text, abhilfe, datei=datei, blatt=blatt)])


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not glatt(value))


def _cut(
    label: str, sheet: Blatt, kopf: Kopf | None, ende: str | None, gesucht: Collection[str] = ()
) -> Rohtabelle:
    """Cut the table out of its surroundings: above, heading, rows, end."""
    filled = [(number, row) for number, row in sheet.zeilen if not all(_empty(cell) for cell in row)]
    if not filled:
        raise _fault(label, "Die Lieferung ist leer.", "Bitte beim Lieferanten neu anfordern.", sheet.name)
    start = _heading(filled, kopf)
    if start is None:
        assert kopf is not None
        seen = sorted(
            {glatt(cell) for _, row in filled[:40] for cell in row if isinstance(cell, str) and glatt(cell)}
        )
        remedy = vorschlag(kopf.erkennbar_an, seen) or "Bitte „kopf“ auf der Datensatzseite anpassen."
        raise _fault(
            label,
            f"Die Kopfzeile mit „{kopf.erkennbar_an}“ fehlt.",
            " ".join(filter(None, [remedy, sheet.gelesen])),
            sheet.name,
        )
    height = kopf.hoehe if kopf else 1
    heading = _join(filled[start : start + height], sheet.verbunden)
    asked = {place.position for place in gesucht if isinstance(place, Spaltenstelle)}
    columns = sorted({index for index, name in enumerate(heading) if name} | asked)
    body = [
        (number, row)
        for number, row in filled[start + height :]
        if any(index < len(row) and not _empty(row[index]) for index in columns)
    ]
    if ende:
        body = body[: next((i for i, (_, row) in enumerate(body) if _matches(row, ende)), len(body))]
    if not body:
        raise _fault(label, "Unter der Kopfzeile steht keine Datenzeile; die Lieferung ist leer.",
                     "Bitte beim Lieferanten neu anfordern.", sheet.name)  # fmt: skip
    numbers = [number for number, _ in body]
    place = {number: position for position, number in enumerate(numbers)}
    return Rohtabelle(
        datei=label,
        blatt=sheet.name,
        kopf=heading,
        zeilen=[row for _, row in body],
        nummern=numbers,
        vorspann=[zelltext(cell) for _, row in filled[:start] for cell in row if not _empty(cell)],
        verbunden={
            (place[number], column): value
            for (number, column), value in sheet.verbunden.items()
            if number in place
        },
        maengel=_faulty_rows(
            [row for _, row in body],
            max((index for index in columns if index < len(heading)), default=-1) + 1,
            len(filled[start + height - 1][1]),
            sheet,
            open_end=sheet.offen and numbers[-1] == filled[-1][0],
        ),
        stellen=sheet.stellen,
        gelesen=sheet.gelesen,
        verborgen=sheet.verborgen,
    )


def _faulty_rows(
    rows: Sequence[Zeile], width: int, given: int, sheet: Blatt, *, open_end: bool
) -> dict[int, tuple[str, str]]:
    """Rows that do not have as many cells as the heading; empty ones at the end are none too many.

    ``width`` counts the cells of the heading up to the last one with a name, ``given`` those of its line.
    """
    found: dict[int, tuple[str, str]] = {}
    if sheet.trennzeichen == "," and _decimals_in_the_last_column(rows, width, given):
        return dict.fromkeys(
            range(len(rows)),
            (
                "Jede Zeile hat mehr Zellen als der Kopf, und in den letzten beiden Spalten stehen nur Ziffern; vermutlich ist "
                "das Trennzeichen auch das Dezimalkomma",
                "Bitte mit Semikolon oder mit Anführungszeichen um Zahlen neu anfordern; endet dort jede Zeile mit einem Komma, "
                "bitte auch die Kopfzeile.",
            ),
        )
    alone = set() if sheet.starr else _alone_in_the_last_column(rows, width)
    for position, row in enumerate(rows):
        if sheet.starr:
            beside = row[width] if width < len(row) else None
            if _numeric(beside):
                found[position] = (
                    f"Rechts der letzten Überschrift steht noch eine Zahl ({zelltext(beside)}); vermutlich ist die Zeile verschoben",
                    "Bitte die Überschrift ergänzen lassen oder die Datei neu anfordern.",
                )
            continue
        filled = max((index + 1 for index, cell in enumerate(row) if not _empty(cell)), default=0)
        if position in alone:
            found[position] = (
                "Die Zeile ist länger als die anderen, und nur hier steht etwas in der letzten Spalte; vermutlich steht das "
                "Trennzeichen auch in einer Zahl",
                "Bitte die Datei neu anfordern; Zahlen und Texte mit Trennzeichen gehören in Anführungszeichen.",
            )
        elif filled > width or len(row) < width:
            count = filled if filled > width else len(row)
            reason = (
                "vermutlich steht das Trennzeichen auch in einer Zahl oder einem Text, oder die Zeile gehört nicht zur Tabelle"
                if filled > width
                else "vermutlich ist die Zeile abgeschnitten"
            )
            found[position] = (
                f"Die Zeile hat {count} {'Zelle' if count == 1 else 'Zellen'}, der Kopf {width}; {reason}",
                "Bitte die Datei neu anfordern; Texte mit Trennzeichen gehören in Anführungszeichen, "
                "unter der Tabelle stehende Zeilen trennt „ende“ auf der Datensatzseite ab.",
            )
    if open_end:
        found[len(rows) - 1] = (
            "Die Datei endet mitten in dieser Zeile; vermutlich ist sie abgeschnitten",
            "Bitte neu anfordern; endet jede Datei dieser Stelle so, „ohne_zeilenende: true“ auf der Datensatzseite eintragen.",
        )
    return found


def _alone_in_the_last_column(rows: Sequence[Zeile], width: int) -> set[int]:
    """Rows longer than usual that alone have something in the last column: it was pushed there ("1,5" in a comma file)."""
    lengths = Counter(map(len, rows))
    usual = lengths.most_common(1)[0][0]
    last = width - 1
    long = {position for position, row in enumerate(rows) if len(row) > usual}
    if not long or len(long) * 2 > len(rows) or last < 1:
        return set()
    if any(
        last < len(row) and not _empty(row[last]) for position, row in enumerate(rows) if position not in long
    ):
        return set()
    return {position for position in long if not _empty(rows[position][last])}


def _decimals_in_the_last_column(rows: Sequence[Zeile], width: int, given: int) -> bool:
    """Whether a decimal comma may have pushed every row by one cell, into a last column that was empty before."""
    if width < 2 or any(len(row) <= given for row in rows):
        return False
    return all(_DIGITS.fullmatch(zelltext(cell)) for row in rows for cell in row[width - 2 : width])


_DIGITS = re.compile(r"-?\d+")


def _numeric(cell: Any) -> bool:
    """Whether a cell is a number, be it written as text."""
    if isinstance(cell, str):
        return _ZAHL.fullmatch(glatt(cell)) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool)


_ZAHL = re.compile(r"[+-]?\d+(?:[.,' ]\d+)*(?: ?%)?")


def _matches(row: Zeile, pattern: str) -> bool:
    first = next((glatt(cell) for cell in row if not _empty(cell)), "")
    return muster.beginnt(pattern, first)


def _heading(rows: list[tuple[int, Zeile]], kopf: Kopf | None) -> int | None:
    if kopf is None:
        return next((i for i, (_, row) in enumerate(rows) if sum(not _empty(c) for c in row) > 1), 0)
    wanted = vergleichsform(kopf.erkennbar_an)
    return next(
        (
            i
            for i, (_, row) in enumerate(rows)
            if any(vergleichsform(zelltext(c)) == wanted for c in row if not _empty(c))
        ),
        None,
    )


def _join(rows: list[tuple[int, Zeile]], merged: Any) -> list[str]:
    """Join the parts of a heading from top to bottom; merged cells speak for all their columns."""
    width = max(len(row) for _, row in rows)
    parts: list[list[str]] = [[] for _ in range(width)]
    begins: set[int] = set()  # where a heading above starts, one to the left does not reach across
    for level, (number, row) in enumerate(rows):
        last = ""
        for column in range(width):
            own = row[column] if column < len(row) else None
            value = merged.get((number, column), own)
            text = "" if _empty(value) else zelltext(value)
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
