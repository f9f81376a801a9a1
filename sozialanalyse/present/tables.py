"""Accessible tables with units, gap signs and a CSV download."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

from sozialanalyse.kontext import Kontext
from sozialanalyse.present import formats
from sozialanalyse.present._markup import esc, fragment_id, tag
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.texts import text


@dataclass(frozen=True)
class Spalte:
    """How a column is called and printed.

    ``nachkommastellen=None`` prints whole numbers for integers and one decimal for other numbers.
    """

    label: str
    einheit: str = ""
    nachkommastellen: int | None = None

    @property
    def kopf(self) -> str:
        """Heading with its unit in brackets."""
        return f"{self.label} ({self.einheit})" if self.einheit else self.label


def tabelle(
    frame: pd.DataFrame,
    *,
    titel: str,
    kontext: Kontext,
    spalten: Mapping[Kennung, Spalte] | None = None,
    status: pd.DataFrame | None = None,
    max_zeilen: int | None = None,
    stellen: Sequence[int] | None = None,
    gruppen: Sequence[str] | None = None,
    id: str | None = None,
) -> Anzeige:
    """Table with caption, row and column headers, signs for gaps and a CSV file.

    Parameters
    ----------
    frame
        One row per line; the order is kept. A named index is the row heading, otherwise the first
        shown column is.
    titel
        Caption; says what the table shows.
    kontext
        Source, date and mark.
    spalten
        Columns to show, in this order, with their headings; the name of the index may be among
        them. All columns under their own names when left out.
    status
        Why a number is missing or what limits it, same index; columns may be a subset. A number
        whose status forbids showing it appears neither in the table nor in the file.
    max_zeilen
        Lines to show; the file always holds all of them, and the table says so.
    stellen
        Decimals per row, where a row and not a column has one unit.
    gruppen
        Heading per row; a line of its own stands before the first row of each group.
    id
        Id of the fragment, for links.

    Returns
    -------
    Anzeige
        ``tabelle`` holds the shown columns with forbidden numbers as missing values.
    """
    shown, states, _ = _select(frame, spalten, status)
    name = id or fragment_id("tab", titel, kontext.stichtag, *shown.columns, len(shown))
    body = einbetten(
        frame, titel=titel, kontext=kontext, spalten=spalten, status=status, max_zeilen=max_zeilen,
        stellen=stellen, gruppen=gruppen, id=name,
    )  # fmt: skip
    foot = tag("p", esc(kontext.fusszeile), klasse="sa-fuss")
    html = tag("div", body, foot, klasse="sa sa-tafel", id=name)
    return Anzeige(titel=titel, html=html, tabelle=_values(shown, states))


def einbetten(
    frame: pd.DataFrame,
    *,
    titel: str,
    kontext: Kontext,
    spalten: Mapping[Kennung, Spalte] | None,
    status: pd.DataFrame | None,
    id: str,
    max_zeilen: int | None = None,
    stellen: Sequence[int] | None = None,
    gruppen: Sequence[str] | None = None,
) -> str:
    """Markup of :func:`tabelle` without the wrapper, for use inside a figure.

    ``stellen`` gives decimals per row, where a row and not a column has one unit; a column that
    states its own decimals keeps them.
    """
    shown, states, heads = _select(frame, spalten, status)
    places = [
        list(stellen) if stellen and h.nachkommastellen is None else [_places(shown[c], h)] * len(shown)
        for c, h in zip(shown, heads, strict=True)
    ]
    rows = shown.head(max_zeilen) if max_zeilen else shown
    table = _table(rows, states.head(len(rows)), heads, places, titel=titel, kontext=kontext, gruppen=gruppen)
    more = ""
    if len(rows) < len(shown):
        numbers = {"gezeigt": formats.zahl(len(rows)), "alle": formats.zahl(len(shown))}
        more = tag("p", esc(text("present.tabelle.gekuerzt", **numbers)), klasse="sa-mehr")
    link = _csv_link(csv_text(shown, states, heads, places, kontext=kontext), titel=titel, id=id)
    return table + more + _signs(states) + link


def _select(
    frame: pd.DataFrame, spalten: Mapping[Kennung, Spalte] | None, status: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame, list[Spalte]]:
    """Shown columns with the row heading first, their statuses and headings."""
    spalten = dict(spalten or {column: Spalte(str(column)) for column in frame.columns})
    by_index = frame.index.name is not None or not isinstance(frame.index, pd.RangeIndex)
    keys = [key for key in spalten if key in frame.columns]
    shown = frame[keys].copy()
    heads = [spalten[key] for key in keys]
    given: Any = {} if status is None else status
    states = pd.DataFrame(
        {key: formats.status_von(shown[key], given.get(key)) for key in keys}, index=shown.index
    )
    if by_index:
        key = frame.index.name if frame.index.name is not None else "gebiet_id"
        default = Spalte(text("present.tabelle.zeile") if key == "gebiet_id" else str(key))
        heads.insert(0, spalten.get(key, default))
        shown.insert(0, "\x00index", frame.index.astype(object))
        states.insert(0, "\x00index", "wert")
    return shown, states, heads


def _values(shown: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Shown columns under their own names, forbidden numbers missing."""
    masked = shown.mask(states.isin(formats.OHNE_WERT))
    return masked.drop(columns="\x00index", errors="ignore")


