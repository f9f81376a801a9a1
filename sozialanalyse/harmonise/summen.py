"""Do delivered totals equal the sums of their parts? Every difference, with what could explain it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse.base import Befund, zahl, zahl_knapp
from sozialanalyse.harmonise.fundorte import Fundorte
from sozialanalyse.region import DatensatzSeite, Summe

PROBE = ["datensatz", "feld", "stichtag", "gebiet_id", "ausdruck", "geliefert", "summe", "unterschied", "anteil", "teile", "fehlend",
         "vermutung", "datei", "blatt", "zelle"]  # fmt: skip
"""Columns of the table of differences."""

_RUNDUNGEN = (1000, 100, 50, 10, 5, 3)
_GENUG = 8
"""So many different numbers must be multiples of a step before a column counts as rounded to it."""
_GEBIETE = 12
"""So many areas of a date have a finding of their own; the table holds all."""
_FELDER = 5
"""So many fields are named in a finding."""
_BEDEUTEND = 1.0
"""Percent of the total from which a difference may stand out."""
_MERKLICH = 10
"""So many cases it must be at least."""


def summenprobe(
    merkmale: pd.DataFrame, seite: DatensatzSeite, gebiete: pd.DataFrame, ohne: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Differences between delivered totals and the sums of their parts.

    Parameters
    ----------
    merkmale
        Long table of one dataset.
    gebiete
        Areas of today with level and oberhalb.
    ohne
        Cases without an area, in the form of ``merkmale``; they count for the region.

    Returns
    -------
    DataFrame
        Columns of :data:`PROBE`, one row per date, area and field whose total differs: of a Kommune from its areas, of
        the region from its Kommunen (their delivered totals, else the sums of their areas), and of any area from the
        sum of fields the page declares (``ausdruck``; empty for sums over areas). ``unterschied`` is delivered minus
        sum, ``anteil`` its share of the delivered total in percent, ``teile`` how many parts were added, ``fehlend``
        the ids of areas that were not delivered, ``vermutung`` a slip of digits the numbers allow. Rounding of a column
        (to 3, 5, 10 ...) and the page's ``toleranz`` are no difference, nor is what hidden parts may hold.
    """
    fields = [f"{seite.id}.{name}" for name, feld in seite.felder.items() if feld.summierbar]
    known = merkmale["gebiet_id"].isin(gebiete.index)
    today = merkmale if known.all() else merkmale[known]
    frames = [pd.DataFrame(columns=PROBE)]
    for day, rows in today.groupby("stichtag", sort=True, observed=True):
        day_ohne = ohne[ohne["stichtag"] == day] if ohne is not None and len(ohne) else None
        frames.append(_Tag(rows, seite, gebiete, day_ohne).probe(str(day), fields))
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]


