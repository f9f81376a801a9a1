"""The result of a decomposition: plain tables, sentences, and a page for the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse.base import Ergebnis

from . import messages, page, wording
from .aggregation import merged_shares
from .components import moments, share
from .glmm import fit_all
from .intervals import decidable
from .messages import Note
from .sample import Sample, prepare
from .scales import logit_values

_MANY = 5000
"""With more areas the messages leave out what takes many repetitions; it can still be asked for."""


@dataclass(frozen=True)
class Counts:
    """Cases and persons at risk, areas x indicators, as the caller gave them."""

    count: pd.DataFrame
    base: pd.DataFrame


@dataclass(frozen=True, repr=False, eq=False)
class VarianceResult(Ergebnis):
    """How much of each indicator's variation lies between the groups.

    Attributes
    ----------
    table : DataFrame
        One row per indicator. *Realised*: ``eta2`` (every area counts once), ``eta2_weighted``;
        ``eta2_null`` and ``eta2_weighted_null`` are what chance alone makes of them,
        ``eta2_contiguous`` what a map without borders, as smooth as the indicator, makes of ``eta2``;
        ``epsilon2``, ``omega2`` (adjusted), ``f`` (F ratio). *Intraclass correlation* of the values
        as they are: ``icc`` (analysis of variance, cut at 0), ``icc_reml``, ``icc_ml``, exact
        interval ``icc_low``, ``icc_high``. *Structural*, noise of small counts removed:
        ``sigma2_between``, ``sigma2_within`` (squared units), ``share_structural`` with
        ``share_low``, ``share_high``, and ``share_reml`` as confirmation. *Tests*: ``p_free``,
        ``p_contiguous`` (borders), ``p_free_weighted`` of ``eta2_weighted``, ``p_noise`` (does anything
        vary beyond the noise of small counts), ``q_*`` the same adjusted over the indicators.
        ``n`` areas, ``groups``, ``mean``, ``mean_weighted``. Undefined is NaN.
    contributions : DataFrame
        Index (indicator, group): ``n``, ``weight``, ``mean``, ``mean_weighted``, ``ssb``, ``ssw``
        (area view), ``ssb_weighted``, ``ssw_weighted``, ``ssb_share`` (of the weighted sum),
        ``spread`` (standard deviation inside, only from four areas on).
    permutations, seed, alpha
        As used.
    """

    table: pd.DataFrame
    contributions: pd.DataFrame
    permutations: int
    seed: int
    alpha: float
    words: wording.Words
    sample: Sample = field(repr=False)
    counts: Counts | None = field(default=None, repr=False)
    neighbours: list[list[int]] | None = field(default=None, repr=False)
    placed: bool = False
    uncounted: tuple[Any, ...] = ()

    @property
    def noise(self) -> bool:
        """Whether the noise of small counts was known and removed."""
        return self.sample.noise is not None

    @cached_property
    def verdicts(self) -> pd.Series[Any]:
        """Per indicator ``innen_sicher``, ``innen_eher``, ``zwischen_eher``, ``zwischen_sicher`` or
        ``offen``: every page counts and words these."""
        return self.table.apply(wording.verdict, axis=1, alpha=self.alpha)

    @cached_property
    def decidable(self) -> pd.Series[bool]:
        """Whether the data tell where the differences of an indicator lie. One that does not stays out of
        counts, medians, superlatives and rankings; see :func:`~.intervals.decidable`."""
        return decidable(self.table, self.alpha)

    @cached_property
    def loo(self) -> pd.DataFrame:
        """Structural share without one group: indicators x groups left out."""
        found = {}
        for code, group in enumerate(self.sample.groups):
            rest = self.sample.drop_group(code)
            found[group] = share(*moments(rest)) if len(rest.areas) else np.full(len(self.table), np.nan)
        return pd.DataFrame(found, index=self.table.index)

    @cached_property
    def loo_range(self) -> pd.DataFrame:
        """Lowest and highest structural share without one group: ``low``, ``high``, ``group_low``,
        ``group_high`` (the group left out); missing where no share is defined."""
        known = self.loo[self.loo.notna().any(axis=1)]
        found = pd.DataFrame(
            {
                "low": known.min(axis=1),
                "high": known.max(axis=1),
                "group_low": known.idxmin(axis=1),
                "group_high": known.idxmax(axis=1),
            }
        )
        return found.reindex(self.table.index)

    @cached_property
    def aggregation(self) -> pd.DataFrame | None:
        """Shares after merging each group into a few comparable areas; see
        :func:`~.aggregation.aggregation_check`. None without neighbours."""
        return None if self.neighbours is None else merged_shares(self.sample, self.neighbours)

    @cached_property
    def logit_share(self) -> pd.Series[Any] | None:
        """Structural share on the logit scale, where counts are known."""
        if self.counts is None:
            return None
        y, noise = logit_values(self.counts.count, self.counts.base)
        groups = pd.Series(self.sample.groups[self.sample.codes], index=self.sample.areas)
        on_logit = prepare(y, groups, None, noise)
        return pd.Series(share(*moments(on_logit)), index=on_logit.indicators).reindex(self.table.index)

    @cached_property
    def odds(self) -> pd.DataFrame | None:
        """Median odds ratios from the binomial model, where counts are known."""
        if self.counts is None:
            return None
        groups = pd.Series(self.sample.groups[self.sample.codes], index=self.sample.areas)
        fitted = fit_all(self.counts.count, self.counts.base, groups)
        rows = {name: found.as_row() for name, found in fitted.items()}
        return pd.DataFrame.from_dict(rows, orient="index").reindex(self.table.index)

    @cached_property
    def messages(self) -> tuple[str, ...]:
        """Pitfalls of this result as German sentences."""
        return tuple(sentence for _, sentence in self.notes())

    def notes(self, labels: Mapping[Any, str] | None = None) -> list[Note]:
        """Pitfalls with the indicator they belong to (None: all).

        Parameters
        ----------
        labels
            Names of indicators and groups as the reader knows them.
        """
        names, few = dict(labels or {}), len(self.sample.areas) <= _MANY
        return [
            *messages.undefined(self.sample, self.words, names),
            *messages.uncounted(self.uncounted, self.words, names),
            *messages.general(
                self.words, self.noise, self.placed and self.table["p_contiguous"].notna().any()
            ),
            *messages.pitfalls(
                self.table,
                self.contributions,
                self.loo if few else None,
                self.logit_share,
                self.aggregation if few else None,
                self.words,
                names,
                self.noise,
                self.alpha,
            ),
        ]

    def _view(self, weighted: bool | None) -> bool:
        """Whether the measured share counts people: as asked, else wherever weights are known."""
        return self.sample.weight is not None if weighted is None else weighted

    def sentence(
        self, indicator: Any = None, label: str | None = None, *, weighted: bool | None = None
    ) -> str:
        """What the row of one indicator says, true to its interval and null line.

        Parameters
        ----------
        indicator
            Row of the table; may be left out if there is only one.
        label
            Name of the indicator as the reader knows it.
        weighted
            Measured share by people or by areas; by default by people where weights are known.
        """
        if indicator is None:
            if len(self.table) != 1:
                raise ValueError("name the indicator: the table has more than one")
            indicator = self.table.index[0]
        row = self.table.loc[indicator]
        odds, counted = None, self.counts is None or indicator in self.counts.count.columns
        if self.odds is not None and counted:
            odds = (self.odds.loc[indicator, "mor_between"], self.odds.loc[indicator, "mor_within"])
        return wording.sentence(
            row,
            self.words,
            label or str(indicator),
            self.alpha,
            self.noise and counted,
            self._view(weighted),
            odds,
            self.placed,
        )

    def statements(
        self,
        labels: Mapping[Any, str] | None = None,
        topics: Mapping[Any, str] | None = None,
        *,
        weighted: bool | None = None,
    ) -> list[str]:
        """Sentences on all indicators: does "within is larger than between" hold, where, how sure.

        Parameters
        ----------
        labels, topics
            Name and topic of each indicator; topics are reported one by one if given.
        weighted
            As in :meth:`sentence`.
        """
        names = dict(labels or {})
        if len(self.table) == 1:
            only = self.table.index[0]
            return [self.sentence(only, names.get(only), weighted=weighted)]
        return wording.statements(
            self.table,
            self.words,
            self.alpha,
            names,
            dict(topics or {}),
            len(self.sample.areas),
            len(self.sample.groups),
            self.placed,
            self._view(weighted),
        )

    def summary(
        self, labels: Mapping[Any, str] | None = None, topics: Mapping[Any, str] | None = None
    ) -> str:
        """The :meth:`statements` as one paragraph."""
        return " ".join(self.statements(labels, topics))

    def _repr_html_(self) -> str:
        return page.render(self.table, self.words, self.summary(), self.messages)
