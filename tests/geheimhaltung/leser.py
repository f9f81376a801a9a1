"""The reader of a whole region's finished public results: what is printed, what is true, what must stay hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from angreifer import Angreifer, Fund, Groesse
from angreifer import Summe as Summe_
from gleichungen import Gleichungen, Zeile

from sozialanalyse import store
from sozialanalyse.region.catalogue import FLAECHE, Katalog, Summe, lade_katalog

GROESSEN = ("wert", "zaehler", "nenner")
SPIELRAUM = 1e-3
"""Persons a linear program may be wrong by."""


@dataclass(frozen=True)
class Urteil:
    """What a reader got out of one date."""

    stichtag: str
    gelesen: int
    fremd: tuple[Fund, ...]
    """Numbers that are not what the reader took them for."""
    verraten: tuple[Fund, ...]
    """Hidden numbers that are printed somewhere."""
    ziele: int
    engste: float
    """Narrowest interval, as a share of the width it must have."""
    zu_eng: tuple[str, ...]
    genau: int = 0
    """Of these: known to the person."""
    summen: int = 0
    """Sums found in the numbers that were read."""


class Leser:
    """Attacks finished pages; of the inside it takes only what a reader could guess at worst.

    Parameters
    ----------
    wahr
        Date -> counts, areas x fields, for cells a supplier hides even from us; without them it is not
        checked whether what was read agrees with the truth.
    ziele
        What must stay hidden from the audience (:attr:`sozialanalyse.geheimhaltung.Schutz.ziele`); default
        what must from the public.
    """

    def __init__(
        self,
        inside: store.Daten,
        public: store.Daten,
        wahr: Mapping[str, pd.DataFrame],
        ziele: pd.DataFrame | None = None,
    ) -> None:
        self.inside, self.public, self.wahr = inside, public, wahr
        self.ziele = inside.schutz("ziele") if ziele is None else ziele
        self.katalog: Katalog = lade_katalog(inside.region)
        self.definition = {
            key: _groesse(self.katalog, key)
            for key, indikator in self.katalog.indikatoren.items()
            if indikator.seite.art != "wert"
        }
        self.eltern = {str(a): str(b) for a, b in inside.kommune().items()}
        self.region = inside.region.seite.schluessel_region
        self.innen = {tag: self._werte(inside, tag) for tag in inside.stichtage}
        self.aussen = {tag: self._werte(public, tag) for tag in inside.stichtage}
        self.geliefert = {tag: self._geliefert(tag) for tag in inside.stichtage}
        self.atome = {tag: self._atome(tag) for tag in inside.stichtage}

    @staticmethod
    def _werte(daten: store.Daten, tag: str) -> pd.DataFrame:
        return daten.werte(stichtag=tag, level=None).set_index(["gebiet_id", "indikator_id"])

    def _geliefert(self, tag: str) -> dict[tuple[str, str], float]:
        """Counts of small areas that a supplier told us, converted ones among them."""
        rows = self.inside._merkmale
        rows = rows[
            (rows["stichtag"] == tag) & rows["gebiet_id"].isin(list(self.eltern)) & rows["wert"].notna()
        ]
        areas = self.inside.gebiete("sozialraum")["flaeche_qkm"]
        sizes = {(FLAECHE, str(area)): float(size) for area, size in areas.items()}
        return sizes | {
            (str(f), str(g)): float(w)
            for f, g, w in zip(rows["feld"], rows["gebiet_id"], rows["wert"], strict=True)
        }

    def _atome(self, tag: str) -> dict[tuple[str, str], float]:
        """True counts: as told, or drawn where the supplier hides them."""
        drawn = self.wahr.get(tag, pd.DataFrame()).stack()
        return {(str(f), str(g)): float(w) for (g, f), w in drawn.items()} | self.geliefert[tag]

    def leser(self) -> Angreifer:
        """A reader with the words of the region, who has read nothing yet."""
        levels = ("sozialraum", "kommune")
        places = {str(n): str(k) for level in levels for k, n in self.public.namen(level).items()}
        places |= {str(key): str(key) for level in levels for key in self.public.gebiete(level).index}
        places |= {self.region: self.region, self.public.region.name: self.region}
        table = self.public.indikatoren()
        names = {str(table.at[key, word]): str(key) for word in ("name", "kurz") for key in table.index}
        found = Angreifer(
            places, self.eltern, self.region, names | {key: key for key in self.definition}, self.definition,
            self.public.stichtage[-1], bekannt={FLAECHE: {a: self.atome[self.public.stichtage[-1]][FLAECHE, a] for a in self.eltern}},
        )  # fmt: skip
        partial: dict[tuple[str, str, str], frozenset[str]] = {}
        more: dict[tuple[str, str, str, str], float] = {}
        rounded: set[tuple[str, str]] = set()
        for tag, frame in self.innen.items():
            rounded |= {(str(gebiet), tag) for gebiet, _ in frame.index[frame["umgerechnet"]]}
            for (gebiet, key), row in frame.iterrows():
                if gebiet in self.eltern or key not in self.definition:
                    continue
                parts = [part for part, parent in self.eltern.items() if gebiet in (parent, self.region)]
                if row["status"] == "unvollstaendig":
                    gone = [p for p in parts if frame.loc[(p, key), ["zaehler", "nenner"]].isna().any()]
                    partial[gebiet, key, tag] = frozenset(gone)
                for size in ("zaehler", "nenner"):
                    summe = getattr(self.definition[key], size)
                    if summe is None or pd.isna(row[size]):
                        continue
                    own = found.summe(gebiet, summe, partial.get((gebiet, key, tag), frozenset()))
                    known = all(atom in self.geliefert[tag] for atom in own)
                    more[gebiet, key, size, tag] = (
                        float(row[size]) - self._summe(own, tag) if known else np.nan
                    )
        return replace(found, ohne=partial, mehr=more, ungenau=frozenset(rounded))

    def _summe(self, row: Zeile, tag: str) -> float:
        return sum(factor * self.atome[tag][key] for key, factor in row.items())

    def _stimmt(self, one: Fund) -> bool:
        """Whether a printed number is what the reader takes it for."""
        frame = self.innen[one.tag]
        if (one.gebiet, one.indikator) not in frame.index:
            return False
        true = frame.at[(one.gebiet, one.indikator), one.groesse]
        return bool(abs(true - one.zahl.wert) <= 0.5 * 10.0**-one.zahl.stellen + 1e-6)

    def urteile(
        self, reader: Angreifer, tag: str, hoechstens: int | None = None, gebiet: str | None = None
    ) -> Urteil:
        """Attack every protected quantity of a date, or so many of them, or those of one area, with all that was read."""
        read = [one for one in reader.funde if one.tag == tag]
        right = {one for one in read if self._stimmt(one)}
        hidden = self.aussen[tag]["status"] == "geheim"
        shown_base = {"nenner"}  # a base printed beside another indicator is no secret of this one
        told = [one for one in right if hidden[one.gebiet, one.indikator] and one.groesse not in shown_base]
        understood = replace(reader, funde=right)
        system = understood.gleichungen(tag)
        sums = replace(reader, funde={one for one in reader.funde if self._stimmt(one)}).summen()
        for left, other in sums:
            self._summe_gilt(system, reader, left, other, tag)
        if self.wahr and (worst := system.verstoss(self._welt(reader, right, tag))) > SPIELRAUM:
            raise AssertionError(f"{tag}: Das Gelesene widerspricht den wahren Zahlen um {worst:.1f}.")
        goals = self.ziele[self.ziele["stichtag"] == tag]
        if gebiet is not None:
            goals = goals[goals["gebiet_id"] == gebiet]
        if hoechstens is not None:
            goals = goals.sample(min(hoechstens, len(goals)), random_state=0)
        narrow, least, exact = [], float("inf"), 0
        for goal in goals.itertuples():
            width = self._weite(system, reader, goal)
            least = min(least, width / goal.breite)
            exact += width < min(1.0, goal.breite) - SPIELRAUM
            if width < goal.breite - SPIELRAUM:
                narrow.append(
                    f"{goal.gebiet_id} {goal.indikator_id} ({goal.art}): {width:.1f} statt {goal.breite:.0f}"
                )
        wrong = tuple(sorted(set(read) - right, key=repr))
        return Urteil(tag, len(right), wrong, tuple(told), len(goals), least, tuple(narrow), exact, len(sums))

    def _summe_gilt(
        self, system: Gleichungen, reader: Angreifer, left: Summe_, right: Summe_, tag: str
    ) -> None:
        """Take a sum as known in every small area, but where the reader would be wrong."""
        for area in reader.teile:
            row = reader.unterschied(area, left, right)
            true = sum(factor * self.atome[tag].get(key, np.nan) for key, factor in row.items())
            if row and not abs(true) > 1e-6:
                system.gleich(row, 0.0)

    def _welt(self, reader: Angreifer, right: set[Fund], tag: str) -> dict[tuple[str, str], float]:
        """The true counts, those that totals hold beside their areas among them."""
        world = dict(self.atome[tag])
        for one in right:
            for size in ("zaehler", "nenner"):
                if np.isnan(reader.mehr.get((one.gebiet, one.indikator, size, tag), 0.0)):
                    without = reader.ohne.get((one.gebiet, one.indikator, tag), frozenset())
                    row, _ = reader.gesamt(one, size, without)
                    *own, extra = row
                    true = self.innen[tag].at[(one.gebiet, one.indikator), size]
                    world[extra] = float(true) - sum(row[key] * world[key] for key in own)
        return world

    def _weite(self, system: Gleichungen, reader: Angreifer, goal: object) -> float:
        row = self._ziel(reader, goal)
        low, high = system.grenzen(row)
        return high - low

    def _ziel(self, reader: Angreifer, goal: object) -> Zeile:
        area, name, kind = goal.gebiet_id, goal.indikator_id, goal.art  # type: ignore[attr-defined]
        if kind == "feld":
            return reader.summe(area, tuple((1, part) for part in name.split(" + ")))
        page = self.definition[name]
        row = reader.summe(area, page.zaehler)
        if kind == "zahl":
            return row
        assert page.nenner is not None
        whole = reader.summe(area, page.nenner)
        return {key: whole.get(key, 0.0) - row.get(key, 0.0) for key in {*whole, *row}}


def _groesse(katalog: Katalog, key: str) -> Groesse:
    indikator = katalog.indikatoren[key]
    page = indikator.seite

    def plain(summe: Summe | None) -> tuple[tuple[int, str], ...] | None:
        return None if summe is None else tuple((int(sign), name) for sign, name in summe.glieder)

    counted = plain(indikator.zaehler)
    assert counted is not None
    return Groesse(counted, plain(indikator.nenner), float(page.faktor), page.art == "quote" and page.anteil)


def oeffentliche_seiten(ordner: Path) -> list[Path]:
    """Finished pages and files a visitor can open."""
    wanted = {".html", ".xlsx", ".docx", ".pptx", ".csv", ".geojson", ".json", ".ipynb", ".pdf"}
    return [
        path for path in sorted(ordner.rglob("*"))
        if path.suffix in wanted and not {"intern", "protokolle"} & set(path.relative_to(ordner).parts)
    ]  # fmt: skip
