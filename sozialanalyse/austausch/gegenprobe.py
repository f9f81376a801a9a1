"""What a reader could compute from what is to be written together with what KomMonitor shows already.

KomMonitor's indicators are known here where a dataset page fetches them or ``kommonitor.yml`` names them; what they
show to somebody counts as published to him. The gate of disclosure control then decides, as it does for pages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from sozialanalyse import geheimhaltung, store
from sozialanalyse.kommonitor import Reihen
from sozialanalyse.region import Indikator, IndikatorSeite, Katalog, KommonitorAbruf, Region, Summe

_VIRTUELL = "KOMMONITOR:"


@dataclass(frozen=True)
class Bekannt:
    """Numbers somebody sees in KomMonitor: of an indicator of the region, or of a field (``dataset.field``)."""

    was: str
    werte: Mapping[str, Mapping[str, float | None]]
    """Area of the region -> date -> value."""


@dataclass
class Gegenprobe:
    """What may not be written.

    Attributes
    ----------
    gesperrt
        Indicator, area, date of values that would give something away.
    abgelehnt
        Indicator, date -> why nothing of it can be written.
    """

    gesperrt: set[tuple[str, str, str]] = field(default_factory=set)
    abgelehnt: dict[tuple[str, str], str] = field(default_factory=dict)
    saetze: list[str] = field(default_factory=list)


def verknuepfungen(katalog: Katalog, genannt: Mapping[str, str]) -> dict[str, str]:
    """Name of an indicator in KomMonitor -> field or indicator of the region that is the same number.

    Parameters
    ----------
    genannt
        Links that somebody named, in the same form.
    """
    found = dict(genannt)
    as_delivered = {
        one.zaehler.felder[0]: key
        for key, one in katalog.indikatoren.items()
        if one.seite.art == "wert" and len(one.zaehler.felder) == 1
    }
    for dataset, page in katalog.datensaetze.items():
        if not isinstance(page.abruf, KommonitorAbruf):
            continue
        for key, one in page.felder.items():
            name = f"{dataset}.{key}"
            what = name if one.zaehlt else as_delivered.get(name)
            for column in one.spalten:
                if what and column in page.abruf.indikatoren:
                    found.setdefault(str(column), what)
    return found


def pruefe(
    region: Region,
    katalog: Katalog,
    innen: store.Daten,
    geplant: Mapping[str, Collection[str]],
    frei: pd.DataFrame,
    bekannt: Iterable[Bekannt],
    wer: str,
) -> Gegenprobe:
    """Ask the gate about one group of readers.

    Parameters
    ----------
    innen
        Internal data.
    geplant
        Indicator -> dates that are to be written.
    frei
        Values their audience may see.
    bekannt
        What these readers see in KomMonitor.
    wer
        How sentences call them.
    """
    result = Gegenprobe()
    links = [
        one
        for one in bekannt
        if one.was in katalog.indikatoren or one.was.partition(".")[0] in katalog.datensaetze
    ]
    hidden = frei[frei["wert"].isna()].set_index(["indikator_id", "gebiet_id", "stichtag"]).index
    fields = {one.was for one in links if "." in one.was and one.was not in katalog.indikatoren}
    if (
        not links
        or not geplant
        or (
            not fields
            and not any(
                (one.was, area, day) in hidden
                for one in links
                for area, row in one.werte.items()
                for day in row
            )
        )
    ):
        return result
    virtual = {_VIRTUELL + name: _virtuell(katalog, name) for name in fields}
    wider = replace(katalog, indikatoren={**katalog.indikatoren, **virtual})
    areas = pd.concat([innen.verzeichnis(level) for level in ("region", "kommune", "sozialraum")])
    numbers = innen.merkmale()
    values = innen.werte(level=None)
    wanted = set(geplant) | {one.was for one in links if one.was in katalog.indikatoren}
    for day in sorted({day for days in geplant.values() for day in days}):
        own = values[values["indikator_id"].isin(wanted) & (values["stichtag"] == day)]
        part = pd.concat(
            [own, *(_zeilen(numbers, name, day, values) for name in sorted(fields))], ignore_index=True
        )
        seen = _gesehen(links, day, fields)
        delivered = numbers[numbers["stichtag"].astype("str") == day]
        found = geheimhaltung.schuetze(
            part, areas, wider, region.seite.sperrprofile, "oeffentlich", merkmale=delivered, bekannt=seen
        )
        _merke(result, geplant, frei, found, day, wer)
    return result


def _virtuell(katalog: Katalog, name: str) -> Indikator:
    dataset, _, field_ = name.partition(".")
    page = katalog.datensaetze[dataset]
    topic = next(iter(katalog.indikatoren.values())).seite.thema
    seite = IndikatorSeite(name=name, thema=topic, art="anzahl", zaehler=field_)
    return Indikator(_VIRTUELL + name, dataset, seite, Summe.lesen(field_, dataset), None, page.sperrprofil)


def _zeilen(numbers: pd.DataFrame, name: str, day: str, like: pd.DataFrame) -> pd.DataFrame:
    """A delivered field as if it were an indicator, in the form of the values."""
    rows = numbers[(numbers["feld"].astype("str") == name) & (numbers["stichtag"].astype("str") == day)]
    made = pd.DataFrame({
        "gebiet_id": rows["gebiet_id"].astype("str"), "indikator_id": _VIRTUELL + name, "stichtag": day, "wert": rows["wert"].astype(float),
        "zaehler": rows["wert"].astype(float), "nenner": float("nan"), "status": rows["status"].astype("str"),
    })  # fmt: skip
    for column in like.columns.difference(made.columns):
        made[column] = rows[column] if column in rows else like[column].iloc[0]
    return made[list(like.columns)].astype({"umgerechnet": bool}).drop_duplicates(["gebiet_id"])


def _gesehen(links: Iterable[Bekannt], day: str, fields: Collection[str]) -> pd.DataFrame:
    rows = []
    for one in links:
        name = _VIRTUELL + one.was if one.was in fields else one.was
        for area, series in one.werte.items():
            value = series.get(day)
            if value is not None:
                rows.append(
                    (
                        area,
                        name,
                        day,
                        float(value),
                        float(value) if one.was in fields else float("nan"),
                        float("nan"),
                        "KomMonitor",
                    )
                )
    return pd.DataFrame(
        rows, columns=["gebiet_id", "indikator_id", "stichtag", "wert", "zaehler", "nenner", "bestand"]
    )


def _merke(result: Gegenprobe, geplant: Mapping[str, Collection[str]], frei: pd.DataFrame, found: geheimhaltung.Schutz, day: str, wer: str) -> None:  # fmt: skip
    gone = found.werte[found.werte["wert"].isna()].set_index(["indikator_id", "gebiet_id"]).index
    shown = frei[(frei["stichtag"] == day) & frei["wert"].notna()]
    fresh = [
        (name, area, day) for name, area in zip(shown["indikator_id"], shown["gebiet_id"], strict=True)
        if name in geplant and day in geplant[name] and (name, area) in gone
    ]  # fmt: skip
    result.gesperrt |= set(fresh)
    if fresh:
        names = ", ".join(sorted({name for name, _, _ in fresh})[:6])
        result.saetze.append(f"{wer}, Stichtag {day}: {len(fresh)} Werte ({names}) bleiben weg, weil sich sonst mit dem, was KomMonitor schon zeigt, Geschütztes berechnen ließe.")  # fmt: skip
    narrow = found.offen
    for name in sorted(set(narrow["indikator_id"])):
        if name in geplant and day in geplant[name]:
            places = ", ".join(sorted(narrow.loc[narrow["indikator_id"] == name, "gebiet_id"])[:5])
            result.abgelehnt[name, day] = f"{name}, Stichtag {day}: wird nicht geschrieben. {wer} könnte mit dem, was KomMonitor schon zeigt, Geschütztes berechnen ({places})."  # fmt: skip
    told = found.schon_bekannt
    if len(told):
        result.saetze.append(
            f"{wer}, Stichtag {day}: KomMonitor verrät schon jetzt {len(told)} Größen, die nach den Regeln zu schützen wären. Bitte dort prüfen."
        )


def ohne(werte: Reihen, name: str, probe: Gegenprobe) -> Reihen:
    """Values without those that may not be written."""
    refused = {day for one, day in probe.abgelehnt if one == name}
    return {
        area: {
            day: None if (name, area, day) in probe.gesperrt else value
            for day, value in row.items()
            if day not in refused
        }
        for area, row in werte.items()
    }
