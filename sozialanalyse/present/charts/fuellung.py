"""How much of what could be there is there: one bar per row from 0 to 100 %, gaps by reason."""

from __future__ import annotations

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._markup import label, shape, tag
from sozialanalyse.present._zeichnung import achse, beschriften, muster, swatch
from sozialanalyse.present.abbildung import abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte

_BALKEN = 18
TEILE = ("wert", "geheim", "luecke")


def fuellung(
    anzahl: pd.DataFrame,
    *,
    kontext: Kontext,
    titel: str,
    kopf: str,
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """Bars of values that are there, suppressed, missing.

    Parameters
    ----------
    anzahl
        One row per bar, its index the words; columns wert, geheim and luecke hold counts.
    kopf
        Heading of the rows.
    """
    total = anzahl[list(TEILE)].sum(axis=1)
    share = anzahl[list(TEILE)].div(total.where(total > 0), axis=0) * 100
    frame = share.rename_axis("zeile")
    heads = {"zeile": Spalte(kopf), **{key: Spalte(text(f"present.fuellung.{key}"), "%", 1) for key in TEILE}}
    whole = {key: formats.prozent(100 * anzahl[key].sum() / max(int(total.sum()), 1)) for key in TEILE}
    worst = share["wert"].idxmin() if share["wert"].notna().any() else ""
    said = [text("present.fuellung.was", **whole)]
    if worst:
        said.append(text("present.fuellung.wenigste", name=worst, wert=formats.prozent(share["wert"][worst])))

    def legende(prefix: str) -> list[tuple[str, str]]:
        own = f"{prefix}l"
        return [
            (swatch(theme.ZWISCHEN, defs=muster(own)), text("present.fuellung.wert")),
            (swatch(f"url(#{own}-g)"), text("present.fuellung.geheim")),
            (swatch(f"url(#{own}-f)"), text("present.fuellung.luecke")),
        ]

    return abbildung(
        lambda prefix, width: _zeichne(share, prefix, width),
        titel=titel,
        beschreibung=" ".join(said),
        legende=legende,
        kontext=kontext,
        frame=frame,
        spalten=heads,
        tafel=tafel,
        id=id,
    )


def _zeichne(share: pd.DataFrame, prefix: str, width: float) -> tuple[str, float]:
    narrow = width < 500
    x0, x1 = (2.0, width - 60) if narrow else (250.0, width - 70)
    fills = {"wert": theme.ZWISCHEN, "geheim": f"url(#{prefix}-g)", "luecke": f"url(#{prefix}-f)"}
    out, y = [], 4.0
    for name, row in share.iterrows():
        words, height = beschriften(0, y + 13, str(name), width if narrow else x0 - 14, 1 if narrow else 2)
        out.append(words)
        top = y + (height + 3 if narrow else max(0.0, (height - _BALKEN) / 2))
        x = x0
        for key in TEILE:
            size = (x1 - x0) * (row[key] / 100 if pd.notna(row[key]) else 0.0)
            if size > 0:
                out.append(
                    shape(
                        "rect", x=float(x), y=float(top), width=float(size), height=_BALKEN, fill=fills[key]
                    )
                )
            x += size
        places = 1 if 99.5 <= row["wert"] < 100 else 0
        out.append(label(x1 + 8, top + 14, formats.prozent(row["wert"], places), font_weight=650))
        y = max(top + _BALKEN, y + height) + 10
    ticks = [0.0, 25.0, 50.0, 75.0, 100.0]
    grid = achse(x0, x1, 0, y, ticks, [formats.prozent(t, 0) for t in ticks])
    return muster(prefix) + grid + tag("g", *out, stroke_width=0.8), y + 24
