"""Delivered tables become one long table of counts, each with the cell it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from sozialanalyse.base import Befund, Rohtabelle, zelle_in_worten
from sozialanalyse.harmonise.fundorte import dateien
from sozialanalyse.harmonise.korrekturen import Korrekturbuch
from sozialanalyse.harmonise.leser import Leser
from sozialanalyse.harmonise.sammlung import SPALTEN, Sammlung
from sozialanalyse.harmonise.schluesselbund import Schluesselbund
from sozialanalyse.harmonise.umstiege import Gebietsstand, rechne_um
from sozialanalyse.region import DatensatzSeite, Region

_ZAHL = ["gebiet_id", "feld", "stichtag"]


def lies(
    seite: DatensatzSeite,
    tabellen: Iterable[tuple[Rohtabelle, str]],
    bund: Schluesselbund,
    region: Region,
    korrekturen: Korrekturbuch | None = None,
) -> Sammlung:
    """Read all deliveries of one dataset, one table in memory at a time.

    Parameters
    ----------
    tabellen
        Tables as read, each with the id of its source file.
    bund
        Spellings of today's areas and of those of other cuts.

    Returns
    -------
    Sammlung
        Every number with its cell, in little space; ``befunde`` holds faults and hints with their place.
    """
    sammlung = Sammlung(bund.ids, [f"{seite.id}.{name}" for name in seite.felder], region.stichtage)
    sammlung.befunde += bund.mehrdeutig(seite)
    book = korrekturen or Korrekturbuch.leer()
    for tabelle, quelle in tabellen:
        Leser(seite, book.berichtige(tabelle, sammlung.befunde), quelle, bund, region, sammlung, book).lies()
    return sammlung


def harmonisiere(
    sammlung: Sammlung, tag: str, seite: DatensatzSeite, bund: Schluesselbund
) -> tuple[pd.DataFrame, pd.DataFrame, list[Befund]]:
    """Harmonise one reference date of a dataset.

    Returns
    -------
    frame
        Long table with the columns of ``SPALTEN``, one row per area and field; ``wert`` is NaN where
        there is no number and ``status`` tells why. Areas of a higher level appear where the delivery
        holds totals for them, areas of another cut as delivered, and beside them what they become in the
        areas of today (``zelle`` empty). ``feld`` is ``dataset.field``.
    unassigned
        Cases without an area, with the same columns; ``gebiet_id`` is empty.
    findings
        Faults and hints, each with its place.
    """
    befunde: list[Befund] = []
    frame = sammlung.frame(tag)
    assigned = frame["gebiet_id"].notna()
    unassigned = frame[~assigned].reset_index(drop=True)
    if len(unassigned):
        frame = frame[assigned].reset_index(drop=True)
        unassigned = _nearest(unassigned, ["feld"])
    frame = _nearest(frame, _ZAHL)
    frame = _equally_near(frame, befunde)
    frame = _once(frame, seite, bund, befunde)
    frame = _converted(frame, seite, bund.staende, befunde)
    return frame, unassigned, befunde


def verbinde(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Long tables of several datasets in one, names kept as categories."""
    parts = list(frames)
    columns = {}
    for name in parts[0].columns if parts else SPALTEN:
        series = [part[name] for part in parts]
        if all(isinstance(one.dtype, pd.CategoricalDtype) for one in series):
            columns[name] = pd.Series(union_categoricals(series, sort_categories=False))
        else:
            columns[name] = pd.concat(series, ignore_index=True)
    return pd.DataFrame(columns)


