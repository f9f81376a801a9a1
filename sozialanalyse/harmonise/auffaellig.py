"""What no rule forbids but nobody expects: leaps, twins, constant and repeated columns, shares as fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd

from sozialanalyse.catalogue import DatensatzSeite
from sozialanalyse.errors import Befund
from sozialanalyse.harmonise.fundorte import Fundorte

_ENOUGH = 5
"""So many areas a column must have before its pattern says anything."""
_LARGE = 5000
"""Two totals this large are hardly ever equal by chance."""


def breit(merkmale: pd.DataFrame, gebiete: pd.DataFrame) -> pd.DataFrame:
    """Delivered numbers of the small areas on one date, areas x fields."""
    small = gebiete.index[gebiete["level"] == "sozialraum"]
    areas = merkmale[(merkmale["zelle"] != "") & merkmale["gebiet_id"].isin(small)]
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
        yield from _columns(frame, str(day), seite, places)
        yield from _twin_rows(frame, str(day), places)
        if seite.pruefungen.sprung and davor is not None:
            yield from _leaps(davor, frame, str(day), seite, places)
        davor = frame
    towns = merkmale["gebiet_id"].isin(gebiete.index[gebiete["level"] == "kommune"])
    yield from _equal_totals(merkmale[towns & (merkmale["zelle"] != "")], places)


def _columns(frame: pd.DataFrame, day: str, seite: DatensatzSeite, places: Fundorte) -> Iterator[Befund]:
    columns = {name: frame[name].dropna() for name in frame.columns}
    full = {name: values for name, values in columns.items() if len(values) >= _ENOUGH}

    def first(name: str) -> pd.Series:
        return places.zeilen(full[name].index[:1], name, day).iloc[0]

    for name, values in full.items():
        if np.ptp(values) == 0 and values.iloc[0] != 0:
            row = first(name)
            yield places.befund("warnung", f"Stichtag {day}: In {name} steht überall dieselbe Zahl.",
                                "Bitte prüfen, ob die Spalte wirklich kleinräumig geliefert ist.", row, regel="konstant")  # fmt: skip
        feld = seite.felder[name.split(".")[1]]
        if feld.einheit == "%" and feld.faktor == 1 and 0 < values.max() <= 1 and (values % 1 != 0).any():
            row = first(name)
            yield places.befund("fehler", f"Stichtag {day}: Alle Prozentwerte von {name} liegen zwischen 0 und 1; offenbar sind "
                                "Anteile von 1 geliefert.",
                                "Bitte „faktor: 100“ am Feld eintragen oder Prozentwerte liefern lassen.", row, regel="prozent")  # fmt: skip
    alike: dict[bytes, list[str]] = defaultdict(list)
    for name, values in full.items():
        if values.nunique() > 3:
            alike[values.to_numpy().tobytes() + "|".join(values.index.astype("str")).encode()].append(name)
    for one, *others in alike.values():
        for other in others:
            yield places.befund("warnung", f"Stichtag {day}: {one} und {other} stimmen in allen Gebieten überein.",
                                "Bitte prüfen, ob eine Spalte doppelt geliefert ist.", first(other), regel="doppelt")  # fmt: skip


def _twin_rows(frame: pd.DataFrame, day: str, places: Fundorte) -> Iterator[Befund]:
    """Two areas alike in every number: a row copied by mistake."""
    usable = frame[(frame.fillna(0) > 0).sum(axis=1) >= 3]
    if usable.shape[1] < 3:
        return
    twins = usable[usable.fillna(-1).duplicated(keep=False)]
    for _, rows in twins.groupby(list(twins.columns), dropna=False, sort=False):
        found = places.zeilen(rows.index, str(twins.columns[0]), day)
        yield places.befund("warnung", f"Stichtag {day}: Die Zeilen von {places.zellen(found)} sind in allen Zahlen gleich.",
                            "Bitte prüfen, ob eine Zeile versehentlich kopiert ist.", found.iloc[-1], regel="zwillinge")  # fmt: skip


def _equal_totals(totals: pd.DataFrame, places: Fundorte) -> Iterator[Befund]:
    large = totals[totals["wert"] >= _LARGE]
    for (feld, day, _), rows in large.groupby(["feld", "stichtag", "wert"], sort=True, observed=True):
        if len(rows) > 1:
            yield places.befund("warnung", f"Stichtag {day}: {feld} ist in {places.zellen(rows)} genau gleich groß.",
                                "Bitte prüfen, ob eine Zahl in die falsche Zeile geraten ist.", rows.iloc[-1], regel="zwillinge")  # fmt: skip


def _leaps(
    before: pd.DataFrame, now: pd.DataFrame, day: str, seite: DatensatzSeite, places: Fundorte
) -> Iterator[Befund]:
    """Numbers further from those of the date before than growth and chance explain, the furthest first."""
    rule = seite.pruefungen.sprung
    assert rule is not None
    names = now.columns.intersection(before.columns)
    old, new = before.reindex(now.index)[names], now[names]
    counted = np.array([seite.felder[str(name).split(".")[1]].summierbar for name in names])
    allowed = np.maximum(rule.prozent / 100 * old.abs(), rule.wurzel * np.sqrt(old.abs()) * counted)
    far = ((new - old).abs() / allowed.clip(lower=1e-9)).stack()
    far = far[far > 1].sort_values(ascending=False, kind="stable")
    if far.empty:
        return
    found = [places.zeilen([gebiet], str(feld), day) for gebiet, feld in far.index[:6]]
    shown = ", ".join(
        f"{row['gebiet_id']} {row['feld']} ({row['zelle']})" for row in (f.iloc[0] for f in found)
    )
    more = f" und {len(far) - len(found)} weitere" if len(far) > len(found) else ""
    yield places.befund("warnung", f"Stichtag {day}: Gegenüber dem Stichtag davor fallen Sprünge auf, am stärksten: {shown}{more}.",
                        "Bitte auf Gebietsänderungen, Sondereffekte und vertauschte Spalten prüfen.", found[0].iloc[0],
                        regel="sprung")  # fmt: skip