class _Tag:
    """Numbers of one date as areas x fields."""

    def __init__(
        self, rows: pd.DataFrame, seite: DatensatzSeite, gebiete: pd.DataFrame, ohne: pd.DataFrame | None
    ) -> None:
        self.seite, self.rows = seite, rows
        self.ids, self.level = gebiete.index, gebiete["level"].to_numpy()
        self.owner = gebiete.index.get_indexer(pd.Index(gebiete["oberhalb"]))
        self.felder = [str(feld) for feld in pd.unique(rows["feld"].astype("str"))]
        place = gebiete.index.get_indexer(rows["gebiet_id"].astype("str"))
        column = pd.Index(self.felder).get_indexer(rows["feld"].astype("str"))
        shape = (len(gebiete), len(self.felder))
        self.wert, self.hoechstens = np.full(shape, np.nan), np.full(shape, np.nan)
        self.zeile = np.full(shape, -1)
        self.wert[place, column] = rows["wert"].to_numpy()
        self.zeile[place, column] = np.arange(len(rows))
        if "oben" in rows:
            self.hoechstens[place, column] = rows["oben"].to_numpy(dtype=float)
        self.ohne = (
            np.zeros(len(self.felder))
            if ohne is None
            else ohne.groupby(ohne["feld"].astype("str"))["wert"]
            .sum()
            .reindex(self.felder)
            .fillna(0.0)
            .to_numpy()
        )

    def probe(self, tag: str, felder: list[str]) -> pd.DataFrame:
        columns = [number for number, name in enumerate(self.felder) if name in set(felder)]
        found = [*self._ueber_gebiete(columns), *self._ueber_felder()]
        return pd.DataFrame(found, columns=["feld", "gebiet", *PROBE[4:12], "stelle"]).pipe(
            self._mit_ort, tag
        )

    def _mit_ort(self, found: pd.DataFrame, tag: str) -> pd.DataFrame:
        place = self.rows.iloc[found["stelle"].astype(int)]
        found = found.assign(
            datensatz=self.seite.id, stichtag=tag, gebiet_id=[str(self.ids[row]) for row in found["gebiet"]],
            **{name: place[name].astype("str").to_numpy() for name in ("datei", "blatt", "zelle")},
        )  # fmt: skip
        return found[PROBE]

    def _ueber_gebiete(self, columns: list[int]) -> Iterator[tuple]:  # type: ignore[type-arg]
        schritt = np.array([_rundung(self.wert[:, column]) for column in columns])
        delivered, cap = self.wert[:, columns], self.hoechstens[:, columns]
        value, there = delivered.copy(), self.zeile[:, columns] >= 0
        for level, below in (("kommune", "sozialraum"), ("region", "kommune")):
            parts = np.flatnonzero((self.level == below) & (self.owner >= 0))
            size = np.bincount(self.owner[parts], minlength=len(value))
            known = ~np.isnan(value[parts])
            summe, seen, absent, hidden = (np.zeros(value.shape) for _ in range(4))
            np.add.at(summe, self.owner[parts], np.where(known, value[parts], 0.0))
            np.add.at(seen, self.owner[parts], known)
            np.add.at(absent, self.owner[parts], ~known & ~there[parts])
            gap = np.where(np.isnan(cap[parts]), np.inf, cap[parts])
            np.add.at(hidden, self.owner[parts], np.where(~known & there[parts], gap, 0.0))
            slack = 0.5 + self.seite.pruefungen.toleranz / 100 * np.abs(summe)
            slack = np.where(schritt > 1, np.maximum(slack, schritt / 2 * (seen + 1)), slack)
            apart = delivered - summe
            more = apart > slack + np.where(hidden > 0, hidden, 0.0)
            if level == "region":
                more &= ~((self.ohne[columns] > 0) & (np.abs(apart - self.ohne[columns]) <= slack))
            odd = (apart < -slack) | (more & (absent <= size[:, None] / 2))
            judged = (self.level == level)[:, None] & (seen > 0) & ~np.isnan(delivered)
            odd &= judged
            alone = _vereinzelt(odd, judged, np.abs(apart))
            for row, col in zip(*np.nonzero(odd), strict=True):
                own = parts[self.owner[parts] == row]
                lost = [
                    str(self.ids[part]) for part in own if np.isnan(value[part, col]) and not there[part, col]
                ]
                whole = alone[row, col] and seen[row, col] == size[row]
                guess = (
                    self._dreher(delivered[row, col], [(str(self.ids[p]), value[p, col]) for p in own])
                    if whole
                    else ""
                )
                yield (self.felder[columns[col]], row, "", *_zahlen(delivered[row, col], summe[row, col]), int(seen[row, col]),
                       ", ".join(lost), guess, self.zeile[row, columns[col]])  # fmt: skip
            complete = (self.level == level)[:, None] & (seen == size[:, None]) & np.isnan(value) & (seen > 0)
            value = np.where(complete, summe, value)
            there = there | complete

    def _ueber_felder(self) -> Iterator[tuple]:  # type: ignore[type-arg]
        for name, ausdruck in self.seite.pruefungen.summen.items():
            summe, own = Summe.lesen(ausdruck, self.seite.id), f"{self.seite.id}.{name}"
            if not {own, *summe.felder} <= set(self.felder):
                continue
            parts = [(sign, self.felder.index(feld)) for sign, feld in summe.glieder]
            total = np.sum([sign * self.wert[:, column] for sign, column in parts], axis=0)
            delivered = self.wert[:, self.felder.index(own)]
            slack = 0.5 + self.seite.pruefungen.toleranz / 100 * np.abs(total)
            odd = np.abs(delivered - total) > slack
            judged = ~np.isnan(delivered - total)[:, None]
            alone = _vereinzelt(odd[:, None], judged, np.abs(delivered - total)[:, None], 0.05)[:, 0]
            for row in np.flatnonzero(odd):
                several = [
                    (self.felder[column], self.wert[row, column]) for sign, column in parts if sign > 0
                ]
                yield (own, row, ausdruck, *_zahlen(delivered[row], total[row]), len(parts), "",
                       self._dreher(delivered[row], several, total[row]) if alone[row] else "", self.zeile[row, self.felder.index(own)])  # fmt: skip

    def _dreher(self, delivered: float, parts: list[tuple[str, float]], total: float | None = None) -> str:
        """Whose digits, two of them exchanged, would make the sum right; empty if none or too many."""
        total = sum(number for _, number in parts) if total is None else total
        apart = delivered - total
        if apart % 9 or not np.isfinite(apart):
            return ""
        names = ["der Summe selbst"] if _vertauscht(delivered, total) else []
        names += [name for name, number in parts if _vertauscht(number, number + apart)]
        return " oder ".join(names) if len(names) <= 3 else ""


