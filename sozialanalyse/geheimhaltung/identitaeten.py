"""Sums and differences that hold among delivered counts, whether a page declares them or not.

Whoever reads the published numbers can look for them as well, so the protection has to take every one of
them as known. Looked for are identities ``0 = sum of factor x field`` with small whole factors (any factor
between two fields), exact or within what rounding leaves, over small areas and over delivered totals:

- *enough rows* (:data:`MEHR_ZEILEN` more than the rank of the table): its null space, the basis made sparse;
- *as many rows as the rank*: the shortest combination of the others that gives a field (least sum of absolute
  factors, a linear program), accepted if its factors are whole;
- *gaps*: where cells are missing too few rows may be whole for either, though every sum has rows enough of its own; so
  all combinations of three fields (of four up to :data:`FELDER_ZU_VIERT`) are tried in the rows they have in common;
- *rounded counts* (all multiples of 2 or more): the same program with half a step of room for each field.

In a small region combinations hold by chance: 60 fields of 6 areas always have a null space. Therefore a
combination needs more different rows than fields. Every row in which it holds is worth ``log2(1 + smallest count
in it)`` bits. One from a trusted null space needs :data:`SICHER` bits from the rows that were not needed to find its
factors, a plain one among these counting for three bits. One that was searched for must say more than finding it takes: naming
it among all combinations of so many fields of its datasets costs ``log2`` of their number, and as many bits
must be left over. What is found is decided by the fields and dates it concerns alone: a further delivery does
not make it unknown again.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import comb, log2

import numpy as np
import pandas as pd
from scipy.special import log_ndtr

SICHER = 10.0
"""Bits that must be left: one chance combination in a thousand searches."""
MEHR_ZEILEN = 2
"""So many rows more than its rank a table needs to be trusted."""
GENUG_ZEILEN = 5
"""So many rows more than fields are enough; up to there fields with gaps are left out."""
GLATT = 3.0
"""Bits that a factor of one is worth."""
GROESSTER_FAKTOR = 1000
FELDER_IM_PROGRAMM = 150
"""Beyond so many fields the shortest combination is sought within datasets only."""
FELDER_ZU_VIERT = 40
"""Up to so many fields sums of four are tried one by one where cells are missing."""
VORAB = 12
"""Rows that a sum of four has to pass before it is tried in all."""
STREUUNG = 0.3
"""Usual relative spread of a share between areas, beside that of counting."""
WUNDER = 3.0
GROSSER_TEIL, GENUG_GEBIETE = 0.4, 10
NULL = 1e-9

Tafeln = Mapping[str, pd.DataFrame]
"""Reference date -> counts, areas x fields; NaN unknown."""


@dataclass(frozen=True)
class Identitaet:
    """What always adds up to nothing.

    Attributes
    ----------
    glieder
        Factor and field, the one the others make up first.
    tage
        Reference dates on which no area speaks against it.
    zeilen
        In how many rows (areas x dates) it was seen to hold.
    toleranz
        How far rounding may leave it from nothing; 0: exact.
    """

    glieder: tuple[tuple[float, str], ...]
    tage: tuple[str, ...]
    zeilen: int
    toleranz: float = 0.0

    @property
    def felder(self) -> tuple[str, ...]:
        return tuple(field for _, field in self.glieder)

    @property
    def datensaetze(self) -> tuple[str, ...]:
        return tuple(sorted({field.partition(".")[0] for field in self.felder}))

    @property
    def formel(self) -> str:
        """As a page would write it: ``sb = sb_u18 + sb_18_64``; names of one dataset without it."""
        one = len(self.datensaetze) == 1
        (first, whole), *others = self.glieder

        def term(factor: float, field: str) -> str:
            name = field.partition(".")[2] if one else field
            return name if abs(factor - 1) < NULL else f"{factor:g} · {name}".replace(".", ",", 1)

        text = ""
        for factor, field in others:
            sign = " + " if factor * first < 0 else " - "
            text += (sign if text or sign == " - " else "") + term(abs(factor), field)
        left = term(abs(first), whole)
        return f"{left} {'=' if not self.toleranz else '≈'} {text.removeprefix(' ') or '0'}"


@dataclass(frozen=True)
class Ungleichung:
    """A field that nowhere exceeds another of its dataset, on so many dates."""

    teil: str
    ganzes: str
    tage: tuple[str, ...]


def finde(
    kleine: Tafeln, grosse: Tafeln | None = None, oberhalb: Mapping[str, str] | None = None
) -> list[Identitaet]:
    """Identities among fields.

    Parameters
    ----------
    kleine
        Counts of small areas as delivered, ``dataset.field`` as columns.
    grosse
        Delivered totals of Kommunen; they tell something new where a number of one of their areas is missing.
    oberhalb
        Small area -> its Kommune.

    Returns
    -------
    list of Identitaet
        Shortest first; none follows from the others.
    """
    rows = _Zeilen.aus(kleine, grosse or {}, oberhalb or {})
    found: dict[tuple[tuple[int, float], ...], bool] = {}
    for vector, sure in _kandidaten(rows):
        terms = tuple((int(i), float(vector[i])) for i in np.flatnonzero(vector))
        found[terms] = sure or found.get(terms, False)
    result: list[tuple[Identitaet, np.ndarray]] = []
    for terms in sorted(found, key=lambda terms: (len(terms), terms)):
        vector = np.zeros(len(rows.felder))
        for place, factor in terms:
            vector[place] = factor
        one = _beurteilt(vector, rows, found[terms])
        if one is None:
            continue
        known = [other for kept, other in result if set(kept.tage) >= set(one.tage) and not kept.toleranz]
        if one.toleranz or not _folgt(vector, known):
            result.append((one, vector))
    return [one for one, _ in result]


def ungleichungen(kleine: Tafeln, einheit: Mapping[str, str] | None = None) -> list[Ungleichung]:
    """Fields that exceed another one of their dataset and unit in no small area of a date.

    Nearly every small count stays below some large one. A pair counts as part and whole if it would be a
    wonder otherwise: counts that follow the other one with the usual spread (:data:`STREUUNG`) would have
    exceeded it somewhere (:data:`WUNDER` bits), or the part is large and there are areas enough. What follows from
    others is left out.
    """
    found: dict[tuple[str, str], list[str]] = {}
    held: dict[tuple[str, str], list[np.ndarray]] = {}
    units = einheit or {}
    for day in sorted(kleine):
        frame = kleine[day]
        owner = pd.Series(
            [(str(name).partition(".")[0], units.get(str(name), "")) for name in frame.columns],
            index=frame.columns,
        )
        for _, names in owner.groupby(owner):
            own = [name for name in sorted(names.index) if (frame[name].fillna(0) > 0).any()]
            table = frame[own].to_numpy(dtype=float)
            for part, whole in _kleiner(table):
                both = table[:, [part, whole]]
                found.setdefault((own[part], own[whole]), []).append(day)
                held.setdefault((own[part], own[whole]), []).append(both[~np.isnan(both).any(axis=1)])
    real = {pair for pair, tables in held.items() if _teil(np.vstack(tables))}
    return [
        Ungleichung(part, whole, tuple(days))
        for (part, whole), days in found.items()
        if (part, whole) in real and not any((part, one) in real and (one, whole) in real for one in {p for p, _ in real})
    ]  # fmt: skip


def _kleiner(table: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of columns of which the first nowhere exceeds the second and somewhere lies below it."""
    pairs = []
    for part in range(table.shape[1]):
        apart = table - table[:, [part]]
        seen = ~np.isnan(apart)
        below = ~((apart < -NULL) & seen).any(axis=0) & ((apart > NULL) & seen).any(axis=0)
        pairs += [(part, int(whole)) for whole in np.flatnonzero(below)]
    return pairs


