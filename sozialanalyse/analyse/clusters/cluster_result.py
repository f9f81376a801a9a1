"""The result of a clustering, readable as tables, as a sentence and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from sozialanalyse.analyse.clusters.yardstick import Yardstick
from sozialanalyse.base import Ergebnis, p_wert, tabelle_html, text, zahl


@dataclass(frozen=True, repr=False)
class ClusterResult(Ergebnis):
    """Types of areas, how firm they are and what they mean.

    Attributes
    ----------
    labels
        Type per area, 1 = the largest; integer, or nullable integer with ``<NA>`` for areas
        without any value.
    k
        Number of types.
    distinct
        Whether there is more than a continuum (gate of :func:`choose_k`, p at most 0.05).
    stability
        Mean bootstrap Jaccard per type: below 0.60 unstable, to 0.75 a pattern, to 0.85 stable,
        above very stable (Hennig 2007). NaN with ``bootstrap=0``.
    membership
        Areas x types: share of resamples in which the area falls into the type; rows sum to one.
    silhouette
        Mean silhouette width in the space of comparison, -1 to 1; NaN for k = 1.
    profile, profile_z, region
        Mean per type in the units given, the same in z of the reference year, and the mean of all
        areas in the units given. Every area counts once.
    wss
        Within-type sum of squares in the space of comparison.
    assignment
        Per area ``typ, sicherheit, einordnung, zweiter_typ, zugeordnet``.
    typical
        Medoid area per type.
    distinguishing
        See :func:`description.distinguishing`.
    names
        Proposed German name per type; a proposal to be discussed, describing figures.
    occurrence
        Types x municipalities (number of areas), or None without ``groups``.
    agreement
        Adjusted Rand index with the partitions of the other methods at the same k.
    choice
        Table of :func:`choose_k`, or None when k was given.
    missing
        One row per gap: ``gebiet, indikator, behandlung`` (``ergaenzt`` filled from similar areas,
        ``offen`` area only assigned, ``leer`` area without type).
    messages
        German sentences a reader needs to judge the result.
    p_gate
        Monte Carlo p of the gate; NaN when the gate was switched off.
    centres
        Types x coordinates of the space of comparison.
    yardstick
        Scale, transformation and weights, to apply to other years.
    method, seed
        How it was made.
    """

    labels: pd.Series
    k: int
    distinct: bool
    stability: pd.Series
    membership: pd.DataFrame
    silhouette: float
    profile: pd.DataFrame
    profile_z: pd.DataFrame
    region: pd.Series
    wss: float
    assignment: pd.DataFrame
    typical: pd.Series
    distinguishing: pd.DataFrame
    names: pd.Series
    occurrence: pd.DataFrame | None
    agreement: pd.Series
    choice: pd.DataFrame | None
    missing: pd.DataFrame
    messages: tuple[str, ...]
    p_gate: float
    centres: pd.DataFrame
    yardstick: Yardstick
    method: str
    seed: int

    @property
    def sizes(self) -> pd.Series:
        """Number of areas per type."""
        counted = self.labels.dropna().astype(int).value_counts()
        return counted.reindex(self.stability.index, fill_value=0).rename("gebiete")

    def summary(self) -> str:
        """One German paragraph: how many types, how firm, how many areas are unclear."""
        areas = str(int(self.labels.notna().sum()))
        if self.k == 1:
            return text("clusters.satz.einer", gebiete=areas)
        key = "deutlich" if self.distinct else "kontinuum"
        if pd.isna(self.p_gate):
            key = "ungeprueft"
        parts = [
            text(
                f"clusters.satz.{key}",
                gebiete=areas,
                k=str(self.k),
                silhouette=zahl(self.silhouette, 2),
                p=p_wert(self.p_gate),
            )
        ]
        if self.stability.notna().all():
            weakest = float(self.stability.min())
            low, high = zahl(weakest, 2), zahl(float(self.stability.max()), 2)
            parts.append(text(f"clusters.satz.{firmness(weakest)}", tiefster=low, hoechster=high))
            kinds = self.assignment["einordnung"].value_counts()
            parts.append(
                text(
                    "clusters.satz.einordnung",
                    eindeutig=str(kinds.get("eindeutig", 0)),
                    uebergang=str(kinds.get("uebergang", 0)),
                    untypisch=str(kinds.get("untypisch", 0)),
                )
            )
        return " ".join(parts)

    def table(self) -> pd.DataFrame:
        """One row per type: ``name, gebiete, stabilitaet, einstufung, typisch``."""
        return pd.DataFrame(
            {
                "name": self.names,
                "gebiete": self.sizes,
                "stabilitaet": self.stability,
                "einstufung": self.stability.map(
                    lambda v: None if pd.isna(v) else text(f"clusters.stufe.{firmness(v)}")
                ),
                "typisch": self.typical,
            }
        ).rename_axis("typ")

    def _repr_html_(self) -> str:
        heading = text("clusters.html.titel", k=str(self.k))
        table = tabelle_html(self.table())
        notes = "".join(f"<li>{escape(message)}</li>" for message in self.messages)
        return (
            f"<section><h4>{escape(heading)}</h4><p>{escape(self.summary())}</p>{table}"
            + (f"<ul>{notes}</ul>" if notes else "")
            + "</section>"
        )


def firmness(jaccard: float) -> str:
    """Hennig's words for a mean Jaccard agreement, as a key of the texts."""
    for limit, word in ((0.85, "sehr_stabil"), (0.75, "stabil"), (0.60, "muster")):
        if jaccard >= limit:
            return word
    return "instabil"


def nullable(labels: NDArray[Any], index: pd.Index) -> pd.Series:
    """Type per area as int64, or Int64 with gaps where some area has no type."""
    series = pd.Series(labels, index=index, name="typ")
    return series.astype("Int64" if series.isna().any() else "int64")
