"""Pitfalls of a decomposition, said as German sentences instead of being left to the reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from .intervals import decidable
from .sample import Sample
from .wording import Words, percent, why_open

MIN_SPREAD = 4
"""Groups with fewer areas get no statement about their own spread."""
_GAP = 0.10
_CARRIED = 0.30
_OUTLYING, _ENOUGH = 0.01, 6

Note = tuple[Any, str]
"""Indicator (None: all of them) and sentence."""


def undefined(sample: Sample, words: Words, labels: Mapping[Any, str]) -> Iterator[Note]:
    """Indicators that cannot be decomposed, and why; gaps; groups too small for a spread."""
    n = sample.member @ sample.known.astype(float)
    for column, name in enumerate(sample.indicators):
        count, groups = int(n[:, column].sum()), int((n[:, column] > 0).sum())
        label = labels.get(name, str(name))
        if count == 0:
            yield name, words.say("hinweis.leer", label=label)
        elif count < 3:
            yield name, words.say("hinweis.zu_wenig", label=label, n=count)
        elif not np.abs(sample.x[:, column]).any():
            yield name, words.say("hinweis.konstant", label=label)
        elif groups == 1:
            yield name, words.say("hinweis.eine_gruppe", label=label)
        elif groups == count:
            yield name, words.say("hinweis.einzelne", label=label)
        if 0 < count < len(sample.areas):
            missing = len(sample.areas) - count
            yield name, words.say("hinweis.luecken", label=label, anzahl=missing, n=len(sample.areas))
    sizes = np.bincount(sample.codes, minlength=len(sample.groups))
    small = [labels.get(g, str(g)) for g, size in zip(sample.groups, sizes, strict=True) if size < MIN_SPREAD]
    if small and len(sample.groups) > 1:
        yield None, words.say("hinweis.kleine_gruppen", gruppen=", ".join(sorted(small)))


def uncounted(indicators: tuple[Any, ...], words: Words, labels: Mapping[Any, str]) -> Iterator[Note]:
    """Rates whose noise stays in, because cases or persons are missing."""
    for name in indicators:
        yield name, words.say("hinweis.weggelassen", label=labels.get(name, str(name)))


def general(words: Words, noise: bool, geometry: bool) -> Iterator[Note]:
    """What is missing for a full answer."""
    if not noise:
        yield None, words.say("hinweis.ohne_fallzahlen")
    if not geometry:
        yield None, words.say("hinweis.ohne_geometrie")


def pitfalls(
    table: pd.DataFrame,
    contributions: pd.DataFrame,
    loo: pd.DataFrame | None,
    logit: pd.Series[Any] | None,
    merged: pd.DataFrame | None,
    words: Words,
    labels: Mapping[Any, str],
    noise: bool,
    alpha: float,
) -> Iterator[Note]:
    """Results that hang on small numbers, one group, the cut of the areas, or the scale."""
    carried = contributions["ssb_share"].unstack("group")
    most = carried.max(axis=1)
    without = pd.DataFrame(index=table.index) if loo is None else loo.reindex(table.index)
    apart = without.sub(table["share_structural"], axis=0).abs()
    farthest = apart.max(axis=1)
    outlier = outlying_groups(table, contributions)
    for name, row in table.to_dict("index").items():
        share, values = row["share_structural"], {"label": labels.get(name, str(name))}
        if np.isnan(row["eta2"]):
            continue
        if not decidable(row, alpha):
            yield name, words.say("satz.mit_label", label=values["label"], satz=why_open(row, words, alpha))
            continue
        values["share"] = percent(share)
        if noise and row["sigma2_within"] == 0:
            yield name, words.say("hinweis.kein_innen", **values)
        if abs(row["eta2"] - share) > _GAP:
            key = "mehr_auf_der_karte" if row["eta2"] > share else "weniger_auf_der_karte"
            yield name, words.say(f"hinweis.{key}", eta2=percent(row["eta2"]), **values)
        if row["groups"] > 3 and most[name] > _CARRIED:
            group = carried.loc[name].idxmax()
            said = {"anteil": percent(most[name]), "gruppe": labels.get(group, str(group))}
            yield name, words.say("hinweis.getragen", **said, **values)
        outlying = outlier.get(name)
        if outlying is not None:
            said = {"gruppe": labels.get(outlying, str(outlying))}
            yield name, words.say("hinweis.ausreisser", **said, **values)
        if farthest[name] > _GAP:
            group = apart.loc[name].idxmax()
            said = {"gruppe": labels.get(group, str(group)), "ohne": percent(without.at[name, group])}
            yield name, words.say("hinweis.ohne_eine", **said, **values)
        if logit is not None and abs(logit[name] - share) > _GAP:
            yield name, words.say("hinweis.logit", logit=percent(logit[name]), **values)
        if merged is not None:
            low, high = merged.loc[name, ["share_structural_merged_low", "share_structural_merged_high"]]
            if abs(merged.loc[name, "share_structural_merged"] - share) > _GAP:
                yield (
                    name,
                    words.say("hinweis.zuschnitt", low=percent(low), high=percent(high), **values),
                )


def outlying_groups(table: pd.DataFrame, contributions: pd.DataFrame) -> dict[Any, Any]:
    """Indicators with a group that lies apart from all others, and that group.

    Means of the groups, each over its standard deviation under the estimated components, by the test
    of Grubbs (1950) at one percent; from six groups on. The interval of the share takes the effects of
    the groups as normal: with such a group it covers too rarely.
    """
    mean, n = (contributions[column].unstack("group") for column in ("mean", "n"))
    within = table["sigma2_within"].to_numpy()[:, None] / n.where(n > 0)
    z = mean / np.sqrt(within + table["sigma2_between"].to_numpy()[:, None]).where(lambda v: v > 0)
    away = z.sub(z.mean(axis=1), axis=0).div(z.std(axis=1).where(lambda v: v > 0), axis=0).abs()
    found = {}
    for name, row in away.iterrows():
        row = row.dropna()
        g = len(row)
        if g >= _ENOUGH:
            t = stats.t.isf(_OUTLYING / (2 * g), g - 2)
            if row.max() > (g - 1) / np.sqrt(g) * np.sqrt(t**2 / (g - 2 + t**2)):
                found[name] = row.idxmax()
    return found