def _teil(both: np.ndarray) -> bool:
    part, whole = both[both[:, 1] > 0].T
    share = part.sum() / max(whole.sum(), 1.0)
    expected = share * whole
    spread = np.sqrt(np.maximum(expected + (STREUUNG * expected) ** 2, NULL))
    bits = -log_ndtr((whole - expected) / spread).sum() / np.log(2)
    return bool(bits >= WUNDER or (share >= GROSSER_TEIL and len(whole) >= GENUG_GEBIETE))


# --- candidates ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Zeilen:
    """Rows (areas x dates) over the same fields."""

    felder: list[str]
    datensatz: np.ndarray
    zahlen: np.ndarray
    tag: np.ndarray
    schritt: np.ndarray
    """Step all numbers of a field are multiples of; 0 where there is none above 1."""
    gross: np.ndarray
    """Whether a row is a total."""
    ort: np.ndarray
    """The same number for a total and its small areas on the same date."""

    @classmethod
    def aus(cls, kleine: Tafeln, grosse: Tafeln, oberhalb: Mapping[str, str]) -> _Zeilen:
        tables = [
            (day, frame, large)
            for large, some in ((False, kleine), (True, grosse))
            for day, frame in some.items()
        ]
        names = sorted({str(name) for _, frame, _ in tables for name in frame.columns})
        parts, keys = [np.zeros((0, len(names)))], list[tuple[str, str, bool]]()
        for day, frame, large in sorted(tables, key=lambda one: (one[2], one[0])):
            part = frame.reindex(columns=names).sort_index()
            parts.append(part.to_numpy(dtype=float))
            keys += [
                (day, str(area) if large else oberhalb.get(str(area), f"{area} "), large)
                for area in part.index
            ]
        table = np.vstack(parts)
        _, owner = np.unique([name.partition(".")[0] for name in names], return_inverse=True)
        number = {key: i for i, key in enumerate(dict.fromkeys((day, area) for day, area, _ in keys))}
        return cls(
            names, owner.ravel(), table, np.array([day for day, _, _ in keys], dtype=str),
            np.array([_schritt(column) for column in table.T]),
            np.array([large for _, _, large in keys], dtype=bool),
            np.array([number[day, area] for day, area, _ in keys], dtype=int),
        )  # fmt: skip

    def tage(self) -> list[str]:
        return sorted(set(self.tag.tolist()))

    def brauchbar(self, felder: np.ndarray) -> np.ndarray:
        """Small areas, and totals that do not follow from them because one of their numbers is missing."""
        if not self.gross.any():
            return ~self.gross
        size = int(self.ort.max(initial=0)) + 1
        gap = np.isnan(self.zahlen[:, felder]).any(axis=1) & ~self.gross
        missing = np.bincount(self.ort[gap], minlength=size) > 0
        alone = np.bincount(self.ort[~self.gross], minlength=size) == 0
        return ~self.gross | (missing | alone)[self.ort]


