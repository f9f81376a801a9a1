"""Topic indices: from several indicators one figure per area, and how much it depends on choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sozialanalyse.errors import DatenFehler, ParameterFehler
from sozialanalyse.texts import text

Floats = NDArray[np.float64]

SEED = 20240613
NEEDED = 2 / 3
WINSOR = 3.0
LIMITS = (-1.0, -0.5, 0.5, 1.0, 1.5)
"""Default class limits in standard deviations of the index."""


@dataclass(frozen=True)
class Base:
    """Mean and standard deviation (ddof 0) per ingredient and of the index in the base year."""

    mean: pd.Series
    sd: pd.Series
    index_mean: float
    index_sd: float
    limits: tuple[float, ...] = ()


@dataclass(frozen=True)
class IndexResult:
    """A topic index.

    Attributes
    ----------
    table
        Per area ``wert`` (100 + 10 standard deviations of the base year, high = more need),
        ``roh`` (weighted mean of z), ``perzentil`` (0 to 100), ``rang`` (1 = most need),
        ``klasse`` (1 = least need ..), ``zutaten`` (ingredients used), ``status``
        (``berechnet`` or ``nicht berechnet``).
    z
        Areas x ingredients, polarity applied, winsorised.
    weights
        Weight per ingredient, sums to one.
    limits
        Upper class limits on the scale of ``wert``, right-closed.
    uncertainty
        With counts, per area ``tief, hoch`` (90 % range of ``wert`` under the random variation of
        small counts), ``rang_tief, rang_hoch`` and ``klasse_sicher`` (share of draws in the same
        class); else None.
    base
        Parameters of the base year, to give to other years.
    alpha
        Cronbach's alpha of the ingredients.
    redundant
        Pairs with absolute correlation above 0.9.
    messages
        German sentences.
    """

    table: pd.DataFrame
    z: pd.DataFrame
    weights: pd.Series
    limits: tuple[float, ...]
    uncertainty: pd.DataFrame | None
    base: Base
    alpha: float
    redundant: pd.DataFrame
    messages: tuple[str, ...]

    @property
    def values(self) -> pd.Series:
        """The index per area; NaN where not computed."""
        return self.table["wert"]

    def summary(self) -> str:
        """German sentence: how many areas, ingredients and how coherent."""
        return text(
            "indices.satz",
            gebiete=str(int(self.values.notna().sum())),
            alle=str(len(self.table)),
            zutaten=str(len(self.weights)),
            alpha=_number(self.alpha),
        )

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(message)}</li>" for message in self.messages)
        table = self.table.to_html(float_format=_number, na_rep="-", border=0, max_rows=20)
        return f"<section><p>{escape(self.summary())}</p>{table}<ul>{notes}</ul></section>"


def _number(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def topic_index(
    matrix: pd.DataFrame,
    polarity: pd.Series | Mapping[str, float],
    *,
    weights: pd.Series | Mapping[str, float] | None = None,
    required: Sequence[str] = (),
    population: pd.Series | None = None,
    base_year: Base | pd.DataFrame | None = None,
    classes: Literal["sd", "quintile"] | Sequence[float] = "sd",
    winsor: float = WINSOR,
    count: pd.DataFrame | None = None,
    base: pd.DataFrame | None = None,
    draws: int = 1_000,
    seed: int = SEED,
) -> IndexResult:
    """Combine indicators of one topic into an index, high = more need.

    Parameters
    ----------
    matrix
        Areas x ingredients, in their units, NaN = gap.
    polarity
        Ingredient -> +1 (high = more need) or -1; every column needs one.
    weights
        Ingredient -> weight, default equal.
    required
        Ingredients without which an area gets no index.
    population
        Weight per area for mean and spread ("resident view"); default every area counts once.
    base_year
        :class:`Base` of an earlier result or the matrix of the base year; mean, spread and class
        limits stay fixed, so that a change of the index is a change of the area.
    classes
        ``sd``: limits at -1, -0.5, 0.5, 1 and 1.5 standard deviations; ``quintile``; or limits on
        the scale of ``wert``. Right-closed.
    winsor
        Largest absolute z; values cut are counted in a message.
    count, base
        Cases and people at risk per ingredient, for the uncertainty of small counts.
    draws
        Binomial redraws.

    Returns
    -------
    IndexResult

    Notes
    -----
    z = p (r - mean) / sd with population standard deviation (ddof 0); I = sum w z / sum w over the
    ingredients at hand, if at least two thirds of them and all required ones are there;
    T = 100 + 10 (I - mean) / sd. Registers are complete counts: the range describes the random
    variation of small counts, not a sampling error.
    """
    data = matrix.astype("float64").replace([np.inf, -np.inf], np.nan)
    sign = pd.Series(polarity, dtype=float).reindex(data.columns)
    if not sign.isin([1.0, -1.0]).all():
        bad = ", ".join(str(name) for name in sign.index[~sign.isin([1.0, -1.0])])
        raise ParameterFehler(text("indices.fehler.polung", indikatoren=bad))
    weight = pd.Series(1.0, index=data.columns) if weights is None else pd.Series(weights, dtype=float)
    weight = weight.reindex(data.columns)
    missing = [name for name in required if name not in data.columns]
    if not (weight > 0).all() or missing:
        raise ParameterFehler(text("indices.fehler.gewicht", pflicht=", ".join(missing) or "-"))
    weight = weight / weight.sum()
    people = None if population is None else population.reindex(data.index).astype(float)
    messages: list[str] = []
    fixed = _base(data, sign, weight, required, people, base_year, winsor)
    flat = [str(name) for name in data.columns if not fixed.sd[name] > 0]
    if flat:
        raise DatenFehler(text("indices.fehler.konstant", indikatoren=", ".join(flat)))
    free = sign * (data - fixed.mean) / fixed.sd
    z = free.clip(-winsor, winsor)
    cut = int((free.abs() > winsor).sum().sum())
    if cut:
        messages.append(text("indices.hinweis.gekappt", anzahl=str(cut), grenze=_number(winsor)))
    raw = _combine(z, weight, required)
    value = 100 + 10 * (raw - fixed.index_mean) / fixed.index_sd
    limits = fixed.limits or _limits(value, classes)
    fixed = replace(fixed, limits=limits)
    out = int(raw.isna().sum())
    if out:
        messages.append(text("indices.hinweis.nicht_berechnet", anzahl=str(out)))
    redundant = _redundant(z)
    messages += [
        text("indices.hinweis.redundant", eins=row["eins"], zwei=row["zwei"], r=_number(row["r"]))
        for row in redundant.to_dict("records")
    ]
    table = pd.DataFrame(
        {
            "wert": value,
            "roh": raw,
            "perzentil": 100 * value.rank(pct=True),
            "rang": value.rank(ascending=False, method="min").astype("Int64"),
            "klasse": _classes(value, limits),
            "zutaten": z.notna().sum(axis=1),
            "status": np.where(raw.isna(), "nicht berechnet", "berechnet"),
        },
        index=matrix.index,
    )
    uncertainty = None
    if count is not None and base is not None:
        uncertainty = _uncertainty(
            data, sign, weight, required, fixed, winsor, table, count, base, draws, seed
        )
    return IndexResult(
        table, z, weight, limits, uncertainty, fixed, cronbach_alpha(z), redundant, tuple(messages)
    )


def _base(
    data: pd.DataFrame,
    sign: pd.Series,
    weight: pd.Series,
    required: Sequence[str],
    people: pd.Series | None,
    base_year: Base | pd.DataFrame | None,
    winsor: float,
) -> Base:
    """Mean and spread of ingredients and index in the base year (the data, unless given)."""
    if isinstance(base_year, Base):
        return base_year
    if isinstance(base_year, pd.DataFrame):
        data = base_year[list(data.columns)].astype("float64")
        people = None if people is None else people.reindex(data.index)
    moments = {name: _moments(data[name], people) for name in data.columns}
    mean = pd.Series({name: m for name, (m, _) in moments.items()}, dtype=float)
    sd = pd.Series({name: s for name, (_, s) in moments.items()}, dtype=float)
    z = (sign * (data - mean) / sd.where(sd > 0)).clip(-winsor, winsor)
    centre, spread = _moments(_combine(z, weight, required), people)
    return Base(mean, sd, centre, spread if spread > 0 else 1.0)


def _moments(values: pd.Series, people: pd.Series | None) -> tuple[float, float]:
    """Mean and population standard deviation; rounding error of a constant counts as zero."""
    share = pd.Series(1.0, index=values.index) if people is None else people
    both = values.notna() & (share > 0)
    if not both.any():
        return float("nan"), 0.0
    v, w = values[both].to_numpy(), share[both].to_numpy()
    mean = float((w * v).sum() / w.sum())
    sd = float(np.sqrt((w * (v - mean) ** 2).sum() / w.sum()))
    return mean, sd if sd > 1e-12 * np.abs(v).max(initial=0.0) else 0.0


def _combine(z: pd.DataFrame, weight: pd.Series, required: Sequence[str]) -> pd.Series:
    """Weighted mean of the z at hand; NaN below two thirds of the ingredients or without a required one."""
    there = z.notna()
    total = (there * weight).sum(axis=1)
    enough = there.mean(axis=1) >= NEEDED - 1e-9
    if required:
        enough &= there[list(required)].all(axis=1)
    return ((z * weight).sum(axis=1) / total.where(total > 0)).where(enough)


def _limits(value: pd.Series, classes: str | Sequence[float]) -> tuple[float, ...]:
    if isinstance(classes, str):
        if classes == "sd":
            return tuple(100 + 10 * limit for limit in LIMITS)
        if classes == "quintile":
            known = value.dropna().to_numpy()
            return tuple(np.quantile(known, [0.2, 0.4, 0.6, 0.8])) if len(known) else ()
        raise ParameterFehler(text("indices.fehler.klassen", klassen=classes))
    return tuple(sorted(float(limit) for limit in classes))


def _classes(value: pd.Series, limits: Sequence[float]) -> pd.Series:
    """Class 1.. by right-closed limits; missing where there is no index."""
    number = np.searchsorted(np.array(limits), value.to_numpy(float), side="left") + 1
    return pd.Series(number, index=value.index, dtype="Int64").where(value.notna())


def _redundant(z: pd.DataFrame, limit: float = 0.9) -> pd.DataFrame:
    correlation = z.corr(min_periods=3).to_numpy()
    names = list(z.columns)
    rows = [
        {"eins": names[i], "zwei": names[j], "r": float(correlation[i, j])}
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if abs(correlation[i, j]) > limit
    ]
    return pd.DataFrame(rows, columns=["eins", "zwei", "r"])


def cronbach_alpha(z: pd.DataFrame) -> float:
    """Cronbach's alpha (1951) on complete rows: k/(k-1) (1 - sum of variances / variance of sum)."""
    full = z.dropna()
    k = full.shape[1]
    if k < 2 or len(full) < 3:
        return float("nan")
    total = full.sum(axis=1).var()
    return float(k / (k - 1) * (1 - full.var().sum() / total)) if total > 0 else float("nan")


