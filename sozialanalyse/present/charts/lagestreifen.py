"""One strip per indicator: where an area stands among all areas, beside municipality and region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._markup import label, number, shape, tag, text_width, wrap
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import HALO, ZEILE, sign, zeilen
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.charts._punkte import eigen as kommunenmarke
from sozialanalyse.present.charts._punkte import linie, punkt, punktreihe
from sozialanalyse.present.tables import Spalte

_KLEIN = 11
"""Size of the values at the ends of a row."""
_BLASS = "#c3cad2"


@dataclass(frozen=True)
class Streifen:
    """One row: an indicator with the values of all areas.

    ``werte`` has one number per area, missing where it may not be shown; ``region`` and ``kommune``
    are the rates of the whole, not means of areas.
    """

    name: str
    werte: pd.Series
    einheit: str = ""
    nachkommastellen: int = 1
    region: float | None = None
    kommune: float | None = None
    grund: str = ""
    """In words, why the highlighted area has no value; empty if it has one."""


def lage(
    rows: Sequence[Streifen],
    *,
    kontext: Kontext,
    titel: str,
    eigene: pd.Index | None = None,
    hervorheben: Kennung | None = None,
    namen: pd.Series | None = None,
    kommune: str = "",
    untertitel: str = "",
    bezug: str = "",
    id: str | None = None,
) -> Anzeige:
    """Strips with one scale each, from the lowest to the highest value of all areas.

    Parameters
    ----------
    eigene
        Areas whose dots are filled; the others stay pale.
    hervorheben
        Area with a large dark dot.
    namen
        Name per area, said when a dot is pointed at.
    kommune
        Name of the municipality for the legend; empty if the rows hold none.
    bezug
        What ``region`` of the rows stands for where it is not the rate of the region.
    """
    own = pd.Index([]) if eigene is None else eigene
    frame = pd.DataFrame([_zeile(row, hervorheben) for row in rows])
    frame.index = pd.Index([row.name for row in rows], name="merkmal")
    columns = {
        "merkmal": Spalte(text("present.merkmal")),
        "einheit": Spalte(text("present.einheit")),
        "gebiet": Spalte(str(namen[hervorheben]) if namen is not None and hervorheben in namen else ""),
        "kommune": Spalte(kommune),
        "region": Spalte(bezug or kontext.region),
        "tief": Spalte(text("present.lage.tief", gebiete=kontext.sozialraum.dativ)),
        "hoch": Spalte(text("present.lage.hoch", gebiete=kontext.sozialraum.dativ)),
    }
    if hervorheben is None:
        del columns["gebiet"]
    if not kommune:
        del columns["kommune"]
    return abbildung(
        lambda prefix, width: _zeichne(rows, width, own, hervorheben, namen),
        titel=titel,
        untertitel=untertitel or text("present.lage.untertitel", gebiete=kontext.sozialraum.mehrzahl),
        beschreibung=_beschreibung(rows, hervorheben, kontext, kommune, namen, bezug or kontext.region),
        legende=lambda prefix: _legende(kontext, own, hervorheben, namen, kommune, rows, bezug),
        kontext=kontext,
        frame=frame,
        spalten=columns,
        stellen=[row.nachkommastellen for row in rows],
        zusatz="sa-lage",
        umfang=kontext.umfang_je([int(row.werte.notna().sum()) for row in rows]),
        id=id,
    )


def _zeile(row: Streifen, gebiet: Kennung | None) -> dict[str, object]:
    return {
        "einheit": row.einheit,
        "gebiet": row.werte.get(gebiet, float("nan")) if gebiet is not None else float("nan"),
        "kommune": float("nan") if row.kommune is None else row.kommune,
        "region": float("nan") if row.region is None else row.region,
        "tief": row.werte.min(),
        "hoch": row.werte.max(),
    }


def _zeichne(
    rows: Sequence[Streifen], width: float, own: pd.Index, marked: Kennung | None, names: pd.Series | None
) -> tuple[str, float]:
    narrow = width < 500
    x0, x1 = (10.0, width - 10) if narrow else (236.0, width - 14)
    out, y = [], 4.0
    for row in rows:
        words = wrap(row.name, width if narrow else x0 - 28, theme.SCHRIFTGROESSE, 2)
        beside = _spanne(row) if narrow and len(words) == 1 and not row.grund else ""
        if beside and text_width(row.name) + text_width(beside, _KLEIN) + 12 > x1:
            beside = ""
        above = ZEILE * len(words) + (0 if beside else 2) if narrow else 0
        middle = y + above + 11
        first = y + 13 if narrow else middle - ZEILE * len(words) / 2 + 13
        out.append(zeilen(0, first, words))
        if beside:
            out.append(label(x1, first, beside, anker="end", font_size=_KLEIN, fill=theme.TEXT_LEISE))
        out.append(_streifen(row, x0, x1, middle, own, marked, names, not narrow, not beside))
        y = middle + (13 if beside else 22)
    return "".join(out), y


def _enden(row: Streifen) -> list[float]:
    """Values between which a row is drawn."""
    return [*row.werte.dropna(), *(v for v in (row.region, row.kommune) if v is not None and pd.notna(v))]


def _spanne(row: Streifen) -> str:
    """Lowest and highest value of a row in words, for the line of its name; empty where there is no span."""
    ends = _enden(row)
    if not ends or min(ends) == max(ends):
        return ""
    return text(
        "present.lage.spanne",
        tief=formats.zahl(min(ends), row.nachkommastellen),
        hoch=formats.wert(max(ends), row.einheit, row.nachkommastellen),
    )


def _streifen(
    row: Streifen,
    x0: float,
    x1: float,
    y: float,
    own: pd.Index,
    marked: Kennung | None,
    names: pd.Series | None,
    tips: bool,
    below: bool,
) -> str:
    known, ends = row.werte.dropna(), _enden(row)
    if not ends:
        return label(x0, y + 4, text("present.keine_daten"), fill=theme.TEXT_LEISE)
    low, high = min(ends), max(ends)

    def at(value: float) -> float:
        return (x0 + x1) / 2 if high == low else x0 + (x1 - x0) * (value - low) / (high - low)

    out = [shape("path", d=f"M{number(x0)} {number(y)}H{number(x1)}", stroke=theme.RASTER, stroke_width=2)]
    others = known[~known.index.isin(own) & (known.index != marked)]
    out.append(_blasse(sorted({round(at(v)) for v in others}), y))
    if row.region is not None and pd.notna(row.region):
        out.append(linie(at(row.region), y - 12, y + 12))
    if row.kommune is not None and pd.notna(row.kommune):
        out.append(kommunenmarke(at(row.kommune), y, 11))
    mine = known[known.index.isin(own) & (known.index != marked)]
    spots = [(key, at(value), _tip(key, value, row, names) if tips else "") for key, value in mine.items()]
    out.append(punktreihe(spots, y))
    if marked is not None and marked in known.index:
        dot = punkt(at(known[marked]), y, theme.PUNKT, _tip(marked, known[marked], row, names), True)
        out.append(tag("g", dot, data_gebiete=str(marked)))
    if not below:
        return tag("g", *out)
    left, right = _beschriftung(row, low, high, x1 - x0)
    style: dict[str, Any] = {"font_size": _KLEIN, "fill": theme.TEXT_LEISE}
    out.append(label(x0, y + 20, left, **style))
    if right:
        out.append(label(x1, y + 20, right, anker="end", **style))
    if row.grund:
        out.append(label((x0 + x1) / 2, y + 20, row.grund, anker="middle", **style, **HALO))
    return tag("g", *out)


def _beschriftung(row: Streifen, low: float, high: float, room: float) -> tuple[str, str]:
    """Both ends of a row in words; a unit that leaves no room for two stands at the upper one, or at none."""
    whole, bare = (
        [formats.wert(v, unit, row.nachkommastellen) for v in (low, high)] for unit in (row.einheit, "")
    )
    if high == low:
        return whole[0], ""
    for pair in (whole, (bare[0], whole[1])):
        if sum(text_width(words, _KLEIN) for words in pair) + 12 < room:
            return pair[0], pair[1]
    return bare[0], bare[1]


def _blasse(spots: Sequence[int], y: float) -> str:
    """Pale dots of the other areas, as one path from left to right."""
    if not spots:
        return ""
    steps = "".join(f"m{x - before} 0h0" for before, x in pairwise(spots))
    style = {"fill": "none", "stroke": _BLASS, "stroke_width": 6, "stroke_linecap": "round"}
    return shape("path", d=f"M{spots[0]} {number(y)}h0{steps}", **style)


def _tip(key: Kennung, value: float, row: Streifen, names: pd.Series | None) -> str:
    name = str(names[key]) if names is not None and key in names.index else str(key)
    return f"{name}: {formats.wert(value, row.einheit, row.nachkommastellen)}"


def _beschreibung(
    rows: Sequence[Streifen],
    marked: Kennung | None,
    kontext: Kontext,
    kommune: str,
    names: pd.Series | None,
    whole: str,
) -> str:
    area = str(names[marked]) if names is not None and marked in names else str(marked)
    out = [text("present.lage.was", anzahl=formats.zahl(len(rows)), gebiete=kontext.sozialraum.dativ)]
    for row in rows:
        places: dict[str, Any] = {"einheit": row.einheit, "nachkommastellen": row.nachkommastellen}
        parts = []
        if marked is not None and row.grund:
            parts.append(text("present.lage.teil", name=area, wert=row.grund))
        elif marked is not None:
            parts.append(
                text("present.lage.teil", name=area, wert=formats.wert(row.werte.get(marked), **places))
            )  # type: ignore[arg-type]
        if kommune and row.kommune is not None:
            parts.append(text("present.lage.teil", name=kommune, wert=formats.wert(row.kommune, **places)))  # type: ignore[arg-type]
        if row.region is not None:
            parts.append(text("present.lage.teil", name=whole, wert=formats.wert(row.region, **places)))  # type: ignore[arg-type]
        if parts:
            out.append(text("present.lage.zeile", merkmal=row.name, werte=", ".join(parts)))
    return " ".join(out)


def _legende(
    kontext: Kontext,
    own: pd.Index,
    marked: Kennung | None,
    names: pd.Series | None,
    kommune: str,
    rows: Sequence[Streifen],
    whole: str,
) -> Legende:
    fields = []
    if marked is not None:
        name = str(names[marked]) if names is not None and marked in names else str(marked)
        fields.append((sign(punkt(14, 9, theme.PUNKT, strong=True)), name))
    words = {"gebiete": kontext.sozialraum.mehrzahl, "kommune": kommune}
    if len(own) and not kommune and marked is None:
        return [
            *fields,
            (sign(punkt(14, 9, theme.PUNKT)), text("present.lage.alle", **words)),
            *_ganze(rows, kontext, words, whole),
        ]
    if len(own):
        key = "eigene_andere" if marked is not None else "eigene"
        fields.append((sign(punkt(14, 9, theme.PUNKT)), text(f"present.lage.{key}", **words)))
    pale = sign(shape("circle", cx=14, cy=9, r=3, fill=_BLASS))
    fields.append((pale, text("present.lage.andere" if len(own) else "present.lage.alle", **words)))
    return [*fields, *_ganze(rows, kontext, words, whole)]


def _ganze(
    rows: Sequence[Streifen], kontext: Kontext, words: dict[str, str], whole: str
) -> list[tuple[str, str]]:
    """Marks of the municipality and the region."""
    fields = []
    if words["kommune"] and any(row.kommune is not None for row in rows):
        fields.append((sign(kommunenmarke(14, 9)), text("present.lage.kommune", **words)))
    if any(row.region is not None for row in rows):
        told = whole or text("present.lage.region", region=kontext.region)
        fields.append((sign(linie(14, 0, 18)), told))
    return fields
