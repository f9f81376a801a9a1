"""Pitfalls of a decomposition, said as German sentences instead of being left to the reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from .sample import Sample
from .wording import Words, percent

MIN_SPREAD = 4
"""Groups with fewer areas get no statement about their own spread."""
_GAP = 0.10
_CARRIED = 0.30


def undefined(sample: Sample, words: Words) -> Iterator[str]:
    """Indicators that cannot be decomposed, and why; gaps; groups too small for a spread."""
    n = sample.member @ sample.known.astype(float)
    for column, name in enumerate(sample.indicators):
        count, groups = int(n[:, column].sum()), int((n[:, column] > 0).sum())
        label = str(name)
        if count == 0:
            yield words.say("hinweis.leer", label=label)
        elif count < 3:
            yield words.say("hinweis.zu_wenig", label=label, n=count)
        elif not np.abs(sample.x[:, column]).any():
            yield words.say("hinweis.konstant", label=label)
        elif groups == 1:
            yield words.say("hinweis.eine_gruppe", label=label)
        elif groups == count:
            yield words.say("hinweis.einzelne", label=label)
        if 0 < count < len(sample.areas):
            yield words.say(
                "hinweis.luecken", label=label, anzahl=len(sample.areas) - count, n=len(sample.areas)
            )
    sizes = np.bincount(sample.codes, minlength=len(sample.groups))
    small = [str(name) for name, size in zip(sample.groups, sizes, strict=True) if size < MIN_SPREAD]
    if small and len(sample.groups) > 1:
        yield words.say("hinweis.kleine_gruppen", gruppen=", ".join(sorted(small)))


def pitfalls(
    table: pd.DataFrame,
    contributions: pd.DataFrame,
    loo: pd.DataFrame,
    logit: pd.Series[Any] | None,
    words: Words,
    noise: bool,
    geometry: bool,
) -> Iterator[str]:
    """Results that hang on small numbers, one group, or the scale."""
    if not noise:
        yield words.say("hinweis.ohne_fallzahlen")
    if not geometry:
        yield words.say("hinweis.ohne_geometrie")
    carried = contributions["ssb_share"].unstack("group")
    for name in table.index:
        row = table.loc[name]
        label, share = str(name), row["share_structural"]
        if noise and np.isnan(share) and row["sigma2_within"] == 0:
            yield words.say("hinweis.nur_rauschen", label=label)
        if np.isnan(share):
            continue
        if noise and row["sigma2_within"] == 0:
            yield words.say("hinweis.kein_innen", label=label)
        if abs(row["eta2"] - share) > _GAP:
            key = "mehr_auf_der_karte" if row["eta2"] > share else "weniger_auf_der_karte"
            yield words.say(f"hinweis.{key}", label=label, eta2=percent(row["eta2"]), share=percent(share))
        part = carried.loc[name]
        if row["groups"] > 3 and part.max() > _CARRIED:
            yield words.say(
                "hinweis.getragen", label=label, anteil=percent(part.max()), gruppe=str(part.idxmax())
            )
        without = loo.loc[name]
        apart = (without - share).abs()
        if apart.notna().any() and apart.max() > _GAP:
            group = apart.idxmax()
            yield words.say(
                "hinweis.ohne_eine",
                label=label,
                gruppe=str(group),
                share=percent(without[group]),
                alle=percent(share),
            )
        if logit is not None and abs(logit[name] - share) > _GAP:
            yield words.say("hinweis.logit", label=label, logit=percent(logit[name]), share=percent(share))