def _uncertainty(
    data: pd.DataFrame,
    sign: pd.Series,
    weight: pd.Series,
    required: Sequence[str],
    fixed: Base,
    winsor: float,
    table: pd.DataFrame,
    count: pd.DataFrame,
    base: pd.DataFrame,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Redraw cases from Bin(n, (y + 1/2)/(n + 1)); ingredients without counts stay as they are.

    The redrawn deviation from that rate is added to the observed value, so draws scatter around
    what is published. The unit (share or percent) is read off the data.
    """
    rng = np.random.default_rng([seed, 1])
    start = data.to_numpy(float)
    varying = [
        (j, name) for j, name in enumerate(data.columns) if name in count.columns and name in base.columns
    ]
    value = np.empty((draws, len(data)))
    chance, people, scale = {}, {}, {}
    for j, name in varying:
        y = count[name].reindex(data.index).to_numpy(float)
        n = base[name].reindex(data.index).to_numpy(float)
        usable = ~np.isnan(y + n) & (n > 0) & (y >= 0) & (y <= n)
        people[j] = np.where(usable, np.rint(n), 0).astype(np.int64)
        chance[j] = np.where(usable, (y + 0.5) / (n + 1.0), 0.0)
        rate = np.where(usable & (y > 0), y / np.where(n > 0, n, 1.0), np.nan)
        ratio = (start[:, j] / rate)[np.isfinite(rate) & np.isfinite(start[:, j])]
        scale[j] = float(np.median(ratio)) if len(ratio) else 1.0
    for b in range(draws):
        drawn = start.copy()
        for j, _ in varying:
            rate = rng.binomial(people[j], chance[j]) / np.maximum(people[j], 1)
            drawn[:, j] += scale[j] * np.where(people[j] > 0, rate - chance[j], 0.0)
        z = np.clip(sign.to_numpy() * (drawn - fixed.mean.to_numpy()) / fixed.sd.to_numpy(), -winsor, winsor)
        there = ~np.isnan(z)
        total = there @ weight.to_numpy()
        raw = np.nansum(z * weight.to_numpy(), axis=1) / np.where(total > 0, total, 1.0)
        value[b] = 100 + 10 * (raw - fixed.index_mean) / fixed.index_sd
    known = table["wert"].notna().to_numpy()
    value[:, ~known] = np.nan
    own = table["klasse"].to_numpy(float, na_value=np.nan)
    same = np.searchsorted(np.array(fixed.limits), value, side="left") + 1 == own
    ranks = np.full(value.shape, np.nan)
    ranks[:, known] = stats.rankdata(-value[:, known], axis=1, method="min")
    low, high = np.full((2, len(known)), np.nan), np.full((2, len(known)), np.nan)
    if known.any():
        low[0, known], high[0, known] = np.quantile(value[:, known], [0.05, 0.95], axis=0)
        low[1, known], high[1, known] = np.quantile(ranks[:, known], [0.05, 0.95], axis=0)
    return pd.DataFrame(
        {
            "tief": low[0],
            "hoch": high[0],
            "rang_tief": low[1],
            "rang_hoch": high[1],
            "klasse_sicher": np.where(known, same.mean(axis=0), np.nan),
        },
        index=table.index,
    )


def sensitivity(
    result: IndexResult, *, extra_weights: Mapping[str, Mapping[str, float]] | None = None
) -> pd.DataFrame:
    """Compare the index with other ways to make it.

    Returns
    -------
    DataFrame
        One row per alternative (``gleiche Gewichte``, ``Hauptkomponente``, ``Rangmittel``,
        ``Spannweite``, ``geometrisch``, ``ohne <Indikator>``, and the names of ``extra_weights``):
        ``spearman`` with the index, ``klassenwechsel`` (areas in another class), ``groesster_rangsprung``
        and ``erklaert`` (variance share of the first component; NaN elsewhere). Every
        alternative is put on the mean and spread of the index before it is classed.
    """
    z, weight, index = result.z, result.weights, result.values
    full = z.fillna(z.mean())
    equal = pd.Series(1 / len(weight), index=weight.index)
    component, share = first_component(full)
    span = (z - z.min()) / (z.max() - z.min()).where(z.max() > z.min())
    alternatives = {
        "gleiche Gewichte": _combine(z, equal, ()),
        "Hauptkomponente": component,
        "Rangmittel": _combine(z.rank(pct=True), weight, ()),
        "Spannweite": _combine(span, weight, ()),
        "geometrisch": _combine((0.01 + 0.99 * span).map(np.log), weight, ()),
    }
    for name, other in (extra_weights or {}).items():
        alternatives[name] = _combine(z, pd.Series(other, dtype=float).reindex(z.columns).fillna(0.0), ())
    if z.shape[1] > 1:
        for name in z.columns:
            rest = [column for column in z.columns if column != name]
            alternatives[f"ohne {name}"] = _combine(z[rest], weight[rest] / weight[rest].sum(), ())
    rows = {
        name: _compare(index, other, result.limits)
        | {"erklaert": share if name == "Hauptkomponente" else np.nan}
        for name, other in alternatives.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("alternative")


def _compare(index: pd.Series, other: pd.Series, limits: Sequence[float]) -> dict[str, float]:
    both = index.notna() & other.notna()
    a, b = index[both], other[both]
    spread = float(b.std(ddof=0))
    if both.sum() < 3 or spread < 1e-12:
        return {"spearman": np.nan, "klassenwechsel": np.nan, "groesster_rangsprung": np.nan}
    b = a.mean() + a.std(ddof=0) * (b - b.mean()) / spread
    jump = (a.rank() - b.rank()).abs().max()
    moved = (_classes(a, limits) != _classes(b, limits)).sum()
    rank = float(stats.spearmanr(a, b).statistic)
    return {"spearman": rank, "klassenwechsel": float(moved), "groesster_rangsprung": float(jump)}


def first_component(z: pd.DataFrame) -> tuple[pd.Series, float]:
    """First principal component of the correlation matrix, signed to rise with the mean of z.

    Returns the scores and the share of variance explained.
    """
    spread = z.std(ddof=0)
    scaled = (z - z.mean()) / spread.where(spread > 0, 1.0)
    _, values, axes = np.linalg.svd(scaled.to_numpy(), full_matrices=False)
    loading = axes[0] * (1.0 if axes[0].sum() >= 0 else -1.0)
    return pd.Series(scaled.to_numpy() @ loading, index=z.index), float(values[0] ** 2 / (values**2).sum())


def dynamics(now: IndexResult, then: IndexResult) -> pd.DataFrame:
    """Change between two years on the scale of the base year.

    Returns
    -------
    DataFrame
        ``veraenderung`` (difference of ``wert``; meaningful only if both years share the base),
        ``rangveraenderung`` (position relative to the others; positive = more need),
        ``richtung`` (``steigend`` above half a standard deviation of the index (5 points),
        ``sinkend`` below minus that, else ``stabil``; missing where a year is).

    Raises
    ------
    ParameterFehler
        If the years were computed with different base parameters.
    """
    same = now.base.mean.equals(then.base.mean) and now.base.sd.equals(then.base.sd)
    if not (same and now.base.index_sd == then.base.index_sd and now.base.index_mean == then.base.index_mean):
        raise ParameterFehler(text("indices.fehler.basisjahr"))
    change = now.values - then.values.reindex(now.values.index)
    before = then.table["rang"].reindex(change.index).astype("Float64")
    direction = pd.Series("stabil", index=change.index, dtype=object)
    direction[change > 5] = "steigend"
    direction[change < -5] = "sinkend"
    direction[change.isna()] = None
    return pd.DataFrame(
        {
            "veraenderung": change,
            "rangveraenderung": (before - now.table["rang"].astype("Float64")),
            "richtung": direction,
        }
    )
