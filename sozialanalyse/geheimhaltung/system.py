"""The published linear system of one region and date, from values, areas and catalogue.

Atoms are fields per small area (fields that always stand together are one). Cells are the numerators
and denominators of the indicators on every level. They are tied by the sums of small areas to Kommune
and region, by the fields they share, by declared sums of fields, and by parts not exceeding their whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from sozialanalyse.geheimhaltung.regeln import Primaer, Regeln, primaer
from sozialanalyse.geheimhaltung.wissen import Beziehung, Wissen, Zaehlfelder, beziehungen
from sozialanalyse.geheimhaltung.zeitlich import DAVOR, Vorher
from sozialanalyse.geheimhaltung.zelltafel import Zelltafel
from sozialanalyse.region import FLAECHE, Indikator, Summe

GESPERRT = "geheim"
UNVOLLSTAENDIG = "unvollstaendig"
GRUENDE = ("zahl", "rest", "basis")
"""Rules in the order in which the first that applies is told."""


@dataclass(frozen=True)
class System:
    """A :class:`Tafel` with the words to read it by.

    Attributes
    ----------
    verdeckt
        Decisions that the primary rules hide.
    kosten
        Cost of each decision.
    zeilen
        Positions of the rows of values, each with the decisions of its numerator and denominator.
    ziel
        One row per target: gebiet (position), art (``zahl``, ``rest`` or ``feld``), indikator, groesse.
    """

    tafel: Zelltafel
    verdeckt: np.ndarray
    kosten: np.ndarray
    zeilen: np.ndarray
    ziel: pd.DataFrame
    sofort: np.ndarray
    """Positions of rows of delivered values whose base is too small."""
    grund: np.ndarray
    """Per row of values the rule of its own indicator that hides it, a word of :data:`GRUENDE`; empty if none."""
    felder: dict[str, int]
    """Fields that stand as a number of their own, and which quantity they are."""
    zahlen: np.ndarray
    """Quantities x areas as readers know them, totals as sums of their parts where these are known; NaN unknown."""

    def gesperrt(self, verdeckt: np.ndarray) -> np.ndarray:
        """Positions of the rows that such decisions hide."""
        row, first, second = self.zeilen.T
        return row[verdeckt[first] | verdeckt[second]]

    def vorher(
        self, namen: Iterable[str], gebiete: pd.Index, gezeigt: np.ndarray, geheim: np.ndarray
    ) -> Vorher:
        """Some fields for the date after, as far as they stand as a number of their own.

        Parameters
        ----------
        gezeigt, geheim
            Whether each row of values is shown, and whether its supplier hides it.
        """
        row, first, second = self.zeilen.T
        seen, secret = np.zeros((2, len(self.verdeckt)), dtype=bool)
        for flag, rows in ((seen, gezeigt), (secret, geheim)):
            flag[first[rows[row]]] = flag[second[rows[row]]] = True
        known = {name: self.felder[name] for name in namen if name in self.felder}
        size = len(gebiete)

        def table(flat: np.ndarray) -> pd.DataFrame:
            return pd.DataFrame(
                {name: flat[q * size : (q + 1) * size] for name, q in known.items()}, index=gebiete
            )

        there = ~np.isnan(self.zahlen.ravel())
        return Vorher(table(self.zahlen.ravel()), table(seen), table(~seen[:-1] & (there | secret[:-1])))


def system(
    werte: pd.DataFrame,
    gebiete: pd.DataFrame,
    regeln: Regeln,
    felder: Zaehlfelder | None = None,
    frueher: Sequence[tuple[str, list[str]]] = (),
    wissen: Wissen | None = None,
    vorher: Vorher | None = None,
) -> System:
    """Set up the system of one reference date.

    Parameters
    ----------
    werte
        Values of the date on every level.
    gebiete
        Areas indexed by ``gebiet_id`` with level and oberhalb.
    felder
        Delivered fields of the small areas, where known: then fields that are only published within sums
        are protected as well.
    frueher
        Indicators with areas whose sum is known from earlier publications (:mod:`.frueher`).
    wissen
        What everybody knows beside publications (:mod:`.wissen`).
    vorher
        Stocks of the date before that flows carry forward.
    """
    beside = felder if felder is None or vorher is None else felder.neben(vorher.zahlen.add_suffix(DAVOR))
    return _Bau(werte, gebiete, regeln, beside, wissen or Wissen(), vorher).fertig(frueher)


_Wort = tuple[tuple[int, str], ...]


def _word(summe: Summe | None) -> _Wort | None:
    """The same for the same sum, in whatever order it is written."""
    return None if summe is None or FLAECHE in summe.felder else tuple(sorted(summe.glieder))


def _ausgebreitet(row: np.ndarray, one: Beziehung) -> sparse.csr_array:
    """A statement about fields as rows over the atoms."""
    return sparse.kron(sparse.csr_array(row[None, :]), one.gebiete, format="csr")


class _Ziele:
    """Quantities to protect, gathered."""

    def __init__(self, size: int, under: sparse.csr_array, groups: int) -> None:
        self.size, self.under = size, under
        self.rows = [sparse.csr_array((0, groups * under.shape[1]))]
        self.notes: list[tuple[int, str, str]] = []
        self.breite: list[float] = []
        self.ganzes: list[int] = []
        self.hoechstens: list[int] = []

    def ergaenze(
        self,
        expression: sparse.csr_array,
        where: np.ndarray,
        breite: np.ndarray,
        whole: int,
        art: str,
        name: str,
    ) -> None:
        """Add one expression for some areas; ``whole`` is the quantity it is a part of, -1 for none."""
        areas = np.flatnonzero(where)
        if not len(areas):
            return
        self.rows.append(sparse.kron(expression, self.under[areas], format="csr"))
        self.notes += [(int(area), art, name) for area in areas]
        self.breite += breite[areas].tolist()
        limits = [whole * self.size + int(area) if whole >= 0 else -1 for area in areas]
        self.hoechstens += limits
        self.ganzes += limits if art == "rest" else [-1] * len(areas)

    def zeilen(self) -> sparse.csr_array:
        return sparse.vstack(self.rows, format="csr")

    def worte(self) -> pd.DataFrame:
        return pd.DataFrame(self.notes, columns=["gebiet", "art", "indikator"])


class _Bau:
    def __init__(
        self,
        werte: pd.DataFrame,
        gebiete: pd.DataFrame,
        regeln: Regeln,
        felder: Zaehlfelder | None,
        wissen: Wissen,
        vorher: Vorher | None = None,
    ) -> None:
        self.vorher = vorher
        self.regeln, self.katalog, self.felder, self.wissen = regeln, regeln.katalog, felder, wissen
        self.day = str(werte["stichtag"].iloc[0]) if len(werte) else ""
        self.gebiete = gebiete
        self.size = len(gebiete)
        levels = gebiete["level"].to_numpy()
        self.leaf = np.flatnonzero(levels == "sozialraum")
        self.place = np.full(self.size, -1)
        self.place[self.leaf] = np.arange(len(self.leaf))
        self.owner = gebiete.index.get_indexer(pd.Index(gebiete["oberhalb"]))
        self.totals = [*np.flatnonzero(levels == "kommune"), *np.flatnonzero(levels == "region")]
        self.under = self._leaves_below()
        present = set(werte["indikator_id"].unique())
        # by name: among equally dear choices the order of pages must not decide
        self.names = sorted(present & set(self.katalog.indikatoren))
        self.areas = gebiete.index.get_indexer(werte["gebiet_id"])
        self._read(werte)
        self.shares = self._delivered_shares()
        self._quantities()

    # --- reading ----------------------------------------------------------------------------------

    def _leaves_below(self) -> sparse.csr_array:
        """Areas x small areas: which small areas each consists of."""
        rows, columns = [self.leaf], [np.arange(len(self.leaf))]
        above = self.leaf
        for _ in range(2):
            above = np.where(above >= 0, self.owner[above], -1)
            known = above >= 0
            rows.append(above[known])
            columns.append(np.flatnonzero(known))
        r, c = np.concatenate(rows), np.concatenate(columns)
        return sparse.csr_array((np.ones(len(r)), (r, c)), shape=(self.size, len(self.leaf)))

    def _read(self, werte: pd.DataFrame) -> None:
        number = werte["indikator_id"].map({name: i for i, name in enumerate(self.names)}).to_numpy()
        shape = (len(self.names), self.size)

        def table(values: np.ndarray, empty: object) -> np.ndarray:
            found = np.full(shape, empty, dtype=values.dtype)
            found[number, self.areas] = values
            return found

        self.zaehler = table(werte["zaehler"].to_numpy(dtype=float), np.nan)
        self.nenner = table(werte["nenner"].to_numpy(dtype=float), np.nan)
        self.row = table(np.arange(len(werte)), -1)
        status = werte["status"].to_numpy()
        self.geheim = table(status == GESPERRT, False)
        self.partial = table(status == UNVOLLSTAENDIG, False)
        self.shown = table((werte["wert"].notna() & (werte["status"] != GESPERRT)).to_numpy(), False)

    def _delivered_shares(self) -> dict[str, tuple[_Wort, _Wort]]:
        """Indicators that are delivered values but tell a count beside its base: numerator and denominator, read here."""
        known = {one.feld: one for one in self.wissen.anteile if self.day in one.tage}
        found: dict[str, tuple[_Wort, _Wort]] = {}
        if self.felder is None:
            return found
        for i, name in enumerate(self.names):
            page = self.katalog.indikatoren[name]
            one = known.get(page.zaehler.felder[0]) if page.seite.art == "wert" else None
            if one is None or len(page.zaehler.felder) > 1:
                continue
            areas = self.gebiete.index[self.leaf]
            counts = self.felder.spalten(areas, [one.zaehler, one.nenner])
            self.zaehler[i, self.leaf], self.nenner[i, self.leaf] = counts.T
            told = self.felder.geheim.reindex(areas, columns=[one.zaehler], fill_value=False)
            self.geheim[i, self.leaf] |= told.to_numpy(dtype=bool)[:, 0]
            found[name] = (((1, one.zaehler),), ((1, one.nenner),))
        return found

    def _quantities(self) -> None:
        """Different sums of fields that stand as numerators and denominators."""
        known: dict[tuple[tuple[int, str], ...], int] = {}
        self.q = np.full((len(self.names), 2), -1)
        for i, name in enumerate(self.names):
            indikator = self.katalog.indikatoren[name]
            plain = indikator.zaehler if indikator.seite.art != "wert" else None
            sides = self.shares.get(name, (_word(plain), _word(indikator.nenner)))
            for side, word in enumerate(sides):
                if word is not None:
                    self.q[i, side] = known.setdefault(word, len(known))
        self.words = list(known)
        used = {field for word in self.words for _, field in word}
        widest = max(
            (float(self.regeln.mindestbreite(self.katalog.indikatoren[n])) for n in self.names), default=0.0
        )
        self.known = beziehungen(
            self.wissen, self.day, self.felder, self.gebiete.index[self.leaf], used, widest
        )
        fields = sorted(used | {field for one in self.known for _, field in one.glieder})
        position = {field: i for i, field in enumerate(fields)}
        table = np.zeros((len(self.words) + len(self.known), len(fields)))
        for row, terms in enumerate([*self.words, *(one.glieder for one in self.known)]):
            for factor, field in terms:
                table[row, position[field]] += factor
        _, first, group = np.unique(table, axis=1, return_index=True, return_inverse=True)
        self.groups = [[fields[f] for f in np.flatnonzero(group.ravel() == g)] for g in range(len(first))]
        self.expressions = sparse.csr_array(table[: len(self.words), first])
        self.relations = table[len(self.words) :, first]
        self.values = np.full((len(self.words), self.size), np.nan)
        for i in range(len(self.names)):
            for side, counts in enumerate((self.zaehler, self.nenner)):
                if self.q[i, side] >= 0:
                    whole = np.where(self.partial[i], np.nan, counts[i])
                    np.fmax(self.values[self.q[i, side]], whole, out=self.values[self.q[i, side]])

    # --- building ---------------------------------------------------------------------------------

    def fertig(self, frueher: Sequence[tuple[str, list[str]]] = ()) -> System:
        count, size = len(self.words), self.size
        found = [self._primary(i) for i in range(len(self.names))]
        cells = [sparse.kron(self.expressions, self.under, format="csr")]  # quantity-major: q * size + a
        values, summen, teile = self._sum_pairs()
        uses, special = self._uses(count * size, values, summen, teile)
        cells += special
        relations, constants = self._always(frueher)
        if relations.shape[0]:
            always = count * size  # one decision more, which nobody takes
            first = len(values)
            values += constants
            numbers = np.arange(first, first + relations.shape[0])
            uses.append(
                np.column_stack([numbers, np.full_like(numbers, always), np.full_like(numbers, always)])
            )
        cells.append(relations)
        zellen = sparse.vstack(cells, format="csr")
        targets = self._targets(found)
        unequal, whole, least = self._parts_of_wholes()
        hidden = np.zeros(count * size + 1, dtype=bool)
        reason = np.full(int(self.row.max(initial=-1)) + 1, "", dtype="<U5")
        alone = []
        for i, one in enumerate(found):
            there = self.row[i] >= 0
            for word in reversed(GRUENDE):
                reason[self.row[i][there & getattr(one, word)]] = word
            if self.q[i, 0] >= 0:
                mask = one.zahl | one.rest | one.basis
                hidden[self.q[i, 0] * size + np.flatnonzero(mask)] = True
            else:
                alone.append(self.row[i][one.basis & (self.row[i] >= 0)])
        tafel = Zelltafel(
            zellen=zellen,
            werte=np.array(values),
            nutzung=np.concatenate(uses) if uses else np.zeros((0, 3), dtype=int),
            entscheidungen=count * size + 1,
            summen=np.array(summen, dtype=int),
            teile=np.array(teile, dtype=int),
            ungleich=unequal,
            ungleich_zelle=whole,
            ungleich_wert=least,
            ziele=targets.zeilen(),
            ziel_zelle=np.array(targets.ganzes, dtype=int),
            breite=np.array(targets.breite, dtype=float),
            ziel_hoechstens=np.array(targets.hoechstens, dtype=int),
        )
        return System(
            tafel,
            hidden,
            self._costs(),
            self._rows(),
            targets.worte(),
            np.concatenate([*alone, np.zeros(0, dtype=int)]).astype(int),
            reason,
            {word[0][1]: q for q, word in enumerate(self.words) if len(word) == 1 and word[0][0] == 1},
            np.array(values[: count * size]).reshape(count, size),
        )

    def _always(self, frueher: Sequence[tuple[str, list[str]]]) -> tuple[sparse.csr_array, list[float]]:
        """Sums everybody knows: told by earlier publications, or because fields always add up."""
        earlier, constants = self._earlier(frueher)
        before, shown = self._before()
        tied = [_ausgebreitet(row, one) for row, one in self._tied()]
        rows = [earlier, before, *tied]
        constants += shown + [0.0] * sum(one.shape[0] for one in tied)
        return sparse.vstack(rows, format="csr"), constants

    def _stocks(self) -> Iterator[tuple[str, int]]:
        """Fields of the date before that the system speaks of, and the group of each."""
        for name in () if self.vorher is None else self.vorher.zahlen.columns:
            for g, fields in enumerate(self.groups):
                if f"{name}{DAVOR}" in fields:
                    yield str(name), g

    def _before(self) -> tuple[sparse.csr_array, list[float]]:
        """Numbers the date before showed; a total only where it is the sum of what is known."""
        rows = [sparse.csr_array((0, self.expressions.shape[1] * len(self.leaf)))]
        constants: list[float] = []
        for name, g in self._stocks():
            assert self.vorher is not None
            counts = self.vorher.zahlen[name].reindex(self.gebiete.index).to_numpy(dtype=float)
            told = (
                self.vorher.gezeigt[name].reindex(self.gebiete.index, fill_value=False).to_numpy(dtype=bool)
            )
            whole = self.under @ counts[self.leaf]
            areas = np.flatnonzero(told & ~np.isnan(whole))
            rows.append(sparse.kron(self._unit(g), self.under[areas], format="csr"))
            constants += whole[areas].tolist()
        return sparse.vstack(rows, format="csr"), constants

    def _unit(self, group: int) -> sparse.csr_array:
        return sparse.csr_array(([1.0], ([0], [group])), shape=(1, len(self.groups)))

    def _tied(self) -> list[tuple[np.ndarray, Beziehung]]:
        """Sums of fields that are nothing."""
        pairs = zip(self.relations, self.known, strict=True)
        return [(row, one) for row, one in pairs if one.mindestens is None]

    def _earlier(self, frueher: Sequence[tuple[str, list[str]]]) -> tuple[sparse.csr_array, list[float]]:
        """Sums over some areas that everybody knows from earlier publications."""
        rows = [sparse.csr_array((0, self.expressions.shape[1] * len(self.leaf)))]
        constants: list[float] = []
        for name, parts in frueher:
            areas = self.gebiete.index.get_indexer(pd.Index(parts))
            if name not in self.names or (areas < 0).any():
                continue
            together = sparse.csr_array(self.under[areas].sum(axis=0).reshape(1, -1))
            for q, counts in zip(self.q[self.names.index(name)], (self.zaehler, self.nenner), strict=True):
                total = counts[self.names.index(name)][areas].sum()
                if q >= 0 and not np.isnan(total):
                    rows.append(sparse.kron(self.expressions[[q]], together, format="csr"))
                    constants.append(float(total))
        return sparse.vstack(rows, format="csr"), constants

    def _primary(self, i: int) -> Primaer:
        indikator = self.katalog.indikatoren[self.names[i]]
        if self.q[i, 0] < 0 or any(sign < 0 for sign, _ in indikator.zaehler.glieder):
            # no count of anybody: only the base matters; small fields within are protected as fields
            nothing = np.full(self.size, np.nan)
            return primaer(self.regeln, indikator, nothing, self.nenner[i], np.zeros(self.size, dtype=bool))
        return primaer(
            self.regeln, indikator, self.zaehler[i], self.nenner[i], self.geheim[i], self._largest(indikator)
        )

    def _largest(self, indikator: Indikator) -> tuple[np.ndarray, ...]:
        """Largest contributions to a count, if it is one field whose page names them; in totals at most those of all parts."""
        page = self.katalog.datensaetze.get(indikator.datensatz)
        fields = indikator.zaehler.felder
        if page is None or len(fields) != 1 or self.felder is None:
            return ()
        field = page.felder.get(fields[0].partition(".")[2])
        names = [f"{indikator.datensatz}.{name}" for name in field.beitraege] if field else []
        told = self.felder.spalten(self.gebiete.index, names)
        together = self.under @ told[self.leaf]
        return tuple(np.where(np.isnan(told), together, told).T)

    def _sum_pairs(self) -> tuple[list[float], list[int], list[int]]:
        """Values of all quantities on all levels, totals made to agree with their parts, and who sums whom."""
        values = self.values.copy()
        children = [np.flatnonzero(self.owner == total) for total in self.totals]
        for total, parts in zip(self.totals, children, strict=True):
            if len(parts):
                together = values[:, parts].sum(axis=1)  # known to a reader where every part is
                known = ~np.isnan(together) & ~np.isnan(values[:, total])
                values[known, total] = together[known]
        self._agree(values)
        summen, teile = [], []
        base = np.arange(len(self.words)) * self.size
        for total, parts in zip(self.totals, children, strict=True):
            for part in parts:
                summen.append(base + total)
                teile.append(base + part)
        flat = values.ravel().tolist()
        joined = (np.concatenate(side).tolist() if side else [] for side in (summen, teile))
        return flat, *joined  # type: ignore[return-value]

    def _agree(self, values: np.ndarray) -> None:
        """Take from totals over unknown parts what they hold beside their areas, where sums of fields tell it.

        A delivered total counts cases without an area, too; as soon as other fields tell an unknown part, it
        would contradict the sum of its parts. A world is sought in which as few cases as possible are without
        an area; totals become the sums of that world.
        """
        tied = self._tied()
        if self.felder is None or not tied:
            return
        touched = np.flatnonzero(np.any([row != 0 for row, _ in tied], axis=0))
        words = np.flatnonzero(abs(self.expressions[:, touched]).sum(axis=1))
        groups = np.unique(np.concatenate([touched, self.expressions[words].indices]))
        counts = np.zeros((len(self.groups), len(self.leaf)))
        for g in groups:
            counts[g] = self.felder.spalten(self.gebiete.index[self.leaf], self.groups[g]).sum(axis=1)
        gaps = np.isnan(counts).ravel()
        flat = np.nan_to_num(counts).ravel()
        sums = sparse.vstack([_ausgebreitet(row, one) for row, one in tied]).tocsr()
        open_ = abs(sums) @ gaps.astype(float) > 0
        totals = [
            (q, total) for q in words for total in self.totals
            if not np.isnan(values[q, total]) and np.isnan(values[q, self.leaf[self.under[[total]].indices]]).any()
        ] if open_.any() else []  # fmt: skip
        if not totals:
            return
        below = sparse.vstack(
            [sparse.kron(self.expressions[[q]], self.under[[total]], format="csr") for q, total in totals]
        ).tocsr()
        sums = sums[np.flatnonzero(open_)]
        given = np.array([values[q, total] for q, total in totals])
        target = np.concatenate([-(sums @ flat), given - below @ flat])
        columns = np.flatnonzero(gaps)
        rows = sparse.vstack([sums, below]).tocsr()[:, columns]
        size, height = len(columns), len(target)
        more = sparse.eye_array(height, format="csr")
        price = np.where(np.arange(height) < sums.shape[0], 1000.0, 1.0)
        found = linprog(
            np.concatenate([np.zeros(size), price, 10 * price]),
            A_eq=sparse.hstack([rows, more, -more], format="csr"),
            b_eq=target,
            method="highs",
        )
        if found.status == 0:
            beside = found.x[size : size + height] - found.x[size + height :]
            for (q, total), extra in zip(totals, beside[sums.shape[0] :], strict=True):
                values[q, total] -= extra

    def _uses(
        self, first: int, values: list[float], summen: list[int], teile: list[int]
    ) -> tuple[list[np.ndarray], list[sparse.csr_array]]:
        """Where each cell is printed; totals over some of the areas only are cells of their own."""
        uses, special = [], []
        number = first
        for i in range(len(self.names)):
            z, n = self.q[i]
            decision = [np.arange(self.size) + (q if q >= 0 else max(z, n)) * self.size for q in (z, n)]
            if max(z, n) < 0:
                continue
            whole = np.flatnonzero(self.shown[i] & ~self.partial[i])
            for side, q in enumerate((z, n)):
                if q >= 0:
                    own, other = decision[side][whole], decision[1 - side][whole]
                    uses.append(np.column_stack([q * self.size + whole, own, other]))
            for area in np.flatnonzero(self.shown[i] & self.partial[i]):
                for side, counts in enumerate((self.zaehler, self.nenner)):
                    if self.q[i, side] < 0:
                        continue
                    row, total, parts = self._partial_total(i, side, int(area), counts[i])
                    special.append(row)
                    values.append(total)
                    uses.append(np.array([[number, decision[side][area], decision[1 - side][area]]]))
                    summen += [number] * len(parts)
                    teile += (self.q[i, side] * self.size + parts).tolist()
                    number += 1
        return uses, special

    def _partial_total(
        self, i: int, side: int, area: int, counts: np.ndarray
    ) -> tuple[sparse.csr_array, float, np.ndarray]:
        """A total over the areas that have both numerator and denominator."""
        below = self.under[[area]].indices
        both = ~np.isnan(self.zaehler[i]) & (np.isnan(self.nenner[i]).all() | ~np.isnan(self.nenner[i]))
        inside = below[both[self.leaf[below]]]
        mask = sparse.csr_array(
            (np.ones(len(inside)), (np.zeros(len(inside), dtype=int), inside)), shape=(1, len(self.leaf))
        )
        row = sparse.kron(self.expressions[[self.q[i, side]]], mask, format="csr")
        together = counts[self.leaf[inside]].sum()
        return row, float(together), self.leaf[inside]

    def _parts_of_wholes(self) -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
        """Rows that are not less than a number, per small area: base minus count of every share, wholes minus parts."""
        rows = [sparse.csr_array((0, self.expressions.shape[1] * len(self.leaf)))]
        whole, least = [np.zeros(0, dtype=int)], [np.zeros(0)]
        for i in self._shares():
            z, n = self.q[i]
            holds = ~(self.values[n][self.leaf] < self.values[z][self.leaf])
            keep = sparse.csr_array(sparse.eye_array(len(self.leaf), format="csr")[np.flatnonzero(holds)])
            rows.append(sparse.kron(self.expressions[[n]] - self.expressions[[z]], keep, format="csr"))
            whole.append(n * self.size + self.leaf[holds])
            least.append(np.zeros(int(holds.sum())))
        for row, one in zip(self.relations, self.known, strict=True):
            if one.mindestens is not None:
                rows.append(_ausgebreitet(row, one))
                whole.append(np.full(one.gebiete.shape[0], -1))
                least.append(np.full(one.gebiete.shape[0], one.mindestens))
        return sparse.vstack(rows, format="csr"), np.concatenate(whole), np.concatenate(least)

    def _shares(self) -> list[int]:
        pages = [self.katalog.indikatoren[name].seite for name in self.names]
        return [
            i
            for i, page in enumerate(pages)
            if page.art == "quote" and page.anteil and (self.q[i] >= 0).all()
        ]

    def _targets(self, found: list[Primaer]) -> _Ziele:
        targets = _Ziele(self.size, self.under, len(self.groups))
        shares = set(self._shares())
        widest = np.zeros((len(self.words), self.size))
        for i, one in enumerate(found):
            z, n = int(self.q[i, 0]), int(self.q[i, 1])
            if z < 0:
                continue
            secret = (one.zahl | one.basis) & (one.breite > widest[z])  # once for all that share the count
            widest[z] = np.where(secret, one.breite, widest[z])
            limit = n if i in shares else -1
            targets.ergaenze(self.expressions[[z]], secret, one.breite, limit, "zahl", self.names[i])
            if n >= 0:
                rest = self.expressions[[n]] - self.expressions[[z]]
                secret = one.rest & (one.breite > 0)
                targets.ergaenze(rest, secret, one.breite, limit, "rest", self.names[i])
        counted = {int(q) for q in self.q[:, 0] if q >= 0}
        before = {g: name for name, g in self._stocks()}
        for g, fields in enumerate(self.groups):
            if g in before:
                small, breadth = self._hidden_before(before[g])
                targets.ergaenze(self._unit(g), small, breadth, -1, "feld", " + ".join(fields))
            elif not any(self._is_only(q, g) for q in counted):
                small, breadth = self._small_fields(g, fields)
                targets.ergaenze(self._unit(g), small, breadth, -1, "feld", " + ".join(fields))
        return targets

    def _hidden_before(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Small areas whose stock the date before hid, whatever for: it must not follow from this date."""
        assert self.vorher is not None
        flows = [one for one in self.wissen.fortschreibungen if one.bestand == name]
        fields = {name, *(field for one in flows for _, field in one.stroeme)}
        breadth = np.max([self.regeln.feld(field) for field in sorted(fields)], axis=0).astype(float)
        gone = self.vorher.verborgen[name].reindex(self.gebiete.index, fill_value=False).to_numpy(dtype=bool)
        small = np.zeros(self.size, dtype=bool)
        small[self.leaf] = True
        return small & gone & (breadth > 0), breadth

    def _small_fields(self, group: int, fields: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Whether in each small area fields that stand only together with others are a small count."""
        breadth = np.max([self.regeln.feld(field) for field in fields], axis=0)
        secret = np.zeros(self.size, dtype=bool)
        if self.felder is not None and set(fields) <= set(self.felder.werte.columns):
            counts = self.felder.spalten(self.gebiete.index, fields).sum(axis=1)
            told = self.felder.geheim.reindex(self.gebiete.index, columns=fields, fill_value=False)
            secret = told.to_numpy(dtype=bool).any(axis=1)  # hidden by the supplier already
        else:
            alone = [q for q in range(len(self.words)) if self._is_only(q, group)]
            if not alone:
                return np.zeros(self.size, dtype=bool), breadth
            counts = self.values[alone[0]]
        small = np.zeros(self.size, dtype=bool)
        small[self.leaf] = True
        return small & ((counts > 0) & (counts < breadth) | secret & (breadth > 0)), breadth.astype(float)

    def _is_only(self, q: int, group: int) -> bool:
        row = self.expressions[[q]]
        return row.nnz == 1 and int(row.indices[0]) == group

    def _costs(self) -> np.ndarray:
        """Rows lost, more for large counts and for totals."""
        lost = np.zeros((len(self.words), self.size))
        for i in range(len(self.names)):
            for q in set(self.q[i]) - {-1}:
                lost[q] += self.shown[i]
        largest = np.nanmax(
            np.where(np.isnan(self.values), 0, self.values)[:, self.leaf], axis=1, initial=1.0
        )
        size = np.abs(np.nan_to_num(self.values)) / largest[:, None]
        level = np.ones(self.size)
        level[self.totals] = 4.0
        level[self.gebiete["level"].to_numpy() == "region"] = 40.0
        cost = (0.1 + lost) * (1 + np.minimum(size, 1.0)) * level
        return np.append(cost.ravel(), 1.0)

    def _rows(self) -> np.ndarray:
        parts = []
        for i in range(len(self.names)):
            z, n = self.q[i]
            areas = np.flatnonzero(self.row[i] >= 0)
            if max(z, n) < 0:
                continue
            first = (z if z >= 0 else n) * self.size + areas
            second = (n if n >= 0 else z) * self.size + areas
            parts.append(np.column_stack([self.row[i][areas], first, second]))
        return np.concatenate(parts) if parts else np.zeros((0, 3), dtype=int)