def _vereinzelt(odd: np.ndarray, judged: np.ndarray, apart: np.ndarray, anteil: float = 0.25) -> np.ndarray:
    """Differences that stand alone in their field, and in their area too unless large: only these may be a slip.

    Where most sums are a little short, cases without an area are the reason, and digits fit by chance.
    """
    in_field = (odd.sum(axis=0) <= np.maximum(1, judged.sum(axis=0) * anteil))[None, :]
    in_area = (odd.sum(axis=1) <= np.maximum(1, judged.sum(axis=1) * anteil))[:, None]
    return in_field & (in_area | (apart >= 90))


def _zahlen(delivered: float, total: float) -> tuple[float, float, float, float]:
    apart = delivered - total
    return delivered, total, apart, 100 * apart / delivered if delivered else np.nan


def _rundung(numbers: np.ndarray) -> int:
    """Step all numbers of a column are multiples of; 1 where there is none."""
    different = np.unique(numbers[~np.isnan(numbers) & (numbers != 0)])
    if len(different) < _GENUG:
        return 1
    return next((step for step in _RUNDUNGEN if not (different % step).any()), 1)


def _vertauscht(one: float, other: float) -> bool:
    """Whether two whole numbers differ by two exchanged digits."""
    if not (one >= 0 and other >= 0 and one % 1 == 0 and other % 1 == 0):
        return False
    first, second = f"{one:.0f}", f"{other:.0f}"
    if len(first) != len(second):
        return False
    apart = [number for number, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    return (
        any(first[i] == second[j] and first[j] == second[i] for i, j in combinations(apart, 2))
        and len(apart) == 2
    )


def summenbefunde(proben: pd.DataFrame, gebiete: pd.DataFrame, seite: DatensatzSeite) -> Iterator[Befund]:
    """Findings about totals of Kommunen and the region.

    Of every date: what stands out, one finding per area, the largest share first; all that is a little above its parts,
    as cases without an area make it, in one; all that is below its parts in another. Small areas are left to the
    declared rules, which name cells and no numbers.
    """
    level = proben["gebiet_id"].map(gebiete["level"]) if len(proben) else pd.Series(dtype=str)
    for day, rows in proben[level != "sozialraum"].groupby("stichtag", sort=True):
        size = rows["anteil"].abs().fillna(np.inf)
        towns = max(1, int((gebiete["level"] == "kommune").sum()))
        common = size[(rows["ausdruck"] == "") & (rows["unterschied"] > 0)]
        most = rows.loc[common.index, "gebiet_id"].nunique() > towns / 2
        usual = common.median() if most else 0.0  # what stays without an area everywhere
        apart = rows["unterschied"].abs()
        out = (size > np.maximum(_BEDEUTEND, 3 * usual)) & (apart >= _MERKLICH)
        out |= rows["vermutung"] != ""
        order = (
            size[out].groupby(rows["gebiet_id"][out]).max().sort_values(ascending=False, kind="stable").index
        )
        for gebiet in order[:_GEBIETE]:
            yield _einzeln(rows[out & (rows["gebiet_id"] == gebiet)], str(day), gebiete)
        left = rows[~out | rows["gebiet_id"].isin(order[_GEBIETE:])]
        for more in (True, False):
            some = left[(left["unterschied"] > 0) == more]
            if len(some):
                yield _zusammen(some, str(day), gebiete, more)


def _name(gebiet: str, gebiete: pd.DataFrame) -> str:
    name = str(gebiete["name"].get(gebiet, "")) if "name" in gebiete else ""
    return f"{name} ({gebiet})" if name else gebiet


def _worte(row: Any) -> str:
    of_what = f" von „{row.ausdruck}“" if row.ausdruck else " der Teile"
    share = f", {_prozent(abs(row.anteil))}" if row.anteil == row.anteil else ""
    direction = "mehr" if row.unterschied > 0 else "weniger"
    return f"{row.feld} geliefert {_zahl(row.geliefert)}, Summe{of_what} {_zahl(row.summe)} ({_zahl(abs(row.unterschied))} {direction}{share})"


def _einzeln(rows: pd.DataFrame, day: str, gebiete: pd.DataFrame) -> Befund:
    rows = rows.sort_values("unterschied", key=abs, ascending=False, kind="stable")
    first = rows.iloc[0]
    more = f"; {len(rows) - _FELDER} weitere Felder" if len(rows) > _FELDER else ""
    text = (f"Stichtag {day}: In {_name(first['gebiet_id'], gebiete)} geht die gelieferte Summe nicht auf: "
            f"{'; '.join(_worte(row) for row in rows.head(_FELDER).itertuples())}{more}.")  # fmt: skip
    lost = _fehlende(rows)
    guesses = [f"bei {row.feld} in {row.vermutung}" for row in rows.itertuples() if row.vermutung][:3]
    short = bool((rows["unterschied"] < 0).any())
    if guesses:
        remedy = f"Vielleicht sind zwei Ziffern vertauscht, {', '.join(guesses)}: Dann ginge die Summe auf."
    elif short:
        remedy = "Die Teile sind mehr als das Ganze; bitte beim Lieferanten klären, welche Zahl gilt."
    elif lost:
        remedy = (f"Erklären können es die nicht gelieferten Gebiete ({lost}), wenn gerade so viel auf sie entfällt, "
                  "sonst Fälle ohne Zuordnung; bitte nachliefern lassen.")  # fmt: skip
    else:
        remedy = "Mehr als sonst hier ohne Zuordnung bleibt; bitte beim Lieferanten klären. Seiten verwenden die gelieferte Zahl."
    return Fundorte(rows).befund(
        "hinweis" if lost and not short else "warnung", text, remedy, rows, regel="summe"
    )


def _zusammen(rows: pd.DataFrame, day: str, gebiete: pd.DataFrame, more: bool) -> Befund:
    """Many small differences: the largest of each area, and how many there are."""
    rows = rows.sort_values("unterschied", key=abs, ascending=False, kind="stable")
    worst = rows.drop_duplicates("gebiet_id")
    named = [f"{_name(row.gebiet_id, gebiete)}: {_worte(row)}" for row in worst.head(_GEBIETE).itertuples()]
    rest = len(rows) - len(named)
    others = f"; {rest} weitere, alle im Prüfprotokoll und auf der Seite Datenstand" if rest else ""
    subject = "einem Gebiet" if len(worst) == 1 else f"{len(worst)} Gebieten"
    lost = _fehlende(rows)
    remedy = "Die Teile sind mehr als das Ganze; bitte beim Lieferanten klären, welche Zahl gilt."
    if more:
        remedy = (
            f"Erklären können es die nicht gelieferten Gebiete ({lost}) oder Fälle"
            if lost
            else "Meist sind Fälle"
        )
        remedy += (
            " ohne Zuordnung; bitte klären."
            if lost
            else " ohne Zuordnung der Grund. Seiten verwenden die gelieferte Zahl."
        )
    whole = (worst["gebiet_id"].map(gebiete["level"]) == "region") & (worst["fehlend"] == "")
    return Fundorte(rows).befund(
        "hinweis" if more and not whole.any() else "warnung",
        f"Stichtag {day}: In {subject} liegt die gelieferte Summe {'über' if more else 'unter'} der Summe ihrer Teile "
        f"({'; '.join(named)}{others}).", remedy, rows, regel="summe")  # fmt: skip


def _fehlende(rows: pd.DataFrame) -> str:
    lost = sorted({part for names in rows["fehlend"] for part in names.split(", ") if part})
    return ", ".join(lost[:6]) + (" …" if len(lost) > 6 else "")


def _zahl(number: float) -> str:
    return zahl(number, 0 if abs(number - round(number)) < 1e-9 else 2)


def _prozent(share: float) -> str:
    return f"{zahl_knapp(share, 2) if share < 10 else zahl(share)}\u00a0%"
