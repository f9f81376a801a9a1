"""Maps as inline SVG with legend and table: types of areas, and classed values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._einstufung import Einstufung, luecken
from sozialanalyse.present._gebiete import (
    gebietstafel,
    lueckensaetze,
    ordnen,
    spannensaetze,
    tafelspalten,
)
from sozialanalyse.present._histogramm import Stufe
from sozialanalyse.present._kartenbild import karte
from sozialanalyse.present._typen import Kennung, typcode, typname
from sozialanalyse.present._zeichnung import teilung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.hintergrund import hintergrundkarte
from sozialanalyse.present.klassen import einteilen
from sozialanalyse.present.tafel import Spalte

__all__ = ["choropleth", "hintergrundkarte", "symbolkarte", "typenkarte", "zweifach"]

GROESSTER_KREIS = 42.0


def typenkarte(
    gebiete: gpd.GeoDataFrame,
    typen: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    unsicher: pd.Series | None = None,
    namen: Mapping[Kennung, str] | None = None,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Kennung | None = None,
    ziele: Mapping[Kennung, str] | None = None,
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """Map of the type of each area; a type is shown by colour and by its code.

    Parameters
    ----------
    gebiete
        Indexed by gebiet_id with columns name, kommune_id and geometry; areas without geometry
        are listed below the map.
    typen
        Type per area (1, 2, ...); missing where an area has none.
    unsicher
        True where the assignment is not sure; these areas are hatched.
    namen
        Words per type.
    kommunen
        Indexed by kommune_id with column name, for labels and table; the ids are used without it.
        Thick outlines are made of the areas themselves, so that they fit.
    hervorheben
        Area with a thick outline.
    ziele
        Address of the page of each area, as in :func:`_kartenbild.karte`.
    tafel
        Id of a table of the page that lists the types; the figure links to it.
    """
    places = ordnen(gebiete, typen.index)
    kinds = typen.reindex(places.index)
    unsure = pd.Series(False, index=places.index)
    if unsicher is not None:
        unsure = unsicher.reindex(places.index, fill_value=False).eq(True) & kinds.notna()
    order = sorted(kinds.dropna().unique(), key=formats.natuerlich)
    codes = {kind: typcode(kind) for kind in order}
    fills = theme.typfarben(list(codes.values()))
    words = {kind: typname(kind, namen) for kind in order}
    short = {kind: typname(kind, None) for kind in order}
    areas = pd.DataFrame(
        {
            "fill": kinds.map({kind: fills[codes[kind]] for kind in order}).where(kinds.notna(), "missing"),
            "code": kinds.map(codes).where(kinds.notna(), ""),
            "words": _gesagt(kinds.map(short), unsure),
            "unsure": unsure,
        }
    )
    counts = {kind: formats.zahl(n) for kind, n in kinds.value_counts().items()}
    n_unsure, n_without = int(unsure.sum()), int(kinds.isna().sum())

    def stufen(prefix: str) -> list[Stufe]:
        steps = [Stufe(fills[codes[k]], words[k], kinds.index[kinds == k], code=codes[k]) for k in order]
        if n_unsure:
            shaky = text("present.typ.legende_unsicher")
            steps.append(Stufe(theme.PAPIER, shaky, unsure.index[unsure], auflage=f"url(#{prefix}-u)"))
        if n_without:
            steps.append(
                Stufe(f"url(#{prefix}-f)", text("present.typ.legende_ohne"), kinds.index[kinds.isna()])
            )
        return steps

    parts = formats.aufzaehlung(text("present.typ.teil", typ=words[k], anzahl=counts[k]) for k in order)
    sentences = [
        text(
            "present.karte.typen",
            anzahl=formats.zahl(len(kinds)),
            gebiete=kontext.sozialraum.mehrzahl,
            teile=parts,
        )
    ]
    if n_unsure:
        sentences.append(text("present.karte.unsicher", anzahl=formats.zahl(n_unsure)))
    if n_without:
        sentences.append(text("present.karte.ohne_typ", anzahl=formats.zahl(n_without)))
    return karte(
        places,
        areas,
        stufen,
        beschreibung=" ".join(sentences),
        kommunen=kommunen,
        hervorheben=hervorheben,
        frame=gebietstafel(places, kommunen).assign(
            typ=_gesagt(kinds.map(words), unsure).where(kinds.notna())
        ),
        spalten={**tafelspalten(kontext), "typ": Spalte(text("present.typ.spalte"))},
        kontext=kontext,
        titel=titel,
        ziele=ziele,
        tafel=tafel,
        id=id,
    )


def _gesagt(words: pd.Series, unsure: pd.Series) -> pd.Series:
    """Type in words, with a remark where there is none or it is not sure."""
    known = words.where(words.notna(), text("present.typ.ohne"))
    return known.where(~unsure, known.map(lambda name: text("present.typ.unsicher", typ=name)))


def choropleth(
    gebiete: gpd.GeoDataFrame,
    stufen: Einstufung,
    *,
    kontext: Kontext,
    titel: str,
    codes: pd.Series | None = None,
    ziele: Mapping[Kennung, str] | None = None,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Kennung | None = None,
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """Map of a rate or an index in classes; suppressed hatched, missing grey with dots.

    Parameters
    ----------
    gebiete, kommunen, hervorheben
        As in :func:`typenkarte`.
    stufen
        What :func:`einstufen` made of the values. Counts belong in a table or on a :func:`symbolkarte`:
        large areas would look heavy.
    codes
        Short id per area, drawn inside.
    ziele
        Address of the page of each area, as in :func:`_kartenbild.karte`.
    tafel
        Id of a table of the page that lists the values; the figure links to it.
    """
    places = ordnen(gebiete, stufen.werte.index)
    found = stufen.fuer(places.index)
    inside = "" if codes is None else codes.reindex(places.index).fillna("").astype(str)
    areas = pd.DataFrame({"fill": found.fuellung, "code": inside, "words": found.worte, "unsure": False})
    return _wertkarte(
        places,
        areas,
        found.stufen,
        werte=found.werte,
        status=found.status,
        spalte=found.spalte,
        beschreibung=found.beschreibung(places["name"], kontext),
        farbsatz=found.farbsatz,
        ziele=ziele,
        kommunen=kommunen,
        hervorheben=hervorheben,
        kontext=kontext,
        titel=titel,
        tafel=tafel,
        id=id,
    )


def _wertkarte(
    places: gpd.GeoDataFrame,
    areas: pd.DataFrame,
    stufen: Callable[[str], Sequence[Stufe]],
    *,
    werte: pd.Series,
    status: pd.Series,
    spalte: Spalte,
    kommunen: pd.DataFrame | None,
    kontext: Kontext,
    farbsatz: str = "",
    **rest: Any,
) -> Anzeige:
    """Map of one number per area, with the table of these numbers; ``rest`` goes to :func:`karte`."""
    einheit = text("present.karte.einheit", einheit=spalte.einheit) if spalte.einheit else ""
    return karte(
        places,
        areas,
        stufen,
        kommunen=kommunen,
        frame=gebietstafel(places, kommunen).assign(wert=werte),
        spalten={**tafelspalten(kontext), "wert": spalte},
        status=status.to_frame("wert"),
        kontext=kontext,
        untertitel="; ".join(filter(None, [einheit, farbsatz])),
        **rest,
    )


def symbolkarte(
    gebiete: gpd.GeoDataFrame,
    werte: pd.Series,
    spalte: Spalte,
    *,
    kontext: Kontext,
    titel: str,
    status: pd.Series | None = None,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Kennung | None = None,
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """Map of a count: circles whose area is proportional to it; a coloured area would mislead.

    ``werte``, ``spalte`` and ``status`` as in :func:`einstufen`, the others as in :func:`choropleth`.
    """
    einheit = spalte.einheit
    places = ordnen(gebiete, werte.index)
    states = formats.status_von(
        werte.reindex(places.index), None if status is None else status.reindex(places.index)
    )
    shown = formats.sichtbar(werte.reindex(places.index), states)
    most = float(shown.max()) if shown.notna().any() else 1.0
    fill = pd.Series(theme.FLAECHE, index=places.index).where(shown.notna(), "missing")
    areas = pd.DataFrame(
        {
            "fill": fill.mask(states == "geheim", "hidden"),
            "code": "",
            "words": [
                formats.wert(v, einheit, 0) if pd.notna(v) else formats.status_wort(s)
                for v, s in zip(shown, states, strict=True)
            ],
            "unsure": False,
            "radius": GROESSTER_KREIS * (shown / (most or 1.0)).clip(lower=0) ** 0.5,
        },
        index=places.index,
    )

    sizes = [float(t) for t in teilung(0, most, 3)[1:] if t <= most] or [most]
    rings = [
        (GROESSTER_KREIS * (size / (most or 1.0)) ** 0.5, formats.wert(size, einheit, 0)) for size in sizes
    ]
    said = [
        text("present.karte.symbole", anzahl=formats.zahl(len(shown)), gebiete=kontext.sozialraum.mehrzahl),
        *spannensaetze(shown, places["name"], einheit, 0),
        *lueckensaetze(shown, states),
    ]
    return _wertkarte(
        places,
        areas,
        lambda prefix: luecken(shown, states, prefix),
        werte=shown,
        status=states,
        spalte=replace(spalte, nachkommastellen=0),
        kreise=rings,
        beschreibung=" ".join(said),
        kommunen=kommunen,
        hervorheben=hervorheben,
        kontext=kontext,
        titel=titel,
        tafel=tafel,
        id=id,
    )


def zweifach(
    gebiete: gpd.GeoDataFrame,
    x: pd.Series,
    y: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    spalten: tuple[Spalte, Spalte],
    status: tuple[pd.Series, pd.Series] | None = None,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Kennung | None = None,
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """Bivariate map: thirds of one indicator by thirds of another, nine colours with codes A1 to C3.

    Parameters
    ----------
    x, y
        Value per area; the digit is the third of ``x``, the letter that of ``y``.
    titel
        Names of both; the number of areas where both are high follows.
    spalten
        Words, unit and decimals of both.
    """
    places = ordnen(gebiete, x.index)
    given = status or (None, None)
    shown, classes, states = {}, {}, {}
    for key, values, reason, head in zip("xy", (x, y), given, spalten, strict=True):
        own = values.reindex(places.index)
        states[key] = formats.status_von(own, None if reason is None else reason.reindex(places.index))
        shown[key] = formats.sichtbar(own, states[key])
        digits = 1 if head.nachkommastellen is None else head.nachkommastellen
        limits = einteilen(shown[key], "quantil", 3, nachkommastellen=digits)
        classes[key] = limits.zuordnen(shown[key])
    both = classes["x"].notna() & classes["y"].notna()
    cell = (3 * classes["y"] + classes["x"]).astype(object).where(both)
    codes = {3 * j + i: f"{'ABC'[j]}{i + 1}" for j in range(3) for i in range(3)}
    hidden = (states["x"] == "geheim") | (states["y"] == "geheim")
    fill = cell.map(dict(enumerate(theme.BIVARIAT)), na_action="ignore")
    said = {
        code: text("present.zweifach.feld", code=name, x=spalten[0].label, y=spalten[1].label,
                   xlage=text(f"present.zweifach.lage_{code % 3}"), ylage=text(f"present.zweifach.lage_{code // 3}"))
        for code, name in codes.items()
    }  # fmt: skip
    areas = pd.DataFrame(
        {
            "fill": fill.where(both, "missing").mask(hidden & ~both, "hidden"),
            "code": cell.map(codes, na_action="ignore").where(both, ""),
            "words": cell.map(said, na_action="ignore").where(both, text("present.zweifach.luecke")),
            "unsure": False,
        }
    )
    counts = cell.value_counts()

    def stufen(prefix: str) -> list[Stufe]:
        steps = [
            Stufe(theme.BIVARIAT[code], said[code], cell.index[cell == code], code=name)
            for code, name in codes.items()
        ]
        if (~both).any():
            gap = f"url(#{prefix}-{'g' if (hidden & ~both).any() else 'f'})"
            steps.append(Stufe(gap, text("present.zweifach.luecke"), both.index[~both]))
        return steps

    result = text(
        "present.zweifach.titel",
        titel=titel,
        anzahl=formats.zahl(counts.get(8, 0)),
        alle=formats.zahl(both.sum()),
        gebiete=kontext.sozialraum.dativ,
    )
    ends = [
        text("present.zweifach.ende", anzahl=formats.zahl(counts.get(code, 0)), feld=said[code])
        for code in (8, 0, 2, 6)
    ]
    what = text("present.zweifach.was", anzahl=formats.zahl(len(places)), gebiete=kontext.sozialraum.mehrzahl)
    frame = gebietstafel(places, kommunen).assign(feld=areas["code"].replace("", None), **shown)
    return karte(
        places,
        areas,
        stufen,
        beschreibung=" ".join([what, *ends]),
        kommunen=kommunen,
        hervorheben=hervorheben,
        frame=frame,
        spalten={
            **tafelspalten(kontext),
            "feld": Spalte(text("present.zweifach.spalte")),
            "x": spalten[0],
            "y": spalten[1],
        },
        status=pd.DataFrame(states),
        kontext=kontext,
        titel=result,
        tafel=tafel,
        id=id,
    )
