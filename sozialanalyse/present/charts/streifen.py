"""Every area a dot, one row per municipality or type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._gebiete import (
    gebietsname,
    kommunenname,
    lueckensaetze,
    spannensaetze,
    tafelspalten,
)
from sozialanalyse.present._markup import esc, fragment_id, tag
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import sign
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.charts._punkte import Reihe, eigen, linie, punkt, zeichne
from sozialanalyse.present.tables import einbetten
from sozialanalyse.present.tafel import Spalte, Tafel
from sozialanalyse.present.tafel import tafel as tafeln

ZEILEN = 40
"""Of more municipalities only the first and last rows are drawn; nobody reads hundreds."""


def streifen(
    werte: pd.Series,
    kommune: pd.Series,
    spalte: Spalte,
    *,
    kontext: Kontext,
    titel: str,
    status: pd.Series | None = None,
    kommune_werte: pd.Series | None = None,
    region_wert: float | None = None,
    namen: pd.Series | None = None,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Kennung | None = None,
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """Distribution of the areas per municipality for one indicator.

    Parameters
    ----------
    werte, kommune
        Value and kommune_id per area.
    spalte
        How the values are called and printed; one decimal where it leaves that open.
    status
        Why a value is missing; forbidden values are neither drawn nor listed.
    kommune_werte
        Rate of each municipality as a whole (not the mean of its areas): a short line, and the
        order of the rows. Without it the rows are in alphabetical order. Of more than :data:`ZEILEN` rows
        the first and the last are drawn, and the one of ``hervorheben``; a line below says so.
    region_wert
        Rate of the region: a line through all rows.
    namen, kommunen
        Names of the areas; frame indexed by kommune_id with column name.
    hervorheben
        Area whose dot is larger and dark.
    tafel
        Id of a table of the page that lists the values, see :func:`abbildung`.
    """
    unit = spalte.einheit
    digits = 1 if spalte.nachkommastellen is None else spalte.nachkommastellen
    states = formats.status_von(werte, status)
    shown = formats.sichtbar(werte, states)
    groups = kommune.reindex(werte.index)
    names = {key: kommunenname(kommunen, key) for key in groups.dropna().unique()}
    own = {} if kommune_werte is None else kommune_werte.dropna().to_dict()
    order = sorted(names, key=lambda k: (-own[k] if k in own else float("inf"), formats.natuerlich(names[k])))
    drawn = _auszug(order, groups.get(hervorheben))
    spots = dict(iter(shown.dropna().groupby(groups)))
    rows = [Reihe(names[key], spots.get(key, shown.iloc[:0]), own.get(key)) for key in drawn]
    rest = ""
    if len(drawn) < len(order):
        way = "werte" if own else "namen"
        rest = text(
            f"present.streifen.auszug_{way}",
            n=formats.zahl(ZEILEN // 2),
            alle=formats.zahl(len(order)),
            kommunen=kontext.kommune.dativ,
        )
    frame = pd.DataFrame(
        {
            "name": namen.reindex(werte.index) if namen is not None else werte.index.astype(str),
            "kommune": groups.map(names),
        },
        index=werte.index,
    ).assign(wert=shown)
    frame.index.name = "gebiet_id"
    frame = frame.loc[sorted(frame.index, key=formats.natuerlich)]
    said = _beschreibung(shown, states, frame["name"], unit, digits, region_wert, kontext)
    return abbildung(
        lambda prefix, width: zeichne(rows, width, unit, digits, region_wert, hervorheben),
        titel=titel,
        untertitel=text("present.karte.einheit", einheit=unit) if unit else "",
        beschreibung=f"{said} {rest}".strip(),
        nachsatz=tag("p", esc(rest), klasse="sa-zeichen") if rest else "",
        legende=lambda prefix: [
            *_legende(kontext, bool(own), region_wert, unit, digits),
            *_hervorgehoben(frame["name"], hervorheben),
        ],
        kontext=kontext,
        frame=frame,
        spalten={**tafelspalten(kontext), "wert": replace(spalte, nachkommastellen=digits)},
        status=states.to_frame("wert"),
        tafel=tafel,
        umfang=kontext.umfang(int(shown.notna().sum()), len(shown)),
        id=id,
    )


def _auszug(order: list[Kennung], keep: Kennung | None) -> list[Kennung]:
    """Rows that are drawn, in their order."""
    if len(order) <= ZEILEN:
        return order
    chosen = {*order[: ZEILEN // 2], *order[-(ZEILEN // 2) :], keep}
    return [key for key in order if key in chosen]


def streifen_auswahl(
    werte: pd.DataFrame,
    kommune: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    spalten: Mapping[Kennung, Spalte],
    status: pd.DataFrame | None = None,
    kommune_werte: pd.DataFrame | None = None,
    region_werte: pd.Series | None = None,
    namen: pd.Series | None = None,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Kennung | None = None,
    id: str | None = None,
) -> Anzeige:
    """:func:`streifen` for several indicators, one unfolded at a time, the first open.

    ``werte``, ``status`` and ``kommune_werte`` have one column per indicator, ``region_werte`` one
    entry; ``spalten`` gives words, unit and decimals and the order.
    """
    name = id or fragment_id("auswahl", titel, kontext.stichtag, *spalten)
    parts = {
        key: streifen(
            _spalte(werte, key),
            kommune,
            head,
            kontext=kontext,
            titel=head.label,
            status=_spalte(status, key),
            kommune_werte=_spalte(kommune_werte, key),
            region_wert=None if region_werte is None else region_werte.get(key),
            namen=namen,
            kommunen=kommunen,
            hervorheben=hervorheben,
            tafel=f"{name}-t",
            id=f"{name}-{i}",
        )
        for i, (key, head) in enumerate(spalten.items(), start=1)
        if key in werte
    }
    folded = [
        tag("details", tag("summary", esc(part.titel)), part.html, klasse="sa-falte", name=name, open=i == 0)
        for i, part in enumerate(parts.values())
    ]
    table = pd.DataFrame({key: part.tabelle["wert"] for key, part in parts.items()})
    numbers = _gemeinsam(table, parts, spalten, status, titel, kontext)
    rows = text("present.abbildung.tabelle", zeilen=formats.zahl(len(table)))
    listed = tag("details", tag("summary", esc(rows)), einbetten(numbers), klasse="sa-tafel", id=f"{name}-t")
    head = tag("p", tag("strong", esc(titel), klasse="sa-titel"))
    html = tag("div", head, *folded, listed, klasse="sa", id=name)
    first = next(iter(parts.values()), None)
    words = " ".join(part.beschreibung for part in parts.values())
    return Anzeige(
        titel=titel,
        html=html,
        svg=first.svg if first else "",
        beschreibung=words,
        tabelle=table,
        tafel=numbers,
    )


def _gemeinsam(
    table: pd.DataFrame,
    parts: Mapping[Kennung, Anzeige],
    spalten: Mapping[Kennung, Spalte],
    status: pd.DataFrame | None,
    titel: str,
    kontext: Kontext,
) -> Tafel:
    """One table of all indicators, each area once."""
    places = next(iter(parts.values())).tabelle[["name", "kommune"]] if parts else pd.DataFrame()
    frame = pd.concat([places, table], axis=1)
    frame.index.name = "gebiet_id"
    heads = {**tafelspalten(kontext), **{key: spalten[key] for key in parts}}
    reasons = None if status is None else status.reindex(frame.index)
    return tafeln(frame, titel=titel, kontext=kontext, spalten=heads, status=reasons)


def _spalte(frame: pd.DataFrame | None, key: Kennung) -> Any:
    return None if frame is None else frame.get(key)


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
            sign(punkt(14, 9, theme.PUNKT)),
            text("present.streifen.legende_punkt", gebiete=kontext.sozialraum.mehrzahl),
        )
    ]
    if own:
        fields.append(
            (sign(eigen(14, 9)), text("present.streifen.legende_eigen", kommune=kontext.kommune.einzahl))
        )
    if region is not None and pd.notna(region):
        value = formats.wert(region, einheit, places)
        fields.append(
            (
                sign(linie(14, 0, 18)),
                text("present.streifen.legende_region", region=kontext.region, wert=value),
            )
        )
    return fields


def _hervorgehoben(names: pd.Series, gebiet: Kennung | None) -> Legende:
    if gebiet is None or gebiet not in names.index:
        return []
    name = gebietsname(gebiet, names[gebiet])
    return [(sign(punkt(14, 9, theme.PUNKT, strong=True)), text("present.karte.hervorgehoben", gebiet=name))]
