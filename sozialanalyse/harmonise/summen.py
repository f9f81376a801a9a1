"""Do delivered totals equal the sums of their parts? Every difference, with what could explain it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from sozialanalyse.catalogue import DatensatzSeite, Summe
from sozialanalyse.errors import Befund
from sozialanalyse.harmonise.fundorte import Fundorte

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
"""Percent of the total from which a surplus is a warning."""


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
    today = merkmale[merkmale["gebiet_id"].isin(gebiete.index)]
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
            odd &= (self.level == level)[:, None] & (seen > 0)
            for row, col in zip(*np.nonzero(odd), strict=True):
                own = parts[self.owner[parts] == row]
                lost = [
                    str(self.ids[part]) for part in own if np.isnan(value[part, col]) and not there[part, col]
                ]
                whole = seen[row, col] == size[row]
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
            total = sum(sign * self.wert[:, column] for sign, column in parts)
            delivered = self.wert[:, self.felder.index(own)]
            slack = 0.5 + self.seite.pruefungen.toleranz / 100 * np.abs(total)
            for row in np.flatnonzero(np.abs(delivered - total) > slack):
                several = [
                    (self.felder[column], self.wert[row, column]) for sign, column in parts if sign > 0
                ]
                yield (own, row, ausdruck, *_zahlen(delivered[row], total[row]), len(parts), "",
                       self._dreher(delivered[row], several, total[row]), self.zeile[row, self.felder.index(own)])  # fmt: skip

    def _dreher(self, delivered: float, parts: list[tuple[str, float]], total: float | None = None) -> str:
        """Whose digits, two of them exchanged, would make the sum right; empty if none or too many."""
        total = float(np.nansum([number for _, number in parts])) if total is None else total
        apart = delivered - total
        if apart % 9 or not np.isfinite(apart):
            return ""
        names = ["der Summe selbst"] if _vertauscht(delivered, total) else []
        names += [name for name, number in parts if _vertauscht(number, number + apart)]
        return " oder ".join(names) if len(names) <= 3 else ""


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
    """Findings about totals of Kommunen and the region, one per area and date, the largest share first.

    Small areas are left to the declared rules, which name cells and no numbers.
    """
    level = proben["gebiet_id"].map(gebiete["level"])
    for day, rows in proben[level != "sozialraum"].groupby("stichtag", sort=True):
        share = rows["anteil"].abs().fillna(np.inf).groupby(rows["gebiet_id"]).max()
        order = share.sort_values(ascending=False, kind="stable").index
        for gebiet in order[:_GEBIETE]:
            own = rows[rows["gebiet_id"] == gebiet].sort_values(
                "unterschied", key=abs, ascending=False, kind="stable"
            )
            yield _befund(own, str(day), gebiete, seite)
        if len(order) > _GEBIETE:
            rest = rows[rows["gebiet_id"].isin(order[_GEBIETE:])]
            yield Befund("hinweis", f"Stichtag {day}: In {len(order) - _GEBIETE} weiteren Gebieten weichen gelieferte Summen ab, "
                         f"höchstens um {_prozent(rest['anteil'].abs().max())}.",
                         "Alle stehen im Prüfprotokoll und auf der Seite Datenstand.", datei=str(rest["datei"].iloc[0]), regel="summe")  # fmt: skip


def _befund(rows: pd.DataFrame, day: str, gebiete: pd.DataFrame, seite: DatensatzSeite) -> Befund:
    first = rows.iloc[0]
    name = str(gebiete["name"].get(first["gebiet_id"], "")) if "name" in gebiete else ""
    where = f"{name} ({first['gebiet_id']})" if name else str(first["gebiet_id"])
    parts = []
    for row in rows.head(_FELDER).itertuples():
        of_what = f"von „{row.ausdruck}“ " if row.ausdruck else ""
        direction = "mehr" if row.unterschied > 0 else "weniger"
        share = f", {_prozent(abs(row.anteil))}" if row.anteil == row.anteil else ""
        parts.append(f"{row.feld} geliefert {_zahl(row.geliefert)}, Summe {of_what}{_zahl(row.summe)} "
                     f"({_zahl(abs(row.unterschied))} {direction}{share})")  # fmt: skip
    more = f"; {len(rows) - _FELDER} weitere Felder" if len(rows) > _FELDER else ""
    of_areas = rows[rows["ausdruck"] == ""]
    counted = (
        f" der Summe von {int(of_areas['teile'].max())} Gebieten"
        if len(of_areas)
        else " der Summe der Felder"
    )
    text = (
        f"Stichtag {day}: In {where} entspricht die gelieferte Zahl nicht{counted}: {'; '.join(parts)}{more}."
    )
    lost = sorted({part for names in rows["fehlend"] for part in names.split(", ") if part})
    guesses = [f"bei {row.feld} in {row.vermutung}" for row in rows.itertuples() if row.vermutung][:3]
    short = bool((rows["unterschied"] < 0).any())
    if guesses:
        remedy = f"Vielleicht sind zwei Ziffern vertauscht, {', '.join(guesses)}: Dann ginge die Summe auf."
    elif lost and not short:
        remedy = (f"Erklären können es die nicht gelieferten Gebiete ({', '.join(lost[:6])}{' …' if len(lost) > 6 else ''}), wenn auf sie "
                  "zusammen gerade so viel entfällt; sonst Fälle ohne Zuordnung.")  # fmt: skip
    elif short:
        remedy = "Die Teile sind mehr als das Ganze; bitte beim Lieferanten klären, welche Zahl gilt."
    else:
        remedy = "Meist sind Fälle ohne Zuordnung der Grund; bitte beim Lieferanten klären. Seiten verwenden die gelieferte Zahl."
    large = rows["anteil"].abs().max() >= _BEDEUTEND and not lost
    return Fundorte(rows).befund(
        "warnung" if short or large else "hinweis", text, remedy, first, regel="summe"
    )


def _zahl(number: float) -> str:
    text = f"{number:,.0f}" if abs(number - round(number)) < 1e-9 else f"{number:,.2f}"
    return text.translate(str.maketrans(",.", ".,"))


def _prozent(share: float) -> str:
    return f"{share:.2g}".replace(".", ",") + "\u00a0%" if share < 10 else f"{share:.0f}\u00a0%"
