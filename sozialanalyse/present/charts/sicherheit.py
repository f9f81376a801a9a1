"""How sure the assignment of each area is: dots per type."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._typen import Kennung, typcode, typname
from sozialanalyse.present._zeichnung import sign
from sozialanalyse.present.abbildung import abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.charts._punkte import Reihe, eigen, linie, punkt, zeichne
from sozialanalyse.present.tafel import Spalte


def sicherheit(
    sicherheit: pd.Series,
    typen: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    grenze: float = 0.6,
    namen: Mapping[Kennung, str] | None = None,
    gebietsnamen: pd.Series | None = None,
    tafel: str | None = None,
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
    tafel
        Id of a table of the page that lists the shares; the figure links to it.
    """
    percent = 100 * sicherheit.astype(float)
    kinds = typen.reindex(percent.index)
    order = sorted(kinds.dropna().unique(), key=formats.natuerlich)
    words = {kind: typname(kind, namen) for kind in order}
    fills = dict(zip(order, theme.typfarben([typcode(kind) for kind in order]).values(), strict=True))
    rows = [
        Reihe(
            typname(k, None),
            p := percent[kinds == k].dropna(),
            float(p.median()) if len(p) else None,
            fills[k],
        )
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
            sign(punkt(14, 9, theme.PUNKT)),
            text("present.streifen.legende_punkt", gebiete=kontext.sozialraum.mehrzahl),
        ),
        (sign(eigen(14, 9)), text("present.sicherheit.legende_mitte")),
        (sign(linie(14, 0, 18)), text("present.sicherheit.legende_grenze", grenze=limit)),
    ]
    return abbildung(
        lambda prefix, width: zeichne(rows, width, "%", 0, 100 * grenze, None, ticks=[0, 25, 50, 75, 100]),
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
        umfang=kontext.umfang(len(known), len(percent)),
        tafel=tafel,
        id=id,
    )
