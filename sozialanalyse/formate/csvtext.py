"""Delimited text (CSV, TSV): delimiter and character set are found out where the page does not tell them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal

from sozialanalyse.base import Blatt, PruefFehler, Spaltenstelle, Stellen, vergleichsform
from sozialanalyse.formate.form import Dateiform, unlesbar

NAME = "csv"
BEZEICHNUNG = "Textdatei mit Trennzeichen (CSV)"
ENDUNGEN = (".csv", ".txt", ".tsv", ".tab")

STELLEN = Stellen(zelle="Zeile {zeile}, Spalte {nummer}", spalte="Spalte {nummer}")

_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32",
                     b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # fmt: skip
"""The longer marks first: one begins like another."""
_ACHTBIT = ("cp1252", "cp850", "mac_roman")
_UMLAUTE = frozenset("äöüÄÖÜß")
_ZEICHEN = {";": "Semikolon", "\t": "Tabulator", ",": "Komma", "|": "senkrechter Strich"}
_ANDERE = (b"pk\x03\x04", b"\xd0\xcf\x11\xe0", b"sqlite format 3", b"\x1f\x8b", b"%pdf")
_PROBE = 200
"""So many lines decide on delimiter and character set."""
_ANFANG = 2_000_000
"""So many characters at most."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+")
MEISTE_ZEILEN, MEISTE_ZELLEN, MEISTE_VERSCHIEDENE = 2_000_000, 20_000_000, 1_200_000
"""Rows, cells and different cells that fit into a gigabyte."""


class Form(Dateiform):
    """Options of delimited text."""

    format: Literal["csv"] = "csv"
    kodierung: str | None = None
    """Character set; default found out."""
    trennzeichen: str | None = None
    """Sign between cells; default found out."""
    ohne_zeilenende: bool = False
    """Whether the supplier ends the file without a line break, so that this is no sign of a cut file."""


def erkennt(anfang: bytes) -> bool:
    """Whether bytes look like text that is neither JSON nor a web page."""
    start = anfang.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return not start.startswith((*_ANDERE, b"{", b"<!doctype", b"<html", b"<table", b"<meta", b"<?xml"))


def lies(pfad: Path, form: Form, gesucht: Collection[str] = ()) -> list[Blatt]:
    """Read a text file.

    Parameters
    ----------
    gesucht
        Headings the page asks for; what makes most of them cells of their own is the right reading.

    Raises
    ------
    PruefFehler
        If the character set does not fit or a quotation mark is never closed.
    """
    wanted = _wanted(form, gesucht)
    text, coding = _decode(pfad.read_bytes(), form.kodierung, wanted)
    text = text.rstrip("\x1a\0")
    if "\0" in text:
        raise unlesbar(
            "Hier steht ein NUL-Zeichen, das in keinem Text vorkommt; vermutlich ist die Datei beschädigt oder keine Textdatei.",
            "Bitte neu anfordern.",
            zeile=text.count("\n", 0, text.index("\0")) + 1,
        )
    sign = form.trennzeichen or _delimiter(text, wanted)
    if _in_columns_of_spaces(text, sign, wanted):
        raise unlesbar(
            "Die Spalten sind durch Leerzeichen getrennt; dann ist nicht zu erkennen, wo ein Name endet und eine Zelle leer ist.",
            "Bitte mit Semikolon oder Tabulator getrennt oder als Arbeitsmappe (.xlsx) neu anfordern.",
        )
    if (
        text.count(sign) > MEISTE_ZELLEN
    ):  # a single row of them would fill the memory before it could be counted
        raise _zu_gross()
    reader = csv.reader((line[0] for line in _LINE.finditer(text)), delimiter=sign, strict=True)
    rows: list[tuple[int, list[str]]] = []
    start, cells = 1, 0
    same: dict[str, str] = {}  # equal cells are one text in memory
    try:
        for row in reader:
            if reader.line_num > start and (swallowed := _swallows_rows(row, sign)):
                raise unlesbar(
                    f"Eine Zelle enthält ganze Zeilen („{swallowed}“); vermutlich ist ein Anführungszeichen zu viel oder fehlt.",
                    "Bitte die Anführungszeichen berichtigen oder die Datei neu anfordern.",
                    zeile=start,
                )
            rows.append((start, [same.setdefault(cell, cell) for cell in row]))
            cells += len(row)
            if len(rows) > MEISTE_ZEILEN or len(same) > MEISTE_VERSCHIEDENE or cells > MEISTE_ZELLEN:
                raise _zu_gross()
            start = reader.line_num + 1
    except csv.Error:
        raise unlesbar(
            "Ab hier ist die Datei keine lesbare Tabelle.",
            "Bitte auf ein einzelnes Anführungszeichen prüfen; fehlt das Ende der Datei, bitte neu anfordern.",
            zeile=start,
        ) from None
    cut = bool(text) and not text.endswith(("\n", "\r")) and not form.ohne_zeilenende
    read = (
        f"Gelesen ist die Datei mit dem Trennzeichen {_ZEICHEN.get(sign, sign)} und der Kodierung {coding}."
    )
    return [Blatt("", rows, stellen=STELLEN, offen=cut, starr=False, trennzeichen=sign, gelesen=read)]


