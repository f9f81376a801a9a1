"""How many of what kind: one bar of counted parts per row."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._markup import label, shape, tag, text_width
from sozialanalyse.present._zeichnung import beschriften, swatch
from sozialanalyse.present.abbildung import abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte

_BALKEN = 22


def stapel(
    anzahl: pd.DataFrame,
    *,
    kontext: Kontext,
    titel: str,
    kopf: str,
    namen: Mapping[str, str],
    id: str | None = None,
) -> Anzeige:
    """Bars whose parts are counts, with the number in each.

    Parameters
    ----------
    anzahl
        One row per bar, its index the words; one column per part, counts. Parts that occur nowhere are left out.
    kopf
        Heading of the rows.
    namen
        Words per part.
    """
    parts = [str(key) for key in anzahl.columns if anzahl[key].sum() > 0]
    rows = anzahl[parts].astype(int)
    fills = theme.typfarben(parts)
    frame = rows.rename_axis("zeile").assign(summe=rows.sum(axis=1))
    heads = {
        "zeile": Spalte(kopf),
        **{key: Spalte(namen[key], nachkommastellen=0) for key in parts},
        "summe": Spalte(text("present.summe"), nachkommastellen=0),
    }
    return abbildung(
        lambda prefix, width: _zeichne(rows, fills, width),
        titel=titel,
        beschreibung=" ".join(
            text(
                "present.stapel.zeile",
                name=str(name),
                teile=formats.aufzaehlung(
                    f"{formats.zahl(row[key])} {namen[key]}" for key in parts if row[key]
                )
                or text("present.stapel.nichts"),
            )
            for name, row in rows.iterrows()
        ),
        legende=lambda prefix: [(swatch(fills[key]), namen[key]) for key in parts],
        kontext=kontext,
        frame=frame,
        spalten=heads,
        id=id,
    )


def _zeichne(rows: pd.DataFrame, fills: Mapping[str, str], width: float) -> tuple[str, float]:
    narrow = width < 500
    x0, x1 = (2.0, width - 40) if narrow else (250.0, width - 50)
    most = max(int(rows.sum(axis=1).max()) if len(rows) else 0, 1)
    out, y = [], 4.0
    for name, row in rows.iterrows():
        words, height = beschriften(0, y + 15, str(name), width if narrow else x0 - 14, 1 if narrow else 2)
        out.append(words)
        top = y + (height + 3 if narrow else max(0.0, (height - _BALKEN) / 2))
        x = x0
        for key, fill in fills.items():
            size = (x1 - x0) * int(row[key]) / most
            if size <= 0:
                continue
            out.append(shape("rect", x=float(x), y=float(top), width=float(size), height=_BALKEN, fill=fill, stroke=theme.TINTE))  # fmt: skip
            said = formats.zahl(row[key])
            if text_width(said) + 4 <= size:
                out.append(
                    label(x + size / 2, top + 15.5, said, anker="middle", fill=theme.SCHRIFT_AUF_FLAECHE)
                )
            x += size
        out.append(label(x + 8, top + 15.5, formats.zahl(row.sum()), font_weight=650))
        y = max(top + _BALKEN, y + height) + 10
    return tag("g", *out, stroke_width=0.8), y