def _table(
    rows: pd.DataFrame,
    states: pd.DataFrame,
    heads: list[Spalte],
    places: list[list[int]],
    *,
    titel: str,
    kontext: Kontext,
    gruppen: Sequence[str] | None = None,
) -> str:
    """The ``<table>`` in a region that scrolls and can be reached by keyboard."""
    kinds = ["sa-zahl" if _is_number(rows[column]) else None for column in rows.columns]
    unit = [tag("span", esc(head.einheit), klasse="sa-einheit") if head.einheit else "" for head in heads]
    head_row = "".join(
        tag("th", esc(head.label), unit[i], scope="col", klasse=kinds[i]) for i, head in enumerate(heads)
    )
    columns = [
        _cells(rows[column], states[column], digits)
        for column, digits in zip(rows.columns, places, strict=True)
    ]
    lines = "".join(
        _zwischen(gruppen, row, len(heads))
        + tag("tr", *(_cell(cell, kinds[i], i == 0) for i, cell in enumerate(line)))
        for row, line in enumerate(zip(*columns, strict=True))
    )
    mark = " " + tag("span", esc(kontext.marke), klasse="sa-marke") if kontext.marke else ""
    caption = tag("caption", tag("span", tag("strong", esc(titel)), mark))
    head, body = tag("thead", tag("tr", head_row)), tag("tbody", lines)
    return tag(
        "div",
        tag("table", caption, head, body, klasse="sa-tabelle"),
        klasse="sa-rolle sa-rolle-hoch" if len(rows) > 25 else "sa-rolle",
        role="group",
        tabindex="0",
        aria_label=text("present.tabelle.bereich", titel=titel),
    )


def _zwischen(gruppen: Sequence[str] | None, row: int, columns: int) -> str:
    """Line with the heading of a group, before its first row."""
    if gruppen is None or (row and gruppen[row] == gruppen[row - 1]):
        return ""
    return tag("tr", tag("th", esc(gruppen[row]), scope="colgroup", colspan=columns), klasse="sa-zwischen")


def _is_number(column: pd.Series) -> bool:
    return bool(is_numeric_dtype(column) and not is_bool_dtype(column))


def _cell(content: str, kind: str | None, first: bool) -> str:
    return tag("th", content, scope="row", klasse=kind) if first else tag("td", content, klasse=kind)


def _places(column: pd.Series, head: Spalte) -> int:
    if head.nachkommastellen is not None:
        return head.nachkommastellen
    return 0 if is_integer_dtype(column) else 1


def _cells(column: pd.Series, states: pd.Series, places: list[int]) -> list[str]:
    """Finished content of one column; ``places`` may be longer than the column."""
    numeric = _is_number(column)
    return [
        _gap(state)
        if state in formats.SYMBOLE or state in formats.OHNE_WERT
        else esc(formats.zahl(value, digits) if numeric else _words(value))
        for value, state, digits in zip(column, states, places, strict=False)
    ]


def _words(value: object) -> str:
    if value is True or value is False:
        return text("present.tabelle.ja" if value else "present.tabelle.nein")
    return str(value)


def _gap(state: str) -> str:
    sign = tag("span", esc(formats.symbol(state)), aria_hidden="true")
    return sign + tag("span", esc(formats.status_wort(state)), klasse="sa-vorlesen")


def _signs(states: pd.DataFrame) -> str:
    used = formats.zeichenerklaerung(pd.unique(states.to_numpy().ravel()))
    if not used:
        return ""
    words = "; ".join(f"{sign} = {meaning}" for sign, meaning in used)
    return tag("p", esc(text("present.tabelle.zeichen", zeichen=words)), klasse="sa-zeichen")


def _csv_link(file: str, *, titel: str, id: str) -> str:
    """Download link that holds the file itself."""
    data = base64.b64encode(file.encode("utf-8-sig")).decode()
    name = tag("span", esc(text("present.tabelle.csv_zu", titel=titel)), klasse="sa-vorlesen")
    href = f"data:text/csv;charset=utf-8;base64,{data}"
    link = tag("a", esc(text("present.tabelle.csv")), name, href=href, download=f"{id}.csv")
    return tag("p", link, klasse="sa-csv")


def csv_text(
    shown: pd.DataFrame,
    states: pd.DataFrame,
    heads: list[Spalte],
    places: list[list[int]],
    *,
    kontext: Kontext,
) -> str:
    """Semicolons, decimal comma, one header row; the mark is the last column of every row.

    A column that has gaps is followed by one with their reasons. Numbers are printed with the
    decimals of the table. Text that a spreadsheet would run as a formula gets an apostrophe.
    """
    out: dict[str, list[str]] = {}
    for column, head, digits in zip(shown.columns, heads, places, strict=True):
        values, state, numeric = shown[column], states[column], _is_number(shown[column])
        cells = [_csv_cell(v, s, d, numeric) for v, s, d in zip(values, state, digits, strict=True)]
        out[_free(out, head.kopf)] = cells
        if (state != "wert").any():
            words = ["" if s == "wert" else formats.status_wort(s) for s in state]
            out[_free(out, text("present.tabelle.status", spalte=head.kopf))] = words
    if kontext.marke:
        out[_free(out, text("present.tabelle.hinweis"))] = [kontext.marke] * len(shown)
    file = pd.DataFrame({_safe(key): cells for key, cells in out.items()}, dtype=object)
    return file.to_csv(sep=";", index=False, lineterminator="\r\n")


def _free(taken: Mapping[str, object], key: str) -> str:
    """Column name that is not in use yet."""
    candidate, n = key, 2
    while candidate in taken:
        candidate, n = f"{key} {n}", n + 1
    return candidate


def _csv_cell(value: object, state: str, places: int, numeric: bool) -> str:
    if state == "null_exakt":
        return "0"
    if state in formats.OHNE_WERT:
        return ""
    if numeric:
        return f"{formats.runden(float(value), places):.{places}f}".replace(".", ",")  # type: ignore[arg-type]
    return _safe(_words(value))


def _safe(words: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return "'" + words if words[:1] in tuple("=+-@\t\r") else words