def _zu_gross() -> PruefFehler:
    shown = (f"{n:,}".replace(",", ".") for n in (MEISTE_ZEILEN, MEISTE_ZELLEN, MEISTE_VERSCHIEDENE))
    return unlesbar(
        "Die Datei ist zu groß für den Arbeitsspeicher; gelesen werden höchstens {} Zeilen, {} Zellen und {} verschiedene "
        "Einträge.".format(*shown),
        "Bitte auf die gebrauchten Zeilen und Spalten kürzen oder je Stichtag eine Datei liefern lassen.",
    )


def _swallows_rows(row: list[str], sign: str) -> str:
    """The first line of a cell that holds line breaks and as many delimiters as its row; notes stand alone."""
    if sum(bool(cell.strip()) for cell in row) < 2:
        return ""
    eaten = [cell for cell in row if len(cell.splitlines()) > 1 and cell.count(sign) >= len(row) - 1]
    return eaten[0].splitlines()[0][:40] if eaten else ""


def _wanted(form: Form, gesucht: Collection[str]) -> dict[str, int]:
    """Comparable forms of the parts of all headings that are looked for; the one that marks the heading counts most."""
    named = [text for text in gesucht if not isinstance(text, Spaltenstelle)]
    forms = {vergleichsform(part): 1 for text in named for part in text.split(" | ")}
    if form.kopf:
        forms[vergleichsform(form.kopf.erkennbar_an)] = 1000
    return {text: weight for text, weight in forms.items() if text}


def _decode(raw: bytes, kodierung: str | None, wanted: dict[str, int]) -> tuple[str, str]:
    """Text of a file and the name of its character set."""
    marked = next((name for mark, name in _BYTE_ORDER_MARKS.items() if raw.startswith(mark)), None)
    wide = _without_mark(raw)
    if marked is None and wide is not None and _plain(kodierung) != wide[:6].replace("-", ""):
        if kodierung:
            raise unlesbar(
                f"Die Datei ist in {wide[:6].upper()} geschrieben, nicht in {kodierung}.",
                f"Bitte „kodierung: {wide}“ auf der Datensatzseite eintragen.",
            )
        marked = wide
    given = marked or kodierung
    for candidate in [given] if given else ["utf-8"]:
        try:
            return raw.decode(candidate), candidate
        except UnicodeDecodeError as error:
            at = error.start
            halved = error.end == len(error.object)
            if halved and (marked or (not given and not raw[:at].isascii())):
                raise unlesbar(
                    f"Die Datei endet mitten in einem Zeichen ({candidate}); vermutlich ist sie abgeschnitten.",
                    "Bitte neu anfordern.",
                    zeile=raw[:at].decode(candidate, "ignore").count("\n") + 1,
                ) from None
        except LookupError:
            raise unlesbar(
                f"Die Kodierung „{candidate}“ gibt es nicht.",
                "Üblich sind utf-8, cp1252 und cp850; bitte auf der Datensatzseite berichtigen.",
            ) from None
    readable = dict(_eight_bit(raw))
    best = max(readable, key=lambda name: _fits(readable[name], wanted), default="")
    if given or not best:
        fits = f"; sie passt zu {best}" if best else ""
        raise unlesbar(
            f"Die Datei ist nicht in der Kodierung {given or 'utf-8'} geschrieben{fits}.",
            f"Bitte „kodierung: {best}“ auf der Datensatzseite eintragen."
            if best
            else "Bitte „kodierung“ auf der Datensatzseite angeben oder die Datei als UTF-8 neu speichern.",
            zeile=raw.count(b"\n", 0, at) + 1,
        )
    return readable[best], best


