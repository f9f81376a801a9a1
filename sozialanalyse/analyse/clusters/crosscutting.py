"""Do types cut across municipalities?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics.cluster import expected_mutual_information

from sozialanalyse.analyse.clusters.kmeans import Floats, Ints
from sozialanalyse.analyse.clusters.methods import SEED
from sozialanalyse.analyse.clusters.planning_areas import Neighbours, contiguous_partitions
from sozialanalyse.analyse.clusters.preparation import by_area
from sozialanalyse.analyse.clusters.preparation import prepare as prepare_matrix
from sozialanalyse.analyse.clusters.twinning import nearest_rows
from sozialanalyse.base import DatenFehler, Ebene, Ergebnis, p_wert, tabelle_html, text, zahl

KOMMUNE = Ebene("kommune", "Kommune", "Kommunen", "Kommunen")
PERMUTATIONS = 9_999
PARTITIONS = 999
_CELLS = 4_000_000
NAHE = 0.75
"""Below this share of what chance would give, most similar areas are said to lie in the own municipality."""


@dataclass(frozen=True, repr=False)
class CrosscutResult(Ergebnis):
    """How strongly types follow municipal borders.

    Attributes
    ----------
    ami
        Adjusted mutual information of types and municipalities: 0 = as by chance (types cut
        across), 1 = every type is a municipality.
    z, p_free
        Against random labels: standardised distance, and (1 + b) / (1 + B).
    ami_contiguous, p_contiguous
        Mean adjusted mutual information of random contiguous partitions of the same sizes and the
        p-value against them; NaN without neighbours or partitions.
    by_type
        Per type ``gebiete, gruppen, wirksame_gruppen`` (exp of the entropy), ``erwartet`` (mean
        effective number under random labels), ``groesste_gruppe, groesster_anteil``.
    by_group
        Per municipality ``gebiete, typen, wirksame_typen, haeufigster_typ``.
    elsewhere, elsewhere_expected
        Share of areas whose most similar area lies in another municipality, and the share
        expected if likeness ignored municipalities; NaN without a matrix.
    """

    ami: float
    z: float
    p_free: float
    ami_contiguous: float
    p_contiguous: float
    by_type: pd.DataFrame
    by_group: pd.DataFrame
    elsewhere: float
    elsewhere_expected: float
    permutations: int

    @property
    def verdict(self) -> str:
        """How the types lie: ``quer_frei`` of the municipalities, ``quer_teils``, or ``quer_folgt``."""
        if self.p_free > 0.05:
            return "quer_frei"
        return "quer_folgt" if self.ami > 0.25 else "quer_teils"

    def summary(self, kommune: Ebene = KOMMUNE) -> str:
        """German sentences on whether types cut across municipalities, however they are called."""
        words = {"mehrzahl": kommune.mehrzahl, "dativ": kommune.dativ}
        parts = [text(f"clusters.satz.{self.verdict}", ami=zahl(self.ami, 2), p=p_wert(self.p_free), **words)]
        if not np.isnan(self.elsewhere):
            shares = {"anteil": self.elsewhere, "erwartet": self.elsewhere_expected}
            given = {name: zahl(100 * share, 0) for name, share in shares.items()}
            near = self.verdict == "quer_frei" and self.elsewhere < NAHE * self.elsewhere_expected
            parts.append(text(f"clusters.satz.anderswo{'_selten' if near else ''}", **given, **words))
        return " ".join(parts)

    def _repr_html_(self) -> str:
        heading = escape(text("clusters.html.quer"))
        tables = "".join(tabelle_html(table) for table in (self.by_type, self.by_group))
        return f"<section><h4>{heading}</h4><p>{escape(self.summary())}</p>{tables}</section>"


def crosscut(
    labels: pd.Series,
    groups: pd.Series,
    *,
    neighbours: Neighbours | None = None,
    partitions: Ints | Callable[[int], Ints] | None = None,
    matrix: pd.DataFrame | None = None,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
    **options: Any,
) -> CrosscutResult:
    """Wie weit Typen und Kommunen einander überlagern.

    Compare types with municipalities.

    Parameters
    ----------
    labels, groups
        Type and municipality per area; areas without one of them are left out.
    neighbours
        Area -> areas that touch it; adds the comparison with random contiguous partitions.
    partitions
        Such partitions made elsewhere, (draws, areas in the order of ``labels``), or a function
        of the number of draws; takes precedence over ``neighbours``.
    matrix
        Areas x indicators, for the share of areas whose most similar area lies elsewhere;
        ``options`` go to its preparation, as in :func:`cluster`.
    permutations
        Random labels.

    Notes
    -----
    Adjusted mutual information with arithmetic mean of the entropies (Vinh, Epps & Bailey 2010).
    Under random labels only the mutual information varies, so all permutations are one table.
    """
    home = by_area(groups, labels.index)
    both = (labels.notna() & home.notna()).to_numpy()
    if not both.any():
        raise DatenFehler(text("clusters.fehler.nichts_gemeinsam"))
    kind, kinds = pd.factorize(labels[both].to_numpy(), sort=True)
    place, places = pd.factorize(home[both], sort=True)
    table = _tables(kind, place[None], len(kinds), len(places))[0]
    observed = _mutual_information(table[None])[0]
    ami = _adjusted(observed, table)
    rng = np.random.default_rng([seed, 940])
    null, effective = _permuted(kind, place, len(kinds), len(places), permutations, rng)
    spread = null.std() if permutations else 0.0
    p_free = float((1 + (null >= observed - 1e-12).sum()) / (permutations + 1)) if permutations else np.nan
    z = float((observed - null.mean()) / spread) if spread > 1e-12 else 0.0
    if partitions is None and neighbours is not None:
        partitions = contiguous_partitions(neighbours, home[both], PARTITIONS, seed)
    elif partitions is not None:
        drawn = np.asarray(partitions(PARTITIONS) if callable(partitions) else partitions)
        partitions = drawn[:, both] if drawn.shape[1] == len(both) else drawn
    contiguous = np.nan, np.nan
    if partitions is not None:
        contiguous = _against_partitions(ami, kind, np.asarray(partitions), len(kinds))
    share = (
        _elsewhere(matrix, by_area(groups, matrix.index), options) if matrix is not None else (np.nan, np.nan)
    )
    return CrosscutResult(
        ami, z, p_free, *contiguous, _by_type(table, kinds, places, effective),
        _by_group(table, kinds, places), *share, permutations,
    )  # fmt: skip


def _tables(kind: Ints, places: Ints, k: int, g: int) -> Floats:
    """Contingency tables (B, k, g) of one vector of types and many of places (B, n)."""
    flat = (np.arange(len(places))[:, None] * k + kind) * g + places
    return np.bincount(flat.ravel(), minlength=len(places) * k * g).reshape(-1, k, g).astype(float)


def _xlogx(v: Floats) -> Floats:
    return v * np.log(np.where(v > 0, v, 1.0))


def _mutual_information(tables: Floats) -> Floats:
    """Mutual information (nats) of contingency tables (B, k, g)."""
    n = tables.sum(axis=(1, 2))
    inner = _xlogx(tables).sum(axis=(1, 2))
    outer = _xlogx(tables.sum(axis=2)).sum(axis=1) + _xlogx(tables.sum(axis=1)).sum(axis=1)
    return (inner - outer) / n + np.log(n)


def _entropy(counts: Floats) -> Floats:
    """Entropy (nats) along the last axis."""
    total = counts.sum(axis=-1, keepdims=True)
    return -_xlogx(counts / np.where(total > 0, total, 1.0)).sum(axis=-1)


def _adjusted(information: float, table: Floats) -> float:
    """Adjusted mutual information from the mutual information and the margins of its table."""
    counts = table.astype(np.int64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) == 1:
        return 0.0
    expected = expected_mutual_information(counts, int(counts.sum()))
    limit = float((_entropy(table.sum(axis=1)) + _entropy(table.sum(axis=0))) / 2)
    return float((information - expected) / max(limit - expected, 1e-15))


def _permuted(
    kind: Ints, place: Ints, k: int, g: int, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Mutual information under random labels (draws,) and mean effective number of places (k,)."""
    information, effective = [], np.zeros(k)
    step = max(1, _CELLS // max(len(place), k * g))
    for begin in range(0, draws, step):
        shuffled = rng.permuted(np.tile(place, (min(step, draws - begin), 1)), axis=1)
        tables = _tables(kind, shuffled, k, g)
        information.append(_mutual_information(tables))
        effective += np.exp(_entropy(tables)).sum(axis=0)
    if not draws:
        return np.zeros(1), np.full(k, np.nan)
    return np.concatenate(information), effective / draws


def _against_partitions(ami: float, kind: Ints, partitions: Ints, k: int) -> tuple[float, float]:
    """Mean adjusted mutual information of random partitions, and p of the observed one."""
    g = int(partitions.max()) + 1
    values = []
    for partition in partitions:
        table = _tables(kind, partition[None], k, g)
        values.append(_adjusted(float(_mutual_information(table)[0]), table[0]))
    null = np.array(values)
    return float(null.mean()), float((1 + (null >= ami - 1e-12).sum()) / (len(null) + 1))


def _by_type(table: Floats, kinds: pd.Index, places: pd.Index, expected: Floats) -> pd.DataFrame:
    total = table.sum(axis=1)
    return pd.DataFrame(
        {
            "gebiete": total.astype(int),
            "gruppen": (table > 0).sum(axis=1),
            "wirksame_gruppen": np.exp(_entropy(table)),
            "erwartet": expected,
            "groesste_gruppe": places[np.argmax(table, axis=1)],
            "groesster_anteil": table.max(axis=1) / total,
        },
        index=pd.Index(kinds, name="typ"),
    )


def _by_group(table: Floats, kinds: pd.Index, places: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "gebiete": table.sum(axis=0).astype(int),
            "typen": (table > 0).sum(axis=0),
            "wirksame_typen": np.exp(_entropy(table.T)),
            "haeufigster_typ": kinds[np.argmax(table, axis=0)],
        },
        index=pd.Index(places, name="gruppe"),
    )


def _elsewhere(matrix: pd.DataFrame, groups: pd.Series, options: dict[str, Any]) -> tuple[float, float]:
    """Share of areas whose most similar area lies in another municipality; observed and expected."""
    ready = prepare_matrix(matrix, transform=options.pop("prepare", True), **options)
    home = groups.reindex(ready.x.index)
    usable = (ready.known & home.notna()).to_numpy()
    x, code = ready.x.to_numpy()[usable], pd.factorize(home[usable])[0]
    order, _ = nearest_rows(x, np.arange(len(x)), 1)
    n, sizes = len(x), np.bincount(code)
    found = order[:, 0] >= 0
    share = float((code[order[found, 0]] != code[found]).mean()) if found.any() else np.nan
    return share, float(1 - (sizes * (sizes - 1)).sum() / (n * (n - 1))) if n > 1 else np.nan