def _schritt(column: np.ndarray) -> float:
    known = column[~np.isnan(column)]
    if not len(known) or np.abs(known - np.round(known)).max() > NULL:
        return 0.0
    step = float(np.gcd.reduce(np.round(known).astype(np.int64)))
    return step if step > 1 else 0.0


Kandidat = tuple[np.ndarray, bool]
"""A vector over the fields that gives nothing in the rows it was formed from; whether these were trusted."""


def _kandidaten(rows: _Zeilen) -> Iterator[Kandidat]:
    everything = np.ones(len(rows.tag), dtype=bool)
    days = rows.tage()
    spans = [everything]
    if len(days) > 1:  # each date, and all up to it: what a later delivery contradicts was known before
        spans += [rows.tag == day for day in days] + [rows.tag <= day for day in days[1:-1]]
    own = [np.flatnonzero(rows.datensatz == number) for number in np.unique(rows.datensatz)]
    whole = np.arange(len(rows.felder))
    for number, span in enumerate(spans):
        for pool in own:
            yield from _aus(rows, span, pool, weit=True)
        if len(own) < 2:
            continue
        complete = yield from _aus(rows, span, whole, weit=number == 0)
        if number == 0 and not complete:
            for first in range(len(own)):
                for second in range(first):
                    yield from _aus(rows, span, np.concatenate([own[second], own[first]]), weit=False)


