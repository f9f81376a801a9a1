"""What no rule forbids but nobody expects: leaps, twins, constant and repeated columns, shares as fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd

from sozialanalyse.base import Befund, zahl
from sozialanalyse.harmonise import vertauschungen
from sozialanalyse.harmonise.fundorte import Fundorte
from sozialanalyse.harmonise.prozent import kleine_prozente
from sozialanalyse.region import DatensatzSeite

_ENOUGH = 5
"""So many areas a column must have before its pattern says anything."""
_STREUUNG = 6 * 1.4826
"""A rate leaps if it changed by so many median deviations more than the others: 6 standard deviations, robustly."""
_VIELE = 0.25
"""Where more than this share of a column leaps, the column is told, not its cells."""
_LARGE = 5000
"""Two totals this large are hardly ever equal by chance."""


def breit(merkmale: pd.DataFrame, gebiete: pd.DataFrame) -> pd.DataFrame:
    """Delivered numbers of the small areas on one date, areas x fields."""
    small = gebiete.index[gebiete["level"] == "sozialraum"]
    wanted = (merkmale["zelle"] != "") & merkmale["gebiet_id"].isin(small)
    areas = merkmale.loc[wanted, ["gebiet_id", "feld", "wert"]]
    return areas.pivot(index="gebiet_id", columns="feld", values="wert").astype(float)


def auffaelliges(
    merkmale: pd.DataFrame,
    gebiete: pd.DataFrame,
    seite: DatensatzSeite,
    places: Fundorte,
    davor: pd.DataFrame | None = None,
) -> Iterator[Befund]:
    """Conspicuous columns, rows and leaps of one dataset; only what stands in cells is judged."""
    for day, rows in merkmale.groupby("stichtag", sort=True, observed=True):
        frame = breit(rows, gebiete)
        if frame.empty:
            continue
        yield from _columns(frame, davor, str(day), seite, places)
        yield from _twin_rows(frame, str(day), places)
        if seite.pruefungen.sprung and davor is not None:
            yield from _leaps(davor, frame, str(day), seite, places)
        if davor is not None:
            yield from _exchanged(davor, frame, str(day), places)
        davor = frame
    towns = merkmale["gebiet_id"].isin(gebiete.index[gebiete["level"] == "kommune"])
    yield from _equal_totals(merkmale[towns & (merkmale["zelle"] != "")], places)


def _columns(
    frame: pd.DataFrame, davor: pd.DataFrame | None, day: str, seite: DatensatzSeite, places: Fundorte
) -> Iterator[Befund]:
    columns = {name: frame[name].dropna() for name in frame.columns}
    full = {name: values for name, values in columns.items() if len(values) >= _ENOUGH}

    def stand(name: str) -> pd.DataFrame:
        return places.zeilen(full[name].index, name, day)

    for name, values in full.items():
        if np.ptp(values) == 0 and values.iloc[0] != 0:
            rows = stand(name)
            yield places.befund("warnung", f"Stichtag {day}: In {name} steht überall dieselbe Zahl.",
                                "Bitte prüfen, ob die Spalte wirklich kleinräumig geliefert ist.", rows, regel="konstant")  # fmt: skip
        earlier = davor[name].dropna() if davor is not None and name in davor else values.iloc[:0]
        yield from kleine_prozente(values, earlier, name, day, seite, places)
    alike: dict[bytes, list[str]] = defaultdict(list)
    for name, values in full.items():
        numbers = values.to_numpy()
        if len(np.unique(numbers)) > 3:
            there = frame[name].notna().to_numpy()
            alike[numbers.tobytes() + there.tobytes()].append(name)
    for one, *others in alike.values():
        for other in others:
            yield places.befund("warnung", f"Stichtag {day}: {one} und {other} stimmen in allen Gebieten überein.",
                                "Bitte prüfen, ob eine Spalte doppelt geliefert ist.", stand(other), regel="doppelt")  # fmt: skip


def _twin_rows(frame: pd.DataFrame, day: str, places: Fundorte) -> Iterator[Befund]:
    """Two areas alike in every number: a row copied by mistake."""
    usable = frame[(frame.fillna(0) > 0).sum(axis=1) >= 3]
    if usable.shape[1] < 3:
        return
    twins = usable[usable.fillna(-1).duplicated(keep=False)]
    for _, rows in twins.groupby(list(twins.columns), dropna=False, sort=False):
        found = places.zeilen(rows.index, str(twins.columns[0]), day)
        yield places.befund("warnung", f"Stichtag {day}: Die Zeilen von {places.zellen(found)} sind in allen Zahlen gleich.",
                            "Bitte prüfen, ob eine Zeile versehentlich kopiert ist.", found.iloc[::-1], regel="zwillinge")  # fmt: skip


def _equal_totals(totals: pd.DataFrame, places: Fundorte) -> Iterator[Befund]:
    large = totals[totals["wert"] >= _LARGE]
    for (feld, day, _), rows in large.groupby(["feld", "stichtag", "wert"], sort=True, observed=True):
        if len(rows) > 1:
            yield places.befund("warnung", f"Stichtag {day}: {feld} ist in {places.zellen(rows)} genau gleich groß.",
                                "Bitte prüfen, ob eine Zahl in die falsche Zeile geraten ist.", rows.iloc[::-1], regel="zwillinge")  # fmt: skip


def _leaps(
    before: pd.DataFrame, now: pd.DataFrame, day: str, seite: DatensatzSeite, places: Fundorte
) -> Iterator[Befund]:
    """Numbers further from those of the date before than growth and chance explain, the furthest first."""
    rule = seite.pruefungen.sprung
    assert rule is not None
    names = now.columns.intersection(before.columns)
    old, new = before.reindex(now.index)[names], now[names]
    counted = np.array([seite.felder[str(name).split(".")[1]].summierbar for name in names])
    change = new - old
    usual = change.median()
    spread = _STREUUNG * (change - usual).abs().median()
    allowed = np.maximum(rule.prozent / 100 * old.abs(), rule.wurzel * np.sqrt(old.abs()) * counted)
    allowed = np.where(counted, allowed, np.maximum(allowed, spread.to_numpy()[None, :]))
    far = change.abs() / np.maximum(allowed, 1e-9)
    whole = {
        str(name): n
        for name, n in (far > 1).sum().items()
        if n >= _ENOUGH and n > _VIELE * far[name].notna().sum()
    }
    single = far.drop(columns=list(whole)).stack()
    single = single[single > 1].sort_values(ascending=False, kind="stable")
    if single.empty and not whole:
        return
    parts, places_found = [], []
    if whole:
        named = [
            f"{name} ({n} von {far[name].notna().sum()} Gebieten, in der Mitte {_aenderung(old[name], new[name])})"
            for name, n in sorted(whole.items(), key=lambda item: -item[1])
        ]
        parts.append("in ganzen Spalten " + _wenige(named))
        places_found += [places.zeilen([str(far[name].idxmax())], name, day) for name in list(whole)[:1]]
    if len(single):
        found = [places.zeilen([gebiet], str(feld), day).head(1) for gebiet, feld in single.index[:6]]
        first = [one.iloc[0] for one in found if len(one)]
        cells = [f"{row['gebiet_id']} {row['feld']} ({row['zelle']})" for row in first]
        parts.append("am stärksten: " + _wenige(cells, len(single)))
        places_found += found
    places_found += [places.zeilen(now.index, name, day) for name in whole]
    yield places.befund("warnung", f"Stichtag {day}: Gegenüber dem Stichtag davor fallen Sprünge auf, {'; einzeln '.join(parts)}.",
                        "Bitte auf Gebietsänderungen, Sondereffekte und vertauschte Spalten prüfen.", pd.concat(places_found),
                        regel="sprung")  # fmt: skip


def _wenige(named: list[str], alle: int | None = None) -> str:
    rest = (len(named) if alle is None else alle) - len(named[:6])
    return ", ".join(named[:6]) + (f" und {rest} weitere" if rest > 0 else "")


def _aenderung(old: pd.Series, new: pd.Series) -> str:
    """How the middle of a column changed, in percent."""
    before, now = old.median(), new.median()
    if not before:
        return "vorher 0"
    return zahl(100 * (now - before) / before, vorzeichen=True) + "\u00a0%"


def _exchanged(before: pd.DataFrame, now: pd.DataFrame, day: str, places: Fundorte) -> Iterator[Befund]:
    """Columns that took each other's place, or whose order is reversed."""
    pairs = vertauschungen.vertauscht(before, now)
    for one, other in pairs:
        rows = places.zeilen(now[one].dropna().index, one, day)
        yield places.befund("warnung", f"Stichtag {day}: {one} und {other} scheinen gegenüber dem Stichtag davor vertauscht.",
                            "Bitte prüfen, ob zwei Spalten die Plätze getauscht haben.", rows, regel="vertauscht")  # fmt: skip
    told = {name for pair in pairs for name in pair}
    found = {name: rho for name, rho in vertauschungen.umgekehrt(before, now).items() if name not in told}
    if found:
        first = min(found, key=lambda name: found[name])
        rows = places.zeilen(now[first].dropna().index, first, day)
        told_so = vertauschungen.befund_umgekehrt(found, day)
        yield places.befund(told_so.schwere, told_so.text, told_so.abhilfe, rows, regel=told_so.regel)
