"""Every area a dot, one row per municipality or type."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pandas as pd

from sozialanalyse.kontext import Kontext
from sozialanalyse.present import formats, theme
from sozialanalyse.present._gebiete import (
    gebietsname,
    kommunenname,
    lueckensaetze,
    spannensaetze,
    tafelspalten,
)
from sozialanalyse.present._markup import esc, fragment_id, number, shape, tag, wrap
from sozialanalyse.present._typen import typcode, typname
from sozialanalyse.present._zeichnung import HALO, ZEILE, achse, sign, stellen, teilung, zeilen
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tables import Spalte
from sozialanalyse.texts import text

_RADIUS = 4.5


@dataclass(frozen=True)
class _Reihe:
    """One row: its name, its dots (value per area), its own value."""

    name: str
    punkte: pd.Series
    eigen: float | None
    farbe: str = theme.PUNKT


def streifen(
    werte: pd.Series,
    kommune: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    einheit: str = "",
    nachkommastellen: int = 1,
    label_wert: str = "",
    status: pd.Series | None = None,
    kommune_werte: pd.Series | None = None,
    region_wert: float | None = None,
    namen: pd.Series | None = None,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Hashable | None = None,
    id: str | None = None,
) -> Anzeige:
    """Distribution of the areas per municipality for one indicator.

    Parameters
    ----------
    werte, kommune
        Value and kommune_id per area.
    status
        Why a value is missing; forbidden values are neither drawn nor listed.
    kommune_werte
        Rate of each municipality as a whole (not the mean of its areas): a short line, and the
        order of the rows. Without it the rows are in alphabetical order.
    region_wert
        Rate of the region: a line through all rows.
    namen, kommunen
        Names of the areas; frame indexed by kommune_id with column name.
    hervorheben
        Area whose dot is larger and dark.
    """
    states = formats.status_von(werte, status)
    shown = formats.sichtbar(werte, states)
    groups = kommune.reindex(werte.index)
    names = {key: kommunenname(kommunen, key) for key in groups.dropna().unique()}
    own = {} if kommune_werte is None else kommune_werte.dropna().to_dict()
    order = sorted(names, key=lambda k: (-own[k] if k in own else float("inf"), formats.natuerlich(names[k])))
    rows = [_Reihe(names[key], shown[groups == key].dropna(), own.get(key)) for key in order]
    frame = pd.DataFrame(
        {
            "name": namen.reindex(werte.index) if namen is not None else werte.index.astype(str),
            "kommune": groups.map(names),
        },
        index=werte.index,
    ).assign(wert=shown)
    frame.index.name = "gebiet_id"
    frame = frame.loc[sorted(frame.index, key=formats.natuerlich)]
    words = {**tafelspalten(kontext), "wert": Spalte(label_wert or titel, einheit, nachkommastellen)}
    return abbildung(
        lambda prefix, width: _zeichne(
            rows, width, einheit, nachkommastellen, region_wert, hervorheben, frame["name"]
        ),
        titel=titel,
        untertitel=text("present.karte.einheit", einheit=einheit) if einheit else "",
        beschreibung=_beschreibung(
            shown, states, frame["name"], einheit, nachkommastellen, region_wert, kontext
        ),
        legende=lambda prefix: [
            *_legende(kontext, bool(own), region_wert, einheit, nachkommastellen),
            *_hervorgehoben(frame["name"], hervorheben),
        ],
        kontext=kontext,
        frame=frame,
        spalten=words,
        status=states.to_frame("wert"),
        id=id,
    )


def streifen_auswahl(
    werte: pd.DataFrame,
    kommune: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    spalten: Mapping[Hashable, Spalte],
    status: pd.DataFrame | None = None,
    kommune_werte: pd.DataFrame | None = None,
    region_werte: pd.Series | None = None,
    namen: pd.Series | None = None,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Hashable | None = None,
    id: str | None = None,
) -> Anzeige:
    """:func:`streifen` for several indicators, one unfolded at a time, the first open.

    ``werte``, ``status`` and ``kommune_werte`` have one column per indicator, ``region_werte`` one
    entry; ``spalten`` gives words, unit and decimals and the order.
    """
    name = id or fragment_id("auswahl", titel, kontext.stichtag, *spalten)
    parts = {
        key: streifen(
            werte[key],
            kommune,
            kontext=kontext,
            titel=head.label,
            einheit=head.einheit,
            nachkommastellen=1 if head.nachkommastellen is None else head.nachkommastellen,
            status=None if status is None or key not in status else status[key],
            kommune_werte=None if kommune_werte is None or key not in kommune_werte else kommune_werte[key],
            region_wert=None if region_werte is None else region_werte.get(key),
            namen=namen,
            kommunen=kommunen,
            hervorheben=hervorheben,
            id=f"{name}-{i}",
        )
        for i, (key, head) in enumerate(spalten.items(), start=1)
        if key in werte
    }
    folded = [
        tag("details", tag("summary", esc(part.titel)), part.html, klasse="sa-falte", name=name, open=i == 0)
        for i, part in enumerate(parts.values())
    ]
    html = tag("div", tag("p", tag("strong", esc(titel), klasse="sa-titel")), *folded, klasse="sa", id=name)
    table = pd.DataFrame({key: part.tabelle["wert"] for key, part in parts.items()})
    first = next(iter(parts.values()), None)
    words = " ".join(part.beschreibung for part in parts.values())
    return Anzeige(titel=titel, html=html, svg=first.svg if first else "", beschreibung=words, tabelle=table)


def sicherheit(
    sicherheit: pd.Series,
    typen: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    grenze: float = 0.6,
    namen: Mapping[Hashable, str] | None = None,
    gebietsnamen: pd.Series | None = None,
    id: str | None = None,
) -> Anzeige:
    """How surely each area belongs to its type: dots per type from 0 to 100 %.

    Parameters
    ----------
    sicherheit
        Share of agreement per area, 0 to 1.
    typen
        Type per area; areas without a type or without a share are counted in the description.
    grenze
        Share below which an assignment counts as unsure: a line.
    """
    percent = 100 * sicherheit.astype(float)
    kinds = typen.reindex(percent.index)
    order = sorted(kinds.dropna().unique(), key=formats.natuerlich)
    words = {kind: typname(kind, namen) for kind in order}
    fills = dict(zip(order, theme.typfarben([typcode(kind) for kind in order]).values(), strict=True))
    rows = [
        _Reihe(words[k], p := percent[kinds == k].dropna(), float(p.median()) if len(p) else None, fills[k])
        for k in order
    ]
    names = gebietsnamen.reindex(percent.index) if gebietsnamen is not None else percent.index.astype(str)
    frame = pd.DataFrame({"name": names, "typ": kinds.map(words), "wert": percent}, index=percent.index)
    frame.index.name = "gebiet_id"
    frame = frame.sort_values("wert", kind="stable")
    known = percent[kinds.notna()].dropna()
    limit = formats.anteil(grenze)
    out = [
        text(
            "present.sicherheit.was",
            anzahl=formats.zahl(len(known)),
            unsicher=formats.zahl((known < 100 * grenze).sum()),
            grenze=limit,
        )
    ]
    if len(known) < len(percent):
        out.append(text("present.ohne_wert", anzahl=formats.zahl(len(percent) - len(known))))
    marks = [
        (
            sign(_dot(14, 9, theme.PUNKT)),
            text("present.streifen.legende_punkt", gebiet=kontext.sozialraum.einzahl),
        ),
        (sign(_own(14, 9)), text("present.sicherheit.legende_mitte")),
        (sign(_line(14, 0, 18)), text("present.sicherheit.legende_grenze", grenze=limit)),
    ]
    return abbildung(
        lambda prefix, width: _zeichne(
            rows, width, "%", 0, 100 * grenze, None, frame["name"], ticks=[0, 25, 50, 75, 100]
        ),
        titel=titel,
        beschreibung=" ".join(out),
        legende=lambda prefix: marks,
        kontext=kontext,
        frame=frame,
        spalten={
            "gebiet_id": Spalte(text("present.karte.kennung")),
            "name": Spalte(kontext.sozialraum.einzahl),
            "typ": Spalte(text("present.typ.spalte")),
            "wert": Spalte(text("present.sicherheit.spalte"), "%", 0),
        },
        id=id,
    )


def _beschreibung(
    shown: pd.Series,
    states: pd.Series,
    names: pd.Series,
    einheit: str,
    places: int,
    region: float | None,
    kontext: Kontext,
) -> str:
    known = shown.dropna()
    out = [text("present.streifen.was", anzahl=formats.zahl(len(known)), gebiete=kontext.sozialraum.mehrzahl)]
    out += spannensaetze(known, names, einheit, places)
    if region is not None and pd.notna(region):
        out.append(text("present.streifen.region", wert=formats.wert(region, einheit, places)))
    return " ".join([*out, *lueckensaetze(shown, states)])


def _legende(kontext: Kontext, own: bool, region: float | None, einheit: str, places: int) -> Legende:
    fields = [
        (
            sign(_dot(14, 9, theme.PUNKT)),
            text("present.streifen.legende_punkt", gebiet=kontext.sozialraum.einzahl),
        )
    ]
    if own:
        fields.append(
            (sign(_own(14, 9)), text("present.streifen.legende_eigen", kommune=kontext.kommune.einzahl))
        )
    if region is not None and pd.notna(region):
        value = formats.wert(region, einheit, places)
        fields.append(
            (
                sign(_line(14, 0, 18)),
                text("present.streifen.legende_region", region=kontext.region, wert=value),
            )
        )
    return fields


def _hervorgehoben(names: pd.Series, gebiet: Hashable | None) -> Legende:
    if gebiet not in names.index:
        return []
    name = gebietsname(gebiet, names[gebiet])
    return [(sign(_dot(14, 9, theme.PUNKT, strong=True)), text("present.karte.hervorgehoben", gebiet=name))]


def _dot(x: float, y: float, fill: str, tip: str = "", strong: bool = False) -> str:
    inner = tag("title", esc(tip)) if tip else ""
    radius = 7 if strong else _RADIUS
    return tag(
        "circle",
        inner,
        cx=float(x),
        cy=float(y),
        r=radius,
        fill=theme.TINTE if strong else fill,
        stroke=theme.TINTE,
    )


def _own(x: float, y: float, half: float = 9) -> str:
    line = f"M{number(x)} {number(y - half)}v{number(2 * half)}"
    return shape("path", d=line, stroke=theme.PAPIER, stroke_width=6) + shape(
        "path", d=line, stroke=theme.TINTE, stroke_width=3
    )


def _line(x: float, top: float, bottom: float) -> str:
    return shape(
        "path",
        d=f"M{number(x)} {number(top)}V{number(bottom)}",
        stroke=theme.REGION,
        stroke_width=2,
        stroke_dasharray="5 3",
    )


def _zeichne(
    rows: list[_Reihe],
    width: float,
    einheit: str,
    places: int,
    line: float | None,
    hervorheben: Hashable | None,
    names: pd.Series,
    ticks: list[float] | None = None,
) -> tuple[str, float]:
    narrow = width < 500
    values = [v for row in rows for v in (*row.punkte, row.eigen, line) if v is not None and pd.notna(v)]
    ticks = ticks or teilung(min(values, default=0), max(values, default=1), 4 if narrow else 6)
    digits = min(stellen(ticks), places) if places else 0
    x0, x1 = (16.0, width - 24) if narrow else (210.0, width - 26)

    def at(value: float) -> float:
        return x0 + (x1 - x0) * (value - ticks[0]) / (ticks[-1] - ticks[0])

    out, over, y = [], [], 6.0
    for row in rows:
        spots = _verteilt(row.punkte, at)
        names_rows = wrap(row.name, width if narrow else x0 - 22, theme.SCHRIFTGROESSE, 1 if narrow else 2)
        height = len(names_rows) * ZEILE
        half = max([12.0, 0 if narrow else height / 2 + 3, *(abs(dy) + _RADIUS + 3 for _, _, dy in spots)])
        middle = y + half + (height if narrow else 0)
        first = y + 13 if narrow else middle - height / 2 + 13
        out.append(shape("path", d=f"M{number(x0)} {number(middle)}H{number(x1)}", stroke=theme.RASTER))
        over.append(zeilen(0, first, names_rows, **HALO))
        if row.eigen is not None and pd.notna(row.eigen):
            out.append(_own(at(row.eigen), middle, half - 1))
        for gebiet, x, dy in sorted(spots, key=lambda s: s[0] == hervorheben):
            tip = f"{gebietsname(gebiet, names[gebiet])}: {formats.wert(row.punkte[gebiet], einheit, places)}"
            out.append(_dot(x, middle + dy, row.farbe, tip, gebiet == hervorheben))
        y = middle + half + 2
    grid = achse(
        x0, x1, 4, y, ticks, [formats.wert(t, einheit if einheit == "%" else "", digits) for t in ticks]
    )
    limit = _line(at(line), 2, y) if line is not None and pd.notna(line) else ""
    return grid + limit + "".join(out + over), y + ZEILE + 6


def _verteilt(values: pd.Series, at) -> list[tuple[Hashable, float, float]]:  # type: ignore[no-untyped-def]
    """Dots side by side where they would touch: each takes the free place nearest to the middle."""
    placed: list[tuple[Hashable, float, float]] = []
    step = 2 * _RADIUS + 0.5
    for key, value in values.sort_values(kind="stable").items():
        x = at(value)
        near = [dy for _, other, dy in placed if abs(other - x) < step]
        lanes = [0.0, *(s * lane * step * 0.8 for lane in range(1, 12) for s in (1, -1))]
        dy = next(
            (lane for lane in lanes if all(abs(lane - taken) >= 0.8 * step - 1e-9 for taken in near)), 0.0
        )
        placed.append((key, x, dy))
    return placed
