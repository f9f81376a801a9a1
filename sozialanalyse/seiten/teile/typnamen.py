"""What a type is called: as an editor says, else by rule from its values."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd

from sozialanalyse.base import text

WENIGSTENS = 3
"""Indicators that say which side is need, below which nothing is said of need."""
STUFEN = ((0.75, "hoch"), (0.25, "erhoeht"), (-0.25, "mittel"), (-0.75, "gering"))
"""Mean distance from the region towards more need, in standard deviations, from which a word holds."""
AUFFAELLIG = 0.5
"""Distance from which a type is named after an indicator, in standard deviations."""
MERKMALE = 3


def bedarf(z: pd.DataFrame, polaritaet: pd.Series, themen: Mapping[str, str]) -> pd.Series:
    """Mean distance of each type from the region towards more need; every topic counts the same.

    Parameters
    ----------
    z
        Types x indicators, standard deviations.
    polaritaet
        1 where a higher value means more need, -1 where a lower one does, 0 where nobody says.
    themen
        Topic per indicator.

    Returns
    -------
    Series
        One number per type; missing where fewer than :data:`WENIGSTENS` indicators say which side is need.
    """
    sign = polaritaet.reindex(z.columns).fillna(0)
    turned = z.loc[:, sign != 0] * sign[sign != 0]
    if turned.shape[1] < WENIGSTENS:
        return pd.Series(float("nan"), index=z.index)
    return turned.T.groupby(turned.columns.map(themen)).mean().mean()


def vorschlag(
    z: pd.DataFrame, polaritaet: pd.Series, themen: Mapping[str, str], kurz: Mapping[str, str]
) -> dict[Hashable, str]:
    """Name per type: how much need, and what there is more of than anywhere; nothing where need is not known.

    The second half prefers indicators that say nothing of need, because the first half has told it.
    """
    level = bedarf(z, polaritaet, themen)
    sign = polaritaet.reindex(z.columns).fillna(0)
    out: dict[Hashable, str] = {}
    for kind, need in level.dropna().items():
        word = next((name for limit, name in STUFEN if need >= limit), "sehr_gering")
        said = text(f"berichte.cluster.bedarf.{word}")
        row = z.loc[kind]
        for keys in (sign.index[sign == 0], sign.index):
            best = row[keys].sort_values(ascending=False, kind="stable").head(1)
            if len(best) and best.iloc[0] >= AUFFAELLIG:
                said = text("berichte.cluster.name_mit", bedarf=said, merkmal=kurz[str(best.index[0])])
                break
        out[kind] = said
    return out


def merkmale(z: pd.DataFrame) -> dict[Hashable, list[str]]:
    """The indicators in which each type is furthest from the region, the furthest first."""
    return {
        kind: list(row.abs().sort_values(ascending=False, kind="stable").index[:MERKMALE])
        for kind, row in z.iterrows()
    }
