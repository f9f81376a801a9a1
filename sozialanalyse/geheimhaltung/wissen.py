"""What everybody may know about the numbers beside those that are published.

Declared sums and parts, identities and inequalities that can be seen in the numbers (:mod:`.identitaeten`),
and the public weights by which numbers of former areas became numbers of today's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from sozialanalyse.base import Befund
from sozialanalyse.geheimhaltung import gelieferte_anteile, zeitlich
from sozialanalyse.geheimhaltung.gelieferte_anteile import Anteil
from sozialanalyse.geheimhaltung.identitaeten import Identitaet, Ungleichung, finde, ungleichungen
from sozialanalyse.geheimhaltung.zeitlich import DAVOR, Fortschreibung
from sozialanalyse.region import FLAECHE, Katalog, Summe

GENAU = 1e-6
KNAPP = 3.0
"""Inequalities count where the whole exceeds its part by less than so many protection widths."""

Glieder = tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Zaehlfelder:
    """Delivered counts of one date, areas x fields.

    Attributes
    ----------
    werte
        Counts; NaN unknown to us.
    geheim
        Whether a supplier hides the number.
    umgerechnet
        Whether it was shared out from former areas.
    """

    werte: pd.DataFrame
    geheim: pd.DataFrame
    umgerechnet: pd.DataFrame

    @classmethod
    def aus(cls, merkmale: pd.DataFrame, tag: str) -> Zaehlfelder:
        """From the long table of delivered counts."""
        rows = merkmale[merkmale["stichtag"] == tag]
        keys = [rows["gebiet_id"].astype("str").to_numpy(), rows["feld"].astype("str").to_numpy()]
        size = len(rows)

        def table(values: np.ndarray) -> pd.DataFrame:
            series = pd.Series(values, index=pd.MultiIndex.from_arrays(keys, names=["gebiet_id", "feld"]))
            return series[~series.index.duplicated(keep="last")].unstack("feld")

        status = rows["status"].astype("str").to_numpy() if "status" in rows else np.full(size, "")
        shared = rows["umgerechnet"].to_numpy() if "umgerechnet" in rows else np.zeros(size)
        none = np.zeros(size, dtype=bool)
        return cls(
            table(rows["wert"].to_numpy(dtype=float)),
            table((status == "geheim") | none).fillna(value=False).astype(bool),
            table((shared > 0) | none).fillna(value=False).astype(bool),
        )

    def neben(self, davor: pd.DataFrame) -> Zaehlfelder:
        """The same beside numbers of the date before, whose columns say so."""
        rows = self.werte.index.union(davor.index)
        nothing = pd.DataFrame(False, index=rows, columns=davor.columns)

        def joined(own: pd.DataFrame) -> pd.DataFrame:
            return own.reindex(rows, fill_value=False).join(nothing)

        return Zaehlfelder(
            self.werte.reindex(rows).join(davor), joined(self.geheim), joined(self.umgerechnet)
        )

    def spalten(self, gebiete: pd.Index, namen: Sequence[str]) -> np.ndarray:
        """Counts of some areas, in the order asked for."""
        return self.werte.reindex(index=gebiete, columns=list(namen)).to_numpy(dtype=float)


@dataclass(frozen=True)
class Wissen:
    """What is known of all dates.

    Attributes
    ----------
    deklariert
        Sums a page declares, as factor and field; they count wherever no number speaks against them.
    identitaeten
        Those found in the numbers that do not follow from declared ones.
    ungleichungen
        Parts and wholes found in the numbers.
    teile
        Declared ones, as what is never negative.
    umstiege
        Shares of former areas in those of today (:data:`sozialanalyse.harmonise.umstiege.ANTEILE`).
    basis
        Field -> what it is shared out by.
    anteile
        Delivered shares that are the ratio of two counts.
    fortschreibungen
        Stocks that flows carry from one date to the next.
    """

    deklariert: tuple[Glieder, ...] = ()
    identitaeten: tuple[Identitaet, ...] = ()
    ungleichungen: tuple[Ungleichung, ...] = ()
    teile: tuple[Glieder, ...] = ()
    umstiege: pd.DataFrame = field(default_factory=pd.DataFrame)
    basis: dict[str, str] = field(default_factory=dict)
    anteile: tuple[Anteil, ...] = ()
    fortschreibungen: tuple[Fortschreibung, ...] = ()

    @classmethod
    def aus_merkmalen(
        cls,
        merkmale: pd.DataFrame,
        gebiete: pd.DataFrame,
        katalog: Katalog,
        umstiege: pd.DataFrame | None = None,
    ) -> Wissen:
        """Gather what is known.

        Parameters
        ----------
        merkmale
            Delivered counts of all dates, long: gebiet_id, feld, stichtag, wert; status and umgerechnet where
            known. Areas that are not in ``gebiete`` are small areas of another cut.
        """
        counted = {
            f"{name}.{key}" for name, page in katalog.datensaetze.items() for key, one in page.felder.items()
            if not one.summierbar
        }  # fmt: skip
        rows = merkmale[merkmale["wert"].notna()]
        if "umgerechnet" in rows:
            rows = rows[rows["umgerechnet"] == 0]
        level = rows["gebiet_id"].astype("str").map(gebiete["level"]).fillna("sozialraum").to_numpy()
        no_count = rows["feld"].astype("str").isin(counted).to_numpy()
        shares = _tafeln(rows[no_count & (level == "sozialraum")])
        rows, level = rows[~no_count], level[~no_count]
        small, large = _tafeln(rows[level == "sozialraum"]), _tafeln(rows[level == "kommune"])
        owner = {str(area): str(above) for area, above in gebiete["oberhalb"].items()}
        declared = tuple(_glieder(katalog, "summen"))
        units = {
            f"{name}.{key}": str(getattr(one, "einheit", ""))
            for name, page in katalog.datensaetze.items()
            for key, one in page.felder.items()
        }
        return cls(
            declared,
            tuple(_neue(finde(small, large, owner), declared)),
            tuple(ungleichungen(small, units)),
            tuple(_glieder(katalog, "teile")),
            pd.DataFrame() if umstiege is None else umstiege,
            {f"{name}.{key}": str(getattr(one, "umrechnung", "einwohner"))
             for name, page in katalog.datensaetze.items() for key, one in page.felder.items()},
            tuple(gelieferte_anteile.finde(small, shares)),
            tuple(zeitlich.finde(small)),
        )  # fmt: skip

    @classmethod
    def aus_werten(cls, werte: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog) -> Wissen:
        """The same where only the indicators are at hand: their counts and bases stand for fields."""
        parts, meaning = [], dict[str, Glieder]()
        for key, rows in werte.groupby("indikator_id"):
            indikator = katalog.indikatoren[str(key)]
            sides: list[tuple[str, Summe | None]] = [("nenner", indikator.nenner)]
            if indikator.seite.art != "wert":
                sides.append(("zaehler", indikator.zaehler))
            for column, summe in sides:
                if summe is None or FLAECHE in summe.felder:
                    continue
                name = "+".join(f"{'-' if sign < 0 else ''}{field}" for sign, field in sorted(summe.glieder))
                meaning[name] = tuple((float(sign), field) for sign, field in summe.glieder)
                whole = rows["status"] != "unvollstaendig"
                parts.append(rows[whole][["gebiet_id", "stichtag"]].assign(feld=name, wert=rows[column]))
        if not parts:
            return cls.aus_merkmalen(
                pd.DataFrame(columns=["gebiet_id", "feld", "stichtag", "wert"]), gebiete, katalog
            )
        long = pd.concat(parts, ignore_index=True).dropna(subset="wert")
        long = long.drop_duplicates(["gebiet_id", "feld", "stichtag"])
        found = cls.aus_merkmalen(long, gebiete, katalog)
        known = [
            replace(one, glieder=_zusammen((factor * sign, name) for factor, word in one.glieder for sign, name in meaning[word]))
            for one in found.identitaeten
        ]  # fmt: skip
        simple = {name for name, parts_ in meaning.items() if len(parts_) == 1 and parts_[0][0] > 0}
        less = tuple(one for one in found.ungleichungen if {one.teil, one.ganzes} <= simple)
        return replace(found, identitaeten=tuple(one for one in known if one.glieder), ungleichungen=less)

    def befunde(self, katalog: Katalog) -> list[Befund]:
        """What nobody declared, one hint each, in German."""
        return (
            [_befund(one, katalog) for one in self.identitaeten]
            + [_anteil_befund(one, katalog) for one in self.anteile if one.feld in _gezeigte_felder(katalog)]
            + [_fortschreibung_befund(one) for one in self.fortschreibungen]
        )

    def tabelle(self) -> pd.DataFrame:
        """For the report: formel, zeilen, tage, deklariert, toleranz."""
        rows = [(_formel(parts), 0, "", True, 0.0) for parts in self.deklariert]
        rows += [
            (one.formel, one.zeilen, ", ".join(one.tage), False, one.toleranz) for one in self.identitaeten
        ]
        rows += [
            (_anteil_formel(one), one.zeilen, ", ".join(one.tage), False, one.spielraum)
            for one in self.anteile
        ]
        rows += [(one.formel, one.zeilen, "", False, 0.0) for one in self.fortschreibungen]
        return pd.DataFrame(rows, columns=["formel", "zeilen", "tage", "deklariert", "toleranz"])


def _formel(parts: Glieder) -> str:
    return Identitaet(parts, (), 0).formel


def _befund(one: Identitaet, katalog: Katalog) -> Befund:
    first = one.felder[0].partition(".")
    page = katalog.datensaetze.get(first[0])
    where = f"{page.name if page else first[0]}"
    if len(one.datensaetze) > 1:
        names = [katalog.datensaetze[key].name for key in one.datensaetze if key in katalog.datensaetze]
        where = ", ".join(names)
    held = "bis auf Rundung" if one.toleranz else "genau"
    parts = one.formel.partition(" = ")
    declare = (
        f"Wenn das immer so ist, bitte auf der Datensatzseite „{first[0]}“ unter „pruefungen: summen“ festhalten: "
        f"„{first[2]}: {parts[2]}“."
        if _schreibbar(one)
        else "Bitte prüfen, ob das immer so ist."
    )
    return Befund(
        "hinweis",
        f"{where}: In allen {one.zeilen} Zeilen, in denen alles bekannt ist, gilt {held} {one.formel}. Die Geheimhaltung "
        "rechnet damit, dass Lesende das wissen.",
        declare,
        regel="identitaet",
        datensatz=first[0],
    )  # fmt: skip


def _gezeigte_felder(katalog: Katalog) -> set[str]:
    return {
        name for one in katalog.indikatoren.values() if one.seite.art == "wert" for name in one.zaehler.felder
    }


def _anteil_formel(one: Anteil) -> str:
    factor = "" if one.faktor == 1 else f"{one.faktor:g} · "
    return f"{one.feld} ≈ {factor}{one.zaehler} / {one.nenner}"


def _anteil_befund(one: Anteil, katalog: Katalog) -> Befund:
    dataset = one.feld.partition(".")[0]
    page = katalog.datensaetze.get(dataset)
    return Befund(
        "hinweis",
        f"{page.name if page else dataset}: In allen {one.zeilen} Zeilen, in denen alles bekannt ist, gilt {_anteil_formel(one)}. "
        "Wer den Nenner kennt, rechnet daraus den Zähler aus.",
        "Der gelieferte Wert wird überall gesperrt, wo der Zähler gesperrt ist. Besser den Indikator aus Zähler und Nenner "
        "rechnen lassen („zaehler“ und „nenner“ statt „art: wert“).",
        regel="identitaet",
        datensatz=dataset,
    )  # fmt: skip


def _fortschreibung_befund(one: Fortschreibung) -> Befund:
    return Befund(
        "hinweis",
        f"In allen {one.zeilen} Zeilen, in denen alles bekannt ist, gilt {one.formel}. Die Geheimhaltung rechnet damit, dass "
        "Lesende zwei Stichtage vergleichen.",
        "Bitte prüfen, ob das immer so ist. Wird zu viel gesperrt, kleine Zu- und Abgänge nur für Kommunen zeigen.",
        regel="identitaet",
        datensatz=one.bestand.partition(".")[0],
    )  # fmt: skip


def _schreibbar(one: Identitaet) -> bool:
    """Whether a page can declare it: one field as sum of others, every factor one."""
    return not one.toleranz and all(abs(abs(factor) - 1) < GENAU for factor, _ in one.glieder)


def _zusammen(terms: Iterable[tuple[float, str]]) -> Glieder:
    sums: dict[str, float] = {}
    for factor, name in terms:
        sums[name] = sums.get(name, 0.0) + factor
    return tuple((factor, name) for name, factor in sums.items() if abs(factor) > GENAU)


def _tafeln(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    days = rows["stichtag"].astype("str")
    return {str(day): Zaehlfelder.aus(rows[days == day].astype({"stichtag": "str"}), str(day)).werte for day in sorted(days.unique())}  # fmt: skip


def _glieder(katalog: Katalog, which: str) -> Iterable[Glieder]:
    for name, page in katalog.datensaetze.items():
        for key, text in getattr(page.pruefungen, which).items():
            summe = Summe.lesen(text, name)
            sign = -1.0 if which == "teile" else 1.0
            yield ((sign, f"{name}.{key}"), *((-sign * one, other) for one, other in summe.glieder))


def _neue(found: Sequence[Identitaet], declared: Sequence[Glieder]) -> Iterable[Identitaet]:
    """Found ones that do not follow from what pages declare."""
    fields = sorted(
        {name for one in found for name in one.felder} | {name for parts in declared for _, name in parts}
    )
    place = {name: i for i, name in enumerate(fields)}
    known = np.zeros((len(declared), len(fields)))
    for row, parts in enumerate(declared):
        for factor, name in parts:
            known[row, place[name]] += factor
    for one in found:
        vector = np.zeros(len(fields))
        for factor, name in one.glieder:
            vector[place[name]] += factor
        if len(known):
            solved, *_ = np.linalg.lstsq(known.T, vector, rcond=None)
            if np.abs(known.T @ solved - vector).max() < GENAU:
                continue
        yield one


# --- what it means on one date ---------------------------------------------------------------------


@dataclass(frozen=True)
class Beziehung:
    """The same statement about some combinations of small areas.

    Attributes
    ----------
    glieder
        Factor and field.
    gebiete
        Statements x small areas: which areas each adds up.
    mindestens
        The sum is not less than this; None: it is nothing.
    """

    glieder: Glieder
    gebiete: sparse.csr_array
    mindestens: float | None = None


def beziehungen(
    known: Wissen, tag: str, felder: Zaehlfelder | None, gebiete: pd.Index, benutzt: set[str], breite: float
) -> list[Beziehung]:
    """What is known about the small areas of one date.

    Parameters
    ----------
    gebiete
        Small areas.
    benutzt
        Fields that stand in anything published.
    breite
        Largest protection width.
    """
    build = _Beziehungen(known, tag, felder, gebiete, breite)
    sums = [(parts, 0.0) for parts in known.deklariert]
    sums += [(one.glieder, one.toleranz) for one in known.identitaeten if tag in one.tage]
    there = set() if felder is None else set(felder.werte.columns)
    carried = [one for one in known.fortschreibungen if one.bestand + DAVOR in there]
    sums += [(one.glieder, 0.0) for one in carried]
    benutzt = benutzt | {one.bestand + DAVOR for one in carried}
    result: list[Beziehung] = []
    for parts, slack in _beruehrte(sums, benutzt):
        benutzt = benutzt | {name for _, name in parts}
        result += build.summe(parts, slack)
    for parts in known.teile:
        if {name for _, name in parts} <= benutzt:
            result += build.teil(parts, knapp=False)
    for pair in known.ungleichungen:
        if tag in pair.tage and {pair.teil, pair.ganzes} <= benutzt:
            result += build.teil(((1.0, pair.ganzes), (-1.0, pair.teil)), knapp=True)
    for name in sorted(benutzt):
        result += build.umgerechnet(name)
    return result


def _beruehrte(sums: list[tuple[Glieder, float]], benutzt: set[str]) -> list[tuple[Glieder, float]]:
    """Sums that tie published fields; fields nobody publishes may stand between them."""
    kept = list(sums)
    while True:
        often: dict[str, int] = {}
        for parts, _ in kept:
            for _, name in parts:
                often[name] = often.get(name, 0) + 1
        useful = [one for one in kept if sum(name in benutzt or often[name] > 1 for _, name in one[0]) > 1]
        useful = [one for one in useful if {name for _, name in one[0]} & _erreichbar(useful, benutzt)]
        if len(useful) == len(kept):
            return kept
        kept = useful


def _erreichbar(sums: list[tuple[Glieder, float]], benutzt: set[str]) -> set[str]:
    reached = set(benutzt)
    for _ in sums:
        for parts, _ in sums:
            names = {name for _, name in parts}
            if names & reached:
                reached |= names
    return reached


class _Beziehungen:
    def __init__(
        self, known: Wissen, tag: str, felder: Zaehlfelder | None, gebiete: pd.Index, breite: float
    ) -> None:
        self.known, self.tag, self.felder, self.gebiete, self.breite = known, tag, felder, gebiete, breite
        self.each = sparse.csr_array(sparse.eye_array(len(gebiete), format="csr"))

    def _zahlen(self, parts: Glieder) -> tuple[np.ndarray, np.ndarray]:
        if self.felder is None:
            return np.full((len(self.gebiete), len(parts)), np.nan), np.array([f for f, _ in parts])
        return self.felder.spalten(self.gebiete, [name for _, name in parts]), np.array([f for f, _ in parts])

    def summe(self, parts: Glieder, slack: float) -> list[Beziehung]:
        """Where no number speaks against it; of a divided area the sum of its parts where these do."""
        counts, factors = self._zahlen(parts)
        room = slack + GENAU * (1 + np.nansum(np.abs(counts * factors), axis=1))
        wrong = np.abs(counts @ factors) > room
        areas = [self.each[np.flatnonzero(~wrong)]]
        for together in self._geteilte(np.flatnonzero(wrong)):
            if abs(counts[together].sum(axis=0) @ factors) <= slack + GENAU * (
                1 + np.abs(counts[together]).sum()
            ):
                row = np.zeros((1, len(self.gebiete)))
                row[0, together] = 1.0
                areas.append(sparse.csr_array(row))
        rows = sparse.csr_array(sparse.vstack(areas, format="csr"))
        if not slack:
            return [Beziehung(parts, rows)]
        other = tuple((-factor, name) for factor, name in parts)
        return [Beziehung(parts, rows, -slack), Beziehung(other, rows, -slack)]

    def teil(self, parts: Glieder, *, knapp: bool) -> list[Beziehung]:
        """Where the part does not exceed its whole, or only where it comes near to it."""
        counts, factors = self._zahlen(parts)
        apart = counts @ factors
        where = ~(apart < 0)
        if knapp:  # of a part the supplier hides nothing but the whole is known
            least = np.where(np.isnan(apart), counts[:, 0], apart)
            where &= least < KNAPP * self.breite
        rows = sparse.csr_array(self.each[np.flatnonzero(where)])
        return [Beziehung(parts, rows, 0.0)] if rows.shape[0] else []

    def _geteilte(self, wrong: np.ndarray) -> Iterable[np.ndarray]:
        """Sets of today's areas that make up whole former ones, as far as they touch some areas."""
        shares = self.known.umstiege
        if not len(wrong) or shares.empty:
            return
        for _, cut in shares.groupby(["umstieg", "basis"]):
            mixed = set(cut.loc[cut["neu"].duplicated(keep=False), "neu"])
            for _, part in cut.groupby("alt"):
                places = self.gebiete.get_indexer(pd.Index(part["neu"]))
                if (
                    len(part) > 1
                    and not mixed & set(part["neu"])
                    and set(places) & set(wrong.tolist())
                    and (places >= 0).all()
                ):
                    yield places

    def umgerechnet(self, name: str) -> list[Beziehung]:
        """Numbers shared out from the same former areas are tied by the weights."""
        shares = self.known.umstiege
        if self.felder is None or shares.empty or name not in self.felder.umgerechnet:
            return []
        flag = self.felder.umgerechnet[name].reindex(self.gebiete, fill_value=False).to_numpy(dtype=bool)
        if not flag.any():
            return []
        rows = []
        for _, cut in shares.groupby("umstieg"):
            bases = sorted(set(cut["basis"]))
            basis = bases[0] if len(bases) == 1 else self.known.basis.get(name, "einwohner")
            rows += _bindungen(cut[cut["basis"] == basis], self.gebiete, flag)
        values = self.felder.spalten(self.gebiete, [name])[:, 0]
        held = [
            row
            for row in rows
            if not abs(row @ values) > 1e-4 * (1 + np.abs(row * np.nan_to_num(values)).sum())
        ]
        return [Beziehung(((1.0, name),), sparse.csr_array(np.array(held)))] if held else []


