"""``cluster``: from a matrix to types with everything needed to judge them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from sozialanalyse.analyse._threads import single_threaded
from sozialanalyse.analyse.clusters import description
from sozialanalyse.analyse.clusters.choice import (
    BOOTSTRAP,
    GATE,
    GATE_ROWS,
    KMAX,
    gate_test,
    possible_ks,
    sampled,
    search,
    search_rows,
)
from sozialanalyse.analyse.clusters.cluster_result import ClusterResult, nullable
from sozialanalyse.analyse.clusters.kmeans import Floats, Ints, squared_distances
from sozialanalyse.analyse.clusters.methods import (
    METHODS,
    SEED,
    centres_of,
    check_method,
    check_numbers,
    partition,
    surest_partition,
)
from sozialanalyse.analyse.clusters.preparation import Prepared, by_area
from sozialanalyse.analyse.clusters.preparation import prepare as prepare_matrix
from sozialanalyse.analyse.clusters.stability import (
    SAMPLE,
    adjusted_rand,
    gap_distances,
    mean_silhouette,
    placed,
)
from sozialanalyse.analyse.clusters.stability import bootstrap as resample_types
from sozialanalyse.analyse.clusters.worlds import LEVEL
from sozialanalyse.analyse.clusters.yardstick import Yardstick
from sozialanalyse.base import ParameterFehler, gekuerzt, p_wert, text


@single_threaded
def cluster(
    matrix: pd.DataFrame,
    *,
    k: int | Literal["auto"] = "auto",
    method: Literal["kmeans", "ward", "pam", "gmm"] = "kmeans",
    prepare: bool = True,
    bootstrap: int = BOOTSTRAP,
    seed: int = SEED,
    topics: pd.Series | None = None,
    topic_weights: Mapping[str, float] | None = None,
    count: pd.DataFrame | None = None,
    base: pd.DataFrame | None = None,
    reference: Yardstick | pd.DataFrame | None = None,
    compositions: Mapping[str, Sequence[str]] | None = None,
    groups: pd.Series | None = None,
    polarity: pd.Series | None = None,
    labels: Mapping[str, str] | pd.Series | None = None,
    kmax: int = KMAX,
    gate: int = GATE,
) -> ClusterResult:
    """Bildet Typen ähnlicher Gebiete.

    Form types of similar areas, whatever municipality they belong to.

    Parameters
    ----------
    matrix
        Areas x indicators (any unit), NaN = gap. Never changed; results carry its index.
    k
        Number of types, or ``"auto"`` for the rule of :func:`choose_k`.
    method
        ``kmeans`` (50 starts), ``ward``, ``pam`` (Euclidean medoids) or ``gmm`` (spherical).
    prepare
        True: log odds for rates with counts, Yeo-Johnson for skewed indicators, z of the reference
        year, clipped at 2.5, equal weight per topic. False: the matrix is clustered as given.
    bootstrap
        Resamples for stability and membership; 0 switches both off.
    seed
        Same seed, same result, bit for bit; the order of rows does not matter.
    topics
        Indicator -> topic; every topic weighs the same, or as ``topic_weights`` (topic -> weight).
    count, base
        Cases and people at risk, areas x indicators; for rates only, other columns may be absent.
    reference
        Yardstick of an earlier result, matrix of the reference year, or a table ``mean, sd``.
    compositions
        Name -> columns that are parts of one whole (age classes); compared by log ratios and
        counted as one indicator.
    groups
        Area -> municipality, for ``occurrence``.
    polarity
        Indicator -> +1 (high = more need), -1 or 0.
    labels
        Indicator -> German label, for the names.
    kmax
        Largest k tried by ``"auto"`` and by the gate.
    gate
        Data sets per single-cluster world for ``distinct``; 0 switches the gate off (``distinct`` is then False).

    Returns
    -------
    ClusterResult

    Raises
    ------
    ParameterFehler
        Unknown method, k below 1 or above the number of different usable areas.
    DatenFehler
        No usable indicator, or columns that are not numeric.

    Notes
    -----
    Indicators missing in more than 20 % of the areas and constant ones are left out; areas with
    more than 30 % of the weight missing are assigned to the nearest centre but shape no type;
    areas without any value get no type. ``messages`` and ``missing`` list all of it.

    k-means minimises the within-type sum of squares (Lloyd 1982; starts of Arthur &
    Vassilvitskii 2007; moves of Hartigan & Wong 1979), with more starts until the best value was met
    several times; a message says where different starts still disagree. Beyond 1,000 areas stability and silhouette, beyond 2,000 the methods
    other than k-means use a random sample of that size, so time and memory grow linearly.
    """
    check_method(method)
    check_numbers(bootstrap=bootstrap, gate=gate, seed=seed)
    ready = prepare_matrix(
        matrix,
        transform=prepare,
        topics=topics,
        topic_weights=topic_weights,
        count=count,
        base=base,
        reference=reference,
        compositions=compositions,
        labels=labels,
    )
    x = np.ascontiguousarray(ready.x[ready.use].to_numpy())
    different = len(np.unique(x, axis=0))
    choice = None
    if isinstance(k, str):
        if k != "auto":
            raise ParameterFehler(text("clusters.fehler.k", k=k, hoechstens=str(different)))
        choice = search(x, kmax=kmax, method=method, bootstrap=bootstrap or BOOTSTRAP, gate=gate, seed=seed)
        size = int(choice.loc[choice["chosen"], "k"].iloc[0])
        p_gate = float(choice["p_gate"].iloc[0]) if gate else np.nan
    else:
        size = _whole(k, different if len(x) else 0)
        p_gate = _gate(x, size, kmax, gate, seed)
    raw, agreed = surest_partition(x, size, method, np.random.default_rng([seed, size]))
    raw, centres = _numbered(x, raw, size)
    messages = [*ready.messages, *_remarks(raw, size, choice, p_gate, gate)]
    if not agreed:
        messages.append(text("clusters.hinweis.startwerte", k=str(size)))
    messages += _left_out(ready.x.index[ready.use], matrix.index, seed, isinstance(k, str), gate)
    return _result(
        matrix, ready, x, raw, centres, method, bootstrap, seed, p_gate, choice, messages,
        groups=groups, polarity=polarity, names=dict(labels if labels is not None else {}), topics=topics,
    )  # fmt: skip


def _whole(k: object, most: int) -> int:
    """Return the number of types as an int, if it is a whole number from 1 to ``most``."""
    number = float(k) if isinstance(k, (int, float, np.number)) and not isinstance(k, bool) else 0.0
    if not number.is_integer() or not 1 <= number <= most:
        raise ParameterFehler(text("clusters.fehler.k", k=str(k), hoechstens=str(most)))
    return int(number)


def _gate(x: Floats, k: int, kmax: int, draws: int, seed: int) -> float:
    """Monte Carlo p of the gate when k was given."""
    sample = search_rows(x, seed)
    ks = possible_ks(sample, max(kmax, k))
    if not draws:
        return float("nan")
    return gate_test(sample, ks, draws, seed).p if ks and k > 1 else 1.0


def _numbered(x: Floats, labels: Ints, k: int) -> tuple[Ints, Floats]:
    """Number the types by size, ties by their first row in canonical order."""
    size = np.bincount(labels, minlength=k)
    first = np.array([np.argmax(labels == j) for j in range(k)])
    rank = np.empty(k, dtype=np.intp)
    rank[np.lexsort((first, -size))] = np.arange(k)
    labels = rank[labels]
    return labels, centres_of(x, labels, k)


def _remarks(labels: Ints, k: int, choice: pd.DataFrame | None, p_gate: float, gate: int) -> list[str]:
    """Sentences about what the numbers do not carry."""
    found = []
    if k > 1 and gate and not p_gate <= LEVEL:
        found.append(text("clusters.hinweis.kontinuum", p=p_wert(p_gate)))
    if choice is not None and choice["at_end"].any():
        found.append(text("clusters.hinweis.ende", k=str(k), hoechstens=str(choice["k"].max())))
    if choice is not None and k > 1 and not choice["stable"].any():
        found.append(text("clusters.hinweis.nicht_stabil", k=str(k)))
    if choice is not None and k == 1:
        found.append(text("clusters.hinweis.zu_wenige"))
    small = [str(j + 1) for j, n in enumerate(np.bincount(labels, minlength=k)) if n < 4]
    if small and k > 1:
        found.append(text("clusters.hinweis.klein", typen=", ".join(small)))
    return found


def _left_out(areas: pd.Index, order: pd.Index, seed: int, searched: bool, gate: int) -> list[str]:
    """Which areas the search for k and its gate did not look at, because there are too many."""
    n = len(areas)
    seen = areas[sampled(n, seed)] if searched else areas
    found = []
    if len(seen) < n:
        unseen = set(areas).difference(seen)
        out = [area for area in order if area in unseen]
        found.append(
            text("clusters.hinweis.suche", benutzt=str(len(seen)), alle=str(n), gebiete=gekuerzt(out))
        )
    if gate and n > GATE_ROWS:
        found.append(text("clusters.hinweis.pruefung", benutzt=str(GATE_ROWS), alle=str(n)))
    return found


def _result(
    matrix: pd.DataFrame,
    ready: Prepared,
    x: Floats,
    raw: Ints,
    centres: Floats,
    method: str,
    draws: int,
    seed: int,
    p_gate: float,
    choice: pd.DataFrame | None,
    messages: list[str],
    *,
    groups: pd.Series | None,
    polarity: pd.Series | None,
    names: dict[str, str],
    topics: pd.Series | None,
) -> ClusterResult:
    k = len(centres)
    kinds = pd.RangeIndex(1, k + 1, name="typ")
    use, known = ready.use.to_numpy(), ready.known.to_numpy()
    extra = ready.x[~use & known].to_numpy()
    typed = np.full(len(ready.x), np.nan)
    typed[use] = raw + 1
    share = np.full((len(ready.x), k), np.nan)
    stability = np.full(k, np.nan)
    share[use] = np.eye(k)[raw]
    if len(extra):
        distance = gap_distances(extra, centres)
        typed[~use & known] = np.argmin(distance, axis=1) + 1
        share[~use & known] = placed(extra, centres[None])
    if draws:
        drawn = resample_types(x, raw, k, method, draws, np.random.default_rng([seed, 904]))
        stability, share[use] = drawn.stability, drawn.shares
        if len(extra):
            share[~use & known] = placed(extra, drawn.centres)
    index = matrix.index
    back = np.argsort(ready.order)
    labels = nullable(typed[back], index)
    membership = pd.DataFrame(share[back], index=index, columns=kinds)
    z = ready.z.iloc[back] if ready.yardstick.clip < np.inf else _plain_z(ready.z.iloc[back])
    values = ready.matrix.iloc[back]
    by_type = labels[labels.notna()].astype(int)
    table = description.distinguishing(z, labels, polarity)
    rng = np.random.default_rng([seed, 905])
    return ClusterResult(
        labels=labels,
        k=k,
        distinct=bool(p_gate <= LEVEL) and k > 1,
        stability=pd.Series(stability, index=kinds, name="stabilitaet"),
        membership=membership,
        silhouette=mean_silhouette(x, raw, k, rng),
        profile=_mean_by_type(values, by_type, kinds),
        profile_z=_mean_by_type(z, by_type, kinds),
        region=values.mean().rename("region"),
        wss=float(((x - centres[raw]) ** 2).sum()),
        assignment=description.assignment(labels, membership, ready.use.iloc[back], draws > 0),
        typical=_medoids(x, raw, centres, ready.x.index[use], kinds),
        distinguishing=table,
        names=description.names(table, names, topics),
        occurrence=None if groups is None else description.occurrence(labels, by_area(groups, index)),
        agreement=_agreement(x, raw, k, method, seed),
        choice=choice,
        missing=ready.missing,
        messages=tuple(messages),
        p_gate=float(p_gate),
        centres=pd.DataFrame(centres, index=kinds, columns=ready.x.columns),
        yardstick=ready.yardstick,
        method=method,
        seed=seed,
    )


def _plain_z(values: pd.DataFrame) -> pd.DataFrame:
    """z scores for description when the matrix is clustered as given."""
    spread = values.std(ddof=0)
    return (values - values.mean()) / spread.where(spread > 0, 1.0)


def _mean_by_type(values: pd.DataFrame, by_type: pd.Series, kinds: pd.Index) -> pd.DataFrame:
    return values.loc[by_type.index].groupby(by_type.to_numpy()).mean().reindex(kinds)


def _medoids(x: Floats, labels: Ints, centres: Floats, areas: pd.Index, kinds: pd.Index) -> pd.Series:
    """Area with the smallest sum of distances to its type (nearest to the centre in huge types)."""
    found = []
    for j, centre in enumerate(centres):
        rows = np.flatnonzero(labels == j)
        if len(rows) > SAMPLE:
            total = squared_distances(x[rows], centre[None])[:, 0]
        else:
            total = np.sqrt(squared_distances(x[rows], x[rows])).sum(axis=1)
        found.append(areas[rows[int(np.argmin(total))]])
    return pd.Series(found, index=kinds, name="typisch")


def _agreement(x: Floats, labels: Ints, k: int, method: str, seed: int) -> pd.Series:
    """Adjusted Rand index with the partitions of the other methods."""
    sample = np.arange(len(x))
    if len(x) > SAMPLE:
        sample = np.sort(np.random.default_rng([seed, 906]).choice(len(x), SAMPLE, replace=False))
    found = {}
    for other in METHODS:
        if other != method:
            drawn = partition(x[sample], k, other, np.random.default_rng([seed, 910 + METHODS.index(other)]))
            found[other] = adjusted_rand(labels[sample], drawn)
    return pd.Series(found, name="ari", dtype=float)
