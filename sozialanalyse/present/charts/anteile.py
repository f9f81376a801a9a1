"""How much of the differences lies between the municipalities: one bar per indicator."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._markup import label, number, records, shape, tag
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import ZEILE, achse, beschriften, sign
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte

_BALKEN = 16


def anteile(
    table: pd.DataFrame,
    *,
    kontext: Kontext,
    titel: str,
    namen: Mapping[Kennung, str] | None = None,
    themen: Mapping[Kennung, str] | None = None,
    themenfolge: Sequence[str] | None = None,
    wert: str = "eta2",
    zufall: str | None = "eta2_null",
    punkt: str | None = "icc",
    unten: str | None = "icc_low",
    oben: str | None = "icc_high",
    id: str | None = None,
) -> Anzeige:
    """Bars from 0 to 100 %: between the municipalities left, within them right.

    Parameters
    ----------
    table
        One row per indicator, shares from 0 to 1; extra columns are ignored.
    namen, themen
        Words and topic per indicator.
    themenfolge
        Order of the topics; as they come when left out. Within a topic the largest share is first.
    wert
        Column of the bar.
    zufall
        Column of the share that chance alone would give: a tick.
    punkt, unten, oben
        Columns of the share cleared of chance and its interval: a dot with a line.

    Columns that do not exist are left out of drawing, legend and table.
    """
    used = {"wert": wert, "zufall": zufall, "punkt": punkt, "unten": unten, "oben": oben}
    used = {key: column for key, column in used.items() if column in table.columns}
    rows = 100 * table[list(used.values())].astype(float).set_axis(list(used), axis=1)
    rows.insert(0, "name", [str((namen or {}).get(key, key)) for key in table.index])
    rows.insert(0, "thema", [str((themen or {}).get(key, "")) for key in table.index])
    order = list(themenfolge or dict.fromkeys(rows["thema"]))
    rank = rows["thema"].map({topic: i for i, topic in enumerate(order)}).fillna(len(order))
    rows = rows.assign(rank=rank).sort_values(["rank", "wert"], ascending=[True, False], kind="stable")
    rows = rows.drop(columns="rank")
    for extra in ("n", "groups"):
        if extra in table.columns:
            rows[extra] = table[extra]
    return abbildung(
        lambda prefix, width: _zeichne(rows, width),
        titel=titel,
        untertitel=text("present.anteile.untertitel", kommunen=kontext.kommune.dativ),
        beschreibung=_beschreibung(rows, kontext),
        legende=lambda prefix: _legende(rows, kontext),
        kontext=kontext,
        frame=rows.reset_index(drop=True),
        spalten=_spalten(rows, kontext),
        umfang=kontext.umfang_je([int(n) for n in rows["n"]]) if "n" in rows else "",
        id=id,
    )


def _spalten(rows: pd.DataFrame, kontext: Kontext) -> dict[Kennung, Spalte]:
    words = {
        "kommunen": kontext.kommune.dativ,
        "gebiete": kontext.sozialraum.mehrzahl,
        "mehrzahl": kontext.kommune.mehrzahl,
    }
    heads: dict[Kennung, Spalte] = {"name": Spalte(text("present.merkmal"))}
    if rows["thema"].any():
        heads["thema"] = Spalte(text("present.thema"))
    for key in ("wert", "zufall", "punkt", "unten", "oben"):
        heads[key] = Spalte(text(f"present.anteile.{key}", **words), "%", 1)
    for key in ("n", "groups"):
        heads[key] = Spalte(text(f"present.anteile.{key}", **words), nachkommastellen=0)
    return heads


def _beschreibung(rows: pd.DataFrame, kontext: Kontext) -> str:
    known = rows.dropna(subset="wert")
    out = [text("present.anteile.was", anzahl=formats.zahl(len(rows)), kommunen=kontext.kommune.dativ)]
    if len(known):
        ranked = known.sort_values("wert", kind="stable")
        low, high = ranked.iloc[0], ranked.iloc[-1]
        out.append(
            text(
                "present.anteile.spanne",
                hoch=high["name"],
                hochwert=formats.prozent(high["wert"], 0),
                tief=low["name"],
                tiefwert=formats.prozent(low["wert"], 0),
            )
        )
    if "zufall" in known:
        above = (known["wert"] > known["zufall"]).sum()
        out.append(text("present.anteile.ueber_zufall", anzahl=formats.zahl(above)))
    if len(known) < len(rows):
        out.append(text("present.ohne_wert", anzahl=formats.zahl(len(rows) - len(known))))
    return " ".join(out)


def _legende(rows: pd.DataFrame, kontext: Kontext) -> Legende:
    box = {"x": 1, "y": 2, "width": 26, "height": 14, "stroke": theme.LINIE}
    words = {
        "kommunen": kontext.kommune.dativ,
        "gebiete": kontext.sozialraum.mehrzahl,
        "mehrzahl": kontext.kommune.mehrzahl,
    }
    fields = [
        (sign(shape("rect", **box, fill=theme.ZWISCHEN)), text("present.anteile.legende_zwischen", **words)),
        (
            sign(shape("rect", **box, fill=theme.INNERHALB)),
            text("present.anteile.legende_innerhalb", **words),
        ),
    ]
    if "zufall" in rows:
        fields.append(
            (sign(_doppelt(_tick("14", 9), theme.REGION, 5, 2.5)), text("present.anteile.legende_zufall"))
        )
    if "punkt" in rows:
        spot = {"cx": 14, "cy": 9, "r": 4, "fill": theme.TINTE, "stroke": theme.PAPIER, "stroke_width": 1.5}
        line = _doppelt(_whisker("3", "25", 9), theme.TINTE, 4.5, 1.8)
        fields.append((sign(line + shape("circle", **spot)), text("present.anteile.legende_punkt")))
    return fields


def _tick(x: str, y: float) -> str:
    """Upright line across a bar whose middle is at ``y``."""
    return f"M{x} {number(y - _BALKEN / 2 - 3)}v{_BALKEN + 6}"


def _whisker(low: str, high: str, y: float) -> str:
    """Line from end to end with a foot at each."""
    return f"M{low} {number(y - 4)}v8m0-4H{high}m0-4v8"


def _doppelt(path: str, farbe: str, aussen: float, innen: float) -> str:
    """Lines with a light edge, so that they stand out from any colour."""
    if not path:
        return ""
    edge = shape("path", d=path, stroke=theme.PAPIER, stroke_width=aussen, fill="none")
    return edge + shape("path", d=path, stroke=farbe, stroke_width=innen, fill="none")


def _zeichne(rows: pd.DataFrame, width: float) -> tuple[str, float]:
    narrow = width < 500
    x0, x1 = (4.0, width - 52) if narrow else (290.0, width - 60)
    out, y, topic = [], 4.0, ""
    bars = _Balken()
    for row in records(rows):
        if row.thema != topic:
            topic = row.thema
            y += 6
            out.append(label(0, y + 13, topic, font_weight=650, fill=theme.TEXT_LEISE))
            y += 24
        if narrow:
            words, height = beschriften(0, y + 12, row.name, width)
            out.append(words)
            y += height + 1
            middle, step = y + _BALKEN / 2, _BALKEN + 12
        else:
            words, height = beschriften(0, y + 15, row.name, x0 - 14)
            out.append(words)
            middle, step = y + max(height, 22) / 2, int(max(height, 22)) + 8
        if pd.isna(row.wert):
            out.append(label(x0 + 4, middle + 5, formats.symbol("unbekannt"), fill=theme.TEXT_LEISE))
        else:
            bars.dazu(row, x0, x1, middle)
        y += step
    ticks = [0, 25, 50, 75, 100]
    grid = achse(x0, x1, 4, y, ticks, [formats.prozent(t, 0) for t in ticks])
    return grid + "".join(out) + bars.gemalt(), y + ZEILE + 8


@dataclass
class _Balken:
    """Paths of all bars, one per layer: what is drawn the same way stands in the page once."""

    innen: str = ""
    zwischen: str = ""
    zufall: str = ""
    spanne: str = ""
    punkte: list[str] = field(default_factory=list)
    zahlen: list[str] = field(default_factory=list)

    def dazu(self, row: Any, x0: float, x1: float, middle: float) -> None:
        def at(value: float) -> str:
            return number(x0 + (x1 - x0) * min(max(value, 0), 100) / 100)

        top = number(middle - _BALKEN / 2)
        for layer, end in (("innen", x1), ("zwischen", float(at(row.wert)))):
            box = f"M{number(x0)} {top}H{number(end)}v{_BALKEN}H{number(x0)}z"
            setattr(self, layer, getattr(self, layer) + box)
        if pd.notna(getattr(row, "zufall", None)):
            self.zufall += _tick(at(row.zufall), middle)
        if pd.notna(getattr(row, "punkt", None)):
            low, high = (getattr(row, name, math.nan) for name in ("unten", "oben"))
            if pd.notna(low) and pd.notna(high):
                self.spanne += _whisker(at(low), at(high), middle)
            self.punkte.append(shape("circle", cx=at(row.punkt), cy=float(middle), r=4))
        self.zahlen.append(label(x1 + 8, middle + 5, formats.prozent(row.wert, 0)))

    def gemalt(self) -> str:
        line = {"stroke": theme.LINIE}
        return "".join(
            (
                shape("path", d=self.innen, fill=theme.INNERHALB, **line) if self.innen else "",
                shape("path", d=self.zwischen, fill=theme.ZWISCHEN, **line) if self.zwischen else "",
                _doppelt(self.zufall, theme.REGION, 5, 2.5),
                _doppelt(self.spanne, theme.TINTE, 4.5, 1.8),
                tag("g", *self.punkte, fill=theme.TINTE, stroke=theme.PAPIER, stroke_width=1.5)
                if self.punkte
                else "",
                tag("g", *self.zahlen, font_weight=650) if self.zahlen else "",
            )
        )
