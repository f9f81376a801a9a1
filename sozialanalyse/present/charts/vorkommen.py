"""Which types occur in which municipality: a matrix of counts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._gebiete import kommunenname
from sozialanalyse.present._markup import esc, label, shape, tag, wrap
from sozialanalyse.present._typen import Kennung, typcode, typname
from sozialanalyse.present._zeichnung import swatch
from sozialanalyse.present.abbildung import abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte


def vorkommen(
    typen: pd.Series,
    kommune: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    namen: Mapping[Kennung, str] | None = None,
    kommunen: pd.DataFrame | None = None,
    id: str | None = None,
) -> Anzeige:
    """Squares whose area is the number of areas, with that number inside.

    Parameters
    ----------
    typen, kommune
        Type and kommune_id per area; areas without a type are counted in a column of their own
        in the table.
    namen, kommunen
        Words per type; frame indexed by kommune_id with column name.
    """
    groups = kommune.reindex(typen.index)
    order = sorted(typen.dropna().unique(), key=formats.natuerlich)
    words = {kind: typname(kind, namen) for kind in order}
    codes = {kind: typcode(kind) for kind in order}
    keys = sorted(groups.dropna().unique(), key=formats.natuerlich)
    names = {key: kommunenname(kommunen, key) for key in keys}
    counts = pd.crosstab(groups, typen).reindex(index=keys, columns=order, fill_value=0)
    fills = theme.typfarben([codes[kind] for kind in order])
    frame = counts.set_axis([f"typ_{codes[kind]}" for kind in order], axis=1)
    frame.insert(0, "kommune", [names[key] for key in keys])
    without = typen.isna().groupby(groups).sum().reindex(keys, fill_value=0)
    heads = {"kommune": Spalte(kontext.kommune.einzahl)}
    heads |= {f"typ_{codes[kind]}": Spalte(words[kind], nachkommastellen=0) for kind in order}
    if without.any():
        frame["ohne"] = without
        heads["ohne"] = Spalte(text("present.typ.ohne"), nachkommastellen=0)
    frame["summe"] = frame.drop(columns="kommune").sum(axis=1)
    heads["summe"] = Spalte(text("present.summe"), nachkommastellen=0)

    def zeichne(prefix: str, width: float) -> tuple[str, float]:
        return _zeichne(
            counts.to_numpy(), list(names.values()), list(codes.values()), list(fills.values()), width
        )

    return abbildung(
        zeichne,
        titel=titel,
        untertitel=text("present.vorkommen.untertitel", gebiete=kontext.sozialraum.mehrzahl),
        beschreibung=_beschreibung(counts, words, kontext),
        legende=lambda prefix: [(swatch(fills[codes[k]], code=codes[k]), words[k]) for k in order],
        kontext=kontext,
        frame=frame.reset_index(drop=True),
        spalten=heads,
        umfang=kontext.umfang(int(counts.to_numpy().sum()), len(typen)),
        id=id,
    )


def _beschreibung(counts: pd.DataFrame, words: Mapping[Kennung, str], kontext: Kontext) -> str:
    out = [
        text(
            "present.vorkommen.was",
            zeilen=formats.zahl(len(counts)),
            kommunen=kontext.kommune.mehrzahl,
            spalten=formats.zahl(counts.shape[1]),
        )
    ]
    for kind, name in words.items():
        where = int(counts[kind].to_numpy().astype(bool).sum())
        total = formats.zahl(int(counts[kind].to_numpy().sum()))
        out.append(
            text(
                "present.vorkommen.teil",
                typ=name,
                gebiete=kontext.sozialraum.mehrzahl,
                anzahl=total,
                kommunen=kontext.kommune.mehrzahl,
                orte=formats.zahl(where),
            )
        )
    return " ".join(out)


def _zeichne(
    counts: np.ndarray, names: list[str], codes: list[str], fills: list[str], width: float
) -> tuple[str, float]:
    narrow = width < 500
    left = 118.0 if narrow else 200.0
    cell = min((width - left) / max(len(codes), 1), 100.0)
    height = min(cell, 46.0)
    most = counts.max(initial=1)
    head = 30.0
    out = [
        label(
            left + (i + 0.5) * cell,
            20,
            code if narrow else text("present.typ.name", typ=code),
            anker="middle",
            font_weight=650,
        )
        for i, code in enumerate(codes)
    ]
    for r, name in enumerate(names):
        y = head + r * height
        out.append(shape("path", d=f"M0 {y:.0f}H{left + len(codes) * cell:.0f}", stroke=theme.RASTER))
        out.append(tag("g", label(0, y + height / 2 + 5, _short(name, left - 8)), tag("title", esc(name))))
        for c, fill in enumerate(fills):
            n, x, middle = int(counts[r, c]), left + (c + 0.5) * cell, y + height / 2
            if n:
                side = max((height - 5) * (n / most) ** 0.5, 5)
                box = {"x": x - side / 2, "y": middle - side / 2, "width": side, "height": side}
                out.append(shape("rect", **box, fill=fill, stroke=theme.TINTE))
            mark = (
                {"paint_order": "stroke", "stroke": fill, "stroke_width": 4}
                if n
                else {"fill": theme.TEXT_LEISE}
            )
            number = formats.zahl(n) if n else formats.symbol("null_exakt")
            out.append(label(x, middle + 5, number, anker="middle", **mark))
    return "".join(out), head + len(names) * height + 6


def _short(name: str, width: float) -> str:
    return wrap(name, width, theme.SCHRIFTGROESSE, 1)[0]