def _plain(kodierung: str | None) -> str:
    """Family of a wide character set, such as "utf16"."""
    return (kodierung or "").replace("_", "").replace("-", "").lower()[:5]


def _without_mark(raw: bytes) -> str | None:
    """UTF-16 and UTF-32 without their mark betray themselves: most bytes of plain words are zero."""
    head = raw.rstrip(b"\0")[:2000]
    zeros = [head[at::4].count(0) for at in range(4)]
    often = [count > len(head) / 8 for count in zeros]
    if sum(often) == 3:
        return "utf-32-le" if not often[0] else "utf-32-be"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if max(even, odd) <= len(head) / 8 or min(even, odd) > max(even, odd) / 4:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _eight_bit(raw: bytes) -> Iterator[tuple[str, str]]:
    for name in _ACHTBIT:
        try:
            yield name, raw.decode(name)
        except UnicodeDecodeError:
            continue


def _fits(text: str, wanted: dict[str, int]) -> tuple[int, int]:
    """How well a reading fits: headings found, then German letters."""
    head = "\n".join(_first_lines(text))
    found = max((_found(head, sign, wanted) for sign in _ZEICHEN), default=0)
    return found, sum(letter in _UMLAUTE for letter in text[:1_000_000])


def _first_lines(text: str) -> list[str]:
    """The lines that decide, but no more of them than a page could hold."""
    lines = text[:_ANFANG].splitlines()[:_PROBE]
    return lines[:-1] if len(text) > _ANFANG and 1 < len(lines) < _PROBE else lines


def _found(head: str, sign: str, wanted: dict[str, int]) -> int:
    """Weight of the headings that become cells of their own."""
    if not wanted:
        return 0
    cells: set[str] = set()
    try:
        for row in csv.reader(io.StringIO(head, newline=""), delimiter=sign):
            cells.update(row)
    except csv.Error:
        return 0
    forms = {vergleichsform(cell) for cell in cells}
    return sum(weight for text, weight in wanted.items() if text in forms)


def _in_columns_of_spaces(text: str, sign: str, wanted: dict[str, int]) -> bool:
    """Whether no delimiter makes cells of the headings, but blanks do."""
    head = "\n".join(_first_lines(text))
    if not wanted or _found(head, sign, wanted):
        return False
    lines = [line.strip() for line in head.splitlines()]
    cells = {vergleichsform(cell) for line in lines for cell in re.split(r" {2,}", line)}
    cells |= {vergleichsform(word) for line in lines if " " in line for word in line.split()}
    return not cells.isdisjoint(wanted)


def _delimiter(text: str, wanted: dict[str, int]) -> str:
    """The sign that makes the headings cells; else the one that splits most lines into the same number of parts."""
    lines = [line for line in _first_lines(text) if line.strip()]
    head = "\n".join(lines)

    def score(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines if line.count(sign)]
        usual = max(set(counts), key=counts.count) if counts else 0
        return _found(head, sign, wanted), counts.count(usual) * usual

    return max(_ZEICHEN, key=score)