def _aus(rows: _Zeilen, span: np.ndarray, pool: np.ndarray, *, weit: bool) -> Generator[Kandidat, None, bool]:
    """Candidates among some fields; returns whether the rows told everything about all of them."""
    size, schritt = len(rows.felder), rows.schritt
    part = rows.zahlen[span & rows.brauchbar(pool)][:, pool]
    used = np.nan_to_num(part).any(axis=0)
    pool, part = pool[used], part[:, used]
    if len(pool) < 2:
        return True
    complete = True
    waiting = list(range(len(pool)))
    tried = 0
    while waiting and tried < len(pool):
        tried += 1
        kept = _vollstaendige(part, waiting[0] if tried > 1 else None)
        lines = _verschiedene(part[:, kept])
        null, trusted = _nullraum(lines)
        if trusted:
            for vector in null:
                yield _gesetzt(size, pool[kept], vector), True
        elif weit and len(lines) > 2 and len(kept) <= FELDER_IM_PROGRAMM:
            complete = False
            for vector in _kuerzeste(lines, np.zeros(len(kept)), range(len(kept))):
                yield _gesetzt(size, pool[kept], vector), False
        else:
            complete = False
        left = [place for place in waiting if place not in set(kept)]
        if len(left) == len(waiting):
            left = left[1:]
        complete &= not left
        waiting = left
    if weit and len(pool) <= FELDER_IM_PROGRAMM and np.isnan(part).any():
        for vector in _kleine(part):
            yield _gesetzt(size, pool, vector), False
    rough = schritt[pool]
    if weit and rough.any() and len(pool) <= FELDER_IM_PROGRAMM:
        kept = _vollstaendige(part, None)
        lines = _verschiedene(part[:, kept])
        if len(lines) > 2:
            targets = np.flatnonzero(rough[kept] > 0)
            for vector in _kuerzeste(lines, rough[kept] / 2, targets):
                yield _gesetzt(size, pool[kept], vector), False
    return complete


