"""What a division of money does: by fifth of need, against equal shares, against the last period."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sozialanalyse.base import ParameterFehler, text


def concentration(
    amounts: pd.Series, score: pd.Series, persons: pd.Series, *, parts: int = 5
) -> tuple[pd.DataFrame, float]:
    """Money by fifth of need, fifths by *people*, and the concentration index.

    Parameters
    ----------
    amounts, score, persons
        Euro, need (high = more) and people of the target group per area. Areas without score or people
        take no part.
    parts
        Number of groups of equal numbers of people; an area on a limit is divided in proportion.

    Returns
    -------
    table : DataFrame
        Per part (1 = least need): ``personen, betrag, je_person, anteil`` (share of all money).
    index : float
        Concentration index (Kakwani, Wagstaff & van Doorslaer 1997): 2/mean times the covariance of
        money per person and the rank of need over people; -1 to 1, above 0 = money goes to more need,
        0 = everyone has the same. Areas of equal need share their rank.
    """
    frame = pd.DataFrame({"betrag": amounts, "score": score, "personen": persons}).astype(float).dropna()
    frame = frame[frame["personen"] > 0].groupby("score", sort=True)[["betrag", "personen"]].sum()
    if frame.empty or parts < 1:
        raise ParameterFehler(text("funding.fehler.leer"))
    people = frame["personen"].to_numpy()
    money = frame["betrag"].to_numpy()
    end = np.cumsum(people) / people.sum()
    begin = np.concatenate([[0.0], end[:-1]])
    rows = []
    for part in range(parts):
        low, high = part / parts, (part + 1) / parts
        inside = np.clip(np.minimum(end, high) - np.maximum(begin, low), 0.0, None) / (end - begin)
        rows.append({"personen": (inside * people).sum(), "betrag": (inside * money).sum()})
    table = pd.DataFrame(rows, index=pd.RangeIndex(1, parts + 1, name="teil"))
    table["je_person"] = table["betrag"] / table["personen"]
    table["anteil"] = table["betrag"] / money.sum() if money.sum() > 0 else np.nan
    if not money.sum() > 0:
        return table, float("nan")
    weight = people / people.sum()
    middle = (begin + end) / 2
    index = 2 * float((weight * (money / people) * (middle - 0.5)).sum()) / (money.sum() / people.sum())
    return table, index


def gini(per_person: pd.Series, people: pd.Series) -> float:
    """Gini coefficient of money per person over people; NaN without money."""
    frame = pd.DataFrame({"wert": per_person, "personen": people}).astype(float).dropna()
    frame = frame[frame["personen"] > 0].sort_values("wert")
    money = (frame["wert"] * frame["personen"]).sum()
    if not money > 0:
        return float("nan")
    weight = (frame["personen"] / frame["personen"].sum()).to_numpy()
    share = (frame["wert"] * frame["personen"] / money).to_numpy()
    upper = np.cumsum(share)
    return float(1 - (weight * (2 * upper - share)).sum())


def gain_loss(
    amounts: pd.Series, people: pd.Series, previous: pd.Series | None = None, kommune: pd.Series | None = None
) -> pd.DataFrame:
    """Euro more or less than per head of the same sum, and than in the last period.

    Parameters
    ----------
    amounts, people
        Euro and people per area; an area without people gets nothing per head.
    previous
        Euro of the last period per area; areas missing there count 0.
    kommune
        If given, summed per Kommune.

    Returns
    -------
    DataFrame
        ``betrag, je_kopf`` (what equal shares per head would give), ``gegen_je_kopf`` and, with
        ``previous``, ``bisher, gegen_bisher``.
    """
    head = people.reindex(amounts.index).fillna(0).astype(float)
    if not head.sum() > 0:
        raise ParameterFehler(text("funding.fehler.leer"))
    table = pd.DataFrame({"betrag": amounts.astype(float), "je_kopf": amounts.sum() * head / head.sum()})
    if previous is not None:
        table["bisher"] = previous.reindex(amounts.index).fillna(0.0).astype(float)
    if kommune is not None:
        table = table.groupby(kommune.reindex(amounts.index)).sum()
    table.insert(2, "gegen_je_kopf", table["betrag"] - table["je_kopf"])
    if previous is not None:
        table["gegen_bisher"] = table["betrag"] - table["bisher"]
    return table
