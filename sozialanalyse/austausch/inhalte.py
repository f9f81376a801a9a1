"""What goes to KomMonitor: indicators, indices, types and twins as the pages show them, one table per level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse.auswertung import Auswertung
from sozialanalyse.base import DatenFehler, text, vorschlag, zahl
from sozialanalyse.kommonitor import Reihen, Schreiben
from sozialanalyse.region import Level

MEISTE_KLASSEN = 9
"""KomMonitor knows no more classes."""


@dataclass(frozen=True)
class Indikatorinhalt:
    """One indicator for KomMonitor.

    Attributes
    ----------
    werte
        Level -> area -> date -> number (types: name where ``kategorien``).
    datensaetze
        Every dataset it rests on.
    indikator
        Id, where it is an indicator of the region and not made of several.
    stufen
        Names of its classes, lowest number first; the numbers are 1, 2, …
    mittel
        Date -> true value of the region, where KomMonitor's own mean of areas is another one.
    teilung
        Date and sentence that says how much of its differences between areas lies between the Kommunen; "" for none.
    """

    name: str
    art: str
    einheit: str
    werte: Mapping[Level, Reihen]
    datensaetze: frozenset[str]
    nachkommastellen: int = 0
    interpretation: str = ""
    beschreibung: str = ""
    verfahren: str = ""
    quelle: str = ""
    indikator: str = ""
    stufen: tuple[str, ...] = ()
    kategorien: bool = False
    mittel: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    teilung: tuple[str, str] = ("", "")


def inhalte(
    daten: Auswertung, wahl: Schreiben, ebenen: Iterable[Level], *, kategorien: bool
) -> list[Indikatorinhalt]:
    """Everything that is to be written, with the values of one audience.

    Parameters
    ----------
    kategorien
        Whether the server takes words as values.

    Raises
    ------
    DatenFehler
        If an indicator is unknown.
    """
    levels = list(ebenen)
    known = daten.indikatoren()
    found = []
    shares = _teilung(daten) if wahl.teilung and wahl.indikatoren else {}
    for key in wahl.indikatoren:
        if key not in known.index:
            raise DatenFehler(
                f"Den Indikator „{key}“ unter „schreiben“ in kommonitor.yml gibt es nicht. {vorschlag(key, known.index)}"
            )
        found.append(replace(_indikator(daten, key, levels), teilung=shares.get(key, ("", ""))))
    if "sozialraum" in levels:
        found += _typen(daten, kategorien) if wahl.typen else []
        found += _indizes(daten) if wahl.indizes else []
        found += _zwillinge(daten) if wahl.zwillinge else []
    return found


def _indikator(daten: Auswertung, key: str, ebenen: list[Level]) -> Indikatorinhalt:
    row = daten.indikatoren().loc[key]
    values = daten.werte(key, level=None)
    tables: dict[Level, Reihen] = {}
    for level in ebenen:
        areas = list(daten.verzeichnis(level).index)
        tables[level] = _reihen(values[values["gebiet_id"].isin(areas)], areas)
    kind = {"anzahl": "STATUS_ABSOLUTE", "quote": "STATUS_RELATIVE"}.get(row["art"], "STATUS_STANDARDIZED")
    return Indikatorinhalt(
        str(row["name"]), kind, str(row["einheit"]), tables, frozenset(daten.woraus()[key]), int(row["nachkommastellen"]),
        beschreibung=str(row["definition"]), verfahren=str(row["hinweis"]), quelle=str(row["quelle"]), indikator=key,
        mittel=_mittel(daten, values, int(row["nachkommastellen"])) if row["art"] == "quote" else {},
        interpretation=text(f"kommonitor.polaritaet.{ {1: 'plus', -1: 'minus', 0: 'null'}[int(row['polaritaet'])] }"),
    )  # fmt: skip


def _reihen(values: pd.DataFrame, areas: list[str]) -> Reihen:
    found: Reihen = {str(area): {} for area in areas}
    for area, day, value in zip(values["gebiet_id"], values["stichtag"], values["wert"], strict=True):
        found[str(area)][str(day)] = None if pd.isna(value) else float(value)
    return found


def _mittel(daten: Auswertung, values: pd.DataFrame, digits: int) -> dict[str, tuple[float, float]]:
    """Date -> value of the whole region and mean of its areas, where a reader would see a difference."""
    region = set(daten.verzeichnis("region").index)
    small = set(daten.verzeichnis("sozialraum").index)
    found = {}
    for day, rows in values.groupby("stichtag", sort=True):
        whole = rows.loc[rows["gebiet_id"].isin(region), "wert"].dropna()
        mean = rows.loc[rows["gebiet_id"].isin(small), "wert"].mean()
        if (
            len(whole) == 1
            and pd.notna(mean)
            and round(float(whole.iloc[0]), digits) != round(float(mean), digits)
        ):
            found[str(day)] = (float(whole.iloc[0]), float(mean))
    return found


def _teilung(daten: Auswertung) -> dict[str, tuple[str, str]]:
    """Indicator -> date and sentence, for those that the page of differences compares."""
    day = daten.stichtage[-1]
    percent = daten.teilung(stichtag=day)[["gemessen", "reiner_zufall", "dauerhaft", "von", "bis"]] * 100
    return {
        str(key): (day, text("kommonitor.teilung", stichtag=f"{date.fromisoformat(day):%d.%m.%Y}", **{name: zahl(value) for name, value in row.items()}))
        for key, row in percent.dropna().iterrows()
    }  # fmt: skip


def _rest_on(daten: Auswertung, keys: Iterable[str]) -> frozenset[str]:
    made = daten.woraus()
    return frozenset(name for key in keys for name in made[key])


def _typen(daten: Auswertung, kategorien: bool) -> list[Indikatorinhalt]:
    report = daten._typenbericht()
    labels, names = report.ergebnis.labels.dropna().astype(int), report.typnamen
    if labels.nunique() < 2:
        return []
    order = _nach_bedarf(report.matrix, labels, daten.indikatoren()["polaritaet"])
    number = {kind: place for place, kind in enumerate(order, start=1)}
    day, areas = report.stichtag, list(daten.verzeichnis().index)
    said = tuple(names[kind] for kind in order)
    about: dict[str, Any] = {
        "datensaetze": _rest_on(daten, report.indikatoren), "quelle": "sozialanalyse",
        "verfahren": text("kommonitor.typen.verfahren", verfahren=report.p.verfahren, zahl=len(report.indikatoren)),
    }  # fmt: skip
    directed = bool(daten.indikatoren()["polaritaet"].reindex(report.matrix.columns).fillna(0).ne(0).any())
    meaning = "interpretation" if directed else "interpretation_ungeordnet"
    legend = "; ".join(f"{place} = {name}" for place, name in enumerate(said, start=1))
    codes: Reihen = {
        area: {day: float(number[labels[area]]) if area in labels.index else None} for area in areas
    }
    found = [Indikatorinhalt(
        text("kommonitor.typen.name"), "STATUS_STANDARDIZED", "dimensionslos", {"sozialraum": codes}, stufen=said,
        interpretation=text(f"kommonitor.typen.{meaning}", legende=legend), beschreibung=text("kommonitor.typen.beschreibung"), **about,
    )]  # fmt: skip
    if kategorien and len(said) <= MEISTE_KLASSEN:
        words: Reihen = {area: {day: names[labels[area]] if area in labels.index else None} for area in areas}
        found.append(Indikatorinhalt(
            text("kommonitor.typen.name_kategorien"), "STATUS_STANDARDIZED", "dimensionslos", {"sozialraum": words}, stufen=said, kategorien=True,
            interpretation=text(f"kommonitor.typen.{meaning}", legende=legend), beschreibung=text("kommonitor.typen.beschreibung"), **about,
        ))  # fmt: skip
    for kind in order:
        one: Reihen = {
            area: {day: float(labels[area] == kind) if area in labels.index else None} for area in areas
        }
        found.append(Indikatorinhalt(
            text("kommonitor.typen.einer", nummer=number[kind], name=names[kind]), "STATUS_STANDARDIZED", "dimensionslos", {"sozialraum": one},
            interpretation=text("kommonitor.typen.eins"), beschreibung=text("kommonitor.typen.beschreibung"), **about,
        ))  # fmt: skip
    return found


def _nach_bedarf(matrix: pd.DataFrame, labels: pd.Series, polaritaet: pd.Series) -> list[int]:
    """Types by their mean standardised need, lowest first; indicators that are neither good nor bad do not count."""
    sign = polaritaet.reindex(matrix.columns).fillna(0)
    used = matrix.loc[:, sign != 0]
    z = (used - used.mean()) / used.std(ddof=0).replace(0, np.nan) * sign[sign != 0]
    mean = z.mean(axis=1).reindex(labels.index).groupby(labels).mean()
    return [int(kind) for kind in mean.fillna(0).sort_values(kind="stable").index]


def _indizes(daten: Auswertung) -> list[Indikatorinhalt]:
    report = daten._typenbericht()
    found = []
    for topic, result in report._indizes.ergebnisse.items():
        values = result.table["wert"]
        rows: Reihen = {
            str(area): {report.stichtag: None if pd.isna(values.get(area, np.nan)) else float(values[area])}
            for area in daten.verzeichnis().index
        }
        words = daten.region.themen[topic]
        found.append(Indikatorinhalt(
            text("kommonitor.index.name", thema=words.name), "STATUS_STANDARDIZED", "Punkte", {"sozialraum": rows},
            _rest_on(daten, [str(key) for key in result.weights.index]), 1, text("kommonitor.index.interpretation"),
            text("kommonitor.index.beschreibung", zutaten=", ".join(str(daten.indikatoren().at[key, "name"]) for key in result.weights.index)),
            text("kommonitor.index.verfahren"), "sozialanalyse",
        ))  # fmt: skip
    return found


def _zwillinge(daten: Auswertung) -> list[Indikatorinhalt]:
    report = daten._typenbericht()
    twins = daten.zwillinge()
    first = twins[twins["rang"] == 1].set_index("gebiet")
    rows: Reihen = {
        str(area): {report.stichtag: float(first.at[area, "distanz"]) if area in first.index else None}
        for area in daten.verzeichnis().index
    }
    pairs = "; ".join(
        f"{area}: {row['zwilling_name']} ({row['zwilling_kommune']})" for area, row in first.iterrows()
    )
    return [Indikatorinhalt(
        text("kommonitor.zwillinge.name"), "STATUS_STANDARDIZED", "dimensionslos", {"sozialraum": rows}, _rest_on(daten, report.indikatoren), 2,
        text("kommonitor.zwillinge.interpretation"), text("kommonitor.zwillinge.beschreibung", paare=pairs), text("kommonitor.zwillinge.verfahren"), "sozialanalyse",
    )]  # fmt: skip