def _kleine(part: np.ndarray) -> Iterator[np.ndarray]:
    """Sums of three or four columns that hold in all rows where these are known, tried one by one."""
    width = part.shape[1]
    known = (~np.isnan(part)).sum(axis=1)
    most = int(np.clip(300_000 // width**2, 40, 300))
    lines = part[np.argsort(-known, kind="stable")[:most]]
    four = width <= FELDER_ZU_VIERT
    for first, second in combinations(range(width), 2):
        for third in _gleich(lines[:, first] + lines[:, second], lines, 3):
            if third not in (first, second):
                yield _summe(width, (first, 1.0), (second, 1.0), (int(third), -1.0))
        for sign in (1.0, -1.0) if four else ():
            left, later = lines[:, first] + sign * lines[:, second], lines[:, second + 1 :]
            for other, last in product((1.0, -1.0), repeat=2):
                for one, two in _vorauswahl(left[:VORAB], later[:VORAB], other, last):
                    if len(_gleich(-last * (left + other * later[:, one]), later[:, [two]], 4)):
                        places = ((second + 1 + one, other), (second + 1 + two, last))
                        yield _summe(width, (first, 1.0), (second, sign), *places)


def _vorauswahl(left: np.ndarray, later: np.ndarray, other: float, last: float) -> list[tuple[int, int]]:
    """Pairs of columns that make up for a column wherever all is known."""
    apart = left[:, None, None] + other * later[:, :, None] + last * later[:, None, :]
    fits = ~(np.abs(apart) > NULL * (1 + np.abs(left))[:, None, None]).any(axis=0)
    return [(int(one), int(two)) for one, two in np.argwhere(np.triu(fits, 1))]


def _gleich(left: np.ndarray, lines: np.ndarray, count: int) -> np.ndarray:
    """Columns that equal a column wherever both are known, in rows enough for a sum of so many."""
    apart = np.abs(left[:, None] - lines)
    there = ~np.isnan(apart)
    seen = (there & (apart <= NULL * (1 + np.abs(left))[:, None])).sum(axis=0)
    return np.flatnonzero((seen == there.sum(axis=0)) & (seen >= count + MEHR_ZEILEN))


def _summe(width: int, *terms: tuple[int, float]) -> np.ndarray:
    vector = np.zeros(width)
    for place, factor in terms:
        vector[place] += factor
    return _gerichtet(vector)


def _gesetzt(size: int, places: np.ndarray, vector: np.ndarray) -> np.ndarray:
    result = np.zeros(size)
    result[places] = vector
    return result


def _vollstaendige(part: np.ndarray, with_: int | None) -> np.ndarray:
    """Columns to look at together: those with most gaps go until there are rows enough without any gap."""
    kept = np.arange(part.shape[1])
    rows = part if with_ is None else part[~np.isnan(part[:, with_])]
    gaps = np.isnan(rows)
    while len(kept) > 2:
        there = int((~gaps[:, kept].any(axis=1)).sum())
        if there >= len(kept) + GENUG_ZEILEN or not gaps[:, kept].any():
            break
        alone = gaps[:, kept].sum(axis=0).astype(float)
        if with_ is not None:
            alone[kept == with_] = -1
        kept = np.delete(kept, int(np.argmax(alone)))
    return kept


def _verschiedene(part: np.ndarray) -> np.ndarray:
    """Different rows without gap or only zeros; a fixed choice of them where there are very many."""
    lines = part[~np.isnan(part).any(axis=1)]
    lines = np.unique(lines[lines.any(axis=1)], axis=0)
    most = 6 * part.shape[1] + 60
    if len(lines) > most:
        lines = lines[np.random.default_rng(0).choice(len(lines), most, replace=False)]
    return lines


def _nullraum(lines: np.ndarray) -> tuple[list[np.ndarray], bool]:
    """Sparse basis of what gives nothing in all rows, larger fields told by smaller ones; whether to trust it."""
    scale = np.linalg.norm(lines, axis=0)
    use = np.flatnonzero(scale > 0)
    if not len(use):
        return [], True
    matrix = lines[:, use] / scale[use]
    if len(matrix) > len(use):  # the triangle has the same values and basis, and no long side to compute
        matrix = np.linalg.qr(matrix, mode="r")
    _, values, basis = np.linalg.svd(matrix, full_matrices=True)
    rank = int((values > NULL * 10 * max(values[0], 1.0)).sum())
    null = basis[rank:] / scale[use]
    if len(lines) < rank + MEHR_ZEILEN or not len(null):
        return [], len(lines) >= rank + MEHR_ZEILEN
    order = np.argsort(-scale[use], kind="stable")
    reduced = _stufenform(null[:, order])
    back = np.zeros_like(reduced)
    back[:, order] = reduced
    whole = [vector for vector in map(ganz, back) if vector is not None]
    return [_gesetzt(lines.shape[1], use, vector) for vector in _verkuerzt(whole)], True


def _stufenform(rows: np.ndarray) -> np.ndarray:
    """Reduced echelon form."""
    rows = rows.copy()
    place = 0
    for column in range(rows.shape[1]):
        if place == len(rows):
            break
        best = place + int(np.argmax(np.abs(rows[place:, column])))
        if abs(rows[best, column]) < 1e-7 * np.abs(rows).max():
            continue
        rows[[place, best]] = rows[[best, place]]
        rows[place] /= rows[place, column]
        others = np.arange(len(rows)) != place
        rows[others] -= np.outer(rows[others, column], rows[place])
        place += 1
    return rows


def ganz(vector: np.ndarray) -> np.ndarray | None:
    """The vector with small whole factors, None if there are none; two fields may have any ratio."""
    largest = np.abs(vector).max()
    clean = np.where(np.abs(vector) < 1e-6 * largest, 0.0, vector)
    used = np.abs(clean[clean != 0])
    if len(used) < 2:
        return None
    clean = clean / used.min()
    whole = np.round(clean)
    near = np.abs(clean - whole).max() < 1e-4
    if near and np.abs(whole).max() <= GROESSTER_FAKTOR:
        return _gerichtet(whole)
    return _gerichtet(clean) if len(used) == 2 else None


def _gerichtet(vector: np.ndarray) -> np.ndarray:
    """One sign for the same statement: fewer minus than plus among what makes up the rest."""
    return -vector if (vector > 0).sum() < (vector < 0).sum() or (
        (vector > 0).sum() == (vector < 0).sum() and vector[np.flatnonzero(vector)[0]] < 0
    ) else vector  # fmt: skip


def _verkuerzt(vectors: list[np.ndarray]) -> list[np.ndarray]:
    """Replace a vector by its sum or difference with another where that has fewer fields."""
    vectors = list(vectors)
    better = True
    while better:
        better = False
        for i in range(len(vectors)):
            for j in range(len(vectors)):
                if i == j:
                    continue
                for sign in (1.0, -1.0):
                    other = vectors[i] + sign * vectors[j]
                    if 1 < np.count_nonzero(other) < np.count_nonzero(vectors[i]):
                        vectors[i], better = _gerichtet(other), True
    return vectors


def _kuerzeste(lines: np.ndarray, half: np.ndarray, targets: Iterable[int]) -> Iterator[np.ndarray]:
    """The shortest combination of the others for each field, within half a step for every field in it."""
    from scipy.optimize import linprog  # slow to import, and few regions need it

    size = lines.shape[1]
    scale = np.maximum(lines.max(axis=1), 1.0)[:, None]
    rows = lines / scale
    for target in sorted(targets, key=lambda column: -lines[:, column].sum()):
        others = np.flatnonzero(np.arange(size) != target)
        wanted, table = rows[:, target], rows[:, others]
        both = np.hstack([table, -table])
        if half.any():
            room = np.tile(half[others] / scale, (1, 2))
            own = half[target] / scale.ravel()
            upper = np.vstack([both - room, -both - room])
            limits: dict[str, object] = {
                "A_ub": upper,
                "b_ub": np.concatenate([wanted + own, own - wanted]),
            }
        else:
            limits = {"A_eq": both, "b_eq": wanted}
        found = linprog(np.ones(2 * len(others)), bounds=(0, None), method="highs", **limits)
        if found.x is None or found.status != 0:
            continue
        factors = found.x[: len(others)] - found.x[len(others) :]
        whole = np.round(factors)
        near = np.abs(factors - whole).max() < (0.25 if half.any() else 1e-5)
        if near and whole.any():
            yield _gerichtet(np.insert(-whole, target, 1.0))


# --- judgement -------------------------------------------------------------------------------------


def _beurteilt(vector: np.ndarray, rows: _Zeilen, sure: bool) -> Identitaet | None:
    """The identity a vector stands for, None if it may be chance."""
    fields = np.flatnonzero(vector)
    factors = vector[fields]
    table = rows.zahlen[:, fields]
    there = set(rows.tag[~np.isnan(table).all(axis=1)].tolist())
    seen = np.flatnonzero(rows.brauchbar(fields) & ~np.isnan(table).any(axis=1) & (table != 0).any(axis=1))
    table, tag, large = table[seen], rows.tag[seen], rows.gross[seen]
    apart = np.abs(table @ factors)
    exact = apart <= 1e-6 * (1 + np.abs(table * factors).sum(axis=1))
    slack = 0.0 if exact.all() else float(np.abs(factors) @ rows.schritt[fields]) / 2
    held = exact | (apart <= slack + NULL) if slack else exact
    told_by_small = set(tag[~large].tolist())  # a total may hold cases without an area beside them
    against = set(tag[~held & ~large].tolist()) | (set(tag[~held & large].tolist()) - told_by_small)
    good = held & ~np.isin(tag, list(against))
    lines = np.unique(table[good], axis=0)
    if len(lines) <= len(fields) or not _glaubhaft(lines, factors, slack, _auswahl(rows, fields), sure):
        return None
    places = sorted(range(len(fields)), key=lambda i: (-_groesse(rows, int(fields[i])), i))
    parts = tuple((float(factors[i]), rows.felder[fields[i]]) for i in places)
    return Identitaet(parts, tuple(sorted(there - against)), int(good.sum()), slack)


def _auswahl(rows: _Zeilen, fields: np.ndarray) -> float:
    """Bits it takes to name so many fields of these datasets, each with its sign."""
    involved = np.isin(rows.datensatz, rows.datensatz[fields]).sum()
    return log2(comb(int(involved), len(fields))) + len(fields)


def _glaubhaft(lines: np.ndarray, factors: np.ndarray, slack: float, choices: float, sure: bool) -> bool:
    """Whether a combination that gives nothing in different rows is more than chance."""
    least = np.where(lines == 0, np.inf, np.abs(lines * factors)).min(axis=1)
    worth = np.sort(np.maximum(np.log2((1 + least) / (1 + 2 * slack)), 0))
    size = np.log2(np.abs(factors))
    if worth.sum() >= choices + 2 * np.maximum(size, 0).sum() + SICHER:
        return True
    smooth = np.where(np.abs(factors - np.round(factors)) < NULL, np.maximum(GLATT - size, 0), 0).sum()
    return bool(sure and worth[: len(lines) - len(factors) + 1].sum() + smooth >= SICHER)


def _groesse(rows: _Zeilen, column: int) -> float:
    return float(np.nansum(rows.zahlen[:, column]))


def _folgt(vector: np.ndarray, known: Sequence[np.ndarray]) -> bool:
    if not known:
        return False
    table = np.array(known)
    solved, *_ = np.linalg.lstsq(table.T, vector, rcond=None)
    return bool(np.abs(table.T @ solved - vector).max() < 1e-7)
