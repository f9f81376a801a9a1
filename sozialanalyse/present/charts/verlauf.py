"""The share between municipalities over the years: one small panel per indicator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._markup import label, number, records, shape, tag, text_width, wrap
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import HALO, ZEILE, sign, teilung, zeilen
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte

_HOEHE, _LUFT = 120.0, 26.0


def verlauf(
    tabelle: pd.DataFrame,
    *,
    kontext: Kontext,
    titel: str,
    namen: Mapping[Kennung, str] | None = None,
    id: str | None = None,
) -> Anzeige:
    """Lines with intervals, the same scale in every panel.

    Parameters
    ----------
    tabelle
        Columns indikator_id, stichtag (ISO text or date) and wert (0 to 1); unten and oben for the
        interval and zufall for the share by chance may be there or not. A missing value breaks
        the line.
    namen
        Words per indicator, in the order of the table.
    """
    rows = tabelle.copy()
    extra = [key for key in ("unten", "oben", "zufall") if key in rows]
    rows[["wert", *extra]] = 100 * rows[["wert", *extra]].astype(float)
    rows["tag"] = pd.to_datetime(rows["stichtag"])
    rows["name"] = [str((namen or {}).get(key, key)) for key in rows["indikator_id"]]
    rows = rows.sort_values("tag", kind="stable")
    order = list(dict.fromkeys(tabelle["indikator_id"]))
    panels = {key: rows[rows["indikator_id"] == key] for key in order}
    frame = pd.concat(panels.values()) if panels else rows
    frame = frame.assign(stichtag=frame["tag"].map(lambda day: formats.datum(day.date())))
    heads = {
        "name": Spalte(text("present.merkmal")),
        "stichtag": Spalte(text("present.stichtag")),
        "wert": Spalte(text("present.anteile.wert", kommunen=kontext.kommune.dativ), "%", 1),
        **{key: Spalte(text(f"present.verlauf.{key}"), "%", 1) for key in extra},
    }
    return abbildung(
        lambda prefix, width: _zeichne(panels, width),
        titel=titel,
        untertitel=text("present.anteile.untertitel", kommunen=kontext.kommune.dativ),
        beschreibung=_beschreibung(panels),
        legende=lambda prefix: _legende(rows),
        kontext=kontext.mit(
            tage=tuple(dict.fromkeys(frame["stichtag"].iloc[frame["tag"].argsort(kind="stable")]))
        ),
        frame=frame.reset_index(drop=True),
        spalten=heads,
        id=id,
    )


def _beschreibung(panels: dict[Kennung, pd.DataFrame]) -> str:
    out = [text("present.verlauf.was", anzahl=formats.zahl(len(panels)))]
    for part in panels.values():
        known = part.dropna(subset="wert")
        if len(known) > 1:
            first, last = known.iloc[0], known.iloc[-1]
            out.append(
                text(
                    "present.verlauf.teil",
                    name=first["name"],
                    von=formats.prozent(first["wert"], 0),
                    bis=formats.prozent(last["wert"], 0),
                    anfang=formats.datum(first["tag"].date()),
                    ende=formats.datum(last["tag"].date()),
                )
            )
    gaps = sum(int(part["wert"].isna().sum()) for part in panels.values())
    return " ".join([*out, text("present.ohne_wert", anzahl=formats.zahl(gaps))] if gaps else out)


def _legende(rows: pd.DataFrame) -> Legende:
    line = shape("path", d="M1 9h26", stroke=theme.AKZENT, stroke_width=2.5)
    fields = [(sign(line + _dot(14, 9)), text("present.verlauf.legende_wert"))]
    if {"unten", "oben"} <= set(rows):
        band = shape("rect", x=1, y=2, width=26, height=14, fill=theme.AKZENT_FLAECHE, stroke=theme.LINIE)
        fields.append((sign(band), text("present.verlauf.legende_band")))
    if "zufall" in rows:
        fields.append((sign(_chance("M1 9h26")), text("present.anteile.legende_zufall")))
    return fields


def _dot(x: float, y: float) -> str:
    return shape("circle", cx=float(x), cy=float(y), r=4, fill=theme.AKZENT, stroke=theme.PAPIER)


def _chance(path: str) -> str:
    return shape("path", d=path, fill="none", stroke=theme.REGION, stroke_width=2, stroke_dasharray="5 3")


def _zeichne(panels: dict[Kennung, pd.DataFrame], width: float) -> tuple[str, float]:
    columns = 1 if width < 500 else min(3, max(len(panels), 1))
    size = (width - (columns - 1) * _LUFT) / columns
    every = pd.concat(panels.values()) if panels else pd.DataFrame({"wert": []})
    shares = every[[key for key in ("wert", "oben", "zufall") if key in every]].to_numpy(float)
    ticks = [t for t in teilung(0, min(float(np.nanmax(shares, initial=10)), 100), 4) if t <= 100]
    span = (every["tag"].min(), every["tag"].max()) if len(every) else (None, None)
    heads = [
        wrap(str(part["name"].iloc[0]), 0.92 * size, theme.SCHRIFTGROESSE, 3) for part in panels.values()
    ]
    head = ZEILE * max(map(len, heads), default=1) + 8
    step = head + _HOEHE + 34
    out = []
    for i, (part, lines) in enumerate(zip(panels.values(), heads, strict=True)):
        x, y = (i % columns) * (size + _LUFT), (i // columns) * step
        out.append(zeilen(x, y + 13, lines, font_weight=650))
        out.append(_panel(part, x, y + head, size, ticks, span))
    return "".join(out), -(-len(panels) // columns) * step


def _panel(
    part: pd.DataFrame, x: float, y: float, size: float, ticks: list[float], span: tuple[Any, Any]
) -> str:
    left, right, top, bottom = x + 38, x + size - 14, y + 6, y + _HOEHE

    def at_y(value: float) -> float:
        return bottom - (bottom - top) * min(max(value, 0), ticks[-1]) / ticks[-1]

    length = (span[1] - span[0]).days or 1

    def at_x(day: pd.Timestamp) -> float:
        return (
            (left + right) / 2
            if span[0] == span[1]
            else left + 6 + (right - left - 12) * (day - span[0]).days / length
        )

    out = []
    for tick in ticks:
        out.append(
            shape("path", d=f"M{number(left)} {number(at_y(tick))}H{number(right)}", stroke=theme.RASTER)
        )
        out.append(
            label(
                left - 5,
                at_y(tick) + 4,
                formats.prozent(tick, 0),
                anker="end",
                font_size=11,
                fill=theme.TEXT_LEISE,
            )
        )
    spots = part.assign(x=part["tag"].map(at_x))
    out += [_names(spots, bottom), _lines(spots, at_y)]
    return tag("g", *out)


def _names(spots: pd.DataFrame, bottom: float) -> str:
    years = spots["tag"].dt.year.is_unique
    out, free = [], -1e9
    for row in records(spots):
        words = str(row.tag.year) if years else formats.datum(row.tag.date())
        half = text_width(words, 11) / 2
        if row.x - half > free:
            out.append(label(row.x, bottom + 15, words, anker="middle", font_size=11, fill=theme.TEXT_LEISE))
            free = row.x + half + 3
    return "".join(out)


def _lines(spots: pd.DataFrame, at_y: Callable[[float], float]) -> str:
    out = []
    for run in _runs(spots):
        if {"unten", "oben"} <= set(run) and run[["unten", "oben"]].notna().all(axis=None):
            upper = [(r.x, at_y(r.oben)) for r in records(run)]
            lower = [(r.x, at_y(r.unten)) for r in records(run)][::-1]
            if len(run) == 1:
                upper, lower = _wide(upper), _wide(lower)[::-1]
            out.append(
                shape(
                    "path",
                    d=_path(upper + lower) + "z",
                    fill=theme.AKZENT_FLAECHE,
                    stroke=theme.LINIE,
                    stroke_width=0.8,
                )
            )
        if "zufall" in run and run["zufall"].notna().all():
            points = [(r.x, at_y(r.zufall)) for r in records(run)]
            out.append(_chance(_path(points if len(points) > 1 else _wide(points))))
        points = [(r.x, at_y(r.wert)) for r in records(run)]
        out.append(shape("path", d=_path(points), fill="none", stroke=theme.AKZENT, stroke_width=2.5))
        out += [_dot(x, y) for x, y in points]
    known = spots.dropna(subset="wert")
    if len(known):
        last = known.iloc[-1]
        out.append(
            label(
                last["x"] + 6,
                at_y(last["wert"]) - 9,
                formats.prozent(last["wert"], 0),
                anker="end",
                font_weight=650,
                **HALO,
            )
        )
    return "".join(out)


def _runs(spots: pd.DataFrame) -> list[pd.DataFrame]:
    """Unbroken stretches of known values."""
    known = spots["wert"].notna()
    stretch = (~known).cumsum()
    return [run for _, run in spots[known].groupby(stretch[known])]


def _wide(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    (x, y), *_ = points
    return [(x - 5, y), (x + 5, y)]


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
