"""What is typical of each type: deviation from the mean of the region, with the values themselves."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._markup import label, number, records, shape, tag, text_width, wrap
from sozialanalyse.present._typen import Kennung, typcode, typname
from sozialanalyse.present._zeichnung import ZEILE, swatch, zeilen
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte

STUFEN = (-1.0, -0.5, 0.5, 1.0)
"""Limits between the five steps of deviation, in standard deviations."""
_STUFENNAMEN = ("weit_unter", "unter", "aehnlich", "ueber", "weit_ueber")
_ZEICHEN = ("▼▼", "▼", "", "▲", "▲▲")
_GRAU = ("#c3cad2", "#e3e8ed", theme.PAPIER, "#e3e8ed", "#c3cad2")
"""Fills where nobody says which side means more need."""
_FARBEN = tuple(theme.divergierend(9)[i] for i in (1, 3, 4, 5, 7))


def profil(
    z: pd.DataFrame,
    werte: pd.DataFrame,
    *,
    kontext: Kontext,
    titel: str,
    spalten: Mapping[Kennung, Spalte],
    namen: Mapping[Kennung, str] | None = None,
    themen: Mapping[Kennung, str] | None = None,
    region: pd.Series | None = None,
    groessen: pd.Series | None = None,
    richtung: Mapping[Kennung, int] | None = None,
    id: str | None = None,
) -> Anzeige:
    """Matrix of indicators (rows) and types (columns).

    Parameters
    ----------
    z
        Types x indicators: mean deviation from the region in standard deviations; it gives colour
        and arrow.
    werte
        Types x indicators in the original unit; printed in the cell.
    spalten
        Words, unit and decimals per indicator, and the order of the rows.
    namen, themen
        Words per type, topic per indicator.
    region
        Value of the region per indicator, for a column of its own.
    groessen
        Number of areas per type; the foot tells how many there are.
    richtung
        Indicator -> 1 where a higher value means more need, -1 where a lower one does: that side is blue.
    """
    types = list(z.index)
    keys = [key for key in spalten if key in z.columns]
    rows = _rows(z, werte, keys, spalten, themen, region, richtung or {})
    words = {kind: typname(kind, namen) for kind in types}
    areas = 0 if groessen is None else int(groessen.sum())
    heads: dict[Kennung, Spalte] = {
        "name": Spalte(text("present.merkmal")),
        "einheit": Spalte(text("present.einheit")),
    }
    if themen:
        heads["thema"] = Spalte(text("present.thema"))
    if region is not None:
        heads["region"] = Spalte(kontext.region)
    heads |= {f"wert_{i}": Spalte(words[kind]) for i, kind in enumerate(types)}
    heads |= {f"z_{i}": Spalte(text("present.profil.z", typ=words[kind])) for i, kind in enumerate(types)}
    codes = [typcode(kind) for kind in types]
    return abbildung(
        lambda prefix, width: _zeichne(rows, codes, region is not None, width),
        titel=titel,
        untertitel=text("present.profil.untertitel"),
        beschreibung=_beschreibung(rows, list(words.values())),
        legende=lambda prefix: _legende(namen),
        kontext=kontext,
        frame=rows,
        spalten=heads,
        stellen=list(rows["stellen"]),
        umfang=kontext.umfang(areas, areas) if areas else "",
        id=id,
    )


def _rows(
    z: pd.DataFrame,
    werte: pd.DataFrame,
    keys: list[Kennung],
    spalten: Mapping[Kennung, Spalte],
    themen: Mapping[Kennung, str] | None,
    region: pd.Series | None,
    richtung: Mapping[Kennung, int],
) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "name": [spalten[key].label for key in keys],
            "einheit": [spalten[key].einheit for key in keys],
            "thema": [str((themen or {}).get(key, "")) for key in keys],
            "stellen": [1 if (n := spalten[key].nachkommastellen) is None else n for key in keys],
            "richtung": [int(richtung.get(key, 0)) for key in keys],
            "region": pd.Series(dtype=float) if region is None else region.reindex(keys).to_numpy(float),
        },
        index=pd.RangeIndex(len(keys)),
    )
    order = {topic: i for i, topic in enumerate(dict.fromkeys(rows["thema"]))}
    for i, kind in enumerate(z.index):
        rows[f"wert_{i}"] = werte.reindex(index=z.index, columns=keys).loc[kind].to_numpy(float)
        rows[f"z_{i}"] = z.loc[kind, keys].to_numpy(float)
    return rows.sort_values("thema", key=lambda t: t.map(order), kind="stable").reset_index(drop=True)


def _stufe(value: float) -> int:
    """Step 0 to 4 of a deviation; the middle one for a missing value."""
    return (
        2
        if pd.isna(value)
        else sum((value > STUFEN[0], value > STUFEN[1], value >= STUFEN[2], value >= STUFEN[3]))
    )


def _farbe(z: float, richtung: int) -> str:
    """Fill of a deviation: blue towards more need, orange away from it, grey where nobody says."""
    step = _stufe(z)
    return _FARBEN[4 - step if richtung < 0 else step] if richtung else _GRAU[step]


def _beschreibung(rows: pd.DataFrame, words: list[str]) -> str:
    out = [text("present.profil.was", merkmale=formats.zahl(len(rows)), typen=formats.zahl(len(words)))]
    for i, name in enumerate(words):
        z = rows[f"z_{i}"]
        parts = []
        for key, picked in (("weit_ueber", z >= STUFEN[3]), ("weit_unter", z <= STUFEN[0])):
            if picked.any():
                strongest = rows.loc[z[picked].abs().sort_values(ascending=False).index[:3], "name"]
                parts.append(text(f"present.profil.liste_{key}", merkmale=formats.aufzaehlung(strongest)))
        found = formats.aufzaehlung(parts) if parts else text("present.profil.liste_nichts")
        out.append(text("present.profil.teil", typ=name, befund=found))
    gaps = int(rows[[f"wert_{i}" for i in range(len(words))]].isna().to_numpy().sum())
    return " ".join([*out, text("present.ohne_wert", anzahl=formats.zahl(gaps))] if gaps else out)


def _legende(namen: Mapping[Kennung, str] | None) -> Legende:
    steps = [
        (swatch(_GRAU[i], code=_ZEICHEN[i]), text(f"present.profil.{_STUFENNAMEN[i]}")) for i in range(5)
    ]
    steps += [(swatch(_FARBEN[i]), text(f"present.profil.bedarf_{i}")) for i in (4, 0)]
    named = [(swatch(theme.PAPIER, code=typcode(kind)), typname(kind, namen)) for kind in namen or {}]
    return [*steps, *named]


def _zeichne(rows: pd.DataFrame, codes: list[str], region: bool, width: float) -> tuple[str, float]:
    narrow = width < 500
    left = 0.0 if narrow else 250.0
    columns = len(codes) + region
    cell = min((width - left) / max(columns, 1), 110.0)
    heads = [
        *([text("present.profil.region")] if region else []),
        *(c if narrow else text("present.typ.name", typ=c) for c in codes),
    ]
    size = 11 if narrow and columns > 6 else 12 if narrow else theme.SCHRIFTGROESSE
    out = [
        label(left + (i + 0.5) * cell, 16, head, anker="middle", font_weight=650, font_size=size)
        for i, head in enumerate(heads)
    ]
    y, topic = 26.0, ""
    boxes: dict[str, list[str]] = {}
    numbers: dict[int, list[str]] = {}
    arrows: list[str] = []
    for row in records(rows):
        if row.thema != topic:
            topic = row.thema
            out.append(label(0, y + 17, topic, font_weight=650, fill=theme.TEXT_LEISE))
            y += 26
        words = f"{row.name} ({row.einheit})" if row.einheit else row.name
        lines = wrap(words, (width if narrow else left) - 12, theme.SCHRIFTGROESSE, 3)
        height = len(lines) * ZEILE
        tall = 36.0 if narrow else max(36.0, height + 4)
        out.append(zeilen(0, y + (13 if narrow else (tall - height) / 2 + 13), lines))
        y += height + 2 if narrow else 0
        if region:
            out.append(
                label(
                    left + cell / 2,
                    y + tall / 2 + 5,
                    formats.zahl(row.region, row.stellen),
                    anker="middle",
                    font_size=size,
                )
            )
        for i in range(len(codes)):
            x = left + (i + region) * cell
            z = getattr(row, f"z_{i}")
            fill, sign = (theme.PAPIER, "") if pd.isna(z) else (_farbe(z, row.richtung), _ZEICHEN[_stufe(z)])
            boxes.setdefault(fill, []).append(
                f"M{number(x + 1)} {number(y)}h{number(cell - 2)}v{number(tall)}h{number(2 - cell)}z"
            )
            words = formats.zahl(getattr(row, f"wert_{i}"), row.stellen)
            fitting = max(min(size, int(size * (cell - 4) / text_width(words, size))), 8)
            spot = round(x + cell / 2), round(y + tall / 2)
            numbers.setdefault(fitting, []).append(label(spot[0], spot[1] + (1 if sign else 5), words))
            if sign:
                arrows.append(label(spot[0], spot[1] + 14, sign))
        y += tall + (8 if narrow else 3)
    painted = [shape("path", d="".join(path), fill=fill) for fill, path in boxes.items()]
    style = {"text_anchor": "middle", "fill": theme.SCHRIFT_AUF_FLAECHE}
    out.append(tag("g", *painted, stroke=theme.LINIE))
    out += [tag("g", *texts, font_size=fitting, **style) for fitting, texts in numbers.items()]
    out.append(tag("g", *arrows, font_size=9, **style) if arrows else "")
    return "".join(out), y + ZEILE / 4
