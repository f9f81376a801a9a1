"""One indicator over the years: a thin line per area, their middle half as a band, the region in front."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._markup import label, shape, tag, text_width
from sozialanalyse.present._zeichnung import HALO, hoehenlinien, sign, teilung
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte

_HOEHE = 300.0


def zeitreihe(
    werte: pd.DataFrame,
    region: pd.Series,
    spalte: Spalte,
    *,
    kontext: Kontext,
    titel: str,
    status: pd.DataFrame | None = None,
    namen: pd.Series | None = None,
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """Development of all areas and of the region.

    Parameters
    ----------
    werte
        Areas x reference dates (ISO text), in order; a missing value breaks the line.
    region
        Value of the region per reference date.
    spalte
        How the values are called and printed; one decimal where it leaves that open.
    status
        Why a value is missing, same shape.
    tafel
        Id of a table of the page that lists the values.
    """
    unit = spalte.einheit
    digits = 1 if spalte.nachkommastellen is None else spalte.nachkommastellen
    states = pd.DataFrame(
        {day: formats.status_von(werte[day], None if status is None else status[day]) for day in werte}
    )
    shown = pd.DataFrame({day: formats.sichtbar(werte[day], states[day]) for day in werte})
    frame = shown.assign(name=werte.index if namen is None else namen.reindex(werte.index))
    frame.index.name = "gebiet_id"
    heads = {
        "gebiet_id": Spalte(text("present.karte.kennung")),
        "name": Spalte(kontext.sozialraum.einzahl),
        **{day: Spalte(formats.datum(day), unit, digits) for day in werte},
    }
    return abbildung(
        lambda prefix, width: _zeichne(shown, region, unit, digits, width),
        titel=titel,
        untertitel=text("present.karte.einheit", einheit=unit) if unit else "",
        beschreibung=_beschreibung(shown, region, unit, digits, kontext),
        legende=lambda prefix: _legende(kontext, bool(region.notna().any())),
        kontext=kontext.mit(tage=tuple(formats.datum(day) for day in werte)),
        frame=frame,
        spalten=heads,
        status=states,
        tafel=tafel,
        umfang=kontext.umfang(int(shown.notna().any(axis=1).sum()), len(shown)),
        id=id,
    )


def _beschreibung(shown: pd.DataFrame, region: pd.Series, einheit: str, places: int, kontext: Kontext) -> str:
    out = [
        text("present.zeitreihe.was", anzahl=formats.zahl(len(shown)), gebiete=kontext.sozialraum.mehrzahl)
    ]
    known = region.reindex(shown.columns).dropna()
    if len(known) > 1:
        first, last = known.index[0], known.index[-1]
        out.append(
            text(
                "present.zeitreihe.region",
                region=kontext.region,
                von=formats.wert(known[first], einheit, places),
                bis=formats.wert(known[last], einheit, places),
                anfang=formats.datum(str(first)),
                ende=formats.datum(str(last)),
            )
        )
    for day in (shown.columns[0], shown.columns[-1]):
        low, high = shown[day].quantile([0.25, 0.75])
        if pd.notna(low):
            span = formats.spanne(low, high, einheit, places)
            out.append(text("present.zeitreihe.mitte", tag=formats.datum(str(day)), spanne=span))
    return " ".join(out)


def _legende(kontext: Kontext, region: bool) -> Legende:
    band = shape("rect", x=1, y=2, width=26, height=14, fill=theme.AKZENT_FLAECHE, stroke=theme.LINIE)
    thin = shape("path", d="M1 13L27 5", stroke=theme.LINIE, stroke_width=1)
    thick = shape("path", d="M1 9H27", stroke=theme.REGION, stroke_width=3)
    return [
        *([(sign(thick), kontext.region)] if region else []),
        (sign(band), text("present.zeitreihe.band", gebiete=kontext.sozialraum.mehrzahl)),
        (sign(thin), text("present.zeitreihe.linie", gebiete=kontext.sozialraum.mehrzahl)),
    ]


def _zeichne(
    shown: pd.DataFrame, region: pd.Series, einheit: str, digits: int, width: float
) -> tuple[str, float]:
    days = pd.to_datetime(pd.Index(shown.columns))
    values = pd.concat([shown.stack(), region.reindex(shown.columns).dropna()])
    ticks = teilung(float(values.min()), float(values.max()), 5) if len(values) else [0.0, 1.0]
    left, right, top, bottom = 52.0, width - 64, 12.0, _HOEHE - 26
    length = (days[-1] - days[0]).days or 1
    xs = {
        key: left + 14 + (right - left - 28) * (day - days[0]).days / length
        for key, day in zip(shown.columns, days, strict=True)
    }

    def at_y(value: float) -> float:
        return bottom - (bottom - top) * (value - ticks[0]) / (ticks[-1] - ticks[0])

    unit = "%" if einheit == "%" else ""
    out = [hoehenlinien(ticks, at_y, left, right, einheit)]
    out.append(_band(shown, xs, at_y))
    rows = zip(shown.index, shown.to_numpy(), strict=True)
    lines = {key: line for key, row in rows if (line := _linie(row, xs.values(), at_y))}
    style = {"fill": "none", "stroke": theme.LINIE, "stroke_opacity": 0.3, "klasse": "sa-linien"}
    out.append(_enden(shown, lines, xs, at_y, region))
    out.append(tag("g", *lines.values(), data_gebiete="|".join(map(str, lines)), **style))
    own = region.reindex(shown.columns)
    out.append(tag("g", _linie(own, xs.values(), at_y), fill="none", stroke=theme.REGION, stroke_width=3))
    known = own.dropna()
    out += [
        shape("circle", cx=xs[day], cy=at_y(value), r=4.5, fill=theme.REGION, stroke=theme.PAPIER)
        for day, value in known.items()
    ]
    if len(known):
        words = formats.wert(known.iloc[-1], unit, digits)
        out.append(label(xs[known.index[-1]] + 9, at_y(known.iloc[-1]) + 4, words, font_weight=650, **HALO))
    return "".join(out) + _tage(xs, bottom), _HOEHE


def _enden(
    shown: pd.DataFrame,
    lines: dict[object, str],
    xs: dict[str, float],
    at_y: Callable[[float], float],
    region: pd.Series,
) -> str:
    """Lines of the areas that are highest and lowest at the last date, with their ids where there is room."""
    day = shown.columns[-1]
    known = shown[day].dropna()
    if len(known) < 2 or known.min() == known.max():
        return ""
    own, out = region.get(day), []
    for key in (known.idxmax(), known.idxmin()):
        out.append(
            lines.get(key, "").replace("/>", f' stroke="{theme.TEXT_LEISE}" stroke-width="1.6" fill="none"/>')
        )
        y = at_y(known[key])
        if own is None or pd.isna(own) or abs(y - at_y(own)) > 14:
            out.append(label(xs[day] + 6, y + 4, str(key), font_size=11, fill=theme.TEXT_LEISE))
    return tag("g", *out)


def _linie(row: Iterable[float], xs: Iterable[float], at_y: Callable[[float], float]) -> str:
    """Line through the known values; a gap starts a new piece, a single value is a short dash."""
    path, before = "", False
    for x, value in zip(xs, row, strict=True):
        if pd.isna(value):
            before = False
            continue
        path += f"{'L' if before else 'M'}{round(x)} {round(at_y(value))}" + ("" if before else "h0")
        before = True
    return shape("path", d=path) if path else ""


def _band(shown: pd.DataFrame, xs: dict[str, float], at_y: Callable[[float], float]) -> str:
    middle = shown.quantile([0.25, 0.75]).dropna(axis=1)
    if middle.shape[1] < 2:
        return ""
    upper = [f"{round(xs[day])} {round(at_y(middle.loc[0.75, day]))}" for day in middle]
    lower = [f"{round(xs[day])} {round(at_y(middle.loc[0.25, day]))}" for day in reversed(list(middle))]
    path = "M" + "L".join(upper + lower) + "z"
    return shape("path", d=path, fill=theme.AKZENT_FLAECHE, stroke=theme.LINIE, stroke_width=0.8)


def _tage(xs: dict[str, float], bottom: float) -> str:
    out, free = [], -1e9
    years = len({day[:4] for day in xs}) == len(xs)
    for day, x in xs.items():
        words = day[:4] if years else formats.datum(day)
        half = text_width(words, 12) / 2
        if x - half > free:
            out.append(label(x, bottom + 18, words, anker="middle", font_size=12, fill=theme.TEXT_LEISE))
            free = x + half + 4
    return "".join(out)
