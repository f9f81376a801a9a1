"""Types through the years: one yardstick, or formed anew and matched; change against noise."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd

from sozialanalyse.analyse._threads import single_threaded
from sozialanalyse.analyse.clusters.agreement import match
from sozialanalyse.analyse.clusters.cluster_result import ClusterResult, nullable
from sozialanalyse.analyse.clusters.fit import cluster
from sozialanalyse.analyse.clusters.kmeans import Floats, Ints
from sozialanalyse.analyse.clusters.methods import SEED
from sozialanalyse.analyse.clusters.preparation import MAX_MISSING_INDICATOR, checked, gap_shares
from sozialanalyse.analyse.clusters.stability import gap_distances
from sozialanalyse.analyse.clusters.twinning import NoisyCoordinates
from sozialanalyse.base import DatenFehler, Ergebnis, ParameterFehler, gekuerzt, tabelle_html, text, zahl

DRAWS = 200
SURE = 0.8

Frames = Mapping[Hashable, pd.DataFrame]


@dataclass(frozen=True, repr=False)
class YearsResult(Ergebnis):
    """Types of all years in one numbering.

    Attributes
    ----------
    labels
        Areas x years: type; missing where an area has no values.
    confidence
        Areas x years: share of redraws of the cases in which the area keeps its type; NaN without
        counts.
    changes
        Per step ``von, bis, gebiete, wechsel, erwartet, erwartet_von, erwartet_bis, p, gesichert``:
        observed changes of type, mean and 5 to 95 % range of the number that chance alone
        produces, the chance of at least as many, and changes of which both types are sure.
    moves
        Per change ``gebiet, von, bis, typ_von, typ_nach, sicherheit`` (the smaller of both
        years), ``gesichert``.
    reference
        Types of the reference year.
    results
        Per year the result when types were formed anew; empty for the fixed yardstick.
    messages
        German sentences.
    """

    labels: pd.DataFrame
    confidence: pd.DataFrame
    changes: pd.DataFrame
    moves: pd.DataFrame
    reference: ClusterResult
    results: Mapping[Hashable, ClusterResult]
    messages: tuple[str, ...]

    def summary(self) -> str:
        """One German sentence per step."""
        parts = []
        for row in self.changes.to_dict("records"):
            known = not np.isnan(row["erwartet"])
            key = "wechsel" if known else "wechsel_ohne"
            more = {"erwartet": zahl(row["erwartet"], 0), "gesichert": str(row["gesichert"])} if known else {}
            parts.append(
                text(
                    f"clusters.satz.{key}",
                    von=str(row["von"]),
                    bis=str(row["bis"]),
                    wechsel=str(row["wechsel"]),
                    gebiete=str(row["gebiete"]),
                    **more,
                )
            )
        return " ".join(parts)

    def _repr_html_(self) -> str:
        heading = escape(text("clusters.html.jahre"))
        table = tabelle_html(self.changes, index=False)
        return f"<section><h4>{heading}</h4><p>{escape(self.summary())}</p>{table}</section>"


@single_threaded
def years(
    matrices: Frames,
    *,
    k: int | Literal["auto"] = "auto",
    mode: Literal["massstab", "neu"] = "massstab",
    reference: Hashable | None = None,
    counts: Frames | None = None,
    bases: Frames | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    **options: Any,
) -> YearsResult:
    """Verfolgt Typen über mehrere Jahre.

    Follow types through years.

    Parameters
    ----------
    matrices
        Year -> areas x indicators, in order of time; indicators that are not there in every
        year (for at least 80 % of its areas) are left out with a message.
    mode
        ``massstab``: types of the reference year, every year is placed by nearest centre (a change
        is a change of the area). ``neu``: types formed anew each year on the scale of the
        reference year and matched to its numbering (types themselves may move).
    reference
        Reference year; default the first.
    counts, bases
        Year -> cases and people at risk, for the noise of small counts.
    draws
        Binomial redraws.
    options
        Of :func:`cluster`, for the reference year (and all years with ``neu``).

    Notes
    -----
    The expected number of changes supposes that nothing changed: both years draw cases from the
    pooled rates of the two, indicators without counts stay as in the earlier year. A change is
    sure when the area falls into its type in at least 80 % of the redraws of both years: an area on
    a border between types crosses it by chance, and then looks settled in the new one alone.
    """
    steps = list(matrices)
    first = steps[0] if reference is None else reference
    if first not in matrices or mode not in ("massstab", "neu"):
        raise ParameterFehler(text("clusters.fehler.jahre", jahr=str(first), modus=str(mode)))
    matrices, messages = _common(matrices)
    count, base = ({y: (frames or {}).get(y) for y in steps} for frames in (counts, bases))
    start = cluster(matrices[first], k=k, seed=seed, count=count[first], base=base[first], **options)
    results = {first: start} if mode == "neu" else {}
    numbering = {year: np.arange(1, start.k + 1) for year in steps}
    centres = {year: start.centres.to_numpy() for year in steps}
    again = {name: v for name, v in options.items() if name not in ("reference", "compositions", "bootstrap")}
    for year in steps if mode == "neu" else ():
        if year != first:
            results[year] = cluster(
                matrices[year], k=start.k, seed=seed, reference=start.yardstick,
                count=count[year], base=base[year], bootstrap=0, **(again | {"gate": 0}),
            )  # fmt: skip
            numbering[year] = match(start, results[year]).mapping.to_numpy()
            centres[year] = results[year].centres.to_numpy()
    areas = pd.Index(dict.fromkeys(area for year in steps for area in matrices[year].index))
    noisy = {y: NoisyCoordinates(start.yardstick, matrices[y], count[y], base[y]) for y in steps}
    rng = np.random.default_rng([seed, 960])
    labels, confidence = {}, {}
    for year in steps:
        x = start.yardstick.coordinates(matrices[year], count[year], base[year]).to_numpy()
        own = _nearest(x, centres[year], numbering[year])
        labels[year] = nullable(own, matrices[year].index).reindex(areas)
        sure = np.full(len(own), np.nan)
        if noisy[year].rates:
            hits = [
                _nearest(noisy[year].draw(rng), centres[year], numbering[year]) == own for _ in range(draws)
            ]
            sure = np.where(np.isnan(own), np.nan, np.mean(hits, axis=0))
        confidence[year] = pd.Series(sure, index=matrices[year].index).reindex(areas)
    table = pd.DataFrame(labels).astype("Int64")
    certain = pd.DataFrame(confidence)
    changes, moves = [], []
    for a, b in pairwise(steps):
        moved = _moves(table, certain, a, b)
        both = table[[a, b]].notna().all(axis=1)
        null = _null_changes(a, b, matrices, count, base, start, centres, numbering, draws, rng)
        row = {"von": a, "bis": b, "gebiete": int(both.sum()), "wechsel": len(moved)}
        changes.append(row | _against(len(moved), null) | {"gesichert": int(moved["gesichert"].sum())})
        moves.append(moved)
    messages += start.messages
    if counts is None or bases is None:
        messages.append(text("clusters.hinweis.ohne_zaehler"))
    all_moves = pd.concat(moves, ignore_index=True) if moves else _moves(table, certain, first, first)
    return YearsResult(table, certain, pd.DataFrame(changes), all_moves, start, results, tuple(messages))


def _common(matrices: Frames) -> tuple[Frames, list[str]]:
    """Only the indicators that every year has for at least 80 % of its areas, and what is left out."""
    tables = {year: checked(matrix) for year, matrix in matrices.items()}
    names = dict.fromkeys(name for table in tables.values() for name in table.columns)
    kept = []
    for name in names:
        shares = (gap_shares(table, table.notna().any(axis=1)).get(name, 1.0) for table in tables.values())
        if max(shares) <= MAX_MISSING_INDICATOR:
            kept.append(name)
    out = [name for name in names if name not in kept]
    if not kept:
        raise DatenFehler(text("clusters.fehler.nichts"))
    messages = [text("clusters.hinweis.nicht_alle_jahre", indikatoren=gekuerzt(out))] if out else []
    return {year: table[kept] for year, table in tables.items()}, messages


def _nearest(x: Floats, centres: Floats, numbers: Ints) -> Floats:
    """Type number of the nearest centre on the coordinates that are there; NaN without any."""
    distance = gap_distances(x, centres)
    empty = np.isnan(distance).any(axis=1)
    return np.where(empty, np.nan, numbers[np.argmin(np.nan_to_num(distance), axis=1)])


def _moves(labels: pd.DataFrame, confidence: pd.DataFrame, a: Hashable, b: Hashable) -> pd.DataFrame:
    both = labels[[a, b]].notna().all(axis=1)
    changed = both & (labels[a] != labels[b]).fillna(False).astype(bool)
    sure = confidence.loc[changed, [a, b]].min(axis=1, skipna=False)
    return pd.DataFrame(
        {
            "gebiet": labels.index[changed],
            "von": a,
            "bis": b,
            "typ_von": labels[a][changed].to_numpy(),
            "typ_nach": labels[b][changed].to_numpy(),
            "sicherheit": sure.to_numpy(),
            "gesichert": (sure >= SURE).to_numpy(),
        }
    )


def _null_changes(
    a: Hashable,
    b: Hashable,
    matrices: Frames,
    count: Mapping[Hashable, pd.DataFrame | None],
    base: Mapping[Hashable, pd.DataFrame | None],
    start: ClusterResult,
    centres: Mapping[Hashable, Floats],
    numbering: Mapping[Hashable, Ints],
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Changes of type in redraws of two years that share their rates; empty without counts."""
    if any(frames[year] is None for frames in (count, base) for year in (a, b)):
        return np.empty(0)
    areas = matrices[a].index.intersection(matrices[b].index)
    frames = {(n, y): f[y].reindex(areas) for n, f in (("y", count), ("n", base)) for y in (a, b)}  # type: ignore[union-attr]
    same = matrices[a].loc[areas]
    early, late = (
        NoisyCoordinates(start.yardstick, same, frames["y", year], frames["n", year]) for year in (a, b)
    )
    if not early.rates:
        return np.empty(0)
    cases = (frames["y", a] + frames["y", b])[early.rates].to_numpy(float)
    people = (frames["n", a] + frames["n", b])[early.rates].to_numpy(float)
    chance = np.clip(np.nan_to_num((cases + 0.5) / (people + 1.0)), 0.0, 1.0)
    found = np.empty(draws)
    for i in range(draws):
        one = _nearest(early.draw(rng, chance), centres[a], numbering[a])
        two = _nearest(late.draw(rng, chance), centres[b], numbering[b])
        found[i] = ((one != two) & ~np.isnan(one) & ~np.isnan(two)).sum()
    return found


def _against(observed: int, null: Floats) -> dict[str, float]:
    if len(null) == 0:
        return dict.fromkeys(("erwartet", "erwartet_von", "erwartet_bis", "p"), np.nan)
    low, high = np.quantile(null, [0.05, 0.95])
    p = (1 + (null >= observed).sum()) / (len(null) + 1)
    return {"erwartet": null.mean(), "erwartet_von": low, "erwartet_bis": high, "p": float(p)}
