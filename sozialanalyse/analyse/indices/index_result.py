"""The result of an index, readable as a table, a sentence and HTML."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

from sozialanalyse.base import Ergebnis, tabelle_html, text, zahl


@dataclass(frozen=True)
class Base:
    """Mean and standard deviation (ddof 0) per ingredient and of the index in the base year."""

    mean: pd.Series
    sd: pd.Series
    index_mean: float
    index_sd: float
    limits: tuple[float, ...] = ()


@dataclass(frozen=True)
class Component:
    """First principal component of a correlation matrix.

    ``scores`` per area (NaN where a value is missing), ``loadings`` correlation of every ingredient
    with the component, ``explained`` its share of the variance.
    """

    scores: pd.Series
    loadings: pd.Series
    explained: float


@dataclass(frozen=True, repr=False)
class IndexResult(Ergebnis):
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
    component
        First principal component of the ingredients: loadings and share of variance explained.
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
    component: Component
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
            alpha=zahl(self.alpha, 2),
        )

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(message)}</li>" for message in self.messages)
        table = tabelle_html(self.table, max_rows=20)
        return f"<section><p>{escape(self.summary())}</p>{table}<ul>{notes}</ul></section>"
