"""From a delivered matrix to coordinates: what is used, what is filled in, what is left out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.impute import KNNImputer

from sozialanalyse.analyse.clusters.kmeans import Ints
from sozialanalyse.analyse.clusters.yardstick import Yardstick, fit_yardstick, is_rate, weights
from sozialanalyse.base import DatenFehler, ParameterFehler, gekuerzt, text, zahl

MAX_MISSING_INDICATOR = 0.20
MAX_MISSING_AREA = 0.30
DONORS = 500


@dataclass(frozen=True)
class Prepared:
    """Areas in the space in which they are compared, rows in canonical order.

    ``x`` weighted coordinates (all areas; imputed where ``use``), ``use`` areas that shape the
    types, ``known`` areas with at least one value, ``z`` clipped z scores as observed, ``matrix``
    original values of the indicators kept, ``missing`` one row per filled or left-out value,
    ``order`` positions of the rows in the caller's matrix.
    """

    x: pd.DataFrame
    z: pd.DataFrame
    matrix: pd.DataFrame
    use: pd.Series
    known: pd.Series
    yardstick: Yardstick
    missing: pd.DataFrame
    messages: tuple[str, ...]
    order: Ints


def checked(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return the matrix as floats with unique labels; infinite values are refused, as by ``decompose``.

    Raises
    ------
    ParameterFehler
        If it is no DataFrame, is empty, or labels are repeated.
    DatenFehler
        If a column is not numeric or holds infinite values.
    """
    if not isinstance(matrix, pd.DataFrame) or matrix.shape[1] == 0 or len(matrix) == 0:
        raise ParameterFehler(text("clusters.fehler.matrix"))
    for axis, labels in (("Gebiet", matrix.index), ("Indikator", matrix.columns)):
        if labels.has_duplicates:
            twice = str(labels[labels.duplicated()][0])
            raise ParameterFehler(text("clusters.fehler.doppelt", achse=axis, name=twice))
    wrong = [str(c) for c, kind in matrix.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    if wrong:
        raise DatenFehler(text("clusters.fehler.zahlen", spalten=gekuerzt(wrong)))
    values = matrix.astype("float64")
    endless = [str(c) for c in values.columns[np.isinf(values.to_numpy()).any(axis=0)]]
    if endless:
        raise DatenFehler(text("clusters.fehler.unendlich", spalten=gekuerzt(endless)))
    return values


def by_area(groups: pd.Series | Mapping[Hashable, object] | Sequence[object], areas: pd.Index) -> pd.Series:
    """Municipality per area, from a Series or mapping by area or a sequence in the order of the areas.

    Raises
    ------
    ParameterFehler
        If a sequence has another length, or a Series names an area twice.
    """
    if isinstance(groups, Mapping):
        groups = pd.Series(groups, dtype=object)
    if isinstance(groups, pd.Series):
        if groups.index.has_duplicates:
            twice = str(groups.index[groups.index.duplicated()][0])
            raise ParameterFehler(text("clusters.fehler.doppelt", achse="Gebiet", name=twice))
        return groups.reindex(areas)
    if len(groups) != len(areas):
        raise ParameterFehler(text("clusters.fehler.laenge", zahl=str(len(groups)), gebiete=str(len(areas))))
    return pd.Series(groups, index=areas)


def canonical_order(matrix: pd.DataFrame) -> Ints:
    """Positions that sort the rows by their values, so that the caller's order cannot matter."""
    return np.lexsort(matrix.to_numpy().T[::-1])


def prepare(
    matrix: pd.DataFrame,
    *,
    transform: bool = True,
    topics: pd.Series | None = None,
    topic_weights: Mapping[str, float] | None = None,
    count: pd.DataFrame | None = None,
    base: pd.DataFrame | None = None,
    reference: Yardstick | pd.DataFrame | None = None,
    compositions: Mapping[str, Sequence[str]] | None = None,
    labels: Mapping[str, str] | pd.Series | None = None,
) -> Prepared:
    """Select, transform, weight and impute; nothing is dropped without a message.

    Indicators: constant ones and those missing in more than 20 % of the areas are left out.
    Areas: with more than 30 % of the weight missing an area does not shape the types; smaller
    gaps are filled from the five nearest areas of the whole region.

    Parameters
    ----------
    matrix
        Areas x indicators, NaN = gap.
    transform
        False: values as given, equal weights, no indicator is left out unless it is empty.
    reference
        A :class:`Yardstick` of an earlier result, a matrix of the reference year, or a table with
        the columns ``mean`` and ``sd`` per indicator.
    labels
        Indicator -> words for the messages.
    """
    word = dict(labels) if labels is not None else {}
    data = checked(matrix)
    order = canonical_order(data)
    data = data.iloc[order]
    counts = _aligned(count, matrix, "count"), _aligned(base, matrix, "base")
    count, base = (None if table is None else table.iloc[order] for table in counts)
    messages: list[str] = []
    known = data.notna().any(axis=1)
    if not known.all():
        messages.append(text("clusters.hinweis.leer", gebiete=gekuerzt(data.index[~known])))
    if isinstance(reference, Yardstick):
        yardstick = reference
        lacking = [name for name in yardstick.indicators if name not in data.columns]
        if lacking:
            raise DatenFehler(text("clusters.fehler.massstab", indikatoren=gekuerzt(lacking)))
        gaps = gap_shares(data[yardstick.indicators], known)
        thin = [name for name in yardstick.indicators if gaps[name] > MAX_MISSING_INDICATOR]
        messages += _left_out("luecken", gaps[thin], word)
        yardstick = yardstick.without(thin)
        if not yardstick.indicators:
            raise DatenFehler(text("clusters.fehler.nichts"))
        data = data[yardstick.indicators]
    else:
        data, groups = _select(data, known, dict(compositions or {}), transform, messages, word)
        yardstick = _fit(data, count, base, reference, groups, transform, messages, word)
    scores = yardstick.z(data, count, base)
    if transform and not isinstance(reference, Yardstick):
        weight, pairs, across = weights(scores, topics, yardstick.compositions, topic_weights)
        yardstick = yardstick.with_weights(weight)
        for key, found in (("redundant", pairs), ("redundant_quer", across)):
            named = [f"{word.get(a, a)} und {word.get(b, b)} ({zahl(r, 2)})" for a, b, r in found]
            messages += [text(f"clusters.hinweis.{key}", paare="; ".join(named))] if named else []
    x = yardstick.weighted(scores, data)
    share = _missing_share(scores, yardstick)
    use = (share <= MAX_MISSING_AREA) & known
    x, missing = _fill(x, scores, use, known)
    _tell_missing(missing, share, use, known, messages)
    return Prepared(x, scores, data, use, known, yardstick, missing, tuple(messages), order)


def gap_shares(data: pd.DataFrame, known: pd.Series) -> pd.Series:
    """Share of gaps per indicator among the areas that have any value."""
    return data[known].isna().mean() if known.any() else pd.Series(1.0, index=data.columns)


def _aligned(table: pd.DataFrame | None, matrix: pd.DataFrame, name: str) -> pd.DataFrame | None:
    """Counts in the order of the matrix; every area must be there."""
    if table is None:
        return None
    if not matrix.index.isin(table.index).all():
        raise ValueError(f"{name} lacks areas of the matrix")
    return table.reindex(index=matrix.index).astype("float64")


def _select(
    data: pd.DataFrame,
    known: pd.Series,
    compositions: dict[str, Sequence[str]],
    transform: bool,
    messages: list[str],
    word: Mapping[str, str],
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Leave out what cannot be compared; say which and why."""
    gaps = gap_shares(data, known)
    spread = data.max() - data.min()
    if transform:
        # relative bound: rounding error of a repeated decimal is no difference between areas
        flat = spread <= 1e-12 * data.abs().max()
        out = {"luecken": gaps > MAX_MISSING_INDICATOR, "konstant": (gaps <= MAX_MISSING_INDICATOR) & flat}
    else:
        out = {"luecken": gaps >= 1.0}
    for reason, mask in out.items():
        messages += _left_out(reason, gaps[mask], word)
    dropped = set(data.columns[np.logical_or.reduce([mask.to_numpy() for mask in out.values()])])
    groups = {}
    for name, parts in compositions.items() if transform else ():
        unknown = [part for part in parts if part not in data.columns]
        if unknown:
            raise ParameterFehler(text("clusters.fehler.anteile", name=name, teile=gekuerzt(unknown)))
        kept = tuple(part for part in data.columns if part in set(parts) - dropped)
        if (data[list(kept)] < 0).any(axis=None):
            raise DatenFehler(text("clusters.fehler.negativ", name=name))
        if len(kept) >= 2:
            groups[str(name)] = kept
    kept_columns = [name for name in data.columns if name not in dropped]
    if not kept_columns:
        raise DatenFehler(text("clusters.fehler.nichts"))
    return data[kept_columns], groups


def _left_out(reason: str, gaps: pd.Series, word: Mapping[str, str]) -> list[str]:
    """One sentence that names every indicator left out for a reason, with its share of gaps."""
    if gaps.empty:
        return []
    shares = {"luecken": lambda gap: f" ({zahl(100 * gap, 0)} %)", "konstant": lambda gap: ""}[reason]
    named = [f"{word.get(name, name)}{shares(gap)}" for name, gap in gaps.items()]
    return [text(f"clusters.hinweis.{reason}", indikatoren=", ".join(named))]


def _has_counts(name: object, count: pd.DataFrame | None, base: pd.DataFrame | None) -> bool:
    """Whether both cases and people at risk are known for at least one area."""
    if count is None or base is None or name not in count.columns or name not in base.columns:
        return False
    return bool((count[name].notna() & base[name].notna()).any())


def _fit(
    data: pd.DataFrame,
    count: pd.DataFrame | None,
    base: pd.DataFrame | None,
    reference: pd.DataFrame | None,
    groups: dict[str, tuple[str, ...]],
    transform: bool,
    messages: list[str],
    word: Mapping[str, str],
) -> Yardstick:
    """Fit on the reference year if there is one, else on the data."""
    counted = [name for name in data.columns if transform and _has_counts(name, count, base)]
    other = [str(word.get(name, name)) for name in counted if not is_rate(name, count, base)]
    if other:
        messages.append(text("clusters.hinweis.kein_anteil", indikatoren=", ".join(other)))
    if reference is None or not transform:
        return fit_yardstick(data, count=count, base=base, compositions=groups, transform=transform)
    if {"mean", "sd"} <= set(reference.columns):
        usable = reference[(reference["sd"] > 0) & reference["mean"].notna()]
        lacking = [str(name) for name in data.columns if name not in usable.index]
        if lacking:
            messages.append(text("clusters.hinweis.ohne_bezug", indikatoren=gekuerzt(lacking)))
        return fit_yardstick(data, count=count, base=base, scale=usable, compositions=groups)
    lacking = [str(name) for name in data.columns if name not in reference.columns]
    if lacking:
        raise DatenFehler(text("clusters.fehler.massstab", indikatoren=gekuerzt(lacking)))
    past = checked(reference)[list(data.columns)]
    past = past.iloc[canonical_order(past)]
    flat = [str(name) for name in past.columns if not past[name].max() > past[name].min()]
    if flat:
        raise DatenFehler(text("clusters.fehler.bezug_konstant", indikatoren=gekuerzt(flat)))
    # counts belong to the clustered year: the reference year of rates is put on the same scale
    # only if its own counts are given, so a matrix alone is compared on the scale of the values.
    return fit_yardstick(past, compositions=groups)


def _missing_share(scores: pd.DataFrame, yardstick: Yardstick) -> pd.Series:
    """Share of the weight that is missing in every area; every topic counts by its weight."""
    weight = yardstick.table["gewicht"]
    return scores.isna().mul(weight, axis=1).sum(axis=1) / weight.sum()


def _fill(
    x: pd.DataFrame, scores: pd.DataFrame, use: pd.Series, known: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fill small gaps from the five nearest areas; list every gap and what happened to it."""
    filled = x.copy()
    gaps = use & x.isna().any(axis=1)
    if gaps.any():
        donors = x[use]
        if len(donors) > DONORS:
            donors = donors.iloc[np.linspace(0, len(donors) - 1, DONORS).round().astype(int)]
        imputer = KNNImputer(n_neighbors=5, weights="distance", keep_empty_features=True)
        filled.loc[gaps] = imputer.fit(donors.to_numpy()).transform(x[gaps].to_numpy())
    row, column = np.nonzero(scores.isna().to_numpy())
    treated = np.where(use.to_numpy(), "ergaenzt", np.where(known.to_numpy(), "offen", "leer")).astype(object)
    table = pd.DataFrame(
        {
            "gebiet": scores.index[row],
            "indikator": scores.columns[column],
            "behandlung": treated[row],
        }
    )
    return filled, table


def _tell_missing(
    missing: pd.DataFrame, share: pd.Series, use: pd.Series, known: pd.Series, messages: list[str]
) -> None:
    filled = missing[missing["behandlung"] == "ergaenzt"]
    if len(filled):
        areas = str(filled["gebiet"].nunique())
        messages.append(text("clusters.hinweis.ergaenzt", werte=str(len(filled)), gebiete=areas))
    for area in share.index[~use & known]:
        percent = zahl(100 * share[area], 0)
        messages.append(text("clusters.hinweis.zugeordnet", gebiet=str(area), anteil=percent))