def _nearest(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Of several days delivered for one reference date only the nearest counts; two may be equally near."""
    if frame["datenstand"].nunique() < 2:
        return frame
    distance = _distance(frame).abs()
    best = distance.groupby([frame[key] for key in keys], observed=True).transform("min")
    return frame[distance == best].reset_index(drop=True)


def _distance(frame: pd.DataFrame) -> pd.Series:
    """Days from the reference date to the day delivered."""
    days = pd.to_datetime(frame["datenstand"].astype("str"))
    return (days - pd.to_datetime(frame["stichtag"].astype("str"))).dt.days


def _equally_near(frame: pd.DataFrame, befunde: list[Befund]) -> pd.DataFrame:
    """Without the later of two days as far from the reference date, which is a fault where their numbers differ."""
    if frame["datenstand"].nunique() < 2:
        return frame
    days = frame["datenstand"].astype("str")
    groups = [frame[key] for key in _ZAHL]
    later = days != days.groupby(groups, observed=True).transform("min")
    if not later.any():
        return frame
    said = frame["wert"].fillna(-np.inf).groupby(groups, observed=True)
    apart = said.transform("nunique") > 1
    differ = later & apart
    if differ.any():
        first = frame[differ].sort_values(["datei", "blatt", "zelle"]).iloc[0]
        tag = date.fromisoformat(str(first["stichtag"]))
        day = date.fromisoformat(str(first["datenstand"]))
        areas = frame.loc[differ, "gebiet_id"].nunique()
        subject = f"Zu „{first['gebiet_id']}“" if areas == 1 else f"Zu {areas} Gebieten"
        befunde.append(Befund(
            "fehler",
            f"{subject} sind verschiedene Zahlen von zwei Tagen geliefert, die gleich weit vom Stichtag {tag:%d.%m.%Y} liegen: "
            f"{tag - (day - tag):%d.%m.%Y} und {day:%d.%m.%Y}.",
            "Bitte mit „nur“ oder „dateien“ auf der Datensatzseite sagen, welcher Tag gilt, oder „hoechstens_tage“ kleiner wählen.",
            datei=str(first["datei"]), blatt=str(first["blatt"]), stelle=zelle_in_worten(str(first["zelle"])), regel="stichtag",
            dateien=tuple(sorted(set(frame.loc[apart, "datei"].astype("str"))))))  # fmt: skip
    return frame[~later].reset_index(drop=True)


def _once(
    frame: pd.DataFrame, seite: DatensatzSeite, bund: Schluesselbund, befunde: list[Befund]
) -> pd.DataFrame:
    """The same number delivered twice is a fault unless all agree; of several gaps the strictest counts."""
    again = frame.duplicated(_ZAHL, keep=False).to_numpy()
    if not again.any():
        return frame
    twice = frame[again]
    order = pd.DataFrame(
        {
            "rang": twice["status"].cat.codes,
            "offen": twice[["unten", "oben"]].isna().sum(axis=1),
            "spanne": twice["oben"] - twice["unten"],
            "unten": twice["unten"],
            "ort": twice["datei"].astype("str") + "\0" + twice["blatt"].astype("str"),
            "zelle": twice["zelle"].str.len(),
            "adresse": twice["zelle"],
        }
    ).sort_values(["rang", "offen", "spanne", "unten", "ort", "zelle", "adresse"], kind="stable")
    kept = twice.loc[order.index].drop_duplicates(_ZAHL).index
    first = twice.loc[kept].set_index(_ZAHL)
    before = first.iloc[first.index.get_indexer(pd.MultiIndex.from_frame(twice[_ZAHL]))]
    value, earlier = twice["wert"].to_numpy(), before["wert"].to_numpy()
    clash = ~((value == earlier) | (np.isnan(value) & np.isnan(earlier)))
    rows = zip(twice[clash].itertuples(), before[clash].itertuples(), strict=True)
    befunde += [
        Befund("fehler",
               f"„{row.gebiet_id}“ ist zum {row.stichtag} zweimal mit verschiedenen Werten geliefert "
               f"(auch in {old.datei}, {zelle_in_worten(str(old.zelle))}).",
               "Bitte beim Lieferanten klären, welche Zeile gilt.",
               datei=str(row.datei), blatt=str(row.blatt), stelle=zelle_in_worten(str(row.zelle)), regel="eindeutig",
               dateien=tuple(sorted({str(row.datei), str(old.datei)})))
        for row, old in _first(rows, 20)
    ]  # fmt: skip
    befunde += _same_elsewhere(frame, twice[~clash], before[~clash], seite, bund)
    stays = ~again
    stays[frame.index.get_indexer(kept)] = True
    return frame[stays].reset_index(drop=True)


def _same_elsewhere(
    frame: pd.DataFrame,
    later: pd.DataFrame,
    before: pd.DataFrame,
    seite: DatensatzSeite,
    bund: Schluesselbund,
) -> Iterator[Befund]:
    """Numbers that stand in two files or sheets and agree: a copy, or parts that happen to be of one size.

    A fault where a small area has one number in common and each place holds what the other does not, a warning where
    several agree or it is the total of a Kommune, a hint where one place holds nothing else.
    """
    place = ["datei", "blatt"]
    pairs = pd.concat(
        [
            before[place].astype("str").reset_index(drop=True),
            later[[*place, "gebiet_id", "zelle"]].astype("str").add_suffix("_auch").reset_index(drop=True),
        ],
        axis=1,
    )
    here = pairs[place].to_numpy()
    there = pairs[[f"{name}_auch" for name in place]].to_numpy()
    pairs = pairs[(here != there).any(axis=1) & later["wert"].notna().to_numpy()]
    if pairs.empty:
        return
    told = seite.tabelle.zusammenfassen is not None
    delivered = frame.loc[frame["wert"].notna() & (frame["zelle"] != ""), place].astype("str").value_counts()
    for (datei, blatt, auch, blatt_auch), rows in pairs.groupby(
        [*place, "datei_auch", "blatt_auch"], sort=True
    ):
        count = len(rows)
        one, other = (
            f"{name}, Blatt „{sheet}“" if sheet else name
            for name, sheet in ((datei, blatt), (auch, blatt_auch))
        )
        both = tuple(sorted({datei, auch}))
        copy = count >= min(delivered[datei, blatt], delivered[auch, blatt_auch])
        alone = rows[rows.groupby("gebiet_id_auch")["zelle_auch"].transform("size") == 1]
        unclear = alone[[bund.ist_klein(area) for area in alone["gebiet_id_auch"]]]
        if told or copy or unclear.empty:
            yield Befund("hinweis" if told or copy else "warnung",
                         f"{_zahlen(count)} in {one} und noch einmal, gleich, in {other}; gezählt wird jede einmal.",
                         "Bitte klären, ob eine der Dateien eine Kopie ist.", datei=auch, blatt=blatt_auch, regel="eindeutig",
                         dateien=both)  # fmt: skip
            continue
        first = unclear.iloc[0]
        yield Befund("fehler", f"{_zahlen(count)} in {one} und noch einmal, gleich, in {other} (zuerst „{first['gebiet_id_auch']}“); "
                     "beide Dateien enthalten auch anderes. Das kann dieselbe Zahl sein oder ein gleich großer Teil.",
                     "Ist es dieselbe, gehört „zusammenfassen: gleiche“ auf die Datensatzseite; sonst bitte beim Lieferanten klären.",
                     datei=auch, blatt=blatt_auch, stelle=zelle_in_worten(first["zelle_auch"]), regel="eindeutig",
                     dateien=both)  # fmt: skip


def _zahlen(count: int) -> str:
    return "Eine Zahl steht" if count == 1 else f"{count} Zahlen stehen"


def _first(rows: Iterable[tuple], limit: int) -> list[tuple]:  # type: ignore[type-arg]
    return [row for _, row in zip(range(limit), rows, strict=False)]


def _converted(
    frame: pd.DataFrame, seite: DatensatzSeite, staende: Sequence[Gebietsstand], befunde: list[Befund]
) -> pd.DataFrame:
    """Add what counts of another cut become in the areas of today."""
    own = [stand for stand in staende if stand.id in seite.staende]
    added, found = rechne_um(frame, seite, own)
    befunde += found
    if added.empty:
        return frame
    twofold = added.duplicated(_ZAHL).to_numpy()
    if twofold.any():
        twice = sorted(set(added.loc[twofold, "gebiet_id"].astype(str)))
        befunde.append(Befund("fehler", f"{seite.name}: Zu {', '.join(twice[:6])} gibt es Zahlen aus zwei Umstiegen zugleich.",
                              "Bitte jeden Umstieg vollständig machen: Zu einem heutigen Gebiet müssen alle Teile im selben stehen.",
                              datei=", ".join(dateien(frame)[:3]), dateien=dateien(frame), regel="umstieg"))  # fmt: skip
        added = added[~twofold]
    both = pd.MultiIndex.from_frame(added[_ZAHL]).isin(pd.MultiIndex.from_frame(frame[_ZAHL]))
    if both.any():
        twice = sorted(set(added.loc[both, "gebiet_id"].astype(str)))
        befunde.append(Befund("fehler", f"{seite.name}: Zu {', '.join(twice[:6])} gibt es Zahlen in heutigen und in "
                              "umzurechnenden Gebieten zugleich.",
                              "Bitte klären, welche Lieferung gilt; ein Gebiet, das Teile dazubekam, muss selbst im Umstieg stehen.",
                              datei=", ".join(dateien(frame)[:3]), dateien=dateien(frame), regel="umstieg"))  # fmt: skip
        added = added[~both]
    return pd.concat([frame, added], ignore_index=True)[SPALTEN]
