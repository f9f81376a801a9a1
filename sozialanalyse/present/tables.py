"""Accessible tables with units and gap signs; a page's script makes files of what they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats
from sozialanalyse.present._markup import esc, fragment_id, fuss, tag
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte, Tafel, tafel, woertlich
from sozialanalyse.present.theme import ZAHLSPALTEN

_ROLLEN = {"table": "table", "tbody": "rowgroup", "tr": "row"}
"""Roles written out where the style sets a table as blocks, which some readers then take for no table."""
HOCH = 40
"""Tables of more lines scroll in a frame of their own."""

__all__ = ["Spalte", "einbetten", "tabelle"]


def tabelle(
    frame: pd.DataFrame,
    *,
    titel: str,
    kontext: Kontext,
    spalten: Mapping[Kennung, Spalte] | None = None,
    status: pd.DataFrame | None = None,
    stellen: Sequence[int] | None = None,
    gruppen: Sequence[str] | None = None,
    hinweis: str = "",
    verweise: Sequence[str] | None = None,
    id: str | None = None,
    stapelbar: bool = False,
) -> Anzeige:
    """Table with caption, row and column headers and signs for gaps.

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
        whose status forbids showing it appears nowhere.
    stellen
        Decimals per row, where a row and not a column has one unit.
    gruppen
        Heading per row; a line of its own stands before the first row of each group.
    hinweis
        Remark in small type below the signs.
    verweise
        Address per row that its heading leads to; empty for none.
    id
        Id of the fragment, for links.
    stapelbar
        Whether the cells of a row stand below each other, each with its heading, where a screen is narrow.

    Returns
    -------
    Anzeige
        ``tabelle`` holds the shown columns with forbidden numbers as missing values, ``tafel`` the same
        with headings and reasons.
    """
    found = tafel(frame, titel=titel, kontext=kontext, spalten=spalten, status=status, stellen=stellen)
    name = id or fragment_id("tab", titel, kontext.stichtag, *found.schluessel, len(frame))
    note = tag("p", esc(hinweis), klasse="sa-zeichen") if hinweis else ""
    foot = fuss(kontext.fusszeile, kontext.ueberall)
    html = tag(
        "div", einbetten(found, gruppen, verweise, stapelbar), note, foot, klasse="sa sa-tafel", id=name
    )
    return Anzeige(titel=titel, html=html, tabelle=found.sichtbar, tafel=found)


def einbetten(
    found: Tafel,
    gruppen: Sequence[str] | None = None,
    verweise: Sequence[str] | None = None,
    stapelbar: bool = False,
) -> str:
    """Markup of a table without the wrapper, for use inside a figure."""
    return _table(found, gruppen, verweise, stapelbar) + _signs(found.status)


def _table(
    found: Tafel, gruppen: Sequence[str] | None, verweise: Sequence[str] | None, stapelbar: bool
) -> str:
    """The ``<table>`` in a region that scrolls and can be reached by keyboard.

    Columns of numbers are named once, on the table; so a cell needs no class.
    """
    numbers = [i for i, column in enumerate(found.werte.columns) if found.zahlen(column)]
    late = {i for i in numbers if i >= ZAHLSPALTEN}
    kinds = ["sa-zahl" if i in late else None for i in range(len(found.spalten))]
    head_row = "".join(
        tag(
            "th",
            esc(head.label),
            tag("span", esc(head.einheit), klasse="sa-einheit") if head.einheit else "",
            scope="col",
            klasse=kinds[i],
            data_k=found.schluessel[i],
            role="columnheader" if stapelbar else None,
        )
        for i, head in enumerate(found.spalten)
    )
    columns = [
        _cells(found, column, places)
        for column, places in zip(found.werte.columns, found.stellen, strict=True)
    ]
    if verweise is not None:
        columns[0] = [
            (tag("a", words, href=address) if address else words, state)
            for (words, state), address in zip(columns[0], verweise, strict=True)
        ]
    names = [f"{head.label} ({head.einheit})" if head.einheit else head.label for head in found.spalten]
    rolle = {key: role if stapelbar else None for key, role in _ROLLEN.items()}
    labels = names if stapelbar else [None] * len(names)
    lines = "".join(
        _zwischen(gruppen, row, len(kinds), rolle["tr"])
        + tag(
            "tr", *(_cell(cell, kinds[i], i == 0, labels[i]) for i, cell in enumerate(line)), role=rolle["tr"]
        )
        for row, line in enumerate(zip(*columns, strict=True))
    )
    mark = " " + tag("span", esc(found.kontext.marke), klasse="sa-marke") if found.kontext.marke else ""
    caption = tag("caption", tag("span", tag("strong", esc(found.titel)), mark))
    classes = [
        "sa-tabelle",
        *(["sa-stapelbar"] if stapelbar else []),
        *(f"sa-z{i + 1}" for i in numbers if i not in late),
    ]
    table = tag(
        "table",
        caption,
        tag("thead", tag("tr", head_row, role=rolle["tr"]), role=rolle["tbody"]),
        tag("tbody", lines, role=rolle["tbody"]),
        klasse=" ".join(classes),
        role=rolle["table"],
    )
    return tag(
        "div",
        table,
        klasse="sa-rolle sa-rolle-hoch" if len(found.werte) > HOCH else "sa-rolle",
        role="group",
        tabindex="0",
        aria_label=text("present.tabelle.bereich", titel=found.titel),
    )


def _zwischen(gruppen: Sequence[str] | None, row: int, columns: int, rolle: str | None) -> str:
    """Line with the heading of a group, before its first row."""
    if gruppen is None or (row and gruppen[row] == gruppen[row - 1]):
        return ""
    heading = tag(
        "th", esc(gruppen[row]), scope="colgroup", colspan=columns, role="columnheader" if rolle else None
    )
    return tag("tr", heading, klasse="sa-zwischen", role=rolle)


def _cell(content: tuple[str, str], kind: str | None, first: bool, label: str | None) -> str:
    words, state = content
    if first:
        return tag("th", words, scope="row", klasse=kind, role="rowheader" if label else None)
    return tag(
        "td", words, klasse=kind, data_s=state or None, data_kopf=label, role="cell" if label else None
    )


def _cells(found: Tafel, column: str, places: Sequence[int]) -> list[tuple[str, str]]:
    """Finished content of one column, with the status of a gap."""
    numeric = found.zahlen(column)
    return [
        (_gap(state), state)
        if state in formats.SYMBOLE or state in formats.OHNE_WERT
        else (esc(formats.zahl(value, digits) if numeric else woertlich(value)), "")
        for value, state, digits in zip(found.werte[column], found.status[column], places, strict=True)
    ]


def _gap(state: str) -> str:
    """Sign for the eye and words for the ear; short names, because a table may hold hundreds."""
    return tag("i", esc(formats.symbol(state)), aria_hidden="true") + tag(
        "span", esc(formats.status_wort(state))
    )


def _signs(states: pd.DataFrame) -> str:
    used = formats.zeichenerklaerung(pd.unique(states.to_numpy().ravel()))
    if not used:
        return ""
    words = "; ".join(f"{sign} = {meaning}" for sign, meaning in used)
    return tag("p", esc(text("present.tabelle.zeichen", zeichen=words)), klasse="sa-zeichen")