def _bindungen(cut: pd.DataFrame, gebiete: pd.Index, flag: np.ndarray) -> list[np.ndarray]:
    """Combinations of today's areas that give nothing whatever the former areas counted."""
    part = cut.assign(ort=gebiete.get_indexer(pd.Index(cut["neu"])))
    part = part[(part["ort"] >= 0) & (part["anteil"] > 0)]
    olds, row = np.unique(part["alt"].astype("str"), return_inverse=True)
    news, column = np.unique(part["ort"], return_inverse=True)
    table = sparse.csr_array((part["anteil"].to_numpy(dtype=float), (row.ravel(), column.ravel())), shape=(len(olds), len(news)))  # fmt: skip
    joined = sparse.block_array([[None, table], [table.T, None]], format="csr")
    _, label = connected_components(joined, directed=False)
    result = []
    for one in np.unique(label):
        former, today = np.flatnonzero(label[: len(olds)] == one), np.flatnonzero(label[len(olds) :] == one)
        if len(today) < 2 or not flag[news[today]].any():
            continue
        dense = table[former][:, today].toarray()
        _, values, basis = np.linalg.svd(dense, full_matrices=True)
        for vector in basis[int((values > 1e-9).sum()) :]:
            full = np.zeros(len(gebiete))
            full[news[today]] = np.where(np.abs(vector) < 1e-9, 0.0, vector)
            result.append(full)
    return result
